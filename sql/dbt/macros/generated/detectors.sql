{#- sqlnomaly 0.1.0: the detectors of this package, generated; do not edit. -#}
{%- macro known_detectors() -%}
{{ return({
  "zscore": {
    "options": {},
    "direction": "both",
    "threshold": [
      3.0,
      3.0,
      3.0,
      3.0,
      3.0,
      3.0,
      3.0,
      3.0
    ],
    "contamination": [
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      none
    ],
    "min_rows": [
      3,
      3,
      3,
      3,
      3,
      3,
      3,
      3
    ]
  },
  "mad": {
    "options": {},
    "direction": "both",
    "threshold": [
      3.5,
      3.5,
      3.5,
      3.5,
      3.5,
      3.5,
      3.5,
      3.5
    ],
    "contamination": [
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      none
    ],
    "min_rows": [
      3,
      3,
      3,
      3,
      3,
      3,
      3,
      3
    ]
  },
  "iqr": {
    "options": {},
    "direction": "both",
    "threshold": [
      1.5,
      1.5,
      1.5,
      1.5,
      1.5,
      1.5,
      1.5,
      1.5
    ],
    "contamination": [
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      none
    ],
    "min_rows": [
      4,
      4,
      4,
      4,
      4,
      4,
      4,
      4
    ]
  },
  "double_mad": {
    "options": {},
    "direction": "both",
    "threshold": [
      3.5,
      3.5,
      3.5,
      3.5,
      3.5,
      3.5,
      3.5,
      3.5
    ],
    "contamination": [
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      none
    ],
    "min_rows": [
      3,
      3,
      3,
      3,
      3,
      3,
      3,
      3
    ]
  },
  "percentile": {
    "options": {
      "lower": 0.01,
      "upper": 0.99
    },
    "direction": "both",
    "threshold": [
      1.0,
      1.0,
      1.0,
      1.0,
      1.0,
      1.0,
      1.0,
      1.0
    ],
    "contamination": [
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      none
    ],
    "min_rows": [
      10,
      10,
      10,
      10,
      10,
      10,
      10,
      10
    ]
  },
  "grubbs": {
    "options": {
      "alpha": 0.05
    },
    "direction": "both",
    "threshold": [
      1.0,
      1.0,
      1.0,
      1.0,
      1.0,
      1.0,
      1.0,
      1.0
    ],
    "contamination": [
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      none
    ],
    "min_rows": [
      3,
      3,
      3,
      3,
      3,
      3,
      3,
      3
    ]
  },
  "ecod": {
    "options": {},
    "direction": none,
    "threshold": [
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      none
    ],
    "contamination": [
      0.01,
      0.01,
      0.01,
      0.01,
      0.01,
      0.01,
      0.01,
      0.01
    ],
    "min_rows": [
      3,
      3,
      3,
      3,
      3,
      3,
      3,
      3
    ]
  },
  "copod": {
    "options": {},
    "direction": none,
    "threshold": [
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      none
    ],
    "contamination": [
      0.01,
      0.01,
      0.01,
      0.01,
      0.01,
      0.01,
      0.01,
      0.01
    ],
    "min_rows": [
      3,
      3,
      3,
      3,
      3,
      3,
      3,
      3
    ]
  },
  "hbos": {
    "options": {
      "alpha": 0.1,
      "tol": 0.5
    },
    "direction": none,
    "threshold": [
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      none
    ],
    "contamination": [
      0.01,
      0.01,
      0.01,
      0.01,
      0.01,
      0.01,
      0.01,
      0.01
    ],
    "min_rows": [
      3,
      3,
      3,
      3,
      3,
      3,
      3,
      3
    ]
  },
  "mahalanobis": {
    "options": {},
    "direction": none,
    "threshold": [
      6.6348966010212145,
      9.21034037197618,
      11.344866730144373,
      13.276704135987622,
      15.08627246938899,
      16.811893829770927,
      18.475306906582357,
      20.090235029663233
    ],
    "contamination": [
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      none
    ],
    "min_rows": [
      3,
      4,
      5,
      6,
      7,
      8,
      9,
      10
    ]
  },
  "avf": {
    "options": {},
    "direction": none,
    "threshold": [
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      none
    ],
    "contamination": [
      0.01,
      0.01,
      0.01,
      0.01,
      0.01,
      0.01,
      0.01,
      0.01
    ],
    "min_rows": [
      3,
      3,
      3,
      3,
      3,
      3,
      3,
      3
    ]
  },
  "rare_values": {
    "options": {},
    "direction": none,
    "threshold": [
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      none
    ],
    "contamination": [
      0.01,
      0.01,
      0.01,
      0.01,
      0.01,
      0.01,
      0.01,
      0.01
    ],
    "min_rows": [
      3,
      3,
      3,
      3,
      3,
      3,
      3,
      3
    ]
  },
  "rare_pairs": {
    "options": {},
    "direction": none,
    "threshold": [
      3.0,
      3.0,
      3.0,
      3.0,
      3.0,
      3.0,
      3.0,
      3.0
    ],
    "contamination": [
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      none
    ],
    "min_rows": [
      3,
      3,
      3,
      3,
      3,
      3,
      3,
      3
    ]
  },
  "ratio_drift": {
    "options": {},
    "direction": none,
    "threshold": [
      3.5,
      3.5,
      3.5,
      3.5,
      3.5,
      3.5,
      3.5,
      3.5
    ],
    "contamination": [
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      none
    ],
    "min_rows": [
      3,
      3,
      3,
      3,
      3,
      3,
      3,
      3
    ]
  },
  "benford": {
    "options": {},
    "direction": none,
    "threshold": [
      2.5758293035489004,
      2.5758293035489004,
      2.5758293035489004,
      2.5758293035489004,
      2.5758293035489004,
      2.5758293035489004,
      2.5758293035489004,
      2.5758293035489004
    ],
    "contamination": [
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      none
    ],
    "min_rows": [
      50,
      50,
      50,
      50,
      50,
      50,
      50,
      50
    ]
  },
  "duplicates": {
    "options": {},
    "direction": none,
    "threshold": [
      1.0,
      1.0,
      1.0,
      1.0,
      1.0,
      1.0,
      1.0,
      1.0
    ],
    "contamination": [
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      none
    ],
    "min_rows": [
      1,
      1,
      1,
      1,
      1,
      1,
      1,
      1
    ]
  },
  "seasonal": {
    "options": {},
    "direction": "both",
    "threshold": [
      4.5,
      4.5,
      4.5,
      4.5,
      4.5,
      4.5,
      4.5,
      4.5
    ],
    "contamination": [
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      none
    ],
    "min_rows": [
      20,
      20,
      20,
      20,
      20,
      20,
      20,
      20
    ]
  },
  "ewma": {
    "options": {
      "alpha": 0.2
    },
    "direction": "both",
    "threshold": [
      3.0,
      3.0,
      3.0,
      3.0,
      3.0,
      3.0,
      3.0,
      3.0
    ],
    "contamination": [
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      none
    ],
    "min_rows": [
      10,
      10,
      10,
      10,
      10,
      10,
      10,
      10
    ]
  },
  "cusum": {
    "options": {
      "drift": 0.5
    },
    "direction": "both",
    "threshold": [
      5.0,
      5.0,
      5.0,
      5.0,
      5.0,
      5.0,
      5.0,
      5.0
    ],
    "contamination": [
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      none
    ],
    "min_rows": [
      10,
      10,
      10,
      10,
      10,
      10,
      10,
      10
    ]
  },
  "page_hinkley": {
    "options": {
      "delta": 0.1
    },
    "direction": "both",
    "threshold": [
      50.0,
      50.0,
      50.0,
      50.0,
      50.0,
      50.0,
      50.0,
      50.0
    ],
    "contamination": [
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      none
    ],
    "min_rows": [
      30,
      30,
      30,
      30,
      30,
      30,
      30,
      30
    ]
  },
  "flatline": {
    "options": {
      "epsilon": 0.0
    },
    "direction": none,
    "threshold": [
      6.0,
      6.0,
      6.0,
      6.0,
      6.0,
      6.0,
      6.0,
      6.0
    ],
    "contamination": [
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      none
    ],
    "min_rows": [
      10,
      10,
      10,
      10,
      10,
      10,
      10,
      10
    ]
  },
  "series_decompose": {
    "options": {},
    "direction": "both",
    "threshold": [
      1.5,
      1.5,
      1.5,
      1.5,
      1.5,
      1.5,
      1.5,
      1.5
    ],
    "contamination": [
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      none
    ],
    "min_rows": [
      4,
      4,
      4,
      4,
      4,
      4,
      4,
      4
    ]
  }
}) }}
{%- endmacro -%}

{%- macro detector_sql(detector, s) -%}
{%- if detector == 'zscore' -%}
{{ adapter.dispatch('sqlnomaly_zscore', 'sqlnomaly')(s) }}
{%- elif detector == 'mad' -%}
{{ adapter.dispatch('sqlnomaly_mad', 'sqlnomaly')(s) }}
{%- elif detector == 'iqr' -%}
{{ adapter.dispatch('sqlnomaly_iqr', 'sqlnomaly')(s) }}
{%- elif detector == 'double_mad' -%}
{{ adapter.dispatch('sqlnomaly_double_mad', 'sqlnomaly')(s) }}
{%- elif detector == 'percentile' -%}
{{ adapter.dispatch('sqlnomaly_percentile', 'sqlnomaly')(s) }}
{%- elif detector == 'grubbs' -%}
{{ adapter.dispatch('sqlnomaly_grubbs', 'sqlnomaly')(s) }}
{%- elif detector == 'ecod' -%}
{{ adapter.dispatch('sqlnomaly_ecod', 'sqlnomaly')(s) }}
{%- elif detector == 'copod' -%}
{{ adapter.dispatch('sqlnomaly_copod', 'sqlnomaly')(s) }}
{%- elif detector == 'hbos' -%}
{{ adapter.dispatch('sqlnomaly_hbos', 'sqlnomaly')(s) }}
{%- elif detector == 'mahalanobis' -%}
{{ adapter.dispatch('sqlnomaly_mahalanobis', 'sqlnomaly')(s) }}
{%- elif detector == 'avf' -%}
{{ adapter.dispatch('sqlnomaly_avf', 'sqlnomaly')(s) }}
{%- elif detector == 'rare_values' -%}
{{ adapter.dispatch('sqlnomaly_rare_values', 'sqlnomaly')(s) }}
{%- elif detector == 'rare_pairs' -%}
{{ adapter.dispatch('sqlnomaly_rare_pairs', 'sqlnomaly')(s) }}
{%- elif detector == 'ratio_drift' -%}
{{ adapter.dispatch('sqlnomaly_ratio_drift', 'sqlnomaly')(s) }}
{%- elif detector == 'benford' -%}
{{ adapter.dispatch('sqlnomaly_benford', 'sqlnomaly')(s) }}
{%- elif detector == 'duplicates' -%}
{{ adapter.dispatch('sqlnomaly_duplicates', 'sqlnomaly')(s) }}
{%- elif detector == 'seasonal' -%}
{{ adapter.dispatch('sqlnomaly_seasonal', 'sqlnomaly')(s) }}
{%- elif detector == 'ewma' -%}
{{ adapter.dispatch('sqlnomaly_ewma', 'sqlnomaly')(s) }}
{%- elif detector == 'cusum' -%}
{{ adapter.dispatch('sqlnomaly_cusum', 'sqlnomaly')(s) }}
{%- elif detector == 'page_hinkley' -%}
{{ adapter.dispatch('sqlnomaly_page_hinkley', 'sqlnomaly')(s) }}
{%- elif detector == 'flatline' -%}
{{ adapter.dispatch('sqlnomaly_flatline', 'sqlnomaly')(s) }}
{%- elif detector == 'series_decompose' -%}
{{ adapter.dispatch('sqlnomaly_series_decompose', 'sqlnomaly')(s) }}
{%- endif -%}
{%- endmacro -%}

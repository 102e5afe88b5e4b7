{#- sqlnomaly 0.1.0: series_decompose for postgres, generated; do not edit. -#}
{%- macro postgres__sqlnomaly_series_decompose(s) -%}
{%- do sqlnomaly.only_options('series_decompose', s, []) -%}
{%- if s.order and s.features | length == 1 and (s.rule, s.direction) in [('threshold', 'both'), ('threshold', 'high'), ('threshold', 'low')] -%}
WITH source AS (SELECT {{ s.columns }}, CASE WHEN ABS({{ s.features[0].value }}) <= 1e+150 THEN {{ s.features[0].value }} END AS _sn_x1,
{{ s.features[0].value }} AS _sn_x1__raw, {{ s.key }} AS _sn__key1, {{ s.order }} AS _sn__order1, CASE WHEN {{ s.filter }} AND NOT {{ s.order }}
IS NULL THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), placed AS (SELECT *, CASE WHEN NOT _sn__order1 IS NULL THEN CAST(DENSE_RANK() OVER (PARTITION BY _sn__key1,
CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn__order1 ASC) AS DOUBLE PRECISION) END AS _sn_x1__place
FROM source OFFSET 0), seasons AS (SELECT *, CASE WHEN NOT _sn_x1__place IS NULL THEN CAST(0.0e0 AS DOUBLE PRECISION) END AS _sn_x1__season
FROM placed OFFSET 0), unseasoned AS (SELECT *, _sn_x1 - _sn_x1__season AS _sn_x1__flat
FROM seasons OFFSET 0), fences AS (SELECT _sn__key1, COUNT(_sn_x1) AS _sn_x1__n, PERCENTILE_CONT(0.1e0) WITHIN
GROUP(ORDER BY _sn_x1__flat) AS _sn_x1__low, PERCENTILE_CONT(0.9e0) WITHIN
GROUP(ORDER BY _sn_x1__flat) AS _sn_x1__high, AVG(_sn_x1__flat) AS _sn_x1__level
FROM unseasoned
WHERE _sn__fitted = 1
GROUP BY _sn__key1), model AS (SELECT unseasoned.*, fences._sn_x1__n, fences._sn_x1__low, fences._sn_x1__high, fences._sn_x1__level,
CASE WHEN fences._sn_x1__high - fences._sn_x1__low > 1e-150 AND fences._sn_x1__high - fences._sn_x1__low > 0.0e0 THEN CAST((fences._sn_x1__high
- fences._sn_x1__low) AS DOUBLE PRECISION) / NULLIF(CAST(2.772605605507915e0 AS DOUBLE PRECISION), 0.0e0) ELSE CAST(0.0e0 AS DOUBLE
PRECISION) END AS _sn_x1__scale, unseasoned._sn_x1__season + (CAST(0.5e0 AS DOUBLE PRECISION) * (fences._sn_x1__low + fences._sn_x1__high))
AS _sn_x1__centre, unseasoned._sn_x1__season + fences._sn_x1__level AS _sn_x1__baseline
FROM unseasoned
LEFT JOIN fences ON ARRAY[unseasoned._sn__key1] = ARRAY[fences._sn__key1] OFFSET 0), terms AS (SELECT *, CASE WHEN _sn_x1__n >=
{{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN _sn_x1__scale > 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(_sn_x1__flat - _sn_x1__high, _sn_x1__low - _sn_x1__flat) > 0.0e0 THEN CAST(GREATEST(_sn_x1__flat - _sn_x1__high, _sn_x1__low
- _sn_x1__flat{% elif s.direction == 'high' %} _sn_x1__flat - _sn_x1__high > 0.0e0 THEN CAST((_sn_x1__flat - _sn_x1__high{% elif s.direction == 'low' %} _sn_x1__low - _sn_x1__flat > 0.0e0 THEN CAST((_sn_x1__low - _sn_x1__flat{% endif %}
) AS DOUBLE PRECISION) / NULLIF(_sn_x1__scale, 0.0e0) WHEN _sn_x1__scale > 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(_sn_x1__flat - _sn_x1__high, _sn_x1__low - _sn_x1__flat){% elif s.direction == 'high' %} _sn_x1__flat - _sn_x1__high{% elif s.direction == 'low' %} _sn_x1__low - _sn_x1__flat{% endif %}
<= 0.0e0 THEN CAST(0.0e0 AS DOUBLE PRECISION) WHEN _sn_x1__flat - _sn_x1__high <= 0.0e0 AND _sn_x1__low - _sn_x1__flat <= 0.0e0 THEN CAST(0.0e0
AS DOUBLE PRECISION) END END AS _sn_x1__term, _sn_x1__baseline AS _sn_x1__expected, CASE WHEN NOT _sn_x1 IS NULL AND _sn_x1__season IS NULL
THEN 'too_few_rows' END AS _sn__unscored
FROM model OFFSET 0), scored AS (SELECT *, _sn_x1__term AS _sn__score
FROM terms OFFSET 0) SELECT {{ s.columns }}, _sn__score AS anomaly_score, _sn__score > {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }}
AS is_anomaly, CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) AS anomaly_threshold, CASE WHEN NOT _sn__score IS NULL THEN {{ s.features[0].literal }}
END AS anomaly_reason, CASE WHEN _sn__order1 IS NULL OR _sn_x1__raw IS NULL THEN 'missing_value' WHEN _sn_x1 IS NULL THEN 'out_of_range' WHEN
COALESCE(_sn_x1__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'too_few_rows' WHEN NOT _sn__unscored IS NULL THEN _sn__unscored WHEN _sn__score
IS NULL OR _sn_x1__scale = 0.0e0 THEN 'constant_baseline' ELSE 'ok' END AS anomaly_status, CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >=
{{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x1__expected END AS anomaly_expected,
{%- if s.direction == 'both' %} CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre
- ((CAST(0.5e0 AS DOUBLE PRECISION) * (_sn_x1__high - _sn_x1__low)) + (CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION)
* _sn_x1__scale)) END AS anomaly_lower, CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }}
>= 0.0e0 THEN _sn_x1__centre + ((CAST(0.5e0 AS DOUBLE PRECISION) * (_sn_x1__high - _sn_x1__low)) + (CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) * _sn_x1__scale)) END{% elif s.direction == 'high' %} CAST(NULL AS DOUBLE PRECISION) AS anomaly_lower, CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND
{{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre + ((CAST(0.5e0 AS DOUBLE PRECISION) * (_sn_x1__high - _sn_x1__low)) + (CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) * _sn_x1__scale)) END{% elif s.direction == 'low' %} CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre
- ((CAST(0.5e0 AS DOUBLE PRECISION) * (_sn_x1__high - _sn_x1__low)) + (CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION)
* _sn_x1__scale)) END AS anomaly_lower, CAST(NULL AS DOUBLE PRECISION){% endif %}
AS anomaly_upper
FROM scored
{%- else -%}
{{ sqlnomaly.no_such_way('series_decompose', s, ['threshold, with order_by, 1 feature']) }}
{%- endif -%}
{%- endmacro -%}

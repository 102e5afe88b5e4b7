{#- sqlnomaly 0.1.0: bigquery/inline/zscore, generated; do not edit. -#}
{%- macro bigquery__sqlnomaly_inline_zscore(s) -%}
{%- for f in s.features -%}
{%- set term -%}
CASE WHEN COUNT(CASE WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }} AS FLOAT64)
END) OVER (PARTITION BY {{ s.key }}) >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN CASE WHEN MIN(CASE WHEN ABS(CAST({{ f.value }}
AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }} AS FLOAT64) END) OVER (PARTITION BY {{ s.key }}) < MAX(CASE WHEN ABS(CAST({{ f.value }}
AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }} AS FLOAT64) END) OVER (PARTITION BY {{ s.key }}) AND (VAR_POP(CASE WHEN
ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }} AS FLOAT64) END) OVER (PARTITION BY
{{ s.key }}) * COUNT(CASE WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }} AS FLOAT64)
END) OVER (PARTITION BY {{ s.key }})) / NULLIF(COUNT(CASE WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }}
AS FLOAT64) END) OVER (PARTITION BY {{ s.key }}) - 1, 0.0e0) > 1e-300 THEN SQRT(CASE WHEN (VAR_POP(CASE WHEN ABS(CAST({{ f.value }}
AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }} AS FLOAT64) END) OVER (PARTITION BY {{ s.key }}) * COUNT(CASE WHEN ABS(CAST({{ f.value }}
AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }} AS FLOAT64) END) OVER (PARTITION BY {{ s.key }})) / NULLIF(COUNT(CASE
WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }} AS FLOAT64) END) OVER (PARTITION
BY {{ s.key }}) - 1, 0.0e0) >= 0.0e0 THEN (VAR_POP(CASE WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }}
AS FLOAT64) END) OVER (PARTITION BY {{ s.key }}) * COUNT(CASE WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN
CAST({{ f.value }} AS FLOAT64) END) OVER (PARTITION BY {{ s.key }})) / NULLIF(COUNT(CASE WHEN ABS(CAST({{ f.value }}
AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }} AS FLOAT64) END) OVER (PARTITION BY {{ s.key }}) - 1, 0.0e0) END) ELSE
0.0e0 END > 0.0e0 THEN
{%- if s.direction == 'both' %} ABS(CASE WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }} AS FLOAT64) END -{% elif s.direction == 'high' %} (CASE WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }} AS FLOAT64) END -{% elif s.direction == 'low' %} ({% endif %}
CASE WHEN MIN(CASE WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }} AS FLOAT64)
END) OVER (PARTITION BY {{ s.key }}) = MAX(CASE WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }}
AS FLOAT64) END) OVER (PARTITION BY {{ s.key }}) THEN MIN(CASE WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN
CAST({{ f.value }} AS FLOAT64) END) OVER (PARTITION BY {{ s.key }}) ELSE AVG(CASE WHEN ABS(CAST({{ f.value }}
AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }} AS FLOAT64) END) OVER (PARTITION BY {{ s.key }}
{%- if s.direction == 'both' %} {% elif s.direction == 'high' %} {% elif s.direction == 'low' %} ) END - CASE WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }} AS FLOAT64{% endif %}
) END) / NULLIF(CASE WHEN MIN(CASE WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }}
AS FLOAT64) END) OVER (PARTITION BY {{ s.key }}) < MAX(CASE WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }}
AS FLOAT64) END) OVER (PARTITION BY {{ s.key }}) AND (VAR_POP(CASE WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150
THEN CAST({{ f.value }} AS FLOAT64) END) OVER (PARTITION BY {{ s.key }}) * COUNT(CASE WHEN ABS(CAST({{ f.value }}
AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }} AS FLOAT64) END) OVER (PARTITION BY {{ s.key }})) / NULLIF(COUNT(CASE
WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }} AS FLOAT64) END) OVER (PARTITION
BY {{ s.key }}) - 1, 0.0e0) > 1e-300 THEN SQRT(CASE WHEN (VAR_POP(CASE WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <=
1e+150 THEN CAST({{ f.value }} AS FLOAT64) END) OVER (PARTITION BY {{ s.key }}) * COUNT(CASE WHEN ABS(CAST({{ f.value }}
AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }} AS FLOAT64) END) OVER (PARTITION BY {{ s.key }})) / NULLIF(COUNT(CASE
WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }} AS FLOAT64) END) OVER (PARTITION
BY {{ s.key }}) - 1, 0.0e0) >= 0.0e0 THEN (VAR_POP(CASE WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }}
AS FLOAT64) END) OVER (PARTITION BY {{ s.key }}) * COUNT(CASE WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN
CAST({{ f.value }} AS FLOAT64) END) OVER (PARTITION BY {{ s.key }})) / NULLIF(COUNT(CASE WHEN ABS(CAST({{ f.value }}
AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }} AS FLOAT64) END) OVER (PARTITION BY {{ s.key }}) - 1, 0.0e0) END) ELSE
0.0e0 END, 0.0e0) WHEN CASE WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }} AS FLOAT64)
END = CASE WHEN MIN(CASE WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }} AS FLOAT64)
END) OVER (PARTITION BY {{ s.key }}) = MAX(CASE WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }}
AS FLOAT64) END) OVER (PARTITION BY {{ s.key }}) THEN MIN(CASE WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN
CAST({{ f.value }} AS FLOAT64) END) OVER (PARTITION BY {{ s.key }}) ELSE AVG(CASE WHEN ABS(CAST({{ f.value }}
AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }} AS FLOAT64) END) OVER (PARTITION BY {{ s.key }}) END THEN 0.0e0 END END
{%- endset -%}
{%- do f.update({'term': '(' ~ term ~ ')'}) -%}
{%- endfor -%}
{%- set score -%}
{%- if s.features | length == 1 -%}
{{ s.features[0].term }}
{%- else -%}
CASE WHEN
{%- for f in s.features %} NOT {{ f.term }} IS NULL{{ " AND " if not loop.last }}{% endfor %}
THEN GREATEST(
{%- for f in s.features %} {{ f.term }}{{ ", " if not loop.last }}{% endfor %}
) END
{%- endif -%}
{%- endset -%}
{%- do s.update({'score': '(' ~ score ~ ')'}) -%}
{%- if s.answer == 'score' -%}
{{ s.score }}
{%- elif s.answer == 'is_anomaly' -%}
{%- if s.features | length == 1 -%}
{{ s.score }} > {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }}
{%- else -%}
{{ s.score }} > {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }}
{%- endif -%}
{%- elif s.answer == 'reason' -%}
{%- if s.features | length == 1 -%}
CASE WHEN NOT {{ s.score }} IS NULL THEN {{ s.features[0].literal }} END
{%- else -%}
CASE WHEN {{ s.score }} IS NULL THEN NULL
{%- for f in s.features %} WHEN {{ f.term }} >= {{ s.score }} - (1e-09 * GREATEST(1.0e0, ABS({{ s.score }}))) THEN {{ f.literal }}{% endfor %}
END
{%- endif -%}
{%- elif s.answer == 'status' -%}
{%- if s.features | length == 1 -%}
CASE WHEN CAST({{ s.features[0].value }} AS FLOAT64) IS NULL THEN 'missing_value' WHEN CASE WHEN ABS(CAST({{ s.features[0].value }} AS
FLOAT64)) <= 1e+150 THEN CAST({{ s.features[0].value }} AS FLOAT64) END IS NULL THEN 'out_of_range' WHEN COALESCE(COUNT(CASE WHEN ABS(CAST({{ s.features[0].value }}
AS FLOAT64)) <= 1e+150 THEN CAST({{ s.features[0].value }} AS FLOAT64) END) OVER (PARTITION BY {{ s.key }}), 0) < {{ sqlnomaly.whole(s.min_rows) }}
THEN 'too_few_rows' WHEN {{ s.score }} IS NULL OR CASE WHEN MIN(CASE WHEN ABS(CAST({{ s.features[0].value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ s.features[0].value }}
AS FLOAT64) END) OVER (PARTITION BY {{ s.key }}) < MAX(CASE WHEN ABS(CAST({{ s.features[0].value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ s.features[0].value }}
AS FLOAT64) END) OVER (PARTITION BY {{ s.key }}) AND (VAR_POP(CASE WHEN ABS(CAST({{ s.features[0].value }} AS FLOAT64)) <= 1e+150
THEN CAST({{ s.features[0].value }} AS FLOAT64) END) OVER (PARTITION BY {{ s.key }}) * COUNT(CASE WHEN ABS(CAST({{ s.features[0].value }}
AS FLOAT64)) <= 1e+150 THEN CAST({{ s.features[0].value }} AS FLOAT64) END) OVER (PARTITION BY {{ s.key }})) / NULLIF(COUNT(CASE
WHEN ABS(CAST({{ s.features[0].value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ s.features[0].value }} AS FLOAT64) END) OVER (PARTITION
BY {{ s.key }}) - 1, 0.0e0) > 1e-300 THEN SQRT(CASE WHEN (VAR_POP(CASE WHEN ABS(CAST({{ s.features[0].value }} AS FLOAT64)) <=
1e+150 THEN CAST({{ s.features[0].value }} AS FLOAT64) END) OVER (PARTITION BY {{ s.key }}) * COUNT(CASE WHEN ABS(CAST({{ s.features[0].value }}
AS FLOAT64)) <= 1e+150 THEN CAST({{ s.features[0].value }} AS FLOAT64) END) OVER (PARTITION BY {{ s.key }})) / NULLIF(COUNT(CASE
WHEN ABS(CAST({{ s.features[0].value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ s.features[0].value }} AS FLOAT64) END) OVER (PARTITION
BY {{ s.key }}) - 1, 0.0e0) >= 0.0e0 THEN (VAR_POP(CASE WHEN ABS(CAST({{ s.features[0].value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ s.features[0].value }}
AS FLOAT64) END) OVER (PARTITION BY {{ s.key }}) * COUNT(CASE WHEN ABS(CAST({{ s.features[0].value }} AS FLOAT64)) <= 1e+150 THEN
CAST({{ s.features[0].value }} AS FLOAT64) END) OVER (PARTITION BY {{ s.key }})) / NULLIF(COUNT(CASE WHEN ABS(CAST({{ s.features[0].value }}
AS FLOAT64)) <= 1e+150 THEN CAST({{ s.features[0].value }} AS FLOAT64) END) OVER (PARTITION BY {{ s.key }}) - 1, 0.0e0) END) ELSE
0.0e0 END = 0.0e0 THEN 'constant_baseline' ELSE 'ok' END
{%- else -%}
CASE WHEN
{%- for f in s.features %} CAST({{ f.value }} AS FLOAT64) IS NULL{{ " OR " if not loop.last }}{% endfor %}
THEN 'missing_value' WHEN
{%- for f in s.features %} CASE WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }} AS FLOAT64) END IS NULL{{ " OR " if not loop.last }}{% endfor %}
THEN 'out_of_range' WHEN
{%- for f in s.features %} COALESCE(COUNT(CASE WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }} AS FLOAT64) END) OVER (PARTITION BY {{ s.key }}), 0) < {{ sqlnomaly.whole(s.min_rows) }}{{ " OR " if not loop.last }}{% endfor %}
THEN 'too_few_rows' WHEN {{ s.score }} IS NULL OR (
{%- for f in s.features %} CASE WHEN MIN(CASE WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }} AS FLOAT64) END) OVER (PARTITION BY {{ s.key }}) < MAX(CASE WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }} AS FLOAT64) END) OVER (PARTITION BY {{ s.key }}) AND (VAR_POP(CASE WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }} AS FLOAT64) END) OVER (PARTITION BY {{ s.key }}) * COUNT(CASE WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }} AS FLOAT64) END) OVER (PARTITION BY {{ s.key }})) / NULLIF(COUNT(CASE WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }} AS FLOAT64) END) OVER (PARTITION BY {{ s.key }}) - 1, 0.0e0) > 1e-300 THEN SQRT(CASE WHEN (VAR_POP(CASE WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }} AS FLOAT64) END) OVER (PARTITION BY {{ s.key }}) * COUNT(CASE WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }} AS FLOAT64) END) OVER (PARTITION BY {{ s.key }})) / NULLIF(COUNT(CASE WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }} AS FLOAT64) END) OVER (PARTITION BY {{ s.key }}) - 1, 0.0e0) >= 0.0e0 THEN (VAR_POP(CASE WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }} AS FLOAT64) END) OVER (PARTITION BY {{ s.key }}) * COUNT(CASE WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }} AS FLOAT64) END) OVER (PARTITION BY {{ s.key }})) / NULLIF(COUNT(CASE WHEN ABS(CAST({{ f.value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ f.value }} AS FLOAT64) END) OVER (PARTITION BY {{ s.key }}) - 1, 0.0e0) END) ELSE 0.0e0 END = 0.0e0{{ " AND " if not loop.last }}{% endfor %}
) THEN 'constant_baseline' ELSE 'ok' END
{%- endif -%}
{%- endif -%}
{%- endmacro -%}

{#- sqlnomaly 0.1.0: redshift/inline/zscore, generated; do not edit. -#}
{%- macro redshift__sqlnomaly_inline_zscore(s) -%}
{%- for f in s.features -%}
{%- set term -%}
CASE WHEN COUNT(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END) OVER (PARTITION BY {{ s.key }})
>= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN CASE WHEN MIN(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }}
END) OVER (PARTITION BY {{ s.key }}) < MAX(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END) OVER (PARTITION
BY {{ s.key }}) AND CAST((VAR_POP(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END) OVER (PARTITION
BY {{ s.key }}) * COUNT(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END) OVER (PARTITION BY {{ s.key }}))
AS DOUBLE PRECISION) / NULLIF(COUNT(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END) OVER (PARTITION
BY {{ s.key }}) - 1, 0.0e0) > 1e-300 THEN SQRT(CASE WHEN CAST((VAR_POP(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }}
END) OVER (PARTITION BY {{ s.key }}) * COUNT(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END)
OVER (PARTITION BY {{ s.key }})) AS DOUBLE PRECISION) / NULLIF(COUNT(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }}
END) OVER (PARTITION BY {{ s.key }}) - 1, 0.0e0) >= 0.0e0 THEN CAST((VAR_POP(CASE WHEN ABS({{ f.value }}) <= 1e+150
THEN {{ f.value }} END) OVER (PARTITION BY {{ s.key }}) * COUNT(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }}
END) OVER (PARTITION BY {{ s.key }})) AS DOUBLE PRECISION) / NULLIF(COUNT(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN
{{ f.value }} END) OVER (PARTITION BY {{ s.key }}) - 1, 0.0e0) END) ELSE CAST(0.0e0 AS DOUBLE PRECISION) END > 0.0e0 THEN
CAST(
{%- if s.direction == 'both' %} ABS(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END -{% elif s.direction == 'high' %} (CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END -{% elif s.direction == 'low' %} ({% endif %}
CASE WHEN MIN(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END) OVER (PARTITION BY {{ s.key }})
= MAX(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END) OVER (PARTITION BY {{ s.key }}) THEN MIN(CASE
WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END) OVER (PARTITION BY {{ s.key }}) ELSE AVG(CASE WHEN
ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END) OVER (PARTITION BY {{ s.key }})
{%- if s.direction == 'both' %} {% elif s.direction == 'high' %} {% elif s.direction == 'low' %} END - CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }}{% endif %}
END) AS DOUBLE PRECISION) / NULLIF(CASE WHEN MIN(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END)
OVER (PARTITION BY {{ s.key }}) < MAX(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END) OVER (PARTITION
BY {{ s.key }}) AND CAST((VAR_POP(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END) OVER (PARTITION
BY {{ s.key }}) * COUNT(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END) OVER (PARTITION BY {{ s.key }}))
AS DOUBLE PRECISION) / NULLIF(COUNT(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END) OVER (PARTITION
BY {{ s.key }}) - 1, 0.0e0) > 1e-300 THEN SQRT(CASE WHEN CAST((VAR_POP(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }}
END) OVER (PARTITION BY {{ s.key }}) * COUNT(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END)
OVER (PARTITION BY {{ s.key }})) AS DOUBLE PRECISION) / NULLIF(COUNT(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }}
END) OVER (PARTITION BY {{ s.key }}) - 1, 0.0e0) >= 0.0e0 THEN CAST((VAR_POP(CASE WHEN ABS({{ f.value }}) <= 1e+150
THEN {{ f.value }} END) OVER (PARTITION BY {{ s.key }}) * COUNT(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }}
END) OVER (PARTITION BY {{ s.key }})) AS DOUBLE PRECISION) / NULLIF(COUNT(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN
{{ f.value }} END) OVER (PARTITION BY {{ s.key }}) - 1, 0.0e0) END) ELSE CAST(0.0e0 AS DOUBLE PRECISION) END, 0.0e0) WHEN
CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END = CASE WHEN MIN(CASE WHEN ABS({{ f.value }})
<= 1e+150 THEN {{ f.value }} END) OVER (PARTITION BY {{ s.key }}) = MAX(CASE WHEN ABS({{ f.value }}) <= 1e+150
THEN {{ f.value }} END) OVER (PARTITION BY {{ s.key }}) THEN MIN(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN
{{ f.value }} END) OVER (PARTITION BY {{ s.key }}) ELSE AVG(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }}
END) OVER (PARTITION BY {{ s.key }}) END THEN CAST(0.0e0 AS DOUBLE PRECISION) END END
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
{%- for f in s.features %} WHEN {{ f.term }} >= {{ s.score }} - (CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS({{ s.score }}))) THEN {{ f.literal }}{% endfor %}
END
{%- endif -%}
{%- elif s.answer == 'status' -%}
{%- if s.features | length == 1 -%}
CASE WHEN {{ s.features[0].value }} IS NULL THEN 'missing_value' WHEN CASE WHEN ABS({{ s.features[0].value }}) <= 1e+150 THEN {{ s.features[0].value }}
END IS NULL THEN 'out_of_range' WHEN COALESCE(COUNT(CASE WHEN ABS({{ s.features[0].value }}) <= 1e+150 THEN {{ s.features[0].value }}
END) OVER (PARTITION BY {{ s.key }}), 0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'too_few_rows' WHEN {{ s.score }} IS NULL OR CASE WHEN MIN(CASE
WHEN ABS({{ s.features[0].value }}) <= 1e+150 THEN {{ s.features[0].value }} END) OVER (PARTITION BY {{ s.key }}) < MAX(CASE WHEN ABS({{ s.features[0].value }})
<= 1e+150 THEN {{ s.features[0].value }} END) OVER (PARTITION BY {{ s.key }}) AND CAST((VAR_POP(CASE WHEN ABS({{ s.features[0].value }})
<= 1e+150 THEN {{ s.features[0].value }} END) OVER (PARTITION BY {{ s.key }}) * COUNT(CASE WHEN ABS({{ s.features[0].value }}) <= 1e+150
THEN {{ s.features[0].value }} END) OVER (PARTITION BY {{ s.key }})) AS DOUBLE PRECISION) / NULLIF(COUNT(CASE WHEN ABS({{ s.features[0].value }})
<= 1e+150 THEN {{ s.features[0].value }} END) OVER (PARTITION BY {{ s.key }}) - 1, 0.0e0) > 1e-300 THEN SQRT(CASE WHEN CAST((VAR_POP(CASE
WHEN ABS({{ s.features[0].value }}) <= 1e+150 THEN {{ s.features[0].value }} END) OVER (PARTITION BY {{ s.key }}) * COUNT(CASE WHEN ABS({{ s.features[0].value }})
<= 1e+150 THEN {{ s.features[0].value }} END) OVER (PARTITION BY {{ s.key }})) AS DOUBLE PRECISION) / NULLIF(COUNT(CASE WHEN ABS({{ s.features[0].value }})
<= 1e+150 THEN {{ s.features[0].value }} END) OVER (PARTITION BY {{ s.key }}) - 1, 0.0e0) >= 0.0e0 THEN CAST((VAR_POP(CASE WHEN ABS({{ s.features[0].value }})
<= 1e+150 THEN {{ s.features[0].value }} END) OVER (PARTITION BY {{ s.key }}) * COUNT(CASE WHEN ABS({{ s.features[0].value }}) <= 1e+150
THEN {{ s.features[0].value }} END) OVER (PARTITION BY {{ s.key }})) AS DOUBLE PRECISION) / NULLIF(COUNT(CASE WHEN ABS({{ s.features[0].value }})
<= 1e+150 THEN {{ s.features[0].value }} END) OVER (PARTITION BY {{ s.key }}) - 1, 0.0e0) END) ELSE CAST(0.0e0 AS DOUBLE PRECISION)
END = 0.0e0 THEN 'constant_baseline' ELSE 'ok' END
{%- else -%}
CASE WHEN
{%- for f in s.features %} {{ f.value }} IS NULL{{ " OR " if not loop.last }}{% endfor %}
THEN 'missing_value' WHEN
{%- for f in s.features %} CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END IS NULL{{ " OR " if not loop.last }}{% endfor %}
THEN 'out_of_range' WHEN
{%- for f in s.features %} COALESCE(COUNT(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END) OVER (PARTITION BY {{ s.key }}), 0) < {{ sqlnomaly.whole(s.min_rows) }}{{ " OR " if not loop.last }}{% endfor %}
THEN 'too_few_rows' WHEN {{ s.score }} IS NULL OR (
{%- for f in s.features %} CASE WHEN MIN(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END) OVER (PARTITION BY {{ s.key }}) < MAX(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END) OVER (PARTITION BY {{ s.key }}) AND CAST((VAR_POP(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END) OVER (PARTITION BY {{ s.key }}) * COUNT(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END) OVER (PARTITION BY {{ s.key }})) AS DOUBLE PRECISION) / NULLIF(COUNT(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END) OVER (PARTITION BY {{ s.key }}) - 1, 0.0e0) > 1e-300 THEN SQRT(CASE WHEN CAST((VAR_POP(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END) OVER (PARTITION BY {{ s.key }}) * COUNT(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END) OVER (PARTITION BY {{ s.key }})) AS DOUBLE PRECISION) / NULLIF(COUNT(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END) OVER (PARTITION BY {{ s.key }}) - 1, 0.0e0) >= 0.0e0 THEN CAST((VAR_POP(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END) OVER (PARTITION BY {{ s.key }}) * COUNT(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END) OVER (PARTITION BY {{ s.key }})) AS DOUBLE PRECISION) / NULLIF(COUNT(CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END) OVER (PARTITION BY {{ s.key }}) - 1, 0.0e0) END) ELSE CAST(0.0e0 AS DOUBLE PRECISION) END = 0.0e0{{ " AND " if not loop.last }}{% endfor %}
) THEN 'constant_baseline' ELSE 'ok' END
{%- endif -%}
{%- endif -%}
{%- endmacro -%}

{#- sqlnomaly 0.1.0: snowflake/inline/iqr, generated; do not edit. -#}
{%- macro snowflake__sqlnomaly_inline_iqr(s) -%}
{%- for f in s.features -%}
{%- set term -%}
CASE WHEN COUNT(CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE)
END) OVER (PARTITION BY {{ s.key }}) >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN CASE WHEN PERCENTILE_CONT(CAST(0.75e0 AS DOUBLE))
WITHIN
GROUP(ORDER BY CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END)
OVER (PARTITION BY {{ s.key }}) - PERCENTILE_CONT(CAST(0.25e0 AS DOUBLE)) WITHIN
GROUP(ORDER BY CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END)
OVER (PARTITION BY {{ s.key }}) > 1e-150 THEN PERCENTILE_CONT(CAST(0.75e0 AS DOUBLE)) WITHIN
GROUP(ORDER BY CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END)
OVER (PARTITION BY {{ s.key }}) - PERCENTILE_CONT(CAST(0.25e0 AS DOUBLE)) WITHIN
GROUP(ORDER BY CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END)
OVER (PARTITION BY {{ s.key }}) ELSE CAST(0.0e0 AS DOUBLE) END > 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END - PERCENTILE_CONT(CAST(0.75e0
AS DOUBLE)) WITHIN
GROUP(ORDER BY CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END)
OVER (PARTITION BY {{ s.key }}), PERCENTILE_CONT(CAST(0.25e0 AS DOUBLE)) WITHIN
GROUP(ORDER BY CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END)
OVER (PARTITION BY {{ s.key }}) - CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }}
AS DOUBLE) END) > 0.0e0 THEN GREATEST(CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }}
AS DOUBLE) END - PERCENTILE_CONT(CAST(0.75e0 AS DOUBLE)) WITHIN
GROUP(ORDER BY CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END)
OVER (PARTITION BY {{ s.key }}), PERCENTILE_CONT(CAST(0.25e0 AS DOUBLE)) WITHIN
GROUP(ORDER BY CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END)
OVER (PARTITION BY {{ s.key }}) - CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }}
AS DOUBLE) END{% elif s.direction == 'high' %} CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END - PERCENTILE_CONT(CAST(0.75e0
AS DOUBLE)) WITHIN
GROUP(ORDER BY CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END)
OVER (PARTITION BY {{ s.key }}) > 0.0e0 THEN (CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }}
AS DOUBLE) END - PERCENTILE_CONT(CAST(0.75e0 AS DOUBLE)) WITHIN
GROUP(ORDER BY CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END)
OVER (PARTITION BY {{ s.key }}){% elif s.direction == 'low' %} PERCENTILE_CONT(CAST(0.25e0 AS DOUBLE)) WITHIN
GROUP(ORDER BY CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END)
OVER (PARTITION BY {{ s.key }}) - CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }}
AS DOUBLE) END > 0.0e0 THEN (PERCENTILE_CONT(CAST(0.25e0 AS DOUBLE)) WITHIN
GROUP(ORDER BY CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END)
OVER (PARTITION BY {{ s.key }}) - CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }}
AS DOUBLE) END{% endif %}
) / NULLIF(CASE WHEN PERCENTILE_CONT(CAST(0.75e0 AS DOUBLE)) WITHIN
GROUP(ORDER BY CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END)
OVER (PARTITION BY {{ s.key }}) - PERCENTILE_CONT(CAST(0.25e0 AS DOUBLE)) WITHIN
GROUP(ORDER BY CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END)
OVER (PARTITION BY {{ s.key }}) > 1e-150 THEN PERCENTILE_CONT(CAST(0.75e0 AS DOUBLE)) WITHIN
GROUP(ORDER BY CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END)
OVER (PARTITION BY {{ s.key }}) - PERCENTILE_CONT(CAST(0.25e0 AS DOUBLE)) WITHIN
GROUP(ORDER BY CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END)
OVER (PARTITION BY {{ s.key }}) ELSE CAST(0.0e0 AS DOUBLE) END, 0.0e0) WHEN CASE WHEN PERCENTILE_CONT(CAST(0.75e0 AS DOUBLE)) WITHIN
GROUP(ORDER BY CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END)
OVER (PARTITION BY {{ s.key }}) - PERCENTILE_CONT(CAST(0.25e0 AS DOUBLE)) WITHIN
GROUP(ORDER BY CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END)
OVER (PARTITION BY {{ s.key }}) > 1e-150 THEN PERCENTILE_CONT(CAST(0.75e0 AS DOUBLE)) WITHIN
GROUP(ORDER BY CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END)
OVER (PARTITION BY {{ s.key }}) - PERCENTILE_CONT(CAST(0.25e0 AS DOUBLE)) WITHIN
GROUP(ORDER BY CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END)
OVER (PARTITION BY {{ s.key }}) ELSE CAST(0.0e0 AS DOUBLE) END > 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END - PERCENTILE_CONT(CAST(0.75e0
AS DOUBLE)) WITHIN
GROUP(ORDER BY CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END)
OVER (PARTITION BY {{ s.key }}), PERCENTILE_CONT(CAST(0.25e0 AS DOUBLE)) WITHIN
GROUP(ORDER BY CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END)
OVER (PARTITION BY {{ s.key }}) - CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }}
AS DOUBLE) END){% elif s.direction == 'high' %} CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END - PERCENTILE_CONT(CAST(0.75e0
AS DOUBLE)) WITHIN
GROUP(ORDER BY CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END)
OVER (PARTITION BY {{ s.key }}){% elif s.direction == 'low' %} PERCENTILE_CONT(CAST(0.25e0 AS DOUBLE)) WITHIN
GROUP(ORDER BY CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END)
OVER (PARTITION BY {{ s.key }}) - CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }}
AS DOUBLE) END{% endif %}
<= 0.0e0 THEN CAST(0.0e0 AS DOUBLE) WHEN CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }}
AS DOUBLE) END = (PERCENTILE_CONT(CAST(0.25e0 AS DOUBLE)) WITHIN
GROUP(ORDER BY CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END)
OVER (PARTITION BY {{ s.key }}) + (CAST(0.5e0 AS DOUBLE) * (PERCENTILE_CONT(CAST(0.75e0 AS DOUBLE)) WITHIN
GROUP(ORDER BY CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END)
OVER (PARTITION BY {{ s.key }}) - PERCENTILE_CONT(CAST(0.25e0 AS DOUBLE)) WITHIN
GROUP(ORDER BY CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END)
OVER (PARTITION BY {{ s.key }})))) THEN CAST(0.0e0 AS DOUBLE) END END
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
{%- for f in s.features %} WHEN {{ f.term }} >= {{ s.score }} - (CAST(1e-09 AS DOUBLE) * GREATEST(CAST(1.0e0 AS DOUBLE), ABS({{ s.score }}))) THEN {{ f.literal }}{% endfor %}
END
{%- endif -%}
{%- elif s.answer == 'status' -%}
{%- if s.features | length == 1 -%}
CASE WHEN CAST({{ s.features[0].value }} AS DOUBLE) IS NULL THEN 'missing_value' WHEN CASE WHEN ABS(CAST({{ s.features[0].value }} AS
DOUBLE)) <= 1e+150 THEN CAST({{ s.features[0].value }} AS DOUBLE) END IS NULL THEN 'out_of_range' WHEN COALESCE(COUNT(CASE WHEN ABS(CAST({{ s.features[0].value }}
AS DOUBLE)) <= 1e+150 THEN CAST({{ s.features[0].value }} AS DOUBLE) END) OVER (PARTITION BY {{ s.key }}), 0) < {{ sqlnomaly.whole(s.min_rows) }}
THEN 'too_few_rows' WHEN {{ s.score }} IS NULL OR CASE WHEN PERCENTILE_CONT(CAST(0.75e0 AS DOUBLE)) WITHIN
GROUP(ORDER BY CASE WHEN ABS(CAST({{ s.features[0].value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ s.features[0].value }} AS DOUBLE) END)
OVER (PARTITION BY {{ s.key }}) - PERCENTILE_CONT(CAST(0.25e0 AS DOUBLE)) WITHIN
GROUP(ORDER BY CASE WHEN ABS(CAST({{ s.features[0].value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ s.features[0].value }} AS DOUBLE) END)
OVER (PARTITION BY {{ s.key }}) > 1e-150 THEN PERCENTILE_CONT(CAST(0.75e0 AS DOUBLE)) WITHIN
GROUP(ORDER BY CASE WHEN ABS(CAST({{ s.features[0].value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ s.features[0].value }} AS DOUBLE) END)
OVER (PARTITION BY {{ s.key }}) - PERCENTILE_CONT(CAST(0.25e0 AS DOUBLE)) WITHIN
GROUP(ORDER BY CASE WHEN ABS(CAST({{ s.features[0].value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ s.features[0].value }} AS DOUBLE) END)
OVER (PARTITION BY {{ s.key }}) ELSE CAST(0.0e0 AS DOUBLE) END = 0.0e0 THEN 'constant_baseline' ELSE 'ok' END
{%- else -%}
CASE WHEN
{%- for f in s.features %} CAST({{ f.value }} AS DOUBLE) IS NULL{{ " OR " if not loop.last }}{% endfor %}
THEN 'missing_value' WHEN
{%- for f in s.features %} CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END IS NULL{{ " OR " if not loop.last }}{% endfor %}
THEN 'out_of_range' WHEN
{%- for f in s.features %} COALESCE(COUNT(CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END) OVER (PARTITION BY {{ s.key }}), 0) < {{ sqlnomaly.whole(s.min_rows) }}{{ " OR " if not loop.last }}{% endfor %}
THEN 'too_few_rows' WHEN {{ s.score }} IS NULL OR (
{%- for f in s.features %} CASE WHEN PERCENTILE_CONT(CAST(0.75e0 AS DOUBLE)) WITHIN GROUP(ORDER BY CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END) OVER (PARTITION BY {{ s.key }}) - PERCENTILE_CONT(CAST(0.25e0 AS DOUBLE)) WITHIN GROUP(ORDER BY CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END) OVER (PARTITION BY {{ s.key }}) > 1e-150 THEN PERCENTILE_CONT(CAST(0.75e0 AS DOUBLE)) WITHIN GROUP(ORDER BY CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END) OVER (PARTITION BY {{ s.key }}) - PERCENTILE_CONT(CAST(0.25e0 AS DOUBLE)) WITHIN GROUP(ORDER BY CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END) OVER (PARTITION BY {{ s.key }}) ELSE CAST(0.0e0 AS DOUBLE) END = 0.0e0{{ " AND " if not loop.last }}{% endfor %}
) THEN 'constant_baseline' ELSE 'ok' END
{%- endif -%}
{%- endif -%}
{%- endmacro -%}

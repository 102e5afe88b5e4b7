{#- sqlnomaly 0.1.0: snowflake/stored/iqr, generated; do not edit. -#}
{%- macro snowflake__stored_model_iqr(s) -%}
{%- if s.features | length == 1 -%}
WITH source AS (SELECT _sn_x1, _sn__key1, _sn__given0, _sn_x1__given, _sn__fitted, _sn__held, _sn__fold
FROM {{ s.rows }}), quartiles AS (SELECT _sn__key1, COUNT(_sn_x1) AS _sn_x1__n, PERCENTILE_CONT(0.25e0) WITHIN
GROUP(ORDER BY _sn_x1) AS _sn_x1__q1, PERCENTILE_CONT(0.75e0) WITHIN
GROUP(ORDER BY _sn_x1) AS _sn_x1__q3
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), model AS (SELECT *, CASE WHEN _sn_x1__q3 - _sn_x1__q1 > 1e-150 THEN _sn_x1__q3 - _sn_x1__q1 ELSE CAST(0.0e0 AS DOUBLE)
END AS _sn_x1__scale, _sn_x1__q1 + (CAST(0.5e0 AS DOUBLE) * (_sn_x1__q3 - _sn_x1__q1)) AS _sn_x1__centre
FROM quartiles) SELECT *
FROM model
{%- else -%}
WITH source AS (SELECT
{%- for f in s.features %} _sn_x{{ loop.index }},{% endfor %}
_sn__key1, _sn__given0,
{%- for f in s.features %} _sn_x{{ loop.index }}__given,{% endfor %}
_sn__fitted, _sn__held, _sn__fold
FROM {{ s.rows }}), quartiles AS (SELECT _sn__key1
{%- for f in s.features %} , COUNT(_sn_x{{ loop.index }}) AS _sn_x{{ loop.index }}__n, PERCENTILE_CONT(0.25e0) WITHIN GROUP(ORDER BY _sn_x{{ loop.index }}) AS _sn_x{{ loop.index }}__q1, PERCENTILE_CONT(0.75e0) WITHIN GROUP(ORDER BY _sn_x{{ loop.index }}) AS _sn_x{{ loop.index }}__q3{% endfor %}
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), model AS (SELECT *
{%- for f in s.features %} , CASE WHEN _sn_x{{ loop.index }}__q3 - _sn_x{{ loop.index }}__q1 > 1e-150 THEN _sn_x{{ loop.index }}__q3 - _sn_x{{ loop.index }}__q1 ELSE CAST(0.0e0 AS DOUBLE) END AS _sn_x{{ loop.index }}__scale, _sn_x{{ loop.index }}__q1 + (CAST(0.5e0 AS DOUBLE) * (_sn_x{{ loop.index }}__q3 - _sn_x{{ loop.index }}__q1)) AS _sn_x{{ loop.index }}__centre{% endfor %}
FROM quartiles) SELECT *
FROM model
{%- endif -%}
{%- endmacro -%}

{%- macro snowflake__stored_scored_iqr(s) -%}
{%- if s.features | length == 1 -%}
WITH source AS (SELECT _sn_x1, _sn__key1, _sn__given0, _sn_x1__given, _sn__fitted, _sn__held, _sn__fold
FROM {{ s.rows }}), quartiles AS (SELECT _sn__key1, COUNT(_sn_x1) AS _sn_x1__n, PERCENTILE_CONT(0.25e0) WITHIN
GROUP(ORDER BY _sn_x1) AS _sn_x1__q1, PERCENTILE_CONT(0.75e0) WITHIN
GROUP(ORDER BY _sn_x1) AS _sn_x1__q3
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), model AS (SELECT *, CASE WHEN _sn_x1__q3 - _sn_x1__q1 > 1e-150 THEN _sn_x1__q3 - _sn_x1__q1 ELSE CAST(0.0e0 AS DOUBLE)
END AS _sn_x1__scale, _sn_x1__q1 + (CAST(0.5e0 AS DOUBLE) * (_sn_x1__q3 - _sn_x1__q1)) AS _sn_x1__centre
FROM quartiles), terms AS (SELECT source.*, CASE WHEN model._sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN model._sn_x1__scale
> 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(source._sn_x1 - model._sn_x1__q3, model._sn_x1__q1 - source._sn_x1) > 0.0e0 THEN GREATEST(source._sn_x1 - model._sn_x1__q3,
model._sn_x1__q1 - source._sn_x1{% elif s.direction == 'high' %} source._sn_x1 - model._sn_x1__q3 > 0.0e0 THEN (source._sn_x1 - model._sn_x1__q3{% elif s.direction == 'low' %} model._sn_x1__q1 - source._sn_x1 > 0.0e0 THEN (model._sn_x1__q1 - source._sn_x1{% endif %}
) / NULLIF(model._sn_x1__scale, 0.0e0) WHEN model._sn_x1__scale > 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(source._sn_x1 - model._sn_x1__q3, model._sn_x1__q1 - source._sn_x1){% elif s.direction == 'high' %} source._sn_x1 - model._sn_x1__q3{% elif s.direction == 'low' %} model._sn_x1__q1 - source._sn_x1{% endif %}
<= 0.0e0 THEN CAST(0.0e0 AS DOUBLE) WHEN source._sn_x1 = model._sn_x1__centre THEN CAST(0.0e0 AS DOUBLE) END END AS _sn_x1__term
FROM source
LEFT JOIN model ON source._sn__key1 IS NOT DISTINCT FROM model._sn__key1), scored AS (SELECT *, _sn_x1__term AS _sn__score
FROM terms) SELECT *
FROM scored
{%- else -%}
WITH source AS (SELECT
{%- for f in s.features %} _sn_x{{ loop.index }},{% endfor %}
_sn__key1, _sn__given0,
{%- for f in s.features %} _sn_x{{ loop.index }}__given,{% endfor %}
_sn__fitted, _sn__held, _sn__fold
FROM {{ s.rows }}), quartiles AS (SELECT _sn__key1
{%- for f in s.features %} , COUNT(_sn_x{{ loop.index }}) AS _sn_x{{ loop.index }}__n, PERCENTILE_CONT(0.25e0) WITHIN GROUP(ORDER BY _sn_x{{ loop.index }}) AS _sn_x{{ loop.index }}__q1, PERCENTILE_CONT(0.75e0) WITHIN GROUP(ORDER BY _sn_x{{ loop.index }}) AS _sn_x{{ loop.index }}__q3{% endfor %}
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), model AS (SELECT *
{%- for f in s.features %} , CASE WHEN _sn_x{{ loop.index }}__q3 - _sn_x{{ loop.index }}__q1 > 1e-150 THEN _sn_x{{ loop.index }}__q3 - _sn_x{{ loop.index }}__q1 ELSE CAST(0.0e0 AS DOUBLE) END AS _sn_x{{ loop.index }}__scale, _sn_x{{ loop.index }}__q1 + (CAST(0.5e0 AS DOUBLE) * (_sn_x{{ loop.index }}__q3 - _sn_x{{ loop.index }}__q1)) AS _sn_x{{ loop.index }}__centre{% endfor %}
FROM quartiles), terms AS (SELECT source.*
{%- if s.direction == 'both' %} {%- for f in s.features %} , CASE WHEN model._sn_x{{ loop.index }}__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN model._sn_x{{ loop.index }}__scale > 0.0e0 AND GREATEST(source._sn_x{{ loop.index }} - model._sn_x{{ loop.index }}__q3, model._sn_x{{ loop.index }}__q1 - source._sn_x{{ loop.index }}) > 0.0e0 THEN GREATEST(source._sn_x{{ loop.index }} - model._sn_x{{ loop.index }}__q3, model._sn_x{{ loop.index }}__q1 - source._sn_x{{ loop.index }}) / NULLIF(model._sn_x{{ loop.index }}__scale, 0.0e0) WHEN model._sn_x{{ loop.index }}__scale > 0.0e0 AND GREATEST(source._sn_x{{ loop.index }} - model._sn_x{{ loop.index }}__q3, model._sn_x{{ loop.index }}__q1 - source._sn_x{{ loop.index }}) <= 0.0e0 THEN CAST(0.0e0 AS DOUBLE) WHEN source._sn_x{{ loop.index }} = model._sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE) END END AS _sn_x{{ loop.index }}__term{% endfor %}{% elif s.direction == 'high' %} {%- for f in s.features %} , CASE WHEN model._sn_x{{ loop.index }}__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN model._sn_x{{ loop.index }}__scale > 0.0e0 AND source._sn_x{{ loop.index }} - model._sn_x{{ loop.index }}__q3 > 0.0e0 THEN (source._sn_x{{ loop.index }} - model._sn_x{{ loop.index }}__q3) / NULLIF(model._sn_x{{ loop.index }}__scale, 0.0e0) WHEN model._sn_x{{ loop.index }}__scale > 0.0e0 AND source._sn_x{{ loop.index }} - model._sn_x{{ loop.index }}__q3 <= 0.0e0 THEN CAST(0.0e0 AS DOUBLE) WHEN source._sn_x{{ loop.index }} = model._sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE) END END AS _sn_x{{ loop.index }}__term{% endfor %}{% elif s.direction == 'low' %} {%- for f in s.features %} , CASE WHEN model._sn_x{{ loop.index }}__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN model._sn_x{{ loop.index }}__scale > 0.0e0 AND model._sn_x{{ loop.index }}__q1 - source._sn_x{{ loop.index }} > 0.0e0 THEN (model._sn_x{{ loop.index }}__q1 - source._sn_x{{ loop.index }}) / NULLIF(model._sn_x{{ loop.index }}__scale, 0.0e0) WHEN model._sn_x{{ loop.index }}__scale > 0.0e0 AND model._sn_x{{ loop.index }}__q1 - source._sn_x{{ loop.index }} <= 0.0e0 THEN CAST(0.0e0 AS DOUBLE) WHEN source._sn_x{{ loop.index }} = model._sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE) END END AS _sn_x{{ loop.index }}__term{% endfor %}{% endif %}
FROM source
LEFT JOIN model ON source._sn__key1 IS NOT DISTINCT FROM model._sn__key1), scored AS (SELECT *, CASE WHEN
{%- for f in s.features %} NOT _sn_x{{ loop.index }}__term IS NULL{{ " AND " if not loop.last }}{% endfor %}
THEN GREATEST(
{%- for f in s.features %} _sn_x{{ loop.index }}__term{{ ", " if not loop.last }}{% endfor %}
) END AS _sn__score
FROM terms) SELECT *
FROM scored
{%- endif -%}
{%- endmacro -%}

{%- macro snowflake__stored_scoring_iqr(s) -%}
{%- if s.features | length == 1 -%}
WITH source AS (SELECT *, CASE WHEN ABS({{ s.features[0].value }}) <= 1e+150 THEN {{ s.features[0].value }} END AS _sn_x1, {{ s.features[0].value }}
AS _sn_x1__raw, {{ s.key }} AS _sn__key1
FROM {{ s.relation }}), merged_model AS (SELECT _sn__key1, _sn_x1__n, _sn_x1__q1, _sn_x1__q3, _sn_x1__scale, _sn_x1__centre
FROM {{ s.model }}), terms AS (SELECT source.*, merged_model._sn_x1__n, merged_model._sn_x1__scale, CASE WHEN merged_model._sn_x1__n
>= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN merged_model._sn_x1__scale > 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(source._sn_x1 - merged_model._sn_x1__q3, merged_model._sn_x1__q1 - source._sn_x1) > 0.0e0 THEN GREATEST(source._sn_x1
- merged_model._sn_x1__q3, merged_model._sn_x1__q1 - source._sn_x1{% elif s.direction == 'high' %} source._sn_x1 - merged_model._sn_x1__q3 > 0.0e0 THEN (source._sn_x1 - merged_model._sn_x1__q3{% elif s.direction == 'low' %} merged_model._sn_x1__q1 - source._sn_x1 > 0.0e0 THEN (merged_model._sn_x1__q1 - source._sn_x1{% endif %}
) / NULLIF(merged_model._sn_x1__scale, 0.0e0) WHEN merged_model._sn_x1__scale > 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(source._sn_x1 - merged_model._sn_x1__q3, merged_model._sn_x1__q1 - source._sn_x1){% elif s.direction == 'high' %} source._sn_x1 - merged_model._sn_x1__q3{% elif s.direction == 'low' %} merged_model._sn_x1__q1 - source._sn_x1{% endif %}
<= 0.0e0 THEN CAST(0.0e0 AS DOUBLE) WHEN source._sn_x1 = merged_model._sn_x1__centre THEN CAST(0.0e0 AS DOUBLE) END END AS _sn_x1__term
FROM source
LEFT JOIN merged_model ON source._sn__key1 IS NOT DISTINCT FROM merged_model._sn__key1), scored AS (SELECT *, _sn_x1__term AS _sn__score
FROM terms) SELECT * EXCLUDE (_sn_x1, _sn_x1__raw, _sn__key1, _sn_x1__n, _sn_x1__scale, _sn_x1__term, _sn__score
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , _sn__cut_key, _sn__cut{% endif %}
), _sn__score AS anomaly_score, _sn__score >
{%- if s.rule == 'threshold' %} {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }} AS is_anomaly, CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE){% elif s.rule == 'contamination' %} CASE WHEN NOT _sn__cut IS NULL THEN _sn__cut + (CAST(1e-09 AS DOUBLE) * GREATEST(CAST(1.0e0 AS DOUBLE), ABS(_sn__cut))) END AS
is_anomaly, _sn__cut{% endif %}
AS anomaly_threshold, CASE WHEN NOT _sn__score IS NULL THEN {{ s.features[0].literal }} END AS anomaly_reason, CASE WHEN _sn_x1__n IS NULL
THEN 'unseen_group' ELSE CASE WHEN _sn_x1__raw IS NULL THEN 'missing_value' WHEN _sn_x1 IS NULL THEN 'out_of_range' WHEN COALESCE(_sn_x1__n,
0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'too_few_rows' WHEN _sn__score IS NULL OR _sn_x1__scale = 0.0e0 THEN 'constant_baseline' ELSE 'ok'
END END AS anomaly_status
FROM scored
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} LEFT JOIN {{ s.cuts }} ON _sn__cut_key IS NOT DISTINCT FROM _sn__key1{% endif %}
{%- else -%}
WITH source AS (SELECT *,
{%- for f in s.features %} CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END AS _sn_x{{ loop.index }}, {{ f.value }} AS _sn_x{{ loop.index }}__raw,{% endfor %}
{{ s.key }} AS _sn__key1
FROM {{ s.relation }}), merged_model AS (SELECT _sn__key1,
{%- for f in s.features %} _sn_x{{ loop.index }}__n, _sn_x{{ loop.index }}__q1, _sn_x{{ loop.index }}__q3,{% endfor %}
{%- for f in s.features %} _sn_x{{ loop.index }}__scale, _sn_x{{ loop.index }}__centre{{ ", " if not loop.last }}{% endfor %}
FROM {{ s.model }}), terms AS (SELECT source.*,
{%- for f in s.features %} merged_model._sn_x{{ loop.index }}__n, merged_model._sn_x{{ loop.index }}__scale,{% endfor %}
{%- if s.direction == 'both' %} {%- for f in s.features %} CASE WHEN merged_model._sn_x{{ loop.index }}__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN merged_model._sn_x{{ loop.index }}__scale > 0.0e0 AND GREATEST(source._sn_x{{ loop.index }} - merged_model._sn_x{{ loop.index }}__q3, merged_model._sn_x{{ loop.index }}__q1 - source._sn_x{{ loop.index }}) > 0.0e0 THEN GREATEST(source._sn_x{{ loop.index }} - merged_model._sn_x{{ loop.index }}__q3, merged_model._sn_x{{ loop.index }}__q1 - source._sn_x{{ loop.index }}) / NULLIF(merged_model._sn_x{{ loop.index }}__scale, 0.0e0) WHEN merged_model._sn_x{{ loop.index }}__scale > 0.0e0 AND GREATEST(source._sn_x{{ loop.index }} - merged_model._sn_x{{ loop.index }}__q3, merged_model._sn_x{{ loop.index }}__q1 - source._sn_x{{ loop.index }}) <= 0.0e0 THEN CAST(0.0e0 AS DOUBLE) WHEN source._sn_x{{ loop.index }} = merged_model._sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE) END END AS _sn_x{{ loop.index }}__term{{ ", " if not loop.last }}{% endfor %}{% elif s.direction == 'high' %} {%- for f in s.features %} CASE WHEN merged_model._sn_x{{ loop.index }}__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN merged_model._sn_x{{ loop.index }}__scale > 0.0e0 AND source._sn_x{{ loop.index }} - merged_model._sn_x{{ loop.index }}__q3 > 0.0e0 THEN (source._sn_x{{ loop.index }} - merged_model._sn_x{{ loop.index }}__q3) / NULLIF(merged_model._sn_x{{ loop.index }}__scale, 0.0e0) WHEN merged_model._sn_x{{ loop.index }}__scale > 0.0e0 AND source._sn_x{{ loop.index }} - merged_model._sn_x{{ loop.index }}__q3 <= 0.0e0 THEN CAST(0.0e0 AS DOUBLE) WHEN source._sn_x{{ loop.index }} = merged_model._sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE) END END AS _sn_x{{ loop.index }}__term{{ ", " if not loop.last }}{% endfor %}{% elif s.direction == 'low' %} {%- for f in s.features %} CASE WHEN merged_model._sn_x{{ loop.index }}__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN merged_model._sn_x{{ loop.index }}__scale > 0.0e0 AND merged_model._sn_x{{ loop.index }}__q1 - source._sn_x{{ loop.index }} > 0.0e0 THEN (merged_model._sn_x{{ loop.index }}__q1 - source._sn_x{{ loop.index }}) / NULLIF(merged_model._sn_x{{ loop.index }}__scale, 0.0e0) WHEN merged_model._sn_x{{ loop.index }}__scale > 0.0e0 AND merged_model._sn_x{{ loop.index }}__q1 - source._sn_x{{ loop.index }} <= 0.0e0 THEN CAST(0.0e0 AS DOUBLE) WHEN source._sn_x{{ loop.index }} = merged_model._sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE) END END AS _sn_x{{ loop.index }}__term{{ ", " if not loop.last }}{% endfor %}{% endif %}
FROM source
LEFT JOIN merged_model ON source._sn__key1 IS NOT DISTINCT FROM merged_model._sn__key1), scored AS (SELECT *, CASE WHEN
{%- for f in s.features %} NOT _sn_x{{ loop.index }}__term IS NULL{{ " AND " if not loop.last }}{% endfor %}
THEN GREATEST(
{%- for f in s.features %} _sn_x{{ loop.index }}__term{{ ", " if not loop.last }}{% endfor %}
) END AS _sn__score
FROM terms) SELECT * EXCLUDE (
{%- for f in s.features %} _sn_x{{ loop.index }}, _sn_x{{ loop.index }}__raw,{% endfor %}
_sn__key1,
{%- for f in s.features %} _sn_x{{ loop.index }}__n, _sn_x{{ loop.index }}__scale,{% endfor %}
{%- for f in s.features %} _sn_x{{ loop.index }}__term,{% endfor %}
_sn__score
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , _sn__cut_key, _sn__cut{% endif %}
), _sn__score AS anomaly_score, _sn__score >
{%- if s.rule == 'threshold' %} {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }} AS is_anomaly, CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE){% elif s.rule == 'contamination' %} CASE WHEN NOT _sn__cut IS NULL THEN _sn__cut + (CAST(1e-09 AS DOUBLE) * GREATEST(CAST(1.0e0 AS DOUBLE), ABS(_sn__cut))) END AS
is_anomaly, _sn__cut{% endif %}
AS anomaly_threshold, CASE WHEN _sn__score IS NULL THEN NULL
{%- for f in s.features %} WHEN _sn_x{{ loop.index }}__term >= _sn__score - (CAST(1e-09 AS DOUBLE) * GREATEST(CAST(1.0e0 AS DOUBLE), ABS(_sn__score))) THEN {{ f.literal }}{% endfor %}
END AS anomaly_reason, CASE WHEN
{%- for f in s.features %} _sn_x{{ loop.index }}__n IS NULL{{ " AND " if not loop.last }}{% endfor %}
THEN 'unseen_group' ELSE CASE WHEN
{%- for f in s.features %} _sn_x{{ loop.index }}__raw IS NULL{{ " OR " if not loop.last }}{% endfor %}
THEN 'missing_value' WHEN
{%- for f in s.features %} _sn_x{{ loop.index }} IS NULL{{ " OR " if not loop.last }}{% endfor %}
THEN 'out_of_range' WHEN
{%- for f in s.features %} COALESCE(_sn_x{{ loop.index }}__n, 0) < {{ sqlnomaly.whole(s.min_rows) }}{{ " OR " if not loop.last }}{% endfor %}
THEN 'too_few_rows' WHEN _sn__score IS NULL OR (
{%- for f in s.features %} _sn_x{{ loop.index }}__scale = 0.0e0{{ " AND " if not loop.last }}{% endfor %}
) THEN 'constant_baseline' ELSE 'ok' END END AS anomaly_status
FROM scored
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} LEFT JOIN {{ s.cuts }} ON _sn__cut_key IS NOT DISTINCT FROM _sn__key1{% endif %}
{%- endif -%}
{%- endmacro -%}

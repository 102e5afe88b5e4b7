{#- sqlnomaly 0.1.0: percentile for snowflake, generated; do not edit. -#}
{%- macro snowflake__sqlnomaly_percentile(s) -%}
{%- do sqlnomaly.only_options('percentile', s, ['lower', 'upper']) -%}
{%- if not s.order and s.features | length == 1 and (s.rule, s.direction) in [('contamination', 'both'), ('contamination', 'high'), ('contamination', 'low'), ('threshold', 'both'), ('threshold', 'high'), ('threshold', 'low')] -%}
WITH source AS (SELECT *, CASE WHEN ABS(CAST({{ s.features[0].value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ s.features[0].value }} AS
DOUBLE) END AS _sn_x1, CAST({{ s.features[0].value }} AS DOUBLE) AS _sn_x1__raw, {{ s.key }} AS _sn__key1, CASE WHEN {{ s.filter }} THEN
1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), fitted AS (SELECT _sn__key1, COUNT(1) AS _sn__rows
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), counted AS (SELECT source.*, fitted._sn__rows
FROM source
LEFT JOIN fitted ON source._sn__key1 IS NOT DISTINCT FROM fitted._sn__key1), quantiles AS (SELECT _sn__key1, COUNT(_sn_x1) AS _sn_x1__n,
PERCENTILE_CONT({{ sqlnomaly.real(s.lower) }}) WITHIN
GROUP(ORDER BY _sn_x1) AS _sn_x1__below, PERCENTILE_CONT(0.5e0) WITHIN
GROUP(ORDER BY _sn_x1) AS _sn_x1__centre, PERCENTILE_CONT({{ sqlnomaly.real(s.upper) }}) WITHIN
GROUP(ORDER BY _sn_x1) AS _sn_x1__above
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), widths AS (SELECT *, CASE WHEN _sn_x1__above - _sn_x1__below > 1e-150 THEN _sn_x1__above - _sn_x1__below ELSE CAST(0.0e0
AS DOUBLE) END AS _sn_x1__scale
FROM quantiles), model AS (SELECT *, CASE WHEN _sn_x1__above - _sn_x1__centre > 1e-150 THEN _sn_x1__above - _sn_x1__centre ELSE _sn_x1__scale
END AS _sn_x1__up, CASE WHEN _sn_x1__centre - _sn_x1__below > 1e-150 THEN _sn_x1__centre - _sn_x1__below ELSE _sn_x1__scale END AS _sn_x1__down
FROM widths), terms AS (SELECT counted.*, model._sn_x1__centre, model._sn_x1__down, model._sn_x1__n, model._sn_x1__scale, model._sn_x1__up,
CASE WHEN model._sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN NOT counted._sn_x1 IS NULL AND model._sn_x1__scale > 0.0e0
THEN
{%- if s.direction == 'both' %} GREATEST((counted._sn_x1 - model._sn_x1__centre) / NULLIF(model._sn_x1__up, 0.0e0), (model._sn_x1__centre - counted._sn_x1)
/ NULLIF(model._sn_x1__down, 0.0e0){% elif s.direction == 'high' %} (counted._sn_x1 - model._sn_x1__centre) / NULLIF(model._sn_x1__up, 0.0e0{% elif s.direction == 'low' %} (model._sn_x1__centre - counted._sn_x1) / NULLIF(model._sn_x1__down, 0.0e0{% endif %}
) WHEN counted._sn_x1 = model._sn_x1__centre THEN CAST(0.0e0 AS DOUBLE) END END AS _sn_x1__term, model._sn_x1__centre AS _sn_x1__expected
FROM counted
LEFT JOIN model ON counted._sn__key1 IS NOT DISTINCT FROM model._sn__key1), scored AS (SELECT *, _sn_x1__term AS _sn__score
FROM terms), ranked AS (SELECT *, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS
_sn__scores, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY CASE WHEN _sn__score
IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score, CAST(0.0e0 AS DOUBLE)) DESC) AS _sn__not_below
FROM scored)
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , cutoff AS (SELECT _sn__key1, PERCENTILE_CONT({{ sqlnomaly.real(1 - s.contamination) }}) WITHIN
GROUP(ORDER BY _sn__score) AS _sn__cutoff1
FROM ranked
WHERE _sn__fitted = 1
GROUP BY _sn__key1), limited AS (SELECT ranked.*, cutoff._sn__cutoff1
FROM ranked
LEFT JOIN cutoff ON ranked._sn__key1 IS NOT DISTINCT FROM cutoff._sn__key1){% endif %}
SELECT * EXCLUDE (_sn_x1, _sn_x1__raw, _sn__key1, _sn__fitted, _sn__rows, _sn_x1__centre, _sn_x1__down, _sn_x1__n, _sn_x1__scale, _sn_x1__up,
_sn_x1__term, _sn_x1__expected, _sn__score, _sn__scores, _sn__not_below
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , _sn__cutoff1{% endif %}
), _sn__score AS anomaly_score, CASE WHEN NOT _sn__score IS NULL AND _sn__fitted = 1 THEN CAST(1.0e0 AS DOUBLE) - (CAST(_sn__not_below
AS DOUBLE) / NULLIF(CAST(_sn__scores AS DOUBLE), 0.0e0)) WHEN NOT _sn__score IS NULL THEN CAST(1.0e0 AS DOUBLE) - ((CAST(_sn__not_below
AS DOUBLE) + CAST(1.0e0 AS DOUBLE)) / NULLIF(CAST(_sn__scores AS DOUBLE) + CAST(1.0e0 AS DOUBLE), 0.0e0)) END AS anomaly_probability,
_sn__score >
{%- if s.rule == 'threshold' %} {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }} AS is_anomaly, CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE){% elif s.rule == 'contamination' %} CASE WHEN NOT _sn__cutoff1 IS NULL THEN _sn__cutoff1 + (CAST(1e-09 AS DOUBLE) * GREATEST(CAST(1.0e0 AS DOUBLE), ABS(_sn__cutoff1)))
END AS is_anomaly, _sn__cutoff1{% endif %}
AS anomaly_threshold, CASE WHEN NOT _sn__score IS NULL THEN {{ s.features[0].literal }} END AS anomaly_reason, CASE WHEN COALESCE(_sn__rows,
0) = 0 THEN 'unseen_group' WHEN _sn_x1__raw IS NULL THEN 'missing_value' WHEN _sn_x1 IS NULL THEN 'out_of_range' WHEN COALESCE(_sn_x1__n,
0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'too_few_rows' WHEN _sn__score IS NULL OR _sn_x1__scale = 0.0e0 THEN 'constant_baseline' ELSE 'ok'
END AS anomaly_status, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x1__expected END AS anomaly_expected,
{%- if s.rule == 'threshold' and s.direction == 'both' %} CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre - CASE WHEN _sn_x1__scale
> 0.0e0 THEN CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE) * _sn_x1__down ELSE CAST(0.0e0 AS DOUBLE) END END AS anomaly_lower, CASE
WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre + CASE WHEN _sn_x1__scale
> 0.0e0 THEN CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE) * _sn_x1__up ELSE CAST(0.0e0 AS DOUBLE) END END AS anomaly_upper
FROM ranked{% elif s.rule == 'threshold' and s.direction == 'high' %} CAST(NULL AS DOUBLE) AS anomaly_lower, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >=
0.0e0 THEN _sn_x1__centre + CASE WHEN _sn_x1__scale > 0.0e0 THEN CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE) * _sn_x1__up ELSE CAST(0.0e0
AS DOUBLE) END END AS anomaly_upper
FROM ranked{% elif s.rule == 'threshold' and s.direction == 'low' %} CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre - CASE WHEN _sn_x1__scale
> 0.0e0 THEN CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE) * _sn_x1__down ELSE CAST(0.0e0 AS DOUBLE) END END AS anomaly_lower, CAST(NULL
AS DOUBLE) AS anomaly_upper
FROM ranked{% elif s.rule == 'contamination' and s.direction == 'both' %} CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND _sn__cutoff1 >= 0.0e0 THEN _sn_x1__centre - CASE WHEN _sn_x1__scale > 0.0e0 THEN
_sn__cutoff1 * _sn_x1__down ELSE CAST(0.0e0 AS DOUBLE) END END AS anomaly_lower, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }}
AND _sn__cutoff1 >= 0.0e0 THEN _sn_x1__centre + CASE WHEN _sn_x1__scale > 0.0e0 THEN _sn__cutoff1 * _sn_x1__up ELSE CAST(0.0e0 AS DOUBLE)
END END AS anomaly_upper
FROM limited{% elif s.rule == 'contamination' and s.direction == 'high' %} CAST(NULL AS DOUBLE) AS anomaly_lower, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND _sn__cutoff1 >= 0.0e0 THEN _sn_x1__centre
+ CASE WHEN _sn_x1__scale > 0.0e0 THEN _sn__cutoff1 * _sn_x1__up ELSE CAST(0.0e0 AS DOUBLE) END END AS anomaly_upper
FROM limited{% elif s.rule == 'contamination' and s.direction == 'low' %} CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND _sn__cutoff1 >= 0.0e0 THEN _sn_x1__centre - CASE WHEN _sn_x1__scale > 0.0e0 THEN
_sn__cutoff1 * _sn_x1__down ELSE CAST(0.0e0 AS DOUBLE) END END AS anomaly_lower, CAST(NULL AS DOUBLE) AS anomaly_upper
FROM limited{% endif %}
{%- elif not s.order and s.features | length > 1 and (s.rule, s.direction) in [('contamination', 'both'), ('contamination', 'high'), ('contamination', 'low'), ('threshold', 'both'), ('threshold', 'high'), ('threshold', 'low')] -%}
WITH source AS (SELECT *,
{%- for f in s.features %} CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END AS _sn_x{{ loop.index }}, CAST({{ f.value }} AS DOUBLE) AS _sn_x{{ loop.index }}__raw,{% endfor %}
{{ s.key }} AS _sn__key1, CASE WHEN {{ s.filter }} THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), fitted AS (SELECT _sn__key1, COUNT(1) AS _sn__rows
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), counted AS (SELECT source.*, fitted._sn__rows
FROM source
LEFT JOIN fitted ON source._sn__key1 IS NOT DISTINCT FROM fitted._sn__key1), quantiles AS (SELECT _sn__key1
{%- for f in s.features %} , COUNT(_sn_x{{ loop.index }}) AS _sn_x{{ loop.index }}__n, PERCENTILE_CONT({{ sqlnomaly.real(s.lower) }}) WITHIN GROUP(ORDER BY _sn_x{{ loop.index }}) AS _sn_x{{ loop.index }}__below, PERCENTILE_CONT(0.5e0) WITHIN GROUP(ORDER BY _sn_x{{ loop.index }}) AS _sn_x{{ loop.index }}__centre, PERCENTILE_CONT({{ sqlnomaly.real(s.upper) }}) WITHIN GROUP(ORDER BY _sn_x{{ loop.index }}) AS _sn_x{{ loop.index }}__above{% endfor %}
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), widths AS (SELECT *
{%- for f in s.features %} , CASE WHEN _sn_x{{ loop.index }}__above - _sn_x{{ loop.index }}__below > 1e-150 THEN _sn_x{{ loop.index }}__above - _sn_x{{ loop.index }}__below ELSE CAST(0.0e0 AS DOUBLE) END AS _sn_x{{ loop.index }}__scale{% endfor %}
FROM quantiles), model AS (SELECT *
{%- for f in s.features %} , CASE WHEN _sn_x{{ loop.index }}__above - _sn_x{{ loop.index }}__centre > 1e-150 THEN _sn_x{{ loop.index }}__above - _sn_x{{ loop.index }}__centre ELSE _sn_x{{ loop.index }}__scale END AS _sn_x{{ loop.index }}__up, CASE WHEN _sn_x{{ loop.index }}__centre - _sn_x{{ loop.index }}__below > 1e-150 THEN _sn_x{{ loop.index }}__centre - _sn_x{{ loop.index }}__below ELSE _sn_x{{ loop.index }}__scale END AS _sn_x{{ loop.index }}__down{% endfor %}
FROM widths), terms AS (SELECT counted.*,
{%- for f in s.features %} model._sn_x{{ loop.index }}__n, model._sn_x{{ loop.index }}__scale,{% endfor %}
{%- if s.direction == 'both' %} {%- for f in s.features %} CASE WHEN model._sn_x{{ loop.index }}__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN NOT counted._sn_x{{ loop.index }} IS NULL AND model._sn_x{{ loop.index }}__scale > 0.0e0 THEN GREATEST((counted._sn_x{{ loop.index }} - model._sn_x{{ loop.index }}__centre) / NULLIF(model._sn_x{{ loop.index }}__up, 0.0e0), (model._sn_x{{ loop.index }}__centre - counted._sn_x{{ loop.index }}) / NULLIF(model._sn_x{{ loop.index }}__down, 0.0e0)) WHEN counted._sn_x{{ loop.index }} = model._sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE) END END AS _sn_x{{ loop.index }}__term{{ ", " if not loop.last }}{% endfor %}{% elif s.direction == 'high' %} {%- for f in s.features %} CASE WHEN model._sn_x{{ loop.index }}__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN NOT counted._sn_x{{ loop.index }} IS NULL AND model._sn_x{{ loop.index }}__scale > 0.0e0 THEN (counted._sn_x{{ loop.index }} - model._sn_x{{ loop.index }}__centre) / NULLIF(model._sn_x{{ loop.index }}__up, 0.0e0) WHEN counted._sn_x{{ loop.index }} = model._sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE) END END AS _sn_x{{ loop.index }}__term{{ ", " if not loop.last }}{% endfor %}{% elif s.direction == 'low' %} {%- for f in s.features %} CASE WHEN model._sn_x{{ loop.index }}__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN NOT counted._sn_x{{ loop.index }} IS NULL AND model._sn_x{{ loop.index }}__scale > 0.0e0 THEN (model._sn_x{{ loop.index }}__centre - counted._sn_x{{ loop.index }}) / NULLIF(model._sn_x{{ loop.index }}__down, 0.0e0) WHEN counted._sn_x{{ loop.index }} = model._sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE) END END AS _sn_x{{ loop.index }}__term{{ ", " if not loop.last }}{% endfor %}{% endif %}
FROM counted
LEFT JOIN model ON counted._sn__key1 IS NOT DISTINCT FROM model._sn__key1), scored AS (SELECT *, CASE WHEN
{%- for f in s.features %} NOT _sn_x{{ loop.index }}__term IS NULL{{ " AND " if not loop.last }}{% endfor %}
THEN GREATEST(
{%- for f in s.features %} _sn_x{{ loop.index }}__term{{ ", " if not loop.last }}{% endfor %}
) END AS _sn__score
FROM terms), ranked AS (SELECT *, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS
_sn__scores, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY CASE WHEN _sn__score
IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score, CAST(0.0e0 AS DOUBLE)) DESC) AS _sn__not_below
FROM scored)
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , cutoff AS (SELECT _sn__key1, PERCENTILE_CONT({{ sqlnomaly.real(1 - s.contamination) }}) WITHIN
GROUP(ORDER BY _sn__score) AS _sn__cutoff1
FROM ranked
WHERE _sn__fitted = 1
GROUP BY _sn__key1), limited AS (SELECT ranked.*, cutoff._sn__cutoff1
FROM ranked
LEFT JOIN cutoff ON ranked._sn__key1 IS NOT DISTINCT FROM cutoff._sn__key1){% endif %}
SELECT * EXCLUDE (
{%- for f in s.features %} _sn_x{{ loop.index }}, _sn_x{{ loop.index }}__raw,{% endfor %}
_sn__key1, _sn__fitted, _sn__rows,
{%- for f in s.features %} _sn_x{{ loop.index }}__n, _sn_x{{ loop.index }}__scale,{% endfor %}
{%- for f in s.features %} _sn_x{{ loop.index }}__term,{% endfor %}
_sn__score, _sn__scores, _sn__not_below
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , _sn__cutoff1{% endif %}
), _sn__score AS anomaly_score, CASE WHEN NOT _sn__score IS NULL AND _sn__fitted = 1 THEN CAST(1.0e0 AS DOUBLE) - (CAST(_sn__not_below
AS DOUBLE) / NULLIF(CAST(_sn__scores AS DOUBLE), 0.0e0)) WHEN NOT _sn__score IS NULL THEN CAST(1.0e0 AS DOUBLE) - ((CAST(_sn__not_below
AS DOUBLE) + CAST(1.0e0 AS DOUBLE)) / NULLIF(CAST(_sn__scores AS DOUBLE) + CAST(1.0e0 AS DOUBLE), 0.0e0)) END AS anomaly_probability,
_sn__score >
{%- if s.rule == 'threshold' %} {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }} AS is_anomaly, CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE){% elif s.rule == 'contamination' %} CASE WHEN NOT _sn__cutoff1 IS NULL THEN _sn__cutoff1 + (CAST(1e-09 AS DOUBLE) * GREATEST(CAST(1.0e0 AS DOUBLE), ABS(_sn__cutoff1)))
END AS is_anomaly, _sn__cutoff1{% endif %}
AS anomaly_threshold, CASE WHEN _sn__score IS NULL THEN NULL
{%- for f in s.features %} WHEN _sn_x{{ loop.index }}__term >= _sn__score - (CAST(1e-09 AS DOUBLE) * GREATEST(CAST(1.0e0 AS DOUBLE), ABS(_sn__score))) THEN {{ f.literal }}{% endfor %}
END AS anomaly_reason, CASE WHEN COALESCE(_sn__rows, 0) = 0 THEN 'unseen_group' WHEN
{%- for f in s.features %} _sn_x{{ loop.index }}__raw IS NULL{{ " OR " if not loop.last }}{% endfor %}
THEN 'missing_value' WHEN
{%- for f in s.features %} _sn_x{{ loop.index }} IS NULL{{ " OR " if not loop.last }}{% endfor %}
THEN 'out_of_range' WHEN
{%- for f in s.features %} COALESCE(_sn_x{{ loop.index }}__n, 0) < {{ sqlnomaly.whole(s.min_rows) }}{{ " OR " if not loop.last }}{% endfor %}
THEN 'too_few_rows' WHEN _sn__score IS NULL OR (
{%- for f in s.features %} _sn_x{{ loop.index }}__scale = 0.0e0{{ " AND " if not loop.last }}{% endfor %}
) THEN 'constant_baseline' ELSE 'ok' END AS anomaly_status
FROM
{%- if s.rule == 'threshold' %} ranked{% elif s.rule == 'contamination' %} limited{% endif %}
{%- else -%}
{{ sqlnomaly.no_such_way('percentile', s, ['contamination, without order_by, 1 feature', 'contamination, without order_by, features', 'threshold, without order_by, 1 feature', 'threshold, without order_by, features']) }}
{%- endif -%}
{%- endmacro -%}

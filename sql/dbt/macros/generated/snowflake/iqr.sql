{#- sqlnomaly 0.1.0: iqr for snowflake, generated; do not edit. -#}
{%- macro snowflake__sqlnomaly_iqr(s) -%}
{%- do sqlnomaly.only_options('iqr', s, []) -%}
{%- if not s.order and s.features | length == 1 and (s.rule, s.direction) in [('contamination', 'both'), ('contamination', 'high'), ('contamination', 'low'), ('threshold', 'both'), ('threshold', 'high'), ('threshold', 'low')] -%}
WITH source AS (SELECT *, CASE WHEN ABS(CAST({{ s.features[0].value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ s.features[0].value }} AS
DOUBLE) END AS _sn_x1, CAST({{ s.features[0].value }} AS DOUBLE) AS _sn_x1__raw, {{ s.key }} AS _sn__key1, CASE WHEN {{ s.filter }} THEN
1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), fitted AS (SELECT _sn__key1, COUNT(1) AS _sn__rows
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), counted AS (SELECT source.*, fitted._sn__rows
FROM source
LEFT JOIN fitted ON source._sn__key1 IS NOT DISTINCT FROM fitted._sn__key1), quartiles AS (SELECT _sn__key1, COUNT(_sn_x1) AS _sn_x1__n,
PERCENTILE_CONT(0.25e0) WITHIN
GROUP(ORDER BY _sn_x1) AS _sn_x1__q1, PERCENTILE_CONT(0.75e0) WITHIN
GROUP(ORDER BY _sn_x1) AS _sn_x1__q3
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), model AS (SELECT *, CASE WHEN _sn_x1__q3 - _sn_x1__q1 > 1e-150 THEN _sn_x1__q3 - _sn_x1__q1 ELSE CAST(0.0e0 AS DOUBLE)
END AS _sn_x1__scale, _sn_x1__q1 + (CAST(0.5e0 AS DOUBLE) * (_sn_x1__q3 - _sn_x1__q1)) AS _sn_x1__centre
FROM quartiles), terms AS (SELECT counted.*, model._sn_x1__n, model._sn_x1__q1, model._sn_x1__q3, model._sn_x1__scale, CASE
WHEN model._sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN model._sn_x1__scale > 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(counted._sn_x1 - model._sn_x1__q3, model._sn_x1__q1 - counted._sn_x1) > 0.0e0 THEN GREATEST(counted._sn_x1 - model._sn_x1__q3,
model._sn_x1__q1 - counted._sn_x1{% elif s.direction == 'high' %} counted._sn_x1 - model._sn_x1__q3 > 0.0e0 THEN (counted._sn_x1 - model._sn_x1__q3{% elif s.direction == 'low' %} model._sn_x1__q1 - counted._sn_x1 > 0.0e0 THEN (model._sn_x1__q1 - counted._sn_x1{% endif %}
) / NULLIF(model._sn_x1__scale, 0.0e0) WHEN model._sn_x1__scale > 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(counted._sn_x1 - model._sn_x1__q3, model._sn_x1__q1 - counted._sn_x1){% elif s.direction == 'high' %} counted._sn_x1 - model._sn_x1__q3{% elif s.direction == 'low' %} model._sn_x1__q1 - counted._sn_x1{% endif %}
<= 0.0e0 THEN CAST(0.0e0 AS DOUBLE) WHEN counted._sn_x1 = model._sn_x1__centre THEN CAST(0.0e0 AS DOUBLE) END END AS _sn_x1__term,
model._sn_x1__centre AS _sn_x1__expected
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
SELECT * EXCLUDE (_sn_x1, _sn_x1__raw, _sn__key1, _sn__fitted, _sn__rows, _sn_x1__n, _sn_x1__q1, _sn_x1__q3, _sn_x1__scale, _sn_x1__term,
_sn_x1__expected, _sn__score, _sn__scores, _sn__not_below
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
{%- if s.rule == 'threshold' and s.direction == 'both' %} CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__q1 - (CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE) * _sn_x1__scale) END AS anomaly_lower, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }}
>= 0.0e0 THEN _sn_x1__q3 + (CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE) * _sn_x1__scale) END AS anomaly_upper
FROM ranked{% elif s.rule == 'threshold' and s.direction == 'high' %} CAST(NULL AS DOUBLE) AS anomaly_lower, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >=
0.0e0 THEN _sn_x1__q3 + (CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE) * _sn_x1__scale) END AS anomaly_upper
FROM ranked{% elif s.rule == 'threshold' and s.direction == 'low' %} CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__q1 - (CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE) * _sn_x1__scale) END AS anomaly_lower, CAST(NULL AS DOUBLE) AS anomaly_upper
FROM ranked{% elif s.rule == 'contamination' and s.direction == 'both' %} CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND _sn__cutoff1 >= 0.0e0 THEN _sn_x1__q1 - (_sn__cutoff1 * _sn_x1__scale) END AS
anomaly_lower, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND _sn__cutoff1 >= 0.0e0 THEN _sn_x1__q3 + (_sn__cutoff1 * _sn_x1__scale)
END AS anomaly_upper
FROM limited{% elif s.rule == 'contamination' and s.direction == 'high' %} CAST(NULL AS DOUBLE) AS anomaly_lower, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND _sn__cutoff1 >= 0.0e0 THEN _sn_x1__q3
+ (_sn__cutoff1 * _sn_x1__scale) END AS anomaly_upper
FROM limited{% elif s.rule == 'contamination' and s.direction == 'low' %} CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND _sn__cutoff1 >= 0.0e0 THEN _sn_x1__q1 - (_sn__cutoff1 * _sn_x1__scale) END AS
anomaly_lower, CAST(NULL AS DOUBLE) AS anomaly_upper
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
LEFT JOIN fitted ON source._sn__key1 IS NOT DISTINCT FROM fitted._sn__key1), quartiles AS (SELECT _sn__key1
{%- for f in s.features %} , COUNT(_sn_x{{ loop.index }}) AS _sn_x{{ loop.index }}__n, PERCENTILE_CONT(0.25e0) WITHIN GROUP(ORDER BY _sn_x{{ loop.index }}) AS _sn_x{{ loop.index }}__q1, PERCENTILE_CONT(0.75e0) WITHIN GROUP(ORDER BY _sn_x{{ loop.index }}) AS _sn_x{{ loop.index }}__q3{% endfor %}
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), model AS (SELECT *
{%- for f in s.features %} , CASE WHEN _sn_x{{ loop.index }}__q3 - _sn_x{{ loop.index }}__q1 > 1e-150 THEN _sn_x{{ loop.index }}__q3 - _sn_x{{ loop.index }}__q1 ELSE CAST(0.0e0 AS DOUBLE) END AS _sn_x{{ loop.index }}__scale, _sn_x{{ loop.index }}__q1 + (CAST(0.5e0 AS DOUBLE) * (_sn_x{{ loop.index }}__q3 - _sn_x{{ loop.index }}__q1)) AS _sn_x{{ loop.index }}__centre{% endfor %}
FROM quartiles), terms AS (SELECT counted.*,
{%- for f in s.features %} model._sn_x{{ loop.index }}__n, model._sn_x{{ loop.index }}__scale,{% endfor %}
{%- if s.direction == 'both' %} {%- for f in s.features %} CASE WHEN model._sn_x{{ loop.index }}__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN model._sn_x{{ loop.index }}__scale > 0.0e0 AND GREATEST(counted._sn_x{{ loop.index }} - model._sn_x{{ loop.index }}__q3, model._sn_x{{ loop.index }}__q1 - counted._sn_x{{ loop.index }}) > 0.0e0 THEN GREATEST(counted._sn_x{{ loop.index }} - model._sn_x{{ loop.index }}__q3, model._sn_x{{ loop.index }}__q1 - counted._sn_x{{ loop.index }}) / NULLIF(model._sn_x{{ loop.index }}__scale, 0.0e0) WHEN model._sn_x{{ loop.index }}__scale > 0.0e0 AND GREATEST(counted._sn_x{{ loop.index }} - model._sn_x{{ loop.index }}__q3, model._sn_x{{ loop.index }}__q1 - counted._sn_x{{ loop.index }}) <= 0.0e0 THEN CAST(0.0e0 AS DOUBLE) WHEN counted._sn_x{{ loop.index }} = model._sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE) END END AS _sn_x{{ loop.index }}__term{{ ", " if not loop.last }}{% endfor %}{% elif s.direction == 'high' %} {%- for f in s.features %} CASE WHEN model._sn_x{{ loop.index }}__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN model._sn_x{{ loop.index }}__scale > 0.0e0 AND counted._sn_x{{ loop.index }} - model._sn_x{{ loop.index }}__q3 > 0.0e0 THEN (counted._sn_x{{ loop.index }} - model._sn_x{{ loop.index }}__q3) / NULLIF(model._sn_x{{ loop.index }}__scale, 0.0e0) WHEN model._sn_x{{ loop.index }}__scale > 0.0e0 AND counted._sn_x{{ loop.index }} - model._sn_x{{ loop.index }}__q3 <= 0.0e0 THEN CAST(0.0e0 AS DOUBLE) WHEN counted._sn_x{{ loop.index }} = model._sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE) END END AS _sn_x{{ loop.index }}__term{{ ", " if not loop.last }}{% endfor %}{% elif s.direction == 'low' %} {%- for f in s.features %} CASE WHEN model._sn_x{{ loop.index }}__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN model._sn_x{{ loop.index }}__scale > 0.0e0 AND model._sn_x{{ loop.index }}__q1 - counted._sn_x{{ loop.index }} > 0.0e0 THEN (model._sn_x{{ loop.index }}__q1 - counted._sn_x{{ loop.index }}) / NULLIF(model._sn_x{{ loop.index }}__scale, 0.0e0) WHEN model._sn_x{{ loop.index }}__scale > 0.0e0 AND model._sn_x{{ loop.index }}__q1 - counted._sn_x{{ loop.index }} <= 0.0e0 THEN CAST(0.0e0 AS DOUBLE) WHEN counted._sn_x{{ loop.index }} = model._sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE) END END AS _sn_x{{ loop.index }}__term{{ ", " if not loop.last }}{% endfor %}{% endif %}
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
{%- elif s.order and s.features | length == 1 and (s.rule, s.direction) in [('threshold', 'both'), ('threshold', 'high'), ('threshold', 'low')] -%}
WITH source AS (SELECT *, CASE WHEN ABS(CAST({{ s.features[0].value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ s.features[0].value }} AS
DOUBLE) END AS _sn_x1, CAST({{ s.features[0].value }} AS DOUBLE) AS _sn_x1__raw, {{ s.key }} AS _sn__key1, {{ s.order }} AS _sn__order1,
CASE WHEN {{ s.filter }} AND NOT {{ s.order }} IS NULL THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), placed AS (SELECT *, CASE WHEN NOT _sn__order1 IS NULL THEN RANK() OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1
IS NULL THEN 1 ELSE 0 END ORDER BY _sn__order1 ASC) - 1 END AS _sn__place
FROM source), ages AS (SELECT _sn__key1, _sn__place, MIN(_sn__place) AS _sn__first
FROM placed
WHERE NOT _sn__place IS NULL
GROUP BY _sn__key1, _sn__place), history1 AS (SELECT ages._sn__key1, ages._sn__place, placed._sn_x1, placed._sn__fitted
FROM ages
INNER JOIN placed ON placed._sn__key1 IS NOT DISTINCT FROM ages._sn__key1
WHERE placed._sn__place < ages._sn__first), quartiles AS (SELECT _sn__key1, _sn__place, COUNT(_sn_x1) AS _sn_x1__n, PERCENTILE_CONT(0.25e0)
WITHIN
GROUP(ORDER BY _sn_x1) AS _sn_x1__q1, PERCENTILE_CONT(0.75e0) WITHIN
GROUP(ORDER BY _sn_x1) AS _sn_x1__q3
FROM history1
WHERE _sn__fitted = 1
GROUP BY _sn__key1, _sn__place), earlier AS (SELECT placed.*, quartiles._sn_x1__n, quartiles._sn_x1__q1, quartiles._sn_x1__q3
FROM placed
LEFT JOIN quartiles ON placed._sn__key1 IS NOT DISTINCT FROM quartiles._sn__key1 AND placed._sn__place IS NOT DISTINCT FROM quartiles._sn__place),
model AS (SELECT *, CASE WHEN _sn_x1__q3 - _sn_x1__q1 > 1e-150 THEN _sn_x1__q3 - _sn_x1__q1 ELSE CAST(0.0e0 AS DOUBLE) END AS _sn_x1__scale,
_sn_x1__q1 + (CAST(0.5e0 AS DOUBLE) * (_sn_x1__q3 - _sn_x1__q1)) AS _sn_x1__centre
FROM earlier), terms AS (SELECT *, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN _sn_x1__scale > 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(_sn_x1 - _sn_x1__q3, _sn_x1__q1 - _sn_x1) > 0.0e0 THEN GREATEST(_sn_x1 - _sn_x1__q3, _sn_x1__q1 - _sn_x1{% elif s.direction == 'high' %} _sn_x1 - _sn_x1__q3 > 0.0e0 THEN (_sn_x1 - _sn_x1__q3{% elif s.direction == 'low' %} _sn_x1__q1 - _sn_x1 > 0.0e0 THEN (_sn_x1__q1 - _sn_x1{% endif %}
) / NULLIF(_sn_x1__scale, 0.0e0) WHEN _sn_x1__scale > 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(_sn_x1 - _sn_x1__q3, _sn_x1__q1 - _sn_x1){% elif s.direction == 'high' %} _sn_x1 - _sn_x1__q3{% elif s.direction == 'low' %} _sn_x1__q1 - _sn_x1{% endif %}
<= 0.0e0 THEN CAST(0.0e0 AS DOUBLE) WHEN _sn_x1 = _sn_x1__centre THEN CAST(0.0e0 AS DOUBLE) END END AS _sn_x1__term, _sn_x1__centre AS
_sn_x1__expected
FROM model), scored AS (SELECT *, _sn_x1__term AS _sn__score
FROM terms) SELECT * EXCLUDE (_sn_x1, _sn_x1__raw, _sn__key1, _sn__order1, _sn__fitted, _sn__place, _sn_x1__n, _sn_x1__q1, _sn_x1__q3,
_sn_x1__scale, _sn_x1__centre, _sn_x1__term, _sn_x1__expected, _sn__score), _sn__score AS anomaly_score, _sn__score > {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }}
AS is_anomaly, CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE) AS anomaly_threshold, CASE WHEN NOT _sn__score IS NULL THEN {{ s.features[0].literal }}
END AS anomaly_reason, CASE WHEN _sn__order1 IS NULL OR _sn_x1__raw IS NULL THEN 'missing_value' WHEN _sn_x1 IS NULL THEN 'out_of_range' WHEN
COALESCE(_sn_x1__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'warm_up' WHEN _sn__score IS NULL OR _sn_x1__scale = 0.0e0 THEN 'constant_baseline'
ELSE 'ok' END AS anomaly_status, CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x1__expected
END AS anomaly_expected,
{%- if s.direction == 'both' %} CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__q1
- (CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE) * _sn_x1__scale) END AS anomaly_lower, CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n
>= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__q3 + (CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE) * _sn_x1__scale) END{% elif s.direction == 'high' %} CAST(NULL AS DOUBLE) AS anomaly_lower, CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }}
>= 0.0e0 THEN _sn_x1__q3 + (CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE) * _sn_x1__scale) END{% elif s.direction == 'low' %} CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__q1
- (CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE) * _sn_x1__scale) END AS anomaly_lower, CAST(NULL AS DOUBLE){% endif %}
AS anomaly_upper
FROM scored
{%- elif s.order and s.features | length > 1 and (s.rule, s.direction) in [('threshold', 'both'), ('threshold', 'high'), ('threshold', 'low')] -%}
WITH source AS (SELECT *,
{%- for f in s.features %} CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END AS _sn_x{{ loop.index }}, CAST({{ f.value }} AS DOUBLE) AS _sn_x{{ loop.index }}__raw,{% endfor %}
{{ s.key }} AS _sn__key1, {{ s.order }} AS _sn__order1, CASE WHEN {{ s.filter }} AND NOT {{ s.order }} IS NULL THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), placed AS (SELECT *, CASE WHEN NOT _sn__order1 IS NULL THEN RANK() OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1
IS NULL THEN 1 ELSE 0 END ORDER BY _sn__order1 ASC) - 1 END AS _sn__place
FROM source), ages AS (SELECT _sn__key1, _sn__place, MIN(_sn__place) AS _sn__first
FROM placed
WHERE NOT _sn__place IS NULL
GROUP BY _sn__key1, _sn__place), history1 AS (SELECT ages._sn__key1, ages._sn__place, placed.
{%- for f in s.features %} _sn_x{{ loop.index }}, placed.{% endfor %}
_sn__fitted
FROM ages
INNER JOIN placed ON placed._sn__key1 IS NOT DISTINCT FROM ages._sn__key1
WHERE placed._sn__place < ages._sn__first), quartiles AS (SELECT _sn__key1, _sn__place
{%- for f in s.features %} , COUNT(_sn_x{{ loop.index }}) AS _sn_x{{ loop.index }}__n, PERCENTILE_CONT(0.25e0) WITHIN GROUP(ORDER BY _sn_x{{ loop.index }}) AS _sn_x{{ loop.index }}__q1, PERCENTILE_CONT(0.75e0) WITHIN GROUP(ORDER BY _sn_x{{ loop.index }}) AS _sn_x{{ loop.index }}__q3{% endfor %}
FROM history1
WHERE _sn__fitted = 1
GROUP BY _sn__key1, _sn__place), earlier AS (SELECT placed.*
{%- for f in s.features %} , quartiles._sn_x{{ loop.index }}__n, quartiles._sn_x{{ loop.index }}__q1, quartiles._sn_x{{ loop.index }}__q3{% endfor %}
FROM placed
LEFT JOIN quartiles ON placed._sn__key1 IS NOT DISTINCT FROM quartiles._sn__key1 AND placed._sn__place IS NOT DISTINCT FROM quartiles._sn__place),
model AS (SELECT *
{%- for f in s.features %} , CASE WHEN _sn_x{{ loop.index }}__q3 - _sn_x{{ loop.index }}__q1 > 1e-150 THEN _sn_x{{ loop.index }}__q3 - _sn_x{{ loop.index }}__q1 ELSE CAST(0.0e0 AS DOUBLE) END AS _sn_x{{ loop.index }}__scale, _sn_x{{ loop.index }}__q1 + (CAST(0.5e0 AS DOUBLE) * (_sn_x{{ loop.index }}__q3 - _sn_x{{ loop.index }}__q1)) AS _sn_x{{ loop.index }}__centre{% endfor %}
FROM earlier), terms AS (SELECT *
{%- if s.direction == 'both' %} {%- for f in s.features %} , CASE WHEN _sn_x{{ loop.index }}__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN _sn_x{{ loop.index }}__scale > 0.0e0 AND GREATEST(_sn_x{{ loop.index }} - _sn_x{{ loop.index }}__q3, _sn_x{{ loop.index }}__q1 - _sn_x{{ loop.index }}) > 0.0e0 THEN GREATEST(_sn_x{{ loop.index }} - _sn_x{{ loop.index }}__q3, _sn_x{{ loop.index }}__q1 - _sn_x{{ loop.index }}) / NULLIF(_sn_x{{ loop.index }}__scale, 0.0e0) WHEN _sn_x{{ loop.index }}__scale > 0.0e0 AND GREATEST(_sn_x{{ loop.index }} - _sn_x{{ loop.index }}__q3, _sn_x{{ loop.index }}__q1 - _sn_x{{ loop.index }}) <= 0.0e0 THEN CAST(0.0e0 AS DOUBLE) WHEN _sn_x{{ loop.index }} = _sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE) END END AS _sn_x{{ loop.index }}__term{% endfor %}{% elif s.direction == 'high' %} {%- for f in s.features %} , CASE WHEN _sn_x{{ loop.index }}__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN _sn_x{{ loop.index }}__scale > 0.0e0 AND _sn_x{{ loop.index }} - _sn_x{{ loop.index }}__q3 > 0.0e0 THEN (_sn_x{{ loop.index }} - _sn_x{{ loop.index }}__q3) / NULLIF(_sn_x{{ loop.index }}__scale, 0.0e0) WHEN _sn_x{{ loop.index }}__scale > 0.0e0 AND _sn_x{{ loop.index }} - _sn_x{{ loop.index }}__q3 <= 0.0e0 THEN CAST(0.0e0 AS DOUBLE) WHEN _sn_x{{ loop.index }} = _sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE) END END AS _sn_x{{ loop.index }}__term{% endfor %}{% elif s.direction == 'low' %} {%- for f in s.features %} , CASE WHEN _sn_x{{ loop.index }}__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN _sn_x{{ loop.index }}__scale > 0.0e0 AND _sn_x{{ loop.index }}__q1 - _sn_x{{ loop.index }} > 0.0e0 THEN (_sn_x{{ loop.index }}__q1 - _sn_x{{ loop.index }}) / NULLIF(_sn_x{{ loop.index }}__scale, 0.0e0) WHEN _sn_x{{ loop.index }}__scale > 0.0e0 AND _sn_x{{ loop.index }}__q1 - _sn_x{{ loop.index }} <= 0.0e0 THEN CAST(0.0e0 AS DOUBLE) WHEN _sn_x{{ loop.index }} = _sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE) END END AS _sn_x{{ loop.index }}__term{% endfor %}{% endif %}
FROM model), scored AS (SELECT *, CASE WHEN
{%- for f in s.features %} NOT _sn_x{{ loop.index }}__term IS NULL{{ " AND " if not loop.last }}{% endfor %}
THEN GREATEST(
{%- for f in s.features %} _sn_x{{ loop.index }}__term{{ ", " if not loop.last }}{% endfor %}
) END AS _sn__score
FROM terms) SELECT * EXCLUDE (
{%- for f in s.features %} _sn_x{{ loop.index }}, _sn_x{{ loop.index }}__raw,{% endfor %}
_sn__key1, _sn__order1, _sn__fitted, _sn__place,
{%- for f in s.features %} _sn_x{{ loop.index }}__n, _sn_x{{ loop.index }}__q1, _sn_x{{ loop.index }}__q3,{% endfor %}
{%- for f in s.features %} _sn_x{{ loop.index }}__scale, _sn_x{{ loop.index }}__centre,{% endfor %}
{%- for f in s.features %} _sn_x{{ loop.index }}__term,{% endfor %}
_sn__score), _sn__score AS anomaly_score, _sn__score > {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }} AS is_anomaly,
CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE) AS anomaly_threshold, CASE WHEN _sn__score IS NULL THEN NULL
{%- for f in s.features %} WHEN _sn_x{{ loop.index }}__term >= _sn__score - (CAST(1e-09 AS DOUBLE) * GREATEST(CAST(1.0e0 AS DOUBLE), ABS(_sn__score))) THEN {{ f.literal }}{% endfor %}
END AS anomaly_reason, CASE WHEN _sn__order1 IS NULL
{%- for f in s.features %} OR _sn_x{{ loop.index }}__raw IS NULL{% endfor %}
THEN 'missing_value' WHEN
{%- for f in s.features %} _sn_x{{ loop.index }} IS NULL{{ " OR " if not loop.last }}{% endfor %}
THEN 'out_of_range' WHEN
{%- for f in s.features %} COALESCE(_sn_x{{ loop.index }}__n, 0) < {{ sqlnomaly.whole(s.min_rows) }}{{ " OR " if not loop.last }}{% endfor %}
THEN 'warm_up' WHEN _sn__score IS NULL OR (
{%- for f in s.features %} _sn_x{{ loop.index }}__scale = 0.0e0{{ " AND " if not loop.last }}{% endfor %}
) THEN 'constant_baseline' ELSE 'ok' END AS anomaly_status
FROM scored
{%- else -%}
{{ sqlnomaly.no_such_way('iqr', s, ['contamination, without order_by, 1 feature', 'contamination, without order_by, features', 'threshold, with order_by, 1 feature', 'threshold, with order_by, features', 'threshold, without order_by, 1 feature', 'threshold, without order_by, features']) }}
{%- endif -%}
{%- endmacro -%}

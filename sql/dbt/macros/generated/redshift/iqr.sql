{#- sqlnomaly 0.1.0: iqr for redshift, generated; do not edit. -#}
{%- macro redshift__sqlnomaly_iqr(s) -%}
{%- do sqlnomaly.only_options('iqr', s, []) -%}
{%- if not s.order and s.features | length == 1 and (s.rule, s.direction) in [('contamination', 'both'), ('contamination', 'high'), ('contamination', 'low'), ('threshold', 'both'), ('threshold', 'high'), ('threshold', 'low')] -%}
WITH source AS (SELECT {{ s.columns }}, CASE WHEN ABS({{ s.features[0].value }}) <= 1e+150 THEN {{ s.features[0].value }} END AS _sn_x1,
{{ s.features[0].value }} AS _sn_x1__raw, {{ s.key }} AS _sn__key1, CASE WHEN {{ s.filter }} THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), fitted AS (SELECT _sn__key1, COUNT(1) AS _sn__rows
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), counted AS (SELECT source.*, fitted._sn__rows
FROM source
LEFT JOIN fitted ON (source._sn__key1 = fitted._sn__key1 OR (source._sn__key1 IS NULL AND fitted._sn__key1 IS NULL))), quartiles
AS (SELECT _sn__key1, COUNT(_sn_x1) AS _sn_x1__n, PERCENTILE_CONT(0.25e0) WITHIN
GROUP(ORDER BY _sn_x1) AS _sn_x1__q1, PERCENTILE_CONT(0.75e0) WITHIN
GROUP(ORDER BY _sn_x1) AS _sn_x1__q3
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), model AS (SELECT *, CASE WHEN _sn_x1__q3 - _sn_x1__q1 > 1e-150 THEN _sn_x1__q3 - _sn_x1__q1 ELSE CAST(0.0e0 AS DOUBLE
PRECISION) END AS _sn_x1__scale, _sn_x1__q1 + (CAST(0.5e0 AS DOUBLE PRECISION) * (_sn_x1__q3 - _sn_x1__q1)) AS _sn_x1__centre
FROM quartiles), terms AS (SELECT counted.*, model._sn_x1__n, model._sn_x1__q1, model._sn_x1__q3, model._sn_x1__scale, CASE
WHEN model._sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN model._sn_x1__scale > 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(counted._sn_x1 - model._sn_x1__q3, model._sn_x1__q1 - counted._sn_x1) > 0.0e0 THEN CAST(GREATEST(counted._sn_x1 -
model._sn_x1__q3, model._sn_x1__q1 - counted._sn_x1{% elif s.direction == 'high' %} counted._sn_x1 - model._sn_x1__q3 > 0.0e0 THEN CAST((counted._sn_x1 - model._sn_x1__q3{% elif s.direction == 'low' %} model._sn_x1__q1 - counted._sn_x1 > 0.0e0 THEN CAST((model._sn_x1__q1 - counted._sn_x1{% endif %}
) AS DOUBLE PRECISION) / NULLIF(model._sn_x1__scale, 0.0e0) WHEN model._sn_x1__scale > 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(counted._sn_x1 - model._sn_x1__q3, model._sn_x1__q1 - counted._sn_x1){% elif s.direction == 'high' %} counted._sn_x1 - model._sn_x1__q3{% elif s.direction == 'low' %} model._sn_x1__q1 - counted._sn_x1{% endif %}
<= 0.0e0 THEN CAST(0.0e0 AS DOUBLE PRECISION) WHEN counted._sn_x1 = model._sn_x1__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END END
AS _sn_x1__term, model._sn_x1__centre AS _sn_x1__expected
FROM counted
LEFT JOIN model ON (counted._sn__key1 = model._sn__key1 OR (counted._sn__key1 IS NULL AND model._sn__key1 IS NULL))), scored AS (SELECT
*, _sn_x1__term AS _sn__score
FROM terms), ranked_running AS (SELECT *, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1
ORDER BY CASE WHEN _sn__score IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score, CAST(0.0e0 AS DOUBLE PRECISION)) DESC ROWS BETWEEN UNBOUNDED
PRECEDING AND CURRENT ROW) AS _sn__not_below_running1
FROM scored), ranked AS (SELECT *, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS
_sn__scores, MAX(_sn__not_below_running1) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__score IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score,
CAST(0.0e0 AS DOUBLE PRECISION))) AS _sn__not_below
FROM ranked_running)
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , cutoff AS (SELECT _sn__key1, PERCENTILE_CONT({{ sqlnomaly.real(1 - s.contamination) }}) WITHIN
GROUP(ORDER BY _sn__score) AS _sn__cutoff1
FROM ranked
WHERE _sn__fitted = 1
GROUP BY _sn__key1), limited AS (SELECT ranked.*, cutoff._sn__cutoff1
FROM ranked
LEFT JOIN cutoff ON (ranked._sn__key1 = cutoff._sn__key1 OR (ranked._sn__key1 IS NULL AND cutoff._sn__key1 IS NULL))){% endif %}
SELECT {{ s.columns }}, _sn__score AS anomaly_score, CASE WHEN NOT _sn__score IS NULL AND _sn__fitted = 1 THEN CAST(1.0e0 AS DOUBLE PRECISION)
- (CAST(_sn__not_below AS DOUBLE PRECISION) / NULLIF(CAST(_sn__scores AS DOUBLE PRECISION), 0.0e0)) WHEN NOT _sn__score IS NULL THEN
CAST(1.0e0 AS DOUBLE PRECISION) - (CAST((CAST(_sn__not_below AS DOUBLE PRECISION) + CAST(1.0e0 AS DOUBLE PRECISION)) AS DOUBLE
PRECISION) / NULLIF(CAST(_sn__scores AS DOUBLE PRECISION) + CAST(1.0e0 AS DOUBLE PRECISION), 0.0e0)) END AS anomaly_probability,
_sn__score >
{%- if s.rule == 'threshold' %} {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }} AS is_anomaly, CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE
PRECISION){% elif s.rule == 'contamination' %} CASE WHEN NOT _sn__cutoff1 IS NULL THEN _sn__cutoff1 + (CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION),
ABS(_sn__cutoff1))) END AS is_anomaly, _sn__cutoff1{% endif %}
AS anomaly_threshold, CASE WHEN NOT _sn__score IS NULL THEN {{ s.features[0].literal }} END AS anomaly_reason, CASE WHEN COALESCE(_sn__rows,
0) = 0 THEN 'unseen_group' WHEN _sn_x1__raw IS NULL THEN 'missing_value' WHEN _sn_x1 IS NULL THEN 'out_of_range' WHEN COALESCE(_sn_x1__n,
0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'too_few_rows' WHEN _sn__score IS NULL OR _sn_x1__scale = 0.0e0 THEN 'constant_baseline' ELSE 'ok'
END AS anomaly_status, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x1__expected END AS anomaly_expected,
{%- if s.rule == 'threshold' and s.direction == 'both' %} CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__q1 - (CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) * _sn_x1__scale) END AS anomaly_lower, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }}
>= 0.0e0 THEN _sn_x1__q3 + (CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) * _sn_x1__scale) END AS anomaly_upper
FROM ranked{% elif s.rule == 'threshold' and s.direction == 'high' %} CAST(NULL AS DOUBLE PRECISION) AS anomaly_lower, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }}
>= 0.0e0 THEN _sn_x1__q3 + (CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) * _sn_x1__scale) END AS anomaly_upper
FROM ranked{% elif s.rule == 'threshold' and s.direction == 'low' %} CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__q1 - (CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) * _sn_x1__scale) END AS anomaly_lower, CAST(NULL AS DOUBLE PRECISION) AS anomaly_upper
FROM ranked{% elif s.rule == 'contamination' and s.direction == 'both' %} CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND _sn__cutoff1 >= 0.0e0 THEN _sn_x1__q1 - (_sn__cutoff1 * _sn_x1__scale) END AS
anomaly_lower, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND _sn__cutoff1 >= 0.0e0 THEN _sn_x1__q3 + (_sn__cutoff1 * _sn_x1__scale)
END AS anomaly_upper
FROM limited{% elif s.rule == 'contamination' and s.direction == 'high' %} CAST(NULL AS DOUBLE PRECISION) AS anomaly_lower, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND _sn__cutoff1 >= 0.0e0 THEN
_sn_x1__q3 + (_sn__cutoff1 * _sn_x1__scale) END AS anomaly_upper
FROM limited{% elif s.rule == 'contamination' and s.direction == 'low' %} CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND _sn__cutoff1 >= 0.0e0 THEN _sn_x1__q1 - (_sn__cutoff1 * _sn_x1__scale) END AS
anomaly_lower, CAST(NULL AS DOUBLE PRECISION) AS anomaly_upper
FROM limited{% endif %}
{%- elif not s.order and s.features | length == 2 and (s.rule, s.direction) in [('contamination', 'both'), ('contamination', 'high'), ('contamination', 'low'), ('threshold', 'both'), ('threshold', 'high'), ('threshold', 'low')] -%}
WITH source AS (SELECT {{ s.columns }}, CASE WHEN ABS({{ s.features[0].value }}) <= 1e+150 THEN {{ s.features[0].value }} END AS _sn_x1,
{{ s.features[0].value }} AS _sn_x1__raw, CASE WHEN ABS({{ s.features[1].value }}) <= 1e+150 THEN {{ s.features[1].value }} END AS _sn_x2,
{{ s.features[1].value }} AS _sn_x2__raw, {{ s.key }} AS _sn__key1, CASE WHEN {{ s.filter }} THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), fitted AS (SELECT _sn__key1, COUNT(1) AS _sn__rows
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), counted AS (SELECT source.*, fitted._sn__rows
FROM source
LEFT JOIN fitted ON (source._sn__key1 = fitted._sn__key1 OR (source._sn__key1 IS NULL AND fitted._sn__key1 IS NULL))), quartiles
AS (SELECT _sn__key1, COUNT(_sn_x1) AS _sn_x1__n, COUNT(_sn_x2) AS _sn_x2__n, PERCENTILE_CONT(0.25e0) WITHIN
GROUP(ORDER BY _sn_x1) AS _sn_x1__q1, PERCENTILE_CONT(0.75e0) WITHIN
GROUP(ORDER BY _sn_x1) AS _sn_x1__q3
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), quartiles_2 AS (SELECT _sn__key1, PERCENTILE_CONT(0.25e0) WITHIN
GROUP(ORDER BY _sn_x2) AS _sn_x2__q1, PERCENTILE_CONT(0.75e0) WITHIN
GROUP(ORDER BY _sn_x2) AS _sn_x2__q3
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), quartiles_to_2 AS (SELECT quartiles.*, quartiles_2._sn_x2__q1, quartiles_2._sn_x2__q3
FROM quartiles
LEFT JOIN quartiles_2 ON (quartiles._sn__key1 = quartiles_2._sn__key1 OR (quartiles._sn__key1 IS NULL AND quartiles_2._sn__key1 IS
NULL))), model AS (SELECT *, CASE WHEN _sn_x1__q3 - _sn_x1__q1 > 1e-150 THEN _sn_x1__q3 - _sn_x1__q1 ELSE CAST(0.0e0 AS DOUBLE PRECISION)
END AS _sn_x1__scale, _sn_x1__q1 + (CAST(0.5e0 AS DOUBLE PRECISION) * (_sn_x1__q3 - _sn_x1__q1)) AS _sn_x1__centre, CASE WHEN _sn_x2__q3
- _sn_x2__q1 > 1e-150 THEN _sn_x2__q3 - _sn_x2__q1 ELSE CAST(0.0e0 AS DOUBLE PRECISION) END AS _sn_x2__scale, _sn_x2__q1 + (CAST(0.5e0
AS DOUBLE PRECISION) * (_sn_x2__q3 - _sn_x2__q1)) AS _sn_x2__centre
FROM quartiles_to_2), terms AS (SELECT counted.*, model._sn_x1__n, model._sn_x1__scale, model._sn_x2__n, model._sn_x2__scale,
CASE WHEN model._sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN model._sn_x1__scale > 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(counted._sn_x1 - model._sn_x1__q3, model._sn_x1__q1 - counted._sn_x1) > 0.0e0 THEN CAST(GREATEST(counted._sn_x1 -
model._sn_x1__q3, model._sn_x1__q1 - counted._sn_x1{% elif s.direction == 'high' %} counted._sn_x1 - model._sn_x1__q3 > 0.0e0 THEN CAST((counted._sn_x1 - model._sn_x1__q3{% elif s.direction == 'low' %} model._sn_x1__q1 - counted._sn_x1 > 0.0e0 THEN CAST((model._sn_x1__q1 - counted._sn_x1{% endif %}
) AS DOUBLE PRECISION) / NULLIF(model._sn_x1__scale, 0.0e0) WHEN model._sn_x1__scale > 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(counted._sn_x1 - model._sn_x1__q3, model._sn_x1__q1 - counted._sn_x1){% elif s.direction == 'high' %} counted._sn_x1 - model._sn_x1__q3{% elif s.direction == 'low' %} model._sn_x1__q1 - counted._sn_x1{% endif %}
<= 0.0e0 THEN CAST(0.0e0 AS DOUBLE PRECISION) WHEN counted._sn_x1 = model._sn_x1__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END END
AS _sn_x1__term, CASE WHEN model._sn_x2__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN model._sn_x2__scale > 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(counted._sn_x2 - model._sn_x2__q3, model._sn_x2__q1 - counted._sn_x2) > 0.0e0 THEN CAST(GREATEST(counted._sn_x2 -
model._sn_x2__q3, model._sn_x2__q1 - counted._sn_x2{% elif s.direction == 'high' %} counted._sn_x2 - model._sn_x2__q3 > 0.0e0 THEN CAST((counted._sn_x2 - model._sn_x2__q3{% elif s.direction == 'low' %} model._sn_x2__q1 - counted._sn_x2 > 0.0e0 THEN CAST((model._sn_x2__q1 - counted._sn_x2{% endif %}
) AS DOUBLE PRECISION) / NULLIF(model._sn_x2__scale, 0.0e0) WHEN model._sn_x2__scale > 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(counted._sn_x2 - model._sn_x2__q3, model._sn_x2__q1 - counted._sn_x2){% elif s.direction == 'high' %} counted._sn_x2 - model._sn_x2__q3{% elif s.direction == 'low' %} model._sn_x2__q1 - counted._sn_x2{% endif %}
<= 0.0e0 THEN CAST(0.0e0 AS DOUBLE PRECISION) WHEN counted._sn_x2 = model._sn_x2__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END END
AS _sn_x2__term
FROM counted
LEFT JOIN model ON (counted._sn__key1 = model._sn__key1 OR (counted._sn__key1 IS NULL AND model._sn__key1 IS NULL))), scored AS (SELECT
*, CASE WHEN NOT _sn_x1__term IS NULL AND NOT _sn_x2__term IS NULL THEN GREATEST(_sn_x1__term, _sn_x2__term) END AS _sn__score
FROM terms), ranked_running AS (SELECT *, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1
ORDER BY CASE WHEN _sn__score IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score, CAST(0.0e0 AS DOUBLE PRECISION)) DESC ROWS BETWEEN UNBOUNDED
PRECEDING AND CURRENT ROW) AS _sn__not_below_running1
FROM scored), ranked AS (SELECT *, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS
_sn__scores, MAX(_sn__not_below_running1) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__score IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score,
CAST(0.0e0 AS DOUBLE PRECISION))) AS _sn__not_below
FROM ranked_running)
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , cutoff AS (SELECT _sn__key1, PERCENTILE_CONT({{ sqlnomaly.real(1 - s.contamination) }}) WITHIN
GROUP(ORDER BY _sn__score) AS _sn__cutoff1
FROM ranked
WHERE _sn__fitted = 1
GROUP BY _sn__key1), limited AS (SELECT ranked.*, cutoff._sn__cutoff1
FROM ranked
LEFT JOIN cutoff ON (ranked._sn__key1 = cutoff._sn__key1 OR (ranked._sn__key1 IS NULL AND cutoff._sn__key1 IS NULL))){% endif %}
SELECT {{ s.columns }}, _sn__score AS anomaly_score, CASE WHEN NOT _sn__score IS NULL AND _sn__fitted = 1 THEN CAST(1.0e0 AS DOUBLE PRECISION)
- (CAST(_sn__not_below AS DOUBLE PRECISION) / NULLIF(CAST(_sn__scores AS DOUBLE PRECISION), 0.0e0)) WHEN NOT _sn__score IS NULL THEN
CAST(1.0e0 AS DOUBLE PRECISION) - (CAST((CAST(_sn__not_below AS DOUBLE PRECISION) + CAST(1.0e0 AS DOUBLE PRECISION)) AS DOUBLE
PRECISION) / NULLIF(CAST(_sn__scores AS DOUBLE PRECISION) + CAST(1.0e0 AS DOUBLE PRECISION), 0.0e0)) END AS anomaly_probability,
_sn__score >
{%- if s.rule == 'threshold' %} {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }} AS is_anomaly, CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE
PRECISION){% elif s.rule == 'contamination' %} CASE WHEN NOT _sn__cutoff1 IS NULL THEN _sn__cutoff1 + (CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION),
ABS(_sn__cutoff1))) END AS is_anomaly, _sn__cutoff1{% endif %}
AS anomaly_threshold, CASE WHEN _sn__score IS NULL THEN NULL WHEN _sn_x1__term >= _sn__score - (CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0
AS DOUBLE PRECISION), ABS(_sn__score))) THEN {{ s.features[0].literal }} WHEN _sn_x2__term >= _sn__score - (CAST(1e-09 AS DOUBLE PRECISION)
* GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(_sn__score))) THEN {{ s.features[1].literal }} END AS anomaly_reason, CASE WHEN COALESCE(_sn__rows,
0) = 0 THEN 'unseen_group' WHEN _sn_x1__raw IS NULL OR _sn_x2__raw IS NULL THEN 'missing_value' WHEN _sn_x1 IS NULL OR _sn_x2 IS NULL THEN 'out_of_range'
WHEN COALESCE(_sn_x1__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} OR COALESCE(_sn_x2__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'too_few_rows'
WHEN _sn__score IS NULL OR (_sn_x1__scale = 0.0e0 AND _sn_x2__scale = 0.0e0) THEN 'constant_baseline' ELSE 'ok' END AS anomaly_status
FROM
{%- if s.rule == 'threshold' %} ranked{% elif s.rule == 'contamination' %} limited{% endif %}
{%- elif not s.order and s.features | length == 3 and (s.rule, s.direction) in [('contamination', 'both'), ('contamination', 'high'), ('contamination', 'low'), ('threshold', 'both'), ('threshold', 'high'), ('threshold', 'low')] -%}
WITH source AS (SELECT {{ s.columns }}, CASE WHEN ABS({{ s.features[0].value }}) <= 1e+150 THEN {{ s.features[0].value }} END AS _sn_x1,
{{ s.features[0].value }} AS _sn_x1__raw, CASE WHEN ABS({{ s.features[1].value }}) <= 1e+150 THEN {{ s.features[1].value }} END AS _sn_x2,
{{ s.features[1].value }} AS _sn_x2__raw, CASE WHEN ABS({{ s.features[2].value }}) <= 1e+150 THEN {{ s.features[2].value }} END AS _sn_x3,
{{ s.features[2].value }} AS _sn_x3__raw, {{ s.key }} AS _sn__key1, CASE WHEN {{ s.filter }} THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), fitted AS (SELECT _sn__key1, COUNT(1) AS _sn__rows
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), counted AS (SELECT source.*, fitted._sn__rows
FROM source
LEFT JOIN fitted ON (source._sn__key1 = fitted._sn__key1 OR (source._sn__key1 IS NULL AND fitted._sn__key1 IS NULL))), quartiles
AS (SELECT _sn__key1, COUNT(_sn_x1) AS _sn_x1__n, COUNT(_sn_x2) AS _sn_x2__n, COUNT(_sn_x3) AS _sn_x3__n, PERCENTILE_CONT(0.25e0)
WITHIN
GROUP(ORDER BY _sn_x1) AS _sn_x1__q1, PERCENTILE_CONT(0.75e0) WITHIN
GROUP(ORDER BY _sn_x1) AS _sn_x1__q3
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), quartiles_2 AS (SELECT _sn__key1, PERCENTILE_CONT(0.25e0) WITHIN
GROUP(ORDER BY _sn_x2) AS _sn_x2__q1, PERCENTILE_CONT(0.75e0) WITHIN
GROUP(ORDER BY _sn_x2) AS _sn_x2__q3
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), quartiles_to_2 AS (SELECT quartiles.*, quartiles_2._sn_x2__q1, quartiles_2._sn_x2__q3
FROM quartiles
LEFT JOIN quartiles_2 ON (quartiles._sn__key1 = quartiles_2._sn__key1 OR (quartiles._sn__key1 IS NULL AND quartiles_2._sn__key1 IS
NULL))), quartiles_3 AS (SELECT _sn__key1, PERCENTILE_CONT(0.25e0) WITHIN
GROUP(ORDER BY _sn_x3) AS _sn_x3__q1, PERCENTILE_CONT(0.75e0) WITHIN
GROUP(ORDER BY _sn_x3) AS _sn_x3__q3
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), quartiles_to_3 AS (SELECT quartiles_to_2.*, quartiles_3._sn_x3__q1, quartiles_3._sn_x3__q3
FROM quartiles_to_2
LEFT JOIN quartiles_3 ON (quartiles_to_2._sn__key1 = quartiles_3._sn__key1 OR (quartiles_to_2._sn__key1 IS NULL AND quartiles_3._sn__key1
IS NULL))), model AS (SELECT *, CASE WHEN _sn_x1__q3 - _sn_x1__q1 > 1e-150 THEN _sn_x1__q3 - _sn_x1__q1 ELSE CAST(0.0e0 AS DOUBLE PRECISION)
END AS _sn_x1__scale, _sn_x1__q1 + (CAST(0.5e0 AS DOUBLE PRECISION) * (_sn_x1__q3 - _sn_x1__q1)) AS _sn_x1__centre, CASE WHEN _sn_x2__q3
- _sn_x2__q1 > 1e-150 THEN _sn_x2__q3 - _sn_x2__q1 ELSE CAST(0.0e0 AS DOUBLE PRECISION) END AS _sn_x2__scale, _sn_x2__q1 + (CAST(0.5e0
AS DOUBLE PRECISION) * (_sn_x2__q3 - _sn_x2__q1)) AS _sn_x2__centre, CASE WHEN _sn_x3__q3 - _sn_x3__q1 > 1e-150 THEN _sn_x3__q3 - _sn_x3__q1
ELSE CAST(0.0e0 AS DOUBLE PRECISION) END AS _sn_x3__scale, _sn_x3__q1 + (CAST(0.5e0 AS DOUBLE PRECISION) * (_sn_x3__q3 - _sn_x3__q1))
AS _sn_x3__centre
FROM quartiles_to_3), terms AS (SELECT counted.*, model._sn_x1__n, model._sn_x1__scale, model._sn_x2__n, model._sn_x2__scale,
model._sn_x3__n, model._sn_x3__scale, CASE WHEN model._sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN model._sn_x1__scale
> 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(counted._sn_x1 - model._sn_x1__q3, model._sn_x1__q1 - counted._sn_x1) > 0.0e0 THEN CAST(GREATEST(counted._sn_x1 -
model._sn_x1__q3, model._sn_x1__q1 - counted._sn_x1{% elif s.direction == 'high' %} counted._sn_x1 - model._sn_x1__q3 > 0.0e0 THEN CAST((counted._sn_x1 - model._sn_x1__q3{% elif s.direction == 'low' %} model._sn_x1__q1 - counted._sn_x1 > 0.0e0 THEN CAST((model._sn_x1__q1 - counted._sn_x1{% endif %}
) AS DOUBLE PRECISION) / NULLIF(model._sn_x1__scale, 0.0e0) WHEN model._sn_x1__scale > 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(counted._sn_x1 - model._sn_x1__q3, model._sn_x1__q1 - counted._sn_x1){% elif s.direction == 'high' %} counted._sn_x1 - model._sn_x1__q3{% elif s.direction == 'low' %} model._sn_x1__q1 - counted._sn_x1{% endif %}
<= 0.0e0 THEN CAST(0.0e0 AS DOUBLE PRECISION) WHEN counted._sn_x1 = model._sn_x1__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END END
AS _sn_x1__term, CASE WHEN model._sn_x2__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN model._sn_x2__scale > 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(counted._sn_x2 - model._sn_x2__q3, model._sn_x2__q1 - counted._sn_x2) > 0.0e0 THEN CAST(GREATEST(counted._sn_x2 -
model._sn_x2__q3, model._sn_x2__q1 - counted._sn_x2{% elif s.direction == 'high' %} counted._sn_x2 - model._sn_x2__q3 > 0.0e0 THEN CAST((counted._sn_x2 - model._sn_x2__q3{% elif s.direction == 'low' %} model._sn_x2__q1 - counted._sn_x2 > 0.0e0 THEN CAST((model._sn_x2__q1 - counted._sn_x2{% endif %}
) AS DOUBLE PRECISION) / NULLIF(model._sn_x2__scale, 0.0e0) WHEN model._sn_x2__scale > 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(counted._sn_x2 - model._sn_x2__q3, model._sn_x2__q1 - counted._sn_x2){% elif s.direction == 'high' %} counted._sn_x2 - model._sn_x2__q3{% elif s.direction == 'low' %} model._sn_x2__q1 - counted._sn_x2{% endif %}
<= 0.0e0 THEN CAST(0.0e0 AS DOUBLE PRECISION) WHEN counted._sn_x2 = model._sn_x2__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END END
AS _sn_x2__term, CASE WHEN model._sn_x3__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN model._sn_x3__scale > 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(counted._sn_x3 - model._sn_x3__q3, model._sn_x3__q1 - counted._sn_x3) > 0.0e0 THEN CAST(GREATEST(counted._sn_x3 -
model._sn_x3__q3, model._sn_x3__q1 - counted._sn_x3{% elif s.direction == 'high' %} counted._sn_x3 - model._sn_x3__q3 > 0.0e0 THEN CAST((counted._sn_x3 - model._sn_x3__q3{% elif s.direction == 'low' %} model._sn_x3__q1 - counted._sn_x3 > 0.0e0 THEN CAST((model._sn_x3__q1 - counted._sn_x3{% endif %}
) AS DOUBLE PRECISION) / NULLIF(model._sn_x3__scale, 0.0e0) WHEN model._sn_x3__scale > 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(counted._sn_x3 - model._sn_x3__q3, model._sn_x3__q1 - counted._sn_x3){% elif s.direction == 'high' %} counted._sn_x3 - model._sn_x3__q3{% elif s.direction == 'low' %} model._sn_x3__q1 - counted._sn_x3{% endif %}
<= 0.0e0 THEN CAST(0.0e0 AS DOUBLE PRECISION) WHEN counted._sn_x3 = model._sn_x3__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END END
AS _sn_x3__term
FROM counted
LEFT JOIN model ON (counted._sn__key1 = model._sn__key1 OR (counted._sn__key1 IS NULL AND model._sn__key1 IS NULL))), scored AS (SELECT
*, CASE WHEN NOT _sn_x1__term IS NULL AND NOT _sn_x2__term IS NULL AND NOT _sn_x3__term IS NULL THEN GREATEST(_sn_x1__term, _sn_x2__term,
_sn_x3__term) END AS _sn__score
FROM terms), ranked_running AS (SELECT *, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1
ORDER BY CASE WHEN _sn__score IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score, CAST(0.0e0 AS DOUBLE PRECISION)) DESC ROWS BETWEEN UNBOUNDED
PRECEDING AND CURRENT ROW) AS _sn__not_below_running1
FROM scored), ranked AS (SELECT *, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS
_sn__scores, MAX(_sn__not_below_running1) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__score IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score,
CAST(0.0e0 AS DOUBLE PRECISION))) AS _sn__not_below
FROM ranked_running)
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , cutoff AS (SELECT _sn__key1, PERCENTILE_CONT({{ sqlnomaly.real(1 - s.contamination) }}) WITHIN
GROUP(ORDER BY _sn__score) AS _sn__cutoff1
FROM ranked
WHERE _sn__fitted = 1
GROUP BY _sn__key1), limited AS (SELECT ranked.*, cutoff._sn__cutoff1
FROM ranked
LEFT JOIN cutoff ON (ranked._sn__key1 = cutoff._sn__key1 OR (ranked._sn__key1 IS NULL AND cutoff._sn__key1 IS NULL))){% endif %}
SELECT {{ s.columns }}, _sn__score AS anomaly_score, CASE WHEN NOT _sn__score IS NULL AND _sn__fitted = 1 THEN CAST(1.0e0 AS DOUBLE PRECISION)
- (CAST(_sn__not_below AS DOUBLE PRECISION) / NULLIF(CAST(_sn__scores AS DOUBLE PRECISION), 0.0e0)) WHEN NOT _sn__score IS NULL THEN
CAST(1.0e0 AS DOUBLE PRECISION) - (CAST((CAST(_sn__not_below AS DOUBLE PRECISION) + CAST(1.0e0 AS DOUBLE PRECISION)) AS DOUBLE
PRECISION) / NULLIF(CAST(_sn__scores AS DOUBLE PRECISION) + CAST(1.0e0 AS DOUBLE PRECISION), 0.0e0)) END AS anomaly_probability,
_sn__score >
{%- if s.rule == 'threshold' %} {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }} AS is_anomaly, CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE
PRECISION){% elif s.rule == 'contamination' %} CASE WHEN NOT _sn__cutoff1 IS NULL THEN _sn__cutoff1 + (CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION),
ABS(_sn__cutoff1))) END AS is_anomaly, _sn__cutoff1{% endif %}
AS anomaly_threshold, CASE WHEN _sn__score IS NULL THEN NULL WHEN _sn_x1__term >= _sn__score - (CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0
AS DOUBLE PRECISION), ABS(_sn__score))) THEN {{ s.features[0].literal }} WHEN _sn_x2__term >= _sn__score - (CAST(1e-09 AS DOUBLE PRECISION)
* GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(_sn__score))) THEN {{ s.features[1].literal }} WHEN _sn_x3__term >= _sn__score - (CAST(1e-09
AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(_sn__score))) THEN {{ s.features[2].literal }} END AS anomaly_reason,
CASE WHEN COALESCE(_sn__rows, 0) = 0 THEN 'unseen_group' WHEN _sn_x1__raw IS NULL OR _sn_x2__raw IS NULL OR _sn_x3__raw IS NULL THEN 'missing_value'
WHEN _sn_x1 IS NULL OR _sn_x2 IS NULL OR _sn_x3 IS NULL THEN 'out_of_range' WHEN COALESCE(_sn_x1__n, 0) < {{ sqlnomaly.whole(s.min_rows) }}
OR COALESCE(_sn_x2__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} OR COALESCE(_sn_x3__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'too_few_rows'
WHEN _sn__score IS NULL OR (_sn_x1__scale = 0.0e0 AND _sn_x2__scale = 0.0e0 AND _sn_x3__scale = 0.0e0) THEN 'constant_baseline' ELSE 'ok' END
AS anomaly_status
FROM
{%- if s.rule == 'threshold' %} ranked{% elif s.rule == 'contamination' %} limited{% endif %}
{%- elif not s.order and s.features | length == 4 and (s.rule, s.direction) in [('contamination', 'both'), ('contamination', 'high'), ('contamination', 'low'), ('threshold', 'both'), ('threshold', 'high'), ('threshold', 'low')] -%}
WITH source AS (SELECT {{ s.columns }}, CASE WHEN ABS({{ s.features[0].value }}) <= 1e+150 THEN {{ s.features[0].value }} END AS _sn_x1,
{{ s.features[0].value }} AS _sn_x1__raw, CASE WHEN ABS({{ s.features[1].value }}) <= 1e+150 THEN {{ s.features[1].value }} END AS _sn_x2,
{{ s.features[1].value }} AS _sn_x2__raw, CASE WHEN ABS({{ s.features[2].value }}) <= 1e+150 THEN {{ s.features[2].value }} END AS _sn_x3,
{{ s.features[2].value }} AS _sn_x3__raw, CASE WHEN ABS({{ s.features[3].value }}) <= 1e+150 THEN {{ s.features[3].value }} END AS _sn_x4,
{{ s.features[3].value }} AS _sn_x4__raw, {{ s.key }} AS _sn__key1, CASE WHEN {{ s.filter }} THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), fitted AS (SELECT _sn__key1, COUNT(1) AS _sn__rows
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), counted AS (SELECT source.*, fitted._sn__rows
FROM source
LEFT JOIN fitted ON (source._sn__key1 = fitted._sn__key1 OR (source._sn__key1 IS NULL AND fitted._sn__key1 IS NULL))), quartiles
AS (SELECT _sn__key1, COUNT(_sn_x1) AS _sn_x1__n, COUNT(_sn_x2) AS _sn_x2__n, COUNT(_sn_x3) AS _sn_x3__n, COUNT(_sn_x4) AS _sn_x4__n,
PERCENTILE_CONT(0.25e0) WITHIN
GROUP(ORDER BY _sn_x1) AS _sn_x1__q1, PERCENTILE_CONT(0.75e0) WITHIN
GROUP(ORDER BY _sn_x1) AS _sn_x1__q3
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), quartiles_2 AS (SELECT _sn__key1, PERCENTILE_CONT(0.25e0) WITHIN
GROUP(ORDER BY _sn_x2) AS _sn_x2__q1, PERCENTILE_CONT(0.75e0) WITHIN
GROUP(ORDER BY _sn_x2) AS _sn_x2__q3
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), quartiles_to_2 AS (SELECT quartiles.*, quartiles_2._sn_x2__q1, quartiles_2._sn_x2__q3
FROM quartiles
LEFT JOIN quartiles_2 ON (quartiles._sn__key1 = quartiles_2._sn__key1 OR (quartiles._sn__key1 IS NULL AND quartiles_2._sn__key1 IS
NULL))), quartiles_3 AS (SELECT _sn__key1, PERCENTILE_CONT(0.25e0) WITHIN
GROUP(ORDER BY _sn_x3) AS _sn_x3__q1, PERCENTILE_CONT(0.75e0) WITHIN
GROUP(ORDER BY _sn_x3) AS _sn_x3__q3
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), quartiles_to_3 AS (SELECT quartiles_to_2.*, quartiles_3._sn_x3__q1, quartiles_3._sn_x3__q3
FROM quartiles_to_2
LEFT JOIN quartiles_3 ON (quartiles_to_2._sn__key1 = quartiles_3._sn__key1 OR (quartiles_to_2._sn__key1 IS NULL AND quartiles_3._sn__key1
IS NULL))), quartiles_4 AS (SELECT _sn__key1, PERCENTILE_CONT(0.25e0) WITHIN
GROUP(ORDER BY _sn_x4) AS _sn_x4__q1, PERCENTILE_CONT(0.75e0) WITHIN
GROUP(ORDER BY _sn_x4) AS _sn_x4__q3
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), quartiles_to_4 AS (SELECT quartiles_to_3.*, quartiles_4._sn_x4__q1, quartiles_4._sn_x4__q3
FROM quartiles_to_3
LEFT JOIN quartiles_4 ON (quartiles_to_3._sn__key1 = quartiles_4._sn__key1 OR (quartiles_to_3._sn__key1 IS NULL AND quartiles_4._sn__key1
IS NULL))), model AS (SELECT *, CASE WHEN _sn_x1__q3 - _sn_x1__q1 > 1e-150 THEN _sn_x1__q3 - _sn_x1__q1 ELSE CAST(0.0e0 AS DOUBLE PRECISION)
END AS _sn_x1__scale, _sn_x1__q1 + (CAST(0.5e0 AS DOUBLE PRECISION) * (_sn_x1__q3 - _sn_x1__q1)) AS _sn_x1__centre, CASE WHEN _sn_x2__q3
- _sn_x2__q1 > 1e-150 THEN _sn_x2__q3 - _sn_x2__q1 ELSE CAST(0.0e0 AS DOUBLE PRECISION) END AS _sn_x2__scale, _sn_x2__q1 + (CAST(0.5e0
AS DOUBLE PRECISION) * (_sn_x2__q3 - _sn_x2__q1)) AS _sn_x2__centre, CASE WHEN _sn_x3__q3 - _sn_x3__q1 > 1e-150 THEN _sn_x3__q3 - _sn_x3__q1
ELSE CAST(0.0e0 AS DOUBLE PRECISION) END AS _sn_x3__scale, _sn_x3__q1 + (CAST(0.5e0 AS DOUBLE PRECISION) * (_sn_x3__q3 - _sn_x3__q1))
AS _sn_x3__centre, CASE WHEN _sn_x4__q3 - _sn_x4__q1 > 1e-150 THEN _sn_x4__q3 - _sn_x4__q1 ELSE CAST(0.0e0 AS DOUBLE PRECISION) END AS _sn_x4__scale,
_sn_x4__q1 + (CAST(0.5e0 AS DOUBLE PRECISION) * (_sn_x4__q3 - _sn_x4__q1)) AS _sn_x4__centre
FROM quartiles_to_4), terms AS (SELECT counted.*, model._sn_x1__n, model._sn_x1__scale, model._sn_x2__n, model._sn_x2__scale,
model._sn_x3__n, model._sn_x3__scale, model._sn_x4__n, model._sn_x4__scale, CASE WHEN model._sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }}
THEN CASE WHEN model._sn_x1__scale > 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(counted._sn_x1 - model._sn_x1__q3, model._sn_x1__q1 - counted._sn_x1) > 0.0e0 THEN CAST(GREATEST(counted._sn_x1 -
model._sn_x1__q3, model._sn_x1__q1 - counted._sn_x1{% elif s.direction == 'high' %} counted._sn_x1 - model._sn_x1__q3 > 0.0e0 THEN CAST((counted._sn_x1 - model._sn_x1__q3{% elif s.direction == 'low' %} model._sn_x1__q1 - counted._sn_x1 > 0.0e0 THEN CAST((model._sn_x1__q1 - counted._sn_x1{% endif %}
) AS DOUBLE PRECISION) / NULLIF(model._sn_x1__scale, 0.0e0) WHEN model._sn_x1__scale > 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(counted._sn_x1 - model._sn_x1__q3, model._sn_x1__q1 - counted._sn_x1){% elif s.direction == 'high' %} counted._sn_x1 - model._sn_x1__q3{% elif s.direction == 'low' %} model._sn_x1__q1 - counted._sn_x1{% endif %}
<= 0.0e0 THEN CAST(0.0e0 AS DOUBLE PRECISION) WHEN counted._sn_x1 = model._sn_x1__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END END
AS _sn_x1__term, CASE WHEN model._sn_x2__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN model._sn_x2__scale > 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(counted._sn_x2 - model._sn_x2__q3, model._sn_x2__q1 - counted._sn_x2) > 0.0e0 THEN CAST(GREATEST(counted._sn_x2 -
model._sn_x2__q3, model._sn_x2__q1 - counted._sn_x2{% elif s.direction == 'high' %} counted._sn_x2 - model._sn_x2__q3 > 0.0e0 THEN CAST((counted._sn_x2 - model._sn_x2__q3{% elif s.direction == 'low' %} model._sn_x2__q1 - counted._sn_x2 > 0.0e0 THEN CAST((model._sn_x2__q1 - counted._sn_x2{% endif %}
) AS DOUBLE PRECISION) / NULLIF(model._sn_x2__scale, 0.0e0) WHEN model._sn_x2__scale > 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(counted._sn_x2 - model._sn_x2__q3, model._sn_x2__q1 - counted._sn_x2){% elif s.direction == 'high' %} counted._sn_x2 - model._sn_x2__q3{% elif s.direction == 'low' %} model._sn_x2__q1 - counted._sn_x2{% endif %}
<= 0.0e0 THEN CAST(0.0e0 AS DOUBLE PRECISION) WHEN counted._sn_x2 = model._sn_x2__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END END
AS _sn_x2__term, CASE WHEN model._sn_x3__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN model._sn_x3__scale > 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(counted._sn_x3 - model._sn_x3__q3, model._sn_x3__q1 - counted._sn_x3) > 0.0e0 THEN CAST(GREATEST(counted._sn_x3 -
model._sn_x3__q3, model._sn_x3__q1 - counted._sn_x3{% elif s.direction == 'high' %} counted._sn_x3 - model._sn_x3__q3 > 0.0e0 THEN CAST((counted._sn_x3 - model._sn_x3__q3{% elif s.direction == 'low' %} model._sn_x3__q1 - counted._sn_x3 > 0.0e0 THEN CAST((model._sn_x3__q1 - counted._sn_x3{% endif %}
) AS DOUBLE PRECISION) / NULLIF(model._sn_x3__scale, 0.0e0) WHEN model._sn_x3__scale > 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(counted._sn_x3 - model._sn_x3__q3, model._sn_x3__q1 - counted._sn_x3){% elif s.direction == 'high' %} counted._sn_x3 - model._sn_x3__q3{% elif s.direction == 'low' %} model._sn_x3__q1 - counted._sn_x3{% endif %}
<= 0.0e0 THEN CAST(0.0e0 AS DOUBLE PRECISION) WHEN counted._sn_x3 = model._sn_x3__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END END
AS _sn_x3__term, CASE WHEN model._sn_x4__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN model._sn_x4__scale > 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(counted._sn_x4 - model._sn_x4__q3, model._sn_x4__q1 - counted._sn_x4) > 0.0e0 THEN CAST(GREATEST(counted._sn_x4 -
model._sn_x4__q3, model._sn_x4__q1 - counted._sn_x4{% elif s.direction == 'high' %} counted._sn_x4 - model._sn_x4__q3 > 0.0e0 THEN CAST((counted._sn_x4 - model._sn_x4__q3{% elif s.direction == 'low' %} model._sn_x4__q1 - counted._sn_x4 > 0.0e0 THEN CAST((model._sn_x4__q1 - counted._sn_x4{% endif %}
) AS DOUBLE PRECISION) / NULLIF(model._sn_x4__scale, 0.0e0) WHEN model._sn_x4__scale > 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(counted._sn_x4 - model._sn_x4__q3, model._sn_x4__q1 - counted._sn_x4){% elif s.direction == 'high' %} counted._sn_x4 - model._sn_x4__q3{% elif s.direction == 'low' %} model._sn_x4__q1 - counted._sn_x4{% endif %}
<= 0.0e0 THEN CAST(0.0e0 AS DOUBLE PRECISION) WHEN counted._sn_x4 = model._sn_x4__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END END
AS _sn_x4__term
FROM counted
LEFT JOIN model ON (counted._sn__key1 = model._sn__key1 OR (counted._sn__key1 IS NULL AND model._sn__key1 IS NULL))), scored AS (SELECT
*, CASE WHEN NOT _sn_x1__term IS NULL AND NOT _sn_x2__term IS NULL AND NOT _sn_x3__term IS NULL AND NOT _sn_x4__term IS NULL THEN GREATEST(_sn_x1__term,
_sn_x2__term, _sn_x3__term, _sn_x4__term) END AS _sn__score
FROM terms), ranked_running AS (SELECT *, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1
ORDER BY CASE WHEN _sn__score IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score, CAST(0.0e0 AS DOUBLE PRECISION)) DESC ROWS BETWEEN UNBOUNDED
PRECEDING AND CURRENT ROW) AS _sn__not_below_running1
FROM scored), ranked AS (SELECT *, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS
_sn__scores, MAX(_sn__not_below_running1) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__score IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score,
CAST(0.0e0 AS DOUBLE PRECISION))) AS _sn__not_below
FROM ranked_running)
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , cutoff AS (SELECT _sn__key1, PERCENTILE_CONT({{ sqlnomaly.real(1 - s.contamination) }}) WITHIN
GROUP(ORDER BY _sn__score) AS _sn__cutoff1
FROM ranked
WHERE _sn__fitted = 1
GROUP BY _sn__key1), limited AS (SELECT ranked.*, cutoff._sn__cutoff1
FROM ranked
LEFT JOIN cutoff ON (ranked._sn__key1 = cutoff._sn__key1 OR (ranked._sn__key1 IS NULL AND cutoff._sn__key1 IS NULL))){% endif %}
SELECT {{ s.columns }}, _sn__score AS anomaly_score, CASE WHEN NOT _sn__score IS NULL AND _sn__fitted = 1 THEN CAST(1.0e0 AS DOUBLE PRECISION)
- (CAST(_sn__not_below AS DOUBLE PRECISION) / NULLIF(CAST(_sn__scores AS DOUBLE PRECISION), 0.0e0)) WHEN NOT _sn__score IS NULL THEN
CAST(1.0e0 AS DOUBLE PRECISION) - (CAST((CAST(_sn__not_below AS DOUBLE PRECISION) + CAST(1.0e0 AS DOUBLE PRECISION)) AS DOUBLE
PRECISION) / NULLIF(CAST(_sn__scores AS DOUBLE PRECISION) + CAST(1.0e0 AS DOUBLE PRECISION), 0.0e0)) END AS anomaly_probability,
_sn__score >
{%- if s.rule == 'threshold' %} {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }} AS is_anomaly, CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE
PRECISION){% elif s.rule == 'contamination' %} CASE WHEN NOT _sn__cutoff1 IS NULL THEN _sn__cutoff1 + (CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION),
ABS(_sn__cutoff1))) END AS is_anomaly, _sn__cutoff1{% endif %}
AS anomaly_threshold, CASE WHEN _sn__score IS NULL THEN NULL WHEN _sn_x1__term >= _sn__score - (CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0
AS DOUBLE PRECISION), ABS(_sn__score))) THEN {{ s.features[0].literal }} WHEN _sn_x2__term >= _sn__score - (CAST(1e-09 AS DOUBLE PRECISION)
* GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(_sn__score))) THEN {{ s.features[1].literal }} WHEN _sn_x3__term >= _sn__score - (CAST(1e-09
AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(_sn__score))) THEN {{ s.features[2].literal }} WHEN _sn_x4__term
>= _sn__score - (CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(_sn__score))) THEN {{ s.features[3].literal }}
END AS anomaly_reason, CASE WHEN COALESCE(_sn__rows, 0) = 0 THEN 'unseen_group' WHEN _sn_x1__raw IS NULL OR _sn_x2__raw IS NULL OR _sn_x3__raw
IS NULL OR _sn_x4__raw IS NULL THEN 'missing_value' WHEN _sn_x1 IS NULL OR _sn_x2 IS NULL OR _sn_x3 IS NULL OR _sn_x4 IS NULL THEN 'out_of_range'
WHEN COALESCE(_sn_x1__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} OR COALESCE(_sn_x2__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} OR COALESCE(_sn_x3__n,
0) < {{ sqlnomaly.whole(s.min_rows) }} OR COALESCE(_sn_x4__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'too_few_rows' WHEN _sn__score
IS NULL OR (_sn_x1__scale = 0.0e0 AND _sn_x2__scale = 0.0e0 AND _sn_x3__scale = 0.0e0 AND _sn_x4__scale = 0.0e0) THEN 'constant_baseline' ELSE
'ok' END AS anomaly_status
FROM
{%- if s.rule == 'threshold' %} ranked{% elif s.rule == 'contamination' %} limited{% endif %}
{%- elif s.order and s.features | length == 1 and (s.rule, s.direction) in [('threshold', 'both'), ('threshold', 'high'), ('threshold', 'low')] -%}
WITH source AS (SELECT {{ s.columns }}, CASE WHEN ABS({{ s.features[0].value }}) <= 1e+150 THEN {{ s.features[0].value }} END AS _sn_x1,
{{ s.features[0].value }} AS _sn_x1__raw, {{ s.key }} AS _sn__key1, {{ s.order }} AS _sn__order1, CASE WHEN {{ s.filter }} AND NOT {{ s.order }}
IS NULL THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), placed AS (SELECT *, CASE WHEN NOT _sn__order1 IS NULL THEN RANK() OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1
IS NULL THEN 1 ELSE 0 END ORDER BY _sn__order1 ASC) - 1 END AS _sn__place
FROM source), ages AS (SELECT _sn__key1, _sn__place, MIN(_sn__place) AS _sn__first
FROM placed
WHERE NOT _sn__place IS NULL
GROUP BY _sn__key1, _sn__place), history1 AS (SELECT ages._sn__key1, ages._sn__place, placed._sn_x1, placed._sn__fitted
FROM ages
INNER JOIN placed ON (placed._sn__key1 = ages._sn__key1 OR (placed._sn__key1 IS NULL AND ages._sn__key1 IS NULL))
WHERE placed._sn__place < ages._sn__first), quartiles AS (SELECT _sn__key1, _sn__place, COUNT(_sn_x1) AS _sn_x1__n, PERCENTILE_CONT(0.25e0)
WITHIN
GROUP(ORDER BY _sn_x1) AS _sn_x1__q1, PERCENTILE_CONT(0.75e0) WITHIN
GROUP(ORDER BY _sn_x1) AS _sn_x1__q3
FROM history1
WHERE _sn__fitted = 1
GROUP BY _sn__key1, _sn__place), earlier AS (SELECT placed.*, quartiles._sn_x1__n, quartiles._sn_x1__q1, quartiles._sn_x1__q3
FROM placed
LEFT JOIN quartiles ON (placed._sn__key1 = quartiles._sn__key1 OR (placed._sn__key1 IS NULL AND quartiles._sn__key1 IS NULL)) AND (placed._sn__place
= quartiles._sn__place OR (placed._sn__place IS NULL AND quartiles._sn__place IS NULL))), model AS (SELECT *, CASE WHEN _sn_x1__q3
- _sn_x1__q1 > 1e-150 THEN _sn_x1__q3 - _sn_x1__q1 ELSE CAST(0.0e0 AS DOUBLE PRECISION) END AS _sn_x1__scale, _sn_x1__q1 + (CAST(0.5e0
AS DOUBLE PRECISION) * (_sn_x1__q3 - _sn_x1__q1)) AS _sn_x1__centre
FROM earlier), terms AS (SELECT *, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN _sn_x1__scale > 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(_sn_x1 - _sn_x1__q3, _sn_x1__q1 - _sn_x1) > 0.0e0 THEN CAST(GREATEST(_sn_x1 - _sn_x1__q3, _sn_x1__q1 - _sn_x1{% elif s.direction == 'high' %} _sn_x1 - _sn_x1__q3 > 0.0e0 THEN CAST((_sn_x1 - _sn_x1__q3{% elif s.direction == 'low' %} _sn_x1__q1 - _sn_x1 > 0.0e0 THEN CAST((_sn_x1__q1 - _sn_x1{% endif %}
) AS DOUBLE PRECISION) / NULLIF(_sn_x1__scale, 0.0e0) WHEN _sn_x1__scale > 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(_sn_x1 - _sn_x1__q3, _sn_x1__q1 - _sn_x1){% elif s.direction == 'high' %} _sn_x1 - _sn_x1__q3{% elif s.direction == 'low' %} _sn_x1__q1 - _sn_x1{% endif %}
<= 0.0e0 THEN CAST(0.0e0 AS DOUBLE PRECISION) WHEN _sn_x1 = _sn_x1__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END END AS _sn_x1__term,
_sn_x1__centre AS _sn_x1__expected
FROM model), scored AS (SELECT *, _sn_x1__term AS _sn__score
FROM terms) SELECT {{ s.columns }}, _sn__score AS anomaly_score, _sn__score > {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }}
AS is_anomaly, CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) AS anomaly_threshold, CASE WHEN NOT _sn__score IS NULL THEN {{ s.features[0].literal }}
END AS anomaly_reason, CASE WHEN _sn__order1 IS NULL OR _sn_x1__raw IS NULL THEN 'missing_value' WHEN _sn_x1 IS NULL THEN 'out_of_range' WHEN
COALESCE(_sn_x1__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'warm_up' WHEN _sn__score IS NULL OR _sn_x1__scale = 0.0e0 THEN 'constant_baseline'
ELSE 'ok' END AS anomaly_status, CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x1__expected
END AS anomaly_expected,
{%- if s.direction == 'both' %} CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__q1
- (CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) * _sn_x1__scale) END AS anomaly_lower, CASE WHEN NOT _sn__order1 IS NULL
AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__q3 + (CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) * _sn_x1__scale) END{% elif s.direction == 'high' %} CAST(NULL AS DOUBLE PRECISION) AS anomaly_lower, CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND
{{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__q3 + (CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) * _sn_x1__scale)
END{% elif s.direction == 'low' %} CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__q1
- (CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) * _sn_x1__scale) END AS anomaly_lower, CAST(NULL AS DOUBLE PRECISION){% endif %}
AS anomaly_upper
FROM scored
{%- else -%}
{{ sqlnomaly.no_such_way('iqr', s, ['contamination, without order_by, 1 feature', 'contamination, without order_by, 2 features', 'contamination, without order_by, 3 features', 'contamination, without order_by, 4 features', 'threshold, with order_by, 1 feature', 'threshold, without order_by, 1 feature', 'threshold, without order_by, 2 features', 'threshold, without order_by, 3 features', 'threshold, without order_by, 4 features']) }}
{%- endif -%}
{%- endmacro -%}

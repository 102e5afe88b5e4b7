{#- sqlnomaly 0.1.0: mad for redshift, generated; do not edit. -#}
{%- macro redshift__sqlnomaly_mad(s) -%}
{%- do sqlnomaly.only_options('mad', s, []) -%}
{%- if not s.order and s.features | length == 1 and (s.rule, s.direction) in [('contamination', 'both'), ('contamination', 'high'), ('contamination', 'low'), ('threshold', 'both'), ('threshold', 'high'), ('threshold', 'low')] -%}
WITH source AS (SELECT {{ s.columns }}, CASE WHEN ABS({{ s.features[0].value }}) <= 1e+150 THEN {{ s.features[0].value }} END AS _sn_x1,
{{ s.features[0].value }} AS _sn_x1__raw, {{ s.key }} AS _sn__key1, CASE WHEN {{ s.filter }} THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), fitted AS (SELECT _sn__key1, COUNT(1) AS _sn__rows
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), counted AS (SELECT source.*, fitted._sn__rows
FROM source
LEFT JOIN fitted ON (source._sn__key1 = fitted._sn__key1 OR (source._sn__key1 IS NULL AND fitted._sn__key1 IS NULL))), centre AS (SELECT
_sn__key1, COUNT(_sn_x1) AS _sn_x1__n, PERCENTILE_CONT(0.5e0) WITHIN
GROUP(ORDER BY _sn_x1) AS _sn_x1__centre
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), spread AS (SELECT source._sn__key1, MIN(centre._sn_x1__n) AS _sn_x1__n, MIN(centre._sn_x1__centre) AS _sn_x1__centre,
PERCENTILE_CONT(0.5e0) WITHIN
GROUP(ORDER BY ABS(source._sn_x1 - centre._sn_x1__centre)) AS _sn_x1__mad
FROM source
LEFT JOIN centre ON (source._sn__key1 = centre._sn__key1 OR (source._sn__key1 IS NULL AND centre._sn__key1 IS NULL))
WHERE source._sn__fitted = 1
GROUP BY source._sn__key1), model AS (SELECT *, CASE WHEN CAST(_sn_x1__mad AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0
AS DOUBLE PRECISION), 0.0e0) > 1e-150 THEN CAST(_sn_x1__mad AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE PRECISION),
0.0e0) ELSE CAST(0.0e0 AS DOUBLE PRECISION) END AS _sn_x1__scale
FROM spread), terms AS (SELECT counted.*, model._sn_x1__centre, model._sn_x1__n, model._sn_x1__scale, CASE WHEN model._sn_x1__n
>= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN model._sn_x1__scale > 0.0e0 THEN CAST(
{%- if s.direction == 'both' %} ABS(counted._sn_x1 - model._sn_x1__centre{% elif s.direction == 'high' %} (counted._sn_x1 - model._sn_x1__centre{% elif s.direction == 'low' %} (model._sn_x1__centre - counted._sn_x1{% endif %}
) AS DOUBLE PRECISION) / NULLIF(model._sn_x1__scale, 0.0e0) WHEN counted._sn_x1 = model._sn_x1__centre THEN CAST(0.0e0 AS DOUBLE
PRECISION) END END AS _sn_x1__term, model._sn_x1__centre AS _sn_x1__expected
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
{%- if s.rule == 'threshold' and s.direction == 'both' %} CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre - (CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) * _sn_x1__scale) END AS anomaly_lower, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }}
>= 0.0e0 THEN _sn_x1__centre + (CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) * _sn_x1__scale) END AS anomaly_upper
FROM ranked{% elif s.rule == 'threshold' and s.direction == 'high' %} CAST(NULL AS DOUBLE PRECISION) AS anomaly_lower, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }}
>= 0.0e0 THEN _sn_x1__centre + (CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) * _sn_x1__scale) END AS anomaly_upper
FROM ranked{% elif s.rule == 'threshold' and s.direction == 'low' %} CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre - (CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) * _sn_x1__scale) END AS anomaly_lower, CAST(NULL AS DOUBLE PRECISION) AS anomaly_upper
FROM ranked{% elif s.rule == 'contamination' and s.direction == 'both' %} CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND _sn__cutoff1 >= 0.0e0 THEN _sn_x1__centre - (_sn__cutoff1 * _sn_x1__scale) END
AS anomaly_lower, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND _sn__cutoff1 >= 0.0e0 THEN _sn_x1__centre + (_sn__cutoff1 *
_sn_x1__scale) END AS anomaly_upper
FROM limited{% elif s.rule == 'contamination' and s.direction == 'high' %} CAST(NULL AS DOUBLE PRECISION) AS anomaly_lower, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND _sn__cutoff1 >= 0.0e0 THEN
_sn_x1__centre + (_sn__cutoff1 * _sn_x1__scale) END AS anomaly_upper
FROM limited{% elif s.rule == 'contamination' and s.direction == 'low' %} CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND _sn__cutoff1 >= 0.0e0 THEN _sn_x1__centre - (_sn__cutoff1 * _sn_x1__scale) END
AS anomaly_lower, CAST(NULL AS DOUBLE PRECISION) AS anomaly_upper
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
LEFT JOIN fitted ON (source._sn__key1 = fitted._sn__key1 OR (source._sn__key1 IS NULL AND fitted._sn__key1 IS NULL))), centre AS (SELECT
_sn__key1, COUNT(_sn_x1) AS _sn_x1__n, COUNT(_sn_x2) AS _sn_x2__n, PERCENTILE_CONT(0.5e0) WITHIN
GROUP(ORDER BY _sn_x1) AS _sn_x1__centre
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), centre_2 AS (SELECT _sn__key1, PERCENTILE_CONT(0.5e0) WITHIN
GROUP(ORDER BY _sn_x2) AS _sn_x2__centre
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), centre_to_2 AS (SELECT centre.*, centre_2._sn_x2__centre
FROM centre
LEFT JOIN centre_2 ON (centre._sn__key1 = centre_2._sn__key1 OR (centre._sn__key1 IS NULL AND centre_2._sn__key1 IS NULL))), spread
AS (SELECT source._sn__key1, MIN(centre_to_2._sn_x1__n) AS _sn_x1__n, MIN(centre_to_2._sn_x1__centre) AS _sn_x1__centre, MIN(centre_to_2._sn_x2__n)
AS _sn_x2__n, MIN(centre_to_2._sn_x2__centre) AS _sn_x2__centre, PERCENTILE_CONT(0.5e0) WITHIN
GROUP(ORDER BY ABS(source._sn_x1 - centre_to_2._sn_x1__centre)) AS _sn_x1__mad
FROM source
LEFT JOIN centre_to_2 ON (source._sn__key1 = centre_to_2._sn__key1 OR (source._sn__key1 IS NULL AND centre_to_2._sn__key1 IS NULL))
WHERE source._sn__fitted = 1
GROUP BY source._sn__key1), spread_2 AS (SELECT source._sn__key1, PERCENTILE_CONT(0.5e0) WITHIN
GROUP(ORDER BY ABS(source._sn_x2 - centre_to_2._sn_x2__centre)) AS _sn_x2__mad
FROM source
LEFT JOIN centre_to_2 ON (source._sn__key1 = centre_to_2._sn__key1 OR (source._sn__key1 IS NULL AND centre_to_2._sn__key1 IS NULL))
WHERE source._sn__fitted = 1
GROUP BY source._sn__key1), spread_to_2 AS (SELECT spread.*, spread_2._sn_x2__mad
FROM spread
LEFT JOIN spread_2 ON (spread._sn__key1 = spread_2._sn__key1 OR (spread._sn__key1 IS NULL AND spread_2._sn__key1 IS NULL))), model
AS (SELECT *, CASE WHEN CAST(_sn_x1__mad AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE PRECISION), 0.0e0) > 1e-150
THEN CAST(_sn_x1__mad AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE PRECISION), 0.0e0) ELSE CAST(0.0e0 AS DOUBLE
PRECISION) END AS _sn_x1__scale, CASE WHEN CAST(_sn_x2__mad AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE PRECISION),
0.0e0) > 1e-150 THEN CAST(_sn_x2__mad AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE PRECISION), 0.0e0) ELSE CAST(0.0e0
AS DOUBLE PRECISION) END AS _sn_x2__scale
FROM spread_to_2), terms AS (SELECT counted.*, model._sn_x1__n, model._sn_x1__scale, model._sn_x2__n, model._sn_x2__scale,
CASE WHEN model._sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN model._sn_x1__scale > 0.0e0 THEN CAST(
{%- if s.direction == 'both' %} ABS(counted._sn_x1 - model._sn_x1__centre{% elif s.direction == 'high' %} (counted._sn_x1 - model._sn_x1__centre{% elif s.direction == 'low' %} (model._sn_x1__centre - counted._sn_x1{% endif %}
) AS DOUBLE PRECISION) / NULLIF(model._sn_x1__scale, 0.0e0) WHEN counted._sn_x1 = model._sn_x1__centre THEN CAST(0.0e0 AS DOUBLE
PRECISION) END END AS _sn_x1__term, CASE WHEN model._sn_x2__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN model._sn_x2__scale >
0.0e0 THEN CAST(
{%- if s.direction == 'both' %} ABS(counted._sn_x2 - model._sn_x2__centre{% elif s.direction == 'high' %} (counted._sn_x2 - model._sn_x2__centre{% elif s.direction == 'low' %} (model._sn_x2__centre - counted._sn_x2{% endif %}
) AS DOUBLE PRECISION) / NULLIF(model._sn_x2__scale, 0.0e0) WHEN counted._sn_x2 = model._sn_x2__centre THEN CAST(0.0e0 AS DOUBLE
PRECISION) END END AS _sn_x2__term
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
LEFT JOIN fitted ON (source._sn__key1 = fitted._sn__key1 OR (source._sn__key1 IS NULL AND fitted._sn__key1 IS NULL))), centre AS (SELECT
_sn__key1, COUNT(_sn_x1) AS _sn_x1__n, COUNT(_sn_x2) AS _sn_x2__n, COUNT(_sn_x3) AS _sn_x3__n, PERCENTILE_CONT(0.5e0) WITHIN
GROUP(ORDER BY _sn_x1) AS _sn_x1__centre
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), centre_2 AS (SELECT _sn__key1, PERCENTILE_CONT(0.5e0) WITHIN
GROUP(ORDER BY _sn_x2) AS _sn_x2__centre
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), centre_to_2 AS (SELECT centre.*, centre_2._sn_x2__centre
FROM centre
LEFT JOIN centre_2 ON (centre._sn__key1 = centre_2._sn__key1 OR (centre._sn__key1 IS NULL AND centre_2._sn__key1 IS NULL))), centre_3
AS (SELECT _sn__key1, PERCENTILE_CONT(0.5e0) WITHIN
GROUP(ORDER BY _sn_x3) AS _sn_x3__centre
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), centre_to_3 AS (SELECT centre_to_2.*, centre_3._sn_x3__centre
FROM centre_to_2
LEFT JOIN centre_3 ON (centre_to_2._sn__key1 = centre_3._sn__key1 OR (centre_to_2._sn__key1 IS NULL AND centre_3._sn__key1 IS NULL))),
spread AS (SELECT source._sn__key1, MIN(centre_to_3._sn_x1__n) AS _sn_x1__n, MIN(centre_to_3._sn_x1__centre) AS _sn_x1__centre,
MIN(centre_to_3._sn_x2__n) AS _sn_x2__n, MIN(centre_to_3._sn_x2__centre) AS _sn_x2__centre, MIN(centre_to_3._sn_x3__n) AS _sn_x3__n,
MIN(centre_to_3._sn_x3__centre) AS _sn_x3__centre, PERCENTILE_CONT(0.5e0) WITHIN
GROUP(ORDER BY ABS(source._sn_x1 - centre_to_3._sn_x1__centre)) AS _sn_x1__mad
FROM source
LEFT JOIN centre_to_3 ON (source._sn__key1 = centre_to_3._sn__key1 OR (source._sn__key1 IS NULL AND centre_to_3._sn__key1 IS NULL))
WHERE source._sn__fitted = 1
GROUP BY source._sn__key1), spread_2 AS (SELECT source._sn__key1, PERCENTILE_CONT(0.5e0) WITHIN
GROUP(ORDER BY ABS(source._sn_x2 - centre_to_3._sn_x2__centre)) AS _sn_x2__mad
FROM source
LEFT JOIN centre_to_3 ON (source._sn__key1 = centre_to_3._sn__key1 OR (source._sn__key1 IS NULL AND centre_to_3._sn__key1 IS NULL))
WHERE source._sn__fitted = 1
GROUP BY source._sn__key1), spread_to_2 AS (SELECT spread.*, spread_2._sn_x2__mad
FROM spread
LEFT JOIN spread_2 ON (spread._sn__key1 = spread_2._sn__key1 OR (spread._sn__key1 IS NULL AND spread_2._sn__key1 IS NULL))), spread_3
AS (SELECT source._sn__key1, PERCENTILE_CONT(0.5e0) WITHIN
GROUP(ORDER BY ABS(source._sn_x3 - centre_to_3._sn_x3__centre)) AS _sn_x3__mad
FROM source
LEFT JOIN centre_to_3 ON (source._sn__key1 = centre_to_3._sn__key1 OR (source._sn__key1 IS NULL AND centre_to_3._sn__key1 IS NULL))
WHERE source._sn__fitted = 1
GROUP BY source._sn__key1), spread_to_3 AS (SELECT spread_to_2.*, spread_3._sn_x3__mad
FROM spread_to_2
LEFT JOIN spread_3 ON (spread_to_2._sn__key1 = spread_3._sn__key1 OR (spread_to_2._sn__key1 IS NULL AND spread_3._sn__key1 IS NULL))),
model AS (SELECT *, CASE WHEN CAST(_sn_x1__mad AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE PRECISION), 0.0e0)
> 1e-150 THEN CAST(_sn_x1__mad AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE PRECISION), 0.0e0) ELSE CAST(0.0e0
AS DOUBLE PRECISION) END AS _sn_x1__scale, CASE WHEN CAST(_sn_x2__mad AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE
PRECISION), 0.0e0) > 1e-150 THEN CAST(_sn_x2__mad AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE PRECISION), 0.0e0)
ELSE CAST(0.0e0 AS DOUBLE PRECISION) END AS _sn_x2__scale, CASE WHEN CAST(_sn_x3__mad AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0
AS DOUBLE PRECISION), 0.0e0) > 1e-150 THEN CAST(_sn_x3__mad AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE PRECISION),
0.0e0) ELSE CAST(0.0e0 AS DOUBLE PRECISION) END AS _sn_x3__scale
FROM spread_to_3), terms AS (SELECT counted.*, model._sn_x1__n, model._sn_x1__scale, model._sn_x2__n, model._sn_x2__scale,
model._sn_x3__n, model._sn_x3__scale, CASE WHEN model._sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN model._sn_x1__scale
> 0.0e0 THEN CAST(
{%- if s.direction == 'both' %} ABS(counted._sn_x1 - model._sn_x1__centre{% elif s.direction == 'high' %} (counted._sn_x1 - model._sn_x1__centre{% elif s.direction == 'low' %} (model._sn_x1__centre - counted._sn_x1{% endif %}
) AS DOUBLE PRECISION) / NULLIF(model._sn_x1__scale, 0.0e0) WHEN counted._sn_x1 = model._sn_x1__centre THEN CAST(0.0e0 AS DOUBLE
PRECISION) END END AS _sn_x1__term, CASE WHEN model._sn_x2__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN model._sn_x2__scale >
0.0e0 THEN CAST(
{%- if s.direction == 'both' %} ABS(counted._sn_x2 - model._sn_x2__centre{% elif s.direction == 'high' %} (counted._sn_x2 - model._sn_x2__centre{% elif s.direction == 'low' %} (model._sn_x2__centre - counted._sn_x2{% endif %}
) AS DOUBLE PRECISION) / NULLIF(model._sn_x2__scale, 0.0e0) WHEN counted._sn_x2 = model._sn_x2__centre THEN CAST(0.0e0 AS DOUBLE
PRECISION) END END AS _sn_x2__term, CASE WHEN model._sn_x3__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN model._sn_x3__scale >
0.0e0 THEN CAST(
{%- if s.direction == 'both' %} ABS(counted._sn_x3 - model._sn_x3__centre{% elif s.direction == 'high' %} (counted._sn_x3 - model._sn_x3__centre{% elif s.direction == 'low' %} (model._sn_x3__centre - counted._sn_x3{% endif %}
) AS DOUBLE PRECISION) / NULLIF(model._sn_x3__scale, 0.0e0) WHEN counted._sn_x3 = model._sn_x3__centre THEN CAST(0.0e0 AS DOUBLE
PRECISION) END END AS _sn_x3__term
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
LEFT JOIN fitted ON (source._sn__key1 = fitted._sn__key1 OR (source._sn__key1 IS NULL AND fitted._sn__key1 IS NULL))), centre AS (SELECT
_sn__key1, COUNT(_sn_x1) AS _sn_x1__n, COUNT(_sn_x2) AS _sn_x2__n, COUNT(_sn_x3) AS _sn_x3__n, COUNT(_sn_x4) AS _sn_x4__n, PERCENTILE_CONT(0.5e0)
WITHIN
GROUP(ORDER BY _sn_x1) AS _sn_x1__centre
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), centre_2 AS (SELECT _sn__key1, PERCENTILE_CONT(0.5e0) WITHIN
GROUP(ORDER BY _sn_x2) AS _sn_x2__centre
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), centre_to_2 AS (SELECT centre.*, centre_2._sn_x2__centre
FROM centre
LEFT JOIN centre_2 ON (centre._sn__key1 = centre_2._sn__key1 OR (centre._sn__key1 IS NULL AND centre_2._sn__key1 IS NULL))), centre_3
AS (SELECT _sn__key1, PERCENTILE_CONT(0.5e0) WITHIN
GROUP(ORDER BY _sn_x3) AS _sn_x3__centre
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), centre_to_3 AS (SELECT centre_to_2.*, centre_3._sn_x3__centre
FROM centre_to_2
LEFT JOIN centre_3 ON (centre_to_2._sn__key1 = centre_3._sn__key1 OR (centre_to_2._sn__key1 IS NULL AND centre_3._sn__key1 IS NULL))),
centre_4 AS (SELECT _sn__key1, PERCENTILE_CONT(0.5e0) WITHIN
GROUP(ORDER BY _sn_x4) AS _sn_x4__centre
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), centre_to_4 AS (SELECT centre_to_3.*, centre_4._sn_x4__centre
FROM centre_to_3
LEFT JOIN centre_4 ON (centre_to_3._sn__key1 = centre_4._sn__key1 OR (centre_to_3._sn__key1 IS NULL AND centre_4._sn__key1 IS NULL))),
spread AS (SELECT source._sn__key1, MIN(centre_to_4._sn_x1__n) AS _sn_x1__n, MIN(centre_to_4._sn_x1__centre) AS _sn_x1__centre,
MIN(centre_to_4._sn_x2__n) AS _sn_x2__n, MIN(centre_to_4._sn_x2__centre) AS _sn_x2__centre, MIN(centre_to_4._sn_x3__n) AS _sn_x3__n,
MIN(centre_to_4._sn_x3__centre) AS _sn_x3__centre, MIN(centre_to_4._sn_x4__n) AS _sn_x4__n, MIN(centre_to_4._sn_x4__centre)
AS _sn_x4__centre, PERCENTILE_CONT(0.5e0) WITHIN
GROUP(ORDER BY ABS(source._sn_x1 - centre_to_4._sn_x1__centre)) AS _sn_x1__mad
FROM source
LEFT JOIN centre_to_4 ON (source._sn__key1 = centre_to_4._sn__key1 OR (source._sn__key1 IS NULL AND centre_to_4._sn__key1 IS NULL))
WHERE source._sn__fitted = 1
GROUP BY source._sn__key1), spread_2 AS (SELECT source._sn__key1, PERCENTILE_CONT(0.5e0) WITHIN
GROUP(ORDER BY ABS(source._sn_x2 - centre_to_4._sn_x2__centre)) AS _sn_x2__mad
FROM source
LEFT JOIN centre_to_4 ON (source._sn__key1 = centre_to_4._sn__key1 OR (source._sn__key1 IS NULL AND centre_to_4._sn__key1 IS NULL))
WHERE source._sn__fitted = 1
GROUP BY source._sn__key1), spread_to_2 AS (SELECT spread.*, spread_2._sn_x2__mad
FROM spread
LEFT JOIN spread_2 ON (spread._sn__key1 = spread_2._sn__key1 OR (spread._sn__key1 IS NULL AND spread_2._sn__key1 IS NULL))), spread_3
AS (SELECT source._sn__key1, PERCENTILE_CONT(0.5e0) WITHIN
GROUP(ORDER BY ABS(source._sn_x3 - centre_to_4._sn_x3__centre)) AS _sn_x3__mad
FROM source
LEFT JOIN centre_to_4 ON (source._sn__key1 = centre_to_4._sn__key1 OR (source._sn__key1 IS NULL AND centre_to_4._sn__key1 IS NULL))
WHERE source._sn__fitted = 1
GROUP BY source._sn__key1), spread_to_3 AS (SELECT spread_to_2.*, spread_3._sn_x3__mad
FROM spread_to_2
LEFT JOIN spread_3 ON (spread_to_2._sn__key1 = spread_3._sn__key1 OR (spread_to_2._sn__key1 IS NULL AND spread_3._sn__key1 IS NULL))),
spread_4 AS (SELECT source._sn__key1, PERCENTILE_CONT(0.5e0) WITHIN
GROUP(ORDER BY ABS(source._sn_x4 - centre_to_4._sn_x4__centre)) AS _sn_x4__mad
FROM source
LEFT JOIN centre_to_4 ON (source._sn__key1 = centre_to_4._sn__key1 OR (source._sn__key1 IS NULL AND centre_to_4._sn__key1 IS NULL))
WHERE source._sn__fitted = 1
GROUP BY source._sn__key1), spread_to_4 AS (SELECT spread_to_3.*, spread_4._sn_x4__mad
FROM spread_to_3
LEFT JOIN spread_4 ON (spread_to_3._sn__key1 = spread_4._sn__key1 OR (spread_to_3._sn__key1 IS NULL AND spread_4._sn__key1 IS NULL))),
model AS (SELECT *, CASE WHEN CAST(_sn_x1__mad AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE PRECISION), 0.0e0)
> 1e-150 THEN CAST(_sn_x1__mad AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE PRECISION), 0.0e0) ELSE CAST(0.0e0
AS DOUBLE PRECISION) END AS _sn_x1__scale, CASE WHEN CAST(_sn_x2__mad AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE
PRECISION), 0.0e0) > 1e-150 THEN CAST(_sn_x2__mad AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE PRECISION), 0.0e0)
ELSE CAST(0.0e0 AS DOUBLE PRECISION) END AS _sn_x2__scale, CASE WHEN CAST(_sn_x3__mad AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0
AS DOUBLE PRECISION), 0.0e0) > 1e-150 THEN CAST(_sn_x3__mad AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE PRECISION),
0.0e0) ELSE CAST(0.0e0 AS DOUBLE PRECISION) END AS _sn_x3__scale, CASE WHEN CAST(_sn_x4__mad AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0
AS DOUBLE PRECISION), 0.0e0) > 1e-150 THEN CAST(_sn_x4__mad AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE PRECISION),
0.0e0) ELSE CAST(0.0e0 AS DOUBLE PRECISION) END AS _sn_x4__scale
FROM spread_to_4), terms AS (SELECT counted.*, model._sn_x1__n, model._sn_x1__scale, model._sn_x2__n, model._sn_x2__scale,
model._sn_x3__n, model._sn_x3__scale, model._sn_x4__n, model._sn_x4__scale, CASE WHEN model._sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }}
THEN CASE WHEN model._sn_x1__scale > 0.0e0 THEN CAST(
{%- if s.direction == 'both' %} ABS(counted._sn_x1 - model._sn_x1__centre{% elif s.direction == 'high' %} (counted._sn_x1 - model._sn_x1__centre{% elif s.direction == 'low' %} (model._sn_x1__centre - counted._sn_x1{% endif %}
) AS DOUBLE PRECISION) / NULLIF(model._sn_x1__scale, 0.0e0) WHEN counted._sn_x1 = model._sn_x1__centre THEN CAST(0.0e0 AS DOUBLE
PRECISION) END END AS _sn_x1__term, CASE WHEN model._sn_x2__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN model._sn_x2__scale >
0.0e0 THEN CAST(
{%- if s.direction == 'both' %} ABS(counted._sn_x2 - model._sn_x2__centre{% elif s.direction == 'high' %} (counted._sn_x2 - model._sn_x2__centre{% elif s.direction == 'low' %} (model._sn_x2__centre - counted._sn_x2{% endif %}
) AS DOUBLE PRECISION) / NULLIF(model._sn_x2__scale, 0.0e0) WHEN counted._sn_x2 = model._sn_x2__centre THEN CAST(0.0e0 AS DOUBLE
PRECISION) END END AS _sn_x2__term, CASE WHEN model._sn_x3__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN model._sn_x3__scale >
0.0e0 THEN CAST(
{%- if s.direction == 'both' %} ABS(counted._sn_x3 - model._sn_x3__centre{% elif s.direction == 'high' %} (counted._sn_x3 - model._sn_x3__centre{% elif s.direction == 'low' %} (model._sn_x3__centre - counted._sn_x3{% endif %}
) AS DOUBLE PRECISION) / NULLIF(model._sn_x3__scale, 0.0e0) WHEN counted._sn_x3 = model._sn_x3__centre THEN CAST(0.0e0 AS DOUBLE
PRECISION) END END AS _sn_x3__term, CASE WHEN model._sn_x4__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN model._sn_x4__scale >
0.0e0 THEN CAST(
{%- if s.direction == 'both' %} ABS(counted._sn_x4 - model._sn_x4__centre{% elif s.direction == 'high' %} (counted._sn_x4 - model._sn_x4__centre{% elif s.direction == 'low' %} (model._sn_x4__centre - counted._sn_x4{% endif %}
) AS DOUBLE PRECISION) / NULLIF(model._sn_x4__scale, 0.0e0) WHEN counted._sn_x4 = model._sn_x4__centre THEN CAST(0.0e0 AS DOUBLE
PRECISION) END END AS _sn_x4__term
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
WHERE placed._sn__place < ages._sn__first), history2 AS (SELECT ages._sn__key1, ages._sn__place, placed._sn_x1, placed._sn__fitted
FROM ages
INNER JOIN placed ON (placed._sn__key1 = ages._sn__key1 OR (placed._sn__key1 IS NULL AND ages._sn__key1 IS NULL))
WHERE placed._sn__place < ages._sn__first), centre AS (SELECT _sn__key1, _sn__place, COUNT(_sn_x1) AS _sn_x1__n, PERCENTILE_CONT(0.5e0)
WITHIN
GROUP(ORDER BY _sn_x1) AS _sn_x1__centre
FROM history2
WHERE _sn__fitted = 1
GROUP BY _sn__key1, _sn__place), spread AS (SELECT history1._sn__key1, history1._sn__place, MIN(centre._sn_x1__n) AS _sn_x1__n,
MIN(centre._sn_x1__centre) AS _sn_x1__centre, PERCENTILE_CONT(0.5e0) WITHIN
GROUP(ORDER BY ABS(history1._sn_x1 - centre._sn_x1__centre)) AS _sn_x1__mad
FROM history1
LEFT JOIN centre ON (history1._sn__key1 = centre._sn__key1 OR (history1._sn__key1 IS NULL AND centre._sn__key1 IS NULL)) AND (history1._sn__place
= centre._sn__place OR (history1._sn__place IS NULL AND centre._sn__place IS NULL))
WHERE history1._sn__fitted = 1
GROUP BY history1._sn__key1, history1._sn__place), earlier AS (SELECT placed.*, spread._sn_x1__n, spread._sn_x1__centre, spread._sn_x1__mad
FROM placed
LEFT JOIN spread ON (placed._sn__key1 = spread._sn__key1 OR (placed._sn__key1 IS NULL AND spread._sn__key1 IS NULL)) AND (placed._sn__place
= spread._sn__place OR (placed._sn__place IS NULL AND spread._sn__place IS NULL))), model AS (SELECT *, CASE WHEN CAST(_sn_x1__mad
AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE PRECISION), 0.0e0) > 1e-150 THEN CAST(_sn_x1__mad AS DOUBLE PRECISION)
/ NULLIF(CAST(0.6744897501960817e0 AS DOUBLE PRECISION), 0.0e0) ELSE CAST(0.0e0 AS DOUBLE PRECISION) END AS _sn_x1__scale
FROM earlier), terms AS (SELECT *, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN _sn_x1__scale > 0.0e0 THEN CAST(
{%- if s.direction == 'both' %} ABS(_sn_x1 - _sn_x1__centre{% elif s.direction == 'high' %} (_sn_x1 - _sn_x1__centre{% elif s.direction == 'low' %} (_sn_x1__centre - _sn_x1{% endif %}
) AS DOUBLE PRECISION) / NULLIF(_sn_x1__scale, 0.0e0) WHEN _sn_x1 = _sn_x1__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END END AS _sn_x1__term,
_sn_x1__centre AS _sn_x1__expected
FROM model), scored AS (SELECT *, _sn_x1__term AS _sn__score
FROM terms) SELECT {{ s.columns }}, _sn__score AS anomaly_score, _sn__score > {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }}
AS is_anomaly, CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) AS anomaly_threshold, CASE WHEN NOT _sn__score IS NULL THEN {{ s.features[0].literal }}
END AS anomaly_reason, CASE WHEN _sn__order1 IS NULL OR _sn_x1__raw IS NULL THEN 'missing_value' WHEN _sn_x1 IS NULL THEN 'out_of_range' WHEN
COALESCE(_sn_x1__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'warm_up' WHEN _sn__score IS NULL OR _sn_x1__scale = 0.0e0 THEN 'constant_baseline'
ELSE 'ok' END AS anomaly_status, CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x1__expected
END AS anomaly_expected,
{%- if s.direction == 'both' %} CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre
- (CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) * _sn_x1__scale) END AS anomaly_lower, CASE WHEN NOT _sn__order1 IS NULL
AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre + (CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) * _sn_x1__scale) END{% elif s.direction == 'high' %} CAST(NULL AS DOUBLE PRECISION) AS anomaly_lower, CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND
{{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre + (CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) * _sn_x1__scale)
END{% elif s.direction == 'low' %} CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre
- (CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) * _sn_x1__scale) END AS anomaly_lower, CAST(NULL AS DOUBLE PRECISION){% endif %}
AS anomaly_upper
FROM scored
{%- else -%}
{{ sqlnomaly.no_such_way('mad', s, ['contamination, without order_by, 1 feature', 'contamination, without order_by, 2 features', 'contamination, without order_by, 3 features', 'contamination, without order_by, 4 features', 'threshold, with order_by, 1 feature', 'threshold, without order_by, 1 feature', 'threshold, without order_by, 2 features', 'threshold, without order_by, 3 features', 'threshold, without order_by, 4 features']) }}
{%- endif -%}
{%- endmacro -%}

{#- sqlnomaly 0.1.0: ecod for redshift, generated; do not edit. -#}
{%- macro redshift__sqlnomaly_ecod(s) -%}
{%- do sqlnomaly.only_options('ecod', s, []) -%}
{%- if not s.order and s.features | length == 1 and (s.rule, s.direction) in [('contamination', 'both'), ('threshold', 'both')] -%}
WITH source AS (SELECT {{ s.columns }}, CASE WHEN ABS({{ s.features[0].value }}) <= 1e+150 THEN {{ s.features[0].value }} END AS _sn_x1,
{{ s.features[0].value }} AS _sn_x1__raw, {{ s.key }} AS _sn__key1, CASE WHEN {{ s.filter }} THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), fitted AS (SELECT _sn__key1, COUNT(1) AS _sn__rows
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), counted AS (SELECT source.*, fitted._sn__rows
FROM source
LEFT JOIN fitted ON (source._sn__key1 = fitted._sn__key1 OR (source._sn__key1 IS NULL AND fitted._sn__key1 IS NULL))), ranks_running
AS (SELECT *, SUM(CASE WHEN NOT _sn_x1 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x1, CAST(1e+300
AS DOUBLE PRECISION)) ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS _sn_x1__below_running1, SUM(CASE WHEN NOT _sn_x1 IS NULL THEN
_sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x1, CAST(1e+300 AS DOUBLE PRECISION)) DESC ROWS BETWEEN UNBOUNDED
PRECEDING AND CURRENT ROW) AS _sn_x1__above_running2
FROM counted), ranks AS (SELECT *, MAX(_sn_x1__below_running1) OVER (PARTITION BY _sn__key1, COALESCE(_sn_x1, CAST(1e+300 AS DOUBLE
PRECISION))) AS _sn_x1__below, MAX(_sn_x1__above_running2) OVER (PARTITION BY _sn__key1, COALESCE(_sn_x1, CAST(1e+300 AS DOUBLE
PRECISION))) AS _sn_x1__above
FROM ranks_running), bounds AS (SELECT _sn__key1, SUM(CASE WHEN NOT _sn_x1 IS NULL THEN _sn__fitted ELSE 0 END) AS _sn_x1__n, CAST(SUM(CASE
WHEN _sn__fitted > 0 THEN _sn_x1 * _sn__fitted END) AS DOUBLE PRECISION) / NULLIF(SUM(CASE WHEN NOT _sn_x1 IS NULL THEN _sn__fitted ELSE
0 END), 0.0e0) AS _sn_x1__mean, MIN(CASE WHEN _sn__fitted > 0 THEN _sn_x1 END) AS _sn_x1__low, MAX(CASE WHEN _sn__fitted > 0 THEN _sn_x1
END) AS _sn_x1__high
FROM counted
WHERE _sn__fitted = 1
GROUP BY _sn__key1), skew AS (SELECT counted._sn__key1, MIN(bounds._sn_x1__n) AS _sn_x1__n, MIN(bounds._sn_x1__mean) AS _sn_x1__mean,
MIN(bounds._sn_x1__low) AS _sn_x1__low, MIN(bounds._sn_x1__high) AS _sn_x1__high, SUM(CASE WHEN counted._sn__fitted > 0 THEN (((CAST((counted._sn_x1
- bounds._sn_x1__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x1__high - bounds._sn_x1__low, 0.0e0)) * (CAST((counted._sn_x1
- bounds._sn_x1__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x1__high - bounds._sn_x1__low, 0.0e0))) * (CAST((counted._sn_x1
- bounds._sn_x1__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x1__high - bounds._sn_x1__low, 0.0e0))) * counted._sn__fitted
END) AS _sn_x1__skew, SUM(CASE WHEN counted._sn__fitted > 0 THEN ABS(((CAST((counted._sn_x1 - bounds._sn_x1__mean) AS DOUBLE
PRECISION) / NULLIF(bounds._sn_x1__high - bounds._sn_x1__low, 0.0e0)) * (CAST((counted._sn_x1 - bounds._sn_x1__mean) AS DOUBLE
PRECISION) / NULLIF(bounds._sn_x1__high - bounds._sn_x1__low, 0.0e0))) * (CAST((counted._sn_x1 - bounds._sn_x1__mean) AS
DOUBLE PRECISION) / NULLIF(bounds._sn_x1__high - bounds._sn_x1__low, 0.0e0))) * counted._sn__fitted END) AS _sn_x1__bulk
FROM counted
LEFT JOIN bounds ON (counted._sn__key1 = bounds._sn__key1 OR (counted._sn__key1 IS NULL AND bounds._sn__key1 IS NULL))
WHERE counted._sn__fitted = 1
GROUP BY counted._sn__key1), model AS (SELECT *, CASE WHEN _sn_x1__high > _sn_x1__low THEN _sn_x1__high - _sn_x1__low ELSE CAST(0.0e0
AS DOUBLE PRECISION) END AS _sn_x1__scale, CASE WHEN ABS(_sn_x1__skew) <= CAST(1e-09 AS DOUBLE PRECISION) * _sn_x1__bulk THEN 0 WHEN
_sn_x1__skew > 0.0e0 THEN 1 ELSE - 1 END AS _sn_x1__side
FROM skew), tails AS (SELECT ranks.*, CASE WHEN model._sn_x1__scale = 0.0e0 AND ranks._sn_x1 = model._sn_x1__low THEN CAST(0.0e0
AS DOUBLE PRECISION) WHEN NOT ranks._sn_x1 IS NULL AND model._sn_x1__scale > 0.0e0 THEN - LN(CASE WHEN model._sn_x1__side = 0 THEN (CAST(GREATEST(COALESCE(ranks._sn_x1__below,
0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_x1__n, 0.0e0)) * (CAST(GREATEST(COALESCE(ranks._sn_x1__above, 0), 1) AS
DOUBLE PRECISION) / NULLIF(model._sn_x1__n, 0.0e0)) ELSE LEAST(CAST(GREATEST(COALESCE(ranks._sn_x1__below, 0), 1) AS DOUBLE
PRECISION) / NULLIF(model._sn_x1__n, 0.0e0), CAST(GREATEST(COALESCE(ranks._sn_x1__above, 0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_x1__n,
0.0e0)) END) END AS _sn_x1__tail
FROM ranks
LEFT JOIN model ON (ranks._sn__key1 = model._sn__key1 OR (ranks._sn__key1 IS NULL AND model._sn__key1 IS NULL))), placed AS (SELECT
tails.*, model._sn_x1__n, model._sn_x1__scale
FROM tails
LEFT JOIN model ON (tails._sn__key1 = model._sn__key1 OR (tails._sn__key1 IS NULL AND model._sn__key1 IS NULL))), terms AS (SELECT
*, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x1__tail END AS _sn_x1__term
FROM placed), scored AS (SELECT *, _sn_x1__term AS _sn__score
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
END AS anomaly_status
FROM
{%- if s.rule == 'threshold' %} ranked{% elif s.rule == 'contamination' %} limited{% endif %}
{%- elif not s.order and s.features | length == 2 and (s.rule, s.direction) in [('contamination', 'both'), ('threshold', 'both')] -%}
WITH source AS (SELECT {{ s.columns }}, CASE WHEN ABS({{ s.features[0].value }}) <= 1e+150 THEN {{ s.features[0].value }} END AS _sn_x1,
{{ s.features[0].value }} AS _sn_x1__raw, CASE WHEN ABS({{ s.features[1].value }}) <= 1e+150 THEN {{ s.features[1].value }} END AS _sn_x2,
{{ s.features[1].value }} AS _sn_x2__raw, {{ s.key }} AS _sn__key1, CASE WHEN {{ s.filter }} THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), fitted AS (SELECT _sn__key1, COUNT(1) AS _sn__rows
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), counted AS (SELECT source.*, fitted._sn__rows
FROM source
LEFT JOIN fitted ON (source._sn__key1 = fitted._sn__key1 OR (source._sn__key1 IS NULL AND fitted._sn__key1 IS NULL))), ranks_running
AS (SELECT *, SUM(CASE WHEN NOT _sn_x1 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x1, CAST(1e+300
AS DOUBLE PRECISION)) ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS _sn_x1__below_running1, SUM(CASE WHEN NOT _sn_x1 IS NULL THEN
_sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x1, CAST(1e+300 AS DOUBLE PRECISION)) DESC ROWS BETWEEN UNBOUNDED
PRECEDING AND CURRENT ROW) AS _sn_x1__above_running2
FROM counted), ranks AS (SELECT *, MAX(_sn_x1__below_running1) OVER (PARTITION BY _sn__key1, COALESCE(_sn_x1, CAST(1e+300 AS DOUBLE
PRECISION))) AS _sn_x1__below, MAX(_sn_x1__above_running2) OVER (PARTITION BY _sn__key1, COALESCE(_sn_x1, CAST(1e+300 AS DOUBLE
PRECISION))) AS _sn_x1__above
FROM ranks_running), bounds AS (SELECT _sn__key1, SUM(CASE WHEN NOT _sn_x1 IS NULL THEN _sn__fitted ELSE 0 END) AS _sn_x1__n, CAST(SUM(CASE
WHEN _sn__fitted > 0 THEN _sn_x1 * _sn__fitted END) AS DOUBLE PRECISION) / NULLIF(SUM(CASE WHEN NOT _sn_x1 IS NULL THEN _sn__fitted ELSE
0 END), 0.0e0) AS _sn_x1__mean, MIN(CASE WHEN _sn__fitted > 0 THEN _sn_x1 END) AS _sn_x1__low, MAX(CASE WHEN _sn__fitted > 0 THEN _sn_x1
END) AS _sn_x1__high, SUM(CASE WHEN NOT _sn_x2 IS NULL THEN _sn__fitted ELSE 0 END) AS _sn_x2__n, CAST(SUM(CASE WHEN _sn__fitted >
0 THEN _sn_x2 * _sn__fitted END) AS DOUBLE PRECISION) / NULLIF(SUM(CASE WHEN NOT _sn_x2 IS NULL THEN _sn__fitted ELSE 0 END), 0.0e0)
AS _sn_x2__mean, MIN(CASE WHEN _sn__fitted > 0 THEN _sn_x2 END) AS _sn_x2__low, MAX(CASE WHEN _sn__fitted > 0 THEN _sn_x2 END) AS _sn_x2__high
FROM counted
WHERE _sn__fitted = 1
GROUP BY _sn__key1), skew AS (SELECT counted._sn__key1, MIN(bounds._sn_x1__n) AS _sn_x1__n, MIN(bounds._sn_x1__mean) AS _sn_x1__mean,
MIN(bounds._sn_x1__low) AS _sn_x1__low, MIN(bounds._sn_x1__high) AS _sn_x1__high, MIN(bounds._sn_x2__n) AS _sn_x2__n, MIN(bounds._sn_x2__mean)
AS _sn_x2__mean, MIN(bounds._sn_x2__low) AS _sn_x2__low, MIN(bounds._sn_x2__high) AS _sn_x2__high, SUM(CASE WHEN counted._sn__fitted
> 0 THEN (((CAST((counted._sn_x1 - bounds._sn_x1__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x1__high - bounds._sn_x1__low,
0.0e0)) * (CAST((counted._sn_x1 - bounds._sn_x1__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x1__high - bounds._sn_x1__low,
0.0e0))) * (CAST((counted._sn_x1 - bounds._sn_x1__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x1__high - bounds._sn_x1__low,
0.0e0))) * counted._sn__fitted END) AS _sn_x1__skew, SUM(CASE WHEN counted._sn__fitted > 0 THEN ABS(((CAST((counted._sn_x1
- bounds._sn_x1__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x1__high - bounds._sn_x1__low, 0.0e0)) * (CAST((counted._sn_x1
- bounds._sn_x1__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x1__high - bounds._sn_x1__low, 0.0e0))) * (CAST((counted._sn_x1
- bounds._sn_x1__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x1__high - bounds._sn_x1__low, 0.0e0))) * counted._sn__fitted
END) AS _sn_x1__bulk, SUM(CASE WHEN counted._sn__fitted > 0 THEN (((CAST((counted._sn_x2 - bounds._sn_x2__mean) AS DOUBLE PRECISION)
/ NULLIF(bounds._sn_x2__high - bounds._sn_x2__low, 0.0e0)) * (CAST((counted._sn_x2 - bounds._sn_x2__mean) AS DOUBLE PRECISION)
/ NULLIF(bounds._sn_x2__high - bounds._sn_x2__low, 0.0e0))) * (CAST((counted._sn_x2 - bounds._sn_x2__mean) AS DOUBLE PRECISION)
/ NULLIF(bounds._sn_x2__high - bounds._sn_x2__low, 0.0e0))) * counted._sn__fitted END) AS _sn_x2__skew, SUM(CASE WHEN counted._sn__fitted
> 0 THEN ABS(((CAST((counted._sn_x2 - bounds._sn_x2__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x2__high - bounds._sn_x2__low,
0.0e0)) * (CAST((counted._sn_x2 - bounds._sn_x2__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x2__high - bounds._sn_x2__low,
0.0e0))) * (CAST((counted._sn_x2 - bounds._sn_x2__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x2__high - bounds._sn_x2__low,
0.0e0))) * counted._sn__fitted END) AS _sn_x2__bulk
FROM counted
LEFT JOIN bounds ON (counted._sn__key1 = bounds._sn__key1 OR (counted._sn__key1 IS NULL AND bounds._sn__key1 IS NULL))
WHERE counted._sn__fitted = 1
GROUP BY counted._sn__key1), model AS (SELECT *, CASE WHEN _sn_x1__high > _sn_x1__low THEN _sn_x1__high - _sn_x1__low ELSE CAST(0.0e0
AS DOUBLE PRECISION) END AS _sn_x1__scale, CASE WHEN ABS(_sn_x1__skew) <= CAST(1e-09 AS DOUBLE PRECISION) * _sn_x1__bulk THEN 0 WHEN
_sn_x1__skew > 0.0e0 THEN 1 ELSE - 1 END AS _sn_x1__side, CASE WHEN _sn_x2__high > _sn_x2__low THEN _sn_x2__high - _sn_x2__low ELSE CAST(0.0e0
AS DOUBLE PRECISION) END AS _sn_x2__scale, CASE WHEN ABS(_sn_x2__skew) <= CAST(1e-09 AS DOUBLE PRECISION) * _sn_x2__bulk THEN 0 WHEN
_sn_x2__skew > 0.0e0 THEN 1 ELSE - 1 END AS _sn_x2__side
FROM skew), tails AS (SELECT ranks.*, CASE WHEN model._sn_x1__scale = 0.0e0 AND ranks._sn_x1 = model._sn_x1__low THEN CAST(0.0e0
AS DOUBLE PRECISION) WHEN NOT ranks._sn_x1 IS NULL AND model._sn_x1__scale > 0.0e0 THEN - LN(CASE WHEN model._sn_x1__side = 0 THEN (CAST(GREATEST(COALESCE(ranks._sn_x1__below,
0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_x1__n, 0.0e0)) * (CAST(GREATEST(COALESCE(ranks._sn_x1__above, 0), 1) AS
DOUBLE PRECISION) / NULLIF(model._sn_x1__n, 0.0e0)) ELSE LEAST(CAST(GREATEST(COALESCE(ranks._sn_x1__below, 0), 1) AS DOUBLE
PRECISION) / NULLIF(model._sn_x1__n, 0.0e0), CAST(GREATEST(COALESCE(ranks._sn_x1__above, 0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_x1__n,
0.0e0)) END) END AS _sn_x1__tail
FROM ranks
LEFT JOIN model ON (ranks._sn__key1 = model._sn__key1 OR (ranks._sn__key1 IS NULL AND model._sn__key1 IS NULL))), ranks_running_2
AS (SELECT *, SUM(CASE WHEN NOT _sn_x2 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x2, CAST(1e+300
AS DOUBLE PRECISION)) ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS _sn_x2__below_running1, SUM(CASE WHEN NOT _sn_x2 IS NULL THEN
_sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x2, CAST(1e+300 AS DOUBLE PRECISION)) DESC ROWS BETWEEN UNBOUNDED
PRECEDING AND CURRENT ROW) AS _sn_x2__above_running2
FROM tails), ranks_2 AS (SELECT *, MAX(_sn_x2__below_running1) OVER (PARTITION BY _sn__key1, COALESCE(_sn_x2, CAST(1e+300 AS DOUBLE
PRECISION))) AS _sn_x2__below, MAX(_sn_x2__above_running2) OVER (PARTITION BY _sn__key1, COALESCE(_sn_x2, CAST(1e+300 AS DOUBLE
PRECISION))) AS _sn_x2__above
FROM ranks_running_2), tails_2 AS (SELECT ranks_2.*, CASE WHEN model._sn_x2__scale = 0.0e0 AND ranks_2._sn_x2 = model._sn_x2__low
THEN CAST(0.0e0 AS DOUBLE PRECISION) WHEN NOT ranks_2._sn_x2 IS NULL AND model._sn_x2__scale > 0.0e0 THEN - LN(CASE WHEN model._sn_x2__side
= 0 THEN (CAST(GREATEST(COALESCE(ranks_2._sn_x2__below, 0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_x2__n, 0.0e0)) * (CAST(GREATEST(COALESCE(ranks_2._sn_x2__above,
0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_x2__n, 0.0e0)) ELSE LEAST(CAST(GREATEST(COALESCE(ranks_2._sn_x2__below,
0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_x2__n, 0.0e0), CAST(GREATEST(COALESCE(ranks_2._sn_x2__above, 0), 1) AS
DOUBLE PRECISION) / NULLIF(model._sn_x2__n, 0.0e0)) END) END AS _sn_x2__tail
FROM ranks_2
LEFT JOIN model ON (ranks_2._sn__key1 = model._sn__key1 OR (ranks_2._sn__key1 IS NULL AND model._sn__key1 IS NULL))), placed AS (SELECT
tails_2.*, model._sn_x1__n, model._sn_x1__scale, model._sn_x2__n, model._sn_x2__scale
FROM tails_2
LEFT JOIN model ON (tails_2._sn__key1 = model._sn__key1 OR (tails_2._sn__key1 IS NULL AND model._sn__key1 IS NULL))), terms AS (SELECT
*, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x1__tail END AS _sn_x1__term, CASE WHEN _sn_x2__n >= {{ sqlnomaly.whole(s.min_rows) }}
THEN _sn_x2__tail END AS _sn_x2__term
FROM placed), scored AS (SELECT *, CASE WHEN NOT _sn_x1__term IS NULL AND NOT _sn_x2__term IS NULL THEN _sn_x1__term + _sn_x2__term END AS
_sn__score, CASE WHEN NOT _sn_x1__term IS NULL AND NOT _sn_x2__term IS NULL THEN GREATEST(_sn_x1__term, _sn_x2__term) END AS _sn__best
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
AS anomaly_threshold, CASE WHEN _sn__score IS NULL THEN NULL WHEN _sn_x1__term >= _sn__best - (CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0
AS DOUBLE PRECISION), ABS(_sn__best))) THEN {{ s.features[0].literal }} WHEN _sn_x2__term >= _sn__best - (CAST(1e-09 AS DOUBLE PRECISION)
* GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(_sn__best))) THEN {{ s.features[1].literal }} END AS anomaly_reason, CASE WHEN COALESCE(_sn__rows,
0) = 0 THEN 'unseen_group' WHEN _sn_x1__raw IS NULL OR _sn_x2__raw IS NULL THEN 'missing_value' WHEN _sn_x1 IS NULL OR _sn_x2 IS NULL THEN 'out_of_range'
WHEN COALESCE(_sn_x1__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} OR COALESCE(_sn_x2__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'too_few_rows'
WHEN _sn__score IS NULL OR (_sn_x1__scale = 0.0e0 AND _sn_x2__scale = 0.0e0) THEN 'constant_baseline' ELSE 'ok' END AS anomaly_status
FROM
{%- if s.rule == 'threshold' %} ranked{% elif s.rule == 'contamination' %} limited{% endif %}
{%- elif not s.order and s.features | length == 3 and (s.rule, s.direction) in [('contamination', 'both'), ('threshold', 'both')] -%}
WITH source AS (SELECT {{ s.columns }}, CASE WHEN ABS({{ s.features[0].value }}) <= 1e+150 THEN {{ s.features[0].value }} END AS _sn_x1,
{{ s.features[0].value }} AS _sn_x1__raw, CASE WHEN ABS({{ s.features[1].value }}) <= 1e+150 THEN {{ s.features[1].value }} END AS _sn_x2,
{{ s.features[1].value }} AS _sn_x2__raw, CASE WHEN ABS({{ s.features[2].value }}) <= 1e+150 THEN {{ s.features[2].value }} END AS _sn_x3,
{{ s.features[2].value }} AS _sn_x3__raw, {{ s.key }} AS _sn__key1, CASE WHEN {{ s.filter }} THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), fitted AS (SELECT _sn__key1, COUNT(1) AS _sn__rows
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), counted AS (SELECT source.*, fitted._sn__rows
FROM source
LEFT JOIN fitted ON (source._sn__key1 = fitted._sn__key1 OR (source._sn__key1 IS NULL AND fitted._sn__key1 IS NULL))), ranks_running
AS (SELECT *, SUM(CASE WHEN NOT _sn_x1 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x1, CAST(1e+300
AS DOUBLE PRECISION)) ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS _sn_x1__below_running1, SUM(CASE WHEN NOT _sn_x1 IS NULL THEN
_sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x1, CAST(1e+300 AS DOUBLE PRECISION)) DESC ROWS BETWEEN UNBOUNDED
PRECEDING AND CURRENT ROW) AS _sn_x1__above_running2
FROM counted), ranks AS (SELECT *, MAX(_sn_x1__below_running1) OVER (PARTITION BY _sn__key1, COALESCE(_sn_x1, CAST(1e+300 AS DOUBLE
PRECISION))) AS _sn_x1__below, MAX(_sn_x1__above_running2) OVER (PARTITION BY _sn__key1, COALESCE(_sn_x1, CAST(1e+300 AS DOUBLE
PRECISION))) AS _sn_x1__above
FROM ranks_running), bounds AS (SELECT _sn__key1, SUM(CASE WHEN NOT _sn_x1 IS NULL THEN _sn__fitted ELSE 0 END) AS _sn_x1__n, CAST(SUM(CASE
WHEN _sn__fitted > 0 THEN _sn_x1 * _sn__fitted END) AS DOUBLE PRECISION) / NULLIF(SUM(CASE WHEN NOT _sn_x1 IS NULL THEN _sn__fitted ELSE
0 END), 0.0e0) AS _sn_x1__mean, MIN(CASE WHEN _sn__fitted > 0 THEN _sn_x1 END) AS _sn_x1__low, MAX(CASE WHEN _sn__fitted > 0 THEN _sn_x1
END) AS _sn_x1__high, SUM(CASE WHEN NOT _sn_x2 IS NULL THEN _sn__fitted ELSE 0 END) AS _sn_x2__n, CAST(SUM(CASE WHEN _sn__fitted >
0 THEN _sn_x2 * _sn__fitted END) AS DOUBLE PRECISION) / NULLIF(SUM(CASE WHEN NOT _sn_x2 IS NULL THEN _sn__fitted ELSE 0 END), 0.0e0)
AS _sn_x2__mean, MIN(CASE WHEN _sn__fitted > 0 THEN _sn_x2 END) AS _sn_x2__low, MAX(CASE WHEN _sn__fitted > 0 THEN _sn_x2 END) AS _sn_x2__high,
SUM(CASE WHEN NOT _sn_x3 IS NULL THEN _sn__fitted ELSE 0 END) AS _sn_x3__n, CAST(SUM(CASE WHEN _sn__fitted > 0 THEN _sn_x3 * _sn__fitted
END) AS DOUBLE PRECISION) / NULLIF(SUM(CASE WHEN NOT _sn_x3 IS NULL THEN _sn__fitted ELSE 0 END), 0.0e0) AS _sn_x3__mean, MIN(CASE
WHEN _sn__fitted > 0 THEN _sn_x3 END) AS _sn_x3__low, MAX(CASE WHEN _sn__fitted > 0 THEN _sn_x3 END) AS _sn_x3__high
FROM counted
WHERE _sn__fitted = 1
GROUP BY _sn__key1), skew AS (SELECT counted._sn__key1, MIN(bounds._sn_x1__n) AS _sn_x1__n, MIN(bounds._sn_x1__mean) AS _sn_x1__mean,
MIN(bounds._sn_x1__low) AS _sn_x1__low, MIN(bounds._sn_x1__high) AS _sn_x1__high, MIN(bounds._sn_x2__n) AS _sn_x2__n, MIN(bounds._sn_x2__mean)
AS _sn_x2__mean, MIN(bounds._sn_x2__low) AS _sn_x2__low, MIN(bounds._sn_x2__high) AS _sn_x2__high, MIN(bounds._sn_x3__n) AS
_sn_x3__n, MIN(bounds._sn_x3__mean) AS _sn_x3__mean, MIN(bounds._sn_x3__low) AS _sn_x3__low, MIN(bounds._sn_x3__high) AS _sn_x3__high,
SUM(CASE WHEN counted._sn__fitted > 0 THEN (((CAST((counted._sn_x1 - bounds._sn_x1__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x1__high
- bounds._sn_x1__low, 0.0e0)) * (CAST((counted._sn_x1 - bounds._sn_x1__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x1__high
- bounds._sn_x1__low, 0.0e0))) * (CAST((counted._sn_x1 - bounds._sn_x1__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x1__high
- bounds._sn_x1__low, 0.0e0))) * counted._sn__fitted END) AS _sn_x1__skew, SUM(CASE WHEN counted._sn__fitted > 0 THEN ABS(((CAST((counted._sn_x1
- bounds._sn_x1__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x1__high - bounds._sn_x1__low, 0.0e0)) * (CAST((counted._sn_x1
- bounds._sn_x1__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x1__high - bounds._sn_x1__low, 0.0e0))) * (CAST((counted._sn_x1
- bounds._sn_x1__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x1__high - bounds._sn_x1__low, 0.0e0))) * counted._sn__fitted
END) AS _sn_x1__bulk, SUM(CASE WHEN counted._sn__fitted > 0 THEN (((CAST((counted._sn_x2 - bounds._sn_x2__mean) AS DOUBLE PRECISION)
/ NULLIF(bounds._sn_x2__high - bounds._sn_x2__low, 0.0e0)) * (CAST((counted._sn_x2 - bounds._sn_x2__mean) AS DOUBLE PRECISION)
/ NULLIF(bounds._sn_x2__high - bounds._sn_x2__low, 0.0e0))) * (CAST((counted._sn_x2 - bounds._sn_x2__mean) AS DOUBLE PRECISION)
/ NULLIF(bounds._sn_x2__high - bounds._sn_x2__low, 0.0e0))) * counted._sn__fitted END) AS _sn_x2__skew, SUM(CASE WHEN counted._sn__fitted
> 0 THEN ABS(((CAST((counted._sn_x2 - bounds._sn_x2__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x2__high - bounds._sn_x2__low,
0.0e0)) * (CAST((counted._sn_x2 - bounds._sn_x2__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x2__high - bounds._sn_x2__low,
0.0e0))) * (CAST((counted._sn_x2 - bounds._sn_x2__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x2__high - bounds._sn_x2__low,
0.0e0))) * counted._sn__fitted END) AS _sn_x2__bulk, SUM(CASE WHEN counted._sn__fitted > 0 THEN (((CAST((counted._sn_x3 -
bounds._sn_x3__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x3__high - bounds._sn_x3__low, 0.0e0)) * (CAST((counted._sn_x3
- bounds._sn_x3__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x3__high - bounds._sn_x3__low, 0.0e0))) * (CAST((counted._sn_x3
- bounds._sn_x3__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x3__high - bounds._sn_x3__low, 0.0e0))) * counted._sn__fitted
END) AS _sn_x3__skew, SUM(CASE WHEN counted._sn__fitted > 0 THEN ABS(((CAST((counted._sn_x3 - bounds._sn_x3__mean) AS DOUBLE
PRECISION) / NULLIF(bounds._sn_x3__high - bounds._sn_x3__low, 0.0e0)) * (CAST((counted._sn_x3 - bounds._sn_x3__mean) AS DOUBLE
PRECISION) / NULLIF(bounds._sn_x3__high - bounds._sn_x3__low, 0.0e0))) * (CAST((counted._sn_x3 - bounds._sn_x3__mean) AS
DOUBLE PRECISION) / NULLIF(bounds._sn_x3__high - bounds._sn_x3__low, 0.0e0))) * counted._sn__fitted END) AS _sn_x3__bulk
FROM counted
LEFT JOIN bounds ON (counted._sn__key1 = bounds._sn__key1 OR (counted._sn__key1 IS NULL AND bounds._sn__key1 IS NULL))
WHERE counted._sn__fitted = 1
GROUP BY counted._sn__key1), model AS (SELECT *, CASE WHEN _sn_x1__high > _sn_x1__low THEN _sn_x1__high - _sn_x1__low ELSE CAST(0.0e0
AS DOUBLE PRECISION) END AS _sn_x1__scale, CASE WHEN ABS(_sn_x1__skew) <= CAST(1e-09 AS DOUBLE PRECISION) * _sn_x1__bulk THEN 0 WHEN
_sn_x1__skew > 0.0e0 THEN 1 ELSE - 1 END AS _sn_x1__side, CASE WHEN _sn_x2__high > _sn_x2__low THEN _sn_x2__high - _sn_x2__low ELSE CAST(0.0e0
AS DOUBLE PRECISION) END AS _sn_x2__scale, CASE WHEN ABS(_sn_x2__skew) <= CAST(1e-09 AS DOUBLE PRECISION) * _sn_x2__bulk THEN 0 WHEN
_sn_x2__skew > 0.0e0 THEN 1 ELSE - 1 END AS _sn_x2__side, CASE WHEN _sn_x3__high > _sn_x3__low THEN _sn_x3__high - _sn_x3__low ELSE CAST(0.0e0
AS DOUBLE PRECISION) END AS _sn_x3__scale, CASE WHEN ABS(_sn_x3__skew) <= CAST(1e-09 AS DOUBLE PRECISION) * _sn_x3__bulk THEN 0 WHEN
_sn_x3__skew > 0.0e0 THEN 1 ELSE - 1 END AS _sn_x3__side
FROM skew), tails AS (SELECT ranks.*, CASE WHEN model._sn_x1__scale = 0.0e0 AND ranks._sn_x1 = model._sn_x1__low THEN CAST(0.0e0
AS DOUBLE PRECISION) WHEN NOT ranks._sn_x1 IS NULL AND model._sn_x1__scale > 0.0e0 THEN - LN(CASE WHEN model._sn_x1__side = 0 THEN (CAST(GREATEST(COALESCE(ranks._sn_x1__below,
0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_x1__n, 0.0e0)) * (CAST(GREATEST(COALESCE(ranks._sn_x1__above, 0), 1) AS
DOUBLE PRECISION) / NULLIF(model._sn_x1__n, 0.0e0)) ELSE LEAST(CAST(GREATEST(COALESCE(ranks._sn_x1__below, 0), 1) AS DOUBLE
PRECISION) / NULLIF(model._sn_x1__n, 0.0e0), CAST(GREATEST(COALESCE(ranks._sn_x1__above, 0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_x1__n,
0.0e0)) END) END AS _sn_x1__tail
FROM ranks
LEFT JOIN model ON (ranks._sn__key1 = model._sn__key1 OR (ranks._sn__key1 IS NULL AND model._sn__key1 IS NULL))), ranks_running_2
AS (SELECT *, SUM(CASE WHEN NOT _sn_x2 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x2, CAST(1e+300
AS DOUBLE PRECISION)) ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS _sn_x2__below_running1, SUM(CASE WHEN NOT _sn_x2 IS NULL THEN
_sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x2, CAST(1e+300 AS DOUBLE PRECISION)) DESC ROWS BETWEEN UNBOUNDED
PRECEDING AND CURRENT ROW) AS _sn_x2__above_running2
FROM tails), ranks_2 AS (SELECT *, MAX(_sn_x2__below_running1) OVER (PARTITION BY _sn__key1, COALESCE(_sn_x2, CAST(1e+300 AS DOUBLE
PRECISION))) AS _sn_x2__below, MAX(_sn_x2__above_running2) OVER (PARTITION BY _sn__key1, COALESCE(_sn_x2, CAST(1e+300 AS DOUBLE
PRECISION))) AS _sn_x2__above
FROM ranks_running_2), tails_2 AS (SELECT ranks_2.*, CASE WHEN model._sn_x2__scale = 0.0e0 AND ranks_2._sn_x2 = model._sn_x2__low
THEN CAST(0.0e0 AS DOUBLE PRECISION) WHEN NOT ranks_2._sn_x2 IS NULL AND model._sn_x2__scale > 0.0e0 THEN - LN(CASE WHEN model._sn_x2__side
= 0 THEN (CAST(GREATEST(COALESCE(ranks_2._sn_x2__below, 0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_x2__n, 0.0e0)) * (CAST(GREATEST(COALESCE(ranks_2._sn_x2__above,
0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_x2__n, 0.0e0)) ELSE LEAST(CAST(GREATEST(COALESCE(ranks_2._sn_x2__below,
0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_x2__n, 0.0e0), CAST(GREATEST(COALESCE(ranks_2._sn_x2__above, 0), 1) AS
DOUBLE PRECISION) / NULLIF(model._sn_x2__n, 0.0e0)) END) END AS _sn_x2__tail
FROM ranks_2
LEFT JOIN model ON (ranks_2._sn__key1 = model._sn__key1 OR (ranks_2._sn__key1 IS NULL AND model._sn__key1 IS NULL))), ranks_running_3
AS (SELECT *, SUM(CASE WHEN NOT _sn_x3 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x3, CAST(1e+300
AS DOUBLE PRECISION)) ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS _sn_x3__below_running1, SUM(CASE WHEN NOT _sn_x3 IS NULL THEN
_sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x3, CAST(1e+300 AS DOUBLE PRECISION)) DESC ROWS BETWEEN UNBOUNDED
PRECEDING AND CURRENT ROW) AS _sn_x3__above_running2
FROM tails_2), ranks_3 AS (SELECT *, MAX(_sn_x3__below_running1) OVER (PARTITION BY _sn__key1, COALESCE(_sn_x3, CAST(1e+300 AS
DOUBLE PRECISION))) AS _sn_x3__below, MAX(_sn_x3__above_running2) OVER (PARTITION BY _sn__key1, COALESCE(_sn_x3, CAST(1e+300 AS
DOUBLE PRECISION))) AS _sn_x3__above
FROM ranks_running_3), tails_3 AS (SELECT ranks_3.*, CASE WHEN model._sn_x3__scale = 0.0e0 AND ranks_3._sn_x3 = model._sn_x3__low
THEN CAST(0.0e0 AS DOUBLE PRECISION) WHEN NOT ranks_3._sn_x3 IS NULL AND model._sn_x3__scale > 0.0e0 THEN - LN(CASE WHEN model._sn_x3__side
= 0 THEN (CAST(GREATEST(COALESCE(ranks_3._sn_x3__below, 0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_x3__n, 0.0e0)) * (CAST(GREATEST(COALESCE(ranks_3._sn_x3__above,
0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_x3__n, 0.0e0)) ELSE LEAST(CAST(GREATEST(COALESCE(ranks_3._sn_x3__below,
0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_x3__n, 0.0e0), CAST(GREATEST(COALESCE(ranks_3._sn_x3__above, 0), 1) AS
DOUBLE PRECISION) / NULLIF(model._sn_x3__n, 0.0e0)) END) END AS _sn_x3__tail
FROM ranks_3
LEFT JOIN model ON (ranks_3._sn__key1 = model._sn__key1 OR (ranks_3._sn__key1 IS NULL AND model._sn__key1 IS NULL))), placed AS (SELECT
tails_3.*, model._sn_x1__n, model._sn_x1__scale, model._sn_x2__n, model._sn_x2__scale, model._sn_x3__n, model._sn_x3__scale
FROM tails_3
LEFT JOIN model ON (tails_3._sn__key1 = model._sn__key1 OR (tails_3._sn__key1 IS NULL AND model._sn__key1 IS NULL))), terms AS (SELECT
*, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x1__tail END AS _sn_x1__term, CASE WHEN _sn_x2__n >= {{ sqlnomaly.whole(s.min_rows) }}
THEN _sn_x2__tail END AS _sn_x2__term, CASE WHEN _sn_x3__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x3__tail END AS _sn_x3__term
FROM placed), scored AS (SELECT *, CASE WHEN NOT _sn_x1__term IS NULL AND NOT _sn_x2__term IS NULL AND NOT _sn_x3__term IS NULL THEN _sn_x1__term
+ _sn_x2__term + _sn_x3__term END AS _sn__score, CASE WHEN NOT _sn_x1__term IS NULL AND NOT _sn_x2__term IS NULL AND NOT _sn_x3__term IS NULL
THEN GREATEST(_sn_x1__term, _sn_x2__term, _sn_x3__term) END AS _sn__best
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
AS anomaly_threshold, CASE WHEN _sn__score IS NULL THEN NULL WHEN _sn_x1__term >= _sn__best - (CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0
AS DOUBLE PRECISION), ABS(_sn__best))) THEN {{ s.features[0].literal }} WHEN _sn_x2__term >= _sn__best - (CAST(1e-09 AS DOUBLE PRECISION)
* GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(_sn__best))) THEN {{ s.features[1].literal }} WHEN _sn_x3__term >= _sn__best - (CAST(1e-09
AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(_sn__best))) THEN {{ s.features[2].literal }} END AS anomaly_reason,
CASE WHEN COALESCE(_sn__rows, 0) = 0 THEN 'unseen_group' WHEN _sn_x1__raw IS NULL OR _sn_x2__raw IS NULL OR _sn_x3__raw IS NULL THEN 'missing_value'
WHEN _sn_x1 IS NULL OR _sn_x2 IS NULL OR _sn_x3 IS NULL THEN 'out_of_range' WHEN COALESCE(_sn_x1__n, 0) < {{ sqlnomaly.whole(s.min_rows) }}
OR COALESCE(_sn_x2__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} OR COALESCE(_sn_x3__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'too_few_rows'
WHEN _sn__score IS NULL OR (_sn_x1__scale = 0.0e0 AND _sn_x2__scale = 0.0e0 AND _sn_x3__scale = 0.0e0) THEN 'constant_baseline' ELSE 'ok' END
AS anomaly_status
FROM
{%- if s.rule == 'threshold' %} ranked{% elif s.rule == 'contamination' %} limited{% endif %}
{%- elif not s.order and s.features | length == 4 and (s.rule, s.direction) in [('contamination', 'both'), ('threshold', 'both')] -%}
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
LEFT JOIN fitted ON (source._sn__key1 = fitted._sn__key1 OR (source._sn__key1 IS NULL AND fitted._sn__key1 IS NULL))), ranks_running
AS (SELECT *, SUM(CASE WHEN NOT _sn_x1 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x1, CAST(1e+300
AS DOUBLE PRECISION)) ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS _sn_x1__below_running1, SUM(CASE WHEN NOT _sn_x1 IS NULL THEN
_sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x1, CAST(1e+300 AS DOUBLE PRECISION)) DESC ROWS BETWEEN UNBOUNDED
PRECEDING AND CURRENT ROW) AS _sn_x1__above_running2
FROM counted), ranks AS (SELECT *, MAX(_sn_x1__below_running1) OVER (PARTITION BY _sn__key1, COALESCE(_sn_x1, CAST(1e+300 AS DOUBLE
PRECISION))) AS _sn_x1__below, MAX(_sn_x1__above_running2) OVER (PARTITION BY _sn__key1, COALESCE(_sn_x1, CAST(1e+300 AS DOUBLE
PRECISION))) AS _sn_x1__above
FROM ranks_running), bounds AS (SELECT _sn__key1, SUM(CASE WHEN NOT _sn_x1 IS NULL THEN _sn__fitted ELSE 0 END) AS _sn_x1__n, CAST(SUM(CASE
WHEN _sn__fitted > 0 THEN _sn_x1 * _sn__fitted END) AS DOUBLE PRECISION) / NULLIF(SUM(CASE WHEN NOT _sn_x1 IS NULL THEN _sn__fitted ELSE
0 END), 0.0e0) AS _sn_x1__mean, MIN(CASE WHEN _sn__fitted > 0 THEN _sn_x1 END) AS _sn_x1__low, MAX(CASE WHEN _sn__fitted > 0 THEN _sn_x1
END) AS _sn_x1__high, SUM(CASE WHEN NOT _sn_x2 IS NULL THEN _sn__fitted ELSE 0 END) AS _sn_x2__n, CAST(SUM(CASE WHEN _sn__fitted >
0 THEN _sn_x2 * _sn__fitted END) AS DOUBLE PRECISION) / NULLIF(SUM(CASE WHEN NOT _sn_x2 IS NULL THEN _sn__fitted ELSE 0 END), 0.0e0)
AS _sn_x2__mean, MIN(CASE WHEN _sn__fitted > 0 THEN _sn_x2 END) AS _sn_x2__low, MAX(CASE WHEN _sn__fitted > 0 THEN _sn_x2 END) AS _sn_x2__high,
SUM(CASE WHEN NOT _sn_x3 IS NULL THEN _sn__fitted ELSE 0 END) AS _sn_x3__n, CAST(SUM(CASE WHEN _sn__fitted > 0 THEN _sn_x3 * _sn__fitted
END) AS DOUBLE PRECISION) / NULLIF(SUM(CASE WHEN NOT _sn_x3 IS NULL THEN _sn__fitted ELSE 0 END), 0.0e0) AS _sn_x3__mean, MIN(CASE
WHEN _sn__fitted > 0 THEN _sn_x3 END) AS _sn_x3__low, MAX(CASE WHEN _sn__fitted > 0 THEN _sn_x3 END) AS _sn_x3__high, SUM(CASE WHEN NOT
_sn_x4 IS NULL THEN _sn__fitted ELSE 0 END) AS _sn_x4__n, CAST(SUM(CASE WHEN _sn__fitted > 0 THEN _sn_x4 * _sn__fitted END) AS DOUBLE
PRECISION) / NULLIF(SUM(CASE WHEN NOT _sn_x4 IS NULL THEN _sn__fitted ELSE 0 END), 0.0e0) AS _sn_x4__mean, MIN(CASE WHEN _sn__fitted
> 0 THEN _sn_x4 END) AS _sn_x4__low, MAX(CASE WHEN _sn__fitted > 0 THEN _sn_x4 END) AS _sn_x4__high
FROM counted
WHERE _sn__fitted = 1
GROUP BY _sn__key1), skew AS (SELECT counted._sn__key1, MIN(bounds._sn_x1__n) AS _sn_x1__n, MIN(bounds._sn_x1__mean) AS _sn_x1__mean,
MIN(bounds._sn_x1__low) AS _sn_x1__low, MIN(bounds._sn_x1__high) AS _sn_x1__high, MIN(bounds._sn_x2__n) AS _sn_x2__n, MIN(bounds._sn_x2__mean)
AS _sn_x2__mean, MIN(bounds._sn_x2__low) AS _sn_x2__low, MIN(bounds._sn_x2__high) AS _sn_x2__high, MIN(bounds._sn_x3__n) AS
_sn_x3__n, MIN(bounds._sn_x3__mean) AS _sn_x3__mean, MIN(bounds._sn_x3__low) AS _sn_x3__low, MIN(bounds._sn_x3__high) AS _sn_x3__high,
MIN(bounds._sn_x4__n) AS _sn_x4__n, MIN(bounds._sn_x4__mean) AS _sn_x4__mean, MIN(bounds._sn_x4__low) AS _sn_x4__low, MIN(bounds._sn_x4__high)
AS _sn_x4__high, SUM(CASE WHEN counted._sn__fitted > 0 THEN (((CAST((counted._sn_x1 - bounds._sn_x1__mean) AS DOUBLE PRECISION)
/ NULLIF(bounds._sn_x1__high - bounds._sn_x1__low, 0.0e0)) * (CAST((counted._sn_x1 - bounds._sn_x1__mean) AS DOUBLE PRECISION)
/ NULLIF(bounds._sn_x1__high - bounds._sn_x1__low, 0.0e0))) * (CAST((counted._sn_x1 - bounds._sn_x1__mean) AS DOUBLE PRECISION)
/ NULLIF(bounds._sn_x1__high - bounds._sn_x1__low, 0.0e0))) * counted._sn__fitted END) AS _sn_x1__skew, SUM(CASE WHEN counted._sn__fitted
> 0 THEN ABS(((CAST((counted._sn_x1 - bounds._sn_x1__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x1__high - bounds._sn_x1__low,
0.0e0)) * (CAST((counted._sn_x1 - bounds._sn_x1__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x1__high - bounds._sn_x1__low,
0.0e0))) * (CAST((counted._sn_x1 - bounds._sn_x1__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x1__high - bounds._sn_x1__low,
0.0e0))) * counted._sn__fitted END) AS _sn_x1__bulk, SUM(CASE WHEN counted._sn__fitted > 0 THEN (((CAST((counted._sn_x2 -
bounds._sn_x2__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x2__high - bounds._sn_x2__low, 0.0e0)) * (CAST((counted._sn_x2
- bounds._sn_x2__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x2__high - bounds._sn_x2__low, 0.0e0))) * (CAST((counted._sn_x2
- bounds._sn_x2__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x2__high - bounds._sn_x2__low, 0.0e0))) * counted._sn__fitted
END) AS _sn_x2__skew, SUM(CASE WHEN counted._sn__fitted > 0 THEN ABS(((CAST((counted._sn_x2 - bounds._sn_x2__mean) AS DOUBLE
PRECISION) / NULLIF(bounds._sn_x2__high - bounds._sn_x2__low, 0.0e0)) * (CAST((counted._sn_x2 - bounds._sn_x2__mean) AS DOUBLE
PRECISION) / NULLIF(bounds._sn_x2__high - bounds._sn_x2__low, 0.0e0))) * (CAST((counted._sn_x2 - bounds._sn_x2__mean) AS
DOUBLE PRECISION) / NULLIF(bounds._sn_x2__high - bounds._sn_x2__low, 0.0e0))) * counted._sn__fitted END) AS _sn_x2__bulk, SUM(CASE
WHEN counted._sn__fitted > 0 THEN (((CAST((counted._sn_x3 - bounds._sn_x3__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x3__high
- bounds._sn_x3__low, 0.0e0)) * (CAST((counted._sn_x3 - bounds._sn_x3__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x3__high
- bounds._sn_x3__low, 0.0e0))) * (CAST((counted._sn_x3 - bounds._sn_x3__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x3__high
- bounds._sn_x3__low, 0.0e0))) * counted._sn__fitted END) AS _sn_x3__skew, SUM(CASE WHEN counted._sn__fitted > 0 THEN ABS(((CAST((counted._sn_x3
- bounds._sn_x3__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x3__high - bounds._sn_x3__low, 0.0e0)) * (CAST((counted._sn_x3
- bounds._sn_x3__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x3__high - bounds._sn_x3__low, 0.0e0))) * (CAST((counted._sn_x3
- bounds._sn_x3__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x3__high - bounds._sn_x3__low, 0.0e0))) * counted._sn__fitted
END) AS _sn_x3__bulk, SUM(CASE WHEN counted._sn__fitted > 0 THEN (((CAST((counted._sn_x4 - bounds._sn_x4__mean) AS DOUBLE PRECISION)
/ NULLIF(bounds._sn_x4__high - bounds._sn_x4__low, 0.0e0)) * (CAST((counted._sn_x4 - bounds._sn_x4__mean) AS DOUBLE PRECISION)
/ NULLIF(bounds._sn_x4__high - bounds._sn_x4__low, 0.0e0))) * (CAST((counted._sn_x4 - bounds._sn_x4__mean) AS DOUBLE PRECISION)
/ NULLIF(bounds._sn_x4__high - bounds._sn_x4__low, 0.0e0))) * counted._sn__fitted END) AS _sn_x4__skew, SUM(CASE WHEN counted._sn__fitted
> 0 THEN ABS(((CAST((counted._sn_x4 - bounds._sn_x4__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x4__high - bounds._sn_x4__low,
0.0e0)) * (CAST((counted._sn_x4 - bounds._sn_x4__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x4__high - bounds._sn_x4__low,
0.0e0))) * (CAST((counted._sn_x4 - bounds._sn_x4__mean) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x4__high - bounds._sn_x4__low,
0.0e0))) * counted._sn__fitted END) AS _sn_x4__bulk
FROM counted
LEFT JOIN bounds ON (counted._sn__key1 = bounds._sn__key1 OR (counted._sn__key1 IS NULL AND bounds._sn__key1 IS NULL))
WHERE counted._sn__fitted = 1
GROUP BY counted._sn__key1), model AS (SELECT *, CASE WHEN _sn_x1__high > _sn_x1__low THEN _sn_x1__high - _sn_x1__low ELSE CAST(0.0e0
AS DOUBLE PRECISION) END AS _sn_x1__scale, CASE WHEN ABS(_sn_x1__skew) <= CAST(1e-09 AS DOUBLE PRECISION) * _sn_x1__bulk THEN 0 WHEN
_sn_x1__skew > 0.0e0 THEN 1 ELSE - 1 END AS _sn_x1__side, CASE WHEN _sn_x2__high > _sn_x2__low THEN _sn_x2__high - _sn_x2__low ELSE CAST(0.0e0
AS DOUBLE PRECISION) END AS _sn_x2__scale, CASE WHEN ABS(_sn_x2__skew) <= CAST(1e-09 AS DOUBLE PRECISION) * _sn_x2__bulk THEN 0 WHEN
_sn_x2__skew > 0.0e0 THEN 1 ELSE - 1 END AS _sn_x2__side, CASE WHEN _sn_x3__high > _sn_x3__low THEN _sn_x3__high - _sn_x3__low ELSE CAST(0.0e0
AS DOUBLE PRECISION) END AS _sn_x3__scale, CASE WHEN ABS(_sn_x3__skew) <= CAST(1e-09 AS DOUBLE PRECISION) * _sn_x3__bulk THEN 0 WHEN
_sn_x3__skew > 0.0e0 THEN 1 ELSE - 1 END AS _sn_x3__side, CASE WHEN _sn_x4__high > _sn_x4__low THEN _sn_x4__high - _sn_x4__low ELSE CAST(0.0e0
AS DOUBLE PRECISION) END AS _sn_x4__scale, CASE WHEN ABS(_sn_x4__skew) <= CAST(1e-09 AS DOUBLE PRECISION) * _sn_x4__bulk THEN 0 WHEN
_sn_x4__skew > 0.0e0 THEN 1 ELSE - 1 END AS _sn_x4__side
FROM skew), tails AS (SELECT ranks.*, CASE WHEN model._sn_x1__scale = 0.0e0 AND ranks._sn_x1 = model._sn_x1__low THEN CAST(0.0e0
AS DOUBLE PRECISION) WHEN NOT ranks._sn_x1 IS NULL AND model._sn_x1__scale > 0.0e0 THEN - LN(CASE WHEN model._sn_x1__side = 0 THEN (CAST(GREATEST(COALESCE(ranks._sn_x1__below,
0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_x1__n, 0.0e0)) * (CAST(GREATEST(COALESCE(ranks._sn_x1__above, 0), 1) AS
DOUBLE PRECISION) / NULLIF(model._sn_x1__n, 0.0e0)) ELSE LEAST(CAST(GREATEST(COALESCE(ranks._sn_x1__below, 0), 1) AS DOUBLE
PRECISION) / NULLIF(model._sn_x1__n, 0.0e0), CAST(GREATEST(COALESCE(ranks._sn_x1__above, 0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_x1__n,
0.0e0)) END) END AS _sn_x1__tail
FROM ranks
LEFT JOIN model ON (ranks._sn__key1 = model._sn__key1 OR (ranks._sn__key1 IS NULL AND model._sn__key1 IS NULL))), ranks_running_2
AS (SELECT *, SUM(CASE WHEN NOT _sn_x2 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x2, CAST(1e+300
AS DOUBLE PRECISION)) ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS _sn_x2__below_running1, SUM(CASE WHEN NOT _sn_x2 IS NULL THEN
_sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x2, CAST(1e+300 AS DOUBLE PRECISION)) DESC ROWS BETWEEN UNBOUNDED
PRECEDING AND CURRENT ROW) AS _sn_x2__above_running2
FROM tails), ranks_2 AS (SELECT *, MAX(_sn_x2__below_running1) OVER (PARTITION BY _sn__key1, COALESCE(_sn_x2, CAST(1e+300 AS DOUBLE
PRECISION))) AS _sn_x2__below, MAX(_sn_x2__above_running2) OVER (PARTITION BY _sn__key1, COALESCE(_sn_x2, CAST(1e+300 AS DOUBLE
PRECISION))) AS _sn_x2__above
FROM ranks_running_2), tails_2 AS (SELECT ranks_2.*, CASE WHEN model._sn_x2__scale = 0.0e0 AND ranks_2._sn_x2 = model._sn_x2__low
THEN CAST(0.0e0 AS DOUBLE PRECISION) WHEN NOT ranks_2._sn_x2 IS NULL AND model._sn_x2__scale > 0.0e0 THEN - LN(CASE WHEN model._sn_x2__side
= 0 THEN (CAST(GREATEST(COALESCE(ranks_2._sn_x2__below, 0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_x2__n, 0.0e0)) * (CAST(GREATEST(COALESCE(ranks_2._sn_x2__above,
0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_x2__n, 0.0e0)) ELSE LEAST(CAST(GREATEST(COALESCE(ranks_2._sn_x2__below,
0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_x2__n, 0.0e0), CAST(GREATEST(COALESCE(ranks_2._sn_x2__above, 0), 1) AS
DOUBLE PRECISION) / NULLIF(model._sn_x2__n, 0.0e0)) END) END AS _sn_x2__tail
FROM ranks_2
LEFT JOIN model ON (ranks_2._sn__key1 = model._sn__key1 OR (ranks_2._sn__key1 IS NULL AND model._sn__key1 IS NULL))), ranks_running_3
AS (SELECT *, SUM(CASE WHEN NOT _sn_x3 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x3, CAST(1e+300
AS DOUBLE PRECISION)) ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS _sn_x3__below_running1, SUM(CASE WHEN NOT _sn_x3 IS NULL THEN
_sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x3, CAST(1e+300 AS DOUBLE PRECISION)) DESC ROWS BETWEEN UNBOUNDED
PRECEDING AND CURRENT ROW) AS _sn_x3__above_running2
FROM tails_2), ranks_3 AS (SELECT *, MAX(_sn_x3__below_running1) OVER (PARTITION BY _sn__key1, COALESCE(_sn_x3, CAST(1e+300 AS
DOUBLE PRECISION))) AS _sn_x3__below, MAX(_sn_x3__above_running2) OVER (PARTITION BY _sn__key1, COALESCE(_sn_x3, CAST(1e+300 AS
DOUBLE PRECISION))) AS _sn_x3__above
FROM ranks_running_3), tails_3 AS (SELECT ranks_3.*, CASE WHEN model._sn_x3__scale = 0.0e0 AND ranks_3._sn_x3 = model._sn_x3__low
THEN CAST(0.0e0 AS DOUBLE PRECISION) WHEN NOT ranks_3._sn_x3 IS NULL AND model._sn_x3__scale > 0.0e0 THEN - LN(CASE WHEN model._sn_x3__side
= 0 THEN (CAST(GREATEST(COALESCE(ranks_3._sn_x3__below, 0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_x3__n, 0.0e0)) * (CAST(GREATEST(COALESCE(ranks_3._sn_x3__above,
0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_x3__n, 0.0e0)) ELSE LEAST(CAST(GREATEST(COALESCE(ranks_3._sn_x3__below,
0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_x3__n, 0.0e0), CAST(GREATEST(COALESCE(ranks_3._sn_x3__above, 0), 1) AS
DOUBLE PRECISION) / NULLIF(model._sn_x3__n, 0.0e0)) END) END AS _sn_x3__tail
FROM ranks_3
LEFT JOIN model ON (ranks_3._sn__key1 = model._sn__key1 OR (ranks_3._sn__key1 IS NULL AND model._sn__key1 IS NULL))), ranks_running_4
AS (SELECT *, SUM(CASE WHEN NOT _sn_x4 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x4, CAST(1e+300
AS DOUBLE PRECISION)) ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS _sn_x4__below_running1, SUM(CASE WHEN NOT _sn_x4 IS NULL THEN
_sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x4, CAST(1e+300 AS DOUBLE PRECISION)) DESC ROWS BETWEEN UNBOUNDED
PRECEDING AND CURRENT ROW) AS _sn_x4__above_running2
FROM tails_3), ranks_4 AS (SELECT *, MAX(_sn_x4__below_running1) OVER (PARTITION BY _sn__key1, COALESCE(_sn_x4, CAST(1e+300 AS
DOUBLE PRECISION))) AS _sn_x4__below, MAX(_sn_x4__above_running2) OVER (PARTITION BY _sn__key1, COALESCE(_sn_x4, CAST(1e+300 AS
DOUBLE PRECISION))) AS _sn_x4__above
FROM ranks_running_4), tails_4 AS (SELECT ranks_4.*, CASE WHEN model._sn_x4__scale = 0.0e0 AND ranks_4._sn_x4 = model._sn_x4__low
THEN CAST(0.0e0 AS DOUBLE PRECISION) WHEN NOT ranks_4._sn_x4 IS NULL AND model._sn_x4__scale > 0.0e0 THEN - LN(CASE WHEN model._sn_x4__side
= 0 THEN (CAST(GREATEST(COALESCE(ranks_4._sn_x4__below, 0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_x4__n, 0.0e0)) * (CAST(GREATEST(COALESCE(ranks_4._sn_x4__above,
0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_x4__n, 0.0e0)) ELSE LEAST(CAST(GREATEST(COALESCE(ranks_4._sn_x4__below,
0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_x4__n, 0.0e0), CAST(GREATEST(COALESCE(ranks_4._sn_x4__above, 0), 1) AS
DOUBLE PRECISION) / NULLIF(model._sn_x4__n, 0.0e0)) END) END AS _sn_x4__tail
FROM ranks_4
LEFT JOIN model ON (ranks_4._sn__key1 = model._sn__key1 OR (ranks_4._sn__key1 IS NULL AND model._sn__key1 IS NULL))), placed AS (SELECT
tails_4.*, model._sn_x1__n, model._sn_x1__scale, model._sn_x2__n, model._sn_x2__scale, model._sn_x3__n, model._sn_x3__scale,
model._sn_x4__n, model._sn_x4__scale
FROM tails_4
LEFT JOIN model ON (tails_4._sn__key1 = model._sn__key1 OR (tails_4._sn__key1 IS NULL AND model._sn__key1 IS NULL))), terms AS (SELECT
*, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x1__tail END AS _sn_x1__term, CASE WHEN _sn_x2__n >= {{ sqlnomaly.whole(s.min_rows) }}
THEN _sn_x2__tail END AS _sn_x2__term, CASE WHEN _sn_x3__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x3__tail END AS _sn_x3__term, CASE
WHEN _sn_x4__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x4__tail END AS _sn_x4__term
FROM placed), scored AS (SELECT *, CASE WHEN NOT _sn_x1__term IS NULL AND NOT _sn_x2__term IS NULL AND NOT _sn_x3__term IS NULL AND NOT _sn_x4__term
IS NULL THEN _sn_x1__term + _sn_x2__term + _sn_x3__term + _sn_x4__term END AS _sn__score, CASE WHEN NOT _sn_x1__term IS NULL AND NOT _sn_x2__term
IS NULL AND NOT _sn_x3__term IS NULL AND NOT _sn_x4__term IS NULL THEN GREATEST(_sn_x1__term, _sn_x2__term, _sn_x3__term, _sn_x4__term)
END AS _sn__best
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
AS anomaly_threshold, CASE WHEN _sn__score IS NULL THEN NULL WHEN _sn_x1__term >= _sn__best - (CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0
AS DOUBLE PRECISION), ABS(_sn__best))) THEN {{ s.features[0].literal }} WHEN _sn_x2__term >= _sn__best - (CAST(1e-09 AS DOUBLE PRECISION)
* GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(_sn__best))) THEN {{ s.features[1].literal }} WHEN _sn_x3__term >= _sn__best - (CAST(1e-09
AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(_sn__best))) THEN {{ s.features[2].literal }} WHEN _sn_x4__term
>= _sn__best - (CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(_sn__best))) THEN {{ s.features[3].literal }}
END AS anomaly_reason, CASE WHEN COALESCE(_sn__rows, 0) = 0 THEN 'unseen_group' WHEN _sn_x1__raw IS NULL OR _sn_x2__raw IS NULL OR _sn_x3__raw
IS NULL OR _sn_x4__raw IS NULL THEN 'missing_value' WHEN _sn_x1 IS NULL OR _sn_x2 IS NULL OR _sn_x3 IS NULL OR _sn_x4 IS NULL THEN 'out_of_range'
WHEN COALESCE(_sn_x1__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} OR COALESCE(_sn_x2__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} OR COALESCE(_sn_x3__n,
0) < {{ sqlnomaly.whole(s.min_rows) }} OR COALESCE(_sn_x4__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'too_few_rows' WHEN _sn__score
IS NULL OR (_sn_x1__scale = 0.0e0 AND _sn_x2__scale = 0.0e0 AND _sn_x3__scale = 0.0e0 AND _sn_x4__scale = 0.0e0) THEN 'constant_baseline' ELSE
'ok' END AS anomaly_status
FROM
{%- if s.rule == 'threshold' %} ranked{% elif s.rule == 'contamination' %} limited{% endif %}
{%- else -%}
{{ sqlnomaly.no_such_way('ecod', s, ['contamination, without order_by, 1 feature', 'contamination, without order_by, 2 features', 'contamination, without order_by, 3 features', 'contamination, without order_by, 4 features', 'threshold, without order_by, 1 feature', 'threshold, without order_by, 2 features', 'threshold, without order_by, 3 features', 'threshold, without order_by, 4 features']) }}
{%- endif -%}
{%- endmacro -%}

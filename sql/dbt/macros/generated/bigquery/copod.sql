{#- sqlnomaly 0.1.0: copod for bigquery, generated; do not edit. -#}
{%- macro bigquery__sqlnomaly_copod(s) -%}
{%- do sqlnomaly.only_options('copod', s, []) -%}
{%- if not s.order and s.features | length == 1 and (s.rule, s.direction) in [('contamination', 'both'), ('threshold', 'both')] -%}
WITH source AS (SELECT *, CASE WHEN ABS(CAST({{ s.features[0].value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ s.features[0].value }} AS
FLOAT64) END AS _sn_x1, CAST({{ s.features[0].value }} AS FLOAT64) AS _sn_x1__raw, {{ s.key }} AS _sn__key1, CASE WHEN {{ s.filter }}
THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), fitted AS (SELECT _sn__key1, COUNT(1) AS _sn__rows
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), counted AS (SELECT source.*, fitted._sn__rows
FROM source
LEFT JOIN fitted ON source._sn__key1 IS NOT DISTINCT FROM fitted._sn__key1), ranks AS (SELECT *, SUM(CASE WHEN NOT _sn_x1 IS NULL THEN
_sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x1, 1e+300)) AS _sn_x1__below, SUM(CASE WHEN NOT _sn_x1
IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x1, 1e+300) DESC) AS _sn_x1__above
FROM counted), bounds AS (SELECT _sn__key1, SUM(CASE WHEN NOT _sn_x1 IS NULL THEN _sn__fitted ELSE 0 END) AS _sn_x1__n, SUM(CASE WHEN
_sn__fitted > 0 THEN _sn_x1 * _sn__fitted END) / NULLIF(SUM(CASE WHEN NOT _sn_x1 IS NULL THEN _sn__fitted ELSE 0 END), 0.0e0) AS _sn_x1__mean,
MIN(CASE WHEN _sn__fitted > 0 THEN _sn_x1 END) AS _sn_x1__low, MAX(CASE WHEN _sn__fitted > 0 THEN _sn_x1 END) AS _sn_x1__high
FROM counted
WHERE _sn__fitted = 1
GROUP BY _sn__key1), skew AS (SELECT counted._sn__key1, MIN(bounds._sn_x1__n) AS _sn_x1__n, MIN(bounds._sn_x1__mean) AS _sn_x1__mean,
MIN(bounds._sn_x1__low) AS _sn_x1__low, MIN(bounds._sn_x1__high) AS _sn_x1__high, SUM(CASE WHEN counted._sn__fitted > 0 THEN ((((counted._sn_x1
- bounds._sn_x1__mean) / NULLIF(bounds._sn_x1__high - bounds._sn_x1__low, 0.0e0)) * ((counted._sn_x1 - bounds._sn_x1__mean)
/ NULLIF(bounds._sn_x1__high - bounds._sn_x1__low, 0.0e0))) * ((counted._sn_x1 - bounds._sn_x1__mean) / NULLIF(bounds._sn_x1__high
- bounds._sn_x1__low, 0.0e0))) * counted._sn__fitted END) AS _sn_x1__skew, SUM(CASE WHEN counted._sn__fitted > 0 THEN ABS((((counted._sn_x1
- bounds._sn_x1__mean) / NULLIF(bounds._sn_x1__high - bounds._sn_x1__low, 0.0e0)) * ((counted._sn_x1 - bounds._sn_x1__mean)
/ NULLIF(bounds._sn_x1__high - bounds._sn_x1__low, 0.0e0))) * ((counted._sn_x1 - bounds._sn_x1__mean) / NULLIF(bounds._sn_x1__high
- bounds._sn_x1__low, 0.0e0))) * counted._sn__fitted END) AS _sn_x1__bulk
FROM counted
LEFT JOIN bounds ON counted._sn__key1 IS NOT DISTINCT FROM bounds._sn__key1
WHERE counted._sn__fitted = 1
GROUP BY counted._sn__key1), model AS (SELECT *, CASE WHEN _sn_x1__high > _sn_x1__low THEN _sn_x1__high - _sn_x1__low ELSE 0.0e0 END AS
_sn_x1__scale, CASE WHEN ABS(_sn_x1__skew) <= 1e-09 * _sn_x1__bulk THEN 0 WHEN _sn_x1__skew > 0.0e0 THEN 1 ELSE - 1 END AS _sn_x1__side
FROM skew), tails AS (SELECT ranks.*, CASE WHEN model._sn_x1__scale = 0.0e0 AND ranks._sn_x1 = model._sn_x1__low THEN 0.0e0 WHEN
NOT ranks._sn_x1 IS NULL AND model._sn_x1__scale > 0.0e0 THEN CASE WHEN model._sn_x1__side = 0 THEN - 1.0e0 ELSE - 0.5e0 END * LN(CASE
WHEN model._sn_x1__side = 0 THEN (CAST(GREATEST(COALESCE(ranks._sn_x1__below, 0), 1) AS FLOAT64) / NULLIF(model._sn_x1__n,
0.0e0)) * (CAST(GREATEST(COALESCE(ranks._sn_x1__above, 0), 1) AS FLOAT64) / NULLIF(model._sn_x1__n, 0.0e0)) ELSE CASE
WHEN model._sn_x1__side > 0 THEN CAST(GREATEST(COALESCE(ranks._sn_x1__above, 0), 1) AS FLOAT64) / NULLIF(model._sn_x1__n,
0.0e0) ELSE CAST(GREATEST(COALESCE(ranks._sn_x1__below, 0), 1) AS FLOAT64) / NULLIF(model._sn_x1__n, 0.0e0) END * LEAST(CAST(GREATEST(COALESCE(ranks._sn_x1__below,
0), 1) AS FLOAT64) / NULLIF(model._sn_x1__n, 0.0e0), CAST(GREATEST(COALESCE(ranks._sn_x1__above, 0), 1) AS FLOAT64) /
NULLIF(model._sn_x1__n, 0.0e0)) END) END AS _sn_x1__tail
FROM ranks
LEFT JOIN model ON ranks._sn__key1 IS NOT DISTINCT FROM model._sn__key1), placed AS (SELECT tails.*, model._sn_x1__n, model._sn_x1__scale
FROM tails
LEFT JOIN model ON tails._sn__key1 IS NOT DISTINCT FROM model._sn__key1), terms AS (SELECT *, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }}
THEN _sn_x1__tail END AS _sn_x1__term
FROM placed), scored AS (SELECT *, _sn_x1__term AS _sn__score
FROM terms), ranked AS (SELECT *, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS
_sn__scores, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY CASE WHEN _sn__score
IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score, 0.0e0) DESC) AS _sn__not_below
FROM scored)
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , cutoff_quantiles AS (SELECT *, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, {{ sqlnomaly.real(1 - s.contamination) }})
OVER (PARTITION BY _sn__key1) AS _sn__cutoff1_each
FROM ranked), cutoff AS (SELECT _sn__key1, MIN(_sn__cutoff1_each) AS _sn__cutoff1
FROM cutoff_quantiles
WHERE _sn__fitted = 1
GROUP BY _sn__key1), limited AS (SELECT ranked.*, cutoff._sn__cutoff1
FROM ranked
LEFT JOIN cutoff ON ranked._sn__key1 IS NOT DISTINCT FROM cutoff._sn__key1){% endif %}
SELECT * EXCEPT (_sn_x1, _sn_x1__raw, _sn__key1, _sn__fitted, _sn__rows, _sn_x1__below, _sn_x1__above, _sn_x1__tail, _sn_x1__n, _sn_x1__scale,
_sn_x1__term, _sn__score, _sn__scores, _sn__not_below
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , _sn__cutoff1{% endif %}
), _sn__score AS anomaly_score, CASE WHEN NOT _sn__score IS NULL AND _sn__fitted = 1 THEN 1.0e0 - (CAST(_sn__not_below AS FLOAT64) / NULLIF(CAST(_sn__scores
AS FLOAT64), 0.0e0)) WHEN NOT _sn__score IS NULL THEN 1.0e0 - ((CAST(_sn__not_below AS FLOAT64) + 1.0e0) / NULLIF(CAST(_sn__scores
AS FLOAT64) + 1.0e0, 0.0e0)) END AS anomaly_probability, _sn__score >
{%- if s.rule == 'threshold' %} {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }} AS is_anomaly, {{ sqlnomaly.real(s.threshold) }}{% elif s.rule == 'contamination' %} CASE WHEN NOT _sn__cutoff1 IS NULL THEN _sn__cutoff1 + (1e-09 * GREATEST(1.0e0, ABS(_sn__cutoff1))) END AS is_anomaly, _sn__cutoff1{% endif %}
AS anomaly_threshold, CASE WHEN NOT _sn__score IS NULL THEN {{ s.features[0].literal }} END AS anomaly_reason, CASE WHEN COALESCE(_sn__rows,
0) = 0 THEN 'unseen_group' WHEN _sn_x1__raw IS NULL THEN 'missing_value' WHEN _sn_x1 IS NULL THEN 'out_of_range' WHEN COALESCE(_sn_x1__n,
0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'too_few_rows' WHEN _sn__score IS NULL OR _sn_x1__scale = 0.0e0 THEN 'constant_baseline' ELSE 'ok'
END AS anomaly_status
FROM
{%- if s.rule == 'threshold' %} ranked{% elif s.rule == 'contamination' %} limited{% endif %}
{%- elif not s.order and s.features | length == 2 and (s.rule, s.direction) in [('contamination', 'both'), ('threshold', 'both')] -%}
WITH source AS (SELECT *, CASE WHEN ABS(CAST({{ s.features[0].value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ s.features[0].value }} AS
FLOAT64) END AS _sn_x1, CAST({{ s.features[0].value }} AS FLOAT64) AS _sn_x1__raw, CASE WHEN ABS(CAST({{ s.features[1].value }} AS
FLOAT64)) <= 1e+150 THEN CAST({{ s.features[1].value }} AS FLOAT64) END AS _sn_x2, CAST({{ s.features[1].value }} AS FLOAT64) AS _sn_x2__raw,
{{ s.key }} AS _sn__key1, CASE WHEN {{ s.filter }} THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), fitted AS (SELECT _sn__key1, COUNT(1) AS _sn__rows
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), counted AS (SELECT source.*, fitted._sn__rows
FROM source
LEFT JOIN fitted ON source._sn__key1 IS NOT DISTINCT FROM fitted._sn__key1), ranks AS (SELECT *, SUM(CASE WHEN NOT _sn_x1 IS NULL THEN
_sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x1, 1e+300)) AS _sn_x1__below, SUM(CASE WHEN NOT _sn_x1
IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x1, 1e+300) DESC) AS _sn_x1__above
FROM counted), bounds AS (SELECT _sn__key1, SUM(CASE WHEN NOT _sn_x1 IS NULL THEN _sn__fitted ELSE 0 END) AS _sn_x1__n, SUM(CASE WHEN
_sn__fitted > 0 THEN _sn_x1 * _sn__fitted END) / NULLIF(SUM(CASE WHEN NOT _sn_x1 IS NULL THEN _sn__fitted ELSE 0 END), 0.0e0) AS _sn_x1__mean,
MIN(CASE WHEN _sn__fitted > 0 THEN _sn_x1 END) AS _sn_x1__low, MAX(CASE WHEN _sn__fitted > 0 THEN _sn_x1 END) AS _sn_x1__high, SUM(CASE
WHEN NOT _sn_x2 IS NULL THEN _sn__fitted ELSE 0 END) AS _sn_x2__n, SUM(CASE WHEN _sn__fitted > 0 THEN _sn_x2 * _sn__fitted END) / NULLIF(SUM(CASE
WHEN NOT _sn_x2 IS NULL THEN _sn__fitted ELSE 0 END), 0.0e0) AS _sn_x2__mean, MIN(CASE WHEN _sn__fitted > 0 THEN _sn_x2 END) AS _sn_x2__low,
MAX(CASE WHEN _sn__fitted > 0 THEN _sn_x2 END) AS _sn_x2__high
FROM counted
WHERE _sn__fitted = 1
GROUP BY _sn__key1), skew AS (SELECT counted._sn__key1, MIN(bounds._sn_x1__n) AS _sn_x1__n, MIN(bounds._sn_x1__mean) AS _sn_x1__mean,
MIN(bounds._sn_x1__low) AS _sn_x1__low, MIN(bounds._sn_x1__high) AS _sn_x1__high, MIN(bounds._sn_x2__n) AS _sn_x2__n, MIN(bounds._sn_x2__mean)
AS _sn_x2__mean, MIN(bounds._sn_x2__low) AS _sn_x2__low, MIN(bounds._sn_x2__high) AS _sn_x2__high, SUM(CASE WHEN counted._sn__fitted
> 0 THEN ((((counted._sn_x1 - bounds._sn_x1__mean) / NULLIF(bounds._sn_x1__high - bounds._sn_x1__low, 0.0e0)) * ((counted._sn_x1
- bounds._sn_x1__mean) / NULLIF(bounds._sn_x1__high - bounds._sn_x1__low, 0.0e0))) * ((counted._sn_x1 - bounds._sn_x1__mean)
/ NULLIF(bounds._sn_x1__high - bounds._sn_x1__low, 0.0e0))) * counted._sn__fitted END) AS _sn_x1__skew, SUM(CASE WHEN counted._sn__fitted
> 0 THEN ABS((((counted._sn_x1 - bounds._sn_x1__mean) / NULLIF(bounds._sn_x1__high - bounds._sn_x1__low, 0.0e0)) * ((counted._sn_x1
- bounds._sn_x1__mean) / NULLIF(bounds._sn_x1__high - bounds._sn_x1__low, 0.0e0))) * ((counted._sn_x1 - bounds._sn_x1__mean)
/ NULLIF(bounds._sn_x1__high - bounds._sn_x1__low, 0.0e0))) * counted._sn__fitted END) AS _sn_x1__bulk, SUM(CASE WHEN counted._sn__fitted
> 0 THEN ((((counted._sn_x2 - bounds._sn_x2__mean) / NULLIF(bounds._sn_x2__high - bounds._sn_x2__low, 0.0e0)) * ((counted._sn_x2
- bounds._sn_x2__mean) / NULLIF(bounds._sn_x2__high - bounds._sn_x2__low, 0.0e0))) * ((counted._sn_x2 - bounds._sn_x2__mean)
/ NULLIF(bounds._sn_x2__high - bounds._sn_x2__low, 0.0e0))) * counted._sn__fitted END) AS _sn_x2__skew, SUM(CASE WHEN counted._sn__fitted
> 0 THEN ABS((((counted._sn_x2 - bounds._sn_x2__mean) / NULLIF(bounds._sn_x2__high - bounds._sn_x2__low, 0.0e0)) * ((counted._sn_x2
- bounds._sn_x2__mean) / NULLIF(bounds._sn_x2__high - bounds._sn_x2__low, 0.0e0))) * ((counted._sn_x2 - bounds._sn_x2__mean)
/ NULLIF(bounds._sn_x2__high - bounds._sn_x2__low, 0.0e0))) * counted._sn__fitted END) AS _sn_x2__bulk
FROM counted
LEFT JOIN bounds ON counted._sn__key1 IS NOT DISTINCT FROM bounds._sn__key1
WHERE counted._sn__fitted = 1
GROUP BY counted._sn__key1), model AS (SELECT *, CASE WHEN _sn_x1__high > _sn_x1__low THEN _sn_x1__high - _sn_x1__low ELSE 0.0e0 END AS
_sn_x1__scale, CASE WHEN ABS(_sn_x1__skew) <= 1e-09 * _sn_x1__bulk THEN 0 WHEN _sn_x1__skew > 0.0e0 THEN 1 ELSE - 1 END AS _sn_x1__side,
CASE WHEN _sn_x2__high > _sn_x2__low THEN _sn_x2__high - _sn_x2__low ELSE 0.0e0 END AS _sn_x2__scale, CASE WHEN ABS(_sn_x2__skew) <= 1e-09
* _sn_x2__bulk THEN 0 WHEN _sn_x2__skew > 0.0e0 THEN 1 ELSE - 1 END AS _sn_x2__side
FROM skew), tails AS (SELECT ranks.*, CASE WHEN model._sn_x1__scale = 0.0e0 AND ranks._sn_x1 = model._sn_x1__low THEN 0.0e0 WHEN
NOT ranks._sn_x1 IS NULL AND model._sn_x1__scale > 0.0e0 THEN CASE WHEN model._sn_x1__side = 0 THEN - 1.0e0 ELSE - 0.5e0 END * LN(CASE
WHEN model._sn_x1__side = 0 THEN (CAST(GREATEST(COALESCE(ranks._sn_x1__below, 0), 1) AS FLOAT64) / NULLIF(model._sn_x1__n,
0.0e0)) * (CAST(GREATEST(COALESCE(ranks._sn_x1__above, 0), 1) AS FLOAT64) / NULLIF(model._sn_x1__n, 0.0e0)) ELSE CASE
WHEN model._sn_x1__side > 0 THEN CAST(GREATEST(COALESCE(ranks._sn_x1__above, 0), 1) AS FLOAT64) / NULLIF(model._sn_x1__n,
0.0e0) ELSE CAST(GREATEST(COALESCE(ranks._sn_x1__below, 0), 1) AS FLOAT64) / NULLIF(model._sn_x1__n, 0.0e0) END * LEAST(CAST(GREATEST(COALESCE(ranks._sn_x1__below,
0), 1) AS FLOAT64) / NULLIF(model._sn_x1__n, 0.0e0), CAST(GREATEST(COALESCE(ranks._sn_x1__above, 0), 1) AS FLOAT64) /
NULLIF(model._sn_x1__n, 0.0e0)) END) END AS _sn_x1__tail
FROM ranks
LEFT JOIN model ON ranks._sn__key1 IS NOT DISTINCT FROM model._sn__key1), ranks_2 AS (SELECT *, SUM(CASE WHEN NOT _sn_x2 IS NULL THEN
_sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x2, 1e+300)) AS _sn_x2__below, SUM(CASE WHEN NOT _sn_x2
IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x2, 1e+300) DESC) AS _sn_x2__above
FROM tails), tails_2 AS (SELECT ranks_2.*, CASE WHEN model._sn_x2__scale = 0.0e0 AND ranks_2._sn_x2 = model._sn_x2__low THEN 0.0e0
WHEN NOT ranks_2._sn_x2 IS NULL AND model._sn_x2__scale > 0.0e0 THEN CASE WHEN model._sn_x2__side = 0 THEN - 1.0e0 ELSE - 0.5e0 END * LN(CASE
WHEN model._sn_x2__side = 0 THEN (CAST(GREATEST(COALESCE(ranks_2._sn_x2__below, 0), 1) AS FLOAT64) / NULLIF(model._sn_x2__n,
0.0e0)) * (CAST(GREATEST(COALESCE(ranks_2._sn_x2__above, 0), 1) AS FLOAT64) / NULLIF(model._sn_x2__n, 0.0e0)) ELSE CASE
WHEN model._sn_x2__side > 0 THEN CAST(GREATEST(COALESCE(ranks_2._sn_x2__above, 0), 1) AS FLOAT64) / NULLIF(model._sn_x2__n,
0.0e0) ELSE CAST(GREATEST(COALESCE(ranks_2._sn_x2__below, 0), 1) AS FLOAT64) / NULLIF(model._sn_x2__n, 0.0e0) END * LEAST(CAST(GREATEST(COALESCE(ranks_2._sn_x2__below,
0), 1) AS FLOAT64) / NULLIF(model._sn_x2__n, 0.0e0), CAST(GREATEST(COALESCE(ranks_2._sn_x2__above, 0), 1) AS FLOAT64)
/ NULLIF(model._sn_x2__n, 0.0e0)) END) END AS _sn_x2__tail
FROM ranks_2
LEFT JOIN model ON ranks_2._sn__key1 IS NOT DISTINCT FROM model._sn__key1), placed AS (SELECT tails_2.*, model._sn_x1__n, model._sn_x1__scale,
model._sn_x2__n, model._sn_x2__scale
FROM tails_2
LEFT JOIN model ON tails_2._sn__key1 IS NOT DISTINCT FROM model._sn__key1), terms AS (SELECT *, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }}
THEN _sn_x1__tail END AS _sn_x1__term, CASE WHEN _sn_x2__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x2__tail END AS _sn_x2__term
FROM placed), scored AS (SELECT *, CASE WHEN NOT _sn_x1__term IS NULL AND NOT _sn_x2__term IS NULL THEN _sn_x1__term + _sn_x2__term END AS
_sn__score, CASE WHEN NOT _sn_x1__term IS NULL AND NOT _sn_x2__term IS NULL THEN GREATEST(_sn_x1__term, _sn_x2__term) END AS _sn__best
FROM terms), ranked AS (SELECT *, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS
_sn__scores, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY CASE WHEN _sn__score
IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score, 0.0e0) DESC) AS _sn__not_below
FROM scored)
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , cutoff_quantiles AS (SELECT *, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, {{ sqlnomaly.real(1 - s.contamination) }})
OVER (PARTITION BY _sn__key1) AS _sn__cutoff1_each
FROM ranked), cutoff AS (SELECT _sn__key1, MIN(_sn__cutoff1_each) AS _sn__cutoff1
FROM cutoff_quantiles
WHERE _sn__fitted = 1
GROUP BY _sn__key1), limited AS (SELECT ranked.*, cutoff._sn__cutoff1
FROM ranked
LEFT JOIN cutoff ON ranked._sn__key1 IS NOT DISTINCT FROM cutoff._sn__key1){% endif %}
SELECT * EXCEPT (_sn_x1, _sn_x1__raw, _sn_x2, _sn_x2__raw, _sn__key1, _sn__fitted, _sn__rows, _sn_x1__below, _sn_x1__above, _sn_x1__tail,
_sn_x2__below, _sn_x2__above, _sn_x2__tail, _sn_x1__n, _sn_x1__scale, _sn_x2__n, _sn_x2__scale, _sn_x1__term, _sn_x2__term, _sn__score,
_sn__best, _sn__scores, _sn__not_below
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , _sn__cutoff1{% endif %}
), _sn__score AS anomaly_score, CASE WHEN NOT _sn__score IS NULL AND _sn__fitted = 1 THEN 1.0e0 - (CAST(_sn__not_below AS FLOAT64) / NULLIF(CAST(_sn__scores
AS FLOAT64), 0.0e0)) WHEN NOT _sn__score IS NULL THEN 1.0e0 - ((CAST(_sn__not_below AS FLOAT64) + 1.0e0) / NULLIF(CAST(_sn__scores
AS FLOAT64) + 1.0e0, 0.0e0)) END AS anomaly_probability, _sn__score >
{%- if s.rule == 'threshold' %} {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }} AS is_anomaly, {{ sqlnomaly.real(s.threshold) }}{% elif s.rule == 'contamination' %} CASE WHEN NOT _sn__cutoff1 IS NULL THEN _sn__cutoff1 + (1e-09 * GREATEST(1.0e0, ABS(_sn__cutoff1))) END AS is_anomaly, _sn__cutoff1{% endif %}
AS anomaly_threshold, CASE WHEN _sn__score IS NULL THEN NULL WHEN _sn_x1__term >= _sn__best - (1e-09 * GREATEST(1.0e0, ABS(_sn__best)))
THEN {{ s.features[0].literal }} WHEN _sn_x2__term >= _sn__best - (1e-09 * GREATEST(1.0e0, ABS(_sn__best))) THEN {{ s.features[1].literal }}
END AS anomaly_reason, CASE WHEN COALESCE(_sn__rows, 0) = 0 THEN 'unseen_group' WHEN _sn_x1__raw IS NULL OR _sn_x2__raw IS NULL THEN 'missing_value'
WHEN _sn_x1 IS NULL OR _sn_x2 IS NULL THEN 'out_of_range' WHEN COALESCE(_sn_x1__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} OR COALESCE(_sn_x2__n,
0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'too_few_rows' WHEN _sn__score IS NULL OR (_sn_x1__scale = 0.0e0 AND _sn_x2__scale = 0.0e0) THEN
'constant_baseline' ELSE 'ok' END AS anomaly_status
FROM
{%- if s.rule == 'threshold' %} ranked{% elif s.rule == 'contamination' %} limited{% endif %}
{%- elif not s.order and s.features | length == 3 and (s.rule, s.direction) in [('contamination', 'both'), ('threshold', 'both')] -%}
WITH source AS (SELECT *, CASE WHEN ABS(CAST({{ s.features[0].value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ s.features[0].value }} AS
FLOAT64) END AS _sn_x1, CAST({{ s.features[0].value }} AS FLOAT64) AS _sn_x1__raw, CASE WHEN ABS(CAST({{ s.features[1].value }} AS
FLOAT64)) <= 1e+150 THEN CAST({{ s.features[1].value }} AS FLOAT64) END AS _sn_x2, CAST({{ s.features[1].value }} AS FLOAT64) AS _sn_x2__raw,
CASE WHEN ABS(CAST({{ s.features[2].value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ s.features[2].value }} AS FLOAT64) END AS _sn_x3,
CAST({{ s.features[2].value }} AS FLOAT64) AS _sn_x3__raw, {{ s.key }} AS _sn__key1, CASE WHEN {{ s.filter }} THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), fitted AS (SELECT _sn__key1, COUNT(1) AS _sn__rows
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), counted AS (SELECT source.*, fitted._sn__rows
FROM source
LEFT JOIN fitted ON source._sn__key1 IS NOT DISTINCT FROM fitted._sn__key1), ranks AS (SELECT *, SUM(CASE WHEN NOT _sn_x1 IS NULL THEN
_sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x1, 1e+300)) AS _sn_x1__below, SUM(CASE WHEN NOT _sn_x1
IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x1, 1e+300) DESC) AS _sn_x1__above
FROM counted), bounds AS (SELECT _sn__key1, SUM(CASE WHEN NOT _sn_x1 IS NULL THEN _sn__fitted ELSE 0 END) AS _sn_x1__n, SUM(CASE WHEN
_sn__fitted > 0 THEN _sn_x1 * _sn__fitted END) / NULLIF(SUM(CASE WHEN NOT _sn_x1 IS NULL THEN _sn__fitted ELSE 0 END), 0.0e0) AS _sn_x1__mean,
MIN(CASE WHEN _sn__fitted > 0 THEN _sn_x1 END) AS _sn_x1__low, MAX(CASE WHEN _sn__fitted > 0 THEN _sn_x1 END) AS _sn_x1__high, SUM(CASE
WHEN NOT _sn_x2 IS NULL THEN _sn__fitted ELSE 0 END) AS _sn_x2__n, SUM(CASE WHEN _sn__fitted > 0 THEN _sn_x2 * _sn__fitted END) / NULLIF(SUM(CASE
WHEN NOT _sn_x2 IS NULL THEN _sn__fitted ELSE 0 END), 0.0e0) AS _sn_x2__mean, MIN(CASE WHEN _sn__fitted > 0 THEN _sn_x2 END) AS _sn_x2__low,
MAX(CASE WHEN _sn__fitted > 0 THEN _sn_x2 END) AS _sn_x2__high, SUM(CASE WHEN NOT _sn_x3 IS NULL THEN _sn__fitted ELSE 0 END) AS _sn_x3__n,
SUM(CASE WHEN _sn__fitted > 0 THEN _sn_x3 * _sn__fitted END) / NULLIF(SUM(CASE WHEN NOT _sn_x3 IS NULL THEN _sn__fitted ELSE 0 END),
0.0e0) AS _sn_x3__mean, MIN(CASE WHEN _sn__fitted > 0 THEN _sn_x3 END) AS _sn_x3__low, MAX(CASE WHEN _sn__fitted > 0 THEN _sn_x3 END)
AS _sn_x3__high
FROM counted
WHERE _sn__fitted = 1
GROUP BY _sn__key1), skew AS (SELECT counted._sn__key1, MIN(bounds._sn_x1__n) AS _sn_x1__n, MIN(bounds._sn_x1__mean) AS _sn_x1__mean,
MIN(bounds._sn_x1__low) AS _sn_x1__low, MIN(bounds._sn_x1__high) AS _sn_x1__high, MIN(bounds._sn_x2__n) AS _sn_x2__n, MIN(bounds._sn_x2__mean)
AS _sn_x2__mean, MIN(bounds._sn_x2__low) AS _sn_x2__low, MIN(bounds._sn_x2__high) AS _sn_x2__high, MIN(bounds._sn_x3__n) AS
_sn_x3__n, MIN(bounds._sn_x3__mean) AS _sn_x3__mean, MIN(bounds._sn_x3__low) AS _sn_x3__low, MIN(bounds._sn_x3__high) AS _sn_x3__high,
SUM(CASE WHEN counted._sn__fitted > 0 THEN ((((counted._sn_x1 - bounds._sn_x1__mean) / NULLIF(bounds._sn_x1__high - bounds._sn_x1__low,
0.0e0)) * ((counted._sn_x1 - bounds._sn_x1__mean) / NULLIF(bounds._sn_x1__high - bounds._sn_x1__low, 0.0e0))) * ((counted._sn_x1
- bounds._sn_x1__mean) / NULLIF(bounds._sn_x1__high - bounds._sn_x1__low, 0.0e0))) * counted._sn__fitted END) AS _sn_x1__skew,
SUM(CASE WHEN counted._sn__fitted > 0 THEN ABS((((counted._sn_x1 - bounds._sn_x1__mean) / NULLIF(bounds._sn_x1__high - bounds._sn_x1__low,
0.0e0)) * ((counted._sn_x1 - bounds._sn_x1__mean) / NULLIF(bounds._sn_x1__high - bounds._sn_x1__low, 0.0e0))) * ((counted._sn_x1
- bounds._sn_x1__mean) / NULLIF(bounds._sn_x1__high - bounds._sn_x1__low, 0.0e0))) * counted._sn__fitted END) AS _sn_x1__bulk,
SUM(CASE WHEN counted._sn__fitted > 0 THEN ((((counted._sn_x2 - bounds._sn_x2__mean) / NULLIF(bounds._sn_x2__high - bounds._sn_x2__low,
0.0e0)) * ((counted._sn_x2 - bounds._sn_x2__mean) / NULLIF(bounds._sn_x2__high - bounds._sn_x2__low, 0.0e0))) * ((counted._sn_x2
- bounds._sn_x2__mean) / NULLIF(bounds._sn_x2__high - bounds._sn_x2__low, 0.0e0))) * counted._sn__fitted END) AS _sn_x2__skew,
SUM(CASE WHEN counted._sn__fitted > 0 THEN ABS((((counted._sn_x2 - bounds._sn_x2__mean) / NULLIF(bounds._sn_x2__high - bounds._sn_x2__low,
0.0e0)) * ((counted._sn_x2 - bounds._sn_x2__mean) / NULLIF(bounds._sn_x2__high - bounds._sn_x2__low, 0.0e0))) * ((counted._sn_x2
- bounds._sn_x2__mean) / NULLIF(bounds._sn_x2__high - bounds._sn_x2__low, 0.0e0))) * counted._sn__fitted END) AS _sn_x2__bulk,
SUM(CASE WHEN counted._sn__fitted > 0 THEN ((((counted._sn_x3 - bounds._sn_x3__mean) / NULLIF(bounds._sn_x3__high - bounds._sn_x3__low,
0.0e0)) * ((counted._sn_x3 - bounds._sn_x3__mean) / NULLIF(bounds._sn_x3__high - bounds._sn_x3__low, 0.0e0))) * ((counted._sn_x3
- bounds._sn_x3__mean) / NULLIF(bounds._sn_x3__high - bounds._sn_x3__low, 0.0e0))) * counted._sn__fitted END) AS _sn_x3__skew,
SUM(CASE WHEN counted._sn__fitted > 0 THEN ABS((((counted._sn_x3 - bounds._sn_x3__mean) / NULLIF(bounds._sn_x3__high - bounds._sn_x3__low,
0.0e0)) * ((counted._sn_x3 - bounds._sn_x3__mean) / NULLIF(bounds._sn_x3__high - bounds._sn_x3__low, 0.0e0))) * ((counted._sn_x3
- bounds._sn_x3__mean) / NULLIF(bounds._sn_x3__high - bounds._sn_x3__low, 0.0e0))) * counted._sn__fitted END) AS _sn_x3__bulk
FROM counted
LEFT JOIN bounds ON counted._sn__key1 IS NOT DISTINCT FROM bounds._sn__key1
WHERE counted._sn__fitted = 1
GROUP BY counted._sn__key1), model AS (SELECT *, CASE WHEN _sn_x1__high > _sn_x1__low THEN _sn_x1__high - _sn_x1__low ELSE 0.0e0 END AS
_sn_x1__scale, CASE WHEN ABS(_sn_x1__skew) <= 1e-09 * _sn_x1__bulk THEN 0 WHEN _sn_x1__skew > 0.0e0 THEN 1 ELSE - 1 END AS _sn_x1__side,
CASE WHEN _sn_x2__high > _sn_x2__low THEN _sn_x2__high - _sn_x2__low ELSE 0.0e0 END AS _sn_x2__scale, CASE WHEN ABS(_sn_x2__skew) <= 1e-09
* _sn_x2__bulk THEN 0 WHEN _sn_x2__skew > 0.0e0 THEN 1 ELSE - 1 END AS _sn_x2__side, CASE WHEN _sn_x3__high > _sn_x3__low THEN _sn_x3__high
- _sn_x3__low ELSE 0.0e0 END AS _sn_x3__scale, CASE WHEN ABS(_sn_x3__skew) <= 1e-09 * _sn_x3__bulk THEN 0 WHEN _sn_x3__skew > 0.0e0 THEN
1 ELSE - 1 END AS _sn_x3__side
FROM skew), tails AS (SELECT ranks.*, CASE WHEN model._sn_x1__scale = 0.0e0 AND ranks._sn_x1 = model._sn_x1__low THEN 0.0e0 WHEN
NOT ranks._sn_x1 IS NULL AND model._sn_x1__scale > 0.0e0 THEN CASE WHEN model._sn_x1__side = 0 THEN - 1.0e0 ELSE - 0.5e0 END * LN(CASE
WHEN model._sn_x1__side = 0 THEN (CAST(GREATEST(COALESCE(ranks._sn_x1__below, 0), 1) AS FLOAT64) / NULLIF(model._sn_x1__n,
0.0e0)) * (CAST(GREATEST(COALESCE(ranks._sn_x1__above, 0), 1) AS FLOAT64) / NULLIF(model._sn_x1__n, 0.0e0)) ELSE CASE
WHEN model._sn_x1__side > 0 THEN CAST(GREATEST(COALESCE(ranks._sn_x1__above, 0), 1) AS FLOAT64) / NULLIF(model._sn_x1__n,
0.0e0) ELSE CAST(GREATEST(COALESCE(ranks._sn_x1__below, 0), 1) AS FLOAT64) / NULLIF(model._sn_x1__n, 0.0e0) END * LEAST(CAST(GREATEST(COALESCE(ranks._sn_x1__below,
0), 1) AS FLOAT64) / NULLIF(model._sn_x1__n, 0.0e0), CAST(GREATEST(COALESCE(ranks._sn_x1__above, 0), 1) AS FLOAT64) /
NULLIF(model._sn_x1__n, 0.0e0)) END) END AS _sn_x1__tail
FROM ranks
LEFT JOIN model ON ranks._sn__key1 IS NOT DISTINCT FROM model._sn__key1), ranks_2 AS (SELECT *, SUM(CASE WHEN NOT _sn_x2 IS NULL THEN
_sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x2, 1e+300)) AS _sn_x2__below, SUM(CASE WHEN NOT _sn_x2
IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x2, 1e+300) DESC) AS _sn_x2__above
FROM tails), tails_2 AS (SELECT ranks_2.*, CASE WHEN model._sn_x2__scale = 0.0e0 AND ranks_2._sn_x2 = model._sn_x2__low THEN 0.0e0
WHEN NOT ranks_2._sn_x2 IS NULL AND model._sn_x2__scale > 0.0e0 THEN CASE WHEN model._sn_x2__side = 0 THEN - 1.0e0 ELSE - 0.5e0 END * LN(CASE
WHEN model._sn_x2__side = 0 THEN (CAST(GREATEST(COALESCE(ranks_2._sn_x2__below, 0), 1) AS FLOAT64) / NULLIF(model._sn_x2__n,
0.0e0)) * (CAST(GREATEST(COALESCE(ranks_2._sn_x2__above, 0), 1) AS FLOAT64) / NULLIF(model._sn_x2__n, 0.0e0)) ELSE CASE
WHEN model._sn_x2__side > 0 THEN CAST(GREATEST(COALESCE(ranks_2._sn_x2__above, 0), 1) AS FLOAT64) / NULLIF(model._sn_x2__n,
0.0e0) ELSE CAST(GREATEST(COALESCE(ranks_2._sn_x2__below, 0), 1) AS FLOAT64) / NULLIF(model._sn_x2__n, 0.0e0) END * LEAST(CAST(GREATEST(COALESCE(ranks_2._sn_x2__below,
0), 1) AS FLOAT64) / NULLIF(model._sn_x2__n, 0.0e0), CAST(GREATEST(COALESCE(ranks_2._sn_x2__above, 0), 1) AS FLOAT64)
/ NULLIF(model._sn_x2__n, 0.0e0)) END) END AS _sn_x2__tail
FROM ranks_2
LEFT JOIN model ON ranks_2._sn__key1 IS NOT DISTINCT FROM model._sn__key1), ranks_3 AS (SELECT *, SUM(CASE WHEN NOT _sn_x3 IS NULL
THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x3, 1e+300)) AS _sn_x3__below, SUM(CASE WHEN NOT _sn_x3
IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x3, 1e+300) DESC) AS _sn_x3__above
FROM tails_2), tails_3 AS (SELECT ranks_3.*, CASE WHEN model._sn_x3__scale = 0.0e0 AND ranks_3._sn_x3 = model._sn_x3__low THEN 0.0e0
WHEN NOT ranks_3._sn_x3 IS NULL AND model._sn_x3__scale > 0.0e0 THEN CASE WHEN model._sn_x3__side = 0 THEN - 1.0e0 ELSE - 0.5e0 END * LN(CASE
WHEN model._sn_x3__side = 0 THEN (CAST(GREATEST(COALESCE(ranks_3._sn_x3__below, 0), 1) AS FLOAT64) / NULLIF(model._sn_x3__n,
0.0e0)) * (CAST(GREATEST(COALESCE(ranks_3._sn_x3__above, 0), 1) AS FLOAT64) / NULLIF(model._sn_x3__n, 0.0e0)) ELSE CASE
WHEN model._sn_x3__side > 0 THEN CAST(GREATEST(COALESCE(ranks_3._sn_x3__above, 0), 1) AS FLOAT64) / NULLIF(model._sn_x3__n,
0.0e0) ELSE CAST(GREATEST(COALESCE(ranks_3._sn_x3__below, 0), 1) AS FLOAT64) / NULLIF(model._sn_x3__n, 0.0e0) END * LEAST(CAST(GREATEST(COALESCE(ranks_3._sn_x3__below,
0), 1) AS FLOAT64) / NULLIF(model._sn_x3__n, 0.0e0), CAST(GREATEST(COALESCE(ranks_3._sn_x3__above, 0), 1) AS FLOAT64)
/ NULLIF(model._sn_x3__n, 0.0e0)) END) END AS _sn_x3__tail
FROM ranks_3
LEFT JOIN model ON ranks_3._sn__key1 IS NOT DISTINCT FROM model._sn__key1), placed AS (SELECT tails_3.*, model._sn_x1__n, model._sn_x1__scale,
model._sn_x2__n, model._sn_x2__scale, model._sn_x3__n, model._sn_x3__scale
FROM tails_3
LEFT JOIN model ON tails_3._sn__key1 IS NOT DISTINCT FROM model._sn__key1), terms AS (SELECT *, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }}
THEN _sn_x1__tail END AS _sn_x1__term, CASE WHEN _sn_x2__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x2__tail END AS _sn_x2__term, CASE
WHEN _sn_x3__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x3__tail END AS _sn_x3__term
FROM placed), scored AS (SELECT *, CASE WHEN NOT _sn_x1__term IS NULL AND NOT _sn_x2__term IS NULL AND NOT _sn_x3__term IS NULL THEN _sn_x1__term
+ _sn_x2__term + _sn_x3__term END AS _sn__score, CASE WHEN NOT _sn_x1__term IS NULL AND NOT _sn_x2__term IS NULL AND NOT _sn_x3__term IS NULL
THEN GREATEST(_sn_x1__term, _sn_x2__term, _sn_x3__term) END AS _sn__best
FROM terms), ranked AS (SELECT *, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS
_sn__scores, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY CASE WHEN _sn__score
IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score, 0.0e0) DESC) AS _sn__not_below
FROM scored)
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , cutoff_quantiles AS (SELECT *, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, {{ sqlnomaly.real(1 - s.contamination) }})
OVER (PARTITION BY _sn__key1) AS _sn__cutoff1_each
FROM ranked), cutoff AS (SELECT _sn__key1, MIN(_sn__cutoff1_each) AS _sn__cutoff1
FROM cutoff_quantiles
WHERE _sn__fitted = 1
GROUP BY _sn__key1), limited AS (SELECT ranked.*, cutoff._sn__cutoff1
FROM ranked
LEFT JOIN cutoff ON ranked._sn__key1 IS NOT DISTINCT FROM cutoff._sn__key1){% endif %}
SELECT * EXCEPT (_sn_x1, _sn_x1__raw, _sn_x2, _sn_x2__raw, _sn_x3, _sn_x3__raw, _sn__key1, _sn__fitted, _sn__rows, _sn_x1__below,
_sn_x1__above, _sn_x1__tail, _sn_x2__below, _sn_x2__above, _sn_x2__tail, _sn_x3__below, _sn_x3__above, _sn_x3__tail, _sn_x1__n, _sn_x1__scale,
_sn_x2__n, _sn_x2__scale, _sn_x3__n, _sn_x3__scale, _sn_x1__term, _sn_x2__term, _sn_x3__term, _sn__score, _sn__best, _sn__scores, _sn__not_below
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , _sn__cutoff1{% endif %}
), _sn__score AS anomaly_score, CASE WHEN NOT _sn__score IS NULL AND _sn__fitted = 1 THEN 1.0e0 - (CAST(_sn__not_below AS FLOAT64) / NULLIF(CAST(_sn__scores
AS FLOAT64), 0.0e0)) WHEN NOT _sn__score IS NULL THEN 1.0e0 - ((CAST(_sn__not_below AS FLOAT64) + 1.0e0) / NULLIF(CAST(_sn__scores
AS FLOAT64) + 1.0e0, 0.0e0)) END AS anomaly_probability, _sn__score >
{%- if s.rule == 'threshold' %} {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }} AS is_anomaly, {{ sqlnomaly.real(s.threshold) }}{% elif s.rule == 'contamination' %} CASE WHEN NOT _sn__cutoff1 IS NULL THEN _sn__cutoff1 + (1e-09 * GREATEST(1.0e0, ABS(_sn__cutoff1))) END AS is_anomaly, _sn__cutoff1{% endif %}
AS anomaly_threshold, CASE WHEN _sn__score IS NULL THEN NULL WHEN _sn_x1__term >= _sn__best - (1e-09 * GREATEST(1.0e0, ABS(_sn__best)))
THEN {{ s.features[0].literal }} WHEN _sn_x2__term >= _sn__best - (1e-09 * GREATEST(1.0e0, ABS(_sn__best))) THEN {{ s.features[1].literal }}
WHEN _sn_x3__term >= _sn__best - (1e-09 * GREATEST(1.0e0, ABS(_sn__best))) THEN {{ s.features[2].literal }} END AS anomaly_reason,
CASE WHEN COALESCE(_sn__rows, 0) = 0 THEN 'unseen_group' WHEN _sn_x1__raw IS NULL OR _sn_x2__raw IS NULL OR _sn_x3__raw IS NULL THEN 'missing_value'
WHEN _sn_x1 IS NULL OR _sn_x2 IS NULL OR _sn_x3 IS NULL THEN 'out_of_range' WHEN COALESCE(_sn_x1__n, 0) < {{ sqlnomaly.whole(s.min_rows) }}
OR COALESCE(_sn_x2__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} OR COALESCE(_sn_x3__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'too_few_rows'
WHEN _sn__score IS NULL OR (_sn_x1__scale = 0.0e0 AND _sn_x2__scale = 0.0e0 AND _sn_x3__scale = 0.0e0) THEN 'constant_baseline' ELSE 'ok' END
AS anomaly_status
FROM
{%- if s.rule == 'threshold' %} ranked{% elif s.rule == 'contamination' %} limited{% endif %}
{%- elif not s.order and s.features | length == 4 and (s.rule, s.direction) in [('contamination', 'both'), ('threshold', 'both')] -%}
WITH source AS (SELECT *, CASE WHEN ABS(CAST({{ s.features[0].value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ s.features[0].value }} AS
FLOAT64) END AS _sn_x1, CAST({{ s.features[0].value }} AS FLOAT64) AS _sn_x1__raw, CASE WHEN ABS(CAST({{ s.features[1].value }} AS
FLOAT64)) <= 1e+150 THEN CAST({{ s.features[1].value }} AS FLOAT64) END AS _sn_x2, CAST({{ s.features[1].value }} AS FLOAT64) AS _sn_x2__raw,
CASE WHEN ABS(CAST({{ s.features[2].value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ s.features[2].value }} AS FLOAT64) END AS _sn_x3,
CAST({{ s.features[2].value }} AS FLOAT64) AS _sn_x3__raw, CASE WHEN ABS(CAST({{ s.features[3].value }} AS FLOAT64)) <= 1e+150 THEN
CAST({{ s.features[3].value }} AS FLOAT64) END AS _sn_x4, CAST({{ s.features[3].value }} AS FLOAT64) AS _sn_x4__raw, {{ s.key }} AS _sn__key1,
CASE WHEN {{ s.filter }} THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), fitted AS (SELECT _sn__key1, COUNT(1) AS _sn__rows
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), counted AS (SELECT source.*, fitted._sn__rows
FROM source
LEFT JOIN fitted ON source._sn__key1 IS NOT DISTINCT FROM fitted._sn__key1), ranks AS (SELECT *, SUM(CASE WHEN NOT _sn_x1 IS NULL THEN
_sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x1, 1e+300)) AS _sn_x1__below, SUM(CASE WHEN NOT _sn_x1
IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x1, 1e+300) DESC) AS _sn_x1__above
FROM counted), bounds AS (SELECT _sn__key1, SUM(CASE WHEN NOT _sn_x1 IS NULL THEN _sn__fitted ELSE 0 END) AS _sn_x1__n, SUM(CASE WHEN
_sn__fitted > 0 THEN _sn_x1 * _sn__fitted END) / NULLIF(SUM(CASE WHEN NOT _sn_x1 IS NULL THEN _sn__fitted ELSE 0 END), 0.0e0) AS _sn_x1__mean,
MIN(CASE WHEN _sn__fitted > 0 THEN _sn_x1 END) AS _sn_x1__low, MAX(CASE WHEN _sn__fitted > 0 THEN _sn_x1 END) AS _sn_x1__high, SUM(CASE
WHEN NOT _sn_x2 IS NULL THEN _sn__fitted ELSE 0 END) AS _sn_x2__n, SUM(CASE WHEN _sn__fitted > 0 THEN _sn_x2 * _sn__fitted END) / NULLIF(SUM(CASE
WHEN NOT _sn_x2 IS NULL THEN _sn__fitted ELSE 0 END), 0.0e0) AS _sn_x2__mean, MIN(CASE WHEN _sn__fitted > 0 THEN _sn_x2 END) AS _sn_x2__low,
MAX(CASE WHEN _sn__fitted > 0 THEN _sn_x2 END) AS _sn_x2__high, SUM(CASE WHEN NOT _sn_x3 IS NULL THEN _sn__fitted ELSE 0 END) AS _sn_x3__n,
SUM(CASE WHEN _sn__fitted > 0 THEN _sn_x3 * _sn__fitted END) / NULLIF(SUM(CASE WHEN NOT _sn_x3 IS NULL THEN _sn__fitted ELSE 0 END),
0.0e0) AS _sn_x3__mean, MIN(CASE WHEN _sn__fitted > 0 THEN _sn_x3 END) AS _sn_x3__low, MAX(CASE WHEN _sn__fitted > 0 THEN _sn_x3 END)
AS _sn_x3__high, SUM(CASE WHEN NOT _sn_x4 IS NULL THEN _sn__fitted ELSE 0 END) AS _sn_x4__n, SUM(CASE WHEN _sn__fitted > 0 THEN _sn_x4
* _sn__fitted END) / NULLIF(SUM(CASE WHEN NOT _sn_x4 IS NULL THEN _sn__fitted ELSE 0 END), 0.0e0) AS _sn_x4__mean, MIN(CASE WHEN _sn__fitted
> 0 THEN _sn_x4 END) AS _sn_x4__low, MAX(CASE WHEN _sn__fitted > 0 THEN _sn_x4 END) AS _sn_x4__high
FROM counted
WHERE _sn__fitted = 1
GROUP BY _sn__key1), skew AS (SELECT counted._sn__key1, MIN(bounds._sn_x1__n) AS _sn_x1__n, MIN(bounds._sn_x1__mean) AS _sn_x1__mean,
MIN(bounds._sn_x1__low) AS _sn_x1__low, MIN(bounds._sn_x1__high) AS _sn_x1__high, MIN(bounds._sn_x2__n) AS _sn_x2__n, MIN(bounds._sn_x2__mean)
AS _sn_x2__mean, MIN(bounds._sn_x2__low) AS _sn_x2__low, MIN(bounds._sn_x2__high) AS _sn_x2__high, MIN(bounds._sn_x3__n) AS
_sn_x3__n, MIN(bounds._sn_x3__mean) AS _sn_x3__mean, MIN(bounds._sn_x3__low) AS _sn_x3__low, MIN(bounds._sn_x3__high) AS _sn_x3__high,
MIN(bounds._sn_x4__n) AS _sn_x4__n, MIN(bounds._sn_x4__mean) AS _sn_x4__mean, MIN(bounds._sn_x4__low) AS _sn_x4__low, MIN(bounds._sn_x4__high)
AS _sn_x4__high, SUM(CASE WHEN counted._sn__fitted > 0 THEN ((((counted._sn_x1 - bounds._sn_x1__mean) / NULLIF(bounds._sn_x1__high
- bounds._sn_x1__low, 0.0e0)) * ((counted._sn_x1 - bounds._sn_x1__mean) / NULLIF(bounds._sn_x1__high - bounds._sn_x1__low,
0.0e0))) * ((counted._sn_x1 - bounds._sn_x1__mean) / NULLIF(bounds._sn_x1__high - bounds._sn_x1__low, 0.0e0))) * counted._sn__fitted
END) AS _sn_x1__skew, SUM(CASE WHEN counted._sn__fitted > 0 THEN ABS((((counted._sn_x1 - bounds._sn_x1__mean) / NULLIF(bounds._sn_x1__high
- bounds._sn_x1__low, 0.0e0)) * ((counted._sn_x1 - bounds._sn_x1__mean) / NULLIF(bounds._sn_x1__high - bounds._sn_x1__low,
0.0e0))) * ((counted._sn_x1 - bounds._sn_x1__mean) / NULLIF(bounds._sn_x1__high - bounds._sn_x1__low, 0.0e0))) * counted._sn__fitted
END) AS _sn_x1__bulk, SUM(CASE WHEN counted._sn__fitted > 0 THEN ((((counted._sn_x2 - bounds._sn_x2__mean) / NULLIF(bounds._sn_x2__high
- bounds._sn_x2__low, 0.0e0)) * ((counted._sn_x2 - bounds._sn_x2__mean) / NULLIF(bounds._sn_x2__high - bounds._sn_x2__low,
0.0e0))) * ((counted._sn_x2 - bounds._sn_x2__mean) / NULLIF(bounds._sn_x2__high - bounds._sn_x2__low, 0.0e0))) * counted._sn__fitted
END) AS _sn_x2__skew, SUM(CASE WHEN counted._sn__fitted > 0 THEN ABS((((counted._sn_x2 - bounds._sn_x2__mean) / NULLIF(bounds._sn_x2__high
- bounds._sn_x2__low, 0.0e0)) * ((counted._sn_x2 - bounds._sn_x2__mean) / NULLIF(bounds._sn_x2__high - bounds._sn_x2__low,
0.0e0))) * ((counted._sn_x2 - bounds._sn_x2__mean) / NULLIF(bounds._sn_x2__high - bounds._sn_x2__low, 0.0e0))) * counted._sn__fitted
END) AS _sn_x2__bulk, SUM(CASE WHEN counted._sn__fitted > 0 THEN ((((counted._sn_x3 - bounds._sn_x3__mean) / NULLIF(bounds._sn_x3__high
- bounds._sn_x3__low, 0.0e0)) * ((counted._sn_x3 - bounds._sn_x3__mean) / NULLIF(bounds._sn_x3__high - bounds._sn_x3__low,
0.0e0))) * ((counted._sn_x3 - bounds._sn_x3__mean) / NULLIF(bounds._sn_x3__high - bounds._sn_x3__low, 0.0e0))) * counted._sn__fitted
END) AS _sn_x3__skew, SUM(CASE WHEN counted._sn__fitted > 0 THEN ABS((((counted._sn_x3 - bounds._sn_x3__mean) / NULLIF(bounds._sn_x3__high
- bounds._sn_x3__low, 0.0e0)) * ((counted._sn_x3 - bounds._sn_x3__mean) / NULLIF(bounds._sn_x3__high - bounds._sn_x3__low,
0.0e0))) * ((counted._sn_x3 - bounds._sn_x3__mean) / NULLIF(bounds._sn_x3__high - bounds._sn_x3__low, 0.0e0))) * counted._sn__fitted
END) AS _sn_x3__bulk, SUM(CASE WHEN counted._sn__fitted > 0 THEN ((((counted._sn_x4 - bounds._sn_x4__mean) / NULLIF(bounds._sn_x4__high
- bounds._sn_x4__low, 0.0e0)) * ((counted._sn_x4 - bounds._sn_x4__mean) / NULLIF(bounds._sn_x4__high - bounds._sn_x4__low,
0.0e0))) * ((counted._sn_x4 - bounds._sn_x4__mean) / NULLIF(bounds._sn_x4__high - bounds._sn_x4__low, 0.0e0))) * counted._sn__fitted
END) AS _sn_x4__skew, SUM(CASE WHEN counted._sn__fitted > 0 THEN ABS((((counted._sn_x4 - bounds._sn_x4__mean) / NULLIF(bounds._sn_x4__high
- bounds._sn_x4__low, 0.0e0)) * ((counted._sn_x4 - bounds._sn_x4__mean) / NULLIF(bounds._sn_x4__high - bounds._sn_x4__low,
0.0e0))) * ((counted._sn_x4 - bounds._sn_x4__mean) / NULLIF(bounds._sn_x4__high - bounds._sn_x4__low, 0.0e0))) * counted._sn__fitted
END) AS _sn_x4__bulk
FROM counted
LEFT JOIN bounds ON counted._sn__key1 IS NOT DISTINCT FROM bounds._sn__key1
WHERE counted._sn__fitted = 1
GROUP BY counted._sn__key1), model AS (SELECT *, CASE WHEN _sn_x1__high > _sn_x1__low THEN _sn_x1__high - _sn_x1__low ELSE 0.0e0 END AS
_sn_x1__scale, CASE WHEN ABS(_sn_x1__skew) <= 1e-09 * _sn_x1__bulk THEN 0 WHEN _sn_x1__skew > 0.0e0 THEN 1 ELSE - 1 END AS _sn_x1__side,
CASE WHEN _sn_x2__high > _sn_x2__low THEN _sn_x2__high - _sn_x2__low ELSE 0.0e0 END AS _sn_x2__scale, CASE WHEN ABS(_sn_x2__skew) <= 1e-09
* _sn_x2__bulk THEN 0 WHEN _sn_x2__skew > 0.0e0 THEN 1 ELSE - 1 END AS _sn_x2__side, CASE WHEN _sn_x3__high > _sn_x3__low THEN _sn_x3__high
- _sn_x3__low ELSE 0.0e0 END AS _sn_x3__scale, CASE WHEN ABS(_sn_x3__skew) <= 1e-09 * _sn_x3__bulk THEN 0 WHEN _sn_x3__skew > 0.0e0 THEN
1 ELSE - 1 END AS _sn_x3__side, CASE WHEN _sn_x4__high > _sn_x4__low THEN _sn_x4__high - _sn_x4__low ELSE 0.0e0 END AS _sn_x4__scale, CASE
WHEN ABS(_sn_x4__skew) <= 1e-09 * _sn_x4__bulk THEN 0 WHEN _sn_x4__skew > 0.0e0 THEN 1 ELSE - 1 END AS _sn_x4__side
FROM skew), tails AS (SELECT ranks.*, CASE WHEN model._sn_x1__scale = 0.0e0 AND ranks._sn_x1 = model._sn_x1__low THEN 0.0e0 WHEN
NOT ranks._sn_x1 IS NULL AND model._sn_x1__scale > 0.0e0 THEN CASE WHEN model._sn_x1__side = 0 THEN - 1.0e0 ELSE - 0.5e0 END * LN(CASE
WHEN model._sn_x1__side = 0 THEN (CAST(GREATEST(COALESCE(ranks._sn_x1__below, 0), 1) AS FLOAT64) / NULLIF(model._sn_x1__n,
0.0e0)) * (CAST(GREATEST(COALESCE(ranks._sn_x1__above, 0), 1) AS FLOAT64) / NULLIF(model._sn_x1__n, 0.0e0)) ELSE CASE
WHEN model._sn_x1__side > 0 THEN CAST(GREATEST(COALESCE(ranks._sn_x1__above, 0), 1) AS FLOAT64) / NULLIF(model._sn_x1__n,
0.0e0) ELSE CAST(GREATEST(COALESCE(ranks._sn_x1__below, 0), 1) AS FLOAT64) / NULLIF(model._sn_x1__n, 0.0e0) END * LEAST(CAST(GREATEST(COALESCE(ranks._sn_x1__below,
0), 1) AS FLOAT64) / NULLIF(model._sn_x1__n, 0.0e0), CAST(GREATEST(COALESCE(ranks._sn_x1__above, 0), 1) AS FLOAT64) /
NULLIF(model._sn_x1__n, 0.0e0)) END) END AS _sn_x1__tail
FROM ranks
LEFT JOIN model ON ranks._sn__key1 IS NOT DISTINCT FROM model._sn__key1), ranks_2 AS (SELECT *, SUM(CASE WHEN NOT _sn_x2 IS NULL THEN
_sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x2, 1e+300)) AS _sn_x2__below, SUM(CASE WHEN NOT _sn_x2
IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x2, 1e+300) DESC) AS _sn_x2__above
FROM tails), tails_2 AS (SELECT ranks_2.*, CASE WHEN model._sn_x2__scale = 0.0e0 AND ranks_2._sn_x2 = model._sn_x2__low THEN 0.0e0
WHEN NOT ranks_2._sn_x2 IS NULL AND model._sn_x2__scale > 0.0e0 THEN CASE WHEN model._sn_x2__side = 0 THEN - 1.0e0 ELSE - 0.5e0 END * LN(CASE
WHEN model._sn_x2__side = 0 THEN (CAST(GREATEST(COALESCE(ranks_2._sn_x2__below, 0), 1) AS FLOAT64) / NULLIF(model._sn_x2__n,
0.0e0)) * (CAST(GREATEST(COALESCE(ranks_2._sn_x2__above, 0), 1) AS FLOAT64) / NULLIF(model._sn_x2__n, 0.0e0)) ELSE CASE
WHEN model._sn_x2__side > 0 THEN CAST(GREATEST(COALESCE(ranks_2._sn_x2__above, 0), 1) AS FLOAT64) / NULLIF(model._sn_x2__n,
0.0e0) ELSE CAST(GREATEST(COALESCE(ranks_2._sn_x2__below, 0), 1) AS FLOAT64) / NULLIF(model._sn_x2__n, 0.0e0) END * LEAST(CAST(GREATEST(COALESCE(ranks_2._sn_x2__below,
0), 1) AS FLOAT64) / NULLIF(model._sn_x2__n, 0.0e0), CAST(GREATEST(COALESCE(ranks_2._sn_x2__above, 0), 1) AS FLOAT64)
/ NULLIF(model._sn_x2__n, 0.0e0)) END) END AS _sn_x2__tail
FROM ranks_2
LEFT JOIN model ON ranks_2._sn__key1 IS NOT DISTINCT FROM model._sn__key1), ranks_3 AS (SELECT *, SUM(CASE WHEN NOT _sn_x3 IS NULL
THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x3, 1e+300)) AS _sn_x3__below, SUM(CASE WHEN NOT _sn_x3
IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x3, 1e+300) DESC) AS _sn_x3__above
FROM tails_2), tails_3 AS (SELECT ranks_3.*, CASE WHEN model._sn_x3__scale = 0.0e0 AND ranks_3._sn_x3 = model._sn_x3__low THEN 0.0e0
WHEN NOT ranks_3._sn_x3 IS NULL AND model._sn_x3__scale > 0.0e0 THEN CASE WHEN model._sn_x3__side = 0 THEN - 1.0e0 ELSE - 0.5e0 END * LN(CASE
WHEN model._sn_x3__side = 0 THEN (CAST(GREATEST(COALESCE(ranks_3._sn_x3__below, 0), 1) AS FLOAT64) / NULLIF(model._sn_x3__n,
0.0e0)) * (CAST(GREATEST(COALESCE(ranks_3._sn_x3__above, 0), 1) AS FLOAT64) / NULLIF(model._sn_x3__n, 0.0e0)) ELSE CASE
WHEN model._sn_x3__side > 0 THEN CAST(GREATEST(COALESCE(ranks_3._sn_x3__above, 0), 1) AS FLOAT64) / NULLIF(model._sn_x3__n,
0.0e0) ELSE CAST(GREATEST(COALESCE(ranks_3._sn_x3__below, 0), 1) AS FLOAT64) / NULLIF(model._sn_x3__n, 0.0e0) END * LEAST(CAST(GREATEST(COALESCE(ranks_3._sn_x3__below,
0), 1) AS FLOAT64) / NULLIF(model._sn_x3__n, 0.0e0), CAST(GREATEST(COALESCE(ranks_3._sn_x3__above, 0), 1) AS FLOAT64)
/ NULLIF(model._sn_x3__n, 0.0e0)) END) END AS _sn_x3__tail
FROM ranks_3
LEFT JOIN model ON ranks_3._sn__key1 IS NOT DISTINCT FROM model._sn__key1), ranks_4 AS (SELECT *, SUM(CASE WHEN NOT _sn_x4 IS NULL
THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x4, 1e+300)) AS _sn_x4__below, SUM(CASE WHEN NOT _sn_x4
IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_x4, 1e+300) DESC) AS _sn_x4__above
FROM tails_3), tails_4 AS (SELECT ranks_4.*, CASE WHEN model._sn_x4__scale = 0.0e0 AND ranks_4._sn_x4 = model._sn_x4__low THEN 0.0e0
WHEN NOT ranks_4._sn_x4 IS NULL AND model._sn_x4__scale > 0.0e0 THEN CASE WHEN model._sn_x4__side = 0 THEN - 1.0e0 ELSE - 0.5e0 END * LN(CASE
WHEN model._sn_x4__side = 0 THEN (CAST(GREATEST(COALESCE(ranks_4._sn_x4__below, 0), 1) AS FLOAT64) / NULLIF(model._sn_x4__n,
0.0e0)) * (CAST(GREATEST(COALESCE(ranks_4._sn_x4__above, 0), 1) AS FLOAT64) / NULLIF(model._sn_x4__n, 0.0e0)) ELSE CASE
WHEN model._sn_x4__side > 0 THEN CAST(GREATEST(COALESCE(ranks_4._sn_x4__above, 0), 1) AS FLOAT64) / NULLIF(model._sn_x4__n,
0.0e0) ELSE CAST(GREATEST(COALESCE(ranks_4._sn_x4__below, 0), 1) AS FLOAT64) / NULLIF(model._sn_x4__n, 0.0e0) END * LEAST(CAST(GREATEST(COALESCE(ranks_4._sn_x4__below,
0), 1) AS FLOAT64) / NULLIF(model._sn_x4__n, 0.0e0), CAST(GREATEST(COALESCE(ranks_4._sn_x4__above, 0), 1) AS FLOAT64)
/ NULLIF(model._sn_x4__n, 0.0e0)) END) END AS _sn_x4__tail
FROM ranks_4
LEFT JOIN model ON ranks_4._sn__key1 IS NOT DISTINCT FROM model._sn__key1), placed AS (SELECT tails_4.*, model._sn_x1__n, model._sn_x1__scale,
model._sn_x2__n, model._sn_x2__scale, model._sn_x3__n, model._sn_x3__scale, model._sn_x4__n, model._sn_x4__scale
FROM tails_4
LEFT JOIN model ON tails_4._sn__key1 IS NOT DISTINCT FROM model._sn__key1), terms AS (SELECT *, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }}
THEN _sn_x1__tail END AS _sn_x1__term, CASE WHEN _sn_x2__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x2__tail END AS _sn_x2__term, CASE
WHEN _sn_x3__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x3__tail END AS _sn_x3__term, CASE WHEN _sn_x4__n >= {{ sqlnomaly.whole(s.min_rows) }}
THEN _sn_x4__tail END AS _sn_x4__term
FROM placed), scored AS (SELECT *, CASE WHEN NOT _sn_x1__term IS NULL AND NOT _sn_x2__term IS NULL AND NOT _sn_x3__term IS NULL AND NOT _sn_x4__term
IS NULL THEN _sn_x1__term + _sn_x2__term + _sn_x3__term + _sn_x4__term END AS _sn__score, CASE WHEN NOT _sn_x1__term IS NULL AND NOT _sn_x2__term
IS NULL AND NOT _sn_x3__term IS NULL AND NOT _sn_x4__term IS NULL THEN GREATEST(_sn_x1__term, _sn_x2__term, _sn_x3__term, _sn_x4__term)
END AS _sn__best
FROM terms), ranked AS (SELECT *, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS
_sn__scores, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY CASE WHEN _sn__score
IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score, 0.0e0) DESC) AS _sn__not_below
FROM scored)
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , cutoff_quantiles AS (SELECT *, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, {{ sqlnomaly.real(1 - s.contamination) }})
OVER (PARTITION BY _sn__key1) AS _sn__cutoff1_each
FROM ranked), cutoff AS (SELECT _sn__key1, MIN(_sn__cutoff1_each) AS _sn__cutoff1
FROM cutoff_quantiles
WHERE _sn__fitted = 1
GROUP BY _sn__key1), limited AS (SELECT ranked.*, cutoff._sn__cutoff1
FROM ranked
LEFT JOIN cutoff ON ranked._sn__key1 IS NOT DISTINCT FROM cutoff._sn__key1){% endif %}
SELECT * EXCEPT (_sn_x1, _sn_x1__raw, _sn_x2, _sn_x2__raw, _sn_x3, _sn_x3__raw, _sn_x4, _sn_x4__raw, _sn__key1, _sn__fitted, _sn__rows,
_sn_x1__below, _sn_x1__above, _sn_x1__tail, _sn_x2__below, _sn_x2__above, _sn_x2__tail, _sn_x3__below, _sn_x3__above, _sn_x3__tail,
_sn_x4__below, _sn_x4__above, _sn_x4__tail, _sn_x1__n, _sn_x1__scale, _sn_x2__n, _sn_x2__scale, _sn_x3__n, _sn_x3__scale, _sn_x4__n,
_sn_x4__scale, _sn_x1__term, _sn_x2__term, _sn_x3__term, _sn_x4__term, _sn__score, _sn__best, _sn__scores, _sn__not_below
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , _sn__cutoff1{% endif %}
), _sn__score AS anomaly_score, CASE WHEN NOT _sn__score IS NULL AND _sn__fitted = 1 THEN 1.0e0 - (CAST(_sn__not_below AS FLOAT64) / NULLIF(CAST(_sn__scores
AS FLOAT64), 0.0e0)) WHEN NOT _sn__score IS NULL THEN 1.0e0 - ((CAST(_sn__not_below AS FLOAT64) + 1.0e0) / NULLIF(CAST(_sn__scores
AS FLOAT64) + 1.0e0, 0.0e0)) END AS anomaly_probability, _sn__score >
{%- if s.rule == 'threshold' %} {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }} AS is_anomaly, {{ sqlnomaly.real(s.threshold) }}{% elif s.rule == 'contamination' %} CASE WHEN NOT _sn__cutoff1 IS NULL THEN _sn__cutoff1 + (1e-09 * GREATEST(1.0e0, ABS(_sn__cutoff1))) END AS is_anomaly, _sn__cutoff1{% endif %}
AS anomaly_threshold, CASE WHEN _sn__score IS NULL THEN NULL WHEN _sn_x1__term >= _sn__best - (1e-09 * GREATEST(1.0e0, ABS(_sn__best)))
THEN {{ s.features[0].literal }} WHEN _sn_x2__term >= _sn__best - (1e-09 * GREATEST(1.0e0, ABS(_sn__best))) THEN {{ s.features[1].literal }}
WHEN _sn_x3__term >= _sn__best - (1e-09 * GREATEST(1.0e0, ABS(_sn__best))) THEN {{ s.features[2].literal }} WHEN _sn_x4__term >= _sn__best
- (1e-09 * GREATEST(1.0e0, ABS(_sn__best))) THEN {{ s.features[3].literal }} END AS anomaly_reason, CASE WHEN COALESCE(_sn__rows,
0) = 0 THEN 'unseen_group' WHEN _sn_x1__raw IS NULL OR _sn_x2__raw IS NULL OR _sn_x3__raw IS NULL OR _sn_x4__raw IS NULL THEN 'missing_value'
WHEN _sn_x1 IS NULL OR _sn_x2 IS NULL OR _sn_x3 IS NULL OR _sn_x4 IS NULL THEN 'out_of_range' WHEN COALESCE(_sn_x1__n, 0) < {{ sqlnomaly.whole(s.min_rows) }}
OR COALESCE(_sn_x2__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} OR COALESCE(_sn_x3__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} OR COALESCE(_sn_x4__n,
0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'too_few_rows' WHEN _sn__score IS NULL OR (_sn_x1__scale = 0.0e0 AND _sn_x2__scale = 0.0e0 AND
_sn_x3__scale = 0.0e0 AND _sn_x4__scale = 0.0e0) THEN 'constant_baseline' ELSE 'ok' END AS anomaly_status
FROM
{%- if s.rule == 'threshold' %} ranked{% elif s.rule == 'contamination' %} limited{% endif %}
{%- else -%}
{{ sqlnomaly.no_such_way('copod', s, ['contamination, without order_by, 1 feature', 'contamination, without order_by, 2 features', 'contamination, without order_by, 3 features', 'contamination, without order_by, 4 features', 'threshold, without order_by, 1 feature', 'threshold, without order_by, 2 features', 'threshold, without order_by, 3 features', 'threshold, without order_by, 4 features']) }}
{%- endif -%}
{%- endmacro -%}

{#- sqlnomaly 0.1.0: mahalanobis for spark, generated; do not edit. -#}
{%- macro spark__sqlnomaly_mahalanobis(s) -%}
{%- do sqlnomaly.only_options('mahalanobis', s, []) -%}
{%- if not s.order and s.features | length == 1 and (s.rule, s.direction) in [('contamination', 'both'), ('threshold', 'both')] -%}
WITH source AS (SELECT *, CASE WHEN ABS(CAST({{ s.features[0].value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ s.features[0].value }} AS
DOUBLE) END AS _sn_x1, CAST({{ s.features[0].value }} AS DOUBLE) AS _sn_x1__raw, {{ s.key }} AS _sn__key1, CASE WHEN {{ s.filter }} THEN
1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), fitted AS (SELECT _sn__key1, COUNT(1) AS _sn__rows
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), counted AS (SELECT source.*, fitted._sn__rows
FROM source
LEFT JOIN fitted ON source._sn__key1 IS NOT DISTINCT FROM fitted._sn__key1), complete AS (SELECT *, CASE WHEN NOT _sn_x1 IS NULL THEN
_sn_x1 END AS _sn_x1__x
FROM source), bounds AS (SELECT _sn__key1, MIN(_sn_x1__x) AS _sn_x1__low, MAX(_sn_x1__x) AS _sn_x1__high
FROM complete
WHERE _sn__fitted = 1
GROUP BY _sn__key1), shifted AS (SELECT complete.*, bounds._sn_x1__low, bounds._sn_x1__high, complete._sn_x1__x - bounds._sn_x1__low
AS _sn_x1__above
FROM complete
LEFT JOIN bounds ON complete._sn__key1 IS NOT DISTINCT FROM bounds._sn__key1), moments AS (SELECT _sn__key1, MIN(_sn_x1__low) AS _sn_x1__low,
MIN(_sn_x1__high) AS _sn_x1__high, COUNT(_sn_x1__above) AS _sn_x1__n, AVG(_sn_x1__above) AS _sn_x1__mean, VAR_POP(_sn_x1__above)
AS _sn_x1__variance
FROM shifted
WHERE _sn__fitted = 1
GROUP BY _sn__key1), scales AS (SELECT *, CASE WHEN _sn_x1__low < _sn_x1__high AND (_sn_x1__variance * _sn_x1__n) / NULLIF(_sn_x1__n
- 1, 0.0e0) > 1e-300 THEN SQRT(CASE WHEN (_sn_x1__variance * _sn_x1__n) / NULLIF(_sn_x1__n - 1, 0.0e0) >= 0.0e0 THEN (_sn_x1__variance
* _sn_x1__n) / NULLIF(_sn_x1__n - 1, 0.0e0) END) ELSE 0.0e0 END AS _sn_x1__scale, _sn_x1__low + _sn_x1__mean AS _sn_x1__centre
FROM moments), elimination AS (SELECT *, CASE WHEN CASE WHEN _sn_x1__scale > 0.0e0 THEN 1.0e0 ELSE 0.0e0 END > 1e-08 THEN 1.0e0 / NULLIF(CASE
WHEN _sn_x1__scale > 0.0e0 THEN 1.0e0 ELSE 0.0e0 END, 0.0e0) ELSE 0.0e0 END AS _sn_x1__gain
FROM scales), model AS (SELECT *, CASE WHEN _sn_x1__scale > 0.0e0 THEN SQRT(CASE WHEN _sn_x1__gain >= 0.0e0 THEN _sn_x1__gain END) / NULLIF(_sn_x1__scale,
0.0e0) ELSE 0.0e0 END AS _sn_x1__whiten_0
FROM elimination), whitened AS (SELECT counted.*, model._sn_x1__n, model._sn_x1__low, model._sn_x1__mean, model._sn_x1__centre,
model._sn_x1__scale, model._sn_x1__whiten_0, model._sn_x1__whiten_0 * ((counted._sn_x1 - model._sn_x1__low) - model._sn_x1__mean)
AS _sn_x1__y
FROM counted
LEFT JOIN model ON counted._sn__key1 IS NOT DISTINCT FROM model._sn__key1), scored AS (SELECT *, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }}
THEN CASE WHEN _sn_x1__scale > 0.0e0 OR _sn_x1 = _sn_x1__centre THEN _sn_x1__y * _sn_x1__y END END AS _sn__score, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }}
THEN ((_sn_x1 - _sn_x1__low) - _sn_x1__mean) * (_sn_x1__whiten_0 * _sn_x1__y) END AS _sn_x1__term, CASE WHEN _sn_x1__whiten_0 * _sn_x1__whiten_0
> 0.0e0 THEN _sn_x1 - ((_sn_x1__whiten_0 * _sn_x1__y) / NULLIF(_sn_x1__whiten_0 * _sn_x1__whiten_0, 0.0e0)) ELSE _sn_x1__centre END AS
_sn_x1__expected
FROM whitened), largest AS (SELECT *, CASE WHEN NOT _sn_x1__term IS NULL THEN _sn_x1__term END AS _sn__best
FROM scored), ranked AS (SELECT *, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS
_sn__scores, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY CASE WHEN _sn__score
IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score, 0.0e0) DESC) AS _sn__not_below
FROM largest)
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , cutoff AS (SELECT _sn__key1, PERCENTILE(_sn__score, {{ sqlnomaly.real(1 - s.contamination) }}) AS _sn__cutoff1
FROM ranked
WHERE _sn__fitted = 1
GROUP BY _sn__key1), limited AS (SELECT ranked.*, cutoff._sn__cutoff1
FROM ranked
LEFT JOIN cutoff ON ranked._sn__key1 IS NOT DISTINCT FROM cutoff._sn__key1){% endif %}
SELECT * EXCEPT (_sn_x1, _sn_x1__raw, _sn__key1, _sn__fitted, _sn__rows, _sn_x1__n, _sn_x1__low, _sn_x1__mean, _sn_x1__centre, _sn_x1__scale,
_sn_x1__whiten_0, _sn_x1__y, _sn__score, _sn_x1__term, _sn_x1__expected, _sn__best, _sn__scores, _sn__not_below
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , _sn__cutoff1{% endif %}
), _sn__score AS anomaly_score, CASE WHEN NOT _sn__score IS NULL AND _sn__fitted = 1 THEN 1.0e0 - (CAST(_sn__not_below AS DOUBLE) / NULLIF(CAST(_sn__scores
AS DOUBLE), 0.0e0)) WHEN NOT _sn__score IS NULL THEN 1.0e0 - ((CAST(_sn__not_below AS DOUBLE) + 1.0e0) / NULLIF(CAST(_sn__scores
AS DOUBLE) + 1.0e0, 0.0e0)) END AS anomaly_probability, _sn__score >
{%- if s.rule == 'threshold' %} {{ sqlnomaly.real(s.threshold + 1e-6 * [1.0, s.threshold | abs] | max) }} AS is_anomaly, {{ sqlnomaly.real(s.threshold) }}{% elif s.rule == 'contamination' %} CASE WHEN NOT _sn__cutoff1 IS NULL THEN _sn__cutoff1 + (1e-06 * GREATEST(1.0e0, ABS(_sn__cutoff1))) END AS is_anomaly, _sn__cutoff1{% endif %}
AS anomaly_threshold, CASE WHEN NOT _sn__score IS NULL THEN {{ s.features[0].literal }} END AS anomaly_reason, CASE WHEN COALESCE(_sn__rows,
0) = 0 THEN 'unseen_group' WHEN _sn_x1__raw IS NULL THEN 'missing_value' WHEN _sn_x1 IS NULL THEN 'out_of_range' WHEN COALESCE(_sn_x1__n,
0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'too_few_rows' WHEN _sn__score IS NULL OR _sn_x1__scale = 0.0e0 THEN 'constant_baseline' ELSE 'ok'
END AS anomaly_status, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x1__expected END AS anomaly_expected
FROM
{%- if s.rule == 'threshold' %} ranked{% elif s.rule == 'contamination' %} limited{% endif %}
{%- elif not s.order and s.features | length == 2 and (s.rule, s.direction) in [('contamination', 'both'), ('threshold', 'both')] -%}
WITH source AS (SELECT *, CASE WHEN ABS(CAST({{ s.features[0].value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ s.features[0].value }} AS
DOUBLE) END AS _sn_x1, CAST({{ s.features[0].value }} AS DOUBLE) AS _sn_x1__raw, CASE WHEN ABS(CAST({{ s.features[1].value }} AS DOUBLE))
<= 1e+150 THEN CAST({{ s.features[1].value }} AS DOUBLE) END AS _sn_x2, CAST({{ s.features[1].value }} AS DOUBLE) AS _sn_x2__raw, {{ s.key }}
AS _sn__key1, CASE WHEN {{ s.filter }} THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), fitted AS (SELECT _sn__key1, COUNT(1) AS _sn__rows
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), counted AS (SELECT source.*, fitted._sn__rows
FROM source
LEFT JOIN fitted ON source._sn__key1 IS NOT DISTINCT FROM fitted._sn__key1), complete AS (SELECT *, CASE WHEN NOT _sn_x1 IS NULL AND
NOT _sn_x2 IS NULL THEN _sn_x1 END AS _sn_x1__x, CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL THEN _sn_x2 END AS _sn_x2__x
FROM source), bounds AS (SELECT _sn__key1, MIN(_sn_x1__x) AS _sn_x1__low, MAX(_sn_x1__x) AS _sn_x1__high, MIN(_sn_x2__x) AS _sn_x2__low,
MAX(_sn_x2__x) AS _sn_x2__high
FROM complete
WHERE _sn__fitted = 1
GROUP BY _sn__key1), shifted AS (SELECT complete.*, bounds._sn_x1__low, bounds._sn_x1__high, bounds._sn_x2__low, bounds._sn_x2__high,
complete._sn_x1__x - bounds._sn_x1__low AS _sn_x1__above, complete._sn_x2__x - bounds._sn_x2__low AS _sn_x2__above
FROM complete
LEFT JOIN bounds ON complete._sn__key1 IS NOT DISTINCT FROM bounds._sn__key1), moments AS (SELECT _sn__key1, MIN(_sn_x1__low) AS _sn_x1__low,
MIN(_sn_x1__high) AS _sn_x1__high, MIN(_sn_x2__low) AS _sn_x2__low, MIN(_sn_x2__high) AS _sn_x2__high, COUNT(_sn_x1__above) AS
_sn_x1__n, AVG(_sn_x1__above) AS _sn_x1__mean, VAR_POP(_sn_x1__above) AS _sn_x1__variance, COUNT(_sn_x2__above) AS _sn_x2__n, AVG(_sn_x2__above)
AS _sn_x2__mean, VAR_POP(_sn_x2__above) AS _sn_x2__variance, COVAR_POP(_sn_x2__above, _sn_x1__above) AS _sn_x2__with_0
FROM shifted
WHERE _sn__fitted = 1
GROUP BY _sn__key1), scales AS (SELECT *, CASE WHEN _sn_x1__low < _sn_x1__high AND (_sn_x1__variance * _sn_x1__n) / NULLIF(_sn_x1__n
- 1, 0.0e0) > 1e-300 THEN SQRT(CASE WHEN (_sn_x1__variance * _sn_x1__n) / NULLIF(_sn_x1__n - 1, 0.0e0) >= 0.0e0 THEN (_sn_x1__variance
* _sn_x1__n) / NULLIF(_sn_x1__n - 1, 0.0e0) END) ELSE 0.0e0 END AS _sn_x1__scale, _sn_x1__low + _sn_x1__mean AS _sn_x1__centre, CASE
WHEN _sn_x2__low < _sn_x2__high AND (_sn_x2__variance * _sn_x2__n) / NULLIF(_sn_x2__n - 1, 0.0e0) > 1e-300 THEN SQRT(CASE WHEN (_sn_x2__variance
* _sn_x2__n) / NULLIF(_sn_x2__n - 1, 0.0e0) >= 0.0e0 THEN (_sn_x2__variance * _sn_x2__n) / NULLIF(_sn_x2__n - 1, 0.0e0) END) ELSE
0.0e0 END AS _sn_x2__scale, _sn_x2__low + _sn_x2__mean AS _sn_x2__centre
FROM moments), correlations AS (SELECT *, CASE WHEN _sn_x2__scale > 0.0e0 AND _sn_x1__scale > 0.0e0 THEN _sn_x2__with_0 / NULLIF(SQRT(CASE
WHEN _sn_x2__variance >= 0.0e0 THEN _sn_x2__variance END) * SQRT(CASE WHEN _sn_x1__variance >= 0.0e0 THEN _sn_x1__variance END), 0.0e0)
ELSE 0.0e0 END AS _sn_x2__r_0
FROM scales), elimination AS (SELECT *, CASE WHEN CASE WHEN _sn_x1__scale > 0.0e0 THEN 1.0e0 ELSE 0.0e0 END > 1e-08 THEN 1.0e0 / NULLIF(CASE
WHEN _sn_x1__scale > 0.0e0 THEN 1.0e0 ELSE 0.0e0 END, 0.0e0) ELSE 0.0e0 END AS _sn_x1__gain, _sn_x2__r_0 AS _sn_x2__c_0
FROM correlations), elimination_2 AS (SELECT *, CASE WHEN CASE WHEN _sn_x2__scale > 0.0e0 THEN 1.0e0 ELSE 0.0e0 END - ((_sn_x2__c_0 * _sn_x2__c_0)
* _sn_x1__gain) > 1e-08 THEN 1.0e0 / NULLIF(CASE WHEN _sn_x2__scale > 0.0e0 THEN 1.0e0 ELSE 0.0e0 END - ((_sn_x2__c_0 * _sn_x2__c_0) *
_sn_x1__gain), 0.0e0) ELSE 0.0e0 END AS _sn_x2__gain, - (_sn_x2__c_0 * _sn_x1__gain) AS _sn_x2__u_0
FROM elimination), model AS (SELECT *, CASE WHEN _sn_x1__scale > 0.0e0 THEN SQRT(CASE WHEN _sn_x1__gain >= 0.0e0 THEN _sn_x1__gain END)
/ NULLIF(_sn_x1__scale, 0.0e0) ELSE 0.0e0 END AS _sn_x1__whiten_0, CASE WHEN _sn_x1__scale > 0.0e0 THEN (SQRT(CASE WHEN _sn_x2__gain
>= 0.0e0 THEN _sn_x2__gain END) * _sn_x2__u_0) / NULLIF(_sn_x1__scale, 0.0e0) ELSE 0.0e0 END AS _sn_x2__whiten_0, CASE WHEN _sn_x2__scale
> 0.0e0 THEN SQRT(CASE WHEN _sn_x2__gain >= 0.0e0 THEN _sn_x2__gain END) / NULLIF(_sn_x2__scale, 0.0e0) ELSE 0.0e0 END AS _sn_x2__whiten_1
FROM elimination_2), whitened AS (SELECT counted.*, model._sn_x1__n, model._sn_x1__low, model._sn_x1__mean, model._sn_x1__centre,
model._sn_x1__scale, model._sn_x1__whiten_0, model._sn_x2__n, model._sn_x2__low, model._sn_x2__mean, model._sn_x2__centre,
model._sn_x2__scale, model._sn_x2__whiten_0, model._sn_x2__whiten_1, model._sn_x1__whiten_0 * ((counted._sn_x1 - model._sn_x1__low)
- model._sn_x1__mean) AS _sn_x1__y, (model._sn_x2__whiten_0 * ((counted._sn_x1 - model._sn_x1__low) - model._sn_x1__mean))
+ (model._sn_x2__whiten_1 * ((counted._sn_x2 - model._sn_x2__low) - model._sn_x2__mean)) AS _sn_x2__y
FROM counted
LEFT JOIN model ON counted._sn__key1 IS NOT DISTINCT FROM model._sn__key1), scored AS (SELECT *, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }}
THEN CASE WHEN (_sn_x1__scale > 0.0e0 OR _sn_x1 = _sn_x1__centre) AND (_sn_x2__scale > 0.0e0 OR _sn_x2 = _sn_x2__centre) THEN (_sn_x1__y
* _sn_x1__y) + (_sn_x2__y * _sn_x2__y) END END AS _sn__score, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN ((_sn_x1 -
_sn_x1__low) - _sn_x1__mean) * ((_sn_x1__whiten_0 * _sn_x1__y) + (_sn_x2__whiten_0 * _sn_x2__y)) END AS _sn_x1__term, CASE WHEN _sn_x2__n
>= {{ sqlnomaly.whole(s.min_rows) }} THEN ((_sn_x2 - _sn_x2__low) - _sn_x2__mean) * (_sn_x2__whiten_1 * _sn_x2__y) END AS _sn_x2__term
FROM whitened), largest AS (SELECT *, CASE WHEN NOT _sn_x1__term IS NULL AND NOT _sn_x2__term IS NULL THEN GREATEST(_sn_x1__term, _sn_x2__term)
END AS _sn__best
FROM scored), ranked AS (SELECT *, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS
_sn__scores, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY CASE WHEN _sn__score
IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score, 0.0e0) DESC) AS _sn__not_below
FROM largest)
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , cutoff AS (SELECT _sn__key1, PERCENTILE(_sn__score, {{ sqlnomaly.real(1 - s.contamination) }}) AS _sn__cutoff1
FROM ranked
WHERE _sn__fitted = 1
GROUP BY _sn__key1), limited AS (SELECT ranked.*, cutoff._sn__cutoff1
FROM ranked
LEFT JOIN cutoff ON ranked._sn__key1 IS NOT DISTINCT FROM cutoff._sn__key1){% endif %}
SELECT * EXCEPT (_sn_x1, _sn_x1__raw, _sn_x2, _sn_x2__raw, _sn__key1, _sn__fitted, _sn__rows, _sn_x1__n, _sn_x1__low, _sn_x1__mean,
_sn_x1__centre, _sn_x1__scale, _sn_x1__whiten_0, _sn_x2__n, _sn_x2__low, _sn_x2__mean, _sn_x2__centre, _sn_x2__scale, _sn_x2__whiten_0,
_sn_x2__whiten_1, _sn_x1__y, _sn_x2__y, _sn__score, _sn_x1__term, _sn_x2__term, _sn__best, _sn__scores, _sn__not_below
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , _sn__cutoff1{% endif %}
), _sn__score AS anomaly_score, CASE WHEN NOT _sn__score IS NULL AND _sn__fitted = 1 THEN 1.0e0 - (CAST(_sn__not_below AS DOUBLE) / NULLIF(CAST(_sn__scores
AS DOUBLE), 0.0e0)) WHEN NOT _sn__score IS NULL THEN 1.0e0 - ((CAST(_sn__not_below AS DOUBLE) + 1.0e0) / NULLIF(CAST(_sn__scores
AS DOUBLE) + 1.0e0, 0.0e0)) END AS anomaly_probability, _sn__score >
{%- if s.rule == 'threshold' %} {{ sqlnomaly.real(s.threshold + 1e-6 * [1.0, s.threshold | abs] | max) }} AS is_anomaly, {{ sqlnomaly.real(s.threshold) }}{% elif s.rule == 'contamination' %} CASE WHEN NOT _sn__cutoff1 IS NULL THEN _sn__cutoff1 + (1e-06 * GREATEST(1.0e0, ABS(_sn__cutoff1))) END AS is_anomaly, _sn__cutoff1{% endif %}
AS anomaly_threshold, CASE WHEN _sn__score IS NULL THEN NULL WHEN _sn_x1__term >= _sn__best - (1e-06 * GREATEST(1.0e0, ABS(_sn__best)))
THEN {{ s.features[0].literal }} WHEN _sn_x2__term >= _sn__best - (1e-06 * GREATEST(1.0e0, ABS(_sn__best))) THEN {{ s.features[1].literal }}
END AS anomaly_reason, CASE WHEN COALESCE(_sn__rows, 0) = 0 THEN 'unseen_group' WHEN _sn_x1__raw IS NULL OR _sn_x2__raw IS NULL THEN 'missing_value'
WHEN _sn_x1 IS NULL OR _sn_x2 IS NULL THEN 'out_of_range' WHEN COALESCE(_sn_x1__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} OR COALESCE(_sn_x2__n,
0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'too_few_rows' WHEN _sn__score IS NULL OR (_sn_x1__scale = 0.0e0 AND _sn_x2__scale = 0.0e0) THEN
'constant_baseline' ELSE 'ok' END AS anomaly_status
FROM
{%- if s.rule == 'threshold' %} ranked{% elif s.rule == 'contamination' %} limited{% endif %}
{%- elif not s.order and s.features | length == 3 and (s.rule, s.direction) in [('contamination', 'both'), ('threshold', 'both')] -%}
WITH source AS (SELECT *, CASE WHEN ABS(CAST({{ s.features[0].value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ s.features[0].value }} AS
DOUBLE) END AS _sn_x1, CAST({{ s.features[0].value }} AS DOUBLE) AS _sn_x1__raw, CASE WHEN ABS(CAST({{ s.features[1].value }} AS DOUBLE))
<= 1e+150 THEN CAST({{ s.features[1].value }} AS DOUBLE) END AS _sn_x2, CAST({{ s.features[1].value }} AS DOUBLE) AS _sn_x2__raw, CASE
WHEN ABS(CAST({{ s.features[2].value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ s.features[2].value }} AS DOUBLE) END AS _sn_x3, CAST({{ s.features[2].value }}
AS DOUBLE) AS _sn_x3__raw, {{ s.key }} AS _sn__key1, CASE WHEN {{ s.filter }} THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), fitted AS (SELECT _sn__key1, COUNT(1) AS _sn__rows
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), counted AS (SELECT source.*, fitted._sn__rows
FROM source
LEFT JOIN fitted ON source._sn__key1 IS NOT DISTINCT FROM fitted._sn__key1), complete AS (SELECT *, CASE WHEN NOT _sn_x1 IS NULL AND
NOT _sn_x2 IS NULL AND NOT _sn_x3 IS NULL THEN _sn_x1 END AS _sn_x1__x, CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL AND NOT _sn_x3 IS
NULL THEN _sn_x2 END AS _sn_x2__x, CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL AND NOT _sn_x3 IS NULL THEN _sn_x3 END AS _sn_x3__x
FROM source), bounds AS (SELECT _sn__key1, MIN(_sn_x1__x) AS _sn_x1__low, MAX(_sn_x1__x) AS _sn_x1__high, MIN(_sn_x2__x) AS _sn_x2__low,
MAX(_sn_x2__x) AS _sn_x2__high, MIN(_sn_x3__x) AS _sn_x3__low, MAX(_sn_x3__x) AS _sn_x3__high
FROM complete
WHERE _sn__fitted = 1
GROUP BY _sn__key1), shifted AS (SELECT complete.*, bounds._sn_x1__low, bounds._sn_x1__high, bounds._sn_x2__low, bounds._sn_x2__high,
bounds._sn_x3__low, bounds._sn_x3__high, complete._sn_x1__x - bounds._sn_x1__low AS _sn_x1__above, complete._sn_x2__x - bounds._sn_x2__low
AS _sn_x2__above, complete._sn_x3__x - bounds._sn_x3__low AS _sn_x3__above
FROM complete
LEFT JOIN bounds ON complete._sn__key1 IS NOT DISTINCT FROM bounds._sn__key1), moments AS (SELECT _sn__key1, MIN(_sn_x1__low) AS _sn_x1__low,
MIN(_sn_x1__high) AS _sn_x1__high, MIN(_sn_x2__low) AS _sn_x2__low, MIN(_sn_x2__high) AS _sn_x2__high, MIN(_sn_x3__low) AS _sn_x3__low,
MIN(_sn_x3__high) AS _sn_x3__high, COUNT(_sn_x1__above) AS _sn_x1__n, AVG(_sn_x1__above) AS _sn_x1__mean, VAR_POP(_sn_x1__above)
AS _sn_x1__variance, COUNT(_sn_x2__above) AS _sn_x2__n, AVG(_sn_x2__above) AS _sn_x2__mean, VAR_POP(_sn_x2__above) AS _sn_x2__variance,
COVAR_POP(_sn_x2__above, _sn_x1__above) AS _sn_x2__with_0, COUNT(_sn_x3__above) AS _sn_x3__n, AVG(_sn_x3__above) AS _sn_x3__mean,
VAR_POP(_sn_x3__above) AS _sn_x3__variance, COVAR_POP(_sn_x3__above, _sn_x1__above) AS _sn_x3__with_0, COVAR_POP(_sn_x3__above, _sn_x2__above)
AS _sn_x3__with_1
FROM shifted
WHERE _sn__fitted = 1
GROUP BY _sn__key1), scales AS (SELECT *, CASE WHEN _sn_x1__low < _sn_x1__high AND (_sn_x1__variance * _sn_x1__n) / NULLIF(_sn_x1__n
- 1, 0.0e0) > 1e-300 THEN SQRT(CASE WHEN (_sn_x1__variance * _sn_x1__n) / NULLIF(_sn_x1__n - 1, 0.0e0) >= 0.0e0 THEN (_sn_x1__variance
* _sn_x1__n) / NULLIF(_sn_x1__n - 1, 0.0e0) END) ELSE 0.0e0 END AS _sn_x1__scale, _sn_x1__low + _sn_x1__mean AS _sn_x1__centre, CASE
WHEN _sn_x2__low < _sn_x2__high AND (_sn_x2__variance * _sn_x2__n) / NULLIF(_sn_x2__n - 1, 0.0e0) > 1e-300 THEN SQRT(CASE WHEN (_sn_x2__variance
* _sn_x2__n) / NULLIF(_sn_x2__n - 1, 0.0e0) >= 0.0e0 THEN (_sn_x2__variance * _sn_x2__n) / NULLIF(_sn_x2__n - 1, 0.0e0) END) ELSE
0.0e0 END AS _sn_x2__scale, _sn_x2__low + _sn_x2__mean AS _sn_x2__centre, CASE WHEN _sn_x3__low < _sn_x3__high AND (_sn_x3__variance * _sn_x3__n)
/ NULLIF(_sn_x3__n - 1, 0.0e0) > 1e-300 THEN SQRT(CASE WHEN (_sn_x3__variance * _sn_x3__n) / NULLIF(_sn_x3__n - 1, 0.0e0) >= 0.0e0
THEN (_sn_x3__variance * _sn_x3__n) / NULLIF(_sn_x3__n - 1, 0.0e0) END) ELSE 0.0e0 END AS _sn_x3__scale, _sn_x3__low + _sn_x3__mean AS
_sn_x3__centre
FROM moments), correlations AS (SELECT *, CASE WHEN _sn_x2__scale > 0.0e0 AND _sn_x1__scale > 0.0e0 THEN _sn_x2__with_0 / NULLIF(SQRT(CASE
WHEN _sn_x2__variance >= 0.0e0 THEN _sn_x2__variance END) * SQRT(CASE WHEN _sn_x1__variance >= 0.0e0 THEN _sn_x1__variance END), 0.0e0)
ELSE 0.0e0 END AS _sn_x2__r_0, CASE WHEN _sn_x3__scale > 0.0e0 AND _sn_x1__scale > 0.0e0 THEN _sn_x3__with_0 / NULLIF(SQRT(CASE WHEN _sn_x3__variance
>= 0.0e0 THEN _sn_x3__variance END) * SQRT(CASE WHEN _sn_x1__variance >= 0.0e0 THEN _sn_x1__variance END), 0.0e0) ELSE 0.0e0 END AS _sn_x3__r_0,
CASE WHEN _sn_x3__scale > 0.0e0 AND _sn_x2__scale > 0.0e0 THEN _sn_x3__with_1 / NULLIF(SQRT(CASE WHEN _sn_x3__variance >= 0.0e0 THEN _sn_x3__variance
END) * SQRT(CASE WHEN _sn_x2__variance >= 0.0e0 THEN _sn_x2__variance END), 0.0e0) ELSE 0.0e0 END AS _sn_x3__r_1
FROM scales), elimination AS (SELECT *, CASE WHEN CASE WHEN _sn_x1__scale > 0.0e0 THEN 1.0e0 ELSE 0.0e0 END > 1e-08 THEN 1.0e0 / NULLIF(CASE
WHEN _sn_x1__scale > 0.0e0 THEN 1.0e0 ELSE 0.0e0 END, 0.0e0) ELSE 0.0e0 END AS _sn_x1__gain, _sn_x2__r_0 AS _sn_x2__c_0, _sn_x3__r_0 AS _sn_x3__c_0
FROM correlations), elimination_2 AS (SELECT *, CASE WHEN CASE WHEN _sn_x2__scale > 0.0e0 THEN 1.0e0 ELSE 0.0e0 END - ((_sn_x2__c_0 * _sn_x2__c_0)
* _sn_x1__gain) > 1e-08 THEN 1.0e0 / NULLIF(CASE WHEN _sn_x2__scale > 0.0e0 THEN 1.0e0 ELSE 0.0e0 END - ((_sn_x2__c_0 * _sn_x2__c_0) *
_sn_x1__gain), 0.0e0) ELSE 0.0e0 END AS _sn_x2__gain, _sn_x3__r_1 - ((_sn_x3__c_0 * _sn_x2__c_0) * _sn_x1__gain) AS _sn_x3__c_1, - (_sn_x2__c_0
* _sn_x1__gain) AS _sn_x2__u_0
FROM elimination), elimination_3 AS (SELECT *, CASE WHEN CASE WHEN _sn_x3__scale > 0.0e0 THEN 1.0e0 ELSE 0.0e0 END - (((_sn_x3__c_0 *
_sn_x3__c_0) * _sn_x1__gain) + ((_sn_x3__c_1 * _sn_x3__c_1) * _sn_x2__gain)) > 1e-08 THEN 1.0e0 / NULLIF(CASE WHEN _sn_x3__scale > 0.0e0
THEN 1.0e0 ELSE 0.0e0 END - (((_sn_x3__c_0 * _sn_x3__c_0) * _sn_x1__gain) + ((_sn_x3__c_1 * _sn_x3__c_1) * _sn_x2__gain)), 0.0e0)
ELSE 0.0e0 END AS _sn_x3__gain, - ((_sn_x3__c_0 * _sn_x1__gain) + ((_sn_x3__c_1 * _sn_x2__gain) * _sn_x2__u_0)) AS _sn_x3__u_0, - (_sn_x3__c_1
* _sn_x2__gain) AS _sn_x3__u_1
FROM elimination_2), model AS (SELECT *, CASE WHEN _sn_x1__scale > 0.0e0 THEN SQRT(CASE WHEN _sn_x1__gain >= 0.0e0 THEN _sn_x1__gain END)
/ NULLIF(_sn_x1__scale, 0.0e0) ELSE 0.0e0 END AS _sn_x1__whiten_0, CASE WHEN _sn_x1__scale > 0.0e0 THEN (SQRT(CASE WHEN _sn_x2__gain
>= 0.0e0 THEN _sn_x2__gain END) * _sn_x2__u_0) / NULLIF(_sn_x1__scale, 0.0e0) ELSE 0.0e0 END AS _sn_x2__whiten_0, CASE WHEN _sn_x2__scale
> 0.0e0 THEN SQRT(CASE WHEN _sn_x2__gain >= 0.0e0 THEN _sn_x2__gain END) / NULLIF(_sn_x2__scale, 0.0e0) ELSE 0.0e0 END AS _sn_x2__whiten_1,
CASE WHEN _sn_x1__scale > 0.0e0 THEN (SQRT(CASE WHEN _sn_x3__gain >= 0.0e0 THEN _sn_x3__gain END) * _sn_x3__u_0) / NULLIF(_sn_x1__scale,
0.0e0) ELSE 0.0e0 END AS _sn_x3__whiten_0, CASE WHEN _sn_x2__scale > 0.0e0 THEN (SQRT(CASE WHEN _sn_x3__gain >= 0.0e0 THEN _sn_x3__gain
END) * _sn_x3__u_1) / NULLIF(_sn_x2__scale, 0.0e0) ELSE 0.0e0 END AS _sn_x3__whiten_1, CASE WHEN _sn_x3__scale > 0.0e0 THEN SQRT(CASE
WHEN _sn_x3__gain >= 0.0e0 THEN _sn_x3__gain END) / NULLIF(_sn_x3__scale, 0.0e0) ELSE 0.0e0 END AS _sn_x3__whiten_2
FROM elimination_3), whitened AS (SELECT counted.*, model._sn_x1__n, model._sn_x1__low, model._sn_x1__mean, model._sn_x1__centre,
model._sn_x1__scale, model._sn_x1__whiten_0, model._sn_x2__n, model._sn_x2__low, model._sn_x2__mean, model._sn_x2__centre,
model._sn_x2__scale, model._sn_x2__whiten_0, model._sn_x2__whiten_1, model._sn_x3__n, model._sn_x3__low, model._sn_x3__mean,
model._sn_x3__centre, model._sn_x3__scale, model._sn_x3__whiten_0, model._sn_x3__whiten_1, model._sn_x3__whiten_2, model._sn_x1__whiten_0
* ((counted._sn_x1 - model._sn_x1__low) - model._sn_x1__mean) AS _sn_x1__y, (model._sn_x2__whiten_0 * ((counted._sn_x1 - model._sn_x1__low)
- model._sn_x1__mean)) + (model._sn_x2__whiten_1 * ((counted._sn_x2 - model._sn_x2__low) - model._sn_x2__mean)) AS _sn_x2__y, (model._sn_x3__whiten_0
* ((counted._sn_x1 - model._sn_x1__low) - model._sn_x1__mean)) + (model._sn_x3__whiten_1 * ((counted._sn_x2 - model._sn_x2__low)
- model._sn_x2__mean)) + (model._sn_x3__whiten_2 * ((counted._sn_x3 - model._sn_x3__low) - model._sn_x3__mean)) AS _sn_x3__y
FROM counted
LEFT JOIN model ON counted._sn__key1 IS NOT DISTINCT FROM model._sn__key1), scored AS (SELECT *, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }}
THEN CASE WHEN (_sn_x1__scale > 0.0e0 OR _sn_x1 = _sn_x1__centre) AND (_sn_x2__scale > 0.0e0 OR _sn_x2 = _sn_x2__centre) AND (_sn_x3__scale
> 0.0e0 OR _sn_x3 = _sn_x3__centre) THEN (_sn_x1__y * _sn_x1__y) + (_sn_x2__y * _sn_x2__y) + (_sn_x3__y * _sn_x3__y) END END AS _sn__score,
CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN ((_sn_x1 - _sn_x1__low) - _sn_x1__mean) * ((_sn_x1__whiten_0 * _sn_x1__y)
+ (_sn_x2__whiten_0 * _sn_x2__y) + (_sn_x3__whiten_0 * _sn_x3__y)) END AS _sn_x1__term, CASE WHEN _sn_x2__n >= {{ sqlnomaly.whole(s.min_rows) }}
THEN ((_sn_x2 - _sn_x2__low) - _sn_x2__mean) * ((_sn_x2__whiten_1 * _sn_x2__y) + (_sn_x3__whiten_1 * _sn_x3__y)) END AS _sn_x2__term,
CASE WHEN _sn_x3__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN ((_sn_x3 - _sn_x3__low) - _sn_x3__mean) * (_sn_x3__whiten_2 * _sn_x3__y)
END AS _sn_x3__term
FROM whitened), largest AS (SELECT *, CASE WHEN NOT _sn_x1__term IS NULL AND NOT _sn_x2__term IS NULL AND NOT _sn_x3__term IS NULL THEN GREATEST(_sn_x1__term,
_sn_x2__term, _sn_x3__term) END AS _sn__best
FROM scored), ranked AS (SELECT *, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS
_sn__scores, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY CASE WHEN _sn__score
IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score, 0.0e0) DESC) AS _sn__not_below
FROM largest)
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , cutoff AS (SELECT _sn__key1, PERCENTILE(_sn__score, {{ sqlnomaly.real(1 - s.contamination) }}) AS _sn__cutoff1
FROM ranked
WHERE _sn__fitted = 1
GROUP BY _sn__key1), limited AS (SELECT ranked.*, cutoff._sn__cutoff1
FROM ranked
LEFT JOIN cutoff ON ranked._sn__key1 IS NOT DISTINCT FROM cutoff._sn__key1){% endif %}
SELECT * EXCEPT (_sn_x1, _sn_x1__raw, _sn_x2, _sn_x2__raw, _sn_x3, _sn_x3__raw, _sn__key1, _sn__fitted, _sn__rows, _sn_x1__n, _sn_x1__low,
_sn_x1__mean, _sn_x1__centre, _sn_x1__scale, _sn_x1__whiten_0, _sn_x2__n, _sn_x2__low, _sn_x2__mean, _sn_x2__centre, _sn_x2__scale,
_sn_x2__whiten_0, _sn_x2__whiten_1, _sn_x3__n, _sn_x3__low, _sn_x3__mean, _sn_x3__centre, _sn_x3__scale, _sn_x3__whiten_0, _sn_x3__whiten_1,
_sn_x3__whiten_2, _sn_x1__y, _sn_x2__y, _sn_x3__y, _sn__score, _sn_x1__term, _sn_x2__term, _sn_x3__term, _sn__best, _sn__scores, _sn__not_below
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , _sn__cutoff1{% endif %}
), _sn__score AS anomaly_score, CASE WHEN NOT _sn__score IS NULL AND _sn__fitted = 1 THEN 1.0e0 - (CAST(_sn__not_below AS DOUBLE) / NULLIF(CAST(_sn__scores
AS DOUBLE), 0.0e0)) WHEN NOT _sn__score IS NULL THEN 1.0e0 - ((CAST(_sn__not_below AS DOUBLE) + 1.0e0) / NULLIF(CAST(_sn__scores
AS DOUBLE) + 1.0e0, 0.0e0)) END AS anomaly_probability, _sn__score >
{%- if s.rule == 'threshold' %} {{ sqlnomaly.real(s.threshold + 1e-6 * [1.0, s.threshold | abs] | max) }} AS is_anomaly, {{ sqlnomaly.real(s.threshold) }}{% elif s.rule == 'contamination' %} CASE WHEN NOT _sn__cutoff1 IS NULL THEN _sn__cutoff1 + (1e-06 * GREATEST(1.0e0, ABS(_sn__cutoff1))) END AS is_anomaly, _sn__cutoff1{% endif %}
AS anomaly_threshold, CASE WHEN _sn__score IS NULL THEN NULL WHEN _sn_x1__term >= _sn__best - (1e-06 * GREATEST(1.0e0, ABS(_sn__best)))
THEN {{ s.features[0].literal }} WHEN _sn_x2__term >= _sn__best - (1e-06 * GREATEST(1.0e0, ABS(_sn__best))) THEN {{ s.features[1].literal }}
WHEN _sn_x3__term >= _sn__best - (1e-06 * GREATEST(1.0e0, ABS(_sn__best))) THEN {{ s.features[2].literal }} END AS anomaly_reason,
CASE WHEN COALESCE(_sn__rows, 0) = 0 THEN 'unseen_group' WHEN _sn_x1__raw IS NULL OR _sn_x2__raw IS NULL OR _sn_x3__raw IS NULL THEN 'missing_value'
WHEN _sn_x1 IS NULL OR _sn_x2 IS NULL OR _sn_x3 IS NULL THEN 'out_of_range' WHEN COALESCE(_sn_x1__n, 0) < {{ sqlnomaly.whole(s.min_rows) }}
OR COALESCE(_sn_x2__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} OR COALESCE(_sn_x3__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'too_few_rows'
WHEN _sn__score IS NULL OR (_sn_x1__scale = 0.0e0 AND _sn_x2__scale = 0.0e0 AND _sn_x3__scale = 0.0e0) THEN 'constant_baseline' ELSE 'ok' END
AS anomaly_status
FROM
{%- if s.rule == 'threshold' %} ranked{% elif s.rule == 'contamination' %} limited{% endif %}
{%- elif not s.order and s.features | length == 4 and (s.rule, s.direction) in [('contamination', 'both'), ('threshold', 'both')] -%}
WITH source AS (SELECT *, CASE WHEN ABS(CAST({{ s.features[0].value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ s.features[0].value }} AS
DOUBLE) END AS _sn_x1, CAST({{ s.features[0].value }} AS DOUBLE) AS _sn_x1__raw, CASE WHEN ABS(CAST({{ s.features[1].value }} AS DOUBLE))
<= 1e+150 THEN CAST({{ s.features[1].value }} AS DOUBLE) END AS _sn_x2, CAST({{ s.features[1].value }} AS DOUBLE) AS _sn_x2__raw, CASE
WHEN ABS(CAST({{ s.features[2].value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ s.features[2].value }} AS DOUBLE) END AS _sn_x3, CAST({{ s.features[2].value }}
AS DOUBLE) AS _sn_x3__raw, CASE WHEN ABS(CAST({{ s.features[3].value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ s.features[3].value }} AS
DOUBLE) END AS _sn_x4, CAST({{ s.features[3].value }} AS DOUBLE) AS _sn_x4__raw, {{ s.key }} AS _sn__key1, CASE WHEN {{ s.filter }} THEN
1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), fitted AS (SELECT _sn__key1, COUNT(1) AS _sn__rows
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), counted AS (SELECT source.*, fitted._sn__rows
FROM source
LEFT JOIN fitted ON source._sn__key1 IS NOT DISTINCT FROM fitted._sn__key1), complete AS (SELECT *, CASE WHEN NOT _sn_x1 IS NULL AND
NOT _sn_x2 IS NULL AND NOT _sn_x3 IS NULL AND NOT _sn_x4 IS NULL THEN _sn_x1 END AS _sn_x1__x, CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS
NULL AND NOT _sn_x3 IS NULL AND NOT _sn_x4 IS NULL THEN _sn_x2 END AS _sn_x2__x, CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL AND NOT
_sn_x3 IS NULL AND NOT _sn_x4 IS NULL THEN _sn_x3 END AS _sn_x3__x, CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL AND NOT _sn_x3 IS NULL
AND NOT _sn_x4 IS NULL THEN _sn_x4 END AS _sn_x4__x
FROM source), bounds AS (SELECT _sn__key1, MIN(_sn_x1__x) AS _sn_x1__low, MAX(_sn_x1__x) AS _sn_x1__high, MIN(_sn_x2__x) AS _sn_x2__low,
MAX(_sn_x2__x) AS _sn_x2__high, MIN(_sn_x3__x) AS _sn_x3__low, MAX(_sn_x3__x) AS _sn_x3__high, MIN(_sn_x4__x) AS _sn_x4__low,
MAX(_sn_x4__x) AS _sn_x4__high
FROM complete
WHERE _sn__fitted = 1
GROUP BY _sn__key1), shifted AS (SELECT complete.*, bounds._sn_x1__low, bounds._sn_x1__high, bounds._sn_x2__low, bounds._sn_x2__high,
bounds._sn_x3__low, bounds._sn_x3__high, bounds._sn_x4__low, bounds._sn_x4__high, complete._sn_x1__x - bounds._sn_x1__low AS
_sn_x1__above, complete._sn_x2__x - bounds._sn_x2__low AS _sn_x2__above, complete._sn_x3__x - bounds._sn_x3__low AS _sn_x3__above,
complete._sn_x4__x - bounds._sn_x4__low AS _sn_x4__above
FROM complete
LEFT JOIN bounds ON complete._sn__key1 IS NOT DISTINCT FROM bounds._sn__key1), moments AS (SELECT _sn__key1, MIN(_sn_x1__low) AS _sn_x1__low,
MIN(_sn_x1__high) AS _sn_x1__high, MIN(_sn_x2__low) AS _sn_x2__low, MIN(_sn_x2__high) AS _sn_x2__high, MIN(_sn_x3__low) AS _sn_x3__low,
MIN(_sn_x3__high) AS _sn_x3__high, MIN(_sn_x4__low) AS _sn_x4__low, MIN(_sn_x4__high) AS _sn_x4__high, COUNT(_sn_x1__above) AS
_sn_x1__n, AVG(_sn_x1__above) AS _sn_x1__mean, VAR_POP(_sn_x1__above) AS _sn_x1__variance, COUNT(_sn_x2__above) AS _sn_x2__n, AVG(_sn_x2__above)
AS _sn_x2__mean, VAR_POP(_sn_x2__above) AS _sn_x2__variance, COVAR_POP(_sn_x2__above, _sn_x1__above) AS _sn_x2__with_0, COUNT(_sn_x3__above)
AS _sn_x3__n, AVG(_sn_x3__above) AS _sn_x3__mean, VAR_POP(_sn_x3__above) AS _sn_x3__variance, COVAR_POP(_sn_x3__above, _sn_x1__above)
AS _sn_x3__with_0, COVAR_POP(_sn_x3__above, _sn_x2__above) AS _sn_x3__with_1, COUNT(_sn_x4__above) AS _sn_x4__n, AVG(_sn_x4__above)
AS _sn_x4__mean, VAR_POP(_sn_x4__above) AS _sn_x4__variance, COVAR_POP(_sn_x4__above, _sn_x1__above) AS _sn_x4__with_0, COVAR_POP(_sn_x4__above,
_sn_x2__above) AS _sn_x4__with_1, COVAR_POP(_sn_x4__above, _sn_x3__above) AS _sn_x4__with_2
FROM shifted
WHERE _sn__fitted = 1
GROUP BY _sn__key1), scales AS (SELECT *, CASE WHEN _sn_x1__low < _sn_x1__high AND (_sn_x1__variance * _sn_x1__n) / NULLIF(_sn_x1__n
- 1, 0.0e0) > 1e-300 THEN SQRT(CASE WHEN (_sn_x1__variance * _sn_x1__n) / NULLIF(_sn_x1__n - 1, 0.0e0) >= 0.0e0 THEN (_sn_x1__variance
* _sn_x1__n) / NULLIF(_sn_x1__n - 1, 0.0e0) END) ELSE 0.0e0 END AS _sn_x1__scale, _sn_x1__low + _sn_x1__mean AS _sn_x1__centre, CASE
WHEN _sn_x2__low < _sn_x2__high AND (_sn_x2__variance * _sn_x2__n) / NULLIF(_sn_x2__n - 1, 0.0e0) > 1e-300 THEN SQRT(CASE WHEN (_sn_x2__variance
* _sn_x2__n) / NULLIF(_sn_x2__n - 1, 0.0e0) >= 0.0e0 THEN (_sn_x2__variance * _sn_x2__n) / NULLIF(_sn_x2__n - 1, 0.0e0) END) ELSE
0.0e0 END AS _sn_x2__scale, _sn_x2__low + _sn_x2__mean AS _sn_x2__centre, CASE WHEN _sn_x3__low < _sn_x3__high AND (_sn_x3__variance * _sn_x3__n)
/ NULLIF(_sn_x3__n - 1, 0.0e0) > 1e-300 THEN SQRT(CASE WHEN (_sn_x3__variance * _sn_x3__n) / NULLIF(_sn_x3__n - 1, 0.0e0) >= 0.0e0
THEN (_sn_x3__variance * _sn_x3__n) / NULLIF(_sn_x3__n - 1, 0.0e0) END) ELSE 0.0e0 END AS _sn_x3__scale, _sn_x3__low + _sn_x3__mean AS
_sn_x3__centre, CASE WHEN _sn_x4__low < _sn_x4__high AND (_sn_x4__variance * _sn_x4__n) / NULLIF(_sn_x4__n - 1, 0.0e0) > 1e-300 THEN SQRT(CASE
WHEN (_sn_x4__variance * _sn_x4__n) / NULLIF(_sn_x4__n - 1, 0.0e0) >= 0.0e0 THEN (_sn_x4__variance * _sn_x4__n) / NULLIF(_sn_x4__n
- 1, 0.0e0) END) ELSE 0.0e0 END AS _sn_x4__scale, _sn_x4__low + _sn_x4__mean AS _sn_x4__centre
FROM moments), correlations AS (SELECT *, CASE WHEN _sn_x2__scale > 0.0e0 AND _sn_x1__scale > 0.0e0 THEN _sn_x2__with_0 / NULLIF(SQRT(CASE
WHEN _sn_x2__variance >= 0.0e0 THEN _sn_x2__variance END) * SQRT(CASE WHEN _sn_x1__variance >= 0.0e0 THEN _sn_x1__variance END), 0.0e0)
ELSE 0.0e0 END AS _sn_x2__r_0, CASE WHEN _sn_x3__scale > 0.0e0 AND _sn_x1__scale > 0.0e0 THEN _sn_x3__with_0 / NULLIF(SQRT(CASE WHEN _sn_x3__variance
>= 0.0e0 THEN _sn_x3__variance END) * SQRT(CASE WHEN _sn_x1__variance >= 0.0e0 THEN _sn_x1__variance END), 0.0e0) ELSE 0.0e0 END AS _sn_x3__r_0,
CASE WHEN _sn_x3__scale > 0.0e0 AND _sn_x2__scale > 0.0e0 THEN _sn_x3__with_1 / NULLIF(SQRT(CASE WHEN _sn_x3__variance >= 0.0e0 THEN _sn_x3__variance
END) * SQRT(CASE WHEN _sn_x2__variance >= 0.0e0 THEN _sn_x2__variance END), 0.0e0) ELSE 0.0e0 END AS _sn_x3__r_1, CASE WHEN _sn_x4__scale
> 0.0e0 AND _sn_x1__scale > 0.0e0 THEN _sn_x4__with_0 / NULLIF(SQRT(CASE WHEN _sn_x4__variance >= 0.0e0 THEN _sn_x4__variance END) * SQRT(CASE
WHEN _sn_x1__variance >= 0.0e0 THEN _sn_x1__variance END), 0.0e0) ELSE 0.0e0 END AS _sn_x4__r_0, CASE WHEN _sn_x4__scale > 0.0e0 AND _sn_x2__scale
> 0.0e0 THEN _sn_x4__with_1 / NULLIF(SQRT(CASE WHEN _sn_x4__variance >= 0.0e0 THEN _sn_x4__variance END) * SQRT(CASE WHEN _sn_x2__variance
>= 0.0e0 THEN _sn_x2__variance END), 0.0e0) ELSE 0.0e0 END AS _sn_x4__r_1, CASE WHEN _sn_x4__scale > 0.0e0 AND _sn_x3__scale > 0.0e0 THEN
_sn_x4__with_2 / NULLIF(SQRT(CASE WHEN _sn_x4__variance >= 0.0e0 THEN _sn_x4__variance END) * SQRT(CASE WHEN _sn_x3__variance >= 0.0e0
THEN _sn_x3__variance END), 0.0e0) ELSE 0.0e0 END AS _sn_x4__r_2
FROM scales), elimination AS (SELECT *, CASE WHEN CASE WHEN _sn_x1__scale > 0.0e0 THEN 1.0e0 ELSE 0.0e0 END > 1e-08 THEN 1.0e0 / NULLIF(CASE
WHEN _sn_x1__scale > 0.0e0 THEN 1.0e0 ELSE 0.0e0 END, 0.0e0) ELSE 0.0e0 END AS _sn_x1__gain, _sn_x2__r_0 AS _sn_x2__c_0, _sn_x3__r_0 AS _sn_x3__c_0,
_sn_x4__r_0 AS _sn_x4__c_0
FROM correlations), elimination_2 AS (SELECT *, CASE WHEN CASE WHEN _sn_x2__scale > 0.0e0 THEN 1.0e0 ELSE 0.0e0 END - ((_sn_x2__c_0 * _sn_x2__c_0)
* _sn_x1__gain) > 1e-08 THEN 1.0e0 / NULLIF(CASE WHEN _sn_x2__scale > 0.0e0 THEN 1.0e0 ELSE 0.0e0 END - ((_sn_x2__c_0 * _sn_x2__c_0) *
_sn_x1__gain), 0.0e0) ELSE 0.0e0 END AS _sn_x2__gain, _sn_x3__r_1 - ((_sn_x3__c_0 * _sn_x2__c_0) * _sn_x1__gain) AS _sn_x3__c_1, _sn_x4__r_1
- ((_sn_x4__c_0 * _sn_x2__c_0) * _sn_x1__gain) AS _sn_x4__c_1, - (_sn_x2__c_0 * _sn_x1__gain) AS _sn_x2__u_0
FROM elimination), elimination_3 AS (SELECT *, CASE WHEN CASE WHEN _sn_x3__scale > 0.0e0 THEN 1.0e0 ELSE 0.0e0 END - (((_sn_x3__c_0 *
_sn_x3__c_0) * _sn_x1__gain) + ((_sn_x3__c_1 * _sn_x3__c_1) * _sn_x2__gain)) > 1e-08 THEN 1.0e0 / NULLIF(CASE WHEN _sn_x3__scale > 0.0e0
THEN 1.0e0 ELSE 0.0e0 END - (((_sn_x3__c_0 * _sn_x3__c_0) * _sn_x1__gain) + ((_sn_x3__c_1 * _sn_x3__c_1) * _sn_x2__gain)), 0.0e0)
ELSE 0.0e0 END AS _sn_x3__gain, _sn_x4__r_2 - (((_sn_x4__c_0 * _sn_x3__c_0) * _sn_x1__gain) + ((_sn_x4__c_1 * _sn_x3__c_1) * _sn_x2__gain))
AS _sn_x4__c_2, - ((_sn_x3__c_0 * _sn_x1__gain) + ((_sn_x3__c_1 * _sn_x2__gain) * _sn_x2__u_0)) AS _sn_x3__u_0, - (_sn_x3__c_1 * _sn_x2__gain)
AS _sn_x3__u_1
FROM elimination_2), elimination_4 AS (SELECT *, CASE WHEN CASE WHEN _sn_x4__scale > 0.0e0 THEN 1.0e0 ELSE 0.0e0 END - (((_sn_x4__c_0
* _sn_x4__c_0) * _sn_x1__gain) + ((_sn_x4__c_1 * _sn_x4__c_1) * _sn_x2__gain) + ((_sn_x4__c_2 * _sn_x4__c_2) * _sn_x3__gain)) > 1e-08
THEN 1.0e0 / NULLIF(CASE WHEN _sn_x4__scale > 0.0e0 THEN 1.0e0 ELSE 0.0e0 END - (((_sn_x4__c_0 * _sn_x4__c_0) * _sn_x1__gain) + ((_sn_x4__c_1
* _sn_x4__c_1) * _sn_x2__gain) + ((_sn_x4__c_2 * _sn_x4__c_2) * _sn_x3__gain)), 0.0e0) ELSE 0.0e0 END AS _sn_x4__gain, - ((_sn_x4__c_0
* _sn_x1__gain) + ((_sn_x4__c_1 * _sn_x2__gain) * _sn_x2__u_0) + ((_sn_x4__c_2 * _sn_x3__gain) * _sn_x3__u_0)) AS _sn_x4__u_0, - ((_sn_x4__c_1
* _sn_x2__gain) + ((_sn_x4__c_2 * _sn_x3__gain) * _sn_x3__u_1)) AS _sn_x4__u_1, - (_sn_x4__c_2 * _sn_x3__gain) AS _sn_x4__u_2
FROM elimination_3), model AS (SELECT *, CASE WHEN _sn_x1__scale > 0.0e0 THEN SQRT(CASE WHEN _sn_x1__gain >= 0.0e0 THEN _sn_x1__gain END)
/ NULLIF(_sn_x1__scale, 0.0e0) ELSE 0.0e0 END AS _sn_x1__whiten_0, CASE WHEN _sn_x1__scale > 0.0e0 THEN (SQRT(CASE WHEN _sn_x2__gain
>= 0.0e0 THEN _sn_x2__gain END) * _sn_x2__u_0) / NULLIF(_sn_x1__scale, 0.0e0) ELSE 0.0e0 END AS _sn_x2__whiten_0, CASE WHEN _sn_x2__scale
> 0.0e0 THEN SQRT(CASE WHEN _sn_x2__gain >= 0.0e0 THEN _sn_x2__gain END) / NULLIF(_sn_x2__scale, 0.0e0) ELSE 0.0e0 END AS _sn_x2__whiten_1,
CASE WHEN _sn_x1__scale > 0.0e0 THEN (SQRT(CASE WHEN _sn_x3__gain >= 0.0e0 THEN _sn_x3__gain END) * _sn_x3__u_0) / NULLIF(_sn_x1__scale,
0.0e0) ELSE 0.0e0 END AS _sn_x3__whiten_0, CASE WHEN _sn_x2__scale > 0.0e0 THEN (SQRT(CASE WHEN _sn_x3__gain >= 0.0e0 THEN _sn_x3__gain
END) * _sn_x3__u_1) / NULLIF(_sn_x2__scale, 0.0e0) ELSE 0.0e0 END AS _sn_x3__whiten_1, CASE WHEN _sn_x3__scale > 0.0e0 THEN SQRT(CASE
WHEN _sn_x3__gain >= 0.0e0 THEN _sn_x3__gain END) / NULLIF(_sn_x3__scale, 0.0e0) ELSE 0.0e0 END AS _sn_x3__whiten_2, CASE WHEN _sn_x1__scale
> 0.0e0 THEN (SQRT(CASE WHEN _sn_x4__gain >= 0.0e0 THEN _sn_x4__gain END) * _sn_x4__u_0) / NULLIF(_sn_x1__scale, 0.0e0) ELSE 0.0e0 END
AS _sn_x4__whiten_0, CASE WHEN _sn_x2__scale > 0.0e0 THEN (SQRT(CASE WHEN _sn_x4__gain >= 0.0e0 THEN _sn_x4__gain END) * _sn_x4__u_1) /
NULLIF(_sn_x2__scale, 0.0e0) ELSE 0.0e0 END AS _sn_x4__whiten_1, CASE WHEN _sn_x3__scale > 0.0e0 THEN (SQRT(CASE WHEN _sn_x4__gain >=
0.0e0 THEN _sn_x4__gain END) * _sn_x4__u_2) / NULLIF(_sn_x3__scale, 0.0e0) ELSE 0.0e0 END AS _sn_x4__whiten_2, CASE WHEN _sn_x4__scale
> 0.0e0 THEN SQRT(CASE WHEN _sn_x4__gain >= 0.0e0 THEN _sn_x4__gain END) / NULLIF(_sn_x4__scale, 0.0e0) ELSE 0.0e0 END AS _sn_x4__whiten_3
FROM elimination_4), whitened AS (SELECT counted.*, model._sn_x1__n, model._sn_x1__low, model._sn_x1__mean, model._sn_x1__centre,
model._sn_x1__scale, model._sn_x1__whiten_0, model._sn_x2__n, model._sn_x2__low, model._sn_x2__mean, model._sn_x2__centre,
model._sn_x2__scale, model._sn_x2__whiten_0, model._sn_x2__whiten_1, model._sn_x3__n, model._sn_x3__low, model._sn_x3__mean,
model._sn_x3__centre, model._sn_x3__scale, model._sn_x3__whiten_0, model._sn_x3__whiten_1, model._sn_x3__whiten_2, model._sn_x4__n,
model._sn_x4__low, model._sn_x4__mean, model._sn_x4__centre, model._sn_x4__scale, model._sn_x4__whiten_0, model._sn_x4__whiten_1,
model._sn_x4__whiten_2, model._sn_x4__whiten_3, model._sn_x1__whiten_0 * ((counted._sn_x1 - model._sn_x1__low) - model._sn_x1__mean)
AS _sn_x1__y, (model._sn_x2__whiten_0 * ((counted._sn_x1 - model._sn_x1__low) - model._sn_x1__mean)) + (model._sn_x2__whiten_1
* ((counted._sn_x2 - model._sn_x2__low) - model._sn_x2__mean)) AS _sn_x2__y, (model._sn_x3__whiten_0 * ((counted._sn_x1 -
model._sn_x1__low) - model._sn_x1__mean)) + (model._sn_x3__whiten_1 * ((counted._sn_x2 - model._sn_x2__low) - model._sn_x2__mean))
+ (model._sn_x3__whiten_2 * ((counted._sn_x3 - model._sn_x3__low) - model._sn_x3__mean)) AS _sn_x3__y, (model._sn_x4__whiten_0
* ((counted._sn_x1 - model._sn_x1__low) - model._sn_x1__mean)) + (model._sn_x4__whiten_1 * ((counted._sn_x2 - model._sn_x2__low)
- model._sn_x2__mean)) + (model._sn_x4__whiten_2 * ((counted._sn_x3 - model._sn_x3__low) - model._sn_x3__mean)) + (model._sn_x4__whiten_3
* ((counted._sn_x4 - model._sn_x4__low) - model._sn_x4__mean)) AS _sn_x4__y
FROM counted
LEFT JOIN model ON counted._sn__key1 IS NOT DISTINCT FROM model._sn__key1), scored AS (SELECT *, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }}
THEN CASE WHEN (_sn_x1__scale > 0.0e0 OR _sn_x1 = _sn_x1__centre) AND (_sn_x2__scale > 0.0e0 OR _sn_x2 = _sn_x2__centre) AND (_sn_x3__scale
> 0.0e0 OR _sn_x3 = _sn_x3__centre) AND (_sn_x4__scale > 0.0e0 OR _sn_x4 = _sn_x4__centre) THEN (_sn_x1__y * _sn_x1__y) + (_sn_x2__y *
_sn_x2__y) + (_sn_x3__y * _sn_x3__y) + (_sn_x4__y * _sn_x4__y) END END AS _sn__score, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }}
THEN ((_sn_x1 - _sn_x1__low) - _sn_x1__mean) * ((_sn_x1__whiten_0 * _sn_x1__y) + (_sn_x2__whiten_0 * _sn_x2__y) + (_sn_x3__whiten_0
* _sn_x3__y) + (_sn_x4__whiten_0 * _sn_x4__y)) END AS _sn_x1__term, CASE WHEN _sn_x2__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN ((_sn_x2
- _sn_x2__low) - _sn_x2__mean) * ((_sn_x2__whiten_1 * _sn_x2__y) + (_sn_x3__whiten_1 * _sn_x3__y) + (_sn_x4__whiten_1 * _sn_x4__y))
END AS _sn_x2__term, CASE WHEN _sn_x3__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN ((_sn_x3 - _sn_x3__low) - _sn_x3__mean) * ((_sn_x3__whiten_2
* _sn_x3__y) + (_sn_x4__whiten_2 * _sn_x4__y)) END AS _sn_x3__term, CASE WHEN _sn_x4__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN ((_sn_x4
- _sn_x4__low) - _sn_x4__mean) * (_sn_x4__whiten_3 * _sn_x4__y) END AS _sn_x4__term
FROM whitened), largest AS (SELECT *, CASE WHEN NOT _sn_x1__term IS NULL AND NOT _sn_x2__term IS NULL AND NOT _sn_x3__term IS NULL AND NOT
_sn_x4__term IS NULL THEN GREATEST(_sn_x1__term, _sn_x2__term, _sn_x3__term, _sn_x4__term) END AS _sn__best
FROM scored), ranked AS (SELECT *, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS
_sn__scores, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY CASE WHEN _sn__score
IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score, 0.0e0) DESC) AS _sn__not_below
FROM largest)
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , cutoff AS (SELECT _sn__key1, PERCENTILE(_sn__score, {{ sqlnomaly.real(1 - s.contamination) }}) AS _sn__cutoff1
FROM ranked
WHERE _sn__fitted = 1
GROUP BY _sn__key1), limited AS (SELECT ranked.*, cutoff._sn__cutoff1
FROM ranked
LEFT JOIN cutoff ON ranked._sn__key1 IS NOT DISTINCT FROM cutoff._sn__key1){% endif %}
SELECT * EXCEPT (_sn_x1, _sn_x1__raw, _sn_x2, _sn_x2__raw, _sn_x3, _sn_x3__raw, _sn_x4, _sn_x4__raw, _sn__key1, _sn__fitted, _sn__rows,
_sn_x1__n, _sn_x1__low, _sn_x1__mean, _sn_x1__centre, _sn_x1__scale, _sn_x1__whiten_0, _sn_x2__n, _sn_x2__low, _sn_x2__mean, _sn_x2__centre,
_sn_x2__scale, _sn_x2__whiten_0, _sn_x2__whiten_1, _sn_x3__n, _sn_x3__low, _sn_x3__mean, _sn_x3__centre, _sn_x3__scale, _sn_x3__whiten_0,
_sn_x3__whiten_1, _sn_x3__whiten_2, _sn_x4__n, _sn_x4__low, _sn_x4__mean, _sn_x4__centre, _sn_x4__scale, _sn_x4__whiten_0, _sn_x4__whiten_1,
_sn_x4__whiten_2, _sn_x4__whiten_3, _sn_x1__y, _sn_x2__y, _sn_x3__y, _sn_x4__y, _sn__score, _sn_x1__term, _sn_x2__term, _sn_x3__term,
_sn_x4__term, _sn__best, _sn__scores, _sn__not_below
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , _sn__cutoff1{% endif %}
), _sn__score AS anomaly_score, CASE WHEN NOT _sn__score IS NULL AND _sn__fitted = 1 THEN 1.0e0 - (CAST(_sn__not_below AS DOUBLE) / NULLIF(CAST(_sn__scores
AS DOUBLE), 0.0e0)) WHEN NOT _sn__score IS NULL THEN 1.0e0 - ((CAST(_sn__not_below AS DOUBLE) + 1.0e0) / NULLIF(CAST(_sn__scores
AS DOUBLE) + 1.0e0, 0.0e0)) END AS anomaly_probability, _sn__score >
{%- if s.rule == 'threshold' %} {{ sqlnomaly.real(s.threshold + 1e-6 * [1.0, s.threshold | abs] | max) }} AS is_anomaly, {{ sqlnomaly.real(s.threshold) }}{% elif s.rule == 'contamination' %} CASE WHEN NOT _sn__cutoff1 IS NULL THEN _sn__cutoff1 + (1e-06 * GREATEST(1.0e0, ABS(_sn__cutoff1))) END AS is_anomaly, _sn__cutoff1{% endif %}
AS anomaly_threshold, CASE WHEN _sn__score IS NULL THEN NULL WHEN _sn_x1__term >= _sn__best - (1e-06 * GREATEST(1.0e0, ABS(_sn__best)))
THEN {{ s.features[0].literal }} WHEN _sn_x2__term >= _sn__best - (1e-06 * GREATEST(1.0e0, ABS(_sn__best))) THEN {{ s.features[1].literal }}
WHEN _sn_x3__term >= _sn__best - (1e-06 * GREATEST(1.0e0, ABS(_sn__best))) THEN {{ s.features[2].literal }} WHEN _sn_x4__term >= _sn__best
- (1e-06 * GREATEST(1.0e0, ABS(_sn__best))) THEN {{ s.features[3].literal }} END AS anomaly_reason, CASE WHEN COALESCE(_sn__rows,
0) = 0 THEN 'unseen_group' WHEN _sn_x1__raw IS NULL OR _sn_x2__raw IS NULL OR _sn_x3__raw IS NULL OR _sn_x4__raw IS NULL THEN 'missing_value'
WHEN _sn_x1 IS NULL OR _sn_x2 IS NULL OR _sn_x3 IS NULL OR _sn_x4 IS NULL THEN 'out_of_range' WHEN COALESCE(_sn_x1__n, 0) < {{ sqlnomaly.whole(s.min_rows) }}
OR COALESCE(_sn_x2__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} OR COALESCE(_sn_x3__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} OR COALESCE(_sn_x4__n,
0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'too_few_rows' WHEN _sn__score IS NULL OR (_sn_x1__scale = 0.0e0 AND _sn_x2__scale = 0.0e0 AND
_sn_x3__scale = 0.0e0 AND _sn_x4__scale = 0.0e0) THEN 'constant_baseline' ELSE 'ok' END AS anomaly_status
FROM
{%- if s.rule == 'threshold' %} ranked{% elif s.rule == 'contamination' %} limited{% endif %}
{%- else -%}
{{ sqlnomaly.no_such_way('mahalanobis', s, ['contamination, without order_by, 1 feature', 'contamination, without order_by, 2 features', 'contamination, without order_by, 3 features', 'contamination, without order_by, 4 features', 'threshold, without order_by, 1 feature', 'threshold, without order_by, 2 features', 'threshold, without order_by, 3 features', 'threshold, without order_by, 4 features']) }}
{%- endif -%}
{%- endmacro -%}

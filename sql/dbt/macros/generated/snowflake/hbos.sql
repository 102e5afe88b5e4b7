{#- sqlnomaly 0.1.0: hbos for snowflake, generated; do not edit. -#}
{%- macro snowflake__sqlnomaly_hbos(s) -%}
{%- do sqlnomaly.only_options('hbos', s, ['alpha', 'tol']) -%}
{%- if not s.order and s.features | length == 1 and (s.rule, s.direction) in [('contamination', 'both'), ('threshold', 'both')] -%}
WITH source AS (SELECT *, CASE WHEN ABS(CAST({{ s.features[0].value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ s.features[0].value }} AS
DOUBLE) END AS _sn_x1, CAST({{ s.features[0].value }} AS DOUBLE) AS _sn_x1__raw, {{ s.key }} AS _sn__key1, CASE WHEN {{ s.filter }} THEN
1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), fitted AS (SELECT _sn__key1, COUNT(1) AS _sn__rows
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), counted AS (SELECT source.*, fitted._sn__rows
FROM source
LEFT JOIN fitted ON source._sn__key1 IS NOT DISTINCT FROM fitted._sn__key1), bounds AS (SELECT _sn__key1, COUNT(_sn_x1) AS _sn_x1__n,
MIN(_sn_x1) AS _sn_x1__low, MAX(_sn_x1) AS _sn_x1__high
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), widths AS (SELECT *, CASE WHEN (_sn_x1__high - _sn_x1__low) / NULLIF(CAST(10.0e0 AS DOUBLE), 0.0e0) > GREATEST(CAST(1e-150
AS DOUBLE), CAST(4.440892098500626e-16 AS DOUBLE) * GREATEST(ABS(COALESCE(_sn_x1__low, CAST(0.0e0 AS DOUBLE))), ABS(COALESCE(_sn_x1__high,
CAST(0.0e0 AS DOUBLE))))) THEN (_sn_x1__high - _sn_x1__low) / NULLIF(CAST(10.0e0 AS DOUBLE), 0.0e0) ELSE CAST(0.0e0 AS DOUBLE)
END AS _sn_x1__scale
FROM bounds), edges AS (SELECT *, (CAST(1.0e0 AS DOUBLE) * _sn_x1__scale) + _sn_x1__low AS _sn_x1__edge_1, (CAST(2.0e0 AS DOUBLE)
* _sn_x1__scale) + _sn_x1__low AS _sn_x1__edge_2, (CAST(3.0e0 AS DOUBLE) * _sn_x1__scale) + _sn_x1__low AS _sn_x1__edge_3, (CAST(4.0e0
AS DOUBLE) * _sn_x1__scale) + _sn_x1__low AS _sn_x1__edge_4, (CAST(5.0e0 AS DOUBLE) * _sn_x1__scale) + _sn_x1__low AS _sn_x1__edge_5, (CAST(6.0e0
AS DOUBLE) * _sn_x1__scale) + _sn_x1__low AS _sn_x1__edge_6, (CAST(7.0e0 AS DOUBLE) * _sn_x1__scale) + _sn_x1__low AS _sn_x1__edge_7, (CAST(8.0e0
AS DOUBLE) * _sn_x1__scale) + _sn_x1__low AS _sn_x1__edge_8, (CAST(9.0e0 AS DOUBLE) * _sn_x1__scale) + _sn_x1__low AS _sn_x1__edge_9
FROM widths), bins AS (SELECT source._sn__key1, MIN(edges._sn_x1__n) AS _sn_x1__n, MIN(edges._sn_x1__low) AS _sn_x1__low, MIN(edges._sn_x1__high)
AS _sn_x1__high, MIN(edges._sn_x1__scale) AS _sn_x1__scale, MIN(edges._sn_x1__edge_1) AS _sn_x1__edge_1, MIN(edges._sn_x1__edge_2)
AS _sn_x1__edge_2, MIN(edges._sn_x1__edge_3) AS _sn_x1__edge_3, MIN(edges._sn_x1__edge_4) AS _sn_x1__edge_4, MIN(edges._sn_x1__edge_5)
AS _sn_x1__edge_5, MIN(edges._sn_x1__edge_6) AS _sn_x1__edge_6, MIN(edges._sn_x1__edge_7) AS _sn_x1__edge_7, MIN(edges._sn_x1__edge_8)
AS _sn_x1__edge_8, MIN(edges._sn_x1__edge_9) AS _sn_x1__edge_9, COUNT(CASE WHEN source._sn_x1 >= edges._sn_x1__edge_1 THEN 1 END)
AS _sn_x1__from_1, COUNT(CASE WHEN source._sn_x1 >= edges._sn_x1__edge_2 THEN 1 END) AS _sn_x1__from_2, COUNT(CASE WHEN source._sn_x1
>= edges._sn_x1__edge_3 THEN 1 END) AS _sn_x1__from_3, COUNT(CASE WHEN source._sn_x1 >= edges._sn_x1__edge_4 THEN 1 END) AS _sn_x1__from_4,
COUNT(CASE WHEN source._sn_x1 >= edges._sn_x1__edge_5 THEN 1 END) AS _sn_x1__from_5, COUNT(CASE WHEN source._sn_x1 >= edges._sn_x1__edge_6
THEN 1 END) AS _sn_x1__from_6, COUNT(CASE WHEN source._sn_x1 >= edges._sn_x1__edge_7 THEN 1 END) AS _sn_x1__from_7, COUNT(CASE WHEN
source._sn_x1 >= edges._sn_x1__edge_8 THEN 1 END) AS _sn_x1__from_8, COUNT(CASE WHEN source._sn_x1 >= edges._sn_x1__edge_9 THEN 1
END) AS _sn_x1__from_9
FROM source
LEFT JOIN edges ON source._sn__key1 IS NOT DISTINCT FROM edges._sn__key1
WHERE source._sn__fitted = 1
GROUP BY source._sn__key1), levels AS (SELECT *, - (LN(((CAST(_sn_x1__n - _sn_x1__from_1 AS DOUBLE) / NULLIF(_sn_x1__edge_1 -
_sn_x1__low, 0.0e0)) / NULLIF(_sn_x1__n, 0.0e0)) + CAST({{ sqlnomaly.real(s.alpha) }} AS DOUBLE)) / NULLIF(CAST(0.6931471805599453e0
AS DOUBLE), 0.0e0)) AS _sn_x1__level_0, - (LN(((CAST(_sn_x1__from_1 - _sn_x1__from_2 AS DOUBLE) / NULLIF(_sn_x1__edge_2 - _sn_x1__edge_1,
0.0e0)) / NULLIF(_sn_x1__n, 0.0e0)) + CAST({{ sqlnomaly.real(s.alpha) }} AS DOUBLE)) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE),
0.0e0)) AS _sn_x1__level_1, - (LN(((CAST(_sn_x1__from_2 - _sn_x1__from_3 AS DOUBLE) / NULLIF(_sn_x1__edge_3 - _sn_x1__edge_2, 0.0e0))
/ NULLIF(_sn_x1__n, 0.0e0)) + CAST({{ sqlnomaly.real(s.alpha) }} AS DOUBLE)) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE), 0.0e0))
AS _sn_x1__level_2, - (LN(((CAST(_sn_x1__from_3 - _sn_x1__from_4 AS DOUBLE) / NULLIF(_sn_x1__edge_4 - _sn_x1__edge_3, 0.0e0)) /
NULLIF(_sn_x1__n, 0.0e0)) + CAST({{ sqlnomaly.real(s.alpha) }} AS DOUBLE)) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE), 0.0e0))
AS _sn_x1__level_3, - (LN(((CAST(_sn_x1__from_4 - _sn_x1__from_5 AS DOUBLE) / NULLIF(_sn_x1__edge_5 - _sn_x1__edge_4, 0.0e0)) /
NULLIF(_sn_x1__n, 0.0e0)) + CAST({{ sqlnomaly.real(s.alpha) }} AS DOUBLE)) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE), 0.0e0))
AS _sn_x1__level_4, - (LN(((CAST(_sn_x1__from_5 - _sn_x1__from_6 AS DOUBLE) / NULLIF(_sn_x1__edge_6 - _sn_x1__edge_5, 0.0e0)) /
NULLIF(_sn_x1__n, 0.0e0)) + CAST({{ sqlnomaly.real(s.alpha) }} AS DOUBLE)) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE), 0.0e0))
AS _sn_x1__level_5, - (LN(((CAST(_sn_x1__from_6 - _sn_x1__from_7 AS DOUBLE) / NULLIF(_sn_x1__edge_7 - _sn_x1__edge_6, 0.0e0)) /
NULLIF(_sn_x1__n, 0.0e0)) + CAST({{ sqlnomaly.real(s.alpha) }} AS DOUBLE)) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE), 0.0e0))
AS _sn_x1__level_6, - (LN(((CAST(_sn_x1__from_7 - _sn_x1__from_8 AS DOUBLE) / NULLIF(_sn_x1__edge_8 - _sn_x1__edge_7, 0.0e0)) /
NULLIF(_sn_x1__n, 0.0e0)) + CAST({{ sqlnomaly.real(s.alpha) }} AS DOUBLE)) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE), 0.0e0))
AS _sn_x1__level_7, - (LN(((CAST(_sn_x1__from_8 - _sn_x1__from_9 AS DOUBLE) / NULLIF(_sn_x1__edge_9 - _sn_x1__edge_8, 0.0e0)) /
NULLIF(_sn_x1__n, 0.0e0)) + CAST({{ sqlnomaly.real(s.alpha) }} AS DOUBLE)) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE), 0.0e0))
AS _sn_x1__level_8, - (LN(((CAST(_sn_x1__from_9 AS DOUBLE) / NULLIF(_sn_x1__high - _sn_x1__edge_9, 0.0e0)) / NULLIF(_sn_x1__n,
0.0e0)) + CAST({{ sqlnomaly.real(s.alpha) }} AS DOUBLE)) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE), 0.0e0)) AS _sn_x1__level_9
FROM bins), model AS (SELECT *, GREATEST(COALESCE(_sn_x1__level_0, CAST(0.0e0 AS DOUBLE)), COALESCE(_sn_x1__level_1, CAST(0.0e0
AS DOUBLE)), COALESCE(_sn_x1__level_2, CAST(0.0e0 AS DOUBLE)), COALESCE(_sn_x1__level_3, CAST(0.0e0 AS DOUBLE)), COALESCE(_sn_x1__level_4,
CAST(0.0e0 AS DOUBLE)), COALESCE(_sn_x1__level_5, CAST(0.0e0 AS DOUBLE)), COALESCE(_sn_x1__level_6, CAST(0.0e0 AS DOUBLE)),
COALESCE(_sn_x1__level_7, CAST(0.0e0 AS DOUBLE)), COALESCE(_sn_x1__level_8, CAST(0.0e0 AS DOUBLE)), COALESCE(_sn_x1__level_9,
CAST(0.0e0 AS DOUBLE))) AS _sn_x1__worst
FROM levels), terms AS (SELECT counted.*, model._sn_x1__n, model._sn_x1__scale, CASE WHEN model._sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }}
THEN CASE WHEN model._sn_x1__scale = 0.0e0 AND counted._sn_x1 >= model._sn_x1__low AND counted._sn_x1 <= model._sn_x1__high THEN CAST(0.0e0
AS DOUBLE) WHEN NOT (model._sn_x1__scale > 0.0e0) THEN NULL WHEN counted._sn_x1 - model._sn_x1__high > model._sn_x1__scale * CAST({{ sqlnomaly.real(s.tol) }}
AS DOUBLE) THEN model._sn_x1__worst WHEN model._sn_x1__low - counted._sn_x1 > model._sn_x1__scale * CAST({{ sqlnomaly.real(s.tol) }}
AS DOUBLE) THEN model._sn_x1__worst WHEN counted._sn_x1 > model._sn_x1__edge_9 THEN model._sn_x1__level_9 WHEN counted._sn_x1 > model._sn_x1__edge_8
THEN model._sn_x1__level_8 WHEN counted._sn_x1 > model._sn_x1__edge_7 THEN model._sn_x1__level_7 WHEN counted._sn_x1 > model._sn_x1__edge_6
THEN model._sn_x1__level_6 WHEN counted._sn_x1 > model._sn_x1__edge_5 THEN model._sn_x1__level_5 WHEN counted._sn_x1 > model._sn_x1__edge_4
THEN model._sn_x1__level_4 WHEN counted._sn_x1 > model._sn_x1__edge_3 THEN model._sn_x1__level_3 WHEN counted._sn_x1 > model._sn_x1__edge_2
THEN model._sn_x1__level_2 WHEN counted._sn_x1 > model._sn_x1__edge_1 THEN model._sn_x1__level_1 WHEN NOT counted._sn_x1 IS NULL THEN
model._sn_x1__level_0 END END AS _sn_x1__term
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
SELECT * EXCLUDE (_sn_x1, _sn_x1__raw, _sn__key1, _sn__fitted, _sn__rows, _sn_x1__n, _sn_x1__scale, _sn_x1__term, _sn__score, _sn__scores,
_sn__not_below
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
END AS anomaly_status
FROM
{%- if s.rule == 'threshold' %} ranked{% elif s.rule == 'contamination' %} limited{% endif %}
{%- elif not s.order and s.features | length > 1 and (s.rule, s.direction) in [('contamination', 'both'), ('threshold', 'both')] -%}
WITH source AS (SELECT *,
{%- for f in s.features %} CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END AS _sn_x{{ loop.index }}, CAST({{ f.value }} AS DOUBLE) AS _sn_x{{ loop.index }}__raw,{% endfor %}
{{ s.key }} AS _sn__key1, CASE WHEN {{ s.filter }} THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), fitted AS (SELECT _sn__key1, COUNT(1) AS _sn__rows
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), counted AS (SELECT source.*, fitted._sn__rows
FROM source
LEFT JOIN fitted ON source._sn__key1 IS NOT DISTINCT FROM fitted._sn__key1), bounds AS (SELECT _sn__key1
{%- for f in s.features %} , COUNT(_sn_x{{ loop.index }}) AS _sn_x{{ loop.index }}__n, MIN(_sn_x{{ loop.index }}) AS _sn_x{{ loop.index }}__low, MAX(_sn_x{{ loop.index }}) AS _sn_x{{ loop.index }}__high{% endfor %}
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), widths AS (SELECT *
{%- for f in s.features %} , CASE WHEN (_sn_x{{ loop.index }}__high - _sn_x{{ loop.index }}__low) / NULLIF(CAST(10.0e0 AS DOUBLE), 0.0e0) > GREATEST(CAST(1e-150 AS DOUBLE), CAST(4.440892098500626e-16 AS DOUBLE) * GREATEST(ABS(COALESCE(_sn_x{{ loop.index }}__low, CAST(0.0e0 AS DOUBLE))), ABS(COALESCE(_sn_x{{ loop.index }}__high, CAST(0.0e0 AS DOUBLE))))) THEN (_sn_x{{ loop.index }}__high - _sn_x{{ loop.index }}__low) / NULLIF(CAST(10.0e0 AS DOUBLE), 0.0e0) ELSE CAST(0.0e0 AS DOUBLE) END AS _sn_x{{ loop.index }}__scale{% endfor %}
FROM bounds), edges AS (SELECT *
{%- for f in s.features %} , (CAST(1.0e0 AS DOUBLE) * _sn_x{{ loop.index }}__scale) + _sn_x{{ loop.index }}__low AS _sn_x{{ loop.index }}__edge_1, (CAST(2.0e0 AS DOUBLE) * _sn_x{{ loop.index }}__scale) + _sn_x{{ loop.index }}__low AS _sn_x{{ loop.index }}__edge_2, (CAST(3.0e0 AS DOUBLE) * _sn_x{{ loop.index }}__scale) + _sn_x{{ loop.index }}__low AS _sn_x{{ loop.index }}__edge_3, (CAST(4.0e0 AS DOUBLE) * _sn_x{{ loop.index }}__scale) + _sn_x{{ loop.index }}__low AS _sn_x{{ loop.index }}__edge_4, (CAST(5.0e0 AS DOUBLE) * _sn_x{{ loop.index }}__scale) + _sn_x{{ loop.index }}__low AS _sn_x{{ loop.index }}__edge_5, (CAST(6.0e0 AS DOUBLE) * _sn_x{{ loop.index }}__scale) + _sn_x{{ loop.index }}__low AS _sn_x{{ loop.index }}__edge_6, (CAST(7.0e0 AS DOUBLE) * _sn_x{{ loop.index }}__scale) + _sn_x{{ loop.index }}__low AS _sn_x{{ loop.index }}__edge_7, (CAST(8.0e0 AS DOUBLE) * _sn_x{{ loop.index }}__scale) + _sn_x{{ loop.index }}__low AS _sn_x{{ loop.index }}__edge_8, (CAST(9.0e0 AS DOUBLE) * _sn_x{{ loop.index }}__scale) + _sn_x{{ loop.index }}__low AS _sn_x{{ loop.index }}__edge_9{% endfor %}
FROM widths), bins AS (SELECT source._sn__key1, MIN(edges.
{%- for f in s.features %} _sn_x{{ loop.index }}__n) AS _sn_x{{ loop.index }}__n, MIN(edges._sn_x{{ loop.index }}__low) AS _sn_x{{ loop.index }}__low, MIN(edges._sn_x{{ loop.index }}__high) AS _sn_x{{ loop.index }}__high, MIN(edges.{% endfor %}
{%- for f in s.features %} _sn_x{{ loop.index }}__scale) AS _sn_x{{ loop.index }}__scale, MIN(edges.{% endfor %}
{%- for f in s.features %} _sn_x{{ loop.index }}__edge_1) AS _sn_x{{ loop.index }}__edge_1, MIN(edges._sn_x{{ loop.index }}__edge_2) AS _sn_x{{ loop.index }}__edge_2, MIN(edges._sn_x{{ loop.index }}__edge_3) AS _sn_x{{ loop.index }}__edge_3, MIN(edges._sn_x{{ loop.index }}__edge_4) AS _sn_x{{ loop.index }}__edge_4, MIN(edges._sn_x{{ loop.index }}__edge_5) AS _sn_x{{ loop.index }}__edge_5, MIN(edges._sn_x{{ loop.index }}__edge_6) AS _sn_x{{ loop.index }}__edge_6, MIN(edges._sn_x{{ loop.index }}__edge_7) AS _sn_x{{ loop.index }}__edge_7, MIN(edges._sn_x{{ loop.index }}__edge_8) AS _sn_x{{ loop.index }}__edge_8, MIN(edges._sn_x{{ loop.index }}__edge_9) AS _sn_x{{ loop.index }}__edge_9,{{ " MIN(edges. " if not loop.last }}{% endfor %}
{%- for f in s.features %} COUNT(CASE WHEN source._sn_x{{ loop.index }} >= edges._sn_x{{ loop.index }}__edge_1 THEN 1 END) AS _sn_x{{ loop.index }}__from_1, COUNT(CASE WHEN source._sn_x{{ loop.index }} >= edges._sn_x{{ loop.index }}__edge_2 THEN 1 END) AS _sn_x{{ loop.index }}__from_2, COUNT(CASE WHEN source._sn_x{{ loop.index }} >= edges._sn_x{{ loop.index }}__edge_3 THEN 1 END) AS _sn_x{{ loop.index }}__from_3, COUNT(CASE WHEN source._sn_x{{ loop.index }} >= edges._sn_x{{ loop.index }}__edge_4 THEN 1 END) AS _sn_x{{ loop.index }}__from_4, COUNT(CASE WHEN source._sn_x{{ loop.index }} >= edges._sn_x{{ loop.index }}__edge_5 THEN 1 END) AS _sn_x{{ loop.index }}__from_5, COUNT(CASE WHEN source._sn_x{{ loop.index }} >= edges._sn_x{{ loop.index }}__edge_6 THEN 1 END) AS _sn_x{{ loop.index }}__from_6, COUNT(CASE WHEN source._sn_x{{ loop.index }} >= edges._sn_x{{ loop.index }}__edge_7 THEN 1 END) AS _sn_x{{ loop.index }}__from_7, COUNT(CASE WHEN source._sn_x{{ loop.index }} >= edges._sn_x{{ loop.index }}__edge_8 THEN 1 END) AS _sn_x{{ loop.index }}__from_8, COUNT(CASE WHEN source._sn_x{{ loop.index }} >= edges._sn_x{{ loop.index }}__edge_9 THEN 1 END) AS _sn_x{{ loop.index }}__from_9{{ ", " if not loop.last }}{% endfor %}
FROM source
LEFT JOIN edges ON source._sn__key1 IS NOT DISTINCT FROM edges._sn__key1
WHERE source._sn__fitted = 1
GROUP BY source._sn__key1), levels AS (SELECT *
{%- for f in s.features %} , - (LN(((CAST(_sn_x{{ loop.index }}__n - _sn_x{{ loop.index }}__from_1 AS DOUBLE) / NULLIF(_sn_x{{ loop.index }}__edge_1 - _sn_x{{ loop.index }}__low, 0.0e0)) / NULLIF(_sn_x{{ loop.index }}__n, 0.0e0)) + CAST({{ sqlnomaly.real(s.alpha) }} AS DOUBLE)) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE), 0.0e0)) AS _sn_x{{ loop.index }}__level_0, - (LN(((CAST(_sn_x{{ loop.index }}__from_1 - _sn_x{{ loop.index }}__from_2 AS DOUBLE) / NULLIF(_sn_x{{ loop.index }}__edge_2 - _sn_x{{ loop.index }}__edge_1, 0.0e0)) / NULLIF(_sn_x{{ loop.index }}__n, 0.0e0)) + CAST({{ sqlnomaly.real(s.alpha) }} AS DOUBLE)) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE), 0.0e0)) AS _sn_x{{ loop.index }}__level_1, - (LN(((CAST(_sn_x{{ loop.index }}__from_2 - _sn_x{{ loop.index }}__from_3 AS DOUBLE) / NULLIF(_sn_x{{ loop.index }}__edge_3 - _sn_x{{ loop.index }}__edge_2, 0.0e0)) / NULLIF(_sn_x{{ loop.index }}__n, 0.0e0)) + CAST({{ sqlnomaly.real(s.alpha) }} AS DOUBLE)) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE), 0.0e0)) AS _sn_x{{ loop.index }}__level_2, - (LN(((CAST(_sn_x{{ loop.index }}__from_3 - _sn_x{{ loop.index }}__from_4 AS DOUBLE) / NULLIF(_sn_x{{ loop.index }}__edge_4 - _sn_x{{ loop.index }}__edge_3, 0.0e0)) / NULLIF(_sn_x{{ loop.index }}__n, 0.0e0)) + CAST({{ sqlnomaly.real(s.alpha) }} AS DOUBLE)) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE), 0.0e0)) AS _sn_x{{ loop.index }}__level_3, - (LN(((CAST(_sn_x{{ loop.index }}__from_4 - _sn_x{{ loop.index }}__from_5 AS DOUBLE) / NULLIF(_sn_x{{ loop.index }}__edge_5 - _sn_x{{ loop.index }}__edge_4, 0.0e0)) / NULLIF(_sn_x{{ loop.index }}__n, 0.0e0)) + CAST({{ sqlnomaly.real(s.alpha) }} AS DOUBLE)) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE), 0.0e0)) AS _sn_x{{ loop.index }}__level_4, - (LN(((CAST(_sn_x{{ loop.index }}__from_5 - _sn_x{{ loop.index }}__from_6 AS DOUBLE) / NULLIF(_sn_x{{ loop.index }}__edge_6 - _sn_x{{ loop.index }}__edge_5, 0.0e0)) / NULLIF(_sn_x{{ loop.index }}__n, 0.0e0)) + CAST({{ sqlnomaly.real(s.alpha) }} AS DOUBLE)) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE), 0.0e0)) AS _sn_x{{ loop.index }}__level_5, - (LN(((CAST(_sn_x{{ loop.index }}__from_6 - _sn_x{{ loop.index }}__from_7 AS DOUBLE) / NULLIF(_sn_x{{ loop.index }}__edge_7 - _sn_x{{ loop.index }}__edge_6, 0.0e0)) / NULLIF(_sn_x{{ loop.index }}__n, 0.0e0)) + CAST({{ sqlnomaly.real(s.alpha) }} AS DOUBLE)) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE), 0.0e0)) AS _sn_x{{ loop.index }}__level_6, - (LN(((CAST(_sn_x{{ loop.index }}__from_7 - _sn_x{{ loop.index }}__from_8 AS DOUBLE) / NULLIF(_sn_x{{ loop.index }}__edge_8 - _sn_x{{ loop.index }}__edge_7, 0.0e0)) / NULLIF(_sn_x{{ loop.index }}__n, 0.0e0)) + CAST({{ sqlnomaly.real(s.alpha) }} AS DOUBLE)) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE), 0.0e0)) AS _sn_x{{ loop.index }}__level_7, - (LN(((CAST(_sn_x{{ loop.index }}__from_8 - _sn_x{{ loop.index }}__from_9 AS DOUBLE) / NULLIF(_sn_x{{ loop.index }}__edge_9 - _sn_x{{ loop.index }}__edge_8, 0.0e0)) / NULLIF(_sn_x{{ loop.index }}__n, 0.0e0)) + CAST({{ sqlnomaly.real(s.alpha) }} AS DOUBLE)) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE), 0.0e0)) AS _sn_x{{ loop.index }}__level_8, - (LN(((CAST(_sn_x{{ loop.index }}__from_9 AS DOUBLE) / NULLIF(_sn_x{{ loop.index }}__high - _sn_x{{ loop.index }}__edge_9, 0.0e0)) / NULLIF(_sn_x{{ loop.index }}__n, 0.0e0)) + CAST({{ sqlnomaly.real(s.alpha) }} AS DOUBLE)) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE), 0.0e0)) AS _sn_x{{ loop.index }}__level_9{% endfor %}
FROM bins), model AS (SELECT *
{%- for f in s.features %} , GREATEST(COALESCE(_sn_x{{ loop.index }}__level_0, CAST(0.0e0 AS DOUBLE)), COALESCE(_sn_x{{ loop.index }}__level_1, CAST(0.0e0 AS DOUBLE)), COALESCE(_sn_x{{ loop.index }}__level_2, CAST(0.0e0 AS DOUBLE)), COALESCE(_sn_x{{ loop.index }}__level_3, CAST(0.0e0 AS DOUBLE)), COALESCE(_sn_x{{ loop.index }}__level_4, CAST(0.0e0 AS DOUBLE)), COALESCE(_sn_x{{ loop.index }}__level_5, CAST(0.0e0 AS DOUBLE)), COALESCE(_sn_x{{ loop.index }}__level_6, CAST(0.0e0 AS DOUBLE)), COALESCE(_sn_x{{ loop.index }}__level_7, CAST(0.0e0 AS DOUBLE)), COALESCE(_sn_x{{ loop.index }}__level_8, CAST(0.0e0 AS DOUBLE)), COALESCE(_sn_x{{ loop.index }}__level_9, CAST(0.0e0 AS DOUBLE))) AS _sn_x{{ loop.index }}__worst{% endfor %}
FROM levels), terms AS (SELECT counted.*,
{%- for f in s.features %} model._sn_x{{ loop.index }}__n, model._sn_x{{ loop.index }}__scale,{% endfor %}
{%- for f in s.features %} CASE WHEN model._sn_x{{ loop.index }}__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN model._sn_x{{ loop.index }}__scale = 0.0e0 AND counted._sn_x{{ loop.index }} >= model._sn_x{{ loop.index }}__low AND counted._sn_x{{ loop.index }} <= model._sn_x{{ loop.index }}__high THEN CAST(0.0e0 AS DOUBLE) WHEN NOT (model._sn_x{{ loop.index }}__scale > 0.0e0) THEN NULL WHEN counted._sn_x{{ loop.index }} - model._sn_x{{ loop.index }}__high > model._sn_x{{ loop.index }}__scale * CAST({{ sqlnomaly.real(s.tol) }} AS DOUBLE) THEN model._sn_x{{ loop.index }}__worst WHEN model._sn_x{{ loop.index }}__low - counted._sn_x{{ loop.index }} > model._sn_x{{ loop.index }}__scale * CAST({{ sqlnomaly.real(s.tol) }} AS DOUBLE) THEN model._sn_x{{ loop.index }}__worst WHEN counted._sn_x{{ loop.index }} > model._sn_x{{ loop.index }}__edge_9 THEN model._sn_x{{ loop.index }}__level_9 WHEN counted._sn_x{{ loop.index }} > model._sn_x{{ loop.index }}__edge_8 THEN model._sn_x{{ loop.index }}__level_8 WHEN counted._sn_x{{ loop.index }} > model._sn_x{{ loop.index }}__edge_7 THEN model._sn_x{{ loop.index }}__level_7 WHEN counted._sn_x{{ loop.index }} > model._sn_x{{ loop.index }}__edge_6 THEN model._sn_x{{ loop.index }}__level_6 WHEN counted._sn_x{{ loop.index }} > model._sn_x{{ loop.index }}__edge_5 THEN model._sn_x{{ loop.index }}__level_5 WHEN counted._sn_x{{ loop.index }} > model._sn_x{{ loop.index }}__edge_4 THEN model._sn_x{{ loop.index }}__level_4 WHEN counted._sn_x{{ loop.index }} > model._sn_x{{ loop.index }}__edge_3 THEN model._sn_x{{ loop.index }}__level_3 WHEN counted._sn_x{{ loop.index }} > model._sn_x{{ loop.index }}__edge_2 THEN model._sn_x{{ loop.index }}__level_2 WHEN counted._sn_x{{ loop.index }} > model._sn_x{{ loop.index }}__edge_1 THEN model._sn_x{{ loop.index }}__level_1 WHEN NOT counted._sn_x{{ loop.index }} IS NULL THEN model._sn_x{{ loop.index }}__level_0 END END AS _sn_x{{ loop.index }}__term{{ ", " if not loop.last }}{% endfor %}
FROM counted
LEFT JOIN model ON counted._sn__key1 IS NOT DISTINCT FROM model._sn__key1), scored AS (SELECT *, CASE WHEN
{%- for f in s.features %} NOT _sn_x{{ loop.index }}__term IS NULL{{ " AND " if not loop.last }}{% endfor %}
THEN
{%- for f in s.features %} _sn_x{{ loop.index }}__term{{ " + " if not loop.last }}{% endfor %}
END AS _sn__score, CASE WHEN
{%- for f in s.features %} NOT _sn_x{{ loop.index }}__term IS NULL{{ " AND " if not loop.last }}{% endfor %}
THEN GREATEST(
{%- for f in s.features %} _sn_x{{ loop.index }}__term{{ ", " if not loop.last }}{% endfor %}
) END AS _sn__best
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
_sn__score, _sn__best, _sn__scores, _sn__not_below
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , _sn__cutoff1{% endif %}
), _sn__score AS anomaly_score, CASE WHEN NOT _sn__score IS NULL AND _sn__fitted = 1 THEN CAST(1.0e0 AS DOUBLE) - (CAST(_sn__not_below
AS DOUBLE) / NULLIF(CAST(_sn__scores AS DOUBLE), 0.0e0)) WHEN NOT _sn__score IS NULL THEN CAST(1.0e0 AS DOUBLE) - ((CAST(_sn__not_below
AS DOUBLE) + CAST(1.0e0 AS DOUBLE)) / NULLIF(CAST(_sn__scores AS DOUBLE) + CAST(1.0e0 AS DOUBLE), 0.0e0)) END AS anomaly_probability,
_sn__score >
{%- if s.rule == 'threshold' %} {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }} AS is_anomaly, CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE){% elif s.rule == 'contamination' %} CASE WHEN NOT _sn__cutoff1 IS NULL THEN _sn__cutoff1 + (CAST(1e-09 AS DOUBLE) * GREATEST(CAST(1.0e0 AS DOUBLE), ABS(_sn__cutoff1)))
END AS is_anomaly, _sn__cutoff1{% endif %}
AS anomaly_threshold, CASE WHEN _sn__score IS NULL THEN NULL
{%- for f in s.features %} WHEN _sn_x{{ loop.index }}__term >= _sn__best - (CAST(1e-09 AS DOUBLE) * GREATEST(CAST(1.0e0 AS DOUBLE), ABS(_sn__best))) THEN {{ f.literal }}{% endfor %}
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
{{ sqlnomaly.no_such_way('hbos', s, ['contamination, without order_by, 1 feature', 'contamination, without order_by, features', 'threshold, without order_by, 1 feature', 'threshold, without order_by, features']) }}
{%- endif -%}
{%- endmacro -%}

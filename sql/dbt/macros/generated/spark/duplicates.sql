{#- sqlnomaly 0.1.0: duplicates for spark, generated; do not edit. -#}
{%- macro spark__sqlnomaly_duplicates(s) -%}
{%- do sqlnomaly.only_options('duplicates', s, []) -%}
{%- if not s.order and s.features | length == 1 and (s.rule, s.direction) in [('contamination', 'both'), ('threshold', 'both')] -%}
WITH source AS (SELECT *, CASE WHEN ABS(CAST({{ s.features[0].value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ s.features[0].value }} AS
DOUBLE) END AS _sn_x1, CAST({{ s.features[0].value }} AS DOUBLE) AS _sn_x1__raw, {{ s.key }} AS _sn__key1, CASE WHEN {{ s.filter }} THEN
1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), fitted AS (SELECT _sn__key1, COUNT(1) AS _sn__rows
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), counted AS (SELECT source.*, fitted._sn__rows
FROM source
LEFT JOIN fitted ON source._sn__key1 IS NOT DISTINCT FROM fitted._sn__key1), places AS (SELECT *, DENSE_RANK() OVER (PARTITION BY
_sn__key1 ORDER BY COALESCE(_sn_x1, 1e+300)) AS _sn_x1__place
FROM counted), copies AS (SELECT *, SUM(CASE WHEN NOT _sn_x1 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1, _sn_x1__place)
AS _sn_x1__copies, SUM(CASE WHEN NOT _sn_x1 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS _sn_x1__n, 1.0e0 AS
_sn_x1__scale
FROM places), scored AS (SELECT *, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN NOT _sn_x1 IS NULL THEN CAST(_sn_x1__copies
AS DOUBLE) END END AS _sn__score, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN NOT _sn_x1 IS NULL THEN CAST(_sn_x1__copies
AS DOUBLE) END / NULLIF(1.0e0, 0.0e0) END AS _sn_x1__term
FROM copies), largest AS (SELECT *, CASE WHEN NOT _sn_x1__term IS NULL THEN _sn_x1__term END AS _sn__best
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
SELECT * EXCEPT (_sn_x1, _sn_x1__raw, _sn__key1, _sn__fitted, _sn__rows, _sn_x1__place, _sn_x1__copies, _sn_x1__n, _sn_x1__scale, _sn__score,
_sn_x1__term, _sn__best, _sn__scores, _sn__not_below
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , _sn__cutoff1{% endif %}
), _sn__score AS anomaly_score, CASE WHEN NOT _sn__score IS NULL AND _sn__fitted = 1 THEN 1.0e0 - (CAST(_sn__not_below AS DOUBLE) / NULLIF(CAST(_sn__scores
AS DOUBLE), 0.0e0)) WHEN NOT _sn__score IS NULL THEN 1.0e0 - ((CAST(_sn__not_below AS DOUBLE) + 1.0e0) / NULLIF(CAST(_sn__scores
AS DOUBLE) + 1.0e0, 0.0e0)) END AS anomaly_probability, _sn__score >
{%- if s.rule == 'threshold' %} {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }} AS is_anomaly, {{ sqlnomaly.real(s.threshold) }}{% elif s.rule == 'contamination' %} CASE WHEN NOT _sn__cutoff1 IS NULL THEN _sn__cutoff1 + (1e-09 * GREATEST(1.0e0, ABS(_sn__cutoff1))) END AS is_anomaly, _sn__cutoff1{% endif %}
AS anomaly_threshold, CASE WHEN NOT _sn__score IS NULL THEN {{ s.features[0].literal }} END AS anomaly_reason, CASE WHEN COALESCE(_sn__rows,
0) = 0 THEN 'unseen_group' WHEN _sn_x1__raw IS NULL THEN 'missing_value' WHEN _sn_x1 IS NULL THEN 'out_of_range' WHEN COALESCE(_sn_x1__n,
0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'too_few_rows' WHEN _sn__score IS NULL OR FALSE THEN 'constant_baseline' ELSE 'ok' END AS anomaly_status
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
LEFT JOIN fitted ON source._sn__key1 IS NOT DISTINCT FROM fitted._sn__key1), places AS (SELECT *, DENSE_RANK() OVER (PARTITION BY
_sn__key1 ORDER BY COALESCE(_sn_x1, 1e+300), COALESCE(_sn_x2, 1e+300)) AS _sn_x1__place
FROM counted), copies AS (SELECT *, SUM(CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION
BY _sn__key1, _sn_x1__place) AS _sn_x1__copies, SUM(CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION
BY _sn__key1) AS _sn_x1__n, 1.0e0 AS _sn_x1__scale, SUM(CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL THEN _sn__fitted ELSE 0 END)
OVER (PARTITION BY _sn__key1) AS _sn_x2__n, 1.0e0 AS _sn_x2__scale
FROM places), scored AS (SELECT *, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2
IS NULL THEN CAST(_sn_x1__copies AS DOUBLE) END END AS _sn__score, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN
NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL THEN CAST(_sn_x1__copies AS DOUBLE) END / NULLIF(2.0e0, 0.0e0) END AS _sn_x1__term, CASE WHEN
_sn_x2__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL THEN CAST(_sn_x1__copies AS DOUBLE)
END / NULLIF(2.0e0, 0.0e0) END AS _sn_x2__term
FROM copies), largest AS (SELECT *, CASE WHEN NOT _sn_x1__term IS NULL AND NOT _sn_x2__term IS NULL THEN GREATEST(_sn_x1__term, _sn_x2__term)
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
SELECT * EXCEPT (_sn_x1, _sn_x1__raw, _sn_x2, _sn_x2__raw, _sn__key1, _sn__fitted, _sn__rows, _sn_x1__place, _sn_x1__copies, _sn_x1__n,
_sn_x1__scale, _sn_x2__n, _sn_x2__scale, _sn__score, _sn_x1__term, _sn_x2__term, _sn__best, _sn__scores, _sn__not_below
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , _sn__cutoff1{% endif %}
), _sn__score AS anomaly_score, CASE WHEN NOT _sn__score IS NULL AND _sn__fitted = 1 THEN 1.0e0 - (CAST(_sn__not_below AS DOUBLE) / NULLIF(CAST(_sn__scores
AS DOUBLE), 0.0e0)) WHEN NOT _sn__score IS NULL THEN 1.0e0 - ((CAST(_sn__not_below AS DOUBLE) + 1.0e0) / NULLIF(CAST(_sn__scores
AS DOUBLE) + 1.0e0, 0.0e0)) END AS anomaly_probability, _sn__score >
{%- if s.rule == 'threshold' %} {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }} AS is_anomaly, {{ sqlnomaly.real(s.threshold) }}{% elif s.rule == 'contamination' %} CASE WHEN NOT _sn__cutoff1 IS NULL THEN _sn__cutoff1 + (1e-09 * GREATEST(1.0e0, ABS(_sn__cutoff1))) END AS is_anomaly, _sn__cutoff1{% endif %}
AS anomaly_threshold, CASE WHEN _sn__score IS NULL THEN NULL WHEN _sn_x1__term >= _sn__best - (1e-09 * GREATEST(1.0e0, ABS(_sn__best)))
THEN {{ s.features[0].literal }} WHEN _sn_x2__term >= _sn__best - (1e-09 * GREATEST(1.0e0, ABS(_sn__best))) THEN {{ s.features[1].literal }}
END AS anomaly_reason, CASE WHEN COALESCE(_sn__rows, 0) = 0 THEN 'unseen_group' WHEN _sn_x1__raw IS NULL OR _sn_x2__raw IS NULL THEN 'missing_value'
WHEN _sn_x1 IS NULL OR _sn_x2 IS NULL THEN 'out_of_range' WHEN COALESCE(_sn_x1__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} OR COALESCE(_sn_x2__n,
0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'too_few_rows' WHEN _sn__score IS NULL OR (FALSE AND FALSE) THEN 'constant_baseline' ELSE 'ok'
END AS anomaly_status
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
LEFT JOIN fitted ON source._sn__key1 IS NOT DISTINCT FROM fitted._sn__key1), places AS (SELECT *, DENSE_RANK() OVER (PARTITION BY
_sn__key1 ORDER BY COALESCE(_sn_x1, 1e+300), COALESCE(_sn_x2, 1e+300), COALESCE(_sn_x3, 1e+300)) AS _sn_x1__place
FROM counted), copies AS (SELECT *, SUM(CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL AND NOT _sn_x3 IS NULL THEN _sn__fitted ELSE
0 END) OVER (PARTITION BY _sn__key1, _sn_x1__place) AS _sn_x1__copies, SUM(CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL AND NOT
_sn_x3 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS _sn_x1__n, 1.0e0 AS _sn_x1__scale, SUM(CASE WHEN NOT _sn_x1
IS NULL AND NOT _sn_x2 IS NULL AND NOT _sn_x3 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS _sn_x2__n, 1.0e0 AS _sn_x2__scale,
SUM(CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL AND NOT _sn_x3 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1)
AS _sn_x3__n, 1.0e0 AS _sn_x3__scale
FROM places), scored AS (SELECT *, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2
IS NULL AND NOT _sn_x3 IS NULL THEN CAST(_sn_x1__copies AS DOUBLE) END END AS _sn__score, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }}
THEN CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL AND NOT _sn_x3 IS NULL THEN CAST(_sn_x1__copies AS DOUBLE) END / NULLIF(3.0e0,
0.0e0) END AS _sn_x1__term, CASE WHEN _sn_x2__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL
AND NOT _sn_x3 IS NULL THEN CAST(_sn_x1__copies AS DOUBLE) END / NULLIF(3.0e0, 0.0e0) END AS _sn_x2__term, CASE WHEN _sn_x3__n >= {{ sqlnomaly.whole(s.min_rows) }}
THEN CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL AND NOT _sn_x3 IS NULL THEN CAST(_sn_x1__copies AS DOUBLE) END / NULLIF(3.0e0,
0.0e0) END AS _sn_x3__term
FROM copies), largest AS (SELECT *, CASE WHEN NOT _sn_x1__term IS NULL AND NOT _sn_x2__term IS NULL AND NOT _sn_x3__term IS NULL THEN GREATEST(_sn_x1__term,
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
SELECT * EXCEPT (_sn_x1, _sn_x1__raw, _sn_x2, _sn_x2__raw, _sn_x3, _sn_x3__raw, _sn__key1, _sn__fitted, _sn__rows, _sn_x1__place,
_sn_x1__copies, _sn_x1__n, _sn_x1__scale, _sn_x2__n, _sn_x2__scale, _sn_x3__n, _sn_x3__scale, _sn__score, _sn_x1__term, _sn_x2__term,
_sn_x3__term, _sn__best, _sn__scores, _sn__not_below
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , _sn__cutoff1{% endif %}
), _sn__score AS anomaly_score, CASE WHEN NOT _sn__score IS NULL AND _sn__fitted = 1 THEN 1.0e0 - (CAST(_sn__not_below AS DOUBLE) / NULLIF(CAST(_sn__scores
AS DOUBLE), 0.0e0)) WHEN NOT _sn__score IS NULL THEN 1.0e0 - ((CAST(_sn__not_below AS DOUBLE) + 1.0e0) / NULLIF(CAST(_sn__scores
AS DOUBLE) + 1.0e0, 0.0e0)) END AS anomaly_probability, _sn__score >
{%- if s.rule == 'threshold' %} {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }} AS is_anomaly, {{ sqlnomaly.real(s.threshold) }}{% elif s.rule == 'contamination' %} CASE WHEN NOT _sn__cutoff1 IS NULL THEN _sn__cutoff1 + (1e-09 * GREATEST(1.0e0, ABS(_sn__cutoff1))) END AS is_anomaly, _sn__cutoff1{% endif %}
AS anomaly_threshold, CASE WHEN _sn__score IS NULL THEN NULL WHEN _sn_x1__term >= _sn__best - (1e-09 * GREATEST(1.0e0, ABS(_sn__best)))
THEN {{ s.features[0].literal }} WHEN _sn_x2__term >= _sn__best - (1e-09 * GREATEST(1.0e0, ABS(_sn__best))) THEN {{ s.features[1].literal }}
WHEN _sn_x3__term >= _sn__best - (1e-09 * GREATEST(1.0e0, ABS(_sn__best))) THEN {{ s.features[2].literal }} END AS anomaly_reason,
CASE WHEN COALESCE(_sn__rows, 0) = 0 THEN 'unseen_group' WHEN _sn_x1__raw IS NULL OR _sn_x2__raw IS NULL OR _sn_x3__raw IS NULL THEN 'missing_value'
WHEN _sn_x1 IS NULL OR _sn_x2 IS NULL OR _sn_x3 IS NULL THEN 'out_of_range' WHEN COALESCE(_sn_x1__n, 0) < {{ sqlnomaly.whole(s.min_rows) }}
OR COALESCE(_sn_x2__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} OR COALESCE(_sn_x3__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'too_few_rows'
WHEN _sn__score IS NULL OR (FALSE AND FALSE AND FALSE) THEN 'constant_baseline' ELSE 'ok' END AS anomaly_status
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
LEFT JOIN fitted ON source._sn__key1 IS NOT DISTINCT FROM fitted._sn__key1), places AS (SELECT *, DENSE_RANK() OVER (PARTITION BY
_sn__key1 ORDER BY COALESCE(_sn_x1, 1e+300), COALESCE(_sn_x2, 1e+300), COALESCE(_sn_x3, 1e+300), COALESCE(_sn_x4, 1e+300))
AS _sn_x1__place
FROM counted), copies AS (SELECT *, SUM(CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL AND NOT _sn_x3 IS NULL AND NOT _sn_x4 IS NULL
THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1, _sn_x1__place) AS _sn_x1__copies, SUM(CASE WHEN NOT _sn_x1 IS NULL AND NOT
_sn_x2 IS NULL AND NOT _sn_x3 IS NULL AND NOT _sn_x4 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS _sn_x1__n, 1.0e0
AS _sn_x1__scale, SUM(CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL AND NOT _sn_x3 IS NULL AND NOT _sn_x4 IS NULL THEN _sn__fitted ELSE
0 END) OVER (PARTITION BY _sn__key1) AS _sn_x2__n, 1.0e0 AS _sn_x2__scale, SUM(CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL AND
NOT _sn_x3 IS NULL AND NOT _sn_x4 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS _sn_x3__n, 1.0e0 AS _sn_x3__scale,
SUM(CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL AND NOT _sn_x3 IS NULL AND NOT _sn_x4 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION
BY _sn__key1) AS _sn_x4__n, 1.0e0 AS _sn_x4__scale
FROM places), scored AS (SELECT *, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2
IS NULL AND NOT _sn_x3 IS NULL AND NOT _sn_x4 IS NULL THEN CAST(_sn_x1__copies AS DOUBLE) END END AS _sn__score, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }}
THEN CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL AND NOT _sn_x3 IS NULL AND NOT _sn_x4 IS NULL THEN CAST(_sn_x1__copies AS DOUBLE)
END / NULLIF(4.0e0, 0.0e0) END AS _sn_x1__term, CASE WHEN _sn_x2__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN NOT _sn_x1 IS NULL
AND NOT _sn_x2 IS NULL AND NOT _sn_x3 IS NULL AND NOT _sn_x4 IS NULL THEN CAST(_sn_x1__copies AS DOUBLE) END / NULLIF(4.0e0, 0.0e0) END
AS _sn_x2__term, CASE WHEN _sn_x3__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL AND NOT _sn_x3
IS NULL AND NOT _sn_x4 IS NULL THEN CAST(_sn_x1__copies AS DOUBLE) END / NULLIF(4.0e0, 0.0e0) END AS _sn_x3__term, CASE WHEN _sn_x4__n
>= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL AND NOT _sn_x3 IS NULL AND NOT _sn_x4 IS NULL THEN
CAST(_sn_x1__copies AS DOUBLE) END / NULLIF(4.0e0, 0.0e0) END AS _sn_x4__term
FROM copies), largest AS (SELECT *, CASE WHEN NOT _sn_x1__term IS NULL AND NOT _sn_x2__term IS NULL AND NOT _sn_x3__term IS NULL AND NOT
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
_sn_x1__place, _sn_x1__copies, _sn_x1__n, _sn_x1__scale, _sn_x2__n, _sn_x2__scale, _sn_x3__n, _sn_x3__scale, _sn_x4__n, _sn_x4__scale,
_sn__score, _sn_x1__term, _sn_x2__term, _sn_x3__term, _sn_x4__term, _sn__best, _sn__scores, _sn__not_below
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , _sn__cutoff1{% endif %}
), _sn__score AS anomaly_score, CASE WHEN NOT _sn__score IS NULL AND _sn__fitted = 1 THEN 1.0e0 - (CAST(_sn__not_below AS DOUBLE) / NULLIF(CAST(_sn__scores
AS DOUBLE), 0.0e0)) WHEN NOT _sn__score IS NULL THEN 1.0e0 - ((CAST(_sn__not_below AS DOUBLE) + 1.0e0) / NULLIF(CAST(_sn__scores
AS DOUBLE) + 1.0e0, 0.0e0)) END AS anomaly_probability, _sn__score >
{%- if s.rule == 'threshold' %} {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }} AS is_anomaly, {{ sqlnomaly.real(s.threshold) }}{% elif s.rule == 'contamination' %} CASE WHEN NOT _sn__cutoff1 IS NULL THEN _sn__cutoff1 + (1e-09 * GREATEST(1.0e0, ABS(_sn__cutoff1))) END AS is_anomaly, _sn__cutoff1{% endif %}
AS anomaly_threshold, CASE WHEN _sn__score IS NULL THEN NULL WHEN _sn_x1__term >= _sn__best - (1e-09 * GREATEST(1.0e0, ABS(_sn__best)))
THEN {{ s.features[0].literal }} WHEN _sn_x2__term >= _sn__best - (1e-09 * GREATEST(1.0e0, ABS(_sn__best))) THEN {{ s.features[1].literal }}
WHEN _sn_x3__term >= _sn__best - (1e-09 * GREATEST(1.0e0, ABS(_sn__best))) THEN {{ s.features[2].literal }} WHEN _sn_x4__term >= _sn__best
- (1e-09 * GREATEST(1.0e0, ABS(_sn__best))) THEN {{ s.features[3].literal }} END AS anomaly_reason, CASE WHEN COALESCE(_sn__rows,
0) = 0 THEN 'unseen_group' WHEN _sn_x1__raw IS NULL OR _sn_x2__raw IS NULL OR _sn_x3__raw IS NULL OR _sn_x4__raw IS NULL THEN 'missing_value'
WHEN _sn_x1 IS NULL OR _sn_x2 IS NULL OR _sn_x3 IS NULL OR _sn_x4 IS NULL THEN 'out_of_range' WHEN COALESCE(_sn_x1__n, 0) < {{ sqlnomaly.whole(s.min_rows) }}
OR COALESCE(_sn_x2__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} OR COALESCE(_sn_x3__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} OR COALESCE(_sn_x4__n,
0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'too_few_rows' WHEN _sn__score IS NULL OR (FALSE AND FALSE AND FALSE AND FALSE) THEN 'constant_baseline'
ELSE 'ok' END AS anomaly_status
FROM
{%- if s.rule == 'threshold' %} ranked{% elif s.rule == 'contamination' %} limited{% endif %}
{%- else -%}
{{ sqlnomaly.no_such_way('duplicates', s, ['contamination, without order_by, 1 feature', 'contamination, without order_by, 2 features', 'contamination, without order_by, 3 features', 'contamination, without order_by, 4 features', 'threshold, without order_by, 1 feature', 'threshold, without order_by, 2 features', 'threshold, without order_by, 3 features', 'threshold, without order_by, 4 features']) }}
{%- endif -%}
{%- endmacro -%}

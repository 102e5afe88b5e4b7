{#- sqlnomaly 0.1.0: rare_values for spark, generated; do not edit. -#}
{%- macro spark__sqlnomaly_rare_values(s) -%}
{%- do sqlnomaly.only_options('rare_values', s, []) -%}
{%- if not s.order and s.features | length == 1 and (s.rule, s.direction) in [('contamination', 'both'), ('threshold', 'both')] -%}
WITH source AS (SELECT *, {{ s.features[0].value }} AS _sn_x1, {{ s.key }} AS _sn__key1, CASE WHEN {{ s.filter }} THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), fitted AS (SELECT _sn__key1, COUNT(1) AS _sn__rows
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), counted AS (SELECT source.*, fitted._sn__rows
FROM source
LEFT JOIN fitted ON source._sn__key1 IS NOT DISTINCT FROM fitted._sn__key1), counts AS (SELECT *, SUM(CASE WHEN NOT _sn_x1 IS NULL
THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1, _sn_x1) AS _sn_x1__count, SUM(CASE WHEN NOT _sn_x1 IS NULL THEN _sn__fitted
ELSE 0 END) OVER (PARTITION BY _sn__key1) AS _sn_x1__n, 1.0e0 AS _sn_x1__scale
FROM counted), terms AS (SELECT *, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN - LN(CASE WHEN CASE WHEN CASE WHEN NOT
_sn_x1 IS NULL THEN CAST(COALESCE(_sn_x1__count, 0) AS DOUBLE) / NULLIF(_sn_x1__n, 0.0e0) END > 0.0e0 THEN CASE WHEN NOT _sn_x1 IS
NULL THEN CAST(COALESCE(_sn_x1__count, 0) AS DOUBLE) / NULLIF(_sn_x1__n, 0.0e0) END WHEN CASE WHEN NOT _sn_x1 IS NULL THEN CAST(COALESCE(_sn_x1__count,
0) AS DOUBLE) / NULLIF(_sn_x1__n, 0.0e0) END = 0.0e0 THEN 1.0e0 / NULLIF(CAST(_sn_x1__n AS DOUBLE) + 1.0e0, 0.0e0) END > 0.0e0 THEN
CASE WHEN CASE WHEN NOT _sn_x1 IS NULL THEN CAST(COALESCE(_sn_x1__count, 0) AS DOUBLE) / NULLIF(_sn_x1__n, 0.0e0) END > 0.0e0 THEN
CASE WHEN NOT _sn_x1 IS NULL THEN CAST(COALESCE(_sn_x1__count, 0) AS DOUBLE) / NULLIF(_sn_x1__n, 0.0e0) END WHEN CASE WHEN NOT _sn_x1
IS NULL THEN CAST(COALESCE(_sn_x1__count, 0) AS DOUBLE) / NULLIF(_sn_x1__n, 0.0e0) END = 0.0e0 THEN 1.0e0 / NULLIF(CAST(_sn_x1__n
AS DOUBLE) + 1.0e0, 0.0e0) END END) END AS _sn_x1__term
FROM counts), scored AS (SELECT *, _sn_x1__term AS _sn__score
FROM terms), ranked AS (SELECT *, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS
_sn__scores, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY CASE WHEN _sn__score
IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score, 0.0e0) DESC) AS _sn__not_below
FROM scored)
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , cutoff AS (SELECT _sn__key1, PERCENTILE(_sn__score, {{ sqlnomaly.real(1 - s.contamination) }}) AS _sn__cutoff1
FROM ranked
WHERE _sn__fitted = 1
GROUP BY _sn__key1), limited AS (SELECT ranked.*, cutoff._sn__cutoff1
FROM ranked
LEFT JOIN cutoff ON ranked._sn__key1 IS NOT DISTINCT FROM cutoff._sn__key1){% endif %}
SELECT * EXCEPT (_sn_x1, _sn__key1, _sn__fitted, _sn__rows, _sn_x1__count, _sn_x1__n, _sn_x1__scale, _sn_x1__term, _sn__score, _sn__scores,
_sn__not_below
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , _sn__cutoff1{% endif %}
), _sn__score AS anomaly_score, CASE WHEN NOT _sn__score IS NULL AND _sn__fitted = 1 THEN 1.0e0 - (CAST(_sn__not_below AS DOUBLE) / NULLIF(CAST(_sn__scores
AS DOUBLE), 0.0e0)) WHEN NOT _sn__score IS NULL THEN 1.0e0 - ((CAST(_sn__not_below AS DOUBLE) + 1.0e0) / NULLIF(CAST(_sn__scores
AS DOUBLE) + 1.0e0, 0.0e0)) END AS anomaly_probability, _sn__score >
{%- if s.rule == 'threshold' %} {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }} AS is_anomaly, {{ sqlnomaly.real(s.threshold) }}{% elif s.rule == 'contamination' %} CASE WHEN NOT _sn__cutoff1 IS NULL THEN _sn__cutoff1 + (1e-09 * GREATEST(1.0e0, ABS(_sn__cutoff1))) END AS is_anomaly, _sn__cutoff1{% endif %}
AS anomaly_threshold, CASE WHEN NOT _sn__score IS NULL THEN {{ s.features[0].literal }} END AS anomaly_reason, CASE WHEN COALESCE(_sn__rows,
0) = 0 THEN 'unseen_group' WHEN _sn_x1 IS NULL THEN 'missing_value' WHEN COALESCE(_sn_x1__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} THEN
'too_few_rows' WHEN _sn__score IS NULL OR FALSE THEN 'constant_baseline' ELSE 'ok' END AS anomaly_status
FROM
{%- if s.rule == 'threshold' %} ranked{% elif s.rule == 'contamination' %} limited{% endif %}
{%- elif not s.order and s.features | length == 2 and (s.rule, s.direction) in [('contamination', 'both'), ('threshold', 'both')] -%}
WITH source AS (SELECT *, {{ s.features[0].value }} AS _sn_x1, {{ s.features[1].value }} AS _sn_x2, {{ s.key }} AS _sn__key1, CASE WHEN
{{ s.filter }} THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), fitted AS (SELECT _sn__key1, COUNT(1) AS _sn__rows
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), counted AS (SELECT source.*, fitted._sn__rows
FROM source
LEFT JOIN fitted ON source._sn__key1 IS NOT DISTINCT FROM fitted._sn__key1), counts AS (SELECT *, SUM(CASE WHEN NOT _sn_x1 IS NULL
THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1, _sn_x1) AS _sn_x1__count, SUM(CASE WHEN NOT _sn_x1 IS NULL THEN _sn__fitted
ELSE 0 END) OVER (PARTITION BY _sn__key1) AS _sn_x1__n, 1.0e0 AS _sn_x1__scale, SUM(CASE WHEN NOT _sn_x2 IS NULL THEN _sn__fitted ELSE
0 END) OVER (PARTITION BY _sn__key1, _sn_x2) AS _sn_x2__count, SUM(CASE WHEN NOT _sn_x2 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION
BY _sn__key1) AS _sn_x2__n, 1.0e0 AS _sn_x2__scale
FROM counted), terms AS (SELECT *, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN - LN(CASE WHEN CASE WHEN CASE WHEN NOT
_sn_x1 IS NULL THEN CAST(COALESCE(_sn_x1__count, 0) AS DOUBLE) / NULLIF(_sn_x1__n, 0.0e0) END > 0.0e0 THEN CASE WHEN NOT _sn_x1 IS
NULL THEN CAST(COALESCE(_sn_x1__count, 0) AS DOUBLE) / NULLIF(_sn_x1__n, 0.0e0) END WHEN CASE WHEN NOT _sn_x1 IS NULL THEN CAST(COALESCE(_sn_x1__count,
0) AS DOUBLE) / NULLIF(_sn_x1__n, 0.0e0) END = 0.0e0 THEN 1.0e0 / NULLIF(CAST(_sn_x1__n AS DOUBLE) + 1.0e0, 0.0e0) END > 0.0e0 THEN
CASE WHEN CASE WHEN NOT _sn_x1 IS NULL THEN CAST(COALESCE(_sn_x1__count, 0) AS DOUBLE) / NULLIF(_sn_x1__n, 0.0e0) END > 0.0e0 THEN
CASE WHEN NOT _sn_x1 IS NULL THEN CAST(COALESCE(_sn_x1__count, 0) AS DOUBLE) / NULLIF(_sn_x1__n, 0.0e0) END WHEN CASE WHEN NOT _sn_x1
IS NULL THEN CAST(COALESCE(_sn_x1__count, 0) AS DOUBLE) / NULLIF(_sn_x1__n, 0.0e0) END = 0.0e0 THEN 1.0e0 / NULLIF(CAST(_sn_x1__n
AS DOUBLE) + 1.0e0, 0.0e0) END END) END AS _sn_x1__term, CASE WHEN _sn_x2__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN - LN(CASE WHEN
CASE WHEN CASE WHEN NOT _sn_x2 IS NULL THEN CAST(COALESCE(_sn_x2__count, 0) AS DOUBLE) / NULLIF(_sn_x2__n, 0.0e0) END > 0.0e0 THEN
CASE WHEN NOT _sn_x2 IS NULL THEN CAST(COALESCE(_sn_x2__count, 0) AS DOUBLE) / NULLIF(_sn_x2__n, 0.0e0) END WHEN CASE WHEN NOT _sn_x2
IS NULL THEN CAST(COALESCE(_sn_x2__count, 0) AS DOUBLE) / NULLIF(_sn_x2__n, 0.0e0) END = 0.0e0 THEN 1.0e0 / NULLIF(CAST(_sn_x2__n
AS DOUBLE) + 1.0e0, 0.0e0) END > 0.0e0 THEN CASE WHEN CASE WHEN NOT _sn_x2 IS NULL THEN CAST(COALESCE(_sn_x2__count, 0) AS DOUBLE)
/ NULLIF(_sn_x2__n, 0.0e0) END > 0.0e0 THEN CASE WHEN NOT _sn_x2 IS NULL THEN CAST(COALESCE(_sn_x2__count, 0) AS DOUBLE) / NULLIF(_sn_x2__n,
0.0e0) END WHEN CASE WHEN NOT _sn_x2 IS NULL THEN CAST(COALESCE(_sn_x2__count, 0) AS DOUBLE) / NULLIF(_sn_x2__n, 0.0e0) END = 0.0e0
THEN 1.0e0 / NULLIF(CAST(_sn_x2__n AS DOUBLE) + 1.0e0, 0.0e0) END END) END AS _sn_x2__term
FROM counts), scored AS (SELECT *, CASE WHEN NOT _sn_x1__term IS NULL AND NOT _sn_x2__term IS NULL THEN GREATEST(_sn_x1__term, _sn_x2__term)
END AS _sn__score
FROM terms), ranked AS (SELECT *, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS
_sn__scores, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY CASE WHEN _sn__score
IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score, 0.0e0) DESC) AS _sn__not_below
FROM scored)
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , cutoff AS (SELECT _sn__key1, PERCENTILE(_sn__score, {{ sqlnomaly.real(1 - s.contamination) }}) AS _sn__cutoff1
FROM ranked
WHERE _sn__fitted = 1
GROUP BY _sn__key1), limited AS (SELECT ranked.*, cutoff._sn__cutoff1
FROM ranked
LEFT JOIN cutoff ON ranked._sn__key1 IS NOT DISTINCT FROM cutoff._sn__key1){% endif %}
SELECT * EXCEPT (_sn_x1, _sn_x2, _sn__key1, _sn__fitted, _sn__rows, _sn_x1__count, _sn_x1__n, _sn_x1__scale, _sn_x2__count, _sn_x2__n,
_sn_x2__scale, _sn_x1__term, _sn_x2__term, _sn__score, _sn__scores, _sn__not_below
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , _sn__cutoff1{% endif %}
), _sn__score AS anomaly_score, CASE WHEN NOT _sn__score IS NULL AND _sn__fitted = 1 THEN 1.0e0 - (CAST(_sn__not_below AS DOUBLE) / NULLIF(CAST(_sn__scores
AS DOUBLE), 0.0e0)) WHEN NOT _sn__score IS NULL THEN 1.0e0 - ((CAST(_sn__not_below AS DOUBLE) + 1.0e0) / NULLIF(CAST(_sn__scores
AS DOUBLE) + 1.0e0, 0.0e0)) END AS anomaly_probability, _sn__score >
{%- if s.rule == 'threshold' %} {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }} AS is_anomaly, {{ sqlnomaly.real(s.threshold) }}{% elif s.rule == 'contamination' %} CASE WHEN NOT _sn__cutoff1 IS NULL THEN _sn__cutoff1 + (1e-09 * GREATEST(1.0e0, ABS(_sn__cutoff1))) END AS is_anomaly, _sn__cutoff1{% endif %}
AS anomaly_threshold, CASE WHEN _sn__score IS NULL THEN NULL WHEN _sn_x1__term >= _sn__score - (1e-09 * GREATEST(1.0e0, ABS(_sn__score)))
THEN {{ s.features[0].literal }} WHEN _sn_x2__term >= _sn__score - (1e-09 * GREATEST(1.0e0, ABS(_sn__score))) THEN {{ s.features[1].literal }}
END AS anomaly_reason, CASE WHEN COALESCE(_sn__rows, 0) = 0 THEN 'unseen_group' WHEN _sn_x1 IS NULL OR _sn_x2 IS NULL THEN 'missing_value'
WHEN COALESCE(_sn_x1__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} OR COALESCE(_sn_x2__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'too_few_rows'
WHEN _sn__score IS NULL OR (FALSE AND FALSE) THEN 'constant_baseline' ELSE 'ok' END AS anomaly_status
FROM
{%- if s.rule == 'threshold' %} ranked{% elif s.rule == 'contamination' %} limited{% endif %}
{%- elif not s.order and s.features | length == 3 and (s.rule, s.direction) in [('contamination', 'both'), ('threshold', 'both')] -%}
WITH source AS (SELECT *, {{ s.features[0].value }} AS _sn_x1, {{ s.features[1].value }} AS _sn_x2, {{ s.features[2].value }} AS _sn_x3,
{{ s.key }} AS _sn__key1, CASE WHEN {{ s.filter }} THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), fitted AS (SELECT _sn__key1, COUNT(1) AS _sn__rows
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), counted AS (SELECT source.*, fitted._sn__rows
FROM source
LEFT JOIN fitted ON source._sn__key1 IS NOT DISTINCT FROM fitted._sn__key1), counts AS (SELECT *, SUM(CASE WHEN NOT _sn_x1 IS NULL
THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1, _sn_x1) AS _sn_x1__count, SUM(CASE WHEN NOT _sn_x1 IS NULL THEN _sn__fitted
ELSE 0 END) OVER (PARTITION BY _sn__key1) AS _sn_x1__n, 1.0e0 AS _sn_x1__scale, SUM(CASE WHEN NOT _sn_x2 IS NULL THEN _sn__fitted ELSE
0 END) OVER (PARTITION BY _sn__key1, _sn_x2) AS _sn_x2__count, SUM(CASE WHEN NOT _sn_x2 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION
BY _sn__key1) AS _sn_x2__n, 1.0e0 AS _sn_x2__scale, SUM(CASE WHEN NOT _sn_x3 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1,
_sn_x3) AS _sn_x3__count, SUM(CASE WHEN NOT _sn_x3 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS _sn_x3__n, 1.0e0
AS _sn_x3__scale
FROM counted), terms AS (SELECT *, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN - LN(CASE WHEN CASE WHEN CASE WHEN NOT
_sn_x1 IS NULL THEN CAST(COALESCE(_sn_x1__count, 0) AS DOUBLE) / NULLIF(_sn_x1__n, 0.0e0) END > 0.0e0 THEN CASE WHEN NOT _sn_x1 IS
NULL THEN CAST(COALESCE(_sn_x1__count, 0) AS DOUBLE) / NULLIF(_sn_x1__n, 0.0e0) END WHEN CASE WHEN NOT _sn_x1 IS NULL THEN CAST(COALESCE(_sn_x1__count,
0) AS DOUBLE) / NULLIF(_sn_x1__n, 0.0e0) END = 0.0e0 THEN 1.0e0 / NULLIF(CAST(_sn_x1__n AS DOUBLE) + 1.0e0, 0.0e0) END > 0.0e0 THEN
CASE WHEN CASE WHEN NOT _sn_x1 IS NULL THEN CAST(COALESCE(_sn_x1__count, 0) AS DOUBLE) / NULLIF(_sn_x1__n, 0.0e0) END > 0.0e0 THEN
CASE WHEN NOT _sn_x1 IS NULL THEN CAST(COALESCE(_sn_x1__count, 0) AS DOUBLE) / NULLIF(_sn_x1__n, 0.0e0) END WHEN CASE WHEN NOT _sn_x1
IS NULL THEN CAST(COALESCE(_sn_x1__count, 0) AS DOUBLE) / NULLIF(_sn_x1__n, 0.0e0) END = 0.0e0 THEN 1.0e0 / NULLIF(CAST(_sn_x1__n
AS DOUBLE) + 1.0e0, 0.0e0) END END) END AS _sn_x1__term, CASE WHEN _sn_x2__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN - LN(CASE WHEN
CASE WHEN CASE WHEN NOT _sn_x2 IS NULL THEN CAST(COALESCE(_sn_x2__count, 0) AS DOUBLE) / NULLIF(_sn_x2__n, 0.0e0) END > 0.0e0 THEN
CASE WHEN NOT _sn_x2 IS NULL THEN CAST(COALESCE(_sn_x2__count, 0) AS DOUBLE) / NULLIF(_sn_x2__n, 0.0e0) END WHEN CASE WHEN NOT _sn_x2
IS NULL THEN CAST(COALESCE(_sn_x2__count, 0) AS DOUBLE) / NULLIF(_sn_x2__n, 0.0e0) END = 0.0e0 THEN 1.0e0 / NULLIF(CAST(_sn_x2__n
AS DOUBLE) + 1.0e0, 0.0e0) END > 0.0e0 THEN CASE WHEN CASE WHEN NOT _sn_x2 IS NULL THEN CAST(COALESCE(_sn_x2__count, 0) AS DOUBLE)
/ NULLIF(_sn_x2__n, 0.0e0) END > 0.0e0 THEN CASE WHEN NOT _sn_x2 IS NULL THEN CAST(COALESCE(_sn_x2__count, 0) AS DOUBLE) / NULLIF(_sn_x2__n,
0.0e0) END WHEN CASE WHEN NOT _sn_x2 IS NULL THEN CAST(COALESCE(_sn_x2__count, 0) AS DOUBLE) / NULLIF(_sn_x2__n, 0.0e0) END = 0.0e0
THEN 1.0e0 / NULLIF(CAST(_sn_x2__n AS DOUBLE) + 1.0e0, 0.0e0) END END) END AS _sn_x2__term, CASE WHEN _sn_x3__n >= {{ sqlnomaly.whole(s.min_rows) }}
THEN - LN(CASE WHEN CASE WHEN CASE WHEN NOT _sn_x3 IS NULL THEN CAST(COALESCE(_sn_x3__count, 0) AS DOUBLE) / NULLIF(_sn_x3__n, 0.0e0)
END > 0.0e0 THEN CASE WHEN NOT _sn_x3 IS NULL THEN CAST(COALESCE(_sn_x3__count, 0) AS DOUBLE) / NULLIF(_sn_x3__n, 0.0e0) END WHEN
CASE WHEN NOT _sn_x3 IS NULL THEN CAST(COALESCE(_sn_x3__count, 0) AS DOUBLE) / NULLIF(_sn_x3__n, 0.0e0) END = 0.0e0 THEN 1.0e0 / NULLIF(CAST(_sn_x3__n
AS DOUBLE) + 1.0e0, 0.0e0) END > 0.0e0 THEN CASE WHEN CASE WHEN NOT _sn_x3 IS NULL THEN CAST(COALESCE(_sn_x3__count, 0) AS DOUBLE)
/ NULLIF(_sn_x3__n, 0.0e0) END > 0.0e0 THEN CASE WHEN NOT _sn_x3 IS NULL THEN CAST(COALESCE(_sn_x3__count, 0) AS DOUBLE) / NULLIF(_sn_x3__n,
0.0e0) END WHEN CASE WHEN NOT _sn_x3 IS NULL THEN CAST(COALESCE(_sn_x3__count, 0) AS DOUBLE) / NULLIF(_sn_x3__n, 0.0e0) END = 0.0e0
THEN 1.0e0 / NULLIF(CAST(_sn_x3__n AS DOUBLE) + 1.0e0, 0.0e0) END END) END AS _sn_x3__term
FROM counts), scored AS (SELECT *, CASE WHEN NOT _sn_x1__term IS NULL AND NOT _sn_x2__term IS NULL AND NOT _sn_x3__term IS NULL THEN GREATEST(_sn_x1__term,
_sn_x2__term, _sn_x3__term) END AS _sn__score
FROM terms), ranked AS (SELECT *, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS
_sn__scores, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY CASE WHEN _sn__score
IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score, 0.0e0) DESC) AS _sn__not_below
FROM scored)
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , cutoff AS (SELECT _sn__key1, PERCENTILE(_sn__score, {{ sqlnomaly.real(1 - s.contamination) }}) AS _sn__cutoff1
FROM ranked
WHERE _sn__fitted = 1
GROUP BY _sn__key1), limited AS (SELECT ranked.*, cutoff._sn__cutoff1
FROM ranked
LEFT JOIN cutoff ON ranked._sn__key1 IS NOT DISTINCT FROM cutoff._sn__key1){% endif %}
SELECT * EXCEPT (_sn_x1, _sn_x2, _sn_x3, _sn__key1, _sn__fitted, _sn__rows, _sn_x1__count, _sn_x1__n, _sn_x1__scale, _sn_x2__count,
_sn_x2__n, _sn_x2__scale, _sn_x3__count, _sn_x3__n, _sn_x3__scale, _sn_x1__term, _sn_x2__term, _sn_x3__term, _sn__score, _sn__scores,
_sn__not_below
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , _sn__cutoff1{% endif %}
), _sn__score AS anomaly_score, CASE WHEN NOT _sn__score IS NULL AND _sn__fitted = 1 THEN 1.0e0 - (CAST(_sn__not_below AS DOUBLE) / NULLIF(CAST(_sn__scores
AS DOUBLE), 0.0e0)) WHEN NOT _sn__score IS NULL THEN 1.0e0 - ((CAST(_sn__not_below AS DOUBLE) + 1.0e0) / NULLIF(CAST(_sn__scores
AS DOUBLE) + 1.0e0, 0.0e0)) END AS anomaly_probability, _sn__score >
{%- if s.rule == 'threshold' %} {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }} AS is_anomaly, {{ sqlnomaly.real(s.threshold) }}{% elif s.rule == 'contamination' %} CASE WHEN NOT _sn__cutoff1 IS NULL THEN _sn__cutoff1 + (1e-09 * GREATEST(1.0e0, ABS(_sn__cutoff1))) END AS is_anomaly, _sn__cutoff1{% endif %}
AS anomaly_threshold, CASE WHEN _sn__score IS NULL THEN NULL WHEN _sn_x1__term >= _sn__score - (1e-09 * GREATEST(1.0e0, ABS(_sn__score)))
THEN {{ s.features[0].literal }} WHEN _sn_x2__term >= _sn__score - (1e-09 * GREATEST(1.0e0, ABS(_sn__score))) THEN {{ s.features[1].literal }}
WHEN _sn_x3__term >= _sn__score - (1e-09 * GREATEST(1.0e0, ABS(_sn__score))) THEN {{ s.features[2].literal }} END AS anomaly_reason,
CASE WHEN COALESCE(_sn__rows, 0) = 0 THEN 'unseen_group' WHEN _sn_x1 IS NULL OR _sn_x2 IS NULL OR _sn_x3 IS NULL THEN 'missing_value' WHEN
COALESCE(_sn_x1__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} OR COALESCE(_sn_x2__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} OR COALESCE(_sn_x3__n,
0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'too_few_rows' WHEN _sn__score IS NULL OR (FALSE AND FALSE AND FALSE) THEN 'constant_baseline'
ELSE 'ok' END AS anomaly_status
FROM
{%- if s.rule == 'threshold' %} ranked{% elif s.rule == 'contamination' %} limited{% endif %}
{%- elif not s.order and s.features | length == 4 and (s.rule, s.direction) in [('contamination', 'both'), ('threshold', 'both')] -%}
WITH source AS (SELECT *, {{ s.features[0].value }} AS _sn_x1, {{ s.features[1].value }} AS _sn_x2, {{ s.features[2].value }} AS _sn_x3,
{{ s.features[3].value }} AS _sn_x4, {{ s.key }} AS _sn__key1, CASE WHEN {{ s.filter }} THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), fitted AS (SELECT _sn__key1, COUNT(1) AS _sn__rows
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), counted AS (SELECT source.*, fitted._sn__rows
FROM source
LEFT JOIN fitted ON source._sn__key1 IS NOT DISTINCT FROM fitted._sn__key1), counts AS (SELECT *, SUM(CASE WHEN NOT _sn_x1 IS NULL
THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1, _sn_x1) AS _sn_x1__count, SUM(CASE WHEN NOT _sn_x1 IS NULL THEN _sn__fitted
ELSE 0 END) OVER (PARTITION BY _sn__key1) AS _sn_x1__n, 1.0e0 AS _sn_x1__scale, SUM(CASE WHEN NOT _sn_x2 IS NULL THEN _sn__fitted ELSE
0 END) OVER (PARTITION BY _sn__key1, _sn_x2) AS _sn_x2__count, SUM(CASE WHEN NOT _sn_x2 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION
BY _sn__key1) AS _sn_x2__n, 1.0e0 AS _sn_x2__scale, SUM(CASE WHEN NOT _sn_x3 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1,
_sn_x3) AS _sn_x3__count, SUM(CASE WHEN NOT _sn_x3 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS _sn_x3__n, 1.0e0
AS _sn_x3__scale, SUM(CASE WHEN NOT _sn_x4 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1, _sn_x4) AS _sn_x4__count,
SUM(CASE WHEN NOT _sn_x4 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS _sn_x4__n, 1.0e0 AS _sn_x4__scale
FROM counted), terms AS (SELECT *, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN - LN(CASE WHEN CASE WHEN CASE WHEN NOT
_sn_x1 IS NULL THEN CAST(COALESCE(_sn_x1__count, 0) AS DOUBLE) / NULLIF(_sn_x1__n, 0.0e0) END > 0.0e0 THEN CASE WHEN NOT _sn_x1 IS
NULL THEN CAST(COALESCE(_sn_x1__count, 0) AS DOUBLE) / NULLIF(_sn_x1__n, 0.0e0) END WHEN CASE WHEN NOT _sn_x1 IS NULL THEN CAST(COALESCE(_sn_x1__count,
0) AS DOUBLE) / NULLIF(_sn_x1__n, 0.0e0) END = 0.0e0 THEN 1.0e0 / NULLIF(CAST(_sn_x1__n AS DOUBLE) + 1.0e0, 0.0e0) END > 0.0e0 THEN
CASE WHEN CASE WHEN NOT _sn_x1 IS NULL THEN CAST(COALESCE(_sn_x1__count, 0) AS DOUBLE) / NULLIF(_sn_x1__n, 0.0e0) END > 0.0e0 THEN
CASE WHEN NOT _sn_x1 IS NULL THEN CAST(COALESCE(_sn_x1__count, 0) AS DOUBLE) / NULLIF(_sn_x1__n, 0.0e0) END WHEN CASE WHEN NOT _sn_x1
IS NULL THEN CAST(COALESCE(_sn_x1__count, 0) AS DOUBLE) / NULLIF(_sn_x1__n, 0.0e0) END = 0.0e0 THEN 1.0e0 / NULLIF(CAST(_sn_x1__n
AS DOUBLE) + 1.0e0, 0.0e0) END END) END AS _sn_x1__term, CASE WHEN _sn_x2__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN - LN(CASE WHEN
CASE WHEN CASE WHEN NOT _sn_x2 IS NULL THEN CAST(COALESCE(_sn_x2__count, 0) AS DOUBLE) / NULLIF(_sn_x2__n, 0.0e0) END > 0.0e0 THEN
CASE WHEN NOT _sn_x2 IS NULL THEN CAST(COALESCE(_sn_x2__count, 0) AS DOUBLE) / NULLIF(_sn_x2__n, 0.0e0) END WHEN CASE WHEN NOT _sn_x2
IS NULL THEN CAST(COALESCE(_sn_x2__count, 0) AS DOUBLE) / NULLIF(_sn_x2__n, 0.0e0) END = 0.0e0 THEN 1.0e0 / NULLIF(CAST(_sn_x2__n
AS DOUBLE) + 1.0e0, 0.0e0) END > 0.0e0 THEN CASE WHEN CASE WHEN NOT _sn_x2 IS NULL THEN CAST(COALESCE(_sn_x2__count, 0) AS DOUBLE)
/ NULLIF(_sn_x2__n, 0.0e0) END > 0.0e0 THEN CASE WHEN NOT _sn_x2 IS NULL THEN CAST(COALESCE(_sn_x2__count, 0) AS DOUBLE) / NULLIF(_sn_x2__n,
0.0e0) END WHEN CASE WHEN NOT _sn_x2 IS NULL THEN CAST(COALESCE(_sn_x2__count, 0) AS DOUBLE) / NULLIF(_sn_x2__n, 0.0e0) END = 0.0e0
THEN 1.0e0 / NULLIF(CAST(_sn_x2__n AS DOUBLE) + 1.0e0, 0.0e0) END END) END AS _sn_x2__term, CASE WHEN _sn_x3__n >= {{ sqlnomaly.whole(s.min_rows) }}
THEN - LN(CASE WHEN CASE WHEN CASE WHEN NOT _sn_x3 IS NULL THEN CAST(COALESCE(_sn_x3__count, 0) AS DOUBLE) / NULLIF(_sn_x3__n, 0.0e0)
END > 0.0e0 THEN CASE WHEN NOT _sn_x3 IS NULL THEN CAST(COALESCE(_sn_x3__count, 0) AS DOUBLE) / NULLIF(_sn_x3__n, 0.0e0) END WHEN
CASE WHEN NOT _sn_x3 IS NULL THEN CAST(COALESCE(_sn_x3__count, 0) AS DOUBLE) / NULLIF(_sn_x3__n, 0.0e0) END = 0.0e0 THEN 1.0e0 / NULLIF(CAST(_sn_x3__n
AS DOUBLE) + 1.0e0, 0.0e0) END > 0.0e0 THEN CASE WHEN CASE WHEN NOT _sn_x3 IS NULL THEN CAST(COALESCE(_sn_x3__count, 0) AS DOUBLE)
/ NULLIF(_sn_x3__n, 0.0e0) END > 0.0e0 THEN CASE WHEN NOT _sn_x3 IS NULL THEN CAST(COALESCE(_sn_x3__count, 0) AS DOUBLE) / NULLIF(_sn_x3__n,
0.0e0) END WHEN CASE WHEN NOT _sn_x3 IS NULL THEN CAST(COALESCE(_sn_x3__count, 0) AS DOUBLE) / NULLIF(_sn_x3__n, 0.0e0) END = 0.0e0
THEN 1.0e0 / NULLIF(CAST(_sn_x3__n AS DOUBLE) + 1.0e0, 0.0e0) END END) END AS _sn_x3__term, CASE WHEN _sn_x4__n >= {{ sqlnomaly.whole(s.min_rows) }}
THEN - LN(CASE WHEN CASE WHEN CASE WHEN NOT _sn_x4 IS NULL THEN CAST(COALESCE(_sn_x4__count, 0) AS DOUBLE) / NULLIF(_sn_x4__n, 0.0e0)
END > 0.0e0 THEN CASE WHEN NOT _sn_x4 IS NULL THEN CAST(COALESCE(_sn_x4__count, 0) AS DOUBLE) / NULLIF(_sn_x4__n, 0.0e0) END WHEN
CASE WHEN NOT _sn_x4 IS NULL THEN CAST(COALESCE(_sn_x4__count, 0) AS DOUBLE) / NULLIF(_sn_x4__n, 0.0e0) END = 0.0e0 THEN 1.0e0 / NULLIF(CAST(_sn_x4__n
AS DOUBLE) + 1.0e0, 0.0e0) END > 0.0e0 THEN CASE WHEN CASE WHEN NOT _sn_x4 IS NULL THEN CAST(COALESCE(_sn_x4__count, 0) AS DOUBLE)
/ NULLIF(_sn_x4__n, 0.0e0) END > 0.0e0 THEN CASE WHEN NOT _sn_x4 IS NULL THEN CAST(COALESCE(_sn_x4__count, 0) AS DOUBLE) / NULLIF(_sn_x4__n,
0.0e0) END WHEN CASE WHEN NOT _sn_x4 IS NULL THEN CAST(COALESCE(_sn_x4__count, 0) AS DOUBLE) / NULLIF(_sn_x4__n, 0.0e0) END = 0.0e0
THEN 1.0e0 / NULLIF(CAST(_sn_x4__n AS DOUBLE) + 1.0e0, 0.0e0) END END) END AS _sn_x4__term
FROM counts), scored AS (SELECT *, CASE WHEN NOT _sn_x1__term IS NULL AND NOT _sn_x2__term IS NULL AND NOT _sn_x3__term IS NULL AND NOT _sn_x4__term
IS NULL THEN GREATEST(_sn_x1__term, _sn_x2__term, _sn_x3__term, _sn_x4__term) END AS _sn__score
FROM terms), ranked AS (SELECT *, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS
_sn__scores, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY CASE WHEN _sn__score
IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score, 0.0e0) DESC) AS _sn__not_below
FROM scored)
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , cutoff AS (SELECT _sn__key1, PERCENTILE(_sn__score, {{ sqlnomaly.real(1 - s.contamination) }}) AS _sn__cutoff1
FROM ranked
WHERE _sn__fitted = 1
GROUP BY _sn__key1), limited AS (SELECT ranked.*, cutoff._sn__cutoff1
FROM ranked
LEFT JOIN cutoff ON ranked._sn__key1 IS NOT DISTINCT FROM cutoff._sn__key1){% endif %}
SELECT * EXCEPT (_sn_x1, _sn_x2, _sn_x3, _sn_x4, _sn__key1, _sn__fitted, _sn__rows, _sn_x1__count, _sn_x1__n, _sn_x1__scale, _sn_x2__count,
_sn_x2__n, _sn_x2__scale, _sn_x3__count, _sn_x3__n, _sn_x3__scale, _sn_x4__count, _sn_x4__n, _sn_x4__scale, _sn_x1__term, _sn_x2__term,
_sn_x3__term, _sn_x4__term, _sn__score, _sn__scores, _sn__not_below
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , _sn__cutoff1{% endif %}
), _sn__score AS anomaly_score, CASE WHEN NOT _sn__score IS NULL AND _sn__fitted = 1 THEN 1.0e0 - (CAST(_sn__not_below AS DOUBLE) / NULLIF(CAST(_sn__scores
AS DOUBLE), 0.0e0)) WHEN NOT _sn__score IS NULL THEN 1.0e0 - ((CAST(_sn__not_below AS DOUBLE) + 1.0e0) / NULLIF(CAST(_sn__scores
AS DOUBLE) + 1.0e0, 0.0e0)) END AS anomaly_probability, _sn__score >
{%- if s.rule == 'threshold' %} {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }} AS is_anomaly, {{ sqlnomaly.real(s.threshold) }}{% elif s.rule == 'contamination' %} CASE WHEN NOT _sn__cutoff1 IS NULL THEN _sn__cutoff1 + (1e-09 * GREATEST(1.0e0, ABS(_sn__cutoff1))) END AS is_anomaly, _sn__cutoff1{% endif %}
AS anomaly_threshold, CASE WHEN _sn__score IS NULL THEN NULL WHEN _sn_x1__term >= _sn__score - (1e-09 * GREATEST(1.0e0, ABS(_sn__score)))
THEN {{ s.features[0].literal }} WHEN _sn_x2__term >= _sn__score - (1e-09 * GREATEST(1.0e0, ABS(_sn__score))) THEN {{ s.features[1].literal }}
WHEN _sn_x3__term >= _sn__score - (1e-09 * GREATEST(1.0e0, ABS(_sn__score))) THEN {{ s.features[2].literal }} WHEN _sn_x4__term >= _sn__score
- (1e-09 * GREATEST(1.0e0, ABS(_sn__score))) THEN {{ s.features[3].literal }} END AS anomaly_reason, CASE WHEN COALESCE(_sn__rows,
0) = 0 THEN 'unseen_group' WHEN _sn_x1 IS NULL OR _sn_x2 IS NULL OR _sn_x3 IS NULL OR _sn_x4 IS NULL THEN 'missing_value' WHEN COALESCE(_sn_x1__n,
0) < {{ sqlnomaly.whole(s.min_rows) }} OR COALESCE(_sn_x2__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} OR COALESCE(_sn_x3__n, 0) < {{ sqlnomaly.whole(s.min_rows) }}
OR COALESCE(_sn_x4__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'too_few_rows' WHEN _sn__score IS NULL OR (FALSE AND FALSE AND FALSE
AND FALSE) THEN 'constant_baseline' ELSE 'ok' END AS anomaly_status
FROM
{%- if s.rule == 'threshold' %} ranked{% elif s.rule == 'contamination' %} limited{% endif %}
{%- else -%}
{{ sqlnomaly.no_such_way('rare_values', s, ['contamination, without order_by, 1 feature', 'contamination, without order_by, 2 features', 'contamination, without order_by, 3 features', 'contamination, without order_by, 4 features', 'threshold, without order_by, 1 feature', 'threshold, without order_by, 2 features', 'threshold, without order_by, 3 features', 'threshold, without order_by, 4 features']) }}
{%- endif -%}
{%- endmacro -%}

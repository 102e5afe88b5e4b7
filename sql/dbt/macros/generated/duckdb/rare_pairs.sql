{#- sqlnomaly 0.1.0: rare_pairs for duckdb, generated; do not edit. -#}
{%- macro duckdb__sqlnomaly_rare_pairs(s) -%}
{%- do sqlnomaly.only_options('rare_pairs', s, []) -%}
{%- if not s.order and s.features | length == 1 and (s.rule, s.direction) in [('contamination', 'both'), ('threshold', 'both')] -%}
WITH source AS (SELECT *, {{ s.features[0].value }} AS _sn_x1, {{ s.key }} AS _sn__key1, CASE WHEN {{ s.filter }} THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), fitted AS (SELECT _sn__key1, COUNT(1) AS _sn__rows
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), counted AS (SELECT source.*, fitted._sn__rows
FROM source
LEFT JOIN fitted ON source._sn__key1 IS NOT DISTINCT FROM fitted._sn__key1), pairs AS (SELECT *, CASE WHEN NOT _sn_x1 IS NULL THEN _sn_x1
END AS _sn_x1__whole
FROM counted), counts AS (SELECT *, SUM(CASE WHEN NOT _sn_x1__whole IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1,
_sn_x1__whole) AS _sn_x1__whole__count, SUM(CASE WHEN NOT _sn_x1__whole IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1)
AS _sn_x1__whole__n, 1.0e0 AS _sn_x1__whole__scale
FROM pairs), independent AS (SELECT *, _sn_x1__whole__n AS _sn_x1__n, 1.0e0 AS _sn_x1__scale
FROM counts), deficits AS (SELECT *
FROM independent), terms AS (SELECT *, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN NOT _sn_x1 IS NULL THEN 0.0e0
END END AS _sn_x1__term
FROM deficits), scored AS (SELECT *, _sn_x1__term AS _sn__score
FROM terms), ranked AS (SELECT *, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS
_sn__scores, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY CASE WHEN _sn__score
IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score, 0.0e0) DESC) AS _sn__not_below
FROM scored)
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , cutoff AS (SELECT _sn__key1, QUANTILE_CONT(_sn__score, {{ sqlnomaly.real(1 - s.contamination) }}) AS _sn__cutoff1
FROM ranked
WHERE _sn__fitted = 1
GROUP BY _sn__key1), limited AS (SELECT ranked.*, cutoff._sn__cutoff1
FROM ranked
LEFT JOIN cutoff ON ranked._sn__key1 IS NOT DISTINCT FROM cutoff._sn__key1){% endif %}
SELECT * EXCLUDE (_sn_x1, _sn__key1, _sn__fitted, _sn__rows, _sn_x1__whole, _sn_x1__whole__count, _sn_x1__whole__n, _sn_x1__whole__scale,
_sn_x1__n, _sn_x1__scale, _sn_x1__term, _sn__score, _sn__scores, _sn__not_below
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
LEFT JOIN fitted ON source._sn__key1 IS NOT DISTINCT FROM fitted._sn__key1), pairs AS (SELECT *, CASE WHEN NOT _sn_x1 IS NULL AND NOT
_sn_x2 IS NULL THEN _sn_x1 END AS _sn_x1__whole, CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL THEN _sn_x2 END AS _sn_x2__whole, CASE
WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL THEN REPLACE(_sn_x1, '~', '~0') || '~1' || REPLACE(_sn_x2, '~', '~0') END AS _sn_x1__with_1
FROM counted), counts AS (SELECT *, SUM(CASE WHEN NOT _sn_x1__whole IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1,
_sn_x1__whole) AS _sn_x1__whole__count, SUM(CASE WHEN NOT _sn_x1__whole IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1)
AS _sn_x1__whole__n, 1.0e0 AS _sn_x1__whole__scale, SUM(CASE WHEN NOT _sn_x2__whole IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION
BY _sn__key1, _sn_x2__whole) AS _sn_x2__whole__count, SUM(CASE WHEN NOT _sn_x2__whole IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION
BY _sn__key1) AS _sn_x2__whole__n, 1.0e0 AS _sn_x2__whole__scale, SUM(CASE WHEN NOT _sn_x1__with_1 IS NULL THEN _sn__fitted ELSE 0 END)
OVER (PARTITION BY _sn__key1, _sn_x1__with_1) AS _sn_x1__with_1__count, SUM(CASE WHEN NOT _sn_x1__with_1 IS NULL THEN _sn__fitted ELSE
0 END) OVER (PARTITION BY _sn__key1) AS _sn_x1__with_1__n, 1.0e0 AS _sn_x1__with_1__scale
FROM pairs), independent AS (SELECT *, _sn_x1__whole__n AS _sn_x1__n, 1.0e0 AS _sn_x1__scale, _sn_x2__whole__n AS _sn_x2__n, 1.0e0 AS
_sn_x2__scale, CASE WHEN NOT _sn_x1__with_1 IS NULL THEN (CAST(_sn_x1__whole__count AS DOUBLE) * CAST(_sn_x2__whole__count AS DOUBLE))
/ NULLIF(_sn_x1__with_1__n, 0.0e0) END AS _sn_x1__with_1__expected, CASE WHEN NOT _sn_x1__with_1 IS NULL THEN CAST(_sn_x1__with_1__count
AS DOUBLE) END AS _sn_x1__with_1__observed
FROM counts), deficits AS (SELECT *, CASE WHEN _sn_x1__with_1__observed < _sn_x1__with_1__expected THEN SQRT(CASE WHEN 2.0e0 * GREATEST((_sn_x1__with_1__expected
- _sn_x1__with_1__observed) + CASE WHEN _sn_x1__with_1__observed > 0.0e0 THEN _sn_x1__with_1__observed * LN(CASE WHEN _sn_x1__with_1__observed
/ NULLIF(_sn_x1__with_1__expected, 0.0e0) > 0.0e0 THEN _sn_x1__with_1__observed / NULLIF(_sn_x1__with_1__expected, 0.0e0) END) ELSE
0.0e0 END, 0.0e0) >= 0.0e0 THEN 2.0e0 * GREATEST((_sn_x1__with_1__expected - _sn_x1__with_1__observed) + CASE WHEN _sn_x1__with_1__observed
> 0.0e0 THEN _sn_x1__with_1__observed * LN(CASE WHEN _sn_x1__with_1__observed / NULLIF(_sn_x1__with_1__expected, 0.0e0) > 0.0e0 THEN _sn_x1__with_1__observed
/ NULLIF(_sn_x1__with_1__expected, 0.0e0) END) ELSE 0.0e0 END, 0.0e0) END) WHEN NOT _sn_x1__with_1__observed IS NULL THEN 0.0e0 END AS
_sn_x1__with_1__missing
FROM independent), terms AS (SELECT *, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN NOT _sn_x1 IS NULL AND NOT
_sn_x2 IS NULL THEN GREATEST(0.0e0, _sn_x1__with_1__missing) END END AS _sn_x1__term, CASE WHEN _sn_x2__n >= {{ sqlnomaly.whole(s.min_rows) }}
THEN CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL THEN GREATEST(0.0e0, _sn_x1__with_1__missing) END END AS _sn_x2__term
FROM deficits), scored AS (SELECT *, CASE WHEN NOT _sn_x1__term IS NULL AND NOT _sn_x2__term IS NULL THEN GREATEST(_sn_x1__term, _sn_x2__term)
END AS _sn__score
FROM terms), ranked AS (SELECT *, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS
_sn__scores, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY CASE WHEN _sn__score
IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score, 0.0e0) DESC) AS _sn__not_below
FROM scored)
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , cutoff AS (SELECT _sn__key1, QUANTILE_CONT(_sn__score, {{ sqlnomaly.real(1 - s.contamination) }}) AS _sn__cutoff1
FROM ranked
WHERE _sn__fitted = 1
GROUP BY _sn__key1), limited AS (SELECT ranked.*, cutoff._sn__cutoff1
FROM ranked
LEFT JOIN cutoff ON ranked._sn__key1 IS NOT DISTINCT FROM cutoff._sn__key1){% endif %}
SELECT * EXCLUDE (_sn_x1, _sn_x2, _sn__key1, _sn__fitted, _sn__rows, _sn_x1__whole, _sn_x2__whole, _sn_x1__with_1, _sn_x1__whole__count,
_sn_x1__whole__n, _sn_x1__whole__scale, _sn_x2__whole__count, _sn_x2__whole__n, _sn_x2__whole__scale, _sn_x1__with_1__count, _sn_x1__with_1__n,
_sn_x1__with_1__scale, _sn_x1__n, _sn_x1__scale, _sn_x2__n, _sn_x2__scale, _sn_x1__with_1__expected, _sn_x1__with_1__observed, _sn_x1__with_1__missing,
_sn_x1__term, _sn_x2__term, _sn__score, _sn__scores, _sn__not_below
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
LEFT JOIN fitted ON source._sn__key1 IS NOT DISTINCT FROM fitted._sn__key1), pairs AS (SELECT *, CASE WHEN NOT _sn_x1 IS NULL AND NOT
_sn_x2 IS NULL AND NOT _sn_x3 IS NULL THEN _sn_x1 END AS _sn_x1__whole, CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL AND NOT _sn_x3 IS
NULL THEN _sn_x2 END AS _sn_x2__whole, CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL AND NOT _sn_x3 IS NULL THEN _sn_x3 END AS _sn_x3__whole,
CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL AND NOT _sn_x3 IS NULL THEN REPLACE(_sn_x1, '~', '~0') || '~1' || REPLACE(_sn_x2,
'~', '~0') END AS _sn_x1__with_1, CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL AND NOT _sn_x3 IS NULL THEN REPLACE(_sn_x1, '~',
'~0') || '~1' || REPLACE(_sn_x3, '~', '~0') END AS _sn_x1__with_2, CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL AND NOT _sn_x3
IS NULL THEN REPLACE(_sn_x2, '~', '~0') || '~1' || REPLACE(_sn_x3, '~', '~0') END AS _sn_x2__with_2
FROM counted), counts AS (SELECT *, SUM(CASE WHEN NOT _sn_x1__whole IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1,
_sn_x1__whole) AS _sn_x1__whole__count, SUM(CASE WHEN NOT _sn_x1__whole IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1)
AS _sn_x1__whole__n, 1.0e0 AS _sn_x1__whole__scale, SUM(CASE WHEN NOT _sn_x2__whole IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION
BY _sn__key1, _sn_x2__whole) AS _sn_x2__whole__count, SUM(CASE WHEN NOT _sn_x2__whole IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION
BY _sn__key1) AS _sn_x2__whole__n, 1.0e0 AS _sn_x2__whole__scale, SUM(CASE WHEN NOT _sn_x3__whole IS NULL THEN _sn__fitted ELSE 0 END)
OVER (PARTITION BY _sn__key1, _sn_x3__whole) AS _sn_x3__whole__count, SUM(CASE WHEN NOT _sn_x3__whole IS NULL THEN _sn__fitted ELSE 0 END)
OVER (PARTITION BY _sn__key1) AS _sn_x3__whole__n, 1.0e0 AS _sn_x3__whole__scale, SUM(CASE WHEN NOT _sn_x1__with_1 IS NULL THEN _sn__fitted
ELSE 0 END) OVER (PARTITION BY _sn__key1, _sn_x1__with_1) AS _sn_x1__with_1__count, SUM(CASE WHEN NOT _sn_x1__with_1 IS NULL THEN _sn__fitted
ELSE 0 END) OVER (PARTITION BY _sn__key1) AS _sn_x1__with_1__n, 1.0e0 AS _sn_x1__with_1__scale, SUM(CASE WHEN NOT _sn_x1__with_2 IS NULL
THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1, _sn_x1__with_2) AS _sn_x1__with_2__count, SUM(CASE WHEN NOT _sn_x1__with_2
IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS _sn_x1__with_2__n, 1.0e0 AS _sn_x1__with_2__scale, SUM(CASE WHEN
NOT _sn_x2__with_2 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1, _sn_x2__with_2) AS _sn_x2__with_2__count, SUM(CASE
WHEN NOT _sn_x2__with_2 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS _sn_x2__with_2__n, 1.0e0 AS _sn_x2__with_2__scale
FROM pairs), independent AS (SELECT *, _sn_x1__whole__n AS _sn_x1__n, 1.0e0 AS _sn_x1__scale, _sn_x2__whole__n AS _sn_x2__n, 1.0e0 AS
_sn_x2__scale, _sn_x3__whole__n AS _sn_x3__n, 1.0e0 AS _sn_x3__scale, CASE WHEN NOT _sn_x1__with_1 IS NULL THEN (CAST(_sn_x1__whole__count
AS DOUBLE) * CAST(_sn_x2__whole__count AS DOUBLE)) / NULLIF(_sn_x1__with_1__n, 0.0e0) END AS _sn_x1__with_1__expected, CASE WHEN NOT
_sn_x1__with_1 IS NULL THEN CAST(_sn_x1__with_1__count AS DOUBLE) END AS _sn_x1__with_1__observed, CASE WHEN NOT _sn_x1__with_2 IS NULL THEN (CAST(_sn_x1__whole__count
AS DOUBLE) * CAST(_sn_x3__whole__count AS DOUBLE)) / NULLIF(_sn_x1__with_2__n, 0.0e0) END AS _sn_x1__with_2__expected, CASE WHEN NOT
_sn_x1__with_2 IS NULL THEN CAST(_sn_x1__with_2__count AS DOUBLE) END AS _sn_x1__with_2__observed, CASE WHEN NOT _sn_x2__with_2 IS NULL THEN (CAST(_sn_x2__whole__count
AS DOUBLE) * CAST(_sn_x3__whole__count AS DOUBLE)) / NULLIF(_sn_x2__with_2__n, 0.0e0) END AS _sn_x2__with_2__expected, CASE WHEN NOT
_sn_x2__with_2 IS NULL THEN CAST(_sn_x2__with_2__count AS DOUBLE) END AS _sn_x2__with_2__observed
FROM counts), deficits AS (SELECT *, CASE WHEN _sn_x1__with_1__observed < _sn_x1__with_1__expected THEN SQRT(CASE WHEN 2.0e0 * GREATEST((_sn_x1__with_1__expected
- _sn_x1__with_1__observed) + CASE WHEN _sn_x1__with_1__observed > 0.0e0 THEN _sn_x1__with_1__observed * LN(CASE WHEN _sn_x1__with_1__observed
/ NULLIF(_sn_x1__with_1__expected, 0.0e0) > 0.0e0 THEN _sn_x1__with_1__observed / NULLIF(_sn_x1__with_1__expected, 0.0e0) END) ELSE
0.0e0 END, 0.0e0) >= 0.0e0 THEN 2.0e0 * GREATEST((_sn_x1__with_1__expected - _sn_x1__with_1__observed) + CASE WHEN _sn_x1__with_1__observed
> 0.0e0 THEN _sn_x1__with_1__observed * LN(CASE WHEN _sn_x1__with_1__observed / NULLIF(_sn_x1__with_1__expected, 0.0e0) > 0.0e0 THEN _sn_x1__with_1__observed
/ NULLIF(_sn_x1__with_1__expected, 0.0e0) END) ELSE 0.0e0 END, 0.0e0) END) WHEN NOT _sn_x1__with_1__observed IS NULL THEN 0.0e0 END AS
_sn_x1__with_1__missing, CASE WHEN _sn_x1__with_2__observed < _sn_x1__with_2__expected THEN SQRT(CASE WHEN 2.0e0 * GREATEST((_sn_x1__with_2__expected
- _sn_x1__with_2__observed) + CASE WHEN _sn_x1__with_2__observed > 0.0e0 THEN _sn_x1__with_2__observed * LN(CASE WHEN _sn_x1__with_2__observed
/ NULLIF(_sn_x1__with_2__expected, 0.0e0) > 0.0e0 THEN _sn_x1__with_2__observed / NULLIF(_sn_x1__with_2__expected, 0.0e0) END) ELSE
0.0e0 END, 0.0e0) >= 0.0e0 THEN 2.0e0 * GREATEST((_sn_x1__with_2__expected - _sn_x1__with_2__observed) + CASE WHEN _sn_x1__with_2__observed
> 0.0e0 THEN _sn_x1__with_2__observed * LN(CASE WHEN _sn_x1__with_2__observed / NULLIF(_sn_x1__with_2__expected, 0.0e0) > 0.0e0 THEN _sn_x1__with_2__observed
/ NULLIF(_sn_x1__with_2__expected, 0.0e0) END) ELSE 0.0e0 END, 0.0e0) END) WHEN NOT _sn_x1__with_2__observed IS NULL THEN 0.0e0 END AS
_sn_x1__with_2__missing, CASE WHEN _sn_x2__with_2__observed < _sn_x2__with_2__expected THEN SQRT(CASE WHEN 2.0e0 * GREATEST((_sn_x2__with_2__expected
- _sn_x2__with_2__observed) + CASE WHEN _sn_x2__with_2__observed > 0.0e0 THEN _sn_x2__with_2__observed * LN(CASE WHEN _sn_x2__with_2__observed
/ NULLIF(_sn_x2__with_2__expected, 0.0e0) > 0.0e0 THEN _sn_x2__with_2__observed / NULLIF(_sn_x2__with_2__expected, 0.0e0) END) ELSE
0.0e0 END, 0.0e0) >= 0.0e0 THEN 2.0e0 * GREATEST((_sn_x2__with_2__expected - _sn_x2__with_2__observed) + CASE WHEN _sn_x2__with_2__observed
> 0.0e0 THEN _sn_x2__with_2__observed * LN(CASE WHEN _sn_x2__with_2__observed / NULLIF(_sn_x2__with_2__expected, 0.0e0) > 0.0e0 THEN _sn_x2__with_2__observed
/ NULLIF(_sn_x2__with_2__expected, 0.0e0) END) ELSE 0.0e0 END, 0.0e0) END) WHEN NOT _sn_x2__with_2__observed IS NULL THEN 0.0e0 END AS
_sn_x2__with_2__missing
FROM independent), terms AS (SELECT *, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN NOT _sn_x1 IS NULL AND NOT
_sn_x2 IS NULL AND NOT _sn_x3 IS NULL THEN GREATEST(0.0e0, _sn_x1__with_1__missing, _sn_x1__with_2__missing) END END AS _sn_x1__term, CASE
WHEN _sn_x2__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL AND NOT _sn_x3 IS NULL THEN GREATEST(0.0e0,
_sn_x1__with_1__missing, _sn_x2__with_2__missing) END END AS _sn_x2__term, CASE WHEN _sn_x3__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE
WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL AND NOT _sn_x3 IS NULL THEN GREATEST(0.0e0, _sn_x1__with_2__missing, _sn_x2__with_2__missing)
END END AS _sn_x3__term
FROM deficits), scored AS (SELECT *, CASE WHEN NOT _sn_x1__term IS NULL AND NOT _sn_x2__term IS NULL AND NOT _sn_x3__term IS NULL THEN GREATEST(_sn_x1__term,
_sn_x2__term, _sn_x3__term) END AS _sn__score
FROM terms), ranked AS (SELECT *, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS
_sn__scores, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY CASE WHEN _sn__score
IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score, 0.0e0) DESC) AS _sn__not_below
FROM scored)
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , cutoff AS (SELECT _sn__key1, QUANTILE_CONT(_sn__score, {{ sqlnomaly.real(1 - s.contamination) }}) AS _sn__cutoff1
FROM ranked
WHERE _sn__fitted = 1
GROUP BY _sn__key1), limited AS (SELECT ranked.*, cutoff._sn__cutoff1
FROM ranked
LEFT JOIN cutoff ON ranked._sn__key1 IS NOT DISTINCT FROM cutoff._sn__key1){% endif %}
SELECT * EXCLUDE (_sn_x1, _sn_x2, _sn_x3, _sn__key1, _sn__fitted, _sn__rows, _sn_x1__whole, _sn_x2__whole, _sn_x3__whole, _sn_x1__with_1,
_sn_x1__with_2, _sn_x2__with_2, _sn_x1__whole__count, _sn_x1__whole__n, _sn_x1__whole__scale, _sn_x2__whole__count, _sn_x2__whole__n,
_sn_x2__whole__scale, _sn_x3__whole__count, _sn_x3__whole__n, _sn_x3__whole__scale, _sn_x1__with_1__count, _sn_x1__with_1__n, _sn_x1__with_1__scale,
_sn_x1__with_2__count, _sn_x1__with_2__n, _sn_x1__with_2__scale, _sn_x2__with_2__count, _sn_x2__with_2__n, _sn_x2__with_2__scale, _sn_x1__n,
_sn_x1__scale, _sn_x2__n, _sn_x2__scale, _sn_x3__n, _sn_x3__scale, _sn_x1__with_1__expected, _sn_x1__with_1__observed, _sn_x1__with_2__expected,
_sn_x1__with_2__observed, _sn_x2__with_2__expected, _sn_x2__with_2__observed, _sn_x1__with_1__missing, _sn_x1__with_2__missing, _sn_x2__with_2__missing,
_sn_x1__term, _sn_x2__term, _sn_x3__term, _sn__score, _sn__scores, _sn__not_below
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
LEFT JOIN fitted ON source._sn__key1 IS NOT DISTINCT FROM fitted._sn__key1), pairs AS (SELECT *, CASE WHEN NOT _sn_x1 IS NULL AND NOT
_sn_x2 IS NULL AND NOT _sn_x3 IS NULL AND NOT _sn_x4 IS NULL THEN _sn_x1 END AS _sn_x1__whole, CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS
NULL AND NOT _sn_x3 IS NULL AND NOT _sn_x4 IS NULL THEN _sn_x2 END AS _sn_x2__whole, CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL AND
NOT _sn_x3 IS NULL AND NOT _sn_x4 IS NULL THEN _sn_x3 END AS _sn_x3__whole, CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL AND NOT _sn_x3
IS NULL AND NOT _sn_x4 IS NULL THEN _sn_x4 END AS _sn_x4__whole, CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL AND NOT _sn_x3 IS NULL
AND NOT _sn_x4 IS NULL THEN REPLACE(_sn_x1, '~', '~0') || '~1' || REPLACE(_sn_x2, '~', '~0') END AS _sn_x1__with_1, CASE WHEN NOT
_sn_x1 IS NULL AND NOT _sn_x2 IS NULL AND NOT _sn_x3 IS NULL AND NOT _sn_x4 IS NULL THEN REPLACE(_sn_x1, '~', '~0') || '~1' || REPLACE(_sn_x3,
'~', '~0') END AS _sn_x1__with_2, CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL AND NOT _sn_x3 IS NULL AND NOT _sn_x4 IS NULL THEN REPLACE(_sn_x1,
'~', '~0') || '~1' || REPLACE(_sn_x4, '~', '~0') END AS _sn_x1__with_3, CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL AND NOT _sn_x3
IS NULL AND NOT _sn_x4 IS NULL THEN REPLACE(_sn_x2, '~', '~0') || '~1' || REPLACE(_sn_x3, '~', '~0') END AS _sn_x2__with_2, CASE WHEN
NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL AND NOT _sn_x3 IS NULL AND NOT _sn_x4 IS NULL THEN REPLACE(_sn_x2, '~', '~0') || '~1' || REPLACE(_sn_x4,
'~', '~0') END AS _sn_x2__with_3, CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL AND NOT _sn_x3 IS NULL AND NOT _sn_x4 IS NULL THEN REPLACE(_sn_x3,
'~', '~0') || '~1' || REPLACE(_sn_x4, '~', '~0') END AS _sn_x3__with_3
FROM counted), counts AS (SELECT *, SUM(CASE WHEN NOT _sn_x1__whole IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1,
_sn_x1__whole) AS _sn_x1__whole__count, SUM(CASE WHEN NOT _sn_x1__whole IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1)
AS _sn_x1__whole__n, 1.0e0 AS _sn_x1__whole__scale, SUM(CASE WHEN NOT _sn_x2__whole IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION
BY _sn__key1, _sn_x2__whole) AS _sn_x2__whole__count, SUM(CASE WHEN NOT _sn_x2__whole IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION
BY _sn__key1) AS _sn_x2__whole__n, 1.0e0 AS _sn_x2__whole__scale, SUM(CASE WHEN NOT _sn_x3__whole IS NULL THEN _sn__fitted ELSE 0 END)
OVER (PARTITION BY _sn__key1, _sn_x3__whole) AS _sn_x3__whole__count, SUM(CASE WHEN NOT _sn_x3__whole IS NULL THEN _sn__fitted ELSE 0 END)
OVER (PARTITION BY _sn__key1) AS _sn_x3__whole__n, 1.0e0 AS _sn_x3__whole__scale, SUM(CASE WHEN NOT _sn_x4__whole IS NULL THEN _sn__fitted
ELSE 0 END) OVER (PARTITION BY _sn__key1, _sn_x4__whole) AS _sn_x4__whole__count, SUM(CASE WHEN NOT _sn_x4__whole IS NULL THEN _sn__fitted
ELSE 0 END) OVER (PARTITION BY _sn__key1) AS _sn_x4__whole__n, 1.0e0 AS _sn_x4__whole__scale, SUM(CASE WHEN NOT _sn_x1__with_1 IS NULL
THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1, _sn_x1__with_1) AS _sn_x1__with_1__count, SUM(CASE WHEN NOT _sn_x1__with_1
IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS _sn_x1__with_1__n, 1.0e0 AS _sn_x1__with_1__scale, SUM(CASE WHEN
NOT _sn_x1__with_2 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1, _sn_x1__with_2) AS _sn_x1__with_2__count, SUM(CASE
WHEN NOT _sn_x1__with_2 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS _sn_x1__with_2__n, 1.0e0 AS _sn_x1__with_2__scale,
SUM(CASE WHEN NOT _sn_x1__with_3 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1, _sn_x1__with_3) AS _sn_x1__with_3__count,
SUM(CASE WHEN NOT _sn_x1__with_3 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS _sn_x1__with_3__n, 1.0e0 AS _sn_x1__with_3__scale,
SUM(CASE WHEN NOT _sn_x2__with_2 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1, _sn_x2__with_2) AS _sn_x2__with_2__count,
SUM(CASE WHEN NOT _sn_x2__with_2 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS _sn_x2__with_2__n, 1.0e0 AS _sn_x2__with_2__scale,
SUM(CASE WHEN NOT _sn_x2__with_3 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1, _sn_x2__with_3) AS _sn_x2__with_3__count,
SUM(CASE WHEN NOT _sn_x2__with_3 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS _sn_x2__with_3__n, 1.0e0 AS _sn_x2__with_3__scale,
SUM(CASE WHEN NOT _sn_x3__with_3 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1, _sn_x3__with_3) AS _sn_x3__with_3__count,
SUM(CASE WHEN NOT _sn_x3__with_3 IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS _sn_x3__with_3__n, 1.0e0 AS _sn_x3__with_3__scale
FROM pairs), independent AS (SELECT *, _sn_x1__whole__n AS _sn_x1__n, 1.0e0 AS _sn_x1__scale, _sn_x2__whole__n AS _sn_x2__n, 1.0e0 AS
_sn_x2__scale, _sn_x3__whole__n AS _sn_x3__n, 1.0e0 AS _sn_x3__scale, _sn_x4__whole__n AS _sn_x4__n, 1.0e0 AS _sn_x4__scale, CASE WHEN NOT
_sn_x1__with_1 IS NULL THEN (CAST(_sn_x1__whole__count AS DOUBLE) * CAST(_sn_x2__whole__count AS DOUBLE)) / NULLIF(_sn_x1__with_1__n,
0.0e0) END AS _sn_x1__with_1__expected, CASE WHEN NOT _sn_x1__with_1 IS NULL THEN CAST(_sn_x1__with_1__count AS DOUBLE) END AS _sn_x1__with_1__observed,
CASE WHEN NOT _sn_x1__with_2 IS NULL THEN (CAST(_sn_x1__whole__count AS DOUBLE) * CAST(_sn_x3__whole__count AS DOUBLE)) / NULLIF(_sn_x1__with_2__n,
0.0e0) END AS _sn_x1__with_2__expected, CASE WHEN NOT _sn_x1__with_2 IS NULL THEN CAST(_sn_x1__with_2__count AS DOUBLE) END AS _sn_x1__with_2__observed,
CASE WHEN NOT _sn_x1__with_3 IS NULL THEN (CAST(_sn_x1__whole__count AS DOUBLE) * CAST(_sn_x4__whole__count AS DOUBLE)) / NULLIF(_sn_x1__with_3__n,
0.0e0) END AS _sn_x1__with_3__expected, CASE WHEN NOT _sn_x1__with_3 IS NULL THEN CAST(_sn_x1__with_3__count AS DOUBLE) END AS _sn_x1__with_3__observed,
CASE WHEN NOT _sn_x2__with_2 IS NULL THEN (CAST(_sn_x2__whole__count AS DOUBLE) * CAST(_sn_x3__whole__count AS DOUBLE)) / NULLIF(_sn_x2__with_2__n,
0.0e0) END AS _sn_x2__with_2__expected, CASE WHEN NOT _sn_x2__with_2 IS NULL THEN CAST(_sn_x2__with_2__count AS DOUBLE) END AS _sn_x2__with_2__observed,
CASE WHEN NOT _sn_x2__with_3 IS NULL THEN (CAST(_sn_x2__whole__count AS DOUBLE) * CAST(_sn_x4__whole__count AS DOUBLE)) / NULLIF(_sn_x2__with_3__n,
0.0e0) END AS _sn_x2__with_3__expected, CASE WHEN NOT _sn_x2__with_3 IS NULL THEN CAST(_sn_x2__with_3__count AS DOUBLE) END AS _sn_x2__with_3__observed,
CASE WHEN NOT _sn_x3__with_3 IS NULL THEN (CAST(_sn_x3__whole__count AS DOUBLE) * CAST(_sn_x4__whole__count AS DOUBLE)) / NULLIF(_sn_x3__with_3__n,
0.0e0) END AS _sn_x3__with_3__expected, CASE WHEN NOT _sn_x3__with_3 IS NULL THEN CAST(_sn_x3__with_3__count AS DOUBLE) END AS _sn_x3__with_3__observed
FROM counts), deficits AS (SELECT *, CASE WHEN _sn_x1__with_1__observed < _sn_x1__with_1__expected THEN SQRT(CASE WHEN 2.0e0 * GREATEST((_sn_x1__with_1__expected
- _sn_x1__with_1__observed) + CASE WHEN _sn_x1__with_1__observed > 0.0e0 THEN _sn_x1__with_1__observed * LN(CASE WHEN _sn_x1__with_1__observed
/ NULLIF(_sn_x1__with_1__expected, 0.0e0) > 0.0e0 THEN _sn_x1__with_1__observed / NULLIF(_sn_x1__with_1__expected, 0.0e0) END) ELSE
0.0e0 END, 0.0e0) >= 0.0e0 THEN 2.0e0 * GREATEST((_sn_x1__with_1__expected - _sn_x1__with_1__observed) + CASE WHEN _sn_x1__with_1__observed
> 0.0e0 THEN _sn_x1__with_1__observed * LN(CASE WHEN _sn_x1__with_1__observed / NULLIF(_sn_x1__with_1__expected, 0.0e0) > 0.0e0 THEN _sn_x1__with_1__observed
/ NULLIF(_sn_x1__with_1__expected, 0.0e0) END) ELSE 0.0e0 END, 0.0e0) END) WHEN NOT _sn_x1__with_1__observed IS NULL THEN 0.0e0 END AS
_sn_x1__with_1__missing, CASE WHEN _sn_x1__with_2__observed < _sn_x1__with_2__expected THEN SQRT(CASE WHEN 2.0e0 * GREATEST((_sn_x1__with_2__expected
- _sn_x1__with_2__observed) + CASE WHEN _sn_x1__with_2__observed > 0.0e0 THEN _sn_x1__with_2__observed * LN(CASE WHEN _sn_x1__with_2__observed
/ NULLIF(_sn_x1__with_2__expected, 0.0e0) > 0.0e0 THEN _sn_x1__with_2__observed / NULLIF(_sn_x1__with_2__expected, 0.0e0) END) ELSE
0.0e0 END, 0.0e0) >= 0.0e0 THEN 2.0e0 * GREATEST((_sn_x1__with_2__expected - _sn_x1__with_2__observed) + CASE WHEN _sn_x1__with_2__observed
> 0.0e0 THEN _sn_x1__with_2__observed * LN(CASE WHEN _sn_x1__with_2__observed / NULLIF(_sn_x1__with_2__expected, 0.0e0) > 0.0e0 THEN _sn_x1__with_2__observed
/ NULLIF(_sn_x1__with_2__expected, 0.0e0) END) ELSE 0.0e0 END, 0.0e0) END) WHEN NOT _sn_x1__with_2__observed IS NULL THEN 0.0e0 END AS
_sn_x1__with_2__missing, CASE WHEN _sn_x1__with_3__observed < _sn_x1__with_3__expected THEN SQRT(CASE WHEN 2.0e0 * GREATEST((_sn_x1__with_3__expected
- _sn_x1__with_3__observed) + CASE WHEN _sn_x1__with_3__observed > 0.0e0 THEN _sn_x1__with_3__observed * LN(CASE WHEN _sn_x1__with_3__observed
/ NULLIF(_sn_x1__with_3__expected, 0.0e0) > 0.0e0 THEN _sn_x1__with_3__observed / NULLIF(_sn_x1__with_3__expected, 0.0e0) END) ELSE
0.0e0 END, 0.0e0) >= 0.0e0 THEN 2.0e0 * GREATEST((_sn_x1__with_3__expected - _sn_x1__with_3__observed) + CASE WHEN _sn_x1__with_3__observed
> 0.0e0 THEN _sn_x1__with_3__observed * LN(CASE WHEN _sn_x1__with_3__observed / NULLIF(_sn_x1__with_3__expected, 0.0e0) > 0.0e0 THEN _sn_x1__with_3__observed
/ NULLIF(_sn_x1__with_3__expected, 0.0e0) END) ELSE 0.0e0 END, 0.0e0) END) WHEN NOT _sn_x1__with_3__observed IS NULL THEN 0.0e0 END AS
_sn_x1__with_3__missing, CASE WHEN _sn_x2__with_2__observed < _sn_x2__with_2__expected THEN SQRT(CASE WHEN 2.0e0 * GREATEST((_sn_x2__with_2__expected
- _sn_x2__with_2__observed) + CASE WHEN _sn_x2__with_2__observed > 0.0e0 THEN _sn_x2__with_2__observed * LN(CASE WHEN _sn_x2__with_2__observed
/ NULLIF(_sn_x2__with_2__expected, 0.0e0) > 0.0e0 THEN _sn_x2__with_2__observed / NULLIF(_sn_x2__with_2__expected, 0.0e0) END) ELSE
0.0e0 END, 0.0e0) >= 0.0e0 THEN 2.0e0 * GREATEST((_sn_x2__with_2__expected - _sn_x2__with_2__observed) + CASE WHEN _sn_x2__with_2__observed
> 0.0e0 THEN _sn_x2__with_2__observed * LN(CASE WHEN _sn_x2__with_2__observed / NULLIF(_sn_x2__with_2__expected, 0.0e0) > 0.0e0 THEN _sn_x2__with_2__observed
/ NULLIF(_sn_x2__with_2__expected, 0.0e0) END) ELSE 0.0e0 END, 0.0e0) END) WHEN NOT _sn_x2__with_2__observed IS NULL THEN 0.0e0 END AS
_sn_x2__with_2__missing, CASE WHEN _sn_x2__with_3__observed < _sn_x2__with_3__expected THEN SQRT(CASE WHEN 2.0e0 * GREATEST((_sn_x2__with_3__expected
- _sn_x2__with_3__observed) + CASE WHEN _sn_x2__with_3__observed > 0.0e0 THEN _sn_x2__with_3__observed * LN(CASE WHEN _sn_x2__with_3__observed
/ NULLIF(_sn_x2__with_3__expected, 0.0e0) > 0.0e0 THEN _sn_x2__with_3__observed / NULLIF(_sn_x2__with_3__expected, 0.0e0) END) ELSE
0.0e0 END, 0.0e0) >= 0.0e0 THEN 2.0e0 * GREATEST((_sn_x2__with_3__expected - _sn_x2__with_3__observed) + CASE WHEN _sn_x2__with_3__observed
> 0.0e0 THEN _sn_x2__with_3__observed * LN(CASE WHEN _sn_x2__with_3__observed / NULLIF(_sn_x2__with_3__expected, 0.0e0) > 0.0e0 THEN _sn_x2__with_3__observed
/ NULLIF(_sn_x2__with_3__expected, 0.0e0) END) ELSE 0.0e0 END, 0.0e0) END) WHEN NOT _sn_x2__with_3__observed IS NULL THEN 0.0e0 END AS
_sn_x2__with_3__missing, CASE WHEN _sn_x3__with_3__observed < _sn_x3__with_3__expected THEN SQRT(CASE WHEN 2.0e0 * GREATEST((_sn_x3__with_3__expected
- _sn_x3__with_3__observed) + CASE WHEN _sn_x3__with_3__observed > 0.0e0 THEN _sn_x3__with_3__observed * LN(CASE WHEN _sn_x3__with_3__observed
/ NULLIF(_sn_x3__with_3__expected, 0.0e0) > 0.0e0 THEN _sn_x3__with_3__observed / NULLIF(_sn_x3__with_3__expected, 0.0e0) END) ELSE
0.0e0 END, 0.0e0) >= 0.0e0 THEN 2.0e0 * GREATEST((_sn_x3__with_3__expected - _sn_x3__with_3__observed) + CASE WHEN _sn_x3__with_3__observed
> 0.0e0 THEN _sn_x3__with_3__observed * LN(CASE WHEN _sn_x3__with_3__observed / NULLIF(_sn_x3__with_3__expected, 0.0e0) > 0.0e0 THEN _sn_x3__with_3__observed
/ NULLIF(_sn_x3__with_3__expected, 0.0e0) END) ELSE 0.0e0 END, 0.0e0) END) WHEN NOT _sn_x3__with_3__observed IS NULL THEN 0.0e0 END AS
_sn_x3__with_3__missing
FROM independent), terms AS (SELECT *, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN NOT _sn_x1 IS NULL AND NOT
_sn_x2 IS NULL AND NOT _sn_x3 IS NULL AND NOT _sn_x4 IS NULL THEN GREATEST(0.0e0, _sn_x1__with_1__missing, _sn_x1__with_2__missing, _sn_x1__with_3__missing)
END END AS _sn_x1__term, CASE WHEN _sn_x2__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL AND
NOT _sn_x3 IS NULL AND NOT _sn_x4 IS NULL THEN GREATEST(0.0e0, _sn_x1__with_1__missing, _sn_x2__with_2__missing, _sn_x2__with_3__missing)
END END AS _sn_x2__term, CASE WHEN _sn_x3__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL AND
NOT _sn_x3 IS NULL AND NOT _sn_x4 IS NULL THEN GREATEST(0.0e0, _sn_x1__with_2__missing, _sn_x2__with_2__missing, _sn_x3__with_3__missing)
END END AS _sn_x3__term, CASE WHEN _sn_x4__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL AND
NOT _sn_x3 IS NULL AND NOT _sn_x4 IS NULL THEN GREATEST(0.0e0, _sn_x1__with_3__missing, _sn_x2__with_3__missing, _sn_x3__with_3__missing)
END END AS _sn_x4__term
FROM deficits), scored AS (SELECT *, CASE WHEN NOT _sn_x1__term IS NULL AND NOT _sn_x2__term IS NULL AND NOT _sn_x3__term IS NULL AND NOT
_sn_x4__term IS NULL THEN GREATEST(_sn_x1__term, _sn_x2__term, _sn_x3__term, _sn_x4__term) END AS _sn__score
FROM terms), ranked AS (SELECT *, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS
_sn__scores, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY CASE WHEN _sn__score
IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score, 0.0e0) DESC) AS _sn__not_below
FROM scored)
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , cutoff AS (SELECT _sn__key1, QUANTILE_CONT(_sn__score, {{ sqlnomaly.real(1 - s.contamination) }}) AS _sn__cutoff1
FROM ranked
WHERE _sn__fitted = 1
GROUP BY _sn__key1), limited AS (SELECT ranked.*, cutoff._sn__cutoff1
FROM ranked
LEFT JOIN cutoff ON ranked._sn__key1 IS NOT DISTINCT FROM cutoff._sn__key1){% endif %}
SELECT * EXCLUDE (_sn_x1, _sn_x2, _sn_x3, _sn_x4, _sn__key1, _sn__fitted, _sn__rows, _sn_x1__whole, _sn_x2__whole, _sn_x3__whole,
_sn_x4__whole, _sn_x1__with_1, _sn_x1__with_2, _sn_x1__with_3, _sn_x2__with_2, _sn_x2__with_3, _sn_x3__with_3, _sn_x1__whole__count,
_sn_x1__whole__n, _sn_x1__whole__scale, _sn_x2__whole__count, _sn_x2__whole__n, _sn_x2__whole__scale, _sn_x3__whole__count, _sn_x3__whole__n,
_sn_x3__whole__scale, _sn_x4__whole__count, _sn_x4__whole__n, _sn_x4__whole__scale, _sn_x1__with_1__count, _sn_x1__with_1__n, _sn_x1__with_1__scale,
_sn_x1__with_2__count, _sn_x1__with_2__n, _sn_x1__with_2__scale, _sn_x1__with_3__count, _sn_x1__with_3__n, _sn_x1__with_3__scale, _sn_x2__with_2__count,
_sn_x2__with_2__n, _sn_x2__with_2__scale, _sn_x2__with_3__count, _sn_x2__with_3__n, _sn_x2__with_3__scale, _sn_x3__with_3__count, _sn_x3__with_3__n,
_sn_x3__with_3__scale, _sn_x1__n, _sn_x1__scale, _sn_x2__n, _sn_x2__scale, _sn_x3__n, _sn_x3__scale, _sn_x4__n, _sn_x4__scale, _sn_x1__with_1__expected,
_sn_x1__with_1__observed, _sn_x1__with_2__expected, _sn_x1__with_2__observed, _sn_x1__with_3__expected, _sn_x1__with_3__observed, _sn_x2__with_2__expected,
_sn_x2__with_2__observed, _sn_x2__with_3__expected, _sn_x2__with_3__observed, _sn_x3__with_3__expected, _sn_x3__with_3__observed, _sn_x1__with_1__missing,
_sn_x1__with_2__missing, _sn_x1__with_3__missing, _sn_x2__with_2__missing, _sn_x2__with_3__missing, _sn_x3__with_3__missing, _sn_x1__term,
_sn_x2__term, _sn_x3__term, _sn_x4__term, _sn__score, _sn__scores, _sn__not_below
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
{{ sqlnomaly.no_such_way('rare_pairs', s, ['contamination, without order_by, 1 feature', 'contamination, without order_by, 2 features', 'contamination, without order_by, 3 features', 'contamination, without order_by, 4 features', 'threshold, without order_by, 1 feature', 'threshold, without order_by, 2 features', 'threshold, without order_by, 3 features', 'threshold, without order_by, 4 features']) }}
{%- endif -%}
{%- endmacro -%}

{#- sqlnomaly 0.1.0: benford for spark, generated; do not edit. -#}
{%- macro spark__sqlnomaly_benford(s) -%}
{%- do sqlnomaly.only_options('benford', s, []) -%}
{%- if not s.order and s.features | length == 1 and (s.rule, s.direction) in [('contamination', 'both'), ('threshold', 'both')] -%}
WITH source AS (SELECT *, CASE WHEN ABS(CAST({{ s.features[0].value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ s.features[0].value }} AS
DOUBLE) END AS _sn_x1, CAST({{ s.features[0].value }} AS DOUBLE) AS _sn_x1__raw, {{ s.key }} AS _sn__key1, CASE WHEN {{ s.filter }} THEN
1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), fitted AS (SELECT _sn__key1, COUNT(1) AS _sn__rows
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), counted AS (SELECT source.*, fitted._sn__rows
FROM source
LEFT JOIN fitted ON source._sn__key1 IS NOT DISTINCT FROM fitted._sn__key1), leads AS (SELECT *, (ABS(_sn_x1) / NULLIF(POWER(10.0e0,
FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x1) > 0.0e0 THEN ABS(_sn_x1) END) * 0.43429448190325176e0) * 0.5e0)), 0.0e0)) / NULLIF(POWER(10.0e0,
FLOOR(LN(CASE WHEN ABS(_sn_x1) > 0.0e0 THEN ABS(_sn_x1) END) * 0.43429448190325176e0) - FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x1)
> 0.0e0 THEN ABS(_sn_x1) END) * 0.43429448190325176e0) * 0.5e0)), 0.0e0) AS _sn_x1__lead
FROM counted), digits AS (SELECT *, CASE WHEN _sn_x1__lead * 1.000000000001e0 >= 10.0e0 THEN 1.0e0 WHEN _sn_x1__lead * 1.000000000001e0 <
1.0e0 THEN 9.0e0 WHEN NOT _sn_x1__lead IS NULL THEN FLOOR(_sn_x1__lead * 1.000000000001e0) END AS _sn_x1__digit
FROM leads), leads_2 AS (SELECT *, (ABS(_sn_x1) / NULLIF(POWER(10.0e0, FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x1) > 0.0e0 THEN
ABS(_sn_x1) END) * 0.43429448190325176e0) * 0.5e0)), 0.0e0)) / NULLIF(POWER(10.0e0, FLOOR(LN(CASE WHEN ABS(_sn_x1) > 0.0e0
THEN ABS(_sn_x1) END) * 0.43429448190325176e0) - FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x1) > 0.0e0 THEN ABS(_sn_x1) END) * 0.43429448190325176e0)
* 0.5e0)), 0.0e0) AS _sn_x1__lead
FROM source), digits_2 AS (SELECT *, CASE WHEN _sn_x1__lead * 1.000000000001e0 >= 10.0e0 THEN 1.0e0 WHEN _sn_x1__lead * 1.000000000001e0
< 1.0e0 THEN 9.0e0 WHEN NOT _sn_x1__lead IS NULL THEN FLOOR(_sn_x1__lead * 1.000000000001e0) END AS _sn_x1__digit
FROM leads_2), frequencies AS (SELECT _sn__key1, COUNT(_sn_x1) AS _sn_x1__n, COUNT(_sn_x1__digit) AS _sn_x1__digits, COUNT_IF(_sn_x1__digit
= 1.0e0) AS _sn_x1__count_1, COUNT_IF(_sn_x1__digit = 2.0e0) AS _sn_x1__count_2, COUNT_IF(_sn_x1__digit = 3.0e0) AS _sn_x1__count_3,
COUNT_IF(_sn_x1__digit = 4.0e0) AS _sn_x1__count_4, COUNT_IF(_sn_x1__digit = 5.0e0) AS _sn_x1__count_5, COUNT_IF(_sn_x1__digit = 6.0e0)
AS _sn_x1__count_6, COUNT_IF(_sn_x1__digit = 7.0e0) AS _sn_x1__count_7, COUNT_IF(_sn_x1__digit = 8.0e0) AS _sn_x1__count_8, COUNT_IF(_sn_x1__digit
= 9.0e0) AS _sn_x1__count_9
FROM digits_2
WHERE _sn__fitted = 1
GROUP BY _sn__key1), model AS (SELECT *, 1.0e0 AS _sn_x1__scale, (CAST(_sn_x1__count_1 AS DOUBLE) - (CASE WHEN _sn_x1__digits >= 20
THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.3010299956639812e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits
AS DOUBLE) END * 0.21041093737452465e0 >= 0.0e0 THEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.21041093737452465e0
END), 0.0e0) AS _sn_x1__level_1, (CAST(_sn_x1__count_2 AS DOUBLE) - (CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE)
END * 0.17609125905568124e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.14508312753986619e0
>= 0.0e0 THEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.14508312753986619e0 END), 0.0e0) AS _sn_x1__level_2, (CAST(_sn_x1__count_3
AS DOUBLE) - (CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.12493873660829992e0)) / NULLIF(SQRT(CASE
WHEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.10932904870302178e0 >= 0.0e0 THEN CASE WHEN _sn_x1__digits
>= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.10932904870302178e0 END), 0.0e0) AS _sn_x1__level_3, (CAST(_sn_x1__count_4 AS DOUBLE)
- (CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.09691001300805642e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN
_sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.08751846238683475e0 >= 0.0e0 THEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits
AS DOUBLE) END * 0.08751846238683475e0 END), 0.0e0) AS _sn_x1__level_4, (CAST(_sn_x1__count_5 AS DOUBLE) - (CASE WHEN _sn_x1__digits
>= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.07918124604762482e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x1__digits >= 20 THEN
CAST(_sn_x1__digits AS DOUBLE) END * 0.07291157632197032e0 >= 0.0e0 THEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE)
END * 0.07291157632197032e0 END), 0.0e0) AS _sn_x1__level_5, (CAST(_sn_x1__count_6 AS DOUBLE) - (CASE WHEN _sn_x1__digits >= 20 THEN
CAST(_sn_x1__digits AS DOUBLE) END * 0.06694678963061322e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits
AS DOUBLE) END * 0.06246491698876764e0 >= 0.0e0 THEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.06246491698876764e0
END), 0.0e0) AS _sn_x1__level_6, (CAST(_sn_x1__count_7 AS DOUBLE) - (CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE)
END * 0.05799194697768673e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.0546288810634239e0
>= 0.0e0 THEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.0546288810634239e0 END), 0.0e0) AS _sn_x1__level_7, (CAST(_sn_x1__count_8
AS DOUBLE) - (CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.05115252244738129e0)) / NULLIF(SQRT(CASE
WHEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.04853594189465144e0 >= 0.0e0 THEN CASE WHEN _sn_x1__digits
>= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.04853594189465144e0 END), 0.0e0) AS _sn_x1__level_8, (CAST(_sn_x1__count_9 AS DOUBLE)
- (CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.04575749056067514e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN
_sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.04366374261826487e0 >= 0.0e0 THEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits
AS DOUBLE) END * 0.04366374261826487e0 END), 0.0e0) AS _sn_x1__level_9
FROM frequencies), terms AS (SELECT digits.*, model._sn_x1__n, model._sn_x1__scale, CASE WHEN model._sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }}
THEN CASE WHEN digits._sn_x1 = 0.0e0 AND model._sn_x1__digits >= 20 THEN 0.0e0 WHEN digits._sn_x1__digit = 1.0e0 THEN model._sn_x1__level_1
WHEN digits._sn_x1__digit = 2.0e0 THEN model._sn_x1__level_2 WHEN digits._sn_x1__digit = 3.0e0 THEN model._sn_x1__level_3 WHEN digits._sn_x1__digit
= 4.0e0 THEN model._sn_x1__level_4 WHEN digits._sn_x1__digit = 5.0e0 THEN model._sn_x1__level_5 WHEN digits._sn_x1__digit = 6.0e0 THEN
model._sn_x1__level_6 WHEN digits._sn_x1__digit = 7.0e0 THEN model._sn_x1__level_7 WHEN digits._sn_x1__digit = 8.0e0 THEN model._sn_x1__level_8
WHEN digits._sn_x1__digit = 9.0e0 THEN model._sn_x1__level_9 END END AS _sn_x1__term, CASE WHEN NOT digits._sn_x1 IS NULL AND model._sn_x1__digits
< 20 THEN 'too_few_rows' END AS _sn__unscored
FROM digits
LEFT JOIN model ON digits._sn__key1 IS NOT DISTINCT FROM model._sn__key1), scored AS (SELECT *, _sn_x1__term AS _sn__score
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
SELECT * EXCEPT (_sn_x1, _sn_x1__raw, _sn__key1, _sn__fitted, _sn__rows, _sn_x1__lead, _sn_x1__digit, _sn_x1__n, _sn_x1__scale, _sn_x1__term,
_sn__unscored, _sn__score, _sn__scores, _sn__not_below
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , _sn__cutoff1{% endif %}
), _sn__score AS anomaly_score, CASE WHEN NOT _sn__score IS NULL AND _sn__fitted = 1 THEN 1.0e0 - (CAST(_sn__not_below AS DOUBLE) / NULLIF(CAST(_sn__scores
AS DOUBLE), 0.0e0)) WHEN NOT _sn__score IS NULL THEN 1.0e0 - ((CAST(_sn__not_below AS DOUBLE) + 1.0e0) / NULLIF(CAST(_sn__scores
AS DOUBLE) + 1.0e0, 0.0e0)) END AS anomaly_probability, _sn__score >
{%- if s.rule == 'threshold' %} {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }} AS is_anomaly, {{ sqlnomaly.real(s.threshold) }}{% elif s.rule == 'contamination' %} CASE WHEN NOT _sn__cutoff1 IS NULL THEN _sn__cutoff1 + (1e-09 * GREATEST(1.0e0, ABS(_sn__cutoff1))) END AS is_anomaly, _sn__cutoff1{% endif %}
AS anomaly_threshold, CASE WHEN NOT _sn__score IS NULL THEN {{ s.features[0].literal }} END AS anomaly_reason, CASE WHEN COALESCE(_sn__rows,
0) = 0 THEN 'unseen_group' WHEN _sn_x1__raw IS NULL THEN 'missing_value' WHEN _sn_x1 IS NULL THEN 'out_of_range' WHEN COALESCE(_sn_x1__n,
0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'too_few_rows' WHEN NOT _sn__unscored IS NULL THEN _sn__unscored WHEN _sn__score IS NULL OR FALSE
THEN 'constant_baseline' ELSE 'ok' END AS anomaly_status
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
LEFT JOIN fitted ON source._sn__key1 IS NOT DISTINCT FROM fitted._sn__key1), leads AS (SELECT *, (ABS(_sn_x1) / NULLIF(POWER(10.0e0,
FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x1) > 0.0e0 THEN ABS(_sn_x1) END) * 0.43429448190325176e0) * 0.5e0)), 0.0e0)) / NULLIF(POWER(10.0e0,
FLOOR(LN(CASE WHEN ABS(_sn_x1) > 0.0e0 THEN ABS(_sn_x1) END) * 0.43429448190325176e0) - FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x1)
> 0.0e0 THEN ABS(_sn_x1) END) * 0.43429448190325176e0) * 0.5e0)), 0.0e0) AS _sn_x1__lead, (ABS(_sn_x2) / NULLIF(POWER(10.0e0,
FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x2) > 0.0e0 THEN ABS(_sn_x2) END) * 0.43429448190325176e0) * 0.5e0)), 0.0e0)) / NULLIF(POWER(10.0e0,
FLOOR(LN(CASE WHEN ABS(_sn_x2) > 0.0e0 THEN ABS(_sn_x2) END) * 0.43429448190325176e0) - FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x2)
> 0.0e0 THEN ABS(_sn_x2) END) * 0.43429448190325176e0) * 0.5e0)), 0.0e0) AS _sn_x2__lead
FROM counted), digits AS (SELECT *, CASE WHEN _sn_x1__lead * 1.000000000001e0 >= 10.0e0 THEN 1.0e0 WHEN _sn_x1__lead * 1.000000000001e0 <
1.0e0 THEN 9.0e0 WHEN NOT _sn_x1__lead IS NULL THEN FLOOR(_sn_x1__lead * 1.000000000001e0) END AS _sn_x1__digit, CASE WHEN _sn_x2__lead *
1.000000000001e0 >= 10.0e0 THEN 1.0e0 WHEN _sn_x2__lead * 1.000000000001e0 < 1.0e0 THEN 9.0e0 WHEN NOT _sn_x2__lead IS NULL THEN FLOOR(_sn_x2__lead
* 1.000000000001e0) END AS _sn_x2__digit
FROM leads), leads_2 AS (SELECT *, (ABS(_sn_x1) / NULLIF(POWER(10.0e0, FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x1) > 0.0e0 THEN
ABS(_sn_x1) END) * 0.43429448190325176e0) * 0.5e0)), 0.0e0)) / NULLIF(POWER(10.0e0, FLOOR(LN(CASE WHEN ABS(_sn_x1) > 0.0e0
THEN ABS(_sn_x1) END) * 0.43429448190325176e0) - FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x1) > 0.0e0 THEN ABS(_sn_x1) END) * 0.43429448190325176e0)
* 0.5e0)), 0.0e0) AS _sn_x1__lead, (ABS(_sn_x2) / NULLIF(POWER(10.0e0, FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x2) > 0.0e0 THEN
ABS(_sn_x2) END) * 0.43429448190325176e0) * 0.5e0)), 0.0e0)) / NULLIF(POWER(10.0e0, FLOOR(LN(CASE WHEN ABS(_sn_x2) > 0.0e0
THEN ABS(_sn_x2) END) * 0.43429448190325176e0) - FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x2) > 0.0e0 THEN ABS(_sn_x2) END) * 0.43429448190325176e0)
* 0.5e0)), 0.0e0) AS _sn_x2__lead
FROM source), digits_2 AS (SELECT *, CASE WHEN _sn_x1__lead * 1.000000000001e0 >= 10.0e0 THEN 1.0e0 WHEN _sn_x1__lead * 1.000000000001e0
< 1.0e0 THEN 9.0e0 WHEN NOT _sn_x1__lead IS NULL THEN FLOOR(_sn_x1__lead * 1.000000000001e0) END AS _sn_x1__digit, CASE WHEN _sn_x2__lead
* 1.000000000001e0 >= 10.0e0 THEN 1.0e0 WHEN _sn_x2__lead * 1.000000000001e0 < 1.0e0 THEN 9.0e0 WHEN NOT _sn_x2__lead IS NULL THEN FLOOR(_sn_x2__lead
* 1.000000000001e0) END AS _sn_x2__digit
FROM leads_2), frequencies AS (SELECT _sn__key1, COUNT(_sn_x1) AS _sn_x1__n, COUNT(_sn_x1__digit) AS _sn_x1__digits, COUNT_IF(_sn_x1__digit
= 1.0e0) AS _sn_x1__count_1, COUNT_IF(_sn_x1__digit = 2.0e0) AS _sn_x1__count_2, COUNT_IF(_sn_x1__digit = 3.0e0) AS _sn_x1__count_3,
COUNT_IF(_sn_x1__digit = 4.0e0) AS _sn_x1__count_4, COUNT_IF(_sn_x1__digit = 5.0e0) AS _sn_x1__count_5, COUNT_IF(_sn_x1__digit = 6.0e0)
AS _sn_x1__count_6, COUNT_IF(_sn_x1__digit = 7.0e0) AS _sn_x1__count_7, COUNT_IF(_sn_x1__digit = 8.0e0) AS _sn_x1__count_8, COUNT_IF(_sn_x1__digit
= 9.0e0) AS _sn_x1__count_9, COUNT(_sn_x2) AS _sn_x2__n, COUNT(_sn_x2__digit) AS _sn_x2__digits, COUNT_IF(_sn_x2__digit = 1.0e0)
AS _sn_x2__count_1, COUNT_IF(_sn_x2__digit = 2.0e0) AS _sn_x2__count_2, COUNT_IF(_sn_x2__digit = 3.0e0) AS _sn_x2__count_3, COUNT_IF(_sn_x2__digit
= 4.0e0) AS _sn_x2__count_4, COUNT_IF(_sn_x2__digit = 5.0e0) AS _sn_x2__count_5, COUNT_IF(_sn_x2__digit = 6.0e0) AS _sn_x2__count_6,
COUNT_IF(_sn_x2__digit = 7.0e0) AS _sn_x2__count_7, COUNT_IF(_sn_x2__digit = 8.0e0) AS _sn_x2__count_8, COUNT_IF(_sn_x2__digit = 9.0e0)
AS _sn_x2__count_9
FROM digits_2
WHERE _sn__fitted = 1
GROUP BY _sn__key1), model AS (SELECT *, 1.0e0 AS _sn_x1__scale, (CAST(_sn_x1__count_1 AS DOUBLE) - (CASE WHEN _sn_x1__digits >= 20
THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.3010299956639812e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits
AS DOUBLE) END * 0.21041093737452465e0 >= 0.0e0 THEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.21041093737452465e0
END), 0.0e0) AS _sn_x1__level_1, (CAST(_sn_x1__count_2 AS DOUBLE) - (CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE)
END * 0.17609125905568124e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.14508312753986619e0
>= 0.0e0 THEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.14508312753986619e0 END), 0.0e0) AS _sn_x1__level_2, (CAST(_sn_x1__count_3
AS DOUBLE) - (CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.12493873660829992e0)) / NULLIF(SQRT(CASE
WHEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.10932904870302178e0 >= 0.0e0 THEN CASE WHEN _sn_x1__digits
>= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.10932904870302178e0 END), 0.0e0) AS _sn_x1__level_3, (CAST(_sn_x1__count_4 AS DOUBLE)
- (CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.09691001300805642e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN
_sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.08751846238683475e0 >= 0.0e0 THEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits
AS DOUBLE) END * 0.08751846238683475e0 END), 0.0e0) AS _sn_x1__level_4, (CAST(_sn_x1__count_5 AS DOUBLE) - (CASE WHEN _sn_x1__digits
>= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.07918124604762482e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x1__digits >= 20 THEN
CAST(_sn_x1__digits AS DOUBLE) END * 0.07291157632197032e0 >= 0.0e0 THEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE)
END * 0.07291157632197032e0 END), 0.0e0) AS _sn_x1__level_5, (CAST(_sn_x1__count_6 AS DOUBLE) - (CASE WHEN _sn_x1__digits >= 20 THEN
CAST(_sn_x1__digits AS DOUBLE) END * 0.06694678963061322e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits
AS DOUBLE) END * 0.06246491698876764e0 >= 0.0e0 THEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.06246491698876764e0
END), 0.0e0) AS _sn_x1__level_6, (CAST(_sn_x1__count_7 AS DOUBLE) - (CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE)
END * 0.05799194697768673e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.0546288810634239e0
>= 0.0e0 THEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.0546288810634239e0 END), 0.0e0) AS _sn_x1__level_7, (CAST(_sn_x1__count_8
AS DOUBLE) - (CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.05115252244738129e0)) / NULLIF(SQRT(CASE
WHEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.04853594189465144e0 >= 0.0e0 THEN CASE WHEN _sn_x1__digits
>= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.04853594189465144e0 END), 0.0e0) AS _sn_x1__level_8, (CAST(_sn_x1__count_9 AS DOUBLE)
- (CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.04575749056067514e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN
_sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.04366374261826487e0 >= 0.0e0 THEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits
AS DOUBLE) END * 0.04366374261826487e0 END), 0.0e0) AS _sn_x1__level_9, 1.0e0 AS _sn_x2__scale, (CAST(_sn_x2__count_1 AS DOUBLE) - (CASE
WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.3010299956639812e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x2__digits
>= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.21041093737452465e0 >= 0.0e0 THEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits
AS DOUBLE) END * 0.21041093737452465e0 END), 0.0e0) AS _sn_x2__level_1, (CAST(_sn_x2__count_2 AS DOUBLE) - (CASE WHEN _sn_x2__digits
>= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.17609125905568124e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x2__digits >= 20 THEN
CAST(_sn_x2__digits AS DOUBLE) END * 0.14508312753986619e0 >= 0.0e0 THEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE)
END * 0.14508312753986619e0 END), 0.0e0) AS _sn_x2__level_2, (CAST(_sn_x2__count_3 AS DOUBLE) - (CASE WHEN _sn_x2__digits >= 20 THEN
CAST(_sn_x2__digits AS DOUBLE) END * 0.12493873660829992e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits
AS DOUBLE) END * 0.10932904870302178e0 >= 0.0e0 THEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.10932904870302178e0
END), 0.0e0) AS _sn_x2__level_3, (CAST(_sn_x2__count_4 AS DOUBLE) - (CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE)
END * 0.09691001300805642e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.08751846238683475e0
>= 0.0e0 THEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.08751846238683475e0 END), 0.0e0) AS _sn_x2__level_4, (CAST(_sn_x2__count_5
AS DOUBLE) - (CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.07918124604762482e0)) / NULLIF(SQRT(CASE
WHEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.07291157632197032e0 >= 0.0e0 THEN CASE WHEN _sn_x2__digits
>= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.07291157632197032e0 END), 0.0e0) AS _sn_x2__level_5, (CAST(_sn_x2__count_6 AS DOUBLE)
- (CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.06694678963061322e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN
_sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.06246491698876764e0 >= 0.0e0 THEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits
AS DOUBLE) END * 0.06246491698876764e0 END), 0.0e0) AS _sn_x2__level_6, (CAST(_sn_x2__count_7 AS DOUBLE) - (CASE WHEN _sn_x2__digits
>= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.05799194697768673e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x2__digits >= 20 THEN
CAST(_sn_x2__digits AS DOUBLE) END * 0.0546288810634239e0 >= 0.0e0 THEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE)
END * 0.0546288810634239e0 END), 0.0e0) AS _sn_x2__level_7, (CAST(_sn_x2__count_8 AS DOUBLE) - (CASE WHEN _sn_x2__digits >= 20 THEN
CAST(_sn_x2__digits AS DOUBLE) END * 0.05115252244738129e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits
AS DOUBLE) END * 0.04853594189465144e0 >= 0.0e0 THEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.04853594189465144e0
END), 0.0e0) AS _sn_x2__level_8, (CAST(_sn_x2__count_9 AS DOUBLE) - (CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE)
END * 0.04575749056067514e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.04366374261826487e0
>= 0.0e0 THEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.04366374261826487e0 END), 0.0e0) AS _sn_x2__level_9
FROM frequencies), terms AS (SELECT digits.*, model._sn_x1__n, model._sn_x1__scale, model._sn_x2__n, model._sn_x2__scale, CASE
WHEN model._sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN digits._sn_x1 = 0.0e0 AND model._sn_x1__digits >= 20 THEN 0.0e0
WHEN digits._sn_x1__digit = 1.0e0 THEN model._sn_x1__level_1 WHEN digits._sn_x1__digit = 2.0e0 THEN model._sn_x1__level_2 WHEN digits._sn_x1__digit
= 3.0e0 THEN model._sn_x1__level_3 WHEN digits._sn_x1__digit = 4.0e0 THEN model._sn_x1__level_4 WHEN digits._sn_x1__digit = 5.0e0 THEN
model._sn_x1__level_5 WHEN digits._sn_x1__digit = 6.0e0 THEN model._sn_x1__level_6 WHEN digits._sn_x1__digit = 7.0e0 THEN model._sn_x1__level_7
WHEN digits._sn_x1__digit = 8.0e0 THEN model._sn_x1__level_8 WHEN digits._sn_x1__digit = 9.0e0 THEN model._sn_x1__level_9 END END AS
_sn_x1__term, CASE WHEN model._sn_x2__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN digits._sn_x2 = 0.0e0 AND model._sn_x2__digits
>= 20 THEN 0.0e0 WHEN digits._sn_x2__digit = 1.0e0 THEN model._sn_x2__level_1 WHEN digits._sn_x2__digit = 2.0e0 THEN model._sn_x2__level_2
WHEN digits._sn_x2__digit = 3.0e0 THEN model._sn_x2__level_3 WHEN digits._sn_x2__digit = 4.0e0 THEN model._sn_x2__level_4 WHEN digits._sn_x2__digit
= 5.0e0 THEN model._sn_x2__level_5 WHEN digits._sn_x2__digit = 6.0e0 THEN model._sn_x2__level_6 WHEN digits._sn_x2__digit = 7.0e0 THEN
model._sn_x2__level_7 WHEN digits._sn_x2__digit = 8.0e0 THEN model._sn_x2__level_8 WHEN digits._sn_x2__digit = 9.0e0 THEN model._sn_x2__level_9
END END AS _sn_x2__term, CASE WHEN (NOT digits._sn_x1 IS NULL AND model._sn_x1__digits < 20) OR (NOT digits._sn_x2 IS NULL AND model._sn_x2__digits
< 20) THEN 'too_few_rows' END AS _sn__unscored
FROM digits
LEFT JOIN model ON digits._sn__key1 IS NOT DISTINCT FROM model._sn__key1), scored AS (SELECT *, CASE WHEN NOT _sn_x1__term IS NULL AND
NOT _sn_x2__term IS NULL THEN GREATEST(_sn_x1__term, _sn_x2__term) END AS _sn__score
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
SELECT * EXCEPT (_sn_x1, _sn_x1__raw, _sn_x2, _sn_x2__raw, _sn__key1, _sn__fitted, _sn__rows, _sn_x1__lead, _sn_x2__lead, _sn_x1__digit,
_sn_x2__digit, _sn_x1__n, _sn_x1__scale, _sn_x2__n, _sn_x2__scale, _sn_x1__term, _sn_x2__term, _sn__unscored, _sn__score, _sn__scores,
_sn__not_below
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , _sn__cutoff1{% endif %}
), _sn__score AS anomaly_score, CASE WHEN NOT _sn__score IS NULL AND _sn__fitted = 1 THEN 1.0e0 - (CAST(_sn__not_below AS DOUBLE) / NULLIF(CAST(_sn__scores
AS DOUBLE), 0.0e0)) WHEN NOT _sn__score IS NULL THEN 1.0e0 - ((CAST(_sn__not_below AS DOUBLE) + 1.0e0) / NULLIF(CAST(_sn__scores
AS DOUBLE) + 1.0e0, 0.0e0)) END AS anomaly_probability, _sn__score >
{%- if s.rule == 'threshold' %} {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }} AS is_anomaly, {{ sqlnomaly.real(s.threshold) }}{% elif s.rule == 'contamination' %} CASE WHEN NOT _sn__cutoff1 IS NULL THEN _sn__cutoff1 + (1e-09 * GREATEST(1.0e0, ABS(_sn__cutoff1))) END AS is_anomaly, _sn__cutoff1{% endif %}
AS anomaly_threshold, CASE WHEN _sn__score IS NULL THEN NULL WHEN _sn_x1__term >= _sn__score - (1e-09 * GREATEST(1.0e0, ABS(_sn__score)))
THEN {{ s.features[0].literal }} WHEN _sn_x2__term >= _sn__score - (1e-09 * GREATEST(1.0e0, ABS(_sn__score))) THEN {{ s.features[1].literal }}
END AS anomaly_reason, CASE WHEN COALESCE(_sn__rows, 0) = 0 THEN 'unseen_group' WHEN _sn_x1__raw IS NULL OR _sn_x2__raw IS NULL THEN 'missing_value'
WHEN _sn_x1 IS NULL OR _sn_x2 IS NULL THEN 'out_of_range' WHEN COALESCE(_sn_x1__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} OR COALESCE(_sn_x2__n,
0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'too_few_rows' WHEN NOT _sn__unscored IS NULL THEN _sn__unscored WHEN _sn__score IS NULL OR (FALSE
AND FALSE) THEN 'constant_baseline' ELSE 'ok' END AS anomaly_status
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
LEFT JOIN fitted ON source._sn__key1 IS NOT DISTINCT FROM fitted._sn__key1), leads AS (SELECT *, (ABS(_sn_x1) / NULLIF(POWER(10.0e0,
FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x1) > 0.0e0 THEN ABS(_sn_x1) END) * 0.43429448190325176e0) * 0.5e0)), 0.0e0)) / NULLIF(POWER(10.0e0,
FLOOR(LN(CASE WHEN ABS(_sn_x1) > 0.0e0 THEN ABS(_sn_x1) END) * 0.43429448190325176e0) - FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x1)
> 0.0e0 THEN ABS(_sn_x1) END) * 0.43429448190325176e0) * 0.5e0)), 0.0e0) AS _sn_x1__lead, (ABS(_sn_x2) / NULLIF(POWER(10.0e0,
FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x2) > 0.0e0 THEN ABS(_sn_x2) END) * 0.43429448190325176e0) * 0.5e0)), 0.0e0)) / NULLIF(POWER(10.0e0,
FLOOR(LN(CASE WHEN ABS(_sn_x2) > 0.0e0 THEN ABS(_sn_x2) END) * 0.43429448190325176e0) - FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x2)
> 0.0e0 THEN ABS(_sn_x2) END) * 0.43429448190325176e0) * 0.5e0)), 0.0e0) AS _sn_x2__lead, (ABS(_sn_x3) / NULLIF(POWER(10.0e0,
FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x3) > 0.0e0 THEN ABS(_sn_x3) END) * 0.43429448190325176e0) * 0.5e0)), 0.0e0)) / NULLIF(POWER(10.0e0,
FLOOR(LN(CASE WHEN ABS(_sn_x3) > 0.0e0 THEN ABS(_sn_x3) END) * 0.43429448190325176e0) - FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x3)
> 0.0e0 THEN ABS(_sn_x3) END) * 0.43429448190325176e0) * 0.5e0)), 0.0e0) AS _sn_x3__lead
FROM counted), digits AS (SELECT *, CASE WHEN _sn_x1__lead * 1.000000000001e0 >= 10.0e0 THEN 1.0e0 WHEN _sn_x1__lead * 1.000000000001e0 <
1.0e0 THEN 9.0e0 WHEN NOT _sn_x1__lead IS NULL THEN FLOOR(_sn_x1__lead * 1.000000000001e0) END AS _sn_x1__digit, CASE WHEN _sn_x2__lead *
1.000000000001e0 >= 10.0e0 THEN 1.0e0 WHEN _sn_x2__lead * 1.000000000001e0 < 1.0e0 THEN 9.0e0 WHEN NOT _sn_x2__lead IS NULL THEN FLOOR(_sn_x2__lead
* 1.000000000001e0) END AS _sn_x2__digit, CASE WHEN _sn_x3__lead * 1.000000000001e0 >= 10.0e0 THEN 1.0e0 WHEN _sn_x3__lead * 1.000000000001e0
< 1.0e0 THEN 9.0e0 WHEN NOT _sn_x3__lead IS NULL THEN FLOOR(_sn_x3__lead * 1.000000000001e0) END AS _sn_x3__digit
FROM leads), leads_2 AS (SELECT *, (ABS(_sn_x1) / NULLIF(POWER(10.0e0, FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x1) > 0.0e0 THEN
ABS(_sn_x1) END) * 0.43429448190325176e0) * 0.5e0)), 0.0e0)) / NULLIF(POWER(10.0e0, FLOOR(LN(CASE WHEN ABS(_sn_x1) > 0.0e0
THEN ABS(_sn_x1) END) * 0.43429448190325176e0) - FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x1) > 0.0e0 THEN ABS(_sn_x1) END) * 0.43429448190325176e0)
* 0.5e0)), 0.0e0) AS _sn_x1__lead, (ABS(_sn_x2) / NULLIF(POWER(10.0e0, FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x2) > 0.0e0 THEN
ABS(_sn_x2) END) * 0.43429448190325176e0) * 0.5e0)), 0.0e0)) / NULLIF(POWER(10.0e0, FLOOR(LN(CASE WHEN ABS(_sn_x2) > 0.0e0
THEN ABS(_sn_x2) END) * 0.43429448190325176e0) - FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x2) > 0.0e0 THEN ABS(_sn_x2) END) * 0.43429448190325176e0)
* 0.5e0)), 0.0e0) AS _sn_x2__lead, (ABS(_sn_x3) / NULLIF(POWER(10.0e0, FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x3) > 0.0e0 THEN
ABS(_sn_x3) END) * 0.43429448190325176e0) * 0.5e0)), 0.0e0)) / NULLIF(POWER(10.0e0, FLOOR(LN(CASE WHEN ABS(_sn_x3) > 0.0e0
THEN ABS(_sn_x3) END) * 0.43429448190325176e0) - FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x3) > 0.0e0 THEN ABS(_sn_x3) END) * 0.43429448190325176e0)
* 0.5e0)), 0.0e0) AS _sn_x3__lead
FROM source), digits_2 AS (SELECT *, CASE WHEN _sn_x1__lead * 1.000000000001e0 >= 10.0e0 THEN 1.0e0 WHEN _sn_x1__lead * 1.000000000001e0
< 1.0e0 THEN 9.0e0 WHEN NOT _sn_x1__lead IS NULL THEN FLOOR(_sn_x1__lead * 1.000000000001e0) END AS _sn_x1__digit, CASE WHEN _sn_x2__lead
* 1.000000000001e0 >= 10.0e0 THEN 1.0e0 WHEN _sn_x2__lead * 1.000000000001e0 < 1.0e0 THEN 9.0e0 WHEN NOT _sn_x2__lead IS NULL THEN FLOOR(_sn_x2__lead
* 1.000000000001e0) END AS _sn_x2__digit, CASE WHEN _sn_x3__lead * 1.000000000001e0 >= 10.0e0 THEN 1.0e0 WHEN _sn_x3__lead * 1.000000000001e0
< 1.0e0 THEN 9.0e0 WHEN NOT _sn_x3__lead IS NULL THEN FLOOR(_sn_x3__lead * 1.000000000001e0) END AS _sn_x3__digit
FROM leads_2), frequencies AS (SELECT _sn__key1, COUNT(_sn_x1) AS _sn_x1__n, COUNT(_sn_x1__digit) AS _sn_x1__digits, COUNT_IF(_sn_x1__digit
= 1.0e0) AS _sn_x1__count_1, COUNT_IF(_sn_x1__digit = 2.0e0) AS _sn_x1__count_2, COUNT_IF(_sn_x1__digit = 3.0e0) AS _sn_x1__count_3,
COUNT_IF(_sn_x1__digit = 4.0e0) AS _sn_x1__count_4, COUNT_IF(_sn_x1__digit = 5.0e0) AS _sn_x1__count_5, COUNT_IF(_sn_x1__digit = 6.0e0)
AS _sn_x1__count_6, COUNT_IF(_sn_x1__digit = 7.0e0) AS _sn_x1__count_7, COUNT_IF(_sn_x1__digit = 8.0e0) AS _sn_x1__count_8, COUNT_IF(_sn_x1__digit
= 9.0e0) AS _sn_x1__count_9, COUNT(_sn_x2) AS _sn_x2__n, COUNT(_sn_x2__digit) AS _sn_x2__digits, COUNT_IF(_sn_x2__digit = 1.0e0)
AS _sn_x2__count_1, COUNT_IF(_sn_x2__digit = 2.0e0) AS _sn_x2__count_2, COUNT_IF(_sn_x2__digit = 3.0e0) AS _sn_x2__count_3, COUNT_IF(_sn_x2__digit
= 4.0e0) AS _sn_x2__count_4, COUNT_IF(_sn_x2__digit = 5.0e0) AS _sn_x2__count_5, COUNT_IF(_sn_x2__digit = 6.0e0) AS _sn_x2__count_6,
COUNT_IF(_sn_x2__digit = 7.0e0) AS _sn_x2__count_7, COUNT_IF(_sn_x2__digit = 8.0e0) AS _sn_x2__count_8, COUNT_IF(_sn_x2__digit = 9.0e0)
AS _sn_x2__count_9, COUNT(_sn_x3) AS _sn_x3__n, COUNT(_sn_x3__digit) AS _sn_x3__digits, COUNT_IF(_sn_x3__digit = 1.0e0) AS _sn_x3__count_1,
COUNT_IF(_sn_x3__digit = 2.0e0) AS _sn_x3__count_2, COUNT_IF(_sn_x3__digit = 3.0e0) AS _sn_x3__count_3, COUNT_IF(_sn_x3__digit = 4.0e0)
AS _sn_x3__count_4, COUNT_IF(_sn_x3__digit = 5.0e0) AS _sn_x3__count_5, COUNT_IF(_sn_x3__digit = 6.0e0) AS _sn_x3__count_6, COUNT_IF(_sn_x3__digit
= 7.0e0) AS _sn_x3__count_7, COUNT_IF(_sn_x3__digit = 8.0e0) AS _sn_x3__count_8, COUNT_IF(_sn_x3__digit = 9.0e0) AS _sn_x3__count_9
FROM digits_2
WHERE _sn__fitted = 1
GROUP BY _sn__key1), model AS (SELECT *, 1.0e0 AS _sn_x1__scale, (CAST(_sn_x1__count_1 AS DOUBLE) - (CASE WHEN _sn_x1__digits >= 20
THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.3010299956639812e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits
AS DOUBLE) END * 0.21041093737452465e0 >= 0.0e0 THEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.21041093737452465e0
END), 0.0e0) AS _sn_x1__level_1, (CAST(_sn_x1__count_2 AS DOUBLE) - (CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE)
END * 0.17609125905568124e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.14508312753986619e0
>= 0.0e0 THEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.14508312753986619e0 END), 0.0e0) AS _sn_x1__level_2, (CAST(_sn_x1__count_3
AS DOUBLE) - (CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.12493873660829992e0)) / NULLIF(SQRT(CASE
WHEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.10932904870302178e0 >= 0.0e0 THEN CASE WHEN _sn_x1__digits
>= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.10932904870302178e0 END), 0.0e0) AS _sn_x1__level_3, (CAST(_sn_x1__count_4 AS DOUBLE)
- (CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.09691001300805642e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN
_sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.08751846238683475e0 >= 0.0e0 THEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits
AS DOUBLE) END * 0.08751846238683475e0 END), 0.0e0) AS _sn_x1__level_4, (CAST(_sn_x1__count_5 AS DOUBLE) - (CASE WHEN _sn_x1__digits
>= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.07918124604762482e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x1__digits >= 20 THEN
CAST(_sn_x1__digits AS DOUBLE) END * 0.07291157632197032e0 >= 0.0e0 THEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE)
END * 0.07291157632197032e0 END), 0.0e0) AS _sn_x1__level_5, (CAST(_sn_x1__count_6 AS DOUBLE) - (CASE WHEN _sn_x1__digits >= 20 THEN
CAST(_sn_x1__digits AS DOUBLE) END * 0.06694678963061322e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits
AS DOUBLE) END * 0.06246491698876764e0 >= 0.0e0 THEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.06246491698876764e0
END), 0.0e0) AS _sn_x1__level_6, (CAST(_sn_x1__count_7 AS DOUBLE) - (CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE)
END * 0.05799194697768673e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.0546288810634239e0
>= 0.0e0 THEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.0546288810634239e0 END), 0.0e0) AS _sn_x1__level_7, (CAST(_sn_x1__count_8
AS DOUBLE) - (CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.05115252244738129e0)) / NULLIF(SQRT(CASE
WHEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.04853594189465144e0 >= 0.0e0 THEN CASE WHEN _sn_x1__digits
>= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.04853594189465144e0 END), 0.0e0) AS _sn_x1__level_8, (CAST(_sn_x1__count_9 AS DOUBLE)
- (CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.04575749056067514e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN
_sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.04366374261826487e0 >= 0.0e0 THEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits
AS DOUBLE) END * 0.04366374261826487e0 END), 0.0e0) AS _sn_x1__level_9, 1.0e0 AS _sn_x2__scale, (CAST(_sn_x2__count_1 AS DOUBLE) - (CASE
WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.3010299956639812e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x2__digits
>= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.21041093737452465e0 >= 0.0e0 THEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits
AS DOUBLE) END * 0.21041093737452465e0 END), 0.0e0) AS _sn_x2__level_1, (CAST(_sn_x2__count_2 AS DOUBLE) - (CASE WHEN _sn_x2__digits
>= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.17609125905568124e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x2__digits >= 20 THEN
CAST(_sn_x2__digits AS DOUBLE) END * 0.14508312753986619e0 >= 0.0e0 THEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE)
END * 0.14508312753986619e0 END), 0.0e0) AS _sn_x2__level_2, (CAST(_sn_x2__count_3 AS DOUBLE) - (CASE WHEN _sn_x2__digits >= 20 THEN
CAST(_sn_x2__digits AS DOUBLE) END * 0.12493873660829992e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits
AS DOUBLE) END * 0.10932904870302178e0 >= 0.0e0 THEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.10932904870302178e0
END), 0.0e0) AS _sn_x2__level_3, (CAST(_sn_x2__count_4 AS DOUBLE) - (CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE)
END * 0.09691001300805642e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.08751846238683475e0
>= 0.0e0 THEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.08751846238683475e0 END), 0.0e0) AS _sn_x2__level_4, (CAST(_sn_x2__count_5
AS DOUBLE) - (CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.07918124604762482e0)) / NULLIF(SQRT(CASE
WHEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.07291157632197032e0 >= 0.0e0 THEN CASE WHEN _sn_x2__digits
>= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.07291157632197032e0 END), 0.0e0) AS _sn_x2__level_5, (CAST(_sn_x2__count_6 AS DOUBLE)
- (CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.06694678963061322e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN
_sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.06246491698876764e0 >= 0.0e0 THEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits
AS DOUBLE) END * 0.06246491698876764e0 END), 0.0e0) AS _sn_x2__level_6, (CAST(_sn_x2__count_7 AS DOUBLE) - (CASE WHEN _sn_x2__digits
>= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.05799194697768673e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x2__digits >= 20 THEN
CAST(_sn_x2__digits AS DOUBLE) END * 0.0546288810634239e0 >= 0.0e0 THEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE)
END * 0.0546288810634239e0 END), 0.0e0) AS _sn_x2__level_7, (CAST(_sn_x2__count_8 AS DOUBLE) - (CASE WHEN _sn_x2__digits >= 20 THEN
CAST(_sn_x2__digits AS DOUBLE) END * 0.05115252244738129e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits
AS DOUBLE) END * 0.04853594189465144e0 >= 0.0e0 THEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.04853594189465144e0
END), 0.0e0) AS _sn_x2__level_8, (CAST(_sn_x2__count_9 AS DOUBLE) - (CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE)
END * 0.04575749056067514e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.04366374261826487e0
>= 0.0e0 THEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.04366374261826487e0 END), 0.0e0) AS _sn_x2__level_9,
1.0e0 AS _sn_x3__scale, (CAST(_sn_x3__count_1 AS DOUBLE) - (CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END *
0.3010299956639812e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END * 0.21041093737452465e0
>= 0.0e0 THEN CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END * 0.21041093737452465e0 END), 0.0e0) AS _sn_x3__level_1, (CAST(_sn_x3__count_2
AS DOUBLE) - (CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END * 0.17609125905568124e0)) / NULLIF(SQRT(CASE
WHEN CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END * 0.14508312753986619e0 >= 0.0e0 THEN CASE WHEN _sn_x3__digits
>= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END * 0.14508312753986619e0 END), 0.0e0) AS _sn_x3__level_2, (CAST(_sn_x3__count_3 AS DOUBLE)
- (CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END * 0.12493873660829992e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN
_sn_x3__digits >= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END * 0.10932904870302178e0 >= 0.0e0 THEN CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits
AS DOUBLE) END * 0.10932904870302178e0 END), 0.0e0) AS _sn_x3__level_3, (CAST(_sn_x3__count_4 AS DOUBLE) - (CASE WHEN _sn_x3__digits
>= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END * 0.09691001300805642e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x3__digits >= 20 THEN
CAST(_sn_x3__digits AS DOUBLE) END * 0.08751846238683475e0 >= 0.0e0 THEN CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits AS DOUBLE)
END * 0.08751846238683475e0 END), 0.0e0) AS _sn_x3__level_4, (CAST(_sn_x3__count_5 AS DOUBLE) - (CASE WHEN _sn_x3__digits >= 20 THEN
CAST(_sn_x3__digits AS DOUBLE) END * 0.07918124604762482e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits
AS DOUBLE) END * 0.07291157632197032e0 >= 0.0e0 THEN CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END * 0.07291157632197032e0
END), 0.0e0) AS _sn_x3__level_5, (CAST(_sn_x3__count_6 AS DOUBLE) - (CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits AS DOUBLE)
END * 0.06694678963061322e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END * 0.06246491698876764e0
>= 0.0e0 THEN CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END * 0.06246491698876764e0 END), 0.0e0) AS _sn_x3__level_6, (CAST(_sn_x3__count_7
AS DOUBLE) - (CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END * 0.05799194697768673e0)) / NULLIF(SQRT(CASE
WHEN CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END * 0.0546288810634239e0 >= 0.0e0 THEN CASE WHEN _sn_x3__digits
>= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END * 0.0546288810634239e0 END), 0.0e0) AS _sn_x3__level_7, (CAST(_sn_x3__count_8 AS DOUBLE)
- (CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END * 0.05115252244738129e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN
_sn_x3__digits >= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END * 0.04853594189465144e0 >= 0.0e0 THEN CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits
AS DOUBLE) END * 0.04853594189465144e0 END), 0.0e0) AS _sn_x3__level_8, (CAST(_sn_x3__count_9 AS DOUBLE) - (CASE WHEN _sn_x3__digits
>= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END * 0.04575749056067514e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x3__digits >= 20 THEN
CAST(_sn_x3__digits AS DOUBLE) END * 0.04366374261826487e0 >= 0.0e0 THEN CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits AS DOUBLE)
END * 0.04366374261826487e0 END), 0.0e0) AS _sn_x3__level_9
FROM frequencies), terms AS (SELECT digits.*, model._sn_x1__n, model._sn_x1__scale, model._sn_x2__n, model._sn_x2__scale, model._sn_x3__n,
model._sn_x3__scale, CASE WHEN model._sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN digits._sn_x1 = 0.0e0 AND model._sn_x1__digits
>= 20 THEN 0.0e0 WHEN digits._sn_x1__digit = 1.0e0 THEN model._sn_x1__level_1 WHEN digits._sn_x1__digit = 2.0e0 THEN model._sn_x1__level_2
WHEN digits._sn_x1__digit = 3.0e0 THEN model._sn_x1__level_3 WHEN digits._sn_x1__digit = 4.0e0 THEN model._sn_x1__level_4 WHEN digits._sn_x1__digit
= 5.0e0 THEN model._sn_x1__level_5 WHEN digits._sn_x1__digit = 6.0e0 THEN model._sn_x1__level_6 WHEN digits._sn_x1__digit = 7.0e0 THEN
model._sn_x1__level_7 WHEN digits._sn_x1__digit = 8.0e0 THEN model._sn_x1__level_8 WHEN digits._sn_x1__digit = 9.0e0 THEN model._sn_x1__level_9
END END AS _sn_x1__term, CASE WHEN model._sn_x2__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN digits._sn_x2 = 0.0e0 AND model._sn_x2__digits
>= 20 THEN 0.0e0 WHEN digits._sn_x2__digit = 1.0e0 THEN model._sn_x2__level_1 WHEN digits._sn_x2__digit = 2.0e0 THEN model._sn_x2__level_2
WHEN digits._sn_x2__digit = 3.0e0 THEN model._sn_x2__level_3 WHEN digits._sn_x2__digit = 4.0e0 THEN model._sn_x2__level_4 WHEN digits._sn_x2__digit
= 5.0e0 THEN model._sn_x2__level_5 WHEN digits._sn_x2__digit = 6.0e0 THEN model._sn_x2__level_6 WHEN digits._sn_x2__digit = 7.0e0 THEN
model._sn_x2__level_7 WHEN digits._sn_x2__digit = 8.0e0 THEN model._sn_x2__level_8 WHEN digits._sn_x2__digit = 9.0e0 THEN model._sn_x2__level_9
END END AS _sn_x2__term, CASE WHEN model._sn_x3__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN digits._sn_x3 = 0.0e0 AND model._sn_x3__digits
>= 20 THEN 0.0e0 WHEN digits._sn_x3__digit = 1.0e0 THEN model._sn_x3__level_1 WHEN digits._sn_x3__digit = 2.0e0 THEN model._sn_x3__level_2
WHEN digits._sn_x3__digit = 3.0e0 THEN model._sn_x3__level_3 WHEN digits._sn_x3__digit = 4.0e0 THEN model._sn_x3__level_4 WHEN digits._sn_x3__digit
= 5.0e0 THEN model._sn_x3__level_5 WHEN digits._sn_x3__digit = 6.0e0 THEN model._sn_x3__level_6 WHEN digits._sn_x3__digit = 7.0e0 THEN
model._sn_x3__level_7 WHEN digits._sn_x3__digit = 8.0e0 THEN model._sn_x3__level_8 WHEN digits._sn_x3__digit = 9.0e0 THEN model._sn_x3__level_9
END END AS _sn_x3__term, CASE WHEN (NOT digits._sn_x1 IS NULL AND model._sn_x1__digits < 20) OR (NOT digits._sn_x2 IS NULL AND model._sn_x2__digits
< 20) OR (NOT digits._sn_x3 IS NULL AND model._sn_x3__digits < 20) THEN 'too_few_rows' END AS _sn__unscored
FROM digits
LEFT JOIN model ON digits._sn__key1 IS NOT DISTINCT FROM model._sn__key1), scored AS (SELECT *, CASE WHEN NOT _sn_x1__term IS NULL AND
NOT _sn_x2__term IS NULL AND NOT _sn_x3__term IS NULL THEN GREATEST(_sn_x1__term, _sn_x2__term, _sn_x3__term) END AS _sn__score
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
SELECT * EXCEPT (_sn_x1, _sn_x1__raw, _sn_x2, _sn_x2__raw, _sn_x3, _sn_x3__raw, _sn__key1, _sn__fitted, _sn__rows, _sn_x1__lead, _sn_x2__lead,
_sn_x3__lead, _sn_x1__digit, _sn_x2__digit, _sn_x3__digit, _sn_x1__n, _sn_x1__scale, _sn_x2__n, _sn_x2__scale, _sn_x3__n, _sn_x3__scale,
_sn_x1__term, _sn_x2__term, _sn_x3__term, _sn__unscored, _sn__score, _sn__scores, _sn__not_below
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , _sn__cutoff1{% endif %}
), _sn__score AS anomaly_score, CASE WHEN NOT _sn__score IS NULL AND _sn__fitted = 1 THEN 1.0e0 - (CAST(_sn__not_below AS DOUBLE) / NULLIF(CAST(_sn__scores
AS DOUBLE), 0.0e0)) WHEN NOT _sn__score IS NULL THEN 1.0e0 - ((CAST(_sn__not_below AS DOUBLE) + 1.0e0) / NULLIF(CAST(_sn__scores
AS DOUBLE) + 1.0e0, 0.0e0)) END AS anomaly_probability, _sn__score >
{%- if s.rule == 'threshold' %} {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }} AS is_anomaly, {{ sqlnomaly.real(s.threshold) }}{% elif s.rule == 'contamination' %} CASE WHEN NOT _sn__cutoff1 IS NULL THEN _sn__cutoff1 + (1e-09 * GREATEST(1.0e0, ABS(_sn__cutoff1))) END AS is_anomaly, _sn__cutoff1{% endif %}
AS anomaly_threshold, CASE WHEN _sn__score IS NULL THEN NULL WHEN _sn_x1__term >= _sn__score - (1e-09 * GREATEST(1.0e0, ABS(_sn__score)))
THEN {{ s.features[0].literal }} WHEN _sn_x2__term >= _sn__score - (1e-09 * GREATEST(1.0e0, ABS(_sn__score))) THEN {{ s.features[1].literal }}
WHEN _sn_x3__term >= _sn__score - (1e-09 * GREATEST(1.0e0, ABS(_sn__score))) THEN {{ s.features[2].literal }} END AS anomaly_reason,
CASE WHEN COALESCE(_sn__rows, 0) = 0 THEN 'unseen_group' WHEN _sn_x1__raw IS NULL OR _sn_x2__raw IS NULL OR _sn_x3__raw IS NULL THEN 'missing_value'
WHEN _sn_x1 IS NULL OR _sn_x2 IS NULL OR _sn_x3 IS NULL THEN 'out_of_range' WHEN COALESCE(_sn_x1__n, 0) < {{ sqlnomaly.whole(s.min_rows) }}
OR COALESCE(_sn_x2__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} OR COALESCE(_sn_x3__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'too_few_rows'
WHEN NOT _sn__unscored IS NULL THEN _sn__unscored WHEN _sn__score IS NULL OR (FALSE AND FALSE AND FALSE) THEN 'constant_baseline' ELSE 'ok'
END AS anomaly_status
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
LEFT JOIN fitted ON source._sn__key1 IS NOT DISTINCT FROM fitted._sn__key1), leads AS (SELECT *, (ABS(_sn_x1) / NULLIF(POWER(10.0e0,
FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x1) > 0.0e0 THEN ABS(_sn_x1) END) * 0.43429448190325176e0) * 0.5e0)), 0.0e0)) / NULLIF(POWER(10.0e0,
FLOOR(LN(CASE WHEN ABS(_sn_x1) > 0.0e0 THEN ABS(_sn_x1) END) * 0.43429448190325176e0) - FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x1)
> 0.0e0 THEN ABS(_sn_x1) END) * 0.43429448190325176e0) * 0.5e0)), 0.0e0) AS _sn_x1__lead, (ABS(_sn_x2) / NULLIF(POWER(10.0e0,
FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x2) > 0.0e0 THEN ABS(_sn_x2) END) * 0.43429448190325176e0) * 0.5e0)), 0.0e0)) / NULLIF(POWER(10.0e0,
FLOOR(LN(CASE WHEN ABS(_sn_x2) > 0.0e0 THEN ABS(_sn_x2) END) * 0.43429448190325176e0) - FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x2)
> 0.0e0 THEN ABS(_sn_x2) END) * 0.43429448190325176e0) * 0.5e0)), 0.0e0) AS _sn_x2__lead, (ABS(_sn_x3) / NULLIF(POWER(10.0e0,
FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x3) > 0.0e0 THEN ABS(_sn_x3) END) * 0.43429448190325176e0) * 0.5e0)), 0.0e0)) / NULLIF(POWER(10.0e0,
FLOOR(LN(CASE WHEN ABS(_sn_x3) > 0.0e0 THEN ABS(_sn_x3) END) * 0.43429448190325176e0) - FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x3)
> 0.0e0 THEN ABS(_sn_x3) END) * 0.43429448190325176e0) * 0.5e0)), 0.0e0) AS _sn_x3__lead, (ABS(_sn_x4) / NULLIF(POWER(10.0e0,
FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x4) > 0.0e0 THEN ABS(_sn_x4) END) * 0.43429448190325176e0) * 0.5e0)), 0.0e0)) / NULLIF(POWER(10.0e0,
FLOOR(LN(CASE WHEN ABS(_sn_x4) > 0.0e0 THEN ABS(_sn_x4) END) * 0.43429448190325176e0) - FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x4)
> 0.0e0 THEN ABS(_sn_x4) END) * 0.43429448190325176e0) * 0.5e0)), 0.0e0) AS _sn_x4__lead
FROM counted), digits AS (SELECT *, CASE WHEN _sn_x1__lead * 1.000000000001e0 >= 10.0e0 THEN 1.0e0 WHEN _sn_x1__lead * 1.000000000001e0 <
1.0e0 THEN 9.0e0 WHEN NOT _sn_x1__lead IS NULL THEN FLOOR(_sn_x1__lead * 1.000000000001e0) END AS _sn_x1__digit, CASE WHEN _sn_x2__lead *
1.000000000001e0 >= 10.0e0 THEN 1.0e0 WHEN _sn_x2__lead * 1.000000000001e0 < 1.0e0 THEN 9.0e0 WHEN NOT _sn_x2__lead IS NULL THEN FLOOR(_sn_x2__lead
* 1.000000000001e0) END AS _sn_x2__digit, CASE WHEN _sn_x3__lead * 1.000000000001e0 >= 10.0e0 THEN 1.0e0 WHEN _sn_x3__lead * 1.000000000001e0
< 1.0e0 THEN 9.0e0 WHEN NOT _sn_x3__lead IS NULL THEN FLOOR(_sn_x3__lead * 1.000000000001e0) END AS _sn_x3__digit, CASE WHEN _sn_x4__lead
* 1.000000000001e0 >= 10.0e0 THEN 1.0e0 WHEN _sn_x4__lead * 1.000000000001e0 < 1.0e0 THEN 9.0e0 WHEN NOT _sn_x4__lead IS NULL THEN FLOOR(_sn_x4__lead
* 1.000000000001e0) END AS _sn_x4__digit
FROM leads), leads_2 AS (SELECT *, (ABS(_sn_x1) / NULLIF(POWER(10.0e0, FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x1) > 0.0e0 THEN
ABS(_sn_x1) END) * 0.43429448190325176e0) * 0.5e0)), 0.0e0)) / NULLIF(POWER(10.0e0, FLOOR(LN(CASE WHEN ABS(_sn_x1) > 0.0e0
THEN ABS(_sn_x1) END) * 0.43429448190325176e0) - FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x1) > 0.0e0 THEN ABS(_sn_x1) END) * 0.43429448190325176e0)
* 0.5e0)), 0.0e0) AS _sn_x1__lead, (ABS(_sn_x2) / NULLIF(POWER(10.0e0, FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x2) > 0.0e0 THEN
ABS(_sn_x2) END) * 0.43429448190325176e0) * 0.5e0)), 0.0e0)) / NULLIF(POWER(10.0e0, FLOOR(LN(CASE WHEN ABS(_sn_x2) > 0.0e0
THEN ABS(_sn_x2) END) * 0.43429448190325176e0) - FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x2) > 0.0e0 THEN ABS(_sn_x2) END) * 0.43429448190325176e0)
* 0.5e0)), 0.0e0) AS _sn_x2__lead, (ABS(_sn_x3) / NULLIF(POWER(10.0e0, FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x3) > 0.0e0 THEN
ABS(_sn_x3) END) * 0.43429448190325176e0) * 0.5e0)), 0.0e0)) / NULLIF(POWER(10.0e0, FLOOR(LN(CASE WHEN ABS(_sn_x3) > 0.0e0
THEN ABS(_sn_x3) END) * 0.43429448190325176e0) - FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x3) > 0.0e0 THEN ABS(_sn_x3) END) * 0.43429448190325176e0)
* 0.5e0)), 0.0e0) AS _sn_x3__lead, (ABS(_sn_x4) / NULLIF(POWER(10.0e0, FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x4) > 0.0e0 THEN
ABS(_sn_x4) END) * 0.43429448190325176e0) * 0.5e0)), 0.0e0)) / NULLIF(POWER(10.0e0, FLOOR(LN(CASE WHEN ABS(_sn_x4) > 0.0e0
THEN ABS(_sn_x4) END) * 0.43429448190325176e0) - FLOOR(FLOOR(LN(CASE WHEN ABS(_sn_x4) > 0.0e0 THEN ABS(_sn_x4) END) * 0.43429448190325176e0)
* 0.5e0)), 0.0e0) AS _sn_x4__lead
FROM source), digits_2 AS (SELECT *, CASE WHEN _sn_x1__lead * 1.000000000001e0 >= 10.0e0 THEN 1.0e0 WHEN _sn_x1__lead * 1.000000000001e0
< 1.0e0 THEN 9.0e0 WHEN NOT _sn_x1__lead IS NULL THEN FLOOR(_sn_x1__lead * 1.000000000001e0) END AS _sn_x1__digit, CASE WHEN _sn_x2__lead
* 1.000000000001e0 >= 10.0e0 THEN 1.0e0 WHEN _sn_x2__lead * 1.000000000001e0 < 1.0e0 THEN 9.0e0 WHEN NOT _sn_x2__lead IS NULL THEN FLOOR(_sn_x2__lead
* 1.000000000001e0) END AS _sn_x2__digit, CASE WHEN _sn_x3__lead * 1.000000000001e0 >= 10.0e0 THEN 1.0e0 WHEN _sn_x3__lead * 1.000000000001e0
< 1.0e0 THEN 9.0e0 WHEN NOT _sn_x3__lead IS NULL THEN FLOOR(_sn_x3__lead * 1.000000000001e0) END AS _sn_x3__digit, CASE WHEN _sn_x4__lead
* 1.000000000001e0 >= 10.0e0 THEN 1.0e0 WHEN _sn_x4__lead * 1.000000000001e0 < 1.0e0 THEN 9.0e0 WHEN NOT _sn_x4__lead IS NULL THEN FLOOR(_sn_x4__lead
* 1.000000000001e0) END AS _sn_x4__digit
FROM leads_2), frequencies AS (SELECT _sn__key1, COUNT(_sn_x1) AS _sn_x1__n, COUNT(_sn_x1__digit) AS _sn_x1__digits, COUNT_IF(_sn_x1__digit
= 1.0e0) AS _sn_x1__count_1, COUNT_IF(_sn_x1__digit = 2.0e0) AS _sn_x1__count_2, COUNT_IF(_sn_x1__digit = 3.0e0) AS _sn_x1__count_3,
COUNT_IF(_sn_x1__digit = 4.0e0) AS _sn_x1__count_4, COUNT_IF(_sn_x1__digit = 5.0e0) AS _sn_x1__count_5, COUNT_IF(_sn_x1__digit = 6.0e0)
AS _sn_x1__count_6, COUNT_IF(_sn_x1__digit = 7.0e0) AS _sn_x1__count_7, COUNT_IF(_sn_x1__digit = 8.0e0) AS _sn_x1__count_8, COUNT_IF(_sn_x1__digit
= 9.0e0) AS _sn_x1__count_9, COUNT(_sn_x2) AS _sn_x2__n, COUNT(_sn_x2__digit) AS _sn_x2__digits, COUNT_IF(_sn_x2__digit = 1.0e0)
AS _sn_x2__count_1, COUNT_IF(_sn_x2__digit = 2.0e0) AS _sn_x2__count_2, COUNT_IF(_sn_x2__digit = 3.0e0) AS _sn_x2__count_3, COUNT_IF(_sn_x2__digit
= 4.0e0) AS _sn_x2__count_4, COUNT_IF(_sn_x2__digit = 5.0e0) AS _sn_x2__count_5, COUNT_IF(_sn_x2__digit = 6.0e0) AS _sn_x2__count_6,
COUNT_IF(_sn_x2__digit = 7.0e0) AS _sn_x2__count_7, COUNT_IF(_sn_x2__digit = 8.0e0) AS _sn_x2__count_8, COUNT_IF(_sn_x2__digit = 9.0e0)
AS _sn_x2__count_9, COUNT(_sn_x3) AS _sn_x3__n, COUNT(_sn_x3__digit) AS _sn_x3__digits, COUNT_IF(_sn_x3__digit = 1.0e0) AS _sn_x3__count_1,
COUNT_IF(_sn_x3__digit = 2.0e0) AS _sn_x3__count_2, COUNT_IF(_sn_x3__digit = 3.0e0) AS _sn_x3__count_3, COUNT_IF(_sn_x3__digit = 4.0e0)
AS _sn_x3__count_4, COUNT_IF(_sn_x3__digit = 5.0e0) AS _sn_x3__count_5, COUNT_IF(_sn_x3__digit = 6.0e0) AS _sn_x3__count_6, COUNT_IF(_sn_x3__digit
= 7.0e0) AS _sn_x3__count_7, COUNT_IF(_sn_x3__digit = 8.0e0) AS _sn_x3__count_8, COUNT_IF(_sn_x3__digit = 9.0e0) AS _sn_x3__count_9,
COUNT(_sn_x4) AS _sn_x4__n, COUNT(_sn_x4__digit) AS _sn_x4__digits, COUNT_IF(_sn_x4__digit = 1.0e0) AS _sn_x4__count_1, COUNT_IF(_sn_x4__digit
= 2.0e0) AS _sn_x4__count_2, COUNT_IF(_sn_x4__digit = 3.0e0) AS _sn_x4__count_3, COUNT_IF(_sn_x4__digit = 4.0e0) AS _sn_x4__count_4,
COUNT_IF(_sn_x4__digit = 5.0e0) AS _sn_x4__count_5, COUNT_IF(_sn_x4__digit = 6.0e0) AS _sn_x4__count_6, COUNT_IF(_sn_x4__digit = 7.0e0)
AS _sn_x4__count_7, COUNT_IF(_sn_x4__digit = 8.0e0) AS _sn_x4__count_8, COUNT_IF(_sn_x4__digit = 9.0e0) AS _sn_x4__count_9
FROM digits_2
WHERE _sn__fitted = 1
GROUP BY _sn__key1), model AS (SELECT *, 1.0e0 AS _sn_x1__scale, (CAST(_sn_x1__count_1 AS DOUBLE) - (CASE WHEN _sn_x1__digits >= 20
THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.3010299956639812e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits
AS DOUBLE) END * 0.21041093737452465e0 >= 0.0e0 THEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.21041093737452465e0
END), 0.0e0) AS _sn_x1__level_1, (CAST(_sn_x1__count_2 AS DOUBLE) - (CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE)
END * 0.17609125905568124e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.14508312753986619e0
>= 0.0e0 THEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.14508312753986619e0 END), 0.0e0) AS _sn_x1__level_2, (CAST(_sn_x1__count_3
AS DOUBLE) - (CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.12493873660829992e0)) / NULLIF(SQRT(CASE
WHEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.10932904870302178e0 >= 0.0e0 THEN CASE WHEN _sn_x1__digits
>= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.10932904870302178e0 END), 0.0e0) AS _sn_x1__level_3, (CAST(_sn_x1__count_4 AS DOUBLE)
- (CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.09691001300805642e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN
_sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.08751846238683475e0 >= 0.0e0 THEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits
AS DOUBLE) END * 0.08751846238683475e0 END), 0.0e0) AS _sn_x1__level_4, (CAST(_sn_x1__count_5 AS DOUBLE) - (CASE WHEN _sn_x1__digits
>= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.07918124604762482e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x1__digits >= 20 THEN
CAST(_sn_x1__digits AS DOUBLE) END * 0.07291157632197032e0 >= 0.0e0 THEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE)
END * 0.07291157632197032e0 END), 0.0e0) AS _sn_x1__level_5, (CAST(_sn_x1__count_6 AS DOUBLE) - (CASE WHEN _sn_x1__digits >= 20 THEN
CAST(_sn_x1__digits AS DOUBLE) END * 0.06694678963061322e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits
AS DOUBLE) END * 0.06246491698876764e0 >= 0.0e0 THEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.06246491698876764e0
END), 0.0e0) AS _sn_x1__level_6, (CAST(_sn_x1__count_7 AS DOUBLE) - (CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE)
END * 0.05799194697768673e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.0546288810634239e0
>= 0.0e0 THEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.0546288810634239e0 END), 0.0e0) AS _sn_x1__level_7, (CAST(_sn_x1__count_8
AS DOUBLE) - (CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.05115252244738129e0)) / NULLIF(SQRT(CASE
WHEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.04853594189465144e0 >= 0.0e0 THEN CASE WHEN _sn_x1__digits
>= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.04853594189465144e0 END), 0.0e0) AS _sn_x1__level_8, (CAST(_sn_x1__count_9 AS DOUBLE)
- (CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.04575749056067514e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN
_sn_x1__digits >= 20 THEN CAST(_sn_x1__digits AS DOUBLE) END * 0.04366374261826487e0 >= 0.0e0 THEN CASE WHEN _sn_x1__digits >= 20 THEN CAST(_sn_x1__digits
AS DOUBLE) END * 0.04366374261826487e0 END), 0.0e0) AS _sn_x1__level_9, 1.0e0 AS _sn_x2__scale, (CAST(_sn_x2__count_1 AS DOUBLE) - (CASE
WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.3010299956639812e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x2__digits
>= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.21041093737452465e0 >= 0.0e0 THEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits
AS DOUBLE) END * 0.21041093737452465e0 END), 0.0e0) AS _sn_x2__level_1, (CAST(_sn_x2__count_2 AS DOUBLE) - (CASE WHEN _sn_x2__digits
>= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.17609125905568124e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x2__digits >= 20 THEN
CAST(_sn_x2__digits AS DOUBLE) END * 0.14508312753986619e0 >= 0.0e0 THEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE)
END * 0.14508312753986619e0 END), 0.0e0) AS _sn_x2__level_2, (CAST(_sn_x2__count_3 AS DOUBLE) - (CASE WHEN _sn_x2__digits >= 20 THEN
CAST(_sn_x2__digits AS DOUBLE) END * 0.12493873660829992e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits
AS DOUBLE) END * 0.10932904870302178e0 >= 0.0e0 THEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.10932904870302178e0
END), 0.0e0) AS _sn_x2__level_3, (CAST(_sn_x2__count_4 AS DOUBLE) - (CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE)
END * 0.09691001300805642e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.08751846238683475e0
>= 0.0e0 THEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.08751846238683475e0 END), 0.0e0) AS _sn_x2__level_4, (CAST(_sn_x2__count_5
AS DOUBLE) - (CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.07918124604762482e0)) / NULLIF(SQRT(CASE
WHEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.07291157632197032e0 >= 0.0e0 THEN CASE WHEN _sn_x2__digits
>= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.07291157632197032e0 END), 0.0e0) AS _sn_x2__level_5, (CAST(_sn_x2__count_6 AS DOUBLE)
- (CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.06694678963061322e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN
_sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.06246491698876764e0 >= 0.0e0 THEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits
AS DOUBLE) END * 0.06246491698876764e0 END), 0.0e0) AS _sn_x2__level_6, (CAST(_sn_x2__count_7 AS DOUBLE) - (CASE WHEN _sn_x2__digits
>= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.05799194697768673e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x2__digits >= 20 THEN
CAST(_sn_x2__digits AS DOUBLE) END * 0.0546288810634239e0 >= 0.0e0 THEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE)
END * 0.0546288810634239e0 END), 0.0e0) AS _sn_x2__level_7, (CAST(_sn_x2__count_8 AS DOUBLE) - (CASE WHEN _sn_x2__digits >= 20 THEN
CAST(_sn_x2__digits AS DOUBLE) END * 0.05115252244738129e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits
AS DOUBLE) END * 0.04853594189465144e0 >= 0.0e0 THEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.04853594189465144e0
END), 0.0e0) AS _sn_x2__level_8, (CAST(_sn_x2__count_9 AS DOUBLE) - (CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE)
END * 0.04575749056067514e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.04366374261826487e0
>= 0.0e0 THEN CASE WHEN _sn_x2__digits >= 20 THEN CAST(_sn_x2__digits AS DOUBLE) END * 0.04366374261826487e0 END), 0.0e0) AS _sn_x2__level_9,
1.0e0 AS _sn_x3__scale, (CAST(_sn_x3__count_1 AS DOUBLE) - (CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END *
0.3010299956639812e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END * 0.21041093737452465e0
>= 0.0e0 THEN CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END * 0.21041093737452465e0 END), 0.0e0) AS _sn_x3__level_1, (CAST(_sn_x3__count_2
AS DOUBLE) - (CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END * 0.17609125905568124e0)) / NULLIF(SQRT(CASE
WHEN CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END * 0.14508312753986619e0 >= 0.0e0 THEN CASE WHEN _sn_x3__digits
>= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END * 0.14508312753986619e0 END), 0.0e0) AS _sn_x3__level_2, (CAST(_sn_x3__count_3 AS DOUBLE)
- (CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END * 0.12493873660829992e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN
_sn_x3__digits >= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END * 0.10932904870302178e0 >= 0.0e0 THEN CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits
AS DOUBLE) END * 0.10932904870302178e0 END), 0.0e0) AS _sn_x3__level_3, (CAST(_sn_x3__count_4 AS DOUBLE) - (CASE WHEN _sn_x3__digits
>= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END * 0.09691001300805642e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x3__digits >= 20 THEN
CAST(_sn_x3__digits AS DOUBLE) END * 0.08751846238683475e0 >= 0.0e0 THEN CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits AS DOUBLE)
END * 0.08751846238683475e0 END), 0.0e0) AS _sn_x3__level_4, (CAST(_sn_x3__count_5 AS DOUBLE) - (CASE WHEN _sn_x3__digits >= 20 THEN
CAST(_sn_x3__digits AS DOUBLE) END * 0.07918124604762482e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits
AS DOUBLE) END * 0.07291157632197032e0 >= 0.0e0 THEN CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END * 0.07291157632197032e0
END), 0.0e0) AS _sn_x3__level_5, (CAST(_sn_x3__count_6 AS DOUBLE) - (CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits AS DOUBLE)
END * 0.06694678963061322e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END * 0.06246491698876764e0
>= 0.0e0 THEN CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END * 0.06246491698876764e0 END), 0.0e0) AS _sn_x3__level_6, (CAST(_sn_x3__count_7
AS DOUBLE) - (CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END * 0.05799194697768673e0)) / NULLIF(SQRT(CASE
WHEN CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END * 0.0546288810634239e0 >= 0.0e0 THEN CASE WHEN _sn_x3__digits
>= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END * 0.0546288810634239e0 END), 0.0e0) AS _sn_x3__level_7, (CAST(_sn_x3__count_8 AS DOUBLE)
- (CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END * 0.05115252244738129e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN
_sn_x3__digits >= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END * 0.04853594189465144e0 >= 0.0e0 THEN CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits
AS DOUBLE) END * 0.04853594189465144e0 END), 0.0e0) AS _sn_x3__level_8, (CAST(_sn_x3__count_9 AS DOUBLE) - (CASE WHEN _sn_x3__digits
>= 20 THEN CAST(_sn_x3__digits AS DOUBLE) END * 0.04575749056067514e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x3__digits >= 20 THEN
CAST(_sn_x3__digits AS DOUBLE) END * 0.04366374261826487e0 >= 0.0e0 THEN CASE WHEN _sn_x3__digits >= 20 THEN CAST(_sn_x3__digits AS DOUBLE)
END * 0.04366374261826487e0 END), 0.0e0) AS _sn_x3__level_9, 1.0e0 AS _sn_x4__scale, (CAST(_sn_x4__count_1 AS DOUBLE) - (CASE WHEN
_sn_x4__digits >= 20 THEN CAST(_sn_x4__digits AS DOUBLE) END * 0.3010299956639812e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x4__digits
>= 20 THEN CAST(_sn_x4__digits AS DOUBLE) END * 0.21041093737452465e0 >= 0.0e0 THEN CASE WHEN _sn_x4__digits >= 20 THEN CAST(_sn_x4__digits
AS DOUBLE) END * 0.21041093737452465e0 END), 0.0e0) AS _sn_x4__level_1, (CAST(_sn_x4__count_2 AS DOUBLE) - (CASE WHEN _sn_x4__digits
>= 20 THEN CAST(_sn_x4__digits AS DOUBLE) END * 0.17609125905568124e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x4__digits >= 20 THEN
CAST(_sn_x4__digits AS DOUBLE) END * 0.14508312753986619e0 >= 0.0e0 THEN CASE WHEN _sn_x4__digits >= 20 THEN CAST(_sn_x4__digits AS DOUBLE)
END * 0.14508312753986619e0 END), 0.0e0) AS _sn_x4__level_2, (CAST(_sn_x4__count_3 AS DOUBLE) - (CASE WHEN _sn_x4__digits >= 20 THEN
CAST(_sn_x4__digits AS DOUBLE) END * 0.12493873660829992e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x4__digits >= 20 THEN CAST(_sn_x4__digits
AS DOUBLE) END * 0.10932904870302178e0 >= 0.0e0 THEN CASE WHEN _sn_x4__digits >= 20 THEN CAST(_sn_x4__digits AS DOUBLE) END * 0.10932904870302178e0
END), 0.0e0) AS _sn_x4__level_3, (CAST(_sn_x4__count_4 AS DOUBLE) - (CASE WHEN _sn_x4__digits >= 20 THEN CAST(_sn_x4__digits AS DOUBLE)
END * 0.09691001300805642e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x4__digits >= 20 THEN CAST(_sn_x4__digits AS DOUBLE) END * 0.08751846238683475e0
>= 0.0e0 THEN CASE WHEN _sn_x4__digits >= 20 THEN CAST(_sn_x4__digits AS DOUBLE) END * 0.08751846238683475e0 END), 0.0e0) AS _sn_x4__level_4, (CAST(_sn_x4__count_5
AS DOUBLE) - (CASE WHEN _sn_x4__digits >= 20 THEN CAST(_sn_x4__digits AS DOUBLE) END * 0.07918124604762482e0)) / NULLIF(SQRT(CASE
WHEN CASE WHEN _sn_x4__digits >= 20 THEN CAST(_sn_x4__digits AS DOUBLE) END * 0.07291157632197032e0 >= 0.0e0 THEN CASE WHEN _sn_x4__digits
>= 20 THEN CAST(_sn_x4__digits AS DOUBLE) END * 0.07291157632197032e0 END), 0.0e0) AS _sn_x4__level_5, (CAST(_sn_x4__count_6 AS DOUBLE)
- (CASE WHEN _sn_x4__digits >= 20 THEN CAST(_sn_x4__digits AS DOUBLE) END * 0.06694678963061322e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN
_sn_x4__digits >= 20 THEN CAST(_sn_x4__digits AS DOUBLE) END * 0.06246491698876764e0 >= 0.0e0 THEN CASE WHEN _sn_x4__digits >= 20 THEN CAST(_sn_x4__digits
AS DOUBLE) END * 0.06246491698876764e0 END), 0.0e0) AS _sn_x4__level_6, (CAST(_sn_x4__count_7 AS DOUBLE) - (CASE WHEN _sn_x4__digits
>= 20 THEN CAST(_sn_x4__digits AS DOUBLE) END * 0.05799194697768673e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x4__digits >= 20 THEN
CAST(_sn_x4__digits AS DOUBLE) END * 0.0546288810634239e0 >= 0.0e0 THEN CASE WHEN _sn_x4__digits >= 20 THEN CAST(_sn_x4__digits AS DOUBLE)
END * 0.0546288810634239e0 END), 0.0e0) AS _sn_x4__level_7, (CAST(_sn_x4__count_8 AS DOUBLE) - (CASE WHEN _sn_x4__digits >= 20 THEN
CAST(_sn_x4__digits AS DOUBLE) END * 0.05115252244738129e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x4__digits >= 20 THEN CAST(_sn_x4__digits
AS DOUBLE) END * 0.04853594189465144e0 >= 0.0e0 THEN CASE WHEN _sn_x4__digits >= 20 THEN CAST(_sn_x4__digits AS DOUBLE) END * 0.04853594189465144e0
END), 0.0e0) AS _sn_x4__level_8, (CAST(_sn_x4__count_9 AS DOUBLE) - (CASE WHEN _sn_x4__digits >= 20 THEN CAST(_sn_x4__digits AS DOUBLE)
END * 0.04575749056067514e0)) / NULLIF(SQRT(CASE WHEN CASE WHEN _sn_x4__digits >= 20 THEN CAST(_sn_x4__digits AS DOUBLE) END * 0.04366374261826487e0
>= 0.0e0 THEN CASE WHEN _sn_x4__digits >= 20 THEN CAST(_sn_x4__digits AS DOUBLE) END * 0.04366374261826487e0 END), 0.0e0) AS _sn_x4__level_9
FROM frequencies), terms AS (SELECT digits.*, model._sn_x1__n, model._sn_x1__scale, model._sn_x2__n, model._sn_x2__scale, model._sn_x3__n,
model._sn_x3__scale, model._sn_x4__n, model._sn_x4__scale, CASE WHEN model._sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE
WHEN digits._sn_x1 = 0.0e0 AND model._sn_x1__digits >= 20 THEN 0.0e0 WHEN digits._sn_x1__digit = 1.0e0 THEN model._sn_x1__level_1 WHEN
digits._sn_x1__digit = 2.0e0 THEN model._sn_x1__level_2 WHEN digits._sn_x1__digit = 3.0e0 THEN model._sn_x1__level_3 WHEN digits._sn_x1__digit
= 4.0e0 THEN model._sn_x1__level_4 WHEN digits._sn_x1__digit = 5.0e0 THEN model._sn_x1__level_5 WHEN digits._sn_x1__digit = 6.0e0 THEN
model._sn_x1__level_6 WHEN digits._sn_x1__digit = 7.0e0 THEN model._sn_x1__level_7 WHEN digits._sn_x1__digit = 8.0e0 THEN model._sn_x1__level_8
WHEN digits._sn_x1__digit = 9.0e0 THEN model._sn_x1__level_9 END END AS _sn_x1__term, CASE WHEN model._sn_x2__n >= {{ sqlnomaly.whole(s.min_rows) }}
THEN CASE WHEN digits._sn_x2 = 0.0e0 AND model._sn_x2__digits >= 20 THEN 0.0e0 WHEN digits._sn_x2__digit = 1.0e0 THEN model._sn_x2__level_1
WHEN digits._sn_x2__digit = 2.0e0 THEN model._sn_x2__level_2 WHEN digits._sn_x2__digit = 3.0e0 THEN model._sn_x2__level_3 WHEN digits._sn_x2__digit
= 4.0e0 THEN model._sn_x2__level_4 WHEN digits._sn_x2__digit = 5.0e0 THEN model._sn_x2__level_5 WHEN digits._sn_x2__digit = 6.0e0 THEN
model._sn_x2__level_6 WHEN digits._sn_x2__digit = 7.0e0 THEN model._sn_x2__level_7 WHEN digits._sn_x2__digit = 8.0e0 THEN model._sn_x2__level_8
WHEN digits._sn_x2__digit = 9.0e0 THEN model._sn_x2__level_9 END END AS _sn_x2__term, CASE WHEN model._sn_x3__n >= {{ sqlnomaly.whole(s.min_rows) }}
THEN CASE WHEN digits._sn_x3 = 0.0e0 AND model._sn_x3__digits >= 20 THEN 0.0e0 WHEN digits._sn_x3__digit = 1.0e0 THEN model._sn_x3__level_1
WHEN digits._sn_x3__digit = 2.0e0 THEN model._sn_x3__level_2 WHEN digits._sn_x3__digit = 3.0e0 THEN model._sn_x3__level_3 WHEN digits._sn_x3__digit
= 4.0e0 THEN model._sn_x3__level_4 WHEN digits._sn_x3__digit = 5.0e0 THEN model._sn_x3__level_5 WHEN digits._sn_x3__digit = 6.0e0 THEN
model._sn_x3__level_6 WHEN digits._sn_x3__digit = 7.0e0 THEN model._sn_x3__level_7 WHEN digits._sn_x3__digit = 8.0e0 THEN model._sn_x3__level_8
WHEN digits._sn_x3__digit = 9.0e0 THEN model._sn_x3__level_9 END END AS _sn_x3__term, CASE WHEN model._sn_x4__n >= {{ sqlnomaly.whole(s.min_rows) }}
THEN CASE WHEN digits._sn_x4 = 0.0e0 AND model._sn_x4__digits >= 20 THEN 0.0e0 WHEN digits._sn_x4__digit = 1.0e0 THEN model._sn_x4__level_1
WHEN digits._sn_x4__digit = 2.0e0 THEN model._sn_x4__level_2 WHEN digits._sn_x4__digit = 3.0e0 THEN model._sn_x4__level_3 WHEN digits._sn_x4__digit
= 4.0e0 THEN model._sn_x4__level_4 WHEN digits._sn_x4__digit = 5.0e0 THEN model._sn_x4__level_5 WHEN digits._sn_x4__digit = 6.0e0 THEN
model._sn_x4__level_6 WHEN digits._sn_x4__digit = 7.0e0 THEN model._sn_x4__level_7 WHEN digits._sn_x4__digit = 8.0e0 THEN model._sn_x4__level_8
WHEN digits._sn_x4__digit = 9.0e0 THEN model._sn_x4__level_9 END END AS _sn_x4__term, CASE WHEN (NOT digits._sn_x1 IS NULL AND model._sn_x1__digits
< 20) OR (NOT digits._sn_x2 IS NULL AND model._sn_x2__digits < 20) OR (NOT digits._sn_x3 IS NULL AND model._sn_x3__digits < 20)
OR (NOT digits._sn_x4 IS NULL AND model._sn_x4__digits < 20) THEN 'too_few_rows' END AS _sn__unscored
FROM digits
LEFT JOIN model ON digits._sn__key1 IS NOT DISTINCT FROM model._sn__key1), scored AS (SELECT *, CASE WHEN NOT _sn_x1__term IS NULL AND
NOT _sn_x2__term IS NULL AND NOT _sn_x3__term IS NULL AND NOT _sn_x4__term IS NULL THEN GREATEST(_sn_x1__term, _sn_x2__term, _sn_x3__term,
_sn_x4__term) END AS _sn__score
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
SELECT * EXCEPT (_sn_x1, _sn_x1__raw, _sn_x2, _sn_x2__raw, _sn_x3, _sn_x3__raw, _sn_x4, _sn_x4__raw, _sn__key1, _sn__fitted, _sn__rows,
_sn_x1__lead, _sn_x2__lead, _sn_x3__lead, _sn_x4__lead, _sn_x1__digit, _sn_x2__digit, _sn_x3__digit, _sn_x4__digit, _sn_x1__n, _sn_x1__scale,
_sn_x2__n, _sn_x2__scale, _sn_x3__n, _sn_x3__scale, _sn_x4__n, _sn_x4__scale, _sn_x1__term, _sn_x2__term, _sn_x3__term, _sn_x4__term,
_sn__unscored, _sn__score, _sn__scores, _sn__not_below
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , _sn__cutoff1{% endif %}
), _sn__score AS anomaly_score, CASE WHEN NOT _sn__score IS NULL AND _sn__fitted = 1 THEN 1.0e0 - (CAST(_sn__not_below AS DOUBLE) / NULLIF(CAST(_sn__scores
AS DOUBLE), 0.0e0)) WHEN NOT _sn__score IS NULL THEN 1.0e0 - ((CAST(_sn__not_below AS DOUBLE) + 1.0e0) / NULLIF(CAST(_sn__scores
AS DOUBLE) + 1.0e0, 0.0e0)) END AS anomaly_probability, _sn__score >
{%- if s.rule == 'threshold' %} {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }} AS is_anomaly, {{ sqlnomaly.real(s.threshold) }}{% elif s.rule == 'contamination' %} CASE WHEN NOT _sn__cutoff1 IS NULL THEN _sn__cutoff1 + (1e-09 * GREATEST(1.0e0, ABS(_sn__cutoff1))) END AS is_anomaly, _sn__cutoff1{% endif %}
AS anomaly_threshold, CASE WHEN _sn__score IS NULL THEN NULL WHEN _sn_x1__term >= _sn__score - (1e-09 * GREATEST(1.0e0, ABS(_sn__score)))
THEN {{ s.features[0].literal }} WHEN _sn_x2__term >= _sn__score - (1e-09 * GREATEST(1.0e0, ABS(_sn__score))) THEN {{ s.features[1].literal }}
WHEN _sn_x3__term >= _sn__score - (1e-09 * GREATEST(1.0e0, ABS(_sn__score))) THEN {{ s.features[2].literal }} WHEN _sn_x4__term >= _sn__score
- (1e-09 * GREATEST(1.0e0, ABS(_sn__score))) THEN {{ s.features[3].literal }} END AS anomaly_reason, CASE WHEN COALESCE(_sn__rows,
0) = 0 THEN 'unseen_group' WHEN _sn_x1__raw IS NULL OR _sn_x2__raw IS NULL OR _sn_x3__raw IS NULL OR _sn_x4__raw IS NULL THEN 'missing_value'
WHEN _sn_x1 IS NULL OR _sn_x2 IS NULL OR _sn_x3 IS NULL OR _sn_x4 IS NULL THEN 'out_of_range' WHEN COALESCE(_sn_x1__n, 0) < {{ sqlnomaly.whole(s.min_rows) }}
OR COALESCE(_sn_x2__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} OR COALESCE(_sn_x3__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} OR COALESCE(_sn_x4__n,
0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'too_few_rows' WHEN NOT _sn__unscored IS NULL THEN _sn__unscored WHEN _sn__score IS NULL OR (FALSE
AND FALSE AND FALSE AND FALSE) THEN 'constant_baseline' ELSE 'ok' END AS anomaly_status
FROM
{%- if s.rule == 'threshold' %} ranked{% elif s.rule == 'contamination' %} limited{% endif %}
{%- else -%}
{{ sqlnomaly.no_such_way('benford', s, ['contamination, without order_by, 1 feature', 'contamination, without order_by, 2 features', 'contamination, without order_by, 3 features', 'contamination, without order_by, 4 features', 'threshold, without order_by, 1 feature', 'threshold, without order_by, 2 features', 'threshold, without order_by, 3 features', 'threshold, without order_by, 4 features']) }}
{%- endif -%}
{%- endmacro -%}

{#- sqlnomaly 0.1.0: grubbs for redshift, generated; do not edit. -#}
{%- macro redshift__sqlnomaly_grubbs(s) -%}
{%- do sqlnomaly.only_options('grubbs', s, []) -%}
{%- if not s.order and s.features | length == 1 and (s.rule, s.direction) in [('contamination', 'both'), ('contamination', 'high'), ('contamination', 'low'), ('threshold', 'both'), ('threshold', 'high'), ('threshold', 'low')] -%}
WITH source AS (SELECT {{ s.columns }}, CASE WHEN ABS({{ s.features[0].value }}) <= 1e+150 THEN {{ s.features[0].value }} END AS _sn_x1,
{{ s.features[0].value }} AS _sn_x1__raw, {{ s.key }} AS _sn__key1, CASE WHEN {{ s.filter }} THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), fitted AS (SELECT _sn__key1, COUNT(1) AS _sn__rows
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), counted AS (SELECT source.*, fitted._sn__rows
FROM source
LEFT JOIN fitted ON (source._sn__key1 = fitted._sn__key1 OR (source._sn__key1 IS NULL AND fitted._sn__key1 IS NULL))), baseline
AS (SELECT _sn__key1, COUNT(_sn_x1) AS _sn_x1__n, AVG(_sn_x1) AS _sn_x1__mean, VAR_POP(_sn_x1) * COUNT(_sn_x1) AS _sn_x1__m2,
MIN(_sn_x1) AS _sn_x1__low, MAX(_sn_x1) AS _sn_x1__high
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), model AS (SELECT *, CASE WHEN _sn_x1__low = _sn_x1__high THEN _sn_x1__low ELSE _sn_x1__mean END AS _sn_x1__centre,
CASE WHEN _sn_x1__low < _sn_x1__high AND CAST(_sn_x1__m2 AS DOUBLE PRECISION) / NULLIF(_sn_x1__n - 1, 0.0e0) > 1e-300 THEN SQRT(CASE
WHEN CAST(_sn_x1__m2 AS DOUBLE PRECISION) / NULLIF(_sn_x1__n - 1, 0.0e0) >= 0.0e0 THEN CAST(_sn_x1__m2 AS DOUBLE PRECISION) / NULLIF(_sn_x1__n
- 1, 0.0e0) END) ELSE CAST(0.0e0 AS DOUBLE PRECISION) END AS _sn_x1__scale
FROM baseline), places AS (SELECT *, CAST(((CAST(1.0e0 AS DOUBLE PRECISION) / NULLIF(LN(LEAST(GREATEST(CAST(_sn_x1__n AS
DOUBLE PRECISION), CAST(12.0e0 AS DOUBLE PRECISION)), CAST(1000000000000.0e0 AS DOUBLE PRECISION))) + CAST(6.0e0 AS DOUBLE PRECISION),
0.0e0)) - CAST(0.07379539371844827e0 AS DOUBLE PRECISION)) AS DOUBLE PRECISION) / NULLIF(CAST(0.044060941215417565e0 AS DOUBLE PRECISION),
0.0e0) AS _sn_x1__place
FROM model), powers AS (SELECT *, _sn_x1__place AS _sn_x1__p1, _sn_x1__place * _sn_x1__place AS _sn_x1__p2, (_sn_x1__place * _sn_x1__place)
* (_sn_x1__place * _sn_x1__place) AS _sn_x1__p4, ((_sn_x1__place * _sn_x1__place) * (_sn_x1__place * _sn_x1__place)) * ((_sn_x1__place
* _sn_x1__place) * (_sn_x1__place * _sn_x1__place)) AS _sn_x1__p8, (((_sn_x1__place * _sn_x1__place) * (_sn_x1__place * _sn_x1__place))
* ((_sn_x1__place * _sn_x1__place) * (_sn_x1__place * _sn_x1__place))) * (((_sn_x1__place * _sn_x1__place) * (_sn_x1__place * _sn_x1__place))
* ((_sn_x1__place * _sn_x1__place) * (_sn_x1__place * _sn_x1__place))) AS _sn_x1__p16
FROM places), limits AS (SELECT *, CASE WHEN _sn_x1__n = 3 THEN CAST(1.1543048513440386e0 AS DOUBLE PRECISION) WHEN _sn_x1__n = 4 THEN
CAST(1.48125e0 AS DOUBLE PRECISION) WHEN _sn_x1__n = 5 THEN CAST(1.7150373123433638e0 AS DOUBLE PRECISION) WHEN _sn_x1__n = 6 THEN CAST(1.8871451177839336e0
AS DOUBLE PRECISION) WHEN _sn_x1__n = 7 THEN CAST(2.019968507679597e0 AS DOUBLE PRECISION) WHEN _sn_x1__n = 8 THEN CAST(2.1266450871954685e0
AS DOUBLE PRECISION) WHEN _sn_x1__n = 9 THEN CAST(2.215004223325533e0 AS DOUBLE PRECISION) WHEN _sn_x1__n = 10 THEN CAST(2.2899540844796e0
AS DOUBLE PRECISION) WHEN _sn_x1__n = 11 THEN CAST(2.354730051565538e0 AS DOUBLE PRECISION) WHEN _sn_x1__n = 12 THEN CAST(2.4115595184316523e0
AS DOUBLE PRECISION) WHEN _sn_x1__n > 12 THEN ((((CAST(4.1943173687645805e0 AS DOUBLE PRECISION) + ((- CAST(1.892437777308234e0 AS
DOUBLE PRECISION)) * _sn_x1__p1)) + ((CAST(0.5644115084316799e0 AS DOUBLE PRECISION) + ((- CAST(0.566623601301847e0 AS DOUBLE PRECISION))
* _sn_x1__p1)) * _sn_x1__p2)) + (((CAST(0.10637333815185443e0 AS DOUBLE PRECISION) + ((- CAST(0.028185604839977514e0 AS DOUBLE
PRECISION)) * _sn_x1__p1)) + ((CAST(0.10327600536848856e0 AS DOUBLE PRECISION) + ((- CAST(0.07043365123912201e0 AS DOUBLE PRECISION))
* _sn_x1__p1)) * _sn_x1__p2)) * _sn_x1__p4)) + (((((- CAST(0.011170258806485773e0 AS DOUBLE PRECISION)) + (CAST(0.006518703881089157e0
AS DOUBLE PRECISION) * _sn_x1__p1)) + ((CAST(0.012517198909631917e0 AS DOUBLE PRECISION) + ((- CAST(0.00768938046931022e0 AS DOUBLE
PRECISION)) * _sn_x1__p1)) * _sn_x1__p2)) + (((CAST(0.0018780600899726274e0 AS DOUBLE PRECISION) + ((- CAST(0.0021601589444033486e0
AS DOUBLE PRECISION)) * _sn_x1__p1)) + (((- CAST(0.0007677090173179599e0 AS DOUBLE PRECISION)) + (CAST(0.002055741810128281e0 AS
DOUBLE PRECISION) * _sn_x1__p1)) * _sn_x1__p2)) * _sn_x1__p4)) * _sn_x1__p8)) + ((((CAST(0.001134783242460721e0 AS DOUBLE PRECISION)
+ ((- CAST(0.0016793489582788358e0 AS DOUBLE PRECISION)) * _sn_x1__p1)) + (((- CAST(0.0004073554904549667e0 AS DOUBLE PRECISION))
+ (CAST(0.0006046256657073687e0 AS DOUBLE PRECISION) * _sn_x1__p1)) * _sn_x1__p2)) + ((CAST(0.0001762847467261674e0 AS DOUBLE PRECISION)
+ ((- CAST(0.00014925429256890877e0 AS DOUBLE PRECISION)) * _sn_x1__p1)) * _sn_x1__p4)) * _sn_x1__p16) END AS _sn_x1__critical
FROM powers), terms AS (SELECT counted.*, limits._sn_x1__centre, limits._sn_x1__critical, limits._sn_x1__n, limits._sn_x1__scale,
CASE WHEN limits._sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN limits._sn_x1__scale = 0.0e0 THEN CASE WHEN limits._sn_x1__scale
> 0.0e0 THEN CAST(
{%- if s.direction == 'both' %} ABS(counted._sn_x1 - limits._sn_x1__centre{% elif s.direction == 'high' %} (counted._sn_x1 - limits._sn_x1__centre{% elif s.direction == 'low' %} (limits._sn_x1__centre - counted._sn_x1{% endif %}
) AS DOUBLE PRECISION) / NULLIF(limits._sn_x1__scale, 0.0e0) WHEN counted._sn_x1 = limits._sn_x1__centre THEN CAST(0.0e0 AS DOUBLE
PRECISION) END ELSE CAST(CASE WHEN limits._sn_x1__scale > 0.0e0 THEN CAST(
{%- if s.direction == 'both' %} ABS(counted._sn_x1 - limits._sn_x1__centre{% elif s.direction == 'high' %} (counted._sn_x1 - limits._sn_x1__centre{% elif s.direction == 'low' %} (limits._sn_x1__centre - counted._sn_x1{% endif %}
) AS DOUBLE PRECISION) / NULLIF(limits._sn_x1__scale, 0.0e0) WHEN counted._sn_x1 = limits._sn_x1__centre THEN CAST(0.0e0 AS DOUBLE
PRECISION) END AS DOUBLE PRECISION) / NULLIF(limits._sn_x1__critical, 0.0e0) END END AS _sn_x1__term, limits._sn_x1__centre AS _sn_x1__expected
FROM counted
LEFT JOIN limits ON (counted._sn__key1 = limits._sn__key1 OR (counted._sn__key1 IS NULL AND limits._sn__key1 IS NULL))), scored
AS (SELECT *, _sn_x1__term AS _sn__score
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
{%- if s.rule == 'threshold' and s.direction == 'both' %} CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre - ((CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) * COALESCE(_sn_x1__critical, CAST(0.0e0 AS DOUBLE PRECISION))) * _sn_x1__scale) END AS anomaly_lower, CASE WHEN
_sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre + ((CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) * COALESCE(_sn_x1__critical, CAST(0.0e0 AS DOUBLE PRECISION))) * _sn_x1__scale) END AS anomaly_upper
FROM ranked{% elif s.rule == 'threshold' and s.direction == 'high' %} CAST(NULL AS DOUBLE PRECISION) AS anomaly_lower, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }}
>= 0.0e0 THEN _sn_x1__centre + ((CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) * COALESCE(_sn_x1__critical, CAST(0.0e0
AS DOUBLE PRECISION))) * _sn_x1__scale) END AS anomaly_upper
FROM ranked{% elif s.rule == 'threshold' and s.direction == 'low' %} CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre - ((CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) * COALESCE(_sn_x1__critical, CAST(0.0e0 AS DOUBLE PRECISION))) * _sn_x1__scale) END AS anomaly_lower, CAST(NULL
AS DOUBLE PRECISION) AS anomaly_upper
FROM ranked{% elif s.rule == 'contamination' and s.direction == 'both' %} CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND _sn__cutoff1 >= 0.0e0 THEN _sn_x1__centre - ((_sn__cutoff1 * COALESCE(_sn_x1__critical,
CAST(0.0e0 AS DOUBLE PRECISION))) * _sn_x1__scale) END AS anomaly_lower, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND
_sn__cutoff1 >= 0.0e0 THEN _sn_x1__centre + ((_sn__cutoff1 * COALESCE(_sn_x1__critical, CAST(0.0e0 AS DOUBLE PRECISION))) * _sn_x1__scale)
END AS anomaly_upper
FROM limited{% elif s.rule == 'contamination' and s.direction == 'high' %} CAST(NULL AS DOUBLE PRECISION) AS anomaly_lower, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND _sn__cutoff1 >= 0.0e0 THEN
_sn_x1__centre + ((_sn__cutoff1 * COALESCE(_sn_x1__critical, CAST(0.0e0 AS DOUBLE PRECISION))) * _sn_x1__scale) END AS anomaly_upper
FROM limited{% elif s.rule == 'contamination' and s.direction == 'low' %} CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND _sn__cutoff1 >= 0.0e0 THEN _sn_x1__centre - ((_sn__cutoff1 * COALESCE(_sn_x1__critical,
CAST(0.0e0 AS DOUBLE PRECISION))) * _sn_x1__scale) END AS anomaly_lower, CAST(NULL AS DOUBLE PRECISION) AS anomaly_upper
FROM limited{% endif %}
{%- elif not s.order and s.features | length > 1 and (s.rule, s.direction) in [('contamination', 'both'), ('contamination', 'high'), ('contamination', 'low'), ('threshold', 'both'), ('threshold', 'high'), ('threshold', 'low')] -%}
WITH source AS (SELECT {{ s.columns }},
{%- for f in s.features %} CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END AS _sn_x{{ loop.index }}, {{ f.value }} AS _sn_x{{ loop.index }}__raw,{% endfor %}
{{ s.key }} AS _sn__key1, CASE WHEN {{ s.filter }} THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), fitted AS (SELECT _sn__key1, COUNT(1) AS _sn__rows
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), counted AS (SELECT source.*, fitted._sn__rows
FROM source
LEFT JOIN fitted ON (source._sn__key1 = fitted._sn__key1 OR (source._sn__key1 IS NULL AND fitted._sn__key1 IS NULL))), baseline
AS (SELECT _sn__key1
{%- for f in s.features %} , COUNT(_sn_x{{ loop.index }}) AS _sn_x{{ loop.index }}__n, AVG(_sn_x{{ loop.index }}) AS _sn_x{{ loop.index }}__mean, VAR_POP(_sn_x{{ loop.index }}) * COUNT(_sn_x{{ loop.index }}) AS _sn_x{{ loop.index }}__m2, MIN(_sn_x{{ loop.index }}) AS _sn_x{{ loop.index }}__low, MAX(_sn_x{{ loop.index }}) AS _sn_x{{ loop.index }}__high{% endfor %}
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), model AS (SELECT *
{%- for f in s.features %} , CASE WHEN _sn_x{{ loop.index }}__low = _sn_x{{ loop.index }}__high THEN _sn_x{{ loop.index }}__low ELSE _sn_x{{ loop.index }}__mean END AS _sn_x{{ loop.index }}__centre, CASE WHEN _sn_x{{ loop.index }}__low < _sn_x{{ loop.index }}__high AND CAST(_sn_x{{ loop.index }}__m2 AS DOUBLE PRECISION) / NULLIF(_sn_x{{ loop.index }}__n - 1, 0.0e0) > 1e-300 THEN SQRT(CASE WHEN CAST(_sn_x{{ loop.index }}__m2 AS DOUBLE PRECISION) / NULLIF(_sn_x{{ loop.index }}__n - 1, 0.0e0) >= 0.0e0 THEN CAST(_sn_x{{ loop.index }}__m2 AS DOUBLE PRECISION) / NULLIF(_sn_x{{ loop.index }}__n - 1, 0.0e0) END) ELSE CAST(0.0e0 AS DOUBLE PRECISION) END AS _sn_x{{ loop.index }}__scale{% endfor %}
FROM baseline), places AS (SELECT *
{%- for f in s.features %} , CAST(((CAST(1.0e0 AS DOUBLE PRECISION) / NULLIF(LN(LEAST(GREATEST(CAST(_sn_x{{ loop.index }}__n AS DOUBLE PRECISION), CAST(12.0e0 AS DOUBLE PRECISION)), CAST(1000000000000.0e0 AS DOUBLE PRECISION))) + CAST(6.0e0 AS DOUBLE PRECISION), 0.0e0)) - CAST(0.07379539371844827e0 AS DOUBLE PRECISION)) AS DOUBLE PRECISION) / NULLIF(CAST(0.044060941215417565e0 AS DOUBLE PRECISION), 0.0e0) AS _sn_x{{ loop.index }}__place{% endfor %}
FROM model), powers AS (SELECT *
{%- for f in s.features %} , _sn_x{{ loop.index }}__place AS _sn_x{{ loop.index }}__p1, _sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place AS _sn_x{{ loop.index }}__p2, (_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place) * (_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place) AS _sn_x{{ loop.index }}__p4, ((_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place) * (_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place)) * ((_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place) * (_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place)) AS _sn_x{{ loop.index }}__p8, (((_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place) * (_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place)) * ((_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place) * (_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place))) * (((_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place) * (_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place)) * ((_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place) * (_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place))) AS _sn_x{{ loop.index }}__p16{% endfor %}
FROM places), limits AS (SELECT *
{%- for f in s.features %} , CASE WHEN _sn_x{{ loop.index }}__n = 3 THEN CAST(1.1543048513440386e0 AS DOUBLE PRECISION) WHEN _sn_x{{ loop.index }}__n = 4 THEN CAST(1.48125e0 AS DOUBLE PRECISION) WHEN _sn_x{{ loop.index }}__n = 5 THEN CAST(1.7150373123433638e0 AS DOUBLE PRECISION) WHEN _sn_x{{ loop.index }}__n = 6 THEN CAST(1.8871451177839336e0 AS DOUBLE PRECISION) WHEN _sn_x{{ loop.index }}__n = 7 THEN CAST(2.019968507679597e0 AS DOUBLE PRECISION) WHEN _sn_x{{ loop.index }}__n = 8 THEN CAST(2.1266450871954685e0 AS DOUBLE PRECISION) WHEN _sn_x{{ loop.index }}__n = 9 THEN CAST(2.215004223325533e0 AS DOUBLE PRECISION) WHEN _sn_x{{ loop.index }}__n = 10 THEN CAST(2.2899540844796e0 AS DOUBLE PRECISION) WHEN _sn_x{{ loop.index }}__n = 11 THEN CAST(2.354730051565538e0 AS DOUBLE PRECISION) WHEN _sn_x{{ loop.index }}__n = 12 THEN CAST(2.4115595184316523e0 AS DOUBLE PRECISION) WHEN _sn_x{{ loop.index }}__n > 12 THEN ((((CAST(4.1943173687645805e0 AS DOUBLE PRECISION) + ((- CAST(1.892437777308234e0 AS DOUBLE PRECISION)) * _sn_x{{ loop.index }}__p1)) + ((CAST(0.5644115084316799e0 AS DOUBLE PRECISION) + ((- CAST(0.566623601301847e0 AS DOUBLE PRECISION)) * _sn_x{{ loop.index }}__p1)) * _sn_x{{ loop.index }}__p2)) + (((CAST(0.10637333815185443e0 AS DOUBLE PRECISION) + ((- CAST(0.028185604839977514e0 AS DOUBLE PRECISION)) * _sn_x{{ loop.index }}__p1)) + ((CAST(0.10327600536848856e0 AS DOUBLE PRECISION) + ((- CAST(0.07043365123912201e0 AS DOUBLE PRECISION)) * _sn_x{{ loop.index }}__p1)) * _sn_x{{ loop.index }}__p2)) * _sn_x{{ loop.index }}__p4)) + (((((- CAST(0.011170258806485773e0 AS DOUBLE PRECISION)) + (CAST(0.006518703881089157e0 AS DOUBLE PRECISION) * _sn_x{{ loop.index }}__p1)) + ((CAST(0.012517198909631917e0 AS DOUBLE PRECISION) + ((- CAST(0.00768938046931022e0 AS DOUBLE PRECISION)) * _sn_x{{ loop.index }}__p1)) * _sn_x{{ loop.index }}__p2)) + (((CAST(0.0018780600899726274e0 AS DOUBLE PRECISION) + ((- CAST(0.0021601589444033486e0 AS DOUBLE PRECISION)) * _sn_x{{ loop.index }}__p1)) + (((- CAST(0.0007677090173179599e0 AS DOUBLE PRECISION)) + (CAST(0.002055741810128281e0 AS DOUBLE PRECISION) * _sn_x{{ loop.index }}__p1)) * _sn_x{{ loop.index }}__p2)) * _sn_x{{ loop.index }}__p4)) * _sn_x{{ loop.index }}__p8)) + ((((CAST(0.001134783242460721e0 AS DOUBLE PRECISION) + ((- CAST(0.0016793489582788358e0 AS DOUBLE PRECISION)) * _sn_x{{ loop.index }}__p1)) + (((- CAST(0.0004073554904549667e0 AS DOUBLE PRECISION)) + (CAST(0.0006046256657073687e0 AS DOUBLE PRECISION) * _sn_x{{ loop.index }}__p1)) * _sn_x{{ loop.index }}__p2)) + ((CAST(0.0001762847467261674e0 AS DOUBLE PRECISION) + ((- CAST(0.00014925429256890877e0 AS DOUBLE PRECISION)) * _sn_x{{ loop.index }}__p1)) * _sn_x{{ loop.index }}__p4)) * _sn_x{{ loop.index }}__p16) END AS _sn_x{{ loop.index }}__critical{% endfor %}
FROM powers), terms AS (SELECT counted.*,
{%- for f in s.features %} limits._sn_x{{ loop.index }}__n, limits._sn_x{{ loop.index }}__scale,{% endfor %}
{%- if s.direction == 'both' %} {%- for f in s.features %} CASE WHEN limits._sn_x{{ loop.index }}__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN limits._sn_x{{ loop.index }}__scale = 0.0e0 THEN CASE WHEN limits._sn_x{{ loop.index }}__scale > 0.0e0 THEN CAST(ABS(counted._sn_x{{ loop.index }} - limits._sn_x{{ loop.index }}__centre) AS DOUBLE PRECISION) / NULLIF(limits._sn_x{{ loop.index }}__scale, 0.0e0) WHEN counted._sn_x{{ loop.index }} = limits._sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END ELSE CAST(CASE WHEN limits._sn_x{{ loop.index }}__scale > 0.0e0 THEN CAST(ABS(counted._sn_x{{ loop.index }} - limits._sn_x{{ loop.index }}__centre) AS DOUBLE PRECISION) / NULLIF(limits._sn_x{{ loop.index }}__scale, 0.0e0) WHEN counted._sn_x{{ loop.index }} = limits._sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END AS DOUBLE PRECISION) / NULLIF(limits._sn_x{{ loop.index }}__critical, 0.0e0) END END AS _sn_x{{ loop.index }}__term{{ ", " if not loop.last }}{% endfor %}{% elif s.direction == 'high' %} {%- for f in s.features %} CASE WHEN limits._sn_x{{ loop.index }}__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN limits._sn_x{{ loop.index }}__scale = 0.0e0 THEN CASE WHEN limits._sn_x{{ loop.index }}__scale > 0.0e0 THEN CAST((counted._sn_x{{ loop.index }} - limits._sn_x{{ loop.index }}__centre) AS DOUBLE PRECISION) / NULLIF(limits._sn_x{{ loop.index }}__scale, 0.0e0) WHEN counted._sn_x{{ loop.index }} = limits._sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END ELSE CAST(CASE WHEN limits._sn_x{{ loop.index }}__scale > 0.0e0 THEN CAST((counted._sn_x{{ loop.index }} - limits._sn_x{{ loop.index }}__centre) AS DOUBLE PRECISION) / NULLIF(limits._sn_x{{ loop.index }}__scale, 0.0e0) WHEN counted._sn_x{{ loop.index }} = limits._sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END AS DOUBLE PRECISION) / NULLIF(limits._sn_x{{ loop.index }}__critical, 0.0e0) END END AS _sn_x{{ loop.index }}__term{{ ", " if not loop.last }}{% endfor %}{% elif s.direction == 'low' %} {%- for f in s.features %} CASE WHEN limits._sn_x{{ loop.index }}__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN limits._sn_x{{ loop.index }}__scale = 0.0e0 THEN CASE WHEN limits._sn_x{{ loop.index }}__scale > 0.0e0 THEN CAST((limits._sn_x{{ loop.index }}__centre - counted._sn_x{{ loop.index }}) AS DOUBLE PRECISION) / NULLIF(limits._sn_x{{ loop.index }}__scale, 0.0e0) WHEN counted._sn_x{{ loop.index }} = limits._sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END ELSE CAST(CASE WHEN limits._sn_x{{ loop.index }}__scale > 0.0e0 THEN CAST((limits._sn_x{{ loop.index }}__centre - counted._sn_x{{ loop.index }}) AS DOUBLE PRECISION) / NULLIF(limits._sn_x{{ loop.index }}__scale, 0.0e0) WHEN counted._sn_x{{ loop.index }} = limits._sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END AS DOUBLE PRECISION) / NULLIF(limits._sn_x{{ loop.index }}__critical, 0.0e0) END END AS _sn_x{{ loop.index }}__term{{ ", " if not loop.last }}{% endfor %}{% endif %}
FROM counted
LEFT JOIN limits ON (counted._sn__key1 = limits._sn__key1 OR (counted._sn__key1 IS NULL AND limits._sn__key1 IS NULL))), scored
AS (SELECT *, CASE WHEN
{%- for f in s.features %} NOT _sn_x{{ loop.index }}__term IS NULL{{ " AND " if not loop.last }}{% endfor %}
THEN GREATEST(
{%- for f in s.features %} _sn_x{{ loop.index }}__term{{ ", " if not loop.last }}{% endfor %}
) END AS _sn__score
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
AS anomaly_threshold, CASE WHEN _sn__score IS NULL THEN NULL
{%- for f in s.features %} WHEN _sn_x{{ loop.index }}__term >= _sn__score - (CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(_sn__score))) THEN {{ f.literal }}{% endfor %}
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
{{ sqlnomaly.no_such_way('grubbs', s, ['contamination, without order_by, 1 feature', 'contamination, without order_by, features', 'threshold, without order_by, 1 feature', 'threshold, without order_by, features']) }}
{%- endif -%}
{%- endmacro -%}

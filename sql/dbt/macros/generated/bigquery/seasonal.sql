{#- sqlnomaly 0.1.0: seasonal for bigquery, generated; do not edit. -#}
{%- macro bigquery__sqlnomaly_seasonal(s) -%}
{%- do sqlnomaly.only_options('seasonal', s, []) -%}
{%- if s.order and s.features | length == 1 and (s.rule, s.direction) in [('threshold', 'both'), ('threshold', 'high'), ('threshold', 'low')] and s.season == 'dow' -%}
WITH source AS (SELECT *, CASE WHEN ABS(CAST({{ s.features[0].value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ s.features[0].value }} AS
FLOAT64) END AS _sn_x1, CAST({{ s.features[0].value }} AS FLOAT64) AS _sn_x1__raw, {{ s.key }} AS _sn__key1, MOD(EXTRACT(DAYOFWEEK
FROM CAST({{ s.order }} AS DATETIME)) + 5, 7) + 1 AS _sn__slot1, CAST({{ s.order }} AS DATETIME) AS _sn__order1, CASE WHEN {{ s.filter }}
AND NOT CAST({{ s.order }} AS DATETIME) IS NULL THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), placed AS (SELECT *, CASE WHEN NOT _sn__order1 IS NULL THEN RANK() OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1
IS NULL THEN 1 ELSE 0 END ORDER BY _sn__order1 ASC) - 1 END AS _sn_x1__level0_place, CASE WHEN NOT _sn__order1 IS NULL THEN RANK() OVER (PARTITION
BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn__slot1 ORDER BY _sn__order1 ASC) - 1 END AS _sn_x1__level1_place
FROM source), aged AS (SELECT *, CASE WHEN _sn_x1__level0_place >= {{ sqlnomaly.whole(s.min_rows) }} THEN CAST(FLOOR(LN(GREATEST(COALESCE(_sn_x1__level0_place,
1), 1) - 0.25e0) / NULLIF(0.095310179804e0, 0.0e0)) AS INT64) END AS _sn_x1__level0_age, CASE WHEN _sn_x1__level1_place >= {{ sqlnomaly.whole(s.min_rows) }}
THEN CAST(FLOOR(LN(GREATEST(COALESCE(_sn_x1__level1_place, 1), 1) - 0.25e0) / NULLIF(0.095310179804e0, 0.0e0)) AS INT64)
END AS _sn_x1__level1_age
FROM placed), ages AS (SELECT _sn__key1, _sn__slot1, _sn_x1__level1_age, MIN(_sn_x1__level1_place) AS _sn__first
FROM aged
WHERE NOT _sn_x1__level1_age IS NULL
GROUP BY _sn__key1, _sn__slot1, _sn_x1__level1_age), again1 AS (SELECT ages._sn__key1, ages._sn__slot1, ages._sn_x1__level1_age,
aged._sn_x1, aged._sn__fitted
FROM ages
INNER JOIN aged ON aged._sn__key1 IS NOT DISTINCT FROM ages._sn__key1 AND aged._sn__slot1 IS NOT DISTINCT FROM ages._sn__slot1
WHERE aged._sn_x1__level1_place < ages._sn__first), before1 AS (SELECT ages._sn__key1, ages._sn__slot1, ages._sn_x1__level1_age,
aged._sn_x1, aged._sn__fitted
FROM ages
INNER JOIN aged ON aged._sn__key1 IS NOT DISTINCT FROM ages._sn__key1 AND aged._sn__slot1 IS NOT DISTINCT FROM ages._sn__slot1
WHERE aged._sn_x1__level1_place < ages._sn__first), medians1_quantiles AS (SELECT *, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN
_sn_x1 END, 0.5e0) OVER (PARTITION BY _sn__key1, _sn__slot1, _sn_x1__level1_age) AS _sn_x1__median1_each
FROM before1), medians1 AS (SELECT _sn__key1, _sn__slot1, _sn_x1__level1_age, COUNT(_sn_x1) AS _sn_x1__n1, MIN(_sn_x1__median1_each)
AS _sn_x1__median1
FROM medians1_quantiles
WHERE _sn__fitted = 1
GROUP BY _sn__key1, _sn__slot1, _sn_x1__level1_age), mads1_quantiles AS (SELECT again1.*, medians1._sn_x1__median1, medians1._sn_x1__n1,
PERCENTILE_CONT(CASE WHEN again1._sn__fitted = 1 THEN ABS(again1._sn_x1 - medians1._sn_x1__median1) END, 0.5e0) OVER (PARTITION
BY again1._sn__key1, again1._sn__slot1, again1._sn_x1__level1_age) AS _sn_x1__mad1_each
FROM again1
LEFT JOIN medians1 ON again1._sn__key1 IS NOT DISTINCT FROM medians1._sn__key1 AND again1._sn__slot1 IS NOT DISTINCT FROM medians1._sn__slot1
AND again1._sn_x1__level1_age IS NOT DISTINCT FROM medians1._sn_x1__level1_age), mads1 AS (SELECT _sn__key1, _sn__slot1, _sn_x1__level1_age,
MIN(_sn_x1__n1) AS _sn_x1__n1, MIN(_sn_x1__median1) AS _sn_x1__median1, MIN(_sn_x1__mad1_each) AS _sn_x1__mad1
FROM mads1_quantiles
WHERE _sn__fitted = 1
GROUP BY _sn__key1, _sn__slot1, _sn_x1__level1_age), beside1 AS (SELECT aged.*, mads1._sn_x1__n1, mads1._sn_x1__median1, mads1._sn_x1__mad1
FROM aged
LEFT JOIN mads1 ON aged._sn__key1 IS NOT DISTINCT FROM mads1._sn__key1 AND aged._sn__slot1 IS NOT DISTINCT FROM mads1._sn__slot1 AND
aged._sn_x1__level1_age IS NOT DISTINCT FROM mads1._sn_x1__level1_age), judged AS (SELECT *, CASE WHEN _sn_x1__n1 >= {{ sqlnomaly.whole(s.min_rows) }}
THEN _sn_x1__median1 END AS _sn_x1__centre, CASE WHEN _sn_x1__n1 >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x1__mad1 END AS _sn_x1__mad,
CASE WHEN _sn_x1__n1 >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x1__n1 END AS _sn_x1__values
FROM beside1), missed AS (SELECT *, ABS(_sn_x1 - _sn_x1__centre) AS _sn_x1__miss
FROM judged), ages_2 AS (SELECT _sn__key1, _sn_x1__level0_age, MIN(_sn_x1__level0_place) AS _sn__first
FROM missed
WHERE NOT _sn_x1__level0_age IS NULL
GROUP BY _sn__key1, _sn_x1__level0_age), so_far AS (SELECT ages_2._sn__key1, ages_2._sn_x1__level0_age, missed._sn_x1__miss, missed._sn__fitted
FROM ages_2
INNER JOIN missed ON missed._sn__key1 IS NOT DISTINCT FROM ages_2._sn__key1
WHERE missed._sn_x1__level0_place < ages_2._sn__first), tails_quantiles AS (SELECT *, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN
_sn_x1__miss END, 0.98e0) OVER (PARTITION BY _sn__key1, _sn_x1__level0_age) AS _sn_x1__tail_each
FROM so_far), tails AS (SELECT _sn__key1, _sn_x1__level0_age, MIN(_sn_x1__tail_each) AS _sn_x1__tail, COUNT(_sn_x1__miss) AS _sn_x1__misses
FROM tails_quantiles
WHERE _sn__fitted = 1
GROUP BY _sn__key1, _sn_x1__level0_age), spreads AS (SELECT missed.*, tails._sn_x1__tail, tails._sn_x1__misses, LEAST(COALESCE(missed._sn_x1__values,
0), COALESCE(tails._sn_x1__misses, 0)) AS _sn_x1__n, GREATEST(COALESCE(missed._sn_x1__mad / NULLIF(0.6744897501960817e0, 0.0e0),
0.0e0), COALESCE(tails._sn_x1__tail / NULLIF(2.3263478740408408e0, 0.0e0), 0.0e0)) AS _sn_x1__wide, LEAST(COALESCE(missed._sn_x1__mad
/ NULLIF(0.6744897501960817e0, 0.0e0), 0.0e0), COALESCE(tails._sn_x1__tail / NULLIF(2.3263478740408408e0, 0.0e0), 0.0e0)) AS
_sn_x1__narrow
FROM missed
LEFT JOIN tails ON missed._sn__key1 IS NOT DISTINCT FROM tails._sn__key1 AND missed._sn_x1__level0_age IS NOT DISTINCT FROM tails._sn_x1__level0_age),
ratios AS (SELECT *, COALESCE(_sn_x1__narrow / NULLIF(_sn_x1__wide, 0.0e0), 0.0e0) AS _sn_x1__ratio
FROM spreads), model AS (SELECT *, CASE WHEN _sn_x1__wide > 1e-150 THEN _sn_x1__wide * SQRT(0.5e0 * (1.0e0 + CASE WHEN _sn_x1__ratio >
1e-10 THEN _sn_x1__ratio * _sn_x1__ratio ELSE 0.0e0 END)) ELSE 0.0e0 END AS _sn_x1__scale
FROM ratios), terms AS (SELECT *, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN _sn_x1__scale > 0.0e0 THEN
{%- if s.direction == 'both' %} ABS(_sn_x1 - _sn_x1__centre{% elif s.direction == 'high' %} (_sn_x1 - _sn_x1__centre{% elif s.direction == 'low' %} (_sn_x1__centre - _sn_x1{% endif %}
) / NULLIF(_sn_x1__scale, 0.0e0) WHEN _sn_x1 = _sn_x1__centre THEN 0.0e0 END END AS _sn_x1__term, _sn_x1__centre AS _sn_x1__expected
FROM model), scored AS (SELECT *, _sn_x1__term AS _sn__score
FROM terms) SELECT * EXCEPT (_sn_x1, _sn_x1__raw, _sn__key1, _sn__slot1, _sn__order1, _sn__fitted, _sn_x1__level0_place, _sn_x1__level1_place,
_sn_x1__level0_age, _sn_x1__level1_age, _sn_x1__n1, _sn_x1__median1, _sn_x1__mad1, _sn_x1__centre, _sn_x1__mad, _sn_x1__values, _sn_x1__miss,
_sn_x1__tail, _sn_x1__misses, _sn_x1__n, _sn_x1__wide, _sn_x1__narrow, _sn_x1__ratio, _sn_x1__scale, _sn_x1__term, _sn_x1__expected,
_sn__score), _sn__score AS anomaly_score, _sn__score > {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }} AS is_anomaly,
{{ sqlnomaly.real(s.threshold) }} AS anomaly_threshold, CASE WHEN NOT _sn__score IS NULL THEN {{ s.features[0].literal }} END AS anomaly_reason,
CASE WHEN _sn__order1 IS NULL OR _sn_x1__raw IS NULL THEN 'missing_value' WHEN _sn_x1 IS NULL THEN 'out_of_range' WHEN COALESCE(_sn_x1__n,
0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'warm_up' WHEN _sn__score IS NULL OR _sn_x1__scale = 0.0e0 THEN 'constant_baseline' ELSE 'ok' END
AS anomaly_status, CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x1__expected END AS anomaly_expected,
{%- if s.direction == 'both' %} CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre
- ({{ sqlnomaly.real(s.threshold) }} * _sn_x1__scale) END AS anomaly_lower, CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }}
AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre + ({{ sqlnomaly.real(s.threshold) }} * _sn_x1__scale) END{% elif s.direction == 'high' %} CAST(NULL AS FLOAT64) AS anomaly_lower, CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }}
>= 0.0e0 THEN _sn_x1__centre + ({{ sqlnomaly.real(s.threshold) }} * _sn_x1__scale) END{% elif s.direction == 'low' %} CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre
- ({{ sqlnomaly.real(s.threshold) }} * _sn_x1__scale) END AS anomaly_lower, CAST(NULL AS FLOAT64){% endif %}
AS anomaly_upper
FROM scored
{%- elif s.order and s.features | length == 1 and (s.rule, s.direction) in [('threshold', 'both'), ('threshold', 'high'), ('threshold', 'low')] and s.season == 'hour' -%}
WITH source AS (SELECT *, CASE WHEN ABS(CAST({{ s.features[0].value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ s.features[0].value }} AS
FLOAT64) END AS _sn_x1, CAST({{ s.features[0].value }} AS FLOAT64) AS _sn_x1__raw, {{ s.key }} AS _sn__key1, EXTRACT(HOUR
FROM CAST({{ s.order }} AS DATETIME)) AS _sn__slot1, CAST({{ s.order }} AS DATETIME) AS _sn__order1, CASE WHEN {{ s.filter }} AND NOT
CAST({{ s.order }} AS DATETIME) IS NULL THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), placed AS (SELECT *, CASE WHEN NOT _sn__order1 IS NULL THEN RANK() OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1
IS NULL THEN 1 ELSE 0 END ORDER BY _sn__order1 ASC) - 1 END AS _sn_x1__level0_place, CASE WHEN NOT _sn__order1 IS NULL THEN RANK() OVER (PARTITION
BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn__slot1 ORDER BY _sn__order1 ASC) - 1 END AS _sn_x1__level1_place
FROM source), aged AS (SELECT *, CASE WHEN _sn_x1__level0_place >= {{ sqlnomaly.whole(s.min_rows) }} THEN CAST(FLOOR(LN(GREATEST(COALESCE(_sn_x1__level0_place,
1), 1) - 0.25e0) / NULLIF(0.095310179804e0, 0.0e0)) AS INT64) END AS _sn_x1__level0_age, CASE WHEN _sn_x1__level1_place >= {{ sqlnomaly.whole(s.min_rows) }}
THEN CAST(FLOOR(LN(GREATEST(COALESCE(_sn_x1__level1_place, 1), 1) - 0.25e0) / NULLIF(0.095310179804e0, 0.0e0)) AS INT64)
END AS _sn_x1__level1_age
FROM placed), ages AS (SELECT _sn__key1, _sn__slot1, _sn_x1__level1_age, MIN(_sn_x1__level1_place) AS _sn__first
FROM aged
WHERE NOT _sn_x1__level1_age IS NULL
GROUP BY _sn__key1, _sn__slot1, _sn_x1__level1_age), again1 AS (SELECT ages._sn__key1, ages._sn__slot1, ages._sn_x1__level1_age,
aged._sn_x1, aged._sn__fitted
FROM ages
INNER JOIN aged ON aged._sn__key1 IS NOT DISTINCT FROM ages._sn__key1 AND aged._sn__slot1 IS NOT DISTINCT FROM ages._sn__slot1
WHERE aged._sn_x1__level1_place < ages._sn__first), before1 AS (SELECT ages._sn__key1, ages._sn__slot1, ages._sn_x1__level1_age,
aged._sn_x1, aged._sn__fitted
FROM ages
INNER JOIN aged ON aged._sn__key1 IS NOT DISTINCT FROM ages._sn__key1 AND aged._sn__slot1 IS NOT DISTINCT FROM ages._sn__slot1
WHERE aged._sn_x1__level1_place < ages._sn__first), medians1_quantiles AS (SELECT *, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN
_sn_x1 END, 0.5e0) OVER (PARTITION BY _sn__key1, _sn__slot1, _sn_x1__level1_age) AS _sn_x1__median1_each
FROM before1), medians1 AS (SELECT _sn__key1, _sn__slot1, _sn_x1__level1_age, COUNT(_sn_x1) AS _sn_x1__n1, MIN(_sn_x1__median1_each)
AS _sn_x1__median1
FROM medians1_quantiles
WHERE _sn__fitted = 1
GROUP BY _sn__key1, _sn__slot1, _sn_x1__level1_age), mads1_quantiles AS (SELECT again1.*, medians1._sn_x1__median1, medians1._sn_x1__n1,
PERCENTILE_CONT(CASE WHEN again1._sn__fitted = 1 THEN ABS(again1._sn_x1 - medians1._sn_x1__median1) END, 0.5e0) OVER (PARTITION
BY again1._sn__key1, again1._sn__slot1, again1._sn_x1__level1_age) AS _sn_x1__mad1_each
FROM again1
LEFT JOIN medians1 ON again1._sn__key1 IS NOT DISTINCT FROM medians1._sn__key1 AND again1._sn__slot1 IS NOT DISTINCT FROM medians1._sn__slot1
AND again1._sn_x1__level1_age IS NOT DISTINCT FROM medians1._sn_x1__level1_age), mads1 AS (SELECT _sn__key1, _sn__slot1, _sn_x1__level1_age,
MIN(_sn_x1__n1) AS _sn_x1__n1, MIN(_sn_x1__median1) AS _sn_x1__median1, MIN(_sn_x1__mad1_each) AS _sn_x1__mad1
FROM mads1_quantiles
WHERE _sn__fitted = 1
GROUP BY _sn__key1, _sn__slot1, _sn_x1__level1_age), beside1 AS (SELECT aged.*, mads1._sn_x1__n1, mads1._sn_x1__median1, mads1._sn_x1__mad1
FROM aged
LEFT JOIN mads1 ON aged._sn__key1 IS NOT DISTINCT FROM mads1._sn__key1 AND aged._sn__slot1 IS NOT DISTINCT FROM mads1._sn__slot1 AND
aged._sn_x1__level1_age IS NOT DISTINCT FROM mads1._sn_x1__level1_age), judged AS (SELECT *, CASE WHEN _sn_x1__n1 >= {{ sqlnomaly.whole(s.min_rows) }}
THEN _sn_x1__median1 END AS _sn_x1__centre, CASE WHEN _sn_x1__n1 >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x1__mad1 END AS _sn_x1__mad,
CASE WHEN _sn_x1__n1 >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x1__n1 END AS _sn_x1__values
FROM beside1), missed AS (SELECT *, ABS(_sn_x1 - _sn_x1__centre) AS _sn_x1__miss
FROM judged), ages_2 AS (SELECT _sn__key1, _sn_x1__level0_age, MIN(_sn_x1__level0_place) AS _sn__first
FROM missed
WHERE NOT _sn_x1__level0_age IS NULL
GROUP BY _sn__key1, _sn_x1__level0_age), so_far AS (SELECT ages_2._sn__key1, ages_2._sn_x1__level0_age, missed._sn_x1__miss, missed._sn__fitted
FROM ages_2
INNER JOIN missed ON missed._sn__key1 IS NOT DISTINCT FROM ages_2._sn__key1
WHERE missed._sn_x1__level0_place < ages_2._sn__first), tails_quantiles AS (SELECT *, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN
_sn_x1__miss END, 0.98e0) OVER (PARTITION BY _sn__key1, _sn_x1__level0_age) AS _sn_x1__tail_each
FROM so_far), tails AS (SELECT _sn__key1, _sn_x1__level0_age, MIN(_sn_x1__tail_each) AS _sn_x1__tail, COUNT(_sn_x1__miss) AS _sn_x1__misses
FROM tails_quantiles
WHERE _sn__fitted = 1
GROUP BY _sn__key1, _sn_x1__level0_age), spreads AS (SELECT missed.*, tails._sn_x1__tail, tails._sn_x1__misses, LEAST(COALESCE(missed._sn_x1__values,
0), COALESCE(tails._sn_x1__misses, 0)) AS _sn_x1__n, GREATEST(COALESCE(missed._sn_x1__mad / NULLIF(0.6744897501960817e0, 0.0e0),
0.0e0), COALESCE(tails._sn_x1__tail / NULLIF(2.3263478740408408e0, 0.0e0), 0.0e0)) AS _sn_x1__wide, LEAST(COALESCE(missed._sn_x1__mad
/ NULLIF(0.6744897501960817e0, 0.0e0), 0.0e0), COALESCE(tails._sn_x1__tail / NULLIF(2.3263478740408408e0, 0.0e0), 0.0e0)) AS
_sn_x1__narrow
FROM missed
LEFT JOIN tails ON missed._sn__key1 IS NOT DISTINCT FROM tails._sn__key1 AND missed._sn_x1__level0_age IS NOT DISTINCT FROM tails._sn_x1__level0_age),
ratios AS (SELECT *, COALESCE(_sn_x1__narrow / NULLIF(_sn_x1__wide, 0.0e0), 0.0e0) AS _sn_x1__ratio
FROM spreads), model AS (SELECT *, CASE WHEN _sn_x1__wide > 1e-150 THEN _sn_x1__wide * SQRT(0.5e0 * (1.0e0 + CASE WHEN _sn_x1__ratio >
1e-10 THEN _sn_x1__ratio * _sn_x1__ratio ELSE 0.0e0 END)) ELSE 0.0e0 END AS _sn_x1__scale
FROM ratios), terms AS (SELECT *, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN _sn_x1__scale > 0.0e0 THEN
{%- if s.direction == 'both' %} ABS(_sn_x1 - _sn_x1__centre{% elif s.direction == 'high' %} (_sn_x1 - _sn_x1__centre{% elif s.direction == 'low' %} (_sn_x1__centre - _sn_x1{% endif %}
) / NULLIF(_sn_x1__scale, 0.0e0) WHEN _sn_x1 = _sn_x1__centre THEN 0.0e0 END END AS _sn_x1__term, _sn_x1__centre AS _sn_x1__expected
FROM model), scored AS (SELECT *, _sn_x1__term AS _sn__score
FROM terms) SELECT * EXCEPT (_sn_x1, _sn_x1__raw, _sn__key1, _sn__slot1, _sn__order1, _sn__fitted, _sn_x1__level0_place, _sn_x1__level1_place,
_sn_x1__level0_age, _sn_x1__level1_age, _sn_x1__n1, _sn_x1__median1, _sn_x1__mad1, _sn_x1__centre, _sn_x1__mad, _sn_x1__values, _sn_x1__miss,
_sn_x1__tail, _sn_x1__misses, _sn_x1__n, _sn_x1__wide, _sn_x1__narrow, _sn_x1__ratio, _sn_x1__scale, _sn_x1__term, _sn_x1__expected,
_sn__score), _sn__score AS anomaly_score, _sn__score > {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }} AS is_anomaly,
{{ sqlnomaly.real(s.threshold) }} AS anomaly_threshold, CASE WHEN NOT _sn__score IS NULL THEN {{ s.features[0].literal }} END AS anomaly_reason,
CASE WHEN _sn__order1 IS NULL OR _sn_x1__raw IS NULL THEN 'missing_value' WHEN _sn_x1 IS NULL THEN 'out_of_range' WHEN COALESCE(_sn_x1__n,
0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'warm_up' WHEN _sn__score IS NULL OR _sn_x1__scale = 0.0e0 THEN 'constant_baseline' ELSE 'ok' END
AS anomaly_status, CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x1__expected END AS anomaly_expected,
{%- if s.direction == 'both' %} CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre
- ({{ sqlnomaly.real(s.threshold) }} * _sn_x1__scale) END AS anomaly_lower, CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }}
AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre + ({{ sqlnomaly.real(s.threshold) }} * _sn_x1__scale) END{% elif s.direction == 'high' %} CAST(NULL AS FLOAT64) AS anomaly_lower, CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }}
>= 0.0e0 THEN _sn_x1__centre + ({{ sqlnomaly.real(s.threshold) }} * _sn_x1__scale) END{% elif s.direction == 'low' %} CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre
- ({{ sqlnomaly.real(s.threshold) }} * _sn_x1__scale) END AS anomaly_lower, CAST(NULL AS FLOAT64){% endif %}
AS anomaly_upper
FROM scored
{%- elif s.order and s.features | length == 1 and (s.rule, s.direction) in [('threshold', 'both'), ('threshold', 'high'), ('threshold', 'low')] and s.season == 'hour_of_week' -%}
WITH source AS (SELECT *, CASE WHEN ABS(CAST({{ s.features[0].value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ s.features[0].value }} AS
FLOAT64) END AS _sn_x1, CAST({{ s.features[0].value }} AS FLOAT64) AS _sn_x1__raw, {{ s.key }} AS _sn__key1, (24 * (MOD(EXTRACT(DAYOFWEEK
FROM CAST({{ s.order }} AS DATETIME)) + 5, 7) + 1 - 1)) + EXTRACT(HOUR
FROM CAST({{ s.order }} AS DATETIME)) AS _sn__slot1, CAST({{ s.order }} AS DATETIME) AS _sn__order1, CASE WHEN {{ s.filter }} AND NOT
CAST({{ s.order }} AS DATETIME) IS NULL THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), placed AS (SELECT *, CASE WHEN NOT _sn__order1 IS NULL THEN RANK() OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1
IS NULL THEN 1 ELSE 0 END ORDER BY _sn__order1 ASC) - 1 END AS _sn_x1__level0_place, CASE WHEN NOT _sn__order1 IS NULL THEN RANK() OVER (PARTITION
BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn__slot1 ORDER BY _sn__order1 ASC) - 1 END AS _sn_x1__level1_place
FROM source), aged AS (SELECT *, CASE WHEN _sn_x1__level0_place >= {{ sqlnomaly.whole(s.min_rows) }} THEN CAST(FLOOR(LN(GREATEST(COALESCE(_sn_x1__level0_place,
1), 1) - 0.25e0) / NULLIF(0.095310179804e0, 0.0e0)) AS INT64) END AS _sn_x1__level0_age, CASE WHEN _sn_x1__level1_place >= {{ sqlnomaly.whole(s.min_rows) }}
THEN CAST(FLOOR(LN(GREATEST(COALESCE(_sn_x1__level1_place, 1), 1) - 0.25e0) / NULLIF(0.095310179804e0, 0.0e0)) AS INT64)
END AS _sn_x1__level1_age
FROM placed), ages AS (SELECT _sn__key1, _sn__slot1, _sn_x1__level1_age, MIN(_sn_x1__level1_place) AS _sn__first
FROM aged
WHERE NOT _sn_x1__level1_age IS NULL
GROUP BY _sn__key1, _sn__slot1, _sn_x1__level1_age), again1 AS (SELECT ages._sn__key1, ages._sn__slot1, ages._sn_x1__level1_age,
aged._sn_x1, aged._sn__fitted
FROM ages
INNER JOIN aged ON aged._sn__key1 IS NOT DISTINCT FROM ages._sn__key1 AND aged._sn__slot1 IS NOT DISTINCT FROM ages._sn__slot1
WHERE aged._sn_x1__level1_place < ages._sn__first), before1 AS (SELECT ages._sn__key1, ages._sn__slot1, ages._sn_x1__level1_age,
aged._sn_x1, aged._sn__fitted
FROM ages
INNER JOIN aged ON aged._sn__key1 IS NOT DISTINCT FROM ages._sn__key1 AND aged._sn__slot1 IS NOT DISTINCT FROM ages._sn__slot1
WHERE aged._sn_x1__level1_place < ages._sn__first), medians1_quantiles AS (SELECT *, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN
_sn_x1 END, 0.5e0) OVER (PARTITION BY _sn__key1, _sn__slot1, _sn_x1__level1_age) AS _sn_x1__median1_each
FROM before1), medians1 AS (SELECT _sn__key1, _sn__slot1, _sn_x1__level1_age, COUNT(_sn_x1) AS _sn_x1__n1, MIN(_sn_x1__median1_each)
AS _sn_x1__median1
FROM medians1_quantiles
WHERE _sn__fitted = 1
GROUP BY _sn__key1, _sn__slot1, _sn_x1__level1_age), mads1_quantiles AS (SELECT again1.*, medians1._sn_x1__median1, medians1._sn_x1__n1,
PERCENTILE_CONT(CASE WHEN again1._sn__fitted = 1 THEN ABS(again1._sn_x1 - medians1._sn_x1__median1) END, 0.5e0) OVER (PARTITION
BY again1._sn__key1, again1._sn__slot1, again1._sn_x1__level1_age) AS _sn_x1__mad1_each
FROM again1
LEFT JOIN medians1 ON again1._sn__key1 IS NOT DISTINCT FROM medians1._sn__key1 AND again1._sn__slot1 IS NOT DISTINCT FROM medians1._sn__slot1
AND again1._sn_x1__level1_age IS NOT DISTINCT FROM medians1._sn_x1__level1_age), mads1 AS (SELECT _sn__key1, _sn__slot1, _sn_x1__level1_age,
MIN(_sn_x1__n1) AS _sn_x1__n1, MIN(_sn_x1__median1) AS _sn_x1__median1, MIN(_sn_x1__mad1_each) AS _sn_x1__mad1
FROM mads1_quantiles
WHERE _sn__fitted = 1
GROUP BY _sn__key1, _sn__slot1, _sn_x1__level1_age), beside1 AS (SELECT aged.*, mads1._sn_x1__n1, mads1._sn_x1__median1, mads1._sn_x1__mad1
FROM aged
LEFT JOIN mads1 ON aged._sn__key1 IS NOT DISTINCT FROM mads1._sn__key1 AND aged._sn__slot1 IS NOT DISTINCT FROM mads1._sn__slot1 AND
aged._sn_x1__level1_age IS NOT DISTINCT FROM mads1._sn_x1__level1_age), judged AS (SELECT *, CASE WHEN _sn_x1__n1 >= {{ sqlnomaly.whole(s.min_rows) }}
THEN _sn_x1__median1 END AS _sn_x1__centre, CASE WHEN _sn_x1__n1 >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x1__mad1 END AS _sn_x1__mad,
CASE WHEN _sn_x1__n1 >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x1__n1 END AS _sn_x1__values
FROM beside1), missed AS (SELECT *, ABS(_sn_x1 - _sn_x1__centre) AS _sn_x1__miss
FROM judged), ages_2 AS (SELECT _sn__key1, _sn_x1__level0_age, MIN(_sn_x1__level0_place) AS _sn__first
FROM missed
WHERE NOT _sn_x1__level0_age IS NULL
GROUP BY _sn__key1, _sn_x1__level0_age), so_far AS (SELECT ages_2._sn__key1, ages_2._sn_x1__level0_age, missed._sn_x1__miss, missed._sn__fitted
FROM ages_2
INNER JOIN missed ON missed._sn__key1 IS NOT DISTINCT FROM ages_2._sn__key1
WHERE missed._sn_x1__level0_place < ages_2._sn__first), tails_quantiles AS (SELECT *, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN
_sn_x1__miss END, 0.98e0) OVER (PARTITION BY _sn__key1, _sn_x1__level0_age) AS _sn_x1__tail_each
FROM so_far), tails AS (SELECT _sn__key1, _sn_x1__level0_age, MIN(_sn_x1__tail_each) AS _sn_x1__tail, COUNT(_sn_x1__miss) AS _sn_x1__misses
FROM tails_quantiles
WHERE _sn__fitted = 1
GROUP BY _sn__key1, _sn_x1__level0_age), spreads AS (SELECT missed.*, tails._sn_x1__tail, tails._sn_x1__misses, LEAST(COALESCE(missed._sn_x1__values,
0), COALESCE(tails._sn_x1__misses, 0)) AS _sn_x1__n, GREATEST(COALESCE(missed._sn_x1__mad / NULLIF(0.6744897501960817e0, 0.0e0),
0.0e0), COALESCE(tails._sn_x1__tail / NULLIF(2.3263478740408408e0, 0.0e0), 0.0e0)) AS _sn_x1__wide, LEAST(COALESCE(missed._sn_x1__mad
/ NULLIF(0.6744897501960817e0, 0.0e0), 0.0e0), COALESCE(tails._sn_x1__tail / NULLIF(2.3263478740408408e0, 0.0e0), 0.0e0)) AS
_sn_x1__narrow
FROM missed
LEFT JOIN tails ON missed._sn__key1 IS NOT DISTINCT FROM tails._sn__key1 AND missed._sn_x1__level0_age IS NOT DISTINCT FROM tails._sn_x1__level0_age),
ratios AS (SELECT *, COALESCE(_sn_x1__narrow / NULLIF(_sn_x1__wide, 0.0e0), 0.0e0) AS _sn_x1__ratio
FROM spreads), model AS (SELECT *, CASE WHEN _sn_x1__wide > 1e-150 THEN _sn_x1__wide * SQRT(0.5e0 * (1.0e0 + CASE WHEN _sn_x1__ratio >
1e-10 THEN _sn_x1__ratio * _sn_x1__ratio ELSE 0.0e0 END)) ELSE 0.0e0 END AS _sn_x1__scale
FROM ratios), terms AS (SELECT *, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN _sn_x1__scale > 0.0e0 THEN
{%- if s.direction == 'both' %} ABS(_sn_x1 - _sn_x1__centre{% elif s.direction == 'high' %} (_sn_x1 - _sn_x1__centre{% elif s.direction == 'low' %} (_sn_x1__centre - _sn_x1{% endif %}
) / NULLIF(_sn_x1__scale, 0.0e0) WHEN _sn_x1 = _sn_x1__centre THEN 0.0e0 END END AS _sn_x1__term, _sn_x1__centre AS _sn_x1__expected
FROM model), scored AS (SELECT *, _sn_x1__term AS _sn__score
FROM terms) SELECT * EXCEPT (_sn_x1, _sn_x1__raw, _sn__key1, _sn__slot1, _sn__order1, _sn__fitted, _sn_x1__level0_place, _sn_x1__level1_place,
_sn_x1__level0_age, _sn_x1__level1_age, _sn_x1__n1, _sn_x1__median1, _sn_x1__mad1, _sn_x1__centre, _sn_x1__mad, _sn_x1__values, _sn_x1__miss,
_sn_x1__tail, _sn_x1__misses, _sn_x1__n, _sn_x1__wide, _sn_x1__narrow, _sn_x1__ratio, _sn_x1__scale, _sn_x1__term, _sn_x1__expected,
_sn__score), _sn__score AS anomaly_score, _sn__score > {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }} AS is_anomaly,
{{ sqlnomaly.real(s.threshold) }} AS anomaly_threshold, CASE WHEN NOT _sn__score IS NULL THEN {{ s.features[0].literal }} END AS anomaly_reason,
CASE WHEN _sn__order1 IS NULL OR _sn_x1__raw IS NULL THEN 'missing_value' WHEN _sn_x1 IS NULL THEN 'out_of_range' WHEN COALESCE(_sn_x1__n,
0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'warm_up' WHEN _sn__score IS NULL OR _sn_x1__scale = 0.0e0 THEN 'constant_baseline' ELSE 'ok' END
AS anomaly_status, CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x1__expected END AS anomaly_expected,
{%- if s.direction == 'both' %} CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre
- ({{ sqlnomaly.real(s.threshold) }} * _sn_x1__scale) END AS anomaly_lower, CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }}
AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre + ({{ sqlnomaly.real(s.threshold) }} * _sn_x1__scale) END{% elif s.direction == 'high' %} CAST(NULL AS FLOAT64) AS anomaly_lower, CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }}
>= 0.0e0 THEN _sn_x1__centre + ({{ sqlnomaly.real(s.threshold) }} * _sn_x1__scale) END{% elif s.direction == 'low' %} CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre
- ({{ sqlnomaly.real(s.threshold) }} * _sn_x1__scale) END AS anomaly_lower, CAST(NULL AS FLOAT64){% endif %}
AS anomaly_upper
FROM scored
{%- else -%}
{{ sqlnomaly.no_such_way('seasonal', s, ['threshold, with order_by, 1 feature, season dow', 'threshold, with order_by, 1 feature, season hour', 'threshold, with order_by, 1 feature, season hour_of_week']) }}
{%- endif -%}
{%- endmacro -%}

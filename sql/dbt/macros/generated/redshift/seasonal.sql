{#- sqlnomaly 0.1.0: seasonal for redshift, generated; do not edit. -#}
{%- macro redshift__sqlnomaly_seasonal(s) -%}
{%- do sqlnomaly.only_options('seasonal', s, []) -%}
{%- if s.order and s.features | length == 1 and (s.rule, s.direction) in [('threshold', 'both'), ('threshold', 'high'), ('threshold', 'low')] and s.season == 'dow' -%}
WITH source AS (SELECT {{ s.columns }}, CASE WHEN ABS({{ s.features[0].value }}) <= 1e+150 THEN {{ s.features[0].value }} END AS _sn_x1,
{{ s.features[0].value }} AS _sn_x1__raw, {{ s.key }} AS _sn__key1, (EXTRACT(DOW
FROM CAST({{ s.order }} AS TIMESTAMP)) + 6) % 7 + 1 AS _sn__slot1, CAST({{ s.order }} AS TIMESTAMP) AS _sn__order1, CASE WHEN {{ s.filter }}
AND NOT CAST({{ s.order }} AS TIMESTAMP) IS NULL THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), placed AS (SELECT *, CASE WHEN NOT _sn__order1 IS NULL THEN RANK() OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1
IS NULL THEN 1 ELSE 0 END ORDER BY _sn__order1 ASC) - 1 END AS _sn_x1__level0_place, CASE WHEN NOT _sn__order1 IS NULL THEN RANK() OVER (PARTITION
BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn__slot1 ORDER BY _sn__order1 ASC) - 1 END AS _sn_x1__level1_place
FROM source), aged AS (SELECT *, CASE WHEN _sn_x1__level0_place >= {{ sqlnomaly.whole(s.min_rows) }} THEN CAST(FLOOR(CAST(LN(GREATEST(COALESCE(_sn_x1__level0_place,
1), 1) - CAST(0.25e0 AS DOUBLE PRECISION)) AS DOUBLE PRECISION) / NULLIF(CAST(0.095310179804e0 AS DOUBLE PRECISION), 0.0e0))
AS BIGINT) END AS _sn_x1__level0_age, CASE WHEN _sn_x1__level1_place >= {{ sqlnomaly.whole(s.min_rows) }} THEN CAST(FLOOR(CAST(LN(GREATEST(COALESCE(_sn_x1__level1_place,
1), 1) - CAST(0.25e0 AS DOUBLE PRECISION)) AS DOUBLE PRECISION) / NULLIF(CAST(0.095310179804e0 AS DOUBLE PRECISION), 0.0e0))
AS BIGINT) END AS _sn_x1__level1_age
FROM placed), ages AS (SELECT _sn__key1, _sn__slot1, _sn_x1__level1_age, MIN(_sn_x1__level1_place) AS _sn__first
FROM aged
WHERE NOT _sn_x1__level1_age IS NULL
GROUP BY _sn__key1, _sn__slot1, _sn_x1__level1_age), again1 AS (SELECT ages._sn__key1, ages._sn__slot1, ages._sn_x1__level1_age,
aged._sn_x1, aged._sn__fitted
FROM ages
INNER JOIN aged ON (aged._sn__key1 = ages._sn__key1 OR (aged._sn__key1 IS NULL AND ages._sn__key1 IS NULL)) AND (aged._sn__slot1
= ages._sn__slot1 OR (aged._sn__slot1 IS NULL AND ages._sn__slot1 IS NULL))
WHERE aged._sn_x1__level1_place < ages._sn__first), before1 AS (SELECT ages._sn__key1, ages._sn__slot1, ages._sn_x1__level1_age,
aged._sn_x1, aged._sn__fitted
FROM ages
INNER JOIN aged ON (aged._sn__key1 = ages._sn__key1 OR (aged._sn__key1 IS NULL AND ages._sn__key1 IS NULL)) AND (aged._sn__slot1
= ages._sn__slot1 OR (aged._sn__slot1 IS NULL AND ages._sn__slot1 IS NULL))
WHERE aged._sn_x1__level1_place < ages._sn__first), medians1 AS (SELECT _sn__key1, _sn__slot1, _sn_x1__level1_age, COUNT(_sn_x1)
AS _sn_x1__n1, PERCENTILE_CONT(0.5e0) WITHIN
GROUP(ORDER BY _sn_x1) AS _sn_x1__median1
FROM before1
WHERE _sn__fitted = 1
GROUP BY _sn__key1, _sn__slot1, _sn_x1__level1_age), mads1 AS (SELECT again1._sn__key1, again1._sn__slot1, again1._sn_x1__level1_age,
MIN(medians1._sn_x1__n1) AS _sn_x1__n1, MIN(medians1._sn_x1__median1) AS _sn_x1__median1, PERCENTILE_CONT(0.5e0) WITHIN
GROUP(ORDER BY ABS(again1._sn_x1 - medians1._sn_x1__median1)) AS _sn_x1__mad1
FROM again1
LEFT JOIN medians1 ON (again1._sn__key1 = medians1._sn__key1 OR (again1._sn__key1 IS NULL AND medians1._sn__key1 IS NULL)) AND (again1._sn__slot1
= medians1._sn__slot1 OR (again1._sn__slot1 IS NULL AND medians1._sn__slot1 IS NULL)) AND (again1._sn_x1__level1_age = medians1._sn_x1__level1_age
OR (again1._sn_x1__level1_age IS NULL AND medians1._sn_x1__level1_age IS NULL))
WHERE again1._sn__fitted = 1
GROUP BY again1._sn__key1, again1._sn__slot1, again1._sn_x1__level1_age), beside1 AS (SELECT aged.*, mads1._sn_x1__n1, mads1._sn_x1__median1,
mads1._sn_x1__mad1
FROM aged
LEFT JOIN mads1 ON (aged._sn__key1 = mads1._sn__key1 OR (aged._sn__key1 IS NULL AND mads1._sn__key1 IS NULL)) AND (aged._sn__slot1
= mads1._sn__slot1 OR (aged._sn__slot1 IS NULL AND mads1._sn__slot1 IS NULL)) AND (aged._sn_x1__level1_age = mads1._sn_x1__level1_age
OR (aged._sn_x1__level1_age IS NULL AND mads1._sn_x1__level1_age IS NULL))), judged AS (SELECT *, CASE WHEN _sn_x1__n1 >= {{ sqlnomaly.whole(s.min_rows) }}
THEN _sn_x1__median1 END AS _sn_x1__centre, CASE WHEN _sn_x1__n1 >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x1__mad1 END AS _sn_x1__mad,
CASE WHEN _sn_x1__n1 >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x1__n1 END AS _sn_x1__values
FROM beside1), missed AS (SELECT *, ABS(_sn_x1 - _sn_x1__centre) AS _sn_x1__miss
FROM judged), ages_2 AS (SELECT _sn__key1, _sn_x1__level0_age, MIN(_sn_x1__level0_place) AS _sn__first
FROM missed
WHERE NOT _sn_x1__level0_age IS NULL
GROUP BY _sn__key1, _sn_x1__level0_age), so_far AS (SELECT ages_2._sn__key1, ages_2._sn_x1__level0_age, missed._sn_x1__miss, missed._sn__fitted
FROM ages_2
INNER JOIN missed ON (missed._sn__key1 = ages_2._sn__key1 OR (missed._sn__key1 IS NULL AND ages_2._sn__key1 IS NULL))
WHERE missed._sn_x1__level0_place < ages_2._sn__first), tails AS (SELECT _sn__key1, _sn_x1__level0_age, PERCENTILE_CONT(0.98e0) WITHIN
GROUP(ORDER BY _sn_x1__miss) AS _sn_x1__tail, COUNT(_sn_x1__miss) AS _sn_x1__misses
FROM so_far
WHERE _sn__fitted = 1
GROUP BY _sn__key1, _sn_x1__level0_age), spreads AS (SELECT missed.*, tails._sn_x1__tail, tails._sn_x1__misses, LEAST(COALESCE(missed._sn_x1__values,
0), COALESCE(tails._sn_x1__misses, 0)) AS _sn_x1__n, GREATEST(COALESCE(CAST(missed._sn_x1__mad AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0
AS DOUBLE PRECISION), 0.0e0), CAST(0.0e0 AS DOUBLE PRECISION)), COALESCE(CAST(tails._sn_x1__tail AS DOUBLE PRECISION) / NULLIF(CAST(2.3263478740408408e0
AS DOUBLE PRECISION), 0.0e0), CAST(0.0e0 AS DOUBLE PRECISION))) AS _sn_x1__wide, LEAST(COALESCE(CAST(missed._sn_x1__mad AS
DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE PRECISION), 0.0e0), CAST(0.0e0 AS DOUBLE PRECISION)), COALESCE(CAST(tails._sn_x1__tail
AS DOUBLE PRECISION) / NULLIF(CAST(2.3263478740408408e0 AS DOUBLE PRECISION), 0.0e0), CAST(0.0e0 AS DOUBLE PRECISION))) AS _sn_x1__narrow
FROM missed
LEFT JOIN tails ON (missed._sn__key1 = tails._sn__key1 OR (missed._sn__key1 IS NULL AND tails._sn__key1 IS NULL)) AND (missed._sn_x1__level0_age
= tails._sn_x1__level0_age OR (missed._sn_x1__level0_age IS NULL AND tails._sn_x1__level0_age IS NULL))), ratios AS (SELECT *, COALESCE(CAST(_sn_x1__narrow
AS DOUBLE PRECISION) / NULLIF(_sn_x1__wide, 0.0e0), CAST(0.0e0 AS DOUBLE PRECISION)) AS _sn_x1__ratio
FROM spreads), model AS (SELECT *, CASE WHEN _sn_x1__wide > 1e-150 THEN _sn_x1__wide * SQRT(CAST(0.5e0 AS DOUBLE PRECISION) * (CAST(1.0e0
AS DOUBLE PRECISION) + CASE WHEN _sn_x1__ratio > 1e-10 THEN _sn_x1__ratio * _sn_x1__ratio ELSE CAST(0.0e0 AS DOUBLE PRECISION) END)) ELSE
CAST(0.0e0 AS DOUBLE PRECISION) END AS _sn_x1__scale
FROM ratios), terms AS (SELECT *, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN _sn_x1__scale > 0.0e0 THEN CAST(
{%- if s.direction == 'both' %} ABS(_sn_x1 - _sn_x1__centre{% elif s.direction == 'high' %} (_sn_x1 - _sn_x1__centre{% elif s.direction == 'low' %} (_sn_x1__centre - _sn_x1{% endif %}
) AS DOUBLE PRECISION) / NULLIF(_sn_x1__scale, 0.0e0) WHEN _sn_x1 = _sn_x1__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END END AS _sn_x1__term,
_sn_x1__centre AS _sn_x1__expected
FROM model), scored AS (SELECT *, _sn_x1__term AS _sn__score
FROM terms) SELECT {{ s.columns }}, _sn__score AS anomaly_score, _sn__score > {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }}
AS is_anomaly, CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) AS anomaly_threshold, CASE WHEN NOT _sn__score IS NULL THEN {{ s.features[0].literal }}
END AS anomaly_reason, CASE WHEN _sn__order1 IS NULL OR _sn_x1__raw IS NULL THEN 'missing_value' WHEN _sn_x1 IS NULL THEN 'out_of_range' WHEN
COALESCE(_sn_x1__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'warm_up' WHEN _sn__score IS NULL OR _sn_x1__scale = 0.0e0 THEN 'constant_baseline'
ELSE 'ok' END AS anomaly_status, CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x1__expected
END AS anomaly_expected,
{%- if s.direction == 'both' %} CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre
- (CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) * _sn_x1__scale) END AS anomaly_lower, CASE WHEN NOT _sn__order1 IS NULL
AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre + (CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) * _sn_x1__scale) END{% elif s.direction == 'high' %} CAST(NULL AS DOUBLE PRECISION) AS anomaly_lower, CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND
{{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre + (CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) * _sn_x1__scale)
END{% elif s.direction == 'low' %} CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre
- (CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) * _sn_x1__scale) END AS anomaly_lower, CAST(NULL AS DOUBLE PRECISION){% endif %}
AS anomaly_upper
FROM scored
{%- elif s.order and s.features | length == 1 and (s.rule, s.direction) in [('threshold', 'both'), ('threshold', 'high'), ('threshold', 'low')] and s.season == 'hour' -%}
WITH source AS (SELECT {{ s.columns }}, CASE WHEN ABS({{ s.features[0].value }}) <= 1e+150 THEN {{ s.features[0].value }} END AS _sn_x1,
{{ s.features[0].value }} AS _sn_x1__raw, {{ s.key }} AS _sn__key1, EXTRACT(HOUR
FROM CAST({{ s.order }} AS TIMESTAMP)) AS _sn__slot1, CAST({{ s.order }} AS TIMESTAMP) AS _sn__order1, CASE WHEN {{ s.filter }} AND
NOT CAST({{ s.order }} AS TIMESTAMP) IS NULL THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), placed AS (SELECT *, CASE WHEN NOT _sn__order1 IS NULL THEN RANK() OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1
IS NULL THEN 1 ELSE 0 END ORDER BY _sn__order1 ASC) - 1 END AS _sn_x1__level0_place, CASE WHEN NOT _sn__order1 IS NULL THEN RANK() OVER (PARTITION
BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn__slot1 ORDER BY _sn__order1 ASC) - 1 END AS _sn_x1__level1_place
FROM source), aged AS (SELECT *, CASE WHEN _sn_x1__level0_place >= {{ sqlnomaly.whole(s.min_rows) }} THEN CAST(FLOOR(CAST(LN(GREATEST(COALESCE(_sn_x1__level0_place,
1), 1) - CAST(0.25e0 AS DOUBLE PRECISION)) AS DOUBLE PRECISION) / NULLIF(CAST(0.095310179804e0 AS DOUBLE PRECISION), 0.0e0))
AS BIGINT) END AS _sn_x1__level0_age, CASE WHEN _sn_x1__level1_place >= {{ sqlnomaly.whole(s.min_rows) }} THEN CAST(FLOOR(CAST(LN(GREATEST(COALESCE(_sn_x1__level1_place,
1), 1) - CAST(0.25e0 AS DOUBLE PRECISION)) AS DOUBLE PRECISION) / NULLIF(CAST(0.095310179804e0 AS DOUBLE PRECISION), 0.0e0))
AS BIGINT) END AS _sn_x1__level1_age
FROM placed), ages AS (SELECT _sn__key1, _sn__slot1, _sn_x1__level1_age, MIN(_sn_x1__level1_place) AS _sn__first
FROM aged
WHERE NOT _sn_x1__level1_age IS NULL
GROUP BY _sn__key1, _sn__slot1, _sn_x1__level1_age), again1 AS (SELECT ages._sn__key1, ages._sn__slot1, ages._sn_x1__level1_age,
aged._sn_x1, aged._sn__fitted
FROM ages
INNER JOIN aged ON (aged._sn__key1 = ages._sn__key1 OR (aged._sn__key1 IS NULL AND ages._sn__key1 IS NULL)) AND (aged._sn__slot1
= ages._sn__slot1 OR (aged._sn__slot1 IS NULL AND ages._sn__slot1 IS NULL))
WHERE aged._sn_x1__level1_place < ages._sn__first), before1 AS (SELECT ages._sn__key1, ages._sn__slot1, ages._sn_x1__level1_age,
aged._sn_x1, aged._sn__fitted
FROM ages
INNER JOIN aged ON (aged._sn__key1 = ages._sn__key1 OR (aged._sn__key1 IS NULL AND ages._sn__key1 IS NULL)) AND (aged._sn__slot1
= ages._sn__slot1 OR (aged._sn__slot1 IS NULL AND ages._sn__slot1 IS NULL))
WHERE aged._sn_x1__level1_place < ages._sn__first), medians1 AS (SELECT _sn__key1, _sn__slot1, _sn_x1__level1_age, COUNT(_sn_x1)
AS _sn_x1__n1, PERCENTILE_CONT(0.5e0) WITHIN
GROUP(ORDER BY _sn_x1) AS _sn_x1__median1
FROM before1
WHERE _sn__fitted = 1
GROUP BY _sn__key1, _sn__slot1, _sn_x1__level1_age), mads1 AS (SELECT again1._sn__key1, again1._sn__slot1, again1._sn_x1__level1_age,
MIN(medians1._sn_x1__n1) AS _sn_x1__n1, MIN(medians1._sn_x1__median1) AS _sn_x1__median1, PERCENTILE_CONT(0.5e0) WITHIN
GROUP(ORDER BY ABS(again1._sn_x1 - medians1._sn_x1__median1)) AS _sn_x1__mad1
FROM again1
LEFT JOIN medians1 ON (again1._sn__key1 = medians1._sn__key1 OR (again1._sn__key1 IS NULL AND medians1._sn__key1 IS NULL)) AND (again1._sn__slot1
= medians1._sn__slot1 OR (again1._sn__slot1 IS NULL AND medians1._sn__slot1 IS NULL)) AND (again1._sn_x1__level1_age = medians1._sn_x1__level1_age
OR (again1._sn_x1__level1_age IS NULL AND medians1._sn_x1__level1_age IS NULL))
WHERE again1._sn__fitted = 1
GROUP BY again1._sn__key1, again1._sn__slot1, again1._sn_x1__level1_age), beside1 AS (SELECT aged.*, mads1._sn_x1__n1, mads1._sn_x1__median1,
mads1._sn_x1__mad1
FROM aged
LEFT JOIN mads1 ON (aged._sn__key1 = mads1._sn__key1 OR (aged._sn__key1 IS NULL AND mads1._sn__key1 IS NULL)) AND (aged._sn__slot1
= mads1._sn__slot1 OR (aged._sn__slot1 IS NULL AND mads1._sn__slot1 IS NULL)) AND (aged._sn_x1__level1_age = mads1._sn_x1__level1_age
OR (aged._sn_x1__level1_age IS NULL AND mads1._sn_x1__level1_age IS NULL))), judged AS (SELECT *, CASE WHEN _sn_x1__n1 >= {{ sqlnomaly.whole(s.min_rows) }}
THEN _sn_x1__median1 END AS _sn_x1__centre, CASE WHEN _sn_x1__n1 >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x1__mad1 END AS _sn_x1__mad,
CASE WHEN _sn_x1__n1 >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x1__n1 END AS _sn_x1__values
FROM beside1), missed AS (SELECT *, ABS(_sn_x1 - _sn_x1__centre) AS _sn_x1__miss
FROM judged), ages_2 AS (SELECT _sn__key1, _sn_x1__level0_age, MIN(_sn_x1__level0_place) AS _sn__first
FROM missed
WHERE NOT _sn_x1__level0_age IS NULL
GROUP BY _sn__key1, _sn_x1__level0_age), so_far AS (SELECT ages_2._sn__key1, ages_2._sn_x1__level0_age, missed._sn_x1__miss, missed._sn__fitted
FROM ages_2
INNER JOIN missed ON (missed._sn__key1 = ages_2._sn__key1 OR (missed._sn__key1 IS NULL AND ages_2._sn__key1 IS NULL))
WHERE missed._sn_x1__level0_place < ages_2._sn__first), tails AS (SELECT _sn__key1, _sn_x1__level0_age, PERCENTILE_CONT(0.98e0) WITHIN
GROUP(ORDER BY _sn_x1__miss) AS _sn_x1__tail, COUNT(_sn_x1__miss) AS _sn_x1__misses
FROM so_far
WHERE _sn__fitted = 1
GROUP BY _sn__key1, _sn_x1__level0_age), spreads AS (SELECT missed.*, tails._sn_x1__tail, tails._sn_x1__misses, LEAST(COALESCE(missed._sn_x1__values,
0), COALESCE(tails._sn_x1__misses, 0)) AS _sn_x1__n, GREATEST(COALESCE(CAST(missed._sn_x1__mad AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0
AS DOUBLE PRECISION), 0.0e0), CAST(0.0e0 AS DOUBLE PRECISION)), COALESCE(CAST(tails._sn_x1__tail AS DOUBLE PRECISION) / NULLIF(CAST(2.3263478740408408e0
AS DOUBLE PRECISION), 0.0e0), CAST(0.0e0 AS DOUBLE PRECISION))) AS _sn_x1__wide, LEAST(COALESCE(CAST(missed._sn_x1__mad AS
DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE PRECISION), 0.0e0), CAST(0.0e0 AS DOUBLE PRECISION)), COALESCE(CAST(tails._sn_x1__tail
AS DOUBLE PRECISION) / NULLIF(CAST(2.3263478740408408e0 AS DOUBLE PRECISION), 0.0e0), CAST(0.0e0 AS DOUBLE PRECISION))) AS _sn_x1__narrow
FROM missed
LEFT JOIN tails ON (missed._sn__key1 = tails._sn__key1 OR (missed._sn__key1 IS NULL AND tails._sn__key1 IS NULL)) AND (missed._sn_x1__level0_age
= tails._sn_x1__level0_age OR (missed._sn_x1__level0_age IS NULL AND tails._sn_x1__level0_age IS NULL))), ratios AS (SELECT *, COALESCE(CAST(_sn_x1__narrow
AS DOUBLE PRECISION) / NULLIF(_sn_x1__wide, 0.0e0), CAST(0.0e0 AS DOUBLE PRECISION)) AS _sn_x1__ratio
FROM spreads), model AS (SELECT *, CASE WHEN _sn_x1__wide > 1e-150 THEN _sn_x1__wide * SQRT(CAST(0.5e0 AS DOUBLE PRECISION) * (CAST(1.0e0
AS DOUBLE PRECISION) + CASE WHEN _sn_x1__ratio > 1e-10 THEN _sn_x1__ratio * _sn_x1__ratio ELSE CAST(0.0e0 AS DOUBLE PRECISION) END)) ELSE
CAST(0.0e0 AS DOUBLE PRECISION) END AS _sn_x1__scale
FROM ratios), terms AS (SELECT *, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN _sn_x1__scale > 0.0e0 THEN CAST(
{%- if s.direction == 'both' %} ABS(_sn_x1 - _sn_x1__centre{% elif s.direction == 'high' %} (_sn_x1 - _sn_x1__centre{% elif s.direction == 'low' %} (_sn_x1__centre - _sn_x1{% endif %}
) AS DOUBLE PRECISION) / NULLIF(_sn_x1__scale, 0.0e0) WHEN _sn_x1 = _sn_x1__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END END AS _sn_x1__term,
_sn_x1__centre AS _sn_x1__expected
FROM model), scored AS (SELECT *, _sn_x1__term AS _sn__score
FROM terms) SELECT {{ s.columns }}, _sn__score AS anomaly_score, _sn__score > {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }}
AS is_anomaly, CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) AS anomaly_threshold, CASE WHEN NOT _sn__score IS NULL THEN {{ s.features[0].literal }}
END AS anomaly_reason, CASE WHEN _sn__order1 IS NULL OR _sn_x1__raw IS NULL THEN 'missing_value' WHEN _sn_x1 IS NULL THEN 'out_of_range' WHEN
COALESCE(_sn_x1__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'warm_up' WHEN _sn__score IS NULL OR _sn_x1__scale = 0.0e0 THEN 'constant_baseline'
ELSE 'ok' END AS anomaly_status, CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x1__expected
END AS anomaly_expected,
{%- if s.direction == 'both' %} CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre
- (CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) * _sn_x1__scale) END AS anomaly_lower, CASE WHEN NOT _sn__order1 IS NULL
AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre + (CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) * _sn_x1__scale) END{% elif s.direction == 'high' %} CAST(NULL AS DOUBLE PRECISION) AS anomaly_lower, CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND
{{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre + (CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) * _sn_x1__scale)
END{% elif s.direction == 'low' %} CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre
- (CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) * _sn_x1__scale) END AS anomaly_lower, CAST(NULL AS DOUBLE PRECISION){% endif %}
AS anomaly_upper
FROM scored
{%- elif s.order and s.features | length == 1 and (s.rule, s.direction) in [('threshold', 'both'), ('threshold', 'high'), ('threshold', 'low')] and s.season == 'hour_of_week' -%}
WITH source AS (SELECT {{ s.columns }}, CASE WHEN ABS({{ s.features[0].value }}) <= 1e+150 THEN {{ s.features[0].value }} END AS _sn_x1,
{{ s.features[0].value }} AS _sn_x1__raw, {{ s.key }} AS _sn__key1, (24 * ((EXTRACT(DOW
FROM CAST({{ s.order }} AS TIMESTAMP)) + 6) % 7 + 1 - 1)) + EXTRACT(HOUR
FROM CAST({{ s.order }} AS TIMESTAMP)) AS _sn__slot1, CAST({{ s.order }} AS TIMESTAMP) AS _sn__order1, CASE WHEN {{ s.filter }} AND
NOT CAST({{ s.order }} AS TIMESTAMP) IS NULL THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), placed AS (SELECT *, CASE WHEN NOT _sn__order1 IS NULL THEN RANK() OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1
IS NULL THEN 1 ELSE 0 END ORDER BY _sn__order1 ASC) - 1 END AS _sn_x1__level0_place, CASE WHEN NOT _sn__order1 IS NULL THEN RANK() OVER (PARTITION
BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn__slot1 ORDER BY _sn__order1 ASC) - 1 END AS _sn_x1__level1_place
FROM source), aged AS (SELECT *, CASE WHEN _sn_x1__level0_place >= {{ sqlnomaly.whole(s.min_rows) }} THEN CAST(FLOOR(CAST(LN(GREATEST(COALESCE(_sn_x1__level0_place,
1), 1) - CAST(0.25e0 AS DOUBLE PRECISION)) AS DOUBLE PRECISION) / NULLIF(CAST(0.095310179804e0 AS DOUBLE PRECISION), 0.0e0))
AS BIGINT) END AS _sn_x1__level0_age, CASE WHEN _sn_x1__level1_place >= {{ sqlnomaly.whole(s.min_rows) }} THEN CAST(FLOOR(CAST(LN(GREATEST(COALESCE(_sn_x1__level1_place,
1), 1) - CAST(0.25e0 AS DOUBLE PRECISION)) AS DOUBLE PRECISION) / NULLIF(CAST(0.095310179804e0 AS DOUBLE PRECISION), 0.0e0))
AS BIGINT) END AS _sn_x1__level1_age
FROM placed), ages AS (SELECT _sn__key1, _sn__slot1, _sn_x1__level1_age, MIN(_sn_x1__level1_place) AS _sn__first
FROM aged
WHERE NOT _sn_x1__level1_age IS NULL
GROUP BY _sn__key1, _sn__slot1, _sn_x1__level1_age), again1 AS (SELECT ages._sn__key1, ages._sn__slot1, ages._sn_x1__level1_age,
aged._sn_x1, aged._sn__fitted
FROM ages
INNER JOIN aged ON (aged._sn__key1 = ages._sn__key1 OR (aged._sn__key1 IS NULL AND ages._sn__key1 IS NULL)) AND (aged._sn__slot1
= ages._sn__slot1 OR (aged._sn__slot1 IS NULL AND ages._sn__slot1 IS NULL))
WHERE aged._sn_x1__level1_place < ages._sn__first), before1 AS (SELECT ages._sn__key1, ages._sn__slot1, ages._sn_x1__level1_age,
aged._sn_x1, aged._sn__fitted
FROM ages
INNER JOIN aged ON (aged._sn__key1 = ages._sn__key1 OR (aged._sn__key1 IS NULL AND ages._sn__key1 IS NULL)) AND (aged._sn__slot1
= ages._sn__slot1 OR (aged._sn__slot1 IS NULL AND ages._sn__slot1 IS NULL))
WHERE aged._sn_x1__level1_place < ages._sn__first), medians1 AS (SELECT _sn__key1, _sn__slot1, _sn_x1__level1_age, COUNT(_sn_x1)
AS _sn_x1__n1, PERCENTILE_CONT(0.5e0) WITHIN
GROUP(ORDER BY _sn_x1) AS _sn_x1__median1
FROM before1
WHERE _sn__fitted = 1
GROUP BY _sn__key1, _sn__slot1, _sn_x1__level1_age), mads1 AS (SELECT again1._sn__key1, again1._sn__slot1, again1._sn_x1__level1_age,
MIN(medians1._sn_x1__n1) AS _sn_x1__n1, MIN(medians1._sn_x1__median1) AS _sn_x1__median1, PERCENTILE_CONT(0.5e0) WITHIN
GROUP(ORDER BY ABS(again1._sn_x1 - medians1._sn_x1__median1)) AS _sn_x1__mad1
FROM again1
LEFT JOIN medians1 ON (again1._sn__key1 = medians1._sn__key1 OR (again1._sn__key1 IS NULL AND medians1._sn__key1 IS NULL)) AND (again1._sn__slot1
= medians1._sn__slot1 OR (again1._sn__slot1 IS NULL AND medians1._sn__slot1 IS NULL)) AND (again1._sn_x1__level1_age = medians1._sn_x1__level1_age
OR (again1._sn_x1__level1_age IS NULL AND medians1._sn_x1__level1_age IS NULL))
WHERE again1._sn__fitted = 1
GROUP BY again1._sn__key1, again1._sn__slot1, again1._sn_x1__level1_age), beside1 AS (SELECT aged.*, mads1._sn_x1__n1, mads1._sn_x1__median1,
mads1._sn_x1__mad1
FROM aged
LEFT JOIN mads1 ON (aged._sn__key1 = mads1._sn__key1 OR (aged._sn__key1 IS NULL AND mads1._sn__key1 IS NULL)) AND (aged._sn__slot1
= mads1._sn__slot1 OR (aged._sn__slot1 IS NULL AND mads1._sn__slot1 IS NULL)) AND (aged._sn_x1__level1_age = mads1._sn_x1__level1_age
OR (aged._sn_x1__level1_age IS NULL AND mads1._sn_x1__level1_age IS NULL))), judged AS (SELECT *, CASE WHEN _sn_x1__n1 >= {{ sqlnomaly.whole(s.min_rows) }}
THEN _sn_x1__median1 END AS _sn_x1__centre, CASE WHEN _sn_x1__n1 >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x1__mad1 END AS _sn_x1__mad,
CASE WHEN _sn_x1__n1 >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x1__n1 END AS _sn_x1__values
FROM beside1), missed AS (SELECT *, ABS(_sn_x1 - _sn_x1__centre) AS _sn_x1__miss
FROM judged), ages_2 AS (SELECT _sn__key1, _sn_x1__level0_age, MIN(_sn_x1__level0_place) AS _sn__first
FROM missed
WHERE NOT _sn_x1__level0_age IS NULL
GROUP BY _sn__key1, _sn_x1__level0_age), so_far AS (SELECT ages_2._sn__key1, ages_2._sn_x1__level0_age, missed._sn_x1__miss, missed._sn__fitted
FROM ages_2
INNER JOIN missed ON (missed._sn__key1 = ages_2._sn__key1 OR (missed._sn__key1 IS NULL AND ages_2._sn__key1 IS NULL))
WHERE missed._sn_x1__level0_place < ages_2._sn__first), tails AS (SELECT _sn__key1, _sn_x1__level0_age, PERCENTILE_CONT(0.98e0) WITHIN
GROUP(ORDER BY _sn_x1__miss) AS _sn_x1__tail, COUNT(_sn_x1__miss) AS _sn_x1__misses
FROM so_far
WHERE _sn__fitted = 1
GROUP BY _sn__key1, _sn_x1__level0_age), spreads AS (SELECT missed.*, tails._sn_x1__tail, tails._sn_x1__misses, LEAST(COALESCE(missed._sn_x1__values,
0), COALESCE(tails._sn_x1__misses, 0)) AS _sn_x1__n, GREATEST(COALESCE(CAST(missed._sn_x1__mad AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0
AS DOUBLE PRECISION), 0.0e0), CAST(0.0e0 AS DOUBLE PRECISION)), COALESCE(CAST(tails._sn_x1__tail AS DOUBLE PRECISION) / NULLIF(CAST(2.3263478740408408e0
AS DOUBLE PRECISION), 0.0e0), CAST(0.0e0 AS DOUBLE PRECISION))) AS _sn_x1__wide, LEAST(COALESCE(CAST(missed._sn_x1__mad AS
DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE PRECISION), 0.0e0), CAST(0.0e0 AS DOUBLE PRECISION)), COALESCE(CAST(tails._sn_x1__tail
AS DOUBLE PRECISION) / NULLIF(CAST(2.3263478740408408e0 AS DOUBLE PRECISION), 0.0e0), CAST(0.0e0 AS DOUBLE PRECISION))) AS _sn_x1__narrow
FROM missed
LEFT JOIN tails ON (missed._sn__key1 = tails._sn__key1 OR (missed._sn__key1 IS NULL AND tails._sn__key1 IS NULL)) AND (missed._sn_x1__level0_age
= tails._sn_x1__level0_age OR (missed._sn_x1__level0_age IS NULL AND tails._sn_x1__level0_age IS NULL))), ratios AS (SELECT *, COALESCE(CAST(_sn_x1__narrow
AS DOUBLE PRECISION) / NULLIF(_sn_x1__wide, 0.0e0), CAST(0.0e0 AS DOUBLE PRECISION)) AS _sn_x1__ratio
FROM spreads), model AS (SELECT *, CASE WHEN _sn_x1__wide > 1e-150 THEN _sn_x1__wide * SQRT(CAST(0.5e0 AS DOUBLE PRECISION) * (CAST(1.0e0
AS DOUBLE PRECISION) + CASE WHEN _sn_x1__ratio > 1e-10 THEN _sn_x1__ratio * _sn_x1__ratio ELSE CAST(0.0e0 AS DOUBLE PRECISION) END)) ELSE
CAST(0.0e0 AS DOUBLE PRECISION) END AS _sn_x1__scale
FROM ratios), terms AS (SELECT *, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN _sn_x1__scale > 0.0e0 THEN CAST(
{%- if s.direction == 'both' %} ABS(_sn_x1 - _sn_x1__centre{% elif s.direction == 'high' %} (_sn_x1 - _sn_x1__centre{% elif s.direction == 'low' %} (_sn_x1__centre - _sn_x1{% endif %}
) AS DOUBLE PRECISION) / NULLIF(_sn_x1__scale, 0.0e0) WHEN _sn_x1 = _sn_x1__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END END AS _sn_x1__term,
_sn_x1__centre AS _sn_x1__expected
FROM model), scored AS (SELECT *, _sn_x1__term AS _sn__score
FROM terms) SELECT {{ s.columns }}, _sn__score AS anomaly_score, _sn__score > {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }}
AS is_anomaly, CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) AS anomaly_threshold, CASE WHEN NOT _sn__score IS NULL THEN {{ s.features[0].literal }}
END AS anomaly_reason, CASE WHEN _sn__order1 IS NULL OR _sn_x1__raw IS NULL THEN 'missing_value' WHEN _sn_x1 IS NULL THEN 'out_of_range' WHEN
COALESCE(_sn_x1__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'warm_up' WHEN _sn__score IS NULL OR _sn_x1__scale = 0.0e0 THEN 'constant_baseline'
ELSE 'ok' END AS anomaly_status, CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x1__expected
END AS anomaly_expected,
{%- if s.direction == 'both' %} CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre
- (CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) * _sn_x1__scale) END AS anomaly_lower, CASE WHEN NOT _sn__order1 IS NULL
AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre + (CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) * _sn_x1__scale) END{% elif s.direction == 'high' %} CAST(NULL AS DOUBLE PRECISION) AS anomaly_lower, CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND
{{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre + (CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) * _sn_x1__scale)
END{% elif s.direction == 'low' %} CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre
- (CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) * _sn_x1__scale) END AS anomaly_lower, CAST(NULL AS DOUBLE PRECISION){% endif %}
AS anomaly_upper
FROM scored
{%- else -%}
{{ sqlnomaly.no_such_way('seasonal', s, ['threshold, with order_by, 1 feature, season dow', 'threshold, with order_by, 1 feature, season hour', 'threshold, with order_by, 1 feature, season hour_of_week']) }}
{%- endif -%}
{%- endmacro -%}

{#- sqlnomaly 0.1.0: cusum for postgres, generated; do not edit. -#}
{%- macro postgres__sqlnomaly_cusum(s) -%}
{%- do sqlnomaly.only_options('cusum', s, ['drift']) -%}
{%- if s.order and s.features | length == 1 and (s.rule, s.direction) in [('threshold', 'both'), ('threshold', 'high'), ('threshold', 'low')] -%}
WITH source AS (SELECT {{ s.columns }}, CASE WHEN ABS({{ s.features[0].value }}) <= 1e+150 THEN {{ s.features[0].value }} END AS _sn_x1,
{{ s.features[0].value }} AS _sn_x1__raw, {{ s.key }} AS _sn__key1, {{ s.order }} AS _sn__order1, CASE WHEN {{ s.filter }} AND NOT {{ s.order }}
IS NULL THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), numbered AS (SELECT *, ROW_NUMBER() OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0
END ORDER BY _sn__order1 ASC, CASE WHEN _sn_x1 IS NULL THEN 1 ELSE 0 END, COALESCE(_sn_x1, CAST(0.0e0 AS DOUBLE PRECISION)), _sn__fitted
DESC) AS _sn_x1__place
FROM source OFFSET 0), found AS (SELECT *, RANK() OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER
BY _sn__order1 ASC) AS _sn_x1__found_peers, COUNT(CASE WHEN _sn__fitted = 1 THEN _sn_x1 END) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1
IS NULL THEN 1 ELSE 0 END ORDER BY _sn_x1__place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS _sn_x1__count_found, AVG(CASE WHEN
_sn__fitted = 1 THEN _sn_x1 END) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn_x1__place ROWS
BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS _sn_x1__mean_found, VAR_POP(CASE WHEN _sn__fitted = 1 THEN _sn_x1 END) OVER (PARTITION
BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn_x1__place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS _sn_x1__variance_found,
MIN(CASE WHEN _sn__fitted = 1 THEN _sn_x1 END) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn_x1__place
ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS _sn_x1__low_found, MAX(CASE WHEN _sn__fitted = 1 THEN _sn_x1 END) OVER (PARTITION
BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn_x1__place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS _sn_x1__high_found
FROM numbered OFFSET 0), earlier AS (SELECT *, FIRST_VALUE(_sn_x1__count_found) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1
IS NULL THEN 1 ELSE 0 END, _sn_x1__found_peers ORDER BY _sn_x1__place) AS _sn_x1__count_earlier, FIRST_VALUE(_sn_x1__mean_found) OVER (PARTITION
BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_x1__found_peers ORDER BY _sn_x1__place) AS _sn_x1__mean_earlier, FIRST_VALUE(_sn_x1__variance_found)
OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_x1__found_peers ORDER BY _sn_x1__place) AS _sn_x1__variance_earlier,
FIRST_VALUE(_sn_x1__low_found) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_x1__found_peers ORDER
BY _sn_x1__place) AS _sn_x1__low_earlier, FIRST_VALUE(_sn_x1__high_found) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL
THEN 1 ELSE 0 END, _sn_x1__found_peers ORDER BY _sn_x1__place) AS _sn_x1__high_earlier
FROM found OFFSET 0), model AS (SELECT *, COALESCE(_sn_x1__count_earlier, 0) AS _sn_x1__n, CASE WHEN _sn_x1__low_earlier = _sn_x1__high_earlier
THEN _sn_x1__low_earlier ELSE _sn_x1__mean_earlier END AS _sn_x1__centre, CASE WHEN _sn_x1__low_earlier < _sn_x1__high_earlier AND _sn_x1__variance_earlier
> 1e-300 THEN SQRT(_sn_x1__variance_earlier * (CAST(_sn_x1__count_earlier AS DOUBLE PRECISION) / NULLIF(CAST(_sn_x1__count_earlier
- 1 AS DOUBLE PRECISION), 0.0e0))) ELSE CAST(0.0e0 AS DOUBLE PRECISION) END AS _sn_x1__scale
FROM earlier OFFSET 0), distances AS (SELECT *, CASE WHEN _sn_x1__scale > 0.0e0 THEN CAST((_sn_x1 - _sn_x1__centre) AS DOUBLE PRECISION)
/ NULLIF(_sn_x1__scale, 0.0e0) WHEN _sn_x1 = _sn_x1__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END AS _sn_x1__away
FROM model OFFSET 0), ratios AS (SELECT *, GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), CAST(_sn_x1__n AS DOUBLE PRECISION) - CAST(1.0e0
AS DOUBLE PRECISION)) AS _sn_x1__freedom, ABS(_sn_x1__away) * SQRT(CAST(_sn_x1__n AS DOUBLE PRECISION) / NULLIF((CAST(_sn_x1__n
AS DOUBLE PRECISION) + CAST(1.0e0 AS DOUBLE PRECISION)) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), CAST(_sn_x1__n AS DOUBLE PRECISION)
- CAST(1.0e0 AS DOUBLE PRECISION)), 0.0e0)) AS _sn_x1__ratio
FROM distances OFFSET 0), squares AS (SELECT *, CASE WHEN _sn_x1__ratio > 1e+100 THEN CAST(1e+200 AS DOUBLE PRECISION) WHEN _sn_x1__ratio
< 1e-100 THEN CAST(0.0e0 AS DOUBLE PRECISION) ELSE _sn_x1__ratio * _sn_x1__ratio END AS _sn_x1__square, (CAST(((CAST(8.0e0 AS DOUBLE
PRECISION) * _sn_x1__freedom) + CAST(1.0e0 AS DOUBLE PRECISION)) AS DOUBLE PRECISION) / NULLIF((CAST(8.0e0 AS DOUBLE PRECISION)
* _sn_x1__freedom) + CAST(3.0e0 AS DOUBLE PRECISION), 0.0e0)) * SQRT(_sn_x1__freedom) AS _sn_x1__bend
FROM ratios OFFSET 0), steps AS (SELECT *, CASE WHEN _sn_x1__away < 0.0e0 THEN - CAST(1.0e0 AS DOUBLE PRECISION) ELSE CAST(1.0e0 AS
DOUBLE PRECISION) END * (_sn_x1__bend * SQRT(CASE WHEN _sn_x1__square < 0.0001e0 THEN _sn_x1__square * (CAST(1.0e0 AS DOUBLE PRECISION)
- (_sn_x1__square * (CAST(0.5e0 AS DOUBLE PRECISION) - (_sn_x1__square * (CAST(0.3333333333333333e0 AS DOUBLE PRECISION) - (_sn_x1__square
* CAST(0.25e0 AS DOUBLE PRECISION))))))) ELSE LN(CAST(1.0e0 AS DOUBLE PRECISION) + _sn_x1__square) END)) AS _sn_x1__step
FROM squares OFFSET 0), sums AS (SELECT *, COALESCE(SUM(CASE WHEN _sn__fitted = 1 THEN _sn_x1__step - CAST(CAST({{ sqlnomaly.real(s.drift) }}
AS DOUBLE PRECISION) AS DOUBLE PRECISION) END) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn_x1__place
ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), CAST(0.0e0 AS DOUBLE PRECISION)) AS _sn_x1__up_sum, COALESCE(SUM(CASE WHEN _sn__fitted
= 1 THEN (- _sn_x1__step) - CAST(CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION) AS DOUBLE PRECISION) END) OVER (PARTITION
BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn_x1__place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), CAST(0.0e0
AS DOUBLE PRECISION)) AS _sn_x1__down_sum
FROM steps OFFSET 0), risen AS (SELECT *, RANK() OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER
BY _sn__order1 ASC) AS _sn_x1__risen_peers, _sn_x1__up_sum - MIN(_sn_x1__up_sum) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS
NULL THEN 1 ELSE 0 END ORDER BY _sn_x1__place ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS _sn_x1__up_found, _sn_x1__down_sum - MIN(_sn_x1__down_sum)
OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn_x1__place ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT
ROW) AS _sn_x1__down_found
FROM sums OFFSET 0), earlier_2 AS (SELECT *, FIRST_VALUE(_sn_x1__up_found) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL
THEN 1 ELSE 0 END, _sn_x1__risen_peers ORDER BY _sn_x1__place) AS _sn_x1__up_earlier, FIRST_VALUE(_sn_x1__down_found) OVER (PARTITION
BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_x1__risen_peers ORDER BY _sn_x1__place) AS _sn_x1__down_earlier
FROM risen OFFSET 0), terms AS (SELECT *, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN NOT _sn_x1__step IS NULL
THEN GREATEST(CAST(0.0e0 AS DOUBLE PRECISION),
{%- if s.direction == 'both' %} _sn_x1__up_earlier + (_sn_x1__step - CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION)), _sn_x1__down_earlier - (_sn_x1__step +
CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION)){% elif s.direction == 'high' %} _sn_x1__up_earlier + (_sn_x1__step - CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION)){% elif s.direction == 'low' %} _sn_x1__down_earlier - (_sn_x1__step + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION)){% endif %}
) END END AS _sn_x1__term, _sn_x1__centre AS _sn_x1__expected
FROM earlier_2 OFFSET 0), scored AS (SELECT *, _sn_x1__term AS _sn__score
FROM terms OFFSET 0) SELECT {{ s.columns }}, _sn__score AS anomaly_score, _sn__score > {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }}
AS is_anomaly, CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) AS anomaly_threshold, CASE WHEN NOT _sn__score IS NULL THEN {{ s.features[0].literal }}
END AS anomaly_reason, CASE WHEN _sn__order1 IS NULL OR _sn_x1__raw IS NULL THEN 'missing_value' WHEN _sn_x1 IS NULL THEN 'out_of_range' WHEN
COALESCE(_sn_x1__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'warm_up' WHEN _sn__score IS NULL OR _sn_x1__scale = 0.0e0 THEN 'constant_baseline'
ELSE 'ok' END AS anomaly_status, CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x1__expected
END AS anomaly_expected,
{%- if s.direction == 'both' %} CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre
- ((_sn_x1__scale * SQRT(CASE WHEN CAST(((CAST(_sn_x1__n AS DOUBLE PRECISION) + CAST(1.0e0 AS DOUBLE PRECISION)) * _sn_x1__freedom)
AS DOUBLE PRECISION) / NULLIF(CAST(_sn_x1__n AS DOUBLE PRECISION), 0.0e0) >= 0.0e0 THEN CAST(((CAST(_sn_x1__n AS DOUBLE PRECISION)
+ CAST(1.0e0 AS DOUBLE PRECISION)) * _sn_x1__freedom) AS DOUBLE PRECISION) / NULLIF(CAST(_sn_x1__n AS DOUBLE PRECISION), 0.0e0)
END)) * CASE WHEN (CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION))
- _sn_x1__down_earlier < 0.0e0 THEN - SQRT(CASE WHEN EXP(CASE WHEN ABS(CAST(((CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION)
+ CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION)) - _sn_x1__down_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend, 0.0e0))
<= 18.0e0 THEN (CAST(((CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION))
- _sn_x1__down_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend, 0.0e0)) * (CAST(((CAST({{ sqlnomaly.real(s.threshold) }} AS
DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION)) - _sn_x1__down_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend,
0.0e0)) END) - CAST(1.0e0 AS DOUBLE PRECISION) >= 0.0e0 THEN EXP(CASE WHEN ABS(CAST(((CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION)) - _sn_x1__down_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend,
0.0e0)) <= 18.0e0 THEN (CAST(((CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS
DOUBLE PRECISION)) - _sn_x1__down_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend, 0.0e0)) * (CAST(((CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION)) - _sn_x1__down_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend,
0.0e0)) END) - CAST(1.0e0 AS DOUBLE PRECISION) END) ELSE SQRT(CASE WHEN EXP(CASE WHEN ABS(CAST(((CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION)) - _sn_x1__down_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend,
0.0e0)) <= 18.0e0 THEN (CAST(((CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS
DOUBLE PRECISION)) - _sn_x1__down_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend, 0.0e0)) * (CAST(((CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION)) - _sn_x1__down_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend,
0.0e0)) END) - CAST(1.0e0 AS DOUBLE PRECISION) >= 0.0e0 THEN EXP(CASE WHEN ABS(CAST(((CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION)) - _sn_x1__down_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend,
0.0e0)) <= 18.0e0 THEN (CAST(((CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS
DOUBLE PRECISION)) - _sn_x1__down_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend, 0.0e0)) * (CAST(((CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION)) - _sn_x1__down_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend,
0.0e0)) END) - CAST(1.0e0 AS DOUBLE PRECISION) END) END) END AS anomaly_lower, CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }}
AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre + ((_sn_x1__scale * SQRT(CASE WHEN CAST(((CAST(_sn_x1__n AS DOUBLE
PRECISION) + CAST(1.0e0 AS DOUBLE PRECISION)) * _sn_x1__freedom) AS DOUBLE PRECISION) / NULLIF(CAST(_sn_x1__n AS DOUBLE PRECISION),
0.0e0) >= 0.0e0 THEN CAST(((CAST(_sn_x1__n AS DOUBLE PRECISION) + CAST(1.0e0 AS DOUBLE PRECISION)) * _sn_x1__freedom) AS DOUBLE
PRECISION) / NULLIF(CAST(_sn_x1__n AS DOUBLE PRECISION), 0.0e0) END)) * CASE WHEN (CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE
PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION)) - _sn_x1__up_earlier < 0.0e0 THEN - SQRT(CASE WHEN EXP(CASE WHEN
ABS(CAST(((CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION))
- _sn_x1__up_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend, 0.0e0)) <= 18.0e0 THEN (CAST(((CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION)) - _sn_x1__up_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend,
0.0e0)) * (CAST(((CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION))
- _sn_x1__up_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend, 0.0e0)) END) - CAST(1.0e0 AS DOUBLE PRECISION) >= 0.0e0 THEN EXP(CASE
WHEN ABS(CAST(((CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION))
- _sn_x1__up_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend, 0.0e0)) <= 18.0e0 THEN (CAST(((CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION)) - _sn_x1__up_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend,
0.0e0)) * (CAST(((CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION))
- _sn_x1__up_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend, 0.0e0)) END) - CAST(1.0e0 AS DOUBLE PRECISION) END) ELSE SQRT(CASE
WHEN EXP(CASE WHEN ABS(CAST(((CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS
DOUBLE PRECISION)) - _sn_x1__up_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend, 0.0e0)) <= 18.0e0 THEN (CAST(((CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION)) - _sn_x1__up_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend,
0.0e0)) * (CAST(((CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION))
- _sn_x1__up_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend, 0.0e0)) END) - CAST(1.0e0 AS DOUBLE PRECISION) >= 0.0e0 THEN EXP(CASE
WHEN ABS(CAST(((CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION))
- _sn_x1__up_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend, 0.0e0)) <= 18.0e0 THEN (CAST(((CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION)) - _sn_x1__up_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend,
0.0e0)) * (CAST(((CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION))
- _sn_x1__up_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend, 0.0e0)) END) - CAST(1.0e0 AS DOUBLE PRECISION) END) END) END{% elif s.direction == 'high' %} CAST(NULL AS DOUBLE PRECISION) AS anomaly_lower, CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND
{{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre + ((_sn_x1__scale * SQRT(CASE WHEN CAST(((CAST(_sn_x1__n AS DOUBLE PRECISION)
+ CAST(1.0e0 AS DOUBLE PRECISION)) * _sn_x1__freedom) AS DOUBLE PRECISION) / NULLIF(CAST(_sn_x1__n AS DOUBLE PRECISION), 0.0e0)
>= 0.0e0 THEN CAST(((CAST(_sn_x1__n AS DOUBLE PRECISION) + CAST(1.0e0 AS DOUBLE PRECISION)) * _sn_x1__freedom) AS DOUBLE PRECISION)
/ NULLIF(CAST(_sn_x1__n AS DOUBLE PRECISION), 0.0e0) END)) * CASE WHEN (CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION)
+ CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION)) - _sn_x1__up_earlier < 0.0e0 THEN - SQRT(CASE WHEN EXP(CASE WHEN ABS(CAST(((CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION)) - _sn_x1__up_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend,
0.0e0)) <= 18.0e0 THEN (CAST(((CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS
DOUBLE PRECISION)) - _sn_x1__up_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend, 0.0e0)) * (CAST(((CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION)) - _sn_x1__up_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend,
0.0e0)) END) - CAST(1.0e0 AS DOUBLE PRECISION) >= 0.0e0 THEN EXP(CASE WHEN ABS(CAST(((CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION)) - _sn_x1__up_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend,
0.0e0)) <= 18.0e0 THEN (CAST(((CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS
DOUBLE PRECISION)) - _sn_x1__up_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend, 0.0e0)) * (CAST(((CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION)) - _sn_x1__up_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend,
0.0e0)) END) - CAST(1.0e0 AS DOUBLE PRECISION) END) ELSE SQRT(CASE WHEN EXP(CASE WHEN ABS(CAST(((CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION)) - _sn_x1__up_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend,
0.0e0)) <= 18.0e0 THEN (CAST(((CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS
DOUBLE PRECISION)) - _sn_x1__up_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend, 0.0e0)) * (CAST(((CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION)) - _sn_x1__up_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend,
0.0e0)) END) - CAST(1.0e0 AS DOUBLE PRECISION) >= 0.0e0 THEN EXP(CASE WHEN ABS(CAST(((CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION)) - _sn_x1__up_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend,
0.0e0)) <= 18.0e0 THEN (CAST(((CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS
DOUBLE PRECISION)) - _sn_x1__up_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend, 0.0e0)) * (CAST(((CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION)) - _sn_x1__up_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend,
0.0e0)) END) - CAST(1.0e0 AS DOUBLE PRECISION) END) END) END{% elif s.direction == 'low' %} CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre
- ((_sn_x1__scale * SQRT(CASE WHEN CAST(((CAST(_sn_x1__n AS DOUBLE PRECISION) + CAST(1.0e0 AS DOUBLE PRECISION)) * _sn_x1__freedom)
AS DOUBLE PRECISION) / NULLIF(CAST(_sn_x1__n AS DOUBLE PRECISION), 0.0e0) >= 0.0e0 THEN CAST(((CAST(_sn_x1__n AS DOUBLE PRECISION)
+ CAST(1.0e0 AS DOUBLE PRECISION)) * _sn_x1__freedom) AS DOUBLE PRECISION) / NULLIF(CAST(_sn_x1__n AS DOUBLE PRECISION), 0.0e0)
END)) * CASE WHEN (CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION))
- _sn_x1__down_earlier < 0.0e0 THEN - SQRT(CASE WHEN EXP(CASE WHEN ABS(CAST(((CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION)
+ CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION)) - _sn_x1__down_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend, 0.0e0))
<= 18.0e0 THEN (CAST(((CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION))
- _sn_x1__down_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend, 0.0e0)) * (CAST(((CAST({{ sqlnomaly.real(s.threshold) }} AS
DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION)) - _sn_x1__down_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend,
0.0e0)) END) - CAST(1.0e0 AS DOUBLE PRECISION) >= 0.0e0 THEN EXP(CASE WHEN ABS(CAST(((CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION)) - _sn_x1__down_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend,
0.0e0)) <= 18.0e0 THEN (CAST(((CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS
DOUBLE PRECISION)) - _sn_x1__down_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend, 0.0e0)) * (CAST(((CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION)) - _sn_x1__down_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend,
0.0e0)) END) - CAST(1.0e0 AS DOUBLE PRECISION) END) ELSE SQRT(CASE WHEN EXP(CASE WHEN ABS(CAST(((CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION)) - _sn_x1__down_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend,
0.0e0)) <= 18.0e0 THEN (CAST(((CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS
DOUBLE PRECISION)) - _sn_x1__down_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend, 0.0e0)) * (CAST(((CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION)) - _sn_x1__down_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend,
0.0e0)) END) - CAST(1.0e0 AS DOUBLE PRECISION) >= 0.0e0 THEN EXP(CASE WHEN ABS(CAST(((CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION)) - _sn_x1__down_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend,
0.0e0)) <= 18.0e0 THEN (CAST(((CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS
DOUBLE PRECISION)) - _sn_x1__down_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend, 0.0e0)) * (CAST(((CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) + CAST({{ sqlnomaly.real(s.drift) }} AS DOUBLE PRECISION)) - _sn_x1__down_earlier) AS DOUBLE PRECISION) / NULLIF(_sn_x1__bend,
0.0e0)) END) - CAST(1.0e0 AS DOUBLE PRECISION) END) END) END AS anomaly_lower, CAST(NULL AS DOUBLE PRECISION){% endif %}
AS anomaly_upper
FROM scored
{%- else -%}
{{ sqlnomaly.no_such_way('cusum', s, ['threshold, with order_by, 1 feature']) }}
{%- endif -%}
{%- endmacro -%}

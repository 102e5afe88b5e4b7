{#- sqlnomaly 0.1.0: cusum for spark, generated; do not edit. -#}
{%- macro spark__sqlnomaly_cusum(s) -%}
{%- do sqlnomaly.only_options('cusum', s, ['drift']) -%}
{%- if s.order and s.features | length == 1 and (s.rule, s.direction) in [('threshold', 'both'), ('threshold', 'high'), ('threshold', 'low')] -%}
WITH source AS (SELECT *, CASE WHEN ABS(CAST({{ s.features[0].value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ s.features[0].value }} AS
DOUBLE) END AS _sn_x1, CAST({{ s.features[0].value }} AS DOUBLE) AS _sn_x1__raw, {{ s.key }} AS _sn__key1, {{ s.order }} AS _sn__order1,
CASE WHEN {{ s.filter }} AND NOT {{ s.order }} IS NULL THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), numbered AS (SELECT *, ROW_NUMBER() OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0
END ORDER BY _sn__order1 ASC, CASE WHEN _sn_x1 IS NULL THEN 1 ELSE 0 END, COALESCE(_sn_x1, 0.0e0), _sn__fitted DESC) AS _sn_x1__place
FROM source), found AS (SELECT *, RANK() OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn__order1
ASC) AS _sn_x1__found_peers, COUNT(CASE WHEN _sn__fitted = 1 THEN _sn_x1 END) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL
THEN 1 ELSE 0 END ORDER BY _sn_x1__place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS _sn_x1__count_found, AVG(CASE WHEN _sn__fitted
= 1 THEN _sn_x1 END) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn_x1__place ROWS BETWEEN UNBOUNDED
PRECEDING AND 1 PRECEDING) AS _sn_x1__mean_found, VAR_POP(CASE WHEN _sn__fitted = 1 THEN _sn_x1 END) OVER (PARTITION BY _sn__key1, CASE
WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn_x1__place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS _sn_x1__variance_found,
MIN(CASE WHEN _sn__fitted = 1 THEN _sn_x1 END) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn_x1__place
ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS _sn_x1__low_found, MAX(CASE WHEN _sn__fitted = 1 THEN _sn_x1 END) OVER (PARTITION
BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn_x1__place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS _sn_x1__high_found
FROM numbered), earlier AS (SELECT *, FIRST_VALUE(_sn_x1__count_found) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN
1 ELSE 0 END, _sn_x1__found_peers ORDER BY _sn_x1__place) AS _sn_x1__count_earlier, FIRST_VALUE(_sn_x1__mean_found) OVER (PARTITION BY
_sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_x1__found_peers ORDER BY _sn_x1__place) AS _sn_x1__mean_earlier, FIRST_VALUE(_sn_x1__variance_found)
OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_x1__found_peers ORDER BY _sn_x1__place) AS _sn_x1__variance_earlier,
FIRST_VALUE(_sn_x1__low_found) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_x1__found_peers ORDER
BY _sn_x1__place) AS _sn_x1__low_earlier, FIRST_VALUE(_sn_x1__high_found) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL
THEN 1 ELSE 0 END, _sn_x1__found_peers ORDER BY _sn_x1__place) AS _sn_x1__high_earlier
FROM found), model AS (SELECT *, COALESCE(_sn_x1__count_earlier, 0) AS _sn_x1__n, CASE WHEN _sn_x1__low_earlier = _sn_x1__high_earlier
THEN _sn_x1__low_earlier ELSE _sn_x1__mean_earlier END AS _sn_x1__centre, CASE WHEN _sn_x1__low_earlier < _sn_x1__high_earlier AND _sn_x1__variance_earlier
> 1e-300 THEN SQRT(_sn_x1__variance_earlier * (CAST(_sn_x1__count_earlier AS DOUBLE) / NULLIF(CAST(_sn_x1__count_earlier - 1 AS DOUBLE),
0.0e0))) ELSE 0.0e0 END AS _sn_x1__scale
FROM earlier), distances AS (SELECT *, CASE WHEN _sn_x1__scale > 0.0e0 THEN (_sn_x1 - _sn_x1__centre) / NULLIF(_sn_x1__scale, 0.0e0)
WHEN _sn_x1 = _sn_x1__centre THEN 0.0e0 END AS _sn_x1__away
FROM model), ratios AS (SELECT *, GREATEST(1.0e0, CAST(_sn_x1__n AS DOUBLE) - 1.0e0) AS _sn_x1__freedom, ABS(_sn_x1__away) * SQRT(CAST(_sn_x1__n
AS DOUBLE) / NULLIF((CAST(_sn_x1__n AS DOUBLE) + 1.0e0) * GREATEST(1.0e0, CAST(_sn_x1__n AS DOUBLE) - 1.0e0), 0.0e0)) AS _sn_x1__ratio
FROM distances), squares AS (SELECT *, CASE WHEN _sn_x1__ratio > 1e+100 THEN 1e+200 WHEN _sn_x1__ratio < 1e-100 THEN 0.0e0 ELSE _sn_x1__ratio
* _sn_x1__ratio END AS _sn_x1__square, (((8.0e0 * _sn_x1__freedom) + 1.0e0) / NULLIF((8.0e0 * _sn_x1__freedom) + 3.0e0, 0.0e0))
* SQRT(_sn_x1__freedom) AS _sn_x1__bend
FROM ratios), steps AS (SELECT *, CASE WHEN _sn_x1__away < 0.0e0 THEN - 1.0e0 ELSE 1.0e0 END * (_sn_x1__bend * SQRT(CASE WHEN _sn_x1__square
< 0.0001e0 THEN _sn_x1__square * (1.0e0 - (_sn_x1__square * (0.5e0 - (_sn_x1__square * (0.3333333333333333e0 - (_sn_x1__square * 0.25e0))))))
ELSE LN(1.0e0 + _sn_x1__square) END)) AS _sn_x1__step
FROM squares), sums AS (SELECT *, COALESCE(SUM(CASE WHEN _sn__fitted = 1 THEN _sn_x1__step - {{ sqlnomaly.real(s.drift) }} END) OVER (PARTITION
BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn_x1__place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0.0e0)
AS _sn_x1__up_sum, COALESCE(SUM(CASE WHEN _sn__fitted = 1 THEN (- _sn_x1__step) - {{ sqlnomaly.real(s.drift) }} END) OVER (PARTITION
BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn_x1__place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0.0e0)
AS _sn_x1__down_sum
FROM steps), risen AS (SELECT *, RANK() OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn__order1
ASC) AS _sn_x1__risen_peers, _sn_x1__up_sum - MIN(_sn_x1__up_sum) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE
0 END ORDER BY _sn_x1__place ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS _sn_x1__up_found, _sn_x1__down_sum - MIN(_sn_x1__down_sum)
OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn_x1__place ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT
ROW) AS _sn_x1__down_found
FROM sums), earlier_2 AS (SELECT *, FIRST_VALUE(_sn_x1__up_found) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1
ELSE 0 END, _sn_x1__risen_peers ORDER BY _sn_x1__place) AS _sn_x1__up_earlier, FIRST_VALUE(_sn_x1__down_found) OVER (PARTITION BY _sn__key1,
CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_x1__risen_peers ORDER BY _sn_x1__place) AS _sn_x1__down_earlier
FROM risen), terms AS (SELECT *, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN NOT _sn_x1__step IS NULL THEN GREATEST(0.0e0,
{%- if s.direction == 'both' %} _sn_x1__up_earlier + (_sn_x1__step - {{ sqlnomaly.real(s.drift) }}), _sn_x1__down_earlier - (_sn_x1__step + {{ sqlnomaly.real(s.drift) }}){% elif s.direction == 'high' %} _sn_x1__up_earlier + (_sn_x1__step - {{ sqlnomaly.real(s.drift) }}){% elif s.direction == 'low' %} _sn_x1__down_earlier - (_sn_x1__step + {{ sqlnomaly.real(s.drift) }}){% endif %}
) END END AS _sn_x1__term, _sn_x1__centre AS _sn_x1__expected
FROM earlier_2), scored AS (SELECT *, _sn_x1__term AS _sn__score
FROM terms) SELECT * EXCEPT (_sn_x1, _sn_x1__raw, _sn__key1, _sn__order1, _sn__fitted, _sn_x1__place, _sn_x1__found_peers, _sn_x1__count_found,
_sn_x1__mean_found, _sn_x1__variance_found, _sn_x1__low_found, _sn_x1__high_found, _sn_x1__count_earlier, _sn_x1__mean_earlier, _sn_x1__variance_earlier,
_sn_x1__low_earlier, _sn_x1__high_earlier, _sn_x1__n, _sn_x1__centre, _sn_x1__scale, _sn_x1__away, _sn_x1__freedom, _sn_x1__ratio, _sn_x1__square,
_sn_x1__bend, _sn_x1__step, _sn_x1__up_sum, _sn_x1__down_sum, _sn_x1__risen_peers, _sn_x1__up_found, _sn_x1__down_found, _sn_x1__up_earlier,
_sn_x1__down_earlier, _sn_x1__term, _sn_x1__expected, _sn__score), _sn__score AS anomaly_score, _sn__score > {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }}
AS is_anomaly, {{ sqlnomaly.real(s.threshold) }} AS anomaly_threshold, CASE WHEN NOT _sn__score IS NULL THEN {{ s.features[0].literal }} END
AS anomaly_reason, CASE WHEN _sn__order1 IS NULL OR _sn_x1__raw IS NULL THEN 'missing_value' WHEN _sn_x1 IS NULL THEN 'out_of_range' WHEN COALESCE(_sn_x1__n,
0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'warm_up' WHEN _sn__score IS NULL OR _sn_x1__scale = 0.0e0 THEN 'constant_baseline' ELSE 'ok' END
AS anomaly_status, CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x1__expected END AS anomaly_expected,
{%- if s.direction == 'both' %} CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre
- ((_sn_x1__scale * SQRT(CASE WHEN ((CAST(_sn_x1__n AS DOUBLE) + 1.0e0) * _sn_x1__freedom) / NULLIF(CAST(_sn_x1__n AS DOUBLE),
0.0e0) >= 0.0e0 THEN ((CAST(_sn_x1__n AS DOUBLE) + 1.0e0) * _sn_x1__freedom) / NULLIF(CAST(_sn_x1__n AS DOUBLE), 0.0e0) END))
* CASE WHEN ({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }}) - _sn_x1__down_earlier < 0.0e0 THEN - SQRT(CASE WHEN EXP(CASE
WHEN ABS((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }}) - _sn_x1__down_earlier) / NULLIF(_sn_x1__bend, 0.0e0))
<= 18.0e0 THEN ((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }}) - _sn_x1__down_earlier) / NULLIF(_sn_x1__bend, 0.0e0))
* ((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }}) - _sn_x1__down_earlier) / NULLIF(_sn_x1__bend, 0.0e0)) END)
- 1.0e0 >= 0.0e0 THEN EXP(CASE WHEN ABS((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }}) - _sn_x1__down_earlier)
/ NULLIF(_sn_x1__bend, 0.0e0)) <= 18.0e0 THEN ((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }}) - _sn_x1__down_earlier)
/ NULLIF(_sn_x1__bend, 0.0e0)) * ((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }}) - _sn_x1__down_earlier) / NULLIF(_sn_x1__bend,
0.0e0)) END) - 1.0e0 END) ELSE SQRT(CASE WHEN EXP(CASE WHEN ABS((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }})
- _sn_x1__down_earlier) / NULLIF(_sn_x1__bend, 0.0e0)) <= 18.0e0 THEN ((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }})
- _sn_x1__down_earlier) / NULLIF(_sn_x1__bend, 0.0e0)) * ((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }}) - _sn_x1__down_earlier)
/ NULLIF(_sn_x1__bend, 0.0e0)) END) - 1.0e0 >= 0.0e0 THEN EXP(CASE WHEN ABS((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }})
- _sn_x1__down_earlier) / NULLIF(_sn_x1__bend, 0.0e0)) <= 18.0e0 THEN ((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }})
- _sn_x1__down_earlier) / NULLIF(_sn_x1__bend, 0.0e0)) * ((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }}) - _sn_x1__down_earlier)
/ NULLIF(_sn_x1__bend, 0.0e0)) END) - 1.0e0 END) END) END AS anomaly_lower, CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }}
AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre + ((_sn_x1__scale * SQRT(CASE WHEN ((CAST(_sn_x1__n AS DOUBLE) +
1.0e0) * _sn_x1__freedom) / NULLIF(CAST(_sn_x1__n AS DOUBLE), 0.0e0) >= 0.0e0 THEN ((CAST(_sn_x1__n AS DOUBLE) + 1.0e0) * _sn_x1__freedom)
/ NULLIF(CAST(_sn_x1__n AS DOUBLE), 0.0e0) END)) * CASE WHEN ({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }}) -
_sn_x1__up_earlier < 0.0e0 THEN - SQRT(CASE WHEN EXP(CASE WHEN ABS((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }})
- _sn_x1__up_earlier) / NULLIF(_sn_x1__bend, 0.0e0)) <= 18.0e0 THEN ((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }})
- _sn_x1__up_earlier) / NULLIF(_sn_x1__bend, 0.0e0)) * ((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }}) - _sn_x1__up_earlier)
/ NULLIF(_sn_x1__bend, 0.0e0)) END) - 1.0e0 >= 0.0e0 THEN EXP(CASE WHEN ABS((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }})
- _sn_x1__up_earlier) / NULLIF(_sn_x1__bend, 0.0e0)) <= 18.0e0 THEN ((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }})
- _sn_x1__up_earlier) / NULLIF(_sn_x1__bend, 0.0e0)) * ((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }}) - _sn_x1__up_earlier)
/ NULLIF(_sn_x1__bend, 0.0e0)) END) - 1.0e0 END) ELSE SQRT(CASE WHEN EXP(CASE WHEN ABS((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }})
- _sn_x1__up_earlier) / NULLIF(_sn_x1__bend, 0.0e0)) <= 18.0e0 THEN ((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }})
- _sn_x1__up_earlier) / NULLIF(_sn_x1__bend, 0.0e0)) * ((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }}) - _sn_x1__up_earlier)
/ NULLIF(_sn_x1__bend, 0.0e0)) END) - 1.0e0 >= 0.0e0 THEN EXP(CASE WHEN ABS((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }})
- _sn_x1__up_earlier) / NULLIF(_sn_x1__bend, 0.0e0)) <= 18.0e0 THEN ((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }})
- _sn_x1__up_earlier) / NULLIF(_sn_x1__bend, 0.0e0)) * ((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }}) - _sn_x1__up_earlier)
/ NULLIF(_sn_x1__bend, 0.0e0)) END) - 1.0e0 END) END) END{% elif s.direction == 'high' %} CAST(NULL AS DOUBLE) AS anomaly_lower, CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }}
>= 0.0e0 THEN _sn_x1__centre + ((_sn_x1__scale * SQRT(CASE WHEN ((CAST(_sn_x1__n AS DOUBLE) + 1.0e0) * _sn_x1__freedom) / NULLIF(CAST(_sn_x1__n
AS DOUBLE), 0.0e0) >= 0.0e0 THEN ((CAST(_sn_x1__n AS DOUBLE) + 1.0e0) * _sn_x1__freedom) / NULLIF(CAST(_sn_x1__n AS DOUBLE),
0.0e0) END)) * CASE WHEN ({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }}) - _sn_x1__up_earlier < 0.0e0 THEN - SQRT(CASE
WHEN EXP(CASE WHEN ABS((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }}) - _sn_x1__up_earlier) / NULLIF(_sn_x1__bend,
0.0e0)) <= 18.0e0 THEN ((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }}) - _sn_x1__up_earlier) / NULLIF(_sn_x1__bend,
0.0e0)) * ((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }}) - _sn_x1__up_earlier) / NULLIF(_sn_x1__bend, 0.0e0))
END) - 1.0e0 >= 0.0e0 THEN EXP(CASE WHEN ABS((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }}) - _sn_x1__up_earlier)
/ NULLIF(_sn_x1__bend, 0.0e0)) <= 18.0e0 THEN ((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }}) - _sn_x1__up_earlier)
/ NULLIF(_sn_x1__bend, 0.0e0)) * ((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }}) - _sn_x1__up_earlier) / NULLIF(_sn_x1__bend,
0.0e0)) END) - 1.0e0 END) ELSE SQRT(CASE WHEN EXP(CASE WHEN ABS((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }})
- _sn_x1__up_earlier) / NULLIF(_sn_x1__bend, 0.0e0)) <= 18.0e0 THEN ((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }})
- _sn_x1__up_earlier) / NULLIF(_sn_x1__bend, 0.0e0)) * ((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }}) - _sn_x1__up_earlier)
/ NULLIF(_sn_x1__bend, 0.0e0)) END) - 1.0e0 >= 0.0e0 THEN EXP(CASE WHEN ABS((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }})
- _sn_x1__up_earlier) / NULLIF(_sn_x1__bend, 0.0e0)) <= 18.0e0 THEN ((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }})
- _sn_x1__up_earlier) / NULLIF(_sn_x1__bend, 0.0e0)) * ((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }}) - _sn_x1__up_earlier)
/ NULLIF(_sn_x1__bend, 0.0e0)) END) - 1.0e0 END) END) END{% elif s.direction == 'low' %} CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre
- ((_sn_x1__scale * SQRT(CASE WHEN ((CAST(_sn_x1__n AS DOUBLE) + 1.0e0) * _sn_x1__freedom) / NULLIF(CAST(_sn_x1__n AS DOUBLE),
0.0e0) >= 0.0e0 THEN ((CAST(_sn_x1__n AS DOUBLE) + 1.0e0) * _sn_x1__freedom) / NULLIF(CAST(_sn_x1__n AS DOUBLE), 0.0e0) END))
* CASE WHEN ({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }}) - _sn_x1__down_earlier < 0.0e0 THEN - SQRT(CASE WHEN EXP(CASE
WHEN ABS((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }}) - _sn_x1__down_earlier) / NULLIF(_sn_x1__bend, 0.0e0))
<= 18.0e0 THEN ((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }}) - _sn_x1__down_earlier) / NULLIF(_sn_x1__bend, 0.0e0))
* ((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }}) - _sn_x1__down_earlier) / NULLIF(_sn_x1__bend, 0.0e0)) END)
- 1.0e0 >= 0.0e0 THEN EXP(CASE WHEN ABS((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }}) - _sn_x1__down_earlier)
/ NULLIF(_sn_x1__bend, 0.0e0)) <= 18.0e0 THEN ((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }}) - _sn_x1__down_earlier)
/ NULLIF(_sn_x1__bend, 0.0e0)) * ((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }}) - _sn_x1__down_earlier) / NULLIF(_sn_x1__bend,
0.0e0)) END) - 1.0e0 END) ELSE SQRT(CASE WHEN EXP(CASE WHEN ABS((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }})
- _sn_x1__down_earlier) / NULLIF(_sn_x1__bend, 0.0e0)) <= 18.0e0 THEN ((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }})
- _sn_x1__down_earlier) / NULLIF(_sn_x1__bend, 0.0e0)) * ((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }}) - _sn_x1__down_earlier)
/ NULLIF(_sn_x1__bend, 0.0e0)) END) - 1.0e0 >= 0.0e0 THEN EXP(CASE WHEN ABS((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }})
- _sn_x1__down_earlier) / NULLIF(_sn_x1__bend, 0.0e0)) <= 18.0e0 THEN ((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }})
- _sn_x1__down_earlier) / NULLIF(_sn_x1__bend, 0.0e0)) * ((({{ sqlnomaly.real(s.threshold) }} + {{ sqlnomaly.real(s.drift) }}) - _sn_x1__down_earlier)
/ NULLIF(_sn_x1__bend, 0.0e0)) END) - 1.0e0 END) END) END AS anomaly_lower, CAST(NULL AS DOUBLE){% endif %}
AS anomaly_upper
FROM scored
{%- else -%}
{{ sqlnomaly.no_such_way('cusum', s, ['threshold, with order_by, 1 feature']) }}
{%- endif -%}
{%- endmacro -%}

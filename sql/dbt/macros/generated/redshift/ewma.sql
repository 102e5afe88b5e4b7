{#- sqlnomaly 0.1.0: ewma for redshift, generated; do not edit. -#}
{%- macro redshift__sqlnomaly_ewma(s) -%}
{%- do sqlnomaly.only_options('ewma', s, []) -%}
{%- if s.order and s.features | length == 1 and (s.rule, s.direction) in [('threshold', 'both'), ('threshold', 'high'), ('threshold', 'low')] -%}
WITH source AS (SELECT {{ s.columns }}, CASE WHEN ABS({{ s.features[0].value }}) <= 1e+150 THEN {{ s.features[0].value }} END AS _sn_x1,
{{ s.features[0].value }} AS _sn_x1__raw, {{ s.key }} AS _sn__key1, {{ s.order }} AS _sn__order1, CASE WHEN {{ s.filter }} AND NOT {{ s.order }}
IS NULL THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), numbered AS (SELECT *, ROW_NUMBER() OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0
END ORDER BY _sn__order1 ASC, CASE WHEN _sn_x1 IS NULL THEN 1 ELSE 0 END, COALESCE(_sn_x1, CAST(0.0e0 AS DOUBLE PRECISION)), _sn__fitted
DESC) AS _sn_x1__place
FROM source), blocks AS (SELECT *, CAST(FLOOR(CAST((_sn_x1__place - 1) AS DOUBLE PRECISION) / NULLIF(CAST(310.0e0 AS DOUBLE
PRECISION), 0.0e0)) AS BIGINT) AS _sn_x1__block
FROM numbered), weights AS (SELECT *, POWER(CAST(0.8e0 AS DOUBLE PRECISION), ((_sn_x1__block + CAST(1.0e0 AS DOUBLE PRECISION))
* CAST(310.0e0 AS DOUBLE PRECISION)) - _sn_x1__place) AS _sn_x1__back
FROM blocks), sums AS (SELECT *, COALESCE(SUM(CASE WHEN _sn__fitted = 1 AND NOT _sn_x1 IS NULL THEN _sn_x1__back * _sn_x1 END) OVER (PARTITION
BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_x1__block ORDER BY _sn_x1__place ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT
ROW), CAST(0.0e0 AS DOUBLE PRECISION)) AS _sn_x1__sum, COALESCE(SUM(CASE WHEN _sn__fitted = 1 AND NOT _sn_x1 IS NULL THEN _sn_x1__back
END) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_x1__block ORDER BY _sn_x1__place ROWS BETWEEN UNBOUNDED
PRECEDING AND CURRENT ROW), CAST(0.0e0 AS DOUBLE PRECISION)) AS _sn_x1__mass
FROM weights), ends AS (SELECT *, LAG(_sn_x1__sum) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER
BY _sn_x1__place) AS _sn_x1__sum_last, LAG(_sn_x1__mass) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
ORDER BY _sn_x1__place) AS _sn_x1__mass_last
FROM sums), carried AS (SELECT *, FIRST_VALUE(_sn_x1__sum_last) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE
0 END, _sn_x1__block ORDER BY _sn_x1__place ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS _sn_x1__sum_before, FIRST_VALUE(_sn_x1__mass_last)
OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_x1__block ORDER BY _sn_x1__place ROWS BETWEEN UNBOUNDED
PRECEDING AND CURRENT ROW) AS _sn_x1__mass_before
FROM ends), faded AS (SELECT *, _sn_x1__sum + (CAST(9.0760309355335e-31 AS DOUBLE PRECISION) * COALESCE(_sn_x1__sum_before, CAST(0.0e0
AS DOUBLE PRECISION))) AS _sn_x1__sum_all, _sn_x1__mass + (CAST(9.0760309355335e-31 AS DOUBLE PRECISION) * COALESCE(_sn_x1__mass_before,
CAST(0.0e0 AS DOUBLE PRECISION))) AS _sn_x1__mass_all
FROM carried), levels AS (SELECT *, CAST(_sn_x1__sum_all AS DOUBLE PRECISION) / NULLIF(_sn_x1__mass_all, 0.0e0) AS _sn_x1__level
FROM faded), lagged AS (SELECT *, LAG(_sn_x1__level) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER
BY _sn_x1__place) AS _sn_x1__level_old, LAG(CAST(_sn_x1__mass_all AS DOUBLE PRECISION) / NULLIF(_sn_x1__back, 0.0e0)) OVER (PARTITION
BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn_x1__place) AS _sn_x1__mass_old
FROM levels), sums_2 AS (SELECT *, COALESCE(SUM(CASE WHEN _sn__fitted = 1 AND NOT _sn_x1 IS NULL THEN (_sn_x1__back * (CAST(((CAST(CAST(0.8e0
AS DOUBLE PRECISION) AS DOUBLE PRECISION) * _sn_x1__mass_old) * _sn_x1__back) AS DOUBLE PRECISION) / NULLIF(_sn_x1__mass_all, 0.0e0)))
* ((_sn_x1 - _sn_x1__level_old) * (_sn_x1 - _sn_x1__level_old)) END) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN
1 ELSE 0 END, _sn_x1__block ORDER BY _sn_x1__place ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW), CAST(0.0e0 AS DOUBLE PRECISION))
AS _sn_x1__gain, COALESCE(SUM(CASE WHEN _sn__fitted = 1 AND NOT _sn_x1 IS NULL THEN CAST(CAST(2.0e0 AS DOUBLE PRECISION) AS DOUBLE
PRECISION) * ((CAST(CAST(0.8e0 AS DOUBLE PRECISION) AS DOUBLE PRECISION) * _sn_x1__mass_old) * (_sn_x1__back * _sn_x1__back)) END)
OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_x1__block ORDER BY _sn_x1__place ROWS BETWEEN UNBOUNDED
PRECEDING AND CURRENT ROW), CAST(0.0e0 AS DOUBLE PRECISION)) AS _sn_x1__pairs
FROM lagged), ends_2 AS (SELECT *, LAG(_sn_x1__gain) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER
BY _sn_x1__place) AS _sn_x1__gain_last, LAG(_sn_x1__pairs) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
ORDER BY _sn_x1__place) AS _sn_x1__pairs_last
FROM sums_2), carried_2 AS (SELECT *, FIRST_VALUE(_sn_x1__gain_last) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN
1 ELSE 0 END, _sn_x1__block ORDER BY _sn_x1__place ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS _sn_x1__gain_before, FIRST_VALUE(_sn_x1__pairs_last)
OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_x1__block ORDER BY _sn_x1__place ROWS BETWEEN UNBOUNDED
PRECEDING AND CURRENT ROW) AS _sn_x1__pairs_before
FROM ends_2), faded_2 AS (SELECT *, _sn_x1__gain + (CAST(9.0760309355335e-31 AS DOUBLE PRECISION) * COALESCE(_sn_x1__gain_before,
CAST(0.0e0 AS DOUBLE PRECISION))) AS _sn_x1__gain_all, _sn_x1__pairs + (CAST(8.23743375427611e-61 AS DOUBLE PRECISION) * COALESCE(_sn_x1__pairs_before,
CAST(0.0e0 AS DOUBLE PRECISION))) AS _sn_x1__pairs_all
FROM carried_2), state AS (SELECT *, (CAST(_sn_x1__gain_all AS DOUBLE PRECISION) / NULLIF(_sn_x1__mass_all, 0.0e0)) * (CAST((_sn_x1__mass_all
* _sn_x1__mass_all) AS DOUBLE PRECISION) / NULLIF(_sn_x1__pairs_all, 0.0e0)) AS _sn_x1__variance, COUNT(CASE WHEN _sn__fitted = 1 AND
NOT _sn_x1 IS NULL THEN _sn_x1 END) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn_x1__place ROWS
BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS _sn_x1__count, MIN(CASE WHEN _sn__fitted = 1 AND NOT _sn_x1 IS NULL THEN _sn_x1 END) OVER (PARTITION
BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn_x1__place ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS _sn_x1__low,
MAX(CASE WHEN _sn__fitted = 1 AND NOT _sn_x1 IS NULL THEN _sn_x1 END) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1
ELSE 0 END ORDER BY _sn_x1__place ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS _sn_x1__high
FROM faded_2), found AS (SELECT *, RANK() OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn__order1
ASC) AS _sn_x1__found_peers, LAG(_sn_x1__level) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY
_sn_x1__place) AS _sn_x1__level_found, LAG(_sn_x1__variance) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0
END ORDER BY _sn_x1__place) AS _sn_x1__variance_found, LAG(_sn_x1__count) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL
THEN 1 ELSE 0 END ORDER BY _sn_x1__place) AS _sn_x1__count_found, LAG(_sn_x1__low) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1
IS NULL THEN 1 ELSE 0 END ORDER BY _sn_x1__place) AS _sn_x1__low_found, LAG(_sn_x1__high) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1
IS NULL THEN 1 ELSE 0 END ORDER BY _sn_x1__place) AS _sn_x1__high_found
FROM state), earlier AS (SELECT *, FIRST_VALUE(_sn_x1__level_found) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN
1 ELSE 0 END, _sn_x1__found_peers ORDER BY _sn_x1__place ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS _sn_x1__level_earlier, FIRST_VALUE(_sn_x1__variance_found)
OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_x1__found_peers ORDER BY _sn_x1__place ROWS BETWEEN UNBOUNDED
PRECEDING AND CURRENT ROW) AS _sn_x1__variance_earlier, FIRST_VALUE(_sn_x1__count_found) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1
IS NULL THEN 1 ELSE 0 END, _sn_x1__found_peers ORDER BY _sn_x1__place ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS _sn_x1__count_earlier,
FIRST_VALUE(_sn_x1__low_found) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_x1__found_peers ORDER
BY _sn_x1__place ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS _sn_x1__low_earlier, FIRST_VALUE(_sn_x1__high_found) OVER (PARTITION
BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_x1__found_peers ORDER BY _sn_x1__place ROWS BETWEEN UNBOUNDED PRECEDING
AND CURRENT ROW) AS _sn_x1__high_earlier
FROM found), model AS (SELECT *, COALESCE(_sn_x1__count_earlier, 0) AS _sn_x1__n, CASE WHEN _sn_x1__low_earlier = _sn_x1__high_earlier
THEN _sn_x1__low_earlier ELSE _sn_x1__level_earlier END AS _sn_x1__centre, CASE WHEN _sn_x1__low_earlier < _sn_x1__high_earlier AND SQRT(CASE
WHEN _sn_x1__variance_earlier >= 0.0e0 THEN _sn_x1__variance_earlier END) > GREATEST(CAST(1e-135 AS DOUBLE PRECISION), CAST(1e-10 AS
DOUBLE PRECISION) * (_sn_x1__high_earlier - _sn_x1__low_earlier)) THEN SQRT(CASE WHEN _sn_x1__variance_earlier >= 0.0e0 THEN _sn_x1__variance_earlier
END) ELSE CAST(0.0e0 AS DOUBLE PRECISION) END AS _sn_x1__scale
FROM earlier), terms AS (SELECT *, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN _sn_x1__scale > 0.0e0 THEN CAST(
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
{{ sqlnomaly.no_such_way('ewma', s, ['threshold, with order_by, 1 feature']) }}
{%- endif -%}
{%- endmacro -%}

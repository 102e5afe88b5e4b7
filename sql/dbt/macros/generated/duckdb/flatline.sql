{#- sqlnomaly 0.1.0: flatline for duckdb, generated; do not edit. -#}
{%- macro duckdb__sqlnomaly_flatline(s) -%}
{%- do sqlnomaly.only_options('flatline', s, ['epsilon']) -%}
{%- if s.order and s.features | length == 1 and (s.rule, s.direction) in [('threshold', 'both')] -%}
WITH source AS (SELECT *, CASE WHEN ABS(CAST({{ s.features[0].value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ s.features[0].value }} AS
DOUBLE) END AS _sn_x1, CAST({{ s.features[0].value }} AS DOUBLE) AS _sn_x1__raw, {{ s.key }} AS _sn__key1, {{ s.order }} AS _sn__order1,
CASE WHEN {{ s.filter }} AND NOT {{ s.order }} IS NULL THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), numbered AS (SELECT *, ROW_NUMBER() OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0
END ORDER BY _sn__order1 ASC, CASE WHEN _sn_x1 IS NULL THEN 1 ELSE 0 END, COALESCE(_sn_x1, 0.0e0), _sn__fitted DESC) AS _sn_x1__place
FROM source), counts AS (SELECT *, COUNT(CASE WHEN _sn__fitted = 1 THEN _sn_x1 END) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1
IS NULL THEN 1 ELSE 0 END ORDER BY _sn_x1__place ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS _sn_x1__known
FROM numbered), held AS (SELECT *, MAX(CASE WHEN _sn__fitted = 1 THEN _sn_x1 END) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1
IS NULL THEN 1 ELSE 0 END, _sn_x1__known) AS _sn_x1__last
FROM counts), lagged AS (SELECT *, LAG(_sn_x1__last) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER
BY _sn_x1__place) AS _sn_x1__before
FROM held), changes AS (SELECT *, CASE WHEN _sn__fitted = 1 AND NOT _sn_x1 IS NULL AND ABS(_sn_x1 - _sn_x1__before) <= {{ sqlnomaly.real(s.epsilon) }}
THEN 1 ELSE 0 END AS _sn_x1__again, CASE WHEN _sn__fitted = 1 AND NOT _sn_x1 IS NULL AND ABS(_sn_x1 - _sn_x1__before) <= {{ sqlnomaly.real(s.epsilon) }}
THEN 0 WHEN _sn__fitted = 1 AND NOT _sn_x1 IS NULL THEN 1 ELSE 0 END AS _sn_x1__change
FROM lagged), runs AS (SELECT *, SUM(_sn_x1__change) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER
BY _sn_x1__place ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS _sn_x1__run, SUM(_sn_x1__again) OVER (PARTITION BY _sn__key1, CASE
WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn_x1__place ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS _sn_x1__repeated
FROM changes), starts AS (SELECT *, MIN(_sn_x1__known) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END,
_sn_x1__run) AS _sn_x1__start, MIN(_sn_x1__repeated) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_x1__run)
AS _sn_x1__start_repeated
FROM runs), found AS (SELECT *, RANK() OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn__order1
ASC) AS _sn_x1__found_peers, _sn_x1__before AS _sn_x1__before_found, LAG(_sn_x1__known) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1
IS NULL THEN 1 ELSE 0 END ORDER BY _sn_x1__place) AS _sn_x1__known_found, LAG(_sn_x1__repeated) OVER (PARTITION BY _sn__key1, CASE WHEN
_sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn_x1__place) AS _sn_x1__repeated_found, LAG(_sn_x1__start) OVER (PARTITION BY _sn__key1,
CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn_x1__place) AS _sn_x1__start_found, LAG(_sn_x1__start_repeated) OVER (PARTITION
BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn_x1__place) AS _sn_x1__start_repeated_found
FROM starts), earlier AS (SELECT *, FIRST_VALUE(_sn_x1__before_found) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN
1 ELSE 0 END, _sn_x1__found_peers ORDER BY _sn_x1__place) AS _sn_x1__before_earlier, FIRST_VALUE(_sn_x1__known_found) OVER (PARTITION
BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_x1__found_peers ORDER BY _sn_x1__place) AS _sn_x1__known_earlier, FIRST_VALUE(_sn_x1__repeated_found)
OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_x1__found_peers ORDER BY _sn_x1__place) AS _sn_x1__repeated_earlier,
FIRST_VALUE(_sn_x1__start_found) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_x1__found_peers ORDER
BY _sn_x1__place) AS _sn_x1__start_earlier, FIRST_VALUE(_sn_x1__start_repeated_found) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1
IS NULL THEN 1 ELSE 0 END, _sn_x1__found_peers ORDER BY _sn_x1__place) AS _sn_x1__start_repeated_earlier
FROM found), model AS (SELECT *, CASE WHEN ABS(_sn_x1 - _sn_x1__before_earlier) <= {{ sqlnomaly.real(s.epsilon) }} THEN _sn_x1__start_earlier
- 1 ELSE COALESCE(_sn_x1__known_earlier, 0) END AS _sn_x1__n, CASE WHEN ABS(_sn_x1 - _sn_x1__before_earlier) <= {{ sqlnomaly.real(s.epsilon) }}
THEN (_sn_x1__repeated_earlier - _sn_x1__start_repeated_earlier) + 1 ELSE 0 END AS _sn_x1__repeats, CASE WHEN ABS(_sn_x1 - _sn_x1__before_earlier)
<= {{ sqlnomaly.real(s.epsilon) }} THEN _sn_x1__start_repeated_earlier ELSE _sn_x1__repeated_earlier END AS _sn_x1__usual, 1.0e0 AS _sn_x1__scale
FROM earlier), terms AS (SELECT *, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN NOT _sn_x1 IS NULL THEN CAST(_sn_x1__repeats
AS DOUBLE) * (LN((CAST(_sn_x1__n AS DOUBLE) + 2.0e0) / NULLIF(CAST(_sn_x1__usual AS DOUBLE) + 1.0e0, 0.0e0)) * 0.43429448190325176e0)
END END AS _sn_x1__term
FROM model), scored AS (SELECT *, _sn_x1__term AS _sn__score
FROM terms) SELECT * EXCLUDE (_sn_x1, _sn_x1__raw, _sn__key1, _sn__order1, _sn__fitted, _sn_x1__place, _sn_x1__known, _sn_x1__last,
_sn_x1__before, _sn_x1__again, _sn_x1__change, _sn_x1__run, _sn_x1__repeated, _sn_x1__start, _sn_x1__start_repeated, _sn_x1__found_peers,
_sn_x1__before_found, _sn_x1__known_found, _sn_x1__repeated_found, _sn_x1__start_found, _sn_x1__start_repeated_found, _sn_x1__before_earlier,
_sn_x1__known_earlier, _sn_x1__repeated_earlier, _sn_x1__start_earlier, _sn_x1__start_repeated_earlier, _sn_x1__n, _sn_x1__repeats, _sn_x1__usual,
_sn_x1__scale, _sn_x1__term, _sn__score), _sn__score AS anomaly_score, _sn__score > {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }}
AS is_anomaly, {{ sqlnomaly.real(s.threshold) }} AS anomaly_threshold, CASE WHEN NOT _sn__score IS NULL THEN {{ s.features[0].literal }} END
AS anomaly_reason, CASE WHEN _sn__order1 IS NULL OR _sn_x1__raw IS NULL THEN 'missing_value' WHEN _sn_x1 IS NULL THEN 'out_of_range' WHEN COALESCE(_sn_x1__n,
0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'warm_up' WHEN _sn__score IS NULL OR FALSE THEN 'constant_baseline' ELSE 'ok' END AS anomaly_status
FROM scored
{%- else -%}
{{ sqlnomaly.no_such_way('flatline', s, ['threshold, with order_by, 1 feature']) }}
{%- endif -%}
{%- endmacro -%}

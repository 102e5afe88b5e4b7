{#- sqlnomaly 0.1.0: series_decompose for bigquery, generated; do not edit. -#}
{%- macro bigquery__sqlnomaly_series_decompose(s) -%}
{%- do sqlnomaly.only_options('series_decompose', s, []) -%}
{%- if s.order and s.features | length == 1 and (s.rule, s.direction) in [('threshold', 'both'), ('threshold', 'high'), ('threshold', 'low')] -%}
WITH source AS (SELECT *, CASE WHEN ABS(CAST({{ s.features[0].value }} AS FLOAT64)) <= 1e+150 THEN CAST({{ s.features[0].value }} AS
FLOAT64) END AS _sn_x1, CAST({{ s.features[0].value }} AS FLOAT64) AS _sn_x1__raw, {{ s.key }} AS _sn__key1, {{ s.order }} AS _sn__order1,
CASE WHEN {{ s.filter }} AND NOT {{ s.order }} IS NULL THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), placed AS (SELECT *, CASE WHEN NOT _sn__order1 IS NULL THEN CAST(DENSE_RANK() OVER (PARTITION BY _sn__key1,
CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn__order1 ASC) AS FLOAT64) END AS _sn_x1__place
FROM source), seasons AS (SELECT *, CASE WHEN NOT _sn_x1__place IS NULL THEN 0.0e0 END AS _sn_x1__season
FROM placed), unseasoned AS (SELECT *, _sn_x1 - _sn_x1__season AS _sn_x1__flat
FROM seasons), fences_quantiles AS (SELECT *, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn_x1__flat END, 0.1e0) OVER (PARTITION
BY _sn__key1) AS _sn_x1__low_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn_x1__flat END, 0.9e0) OVER (PARTITION BY _sn__key1)
AS _sn_x1__high_each
FROM unseasoned), fences AS (SELECT _sn__key1, COUNT(_sn_x1) AS _sn_x1__n, MIN(_sn_x1__low_each) AS _sn_x1__low, MIN(_sn_x1__high_each)
AS _sn_x1__high, AVG(_sn_x1__flat) AS _sn_x1__level
FROM fences_quantiles
WHERE _sn__fitted = 1
GROUP BY _sn__key1), model AS (SELECT unseasoned.*, fences._sn_x1__n, fences._sn_x1__low, fences._sn_x1__high, fences._sn_x1__level,
CASE WHEN fences._sn_x1__high - fences._sn_x1__low > 1e-150 AND fences._sn_x1__high - fences._sn_x1__low > 0.0e0 THEN (fences._sn_x1__high
- fences._sn_x1__low) / NULLIF(2.772605605507915e0, 0.0e0) ELSE 0.0e0 END AS _sn_x1__scale, unseasoned._sn_x1__season + (0.5e0 * (fences._sn_x1__low
+ fences._sn_x1__high)) AS _sn_x1__centre, unseasoned._sn_x1__season + fences._sn_x1__level AS _sn_x1__baseline
FROM unseasoned
LEFT JOIN fences ON unseasoned._sn__key1 IS NOT DISTINCT FROM fences._sn__key1), terms AS (SELECT *, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }}
THEN CASE WHEN _sn_x1__scale > 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(_sn_x1__flat - _sn_x1__high, _sn_x1__low - _sn_x1__flat) > 0.0e0 THEN GREATEST(_sn_x1__flat - _sn_x1__high, _sn_x1__low - _sn_x1__flat{% elif s.direction == 'high' %} _sn_x1__flat - _sn_x1__high > 0.0e0 THEN (_sn_x1__flat - _sn_x1__high{% elif s.direction == 'low' %} _sn_x1__low - _sn_x1__flat > 0.0e0 THEN (_sn_x1__low - _sn_x1__flat{% endif %}
) / NULLIF(_sn_x1__scale, 0.0e0) WHEN _sn_x1__scale > 0.0e0 AND
{%- if s.direction == 'both' %} GREATEST(_sn_x1__flat - _sn_x1__high, _sn_x1__low - _sn_x1__flat){% elif s.direction == 'high' %} _sn_x1__flat - _sn_x1__high{% elif s.direction == 'low' %} _sn_x1__low - _sn_x1__flat{% endif %}
<= 0.0e0 THEN 0.0e0 WHEN _sn_x1__flat - _sn_x1__high <= 0.0e0 AND _sn_x1__low - _sn_x1__flat <= 0.0e0 THEN 0.0e0 END END AS _sn_x1__term, _sn_x1__baseline
AS _sn_x1__expected, CASE WHEN NOT _sn_x1 IS NULL AND _sn_x1__season IS NULL THEN 'too_few_rows' END AS _sn__unscored
FROM model), scored AS (SELECT *, _sn_x1__term AS _sn__score
FROM terms) SELECT * EXCEPT (_sn_x1, _sn_x1__raw, _sn__key1, _sn__order1, _sn__fitted, _sn_x1__place, _sn_x1__season, _sn_x1__flat,
_sn_x1__n, _sn_x1__low, _sn_x1__high, _sn_x1__level, _sn_x1__scale, _sn_x1__centre, _sn_x1__baseline, _sn_x1__term, _sn_x1__expected,
_sn__unscored, _sn__score), _sn__score AS anomaly_score, _sn__score > {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }}
AS is_anomaly, {{ sqlnomaly.real(s.threshold) }} AS anomaly_threshold, CASE WHEN NOT _sn__score IS NULL THEN {{ s.features[0].literal }} END
AS anomaly_reason, CASE WHEN _sn__order1 IS NULL OR _sn_x1__raw IS NULL THEN 'missing_value' WHEN _sn_x1 IS NULL THEN 'out_of_range' WHEN COALESCE(_sn_x1__n,
0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'too_few_rows' WHEN NOT _sn__unscored IS NULL THEN _sn__unscored WHEN _sn__score IS NULL OR _sn_x1__scale
= 0.0e0 THEN 'constant_baseline' ELSE 'ok' END AS anomaly_status, CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }}
THEN _sn_x1__expected END AS anomaly_expected,
{%- if s.direction == 'both' %} CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre
- ((0.5e0 * (_sn_x1__high - _sn_x1__low)) + ({{ sqlnomaly.real(s.threshold) }} * _sn_x1__scale)) END AS anomaly_lower, CASE WHEN NOT
_sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre + ((0.5e0
* (_sn_x1__high - _sn_x1__low)) + ({{ sqlnomaly.real(s.threshold) }} * _sn_x1__scale)) END{% elif s.direction == 'high' %} CAST(NULL AS FLOAT64) AS anomaly_lower, CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }}
>= 0.0e0 THEN _sn_x1__centre + ((0.5e0 * (_sn_x1__high - _sn_x1__low)) + ({{ sqlnomaly.real(s.threshold) }} * _sn_x1__scale)) END{% elif s.direction == 'low' %} CASE WHEN NOT _sn__order1 IS NULL AND _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre
- ((0.5e0 * (_sn_x1__high - _sn_x1__low)) + ({{ sqlnomaly.real(s.threshold) }} * _sn_x1__scale)) END AS anomaly_lower, CAST(NULL AS
FLOAT64){% endif %}
AS anomaly_upper
FROM scored
{%- else -%}
{{ sqlnomaly.no_such_way('series_decompose', s, ['threshold, with order_by, 1 feature']) }}
{%- endif -%}
{%- endmacro -%}

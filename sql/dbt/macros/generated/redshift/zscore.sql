{#- sqlnomaly 0.1.0: zscore for redshift, generated; do not edit. -#}
{%- macro redshift__sqlnomaly_zscore(s) -%}
{%- do sqlnomaly.only_options('zscore', s, []) -%}
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
FROM baseline), terms AS (SELECT counted.*, model._sn_x1__centre, model._sn_x1__n, model._sn_x1__scale, CASE WHEN model._sn_x1__n
>= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN model._sn_x1__scale > 0.0e0 THEN CAST(
{%- if s.direction == 'both' %} ABS(counted._sn_x1 - model._sn_x1__centre{% elif s.direction == 'high' %} (counted._sn_x1 - model._sn_x1__centre{% elif s.direction == 'low' %} (model._sn_x1__centre - counted._sn_x1{% endif %}
) AS DOUBLE PRECISION) / NULLIF(model._sn_x1__scale, 0.0e0) WHEN counted._sn_x1 = model._sn_x1__centre THEN CAST(0.0e0 AS DOUBLE
PRECISION) END END AS _sn_x1__term, model._sn_x1__centre AS _sn_x1__expected
FROM counted
LEFT JOIN model ON (counted._sn__key1 = model._sn__key1 OR (counted._sn__key1 IS NULL AND model._sn__key1 IS NULL))), scored AS (SELECT
*, _sn_x1__term AS _sn__score
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
{%- if s.rule == 'threshold' and s.direction == 'both' %} CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre - (CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) * _sn_x1__scale) END AS anomaly_lower, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }}
>= 0.0e0 THEN _sn_x1__centre + (CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) * _sn_x1__scale) END AS anomaly_upper
FROM ranked{% elif s.rule == 'threshold' and s.direction == 'high' %} CAST(NULL AS DOUBLE PRECISION) AS anomaly_lower, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }}
>= 0.0e0 THEN _sn_x1__centre + (CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) * _sn_x1__scale) END AS anomaly_upper
FROM ranked{% elif s.rule == 'threshold' and s.direction == 'low' %} CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre - (CAST({{ sqlnomaly.real(s.threshold) }}
AS DOUBLE PRECISION) * _sn_x1__scale) END AS anomaly_lower, CAST(NULL AS DOUBLE PRECISION) AS anomaly_upper
FROM ranked{% elif s.rule == 'contamination' and s.direction == 'both' %} CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND _sn__cutoff1 >= 0.0e0 THEN _sn_x1__centre - (_sn__cutoff1 * _sn_x1__scale) END
AS anomaly_lower, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND _sn__cutoff1 >= 0.0e0 THEN _sn_x1__centre + (_sn__cutoff1 *
_sn_x1__scale) END AS anomaly_upper
FROM limited{% elif s.rule == 'contamination' and s.direction == 'high' %} CAST(NULL AS DOUBLE PRECISION) AS anomaly_lower, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND _sn__cutoff1 >= 0.0e0 THEN
_sn_x1__centre + (_sn__cutoff1 * _sn_x1__scale) END AS anomaly_upper
FROM limited{% elif s.rule == 'contamination' and s.direction == 'low' %} CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND _sn__cutoff1 >= 0.0e0 THEN _sn_x1__centre - (_sn__cutoff1 * _sn_x1__scale) END
AS anomaly_lower, CAST(NULL AS DOUBLE PRECISION) AS anomaly_upper
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
FROM baseline), terms AS (SELECT counted.*,
{%- for f in s.features %} model._sn_x{{ loop.index }}__n, model._sn_x{{ loop.index }}__scale,{% endfor %}
{%- if s.direction == 'both' %} {%- for f in s.features %} CASE WHEN model._sn_x{{ loop.index }}__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN model._sn_x{{ loop.index }}__scale > 0.0e0 THEN CAST(ABS(counted._sn_x{{ loop.index }} - model._sn_x{{ loop.index }}__centre) AS DOUBLE PRECISION) / NULLIF(model._sn_x{{ loop.index }}__scale, 0.0e0) WHEN counted._sn_x{{ loop.index }} = model._sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END END AS _sn_x{{ loop.index }}__term{{ ", " if not loop.last }}{% endfor %}{% elif s.direction == 'high' %} {%- for f in s.features %} CASE WHEN model._sn_x{{ loop.index }}__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN model._sn_x{{ loop.index }}__scale > 0.0e0 THEN CAST((counted._sn_x{{ loop.index }} - model._sn_x{{ loop.index }}__centre) AS DOUBLE PRECISION) / NULLIF(model._sn_x{{ loop.index }}__scale, 0.0e0) WHEN counted._sn_x{{ loop.index }} = model._sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END END AS _sn_x{{ loop.index }}__term{{ ", " if not loop.last }}{% endfor %}{% elif s.direction == 'low' %} {%- for f in s.features %} CASE WHEN model._sn_x{{ loop.index }}__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN model._sn_x{{ loop.index }}__scale > 0.0e0 THEN CAST((model._sn_x{{ loop.index }}__centre - counted._sn_x{{ loop.index }}) AS DOUBLE PRECISION) / NULLIF(model._sn_x{{ loop.index }}__scale, 0.0e0) WHEN counted._sn_x{{ loop.index }} = model._sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END END AS _sn_x{{ loop.index }}__term{{ ", " if not loop.last }}{% endfor %}{% endif %}
FROM counted
LEFT JOIN model ON (counted._sn__key1 = model._sn__key1 OR (counted._sn__key1 IS NULL AND model._sn__key1 IS NULL))), scored AS (SELECT
*, CASE WHEN
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
{%- elif s.order and s.features | length == 1 and (s.rule, s.direction) in [('threshold', 'both'), ('threshold', 'high'), ('threshold', 'low')] -%}
WITH source AS (SELECT {{ s.columns }}, CASE WHEN ABS({{ s.features[0].value }}) <= 1e+150 THEN {{ s.features[0].value }} END AS _sn_x1,
{{ s.features[0].value }} AS _sn_x1__raw, {{ s.key }} AS _sn__key1, {{ s.order }} AS _sn__order1, CASE WHEN {{ s.filter }} AND NOT {{ s.order }}
IS NULL THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), history AS (SELECT *, COUNT(CASE WHEN _sn__fitted = 1 THEN _sn_x1 END) OVER (PARTITION BY _sn__key1, CASE WHEN
_sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn__order1 ASC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS _sn_x1__n_first, AVG(CASE
WHEN _sn__fitted = 1 THEN _sn_x1 END) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn__order1 ASC
ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS _sn_x1__mean_first, VAR_POP(CASE WHEN _sn__fitted = 1 THEN _sn_x1 END) OVER (PARTITION
BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn__order1 ASC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) *
COUNT(CASE WHEN _sn__fitted = 1 THEN _sn_x1 END) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY
_sn__order1 ASC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS _sn_x1__m2_first, MIN(CASE WHEN _sn__fitted = 1 THEN _sn_x1 END) OVER (PARTITION
BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn__order1 ASC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS
_sn_x1__low_first, MAX(CASE WHEN _sn__fitted = 1 THEN _sn_x1 END) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE
0 END ORDER BY _sn__order1 ASC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS _sn_x1__high_first, RANK() OVER (PARTITION BY _sn__key1,
CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn__order1 ASC) AS _sn__peers, COUNT(1) OVER (PARTITION BY _sn__key1, CASE WHEN
_sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn__order1 ASC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS _sn__before
FROM source), earlier AS (SELECT *, FIRST_VALUE(_sn_x1__n_first) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1
ELSE 0 END, _sn__peers ORDER BY _sn__before ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS _sn_x1__n, FIRST_VALUE(_sn_x1__mean_first)
OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn__peers ORDER BY _sn__before ROWS BETWEEN UNBOUNDED PRECEDING
AND CURRENT ROW) AS _sn_x1__mean, FIRST_VALUE(_sn_x1__m2_first) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE
0 END, _sn__peers ORDER BY _sn__before ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS _sn_x1__m2, FIRST_VALUE(_sn_x1__low_first)
OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn__peers ORDER BY _sn__before ROWS BETWEEN UNBOUNDED PRECEDING
AND CURRENT ROW) AS _sn_x1__low, FIRST_VALUE(_sn_x1__high_first) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE
0 END, _sn__peers ORDER BY _sn__before ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS _sn_x1__high
FROM history), model AS (SELECT *, CASE WHEN _sn_x1__low = _sn_x1__high THEN _sn_x1__low ELSE _sn_x1__mean END AS _sn_x1__centre, CASE WHEN
_sn_x1__low < _sn_x1__high AND CAST(_sn_x1__m2 AS DOUBLE PRECISION) / NULLIF(_sn_x1__n - 1, 0.0e0) > 1e-300 THEN SQRT(CASE WHEN CAST(_sn_x1__m2
AS DOUBLE PRECISION) / NULLIF(_sn_x1__n - 1, 0.0e0) >= 0.0e0 THEN CAST(_sn_x1__m2 AS DOUBLE PRECISION) / NULLIF(_sn_x1__n - 1, 0.0e0)
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
{%- elif s.order and s.features | length > 1 and (s.rule, s.direction) in [('threshold', 'both'), ('threshold', 'high'), ('threshold', 'low')] -%}
WITH source AS (SELECT {{ s.columns }},
{%- for f in s.features %} CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END AS _sn_x{{ loop.index }}, {{ f.value }} AS _sn_x{{ loop.index }}__raw,{% endfor %}
{{ s.key }} AS _sn__key1, {{ s.order }} AS _sn__order1, CASE WHEN {{ s.filter }} AND NOT {{ s.order }} IS NULL THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), history AS (SELECT *,
{%- for f in s.features %} COUNT(CASE WHEN _sn__fitted = 1 THEN _sn_x{{ loop.index }} END) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn__order1 ASC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS _sn_x{{ loop.index }}__n_first, AVG(CASE WHEN _sn__fitted = 1 THEN _sn_x{{ loop.index }} END) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn__order1 ASC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS _sn_x{{ loop.index }}__mean_first, VAR_POP(CASE WHEN _sn__fitted = 1 THEN _sn_x{{ loop.index }} END) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn__order1 ASC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) * COUNT(CASE WHEN _sn__fitted = 1 THEN _sn_x{{ loop.index }} END) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn__order1 ASC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS _sn_x{{ loop.index }}__m2_first, MIN(CASE WHEN _sn__fitted = 1 THEN _sn_x{{ loop.index }} END) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn__order1 ASC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS _sn_x{{ loop.index }}__low_first, MAX(CASE WHEN _sn__fitted = 1 THEN _sn_x{{ loop.index }} END) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn__order1 ASC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS _sn_x{{ loop.index }}__high_first,{% endfor %}
RANK() OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn__order1 ASC) AS _sn__peers, COUNT(1)
OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END ORDER BY _sn__order1 ASC ROWS BETWEEN UNBOUNDED PRECEDING AND
1 PRECEDING) AS _sn__before
FROM source), earlier AS (SELECT *
{%- for f in s.features %} , FIRST_VALUE(_sn_x{{ loop.index }}__n_first) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn__peers ORDER BY _sn__before ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS _sn_x{{ loop.index }}__n, FIRST_VALUE(_sn_x{{ loop.index }}__mean_first) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn__peers ORDER BY _sn__before ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS _sn_x{{ loop.index }}__mean, FIRST_VALUE(_sn_x{{ loop.index }}__m2_first) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn__peers ORDER BY _sn__before ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS _sn_x{{ loop.index }}__m2, FIRST_VALUE(_sn_x{{ loop.index }}__low_first) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn__peers ORDER BY _sn__before ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS _sn_x{{ loop.index }}__low, FIRST_VALUE(_sn_x{{ loop.index }}__high_first) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn__peers ORDER BY _sn__before ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS _sn_x{{ loop.index }}__high{% endfor %}
FROM history), model AS (SELECT *
{%- for f in s.features %} , CASE WHEN _sn_x{{ loop.index }}__low = _sn_x{{ loop.index }}__high THEN _sn_x{{ loop.index }}__low ELSE _sn_x{{ loop.index }}__mean END AS _sn_x{{ loop.index }}__centre, CASE WHEN _sn_x{{ loop.index }}__low < _sn_x{{ loop.index }}__high AND CAST(_sn_x{{ loop.index }}__m2 AS DOUBLE PRECISION) / NULLIF(_sn_x{{ loop.index }}__n - 1, 0.0e0) > 1e-300 THEN SQRT(CASE WHEN CAST(_sn_x{{ loop.index }}__m2 AS DOUBLE PRECISION) / NULLIF(_sn_x{{ loop.index }}__n - 1, 0.0e0) >= 0.0e0 THEN CAST(_sn_x{{ loop.index }}__m2 AS DOUBLE PRECISION) / NULLIF(_sn_x{{ loop.index }}__n - 1, 0.0e0) END) ELSE CAST(0.0e0 AS DOUBLE PRECISION) END AS _sn_x{{ loop.index }}__scale{% endfor %}
FROM earlier), terms AS (SELECT *
{%- if s.direction == 'both' %} {%- for f in s.features %} , CASE WHEN _sn_x{{ loop.index }}__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN _sn_x{{ loop.index }}__scale > 0.0e0 THEN CAST(ABS(_sn_x{{ loop.index }} - _sn_x{{ loop.index }}__centre) AS DOUBLE PRECISION) / NULLIF(_sn_x{{ loop.index }}__scale, 0.0e0) WHEN _sn_x{{ loop.index }} = _sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END END AS _sn_x{{ loop.index }}__term{% endfor %}{% elif s.direction == 'high' %} {%- for f in s.features %} , CASE WHEN _sn_x{{ loop.index }}__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN _sn_x{{ loop.index }}__scale > 0.0e0 THEN CAST((_sn_x{{ loop.index }} - _sn_x{{ loop.index }}__centre) AS DOUBLE PRECISION) / NULLIF(_sn_x{{ loop.index }}__scale, 0.0e0) WHEN _sn_x{{ loop.index }} = _sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END END AS _sn_x{{ loop.index }}__term{% endfor %}{% elif s.direction == 'low' %} {%- for f in s.features %} , CASE WHEN _sn_x{{ loop.index }}__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN _sn_x{{ loop.index }}__scale > 0.0e0 THEN CAST((_sn_x{{ loop.index }}__centre - _sn_x{{ loop.index }}) AS DOUBLE PRECISION) / NULLIF(_sn_x{{ loop.index }}__scale, 0.0e0) WHEN _sn_x{{ loop.index }} = _sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END END AS _sn_x{{ loop.index }}__term{% endfor %}{% endif %}
FROM model), scored AS (SELECT *, CASE WHEN
{%- for f in s.features %} NOT _sn_x{{ loop.index }}__term IS NULL{{ " AND " if not loop.last }}{% endfor %}
THEN GREATEST(
{%- for f in s.features %} _sn_x{{ loop.index }}__term{{ ", " if not loop.last }}{% endfor %}
) END AS _sn__score
FROM terms) SELECT {{ s.columns }}, _sn__score AS anomaly_score, _sn__score > {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }}
AS is_anomaly, CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE PRECISION) AS anomaly_threshold, CASE WHEN _sn__score IS NULL THEN NULL
{%- for f in s.features %} WHEN _sn_x{{ loop.index }}__term >= _sn__score - (CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(_sn__score))) THEN {{ f.literal }}{% endfor %}
END AS anomaly_reason, CASE WHEN _sn__order1 IS NULL
{%- for f in s.features %} OR _sn_x{{ loop.index }}__raw IS NULL{% endfor %}
THEN 'missing_value' WHEN
{%- for f in s.features %} _sn_x{{ loop.index }} IS NULL{{ " OR " if not loop.last }}{% endfor %}
THEN 'out_of_range' WHEN
{%- for f in s.features %} COALESCE(_sn_x{{ loop.index }}__n, 0) < {{ sqlnomaly.whole(s.min_rows) }}{{ " OR " if not loop.last }}{% endfor %}
THEN 'warm_up' WHEN _sn__score IS NULL OR (
{%- for f in s.features %} _sn_x{{ loop.index }}__scale = 0.0e0{{ " AND " if not loop.last }}{% endfor %}
) THEN 'constant_baseline' ELSE 'ok' END AS anomaly_status
FROM scored
{%- else -%}
{{ sqlnomaly.no_such_way('zscore', s, ['contamination, without order_by, 1 feature', 'contamination, without order_by, features', 'threshold, with order_by, 1 feature', 'threshold, with order_by, features', 'threshold, without order_by, 1 feature', 'threshold, without order_by, features']) }}
{%- endif -%}
{%- endmacro -%}

{#- sqlnomaly 0.1.0: double_mad for spark, generated; do not edit. -#}
{%- macro spark__sqlnomaly_double_mad(s) -%}
{%- do sqlnomaly.only_options('double_mad', s, []) -%}
{%- if not s.order and s.features | length == 1 and (s.rule, s.direction) in [('contamination', 'both'), ('contamination', 'high'), ('contamination', 'low'), ('threshold', 'both'), ('threshold', 'high'), ('threshold', 'low')] -%}
WITH source AS (SELECT *, CASE WHEN ABS(CAST({{ s.features[0].value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ s.features[0].value }} AS
DOUBLE) END AS _sn_x1, CAST({{ s.features[0].value }} AS DOUBLE) AS _sn_x1__raw, {{ s.key }} AS _sn__key1, CASE WHEN {{ s.filter }} THEN
1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), fitted AS (SELECT _sn__key1, COUNT(1) AS _sn__rows
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), counted AS (SELECT source.*, fitted._sn__rows
FROM source
LEFT JOIN fitted ON source._sn__key1 IS NOT DISTINCT FROM fitted._sn__key1), centre AS (SELECT _sn__key1, COUNT(_sn_x1) AS _sn_x1__n,
PERCENTILE(_sn_x1, 0.5e0) AS _sn_x1__centre
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), spread AS (SELECT source._sn__key1, MIN(centre._sn_x1__n) AS _sn_x1__n, MIN(centre._sn_x1__centre) AS _sn_x1__centre,
PERCENTILE(CASE WHEN source._sn_x1 >= centre._sn_x1__centre THEN source._sn_x1 - centre._sn_x1__centre END, 0.5e0) AS _sn_x1__mad_above,
PERCENTILE(CASE WHEN source._sn_x1 <= centre._sn_x1__centre THEN centre._sn_x1__centre - source._sn_x1 END, 0.5e0) AS _sn_x1__mad_below
FROM source
LEFT JOIN centre ON source._sn__key1 IS NOT DISTINCT FROM centre._sn__key1
WHERE source._sn__fitted = 1
GROUP BY source._sn__key1), sides AS (SELECT *, CASE WHEN _sn_x1__mad_above / NULLIF(0.6744897501960817e0, 0.0e0) > 1e-150 THEN _sn_x1__mad_above
/ NULLIF(0.6744897501960817e0, 0.0e0) ELSE 0.0e0 END AS _sn_x1__above, CASE WHEN _sn_x1__mad_below / NULLIF(0.6744897501960817e0, 0.0e0)
> 1e-150 THEN _sn_x1__mad_below / NULLIF(0.6744897501960817e0, 0.0e0) ELSE 0.0e0 END AS _sn_x1__below
FROM spread), model AS (SELECT *, GREATEST(_sn_x1__above, _sn_x1__below) AS _sn_x1__scale
FROM sides), terms AS (SELECT counted.*, model._sn_x1__above, model._sn_x1__below, model._sn_x1__centre, model._sn_x1__n, model._sn_x1__scale,
CASE WHEN model._sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN counted._sn_x1 = model._sn_x1__centre THEN 0.0e0 WHEN counted._sn_x1
> model._sn_x1__centre AND model._sn_x1__above > 0.0e0 THEN (
{%- if s.direction == 'both' %} counted._sn_x1 - model._sn_x1__centre{% elif s.direction == 'high' %} counted._sn_x1 - model._sn_x1__centre{% elif s.direction == 'low' %} model._sn_x1__centre - counted._sn_x1{% endif %}
) / NULLIF(model._sn_x1__above, 0.0e0) WHEN counted._sn_x1 < model._sn_x1__centre AND model._sn_x1__below > 0.0e0 THEN (
{%- if s.direction == 'both' %} model._sn_x1__centre - counted._sn_x1{% elif s.direction == 'high' %} counted._sn_x1 - model._sn_x1__centre{% elif s.direction == 'low' %} model._sn_x1__centre - counted._sn_x1{% endif %}
) / NULLIF(model._sn_x1__below, 0.0e0) END END AS _sn_x1__term, model._sn_x1__centre AS _sn_x1__expected
FROM counted
LEFT JOIN model ON counted._sn__key1 IS NOT DISTINCT FROM model._sn__key1), scored AS (SELECT *, _sn_x1__term AS _sn__score
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
SELECT * EXCEPT (_sn_x1, _sn_x1__raw, _sn__key1, _sn__fitted, _sn__rows, _sn_x1__above, _sn_x1__below, _sn_x1__centre, _sn_x1__n, _sn_x1__scale,
_sn_x1__term, _sn_x1__expected, _sn__score, _sn__scores, _sn__not_below
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , _sn__cutoff1{% endif %}
), _sn__score AS anomaly_score, CASE WHEN NOT _sn__score IS NULL AND _sn__fitted = 1 THEN 1.0e0 - (CAST(_sn__not_below AS DOUBLE) / NULLIF(CAST(_sn__scores
AS DOUBLE), 0.0e0)) WHEN NOT _sn__score IS NULL THEN 1.0e0 - ((CAST(_sn__not_below AS DOUBLE) + 1.0e0) / NULLIF(CAST(_sn__scores
AS DOUBLE) + 1.0e0, 0.0e0)) END AS anomaly_probability, _sn__score >
{%- if s.rule == 'threshold' %} {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }} AS is_anomaly, {{ sqlnomaly.real(s.threshold) }}{% elif s.rule == 'contamination' %} CASE WHEN NOT _sn__cutoff1 IS NULL THEN _sn__cutoff1 + (1e-09 * GREATEST(1.0e0, ABS(_sn__cutoff1))) END AS is_anomaly, _sn__cutoff1{% endif %}
AS anomaly_threshold, CASE WHEN NOT _sn__score IS NULL THEN {{ s.features[0].literal }} END AS anomaly_reason, CASE WHEN COALESCE(_sn__rows,
0) = 0 THEN 'unseen_group' WHEN _sn_x1__raw IS NULL THEN 'missing_value' WHEN _sn_x1 IS NULL THEN 'out_of_range' WHEN COALESCE(_sn_x1__n,
0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'too_few_rows' WHEN _sn__score IS NULL OR _sn_x1__scale = 0.0e0 THEN 'constant_baseline' ELSE 'ok'
END AS anomaly_status, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN _sn_x1__expected END AS anomaly_expected,
{%- if s.rule == 'threshold' and s.direction == 'both' %} CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre - ({{ sqlnomaly.real(s.threshold) }}
* _sn_x1__below) END AS anomaly_lower, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0
THEN _sn_x1__centre + ({{ sqlnomaly.real(s.threshold) }} * _sn_x1__above) END AS anomaly_upper
FROM ranked{% elif s.rule == 'threshold' and s.direction == 'high' %} CAST(NULL AS DOUBLE) AS anomaly_lower, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >=
0.0e0 THEN _sn_x1__centre + ({{ sqlnomaly.real(s.threshold) }} * _sn_x1__above) END AS anomaly_upper
FROM ranked{% elif s.rule == 'threshold' and s.direction == 'low' %} CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND {{ sqlnomaly.real(s.threshold) }} >= 0.0e0 THEN _sn_x1__centre - ({{ sqlnomaly.real(s.threshold) }}
* _sn_x1__below) END AS anomaly_lower, CAST(NULL AS DOUBLE) AS anomaly_upper
FROM ranked{% elif s.rule == 'contamination' and s.direction == 'both' %} CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND _sn__cutoff1 >= 0.0e0 THEN _sn_x1__centre - (_sn__cutoff1 * _sn_x1__below) END
AS anomaly_lower, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND _sn__cutoff1 >= 0.0e0 THEN _sn_x1__centre + (_sn__cutoff1 *
_sn_x1__above) END AS anomaly_upper
FROM limited{% elif s.rule == 'contamination' and s.direction == 'high' %} CAST(NULL AS DOUBLE) AS anomaly_lower, CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND _sn__cutoff1 >= 0.0e0 THEN _sn_x1__centre
+ (_sn__cutoff1 * _sn_x1__above) END AS anomaly_upper
FROM limited{% elif s.rule == 'contamination' and s.direction == 'low' %} CASE WHEN _sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} AND _sn__cutoff1 >= 0.0e0 THEN _sn_x1__centre - (_sn__cutoff1 * _sn_x1__below) END
AS anomaly_lower, CAST(NULL AS DOUBLE) AS anomaly_upper
FROM limited{% endif %}
{%- elif not s.order and s.features | length > 1 and (s.rule, s.direction) in [('contamination', 'both'), ('contamination', 'high'), ('contamination', 'low'), ('threshold', 'both'), ('threshold', 'high'), ('threshold', 'low')] -%}
WITH source AS (SELECT *,
{%- for f in s.features %} CASE WHEN ABS(CAST({{ f.value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ f.value }} AS DOUBLE) END AS _sn_x{{ loop.index }}, CAST({{ f.value }} AS DOUBLE) AS _sn_x{{ loop.index }}__raw,{% endfor %}
{{ s.key }} AS _sn__key1, CASE WHEN {{ s.filter }} THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), fitted AS (SELECT _sn__key1, COUNT(1) AS _sn__rows
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), counted AS (SELECT source.*, fitted._sn__rows
FROM source
LEFT JOIN fitted ON source._sn__key1 IS NOT DISTINCT FROM fitted._sn__key1), centre AS (SELECT _sn__key1
{%- for f in s.features %} , COUNT(_sn_x{{ loop.index }}) AS _sn_x{{ loop.index }}__n, PERCENTILE(_sn_x{{ loop.index }}, 0.5e0) AS _sn_x{{ loop.index }}__centre{% endfor %}
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), spread AS (SELECT source._sn__key1,
{%- for f in s.features %} MIN(centre._sn_x{{ loop.index }}__n) AS _sn_x{{ loop.index }}__n, MIN(centre._sn_x{{ loop.index }}__centre) AS _sn_x{{ loop.index }}__centre,{% endfor %}
{%- for f in s.features %} PERCENTILE(CASE WHEN source._sn_x{{ loop.index }} >= centre._sn_x{{ loop.index }}__centre THEN source._sn_x{{ loop.index }} - centre._sn_x{{ loop.index }}__centre END, 0.5e0) AS _sn_x{{ loop.index }}__mad_above, PERCENTILE(CASE WHEN source._sn_x{{ loop.index }} <= centre._sn_x{{ loop.index }}__centre THEN centre._sn_x{{ loop.index }}__centre - source._sn_x{{ loop.index }} END, 0.5e0) AS _sn_x{{ loop.index }}__mad_below{{ ", " if not loop.last }}{% endfor %}
FROM source
LEFT JOIN centre ON source._sn__key1 IS NOT DISTINCT FROM centre._sn__key1
WHERE source._sn__fitted = 1
GROUP BY source._sn__key1), sides AS (SELECT *
{%- for f in s.features %} , CASE WHEN _sn_x{{ loop.index }}__mad_above / NULLIF(0.6744897501960817e0, 0.0e0) > 1e-150 THEN _sn_x{{ loop.index }}__mad_above / NULLIF(0.6744897501960817e0, 0.0e0) ELSE 0.0e0 END AS _sn_x{{ loop.index }}__above, CASE WHEN _sn_x{{ loop.index }}__mad_below / NULLIF(0.6744897501960817e0, 0.0e0) > 1e-150 THEN _sn_x{{ loop.index }}__mad_below / NULLIF(0.6744897501960817e0, 0.0e0) ELSE 0.0e0 END AS _sn_x{{ loop.index }}__below{% endfor %}
FROM spread), model AS (SELECT *
{%- for f in s.features %} , GREATEST(_sn_x{{ loop.index }}__above, _sn_x{{ loop.index }}__below) AS _sn_x{{ loop.index }}__scale{% endfor %}
FROM sides), terms AS (SELECT counted.*,
{%- for f in s.features %} model._sn_x{{ loop.index }}__n, model._sn_x{{ loop.index }}__scale,{% endfor %}
{%- if s.direction == 'both' %} {%- for f in s.features %} CASE WHEN model._sn_x{{ loop.index }}__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN counted._sn_x{{ loop.index }} = model._sn_x{{ loop.index }}__centre THEN 0.0e0 WHEN counted._sn_x{{ loop.index }} > model._sn_x{{ loop.index }}__centre AND model._sn_x{{ loop.index }}__above > 0.0e0 THEN (counted._sn_x{{ loop.index }} - model._sn_x{{ loop.index }}__centre) / NULLIF(model._sn_x{{ loop.index }}__above, 0.0e0) WHEN counted._sn_x{{ loop.index }} < model._sn_x{{ loop.index }}__centre AND model._sn_x{{ loop.index }}__below > 0.0e0 THEN (model._sn_x{{ loop.index }}__centre - counted._sn_x{{ loop.index }}) / NULLIF(model._sn_x{{ loop.index }}__below, 0.0e0) END END AS _sn_x{{ loop.index }}__term{{ ", " if not loop.last }}{% endfor %}{% elif s.direction == 'high' %} {%- for f in s.features %} CASE WHEN model._sn_x{{ loop.index }}__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN counted._sn_x{{ loop.index }} = model._sn_x{{ loop.index }}__centre THEN 0.0e0 WHEN counted._sn_x{{ loop.index }} > model._sn_x{{ loop.index }}__centre AND model._sn_x{{ loop.index }}__above > 0.0e0 THEN (counted._sn_x{{ loop.index }} - model._sn_x{{ loop.index }}__centre) / NULLIF(model._sn_x{{ loop.index }}__above, 0.0e0) WHEN counted._sn_x{{ loop.index }} < model._sn_x{{ loop.index }}__centre AND model._sn_x{{ loop.index }}__below > 0.0e0 THEN (counted._sn_x{{ loop.index }} - model._sn_x{{ loop.index }}__centre) / NULLIF(model._sn_x{{ loop.index }}__below, 0.0e0) END END AS _sn_x{{ loop.index }}__term{{ ", " if not loop.last }}{% endfor %}{% elif s.direction == 'low' %} {%- for f in s.features %} CASE WHEN model._sn_x{{ loop.index }}__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN counted._sn_x{{ loop.index }} = model._sn_x{{ loop.index }}__centre THEN 0.0e0 WHEN counted._sn_x{{ loop.index }} > model._sn_x{{ loop.index }}__centre AND model._sn_x{{ loop.index }}__above > 0.0e0 THEN (model._sn_x{{ loop.index }}__centre - counted._sn_x{{ loop.index }}) / NULLIF(model._sn_x{{ loop.index }}__above, 0.0e0) WHEN counted._sn_x{{ loop.index }} < model._sn_x{{ loop.index }}__centre AND model._sn_x{{ loop.index }}__below > 0.0e0 THEN (model._sn_x{{ loop.index }}__centre - counted._sn_x{{ loop.index }}) / NULLIF(model._sn_x{{ loop.index }}__below, 0.0e0) END END AS _sn_x{{ loop.index }}__term{{ ", " if not loop.last }}{% endfor %}{% endif %}
FROM counted
LEFT JOIN model ON counted._sn__key1 IS NOT DISTINCT FROM model._sn__key1), scored AS (SELECT *, CASE WHEN
{%- for f in s.features %} NOT _sn_x{{ loop.index }}__term IS NULL{{ " AND " if not loop.last }}{% endfor %}
THEN GREATEST(
{%- for f in s.features %} _sn_x{{ loop.index }}__term{{ ", " if not loop.last }}{% endfor %}
) END AS _sn__score
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
SELECT * EXCEPT (
{%- for f in s.features %} _sn_x{{ loop.index }}, _sn_x{{ loop.index }}__raw,{% endfor %}
_sn__key1, _sn__fitted, _sn__rows,
{%- for f in s.features %} _sn_x{{ loop.index }}__n, _sn_x{{ loop.index }}__scale,{% endfor %}
{%- for f in s.features %} _sn_x{{ loop.index }}__term,{% endfor %}
_sn__score, _sn__scores, _sn__not_below
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , _sn__cutoff1{% endif %}
), _sn__score AS anomaly_score, CASE WHEN NOT _sn__score IS NULL AND _sn__fitted = 1 THEN 1.0e0 - (CAST(_sn__not_below AS DOUBLE) / NULLIF(CAST(_sn__scores
AS DOUBLE), 0.0e0)) WHEN NOT _sn__score IS NULL THEN 1.0e0 - ((CAST(_sn__not_below AS DOUBLE) + 1.0e0) / NULLIF(CAST(_sn__scores
AS DOUBLE) + 1.0e0, 0.0e0)) END AS anomaly_probability, _sn__score >
{%- if s.rule == 'threshold' %} {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }} AS is_anomaly, {{ sqlnomaly.real(s.threshold) }}{% elif s.rule == 'contamination' %} CASE WHEN NOT _sn__cutoff1 IS NULL THEN _sn__cutoff1 + (1e-09 * GREATEST(1.0e0, ABS(_sn__cutoff1))) END AS is_anomaly, _sn__cutoff1{% endif %}
AS anomaly_threshold, CASE WHEN _sn__score IS NULL THEN NULL
{%- for f in s.features %} WHEN _sn_x{{ loop.index }}__term >= _sn__score - (1e-09 * GREATEST(1.0e0, ABS(_sn__score))) THEN {{ f.literal }}{% endfor %}
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
{{ sqlnomaly.no_such_way('double_mad', s, ['contamination, without order_by, 1 feature', 'contamination, without order_by, features', 'threshold, without order_by, 1 feature', 'threshold, without order_by, features']) }}
{%- endif -%}
{%- endmacro -%}

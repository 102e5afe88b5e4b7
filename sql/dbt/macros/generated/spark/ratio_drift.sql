{#- sqlnomaly 0.1.0: ratio_drift for spark, generated; do not edit. -#}
{%- macro spark__sqlnomaly_ratio_drift(s) -%}
{%- do sqlnomaly.only_options('ratio_drift', s, []) -%}
{%- if not s.order and s.features | length == 2 and (s.rule, s.direction) in [('contamination', 'both'), ('threshold', 'both')] -%}
WITH source AS (SELECT *, CASE WHEN ABS(CAST({{ s.features[0].value }} AS DOUBLE)) <= 1e+150 THEN CAST({{ s.features[0].value }} AS
DOUBLE) END AS _sn_x1, CAST({{ s.features[0].value }} AS DOUBLE) AS _sn_x1__raw, CASE WHEN ABS(CAST({{ s.features[1].value }} AS DOUBLE))
<= 1e+150 THEN CAST({{ s.features[1].value }} AS DOUBLE) END AS _sn_x2, CAST({{ s.features[1].value }} AS DOUBLE) AS _sn_x2__raw, {{ s.key }}
AS _sn__key1, CASE WHEN {{ s.filter }} THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), fitted AS (SELECT _sn__key1, COUNT(1) AS _sn__rows
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), counted AS (SELECT source.*, fitted._sn__rows
FROM source
LEFT JOIN fitted ON source._sn__key1 IS NOT DISTINCT FROM fitted._sn__key1), ratios AS (SELECT *, LN(CASE WHEN ((_sn_x1 > 0.0e0 AND
_sn_x2 > 0.0e0) OR (_sn_x1 < 0.0e0 AND _sn_x2 < 0.0e0)) AND ABS(LN(CASE WHEN ABS(_sn_x1) > 0.0e0 THEN ABS(_sn_x1) END) - LN(CASE
WHEN ABS(_sn_x2) > 0.0e0 THEN ABS(_sn_x2) END)) <= 345.38776394910684e0 THEN _sn_x1 / NULLIF(_sn_x2, 0.0e0) END) AS _sn_x1__ratio,
CASE WHEN ((_sn_x1 > 0.0e0 AND _sn_x2 > 0.0e0) OR (_sn_x1 < 0.0e0 AND _sn_x2 < 0.0e0)) AND ABS(LN(CASE WHEN ABS(_sn_x1) > 0.0e0
THEN ABS(_sn_x1) END) - LN(CASE WHEN ABS(_sn_x2) > 0.0e0 THEN ABS(_sn_x2) END)) <= 345.38776394910684e0 THEN LN(CASE WHEN ABS(_sn_x1)
> 0.0e0 THEN ABS(_sn_x1) END) END AS _sn_x1__part, CASE WHEN ((_sn_x1 > 0.0e0 AND _sn_x2 > 0.0e0) OR (_sn_x1 < 0.0e0 AND _sn_x2 < 0.0e0))
AND ABS(LN(CASE WHEN ABS(_sn_x1) > 0.0e0 THEN ABS(_sn_x1) END) - LN(CASE WHEN ABS(_sn_x2) > 0.0e0 THEN ABS(_sn_x2) END))
<= 345.38776394910684e0 THEN LN(CASE WHEN ABS(_sn_x2) > 0.0e0 THEN ABS(_sn_x2) END) END AS _sn_x2__part
FROM counted), ratios_2 AS (SELECT *, LN(CASE WHEN ((_sn_x1 > 0.0e0 AND _sn_x2 > 0.0e0) OR (_sn_x1 < 0.0e0 AND _sn_x2 < 0.0e0)) AND
ABS(LN(CASE WHEN ABS(_sn_x1) > 0.0e0 THEN ABS(_sn_x1) END) - LN(CASE WHEN ABS(_sn_x2) > 0.0e0 THEN ABS(_sn_x2) END)) <=
345.38776394910684e0 THEN _sn_x1 / NULLIF(_sn_x2, 0.0e0) END) AS _sn_x1__ratio, CASE WHEN ((_sn_x1 > 0.0e0 AND _sn_x2 > 0.0e0) OR (_sn_x1
< 0.0e0 AND _sn_x2 < 0.0e0)) AND ABS(LN(CASE WHEN ABS(_sn_x1) > 0.0e0 THEN ABS(_sn_x1) END) - LN(CASE WHEN ABS(_sn_x2) > 0.0e0
THEN ABS(_sn_x2) END)) <= 345.38776394910684e0 THEN LN(CASE WHEN ABS(_sn_x1) > 0.0e0 THEN ABS(_sn_x1) END) END AS _sn_x1__part,
CASE WHEN ((_sn_x1 > 0.0e0 AND _sn_x2 > 0.0e0) OR (_sn_x1 < 0.0e0 AND _sn_x2 < 0.0e0)) AND ABS(LN(CASE WHEN ABS(_sn_x1) > 0.0e0
THEN ABS(_sn_x1) END) - LN(CASE WHEN ABS(_sn_x2) > 0.0e0 THEN ABS(_sn_x2) END)) <= 345.38776394910684e0 THEN LN(CASE WHEN ABS(_sn_x2)
> 0.0e0 THEN ABS(_sn_x2) END) END AS _sn_x2__part
FROM source), centre AS (SELECT _sn__key1, COUNT(CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL THEN 1 END) AS _sn_x1__n, COUNT(CASE
WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL THEN 1 END) AS _sn_x2__n, COUNT(_sn_x1__ratio) AS _sn_x1__ratios, PERCENTILE(_sn_x1__ratio,
0.5e0) AS _sn_x1__ratio_centre, PERCENTILE(_sn_x1__part, 0.5e0) AS _sn_x1__part_centre, PERCENTILE(_sn_x2__part, 0.5e0) AS _sn_x2__part_centre
FROM ratios_2
WHERE _sn__fitted = 1
GROUP BY _sn__key1), spread AS (SELECT ratios_2._sn__key1, MIN(centre._sn_x1__n) AS _sn_x1__n, MIN(centre._sn_x2__n) AS _sn_x2__n,
MIN(centre._sn_x1__ratios) AS _sn_x1__ratios, MIN(centre._sn_x1__ratio_centre) AS _sn_x1__ratio_centre, MIN(centre._sn_x1__part_centre)
AS _sn_x1__part_centre, MIN(centre._sn_x2__part_centre) AS _sn_x2__part_centre, PERCENTILE(ABS(CASE WHEN ABS(ratios_2._sn_x1__ratio
- centre._sn_x1__ratio_centre) <= 1e-14 * (1.0e0 + ABS(centre._sn_x1__ratio_centre)) THEN 0.0e0 ELSE ratios_2._sn_x1__ratio - centre._sn_x1__ratio_centre
END), 0.5e0) AS _sn_x1__mad
FROM ratios_2
LEFT JOIN centre ON ratios_2._sn__key1 IS NOT DISTINCT FROM centre._sn__key1
WHERE ratios_2._sn__fitted = 1
GROUP BY ratios_2._sn__key1), model AS (SELECT *, CASE WHEN _sn_x1__ratios < 3 THEN NULL WHEN _sn_x1__mad / NULLIF(0.6744897501960817e0,
0.0e0) > 1e-150 THEN _sn_x1__mad / NULLIF(0.6744897501960817e0, 0.0e0) ELSE 0.0e0 END AS _sn_x1__scale, CASE WHEN _sn_x1__ratios < 3 THEN
NULL WHEN _sn_x1__mad / NULLIF(0.6744897501960817e0, 0.0e0) > 1e-150 THEN _sn_x1__mad / NULLIF(0.6744897501960817e0, 0.0e0) ELSE 0.0e0
END AS _sn_x2__scale
FROM spread), scored AS (SELECT ratios.*, model._sn_x1__n, model._sn_x1__scale, model._sn_x2__n, model._sn_x2__scale, CASE
WHEN model._sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN model._sn_x1__scale > 0.0e0 THEN ABS(CASE WHEN ABS(ratios._sn_x1__ratio
- model._sn_x1__ratio_centre) <= 1e-14 * (1.0e0 + ABS(model._sn_x1__ratio_centre)) THEN 0.0e0 ELSE ratios._sn_x1__ratio - model._sn_x1__ratio_centre
END) / NULLIF(model._sn_x1__scale, 0.0e0) WHEN model._sn_x1__scale = 0.0e0 AND CASE WHEN ABS(ratios._sn_x1__ratio - model._sn_x1__ratio_centre)
<= 1e-14 * (1.0e0 + ABS(model._sn_x1__ratio_centre)) THEN 0.0e0 ELSE ratios._sn_x1__ratio - model._sn_x1__ratio_centre END = 0.0e0
THEN 0.0e0 END END AS _sn__score, CASE WHEN model._sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN model._sn_x1__scale > 0.0e0
AND NOT CASE WHEN ABS(ratios._sn_x1__ratio - model._sn_x1__ratio_centre) <= 1e-14 * (1.0e0 + ABS(model._sn_x1__ratio_centre)) THEN
0.0e0 ELSE ratios._sn_x1__ratio - model._sn_x1__ratio_centre END IS NULL THEN (CASE WHEN CASE WHEN ABS(ratios._sn_x1__ratio - model._sn_x1__ratio_centre)
<= 1e-14 * (1.0e0 + ABS(model._sn_x1__ratio_centre)) THEN 0.0e0 ELSE ratios._sn_x1__ratio - model._sn_x1__ratio_centre END < 0.0e0
THEN - 1.0e0 ELSE 1.0e0 END * COALESCE((ratios._sn_x1__part - model._sn_x1__part_centre) + (0.5e0 * (CASE WHEN ABS(ratios._sn_x1__ratio
- model._sn_x1__ratio_centre) <= 1e-14 * (1.0e0 + ABS(model._sn_x1__ratio_centre)) THEN 0.0e0 ELSE ratios._sn_x1__ratio - model._sn_x1__ratio_centre
END - ((ratios._sn_x1__part - model._sn_x1__part_centre) + (model._sn_x2__part_centre - ratios._sn_x2__part)))), 0.5e0 * CASE
WHEN ABS(ratios._sn_x1__ratio - model._sn_x1__ratio_centre) <= 1e-14 * (1.0e0 + ABS(model._sn_x1__ratio_centre)) THEN 0.0e0 ELSE
ratios._sn_x1__ratio - model._sn_x1__ratio_centre END)) / NULLIF(model._sn_x1__scale, 0.0e0) WHEN model._sn_x1__scale = 0.0e0 AND
CASE WHEN ABS(ratios._sn_x1__ratio - model._sn_x1__ratio_centre) <= 1e-14 * (1.0e0 + ABS(model._sn_x1__ratio_centre)) THEN 0.0e0
ELSE ratios._sn_x1__ratio - model._sn_x1__ratio_centre END = 0.0e0 THEN 0.0e0 END END AS _sn_x1__term, CASE WHEN model._sn_x2__n >= {{ sqlnomaly.whole(s.min_rows) }}
THEN CASE WHEN model._sn_x1__scale > 0.0e0 AND NOT CASE WHEN ABS(ratios._sn_x1__ratio - model._sn_x1__ratio_centre) <= 1e-14 * (1.0e0
+ ABS(model._sn_x1__ratio_centre)) THEN 0.0e0 ELSE ratios._sn_x1__ratio - model._sn_x1__ratio_centre END IS NULL THEN (CASE WHEN CASE
WHEN ABS(ratios._sn_x1__ratio - model._sn_x1__ratio_centre) <= 1e-14 * (1.0e0 + ABS(model._sn_x1__ratio_centre)) THEN 0.0e0 ELSE
ratios._sn_x1__ratio - model._sn_x1__ratio_centre END < 0.0e0 THEN - 1.0e0 ELSE 1.0e0 END * COALESCE((model._sn_x2__part_centre - ratios._sn_x2__part)
+ (0.5e0 * (CASE WHEN ABS(ratios._sn_x1__ratio - model._sn_x1__ratio_centre) <= 1e-14 * (1.0e0 + ABS(model._sn_x1__ratio_centre))
THEN 0.0e0 ELSE ratios._sn_x1__ratio - model._sn_x1__ratio_centre END - ((ratios._sn_x1__part - model._sn_x1__part_centre) + (model._sn_x2__part_centre
- ratios._sn_x2__part)))), 0.5e0 * CASE WHEN ABS(ratios._sn_x1__ratio - model._sn_x1__ratio_centre) <= 1e-14 * (1.0e0 + ABS(model._sn_x1__ratio_centre))
THEN 0.0e0 ELSE ratios._sn_x1__ratio - model._sn_x1__ratio_centre END)) / NULLIF(model._sn_x1__scale, 0.0e0) WHEN model._sn_x1__scale
= 0.0e0 AND CASE WHEN ABS(ratios._sn_x1__ratio - model._sn_x1__ratio_centre) <= 1e-14 * (1.0e0 + ABS(model._sn_x1__ratio_centre))
THEN 0.0e0 ELSE ratios._sn_x1__ratio - model._sn_x1__ratio_centre END = 0.0e0 THEN 0.0e0 END END AS _sn_x2__term, CASE WHEN ratios._sn_x1__ratio
IS NULL THEN 'out_of_range' WHEN model._sn_x1__ratios < 3 THEN 'too_few_rows' END AS _sn__unscored
FROM ratios
LEFT JOIN model ON ratios._sn__key1 IS NOT DISTINCT FROM model._sn__key1), largest AS (SELECT *, CASE WHEN NOT _sn_x1__term IS NULL AND
NOT _sn_x2__term IS NULL THEN GREATEST(_sn_x1__term, _sn_x2__term) END AS _sn__best
FROM scored), ranked AS (SELECT *, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1) AS
_sn__scores, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1 ORDER BY CASE WHEN _sn__score
IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score, 0.0e0) DESC) AS _sn__not_below
FROM largest)
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , cutoff AS (SELECT _sn__key1, PERCENTILE(_sn__score, {{ sqlnomaly.real(1 - s.contamination) }}) AS _sn__cutoff1
FROM ranked
WHERE _sn__fitted = 1
GROUP BY _sn__key1), limited AS (SELECT ranked.*, cutoff._sn__cutoff1
FROM ranked
LEFT JOIN cutoff ON ranked._sn__key1 IS NOT DISTINCT FROM cutoff._sn__key1){% endif %}
SELECT * EXCEPT (_sn_x1, _sn_x1__raw, _sn_x2, _sn_x2__raw, _sn__key1, _sn__fitted, _sn__rows, _sn_x1__ratio, _sn_x1__part, _sn_x2__part,
_sn_x1__n, _sn_x1__scale, _sn_x2__n, _sn_x2__scale, _sn__score, _sn_x1__term, _sn_x2__term, _sn__unscored, _sn__best, _sn__scores,
_sn__not_below
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} , _sn__cutoff1{% endif %}
), _sn__score AS anomaly_score, CASE WHEN NOT _sn__score IS NULL AND _sn__fitted = 1 THEN 1.0e0 - (CAST(_sn__not_below AS DOUBLE) / NULLIF(CAST(_sn__scores
AS DOUBLE), 0.0e0)) WHEN NOT _sn__score IS NULL THEN 1.0e0 - ((CAST(_sn__not_below AS DOUBLE) + 1.0e0) / NULLIF(CAST(_sn__scores
AS DOUBLE) + 1.0e0, 0.0e0)) END AS anomaly_probability, _sn__score >
{%- if s.rule == 'threshold' %} {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }} AS is_anomaly, {{ sqlnomaly.real(s.threshold) }}{% elif s.rule == 'contamination' %} CASE WHEN NOT _sn__cutoff1 IS NULL THEN _sn__cutoff1 + (1e-09 * GREATEST(1.0e0, ABS(_sn__cutoff1))) END AS is_anomaly, _sn__cutoff1{% endif %}
AS anomaly_threshold, CASE WHEN _sn__score IS NULL THEN NULL WHEN _sn_x1__term >= _sn__best - (1e-09 * GREATEST(1.0e0, ABS(_sn__best)))
THEN {{ s.features[0].literal }} WHEN _sn_x2__term >= _sn__best - (1e-09 * GREATEST(1.0e0, ABS(_sn__best))) THEN {{ s.features[1].literal }}
END AS anomaly_reason, CASE WHEN COALESCE(_sn__rows, 0) = 0 THEN 'unseen_group' WHEN _sn_x1__raw IS NULL OR _sn_x2__raw IS NULL THEN 'missing_value'
WHEN _sn_x1 IS NULL OR _sn_x2 IS NULL THEN 'out_of_range' WHEN COALESCE(_sn_x1__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} OR COALESCE(_sn_x2__n,
0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'too_few_rows' WHEN NOT _sn__unscored IS NULL THEN _sn__unscored WHEN _sn__score IS NULL OR (_sn_x1__scale
= 0.0e0 AND _sn_x2__scale = 0.0e0) THEN 'constant_baseline' ELSE 'ok' END AS anomaly_status
FROM
{%- if s.rule == 'threshold' %} ranked{% elif s.rule == 'contamination' %} limited{% endif %}
{%- else -%}
{{ sqlnomaly.no_such_way('ratio_drift', s, ['contamination, without order_by, 2 features', 'threshold, without order_by, 2 features']) }}
{%- endif -%}
{%- endmacro -%}

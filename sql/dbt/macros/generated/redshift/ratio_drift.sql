{#- sqlnomaly 0.1.0: ratio_drift for redshift, generated; do not edit. -#}
{%- macro redshift__sqlnomaly_ratio_drift(s) -%}
{%- do sqlnomaly.only_options('ratio_drift', s, []) -%}
{%- if not s.order and s.features | length == 2 and (s.rule, s.direction) in [('contamination', 'both'), ('threshold', 'both')] -%}
WITH source AS (SELECT {{ s.columns }}, CASE WHEN ABS({{ s.features[0].value }}) <= 1e+150 THEN {{ s.features[0].value }} END AS _sn_x1,
{{ s.features[0].value }} AS _sn_x1__raw, CASE WHEN ABS({{ s.features[1].value }}) <= 1e+150 THEN {{ s.features[1].value }} END AS _sn_x2,
{{ s.features[1].value }} AS _sn_x2__raw, {{ s.key }} AS _sn__key1, CASE WHEN {{ s.filter }} THEN 1 ELSE 0 END AS _sn__fitted
FROM {{ s.relation }}), fitted AS (SELECT _sn__key1, COUNT(1) AS _sn__rows
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), counted AS (SELECT source.*, fitted._sn__rows
FROM source
LEFT JOIN fitted ON (source._sn__key1 = fitted._sn__key1 OR (source._sn__key1 IS NULL AND fitted._sn__key1 IS NULL))), ratios AS (SELECT
*, LN(CASE WHEN ((_sn_x1 > 0.0e0 AND _sn_x2 > 0.0e0) OR (_sn_x1 < 0.0e0 AND _sn_x2 < 0.0e0)) AND ABS(LN(CASE WHEN ABS(_sn_x1)
> 0.0e0 THEN ABS(_sn_x1) END) - LN(CASE WHEN ABS(_sn_x2) > 0.0e0 THEN ABS(_sn_x2) END)) <= 345.38776394910684e0 THEN CAST(_sn_x1
AS DOUBLE PRECISION) / NULLIF(_sn_x2, 0.0e0) END) AS _sn_x1__ratio, CASE WHEN ((_sn_x1 > 0.0e0 AND _sn_x2 > 0.0e0) OR (_sn_x1 < 0.0e0
AND _sn_x2 < 0.0e0)) AND ABS(LN(CASE WHEN ABS(_sn_x1) > 0.0e0 THEN ABS(_sn_x1) END) - LN(CASE WHEN ABS(_sn_x2) > 0.0e0 THEN
ABS(_sn_x2) END)) <= 345.38776394910684e0 THEN LN(CASE WHEN ABS(_sn_x1) > 0.0e0 THEN ABS(_sn_x1) END) END AS _sn_x1__part, CASE
WHEN ((_sn_x1 > 0.0e0 AND _sn_x2 > 0.0e0) OR (_sn_x1 < 0.0e0 AND _sn_x2 < 0.0e0)) AND ABS(LN(CASE WHEN ABS(_sn_x1) > 0.0e0 THEN
ABS(_sn_x1) END) - LN(CASE WHEN ABS(_sn_x2) > 0.0e0 THEN ABS(_sn_x2) END)) <= 345.38776394910684e0 THEN LN(CASE WHEN ABS(_sn_x2)
> 0.0e0 THEN ABS(_sn_x2) END) END AS _sn_x2__part
FROM counted), ratios_2 AS (SELECT *, LN(CASE WHEN ((_sn_x1 > 0.0e0 AND _sn_x2 > 0.0e0) OR (_sn_x1 < 0.0e0 AND _sn_x2 < 0.0e0)) AND
ABS(LN(CASE WHEN ABS(_sn_x1) > 0.0e0 THEN ABS(_sn_x1) END) - LN(CASE WHEN ABS(_sn_x2) > 0.0e0 THEN ABS(_sn_x2) END)) <=
345.38776394910684e0 THEN CAST(_sn_x1 AS DOUBLE PRECISION) / NULLIF(_sn_x2, 0.0e0) END) AS _sn_x1__ratio, CASE WHEN ((_sn_x1 > 0.0e0
AND _sn_x2 > 0.0e0) OR (_sn_x1 < 0.0e0 AND _sn_x2 < 0.0e0)) AND ABS(LN(CASE WHEN ABS(_sn_x1) > 0.0e0 THEN ABS(_sn_x1) END) - LN(CASE
WHEN ABS(_sn_x2) > 0.0e0 THEN ABS(_sn_x2) END)) <= 345.38776394910684e0 THEN LN(CASE WHEN ABS(_sn_x1) > 0.0e0 THEN ABS(_sn_x1)
END) END AS _sn_x1__part, CASE WHEN ((_sn_x1 > 0.0e0 AND _sn_x2 > 0.0e0) OR (_sn_x1 < 0.0e0 AND _sn_x2 < 0.0e0)) AND ABS(LN(CASE
WHEN ABS(_sn_x1) > 0.0e0 THEN ABS(_sn_x1) END) - LN(CASE WHEN ABS(_sn_x2) > 0.0e0 THEN ABS(_sn_x2) END)) <= 345.38776394910684e0
THEN LN(CASE WHEN ABS(_sn_x2) > 0.0e0 THEN ABS(_sn_x2) END) END AS _sn_x2__part
FROM source), centre AS (SELECT _sn__key1, COUNT(CASE WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL THEN 1 END) AS _sn_x1__n, COUNT(CASE
WHEN NOT _sn_x1 IS NULL AND NOT _sn_x2 IS NULL THEN 1 END) AS _sn_x2__n, COUNT(_sn_x1__ratio) AS _sn_x1__ratios, PERCENTILE_CONT(0.5e0)
WITHIN
GROUP(ORDER BY _sn_x1__ratio) AS _sn_x1__ratio_centre
FROM ratios_2
WHERE _sn__fitted = 1
GROUP BY _sn__key1), centre_2 AS (SELECT _sn__key1, PERCENTILE_CONT(0.5e0) WITHIN
GROUP(ORDER BY _sn_x1__part) AS _sn_x1__part_centre
FROM ratios_2
WHERE _sn__fitted = 1
GROUP BY _sn__key1), centre_to_2 AS (SELECT centre.*, centre_2._sn_x1__part_centre
FROM centre
LEFT JOIN centre_2 ON (centre._sn__key1 = centre_2._sn__key1 OR (centre._sn__key1 IS NULL AND centre_2._sn__key1 IS NULL))), centre_3
AS (SELECT _sn__key1, PERCENTILE_CONT(0.5e0) WITHIN
GROUP(ORDER BY _sn_x2__part) AS _sn_x2__part_centre
FROM ratios_2
WHERE _sn__fitted = 1
GROUP BY _sn__key1), centre_to_3 AS (SELECT centre_to_2.*, centre_3._sn_x2__part_centre
FROM centre_to_2
LEFT JOIN centre_3 ON (centre_to_2._sn__key1 = centre_3._sn__key1 OR (centre_to_2._sn__key1 IS NULL AND centre_3._sn__key1 IS NULL))),
spread AS (SELECT ratios_2._sn__key1, MIN(centre_to_3._sn_x1__n) AS _sn_x1__n, MIN(centre_to_3._sn_x2__n) AS _sn_x2__n, MIN(centre_to_3._sn_x1__ratios)
AS _sn_x1__ratios, MIN(centre_to_3._sn_x1__ratio_centre) AS _sn_x1__ratio_centre, MIN(centre_to_3._sn_x1__part_centre) AS _sn_x1__part_centre,
MIN(centre_to_3._sn_x2__part_centre) AS _sn_x2__part_centre, PERCENTILE_CONT(0.5e0) WITHIN
GROUP(ORDER BY ABS(CASE WHEN ABS(ratios_2._sn_x1__ratio - centre_to_3._sn_x1__ratio_centre) <= CAST(1e-14 AS DOUBLE PRECISION)
* (CAST(1.0e0 AS DOUBLE PRECISION) + ABS(centre_to_3._sn_x1__ratio_centre)) THEN CAST(0.0e0 AS DOUBLE PRECISION) ELSE ratios_2._sn_x1__ratio
- centre_to_3._sn_x1__ratio_centre END)) AS _sn_x1__mad
FROM ratios_2
LEFT JOIN centre_to_3 ON (ratios_2._sn__key1 = centre_to_3._sn__key1 OR (ratios_2._sn__key1 IS NULL AND centre_to_3._sn__key1 IS NULL))
WHERE ratios_2._sn__fitted = 1
GROUP BY ratios_2._sn__key1), model AS (SELECT *, CASE WHEN _sn_x1__ratios < 3 THEN NULL WHEN CAST(_sn_x1__mad AS DOUBLE PRECISION)
/ NULLIF(CAST(0.6744897501960817e0 AS DOUBLE PRECISION), 0.0e0) > 1e-150 THEN CAST(_sn_x1__mad AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0
AS DOUBLE PRECISION), 0.0e0) ELSE CAST(0.0e0 AS DOUBLE PRECISION) END AS _sn_x1__scale, CASE WHEN _sn_x1__ratios < 3 THEN NULL WHEN CAST(_sn_x1__mad
AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE PRECISION), 0.0e0) > 1e-150 THEN CAST(_sn_x1__mad AS DOUBLE PRECISION)
/ NULLIF(CAST(0.6744897501960817e0 AS DOUBLE PRECISION), 0.0e0) ELSE CAST(0.0e0 AS DOUBLE PRECISION) END AS _sn_x2__scale
FROM spread), scored AS (SELECT ratios.*, model._sn_x1__n, model._sn_x1__scale, model._sn_x2__n, model._sn_x2__scale, CASE
WHEN model._sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN model._sn_x1__scale > 0.0e0 THEN CAST(ABS(CASE WHEN ABS(ratios._sn_x1__ratio
- model._sn_x1__ratio_centre) <= CAST(1e-14 AS DOUBLE PRECISION) * (CAST(1.0e0 AS DOUBLE PRECISION) + ABS(model._sn_x1__ratio_centre))
THEN CAST(0.0e0 AS DOUBLE PRECISION) ELSE ratios._sn_x1__ratio - model._sn_x1__ratio_centre END) AS DOUBLE PRECISION) / NULLIF(model._sn_x1__scale,
0.0e0) WHEN model._sn_x1__scale = 0.0e0 AND CASE WHEN ABS(ratios._sn_x1__ratio - model._sn_x1__ratio_centre) <= CAST(1e-14 AS DOUBLE
PRECISION) * (CAST(1.0e0 AS DOUBLE PRECISION) + ABS(model._sn_x1__ratio_centre)) THEN CAST(0.0e0 AS DOUBLE PRECISION) ELSE ratios._sn_x1__ratio
- model._sn_x1__ratio_centre END = 0.0e0 THEN CAST(0.0e0 AS DOUBLE PRECISION) END END AS _sn__score, CASE WHEN model._sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }}
THEN CASE WHEN model._sn_x1__scale > 0.0e0 AND NOT CASE WHEN ABS(ratios._sn_x1__ratio - model._sn_x1__ratio_centre) <= CAST(1e-14
AS DOUBLE PRECISION) * (CAST(1.0e0 AS DOUBLE PRECISION) + ABS(model._sn_x1__ratio_centre)) THEN CAST(0.0e0 AS DOUBLE PRECISION)
ELSE ratios._sn_x1__ratio - model._sn_x1__ratio_centre END IS NULL THEN CAST((CASE WHEN CASE WHEN ABS(ratios._sn_x1__ratio - model._sn_x1__ratio_centre)
<= CAST(1e-14 AS DOUBLE PRECISION) * (CAST(1.0e0 AS DOUBLE PRECISION) + ABS(model._sn_x1__ratio_centre)) THEN CAST(0.0e0 AS DOUBLE
PRECISION) ELSE ratios._sn_x1__ratio - model._sn_x1__ratio_centre END < 0.0e0 THEN - CAST(1.0e0 AS DOUBLE PRECISION) ELSE CAST(1.0e0
AS DOUBLE PRECISION) END * COALESCE((ratios._sn_x1__part - model._sn_x1__part_centre) + (CAST(0.5e0 AS DOUBLE PRECISION) * (CASE
WHEN ABS(ratios._sn_x1__ratio - model._sn_x1__ratio_centre) <= CAST(1e-14 AS DOUBLE PRECISION) * (CAST(1.0e0 AS DOUBLE PRECISION)
+ ABS(model._sn_x1__ratio_centre)) THEN CAST(0.0e0 AS DOUBLE PRECISION) ELSE ratios._sn_x1__ratio - model._sn_x1__ratio_centre END
- ((ratios._sn_x1__part - model._sn_x1__part_centre) + (model._sn_x2__part_centre - ratios._sn_x2__part)))), CAST(0.5e0 AS
DOUBLE PRECISION) * CASE WHEN ABS(ratios._sn_x1__ratio - model._sn_x1__ratio_centre) <= CAST(1e-14 AS DOUBLE PRECISION) * (CAST(1.0e0
AS DOUBLE PRECISION) + ABS(model._sn_x1__ratio_centre)) THEN CAST(0.0e0 AS DOUBLE PRECISION) ELSE ratios._sn_x1__ratio - model._sn_x1__ratio_centre
END)) AS DOUBLE PRECISION) / NULLIF(model._sn_x1__scale, 0.0e0) WHEN model._sn_x1__scale = 0.0e0 AND CASE WHEN ABS(ratios._sn_x1__ratio
- model._sn_x1__ratio_centre) <= CAST(1e-14 AS DOUBLE PRECISION) * (CAST(1.0e0 AS DOUBLE PRECISION) + ABS(model._sn_x1__ratio_centre))
THEN CAST(0.0e0 AS DOUBLE PRECISION) ELSE ratios._sn_x1__ratio - model._sn_x1__ratio_centre END = 0.0e0 THEN CAST(0.0e0 AS DOUBLE PRECISION)
END END AS _sn_x1__term, CASE WHEN model._sn_x2__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN model._sn_x1__scale > 0.0e0 AND NOT
CASE WHEN ABS(ratios._sn_x1__ratio - model._sn_x1__ratio_centre) <= CAST(1e-14 AS DOUBLE PRECISION) * (CAST(1.0e0 AS DOUBLE PRECISION)
+ ABS(model._sn_x1__ratio_centre)) THEN CAST(0.0e0 AS DOUBLE PRECISION) ELSE ratios._sn_x1__ratio - model._sn_x1__ratio_centre END
IS NULL THEN CAST((CASE WHEN CASE WHEN ABS(ratios._sn_x1__ratio - model._sn_x1__ratio_centre) <= CAST(1e-14 AS DOUBLE PRECISION)
* (CAST(1.0e0 AS DOUBLE PRECISION) + ABS(model._sn_x1__ratio_centre)) THEN CAST(0.0e0 AS DOUBLE PRECISION) ELSE ratios._sn_x1__ratio
- model._sn_x1__ratio_centre END < 0.0e0 THEN - CAST(1.0e0 AS DOUBLE PRECISION) ELSE CAST(1.0e0 AS DOUBLE PRECISION) END * COALESCE((model._sn_x2__part_centre
- ratios._sn_x2__part) + (CAST(0.5e0 AS DOUBLE PRECISION) * (CASE WHEN ABS(ratios._sn_x1__ratio - model._sn_x1__ratio_centre)
<= CAST(1e-14 AS DOUBLE PRECISION) * (CAST(1.0e0 AS DOUBLE PRECISION) + ABS(model._sn_x1__ratio_centre)) THEN CAST(0.0e0 AS DOUBLE
PRECISION) ELSE ratios._sn_x1__ratio - model._sn_x1__ratio_centre END - ((ratios._sn_x1__part - model._sn_x1__part_centre) + (model._sn_x2__part_centre
- ratios._sn_x2__part)))), CAST(0.5e0 AS DOUBLE PRECISION) * CASE WHEN ABS(ratios._sn_x1__ratio - model._sn_x1__ratio_centre)
<= CAST(1e-14 AS DOUBLE PRECISION) * (CAST(1.0e0 AS DOUBLE PRECISION) + ABS(model._sn_x1__ratio_centre)) THEN CAST(0.0e0 AS DOUBLE
PRECISION) ELSE ratios._sn_x1__ratio - model._sn_x1__ratio_centre END)) AS DOUBLE PRECISION) / NULLIF(model._sn_x1__scale, 0.0e0)
WHEN model._sn_x1__scale = 0.0e0 AND CASE WHEN ABS(ratios._sn_x1__ratio - model._sn_x1__ratio_centre) <= CAST(1e-14 AS DOUBLE PRECISION)
* (CAST(1.0e0 AS DOUBLE PRECISION) + ABS(model._sn_x1__ratio_centre)) THEN CAST(0.0e0 AS DOUBLE PRECISION) ELSE ratios._sn_x1__ratio
- model._sn_x1__ratio_centre END = 0.0e0 THEN CAST(0.0e0 AS DOUBLE PRECISION) END END AS _sn_x2__term, CASE WHEN ratios._sn_x1__ratio
IS NULL THEN 'out_of_range' WHEN model._sn_x1__ratios < 3 THEN 'too_few_rows' END AS _sn__unscored
FROM ratios
LEFT JOIN model ON (ratios._sn__key1 = model._sn__key1 OR (ratios._sn__key1 IS NULL AND model._sn__key1 IS NULL))), largest AS (SELECT
*, CASE WHEN NOT _sn_x1__term IS NULL AND NOT _sn_x2__term IS NULL THEN GREATEST(_sn_x1__term, _sn_x2__term) END AS _sn__best
FROM scored), ranked_running AS (SELECT *, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1
ORDER BY CASE WHEN _sn__score IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score, CAST(0.0e0 AS DOUBLE PRECISION)) DESC ROWS BETWEEN UNBOUNDED
PRECEDING AND CURRENT ROW) AS _sn__not_below_running1
FROM largest), ranked AS (SELECT *, SUM(CASE WHEN NOT _sn__score IS NULL THEN _sn__fitted ELSE 0 END) OVER (PARTITION BY _sn__key1)
AS _sn__scores, MAX(_sn__not_below_running1) OVER (PARTITION BY _sn__key1, CASE WHEN _sn__score IS NULL THEN 1 ELSE 0 END, COALESCE(_sn__score,
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
AS anomaly_threshold, CASE WHEN _sn__score IS NULL THEN NULL WHEN _sn_x1__term >= _sn__best - (CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0
AS DOUBLE PRECISION), ABS(_sn__best))) THEN {{ s.features[0].literal }} WHEN _sn_x2__term >= _sn__best - (CAST(1e-09 AS DOUBLE PRECISION)
* GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(_sn__best))) THEN {{ s.features[1].literal }} END AS anomaly_reason, CASE WHEN COALESCE(_sn__rows,
0) = 0 THEN 'unseen_group' WHEN _sn_x1__raw IS NULL OR _sn_x2__raw IS NULL THEN 'missing_value' WHEN _sn_x1 IS NULL OR _sn_x2 IS NULL THEN 'out_of_range'
WHEN COALESCE(_sn_x1__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} OR COALESCE(_sn_x2__n, 0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'too_few_rows'
WHEN NOT _sn__unscored IS NULL THEN _sn__unscored WHEN _sn__score IS NULL OR (_sn_x1__scale = 0.0e0 AND _sn_x2__scale = 0.0e0) THEN 'constant_baseline'
ELSE 'ok' END AS anomaly_status
FROM
{%- if s.rule == 'threshold' %} ranked{% elif s.rule == 'contamination' %} limited{% endif %}
{%- else -%}
{{ sqlnomaly.no_such_way('ratio_drift', s, ['contamination, without order_by, 2 features', 'threshold, without order_by, 2 features']) }}
{%- endif -%}
{%- endmacro -%}

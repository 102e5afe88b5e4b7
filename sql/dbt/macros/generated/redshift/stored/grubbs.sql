{#- sqlnomaly 0.1.0: redshift/stored/grubbs, generated; do not edit. -#}
{%- macro redshift__stored_model_grubbs(s) -%}
{%- if s.features | length == 1 -%}
WITH source AS (SELECT _sn_x1, _sn__key1, _sn__given0, _sn_x1__given, _sn__fitted, _sn__held, _sn__fold
FROM {{ s.rows }}), baseline AS (SELECT _sn__key1, COUNT(_sn_x1) AS _sn_x1__n, AVG(_sn_x1) AS _sn_x1__mean, VAR_POP(_sn_x1) * COUNT(_sn_x1)
AS _sn_x1__m2, MIN(_sn_x1) AS _sn_x1__low, MAX(_sn_x1) AS _sn_x1__high
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), model AS (SELECT *, CASE WHEN _sn_x1__low = _sn_x1__high THEN _sn_x1__low ELSE _sn_x1__mean END AS _sn_x1__centre,
CASE WHEN _sn_x1__low < _sn_x1__high AND CAST(_sn_x1__m2 AS DOUBLE PRECISION) / NULLIF(_sn_x1__n - 1, 0.0e0) > 1e-300 THEN SQRT(CASE
WHEN CAST(_sn_x1__m2 AS DOUBLE PRECISION) / NULLIF(_sn_x1__n - 1, 0.0e0) >= 0.0e0 THEN CAST(_sn_x1__m2 AS DOUBLE PRECISION) / NULLIF(_sn_x1__n
- 1, 0.0e0) END) ELSE CAST(0.0e0 AS DOUBLE PRECISION) END AS _sn_x1__scale
FROM baseline), places AS (SELECT *, CAST(((CAST(1.0e0 AS DOUBLE PRECISION) / NULLIF(LN(LEAST(GREATEST(CAST(_sn_x1__n AS
DOUBLE PRECISION), CAST(12.0e0 AS DOUBLE PRECISION)), CAST(1000000000000.0e0 AS DOUBLE PRECISION))) + CAST(6.0e0 AS DOUBLE PRECISION),
0.0e0)) - CAST(0.07379539371844827e0 AS DOUBLE PRECISION)) AS DOUBLE PRECISION) / NULLIF(CAST(0.044060941215417565e0 AS DOUBLE PRECISION),
0.0e0) AS _sn_x1__place
FROM model), powers AS (SELECT *, _sn_x1__place AS _sn_x1__p1, _sn_x1__place * _sn_x1__place AS _sn_x1__p2, (_sn_x1__place * _sn_x1__place)
* (_sn_x1__place * _sn_x1__place) AS _sn_x1__p4, ((_sn_x1__place * _sn_x1__place) * (_sn_x1__place * _sn_x1__place)) * ((_sn_x1__place
* _sn_x1__place) * (_sn_x1__place * _sn_x1__place)) AS _sn_x1__p8, (((_sn_x1__place * _sn_x1__place) * (_sn_x1__place * _sn_x1__place))
* ((_sn_x1__place * _sn_x1__place) * (_sn_x1__place * _sn_x1__place))) * (((_sn_x1__place * _sn_x1__place) * (_sn_x1__place * _sn_x1__place))
* ((_sn_x1__place * _sn_x1__place) * (_sn_x1__place * _sn_x1__place))) AS _sn_x1__p16
FROM places), limits AS (SELECT *, CASE WHEN _sn_x1__n = 3 THEN CAST(1.1543048513440386e0 AS DOUBLE PRECISION) WHEN _sn_x1__n = 4 THEN
CAST(1.48125e0 AS DOUBLE PRECISION) WHEN _sn_x1__n = 5 THEN CAST(1.7150373123433638e0 AS DOUBLE PRECISION) WHEN _sn_x1__n = 6 THEN CAST(1.8871451177839336e0
AS DOUBLE PRECISION) WHEN _sn_x1__n = 7 THEN CAST(2.019968507679597e0 AS DOUBLE PRECISION) WHEN _sn_x1__n = 8 THEN CAST(2.1266450871954685e0
AS DOUBLE PRECISION) WHEN _sn_x1__n = 9 THEN CAST(2.215004223325533e0 AS DOUBLE PRECISION) WHEN _sn_x1__n = 10 THEN CAST(2.2899540844796e0
AS DOUBLE PRECISION) WHEN _sn_x1__n = 11 THEN CAST(2.354730051565538e0 AS DOUBLE PRECISION) WHEN _sn_x1__n = 12 THEN CAST(2.4115595184316523e0
AS DOUBLE PRECISION) WHEN _sn_x1__n > 12 THEN ((((CAST(4.1943173687645805e0 AS DOUBLE PRECISION) + ((- CAST(1.892437777308234e0 AS
DOUBLE PRECISION)) * _sn_x1__p1)) + ((CAST(0.5644115084316799e0 AS DOUBLE PRECISION) + ((- CAST(0.566623601301847e0 AS DOUBLE PRECISION))
* _sn_x1__p1)) * _sn_x1__p2)) + (((CAST(0.10637333815185443e0 AS DOUBLE PRECISION) + ((- CAST(0.028185604839977514e0 AS DOUBLE
PRECISION)) * _sn_x1__p1)) + ((CAST(0.10327600536848856e0 AS DOUBLE PRECISION) + ((- CAST(0.07043365123912201e0 AS DOUBLE PRECISION))
* _sn_x1__p1)) * _sn_x1__p2)) * _sn_x1__p4)) + (((((- CAST(0.011170258806485773e0 AS DOUBLE PRECISION)) + (CAST(0.006518703881089157e0
AS DOUBLE PRECISION) * _sn_x1__p1)) + ((CAST(0.012517198909631917e0 AS DOUBLE PRECISION) + ((- CAST(0.00768938046931022e0 AS DOUBLE
PRECISION)) * _sn_x1__p1)) * _sn_x1__p2)) + (((CAST(0.0018780600899726274e0 AS DOUBLE PRECISION) + ((- CAST(0.0021601589444033486e0
AS DOUBLE PRECISION)) * _sn_x1__p1)) + (((- CAST(0.0007677090173179599e0 AS DOUBLE PRECISION)) + (CAST(0.002055741810128281e0 AS
DOUBLE PRECISION) * _sn_x1__p1)) * _sn_x1__p2)) * _sn_x1__p4)) * _sn_x1__p8)) + ((((CAST(0.001134783242460721e0 AS DOUBLE PRECISION)
+ ((- CAST(0.0016793489582788358e0 AS DOUBLE PRECISION)) * _sn_x1__p1)) + (((- CAST(0.0004073554904549667e0 AS DOUBLE PRECISION))
+ (CAST(0.0006046256657073687e0 AS DOUBLE PRECISION) * _sn_x1__p1)) * _sn_x1__p2)) + ((CAST(0.0001762847467261674e0 AS DOUBLE PRECISION)
+ ((- CAST(0.00014925429256890877e0 AS DOUBLE PRECISION)) * _sn_x1__p1)) * _sn_x1__p4)) * _sn_x1__p16) END AS _sn_x1__critical
FROM powers) SELECT *
FROM limits
{%- else -%}
WITH source AS (SELECT
{%- for f in s.features %} _sn_x{{ loop.index }},{% endfor %}
_sn__key1, _sn__given0,
{%- for f in s.features %} _sn_x{{ loop.index }}__given,{% endfor %}
_sn__fitted, _sn__held, _sn__fold
FROM {{ s.rows }}), baseline AS (SELECT _sn__key1
{%- for f in s.features %} , COUNT(_sn_x{{ loop.index }}) AS _sn_x{{ loop.index }}__n, AVG(_sn_x{{ loop.index }}) AS _sn_x{{ loop.index }}__mean, VAR_POP(_sn_x{{ loop.index }}) * COUNT(_sn_x{{ loop.index }}) AS _sn_x{{ loop.index }}__m2, MIN(_sn_x{{ loop.index }}) AS _sn_x{{ loop.index }}__low, MAX(_sn_x{{ loop.index }}) AS _sn_x{{ loop.index }}__high{% endfor %}
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), model AS (SELECT *
{%- for f in s.features %} , CASE WHEN _sn_x{{ loop.index }}__low = _sn_x{{ loop.index }}__high THEN _sn_x{{ loop.index }}__low ELSE _sn_x{{ loop.index }}__mean END AS _sn_x{{ loop.index }}__centre, CASE WHEN _sn_x{{ loop.index }}__low < _sn_x{{ loop.index }}__high AND CAST(_sn_x{{ loop.index }}__m2 AS DOUBLE PRECISION) / NULLIF(_sn_x{{ loop.index }}__n - 1, 0.0e0) > 1e-300 THEN SQRT(CASE WHEN CAST(_sn_x{{ loop.index }}__m2 AS DOUBLE PRECISION) / NULLIF(_sn_x{{ loop.index }}__n - 1, 0.0e0) >= 0.0e0 THEN CAST(_sn_x{{ loop.index }}__m2 AS DOUBLE PRECISION) / NULLIF(_sn_x{{ loop.index }}__n - 1, 0.0e0) END) ELSE CAST(0.0e0 AS DOUBLE PRECISION) END AS _sn_x{{ loop.index }}__scale{% endfor %}
FROM baseline), places AS (SELECT *
{%- for f in s.features %} , CAST(((CAST(1.0e0 AS DOUBLE PRECISION) / NULLIF(LN(LEAST(GREATEST(CAST(_sn_x{{ loop.index }}__n AS DOUBLE PRECISION), CAST(12.0e0 AS DOUBLE PRECISION)), CAST(1000000000000.0e0 AS DOUBLE PRECISION))) + CAST(6.0e0 AS DOUBLE PRECISION), 0.0e0)) - CAST(0.07379539371844827e0 AS DOUBLE PRECISION)) AS DOUBLE PRECISION) / NULLIF(CAST(0.044060941215417565e0 AS DOUBLE PRECISION), 0.0e0) AS _sn_x{{ loop.index }}__place{% endfor %}
FROM model), powers AS (SELECT *
{%- for f in s.features %} , _sn_x{{ loop.index }}__place AS _sn_x{{ loop.index }}__p1, _sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place AS _sn_x{{ loop.index }}__p2, (_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place) * (_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place) AS _sn_x{{ loop.index }}__p4, ((_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place) * (_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place)) * ((_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place) * (_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place)) AS _sn_x{{ loop.index }}__p8, (((_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place) * (_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place)) * ((_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place) * (_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place))) * (((_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place) * (_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place)) * ((_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place) * (_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place))) AS _sn_x{{ loop.index }}__p16{% endfor %}
FROM places), limits AS (SELECT *
{%- for f in s.features %} , CASE WHEN _sn_x{{ loop.index }}__n = 3 THEN CAST(1.1543048513440386e0 AS DOUBLE PRECISION) WHEN _sn_x{{ loop.index }}__n = 4 THEN CAST(1.48125e0 AS DOUBLE PRECISION) WHEN _sn_x{{ loop.index }}__n = 5 THEN CAST(1.7150373123433638e0 AS DOUBLE PRECISION) WHEN _sn_x{{ loop.index }}__n = 6 THEN CAST(1.8871451177839336e0 AS DOUBLE PRECISION) WHEN _sn_x{{ loop.index }}__n = 7 THEN CAST(2.019968507679597e0 AS DOUBLE PRECISION) WHEN _sn_x{{ loop.index }}__n = 8 THEN CAST(2.1266450871954685e0 AS DOUBLE PRECISION) WHEN _sn_x{{ loop.index }}__n = 9 THEN CAST(2.215004223325533e0 AS DOUBLE PRECISION) WHEN _sn_x{{ loop.index }}__n = 10 THEN CAST(2.2899540844796e0 AS DOUBLE PRECISION) WHEN _sn_x{{ loop.index }}__n = 11 THEN CAST(2.354730051565538e0 AS DOUBLE PRECISION) WHEN _sn_x{{ loop.index }}__n = 12 THEN CAST(2.4115595184316523e0 AS DOUBLE PRECISION) WHEN _sn_x{{ loop.index }}__n > 12 THEN ((((CAST(4.1943173687645805e0 AS DOUBLE PRECISION) + ((- CAST(1.892437777308234e0 AS DOUBLE PRECISION)) * _sn_x{{ loop.index }}__p1)) + ((CAST(0.5644115084316799e0 AS DOUBLE PRECISION) + ((- CAST(0.566623601301847e0 AS DOUBLE PRECISION)) * _sn_x{{ loop.index }}__p1)) * _sn_x{{ loop.index }}__p2)) + (((CAST(0.10637333815185443e0 AS DOUBLE PRECISION) + ((- CAST(0.028185604839977514e0 AS DOUBLE PRECISION)) * _sn_x{{ loop.index }}__p1)) + ((CAST(0.10327600536848856e0 AS DOUBLE PRECISION) + ((- CAST(0.07043365123912201e0 AS DOUBLE PRECISION)) * _sn_x{{ loop.index }}__p1)) * _sn_x{{ loop.index }}__p2)) * _sn_x{{ loop.index }}__p4)) + (((((- CAST(0.011170258806485773e0 AS DOUBLE PRECISION)) + (CAST(0.006518703881089157e0 AS DOUBLE PRECISION) * _sn_x{{ loop.index }}__p1)) + ((CAST(0.012517198909631917e0 AS DOUBLE PRECISION) + ((- CAST(0.00768938046931022e0 AS DOUBLE PRECISION)) * _sn_x{{ loop.index }}__p1)) * _sn_x{{ loop.index }}__p2)) + (((CAST(0.0018780600899726274e0 AS DOUBLE PRECISION) + ((- CAST(0.0021601589444033486e0 AS DOUBLE PRECISION)) * _sn_x{{ loop.index }}__p1)) + (((- CAST(0.0007677090173179599e0 AS DOUBLE PRECISION)) + (CAST(0.002055741810128281e0 AS DOUBLE PRECISION) * _sn_x{{ loop.index }}__p1)) * _sn_x{{ loop.index }}__p2)) * _sn_x{{ loop.index }}__p4)) * _sn_x{{ loop.index }}__p8)) + ((((CAST(0.001134783242460721e0 AS DOUBLE PRECISION) + ((- CAST(0.0016793489582788358e0 AS DOUBLE PRECISION)) * _sn_x{{ loop.index }}__p1)) + (((- CAST(0.0004073554904549667e0 AS DOUBLE PRECISION)) + (CAST(0.0006046256657073687e0 AS DOUBLE PRECISION) * _sn_x{{ loop.index }}__p1)) * _sn_x{{ loop.index }}__p2)) + ((CAST(0.0001762847467261674e0 AS DOUBLE PRECISION) + ((- CAST(0.00014925429256890877e0 AS DOUBLE PRECISION)) * _sn_x{{ loop.index }}__p1)) * _sn_x{{ loop.index }}__p4)) * _sn_x{{ loop.index }}__p16) END AS _sn_x{{ loop.index }}__critical{% endfor %}
FROM powers) SELECT *
FROM limits
{%- endif -%}
{%- endmacro -%}

{%- macro redshift__stored_scored_grubbs(s) -%}
{%- if s.features | length == 1 -%}
WITH source AS (SELECT _sn_x1, _sn__key1, _sn__given0, _sn_x1__given, _sn__fitted, _sn__held, _sn__fold
FROM {{ s.rows }}), baseline AS (SELECT _sn__key1, COUNT(_sn_x1) AS _sn_x1__n, AVG(_sn_x1) AS _sn_x1__mean, VAR_POP(_sn_x1) * COUNT(_sn_x1)
AS _sn_x1__m2, MIN(_sn_x1) AS _sn_x1__low, MAX(_sn_x1) AS _sn_x1__high
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), model AS (SELECT *, CASE WHEN _sn_x1__low = _sn_x1__high THEN _sn_x1__low ELSE _sn_x1__mean END AS _sn_x1__centre,
CASE WHEN _sn_x1__low < _sn_x1__high AND CAST(_sn_x1__m2 AS DOUBLE PRECISION) / NULLIF(_sn_x1__n - 1, 0.0e0) > 1e-300 THEN SQRT(CASE
WHEN CAST(_sn_x1__m2 AS DOUBLE PRECISION) / NULLIF(_sn_x1__n - 1, 0.0e0) >= 0.0e0 THEN CAST(_sn_x1__m2 AS DOUBLE PRECISION) / NULLIF(_sn_x1__n
- 1, 0.0e0) END) ELSE CAST(0.0e0 AS DOUBLE PRECISION) END AS _sn_x1__scale
FROM baseline), places AS (SELECT *, CAST(((CAST(1.0e0 AS DOUBLE PRECISION) / NULLIF(LN(LEAST(GREATEST(CAST(_sn_x1__n AS
DOUBLE PRECISION), CAST(12.0e0 AS DOUBLE PRECISION)), CAST(1000000000000.0e0 AS DOUBLE PRECISION))) + CAST(6.0e0 AS DOUBLE PRECISION),
0.0e0)) - CAST(0.07379539371844827e0 AS DOUBLE PRECISION)) AS DOUBLE PRECISION) / NULLIF(CAST(0.044060941215417565e0 AS DOUBLE PRECISION),
0.0e0) AS _sn_x1__place
FROM model), powers AS (SELECT *, _sn_x1__place AS _sn_x1__p1, _sn_x1__place * _sn_x1__place AS _sn_x1__p2, (_sn_x1__place * _sn_x1__place)
* (_sn_x1__place * _sn_x1__place) AS _sn_x1__p4, ((_sn_x1__place * _sn_x1__place) * (_sn_x1__place * _sn_x1__place)) * ((_sn_x1__place
* _sn_x1__place) * (_sn_x1__place * _sn_x1__place)) AS _sn_x1__p8, (((_sn_x1__place * _sn_x1__place) * (_sn_x1__place * _sn_x1__place))
* ((_sn_x1__place * _sn_x1__place) * (_sn_x1__place * _sn_x1__place))) * (((_sn_x1__place * _sn_x1__place) * (_sn_x1__place * _sn_x1__place))
* ((_sn_x1__place * _sn_x1__place) * (_sn_x1__place * _sn_x1__place))) AS _sn_x1__p16
FROM places), limits AS (SELECT *, CASE WHEN _sn_x1__n = 3 THEN CAST(1.1543048513440386e0 AS DOUBLE PRECISION) WHEN _sn_x1__n = 4 THEN
CAST(1.48125e0 AS DOUBLE PRECISION) WHEN _sn_x1__n = 5 THEN CAST(1.7150373123433638e0 AS DOUBLE PRECISION) WHEN _sn_x1__n = 6 THEN CAST(1.8871451177839336e0
AS DOUBLE PRECISION) WHEN _sn_x1__n = 7 THEN CAST(2.019968507679597e0 AS DOUBLE PRECISION) WHEN _sn_x1__n = 8 THEN CAST(2.1266450871954685e0
AS DOUBLE PRECISION) WHEN _sn_x1__n = 9 THEN CAST(2.215004223325533e0 AS DOUBLE PRECISION) WHEN _sn_x1__n = 10 THEN CAST(2.2899540844796e0
AS DOUBLE PRECISION) WHEN _sn_x1__n = 11 THEN CAST(2.354730051565538e0 AS DOUBLE PRECISION) WHEN _sn_x1__n = 12 THEN CAST(2.4115595184316523e0
AS DOUBLE PRECISION) WHEN _sn_x1__n > 12 THEN ((((CAST(4.1943173687645805e0 AS DOUBLE PRECISION) + ((- CAST(1.892437777308234e0 AS
DOUBLE PRECISION)) * _sn_x1__p1)) + ((CAST(0.5644115084316799e0 AS DOUBLE PRECISION) + ((- CAST(0.566623601301847e0 AS DOUBLE PRECISION))
* _sn_x1__p1)) * _sn_x1__p2)) + (((CAST(0.10637333815185443e0 AS DOUBLE PRECISION) + ((- CAST(0.028185604839977514e0 AS DOUBLE
PRECISION)) * _sn_x1__p1)) + ((CAST(0.10327600536848856e0 AS DOUBLE PRECISION) + ((- CAST(0.07043365123912201e0 AS DOUBLE PRECISION))
* _sn_x1__p1)) * _sn_x1__p2)) * _sn_x1__p4)) + (((((- CAST(0.011170258806485773e0 AS DOUBLE PRECISION)) + (CAST(0.006518703881089157e0
AS DOUBLE PRECISION) * _sn_x1__p1)) + ((CAST(0.012517198909631917e0 AS DOUBLE PRECISION) + ((- CAST(0.00768938046931022e0 AS DOUBLE
PRECISION)) * _sn_x1__p1)) * _sn_x1__p2)) + (((CAST(0.0018780600899726274e0 AS DOUBLE PRECISION) + ((- CAST(0.0021601589444033486e0
AS DOUBLE PRECISION)) * _sn_x1__p1)) + (((- CAST(0.0007677090173179599e0 AS DOUBLE PRECISION)) + (CAST(0.002055741810128281e0 AS
DOUBLE PRECISION) * _sn_x1__p1)) * _sn_x1__p2)) * _sn_x1__p4)) * _sn_x1__p8)) + ((((CAST(0.001134783242460721e0 AS DOUBLE PRECISION)
+ ((- CAST(0.0016793489582788358e0 AS DOUBLE PRECISION)) * _sn_x1__p1)) + (((- CAST(0.0004073554904549667e0 AS DOUBLE PRECISION))
+ (CAST(0.0006046256657073687e0 AS DOUBLE PRECISION) * _sn_x1__p1)) * _sn_x1__p2)) + ((CAST(0.0001762847467261674e0 AS DOUBLE PRECISION)
+ ((- CAST(0.00014925429256890877e0 AS DOUBLE PRECISION)) * _sn_x1__p1)) * _sn_x1__p4)) * _sn_x1__p16) END AS _sn_x1__critical
FROM powers), terms AS (SELECT source.*, CASE WHEN limits._sn_x1__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN limits._sn_x1__scale
= 0.0e0 THEN CASE WHEN limits._sn_x1__scale > 0.0e0 THEN CAST(
{%- if s.direction == 'both' %} ABS(source._sn_x1 - limits._sn_x1__centre{% elif s.direction == 'high' %} (source._sn_x1 - limits._sn_x1__centre{% elif s.direction == 'low' %} (limits._sn_x1__centre - source._sn_x1{% endif %}
) AS DOUBLE PRECISION) / NULLIF(limits._sn_x1__scale, 0.0e0) WHEN source._sn_x1 = limits._sn_x1__centre THEN CAST(0.0e0 AS DOUBLE
PRECISION) END ELSE CAST(CASE WHEN limits._sn_x1__scale > 0.0e0 THEN CAST(
{%- if s.direction == 'both' %} ABS(source._sn_x1 - limits._sn_x1__centre{% elif s.direction == 'high' %} (source._sn_x1 - limits._sn_x1__centre{% elif s.direction == 'low' %} (limits._sn_x1__centre - source._sn_x1{% endif %}
) AS DOUBLE PRECISION) / NULLIF(limits._sn_x1__scale, 0.0e0) WHEN source._sn_x1 = limits._sn_x1__centre THEN CAST(0.0e0 AS DOUBLE
PRECISION) END AS DOUBLE PRECISION) / NULLIF(limits._sn_x1__critical, 0.0e0) END END AS _sn_x1__term
FROM source
LEFT JOIN limits ON (source._sn__key1 = limits._sn__key1 OR (source._sn__key1 IS NULL AND limits._sn__key1 IS NULL))), scored AS (SELECT
*, _sn_x1__term AS _sn__score
FROM terms) SELECT *
FROM scored
{%- else -%}
WITH source AS (SELECT
{%- for f in s.features %} _sn_x{{ loop.index }},{% endfor %}
_sn__key1, _sn__given0,
{%- for f in s.features %} _sn_x{{ loop.index }}__given,{% endfor %}
_sn__fitted, _sn__held, _sn__fold
FROM {{ s.rows }}), baseline AS (SELECT _sn__key1
{%- for f in s.features %} , COUNT(_sn_x{{ loop.index }}) AS _sn_x{{ loop.index }}__n, AVG(_sn_x{{ loop.index }}) AS _sn_x{{ loop.index }}__mean, VAR_POP(_sn_x{{ loop.index }}) * COUNT(_sn_x{{ loop.index }}) AS _sn_x{{ loop.index }}__m2, MIN(_sn_x{{ loop.index }}) AS _sn_x{{ loop.index }}__low, MAX(_sn_x{{ loop.index }}) AS _sn_x{{ loop.index }}__high{% endfor %}
FROM source
WHERE _sn__fitted = 1
GROUP BY _sn__key1), model AS (SELECT *
{%- for f in s.features %} , CASE WHEN _sn_x{{ loop.index }}__low = _sn_x{{ loop.index }}__high THEN _sn_x{{ loop.index }}__low ELSE _sn_x{{ loop.index }}__mean END AS _sn_x{{ loop.index }}__centre, CASE WHEN _sn_x{{ loop.index }}__low < _sn_x{{ loop.index }}__high AND CAST(_sn_x{{ loop.index }}__m2 AS DOUBLE PRECISION) / NULLIF(_sn_x{{ loop.index }}__n - 1, 0.0e0) > 1e-300 THEN SQRT(CASE WHEN CAST(_sn_x{{ loop.index }}__m2 AS DOUBLE PRECISION) / NULLIF(_sn_x{{ loop.index }}__n - 1, 0.0e0) >= 0.0e0 THEN CAST(_sn_x{{ loop.index }}__m2 AS DOUBLE PRECISION) / NULLIF(_sn_x{{ loop.index }}__n - 1, 0.0e0) END) ELSE CAST(0.0e0 AS DOUBLE PRECISION) END AS _sn_x{{ loop.index }}__scale{% endfor %}
FROM baseline), places AS (SELECT *
{%- for f in s.features %} , CAST(((CAST(1.0e0 AS DOUBLE PRECISION) / NULLIF(LN(LEAST(GREATEST(CAST(_sn_x{{ loop.index }}__n AS DOUBLE PRECISION), CAST(12.0e0 AS DOUBLE PRECISION)), CAST(1000000000000.0e0 AS DOUBLE PRECISION))) + CAST(6.0e0 AS DOUBLE PRECISION), 0.0e0)) - CAST(0.07379539371844827e0 AS DOUBLE PRECISION)) AS DOUBLE PRECISION) / NULLIF(CAST(0.044060941215417565e0 AS DOUBLE PRECISION), 0.0e0) AS _sn_x{{ loop.index }}__place{% endfor %}
FROM model), powers AS (SELECT *
{%- for f in s.features %} , _sn_x{{ loop.index }}__place AS _sn_x{{ loop.index }}__p1, _sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place AS _sn_x{{ loop.index }}__p2, (_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place) * (_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place) AS _sn_x{{ loop.index }}__p4, ((_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place) * (_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place)) * ((_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place) * (_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place)) AS _sn_x{{ loop.index }}__p8, (((_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place) * (_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place)) * ((_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place) * (_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place))) * (((_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place) * (_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place)) * ((_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place) * (_sn_x{{ loop.index }}__place * _sn_x{{ loop.index }}__place))) AS _sn_x{{ loop.index }}__p16{% endfor %}
FROM places), limits AS (SELECT *
{%- for f in s.features %} , CASE WHEN _sn_x{{ loop.index }}__n = 3 THEN CAST(1.1543048513440386e0 AS DOUBLE PRECISION) WHEN _sn_x{{ loop.index }}__n = 4 THEN CAST(1.48125e0 AS DOUBLE PRECISION) WHEN _sn_x{{ loop.index }}__n = 5 THEN CAST(1.7150373123433638e0 AS DOUBLE PRECISION) WHEN _sn_x{{ loop.index }}__n = 6 THEN CAST(1.8871451177839336e0 AS DOUBLE PRECISION) WHEN _sn_x{{ loop.index }}__n = 7 THEN CAST(2.019968507679597e0 AS DOUBLE PRECISION) WHEN _sn_x{{ loop.index }}__n = 8 THEN CAST(2.1266450871954685e0 AS DOUBLE PRECISION) WHEN _sn_x{{ loop.index }}__n = 9 THEN CAST(2.215004223325533e0 AS DOUBLE PRECISION) WHEN _sn_x{{ loop.index }}__n = 10 THEN CAST(2.2899540844796e0 AS DOUBLE PRECISION) WHEN _sn_x{{ loop.index }}__n = 11 THEN CAST(2.354730051565538e0 AS DOUBLE PRECISION) WHEN _sn_x{{ loop.index }}__n = 12 THEN CAST(2.4115595184316523e0 AS DOUBLE PRECISION) WHEN _sn_x{{ loop.index }}__n > 12 THEN ((((CAST(4.1943173687645805e0 AS DOUBLE PRECISION) + ((- CAST(1.892437777308234e0 AS DOUBLE PRECISION)) * _sn_x{{ loop.index }}__p1)) + ((CAST(0.5644115084316799e0 AS DOUBLE PRECISION) + ((- CAST(0.566623601301847e0 AS DOUBLE PRECISION)) * _sn_x{{ loop.index }}__p1)) * _sn_x{{ loop.index }}__p2)) + (((CAST(0.10637333815185443e0 AS DOUBLE PRECISION) + ((- CAST(0.028185604839977514e0 AS DOUBLE PRECISION)) * _sn_x{{ loop.index }}__p1)) + ((CAST(0.10327600536848856e0 AS DOUBLE PRECISION) + ((- CAST(0.07043365123912201e0 AS DOUBLE PRECISION)) * _sn_x{{ loop.index }}__p1)) * _sn_x{{ loop.index }}__p2)) * _sn_x{{ loop.index }}__p4)) + (((((- CAST(0.011170258806485773e0 AS DOUBLE PRECISION)) + (CAST(0.006518703881089157e0 AS DOUBLE PRECISION) * _sn_x{{ loop.index }}__p1)) + ((CAST(0.012517198909631917e0 AS DOUBLE PRECISION) + ((- CAST(0.00768938046931022e0 AS DOUBLE PRECISION)) * _sn_x{{ loop.index }}__p1)) * _sn_x{{ loop.index }}__p2)) + (((CAST(0.0018780600899726274e0 AS DOUBLE PRECISION) + ((- CAST(0.0021601589444033486e0 AS DOUBLE PRECISION)) * _sn_x{{ loop.index }}__p1)) + (((- CAST(0.0007677090173179599e0 AS DOUBLE PRECISION)) + (CAST(0.002055741810128281e0 AS DOUBLE PRECISION) * _sn_x{{ loop.index }}__p1)) * _sn_x{{ loop.index }}__p2)) * _sn_x{{ loop.index }}__p4)) * _sn_x{{ loop.index }}__p8)) + ((((CAST(0.001134783242460721e0 AS DOUBLE PRECISION) + ((- CAST(0.0016793489582788358e0 AS DOUBLE PRECISION)) * _sn_x{{ loop.index }}__p1)) + (((- CAST(0.0004073554904549667e0 AS DOUBLE PRECISION)) + (CAST(0.0006046256657073687e0 AS DOUBLE PRECISION) * _sn_x{{ loop.index }}__p1)) * _sn_x{{ loop.index }}__p2)) + ((CAST(0.0001762847467261674e0 AS DOUBLE PRECISION) + ((- CAST(0.00014925429256890877e0 AS DOUBLE PRECISION)) * _sn_x{{ loop.index }}__p1)) * _sn_x{{ loop.index }}__p4)) * _sn_x{{ loop.index }}__p16) END AS _sn_x{{ loop.index }}__critical{% endfor %}
FROM powers), terms AS (SELECT source.*
{%- if s.direction == 'both' %} {%- for f in s.features %} , CASE WHEN limits._sn_x{{ loop.index }}__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN limits._sn_x{{ loop.index }}__scale = 0.0e0 THEN CASE WHEN limits._sn_x{{ loop.index }}__scale > 0.0e0 THEN CAST(ABS(source._sn_x{{ loop.index }} - limits._sn_x{{ loop.index }}__centre) AS DOUBLE PRECISION) / NULLIF(limits._sn_x{{ loop.index }}__scale, 0.0e0) WHEN source._sn_x{{ loop.index }} = limits._sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END ELSE CAST(CASE WHEN limits._sn_x{{ loop.index }}__scale > 0.0e0 THEN CAST(ABS(source._sn_x{{ loop.index }} - limits._sn_x{{ loop.index }}__centre) AS DOUBLE PRECISION) / NULLIF(limits._sn_x{{ loop.index }}__scale, 0.0e0) WHEN source._sn_x{{ loop.index }} = limits._sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END AS DOUBLE PRECISION) / NULLIF(limits._sn_x{{ loop.index }}__critical, 0.0e0) END END AS _sn_x{{ loop.index }}__term{% endfor %}{% elif s.direction == 'high' %} {%- for f in s.features %} , CASE WHEN limits._sn_x{{ loop.index }}__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN limits._sn_x{{ loop.index }}__scale = 0.0e0 THEN CASE WHEN limits._sn_x{{ loop.index }}__scale > 0.0e0 THEN CAST((source._sn_x{{ loop.index }} - limits._sn_x{{ loop.index }}__centre) AS DOUBLE PRECISION) / NULLIF(limits._sn_x{{ loop.index }}__scale, 0.0e0) WHEN source._sn_x{{ loop.index }} = limits._sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END ELSE CAST(CASE WHEN limits._sn_x{{ loop.index }}__scale > 0.0e0 THEN CAST((source._sn_x{{ loop.index }} - limits._sn_x{{ loop.index }}__centre) AS DOUBLE PRECISION) / NULLIF(limits._sn_x{{ loop.index }}__scale, 0.0e0) WHEN source._sn_x{{ loop.index }} = limits._sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END AS DOUBLE PRECISION) / NULLIF(limits._sn_x{{ loop.index }}__critical, 0.0e0) END END AS _sn_x{{ loop.index }}__term{% endfor %}{% elif s.direction == 'low' %} {%- for f in s.features %} , CASE WHEN limits._sn_x{{ loop.index }}__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN limits._sn_x{{ loop.index }}__scale = 0.0e0 THEN CASE WHEN limits._sn_x{{ loop.index }}__scale > 0.0e0 THEN CAST((limits._sn_x{{ loop.index }}__centre - source._sn_x{{ loop.index }}) AS DOUBLE PRECISION) / NULLIF(limits._sn_x{{ loop.index }}__scale, 0.0e0) WHEN source._sn_x{{ loop.index }} = limits._sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END ELSE CAST(CASE WHEN limits._sn_x{{ loop.index }}__scale > 0.0e0 THEN CAST((limits._sn_x{{ loop.index }}__centre - source._sn_x{{ loop.index }}) AS DOUBLE PRECISION) / NULLIF(limits._sn_x{{ loop.index }}__scale, 0.0e0) WHEN source._sn_x{{ loop.index }} = limits._sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END AS DOUBLE PRECISION) / NULLIF(limits._sn_x{{ loop.index }}__critical, 0.0e0) END END AS _sn_x{{ loop.index }}__term{% endfor %}{% endif %}
FROM source
LEFT JOIN limits ON (source._sn__key1 = limits._sn__key1 OR (source._sn__key1 IS NULL AND limits._sn__key1 IS NULL))), scored AS (SELECT
*, CASE WHEN
{%- for f in s.features %} NOT _sn_x{{ loop.index }}__term IS NULL{{ " AND " if not loop.last }}{% endfor %}
THEN GREATEST(
{%- for f in s.features %} _sn_x{{ loop.index }}__term{{ ", " if not loop.last }}{% endfor %}
) END AS _sn__score
FROM terms) SELECT *
FROM scored
{%- endif -%}
{%- endmacro -%}

{%- macro redshift__stored_scoring_grubbs(s) -%}
{%- if s.features | length == 1 -%}
WITH source AS (SELECT {{ s.columns }}, CASE WHEN ABS({{ s.features[0].value }}) <= 1e+150 THEN {{ s.features[0].value }} END AS _sn_x1,
{{ s.features[0].value }} AS _sn_x1__raw, {{ s.key }} AS _sn__key1
FROM {{ s.relation }}), merged_model AS (SELECT _sn__key1, _sn_x1__n, _sn_x1__mean, _sn_x1__m2, _sn_x1__low, _sn_x1__high, _sn_x1__centre,
_sn_x1__scale, _sn_x1__place, _sn_x1__p1, _sn_x1__p2, _sn_x1__p4, _sn_x1__p8, _sn_x1__p16, _sn_x1__critical
FROM {{ s.model }}), terms AS (SELECT source.*, merged_model._sn_x1__n, merged_model._sn_x1__scale, CASE WHEN merged_model._sn_x1__n
>= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN merged_model._sn_x1__scale = 0.0e0 THEN CASE WHEN merged_model._sn_x1__scale > 0.0e0
THEN CAST(
{%- if s.direction == 'both' %} ABS(source._sn_x1 - merged_model._sn_x1__centre{% elif s.direction == 'high' %} (source._sn_x1 - merged_model._sn_x1__centre{% elif s.direction == 'low' %} (merged_model._sn_x1__centre - source._sn_x1{% endif %}
) AS DOUBLE PRECISION) / NULLIF(merged_model._sn_x1__scale, 0.0e0) WHEN source._sn_x1 = merged_model._sn_x1__centre THEN CAST(0.0e0
AS DOUBLE PRECISION) END ELSE CAST(CASE WHEN merged_model._sn_x1__scale > 0.0e0 THEN CAST(
{%- if s.direction == 'both' %} ABS(source._sn_x1 - merged_model._sn_x1__centre{% elif s.direction == 'high' %} (source._sn_x1 - merged_model._sn_x1__centre{% elif s.direction == 'low' %} (merged_model._sn_x1__centre - source._sn_x1{% endif %}
) AS DOUBLE PRECISION) / NULLIF(merged_model._sn_x1__scale, 0.0e0) WHEN source._sn_x1 = merged_model._sn_x1__centre THEN CAST(0.0e0
AS DOUBLE PRECISION) END AS DOUBLE PRECISION) / NULLIF(merged_model._sn_x1__critical, 0.0e0) END END AS _sn_x1__term
FROM source
LEFT JOIN merged_model ON (source._sn__key1 = merged_model._sn__key1 OR (source._sn__key1 IS NULL AND merged_model._sn__key1 IS NULL))),
scored AS (SELECT *, _sn_x1__term AS _sn__score
FROM terms) SELECT {{ s.columns }}, _sn__score AS anomaly_score, _sn__score >
{%- if s.rule == 'threshold' %} {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }} AS is_anomaly, CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE
PRECISION){% elif s.rule == 'contamination' %} CASE WHEN NOT _sn__cut IS NULL THEN _sn__cut + (CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(_sn__cut)))
END AS is_anomaly, _sn__cut{% endif %}
AS anomaly_threshold, CASE WHEN NOT _sn__score IS NULL THEN {{ s.features[0].literal }} END AS anomaly_reason, CASE WHEN _sn_x1__n IS NULL
THEN 'unseen_group' ELSE CASE WHEN _sn_x1__raw IS NULL THEN 'missing_value' WHEN _sn_x1 IS NULL THEN 'out_of_range' WHEN COALESCE(_sn_x1__n,
0) < {{ sqlnomaly.whole(s.min_rows) }} THEN 'too_few_rows' WHEN _sn__score IS NULL OR _sn_x1__scale = 0.0e0 THEN 'constant_baseline' ELSE 'ok'
END END AS anomaly_status
FROM scored
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} LEFT JOIN {{ s.cuts }} ON (_sn__cut_key = _sn__key1 OR (_sn__cut_key IS NULL AND _sn__key1 IS NULL)){% endif %}
{%- else -%}
WITH source AS (SELECT {{ s.columns }},
{%- for f in s.features %} CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END AS _sn_x{{ loop.index }}, {{ f.value }} AS _sn_x{{ loop.index }}__raw,{% endfor %}
{{ s.key }} AS _sn__key1
FROM {{ s.relation }}), merged_model AS (SELECT _sn__key1,
{%- for f in s.features %} _sn_x{{ loop.index }}__n, _sn_x{{ loop.index }}__mean, _sn_x{{ loop.index }}__m2, _sn_x{{ loop.index }}__low, _sn_x{{ loop.index }}__high,{% endfor %}
{%- for f in s.features %} _sn_x{{ loop.index }}__centre, _sn_x{{ loop.index }}__scale,{% endfor %}
{%- for f in s.features %} _sn_x{{ loop.index }}__place,{% endfor %}
{%- for f in s.features %} _sn_x{{ loop.index }}__p1, _sn_x{{ loop.index }}__p2, _sn_x{{ loop.index }}__p4, _sn_x{{ loop.index }}__p8, _sn_x{{ loop.index }}__p16,{% endfor %}
{%- for f in s.features %} _sn_x{{ loop.index }}__critical{{ ", " if not loop.last }}{% endfor %}
FROM {{ s.model }}), terms AS (SELECT source.*,
{%- for f in s.features %} merged_model._sn_x{{ loop.index }}__n, merged_model._sn_x{{ loop.index }}__scale,{% endfor %}
{%- if s.direction == 'both' %} {%- for f in s.features %} CASE WHEN merged_model._sn_x{{ loop.index }}__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN merged_model._sn_x{{ loop.index }}__scale = 0.0e0 THEN CASE WHEN merged_model._sn_x{{ loop.index }}__scale > 0.0e0 THEN CAST(ABS(source._sn_x{{ loop.index }} - merged_model._sn_x{{ loop.index }}__centre) AS DOUBLE PRECISION) / NULLIF(merged_model._sn_x{{ loop.index }}__scale, 0.0e0) WHEN source._sn_x{{ loop.index }} = merged_model._sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END ELSE CAST(CASE WHEN merged_model._sn_x{{ loop.index }}__scale > 0.0e0 THEN CAST(ABS(source._sn_x{{ loop.index }} - merged_model._sn_x{{ loop.index }}__centre) AS DOUBLE PRECISION) / NULLIF(merged_model._sn_x{{ loop.index }}__scale, 0.0e0) WHEN source._sn_x{{ loop.index }} = merged_model._sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END AS DOUBLE PRECISION) / NULLIF(merged_model._sn_x{{ loop.index }}__critical, 0.0e0) END END AS _sn_x{{ loop.index }}__term{{ ", " if not loop.last }}{% endfor %}{% elif s.direction == 'high' %} {%- for f in s.features %} CASE WHEN merged_model._sn_x{{ loop.index }}__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN merged_model._sn_x{{ loop.index }}__scale = 0.0e0 THEN CASE WHEN merged_model._sn_x{{ loop.index }}__scale > 0.0e0 THEN CAST((source._sn_x{{ loop.index }} - merged_model._sn_x{{ loop.index }}__centre) AS DOUBLE PRECISION) / NULLIF(merged_model._sn_x{{ loop.index }}__scale, 0.0e0) WHEN source._sn_x{{ loop.index }} = merged_model._sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END ELSE CAST(CASE WHEN merged_model._sn_x{{ loop.index }}__scale > 0.0e0 THEN CAST((source._sn_x{{ loop.index }} - merged_model._sn_x{{ loop.index }}__centre) AS DOUBLE PRECISION) / NULLIF(merged_model._sn_x{{ loop.index }}__scale, 0.0e0) WHEN source._sn_x{{ loop.index }} = merged_model._sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END AS DOUBLE PRECISION) / NULLIF(merged_model._sn_x{{ loop.index }}__critical, 0.0e0) END END AS _sn_x{{ loop.index }}__term{{ ", " if not loop.last }}{% endfor %}{% elif s.direction == 'low' %} {%- for f in s.features %} CASE WHEN merged_model._sn_x{{ loop.index }}__n >= {{ sqlnomaly.whole(s.min_rows) }} THEN CASE WHEN merged_model._sn_x{{ loop.index }}__scale = 0.0e0 THEN CASE WHEN merged_model._sn_x{{ loop.index }}__scale > 0.0e0 THEN CAST((merged_model._sn_x{{ loop.index }}__centre - source._sn_x{{ loop.index }}) AS DOUBLE PRECISION) / NULLIF(merged_model._sn_x{{ loop.index }}__scale, 0.0e0) WHEN source._sn_x{{ loop.index }} = merged_model._sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END ELSE CAST(CASE WHEN merged_model._sn_x{{ loop.index }}__scale > 0.0e0 THEN CAST((merged_model._sn_x{{ loop.index }}__centre - source._sn_x{{ loop.index }}) AS DOUBLE PRECISION) / NULLIF(merged_model._sn_x{{ loop.index }}__scale, 0.0e0) WHEN source._sn_x{{ loop.index }} = merged_model._sn_x{{ loop.index }}__centre THEN CAST(0.0e0 AS DOUBLE PRECISION) END AS DOUBLE PRECISION) / NULLIF(merged_model._sn_x{{ loop.index }}__critical, 0.0e0) END END AS _sn_x{{ loop.index }}__term{{ ", " if not loop.last }}{% endfor %}{% endif %}
FROM source
LEFT JOIN merged_model ON (source._sn__key1 = merged_model._sn__key1 OR (source._sn__key1 IS NULL AND merged_model._sn__key1 IS NULL))),
scored AS (SELECT *, CASE WHEN
{%- for f in s.features %} NOT _sn_x{{ loop.index }}__term IS NULL{{ " AND " if not loop.last }}{% endfor %}
THEN GREATEST(
{%- for f in s.features %} _sn_x{{ loop.index }}__term{{ ", " if not loop.last }}{% endfor %}
) END AS _sn__score
FROM terms) SELECT {{ s.columns }}, _sn__score AS anomaly_score, _sn__score >
{%- if s.rule == 'threshold' %} {{ sqlnomaly.real(s.threshold + 1e-9 * [1.0, s.threshold | abs] | max) }} AS is_anomaly, CAST({{ sqlnomaly.real(s.threshold) }} AS DOUBLE
PRECISION){% elif s.rule == 'contamination' %} CASE WHEN NOT _sn__cut IS NULL THEN _sn__cut + (CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(_sn__cut)))
END AS is_anomaly, _sn__cut{% endif %}
AS anomaly_threshold, CASE WHEN _sn__score IS NULL THEN NULL
{%- for f in s.features %} WHEN _sn_x{{ loop.index }}__term >= _sn__score - (CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(_sn__score))) THEN {{ f.literal }}{% endfor %}
END AS anomaly_reason, CASE WHEN
{%- for f in s.features %} _sn_x{{ loop.index }}__n IS NULL{{ " AND " if not loop.last }}{% endfor %}
THEN 'unseen_group' ELSE CASE WHEN
{%- for f in s.features %} _sn_x{{ loop.index }}__raw IS NULL{{ " OR " if not loop.last }}{% endfor %}
THEN 'missing_value' WHEN
{%- for f in s.features %} _sn_x{{ loop.index }} IS NULL{{ " OR " if not loop.last }}{% endfor %}
THEN 'out_of_range' WHEN
{%- for f in s.features %} COALESCE(_sn_x{{ loop.index }}__n, 0) < {{ sqlnomaly.whole(s.min_rows) }}{{ " OR " if not loop.last }}{% endfor %}
THEN 'too_few_rows' WHEN _sn__score IS NULL OR (
{%- for f in s.features %} _sn_x{{ loop.index }}__scale = 0.0e0{{ " AND " if not loop.last }}{% endfor %}
) THEN 'constant_baseline' ELSE 'ok' END END AS anomaly_status
FROM scored
{%- if s.rule == 'threshold' %} {% elif s.rule == 'contamination' %} LEFT JOIN {{ s.cuts }} ON (_sn__cut_key = _sn__key1 OR (_sn__cut_key IS NULL AND _sn__key1 IS NULL)){% endif %}
{%- endif -%}
{%- endmacro -%}

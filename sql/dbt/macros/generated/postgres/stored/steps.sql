{#- sqlnomaly 0.1.0: postgres/stored/steps, generated; do not edit. -#}
{%- macro postgres__stored_rows(s) -%}
{%- if s.features | length == 1 -%}
SELECT _sn_x1, _sn__key1, _sn__given0, _sn_x1__given, CASE WHEN place <= FLOOR(CAST(complete_rows AS DOUBLE PRECISION) * CAST(CAST({{ sqlnomaly.real(s.calibration) }}
AS DOUBLE PRECISION) AS DOUBLE PRECISION)) AND place <= 2000 THEN 0 ELSE 1 END AS _sn__fitted, CASE WHEN place <= FLOOR(CAST(complete_rows
AS DOUBLE PRECISION) * CAST(CAST({{ sqlnomaly.real(s.calibration) }} AS DOUBLE PRECISION) AS DOUBLE PRECISION)) AND place <= 2000 THEN
1 ELSE 0 END AS _sn__held, sample_key AS _sn__fold
FROM (SELECT _sn_x1, _sn__key1, _sn__given0, _sn_x1__given, sample_key, ROW_NUMBER() OVER (PARTITION BY _sn__key1 ORDER BY lacks, sample_key)
AS place, SUM(1 - lacks) OVER (PARTITION BY _sn__key1) AS complete_rows
FROM (SELECT _sn_x1, _sn__key1, _sn__given0, _sn_x1__given, CASE WHEN NOT _sn_x1 IS NULL THEN 0 ELSE 1 END AS lacks, MD5('0|' || CAST(CAST(copy_number
AS BIGINT) AS TEXT) || '|' || CASE WHEN digits_x1 IS NULL THEN 'n' ELSE CAST(CAST(digits_x1 AS BIGINT) AS TEXT) || ':' || CAST(CAST(exponent_x1
AS BIGINT) AS TEXT) END) AS sample_key
FROM (SELECT _sn_x1, _sn__key1, _sn__given0, _sn_x1__given, guess_x1, fraction_x1, digits_x1, exponent_x1, ROW_NUMBER() OVER (PARTITION
BY _sn__key1, digits_x1, exponent_x1 ORDER BY _sn_x1) AS copy_number
FROM (SELECT _sn_x1, _sn__key1, _sn__given0, _sn_x1__given, guess_x1, fraction_x1, CAST(CASE WHEN _sn_x1 = 0.0e0 THEN CAST(CAST(0.0e0
AS DOUBLE PRECISION) AS DOUBLE PRECISION) ELSE SIGN(_sn_x1) * FLOOR(fraction_x1 * CASE WHEN fraction_x1 < 1.0e0 THEN CAST(CAST(2199023255552.0e0
AS DOUBLE PRECISION) AS DOUBLE PRECISION) ELSE CAST(CAST(1099511627776.0e0 AS DOUBLE PRECISION) AS DOUBLE PRECISION) END) END AS BIGINT)
AS digits_x1, CAST(CASE WHEN _sn_x1 = 0.0e0 THEN CAST(CAST(0.0e0 AS DOUBLE PRECISION) AS DOUBLE PRECISION) WHEN fraction_x1 < 1.0e0
THEN guess_x1 - CAST(CAST(1.0e0 AS DOUBLE PRECISION) AS DOUBLE PRECISION) ELSE guess_x1 END AS BIGINT) AS exponent_x1
FROM (SELECT _sn_x1, _sn__key1, _sn__given0, _sn_x1__given, guess_x1, (ABS(_sn_x1) * POWER(CAST(CAST(2.0e0 AS DOUBLE PRECISION)
AS DOUBLE PRECISION), - FLOOR(guess_x1 * CAST(CAST(0.5e0 AS DOUBLE PRECISION) AS DOUBLE PRECISION)))) * POWER(CAST(CAST(2.0e0
AS DOUBLE PRECISION) AS DOUBLE PRECISION), FLOOR(guess_x1 * CAST(CAST(0.5e0 AS DOUBLE PRECISION) AS DOUBLE PRECISION)) - guess_x1)
AS fraction_x1
FROM (SELECT _sn_x1, _sn__key1, _sn__given0, _sn_x1__given, FLOOR((LN(CASE WHEN ABS(_sn_x1) > 0.0e0 THEN ABS(_sn_x1) END) *
CAST(CAST(1.4426950408889634e0 AS DOUBLE PRECISION) AS DOUBLE PRECISION)) + CAST(CAST(0.5e0 AS DOUBLE PRECISION) AS DOUBLE PRECISION))
AS guess_x1
FROM (SELECT CASE WHEN ABS({{ s.features[0].value }}) <= 1e+150 THEN {{ s.features[0].value }} END AS _sn_x1, {{ s.key }} AS _sn__key1,
{{ s.key }} AS _sn__given0, {{ s.features[0].value }} AS _sn_x1__given
FROM (SELECT {{ s.key }}, {{ s.features[0].value }}
FROM {{ s.relation }}) AS training) AS source) AS stage_1) AS stage_2) AS stage_3) AS stage_4) AS stage_5) AS stage_6
{%- else -%}
SELECT
{%- for f in s.features %} _sn_x{{ loop.index }},{% endfor %}
_sn__key1, _sn__given0,
{%- for f in s.features %} _sn_x{{ loop.index }}__given,{% endfor %}
CASE WHEN place <= FLOOR(CAST(complete_rows AS DOUBLE PRECISION) * CAST(CAST({{ sqlnomaly.real(s.calibration) }} AS DOUBLE PRECISION)
AS DOUBLE PRECISION)) AND place <= 2000 THEN 0 ELSE 1 END AS _sn__fitted, CASE WHEN place <= FLOOR(CAST(complete_rows AS DOUBLE PRECISION)
* CAST(CAST({{ sqlnomaly.real(s.calibration) }} AS DOUBLE PRECISION) AS DOUBLE PRECISION)) AND place <= 2000 THEN 1 ELSE 0 END AS _sn__held,
sample_key AS _sn__fold
FROM (SELECT
{%- for f in s.features %} _sn_x{{ loop.index }},{% endfor %}
_sn__key1, _sn__given0,
{%- for f in s.features %} _sn_x{{ loop.index }}__given,{% endfor %}
sample_key, ROW_NUMBER() OVER (PARTITION BY _sn__key1 ORDER BY lacks, sample_key) AS place, SUM(1 - lacks) OVER (PARTITION BY _sn__key1)
AS complete_rows
FROM (SELECT
{%- for f in s.features %} _sn_x{{ loop.index }},{% endfor %}
_sn__key1, _sn__given0,
{%- for f in s.features %} _sn_x{{ loop.index }}__given,{% endfor %}
CASE WHEN
{%- for f in s.features %} NOT _sn_x{{ loop.index }} IS NULL{{ " AND " if not loop.last }}{% endfor %}
THEN 0 ELSE 1 END AS lacks, MD5('0|' || CAST(CAST(copy_number AS BIGINT) AS TEXT)
{%- for f in s.features %} || '|' || CASE WHEN digits_x{{ loop.index }} IS NULL THEN 'n' ELSE CAST(CAST(digits_x{{ loop.index }} AS BIGINT) AS TEXT) || ':' || CAST(CAST(exponent_x{{ loop.index }} AS BIGINT) AS TEXT) END{% endfor %}
) AS sample_key
FROM (SELECT
{%- for f in s.features %} _sn_x{{ loop.index }},{% endfor %}
_sn__key1, _sn__given0,
{%- for f in s.features %} _sn_x{{ loop.index }}__given,{% endfor %}
{%- for f in s.features %} guess_x{{ loop.index }},{% endfor %}
{%- for f in s.features %} fraction_x{{ loop.index }},{% endfor %}
{%- for f in s.features %} digits_x{{ loop.index }},{% endfor %}
{%- for f in s.features %} exponent_x{{ loop.index }},{% endfor %}
ROW_NUMBER() OVER (PARTITION BY _sn__key1
{%- for f in s.features %} , digits_x{{ loop.index }}, exponent_x{{ loop.index }}{% endfor %}
ORDER BY
{%- for f in s.features %} _sn_x{{ loop.index }}{{ ", " if not loop.last }}{% endfor %}
) AS copy_number
FROM (SELECT
{%- for f in s.features %} _sn_x{{ loop.index }},{% endfor %}
_sn__key1, _sn__given0,
{%- for f in s.features %} _sn_x{{ loop.index }}__given,{% endfor %}
{%- for f in s.features %} guess_x{{ loop.index }},{% endfor %}
{%- for f in s.features %} fraction_x{{ loop.index }},{% endfor %}
CAST(CASE WHEN
{%- for f in s.features %} _sn_x{{ loop.index }} = 0.0e0 THEN CAST(CAST(0.0e0 AS DOUBLE PRECISION) AS DOUBLE PRECISION) ELSE SIGN(_sn_x{{ loop.index }}) * FLOOR(fraction_x{{ loop.index }} * CASE WHEN fraction_x{{ loop.index }} < 1.0e0 THEN CAST(CAST(2199023255552.0e0 AS DOUBLE PRECISION) AS DOUBLE PRECISION) ELSE CAST(CAST(1099511627776.0e0 AS DOUBLE PRECISION) AS DOUBLE PRECISION) END) END AS BIGINT) AS digits_x{{ loop.index }}, CAST(CASE WHEN{% endfor %}
{%- for f in s.features %} _sn_x{{ loop.index }} = 0.0e0 THEN CAST(CAST(0.0e0 AS DOUBLE PRECISION) AS DOUBLE PRECISION) WHEN fraction_x{{ loop.index }} < 1.0e0 THEN guess_x{{ loop.index }} - CAST(CAST(1.0e0 AS DOUBLE PRECISION) AS DOUBLE PRECISION) ELSE guess_x{{ loop.index }} END AS BIGINT) AS exponent_x{{ loop.index }}{{ " , CAST(CASE WHEN " if not loop.last }}{% endfor %}
FROM (SELECT
{%- for f in s.features %} _sn_x{{ loop.index }},{% endfor %}
_sn__key1, _sn__given0,
{%- for f in s.features %} _sn_x{{ loop.index }}__given,{% endfor %}
{%- for f in s.features %} guess_x{{ loop.index }},{% endfor %}
{%- for f in s.features %} (ABS(_sn_x{{ loop.index }}) * POWER(CAST(CAST(2.0e0 AS DOUBLE PRECISION) AS DOUBLE PRECISION), - FLOOR(guess_x{{ loop.index }} * CAST(CAST(0.5e0 AS DOUBLE PRECISION) AS DOUBLE PRECISION)))) * POWER(CAST(CAST(2.0e0 AS DOUBLE PRECISION) AS DOUBLE PRECISION), FLOOR(guess_x{{ loop.index }} * CAST(CAST(0.5e0 AS DOUBLE PRECISION) AS DOUBLE PRECISION)) - guess_x{{ loop.index }}) AS fraction_x{{ loop.index }}{{ ", " if not loop.last }}{% endfor %}
FROM (SELECT
{%- for f in s.features %} _sn_x{{ loop.index }},{% endfor %}
_sn__key1, _sn__given0,
{%- for f in s.features %} _sn_x{{ loop.index }}__given,{% endfor %}
{%- for f in s.features %} FLOOR((LN(CASE WHEN ABS(_sn_x{{ loop.index }}) > 0.0e0 THEN ABS(_sn_x{{ loop.index }}) END) * CAST(CAST(1.4426950408889634e0 AS DOUBLE PRECISION) AS DOUBLE PRECISION)) + CAST(CAST(0.5e0 AS DOUBLE PRECISION) AS DOUBLE PRECISION)) AS guess_x{{ loop.index }}{{ ", " if not loop.last }}{% endfor %}
FROM (SELECT
{%- for f in s.features %} CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END AS _sn_x{{ loop.index }},{% endfor %}
{{ s.key }} AS _sn__key1, {{ s.key }} AS _sn__given0
{%- for f in s.features %} , {{ f.value }} AS _sn_x{{ loop.index }}__given{% endfor %}
FROM (SELECT {{ s.key }}
{%- for f in s.features %} , {{ f.value }}{% endfor %}
FROM {{ s.relation }}) AS training) AS source) AS stage_1) AS stage_2) AS stage_3) AS stage_4) AS stage_5) AS stage_6
{%- endif -%}
{%- endmacro -%}

{%- macro postgres__stored_calibration(s) -%}
WITH calibration AS (SELECT _sn__key1, COUNT(_sn__score) AS n, PERCENTILE_CONT(0.0e0) WITHIN
GROUP(ORDER BY _sn__score) AS q0, PERCENTILE_CONT(0.01e0) WITHIN
GROUP(ORDER BY _sn__score) AS q1, PERCENTILE_CONT(0.02e0) WITHIN
GROUP(ORDER BY _sn__score) AS q2, PERCENTILE_CONT(0.03e0) WITHIN
GROUP(ORDER BY _sn__score) AS q3, PERCENTILE_CONT(0.04e0) WITHIN
GROUP(ORDER BY _sn__score) AS q4, PERCENTILE_CONT(0.05e0) WITHIN
GROUP(ORDER BY _sn__score) AS q5, PERCENTILE_CONT(0.06e0) WITHIN
GROUP(ORDER BY _sn__score) AS q6, PERCENTILE_CONT(0.07e0) WITHIN
GROUP(ORDER BY _sn__score) AS q7, PERCENTILE_CONT(0.08e0) WITHIN
GROUP(ORDER BY _sn__score) AS q8, PERCENTILE_CONT(0.09e0) WITHIN
GROUP(ORDER BY _sn__score) AS q9, PERCENTILE_CONT(0.1e0) WITHIN
GROUP(ORDER BY _sn__score) AS q10, PERCENTILE_CONT(0.11e0) WITHIN
GROUP(ORDER BY _sn__score) AS q11, PERCENTILE_CONT(0.12e0) WITHIN
GROUP(ORDER BY _sn__score) AS q12, PERCENTILE_CONT(0.13e0) WITHIN
GROUP(ORDER BY _sn__score) AS q13, PERCENTILE_CONT(0.14e0) WITHIN
GROUP(ORDER BY _sn__score) AS q14, PERCENTILE_CONT(0.15e0) WITHIN
GROUP(ORDER BY _sn__score) AS q15, PERCENTILE_CONT(0.16e0) WITHIN
GROUP(ORDER BY _sn__score) AS q16, PERCENTILE_CONT(0.17e0) WITHIN
GROUP(ORDER BY _sn__score) AS q17, PERCENTILE_CONT(0.18e0) WITHIN
GROUP(ORDER BY _sn__score) AS q18, PERCENTILE_CONT(0.19e0) WITHIN
GROUP(ORDER BY _sn__score) AS q19, PERCENTILE_CONT(0.2e0) WITHIN
GROUP(ORDER BY _sn__score) AS q20, PERCENTILE_CONT(0.21e0) WITHIN
GROUP(ORDER BY _sn__score) AS q21, PERCENTILE_CONT(0.22e0) WITHIN
GROUP(ORDER BY _sn__score) AS q22, PERCENTILE_CONT(0.23e0) WITHIN
GROUP(ORDER BY _sn__score) AS q23, PERCENTILE_CONT(0.24e0) WITHIN
GROUP(ORDER BY _sn__score) AS q24, PERCENTILE_CONT(0.25e0) WITHIN
GROUP(ORDER BY _sn__score) AS q25, PERCENTILE_CONT(0.26e0) WITHIN
GROUP(ORDER BY _sn__score) AS q26, PERCENTILE_CONT(0.27e0) WITHIN
GROUP(ORDER BY _sn__score) AS q27, PERCENTILE_CONT(0.28e0) WITHIN
GROUP(ORDER BY _sn__score) AS q28, PERCENTILE_CONT(0.29e0) WITHIN
GROUP(ORDER BY _sn__score) AS q29, PERCENTILE_CONT(0.3e0) WITHIN
GROUP(ORDER BY _sn__score) AS q30, PERCENTILE_CONT(0.31e0) WITHIN
GROUP(ORDER BY _sn__score) AS q31, PERCENTILE_CONT(0.32e0) WITHIN
GROUP(ORDER BY _sn__score) AS q32, PERCENTILE_CONT(0.33e0) WITHIN
GROUP(ORDER BY _sn__score) AS q33, PERCENTILE_CONT(0.34e0) WITHIN
GROUP(ORDER BY _sn__score) AS q34, PERCENTILE_CONT(0.35e0) WITHIN
GROUP(ORDER BY _sn__score) AS q35, PERCENTILE_CONT(0.36e0) WITHIN
GROUP(ORDER BY _sn__score) AS q36, PERCENTILE_CONT(0.37e0) WITHIN
GROUP(ORDER BY _sn__score) AS q37, PERCENTILE_CONT(0.38e0) WITHIN
GROUP(ORDER BY _sn__score) AS q38, PERCENTILE_CONT(0.39e0) WITHIN
GROUP(ORDER BY _sn__score) AS q39, PERCENTILE_CONT(0.4e0) WITHIN
GROUP(ORDER BY _sn__score) AS q40, PERCENTILE_CONT(0.41e0) WITHIN
GROUP(ORDER BY _sn__score) AS q41, PERCENTILE_CONT(0.42e0) WITHIN
GROUP(ORDER BY _sn__score) AS q42, PERCENTILE_CONT(0.43e0) WITHIN
GROUP(ORDER BY _sn__score) AS q43, PERCENTILE_CONT(0.44e0) WITHIN
GROUP(ORDER BY _sn__score) AS q44, PERCENTILE_CONT(0.45e0) WITHIN
GROUP(ORDER BY _sn__score) AS q45, PERCENTILE_CONT(0.46e0) WITHIN
GROUP(ORDER BY _sn__score) AS q46, PERCENTILE_CONT(0.47e0) WITHIN
GROUP(ORDER BY _sn__score) AS q47, PERCENTILE_CONT(0.48e0) WITHIN
GROUP(ORDER BY _sn__score) AS q48, PERCENTILE_CONT(0.49e0) WITHIN
GROUP(ORDER BY _sn__score) AS q49, PERCENTILE_CONT(0.5e0) WITHIN
GROUP(ORDER BY _sn__score) AS q50, PERCENTILE_CONT(0.51e0) WITHIN
GROUP(ORDER BY _sn__score) AS q51, PERCENTILE_CONT(0.52e0) WITHIN
GROUP(ORDER BY _sn__score) AS q52, PERCENTILE_CONT(0.53e0) WITHIN
GROUP(ORDER BY _sn__score) AS q53, PERCENTILE_CONT(0.54e0) WITHIN
GROUP(ORDER BY _sn__score) AS q54, PERCENTILE_CONT(0.55e0) WITHIN
GROUP(ORDER BY _sn__score) AS q55, PERCENTILE_CONT(0.56e0) WITHIN
GROUP(ORDER BY _sn__score) AS q56, PERCENTILE_CONT(0.57e0) WITHIN
GROUP(ORDER BY _sn__score) AS q57, PERCENTILE_CONT(0.58e0) WITHIN
GROUP(ORDER BY _sn__score) AS q58, PERCENTILE_CONT(0.59e0) WITHIN
GROUP(ORDER BY _sn__score) AS q59, PERCENTILE_CONT(0.6e0) WITHIN
GROUP(ORDER BY _sn__score) AS q60, PERCENTILE_CONT(0.61e0) WITHIN
GROUP(ORDER BY _sn__score) AS q61, PERCENTILE_CONT(0.62e0) WITHIN
GROUP(ORDER BY _sn__score) AS q62, PERCENTILE_CONT(0.63e0) WITHIN
GROUP(ORDER BY _sn__score) AS q63, PERCENTILE_CONT(0.64e0) WITHIN
GROUP(ORDER BY _sn__score) AS q64, PERCENTILE_CONT(0.65e0) WITHIN
GROUP(ORDER BY _sn__score) AS q65, PERCENTILE_CONT(0.66e0) WITHIN
GROUP(ORDER BY _sn__score) AS q66, PERCENTILE_CONT(0.67e0) WITHIN
GROUP(ORDER BY _sn__score) AS q67, PERCENTILE_CONT(0.68e0) WITHIN
GROUP(ORDER BY _sn__score) AS q68, PERCENTILE_CONT(0.69e0) WITHIN
GROUP(ORDER BY _sn__score) AS q69, PERCENTILE_CONT(0.7e0) WITHIN
GROUP(ORDER BY _sn__score) AS q70, PERCENTILE_CONT(0.71e0) WITHIN
GROUP(ORDER BY _sn__score) AS q71, PERCENTILE_CONT(0.72e0) WITHIN
GROUP(ORDER BY _sn__score) AS q72, PERCENTILE_CONT(0.73e0) WITHIN
GROUP(ORDER BY _sn__score) AS q73, PERCENTILE_CONT(0.74e0) WITHIN
GROUP(ORDER BY _sn__score) AS q74, PERCENTILE_CONT(0.75e0) WITHIN
GROUP(ORDER BY _sn__score) AS q75, PERCENTILE_CONT(0.76e0) WITHIN
GROUP(ORDER BY _sn__score) AS q76, PERCENTILE_CONT(0.77e0) WITHIN
GROUP(ORDER BY _sn__score) AS q77, PERCENTILE_CONT(0.78e0) WITHIN
GROUP(ORDER BY _sn__score) AS q78, PERCENTILE_CONT(0.79e0) WITHIN
GROUP(ORDER BY _sn__score) AS q79, PERCENTILE_CONT(0.8e0) WITHIN
GROUP(ORDER BY _sn__score) AS q80, PERCENTILE_CONT(0.81e0) WITHIN
GROUP(ORDER BY _sn__score) AS q81, PERCENTILE_CONT(0.82e0) WITHIN
GROUP(ORDER BY _sn__score) AS q82, PERCENTILE_CONT(0.83e0) WITHIN
GROUP(ORDER BY _sn__score) AS q83, PERCENTILE_CONT(0.84e0) WITHIN
GROUP(ORDER BY _sn__score) AS q84, PERCENTILE_CONT(0.85e0) WITHIN
GROUP(ORDER BY _sn__score) AS q85, PERCENTILE_CONT(0.86e0) WITHIN
GROUP(ORDER BY _sn__score) AS q86, PERCENTILE_CONT(0.87e0) WITHIN
GROUP(ORDER BY _sn__score) AS q87, PERCENTILE_CONT(0.88e0) WITHIN
GROUP(ORDER BY _sn__score) AS q88, PERCENTILE_CONT(0.89e0) WITHIN
GROUP(ORDER BY _sn__score) AS q89, PERCENTILE_CONT(0.9e0) WITHIN
GROUP(ORDER BY _sn__score) AS q90, PERCENTILE_CONT(0.91e0) WITHIN
GROUP(ORDER BY _sn__score) AS q91, PERCENTILE_CONT(0.92e0) WITHIN
GROUP(ORDER BY _sn__score) AS q92, PERCENTILE_CONT(0.93e0) WITHIN
GROUP(ORDER BY _sn__score) AS q93, PERCENTILE_CONT(0.94e0) WITHIN
GROUP(ORDER BY _sn__score) AS q94, PERCENTILE_CONT(0.95e0) WITHIN
GROUP(ORDER BY _sn__score) AS q95, PERCENTILE_CONT(0.96e0) WITHIN
GROUP(ORDER BY _sn__score) AS q96, PERCENTILE_CONT(0.97e0) WITHIN
GROUP(ORDER BY _sn__score) AS q97, PERCENTILE_CONT(0.98e0) WITHIN
GROUP(ORDER BY _sn__score) AS q98, PERCENTILE_CONT(0.99e0) WITHIN
GROUP(ORDER BY _sn__score) AS q99, PERCENTILE_CONT(1.0e0) WITHIN
GROUP(ORDER BY _sn__score) AS q100, PERCENTILE_CONT({{ sqlnomaly.real(1 - s.contamination) }}) WITHIN
GROUP(ORDER BY _sn__score) AS threshold
FROM {{ s.scored }}
WHERE _sn__fitted = 1
GROUP BY _sn__key1) SELECT *
FROM calibration
{%- endmacro -%}

{%- macro postgres__stored_held(s) -%}
WITH held AS (SELECT *
FROM {{ s.scored }}
WHERE _sn__held = 1 AND NOT _sn__score IS NULL), ranked AS (SELECT *, ROW_NUMBER() OVER (PARTITION BY _sn__key1 ORDER BY _sn__score DESC)
AS _sn__rank
FROM held OFFSET 0), ranks AS (SELECT _sn__key1, COUNT(_sn__score) AS held, MAX(CASE WHEN _sn__rank = 1 THEN _sn__score END) AS h1,
MAX(CASE WHEN _sn__rank = 2 THEN _sn__score END) AS h2, MAX(CASE WHEN _sn__rank = 3 THEN _sn__score END) AS h3, MAX(CASE WHEN _sn__rank
= 4 THEN _sn__score END) AS h4, MAX(CASE WHEN _sn__rank = 5 THEN _sn__score END) AS h5, MAX(CASE WHEN _sn__rank = 6 THEN _sn__score END)
AS h6, MAX(CASE WHEN _sn__rank = 7 THEN _sn__score END) AS h7, MAX(CASE WHEN _sn__rank = 8 THEN _sn__score END) AS h8, MAX(CASE WHEN
_sn__rank = 9 THEN _sn__score END) AS h9, MAX(CASE WHEN _sn__rank = 10 THEN _sn__score END) AS h10, MAX(CASE WHEN _sn__rank = 11 THEN
_sn__score END) AS h11, MAX(CASE WHEN _sn__rank = 12 THEN _sn__score END) AS h12, MAX(CASE WHEN _sn__rank = 13 THEN _sn__score END)
AS h13, MAX(CASE WHEN _sn__rank = 14 THEN _sn__score END) AS h14, MAX(CASE WHEN _sn__rank = 15 THEN _sn__score END) AS h15, MAX(CASE
WHEN _sn__rank = 16 THEN _sn__score END) AS h16, MAX(CASE WHEN _sn__rank = 17 THEN _sn__score END) AS h17, MAX(CASE WHEN _sn__rank =
18 THEN _sn__score END) AS h18, MAX(CASE WHEN _sn__rank = 19 THEN _sn__score END) AS h19, MAX(CASE WHEN _sn__rank = 20 THEN _sn__score
END) AS h20, MAX(CASE WHEN _sn__rank = 21 THEN _sn__score END) AS h21, MAX(CASE WHEN _sn__rank = 22 THEN _sn__score END) AS h22, MAX(CASE
WHEN _sn__rank = 23 THEN _sn__score END) AS h23, MAX(CASE WHEN _sn__rank = 24 THEN _sn__score END) AS h24, MAX(CASE WHEN _sn__rank =
25 THEN _sn__score END) AS h25, MAX(CASE WHEN _sn__rank = 26 THEN _sn__score END) AS h26, MAX(CASE WHEN _sn__rank = 27 THEN _sn__score
END) AS h27, MAX(CASE WHEN _sn__rank = 28 THEN _sn__score END) AS h28, MAX(CASE WHEN _sn__rank = 29 THEN _sn__score END) AS h29, MAX(CASE
WHEN _sn__rank = 30 THEN _sn__score END) AS h30, MAX(CASE WHEN _sn__rank = 31 THEN _sn__score END) AS h31, MAX(CASE WHEN _sn__rank =
32 THEN _sn__score END) AS h32, MAX(CASE WHEN _sn__rank = 33 THEN _sn__score END) AS h33, MAX(CASE WHEN _sn__rank = 34 THEN _sn__score
END) AS h34, MAX(CASE WHEN _sn__rank = 35 THEN _sn__score END) AS h35, MAX(CASE WHEN _sn__rank = 36 THEN _sn__score END) AS h36, MAX(CASE
WHEN _sn__rank = 37 THEN _sn__score END) AS h37, MAX(CASE WHEN _sn__rank = 38 THEN _sn__score END) AS h38, MAX(CASE WHEN _sn__rank =
39 THEN _sn__score END) AS h39, MAX(CASE WHEN _sn__rank = 40 THEN _sn__score END) AS h40, MAX(CASE WHEN _sn__rank = 41 THEN _sn__score
END) AS h41, MAX(CASE WHEN _sn__rank = 42 THEN _sn__score END) AS h42, MAX(CASE WHEN _sn__rank = 43 THEN _sn__score END) AS h43, MAX(CASE
WHEN _sn__rank = 44 THEN _sn__score END) AS h44, MAX(CASE WHEN _sn__rank = 45 THEN _sn__score END) AS h45, MAX(CASE WHEN _sn__rank =
46 THEN _sn__score END) AS h46, MAX(CASE WHEN _sn__rank = 47 THEN _sn__score END) AS h47, MAX(CASE WHEN _sn__rank = 48 THEN _sn__score
END) AS h48, MAX(CASE WHEN _sn__rank = 49 THEN _sn__score END) AS h49, MAX(CASE WHEN _sn__rank = 50 THEN _sn__score END) AS h50, MAX(CASE
WHEN _sn__rank = 51 THEN _sn__score END) AS h51, MAX(CASE WHEN _sn__rank = 53 THEN _sn__score END) AS h53, MAX(CASE WHEN _sn__rank =
55 THEN _sn__score END) AS h55, MAX(CASE WHEN _sn__rank = 57 THEN _sn__score END) AS h57, MAX(CASE WHEN _sn__rank = 59 THEN _sn__score
END) AS h59, MAX(CASE WHEN _sn__rank = 61 THEN _sn__score END) AS h61, MAX(CASE WHEN _sn__rank = 63 THEN _sn__score END) AS h63, MAX(CASE
WHEN _sn__rank = 65 THEN _sn__score END) AS h65, MAX(CASE WHEN _sn__rank = 67 THEN _sn__score END) AS h67, MAX(CASE WHEN _sn__rank =
69 THEN _sn__score END) AS h69, MAX(CASE WHEN _sn__rank = 71 THEN _sn__score END) AS h71, MAX(CASE WHEN _sn__rank = 73 THEN _sn__score
END) AS h73, MAX(CASE WHEN _sn__rank = 75 THEN _sn__score END) AS h75, MAX(CASE WHEN _sn__rank = 77 THEN _sn__score END) AS h77, MAX(CASE
WHEN _sn__rank = 80 THEN _sn__score END) AS h80, MAX(CASE WHEN _sn__rank = 83 THEN _sn__score END) AS h83, MAX(CASE WHEN _sn__rank =
86 THEN _sn__score END) AS h86, MAX(CASE WHEN _sn__rank = 89 THEN _sn__score END) AS h89, MAX(CASE WHEN _sn__rank = 92 THEN _sn__score
END) AS h92, MAX(CASE WHEN _sn__rank = 95 THEN _sn__score END) AS h95, MAX(CASE WHEN _sn__rank = 98 THEN _sn__score END) AS h98, MAX(CASE
WHEN _sn__rank = 101 THEN _sn__score END) AS h101, MAX(CASE WHEN _sn__rank = 105 THEN _sn__score END) AS h105, MAX(CASE WHEN _sn__rank
= 109 THEN _sn__score END) AS h109, MAX(CASE WHEN _sn__rank = 113 THEN _sn__score END) AS h113, MAX(CASE WHEN _sn__rank = 117 THEN _sn__score
END) AS h117, MAX(CASE WHEN _sn__rank = 121 THEN _sn__score END) AS h121, MAX(CASE WHEN _sn__rank = 125 THEN _sn__score END) AS h125,
MAX(CASE WHEN _sn__rank = 129 THEN _sn__score END) AS h129, MAX(CASE WHEN _sn__rank = 134 THEN _sn__score END) AS h134, MAX(CASE WHEN
_sn__rank = 139 THEN _sn__score END) AS h139, MAX(CASE WHEN _sn__rank = 144 THEN _sn__score END) AS h144, MAX(CASE WHEN _sn__rank = 149
THEN _sn__score END) AS h149, MAX(CASE WHEN _sn__rank = 154 THEN _sn__score END) AS h154, MAX(CASE WHEN _sn__rank = 160 THEN _sn__score
END) AS h160, MAX(CASE WHEN _sn__rank = 166 THEN _sn__score END) AS h166, MAX(CASE WHEN _sn__rank = 172 THEN _sn__score END) AS h172,
MAX(CASE WHEN _sn__rank = 178 THEN _sn__score END) AS h178, MAX(CASE WHEN _sn__rank = 185 THEN _sn__score END) AS h185, MAX(CASE WHEN
_sn__rank = 192 THEN _sn__score END) AS h192, MAX(CASE WHEN _sn__rank = 199 THEN _sn__score END) AS h199, MAX(CASE WHEN _sn__rank = 206
THEN _sn__score END) AS h206, MAX(CASE WHEN _sn__rank = 214 THEN _sn__score END) AS h214, MAX(CASE WHEN _sn__rank = 222 THEN _sn__score
END) AS h222, MAX(CASE WHEN _sn__rank = 230 THEN _sn__score END) AS h230, MAX(CASE WHEN _sn__rank = 239 THEN _sn__score END) AS h239,
MAX(CASE WHEN _sn__rank = 248 THEN _sn__score END) AS h248, MAX(CASE WHEN _sn__rank = 257 THEN _sn__score END) AS h257, MAX(CASE WHEN
_sn__rank = 267 THEN _sn__score END) AS h267, MAX(CASE WHEN _sn__rank = 277 THEN _sn__score END) AS h277, MAX(CASE WHEN _sn__rank = 288
THEN _sn__score END) AS h288, MAX(CASE WHEN _sn__rank = 299 THEN _sn__score END) AS h299, MAX(CASE WHEN _sn__rank = 310 THEN _sn__score
END) AS h310, MAX(CASE WHEN _sn__rank = 322 THEN _sn__score END) AS h322, MAX(CASE WHEN _sn__rank = 334 THEN _sn__score END) AS h334,
MAX(CASE WHEN _sn__rank = 347 THEN _sn__score END) AS h347, MAX(CASE WHEN _sn__rank = 360 THEN _sn__score END) AS h360, MAX(CASE WHEN
_sn__rank = 374 THEN _sn__score END) AS h374, MAX(CASE WHEN _sn__rank = 388 THEN _sn__score END) AS h388, MAX(CASE WHEN _sn__rank = 403
THEN _sn__score END) AS h403, MAX(CASE WHEN _sn__rank = 419 THEN _sn__score END) AS h419, MAX(CASE WHEN _sn__rank = 435 THEN _sn__score
END) AS h435, MAX(CASE WHEN _sn__rank = 452 THEN _sn__score END) AS h452, MAX(CASE WHEN _sn__rank = 470 THEN _sn__score END) AS h470,
MAX(CASE WHEN _sn__rank = 488 THEN _sn__score END) AS h488, MAX(CASE WHEN _sn__rank = 507 THEN _sn__score END) AS h507, MAX(CASE WHEN
_sn__rank = 527 THEN _sn__score END) AS h527, MAX(CASE WHEN _sn__rank = 548 THEN _sn__score END) AS h548, MAX(CASE WHEN _sn__rank = 569
THEN _sn__score END) AS h569, MAX(CASE WHEN _sn__rank = 591 THEN _sn__score END) AS h591, MAX(CASE WHEN _sn__rank = 614 THEN _sn__score
END) AS h614, MAX(CASE WHEN _sn__rank = 638 THEN _sn__score END) AS h638, MAX(CASE WHEN _sn__rank = 663 THEN _sn__score END) AS h663,
MAX(CASE WHEN _sn__rank = 689 THEN _sn__score END) AS h689, MAX(CASE WHEN _sn__rank = 716 THEN _sn__score END) AS h716, MAX(CASE WHEN
_sn__rank = 744 THEN _sn__score END) AS h744, MAX(CASE WHEN _sn__rank = 773 THEN _sn__score END) AS h773, MAX(CASE WHEN _sn__rank = 803
THEN _sn__score END) AS h803, MAX(CASE WHEN _sn__rank = 835 THEN _sn__score END) AS h835, MAX(CASE WHEN _sn__rank = 868 THEN _sn__score
END) AS h868, MAX(CASE WHEN _sn__rank = 902 THEN _sn__score END) AS h902, MAX(CASE WHEN _sn__rank = 938 THEN _sn__score END) AS h938,
MAX(CASE WHEN _sn__rank = 975 THEN _sn__score END) AS h975, MAX(CASE WHEN _sn__rank = 1013 THEN _sn__score END) AS h1013, MAX(CASE
WHEN _sn__rank = 1053 THEN _sn__score END) AS h1053, MAX(CASE WHEN _sn__rank = 1095 THEN _sn__score END) AS h1095, MAX(CASE WHEN _sn__rank
= 1138 THEN _sn__score END) AS h1138, MAX(CASE WHEN _sn__rank = 1183 THEN _sn__score END) AS h1183, MAX(CASE WHEN _sn__rank = 1230 THEN
_sn__score END) AS h1230, MAX(CASE WHEN _sn__rank = 1279 THEN _sn__score END) AS h1279, MAX(CASE WHEN _sn__rank = 1330 THEN _sn__score
END) AS h1330, MAX(CASE WHEN _sn__rank = 1383 THEN _sn__score END) AS h1383, MAX(CASE WHEN _sn__rank = 1438 THEN _sn__score END) AS
h1438, MAX(CASE WHEN _sn__rank = 1495 THEN _sn__score END) AS h1495, MAX(CASE WHEN _sn__rank = 1554 THEN _sn__score END) AS h1554, MAX(CASE
WHEN _sn__rank = 1616 THEN _sn__score END) AS h1616, MAX(CASE WHEN _sn__rank = 1680 THEN _sn__score END) AS h1680, MAX(CASE WHEN _sn__rank
= 1747 THEN _sn__score END) AS h1747, MAX(CASE WHEN _sn__rank = 1816 THEN _sn__score END) AS h1816, MAX(CASE WHEN _sn__rank = 1888 THEN
_sn__score END) AS h1888, MAX(CASE WHEN _sn__rank = 1963 THEN _sn__score END) AS h1963
FROM ranked
WHERE _sn__held = 1
GROUP BY _sn__key1) SELECT *
FROM ranks
{%- endmacro -%}

{%- macro postgres__stored_selftest(s) -%}
{%- if s.features | length == 1 -%}
WITH scored AS (SELECT every.*
FROM {{ s.scored }} AS every
INNER JOIN(SELECT _sn__key1
FROM {{ s.model }} ORDER BY _sn__key1 LIMIT 16) AS few ON ARRAY[few._sn__key1] = ARRAY[every._sn__key1]), known AS (SELECT *
FROM scored
WHERE NOT _sn__score IS NULL), places AS (SELECT *, ROW_NUMBER() OVER (ORDER BY _sn__score, _sn_x1, CASE WHEN NOT _sn__key1 IS NULL
THEN 1 ELSE 0 END) AS _sn__order, COUNT(1) OVER () AS _sn__all
FROM known OFFSET 0), chosen AS (SELECT *
FROM places
WHERE FLOOR(CAST((CAST(_sn__order AS DOUBLE PRECISION) * CAST(16.0e0 AS DOUBLE PRECISION)) AS DOUBLE PRECISION) / NULLIF(_sn__all,
0.0e0)) > FLOOR(CAST((CAST(_sn__order - 1 AS DOUBLE PRECISION) * CAST(16.0e0 AS DOUBLE PRECISION)) AS DOUBLE PRECISION) / NULLIF(_sn__all,
0.0e0))) SELECT _sn__given0, _sn_x1__given, _sn__score AS _sn__score, _sn__order
FROM chosen
{%- else -%}
WITH scored AS (SELECT every.*
FROM {{ s.scored }} AS every
INNER JOIN(SELECT _sn__key1
FROM {{ s.model }} ORDER BY _sn__key1 LIMIT 16) AS few ON ARRAY[few._sn__key1] = ARRAY[every._sn__key1]), known AS (SELECT *
FROM scored
WHERE NOT _sn__score IS NULL), places AS (SELECT *, ROW_NUMBER() OVER (ORDER BY _sn__score,
{%- for f in s.features %} _sn_x{{ loop.index }},{% endfor %}
CASE WHEN NOT _sn__key1 IS NULL THEN 1 ELSE 0 END) AS _sn__order, COUNT(1) OVER () AS _sn__all
FROM known OFFSET 0), chosen AS (SELECT *
FROM places
WHERE FLOOR(CAST((CAST(_sn__order AS DOUBLE PRECISION) * CAST(16.0e0 AS DOUBLE PRECISION)) AS DOUBLE PRECISION) / NULLIF(_sn__all,
0.0e0)) > FLOOR(CAST((CAST(_sn__order - 1 AS DOUBLE PRECISION) * CAST(16.0e0 AS DOUBLE PRECISION)) AS DOUBLE PRECISION) / NULLIF(_sn__all,
0.0e0))) SELECT _sn__given0,
{%- for f in s.features %} _sn_x{{ loop.index }}__given,{% endfor %}
_sn__score AS _sn__score, _sn__order
FROM chosen
{%- endif -%}
{%- endmacro -%}

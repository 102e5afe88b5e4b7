{#- sqlnomaly 0.1.0: spark/stored/steps, generated; do not edit. -#}
{%- macro spark__stored_rows(s) -%}
{%- if s.features | length == 1 -%}
SELECT _sn_x1, _sn__key1, _sn__given0, _sn_x1__given, CASE WHEN place <= FLOOR(CAST(complete_rows AS DOUBLE) * {{ sqlnomaly.real(s.calibration) }})
AND place <= 2000 THEN 0 ELSE 1 END AS _sn__fitted, CASE WHEN place <= FLOOR(CAST(complete_rows AS DOUBLE) * {{ sqlnomaly.real(s.calibration) }})
AND place <= 2000 THEN 1 ELSE 0 END AS _sn__held, sample_key AS _sn__fold
FROM (SELECT _sn_x1, _sn__key1, _sn__given0, _sn_x1__given, sample_key, ROW_NUMBER() OVER (PARTITION BY _sn__key1 ORDER BY lacks, sample_key)
AS place, SUM(1 - lacks) OVER (PARTITION BY _sn__key1) AS complete_rows
FROM (SELECT _sn_x1, _sn__key1, _sn__given0, _sn_x1__given, CASE WHEN NOT _sn_x1 IS NULL THEN 0 ELSE 1 END AS lacks, MD5('0|' || CAST(CAST(copy_number
AS BIGINT) AS STRING) || '|' || CASE WHEN digits_x1 IS NULL THEN 'n' ELSE CAST(CAST(digits_x1 AS BIGINT) AS STRING) || ':' || CAST(CAST(exponent_x1
AS BIGINT) AS STRING) END) AS sample_key
FROM (SELECT _sn_x1, _sn__key1, _sn__given0, _sn_x1__given, guess_x1, fraction_x1, digits_x1, exponent_x1, ROW_NUMBER() OVER (PARTITION
BY _sn__key1, digits_x1, exponent_x1 ORDER BY _sn_x1) AS copy_number
FROM (SELECT _sn_x1, _sn__key1, _sn__given0, _sn_x1__given, guess_x1, fraction_x1, CAST(CASE WHEN _sn_x1 = 0.0e0 THEN 0.0e0 ELSE SIGN(_sn_x1)
* FLOOR(fraction_x1 * CASE WHEN fraction_x1 < 1.0e0 THEN 2199023255552.0e0 ELSE 1099511627776.0e0 END) END AS BIGINT) AS digits_x1, CAST(CASE
WHEN _sn_x1 = 0.0e0 THEN 0.0e0 WHEN fraction_x1 < 1.0e0 THEN guess_x1 - 1.0e0 ELSE guess_x1 END AS BIGINT) AS exponent_x1
FROM (SELECT _sn_x1, _sn__key1, _sn__given0, _sn_x1__given, guess_x1, (ABS(_sn_x1) * POWER(2.0e0, - FLOOR(guess_x1 * 0.5e0)))
* POWER(2.0e0, FLOOR(guess_x1 * 0.5e0) - guess_x1) AS fraction_x1
FROM (SELECT _sn_x1, _sn__key1, _sn__given0, _sn_x1__given, FLOOR((LN(CASE WHEN ABS(_sn_x1) > 0.0e0 THEN ABS(_sn_x1) END) *
1.4426950408889634e0) + 0.5e0) AS guess_x1
FROM (SELECT CASE WHEN ABS({{ s.features[0].value }}) <= 1e+150 THEN {{ s.features[0].value }} END AS _sn_x1, {{ s.key }} AS _sn__key1,
{{ s.key }} AS _sn__given0, {{ s.features[0].value }} AS _sn_x1__given
FROM (SELECT {{ s.key }}, {{ s.features[0].value }}
FROM {{ s.relation }}) AS training) AS source) AS stage_1) AS stage_2) AS stage_3) AS stage_4) AS stage_5) AS stage_6
{%- else -%}
SELECT
{%- for f in s.features %} _sn_x{{ loop.index }},{% endfor %}
_sn__key1, _sn__given0,
{%- for f in s.features %} _sn_x{{ loop.index }}__given,{% endfor %}
CASE WHEN place <= FLOOR(CAST(complete_rows AS DOUBLE) * {{ sqlnomaly.real(s.calibration) }}) AND place <= 2000 THEN 0 ELSE 1 END AS _sn__fitted,
CASE WHEN place <= FLOOR(CAST(complete_rows AS DOUBLE) * {{ sqlnomaly.real(s.calibration) }}) AND place <= 2000 THEN 1 ELSE 0 END AS _sn__held,
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
THEN 0 ELSE 1 END AS lacks, MD5('0|' || CAST(CAST(copy_number AS BIGINT) AS STRING)
{%- for f in s.features %} || '|' || CASE WHEN digits_x{{ loop.index }} IS NULL THEN 'n' ELSE CAST(CAST(digits_x{{ loop.index }} AS BIGINT) AS STRING) || ':' || CAST(CAST(exponent_x{{ loop.index }} AS BIGINT) AS STRING) END{% endfor %}
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
{%- for f in s.features %} _sn_x{{ loop.index }} = 0.0e0 THEN 0.0e0 ELSE SIGN(_sn_x{{ loop.index }}) * FLOOR(fraction_x{{ loop.index }} * CASE WHEN fraction_x{{ loop.index }} < 1.0e0 THEN 2199023255552.0e0 ELSE 1099511627776.0e0 END) END AS BIGINT) AS digits_x{{ loop.index }}, CAST(CASE WHEN{% endfor %}
{%- for f in s.features %} _sn_x{{ loop.index }} = 0.0e0 THEN 0.0e0 WHEN fraction_x{{ loop.index }} < 1.0e0 THEN guess_x{{ loop.index }} - 1.0e0 ELSE guess_x{{ loop.index }} END AS BIGINT) AS exponent_x{{ loop.index }}{{ " , CAST(CASE WHEN " if not loop.last }}{% endfor %}
FROM (SELECT
{%- for f in s.features %} _sn_x{{ loop.index }},{% endfor %}
_sn__key1, _sn__given0,
{%- for f in s.features %} _sn_x{{ loop.index }}__given,{% endfor %}
{%- for f in s.features %} guess_x{{ loop.index }},{% endfor %}
{%- for f in s.features %} (ABS(_sn_x{{ loop.index }}) * POWER(2.0e0, - FLOOR(guess_x{{ loop.index }} * 0.5e0))) * POWER(2.0e0, FLOOR(guess_x{{ loop.index }} * 0.5e0) - guess_x{{ loop.index }}) AS fraction_x{{ loop.index }}{{ ", " if not loop.last }}{% endfor %}
FROM (SELECT
{%- for f in s.features %} _sn_x{{ loop.index }},{% endfor %}
_sn__key1, _sn__given0,
{%- for f in s.features %} _sn_x{{ loop.index }}__given,{% endfor %}
{%- for f in s.features %} FLOOR((LN(CASE WHEN ABS(_sn_x{{ loop.index }}) > 0.0e0 THEN ABS(_sn_x{{ loop.index }}) END) * 1.4426950408889634e0) + 0.5e0) AS guess_x{{ loop.index }}{{ ", " if not loop.last }}{% endfor %}
FROM (SELECT
{%- for f in s.features %} CASE WHEN ABS({{ f.value }}) <= 1e+150 THEN {{ f.value }} END AS _sn_x{{ loop.index }},{% endfor %}
{{ s.key }} AS _sn__key1, {{ s.key }} AS _sn__given0
{%- for f in s.features %} , {{ f.value }} AS _sn_x{{ loop.index }}__given{% endfor %}
FROM (SELECT {{ s.key }}
{%- for f in s.features %} , {{ f.value }}{% endfor %}
FROM {{ s.relation }}) AS training) AS source) AS stage_1) AS stage_2) AS stage_3) AS stage_4) AS stage_5) AS stage_6
{%- endif -%}
{%- endmacro -%}

{%- macro spark__stored_calibration(s) -%}
{%- set often -%}
PERCENTILE(_sn__score, ARRAY(0.0e0, 0.01e0, 0.02e0, 0.03e0, 0.04e0, 0.05e0, 0.06e0, 0.07e0, 0.08e0, 0.09e0, 0.1e0, 0.11e0, 0.12e0,
0.13e0, 0.14e0, 0.15e0, 0.16e0, 0.17e0, 0.18e0, 0.19e0, 0.2e0, 0.21e0, 0.22e0, 0.23e0, 0.24e0, 0.25e0, 0.26e0, 0.27e0, 0.28e0,
0.29e0, 0.3e0, 0.31e0, 0.32e0, 0.33e0, 0.34e0, 0.35e0, 0.36e0, 0.37e0, 0.38e0, 0.39e0, 0.4e0, 0.41e0, 0.42e0, 0.43e0, 0.44e0,
0.45e0, 0.46e0, 0.47e0, 0.48e0, 0.49e0, 0.5e0, 0.51e0, 0.52e0, 0.53e0, 0.54e0, 0.55e0, 0.56e0, 0.57e0, 0.58e0, 0.59e0, 0.6e0,
0.61e0, 0.62e0, 0.63e0, 0.64e0, 0.65e0, 0.66e0, 0.67e0, 0.68e0, 0.69e0, 0.7e0, 0.71e0, 0.72e0, 0.73e0, 0.74e0, 0.75e0, 0.76e0,
0.77e0, 0.78e0, 0.79e0, 0.8e0, 0.81e0, 0.82e0, 0.83e0, 0.84e0, 0.85e0, 0.86e0, 0.87e0, 0.88e0, 0.89e0, 0.9e0, 0.91e0, 0.92e0,
0.93e0, 0.94e0, 0.95e0, 0.96e0, 0.97e0, 0.98e0, 0.99e0, 1.0e0, {{ sqlnomaly.real(1 - s.contamination) }}))
{%- endset -%}
WITH calibration AS (SELECT _sn__key1, COUNT(_sn__score) AS n, TRY_ELEMENT_AT({{ often }}, 1) AS q0, TRY_ELEMENT_AT({{ often }},
2) AS q1, TRY_ELEMENT_AT({{ often }}, 3) AS q2, TRY_ELEMENT_AT({{ often }}, 4) AS q3, TRY_ELEMENT_AT({{ often }}, 5) AS q4,
TRY_ELEMENT_AT({{ often }}, 6) AS q5, TRY_ELEMENT_AT({{ often }}, 7) AS q6, TRY_ELEMENT_AT({{ often }}, 8) AS q7, TRY_ELEMENT_AT({{ often }},
9) AS q8, TRY_ELEMENT_AT({{ often }}, 10) AS q9, TRY_ELEMENT_AT({{ often }}, 11) AS q10, TRY_ELEMENT_AT({{ often }}, 12) AS q11,
TRY_ELEMENT_AT({{ often }}, 13) AS q12, TRY_ELEMENT_AT({{ often }}, 14) AS q13, TRY_ELEMENT_AT({{ often }}, 15) AS q14, TRY_ELEMENT_AT({{ often }},
16) AS q15, TRY_ELEMENT_AT({{ often }}, 17) AS q16, TRY_ELEMENT_AT({{ often }}, 18) AS q17, TRY_ELEMENT_AT({{ often }}, 19) AS
q18, TRY_ELEMENT_AT({{ often }}, 20) AS q19, TRY_ELEMENT_AT({{ often }}, 21) AS q20, TRY_ELEMENT_AT({{ often }}, 22) AS q21,
TRY_ELEMENT_AT({{ often }}, 23) AS q22, TRY_ELEMENT_AT({{ often }}, 24) AS q23, TRY_ELEMENT_AT({{ often }}, 25) AS q24, TRY_ELEMENT_AT({{ often }},
26) AS q25, TRY_ELEMENT_AT({{ often }}, 27) AS q26, TRY_ELEMENT_AT({{ often }}, 28) AS q27, TRY_ELEMENT_AT({{ often }}, 29) AS
q28, TRY_ELEMENT_AT({{ often }}, 30) AS q29, TRY_ELEMENT_AT({{ often }}, 31) AS q30, TRY_ELEMENT_AT({{ often }}, 32) AS q31,
TRY_ELEMENT_AT({{ often }}, 33) AS q32, TRY_ELEMENT_AT({{ often }}, 34) AS q33, TRY_ELEMENT_AT({{ often }}, 35) AS q34, TRY_ELEMENT_AT({{ often }},
36) AS q35, TRY_ELEMENT_AT({{ often }}, 37) AS q36, TRY_ELEMENT_AT({{ often }}, 38) AS q37, TRY_ELEMENT_AT({{ often }}, 39) AS
q38, TRY_ELEMENT_AT({{ often }}, 40) AS q39, TRY_ELEMENT_AT({{ often }}, 41) AS q40, TRY_ELEMENT_AT({{ often }}, 42) AS q41,
TRY_ELEMENT_AT({{ often }}, 43) AS q42, TRY_ELEMENT_AT({{ often }}, 44) AS q43, TRY_ELEMENT_AT({{ often }}, 45) AS q44, TRY_ELEMENT_AT({{ often }},
46) AS q45, TRY_ELEMENT_AT({{ often }}, 47) AS q46, TRY_ELEMENT_AT({{ often }}, 48) AS q47, TRY_ELEMENT_AT({{ often }}, 49) AS
q48, TRY_ELEMENT_AT({{ often }}, 50) AS q49, TRY_ELEMENT_AT({{ often }}, 51) AS q50, TRY_ELEMENT_AT({{ often }}, 52) AS q51,
TRY_ELEMENT_AT({{ often }}, 53) AS q52, TRY_ELEMENT_AT({{ often }}, 54) AS q53, TRY_ELEMENT_AT({{ often }}, 55) AS q54, TRY_ELEMENT_AT({{ often }},
56) AS q55, TRY_ELEMENT_AT({{ often }}, 57) AS q56, TRY_ELEMENT_AT({{ often }}, 58) AS q57, TRY_ELEMENT_AT({{ often }}, 59) AS
q58, TRY_ELEMENT_AT({{ often }}, 60) AS q59, TRY_ELEMENT_AT({{ often }}, 61) AS q60, TRY_ELEMENT_AT({{ often }}, 62) AS q61,
TRY_ELEMENT_AT({{ often }}, 63) AS q62, TRY_ELEMENT_AT({{ often }}, 64) AS q63, TRY_ELEMENT_AT({{ often }}, 65) AS q64, TRY_ELEMENT_AT({{ often }},
66) AS q65, TRY_ELEMENT_AT({{ often }}, 67) AS q66, TRY_ELEMENT_AT({{ often }}, 68) AS q67, TRY_ELEMENT_AT({{ often }}, 69) AS
q68, TRY_ELEMENT_AT({{ often }}, 70) AS q69, TRY_ELEMENT_AT({{ often }}, 71) AS q70, TRY_ELEMENT_AT({{ often }}, 72) AS q71,
TRY_ELEMENT_AT({{ often }}, 73) AS q72, TRY_ELEMENT_AT({{ often }}, 74) AS q73, TRY_ELEMENT_AT({{ often }}, 75) AS q74, TRY_ELEMENT_AT({{ often }},
76) AS q75, TRY_ELEMENT_AT({{ often }}, 77) AS q76, TRY_ELEMENT_AT({{ often }}, 78) AS q77, TRY_ELEMENT_AT({{ often }}, 79) AS
q78, TRY_ELEMENT_AT({{ often }}, 80) AS q79, TRY_ELEMENT_AT({{ often }}, 81) AS q80, TRY_ELEMENT_AT({{ often }}, 82) AS q81,
TRY_ELEMENT_AT({{ often }}, 83) AS q82, TRY_ELEMENT_AT({{ often }}, 84) AS q83, TRY_ELEMENT_AT({{ often }}, 85) AS q84, TRY_ELEMENT_AT({{ often }},
86) AS q85, TRY_ELEMENT_AT({{ often }}, 87) AS q86, TRY_ELEMENT_AT({{ often }}, 88) AS q87, TRY_ELEMENT_AT({{ often }}, 89) AS
q88, TRY_ELEMENT_AT({{ often }}, 90) AS q89, TRY_ELEMENT_AT({{ often }}, 91) AS q90, TRY_ELEMENT_AT({{ often }}, 92) AS q91,
TRY_ELEMENT_AT({{ often }}, 93) AS q92, TRY_ELEMENT_AT({{ often }}, 94) AS q93, TRY_ELEMENT_AT({{ often }}, 95) AS q94, TRY_ELEMENT_AT({{ often }},
96) AS q95, TRY_ELEMENT_AT({{ often }}, 97) AS q96, TRY_ELEMENT_AT({{ often }}, 98) AS q97, TRY_ELEMENT_AT({{ often }}, 99) AS
q98, TRY_ELEMENT_AT({{ often }}, 100) AS q99, TRY_ELEMENT_AT({{ often }}, 101) AS q100, TRY_ELEMENT_AT({{ often }}, 102) AS threshold
FROM {{ s.scored }}
WHERE _sn__fitted = 1
GROUP BY _sn__key1) SELECT *
FROM calibration
{%- endmacro -%}

{%- macro spark__stored_held(s) -%}
WITH held AS (SELECT *
FROM {{ s.scored }}
WHERE _sn__held = 1 AND NOT _sn__score IS NULL), ranked AS (SELECT *, ROW_NUMBER() OVER (PARTITION BY _sn__key1 ORDER BY _sn__score DESC)
AS _sn__rank
FROM held), ranks AS (SELECT _sn__key1, COUNT(_sn__score) AS held, MAX(CASE WHEN _sn__rank = 1 THEN _sn__score END) AS h1, MAX(CASE
WHEN _sn__rank = 2 THEN _sn__score END) AS h2, MAX(CASE WHEN _sn__rank = 3 THEN _sn__score END) AS h3, MAX(CASE WHEN _sn__rank = 4 THEN
_sn__score END) AS h4, MAX(CASE WHEN _sn__rank = 5 THEN _sn__score END) AS h5, MAX(CASE WHEN _sn__rank = 6 THEN _sn__score END) AS h6,
MAX(CASE WHEN _sn__rank = 7 THEN _sn__score END) AS h7, MAX(CASE WHEN _sn__rank = 8 THEN _sn__score END) AS h8, MAX(CASE WHEN _sn__rank
= 9 THEN _sn__score END) AS h9, MAX(CASE WHEN _sn__rank = 10 THEN _sn__score END) AS h10, MAX(CASE WHEN _sn__rank = 11 THEN _sn__score
END) AS h11, MAX(CASE WHEN _sn__rank = 12 THEN _sn__score END) AS h12, MAX(CASE WHEN _sn__rank = 13 THEN _sn__score END) AS h13, MAX(CASE
WHEN _sn__rank = 14 THEN _sn__score END) AS h14, MAX(CASE WHEN _sn__rank = 15 THEN _sn__score END) AS h15, MAX(CASE WHEN _sn__rank =
16 THEN _sn__score END) AS h16, MAX(CASE WHEN _sn__rank = 17 THEN _sn__score END) AS h17, MAX(CASE WHEN _sn__rank = 18 THEN _sn__score
END) AS h18, MAX(CASE WHEN _sn__rank = 19 THEN _sn__score END) AS h19, MAX(CASE WHEN _sn__rank = 20 THEN _sn__score END) AS h20, MAX(CASE
WHEN _sn__rank = 21 THEN _sn__score END) AS h21, MAX(CASE WHEN _sn__rank = 22 THEN _sn__score END) AS h22, MAX(CASE WHEN _sn__rank =
23 THEN _sn__score END) AS h23, MAX(CASE WHEN _sn__rank = 24 THEN _sn__score END) AS h24, MAX(CASE WHEN _sn__rank = 25 THEN _sn__score
END) AS h25, MAX(CASE WHEN _sn__rank = 26 THEN _sn__score END) AS h26, MAX(CASE WHEN _sn__rank = 27 THEN _sn__score END) AS h27, MAX(CASE
WHEN _sn__rank = 28 THEN _sn__score END) AS h28, MAX(CASE WHEN _sn__rank = 29 THEN _sn__score END) AS h29, MAX(CASE WHEN _sn__rank =
30 THEN _sn__score END) AS h30, MAX(CASE WHEN _sn__rank = 31 THEN _sn__score END) AS h31, MAX(CASE WHEN _sn__rank = 32 THEN _sn__score
END) AS h32, MAX(CASE WHEN _sn__rank = 33 THEN _sn__score END) AS h33, MAX(CASE WHEN _sn__rank = 34 THEN _sn__score END) AS h34, MAX(CASE
WHEN _sn__rank = 35 THEN _sn__score END) AS h35, MAX(CASE WHEN _sn__rank = 36 THEN _sn__score END) AS h36, MAX(CASE WHEN _sn__rank =
37 THEN _sn__score END) AS h37, MAX(CASE WHEN _sn__rank = 38 THEN _sn__score END) AS h38, MAX(CASE WHEN _sn__rank = 39 THEN _sn__score
END) AS h39, MAX(CASE WHEN _sn__rank = 40 THEN _sn__score END) AS h40, MAX(CASE WHEN _sn__rank = 41 THEN _sn__score END) AS h41, MAX(CASE
WHEN _sn__rank = 42 THEN _sn__score END) AS h42, MAX(CASE WHEN _sn__rank = 43 THEN _sn__score END) AS h43, MAX(CASE WHEN _sn__rank =
44 THEN _sn__score END) AS h44, MAX(CASE WHEN _sn__rank = 45 THEN _sn__score END) AS h45, MAX(CASE WHEN _sn__rank = 46 THEN _sn__score
END) AS h46, MAX(CASE WHEN _sn__rank = 47 THEN _sn__score END) AS h47, MAX(CASE WHEN _sn__rank = 48 THEN _sn__score END) AS h48, MAX(CASE
WHEN _sn__rank = 49 THEN _sn__score END) AS h49, MAX(CASE WHEN _sn__rank = 50 THEN _sn__score END) AS h50, MAX(CASE WHEN _sn__rank =
51 THEN _sn__score END) AS h51, MAX(CASE WHEN _sn__rank = 53 THEN _sn__score END) AS h53, MAX(CASE WHEN _sn__rank = 55 THEN _sn__score
END) AS h55, MAX(CASE WHEN _sn__rank = 57 THEN _sn__score END) AS h57, MAX(CASE WHEN _sn__rank = 59 THEN _sn__score END) AS h59, MAX(CASE
WHEN _sn__rank = 61 THEN _sn__score END) AS h61, MAX(CASE WHEN _sn__rank = 63 THEN _sn__score END) AS h63, MAX(CASE WHEN _sn__rank =
65 THEN _sn__score END) AS h65, MAX(CASE WHEN _sn__rank = 67 THEN _sn__score END) AS h67, MAX(CASE WHEN _sn__rank = 69 THEN _sn__score
END) AS h69, MAX(CASE WHEN _sn__rank = 71 THEN _sn__score END) AS h71, MAX(CASE WHEN _sn__rank = 73 THEN _sn__score END) AS h73, MAX(CASE
WHEN _sn__rank = 75 THEN _sn__score END) AS h75, MAX(CASE WHEN _sn__rank = 77 THEN _sn__score END) AS h77, MAX(CASE WHEN _sn__rank =
80 THEN _sn__score END) AS h80, MAX(CASE WHEN _sn__rank = 83 THEN _sn__score END) AS h83, MAX(CASE WHEN _sn__rank = 86 THEN _sn__score
END) AS h86, MAX(CASE WHEN _sn__rank = 89 THEN _sn__score END) AS h89, MAX(CASE WHEN _sn__rank = 92 THEN _sn__score END) AS h92, MAX(CASE
WHEN _sn__rank = 95 THEN _sn__score END) AS h95, MAX(CASE WHEN _sn__rank = 98 THEN _sn__score END) AS h98, MAX(CASE WHEN _sn__rank =
101 THEN _sn__score END) AS h101, MAX(CASE WHEN _sn__rank = 105 THEN _sn__score END) AS h105, MAX(CASE WHEN _sn__rank = 109 THEN _sn__score
END) AS h109, MAX(CASE WHEN _sn__rank = 113 THEN _sn__score END) AS h113, MAX(CASE WHEN _sn__rank = 117 THEN _sn__score END) AS h117,
MAX(CASE WHEN _sn__rank = 121 THEN _sn__score END) AS h121, MAX(CASE WHEN _sn__rank = 125 THEN _sn__score END) AS h125, MAX(CASE WHEN
_sn__rank = 129 THEN _sn__score END) AS h129, MAX(CASE WHEN _sn__rank = 134 THEN _sn__score END) AS h134, MAX(CASE WHEN _sn__rank = 139
THEN _sn__score END) AS h139, MAX(CASE WHEN _sn__rank = 144 THEN _sn__score END) AS h144, MAX(CASE WHEN _sn__rank = 149 THEN _sn__score
END) AS h149, MAX(CASE WHEN _sn__rank = 154 THEN _sn__score END) AS h154, MAX(CASE WHEN _sn__rank = 160 THEN _sn__score END) AS h160,
MAX(CASE WHEN _sn__rank = 166 THEN _sn__score END) AS h166, MAX(CASE WHEN _sn__rank = 172 THEN _sn__score END) AS h172, MAX(CASE WHEN
_sn__rank = 178 THEN _sn__score END) AS h178, MAX(CASE WHEN _sn__rank = 185 THEN _sn__score END) AS h185, MAX(CASE WHEN _sn__rank = 192
THEN _sn__score END) AS h192, MAX(CASE WHEN _sn__rank = 199 THEN _sn__score END) AS h199, MAX(CASE WHEN _sn__rank = 206 THEN _sn__score
END) AS h206, MAX(CASE WHEN _sn__rank = 214 THEN _sn__score END) AS h214, MAX(CASE WHEN _sn__rank = 222 THEN _sn__score END) AS h222,
MAX(CASE WHEN _sn__rank = 230 THEN _sn__score END) AS h230, MAX(CASE WHEN _sn__rank = 239 THEN _sn__score END) AS h239, MAX(CASE WHEN
_sn__rank = 248 THEN _sn__score END) AS h248, MAX(CASE WHEN _sn__rank = 257 THEN _sn__score END) AS h257, MAX(CASE WHEN _sn__rank = 267
THEN _sn__score END) AS h267, MAX(CASE WHEN _sn__rank = 277 THEN _sn__score END) AS h277, MAX(CASE WHEN _sn__rank = 288 THEN _sn__score
END) AS h288, MAX(CASE WHEN _sn__rank = 299 THEN _sn__score END) AS h299, MAX(CASE WHEN _sn__rank = 310 THEN _sn__score END) AS h310,
MAX(CASE WHEN _sn__rank = 322 THEN _sn__score END) AS h322, MAX(CASE WHEN _sn__rank = 334 THEN _sn__score END) AS h334, MAX(CASE WHEN
_sn__rank = 347 THEN _sn__score END) AS h347, MAX(CASE WHEN _sn__rank = 360 THEN _sn__score END) AS h360, MAX(CASE WHEN _sn__rank = 374
THEN _sn__score END) AS h374, MAX(CASE WHEN _sn__rank = 388 THEN _sn__score END) AS h388, MAX(CASE WHEN _sn__rank = 403 THEN _sn__score
END) AS h403, MAX(CASE WHEN _sn__rank = 419 THEN _sn__score END) AS h419, MAX(CASE WHEN _sn__rank = 435 THEN _sn__score END) AS h435,
MAX(CASE WHEN _sn__rank = 452 THEN _sn__score END) AS h452, MAX(CASE WHEN _sn__rank = 470 THEN _sn__score END) AS h470, MAX(CASE WHEN
_sn__rank = 488 THEN _sn__score END) AS h488, MAX(CASE WHEN _sn__rank = 507 THEN _sn__score END) AS h507, MAX(CASE WHEN _sn__rank = 527
THEN _sn__score END) AS h527, MAX(CASE WHEN _sn__rank = 548 THEN _sn__score END) AS h548, MAX(CASE WHEN _sn__rank = 569 THEN _sn__score
END) AS h569, MAX(CASE WHEN _sn__rank = 591 THEN _sn__score END) AS h591, MAX(CASE WHEN _sn__rank = 614 THEN _sn__score END) AS h614,
MAX(CASE WHEN _sn__rank = 638 THEN _sn__score END) AS h638, MAX(CASE WHEN _sn__rank = 663 THEN _sn__score END) AS h663, MAX(CASE WHEN
_sn__rank = 689 THEN _sn__score END) AS h689, MAX(CASE WHEN _sn__rank = 716 THEN _sn__score END) AS h716, MAX(CASE WHEN _sn__rank = 744
THEN _sn__score END) AS h744, MAX(CASE WHEN _sn__rank = 773 THEN _sn__score END) AS h773, MAX(CASE WHEN _sn__rank = 803 THEN _sn__score
END) AS h803, MAX(CASE WHEN _sn__rank = 835 THEN _sn__score END) AS h835, MAX(CASE WHEN _sn__rank = 868 THEN _sn__score END) AS h868,
MAX(CASE WHEN _sn__rank = 902 THEN _sn__score END) AS h902, MAX(CASE WHEN _sn__rank = 938 THEN _sn__score END) AS h938, MAX(CASE WHEN
_sn__rank = 975 THEN _sn__score END) AS h975, MAX(CASE WHEN _sn__rank = 1013 THEN _sn__score END) AS h1013, MAX(CASE WHEN _sn__rank =
1053 THEN _sn__score END) AS h1053, MAX(CASE WHEN _sn__rank = 1095 THEN _sn__score END) AS h1095, MAX(CASE WHEN _sn__rank = 1138 THEN
_sn__score END) AS h1138, MAX(CASE WHEN _sn__rank = 1183 THEN _sn__score END) AS h1183, MAX(CASE WHEN _sn__rank = 1230 THEN _sn__score
END) AS h1230, MAX(CASE WHEN _sn__rank = 1279 THEN _sn__score END) AS h1279, MAX(CASE WHEN _sn__rank = 1330 THEN _sn__score END) AS
h1330, MAX(CASE WHEN _sn__rank = 1383 THEN _sn__score END) AS h1383, MAX(CASE WHEN _sn__rank = 1438 THEN _sn__score END) AS h1438, MAX(CASE
WHEN _sn__rank = 1495 THEN _sn__score END) AS h1495, MAX(CASE WHEN _sn__rank = 1554 THEN _sn__score END) AS h1554, MAX(CASE WHEN _sn__rank
= 1616 THEN _sn__score END) AS h1616, MAX(CASE WHEN _sn__rank = 1680 THEN _sn__score END) AS h1680, MAX(CASE WHEN _sn__rank = 1747 THEN
_sn__score END) AS h1747, MAX(CASE WHEN _sn__rank = 1816 THEN _sn__score END) AS h1816, MAX(CASE WHEN _sn__rank = 1888 THEN _sn__score
END) AS h1888, MAX(CASE WHEN _sn__rank = 1963 THEN _sn__score END) AS h1963
FROM ranked
WHERE _sn__held = 1
GROUP BY _sn__key1) SELECT *
FROM ranks
{%- endmacro -%}

{%- macro spark__stored_selftest(s) -%}
{%- if s.features | length == 1 -%}
WITH scored AS (SELECT every.*
FROM {{ s.scored }} AS every
INNER JOIN(SELECT _sn__key1
FROM {{ s.model }} ORDER BY _sn__key1 LIMIT 16) AS few ON few._sn__key1 IS NOT DISTINCT FROM every._sn__key1), known AS (SELECT *
FROM scored
WHERE NOT _sn__score IS NULL), places AS (SELECT *, ROW_NUMBER() OVER (ORDER BY _sn__score, _sn_x1, CASE WHEN NOT _sn__key1 IS NULL
THEN 1 ELSE 0 END) AS _sn__order, COUNT(1) OVER () AS _sn__all
FROM known), chosen AS (SELECT *
FROM places
WHERE FLOOR((CAST(_sn__order AS DOUBLE) * 16.0e0) / NULLIF(_sn__all, 0.0e0)) > FLOOR((CAST(_sn__order - 1 AS DOUBLE) * 16.0e0)
/ NULLIF(_sn__all, 0.0e0))) SELECT _sn__given0, _sn_x1__given, _sn__score AS _sn__score, _sn__order
FROM chosen
{%- else -%}
WITH scored AS (SELECT every.*
FROM {{ s.scored }} AS every
INNER JOIN(SELECT _sn__key1
FROM {{ s.model }} ORDER BY _sn__key1 LIMIT 16) AS few ON few._sn__key1 IS NOT DISTINCT FROM every._sn__key1), known AS (SELECT *
FROM scored
WHERE NOT _sn__score IS NULL), places AS (SELECT *, ROW_NUMBER() OVER (ORDER BY _sn__score,
{%- for f in s.features %} _sn_x{{ loop.index }},{% endfor %}
CASE WHEN NOT _sn__key1 IS NULL THEN 1 ELSE 0 END) AS _sn__order, COUNT(1) OVER () AS _sn__all
FROM known), chosen AS (SELECT *
FROM places
WHERE FLOOR((CAST(_sn__order AS DOUBLE) * 16.0e0) / NULLIF(_sn__all, 0.0e0)) > FLOOR((CAST(_sn__order - 1 AS DOUBLE) * 16.0e0)
/ NULLIF(_sn__all, 0.0e0))) SELECT _sn__given0,
{%- for f in s.features %} _sn_x{{ loop.index }}__given,{% endfor %}
_sn__score AS _sn__score, _sn__order
FROM chosen
{%- endif -%}
{%- endmacro -%}

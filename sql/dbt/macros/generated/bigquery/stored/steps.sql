{#- sqlnomaly 0.1.0: bigquery/stored/steps, generated; do not edit. -#}
{%- macro bigquery__stored_rows(s) -%}
{%- if s.features | length == 1 -%}
SELECT _sn_x1, _sn__key1, _sn__given0, _sn_x1__given, CASE WHEN place <= FLOOR(CAST(complete_rows AS FLOAT64) * {{ sqlnomaly.real(s.calibration) }})
AND place <= 2000 THEN 0 ELSE 1 END AS _sn__fitted, CASE WHEN place <= FLOOR(CAST(complete_rows AS FLOAT64) * {{ sqlnomaly.real(s.calibration) }})
AND place <= 2000 THEN 1 ELSE 0 END AS _sn__held, sample_key AS _sn__fold
FROM (SELECT _sn_x1, _sn__key1, _sn__given0, _sn_x1__given, sample_key, ROW_NUMBER() OVER (PARTITION BY _sn__key1 ORDER BY lacks, sample_key)
AS place, SUM(1 - lacks) OVER (PARTITION BY _sn__key1) AS complete_rows
FROM (SELECT _sn_x1, _sn__key1, _sn__given0, _sn_x1__given, CASE WHEN NOT _sn_x1 IS NULL THEN 0 ELSE 1 END AS lacks, TO_HEX(MD5('0|'
|| CAST(CAST(copy_number AS INT64) AS STRING) || '|' || CASE WHEN digits_x1 IS NULL THEN 'n' ELSE CAST(CAST(digits_x1 AS INT64) AS
STRING) || ':' || CAST(CAST(exponent_x1 AS INT64) AS STRING) END)) AS sample_key
FROM (SELECT _sn_x1, _sn__key1, _sn__given0, _sn_x1__given, guess_x1, fraction_x1, digits_x1, exponent_x1, ROW_NUMBER() OVER (PARTITION
BY _sn__key1, digits_x1, exponent_x1 ORDER BY _sn_x1) AS copy_number
FROM (SELECT _sn_x1, _sn__key1, _sn__given0, _sn_x1__given, guess_x1, fraction_x1, CAST(CASE WHEN _sn_x1 = 0.0e0 THEN 0.0e0 ELSE SIGN(_sn_x1)
* FLOOR(fraction_x1 * CASE WHEN fraction_x1 < 1.0e0 THEN 2199023255552.0e0 ELSE 1099511627776.0e0 END) END AS INT64) AS digits_x1, CAST(CASE
WHEN _sn_x1 = 0.0e0 THEN 0.0e0 WHEN fraction_x1 < 1.0e0 THEN guess_x1 - 1.0e0 ELSE guess_x1 END AS INT64) AS exponent_x1
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
CASE WHEN place <= FLOOR(CAST(complete_rows AS FLOAT64) * {{ sqlnomaly.real(s.calibration) }}) AND place <= 2000 THEN 0 ELSE 1 END AS _sn__fitted,
CASE WHEN place <= FLOOR(CAST(complete_rows AS FLOAT64) * {{ sqlnomaly.real(s.calibration) }}) AND place <= 2000 THEN 1 ELSE 0 END AS _sn__held,
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
THEN 0 ELSE 1 END AS lacks, TO_HEX(MD5('0|' || CAST(CAST(copy_number AS INT64) AS STRING)
{%- for f in s.features %} || '|' || CASE WHEN digits_x{{ loop.index }} IS NULL THEN 'n' ELSE CAST(CAST(digits_x{{ loop.index }} AS INT64) AS STRING) || ':' || CAST(CAST(exponent_x{{ loop.index }} AS INT64) AS STRING) END{% endfor %}
)) AS sample_key
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
{%- for f in s.features %} _sn_x{{ loop.index }} = 0.0e0 THEN 0.0e0 ELSE SIGN(_sn_x{{ loop.index }}) * FLOOR(fraction_x{{ loop.index }} * CASE WHEN fraction_x{{ loop.index }} < 1.0e0 THEN 2199023255552.0e0 ELSE 1099511627776.0e0 END) END AS INT64) AS digits_x{{ loop.index }}, CAST(CASE WHEN{% endfor %}
{%- for f in s.features %} _sn_x{{ loop.index }} = 0.0e0 THEN 0.0e0 WHEN fraction_x{{ loop.index }} < 1.0e0 THEN guess_x{{ loop.index }} - 1.0e0 ELSE guess_x{{ loop.index }} END AS INT64) AS exponent_x{{ loop.index }}{{ " , CAST(CASE WHEN " if not loop.last }}{% endfor %}
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

{%- macro bigquery__stored_calibration(s) -%}
WITH calibration_quantiles AS (SELECT *, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.0e0) OVER (PARTITION BY _sn__key1)
AS q0_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.01e0) OVER (PARTITION BY _sn__key1) AS q1_each, PERCENTILE_CONT(CASE
WHEN _sn__fitted = 1 THEN _sn__score END, 0.02e0) OVER (PARTITION BY _sn__key1) AS q2_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1
THEN _sn__score END, 0.03e0) OVER (PARTITION BY _sn__key1) AS q3_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END,
0.04e0) OVER (PARTITION BY _sn__key1) AS q4_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.05e0) OVER (PARTITION
BY _sn__key1) AS q5_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.06e0) OVER (PARTITION BY _sn__key1) AS q6_each,
PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.07e0) OVER (PARTITION BY _sn__key1) AS q7_each, PERCENTILE_CONT(CASE
WHEN _sn__fitted = 1 THEN _sn__score END, 0.08e0) OVER (PARTITION BY _sn__key1) AS q8_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1
THEN _sn__score END, 0.09e0) OVER (PARTITION BY _sn__key1) AS q9_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END,
0.1e0) OVER (PARTITION BY _sn__key1) AS q10_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.11e0) OVER (PARTITION
BY _sn__key1) AS q11_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.12e0) OVER (PARTITION BY _sn__key1) AS q12_each,
PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.13e0) OVER (PARTITION BY _sn__key1) AS q13_each, PERCENTILE_CONT(CASE
WHEN _sn__fitted = 1 THEN _sn__score END, 0.14e0) OVER (PARTITION BY _sn__key1) AS q14_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1
THEN _sn__score END, 0.15e0) OVER (PARTITION BY _sn__key1) AS q15_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END,
0.16e0) OVER (PARTITION BY _sn__key1) AS q16_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.17e0) OVER (PARTITION
BY _sn__key1) AS q17_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.18e0) OVER (PARTITION BY _sn__key1) AS q18_each,
PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.19e0) OVER (PARTITION BY _sn__key1) AS q19_each, PERCENTILE_CONT(CASE
WHEN _sn__fitted = 1 THEN _sn__score END, 0.2e0) OVER (PARTITION BY _sn__key1) AS q20_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1
THEN _sn__score END, 0.21e0) OVER (PARTITION BY _sn__key1) AS q21_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END,
0.22e0) OVER (PARTITION BY _sn__key1) AS q22_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.23e0) OVER (PARTITION
BY _sn__key1) AS q23_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.24e0) OVER (PARTITION BY _sn__key1) AS q24_each,
PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.25e0) OVER (PARTITION BY _sn__key1) AS q25_each, PERCENTILE_CONT(CASE
WHEN _sn__fitted = 1 THEN _sn__score END, 0.26e0) OVER (PARTITION BY _sn__key1) AS q26_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1
THEN _sn__score END, 0.27e0) OVER (PARTITION BY _sn__key1) AS q27_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END,
0.28e0) OVER (PARTITION BY _sn__key1) AS q28_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.29e0) OVER (PARTITION
BY _sn__key1) AS q29_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.3e0) OVER (PARTITION BY _sn__key1) AS q30_each,
PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.31e0) OVER (PARTITION BY _sn__key1) AS q31_each, PERCENTILE_CONT(CASE
WHEN _sn__fitted = 1 THEN _sn__score END, 0.32e0) OVER (PARTITION BY _sn__key1) AS q32_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1
THEN _sn__score END, 0.33e0) OVER (PARTITION BY _sn__key1) AS q33_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END,
0.34e0) OVER (PARTITION BY _sn__key1) AS q34_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.35e0) OVER (PARTITION
BY _sn__key1) AS q35_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.36e0) OVER (PARTITION BY _sn__key1) AS q36_each,
PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.37e0) OVER (PARTITION BY _sn__key1) AS q37_each, PERCENTILE_CONT(CASE
WHEN _sn__fitted = 1 THEN _sn__score END, 0.38e0) OVER (PARTITION BY _sn__key1) AS q38_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1
THEN _sn__score END, 0.39e0) OVER (PARTITION BY _sn__key1) AS q39_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END,
0.4e0) OVER (PARTITION BY _sn__key1) AS q40_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.41e0) OVER (PARTITION
BY _sn__key1) AS q41_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.42e0) OVER (PARTITION BY _sn__key1) AS q42_each,
PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.43e0) OVER (PARTITION BY _sn__key1) AS q43_each, PERCENTILE_CONT(CASE
WHEN _sn__fitted = 1 THEN _sn__score END, 0.44e0) OVER (PARTITION BY _sn__key1) AS q44_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1
THEN _sn__score END, 0.45e0) OVER (PARTITION BY _sn__key1) AS q45_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END,
0.46e0) OVER (PARTITION BY _sn__key1) AS q46_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.47e0) OVER (PARTITION
BY _sn__key1) AS q47_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.48e0) OVER (PARTITION BY _sn__key1) AS q48_each,
PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.49e0) OVER (PARTITION BY _sn__key1) AS q49_each, PERCENTILE_CONT(CASE
WHEN _sn__fitted = 1 THEN _sn__score END, 0.5e0) OVER (PARTITION BY _sn__key1) AS q50_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1
THEN _sn__score END, 0.51e0) OVER (PARTITION BY _sn__key1) AS q51_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END,
0.52e0) OVER (PARTITION BY _sn__key1) AS q52_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.53e0) OVER (PARTITION
BY _sn__key1) AS q53_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.54e0) OVER (PARTITION BY _sn__key1) AS q54_each,
PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.55e0) OVER (PARTITION BY _sn__key1) AS q55_each, PERCENTILE_CONT(CASE
WHEN _sn__fitted = 1 THEN _sn__score END, 0.56e0) OVER (PARTITION BY _sn__key1) AS q56_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1
THEN _sn__score END, 0.57e0) OVER (PARTITION BY _sn__key1) AS q57_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END,
0.58e0) OVER (PARTITION BY _sn__key1) AS q58_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.59e0) OVER (PARTITION
BY _sn__key1) AS q59_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.6e0) OVER (PARTITION BY _sn__key1) AS q60_each,
PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.61e0) OVER (PARTITION BY _sn__key1) AS q61_each, PERCENTILE_CONT(CASE
WHEN _sn__fitted = 1 THEN _sn__score END, 0.62e0) OVER (PARTITION BY _sn__key1) AS q62_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1
THEN _sn__score END, 0.63e0) OVER (PARTITION BY _sn__key1) AS q63_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END,
0.64e0) OVER (PARTITION BY _sn__key1) AS q64_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.65e0) OVER (PARTITION
BY _sn__key1) AS q65_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.66e0) OVER (PARTITION BY _sn__key1) AS q66_each,
PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.67e0) OVER (PARTITION BY _sn__key1) AS q67_each, PERCENTILE_CONT(CASE
WHEN _sn__fitted = 1 THEN _sn__score END, 0.68e0) OVER (PARTITION BY _sn__key1) AS q68_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1
THEN _sn__score END, 0.69e0) OVER (PARTITION BY _sn__key1) AS q69_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END,
0.7e0) OVER (PARTITION BY _sn__key1) AS q70_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.71e0) OVER (PARTITION
BY _sn__key1) AS q71_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.72e0) OVER (PARTITION BY _sn__key1) AS q72_each,
PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.73e0) OVER (PARTITION BY _sn__key1) AS q73_each, PERCENTILE_CONT(CASE
WHEN _sn__fitted = 1 THEN _sn__score END, 0.74e0) OVER (PARTITION BY _sn__key1) AS q74_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1
THEN _sn__score END, 0.75e0) OVER (PARTITION BY _sn__key1) AS q75_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END,
0.76e0) OVER (PARTITION BY _sn__key1) AS q76_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.77e0) OVER (PARTITION
BY _sn__key1) AS q77_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.78e0) OVER (PARTITION BY _sn__key1) AS q78_each,
PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.79e0) OVER (PARTITION BY _sn__key1) AS q79_each, PERCENTILE_CONT(CASE
WHEN _sn__fitted = 1 THEN _sn__score END, 0.8e0) OVER (PARTITION BY _sn__key1) AS q80_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1
THEN _sn__score END, 0.81e0) OVER (PARTITION BY _sn__key1) AS q81_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END,
0.82e0) OVER (PARTITION BY _sn__key1) AS q82_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.83e0) OVER (PARTITION
BY _sn__key1) AS q83_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.84e0) OVER (PARTITION BY _sn__key1) AS q84_each,
PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.85e0) OVER (PARTITION BY _sn__key1) AS q85_each, PERCENTILE_CONT(CASE
WHEN _sn__fitted = 1 THEN _sn__score END, 0.86e0) OVER (PARTITION BY _sn__key1) AS q86_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1
THEN _sn__score END, 0.87e0) OVER (PARTITION BY _sn__key1) AS q87_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END,
0.88e0) OVER (PARTITION BY _sn__key1) AS q88_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.89e0) OVER (PARTITION
BY _sn__key1) AS q89_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.9e0) OVER (PARTITION BY _sn__key1) AS q90_each,
PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.91e0) OVER (PARTITION BY _sn__key1) AS q91_each, PERCENTILE_CONT(CASE
WHEN _sn__fitted = 1 THEN _sn__score END, 0.92e0) OVER (PARTITION BY _sn__key1) AS q92_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1
THEN _sn__score END, 0.93e0) OVER (PARTITION BY _sn__key1) AS q93_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END,
0.94e0) OVER (PARTITION BY _sn__key1) AS q94_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.95e0) OVER (PARTITION
BY _sn__key1) AS q95_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.96e0) OVER (PARTITION BY _sn__key1) AS q96_each,
PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, 0.97e0) OVER (PARTITION BY _sn__key1) AS q97_each, PERCENTILE_CONT(CASE
WHEN _sn__fitted = 1 THEN _sn__score END, 0.98e0) OVER (PARTITION BY _sn__key1) AS q98_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1
THEN _sn__score END, 0.99e0) OVER (PARTITION BY _sn__key1) AS q99_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END,
1.0e0) OVER (PARTITION BY _sn__key1) AS q100_each, PERCENTILE_CONT(CASE WHEN _sn__fitted = 1 THEN _sn__score END, {{ sqlnomaly.real(1 - s.contamination) }})
OVER (PARTITION BY _sn__key1) AS threshold_each
FROM {{ s.scored }}), calibration AS (SELECT _sn__key1, COUNT(_sn__score) AS n, MIN(q0_each) AS q0, MIN(q1_each) AS q1, MIN(q2_each)
AS q2, MIN(q3_each) AS q3, MIN(q4_each) AS q4, MIN(q5_each) AS q5, MIN(q6_each) AS q6, MIN(q7_each) AS q7, MIN(q8_each)
AS q8, MIN(q9_each) AS q9, MIN(q10_each) AS q10, MIN(q11_each) AS q11, MIN(q12_each) AS q12, MIN(q13_each) AS q13, MIN(q14_each)
AS q14, MIN(q15_each) AS q15, MIN(q16_each) AS q16, MIN(q17_each) AS q17, MIN(q18_each) AS q18, MIN(q19_each) AS q19, MIN(q20_each)
AS q20, MIN(q21_each) AS q21, MIN(q22_each) AS q22, MIN(q23_each) AS q23, MIN(q24_each) AS q24, MIN(q25_each) AS q25, MIN(q26_each)
AS q26, MIN(q27_each) AS q27, MIN(q28_each) AS q28, MIN(q29_each) AS q29, MIN(q30_each) AS q30, MIN(q31_each) AS q31, MIN(q32_each)
AS q32, MIN(q33_each) AS q33, MIN(q34_each) AS q34, MIN(q35_each) AS q35, MIN(q36_each) AS q36, MIN(q37_each) AS q37, MIN(q38_each)
AS q38, MIN(q39_each) AS q39, MIN(q40_each) AS q40, MIN(q41_each) AS q41, MIN(q42_each) AS q42, MIN(q43_each) AS q43, MIN(q44_each)
AS q44, MIN(q45_each) AS q45, MIN(q46_each) AS q46, MIN(q47_each) AS q47, MIN(q48_each) AS q48, MIN(q49_each) AS q49, MIN(q50_each)
AS q50, MIN(q51_each) AS q51, MIN(q52_each) AS q52, MIN(q53_each) AS q53, MIN(q54_each) AS q54, MIN(q55_each) AS q55, MIN(q56_each)
AS q56, MIN(q57_each) AS q57, MIN(q58_each) AS q58, MIN(q59_each) AS q59, MIN(q60_each) AS q60, MIN(q61_each) AS q61, MIN(q62_each)
AS q62, MIN(q63_each) AS q63, MIN(q64_each) AS q64, MIN(q65_each) AS q65, MIN(q66_each) AS q66, MIN(q67_each) AS q67, MIN(q68_each)
AS q68, MIN(q69_each) AS q69, MIN(q70_each) AS q70, MIN(q71_each) AS q71, MIN(q72_each) AS q72, MIN(q73_each) AS q73, MIN(q74_each)
AS q74, MIN(q75_each) AS q75, MIN(q76_each) AS q76, MIN(q77_each) AS q77, MIN(q78_each) AS q78, MIN(q79_each) AS q79, MIN(q80_each)
AS q80, MIN(q81_each) AS q81, MIN(q82_each) AS q82, MIN(q83_each) AS q83, MIN(q84_each) AS q84, MIN(q85_each) AS q85, MIN(q86_each)
AS q86, MIN(q87_each) AS q87, MIN(q88_each) AS q88, MIN(q89_each) AS q89, MIN(q90_each) AS q90, MIN(q91_each) AS q91, MIN(q92_each)
AS q92, MIN(q93_each) AS q93, MIN(q94_each) AS q94, MIN(q95_each) AS q95, MIN(q96_each) AS q96, MIN(q97_each) AS q97, MIN(q98_each)
AS q98, MIN(q99_each) AS q99, MIN(q100_each) AS q100, MIN(threshold_each) AS threshold
FROM calibration_quantiles
WHERE _sn__fitted = 1
GROUP BY _sn__key1) SELECT *
FROM calibration
{%- endmacro -%}

{%- macro bigquery__stored_held(s) -%}
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

{%- macro bigquery__stored_selftest(s) -%}
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
WHERE FLOOR((CAST(_sn__order AS FLOAT64) * 16.0e0) / NULLIF(_sn__all, 0.0e0)) > FLOOR((CAST(_sn__order - 1 AS FLOAT64) * 16.0e0)
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
WHERE FLOOR((CAST(_sn__order AS FLOAT64) * 16.0e0) / NULLIF(_sn__all, 0.0e0)) > FLOOR((CAST(_sn__order - 1 AS FLOAT64) * 16.0e0)
/ NULLIF(_sn__all, 0.0e0))) SELECT _sn__given0,
{%- for f in s.features %} _sn_x{{ loop.index }}__given,{% endfor %}
_sn__score AS _sn__score, _sn__order
FROM chosen
{%- endif -%}
{%- endmacro -%}

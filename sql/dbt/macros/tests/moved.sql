{#-
  What moved most: for each odd bucket, the values of the columns of `explain_by` that account for the most of the difference
  from the buckets before it, those that the bucket was judged by.

  Of a metric that adds up (counts, sums) it is the value's part now less the mean of its parts before; of any other metric
  its share of the rows times how far it lies from what all rows had before, now less before, which adds up to the whole
  difference for means and rates. One more scan of the same span of time.
-#}

{#- CTEs after sn_verdicts, the last of which is sn_moved: a text for each odd bucket. -#}
{%- macro moved(relation, metrics, t) -%}
  {%- set double, text = sqlnomaly.type_double(), dbt.type_string() -%}
  {%- set names = [] -%}
  {%- for one in t.explain_by -%}{%- do names.append([sqlnomaly.text_literal(one) | trim]) -%}{%- endfor -%}
  {%- set before = ['sn_before.sn_metric = sn_odd.sn_metric', 'sn_before.sn_dimension = sn_odd.sn_dimension', 'sn_before.sn_bucket < sn_odd.sn_bucket', 'sn_before.sn_learnt'] -%}
  {%- for one in t.slots -%}
    {%- do before.append((sqlnomaly.slot(one, 'sn_before.sn_bucket') | trim) ~ ' = ' ~ (sqlnomaly.slot(one, 'sn_odd.sn_bucket') | trim)) -%}
  {%- endfor -%}
sn_told AS (
  SELECT sn_bucket, sn_dimension, sn_by, sn_of{% for metric in metrics %}, CAST({{ 'COUNT(*)' if metric.kind == 'age' else metric.sql }} AS {{ double }}) AS sn_m{{ loop.index }}{% endfor %}, CAST(COUNT(*) AS {{ double }}) AS sn_rows
  FROM (
    SELECT sn_placed.*, sn_columns.sn_by,
      CASE sn_columns.sn_by {% for one in t.explain_by %} WHEN {{ names[loop.index0][0] }} THEN COALESCE(CAST({{ one }} AS {{ text }}), 'NULL'){% endfor %} END AS sn_of
    FROM (
      {{ sqlnomaly.placed(relation, t, [(t.buckets[0], t.ends)]) }}
    ) AS sn_placed CROSS JOIN ({{ sqlnomaly.constants(['sn_by'], names) }}) AS sn_columns
  ) AS sn_each
  GROUP BY sn_bucket, sn_dimension, sn_by, sn_of
), sn_odd AS (
  SELECT sn_bucket, sn_dimension, sn_metric FROM sn_verdicts WHERE sn_level IS NOT NULL
), sn_compared AS (
  SELECT sn_odd.sn_bucket, sn_odd.sn_dimension, sn_odd.sn_metric, sn_odd.sn_bucket AS sn_at, 1 AS sn_now, 1 AS sn_of_how_many FROM sn_odd
  UNION ALL
  SELECT sn_odd.sn_bucket, sn_odd.sn_dimension, sn_odd.sn_metric, sn_before.sn_bucket, 0, COUNT(*) OVER (PARTITION BY sn_odd.sn_bucket, sn_odd.sn_dimension, sn_odd.sn_metric)
  FROM sn_odd JOIN sn_verdicts AS sn_before ON {{ before | join(' AND ') }}
), sn_parts AS (
  SELECT sn_compared.sn_bucket, sn_compared.sn_dimension, sn_compared.sn_metric, sn_told.sn_by, sn_told.sn_of, sn_compared.sn_now, sn_compared.sn_of_how_many, sn_told.sn_rows,
    CASE sn_compared.sn_metric{% for metric in metrics %} WHEN {{ sqlnomaly.text_literal(metric.key) | trim }} THEN sn_told.sn_m{{ loop.index }}{% endfor %} END AS sn_value,
    CASE sn_compared.sn_metric{% for metric in metrics %} WHEN {{ sqlnomaly.text_literal(metric.key) | trim }} THEN {{ 1 if metric.adds else 0 }}{% endfor %} END AS sn_adds
  FROM sn_compared JOIN sn_told ON sn_told.sn_bucket = sn_compared.sn_at AND sn_told.sn_dimension = sn_compared.sn_dimension
), sn_sums AS (
  SELECT sn_bucket, sn_dimension, sn_metric, sn_by, sn_of, MAX(sn_adds) AS sn_adds,
    {%- for now in [1, 0] %}
    COALESCE(SUM(CASE WHEN sn_now = {{ now }} THEN sn_value / sn_of_how_many END), 0) AS sn_part{{ now }},
    COALESCE(SUM(CASE WHEN sn_now = {{ now }} AND sn_value IS NOT NULL THEN sn_rows END), 0) AS sn_rows{{ now }},
    COALESCE(SUM(CASE WHEN sn_now = {{ now }} THEN sn_value * sn_rows END), 0) AS sn_weighed{{ now }}{{ ',' if now }}
    {%- endfor %}
  FROM sn_parts GROUP BY sn_bucket, sn_dimension, sn_metric, sn_by, sn_of
), sn_whole AS (
  SELECT sn_sums.*, {% for of in ['sn_rows1', 'sn_rows0', 'sn_weighed0'] %}SUM({{ of }}) OVER (PARTITION BY sn_bucket, sn_dimension, sn_metric, sn_by) AS sn_all_{{ of }}{{ ', ' if not loop.last }}{% endfor %}
  FROM sn_sums
), sn_moves AS (
  SELECT sn_bucket, sn_dimension, sn_metric, sn_by, sn_of,
    CASE WHEN sn_adds = 1 THEN sn_part1 - sn_part0
      ELSE COALESCE((sn_weighed1 - sn_rows1 * sn_all_sn_weighed0 / NULLIF(sn_all_sn_rows0, 0)) / NULLIF(sn_all_sn_rows1, 0), 0)
        - COALESCE((sn_weighed0 - sn_rows0 * sn_all_sn_weighed0 / NULLIF(sn_all_sn_rows0, 0)) / NULLIF(sn_all_sn_rows0, 0), 0) END AS sn_move
  FROM sn_whole
), sn_ranked AS (
  SELECT sn_bucket, sn_dimension, sn_metric,
    sn_by || ' = ' || sn_of || ' (' || CASE WHEN sn_move > 0 THEN '+' ELSE '' END || {{ sqlnomaly.shown('sn_move') }} || ')' AS sn_text,
    ROW_NUMBER() OVER (PARTITION BY sn_bucket, sn_dimension, sn_metric ORDER BY ABS(sn_move) DESC, sn_by, sn_of) AS sn_rank
  FROM sn_moves WHERE sn_move <> 0
), sn_moved AS (
  SELECT sn_bucket, sn_dimension, sn_metric,
    {%- for at in [1, 2, 3] %}
    {{ "|| COALESCE(', ' || " if at > 1 }}MAX(CASE WHEN sn_rank = {{ at }} THEN sn_text END){{ ", '')" if at > 1 }}
    {%- endfor %} AS sn_most
  FROM sn_ranked WHERE sn_rank <= 3 GROUP BY sn_bucket, sn_dimension, sn_metric
)
{%- endmacro -%}

{#-
  What moved most: for each odd bucket, the values of the columns of `explain_by` that account for the most of the difference
  from the buckets before it, those that the bucket was judged by.

  Of a metric that adds up (counts, sums) it is the value's part now less the mean of its parts before; of any other metric
  its share of the rows times how far it lies from what all rows had before, now less before, which adds up to the whole
  difference for means and rates. One more scan of the same span of time.
-#}

{#- CTEs after sn_verdicts, the last of which is sn_explained: the same rows with a text of what moved most, sn_most. -#}
{%- macro moved(relation, metrics, t) -%}
  {%- set double, text = sqlnomaly.type_double(), dbt.type_string() -%}
  {%- set names = [] -%}
  {%- for one in t.explain_by -%}{%- do names.append([sqlnomaly.text_literal(one) | trim]) -%}{%- endfor -%}
  {%- set so_far = 'OVER (PARTITION BY ' ~ (t.parts | join(', ')) ~ ', sn_by, sn_of ORDER BY sn_bucket ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)' -%}
  {%- set together = 'OVER (PARTITION BY sn_metric, sn_dimension, sn_bucket, sn_by)' -%}
sn_told AS (
  SELECT sn_bucket, sn_dimension, sn_by, sn_of{% for metric in metrics %}, CAST({{ 'COUNT(*)' if metric.kind == 'age' else metric.sql }} AS {{ double }}) AS sn_m{{ loop.index }}{% endfor %}, COUNT(*) AS sn_rows
  FROM (
    SELECT sn_placed.*, sn_columns.sn_by,
      CASE sn_columns.sn_by {% for one in t.explain_by %} WHEN {{ names[loop.index0][0] }} THEN COALESCE(CAST({{ one }} AS {{ text }}), 'NULL'){% endfor %} END AS sn_of
    FROM (
      {{ sqlnomaly.placed(relation, t, [(t.buckets[0], t.ends)]) }}
    ) AS sn_placed CROSS JOIN ({{ sqlnomaly.constants(['sn_by'], names) }}) AS sn_columns
  ) AS sn_each
  GROUP BY sn_bucket, sn_dimension, sn_by, sn_of
), sn_parts AS (
  {{ sqlnomaly.filled('sn_told', metrics, ['sn_dimension', 'sn_by', 'sn_of']) }}
), sn_joined AS (
  SELECT sn_verdicts.*, sn_parts.sn_by, sn_parts.sn_of, CAST(sn_parts.sn_rows AS {{ double }}) AS sn_part_rows,
    CASE sn_verdicts.sn_metric{% for metric in metrics %} WHEN {{ sqlnomaly.text_literal(metric.key) | trim }} THEN sn_parts.sn_m{{ loop.index }}{% endfor %} END AS sn_part,
    CASE sn_verdicts.sn_metric{% for metric in metrics %} WHEN {{ sqlnomaly.text_literal(metric.key) | trim }} THEN {{ 1 if metric.adds else 0 }}{% endfor %} END AS sn_adds
  FROM sn_verdicts LEFT JOIN sn_parts ON sn_parts.sn_bucket = sn_verdicts.sn_bucket AND sn_parts.sn_dimension = sn_verdicts.sn_dimension
), sn_both AS (
  SELECT sn_joined.*,
    CASE WHEN sn_part IS NOT NULL THEN sn_part_rows ELSE 0 END AS sn_rows_now, COALESCE(sn_part * sn_part_rows, 0) AS sn_weighed_now,
    COALESCE(SUM(CASE WHEN sn_learnt THEN sn_part END) {{ so_far }}, 0) / NULLIF(sn_n, 0) AS sn_part_before,
    COALESCE(SUM(CASE WHEN sn_learnt AND sn_part IS NOT NULL THEN sn_part_rows END) {{ so_far }}, 0) AS sn_rows_before,
    COALESCE(SUM(CASE WHEN sn_learnt THEN sn_part * sn_part_rows END) {{ so_far }}, 0) AS sn_weighed_before
  FROM sn_joined
), sn_wholes AS (
  SELECT sn_both.*, NULLIF(SUM(sn_rows_now) {{ together }}, 0) AS sn_all_now, NULLIF(SUM(sn_rows_before) {{ together }}, 0) AS sn_all_before,
    SUM(sn_weighed_before) {{ together }} / NULLIF(SUM(sn_rows_before) {{ together }}, 0) AS sn_mean_before
  FROM sn_both
), sn_moves AS (
  SELECT sn_wholes.*, CASE WHEN sn_adds = 1 THEN COALESCE(sn_part, 0) - sn_part_before
    ELSE (sn_weighed_now - sn_rows_now * sn_mean_before) / sn_all_now - (sn_weighed_before - sn_rows_before * sn_mean_before) / sn_all_before END AS sn_move
  FROM sn_wholes
), sn_texts AS (
  SELECT sn_moves.*,
    CASE WHEN sn_level IS NOT NULL AND ABS(sn_move) > 1e-9 THEN sn_by || ' = ' || sn_of || ' (' || CASE WHEN sn_move > 0 THEN '+' ELSE '' END || {{ sqlnomaly.shown('sn_move') }} || ')' END AS sn_text,
    ROW_NUMBER() OVER (PARTITION BY sn_metric, sn_dimension, sn_bucket ORDER BY COALESCE(ABS(sn_move), -1) DESC, sn_by, sn_of) AS sn_rank
  FROM sn_moves
), sn_ranked AS (
  SELECT sn_texts.*{% for at in [1, 2] %}, LEAD(sn_text, {{ at }}) OVER (PARTITION BY sn_metric, sn_dimension, sn_bucket ORDER BY sn_rank) AS sn_text{{ at }}{% endfor %}
  FROM sn_texts
), sn_explained AS (
  SELECT sn_ranked.*, sn_text || COALESCE(', ' || sn_text1, '') || COALESCE(', ' || sn_text2, '') AS sn_most
  FROM sn_ranked WHERE sn_rank = 1
)
{%- endmacro -%}

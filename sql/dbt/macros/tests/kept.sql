{#-
  Metrics that were measured before, kept in a table: with `vars: {sqlnomaly_cache: true}` a test scans only the buckets that
  it has not measured yet, and the newest ones, whose rows may have come late (`sqlnomaly_late_buckets`, 2).

  One row a bucket, dimension and metric, and one of dimension NULL that says that the bucket was measured. Two tests that
  measure the same at once write both; of each bucket the rows that were measured last count.
-#}

{#- What stands for the measured rows: a scan of the relation, or the table that keeps them. -#}
{%- macro measured(relation, metrics, t, buckets) -%}
  {%- if not var('sqlnomaly_cache', false) or not execute or flags.WHICH == 'compile' -%}
    {{ sqlnomaly.measured_now(relation, metrics, t, buckets[0], buckets[-1]) }}
  {%- else -%}
    {%- do sqlnomaly.keep_measured(relation, metrics, t, buckets) -%}
    {{ sqlnomaly.measured_before(relation, metrics, t, buckets) }}
  {%- endif -%}
{%- endmacro -%}

{%- macro measured_now(relation, metrics, t, starts, ends) -%}
  {%- set time = 'CAST(' ~ t.timestamp_column ~ ' AS ' ~ sqlnomaly.type_time() ~ ')' -%}
  SELECT sn_bucket, sn_dimension{% for metric in metrics %}, CAST({{ metric.sql }} AS {{ sqlnomaly.type_double() }}) AS sn_m{{ loop.index }}{% endfor %}, COUNT(*) AS sn_rows
  FROM (
    SELECT sn_t.*, {{ sqlnomaly.bucket_start(time, t.bucket) }} AS sn_bucket, {{ sqlnomaly.dimension_text(t.dimensions) }} AS sn_dimension
    FROM {{ relation }} AS sn_t
    WHERE {{ time }} >= {{ starts }} AND {{ time }} < {{ ends }}{% if t.where %} AND ({{ t.where }}){% endif %}
  ) AS sn_placed
  GROUP BY sn_bucket, sn_dimension
{%- endmacro -%}

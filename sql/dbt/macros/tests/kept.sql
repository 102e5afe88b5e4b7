{#-
  Metrics that were measured before, kept in a table. With `vars: {sqlnomaly_cache: true}` a test scans, once, only the
  buckets that are not there yet, and the newest ones, whose rows may still come (`sqlnomaly_late_buckets`, 2): these are
  measured by each run until they are older.

  The table has a row for each bucket, dimension and metric, and one of dimension NULL that says that the bucket was
  measured, with or without rows; its row_count is 1, or 0 where it is measured again by the next run: it was one of the
  newest, or had no rows, which may come when an outage is mended. What a metric is, is its key: the
  relation, the columns, the filter, the SQL. Tests that measure the same at once both append; of each bucket the rows that
  were measured last count, and `sqlnomaly_cache: anew` measures all buckets once more, as after a backfill.
-#}

{#- What stands for the measured rows: a scan of the relation, or the table that keeps them, what is not in it put there first. -#}
{%- macro measured(relation, metrics, t) -%}
  {%- if not sqlnomaly.writes('sqlnomaly_metrics', relation) -%}
    {{ sqlnomaly.measured_now(relation, metrics, t, [(t.buckets[0], t.ends)]) }}
  {%- else -%}
    {%- set late = [sqlnomaly.whole_number(var('sqlnomaly_late_buckets', 2), 'the variable sqlnomaly_late_buckets', 0), t.buckets | length] | min -%}
    {%- set settled = t.buckets[:(t.buckets | length) - late] -%}
    {%- set newest = t.buckets[(t.buckets | length) - late:] -%}
    {%- set missing = sqlnomaly.not_kept(relation, metrics, t, settled) + newest -%}
    {%- if missing -%}{%- do sqlnomaly.write([sqlnomaly.keep(relation, metrics, t, missing, newest)]) -%}{%- endif -%}
    {{ sqlnomaly.measured_before(relation, metrics, t) }}
  {%- endif -%}
{%- endmacro -%}

{#- A scan: the metrics of each bucket and dimension, of spans of time [from, until). -#}
{%- macro measured_now(relation, metrics, t, spans) -%}
  SELECT sn_bucket, sn_dimension{% for metric in metrics %}, CAST({{ metric.sql }} AS {{ sqlnomaly.type_double() }}) AS sn_m{{ loop.index }}{% endfor %}, COUNT(*) AS sn_rows
  FROM (
    {{ sqlnomaly.placed(relation, t, spans) }}
  ) AS sn_placed
  GROUP BY sn_bucket, sn_dimension
{%- endmacro -%}

{#- The rows of some spans of time, each with its bucket and its dimension. -#}
{%- macro placed(relation, t, spans) -%}
    SELECT *, {{ sqlnomaly.bucket_start(t.time, t.bucket) }} AS sn_bucket, {{ sqlnomaly.dimension_text(t.dimensions) }} AS sn_dimension
    FROM {{ relation }}
    WHERE (
      {%- for span in spans %}{{ ' OR ' if not loop.first }}{{ t.time }} >= {{ sqlnomaly.time_literal(span[0]) | trim }} AND {{ t.time }} < {{ sqlnomaly.time_literal(span[1]) | trim }}{% endfor -%}
    ){% if t.where %} AND ({{ t.where }}){% endif %}
{%- endmacro -%}

{#- What a metric is, whatever test measures it. -#}
{%- macro metric_key(relation, metric, t) -%}
  {{- return(local_md5([relation | string, t.timestamp_column, t.bucket.period, t.bucket.count, t.where, t.dimensions, metric.sql] | string)) -}}
{%- endmacro -%}

{%- macro metric_keys(relation, metrics, t) -%}
  {%- set found = [] -%}
  {%- for metric in metrics -%}{%- do found.append("'" ~ sqlnomaly.metric_key(relation, metric, t) ~ "'") -%}{%- endfor -%}
  {{- return(found) -}}
{%- endmacro -%}

{#- The buckets of which some metric was not measured, as spans of time. -#}
{%- macro not_kept(relation, metrics, t, settled) -%}
  {%- set there = {} -%}
  {%- if settled and var('sqlnomaly_cache') | string | lower != 'anew' -%}
    {%- set keys = sqlnomaly.metric_keys(relation, metrics, t) | unique | list -%}
    {%- set kept = run_query(
      'SELECT ' ~ (sqlnomaly.epoch('bucket') | trim) ~ ' AS sn_second FROM ('
      ~ 'SELECT bucket, row_count, ROW_NUMBER() OVER (PARTITION BY metric_key, bucket ORDER BY measured DESC) AS sn_at FROM '
      ~ sqlnomaly.table('sqlnomaly_metrics') ~ ' WHERE dimension IS NULL AND metric_key IN (' ~ (keys | join(', '))
      ~ ')) AS sn_marks WHERE sn_at = 1 AND row_count = 1 GROUP BY bucket HAVING COUNT(*) = ' ~ (keys | length)
    ) -%}
    {%- for row in kept.rows -%}{%- do there.update({row[0] | int: true}) -%}{%- endfor -%}
  {%- endif -%}
  {%- set missing = [] -%}
  {%- for bucket in settled if (bucket - modules.datetime.datetime(1970, 1, 1)).total_seconds() | int not in there -%}
    {%- do missing.append(bucket) -%}
  {%- endfor -%}
  {{- return(missing) -}}
{%- endmacro -%}

{#- The statement that measures buckets and appends them. -#}
{%- macro keep(relation, metrics, t, buckets, newest) -%}
  {%- set spans = [] -%}
  {%- for bucket in buckets -%}
    {%- set after = sqlnomaly.bucket_at(bucket, t.bucket, 1) -%}
    {%- if spans and spans[-1][1] == bucket -%}
      {%- set first = spans.pop()[0] -%}
      {%- do spans.append((first, after)) -%}
    {%- else -%}
      {%- do spans.append((bucket, after)) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- set text, double, whole = dbt.type_string(), sqlnomaly.type_double(), dbt.type_bigint() -%}
  {%- set settled = 'sn_found IS NOT NULL' ~ (' AND sn_bucket < ' ~ (sqlnomaly.time_literal(newest[0]) | trim) if newest else '') -%}
  {%- set stamp = modules.datetime.datetime.now(modules.pytz.utc).strftime('%Y-%m-%d %H:%M:%S.%f') ~ ' ' ~ local_md5(invocation_id ~ model.unique_id) -%}
INSERT INTO {{ sqlnomaly.table('sqlnomaly_metrics') }} (metric_key, relation, metric, bucket, dimension, value, row_count, measured)
WITH sn_measured AS (
  {{ sqlnomaly.measured_now(relation, metrics, t, spans) }}
), sn_spine AS (
  {{ sqlnomaly.spine(buckets) }}
)
{%- for metric in metrics %}
{{ 'UNION ALL ' if not loop.first }}SELECT '{{ sqlnomaly.metric_key(relation, metric, t) }}', {{ sqlnomaly.text_literal(relation) | trim }}, {{ sqlnomaly.text_literal(metric.name) | trim }}, sn_bucket, sn_dimension, sn_m{{ loop.index }}, CAST(sn_rows AS {{ whole }}), '{{ stamp }}'
FROM sn_measured
UNION ALL
SELECT '{{ sqlnomaly.metric_key(relation, metric, t) }}', {{ sqlnomaly.text_literal(relation) | trim }}, {{ sqlnomaly.text_literal(metric.name) | trim }}, sn_bucket, CAST(NULL AS {{ text }}), CAST(NULL AS {{ double }}), CAST(CASE WHEN {{ settled }} THEN 1 ELSE 0 END AS {{ whole }}), '{{ stamp }}'
FROM sn_spine LEFT JOIN (SELECT DISTINCT sn_bucket AS sn_found FROM sn_measured) AS sn_there ON sn_found = sn_bucket
{%- endfor %}
{%- endmacro -%}

{#- The kept rows of the buckets, in the form of a scan. -#}
{%- macro measured_before(relation, metrics, t) -%}
  {%- set keys = sqlnomaly.metric_keys(relation, metrics, t) -%}
  SELECT bucket AS sn_bucket, dimension AS sn_dimension
    {%- for key in keys %}, MAX(CASE WHEN metric_key = {{ key }} THEN value END) AS sn_m{{ loop.index }}{% endfor %}, MAX(row_count) AS sn_rows
  FROM (
    SELECT metric_key, bucket, dimension, value, row_count, measured, MAX(measured) OVER (PARTITION BY metric_key, bucket) AS sn_last
    FROM {{ sqlnomaly.table('sqlnomaly_metrics') }}
    WHERE metric_key IN ({{ keys | unique | join(', ') }})
      AND bucket >= {{ sqlnomaly.time_literal(t.buckets[0]) | trim }} AND bucket < {{ sqlnomaly.time_literal(t.ends) | trim }}
  ) AS sn_kept
  WHERE measured = sn_last AND dimension IS NOT NULL
  GROUP BY bucket, dimension
{%- endmacro -%}

{#- The buckets, as a query. -#}
{%- macro spine(buckets) -%}
  {%- set rows = [] -%}
  {%- for one in buckets -%}{%- do rows.append([sqlnomaly.time_literal(one) | trim]) -%}{%- endfor -%}
  {{- sqlnomaly.constants(['sn_bucket'], rows) -}}
{%- endmacro -%}

{#- Tests of rows, whatever their time. -#}

{#- Rows that are odd among the others: score above error_level, or above warn_level. -#}
{% test row_anomalies(model, features, detector='mad', warn_level=none, error_level=none, partition_by=none, where=none, direction=none, min_rows=none, columns=none, options=none) %}
  {{ config(fail_calc=sqlnomaly.failures(), warn_if='>= 1', error_if='>= 2') }}
  {%- if execute -%}
  {%- set known = sqlnomaly.checked_detector(detector) -%}
  {%- set number = [sqlnomaly.listed(features) | length, known.threshold | length] | min - 1 -%}
  {%- set warn = sqlnomaly.number(warn_level, 'warn_level') if warn_level is not none else known.threshold[number] -%}
  {%- if warn is none -%}
    {{- sqlnomaly.refuse(detector ~ ' has no fixed threshold: give warn_level, a score, and error_level') -}}
  {%- endif -%}
  {%- set error = sqlnomaly.number(error_level, 'error_level') if error_level is not none else warn * 2 -%}
  {%- set rows = '(SELECT * FROM ' ~ model ~ (' WHERE ' ~ where if where else '') ~ ') AS sn_rows' if where else model -%}
SELECT sn_scores.*, CASE WHEN anomaly_score > {{ sqlnomaly.real(error) }} THEN 'error' ELSE 'warn' END AS level
FROM {{ sqlnomaly.detect_anomalies(rows, features, detector=detector, partition_by=partition_by, direction=direction, threshold=warn, min_rows=min_rows, columns=columns, options=options) }} AS sn_scores
WHERE is_anomaly
{%- endif -%}
{% endtest %}

{#-
  Whether a column is distributed as before: PSI (population stability index, by tenths of the earlier rows, or by value
  for text) or KS (the largest difference of the distribution functions, judged by its significance). PSI grows where rows
  are few: it is told only where it is also greater than it is once in a hundred (error: in a thousand) without any change.
-#}
{% test distribution_drift(model, timestamp_column, column_name, method='psi', time_bucket='day', tested_buckets=1, training_buckets=28, warn_level=none, error_level=none, where=none, categorical=false, min_rows=30, every=false) %}
  {{ config(fail_calc=sqlnomaly.failures(), warn_if='>= 1', error_if='>= 2') }}
  {%- if execute -%}
  {%- if method not in ['psi', 'ks'] -%}{{- sqlnomaly.refuse("method is 'psi' or 'ks', not " ~ method) -}}{%- endif -%}
  {%- if method == 'ks' and categorical -%}{{- sqlnomaly.refuse("ks needs an order: method='psi' takes categories") -}}{%- endif -%}
  {%- set bucket = sqlnomaly.bucket_of(time_bucket) -%}
  {%- set tested_buckets = sqlnomaly.whole_number(tested_buckets, 'tested_buckets', 1) -%}
  {%- set training_buckets = sqlnomaly.whole_number(training_buckets, 'training_buckets', 1) -%}
  {%- set min_rows = sqlnomaly.whole_number(min_rows, 'min_rows', 1) -%}
  {%- set moment = sqlnomaly.now() -%}
  {%- set ends = sqlnomaly.time_literal(sqlnomaly.bucket_at(moment, bucket)) | trim -%}
  {%- set tested = sqlnomaly.time_literal(sqlnomaly.bucket_at(moment, bucket, -tested_buckets)) | trim -%}
  {%- set starts = sqlnomaly.time_literal(sqlnomaly.bucket_at(moment, bucket, -tested_buckets - training_buckets)) | trim -%}
  {%- set time = 'CAST(' ~ timestamp_column ~ ' AS ' ~ sqlnomaly.type_time() ~ ')' -%}
  {%- set double = sqlnomaly.type_double() -%}
  {%- set value = column_name if categorical else 'CAST(' ~ column_name ~ ' AS ' ~ double ~ ')' -%}
  {%- set warn = sqlnomaly.number(warn_level, 'warn_level') if warn_level is not none else (0.1 if method == 'psi' else 0.01) -%}
  {%- set error = sqlnomaly.number(error_level, 'error_level') if error_level is not none else (0.25 if method == 'psi' else 0.001) -%}
WITH sn_rows AS (
  SELECT {{ value }} AS sn_value, CASE WHEN {{ time }} >= {{ tested }} THEN 1 ELSE 0 END AS sn_new
  FROM {{ model }}
  WHERE {{ time }} >= {{ starts }} AND {{ time }} < {{ ends }} AND {{ column_name }} IS NOT NULL{% if where %} AND ({{ where }}){% endif %}
),
{%- if method == 'ks' %}
sn_counts AS (
  SELECT sn_value, SUM(sn_new) AS sn_new, SUM(1 - sn_new) AS sn_old FROM sn_rows GROUP BY sn_value
), sn_sums AS (
  SELECT
    SUM(sn_new) OVER (ORDER BY sn_value ROWS UNBOUNDED PRECEDING) AS sn_below_new, SUM(sn_old) OVER (ORDER BY sn_value ROWS UNBOUNDED PRECEDING) AS sn_below_old,
    SUM(sn_new) OVER () AS sn_new, SUM(sn_old) OVER () AS sn_old
  FROM sn_counts
), sn_distances AS (
  SELECT
    CAST(MAX(sn_new) AS {{ double }}) AS sn_new, CAST(MAX(sn_old) AS {{ double }}) AS sn_old,
    MAX(ABS(CAST(sn_below_new AS {{ double }}) / NULLIF(sn_new, 0) - CAST(sn_below_old AS {{ double }}) / NULLIF(sn_old, 0))) AS sn_distance
  FROM sn_sums
), sn_found AS (
  SELECT sn_new, sn_old, 0 AS sn_bins, sn_distance AS sn_drift,
    CASE WHEN 2 * EXP(-2 * sn_distance * sn_distance * sn_new * sn_old / NULLIF(sn_new + sn_old, 0)) < 1
      THEN 2 * EXP(-2 * sn_distance * sn_distance * sn_new * sn_old / NULLIF(sn_new + sn_old, 0)) ELSE 1 END AS sn_chance
  FROM sn_distances
)
{%- else %}
{%- if categorical %}
sn_binned AS (
  SELECT CAST(sn_value AS {{ dbt.type_string() }}) AS sn_bin, sn_new FROM sn_rows
),
{%- else %}
sn_tenths AS (
  SELECT sn_value, NTILE(10) OVER (ORDER BY sn_value) AS sn_tenth FROM sn_rows WHERE sn_new = 0
), sn_edges AS (
  SELECT sn_tenth, MAX(sn_value) AS sn_edge FROM sn_tenths WHERE sn_tenth < 10 GROUP BY sn_tenth
), sn_wide AS (
  SELECT {% for at in range(1, 10) %}MAX(CASE WHEN sn_tenth = {{ at }} THEN sn_edge END) AS sn_e{{ at }}{{ ', ' if not loop.last }}{% endfor %} FROM sn_edges
), sn_binned AS (
  SELECT {% for at in range(1, 10) %}CASE WHEN sn_rows.sn_value > sn_wide.sn_e{{ at }} THEN 1 ELSE 0 END{{ ' + ' if not loop.last }}{% endfor %} AS sn_bin, sn_new
  FROM sn_rows CROSS JOIN sn_wide
),
{%- endif %}
sn_counts AS (
  SELECT sn_bin, CAST(SUM(sn_new) AS {{ double }}) AS sn_new, CAST(SUM(1 - sn_new) AS {{ double }}) AS sn_old FROM sn_binned GROUP BY sn_bin
), sn_shares AS (
  SELECT sn_new, sn_old,
    (sn_new + 0.5) / (SUM(sn_new) OVER () + 0.5 * COUNT(*) OVER ()) AS sn_share, (sn_old + 0.5) / (SUM(sn_old) OVER () + 0.5 * COUNT(*) OVER ()) AS sn_before
  FROM sn_counts
), sn_found AS (
  SELECT SUM(sn_new) AS sn_new, SUM(sn_old) AS sn_old, COUNT(*) AS sn_bins, SUM((sn_share - sn_before) * LN(sn_share / sn_before)) AS sn_drift, CAST(NULL AS {{ double }}) AS sn_chance
  FROM sn_shares
)
{%- endif %}
{%- set odd = sqlnomaly.drifted(error, 3.0902323061678132) if method == 'psi' else 'sn_chance < ' ~ sqlnomaly.real(error) %}
{%- set near = sqlnomaly.drifted(warn, 2.3263478740408408) if method == 'psi' else 'sn_chance < ' ~ sqlnomaly.real(warn) %}
, sn_told AS (
  SELECT '{{ method }}' AS metric, sn_drift AS value, sn_chance AS chance, sn_new AS tested_rows, sn_old AS training_rows,
    CASE WHEN COALESCE(sn_new, 0) < {{ min_rows }} OR COALESCE(sn_old, 0) < {{ min_rows }} THEN 'none' WHEN {{ odd }} THEN 'error' WHEN {{ near }} THEN 'warn' ELSE 'none' END AS level
  FROM sn_found
)
SELECT * FROM sn_told{{ " WHERE level <> 'none'" if not sqlnomaly.truth(every, 'every') }}
{%- endif -%}
{% endtest %}

{#- Whether PSI is above a level, and above what chance makes of it: chi-squared, here by Wilson and Hilferty, at a normal deviate. -#}
{%- macro drifted(level, deviate) -%}
  sn_drift > {{ sqlnomaly.real(level) }} AND sn_bins > 1 AND sn_drift > (sn_bins - 1) * (1e0 / sn_new + 1e0 / sn_old)
    * POWER(1 - 2e0 / (9e0 * (sn_bins - 1)) + {{ sqlnomaly.real(deviate) }} * SQRT(2e0 / (9e0 * (sn_bins - 1))), 3)
{%- endmacro -%}


{#- Columns that are not those that the test, or the model's own documentation, names: `columns: {id: bigint}`, or a list of names. -#}
{% test schema_changes(model, columns=none, ignore_new=false) %}
  {{ config(fail_calc=sqlnomaly.failures(), warn_if='>= 1', error_if='>= 2') }}
  {%- if execute -%}
  {%- set expected = {} -%}
  {%- if columns is mapping -%}
    {%- for name, type in columns.items() -%}{%- do expected.update({name | lower: type | lower}) -%}{%- endfor -%}
  {%- elif columns is not none -%}
    {%- for name in columns -%}{%- do expected.update({name | lower: none}) -%}{%- endfor -%}
  {%- elif execute -%}
    {%- for node in (graph.nodes.values() | list) + (graph.sources.values() | list) if node.relation_name and node.relation_name == model | string -%}
      {%- for column in node.columns.values() -%}{%- do expected.update({column.name | lower: (column.data_type or '') | lower or none}) -%}{%- endfor -%}
    {%- endfor -%}
    {%- if not expected -%}{{- sqlnomaly.refuse('schema_changes has nothing to compare with: give columns, or name them in the YAML of ' ~ model) -}}{%- endif -%}
  {%- endif -%}
  {%- if execute and model is string -%}{{- sqlnomaly.refuse('schema_changes looks at columns, not at rows: leave its where out') -}}{%- endif -%}
  {%- set found = {} -%}
  {%- set known = execute and flags.INTROSPECT -%}
  {%- if known -%}
    {%- for column in adapter.get_columns_in_relation(model) -%}{%- do found.update({column.name | lower: column.data_type | lower}) -%}{%- endfor -%}
  {%- endif -%}
  {%- set changes = [] -%}
  {%- for name, type in expected.items() -%}
    {%- if name not in found -%}
      {%- do changes.append((name, 'missing', type or '', '', 'error')) -%}
    {%- elif type and not sqlnomaly.same_type(type, found[name]) -%}
      {%- do changes.append((name, 'type', type, found[name], 'error')) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- for name in found if name not in expected and not ignore_new -%}
    {%- do changes.append((name, 'new', '', found[name], 'warn')) -%}
  {%- endfor -%}
  {%- for change in changes if known %}
  {{ 'UNION ALL ' if not loop.first }}SELECT {{ sqlnomaly.text_literal(change[0]) }} AS column_name, '{{ change[1] }}' AS change, {{ sqlnomaly.text_literal(change[2]) }} AS expected_type, {{ sqlnomaly.text_literal(change[3]) }} AS found_type, '{{ change[4] }}' AS level
  {%- else %}
  SELECT CAST('' AS {{ dbt.type_string() }}) AS column_name, '' AS change, '' AS expected_type, '' AS found_type, '' AS level FROM (SELECT 1 AS sn_one) AS sn_none WHERE 1 = 0
  {%- endfor %}
{%- endif -%}
{% endtest %}

{#- Whether two types are one under two names; what is in parentheses counts where the wanted type has some. -#}
{%- macro same_type(wanted, found) -%}
  {%- set names = {
    'character varying': 'varchar', 'text': 'varchar', 'string': 'varchar', 'int': 'integer', 'int4': 'integer', 'int8': 'bigint',
    'double precision': 'double', 'float8': 'double', 'bool': 'boolean', 'decimal': 'numeric',
    'timestamp without time zone': 'timestamp', 'timestamp with time zone': 'timestamptz'
  } -%}
  {%- set one, other = wanted.split('('), found.split('(') -%}
  {%- set alike = names.get(one[0] | trim, one[0] | trim) == names.get(other[0] | trim, other[0] | trim) -%}
  {{- return(alike and (one | length == 1 or one[1].replace(' ', '') == (other[1:] | join('')).replace(' ', ''))) -}}
{%- endmacro -%}

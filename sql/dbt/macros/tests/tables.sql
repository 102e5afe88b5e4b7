{#-
  The tables that tests keep, beside the models in the schema of the target (or in that of `vars: {sqlnomaly_schema: ..}`).
  They are made before anything runs, by one connection, and tests only append to them: so any number of threads and of
  processes may share them. `dbt compile` and `dbt docs` never write.
-#}

{#- Makes the tables that the variables ask for; the package's on-run-start. -#}
{%- macro make_tables() -%}
  {%- for name, columns in sqlnomaly.table_columns().items() if sqlnomaly.writes(name) -%}
    {%- set table = sqlnomaly.table(name) -%}
    {%- if not adapter.check_schema_exists(table.database, table.schema) -%}{%- do adapter.create_schema(table.without_identifier()) -%}{%- endif -%}
    {%- set made -%}
CREATE TABLE IF NOT EXISTS {{ table }} (
  {%- for column, type in columns.items() %}{{ column }} {{ type }}{{ ', ' if not loop.last }}{% endfor -%}
)
    {%- endset -%}
    {%- do sqlnomaly.write([adapter.dispatch('alone', 'sqlnomaly')(), made]) -%}
  {%- endfor -%}
{%- endmacro -%}

{%- macro table_columns() -%}
  {%- set text, time, double, whole = dbt.type_string(), sqlnomaly.type_time(), sqlnomaly.type_double(), dbt.type_bigint() -%}
  {{- return({
    'sqlnomaly_metrics': {
      'metric_key': text, 'relation': text, 'metric': text, 'bucket': time, 'dimension': text, 'value': double,
      'row_count': whole, 'measured': text
    },
    'sqlnomaly_results': {
      'run_at': time, 'test_name': text, 'relation': text, 'column_name': text, 'metric': text, 'dimension': text,
      'bucket': time, 'value': double, 'expected': double, 'lower_bound': double, 'upper_bound': double, 'score': double,
      'threshold': double, 'training_buckets': whole, 'level': text, 'status': text, 'description': text, 'moved_most': text
    }
  }) -}}
{%- endmacro -%}

{#- A table that tests keep; `vars: {sqlnomaly_results_table: ..}` and `sqlnomaly_metrics_table` name it otherwise. -#}
{%- macro table(name) -%}
  {{- return(api.Relation.create(
    database=database or none, schema=var('sqlnomaly_schema', target.schema), identifier=var(name ~ '_table', name)
  )) -}}
{%- endmacro -%}

{#-
  Whether a table is kept, and this is a command that may write it; an ephemeral model is there in a test's own query only, and
  nothing is kept of it.
-#}
{%- macro writes(name, relation='') -%}
  {%- set switch = {'sqlnomaly_metrics': 'sqlnomaly_cache', 'sqlnomaly_results': 'sqlnomaly_results'}[name] -%}
  {%- set given = var(switch, false) | string | lower -%}
  {%- if given not in ['true', 'false', 'anew'] or (given == 'anew' and switch != 'sqlnomaly_cache') -%}
    {{- sqlnomaly.refuse('the variable ' ~ switch ~ ' is true or false' ~ (", or 'anew' to measure all once more" if switch == 'sqlnomaly_cache' else '') ~ ', not ' ~ var(switch)) -}}
  {%- endif -%}
  {{- return(execute and given != 'false' and flags.WHICH in ['test', 'build', 'retry'] and '__dbt__cte__' not in relation | string) -}}
{%- endmacro -%}

{#- Runs statements that write, in one transaction where there are some. -#}
{%- macro write(statements) -%}
  {%- for one in statements if one | trim -%}
    {%- call statement('sqlnomaly_write', auto_begin=true) -%}{{ one }}{%- endcall -%}
  {%- endfor -%}
  {%- do adapter.commit() -%}
{%- endmacro -%}

{#- What makes two that create the same table at once wait for each other, where IF NOT EXISTS does not. -#}
{%- macro default__alone() -%}{%- endmacro -%}

{%- macro postgres__alone() -%}SELECT pg_advisory_xact_lock(7763014){%- endmacro -%}

{%- macro redshift__alone() -%}{%- endmacro -%}

{#- Rows of constants as a query: `rows` are lists of SQL texts, `columns` their names. -#}
{%- macro constants(columns, rows) -%}
  {{- adapter.dispatch('constants', 'sqlnomaly')(columns, rows) -}}
{%- endmacro -%}

{%- macro default__constants(columns, rows) -%}
  SELECT * FROM (VALUES {% for row in rows %}({{ row | join(', ') }}){{ ', ' if not loop.last }}{% endfor %}) AS sn_constants ({{ columns | join(', ') }})
{%- endmacro -%}

{%- macro bigquery__constants(columns, rows) -%}
  SELECT * FROM UNNEST([
    {%- for row in rows -%}
    STRUCT({% for value in row %}{{ value }} AS {{ columns[loop.index0] }}{{ ', ' if not loop.last }}{% endfor %}){{ ', ' if not loop.last }}
    {%- endfor -%}
  ])
{%- endmacro -%}

{%- macro redshift__constants(columns, rows) -%}
  {%- for row in rows -%}
  {{ 'UNION ALL ' if not loop.first }}SELECT {% for value in row %}{{ value }} AS {{ columns[loop.index0] }}{{ ', ' if not loop.last }}{% endfor %}
  {% endfor -%}
{%- endmacro -%}

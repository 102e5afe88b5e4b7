{#-
  What tests found, kept: with `vars: {sqlnomaly_results: true}` each test over time appends every bucket that it tested, odd
  or not, to the table sqlnomaly_results, and then reads its own rows from there: the relation is scanned once, as without.
  What is odd is told in dbt's log too.
-#}

{%- macro kept_results(relation, metrics, t) -%}
  {%- set table = sqlnomaly.table('sqlnomaly_results') -%}
  {%- set run = 'CAST(' ~ "'" ~ run_started_at.strftime('%Y-%m-%d %H:%M:%S.%f') ~ "'" ~ ' AS ' ~ sqlnomaly.type_time() ~ ')' -%}
  {%- set columns = sqlnomaly.result_columns() -%}
  {%- set mine = ' FROM ' ~ table ~ ' WHERE run_at = ' ~ run ~ ' AND test_name = ' ~ (sqlnomaly.text_literal(model.name) | trim) -%}
  {%- set found -%}
INSERT INTO {{ table }} (run_at, test_name, relation, {{ columns | join(', ') }})
SELECT {{ run }}, {{ sqlnomaly.text_literal(model.name) | trim }}, {{ sqlnomaly.text_literal(relation) | trim }}, {{ columns | join(', ') }}
FROM (
{{ sqlnomaly.verdicts(relation, metrics, dict(t, every=true)) }}
) AS sn_found
  {%- endset -%}
  {%- do sqlnomaly.write([found]) -%}
  {%- set odd = run_query('SELECT level, description' ~ mine ~ " AND level <> 'none' ORDER BY bucket, metric, dimension") -%}
  {%- for row in odd.rows -%}
    {%- do log('sqlnomaly: ' ~ row[0] ~ ' in ' ~ model.name ~ ': ' ~ row[1], info=true) -%}
  {%- endfor -%}
SELECT {{ columns | join(', ') }}{{ mine }}{{ " AND level <> 'none'" if not t.every }}
{%- endmacro -%}

{%- macro result_columns() -%}
  {{- return(sqlnomaly.table_columns()['sqlnomaly_results'].keys() | reject('in', ['run_at', 'test_name', 'relation']) | list) -}}
{%- endmacro -%}

{#- The rows of a relation scored by a model of the catalog, as a query in parentheses. A version carries the statement that scores with it. -#}
{%- macro score_with(model, relation, version=none, columns=none) -%}
  {%- set name = model if model is string else model.identifier -%}
  {%- if not execute -%}
    {{- return('(SELECT * FROM ' ~ relation ~ ')') -}}
  {%- endif -%}
  {%- if adapter.get_relation(
    database=target.database, schema=sqlnomaly.catalog_relation('models').schema, identifier=sqlnomaly.catalog_relation('models').identifier
  ) is none -%}
    {{- sqlnomaly.refuse('there is no model ' ~ name ~ ': this database has no schema sqlnomaly with models') -}}
  {%- endif -%}
  {%- set wanted = sqlnomaly.in_force(name).version if version is none else version -%}
  {%- if wanted is none -%}
    {{- sqlnomaly.refuse('there is no model ' ~ name ~ " in schema sqlnomaly: run its dbt model, or CREATE ANOMALY MODEL in a session; "
      ~ "score_with(ref('..'), ..) runs after a dbt model") -}}
  {%- endif -%}
  {%- set found = run_query(
    'select data from sqlnomaly.model_state where name = ' ~ sqlnomaly.text_literal(name) ~ ' and version = ' ~ (wanted | int)
    ~ " and relation = 'statement' order by place"
  ) -%}
  {%- if not found.rows | length -%}
    {{- sqlnomaly.refuse('version ' ~ wanted ~ ' of the model ' ~ name ~ ' carries no SQL: `sqlnomaly dbt share ' ~ name
      ~ '` writes it down') -}}
  {%- endif -%}
  {%- set text = found.columns[0].values() | join('') -%}
  {%- if 'sn_columns' in text -%}
    {%- set text = modules.re.sub('\\bsn_columns\\b', sqlnomaly.columns_of(relation, columns).replace('\\', '\\\\'), text) -%}
  {%- endif -%}
  {{- return('(\n' ~ modules.re.sub('\\bsn_relation\\b', (relation | string).replace('\\', '\\\\'), text) ~ '\n)') -}}
{%- endmacro -%}

{#- The catalog of models: the tables of schema sqlnomaly, in which a session writes too. Rows are only ever added. -#}

{%- macro catalog_table(name) -%}
  {{- return('sqlnomaly.' ~ name) -}}
{%- endmacro -%}

{%- macro catalog_relation(name) -%}
  {{- return(adapter.dispatch('catalog_relation', 'sqlnomaly')(name)) -}}
{%- endmacro -%}

{%- macro default__catalog_relation(name) -%}
  {{- return(api.Relation.create(database=target.database, schema='sqlnomaly', identifier=name)) -}}
{%- endmacro -%}

{#- Names without quotes are uppercase there. -#}
{%- macro snowflake__catalog_relation(name) -%}
  {{- return(api.Relation.create(database=target.database, schema='SQLNOMALY', identifier=name | upper)) -}}
{%- endmacro -%}

{#- What keeps two writers from one version, where keys are more than words. -#}
{%- macro catalog_keys(columns) -%}
  {{- return(adapter.dispatch('catalog_keys', 'sqlnomaly')(columns)) -}}
{%- endmacro -%}

{%- macro default__catalog_keys(columns) -%}
  {{- return([]) -}}
{%- endmacro -%}

{%- macro duckdb__catalog_keys(columns) -%}
  {{- return(['primary key (' ~ (columns | join(', ')) ~ ')']) -}}
{%- endmacro -%}

{%- macro postgres__catalog_keys(columns) -%}
  {{- return(sqlnomaly.duckdb__catalog_keys(columns)) -}}
{%- endmacro -%}

{#- Redshift's adapter would take PostgreSQL's. -#}
{%- macro redshift__catalog_keys(columns) -%}
  {{- return([]) -}}
{%- endmacro -%}

{%- macro columns_there(name) -%}
  {{- return(adapter.get_columns_in_relation(sqlnomaly.catalog_relation(name))) -}}
{%- endmacro -%}

{%- macro make_table(table, query) -%}
  {%- call statement('make') -%}
    create table {{ table }} as
    {{ query }}
  {%- endcall -%}
{%- endmacro -%}

{#- Makes the tables before any model runs, for projects that have one to store: two threads would both make them. -#}
{%- macro make_catalog() -%}
  {%- if not execute or graph.nodes.values() | selectattr('config.materialized', 'equalto', 'anomaly_model') | list | length == 0 -%}
    {{- return('') -}}
  {%- endif -%}
  {%- if not adapter.check_schema_exists(target.database, sqlnomaly.catalog_relation('models').schema) -%}
    {%- do run_query('create schema if not exists sqlnomaly') -%}
  {%- endif -%}
  {%- set kinds = {'TEXT': api.Column.translate_type('string'), 'BIGINT': dbt.type_bigint()} -%}
  {%- for table, parts in sqlnomaly.catalog_tables().items() -%}
    {%- set columns = [] -%}
    {%- for column, kind in parts.columns.items() -%}{%- do columns.append(column ~ ' ' ~ kinds[kind]) -%}{%- endfor -%}
    {%- do run_query(
      'create table if not exists ' ~ sqlnomaly.catalog_table(table) ~ ' (' ~ ((columns + sqlnomaly.catalog_keys(parts.key)) | join(', ')) ~ ')'
    ) -%}
  {%- endfor -%}
{%- endmacro -%}

{%- macro one_value(query) -%}
  {%- set found = run_query(query) -%}
  {{- return(found.rows[0][0] if found.rows | length else none) -}}
{%- endmacro -%}

{#- What is in force for a name: the last change, and of two of one number the lower token. -#}
{%- macro in_force(name) -%}
  {%- set found = run_query(
    'select change, version from sqlnomaly.models where name = ' ~ sqlnomaly.text_literal(name) ~ ' order by change desc, token limit 1'
  ) -%}
  {%- if not found.rows | length -%}
    {{- return({'name': name, 'change': 0, 'version': none}) -}}
  {%- endif -%}
  {%- set row = found.rows[0] -%}
  {{- return({'name': name, 'change': row[0] | int, 'version': none if row[1] is none else row[1] | int}) -}}
{%- endmacro -%}

{#- The number that no version of a model has, nor what is left of one. -#}
{%- macro next_version(name) -%}
  {%- set literal = sqlnomaly.text_literal(name) -%}
  {%- set last = sqlnomaly.one_value(
    'select max(version) from (select version from sqlnomaly.model_versions where name = ' ~ literal
    ~ ' union all select version from sqlnomaly.model_state where name = ' ~ literal ~ ') as numbers'
  ) -%}
  {{- return((last or 0) | int + 1) -}}
{%- endmacro -%}

{%- macro add_state(name, version, relation, storage, n_rows, data) -%}
  {%- call statement('state') -%}
    insert into sqlnomaly.model_state (name, version, relation, place, storage, n_rows, data) values (
      {{ sqlnomaly.text_literal(name) }}, {{ version }}, {{ sqlnomaly.text_literal(relation) }}, 0,
      {{ 'null' if storage is none else sqlnomaly.text_literal(storage) }}, {{ n_rows }},
      {{ 'null' if data is none else sqlnomaly.text_literal(data) }}
    )
  {%- endcall -%}
{%- endmacro -%}

{%- macro add_version(name, version, how, definition, manifest) -%}
  {%- call statement('version') -%}
    insert into sqlnomaly.model_versions (name, version, format, how, definition, manifest, created_at) values (
      {{ sqlnomaly.text_literal(name) }}, {{ version }}, 1, '{{ how }}', {{ sqlnomaly.text_literal(tojson(definition)) }},
      {{ sqlnomaly.text_literal(manifest) }}, '{{ sqlnomaly.utc() }}'
    )
  {%- endcall -%}
{%- endmacro -%}

{#- Puts a version in force: what was written before stays so if this fails, or another one was faster. -#}
{%- macro point_at(name, before, version) -%}
  insert into sqlnomaly.models (name, change, version, changed_at, token) values (
    {{ sqlnomaly.text_literal(name) }}, {{ before.change + 1 }}, {{ version }}, '{{ sqlnomaly.utc() }}',
    '{{ local_md5(invocation_id ~ name ~ version)[:16] }}'
  )
{%- endmacro -%}

{%- macro utc() -%}
  {{- return(modules.datetime.datetime.now(modules.pytz.utc).strftime('%Y-%m-%dT%H:%M:%SZ')) -}}
{%- endmacro -%}

{#- The versions of a model, and which one is in force: what its dbt model shows. -#}
{%- macro versions_of(name) -%}
  select versions.version, versions.how, versions.created_at,
    versions.version = (
      select max(last.version) from sqlnomaly.models as last where last.name = {{ sqlnomaly.text_literal(name) }} and last.change = (
        select max(every.change) from sqlnomaly.models as every where every.name = {{ sqlnomaly.text_literal(name) }}
      )
    ) as in_force
  from sqlnomaly.model_versions as versions
  where versions.name = {{ sqlnomaly.text_literal(name) }} and versions.how <> 'dropped'
{%- endmacro -%}

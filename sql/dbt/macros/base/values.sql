{#- Numbers, names and columns as a statement takes them. -#}

{%- macro real(value) -%}
  {%- set text = (value | float) | string -%}
  {{- text if 'e' in text else text ~ 'e0' -}}
{%- endmacro -%}

{%- macro whole(value) -%}
  {{- value | int -}}
{%- endmacro -%}

{%- macro text_literal(value) -%}
  {{- adapter.dispatch('text_literal', 'sqlnomaly')(value) -}}
{%- endmacro -%}

{%- macro default__text_literal(value) -%}
  '{{ (value | string).replace("'", "''") }}'
{%- endmacro -%}

{%- macro bigquery__text_literal(value) -%}
  '{{ (value | string).replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") }}'
{%- endmacro -%}

{%- macro spark__text_literal(value) -%}
  '{{ (value | string).replace("\\", "\\\\").replace("'", "\\'") }}'
{%- endmacro -%}

{%- macro snowflake__text_literal(value) -%}
  '{{ (value | string).replace("\\", "\\\\").replace("'", "''") }}'
{%- endmacro -%}

{#- A column's name as SQL, whatever letters it has: a quote in it is two. -#}
{%- macro quoted(name) -%}
  {%- set mark = adapter.quote('')[:1] -%}
  {{- return(adapter.quote(name.replace(mark, mark ~ mark))) -}}
{%- endmacro -%}

{#- One expression for what parts the series: a column as it is, several as one text. -#}
{%- macro series_key(parts) -%}
  {%- if parts | length == 0 -%}
    '-'
  {%- elif parts | length == 1 -%}
    {{ parts[0] }}
  {%- else -%}
    {%- for part in parts %}{{ ' || ' if not loop.first }}{{ sqlnomaly.key_part(part) }}{% endfor -%}
  {%- endif -%}
{%- endmacro -%}

{#- A value as text that says where it ends, and whether it is NULL. -#}
{%- macro key_part(part) -%}
  {%- set text -%}CAST({{ part }} AS {{ api.Column.translate_type('string') }}){%- endset -%}
  COALESCE(CAST(LENGTH({{ text }}) AS {{ api.Column.translate_type('string') }}) || ':' || {{ text }}, '-') || ';'
{%- endmacro -%}

{#- What a detector reads of a feature: dialects whose statements cast, take it as it is. -#}
{%- macro value_of(feature, text) -%}
  {{- adapter.dispatch('value_of', 'sqlnomaly')(feature, text) -}}
{%- endmacro -%}

{%- macro default__value_of(feature, text) -%}
  {{ feature }}
{%- endmacro -%}

{%- macro postgres__value_of(feature, text) -%}
  CAST({{ feature }} AS {{ 'TEXT' if text else 'DOUBLE PRECISION' }})
{%- endmacro -%}

{%- macro redshift__value_of(feature, text) -%}
  CAST({{ feature }} AS {{ 'VARCHAR(65535)' if text else 'DOUBLE PRECISION' }})
{%- endmacro -%}

{#- A list, whatever was given: nothing, one text or a list. -#}
{%- macro listed(given) -%}
  {{- return([] if given is none else ([given] if given is string else (given | list))) -}}
{%- endmacro -%}

{#- The columns of a relation, quoted, for the dialects whose star cannot leave out some. -#}
{%- macro columns_of(relation, columns) -%}
  {{- return(adapter.dispatch('columns_of', 'sqlnomaly')(relation, columns)) -}}
{%- endmacro -%}

{%- macro default__columns_of(relation, columns) -%}
  {{- return('*') -}}
{%- endmacro -%}

{%- macro postgres__columns_of(relation, columns) -%}
  {%- if columns is not none -%}
    {{- return(columns | join(', ')) -}}
  {%- endif -%}
  {%- if relation is string -%}
    {{- exceptions.raise_compiler_error("sqlnomaly: the columns of a query are not known here: give columns=['id', ..], or a ref()") -}}
  {%- endif -%}
  {%- if not execute -%}
    {{- return('*') -}}
  {%- endif -%}
  {%- set found = [] -%}
  {%- for column in adapter.get_columns_in_relation(relation) -%}
    {%- do found.append(sqlnomaly.quoted(column.name)) -%}
  {%- endfor -%}
  {%- if not found -%}
    {{- exceptions.raise_compiler_error("sqlnomaly: " ~ relation ~ " has no columns yet: build it first, or give columns=['id', ..]") -}}
  {%- endif -%}
  {{- return(found | join(', ')) -}}
{%- endmacro -%}

{%- macro type_double() -%}
  {{- adapter.dispatch('type_double', 'sqlnomaly')() -}}
{%- endmacro -%}

{%- macro default__type_double() -%}DOUBLE{%- endmacro -%}

{%- macro postgres__type_double() -%}DOUBLE PRECISION{%- endmacro -%}

{%- macro bigquery__type_double() -%}FLOAT64{%- endmacro -%}

{#- A number as text, for people. -#}
{%- macro shown(value) -%}
  {{- adapter.dispatch('shown', 'sqlnomaly')(value) -}}
{%- endmacro -%}

{%- macro default__shown(value) -%}
  COALESCE(CAST(ROUND({{ value }}, 4) AS {{ dbt.type_string() }}), 'nothing')
{%- endmacro -%}

{#- DuckDB and Spark write 45.0 for 45. -#}
{%- macro duckdb__shown(value) -%}
  COALESCE(REGEXP_REPLACE(CAST(ROUND({{ value }}, 4) AS {{ dbt.type_string() }}), '[.]0$', ''), 'nothing')
{%- endmacro -%}

{%- macro spark__shown(value) -%}
  {{- sqlnomaly.duckdb__shown(value) -}}
{%- endmacro -%}

{%- macro postgres__shown(value) -%}
  COALESCE(CAST(CAST(ROUND(CAST({{ value }} AS NUMERIC), 4) AS DOUBLE PRECISION) AS {{ dbt.type_string() }}), 'nothing')
{%- endmacro -%}

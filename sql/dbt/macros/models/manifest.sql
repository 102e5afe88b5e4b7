{#- What a version says of itself, as a session writes and reads it. -#}

{#- What the version was made of; a session's REFRESH runs the query again. -#}
{%- macro definition_of(asked, s, query) -%}
  {%- set columns = [] -%}
  {%- for one in s.own_keys + s.names -%}{%- do columns.append(sqlnomaly.quoted(one)) -%}{%- endfor -%}
  {{- return({
    'query': 'SELECT ' ~ (columns | join(', ')) ~ ' FROM (' ~ (query | trim) ~ ') AS training', 'detector': asked.detector,
    'options': asked.options, 'partition_by': s.own_keys, 'order_by': []
  }) -}}
{%- endmacro -%}

{#- Whether the version in force was asked for alike; what was changed makes another model. -#}
{%- macro same_definition(before, definition, s) -%}
  {%- set found = run_query(
    'select definition, manifest from sqlnomaly.model_versions where name = ' ~ sqlnomaly.text_literal(before.name)
    ~ ' and version = ' ~ before.version
  ) -%}
  {%- if not found.rows | length -%}{{- return(false) -}}{%- endif -%}
  {%- set old, manifest = fromjson(found.rows[0][0]), fromjson(found.rows[0][1]) -%}
  {{- return(
    old.detector == definition.detector and old.options == definition.options and old.partition_by == definition.partition_by
    and manifest.features | map(attribute='name') | list == s.names
  ) -}}
{%- endmacro -%}

{%- macro manifest_of(asked, s) -%}
  {%- set features, keys, parameters = [], [], dict(sqlnomaly.stored_detectors()[asked.detector]) -%}
  {%- for name in s.names -%}
    {%- set column = '_sn_x' ~ loop.index -%}
    {%- do features.append({'name': name, 'kind': 'float', 'column': column, 'stem': column, 'raw': column}) -%}
  {%- endfor -%}
  {%- for name in s.own_keys -%}{%- do keys.append({'name': name, 'kind': s.kinds[loop.index0], 'column': '_sn__key1'}) -%}{%- endfor -%}
  {%- if 'direction' in parameters -%}{%- do parameters.update({'direction': s.direction}) -%}{%- endif -%}
  {%- set manifest = {
    'format': 1, 'detector': asked.detector, 'parameters': parameters,
    'threshold': s.threshold | float if s.rule == 'threshold' else none, 'contamination': s.own_contamination,
    'min_rows': s.min_rows, 'min_effect': none, 'nulls': 'propagate', 'features': features, 'keys': keys,
    'relations': ['model'], 'members': {}, 'libraries': {'sqlnomaly': sqlnomaly.package_version()}
  } -%}
  {%- set sum = sqlnomaly.one_value('select ' ~ sqlnomaly.sha256(sqlnomaly.text_literal(sqlnomaly.canonical(manifest)))) -%}
  {%- do manifest.update({'checksum': sum}) -%}
  {{- return(sqlnomaly.canonical(manifest)) -}}
{%- endmacro -%}

{#- JSON in the one form of which checksums are taken: keys in order, no spaces, letters as they are. -#}
{%- macro canonical(value) -%}
  {%- if value is mapping -%}
    {%- set parts = [] -%}
    {%- for key in value | sort -%}{%- do parts.append(sqlnomaly.canonical(key) ~ ':' ~ sqlnomaly.canonical(value[key])) -%}{%- endfor -%}
    {{- return('{' ~ (parts | join(',')) ~ '}') -}}
  {%- elif value is string -%}
    {{- return('"' ~ value.replace('\\', '\\\\').replace('"', '\\"').replace('\n', '\\n').replace('\t', '\\t') ~ '"') -}}
  {%- elif value is sequence -%}
    {%- set parts = [] -%}
    {%- for one in value -%}{%- do parts.append(sqlnomaly.canonical(one)) -%}{%- endfor -%}
    {{- return('[' ~ (parts | join(',')) ~ ']') -}}
  {%- else -%}
    {{- return(tojson(value)) -}}
  {%- endif -%}
{%- endmacro -%}

{%- macro sha256(text) -%}
  {{- return(adapter.dispatch('sha256', 'sqlnomaly')(text | trim)) -}}
{%- endmacro -%}

{%- macro default__sha256(text) -%}{{- return('SHA256(' ~ text ~ ')') -}}{%- endmacro -%}

{%- macro postgres__sha256(text) -%}{{- return("ENCODE(SHA256(CONVERT_TO(" ~ text ~ ", 'UTF8')), 'hex')") -}}{%- endmacro -%}

{%- macro redshift__sha256(text) -%}{{- return('SHA2(' ~ text ~ ', 256)') -}}{%- endmacro -%}

{%- macro snowflake__sha256(text) -%}{{- return('SHA2(' ~ text ~ ', 256)') -}}{%- endmacro -%}

{%- macro spark__sha256(text) -%}{{- return('SHA2(' ~ text ~ ', 256)') -}}{%- endmacro -%}

{%- macro bigquery__sha256(text) -%}{{- return('TO_HEX(SHA256(' ~ text ~ '))') -}}{%- endmacro -%}

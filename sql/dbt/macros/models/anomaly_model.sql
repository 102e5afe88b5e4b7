{#- A model whose SELECT is a training query: each run fits a version and puts it in force, in the catalog that a session has. -#}
{%- materialization anomaly_model, default -%}
  {%- set name = model['alias'] -%}
  {%- set existing = load_cached_relation(this) -%}
  {%- set asked = sqlnomaly.asked_model(name, config) -%}
  {{- run_hooks(pre_hooks, inside_transaction=False) -}}
  {{- run_hooks(pre_hooks, inside_transaction=True) -}}
  {%- set before = sqlnomaly.in_force(name) -%}
  {%- set tag = local_md5(invocation_id ~ model['unique_id'])[:9] -%}
  {%- set training = sqlnomaly.catalog_table('t_' ~ tag) -%}
  {%- do sqlnomaly.make_table(training, sql) -%}
  {%- set s = sqlnomaly.columns_asked(name, asked, sqlnomaly.columns_there('t_' ~ tag), training) -%}
  {%- set rows, scored = sqlnomaly.catalog_table('r_' ~ tag), sqlnomaly.catalog_table('s_' ~ tag) -%}
  {%- set names = {} -%}
  {%- for part in ['model', 'calibration', 'held', 'selftest'] -%}
    {%- do names.update({part: 'm_' ~ tag ~ '_' ~ loop.index}) -%}
  {%- endfor -%}
  {%- do s.update({'rows': rows, 'scored': scored, 'model': sqlnomaly.catalog_table(names.model)}) -%}
  {%- do sqlnomaly.make_table(rows, sqlnomaly.stored_rows(s)) -%}
  {%- do sqlnomaly.make_table(scored, sqlnomaly.stored_scored(asked.detector, s)) -%}
  {%- do sqlnomaly.make_table(s.model, sqlnomaly.stored_model(asked.detector, s)) -%}
  {%- do sqlnomaly.make_table(sqlnomaly.catalog_table(names.calibration), sqlnomaly.stored_calibration(s)) -%}
  {%- do sqlnomaly.make_table(sqlnomaly.catalog_table(names.held), sqlnomaly.stored_held(s)) -%}
  {%- do sqlnomaly.make_table(sqlnomaly.catalog_table(names.selftest), sqlnomaly.stored_selftest(s)) -%}
  {%- for one in [training, rows, scored] -%}
    {%- do run_query('drop table ' ~ one) -%}
  {%- endfor -%}
  {%- set counts = {} -%}
  {%- for part, table in names.items() -%}
    {%- do counts.update({part: sqlnomaly.one_value('select count(*) from ' ~ sqlnomaly.catalog_table(table)) | int}) -%}
  {%- endfor -%}
  {%- if counts.selftest == 0 -%}
    {{- sqlnomaly.refuse(
      'no row of ' ~ name ~ ' has a score, so there is no model: ' ~ asked.detector ~ ' needs ' ~ s.min_rows
      ~ ' rows without missing features, beside those that calibration holds out'
    ) -}}
  {%- endif -%}
  {%- set definition = sqlnomaly.definition_of(asked, s, sql) -%}
  {%- set how = 'refitted' if before.version is not none and not should_full_refresh()
    and sqlnomaly.same_definition(before, definition, s) else 'created' -%}
  {%- set version = sqlnomaly.next_version(name) -%}
  {%- for part, table in names.items() -%}
    {%- do sqlnomaly.add_state(name, version, part ~ ':table', table, counts[part], none) -%}
  {%- endfor -%}
  {%- do sqlnomaly.add_state(name, version, 'statement', none, -1, sqlnomaly.scoring_text(asked, s, names)) -%}
  {%- do sqlnomaly.add_version(name, version, how, definition, sqlnomaly.manifest_of(asked, s)) -%}
  {%- if existing is not none and not existing.is_view -%}
    {%- do adapter.drop_relation(existing) -%}
  {%- endif -%}
  {%- if existing is none or not existing.is_view -%}
    {%- call statement('view') -%}
      {{ create_view_as(this.incorporate(type='view'), sqlnomaly.versions_of(name)) }}
    {%- endcall -%}
  {%- endif -%}
  {%- call statement('main') -%}
    {{ sqlnomaly.point_at(name, before, version) }}
  {%- endcall -%}
  {{- run_hooks(post_hooks, inside_transaction=True) -}}
  {{- adapter.commit() -}}
  {{- run_hooks(post_hooks, inside_transaction=False) -}}
  {{- return({'relations': [this.incorporate(type='view')]}) -}}
{%- endmaterialization -%}

{#- What the config of a model asks for. -#}
{%- macro asked_model(name, config) -%}
  {%- set detector = config.get('detector', 'zscore') -%}
  {%- if detector not in sqlnomaly.stored_detectors() -%}
    {{- sqlnomaly.refuse(
      'anomaly_model fits ' ~ (sqlnomaly.stored_detectors() | join(', ')) ~ ', and ' ~ name ~ ' asks for ' ~ detector
      ~ '. A session fits every detector: CREATE ANOMALY MODEL ' ~ name ~ ' USING ' ~ detector
      ~ ' AS SELECT ..; sqlnomaly dbt share ' ~ name ~ ' lets score_with score with it'
    ) -}}
  {%- endif -%}
  {%- set keys = sqlnomaly.listed(config.get('partition_by')) -%}
  {%- if keys | length > 1 -%}
    {{- sqlnomaly.refuse('anomaly_model takes one column in partition_by, and ' ~ name ~ ' has ' ~ (keys | join(', '))
      ~ ': join them into one in the SELECT') -}}
  {%- endif -%}
  {%- set share = config.get('calibration', 0.2) -%}
  {%- if share is not number or share <= 0 or share > 0.5 -%}
    {{- sqlnomaly.refuse('calibration is the share of rows held out, above 0 and at most 0.5, not ' ~ share) -}}
  {%- endif -%}
  {%- set options = {} -%}
  {%- for option in ['threshold', 'contamination', 'min_rows', 'direction', 'calibration'] -%}
    {%- if config.get(option) is not none -%}{%- do options.update({option: config.get(option)}) -%}{%- endif -%}
  {%- endfor -%}
  {{- return({'detector': detector, 'own_keys': keys, 'features': sqlnomaly.listed(config.get('features')), 'options': options}) -}}
{%- endmacro -%}

{#- The statements' settings, once the columns of the training query are known. -#}
{%- macro columns_asked(name, asked, columns, training) -%}
  {%- set by_name = {} -%}
  {%- for column in columns -%}{%- do by_name.update({column.name | lower: column}) -%}{%- endfor -%}
  {%- for one in asked.own_keys + asked.features if one | lower not in by_name -%}
    {{- sqlnomaly.refuse('the query of ' ~ name ~ ' has no column ' ~ one ~ '; it has ' ~ (columns | map(attribute='name') | join(', '))) -}}
  {%- endfor -%}
  {%- set keys, features = [], [] -%}
  {%- for one in asked.own_keys -%}{%- do keys.append(by_name[one | lower]) -%}{%- endfor -%}
  {%- if asked.features -%}
    {%- for one in asked.features -%}{%- do features.append(by_name[one | lower]) -%}{%- endfor -%}
  {%- else -%}
    {%- for column in columns if column not in keys -%}{%- do features.append(column) -%}{%- endfor -%}
  {%- endif -%}
  {%- if not features -%}{{- sqlnomaly.refuse('the query of ' ~ name ~ ' has no column beside the partition: SELECT the features too') -}}{%- endif -%}
  {%- for column in features if not (column.is_number() or 'DOUBLE' in column.dtype | upper or 'INT' in column.dtype | upper) -%}
    {{- sqlnomaly.refuse('feature ' ~ column.name ~ ' of ' ~ name ~ ' is ' ~ column.dtype ~ ', and a feature is a number: CAST it, or name others in features') -}}
  {%- endfor -%}
  {%- set s = sqlnomaly.asked(
    '', features | map(attribute='name') | list, asked.detector, none, none, none, asked.options.get('direction'),
    asked.options.get('threshold'), asked.options.get('contamination'), asked.options.get('min_rows'), none, [], none
  ) -%}
  {%- set places, selected = [], [] -%}
  {%- for column in features -%}
    {%- do places.append({'value': 'x' ~ loop.index, 'literal': sqlnomaly.text_literal(column.name) | trim}) -%}
    {%- do selected.append('CAST(' ~ sqlnomaly.quoted(column.name) ~ ' AS ' ~ sqlnomaly.type_double() ~ ') AS x' ~ loop.index) -%}
  {%- endfor -%}
  {%- set key = sqlnomaly.quoted(keys[0].name) if keys else '0' -%}
  {%- set kinds = [] -%}
  {%- for column in keys -%}{%- do kinds.append(sqlnomaly.kind_of_key(column, name)) -%}{%- endfor -%}
  {%- do s.update({
    'relation': '(SELECT ' ~ key ~ ' AS sn_key, ' ~ (selected | join(', ')) ~ ' FROM ' ~ training ~ ') AS sn_training', 'key': 'sn_key',
    'features': places, 'names': features | map(attribute='name') | list, 'own_keys': keys | map(attribute='name') | list,
    'kinds': kinds, 'types': keys | map(attribute='dtype') | list, 'own_contamination': s.contamination if s.rule == 'contamination' else none,
    'contamination': s.contamination if s.rule == 'contamination' else 0.5,
    'calibration': asked.options.get('calibration') or 0.2
  }) -%}
  {{- return(s) -}}
{%- endmacro -%}

{#- What the values of a partition key are. -#}
{%- macro kind_of_key(column, name) -%}
  {%- set type = column.dtype | upper -%}
  {%- if 'CHAR' in type or type in ['TEXT', 'STRING'] -%}{{- return('text') -}}{%- endif -%}
  {%- if 'INTERVAL' not in type and 'INT' in type -%}{{- return('integer') -}}{%- endif -%}
  {%- if 'BOOL' in type -%}{{- return('boolean') -}}{%- endif -%}
  {%- if type == 'DATE' -%}{{- return('date') -}}{%- endif -%}
  {{- sqlnomaly.refuse('partition_by of ' ~ name ~ ' is of type ' ~ column.dtype ~ ': CAST it to text, a whole number or a date in the SELECT') -}}
{%- endmacro -%}

{#- The statement that scores with a version, with names for the relation and its columns. -#}
{%- macro scoring_text(asked, s, names) -%}
  {%- set own = dict(s) -%}
  {%- set places = [] -%}
  {%- for one in s.names -%}
    {%- do places.append({'value': 'CAST(' ~ sqlnomaly.quoted(one) ~ ' AS ' ~ sqlnomaly.type_double() ~ ')', 'literal': sqlnomaly.text_literal(one) | trim}) -%}
  {%- endfor -%}
  {%- do own.update({
    'relation': 'sn_relation', 'columns': 'sn_columns', 'features': places,
    'key': 'CAST(' ~ sqlnomaly.quoted(s.own_keys[0]) ~ ' AS ' ~ s.types[0] ~ ')' if s.own_keys else '0',
    'cuts': '(SELECT _sn__key1 AS _sn__cut_key, threshold AS _sn__cut FROM ' ~ sqlnomaly.catalog_table(names.calibration) ~ ') AS sn_cuts'
  }) -%}
  {{- return(sqlnomaly.stored_scoring(asked.detector, own) | trim) -}}
{%- endmacro -%}

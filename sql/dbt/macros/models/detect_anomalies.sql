{#- The rows of a relation with their scores, as a query in parentheses: `select * from {{ sqlnomaly.detect_anomalies(ref('orders'), ['amount']) }} as scored`. -#}
{%- macro detect_anomalies(
  relation, features, detector='zscore', partition_by=none, order_by=none, season=none, direction=none, threshold=none,
  contamination=none, min_rows=none, filter=none, columns=none, options=none
) -%}
  {%- set s = sqlnomaly.asked(
    relation, features, detector, partition_by, order_by, season, direction, threshold, contamination, min_rows, filter,
    columns, options
  ) -%}
(
{{ sqlnomaly.detector_sql(detector, s) }}
)
{%- endmacro -%}

{#- What a detector's statement is written with. -#}
{%- macro asked(
  relation, features, detector, partition_by, order_by, season, direction, threshold, contamination, min_rows, filter,
  columns, options
) -%}
  {%- set known = sqlnomaly.checked_detector(detector) -%}
  {%- set names = sqlnomaly.listed(features) -%}
  {%- if not names -%}
    {{- sqlnomaly.refuse(detector ~ ' needs features: the columns or expressions that it judges') -}}
  {%- endif -%}
  {%- if threshold is not none and contamination is not none -%}
    {{- sqlnomaly.refuse('threshold and contamination both say from where on a score is an anomaly: give one') -}}
  {%- endif -%}
  {%- if direction not in [none, 'both', 'high', 'low'] -%}
    {{- sqlnomaly.refuse("direction is 'both', 'high' or 'low', not " ~ direction) -}}
  {%- endif -%}
  {%- if direction is not none and known.direction is none and direction != 'both' -%}
    {{- sqlnomaly.refuse(detector ~ ' has no direction') -}}
  {%- endif -%}
  {%- set at = [names | length, known.min_rows | length] | min - 1 -%}
  {%- set own = known.contamination[at] if contamination is none else contamination -%}
  {%- set rule = 'threshold' if threshold is not none or (contamination is none and own is none) else 'contamination' -%}
  {%- set text = detector in ['avf', 'rare_values', 'rare_pairs'] -%}
  {%- set judged = [] -%}
  {%- for name in names -%}
    {%- do judged.append({
      'value': sqlnomaly.value_of(name, text) | trim, 'literal': sqlnomaly.text_literal(name) | trim
    }) -%}
  {%- endfor -%}
  {%- set keys = sqlnomaly.listed(partition_by) -%}
  {%- set slot = none -%}
  {%- if season is not none -%}
    {%- if not order_by -%}
      {{- sqlnomaly.refuse('season needs order_by: the time whose slots of the calendar it names') -}}
    {%- endif -%}
    {%- if detector == 'seasonal' -%}
      {%- set slot = sqlnomaly.slot_name(season) -%}
    {%- else -%}
      {%- for one in sqlnomaly.listed(season) -%}
        {%- do keys.append(sqlnomaly.slot(one, order_by) | trim) -%}
      {%- endfor -%}
    {%- endif -%}
  {%- elif detector == 'seasonal' -%}
    {%- set slot = 'dow' -%}
  {%- endif -%}
  {%- set s = {
    'relation': relation, 'columns': sqlnomaly.columns_of(relation, columns), 'key': sqlnomaly.series_key(keys) | trim,
    'order': order_by, 'filter': filter or 'TRUE', 'features': judged, 'rule': rule, 'season': slot,
    'direction': direction or known.direction or 'both',
    'threshold': threshold if threshold is not none else known.threshold[at], 'contamination': own,
    'min_rows': min_rows if min_rows is not none else known.min_rows[at], 'given': (options or {}).keys() | list
  } -%}
  {%- do s.update(known.options) -%}
  {%- do s.update(options or {}) -%}
  {{- return(s) -}}
{%- endmacro -%}

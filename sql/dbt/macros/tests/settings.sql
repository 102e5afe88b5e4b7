{#-
  The arguments that all tests over time take, checked.

  A test reads the rows of training_buckets + tested_buckets, whatever the relation is; what it may cost is the adapter's to
  limit, as Jinja is told no costs before a statement runs: maximum_bytes_billed of a BigQuery profile, a statement timeout
  elsewhere. A `where` on the column of partitions lets an engine skip the others, where timestamp_column is not that column
  or has another type than a time without zone, which the test casts it to.
-#}
{%- macro settings(timestamp_column, given) -%}
  {%- set defaults = {
    'time_bucket': 'day', 'training_buckets': 28, 'tested_buckets': 1, 'detection_delay': none, 'where': none, 'dimensions': none,
    'detector': 'zscore', 'season': none, 'direction': none, 'warn_level': none, 'error_level': none, 'min_rows': none,
    'min_effect': none, 'exclude': none, 'mask': none, 'options': none, 'explain_by': none, 'new_values': none, 'every': false
  } -%}
  {%- for name in given if name not in defaults -%}
    {{- sqlnomaly.refuse('no argument ' ~ name ~ '; there are ' ~ (defaults | join(', '))) -}}
  {%- endfor -%}
  {%- if not timestamp_column -%}
    {{- sqlnomaly.refuse('timestamp_column is missing: the column that says when a row happened') -}}
  {%- endif -%}
  {%- set t = dict(defaults, **given) -%}
  {%- set known = sqlnomaly.checked_detector(t.detector) -%}
  {%- set direction_of = {none: none, 'both': 'both', 'high': 'high', 'low': 'low', 'spike': 'high', 'drop': 'low'} -%}
  {%- set in_order = ['zscore', 'mad', 'iqr', 'ewma', 'cusum', 'page_hinkley', 'seasonal', 'series_decompose', 'flatline'] -%}
  {%- if t.detector not in in_order -%}
    {{- sqlnomaly.refuse(t.detector ~ ' does not judge a series by its past: detector is one of ' ~ (in_order | join(', '))) -}}
  {%- endif -%}
  {%- if t.detector in ['page_hinkley', 'flatline'] and t.min_effect is not none -%}
    {{- sqlnomaly.refuse(t.detector ~ ' expects no value, and so has no min_effect') -}}
  {%- endif -%}
  {%- if t.min_effect is string and not modules.re.fullmatch('\\d+(\\.\\d+)?%?', t.min_effect) -%}
    {{- sqlnomaly.refuse("min_effect is a number, or a text such as '10%', not " ~ t.min_effect) -}}
  {%- endif -%}
  {%- if direction_of[t.direction] is undefined -%}
    {{- sqlnomaly.refuse("direction is 'both', 'high' or 'low', not " ~ t.direction) -}}
  {%- endif -%}
  {%- if t.new_values not in [none, 'none', 'warn', 'error'] -%}{{- sqlnomaly.refuse("new_values is 'warn', 'error' or 'none', not " ~ t.new_values) -}}{%- endif -%}
  {%- set levels = t.detector == 'zscore' -%}
  {%- set direction = direction_of[t.direction] -%}
  {%- set warn = sqlnomaly.number(t.warn_level, 'warn_level') if t.warn_level is not none else (0.01 if levels else known.threshold[0]) -%}
  {%- set error = sqlnomaly.number(t.error_level, 'error_level') if t.error_level is not none else (0.001 if levels else warn * 1.5) -%}
  {%- if (levels and error > warn) or (not levels and error < warn) -%}
    {{- sqlnomaly.refuse('error_level ' ~ error ~ ' is reached before warn_level ' ~ warn) -}}
  {%- endif -%}
  {%- set slots = sqlnomaly.listed(t.season) if t.detector != 'seasonal' else [] -%}
  {%- set parts = ['sn_metric', 'sn_dimension'] -%}
  {%- for one in slots -%}{%- do parts.append(sqlnomaly.slot(one, 'sn_bucket') | trim) -%}{%- endfor -%}
  {%- set bucket = sqlnomaly.bucket_of(t.time_bucket) -%}
  {%- set training = sqlnomaly.whole_number(t.training_buckets, 'training_buckets', 1) -%}
  {%- set tested = sqlnomaly.whole_number(t.tested_buckets, 'tested_buckets', 1) -%}
  {%- set moment = sqlnomaly.now() - modules.datetime.timedelta(seconds=sqlnomaly.delay_of(t.detection_delay)) -%}
  {%- set buckets = [] -%}
  {%- for at in range(-training - tested, 0) -%}{%- do buckets.append(sqlnomaly.bucket_at(moment, bucket, at)) -%}{%- endfor -%}
  {{- return({
    'timestamp_column': timestamp_column, 'time': 'CAST(' ~ timestamp_column ~ ' AS ' ~ sqlnomaly.type_time() ~ ')',
    'bucket': bucket, 'buckets': buckets, 'tested': buckets[training], 'ends': sqlnomaly.bucket_at(moment, bucket),
    'where': t.where, 'dimensions': sqlnomaly.listed(t.dimensions), 'explain_by': sqlnomaly.listed(t.explain_by),
    'detector': t.detector, 'season': sqlnomaly.slot_name(t.season), 'slots': slots, 'parts': parts,
    'direction': direction, 'levels': levels, 'banded': t.detector not in ['page_hinkley', 'flatline'], 'warn': warn, 'error': error,
    'min_rows': sqlnomaly.whole_number(t.min_rows, 'min_rows', 1) if t.min_rows is not none else known.min_rows[0],
    'min_effect': t.min_effect, 'exclude': [t.exclude] if t.exclude is mapping else sqlnomaly.listed(t.exclude), 'mask': t.mask,
    'options': t.options, 'new_values': t.new_values if t.new_values != 'none' else none, 'every': sqlnomaly.truth(t.every, 'every')
  }) -}}
{%- endmacro -%}

{#- Seconds that rows may be late: {'period': 'hour', 'count': 6}. -#}
{%- macro delay_of(given) -%}
  {{- return(0 if given is none else sqlnomaly.seconds_of(sqlnomaly.bucket_of(given))) -}}
{%- endmacro -%}

{#- A whole number, or the text of one, as YAML and --vars give it. -#}
{%- macro whole_number(given, what, least) -%}
  {%- if not modules.re.fullmatch('\\d+', given | string) or given | int < least -%}
    {{- sqlnomaly.refuse(what ~ ' is a whole number, at least ' ~ least ~ ', not ' ~ given) -}}
  {%- endif -%}
  {{- return(given | int) -}}
{%- endmacro -%}

{#- A number, or the text of one. -#}
{%- macro number(given, what) -%}
  {%- if given is boolean or not modules.re.fullmatch('[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?', given | string) -%}
    {{- sqlnomaly.refuse(what ~ ' is a number, not ' ~ given) -}}
  {%- endif -%}
  {{- return(given | float) -}}
{%- endmacro -%}

{#- True or false, or the text of it. -#}
{%- macro truth(given, what) -%}
  {%- if given | string | lower not in ['true', 'false'] -%}{{- sqlnomaly.refuse(what ~ ' is true or false, not ' ~ given) -}}{%- endif -%}
  {{- return(given | string | lower == 'true') -}}
{%- endmacro -%}

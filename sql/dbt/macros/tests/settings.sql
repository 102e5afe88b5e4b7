{#- The arguments that all tests over time take, checked. -#}
{%- macro settings(timestamp_column, given) -%}
  {%- set defaults = {
    'time_bucket': 'day', 'training_buckets': 28, 'tested_buckets': 1, 'detection_delay': none, 'where': none, 'dimensions': none,
    'detector': 'zscore', 'season': none, 'direction': none, 'warn_level': none, 'error_level': none, 'min_rows': none,
    'min_effect': none, 'exclude': none, 'mask': none, 'options': none, 'every': false
  } -%}
  {%- for name in given if name not in defaults -%}
    {{- sqlnomaly.refuse('no argument ' ~ name ~ '; there are ' ~ (defaults | join(', '))) -}}
  {%- endfor -%}
  {%- if not timestamp_column -%}
    {{- sqlnomaly.refuse('timestamp_column is missing: the column that says when a row happened') -}}
  {%- endif -%}
  {%- set t = dict(defaults, **given) -%}
  {%- set known = sqlnomaly.checked_detector(t.detector) -%}
  {%- set meant = {'spike': 'high', 'drop': 'low'} -%}
  {%- set levels = t.detector == 'zscore' -%}
  {%- set direction = meant.get(t.direction, t.direction) -%}
  {%- set warn = t.warn_level if t.warn_level is not none else (0.01 if levels else known.threshold[0]) -%}
  {%- set error = t.error_level if t.error_level is not none else (0.001 if levels else warn * 1.5) -%}
  {%- if (levels and error > warn) or (not levels and error < warn) -%}
    {{- sqlnomaly.refuse('error_level ' ~ error ~ ' is reached before warn_level ' ~ warn) -}}
  {%- endif -%}
  {%- set parts = ['sn_metric', 'sn_dimension'] -%}
  {%- if t.season is not none and t.detector != 'seasonal' -%}
    {%- for one in sqlnomaly.listed(t.season) -%}
      {%- do parts.append(sqlnomaly.slot(one, 'sn_bucket') | trim) -%}
    {%- endfor -%}
  {%- endif -%}
  {{- return({
    'timestamp_column': timestamp_column, 'bucket': sqlnomaly.bucket_of(t.time_bucket), 'training_buckets': t.training_buckets | int,
    'tested_buckets': t.tested_buckets | int, 'delay': sqlnomaly.delay_of(t.detection_delay),
    'where': t.where, 'dimensions': sqlnomaly.listed(t.dimensions), 'detector': t.detector, 'season': t.season, 'parts': parts,
    'direction': direction, 'levels': levels, 'warn': warn, 'error': error,
    'min_rows': t.min_rows if t.min_rows is not none else known.min_rows[0], 'min_effect': t.min_effect,
    'exclude': sqlnomaly.listed(t.exclude) if t.exclude is not mapping else [t.exclude], 'mask': t.mask, 'options': t.options, 'every': t.every
  }) -}}
{%- endmacro -%}

{#- Seconds that rows may be late: {'period': 'hour', 'count': 6}. -#}
{%- macro delay_of(given) -%}
  {{- return(0 if given is none else sqlnomaly.seconds_of(sqlnomaly.bucket_of(given))) -}}
{%- endmacro -%}

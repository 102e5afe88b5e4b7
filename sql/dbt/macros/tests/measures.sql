{#- What a test measures in each bucket, as aggregates. -#}

{%- macro measure(name, column) -%}
  {%- if name is mapping -%}
    {{- return({'name': name.name, 'sql': name.sql}) -}}
  {%- endif -%}
  {%- set number = 'CAST(' ~ column ~ ' AS ' ~ sqlnomaly.type_double() ~ ')' -%}
  {%- set rows = 'NULLIF(COUNT(*), 0)' -%}
  {%- set texts = {
    'row_count': 'COUNT(*)',
    'null_count': 'COUNT(*) - COUNT(' ~ column ~ ')',
    'null_rate': '(COUNT(*) - COUNT(' ~ column ~ ')) * 1.0 / ' ~ rows,
    'distinct_count': 'COUNT(DISTINCT ' ~ column ~ ')',
    'mean': 'AVG(' ~ number ~ ')', 'sum': 'SUM(' ~ number ~ ')', 'min': 'MIN(' ~ number ~ ')', 'max': 'MAX(' ~ number ~ ')',
    'stddev': 'STDDEV_SAMP(' ~ number ~ ')',
    'zero_rate': 'SUM(CASE WHEN ' ~ number ~ ' = 0 THEN 1 ELSE 0 END) * 1.0 / ' ~ rows,
    'empty_rate': "SUM(CASE WHEN " ~ column ~ " = '' THEN 1 ELSE 0 END) * 1.0 / " ~ rows,
    'true_rate': 'SUM(CASE WHEN ' ~ column ~ ' THEN 1 ELSE 0 END) * 1.0 / ' ~ rows,
    'min_length': 'MIN(LENGTH(' ~ column ~ '))', 'max_length': 'MAX(LENGTH(' ~ column ~ '))',
    'mean_length': 'AVG(CAST(LENGTH(' ~ column ~ ') AS ' ~ sqlnomaly.type_double() ~ '))',
    'median': sqlnomaly.quantile(number, 0.5) | trim, 'p25': sqlnomaly.quantile(number, 0.25) | trim,
    'p75': sqlnomaly.quantile(number, 0.75) | trim, 'p95': sqlnomaly.quantile(number, 0.95) | trim,
    'p99': sqlnomaly.quantile(number, 0.99) | trim
  } -%}
  {%- if name not in texts -%}
    {{- sqlnomaly.refuse("no metric " ~ name ~ "; there are " ~ (texts | join(', ')) ~ ", or {'name': 'gross', 'sql': 'SUM(price * items)'}") -}}
  {%- endif -%}
  {{- return({'name': name, 'sql': texts[name]}) -}}
{%- endmacro -%}

{%- macro quantile(value, share) -%}
  {{- adapter.dispatch('quantile', 'sqlnomaly')(value, share) -}}
{%- endmacro -%}

{%- macro default__quantile(value, share) -%}
  PERCENTILE_CONT({{ share }}) WITHIN GROUP (ORDER BY {{ value }})
{%- endmacro -%}

{%- macro bigquery__quantile(value, share) -%}
  APPROX_QUANTILES({{ value }}, 100)[OFFSET({{ (share * 100) | int }})]
{%- endmacro -%}

{%- macro spark__quantile(value, share) -%}
  PERCENTILE({{ value }}, {{ share }})
{%- endmacro -%}

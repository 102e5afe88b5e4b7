{#- What a test measures in each bucket, as aggregates. -#}

{#-
  `key` is what a metric is called within its test, `adds` whether the parts of its rows make up the whole, and `kind` what
  a bucket without rows has: 'count' none, 'age' one more, 'value' no value.
-#}
{%- macro measure(name, column, several=false) -%}
  {%- if name is mapping -%}
    {%- if not name.name or not name.sql -%}
      {{- sqlnomaly.refuse("a metric of your own is {'name': 'gross', 'sql': 'SUM(price * items)'}, not " ~ name) -}}
    {%- endif -%}
    {{- return({'key': name.name, 'name': name.name, 'column': '', 'sql': name.sql, 'kind': 'value', 'adds': name.get('adds', false)}) -}}
  {%- endif -%}
  {%- if name == 'row_count' -%}
    {{- return({'key': name, 'name': name, 'column': '', 'sql': 'COUNT(*)', 'kind': 'count', 'adds': true}) -}}
  {%- endif -%}
  {%- if not column -%}
    {{- sqlnomaly.refuse('the metric ' ~ name ~ ' is one of a column: give column_name') -}}
  {%- endif -%}
  {%- set number = 'CAST(' ~ column ~ ' AS ' ~ sqlnomaly.type_double() ~ ')' -%}
  {%- set rows = 'NULLIF(COUNT(*), 0)' -%}
  {%- set texts = {
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
  {{- return({
    'key': column ~ '.' ~ name if several else name, 'name': name, 'column': column, 'sql': texts[name], 'kind': 'value',
    'adds': name in ['null_count', 'distinct_count', 'sum']
  }) -}}
{%- endmacro -%}

{#- The metrics that a test asks for: of a column, of several columns, or column by column. -#}
{%- macro measures(metrics, column, columns) -%}
  {%- set found, asked = [], [] -%}
  {%- if metrics is mapping and not ('name' in metrics and 'sql' in metrics) -%}
    {%- if columns -%}{{- sqlnomaly.refuse('metrics names the columns already: leave columns out') -}}{%- endif -%}
    {%- for name, some in metrics.items() -%}{%- do asked.append((name, some)) -%}{%- endfor -%}
  {%- else -%}
    {%- for name in sqlnomaly.listed(columns) or [column] -%}{%- do asked.append((name, metrics)) -%}{%- endfor -%}
  {%- endif -%}
  {%- for name, some in asked -%}
    {%- for metric in ([some] if some is mapping else sqlnomaly.listed(some)) -%}
      {%- do found.append(sqlnomaly.measure(metric, name, columns or metrics is mapping)) -%}
    {%- endfor -%}
  {%- endfor -%}
  {%- if not found -%}{{- sqlnomaly.refuse('no metrics: there is nothing to test') -}}{%- endif -%}
  {{- return(found) -}}
{%- endmacro -%}

{#- Metrics, each once; two of one name would be one series. -#}
{%- macro told_apart(metrics) -%}
  {%- set found = {} -%}
  {%- for metric in metrics -%}
    {%- if found.get(metric.key, metric).sql != metric.sql -%}
      {{- sqlnomaly.refuse('two metrics are called ' ~ metric.key ~ ', ' ~ found[metric.key].sql ~ ' and ' ~ metric.sql ~ ': name one otherwise') -}}
    {%- endif -%}
    {%- do found.update({metric.key: metric}) -%}
  {%- endfor -%}
  {{- return(found.values() | list) -}}
{%- endmacro -%}

{#- The newest row of a bucket; judged is how long before the end of the bucket it lies, be it in an earlier one. -#}
{%- macro freshness(timestamp_column) -%}
  {%- set time = 'CAST(' ~ timestamp_column ~ ' AS ' ~ sqlnomaly.type_time() ~ ')' -%}
  {{- return({'key': 'freshness', 'name': 'freshness', 'column': '', 'sql': 'MAX(' ~ (sqlnomaly.epoch(time) | trim) ~ ')', 'kind': 'age', 'adds': true}) -}}
{%- endmacro -%}

{#- What is judged of a metric in a bucket: counts without rows are 0, ages go on. -#}
{%- macro judged_value(metric, at, bucket) -%}
  {%- if metric.kind == 'count' -%}
    COALESCE(sn_m{{ at }}, 0)
  {%- elif metric.kind == 'age' -%}
    {{ sqlnomaly.epoch('sn_filled.sn_bucket') }} + {{ sqlnomaly.real(sqlnomaly.seconds_of(bucket)) }}
      - MAX(sn_m{{ at }}) OVER (PARTITION BY sn_filled.sn_dimension, sn_metrics.sn_metric ORDER BY sn_filled.sn_bucket ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
  {%- else -%}
    sn_m{{ at }}
  {%- endif -%}
{%- endmacro -%}

{#- Seconds since 1970, of a time without zone. -#}
{%- macro epoch(time) -%}
  {{- adapter.dispatch('epoch', 'sqlnomaly')(time) -}}
{%- endmacro -%}

{%- macro default__epoch(time) -%}CAST(EXTRACT(EPOCH FROM {{ time }}) AS {{ sqlnomaly.type_double() }}){%- endmacro -%}

{%- macro snowflake__epoch(time) -%}CAST(DATE_PART(EPOCH_SECOND, {{ time }}) AS {{ sqlnomaly.type_double() }}){%- endmacro -%}

{%- macro bigquery__epoch(time) -%}CAST(UNIX_SECONDS(TIMESTAMP({{ time }})) AS {{ sqlnomaly.type_double() }}){%- endmacro -%}

{%- macro spark__epoch(time) -%}CAST(TIMESTAMPDIFF(SECOND, TIMESTAMP_NTZ'1970-01-01 00:00:00', {{ time }}) AS {{ sqlnomaly.type_double() }}){%- endmacro -%}

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

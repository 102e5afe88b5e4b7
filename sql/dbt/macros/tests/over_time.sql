{#-
  Tests over time. Each fails with rows of level error and warns with those of level warn; a column `level` says which,
  and with `every: true` the buckets that are as expected, or too young to be judged, are rows too, of level none.

  What is wrong with a test's arguments is said when it is compiled, not when the project is read: other tests still run.
-#}

{% test volume_anomalies(model, timestamp_column) %}
  {{ config(fail_calc=sqlnomaly.failures(), warn_if='>= 1', error_if='>= 2') }}
  {%- if execute -%}
  {{ sqlnomaly.judged(model, [sqlnomaly.measure('row_count', none)], sqlnomaly.settings(timestamp_column, kwargs)) }}
{%- endif -%}
{% endtest %}

{#-
  The rows of each value of some columns. A value that the days before had none of is told by `new_values` (warn, error or
  none); one that every day before had, 28 or more of them, and that has none now, is a warning at least: by chance that is as
  rare as one in a hundred.
-#}
{% test dimension_anomalies(model, timestamp_column, dimensions, new_values='warn') %}
  {{ config(fail_calc=sqlnomaly.failures(), warn_if='>= 1', error_if='>= 2') }}
  {%- if execute -%}
  {%- set given = dict(kwargs, dimensions=dimensions, new_values=new_values) -%}
  {{ sqlnomaly.judged(model, [sqlnomaly.measure('row_count', none)], sqlnomaly.settings(timestamp_column, given)) }}
{%- endif -%}
{% endtest %}

{#-
  Metrics of one column, or of several in one scan: `metrics: [mean, null_rate]` of `columns: [amount, items]`, or
  `metrics: {amount: [mean, null_rate], status: [distinct_count]}`. A metric of your own is {'name': .., 'sql': ..}.
-#}
{% test column_anomalies(model, timestamp_column, column_name=none, metrics=['null_rate', 'distinct_count', 'mean'], columns=none) %}
  {{ config(fail_calc=sqlnomaly.failures(), warn_if='>= 1', error_if='>= 2') }}
  {%- if execute -%}
  {{ sqlnomaly.judged(model, sqlnomaly.measures(metrics, column_name, columns), sqlnomaly.settings(timestamp_column, kwargs)) }}
{%- endif -%}
{% endtest %}

{#- All that a table is watched for, in one scan: its rows, and metrics of columns as of column_anomalies. -#}
{% test table_anomalies(model, timestamp_column, metrics=none, columns=none) %}
  {{ config(fail_calc=sqlnomaly.failures(), warn_if='>= 1', error_if='>= 2') }}
  {%- if execute -%}
  {%- set asked = sqlnomaly.measures(metrics or ['null_rate', 'distinct_count'], none, columns) if metrics or columns else [] -%}
  {{ sqlnomaly.judged(model, [sqlnomaly.measure('row_count', none)] + asked, sqlnomaly.settings(timestamp_column, kwargs)) }}
{%- endif -%}
{% endtest %}

{#- How long after the end of a bucket its newest row lies back, in seconds: rows that stop coming make it grow. -#}
{% test freshness_anomalies(model, timestamp_column) %}
  {{ config(fail_calc=sqlnomaly.failures(), warn_if='>= 1', error_if='>= 2') }}
  {%- if execute -%}
  {%- set given = dict({'direction': 'high'}, **kwargs) -%}
  {{ sqlnomaly.judged(model, [sqlnomaly.freshness(timestamp_column)], sqlnomaly.settings(timestamp_column, given)) }}
{%- endif -%}
{% endtest %}

{#- What dbt takes for the number of failures: 2 where a row is an error, 1 where one is a warning. -#}
{%- macro failures() -%}
  {{- return("COALESCE(MAX(CASE level WHEN 'error' THEN 2 WHEN 'warn' THEN 1 ELSE 0 END), 0)") -}}
{%- endmacro -%}

{#- Each test fails with the rows of level error and warns with those of level warn. -#}

{% test volume_anomalies(model, timestamp_column) %}
  {{ config(fail_calc=sqlnomaly.failures(), warn_if='>= 1', error_if='>= 1000000') }}
  {%- set t = sqlnomaly.settings(timestamp_column, kwargs) -%}
  {{ sqlnomaly.judged(model, [{'name': 'row_count', 'sql': 'COUNT(*)', 'zero': true}], t) }}
{% endtest %}

{% test column_anomalies(model, column_name, timestamp_column, metrics=['null_rate', 'distinct_count', 'mean']) %}
  {{ config(fail_calc=sqlnomaly.failures(), warn_if='>= 1', error_if='>= 1000000') }}
  {%- set t = sqlnomaly.settings(timestamp_column, kwargs) -%}
  {%- set measures = [] -%}
  {%- for metric in sqlnomaly.listed(metrics) -%}{%- do measures.append(sqlnomaly.measure(metric, column_name)) -%}{%- endfor -%}
  {{ sqlnomaly.judged(model, measures, t) }}
{% endtest %}

{%- macro failures() -%}
  {{- return("COALESCE(SUM(CASE level WHEN 'error' THEN 1000000 WHEN 'warn' THEN 1 ELSE 0 END), 0)") -}}
{%- endmacro -%}

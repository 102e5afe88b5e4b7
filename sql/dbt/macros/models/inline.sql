{#- One row's answer as an expression of window functions: `select *, {{ sqlnomaly.anomaly_score('amount', partition_by='store') }} as score`. -#}

{%- macro anomaly_score(features, detector='zscore', partition_by=none, order_by=none, direction=none, threshold=none, min_rows=none) -%}
  {{- sqlnomaly.expression_of('score', features, detector, partition_by, order_by, direction, threshold, min_rows) -}}
{%- endmacro -%}

{%- macro is_anomaly(features, detector='zscore', partition_by=none, order_by=none, direction=none, threshold=none, min_rows=none) -%}
  {{- sqlnomaly.expression_of('is_anomaly', features, detector, partition_by, order_by, direction, threshold, min_rows) -}}
{%- endmacro -%}

{#- The feature that says most against the row. -#}
{%- macro anomaly_reason(features, detector='zscore', partition_by=none, order_by=none, direction=none, threshold=none, min_rows=none) -%}
  {{- sqlnomaly.expression_of('reason', features, detector, partition_by, order_by, direction, threshold, min_rows) -}}
{%- endmacro -%}

{#- ok, or why there is no score. -#}
{%- macro anomaly_status(features, detector='zscore', partition_by=none, order_by=none, direction=none, threshold=none, min_rows=none) -%}
  {{- sqlnomaly.expression_of('status', features, detector, partition_by, order_by, direction, threshold, min_rows) -}}
{%- endmacro -%}

{%- macro expression_of(answer, features, detector, partition_by, order_by, direction, threshold, min_rows) -%}
  {%- if order_by is not none -%}
    {{- sqlnomaly.refuse('a row judged by those before it is more than one expression: use detect_anomalies(relation, ..., order_by=...)') -}}
  {%- endif -%}
  {%- set s = sqlnomaly.asked(
    '', features, detector, partition_by, none, none, direction, threshold, none, min_rows, none, [], none
  ) -%}
  {%- do s.update({'answer': answer}) -%}
  ({{ sqlnomaly.inline_sql(detector, s) | trim }})
{%- endmacro -%}

{%- macro no_expression(detector) -%}
  {{- sqlnomaly.refuse(
    detector ~ ' is no single expression on ' ~ target.type ~ ": it looks at the rows more than once. "
    ~ "Use select * from {{ sqlnomaly.detect_anomalies(ref('..'), [..], detector='" ~ detector ~ "') }} as scored"
  ) -}}
{%- endmacro -%}

{#-
  The heart of the tests over time: metrics in buckets, each bucket judged by the buckets before it, never by itself.
  Rows of the result are the tested buckets that are odd, with the band that was expected.

  Empty buckets since the last row teach nothing: rows that stopped are told day after day, not until it is the habit. Where
  too little is left to judge by, as nothing came for most of the buckets or in all of them, it is a warning. Values of
  dimensions may leave: only their freshness is judged that way.
-#}

{%- macro judged(relation, asked, t) -%}
  {%- set metrics = sqlnomaly.told_apart(asked) -%}
  {%- if sqlnomaly.writes('sqlnomaly_results', relation) -%}
    {{ sqlnomaly.kept_results(relation, metrics, t) }}
  {%- else -%}
    {{ sqlnomaly.verdicts(relation, metrics, t) }}
  {%- endif -%}
{%- endmacro -%}

{%- macro verdicts(relation, metrics, t) -%}
  {%- set ends = not t.dimensions or metrics[0].kind == 'age' -%}
  {%- set since = sqlnomaly.time_literal(t.buckets[(t.buckets | length) // 4]) | trim -%}
  {%- set constants = [] -%}
  {%- for metric in metrics -%}
    {%- do constants.append([sqlnomaly.text_literal(metric.key) | trim, sqlnomaly.text_literal(metric.name) | trim, sqlnomaly.text_literal(metric.column) | trim]) -%}
  {%- endfor -%}
WITH sn_measured AS (
  {{ sqlnomaly.measured(relation, metrics, t) }}
), sn_spine AS (
  {{ sqlnomaly.spine(t.buckets) }}
), sn_filled AS (
  {%- if t.dimensions %}
  {{ sqlnomaly.filled('sn_measured', metrics, ['sn_dimension']) }}
  {%- else %}
  SELECT sn_spine.sn_bucket, {{ sqlnomaly.dimension_text([]) }} AS sn_dimension{% for metric in metrics %}, sn_m{{ loop.index }}{% endfor %}, COALESCE(sn_rows, 0) AS sn_rows
  FROM sn_spine LEFT JOIN sn_measured ON sn_measured.sn_bucket = sn_spine.sn_bucket
  {%- endif %}
), sn_values AS (
  SELECT
    sn_filled.sn_bucket, sn_filled.sn_dimension, sn_metrics.sn_metric, sn_metrics.sn_name, sn_metrics.sn_column,
    CASE sn_metrics.sn_metric
      {%- for metric in metrics %}
      WHEN {{ sqlnomaly.text_literal(metric.key) }} THEN {{ sqlnomaly.judged_value(metric, loop.index, t.bucket) }}
      {%- endfor %}
    END AS sn_value,
    sn_filled.sn_bucket >= {{ sqlnomaly.time_literal(t.tested) | trim }} AS sn_tested,
    {{ sqlnomaly.outside(t) }} AND {{ 'COALESCE((' ~ t.mask ~ '), FALSE)' if t.mask else 'TRUE' }} AS sn_counts,
    MIN(CASE WHEN sn_rows > 0 THEN sn_filled.sn_bucket END) OVER (PARTITION BY sn_filled.sn_dimension) AS sn_first,
    {{ 'MAX(CASE WHEN sn_rows > 0 THEN sn_filled.sn_bucket END) OVER (PARTITION BY sn_filled.sn_dimension)' if ends else sqlnomaly.time_literal(t.ends) | trim }} AS sn_last
  FROM (SELECT sn_filled.*, sn_bucket AS bucket FROM sn_filled) AS sn_filled CROSS JOIN ({{ sqlnomaly.constants(['sn_metric', 'sn_name', 'sn_column'], constants) }}) AS sn_metrics
), sn_scored AS (
  SELECT sn_scores.*, {{ 'CAST(NULL AS ' ~ sqlnomaly.type_double() ~ ') AS anomaly_expected, ' if t.detector == 'flatline' }}COUNT(CASE WHEN sn_learnt AND ABS(sn_value) < 1e308 THEN 1 END) OVER (
    PARTITION BY {{ t.parts | join(', ') }} ORDER BY sn_bucket ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
  ) AS sn_n
  {%- if t.dimensions %}, MIN(CASE WHEN sn_learnt THEN sn_value END) OVER (
    PARTITION BY {{ t.parts | join(', ') }} ORDER BY sn_bucket ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
  ) AS sn_least, MIN(sn_first) OVER () AS sn_start
  {%- endif %}
  FROM {{ sqlnomaly.detect_anomalies(
    '(SELECT sn_values.*, sn_counts AND COALESCE(sn_bucket BETWEEN sn_first AND sn_last, FALSE) AS sn_learnt FROM sn_values) AS sn_input',
    ['sn_value'], detector=t.detector, partition_by=t.parts, order_by='sn_bucket',
    season=t.season if t.detector == 'seasonal' else none, direction=t.direction,
    threshold=1 if t.levels else t.warn, min_rows=t.min_rows, filter='sn_learnt', options=t.options,
    columns=['sn_bucket', 'sn_dimension', 'sn_metric', 'sn_name', 'sn_column', 'sn_value', 'sn_tested', 'sn_counts', 'sn_first', 'sn_last', 'sn_learnt']
  ) }} AS sn_scores
), sn_limited AS (
  SELECT sn_scored.*,
    {{ sqlnomaly.new_value(t) if t.dimensions else 'FALSE' }} AS sn_new,
    {{ "sn_metric = 'row_count' AND sn_value = 0 AND sn_n >= 28 AND sn_least > 0" if t.dimensions else 'FALSE' }} AS sn_vanished,
    {{ 'sn_metric = ' ~ (sqlnomaly.text_literal(metrics[0].key) | trim) ~ ' AND sn_n < 7 AND COALESCE(sn_last < ' ~ since ~ ', TRUE)' if not t.dimensions and metrics[0].kind != 'value' else 'FALSE' }} AS sn_gone,
    CAST({{ sqlnomaly.critical(t, t.warn, 'sn_n') }} AS {{ sqlnomaly.type_double() }}) AS sn_warn,
    CAST({{ sqlnomaly.critical(t, t.error, 'sn_n') }} AS {{ sqlnomaly.type_double() }}) AS sn_error
  FROM sn_scored
), sn_verdicts AS (
  SELECT sn_limited.*,
    {%- if t.levels %}
    anomaly_expected - sn_warn * (anomaly_expected - anomaly_lower) AS sn_lower,
    anomaly_expected + sn_warn * (anomaly_upper - anomaly_expected) AS sn_upper,
    {%- elif t.banded %}
    anomaly_lower AS sn_lower, anomaly_upper AS sn_upper,
    {%- else %}
    CAST(NULL AS {{ sqlnomaly.type_double() }}) AS sn_lower, CAST(NULL AS {{ sqlnomaly.type_double() }}) AS sn_upper,
    {%- endif %}
    CASE
      WHEN NOT sn_tested OR NOT sn_counts THEN NULL
      {%- if t.new_values %}
      WHEN sn_new AND {{ sqlnomaly.large_enough(t) }} THEN '{{ t.new_values }}'
      {%- endif %}
      WHEN sn_gone THEN 'warn'
      WHEN sn_value IS NULL OR sn_n < {{ t.min_rows }} OR sn_first IS NULL OR sn_bucket < sn_first THEN NULL
      WHEN NOT ({{ sqlnomaly.large_enough(t) }}) THEN NULL
      WHEN anomaly_status = 'constant_baseline' THEN CASE WHEN {{ sqlnomaly.left_constant(t) }} THEN 'error' END
      WHEN anomaly_status = 'out_of_range' AND anomaly_expected IS NOT NULL THEN 'error'
      WHEN anomaly_score > sn_error * (1 + 1e-9) THEN 'error'
      WHEN anomaly_score > sn_warn * (1 + 1e-9) THEN 'warn'
      WHEN sn_vanished THEN 'warn'
    END AS sn_level
  FROM sn_limited
)
{%- if t.explain_by %}, {{ sqlnomaly.moved(relation, metrics, t) }}{% endif %}
SELECT
  sn_bucket AS bucket, sn_column AS column_name, sn_name AS metric, sn_dimension AS dimension, sn_value AS value,
  anomaly_expected AS expected, sn_lower AS lower_bound, sn_upper AS upper_bound, anomaly_score AS score, sn_warn AS threshold,
  sn_n AS training_buckets, COALESCE(sn_level, 'none') AS level,
  CASE WHEN sn_new THEN 'new_value' WHEN sn_vanished THEN 'vanished' WHEN sn_gone THEN 'no_rows' WHEN sn_n < {{ t.min_rows }} THEN 'warm_up' WHEN anomaly_status = 'missing_value' THEN 'no_data' ELSE anomaly_status END AS status,
  sn_name || CASE WHEN sn_column = '' THEN '' ELSE ' of ' || sn_column END || CASE WHEN sn_dimension = '' THEN '' ELSE ' for ' || sn_dimension END
    || ' in ' || {{ sqlnomaly.shown_time('sn_bucket', t) }} || ' is ' || {{ sqlnomaly.shown('sn_value') }}
    || ', ' || CASE WHEN sn_new THEN 'and was never there before' WHEN sn_gone THEN 'and no row came since ' || {{ sqlnomaly.shown_time(since, t) }} ELSE 'expected ' || {{ sqlnomaly.band('sn_lower', 'sn_upper') }} END
    {%- if t.explain_by %} || COALESCE('; moved most: ' || sn_most, ''){% endif %} AS description,
  {{ 'sn_most' if t.explain_by else 'CAST(NULL AS ' ~ dbt.type_string() ~ ')' }} AS moved_most
FROM {{ 'sn_explained' if t.explain_by else 'sn_verdicts' }}
WHERE sn_tested AND {{ 'TRUE' if t.every else 'sn_level IS NOT NULL' }}
{%- endmacro -%}

{#- The rows of a table of measures, with one for each bucket of sn_spine in which a series has none; the table is read once. -#}
{%- macro filled(table, metrics, keys) -%}
  SELECT sn_spine.sn_bucket, {{ keys | join(', ') }}
    {%- for metric in metrics %}, MAX(CASE WHEN sn_spine.sn_bucket = sn_numbered.sn_bucket THEN sn_m{{ loop.index }} END) AS sn_m{{ loop.index }}{% endfor %},
    SUM(CASE WHEN sn_spine.sn_bucket = sn_numbered.sn_bucket THEN sn_rows ELSE 0 END) AS sn_rows
  FROM (
    SELECT {{ table }}.*, ROW_NUMBER() OVER (PARTITION BY {{ keys | join(', ') }} ORDER BY sn_bucket) AS sn_at FROM {{ table }}
  ) AS sn_numbered JOIN sn_spine ON sn_spine.sn_bucket = sn_numbered.sn_bucket OR sn_numbered.sn_at = 1
  GROUP BY sn_spine.sn_bucket, {{ keys | join(', ') }}
{%- endmacro -%}

{#- Where a bucket begins, for people: the day is enough where buckets have no hour. -#}
{%- macro shown_time(time, t) -%}
  {%- if t.bucket.period in ['day', 'week', 'month'] -%}
    CAST(CAST({{ time }} AS DATE) AS {{ dbt.type_string() }})
  {%- else -%}
    CAST({{ time }} AS {{ dbt.type_string() }})
  {%- endif -%}
{%- endmacro -%}

{#- What was expected, in words. -#}
{%- macro band(lower, upper) -%}
  CASE WHEN {{ lower }} IS NULL AND {{ upper }} IS NULL THEN 'nothing in particular'
    WHEN {{ lower }} IS NULL THEN 'at most ' || {{ sqlnomaly.shown(upper) }}
    WHEN {{ upper }} IS NULL THEN 'at least ' || {{ sqlnomaly.shown(lower) }}
    ELSE {{ sqlnomaly.shown(lower) }} || ' to ' || {{ sqlnomaly.shown(upper) }} END
{%- endmacro -%}

{#- Where a z-score is odd by chance with the level's probability, or the threshold itself. -#}
{%- macro critical(t, level, n) -%}
  {%- if not t.levels -%}
    {{ sqlnomaly.real(level) }}
  {%- else -%}
    {%- set values = sqlnomaly.critical_values()['2' if t.direction in [none, 'both'] else '1'] -%}
    {%- set near = [] -%}
    {%- for key in values if (key | float - level) | abs < 1e-9 * level -%}{%- do near.append(key) -%}{%- endfor -%}
    {%- if not near -%}
      {{- sqlnomaly.refuse('significance ' ~ level ~ ' has no critical values; there are those of ' ~ (values | join(', '))) -}}
    {%- endif -%}
    {%- set found = values[near[0]] -%}
    CASE {{ n }}{% for value in found.few %} WHEN {{ loop.index + 2 }} THEN {{ sqlnomaly.real(value) }}{% endfor %}
      WHEN 0 THEN NULL WHEN 1 THEN NULL WHEN 2 THEN NULL
      ELSE {{ sqlnomaly.real(found.many[0]) }}
      {%- for value in found.many[1:] %} + {{ sqlnomaly.real(value) }}{% for _ in range(loop.index) %} / NULLIF({{ n }}, 0){% endfor %}{% endfor %} END
  {%- endif -%}
{%- endmacro -%}

{#-
  What has been the same in a week of buckets or more, and has a z-score of nothing, is odd where it changes by a tenth.
-#}
{%- macro left_constant(t) -%}
  {%- set signs = {'high': '>', 'low': '<'} -%}
  sn_n >= 7 AND sn_value {{ signs.get(t.direction, '<>') }} anomaly_expected AND ABS(sn_value - COALESCE(anomaly_expected, 0)) >= 0.1 * ABS(anomaly_expected)
{%- endmacro -%}

{#- Whether this is the first bucket of a value, where the table itself goes back a week of buckets or more. -#}
{%- macro new_value(t) -%}
  sn_tested AND sn_bucket = sn_first AND sn_start <= {{ sqlnomaly.time_literal(sqlnomaly.bucket_at(t.tested, t.bucket, -7)) | trim }}
{%- endmacro -%}

{#- Whether a difference is worth telling: min_effect is a number, or a text such as '10%'. -#}
{%- macro large_enough(t) -%}
  {%- if t.min_effect is none -%}
    TRUE
  {%- elif t.min_effect is string and '%' in t.min_effect -%}
    ABS(sn_value - COALESCE(anomaly_expected, 0)) >= ABS(COALESCE(anomaly_expected, 0)) * {{ sqlnomaly.real(t.min_effect.replace('%', '') | float / 100) }}
  {%- else -%}
    ABS(sn_value - COALESCE(anomaly_expected, 0)) >= {{ sqlnomaly.real(t.min_effect) }}
  {%- endif -%}
{%- endmacro -%}

{#- Whether a bucket lies outside the incidents that are known: days, or {'start': .., 'end': ..}, the last day included. -#}
{%- macro outside(t) -%}
  {%- set known = [] -%}
  {%- for one in t.exclude -%}
    {%- set first = sqlnomaly.moment(one.start if one is mapping else one, 'exclude') -%}
    {%- set last = sqlnomaly.moment(one.get('end', one.start) if one is mapping else one, 'exclude') -%}
    {%- set after = last + modules.datetime.timedelta(days=1 if last.hour == 0 and last.minute == 0 else 0) -%}
    {%- for bucket in t.buckets if (bucket < after or bucket <= first) and sqlnomaly.bucket_at(bucket, t.bucket, 1) > first -%}
      {%- do known.append(sqlnomaly.time_literal(bucket) | trim) -%}
    {%- endfor -%}
  {%- endfor -%}
  {{ 'sn_filled.sn_bucket NOT IN (' ~ (known | unique | join(', ')) ~ ')' if known else 'TRUE' }}
{%- endmacro -%}

{#- The values of the dimensions as one text: where there are several, a comma of a value is two, so that no two lists are one text. -#}
{%- macro dimension_text(dimensions) -%}
  {%- set texts = [] -%}
  {%- for one in dimensions -%}
    {%- set text = 'CAST(' ~ one ~ ' AS ' ~ dbt.type_string() ~ ')' -%}
    {%- do texts.append('COALESCE(' ~ ('REPLACE(' ~ text ~ ", ',', ',,')" if dimensions | length > 1 else text) ~ ", 'NULL')") -%}
  {%- endfor -%}
  {{ texts | join(" || ', ' || ") if texts else "CAST('' AS " ~ dbt.type_string() ~ ')' }}
{%- endmacro -%}

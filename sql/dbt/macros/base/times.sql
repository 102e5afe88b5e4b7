{#- Buckets of time. Where they begin is computed here, so that a database only has to say which bucket a row lies in. -#}

{#- The start of the bucket that a time lies in, as SQL. Weeks begin on Monday. -#}
{%- macro bucket_start(time, bucket) -%}
  {%- if bucket.count == 1 -%}
    {{- adapter.dispatch('truncated', 'sqlnomaly')(time, bucket.period) -}}
  {%- else -%}
    {{- adapter.dispatch('counted', 'sqlnomaly')(time, bucket) -}}
  {%- endif -%}
{%- endmacro -%}

{%- macro default__truncated(time, period) -%}
  DATE_TRUNC('{{ period }}', {{ time }})
{%- endmacro -%}

{#- A week of Snowflake begins on the day that a session says. -#}
{%- macro snowflake__truncated(time, period) -%}
  {%- if period == 'week' -%}
    DATEADD('day', 1 - DAYOFWEEKISO({{ time }}), DATE_TRUNC('day', {{ time }}))
  {%- else -%}
    DATE_TRUNC('{{ period }}', {{ time }})
  {%- endif -%}
{%- endmacro -%}

{%- macro bigquery__truncated(time, period) -%}
  DATETIME_TRUNC({{ time }}, {{ 'ISOWEEK' if period == 'week' else period | upper }})
{%- endmacro -%}

{%- macro default__counted(time, bucket) -%}
  {%- set epoch = "CAST('1970-01-05' AS " ~ sqlnomaly.type_time() ~ ")" -%}
  {%- set number = 'CAST(FLOOR((' ~ dbt.datediff(epoch, time, bucket.period) ~ ') / ' ~ bucket.count ~ '.0) AS ' ~ dbt.type_int() ~ ')' -%}
  {{ dbt.dateadd(bucket.period, bucket.count ~ ' * ' ~ number, epoch) }}
{%- endmacro -%}

{%- macro type_time() -%}
  {{- adapter.dispatch('type_time', 'sqlnomaly')() -}}
{%- endmacro -%}

{%- macro default__type_time() -%}TIMESTAMP{%- endmacro -%}

{%- macro snowflake__type_time() -%}TIMESTAMP_NTZ{%- endmacro -%}

{%- macro bigquery__type_time() -%}DATETIME{%- endmacro -%}

{%- macro spark__type_time() -%}TIMESTAMP_NTZ{%- endmacro -%}

{#- A time of Jinja as SQL. -#}
{%- macro time_literal(moment) -%}
  CAST('{{ moment.strftime('%Y-%m-%d %H:%M:%S') }}' AS {{ sqlnomaly.type_time() }})
{%- endmacro -%}

{#- The time that tests call now: the variable sqlnomaly_now, or the clock in UTC. -#}
{%- macro now() -%}
  {%- set given = var('sqlnomaly_now', none) -%}
  {%- if given is none -%}
    {{- return(modules.datetime.datetime.now(modules.pytz.utc).replace(tzinfo=none)) -}}
  {%- endif -%}
  {{- return(sqlnomaly.moment(given, 'the variable sqlnomaly_now')) -}}
{%- endmacro -%}

{#- A date or a time that a user wrote. -#}
{%- macro moment(given, what) -%}
  {%- set text = (given | string).replace('T', ' ') -%}
  {%- set matched = modules.re.fullmatch('(\\d{4})-(\\d{2})-(\\d{2})(?: (\\d{2}):(\\d{2})(?::(\\d{2}))?)?', text) -%}
  {%- if not matched -%}
    {{- sqlnomaly.refuse(what ~ " is a time such as '2025-01-31' or '2025-01-31 06:00', not " ~ given) -}}
  {%- endif -%}
  {%- set parts = [] -%}
  {%- for part in matched.groups() -%}{%- do parts.append((part or '0') | int) -%}{%- endfor -%}
  {{- return(modules.datetime.datetime(parts[0], parts[1], parts[2], parts[3], parts[4], parts[5])) -}}
{%- endmacro -%}

{#- Where the bucket of a time begins, so many buckets later. -#}
{%- macro bucket_at(moment, bucket, later=0) -%}
  {%- set dt = modules.datetime -%}
  {%- if bucket.period == 'month' -%}
    {%- set months = ((moment.year * 12 + moment.month - 1) // bucket.count + later) * bucket.count -%}
    {{- return(dt.datetime(months // 12, months % 12 + 1, 1)) -}}
  {%- endif -%}
  {%- set seconds = sqlnomaly.seconds_of(bucket) -%}
  {%- set epoch = dt.datetime(1970, 1, 5) -%}
  {%- set number = (moment - epoch).total_seconds() // seconds + later -%}
  {{- return(epoch + dt.timedelta(seconds=number * seconds)) -}}
{%- endmacro -%}

{#- How long a bucket is; a month has no length. -#}
{%- macro seconds_of(bucket) -%}
  {%- if bucket.period == 'month' -%}{{- sqlnomaly.refuse('a month has no fixed length: use hours, days or weeks here') -}}{%- endif -%}
  {{- return({'minute': 60, 'hour': 3600, 'day': 86400, 'week': 604800}[bucket.period] * bucket.count) -}}
{%- endmacro -%}

{#- 'day', or {'period': 'hour', 'count': 6}. -#}
{%- macro bucket_of(given) -%}
  {%- set found = {'period': given, 'count': 1} if given is string else {'period': given.period, 'count': given.get('count', 1)} -%}
  {%- if found.period not in ['minute', 'hour', 'day', 'week', 'month'] or found.count is not integer or found.count < 1 -%}
    {{- sqlnomaly.refuse("time_bucket is 'hour', 'day', 'week' or 'month', or {'period': 'hour', 'count': 6}, not " ~ given) -}}
  {%- endif -%}
  {%- if found.period in ['week', 'month'] and found.count > 1 -%}
    {{- sqlnomaly.refuse('a bucket of ' ~ found.count ~ ' ' ~ found.period ~ 's has no fixed beginning: use days') -}}
  {%- endif -%}
  {{- return(found) -}}
{%- endmacro -%}

{#- A slot of the calendar of a time: what a series is parted by so that Mondays are judged by Mondays. -#}
{%- macro slot(name, time) -%}
  {%- set texts = adapter.dispatch('slot_texts', 'sqlnomaly')() -%}
  {%- set meant = sqlnomaly.slot_name(name) -%}
  {%- if meant not in texts -%}
    {{- sqlnomaly.refuse('no season ' ~ name ~ '; there are ' ~ (texts | join(', '))) -}}
  {%- endif -%}
  ({{ texts[meant].format(time) }})
{%- endmacro -%}

{#- The short name of a slot. -#}
{%- macro slot_name(name) -%}
  {{- return({'day_of_week': 'dow', 'hour_of_day': 'hour', 'day_of_month': 'day', 'week_of_year': 'week'}.get(name, name)) -}}
{%- endmacro -%}

{#- Buckets of time, with dbt's own macros for what differs between databases. -#}

{#- The start of the bucket that a time lies in. Weeks begin on Monday. -#}
{%- macro bucket_start(time, bucket) -%}
  {%- if bucket.count == 1 and bucket.period != 'week' -%}
    {{ dbt.date_trunc(bucket.period, time) }}
  {%- else -%}
    {%- set anchor = "CAST('1970-01-05' AS " ~ dbt.type_timestamp() ~ ")" -%}
    {%- set unit = 'day' if bucket.period == 'week' else bucket.period -%}
    {%- set count = bucket.count * (7 if bucket.period == 'week' else 1) -%}
    {{ dbt.dateadd(unit, count ~ ' * CAST(FLOOR((' ~ dbt.datediff(anchor, time, unit) ~ ') / ' ~ count ~ '.0) AS ' ~ dbt.type_int() ~ ')', anchor) }}
  {%- endif -%}
{%- endmacro -%}

{#- So many buckets later. -#}
{%- macro bucket_after(time, bucket, number) -%}
  {{ dbt.dateadd(bucket.period, number ~ ' * ' ~ bucket.count, time) }}
{%- endmacro -%}

{#- The time that tests call now: the variable sqlnomaly_now, or the clock in UTC. -#}
{%- macro now() -%}
  {%- set given = var('sqlnomaly_now', none) -%}
  {%- if given is none -%}
    {%- set moment = modules.datetime.datetime.now(modules.pytz.utc).strftime('%Y-%m-%d %H:%M:%S') -%}
  {%- else -%}
    {%- set moment = given | string -%}
  {%- endif -%}
  CAST('{{ moment }}' AS {{ dbt.type_timestamp() }})
{%- endmacro -%}

{#- 'day', or {'period': 'hour', 'count': 6}. -#}
{%- macro bucket_of(given) -%}
  {%- set found = {'period': given, 'count': 1} if given is string else {'period': given.period, 'count': given.get('count', 1)} -%}
  {%- if found.period not in ['minute', 'hour', 'day', 'week', 'month'] or found.count | int != found.count or found.count < 1 -%}
    {{- sqlnomaly.refuse("time_bucket is 'hour', 'day', 'week' or 'month', or {'period': 'hour', 'count': 6}, not " ~ given) -}}
  {%- endif -%}
  {{- return(found) -}}
{%- endmacro -%}

{#- A slot of the calendar of a time: what a series is parted by so that Mondays are judged by Mondays. -#}
{%- macro slot(name, time) -%}
  {%- set meant = {'day_of_week': 'dow', 'hour_of_day': 'hour', 'day_of_month': 'day', 'week_of_year': 'week'}.get(name, name) -%}
  {%- set texts = adapter.dispatch('slot_texts', 'sqlnomaly')() -%}
  {%- if meant not in texts -%}
    {{- sqlnomaly.refuse('no season ' ~ name ~ '; there are ' ~ (texts | join(', '))) -}}
  {%- endif -%}
  ({{ texts[meant].format(time) }})
{%- endmacro -%}

{#- What is refused, with what there is instead. -#}

{%- macro refuse(message) -%}
  {{- exceptions.raise_compiler_error('sqlnomaly: ' ~ message) -}}
{%- endmacro -%}

{%- macro no_such_way(detector, s, ways) -%}
  {{- sqlnomaly.refuse(
    detector ~ ' cannot be asked for ' ~ s.rule ~ ', direction ' ~ s.direction ~ ', ' ~ ('with' if s.order else 'without')
    ~ ' order_by, ' ~ (s.features | length) ~ ' feature(s)' ~ (', season ' ~ s.season if s.season else '')
    ~ ' on ' ~ target.type ~ '; it takes: ' ~ (ways | join('; '))
  ) -}}
{%- endmacro -%}

{%- macro only_options(detector, s, options) -%}
  {%- for name in s.given if name not in options -%}
    {{- sqlnomaly.refuse(
      detector ~ ' has no option ' ~ name ~ ' in this package' ~ ('; it has ' ~ (options | join(', ')) if options else '')
      ~ '. sqlnomaly dbt compile takes every option'
    ) -}}
  {%- endfor -%}
{%- endmacro -%}

{%- macro checked_detector(detector) -%}
  {%- set known = sqlnomaly.known_detectors() -%}
  {%- if detector not in known -%}
    {{- sqlnomaly.refuse('no detector ' ~ detector ~ ' in this package, which has: ' ~ (known | join(', '))) -}}
  {%- endif -%}
  {%- set adapters = ['duckdb', 'snowflake', 'bigquery', 'spark', 'databricks', 'postgres', 'redshift'] -%}
  {%- if target.type not in adapters -%}
    {{- sqlnomaly.refuse('no statements for the adapter ' ~ target.type ~ ': there are those for ' ~ (adapters | join(', '))) -}}
  {%- endif -%}
  {{- return(known[detector]) -}}
{%- endmacro -%}

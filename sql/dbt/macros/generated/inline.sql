{#- sqlnomaly 0.1.0: inline, generated; do not edit. -#}
{%- macro inline_sql(detector, s) -%}
{%- if detector == 'zscore' -%}
{{ adapter.dispatch('sqlnomaly_inline_zscore', 'sqlnomaly')(s) }}
{%- elif detector == 'iqr' -%}
{{ adapter.dispatch('sqlnomaly_inline_iqr', 'sqlnomaly')(s) }}
{%- elif detector == 'percentile' -%}
{{ adapter.dispatch('sqlnomaly_inline_percentile', 'sqlnomaly')(s) }}
{%- elif detector == 'mad' -%}
{{ adapter.dispatch('sqlnomaly_inline_mad', 'sqlnomaly')(s) }}
{%- else -%}
{{ sqlnomaly.no_expression(detector) }}
{%- endif -%}
{%- endmacro -%}

{%- macro default__sqlnomaly_inline_zscore(s) -%}
{{ sqlnomaly.no_expression('zscore') }}
{%- endmacro -%}

{%- macro default__sqlnomaly_inline_iqr(s) -%}
{{ sqlnomaly.no_expression('iqr') }}
{%- endmacro -%}

{%- macro default__sqlnomaly_inline_percentile(s) -%}
{{ sqlnomaly.no_expression('percentile') }}
{%- endmacro -%}

{%- macro default__sqlnomaly_inline_mad(s) -%}
{{ sqlnomaly.no_expression('mad') }}
{%- endmacro -%}

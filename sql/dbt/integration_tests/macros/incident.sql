{#- Whether a row is of the day, or of a day since, on which something went wrong. -#}
{%- macro incident(day, compared='=') -%}
  {{ 'day ' ~ compared ~ " CAST('" ~ day ~ "' AS DATE)" if var('incidents') else '1 = 0' }}
{%- endmacro -%}

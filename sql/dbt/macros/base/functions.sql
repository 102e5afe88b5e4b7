{#- Function resources of dbt on adapters that make none: one SQL expression each. dbt looks here where a project says
    dispatch: [{macro_namespace: dbt, search_order: [your_project, sqlnomaly, dbt]}] -#}

{%- macro duckdb__scalar_function_sql(target_relation) -%}
CREATE OR REPLACE MACRO {{ target_relation }}({{ model.arguments | map(attribute='name') | join(', ') }}) AS CAST((
{{ model.compiled_code }}
) AS {{ model.returns.data_type }})
{%- endmacro -%}

{%- macro spark__scalar_function_sql(target_relation) -%}
CREATE OR REPLACE FUNCTION {{ target_relation }}({{ formatted_scalar_function_args_sql() }})
RETURNS {{ model.returns.data_type }}
RETURN {{ model.compiled_code }}
{%- endmacro -%}

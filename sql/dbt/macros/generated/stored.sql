{#- sqlnomaly 0.1.0: stored, generated; do not edit. -#}
{%- macro stored_detectors() -%}
{{ return({"zscore": {"ddof": 1, "direction": "both"}, "mad": {"direction": "both"}, "iqr": {"direction": "both"}, "double_mad": {"direction": "both"}, "percentile": {"lower": 0.01, "upper": 0.99, "direction": "both"}, "grubbs": {"alpha": 0.05, "direction": "both"}}) }}
{%- endmacro -%}

{%- macro catalog_tables() -%}
{{ return({"models": {"columns": {"name": "TEXT", "change": "BIGINT", "version": "BIGINT", "changed_at": "TEXT", "token": "TEXT"}, "key": ["name", "change"]}, "model_versions": {"columns": {"name": "TEXT", "version": "BIGINT", "format": "BIGINT", "how": "TEXT", "definition": "TEXT", "manifest": "TEXT", "created_at": "TEXT"}, "key": ["name", "version"]}, "model_state": {"columns": {"name": "TEXT", "version": "BIGINT", "relation": "TEXT", "place": "BIGINT", "storage": "TEXT", "n_rows": "BIGINT", "data": "TEXT"}, "key": ["name", "version", "relation", "place"]}}) }}
{%- endmacro -%}

{%- macro package_version() -%}
{{ return("0.1.0") }}
{%- endmacro -%}

{%- macro stored_rows(s) -%}
{{ adapter.dispatch('stored_rows', 'sqlnomaly')(s) }}
{%- endmacro -%}

{%- macro stored_calibration(s) -%}
{{ adapter.dispatch('stored_calibration', 'sqlnomaly')(s) }}
{%- endmacro -%}

{%- macro stored_held(s) -%}
{{ adapter.dispatch('stored_held', 'sqlnomaly')(s) }}
{%- endmacro -%}

{%- macro stored_selftest(s) -%}
{{ adapter.dispatch('stored_selftest', 'sqlnomaly')(s) }}
{%- endmacro -%}

{%- macro stored_model(detector, s) -%}
{%- if detector == 'zscore' -%}
{{ adapter.dispatch('stored_model_zscore', 'sqlnomaly')(s) }}
{%- elif detector == 'mad' -%}
{{ adapter.dispatch('stored_model_mad', 'sqlnomaly')(s) }}
{%- elif detector == 'iqr' -%}
{{ adapter.dispatch('stored_model_iqr', 'sqlnomaly')(s) }}
{%- elif detector == 'double_mad' -%}
{{ adapter.dispatch('stored_model_double_mad', 'sqlnomaly')(s) }}
{%- elif detector == 'percentile' -%}
{{ adapter.dispatch('stored_model_percentile', 'sqlnomaly')(s) }}
{%- elif detector == 'grubbs' -%}
{{ adapter.dispatch('stored_model_grubbs', 'sqlnomaly')(s) }}
{%- endif -%}
{%- endmacro -%}

{%- macro default__stored_model_zscore(s) -%}
{{ sqlnomaly.refuse('zscore keeps no model in dbt on ' ~ target.type ~ '; a session keeps it') }}
{%- endmacro -%}

{%- macro default__stored_model_mad(s) -%}
{{ sqlnomaly.refuse('mad keeps no model in dbt on ' ~ target.type ~ '; a session keeps it') }}
{%- endmacro -%}

{%- macro default__stored_model_iqr(s) -%}
{{ sqlnomaly.refuse('iqr keeps no model in dbt on ' ~ target.type ~ '; a session keeps it') }}
{%- endmacro -%}

{%- macro default__stored_model_double_mad(s) -%}
{{ sqlnomaly.refuse('double_mad keeps no model in dbt on ' ~ target.type ~ '; a session keeps it') }}
{%- endmacro -%}

{%- macro default__stored_model_percentile(s) -%}
{{ sqlnomaly.refuse('percentile keeps no model in dbt on ' ~ target.type ~ '; a session keeps it') }}
{%- endmacro -%}

{%- macro default__stored_model_grubbs(s) -%}
{{ sqlnomaly.refuse('grubbs keeps no model in dbt on ' ~ target.type ~ '; a session keeps it') }}
{%- endmacro -%}

{%- macro stored_scored(detector, s) -%}
{%- if detector == 'zscore' -%}
{{ adapter.dispatch('stored_scored_zscore', 'sqlnomaly')(s) }}
{%- elif detector == 'mad' -%}
{{ adapter.dispatch('stored_scored_mad', 'sqlnomaly')(s) }}
{%- elif detector == 'iqr' -%}
{{ adapter.dispatch('stored_scored_iqr', 'sqlnomaly')(s) }}
{%- elif detector == 'double_mad' -%}
{{ adapter.dispatch('stored_scored_double_mad', 'sqlnomaly')(s) }}
{%- elif detector == 'percentile' -%}
{{ adapter.dispatch('stored_scored_percentile', 'sqlnomaly')(s) }}
{%- elif detector == 'grubbs' -%}
{{ adapter.dispatch('stored_scored_grubbs', 'sqlnomaly')(s) }}
{%- endif -%}
{%- endmacro -%}

{%- macro default__stored_scored_zscore(s) -%}
{{ sqlnomaly.refuse('zscore keeps no model in dbt on ' ~ target.type ~ '; a session keeps it') }}
{%- endmacro -%}

{%- macro default__stored_scored_mad(s) -%}
{{ sqlnomaly.refuse('mad keeps no model in dbt on ' ~ target.type ~ '; a session keeps it') }}
{%- endmacro -%}

{%- macro default__stored_scored_iqr(s) -%}
{{ sqlnomaly.refuse('iqr keeps no model in dbt on ' ~ target.type ~ '; a session keeps it') }}
{%- endmacro -%}

{%- macro default__stored_scored_double_mad(s) -%}
{{ sqlnomaly.refuse('double_mad keeps no model in dbt on ' ~ target.type ~ '; a session keeps it') }}
{%- endmacro -%}

{%- macro default__stored_scored_percentile(s) -%}
{{ sqlnomaly.refuse('percentile keeps no model in dbt on ' ~ target.type ~ '; a session keeps it') }}
{%- endmacro -%}

{%- macro default__stored_scored_grubbs(s) -%}
{{ sqlnomaly.refuse('grubbs keeps no model in dbt on ' ~ target.type ~ '; a session keeps it') }}
{%- endmacro -%}

{%- macro stored_scoring(detector, s) -%}
{%- if detector == 'zscore' -%}
{{ adapter.dispatch('stored_scoring_zscore', 'sqlnomaly')(s) }}
{%- elif detector == 'mad' -%}
{{ adapter.dispatch('stored_scoring_mad', 'sqlnomaly')(s) }}
{%- elif detector == 'iqr' -%}
{{ adapter.dispatch('stored_scoring_iqr', 'sqlnomaly')(s) }}
{%- elif detector == 'double_mad' -%}
{{ adapter.dispatch('stored_scoring_double_mad', 'sqlnomaly')(s) }}
{%- elif detector == 'percentile' -%}
{{ adapter.dispatch('stored_scoring_percentile', 'sqlnomaly')(s) }}
{%- elif detector == 'grubbs' -%}
{{ adapter.dispatch('stored_scoring_grubbs', 'sqlnomaly')(s) }}
{%- endif -%}
{%- endmacro -%}

{%- macro default__stored_scoring_zscore(s) -%}
{{ sqlnomaly.refuse('zscore keeps no model in dbt on ' ~ target.type ~ '; a session keeps it') }}
{%- endmacro -%}

{%- macro default__stored_scoring_mad(s) -%}
{{ sqlnomaly.refuse('mad keeps no model in dbt on ' ~ target.type ~ '; a session keeps it') }}
{%- endmacro -%}

{%- macro default__stored_scoring_iqr(s) -%}
{{ sqlnomaly.refuse('iqr keeps no model in dbt on ' ~ target.type ~ '; a session keeps it') }}
{%- endmacro -%}

{%- macro default__stored_scoring_double_mad(s) -%}
{{ sqlnomaly.refuse('double_mad keeps no model in dbt on ' ~ target.type ~ '; a session keeps it') }}
{%- endmacro -%}

{%- macro default__stored_scoring_percentile(s) -%}
{{ sqlnomaly.refuse('percentile keeps no model in dbt on ' ~ target.type ~ '; a session keeps it') }}
{%- endmacro -%}

{%- macro default__stored_scoring_grubbs(s) -%}
{{ sqlnomaly.refuse('grubbs keeps no model in dbt on ' ~ target.type ~ '; a session keeps it') }}
{%- endmacro -%}

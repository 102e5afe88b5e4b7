"""DuckDB 2.0."""

from types import MappingProxyType

from sqlnomaly.dialects.dialect import Dialect, Quantiles, Tier
from sqlnomaly.dialects.duckdb_functions import FUNCTIONS

DUCKDB = Dialect(
    name="duckdb",
    sqlglot="duckdb",
    templates=MappingProxyType(
        {
            "cast_double": "CAST(:a AS DOUBLE)",
            "cast_integer": "CAST(:a AS BIGINT)",
            "count_if": "COUNT_IF(:a)",
            "avg": "FAVG(:a)",
            "integer_text": "CAST(CAST(:a AS BIGINT) AS VARCHAR)",
            "md5_hex": "MD5(:a)",
            "var_pop": "VAR_POP(:a)",
            "covar_pop": "COVAR_POP(:a, :b)",
            "number_text": "CAST(:a AS VARCHAR)",
            "quantile": "QUANTILE_CONT(:a, :b)",
            "quantile_at": "LIST_EXTRACT(QUANTILE_CONT(:a, :b), :c)",
            "epoch_date": "EPOCH(CAST(:a AS TIMESTAMP))",
            "epoch_timestamp": "EPOCH(CAST(:a AS TIMESTAMP))",
            "epoch_timestamptz": "EPOCH(:a)",
            "minute_of": "EXTRACT(MINUTE FROM :a)",
            "hour_of": "EXTRACT(HOUR FROM :a)",
            "dow_of": "EXTRACT(ISODOW FROM :a)",
            "day_of": "EXTRACT(DAY FROM :a)",
            "week_of": "EXTRACT(WEEK FROM :a)",
            "year_of": "EXTRACT(YEAR FROM :a)",
            "month_of": "EXTRACT(MONTH FROM :a)",
            "quarter_of": "EXTRACT(QUARTER FROM :a)",
            "days_of": "DATE_DIFF('day', CAST('1970-01-01' AS DATE), CAST(:a AS DATE))",
            "date_at": "CAST(CAST('1970-01-01' AS DATE) + CAST(:a AS INTEGER) AS DATE)",
            "timestamp_at": "CAST(MAKE_TIMESTAMP(CAST(:a AS BIGINT) * 1000000) AS TIMESTAMP)",
            "timestamptz_at": "CAST(TO_TIMESTAMP(:a) AS TIMESTAMPTZ)",
            "wall_timestamptz": "(:a AT TIME ZONE :b)",
            "gather": "LIST(:a)",
            "pluck": "LIST_TRANSFORM(:a, LAMBDA _sn__v : :b)",
            "spread": "(UNNEST(:a), UNNEST(:b))",
            "list": "LIST(:a)",
            "list_join": "LIST_CONCAT(:a, :b)",
            "list_sort": "LIST_SORT(LIST_FILTER(:a, LAMBDA _sn__v : NOT _sn__v IS NULL))",
            "list_without": "LIST_CONCAT(LIST_SLICE(:a, 1, LIST_POSITION(:a, :b) - 1), "
            "LIST_SLICE(:a, LIST_POSITION(:a, :b) + 1, LEN(:a)))",
            "list_map": "LIST_TRANSFORM(:a, LAMBDA _sn__v : :b)",
            "list_count": "COALESCE(LEN(:a), 0)",
            "list_at": "LIST_EXTRACT(:a, CAST(:b AS BIGINT))",
            # A lambda computes what it captures anew for each element, but for its own parameters.
            "level": (
                "LIST_EXTRACT(:b, LIST_EXTRACT(LIST_TRANSFORM([:c], LAMBDA _sn__s : "
                "1 + LEN(LIST_FILTER(:a, LAMBDA _sn__v : _sn__v <= _sn__s))), 1))"
            ),
        }
    ),
    functions=FUNCTIONS,
    quantiles=Quantiles.AGGREGATE,
    lists=True,
    range_frames=True,
    functions_from_client=True,
    star_except=True,
    using_first=False,
    max_sql_bytes=64_000_000,
    ctes_once=True,
    max_identifier=10_000,
    folds="none",
    structs=True,
    tier=Tier.EXECUTED,
    proof="run on DuckDB itself",
)

"""Trino.

Nothing here has run on an engine. There is no exact percentile: approx_percentile is the only one, so that a quantile
takes the sorted list of a group's values, which has to fit into memory.
"""

from types import MappingProxyType

from sqlnomaly.dialects.dialect import Dialect, Quantiles, Tier
from sqlnomaly.dialects.trino_functions import FUNCTIONS

# A list of one list, so that a lambda can name it.
_SORTED = "ARRAY[ARRAY_AGG(:a ORDER BY :a) FILTER (WHERE NOT :a IS NULL)]"
_POSITION = "(CARDINALITY(_sn__v) - 1) * :b"
_FIRST = f"ELEMENT_AT(_sn__v, CAST(FLOOR({_POSITION}) AS BIGINT) + 1)"
_SECOND = f"COALESCE(ELEMENT_AT(_sn__v, CAST(FLOOR({_POSITION}) AS BIGINT) + 2), {_FIRST})"
_BETWEEN = f"{_FIRST} + ({_SECOND} - {_FIRST}) * ({_POSITION} - FLOOR({_POSITION}))"
_NONE = "CAST(ARRAY[] AS ARRAY(DOUBLE))"

TRINO = Dialect(
    name="trino",
    sqlglot="trino",
    templates=MappingProxyType(
        {
            "cast_double": "CAST(:a AS DOUBLE)",
            "float_key": "CAST(:a + 0e0 AS VARCHAR)",
            "cast_integer": "CAST(:a AS BIGINT)",
            "count_if": "COUNT_IF(:a)",
            "avg": "AVG(:a)",
            "integer_text": "CAST(CAST(:a AS BIGINT) AS VARCHAR)",
            "md5_hex": "LOWER(TO_HEX(MD5(TO_UTF8(:a))))",
            "var_pop": "VAR_POP(:a)",
            # Older versions add up products.
            "covar_pop_around": "COVAR_POP(:a, :b)",
            "pivot": "AVG(:a)",
            "number_text": "CAST(:a AS VARCHAR)",
            "quantile": f"ELEMENT_AT(TRANSFORM({_SORTED}, _sn__v -> {_BETWEEN}), 1)",
            "epoch_date": "DATE_DIFF('day', DATE '1970-01-01', :a) * 86400e0",
            "epoch_timestamp": "TO_UNIXTIME(:a)",
            "epoch_timestamptz": "TO_UNIXTIME(:a)",
            "minute_of": "EXTRACT(MINUTE FROM :a)",
            "hour_of": "EXTRACT(HOUR FROM :a)",
            "dow_of": "EXTRACT(DAY_OF_WEEK FROM :a)",
            "day_of": "EXTRACT(DAY FROM :a)",
            "week_of": "EXTRACT(WEEK FROM :a)",
            "year_of": "EXTRACT(YEAR FROM :a)",
            "month_of": "EXTRACT(MONTH FROM :a)",
            "quarter_of": "EXTRACT(QUARTER FROM :a)",
            "days_of": "DATE_DIFF('day', CAST('1970-01-01' AS DATE), CAST(:a AS DATE))",
            "date_at": "CAST(DATE_ADD('day', :a, CAST('1970-01-01' AS DATE)) AS DATE)",
            "timestamp_at": "CAST(FROM_UNIXTIME(:a, 'UTC') AS TIMESTAMP)",
            "timestamptz_at": "CAST(FROM_UNIXTIME(:a, 'UTC') AS TIMESTAMP WITH TIME ZONE)",
            # sqlglot's spelling of AT TIME ZONE.
            "wall_timestamptz": "CAST(AT_TIMEZONE(:a, :b) AS TIMESTAMP(6))",
            "list": "ARRAY_AGG(:a)",
            "list_join": f"CONCAT(COALESCE(:a, {_NONE}), COALESCE(:b, {_NONE}))",
            "list_sort": "ARRAY_SORT(FILTER(:a, _sn__v -> NOT _sn__v IS NULL))",
            "list_without": "CONCAT(SLICE(:a, 1, ARRAY_POSITION(:a, :b) - 1), "
            "SLICE(:a, ARRAY_POSITION(:a, :b) + 1, CARDINALITY(:a)))",
            "list_map": "TRANSFORM(:a, _sn__v -> :b)",
            "list_count": "COALESCE(CARDINALITY(:a), 0)",
            # Place 0 is an error, and stands in a branch that is not taken.
            "list_at": "ELEMENT_AT(:a, NULLIF(CAST(:b AS BIGINT), 0))",
        }
    ),
    functions=FUNCTIONS,
    quantiles=Quantiles.AGGREGATE,
    lists=True,
    range_frames=False,
    functions_from_client=False,
    star_except=False,
    using_first=True,
    max_sql_bytes=1_000_000,
    max_identifier=255,
    folds="lower",
    tier=Tier.PRINTED,
    proof="parsed by sqlfluff, functions held to an allow-list",
    refused=MappingProxyType(
        {
            "range_frames": "no executed proof of RANGE offsets yet",
            "series_outliers": "no executed proof yet of ClickHouse's lists said here",
        }
    ),
)

"""ClickHouse.

What is generated is Nullable, whatever the user's columns are: a missing row of a LEFT JOIN, LAG before the first row
and CAST give NULL only for a Nullable type, for others the type's default (0, '', false).
"""

from types import MappingProxyType

from sqlnomaly.dialects.clickhouse_functions import FUNCTIONS
from sqlnomaly.dialects.dialect import Dialect, Quantiles, Tier

CLICKHOUSE = Dialect(
    name="clickhouse",
    sqlglot="clickhouse",
    templates=MappingProxyType(
        {
            "cast_double": "CAST(:a AS Nullable(Float64))",
            # GROUP BY tells -0 from 0, and NaNs by their bits; the sum with 0 and the text do not.
            "float_key": "toString(:a + 0e0)",
            "cast_integer": "CAST(:a AS Nullable(Int64))",
            # COUNT is UInt64, and never NULL.
            "COUNT": "CAST(COUNT(:a) AS Nullable(Int64))",
            "count_if": "CAST(countIf(:a) AS Nullable(Int64))",
            # AVG adds up without compensation.
            "avg": "sumKahan(:a) / nullIf(COUNT(:a), 0)",
            "integer_text": "toString(CAST(:a AS Nullable(Int64)))",
            "md5_hex": "lower(hex(MD5(:a)))",
            "var_pop": "varPopStable(:a)",
            "covar_pop": "covarPopStable(:a, :b)",
            "number_text": "toString(:a)",
            "quantile": "quantileExactInclusive(:b)(:a)",
            "epoch_date": "CAST(:a AS Nullable(Int32)) * 86400e0",
            # There is no timestamp without zone: each is an instant.
            "epoch_timestamp": "CAST(toUnixTimestamp64Micro(toDateTime64(:a, 6)) AS Nullable(Float64)) / 1000000e0",
            "epoch_timestamptz": "CAST(toUnixTimestamp64Micro(toDateTime64(:a, 6)) AS Nullable(Float64)) / 1000000e0",
            "minute_of": "toMinute(:a)",
            "hour_of": "toHour(:a)",
            "dow_of": "toDayOfWeek(:a)",
            "day_of": "toDayOfMonth(:a)",
            "week_of": "toISOWeek(:a)",
            "year_of": "toYear(:a)",
            "month_of": "toMonth(:a)",
            "quarter_of": "toQuarter(:a)",
            "days_of": "CAST(toDate32(:a) AS Nullable(Int32))",
            "date_at": "CAST(addDays(toDate32('1970-01-01'), :a) AS Nullable(Date32))",
            "timestamp_at": "CAST(toDateTime64(:a, 0, 'UTC') AS Nullable(DateTime64(0, 'UTC')))",
            "timestamptz_at": "CAST(toDateTime64(:a, 0, 'UTC') AS Nullable(DateTime64(0, 'UTC')))",
            "wall_timestamp": "toTimeZone(toDateTime64(:a, 6), :b)",
            "wall_timestamptz": "toTimeZone(toDateTime64(:a, 6), :b)",
            # FIRST_VALUE alone is the first value that is not NULL.
            "FIRST_VALUE": "first_value(:a) RESPECT NULLS",
            "LAG": "lag(toNullable(:a))",
            "LAG_2": "lag(toNullable(:a), :b)",
            "LEAD": "lead(toNullable(:a))",
            # A comparison is UInt8.
            "truth": "CAST(:a AS Nullable(Bool))",
            "list": "groupArray(:a)",
            "list_join": "arrayConcat(:a, :b)",
            "list_sort": "arraySort(arrayFilter(_sn__v -> NOT _sn__v IS NULL, :a))",
            "list_without": "arrayConcat(arraySlice(:a, 1, indexOf(:a, :b) - 1), arraySlice(:a, indexOf(:a, :b) + 1))",
            "list_map": "arrayMap(_sn__v -> :b, :a)",
            "list_count": "CAST(length(:a) AS Nullable(Int64))",
            "list_at": "arrayElementOrNull(:a, CAST(:b AS Nullable(Int64)))",
            "level": "arrayElementOrNull(:b, 1 + length(arrayFilter(_sn__v -> _sn__v <= :c, :a)))",
        }
    ),
    functions=FUNCTIONS,
    quantiles=Quantiles.AGGREGATE,
    lists=True,
    range_frames=False,
    functions_from_client=False,
    star_except=True,
    using_first=True,
    max_sql_bytes=262_144,
    # Without it the planner merges the steps of mahalanobis into one: 9 features take minutes (26.9).
    settings=MappingProxyType({"query_plan_merge_expressions": 0}),
    max_identifier=206,
    folds="none",
    tier=Tier.EXECUTED,
    proof="run on ClickHouse itself, in process (chdb)",
    refused=MappingProxyType(
        {
            "range_frames": "RANGE offsets are numbers only; an interval needs the key rewritten to a number",
        }
    ),
)

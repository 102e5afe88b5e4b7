"""The functions that generated Spark SQL may call, from the pages of Spark's built-in functions (4.x).

Databricks has each of them under the same name. MEDIAN and PERCENTILE_CONT refuse ORDER BY and frames
in OVER; PERCENTILE takes both.
"""

from __future__ import annotations

from sqlnomaly.dialects.signature import aggregates, analytics, scalars, table, unordered

FUNCTIONS = table(
    scalars(
        "Mathematical Functions",
        ("ABS SQRT LN LOG2 LOG10 EXP COS SIGN SIGNUM", 1, 1, "number"),
        ("POW POWER MOD", 2, 2, "number"),
        ("LOG FLOOR CEIL CEILING ROUND", 1, 2, "number"),
        ("TRY_DIVIDE TRY_ADD TRY_SUBTRACT TRY_MULTIPLY", 2, 2, "number"),
        ("GREATEST LEAST", 2, None, "any"),
        ("HEX", 1, 1, "any"),
    ),
    scalars(
        "Conditional Functions",
        ("COALESCE", 1, None, "any"),
        ("IF", 3, 3, "bool any"),
        ("IFNULL NVL NULLIF", 2, 2, "any"),
        ("NANVL", 2, 2, "number"),
        ("ISNAN", 1, 1, "number"),
        ("ISNULL ISNOTNULL", 1, 1, "any"),
    ),
    aggregates(
        "Aggregate Functions",
        ("COUNT", 1, None, "any"),
        ("MIN MAX ANY_VALUE COLLECT_LIST ARRAY_AGG", 1, 1, "any"),
        ("FIRST LAST", 1, 2, "any bool"),
        ("SUM AVG MEAN", 1, 1, "number"),
        ("COUNT_IF BOOL_AND BOOL_OR", 1, 1, "bool"),
        ("VAR_POP VAR_SAMP VARIANCE STDDEV_POP STDDEV_SAMP STDDEV", 1, 1, "number"),
        ("COVAR_POP COVAR_SAMP CORR", 2, 2, "number"),
        ("MAX_BY MIN_BY", 2, 2, "any"),
    ),
    aggregates("Aggregate Functions", ("PERCENTILE", 2, 3, "number constant number")),
    unordered("Aggregate Functions", ("MEDIAN", 1, 1, "number")),
    unordered(
        "Aggregate Functions", ("PERCENTILE_CONT PERCENTILE_DISC", 1, 1, "constant"), within_group=True
    ),
    # Also plain aggregates, and without an order in OVER.
    aggregates("Aggregate Functions", ("FIRST_VALUE LAST_VALUE", 1, 2, "any bool")),
    analytics("Window Functions", ("NTH_VALUE", 2, 3, "any constant bool"), window_frame_ok=True),
    analytics("Window Functions", ("LAG LEAD", 1, 3, "any constant any")),
    analytics(
        "Window Functions",
        ("ROW_NUMBER RANK DENSE_RANK PERCENT_RANK CUME_DIST", 0, 0, ""),
        ("NTILE", 1, 1, "constant"),
    ),
    scalars(
        "Array Functions",
        ("ARRAY", 0, None, "any"),
        ("SIZE CARDINALITY ARRAY_SIZE ARRAY_MIN ARRAY_MAX ARRAY_COMPACT FLATTEN", 1, 1, "array"),
        ("SORT_ARRAY", 1, 2, "array bool"),
        ("ELEMENT_AT TRY_ELEMENT_AT GET", 2, 2, "array number"),
        ("SLICE", 3, 3, "array number number"),
        ("ARRAY_POSITION", 2, 2, "array any"),
        ("ARRAYS_ZIP", 1, None, "array"),
        ("SEQUENCE", 2, 3, "any"),
    ),
    scalars(
        "Lambda Functions",
        ("TRANSFORM FILTER", 2, 2, "array lambda"),
        ("ARRAY_SORT", 1, 2, "array lambda"),
        ("AGGREGATE REDUCE", 3, 4, "array any lambda lambda"),
    ),
    scalars("Struct Functions", ("STRUCT", 0, None, "any")),
    scalars("Generator Functions", ("INLINE", 1, 1, "array")),
    scalars("Hash Functions", ("MD5", 1, 1, "any")),
    scalars(
        "String Functions",
        ("CONCAT", 1, None, "any"),
        ("CONCAT_WS", 1, None, "any"),
        ("LOWER UPPER LENGTH", 1, 1, "any"),
        ("SUBSTR SUBSTRING", 2, 3, "any number"),
        ("LPAD RPAD", 2, 3, "any number any"),
        ("REPLACE", 2, 3, "any"),
    ),
    scalars(
        "Date and Timestamp Functions",
        ("UNIX_MICROS UNIX_MILLIS UNIX_SECONDS UNIX_DATE", 1, 1, "time"),
        ("UNIX_TIMESTAMP", 0, 2, "any"),
        ("TIMESTAMP_MICROS TIMESTAMP_MILLIS TIMESTAMP_SECONDS", 1, 1, "number"),
        ("TIMESTAMPDIFF", 3, 3, "unit time time"),
        ("CONVERT_TIMEZONE", 3, 3, "text text time"),
        ("MAKE_DT_INTERVAL", 0, 4, "number"),
        ("DATE_ADD", 2, 2, "time number"),
        # EXTRACT(MONTH FROM x) has words between its parts, and so is one argument.
        ("EXTRACT", 1, 1, "any"),
        # The form with a unit, another spelling of TIMESTAMPDIFF; what sqlglot makes of UNIX_DATE.
        ("DATEDIFF DATE_DIFF", 3, 3, "unit time time"),
    ),
)
"""By name; the page's title is each signature's source."""

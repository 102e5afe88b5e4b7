"""The functions that generated Snowflake SQL may call, from the pages of Snowflake's function reference.

There is no IS_NAN and no QUANTILE_CONT; NaN equals NaN and is larger than any other number. MEDIAN, PERCENTILE_CONT and
COVAR_POP as window functions take PARTITION BY only. RANGE with an offset runs for COUNT, SUM, MIN, MAX, AVG, STDDEV,
VARIANCE, COUNT_IF, FIRST_VALUE and LAST_VALUE, over one numeric, DATE or TIMESTAMP key.
"""

from __future__ import annotations

from sqlnomaly.dialects.signature import aggregates, analytics, scalars, table, unordered

FUNCTIONS = table(
    scalars(
        "Numeric functions",
        ("ABS SQRT LN EXP COS SIGN SQUARE", 1, 1, "number"),
        ("POW POWER MOD DIV0 DIV0NULL LOG", 2, 2, "number"),
        ("FLOOR CEIL TRUNC TRUNCATE", 1, 2, "number"),
        ("ROUND", 1, 3, "number number text"),
    ),
    scalars(
        "Conditional expression functions",
        ("COALESCE", 2, None, "any"),
        ("GREATEST LEAST", 1, None, "any"),
        ("IFF", 3, 3, "bool any"),
        ("IFNULL NVL NULLIF EQUAL_NULL", 2, 2, "any"),
        ("NVL2", 3, 3, "any"),
        ("ZEROIFNULL NULLIFZERO", 1, 1, "number"),
    ),
    aggregates(
        "Aggregate functions",
        ("COUNT", 1, None, "any"),
        ("MIN MAX ANY_VALUE", 1, 1, "any"),
        ("SUM AVG", 1, 1, "number"),
        ("COUNT_IF BOOLAND_AGG BOOLOR_AGG", 1, 1, "bool"),
        ("VAR_POP VARIANCE_POP VAR_SAMP VARIANCE VARIANCE_SAMP", 1, 1, "number"),
        ("STDDEV STDDEV_POP STDDEV_SAMP", 1, 1, "number"),
    ),
    unordered("COVAR_POP, COVAR_SAMP, CORR", ("COVAR_POP COVAR_SAMP CORR", 2, 2, "number")),
    unordered("MEDIAN", ("MEDIAN", 1, 1, "number")),
    unordered(
        "PERCENTILE_CONT, PERCENTILE_DISC",
        ("PERCENTILE_CONT PERCENTILE_DISC", 1, 1, "constant"),
        within_group=True,
    ),
    analytics("FIRST_VALUE, LAST_VALUE", ("FIRST_VALUE LAST_VALUE", 1, 1, "any"), window_frame_ok=True),
    analytics("NTH_VALUE", ("NTH_VALUE", 2, 2, "any constant"), window_frame_ok=True),
    analytics("LAG, LEAD", ("LAG LEAD", 1, 3, "any number any")),
    analytics(
        "Window functions",
        ("ROW_NUMBER RANK DENSE_RANK PERCENT_RANK CUME_DIST", 0, 0, ""),
        ("NTILE", 1, 1, "number"),
    ),
    scalars(
        "String & binary functions",
        ("MD5 MD5_HEX LOWER UPPER LENGTH LEN", 1, 1, "any"),
        ("CONCAT", 1, None, "any"),
        ("CONCAT_WS", 2, None, "any"),
        ("SUBSTR SUBSTRING", 2, 3, "any number"),
        ("LPAD RPAD", 3, 3, "any number any"),
        ("REPLACE", 2, 3, "any"),
    ),
    scalars(
        "Conversion functions",
        ("TO_VARCHAR TO_CHAR", 1, 2, "any text"),
        ("TO_DOUBLE TRY_TO_DOUBLE", 1, 2, "any text"),
        ("TO_NUMBER", 1, 4, "any"),
        ("TO_BOOLEAN", 1, 1, "any"),
    ),
    scalars(
        "Date & time functions",
        ("DATE_PART", 2, 2, "unit time"),
        ("DATEDIFF TIMESTAMPDIFF TIMEDIFF", 3, 3, "unit time time"),
        ("DATEADD", 3, 3, "unit number time"),
        ("CONVERT_TIMEZONE", 2, 3, "text any any"),
        ("TO_TIMESTAMP_NTZ TO_TIMESTAMP_TZ TO_TIMESTAMP_LTZ TO_TIMESTAMP TO_DATE", 1, 2, "any"),
    ),
)
"""By name; the page's title is each signature's source."""

"""The functions that generated BigQuery SQL may call, from the pages of Google's GoogleSQL reference.

Left out on purpose: APPROX_QUANTILES and its kin (never approximate), and whatever GoogleSQL has but BigQuery
does not document, such as a grouped PERCENTILE_CONT.
"""

from __future__ import annotations

from sqlnomaly.dialects.signature import aggregates, analytics, scalars, table

FUNCTIONS = table(
    scalars(
        "Mathematical functions",
        ("ABS SQRT LN LOG10 EXP COS FLOOR CEIL CEILING SIGN IS_NAN IS_INF", 1, 1, "number"),
        ("POW POWER MOD DIV SAFE_DIVIDE IEEE_DIVIDE SAFE_ADD SAFE_SUBTRACT SAFE_MULTIPLY", 2, 2, "number"),
        ("LOG TRUNC", 1, 2, "number"),
        ("RANGE_BUCKET", 2, 2, "number array"),
        ("ROUND", 1, 2, "number"),
        ("GREATEST LEAST", 1, None, "any"),
    ),
    scalars(
        "Conditional expressions",
        ("COALESCE", 1, None, "any"),
        ("IF", 3, 3, "bool any"),
        ("IFNULL NULLIF", 2, 2, "any"),
    ),
    aggregates(
        "Aggregate functions",
        ("COUNT MIN MAX ANY_VALUE", 1, 1, "any"),
        ("SUM AVG", 1, 1, "number"),
        ("COUNTIF LOGICAL_AND LOGICAL_OR", 1, 1, "bool"),
        ("ARRAY_AGG", 1, 1, "any"),
        ("STRING_AGG", 1, 2, "text"),
    ),
    aggregates(
        "Statistical aggregate functions",
        ("VAR_POP VAR_SAMP VARIANCE STDDEV_POP STDDEV_SAMP STDDEV", 1, 1, "number"),
        ("COVAR_POP COVAR_SAMP CORR", 2, 2, "number"),
    ),
    analytics("Navigation functions", ("FIRST_VALUE LAST_VALUE", 1, 1, "any"), window_frame_ok=True),
    analytics("Navigation functions", ("NTH_VALUE", 2, 2, "any constant"), window_frame_ok=True),
    analytics("Navigation functions", ("LAG LEAD", 1, 3, "any constant any")),
    analytics(
        "Navigation functions",
        ("PERCENTILE_CONT", 2, 2, "number constant"),
        ("PERCENTILE_DISC", 2, 2, "any constant"),
        window_order="refused",
    ),
    analytics("Numbering functions", ("ROW_NUMBER", 0, 0, ""), window_order="allowed"),
    analytics(
        "Numbering functions",
        ("RANK DENSE_RANK PERCENT_RANK CUME_DIST", 0, 0, ""),
        ("NTILE", 1, 1, "constant"),
    ),
    scalars("Hash functions", ("MD5 SHA256", 1, 1, "text")),
    scalars(
        "String functions",
        ("TO_HEX LOWER UPPER LENGTH CHAR_LENGTH", 1, 1, "text"),
        ("CONCAT", 1, None, "any"),
        ("SUBSTR SUBSTRING", 2, 3, "text number"),
        ("LPAD RPAD", 2, 3, "text number text"),
        ("REPLACE", 3, 3, "text"),
    ),
    scalars(
        "Timestamp functions",
        ("UNIX_MICROS UNIX_MILLIS UNIX_SECONDS", 1, 1, "time"),
        ("TIMESTAMP_MICROS TIMESTAMP_MILLIS TIMESTAMP_SECONDS", 1, 1, "number"),
        ("TIMESTAMP", 1, 2, "any text"),
        ("TIMESTAMP_DIFF", 3, 3, "time time unit"),
    ),
    scalars(
        "Date functions",
        ("UNIX_DATE", 1, 1, "time"),
        ("DATE_FROM_UNIX_DATE", 1, 1, "number"),
        ("DATE_DIFF", 3, 3, "time time unit"),
        # EXTRACT(MONTH FROM x) has words between its parts, and so is one argument.
        ("EXTRACT", 1, 1, "any"),
    ),
    scalars("Datetime functions", ("DATETIME_DIFF", 3, 3, "time time unit"), ("DATETIME", 1, 2, "any text")),
    scalars(
        "Array functions", ("ARRAY_LENGTH ARRAY_REVERSE", 1, 1, "array"), ("GENERATE_ARRAY", 2, 3, "number")
    ),
)
"""By name; the page's title is each signature's source."""

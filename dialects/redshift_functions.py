"""The functions that generated Redshift SQL may call, from the pages of Amazon's Database Developer Guide.

There is no COUNT_IF, no COVAR_POP and no CORR. In OVER, an aggregate with ORDER BY needs a ROWS frame. The
sort-based aggregates (LISTAGG, MEDIAN, PERCENTILE_CONT) of one SELECT must all sort by the same.
"""

from __future__ import annotations

from sqlnomaly.dialects.signature import aggregates, analytics, scalars, table, unordered

FUNCTIONS = table(
    scalars(
        "Math functions",
        ("ABS SQRT CBRT LN EXP COS SIGN FLOOR CEIL CEILING", 1, 1, "number"),
        ("POWER POW MOD", 2, 2, "number"),
        ("ROUND TRUNC", 1, 2, "number"),
        ("LOG", 1, 2, "number"),
    ),
    scalars(
        "Conditional expressions",
        ("COALESCE NVL GREATEST LEAST", 1, None, "any"),
        ("NVL2", 3, 3, "any"),
        ("NULLIF", 2, 2, "any"),
    ),
    aggregates(
        "Aggregate functions",
        ("COUNT MIN MAX", 1, 1, "any"),
        ("SUM AVG", 1, 1, "number"),
        ("VAR_POP VAR_SAMP VARIANCE STDDEV STDDEV_POP STDDEV_SAMP", 1, 1, "number"),
    ),
    aggregates(
        "Bit-wise aggregate functions",
        ("BOOL_AND BOOL_OR", 1, 1, "bool"),
        role="aggregate_only",
    ),
    unordered("MEDIAN function", ("MEDIAN", 1, 1, "any")),
    unordered("PERCENTILE_CONT function", ("PERCENTILE_CONT", 1, 1, "constant"), within_group=True),
    analytics(
        "Window functions",
        ("ROW_NUMBER RANK DENSE_RANK PERCENT_RANK CUME_DIST", 0, 0, ""),
        ("NTILE", 1, 1, "number"),
        ("LAG LEAD", 1, 2, "any number"),
    ),
    analytics(
        "FIRST_VALUE and LAST_VALUE window functions", ("FIRST_VALUE LAST_VALUE", 1, 1, "any"), window_frame_ok=True
    ),
    analytics("NTH_VALUE window function", ("NTH_VALUE", 2, 2, "any number"), window_frame_ok=True),
    scalars(
        "String functions",
        ("LOWER UPPER LEN LENGTH CHAR_LENGTH", 1, 1, "text"),
        ("CONCAT", 2, 2, "any"),
        ("SUBSTRING SUBSTR", 2, 3, "text number"),
        ("LPAD RPAD", 2, 3, "text number text"),
        ("REPLACE", 3, 3, "text"),
    ),
    scalars("Hash functions", ("MD5", 1, 1, "text")),
    scalars("Data type formatting functions", ("TO_CHAR", 2, 2, "any text"), ("TO_NUMBER", 2, 2, "text")),
    scalars(
        "Date and time functions",
        # EXTRACT(EPOCH FROM x) has words between its parts, and so is one argument.
        ("EXTRACT", 1, 1, "any"),
        ("DATE_TRUNC", 2, 2, "text any"),
        ("DATE_PART", 2, 2, "any time"),
        ("DATEDIFF", 3, 3, "any time time"),
        ("CONVERT_TIMEZONE", 2, 3, "text any any"),
    ),
)
"""By name; the page's title is each signature's source."""

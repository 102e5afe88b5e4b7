"""The functions that generated PostgreSQL SQL may call, from the pages of PostgreSQL's documentation.

There is no MEDIAN, no COUNT_IF and no ISNAN; NaN equals NaN and is larger than any other number. Whatever takes
WITHIN GROUP takes no OVER. ROUND of a double takes no digits.
"""

from __future__ import annotations

from sqlnomaly.dialects.signature import aggregates, analytics, scalars, table, unordered

FUNCTIONS = table(
    scalars(
        "Mathematical Functions and Operators",
        ("ABS SQRT CBRT LN EXP COS SIGN FLOOR CEIL CEILING", 1, 1, "number"),
        ("POWER MOD DIV", 2, 2, "number"),
        ("ROUND TRUNC LOG", 1, 2, "number"),
        ("WIDTH_BUCKET", 2, 4, "number any number"),
    ),
    scalars(
        "Conditional Expressions",
        ("COALESCE GREATEST LEAST", 1, None, "any"),
        ("NULLIF", 2, 2, "any"),
    ),
    aggregates(
        "Aggregate Functions",
        ("COUNT MIN MAX", 1, 1, "any"),
        ("SUM AVG", 1, 1, "number"),
        ("BOOL_AND BOOL_OR EVERY", 1, 1, "bool"),
        ("VAR_POP VAR_SAMP VARIANCE STDDEV STDDEV_POP STDDEV_SAMP", 1, 1, "number"),
        ("COVAR_POP COVAR_SAMP CORR REGR_SLOPE REGR_INTERCEPT REGR_COUNT", 2, 2, "number"),
        ("ARRAY_AGG", 1, 1, "any"),
        ("STRING_AGG", 2, 2, "any"),
    ),
    unordered(
        "Ordered-Set Aggregate Functions",
        ("PERCENTILE_CONT PERCENTILE_DISC", 1, 1, "constant"),
        role="aggregate_only",
        within_group=True,
    ),
    analytics(
        "Window Functions",
        ("ROW_NUMBER RANK DENSE_RANK PERCENT_RANK CUME_DIST", 0, 0, ""),
        ("NTILE", 1, 1, "number"),
        ("LAG LEAD", 1, 3, "any number any"),
    ),
    analytics(
        "Window Functions",
        ("FIRST_VALUE LAST_VALUE", 1, 1, "any"),
        ("NTH_VALUE", 2, 2, "any number"),
        window_frame_ok=True,
    ),
    scalars(
        "String Functions and Operators",
        ("MD5 LOWER UPPER LENGTH CHAR_LENGTH", 1, 1, "text"),
        ("CONCAT", 1, None, "any"),
        ("CONCAT_WS", 2, None, "any"),
        ("SUBSTR", 2, 3, "text number"),
        ("LPAD RPAD", 2, 3, "text number text"),
        ("REPLACE", 3, 3, "text"),
    ),
    scalars("Data Type Formatting Functions", ("TO_CHAR", 2, 2, "any text")),
    scalars(
        "Date/Time Functions and Operators",
        # EXTRACT(EPOCH FROM x) has words between its parts, and so is one argument.
        ("EXTRACT", 1, 1, "any"),
        ("DATE_PART DATE_TRUNC", 2, 2, "text any"),
        ("ISFINITE", 1, 1, "time"),
        ("TO_TIMESTAMP", 1, 2, "any text"),
    ),
)
"""By name; the page's title is each signature's source."""

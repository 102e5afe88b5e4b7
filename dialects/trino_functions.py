"""The functions that generated Trino SQL may call, from the pages of Trino's documentation.

Left out on purpose: approx_percentile and its kin (never approximate). Every aggregate may stand with OVER, in any
order and frame, but then with no ORDER BY of its own.
"""

from __future__ import annotations

from sqlnomaly.dialects.signature import aggregates, analytics, scalars, table

FUNCTIONS = table(
    scalars(
        "Mathematical functions and operators",
        ("ABS SQRT LN EXP COS FLOOR CEIL CEILING SIGN", 1, 1, "number"),
        ("POWER POW MOD", 2, 2, "number"),
        ("ROUND", 1, 2, "number"),
    ),
    scalars(
        "Comparison functions and operators",
        ("GREATEST LEAST", 1, None, "any"),
    ),
    scalars(
        "Conditional expressions",
        ("COALESCE", 2, None, "any"),
        ("NULLIF", 2, 2, "any"),
        ("IF", 2, 3, "bool any"),
    ),
    aggregates(
        "Aggregate functions",
        ("COUNT", 0, 1, "any"),
        ("MIN MAX ARRAY_AGG", 1, 1, "any"),
        ("SUM AVG", 1, 1, "number"),
        ("COUNT_IF", 1, 1, "bool"),
        ("VAR_POP", 1, 1, "number"),
        ("COVAR_POP", 2, 2, "number"),
    ),
    analytics("Window functions", ("ROW_NUMBER RANK DENSE_RANK", 0, 0, "")),
    analytics("Window functions", ("LAG LEAD", 1, 3, "any number any")),
    analytics("Window functions", ("FIRST_VALUE LAST_VALUE", 1, 1, "any"), window_frame_ok=True),
    scalars(
        "Array functions and operators",
        ("CARDINALITY", 1, 1, "array"),
        ("ARRAY_SORT", 1, 2, "array lambda"),
        ("ELEMENT_AT", 2, 2, "array any"),
        ("TRANSFORM FILTER", 2, 2, "array lambda"),
        ("SLICE", 3, 3, "array number number"),
        ("ARRAY_POSITION", 2, 2, "array any"),
    ),
    scalars(
        "String functions and operators",
        ("CONCAT", 2, None, "any"),
        ("REPLACE", 2, 3, "text"),
        ("LOWER UPPER", 1, 1, "text"),
    ),
    scalars("Binary functions and operators", ("MD5 TO_HEX", 1, 1, "any"), ("TO_UTF8", 1, 1, "text")),
    scalars(
        "Date and time functions and operators",
        ("TO_UNIXTIME", 1, 1, "time"),
        ("FROM_UNIXTIME", 1, 3, "number any any"),
        ("DATE_ADD", 3, 3, "text number time"),
        ("DATE_DIFF", 3, 3, "text time time"),
        ("AT_TIMEZONE", 2, 2, "time text"),
        # EXTRACT(MONTH FROM x) has words between its parts, and so is one argument.
        ("EXTRACT", 1, 1, "any"),
    ),
)
"""By name; the page's title is each signature's source."""

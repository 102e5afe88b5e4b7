"""The functions that generated ClickHouse SQL may call, from the pages of ClickHouse's function reference.

Names are in upper case here; ClickHouse tells upper from lower case in the names of its own functions, not in those of
the SQL standard, and what is generated writes each as its page does. Left out on purpose: quantile and its kin other
than the exact ones (they sample), FIRST_VALUE without RESPECT NULLS (it skips NULL), AVG and VAR_POP (they add up
without compensation).
"""

from __future__ import annotations

from sqlnomaly.dialects.signature import aggregates, analytics, scalars, table

FUNCTIONS = table(
    scalars(
        "Mathematical functions",
        ("ABS SQRT LN EXP COS SIGN", 1, 1, "number"),
        ("POWER POW", 2, 2, "number"),
    ),
    scalars("Rounding functions", ("FLOOR CEIL ROUND", 1, 2, "number")),
    scalars(
        "Functions for working with nullable values",
        ("COALESCE", 1, None, "any"),
        ("NULLIF IFNULL", 2, 2, "any"),
        ("TONULLABLE", 1, 1, "any"),
    ),
    scalars("Other functions", ("GREATEST LEAST", 1, None, "any")),
    aggregates(
        "Aggregate functions",
        ("COUNT", 0, 1, "any"),
        ("COUNTIF", 1, 1, "bool"),
        ("MIN MAX", 1, 1, "any"),
        ("SUM SUMKAHAN", 1, 1, "number"),
        ("VARPOPSTABLE", 1, 1, "number"),
        ("COVARPOPSTABLE", 2, 2, "number"),
        ("GROUPARRAY", 1, 1, "any"),
        # The share; the value stands in parentheses of its own behind it.
        ("QUANTILEEXACTINCLUSIVE", 1, 1, "constant"),
    ),
    analytics(
        "Window functions",
        ("ROW_NUMBER RANK DENSE_RANK", 0, 0, ""),
        ("LAG LEAD", 1, 3, "any constant any"),
    ),
    analytics("Window functions", ("FIRST_VALUE LAST_VALUE", 1, 1, "any"), window_frame_ok=True),
    scalars(
        "Array functions",
        ("ARRAYCONCAT", 1, None, "array"),
        ("ARRAYSORT", 1, 1, "array"),
        ("ARRAYSLICE", 2, 3, "array number number"),
        ("INDEXOF", 2, 2, "array any"),
        ("ARRAYMAP ARRAYFILTER", 2, 2, "lambda array"),
        ("ARRAYELEMENTORNULL", 2, 2, "array number"),
        ("LENGTH", 1, 1, "array"),
    ),
    scalars(
        "Functions for dates and times",
        ("TODATETIME64", 2, 3, "any constant text"),
        ("TOUNIXTIMESTAMP64MICRO", 1, 1, "time"),
        ("TOTIMEZONE", 2, 2, "time text"),
        ("TOMINUTE TOHOUR TODAYOFWEEK TODAYOFMONTH TOISOWEEK TOMONTH TOQUARTER TOYEAR TODATE32", 1, 1, "any"),
        ("ADDDAYS", 2, 2, "time number"),
    ),
    scalars("Type conversion functions", ("TOSTRING", 1, 1, "any")),
    scalars("Hash functions", ("MD5", 1, 1, "text")),
    scalars("Encoding functions", ("HEX", 1, 1, "any")),
    scalars("Functions for strings", ("LOWER UPPER", 1, 1, "text"), ("REPLACE", 3, 3, "text")),
)
"""By name; the page's title is each signature's source."""

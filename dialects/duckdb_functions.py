"""The functions that generated DuckDB SQL may call, from the pages of DuckDB's function reference (2.0).

DuckDB takes ORDER BY and frames in the OVER of every aggregate, MEDIAN and QUANTILE_CONT included; only the
WITHIN GROUP spelling of a quantile has no OVER.
"""

from __future__ import annotations

from sqlnomaly.dialects.signature import Signature, aggregates, analytics, scalars, table

FUNCTIONS = table(
    scalars(
        "Numeric Functions",
        ("ABS SQRT LN LOG2 LOG10 EXP COS FLOOR CEIL CEILING SIGN ISNAN ISINF ISFINITE", 1, 1, "number"),
        ("POW POWER FDIV FMOD", 2, 2, "number"),
        ("LOG ROUND TRUNC", 1, 2, "number"),
        ("GREATEST LEAST", 1, None, "any"),
    ),
    scalars(
        "Utility Functions",
        ("COALESCE", 1, None, "any"),
        ("IF", 3, 3, "bool any"),
        ("IFNULL NULLIF", 2, 2, "any"),
        ("MD5", 1, 1, "any"),
        ("ERROR", 1, 1, "text"),
    ),
    aggregates(
        "Aggregate Functions",
        ("COUNT", 0, 1, "any"),
        ("MIN MAX ANY_VALUE FIRST LAST LIST ARRAY_AGG", 1, 1, "any"),
        ("SUM FSUM AVG FAVG", 1, 1, "number"),
        ("COUNT_IF BOOL_AND BOOL_OR", 1, 1, "bool"),
        ("VAR_POP VAR_SAMP VARIANCE STDDEV_POP STDDEV_SAMP STDDEV", 1, 1, "number"),
        ("COVAR_POP COVAR_SAMP CORR", 2, 2, "number"),
        ("MEDIAN MAD", 1, 1, "any"),
        ("QUANTILE_CONT QUANTILE_DISC QUANTILE", 2, 2, "any constant"),
        ("ARG_MAX ARG_MIN", 2, 2, "any"),
        ("STRING_AGG", 1, 2, "any text"),
    ),
    [
        Signature(
            name=name,
            arguments=(1, 1),
            kinds=("constant",),
            source="Aggregate Functions",
            role="aggregate_only",
            within_group=True,
        )
        for name in ("PERCENTILE_CONT", "PERCENTILE_DISC")
    ],
    analytics(
        "Window Functions",
        ("ROW_NUMBER RANK DENSE_RANK PERCENT_RANK CUME_DIST", 0, 0, ""),
        ("NTILE", 1, 1, "number"),
        ("LAG LEAD", 1, 3, "any number any"),
        ("FIRST_VALUE LAST_VALUE", 1, 1, "any"),
        ("NTH_VALUE", 2, 2, "any number"),
        window_order="allowed",
        window_frame_ok=True,
    ),
    scalars(
        "List Functions",
        ("LEN LIST_SUM LIST_MIN LIST_MAX LIST_AVG LIST_MEDIAN LIST_VAR_POP LIST_COUNT", 1, 1, "array"),
        ("LIST_SORT", 1, 3, "array text text"),
        ("LIST_CONCAT", 2, None, "array"),
        ("LIST_EXTRACT LIST_ELEMENT", 2, 2, "array number"),
        ("LIST_SLICE", 3, 4, "array number"),
        ("LIST_POSITION", 2, 2, "array any"),
        ("LIST_AGGREGATE", 2, 2, "array text"),
        ("RANGE GENERATE_SERIES", 1, 3, "any"),
        ("LIST_VALUE", 0, None, "any"),
    ),
    scalars(
        "Lambda Functions",
        ("LIST_TRANSFORM LIST_FILTER", 2, 2, "array lambda"),
        ("LIST_REDUCE", 2, 3, "array lambda any"),
    ),
    scalars(
        "Text Functions",
        ("CONCAT", 1, None, "any"),
        ("CONCAT_WS", 2, None, "any"),
        ("LOWER UPPER LENGTH", 1, 1, "any"),
        ("SUBSTR SUBSTRING", 2, 3, "any number"),
        ("LPAD RPAD", 3, 3, "text number text"),
        ("REPLACE", 3, 3, "any"),
        ("FORMAT PRINTF", 1, None, "any"),
    ),
    scalars(
        "Timestamp Functions",
        ("EPOCH EPOCH_US EPOCH_MS EPOCH_NS", 1, 1, "any"),
        ("DATE_PART", 2, 2, "text time"),
        # EXTRACT(MONTH FROM x) has words between its parts, and so is one argument.
        ("EXTRACT", 1, 1, "any"),
        ("DATE_DIFF", 3, 3, "text time time"),
        ("MAKE_TIMESTAMP TO_TIMESTAMP", 1, 1, "number"),
    ),
)
"""By name; the page's title is each signature's source."""

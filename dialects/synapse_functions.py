"""The functions that generated T-SQL may call, from the pages of the Transact-SQL reference that name Azure Synapse.

Left out on purpose: GREATEST and LEAST (serverless pools only), COUNT (an INT), STRING_AGG, APPROX_PERCENTILE_CONT.
"""

from __future__ import annotations

from sqlnomaly.dialects.signature import Signature, aggregates, analytics, scalars, table

FUNCTIONS = table(
    scalars(
        "Mathematical Functions",
        ("ABS SQRT EXP COS FLOOR CEILING SIGN", 1, 1, "number"),
        ("LOG", 1, 2, "number"),
        ("POWER", 2, 2, "number"),
        ("ROUND", 2, 3, "number"),
    ),
    scalars("COALESCE", ("COALESCE", 2, None, "any")),
    scalars("NULLIF", ("NULLIF", 2, 2, "any")),
    scalars("ISNULL", ("ISNULL", 2, 2, "any")),
    aggregates(
        "Aggregate Functions",
        ("COUNT_BIG", 1, 1, "any"),
        ("MIN MAX", 1, 1, "any"),
        ("SUM AVG VARP", 1, 1, "number"),
    ),
    [
        Signature(
            name="PERCENTILE_CONT",
            arguments=(1, 1),
            kinds=("constant",),
            source="PERCENTILE_CONT",
            role="analytic_only",
            window_order="refused",
            window_frame_ok=False,
            within_group=True,
        )
    ],
    analytics("Ranking Functions", ("ROW_NUMBER RANK DENSE_RANK", 0, 0, "")),
    analytics("FIRST_VALUE", ("FIRST_VALUE", 1, 1, "any"), window_frame_ok=True),
    analytics("LAG, LEAD", ("LAG LEAD", 1, 3, "any number any")),
    scalars(
        "Date and Time Functions",
        ("DATEDIFF", 3, 3, "unit any any"),
        ("DATEADD", 3, 3, "unit number any"),
        ("TODATETIMEOFFSET", 2, 2, "any any"),
        ("DATEPART", 2, 2, "unit any"),
        ("SWITCHOFFSET", 2, 2, "any text"),
    ),
    scalars("CAST and CONVERT", ("CONVERT", 2, 3, "any any number")),
    scalars("FORMAT", ("FORMAT", 2, 3, "any text text")),
    scalars("HASHBYTES", ("HASHBYTES", 2, 2, "text any")),
    scalars("String Functions", ("LOWER UPPER", 1, 1, "text"), ("REPLACE", 3, 3, "text"), ("CONCAT", 2, None, "any")),
)
"""By name; the page's title is each signature's source."""

"""What lies before a row's peers: windows in the order of the rows that look at no row of the same order key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.frames import SO_FAR
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation
from sqlnomaly.udfs.esd_rounds import Columns, each


def counts(data: Relation, feature: Feature) -> Expr:
    """Whether the row is one of a baseline: it is fitted, and has a value of the feature."""
    known = ops.not_null(feature.value)
    return known if isinstance(data.weight, ops.Literal) else ops.and_(_fitted(data), known)


def counted(data: Relation, value: Expr) -> Expr:
    """The value of a fitted row, NULL of any other."""
    return value if isinstance(data.weight, ops.Literal) else ops.case((_fitted(data), value))


def _fitted(data: Relation) -> Expr:
    return ops.eq(data.weight, ops.integer(1))


def numbered(data: Relation) -> Relation:
    """The rows by their place in the order: every window that follows settles ties alike."""
    place = ops.column(data.features[0].stat("place"))
    return replace(data.extend("numbered", {place.name: data.along(ops.func("ROW_NUMBER"))}), order=(place,))


def before_peers(rows: Relation, found: Mapping[str, Expr], step: str = "found") -> Relation:
    """Each row with what the first of its peers found.

    Args:
        rows: in a settled order.
        found: name -> what a row finds of the rows before it, its peers among them; the row gets it as NAME_found, and
            what the first of its peers finds, where none of them is among the rows before, as NAME_earlier.
        step: the name of the step, where a plan has several.
    """
    peers = ops.column(rows.features[0].stat(f"{step}_peers"))
    rank = ops.window(ops.func("RANK"), partition=rows.lanes, order=rows.peers)
    rows = rows.extend(step, {peers.name: rank, **{f"{name}_found": expr for name, expr in found.items()}})
    return rows.extend(
        "earlier",
        {
            f"{name}_earlier": rows.along(ops.func("FIRST_VALUE", ops.column(f"{name}_found")), within=[peers])
            for name in found
        },
    )


def last_known(rows: Relation) -> Relation:
    """The rows, in a settled order, beside the last value of each feature that counts.

    ``known`` says how many there are up to the row, ``last`` is the last one of them, and ``before`` that of the row
    before.
    """

    def known(feature: Feature) -> Columns:
        return {"known": rows.along(ops.count(counted(rows, feature.value)), frame=SO_FAR.spec())}

    def last(feature: Feature) -> Columns:
        # Of the rows that share a count, the first alone has a value that counts.
        same = [*rows.lanes, feature.get("known")]
        return {"last": ops.window(ops.max_(counted(rows, feature.value)), partition=same)}

    def before(feature: Feature) -> Columns:
        return {"before": rows.along(ops.func("LAG", feature.get("last")))}

    for name, rule in (("counts", known), ("held", last), ("lagged", before)):
        rows = rows.extend(name, each(rows.features, rule))
    return rows

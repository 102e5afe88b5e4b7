"""Models fitted on DuckDB, what they say there, and the rows to ask them about elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlnomaly.model import Model
from sqlnomaly.session import Session
from tests.conformance.ask import Ask
from tests.conformance.datasets import DataSet
from tests.models.asked import DETECTORS, FITTED, SETS, by_functions, fitted, outputs
from tests.reference.judge import Verdict

SMALL: Mapping[str, Any] = {"n_estimators": 12, "max_samples": 32}

ODD = ("at", "user", "x'y", "back\\slash", "a$$b")
"""Names that are words of some engine, or end its texts."""

_ODD = ", ".join(f"(i * {n + 3}) % 17 AS " + '"' + name.replace('"', '""') + '"' for n, name in enumerate(ODD))
QUERIES: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "odd": ("ecod", f"SELECT {_ODD} FROM range(50) AS r(i)", ()),
    "dated": (
        "mad",
        "SELECT CASE WHEN i % 3 > 0 THEN DATE '2024-02-28' + CAST(i % 3 AS INTEGER) END AS d, i % 2 = 0 AS b, "
        "i % 7 + i % 3 AS x FROM range(60) AS r(i)",
        ("d", "b"),
    ),
}
"""Name -> detector, query and keys of models that are only asked about their own test rows."""

TYPED = {
    "timestamptz": ("zscore", "ecod"),
    "boolean": ("ecod",),
    "decimal": ("hbos",),
    "hostile_columns": ("mad",),
    "negative_zero": ("ecod",),
}
"""Data sets of other types and names, with detectors."""

NAMES = (
    *(f"probe_{detector}" for detector in DETECTORS),
    *(f"{data}_{detector}" for data, detectors in TYPED.items() for detector in detectors),
    *QUERIES,
)
"""Every model; each is the name of its functions too."""


@dataclass(frozen=True)
class Served:
    """A model with what it says.

    Attributes:
        data: the rows to ask it about, or None for its own test rows alone.
        asked: how it was fitted, and which of its answers there are.
        said: what its functions say on DuckDB.
    """

    name: str
    model: Model
    data: DataSet | None = None
    asked: Ask | None = None
    said: Mapping[int, Verdict] | None = None


def served(session: Session, name: str) -> Served:
    """The model of that name, fitted and asked on DuckDB."""
    if name in QUERIES:
        detector, query, keys = QUERIES[name]
        return Served(name, session.fit(query, detector=detector, partition_by=keys))
    found, _, detector = name.rpartition("_")
    data = SETS[found]
    keys = data.keys
    if found == "probe":
        keys = ("store", "shelf") if detector in ("zscore", "ecod") else ("store",)
    options = {**(SMALL if detector == "iforest" else {}), "nulls": "anomalous"}
    where = FITTED if found == "probe" else None
    ask = Ask(options=options, partition=keys, where=where, functions=outputs(detector))
    model = fitted(session, data, detector, ask)
    session.install(model, name=name)
    return Served(name, model, data, ask, by_functions(session, data, ask, name))


def forest(session: Session) -> Model:
    """A hundred trees of 256 rows each over three features."""
    columns = "SIN(i * 1.7) * 10 + i % 13 AS a, COS(i * 0.3) * 5 AS b, i % 97 + SIN(i) AS c"
    return session.fit(f"SELECT {columns} FROM range(5000) AS r(i)", detector="iforest")

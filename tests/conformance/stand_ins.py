"""Two small detectors that a client fits and SQL scores: one finishes a summary, one keeps the range of drawn rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.client import PART, ROWS, ClientFit, Learned
from sqlnomaly.pushdown.contract import Detector, Reduce, Shape, ThresholdRule, deviation
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Given, Relation
from sqlnomaly.udfs.zscore import TINY, Zscore
from tests.reference.iforest import drawn

STATS = ("n", "centre", "scale")


def kept(keys: Sequence[str], stems: Sequence[str]) -> list[str]:
    """The columns of a model: the partition, and three numbers a feature."""
    return [*keys, *(f"{stem}__{stat}" for stem in stems for stat in STATS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summarized(Zscore):
    """zscore whose mean and deviation come from a summary, finished in numpy."""

    ordered: ClassVar[bool] = False
    framed: ClassVar[bool] = False
    ranged: ClassVar[bool] = False
    removable: ClassVar[bool] = False
    summarized: ClassVar[bool] = True

    def summary(self, data: Relation) -> Relation:
        """The moments of zscore."""
        return Zscore.state(self, data)

    def given(self, name: str, keys: Sequence[str], features: Sequence[Feature], *, explained: bool) -> Given:
        """Count, centre and scale of each feature."""
        return Given(name, tuple(kept(keys, [feature.stem for feature in features])), {})

    def learn(self, rows: pa.Table, fit: ClientFit) -> Learned:
        """The mean, and the root of M2 / (n - ddof), of each partition."""
        columns = {key: rows.column(key) for key in fit.keys}
        for stem in fit.stems:
            n, mean, m2, low, high = (
                np.array(rows.column(f"{stem}__{stat}").to_pylist(), dtype=np.float64)
                for stat in ("n", "mean", "m2", "low", "high")
            )
            with np.errstate(invalid="ignore", divide="ignore"):
                scale = np.sqrt(m2 / (n - self.ddof))
            flat = ~((low < high) & (scale > TINY))
            columns[f"{stem}__n"] = pa.array(n.astype(np.int64))
            columns[f"{stem}__centre"] = pa.array(np.where(low == high, low, mean), from_pandas=True)
            columns[f"{stem}__scale"] = pa.array(np.where(flat, 0.0, scale))
        return Learned(pa.table({name: columns[name] for name in fit.given.columns}), {}, {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach(Detector):
    """Where a value lies in the range of a few drawn rows: 0 in its middle, 1 at its ends."""

    name: ClassVar[str] = "reach"
    shape: ClassVar[Shape] = Shape.ROW
    reduce: ClassVar[Reduce] = Reduce.MAX
    default: ClassVar[ThresholdRule] = ThresholdRule(threshold=2.0)
    rows: ClassVar[int] = 3
    joint: ClassVar[bool] = True

    size: int = 7

    @property
    def sample(self) -> tuple[int, int]:
        """So many rows; the seed is fixed."""
        return self.size, 5

    def given(self, name: str, keys: Sequence[str], features: Sequence[Feature], *, explained: bool) -> Given:
        """Count, centre and scale of each feature."""
        return Given(name, tuple(kept(keys, [feature.stem for feature in features])), {})

    def learn(self, rows: pa.Table, fit: ClientFit) -> Learned:
        """The middle and half the width of each feature's range."""
        groups: dict[Any, list[dict[str, Any]]] = {} if fit.keys else {None: []}
        for row in rows.to_pylist():
            groups.setdefault(row.get(PART), []).append(row)
        columns: dict[str, list[Any]] = {name: [] for name in fit.given.columns}
        for group in groups.values():
            for key in fit.keys:
                columns[key].append(group[0][key])
            for stem, feature in zip(fit.stems, fit.features, strict=True):
                values = [row[feature] for row in group]
                middle, half = half_range(values) if values else (0.0, 0.0)
                columns[f"{stem}__n"].append(group[0][ROWS] if group else 0)
                columns[f"{stem}__centre"].append(middle)
                columns[f"{stem}__scale"].append(half)
        types = {key: rows.schema.field(key).type for key in fit.keys}
        types |= {name: pa.int64() if name.endswith("__n") else pa.float64() for name in columns.keys() - set(fit.keys)}
        relation = pa.table({name: pa.array(values, types[name]) for name, values in columns.items()})
        return Learned(relation, {}, {})

    def term(self, feature: Feature) -> Expr:
        """The distance from the middle in halves of the range, for a row that misses nothing."""
        return deviation(feature, "both")

    def terms(self, features: Sequence[Feature]) -> Sequence[Expr]:
        """Those of a row that misses nothing."""
        every = ops.and_(*(ops.not_null(feature.value) for feature in features))
        return [ops.case((every, self.term(feature))) for feature in features]


def half_range(values: Sequence[float]) -> tuple[float, float]:
    """The middle of a range and half its width; an only value has no width."""
    low, high = min(values), max(values)
    return (low, 0.0) if low == high else (low / 2 + high / 2, high / 2 - low / 2)


@dataclass(frozen=True, slots=True)
class Ranges:
    """What the reference keeps: a range a feature."""

    ranges: Sequence[tuple[float, float]]

    @property
    def constant(self) -> list[bool]:
        return [half == 0.0 for _, half in self.ranges]


def fit(rows: Sequence[Sequence[float]], *, size: int = 7) -> Ranges:
    """The ranges of the first rows by sample key."""
    chosen = drawn(rows, size, 5)
    return Ranges([half_range(column) for column in zip(*chosen, strict=True)])


def terms(row: Sequence[float], model: Ranges) -> list[float | None]:
    """Each value's distance from the middle."""
    found: list[float | None] = []
    for x, (middle, half) in zip(row, model.ranges, strict=True):
        found.append(abs(x - middle) / half if half > 0.0 else 0.0 if x == middle else None)
    return found


def score(row: Sequence[float], model: Ranges) -> float:
    """The largest."""
    return max((term for term in terms(row, model) if term is not None), default=math.nan)


REACH: Any = SimpleNamespace(
    DEFAULT_THRESHOLD=2.0,
    DEFAULT_CONTAMINATION=None,
    DEFAULT_MIN_ROWS=3,
    SIGNED=False,
    JOINT=True,
    fit=fit,
    terms=terms,
    score=score,
    expected=lambda row, model: [None] * len(row),
)
"""The reference of `Reach`, as those of tests/reference."""

STAND_INS: Mapping[str, type[Detector]] = {"zscore": Summarized, "reach": Reach}
"""By the detector whose reference they are held to."""

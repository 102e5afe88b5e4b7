"""Fitted histograms and tails: step functions of the features, or of projections of them, added up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Piece, Stored
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature
from sqlnomaly.udfs.fitted_detector import NUMBERS, Carried, grouped
from sqlnomaly.udfs.fitted_front import weighted
from sqlnomaly.udfs.fitted_numbers import arrays_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlnomaly.udfs.fitted_detector import Array, Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedSteps(Carried):
    """The sum of one step function a feature: HBOS, ECOD, COPOD.

    Goldstein and Dengel, Histogram-based Outlier Score (2012); Li et al., ECOD (2022), doi:10.1109/TKDE.2022.3159580;
    Li et al., COPOD (2020), doi:10.1109/ICDM50108.2020.00135. Steps before it that scale a feature are part of its
    edges: each edge is the largest double that the scaled comparison lets pass, so that no bin differs.
    """

    name: ClassVar[str] = "fitted.steps"
    arrays: ClassVar[tuple[str, ...]] = ("counts", "edges", "levels")

    def score_rows(self, numbers: Numbers, rows: Array) -> Array:
        """The sum of the levels."""
        return added(numbers, rows)

    def parts(self, numbers: Numbers, values: Sequence[Expr]) -> list[Expr]:
        """The steps of each feature."""
        return [
            ops.steps(value, edges, [ops.number(level) for level in levels])
            for value, (edges, levels) in zip(values, steps_of(numbers), strict=True)
        ]

    def pieces(self, model: Stored, features: Sequence[Feature], size: int) -> Mapping[str, Piece]:
        """The steps of each feature, which every language can take, unless a feature is a sum of others."""
        if self.front:
            return Carried.pieces(self, model, features, size)
        _, numbers = self.named(arrays_in(model[NUMBERS]))
        found = {}
        for number, (feature, (edges, levels)) in enumerate(zip(features, steps_of(numbers), strict=True), start=1):
            sql = ops.steps(feature.value, edges, [ops.number(level) for level in levels])
            arrays = {"edges": edges, "levels": levels}
            found[f"part_{number}"] = Piece("steps", (feature.column,), sql, arrays)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedCuts(Carried):
    """The sum of one step function a random direction: LODA.

    Pevny, Loda: Lightweight On-Line Detector of Anomalies (2016), doi:10.1007/s10994-015-5521-0.
    """

    name: ClassVar[str] = "fitted.cuts"
    arrays: ClassVar[tuple[str, ...]] = ("directions", "counts", "edges", "levels")

    def score_rows(self, numbers: Numbers, rows: Array) -> Array:
        """The sum of the levels."""
        return added(numbers, rows @ numbers["directions"].T)

    def parts(self, numbers: Numbers, values: Sequence[Expr]) -> list[Expr]:
        """Sums over a few directions each."""
        pairs = zip(numbers["directions"].tolist(), steps_of(numbers), strict=True)
        return grouped(
            [
                ops.steps(weighted(values, direction), edges, [ops.number(level) for level in levels])
                for direction, (edges, levels) in pairs
            ]
        )


def steps_of(numbers: Numbers) -> Iterator[tuple[list[float], list[float]]]:
    """Edges and levels of each function: levels[i] holds up to and including edges[i], the last one beyond all."""
    start = 0
    for place, count in enumerate(numbers["counts"].astype(int).tolist()):
        end = start + count
        yield numbers["edges"][start:end].tolist(), numbers["levels"][start + place : end + place + 1].tolist()
        start = end


def added(numbers: Numbers, values: Array) -> Array:
    """The sum of the functions' levels, one function a column."""
    import numpy as np

    found = np.zeros(len(values))
    for number, (edges, levels) in enumerate(steps_of(numbers)):
        found += np.array(levels)[np.searchsorted(edges, values[:, number], side="left")]
    return found

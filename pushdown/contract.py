"""The detector contract: a plan that fits a small model, and an expression that scores a row against it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation

Stats = Callable[[str], Expr]
"""Reads a statistic of one feature by its name."""


class Shape(StrEnum):
    """What scoring a row needs."""

    ROW = "row"
    LOOKUP = "lookup"
    WINDOW = "window"
    ENSEMBLE = "ensemble"
    NEIGHBOR = "neighbor"


class Reduce(StrEnum):
    """How the terms of the features become one score."""

    MAX = "max"
    SUM = "sum"


class Tolerance(StrEnum):
    """How far two engines may differ on the same model and row."""

    ELEMENTWISE = "elementwise"

    @property
    def relative(self) -> float:
        """The relative bound."""
        return 1e-9


@dataclass(frozen=True, slots=True)
class ThresholdRule:
    """A detector's default: a fixed score, or a quantile of the fitted rows' scores."""

    threshold: float | None = None
    contamination: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector(ABC):
    """A way to judge rows. Fields are its own parameters; class variables say what it is.

    Class variables:
        name: the registry name.
        shape: what scoring needs.
        reduce: how terms become a score.
        default: the default threshold rule.
        rows: the default ``min_rows``.
        directed: whether terms are signed deviations, so that ``direction`` and ``min_effect`` mean something.
        ordered: whether it can be causal (ORDER BY without a frame).
        framed: whether it can follow ROWS frames; ``ranged``: RANGE frames.
        removable: whether leave-one-out has a sound closed form; ``no_removal`` says why not.
    """

    name: ClassVar[str]
    shape: ClassVar[Shape]
    reduce: ClassVar[Reduce]
    tolerance: ClassVar[Tolerance] = Tolerance.ELEMENTWISE
    default: ClassVar[ThresholdRule]
    rows: ClassVar[int]
    directed: ClassVar[bool] = False
    ordered: ClassVar[bool] = False
    framed: ClassVar[bool] = False
    ranged: ClassVar[bool] = False
    removable: ClassVar[bool] = False
    no_removal: ClassVar[str] = "its fit has no closed form without one row"

    @abstractmethod
    def state(self, data: Relation) -> Relation:
        """The numbers kept of the fitted rows."""

    def finish(self, state: Relation) -> Relation:
        """What the score needs, from the state: row-level expressions over its columns."""
        return state

    @abstractmethod
    def term(self, feature: Feature) -> Expr:
        """One feature's contribution, over the feature's value and the model's columns; NULL when it cannot say."""

    def fused(self, data: Relation) -> Relation | None:
        """Fit and score in one pass over the rows, or None; adds the model's columns to each row."""
        return None

    def meet(self, data: Relation, model: Relation) -> Relation:
        """The rows beside the model, so that ``term`` can be computed; by default a join on the partition."""
        return data.match(model)

    def merge(self, left: Stats, right: Stats) -> Mapping[str, Expr] | None:
        """state(A ∪ B) from state(A) and state(B), or None where states do not merge."""
        return None

    def remove(self, state: Stats, value: Expr) -> Mapping[str, Expr] | None:
        """state(A without one row) from state(A) and that row's value, or None."""
        return None

    def constant(self, feature: Feature) -> Expr:
        """Whether the feature's baseline does not vary, as the detector sees it."""
        return ops.eq(feature.get("scale"), ops.number(0.0))

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """Raises ValueError with what is allowed for a parameter out of range."""


def deviation(feature: Feature, direction: str) -> Expr:
    """The distance from the centre in units of the scale; on a constant baseline 0 for its own value, else NULL."""
    value, centre, scale = feature.value, feature.get("centre"), feature.get("scale")
    signed = ops.sub(centre, value) if direction == "low" else ops.sub(value, centre)
    size = ops.abs_(signed) if direction == "both" else signed
    return ops.case(
        (ops.gt(scale, ops.number(0.0)), ops.div(size, scale)),
        (ops.eq(value, centre), ops.number(0.0)),
    )

"""What stands before an estimator in a pipeline: features moved, scaled, clipped and rotated, in numpy and in SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.ops import Expr

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

PARTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "scale": ("centre", "unit"),
        "range": ("factor", "offset"),
        "clip": ("low", "high"),
        "rotate": ("mean", "axes"),
    }
)
"""Word -> its arrays. (x - centre) / unit; x * factor + offset; low to high; (x - mean) times each axis."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Attributes:
        word: a key of `PARTS`.
        first, second: its arrays.
    """

    word: str
    first: Array
    second: Array

    def rows(self, rows: Array) -> Array:
        """The rows after the step, in the order of operations of the SQL."""
        import numpy as np

        if self.word == "scale":
            return (rows - self.first) / self.second
        if self.word == "range":
            return rows * self.first + self.second
        if self.word == "clip":
            return np.clip(rows, self.first, self.second)
        return (rows - self.first) @ self.second.T

    def back(self, rows: Array) -> Array:
        """Rows that the step makes these of, as far as there are any."""
        if self.word == "scale":
            return rows * self.second + self.first
        if self.word == "range":
            return (rows - self.second) / self.first
        if self.word == "clip":
            return rows
        import numpy as np

        found: Array = rows @ np.linalg.pinv(self.second).T + self.first
        return found

    def values(self, values: Sequence[Expr]) -> list[Expr]:
        """The features after the step as expressions."""
        pairs = list(zip(self.first.tolist(), self.second.tolist(), strict=False))
        if self.word == "scale":
            return [over(less(x, a), b) for x, (a, b) in zip(values, pairs, strict=True)]
        if self.word == "range":
            return [ops.add(times(x, a), ops.number(b)) for x, (a, b) in zip(values, pairs, strict=True)]
        if self.word == "clip":
            limits = [(ops.number(a), ops.number(b)) for a, b in pairs]
            return [ops.greatest(ops.least(x, b), a) for x, (a, b) in zip(values, limits, strict=True)]
        moved = [less(x, a) for x, a in zip(values, self.first.tolist(), strict=True)]
        return [weighted(moved, axis) for axis in self.second.tolist()]


@dataclass(frozen=True, slots=True)
class Front:
    """The steps in their order."""

    steps: tuple[Step, ...] = ()

    @property
    def words(self) -> str:
        """The steps' words, joined by commas."""
        return ",".join(step.word for step in self.steps)

    @property
    def arrays(self) -> list[Array]:
        """Their arrays, two a step."""
        return [array for step in self.steps for array in (step.first, step.second)]

    @property
    def rotates(self) -> bool:
        """Whether a feature becomes a sum of several."""
        return any(step.word == "rotate" for step in self.steps)

    def rows(self, rows: Array) -> Array:
        """The rows after the steps."""
        for step in self.steps:
            rows = step.rows(rows)
        return rows

    def values(self, values: Sequence[Expr]) -> list[Expr]:
        """The features after the steps as expressions."""
        found = list(values)
        for step in self.steps:
            found = step.values(found)
        return found


def front_of(words: str, arrays: Sequence[Array]) -> Front:
    """The steps from their words and arrays.

    Raises:
        ValueError: for a word that is none.
    """
    names = words.split(",") if words else []
    if not set(names) <= set(PARTS):
        raise ValueError(f"front is a list of {', '.join(PARTS)}")
    pairs = zip(names, arrays[::2], arrays[1::2], strict=True)
    return Front(tuple(Step(word, first, second) for word, first, second in pairs))


def last_where(holds: Callable[[Array], NDArray[np.bool_]], size: int) -> Array:
    """The largest double for which a condition holds, of each of so many conditions that hold up to one.

    A search by halves over the doubles in their order, so that a comparison of a rounded function of x can be replaced
    by one of x that never differs. Where no double is, minus the largest one; where every one is, the largest.

    Example:
        >>> last_where(lambda x: x * x * x <= 27.0, 1).tolist()
        [3.0]
    """
    import numpy as np

    most = np.float64(np.finfo(np.float64).max)
    low = np.full(size, _order(np.array([-most]))[0])
    high = np.full(size, _order(np.array([most]))[0])
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        whole = holds(np.full(size, most))
        for _ in range(64):
            middle = (low >> 1) + (high >> 1) + (low & high & 1)
            inside = holds(_double(middle))
            low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    return np.where(whole, most, _double(low))


def _order(values: Array) -> NDArray[np.int64]:
    """Doubles as integers that are in the same order."""
    import numpy as np

    bits = values.view(np.int64)
    found: NDArray[np.int64] = np.where(bits < 0, np.int64(-(2**63)) - bits, bits)
    return found


def _double(order: NDArray[np.int64]) -> Array:
    import numpy as np

    bits = np.where(order < 0, np.int64(-(2**63)) - order, order)
    return np.ascontiguousarray(bits).view(np.float64)


def less(value: Expr, number: float) -> Expr:
    """value - number, or the value itself for 0."""
    return ops.sub(value, ops.number(number)) if number else value.copy()


def over(value: Expr, number: float) -> Expr:
    """value / number, or the value itself for 1."""
    return ops.div(value, ops.number(number)) if number != 1.0 else value.copy()


def times(value: Expr, number: float) -> Expr:
    """value * number, or the value itself for 1."""
    return ops.mul(value, ops.number(number)) if number != 1.0 else value.copy()


def weighted(values: Sequence[Expr], weights: Sequence[float]) -> Expr:
    """The sum of the values times weights, those of weight 0 left out."""
    parts = [times(value, weight) for value, weight in zip(values, weights, strict=True) if weight]
    return ops.total(parts) if parts else ops.number(0.0)


def square(value: Expr) -> Expr:
    """The square; the value stands in it once."""
    return ops.func("POWER", value, ops.number(2.0))

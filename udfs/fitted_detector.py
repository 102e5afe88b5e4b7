"""A fitted estimator of scikit-learn or PyOD as a detector: its numbers, its score in numpy, and the same in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from sqlnomaly.errors import ModelError, UnsupportedError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Detector, Piece, Reduce, Shape, Stored, ThresholdRule
from sqlnomaly.pushdown.function import Function
from sqlnomaly.pushdown.ops import LARGEST, Expr
from sqlnomaly.pushdown.plan import Feature, Relation
from sqlnomaly.udfs.fitted_front import PARTS, Front, front_of
from sqlnomaly.udfs.fitted_numbers import arrays_in, arrays_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sqlnomaly.pushdown.fitted import FittedModel

    Array = NDArray[np.float64]
    Numbers = Mapping[str, Array]

LONGEST = 400_000
"""Bytes of SQL that a score without a short program may take; more is scored by a vectorized function."""
PIECE = 20_000
"""Bytes of SQL of one of its parts: the smallest function of an engine has 32 kB."""
NUMBERS = "numbers"
"""The relation of the arrays."""
LIVE = "install it with live=True on DuckDB or Spark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried(Detector):
    """An estimator that was fitted elsewhere; no query can name it as its detector.

    Class variables:
        arrays: the names of the estimator's arrays, in the order in which they are stored, behind those of the front.

    Attributes:
        estimator: which class of which library and version was fitted.
        front: the words of the steps before it.
    """

    shape: ClassVar[Shape] = Shape.ROW
    reduce: ClassVar[Reduce] = Reduce.SUM
    default: ClassVar[ThresholdRule] = ThresholdRule(threshold=0.0)
    rows: ClassVar[int] = 1
    joint: ClassVar[bool] = True
    by_function: ClassVar[bool] = True
    arrays: ClassVar[tuple[str, ...]]

    estimator: str = ""
    front: str = ""

    def score_rows(self, numbers: Numbers, rows: Array) -> Array:
        """The scores of rows, after the front, of which none misses a value."""
        raise NotImplementedError(f"{self.name} is no estimator")

    def parts(self, numbers: Numbers, values: Sequence[Expr]) -> list[Expr]:
        """The parts of the score over the features after the front; each may become a function of its own."""
        raise NotImplementedError(f"{self.name} is no estimator")

    def whole(self, numbers: Numbers, parts: Sequence[Expr]) -> Expr:
        """The score from its parts; by default their sum."""
        return ops.total(parts)

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """front is a list of known words."""
        words = str(parameters.get("front", ""))
        if words and not set(words.split(",")) <= set(PARTS):
            raise ValueError(f"front is a list of {', '.join(PARTS)}")

    def named(self, arrays: Sequence[Array]) -> tuple[Front, Numbers]:
        """Stored arrays as the front's and the estimator's own.

        Raises:
            ModelError: there are more or fewer than there should be.
        """
        first = 2 * len(self.front.split(",")) if self.front else 0
        if len(arrays) != first + len(self.arrays):
            raise ModelError(
                f"the model of {self.estimator} does not hold the arrays that it should", hint="make it again"
            )
        return front_of(self.front, arrays[:first]), dict(zip(self.arrays, arrays[first:], strict=True))

    def score_matrix(self, stored: Mapping[str, Any]) -> Any:
        """A function of a matrix of raw features, no value missing, from the relations of a model."""
        front, numbers = self.named(arrays_of(stored[NUMBERS]))
        return lambda rows: self.score_rows(numbers, front.rows(rows))

    def pieces(self, model: Stored, features: Sequence[Feature], size: int) -> Mapping[str, Piece]:
        """The parts, each over all features."""
        front, numbers = self.named(arrays_in(model[NUMBERS]))
        columns = tuple(feature.column for feature in features)
        parts = self.parts(numbers, front.values([feature.value for feature in features]))
        self.check_length([len(part.sql()) for part in parts])
        return {f"part_{n}": Piece("expression", columns, part, {}) for n, part in enumerate(parts, start=1)}

    def check_length(self, lengths: Sequence[int]) -> None:
        """Refuses a score that is too long.

        Raises:
            UnsupportedError: naming the estimator and the length.
        """
        if sum(lengths) > LONGEST or max(lengths) > PIECE + PIECE // 2:
            raise UnsupportedError(
                f"the score of {self.estimator} takes {sum(lengths):,} bytes of SQL, which is too long for functions",
                hint=LIVE,
            )

    def frozen(self, data: Relation, model: Stored, pieces: Mapping[str, Piece]) -> Relation:
        """The score of a row that has every feature."""
        _, numbers = self.named(arrays_in(model[NUMBERS]))
        return self.beside(data, self.whole(numbers, [ops.column(name) for name in pieces]))

    def beside(self, data: Relation, score: Expr) -> Relation:
        """The rows with their score, and what the answers read of any model."""
        known = ops.and_(*(ops.not_null(feature.value) for feature in data.features))
        columns: dict[str, Expr] = {self.column(data.features): ops.case((known, score))}
        for feature in data.features:
            columns |= {feature.stat("n"): ops.integer(1), feature.stat("scale"): ops.number(1.0)}
        return data.extend("model", columns)

    def column(self, features: Sequence[Feature]) -> str:
        """The column of the score."""
        return features[0].stat("carried_score")

    def score(self, features: Sequence[Feature]) -> Expr:
        """What ``frozen`` gave."""
        return ops.column(self.column(features))

    def terms(self, features: Sequence[Feature]) -> Sequence[Expr]:
        """No contribution of any feature: the answers of such a model have no reason."""
        return [ops.null() for _ in features]

    def function(self, model: FittedModel) -> Function:
        """The score as a vectorized function of the features: NULL where one is missing or out of range."""
        score = self.score_matrix(model.relations)

        def carried_score(*arguments: Any) -> Any:
            import numpy as np
            import pyarrow as pa

            columns = [one.to_numpy(zero_copy_only=False).astype(np.float64) for one in arguments]
            rows = np.column_stack(columns)
            known = (np.abs(rows) <= LARGEST).all(axis=1)
            found = np.full(len(rows), np.nan)
            if known.any():
                with np.errstate(all="ignore"):
                    found[known] = score(rows[known])
            return pa.array(found, mask=np.isnan(found))

        return Function("DOUBLE", carried_score)


def grouped(terms: Sequence[Expr], longest: int = PIECE) -> list[Expr]:
    """Sums of terms that stand next to each other, as many as have so many bytes."""
    found: list[Expr] = []
    held: list[Expr] = []
    size = 0
    for term in terms:
        length = len(term.sql())
        if held and size + length > longest:
            found.append(ops.total(held))
            held, size = [], 0
        held.append(term)
        size += length
    return [*found, ops.total(held)]

"""Fitted isolation forests: the mean path of a row through trees that were grown elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlnomaly.errors import UnsupportedError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Piece, Stored
from sqlnomaly.pushdown.plan import Feature, Relation
from sqlnomaly.udfs.fitted_detector import LIVE, NUMBERS, Carried
from sqlnomaly.udfs.fitted_numbers import arrays_in, arrays_of
from sqlnomaly.udfs.forest_model import forests_of, pieces_of

NODES = "nodes"
LONE = 0.5
"""What a forest of trees of one row says of every row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedForest(Carried):
    """2^(-mean path / c(psi)) + shift: scikit-learn's IsolationForest, PyOD's IForest.

    Liu, Ting and Zhou, Isolation Forest (2008), doi:10.1109/ICDM.2008.17. scikit-learn casts a row to 32 bits before
    it goes down the trees, behind the scalers of a pipeline. Each threshold here is the largest double that the
    comparison of scaled and rounded numbers lets pass, so that a row comes to the same leaf without a cast.
    """

    name: ClassVar[str] = "fitted.forest"
    arrays: ClassVar[tuple[str, ...]] = ("form",)

    def score_matrix(self, stored: Mapping[str, Any]) -> Any:
        """A function of a matrix of raw features, no value missing."""
        import pyarrow as pa

        from sqlnomaly.udfs.forest_score import pack, score

        front, numbers = self.named(arrays_of(stored[NUMBERS]))
        psi, _, shift, width = numbers["form"].tolist()
        low = [f"low_{number}" for number in range(int(width))]
        heads = pa.table({"psi": [int(psi)], **{name: [0.0] for name in low}})
        packed = pack(forests_of(heads, stored[NODES], (), low))
        if psi < 2:
            return lambda rows: LONE + shift + 0.0 * rows[:, 0]
        return lambda rows: score(packed, list(front.rows(rows).T)) + shift

    def pieces(self, model: Stored, features: Sequence[Feature], size: int) -> Mapping[str, Piece]:
        """The paths through a few trees each."""
        if self.front:
            raise UnsupportedError(
                f"{self.estimator} behind a PCA has no SQL of its own: each of its comparisons would be a sum",
                hint=LIVE,
            )
        return pieces_of(model[NODES], features, size)

    def frozen(self, data: Relation, model: Stored, pieces: Mapping[str, Piece]) -> Relation:
        """The score from the paths that ``pieces`` give."""
        _, numbers = self.named(arrays_in(model[NUMBERS]))
        psi, total, shift, _ = numbers["form"].tolist()
        if psi < 2:
            return self.beside(data, ops.number(LONE + shift))
        paths = ops.total([ops.column(name) for name in pieces])
        power = ops.func("POWER", ops.number(2.0), ops.div(paths, ops.number(-total)))
        return self.beside(data, ops.add(power, ops.number(shift)) if shift else power)

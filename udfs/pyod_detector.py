"""pyod.NAME: a detector of PyOD, fitted on the client on drawn rows and scored by a function in the engine."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, make_dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.client import ClientFit, Learned
from sqlnomaly.pushdown.contract import Detector, Piece, Shape, Stored
from sqlnomaly.pushdown.function import Function
from sqlnomaly.pushdown.plan import Feature, Relation
from sqlnomaly.udfs.pyod_table import SCORED, SEEDED, Entry
from sqlnomaly.udfs.sampled import FITTED, Registered, check_whole

if TYPE_CHECKING:
    import pyarrow as pa

    from sqlnomaly.pushdown.fitted import FittedModel

PREFIX = "pyod."
"""What the names of PyOD's detectors begin with."""
BYTES = "skops"
"""The column of an estimator's bytes."""
ASKED = "estimator"
"""The piece that an estimator is."""
OURS = ("max_rows", "random_state")
"""Options that are no parameters of PyOD, or not of every detector."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pyod(Registered):
    """A detector of PyOD: its ``decision_function``, fitted on at most ``max_rows`` rows of each partition.

    Parameters are PyOD's own. Rows are taken as they are, not scaled, as PyOD does. A feature contributes what the
    score falls by when its value is replaced by the sample's median. What is kept of a fit is written by skops, whose
    files hold no code. Zhao, Nasrullah and Li, PyOD: A Python Toolbox for Scalable Outlier Detection (2019),
    https://jmlr.org/papers/v20/19-011.html.

    Attributes:
        max_rows: rows of a partition that it is fitted on, 3 to 1,000,000.
        random_state: the seed of the sample, and of the detector where it has one.
    """

    shape: ClassVar[Shape] = Shape.NEIGHBOR
    holds_bytes: ClassVar[str | None] = BYTES
    called: ClassVar[str]
    entry: ClassVar[Entry]

    max_rows: int = 10_000

    @property
    def sample(self) -> tuple[int, int]:
        """As many rows as it may be fitted on."""
        return self.max_rows, self.random_state

    @property
    def parameters(self) -> Mapping[str, Any]:
        """What PyOD's class is called with."""
        own = {one.name: getattr(self, one.name) for one in fields(self) if one.name not in OURS}
        return {**own, "random_state": self.random_state} if self.called in SEEDED else own

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """max_rows and random_state lie within their limits; the rest is PyOD's to judge, at the fit."""
        check_whole(parameters, "max_rows", 3, 1_000_000)
        check_whole(parameters, "random_state", 0, 2**31 - 1)

    def learn(self, rows: pa.Table, fit: ClientFit) -> Learned:
        """One estimator for each partition of the drawn rows."""
        from sqlnomaly.udfs.pyod_function import estimator_table, fit_rows, functions_of
        from sqlnomaly.udfs.sampled_rows import enough, heads_of, partitions, values_of

        groups = partitions(rows)
        fits = [fit_rows(self, values_of(group, fit.features), fits=enough(group, fit)) for group in groups]
        heads = heads_of(groups, rows)
        relation = self.relation(heads, fit, [one.spread for one in fits])
        stored = {
            "model": relation.drop_columns([FITTED]),
            "estimators": estimator_table(fits, heads.select(fit.keys)),
        }
        made = functions_of(fits)
        return Learned(relation, {what: made[what] for what in fit.given.functions}, stored)

    def function(self, model: FittedModel) -> Function:
        """The score of a stored model as a vectorized function of keys and features."""
        from sqlnomaly.udfs.pyod_function import scores_of, stored_fits
        from sqlnomaly.udfs.sampled_function import stored_function

        keys = model.relations["model"].select(model.fit.keys)
        fits = stored_fits(self, model.relations["estimators"], keys)
        return Function("DOUBLE", stored_function(scores_of, fits, keys))

    def pieces(self, model: Stored, features: Sequence[Feature], size: int) -> Mapping[str, Piece]:
        """The estimator of the partition, where there is one: a function in Python asks it."""
        from sqlnomaly.udfs.pyod_function import kept_estimator

        (kept,) = model["estimators"]
        if kept[BYTES] is None:
            return {}
        columns = tuple(feature.column for feature in features)
        return {ASKED: Piece("estimator", columns, None, {}, kept_estimator(self, kept[BYTES]))}

    def frozen(self, data: Relation, model: Stored, pieces: Mapping[str, Piece]) -> Relation:
        """The rows with what the estimator says; without one, 0 for a row equal to those it was fitted on."""
        (row,), (kept,) = model["model"], model["estimators"]
        values = [feature.value for feature in data.features]
        if pieces:
            there = ops.and_(*map(ops.not_null, values))
            finite = ops.le(ops.abs_(ops.column(ASKED)), ops.number(sys.float_info.max))
            score = ops.case((ops.and_(there, finite), ops.column(ASKED)))
        else:
            own = [ops.eq(value, ops.number(kept[f"low_{number}"])) for number, value in enumerate(values)]
            score = ops.case((ops.and_(*own), ops.number(0.0)))
        numbers = {name: ops.constant(value) for name, value in row.items()}
        return data.extend("model", {**numbers, data.features[0].stat("registered_score"): score})


@cache
def pyod_detectors() -> Mapping[str, type[Detector]]:
    """PyOD's detectors by their names in lower case: ``pyod.knn`` is PyOD's KNN.

    Example:
        >>> pyod_detectors()["pyod.knn"]().parameters["n_neighbors"]
        5
    """
    return MappingProxyType({PREFIX + called.lower(): _made(called, entry) for called, entry in SCORED.items()})


def _made(called: str, entry: Entry) -> type[Detector]:
    """The class of one detector."""
    name = PREFIX + called.lower()
    space = {
        "name": name,
        "called": called,
        "entry": entry,
        "rows": entry.rows,
        "most": entry.most,
        "several": entry.several,
        "finds": f"what PyOD's {called} finds",
        "choose": "PyOD is what you know, and its detector has no native counterpart here",
        "__module__": __name__,
        "__doc__": f"PyOD's {called}.\n\n{Pyod.__doc__}",
    }
    own = [(option, type(default), default) for option, default in entry.parameters.items()]
    return make_dataclass(f"Pyod{called}", own, bases=(Pyod,), namespace=space, frozen=True, slots=True, kw_only=True)

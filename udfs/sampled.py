"""Fitted on the client on a sample that the engine draws by a hash, and scored by a function in the engine.

A detector of this kind says two things in numpy: what it keeps of the sample (arrays of numbers), and how these
score rows. Drawing, scaling, partitions, missing values, contributions and the stored form are said here, once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from sqlnomaly.errors import UnsupportedError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.client import ROWS, ClientFit, Learned
from sqlnomaly.pushdown.contract import Detector, Piece, Reduce, Shape, Stored, ThresholdRule
from sqlnomaly.pushdown.function import Function
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Given, Relation

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from sqlnomaly.pushdown.fitted import FittedModel

    Matrix = NDArray[np.float64]
    Vector = NDArray[np.float64]
    Numbers = Mapping[str, NDArray[np.float64]]

FITTED = "_sn__which"
"""The column of the model that says which of the client's fits is the partition's."""
SCALINGS = ("standard", "robust", "none")
"""How features are brought to one unit before distances are taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered(Detector):
    """A detector whose score is a function that the client registers: a relation of one row a partition names the fit.

    Attributes:
        random_state: the seed of the sample and of everything that is random, 0 to 2^31 - 1.
    """

    reduce: ClassVar[Reduce] = Reduce.SUM
    default: ClassVar[ThresholdRule] = ThresholdRule(contamination=0.01)
    rows: ClassVar[int] = 3
    joint: ClassVar[bool] = True
    by_function: ClassVar[bool] = True

    random_state: int = 0

    def given(self, name: str, keys: Sequence[str], features: Sequence[Feature], *, explained: bool) -> Given:
        """A row a partition: which fit, how many rows it has, and the range of each feature."""
        columns = [*keys, FITTED, *(f.stat(stat) for f in features for stat in ("n", "scale"))]
        tag = name.removeprefix("_sn_model")
        functions = {"score": f"_sn_score{tag}"}
        if explained:
            functions["terms"] = f"_sn_terms{tag}"
        return Given(name, tuple(columns), functions)

    def meet(self, data: Relation, model: Relation) -> Relation:
        """Each row with its score, and with its list of contributions where somebody asks."""
        assert isinstance(model.node, Given), "the model comes from the client"
        first = data.features[0]
        arguments = [ops.column(FITTED), *(feature.value for feature in data.features)]
        columns = {
            first.stat(f"registered_{what}"): ops.func(function, *arguments)
            for what, function in model.node.functions.items()
        }
        carried = [feature.stat(stat) for feature in data.features for stat in ("n", "scale")]
        return data.match(model).extend("registered", columns, carry=carried)

    def score(self, features: Sequence[Feature]) -> Expr:
        """What the function gave."""
        return features[0].get("registered_score")

    def terms(self, features: Sequence[Feature]) -> Sequence[Expr]:
        """Each feature's place in the list."""
        listed = features[0].get("registered_terms")
        return [ops.special("list_at", listed, ops.integer(n)) for n in range(1, len(features) + 1)]

    def relation(self, heads: pa.Table, fit: ClientFit, spreads: Sequence[Vector]) -> pa.Table:
        """What ``given`` promised.

        Args:
            heads: the first drawn row of each partition.
            fit: the fit.
            spreads: the range of each feature, a partition each.
        """
        import pyarrow as pa

        columns = {key: heads.column(key) for key in fit.keys}
        columns[FITTED] = pa.array(range(len(spreads)), pa.int64())
        for number, stem in enumerate(fit.stems):
            columns[f"{stem}__n"] = heads.column(ROWS).cast(pa.int64())
            columns[f"{stem}__scale"] = pa.array([float(spread[number]) for spread in spreads], pa.float64())
        return pa.table(columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled(Registered):
    """A detector that keeps arrays of numbers of its sample.

    A feature that does not vary in the sample counts for nothing, as in a forest; if none varies, a row equal to the
    sample scores 0, any other NULL. A feature contributes what the score falls by when its value is replaced by the
    sample's median.

    Class variables:
        arrays: the names of what ``learn_rows`` gives, in the order in which they are stored.
        own_units: whether it has units of its own, so that ``scaling`` changes nothing.

    Attributes:
        scaling: ``'standard'`` takes each feature in standard deviations from its mean, ``'robust'`` in interquartile
            ranges from its median, ``'none'`` as it is.
    """

    arrays: ClassVar[tuple[str, ...]]
    own_units: ClassVar[bool] = False
    shape: ClassVar[Shape] = Shape.NEIGHBOR

    scaling: str = "standard"

    def learn_rows(self, rows: Matrix) -> Numbers:
        """What is kept of the scaled sample, shape (rows, varying features); each array has one or two dimensions."""
        raise NotImplementedError(f"{self.name} is no sampled detector")

    def score_rows(self, numbers: Numbers, rows: Matrix) -> Vector:
        """The score of each of the scaled rows, none of which misses a value."""
        raise NotImplementedError(f"{self.name} is no sampled detector")

    def term_rows(self, numbers: Numbers, rows: Matrix, centre: Vector) -> Matrix:
        """Each feature's contribution to the score of each of the scaled rows.

        Args:
            numbers: what ``learn_rows`` gave.
            rows: the scaled rows.
            centre: the scaled median of each feature.
        """
        import numpy as np

        whole = self.score_rows(numbers, rows)
        found = np.empty(rows.shape)
        for number in range(rows.shape[1]):
            moved = rows.copy()
            moved[:, number] = centre[number]
            found[:, number] = whole - self.score_rows(numbers, moved)
        return found

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """scaling is one of three words, and random_state fits 31 bits."""
        if parameters.get("scaling", "none") not in SCALINGS:
            raise ValueError(f"scaling is one of {', '.join(SCALINGS)}")
        check_whole(parameters, "random_state", 0, 2**31 - 1)

    def learn(self, rows: pa.Table, fit: ClientFit) -> Learned:
        """One fit for each partition of the drawn rows."""
        from sqlnomaly.udfs.sampled_function import fit_rows, functions_of, number_table
        from sqlnomaly.udfs.sampled_rows import enough, heads_of, partitions, values_of

        groups = partitions(rows)
        fits = [fit_rows(self, values_of(group, fit.features), fits=enough(group, fit)) for group in groups]
        heads = heads_of(groups, rows)
        relation = self.relation(heads, fit, [one.spread for one in fits])
        stored = {"model": relation.drop_columns([FITTED]), "numbers": number_table(self, fits, heads.select(fit.keys))}
        made = functions_of(self, fits)
        return Learned(relation, {what: made[what] for what in fit.given.functions}, stored)

    def function(self, model: FittedModel) -> Function:
        """The score of a stored model as a vectorized function of keys and features."""
        from sqlnomaly.udfs.sampled_function import scores_of, stored_fits, stored_function

        keys = model.relations["model"].select(model.fit.keys)
        fits = stored_fits(self, model.relations["numbers"], keys)
        return Function("DOUBLE", stored_function(partial(scores_of, self), fits, keys))

    def frozen(self, data: Relation, model: Stored, pieces: Mapping[str, Piece]) -> Relation:
        """Refused: the score is no expression."""
        raise UnsupportedError(
            f"{self.name} is scored by a vectorized function, and has no SQL of its own",
            hint="install it with live=True on DuckDB or Spark, or fit ecod, hbos, mahalanobis, pca or iforest",
        )


def check_whole(parameters: Mapping[str, Any], name: str, least: int, most: int) -> None:
    """Raises ValueError where a parameter that is given is no whole number of the range."""
    value = parameters.get(name, least)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(f"{name} is a whole number from {least:,} to {most:,}")


def check_share(
    parameters: Mapping[str, Any], name: str, least: float = 0.0, most: float = 1.0
) -> None:
    """Raises ValueError where a parameter that is given does not lie strictly between two numbers."""
    value = parameters.get(name, (least + most) / 2)
    if not isinstance(value, int | float) or isinstance(value, bool) or not least < value < most:
        raise ValueError(f"{name} lies between {least:g} and {most:g}")


def check_word(parameters: Mapping[str, Any], name: str, words: Sequence[str]) -> None:
    """Raises ValueError where a parameter that is given is none of the words."""
    if parameters.get(name, words[0]) not in words:
        raise ValueError(f"{name} is one of {', '.join(words)}")

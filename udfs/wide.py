"""Fitted on the client and scored in SQL on every engine: a model of one wide row for each partition.

A detector of this kind says in numpy what it keeps of a bounded sample (arrays of numbers), and in the closed
vocabulary how these score a row. Drawing, scaling, partitions, constant features and the model's row are said here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, cast

from sqlnomaly.errors import UnsupportedError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.client import ROWS, ClientFit, Learned
from sqlnomaly.pushdown.contract import Detector, Piece, Reduce, Shape, Stored, ThresholdRule
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Given, Relation
from sqlnomaly.udfs.sampled import SCALINGS, check_whole, check_word

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from sqlnomaly.udfs.sampled import Matrix, Numbers, Sampled, Vector

    Flags = NDArray[np.bool_]

MOST_NUMBERS = 1_200
"""Columns of the model's row: PostgreSQL takes 1,600 a table, and rows stand beside them with steps of their own."""

Layout = Mapping[str, tuple[str, tuple[int, ...]]]
"""A column of the model -> the array, and the place in it, that it holds."""


@dataclass(frozen=True, slots=True)
class WideFit:
    """One partition's fit; every array is over all features in call order.

    Attributes:
        n: the fitted rows.
        scale: the range of each feature.
        centre, unit: a feature's value is taken as (x - centre) / unit; the unit is 0 where it does not vary.
        arrays: what the detector keeps; empty where no feature varies.
    """

    n: int
    scale: Vector
    centre: Vector
    unit: Vector
    arrays: Numbers


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the fit on a sample asks of a detector."""

    scaling: str

    def learn_rows(self, rows: Matrix) -> Numbers:
        """The scaled rows themselves."""
        return {"rows": rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wide(Detector):
    """A detector that a client fits, and that SQL scores from one row of numbers a partition.

    A feature that does not vary in the sample counts for nothing; if none varies, a row equal to the sample scores 0,
    any other NULL.

    Class variables:
        axes: the arrays that are kept -> how many of their last dimensions are features.
        scaled_by: the scaling, where it is no option.
    """

    shape: ClassVar[Shape] = Shape.ROW
    reduce: ClassVar[Reduce] = Reduce.SUM
    default: ClassVar[ThresholdRule] = ThresholdRule(contamination=0.01)
    rows: ClassVar[int] = 3
    joint: ClassVar[bool] = True
    axes: ClassVar[Mapping[str, int]]
    scaled_by: ClassVar[str] = "standard"

    def layout(self, features: Sequence[Feature]) -> Layout:
        """The columns of the model beside those that all have."""
        raise NotImplementedError(f"{self.name} keeps no numbers")

    def learn_rows(self, rows: Matrix, varying: Flags) -> Numbers:
        """What is kept of the scaled sample, shape (rows, varying features).

        Args:
            rows: the scaled sample.
            varying: which of all features vary.
        """
        raise NotImplementedError(f"{self.name} is not fitted on rows")

    def stretch(self, features: int) -> float:
        """What the scaled values of so many varying features are multiplied by before anything is learned."""
        return 1.0

    def judge(self, rows: Relation) -> Relation:
        """The rows, which have their scaled values and the model's numbers, with what ``score`` reads."""
        raise NotImplementedError(f"{self.name} does not score")

    def value(self, features: Sequence[Feature]) -> Expr:
        """The score of a row that misses nothing, where a feature varies."""
        raise NotImplementedError(f"{self.name} does not score")

    def shares(self, features: Sequence[Feature]) -> Sequence[Expr]:
        """The contributions of such a row."""
        raise NotImplementedError(f"{self.name} does not score")

    def given(self, name: str, keys: Sequence[str], features: Sequence[Feature], *, explained: bool) -> Given:
        """A row a partition: of each feature how many values it has, range, centre and unit; then the numbers."""
        columns = [*keys, *shared_columns(features), *self.layout(features)]
        if len(columns) > MOST_NUMBERS:
            raise UnsupportedError(
                f"{self.name} over {len(features)} features keeps {len(columns):,} numbers, "
                f"and a model's row holds {MOST_NUMBERS:,}",
                hint=f"fewer features{self.smaller()}, or ecod, hbos, loda or iforest",
            )
        return Given(name, tuple(columns), {})

    def smaller(self) -> str:
        """Which options make the model smaller, for a message."""
        return ""

    def meet(self, data: Relation, model: Relation) -> Relation:
        """Each row with its scaled values, and with what the score reads."""
        carried = [*shared_columns(data.features), *self.layout(data.features)]
        return self.judge(data.match(model).extend("scaled", scaled(data.features), carry=carried))

    @property
    def one_row(self) -> bool:
        """It is."""
        return True

    def joined(self, data: Relation, model: Mapping[str, Expr]) -> Relation:
        """The same over columns that are there."""
        return self.judge(data.extend("model", dict(model)).extend("scaled", scaled(data.features)))

    def frozen(self, data: Relation, model: Stored, pieces: Mapping[str, Piece]) -> Relation:
        """The same with the model's numbers written out."""
        return self.judge(self.written(data, model))

    def written(self, data: Relation, model: Stored) -> Relation:
        """The rows with their scaled values and the numbers of a stored model."""
        (row,) = model["model"]
        held = data.extend("model", {name: ops.constant(value) for name, value in row.items()})
        units: dict[str, Expr] = {}
        for feature in data.features:
            unit, centre = row[feature.stat("unit")], ops.number(row[feature.stat("centre")])
            away = ops.sub(feature.value, centre)
            units[feature.stat("z")] = ops.mul(away, ops.number(1.0 / unit)) if unit else ops.number(0.0)
        return held.extend("scaled", units)

    def score(self, features: Sequence[Feature]) -> Expr:
        """The value, where there is one."""
        return self._known(features, self.value(features))

    def terms(self, features: Sequence[Feature]) -> Sequence[Expr]:
        """The shares, where there are any."""
        return [self._known(features, share) for share in self.shares(features)]

    def _known(self, features: Sequence[Feature], value: Expr) -> Expr:
        """The value of a row that misses nothing; without a varying feature 0 for the sample's own values."""
        varies = ops.eq(features[0].get("varies"), ops.integer(1))
        every = ops.and_(*(ops.not_null(f.value) for f in features))
        own = ops.and_(*(ops.eq(f.value, f.get("centre")) for f in features))
        return ops.case((ops.and_(varies, every), value), (ops.and_(ops.not_(varies), own), ops.number(0.0)))

    def learn(self, rows: pa.Table, fit: ClientFit) -> Learned:
        """One fit for each partition of the drawn rows."""
        from sqlnomaly.udfs.sampled_rows import heads_of, partitions, values_of

        groups = partitions(rows)
        heads = heads_of(groups, rows)
        fits = [
            self.fit_sample(values_of(group, fit.features), head["n"])
            for group, head in zip(groups, heads.select([ROWS]).rename_columns(["n"]).to_pylist(), strict=True)
        ]
        return self.learned(heads, fit, fits)

    def fit_sample(self, rows: Matrix, n: int) -> WideFit:
        """The fit on a sample in the order of its keys.

        Args:
            rows: shape (rows, features).
            n: the fitted rows that they were drawn of.
        """
        import numpy as np

        from sqlnomaly.udfs.sampled_function import fit_rows

        scaling = getattr(self, "scaling", self.scaled_by)
        sample = fit_rows(cast("Sampled", _Asked(scaling)), rows)
        varying = sample.varying
        stretch = self.stretch(int(varying.sum()))
        learned = self.learn_rows(sample.numbers["rows"] * stretch, varying) if sample.numbers else {}
        return WideFit(
            n,
            scale=np.where(varying, sample.spread, 0.0),
            centre=np.where(varying, sample.centre, sample.low),
            unit=np.where(varying, sample.unit / stretch, 0.0),
            arrays=self.spread(learned, varying),
        )

    def spread(self, arrays: Numbers, varying: Flags) -> Numbers:
        """Arrays over the features that vary as arrays over all."""
        return {name: spread_out(array, varying, self.axes[name]) for name, array in arrays.items()}

    def learned(self, heads: pa.Table, fit: ClientFit, fits: Sequence[WideFit]) -> Learned:
        """What ``given`` promised, from the fits in the order of the partitions."""
        import pyarrow as pa

        features = [
            Feature(name=column, column=column, stem=stem)
            for column, stem in zip(fit.features, fit.stems, strict=True)
        ]
        if not fit.keys and not fits:  # without partitions every row stands beside the one row of the model
            fits = [nothing(len(features))]
        columns: dict[str, pa.Array | pa.ChunkedArray] = {key: heads.column(key) for key in fit.keys}
        for number, feature in enumerate(features):
            columns[feature.stat("n")] = pa.array([one.n for one in fits], pa.int64())
            for stat in ("scale", "centre", "unit"):
                values = [float(getattr(one, stat)[number]) for one in fits]
                columns[feature.stat(stat)] = pa.array(values, pa.float64())
        columns[features[0].stat("varies")] = pa.array([int(bool(one.unit.any())) for one in fits], pa.int64())
        for name, (array, place) in self.layout(features).items():
            columns[name] = pa.array([entry(one.arrays.get(array), place) for one in fits], pa.float64())
        relation = pa.table({name: columns[name] for name in fit.given.columns})
        return Learned(relation, {}, {"model": relation})


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn(Wide):
    """A wide detector that is fitted on a sample in units of a scaling.

    Attributes:
        scaling: ``'standard'``, ``'robust'`` or ``'none'``: the unit of each feature.
        max_samples: rows that it is fitted on, drawn by a hash.
        random_state: the seed of the sample and of everything that is random, 0 to 2^31 - 1.
    """

    scaling: str = "standard"
    max_samples: int = 10_000
    random_state: int = 0

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """The sample, the seed and the scaling are within their limits."""
        check_drawn(parameters)
        check_word(parameters, "scaling", SCALINGS)

    @property
    def sample(self) -> tuple[int, int]:
        """The rows that it is fitted on."""
        return self.max_samples, self.random_state


def check_drawn(parameters: Mapping[str, object]) -> None:
    """Raises ValueError where the size of the sample or the seed is out of range."""
    check_whole(parameters, "max_samples", 2, 100_000)
    check_whole(parameters, "random_state", 0, 2**31 - 1)


def nothing(features: int) -> WideFit:
    """The fit on no row."""
    import numpy as np

    zeros = np.zeros(features)
    return WideFit(0, zeros, zeros, zeros, {})


def scaled(features: Sequence[Feature]) -> dict[str, Expr]:
    """Each feature's distance from its centre in its unit, 0 where the unit is 0."""
    return {
        f.stat("z"): ops.case(
            (ops.gt(f.get("unit"), ops.number(0.0)), ops.div(ops.sub(f.value, f.get("centre")), f.get("unit"))),
            (ops.not_null(f.value), ops.number(0.0)),
        )
        for f in features
    }


def shared_columns(features: Sequence[Feature]) -> list[str]:
    """What every model keeps of its features, and whether any of them varies."""
    kept = [feature.stat(stat) for feature in features for stat in ("n", "scale", "centre", "unit")]
    return [*kept, features[0].stat("varies")]


def spread_out(array: NDArray[np.float64], varying: NDArray[np.bool_], axes: int) -> NDArray[np.float64]:
    """An array over the features that vary as one over all, 0 where one does not; features are the last dimensions."""
    import numpy as np

    if not axes:
        return np.asarray(array, np.float64)
    lead = array.shape[: array.ndim - axes]
    whole = np.zeros((*lead, *(len(varying),) * axes))
    places = np.ix_(*(np.arange(size) for size in lead), *(np.flatnonzero(varying),) * axes)
    whole[places] = array
    return whole


def entry(array: NDArray[np.float64] | None, place: tuple[int, ...]) -> float:
    """A number of an array, 0 beyond its end: a fit may keep less than the model has room for."""
    if array is None or any(one >= size for one, size in zip(place, array.shape, strict=True)):
        return 0.0
    return float(array[place])


def vector(features: Sequence[Feature], array: str, count: int) -> Layout:
    """The columns of an array of numbers."""
    return {features[0].stat(f"{array}_{one}"): (array, (one,)) for one in range(count)}


def matrix(features: Sequence[Feature], array: str, count: int) -> Layout:
    """The columns of an array of rows of one number a feature."""
    return {f.stat(f"{array}_{one}"): (array, (one, j)) for one in range(count) for j, f in enumerate(features)}


def triangle(features: Sequence[Feature], array: str, rows: int, *, of: int | None = None) -> Layout:
    """The columns of an upper triangle, or of the triangle number ``of`` of several; its first ``rows`` rows."""
    lead: tuple[int, ...] = () if of is None else (of,)
    stem = array if of is None else f"{array}_{of}"
    return {
        features[j].stat(f"{stem}_{i}"): (array, (*lead, i, j)) for i in range(rows) for j in range(i, len(features))
    }


def along(features: Sequence[Feature], stem: str, rows: int) -> Iterator[tuple[int, Expr]]:
    """Each row of an upper triangle times the scaled values."""
    for i in range(rows):
        yield i, ops.total([ops.mul(f.get(f"{stem}_{i}"), f.get("z")) for f in features[i:]])


def square(value: Expr) -> Expr:
    """value * value."""
    return ops.mul(value, value)


def squares(values: Sequence[Expr]) -> Expr:
    """The sum of the squares."""
    return ops.total([square(value) for value in values])

"""The detector contract: a plan that fits a small model, and an expression that scores a row against it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Given, Relation

if TYPE_CHECKING:
    import pyarrow as pa

    from sqlnomaly.pushdown.client import ClientFit, Learned
    from sqlnomaly.pushdown.fitted import FittedModel
    from sqlnomaly.pushdown.function import Function
    from sqlnomaly.pushdown.walk import Lanes

Stats = Callable[[str], Expr]
"""Reads a statistic of one feature by its name."""


Stored = Mapping[str, Sequence[Mapping[str, Any]]]
"""The rows of one partition of a model's relations, without the partition columns."""


@dataclass(frozen=True, slots=True)
class Estimator:
    """A fitted object of another Python library.

    Attributes:
        data: what skops wrote of it.
        trusted: the types in it that are its library's, checked.
        packages: what its library's code needs, as name and version.
        python: the version of Python that has these packages: 3.11.
    """

    data: bytes
    trusted: tuple[str, ...]
    packages: tuple[str, ...]
    python: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a score that depends on the features alone, in every language that an engine's functions speak.

    Attributes:
        program: what walks through the arrays: ``trees`` or ``steps``; or ``estimator``.
        features: the columns of the features that it reads, in the order in which the arrays number them.
        sql: an expression over these columns, none of them NULL; None for steps, which their arrays say, and where only
            Python can say it.
        arrays: the same as numbers, for a short program in another language.
        estimator: what the program ``estimator`` asks.
    """

    program: str
    features: tuple[str, ...]
    sql: Expr | None
    arrays: Mapping[str, Sequence[float]]
    estimator: Estimator | None = None

    def said(self) -> Expr | None:
        """The expression, of steps as a tree of comparisons; None where only Python can say it."""
        if self.sql is not None or self.program != "steps":
            return self.sql
        levels = [ops.number(level) for level in self.arrays["levels"]]
        return ops.steps(ops.column(self.features[0]), self.arrays["edges"], levels)


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


class Categories(StrEnum):
    """What a detector makes of text."""

    NONE = "none"
    MIXED = "mixed"
    ALL = "all"


class Tolerance(StrEnum):
    """How far two engines may differ on the same model and row."""

    ELEMENTWISE = "elementwise"
    SOLVED = "solved"

    @property
    def relative(self) -> float:
        """The relative bound; a linear system may lose half of a double's digits."""
        return {"elementwise": 1e-9, "solved": 1e-6}[self.value]


@dataclass(frozen=True, slots=True)
class ThresholdRule:
    """A detector's default: a fixed score, or a quantile of the fitted rows' scores."""

    threshold: float | None = None
    contamination: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """A way to judge rows. Fields are its own parameters; class variables say what it is.

    Class variables:
        name: the registry name.
        shape: what scoring needs.
        reduce: how terms become a score.
        default: the default threshold rule.
        rows: the default ``min_rows``.
        joint: whether the features are judged together: a row that misses one is neither fitted nor scored.
        least, most: the fewest and the most features that it takes; None for any number.
        usual: the members of a detector that combines others, by name; ``usually``: their parameters where they are not
            the defaults; ``members``: those that it combines.
        alone: why it cannot be combined with others, or None.
        no_model: why its fit cannot be kept as a model, or None.
        edges: the statistics of a feature that ``band`` reads; none where a detector has no band.
        directed: whether terms are signed deviations, so that ``direction`` and ``min_effect`` mean something.
        ordered: whether it can be causal (ORDER BY without a frame).
        forecasts: whether it can tell what comes next in a series.
        pools: whether its centre and scale can be shrunk towards those of a parent group.
        retrospective: whether it judges a row of an order by all rows, later ones too.
        slotted: whether it sees the slots of a season apart from the partition keys, beside rows of all slots.
        seasons: the season that it takes where a call names none, by the kind of the time that it is ordered by.
        timed: whether it wants to know the times that rows are ordered by, where these are dates or timestamps.
        listed: whether a frame of it takes lists of the frame's values.
        framed: whether it can follow ROWS frames; ``ranged``: RANGE frames.
        removable: whether leave-one-out has a sound closed form; ``no_removal`` says why not.
        summarized: whether the client finishes the model, from ``summary`` instead of drawn rows.
        by_function: whether a function that the client registers gives the score.
        walks: whether a loop along the rows says the same as its windows; ``walked``: what it says of each feature;
            ``settled``: whether it has to see peers in the order of their values.
        categories: what text means: nothing, a category beside numbers, or that every feature is a category.
        several: options that take literals of several types, or NULL.
        holds_bytes: the column of its relations that holds another library's bytes, or None: all else is numbers.
        rule: how it chooses what it does by the rows, line by line: the first one that applies counts.
        finds: what it finds, a phrase; ``choose``: when to choose it.
    """

    name: ClassVar[str]
    shape: ClassVar[Shape]
    reduce: ClassVar[Reduce]
    tolerance: ClassVar[Tolerance] = Tolerance.ELEMENTWISE
    default: ClassVar[ThresholdRule]
    rows: ClassVar[int]
    joint: ClassVar[bool] = False
    least: ClassVar[int] = 1
    most: ClassVar[int | None] = None
    usual: ClassVar[tuple[str, ...]] = ()
    usually: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    members: ClassVar[tuple[Detector, ...]] = ()
    alone: ClassVar[str | None] = None
    no_model: ClassVar[str | None] = None
    edges: ClassVar[tuple[str, ...]] = ()
    directed: ClassVar[bool] = False
    ordered: ClassVar[bool] = False
    forecasts: ClassVar[bool] = False
    pools: ClassVar[bool] = False
    retrospective: ClassVar[bool] = False
    slotted: ClassVar[bool] = False
    timed: ClassVar[bool] = False
    seasons: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    listed: ClassVar[bool] = False
    framed: ClassVar[bool] = False
    ranged: ClassVar[bool] = False
    removable: ClassVar[bool] = False
    no_removal: ClassVar[str] = "its fit has no closed form without one row"
    summarized: ClassVar[bool] = False
    by_function: ClassVar[bool] = False
    walks: ClassVar[bool] = False
    walked: ClassVar[tuple[str, ...]] = ("n", "centre", "scale")
    settled: ClassVar[bool] = False
    categories: ClassVar[Categories] = Categories.NONE
    several: ClassVar[frozenset[str]] = frozenset()
    holds_bytes: ClassVar[str | None] = None
    rule: ClassVar[tuple[str, ...]] = ()
    finds: ClassVar[str] = ""
    choose: ClassVar[str] = ""

    @classmethod
    def of(cls, members: Sequence[Detector], parameters: Mapping[str, Any]) -> Detector:
        """The detector that combines others.

        Raises:
            ValueError: parameters that do not fit so many members.
        """
        raise NotImplementedError(f"{cls.name} combines no others")

    @classmethod
    def options(cls) -> Mapping[str, Any]:
        """The fields that a call may give, with their defaults."""
        return {one.name: one.default for one in fields(cls) if one.default is not MISSING}

    @property
    def looks_ahead(self) -> bool:
        """Whether it judges a row of an order by later rows too."""
        return self.retrospective

    @property
    def on_client(self) -> bool:
        """Whether the client fits, or finishes what the engine has fitted."""
        return self.summarized or self.sample is not None

    def state(self, data: Relation) -> Relation:
        """The numbers kept of the fitted rows; every shape but WINDOW has them."""
        raise NotImplementedError(f"{self.name} keeps no state apart from its rows")

    def finish(self, state: Relation) -> Relation:
        """What the score needs, from the state: row-level expressions over its columns."""
        return state

    def term(self, feature: Feature) -> Expr:
        """One feature's contribution, over the feature's value and the model's columns; NULL when it cannot say."""
        raise NotImplementedError(f"{self.name} gives its terms together")

    def fused(self, data: Relation) -> Relation | None:
        """Fit and score in one pass over the rows, or None; adds the model's columns to each row."""
        return None

    def walk(self, lanes: Lanes) -> Mapping[str, Any]:
        """What the model of each row is along an order, of one feature: an array for each of ``walked``.

        The same numbers as those of ``follow``, or of ``state`` and ``finish`` over the row's frame. Only with
        ``walks``, and only where a baseline is all rows before or a ROWS frame.
        """
        raise NotImplementedError(f"{self.name} is windows alone")

    def meet(self, data: Relation, model: Relation) -> Relation:
        """The rows beside the model, so that ``term`` can be computed; by default a join on the partition."""
        return data.match(model)

    def frozen(self, data: Relation, model: Stored, pieces: Mapping[str, Piece]) -> Relation:
        """The rows beside one partition of a stored model, its numbers written out; by default as ``meet``."""
        (row,) = model["model"]
        held = data.extend("model", {name: ops.constant(value) for name, value in row.items()})
        return self.meet(held, replace(data, node=Given("model", tuple(row), {})))

    @property
    def one_row(self) -> bool:
        """Whether a stored model is one row a partition, which a join brings to the rows."""
        return type(self).frozen is Detector.frozen

    def joined(self, data: Relation, model: Mapping[str, Expr]) -> Relation:
        """The rows beside the columns of that one row."""
        return self.frozen(data, {"model": [model]}, {})

    def pieces(self, model: Stored, features: Sequence[Feature], size: int) -> Mapping[str, Piece]:
        """Parts of the score, by the columns that ``frozen`` reads them from; each may be a function of its own.

        Args:
            model: one partition of a stored model.
            features: the features.
            size: nodes or values that a piece may have, where it can be divided.
        """
        return {}

    def function(self, model: FittedModel) -> Function | None:
        """The score of a stored model as a vectorized function of keys and features, or None where SQL is as good."""
        return None

    def follow(self, data: Relation) -> Relation:
        """The rows beside the model of the rows before them: the one form of shape WINDOW.

        ``data.along`` gives windows in the order of the rows; a row must not look at rows of its own order key.
        """
        raise NotImplementedError(f"{self.name} does not follow an order")

    def terms(self, features: Sequence[Feature]) -> Sequence[Expr]:
        """The contribution of each feature; by default each looks at its own columns only."""
        return [self.term(feature) for feature in features]

    @property
    def sample(self) -> tuple[int, int] | None:
        """How many rows of a partition the client draws, and the seed; None where it draws none."""
        return None

    def summary(self, data: Relation) -> Relation:
        """One row for each partition, which the client finishes the model from."""
        raise NotImplementedError(f"{self.name} is fitted on drawn rows, or in SQL")

    def given(self, name: str, keys: Sequence[str], features: Sequence[Feature], *, explained: bool) -> Given:
        """What ``learn`` will make: the relation of that name, and its functions, for contributions too if asked."""
        raise NotImplementedError(f"{self.name} is fitted in SQL")

    def learn(self, rows: pa.Table, fit: ClientFit) -> Learned:
        """Fits on the client, on the drawn rows or the summary: the model's relation, and functions that score."""
        raise NotImplementedError(f"{self.name} is fitted in SQL")

    def foretold(
        self,
        rows: pa.Table,
        *,
        keys: Sequence[str],
        at: str,
        value: str,
        horizon: int,
        coverage: float,
        limit: float | None,
    ) -> pa.Table:
        """What comes next in each series, a row a step; with a limit when it is reached, a row a series.

        Args:
            rows: one row a point.
            keys: the columns that tell series apart.
            at: the column of the times.
            value: the column of the values.
            horizon: how many steps are foretold.
            coverage: the share of bands that hold the value which comes.
            limit: what is reached, or None.
        """
        raise NotImplementedError(f"{self.name} does not forecast")

    def lasting(self, rows: pa.Table, *, keys: Sequence[str], at: str, value: str, horizon: int) -> pa.Table:
        """The model of each point of each series, and of as many times behind its last one as ``horizon`` says.

        Args:
            rows: one row a point.
            keys: the columns that tell series apart.
            at: the column of the times.
            value: the column of the values.
            horizon: how many times behind the last point.

        Returns:
            Keys, time, value, ``n``, the statistics of the model, and ``step``: 0 for a point, else how far ahead.
        """
        raise NotImplementedError(f"{self.name} does not forecast")

    @property
    def seeks(self) -> str:
        """The option that it finds in the rows of each series, such as a period; empty where there is none."""
        return ""

    def found(self, rows: pa.Table, fit: ClientFit) -> Sequence[str]:
        """What it finds in the first points of each series of each feature, in words; ``TOTAL`` counts all points."""
        raise NotImplementedError(f"{self.name} looks for nothing")

    def chosen(self, rows: pa.Table, fit: ClientFit) -> Sequence[int]:
        """The line of ``rule`` that the drawn rows of each partition get."""
        raise NotImplementedError(f"{self.name} chooses nothing")

    def score(self, features: Sequence[Feature]) -> Expr | None:
        """The score from the columns that ``meet`` gave, or None: the reduction of the terms."""
        return None

    def pool(self, states: Relation) -> Relation | None:
        """The state of all rows from the rows of several states, or None where states do not merge.

        With client fits the state is the summary. Partitions meet by their keys.
        """
        return None

    def weighed(self, states: Relation, weight: Expr) -> Mapping[str, Expr] | None:
        """Columns of states whose rows count ``weight`` each, where they change; None where that cannot be told."""
        return None

    def merge(self, left: Stats, right: Stats) -> Mapping[str, Expr] | None:
        """The same of two frames of one window, or None where frames do not merge."""
        return None

    def remove(self, state: Stats, value: Expr) -> Mapping[str, Expr] | None:
        """state(A without one row) from state(A) and that row's value, or None."""
        return None

    def constant(self, feature: Feature) -> Expr:
        """Whether the feature's baseline does not vary, as the detector sees it."""
        return ops.eq(feature.get("scale"), ops.number(0.0))

    def unscored(self, features: Sequence[Feature]) -> Sequence[tuple[Expr, str]]:
        """Why a row whose features are there, beside enough rows, has no score though the baseline varies.

        Conditions over the columns that ``meet`` gave, each with its status; the first that holds counts.
        """
        return ()

    def without_own(self, score: Expr, n: Expr) -> Expr | None:
        """A fitted row's score once the row is taken out of its baseline of n; only where ``score`` is given."""
        return None

    def expected_without_own(self, features: Sequence[Feature], score: Expr) -> Sequence[Expr] | None:
        """The same for a fitted row that is taken out of its baseline; only where ``without_own`` is given."""
        return self.expected(features)

    def reasons(self, features: Sequence[Feature]) -> Sequence[Expr]:
        """What is said to be the reason where each feature contributes most: its name, unless it is not the whole."""
        return [ops.text(feature.name) for feature in features]

    def expected(self, features: Sequence[Feature]) -> Sequence[Expr] | None:
        """What the model expects in the place of each value, or None where it expects no values."""
        return [feature.get("centre") for feature in features] if self.directed else None

    def band(self, feature: Feature, reach: Expr) -> tuple[Expr, Expr]:
        """The lowest and the highest value whose contribution is at most ``reach``, which is never below 0.

        Only where there are ``edges``; by default so many scales below and above the centre.
        """
        centre, away = feature.get("centre"), ops.mul(reach, feature.get("scale"))
        return ops.sub(centre, away), ops.add(centre, away)

    def significant(self, n: float, level: float, *, features: int, own: bool) -> float | None:
        """The score that a row without anomaly exceeds with probability ``level``, or None where no test says so.

        It is smooth in n from about ten rows on, so that it may be asked for a fraction of a row.

        Args:
            n: how many rows the baseline has; too few give None.
            level: above 0 and below 1.
            features: how many features are judged.
            own: whether the row is one of the n.
        """
        return None

    @classmethod
    def default_rule(cls, features: int) -> ThresholdRule:
        """The default threshold rule for so many features."""
        return cls.default

    @classmethod
    def default_rows(cls, features: int) -> int:
        """The default ``min_rows`` for so many features."""
        return cls.rows

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """Raises ValueError with what is allowed for a parameter out of range."""


class Registry(dict[str, type[Detector]]):
    """Detectors by name.

    Attributes:
        refused: names that people ask for and that are no detectors here -> why, and what to use.
    """

    def __init__(self, known: Mapping[str, type[Detector]], refused: Mapping[str, tuple[str, str]]) -> None:
        super().__init__(known)
        self.refused = refused


def deviation(feature: Feature, direction: str) -> Expr:
    """The distance from the centre in units of the scale; on a constant baseline 0 for its own value, else NULL."""
    value, centre, scale = feature.value, feature.get("centre"), feature.get("scale")
    signed = ops.sub(centre, value) if direction == "low" else ops.sub(value, centre)
    size = ops.abs_(signed) if direction == "both" else signed
    return ops.case(
        (ops.gt(scale, ops.number(0.0)), ops.div(size, scale)),
        (ops.eq(value, centre), ops.number(0.0)),
    )

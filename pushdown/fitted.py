"""A fitted model as data: what it was fitted with, its relations, its calibration, and the rows that test it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlnomaly.pushdown.bind import Kind
from sqlnomaly.pushdown.looked import Lookups
from sqlnomaly.pushdown.rules import By, Peaks, Significance

if TYPE_CHECKING:
    import pyarrow as pa

    from sqlnomaly.pushdown.contract import Detector
    from sqlnomaly.pushdown.fit import Fit

SCORE = "_sn__score"
PLACE = "_sn__order"

LEVELS = tuple(number / 100 for number in range(101))
"""The shares of the fitted scores' quantiles that a model keeps."""


def level_name(number: int) -> str:
    """The column of a quantile."""
    return f"q{number}"


HELD = "_sn__held"
"""The column that says which rows of a training were held out."""


FOLD_KEY = "_sn__fold"
"""The column of the sample keys that said so."""


def held_name(rank: int) -> str:
    """The column of a held-out score by its rank, 1 for the highest."""
    return f"h{rank}"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A feature or a partition key: its name, and what its type means."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True, eq=False)
class FittedModel:
    """A model.

    Attributes:
        fit: the fit under generated names; the relations' columns are called by them.
        features, keys: what a row brings, under the names of the training query.
        threshold: the fixed threshold, or None where ``calibration`` has one a partition.
        contamination: the share that this was made of.
        min_effect: distances below which nothing is an anomaly, or None.
        relations: name -> rows; the partition columns come first. ``model`` is what SQL fitted.
        calibration: a row for each partition: keys, ``n``, quantiles ``q0`` .. ``q100``, and ``threshold``.
        selftest: keys, features and the score that was fitted for them.
        by: the rule where there is neither a fixed threshold nor a contamination; a tail or a test has given each
            partition of ``calibration`` its threshold, or NULL where it cannot say.
        held: a row for each partition with rows that were held out of the fit: keys, ``held``, how many have a score,
            and the scores ``h1`` .. by rank, the highest first; None where none were held out.
    """

    fit: Fit
    features: tuple[Parameter, ...]
    keys: tuple[Parameter, ...]
    threshold: float | None
    contamination: float | None
    min_effect: tuple[float, ...] | None
    relations: Mapping[str, pa.Table]
    calibration: pa.Table
    selftest: pa.Table
    held: pa.Table | None = None
    by: By | None = None

    @property
    def detector(self) -> Detector:
        """The detector with its parameters."""
        return self.fit.detector

    @property
    def may_abstain(self) -> bool:
        """Whether a partition may have scores and no threshold, for too few rows."""
        return self.threshold is None and isinstance(self.by, Peaks | Significance)

    @property
    def judges(self) -> bool:
        """Whether a row by itself has a verdict."""
        return self.threshold is not None or self.contamination is not None or self.may_abstain


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A model where a query can use it.

    Attributes:
        model: the model; its relations are empty where ``table`` has them.
        name: under which it is kept.
        version: which of its versions this is.
        table: relation -> the table of the engine that holds it, a row for each partition; none where the numbers are
            written into the query.
        columns: relation -> the columns of that table.
        function: what the client registered to give the score, or None.
        lookups: lists of numbers that a function of the client looks a value up in, or None.
    """

    model: FittedModel
    name: str
    version: int = 1
    table: Mapping[str, exp.Table] = field(default_factory=dict)
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    function: str | None = None
    lookups: Lookups | None = None

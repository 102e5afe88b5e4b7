"""A fitted model as data: what it was fitted with, its relations, its calibration, and the rows that test it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlnomaly.pushdown.bind import Kind

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

    @property
    def detector(self) -> Detector:
        """The detector with its parameters."""
        return self.fit.detector

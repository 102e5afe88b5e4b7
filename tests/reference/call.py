"""The call: a detector, its options with their defaults, and what the language refuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.reference.baseline import Frame
from tests.reference.pyods import REFERENCES


def modules() -> Mapping[str, ModuleType]:
    """The modules of this folder that say a detector: a detector has terms with or without a sign."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    names = [file.stem for file in files if "\nSIGNED = " in file.read_text()]
    return {name: import_module(f"tests.reference.{name}") for name in names}


DETECTORS: Mapping[str, ModuleType] = {**modules(), **REFERENCES}
"""Detector -> its formula in plain Python.

A module has ``DEFAULT_THRESHOLD``, ``DEFAULT_CONTAMINATION``, ``DEFAULT_MIN_ROWS``, ``SIGNED``, rows by hand with their
scores (``HAND_ROWS``, ``HAND_SCORES``), ``fit`` and ``term``, or ``terms``, ``score`` and ``expected``; and perhaps:

===================  ====================================================================================
``JOINT``            fitted on the rows that have every feature, and judging all features of a row at once
``SEQUENTIAL``       fitted on the rows before in their order, where each row takes its time
``RANKED``           sequential, and fitted on how many rows come before each of the rows too: ``n`` of the model
                     is what ``min_rows`` counts
``WHOLE``            judging a row of an order by all rows and its place among them: ``at`` gives the model there
``PLACED``           with ``SEQUENTIAL``: ``fit`` is given the place of each row too, which peers share
``counted``          how many values of a feature count against ``min_rows``, where these are not all before
``DEFAULT_DIRECTION``  where it is not both
``REMOVABLE``        a row can be left out of its own baseline
``TOLERANCE``        how far above its threshold a score is above it, and how close two terms tie
``AFFINE``           its answers stay the same when features are scaled and shifted
``TWINNED``          its terms are a function of one feature's value and model
``FEATURE_ORDER``    the order of the features decides what is drawn
``UNPLANTED``        the planted outliers need not be the most anomalous rows
``SHOWS``            option -> other options under which a change of it shows
``CATEGORIES``       its features are categories
``unscored``         why there is no score though the baseline varies
``MEAN``             a term is divided by the number of features
``PARAMETERS``       its own parameters with values that are not the defaults, for the matrix
``HAND_TOLERANCE``   how close the scores by hand are, where a fit is never exact
``LEAN``             options that keep its statements short, or its models small, for the matrix
===================  ====================================================================================
"""

TOLERANCE = 1e-9

Order = str | Sequence[str | tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Call:
    """The options of one call, checked."""

    detector: str
    module: ModuleType
    features: tuple[str, ...]
    keys: tuple[tuple[str, bool], ...]
    frame: Frame | None
    leave_one_out: bool
    threshold: float | None
    contamination: float | None
    direction: str
    nulls: str
    min_rows: int
    effects: tuple[float, ...] | None
    params: Mapping[str, Any]

    @property
    def joint(self) -> bool:
        return getattr(self.module, "JOINT", False)

    @property
    def categories(self) -> bool:
        return getattr(self.module, "CATEGORIES", False)

    @property
    def sequential(self) -> bool:
        return getattr(self.module, "SEQUENTIAL", False)

    @property
    def ranked(self) -> bool:
        return getattr(self.module, "RANKED", False)

    @property
    def whole(self) -> bool:
        return getattr(self.module, "WHOLE", False)

    @property
    def placed(self) -> bool:
        """Whether it is fitted on values with their places."""
        return self.whole or getattr(self.module, "PLACED", False)

    @property
    def causal(self) -> bool:
        """Whether a row is judged by no later ones."""
        return bool(self.keys) and not self.whole

    @property
    def tolerance(self) -> float:
        """How far above its threshold a score is above it, and how close two terms tie."""
        return tolerance_of(self.detector)

    @property
    def descending(self) -> list[bool]:
        return [down for _, down in self.keys]


def checked(
    detector: str,
    features: Sequence[str],
    *,
    order: Order | None = None,
    frame: Frame | None = None,
    leave_one_out: bool = False,
    threshold: float | None = None,
    contamination: float | None = None,
    direction: str | None = None,
    nulls: str = "propagate",
    min_rows: int | None = None,
    min_effect: float | Sequence[float] | None = None,
    params: Mapping[str, Any],
) -> Call:
    """The call with its defaults filled in. Raises ValueError for what the language refuses."""
    module = DETECTORS[detector]
    usual: str = getattr(module, "DEFAULT_DIRECTION", "both")
    direction = usual if direction is None else direction
    refused(detector, order, frame, leave_one_out, direction, nulls, min_effect)
    if threshold is not None and contamination is not None:
        raise ValueError("threshold and contamination exclude each other")
    if contamination is not None and not 0 < contamination <= 0.5:
        raise ValueError("0 < contamination <= 0.5")
    if order is not None and contamination is not None and not getattr(module, "WHOLE", False):
        raise ValueError("contamination needs the scores of all rows: refused with ORDER BY")
    if threshold is None and contamination is None:
        threshold, contamination = default_threshold(module, len(features)), module.DEFAULT_CONTAMINATION
    names = [order] if isinstance(order, str) else list(order or ())
    keys = [
        (name, False) if isinstance(name, str) else (name[0], name[1].lower() == "desc") for name in names
    ]
    effects = None
    if min_effect is not None:
        effects = tuple(min_effect) if isinstance(min_effect, Sequence) else (min_effect,) * len(features)
        if len(effects) != len(features):
            raise ValueError("min_effect is one number, or one a feature")
    return Call(
        detector=detector,
        module=module,
        features=tuple(features),
        keys=tuple(keys),
        frame=frame,
        leave_one_out=leave_one_out,
        threshold=threshold,
        contamination=contamination,
        direction=direction,
        nulls=nulls,
        min_rows=default_min_rows(module, len(features)) if min_rows is None else min_rows,
        effects=effects,
        params=params,
    )


def refused(
    detector: str,
    order: Order | None,
    frame: Frame | None,
    leave_one_out: bool,
    direction: str,
    nulls: str,
    min_effect: float | Sequence[float] | None,
) -> None:
    """Raises ValueError for what the detector cannot do."""
    if nulls not in ("propagate", "ignore", "anomalous") or direction not in ("both", "high", "low"):
        raise ValueError(f"unknown nulls {nulls!r} or direction {direction!r}")
    module = DETECTORS[detector]
    along = getattr(module, "SEQUENTIAL", False) or getattr(module, "WHOLE", False)
    if not module.SIGNED and (
        (order is not None and not along) or direction != "both" or min_effect is not None
    ):
        raise ValueError(f"{detector} refuses ORDER BY, direction and min_effect")
    if frame is not None and order is None:
        raise ValueError("a frame needs ORDER BY")
    if along and order is None:
        raise ValueError(f"{detector} needs ORDER BY")
    if along and frame is not None:
        raise ValueError(f"{detector} refuses frames")
    if leave_one_out and not getattr(module, "REMOVABLE", False):
        raise ValueError(f"{detector} refuses leave_one_out")
    if getattr(module, "JOINT", False) and nulls == "ignore":
        raise ValueError(f"{detector} needs every feature: it refuses nulls => 'ignore'")


def tolerance_of(detector: str) -> float:
    """The detector's own tolerance."""
    found: float = getattr(DETECTORS[detector], "TOLERANCE", TOLERANCE)
    return found


def default_threshold(module: ModuleType, features: int) -> float | None:
    """The detector's threshold, which may depend on the number of features."""
    rule = getattr(module, "default_threshold", None)
    found: float | None = module.DEFAULT_THRESHOLD if rule is None else rule(features)
    return found


def default_min_rows(module: ModuleType, features: int) -> int:
    """The smallest baseline, which may depend on the number of features."""
    rule = getattr(module, "default_min_rows", None)
    found: int = module.DEFAULT_MIN_ROWS if rule is None else rule(features)
    return found

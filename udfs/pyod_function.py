"""PyOD inside an engine: the fit of each partition, its estimator as bytes that hold no code, and functions that score.

Engines read a function's annotations as they run, so these name nothing that is imported late.
"""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sqlnomaly.errors import MissingDriverError, ModelError, UsageError
from sqlnomaly.pushdown.contract import Estimator
from sqlnomaly.pushdown.function import Function
from sqlnomaly.udfs.partition_keys import keys_in, keys_of
from sqlnomaly.udfs.pyod_detector import BYTES
from sqlnomaly.udfs.sampled_function import functions

if TYPE_CHECKING:
    import pyarrow as pa

    from sqlnomaly.udfs.pyod_detector import Pyod

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

TRUSTED = (
    "pyod.models.",
    "sklearn.metrics._dist_metrics.",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.neighbors._ball_tree.BallTree",
    "sklearn.tree._tree.Tree",
)
"""Types that a kept estimator may be made of, beside those that skops trusts: numbers and trees of numbers."""


@dataclass(frozen=True, slots=True)
class PyodFit:
    """One partition's fit; ``estimator`` is None where no feature varies, or there were too few rows."""

    estimator: Any
    low: Vector
    high: Vector
    median: Vector

    @property
    def spread(self) -> Vector:
        """The range of each feature."""
        return self.high - self.low


def fit_rows(detector: Pyod, rows: Matrix, *, fits: bool) -> PyodFit:
    """The fit on a sample, shape (rows, features), rows in the order of their keys.

    Raises:
        MissingDriverError: PyOD is not installed.
        UsageError: PyOD refuses a parameter or the rows.
    """
    low, high, median = rows.min(axis=0), rows.max(axis=0), np.median(rows, axis=0)
    if not fits or not (high > low).any():
        return PyodFit(None, low, high, median)
    kind = _class(detector)
    with QUIET:
        try:
            estimator = kind(**detector.parameters).fit(rows)
        except FAILURES as error:
            said = str(error).strip().splitlines()
            raise UsageError(
                f"PyOD's {detector.called} cannot be fitted on {len(rows):,} rows x {rows.shape[1]} features: "
                + (said[0] if said else type(error).__name__),
                hint="other parameters, or a larger min_rows, so that small partitions are left out",
            ) from None
    return PyodFit(estimator, low, high, median)


def scores_of(fit: PyodFit, rows: Matrix) -> Vector:
    """The scores of rows of which none misses a value; NaN where there is none."""
    if fit.estimator is None:
        return np.where((rows == fit.low).all(axis=1), 0.0, np.nan)
    with np.errstate(all="ignore"), QUIET:
        return np.asarray(fit.estimator.decision_function(rows), np.float64)


def terms_of(fit: PyodFit, rows: Matrix) -> Matrix:
    """What the score falls by when a feature takes the sample's median, shape (rows, features); 0 if to none."""
    whole = scores_of(fit, rows)
    found = np.zeros(rows.shape)
    if fit.estimator is None:
        found[np.isnan(whole)] = np.nan
        return found
    for number in range(rows.shape[1]):
        moved = rows.copy()
        moved[:, number] = fit.median[number]
        with np.errstate(invalid="ignore"):
            step = whole - scores_of(fit, moved)
        found[:, number] = np.where(np.isfinite(step) | ~np.isfinite(whole), step, 0.0)
    return found


def functions_of(fits: Sequence[PyodFit]) -> dict[str, Function]:
    """The functions of a fit's number and the features."""
    return functions(scores_of, terms_of, fits)


def estimator_table(fits: Sequence[PyodFit], keys: pa.Table) -> pa.Table:
    """The fits as rows: the keys, the estimator's bytes, and the range and median of each feature."""
    import pyarrow as pa
    import skops.io

    table = {name: keys.column(name) for name in keys.column_names}
    made = [None if fit.estimator is None else skops.io.dumps(fit.estimator) for fit in fits]
    table[BYTES] = pa.array(made, pa.binary())
    width = len(fits[0].low) if fits else 0
    for name in ("low", "high", "median"):
        for number in range(width):
            table[f"{name}_{number}"] = pa.array([float(getattr(fit, name)[number]) for fit in fits], pa.float64())
    return pa.table(table)


def stored_fits(detector: Pyod, estimators: pa.Table, keys: pa.Table) -> list[PyodFit]:
    """The fits from their rows, in the order of the keys.

    Raises:
        ModelError: an estimator that holds what no fit of this detector holds.
    """
    found = {}
    for key, row in zip(keys_in(estimators, keys.column_names), estimators.to_pylist(), strict=True):
        ranges = [
            np.array([value for name, value in row.items() if name.startswith(f"{stat}_")], np.float64)
            for stat in ("low", "high", "median")
        ]
        found[key] = PyodFit(_read(detector, row[BYTES]), *ranges)
    return [found[key] for key in (keys_of(keys.columns) if keys.num_columns else [()])]


def _read(detector: Pyod, data: bytes | None) -> Any:
    """The estimator in bytes."""
    if data is None:
        return None
    try:
        import skops.io
    except ImportError:
        raise _missing(detector) from None
    kind = _class(detector)
    estimator = skops.io.loads(data, trusted=_trusted(detector, data))
    if not isinstance(estimator, kind):
        raise ModelError(f"the model holds a {type(estimator).__name__}, not PyOD's {detector.called}")
    return estimator


def _trusted(detector: Pyod, data: bytes) -> list[str]:
    """The types in the bytes that skops leaves to us, all of them numbers and trees of numbers."""
    import skops.io

    unknown: list[str] = skops.io.get_untrusted_types(data=data)
    strange = [name for name in unknown if not name.startswith(TRUSTED)]
    if strange:
        raise ModelError(f"the model holds {strange[0]}, which is no part of PyOD's {detector.called}")
    return unknown


def kept_estimator(detector: Pyod, data: bytes) -> Estimator:
    """The estimator in bytes, for a function that asks it somewhere else.

    Raises:
        MissingDriverError: PyOD is not installed: its version is what the function needs.
        ModelError: it holds what no fit of this detector holds.
    """
    from importlib.metadata import version

    _class(detector)
    packages = tuple(f"{name}=={version(name)}" for name in PACKAGES)
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return Estimator(data, tuple(_trusted(detector, data)), packages, python)


def _class(detector: Pyod) -> Any:
    """PyOD's class.

    Raises:
        MissingDriverError: PyOD is not installed.
    """
    from importlib import import_module

    with QUIET:
        try:
            import skops.io  # noqa: F401  (a fit that cannot be kept is none)

            return getattr(import_module(f"pyod.models.{detector.entry.module}"), detector.called)
        except ImportError:
            raise _missing(detector) from None


def _missing(detector: Pyod) -> MissingDriverError:
    return MissingDriverError(
        f"{detector.name} needs PyOD and skops", hint="pip install 'sqlnomaly[pyod]'"
    )


PACKAGES = ("numpy", "pandas", "pyod", "scikit-learn", "skops")
"""What a function in Python needs to ask an estimator."""

FAILURES = (
    ValueError, TypeError, LookupError, AttributeError, AssertionError, ArithmeticError, RuntimeError,
    np.linalg.LinAlgError,
)  # fmt: skip
"""What PyOD raises for parameters that it does not check, and for rows that it cannot take."""


class _Quiet:
    """Without the warnings of PyOD and scikit-learn, in any number of threads: the last one restores the filters."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._caught = warnings.catch_warnings()

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._caught = warnings.catch_warnings()
                self._caught.__enter__()
                warnings.simplefilter("ignore")
            self._inside += 1

    def __exit__(self, *_raised: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._caught.__exit__(None, None, None)


QUIET = _Quiet()

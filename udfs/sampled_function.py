"""Sampled detectors inside an engine: the fit of each partition, its numbers as rows, and functions that score.

Engines read a function's annotations as they run, so these name nothing that is imported late.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sqlnomaly.pushdown.function import Function
from sqlnomaly.udfs.partition_keys import keys_of

if TYPE_CHECKING:
    import pyarrow as pa

    from sqlnomaly.udfs.sampled import Sampled

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

OWN = ("centre", "unit", "low", "high", "median")
"""What every fit keeps of each feature, beside the detector's arrays."""
SCALAR = -1
"""The column number of an array of one dimension."""
EMPTY = np.empty(0)
"""Stands for an array that a fit had no use for."""
FARTHEST = 1e150
"""Units from the centre, at most: the square is a number still."""


@dataclass(frozen=True, slots=True)
class SampleFit:
    """One partition's fit.

    Attributes:
        centre, unit: a feature's value is taken as (x - centre) / unit.
        low, high, median: of each feature in the sample.
        numbers: what the detector keeps of the features that vary; empty where none does.
    """

    centre: Vector
    unit: Vector
    low: Vector
    high: Vector
    median: Vector
    numbers: Mapping[str, NDArray[np.float64]]

    @property
    def spread(self) -> Vector:
        """The range of each feature, 0 where it does not vary."""
        return self.high - self.low

    @property
    def varying(self) -> NDArray[np.bool_]:
        """Which features vary, so that a unit can be told."""
        found: NDArray[np.bool_] = (self.high > self.low) & (self.unit > 0.0)
        return found

    def scaled(self, rows: Matrix) -> Matrix:
        """The features that vary, in their units."""
        varying = self.varying
        scaled = (rows[:, varying] - self.centre[varying]) / self.unit[varying]
        return np.ascontiguousarray(np.clip(scaled, -FARTHEST, FARTHEST))


def fit_rows(detector: Sampled, rows: Matrix, *, fits: bool = True) -> SampleFit:
    """The fit on a sample.

    Args:
        detector: whose fit.
        rows: shape (rows, features), in the order of their keys.
        fits: whether they are enough; where not, nothing is kept, and nobody will ask for a score.
    """
    low, high = rows.min(axis=0), rows.max(axis=0)
    median = np.median(rows, axis=0)
    if detector.scaling == "standard":
        # Around a value of its own, as a mean of large values is rounded.
        centre = rows[0] + (rows - rows[0]).mean(axis=0)
        unit = _deviation(rows, centre, high - low)
    elif detector.scaling == "robust":
        centre = median
        unit = np.quantile(rows, 0.75, axis=0) - np.quantile(rows, 0.25, axis=0)
        unit = np.where(unit > 0.0, unit, _deviation(rows, rows[0] + (rows - rows[0]).mean(axis=0), high - low))
    else:
        centre, unit = np.zeros(rows.shape[1]), np.ones(rows.shape[1])
    fit = SampleFit(centre, np.where(high > low, unit, 0.0), low, high, median, {})
    if not fits or not fit.varying.any():
        return fit
    numbers = detector.learn_rows(fit.scaled(rows))
    return SampleFit(fit.centre, fit.unit, low, high, median, dict(numbers))


def _deviation(rows: Matrix, centre: Vector, spread: Vector) -> Vector:
    """The standard deviation around the centre; its square might be too small for a double, or too large."""
    wide = np.where(spread > 0.0, spread, 1.0)
    found: Vector = wide * np.sqrt(np.square((rows - centre) / wide).mean(axis=0))
    return found


def scores_of(detector: Sampled, fit: SampleFit, rows: Matrix) -> Vector:
    """The scores of rows of which none misses a value; NaN where there is none."""
    if not fit.numbers:
        return np.where((rows == fit.low).all(axis=1), 0.0, np.nan)
    return detector.score_rows(fit.numbers, fit.scaled(rows))


def terms_of(detector: Sampled, fit: SampleFit, rows: Matrix) -> Matrix:
    """The contributions of each feature, shape (rows, features); NaN where there is no score."""
    found = np.zeros(rows.shape)
    if not fit.numbers:
        found[~(rows == fit.low).all(axis=1)] = np.nan
        return found
    centre = fit.scaled(fit.median[np.newaxis, :])[0]
    found[:, fit.varying] = detector.term_rows(fit.numbers, fit.scaled(rows), centre)
    return found


def functions_of(detector: Sampled, fits: Sequence[SampleFit]) -> dict[str, Function]:
    """The functions of a fit's number and the features."""
    return functions(partial(scores_of, detector), partial(terms_of, detector), fits)


def functions(
    scores: Callable[[Any, Matrix], Vector], contributions: Callable[[Any, Matrix], Matrix], fits: Sequence[Any]
) -> dict[str, Function]:
    """The functions of a fit's number and the features, from what a fit says of rows that miss nothing."""

    def score(*arguments: Any) -> Any:
        import pyarrow as pa

        found = by_fit(lambda fit, rows: scores(fit, rows)[:, np.newaxis], fits, arguments, 1)[:, 0]
        return pa.array(found, mask=~np.isfinite(found))

    def terms(*arguments: Any) -> Any:
        import pyarrow as pa

        width = len(arguments) - 1
        found = by_fit(contributions, fits, arguments, width)
        offsets = pa.array(np.arange(len(found) + 1, dtype=np.int32) * width)
        values = pa.array(np.ascontiguousarray(found).ravel())
        return pa.ListArray.from_arrays(offsets, values, mask=pa.array(np.isnan(found[:, 0])))

    return {"score": Function("DOUBLE", score), "terms": Function("DOUBLE[]", terms)}


def stored_function(
    scores: Callable[[Any, Matrix], Vector], fits: Sequence[Any], keys: pa.Table
) -> Callable[..., Any]:
    """A function of the partition keys and the features: the score, NULL where there is none or no such partition.

    Args:
        scores: what a fit says of rows that miss nothing.
        fits: in the order of the keys.
        keys: one row a fit; without columns there is one fit.
    """
    number = {key: place for place, key in enumerate(keys_of(keys.columns))}
    width = keys.num_columns

    def stored_score(*arguments: Any) -> Any:
        import pyarrow as pa

        which = np.zeros(len(arguments[0]), np.int64)
        if width:
            which = np.array([number.get(key, -1) for key in keys_of(arguments[:width])], np.int64)
        given = [pa.array(which), *arguments[width:]]
        found = by_fit(lambda fit, rows: scores(fit, rows)[:, np.newaxis], fits, given, 1)[:, 0]
        return pa.array(found, mask=~np.isfinite(found))

    return stored_score


def number_table(detector: Sampled, fits: Sequence[SampleFit], keys: pa.Table) -> pa.Table:
    """The numbers of the fits as rows: the keys, which array, row, column and value.

    Args:
        detector: whose fits these are.
        fits: in the order of the keys.
        keys: one row a fit; perhaps without columns.
    """
    import pyarrow as pa

    which, parts = [], []
    for place, fit in enumerate(fits):
        kept = [getattr(fit, name) for name in OWN]
        kept += [fit.numbers.get(name, EMPTY) for name in detector.arrays if fit.numbers]
        for number, array in enumerate(kept):
            values = np.asarray(array, np.float64)
            wide = values.ndim == 2
            size = values.size
            rows, columns = np.divmod(np.arange(size), values.shape[1]) if wide else (np.arange(size), None)
            fill = np.full(size, SCALAR) if columns is None else columns
            parts.append((np.full(size, number), rows, fill, values.ravel()))
            which.append(np.full(size, place))
    chosen = pa.array(np.concatenate(which) if which else np.empty(0, np.int64))
    table = {name: keys.column(name).take(chosen) for name in keys.column_names}
    names = ("array", "row", "column", "value")
    joined = [np.concatenate(one) for one in zip(*parts, strict=True)] if parts else [np.empty(0)] * len(names)
    for name, values in zip(names, joined, strict=True):
        table[name] = pa.array(values, pa.float64() if name == "value" else pa.int64())
    return pa.table(table)


def stored_fits(detector: Sampled, numbers: pa.Table, keys: pa.Table) -> list[SampleFit]:
    """The fits from their numbers, in the order of the keys."""
    which = np.zeros(numbers.num_rows, np.int64)
    if keys.num_columns:
        place = {key: number for number, key in enumerate(keys_of(keys.columns))}
        which = np.array([place[key] for key in keys_of(numbers.select(keys.column_names).columns)], np.int64)
    array, row, column, value = (numbers.column(name).to_numpy() for name in ("array", "row", "column", "value"))
    names = (*OWN, *detector.arrays)
    arrays: list[dict[str, NDArray[np.float64]]] = [{} for _ in range(keys.num_rows if keys.num_columns else 1)]
    for chosen in _runs(which * len(names) + array):
        first = chosen[0]
        arrays[which[first]][names[array[first]]] = _shaped(row[chosen], column[chosen], value[chosen])
    return [SampleFit(**{name: kept.pop(name) for name in OWN}, numbers=kept) for kept in arrays]


def _runs(codes: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """The places of each code, in the order of the codes."""
    order = np.argsort(codes, kind="stable")
    ends = np.flatnonzero(np.diff(codes[order], append=-1)) + 1
    yield from np.split(order, ends[:-1]) if len(codes) else ()


def _shaped(row: NDArray[Any], column: NDArray[Any], value: Vector) -> NDArray[np.float64]:
    """An array from the places of its values."""
    if column[0] == SCALAR:
        flat = np.full(len(value), np.nan)
        flat[row] = value
        return flat
    wide = np.full((row.max() + 1, column.max() + 1), np.nan)
    wide[row, column] = value
    return wide


def by_fit(
    ask: Callable[[Any, Matrix], Matrix], fits: Sequence[Any], arguments: Sequence[Any], width: int
) -> Matrix:
    """What each row's own fit says about it, shape (rows, width); NaN where a row misses a value or has no fit."""
    number, *features = arguments
    rows = np.column_stack([feature.to_numpy(zero_copy_only=False).astype(np.float64) for feature in features])
    which = number.fill_null(-1).to_numpy(zero_copy_only=False)
    found = np.full((len(rows), width), np.nan)
    known = np.flatnonzero(~np.isnan(rows).any(axis=1) & (which >= 0))
    for run in _runs(which[known].astype(np.int64)):
        own = known[run]
        found[own] = ask(fits[which[own[0]]], rows[own])
    return found

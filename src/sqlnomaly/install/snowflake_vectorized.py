"""The handler of Snowflake's vectorized table function, with numpy and pandas alone; its text is what is installed.

In front of it there stand tables of numbers, and behind the words ``TERMS``: each detector's plan as statements.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

FIXED: Mapping[str, float] = {}
SHARES: Mapping[str, float] = {}
ROWS: Mapping[str, int] = {}
SUMMED: tuple[str, ...] = ()
REFUSED: Mapping[str, str] = {}
LARGEST: float = 1e150
TOLERANCE: float = 1e-9
TERMS: Mapping[str, Callable[[dict[str, Any]], None]] = {}

# -- 8< -- what stands above is for the checks of this module only


def is_null(a: Any) -> Any:
    """a IS NULL."""
    return 1.0 * np.isnan(a)


def known(a: Any, b: Any, truth: Any) -> Any:
    """A truth value, unknown where a side is."""
    return np.where(np.isnan(a) | np.isnan(b), np.nan, 1.0 * truth)


def eq(a: Any, b: Any) -> Any:
    """a = b."""
    return known(a, b, a == b)


def ne(a: Any, b: Any) -> Any:
    """a <> b."""
    return known(a, b, a != b)


def lt(a: Any, b: Any) -> Any:
    """a < b."""
    return known(a, b, a < b)


def le(a: Any, b: Any) -> Any:
    """a <= b."""
    return known(a, b, a <= b)


def gt(a: Any, b: Any) -> Any:
    """a > b."""
    return known(a, b, a > b)


def ge(a: Any, b: Any) -> Any:
    """a >= b."""
    return known(a, b, a >= b)


def both(a: Any, b: Any) -> Any:
    """a AND b."""
    return np.where((a == 0) | (b == 0), 0.0, known(a, b, True))


def either(a: Any, b: Any) -> Any:
    """a OR b."""
    return np.where((a == 1) | (b == 1), 1.0, known(a, b, False))


def case(branches: Any, default: Any) -> Any:
    """CASE: the first branch whose condition is true."""
    result = default
    for condition, value in reversed(branches):
        result = np.where(condition == 1, value, result)
    return result


def nullif(a: Any, b: Any) -> Any:
    """NULLIF(a, b)."""
    return np.where(a == b, np.nan, a)


def coalesce(*values: Any) -> Any:
    """COALESCE: the first value that is known."""
    result = values[-1]
    for value in reversed(values[:-1]):
        result = np.where(np.isnan(value), result, value)
    return result


def greatest(*values: Any) -> Any:
    """GREATEST, unknown where one is."""
    result = values[0]
    for value in values[1:]:
        result = np.maximum(result, value)
    return result


def least(*values: Any) -> Any:
    """LEAST, unknown where one is."""
    result = values[0]
    for value in values[1:]:
        result = np.minimum(result, value)
    return result


def present(a: Any) -> Any:
    """The values that are known."""
    return a[~np.isnan(a)]


def count(a: Any) -> Any:
    """COUNT(a)."""
    return np.float64(present(a).size)


def count_if(a: Any) -> Any:
    """COUNT_IF(a)."""
    return np.float64(np.count_nonzero(a == 1))


def over(function: Any, a: Any) -> Any:
    """An aggregate of the known values, unknown where there are none."""
    values = present(a)
    return np.float64(function(values)) if values.size else np.float64(np.nan)


def total(a: Any) -> Any:
    """SUM(a)."""
    return over(np.sum, a)


def mean(a: Any) -> Any:
    """AVG(a)."""
    return over(np.mean, a)


def variance(a: Any) -> Any:
    """VAR_POP(a), in two passes."""
    return over(np.var, a)


def smallest(a: Any) -> Any:
    """MIN(a)."""
    return over(np.min, a)


def largest(a: Any) -> Any:
    """MAX(a)."""
    return over(np.max, a)


def quantile(a: Any, share: Any) -> Any:
    """PERCENTILE_CONT(share)."""
    return over(lambda values: np.quantile(values, share), a)


def rank(key: Any) -> Any:
    """RANK() OVER (ORDER BY key)."""
    return 1.0 + np.searchsorted(np.sort(key), key, side="left")


def running_count(a: Any, key: Any) -> Any:
    """COUNT(a) OVER (ORDER BY key)."""
    return 1.0 * np.searchsorted(np.sort(key[~np.isnan(a)]), key, side="right")


def the_one(column: Any, name: str) -> Any:
    """The value of an argument that is the same for every row; None for NULL."""
    values = column.drop_duplicates()
    if len(values) > 1:
        raise ValueError(f"{name} has to be the same for every row")
    value = values.iloc[0]
    return None if pd.isna(value) else value


def rule_of(detector: str, threshold: Any, contamination: Any) -> tuple[float | None, float]:
    """The threshold, or None and the share of the quantile that is the threshold."""
    if threshold is not None and contamination is not None:
        raise ValueError("threshold and contamination exclude each other: give NULL for one")
    if threshold is not None and not abs(threshold) < np.inf:
        raise ValueError("threshold has to be a number")
    if contamination is not None and not 0 < contamination <= 0.5:
        raise ValueError("contamination has to be above 0, and at most 0.5")
    if contamination is not None:
        return None, 1.0 - contamination
    return (FIXED.get(detector) if threshold is None else float(threshold)), SHARES[detector]


def judged(rows: Any) -> Any:
    """The answers for the rows of a partition: id, detector, threshold, contamination, and the features."""
    columns = [rows.iloc[:, place] for place in range(rows.shape[1])]
    detector = the_one(columns[1], "detector") or "zscore"
    if detector in REFUSED:
        raise ValueError(f"{detector} is not for this function: {REFUSED[detector]}")
    if detector not in TERMS:
        raise ValueError(f"unknown detector {detector!r}; allowed: {', '.join(TERMS)}")
    fixed, share = rule_of(detector, the_one(columns[2], "threshold"), the_one(columns[3], "contamination"))
    size = len(rows)
    missing, outside, few = (np.zeros(size, bool) for _ in range(3))
    flat = np.ones(size, bool)
    terms = []
    with np.errstate(all="ignore"):
        for column in columns[4:]:
            raw = column.to_numpy(np.float64, na_value=np.nan)
            clean = np.where(np.abs(raw) <= LARGEST, raw, np.nan)
            v: dict[str, Any] = {"x": clean}
            TERMS[detector](v)
            missing |= np.isnan(raw)
            outside |= ~np.isnan(raw) & np.isnan(clean)
            few |= bool(v["x__n"] < ROWS[detector])
            flat &= bool(v["x__scale"] == 0.0)
            terms.append(np.broadcast_to(v["x__term"], size))
        table = np.array(terms)
        best = np.max(table, axis=0)  # NaN where one is
        score = best
        if detector in SUMMED:
            score = table[0]
            for term in table[1:]:
                score = score + term
        scores = np.sort(present(score))
        if fixed is None:
            fixed = float(np.quantile(scores, share)) if scores.size else np.nan
        at_least = scores.size - np.searchsorted(scores, score, side="left")
        chance = np.where(np.isnan(score), np.nan, 1.0 - at_least / max(scores.size, 1))
        limit = fixed + TOLERANCE * max(1.0, abs(fixed))
        foremost = 1 + np.argmax(table >= best - TOLERANCE * np.maximum(1.0, np.abs(best)), axis=0)
    unknown = np.isnan(score)
    status = np.select(
        [missing, outside, few, unknown | flat],
        ["missing_value", "out_of_range", "too_few_rows", "constant_baseline"],
        "ok",
    )
    said = ~unknown & ~np.isnan(limit)
    return pd.DataFrame(
        {
            "row_id": columns[0].to_numpy(),
            "anomaly_score": score,
            "anomaly_probability": chance,
            "is_anomaly": np.where(said, score > limit, None),
            "anomaly_threshold": np.full(size, fixed),
            "anomaly_feature": np.where(unknown, None, foremost),
            "anomaly_status": status,
        }
    )

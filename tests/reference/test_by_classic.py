"""Tests of outliers, bands and business checks beside numpy and scipy, on rows that both see."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import median_abs_deviation, t

import sqlnomaly
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.twin import twin
from sqlnomaly.session import Session
from sqlnomaly.udfs.student import critical, place, powers

pytestmark = pytest.mark.duckdb

RANDOM = np.random.default_rng(11)
ROSNER = (
    -0.25, 0.68, 0.94, 1.15, 1.20, 1.26, 1.26, 1.34, 1.38, 1.43, 1.49, 1.49, 1.55, 1.56, 1.58, 1.65, 1.69, 1.70, 1.76,
    1.77, 1.81, 1.91, 1.94, 1.96, 1.99, 2.06, 2.09, 2.10, 2.14, 2.15, 2.23, 2.24, 2.26, 2.35, 2.37, 2.40, 2.47, 2.54,
    2.62, 2.64, 2.90, 2.92, 2.92, 2.93, 3.21, 3.26, 3.30, 3.59, 3.68, 4.30, 4.64, 5.34, 5.42, 6.01,
)  # fmt: skip
"""The 54 values of Rosner's article, of which the test finds the three largest at 5 %."""


@pytest.fixture(scope="module")
def session() -> Session:
    return sqlnomaly.connect()


def ask(session: Session, detector: str, columns: dict[str, Any], answer: str = "score", **options: Any) -> np.ndarray:
    """One answer about each row, by its place."""
    session.load("classic", pa.table({"id": range(len(next(iter(columns.values())))), **columns}))
    words = "".join(f", {name} => {value!r}" for name, value in options.items())
    function = {"score": "anomaly_score", "flag": "is_anomaly"}[answer]
    call = f"{function}({', '.join(columns)}, detector => '{detector}'{words})"
    found = session.sql(f"SELECT {call} AS answer FROM classic ORDER BY id").arrow()
    return found.column("answer").to_numpy()


def grubbs(n: np.ndarray | int, alpha: float) -> Any:
    """The critical value from scipy's Student t."""
    quantile = t.isf(alpha / (2.0 * n), n - 2.0)
    return (n - 1.0) / np.sqrt(n) / np.sqrt(1.0 + (n - 2.0) / quantile**2)


def outliers(values: np.ndarray, most: int, alpha: float) -> set[int]:
    """The places of the outliers by the generalized ESD test, as the article says it."""
    left, gone, found = list(range(len(values))), [], 0
    for i in range(1, most + 1):
        rest = values[left]
        distances = np.abs(rest - rest.mean())
        far = distances.max() / rest.std(ddof=1) > grubbs(len(left), alpha)
        gone.append(left.pop(int(distances.argmax())))
        found = i if far else found
    return set(gone[:found])


@pytest.mark.parametrize("alpha", [1e-6, 1e-3, 0.01, 0.05, 0.1, 0.5])
def test_critical_values_are_those_of_students_t(alpha: float) -> None:
    n = np.unique([*range(3, 3000), *np.round(np.exp(np.linspace(8.0, math.log(1e12), 3000)))]).astype(np.int64)
    at = np.asarray(twin(place(ops.column("n")))({"n": pa.array(n)}))
    raised = {name: np.asarray(twin(expr)({"at": pa.array(at)})) for name, expr in powers(ops.column("at")).items()}
    expression = critical(ops.column("n"), [ops.column(name) for name in raised], alpha)

    found = np.asarray(twin(expression)({"n": pa.array(n), **{name: pa.array(one) for name, one in raised.items()}}))

    np.testing.assert_allclose(found, grubbs(n, alpha), rtol=1e-9)


@pytest.mark.parametrize("n", [1, 2])
def test_there_is_no_critical_value_for_fewer_than_three_rows(n: int) -> None:
    columns = {name: pa.array([0.0]) for name in ("p1", "p2", "p4", "p8", "p16")}

    expression = critical(ops.column("n"), [ops.column(name) for name in columns], 0.05)

    assert twin(expression)({"n": pa.array([n]), **columns}).to_pylist() == [None]


@pytest.mark.parametrize("n", [3, 4, 12, 13, 40, 500])
@pytest.mark.parametrize("alpha", [0.01, 0.05])
def test_grubbs_decides_as_the_test_with_scipys_t(session: Session, n: int, alpha: float) -> None:
    values = RANDOM.normal(1.7e9, 3.0, n)
    values[0] += 20.0

    found = ask(session, "grubbs", {"x": values}, alpha=alpha)

    wanted = np.abs(values - values.mean()) / values.std(ddof=1) / grubbs(n, alpha)
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-6)


def test_esd_finds_the_three_outliers_of_rosners_example(session: Session) -> None:
    found = ask(session, "esd", {"x": ROSNER}, "flag")

    assert [value for value, flag in zip(ROSNER, found, strict=True) if flag] == [5.34, 5.42, 6.01]


@pytest.mark.parametrize("seed", range(12))
def test_esd_flags_the_outliers_of_the_plain_procedure(session: Session, seed: int) -> None:
    random = np.random.default_rng(seed)
    values = random.normal(size=int(random.integers(25, 120))) if seed % 2 else random.standard_t(2.5, size=90)
    for place_, size in enumerate((9.0, 9.5, -12.0, 40.0, 1e6)[: seed % 6]):
        values[place_] = size
    values = values + (1.7e9 if seed % 3 == 0 and seed % 6 < 5 else 0.0)
    most, alpha = (10, 0.05) if seed < 6 else (4, 0.2)

    found = ask(session, "esd", {"x": values}, "flag", max_outliers=most, alpha=alpha)

    assert set(np.flatnonzero(found)) == outliers(values, most, alpha)


def test_an_outlier_of_any_size_leaves_the_scores_of_the_others(session: Session) -> None:
    values = RANDOM.normal(size=60)
    scores = []
    for size in (1e3, 1e6, 1e12, 1e100):
        values[7] = size
        scores.append(np.delete(ask(session, "esd", {"x": values}, direction="low"), 7))

    for later in scores[1:]:
        np.testing.assert_allclose(later[scores[0] > 0], scores[0][scores[0] > 0], rtol=1e-12)


def test_tied_outliers_go_together(session: Session) -> None:
    values = np.concatenate([np.tile(np.arange(7.0), 6), [60.0, 60.0, 60.0, -50.0, -50.0]])

    found = ask(session, "esd", {"x": values}, "flag")

    assert list(values[found.astype(bool)]) == [60.0, 60.0, 60.0, -50.0, -50.0]


def test_percentile_measures_by_numpys_quantiles(session: Session) -> None:
    values = RANDOM.lognormal(size=400)

    found = ask(session, "percentile", {"x": values}, lower=0.05, upper=0.9)

    low, middle, high = np.quantile(values, [0.05, 0.5, 0.9])
    wanted = np.where(values > middle, (values - middle) / (high - middle), (middle - values) / (middle - low))
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_double_mad_measures_each_side_by_scipys_mad(session: Session) -> None:
    values = RANDOM.lognormal(size=401)

    found = ask(session, "double_mad", {"x": values})

    middle = np.median(values)
    up, down = values[values >= middle], values[values <= middle]
    sides = [median_abs_deviation(side, center=lambda *_, **__: middle, scale="normal") for side in (up, down)]
    wanted = np.abs(values - middle) / np.where(values > middle, *sides)
    np.testing.assert_allclose(found, wanted, rtol=1e-9)


def test_ratio_drift_is_the_robust_z_score_of_the_logarithm(session: Session) -> None:
    x = RANDOM.lognormal(3.0, 2.0, 300)
    y = x * RANDOM.lognormal(1.0, 0.1, 300)

    found = ask(session, "ratio_drift", {"x": x, "y": y})

    ratio = np.log(x / y)
    wanted = np.abs(ratio - np.median(ratio)) / median_abs_deviation(ratio, scale="normal")
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-9)


def test_ratio_drift_is_the_robust_z_score_of_the_ratio(session: Session) -> None:
    x, y = RANDOM.normal(0.0, 3.0, 300), RANDOM.uniform(1.0, 2.0, 300)

    found = ask(session, "ratio_drift", {"x": x, "y": y}, log=False)

    wanted = np.abs(x / y - np.median(x / y)) / median_abs_deviation(x / y, scale="normal")
    np.testing.assert_allclose(found, wanted, rtol=1e-9)


@pytest.mark.parametrize(
    ("x", "y"), [(1.0, 0.0), (0.0, 1.0), (-1.0, 1.0), (0.0, 0.0), (1e100, 1e-100), (None, 1.0), (1.0, None)]
)
def test_a_row_without_a_ratio_has_no_score(session: Session, x: float | None, y: float | None) -> None:
    columns = {"x": [1.0, 2.0, 3.0, 4.0, x], "y": [1.0, 1.0, 1.0, 1.0, y]}

    found = ask(session, "ratio_drift", columns)

    assert [score is None or bool(np.isnan(score)) for score in found] == [False] * 4 + [True]


def test_a_ratio_that_is_always_the_same_does_not_vary(session: Session) -> None:
    x = np.arange(1.0, 60.0) * 0.7
    y = np.append(x[:-1] / 0.3, 5.0)

    found = ask(session, "ratio_drift", {"x": x, "y": y})

    assert list(found[:-1]) == [0.0] * 58
    assert np.isnan(found[-1])


def test_benford_counts_first_digits(session: Session) -> None:
    values = np.round(RANDOM.lognormal(4.0, 3.0, 2000), 4)
    values[:50] = 0.0

    found = ask(session, "benford", {"x": values})

    first = [f"{value:.6e}"[0] for value in values]
    counts = Counter(first[50:])
    n = sum(counts.values()) - counts["0"]
    for digit in range(1, 10):
        share = math.log10(1 + 1 / digit)
        wanted = (counts[str(digit)] - n * share) / math.sqrt(n * share * (1 - share))
        mine = found[[one == str(digit) for one in first]]
        np.testing.assert_allclose(mine, wanted, rtol=1e-9, atol=1e-9)
    assert set(found[:50]) == {0.0}


def test_the_first_digit_is_right_at_every_power_of_ten(session: Session) -> None:
    exponents = range(-300, 150)
    for digit, below in ((1, 9), (3, 2), (7, 6)):
        at = [float(f"{digit}e{exponent}") for exponent in exponents]
        short = [float(f"{9.9999999 if digit == 1 else digit - 1e-7}e{exponent}") for exponent in exponents]
        fewer = short[: len(short) // 2]

        found = ask(session, "benford", {"x": at + fewer})

        assert len(set(found[: len(at)])) == 1
        assert len(set(found[len(at) :])) == 1
        n, share = len(at) + len(fewer), math.log10(1 + 1 / below)
        wanted = (len(fewer) - n * share) / math.sqrt(n * share * (1 - share))
        assert found[-1] == pytest.approx(wanted, rel=1e-9)


def test_duplicates_counts_rows_that_agree_in_numbers_and_text(session: Session) -> None:
    x = [1.5, 1.5, None, 1.5, 2.0, 1.5, 0.0, -0.0]
    shop = ["a", "a", "a", "", "a", None, "b", "b"]

    found = ask(session, "duplicates", {"x": x, "shop": shop})

    wanted = [2.0, 2.0, None, 1.0, 1.0, None, 2.0, 2.0]
    assert [None if score is None or np.isnan(score) else score for score in found] == wanted


def test_duplicates_counts_the_other_rows_when_a_row_is_left_out(session: Session) -> None:
    rows = RANDOM.integers(0, 4, size=(200, 3)).astype(float)
    columns = {f"x{j}": rows[:, j] for j in range(3)}

    found = ask(session, "duplicates", columns, leave_one_out=True)

    counts = Counter(map(tuple, rows))
    assert list(found) == [counts[tuple(row)] - 1.0 for row in rows]

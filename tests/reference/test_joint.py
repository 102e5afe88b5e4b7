"""The references of joint and sequential detectors beside the code of others, and what must hold of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tests.conformance.datasets import BY_NAME, DataSet
from tests.reference import iforest, mahalanobis
from tests.reference.judge import Frame, Verdict, judge

Matrix = np.ndarray[Any, np.dtype[np.float64]]

PLAIN = ["gaussian", "heavy_ties", "offset", "tiny", "huge", "planted", "hostile_columns"]
KINDS = ["gaussian", "heavy_ties", "planted", "hostile_columns"]


def matrix(data: DataSet) -> Matrix:
    return np.array([[row[name] for name in data.features] for row in data.rows], dtype=np.float64)


def numbers(verdicts: list[Verdict]) -> list[float]:
    return [math.nan if verdict.score is None else verdict.score for verdict in verdicts]


def said(verdict: Verdict, key: str, data: DataSet) -> list[Any]:
    """One field of the explanation, in call order."""
    by_name = {part["feature"]: part[key] for part in verdict.explanation or ()}
    return [by_name[name] for name in data.features]


# --- against the code of others -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*PLAIN, "bin_edges", "mostly_constant"])
@pytest.mark.parametrize("direction", ["both", "high", "low"])
def test_iqr_agrees_with_scipy(name: str, direction: str) -> None:
    stats = pytest.importorskip("scipy.stats")
    data, x = BY_NAME[name], matrix(BY_NAME[name])
    x = x[:, stats.iqr(x, axis=0) > 0]
    if not x.shape[1]:
        return
    low, high = np.quantile(x, [0.25, 0.75], axis=0)
    sides = {"high": [x - high], "low": [low - x], "both": [x - high, low - x]}[direction]
    expected = (np.max([*sides, 0 * x], axis=0) / stats.iqr(x, axis=0)).max(axis=1)
    found = judge(data.rows, detector="iqr", features=data.features, direction=direction)
    tolerance = 1e-6 if name == "offset" else 1e-9  # an interpolated quantile has an ulp of 2e-7 there
    assert numbers(found) == pytest.approx(expected.tolist(), rel=tolerance, abs=tolerance)


@pytest.mark.parametrize("name", PLAIN)
def test_mahalanobis_agrees_with_scikit_learn(name: str) -> None:
    covariance = pytest.importorskip("sklearn.covariance")
    data, x = BY_NAME[name], matrix(BY_NAME[name])
    x = (x - np.median(x, axis=0)) / np.std(x - np.median(x, axis=0), axis=0)
    expected = covariance.EmpiricalCovariance().fit(x).mahalanobis(x)
    found = judge(data.rows, detector="mahalanobis", features=data.features, ddof=0)
    assert numbers(found) == pytest.approx(expected.tolist(), rel=1e-7)


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 7, 20, 63])
def test_its_threshold_agrees_with_scipy(degrees: int) -> None:
    stats = pytest.importorskip("scipy.stats")
    expected = float(stats.chi2.ppf(0.99, degrees))
    assert mahalanobis.default_threshold(degrees) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", [*PLAIN, "bin_edges", "null_order", "all_null_group"])
@pytest.mark.parametrize("alpha", [0.2, 0.5])
def test_ewma_agrees_with_pandas(name: str, alpha: float) -> None:
    pandas = pytest.importorskip("pandas")
    data = BY_NAME[name]
    rows = [row for row in data.rows if data.keys == () or row[data.keys[0]] == data.rows[-1][data.keys[0]]]
    for feature in data.features:
        values = pandas.Series([row[feature] for row in rows], dtype="float64")
        if values.isna().all():
            continue
        values -= values.median()
        window = values.ewm(alpha=alpha, adjust=True, ignore_na=False)
        expected = ((values - window.mean().shift()) / window.std().shift()).abs()
        known = values.notna().cumsum().shift(fill_value=0) >= 5
        timed = [{"at": i, feature: row[feature]} for i, row in enumerate(rows)]
        found = judge(timed, detector="ewma", features=[feature], order="at", alpha=alpha, min_rows=5)
        assert numbers(found) == pytest.approx(
            expected.where(known).tolist(), rel=1e-6, abs=1e-9, nan_ok=True
        )


@pytest.mark.parametrize("name", KINDS)
def test_iforest_ranks_as_scikit_learn_does(name: str) -> None:
    ensemble = pytest.importorskip("sklearn.ensemble")
    data, x = BY_NAME[name], matrix(BY_NAME[name])
    theirs = -ensemble.IsolationForest(n_estimators=200, random_state=0).fit(x).score_samples(x)
    ours = np.array(numbers(judge(data.rows, detector="iforest", features=data.features)))
    assert np.corrcoef(ours, theirs)[0, 1] > 0.95
    assert abs(float(np.mean(ours)) - float(np.mean(theirs))) < 0.03


def test_the_average_path_agrees_with_scikit_learn() -> None:
    module = pytest.importorskip("sklearn.ensemble._iforest")
    sizes = [1, 2, 3, 4, 16, 255, 256, 10_000]
    expected = module._average_path_length(np.array(sizes)).tolist()
    assert [iforest.average_path(size) for size in sizes] == pytest.approx(expected, rel=1e-14)


def test_splitmix64_gives_its_published_numbers() -> None:
    random = iforest.Stream(0, 0)
    random.state = 1234567
    numbers = []
    for _ in range(3):
        random.uniform()
        numbers.append(iforest.mix64(random.state))
    assert numbers == [6457827717110365317, 3203168211198807973, 9817491932198370423]


# --- mahalanobis --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PLAIN)
def test_mahalanobis_terms_add_up_to_the_score(name: str) -> None:
    data = BY_NAME[name]
    for verdict in judge(data.rows, detector="mahalanobis", features=data.features, partition=data.keys):
        assert math.fsum(said(verdict, "contribution", data)) == pytest.approx(verdict.score, rel=1e-9)


def test_what_was_expected_is_a_regression_on_the_others() -> None:
    data, x = BY_NAME["gaussian"], matrix(BY_NAME["gaussian"])
    verdicts = judge(data.rows, detector="mahalanobis", features=data.features)
    for j in range(x.shape[1]):
        others = np.column_stack([np.ones(len(x)), np.delete(x, j, axis=1)])
        fitted = others @ np.linalg.lstsq(others, x[:, j], rcond=None)[0]
        found = [said(verdict, "expected", data)[j] for verdict in verdicts]
        assert found == pytest.approx(fitted.tolist(), rel=1e-9)


def test_collinear_features_after_the_first_add_nothing() -> None:
    data = BY_NAME["collinear"]
    all_of_them = judge(data.rows, detector="mahalanobis", features=data.features)
    first = judge(data.rows, detector="mahalanobis", features=data.features[:1])
    assert numbers(all_of_them) == pytest.approx(numbers(first), rel=1e-12)
    assert said(all_of_them[0], "contribution", data)[1:] == [0.0, 0.0]


@pytest.mark.parametrize("ddof", [0, 1])
@pytest.mark.parametrize("name", ["gaussian", "planted", "heavy_ties"])
def test_leaving_one_out_equals_its_closed_form(name: str, ddof: int) -> None:
    data = BY_NAME[name]
    call: dict[str, Any] = {"detector": "mahalanobis", "features": data.features, "ddof": ddof}
    whole, left = judge(data.rows, **call), judge(data.rows, leave_one_out=True, **call)
    n = len(data.rows)
    c = n / (n - 1)
    for with_it, without_it in zip(whole, left, strict=True):
        assert with_it.score is not None
        q = with_it.score / (n - ddof)
        assert without_it.score == pytest.approx(c * c * (n - 1 - ddof) * q / (1 - c * q), rel=1e-9)
        ratio = (without_it.score or 0.0) / with_it.score
        terms = [term * ratio for term in said(with_it, "contribution", data)]
        assert said(without_it, "contribution", data) == pytest.approx(terms, rel=1e-8, abs=1e-12)


def test_a_row_that_alone_spans_a_direction_has_no_score_without_itself() -> None:
    rows = [{"x": float(i), "y": 2.0 * i} for i in range(9)] + [{"x": 3.0, "y": 9.0}]
    verdicts = judge(rows, detector="mahalanobis", features=["x", "y"], leave_one_out=True)
    assert (verdicts[9].score, verdicts[9].status) == (None, "constant_baseline")
    assert verdicts[0].status == "ok"


def test_only_complete_rows_are_fitted_and_counted() -> None:
    data = BY_NAME["nonfinite"]
    verdicts = judge(data.rows, detector="mahalanobis", features=data.features)
    whole = [row for row, verdict in zip(data.rows, verdicts, strict=True) if verdict.status == "ok"]
    assert 0 < len(whole) < len(data.rows)
    alone = judge(whole, detector="mahalanobis", features=data.features)
    assert [v for v in verdicts if v.status == "ok"] == alone
    fewer = judge(data.rows, detector="mahalanobis", features=data.features, min_rows=len(whole) + 1)
    assert {v.status for v in fewer} == {"too_few_rows", "missing_value", "out_of_range"}


# --- ewma ---------------------------------------------------------------------------------------------------


def test_time_passes_with_a_row_that_is_not_fitted() -> None:
    rows = [{"day": i, "x": x, "known": i != 2} for i, x in enumerate([1.0, 2.0, 50.0, 4.0, 3.0])]
    call: dict[str, Any] = {"detector": "ewma", "features": ["x"], "order": "day", "alpha": 0.5, "min_rows": 2}
    left_out = judge(rows, where=lambda row: row["known"], **call)[4]
    missing = judge([row | {"x": row["x"] if row["known"] else None} for row in rows], **call)[4]
    removed = judge([row for row in rows if row["known"]], **call)[3]
    assert left_out.score == missing.score != removed.score


def test_peers_do_not_judge_each_other_but_take_their_time() -> None:
    days = [0, 0, 1, 1, 1, 2]
    rows = [{"day": day, "x": x} for day, x in zip(days, [1.0, 3.0, 2.0, 9.0, 4.0, 5.0], strict=True)]
    call: dict[str, Any] = {"detector": "ewma", "features": ["x"], "alpha": 0.3, "min_rows": 2}
    verdicts = judge(rows, order="day", **call)
    alone = judge([row | {"day": i} for i, row in enumerate([*rows[:2], rows[3]])], order="day", **call)
    assert verdicts[3].score == alone[2].score
    last = [rows[0], rows[1], rows[2], rows[4], rows[3], rows[5]]  # the values of a day in ascending order
    assert verdicts[5].score == judge([r | {"day": i} for i, r in enumerate(last)], order="day", **call)[5].score


# --- iforest ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["gaussian", "bin_edges", "constant", "nonfinite"])
def test_iforest_terms_add_up_to_the_shortening_of_the_path(name: str) -> None:
    data = BY_NAME[name]
    options: dict[str, Any] = {"n_estimators": 11, "max_samples": 32, "random_state": 5}
    rows = [[row[f] for f in data.features] for row in data.rows]
    clean = [row for row in rows if all(x is not None and abs(x) <= 1e150 for x in row)]
    model = iforest.fit(clean, **options)
    assert model.psi == min(32, len(clean))
    unit = iforest.average_path(model.psi)
    roots = math.fsum(tree.expected for tree in model.trees) / 11
    for verdict in judge(data.rows, detector="iforest", features=data.features, **options):
        if verdict.score is not None:
            mean_path = -math.log2(verdict.score) * unit
            total = math.fsum(said(verdict, "contribution", data))
            assert total == pytest.approx((roots - mean_path) / unit, abs=1e-12)


def test_a_tree_holds_its_sample_and_no_more() -> None:
    rows = [(float(i), float(i * i % 37)) for i in range(100)]
    model = iforest.fit(rows, n_estimators=20, max_samples=33, random_state=1)

    def leaves(node: iforest.Node) -> list[iforest.Node]:
        if node.left is None or node.right is None:
            return [node]
        assert node.size == node.left.size + node.right.size
        return leaves(node.left) + leaves(node.right)

    for tree in model.trees:
        found = leaves(tree)
        assert sum(leaf.size for leaf in found) == tree.size == 33
        assert all(leaf.size >= 1 and leaf.depth <= 6 for leaf in found)


def test_another_seed_grows_another_forest() -> None:
    data = BY_NAME["planted"]
    call: dict[str, Any] = {"detector": "iforest", "features": data.features, "n_estimators": 5}
    assert judge(data.rows, **call) != judge(data.rows, random_state=1, **call)
    assert judge(data.rows, **call) == judge(data.rows, random_state=0, **call)


# --- probability and explanation ----------------------------------------------------------------------------


def test_the_probability_counts_the_fitted_scores_that_are_as_high() -> None:
    rows = [{"x": x} for x in (0.0, 1.0, 2.0, 3.0, 10.0, 10.0, 40.0, None)]
    verdicts = judge(rows, detector="ecod", features=["x"], where=lambda row: (row["x"] or 0) < 40)
    fitted = [v.score for v in verdicts[:6] if v.score is not None]
    for verdict in verdicts[:6]:
        above = sum(score >= (verdict.score or 0.0) for score in fitted)
        assert verdict.probability == 1 - above / 6
    above = sum(score >= (verdicts[6].score or 0.0) for score in fitted)
    assert verdicts[6].probability == 1 - (1 + above) / 7
    assert verdicts[7].probability is None


@pytest.mark.parametrize(
    "options", [{"order": "day"}, {"leave_one_out": True}, {"order": "day", "frame": Frame("rows", -9, 0)}]
)
def test_there_is_no_probability_with_an_order_or_without_the_row(options: dict[str, Any]) -> None:
    data = BY_NAME["gaussian"]
    verdicts = judge(data.rows, detector="zscore", features=data.features, **options)
    assert {verdict.probability for verdict in verdicts} == {None}


def test_an_explanation_puts_the_reason_first_and_the_unknown_last() -> None:
    rows = [{"a": float(i % 5), "b": float(i % 7), "c": float(i % 3)} for i in range(40)]
    rows += [{"a": 2.0, "b": 30.0, "c": None}]
    call: dict[str, Any] = {"detector": "zscore", "features": ["c", "a", "b"]}
    ignored = judge(rows, nulls="ignore", **call)[40]
    assert [part["feature"] for part in ignored.explanation or ()] == ["b", "a", "c"]
    assert (ignored.explanation or [])[2]["value"] is None
    missing = judge(rows, nulls="anomalous", **call)[40]
    assert [part["feature"] for part in missing.explanation or ()] == ["c", "b", "a"]
    assert judge(rows, **call)[40].explanation is None


@pytest.mark.parametrize("name", ["gaussian", "nonfinite", "constant_then_step", "boolean"])
@pytest.mark.parametrize("detector", ["zscore", "mad", "iqr", "ecod", "hbos", "mahalanobis"])
def test_there_is_an_explanation_exactly_where_there_is_a_reason(name: str, detector: str) -> None:
    data = BY_NAME[name]
    for verdict in judge(data.rows, detector=detector, features=data.features, nulls="anomalous"):
        assert (verdict.explanation is None) == (verdict.reason is None)
        if verdict.explanation is not None:
            assert verdict.explanation[0]["feature"] == verdict.reason
            assert {part["feature"] for part in verdict.explanation} == set(data.features)

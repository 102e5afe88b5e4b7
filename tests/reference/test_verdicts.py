"""The rules of verdicts: values and keys, statuses, missing features, thresholds, orders and frames."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from tests.conformance.datasets import BY_NAME
from tests.reference.judge import DETECTORS, Frame, judge
from tests.reference.rows import UNORDERED, column, scores, statuses
from tests.reference.values import as_float, group_key, usable

NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, 1.0),
        (False, 0.0),
        (7, 7.0),
        (Decimal("0.1000"), 0.1),
        (dt.date(1970, 1, 2), 86400.0),
        (dt.datetime(1970, 1, 1, 0, 0, 1, 5), 1.000005),
        (dt.datetime(1970, 1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=1))), 0.0),
        (None, None),
    ],
)
def test_a_feature_value_is_a_double(value: Any, expected: float | None) -> None:
    assert as_float(value) == expected


def test_only_finite_values_up_to_1e150_are_usable() -> None:
    values = [None, NAN, INF, -INF, 1e151, -1e308, 1e150, -0.0]
    assert [usable(value) for value in values] == [None] * 6 + [1e150, 0.0]


def test_null_nan_and_both_zeros_are_one_group_each() -> None:
    keys = [None, NAN, 0.0, -0.0, float("nan"), None]
    assert len({group_key([key]) for key in keys}) == 3


def test_two_hours_around_a_clock_change_are_one_hour_apart() -> None:
    rows = BY_NAME["timestamptz"].rows
    apart = [as_float(rows[i]["at"]) for i in (12, 13)]
    assert round((apart[1] or 0) - (apart[0] or 0)) == 3600


# --- statuses -----------------------------------------------------------------------------------------------


def test_statuses_say_why_there_is_no_score() -> None:
    rows = column(1.0, 2.0, 4.0, None, NAN, -INF, 1e308)
    verdicts = judge(rows, detector="zscore", features=["x"])
    assert statuses(verdicts) == ["ok"] * 3 + ["missing_value"] + ["out_of_range"] * 3


def test_a_group_without_fitted_rows_is_unseen() -> None:
    rows = [{"g": g, "x": x} for g, x in [("a", 1.0), ("a", 2.0), ("a", 4.0), ("b", 1.0), ("b", None)]]
    verdicts = judge(
        rows, detector="zscore", features=["x"], partition=["g"], where=lambda row: row["g"] == "a"
    )
    assert statuses(verdicts) == ["ok"] * 3 + ["unseen_group"] * 2


def test_a_null_condition_is_not_fitted() -> None:
    rows = column(1.0, 2.0, 3.0, 1000.0)
    verdicts = judge(
        rows, detector="zscore", features=["x"], where=lambda row: None if row["x"] > 9 else True
    )
    assert verdicts[3].score == pytest.approx(998.0)


def test_too_few_rows_and_warm_up_count_the_baseline() -> None:
    rows = [{"x": x, "day": day} for day, x in enumerate([1.0, 2.0, 4.0, 8.0])]
    assert statuses(judge(rows[:2], detector="zscore", features=["x"])) == ["too_few_rows"] * 2
    assert statuses(judge(rows, detector="zscore", features=["x"], order="day")) == ["warm_up"] * 3 + ["ok"]


def test_leave_one_out_counts_the_rows_that_are_left() -> None:
    rows = column(1.0, 2.0, 4.0)
    assert (
        statuses(judge(rows, detector="zscore", features=["x"], leave_one_out=True)) == ["too_few_rows"] * 3
    )


@pytest.mark.parametrize("detector", UNORDERED)
def test_a_constant_baseline_knows_only_its_own_value(detector: str) -> None:
    rows = column(0.1, 0.1, 0.1, 0.1, 0.2)
    verdicts = judge(rows, detector=detector, features=["x"], where=lambda row: row["id"] < 4, threshold=3.0)
    assert scores(verdicts) == [0.0] * 4 + [None]
    assert statuses(verdicts) == ["constant_baseline"] * 5
    assert verdicts[4].is_anomaly is None


@pytest.mark.parametrize("detector", UNORDERED)
def test_one_constant_feature_among_others_is_ok_for_its_own_value(detector: str) -> None:
    data = BY_NAME["constant"]
    assert set(statuses(judge(data.rows, detector=detector, features=data.features))) == {"ok"}


def test_an_anomaly_on_a_constant_baseline_needs_min_effect() -> None:
    rows = column(0.1, 0.1, 0.1, 0.1, 0.2, 5.0)
    verdicts = judge(rows, detector="zscore", features=["x"], where=lambda row: row["id"] < 4, min_effect=1.0)
    assert [(v.score, v.is_anomaly, v.reason) for v in verdicts[4:]] == [
        (None, None, None),
        (None, True, "x"),
    ]


def test_min_effect_mutes_small_differences() -> None:
    rows = column(*[1.0, 1.001] * 10, 1.05)
    assert judge(rows, detector="zscore", features=["x"])[20].is_anomaly is True
    assert judge(rows, detector="zscore", features=["x"], min_effect=0.5)[20].is_anomaly is False


def test_leaving_out_the_only_other_value_leaves_a_constant_baseline() -> None:
    rows = column(*[0.1] * 9, 5.0)
    verdicts = judge(rows, detector="zscore", features=["x"], leave_one_out=True)
    assert (verdicts[9].score, verdicts[9].status) == (None, "constant_baseline")
    assert verdicts[0].status == "ok"


def test_leaving_one_out_equals_its_closed_form() -> None:
    data = BY_NAME["gaussian"]
    rows = [row["amount"] for row in data.rows]
    n, mean = len(rows), math.fsum(rows) / len(rows)
    m2 = math.fsum((x - mean) ** 2 for x in rows)
    expected = [
        abs(x - mean) * n / (n - 1) / math.sqrt((m2 - n / (n - 1) * (x - mean) ** 2) / (n - 2)) for x in rows
    ]
    found = scores(judge(data.rows, detector="zscore", features=["amount"], leave_one_out=True))
    assert found == pytest.approx(expected, rel=1e-9)


# --- missing values -----------------------------------------------------------------------------------------

MISSING = "missing_value"
PAIRS = [
    {"a": a, "b": b} for a, b in [(1.0, 5.0), (2.0, 6.0), (4.0, 9.0), (None, 7.0), (3.0, NAN), (None, None)]
]


@pytest.mark.parametrize(
    ("nulls", "expected"),
    [
        ("propagate", [(None, None, MISSING), (None, None, "out_of_range"), (None, None, MISSING)]),
        ("ignore", [(False, "b", "ok"), (False, "a", "ok"), (None, None, MISSING)]),
        ("anomalous", [(True, "a", MISSING), (None, None, "out_of_range"), (True, "a", MISSING)]),
    ],
)
def test_missing_features_follow_the_policy(nulls: str, expected: list[tuple[Any, ...]]) -> None:
    verdicts = judge(PAIRS, detector="zscore", features=["a", "b"], nulls=nulls)[3:]
    assert [(v.is_anomaly, v.reason, v.status) for v in verdicts] == expected


def test_ignoring_the_missing_leaves_the_other_features() -> None:
    verdict = judge(PAIRS, detector="ecod", features=["a", "b"], nulls="ignore")[3]
    alone = judge(PAIRS, detector="ecod", features=["b"])[3]
    assert verdict.score == alone.score


# --- thresholds and reasons ---------------------------------------------------------------------------------


def test_a_score_on_the_threshold_is_not_an_anomaly() -> None:
    rows = column(*DETECTORS["zscore"].HAND_ROWS)
    limit = judge(rows, detector="zscore", features=["x"])[4].score
    assert limit is not None
    assert (
        judge(rows, detector="zscore", features=["x"], threshold=limit * (1 - 1e-12))[4].is_anomaly is False
    )
    assert judge(rows, detector="zscore", features=["x"], threshold=limit * (1 - 1e-6))[4].is_anomaly is True


def test_equal_terms_give_the_first_feature_in_call_order() -> None:
    data = BY_NAME["collinear"]
    for names in (data.features, data.features[::-1]):
        assert {v.reason for v in judge(data.rows, detector="zscore", features=names)} == {names[0]}


def test_a_contamination_is_taken_per_partition_over_the_fitted_scores() -> None:
    rows = [
        {"g": g, "x": x} for g in "ab" for x in ([1.0, 2.0, 3.0, 50.0] if g == "a" else [5.0, 6.0, 9.0, 9.5])
    ]
    verdicts = judge(
        rows,
        detector="ecod",
        features=["x"],
        partition=["g"],
        contamination=0.5,
        where=lambda row: row["x"] < 40,
    )
    for group, fitted in ((verdicts[:4], 3), (verdicts[4:], 4)):
        known = sorted(v.score for v in group[:fitted] if v.score is not None)
        assert group[0].threshold == pytest.approx(float(np.quantile(known, 0.5)), rel=1e-12)


@pytest.mark.parametrize(
    "options",
    [
        {"detector": "zscore", "threshold": 1.0, "contamination": 0.1},
        {"detector": "zscore", "order": "day", "contamination": 0.1},
        {"detector": "zscore", "contamination": 0.6},
        {"detector": "hbos", "order": "day"},
        {"detector": "ecod", "direction": "high"},
        {"detector": "mad", "leave_one_out": True},
        {"detector": "mad", "frame": Frame("rows", None, 0)},
        {"detector": "iqr", "leave_one_out": True},
        {"detector": "mahalanobis", "nulls": "ignore"},
        {"detector": "mahalanobis", "order": "day"},
        {"detector": "mahalanobis", "direction": "low"},
        {"detector": "iforest", "nulls": "ignore"},
        {"detector": "iforest", "leave_one_out": True},
        {"detector": "ewma"},
        {"detector": "ewma", "order": "day", "frame": Frame("rows", None, 0)},
        {"detector": "ewma", "order": "day", "contamination": 0.1},
    ],
)
def test_what_the_language_refuses_has_no_reference(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"refuse|exclude|contamination|needs"):
        judge([{"x": 1.0, "day": 1}], features=["x"], **options)


# --- order and frames ---------------------------------------------------------------------------------------

DAYS: list[dict[str, Any]] = [
    {"day": day, "x": x} for day, x in [(1, 1.0), (1, 3.0), (2, 5.0), (2, 4.0), (3, 100.0), (None, 7.0)]
]


def zscore_of(x: float, baseline: list[float]) -> float:
    return abs(x - float(np.mean(baseline))) / float(np.std(baseline, ddof=1))


def test_peers_never_judge_each_other() -> None:
    verdicts = judge(DAYS, detector="zscore", features=["x"], order="day", min_rows=2)
    assert scores(verdicts)[2:5] == pytest.approx(
        [zscore_of(5, [1, 3]), zscore_of(4, [1, 3]), zscore_of(100, [1, 3, 5, 4])], rel=1e-12
    )
    assert statuses(verdicts) == ["warm_up"] * 2 + ["ok"] * 3 + ["missing_value"]


def test_a_descending_order_looks_at_later_days() -> None:
    verdict = judge(DAYS, detector="zscore", features=["x"], order=[("day", "desc")], min_rows=2)[0]
    assert verdict.score == pytest.approx(zscore_of(1, [5, 4, 100]), rel=1e-12)


def test_a_rows_frame_breaks_ties_by_the_features_and_leaves_the_row_out() -> None:
    frame = Frame("rows", -2, 1)  # sorted: 1, 3, 4, 5, 100
    verdicts = judge(DAYS, detector="zscore", features=["x"], order="day", frame=frame, min_rows=2)
    expected = [
        zscore_of(3, [1, 4]),
        zscore_of(5, [3, 4, 100]),
        zscore_of(4, [1, 3, 5]),
        zscore_of(100, [4, 5]),
    ]
    assert scores(verdicts)[1:5] == pytest.approx(expected, rel=1e-12)
    assert statuses(verdicts)[0] == "warm_up"


def test_a_filter_inside_a_rows_frame_takes_rows_from_it_without_moving_it() -> None:
    verdicts = judge(
        DAYS, detector="zscore", features=["x"], order="day", frame=Frame("rows", -3, 0), min_rows=2,
        where=lambda row: row["x"] != 4.0,
    )  # fmt: skip
    assert verdicts[4].score == pytest.approx(zscore_of(100, [3, 5]), rel=1e-12)


def test_a_range_frame_holds_the_peers_but_not_the_row() -> None:
    frame = Frame("range", -1, 0)
    verdicts = judge(DAYS, detector="zscore", features=["x"], order="day", frame=frame, min_rows=2)
    expected = [zscore_of(5, [1, 3, 4]), zscore_of(4, [1, 3, 5]), zscore_of(100, [5, 4])]
    assert scores(verdicts)[2:5] == pytest.approx(expected, rel=1e-12)


def test_a_range_frame_of_days_moves_by_a_timedelta() -> None:
    rows = [{"at": dt.date(2024, 2, 27) + dt.timedelta(days=i), "x": float(i * i)} for i in range(5)]
    frame = Frame("range", dt.timedelta(days=-2), dt.timedelta(hours=-1))
    verdicts = judge(rows, detector="zscore", features=["x"], order="at", frame=frame, min_rows=2)
    assert verdicts[4].score == pytest.approx(zscore_of(16, [4, 9]), rel=1e-12)


def test_an_unbounded_frame_without_the_row_is_leave_one_out() -> None:
    data = BY_NAME["gaussian"]
    common: dict[str, Any] = {"detector": "zscore", "features": data.features, "partition": data.keys}
    left_out = judge(data.rows, leave_one_out=True, **common)
    for kind in ("rows", "range"):
        assert judge(data.rows, order="day", frame=Frame(kind, None, None), **common) == left_out

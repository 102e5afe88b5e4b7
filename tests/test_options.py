"""Every bad option or frame gives one error that says what, where and what to do, and runs nothing."""

from __future__ import annotations

import pytest

import sqlnomaly
from sqlnomaly.errors import CallError, SqlnomalyError, UnsupportedError, UsageError

BAD = [
    ("anomaly_score(x, treshold => 3) OVER ()", CallError, "treshold", "threshold"),
    ("anomaly_score(x, detector => 'zscor') OVER ()", CallError, "zscor", "zscore"),
    ("anomaly_score(x, detector = 'mad') OVER ()", CallError, "compares", "detector => 'mad'"),
    ("anomaly_score(x, detector => mad) OVER ()", CallError, "quoted text", "'mad'"),
    ("is_anomaly(x, threshold => 'high') OVER ()", CallError, "threshold", "number"),
    ("is_anomaly(x, threshold => 1e400) OVER ()", CallError, "threshold", "number"),
    ("is_anomaly(x, threshold => 3, contamination => 0.1) OVER ()", CallError, "exclude", "keep one"),
    ("is_anomaly(x, contamination => 0) OVER ()", CallError, "contamination", "0.5"),
    ("is_anomaly(x, contamination => 0.7) OVER ()", CallError, "contamination", "0.5"),
    ("is_anomaly(x, min_rows => 0) OVER ()", CallError, "min_rows", "1"),
    ("is_anomaly(x, min_rows => 2.5) OVER ()", CallError, "min_rows", "whole"),
    ("is_anomaly(x, min_rows => 99999999999999999999) OVER ()", CallError, "min_rows", "whole"),
    ("is_anomaly(x, y, min_effect => 5) OVER ()", CallError, "min_effect", "[5, 2]"),
    ("is_anomaly(x, min_effect => [1, 2]) OVER ()", CallError, "min_effect", "one value"),
    ("is_anomaly(x, min_effect => -1) OVER ()", CallError, "min_effect", "0 or more"),
    ("is_anomaly(x, min_effect => 1, detector => 'ecod') OVER ()", UnsupportedError, "min_effect", "zscore"),
    ("anomaly_score(x, direction => 'up') OVER ()", CallError, "up", "both"),
    ("anomaly_score(x, direction => 'high', detector => 'hbos') OVER ()", UnsupportedError, "sign", "mad"),
    ("anomaly_score(x, nulls => 'skip') OVER ()", CallError, "skip", "ignore"),
    ("anomaly_score(x, leave_one_out => 1) OVER ()", CallError, "leave_one_out", "TRUE"),
    ("anomaly_score(x, leave_one_out => TRUE, detector => 'mad') OVER ()", UnsupportedError, "50 %", "leave"),
    ("anomaly_score(x, ddof => 2) OVER ()", CallError, "ddof", "zscore"),
    ("anomaly_score(x, n_bins => 1, detector => 'hbos') OVER ()", CallError, "n_bins", "hbos"),
    ("anomaly_score(x, alpha => 1.5, detector => 'hbos') OVER ()", CallError, "alpha", "hbos"),
    ("anomaly_score(x, n_bins => 5) OVER ()", CallError, "n_bins", "allowed"),
    ("anomaly_score(x, ddof => 1, ddof => 0) OVER ()", CallError, "twice", "one"),
    ("anomaly_score(ddof => 1) OVER ()", CallError, "feature", "amount"),
    ("anomaly_score(ddof => 1, x) OVER ()", CallError, "behind", "first"),
    ("anomaly_score(x, model => 'm')", UnsupportedError, "found by a session", "connect"),
    ("anomaly_score(x, version => 2) OVER ()", CallError, "version is a part of model", "model => "),
    ("anomaly_expected(x, y) OVER ()", CallError, "one feature, and here are 2", "anomaly_explanation"),
    ("anomaly_expected(x, detector => 'ecod') OVER ()", UnsupportedError, "expects no value", "mad"),
    ("anomaly_upper(x, detector => 'hbos') OVER ()", UnsupportedError, "no band", "zscore"),
    ("anomaly_lower(x, alert_budget => 3) OVER ()", UnsupportedError, "a set of rows", "contamination"),
    ("anomaly_score(x, detector => 'ecod') OVER (ORDER BY id)", UnsupportedError, "causal", "zscore"),
    ("is_anomaly(x, contamination => 0.1) OVER (ORDER BY id)", UnsupportedError, "later", "threshold"),
    ("anomaly_score(x, leave_one_out => TRUE) OVER (ORDER BY id)", CallError, "twice", "leave"),
    ("anomaly_score(x) OVER (ORDER BY id GROUPS 3 PRECEDING)", UnsupportedError, "GROUPS", "ROWS"),
    (
        "anomaly_score(x) OVER (ORDER BY id ROWS 3 PRECEDING EXCLUDE TIES)",
        UnsupportedError,
        "EXCLUDE",
        "leave",
    ),
    ("anomaly_score(x) OVER (ROWS 3 PRECEDING)", CallError, "ORDER BY", "ROWS"),
    (
        "anomaly_score(x) OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND 5 PRECEDING)",
        CallError,
        "no row",
        "ROWS",
    ),
    ("anomaly_score(x) OVER (ORDER BY id ROWS -2 PRECEDING)", CallError, "negative", "PRECEDING"),
    (
        "anomaly_score(x, detector => 'hbos') OVER (ORDER BY id ROWS 3 PRECEDING)",
        UnsupportedError,
        "frame",
        "zscore",
    ),
    (
        "anomaly_score(x, detector => 'ecod') OVER (ORDER BY id RANGE 3 PRECEDING)",
        UnsupportedError,
        "RANGE",
        "mad",
    ),
    ("anomaly_score(x::BIT) OVER ()", sqlnomaly.BindError, "no number", "DOUBLE"),
    ("anomaly_score(name) OVER ()", sqlnomaly.BindError, "text", "PARTITION BY"),
]


@pytest.mark.parametrize(("call", "kind", "what", "remedy"), BAD, ids=[bad[0] for bad in BAD])
def test_a_bad_call_says_what_where_and_what_to_do(
    call: str, kind: type[SqlnomalyError], what: str, remedy: str
) -> None:
    """The message names the fault, the place holds the user's own text, the hint the remedy."""
    schema = {"t": {"id": "BIGINT", "x": "DOUBLE", "y": "DOUBLE", "name": "VARCHAR"}}

    with pytest.raises(kind) as caught:
        sqlnomaly.compile(f"SELECT id, {call} AS s FROM t", schema=schema)

    error = caught.value
    assert what.lower() in error.message.lower()
    assert error.where
    assert remedy.lower() in (error.hint or "").lower()


@pytest.mark.parametrize("side", ["read", "write"])
def test_an_unknown_dialect_names_the_nearest(side: str) -> None:
    """Before anything is parsed."""
    with pytest.raises(UsageError, match="did you mean 'snowflake'"):
        sqlnomaly.compile("SELECT anomaly_score(x) FROM t", **{side: "snowflak"})


def test_a_framed_median_takes_pairs_of_rows_where_the_dialect_has_no_lists() -> None:
    call = "anomaly_score(x, detector => 'mad') OVER (ORDER BY id ROWS 6 PRECEDING)"

    sql = sqlnomaly.compile(f"SELECT {call} FROM t", write="bigquery").sql

    assert "_sn__stretch" in sql
    assert "ARRAY" not in sql

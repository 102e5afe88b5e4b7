"""Loops of the session along the rows of a series say what windows say, and are chosen where they are worth it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import sqlnomaly
from sqlnomaly.engines import duckdb as engine
from sqlnomaly.engines import spark as spark_engine
from sqlnomaly.errors import EngineError, UnsupportedError
from sqlnomaly.pushdown.walk import sorting
from sqlnomaly.udfs.age_kernels import merge_tail, middle_of, numbers_of, quantile
from sqlnomaly.udfs.kept_kernels import kept
from sqlnomaly.udfs.walk_kernels import framed, moments_before
from tests.conftest import missing_engine
from tests.thorough import some

ANSWERS = ("score", "status", "expected", "lower", "upper")
CALLS = (
    "v",
    "v, w, nulls => 'ignore'",
    "v, ddof => 0, direction => 'high'",
    "v, season => 'hour'",
    "v, detector => 'ewma'",
    "v, w, detector => 'ewma', alpha => 0.9, min_rows => 2",
    "v, detector => 'ewma', alpha => 0.99, min_rows => 1",
    "v, detector => 'seasonal', min_rows => 5",
    "v, w, detector => 'seasonal', season => 'hour', min_rows => 3",
)
WINDOWS = (
    "OVER (ORDER BY ts DESC)",
    "FILTER (WHERE f) OVER (PARTITION BY k, f ORDER BY ts)",
)
KINDS = ("holes", "rounded", "constant", "tiny", "huge")
FRAMES = (
    "30 PRECEDING AND CURRENT ROW",
    "5 PRECEDING AND 5 FOLLOWING",
    "9 PRECEDING AND 4 PRECEDING",
    "1 FOLLOWING AND 7 FOLLOWING",
    "UNBOUNDED PRECEDING AND 3 PRECEDING",
    "UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
    "2 FOLLOWING AND UNBOUNDED FOLLOWING",
    "1000 PRECEDING AND 900 FOLLOWING",
)


def rows(kind: str, size: int = 400) -> pa.Table:
    """Rows of five series, one of them with the key NULL; several share an hour."""
    random = np.random.default_rng(1)
    values = random.normal(size=(2, size))
    hours = random.integers(0, size // 2, size)
    values = {
        "plain": values,
        "holes": values,
        "rounded": np.round(values * 3) + np.arange(size) * 1e-9,
        "constant": np.full((2, size), 3.3),
        "tiny": values * 1e-12,
        "huge": values * 1e140,
    }[kind]
    stamps = (np.datetime64("2025-03-01", "us") + hours * np.timedelta64(3_600_000_000, "us")).tolist()
    columns: list[list[Any]] = [one.tolist() for one in values]
    if kind == "holes":
        for at, hole in enumerate((None, math.nan, math.inf, -math.inf, 1e160)):
            columns[0][at::23] = [hole] * len(columns[0][at::23])
        stamps[::31] = [None] * len(stamps[::31])
    keys = [None if key == 4 else key for key in random.integers(0, 5, size).tolist()]
    flags = (random.random(size) < 0.8).tolist()
    return pa.table(
        {
            "id": range(size),
            "k": keys,
            "ts": pa.array(stamps, pa.timestamp("us")),
            "v": pa.array(columns[0], pa.float64()),
            "w": pa.array(columns[1], pa.float64()),
            "f": flags,
            "_sn__": ["text"] * size,
        }
    )


@pytest.fixture
def session() -> Iterator[sqlnomaly.Session]:
    with sqlnomaly.connect() as one:
        yield one


@pytest.fixture(scope="module")
def on_spark() -> Iterator[sqlnomaly.Session]:
    try:
        one = sqlnomaly.connect("spark")
    except EngineError as error:
        missing_engine("spark", str(error))
    with one:
        yield one


@pytest.fixture
def walking(monkeypatch: pytest.MonkeyPatch) -> None:
    for one in (engine, spark_engine):
        monkeypatch.setattr(one, "WORTH_A_WALK", 0)


def both(
    session: sqlnomaly.Session, monkeypatch: pytest.MonkeyPatch, query: str
) -> list[list[tuple[Any, ...]]]:
    """The rows by windows, and by a walk."""
    found = []
    for least in (10**9, 0):
        for one in (engine, spark_engine):
            monkeypatch.setattr(one, "WORTH_A_WALK", least)
        result = session.sql(query)
        assert ("_SN_WALK" in result.sql) is (least == 0)
        found.append(result.fetchall())
    return found


def differing(plain: list[tuple[Any, ...]], walked: list[tuple[Any, ...]]) -> list[tuple[Any, Any]]:
    """The values of both, column by column, that are farther apart than rounding."""
    found = []
    for ours, theirs in zip(zip(*plain, strict=True), zip(*walked, strict=True), strict=True):
        numbers = [abs(one) for one in ours if isinstance(one, float)]
        for one, other in zip(ours, theirs, strict=True):
            if isinstance(one, float) and isinstance(other, float):
                apart = abs(one - other) > 1e-9 * max(abs(one), sorted(numbers)[len(numbers) // 2])
            else:
                apart = one != other
            found += [(one, other)] if apart else []
    return found


def asked(call: str, *windows: str) -> str:
    answers = ANSWERS[:2] if ", w," in call else ANSWERS
    return ", ".join(f"anomaly_{answer}({call}) {window}" for window in windows for answer in answers)


@pytest.mark.parametrize("kind", some(KINDS, every=None, and_also=("holes",)))
@pytest.mark.parametrize("call", CALLS)
def test_a_walk_says_of_each_row_what_windows_say(
    session: sqlnomaly.Session, monkeypatch: pytest.MonkeyPatch, call: str, kind: str
) -> None:
    session.load("t", rows(kind))
    plain, walked = both(session, monkeypatch, f"SELECT id, {asked(call, *WINDOWS)} FROM t ORDER BY id")
    assert differing(plain, walked) == []


@pytest.mark.parametrize("frame", some(FRAMES, every=None, and_also=FRAMES[:2]))
@pytest.mark.parametrize("call", ["v", "v, w, nulls => 'ignore', min_rows => 2"])
def test_a_walk_along_a_frame_says_what_windows_say(
    session: sqlnomaly.Session, monkeypatch: pytest.MonkeyPatch, call: str, frame: str
) -> None:
    session.load("t", rows("rounded"))
    window = f"OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN {frame})"
    plain, walked = both(session, monkeypatch, f"SELECT id, {asked(call, window)} FROM t ORDER BY id")
    assert differing(plain, walked) == []


def test_a_walk_keeps_every_column_of_the_rows(session: sqlnomaly.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    session.load("t", rows("holes"))
    query = "SELECT *, ROUND(anomaly_score(v) OVER (PARTITION BY k ORDER BY ts), 6) AS s FROM t ORDER BY id"
    plain, walked = both(session, monkeypatch, query)
    assert str(plain) == str(walked)


def test_walks_and_other_fits_stand_in_one_query(session: sqlnomaly.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    session.load("t", rows("plain"))
    calls = ("v", "v, detector => 'ewma'", "v, detector => 'mad'")
    score = " + ".join(f"COALESCE(anomaly_score({call}) OVER (PARTITION BY k ORDER BY ts), 0)" for call in calls[:2])
    query = f"SELECT id, {score} + anomaly_score({calls[2]}) OVER (PARTITION BY k) AS s FROM t ORDER BY id"
    plain, walked = both(session, monkeypatch, query)
    assert differing(plain, walked) == []


@pytest.mark.usefixtures("walking")
def test_no_rows_have_no_scores(session: sqlnomaly.Session) -> None:
    session.load("t", rows("plain").slice(0, 0))
    assert session.sql("SELECT anomaly_score(v) OVER (PARTITION BY k ORDER BY ts) AS s FROM t").fetchall() == []


@pytest.mark.spark
@pytest.mark.parametrize(
    "call", ["v, w, nulls => 'ignore'", "v, season => 'hour'", "v, detector => 'seasonal', min_rows => 5"]
)
def test_a_walk_on_spark_says_what_windows_say(
    on_spark: sqlnomaly.Session, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    on_spark.load("t", rows("holes"))
    plain, walked = both(on_spark, monkeypatch, f"SELECT id, {asked(call, WINDOWS[1])} FROM t ORDER BY id")
    assert differing(plain, walked) == []


@pytest.mark.spark
def test_a_walk_on_spark_goes_along_frames_and_keeps_every_column(
    on_spark: sqlnomaly.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_spark.load("t", rows("rounded"))
    window = f"OVER (PARTITION BY k ORDER BY ts DESC, id ROWS BETWEEN {FRAMES[1]})"
    query = f"SELECT *, {asked('v', window)} FROM t ORDER BY id"
    plain, walked = both(on_spark, monkeypatch, query)
    assert differing(plain, walked) == []
    plan = on_spark.explain(query)
    assert "a function that the session registers walks along the rows" in plan


@pytest.mark.spark
def test_spark_walks_where_its_sources_are_large_or_unknown(on_spark: sqlnomaly.Session) -> None:
    on_spark.load("t", rows("plain"))
    spark = on_spark.engine
    many = f"SELECT id FROM range({spark_engine.WORTH_A_WALK})"
    assert not spark.takes_walks("WITH s AS (SELECT * FROM t) SELECT * FROM s JOIN s AS o ON s.id < o.id")
    assert spark.takes_walks(f"WITH s AS ({many}) SELECT * FROM s")
    assert not spark.takes_walks("SELECT * FROM nowhere")


@pytest.mark.spark
def test_spark_walks_only_where_its_workers_have_this_sqlnomaly(
    on_spark: sqlnomaly.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = f"SELECT id FROM range({spark_engine.WORTH_A_WALK})"
    alone = spark_engine.Spark.around(on_spark.engine._session)  # type: ignore[attr-defined]
    monkeypatch.setattr(spark_engine, "__version__", "another")
    assert not alone.takes_walks(many)


@pytest.mark.usefixtures("walking")
@pytest.mark.parametrize(
    ("keys", "order"),
    [
        ("'a', 'A', 'b', 'c'", "at COLLATE NOCASE"),
        ("'a', 'a', 'b', 'c'", "at"),
        ("INTERVAL 30 DAY, INTERVAL 1 MONTH, INTERVAL 2 MONTH, INTERVAL 3 MONTH", "at"),
        ("{'a': 0.0::DOUBLE}, {'a': -0.0::DOUBLE}, {'a': 1.0::DOUBLE}, {'a': 2.0::DOUBLE}", "at"),
        ("NULL, NULL, 1, 2", "at"),
    ],
)
def test_an_engine_says_itself_who_are_peers_where_equal_keys_may_look_different(
    session: sqlnomaly.Session, keys: str, order: str
) -> None:
    rows = f"(SELECT UNNEST([{keys}]) AS at, UNNEST([1.0, 9.0, 2.0, 4.0]) AS x)"
    asked = session.sql(f"SELECT x, anomaly_expected(x, min_rows => 1) OVER (ORDER BY {order}) AS e FROM {rows}")
    expected = [None, None, None, 2.0] if keys.startswith("NULL") else [None, None, 5.0, 4.0]
    assert dict(asked.fetchall()) == dict(zip((1.0, 9.0, 2.0, 4.0), expected, strict=True))
    assert ("_SN_WALK" in asked.sql) == keys.startswith("NULL")


KEYS = {
    "whole": pa.array([3, None, -1, 2, 2, None, 1, 5, 5, 0] * 20, pa.int32()),
    "unsigned": pa.array([3, None, 2**64 - 1, 2, 2, None, 1, 5, 5, 0] * 20, pa.uint64()),
    "float": pa.array([3.0, None, -1.5, math.nan, -0.0, 0.0, math.inf, -math.inf, 5, 1e-300] * 20),
    "decimal": pa.array([Decimal("1.5"), None, Decimal(-3), Decimal("1.5"), Decimal(9)] * 40),
    "time": pa.array([10**15, 1, None, 5, 7] * 40, pa.timestamp("us", "UTC")),
    "day": pa.array([10, 1, None, 5, 7] * 40, pa.date32()),
}


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("size", [10, 100])
@pytest.mark.parametrize("kind", KEYS)
def test_rows_are_sorted_by_their_keys_in_each_series(kind: str, size: int, descending: bool) -> None:
    """By Python's own sort: NaN is the largest number, both zeros are equal, and what is missing comes last."""
    key, starts = KEYS[kind], np.arange(0, 201, size)

    def place(row: int) -> tuple[bool, Any]:
        value = key[row].as_py()
        odd = isinstance(value, float) and math.isnan(value)
        return (odd, 0 if odd else value)

    expected: list[int] = []
    for begin, end in pairwise(starts.tolist()):
        there = [row for row in range(begin, end) if key[row].is_valid]
        gone = [row for row in range(begin, end) if not key[row].is_valid]
        expected += [*sorted(there, key=place, reverse=descending), *gone]
    found = sorting([key], [descending], starts)
    assert found is not None
    told = [repr(key[row].as_py() or 0.0) for row in found.tolist()]
    assert told == [repr(key[row].as_py() or 0.0) for row in expected]


def test_rows_are_sorted_by_the_next_key_where_one_is_equal() -> None:
    keys = [pa.array([1, 1, 0, 0, 2, 1]), pa.array([1.0, 2.0, 5.0, 5.0, 0.0, 9.0])]
    order = sorting(keys, [False, True], np.array([0, 4, 6]))
    assert order is not None
    assert order.tolist() == [2, 3, 1, 0, 5, 4]
    assert sorting(keys, [False, True], np.arange(7)) is None


@pytest.mark.usefixtures("walking")
def test_a_nan_and_both_zeros_are_peers(session: sqlnomaly.Session) -> None:
    keys = "(VALUES (-0.0::DOUBLE, 1.0), (0.0, 3.0), ('nan'::DOUBLE, 5.0), ('nan', 7.0)) AS t(at, x)"
    query = f"SELECT x, anomaly_expected(x, min_rows => 1) OVER (ORDER BY at) AS e FROM {keys} ORDER BY x"
    assert [row[1] for row in session.sql(query).fetchall()] == [None, None, 2.0, 2.0]


def test_a_few_rows_are_judged_by_windows(session: sqlnomaly.Session) -> None:
    session.load("t", rows("plain"))
    assert "_SN_WALK" not in session.sql("SELECT anomaly_score(v) OVER (ORDER BY ts) AS s FROM t").sql


def test_many_rows_are_walked_along(session: sqlnomaly.Session) -> None:
    many = "(SELECT i AS t, i % 7 AS x FROM range(400_000) AS r(i))"
    query = f"SELECT COUNT(s) FROM (SELECT anomaly_score(x) OVER (ORDER BY t) AS s FROM {many})"
    result = session.sql(query)
    assert "_SN_WALK" in result.sql
    assert result.fetchall() == [(399_997,)]


@pytest.mark.usefixtures("walking")
def test_what_memory_does_not_hold_is_judged_by_windows(session: sqlnomaly.Session) -> None:
    session.sql("CREATE TABLE t AS SELECT i AS t, i % 7 AS x FROM range(100_000) AS r(i)")
    session.sql("SET memory_limit = '30 MB'")
    assert "walks along" not in session.explain("SELECT anomaly_score(x) OVER (ORDER BY t) AS s FROM t")


@pytest.mark.usefixtures("walking")
def test_rows_too_wide_for_lists_are_judged_by_windows_that_spill(session: sqlnomaly.Session, tmp_path: Path) -> None:
    session.load("t_", rows("plain", 40_000))
    session.sql("CREATE TABLE t AS SELECT *, REPEAT('a', 2000) || id AS payload FROM t_")
    for setting in ("threads = 1", f"temp_directory = '{tmp_path}'", "memory_limit = '100MB'"):
        session.sql(f"SET {setting}")
    query = "SELECT *, anomaly_score(v) OVER (PARTITION BY k ORDER BY ts) AS s FROM t"
    assert "walks along" in session.explain(query)
    found = session.sql(f"CREATE TABLE scored AS {query}")
    assert "_SN_WALK" not in found.sql
    assert session.sql("SELECT COUNT(*), COUNT(s) > 30000 FROM scored").fetchall() == [(40_000, True)]


def test_a_view_holds_windows(session: sqlnomaly.Session) -> None:
    session.load("t", rows("plain"))
    session.sql("CREATE TEMPORARY VIEW judged AS SELECT id, anomaly_score(v) OVER (ORDER BY ts) AS s FROM t")
    assert len(session.sql("SELECT s FROM judged").fetchall()) == 400


@pytest.mark.usefixtures("walking")
def test_the_plan_says_that_a_function_walks_along(session: sqlnomaly.Session) -> None:
    session.load("t", rows("plain"))
    plan = session.explain("SELECT anomaly_score(v) OVER (ORDER BY ts) AS s FROM t")
    assert "of SQL and functions of the session" in plan
    assert "a function that the session registers walks along the rows" in plan


@pytest.mark.usefixtures("walking")
def test_compiling_gives_windows_for_whoever_runs_them_elsewhere(session: sqlnomaly.Session) -> None:
    session.load("t", rows("plain"))
    assert "_sn_walk" not in session.compile("SELECT anomaly_score(v) OVER (ORDER BY ts) AS s FROM t").sql.lower()


@pytest.mark.usefixtures("walking")
def test_functions_are_gone_after_the_query(session: sqlnomaly.Session) -> None:
    session.load("t", rows("plain"))
    session.sql("SELECT anomaly_score(v) OVER (ORDER BY ts) AS s FROM t")
    names = "SELECT COUNT(*) FROM duckdb_functions() WHERE function_name LIKE '_sn_walk%'"
    assert session.sql(names).fetchall() == [(0,)]


@pytest.mark.usefixtures("walking")
def test_a_stream_is_walked_along_too(session: sqlnomaly.Session) -> None:
    session.load("t", rows("plain"))
    stream = session.stream("SELECT id, anomaly_score(v) OVER (ORDER BY ts) AS s FROM t")
    assert stream.read_all().num_rows == 400


def test_a_plan_with_functions_is_no_text() -> None:
    from sqlnomaly.compiling import compile_bound

    query = "SELECT anomaly_score(v) OVER (ORDER BY ts) FROM t"
    compiled = compile_bound(query, "duckdb", "duckdb", schema={"t": {"v": "DOUBLE", "ts": "TIMESTAMP"}}, walks={})
    with pytest.raises(UnsupportedError, match="not SQL alone"):
        _ = compiled.sql


@pytest.mark.parametrize("pieces", [((-3, -1),), ((-3, -1), (1, 2)), ((2, 5),), ((-(1 << 40), -2),)])
def test_the_moments_of_frames_are_those_of_their_values(pieces: tuple[tuple[int, int], ...]) -> None:
    random = np.random.default_rng(0)
    values = random.normal(size=23) + 1e6
    values[[2, 3, 11]] = np.nan
    starts = np.array([0, 1, 9, 23])
    n, mean, m2, low, high = framed(values, starts, pieces)
    for begin, end in pairwise(starts.tolist()):
        for row in range(begin, end):
            inside = [values[at] for a, b in pieces for at in range(max(begin, row + a), min(end, row + b + 1))]
            seen = np.array([x for x in inside if not np.isnan(x)])
            assert n[row] == len(seen)
            if len(seen):
                assert (low[row], high[row]) == (seen.min(), seen.max())
                assert mean[row] == pytest.approx(seen.mean(), rel=1e-15)
                assert m2[row] == pytest.approx(((seen - seen.mean()) ** 2).sum(), rel=1e-8, abs=1e-9)


def test_moments_of_values_far_from_zero_keep_their_digits() -> None:
    values = 1.7e9 + np.random.default_rng(0).normal(size=1000)
    _, _, m2, _, _ = moments_before(values, np.array([0, 1000]), np.arange(1000))
    assert m2[-1] == pytest.approx((values[:-1] - values[0]).var() * 999, rel=1e-12)


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 0.95, 1.0])
@pytest.mark.parametrize("size", [1, 2, 3, 10, 101])
def test_a_quantile_is_that_of_numpy(size: int, share: float) -> None:
    values = np.round(np.random.default_rng(size).normal(size=size), 1)
    assert quantile(values.copy(), size, share) == pytest.approx(np.quantile(values, share), rel=1e-14, abs=1e-15)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 10, 101, 500])
@pytest.mark.parametrize("digits", [0, 6])
def test_median_and_mad_of_values_in_order_are_those_of_numpy(size: int, digits: int) -> None:
    values = np.round(np.random.default_rng(size).normal(size=size), digits)
    for done in {0, size // 3, size}:
        merged = np.concatenate([np.sort(values[:done]), values[done:]])
        merge_tail(merged, done, size)
        assert merged.tolist() == sorted(values.tolist())
        found = middle_of(merged, size)
        median = np.median(values) if size else np.nan
        assert found == pytest.approx((median, np.median(np.abs(values - median)) if size else np.nan), nan_ok=True)


def test_many_combinations_of_slots_are_numbered_by_those_that_are_there() -> None:
    slots = [np.array([0, 5_000, 0]), np.array([0, 5_000, 1])]
    numbers, count = numbers_of(slots, 3)
    assert (numbers.tolist(), count) == ([0, 2, 1], 3)


def test_a_loop_of_no_file_is_compiled_without_being_kept() -> None:
    def twice(x: int) -> int:
        return 2 * x

    nowhere = FunctionType(twice.__code__.replace(co_filename="<nowhere>"), {})
    assert kept(nowhere)(4) == 8

"""seasonal: every score against plain Python by brute force, with slots, peers, gaps and filters."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pyarrow as pa
import pytest

import sqlnomaly
from sqlnomaly.errors import BindError, CallError, UnsupportedError
from sqlnomaly.session import Session
from tests.engines.sessions import on_postgres, on_spark
from tests.reference.seasonal import age, centre_of
from tests.reference.values import quantile

Slots = Callable[[dt.datetime], tuple[int, ...]]
SEASONAL = "detector => 'seasonal'"
START = dt.datetime(2025, 3, 3)


def hour_dow(time: dt.datetime) -> tuple[int, ...]:
    return (time.hour, time.isoweekday())


def weekend_dow(time: dt.datetime) -> tuple[int, ...]:
    return (int(time.isoweekday() > 5), time.isoweekday())


def by_hand(times: Sequence[Any], values: Sequence[float | None], slots: Slots, least: int) -> list[float | None]:
    """The score of each row, by the rows of the same slots before it; a missing value is a row without one."""
    rows = sorted(zip(times, values, range(len(values)), strict=True), key=lambda row: row[0])
    depth = len(slots(times[0]))

    def rank(at: int, part: int) -> int:
        same = [row for row in rows if row[0] < rows[at][0] and slots(row[0])[:part] == slots(rows[at][0])[:part]]
        return len(same)

    ranks = {part: [rank(at, part) for at in range(len(rows))] for part in range(depth + 1)}

    def before(at: int, part: int) -> list[int]:
        """The rows of its slot from before its age began."""
        mine = [k for k in range(len(rows)) if slots(rows[k][0])[:part] == slots(rows[at][0])[:part]]
        now = age(ranks[part][at], least)
        if now is None:
            return []
        first = min(ranks[part][k] for k in mine if age(ranks[part][k], least) == now)
        return [k for k in mine if ranks[part][k] < first]

    def baseline(at: int) -> tuple[float, float, int] | None:
        for part in range(depth, 0, -1) or [0]:
            known = [x for k in before(at, part) if (x := rows[k][1]) is not None]
            if len(known) >= least:
                return centre_of(known)
        return None

    centres = [baseline(at) for at in range(len(rows))]
    scores: list[float | None] = [None] * len(rows)
    for at, (_, x, index) in enumerate(rows):
        misses = [
            abs(v - c[0]) for k in before(at, 0) if (v := rows[k][1]) is not None and (c := centres[k]) is not None
        ]
        own = centres[at]
        if own is None or x is None or len(misses) < least:
            continue
        scale = math.hypot(own[1] / 0.6744897501960817, quantile(misses, 0.98) / 2.3263478740408408) / math.sqrt(2)
        scores[index] = abs(x - own[0]) / scale
    return scores


@pytest.fixture
def session() -> Iterator[Session]:
    with sqlnomaly.connect() as opened:
        yield opened


def series(days: int = 24, *, each: int = 2) -> pa.Table:
    """Hours of a day with a daily and a weekly rhythm, ``each`` rows an hour of equal time, gaps and missing values."""
    rng = random.Random(3)
    times, values = [], []
    for hour in range(0, days * 24, 6):
        for _ in range(each):
            time = START + dt.timedelta(hours=hour)
            if rng.random() < 0.05:
                continue
            times.append(time)
            level = 10 + hour % 24 + (8 if time.isoweekday() > 5 else 0)
            values.append(None if rng.random() < 0.05 else level + rng.gauss(0, 1) + 20 * (hour == 19 * 24))
    order = list(range(len(times)))
    rng.shuffle(order)
    return pa.table({"id": order, "ts": [times[k] for k in order], "x": [values[k] for k in order]})


def asked(session: Session, table: pa.Table, options: str = "", window: str = "ORDER BY ts") -> dict[int, Any]:
    session.load("series", table)
    call = f"anomaly_score(x, detector => 'seasonal', {options}) OVER ({window})"
    found = session.sql(f"SELECT id, {call.replace(', )', ')')} AS s FROM series", read="duckdb").arrow()
    return dict(zip(found.column("id").to_pylist(), found.column("s").to_pylist(), strict=True))


def check(session: Session) -> None:
    """Hours and days of the week, scores as by hand; the odd day is found."""
    table = series()
    found = asked(session, table, "min_rows => 4")
    wanted = by_hand(table.column("ts").to_pylist(), table.column("x").to_pylist(), hour_dow, 4)
    assert found == pytest.approx(dict(zip(table.column("id").to_pylist(), wanted, strict=True)), nan_ok=True)
    known = [score for score in found.values() if score is not None]
    assert 100 < len(known) < len(found)
    assert max(known) > 5


def test_every_score_is_that_of_its_hour_and_day_so_far(session: Session) -> None:
    check(session)


@pytest.mark.postgres
def test_postgres_gives_the_same() -> None:
    with on_postgres() as session:
        check(session)


@pytest.mark.spark
def test_spark_gives_the_same() -> None:
    with on_spark() as session:
        check(session)


@pytest.mark.parametrize("time_type", [pa.timestamp("us"), pa.date32(), pa.int64()])
def test_without_the_option_the_season_is_that_of_the_kind_of_time(session: Session, time_type: pa.DataType) -> None:
    rng = random.Random(8)
    days = [START + dt.timedelta(days=k) for k in range(90)]
    values = [rng.gauss(10 + 5 * (day.isoweekday() > 5), 1) for day in days]
    times: list[Any] = list(range(90)) if time_type == pa.int64() else days
    table = pa.table({"id": list(range(90)), "ts": pa.array(times, time_type), "x": values})
    slots: Slots = {pa.timestamp("us"): hour_dow, pa.date32(): weekend_dow}.get(time_type, lambda _: ())
    wanted = by_hand(times, values, slots, 6)
    assert asked(session, table, "min_rows => 6") == pytest.approx(dict(enumerate(wanted)))


def test_the_slots_of_the_option_go_from_coarse_to_fine(session: Session) -> None:
    table = series()
    times, values, ids = (table.column(name).to_pylist() for name in ("ts", "x", "id"))
    found = asked(session, table, "min_rows => 3, season => ['dow', 'hour']")
    wanted = by_hand(times, values, lambda time: (time.isoweekday(), time.hour), 3)
    assert found == pytest.approx(dict(zip(ids, wanted, strict=True)))
    found = asked(session, table, "min_rows => 3, season => 'hour'")
    assert found == pytest.approx(dict(zip(ids, by_hand(times, values, lambda t: (t.hour,), 3), strict=True)))


def test_a_row_that_is_not_fitted_is_scored_and_in_no_median(session: Session) -> None:
    table = series()
    session.load("series", table)
    call = "anomaly_score(x, detector => 'seasonal', min_rows => 4) FILTER (WHERE id % 5 > 0) OVER (ORDER BY ts)"
    found = dict(session.sql(f"SELECT id, {call} FROM series").fetchall())
    ids, times, values = (table.column(name).to_pylist() for name in ("id", "ts", "x"))
    kept = [x if k % 5 else None for k, x in zip(ids, values, strict=True)]
    wanted = dict(zip(ids, by_hand(times, kept, hour_dow, 4), strict=True))
    assert {k: v for k, v in found.items() if k % 5} == pytest.approx({k: v for k, v in wanted.items() if k % 5})
    assert sum(score is not None for k, score in found.items() if k % 5 == 0) > 10


def test_no_row_is_judged_by_later_rows_or_by_its_peers(session: Session) -> None:
    table = series(each=1).sort_by("ts")
    half = table.slice(0, table.num_rows // 2)
    whole, first = asked(session, table, "min_rows => 4"), asked(session, half, "min_rows => 4")
    assert {k: whole[k] for k in first} == first
    peers = pa.concat_tables([half, half.slice(half.num_rows - 1).set_column(0, "id", [[-1]])])
    assert {k: v for k, v in asked(session, peers, "min_rows => 4").items() if k >= 0} == first


def test_partitions_are_series_of_their_own(session: Session) -> None:
    table = series()
    alone = asked(session, table, "min_rows => 4")
    odd = pa.table({"id": [-k - 1 for k in range(table.num_rows)], "ts": table["ts"], "x": [1e9] * table.num_rows})
    keyed = [
        part.append_column("k", pa.array([key] * part.num_rows, pa.string()))
        for key, part in (("a", table), (None, odd))
    ]
    both = asked(session, pa.concat_tables(keyed), "min_rows => 4", "PARTITION BY k ORDER BY ts")
    assert {k: v for k, v in both.items() if k >= 0} == pytest.approx(alone)


@pytest.mark.parametrize(
    ("values", "statuses"),
    [
        ([5.0] * 9, {"warm_up", "constant_baseline"}),
        ([5.0] * 8 + [6.0], {"warm_up", "constant_baseline"}),
        ([1.0, 2.0, 3.0], {"warm_up"}),
        ([1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, math.nan], {"warm_up", "ok", "out_of_range"}),
        ([1e-140, 2e-140, 1e-140, 3e-140, 2e-140, 1e-140, 5e-140], {"warm_up", "ok"}),
        ([1e149, 2e149, -1e149, 3e149, 2e149, 1e149, 5e149], {"warm_up", "ok"}),
        ([], set()),
    ],
)
def test_what_does_not_vary_or_is_short_has_its_status(
    session: Session, values: list[float], statuses: set[str]
) -> None:
    session.load("series", pa.table({"t": range(len(values)), "x": pa.array(values, pa.float64())}))
    call = "anomaly_status(x, detector => 'seasonal', min_rows => 2) OVER (ORDER BY t)"
    assert {status for (status,) in session.sql(f"SELECT {call} FROM series").fetchall()} == statuses


def test_the_band_holds_what_is_no_anomaly(session: Session) -> None:
    session.load("series", series())
    names = ("is_anomaly", "anomaly_lower", "anomaly_expected", "anomaly_upper")
    call = "(x, detector => 'seasonal', min_rows => 4) OVER (ORDER BY ts)"
    rows = session.sql(f"SELECT x, {', '.join(name + call for name in names)} FROM series").fetchall()
    judged = [row for row in rows if row[1] is not None and row[2] is not None]
    assert len(judged) > 100
    assert all(odd == (not low <= x <= high) and low < middle < high for x, odd, low, middle, high in judged)


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        ("anomaly_score(x, {}) OVER ()", UnsupportedError, "needs ORDER BY"),
        ("anomaly_score(x, {}) OVER (ORDER BY ts ROWS 5 PRECEDING)", UnsupportedError, "frame"),
        ("is_anomaly(x, {}, contamination => 0.1) OVER (ORDER BY ts)", UnsupportedError, "later scores"),
        ("anomaly_score(x, {}, season => 'hour') OVER (ORDER BY id)", BindError, "a date or a timestamp"),
        ("anomaly_score(x, {}, alpha => 0.1) OVER (ORDER BY ts)", CallError, "alpha"),
    ],
)
def test_what_has_no_meaning_is_refused(session: Session, call: str, kind: type[Exception], words: str) -> None:
    session.load("series", series(2))
    with pytest.raises(kind, match=words):
        session.sql(f"SELECT {call.format(SEASONAL)} FROM series").fetchall()


def test_a_time_of_which_nobody_knows_the_kind_is_refused() -> None:
    query = "SELECT anomaly_score(x, detector => 'seasonal') OVER (ORDER BY ts) FROM series"
    with pytest.raises(BindError, match="whether ts is a date"):
        sqlnomaly.compile(query, read="duckdb", write="postgres")


def test_explain_says_the_season_that_it_takes(session: Session) -> None:
    session.load("series", series(2))
    said = str(
        session.sql("EXPLAIN ANOMALY SELECT anomaly_score(x, detector => 'seasonal') OVER (ORDER BY ts) FROM series")
        .fetchall()
    )  # fmt: skip
    assert "with medians of hour of ts, dow of ts" in said
    assert "before it by ts" in said

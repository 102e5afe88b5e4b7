"""Detectors that a client runs along each series: their answers through SQL beside plain Python, and what they bear."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from statistics import fmean
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import sqlnomaly
from sqlnomaly import Session
from sqlnomaly.errors import SqlnomalyError, UnsupportedError
from sqlnomaly.udfs.error_tails import tails
from sqlnomaly.udfs.periods import found_period
from sqlnomaly.udfs.registry import detectors
from tests.engines.sessions import on_postgres, on_spark
from tests.reference.along_series import (
    arima,
    change_point,
    decomposed,
    holt_winters,
    spectral_residual,
    whole,
)

Row = dict[str, Any]
Series = list[float | None]
Model = Mapping[str, float | None]


def along(known: Callable[..., Any], **options: Any) -> Callable[[Series], list[Model]]:
    """A causal reference as rows of its statistics."""
    names = ("n", "centre", "scale")
    return lambda values: [dict(zip(names, row, strict=True)) for row in known(values, **options)]


ASKED: dict[str, tuple[str, Callable[[Series], list[Model]]]] = {
    "holt_winters": ("period => 5", along(holt_winters.known, period=5)),
    "holt_winters, no season": ("period => 0", along(holt_winters.known)),
    "holt_winters, given": (
        "period => 4, alpha => 0.2, beta => 0.1, gamma => 0.3, damping => 0.9",
        along(holt_winters.known, period=4, alpha=0.2, beta=0.1, gamma=0.3, damping=0.9),
    ),
    "arima": ("period => 0", along(arima.known)),
    "arima, season": ("period => 5", along(arima.known, period=5)),
    "arima, given": ("period => 0, p => 2, d => 1, q => 0", along(arima.known, p=2, d=1, q=0)),
    "stl": ("period => 5", partial(decomposed.known, periods=(5,))),
    "stl, no season": ("period => 0", partial(decomposed.known, periods=())),
    "mstl": ("periods => [12, 5]", partial(decomposed.known, periods=(5, 12))),
    "spectral_residual": ("window => 9", partial(spectral_residual.known, window=9)),
    "change_point": ("min_size => 4", partial(change_point.known, min_size=4)),
}
NAMES = ("holt_winters", "arima", "stl", "mstl", "spectral_residual", "change_point")
THRESHOLD = {"holt_winters": 4.0, "arima": 4.0, "stl": 5.0, "mstl": 5.0, "spectral_residual": 3.0, "change_point": 5.0}
LEAST = {"holt_winters": 10, "arima": 10, "stl": 8, "mstl": 8, "spectral_residual": 12, "change_point": 10}
CAUSAL = ("holt_winters", "arima")
FAR = 1e150


def series(seed: int, n: int = 60) -> list[float]:
    """Noise around a season of five, with a spike and a new level."""
    rng = random.Random(seed)
    shape = (0.0, 3.0, 1.0, -2.0, 0.0)
    found = [rng.gauss(0, 1) + shape[i % 5] + 9.0 * (i >= 0.7 * n) for i in range(n)]
    found[n // 2] += 25.0
    return found


def edges() -> dict[str | None, list[tuple[float | None, float | None]]]:
    """(time, value) of series that a formula or a join may break on, by their key."""
    base, rng = series(1), random.Random(2)

    def timed(values: list[Any]) -> list[tuple[float | None, float | None]]:
        return [(float(i), x) for i, x in enumerate(values)]

    return {
        None: timed(series(3)),
        "plain": timed(base),
        "missing": timed([None if i % 7 == 3 else x for i, x in enumerate(base)]),
        "no first": timed([None] * 4 + base[:40]),
        "odd": timed([math.nan if i % 11 == 5 else math.inf if i % 13 == 5 else x for i, x in enumerate(base)]),
        "constant": timed([7.25] * 30),
        "constant of ties": [(float(i // 3), 0.1) for i in range(60)],
        "constant, then not": timed([2.0] * 20 + base[:30]),
        "one": timed([5.0]),
        "two": timed([5.0, 6.0]),
        "nothing": timed([None] * 20),
        "offset": timed([1e9 + x for x in base]),
        "tiny": timed([1e-12 * x for x in base]),
        "large": timed([1e12 * x for x in base]),
        "farthest": timed([x / 40 * 1e150 for x in base]),
        "glitch": timed([1e100 if i == 12 else x for i, x in enumerate(base)]),
        "ties": [(float(i // 2), x) for i, x in enumerate(series(4, 100))],
        "no time": [(None if i % 9 == 4 else float(i), x) for i, x in enumerate(base)],
        "gaps": [(2.5 * i * i, x) for i, x in enumerate(base)],
        "steps": timed([float(i >= 30) for i in range(60)]),
        "walk": timed([sum(rng.gauss(0, 1) for _ in range(i)) for i in range(50)]),
    }


def table() -> list[Row]:
    rows = [
        {"k": key, "t": t, "x": x, "fit": i % 10 != 6}
        for key, points in edges().items()
        for i, (t, x) in enumerate(points)
    ]
    random.Random(5).shuffle(rows)
    return [{"id": number, **row} for number, row in enumerate(rows)]


ROWS = table()


def arrow(rows: list[Row]) -> pa.Table:
    kinds = {"id": pa.int64(), "k": pa.string(), "t": pa.float64(), "x": pa.float64(), "fit": pa.bool_()}
    return pa.table({name: pa.array([row[name] for row in rows], kind) for name, kind in kinds.items()})


def usable(x: float | None) -> bool:
    return x is not None and abs(x) <= FAR


def models(rows: list[Row], reference: Callable[[Series], list[Model]]) -> dict[int, Model]:
    """What the row of an id is judged by."""
    found: dict[int, Model] = {}
    for key in {row["k"] for row in rows}:
        own = [row for row in rows if row["k"] == key and row["t"] is not None]
        times = sorted({row["t"] for row in own})
        points: Series = []
        for t in times:
            values = [row["x"] for row in own if row["t"] == t and usable(row["x"]) and row["fit"]]
            same = len(set(values)) == 1
            points.append((values[0] if same else fmean(values)) if values else None)
        known = dict(zip(times, reference(points), strict=True))
        found |= {row["id"]: known[row["t"]] for row in own}
    return found


def judged(name: str, row: Row, model: Model | None) -> tuple[float | None, str]:
    """Score and status."""
    x = row["x"]
    if model is None or x is None:
        return None, "missing_value"
    if not usable(x):
        return None, "out_of_range"
    if model["n"] < LEAST[name]:
        return None, "warm_up" if name in CAUSAL else "too_few_rows"
    if model["scale"] is None or model["centre"] is None:
        return None, "warm_up"
    if not model["scale"]:
        return 0.0 if x == model["centre"] else None, "constant_baseline"
    if name == "spectral_residual":
        return model["score"], "ok" if model["score"] is not None else "too_few_rows"
    return abs(model["step"] if name == "change_point" else (x - model["centre"]) / model["scale"]), "ok"


def close(got: float | None, wanted: float | None, near: float) -> bool:
    """Whether both are missing, or near each other."""
    return got is wanted if got is None or wanted is None else got == pytest.approx(wanted, rel=near, abs=near)


def answers(
    session: Session, call: str, outputs: tuple[str, ...], window: str, read: str | None = None
) -> dict[int, Row]:
    """The answers by id."""
    said = ", ".join(f"{output}({call}) {window} AS {output}" for output in outputs)
    return {row["id"]: row for row in session.sql(f"SELECT id, {said} FROM points", read=read).arrow().to_pylist()}


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with sqlnomaly.connect() as opened:
        opened.load("points", arrow(ROWS))
        yield opened


OUTPUTS = ("anomaly_score", "is_anomaly", "anomaly_status")
SERIES = "OVER (PARTITION BY k ORDER BY t)"
NEAR = {"offset": 1e-5, "farthest": 1e-6, "glitch": 1e-6}
"""How near a score is to the reference, by the key of its series; else 1e-8."""


@pytest.mark.duckdb
@pytest.mark.parametrize("filtered", [False, True], ids=["all", "filter"])
@pytest.mark.parametrize("asked", ASKED)
def test_every_answer_is_that_of_the_formula(session: Session, asked: str, filtered: bool) -> None:
    name = asked.split(",")[0]
    options, reference = ASKED[asked]
    rows = [row | {"fit": row["fit"] or not filtered} for row in ROWS]
    wanted = models(rows, reference)
    band = name not in ("spectral_residual", "change_point")
    outputs = (*OUTPUTS, *(("anomaly_expected", "anomaly_lower", "anomaly_upper") if band else ()))
    window = f"FILTER (WHERE fit) {SERIES}" if filtered else SERIES
    found = answers(session, f"x, detector => '{name}', {options}", outputs, window)
    assert len(found) == len(ROWS)
    for row in rows:
        got, model = found[row["id"]], wanted.get(row["id"])
        if name == "spectral_residual" and row["k"] == "glitch":
            continue  # beside 1e100 all else is rounding
        score, status = judged(name, row, model)
        near = NEAR.get(row["k"], 1e-8)
        where = (row, model, got)
        assert got["anomaly_status"] == status, where
        assert close(got["anomaly_score"], score, near), where
        if score is not None and abs(score - THRESHOLD[name]) > 1e-3:
            assert got["is_anomaly"] == (score > THRESHOLD[name]), where
        if band and status == "ok" and model is not None:
            away = 4 * near * (abs(model["centre"] or 0.0) + (model["scale"] or 0.0))
            reach = THRESHOLD[name] * model["scale"]
            assert got["anomaly_expected"] == pytest.approx(model["centre"], rel=1e-9, abs=away), where
            assert got["anomaly_lower"] == pytest.approx(model["centre"] - reach, rel=1e-9, abs=away + near * reach)
            assert got["anomaly_upper"] == pytest.approx(model["centre"] + reach, rel=1e-9, abs=away + near * reach)


@pytest.mark.duckdb
@pytest.mark.parametrize("name", NAMES)
def test_two_features_are_judged_each_by_its_own_series(session: Session, name: str) -> None:
    rows = [row for row in ROWS if row["k"] == "plain"]
    both = "SELECT id, t, x, CASE WHEN t = 44 THEN 90 ELSE -2 * x + t % 3 END AS y FROM points WHERE k = 'plain'"
    found = {}
    for call in ("x", "y", "x, y"):
        asked = f"anomaly_score({call}, detector => '{name}') OVER (ORDER BY t)"
        found[call] = dict(session.sql(f"SELECT id, {asked} FROM ({both})").fetchall())
    for row in rows:
        one, other = found["x"][row["id"]], found["y"][row["id"]]
        wanted = None if one is None or other is None else max(one, other)
        assert found["x, y"][row["id"]] == pytest.approx(wanted)
    assert any(score is not None for score in found["x, y"].values())


@pytest.mark.duckdb
@pytest.mark.parametrize("name", NAMES)
def test_rows_that_are_not_fitted_teach_nothing(name: str) -> None:
    values = series(8)
    call = f"anomaly_score(x, detector => '{name}') FILTER (WHERE fit) OVER (ORDER BY t)"
    found = []
    for wild in (0.0, 1e6):
        with sqlnomaly.connect() as own:
            rows = [{"id": i, "k": "a", "t": float(i), "x": x, "fit": True} for i, x in enumerate(values)]
            rows += [{"id": 100 + i, "k": "a", "t": float(i), "x": wild, "fit": False} for i in (20, 33)]
            own.load("points", arrow(rows))
            found.append(dict(own.sql(f"SELECT id, {call} FROM points WHERE id < 100 OR id > 0").fetchall()))
    assert {i: s for i, s in found[0].items() if i < 100} == {i: s for i, s in found[1].items() if i < 100}


def distances(values: np.ndarray[Any, Any], known: Mapping[str, np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:
    """|x - forecast| / scale; NaN without one, infinite without a scale."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.abs(values - known["centre"]) / known["scale"]


def points(values: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array(values, dtype=np.float64)


@pytest.mark.parametrize("options", [{"period": 0}, {"period": 5}, {"period": 50}])
@pytest.mark.parametrize("name", CAUSAL)
def test_later_points_never_change_what_is_known_of_earlier_ones(name: str, options: dict[str, int]) -> None:
    detector = detectors()[name](**options)
    values = points(series(9, 90))
    values[::11] = np.nan
    whole_series = detector.known(values)
    rng = np.random.default_rng(3)
    for cut in (0, 1, 7, 8, 9, 12, 30, 46, 63, 80):
        for later in (np.empty(0), rng.normal(size=9) * 1e9, np.full(3, 5.0), np.full(2, np.nan)):
            other = detector.known(np.concatenate([values[: cut + 1], later]))
            for stat, known in whole_series.items():
                np.testing.assert_array_equal(other[stat][: cut + 1], known[: cut + 1], err_msg=f"{stat} {cut}")


@pytest.mark.duckdb
@pytest.mark.parametrize("name", CAUSAL)
def test_a_score_in_sql_knows_no_later_row(session: Session, name: str) -> None:
    call = f"anomaly_score(x, detector => '{name}', period => 5) OVER (PARTITION BY k ORDER BY t)"
    before = dict(session.sql(f"SELECT id, {call} FROM points").fetchall())
    changed = "(SELECT id, k, t, CASE WHEN t > 30 THEN -1e3 * t ELSE x END AS x FROM points WHERE t < 50)"
    after = dict(session.sql(f"SELECT id, {call} FROM {changed}").fetchall())
    early = [row["id"] for row in ROWS if row["t"] is not None and row["t"] <= 30]
    assert {i: after[i] for i in early} == {i: before[i] for i in early}


@pytest.mark.parametrize(("factor", "offset"), [(1.0, 1e6), (-3.0, 0.0), (1e-9, 5.0), (1e30, -1e31), (7.5, -200.0)])
@pytest.mark.parametrize("name", NAMES)
def test_units_do_not_matter(name: str, factor: float, offset: float) -> None:
    detector = detectors()[name]()
    values = points(series(10, 120))
    values[17] = np.nan
    one, other = detector.known(values), detector.known(factor * values + offset)
    near = 1e-6 if abs(offset) < 1e5 * abs(factor) else 1e-4
    for stat, known in one.items():
        wanted = known
        if stat == "centre" and name != "spectral_residual":
            wanted = factor * known + offset
            np.testing.assert_allclose(other[stat], wanted, rtol=1e-9, atol=near * abs(factor))
        elif stat == "scale" and name != "spectral_residual":
            np.testing.assert_allclose(other[stat], abs(factor) * known, rtol=near)
        elif stat in ("step", "saliency"):
            wanted = np.sign(factor) * known if stat == "step" else known
            np.testing.assert_allclose(other[stat], wanted, rtol=near, atol=near)


@pytest.mark.duckdb
@pytest.mark.parametrize("name", NAMES)
def test_names_and_the_order_of_rows_are_free(name: str) -> None:
    start = dt.datetime(2025, 3, 29, tzinfo=dt.UTC)
    rows = [(f"s{g}", start + dt.timedelta(hours=i), x + g) for i, x in enumerate(series(11)) for g in (0, 1)]
    columns = ("Select", 'points "x"', "n")
    found = []
    for turn in (1, -1):
        with sqlnomaly.connect() as own:
            key, at, value = zip(*rows[::turn], strict=True)
            times = pa.array(at, pa.timestamp("us", "Europe/Berlin"))
            own.load("placed", pa.table(dict(zip(columns, (key, times, value), strict=True))))
            where = 'OVER (PARTITION BY "Select" ORDER BY "points ""x""")'
            call = f"anomaly_score(n, detector => '{name}') {where}"
            query = f'SELECT "Select", epoch("points ""x"""), {call} AS rest FROM beside'
            found.append(sorted(own.sql(f"WITH beside AS (SELECT * FROM placed) {query}").fetchall()))
    assert found[0] == found[1]
    assert max(row[2] or 0.0 for row in found[0]) > THRESHOLD[name]


@pytest.mark.duckdb
def test_descending_order_runs_the_series_backwards(session: Session) -> None:
    ahead = "anomaly_score(x, detector => 'arima', period => 0) OVER (PARTITION BY k ORDER BY t DESC)"
    back = "anomaly_score(x, detector => 'arima', period => 0) OVER (PARTITION BY k ORDER BY 0 - t)"
    differ = f"SELECT count(*) FROM (SELECT {ahead} AS a, {back} AS b FROM points) WHERE a IS DISTINCT FROM b"
    assert session.sql(differ).fetchall() == [(0,)]


@pytest.mark.duckdb
@pytest.mark.parametrize("name", NAMES)
def test_every_form_of_a_query_gives_the_same(session: Session, name: str) -> None:
    call = f"anomaly_score(x, detector => '{name}') OVER (PARTITION BY k ORDER BY t)"
    wanted = session.sql(f"SELECT id, {call} AS s FROM points ORDER BY id").fetchall()
    session.sql(f"CREATE OR REPLACE TABLE kept AS SELECT id, {call} AS s FROM points")
    assert session.sql("SELECT id, s FROM kept ORDER BY id").fetchall() == wanted
    form = f"detect_anomalies(points, features => ['x'], partition_by => ['k'], order_by => 't', detector => '{name}')"
    assert session.sql(f"SELECT id, anomaly_score FROM {form} ORDER BY id").fetchall() == wanted
    high = session.sql(f"SELECT id FROM points QUALIFY {call} > 4 ORDER BY id").fetchall()
    assert high == [(i,) for i, score in wanted if score is not None and score > 4]
    inner = f"SELECT id, s FROM (SELECT *, {call} AS s FROM points) ORDER BY id"
    assert session.sql(inner).fetchall() == wanted


@pytest.mark.duckdb
@pytest.mark.parametrize("name", NAMES)
def test_an_empty_table_has_no_answers(session: Session, name: str) -> None:
    call = f"anomaly_score(x, detector => '{name}') OVER (PARTITION BY k ORDER BY t)"
    assert session.sql(f"SELECT id, {call} FROM points WHERE id < 0").fetchall() == []


KEYS = {
    "0 and -0": "CASE WHEN t % 2 = 0 THEN 0.0::DOUBLE ELSE '-0.0'::DOUBLE END",
    "NaN": "'nan'::DOUBLE",
    "a list": "[1, 2]",
    "a struct": "{'a': 1, 'b': NULL}",
    "a decimal": "1.50::DECIMAL(9, 3)",
    "an interval": "INTERVAL 1 DAY",
    "an enum": "'a'::ENUM('a', 'b')",
    "a time with a zone": "TIMESTAMPTZ '2025-01-01 00:00:00+02'",
}


@pytest.mark.duckdb
@pytest.mark.parametrize("key", KEYS)
def test_a_series_is_told_by_a_key_of_any_type(session: Session, key: str) -> None:
    call = "anomaly_score(x, detector => 'holt_winters', period => 0) OVER ({} ORDER BY t)"
    rows = f"(SELECT *, {KEYS[key]} AS of FROM points WHERE k = 'plain')"
    wanted = session.sql(f"SELECT id, {call.format('')} FROM {rows} ORDER BY id").fetchall()
    assert session.sql(f"SELECT id, {call.format('PARTITION BY of')} FROM {rows} ORDER BY id").fetchall() == wanted


@pytest.mark.duckdb
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT {call} OVER () FROM points", "needs ORDER BY"),
        ("SELECT {call} OVER (ORDER BY t ROWS 5 PRECEDING) FROM points", "frame"),
        ("CREATE VIEW v AS SELECT {call} OVER (ORDER BY t) AS s FROM points", "a view cannot hold"),
    ],
)
@pytest.mark.parametrize("name", NAMES)
def test_what_has_no_meaning_is_refused_by_name(session: Session, name: str, query: str, words: str) -> None:
    with pytest.raises(UnsupportedError, match=words) as refused:
        session.sql(query.format(name=name, call=f"anomaly_score(x, detector => '{name}')"))
    assert name in str(refused.value)


@pytest.mark.duckdb
@pytest.mark.parametrize("name", [name for name in NAMES if name not in CAUSAL])
def test_what_judges_by_later_rows_keeps_no_model(session: Session, name: str) -> None:
    with pytest.raises(UnsupportedError, match=f"{name} keeps no model"):
        session.sql(f"CREATE ANOMALY MODEL m USING {name} AS SELECT x FROM points")


@pytest.mark.duckdb
@pytest.mark.parametrize("name", NAMES)
def test_no_row_leaves_an_engine_that_lets_none_out(name: str) -> None:
    with sqlnomaly.connect(max_rows_out=0) as closed:
        closed.load("points", arrow(ROWS[:5]))
        with pytest.raises(UnsupportedError, match=f"{name} is fitted on the client.*max_rows_out is 0"):
            closed.sql(f"SELECT anomaly_score(x, detector => '{name}') OVER (ORDER BY t) FROM points")


@pytest.mark.duckdb
@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("holt_winters", "period => 1"), ("holt_winters", "period => 'week'"), ("holt_winters", "alpha => 0"),
        ("holt_winters", "gamma => 1.5"), ("arima", "p => 6"), ("arima", "d => 2"), ("stl", "period => 2.5"),
        ("mstl", "periods => [7, 7]"), ("mstl", "periods => [0, 7]"), ("spectral_residual", "window => 1"),
        ("change_point", "min_size => 1"),
    ],
)  # fmt: skip
def test_an_option_out_of_range_is_refused(session: Session, name: str, option: str) -> None:
    with pytest.raises(SqlnomalyError, match=option.split()[0]):
        session.sql(f"SELECT anomaly_score(x, detector => '{name}', {option}) OVER (ORDER BY t) FROM points")


def elsewhere(other: Session, session: Session) -> None:
    """The answers of another engine beside those of DuckDB."""
    keys = ("plain", "missing", "ties", "no time", "offset", "constant, then not", None)
    rows = [row for row in ROWS if row["k"] in keys and (row["x"] is None or usable(row["x"]))]
    other.load("points", arrow(rows))
    for name in NAMES:
        call = f"x, detector => '{name}'"
        window = "FILTER (WHERE fit) OVER (PARTITION BY k ORDER BY t)"
        outputs = ("anomaly_score", "anomaly_status")
        found = answers(other, call, outputs, window, read="duckdb")
        wanted = answers(session, call, outputs, window)
        for row in rows:
            one, two = found[row["id"]], wanted[row["id"]]
            assert one["anomaly_status"] == two["anomaly_status"], (name, row)
            near = 1e-5 if row["k"] == "offset" else 1e-9
            assert close(one["anomaly_score"], two["anomaly_score"], near), (name, row)


@pytest.mark.postgres
def test_postgres_has_the_same_answers(session: Session) -> None:
    with on_postgres() as other:
        elsewhere(other, session)


@pytest.mark.spark
def test_spark_has_the_same_answers(session: Session) -> None:
    with on_spark() as other:
        elsewhere(other, session)
        other.sql("DROP TABLE points")


NOISE = np.random.default_rng(20)


def innovations(n: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    return NOISE.normal(size=n)


def process(kind: str, n: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A process whose best forecasts are off by 1 in the square mean."""
    e, x = innovations(n), np.zeros(n)
    for t in range(30, n):
        x[t] = {
            "ar2": 1.2 * x[t - 1] - 0.5 * x[t - 2] + e[t],
            "ma1": e[t] + 0.6 * e[t - 1],
            "ima1": x[t - 1] + e[t] - 0.5 * e[t - 1],
            "seasonal": 0.8 * x[t - 12] + e[t],
            "walk of seasons": x[t - 12] + e[t],
        }[kind]
    return x


@pytest.mark.parametrize("kind", ["ar2", "ma1", "ima1", "seasonal", "walk of seasons"])
def test_arima_is_off_by_little_more_than_nobody_can_know(kind: str) -> None:
    values = process(kind, 4000)
    known = detectors()["arima"](period=12 if "season" in kind else 0).known(values)
    off = (values - known["centre"])[1000:]
    assert np.sqrt(np.mean(off**2)) < 1.08
    assert np.median(known["scale"][1000:]) == pytest.approx(1.0, abs=0.1)
    assert np.mean(np.abs(off) > 4 * known["scale"][1000:]) < 1e-3


HEAVY = {
    "t of three": lambda rng, n: rng.standard_t(3, n),
    "exponential on both sides": lambda rng, n: rng.laplace(size=n),
    "skewed": lambda rng, n: np.exp(rng.normal(size=n)),
    "counts of seldom events": lambda rng, n: rng.poisson(0.3, n).astype(float),
    "mostly nothing": lambda rng, n: np.where(rng.random(n) < 0.7, 0.0, rng.gamma(2, 5, n)),
    "bursts": lambda rng, n: rng.normal(size=n) * np.where(np.arange(n) // 50 % 6 == 0, 5, 1),
}


@pytest.mark.parametrize("tail", HEAVY)
@pytest.mark.parametrize("name", CAUSAL)
def test_heavy_tails_raise_few_alarms_and_hide_nothing_far_beyond_them(name: str, tail: str) -> None:
    alarms, points_there = 0, 0
    for seed in range(4):
        values = HEAVY[tail](np.random.default_rng(seed), 3000)
        values[2500] = 6.0 * np.abs(values).max()
        known = detectors()[name](period=0).known(values)
        score = distances(values, known)
        assert score[2500] > 4
        alarms, points_there = alarms + int((score[200:] > 4).sum()) - 1, points_there + 2800
    assert alarms <= 0.005 * points_there


@pytest.mark.parametrize("name", CAUSAL)
def test_normal_errors_keep_their_robust_scale(name: str) -> None:
    detector = detectors()[name](period=0)
    values = np.random.default_rng(3).normal(size=4000)
    plain = detector.ahead(values, 0, 1)[1][:-1]
    known = detector.known(values)["scale"][1:]
    assert np.nanmean(known[200:] / plain[200:]) < 1.03
    assert (distances(values, detector.known(values))[200:] > 4).sum() <= 1


def test_the_tail_is_that_of_the_newest_errors() -> None:
    errors = np.random.default_rng(0).standard_t(3, 9000) ** 2
    errors[::13] = np.nan
    anew = np.arange(9000) == 700
    found, newest = tails(errors, anew), list[float]()
    for at, error in enumerate(errors):
        newest = [] if anew[at] else newest if np.isnan(error) else [*newest, float(error)][-4000:]
        if at % 211 == 0 or at < 30:
            beyond = max(1, math.floor(0.005 * len(newest) + 0.5))
            wanted = sorted(newest)[-1 - beyond] if len(newest) > beyond else math.nan
            np.testing.assert_equal(found[at], wanted)


@pytest.mark.parametrize("season", [0, 6])
def test_late_forecasts_are_those_of_statsmodels(season: int) -> None:
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    t = np.arange(300)
    values = 0.05 * t + np.sin(t * math.pi / 3) * (season > 0) + np.clip(innovations(300), -1.9, 1.9) * 0.3
    alpha, beta, gamma = 0.3, 0.1, 0.2
    options = {"alpha": alpha, "beta": beta, "gamma": gamma, "damping": 1.0, "period": season}
    known = detectors()["holt_winters"](**options)
    ahead, scale = known.ahead(values, season, 1)
    seasonal = {"seasonal": "add", "seasonal_periods": season} if season else {}
    model = ExponentialSmoothing(values, trend="add", initialization_method="estimated", **seasonal)
    given = {"smoothing_level": alpha, "smoothing_trend": beta, **({"smoothing_seasonal": gamma} if season else {})}
    wanted = model.fit(optimized=False, **given)
    late = slice(250, 299)
    # What lies beyond two scales is drawn in here, and in statsmodels not.
    off = ahead[late, 0] - wanted.fittedvalues[251:300]
    assert np.abs(off).max() < 0.5 * scale[-1]
    assert np.sqrt(np.mean(off**2)) < 0.2 * scale[-1]


@pytest.mark.parametrize("period", [0, 24])
@pytest.mark.parametrize("name", CAUSAL)
@pytest.mark.parametrize(
    ("change", "most"), [("level", 14), ("small level", 14), ("spike", 3), ("noise", 45), ("slope", 25)]
)
def test_alarms_of_a_change_end_soon(name: str, period: int, change: str, most: int) -> None:
    n, at = 3000, 2000
    t = np.arange(n)
    noise = np.random.default_rng(7).normal(size=n)
    values = noise * np.where((t >= at) & (change == "noise"), 10.0, 1.0) + 3 * np.sin(t * math.pi / 12) * (period > 0)
    values = values + {
        "level": 20.0 * (t >= at), "small level": 6.0 * (t >= at), "spike": 30.0 * (t == at),
        "slope": 0.5 * np.maximum(t - at, 0), "noise": 0.0 * t,
    }[change]  # fmt: skip
    known = detectors()[name](period=period).known(values)
    score = distances(values, known)
    assert (score[200:at] > 4).sum() <= 3
    assert score[at] > 4 or change in ("slope", "noise")
    assert (score[at:] > 4).sum() <= most
    assert (score[at + 100 :] > 4).sum() <= 3


@pytest.mark.parametrize("name", CAUSAL)
def test_a_glitch_at_the_start_or_later_hides_nothing(name: str) -> None:
    for at in (0, 1, 5, 40, 200):
        for glitch in (1e3, 1e6 if at < 9 else 1e100):
            values = points(np.random.default_rng(1).normal(size=500))
            values[at], values[400] = glitch, 12.0
            known = detectors()[name](period=0).known(values)
            score = distances(values, known)
            assert score[400] > 4, (at, glitch)
            late = score[at + 120 :]
            assert (late > 4).sum() <= 3, (at, glitch)


@pytest.mark.parametrize("name", NAMES)
def test_no_series_gives_an_infinity_or_a_warning(name: str) -> None:
    rng = np.random.default_rng(4)
    for values in (
        [], [1.0], [1.0, 2.0], [np.nan] * 9, [np.nan, 1.0, np.nan, 2.0], [0.0, 5e-324] * 20, [-1e150, 1e150] * 20,
        [1e-300, 2e-300, 3e-300] * 7 + [1e150, 1.0, -5.0] * 7, np.arange(40) * 1e-320, [0.0] * 30 + [1e-300, 1e150] * 5,
        np.where(np.arange(60) == 30, 1e150, rng.normal(size=60)), np.arange(50.0), np.arange(50.0) ** 3,
    ):  # fmt: skip
        known = detectors()[name]().known(points(values))
        for stat, found in known.items():
            assert len(found) == len(values)
            assert not np.isinf(found).any(), (stat, values[:3])


def test_chance_makes_no_period() -> None:
    """Of noise, walks, and what hangs together or changes."""
    found = dict.fromkeys(("noise", "walk", "ar", "line", "step", "curve"), 0)
    for seed in range(40):
        for n in (20, 40, 90, 300):
            e = np.random.default_rng(seed).normal(size=n)
            t, ar = np.arange(n), np.zeros(n)
            for i in range(1, n):
                ar[i] = 0.9 * ar[i - 1] + e[i]
            for kind, values in {
                "noise": e, "walk": np.cumsum(e), "ar": ar, "line": 0.5 * t + e, "step": e + 10 * (t > n / 2),
                "curve": e + 50 * (t / n) ** 2,
            }.items():  # fmt: skip
                found[kind] += found_period(values) > 0
    assert max(found.values()) <= 5, found
    assert sum(found.values()) <= 10, found


@pytest.mark.parametrize("n", [120, 200, 900, 3000])
def test_a_period_is_found_as_it_is_and_not_beside_it(n: int) -> None:
    t = np.arange(n)
    right = 0
    for seed in range(20):
        e = np.random.default_rng(seed).normal(size=n)
        day, week = 2.5 * np.sin(t * math.pi / 12), 3.0 * (t // 24 % 7 >= 5)
        assert found_period(day + e) == 24
        assert found_period(day + e + 0.05 * t) == 24
        assert found_period(5.0 * (t % 7 == 0) + e) in (7, 14)
        right += found_period(5.0 * (t % 7 == 0) + e) == 7
        if n >= 900:
            assert found_period(1.4 * day + week + e) == 168
            assert found_period(1.4 * day + week + e, finest=True) == 24
    assert right >= 18


def test_periods_are_those_of_the_reference() -> None:
    for seed in range(60):
        rng = np.random.default_rng(seed)
        n = int(rng.integers(5, 80))
        shape = 2 * rng.normal(size=int(rng.integers(2, 9)))
        values = rng.normal(size=n) * rng.choice([0.1, 0.6, 1.5]) + np.resize(shape, n)
        values[rng.random(n) < 0.05] = np.nan
        assert found_period(values) == whole.found_period([None if np.isnan(x) else float(x) for x in values]), seed


@pytest.mark.parametrize("n", [150, 1000])
@pytest.mark.parametrize("period", [0, 7, 24])
def test_what_stl_leaves_of_noise_is_no_anomaly(period: int, n: int) -> None:
    alarms = 0
    for seed in range(10):
        t = np.arange(n)
        values = np.random.default_rng(seed).normal(size=n)
        values += 3 * np.sin(t * 2 * math.pi / period) if period else 0.01 * t
        values[n // 2] += 10.0 if seed % 2 else 1e9
        known = detectors()["stl"](period=period).known(values)
        score = distances(values, known)
        assert score[n // 2] > 5
        alarms += (score > 5).sum() - 1
    assert alarms <= 0.001 * 10 * n + 1


@pytest.mark.parametrize(
    ("name", "options"), [("stl", {"period": 0}), ("stl", {"period": 7}), ("mstl", {"periods": (7.0, 28.0)})]
)
def test_a_spike_on_a_line_or_a_season_is_alone(name: str, options: dict[str, Any]) -> None:
    t = np.arange(120.0)
    shapes = {"line": t, "season": t % 7} if options != {"period": 0} else {"line": t}
    for shape, smooth in shapes.items():
        values = smooth + np.where(t == 60, 40.0, 0.0)
        known = detectors()[name](**options).known(values)
        score = distances(values, known)
        assert np.flatnonzero(score > 5).tolist() == [60], shape


@pytest.mark.parametrize("edges", [(50, 100, 150, 200, 250), (40, 95, 150, 205, 245)])
@pytest.mark.parametrize("noise", [0.0, 0.1, 0.3])
def test_change_point_takes_no_regular_stairs_for_a_season(edges: tuple[int, ...], noise: float) -> None:
    values = np.searchsorted(edges, np.arange(300), side="right") + noise * np.random.default_rng(3).normal(size=300)
    found = detectors()["change_point"]().known(values)["step"]
    assert np.flatnonzero(np.abs(found) > 5.0) == pytest.approx(edges, abs=2)


def test_change_point_sees_steps_and_no_spikes() -> None:
    rng = np.random.default_rng(2)
    levels = np.repeat([0.0, 4.0, 1.0, 9.0], 100)
    values = levels + rng.normal(size=400) + np.where(np.arange(400) == 50, 1e12, 0.0) + 3 * (np.arange(400) % 7 == 2)
    known = detectors()["change_point"](period=7).known(values)
    found = np.flatnonzero(np.abs(known["step"]) > 5)
    assert np.abs(found - np.array([100, 200, 300])).max() <= 3
    assert np.sign(known["step"][found]).tolist() == [1, -1, 1]


def test_a_trend_makes_no_stairs_and_hides_no_step() -> None:
    t, found, hits = np.arange(600.0), dict[str, int](), 0
    for seed in range(5):
        e, day = np.random.default_rng(seed).normal(size=600), 3 * np.sin(t * math.pi / 12)
        slopes = {"line": 0.05 * t, "steep": t, "bend": 0.1 * np.maximum(t - 300, 0), "wave": 5 * np.sin(t / 100)}
        for name, slope in {**slopes, "season": 0.05 * t + day}.items():
            known = detectors()["change_point"]().known(slope + e)
            found[name] = found.get(name, 0) + int((np.abs(known["step"]) > 5).sum())
        known = detectors()["change_point"]().known(0.05 * t + day + e + 6.0 * (t >= 350))
        places = np.flatnonzero(np.abs(known["step"]) > 5)
        hits += len(places) == 1 and abs(places[0] - 350) <= 3
    assert sum(found.values()) <= 1, found
    assert hits == 5


@pytest.mark.parametrize("gap", [12, 20, 40])
def test_steps_nearer_than_the_blocks_of_the_scale_are_found(gap: int) -> None:
    n = 2000
    t = np.arange(n)
    values = 8.0 * (t // gap % 2) + np.random.default_rng(gap).normal(size=n)
    known = detectors()["change_point"](period=0).known(values)
    assert abs((np.abs(known["step"]) > 5).sum() - (n - 1) // gap) <= 2


def test_neighbors_that_hang_together_make_few_levels() -> None:
    found = 0
    for seed in range(10):
        e, values = np.random.default_rng(seed).normal(size=1000), np.zeros(1000)
        for at in range(1, 1000):
            values[at] = 0.8 * values[at - 1] + e[at]
        found += int((np.abs(detectors()["change_point"](period=0).known(values)["step"]) > 5).sum())
    assert found <= 10


def test_long_series_take_a_short_while() -> None:
    """Each of these took minutes where work grew as the square of the length."""
    n = 60_000
    t = np.arange(n)
    values = (t // 200 % 2) * 10.0 + np.random.default_rng(1).normal(size=n)
    found = detectors()["change_point"](period=0).known(values)
    assert (np.abs(found["step"]) > 5).sum() == n // 200 - 1
    for period in (0, 1000):
        assert np.isfinite(detectors()["stl"](period=period).known(values[:20_000])["centre"]).all()
    assert np.isfinite(detectors()["change_point"](period=20_000).known(values)["centre"]).all()

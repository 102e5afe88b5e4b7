"""``pool_by``: a series is judged by its own rows and by those of its parent group, against plain Python."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Mapping, Sequence
from statistics import fmean, median, stdev
from typing import Any

import pyarrow as pa
import pytest

import sqlnomaly
from sqlnomaly.errors import CallError, SqlnomalyError, UnsupportedError
from sqlnomaly.pushdown.contract import Detector
from sqlnomaly.udfs.registry import BUILT_IN
from tests.conformance.ask import Ask, Condition
from tests.conformance.datasets import BIGINT, DOUBLE, TEXT, DataSet, table
from tests.conformance.on_printed import OnSynapse, OnTrino
from tests.conformance.runners import RUNNERS
from tests.conftest import missing_engine
from tests.reference.ewma import fit as ewma_fit
from tests.reference.pooled import Own, Row, lifted, parents, shrunk
from tests.reference.seasonal import fit as seasonal_fit


def shops() -> DataSet:
    """Two regions and NULL; old shops, a new one, one of one row, one that never varies, days that repeat."""
    rng = random.Random(5)
    rows: list[Sequence[Any]] = []
    for region, level in (("north", 100.0), ("south", 1e9), (None, 3e-9)):
        for shop in range(5):
            unit = level / 10
            base = level + rng.gauss(0, unit)
            days = [6, 5, 5, 3, 1][shop] + (2 if region == "south" else 0)
            for day in range(9 - days, 9):
                x = base if shop == 2 else rng.gauss(base, unit / 10)
                rows.append((region, None if shop == 3 else f"s{shop}", day // 2 * 2, x))
    rows[1] = (*rows[1][:3], None)
    rows[2] = (*rows[2][:3], math.nan)
    rows[3] = (*rows[3][:3], math.inf)
    rows[24] = (rows[24][0], rows[24][1], None, rows[24][3])
    types = {"region": TEXT, "shop": TEXT, "day": BIGINT, "x": DOUBLE}
    return DataSet("shops", table(types, rows), ("x",), ("region", "shop"), "day")


SHOPS = shops()
SOME = Condition("MOD({id}, 7) <> 3", lambda row: row["id"] % 7 != 3)


def rows_of(data: DataSet, parent: Sequence[str], ask: Ask) -> dict[int, Row]:
    """The rows as the reference takes them; a row without an order key is in no baseline of an order."""
    return {
        row["id"]: Row(
            tuple(row[key] for key in data.keys),
            tuple(row[key] for key in parent),
            row["day"],
            row["x"] if row["x"] is not None and math.isfinite(row["x"]) else None,
            (ask.where is None or bool(ask.where.keeps(row))) and (ask.order is None or row["day"] is not None),
        )
        for row in data.rows
    }


def own_of(detector: str, values: Sequence[float]) -> Own:
    """What a series says by its values."""
    if not values:
        return Own(0, None, 0.0)
    if detector == "zscore":
        flat = len(values) < 2 or min(values) == max(values)
        mean = values[0] if min(values) == max(values) else fmean(values)
        return Own(len(values), mean, 0.0 if flat else stdev(values))
    middle = median(values)
    return Own(len(values), middle, median(abs(x - middle) for x in values) / 0.6744897501960817)


def of_ewma(row: Row, rows: Mapping[int, Row]) -> Own:
    """What the rows before say, with their weights; one without a value that counts has none, but time passes."""
    before = [
        (other.order, other.value is None, other.value or 0.0, other)
        for other in rows.values()
        if other.series == row.series and row.order is not None and other.order is not None and other.order < row.order
    ]
    values = [one.value if one.fitted else None for *_, one in sorted(before, key=lambda part: part[:3])]
    n = sum(value is not None for value in values)
    if n == 0:
        return Own(0, None, 0.0)
    model = ewma_fit(values)
    return Own(n, model.centre, 0.0 if model.constant else model.scale)


def alone(detector: str, rows: Mapping[int, Row], ask: Ask) -> dict[int, Own]:
    """What the series of each row says: all of it, or what lies before the row."""

    def values(row: Row) -> list[float]:
        return [
            other.value
            for other in rows.values()
            if other.series == row.series and other.fitted and other.value is not None
            and (ask.order is None or (row.order is not None and other.order is not None and other.order < row.order))
        ]  # fmt: skip

    if detector == "ewma":
        return {key: of_ewma(row, rows) for key, row in rows.items()}
    return {key: own_of(detector, values(row)) for key, row in rows.items()}


def expected(detector: str, data: DataSet, parent: Sequence[str], ask: Ask) -> dict[int, tuple[float | None, str]]:
    """Score and status of each row."""
    rows, strength = rows_of(data, parent, ask), ask.options.get("pool_strength")
    own = alone(detector, rows, ask)
    above = parents(rows, own, min_rows=3, strength=strength, causal=ask.order is not None)
    found: dict[int, tuple[float | None, str]] = {}
    for row in data.rows:
        key, value = row["id"], rows[row["id"]].value
        model = shrunk(own[key], above[key], min_rows=3, strength=strength)
        unseen = ask.order is None and not any(r.fitted and r.series == rows[key].series for r in rows.values())
        if unseen and model.n < 3:
            found[key] = (None, "unseen_group")
        elif row["x"] is None or (ask.order is not None and row["day"] is None):
            # a row without an order key has a score of no baseline
            found[key] = (None, "missing_value")
        elif value is None:
            found[key] = (None, "out_of_range")
        elif model.n < 3:
            found[key] = (None, "warm_up" if ask.order else "too_few_rows")
        elif model.scale == 0:
            found[key] = (0.0 if value == model.centre else None, "constant_baseline")
        else:
            assert model.centre is not None
            found[key] = (abs(value - model.centre) / model.scale, "ok")
    return found


def ask(options: Mapping[str, Any], **window: Any) -> Ask:
    """The options beside the partition of a shop."""
    return Ask(partition=SHOPS.keys, options=options, **window)


ASKS = {
    "causal": (("region",), ask({"pool_by": "region"}, order="day")),
    "of_all": ((), ask({"pool_by": "all"}, order="day")),
    "stronger": (("region",), ask({"pool_by": ["region"], "pool_strength": 4}, order="day", where=SOME)),
    "whole": (("region",), ask({"pool_by": "REGION"})),
    "filtered": (("region",), ask({"pool_by": "region", "pool_strength": 2.5}, where=SOME)),
    "only_whole": ((), ask({"pool_by": "all"}, where=SOME)),
}


def check(engine: str, detector: str, parent: Sequence[str], ask: Ask) -> None:
    """Every score and status of an engine against plain Python."""
    compare(engine, SHOPS, detector, ask, expected(detector, SHOPS, parent, ask))


def compare(
    engine: str, data: DataSet, detector: str, ask: Ask, wanted: Mapping[int, tuple[float | None, str]]
) -> None:
    """The scores and the statuses of an engine beside those that are wanted."""
    try:
        runner = RUNNERS[engine]()
    except (ImportError, SqlnomalyError) as error:
        missing_engine(engine, str(error))
    try:
        runner.load(data)
        answers = runner.answers(runner.compile(data, detector, ask), data)
    finally:
        runner.close()
    assert {key: answer.status for key, answer in answers.items()} == {key: why for key, (_, why) in wanted.items()}
    for key, (score, _) in wanted.items():
        assert answers[key].score == (None if score is None else pytest.approx(score, rel=1e-9)), key


@pytest.mark.parametrize("detector", ["zscore", "mad"])
@pytest.mark.parametrize("asked", ASKS)
def test_each_row_is_judged_by_its_series_and_what_its_parent_says(asked: str, detector: str) -> None:
    check("duckdb", detector, *ASKS[asked])


@pytest.mark.parametrize("strength", [None, 7])
def test_ewma_forgets_its_own_rows_and_pools_what_is_left(strength: int | None) -> None:
    options = {"pool_by": "region", "min_rows": 3} | ({} if strength is None else {"pool_strength": strength})
    check("duckdb", "ewma", ("region",), ask(options, order="day", where=SOME))


@pytest.mark.slow
@pytest.mark.parametrize(
    "engine",
    [pytest.param("spark", marks=pytest.mark.thorough), "postgres", "bigquery", "clickhouse", "snowflake", "redshift"],
)
def test_every_engine_gives_these_scores(engine: str) -> None:
    check(engine, "zscore", *ASKS["causal"])
    check(engine, "mad", *ASKS["filtered"])


@pytest.mark.slow
@pytest.mark.parametrize("runner", [OnTrino(), OnSynapse()], ids=lambda runner: runner.name)
def test_what_nothing_here_runs_is_sql_of_its_dialect(runner: OnTrino | OnSynapse) -> None:
    pooled = (SHOPS, "zscore", ASKS["causal"][1]), (SHOPS, "mad", ASKS["filtered"][1]), (GROWING, "seasonal", LIFTED)
    for data, detector, asked in pooled:
        statement = runner.compile(data, detector, asked)
        runner.check(statement.steps)
        runner.parse(statement)


def along(hours: Sequence[int], *, seed: int, shift: float = 0.0) -> pa.Table:
    """Series of a region that start one after the other, some values missing; ``hours`` come a day."""
    rng = random.Random(seed)
    rows: list[dict[str, Any]] = []
    for shop in range(6):
        level = 50 + rng.gauss(0, 4)
        for step in range(shop * 9, 60):
            day, hour = divmod(step, len(hours))
            x = level + 10 * day % 3 + rng.gauss(0, 1) + (shift if hours[hour] == 0 and shop < 5 else 0.0)
            at = dt.datetime(2025, 3, 3) + dt.timedelta(days=day, hours=hours[hour])
            rows.append({"id": len(rows), "shop": shop, "step": step, "ts": at, "x": None if step % 13 == 5 else x})
    return pa.Table.from_pylist(rows)


GROWING = DataSet("growing", along([0], seed=4).drop_columns("ts"), ("x",), ("shop",), "step")
LIFTED = Ask(partition=("shop",), order="step", options={"pool_by": "all", "min_rows": 6})


def expected_above() -> dict[int, tuple[float | None, str]]:
    """Score and status of each row of the growing series."""
    rows = {row["id"]: Row(row["shop"], None, row["step"], row["x"]) for row in GROWING.rows}
    own = {}
    for key, row in rows.items():
        same = [one for one in rows.values() if one.series == row.series]
        before = [one.value for one in same if (one.order or 0) < (row.order or 0)]
        fit = seasonal_fit(list(enumerate(before)), min_rows=6)
        own[key] = Own(fit.n, fit.centre, fit.scale)
    above = parents(rows, own, min_rows=6, causal=True)
    found: dict[int, tuple[float | None, str]] = {}
    for key, row in rows.items():
        model = lifted(key, rows, above, own[key], min_rows=6)
        if row.value is None or model.n < 6:
            found[key] = (None, "missing_value" if row.value is None else "warm_up")
        else:
            assert model.centre is not None
            found[key] = (abs(row.value - model.centre) / model.scale, "ok")
    return found


DEAR = [pytest.param(engine, marks=pytest.mark.thorough) for engine in ("spark", "bigquery", "clickhouse")]


@pytest.mark.parametrize("engine", ["duckdb", "postgres", *DEAR])
def test_a_series_of_seasonal_is_lifted_to_its_level_before_it_has_rows_enough(engine: str) -> None:
    wanted = expected_above()
    assert sum(why == "ok" for _, why in wanted.values()) > 150
    compare(engine, GROWING, "seasonal", LIFTED, wanted)


@pytest.mark.duckdb
def test_an_hour_of_a_new_series_is_judged_by_that_hour_of_its_parent() -> None:
    call = "anomaly_expected(x, detector => 'seasonal', min_rows => 4, pool_by => 'all', season => 'hour')"
    query = f"SELECT id, {call} OVER (PARTITION BY shop ORDER BY ts) AS e FROM t ORDER BY id"
    with sqlnomaly.connect() as session:
        found = []
        for shift in (0.0, 1000.0):
            data = along([0, 12], seed=9, shift=shift)
            noon = data.filter([row["shop"] < 5 or row["ts"].hour == 12 for row in data.to_pylist()])
            new = {row["id"] for row in noon.to_pylist() if row["shop"] == 5}
            session.load("t", noon)
            found.append([row["e"] for row in session.sql(query).arrow().to_pylist() if row["id"] in new])
    assert None not in found[0]
    assert found[0] == pytest.approx(found[1])


@pytest.mark.duckdb
@pytest.mark.parametrize("detector", ["zscore", "mad", "ewma", "seasonal"])
def test_a_later_row_changes_no_digit_of_an_earlier_one_however_far_out_it_is(detector: str) -> None:
    call = f"anomaly_score(x, detector => '{detector}', min_rows => 4, pool_by => 'all')"
    query = f"SELECT id, {call} OVER (PARTITION BY shop ORDER BY at) AS s FROM t ORDER BY id"
    levels = random.Random(4)
    values = [levels.gauss(100 + 10 * (at % 5), 3) for at in range(200)]
    mondays = [dt.date(2025, 1, 6) + dt.timedelta(weeks=at // 5) for at in range(200)]
    columns = {"id": range(200), "shop": [at % 5 for at in range(200)], "at": mondays}
    with sqlnomaly.connect() as session:
        found = []
        for last in (100.0, 1e18, -1e140):
            session.load("t", pa.table({**columns, "x": [*values[:-15], *[last] * 15]}))
            found.append([row["s"] for row in session.sql(query).arrow().to_pylist()][:185])
    assert sum(score is not None for score in found[0]) > 100
    assert found[1] == pytest.approx(found[0], nan_ok=True)
    assert found[2] == pytest.approx(found[0], nan_ok=True)


@pytest.mark.duckdb
def test_short_series_are_judged_with_fewer_false_alarms_and_more_found_than_alone() -> None:
    rng = random.Random(8)
    rows = []
    for shop in range(200):
        region, unit = shop % 5, 3 * rng.lognormvariate(0, 0.25)
        level = 100 + 30 * region + rng.gauss(0, 10)
        first = 60 - rng.randint(3, 10) if shop < 50 else 0
        for day in range(first, 60):
            odd = rng.random() < 0.1
            away = rng.choice((-1, 1)) * rng.uniform(6, 12) * unit if odd else 0.0
            rows.append((region, shop, day, rng.gauss(level, unit) + away, odd, first > 0))
    columns = dict(zip(("region", "shop", "day", "x", "odd", "short"), map(list, zip(*rows, strict=True)), strict=True))

    def rates(options: str) -> tuple[float, float]:
        """False alarms and what is found, among the rows of short series."""
        call = f"is_anomaly(x, detector => 'mad'{options}) OVER (PARTITION BY region, shop ORDER BY day)"
        verdicts = f"SELECT odd, short, COALESCE({call}, FALSE) AS found FROM t"
        shares = session.sql(f"SELECT odd, AVG(found::INT) FROM ({verdicts}) WHERE short GROUP BY odd ORDER BY odd")
        (_, false), (_, hits) = shares.fetchall()
        return false, hits

    with sqlnomaly.connect() as session:
        session.load("t", pa.table(columns))
        alone, pooled = rates(""), rates(", pool_by => 'region'")
    assert alone[0] > 0.04
    assert pooled[0] < 0.02
    assert alone[1] < 0.6
    assert pooled[1] > 0.8


@pytest.mark.duckdb
def test_a_parent_says_the_more_the_stronger_it_is() -> None:
    rows = [("a", shop, day, 10.0 * shop + day % 2) for shop in range(4) for day in range(8)] + [("a", 9, 9, 100.0)]
    with sqlnomaly.connect() as session:
        session.load("t", table({"g": TEXT, "shop": BIGINT, "day": BIGINT, "x": DOUBLE}, rows))
        spans = []
        for strength in (1, 10, 1000):
            options = f"pool_by => 'g', pool_strength => {strength}"
            span = f"anomaly_upper(x, {options}) OVER w - anomaly_lower(x, {options}) OVER w"
            spans_of = f"SELECT shop, {span} AS span FROM t WINDOW w AS (PARTITION BY g, shop ORDER BY day)"
            spans.append(session.sql(f"SELECT span FROM ({spans_of}) WHERE shop = 9").fetchall()[0][0])
    assert spans == sorted(spans, reverse=True)
    assert spans[0] == pytest.approx(spans[2] * math.sqrt(2), rel=1e-3)


@pytest.mark.duckdb
def test_the_relation_form_pools_too() -> None:
    options = "detector => 'zscore', partition_by => 'region, shop', order_by => 'day', pool_by => ['region']"
    form = f"detect_anomalies(t, features => 'x', {options})"
    call = "anomaly_score(x, pool_by => 'region') OVER (PARTITION BY region, shop ORDER BY day)"
    with sqlnomaly.connect() as session:
        session.load("t", SHOPS.table)
        by_form = session.sql(f"SELECT id, anomaly_score FROM {form} ORDER BY id").fetchall()
        by_call = session.sql(f"SELECT id, {call} FROM t ORDER BY id").fetchall()
        told = session.explain(f"SELECT {call} FROM t")
    assert by_form == by_call
    assert "pool_by = region" in str(told)


ROWS = "ORDER BY day ROWS BETWEEN 5 PRECEDING AND 1 PRECEDING"


@pytest.mark.parametrize(
    ("options", "window", "error", "message", "hint"),
    [
        ("pool_by => 'area'", "region, shop", CallError, "pool_by names area", "PARTITION BY area, region, shop"),
        ("pool_by => ''", "shop", CallError, "names nothing", "'all' for a parent"),
        ("pool_by => []", "shop", CallError, "names nothing", "'all' for a parent"),
        ("pool_by => 'region'", "region", CallError, "leaves no key", "PARTITION BY region, store"),
        ("pool_by => 'all'", "", CallError, "needs the series", "PARTITION BY"),
        ("pool_by => region", "region, shop", CallError, "names in quotes", "pool_by => 'region'"),
        ("pool_strength => 3", "shop", CallError, "part of pool_by", "pool_by => 'region'"),
        ("pool_by => 'all', pool_strength => 0", "shop", CallError, "out of range", "above 0"),
        ("pool_by => 'all', leave_one_out => TRUE", "shop", UnsupportedError, "leave_one_out", "ORDER BY"),
        ("pool_by => 'all'", f"shop {ROWS}", UnsupportedError, "with a frame", "leave the frame out"),
        ("pool_by => 'all', detector => 'ecod'", "shop", UnsupportedError, "refused by ecod", "zscore, mad, ewma"),
    ],
)
def test_what_has_no_parent_is_refused(
    options: str, window: str, error: type[SqlnomalyError], message: str, hint: str
) -> None:
    over = f"PARTITION BY {window}" if window else ""
    with pytest.raises(error, match=message) as raised:
        sqlnomaly.compile(f"SELECT anomaly_score(x, {options}) OVER ({over}) FROM t")
    assert hint in (raised.value.hint or "")


@pytest.mark.duckdb
@pytest.mark.parametrize("detector", ["zscore", "mad"])
def test_a_stored_model_keeps_what_series_and_parent_say(detector: str) -> None:
    call = f"anomaly_score(x, detector => '{detector}', pool_by => 'region') OVER (PARTITION BY region, shop)"
    with sqlnomaly.connect() as session:
        session.load("t", SHOPS.table)
        session.sql(
            f"CREATE ANOMALY MODEL m USING {detector} OPTIONS (pool_by = 'region', calibration = 0) "
            "PARTITION BY region, shop AS SELECT region, shop, x FROM t"
        )
        rows = session.sql(f"SELECT {call}, anomaly_score(x, model => 'm'), anomaly_status(x, model => 'm') FROM t")
        found = rows.fetchall()
    assert {why for _, _, why in found} == {"ok", "missing_value", "out_of_range"}
    assert {kept is None for score, kept, _ in found if score is None} == {True}
    known = [(score, kept) for score, kept, _ in found if score is not None]
    assert [kept for _, kept in known] == pytest.approx([score for score, _ in known], rel=1e-9)


@pytest.mark.duckdb
def test_a_pooled_model_with_held_out_rows_is_fitted_again_and_scores_its_test_rows() -> None:
    with sqlnomaly.connect() as session:
        numbers = range(300)
        session.load("t", pa.table({"s": [i % 6 for i in numbers], "x": [i % 6 + math.sin(i * i) for i in numbers]}))
        options = "OPTIONS (pool_by = 'all') PARTITION BY s"
        session.sql(f"CREATE ANOMALY MODEL m USING zscore {options} AS SELECT s, x FROM t")
        assert session.sql("REFRESH ANOMALY MODEL m").fetchall()[0][:2] == ("m", "refitted")
        assert session.models().verify("m").holds


@pytest.mark.duckdb
def test_the_days_of_a_pooled_model_do_not_add_up() -> None:
    options = "OPTIONS (pool_by = 'all', window = 9 days) PARTITION BY shop ORDER BY ts"
    with sqlnomaly.connect() as session:
        session.load("t", along([0], seed=4))
        with pytest.raises(UnsupportedError, match="do not add up"):
            session.sql(f"CREATE ANOMALY MODEL m USING zscore {options} AS SELECT shop, ts, x FROM t")


def test_who_has_a_centre_and_a_scale_of_its_own_reads_them_by_name() -> None:
    pools = [kind for kind in BUILT_IN if kind.pools]
    assert [kind.name for kind in pools] == ["zscore", "mad", "ewma", "seasonal"]
    assert all(kind.directed and kind.edges == ("centre", "scale") and kind.band is Detector.band for kind in pools)

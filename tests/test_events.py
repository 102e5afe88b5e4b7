"""``FROM anomaly_events(..)``: one row a run of anomalous rows, against the events that Python finds row by row."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean, stdev
from typing import Any

import pyarrow as pa
import pytest

import sqlnomaly
from sqlnomaly import Session
from sqlnomaly.dialects import DIALECTS, get_dialect
from sqlnomaly.dialects.signature import check_functions
from sqlnomaly.errors import BindError, CallError, SqlnomalyError, UnsupportedError
from sqlnomaly.pushdown.events import COLUMNS
from tests.conformance.on_printed import misplaced_conditions
from tests.engines.sessions import on_postgres, on_spark
from tests.engines.snowflake_grammar import check

Row = Mapping[str, Any]
NOW = dt.datetime(2024, 3, 1)
SCHEMA = {"t": {"k": "VARCHAR", "ts": "TIMESTAMP", "x": "DOUBLE"}}


def metrics(count: int = 300) -> list[dict[str, Any]]:
    """Three series, one of them without a name, with equal times, missing times, missing values and many spikes."""
    rng = random.Random(5)
    rows = []
    for number in range(count):
        time: dt.datetime | None = NOW + dt.timedelta(minutes=rng.randrange(count))
        odd = rng.random() < 0.2
        rows.append(
            {
                "k": rng.choice(["a", "b", None]),
                "ts": None if number % 40 == 11 else time,
                "x": None if number % 30 == 13 else rng.gauss(0, 1) + odd * rng.choice([-8, 8, 12]),
            }
        )
    return rows


ROWS = metrics()


def arrow(rows: Sequence[Row]) -> pa.Table:
    """The rows as a table."""
    return pa.table(
        {
            "k": pa.array([row["k"] for row in rows], pa.string()),
            "ts": pa.array([row["ts"] for row in rows], pa.timestamp("us")),
            "x": pa.array([row["x"] for row in rows], pa.float64()),
        }
    )


def judged(rows: Sequence[Row], threshold: float) -> list[dict[str, Any]]:
    """Each row with the z-score among the earlier rows of its series, what is expected and the verdict."""
    found = []
    for row in rows:
        known = [one for one in rows if one["k"] == row["k"] and None not in (one["ts"], one["x"])]
        before = [one["x"] for one in known if row["ts"] is not None and one["ts"] < row["ts"]]
        score = None
        if row["x"] is not None and row["ts"] is not None and len(before) >= 3:
            score = abs(row["x"] - fmean(before)) / stdev(before)
        odd = score is not None and score > threshold
        found.append({**row, "score": score, "odd": odd, "expected": fmean(before) if before else None})
    return found


def events(
    rows: Sequence[Row], threshold: float, *, gap: int = 0, within: float | None = None, least: int = 1
) -> list[tuple[Any, ...]]:
    """The events of judged rows, found one row after another."""
    told = []
    for key in {row["k"] for row in rows}:
        own = [row for row in rows if row["k"] == key and row["ts"] is not None]
        own.sort(key=lambda row: (row["ts"], not row["odd"], -(row["score"] or 0)))
        runs: list[list[Row]] = []
        ordinary = 0
        for row in own:
            if not row["odd"]:
                ordinary += 1
                continue
            last = runs[-1][-1] if runs else None
            far = within is not None and last is not None and (row["ts"] - last["ts"]).total_seconds() > within
            if last is None or (ordinary > gap if within is None else far):
                runs.append([])
            runs[-1].append(row)
            ordinary = 0
        for number, run in enumerate((run for run in runs if len(run) >= least), start=1):
            peak = max(run, key=lambda row: row["score"])
            area = sum(row["score"] - threshold for row in run)
            side = "high" if peak["x"] > peak["expected"] else "low"
            severity = 1 - threshold / peak["score"]
            ends = (run[0]["ts"], run[-1]["ts"], peak["ts"])
            told.append((key, number, *ends, peak["score"], side, len(run), area, severity, "x"))
    return told


def form(options: str = "", source: str = "t") -> str:
    """The form over the table of the tests."""
    return f"anomaly_events({source}, features => 'x', partition_by => 'k', order_by => 'ts'{options})"


def same(got: Sequence[Sequence[Any]], wanted: Sequence[Sequence[Any]]) -> None:
    """Compares events whatever their order, numbers to nine digits."""

    def sorted_(rows: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
        return sorted(rows, key=lambda row: (str(row[0]), row[1]))

    assert len(got) == len(wanted)
    for one, other in zip(sorted_(got), sorted_(wanted), strict=True):
        for mine, theirs in zip(one, other, strict=True):
            assert mine == (pytest.approx(theirs, rel=1e-9) if isinstance(theirs, float) else theirs), (one, other)


CASES: Sequence[tuple[str, dict[str, Any]]] = (
    ("", {}),
    (", merge_gap => 1", {"gap": 1}),
    (", merge_gap => 3, min_points => 2", {"gap": 3, "least": 2}),
    (", merge_within => '10 minutes'", {"within": 600.0}),
    (", merge_within => INTERVAL '4 minutes', min_points => 2", {"within": 240.0, "least": 2}),
    (", merge_gap => 100000", {"gap": 100000}),
)


def compare(session: Session, cases: Sequence[tuple[str, dict[str, Any]]] = CASES) -> None:
    """The events of an engine beside those of Python."""
    session.load("t", arrow(ROWS))
    rows = judged(ROWS, 1.5)
    for options, meaning in cases:
        found = session.sql(f"SELECT * FROM {form(', threshold => 1.5' + options)}", read="duckdb").arrow()
        assert tuple(found.column_names) == ("k", *COLUMNS)
        wanted = events(rows, 1.5, **meaning)
        assert len(wanted) >= 3
        same([tuple(row.values()) for row in found.to_pylist()], wanted)


@pytest.mark.duckdb
def test_duckdb_tells_the_events_of_every_series() -> None:
    with sqlnomaly.connect() as session:
        compare(session)


@pytest.mark.postgres
def test_postgres_tells_the_events_of_every_series() -> None:
    with on_postgres() as session:
        compare(session)


@pytest.mark.spark
@pytest.mark.slow
def test_spark_tells_the_events_of_every_series() -> None:
    with on_spark() as session:
        compare(session, CASES[2:4])


def compiled(write: str, options: str) -> str:
    """The statement for an engine that has no session here, over its own types."""
    schema = {"t": {**SCHEMA["t"], "ts": {"bigquery": "DATETIME", "clickhouse": "DateTime64(6)"}[write]}}
    if write == "clickhouse":
        schema["t"] |= {"k": "Nullable(String)", "x": "Nullable(Float64)", "ts": "Nullable(DateTime64(6))"}
    return sqlnomaly.compile(f"SELECT * FROM {form(options)}", read=write, write=write, schema=schema).sql


@pytest.mark.bigquery
def test_googlesql_tells_the_events_of_every_series() -> None:
    from tests.engines.googlesql import GoogleSql

    engine = GoogleSql({"t": {"k": "STRING", "ts": "DATETIME", "x": "FLOAT64"}})
    for options, meaning in CASES[2:4]:
        found = engine.execute(compiled("bigquery", ", threshold => 1.5" + options), {"t": arrow(ROWS)})
        same([tuple(row.values()) for row in found.to_pylist()], events(judged(ROWS, 1.5), 1.5, **meaning))


@pytest.mark.clickhouse
def test_clickhouse_tells_the_events_of_every_series() -> None:
    from tests.engines.clickhouse import ClickHouse

    engine = ClickHouse()
    try:
        engine.run("SET session_timezone = 'UTC'")
        engine.load("t", arrow(ROWS), nullable=True)
        for options, meaning in CASES[2:4]:
            found = engine.run(compiled("clickhouse", ", threshold => 1.5" + options)).to_pylist()
            rows = [
                tuple(v.replace(tzinfo=None) if isinstance(v, dt.datetime) else v for v in row.values())
                for row in found
            ]
            same(rows, events(judged(ROWS, 1.5), 1.5, **meaning))
    finally:
        engine.close()


@pytest.mark.slow
@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_says_it_in_words_that_it_has(dialect: str) -> None:
    known = get_dialect(dialect)
    query = f"SELECT * FROM {form(', merge_within => ' + repr('1 hour') + ', min_points => 2')} AS e WHERE e.points > 3"
    types = {"bigquery": "DATETIME", "clickhouse": "DateTime64(6)"}
    times = types.get(dialect, "TIMESTAMP_NTZ" if dialect in ("spark", "databricks", "snowflake") else "TIMESTAMP")
    times = "DATETIME2" if dialect in ("synapse", "fabric") else times
    schema = {"t": {**SCHEMA["t"], "ts": times}}
    sql = sqlnomaly.compile(query, read=dialect, write=dialect, schema=schema).sql
    assert check_functions(sql, known.functions, known.sqlglot) == []
    if dialect in ("snowflake", "trino", "redshift", "databricks", "synapse", "fabric"):
        check(sql, "tsql" if dialect in ("synapse", "fabric") else dialect)
    if dialect in ("synapse", "fabric"):
        assert misplaced_conditions(sql) == []


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with sqlnomaly.connect() as session:
        session.load("t", arrow(ROWS))
        session.sql(f"CREATE TABLE told AS SELECT * FROM {form(', threshold => 1.5')}")
        yield session


def rows_of(session: Session, sql: str) -> list[str]:
    """The rows of a query in an order of their own; sums of two runs may differ by an ulp."""
    table = session.sql(sql).arrow().to_pylist()
    return sorted(repr([round(v, 9) if isinstance(v, float) else v for v in row.values()]) for row in table)


PLACES = [
    "SELECT * FROM {}",
    "SELECT anomaly_events.points FROM {} WHERE points > 1",
    "SELECT e.k, e.event_id FROM {} AS e WHERE e.direction = 'high' ORDER BY e.severity DESC LIMIT 3",
    "SELECT * FROM {} AS e (a, b)",
    "SELECT t.x, e.* FROM t JOIN {} AS e ON t.k = e.k AND t.ts BETWEEN e.event_start AND e.event_end",
    "WITH e AS (SELECT * FROM {}) SELECT k, COUNT(*), SUM(points) FROM e GROUP BY k",
    "WITH t AS (SELECT * FROM t WHERE k IS NOT NULL OR k IS NULL) SELECT * FROM {}",
    "SELECT k, (SELECT MAX(peak_score) FROM {}) AS m FROM t",
    "SELECT * FROM {} AS a JOIN {} AS b USING (k, event_id)",
    "SELECT k, anomaly_score(points) OVER () AS s FROM {} AS e",
    "SELECT k, points FROM {} UNION ALL SELECT k, -points FROM {}",
]


@pytest.mark.duckdb
@pytest.mark.parametrize("place", PLACES)
def test_it_stands_wherever_a_table_may(session: Session, place: str) -> None:
    table = place.replace("{} WHERE", "told AS anomaly_events WHERE").replace("{}", "told")
    assert rows_of(session, place.replace("{}", form(", threshold => 1.5"))) == rows_of(session, table)


@pytest.mark.duckdb
@pytest.mark.parametrize("head", ["CREATE OR REPLACE TABLE made AS", "CREATE OR REPLACE VIEW made AS"])
def test_statements_that_write_may_read_it(session: Session, head: str) -> None:
    session.sql(f"{head} SELECT * FROM {form(', threshold => 1.5')}")
    assert rows_of(session, "SELECT * FROM made") == rows_of(session, "SELECT * FROM told")
    session.sql("DROP VIEW made" if "VIEW" in head else "DROP TABLE made")


@pytest.mark.duckdb
def test_a_form_may_read_detect_anomalies_and_be_read_by_it(session: Session) -> None:
    inner = "(SELECT k, ts, anomaly_score AS x FROM detect_anomalies(t, features => 'x', order_by => 'ts'))"
    session.sql("CREATE OR REPLACE TABLE scores AS " + inner[1:-1])
    again = ", threshold => 1.5"
    assert rows_of(session, f"SELECT * FROM {form(again, inner)}") == rows_of(
        session, f"SELECT * FROM {form(again, 'scores')}"
    )
    outer = "SELECT k, anomaly_score FROM detect_anomalies({}, features => 'points')"
    assert rows_of(session, outer.format(f"(SELECT * FROM {form(again)})")) == rows_of(session, outer.format("told"))


@pytest.mark.duckdb
def test_hostile_names_are_names() -> None:
    with sqlnomaly.connect() as session:
        session.sql(
            'CREATE TABLE "Odd Table" AS SELECT i % 2 AS "select", i AS "order", i AS placed, i AS _sn_time, '
            'CASE WHEN i IN (30, 31, 33) THEN 90.0 ELSE i % 5 END AS "Unit ""Price" FROM range(40) AS r(i)'
        )
        options = (
            "features => '\"Unit \"\"Price\"', order_by => 'order', merge_gap => 5, causal => FALSE, detector => 'mad'"
        )
        for keys in ("select", "select, placed", '"_sn_time"'):
            source = "\"Odd Table\", " + (f"partition_by => '{keys}', min_rows => 1, " if keys else "")
            found = session.sql(f"SELECT * FROM anomaly_events({source}{options})").arrow()
            assert found.column_names == [*keys.replace('"', "").split(", "), *COLUMNS]
        found = session.sql(f'SELECT * FROM anomaly_events("Odd Table", partition_by => \'select\', {options})').arrow()
    wanted = [(0, 30, 30, 1, 'Unit "Price'), (1, 31, 33, 2, 'Unit "Price')]
    columns = ("select", "event_start", "event_end", "points", "reason")
    assert sorted(tuple(row[name] for name in columns) for row in found.to_pylist()) == wanted


@pytest.mark.duckdb
@pytest.mark.parametrize("rows", [0, 1, 2])
def test_tables_of_a_row_or_none_have_no_event(rows: int) -> None:
    with sqlnomaly.connect() as session:
        session.load("t", arrow(ROWS[:rows]))
        assert session.sql(f"SELECT * FROM {form()}").fetchall() == []


def points(session: Session, values: str, options: str) -> list[tuple[Any, ...]]:
    """Start, end, peak score, direction, points, area, severity of the events of values in their order."""
    session.sql(f"CREATE OR REPLACE TABLE v AS SELECT * FROM (VALUES {values}) AS v(n, x)")
    query = f"anomaly_events(v, features => 'x', order_by => 'n', {options})"
    rows = session.sql(
        f"SELECT event_start, event_end, peak_score, direction, points, area, severity FROM {query} ORDER BY event_id"
    )
    return list(rows.fetchall())


@pytest.mark.duckdb
def test_a_point_without_a_score_is_a_point() -> None:
    values = "(1, 5.0), (2, 5.0), (3, 5.0), (4, 5.0), (5, NULL), (6, 9.0), (7, 5.0), (8, 5.0), (9, 1.0)"
    with sqlnomaly.connect() as session:
        missing = points(session, values, "nulls => 'anomalous', threshold => 100")
        assert missing == [(5, 5, None, None, 1, None, None)]
        flat = points(session, values.replace("(9, 1.0)", "(9, 5.0)"), "min_effect => 2, threshold => 100")
        assert flat == [(6, 6, None, "high", 1, None, None)]
        both = points(session, values, "nulls => 'anomalous', min_effect => 2, threshold => 100")
        assert both == [(5, 6, None, None, 2, None, None)]


@pytest.mark.duckdb
def test_a_threshold_that_is_not_positive_has_no_severity() -> None:
    values = ", ".join(f"({n}, {5.0 if n != 8 else 50.0} + {n % 3})" for n in range(12))
    with sqlnomaly.connect() as session:
        ((start, end, score, side, count, area, severity),) = points(session, values, "threshold => -1, min_rows => 8")
        assert (start, end, side, count, severity) == (8, 11, "high", 4, None)
        assert area > score > 0


@pytest.mark.duckdb
def test_several_features_and_detectors_without_a_centre_have_no_direction() -> None:
    with sqlnomaly.connect() as session:
        session.load("t", arrow(ROWS))
        two = "anomaly_events((SELECT *, -x AS y FROM t), features => 'x, y', order_by => 'ts')"
        assert {row[0] for row in session.sql(f"SELECT direction FROM {two}").fetchall()} == {None}
        ecod = form(", detector => 'ecod', causal => FALSE, contamination => 0.05")
        rows = session.sql(f"SELECT direction, peak_score FROM {ecod}").fetchall()
        assert rows
        assert {row[0] for row in rows} == {None}


@pytest.mark.duckdb
def test_an_event_is_told_by_date_number_and_text() -> None:
    with sqlnomaly.connect() as session:
        session.sql(
            "CREATE TABLE t AS SELECT DATE '2024-02-27' + CAST(i AS INT) AS d, 100 + i AS n, 'r' || (100 + i) AS w, "
            "CASE WHEN i IN (20, 22) THEN 90.0 ELSE i % 5 END AS x FROM range(30) AS r(i)"
        )
        whole = "detector => 'mad', causal => FALSE"
        wanted = {"d": (dt.date(2024, 3, 18), dt.date(2024, 3, 20)), "n": (120, 122), "w": ("r120", "r122")}
        for key, ends in wanted.items():
            query = f"anomaly_events(t, features => 'x', order_by => '{key}', merge_gap => 1, {whole})"
            (row,) = session.sql(f"SELECT event_start, event_end, peak_at FROM {query}").fetchall()
            assert row == (*ends, ends[0])
        days = f"anomaly_events(t, features => 'x', order_by => 'd', merge_within => '2 days', {whole})"
        assert session.sql(f"SELECT points FROM {days}").fetchall() == [(2,)]
        days = days.replace("2 days", "1 day")
        assert session.sql(f"SELECT event_id, points FROM {days} ORDER BY event_id").fetchall() == [(1, 1), (2, 1)]


@pytest.mark.duckdb
def test_without_causal_a_row_is_judged_by_its_whole_series() -> None:
    with sqlnomaly.connect() as session:
        session.load("t", arrow(ROWS))
        plain = "SELECT * FROM detect_anomalies(t, features => 'x', partition_by => 'k', detector => 'mad'{})"
        ordered = plain.format(", order_by => 'ts', causal => FALSE")
        assert rows_of(session, ordered) == rows_of(session, plain.format(""))
        scores = session.sql(plain.format("")).arrow().to_pylist()
        found = session.sql(f"SELECT * FROM {form(', detector => ' + repr('mad') + ', causal => FALSE')}").arrow()
        rows = [
            {**row, "odd": bool(row["is_anomaly"]), "score": row["anomaly_score"], "expected": 0.0} for row in scores
        ]
        same([tuple(row.values()) for row in found.to_pylist()], events(rows, 3.5))


@pytest.mark.duckdb
def test_every_series_has_its_own_budget() -> None:
    """A contamination is a share of the rows of each partition: series of other scales get as many points each."""
    with sqlnomaly.connect() as session:
        session.sql(
            "CREATE TABLE t AS SELECT k, i AS ts, POWER(1000, k) * SIN(i * i) AS x "
            "FROM range(2000) AS r(i), range(4) AS s(k)"
        )
        for detector in ("mad", "zscore", "ecod"):
            options = f", detector => '{detector}', causal => FALSE, contamination => 0.005"
            rows = session.sql(f"SELECT k, SUM(points) FROM {form(options)} GROUP BY k ORDER BY k").fetchall()
            assert [(key, int(count)) for key, count in rows] == [(key, 10) for key in range(4)]
            thresholds = session.sql(
                "SELECT COUNT(DISTINCT anomaly_threshold), COUNT(*) FROM detect_anomalies(t, features => 'x', "
                f"partition_by => 'k', detector => '{detector}', contamination => 0.005) WHERE is_anomaly"
            ).fetchall()
            assert thresholds[0][1] == 40


@pytest.mark.duckdb
def test_a_detector_that_looks_at_later_rows_has_events() -> None:
    with sqlnomaly.connect() as session:
        session.sql(
            "CREATE TABLE t AS SELECT 'a' AS k, TIMESTAMP '2024-01-01' + i * INTERVAL 1 HOUR AS ts, "
            "i % 24 + i * 7 % 5 / 10.0 + CASE WHEN i IN (100, 101) THEN 90 ELSE 0 END AS x FROM range(240) AS r(i)"
        )
        query = form(", detector => 'series_decompose', season => 'hour', contamination => 0.01, merge_gap => 2")
        rows = session.sql(f"SELECT points, direction FROM {query} ORDER BY peak_score DESC LIMIT 1").fetchall()
        assert rows == [(2, "high")]


BY = "order_by => 'ts'"
REFUSED: Sequence[tuple[str, type[SqlnomalyError], str]] = (
    ("t, features => 'x'", CallError, "anomaly_events needs the order .*\n.*\n.*order_by => 'ts'"),
    (BY, CallError, "needs a relation to judge"),
    (f"t, {BY}", CallError, "anomaly_events needs the features"),
    ("t, features => 'x', order_by => 'k, ts'", CallError, "one key in order_by, not 2"),
    ("t, features => 'x', order_by => 'ts DESC'", CallError, "order of time"),
    (f"t, features => 'x', {BY}, partition_by => 'k, k'", CallError, "names k twice"),
    (f"t, features => 'x', {BY}, merge_gap => 1, merge_within => '1 hour'", CallError, "exclude each other"),
    (f"t, features => 'x', {BY}, merge_gap => -1", CallError, "merge_gap => -1 is out of range.*\n.*\n.*0 or more"),
    (f"t, features => 'x', {BY}, merge_gap => 1.5", CallError, "merge_gap takes a whole number"),
    (f"t, features => 'x', {BY}, min_points => 0", CallError, "min_points => 0 is out of range"),
    (f"t, features => 'x', {BY}, merge_within => 3600", CallError, "merge_within takes a text such as '1 hour'"),
    (f"t, features => 'x', {BY}, merge_within => '1 houre'", CallError, "no unit 'houre'.*\n.*\n.*mean 'hour'"),
    (f"t, features => 'x', {BY}, merge_within => '0 hours'", CallError, "out of range"),
    (f"t, features => 'x', {BY}, merge_within => '1 month'", CallError, "no unit 'month'"),
    ("t, features => 'x', order_by => 'x', merge_within => '1 hour'", BindError, "x is a number"),
    ("t, features => 'x', order_by => 'k', merge_within => '1 hour'", BindError, "k is text.*\n.*\n.*cast it"),
    (f"t, features => 'x', {BY}, merge_gaps => 1", CallError, "'merge_gaps' of anomaly_events.*\n.*\n.*'merge_gap'"),
    (f"t, features => 'x', {BY}, model => 'm'", UnsupportedError, "model is refused in anomaly_events"),
    (f"t, features => 'x', {BY}, detector => 'ecod'", UnsupportedError, "no causal form.*\n.*\n.*causal => FALSE"),
    (f"t, features => 'x', {BY}, contamination => 0.01", UnsupportedError, "contamination would .*\n.*\n.*causal"),
    (f"t, features => 'x', {BY}, alert_budget => 3", UnsupportedError, "alert_budget would .*\n.*\n.*causal"),
    (f"t, features => 'x', {BY}, detector => 'ewma', causal => FALSE", UnsupportedError, "refused by ewma"),
    (f"t, features => 'x', {BY}, season => 'hour', causal => FALSE", CallError, "season compares"),
    (f"t, features => 'x', {BY}, causal => 'no'", CallError, "causal takes TRUE or FALSE"),
    (f"t, features => 'x', {BY}, detector => 'zscor'", CallError, "did you mean 'zscore'"),
    (f"t, features => 'y', {BY}", BindError, "y"),
    (f"(SELECT *, 1 AS points FROM t), features => 'x', partition_by => 'points', {BY}", BindError, "_events adds"),
    (f"t, features => 'x', {BY}, frame => '3'", UnsupportedError, "anomaly_events has no option frame"),
)  # fmt: skip


@pytest.mark.parametrize(("arguments", "kind", "words"), REFUSED, ids=[words for _, _, words in REFUSED])
def test_what_it_cannot_say_is_refused_by_name(arguments: str, kind: type[SqlnomalyError], words: str) -> None:
    with pytest.raises(kind, match=words) as caught:
        sqlnomaly.compile(f"SELECT * FROM anomaly_events({arguments})", schema=SCHEMA)
    assert caught.value.hint


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT anomaly_events(t, features => 'x', order_by => 'ts') FROM t",
        "PREPARE p AS SELECT * FROM anomaly_events(t, features => 'x', order_by => 'ts')",
    ],
)
def test_outside_from_it_is_refused(statement: str) -> None:
    with pytest.raises((CallError, UnsupportedError), match=r"anomaly_events gives a table|in \w+ is not supported"):
        sqlnomaly.compile(statement, schema=SCHEMA)


def test_nobody_knows_what_a_time_is_without_a_schema_but_a_cast_says_it() -> None:
    query = "SELECT * FROM anomaly_events({}, features => 'x', order_by => 'ts', merge_within => '1 hour')"
    with pytest.raises(BindError, match="needs to know whether ts is a date"):
        sqlnomaly.compile(query.format("t"))
    shown = "(SELECT CAST(w AS TIMESTAMP) AS ts, x FROM t)"
    assert "EPOCH(" in sqlnomaly.compile(query.format(shown)).sql


@pytest.mark.duckdb
def test_a_file_has_events(tmp_path: Any) -> None:
    with sqlnomaly.connect() as session:
        session.load("t", arrow(ROWS))
        session.sql(f"COPY t TO '{tmp_path}/t.parquet'")
        session.sql(f"CREATE TABLE told AS SELECT * FROM {form()}")
        query = f"SELECT * FROM {form('', repr(f'{tmp_path}/t.parquet'))}"
        assert rows_of(session, query) == rows_of(session, "SELECT * FROM told")


def test_explain_knows_what_is_judged() -> None:
    told = sqlnomaly.compile(f"SELECT * FROM {form()}", schema=SCHEMA).explain()
    assert "baseline: every row of the same k before it by ts" in told

"""The rules beside threshold and contamination: fdr, alert_budget, pot and significance, against plain Python."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

import sqlnomaly
from sqlnomaly import Session, SqlnomalyError
from sqlnomaly.dialects import DIALECTS, get_dialect
from sqlnomaly.dialects.signature import check_functions
from sqlnomaly.pushdown.curve import curve
from sqlnomaly.udfs.mahalanobis import Mahalanobis
from sqlnomaly.udfs.zscore import Zscore
from tests.conformance.on_printed import misplaced_conditions
from tests.conftest import missing_engine
from tests.engines.snowflake_grammar import check as check_grammar
from tests.reference import thresholds
from tests.reference.judge import judge
from tests.reference.values import group_key

Row = Mapping[str, Any]
Said = tuple[list[bool | None], list[float | None]]
"""What a rule says of each row: anomaly or not, and the threshold."""

SCHEMA = {"id": "BIGINT", "g": "DOUBLE", "day": "DATE", "x": "DOUBLE", "y": "DOUBLE", "ref": "BOOLEAN"}
ARROW = {"BIGINT": pa.int64(), "DOUBLE": pa.float64(), "DATE": pa.date32(), "BOOLEAN": pa.bool_()}
TYPES = pa.schema([(name, ARROW[kind]) for name, kind in SCHEMA.items()])
TOLERANCE = 1e-9


def table(kind: str, seed: int, size: int = 240) -> list[dict[str, Any]]:
    """Rows in four partitions, one of them NULL and one NaN; some values are missing or no number.

    Four in ten of the rows that are no reference lie far out, and few of the others.
    """
    random_ = random.Random(f"{kind} {seed}")

    def value(far: float) -> float | None:
        if random_.random() < 0.03:
            return random_.choice([None, math.nan, math.inf])
        shift = 8.0 if random_.random() < far else 0.0
        if kind == "ties":
            return float(round(random_.gauss(shift, 2)))
        if kind == "duplicates" and random_.random() < 0.6:
            return 1.0 + shift
        return shift + (random_.expovariate(1) if kind == "skewed" else random_.gauss(0, 1))

    keys = [1.0, 2.0, None, math.nan]
    rows: list[dict[str, Any]] = []
    for i in range(28 if kind == "small" else size):
        reference = None if i % 40 == 3 else random_.random() < 0.8
        far = 0.01 if reference else 0.4
        day = None if i % 50 == 7 else dt.date(2025, 1, 1) + dt.timedelta(days=i % 5)
        values = {"x": value(far), "y": value(far)}
        rows.append({"id": i, "g": keys[i % 4], "day": day, **values, "ref": reference})
    return rows


def arrow(rows: Sequence[Row]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=TYPES)


@dataclass(frozen=True)
class Case:
    """A rule in SQL, and what the reference says of the scores."""

    name: str
    rule: str
    said: Callable[[Sequence[Row], list[float | None]], Said]
    features: tuple[str, ...] = ("x",)
    detector: str = "zscore"
    options: Mapping[str, Any] = field(default_factory=lambda: {"direction": "high"})
    filtered: bool = False

    def sql(self) -> str:
        """A query for verdicts, thresholds and statuses."""
        own = "".join(f", {name} => {value!r}" for name, value in self.options.items()).replace("True", "TRUE")
        arguments = f"{', '.join(self.features)}, detector => '{self.detector}'{own}, {self.rule}"
        window = f"{'FILTER (WHERE ref) ' if self.filtered else ''}OVER (PARTITION BY g)"
        names = {"is_anomaly": "found", "anomaly_threshold": "cut", "anomaly_status": "status"}
        calls = ", ".join(f"{name}({arguments}) {window} AS {alias}" for name, alias in names.items())
        return f"SELECT id, {calls} FROM t"

    def expected(self, rows: Sequence[Row]) -> dict[int, tuple[bool | None, float | None, str]]:
        """By id: verdict, threshold, status."""
        where = (lambda row: row["ref"]) if self.filtered else None
        verdicts = judge(
            rows, detector=self.detector, features=self.features, partition=["g"], where=where, **self.options
        )
        scores = [verdict.score for verdict in verdicts]
        found, cuts = self.said(rows, scores)
        return {
            row["id"]: (
                one,
                cut,
                "too_few_rows" if one is None and verdict.score is not None else verdict.status,
            )
            for row, verdict, one, cut in zip(rows, verdicts, found, cuts, strict=True)
        }


def partitions(rows: Sequence[Row], *names: str) -> list[Any]:
    return [group_key([row[name] for name in names or ("g",)]) for row in rows]


def fitted(rows: Sequence[Row]) -> list[bool]:
    return [row["ref"] is True for row in rows]


def fdr(rate: float, scope: str) -> Callable[[Sequence[Row], list[float | None]], Said]:
    return lambda rows, scores: thresholds.false_discoveries(
        scores, fitted(rows), partitions(rows), rate=rate, scope=scope
    )


def budget(count: int, *names: str) -> Callable[[Sequence[Row], list[float | None]], Said]:
    return lambda rows, scores: thresholds.alert_budget(
        scores, partitions(rows, *names), rows=count, tolerance=TOLERANCE
    )


def above(scores: list[float | None], cuts: list[float | None]) -> Said:
    """Scores against thresholds; none without either."""
    found = [
        None if score is None or cut is None else score > cut + TOLERANCE * max(1.0, abs(cut))
        for score, cut in zip(scores, cuts, strict=True)
    ]
    return found, cuts


def pot(rate: float, level: float, *, filtered: bool) -> Callable[[Sequence[Row], list[float | None]], Said]:
    def said(rows: Sequence[Row], scores: list[float | None]) -> Said:
        groups, inside = partitions(rows), fitted(rows) if filtered else [True] * len(rows)
        cuts = {}
        for group in set(groups):
            known = [
                s for s, own, fit in zip(scores, groups, inside, strict=True) if own == group and fit and s is not None
            ]
            cuts[group] = thresholds.peaks(known, rate=rate, level=level, tolerance=TOLERANCE)
        return above(scores, [cuts[group] for group in groups])

    return said


def usable(value: Any) -> bool:
    return value is not None and math.isfinite(value)


def significance(
    level: float,
    *features: str,
    filtered: bool = False,
    alone: bool = False,
    ignoring: bool = False,
    ddof: int = 1,
    direction: str = "both",
) -> Callable[[Sequence[Row], list[float | None]], Said]:
    def said(rows: Sequence[Row], scores: list[float | None]) -> Said:
        groups = partitions(rows)
        cuts: list[float | None] = []
        for row, group in zip(rows, groups, strict=True):
            inside = not filtered or row["ref"] is True
            parts = []
            for name in features:
                n = sum(
                    each == group and usable(other[name]) and (not filtered or other["ref"] is True)
                    for other, each in zip(rows, groups, strict=True)
                )
                n -= alone and inside and usable(row[name])
                own = inside and not alone
                if ignoring and not usable(row[name]):
                    continue
                shape = {"features": len(features), "ddof": ddof, "direction": direction}
                parts.append(thresholds.student(n, level, own=own, **shape))
            cuts.append(None if None in parts or not parts else max(part for part in parts if part is not None))
        return above(scores, cuts)

    return said


CASES = [
    Case("fdr of a partition", "fdr => 0.1", fdr(0.1, "partition"), filtered=True),
    Case("fdr of the query", "fdr => 0.2, scope => 'query'", fdr(0.2, "query"), filtered=True),
    Case("fdr of a robust score", "fdr => 0.3", fdr(0.3, "partition"), detector="mad", filtered=True),
    Case("fdr below what n allows", "fdr => 0.01", fdr(0.01, "partition"), filtered=True),
    Case("budget of a partition", "alert_budget => 3", budget(3)),
    Case("budget beyond the rows", "alert_budget => 1000", budget(1000)),
    Case("budget of a day", "alert_budget => 2, budget_per => day", budget(2, "day")),
    Case("budget of a key", "alert_budget => 4, budget_per => g", budget(4, "g")),
    Case("budget of both", "alert_budget => 1, budget_per => (g, day)", budget(1, "g", "day")),
    Case("peaks", "pot => 0.01, pot_level => 0.75", pot(0.01, 0.75, filtered=False)),
    Case("peaks by others", "pot => 0.02, pot_level => 0.6", pot(0.02, 0.6, filtered=True), filtered=True),
    Case("peaks that are too few", "pot => 0.001", pot(0.001, 0.98, filtered=False)),
    Case("test", "significance => 0.05", significance(0.05, "x"), options={}),
    Case("test upwards", "significance => 0.01", significance(0.01, "x", direction="high")),
    Case("test by others", "significance => 0.05", significance(0.05, "x", filtered=True), options={}, filtered=True),
    Case(
        "test of two",
        "significance => 0.05",
        significance(0.05, "x", "y", filtered=True, ddof=0),
        features=("x", "y"),
        options={"ddof": 0},
        filtered=True,
    ),
    Case(
        "test of what is there",
        "significance => 0.05",
        significance(0.05, "x", "y", ignoring=True),
        features=("x", "y"),
        options={"nulls": "ignore"},
    ),
    Case(
        "test without the row",
        "significance => 0.05",
        significance(0.05, "x", alone=True),
        options={"leave_one_out": True},
    ),
]  # fmt: skip


def check(case: Case, rows: Sequence[Row], found: Sequence[Mapping[str, Any]]) -> None:
    """The engine's answers are those of the reference."""
    expected = case.expected(rows)
    assert len(found) == len(rows)
    for row in found:
        anomaly, cut, status = expected[row["id"]]
        where = (case.name, row, expected[row["id"]])
        assert row["found"] is anomaly or row["found"] == anomaly, where
        assert row["cut"] == (None if cut is None else pytest.approx(cut, rel=1e-8, abs=1e-9)), where
        assert row["status"] == status, where


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with sqlnomaly.connect() as connected:
        yield connected


# --- the rules against their references


@pytest.mark.duckdb
@pytest.mark.parametrize("kind", ["plain", "ties", "duplicates", "skewed", "small"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_rule_says_what_its_reference_says(session: Session, case: Case, kind: str) -> None:
    """Over ties, missing values, NULL and NaN keys, and partitions of seven rows."""
    for seed in range(2):
        rows = table(kind, seed)
        session.load("t", arrow(rows))
        check(case, rows, session.sql(case.sql()).arrow().to_pylist())


def on_postgres() -> Iterator[Callable[[str, pa.Table], list[dict[str, Any]]]]:
    from tests.engines.postgres import Server

    try:
        server = Server()
    except (ImportError, OSError) as error:
        missing_engine("postgres", str(error))
    with sqlnomaly.connect(server.url) as connected:
        yield by_session(connected)
    server.stop()


def on_spark() -> Iterator[Callable[[str, pa.Table], list[dict[str, Any]]]]:
    from tests.conformance.on_spark import OnSpark

    runner = OnSpark()
    yield by_session(Session(runner.engine))
    runner.close()


def on_bigquery() -> Iterator[Callable[[str, pa.Table], list[dict[str, Any]]]]:
    from tests.engines.googlesql import GoogleSql

    types = {"id": "INT64", "g": "FLOAT64", "day": "DATE", "x": "FLOAT64", "y": "FLOAT64", "ref": "BOOL"}

    def run(sql: str, rows: pa.Table) -> list[dict[str, Any]]:
        return list(GoogleSql({"t": types}).execute(compiled(sql, "bigquery"), {"t": rows}).to_pylist())

    yield run


def on_clickhouse() -> Iterator[Callable[[str, pa.Table], list[dict[str, Any]]]]:
    from tests.engines.clickhouse import ClickHouse

    engine = ClickHouse()

    def run(sql: str, rows: pa.Table) -> list[dict[str, Any]]:
        engine.load("t", rows)
        return list(engine.run(compiled(sql, "clickhouse")).to_pylist())

    yield run
    engine.close()


def on_redshift() -> Iterator[Callable[[str, pa.Table], list[dict[str, Any]]]]:
    from tests.conformance.on_postgres import OnRedshift, refused_by_redshift

    runner = OnRedshift()

    def run(sql: str, rows: pa.Table) -> list[dict[str, Any]]:
        made = compiled(sql, "redshift")
        assert refused_by_redshift(made) == []
        runner.engine.load("t", rows)
        return list(runner.engine.run(runner.STEP.sub(r"\1\2 AS MATERIALIZED (", made)).to_pylist())

    yield run
    runner.close()


def on_snowflake() -> Iterator[Callable[[str, pa.Table], list[dict[str, Any]]]]:
    from tests.conformance.on_snowflake import exact
    from tests.engines.fakesnow import Fakesnow, FakesnowMissingError
    from tests.engines.snowflake_numbers import kind_of_type

    try:
        engine = Fakesnow()
    except FakesnowMissingError as error:
        missing_engine("snowflake", str(error))
    words = {"BIGINT": "NUMBER(38, 0)", "DOUBLE": "FLOAT"}
    types = {name.upper(): words.get(kind, kind) for name, kind in SCHEMA.items()}

    def run(sql: str, rows: pa.Table) -> list[dict[str, Any]]:
        made = compiled(sql, "snowflake")
        exact(made, {"T": {name: kind_of_type(kind) for name, kind in types.items()}})
        engine.load("T", rows.rename_columns(list(types)), list(types.values()))
        return [{name.lower(): value for name, value in row.items()} for row in engine.run(made).to_pylist()]

    yield run
    engine.close()


def compiled(sql: str, dialect: str) -> str:
    return sqlnomaly.compile(sql, read="duckdb", write=dialect, schema={"t": SCHEMA}).sql


def by_session(connected: Session) -> Callable[[str, pa.Table], list[dict[str, Any]]]:
    def run(sql: str, rows: pa.Table) -> list[dict[str, Any]]:
        connected.load("t", rows)
        return list(connected.sql(sql, read="duckdb").arrow().to_pylist())

    return run


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(on_postgres, marks=pytest.mark.postgres, id="postgres"),
        pytest.param(on_bigquery, marks=pytest.mark.bigquery, id="bigquery"),
        pytest.param(on_clickhouse, marks=pytest.mark.clickhouse, id="clickhouse"),
        pytest.param(on_redshift, marks=pytest.mark.redshift, id="redshift"),
        pytest.param(on_snowflake, marks=pytest.mark.snowflake, id="snowflake"),
        pytest.param(on_spark, marks=[pytest.mark.spark, pytest.mark.slow], id="spark"),
    ],
)
def test_every_engine_says_the_same(start: Callable[[], Iterator[Any]]) -> None:
    """Each rule over ties and over values without."""
    running = start()
    run = next(running)
    for case in CASES:
        rows = table("ties" if "fdr" in case.name else "plain", 5, size=200)
        check(case, rows, run(case.sql(), arrow(rows)))
    next(running, None)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_rule_calls_functions_that_the_engine_has(dialect: str) -> None:
    """With arguments of the kinds that they take; for T-SQL no condition stands where a value should."""
    record = get_dialect(dialect)
    for case in CASES:
        sql = compiled(case.sql(), dialect)
        assert check_functions(sql, record.functions, record.sqlglot) == [], case.name
        if record.sqlglot in ("tsql", "fabric"):
            assert misplaced_conditions(sql) == [], case.name


@pytest.mark.parametrize(
    ("dialect", "grammar"),
    [
        pytest.param("snowflake", "snowflake", marks=[pytest.mark.snowflake, pytest.mark.slow]),
        pytest.param("trino", "trino", marks=[pytest.mark.trino, pytest.mark.slow]),
        pytest.param("redshift", "redshift", marks=[pytest.mark.redshift, pytest.mark.slow]),
        pytest.param("synapse", "tsql", marks=[pytest.mark.synapse, pytest.mark.slow]),
    ],
)
def test_a_rule_is_of_the_grammar_of_its_engine(dialect: str, grammar: str) -> None:
    """By an independent parser, which refuses what is nested too deeply."""
    for case in CASES:
        check_grammar(compiled(case.sql(), dialect), grammar)


# --- what a rule means, on tables that can be read


def answers(session: Session, query: str, rows: Mapping[str, Sequence[Any]]) -> list[tuple[Any, ...]]:
    session.load("t", pa.table(dict(rows)))
    return session.sql(query).fetchall()


@pytest.mark.duckdb
def test_of_false_discoveries_the_largest_rank_that_fits_counts(session: Session) -> None:
    """p = 1/10, 1/10, 3/10 of three rows beside nine of reference: 1/10 <= 2/3 fdr, 3/10 <= fdr."""
    rows = {"x": [*range(1, 10), 20, 30, 7.5], "ref": [True] * 9 + [False] * 3}
    query = """
        SELECT x, is_anomaly(x, direction => 'high', fdr => 0.2) FILTER (WHERE ref) OVER () AS some,
               is_anomaly(x, direction => 'high', fdr => 0.3) FILTER (WHERE ref) OVER () AS every_one,
               anomaly_threshold(x, direction => 'high', fdr => 0.3) FILTER (WHERE ref) OVER ()
                 = anomaly_score(x, direction => 'high') FILTER (WHERE ref) OVER () AS smallest
        FROM t QUALIFY x >= 7.5 ORDER BY x"""

    assert answers(session, query, rows) == [
        (7.5, False, True, True),
        (8.0, False, False, False),
        (9.0, False, False, False),
        (20.0, True, True, False),
        (30.0, True, True, False),
    ]


@pytest.mark.duckdb
def test_the_scope_of_false_discoveries_is_the_partition_or_the_query(session: Session) -> None:
    """One of two rows is far out in its own partition; beside twenty ordinary ones of the other it is none."""
    rows = {
        "g": ["a"] * 22 + ["b"] * 40,
        "x": [*range(20), 99, 0, *range(20), *range(20)],
        "ref": [True] * 20 + [False] * 2 + [True] * 20 + [False] * 20,
    }
    call = "is_anomaly(x, direction => 'high', fdr => 0.1{}) FILTER (WHERE ref) OVER (PARTITION BY g)"
    query = f"SELECT {call.format('')}, {call.format(', scope => {!r}'.format('query'))} FROM t QUALIFY x = 99"

    assert answers(session, query, rows) == [(True, False)]


@pytest.mark.duckdb
def test_a_row_of_reference_is_never_a_false_discovery_nor_a_true_one(session: Session) -> None:
    """However far out it lies: it is what others are compared with."""
    rows = {"x": [*range(30), 1000], "ref": [True] * 31}
    query = "SELECT DISTINCT is_anomaly(x, fdr => 0.1) FILTER (WHERE ref) OVER () FROM t"

    assert answers(session, query, rows) == [(False,)]


@pytest.mark.duckdb
def test_a_budget_is_never_exceeded_and_leaves_out_a_tie_across_its_end(session: Session) -> None:
    """Two rows of value 4, one place left: neither gets it."""
    query = "SELECT x FROM t QUALIFY is_anomaly(x, direction => 'high', alert_budget => {}) OVER () ORDER BY x"
    rows = {"x": [1.0, 2, 3, 4, 4, 5]}

    assert answers(session, query.format(2), rows) == [(5.0,)]
    assert answers(session, query.format(3), rows) == [(4.0,), (4.0,), (5.0,)]


@pytest.mark.duckdb
def test_min_effect_and_missing_values_mean_what_they_mean_with_any_rule(session: Session) -> None:
    """Below the effect no anomaly; a missing value is one if asked so, whatever the rule says."""
    values = [float(i % 7) for i in range(60)]
    rows = {"x": [*values, 9.0, 50.0, None], "ref": [True] * 60 + [False] * 3}
    rules = ["fdr => 0.1", "alert_budget => 2", "pot => 0.1, pot_level => 0.5", "significance => 0.1"]
    for rule in rules:
        call = f"is_anomaly(x, direction => 'high', nulls => 'anomalous', {rule}{{}}) FILTER (WHERE ref) OVER ()"
        query = f"SELECT x, {call.format('')}, {call.format(', min_effect => 20')} FROM t QUALIFY NOT ref ORDER BY x"

        assert answers(session, query, rows) == [(9.0, True, False), (50.0, True, True), (None, True, True)], rule


@pytest.mark.duckdb
def test_an_effect_counts_where_its_feature_alone_is_as_high_as_a_discovery_of_its_partition(session: Session) -> None:
    """The row of b is found by x, whose effect is too small; its y is high only beside the discoveries of a."""
    plain = [float(i % 10) for i in range(100)]
    rows = {
        "g": ["a"] * 101 + ["b"] * 101,
        "x": [*plain, 20.0, 1000.0, *plain[1:], 3000.0],
        "y": [*plain, 4.0, *plain, 25.0],
        "ref": ([True] * 100 + [False]) * 2,
    }
    call = "is_anomaly(x, y, fdr => 0.1, scope => 'query'{}) FILTER (WHERE ref) OVER (PARTITION BY g)"
    calls = ", ".join(map(call.format, ["", ", min_effect => [10, 1e6]", ", min_effect => [1e6, 10]"]))

    found = answers(session, f"SELECT g, {calls} FROM t QUALIFY NOT ref ORDER BY g", rows)

    assert found == [("a", True, True, False), ("b", True, True, False)]


@pytest.mark.duckdb
def test_peaks_never_go_below_the_quantile_where_the_tail_begins(session: Session) -> None:
    """Thirty of a hundred rows lie on it, and the ten beyond are fewer than what was asked."""
    rows = {"x": [*map(float, range(60)), *[100.0] * 30, *map(float, range(101, 111))]}
    call = "is_anomaly(x, direction => 'high', pot => 0.2, pot_level => 0.75) OVER ()"

    assert answers(session, f"SELECT MIN(x), COUNT(*) FROM (SELECT x FROM t QUALIFY {call})", rows) == [(101.0, 10)]


@pytest.mark.duckdb
def test_a_rule_that_cannot_say_says_so_with_min_effect_too(session: Session) -> None:
    """Three excesses are no tail."""
    rows = {"x": [float(i) for i in range(20)]}
    call = "{}(x, direction => 'high', pot => 0.01, pot_level => 0.85, min_effect => 1) OVER ()"
    query = f"SELECT DISTINCT {call.format('is_anomaly')}, {call.format('anomaly_status')} FROM t"

    assert answers(session, query, rows) == [(None, "too_few_rows")]


@pytest.mark.duckdb
def test_the_relation_form_takes_every_rule(session: Session) -> None:
    """With names of columns where a call has expressions."""
    session.load("t", arrow(table("plain", 3)))
    shared = "FROM detect_anomalies(t, features => 'x', partition_by => 'g', direction => 'high', "
    call = "is_anomaly(x, direction => 'high', {}) {} OVER (PARTITION BY g)"
    pairs = [
        ("fdr => 0.3, scope => 'query', filter => 'ref'", "fdr => 0.3, scope => 'query'", "FILTER (WHERE ref)"),
        ("alert_budget => 2, budget_per => 'day'", "alert_budget => 2, budget_per => day", ""),
        ("alert_budget => 2, budget_per => ['day', 'g']", "alert_budget => 2, budget_per => [day, g]", ""),
        ("pot => 0.01, pot_level => 0.75", "pot => 0.01, pot_level => 0.75", ""),
        ("significance => 0.01", "significance => 0.01", ""),
    ]
    for form, options, filtered in pairs:
        one = session.sql(f"SELECT id, is_anomaly {shared}{form}) ORDER BY id").fetchall()
        other = session.sql(f"SELECT id, {call.format(options, filtered)} FROM t ORDER BY id").fetchall()
        assert one == other, form
        assert any(found for _, found in one), form


@pytest.mark.duckdb
def test_a_rule_stands_wherever_a_window_may(session: Session) -> None:
    """In QUALIFY and ORDER BY, over groups, in a CTE, and twice in one SELECT with one fit."""
    session.load("t", arrow(table("plain", 4)))
    budget_ = "is_anomaly({}, alert_budget => 1, budget_per => {}) OVER ()"
    per_day = budget_.format("SUM(x)", "day")
    query = f"""
        WITH days AS (SELECT g, day, SUM(x) AS total FROM t WHERE x < 100 GROUP BY g, day QUALIFY {per_day})
        SELECT COUNT(DISTINCT day) + COUNT(*) FILTER (WHERE day IS NULL) = COUNT(*) FROM days"""

    assert session.sql(query).fetchall() == [(True,)]
    rules = ["alert_budget => 2", "pot => 0.01, pot_level => 0.75", "significance => 0.01", "threshold => 2"]
    calls = ", ".join(f"is_anomaly(x, {rule}) OVER (PARTITION BY g)" for rule in rules)
    plan = session.explain(f"SELECT id FROM t ORDER BY {calls}")
    assert plan.count("fit ") == 1
    for words in ("alert_budget = 2", "pot = 0.01", "significance = 0.01", "threshold = 2"):
        assert f"  verdict: {words}" in plan


@pytest.mark.duckdb
def test_a_causal_row_is_tested_against_the_rows_before_it(session: Session) -> None:
    """t with n - 1 degrees of freedom, times the root of 1 + 1/n."""
    query = "SELECT anomaly_threshold(x, significance => 0.05) OVER (ORDER BY i) AS cut FROM t ORDER BY i"
    session.load("t", pa.table({"i": list(range(40)), "x": [float(i * i % 11) for i in range(40)]}))

    cuts = [cut for (cut,) in session.sql(query).fetchall()]

    assert cuts == [
        None if n < 2 else pytest.approx(thresholds.student(n, 0.05, own=False), rel=1e-12) for n in range(40)
    ]


# --- what a rule promises


@pytest.mark.duckdb
@pytest.mark.parametrize("rate", [0.01, 0.05, 0.1])
def test_on_average_no_more_than_fdr_of_the_alarms_are_false(session: Session, rate: float) -> None:
    """300 tables of 2,000 reference rows and 100 new ones, a tenth of them anomalies of 5 standard deviations."""
    tables, reference, new = 300, 2000, 100
    generator = np.random.default_rng(7)
    x = generator.normal(size=(tables, reference + new))
    odd = np.zeros_like(x, dtype=bool)
    odd[:, reference : reference + new // 10] = True
    x[odd] += 5.0
    number = np.repeat(np.arange(tables), reference + new)
    inside = np.tile(np.arange(reference + new) < reference, tables)
    session.load("t", pa.table({"k": number, "x": x.ravel(), "odd": odd.ravel(), "ref": inside}))
    query = f"""
        SELECT k, COUNT(*) FILTER (WHERE found AND NOT odd) / GREATEST(COUNT(*) FILTER (WHERE found), 1) AS wrong,
               COUNT(*) FILTER (WHERE found AND odd) / {new // 10} AS right
        FROM (SELECT k, odd, is_anomaly(x, fdr => {rate}) FILTER (WHERE ref) OVER (PARTITION BY k) AS found FROM t)
        GROUP BY k"""

    found = session.sql(query).arrow().to_pandas()

    assert len(found) == tables
    assert found["wrong"].mean() <= rate + 2 * found["wrong"].sem()
    assert found["right"].mean() > 0.9


@pytest.mark.duckdb
@pytest.mark.parametrize("own", [True, False], ids=["own sample", "other sample"])
@pytest.mark.parametrize("n", [4, 9, 60])
def test_significance_is_the_share_of_ordinary_rows_that_exceed_the_threshold(
    session: Session, n: int, *, own: bool
) -> None:
    """Over 20,000 normal samples: one row of each, so that rows are independent."""
    samples, level = 20_000, 0.05
    generator = np.random.default_rng(n)
    size = n if own else n + 1
    x = generator.normal(3.0, 2.0, size=(samples, size)).ravel()
    key, place = np.repeat(np.arange(samples), size), np.tile(np.arange(size), samples)
    session.load("t", pa.table({"k": key, "x": x, "ref": place < n, "asked": place == size - 1}))
    call = f"is_anomaly(x, significance => {level}) FILTER (WHERE ref) OVER (PARTITION BY k)"

    ((share,),) = session.sql(
        f"SELECT AVG(CAST(found AS INT)) FROM (SELECT asked, {call} AS found FROM t) WHERE asked"
    ).fetchall()

    assert abs(share - level) < 4 * math.sqrt(level * (1 - level) / samples)


@pytest.mark.duckdb
@pytest.mark.parametrize("xi", [-0.3, 0.0, 0.3])
def test_peaks_find_the_quantile_of_a_pareto_tail(session: Session, xi: float) -> None:
    """The share of the distribution beyond the threshold is what was asked, within what 100,000 rows tell."""
    tail = stats.genpareto(xi)
    x = tail.rvs(size=100_000, random_state=np.random.default_rng(3))
    session.load("t", pa.table({"x": x}))
    call = "{}(x, direction => 'high', {}) OVER ()"
    query = f"""SELECT ANY_VALUE(cut) * STDDEV(x) + AVG(x)
        FROM (SELECT x, {call.format('anomaly_threshold', 'pot => 0.001')} AS cut FROM t)"""

    ((value,),) = session.sql(query).fetchall()

    assert float(tail.sf(value)) == pytest.approx(0.001, rel=0.35)
    assert thresholds.pareto(list(x))[0] == pytest.approx(xi, abs=0.02)


@pytest.mark.parametrize("level", [0.9, 0.05, 1e-3, 1e-6, 1e-12])
@pytest.mark.parametrize("own", [True, False], ids=["own", "other"])
def test_critical_scores_are_those_of_the_distributions(level: float, *, own: bool) -> None:
    """Student's and Hotelling's, for few rows and for many."""
    for n in (2, 3, 5, 12, 13, 40, 1000, 10**7):
        for ddof, direction in ((1, "both"), (0, "high")):
            exact = thresholds.student(n, level, features=2, own=own, ddof=ddof, direction=direction)
            found = Zscore(ddof=ddof, direction=direction).significant(n, level, features=2, own=own)
            assert found == (None if exact is None else pytest.approx(exact, rel=1e-9))
        if level < 1e-6:
            continue  # the F distribution's own quantile is not exact so far out
        exact = thresholds.hotelling(n, level, features=3, own=own)
        found = Mahalanobis().significant(n, level, features=3, own=own)
        assert found == (None if exact is None else pytest.approx(exact, rel=1e-6))


@pytest.mark.parametrize("detector", [Zscore(), Zscore(direction="high"), Mahalanobis()], ids=repr)
@pytest.mark.parametrize("level", [0.9, 0.05, 1e-6])
def test_a_curve_holds_its_function_to_nine_digits(detector: Zscore | Mahalanobis, level: float) -> None:
    """From the end of its table to a billion rows."""
    for features in (1, 5, 30):
        for own in (True, False):
            made = curve(
                lambda n, p=features, o=own: detector.significant(n, level, features=p, own=o), 12 + 2 * features
            )
            for n in np.geomspace(made.last, 1e9, 50):
                value = np.polynomial.polynomial.polyval(2 * made.last / n - 1, made.coefficients)
                assert value == pytest.approx(detector.significant(n, level, features=features, own=own), rel=1e-8)


@pytest.mark.duckdb
@pytest.mark.parametrize("alone", [False, True])
def test_mahalanobis_has_a_test_of_its_own(session: Session, *, alone: bool) -> None:
    """Hotelling's, for a row of the sample and for one beside it."""
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(2, 30))
    session.load("t", pa.table({"x": x, "y": x + y, "ref": [True] * 25 + [False] * 5}))
    removed = ", leave_one_out => TRUE" if alone else ""
    options = f"detector => 'mahalanobis', significance => 0.01{removed}"
    call = f"anomaly_threshold(x, y, {options}) FILTER (WHERE ref) OVER ()"

    cuts = dict(session.sql(f"SELECT DISTINCT ref, {call} FROM t").fetchall())

    inside = thresholds.hotelling(24 if alone else 25, 0.01, features=2, own=not alone)
    assert cuts == {
        True: pytest.approx(inside, rel=1e-9),
        False: pytest.approx(thresholds.hotelling(25, 0.01, features=2, own=False), rel=1e-9),
    }


# --- what is refused

X = "is_anomaly(x, {}) OVER ()"
BAD = [
    (X.format("contamination => 0.1, fdr => 0.05"), "contamination and fdr exclude", "share of false alarms"),
    (X.format("threshold => 3, pot => 0.001"), "threshold and pot exclude", "threshold fixes the score"),
    (X.format("alert_budget => 3, significance => 0.1"), "alert_budget and significance", "number of alarms"),
    (X.format("fdr => 0.05"), "its own rank", "FILTER (WHERE"),
    (X.format("fdr => 0"), "fdr => 0 is out of range", "at most 0.5"),
    (X.format("fdr => 0.6"), "out of range", "at most 0.5"),
    (X.format("fdr => TRUE"), "a number", "3.5"),
    (X.format("fdr => '0.05'"), "a number", "3.5"),
    (X.format("scope => 'query'"), "a part of fdr", "fdr => 0.05"),
    (X.format("fdr => 0.05, scope => 'table'"), "table", "partition"),
    ("is_anomaly(x, fdr => 0.05) FILTER (WHERE ref) OVER (ORDER BY id)", "later scores", "threshold"),
    ("is_anomaly(x, fdr => 0.05, leave_one_out => TRUE) FILTER (WHERE ref) OVER ()", "no calibration", "leave"),
    (X.format("alert_budget => 0"), "alert_budget => 0 is out of range", "1 or more"),
    (X.format("alert_budget => 2.5"), "whole number", "10"),
    (X.format("alert_budget => 'ten'"), "whole number", "10"),
    (X.format("budget_per => day"), "a part of alert_budget", "alert_budget => 10"),
    (X.format("alert_budget => 3, budget_per => 'day'"), "an expression", "budget_per => day"),
    (X.format("alert_budget => 3, budget_per => [day, 3]"), "an expression", "budget_per => day"),
    (X.format("alert_budget => 3, budget_per => RANDOM() + id"), "read twice", "table first"),
    ("is_anomaly(x, alert_budget => 3) OVER (ORDER BY id)", "later scores", "threshold"),
    (X.format("pot => 0"), "pot => 0 is out of range", "below 1 - pot_level"),
    (X.format("pot => 1"), "pot => 1 is out of range", "below 1 - pot_level"),
    (X.format("pot => 0.02"), "no rarer than the tail", "contamination => 0.02"),
    (X.format("pot => 0.01, pot_level => 0.4"), "pot_level => 0.4 is out of range", "0.5 to 0.999"),
    (X.format("pot_level => 0.9"), "a part of pot", "pot => 0.0001"),
    ("is_anomaly(x, pot => 0.001) OVER (ORDER BY id)", "later scores", "threshold"),
    (X.format("significance => 1"), "significance => 1 is out of range", "below 1"),
    (X.format("significance => FALSE"), "a number", "3.5"),
    (X.format("significance => 0.01, detector => 'mad'"), "refused by mad", "contamination"),
    (X.format("significance => 0.01, detector => 'grubbs'"), "refused by grubbs", "contamination"),
]


@pytest.mark.parametrize(("call", "what", "remedy"), BAD, ids=[bad[0] for bad in BAD])
def test_a_bad_rule_says_what_where_and_what_to_do(call: str, what: str, remedy: str) -> None:
    """Before anything runs."""
    with pytest.raises(SqlnomalyError) as caught:
        sqlnomaly.compile(f"SELECT id, {call} AS s FROM t", schema={"t": SCHEMA})

    error = caught.value
    assert what.lower() in error.message.lower()
    assert error.where
    assert remedy.lower() in (error.hint or "").lower()

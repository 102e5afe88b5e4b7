"""Models that were fitted on DuckDB say the same on every other engine: all answers of every row."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sqlnomaly.engines import open_engine
from sqlnomaly.errors import SqlnomalyError, UnsupportedError
from sqlnomaly.install.functions import model_pack
from sqlnomaly.model import Model
from sqlnomaly.pushdown.fitted import SCORE
from sqlnomaly.session import Session
from sqlnomaly.verify import difference, verify
from tests.conformance.ask import FUNCTIONS, TYPES
from tests.conformance.compare import unlike
from tests.conformance.on_spark import OnSpark
from tests.conformance.runner import verdicts
from tests.conftest import missing_engine
from tests.engines.clickhouse import ClickHouse
from tests.engines.fakesnow import Fakesnow
from tests.engines.googlesql import GoogleSql
from tests.engines.googlesql_values import KINDS
from tests.engines.postgres import Server
from tests.engines.snowflake_grammar import check
from tests.models.asked import ANSWERS, calls
from tests.models.bodies import Body, Inliner, bodies, handler, undollared
from tests.models.served import NAMES, QUERIES, Served, forest, served
from tests.thorough import some

QUICK = (
    "probe_mad", "probe_mahalanobis", "probe_iforest", "timestamptz_zscore", "boolean_ecod", "decimal_hbos",
    "negative_zero_ecod", "dated",
)  # fmt: skip
"""Models for engines that write every call out, and take seconds for it: of each type."""


@pytest.fixture(scope="module")
def models(duck: Session) -> Callable[[str], Served]:
    """Models by name, each fitted once."""
    made: dict[str, Served] = {}

    def model(name: str) -> Served:
        if name not in made:
            made[name] = served(duck, name)
        return made[name]

    return model


@pytest.fixture(scope="module")
def large(duck: Session) -> Model:
    """A forest of 100 trees of 256 rows."""
    return forest(duck)


def differing(engine: Any, one: Served, load: Callable[[str, pa.Table], None], dialect: str) -> list[str]:
    """Where the installed functions of a model differ from what they say on DuckDB, and its test rows."""
    found = verify(engine, one.model.fitted, name=one.name)
    problems = [] if found.holds else [str(found)]
    if one.data is not None and one.asked is not None and one.said is not None:
        rows = replace(one.data, name=f"rows_{one.data.name}")  # a table of Postgres is a type of that name
        load(rows.name, rows.table)
        said = verdicts(engine.run(calls(rows, one.asked.partition, dialect, one.asked, one.name)), one.asked)
        problems += unlike(one.data, one.model.detector, one.asked, said, one.said)
    return problems


@pytest.fixture(scope="module")
def postgres() -> Iterator[Any]:
    """A server of the suite's own."""
    try:
        server = Server()
        engine = open_engine(server.url)
    except (ImportError, OSError, SqlnomalyError) as error:
        missing_engine("postgres", str(error))
    yield engine
    engine.close()
    server.stop()


@pytest.mark.parametrize("name", some(NAMES, every=2))
def test_postgres_says_the_same(name: str, models: Callable[[str], Served], postgres: Any) -> None:
    one = models(name)
    pack = one.model.pack("postgres", name=name)
    for statement in [*pack.statements(), *pack.statements()]:
        postgres.run(statement)

    assert differing(postgres, one, postgres.load, "postgres") == []

    for statement in pack.removals():
        postgres.run(statement)


@pytest.fixture(scope="module")
def redshift() -> Iterator[Any]:
    """A server of its own, which reads a backslash as Redshift does."""
    try:
        server = Server(settings={"standard_conforming_strings": "off", "escape_string_warning": "off"})
        engine = open_engine(server.url)
        engine.run("SET standard_conforming_strings = off")
    except (ImportError, OSError, SqlnomalyError) as error:
        missing_engine("redshift", str(error))
    yield engine
    engine.close()
    server.stop()


@pytest.mark.parametrize("name", some(NAMES))
def test_redshift_says_the_same_on_postgres(name: str, models: Callable[[str], Served], redshift: Any) -> None:
    one = models(name)
    pack = one.model.pack("redshift", name=name)
    for statement in pack.statements():
        redshift.run(statement)

    assert differing(redshift, one, redshift.load, "postgres") == []

    check(";\n".join([*pack.statements(), *pack.removals()]) + ";", "redshift")


@pytest.fixture(scope="module")
def clickhouse() -> Iterator[Any]:
    """ClickHouse with its own settings."""
    try:
        engine: Any = ClickHouse()
    except ImportError as error:
        missing_engine("clickhouse", str(error))
    engine.dialect = "clickhouse"
    yield engine
    engine.close()


@pytest.mark.parametrize("name", QUICK)
def test_clickhouse_says_the_same(name: str, models: Callable[[str], Served], clickhouse: Any) -> None:
    one = models(name)
    for statement in one.model.pack("clickhouse", name=name).statements():
        clickhouse.run(statement)

    assert differing(clickhouse, one, clickhouse.load, "clickhouse") == []


@pytest.fixture(scope="module")
def spark() -> Iterator[Session]:
    """A session of the shared JVM."""
    try:
        runner = OnSpark()
    except (ImportError, SqlnomalyError) as error:
        missing_engine("spark", str(error))
    yield Session(runner.engine)
    runner.close()


@pytest.mark.parametrize("name", some((name for name in NAMES if name not in ("probe_iqr", "probe_hbos")), every=5))
def test_spark_says_the_same(name: str, models: Callable[[str], Served], spark: Session) -> None:
    one = models(name)
    made = spark.install(one.model, name=name).made

    assert differing(spark.engine, one, spark.load, "spark") == []

    assert set(spark.uninstall(one.model, name=name).removed) == set(made)
    assert spark.engine.functions(list(made)) == {}


@pytest.mark.slow
@pytest.mark.thorough
def test_spark_scores_a_forest_by_functions_and_by_a_vectorized_one_alike(large: Model, spark: Session) -> None:
    spark.install(large, name="whole_forest")
    spark.install(large, name="live_forest", live=True)

    found = [verify(spark.engine, large.fitted, name=name) for name in ("whole_forest", "live_forest")]

    assert [one.holds for one in found] == [True, True]


class Google(GoogleSql):
    """The analyzer with functions in a dataset ``d``: known by their types, not by their bodies."""

    def __init__(self, tables: Mapping[str, Mapping[str, str]], known: Mapping[str, Body]) -> None:
        super().__init__(tables)
        self.known = known

    def _catalog(self) -> Any:
        catalog = super()._catalog()
        dataset = catalog.catalog.add(name="d")
        for body in self.known.values():
            function = dataset.custom_function.add(
                name_path=body.name.split("."), group="External_function", mode=1
            )
            signature = function.signature.add()
            for part, kind in [
                (signature.return_type, body.returns),
                *((signature.argument.add(), kind) for _, kind in body.parameters),
            ]:
                part.kind, part.num_occurrences, part.type.type_kind = 0, 1, KINDS[kind]  # a fixed type, once
        return catalog


def by_script(body: Body, rows: list[list[Any]]) -> list[float]:
    """What a JavaScript body gives in V8, exactly as its literal holds it."""
    from py_mini_racer import MiniRacer

    code = GoogleSql({}).execute(f"SELECT {body.script} AS code").column("code")[0].as_py()
    engine = MiniRacer()
    names = ", ".join(name for name, _ in body.parameters)
    found: list[Any] = [
        engine.eval(f"(function({names}) {{{code}}})({', '.join(map(repr, row))})") for row in rows
    ]
    return found


@pytest.mark.bigquery
@pytest.mark.parametrize("name", some(NAMES))
def test_googlesql_takes_every_function_and_says_the_same(name: str, models: Callable[[str], Served]) -> None:
    one = models(name)
    known = bodies(one.model.pack("bigquery", name=name, schema="d"))
    statements = [item.create for item in one.model.pack("bigquery", name=name, schema="d").items]
    google = Google({}, known)
    for statement in statements:
        assert google.analyze(statement) == []
    if one.data is None or one.asked is None or one.said is None:
        return
    inline = Inliner("bigquery", known)
    selected = []
    for function in one.asked.functions:
        own = f"d.{name}{ANSWERS[function]}"
        text = inline.ask(own, (*one.asked.partition, *one.data.features))
        selected.append(f"{text} AS {FUNCTIONS[function].alias}")
    types_of = {part.name: TYPES["bigquery"][part.type] for part in one.data.table.schema}

    found = GoogleSql({"t": types_of}).execute(f"SELECT id, {', '.join(selected)} FROM t", {"t": one.data.table})

    assert unlike(one.data, one.model.detector, one.asked, verdicts(found, one.asked), one.said) == []


@pytest.mark.bigquery
def test_googlesql_and_v8_score_a_forest(large: Model) -> None:
    pack = large.pack("bigquery", name="f", schema="d")
    known = bodies(pack)
    tests = large.fitted.selftest.to_pylist()
    rows = [[row[name] for name in large.features] for row in tests]
    scripts = {name.rpartition(".")[2]: by_script(body, rows) for name, body in known.items() if body.script}
    score = Inliner("bigquery", known).ask("d.f", large.features)
    columns = {**{name: [row[name] for row in tests] for name in large.features}, **scripts}
    arrays = {name: pa.array(values, pa.float64()) for name, values in columns.items()}
    table = pa.table({"place": pa.array(range(len(rows))), **arrays})
    google = Google({"t": {"place": "INT64", **dict.fromkeys(columns, "FLOAT64")}}, known)

    found = google.execute(f"SELECT place, {score} AS score FROM t", {"t": table})

    for statement in pack.statements():
        assert google.analyze(statement) == []
    scores = dict(zip(found.column("place").to_pylist(), found.column("score").to_pylist(), strict=True))
    assert max(difference(scores[place], row[SCORE]) for place, row in enumerate(tests)) <= 1e-9
    assert 0 < len(scripts) <= 50


@pytest.mark.snowflake
@pytest.mark.parametrize("name", some(name for name in QUICK if name not in QUERIES))
def test_snowflake_says_the_same_on_fakesnow(name: str, models: Callable[[str], Served], fakesnow: Fakesnow) -> None:
    """fakesnow lies about CREATE FUNCTION, so that it is given the bodies in the place of the calls."""
    one = models(name)
    known = bodies(one.model.pack("snowflake", name=name))
    if one.data is None or one.asked is None or one.said is None:
        return
    inline = Inliner("snowflake", known)
    selected = []
    for function in one.asked.functions:
        text = inline.ask(name + ANSWERS[function], (*one.asked.partition, *one.data.features))
        selected.append(f"{text} AS {FUNCTIONS[function].alias}")
    fakesnow.load("rows", one.data.table, [TYPES["snowflake"][part.type] for part in one.data.table.schema])

    found = fakesnow.run(f'SELECT "id", {", ".join(selected)} FROM "rows"')

    aliases = ["id", *(FUNCTIONS[function].alias for function in one.asked.functions)]
    said = verdicts(found.rename_columns(aliases), one.asked)
    assert unlike(one.data, one.model.detector, one.asked, said, one.said) == []


@pytest.mark.snowflake
@pytest.mark.parametrize("name", some(["probe_zscore", "odd", "dated", "timestamptz_zscore"], every=2))
def test_snowflakes_grammar_takes_the_script(name: str, models: Callable[[str], Served]) -> None:
    pack = models(name).model.pack("snowflake", name=name)

    check(pack.script)
    check(pack.removal)
    for body in bodies(pack).values():
        assert body.sql is not None
        check(f"SELECT {undollared(body.sql)};")


@pytest.mark.snowflake
@pytest.mark.usefixtures("_snowflake")
def test_snowflakes_handlers_score_a_forest(large: Model, tmp_path: Path) -> None:
    import pandas as pd

    tests = large.fitted.selftest.to_pylist()
    rows = pd.DataFrame([[row[name] for name in large.features] for row in tests])
    scripts = {name: body for name, body in bodies(large.pack("snowflake", name="f")).items() if body.script}
    total = [0.0] * len(tests)
    for name, body in scripts.items():
        assert body.script is not None
        paths = handler(undollared(body.script), tmp_path, name)(rows)
        total = [left + right for left, right in zip(total, paths, strict=True)]

    (model,) = large.fitted.relations["model"].to_pylist()
    scores = [math.pow(2.0, -paths / (model["trees"] * model["normal"])) for paths in total]
    assert max(difference(found, row[SCORE]) for found, row in zip(scores, tests, strict=True)) <= 1e-9


@pytest.mark.snowflake
@pytest.mark.usefixtures("_snowflake")
@pytest.mark.parametrize("name", ["probe_ecod", "probe_iforest"])
def test_a_program_gives_what_its_sql_gives(
    name: str, models: Callable[[str], Served], tmp_path: Path, duck: Session
) -> None:
    """Every piece in JavaScript, Python and SQL, on its edges, between them, and beyond them."""
    import pandas as pd

    fitted = models(name).model.fitted
    google = bodies(model_pack(fitted, dialect="bigquery", name="f", schema="d", scripted=0))
    snow = bodies(model_pack(fitted, dialect="snowflake", name="f", scripted=0))
    sql = {item.name: item for item in model_pack(fitted, dialect="duckdb", name="f").items}
    pieces = [one for one in snow if snow[one].script]
    assert pieces
    for piece in pieces[:4]:
        body = snow[piece]
        assert body.script is not None
        width = len(body.parameters)
        values = [-1e150, -5e-324, 0.0, 5e-324, 3.0, 9.99, 10.0, 10.01, 1e150]
        rows = [[value] * width for value in values] + [[10.0, -3.0][:width], [1e9, -3.0][:width]]
        duck.engine.run(sql[piece].create)
        wanted = [
            duck.engine.run(f"SELECT {piece}({', '.join(map(repr, row))}) AS v").column("v")[0].as_py() for row in rows
        ]
        duck.engine.run(sql[piece].drop)

        said = [list(handler(undollared(body.script), tmp_path, piece)(pd.DataFrame(rows)))]
        said.append(by_script(google[f"d.{piece}"], rows))
        assert said == [pytest.approx(wanted, rel=1e-14), pytest.approx(wanted, rel=1e-14)]


LIMITS: Mapping[str, tuple[int, int]] = {
    "duckdb": (4_000_000, 4_000_000),
    "spark": (1_000_000, 16_000_000),
    "databricks": (1_000_000, 16_000_000),
    "snowflake": (96_000, 1_000_000),
    "bigquery": (32_768, 1_000_000),
}
"""Dialect -> the bytes of a function's body, and of a statement."""


@pytest.mark.duckdb
@pytest.mark.parametrize("dialect", LIMITS)
def test_a_forest_of_a_hundred_trees_is_within_the_limits(dialect: str, large: Model) -> None:
    pack = large.pack(dialect, name="f", schema="d")
    body, statement = LIMITS[dialect]

    sizes = [len(item.create.encode()) for item in pack.items]

    assert max(sizes) <= min(body, statement)
    assert len(pack.items) <= 50 + 4


@pytest.mark.duckdb
@pytest.mark.thorough
def test_more_programs_than_a_query_may_call_are_refused(duck: Session) -> None:
    columns = "SIN(i * 1.7) * 10 + i % 13 AS a, COS(i * 0.3) * 5 AS b, i % 4 AS k"
    model = duck.fit(f"SELECT {columns} FROM range(4000) AS r(i)", detector="iforest", partition_by="k")

    with pytest.raises(UnsupportedError, match="functions in javascript, a query in bigquery 50"):
        model.pack("bigquery", name="f", schema="d")


@pytest.mark.duckdb
@pytest.mark.parametrize("dialect", ["trino", "synapse", "fabric"])
def test_a_dialect_without_such_functions_refuses_by_name(
    dialect: str, models: Callable[[str], Served]
) -> None:
    with pytest.raises(UnsupportedError, match=f"functions of {dialect} is not supported"):
        models("probe_mad").model.pack(dialect, name="f")

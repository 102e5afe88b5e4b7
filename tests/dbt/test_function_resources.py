"""Fitted models as function resources of dbt: they score as a session's models do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlglot
import yaml
from jinja2 import Template
from sqlglot import exp
from typer.testing import CliRunner

import sqlnomaly
from sqlnomaly.cli import app
from sqlnomaly.dbt.function_resources import resources
from sqlnomaly.errors import UnsupportedError, UsageError
from tests.engines.dbt import Done, Project
from tests.engines.postgres import Server
from tests.engines.sessions import postgres_server

JINJA = '{{ "{{" }}'
"""What dbt renders to two braces."""
SEARCH = [{"macro_namespace": "dbt", "search_order": ["shop", "sqlnomaly", "dbt"]}]
ORDERS = """
select i as id,
  case when i %% 5 = 0 then null when i %% 3 = 0 then 'it''s {{ "{{" }} usual(1)' else 'card' end as channel,
  cast(case when i = 77 then null when i = 250 then 4000 else 40 + i * 7919 %% 101 end as double precision) as amount,
  1 + i * 31 %% 7 as "Select"
from %s
"""
SCORED = """
select id, {{ function('usual') }}(channel, amount, "Select") as usual,
  {{ function('usual_is_anomaly') }}(channel, amount, "Select") as usual_odd,
  {{ function('usual_threshold') }}(channel, amount, "Select") as usual_threshold,
  {{ function('usual_reason') }}(channel, amount, "Select") as usual_reason,
  {{ function('usual_status') }}(channel, amount, "Select") as usual_status,
  {{ function('trees') }}(amount, "Select") as trees, {{ function('trees_is_anomaly') }}(amount, "Select") as trees_odd
from {{ ref('orders') }}
"""
WANTED = """
SELECT id, anomaly_score(amount, "Select", model => 'usual_model') AS usual,
  is_anomaly(amount, "Select", model => 'usual_model') AS usual_odd,
  anomaly_threshold(amount, "Select", model => 'usual_model') AS usual_threshold,
  anomaly_reason(amount, "Select", model => 'usual_model') AS usual_reason,
  anomaly_status(amount, "Select", model => 'usual_model') AS usual_status
FROM {orders} ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Built:
    """A project whose functions dbt has made."""

    project: Project
    server: Server | None
    done: Done

    @property
    def schema(self) -> str:
        return "main" if self.server is None else self.project.environment["SN_SCHEMA"]

    @property
    def address(self) -> str:
        """Where its database is."""
        if self.server is not None:
            return self.server.url
        return f"duckdb:///{self.project.folder / 'target/warehouse.duckdb'}"


def command(*arguments: str) -> str:
    """What a command says.

    Raises:
        AssertionError: it failed.
    """
    found = CliRunner().invoke(app, ["dbt", *arguments])
    assert found.exit_code == 0, found.output
    return found.output


@pytest.fixture(scope="module", params=[
    pytest.param("duckdb", marks=pytest.mark.duckdb),
    pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.thorough]),
])  # fmt: skip
def built(request: pytest.FixtureRequest, new_project: Callable[..., Project]) -> Iterator[Built]:
    with ExitStack() as stack:
        server = stack.enter_context(postgres_server()) if request.param == "postgres" else None
        environment = {} if server is None else {"SN_PGHOST": str(server.folder), "SN_SCHEMA": "called"}
        project = new_project(request.param, **environment)
        rows = "range(300) as r(i)" if server is None else "generate_series(0, 299) as r(i)"
        project.write({"models/orders.sql": "{{ config(materialized='table') }}" + ORDERS % rows})
        project.make(dispatch=SEARCH).run("run").ok()
        made = Built(project, server, Done(0, ""))
        orders = f"{made.schema}.orders"
        with sqlnomaly.connect(made.address) as session:
            session.sql(
                "CREATE ANOMALY MODEL usual_model USING mad PARTITION BY channel AS "
                f'SELECT channel, amount, "Select" FROM {orders} WHERE id < 200'
            )
        with in_memory() as session:
            query = 'SELECT amount, "Select" FROM orders WHERE id < 200'
            forest = session.fit(query, detector="iforest", n_estimators=20, max_samples=32)
            forest.save(project.folder / "trees.zip")
        common = ("--project", str(project.folder))
        command("function", "usual_model", "--name", "usual", "--on", made.address, *common)
        command("function", str(project.folder / "trees.zip"), "--name", "trees", *common)
        project.write({"models/scored.sql": "{{ config(materialized='table') }}" + SCORED})
        yield Built(project, server, project.run("build", "--warn-error"))


def in_memory() -> sqlnomaly.Session:
    """A session with the orders."""
    session = sqlnomaly.connect()
    session.sql(f"CREATE TABLE orders AS {ORDERS.replace(JINJA, '{{') % 'range(300) AS r(i)'}")
    return session


def rows(session: sqlnomaly.Session, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = session.sql(query).arrow().to_pylist()
    return found


def test_functions_that_dbt_makes_score_as_the_session_does(built: Built) -> None:
    built.done.ok()
    with sqlnomaly.connect(built.address) as session:
        wanted = rows(session, WANTED.format(orders=f"{built.schema}.orders"))
        got = rows(session, f"SELECT * FROM {built.schema}.scored ORDER BY id")
    with in_memory() as session:
        session.install(sqlnomaly.Model.load(built.project.folder / "trees.zip"), name="trees", live=True)
        scored = rows(session, 'SELECT trees(amount, "Select") AS trees FROM orders ORDER BY id')
    wanted = [{**one, **other} for one, other in zip(wanted, scored, strict=True)]
    assert len(got) == len(wanted) == 300
    for one, other in zip(got, wanted, strict=True):
        for name, value in other.items():
            assert one[name] == (pytest.approx(value, rel=1e-9) if isinstance(value, float) else value), (name, one)
    assert {row["usual_status"] for row in got} >= {"ok", "missing_value"}
    assert {row["usual_reason"] for row in got if row["usual_odd"]} == {"amount"}
    assert {row["trees_odd"] for row in got} == {True, False, None}


def test_what_takes_parts_depends_on_them_in_dbt(built: Built) -> None:
    functions = built.project.manifest()["functions"]
    parents = {name.rpartition(".")[2]: one["depends_on"]["nodes"] for name, one in functions.items()}
    assert parents["trees_is_anomaly"] == ["function.shop.trees"]
    assert all(name.startswith("function.shop.trees_") for name in parents["trees"])


@pytest.mark.spark
@pytest.mark.thorough
@pytest.mark.slow
def test_spark_makes_them_too(new_project: Callable[..., Project]) -> None:
    project = new_project("spark")
    query = "SELECT id % 3 AS part, CAST(id * 7919 % 101 AS DOUBLE) AS amount FROM range(60) AS r(id)"
    with sqlnomaly.connect() as session:
        model = session.fit(query, detector="mad", partition_by="part")
        session.install(model, name="usual")
        wanted = rows(session, f"SELECT part, amount, usual(part, amount) AS score FROM ({query}) AS q")
    resources(model, "spark", "usual").write(project.folder)
    told = ", ".join(f"({row['part']}, {row['amount']!r}D, {row['score']!r}D)" for row in wanted)
    score = "{{ function('usual') }}(part, amount)"
    project.write({
        "tests/same.sql": f"SELECT * FROM VALUES {told} AS told(part, amount, wanted)\n"
        f"WHERE {score} IS NULL OR ABS({score} - wanted) > 1e-9 * (1 + wanted)"
    })  # fmt: skip
    done = project.make(dispatch=SEARCH).run("build", "--warn-error").ok()
    assert done.nodes["same"].status == "pass"


def test_a_smaller_model_leaves_no_part_of_a_larger_one_and_no_file_of_the_user_is_replaced(tmp_path: Path) -> None:
    with sqlnomaly.connect() as session:
        query = "SELECT CAST(i * 7 % 23 AS DOUBLE) AS amount FROM range(400) AS r(i)"
        large = session.fit(query, detector="iforest", n_estimators=40, max_samples=64)
        small = session.fit(query, detector="zscore")
    resources(large, "duckdb", "odd").write(tmp_path)
    assert len(list(tmp_path.glob("functions/odd_*.sql"))) == 5  # three answers and two parts
    (tmp_path / "functions" / "odd_number.sql").write_text("SELECT 1")
    made = resources(small, "duckdb", "odd")
    made.write(tmp_path)
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.glob("functions/*")}
    assert left == {*made.files, "functions/odd_number.sql"}
    (tmp_path / "functions" / "odd.yml").write_text("functions: []")
    with pytest.raises(UsageError, match=r"functions/odd\.yml is a file of your own"):
        made.write(tmp_path)


def test_what_is_no_sql_expression_is_refused() -> None:
    with sqlnomaly.connect() as session:
        query = "SELECT CAST(i * 7919 % 2003 AS DOUBLE) AS amount, i % 91 AS items FROM range(4000) AS r(i)"
        forest = session.fit(query, detector="iforest", n_estimators=100, max_samples=256)
        keyed = session.fit("SELECT 'a $$ b' AS k, i AS x FROM range(50) AS r(i)", detector="mad", partition_by="k")
    for adapter in ("bigquery", "snowflake"):
        with pytest.raises(UnsupportedError, match=f"is no SQL expression on {adapter}"):
            resources(forest, adapter, "odd")
    with pytest.raises(UnsupportedError, match=r"holds '\$\$'"):
        resources(keyed, "postgres", "odd")
    with pytest.raises(UnsupportedError, match="functions of dbt on athena are not supported"):
        resources(keyed, "athena", "odd")
    with pytest.raises(UsageError, match="is no name for a function"):
        resources(keyed, "duckdb", "odd'name")


@pytest.mark.parametrize("adapter", ["snowflake", "bigquery", "databricks"])
def test_the_files_for_warehouses_are_expressions_over_the_parameters(adapter: str) -> None:
    with sqlnomaly.connect() as session:
        model = session.fit("SELECT i % 7 AS x, i * i AS y FROM range(90) AS r(i)", detector="mad")
    made = resources(model, adapter, "odd")
    entries = {one["name"]: one for one in yaml.safe_load(made.files["functions/odd.yml"])["functions"]}
    assert set(made.functions) <= set(entries)
    for name, entry in entries.items():
        parameters = [one["name"] for one in entry["arguments"]]
        assert parameters == {"snowflake": ['"X"', '"Y"']}.get(adapter, ["`x`", "`y`"])
        body = Template(made.files[f"functions/{name}.sql"]).render(function=lambda name: name)
        read = sqlglot.parse_one(f"SELECT {body} AS answer", read=adapter)
        used = {column.sql(adapter) for column in read.find_all(exp.Column)}
        assert used <= set(parameters)
        assert bool(used) or name == "odd_threshold"

"""Stored models of dbt are those of a session: each scores with what the other one has made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from typer.testing import CliRunner

import sqlnomaly
from sqlnomaly.cli import app
from sqlnomaly.dbt import inline, package, stored
from sqlnomaly.dbt.sharing import share
from tests.engines.dbt import Done, Project
from tests.engines.postgres import Server
from tests.engines.sessions import postgres_server

ORDERS = """
select i as id, case when i %% 5 = 0 then null when i %% 3 = 0 then 'it''s a bank' else 'card' end as channel,
  cast(case when i = 77 then null when i = 350 then 4000 else 40 + i * 7919 %% 101 end as double precision) as amount,
  1 + i * 31 %% 7 as items
from %s
"""
MODELS = {
    "spend": "{{ config(materialized='anomaly_model', detector='mad', partition_by='channel', threshold=4) }}\n"
    "select channel, amount, items from {{ ref('orders') }} where id < 300",
    "few": "{{ config(materialized='anomaly_model', features=['amount'], contamination=0.05, direction='high') }}\n"
    "select * from {{ ref('orders') }}",
    "many": "{{ config(materialized='anomaly_model', detector='iqr', partition_by='part', threshold=2) }}\n"
    "select id % 20 as part, amount from {{ ref('orders') }}",
    "quoted": "{{ config(materialized='anomaly_model', features=['the \"amount\"'], partition_by=\"cha'nnel\") }}\n"
    "select channel as \"cha'nnel\", amount as \"the \"\"amount\"\"\" from {{ ref('orders') }}",
    "none_there": "{{ config(materialized='anomaly_model', enabled=var('broken', false)) }}\n"
    "select amount from {{ ref('orders') }} where id < 0",
}
SESSION = {
    "spend": "USING mad OPTIONS (threshold = 4) PARTITION BY channel "
    "AS SELECT channel, amount, items FROM {schema}.orders WHERE id < 300",
    "few": "USING zscore OPTIONS (contamination = 0.05, direction = 'high') AS SELECT amount FROM {schema}.orders",
    "many": "USING iqr OPTIONS (threshold = 2) PARTITION BY part "
    "AS SELECT id % 20 AS part, amount FROM {schema}.orders",
}
SCORED = {
    "spend": "select * from {{ sqlnomaly.score_with(ref('spend'), ref('orders')) }} as q",
    "few": "select * from {{ sqlnomaly.score_with(ref('few'), ref('orders')) }} as q",
    "many": "{% set parted = '(select cast(id % 20 as bigint) as part, o.* from ' ~ ref('orders') ~ ' as o) as p' %}\n"
    "select * from {{ sqlnomaly.score_with(ref('many'), parted, columns=['id', 'part']) }} as q",
}
QUOTED = "select * from {{ sqlnomaly.score_with(ref('quoted'), ref('names')) }} as q"
NAMES = "select id, channel as \"cha'nnel\", amount as \"the \"\"amount\"\"\" from {{ ref('orders') }}"
ANSWERS = ("anomaly_score", "is_anomaly", "anomaly_threshold", "anomaly_reason", "anomaly_status")


@dataclass(frozen=True, slots=True)
class Made:
    """A project that has run."""

    project: Project
    server: Server | None
    schema: str

    @contextmanager
    def session(self) -> Iterator[sqlnomaly.Session]:
        """A session on its database; DuckDB's file is dbt's again when it ends."""
        with sqlnomaly.connect(self.address) as session:
            yield session

    @property
    def address(self) -> str:
        path = self.project.folder / "target/warehouse.duckdb"
        return f"duckdb:///{path}" if self.server is None else self.server.url

    def run(self, *arguments: str) -> Done:
        return self.project.run("run", *arguments)


@pytest.fixture(scope="module", params=[
    pytest.param("duckdb", marks=pytest.mark.duckdb), pytest.param("postgres", marks=pytest.mark.postgres),
])  # fmt: skip
def made(request: pytest.FixtureRequest, new_project: Callable[..., Project]) -> Iterator[Made]:
    with ExitStack() as stack:
        server = stack.enter_context(postgres_server()) if request.param == "postgres" else None
        environment = {} if server is None else {"SN_PGHOST": str(server.folder), "SN_SCHEMA": "stored"}
        project = new_project(request.param, **environment)
        rows = "range(400) as r(i)" if server is None else "generate_series(0, 399) as r(i)"
        files = {f"models/{name}.sql": text for name, text in MODELS.items()}
        files |= {f"models/by_{name}.sql": text for name, text in SCORED.items()}
        files |= {"models/names.sql": NAMES, "models/by_quoted.sql": "-- depends_on: {{ ref('names') }}\n" + QUOTED}
        project.write({**files, "models/orders.sql": "{{ config(materialized='table') }}" + ORDERS % rows})
        project.make(models={"+materialized": "table"}).run("run").ok()
        yield Made(project, server, environment.get("SN_SCHEMA", "main"))


FIRST = pytest.mark.parametrize(
    "made",
    [
        pytest.param("duckdb", marks=pytest.mark.duckdb),
        pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.thorough]),
    ],
    indirect=True,
)
"""What says the same of another engine with ``--thorough``: the first tests have run the statements there."""


def rows(session: sqlnomaly.Session, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = session.sql(query).arrow().to_pylist()
    return found


def same(got: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> None:
    assert len(got) == len(wanted) > 0
    for one, other in zip(got, wanted, strict=True):
        for name, value in other.items():
            assert one[name] == (pytest.approx(value, rel=1e-9) if isinstance(value, float) else value), (name, one)


def test_what_dbt_makes_scores_like_what_a_session_makes(made: Made) -> None:
    with made.session() as session:
        for name, text in SESSION.items():
            features = "amount, items" if name == "spend" else "amount"
            session.sql(f"CREATE OR REPLACE ANOMALY MODEL own_{name} " + text.format(schema=made.schema))
            shown = ", ".join(f"{answer}({features}, model => '{{model}}') AS {answer}" for answer in ANSWERS)
            shown += f", anomaly_probability({features}, model => '{{model}}') AS chance"
            source = f"(SELECT id % 20 AS part, o.* FROM {made.schema}.orders AS o) AS q"
            query = f"SELECT id, {shown} FROM {source} ORDER BY id"
            own = rows(session, query.format(model=f"own_{name}"))
            same(rows(session, query.format(model=name)), own)
            without = [{key: value for key, value in row.items() if key != "chance"} for row in own]
            same(rows(session, f"SELECT * FROM {made.schema}.by_{name} ORDER BY id"), without)
            assert session.models().verify(name).difference == 0.0
        assert {row["anomaly_status"] for row in own} >= {"ok", "missing_value"}


def test_names_with_quotes_are_names(made: Made) -> None:
    with made.session() as session:
        found = rows(session, f"SELECT anomaly_status AS s, COUNT(*) AS n FROM {made.schema}.by_quoted GROUP BY 1")
        asked = "anomaly_status(\"the \"\"amount\"\"\", model => 'quoted')"
        own = rows(session, f"SELECT {asked} AS s, COUNT(*) AS n FROM {made.schema}.names GROUP BY 1")
    wanted = {"ok": 399, "missing_value": 1}
    assert {row["s"]: row["n"] for row in found} == {row["s"]: row["n"] for row in own} == wanted


@FIRST
def test_a_rerun_refits_a_full_refresh_makes_anew_and_a_session_goes_on(made: Made) -> None:
    made.run("--select", "few").ok()
    made.run("--select", "few", "--full-refresh").ok()
    with made.session() as session:
        versions = rows(session, f"SELECT version, how, in_force FROM {made.schema}.few ORDER BY version")
        assert [(row["how"], row["in_force"]) for row in versions] == [
            ("created", False), ("refitted", False), ("created", True),
        ]  # fmt: skip
        assert session.sql("REFRESH ANOMALY MODEL few").fetchall() == [("few", "refitted", 4)]
        session.sql("ALTER ANOMALY MODEL few SET VERSION 2")
        assert len(rows(session, f"SELECT * FROM {made.schema}.few WHERE in_force AND version = 2")) == 1


@FIRST
def test_a_model_of_a_session_scores_in_dbt_once_its_statement_is_written_down(made: Made) -> None:
    query = "select * from {{ sqlnomaly.score_with('eco', ref('orders')) }} as q order by id"
    with made.session() as session:
        session.sql(
            "CREATE ANOMALY MODEL eco USING ecod PARTITION BY channel AS "
            f"SELECT channel, amount, items FROM {made.schema}.orders WHERE id < 60"
        )
    refused = made.project.run("compile", "--inline", query)
    assert refused.code != 0
    assert "sqlnomaly dbt share eco" in refused.output
    shared = CliRunner().invoke(app, ["dbt", "share", "eco", "--on", made.address])
    assert (shared.exit_code, "eco, version 1" in shared.output) == (0, True), shared.output
    with made.session() as session:
        assert share(session._catalog, "eco") == 1
    made.project.write({"models/by_eco.sql": query})
    made.run("--select", "by_eco").ok()
    with made.session() as session:
        shown = ", ".join(f"{answer}(amount, items, model => 'eco') AS {answer}" for answer in ANSWERS)
        wanted = rows(session, f"SELECT id, {shown} FROM {made.schema}.orders ORDER BY id")
        same(rows(session, f"SELECT * FROM {made.schema}.by_eco ORDER BY id"), wanted)


@FIRST
def test_a_run_that_fails_leaves_what_is_in_force(made: Made) -> None:
    good = MODELS["many"]
    made.project.write({"models/many.sql": good + " where id < 0"})
    done = made.run("--select", "many")
    made.project.write({"models/many.sql": good})
    assert done.code != 0
    assert "no row of many has a score" in done.output
    with made.session() as session:
        found = rows(session, "SELECT version FROM sqlnomaly.model_versions WHERE name = 'many'")
        assert [row["version"] for row in found] == [1]
        assert rows(session, "SELECT anomaly_score(50.0, model => 'many', partition => (3)) AS s")[0]["s"] is not None


@pytest.mark.parametrize("name", ["duckdb/inline/mad.sql", "postgres/stored/iqr.sql", "stored.sql", "inline.sql"])
def test_a_generated_file_is_what_the_code_makes(name: str) -> None:
    dialect, _, detector = name.removesuffix(".sql").partition("/inline/" if "inline/" in name else "/stored/")
    made = {
        "inline": lambda: inline.macro(detector, dialect),
        "stored": lambda: "\n".join(stored._own(detector, dialect)),
        "": {"stored.sql": stored._dispatched, "inline.sql": inline._dispatched}.get(name, str),
    }
    text = made[name.split("/")[1] if detector else ""]()
    assert (package.FOLDER / package.GENERATED / name).read_text(encoding="utf-8") == package._head(name) + text


def test_a_way_that_no_dialect_has_is_no_file() -> None:
    with pytest.raises(LookupError, match="quantiles over windows"):
        inline.macro("iqr", "postgres")
    with pytest.raises(LookupError, match="not one statement"):
        list(stored._own("mad", "redshift"))

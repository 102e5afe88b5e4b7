"""The example project compiled for warehouses that nobody here can reach: each statement is read by who knows its SQL.

BigQuery's are resolved by Google's own analyzer, from the seeds on, so that names and types fit from model to
model and test. Snowflake's are parsed by an independent grammar, and run on its emulator, where they find the days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow.csv import read_csv

from tests.conftest import missing_engine
from tests.dbt.example import GREEN, MODELS, ODD, RED, SEEDS, SOME, YELLOW, copied
from tests.engines.dbt import Done, Project
from tests.engines.fakesnow import Fakesnow, FakesnowMissingError
from tests.engines.googlesql import GoogleSql
from tests.engines.snowflake_grammar import check

pytestmark = pytest.mark.slow

TYPES = {"day": ("DATE", "DATE"), "name": ("STRING", "VARCHAR"), "country": ("STRING", "VARCHAR"),
         "city": ("STRING", "VARCHAR"), "product": ("STRING", "VARCHAR")}  # fmt: skip
"""Types of the seeds' columns on BigQuery and Snowflake; all others are whole numbers."""
WHOLE = ("INT64", "INTEGER")

PARSED = (
    pytest.param(MODELS | SOME, id="one of each kind"),
    pytest.param((ODD | YELLOW | GREEN) - SOME, id="the others", marks=pytest.mark.thorough),
)
"""What an independent parser reads: it takes seconds for a statement."""


def compiled(project: Project) -> Done:
    """What dbt compiles without a connection."""
    project.run("deps").ok()
    return project.run("compile", "--no-introspect", "--no-populate-cache").ok()


def statements(done: Done, names: set[str]) -> Iterator[tuple[str, str]]:
    """The statements of nodes, those first that others read; all of them are there."""
    found = [(name, node.compiled) for name, node in done.nodes.items() if name in names]
    assert {name for name, sql in found if sql.strip()} == names
    yield from found


def seed(folder: Path, name: str) -> pa.Table:
    """The rows of a seed."""
    return read_csv(folder / "seeds" / f"{name}.csv")


@pytest.mark.bigquery
class TestBigQuery:
    """Google's analyzer resolves every statement."""

    def test_every_statement_is_resolved(
        self, new_project: Callable[..., Project], tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        project = new_project("bigquery", copied(tmp_path_factory.mktemp("bigquery"), "bigquery"))
        done = compiled(project)
        tables: dict[str, Mapping[str, str]] = {
            f"shop.shop.{name}": {
                column: TYPES.get(column, WHOLE)[0] for column in seed(project.folder, name).column_names
            }
            for name in SEEDS
        }
        for name, sql in statements(done, MODELS):
            tables[f"shop.shop.{name}"] = dict(GoogleSql(tables).analyze(sql))
        assert tables["shop.shop.orders"]["ordered_at"] == "DATETIME"
        engine = GoogleSql(tables)
        for _, sql in statements(done, ODD | YELLOW | GREEN):
            assert ("level", "STRING") in engine.analyze(sql)


@pytest.mark.snowflake
class TestSnowflake:
    """An independent grammar parses every statement, an emulator runs it."""

    @pytest.fixture(scope="class")
    @staticmethod
    def project(new_project: Callable[..., Project], tmp_path_factory: pytest.TempPathFactory) -> Project:
        place = {"SHOP_DATABASE": "TESTS", "SHOP_SCHEMA": "PUBLIC"}
        return new_project("snowflake", copied(tmp_path_factory.mktemp("snowflake"), "snowflake"), **place)

    @pytest.fixture(scope="class")
    @staticmethod
    def done(project: Project) -> Done:
        return compiled(project)

    @pytest.mark.parametrize("names", PARSED)
    def test_every_statement_parses(self, done: Done, names: set[str]) -> None:
        for _, sql in statements(done, names):
            check(sql.replace("TIMESTAMPNTZ", "TIMESTAMP_NTZ"))  # sqlfluff does not know Snowflake's shorter name

    def test_on_the_emulator_the_tests_find_the_days(self, project: Project, done: Done) -> None:
        try:
            engine = Fakesnow()
        except FakesnowMissingError as error:
            missing_engine("snowflake", str(error))
        for name in SEEDS:
            rows = seed(project.folder, name)
            types = [TYPES.get(column, WHOLE)[1] for column in rows.column_names]
            engine.load(name.upper(), rows.rename_columns([column.upper() for column in rows.column_names]), types)
        for name, sql in statements(done, MODELS):
            engine.run(f"CREATE TABLE TESTS.PUBLIC.{name} AS {sql}")
        found: dict[str, set[str] | None] = {}
        for name, sql in statements(done, ODD | GREEN):
            rows = engine.run(sql)
            if rows.num_rows:
                day = "DAY" if name == "orders_prices" else "BUCKET"
                found[name] = {str(value)[:10] for value in rows[day].to_pylist()} if day in rows.column_names else None
        engine.close()
        assert found == {**RED, "visits_slower": None}


@pytest.mark.parametrize("names", PARSED)
def test_what_spark_is_given_parses_as_databricks(
    names: set[str], new_project: Callable[..., Project], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The package has no macros for Databricks, whose adapter then takes those for Spark."""
    done = compiled(new_project("spark", copied(tmp_path_factory.mktemp("databricks"), "spark")))
    for _, sql in statements(done, names):
        check(sql, "databricks")

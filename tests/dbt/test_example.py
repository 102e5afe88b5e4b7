"""The example project: a shop with planted incidents, run from a clean copy as its README says, on each engine."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conformance.on_postgres import refused_by_redshift
from tests.dbt.example import FEW, GREEN, MODELS, ODD, RED, SEEDS, YELLOW, copied
from tests.engines.dbt import Done, Project
from tests.engines.sessions import postgres_server

ADAPTERS = {"redshift": "postgres"}
"""The adapter that runs an engine's words, where it is another."""


@dataclass(frozen=True, slots=True)
class Shop:
    """A copy of the project, with what its commands said, and the tests that it ran."""

    project: Project
    said: Mapping[str, Done]
    tests: Set[str]

    def rows(self, query: str) -> list[dict[str, object]]:
        """What dbt shows of a query; the tables of failures are in the schema ``{{ kept }}``."""
        text = "{% set kept = target.schema ~ '_dbt_test__audit' %}" + query
        done = self.project.run("show", "--quiet", "--inline", text, "--output", "json", "--limit", "1000").ok()
        said, _ = json.JSONDecoder().raw_decode(done.output[done.output.index("{") :])
        found: list[dict[str, object]] = said["show"]
        return found


@pytest.fixture(scope="module", params=[
    pytest.param("duckdb", marks=pytest.mark.duckdb),
    pytest.param("postgres", marks=pytest.mark.postgres),
    pytest.param("redshift", marks=(pytest.mark.redshift, pytest.mark.slow, pytest.mark.thorough)),
    pytest.param("spark", marks=(pytest.mark.spark, pytest.mark.slow)),
])  # fmt: skip
def shop(
    request: pytest.FixtureRequest, new_project: Callable[..., Project], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shop]:
    """The project, installed, seeded, run, tested and documented on an engine; Redshift's words on PostgreSQL."""
    with ExitStack() as opened:
        environment = {}
        if request.param in ("postgres", "redshift"):
            server = opened.enter_context(postgres_server())
            environment["SHOP_HOST"] = str(server.folder)
        folder = copied(tmp_path_factory.mktemp("example"), request.param, ADAPTERS.get(request.param, request.param))
        if request.param == "redshift":
            speak_redshift(folder)
        project = new_project(ADAPTERS.get(request.param, request.param), folder, **environment)
        project.run("deps").ok()
        tests = FEW if request.param == "spark" else ODD | YELLOW | GREEN
        selected = ("--select", *sorted(tests)) if request.param == "spark" else ()
        commands = {"seed": (), "run": (), "test": selected, "docs": ("generate",)}
        yield Shop(project, {name: project.run(name, *more) for name, more in commands.items()}, tests)


def speak_redshift(folder: Path) -> None:
    """Makes a project on PostgreSQL take what the package has for Redshift."""
    texts = [path.read_text(encoding="utf-8") for path in (folder.parent / "macros").rglob("*.sql")]
    names = sorted({name for text in texts for name in re.findall(r"macro redshift__(\w+)", text)})
    macro = "{% macro postgres__NAME() %}{{ return(sqlnomaly.redshift__NAME(*varargs, **kwargs)) }}{% endmacro %}\n"
    (folder / "macros" / "redshift.sql").write_text("".join(macro.replace("NAME", name) for name in names))
    with (folder / "dbt_project.yml").open("a", encoding="utf-8") as settings:
        settings.write("\ndispatch: [{macro_namespace: sqlnomaly, search_order: [shop, sqlnomaly]}]\n")


def statuses(done: Done) -> dict[str, str]:
    """How each node ended, without what runs before them all."""
    return {name: node.status for name, node in done.nodes.items() if "-on-run-start-" not in name}


def test_every_table_is_built(shop: Shop) -> None:
    for command, names in (("seed", SEEDS), ("run", MODELS)):
        done = shop.said[command].ok()
        assert statuses(done) == dict.fromkeys(names, "success")


def test_the_tests_of_what_went_wrong_fail_and_no_others(shop: Shop) -> None:
    expected = {**dict.fromkeys(ODD, "fail"), **dict.fromkeys(YELLOW, "warn"), **dict.fromkeys(GREEN, "pass")}
    done = shop.said["test"]
    assert statuses(done) == {name: status for name, status in expected.items() if name in shop.tests}, done.output
    assert done.code == 1


def test_the_rows_of_a_failed_test_name_the_day(shop: Shop) -> None:
    days = {name: "day" if name == "orders_prices" else "bucket" for name in RED if name in shop.tests}
    query = " UNION ALL ".join(
        f"SELECT '{name}' AS test, CAST(CAST({day} AS DATE) AS {{{{ dbt.type_string() }}}}) AS day, level"
        f" FROM {{{{ kept }}}}.{name}"
        for name, day in days.items()
    )
    found: dict[str, set[object]] = {}
    for row in shop.rows(query):
        assert row["level"] == "error"
        found.setdefault(str(row["test"]), set()).add(row["day"])
    assert found == {name: RED[name] for name in days}


def test_the_catalog_holds_the_models_and_what_the_macros_are_for(shop: Shop) -> None:
    shop.said["docs"].ok()
    target = shop.project.folder / "target"
    catalog = json.loads((target / "catalog.json").read_text(encoding="utf-8"))
    assert {name.split(".")[-1] for name in catalog["nodes"]} >= MODELS | SEEDS
    assert not catalog["errors"]


@pytest.mark.redshift
@pytest.mark.slow
@pytest.mark.thorough
@pytest.mark.parametrize("shop", ["redshift"], indirect=True)
def test_no_statement_has_what_redshift_rules_out(shop: Shop) -> None:
    nodes = {**shop.said["run"].nodes, **shop.said["test"].nodes}
    found = {name: refused_by_redshift(node.compiled) for name, node in nodes.items()}
    assert not any(found.values()), found


@pytest.mark.slow
@pytest.mark.duckdb
class TestOnDuckDB:
    """What need not be asked of every engine."""

    @pytest.fixture(scope="class")
    @staticmethod
    def project(new_project: Callable[..., Project], tmp_path_factory: pytest.TempPathFactory) -> Project:
        made = new_project("duckdb", copied(tmp_path_factory.mktemp("healthy"), "duckdb"))
        made.run("deps").ok()
        return made

    def test_without_incidents_everything_is_green(self, project: Project) -> None:
        done = project.run("build", variables={"incidents": False}).ok()
        tests = {name: node.status for name, node in done.nodes.items() if name in ODD | YELLOW | GREEN}
        assert tests == dict.fromkeys(ODD | YELLOW | GREEN, "pass")

    def test_the_tag_selects_what_is_not_green(self, project: Project) -> None:
        names = project.run("ls", "--quiet", "--select", "tag:incident", "--output", "name").ok().output.split()
        assert set(names) == ODD | YELLOW

    def test_the_source_is_stale_and_says_so(self, project: Project) -> None:
        done = project.run("source", "freshness").ok()
        assert "WARN freshness of bank.payments" in done.output

    def test_the_package_brings_nothing_of_the_example_along(self, project: Project) -> None:
        manifest = json.loads((project.folder / "target" / "manifest.json").read_text(encoding="utf-8"))
        kinds = ("nodes", "sources", "exposures")
        foreign = [one for kind in kinds for one in manifest[kind].values() if one["package_name"] != "shop"]
        assert {one["resource_type"] for one in foreign} <= {"operation"}

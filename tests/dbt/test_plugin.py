"""The plugin of dbt-duckdb: models of dbt call our functions, and get what a session gives."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
import yaml

import sqlnomaly
from sqlnomaly.dbt.plugin import Plugin, make_macros
from sqlnomaly.errors import UnsupportedError, UsageError
from tests.engines.dbt import HOME, PROFILES, Done, Project

SRC = str(Path(sqlnomaly.__file__).resolve().parent.parent)
PACKAGES = str(Path(duckdb.__file__).parent.parent)
ROWS = (
    "SELECT i AS id, i % 2 AS half, CAST(i * 7 % 23 AS DOUBLE) + CASE WHEN i = 50 THEN 90 ELSE 0 END AS amount "
    "FROM range(60) AS t(i)"
)
FILES = {
    "models/rows.sql": "{{ config(materialized='table') }} " + ROWS,
    "models/scored.sql": (
        "SELECT id, anomaly_score(amount, detector := 'mad', partition := half) AS score FROM {{ ref('rows') }}"
    ),
    "models/judged.sql": (
        "{{ config(materialized='table') }} SELECT id, fraud(amount) AS mad, trees(amount) AS trees "
        "FROM {{ ref('rows') }}"
    ),
}


@pytest.fixture(scope="module")
def project(new_project: Callable[..., Project]) -> Project:
    """A project whose profile has the plugin, with two models; what sqlnomaly needs comes last on the path."""
    made = new_project(PYTHONPATH=SRC).write(FILES).make()
    with sqlnomaly.connect() as session:
        session.fit(f"SELECT amount FROM ({ROWS})", detector="mad").save(made.folder / "fraud.model")
        forest = session.fit(f"SELECT amount FROM ({ROWS})", detector="iforest", n_estimators=4, max_samples=16)
        forest.save(made.folder / "trees.model")
    plugin = {
        "module": "sqlnomaly.dbt.plugin",
        "config": {"models": {"fraud": "fraud.model", "trees": "trees.model"}},
    }
    outputs = {"duckdb": {**PROFILES["duckdb"], "plugins": [plugin], "module_paths": [PACKAGES]}}
    made.write({"profiles.yml": yaml.safe_dump({"shop": {"target": "duckdb", "outputs": outputs}})})
    (made.folder / "target").mkdir(exist_ok=True)
    return made


@pytest.fixture(scope="module")
def built(project: Project) -> Done:
    return project.run("run").ok()


def test_models_of_dbt_score_by_macros_as_a_session_does(project: Project, built: Done) -> None:
    with duckdb.connect(str(project.folder / "target" / "warehouse.duckdb"), read_only=True) as connection:
        found = connection.execute("SELECT id, score FROM scored ORDER BY id").fetchall()
    with sqlnomaly.connect() as session:
        call = f"SELECT id, anomaly_score(amount, detector => 'mad') OVER (PARTITION BY half) FROM ({ROWS}) ORDER BY id"
        expected = [tuple(row.values()) for row in session.sql(call).arrow().to_pylist()]
    assert [row[0] for row in found] == [row[0] for row in expected]
    assert [row[1] for row in found] == pytest.approx([row[1] for row in expected], rel=1e-12)
    assert max(found, key=lambda row: row[1])[0] == 50


def test_models_of_files_score_in_models_of_dbt(project: Project, built: Done) -> None:
    with duckdb.connect(str(project.folder / "target" / "warehouse.duckdb"), read_only=True) as connection:
        found = connection.execute("SELECT mad, trees FROM judged ORDER BY id").fetchall()
    with sqlnomaly.connect() as session:
        for at, name in enumerate(("fraud", "trees")):
            session.install(sqlnomaly.Model.load(project.folder / f"{name}.model"), name=name)
            scores = session.sql(f"SELECT {name}(amount) AS score FROM ({ROWS}) ORDER BY id").arrow()["score"]
            assert [row[at] for row in found] == pytest.approx(scores.to_pylist(), rel=1e-9)


def test_without_models_the_plugin_needs_nothing_but_the_files_of_the_package(tmp_path: Path) -> None:
    code = (
        "import sys, duckdb\n"
        "from dbt.adapters.duckdb.plugins import BasePlugin\n"
        "connection = duckdb.connect()\n"
        "plugin = BasePlugin.create('sqlnomaly.dbt.plugin')\n"
        "plugin.configure_connection(connection)\n"
        "rows = 'SELECT anomaly_score(x, detector := $$mad$$) FROM range(5) AS t(x)'\n"
        "print(len(connection.execute(rows).fetchall()))\n"
        "print(sorted({'sqlglot', 'numba', 'sklearn', 'typer', 'pyarrow'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [str(HOME / "bin" / "python"), "-c", code], capture_output=True, text=True, check=False,
        env={"PYTHONPATH": SRC, "PATH": ""},
    )  # fmt: skip
    assert done.stdout.split("\n")[1:2] == ["[]"], done.stderr


def test_macros_are_made_once_a_version() -> None:
    with duckdb.connect() as connection:
        assert make_macros(connection)
        assert not make_macros(connection)
        connection.execute("COMMENT ON MACRO sqlnomaly_number IS 'sqlnomaly 0.0.1'")
        assert make_macros(connection)


def test_a_function_of_the_users_own_is_left_alone() -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE MACRO anomaly_score(x) AS x")
        with pytest.raises(UnsupportedError, match="anomaly_score is in the database already"):
            make_macros(connection)
        assert connection.execute("SELECT anomaly_score(3)").fetchall() == [(3,)]


def test_macros_of_another_schema_are_none_of_this_one() -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA other")
        connection.execute("USE other")
        assert make_macros(connection)
        connection.execute("USE main")
        assert make_macros(connection)
        scores = connection.execute("SELECT anomaly_score(x, detector := 'mad') FROM range(5) AS t(x)").fetchall()
        assert len(scores) == 5


@pytest.mark.parametrize(("config", "told"), [({"model": {}}, "knows no model"), ({"models": [1]}, "mapping")])
def test_what_the_plugin_does_not_take_is_refused(config: dict[str, object], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        Plugin.initialize(Plugin.__new__(Plugin), config)

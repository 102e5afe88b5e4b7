"""The dbt package as it is installed and documented."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from sqlnomaly import __version__
from tests.dbt.example import MADE
from tests.engines.dbt import PACKAGE, Project

SIGNATURE = re.compile(r"\{%-?\s*(macro|test)\s+(\w+)\(([^)]*(?:\([^)]*\)[^)]*)*)\)\s*-?%\}")
"""The start of a macro or a test, with its arguments."""
MATERIALIZATIONS = ("materialization_anomaly_model_default",)
"""The names that dbt gives them; what they take is their config."""


def signatures() -> Mapping[str, list[str]]:
    """The arguments of each macro that is written by hand, by its name in dbt."""
    found: dict[str, list[str]] = {name: [] for name in MATERIALIZATIONS}
    for path in PACKAGE.glob("macros/*/*.sql"):
        for kind, name, arguments in SIGNATURE.findall(path.read_text(encoding="utf-8")):
            bare = re.sub(r"\[[^\]]*\]|'[^']*'", "_", arguments)
            names = [one.split("=")[0].strip() for one in bare.split(",")]
            found["test_" * (kind == "test") + name] = [name for name in names if name]
    return found


def documented() -> Mapping[str, list[str]]:
    """The arguments of each macro that is documented."""
    read: dict[str, Any] = yaml.safe_load((PACKAGE / "macros" / "macros.yml").read_text(encoding="utf-8"))
    return {one["name"]: [argument["name"] for argument in one.get("arguments", ())] for one in read["macros"]}


def settings(folder: Path) -> dict[str, Any]:
    """The dbt_project.yml of a folder."""
    read: dict[str, Any] = yaml.safe_load((folder / "dbt_project.yml").read_text(encoding="utf-8"))
    return read


def test_the_package_has_the_version_of_the_library() -> None:
    assert (settings(PACKAGE)["name"], settings(PACKAGE)["version"]) == ("sqlnomaly", __version__)


def test_the_example_asks_for_the_dbt_that_the_package_asks_for() -> None:
    example = settings(PACKAGE / "integration_tests")
    assert example["require-dbt-version"] == settings(PACKAGE)["require-dbt-version"] == [">=1.11.0", "<2.0.0"]


def test_each_test_is_documented() -> None:
    assert {name for name in signatures() if name.startswith("test_")} <= set(documented())


@pytest.mark.parametrize("name", documented())
def test_what_is_documented_is_what_a_macro_takes(name: str) -> None:
    assert documented()[name] == signatures()[name]


def test_the_shared_arguments_are_those_that_are_checked() -> None:
    text = (PACKAGE / "macros" / "arguments.md").read_text(encoding="utf-8")
    named = [name for row in re.findall(r"^\|([^|]*)\|", text, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)]
    code = (PACKAGE / "macros" / "tests" / "settings.sql").read_text(encoding="utf-8")
    defaults = re.findall(r"'(\w+)': ", code[code.index("defaults = {") : code.index("%}", code.index("defaults = {"))])
    assert set(named) == set(defaults)


def test_it_is_installed_from_a_folder_of_a_git_repository(
    new_project: Callable[..., Project], tmp_path: Path
) -> None:
    repository = tmp_path / "repository"
    shutil.copytree(PACKAGE, repository / "sql" / "dbt", ignore=shutil.ignore_patterns(*MADE))
    who = ("-c", "user.name=nobody", "-c", "user.email=nobody@example.com")
    for words in (("init", "-q"), ("add", "."), (*who, "commit", "-q", "-m", "first"), ("tag", f"v{__version__}")):
        subprocess.run(["git", *words], cwd=repository, check=True)
    project = new_project("duckdb", tmp_path / "project").write({
        "dbt_project.yml": "{name: shop, version: 1.0.0, profile: shop}",
        "profiles.yml": "shop: {target: duckdb, outputs: {duckdb: {type: duckdb, path: shop.duckdb}}}",
        "packages.yml": yaml.safe_dump({"packages": [
            {"git": repository.as_uri(), "subdirectory": "sql/dbt", "revision": f"v{__version__}"}
        ]}),
        "models/orders.sql": "SELECT 1 AS id, CAST('2025-01-31' AS DATE) AS day",
        "models/odd.sql": "SELECT * FROM {{ sqlnomaly.detect_anomalies(ref('orders'), ['id']) }} AS scored",
    })  # fmt: skip
    project.run("deps").ok()
    done = project.run("build", "--warn-error").ok()
    assert {name: node.status for name, node in done.nodes.items()} == {"orders": "success", "odd": "success"}

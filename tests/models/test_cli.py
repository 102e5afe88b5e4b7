"""The commands of models: fit, pack, install, verify, uninstall, each with its messages and exit codes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from sqlnomaly.cli import app
from sqlnomaly.cli.models import read_option
from sqlnomaly.errors import UsageError
from sqlnomaly.model import Model

pytestmark = pytest.mark.duckdb

ROWS = "CREATE TABLE t AS SELECT i AS id, i % 7 * 1.5 AS x, i % 5 * 1.0 AS y, i % 2 AS k FROM range(60) AS r(i)"
SHOP = "duckdb:///shop.db"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a database, and a model of it in a file."""
    monkeypatch.chdir(tmp_path)
    with duckdb.connect("shop.db") as shop:
        shop.execute(ROWS)
    return tmp_path


def run(*arguments: str, stdin: str = "") -> tuple[int, str, str]:
    done = CliRunner().invoke(app, list(arguments), input=stdin)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def asked(sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect("shop.db") as shop:
        return shop.execute(sql).fetchall()


def made(*options: str, detector: str = "mad") -> Model:
    code, out, err = run(
        "fit", "SELECT x, y FROM t", "--on", SHOP, "--detector", detector, "-o", "fraud.model", *options
    )
    assert (code, out) == (0, ""), err
    return Model.load("fraud.model")


def test_a_model_goes_from_a_query_to_functions_and_away_again() -> None:
    code, out, err = run("fit", "SELECT x, y FROM t", "--on", SHOP, "--detector", "mad", "-o", "fraud.model")
    assert (code, out) == (0, "")
    assert "fraud.model: mad over x, y" in err
    common = ("--on", SHOP, "--name", "fraud")

    code, out, err = run("install", *common, "--model", "fraud.model")
    assert (code, err) == (0, "")
    assert out.startswith("made: ")
    assert asked("SELECT fraud(1e6, 1.0) > 100, fraud_is_anomaly(1e6, 1.0)") == [(True, True)]

    assert run("install", *common, "--model", "fraud.model")[1].startswith("replaced: ")
    code, out, _ = run("verify", "fraud.model", *common)
    assert (code, out) == (0, "16 rows, largest difference 0, tolerance 1e-09\n")

    code, out, _ = run("uninstall", *common, "--model", "fraud.model")
    assert (code, out.startswith("removed: ")) == (0, True)
    assert asked("SELECT COUNT(*) FROM duckdb_functions() WHERE NOT internal") == [(0,)]
    assert run("uninstall", *common, "--model", "fraud.model")[1] == "nothing to do\n"


def test_verify_ends_with_1_where_a_function_was_changed() -> None:
    made()
    run("install", "--on", SHOP, "--model", "fraud.model", "--name", "fraud")
    asked("CREATE OR REPLACE MACRO fraud(x, y) AS 1.5")

    code, out, _ = run("verify", "fraud.model", "--on", SHOP, "--name", "fraud")

    assert code == 1
    assert out.startswith("16 rows, largest difference ")


def test_verify_ends_with_1_where_there_is_no_function() -> None:
    made()
    code, out, err = run("verify", "fraud.model", "--on", SHOP, "--name", "fraud")

    assert (code, out) == (1, "")
    assert "fraud" in err


def test_the_options_of_a_model_are_those_of_a_call() -> None:
    model = made(
        "--partition-by", "x", "--option", "min_effect=2", "--option", "direction=high", "--option", "MIN_ROWS=4"
    )

    assert (model.keys, model.features, model.parameters) == (("x",), ("y",), {"direction": "high"})
    assert (model.fitted.min_effect, model.fitted.fit.min_rows) == ((2.0,), 4)
    assert made("--option", "contamination=0.25").fitted.contamination == 0.25
    assert made("--option", "min_effect=1, 2.5").fitted.min_effect == (1.0, 2.5)
    assert made("--option", "n_bins=4", detector="hbos").parameters["n_bins"] == 4


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["contamination"], 2, "--option takes NAME=VALUE"),
        (["=3"], 2, "--option takes NAME=VALUE"),
        (["nope=3"], 1, "unknown option 'nope'"),
        (["threshold=x"], 1, "threshold takes a number"),
        (["threshold=nan"], 1, "threshold|finite"),
        (["threshold=inf"], 1, "threshold|finite"),
        (["threshold=1e400"], 1, "threshold|finite"),
        (["threshold="], 1, "threshold takes a number"),
        (["direction=sideways"], 1, "is not known"),
        (["leave_one_out=true"], 1, "leave_one_out"),
        (["threshold=1", "contamination=0.1"], 1, "exclude each other"),
        (["detector=iqr"], 2, "given twice"),
        (["threshold=1", "threshold=2"], 2, "twice"),
    ],
)
def test_an_option_that_is_none_is_one_message(
    options: list[str], code: int, said: str, folder: Path
) -> None:
    arguments = [part for option in options for part in ("--option", option)]

    found, out, err = run(
        "fit", "SELECT x, y FROM t", "--on", SHOP, "--detector", "mad", "-o", "fraud.model", *arguments
    )

    assert (found, out) == (code, "")
    assert any(word in err for word in said.split("|"))
    assert not (folder / "fraud.model").exists()


OPTIONS: Mapping[str, tuple[str, Any]] = {
    "n_estimators=50": ("n_estimators", 50),
    " Threshold = 3.5 ": ("threshold", 3.5),
    "leave_one_out=TRUE": ("leave_one_out", True),
    "direction=high": ("direction", "high"),
    "min_effect=5,2": ("min_effect", [5.0, 2.0]),
    "nulls=a,b": ("nulls", "a,b"),
    "threshold=-1e-3": ("threshold", -0.001),
    "detector=a=b": ("detector", "a=b"),
}


@pytest.mark.parametrize("text", OPTIONS)
def test_an_options_text_is_read_as_what_it_looks_like(text: str) -> None:
    assert read_option(text) == OPTIONS[text]


@pytest.mark.parametrize("text", ["", "x", "=1", "  =1"])
def test_an_option_needs_a_name_and_a_value(text: str) -> None:
    with pytest.raises(UsageError):
        read_option(text)


def test_a_forest_draws_no_more_rows_than_it_may(folder: Path) -> None:
    code, _, err = run(
        "fit", "SELECT x, y FROM t", "--on", SHOP, "--detector", "iforest", "-o", "f.model", "--max-rows-out", "10"
    )

    assert (code, "max_rows_out is 10" in err) == (1, True)
    assert not (folder / "f.model").exists()


def test_a_model_is_fitted_on_standard_input() -> None:
    rows = "x,y\n" + "".join(f"{i % 7},{i % 5}\n" for i in range(40))
    code, _, err = run("fit", "SELECT x, y FROM '-'", "--detector", "ecod", "-o", "in.model", stdin=rows)

    assert (code, "in.model: ecod over x, y" in err) == (0, True)


@pytest.mark.parametrize("dialect", ["duckdb", "spark", "databricks", "bigquery", "snowflake", "postgres", "redshift"])
def test_pack_prints_a_script_and_its_removal(dialect: str) -> None:
    made()
    arguments = ("pack", "--dialect", dialect, "--model", "fraud.model", "--name", "fraud", "--schema", "lab")

    code, script, err = run(*arguments)
    gone, removal, _ = run(*arguments, "--remove")

    assert (code, gone, err) == (0, 0, "")
    assert script.startswith("-- sqlnomaly ")
    assert script.count("CREATE OR REPLACE") == removal.count("DROP ") == 7
    assert run(*arguments)[1] == script


def test_the_script_of_pack_is_what_install_makes() -> None:
    made()
    _, script, _ = run("pack", "--dialect", "duckdb", "--model", "fraud.model", "--name", "fraud")
    asked(script)

    assert run("verify", "fraud.model", "--on", SHOP, "--name", "fraud")[0] == 0
    assert run("install", "--on", SHOP, "--model", "fraud.model", "--name", "fraud")[1].startswith("replaced: ")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("pack", "--dialect", "duckdb", "--model", "fraud.model"), 2, "need a name"),
        (("pack", "--dialect", "trino", "--model", "fraud.model", "--name", "f"), 1, "trino is not supported"),
        (("pack", "--dialect", "nope", "--model", "fraud.model", "--name", "f"), 2, "nope"),
        (("pack", "--dialect", "duckdb", "--model", "none.model", "--name", "f"), 1, "no such model"),
        (("pack", "--dialect", "duckdb", "--model", "shop.db", "--name", "f"), 1, "no model, or a damaged one"),
        (("pack", "--dialect", "duckdb", "--model", "fraud.model", "--name", "a b"), 2, "no name for a function"),
        (("install", "--on", SHOP, "--name", "f"), 2, "belongs to a model"),
        (("install", "--on", "duckdb:///none.db", "--model", "fraud.model", "--name", "f"), 2, "none.db"),
        (("install", "--on", SHOP, "--model", "fraud.model", "--name", "abs"), 1, "is there already"),
        (("verify", "none.model", "--on", SHOP, "--name", "f"), 1, "no such model"),
        (("verify", "fraud.model", "--on", SHOP), 2, "need a name"),
        (("fit", "SELECT x FROM t", "--on", SHOP, "--detector", "mad", "-o", "no/such/m"), 1, "cannot write the model"),
        (("fit", "SELECT x FROM t", "--on", SHOP, "--detector", "nope", "-o", "m"), 1, "unknown detector"),
        (("fit", "SELECT z FROM t", "--on", SHOP, "--detector", "mad", "-o", "m"), 1, "'z' does not exist"),
        (("fit", "SELECT x FROM t", "--on", SHOP, "--detector", "mad"), 2, "--output"),
    ],
)
def test_what_is_wrong_is_one_message(arguments: tuple[str, ...], code: int, said: str) -> None:
    made()

    found, out, err = run(*arguments)

    assert (found, out) == (code, "")
    assert said in err
    assert "Traceback" not in err

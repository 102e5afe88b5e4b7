"""The commands of stored models: what they print, what they change, and how they end."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from tests.stored_cli.conftest import Run

pytestmark = pytest.mark.duckdb


def test_list_prints_what_show_anomaly_models_does(run: Run) -> None:
    code, out, err = run("models", "list", "--format", "csv")
    assert (code, err) == (0, "")
    assert out == (
        "model,version,versions,detector,features,partition_by,threshold,changed_at\n"
        "halves,1,1,iforest,x,half,contamination = 0.01,<time>\n"
        'stores,1,1,zscore,"x, y",store,threshold = 3,<time>\n'
        "week,1,1,mad,x,,threshold = 2,<time>\n"
    )


def test_list_of_no_models_says_how_to_make_one(run: Run, folder: Path) -> None:
    duckdb.connect(str(folder / "empty.db")).close()
    say = "there is no model yet: CREATE ANOMALY MODEL name USING detector AS SELECT ..\n"
    assert run("models", "list", on="duckdb:///empty.db") == (0, "", say)
    assert run("models", "list", "--format", "json", on="duckdb:///empty.db") == (0, "[]\n", say)


def test_show_describes_a_model_and_draws_its_scores(run: Run) -> None:
    code, out, err = run("models", "show", "week")
    assert (code, err) == (0, "")
    facts, drawn = out.split("\n\n")
    assert [line.rstrip() for line in facts.splitlines()[:-1]] == [
        "model        week",
        "version      1, in force",
        "versions     1 created",
        "made         created at <time>",
        "detector     mad",
        "parameters   direction = both",
        "features     x float",
        "threshold    threshold = 2",
        "calibration  none: no row was held out of the fit",
        "nulls        propagate",
        "min_rows     3",
        "placement    written into the query",
        "query        SELECT x FROM rows",
    ]
    assert drawn == (
        "scores of 2,020 fitted rows, by the 101 quantiles that are kept\n"
        "     0 .. 0.1124  ####################################        8.2 %\n"
        "0.1124 .. 0.2248  ####################################        8.2 %\n"
        "0.2248 .. 0.3372  ####################################        8.2 %\n"
        "0.3372 .. 0.4497  ####################################        8.2 %\n"
        "0.4497 .. 0.5621  ####################################        8.2 %\n"
        "0.5621 .. 0.6745  ####################################        8.2 %\n"
        "0.6745 .. 0.7869  ########################################    9.2 %\n"
        "0.7869 .. 0.8993  ####################################        8.2 %\n"
        "0.8993 ..  1.012  ####################################        8.2 %\n"
        " 1.012 ..  1.124  ####################################        8.2 %\n"
        " 1.124 ..  1.237  ####################################        8.2 %\n"
        " 1.237 ..  1.349  ####################################        8.2 %\n"
        " 1.349 ..  9.632  ####                                        1.0 %  <- threshold 2\n"
        "above the threshold 2: 1 to 21 of the fitted rows, 0.0495 to 1.04 %\n"
    )


def test_show_draws_nothing_for_programs(run: Run) -> None:
    code, out, _ = run("models", "show", "week", "--format", "json")
    assert code == 0
    assert {"property": "detector", "value": "mad"} in json.loads(out)


def test_show_marks_the_threshold_and_counts_the_rows_above_it(run: Run) -> None:
    _, out, _ = run("models", "show", "halves", "--partition", "half=1")
    *_, last, verdict = out.splitlines()
    assert "1.0 %  <- threshold 0.65" in last
    assert verdict.startswith("above the threshold 0.65")
    assert verdict.endswith(": 1 to 9 of the fitted rows, 0.124 to 1.11 %")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["stores"], "each of 40 partitions has a distribution of its own: --partition store=.. shows one"),
        (["stores", "--partition", "store=NULL"], "above the threshold 3: none of the fitted rows"),
    ],
)
def test_show_of_many_partitions_draws_the_one_that_is_asked_for(
    run: Run, arguments: list[str], says: str
) -> None:
    code, out, _ = run("models", "show", *arguments)
    assert (code, out.splitlines()[-1]) == (0, says)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["show", "wek"], 1, "there is no model 'wek'"),
        (["show", "week", "--version", "7"], 1, "the model 'week' has no version 7"),
        (["show", "stores", "--partition", "store=s99"], 1, "the model 'stores' fitted no partition store=s99"),
        (["show", "stores", "--partition", "shop=s01"], 1, "has no partition key 'shop'"),
        (["show", "stores", "--partition", "s01"], 2, "--partition takes KEY=VALUE"),
        (["import", "week.model", "--name", "week"], 1, "there is no such model"),
        (["export", "week", "-o", "nowhere/week.model"], 1, "cannot write the model"),
        (["verify", "wek"], 1, "did you mean 'week'?"),
        (["diff", "week", "wek"], 1, "did you mean 'week'?"),
        (["prune", "wek"], 1, "did you mean 'week'?"),
    ],
)
def test_a_command_that_cannot_says_what_is_wrong(
    run: Run, arguments: list[str], code: int, message: str
) -> None:
    found, out, err = run("models", *arguments)
    assert (found, out) == (code, "")
    assert message in err


@pytest.mark.parametrize("command", ["list", "show week", "verify week", "prune week", "diff week week"])
def test_without_an_engine_there_are_no_models(run: Run, command: str) -> None:
    code, out, err = run("models", *command.split(), on=None)
    assert (code, out) == (2, "")
    assert "--on duckdb:///shop.db" in err


def test_a_model_goes_to_another_engine_by_its_file(run: Run, folder: Path) -> None:
    duckdb.connect(str(folder / "other.db")).close()
    other = "duckdb:///other.db"
    assert run("models", "export", "stores", "-o", "stores.model") == (0, "", "stores.model: zscore over x, y\n")
    assert run("models", "import", "stores.model", "--name", "Copied", on=other) == (
        0,
        "",
        "copied: version 1, zscore over x, y\n",
    )
    assert run("models", "verify", "copied", on=other)[:2] == (
        0,
        "checksums hold; 16 rows, largest difference 0, tolerance 1e-09\n",
    )
    assert run("models", "diff", "copied", "stores.model", on=other)[1] == (
        "the same model: copied and stores.model\n"
    )


def test_import_leaves_a_model_alone_unless_told_to_replace_it(run: Run) -> None:
    run("models", "export", "week", "-o", "week.model")
    assert run("models", "import", "week.model", "--name", "week")[:2] == (1, "")
    assert run("models", "import", "week.model", "--name", "week", "--replace")[2] == "week: version 2, mad over x\n"


@pytest.mark.parametrize("name", ["week", "stores", "halves"])
def test_verify_scores_the_test_rows_in_the_engine(run: Run, name: str) -> None:
    code, out, err = run("models", "verify", name)
    assert (code, err) == (0, "")
    assert out == "checksums hold; 16 rows, largest difference 0, tolerance 1e-09\n"


def test_verify_notices_a_number_that_was_changed(run: Run, folder: Path) -> None:
    with duckdb.connect(str(folder / "shop.db")) as connection:
        (table,) = connection.execute(
            "SELECT storage FROM sqlnomaly.model_state WHERE name = 'stores' AND relation = 'model:table'"
        ).fetchone() or ("",)
        columns = [row[0] for row in connection.execute(f"DESCRIBE sqlnomaly.{table}").fetchall()]
        centre = next(name for name in columns if name.endswith("x__centre"))
        connection.execute(f"UPDATE sqlnomaly.{table} SET {centre} = {centre} + 1")
    code, out, _ = run("models", "verify", "stores")
    assert code == 1
    assert out.startswith("checksums hold; 16 rows, largest difference 0.0")


def test_verify_notices_rows_that_are_gone(run: Run, folder: Path) -> None:
    with duckdb.connect(str(folder / "shop.db")) as connection:
        (table,) = connection.execute(
            "SELECT storage FROM sqlnomaly.model_state WHERE name = 'stores' AND relation = 'model:table'"
        ).fetchone() or ("",)
        connection.execute(f"DELETE FROM sqlnomaly.{table} WHERE _sn__key1 = 's01'")
    code, out, err = run("models", "verify", "stores")
    assert (code, out) == (1, "")
    assert "does not have its 40 rows" in err


def test_verify_notices_a_checksum_that_does_not_hold(run: Run, folder: Path) -> None:
    with duckdb.connect(str(folder / "shop.db")) as connection:
        connection.execute(
            "UPDATE sqlnomaly.model_state SET data = REPLACE(data, 'A', 'B') WHERE name = 'week' AND relation = 'model'"
        )
    code, out, err = run("models", "verify", "week")
    assert (code, out) == (1, "")
    assert "was changed after the model was written" in err


def test_prune_drops_what_is_old_and_never_what_is_in_force(run: Run) -> None:
    for _ in range(3):
        run("query", "ALTER ANOMALY MODEL week SET (threshold = 4)")
    run("query", "ALTER ANOMALY MODEL week SET VERSION 2")
    assert run("models", "prune", "week", "--keep", "1") == (0, "", "week: dropped 1, 3\n")
    assert run("models", "prune", "week", "--keep", "0") == (0, "", "week: dropped 4\n")
    assert run("models", "prune", "week") == (0, "", "week: nothing to drop\n")
    assert json.loads(run("models", "list", "--format", "json")[1])[2]["version"] == 2


def test_what_only_reads_leaves_the_file_to_others(run: Run, folder: Path) -> None:
    (folder / "shop.db").chmod(0o444)
    run("models", "export", "week", "-o", "week.model")
    for command in ("list", "show week", "verify stores", "verify halves", "diff week week.model"):
        assert run("models", *command.split())[0] == 0, command
    assert run("query", "SHOW ANOMALY MODELS")[0] == 0
    assert run("query", "DESCRIBE ANOMALY MODEL week; SELECT anomaly_score(x, model => 'week') FROM rows")[0] == 0

"""What diff says of two models: which options and numbers moved, and how far."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.stored_cli.conftest import Run

pytestmark = pytest.mark.duckdb


def changes(run: Run, left: str, right: str) -> dict[str, Mapping[str, Any]]:
    """The changes by part and name."""
    code, out, _ = run("models", "diff", left, right, "--format", "json")
    assert code == 0
    return {f"{row['part']}: {row['name']}": row for row in json.loads(out)}


def test_a_model_is_the_same_as_itself(run: Run) -> None:
    assert run("models", "diff", "week", "week@1") == (0, "the same model: week and week@1\n", "")
    assert run("models", "diff", "halves", "halves@1", "--format", "csv")[1:] == (
        "part,name,before,after,change,relative,partitions,at\n",
        "the same model: halves and halves@1\n",
    )


def test_files_are_compared_without_an_engine(run: Run) -> None:
    run("models", "export", "week", "-o", "a.model")
    run("query", "ALTER ANOMALY MODEL week SET (threshold = 5)")
    run("models", "export", "week", "-o", "b.model")
    code, out, err = run("models", "diff", "a.model", "b.model", on=None)
    assert (code, err) == (0, "1 difference from a.model to b.model\n")
    assert [line.split() for line in out.splitlines()[2:]] == [
        ["rule", "threshold", "2", "5", "3", "1.5", "NULL", "NULL"]
    ]


def test_a_refresh_by_other_rows_says_which_numbers_moved_and_how_far(run: Run) -> None:
    run("query", "REFRESH ANOMALY MODEL week AS SELECT x + 10 AS x FROM rows WHERE id > 7")
    found = changes(run, "week@1", "week")
    assert found["model: x.centre"] == {
        "part": "model",
        "name": "x.centre",
        "before": "50",
        "after": "60",
        "change": 10.0,
        "relative": 0.2,
        "partitions": None,
        "at": None,
    }
    assert found["scores: n"]["change"] == 8.0
    assert found["scores: q100, the most of q0 .. q100"]["before"] == "9.63171"


def test_partitions_are_added_removed_and_changed(run: Run) -> None:
    run(
        "query",
        "CREATE OR REPLACE ANOMALY MODEL stores USING zscore PARTITION BY store AS "
        "SELECT CASE store WHEN 's01' THEN 's77' ELSE store END AS store, "
        "CASE store WHEN 's02' THEN x + 1000 ELSE x END AS x, y FROM rows",
    )
    found = changes(run, "stores@1", "stores")
    assert found["model: partitions added"]["after"] == "s77"
    assert found["model: partitions removed"]["before"] == "s01"
    mean = found["model: x.mean"]
    assert mean["change"] == pytest.approx(1000, abs=20)  # other rows are held out
    assert (mean["partitions"], mean["at"]) == (1, "s02")


def test_trees_are_compared_row_by_row(run: Run) -> None:
    run(
        "query",
        "CREATE OR REPLACE ANOMALY MODEL halves USING iforest OPTIONS (n_estimators = 4, random_state = 1) "
        "PARTITION BY half AS SELECT half, x FROM rows",
    )
    found = changes(run, "halves@1", "halves")
    assert (found["parameter: random_state"]["before"], found["parameter: random_state"]["after"]) == ("0", "1")
    assert found["nodes: rows"]["partitions"] == 2


def test_other_features_are_named_and_what_is_common_is_compared(run: Run) -> None:
    run("query", "CREATE ANOMALY MODEL both USING mad OPTIONS (calibration = 0) AS SELECT x, y FROM rows")
    found = changes(run, "week", "both")
    assert (found["features: names"]["before"], found["features: names"]["after"]) == ("x float", "x float, y integer")
    assert found["model: y.centre"]["after"] == "kept"
    assert "model: x.centre" not in found


def test_models_of_two_detectors_have_no_numbers_in_common(run: Run) -> None:
    found = changes(run, "week", "halves")
    assert {row["part"] for row in found.values()} == {"detector", "parameter", "keys", "rule"}


def test_models_of_other_partitions_have_no_numbers_in_common(run: Run) -> None:
    options = "OPTIONS (threshold = 2) PARTITION BY half"
    run("query", f"CREATE ANOMALY MODEL half USING mad {options} AS SELECT half, x FROM rows")
    assert list(changes(run, "week", "half")) == ["keys: names"]


def test_more_rows_that_are_held_out_are_one_number_not_a_column_each(run: Run) -> None:
    run("query", "CREATE ANOMALY MODEL a USING mad AS SELECT x FROM rows WHERE id < 1000")
    run("query", "CREATE ANOMALY MODEL b USING mad AS SELECT x FROM rows")
    found = changes(run, "a", "b")
    assert (found["calibration: held"]["before"], found["calibration: held"]["after"]) == ("200", "404")
    ranks = [row for name, row in found.items() if name.endswith(", the most of h1 ..")]
    assert len(ranks) == 1
    assert None not in (ranks[0]["before"], ranks[0]["after"])

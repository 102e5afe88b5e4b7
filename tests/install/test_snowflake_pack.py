"""Snowflake's procedure: its function writes the statement here, fakesnow runs it, and the grammar reads the script."""

from __future__ import annotations

import importlib.util
import math
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from sqlnomaly.dialects import get_dialect
from sqlnomaly.dialects.signature import check_functions
from sqlnomaly.errors import UsageError
from sqlnomaly.install import cells
from sqlnomaly.install.snowflake import handler, pack, vectorized_handler
from sqlnomaly.pushdown.relation_form import COLUMNS
from tests.conformance.ask import TYPES
from tests.conformance.datasets import BY_NAME, NUMERIC, DataSet
from tests.conftest import missing_engine
from tests.engines.fakesnow import Fakesnow, FakesnowMissingError
from tests.engines.snowflake_grammar import check
from tests.install.judged import unlike_reference
from tests.reference.values import as_float, group_key
from tests.thorough import some

Statement = Callable[..., str]


@pytest.fixture(scope="module")
def statement(tmp_path_factory: pytest.TempPathFactory) -> Statement:
    """The handler as it is installed."""
    found: Statement = imported(tmp_path_factory.mktemp("snowflake") / "handler.py", handler()).statement
    return found


def imported(path: Path, source: str) -> Any:
    """A module of a text."""
    path.write_text(source)
    spec = importlib.util.spec_from_file_location(f"snowflake_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def snowflake() -> Iterator[Fakesnow]:
    try:
        engine = Fakesnow()
    except FakesnowMissingError as error:
        missing_engine("snowflake", str(error))
    yield engine
    engine.close()


def described(data: DataSet) -> list[dict[str, str]]:
    """The columns as DESCRIBE TABLE says them."""
    return [{"name": part.name, "kind": TYPES["snowflake"][part.type]} for part in data.table.schema]


def numbered(snowflake: Fakesnow, data: DataSet) -> None:
    """What the procedure does before it judges."""
    snowflake.load(data.name, data.table, [TYPES["snowflake"][part.type] for part in data.table.schema])
    snowflake.run(
        f'CREATE OR REPLACE TEMPORARY TABLE _sn_rows AS SELECT UUID_STRING() AS _sn_row, given.* FROM "{data.name}" '
        f"AS given"
    )


def written(statement: Statement, data: DataSet, detector: str, **rule: float) -> str:
    return statement(
        described(data),
        list(data.features),
        detector,
        list(data.keys),
        rule.get("threshold"),
        rule.get("contamination"),
    )


@pytest.mark.parametrize("data", some(NUMERIC), ids=lambda data: data.name)
def test_every_detector_says_what_the_reference_says(
    snowflake: Fakesnow, statement: Statement, data: DataSet
) -> None:
    numbered(snowflake, data)
    problems = {
        detector: unlike_reference(data, detector, snowflake.run(written(statement, data, detector)))
        for detector in cells.names()
    }
    assert problems == {detector: [] for detector in cells.names()}


@pytest.mark.parametrize("rule", [{"threshold": 2.5}, {"contamination": 0.1}], ids=str)
def test_a_rule_of_the_caller_takes_the_place_of_the_default(
    snowflake: Fakesnow, statement: Statement, rule: dict[str, float]
) -> None:
    data = BY_NAME["gaussian"]
    numbered(snowflake, data)
    for detector in ("zscore", "ecod"):
        found = snowflake.run(written(statement, data, detector, **rule))
        assert unlike_reference(data, detector, found, **rule) == []


@pytest.mark.parametrize("detector", cells.names())
def test_the_statement_parses_and_calls_what_snowflake_has(statement: Statement, detector: str) -> None:
    for name in ("gaussian", "timestamptz", "boolean"):
        sql = written(statement, BY_NAME[name], detector)
        dialect = get_dialect("snowflake")
        assert check_functions(sql, dialect.functions, dialect.sqlglot) == []
    check(sql + ";")


KINDS = (pa.float64(), pa.float64(), pa.bool_(), pa.float64(), pa.string(), pa.string())


def in_partitions(function: type, data: DataSet, detector: str, **rule: float) -> pa.Table:
    """What the vectorized function gives partition by partition; a NaN is given as an infinity, as its notes say."""
    partitions: dict[Any, list[dict[str, Any]]] = {}
    for row in data.rows:
        partitions.setdefault(group_key([row[name] for name in data.keys]), []).append(row)
    found: list[dict[str, Any]] = []
    for rows in partitions.values():
        frame = pd.DataFrame({"ROW_ID": [str(row["id"]) for row in rows], "DETECTOR": detector})
        frame["THRESHOLD"] = rule.get("threshold", math.nan)
        frame["CONTAMINATION"] = rule.get("contamination", math.nan)
        for place, name in enumerate(data.features, 1):
            values = [as_float(row[name]) for row in rows]
            frame[f"X{place}"] = [
                math.nan if value is None else math.inf if math.isnan(value) else value for value in values
            ]
        found += function().end_partition(frame).to_dict("records")
    answers = {int(row["row_id"]): row for row in found}
    assert len(answers) == len(found)
    table = data.table
    for name, kind in zip(COLUMNS, KINDS, strict=True):
        key = "anomaly_feature" if name == "anomaly_reason" else name
        values = [none_of(answers[row["id"]][key]) for row in data.rows]
        if name == "anomaly_reason":
            values = [None if place is None else data.features[place - 1] for place in values]
        table = table.append_column(name, pa.array(values, kind))
    return table


def none_of(value: Any) -> Any:
    """A value of pandas; NaN is NULL there."""
    return None if isinstance(value, float) and math.isnan(value) else value


@pytest.fixture(scope="module")
def vectorized(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The handler as it is installed; what it imports of Snowflake only marks the method there."""
    folder = tmp_path_factory.mktemp("vectorized")
    with pytest.MonkeyPatch.context() as patch:
        stub: Any = ModuleType("_snowflake")
        stub.vectorized = lambda **_: lambda method: method
        patch.setitem(sys.modules, "_snowflake", stub)
        yield imported(folder / "vectorized.py", vectorized_handler()).Anomalies


@pytest.mark.parametrize("data", some(NUMERIC), ids=lambda data: data.name)
def test_the_vectorized_function_says_what_the_reference_says(vectorized: type, data: DataSet) -> None:
    problems = {
        detector: unlike_reference(data, detector, in_partitions(vectorized, data, detector))
        for detector in cells.names()
    }
    assert problems == {detector: [] for detector in cells.names()}


@pytest.mark.parametrize("rule", [{"threshold": 2.5}, {"contamination": 0.1}], ids=str)
def test_the_vectorized_function_takes_a_rule(vectorized: type, rule: dict[str, float]) -> None:
    data = BY_NAME["gaussian"]
    for detector in ("zscore", "ecod"):
        found = in_partitions(vectorized, data, detector, **rule)
        assert unlike_reference(data, detector, found, **rule) == []


@pytest.mark.parametrize(
    ("detector", "rule", "message"),
    [
        ("ecdo", {}, "allowed: zscore"),
        ("iforest", {}, "fitted by a client"),
        ("zscore", {"threshold": 3.0, "contamination": 0.1}, "exclude each other"),
        ("zscore", {"contamination": 0.7}, "at most 0.5"),
        ("zscore", {"threshold": math.inf}, "has to be a number"),
    ],
)
def test_the_vectorized_function_refuses_by_name(
    vectorized: type, detector: str, rule: dict[str, float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        in_partitions(vectorized, BY_NAME["gaussian"], detector, **rule)


def test_the_vectorized_function_refuses_options_that_change_from_row_to_row(vectorized: Any) -> None:
    frame = pd.DataFrame(
        {"ROW_ID": ["1", "2"], "DETECTOR": ["mad", "iqr"], "T": math.nan, "C": math.nan, "X1": 1.0}
    )
    with pytest.raises(ValueError, match="detector has to be the same"):
        vectorized().end_partition(frame)


TABLE = [
    {"name": "AMOUNT", "kind": "NUMBER(38,0)"},
    {"name": 'q"x', "kind": "FLOAT"},
    {"name": "T", "kind": "VARCHAR(9)"},
]

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no features": ({"features": []}, "at least one feature"),
    "an unknown feature": ({"features": ["amont"]}, "no column 'amont'; it has AMOUNT"),
    "an attack": ({"features": ['amount" OR 1=1 --']}, "no column"),
    "a key that is none": ({"partition_by": ["store"]}, "partition_by: the table has no column 'store'"),
    "text": ({"features": ["t"]}, "feature T is VARCHAR"),
    "an unknown detector": ({"detector": "ecdo"}, "allowed: zscore"),
    "a joint detector": ({"detector": "mahalanobis"}, "judges the features together"),
    "an ordered detector": ({"detector": "ewma"}, "needs the order of the rows"),
    "a fitted detector": ({"detector": "iforest"}, "fitted by a client"),
    "two rules": ({"threshold": 3.0, "contamination": 0.1}, "exclude each other"),
    "no threshold": ({"threshold": float("nan")}, "has to be a number"),
    "no share": ({"contamination": 0.7}, "at most 0.5"),
    "a column that is added": (
        {"found": [*TABLE, {"name": "is_anomaly", "kind": "FLOAT"}]},
        "column is_anomaly",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_refuses_by_name(statement: Statement, what: str) -> None:
    given, message = REFUSED[what]
    plain: dict[str, Any] = {
        "found": TABLE,
        "features": ["amount", 'q"x'],
        "detector": None,
        "partition_by": None,
        "threshold": None,
        "contamination": None,
    }
    assert '"q""x"' in statement(**plain)
    with pytest.raises(ValueError, match=message):
        statement(**(plain | given))


def test_the_script_parses_and_the_drops_name_what_it_makes() -> None:
    made = pack('analytics."Our schema"')
    check(made.script)
    check(made.removal)
    for item in made.items:
        assert item.create.startswith(f"CREATE OR REPLACE {item.kind.upper()} {item.name}(")
        assert item.drop.startswith(f"DROP {item.kind.upper()} IF EXISTS {item.name}(")
        assert item.create.count("$$") == 2
        assert len(item.create) < 100_000


@pytest.mark.parametrize("schema", ["a b", "a; DROP TABLE t", "a.b.c", ""])
def test_a_name_that_is_no_schema_is_refused(schema: str) -> None:
    with pytest.raises(UsageError, match="no schema"):
        pack(schema)


def test_the_checked_in_text_is_what_pack_gives() -> None:
    assert (Path(__file__).parents[2] / "sql" / "install" / "snowflake.sql").read_text() == pack().script

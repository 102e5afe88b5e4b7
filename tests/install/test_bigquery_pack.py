"""BigQuery's procedure: GoogleSQL evaluates the functions that write its statements, then runs what they wrote."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pyarrow as pa
import pytest

from sqlnomaly.errors import UsageError
from sqlnomaly.install import cells
from sqlnomaly.install.bigquery import COLUMNS_TYPE, ROW, ROWS, pack
from tests.conformance.ask import TYPES
from tests.conformance.checks import tail
from tests.conformance.datasets import BY_NAME, DataSet
from tests.engines.googlesql import GoogleSql, GoogleSqlError
from tests.engines.snowflake_grammar import check
from tests.install.judged import unlike_reference
from tests.thorough import some

pytestmark = pytest.mark.bigquery

TEXTS = {item.name.rsplit(".", 1)[1]: item.create for item in pack().items}
NULL, NONE = "CAST(NULL AS STRING)", "CAST(NULL AS FLOAT64)"
NUMBERING = f"CREATE OR REPLACE TEMP TABLE {ROWS} AS "


def body(name: str) -> str:
    """What a function gives, as an expression over its parameters; the evaluator has no functions of its user's."""
    text = TEXTS[name]
    return (
        with_paths(text[text.index("AS (\n") + 5 : text.rindex(")")])
        if name != "anomaly_path"
        else text_of_path()
    )


def text_of_path() -> str:
    text = TEXTS["anomaly_path"]
    return text[text.index("AS (\n") + 5 : text.rindex(")")]


def with_paths(text: str) -> str:
    """Calls of ``anomaly_path`` as what it gives."""

    def given(call: re.Match[str]) -> str:
        path, name = call[1].split(", ")
        return f"(SELECT {text_of_path()} FROM (SELECT {path} AS path, CAST({name} AS STRING) AS name))"

    return re.sub(r"`sqlnomaly`\.anomaly_path\(([^()]*)\)", given, text)


def called(name: str, **arguments: str) -> str:
    """The text that a function writes for arguments, which are SQL."""
    row = ", ".join(f"{value} AS {argument}" for argument, value in arguments.items())
    (found,) = (
        GoogleSql({}).execute(f"SELECT {body(name)} AS text FROM (SELECT {row})").column("text").to_pylist()
    )
    return str(found)


def text(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def texts(values: tuple[str, ...]) -> str:
    return f"ARRAY<STRING>[{', '.join(map(text, values))}]"


def columns(*named: tuple[str, str]) -> str:
    return f"{COLUMNS_TYPE}[{', '.join(f'({text(name)}, {text(kind)})' for name, kind in named)}]"


def types_of(data: DataSet) -> dict[str, str]:
    return {part.name: TYPES["bigquery"][part.type] for part in data.table.schema}


@cache
def numbered(name: str) -> pa.Table:
    """The last rows of a data set with what the first statement adds."""
    data = tail(BY_NAME[name])
    path = f"shop.{data.name}"
    sql = called(
        "anomaly_rows_sql",
        table_name=text(path),
        found=columns(*types_of(data).items()),
        partition_by=texts(data.keys),
    )
    assert sql.startswith(NUMBERING)
    query = sql.removeprefix(NUMBERING).replace(
        f"`shop`.`{data.name}`", f"`{path}`"
    )  # data by the quoted path only
    return GoogleSql({path: types_of(data)}).execute(query, {path: data.table})


def judged(name: str, detector: str, threshold: str = NONE, contamination: str = NONE) -> pa.Table:
    """The result of the second statement."""
    data = tail(BY_NAME[name])
    sql = called(
        "anomaly_detection_sql",
        found=columns(*types_of(data).items()),
        features=texts(data.features),
        detector=text(detector),
        threshold=threshold,
        contamination=contamination,
        result_table=NULL,
    )
    types = {ROW: "STRING", "_sn_part": "STRING", **types_of(data)}
    return GoogleSql({ROWS: types}).execute(sql, {ROWS: numbered(name)})


@pytest.mark.parametrize("detector", cells.names())
@pytest.mark.parametrize("name", ["gaussian", "nonfinite", "hostile_columns"])
def test_every_detector_says_what_the_reference_says(name: str, detector: str) -> None:
    assert unlike_reference(tail(BY_NAME[name]), detector, judged(name, detector)) == []


ODD = [
    "heavy_ties", "offset", "tiny", "huge", "constant", "collinear", "all_null_group", "null_and_nan_keys",
    "negative_zero", "one_row", "empty", "decimal", "boolean", "timestamptz", "edge_of_range", "terms",
]  # fmt: skip


@pytest.mark.parametrize("name", some(ODD))
def test_odd_tables_are_judged_as_in_the_language(name: str) -> None:
    assert unlike_reference(tail(BY_NAME[name]), "zscore", judged(name, "zscore")) == []


def test_a_rule_of_the_caller_takes_the_place_of_the_default() -> None:
    data = tail(BY_NAME["gaussian"])
    assert (
        unlike_reference(data, "zscore", judged("gaussian", "zscore", threshold="1.7"), threshold=1.7) == []
    )
    found = judged("gaussian", "zscore", contamination="0.1")
    assert unlike_reference(data, "zscore", found, contamination=0.1) == []


PLAIN = columns(("Amount", "NUMERIC(10, 2)"), ("t", "STRING"))

REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "no features": ({"features": texts(())}, "at least one feature"),
    "an unknown feature": ({"features": texts(("amont",))}, 'the table has no column "amont"'),
    "an attack": ({"features": texts(("amount` OR `1",))}, "the table has no column"),
    "a feature that is NULL": ({"features": "[CAST(NULL AS STRING)]"}, "the table has no column"),
    "text": ({"features": texts(("amount", "T"))}, 'feature "T" is no number'),
    "an unknown detector": ({"detector": "'ecdo'"}, "allowed: zscore, mad, iqr, hbos, ecod"),
    "a joint detector": ({"detector": "'mahalanobis'"}, "judges the features together"),
    "an ordered detector": ({"detector": "'ewma'"}, "needs the order of the rows"),
    "a fitted detector": ({"detector": "'iforest'"}, "fitted by a client"),
    "two rules": ({"threshold": "3.0", "contamination": "0.1"}, "exclude each other"),
    "no threshold": ({"threshold": "CAST('nan' AS FLOAT64)"}, "has to be a number"),
    "no share": ({"contamination": "0.7"}, "at most 0.5"),
    "a result that is no table": ({"result_table": "'x'"}, "is no path of a table"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_refuses_by_name(what: str) -> None:
    given, message = REFUSED[what]
    plain = {
        "found": PLAIN,
        "features": texts(("amount",)),
        "detector": NULL,
        "threshold": NONE,
        "contamination": NONE,
        "result_table": "'my-project.shop.result'",
    }
    if not what.startswith("a result"):
        assert called("anomaly_detection_sql", **plain).startswith(
            "CREATE TABLE `my-project`.`shop`.`result` AS WITH"
        )
    with pytest.raises(GoogleSqlError, match=message):
        called("anomaly_detection_sql", **(plain | given))


WRONG_TABLES: dict[str, tuple[dict[str, str], str]] = {
    "no table": ({"found": f"CAST(NULL AS {COLUMNS_TYPE})"}, "does not exist, or may not be seen"),
    "a column that is added": (
        {"found": columns(("Is_Anomaly", "BOOL"))},
        "a name that detect_anomalies adds",
    ),
    "a column of ours": ({"found": columns((ROW, "STRING"))}, "a name that detect_anomalies adds"),
    "a backquote": ({"found": columns(("a`b", "INT64"))}, "has a backquote"),
    "an unknown key": ({"partition_by": texts(("store",))}, 'partition_by: the table has no column "store"'),
    "no path": ({"table_name": "'orders'"}, "is no path of a table"),
    "an attack": ({"table_name": "'a.b` JOIN c.d'"}, "is no path of a table"),
}


@pytest.mark.parametrize("what", WRONG_TABLES)
def test_a_table_that_will_not_do_is_refused_before_it_is_read(what: str) -> None:
    given, message = WRONG_TABLES[what]
    plain = {"table_name": "'shop.orders'", "found": PLAIN, "partition_by": "CAST(NULL AS ARRAY<STRING>)"}
    assert called("anomaly_rows_sql", **plain).endswith("FROM `shop`.`orders` AS given")
    with pytest.raises(GoogleSqlError, match=message):
        called("anomaly_rows_sql", **(plain | given))


def test_the_columns_are_asked_of_the_dataset_of_the_table() -> None:
    found = called("anomaly_columns_sql", table_name="'example.com:my-project.shop.my \"orders'")
    assert "FROM `example.com:my-project`.`shop`.INFORMATION_SCHEMA.COLUMNS WHERE" in found
    assert found.endswith(r"""table_name = 'my "orders'""")


@pytest.mark.parametrize("name", TEXTS)
def test_googlesql_analyzes_each_object(name: str) -> None:
    found = TEXTS[name]
    if name not in ("anomaly_path", "detect_anomalies"):  # it has no catalog of functions of its user's
        found = with_paths(found)
    assert GoogleSql({}).analyze(found) == []


def test_the_script_parses_and_the_drops_name_what_it_makes() -> None:
    made = pack("my-project.ours")
    check(made.script, "bigquery")
    for item in made.items:
        assert item.name.startswith("`my-project`.`ours`.")
        assert item.create.startswith(f"CREATE OR REPLACE {item.kind.upper()} {item.name}(")
        assert item.drop == f"DROP {item.kind.upper()} IF EXISTS {item.name}"
        assert GoogleSql({}).analyze(item.drop) == []


@pytest.mark.parametrize("schema", ["a b", "a`; DROP TABLE t", "x.y z", "."])
def test_a_name_that_is_no_dataset_is_refused(schema: str) -> None:
    with pytest.raises(UsageError, match="no dataset"):
        pack(schema)


def test_the_checked_in_text_is_what_pack_gives() -> None:
    assert (Path(__file__).parents[2] / "sql" / "install" / "bigquery.sql").read_text() == pack().script

"""Spark's table function, in a live session: the numbers of the language, columns as they were, no silent halves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sqlnomaly import connect
from sqlnomaly.engines.spark import Spark
from sqlnomaly.errors import SqlnomalyError
from sqlnomaly.install import spark as installed
from tests.conformance.ask import literal, quoted
from tests.conformance.datasets import BY_NAME, DataSet
from tests.conftest import missing_engine
from tests.engines.connect import ConnectServer
from tests.install.judged import unlike_reference

pytestmark = pytest.mark.spark

EVERY = ("zscore", "mad", "iqr", "mahalanobis", "hbos", "ecod", "ewma", "iforest")
ODD = (
    "null_and_nan_keys",
    "timestamptz",
    "hostile_columns",
    "nonfinite",
    "decimal",
    "boolean",
    "one_row",
    "empty",
)
FEW: dict[str, dict[str, Any]] = {"hbos": {"n_bins": 4}, "iforest": {"n_estimators": 10}}
"""Options that keep it short."""


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    try:
        engine = Spark.open()
    except (ImportError, SqlnomalyError) as error:
        missing_engine("spark", str(error))
    session = engine._session
    installed.register(session)
    yield session
    installed.unregister(session)
    engine.close()


def texts(words: tuple[str, ...]) -> str:
    """An array of texts in Spark SQL."""
    return (
        "array("
        + ", ".join("'" + word.replace("\\", "\\\\").replace("'", "\\'") + "'" for word in words)
        + ")"
    )


def asked(data: DataSet, detector: str, *, order: str | None = None, **options: Any) -> str:
    """A call with its keys in ``partition_by``."""
    named = {name: literal(value) for name, value in options.items()}
    if order is not None:
        named["order_by"] = texts((order,))
    rest = "".join(f", {name} => {value}" for name, value in named.items())
    table = f"TABLE({quoted(data.name, 'spark')})"
    return (
        f"SELECT * FROM detect_anomalies({table}, features => {texts(data.features)}, "
        f"partition_by => {texts(data.keys)}, detector => '{detector}'{rest})"
    )


def loaded(session: Any, data: DataSet) -> pa.Table:
    """Makes the data set a view, and gives its rows as Spark has them."""
    engine = Spark.around(session)
    engine.load(data.name, data.table)
    return engine.run(f"SELECT * FROM {quoted(data.name, 'spark')}")


@pytest.mark.parametrize("detector", EVERY)
def test_every_detector_says_what_the_reference_says(session: Any, detector: str) -> None:
    data = BY_NAME["gaussian"]
    loaded(session, data)
    options = FEW.get(detector, {}) | ({"order": "day"} if detector == "ewma" else {})
    found = session.sql(asked(data, detector, **options)).toArrow()
    assert unlike_reference(data, detector, found, **options) == []


@pytest.mark.parametrize("name", ODD)
def test_odd_tables_are_judged_as_in_the_language_and_come_back_unchanged(session: Any, name: str) -> None:
    data = BY_NAME[name]
    before = loaded(session, data)
    found = session.sql(asked(data, "ecod")).toArrow()
    assert unlike_reference(data, "ecod", found) == []
    carried = found.select(data.table.column_names).sort_by("id").to_pylist()
    assert repr(carried) == repr(before.sort_by("id").to_pylist())


def test_partition_by_behind_the_table_is_the_same(session: Any) -> None:
    data = BY_NAME["gaussian"]
    loaded(session, data)
    found = session.sql(
        "SELECT * FROM detect_anomalies(TABLE(gaussian) PARTITION BY store ORDER BY day, "
        "features => 'amount, items, delay', detector => 'ecod')"
    ).toArrow()
    assert unlike_reference(data, "ecod", found) == []


def test_order_by_judges_a_row_by_those_before_it(session: Any) -> None:
    data = BY_NAME["null_order"]
    loaded(session, data)
    found = session.sql(asked(data, "zscore", order=data.order)).toArrow()
    assert unlike_reference(data, "zscore", found, order=data.order) == []


def test_options_are_those_of_the_language(session: Any) -> None:
    data = BY_NAME["gaussian"]
    loaded(session, data)
    options = {"contamination": 0.1, "nulls": "ignore", "min_rows": 5}
    found = session.sql(asked(data, "mad", **options)).toArrow()
    assert unlike_reference(data, "mad", found, **options) == []


def test_an_hour_that_comes_twice_is_not_lost_in_a_worker_elsewhere(session: Any) -> None:
    """In Berlin, 02:30 of that day is two moments; Python's naive time is one."""
    rows = "SELECT id, TIMESTAMP_MICROS(1603585800000000 + id * 1800000000) AS moment, id * 1.0D AS x FROM RANGE(8)"
    session.conf.set("spark.sql.session.timeZone", "Europe/Berlin")
    try:
        found = session.sql(
            f"SELECT unix_micros(moment) - 1603585800000000 - id * 1800000000 AS off, anomaly_score, anomaly_status "
            f"FROM detect_anomalies(TABLE({rows}), features => 'x', partition_by => 'moment', min_rows => 1)"
        ).toArrow()
    finally:
        session.conf.set("spark.sql.session.timeZone", "UTC")
    assert found.column("off").to_pylist() == [0] * 8
    assert found.column("anomaly_score").to_pylist() == [0.0] * 8, "each moment is a group of its own"


VALUES = (
    "SELECT id, id % 2 AS store, id * 1.5D AS x, double('nan') AS k, current_timestamp() AS t FROM RANGE(9)"
)

REFUSED = {
    "rows that nobody divides": ("TABLE({rows})", "features => 'x'", "was not told how the rows are divided"),
    "a single partition that only the call knows of": (
        "TABLE({rows}) WITH SINGLE PARTITION",
        "features => 'x'",
        "was not told how the rows are divided",
    ),
    "a key of floating point": ("TABLE({rows}) PARTITION BY k", "features => 'x'", "partition_by => array"),
    "a key of time": ("TABLE({rows}) PARTITION BY t", "features => 'x'", "partition_by => array"),
    "keys in both places": (
        "TABLE({rows}) PARTITION BY store",
        "features => 'x', partition_by => 'store'",
        "INCOMPATIBLE_WITH_CALL",
    ),
    "no features": ("TABLE({rows})", "detector => 'mad'", "needs the features"),
    "an unknown feature": ("TABLE({rows})", "features => 'xx'", "column 'xx' does not exist"),
    "an unknown detector": ("TABLE({rows})", "features => 'x', detector => 'ecdo'", "ecod"),
    "an unknown option": ("TABLE({rows})", "features => 'x', treshold => 3", "threshold"),
    "an option given twice": ("TABLE({rows})", "'x', features => 'x'", "given twice"),
    "an option that is no constant": ("TABLE({rows})", "features => 'x', threshold => rand()", "no constant"),
    "a feature of text": ("TABLE(SELECT 'a' AS x)", "features => 'x'", "is string"),
    "a column that is added": (
        "TABLE(SELECT 1 AS x, 2 AS IS_ANOMALY)",
        "features => 'x'",
        "has a column IS_ANOMALY",
    ),
    "a time inside another type": (
        "TABLE(SELECT 1 AS x, array(current_timestamp()) AS times)",
        "features => 'x'",
        "does not pass through Python unchanged",
    ),
    "a collated key": (
        "TABLE(SELECT 1 AS x, 'a' COLLATE UTF8_LCASE AS k)",
        "features => 'x', partition_by => 'k'",
        "is not known",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_refuses_by_name(session: Any, what: str) -> None:
    table, options, message = REFUSED[what]
    with pytest.raises(Exception, match=message.replace("(", r"\(")):
        session.sql(f"SELECT * FROM detect_anomalies({table.format(rows=VALUES)}, {options})").toArrow()


def test_types_of_columns_come_back_as_they_went_in(session: Any) -> None:
    columns = (
        "CAST(1 AS TINYINT) AS a, CAST(1.5 AS FLOAT) AS b, CAST(1.25 AS DECIMAL(30, 10)) AS c, X'00FF' AS d, "
        "DATE '0001-01-01' AS e, TIMESTAMP_NTZ '9999-12-31 23:59:59.999999' AS f, array(1, NULL) AS g, "
        "map('k', named_struct('x', 1.0D, 'y', CAST(NULL AS STRING))) AS h, "
        "TIMESTAMP '1960-01-01 00:00:00.000001' AS i, -0.0D AS j"
    )
    rows = f"SELECT {columns}, id * 1.0D AS x FROM RANGE(5)"
    found = session.sql(
        f"SELECT * FROM detect_anomalies(TABLE({rows}), features => 'x', partition_by => array())"
    )
    plain = session.sql(rows)
    assert [field.dataType for field in found.schema][:-6] == [field.dataType for field in plain.schema]
    assert repr(found.drop("x").toArrow().to_pylist()[0]).startswith(
        repr(plain.drop("x").toArrow().to_pylist()[0])[:-1]
    )


def test_unregister_takes_it_away_and_may_come_twice(session: Any) -> None:
    other = session.newSession()
    installed.register(other)
    query = f"SELECT * FROM detect_anomalies(TABLE({VALUES}), features => 'x', partition_by => array())"
    assert other.sql(query).count() == 9
    installed.unregister(other)
    installed.unregister(other)
    with pytest.raises(Exception, match="UNRESOLVABLE_TABLE_VALUED_FUNCTION"):
        other.sql(query)


def test_uninstalling_takes_away_what_installing_made(session: Any) -> None:
    other = session.newSession()
    with connect(other) as connected:
        assert connected.install().made == ("detect_anomalies",)
        assert connected.uninstall().removed == ("detect_anomalies",)
        assert connected.uninstall().removed == ()
    with pytest.raises(Exception, match="UNRESOLVABLE_TABLE_VALUED_FUNCTION"):
        other.sql(f"SELECT * FROM detect_anomalies(TABLE({VALUES}), features => 'x', partition_by => array())")


@pytest.mark.connect
@pytest.mark.thorough
def test_a_session_of_spark_connect_has_it_too() -> None:
    try:
        server = ConnectServer()
    except (ImportError, SqlnomalyError) as error:
        missing_engine("connect", str(error))
    try:
        session = server.session()
        installed.register(session)
        for call in (
            f"TABLE({VALUES}) PARTITION BY store, features => 'x'",
            f"TABLE({VALUES}), 'x', partition_by => 'store'",
        ):
            found = session.sql(f"SELECT DISTINCT anomaly_status FROM detect_anomalies({call})").toArrow()
            assert found.column(0).to_pylist() == ["ok"]
        installed.unregister(session)
    finally:
        server.close()


@pytest.mark.parametrize("dialect", ["spark", "databricks"])
def test_the_checked_in_text_is_what_pack_gives(dialect: str) -> None:
    pack = installed.pack(dialect=dialect)
    assert not pack.items
    assert installed.RESTORE in pack.script
    assert (Path(__file__).parents[2] / "sql" / "install" / f"{dialect}.sql").read_text() == pack.script

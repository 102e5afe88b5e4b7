"""A user's Spark Connect session works as a classic one does: no JVM, no SparkContext, functions over the wire."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from sqlnomaly import connect
from sqlnomaly.errors import BindError, EngineError, SqlnomalyError
from sqlnomaly.session import Session
from tests.conftest import missing_engine
from tests.engines.connect import ConnectServer

pytestmark = [pytest.mark.connect, pytest.mark.slow]

ORDERS = pa.table(
    {
        "id": list(range(12)),
        "amount": [10.0, 12.0, 11.0, 9.0, 10.5, 11.5, 10.0, 12.0, 9.5, 11.0, 10.0, 90.0],
        "at": pa.array([1_700_000_000_000_000 + i for i in range(12)], pa.timestamp("us")),
    }
)


@pytest.fixture(scope="module")
def remote() -> Iterator[Any]:
    try:
        server = ConnectServer()
    except SqlnomalyError as error:
        missing_engine("connect", str(error))
    yield server.session()
    server.close()


@pytest.fixture(scope="module")
def session(remote: Any) -> Session:
    opened = connect(remote)
    opened.engine.load("orders", ORDERS)
    return opened


def test_a_score_is_computed_at_the_server(session: Session) -> None:
    rows = session.sql("SELECT id, is_anomaly(amount, detector => 'mad') AS odd FROM orders").fetchall()
    assert [key for key, odd in rows if odd] == [11]


def test_a_forest_is_registered_as_an_arrow_function_and_taken_away(session: Session) -> None:
    query = "SELECT id, anomaly_score(amount, detector => 'iforest', n_estimators => 9) AS s FROM orders"
    scores = dict(session.sql(query).fetchall())
    assert max(scores, key=lambda key: scores[key]) == 11
    left = session.engine.run("SHOW USER FUNCTIONS").column(0).to_pylist()
    assert [name for name in left if "_sn_" in name] == []


def test_a_timestamp_without_zone_stays_one(session: Session) -> None:
    assert dict(session.engine.columns("orders"))["at"] == "timestamp_ntz"


@pytest.mark.parametrize(
    ("sql", "kind", "words"),
    [
        ("SELECT nope FROM orders", BindError, "column 'nope' does not exist"),
        ("SELECT 1 FROM nowhere", BindError, "table 'nowhere' does not exist"),
        ("SELECT nothing_such(1)", BindError, "function 'nothing_such' does not exist"),
        ("SELECT 1 / 0", EngineError, "Division by zero"),
    ],
)
def test_what_the_server_refuses_is_one_of_our_errors_and_nothing_is_logged(
    sql: str, kind: type[SqlnomalyError], words: str, session: Session, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(kind, match=words):
        session.engine.run(sql)
    assert capfd.readouterr().err == ""


def test_views_are_dropped(session: Session) -> None:
    session.engine.load("passing", ORDERS)
    session.engine.drop(["passing", "never_there"])
    assert session.engine.tables() == ["orders"]

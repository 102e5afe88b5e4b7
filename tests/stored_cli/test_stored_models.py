"""The same from Python: ``Session.models()``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import sqlnomaly
from sqlnomaly.errors import BindError, ModelError

pytestmark = pytest.mark.duckdb


@pytest.fixture
def session() -> Iterator[sqlnomaly.Session]:
    with sqlnomaly.connect("duckdb:///shop.db") as session:
        yield session


def test_names_are_those_in_force(session: sqlnomaly.Session) -> None:
    session.sql("DROP ANOMALY MODEL halves")
    assert session.models().names() == ["stores", "week"]


def test_a_name_in_double_quotes_keeps_its_case(session: sqlnomaly.Session) -> None:
    session.sql('CREATE ANOMALY MODEL "Week" USING iqr AS SELECT x FROM rows')
    models = session.models()
    assert (models.get('"Week"').detector, models.get("WEEK").detector) == ("iqr", "mad")
    assert models.verify('"Week"').holds


def test_a_model_that_a_session_fitted_is_added(session: sqlnomaly.Session) -> None:
    model = session.fit("SELECT x FROM rows", detector="ecod")
    done = session.models().add("tails", model)
    assert (done.name, done.what, done.version) == ("tails", "imported", 1)
    assert session.models().diff(model, "tails").same
    with pytest.raises(ModelError, match="there is a model 'tails' already"):
        session.models().add("tails", model)


def test_a_version_is_saved_and_compared_with_its_file(session: sqlnomaly.Session) -> None:
    session.sql("ALTER ANOMALY MODEL week SET (threshold = 3)")
    session.models().save("week", "one.model", version=1)
    found = session.models().diff(Path("one.model"), "week")
    assert [(one.part, one.name, one.before, one.after) for one in found.changes] == [("rule", "threshold", "2", "3")]


def test_prune_of_a_dropped_model_leaves_nothing(session: sqlnomaly.Session) -> None:
    session.sql("DROP ANOMALY MODEL week")
    assert session.models().prune("week") == [1]
    with pytest.raises(BindError, match="there is no model 'week'"):
        session.models().verify("week")


@pytest.mark.parametrize("detector", ["ecod", "mahalanobis", "avf"])
def test_every_kind_of_model_is_verified(session: sqlnomaly.Session, detector: str) -> None:
    session.sql(f"CREATE ANOMALY MODEL m USING {detector} PARTITION BY half AS SELECT half, y, id % 3 AS z FROM rows")
    found = session.models().verify("m", version=1)
    assert (found.rows, found.holds) == (16, True)


def test_keys_and_features_of_every_type_are_verified(session: sqlnomaly.Session) -> None:
    query = """SELECT DATE '2025-01-01' + CAST(id % 3 AS INTEGER) AS day, id % 2 = 0 AS even, x AS "Amount in €",
               TIMESTAMP '2025-01-01' + to_seconds(id) AS at, x > 50 AS high, CAST(y AS DECIMAL(9, 2)) AS y FROM rows"""
    session.sql(f"CREATE ANOMALY MODEL typed USING mad PARTITION BY day, even AS {query}")
    assert session.models().verify("typed").holds


def test_a_model_of_a_file_is_refreshed_by_a_query_with_its_own_options(session: sqlnomaly.Session) -> None:
    model = session.fit(
        "SELECT half, x, y FROM rows", detector="mad", partition_by="half", direction="high", contamination=0.02
    )
    session.models().add("copied", model)
    with pytest.raises(ModelError, match="its query is not known"):
        session.sql("REFRESH ANOMALY MODEL copied")
    session.sql("REFRESH ANOMALY MODEL copied AS SELECT half, x, y FROM rows")
    assert session.models().diff("copied@1", "copied").same


def test_rules_of_two_models_are_compared(session: sqlnomaly.Session) -> None:
    for name, level in ("a", 0.01), ("b", 0.05):
        session.sql(
            f"CREATE ANOMALY MODEL {name} USING zscore OPTIONS (significance = {level}, calibration = 0) "
            "AS SELECT x FROM rows"
        )
    rules = [one for one in session.models().diff("a", "b").changes if one.part == "rule"]
    assert [(one.name, one.before, one.after) for one in rules] == [("significance", "0.01", "0.05")]

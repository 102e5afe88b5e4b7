"""What a stored model keeps of its rule, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import sqlnomaly
from sqlnomaly import Session, SqlnomalyError, connect
from sqlnomaly.errors import BindError, CallError, ModelError, UnsupportedError
from sqlnomaly.model import Model
from tests.rules.models import called, create, formed, load, rows_of


@pytest.mark.duckdb
@pytest.mark.parametrize(
    ("partitions", "rule", "shown"),
    [
        (40, "pot = 0.001, pot_level = 0.9", "pot = 0.001, pot_level = 0.9"),
        (3, "significance = 0.01", "significance = 0.01"),
        (40, "fdr = 0.3, scope = 'query'", "fdr = 0.3, scope = query"),
        (0, "alert_budget = 3, budget_per = 'day'", "alert_budget = 3, budget_per = day"),
        (3, "alert_budget = 3", "alert_budget = 3"),
    ],
)
def test_a_model_keeps_its_rule(
    session: Session, tmp_path: Path, partitions: int, rule: str, shown: str
) -> None:
    """In SHOW and DESCRIBE, in a file and in another database; a threshold takes its place, and REFRESH keeps it."""
    load(session, "t", rows_of(partitions))
    load(session, "new", rows_of(partitions, each=50, far=0.2, seed=4))
    create(session, rule, keyed=bool(partitions))
    found = formed(session)
    said = {row[0]: row[6] for row in session.sql("SHOW ANOMALY MODELS").fetchall()}
    told = dict(session.sql("DESCRIBE ANOMALY MODEL m").fetchall())

    session.models().save("m", tmp_path / "m.zip")
    with connect() as other:
        other.models().add("m", Model.load(tmp_path / "m.zip"))
        load(other, "new", rows_of(partitions, each=50, far=0.2, seed=4))
        again = formed(other)
    session.sql("REFRESH ANOMALY MODEL m")
    refreshed = formed(session)

    assert (said["m"], told["threshold"]) == (shown, shown)
    assert again == found
    assert refreshed == found
    session.sql("ALTER ANOMALY MODEL m SET (threshold = 2)")
    session.sql("REFRESH ANOMALY MODEL m")
    assert {row["cut"] for row in called(session, "new").values()} == {2.0}


@pytest.mark.duckdb
def test_a_changed_rule_in_a_file_is_no_model(session: Session) -> None:
    from sqlnomaly import artefact

    load(session, "t", rows_of(0))
    create(session, "pot = 0.001, pot_level = 0.9", keyed=False)
    manifest, members = artefact.packed(session.models().get("m").fitted)
    for rule in (
        {"pot": 2.0}, {"pot": 0.001}, {"pot": "x"}, {"nix": 1}, {}, {"fdr": 0.1, "scope": "all"}, {"alert_budget": 2.5},
        {"significance": True},
    ):  # fmt: skip
        changed = {**manifest, "rule": rule}
        changed["checksum"] = artefact.checksum(artefact.canonical(changed))
        with pytest.raises(ModelError, match="does not fit its format"):
            artefact.unpacked(json.dumps(changed).encode(), members.get, "here")


CREATED: list[tuple[str, type[SqlnomalyError], str, str]] = [
    ("fdr = 0.05, calibration = 0", UnsupportedError, "held out", "calibration = 0.2"),
    ("fdr = 0.05, alert_budget = 10", CallError, "fdr and alert_budget exclude each other", "keep one"),
    ("pot = 0.001, threshold = 3", CallError, "threshold and pot exclude each other", "keep one"),
    ("contamination = 0.1, significance = 0.01", CallError, "exclude each other", "keep one"),
    ("pot_level = 0.9", CallError, "pot_level is a part of pot", "pot"),
    ("scope = 'query'", CallError, "scope is a part of fdr", "fdr"),
    ("pot = 0.1", CallError, "no rarer than the tail", "contamination"),
    ("fdr = 0.9", CallError, "fdr => 0.9 is out of range", "0.5"),
    ("fdr = 0.1, scope = 'all'", CallError, "'all'", "query"),
    ("alert_budget = 2.5", CallError, "alert_budget takes a whole number", "10"),
    ("alert_budget = 3, budget_per = 'a + b'", CallError, "plain name", "query"),
    ("significance = 2", CallError, "out of range", "below 1"),
]


@pytest.mark.duckdb
@pytest.mark.parametrize(("options", "kind", "what", "remedy"), CREATED)
def test_a_model_of_no_rule_is_refused(
    session: Session, options: str, kind: type[SqlnomalyError], what: str, remedy: str
) -> None:
    load(session, "t", rows_of(0))
    with pytest.raises(kind) as caught:
        create(session, options, keyed=False)
    assert what in caught.value.message
    assert remedy in (caught.value.hint or "")


FORM = "SELECT * FROM detect_anomalies(t, model => 'm'{})"
ASKED: list[tuple[str, type[SqlnomalyError], str, str]] = [
    ("SELECT is_anomaly(x, model => 'm') FROM t", UnsupportedError, "over a set of rows", "orders, model => 'm')"),
    ("SELECT anomaly_threshold(x, model => 'm') FROM t", UnsupportedError, "over a set of rows", "detect_anomalies"),
    ("SELECT is_anomaly(x, model => 'm', fdr => 0.1) FROM t", UnsupportedError, "over a set of rows", "fdr => 0.1)"),
    ("SELECT is_anomaly(x, model => 'm', alert_budget => 5) FROM t", UnsupportedError, "a set", "alert_budget => 5)"),
    ("SELECT is_anomaly(x, model => 'm', pot => 0.01) FROM t", UnsupportedError, "pot", "OPTIONS (pot"),
    (FORM.format(", order_by => 'day'"), UnsupportedError, "order_by is refused", "leave"),
    (FORM.format(", filter => 'day'"), UnsupportedError, "filter is refused", "query"),
    (FORM.format(", detector => 'mad'"), UnsupportedError, "detector is refused", "leave"),
    (FORM.format(", ddof => 0"), CallError, "ddof belongs to the fit", "another model"),
    (FORM.format(", leave_one_out => TRUE"), CallError, "belongs to the fit", "another model"),
    (FORM.format(", pot => 0.001"), UnsupportedError, "pot is refused", "CREATE ANOMALY MODEL"),
    (FORM.format(", partition => ('a')"), UnsupportedError, "partition is refused", "partition_by"),
    (FORM.format(", nix => 3"), CallError, "unknown option 'nix'", ""),
    (FORM.format(", features => ['x', 'y']"), BindError, "1 features (x), features names 2", "['x']"),
    (FORM.format(", partition_by => 'day'"), BindError, "0 partition keys", "leave"),
    (FORM.format(", fdr => 0.1, threshold => 3"), CallError, "exclude each other", "keep one"),
    (FORM.format(", scope => 'query'"), CallError, "scope is a part of fdr", "fdr"),
    (FORM.format(", version => 'a'"), CallError, "whole number", "3"),
    (FORM.format(", version => 99999"), ModelError, "no version 99999", "versions"),
    ("SELECT * FROM detect_anomalies(t, model => m)", CallError, "in quotes", "fraud"),
    ("SELECT * FROM detect_anomalies(t, model => 'nobody')", BindError, "there is no model 'nobody'", ""),
    ("SELECT * FROM detect_anomalies((SELECT id, y FROM t), model => 'm')", BindError, "no column x", "features => "),
    ("SELECT * FROM detect_anomalies((SELECT x, 1 AS Is_Anomaly FROM t), model => 'm')", BindError, "column", ""),
    ("SELECT * FROM detect_anomalies(t, features => 'x', version => 1)", CallError, "a part of model", "model"),
    ("ALTER ANOMALY MODEL m SET (pot = 0.001)", CallError, "cannot be altered", "CREATE OR REPLACE"),
    ("ALTER ANOMALY MODEL m SET (fdr = 0.1)", CallError, "cannot be altered", "CREATE OR REPLACE"),
]  # fmt: skip


@pytest.mark.duckdb
def test_what_a_model_cannot_be_asked_is_refused_by_name(session: Session) -> None:
    load(session, "t", rows_of(0))
    create(session, "fdr = 0.1", keyed=False)
    for query, kind, what, remedy in ASKED:
        with pytest.raises(kind) as caught:
            session.sql(query)
        assert what in caught.value.message, query
        assert remedy in (caught.value.hint or ""), query
        if "detect_anomalies(t" in query and "nobody" not in query and "99999" not in query:
            assert (caught.value.where or "").startswith("detect_anomalies(t"), query


@pytest.mark.duckdb
def test_a_rate_needs_rows_that_were_held_out(session: Session) -> None:
    load(session, "t", rows_of(0))
    create(session, "calibration = 0", keyed=False)

    with pytest.raises(UnsupportedError, match="held no rows out") as caught:
        formed(session, ", fdr => 0.1", table="t")
    assert "calibration = 0.2" in (caught.value.hint or "")


def test_without_a_session_there_is_no_model() -> None:
    with pytest.raises(UnsupportedError, match="found by a session"):
        sqlnomaly.compile("SELECT * FROM detect_anomalies(t, model => 'm')")


@pytest.mark.duckdb
def test_the_functions_of_a_model_abstain_too(session: Session) -> None:
    """A function judges one row: a tail's threshold it has, a budget it has not."""
    from sqlnomaly.pushdown.frozen import available

    load(session, "t", rows_of(3))
    create(session, "pot = 0.001, pot_level = 0.9", keyed=True)
    model = session.models().get("m")
    found = called(session)

    session.install(model, name="judged")
    query = "SELECT id, judged_threshold(g, x), judged_is_anomaly(g, x), judged_status(g, x) FROM t"
    installed = {row[0]: row[1:] for row in session.sql(query).fetchall()}

    assert installed == {key: (row["cut"], row["found"], row["status"]) for key, row in found.items()}
    create(session, "alert_budget = 3", keyed=True)
    assert "is_anomaly" not in available(session.models().get("m").fitted)

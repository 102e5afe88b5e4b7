"""Verdicts of a stored model over rows together: rates of false alarms, budgets, and the form that gives them."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from sqlnomaly import Session
from tests.reference import thresholds
from tests.reference.outputs import exceeds
from tests.rules.models import TOLERANCE, TYPES, Row, create, formed, grouped, load, rows_of


def expected_discoveries(
    found: Mapping[int, Row], held: Mapping[Hashable, int], *, rate: float, scope: str
) -> dict[int, tuple[bool | None, float | None]]:
    """Verdict and threshold of each row by Benjamini and Hochberg over 1 - anomaly_probability."""
    verdicts: dict[int, bool | None] = {}
    cuts: dict[int, float | None] = {}
    scopes: dict[Hashable, list[Row]] = defaultdict(list)
    for row in found.values():
        scopes[row["g"] if scope == "partition" else "all"].append(row)
    for rows in scopes.values():
        tested = [row for row in rows if row["anomaly_score"] is not None]
        p = [
            1 - row["anomaly_probability"] if row["anomaly_probability"] is not None else 1.0
            for row in tested
        ]
        adjusted = stats.false_discovery_control(p, method="bh") if tested else []
        verdicts |= dict.fromkeys((row["id"] for row in rows), None)
        for row, value in zip(tested, adjusted, strict=True):
            sure = rate * (held.get(row["g"], 0) + 1) >= 1 - TOLERANCE
            verdicts[row["id"]] = bool(value <= rate * (1 + TOLERANCE)) if sure else None
        least = min((row["anomaly_score"] for row in tested if verdicts[row["id"]]), default=None)
        cuts |= dict.fromkeys((row["id"] for row in rows), least)
    return {key: (verdict, cuts[key]) for key, verdict in verdicts.items()}


def held_of(rows: Sequence[Row], share: float = 0.2) -> dict[Hashable, int]:
    """How many rows of each partition are held out."""
    return {key: math.floor(len(each) * share) for key, each in grouped(rows).items()}


def check_discoveries(found: Mapping[int, Row], rows: Sequence[Row], *, rate: float, scope: str) -> None:
    held = held_of(rows)
    expected = expected_discoveries(found, held, rate=rate, scope=scope)
    for row in found.values():
        verdict, cut = expected[row["id"]]
        assert (row["is_anomaly"], row["anomaly_threshold"]) == (verdict, cut), row
        undecided = verdict is None and row["anomaly_score"] is not None
        assert (row["anomaly_status"] == "too_few_rows") == (
            undecided or row["anomaly_status"] == "too_few_rows"
        ), row
        assert not undecided or row["anomaly_status"] == "too_few_rows", row


@pytest.mark.duckdb
@pytest.mark.parametrize(
    ("partitions", "scope", "rate"),
    [
        (0, "partition", 0.1), (0, "query", 0.01), (3, "query", 0.3), (3, "partition", 0.1), (40, "partition", 0.3),
        (40, "query", 0.1), (40, "query", 0.01),
    ],
)  # fmt: skip
def test_fdr_is_that_of_benjamini_and_hochberg(
    session: Session, partitions: int, scope: str, rate: float
) -> None:
    """With 40 rows held out of each partition no p-value is below 1/41, and with one of eight none below a half."""
    rows = rows_of(partitions, each=200)
    load(session, "t", rows)
    load(session, "new", rows_of(partitions, each=60, far=0.4, seed=2))

    create(session, f"fdr = {rate}, scope = '{scope}'", keyed=bool(partitions))

    found = formed(session)
    check_discoveries(found, rows, rate=rate, scope=scope)
    verdicts = {row["is_anomaly"] for row in found.values() if row["anomaly_score"] is not None}
    assert verdicts == ({None} if rate < 1 / 41 else {True, False} | ({None} if partitions else set()))


@pytest.mark.duckdb
@pytest.mark.parametrize(("partitions", "per"), [(0, None), (0, "day"), (3, None), (40, "day"), (40, None)])
def test_a_budget_has_places_for_whole_ties(session: Session, partitions: int, per: str | None) -> None:
    """Values are rounded, so that many scores are equal; the first score without a place is the threshold."""
    load(session, "t", rows_of(partitions))
    load(session, "new", rows_of(partitions, each=50, far=0.1, seed=3))
    create(session, f"alert_budget = 4{f', budget_per = {per!r}' if per else ''}", keyed=bool(partitions))

    found = formed(session)

    group = per or "g"
    rows = list(found.values())
    verdicts, cuts = thresholds.alert_budget(
        [row["anomaly_score"] for row in rows], [row[group] for row in rows], rows=4, tolerance=TOLERANCE
    )
    assert [row["is_anomaly"] for row in rows] == verdicts
    assert [row["anomaly_threshold"] for row in rows] == cuts
    assert formed(session, f", alert_budget => 4{f', budget_per => [{per!r}]' if per else ''}") == found


@pytest.mark.duckdb
@pytest.mark.parametrize("partitions", [3, 40])
def test_a_rule_of_the_query_goes_before_that_of_the_model(session: Session, partitions: int) -> None:
    rows = rows_of(partitions)
    load(session, "t", rows)
    load(session, "new", rows_of(partitions, each=60, far=0.4, seed=2))
    create(session, "alert_budget = 1", keyed=bool(partitions))

    check_discoveries(formed(session, ", fdr => 0.2, scope => 'query'"), rows, rate=0.2, scope="query")
    fixed = formed(session, ", threshold => 2.5")

    assert all(
        row["is_anomaly"] is row["anomaly_score"] for row in fixed.values() if row["anomaly_score"] is None
    )
    found = {key: row["is_anomaly"] for key, row in fixed.items() if row["anomaly_score"] is not None}
    assert found == {key: exceeds(fixed[key]["anomaly_score"], 2.5, TOLERANCE) for key in found}
    assert {row["anomaly_threshold"] for row in fixed.values()} == {2.5}


@pytest.mark.duckdb
@pytest.mark.parametrize(
    ("partitions", "rule"), [(0, "alert_budget = 20"), (3, "fdr = 0.3"), (40, "fdr = 0.3, scope = 'query'")]
)
def test_an_effect_and_missing_values_mean_the_same(session: Session, partitions: int, rule: str) -> None:
    """What lies nearer than 16 is no anomaly, and a missing value is one, also of a group that nobody fitted."""
    load(session, "t", rows_of(partitions))
    new = rows_of(partitions, each=60, far=0.4, seed=2)
    new.append({"id": -1, "g": "nobody", "day": 0, "x": None, "y": 0.0})
    new.append({"id": -2, "g": "nobody", "day": 0, "x": 5.0, "y": 0.0})
    load(session, "new", new)
    keyed = bool(partitions)
    create(session, rule, keyed=keyed)
    plain = formed(session)
    asked = "SELECT id, anomaly_explanation(x, model => 'm') AS told FROM new"
    told = {id_: json.loads(text)[0]["expected"] for id_, text in session.sql(asked).fetchall() if text}

    create(session, f"{rule}, min_effect = 16, nulls = 'anomalous'", keyed=keyed)

    for key, row in formed(session).items():
        far = row["x"] is not None and key in told and abs(row["x"] - told[key]) >= 16
        usual = plain[key]["is_anomaly"]
        assert row["is_anomaly"] == (True if row["x"] is None else usual and far), (row, usual)
        assert row["anomaly_threshold"] == plain[key]["anomaly_threshold"]
        assert row["anomaly_status"] == plain[key]["anomaly_status"]


@pytest.mark.duckdb
def test_the_rate_of_false_alarms_holds_over_many_tables(session: Session) -> None:
    """Each of 200 tables has a model of its own and 40 new rows, half of them far out; all in one statement a rate."""
    random_ = np.random.default_rng(7)
    tables, fitted, new = 200, 1_500, 40
    far = np.tile(np.arange(new) < new // 2, tables)
    known = {"g": np.repeat(np.arange(tables), fitted), "x": random_.normal(size=tables * fitted)}
    fresh = {
        "g": np.repeat(np.arange(tables), new),
        "far": far,
        "x": random_.normal(size=tables * new) + 9.0 * far,
    }
    session.load("known", pa.table(known))
    session.load("fresh", pa.table(fresh))
    session.sql(
        "CREATE OR REPLACE ANOMALY MODEL many USING zscore OPTIONS (fdr = 0.05) PARTITION BY g "
        "AS SELECT g, x FROM known"
    )

    for rate in (0.01, 0.05, 0.1):
        query = f"""
            SELECT AVG(wrong / GREATEST(alarms, 1)), STDDEV(wrong / GREATEST(alarms, 1)), AVG(alarms - wrong) / 20
            FROM (SELECT g, SUM(CASE WHEN is_anomaly THEN 1 ELSE 0 END) AS alarms,
                         SUM(CASE WHEN is_anomaly AND NOT far THEN 1 ELSE 0 END) AS wrong
                  FROM detect_anomalies(fresh, model => 'many', fdr => {rate}) GROUP BY g)"""
        false, spread, power = session.sql(query).fetchall()[0]
        error = max(spread, 0.01) / math.sqrt(tables)
        assert false <= rate / 2 + 4 * error, rate  # half of the rows are ordinary
        assert false >= rate / 2 - 4 * error - 0.002, rate  # and it is not kept by finding nothing
        assert power > 0.99, rate


@pytest.mark.duckdb
@pytest.mark.parametrize(
    ("keyed", "rule"),
    [(True, ""), (True, ", fdr => 0.2"), (False, ", alert_budget => 3, budget_per => 'day'")],
)
def test_it_gives_the_columns_of_its_relation_and_six_more(session: Session, keyed: bool, rule: str) -> None:
    rows = rows_of(20 if keyed else 0)
    load(session, "t", rows)
    load(session, "source", rows)
    create(session, "threshold = 3", keyed=keyed)
    own = [
        "anomaly_score", "anomaly_probability", "is_anomaly", "anomaly_threshold", "anomaly_reason", "anomaly_status"
    ]  # fmt: skip
    one = f"detect_anomalies(source, model => 'm'{rule})"

    result = session.sql(f"SELECT * FROM {one}").arrow()

    assert result.column_names == [*TYPES.names, *own]
    assert result.num_rows == len(rows)
    assert [str(result.schema.field(name).type) for name in own] == [
        "double", "double", "bool", "double", "string", "string",
    ]  # fmt: skip
    found = session.sql(f"SELECT COUNT(*) FROM {one} WHERE is_anomaly").fetchall()
    session.sql(f"CREATE OR REPLACE VIEW judged AS SELECT * FROM {one}")
    mapped = f"""detect_anomalies((SELECT id, x AS amount, g AS shop, day FROM source) AS s, model => 'm',
                                  features => ['amount']{", partition_by => ['shop']" if keyed else ""}{rule})"""
    for query in (
        "SELECT COUNT(*) FROM judged WHERE is_anomaly",
        f"WITH c AS (SELECT * FROM {one}) SELECT COUNT(*) FROM c JOIN {one} AS d USING (id) WHERE d.is_anomaly",
        f"SELECT COUNT(*) FROM {mapped} WHERE is_anomaly",
        f"SELECT COUNT(*) FROM (SELECT * FROM {one}) WHERE is_anomaly",
    ):
        assert session.sql(query).fetchall() == found, query
    session.sql("DROP VIEW judged")


@pytest.mark.duckdb
def test_what_the_model_cannot_say_is_null(session: Session) -> None:
    """Probability without rows held out; the reason of a forest."""
    load(session, "t", rows_of(0))
    create(session, "calibration = 0", keyed=False, features="y", detector="iforest")

    row = formed(session, table="t")[0]

    assert (row["anomaly_probability"], row["anomaly_reason"]) == (None, None)
    assert isinstance(row["anomaly_score"], float)
    budget = formed(session, ", alert_budget => 3", table="t")
    assert sum(row["is_anomaly"] for row in budget.values()) == 3

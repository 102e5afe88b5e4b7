"""The rules of stored models: tails, tests, rates of false alarms and budgets, against plain Python and SciPy."""

from __future__ import annotations

import json
import math
import random
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

import sqlnomaly
from sqlnomaly import Session, SqlnomalyError, connect
from sqlnomaly.errors import BindError, CallError, ModelError, UnsupportedError
from sqlnomaly.model import Model
from tests.conftest import missing_engine
from tests.reference import thresholds
from tests.reference.outputs import exceeds

TOLERANCE = 1e-9
SMALL = "small"
"""A partition of eight rows."""
Row = dict[str, Any]


def rows_of(partitions: int, *, each: int = 200, far: float = 0.0, seed: int = 1) -> list[Row]:
    """Rows in partitions, one of them NULL and, where there are several, one small; x has ties and missing values.

    Args:
        partitions: how many; 0 for one without a key.
        each: rows of a partition.
        far: the share of rows that lie far out.
        seed: another seed gives other rows.
    """
    random_ = random.Random(f"{partitions} {seed}")
    keys: list[str | None] = [f"p{number}" for number in range(max(1, partitions))]
    keys[-1:] = [None] if partitions else keys[-1:]
    keys += [SMALL] if partitions else []
    rows: list[Row] = []
    for place, key in enumerate(keys):
        for _ in range(8 if key == SMALL else each):
            x = random_.gauss(0, 1 + place % 3) + (random_.choice([15.0, 30.0]) if random_.random() < far else 0.0)
            rows.append(
                {
                    "id": len(rows),
                    "g": key,
                    "day": random_.randrange(5),
                    "x": None if random_.random() < 0.02 else round(x, 1),
                    "y": random_.gauss(5, 2),
                }
            )
    return rows


TYPES = pa.schema(
    [("id", pa.int64()), ("g", pa.string()), ("day", pa.int64()), ("x", pa.float64()), ("y", pa.float64())]
)


def load(session: Session, name: str, rows: Sequence[Row]) -> None:
    session.load(name, pa.Table.from_pylist(list(rows), schema=TYPES))


def create(session: Session, options: str, *, keyed: bool, features: str = "x", detector: str = "zscore") -> None:
    """A model m of the rows of t."""
    by, key = ("PARTITION BY g", "g, ") if keyed else ("", "")
    query = f"SELECT {key}{features} FROM t"
    session.sql(f"CREATE OR REPLACE ANOMALY MODEL m USING {detector} OPTIONS ({options}) {by} AS {query}")


def called(session: Session, table: str = "t", features: str = "x") -> dict[int, Row]:
    """What the calls of the model say of each row, by id."""
    names = {
        "anomaly_score": "score",
        "anomaly_threshold": "cut",
        "is_anomaly": "found",
        "anomaly_status": "status",
    }
    calls = ", ".join(f"{name}({features}, model => 'm') AS {short}" for name, short in names.items())
    found = session.sql(f"SELECT id, g, {calls} FROM {table}", read="duckdb").arrow().to_pylist()
    return {row["id"]: row for row in found}


def formed(session: Session, options: str = "", table: str = "new") -> dict[int, Row]:
    """What detect_anomalies says of each row, by id."""
    query = f"SELECT * FROM detect_anomalies({table}, model => 'm'{options})"
    return {row["id"]: row for row in session.sql(query, read="duckdb").arrow().to_pylist()}


def grouped(rows: Sequence[Row], value: str = "x") -> dict[Hashable, list[float]]:
    found: dict[Hashable, list[float]] = defaultdict(list)
    for row in rows:
        if row[value] is not None:
            found[row["g"]].append(row[value])
    return found


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with connect() as opened:
        yield opened


# --- a number for each partition


def check_cuts(found: Mapping[int, Row], cuts: Mapping[Hashable, float | None]) -> None:
    """Thresholds by partition, and what follows of them for each row."""
    for row in found.values():
        cut, score = cuts[row["g"]], row["score"]
        assert row["cut"] == (None if cut is None else pytest.approx(cut, rel=1e-9)), row
        if score is None:
            assert (row["found"], row["status"] in ("missing_value", "too_few_rows")) == (None, True), row
        elif cut is None:
            assert (row["found"], row["status"]) == (None, "too_few_rows"), row
        else:
            assert (row["found"], row["status"]) == (exceeds(score, cut, TOLERANCE), "ok"), row


@pytest.mark.duckdb
@pytest.mark.parametrize(
    ("partitions", "rate", "level"), [(0, 0.001, 0.9), (0, 0.01, 0.98), (3, 1e-6, 0.8), (40, 0.001, 0.9)]
)
def test_pot_continues_the_tail_of_each_partition(session: Session, partitions: int, rate: float, level: float) -> None:
    """Eight rows have no tail, nor have the four that lie above the 0.98 quantile of 200."""
    rows = rows_of(partitions, far=0.01)
    load(session, "t", rows)

    create(session, f"pot = {rate}, pot_level = {level}, calibration = 0", keyed=bool(partitions))

    found = called(session)
    scores: dict[Hashable, list[float]] = defaultdict(list)
    for row in found.values():
        if row["score"] is not None:
            scores[row["g"]].append(row["score"])
    cuts = {
        key: thresholds.peaks(each, rate=rate, level=level, tolerance=TOLERANCE) for key, each in scores.items()
    }
    assert (None in cuts.values()) == (bool(partitions) or level == 0.98)
    check_cuts(found, cuts)


@pytest.mark.duckdb
@pytest.mark.parametrize(
    ("partitions", "calibration", "direction"), [(0, 0.2, "both"), (3, 0.0, "high"), (3, 0.2, "both"), (40, 0.2, "low")]
)
def test_significance_is_that_of_a_row_beside_the_fitted_ones(
    session: Session, partitions: int, calibration: float, direction: str
) -> None:
    """t of n - 1 degrees for the n rows that were fitted: those held out are not among them."""
    rows = rows_of(partitions)
    load(session, "t", rows)
    options = f"significance = 0.01, direction = '{direction}', calibration = {calibration}"

    create(session, options, keyed=bool(partitions))

    cuts = {
        key: thresholds.student(len(each) - math.floor(len(each) * calibration), 0.01, own=False, direction=direction)
        for key, each in grouped(rows).items()
    }
    check_cuts(called(session), cuts)


@pytest.mark.duckdb
@pytest.mark.parametrize("partitions", [0, 40])
def test_significance_of_several_features(session: Session, partitions: int) -> None:
    """zscore divides the level by the features, and the feature with the fewest rows decides; mahalanobis has F."""
    rows = rows_of(partitions, each=30)
    load(session, "t", rows)
    counts = {key: len(each) for key, each in grouped(rows).items()}

    create(session, "significance = 0.02, calibration = 0", keyed=bool(partitions), features="x, y")
    bounds = {key: thresholds.student(n, 0.02, features=2, own=False) for key, n in counts.items()}
    check_cuts(called(session, features="x, y"), bounds)

    options = "significance = 0.02, calibration = 0"
    create(session, options, keyed=bool(partitions), features="x, y", detector="mahalanobis")
    found = called(session, features="x, y")
    wanted = {key: thresholds.hotelling(n, 0.02, features=2, own=False) for key, n in counts.items()}
    check_cuts({row["id"]: row for row in found.values()}, wanted)


@pytest.mark.duckdb
@pytest.mark.parametrize("partitions", [0, 3, 40])
def test_a_threshold_by_a_tail_holds_in_every_clause(session: Session, partitions: int) -> None:
    load(session, "t", rows_of(partitions, far=0.02))
    create(session, "pot = 0.03, pot_level = 0.9", keyed=bool(partitions))
    verdict = "is_anomaly(x, model => 'm')"

    queries = [
        f"SELECT COUNT(*) FROM t WHERE {verdict}",
        f"SELECT COUNT(CASE WHEN {verdict} THEN 1 END) FROM t",
        f"SELECT CAST(SUM(n) AS BIGINT) FROM (SELECT {verdict} AS v, COUNT(*) AS n FROM t GROUP BY 1) WHERE v",
        "SELECT COUNT(*) FROM detect_anomalies(t, model => 'm') WHERE is_anomaly",
    ]
    counted = [session.sql(query).fetchall()[0][0] for query in queries]

    assert counted[0] > 0
    assert counted == counted[:1] * 4


# --- verdicts over rows together


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
        p = [1 - row["anomaly_probability"] if row["anomaly_probability"] is not None else 1.0 for row in tested]
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
        assert (row["anomaly_status"] == "too_few_rows") == (undecided or row["anomaly_status"] == "too_few_rows"), row
        assert not undecided or row["anomaly_status"] == "too_few_rows", row


@pytest.mark.duckdb
@pytest.mark.parametrize(
    ("partitions", "scope", "rate"),
    [
        (0, "partition", 0.1), (0, "query", 0.01), (3, "query", 0.3), (3, "partition", 0.1), (40, "partition", 0.3),
        (40, "query", 0.1), (40, "query", 0.01),
    ],
)  # fmt: skip
def test_fdr_is_that_of_benjamini_and_hochberg(session: Session, partitions: int, scope: str, rate: float) -> None:
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

    assert all(row["is_anomaly"] is row["anomaly_score"] for row in fixed.values() if row["anomaly_score"] is None)
    found = {key: row["is_anomaly"] for key, row in fixed.items() if row["anomaly_score"] is not None}
    assert found == {
        key: exceeds(fixed[key]["anomaly_score"], 2.5, TOLERANCE) for key in found
    }
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
    fresh = {"g": np.repeat(np.arange(tables), new), "far": far, "x": random_.normal(size=tables * new) + 9.0 * far}
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


# --- where the form stands


@pytest.mark.duckdb
@pytest.mark.parametrize(
    ("keyed", "rule"), [(True, ""), (True, ", fdr => 0.2"), (False, ", alert_budget => 3, budget_per => 'day'")]
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


# --- what a model keeps


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
def test_a_model_keeps_its_rule(session: Session, tmp_path: Path, partitions: int, rule: str, shown: str) -> None:
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


# --- other engines


def on_postgres() -> Iterator[Session]:
    from tests.engines.postgres import Server

    try:
        server = Server()
    except (ImportError, OSError) as error:
        missing_engine("postgres", str(error))
    with connect(server.url) as opened:
        yield opened
    server.stop()


def on_spark() -> Iterator[Session]:
    from tests.conformance.on_spark import OnSpark

    try:
        runner = OnSpark()
    except (ImportError, SqlnomalyError) as error:
        missing_engine("spark", str(error))
    opened = Session(runner.engine)
    yield opened
    opened.engine.run("DROP SCHEMA IF EXISTS sqlnomaly CASCADE")
    runner.close()


def compare(session: Session, other: Session, partitions: int, options: str, rules: Sequence[str]) -> None:
    """The answers of two engines about the same rows, by the rule of the model and by those of queries."""
    for one in (session, other):
        load(one, "t", rows_of(partitions, each=120))
        load(one, "new", rows_of(partitions, each=40, far=0.3, seed=2))
        create(one, options, keyed=bool(partitions))
    for rule in ("", *rules):
        mine, theirs = formed(session, rule), formed(other, rule)
        assert mine.keys() == theirs.keys()
        for key, row in mine.items():
            near = {
                name: pytest.approx(value, rel=1e-9) if isinstance(value, float) else value
                for name, value in row.items()
            }
            assert theirs[key] == near, (options, rule)


EFFECT = "min_effect = 8, nulls = 'anomalous'"
BUDGET = ", alert_budget => 3, budget_per => 'day'"
RATE = ", fdr => 0.2, scope => 'query'"


@pytest.mark.postgres
def test_postgres_says_the_same(session: Session) -> None:
    """A tail, a test, a rate and a budget; a model in the query and one that is joined."""
    running = on_postgres()
    other = next(running)
    compare(session, other, 0, "significance = 0.05", [RATE, BUDGET])
    compare(session, other, 20, f"pot = 0.001, pot_level = 0.8, {EFFECT}", [RATE, BUDGET])
    next(running, None)


@pytest.mark.spark
@pytest.mark.slow
def test_spark_says_the_same(session: Session) -> None:
    """A tail, a rate and a budget of a model that is joined."""
    running = on_spark()
    compare(session, next(running), 20, f"pot = 0.001, pot_level = 0.8, {EFFECT}", [RATE, BUDGET])
    next(running, None)

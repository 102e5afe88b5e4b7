"""Rules that give a stored model a threshold for each partition: tails and tests."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Mapping

import pytest

from sqlnomaly import Session
from tests.reference import thresholds
from tests.reference.outputs import exceeds
from tests.rules.models import TOLERANCE, Row, called, create, grouped, load, rows_of


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
def test_pot_continues_the_tail_of_each_partition(
    session: Session, partitions: int, rate: float, level: float
) -> None:
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
        key: thresholds.peaks(each, rate=rate, level=level, tolerance=TOLERANCE)
        for key, each in scores.items()
    }
    assert (None in cuts.values()) == (bool(partitions) or level == 0.98)
    check_cuts(found, cuts)


@pytest.mark.duckdb
@pytest.mark.parametrize(
    ("partitions", "calibration", "direction"),
    [(0, 0.2, "both"), (3, 0.0, "high"), (3, 0.2, "both"), (40, 0.2, "low")],
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
        key: thresholds.student(
            len(each) - math.floor(len(each) * calibration), 0.01, own=False, direction=direction
        )
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

"""What a rule promises: rates, tails and critical scores."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from sqlnomaly import Session
from sqlnomaly.pushdown.curve import curve
from sqlnomaly.udfs.mahalanobis import Mahalanobis
from sqlnomaly.udfs.zscore import Zscore
from tests.reference import thresholds


@pytest.mark.duckdb
@pytest.mark.parametrize("rate", [0.01, 0.05, 0.1])
def test_on_average_no_more_than_fdr_of_the_alarms_are_false(session: Session, rate: float) -> None:
    """300 tables of 2,000 reference rows and 100 new ones, a tenth of them anomalies of 5 standard deviations."""
    tables, reference, new = 300, 2000, 100
    generator = np.random.default_rng(7)
    x = generator.normal(size=(tables, reference + new))
    odd = np.zeros_like(x, dtype=bool)
    odd[:, reference : reference + new // 10] = True
    x[odd] += 5.0
    number = np.repeat(np.arange(tables), reference + new)
    inside = np.tile(np.arange(reference + new) < reference, tables)
    session.load("t", pa.table({"k": number, "x": x.ravel(), "odd": odd.ravel(), "ref": inside}))
    query = f"""
        SELECT k, COUNT(*) FILTER (WHERE found AND NOT odd) / GREATEST(COUNT(*) FILTER (WHERE found), 1) AS wrong,
               COUNT(*) FILTER (WHERE found AND odd) / {new // 10} AS right
        FROM (SELECT k, odd, is_anomaly(x, fdr => {rate}) FILTER (WHERE ref) OVER (PARTITION BY k) AS found FROM t)
        GROUP BY k"""

    found = session.sql(query).arrow().to_pandas()

    assert len(found) == tables
    assert found["wrong"].mean() <= rate + 2 * found["wrong"].sem()
    assert found["right"].mean() > 0.9


@pytest.mark.duckdb
@pytest.mark.parametrize("own", [True, False], ids=["own sample", "other sample"])
@pytest.mark.parametrize("n", [4, 9, 60])
def test_significance_is_the_share_of_ordinary_rows_that_exceed_the_threshold(
    session: Session, n: int, *, own: bool
) -> None:
    """Over 20,000 normal samples: one row of each, so that rows are independent."""
    samples, level = 20_000, 0.05
    generator = np.random.default_rng(n)
    size = n if own else n + 1
    x = generator.normal(3.0, 2.0, size=(samples, size)).ravel()
    key, place = np.repeat(np.arange(samples), size), np.tile(np.arange(size), samples)
    session.load("t", pa.table({"k": key, "x": x, "ref": place < n, "asked": place == size - 1}))
    call = f"is_anomaly(x, significance => {level}) FILTER (WHERE ref) OVER (PARTITION BY k)"

    ((share,),) = session.sql(
        f"SELECT AVG(CAST(found AS INT)) FROM (SELECT asked, {call} AS found FROM t) WHERE asked"
    ).fetchall()

    assert abs(share - level) < 4 * math.sqrt(level * (1 - level) / samples)


@pytest.mark.duckdb
@pytest.mark.parametrize("xi", [-0.3, 0.0, 0.3])
def test_peaks_find_the_quantile_of_a_pareto_tail(session: Session, xi: float) -> None:
    """The share of the distribution beyond the threshold is what was asked, within what 100,000 rows tell."""
    tail = stats.genpareto(xi)
    x = tail.rvs(size=100_000, random_state=np.random.default_rng(3))
    session.load("t", pa.table({"x": x}))
    call = "{}(x, direction => 'high', {}) OVER ()"
    query = f"""SELECT ANY_VALUE(cut) * STDDEV(x) + AVG(x)
        FROM (SELECT x, {call.format("anomaly_threshold", "pot => 0.001")} AS cut FROM t)"""

    ((value,),) = session.sql(query).fetchall()

    assert float(tail.sf(value)) == pytest.approx(0.001, rel=0.35)
    assert thresholds.pareto(list(x))[0] == pytest.approx(xi, abs=0.02)


@pytest.mark.parametrize("level", [0.9, 0.05, 1e-3, 1e-6, 1e-12])
@pytest.mark.parametrize("own", [True, False], ids=["own", "other"])
def test_critical_scores_are_those_of_the_distributions(level: float, *, own: bool) -> None:
    """Student's and Hotelling's, for few rows and for many."""
    for n in (2, 3, 5, 12, 13, 40, 1000, 10**7):
        for ddof, direction in ((1, "both"), (0, "high")):
            exact = thresholds.student(n, level, features=2, own=own, ddof=ddof, direction=direction)
            found = Zscore(ddof=ddof, direction=direction).significant(n, level, features=2, own=own)
            assert found == (None if exact is None else pytest.approx(exact, rel=1e-9))
        if level < 1e-6:
            continue  # the F distribution's own quantile is not exact so far out
        exact = thresholds.hotelling(n, level, features=3, own=own)
        found = Mahalanobis().significant(n, level, features=3, own=own)
        assert found == (None if exact is None else pytest.approx(exact, rel=1e-6))


@pytest.mark.parametrize("detector", [Zscore(), Zscore(direction="high"), Mahalanobis()], ids=repr)
@pytest.mark.parametrize("level", [0.9, 0.05, 1e-6])
def test_a_curve_holds_its_function_to_nine_digits(detector: Zscore | Mahalanobis, level: float) -> None:
    """From the end of its table to a billion rows."""
    for features in (1, 5, 30):
        for own in (True, False):
            made = curve(
                lambda n, p=features, o=own: detector.significant(n, level, features=p, own=o),
                12 + 2 * features,
            )
            for n in np.geomspace(made.last, 1e9, 50):
                value = np.polynomial.polynomial.polyval(2 * made.last / n - 1, made.coefficients)
                assert value == pytest.approx(
                    detector.significant(n, level, features=features, own=own), rel=1e-8
                )


@pytest.mark.duckdb
@pytest.mark.parametrize("alone", [False, True])
def test_mahalanobis_has_a_test_of_its_own(session: Session, *, alone: bool) -> None:
    """Hotelling's, for a row of the sample and for one beside it."""
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(2, 30))
    session.load("t", pa.table({"x": x, "y": x + y, "ref": [True] * 25 + [False] * 5}))
    removed = ", leave_one_out => TRUE" if alone else ""
    options = f"detector => 'mahalanobis', significance => 0.01{removed}"
    call = f"anomaly_threshold(x, y, {options}) FILTER (WHERE ref) OVER ()"

    cuts = dict(session.sql(f"SELECT DISTINCT ref, {call} FROM t").fetchall())

    inside = thresholds.hotelling(24 if alone else 25, 0.01, features=2, own=not alone)
    assert cuts == {
        True: pytest.approx(inside, rel=1e-9),
        False: pytest.approx(thresholds.hotelling(25, 0.01, features=2, own=False), rel=1e-9),
    }

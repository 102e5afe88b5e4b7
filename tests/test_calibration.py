"""Stored models cry wolf no more often than they are asked to: p <= alpha for a share alpha of fresh rows at most.

One fresh row a table, so that the alarms of independent tables are at most binomial. A bound that fails says so with a
probability of 1e-9 if the claim holds; that it fails for a wrong p is shown too.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

import sqlnomaly
from benchmarks.calibration import LEVELS, Found, gaussian, kept, laws, lognormal, simulate
from sqlnomaly.pushdown.contract import Detector, Shape
from sqlnomaly.udfs.registry import BUILT_IN

pytestmark = pytest.mark.duckdb

SURE = 1e-9
DUPLICATES = "lognormal, 60 % duplicates"


def unlikely(found: Found) -> list[str]:
    """What the claim makes unlikely: too many alarms at a rate, or an alarm below what the calibration resolves."""
    p, least = found.p[:, 0], 1.0 / (found.calibrated.max() + 1)
    p, said = p[~np.isnan(p)], []
    for alpha in {*LEVELS, least}:
        alarms = int((p <= alpha + 1e-9).sum())
        if alarms and alpha < least - 1e-9:
            said.append(f"{alarms} alarms at {alpha:g}, below 1 / (n + 1)")
        elif binom.sf(alarms - 1, len(p), alpha) < SURE:
            said.append(f"{alarms} of {len(p)} at {alpha:g}")
    return said


def judged(name: str, law: str, seed: int) -> Found:
    """One fresh row of many tables of 20 rows, or of 100 where a detector needs 50."""
    detector = kept()[name]
    rows = 20 if detector.rows <= 16 else 100
    tables = 100 if detector.frozen is Detector.frozen else 4
    return simulate(detector, laws(rows)[law], rows=rows, tables=tables, fresh=1, seed=seed)


def together(parts: list[Found]) -> Found:
    """The tables of several detectors, which are independent of each other."""
    return Found(np.concatenate([one.p for one in parts]), np.concatenate([one.calibrated for one in parts]))


def test_every_detector_that_keeps_a_model_is_judged() -> None:
    ordered = {one.name for one in BUILT_IN if one.shape is Shape.WINDOW}
    assert {one.name for one in BUILT_IN} - set(kept()) == {"ensemble", "duplicates"} | ordered


@pytest.mark.parametrize("law", ["gaussian", pytest.param(DUPLICATES, marks=pytest.mark.thorough)])
def test_no_stored_detector_alarms_more_often_than_it_is_asked_to(law: str) -> None:
    chosen = [name for name, one in kept().items() if law == DUPLICATES or one.frozen is Detector.frozen]
    found = {name: judged(name, law, seed) for seed, name in enumerate(chosen)}
    assert {name: said for name, one in found.items() if (said := unlikely(one))} == {}
    same = [one for one in found.values() if one.calibrated.max() == 4]
    assert len(same) >= len(chosen) - 1, "all but benford, which needs more rows"
    assert not unlikely(together(same))
    share = np.nanmean(together(same).p[:, 0] <= 0.2 + 1e-9)
    assert share > 0.1, "a model that never alarms would keep every promise"


def test_a_rate_that_forgets_the_fresh_row_is_found_out() -> None:
    found = judged("zscore", "gaussian", 1)
    n = found.calibrated[:, None]
    assert unlikely(Found((found.p * (n + 1) - 1) / n, found.calibrated))


def test_a_calibration_on_the_fitted_rows_is_found_out() -> None:
    rng, tables, rows = np.random.default_rng(2), 1_000, 8
    part, fits = np.repeat(np.arange(tables), rows + 1), np.tile(np.arange(rows + 1) < rows, tables)
    with sqlnomaly.connect() as session:
        import pyarrow as pa

        x, y = gaussian(rng, len(part)), gaussian(rng, len(part))
        session.load("rows", pa.table({"part": part, "fits": fits, "x": x, "y": y}))
        asked = "anomaly_probability(x, y, detector => 'mahalanobis') FILTER (WHERE fits) OVER (PARTITION BY part)"
        kept_out = session.sql(f"SELECT p FROM (SELECT fits, {asked} AS p FROM rows) WHERE NOT fits").arrow()
    assert unlikely(Found(1.0 - kept_out.column("p").to_numpy()[:, None], np.full(tables, rows)))


def test_a_first_feature_of_equal_values_does_not_choose_the_rows_that_calibrate() -> None:
    """The fold went by the first feature: of equal ones always the same ranks of the second were held out."""
    calls: list[int] = []

    def draw(rng: np.random.Generator, number: int) -> np.ndarray:
        calls.append(number)
        return np.ones(number) if len(calls) % 2 else lognormal(1e-9, rng, number)

    assert not unlikely(simulate(kept()["zscore"], draw, rows=20, tables=1_000, fresh=1, seed=3))


def test_a_score_that_ties_with_held_out_ones_counts_them() -> None:
    found = simulate(kept()["iqr"], lambda _rng, number: np.full(number, 7.0), rows=20, tables=20, fresh=2, seed=4)
    assert (found.p == 1.0).all()

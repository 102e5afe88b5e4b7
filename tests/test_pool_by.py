"""``pool_by``: a series is judged by its own rows and by those of its parent group, against plain Python."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from statistics import fmean, median, stdev
from typing import Any

import pyarrow as pa
import pytest

import sqlnomaly
from sqlnomaly.errors import CallError, SqlnomalyError, UnsupportedError
from sqlnomaly.pushdown.contract import Detector
from sqlnomaly.udfs.registry import BUILT_IN
from tests.conformance.ask import Ask, Condition
from tests.conformance.datasets import BIGINT, DOUBLE, TEXT, DataSet, table
from tests.conformance.runners import RUNNERS
from tests.conftest import missing_engine
from tests.reference.pooled import Own, Row, parents, shrunk
from tests.reference.seasonal import fit as seasonal_fit

THRESHOLDS = {"zscore": 3.0, "mad": 3.5, "seasonal": 4.5}


def shops() -> DataSet:
    """Two regions and NULL; old shops, a new one, one of one row, one that never varies, days that repeat."""
    rng = random.Random(5)
    rows: list[Sequence[Any]] = []
    for region, level in (("north", 100.0), ("south", 1e9), (None, 3e-9)):
        for shop in range(5):
            unit = level / 10
            base = level + rng.gauss(0, unit)
            days = [6, 5, 5, 3, 1][shop] + (2 if region == "south" else 0)
            for day in range(9 - days, 9):
                x = base if shop == 2 else rng.gauss(base, unit / 10)
                rows.append((region, None if shop == 3 else f"s{shop}", day // 2 * 2, x))
    rows[1] = (*rows[1][:3], None)
    rows[2] = (*rows[2][:3], math.nan)
    rows[3] = (*rows[3][:3], math.inf)
    rows[24] = (rows[24][0], rows[24][1], None, rows[24][3])
    return DataSet(
        "shops", table({"region": TEXT, "shop": TEXT, "day": BIGINT, "x": DOUBLE}, rows), ("x",), ("region", "shop"), "day"
    )  # fmt: skip


SHOPS = shops()
SOME = Condition("MOD({id}, 7) <> 3", lambda row: row["id"] % 7 != 3)


def rows_of(data: DataSet, parent: Sequence[str], ask: Ask) -> dict[int, Row]:
    """The rows as the reference takes them; a row without an order key is in no baseline of an order."""
    return {
        row["id"]: Row(
            tuple(row[key] for key in data.keys),
            tuple(row[key] for key in parent),
            row["day"],
            row["x"] if row["x"] is not None and math.isfinite(row["x"]) else None,
            (ask.where is None or bool(ask.where.keeps(row))) and (ask.order is None or row["day"] is not None),
        )
        for row in data.rows
    }


def own_of(detector: str, values: Sequence[float]) -> Own:
    """What a series says by its values."""
    if not values:
        return Own(0, None, 0.0)
    if detector == "zscore":
        flat = len(values) < 2 or min(values) == max(values)
        return Own(len(values), values[0] if min(values) == max(values) else fmean(values), 0.0 if flat else stdev(values))
    middle = median(values)
    return Own(len(values), middle, median(abs(x - middle) for x in values) / 0.6744897501960817)


def alone(detector: str, rows: Mapping[int, Row], ask: Ask) -> dict[int, Own]:
    """What the series of each row says: all of it, or what lies before the row."""

    def values(row: Row) -> list[float]:
        return [
            other.value
            for other in rows.values()
            if other.series == row.series and other.fitted and other.value is not None
            and (ask.order is None or (row.order is not None and other.order is not None and other.order < row.order))
        ]  # fmt: skip

    return {key: own_of(detector, values(row)) for key, row in rows.items()}


def expected(detector: str, data: DataSet, parent: Sequence[str], ask: Ask) -> dict[int, tuple[float | None, str]]:
    """Score and status of each row."""
    rows, strength = rows_of(data, parent, ask), ask.options.get("pool_strength")
    own = alone(detector, rows, ask)
    above = parents(rows, own, min_rows=3, strength=strength, causal=ask.order is not None)
    found: dict[int, tuple[float | None, str]] = {}
    for row in data.rows:
        key, value = row["id"], rows[row["id"]].value
        model = shrunk(own[key], above[key], min_rows=3, strength=strength)
        unseen = ask.order is None and not any(r.fitted and r.series == rows[key].series for r in rows.values())
        if unseen and model.n < 3:
            found[key] = (None, "unseen_group")
        elif row["x"] is None or (ask.order is not None and row["day"] is None):
            # a row without an order key has a score of no baseline
            found[key] = (None, "missing_value")
        elif value is None:
            found[key] = (None, "out_of_range")
        elif model.n < 3:
            found[key] = (None, "warm_up" if ask.order else "too_few_rows")
        elif model.scale == 0:
            found[key] = (0.0 if value == model.centre else None, "constant_baseline")
        else:
            assert model.centre is not None
            found[key] = (abs(value - model.centre) / model.scale, "ok")
    return found


ASKS = {
    "causal": (("region",), Ask(partition=SHOPS.keys, order="day", options={"pool_by": "region"})),
    "of_all": ((), Ask(partition=SHOPS.keys, order="day", options={"pool_by": "all"})),
    "backward": (("region",), Ask(partition=SHOPS.keys, order="day", where=SOME, options={"pool_by": ["region"], "pool_strength": 4})),
    "whole": (("region",), Ask(partition=SHOPS.keys, options={"pool_by": "REGION"})),
    "filtered": (("region",), Ask(partition=SHOPS.keys, where=SOME, options={"pool_by": "region", "pool_strength": 2.5})),
    "only_whole": ((), Ask(partition=SHOPS.keys, where=SOME, options={"pool_by": "all"})),
}  # fmt: skip


def check(engine: str, detector: str, parent: Sequence[str], ask: Ask) -> None:
    """Every score and status of an engine against plain Python."""
    try:
        runner = RUNNERS[engine]()
    except (ImportError, SqlnomalyError) as error:
        missing_engine(engine, str(error))
    try:
        runner.load(SHOPS)
        answers = runner.answers(runner.compile(SHOPS, detector, ask), SHOPS)
    finally:
        runner.close()
    wanted = expected(detector, SHOPS, parent, ask)
    assert {key: answer.status for key, answer in answers.items()} == {key: why for key, (_, why) in wanted.items()}
    for key, (score, _) in wanted.items():
        assert answers[key].score == (None if score is None else pytest.approx(score, rel=1e-9)), key


@pytest.mark.parametrize("detector", ["zscore", "mad"])
@pytest.mark.parametrize("asked", ASKS)
def test_each_row_is_judged_by_its_series_and_what_its_parent_says(asked: str, detector: str) -> None:
    check("duckdb", detector, *ASKS[asked])

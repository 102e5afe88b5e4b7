"""Makes a model of series: fitted on the client, and kept as a table of one row for each series and time."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlnomaly.catalog.shelf import Shelf, uncounted
from sqlnomaly.errors import ModelError
from sqlnomaly.pushdown.fitted import SCORE, FittedModel
from sqlnomaly.pushdown.series_model import POINTS, VALUE, SeriesTraining
from sqlnomaly.pushdown.trainer import TESTED

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from sqlnomaly.pushdown.client import Learned
    from sqlnomaly.pushdown.compiled import Step


def make_series(
    shelf: Shelf, training: SeriesTraining, before: Callable[[Step, ExitStack], Learned | None]
) -> tuple[FittedModel, str]:
    """The model, its relation empty, and the table that has it.

    Args:
        shelf: where the table goes.
        training: what to run.
        before: runs the step of the client and gives what it learned; the stack ends what it made.

    Raises:
        ModelError: there was no point with a score to fit on.
    """
    fit = training.fit
    with ExitStack() as stack:
        learned = before(training.client, stack)
        assert learned is not None, "the step of a client learns"
        tests = tested(learned.stored[POINTS], training)
        if not tests.num_rows:
            raise ModelError(
                "no point of the query has a score, so there is no model",
                hint=f"{fit.detector.name} needs {fit.min_rows} points of a series, and some forecasts to tell how far "
                "they are off",
            )
        assert training.client.fit is not None, "a step of the client has a fit"
        # The rows lie in the engine for as long as the step lasts, under the names of the model.
        rows = exp.select("*").from_(training.client.fit.given.name)
        name = shelf.make(rows.sql(shelf.dialect))
    relation = learned.relation.slice(0, 0)
    model = FittedModel(
        fit=fit,
        features=training.features,
        keys=training.keys,
        threshold=training.options.threshold,
        contamination=None,
        min_effect=training.options.min_effect,
        relations={"model": relation},
        calibration=uncounted(relation.select(fit.keys)),
        selftest=tests,
    )
    return model, name


def tested(points: pa.Table, training: SeriesTraining) -> pa.Table:
    """Points at even steps of the order of their scores, the highest among them: keys, value and score."""
    import numpy as np
    import pyarrow as pa

    fit = training.fit
    own = {name: points.column(f"{fit.features[0].stem}__{name}").to_numpy() for name in ("n", "centre", "scale")}
    value = points.column(VALUE).to_numpy().astype(np.float64)
    direction = getattr(fit.detector, "direction", "both")
    away = (value - own["centre"]) * (-1.0 if direction == "low" else 1.0)
    away = np.abs(away) if direction == "both" else away
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.where(own["scale"] > 0, away / own["scale"], np.where(away == 0, 0.0, np.nan))
    known = np.flatnonzero(np.isfinite(score) & (own["n"] >= fit.min_rows))
    order = known[np.argsort(score[known], kind="stable")]
    steps = np.ceil(np.arange(1, TESTED + 1) * len(order) / TESTED).astype(np.int64) - 1
    chosen = order[np.unique(steps)] if len(order) else order
    names = [part.name for part in (*training.keys, *training.features)]
    rows = points.select([*fit.keys, VALUE]).take(pa.array(chosen)).rename_columns(names)
    return rows.append_column(SCORE, pa.array(score[chosen], pa.float64()))

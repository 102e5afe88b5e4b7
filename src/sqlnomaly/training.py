"""Fits a model in an engine: runs a training's statements, and gathers what they give."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from sqlnomaly.dialects import get_dialect
from sqlnomaly.errors import ModelError
from sqlnomaly.pushdown.bind import Binder
from sqlnomaly.pushdown.fitted import PLACE, SCORE, FittedModel
from sqlnomaly.pushdown.names import Names
from sqlnomaly.pushdown.sample import Fold
from sqlnomaly.pushdown.select import Settings
from sqlnomaly.pushdown.series_model import SeriesTraining, train_series
from sqlnomaly.pushdown.trainer import Merged, Training
from sqlnomaly.pushdown.training import train
from sqlnomaly.udfs.registry import detectors

if TYPE_CHECKING:
    import pyarrow as pa

    from sqlnomaly.engines import Engine
    from sqlnomaly.pushdown.client import Learned
    from sqlnomaly.pushdown.compiled import Step


MOST = 2_000
"""Rows of a partition that are held out of a fit, at most."""


def plan_training(
    engine: Engine,
    query: str,
    detector: str | Sequence[str],
    options: Mapping[str, Any],
    partition_by: tuple[str, ...],
    tag: str,
    fold: Fold | None = None,
    *,
    staged: exp.Table | None = None,
    stored: exp.Table | None = None,
    merged: Merged | None = None,
) -> Training:
    """The statements for an engine."""
    return train(
        query,
        _settings(engine, tag),
        detector=detector,
        options=options,
        partition_by=partition_by,
        fold=fold,
        staged=staged,
        stored=stored,
        merged=merged,
    ).run()


def plan_series(
    engine: Engine,
    query: str,
    detector: str,
    options: Mapping[str, Any],
    partition_by: tuple[str, ...],
    tag: str,
    *,
    order_by: str,
    horizon: int,
) -> SeriesTraining:
    """The statement of a model of series for an engine."""
    return train_series(
        query,
        _settings(engine, tag),
        detector=detector,
        options=options,
        partition_by=partition_by,
        order_by=order_by,
        horizon=horizon,
    )


def _settings(engine: Engine, tag: str) -> Settings:
    dialect = get_dialect(engine.dialect)
    binder = Binder(dialect, dialect.sqlglot, engine.describe)
    return Settings(dialect.sqlglot, dialect, detectors(), binder, Names([]), tag=tag)


def run_training(
    engine: Engine,
    training: Training,
    before: Callable[[Step, ExitStack], Learned | None],
    *,
    model: pa.Table | None = None,
    calibration: pa.Table | None = None,
    held: pa.Table | None = None,
    most: int = MOST,
) -> FittedModel:
    """The model that the statements give.

    Args:
        engine: where they run.
        training: the statements.
        before: runs the step of the client and gives what it learned; the stack ends what it made.
        model: what its statement gives, where it has run.
        calibration: the same.
        held: the same.
        most: rows that were held out of a partition, at most.

    Raises:
        ModelError: there was no row with a score to fit on.
    """
    with ExitStack() as stack:
        if training.client is None:
            relations = {"model": lower_names(engine.run(training.model)) if model is None else model}
        else:
            learned = before(training.client, stack)
            assert learned is not None, "the step of a client learns"
            relations = dict(learned.stored)
        if calibration is None:
            calibration = lower_names(engine.run(training.calibration))
        if held is None and training.held is not None:
            held = lower_names(engine.run(training.held(most)))
        tests = lower_names(engine.run(training.selftest))
    if tests.num_rows == 0:
        raise ModelError(
            "no row of the query has a score, so there is no model",
            hint=f"{training.fit.detector.name} needs {training.fit.min_rows} rows without missing features"
            + (", beside those that calibration holds out" if training.held is not None else ""),
        )
    tests = tests.sort_by(PLACE).drop_columns([PLACE])
    names = [part.name for part in (*training.keys, *training.features)]
    return FittedModel(
        fit=replace(training.fit, given=None, fitted=None),
        features=training.features,
        keys=training.keys,
        threshold=training.options.threshold,
        contamination=training.options.contamination,
        min_effect=training.options.min_effect,
        relations=relations,
        calibration=calibration,
        selftest=tests.rename_columns([*names, SCORE]),
        held=held,
        by=training.options.by,
    )


def lower_names(rows: pa.Table) -> pa.Table:
    """The rows with the names that the statements gave: all are in lower case, which an engine may fold to upper."""
    return rows.rename_columns([name.lower() for name in rows.column_names])

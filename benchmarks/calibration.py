"""How often a stored model cries wolf beside the rate that is asked for: ``python -m benchmarks.calibration``.

Tables of exchangeable rows are drawn, a stored model is fitted on each (a partition a table), and fresh rows of its law
are given their ``anomaly_probability``. With p = 1 - anomaly_probability the claim is P(p <= alpha) <= alpha, and
that no rate below 1 / (n_cal + 1) can alarm at all. Then the false discovery rate of Benjamini and Hochberg's procedure
over such p-values, with anomalies planted among the fresh rows.

A detector whose model is one row a partition goes the whole way: CREATE ANOMALY MODEL, and a call in a query. One whose
stored score is written out for each partition, which is slow to compile for hundreds, takes the same pieces: the
training's fold and held-out scores, the detector's scores of fresh rows by the fitted ones, and the same rule from a
score to p. Detectors that take longer than ``--seconds`` get fewer tables: the column says how many.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from statistics import fmean, stdev
from typing import Annotated

import numpy as np
import pyarrow as pa
import typer
from rich.console import Console
from rich.table import Table
from scipy.stats import false_discovery_control
from sqlglot import exp

import sqlnomaly
from sqlnomaly.dialects import get_dialect
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.compiler import emit
from sqlnomaly.pushdown.contract import Categories, Detector, Shape
from sqlnomaly.pushdown.lower import lower
from sqlnomaly.pushdown.sample import Fold
from sqlnomaly.pushdown.trainer import FITTED
from sqlnomaly.pushdown.written import Part, chance
from sqlnomaly.training import MOST, lower_names, plan_training
from sqlnomaly.udfs.registry import BUILT_IN

LEVELS = (0.01, 0.05, 0.10, 0.20)
SIZES = (20, 100)
"""Rows of a table."""
FRESH = 10
"""Rows of each table that no fit has seen."""
STEPS = {20: 0.16, 100: 0.035}
"""By rows of a table, to what the lognormal values are rounded so that about 60 % have a twin in it."""
SHIFT = 6.0
"""Standard deviations by which a planted anomaly is off, in every feature."""
PLANTED = 0.1
"""The share of the fresh rows that are planted where false discoveries are counted."""
RATES = (0.01, 0.05, 0.10)
"""Rates of false discovery."""
LARGE, JUDGED = 10_000, 200
"""Rows of a table, and fresh rows, where false discoveries are counted: a fifth of the former calibrates."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the fresh rows of some tables got.

    Attributes:
        p: tables x fresh rows; NaN where a row has no score.
        calibrated: rows that calibrate, of each table.
    """

    p: np.ndarray
    calibrated: np.ndarray

    def rate(self, alpha: float) -> tuple[float, float]:
        """The share of the scored fresh rows with p <= alpha, and its standard error over the tables.

        Fresh rows of one table share its calibration and are no independent trials: the tables are.
        """
        scored = ~np.isnan(self.p)
        alarms = ((self.p <= alpha + 1e-9) & scored).sum(axis=1)[scored.any(axis=1)]  # 1 - (1 - p) is p but for an ulp
        shares = alarms / scored.sum(axis=1)[scored.any(axis=1)]
        return float(shares.mean()), float(shares.std(ddof=1) / np.sqrt(len(shares)))


Draw = Callable[[np.random.Generator, int], np.ndarray]
"""So many values of a law."""


def gaussian(rng: np.random.Generator, number: int) -> np.ndarray:
    """Normal values around 10."""
    return rng.normal(10.0, 1.0, number)


def lognormal(step: float, rng: np.random.Generator, number: int) -> np.ndarray:
    """Lognormal values in whole steps."""
    return np.ceil(np.exp(rng.normal(size=number)) / step) * step


def laws(rows: int) -> dict[str, Draw]:
    """The laws by name, for tables of so many rows."""
    return {"gaussian": gaussian, "lognormal, 60 % duplicates": partial(lognormal, STEPS[rows])}


def kept() -> dict[str, type[Detector]]:
    """The detectors of ours that keep a model."""
    return {one.name: one for one in BUILT_IN if not without(one)}


def without(detector: type[Detector]) -> str | None:
    """Why a detector keeps no model, or None."""
    if detector.shape is Shape.WINDOW:
        return "it judges a row by the rows before it"
    return detector.no_model


def simulate(
    detector: type[Detector], draw: Draw, *, rows: int, tables: int, fresh: int = FRESH, seed: int, shifted: int = 0
) -> Found:
    """Fits a stored model on each of the tables, and gives the p of fresh rows.

    Args:
        detector: what is fitted.
        draw: the law of every feature.
        rows: of a table.
        tables: how many.
        fresh: rows that are scored, of each table.
        seed: of the random numbers.
        shifted: of the fresh rows of a table, how many are planted anomalies: the first ones.
    """
    rng = np.random.default_rng(seed)
    with sqlnomaly.connect() as session:
        for name, number in (("fitted", rows), ("fresh", fresh)):
            x, y = draw(rng, tables * number), draw(rng, tables * number)
            if name == "fresh":
                planted = np.tile(np.arange(number) < shifted, tables) * SHIFT
                x, y = x + planted, y + planted
            table, place = np.repeat(np.arange(tables), number), np.arange(tables * number)
            data = {"partition": table, "id": place, "x": x, "y": y}
            session.load(f"raw_{name}", pa.table(data))
            value = "CAST(ROUND({0}) AS VARCHAR)" if detector.categories is Categories.ALL else "{0}"
            features = ", ".join(f"{value.format(one)} AS {one}" for one in "xy"[: detector.most or 2])
            session.sql(f"CREATE TABLE {name} AS SELECT partition AS part, id, {features} FROM raw_{name}")
        p, calibrated = (_whole if detector().one_row else _pieces)(session, detector)
    found = np.full(tables * fresh, np.nan)
    found[p.column("id").to_numpy()] = 1.0 - p.column("p").to_numpy(zero_copy_only=False)
    return Found(found.reshape(tables, fresh), calibrated)


def _features(detector: type[Detector]) -> str:
    return ", ".join("xy"[: detector.most or 2])


def _whole(session: sqlnomaly.Session, detector: type[Detector]) -> tuple[pa.Table, np.ndarray]:
    """By the statements that a user writes."""
    features = _features(detector)
    session.sql(
        f"CREATE ANOMALY MODEL judge USING {detector.name} PARTITION BY part AS SELECT part, {features} FROM fitted"
    )
    p = session.sql(f"SELECT id, anomaly_probability({features}, model => 'judge') AS p FROM fresh").arrow()
    held = session.models().get("judge").fitted.held
    assert held is not None, "a fifth of the rows calibrates unless told otherwise"
    return p, held.column("held").to_numpy()


def _pieces(session: sqlnomaly.Session, detector: type[Detector]) -> tuple[pa.Table, np.ndarray]:
    """By the statements of a training, the detector's scores of fresh rows, and the rule from a score to p."""
    features, engine = _features(detector), session.engine
    fold, staged = Fold(), exp.to_table("staged")
    query = f"SELECT part, {features} FROM fitted"
    training = plan_training(engine, query, detector.name, {}, ("part",), "_calibration", fold, staged=staged)
    session.sql(f"CREATE TABLE staged AS {training.rows}")
    assert training.held is not None, "there is a fold"
    with ExitStack() as stack:
        if training.client is not None:
            session._before(training.client, stack)
        held = lower_names(engine.run(training.held(MOST)))
    given = ", ".join(f"_sn__given{n} AS {name}" for n, name in enumerate(["part", *features.split(", ")]))
    session.sql(
        f"CREATE TABLE everything AS SELECT {given}, {FITTED} AS fits, NULL AS id FROM staged "
        f"UNION ALL SELECT part, {features}, 0, id FROM fresh"
    )
    session.sql(
        f"CREATE TABLE judged AS SELECT id, part, anomaly_score({features}, detector => '{detector.name}') "
        "FILTER (WHERE fits = 1) OVER (PARTITION BY part) AS score FROM everything"
    )
    session.load("held", held)
    dialect, tolerance = get_dialect("duckdb"), training.fit.detector.tolerance.relative
    part = Part(stored={}, threshold=None, held={name: ops.column(name, "held") for name in held.column_names})
    p = lower(chance(ops.column("score"), part, tolerance, dialect), dialect)
    (key,) = training.fit.keys
    rows = exp.select("id", exp.alias_(p, "p")).from_("judged")
    rows = rows.join("held", on=exp.EQ(this=ops.column("part"), expression=ops.column(key, "held")), join_type="left")
    return engine.run(emit(rows.where("NOT id IS NULL"), dialect)), held.column("held").to_numpy()


def within(
    detector: type[Detector],
    draw: Draw,
    *,
    rows: int,
    tables: int,
    seconds: float,
    fresh: int = FRESH,
    shifted: int = 0,
) -> Found:
    """As many tables as the time allows, at least those of one simulation."""
    found: list[Found] = []
    start, done = time.perf_counter(), 0
    number = min(tables, max(5, 2_000 // rows))
    while done < tables and number:
        found.append(
            simulate(detector, draw, rows=rows, tables=number, fresh=fresh, seed=len(found), shifted=shifted)
        )
        done += number
        spent = time.perf_counter() - start
        number = min(tables - done, 1_000_000 // rows, max(0, int(done * (seconds - spent) / spent)))
    return Found(np.concatenate([one.p for one in found]), np.concatenate([one.calibrated for one in found]))


def discoveries(found: Found, rate: float) -> tuple[float, float, float]:
    """The share of false ones among those that Benjamini and Hochberg's procedure finds, its standard error, the power.

    A row without a score is never found.
    """
    planted = round(PLANTED * found.p.shape[1])
    false, power = [], []
    for p in np.where(np.isnan(found.p), 1.0, found.p):
        hits = false_discovery_control(p, method="bh") <= rate
        false.append(hits[planted:].sum() / max(1, hits.sum()))
        power.append(hits[:planted].mean())
    return fmean(false), stdev(false) / len(false) ** 0.5, fmean(power)


def cells(found: Found) -> list[str]:
    """Tables, calibration rows, and a cell for each nominal rate."""
    low, high = int(found.calibrated.min()), int(found.calibrated.max())
    line = [f"{len(found.p):,}", f"{low}" if low == high else f"{low}..{high}"]
    for alpha in LEVELS:
        rate, error = found.rate(alpha)
        never = alpha < 1.0 / (high + 1) and rate == 0.0
        line.append("never" if never else f"{100 * rate:.2f} ± {100 * error:.2f}")
    return line


Lines = Iterable[tuple[str, list[str]]]


def show(title: str, heads: list[str], lines: Lines, *, markdown: bool) -> None:
    """Prints a table; in Markdown each line as soon as it is there."""
    heads = ["detector", *heads]
    if markdown:
        print(f"\n{title}:\n\n| {' | '.join(heads)} |\n|{'---|' * len(heads)}", flush=True)
        for name, line in lines:
            print(f"| {name} | {' | '.join(line)} |", flush=True)
        return
    table = Table(title=title, box=None, title_justify="left")
    for head in heads:
        table.add_column(head, justify="left" if head == "detector" else "right", no_wrap=True)
    for name, line in lines:
        table.add_row(name, *line)
    Console(width=140).print(table)


def observed(chosen: Mapping[str, type[Detector]], draw: Draw, rows: int, tables: int, seconds: float) -> Lines:
    """A line for each detector: the observed rates."""
    for name, one in chosen.items():
        try:
            yield name, cells(within(one, draw, rows=rows, tables=tables, seconds=seconds))
        except sqlnomaly.ModelError:
            yield name, ["too few rows", *[""] * (1 + len(LEVELS))]


def discovered_by(chosen: Mapping[str, type[Detector]], tables: int, seconds: float) -> Lines:
    """A line for each detector: the rates of false discovery, and of the planted that are found."""
    for name, one in chosen.items():
        found = within(
            one, gaussian, rows=LARGE, tables=tables, seconds=seconds, fresh=JUDGED, shifted=round(PLANTED * JUDGED)
        )
        line = [f"{len(found.p):,}", f"{int(found.calibrated.min()):,}"]
        for rate in RATES:
            share, error, power = discoveries(found, rate)
            line.append(f"{100 * share:.2f} ± {100 * error:.2f} ({100 * power:.0f})")
        yield name, line


def main(
    tables: Annotated[int, typer.Option(help="tables of each law and size")] = 1_000,
    detector: Annotated[list[str] | None, typer.Option(help="only this one")] = None,
    rows: Annotated[list[int] | None, typer.Option(help="rows of a table: 20, 100")] = None,
    seconds: Annotated[float, typer.Option(help="of a detector, a law and a size, at most")] = 30.0,
    discovered: Annotated[int, typer.Option(help="tables in which false discoveries are counted, or 0")] = 100,
    markdown: Annotated[bool, typer.Option(help="tables in Markdown")] = False,
) -> None:
    """Prints observed rates of alarms in per cent, and of false discoveries."""
    chosen = {name: one for name, one in kept().items() if not detector or name in detector}
    for size in rows or SIZES:
        for law, draw in laws(size).items():
            title = f"{law}, {size} rows a table: % of fresh rows with p <= alpha"
            heads = ["tables", "n_cal", *(f"{alpha:.0%}" for alpha in LEVELS)]
            show(title, heads, observed(chosen, draw, size, tables, seconds), markdown=markdown)
    title = f"{PLANTED:.0%} of {JUDGED} fresh rows planted, gaussian: % false discoveries (% of the planted found)"
    heads = ["tables", "n_cal", *(f"{rate:.0%}" for rate in RATES)]
    if discovered:
        show(title, heads, discovered_by(chosen, discovered, seconds), markdown=markdown)
    for one in BUILT_IN:
        if (reason := without(one)) and not detector:
            print(f"\n{one.name} keeps no model: {reason}")


if __name__ == "__main__":
    typer.run(main)

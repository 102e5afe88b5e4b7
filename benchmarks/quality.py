"""How well it finds labeled anomalies, beside PyOD: ``python -m benchmarks.quality --data DIR``.

DIR holds Parquet files of numeric columns and a column ``label``, 1 for an anomaly; without it three sets are made.
Unsupervised and transductive: each detector is fitted on all rows without the label and scores the same rows, through
DuckDB. Columns are taken in standard deviations first, as PyOD does not scale; sets over ``--rows`` rows are cut by
stratified sampling. PyOD runs with its own defaults (a seed of 0) on the same rows. Printed are the area under the ROC
curve and the average precision of every set, then their means, the difference from iforest with its standard error
over the sets, and the seconds of a fit and score of all sets.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import typer
from rich.console import Console
from rich.table import Table

import sqlnomaly
from sqlnomaly.errors import SqlnomalyError
from sqlnomaly.pushdown.contract import Categories, Detector, Shape
from sqlnomaly.udfs.pyod_detector import PREFIX
from sqlnomaly.udfs.pyod_table import SEEDED
from sqlnomaly.udfs.registry import detectors

PYOD: Mapping[str, str] = {
    "abod": "abod.ABOD", "cblof": "cblof.CBLOF", "cof": "cof.COF", "copod": "copod.COPOD", "ecod": "ecod.ECOD",
    "gmm": "gmm.GMM", "hbos": "hbos.HBOS", "iforest": "iforest.IForest", "inne": "inne.INNE", "kde": "kde.KDE",
    "knn": "knn.KNN", "loda": "loda.LODA", "lof": "lof.LOF", "mcd": "mcd.MCD", "ocsvm": "ocsvm.OCSVM", "pca": "pca.PCA",
    "sampling": "sampling.Sampling", "sos": "sos.SOS",
}  # fmt: skip
"""Our detector -> PyOD's of the same name."""

BUSINESS: Mapping[str, str] = {
    "benford": "it judges the first digits of amounts",
    "duplicates": "it counts equal rows",
    "ratio_drift": "it judges the ratio of two features",
}
BASE = "iforest"
"""What every other detector is compared with."""


@dataclass(frozen=True, slots=True)
class Labeled:
    """A set: its name, its rows in standard deviations, and which of them are anomalies."""

    name: str
    rows: np.ndarray
    label: np.ndarray

    @property
    def columns(self) -> list[str]:
        """x0, x1, .."""
        return [f"x{number}" for number in range(self.rows.shape[1])]


@dataclass(frozen=True, slots=True)
class Found:
    """What a detector made of a set: areas, seconds and the share of rows without a score; or why it did not run."""

    area: float = float("nan")
    precision: float = float("nan")
    seconds: float = float("nan")
    unscored: float = 0.0
    refused: str = ""


def read_sets(folder: Path | None, most: int) -> Iterator[Labeled]:
    """The labeled sets of a folder, or those that are made."""
    if folder is None:
        yield from made_sets()
        return
    for path in sorted(folder.glob("*.parquet")):
        table = pq.read_table(path)
        label = table.column("label").to_numpy().astype(bool)
        rows = np.column_stack([table.column(name).to_numpy() for name in table.column_names if name != "label"])
        kept = stratified(label, most)
        yield Labeled(path.stem, scaled(rows[kept].astype(np.float64)), label[kept])


def made_sets() -> Iterator[Labeled]:
    """Three sets: anomalies far out, between groups, and off a line."""
    random = np.random.default_rng(0)
    label = np.arange(1000) < 50
    plain = random.normal(size=(1000, 4))
    far, groups, line = plain.copy(), plain.copy(), plain.copy()
    far[label] *= 4.0
    groups[~label] += 6.0 * (np.arange(950) % 2)[:, np.newaxis]
    groups[label] += 3.0
    line[~label, 1] = line[~label, 0] + 0.1 * line[~label, 1]
    for name, rows in (("far", far), ("groups", groups), ("line", line)):
        yield Labeled(name, scaled(rows), label)


def stratified(label: np.ndarray, most: int) -> np.ndarray:
    """The places of at most so many rows, as many of either kind as belong to it."""
    if len(label) <= most:
        return np.arange(len(label))
    random = np.random.default_rng(0)
    anomalies, others = np.flatnonzero(label), np.flatnonzero(~label)
    few = max(1, round(most * len(anomalies) / len(label)))
    chosen = [random.choice(anomalies, few, replace=False), random.choice(others, most - few, replace=False)]
    return np.sort(np.concatenate(chosen))


def scaled(rows: np.ndarray) -> np.ndarray:
    """Each column in standard deviations from its mean; one that does not vary is 0."""
    deviation = rows.std(axis=0)
    return (rows - rows.mean(axis=0)) / np.where(deviation > 0.0, deviation, 1.0)


def exclusion(detector: type[Detector]) -> str | None:
    """Why a detector is not judged on such sets, or None."""
    if detector.shape is Shape.WINDOW:
        return "it needs an order of the rows"
    if detector.categories is Categories.ALL:
        return "it takes categories"
    return BUSINESS.get(detector.name)


def judged(scores: np.ndarray, label: np.ndarray, seconds: float) -> Found:
    """The areas; a row without a score counts as the most ordinary one."""
    from sklearn.metrics import average_precision_score, roc_auc_score

    known = np.isfinite(scores)
    if not known.any():
        return Found(seconds=seconds, unscored=1.0, refused="no row has a score")
    filled = np.where(known, scores, scores[known].min())
    areas = roc_auc_score(label, filled), average_precision_score(label, filled)
    return Found(float(areas[0]), float(areas[1]), seconds, float(1.0 - known.mean()))


def ours(detector: str, data: Labeled) -> Found:
    """The detector in DuckDB, with its defaults."""
    with sqlnomaly.connect() as session:
        columns = {name: pa.array(data.rows[:, number]) for number, name in enumerate(data.columns)}
        session.load("labeled", pa.table({"id": range(len(data.rows)), **columns}))
        session.sql("CREATE TABLE t AS SELECT * FROM labeled")
        call = f"anomaly_score({', '.join(data.columns)}, detector => '{detector}')"
        start = time.perf_counter()
        try:
            found = session.sql(f"SELECT id, {call} AS score FROM t").arrow()
        except SqlnomalyError as error:
            return Found(refused=str(error).splitlines()[0])
        seconds = time.perf_counter() - start
    order = np.argsort(found.column("id").to_numpy())
    return judged(found.column("score").to_numpy(zero_copy_only=False).astype(float)[order], data.label, seconds)


def theirs(detector: str, data: Labeled) -> Found:
    """PyOD's detector with its defaults."""
    module, kind = PYOD[detector].split(".")
    options: dict[str, Any] = {"random_state": 0} if kind in SEEDED else {}
    start = time.perf_counter()
    try:
        scores = getattr(import_module(f"pyod.models.{module}"), kind)(**options).fit(data.rows).decision_scores_
    except (ValueError, IndexError, np.linalg.LinAlgError) as error:
        return Found(refused=str(error).splitlines()[0])
    return judged(np.asarray(scores, float), data.label, time.perf_counter() - start)


def main(
    folder: Annotated[Path | None, typer.Option("--data", help="folder of labeled Parquet files")] = None,
    detector: Annotated[list[str] | None, typer.Option(help="only this one; names as in a call")] = None,
    rows: Annotated[int, typer.Option(help="rows of a set, at most")] = 5_000,
    pyod: Annotated[bool, typer.Option(help="run PyOD beside it")] = True,
    markdown: Annotated[bool, typer.Option(help="print tables in Markdown")] = False,
) -> None:
    """Prints the areas of each set, and their means beside PyOD's."""
    sets = list(read_sets(folder, rows))
    known = {name: kind for name, kind in detectors().items() if not name.startswith(PREFIX)}
    wanted = list(detector or (name for name, kind in known.items() if exclusion(kind) is None))
    results: dict[str, list[Found]] = {}
    for name in dict.fromkeys([BASE, *wanted]):
        results[name] = [ours(name, data) for data in sets]
        if pyod and name in PYOD:
            results[PREFIX + name] = [theirs(name, data) for data in sets]
    show("Means over the sets", MEANS, means(results), markdown)
    for what in ("area", "precision"):
        title = {"area": "Area under the ROC curve", "precision": "Average precision"}[what]
        lines = [[name, *(shown(getattr(one, what)) for one in found)] for name, found in results.items()]
        show(title, ["detector", *(data.name for data in sets)], lines, markdown)
    reasons = {name: reason for name, kind in known.items() if (reason := exclusion(kind)) is not None}
    reasons |= {
        f"{name} on {data.name}": one.refused
        for name, found in results.items()
        for data, one in zip(sets, found, strict=True)
        if one.refused
    }
    show("Not judged", ["what", "why"], [[name, reason] for name, reason in reasons.items()], markdown)


MEANS = ["detector", "sets", "AUROC", "- iforest", "s.e.", "AP", "lowest AUROC", "unscored", "seconds"]


def means(results: Mapping[str, list[Found]]) -> list[list[str]]:
    """A line for each detector, the highest mean area first; over the sets that it was run on."""
    base = np.array([one.area for one in results[BASE]])
    lines = []
    for name, found in results.items():
        area = np.array([one.area for one in found])
        ran = np.isfinite(area) & np.isfinite(base)
        if not ran.any():
            continue
        apart = (area - base)[ran]
        error = apart.std(ddof=1) / np.sqrt(ran.sum()) if ran.sum() > 1 else float("nan")
        precision = np.nanmean([one.precision for one in found])
        unscored = float(np.mean([one.unscored for one in np.array(found)[ran]]))
        seconds = float(np.nansum([one.seconds for one in found]))
        numbers = [shown(area[ran].mean()), f"{apart.mean():+.3f}", shown(float(error)), shown(float(precision))]
        lines.append([name, str(ran.sum()), *numbers, shown(area[ran].min()), f"{unscored:.1%}", f"{seconds:.1f}"])
    return sorted(lines, key=lambda line: line[2], reverse=True)


def shown(value: float) -> str:
    """Three digits, or nothing."""
    return f"{value:.3f}" if np.isfinite(value) else "-"


def show(title: str, header: list[str], lines: list[list[str]], markdown: bool) -> None:
    """Prints a table."""
    if markdown:
        print(f"\n## {title}\n\n| " + " | ".join(header) + " |\n|" + "---|" * len(header))
        print("\n".join("| " + " | ".join(line) + " |" for line in lines))
        return
    table = Table(*header, title=title, box=None, title_justify="left")
    for line in lines:
        table.add_row(*line)
    Console(width=220).print(table)


if __name__ == "__main__":
    typer.run(main)

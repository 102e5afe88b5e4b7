"""A model fitted on a data set, and what its functions say beside what the compiled calls say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa

from sqlnomaly.model import Model
from sqlnomaly.session import Session
from tests.conformance.ask import FUNCTIONS, VERDICT, Ask, Condition, quoted
from tests.conformance.compare import unlike
from tests.conformance.datasets import BY_NAME, DataSet
from tests.conformance.runner import verdicts
from tests.reference.judge import Verdict

ANSWERS: Mapping[str, str] = {
    "anomaly_score": "",
    "anomaly_threshold": "_threshold",
    "is_anomaly": "_is_anomaly",
    "anomaly_reason": "_reason",
    "anomaly_status": "_status",
}
"""What a call answers -> what the name of the model's function ends in."""

DETECTORS = ("zscore", "mad", "iqr", "mahalanobis", "hbos", "ecod", "iforest")
"""Those that keep a model."""

FITTED = Condition("{id} < 80", lambda row: row["id"] < 80)
"""The rows of `PROBE` that a model is fitted on."""


def probe() -> DataSet:
    """Eighty rows in groups to fit on, then rows that nobody fitted: far out, between, broken, of unseen groups."""
    random = Random(31)
    keys = [("north", 1), (None, 1), ("it's", -7), ("north", None)]
    rows: list[tuple[Any, ...]] = [
        (*keys[i % 4], round(random.gauss(10.0, 2.0), 2), round(random.gauss(-3.0, 1.0), 1)) for i in range(80)
    ]
    odd = [-1e9, 9.995, 1e9, 0.0, -0.0, 5e-324, 1e150, 1.1e150, float("nan"), float("inf"), float("-inf"), None]
    pairs = [(x, -3.0) for x in odd] + [(10.0, y) for y in odd] + [(None, float("nan")), (1e9, -1e9)]
    unseen = [("south", 1), ("North", 1), ("", 1), ("north", 2), (None, None)]
    for i, (x, y) in enumerate(pairs):
        rows.append((*keys[i % 4], x, y))
    rows += [(*key, 10.0, -3.0) for key in unseen] + [("south", 1, None, -3.0), ("south", 1, float("inf"), 0.0)]
    types = {"store": pa.string(), "shelf": pa.int64(), "x": pa.float64(), "y": pa.float64()}
    columns = dict(zip(types, zip(*rows, strict=True), strict=True))
    arrays = {name: pa.array(columns[name], kind) for name, kind in types.items()}
    return DataSet("probe", pa.table({"id": pa.array(range(len(rows)), pa.int64()), **arrays}), ("x", "y"))


PROBE = probe()
SETS: Mapping[str, DataSet] = {**BY_NAME, "probe": PROBE}


def outputs(detector: str) -> tuple[str, ...]:
    """What the functions of a model answer: a forest gives no reason."""
    return tuple(name for name in VERDICT if detector != "iforest" or name != "anomaly_reason")


def fitted(session: Session, data: DataSet, detector: str, ask: Ask) -> Model:
    """A model over the data set's features, keyed by the ask's partition, fitted on the rows that it filters."""
    dialect = session.engine.dialect
    columns = ", ".join(quoted(name, dialect) for name in (*ask.partition, *data.features))
    where = "" if ask.where is None else f" WHERE {ask.where.sql.format(id=quoted('id', dialect))}"
    query = f"SELECT {columns} FROM {quoted(data.name, dialect)}{where}"
    return session.fit(query, detector=detector, partition_by=ask.partition, **ask.options)


def kept(model: Model, folder: Path) -> Model:
    """The model from its file."""
    model.save(folder / "kept.model")
    return Model.load(folder / "kept.model")


def calls(data: DataSet, keys: Iterable[str], dialect: str, asked: Ask, name: str) -> str:
    """A query of the model's functions: the id and the answers."""
    arguments = ", ".join(quoted(column, dialect) for column in (*keys, *data.features))
    selected = ", ".join(
        f"{name}{ANSWERS[function]}({arguments}) AS {FUNCTIONS[function].alias}" for function in asked.functions
    )
    return f"SELECT {quoted('id', dialect)}, {selected} FROM {quoted(data.name, dialect)}"


def by_functions(session: Session, data: DataSet, asked: Ask, name: str) -> dict[int, Verdict]:
    """What the installed functions say about every row."""
    query = calls(data, asked.partition, session.engine.dialect, asked, name)
    return verdicts(session.engine.run(query), asked)


def by_calls(session: Session, data: DataSet, detector: str, asked: Ask) -> dict[int, Verdict]:
    """What the compiled calls say about every row."""
    return verdicts(session.sql(asked.sql(data, detector, session.engine.dialect)).arrow(), asked)


def disagreements(session: Session, data: DataSet, detector: str, ask: Ask, folder: Path) -> list[str]:
    """Where the functions of a model, fitted, kept and installed, differ from the compiled calls; nothing is left."""
    model = kept(fitted(session, data, detector, ask), folder)
    session.install(model, name="found")
    try:
        said = by_functions(session, data, ask, "found")
    finally:
        session.uninstall(model, name="found")
    return unlike(data, detector, ask, said, by_calls(session, data, detector, ask))

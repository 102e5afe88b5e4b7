"""A model of many partitions that came to the client: its relations become tables that queries join."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlnomaly.catalog.shelf import INLINE, Shelf
from sqlnomaly.pushdown.fitted import FittedModel
from sqlnomaly.pushdown.frozen import COMPARED

if TYPE_CHECKING:
    import pyarrow as pa

MANY = 10_000
"""Partitions beyond which the distribution of each one's scores is not kept."""


def tables_of(shelf: Shelf, model: FittedModel, made: list[str]) -> dict[str, str]:
    """Makes a table of each relation of a model that is one row a partition; of few partitions none is made.

    Args:
        shelf: where they go.
        model: the model.
        made: gets the name of each table once it is there.

    Returns:
        Relation -> its table.
    """
    few = len(model.relations.get("model", ())) <= INLINE and all(key.kind in COMPARED for key in model.keys)
    if few or not model.keys or not model.detector.one_row or set(model.relations) != {"model"}:
        return {}
    counted = model.calibration.column("n").null_count < model.calibration.num_rows
    relations = {"model": with_empty(model) if counted else model.relations["model"]}
    if "threshold" in model.calibration.column_names or (counted and model.calibration.num_rows <= MANY):
        relations["calibration"] = model.calibration
    if model.held is not None:
        relations["held"] = model.held
    tables: dict[str, str] = {}
    for name, rows in relations.items():
        tables[name] = shelf.make_of(rows)
        made.append(tables[name])
    if "held" in tables:
        lists = shelf.lists(tables["held"], model.fit.keys, model.detector.tolerance.relative)
        if lists is not None:
            tables["lists"] = shelf.make(lists)
            made.append(tables["lists"])
    return tables


def with_empty(model: FittedModel) -> pa.Table:
    """A row for each partition: one whose rows all miss a feature was not fitted, and has counts of 0."""
    import pyarrow as pa

    rows, keys = model.relations["model"], list(model.fit.keys)
    # By their text: a NaN equals itself there.
    known = {repr(row) for row in rows.select(keys).to_pylist()}
    empty = [row for row in model.calibration.select(keys).to_pylist() if repr(row) not in known]
    counts = dict.fromkeys((feature.stat("n") for feature in model.fit.features), 0)
    more = pa.Table.from_pylist([{**row, **counts} for row in empty], schema=rows.schema)
    return pa.concat_tables([rows, more])


def emptied(model: FittedModel, tables: Mapping[str, str]) -> FittedModel:
    """The model without the rows that are in tables."""
    if not tables:
        return model
    return replace(
        model,
        relations={one: rows.slice(0, 0) if one in tables else rows for one, rows in model.relations.items()},
        calibration=model.calibration.slice(0, 0),
        held=None if model.held is None else model.held.slice(0, 0),
    )

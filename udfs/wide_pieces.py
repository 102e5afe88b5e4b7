"""Sums of squares of a stored model as pieces: what a score compares several of is called, not written out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Piece
from sqlnomaly.pushdown.plan import Feature
from sqlnomaly.udfs.wide import square

PROGRAM = "squares"
"""level + factor sum_r (sum_j weight_rj (x_j - centre_j) - shift_r)^2, the weights row after row."""


def squares_piece(
    row: Mapping[str, Any],
    features: Sequence[Feature],
    measure: Sequence[Mapping[int, float]],
    shift: Sequence[float],
    *,
    level: float = 0.0,
    factor: float = 1.0,
) -> Piece:
    """A piece of a model's row: level + factor * |measure z - shift|^2, z the scaled values.

    Args:
        row: the model's row, with centre and unit of each feature.
        features: the features.
        measure: of each row the entries that are not 0, by the number of the feature.
        shift: a number a row.
        level: what is added.
        factor: what the sum is multiplied by.
    """
    centres = [float(row[feature.stat("centre")]) for feature in features]
    units = [float(row[feature.stat("unit")]) for feature in features]
    weights = [{j: w / units[j] for j, w in entries.items() if units[j]} for entries in measure]
    parts = []
    for entries, away in zip(weights, shift, strict=True):
        steps = [
            ops.mul(ops.number(w), ops.sub(features[j].value, ops.number(centres[j]))) for j, w in entries.items()
        ]
        parts.append(square(ops.sub(ops.total(steps), ops.number(away)) if steps else ops.number(away)))
    total = ops.add(ops.number(level), ops.mul(ops.number(factor), ops.total(parts)))
    return Piece(
        program=PROGRAM,
        features=tuple(feature.column for feature in features),
        sql=total,
        arrays={
            "weight": [entries.get(j, 0.0) for entries in weights for j in range(len(features))],
            "centre": centres,
            "shift": [float(one) for one in shift],
            "level": [level],
            "factor": [factor],
        },
    )

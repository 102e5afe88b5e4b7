"""The weights of a network that gives back what it is given, found by scikit-learn."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

EXACT = 1e-7
"""The fit ends once a step improves the loss by less, as a share, or its slope is less."""


@dataclass(frozen=True, slots=True)
class Layer:
    """What a layer makes of the values before it: weights @ values + level, through the activation but in the last.

    Attributes:
        weights: shape (units, values before).
        level: a number a unit.
    """

    weights: Matrix
    level: Vector


def network(
    rows: Matrix, sizes: Sequence[int], *, activation: str, alpha: float, max_iter: int, random_state: int
) -> list[Layer]:
    """The layers that make the mean squared error of the rows put together again small.

    All rows are seen at each step (L-BFGS: Liu and Nocedal (1989), doi:10.1007/BF01589116), so that there is no batch
    and no rate to choose; only the start is random: Glorot and Bengio (2010).

    Args:
        rows: shape (rows, features).
        sizes: the units of each hidden layer.
        activation: of the hidden layers, in scikit-learn's word.
        alpha: the weight of the squared weights in the loss.
        max_iter: steps, at most.
        random_state: the seed of the start.

    Example:
        >>> steep, level = np.arange(20.0), np.ones(20)
        >>> rows = np.column_stack([steep, 2.0 * steep]) / 10.0 - level[:, np.newaxis]
        >>> first, last = network(rows, [1], activation="identity", alpha=0.0, max_iter=200, random_state=0)
        >>> found = (rows @ first.weights.T + first.level) @ last.weights.T + last.level
        >>> bool(np.abs(found - rows).max() < 1e-3)
        True
    """
    from sklearn.neural_network import MLPRegressor

    model = MLPRegressor(
        hidden_layer_sizes=tuple(sizes), activation=activation, solver="lbfgs", alpha=alpha, max_iter=max_iter,
        tol=EXACT, random_state=random_state,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it could go on after max_iter steps
        model.fit(rows, rows if rows.shape[1] > 1 else rows[:, 0])
    return [
        Layer(np.ascontiguousarray(weights.T), np.asarray(level, np.float64))
        for weights, level in zip(model.coefs_, model.intercepts_, strict=True)
    ]

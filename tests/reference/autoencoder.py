"""autoencoder: the mean squared error of a row put together again by a network, over a sample in units.

    e = z, at most 3 from 0 on either side        h_1 = a(W_1 e + b_1), h_2 = a(W_2 h_1 + b_2), ..   f = W h + b
    term_j = (z_j - f_j)^2 / d                    score = the sum of the terms
    a(x) = tanh x, max(x, 0), 1 / (1 + exp(-x)) or x

d counts all features, and the network has those that vary. It is fitted by L-BFGS on all of the sample, e rounded to
2^-20: a last digit of z would lead the steps elsewhere. As in scikit-learn's MLPRegressor, which is judged here, the
slope is that of the summed squares of a row and the loss that of their mean. A z beyond 1e100 counts as 1e100.
Sources: G. Hinton, R. Salakhutdinov (2006), doi:10.1126/science.1127647; S. Hawkins and others (2002),
doi:10.1007/3-540-46145-0_17.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from tests.reference.sample import Array, Sample, in_units, sample_of, unvaried

Row = Sequence[float]

DEFAULT_THRESHOLD: float | None = None
DEFAULT_CONTAMINATION: float | None = 0.01
DEFAULT_MIN_ROWS = 3
SIGNED = False
JOINT = True
FEATURE_ORDER = True
TOLERANCE = 1e-6
PARAMETERS: Mapping[str, Any] = {
    "hidden_layer_sizes": [3.0, 2.0], "activation": "relu", "alpha": 0.1, "max_iter": 40, "scaling": "robust",
    "max_samples": 30, "random_state": 3,
}  # fmt: skip
LEAN: Mapping[str, Any] = {"hidden_layer_sizes": [3.0, 1.0, 3.0]}
SHAPES: Mapping[str, Callable[[float], float]] = {
    "tanh": math.tanh,
    "relu": lambda x: max(x, 0.0),
    "logistic": lambda x: 1.0 / (1.0 + math.exp(-x)) if x > -700.0 else 0.0,
    "identity": lambda x: x,
}
ACTIVATIONS: Mapping[str, Callable[[Array], Array]] = {
    "tanh": np.tanh, "relu": lambda x: np.maximum(x, 0.0), "logistic": expit, "identity": lambda x: x,
}  # fmt: skip
BACK: Mapping[str, Callable[[Array, Array], Array]] = {  # through the activation: a slope, and what it gave
    "tanh": lambda slope, a: slope * (1.0 - a**2), "relu": lambda slope, a: slope * (a > 0.0),
    "logistic": lambda slope, a: slope * a * (1.0 - a), "identity": lambda slope, a: slope,
}  # fmt: skip

# Five rows by hand: with weights that cost 1,000 times as much as they are worth, all of them come out as 0, and f as
# the mean of e. The mean of x is 2 and its deviation 4: z is -1 / 2 four times and 2, below 3, so that the mean of e is
# 0 and a score is z^2. The steps end near the best weights, and not at them.
HAND_ROWS = (0.0, 0.0, 0.0, 0.0, 10.0)
HAND_OPTIONS: Mapping[str, Any] = {"hidden_layer_sizes": [1.0], "alpha": 1000.0}
HAND_SCORES = (0.25, 0.25, 0.25, 0.25, 4.0)
HAND_TOLERANCE = 1e-5


@dataclass(frozen=True, slots=True)
class Fit:
    """The sample, and the weights and levels of each layer over the features that vary."""

    sample: Sample
    layers: Sequence[tuple[Array, Array]]
    activation: str

    @property
    def constant(self) -> tuple[bool, ...]:
        return self.sample.constant


def fit(
    rows: Sequence[Row],
    *,
    hidden_layer_sizes: Sequence[float] = (),
    activation: str = "tanh",
    alpha: float = 1e-4,
    max_iter: int = 200,
    scaling: str = "standard",
    max_samples: int = 5_000,
    random_state: int = 0,
) -> Fit:
    """Fit on at least one complete row."""
    sample = sample_of(rows, max_samples, scaling, random_state)
    if all(sample.constant):
        return Fit(sample, [], activation)
    kept = math.ceil(len(sample.constant) / 3)
    sizes = tuple(int(size) for size in hidden_layer_sizes) or (max(5, kept), kept, max(5, kept))
    entered = [[round(min(max(z, -3.0), 3.0) * 2**20) / 2**20 for z in row] for row in sample.reference.tolist()]
    given = np.array(entered)
    return Fit(sample, trained(given, sizes, activation, alpha, max_iter, random_state), activation)


def trained(
    given: Array, sizes: Sequence[int], activation: str, alpha: float, max_iter: int, random_state: int
) -> list[tuple[Array, Array]]:
    """The weights and levels of each layer, from the start of X. Glorot and Y. Bengio (2010)."""
    n, d = given.shape
    ends = list(zip((d, *sizes), (*sizes, d), strict=True))
    draw = np.random.RandomState(random_state)
    start = []
    for entering, leaving in ends:
        most = math.sqrt((2.0 if activation == "logistic" else 6.0) / (entering + leaving))
        start.append((draw.uniform(-most, most, (entering, leaving)), draw.uniform(-most, most, leaving)))

    def apart(packed: Array) -> list[tuple[Array, Array]]:
        layers, here = [], sum(entering * leaving for entering, leaving in ends)
        there = 0
        for entering, leaving in ends:
            weights = packed[there : there + entering * leaving].reshape(entering, leaving)
            layers.append((weights, packed[here : here + leaving]))
            there, here = there + entering * leaving, here + leaving
        return layers

    def together(layers: Sequence[tuple[Array, Array]]) -> Array:
        return np.concatenate([one[part].ravel() for part in (0, 1) for one in layers])

    def loss(packed: Array) -> tuple[float, Array]:
        layers = apart(packed)
        made = [given]
        for at, (weights, level) in enumerate(layers, start=1):
            x = made[-1] @ weights + level
            made.append(x if at == len(layers) else ACTIVATIONS[activation](x))
        error = made[-1] - given
        squares = sum(float(weights.ravel() @ weights.ravel()) for weights, _ in layers)
        slopes: list[tuple[Array, Array]] = []
        back = error
        for at in reversed(range(len(layers))):
            weights = layers[at][0]
            slopes.insert(0, ((made[at].T @ back + alpha * weights) / n, back.sum(axis=0) / n))
            back = BACK[activation](back @ weights.T, made[at])
        return 0.5 * float((error**2).mean(axis=0).mean()) + 0.5 * alpha * squares / n, together(slopes)

    options = {"maxiter": max_iter, "gtol": 1e-7}
    return apart(minimize(loss, together(start), method="L-BFGS-B", jac=True, options=options).x)


def decoded(z: Array, model: Fit) -> Array:
    """f."""
    shape = SHAPES[model.activation]
    values = [min(max(one, -3.0), 3.0) for one in z.tolist()]
    *hidden, last = model.layers
    for weights, levels in hidden:
        values = [shape(math.fsum([*(w * v for w, v in zip(column, values, strict=True)), level]))
                  for column, level in zip(weights.T.tolist(), levels.tolist(), strict=True)]  # fmt: skip
    found: Array = np.array(values) @ last[0] + last[1]
    return found


def terms(row: Row, model: Fit) -> list[float | None]:
    """The contribution of each feature; None where a constant baseline cannot say."""
    if all(model.constant):
        return unvaried(row, model.sample)
    z = in_units(row, model.sample)
    errors = iter(((np.clip(z, -1e100, 1e100) - decoded(z, model)) ** 2 / len(row)).tolist())
    return [0.0 if flat else next(errors) for flat in model.constant]


def score(row: Row, model: Fit) -> float:
    """The score of a row whose terms are all known."""
    return math.fsum(term for term in terms(row, model) if term is not None)


def expected(row: Sequence[float | None], model: Fit) -> list[float | None]:
    """f in the feature's unit; of a constant feature its value."""
    known = [x for x in row if x is not None]
    if len(known) < len(row):
        return [None] * len(row)
    sample = model.sample
    found = iter(decoded(in_units(known, sample), model).tolist() if model.layers else ())
    triples = zip(sample.centre, sample.unit, model.constant, strict=True)
    return [centre if flat else centre + unit * next(found) for centre, unit, flat in triples]

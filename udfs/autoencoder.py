"""autoencoder: how badly a row is put together again from the few numbers that a network keeps of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.errors import UnsupportedError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Piece, Stored, Tolerance
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation
from sqlnomaly.udfs.sampled import check_whole, check_word
from sqlnomaly.udfs.wide import Drawn, Layout, matrix

if TYPE_CHECKING:
    from sqlnomaly.udfs.sampled import Matrix, Numbers
    from sqlnomaly.udfs.wide import Flags

WIDTH = 5
"""Units of the layers around the narrowest one, at least, by default."""
KEPT = 3
"""Features for each number that is kept of a row, by default."""
MOST_LAYERS, MOST_UNITS = 7, 100
REACH = 3.0
"""Units from the centre at which a value is cut off before it enters the network."""
GRID = 2.0**20
"""A value that is fitted is a whole number of these parts: a last digit that a sum left over would change the fit."""
FAR = 1e100
"""The largest scaled value: its square is a number still."""
PRODUCTS = 5_000
"""Products of a weight that the score of a stored model may have, written out: an engine plans so many in seconds."""
STEEP = 300.0
"""The largest exponent: beyond, an activation is at its end, and a power might be no number."""
SCALINGS = ("standard", "robust")
ACTIVATIONS = ("tanh", "relu", "logistic", "identity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Autoencoder(Drawn):
    """Mean squared error over the features of a row that a network put together again from a few numbers.

    score = mean_j (z_j - f_j(z))^2, z the features in units of ``scaling``, f a network whose layers have the units of
    ``hidden_layer_sizes``: h_1 = a(W_1 z + b_1), h_2 = a(W_2 h_1 + b_2), .., f = W h + b. One of the layers is narrow,
    so that f learns what ordinary rows have in common, and puts other rows together wrongly: Hinton and Salakhutdinov,
    Reducing the Dimensionality of Data with Neural Networks (2006), doi:10.1126/science.1127647; Hawkins, He, Williams
    and Baxter, Outlier Detection Using Replicator Neural Networks (2002), doi:10.1007/3-540-46145-0_17. It is what pca
    with ``form => 'reconstruction'`` does along straight directions, and finds rows off a curve too. BigQuery calls the
    score ``mean_squared_error``. A feature contributes its squared error over the number of features; its expected
    value is the one that f gives.

    A value enters the network at most 3 units from its centre, in the fit and in the score: few rows that are far away
    do not bend f to themselves, and f stays where it was fitted, so that the score grows with the distance.

    Fit: on the client, on a sample of ``max_samples`` rows, by a hash, with scikit-learn's MLPRegressor and its solver
    ``'lbfgs'``; from the same rows and ``random_state`` a machine makes the same network each time, and another kind of
    processor perhaps another one. Score: in SQL, on every engine, a step for each layer.

    The score of a stored model is one expression, in which a unit stands as often as others read it: features squared
    times the product of the layers. Where that is more than 5,000, beyond eight features by default, it is refused;
    one layer, such as [4], is short.

    Edge cases: with as many units as features in each layer every row is put together again, and no score is large. A
    feature that does not vary in the sample counts for nothing, but in the number of features; if none varies, a row
    equal to the sample scores 0, any other NULL. A row that misses a feature has no score, and is not fitted. A value
    over 1e100 units away counts as one there. The network depends on the order of the features: another order changes
    the scores as another ``random_state`` does.

    Default threshold: the 0.99 quantile of the fitted rows' scores in the partition (contamination 0.01).

    Attributes:
        hidden_layer_sizes: the units of each hidden layer, one to seven layers of 1 to 100 units, such as [8, 2, 8];
            if left out three layers, one unit for every three features between two layers of as many, 5 at least.
        activation: a: ``'tanh'``, ``'relu'``, ``'logistic'`` or ``'identity'``.
        alpha: the weight of the squared weights in what the fit makes small, 0 to 1,000.
        max_iter: steps of the fit, at most, 1 to 10,000.
        scaling: ``'standard'`` or ``'robust'``: the unit of each feature.
        max_samples: rows that it is fitted on, 2 to 100,000.
        random_state: the seed of the sample and of the weights at the start, 0 to 2^31 - 1.

    Example:
        >>> import sqlnomaly
        >>> rows = "(SELECT i / 10 AS x, CASE i WHEN 7 THEN 60 ELSE i * i / 100 END AS y FROM range(100) AS t(i)) AS t"
        >>> query = f"SELECT x, y, anomaly_score(x, y, detector => 'autoencoder') > 1 AS odd FROM {rows}"
        >>> sqlnomaly.connect().sql(f"{query} QUALIFY odd").fetchall()
        [(0.7, 60.0, True)]
    """

    name: ClassVar[str] = "autoencoder"
    finds: ClassVar[str] = "rows that do not lie on the curve or surface of the others"
    choose: ClassVar[str] = "features depend on each other in curved ways, and the score must be SQL"
    tolerance: ClassVar[Tolerance] = Tolerance.SOLVED
    axes: ClassVar[dict[str, int]] = {
        **{f"{array}_{number}": 0 for number in range(1, MOST_LAYERS) for array in ("weight", "level")},
        "level_0": 0,
        "encode": 1,
        "decode": 1,
        "given": 1,
    }

    hidden_layer_sizes: tuple[float, ...] = ()
    activation: str = "tanh"
    alpha: float = 1e-4
    max_iter: int = 200
    max_samples: int = 5_000

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """Every parameter is within its limits."""
        check_word(parameters, "scaling", SCALINGS)
        Drawn.validate(parameters)
        check_word(parameters, "activation", ACTIVATIONS)
        check_whole(parameters, "max_iter", 1, 10_000)
        alpha = parameters.get("alpha", 0.0)
        if not isinstance(alpha, int | float) or isinstance(alpha, bool) or not 0.0 <= alpha <= 1_000.0:
            raise ValueError("alpha lies between 0 and 1,000")
        sizes = parameters.get("hidden_layer_sizes", ())
        if (
            not isinstance(sizes, tuple | list)
            or len(sizes) > MOST_LAYERS
            or not all(isinstance(one, int | float) and 1 <= one <= MOST_UNITS and one == int(one) for one in sizes)
        ):
            raise ValueError(
                f"hidden_layer_sizes are whole numbers from 1 to {MOST_UNITS}, {MOST_LAYERS} at most, such as [8, 2, 8]"
            )

    def sizes(self, features: int) -> tuple[int, ...]:
        """The units of each hidden layer."""
        kept = -(-features // KEPT)
        wide = max(WIDTH, kept)
        return tuple(int(one) for one in self.hidden_layer_sizes) or (wide, kept, wide)

    def layout(self, features: Sequence[Feature]) -> Layout:
        """The weights of each layer, and what it adds."""
        sizes = self.sizes(len(features))
        first = features[0]
        found: dict[str, tuple[str, tuple[int, ...]]] = {**matrix(features, "encode", sizes[0])}
        for number, size in enumerate(sizes):
            for unit in range(size):
                before = range(sizes[number - 1]) if number else ()
                found |= {_weight(first, number, unit, one): (f"weight_{number}", (unit, one)) for one in before}
                found[_level(first, number, unit)] = (f"level_{number}", (unit,))
        given = {feature.stat("given"): ("given", (j,)) for j, feature in enumerate(features)}
        return {**found, **matrix(features, "decode", sizes[-1]), **given}

    def smaller(self) -> str:
        """Fewer units."""
        return " or units in hidden_layer_sizes"

    def learn_rows(self, rows: Matrix, varying: Flags) -> Numbers:
        """The layers of the network."""
        import numpy as np

        from sqlnomaly.udfs.network import network

        layers = network(
            np.round(np.clip(rows, -REACH, REACH) * GRID) / GRID,
            self.sizes(len(varying)),
            activation=self.activation,
            alpha=float(self.alpha),
            max_iter=self.max_iter,
            random_state=self.random_state,
        )
        *hidden, last = layers
        found = {"encode": hidden[0].weights, "decode": last.weights.T, "given": last.level}
        for number, layer in enumerate(hidden):
            found[f"level_{number}"] = layer.level
            if number:
                found[f"weight_{number}"] = layer.weights
        return found

    def judge(self, rows: Relation) -> Relation:
        """The units of each layer, what the last gives, and the error of each feature."""
        features = rows.features
        units = rows.extend("entered", {f.stat("entered"): _within(f.get("z"), REACH) for f in features})
        for number in range(len(self.sizes(len(features)))):
            units = units.extend(f"layer_{number + 1}", self._units(features, number))
        return self._compared(units)

    def narrow(self, features: int) -> int:
        """The layer of the fewest units, counted from 0; the first of equal ones."""
        sizes = self.sizes(features)
        return sizes.index(min(sizes))

    def pieces(self, model: Stored, features: Sequence[Feature], size: int) -> Mapping[str, Piece]:
        """The units of the narrowest layer: written out further on, each would stand in many places."""
        found: dict[str, Piece] = {}
        sizes = self.sizes(len(features))
        if math.prod(sizes) * len(features) ** 2 > PRODUCTS:
            raise UnsupportedError(
                f"a stored autoencoder of {len(features)} features and the layers {list(sizes)} is too long for an "
                "expression",
                hint="fewer features or units, such as hidden_layer_sizes = [4]; or name the detector in a query",
            )
        for row in model["model"]:
            known = {name: ops.constant(value) for name, value in row.items()}
            for feature in features:
                unit, centre = row[feature.stat("unit")], ops.number(row[feature.stat("centre")])
                z = ops.mul(ops.sub(feature.value, centre), ops.number(1.0 / unit)) if unit else ops.number(0.0)
                known[feature.stat("entered")] = _within(z, REACH) if unit else z
            units: dict[str, Expr] = {}
            for number in range(self.narrow(len(features)) + 1):
                units = {name: ops.rename(unit, known) for name, unit in self._units(features, number).items()}
                known |= units
            columns = tuple(feature.column for feature in features)
            for number, unit in enumerate(units.values(), start=1):
                found[f"unit_{number}"] = Piece(program="network", features=columns, sql=unit, arrays={})
        return found

    def frozen(self, data: Relation, model: Stored, pieces: Mapping[str, Piece]) -> Relation:
        """The layers behind the narrowest one, whose units ``pieces`` give."""
        features = data.features
        narrow = self.narrow(len(features))
        held = {features[0].stat(f"unit_{narrow}_{unit}"): ops.column(name) for unit, name in enumerate(pieces)}
        units = self.written(data, model).extend("narrowest", held)
        for number in range(narrow + 1, len(self.sizes(len(features)))):
            units = units.extend(f"layer_{number + 1}", self._units(features, number))
        return self._compared(units)

    def _units(self, features: Sequence[Feature], number: int) -> dict[str, Expr]:
        """The units of a hidden layer, over the layer before."""
        sizes = self.sizes(len(features))
        first = features[0]
        found = {}
        for unit in range(sizes[number]):
            if number:
                before = [_unit(first, number - 1, one) for one in range(sizes[number - 1])]
                pairs = [(ops.column(_weight(first, number, unit, one)), value) for one, value in enumerate(before)]
            else:
                pairs = [(f.get(f"encode_{unit}"), f.get("entered")) for f in features]
            drive = ops.total([*(ops.mul(*pair) for pair in pairs), ops.column(_level(first, number, unit))])
            found[first.stat(f"unit_{number}_{unit}")] = _activated(self.activation, drive)
        return found

    def _compared(self, units: Relation) -> Relation:
        """What the last layer gives, and the error of each feature."""
        features = units.features
        *_, last = enumerate(self.sizes(len(features)))
        share = ops.number(1.0 / len(features))
        decoded, errors = {}, {}
        for feature in features:
            parts = [
                ops.mul(feature.get(f"decode_{unit}"), _unit(features[0], last[0], unit)) for unit in range(last[1])
            ]
            decoded[feature.stat("decoded")] = ops.total([*parts, feature.get("given")])
            away = ops.sub(_within(feature.get("z"), FAR), feature.get("decoded"))
            errors[feature.stat("error")] = ops.mul(ops.func("POWER", away, ops.number(2.0)), share)
        return units.extend("decoded", decoded).extend("errors", errors)

    def value(self, features: Sequence[Feature]) -> Expr:
        """The sum of the errors."""
        return ops.total(self.shares(features))

    def shares(self, features: Sequence[Feature]) -> Sequence[Expr]:
        """The errors."""
        return [feature.get("error") for feature in features]

    def expected(self, features: Sequence[Feature]) -> Sequence[Expr]:
        """What the network gives, in the feature's unit."""
        every = ops.and_(*(ops.not_null(f.value) for f in features))
        return [
            ops.case((every, ops.add(f.get("centre"), ops.mul(f.get("unit"), f.get("decoded"))))) for f in features
        ]


def _weight(first: Feature, layer: int, unit: int, before: int) -> str:
    """The column of the weight of a unit of the layer before."""
    return first.stat(f"weight_{layer}_{unit}_{before}")


def _level(first: Feature, layer: int, unit: int) -> str:
    """The column of what a unit adds."""
    return first.stat(f"level_{layer}_{unit}")


def _unit(first: Feature, layer: int, unit: int) -> Expr:
    """A unit of a row."""
    return first.get(f"unit_{layer}_{unit}")


def _within(value: Expr, most: float) -> Expr:
    """The value, cut off at a distance from 0; of a row that misses it nobody reads what this gives."""
    return ops.least(ops.greatest(value, ops.number(-most)), ops.number(most))


def _activated(activation: str, drive: Expr) -> Expr:
    """What a unit gives for a sum; the sum stands in it once.

    A quotient would guard against 0 by NULLIF, of which engines make a CASE that has its argument twice.
    """
    one = ops.number(1.0)
    if activation == "identity":
        return drive
    if activation == "relu":
        return ops.greatest(drive, ops.number(0.0))
    logistic = activation == "logistic"
    power = ops.func("EXP", _within(ops.mul(ops.number(-1.0 if logistic else 2.0), drive), STEEP))
    inverse = ops.func("POWER", ops.add(one, power), ops.number(-1.0))
    return inverse if logistic else ops.sub(one, ops.mul(ops.number(2.0), inverse))

"""ocsvm: how far a row is outside of the region that holds most of the rows, by random waves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Tolerance
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation
from sqlnomaly.udfs.sampled import check_whole
from sqlnomaly.udfs.wide import Drawn, Layout, WideFit, vector

if TYPE_CHECKING:
    from sqlnomaly.udfs.sampled import Matrix, Numbers
    from sqlnomaly.udfs.wide import Flags

FAR = 1e6
"""The largest scaled value: beyond, the kernel with ordinary rows is 0, and an angle would lose its digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ocsvm(Drawn):
    """How far a row lies outside of the region that holds all but a share ``nu`` of the rows: a one-class SVM.

    score = rho - w . phi(x), positive outside: Schoelkopf, Platt, Shawe-Taylor, Smola and Williamson, Estimating the
    Support of a High-Dimensional Distribution (2001), doi:10.1162/089976601750264965. The kernel exp(-gamma |x - y|^2)
    is replaced by ``n_components`` random waves (Rahimi and Recht, Random Features for Large-Scale Kernel Machines
    (2007); orthogonal ones: Yu and others (2016), doi:10.48550/arXiv.1610.09072), so that the score is a sum of so many
    cosines whatever the number of support vectors: w . phi(x) = sum_k a_k cos(u_k . z + b_k), z the features' distances
    from their centre, the mean or the median, in units of ``scaling`` times sqrt(2 gamma). The kernel sees differences
    alone: another centre moves the b, and no score. The directions u follow from ``random_state`` alone and stand in
    the statement, a, b and rho in the model. A feature contributes what the score falls by when its value is replaced
    by its centre.

    The kernel is met to about 1 / sqrt(2 n_components) at every pair of rows, less near each other. On normal rows with
    1 in 20 four times as far out, the rank correlation with scikit-learn's OneClassSVM is 0.99 for 100 waves and 1 to 6
    features, 0.97 for 20 features. A fitted row that a support vector equals, or that lies in a group of its own, is
    where both differ most. The scale is another: scikit-learn's ``decision_function`` is -score times nu and the rows.

    Fit: on the client, on a sample of ``max_samples`` rows, by a hash; the quadratic program is solved to 1e-9 by an
    interior point, a few steps linear in the rows. Score: in SQL, on every engine.

    Edge cases: a row more than 1,000,000 / sqrt(2 gamma) units from the centre in a feature scores rho, which the
    kernel tends to; so does a whole group of rows there, which the scaling ``'none'`` allows. With a nu of 1 every
    sampled row weighs the same, rho is the largest w . phi(x) among them, and the score orders rows as the density of a
    kernel does. A feature that does not vary in the sample counts for nothing; if none varies, a row equal to the
    sample scores 0, any other NULL. A row that misses a feature has no score, and is not fitted. The sample and the
    waves depend on the order of the features: another order changes the scores a little, as another ``random_state``
    does.

    Default threshold: the 0.99 quantile of the fitted rows' scores in the partition (contamination 0.01).

    Attributes:
        nu: the share of the sampled rows outside, at most; more than 0, 1 at most.
        gamma: the kernel's, in units of ``scaling``; 0 for 1 / features, scikit-learn's ``'scale'``.
        n_components: waves, 1 to 400.
        scaling: ``'standard'``, ``'robust'`` or ``'none'``: the unit of each feature; the centre is the mean, else the
            median (with ``'none'`` the lower of two).
        max_samples: rows that it is fitted on, 2 to 100,000.
        random_state: the seed of the sample and of the waves, 0 to 2^31 - 1.

    Example:
        >>> import sqlnomaly
        >>> rows = "(SELECT i % 10 AS x, CASE i WHEN 7 THEN 30 ELSE i % 7 END AS y FROM range(200) AS t(i)) AS t"
        >>> query = f"SELECT x, y, ROUND(anomaly_score(x, y, detector => 'ocsvm'), 3) AS score FROM {rows}"
        >>> sqlnomaly.connect().sql(f"{query} ORDER BY score DESC LIMIT 1").fetchall()
        [(7, 30, 0.324)]
    """

    name: ClassVar[str] = "ocsvm"
    finds: ClassVar[str] = "rows outside of the region that holds the others"
    choose: ClassVar[str] = "the region of ordinary rows has a curved border, and the score must be SQL"
    tolerance: ClassVar[Tolerance] = Tolerance.SOLVED
    axes: ClassVar[dict[str, int]] = {"amplitude": 0, "phase": 0, "rho": 0}

    nu: float = 0.5
    gamma: float = 0.0
    n_components: int = 100
    max_samples: int = 5_000

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """Every parameter is within its limits."""
        Drawn.validate(parameters)
        check_whole(parameters, "n_components", 1, 400)
        for name, least, most in (("nu", 0.0, 1.0), ("gamma", -1e-300, 1e6)):
            value = parameters.get(name, 0.5)
            if not isinstance(value, int | float) or isinstance(value, bool) or not least < value <= most:
                raise ValueError("nu is above 0 and at most 1, gamma from 0 to 1,000,000; a gamma of 0 is 1 / features")

    def layout(self, features: Sequence[Feature]) -> Layout:
        """The waves' amplitudes and phases, and the offset."""
        count = self.n_components
        parts = (("amplitude", count), ("phase", count), ("rho", 1))
        return {name: place for array, size in parts for name, place in vector(features, array, size).items()}

    def smaller(self) -> str:
        """Fewer waves."""
        return " or n_components"

    def stretch(self, features: int) -> float:
        """sqrt(2 gamma), so that the kernel is that of 1/2."""
        return math.sqrt(2.0 * (self.gamma or 1.0 / max(features, 1)))

    def fit_sample(self, rows: Matrix, n: int) -> WideFit:
        """Around the median where the scaling has no centre."""
        if self.scaling != "none":
            return Drawn.fit_sample(self, rows, n)
        import numpy as np

        # A value of the sample, so that a feature that does not vary stays what it is.
        median = np.sort(rows, axis=0)[(len(rows) - 1) // 2]
        found = Drawn.fit_sample(self, rows - median, n)
        return replace(found, centre=found.centre + median)

    def learn_rows(self, rows: Matrix, varying: Flags) -> Numbers:
        """a cos(t) + b sin(t) as one cosine with a phase."""
        import numpy as np

        from sqlnomaly.udfs.fourier import frequencies, one_class, waves

        directions = frequencies(len(varying), self.n_components, self.random_state)
        plane, rho = one_class(waves(rows, directions[:, varying]), self.nu)
        even, odd = plane[: self.n_components], plane[self.n_components :]
        amplitude = np.hypot(even, odd) / math.sqrt(self.n_components)
        return {"amplitude": amplitude, "phase": np.arctan2(-odd, even), "rho": np.array([rho])}

    def judge(self, rows: Relation) -> Relation:
        """The angle of each wave."""
        from sqlnomaly.udfs.fourier import frequencies

        features = rows.features
        first = features[0]
        angles: dict[str, Expr] = {}
        for number, direction in enumerate(frequencies(len(features), self.n_components, self.random_state)):
            parts = [ops.mul(ops.number(float(u)), f.get("z")) for u, f in zip(direction, features, strict=True)]
            angles[first.stat(f"angle_{number}")] = ops.total([*parts, first.get(f"phase_{number}")])
        return rows.extend("angles", angles)

    def value(self, features: Sequence[Feature]) -> Expr:
        """rho less the waves; far away rho."""
        first = features[0]
        waves = [
            ops.mul(first.get(f"amplitude_{number}"), ops.func("COS", first.get(f"angle_{number}")))
            for number in range(self.n_components)
        ]
        return _near(features, ops.sub(first.get("rho_0"), ops.total(waves)), first.get("rho_0"))

    def shares(self, features: Sequence[Feature]) -> Sequence[Expr]:
        """The waves without the feature less the waves."""
        from sqlnomaly.udfs.fourier import frequencies

        first = features[0]
        directions = frequencies(len(features), self.n_components, self.random_state)
        found = []
        for j, feature in enumerate(features):
            parts = []
            for number in range(self.n_components):
                angle = first.get(f"angle_{number}")
                without = ops.sub(angle, ops.mul(ops.number(float(directions[number, j])), feature.get("z")))
                fall = ops.sub(ops.func("COS", without), ops.func("COS", angle))
                parts.append(ops.mul(first.get(f"amplitude_{number}"), fall))
            found.append(_near(features, ops.total(parts), ops.number(0.0)))
        return found


def _near(features: Sequence[Feature], near: Expr, far: Expr) -> Expr:
    """The first value where no feature is far away, else the second."""
    inside = ops.and_(*(ops.le(ops.abs_(f.get("z")), ops.number(FAR)) for f in features))
    return ops.case((inside, near), default=far)

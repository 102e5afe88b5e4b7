"""Fitted ellipses and mixtures: distances in the measure of a covariance, and log-likelihoods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.udfs.fitted_detector import Carried, grouped
from sqlnomaly.udfs.fitted_front import less, square, times, weighted

if TYPE_CHECKING:
    from sqlnomaly.udfs.fitted_detector import Array, Numbers

VANISHED = -690.0
"""exp of less is taken as exp of this: PostgreSQL raises an error where a result vanishes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedEllipse(Carried):
    """factor * (x - centre)' P (x - centre) + constant: EllipticEnvelope, MCD, scikit-learn's PCA.

    The squared distance of Rousseeuw's minimum covariance determinant (1984), doi:10.1080/01621459.1984.10477105, and
    the negative log-likelihood of probabilistic PCA: Tipping and Bishop (1999), doi:10.1111/1467-9868.00196.
    """

    name: ClassVar[str] = "fitted.ellipse"
    arrays: ClassVar[tuple[str, ...]] = ("centre", "precision", "form")

    def score_rows(self, numbers: Numbers, rows: Array) -> Array:
        """factor * squared distance + constant."""
        steps = rows - numbers["centre"]
        factor, constant = numbers["form"]
        found: Array = factor * ((steps @ numbers["precision"]) * steps).sum(axis=1) + constant
        return found

    def parts(self, numbers: Numbers, values: Sequence[Expr]) -> list[Expr]:
        """The products of two features."""
        factor, constant = numbers["form"].tolist()
        steps = [less(x, c) for x, c in zip(values, numbers["centre"].tolist(), strict=True)]
        precision = factor * numbers["precision"]
        terms: list[Expr] = [ops.number(constant)] if constant else []
        for i in range(len(steps)):
            own = [
                (steps[j], float(precision[i, i] if i == j else precision[i, j] + precision[j, i]))
                for j in range(i, len(steps))
            ]
            terms.append(ops.mul(steps[i], weighted([x for x, _ in own], [w for _, w in own])))
        return grouped(terms)


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedMixture(Carried):
    """-ln of a mixture's density: scikit-learn's GaussianMixture, PyOD's GMM.

    -ln sum_k exp(offset_k - |F_k (x - centre_k)|^2 / 2), the largest exponent taken out: Dempster, Laird and Rubin
    (1977), doi:10.1111/j.2517-6161.1977.tb01600.x.
    """

    name: ClassVar[str] = "fitted.mixture"
    arrays: ClassVar[tuple[str, ...]] = ("centres", "factors", "offsets")

    def score_rows(self, numbers: Numbers, rows: Array) -> Array:
        """-ln of the density."""
        import numpy as np

        width = rows.shape[1]
        logs = np.empty((len(rows), len(numbers["centres"])))
        for k, centre in enumerate(numbers["centres"]):
            factor = numbers["factors"][k * width : (k + 1) * width]
            logs[:, k] = numbers["offsets"][k] - 0.5 * np.square((rows - centre) @ factor.T).sum(axis=1)
        most = logs.max(axis=1)
        found: Array = -(most + np.log(np.exp(logs - most[:, np.newaxis]).sum(axis=1)))
        return found

    def parts(self, numbers: Numbers, values: Sequence[Expr]) -> list[Expr]:
        """The logarithm of each component's share."""
        width = len(values)
        found = []
        for k, centre in enumerate(numbers["centres"].tolist()):
            steps = [less(x, c) for x, c in zip(values, centre, strict=True)]
            rows = numbers["factors"][k * width : (k + 1) * width].tolist()
            squares = ops.total([square(weighted(steps, row)) for row in rows])
            found.append(ops.add(ops.number(float(numbers["offsets"][k])), times(squares, -0.5)))
        return found

    def check_length(self, lengths: Sequence[int]) -> None:
        """Each component stands in the score once for every other."""
        Carried.check_length(self, lengths)
        Carried.check_length(self, [sum(lengths) * len(lengths) // 8])

    def whole(self, numbers: Numbers, parts: Sequence[Expr]) -> Expr:
        """The logarithm of the sum."""
        if len(parts) == 1:
            return ops.neg(parts[0])
        most = ops.greatest(*parts)
        shares = [exponential(ops.sub(part, most)) for part in parts]
        return ops.neg(ops.add(most, ops.ln_positive(ops.total(shares))))


def exponential(value: Expr) -> Expr:
    """exp of a value that is at most 0."""
    return ops.func("EXP", ops.greatest(value, ops.number(VANISHED)))

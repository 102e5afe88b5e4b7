"""Fitted one-class machines: a weighted sum of kernels at support vectors, or of cosines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.udfs.fitted_detector import Carried, grouped
from sqlnomaly.udfs.fitted_front import less, square, times, weighted
from sqlnomaly.udfs.fitted_gaussian import exponential

if TYPE_CHECKING:
    from sqlnomaly.udfs.fitted_detector import Array, Numbers

KERNELS = ("linear", "rbf", "poly", "sigmoid", "cosine")
LARGEST_POWER = 690.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedKernel(Carried):
    """constant + sum_i weight_i K(vector_i, x): OneClassSVM, SGDOneClassSVM, OCSVM.

    Scholkopf et al., Estimating the Support of a High-Dimensional Distribution (2001), doi:10.1162/089976601750264965.
    linear: v'x. rbf: exp(-gamma |v - x|^2). poly: (gamma v'x + coef0)^degree. sigmoid: tanh(gamma v'x + coef0). cosine:
    cos(v'x + phase), the random features of Rahimi and Recht (2007), whose phases are the last column of the vectors.

    Attributes:
        kernel: which.
    """

    name: ClassVar[str] = "fitted.kernel"
    arrays: ClassVar[tuple[str, ...]] = ("vectors", "weights", "form")

    kernel: str = "rbf"

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """kernel is a known one."""
        Carried.validate(parameters)
        if parameters.get("kernel", "rbf") not in KERNELS:
            raise ValueError(f"kernel is one of {', '.join(KERNELS)}")

    def score_rows(self, numbers: Numbers, rows: Array) -> Array:
        """The weighted sum."""
        constant, gamma, *_ = numbers["form"].tolist()
        found: Array
        if self.kernel == "rbf":
            from sqlnomaly.udfs.fitted_machine import gaussian_sum

            found = gaussian_sum(rows, numbers["vectors"], numbers["weights"], gamma)
        else:
            found = self._kernel(numbers, rows) @ numbers["weights"]
        found += constant
        return found

    def _kernel(self, numbers: Numbers, rows: Array) -> Array:
        import numpy as np

        vectors = numbers["vectors"]
        _, gamma, coef0, degree = numbers["form"]
        if self.kernel == "cosine":
            waves: Array = np.cos(rows @ vectors[:, :-1].T + vectors[:, -1])
            return waves
        products: Array = rows @ vectors.T
        if self.kernel == "linear":
            return products
        inner = gamma * products + coef0
        found: Array = inner**degree if self.kernel == "poly" else np.tanh(inner)
        return found

    def parts(self, numbers: Numbers, values: Sequence[Expr]) -> list[Expr]:
        """Sums over a few vectors each."""
        form = numbers["form"].tolist()
        pairs = zip(numbers["vectors"].tolist(), numbers["weights"].tolist(), strict=True)
        terms = [times(self._term(vector, values, form), weight) for vector, weight in pairs]
        return grouped([ops.number(form[0]), *terms] if form[0] else terms)

    def _term(self, vector: Sequence[float], values: Sequence[Expr], form: Sequence[float]) -> Expr:
        _, gamma, coef0, degree = form
        if self.kernel == "rbf":
            squares = ops.total([square(less(x, v)) for x, v in zip(values, vector, strict=True)])
            return exponential(times(squares, -gamma))
        if self.kernel == "cosine":
            return ops.func("COS", ops.add(weighted(values, vector[:-1]), ops.number(vector[-1])))
        product = weighted(values, vector)
        if self.kernel == "linear":
            return product
        inner = ops.add(times(product, gamma), ops.number(coef0)) if coef0 else times(product, gamma)
        if self.kernel == "poly":
            return ops.func("POWER", inner, ops.number(degree))
        doubled = ops.greatest(ops.least(times(inner, 2.0), ops.number(LARGEST_POWER)), ops.number(-LARGEST_POWER))
        share = ops.div(ops.number(2.0), ops.add(ops.func("EXP", doubled), ops.number(1.0)))
        return ops.sub(ops.number(1.0), share)

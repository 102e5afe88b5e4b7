"""pca: how far a row lies along the principal components, each measured by its own spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.client import ClientFit, Learned
from sqlnomaly.pushdown.contract import ThresholdRule
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation
from sqlnomaly.udfs.ellipse import Ellipse, ellipse
from sqlnomaly.udfs.mahalanobis import COLLINEAR, Mahalanobis
from sqlnomaly.udfs.sampled import check_whole, check_word
from sqlnomaly.udfs.wide import Layout, WideFit, matrix, nothing, square, squares, vector
from sqlnomaly.udfs.zscore import TINY

if TYPE_CHECKING:
    import pyarrow as pa

    from sqlnomaly.udfs.sampled import Matrix, Numbers, Vector

FORMS = ("projection", "pyod", "reconstruction")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pca(Ellipse):
    """Squared distance from the mean along principal components, in units of each component's variance.

    score = sum_i (v_i . z)^2 / l_i over the chosen components: z the features in standard deviations from their means
    (``standardization => FALSE``: their distances from the means), v_i and l_i directions and variances of the
    components. Shyu, Chen, Sarinnapakorn and Chang, A Novel Anomaly Detection Scheme Based on Principal Component
    Classifier (2003). Over all components it is mahalanobis; the smallest few find rows that break the correlations,
    the largest few (``n_components``) extremes that keep them. ``weighted => FALSE`` leaves l_i out: over the smallest
    components that is the error of a reconstruction by the others. ``form => 'pyod'`` gives PyOD's number instead,
    sum_i |z - v_i| / r_i with r_i the component's share of the variance, which takes a direction for a place in the
    space of the rows: it depends on the sign of v_i (as in scikit-learn, the largest entry is positive) and is close to
    a multiple of |z|. ``form => 'reconstruction'`` gives the mean squared error over the features of a row put
    together again from the components that are kept, what BigQuery calls ``mean_squared_error``; z is in standard
    deviations over n - 1 there. A feature contributes z_j times what the components pull it by (for PyOD's form its
    part of each distance): the contributions add up to the score.

    Fit: n, means, variances and covariances in SQL, of what lies above the smallest value, over the rows that have
    every feature: two scans. The client decomposes one matrix a partition; no row leaves the engine. Score: in SQL, on
    every engine. The statement grows with the square of the number of features (42 are the most, 50 with at most 20
    ``n_selected_components``), or with their number times ``n_selected_components``.

    Edge cases: components with at most 1e-8 of the largest variance are left out, where PyOD divides by 0; a
    reconstruction misses what lies along them. Where the
    choice falls between components of equal variance, which of them are taken is arbitrary; a score over all of equal
    ones does not depend on it, but for PyOD's form. A constant feature counts for nothing; if none varies, a row equal
    to the baseline scores 0, any other NULL. A row that misses a feature has no score, and is not fitted. Fewer rows
    than ``min_rows`` (default: two more than features) give NULL.

    Default threshold: the 0.99 quantile of the fitted rows' scores in the partition (contamination 0.01).

    Attributes:
        n_components: the largest components that are kept; 0 for all.
        n_selected_components: of these the smallest that are scored; 0 for all.
        weighted: whether a component is measured by its variance.
        standardization: whether features are taken in standard deviations.
        form: ``'projection'``, ``'pyod'`` or ``'reconstruction'``.
        explained_variance: of these the largest few that explain this share of the whole variance; 0 for all.

    Example:
        >>> import sqlnomaly
        >>> rows = "(VALUES (1, 1), (2, 2), (3, 3), (4, 5), (5, 4), (1, 5)) AS t(x, y)"
        >>> query = f"SELECT x, y, ROUND(anomaly_score(x, y, detector => 'pca'), 4) AS score FROM {rows}"
        >>> sqlnomaly.connect().sql(f"{query} ORDER BY score DESC LIMIT 2").fetchall()
        [(1, 5, 3.6232), (1, 1, 2.2502)]
    """

    name: ClassVar[str] = "pca"
    finds: ClassVar[str] = "rows that lie far along directions in which the others hardly differ"
    choose: ClassVar[str] = "many features carry a few quantities, and rows must not leave the engine"
    default: ClassVar[ThresholdRule] = ThresholdRule(contamination=0.01)
    rows: ClassVar[int] = 3
    most: ClassVar[int | None] = 50
    summarized: ClassVar[bool] = True
    axes: ClassVar[dict[str, int]] = {"whiten": 1, "shift": 0, "location": 1, "directions": 1, "weights": 0}

    n_components: int = 0
    n_selected_components: int = 0
    weighted: bool = True
    standardization: bool = True
    form: str = "projection"
    explained_variance: float = 0.0

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """Every parameter is within its limits."""
        check_whole(parameters, "n_components", 0, 50)
        check_whole(parameters, "n_selected_components", 0, 50)
        check_word(parameters, "form", FORMS)
        kept, chosen = parameters.get("n_components", 0), parameters.get("n_selected_components", 0)
        if isinstance(kept, int) and isinstance(chosen, int) and 0 < kept < chosen:
            raise ValueError("n_selected_components is n_components at most")
        share = parameters.get("explained_variance", 0.0)
        if not isinstance(share, int | float) or isinstance(share, bool) or not 0.0 <= share <= 1.0:
            raise ValueError("explained_variance lies between 0 and 1")
        if parameters.get("form") == "reconstruction" and (chosen or not parameters.get("weighted", True)):
            raise ValueError("a reconstruction takes no n_selected_components and no weights")

    @classmethod
    def default_rows(cls, features: int) -> int:
        """Two more rows than features."""
        return features + 2

    def count(self, features: int) -> int:
        """The components that are scored, at most."""
        if self.form == "reconstruction":
            return max(features - self.n_components, 1)
        chosen = self.n_selected_components or self.n_components or features
        return min(chosen, features)

    def smaller(self) -> str:
        """Fewer components."""
        return " or n_selected_components"

    def summary(self, data: Relation) -> Relation:
        """Moments around the smallest values."""
        return Mahalanobis().state(data)

    def pool(self, states: Relation) -> Relation:
        """Those of all parts."""
        return Mahalanobis().pool(states)

    def weighed(self, states: Relation, weight: Expr) -> Mapping[str, Expr]:
        """As mahalanobis."""
        return Mahalanobis().weighed(states, weight)

    def layout(self, features: Sequence[Feature]) -> Layout:
        """A triangle; for PyOD's form the directions and their weights."""
        if self.form != "pyod":
            return Ellipse.layout(self, features)
        count = self.count(len(features))
        return {**matrix(features, "directions", count), **vector(features, "weights", count)}

    def judge(self, rows: Relation) -> Relation:
        """The projections; for PyOD's form the squared distances from the directions."""
        if self.form != "pyod":
            return Ellipse.judge(self, rows)
        features = rows.features
        away = {
            features[0].stat(f"y_{i}"): squares([_step(f, i) for f in features])
            for i in range(self.count(len(features)))
        }
        return rows.extend("distances", away)

    def value(self, features: Sequence[Feature]) -> Expr:
        """The sum over the components."""
        if self.form != "pyod":
            return Ellipse.value(self, features)
        first = features[0]
        return ops.total(
            [
                ops.mul(first.get(f"weights_{i}"), ops.sqrt(first.get(f"y_{i}")))
                for i in range(self.count(len(features)))
            ]
        )

    def shares(self, features: Sequence[Feature]) -> Sequence[Expr]:
        """Each feature's part of the sum."""
        if self.form != "pyod":
            return Ellipse.shares(self, features)
        first = features[0]
        found = []
        for feature in features:
            parts = []
            for i in range(self.count(len(features))):
                part = ops.div(square(_step(feature, i)), ops.sqrt(first.get(f"y_{i}")))
                parts.append(ops.mul(first.get(f"weights_{i}"), ops.coalesce(part, ops.number(0.0))))
            found.append(ops.total(parts))
        return found

    def expected(self, features: Sequence[Feature]) -> Sequence[Expr] | None:  # type: ignore[override]
        """The value at which the others leave the score smallest; nothing for PyOD's form."""
        return Ellipse.expected(self, features) if self.form != "pyod" else None

    def learn(self, rows: pa.Table, fit: ClientFit) -> Learned:
        """One decomposition for each partition of the summary."""
        fits = [self._fitted(row, fit) for row in rows.to_pylist()]
        return self.learned(rows, fit, fits)

    def _fitted(self, row: Mapping[str, Any], fit: ClientFit) -> WideFit:
        """The fit from the moments of one partition."""
        import numpy as np

        size = len(fit.stems)
        n = int(row[f"{fit.stems[0]}__n"] or 0)
        if not n:
            return nothing(size)
        low, mean, variance, high = (
            np.array([float(row[f"{stem}__{stat}"]) for stem in fit.stems])
            for stat in ("low", "mean", "variance", "high")
        )
        covariance = np.diag(variance)
        for i, stem in enumerate(fit.stems):
            for j in range(i):
                covariance[i, j] = covariance[j, i] = float(row[f"{stem}__with_{j}"])
        varying = (low < high) & (variance > TINY**2)
        raw = np.sqrt(np.where(varying, variance, 1.0))
        unit = raw if self.standardization else np.ones(size)
        # Values are taken from the smallest one, as the mean itself, rounded to a double, may be too coarse.
        location = mean[varying] / unit[varying]
        inner = (covariance / np.outer(unit, unit))[np.ix_(varying, varying)]
        arrays = self._arrays(inner * (n / max(n - 1, 1)), location, n, size) if varying.any() else {}
        scale = np.where(varying, high - low, 0.0)
        return WideFit(n, scale, low, np.where(varying, unit, 0.0), self.spread(arrays, varying))

    def _arrays(self, covariance: Matrix, location: Vector, n: int, features: int) -> Numbers:
        """What is kept of a covariance over n - 1."""
        import numpy as np

        size, directions = np.linalg.eigh(covariance)
        size, directions = size[::-1], directions[:, ::-1].T
        most = self.n_components or len(size)
        if self.explained_variance:
            explained = np.cumsum(size) / size.sum() >= self.explained_variance - COLLINEAR
            most = min(most, int(explained.argmax()) + 1)
        if self.form == "reconstruction":
            # A standard deviation over n - 1 is longer than the unit by this.
            longer = np.sqrt(n / max(n - 1, 1)) if self.standardization else 1.0
            return ellipse(directions[most:] / (longer * np.sqrt(features)), location)
        share = size / size.sum()
        kept = size > COLLINEAR * size[0]
        kept[most:] = False
        places = np.flatnonzero(kept)
        if self.n_selected_components:
            places = places[-self.n_selected_components :]
        chosen = directions[places]
        if self.form != "pyod":
            return ellipse(chosen / np.sqrt(size[places])[:, np.newaxis] if self.weighted else chosen, location)
        # scikit-learn's signs: the largest entry of a direction is positive.
        signs = np.sign(chosen[np.arange(len(chosen)), np.abs(chosen).argmax(axis=1)])
        chosen = chosen * signs[:, np.newaxis] + location
        return {"directions": chosen, "weights": 1.0 / share[places] if self.weighted else np.ones(len(places))}


def _step(feature: Feature, number: int) -> Expr:
    """How far a row is from a direction along a feature."""
    return ops.sub(feature.get("z"), feature.get(f"directions_{number}"))

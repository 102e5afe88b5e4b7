"""gmm: how unlikely a row is under a mixture of normal distributions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Piece, Stored, Tolerance
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation
from sqlnomaly.udfs.sampled import check_whole, check_word
from sqlnomaly.udfs.wide import Drawn, Layout, Wide, matrix, squares, triangle, vector

if TYPE_CHECKING:
    from sqlnomaly.udfs.sampled import Matrix, Numbers
    from sqlnomaly.udfs.wide import Flags

COVARIANCES = ("full", "diag")
NOBODY = -1e300
"""The level of a component that is not there."""
SMALLEST = -700.0
"""Below this the exponential is no double, and some engines raise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gmm(Drawn):
    """The negative logarithm of the density of a mixture of normal distributions.

    score = -ln sum_k w_k N(z; m_k, S_k), z the features in units of ``scaling``. The mixture is fitted by expectation
    and maximization (Dempster, Laird and Rubin, Maximum Likelihood from Incomplete Data via the EM Algorithm (1977),
    doi:10.1111/j.2517-6161.1977.tb01600.x) from the groups of the best of four runs of k-means with random numbers of
    its own, so that the same rows and ``random_state`` give the same mixture on every engine. scikit-learn's
    ``score_samples`` of the same mixture is -score; PyOD's GMM has one component by default, and neither scales. A
    feature contributes half of its distance from the mean of the likeliest component times its part of S^-1 (z - m):
    the contributions and the level of that component add up to the component's own score. The expected value of a
    feature is that mean.

    Fit: on the client, on a sample of ``max_samples`` rows, by a hash: each round is linear in rows and components and
    grows with the square of the features. Score: in SQL, on every engine; so does the statement.

    Edge cases: ``reg_covar`` is added to every variance, or 1e-10 of the variance where that is more, so that features
    that are sums of others and groups of equal rows keep a density, whatever the unit. Rows with fewer distinct values
    than ``n_components`` have fewer components. Far away the score grows with the square of the distance and stays
    finite. A feature that does not vary in the sample counts for nothing; if none varies, a row equal to the sample
    scores 0, any other NULL. A row that misses a feature has no score, and is not fitted. Fewer rows than ``min_rows``
    (default: two more than features) give NULL. The sample, where there are more rows than ``max_samples``, and the
    start of several components depend on the order of the features: another order may change the scores as another
    ``random_state`` does.

    Default threshold: the 0.99 quantile of the fitted rows' scores in the partition (contamination 0.01).

    Attributes:
        n_components: normal distributions, 1 to 50.
        covariance_type: ``'full'``, or ``'diag'`` for features that are independent within a component.
        reg_covar: added to the variances, in squared units of ``scaling``, 1e-9 to 1.
        max_iter: rounds, 1 to 1,000.
        tol: ends them, once the mean logarithm of the density grows by less.
        scaling: ``'standard'``, ``'robust'`` or ``'none'``: the unit of each feature.
        max_samples: rows that it is fitted on, 2 to 100,000.
        random_state: the seed of the sample and of the start, 0 to 2^31 - 1.

    Example:
        >>> import sqlnomaly
        >>> rows = "(VALUES (1), (2), (3), (4), (100)) AS t(x)"
        >>> options = "n_components => 1, scaling => 'none', reg_covar => 1e-9"
        >>> call = f"ROUND(anomaly_score(x, detector => 'gmm', {options}), 2)"
        >>> sqlnomaly.connect().sql(f"SELECT x, {call} FROM {rows} ORDER BY x DESC LIMIT 2").fetchall()
        [(100, 6.58), (4, 4.69)]
    """

    name: ClassVar[str] = "gmm"
    finds: ClassVar[str] = "rows that are unlikely in every group"
    choose: ClassVar[str] = "rows come in groups of different shapes, or features are correlated"
    tolerance: ClassVar[Tolerance] = Tolerance.SOLVED
    axes: ClassVar[dict[str, int]] = {"whiten": 2, "means": 1, "level": 0}

    n_components: int = 1
    covariance_type: str = "full"
    reg_covar: float = 1e-6
    max_iter: int = 100
    tol: float = 1e-3

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """Every parameter is within its limits."""
        Drawn.validate(parameters)
        check_whole(parameters, "n_components", 1, 50)
        check_whole(parameters, "max_iter", 1, 1000)
        check_word(parameters, "covariance_type", COVARIANCES)
        for name in ("reg_covar", "tol"):
            value = parameters.get(name, 0.5)
            if not isinstance(value, int | float) or isinstance(value, bool) or not 1e-9 <= value <= 1.0:
                raise ValueError(f"{name} lies between 1e-9 and 1")

    @classmethod
    def default_rows(cls, features: int) -> int:
        """Two more rows than features."""
        return features + 2

    @property
    def diagonal(self) -> bool:
        """Whether features are independent within a component."""
        return self.covariance_type == "diag"

    def layout(self, features: Sequence[Feature]) -> Layout:
        """Each component's triangle or diagonal, mean and level."""
        count = self.n_components
        found = {**vector(features, "level", count), **matrix(features, "means", count)}
        for k in range(count):
            entries = triangle(features, "whiten", len(features), of=k)
            if self.diagonal:
                entries = {name: (array, place) for name, (array, place) in entries.items() if place[1] == place[2]}
            found = {**found, **entries}
        return found

    def smaller(self) -> str:
        """Fewer components, or independent features."""
        return "" if self.n_components == 1 and self.diagonal else " or n_components, covariance_type => 'diag'"

    def learn_rows(self, rows: Matrix, varying: Flags) -> Numbers:
        """Triangles, means and levels; in the places that are left the first component at no level."""
        import numpy as np

        from sqlnomaly.udfs.mixture import mixture

        found = mixture(
            rows,
            self.n_components,
            diagonal=self.diagonal,
            reg_covar=float(self.reg_covar),
            max_iter=self.max_iter,
            tol=float(self.tol),
            random_state=self.random_state,
        )
        spare = self.n_components - len(found.level)
        return {
            "whiten": np.concatenate([found.whiten, np.repeat(found.whiten[:1], spare, axis=0)]),
            "means": np.concatenate([found.means, np.repeat(found.means[:1], spare, axis=0)]),
            "level": np.concatenate([found.level, np.full(spare, NOBODY)]),
        }

    def judge(self, rows: Relation) -> Relation:
        """The logarithm of weight and density of each component, and the largest."""
        features, components = rows.features, range(self.n_components)
        first = features[0]
        levels: dict[str, Expr] = {}
        for k in components:
            distance = squares([f.get(f"y_{k}") for f in features])
            levels[first.stat(f"log_{k}")] = ops.sub(first.get(f"level_{k}"), ops.mul(ops.number(0.5), distance))
        first_log, *others = (ops.column(name) for name in levels)
        # A logarithm is NULL only where all are: a row misses a feature, or its partition has no model.
        top = ops.case((ops.not_null(first_log), ops.greatest(first_log, *others))) if others else first_log
        return self._whitened(rows).extend("levels", levels).extend("likeliest", {first.stat("top"): top})

    def _whitened(self, rows: Relation) -> Relation:
        """The rows with their steps from each mean, and these in the measure of the component."""
        features, components = rows.features, range(self.n_components)
        away = {f.stat(f"away_{k}"): ops.sub(f.get("z"), f.get(f"means_{k}")) for k in components for f in features}
        whitened: dict[str, Expr] = {}
        for k in components:
            for i, feature in enumerate(features):
                reached = [feature] if self.diagonal else features[i:]
                parts = [ops.mul(f.get(f"whiten_{k}_{i}"), f.get(f"away_{k}")) for f in reached]
                whitened[feature.stat(f"y_{k}")] = ops.total(parts)
        return rows.extend("offsets", away).extend("whitened", whitened)

    def pieces(self, model: Stored, features: Sequence[Feature], size: int) -> Mapping[str, Piece]:
        """The logarithm of weight and density of each component, where there are several."""
        from sqlnomaly.udfs.wide_pieces import squares_piece

        found: dict[str, Piece] = {}
        for row in model["model"] if self.n_components > 1 else ():
            for k in range(self.n_components):
                measure = []
                for i in range(len(features)):
                    reached = [i] if self.diagonal else range(i, len(features))
                    measure.append({j: float(row[features[j].stat(f"whiten_{k}_{i}")]) for j in reached})
                means = [float(row[f.stat(f"means_{k}")]) for f in features]
                shift = [sum(w * means[j] for j, w in entries.items()) for entries in measure]
                level = float(row[features[0].stat(f"level_{k}")])
                found[f"component_{k + 1}"] = squares_piece(row, features, measure, shift, level=level, factor=-0.5)
        return found

    def frozen(self, data: Relation, model: Stored, pieces: Mapping[str, Piece]) -> Relation:
        """The same from the logarithms that ``pieces`` give; of one component it is written out."""
        if not pieces:
            return Wide.frozen(self, data, model, pieces)
        logs = {data.features[0].stat(f"log_{k}"): ops.column(name) for k, name in enumerate(pieces)}
        top = {data.features[0].stat("top"): ops.greatest(*(ops.column(name) for name in pieces))}
        return self._whitened(self.written(data, model)).extend("levels", logs).extend("likeliest", top)

    def value(self, features: Sequence[Feature]) -> Expr:
        """The logarithm of the sum, around the largest."""
        first = features[0]
        top = first.get("top")
        if self.n_components == 1:
            return ops.neg(top)
        parts = []
        for k in range(self.n_components):
            below = ops.sub(first.get(f"log_{k}"), top)
            held = ops.gt(below, ops.number(SMALLEST))
            parts.append(ops.case((held, ops.func("EXP", below)), default=ops.number(0.0)))
        return ops.neg(ops.add(top, ops.ln_positive(ops.total(parts))))

    def shares(self, features: Sequence[Feature]) -> Sequence[Expr]:
        """Half of the distance from the likeliest component's mean times its part of S^-1 (z - m)."""
        found = []
        for j, feature in enumerate(features):
            parts = []
            for k in range(self.n_components):
                reached = [j] if self.diagonal else range(j + 1)
                pull = ops.total([ops.mul(feature.get(f"whiten_{k}_{i}"), features[i].get(f"y_{k}")) for i in reached])
                parts.append(ops.mul(ops.number(0.5), ops.mul(feature.get(f"away_{k}"), pull)))
            found.append(self._likeliest(features, parts))
        return found

    def expected(self, features: Sequence[Feature]) -> Sequence[Expr]:
        """The mean of the likeliest component."""
        found = []
        for feature in features:
            mean = self._likeliest(features, [feature.get(f"means_{k}") for k in range(self.n_components)])
            found.append(ops.add(feature.get("centre"), ops.mul(feature.get("unit"), mean)))
        return found

    def _likeliest(self, features: Sequence[Feature], values: Sequence[Expr]) -> Expr:
        """What belongs to the component of the largest density at the row; the first of equal ones."""
        if self.n_components == 1:
            return values[0]
        first = features[0]
        likeliest = [ops.eq(first.get(f"log_{k}"), first.get("top")) for k in range(self.n_components)]
        return ops.case(*zip(likeliest, values, strict=True))

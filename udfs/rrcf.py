"""rrcf: how many rows a row displaces when it is put into trees of random cuts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.pushdown.contract import Shape
from sqlnomaly.udfs.sampled import Sampled, check_whole

if TYPE_CHECKING:
    from sqlnomaly.udfs.sampled import Matrix, Numbers, Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class RobustRandomCutForest(Sampled):
    """The collusive displacement of a row, as a mean over robust random cut trees: about 1 to max_samples.

    Guha et al., Robust Random Cut Forest Based Anomaly Detection on Streams (2016),
    https://proceedings.mlr.press/v48/guha16.html. A tree cuts a feature with a chance in proportion to its range, until
    all rows are apart. Of the subtrees around a row, each displaces the rows on its other side: the largest share of
    displaced rows to displacing ones is the row's displacement. A row of the tree's sample has its place; for any
    other the score is the expectation over where it would be cut off, in closed form, so that it takes no random number
    and leaves the tree as it is.

    Fit: on the client, on a sample of the rows by a hash. Score: linear in the rows, trees x depth x features.

    Edge cases: copies are one leaf. A row that misses a feature has no score, and is not fitted. Another order of the
    features draws other rows and numbers, as another ``random_state`` does.

    Default threshold: the 0.99 quantile of the fitted rows' scores in the partition (contamination 0.01).

    Attributes:
        n_estimators: trees, 1 to 1,000.
        max_samples: rows of a tree, 2 to 4,096.
        scaling: ``'standard'``, ``'robust'`` or ``'none'``: the unit of each feature; ranges decide where is cut.
        random_state: the seed of the sample and of the trees, 0 to 2^31 - 1.

    Example:
        >>> import sqlnomaly
        >>> rows = "(SELECT CASE i WHEN 7 THEN 300 ELSE i % 10 END AS x, i FROM range(200) AS t(i))"
        >>> call = "anomaly_score(x, detector => 'rrcf')"
        >>> query = f"SELECT x, ROUND({call}) AS score FROM {rows} ORDER BY score DESC, x LIMIT 1"
        >>> sqlnomaly.connect().sql(query).fetchall()
        [(300, 197.0)]
    """

    name: ClassVar[str] = "rrcf"
    finds: ClassVar[str] = "rows that change random trees much when they join"
    choose: ClassVar[str] = "many features are noise, and an anomaly is far out in few"
    shape: ClassVar[Shape] = Shape.ENSEMBLE
    arrays: ClassVar[tuple[str, ...]] = ("feature", "cut", "right", "mass", "least", "largest", "roots")

    n_estimators: int = 100
    max_samples: int = 256

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """Each parameter lies within its limits."""
        Sampled.validate(parameters)
        check_whole(parameters, "n_estimators", 1, 1000)
        check_whole(parameters, "max_samples", 2, 4096)

    @property
    def sample(self) -> tuple[int, int]:
        """Enough rows for every tree to have its own."""
        return self.n_estimators * self.max_samples, self.random_state

    def learn_rows(self, rows: Matrix) -> Numbers:
        """The trees."""
        import numpy as np

        from sqlnomaly.udfs.tree_kernels import grow_boxes

        psi = min(self.max_samples, len(rows))
        trees = grow_boxes(np.ascontiguousarray(rows), self.n_estimators, psi, np.uint64(self.random_state))
        return {name: array.astype(np.float64) for name, array in zip(self.arrays, trees, strict=True)}

    def score_rows(self, numbers: Numbers, rows: Matrix) -> Vector:
        """The mean of the expected displacements."""
        import numpy as np

        from sqlnomaly.udfs.tree_kernels import displacement

        right, roots = (numbers[name].astype(np.int64) for name in ("right", "roots"))
        found: Vector = displacement(
            np.ascontiguousarray(rows), numbers["feature"], numbers["cut"], right, numbers["mass"], numbers["least"],
            numbers["largest"], roots,
        )  # fmt: skip
        return found

"""feature_bagging: the local outlier factor in random subsets of the features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.udfs.neighbors import Neighbors, search
from sqlnomaly.udfs.sampled import check_whole, check_word

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sqlnomaly.udfs.sampled import Matrix, Numbers, Vector

COMBINATIONS = ("mean", "max")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureBagging(Neighbors):
    """The mean, or the largest, local outlier factor over random subsets of the features: 1 is ordinary.

    Lazarevic and Kumar, Feature Bagging for Outlier Detection (2005), doi:10.1145/1081870.1081891: each member takes a
    random number of features between half of them and all but one, without repetition, and is a ``lof`` with
    ``n_neighbors`` neighbors. One feature is its only subset.

    Fit: a sample of ``max_samples`` rows, by a hash. Score: linear in the rows, each is compared with the sample by
    every member. One row of the sample that coincides with the row in the member's features is left out: its own copy.

    Edge cases: as ``lof``. Another order of the features draws other rows and numbers, as another ``random_state``
    does.

    Default threshold: the 0.99 quantile of the fitted rows' scores in the partition (contamination 0.01).

    Attributes:
        n_estimators: members, 1 to 100.
        n_neighbors: how many neighbors, 1 to 1,000.
        combination: ``'mean'`` or ``'max'`` of the members.
        max_samples: rows that a row is compared with, 2 to 100,000.
        scaling: ``'standard'``, ``'robust'`` or ``'none'``: the unit of each feature.
        random_state: the seed of the sample and of the subsets, 0 to 2^31 - 1.

    Example:
        >>> import sqlnomaly
        >>> rows = "(VALUES (1, 1), (2, 1), (3, 2), (4, 3), (5, 90)) AS t(x, y)"
        >>> call = "anomaly_score(x, y, detector => 'feature_bagging', n_neighbors => 2)"
        >>> query = f"SELECT x, ROUND({call}) AS score FROM {rows} ORDER BY score DESC, x LIMIT 1"
        >>> sqlnomaly.connect().sql(query).fetchall()
        [(5, 24.0)]
    """

    name: ClassVar[str] = "feature_bagging"
    finds: ClassVar[str] = "rows that stand out locally in some of the features"
    choose: ClassVar[str] = "many features are noise, and an anomaly shows in few of them"
    arrays: ClassVar[tuple[str, ...]] = ("reference", "taken", "reach", "density")

    n_estimators: int = 10
    n_neighbors: int = 20
    combination: str = "mean"
    max_samples: int = 2_000

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """Each parameter lies within its limits."""
        Neighbors.validate(parameters)
        check_whole(parameters, "n_estimators", 1, 100)
        check_whole(parameters, "n_neighbors", 1, 1000)
        check_word(parameters, "combination", COMBINATIONS)

    def learn_rows(self, rows: Matrix) -> Numbers:
        """The rows, which features each member takes, and its reaches and densities."""
        import numpy as np

        from sqlnomaly.udfs.lof import LEAST

        taken = self._subsets(rows.shape[1])
        reaches, densities = [], []
        for subset in taken:
            part = rows[:, subset]
            distances, places = search(part, part, self.n_neighbors)
            reach = distances.max(axis=1)
            reaches.append(reach)
            densities.append(1.0 / (np.maximum(distances, reach[places]).mean(axis=1) + LEAST))
        return {
            "reference": rows,
            "taken": taken.astype(np.float64),
            "reach": np.array(reaches),
            "density": np.array(densities),
        }

    def score_rows(self, numbers: Numbers, rows: Matrix) -> Vector:
        """The members' factors, combined."""
        import numpy as np

        from sqlnomaly.udfs.lof import LEAST

        factors = []
        members = zip(numbers["taken"] > 0.5, numbers["reach"], numbers["density"], strict=True)
        for subset, reach, density in members:
            distances, places = search(rows[:, subset], numbers["reference"][:, subset], self.n_neighbors)
            own = np.maximum(distances, reach[places]).mean(axis=1) + LEAST
            factors.append(density[places].mean(axis=1) * own)
        found: Vector = np.mean(factors, axis=0) if self.combination == "mean" else np.max(factors, axis=0)
        return found

    def _subsets(self, features: int) -> NDArray[np.bool_]:
        """Which features each member takes, shape (members, features)."""
        import numpy as np

        from sqlnomaly.udfs.splitmix import below, chosen, stream

        least, most = max(1, features // 2), max(1, features - 1)
        found = np.zeros((self.n_estimators, features), np.bool_)
        for number in range(self.n_estimators):
            state = stream(np.uint64(self.random_state), number)
            found[number, chosen(state, least + below(state, most - least + 1), features)] = True
        return found

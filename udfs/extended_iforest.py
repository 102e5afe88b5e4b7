"""extended_iforest: how few random slanted cuts part a row from the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.pushdown.contract import Shape
from sqlnomaly.udfs.sampled import Sampled, check_whole

if TYPE_CHECKING:
    from sqlnomaly.udfs.sampled import Matrix, Numbers, Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendedIsolationForest(Sampled):
    """How few random hyperplanes part a row from the others, between 0 and 1: 0.5 is ordinary, 1 is alone.

    score = 2^(-mean path length / c(psi)): Hariri, Carrasco Kind and Brunner, Extended Isolation Forest (2019),
    doi:10.1109/TKDE.2019.2947676. Cuts have a random slope over ``extension_level + 1`` features and go through a
    random point of the node's range, so that no region beside a group looks ordinary only because it lies along an
    axis. With an ``extension_level`` of 0 cuts are those of iforest, in another order of chance.

    Fit: on the client, on a sample of the rows by a hash. Score: linear in the rows, trees x depth x features.

    Edge cases: a row that misses a feature has no score, and is not fitted. Features are taken in standard deviations,
    as slopes mix them. Another order of the features draws other rows and numbers, as another ``random_state`` does.

    Default threshold: the 0.99 quantile of the fitted rows' scores in the partition (contamination 0.01).

    Attributes:
        n_estimators: trees, 1 to 1,000.
        max_samples: rows of a tree, 2 to 4,096.
        extension_level: features of a cut beside the first; -1 for all.
        scaling: ``'standard'``, ``'robust'`` or ``'none'``: the unit of each feature.
        random_state: the seed of the sample and of the trees, 0 to 2^31 - 1.

    Example:
        >>> import sqlnomaly
        >>> rows = "(SELECT CASE i WHEN 7 THEN 300 ELSE i % 10 END AS x, i FROM range(200) AS t(i))"
        >>> call = "anomaly_score(x, detector => 'extended_iforest')"
        >>> query = f"SELECT x, ROUND({call}, 1) AS score FROM {rows} ORDER BY score DESC, x LIMIT 2"
        >>> sqlnomaly.connect().sql(query).fetchall()
        [(300, 0.9), (0, 0.5)]
    """

    name: ClassVar[str] = "extended_iforest"
    finds: ClassVar[str] = "rows that few random slanted cuts set apart"
    choose: ClassVar[str] = "features move together, so that cuts along one feature at a time miss what lies between"
    shape: ClassVar[Shape] = Shape.ENSEMBLE
    arrays: ClassVar[tuple[str, ...]] = ("slope", "offset", "right", "path", "roots", "psi")

    n_estimators: int = 100
    max_samples: int = 256
    extension_level: int = -1

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """Each parameter lies within its limits."""
        Sampled.validate(parameters)
        check_whole(parameters, "n_estimators", 1, 1000)
        check_whole(parameters, "max_samples", 2, 4096)
        check_whole(parameters, "extension_level", -1, 10_000)

    @property
    def sample(self) -> tuple[int, int]:
        """Enough rows for every tree to have its own."""
        return self.n_estimators * self.max_samples, self.random_state

    def learn_rows(self, rows: Matrix) -> Numbers:
        """The trees."""
        import numpy as np

        from sqlnomaly.udfs.tree_kernels import grow_slanted

        psi = min(self.max_samples, len(rows))
        most = rows.shape[1] - 1
        level = most if self.extension_level < 0 else min(self.extension_level, most)
        slope, offset, right, path, roots = grow_slanted(
            np.ascontiguousarray(rows), self.n_estimators, psi, np.uint64(self.random_state), level
        )
        numbers = {"slope": slope, "offset": offset, "right": right, "path": path, "roots": roots}
        return {**{name: array.astype(np.float64) for name, array in numbers.items()}, "psi": np.array([float(psi)])}

    def score_rows(self, numbers: Numbers, rows: Matrix) -> Vector:
        """2^(-mean path / c(psi))."""
        import numpy as np

        from sqlnomaly.udfs.tree_kernels import average_path, walk_slanted

        trees = [numbers[name] for name in ("slope", "offset")] + [
            numbers["right"].astype(np.int64), numbers["path"], numbers["roots"].astype(np.int64)
        ]  # fmt: skip
        found: Vector = np.exp2(-walk_slanted(np.ascontiguousarray(rows), *trees) / average_path(numbers["psi"][0]))
        return found

"""inne: how isolated the smallest sphere around a row is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.pushdown.contract import Shape
from sqlnomaly.udfs.sampled import Sampled, check_whole

if TYPE_CHECKING:
    from sqlnomaly.udfs.sampled import Matrix, Numbers, Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Inne(Sampled):
    """The isolation of the smallest hypersphere that holds a row, between 0 and 1, as a mean over sets of spheres.

    Bandaragoda et al., Isolation-Based Anomaly Detection Using Nearest-Neighbor Ensembles (2018),
    doi:10.1111/coin.12156. Each set has ``max_samples`` rows, and a sphere around each of them as far as its nearest
    neighbor in the set. A sphere's isolation is one less the radius of that neighbor's sphere over its own; a row
    outside of all spheres has 1. PyOD's parameters, on features in standard deviations unless ``scaling`` says
    otherwise.

    Fit: on the client, on a sample of the rows by a hash. Score: linear in the rows, n_estimators x max_samples.

    Edge cases: a row that misses a feature has no score, and is not fitted. Another order of the features draws other
    rows and numbers, as another ``random_state`` does.

    Default threshold: the 0.99 quantile of the fitted rows' scores in the partition (contamination 0.01).

    Attributes:
        n_estimators: sets of spheres, 1 to 2,000.
        max_samples: spheres of a set, 2 to 256.
        scaling: ``'standard'``, ``'robust'`` or ``'none'``: the unit of each feature.
        random_state: the seed of the sample and of the sets, 0 to 2^31 - 1.

    Example:
        >>> import sqlnomaly
        >>> rows = "(SELECT CASE i WHEN 7 THEN 300 ELSE i % 10 END AS x, i FROM range(200) AS t(i))"
        >>> call = "anomaly_score(x, detector => 'inne')"
        >>> query = f"SELECT x, ROUND({call}, 1) AS score FROM {rows} ORDER BY score DESC, x LIMIT 1"
        >>> sqlnomaly.connect().sql(query).fetchall()
        [(300, 1.0)]
    """

    name: ClassVar[str] = "inne"
    finds: ClassVar[str] = "rows outside of the spheres around others"
    choose: ClassVar[str] = "groups differ in density, and there are many rows"
    shape: ClassVar[Shape] = Shape.ENSEMBLE
    arrays: ClassVar[tuple[str, ...]] = ("centres", "radius", "isolation", "psi")

    n_estimators: int = 200
    max_samples: int = 8

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """Each parameter lies within its limits."""
        Sampled.validate(parameters)
        check_whole(parameters, "n_estimators", 1, 2000)
        check_whole(parameters, "max_samples", 2, 256)

    @property
    def sample(self) -> tuple[int, int]:
        """Enough rows for every set to have its own."""
        return self.n_estimators * self.max_samples, self.random_state

    def learn_rows(self, rows: Matrix) -> Numbers:
        """The spheres."""
        import numpy as np

        from sqlnomaly.udfs.tree_kernels import grow_spheres

        psi = min(self.max_samples, len(rows))
        places, radius, isolation = grow_spheres(
            np.ascontiguousarray(rows), self.n_estimators, psi, np.uint64(self.random_state)
        )
        return {
            "centres": rows[places.ravel()],
            "radius": radius.ravel(),
            "isolation": isolation.ravel(),
            "psi": np.array([float(psi)]),
        }

    def score_rows(self, numbers: Numbers, rows: Matrix) -> Vector:
        """The mean isolation."""
        import numpy as np

        from sqlnomaly.udfs.tree_kernels import covered

        centres = np.ascontiguousarray(numbers["centres"])
        psi = int(numbers["psi"][0])
        found: Vector = covered(np.ascontiguousarray(rows), centres, numbers["radius"], numbers["isolation"], psi)
        return found

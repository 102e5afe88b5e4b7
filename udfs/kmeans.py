"""kmeans: how far a row is from the nearest of a few centres."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature
from sqlnomaly.udfs.nearest import Nearest
from sqlnomaly.udfs.sampled import check_whole
from sqlnomaly.udfs.wide import Drawn, Layout, vector

if TYPE_CHECKING:
    from sqlnomaly.udfs.sampled import Matrix, Numbers
    from sqlnomaly.udfs.wide import Flags

SMALLEST = 1e-9
"""The smallest radius of a group, in units of the root mean square distance of all rows from their mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kmeans(Nearest):
    """The distance from the nearest of the means of ``n_clusters`` groups of rows.

    score = min_k |z - c_k|, z the features in units of ``scaling``; the centres c are those of k-means, which make the
    sum of the squared distances small: Lloyd, Least Squares Quantization in PCM (1982), doi:10.1109/TIT.1982.1056489,
    started as in Arthur and Vassilvitskii, k-means++: The Advantages of Careful Seeding (2007),
    doi:10.5555/1283383.1283494 (the greedy form), with random numbers of its own (SplitMix64,
    doi:10.1145/2660193.2660195), so that the same rows and ``random_state`` give the same centres on every engine.
    scikit-learn's KMeans draws other starts, and does not scale; the smallest column of its ``transform`` is this
    score. A feature contributes its squared step to the centre over the distance; the expected value of a feature is
    the centre's.

    ``normalized => TRUE`` divides each distance by the radius of the centre's group before the smallest is taken, the
    root mean square distance of the group's rows from it: min_k |z - c_k| / r_k, what BigQuery calls
    ``normalized_distance``. A group of equal rows counts as one of 1e-9 of the radius of all rows.

    Fit: on the client, on a sample of ``max_samples`` rows, by a hash. Score: in SQL, on every engine; the statement
    has one squared distance a centre.

    Edge cases: rows with fewer distinct values than ``n_clusters`` have a centre each, and score 0. A feature that does
    not vary in the sample counts for nothing; if none varies, a row equal to the sample scores 0, any other NULL. A row
    that misses a feature has no score, and is not fitted. A group of anomalies may have a centre of its own: cblof
    leaves such out. The sample and the starts depend on the order of the features: another order may change the scores
    as another ``random_state`` does.

    Default threshold: the 0.99 quantile of the fitted rows' scores in the partition (contamination 0.01).

    Attributes:
        n_clusters: centres, 1 to 100.
        n_init: runs, of which the best is kept, 1 to 100.
        normalized: whether a distance is divided by the radius of the centre's group.
        scaling: ``'standard'``, ``'robust'`` or ``'none'``: the unit of each feature.
        max_samples: rows that it is fitted on, 2 to 100,000.
        random_state: the seed of the sample and of the starts, 0 to 2^31 - 1.

    Example:
        >>> import sqlnomaly
        >>> rows = "(VALUES (1), (2), (3), (41), (42), (43), (20)) AS t(x)"
        >>> call = "anomaly_score(x, detector => 'kmeans', n_clusters => 2, scaling => 'none')"
        >>> sqlnomaly.connect().sql(f"SELECT x, {call} AS score FROM {rows} ORDER BY score DESC LIMIT 2").fetchall()
        [(20, 13.5), (1, 5.5)]
    """

    name: ClassVar[str] = "kmeans"
    finds: ClassVar[str] = "rows far from every group"
    choose: ClassVar[str] = "rows come in several groups, and the score must be short SQL"

    axes: ClassVar[dict[str, int]] = {**Nearest.axes, "weights": 0}

    n_init: int = 4
    normalized: bool = False

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """The numbers of centres and runs are within their limits."""
        Drawn.validate(parameters)
        check_whole(parameters, "n_clusters", 1, 100)
        check_whole(parameters, "n_init", 1, 100)

    def layout(self, features: Sequence[Feature]) -> Layout:
        """The centres, and what multiplies the squared distance from each."""
        centres = Nearest.layout(self, features)
        return {**centres, **vector(features, "weights", self.n_clusters)} if self.normalized else centres

    def weight(self, features: Sequence[Feature], number: int) -> Expr | None:
        """1 over the squared radius."""
        return features[0].get(f"weights_{number}") if self.normalized else None

    def learn_rows(self, rows: Matrix, varying: Flags) -> Numbers:
        """The centres; the first one again in the places that are left."""
        import numpy as np

        from sqlnomaly.udfs.clusters import cluster

        found = cluster(rows, self.n_clusters, n_init=self.n_init, random_state=self.random_state)
        places = [*range(len(found.centres)), *[0] * (self.n_clusters - len(found.centres))]
        if not self.normalized:
            return {"centres": found.centres[places]}
        away = np.square(rows - found.centres[found.which]).sum(axis=1)
        sizes = np.bincount(found.which, minlength=len(found.centres))
        radii = np.bincount(found.which, away, len(found.centres)) / np.maximum(sizes, 1)
        least = SMALLEST**2 * np.square(rows - rows.mean(axis=0)).sum(axis=1).mean()
        return {"centres": found.centres[places], "weights": 1.0 / np.maximum(radii, least)[places]}

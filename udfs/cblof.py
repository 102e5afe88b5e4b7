"""cblof: how far a row is from the nearest of the groups that hold most of the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature
from sqlnomaly.udfs.nearest import Nearest
from sqlnomaly.udfs.sampled import check_share, check_whole
from sqlnomaly.udfs.wide import Drawn, Layout, vector

if TYPE_CHECKING:
    from sqlnomaly.udfs.sampled import Matrix, Numbers
    from sqlnomaly.udfs.wide import Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Cblof(Nearest):
    """The distance from the nearest large group: a row of a small group is judged by its neighbours' group.

    score = min over the large clusters of |z - c_k|, z the features in units of ``scaling``; with ``use_weights`` times
    the number of sampled rows in the cluster that the row belongs to. He, Xu and Deng, Discovering Cluster-Based Local
    Outliers (2003), doi:10.1016/S0167-8655(03)00003-5. The clusters are those of kmeans, sorted by size; the first b of
    them are large, b being the smallest number for which they hold ``alpha`` of the rows and cluster b is ``beta``
    times as large as the next; where there is none, the smallest that meets the first condition, then the second, then
    all. PyOD has the same rule and other random starts, does not scale, and raises where neither condition holds. A
    feature contributes its squared step to the centre over the distance (times the weight); the expected value of a
    feature is the centre's.

    Fit: on the client, on a sample of ``max_samples`` rows, by a hash. Score: in SQL, on every engine; the statement
    has one squared distance a centre.

    Edge cases: rows with fewer distinct values than ``n_clusters`` have fewer clusters. A feature that does not vary in
    the sample counts for nothing; if none varies, a row equal to the sample scores 0, any other NULL. A row that misses
    a feature has no score, and is not fitted. The sample and the starts depend on the order of the features: another
    order may change the scores as another ``random_state`` does.

    Default threshold: the 0.99 quantile of the fitted rows' scores in the partition (contamination 0.01).

    Attributes:
        n_clusters: clusters, 2 to 100.
        alpha: the share of the rows that the large clusters hold, between 0 and 1.
        beta: how many times as large the smallest large cluster is as the next, more than 1.
        use_weights: whether a distance counts as often as the row's cluster has sampled rows.
        n_init: runs of k-means, of which the best is kept, 1 to 100.
        scaling: ``'standard'``, ``'robust'`` or ``'none'``: the unit of each feature.
        max_samples: rows that it is fitted on, 2 to 100,000.
        random_state: the seed of the sample and of the starts, 0 to 2^31 - 1.

    Example:
        >>> import sqlnomaly
        >>> rows = "(SELECT CASE WHEN i > 97 THEN 500 ELSE i % 10 END AS x FROM range(100) AS t(i)) AS t"
        >>> call = "anomaly_score(x, detector => 'cblof', n_clusters => 2, scaling => 'none')"
        >>> query = f"SELECT DISTINCT x, ROUND({call}, 2) FROM {rows} ORDER BY x DESC LIMIT 2"
        >>> sqlnomaly.connect().sql(query).fetchall()
        [(500, 495.58), (9, 4.58)]
    """

    name: ClassVar[str] = "cblof"
    finds: ClassVar[str] = "rows far from the large groups, small groups among them"
    choose: ClassVar[str] = "rows come in several groups, and anomalies in groups of their own"

    alpha: float = 0.9
    beta: float = 5.0
    use_weights: bool = False
    n_init: int = 4

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """Every parameter is within its limits."""
        Drawn.validate(parameters)
        check_whole({"n_clusters": 8, **parameters}, "n_clusters", 2, 100)
        check_whole(parameters, "n_init", 1, 100)
        check_share(parameters, "alpha")
        beta = parameters.get("beta", 5)
        if not isinstance(beta, int | float) or isinstance(beta, bool) or not 1 < beta <= 1e9:
            raise ValueError("beta is more than 1, and 1,000,000,000 at most")

    def layout(self, features: Sequence[Feature]) -> Layout:
        """The centres, whether each is large, and how many rows it has: the largest first."""
        count = self.n_clusters
        return {
            **Nearest.layout(self, features), **vector(features, "large", count), **vector(features, "size", count)
        }  # fmt: skip

    def counted(self, features: Sequence[Feature]) -> Sequence[Expr]:
        """Those of the large clusters, of which the first is one."""
        first = features[0]
        away = [first.get(f"away_{number}") for number in range(self.n_clusters)]
        large = [ops.gt(first.get(f"large_{number}"), ops.number(0.0)) for number in range(self.n_clusters)]
        return [away[0], *(ops.case((one, own), default=away[0]) for one, own in zip(large[1:], away[1:], strict=True))]

    def value(self, features: Sequence[Feature]) -> Expr:
        """The distance, weighted if asked."""
        distance = Nearest.value(self, features)
        return ops.mul(self._weight(features), distance) if self.use_weights else distance

    def shares(self, features: Sequence[Feature]) -> Sequence[Expr]:
        """Each feature's part of it."""
        parts = Nearest.shares(self, features)
        return [ops.mul(self._weight(features), part) for part in parts] if self.use_weights else parts

    def _weight(self, features: Sequence[Feature]) -> Expr:
        """The size of the nearest cluster, large or small; the first of equally near ones."""
        first, count = features[0], self.n_clusters
        away = [first.get(f"away_{number}") for number in range(count)]
        branches = []
        for number in range(count - 1):
            nearer = [ops.le(away[number], other) for other in away[number + 1 :]]
            branches.append((ops.and_(*nearer), first.get(f"size_{number}")))
        return ops.case(*branches, default=first.get(f"size_{count - 1}"))

    def learn_rows(self, rows: Matrix, varying: Flags) -> Numbers:
        """The clusters by size; the first one again in the places that are left."""
        import numpy as np

        from sqlnomaly.udfs.clusters import cluster

        found = cluster(rows, self.n_clusters, n_init=self.n_init, random_state=self.random_state)
        sizes = np.bincount(found.which, minlength=len(found.centres))
        order = np.argsort(-sizes, kind="stable")
        large = large_clusters(sizes[order].tolist(), self.alpha, self.beta)
        order = np.concatenate([order, np.repeat(order[:1], self.n_clusters - len(order))])
        flags = (np.arange(self.n_clusters) < large).astype(np.float64)
        return {"centres": found.centres[order], "large": flags, "size": sizes[order].astype(np.float64)}


def large_clusters(sizes: Sequence[int], alpha: float, beta: float) -> int:
    """How many of the clusters are large.

    Args:
        sizes: in descending order.
        alpha: the share of the rows that they hold.
        beta: how many times as large the last of them is as the next.

    Example:
        >>> large_clusters([50, 45, 3, 2], 0.9, 5.0)
        2
    """
    total = sum(sizes)
    places = range(1, len(sizes))
    most = [b for b in places if sum(sizes[:b]) >= total * alpha]
    steep = [b for b in places if sizes[b - 1] >= beta * sizes[b]]
    both = [b for b in most if b in steep]
    return (both or most or steep or [len(sizes)])[0]

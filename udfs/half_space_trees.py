"""half_space_trees: how thinly the half-spaces around a row are populated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.pushdown.contract import Shape
from sqlnomaly.udfs.sampled import Sampled, check_share, check_whole

if TYPE_CHECKING:
    from sqlnomaly.udfs.sampled import Matrix, Numbers, Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfSpaceTrees(Sampled):
    """How many times a row's box would have to be halved more to be as thin as an even spread, as a mean over trees.

    Tan, Ting and Liu, Fast Anomaly Detection for Streaming Data (2011), doi:10.5591/978-1-57735-516-8/IJCAI11-254. A
    tree halves a random box around the rows in a random feature, again and again, to a depth of ``max_depth`` or until
    a box has at most ``size_limit`` of the rows. With m rows, of which r lie in the row's last box at depth k, a tree
    says log2(m / (r 2^k)), no row counting as half of one. The paper's score is r 2^k, large for ordinary rows, and its
    box reaches 2 instead of 2.1 times as far, which halves at the outermost row itself.

    Fit: on the client, on a sample of the rows by a hash; boxes depend on the range of the rows alone. Score: linear in
    the rows, trees x depth.

    Edge cases: a row outside of the range lies in a box of the edge. A row that misses a feature has no score, and is
    not fitted. Another order of the features draws other rows and numbers, as another ``random_state`` does.

    Default threshold: the 0.99 quantile of the fitted rows' scores in the partition (contamination 0.01).

    Attributes:
        n_estimators: trees, 1 to 1,000.
        max_samples: rows that are counted, 2 to 100,000.
        max_depth: halvings, 1 to 30.
        size_limit: the share of the rows at which a box is not halved any more.
        scaling: has no effect on the score; the range of a feature is its unit.
        random_state: the seed of the sample and of the trees, 0 to 2^31 - 1.

    Example:
        >>> import sqlnomaly
        >>> rows = "(SELECT CASE i WHEN 7 THEN 300 ELSE i % 10 END AS x, i FROM range(200) AS t(i))"
        >>> call = "anomaly_score(x, detector => 'half_space_trees')"
        >>> query = f"SELECT x, ROUND({call}) AS score FROM {rows} ORDER BY score DESC, x LIMIT 2"
        >>> sqlnomaly.connect().sql(query).fetchall()
        [(300, 7.0), (0, -12.0)]
    """

    name: ClassVar[str] = "half_space_trees"
    own_units: ClassVar[bool] = True
    finds: ClassVar[str] = "rows in boxes that hardly any other row falls into"
    choose: ClassVar[str] = "speed counts, and new rows come from the same range as the fitted ones"
    shape: ClassVar[Shape] = Shape.ENSEMBLE
    arrays: ClassVar[tuple[str, ...]] = ("feature", "cut", "right", "level", "roots")

    n_estimators: int = 50
    max_samples: int = 5_000
    max_depth: int = 15
    size_limit: float = 0.02

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """Each parameter lies within its limits."""
        Sampled.validate(parameters)
        check_whole(parameters, "n_estimators", 1, 1000)
        check_whole(parameters, "max_samples", 2, 100_000)
        check_whole(parameters, "max_depth", 1, 30)
        check_share(parameters, "size_limit", 0.0, 1.0)

    @property
    def sample(self) -> tuple[int, int]:
        """The rows that are counted."""
        return self.max_samples, self.random_state

    def learn_rows(self, rows: Matrix) -> Numbers:
        """The trees."""
        import numpy as np

        from sqlnomaly.udfs.tree_kernels import grow_halves

        limit = max(1, int(self.size_limit * len(rows)))
        trees = grow_halves(
            np.ascontiguousarray(rows), self.n_estimators, self.max_depth, limit, np.uint64(self.random_state)
        )
        return {name: array.astype(np.float64) for name, array in zip(self.arrays, trees, strict=True)}

    def score_rows(self, numbers: Numbers, rows: Matrix) -> Vector:
        """The mean level."""
        import numpy as np

        from sqlnomaly.udfs.tree_kernels import walk_halves

        right, roots = (numbers[name].astype(np.int64) for name in ("right", "roots"))
        found: Vector = walk_halves(
            np.ascontiguousarray(rows), numbers["feature"], numbers["cut"], right, numbers["level"], roots
        )
        return found

"""auto: several views of the rows, chosen by what the rows are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.pushdown.contract import Shape
from sqlnomaly.udfs.sampled import Sampled, check_whole

if TYPE_CHECKING:
    import pyarrow as pa

    from sqlnomaly.pushdown.client import ClientFit
    from sqlnomaly.udfs.sampled import Matrix, Numbers, Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Auto(Sampled):
    """How rare a row is in the views that suit the rows: those of ecod, iforest, knn and copula_mcd.

    A view's score is measured by its distribution on the sample, t = -ln(share of the sample that scores as high or
    higher), as in ``ensemble``. The first line that applies chooses, from the sample alone:

    1. One feature that varies: the tails of ecod.
    2. Fewer than two rows a feature: the mean of iforest, ecod and knn; a covariance would be noise.
    3. More than half of the features have at most 20 distinct values: the mean of iforest, ecod, knn and copula_mcd.
    4. Else three views, margins (the mean of iforest and ecod), knn and copula_mcd, and the mean of the two largest: an
       anomaly need not show in its margins, nor in how its values go together, nor in its neighborhood, but in two.

    Features that do not vary are left out. ``Session.explain`` and ``sqlnomaly explain`` repeat the rule, and say which
    line the rows at hand get.

    knn takes the first 1,000 rows of the sample in robust units, and 20 neighbors or a twentieth of the rows, 5 at
    least; copula_mcd the first 2,000, with three quarters of them as its support.

    Fit: on the client, on a sample of the rows by a hash. Score: linear in the rows.

    Edge cases: as ``knn``. A row that misses a feature has no score, and is not fitted. Where there are more rows than
    are drawn, another order of the features draws others.

    Default threshold: the 0.99 quantile of the fitted rows' scores in the partition (contamination 0.01).

    Attributes:
        max_samples: rows of the sample, 2 to 100,000.
        scaling: has no effect on the score: every view has units of its own.
        random_state: the seed of the sample and of the trees, 0 to 2^31 - 1.

    Example:
        >>> import sqlnomaly
        >>> y = "CASE i WHEN 7 THEN 3 ELSE sin(i) + cos(7 * i) / 9 END"
        >>> rows = f"(SELECT sin(i) AS x, {y} AS y FROM range(300) AS t(i))"
        >>> call = "anomaly_score(x, y, detector => 'auto')"
        >>> query = f"SELECT y, ROUND({call}, 2) FROM {rows} ORDER BY {call} DESC LIMIT 1"
        >>> sqlnomaly.connect().sql(query).fetchall()
        [(3.0, 5.7)]
    """

    name: ClassVar[str] = "auto"
    own_units: ClassVar[bool] = True
    finds: ClassVar[str] = "rows that are rare in two of several views"
    choose: ClassVar[str] = "you do not want to choose"
    shape: ClassVar[Shape] = Shape.ENSEMBLE
    alone: ClassVar[str | None] = "it combines others already"
    rule: ClassVar[tuple[str, ...]] = (
        "one feature that varies: the tails of ecod",
        "fewer than two rows a feature: the mean of iforest, ecod and knn; a covariance would be noise",
        "more than half of the features have at most 20 distinct values: the mean of iforest, ecod, knn and copula_mcd",
        "else three views, margins (the mean of iforest and ecod), knn and copula_mcd, and the mean of the two largest",
    )
    arrays: ClassVar[tuple[str, ...]] = (
        "rule", "slope", "offset", "right", "path", "roots", "psi", "sorted", "side", "reference", "near_middle",
        "near_unit", "knot_feature", "knot_value", "knot_normal", "location", "root", "forest_scores", "tails_scores",
        "near_scores", "copula_scores",
    )  # fmt: skip

    max_samples: int = 5_000

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """max_samples lies within its limits."""
        Sampled.validate(parameters)
        check_whole(parameters, "max_samples", 2, 100_000)

    @property
    def sample(self) -> tuple[int, int]:
        """The rows that the views are fitted on."""
        return self.max_samples, self.random_state

    def learn_rows(self, rows: Matrix) -> Numbers:
        """What the views keep."""
        from sqlnomaly.udfs.auto_views import learn

        return learn(rows, self.random_state)

    def chosen(self, rows: pa.Table, fit: ClientFit) -> Sequence[int]:
        """The line of each partition that has enough rows and a feature that varies."""
        from sqlnomaly.udfs.auto_views import RULES, rule
        from sqlnomaly.udfs.sampled_rows import enough, partitions, values_of

        drawn = [values_of(group, fit.features) for group in partitions(rows) if enough(group, fit)]
        varying = [part[:, part.min(axis=0) < part.max(axis=0)] for part in drawn]
        return [list(RULES).index(rule(part)) for part in varying if part.shape[1]]

    def score_rows(self, numbers: Numbers, rows: Matrix) -> Vector:
        """The rule's combination."""
        from sqlnomaly.udfs.auto_views import score

        return score(numbers, rows)

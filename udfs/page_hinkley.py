"""page_hinkley: the Page-Hinkley test for a change of the mean, in deviations of the rows before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import ThresholdRule
from sqlnomaly.pushdown.plan import Feature, Relation
from sqlnomaly.udfs.cumulative import Cumulative
from sqlnomaly.udfs.esd_rounds import Columns, each

FARTHEST = 5.0
"""A step counts no more than this: one spike alone is no change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageHinkley(Cumulative):
    """The cumulative sum of how far values are above, or below, the mean of the rows before, in their deviations.

    up = m - min m, with m the sum of z - delta        score = max_j max(up_j, down_j)

    z = (x - mean) / sd, with mean and sd (over n - 1) of the rows before, and at most 5 on either side; down is the
    same of -z. Page, Continuous Inspection Schemes (1954), doi:10.1093/biomet/41.1-2.100; Hinkley, Inference About
    the Change-Point from Cumulative Sum Tests (1971), doi:10.1093/biomet/58.3.509. ``direction => 'high'`` takes up
    alone, ``'low'`` down. It is the scheme of cusum with steps that are not made normal, a smaller allowance and a
    longer memory: it finds a smaller change, later.

    Names of the parameters, and the threshold, are those of river's ``drift.PageHinkley``. Unlike that it measures in
    deviations, so that neither ``delta`` nor the threshold depends on the unit; takes the mean without the row
    itself; looks both ways; forgets nothing; and does not begin anew after an alarm: the score stays high until the
    mean has followed, and of a change the first alarm counts. A single value adds 5 at most, however far out: without
    that bound one of 1,000 deviations would be an alarm for more than 100,000 rows.

    It needs ORDER BY: a row is judged by the rows with a strictly smaller order key and by its own value, never by
    its peers. Of peers each one's z is measured by the rows before all of them, and the sums go on over them from the
    smallest value to the largest. A row that FILTER leaves out, or whose feature is missing, adds nothing. A frame is
    refused: the sum is the frame. Fit and score are window functions, without recursion. What is expected is the mean
    of the rows before; there is no band, since hardly any single value is an alarm.

    Edge cases: the value of a constant baseline (all values before are equal) is a step of 0, any other has a score
    of NULL and adds nothing; fewer than ``min_rows`` (default 30) values before give NULL and the status ``warm_up``,
    but they add from the third one on.

    Default threshold: 50. River's ``delta`` of 0.005 finds a small change sooner, but the sums of a long series wander
    with it, until rows without a change stand in alarm.

    Attributes:
        delta: half of the change that is found the fastest, in deviations, 0 to 5.

    Example:
        >>> import sqlnomaly
        >>> rows = "(SELECT i AS t, i % 5 + CASE WHEN i >= 100 THEN 3 ELSE 0 END AS x FROM range(150) AS s(i))"
        >>> call = "(x, detector => 'page_hinkley') OVER (ORDER BY t)"
        >>> query = f"SELECT t, ROUND(anomaly_score{call}, 3) FROM {rows} QUALIFY is_anomaly{call} ORDER BY t LIMIT 1"
        >>> sqlnomaly.connect().sql(query).fetchall()
        [(133, 50.127)]
    """

    name: ClassVar[str] = "page_hinkley"
    finds: ClassVar[str] = "a change of the mean that lasts, however small"
    choose: ClassVar[str] = "changes are slow and spikes are to be ignored, or river's PageHinkley is to be replaced"
    default: ClassVar[ThresholdRule] = ThresholdRule(threshold=50.0)
    rows: ClassVar[int] = 30

    delta: float = 0.1

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """delta lies between 0 and 5."""
        delta = parameters.get("delta", 0.1)
        if not isinstance(delta, int | float) or isinstance(delta, bool) or not 0.0 <= delta <= 5.0:
            raise ValueError("delta lies between 0 and 5")

    @property
    def slack(self) -> float:
        """The delta."""
        return float(self.delta)

    def steps(self, rows: Relation) -> Relation:
        """The distances, bounded."""
        high, low = ops.number(FARTHEST), ops.number(-FARTHEST)

        def step(feature: Feature) -> Columns:
            away = feature.get("away")
            return {"step": ops.case((ops.gt(away, high), high), (ops.lt(away, low), low), default=away)}

        return rows.extend("steps", each(rows.features, step))

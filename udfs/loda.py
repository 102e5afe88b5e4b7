"""loda: how empty the histogram bins of a row's random projections are."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.pushdown.contract import Shape
from sqlnomaly.udfs.sampled import Sampled, check_whole

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sqlnomaly.udfs.sampled import Matrix, Numbers, Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Loda(Sampled):
    """The mean of -ln(share of the rows in a row's bin) over one-dimensional histograms of random projections.

    Pevny, Loda: Lightweight On-Line Detector of Anomalies (2016), doi:10.1007/s10994-015-5521-0. A projection weighs
    about sqrt(d) of the d features by standard normal numbers; a histogram has ``n_bins`` bins of equal width over the
    sample's range. A bin's share is (count + 1) / (m + n_bins + 1), that of all values outside of the range
    1 / (m + n_bins + 1). PyOD counts these to the bins at the edges, and does not scale.

    Fit: on the client, on a sample of the rows by a hash. Score: linear in the rows, projections x sqrt(features).

    Edge cases: a row that misses a feature has no score, and is not fitted. Another order of the features draws other
    rows and numbers, as another ``random_state`` does.

    Default threshold: the 0.99 quantile of the fitted rows' scores in the partition (contamination 0.01).

    Attributes:
        n_random_cuts: projections, 1 to 1,000.
        n_bins: bins of a histogram, 2 to 1,000.
        max_samples: rows that are counted, 2 to 1,000,000.
        scaling: ``'standard'``, ``'robust'`` or ``'none'``: the unit of each feature.
        random_state: the seed of the sample and of the projections, 0 to 2^31 - 1.

    Example:
        >>> import sqlnomaly
        >>> rows = "(SELECT CASE i WHEN 7 THEN 300 ELSE i % 10 END AS x, i FROM range(200) AS t(i))"
        >>> call = "anomaly_score(x, detector => 'loda')"
        >>> query = f"SELECT x, ROUND({call}, 2) AS score FROM {rows} ORDER BY score DESC, x LIMIT 2"
        >>> sqlnomaly.connect().sql(query).fetchall()
        [(300, 4.66), (0, 0.05)]
    """

    name: ClassVar[str] = "loda"
    finds: ClassVar[str] = "rows that stand out in random directions"
    choose: ClassVar[str] = "there are many features and rows, and speed counts"
    shape: ClassVar[Shape] = Shape.ENSEMBLE
    arrays: ClassVar[tuple[str, ...]] = ("projections", "start", "width", "levels")

    n_random_cuts: int = 100
    n_bins: int = 10
    max_samples: int = 20_000

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """Each parameter lies within its limits."""
        Sampled.validate(parameters)
        check_whole(parameters, "n_random_cuts", 1, 1000)
        check_whole(parameters, "n_bins", 2, 1000)
        check_whole(parameters, "max_samples", 2, 1_000_000)

    @property
    def sample(self) -> tuple[int, int]:
        """The rows that are counted."""
        return self.max_samples, self.random_state

    def learn_rows(self, rows: Matrix) -> Numbers:
        """The projections, and the histogram of each."""
        import numpy as np

        projections = self._projections(rows.shape[1])
        projected = rows @ projections.T
        low, high = projected.min(axis=0), projected.max(axis=0)
        width = np.where(high > low, (high - low) / self.n_bins, 1.0)
        places = self._places(projected, low, width)
        counts = np.zeros((self.n_random_cuts, self.n_bins + 1))
        for number in range(self.n_random_cuts):
            counts[number] = np.bincount(places[:, number], minlength=self.n_bins + 1)
        levels = -np.log((counts + 1.0) / (len(rows) + self.n_bins + 1.0))
        return {"projections": projections, "start": low, "width": width, "levels": levels}

    def score_rows(self, numbers: Numbers, rows: Matrix) -> Vector:
        """The mean of the bins' levels."""
        import numpy as np

        projected = rows @ numbers["projections"].T
        places = self._places(projected, numbers["start"], numbers["width"])
        found: Vector = numbers["levels"][np.arange(self.n_random_cuts), places].mean(axis=1)
        return found

    def _places(self, projected: Matrix, low: Vector, width: Vector) -> NDArray[np.int64]:
        """The bin of each projected value; the last number is outside of the range."""
        import numpy as np

        steps = (projected - low) / width
        inside = (steps >= -1e-9) & (steps <= self.n_bins * (1.0 + 1e-9))
        places = np.clip(np.floor(steps + 1e-9), 0, self.n_bins - 1)
        return np.where(inside, places, self.n_bins).astype(np.int64)

    def _projections(self, features: int) -> Matrix:
        """Random directions, each over about the square root of the features."""
        import numpy as np

        from sqlnomaly.udfs.splitmix import chosen, normals, stream

        kept = max(1, round(math.sqrt(features)))
        found = np.zeros((self.n_random_cuts, features))
        for number in range(self.n_random_cuts):
            places = chosen(stream(np.uint64(self.random_state), 2 * number), kept, features)
            found[number, places] = normals(self.random_state, 2 * number + 1, (kept,))
        return found

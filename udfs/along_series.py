"""Detectors that a client runs along each series, since a recursion says what SQL does not: one row a point comes back.

The engine sends the points of every series in their order, the client's kernel gives what it knows of each of them,
and the statement joins that to the rows by series and place. The kernel is the same for every engine, and so are the
numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.client import ClientFit, Learned
from sqlnomaly.pushdown.contract import Detector, Reduce, Shape
from sqlnomaly.pushdown.first_points import TOTAL
from sqlnomaly.pushdown.plan import Feature, Given, Relation
from sqlnomaly.udfs.esd_rounds import Columns, each

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    Known = Mapping[str, NDArray[np.float64]]

TIME = "time"
"""The statistic of the first feature that says when a point is, in seconds."""
PLACE = "place"
"""The statistic of the first feature that says where a point stands in its series, from 1."""
OPTIONS, LEFT = ("period", "periods", "window"), ("auto", (0.0,))
"""Options that may leave something to the rows, and the values that do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlongSeries(Detector):
    """A detector whose model of a point is what a kernel knows there.

    A point is all rows of a series with one order key; its value is the mean of their fitted values. Rows without an
    order key are no part of a series. Another series never matters.

    Class variables:
        stats: what the kernel gives for each point, beside ``n``, the values that it knows.
    """

    shape: ClassVar[Shape] = Shape.WINDOW
    reduce: ClassVar[Reduce] = Reduce.MAX
    ordered: ClassVar[bool] = True
    summarized: ClassVar[bool] = True
    stats: ClassVar[tuple[str, ...]]

    def known(self, values: Vector) -> Known:
        """What the model of each point is: an array for each of ``stats``, and ``n``.

        Args:
            values: the points of a series in their order, NaN where none is there or fitted.
        """
        raise NotImplementedError(f"{self.name} has no kernel")

    def known_at(self, values: Vector, times: Vector | None) -> Known:
        """The same where the times are wanted: seconds, or None where points are not ordered by times."""
        return self.known(values)

    @property
    def seeks(self) -> str:
        """The option that leaves the period, or the window, to the rows."""
        return next((name for name in OPTIONS if getattr(self, name, None) in LEFT), "")

    def sought(self, values: Vector, times: Vector | None, size: int) -> Sequence[int]:
        """What ``seeks`` is for a series, in points.

        Args:
            values: its first points in their order, NaN where none is there or fitted.
            times: the same in seconds, or None.
            size: how many points it has in all.
        """
        raise NotImplementedError(f"{self.name} looks for nothing")

    def found(self, rows: pa.Table, fit: ClientFit) -> Sequence[str]:
        """The points of a period, or of each window, by series."""
        import numpy as np

        points, starts, times = _series(rows, fit)
        totals = points.column(TOTAL).to_pylist()
        told = []
        for stem in fit.stems:
            values = points.column(f"{stem}__x").to_numpy().astype(np.float64)
            for begin, end in pairwise([*starts.tolist(), points.num_rows]):
                own = None if times is None else times[begin:end]
                lengths = self.sought(values[begin:end], own, totals[begin])
                told.append(f"{' and '.join(map(str, lengths))} points" if lengths else "none")
        return told

    def summary(self, data: Relation) -> Relation:
        """The points of each series."""
        rows, place = placed(data)

        def point(feature: Feature) -> Columns:
            value = feature.value
            if not isinstance(data.weight, ops.Literal):
                value = ops.case((ops.eq(data.weight, ops.integer(1)), value))
            # A mean of equal values may be off by a rounding.
            same = ops.eq(ops.min_(value), ops.max_(value))
            return {"x": ops.case((same, ops.min_(value)), default=ops.avg(value))}

        times = {data.features[0].stat(TIME): ops.min_(ops.column(data.time))} if data.time is not None else {}
        return rows.group("points", {**times, **each(data.features, point)}, by=(place,), every=True)

    def given(self, name: str, keys: Sequence[str], features: Sequence[Feature], *, explained: bool) -> Given:
        """A row for each point of each series."""
        stats = [feature.stat(stat) for feature in features for stat in ("n", *self.stats)]
        return Given(name, (*keys, features[0].stat(PLACE), *stats), {})

    def meet(self, data: Relation, model: Relation) -> Relation:
        """The rows beside what is known of their point."""
        rows, place = placed(data)
        carried = [feature.stat(stat) for feature in data.features for stat in ("n", *self.stats)]
        return rows.match(model, by=(place,)).extend("beside", {}, carry=carried)

    def learn(self, rows: pa.Table, fit: ClientFit) -> Learned:
        """Runs the kernel along each series of each feature."""
        import numpy as np
        import pyarrow as pa

        points, starts, times = _series(rows, fit)
        columns = {name: points.column(name) for name in (*fit.keys, f"{fit.stems[0]}__{PLACE}")}
        spans = list(pairwise([*starts.tolist(), points.num_rows]))
        for stem in fit.stems:
            values = points.column(f"{stem}__x").to_numpy().astype(np.float64)
            pieces = [
                self.known_at(values[begin:end], None if times is None else times[begin:end]) for begin, end in spans
            ]
            for stat in ("n", *self.stats):
                found = np.concatenate([piece[stat] for piece in pieces]) if pieces else np.empty(0)
                kind = pa.int64() if stat == "n" else pa.float64()
                columns[f"{stem}__{stat}"] = pa.array(found, from_pandas=True).cast(kind)
        return Learned(pa.table(columns), {}, {})


def _series(rows: pa.Table, fit: ClientFit) -> tuple[pa.Table, NDArray[np.int64], Vector | None]:
    """The points of one series after another, where each series begins, and the times if they are wanted."""
    points, starts = in_series(rows, fit.keys, f"{fit.stems[0]}__{PLACE}")
    time = f"{fit.stems[0]}__{TIME}"
    return points, starts, points.column(time).to_numpy().astype(float) if time in points.column_names else None


def placed(data: Relation) -> tuple[Relation, str]:
    """The rows with their places, and the column of these: NULL without an order key."""
    place = data.features[0].stat(PLACE)
    known = ops.and_(*(ops.not_null(key.this) for key in data.peers))
    ranked = ops.window(ops.func("DENSE_RANK"), partition=data.lanes, order=data.peers)
    return data.extend("placed", {place: ops.case((known, ops.cast_double(ranked)))}), place


def in_series(rows: pa.Table, keys: Sequence[str], place: str) -> tuple[pa.Table, NDArray[np.int64]]:
    """The points of one series after another, each in its order, and where each series begins.

    Args:
        rows: one row a point.
        keys: the columns that tell series apart; NULL is a value.
        place: the column of the places; points without one are left out.

    Example:
        >>> import pyarrow as pa
        >>> rows = pa.table({"k": ["b", None, "b"], "at": [2.0, 1.0, 1.0]})
        >>> points, starts = in_series(rows, ["k"], "at")
        >>> points.column("at").to_pylist(), starts.tolist()
        ([1.0, 2.0, 1.0], [0, 2])
    """
    import numpy as np
    import pyarrow.compute as pc

    rows = rows.filter(pc.is_valid(rows.column(place)))
    codes = [_codes(rows.column(key)) for key in keys]
    places = rows.column(place).to_numpy().astype(np.float64)
    order = np.lexsort((places, *reversed(codes)))
    changes = np.zeros(len(places), dtype=bool)
    changes[:1] = True
    for code in codes:
        sorted_code = code[order]
        changes[1:] |= sorted_code[1:] != sorted_code[:-1]
    return rows.take(order), np.flatnonzero(changes)


def _codes(keys: pa.ChunkedArray) -> NDArray[np.int64]:
    """A number for each different key; 0 and -0 are one, as they are for the engine."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_nested(keys.type):
        keys = pa.chunked_array([pa.array([repr(key) for key in keys.to_pylist()], pa.string())])
    elif pa.types.is_floating(keys.type):
        keys = pc.add(keys, pa.scalar(0.0, keys.type))
    encoded = pc.dictionary_encode(keys, null_encoding="encode").combine_chunks()
    found: NDArray[np.int64] = encoded.indices.to_numpy().astype(np.int64)
    return found

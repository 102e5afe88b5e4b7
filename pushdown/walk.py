"""Along an order without windows: the rows of a series as one list, and a function of the session that walks along it.

A window sorts its rows anew for each order that a plan needs, and looks at each frame anew. A session that registers
functions gathers the rows of a series into one list, asks a function for the baseline of each of them, which puts them
in their order, and spreads both out again: one sort, one loop. The engine calls the function where it stands; no row
leaves it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.function import Function, rows_of
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Along, Feature

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from sqlnomaly.pushdown.contract import Detector

    Vector = NDArray[np.float64]
    Places = NDArray[np.int64]

GATHER, PLUCK, SPREAD = "gather", "pluck", "spread"
"""The templates of the aggregate that makes a list of rows, of the list of one of their columns, and of what makes rows
of two lists again: a pair of expressions, or one that gives two columns."""
ROW, ROWS, STATE = "_sn__row", "_sn__rows", "_sn__state"
LONG = 64
"""Rows a series from which on each is sorted by itself."""
FAR = 1 << 40
"""Stands for no end of a frame."""


@dataclass(frozen=True, slots=True)
class Lanes:
    """Rows of many series, one series after another, each in its order.

    Attributes:
        values: of one feature, NaN where it is missing or not fitted.
        starts: where each series begins, and where the last one ends.
        first: for each row, the first of its peers; without a frame their baseline lies before that.
        slots: a number for each value of each column of a season, from 0; the coarse column first.
        frame: the rows of a frame, counted from the row itself, as pieces without that row; None for all before.
        enough: ``min_rows`` of the call.
    """

    values: Vector
    starts: Places
    first: Places
    slots: tuple[Places, ...]
    frame: tuple[tuple[int, int], ...] | None
    enough: int


@dataclass(frozen=True, slots=True)
class Walk:
    """What a session registers for one fit.

    Attributes:
        descending: for each order key that it is given whether the order is from the largest on.
        slots: how many columns of a season.
        fitted: whether it is told which rows are fitted, last.
        enough: ``min_rows`` of the call.
    """

    detector: Detector
    features: tuple[Feature, ...]
    descending: tuple[bool, ...]
    slots: int
    fitted: bool
    frame: tuple[tuple[int, int], ...] | None
    enough: int

    @property
    def columns(self) -> tuple[str, ...]:
        """What it says of each row."""
        return tuple(feature.stat(stat) for feature in self.features for stat in self.detector.walked)

    def function(self) -> Function:
        """Lists of features, order keys, slots and flags in, lists of baselines out."""
        kinds = {"n": "BIGINT"}
        stats = [stat for _ in self.features for stat in self.detector.walked]
        fields = tuple(
            (name, kinds.get(stat, "DOUBLE")) for name, stat in zip(self.columns, stats, strict=True)
        )
        return Function(rows_of(fields), self._call(), fields)

    def _call(self) -> Callable[..., Any]:
        def walked(*lists: Any) -> Any:
            import numpy as np
            import pyarrow as pa

            together = [_flat(one) for one in lists]
            offsets = together[0].offsets.to_numpy().astype(np.int64)
            parts = [one.values.slice(offsets[0], offsets[-1] - offsets[0]) for one in together]
            starts = offsets - offsets[0]
            count, peers = len(self.features), len(self.descending)
            sort = sorting(parts[count : count + peers], self.descending, starts)
            if sort is not None:
                parts = [one.take(pa.array(sort)) for one in parts]
            features, keys, rest = parts[:count], parts[count : count + peers], parts[count + peers :]
            slots = rest[: self.slots]
            values = [np.array(one.to_numpy(zero_copy_only=False), dtype=np.float64) for one in features]
            fitted = rest[-1].to_numpy() == 1 if self.fitted else np.ones(int(starts[-1]), dtype=bool)
            lanes = parted(keys[0], starts)
            first, numbers = firsts(keys, lanes), tuple(_numbered(one) for one in slots)
            order = settled(first, values, fitted) if self.frame is not None or self.detector.settled else None
            back = order if sort is None else sort if order is None else sort[order]
            found: list[pa.Array] = []
            for own in values:
                own[~fitted] = np.nan
                seen = own if order is None else own[order]
                said = self.detector.walk(Lanes(seen, lanes, first, numbers, self.frame, self.enough))
                found += [_column(stat, said[stat], back) for stat in self.detector.walked]
            rows = pa.StructArray.from_arrays(found, list(self.columns))
            return pa.ListArray.from_arrays(pa.array(starts.astype(np.int32)), rows)

        return walked


def along(
    node: Along, below: str, fresh: Callable[[str], str], lower: Callable[[Expr], Expr]
) -> Mapping[str, exp.Select]:
    """The steps of a walk by name; the last one has the rows beside what was said of them."""
    gathered, walked, beside = (fresh(name) for name in ("series", "walk", node.name))
    row, rows = ops.column(ROW), ops.column(ROWS)
    every = {name: exp.Column(this=exp.Star(), table=exp.to_identifier(name)) for name in (ROW, STATE)}
    lists = exp.select(exp.alias_(lower(ops.special(GATHER, row)), ROWS))
    lists = lists.from_(exp.to_table(below).as_(ROW)).group_by(*(lower(lane) for lane in node.lanes))
    plucked = [
        lower(ops.special(PLUCK, rows, ops.column(name, "_sn__v"), ops.column(name, ROWS)))
        for name in node.arguments
    ]
    asked = exp.Anonymous(this=node.function, expressions=plucked)
    spread = exp.select(*_named(lower(ops.special(SPREAD, rows, asked)))).from_(exp.to_table(gathered))
    stars = exp.select(*every.values()).from_(exp.to_table(walked))
    return {gathered: lists, walked: spread, beside: stars}


def _named(spread: Expr) -> list[Expr]:
    """The rows and what was said of them by name, of a pair or of what gives both."""
    if isinstance(spread, exp.Tuple):
        return [exp.alias_(one, name) for one, name in zip(spread.expressions, (ROW, STATE), strict=True)]
    return [exp.Aliases(this=spread, expressions=[exp.to_identifier(name) for name in (ROW, STATE)])]


def _flat(lists: Any) -> pa.ListArray:
    """The lists of a chunk as one array."""
    import pyarrow as pa

    whole = lists.combine_chunks() if isinstance(lists, pa.ChunkedArray) else lists
    return whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole


def sorting(keys: Sequence[pa.Array], descending: Sequence[bool], starts: Places) -> Places | None:
    """The rows in the order of their keys in each series, equal ones as they come, those without a key last.

    None where they are in that order already.

    Example:
        >>> import numpy as np
        >>> import pyarrow as pa
        >>> sorting([pa.array([2, 1, None, 5, 4])], [False], np.array([0, 3, 5])).tolist()
        [1, 0, 2, 4, 3]
    """
    import numpy as np

    size = int(starts[-1])
    codes = [code for key, down in zip(keys, descending, strict=True) for code in _codes(key, descending=down)]
    # Where no code so far tells two neighbours apart, the next one does.
    alike, wrong = np.ones(max(size - 1, 0), dtype=bool), np.zeros(max(size - 1, 0), dtype=bool)
    alike[starts[(starts > 0) & (starts < size)] - 1] = False
    for code in codes:
        wrong |= alike & (code[1:] < code[:-1])
        alike &= code[1:] == code[:-1]
    if not wrong.any():
        return None
    order: Places
    lengths = np.diff(starts)
    if len(codes) > 1 or size < LONG * len(lengths):
        order = np.lexsort([*reversed(codes), np.repeat(np.arange(len(lengths)), lengths)])
        return order
    order, (code,) = np.arange(size), codes
    for series in np.unique(np.searchsorted(starts, np.flatnonzero(wrong), side="right") - 1):
        begin, end = starts[series], starts[series + 1]
        order[begin:end] = begin + np.argsort(code[begin:end], kind="stable")
    return order


def _codes(key: pa.Array, *, descending: bool) -> list[Places]:
    """Whole numbers in the order of a key, behind whether it is missing where some are; NaN is the largest number."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    code: Places
    if pa.types.is_floating(key.type):
        # The bits of a float are in the order of its size, those below zero backwards.
        values = key.to_numpy(zero_copy_only=False).astype(np.float64) + 0.0
        bits = np.where(np.isnan(values), np.nan, values).view(np.int64)
        code = bits ^ ((bits >> 63) & np.iinfo(np.int64).max)
    elif pa.types.is_integer(key.type) and key.type != pa.uint64() or pa.types.is_temporal(key.type):
        whole = key.cast(pa.int32()) if key.type in (pa.date32(), pa.time32("s"), pa.time32("ms")) else key
        code = pc.fill_null(whole.cast(pa.int64()), 0).to_numpy(zero_copy_only=False)
    else:
        code = pc.rank(key, tiebreaker="dense").to_numpy(zero_copy_only=False).astype(np.int64)
    code = ~code if descending else code
    if not key.null_count:
        return [code]
    gone = pc.is_null(key).to_numpy(zero_copy_only=False)
    return [gone.astype(np.int64), np.where(gone, 0, code)]


def settled(first: Places, values: Sequence[Vector], fitted: NDArray[np.bool_]) -> Places | None:
    """The rows in an order in which peers go by their values, missing ones last, and those that are fitted first.

    None where no row has peers: they are in that order.

    Example:
        >>> import numpy as np
        >>> settled(np.array([0, 1, 1]), [np.array([3.0, 2.0, 1.0])], np.ones(3, dtype=bool)).tolist()
        [0, 2, 1]
    """
    import numpy as np

    places = np.arange(len(first))
    later = first != places
    if not later.any():
        return None
    several = later.copy()
    several[first[later]] = True
    rows = np.flatnonzero(several)
    keys: list[NDArray[Any]] = [~fitted[rows]]
    for feature in reversed(values):
        missing = np.isnan(feature[rows])
        keys += [np.where(missing, 0.0, feature[rows]), missing]
    order: Places = places
    order[rows] = rows[np.lexsort([*keys, first[rows]])]
    return order


def _column(stat: str, found: NDArray[Any], order: Places | None) -> pa.Array:
    """What was said of the rows in an order, as a column of the rows as they came."""
    import numpy as np
    import pyarrow as pa

    values = found if order is None else np.empty_like(found)
    if order is not None:
        values[order] = found
    return pa.array(values, pa.int64()) if stat == "n" else pa.array(values, pa.float64(), from_pandas=True)


def parted(key: pa.Array, starts: Places) -> Places:
    """Where lanes begin: the series, and in each of them the rows without a key, which stand together.

    Example:
        >>> import numpy as np
        >>> import pyarrow as pa
        >>> parted(pa.array([1, 2, None, None, None]), np.array([0, 4, 5])).tolist()
        [0, 2, 4, 5]
    """
    import numpy as np
    import pyarrow.compute as pc

    if not key.null_count:
        return starts
    gone = pc.is_null(key).to_numpy(zero_copy_only=False)
    found: Places = np.union1d(starts, np.flatnonzero(gone[1:] != gone[:-1]) + 1)
    return found


def firsts(keys: Sequence[pa.Array], starts: Places) -> Places:
    """For each row the first of its peers, those beside it in its series that have the same keys; itself without keys.

    Example:
        >>> import numpy as np
        >>> import pyarrow as pa
        >>> firsts([pa.array([1, 1, 2, 2, None, None])], np.array([0, 3, 6])).tolist()
        [0, 0, 2, 3, 4, 4]
    """
    import numpy as np

    size = int(starts[-1])
    places = np.arange(size, dtype=np.int64)
    if not keys or not size:
        return places
    new = np.zeros(size, dtype=bool)
    new[starts[:-1][starts[:-1] < size]] = True
    for key in keys:
        new[1:] |= _changes(key)
    found: Places = np.maximum.accumulate(np.where(new, places, 0))
    return found


def _changes(key: pa.Array) -> NDArray[np.bool_]:
    """Whether each value but the first is another than the one before; NULL is a value, and NaN one, and both zeros."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_floating(key.type):
        values = np.array(key.to_numpy(zero_copy_only=False), dtype=np.float64)
        gone = np.array(pc.is_null(key))
        odd = np.isnan(values)
        other = (values[1:] != values[:-1]) & ~(odd[1:] & odd[:-1])
        told: NDArray[np.bool_] = other | (gone[1:] != gone[:-1])
        return told
    if pa.types.is_nested(key.type):
        key = pa.array([None if one is None else repr(one) for one in key.to_pylist()], pa.string())
    left, right = key.slice(1), key.slice(0, len(key) - 1)
    differ = pc.fill_null(pc.not_equal(left, right), fill_value=False)
    gone = pc.xor(pc.is_null(left), pc.is_null(right))
    found: NDArray[np.bool_] = pc.or_(differ, gone).to_numpy(zero_copy_only=False)
    return found


def _numbered(slots: pa.Array) -> Places:
    """A number from 0 for each value of a slot; NULL is one."""
    import numpy as np
    import pyarrow.compute as pc

    least = pc.min(slots).as_py()
    if least is None:
        return np.zeros(len(slots), dtype=np.int64)
    found: Places = pc.fill_null(pc.subtract(slots.cast("int64"), int(least) - 1), 0).to_numpy(zero_copy_only=False)
    return found

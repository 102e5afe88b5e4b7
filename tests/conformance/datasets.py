"""The data sets of the conformance matrix: small Arrow tables that break naive SQL, the same on every run.

Each has a unique BIGINT ``id`` and at most 300 rows. Random values come from a seeded generator and are
rounded to decimals, past the last bits where math libraries differ. Where ``planted_id`` is set, that row
has the highest score of all four detectors, in the table and in its partition (ties allowed: for ecod
both ends of one feature are equally far out).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

import pyarrow as pa

__all__ = ["BY_NAME", "DATASETS", "HOSTILE_TABLES", "NUMERIC", "DataSet"]

DOUBLE, BIGINT, TEXT = pa.float64(), pa.int64(), pa.string()
ZONE = "Europe/Berlin"


@dataclass(frozen=True, slots=True)
class DataSet:
    """One table and how to judge it. Load it under ``name``: some names are there to collide with ours.

    Attributes:
        features: the columns to score, in call order.
        keys: the partition columns, maybe none.
        order: the order column, or None.
        planted_id: the id of the obvious outlier, or None.
        notes: what the table is there to break.
        categories: whether the features are categories.
    """

    name: str
    table: pa.Table
    features: tuple[str, ...]
    keys: tuple[str, ...] = ()
    order: str | None = None
    planted_id: int | None = None
    notes: str = ""
    categories: bool = False

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows as Python values, as the reference takes them."""
        rows: list[dict[str, Any]] = self.table.to_pylist()
        return rows


def table(types: dict[str, pa.DataType], rows: Iterable[Sequence[Any]]) -> pa.Table:
    """A table of an ``id`` that counts from 0 and the columns given as rows."""
    columns = list(zip(*rows, strict=True)) or [()] * len(types)
    fields = {"id": pa.array(range(len(columns[0])), BIGINT)}
    for (name, kind), values in zip(types.items(), columns, strict=True):
        fields[name] = pa.array(values, kind)
    return pa.table(fields)


def normal(random: Random, *, mean: float = 0.0, sd: float = 1.0, digits: int = 6) -> float:
    """A normal value, rounded before it is scaled."""
    return mean + sd * round(random.gauss(0.0, 1.0), digits)


def gaussian() -> DataSet:
    random = Random(1)
    stores = ["north", "south", "east"]
    rows: list[Sequence[Any]] = []
    for i in range(150):
        store = stores[i % 3]
        level = {"north": 100.0, "south": 130.0, "east": 90.0}[store]
        delay = round(abs(random.gauss(0.0, 1.0)) ** 1.5, 6)
        rows.append((store, i // 9, normal(random, mean=level, sd=12), normal(random, mean=5, sd=1.5), delay))
    rows[97] = ("south", 97 // 9, 400.0, 25.0, 30.0)
    types = {"store": TEXT, "day": BIGINT, "amount": DOUBLE, "items": DOUBLE, "delay": DOUBLE}
    return DataSet(
        "gaussian", table(types, rows), ("amount", "items", "delay"), ("store",), "day", 97,
        "Three features, three stores of 50 rows, three rows a store and day, delay skewed to the right.",
    )  # fmt: skip


def heavy_ties() -> DataSet:
    random = Random(2)
    rows: list[Sequence[Any]] = []
    for i in range(200):
        tied = i % 5 < 3
        hits = float(random.randrange(4)) if tied else round(random.uniform(0.0, 8.0), 5)
        size = float(random.randrange(3)) if tied else round(random.uniform(0.0, 6.0), 5)
        rows.append(("ab"[i % 2], i // 10, hits, size))
    rows[150] = ("a", 15, 20.0, 20.0)
    return DataSet(
        "heavy_ties", table({"kind": TEXT, "day": BIGINT, "hits": DOUBLE, "size": DOUBLE}, rows),
        ("hits", "size"), ("kind",), "day", 150,
        "60 % of the rows are whole numbers, some on edges of the 10 bins over 0 .. 20. Rows may be "
        "equal in order key and features: compare ROWS frames as multisets.",
    )  # fmt: skip


def mostly_constant() -> DataSet:
    random = Random(3)
    rows = [(3.0 if i % 5 < 3 else round(random.uniform(0.0, 6.0), 5), i) for i in range(60)]
    return DataSet(
        "mostly_constant", table({"x": DOUBLE, "day": BIGINT}, rows), ("x",), (), "day", None,
        "60 % of the values are 3, so mad has a scale of 0, a constant baseline, where zscore has none.",
    )  # fmt: skip


def scaled(name: str, seed: int, *, mean: float, sd: float, notes: str) -> DataSet:
    random = Random(seed)
    rows = [(i // 2, normal(random, mean=mean, sd=sd), normal(random, mean=-mean, sd=sd)) for i in range(100)]
    rows[61] = (30, mean + 15 * sd, -mean + 15 * sd)
    return DataSet(
        name, table({"day": BIGINT, "x": DOUBLE, "y": DOUBLE}, rows), ("x", "y"), (), "day", 61, notes
    )


def offset() -> DataSet:
    notes = "Seconds since the epoch with a deviation of 1: sums of squares cancel, bin widths round to 2e-7."
    return scaled("offset", 4, mean=1.7e9, sd=1.0, notes=notes)


def tiny() -> DataSet:
    return scaled(
        "tiny", 5, mean=3e-12, sd=1e-12, notes="Scale 1e-12: no absolute tolerance may decide here."
    )


def huge() -> DataSet:
    return scaled("huge", 6, mean=5e12, sd=1e12, notes="Scale 1e12.")


def constant() -> DataSet:
    random = Random(7)
    rows = [(0.1, normal(random, mean=10.0)) for _ in range(60)]
    rows[33] = (0.1, 40.0)
    return DataSet(
        "constant", table({"flat": DOUBLE, "x": DOUBLE}, rows), ("flat", "x"), (), None, 33,
        "flat is always 0.1, whose running sums are inexact: its deviation must be exactly nothing.",
    )  # fmt: skip


def constant_then_step() -> DataSet:
    steps = {80: 0.2, 81: 0.1, 82: 5.0, 83: -5.0}
    rows = [(i, steps.get(i, 0.1)) for i in range(84)]
    return DataSet(
        "constant_then_step", table({"day": BIGINT, "x": DOUBLE}, rows), ("x",), (), "day", None,
        "0.1 until day 79. Causal, or with FILTER (WHERE day < 80): a constant baseline; leave-one-out on "
        "day <= 80 leaves only 0.1 for day 80.",
    )  # fmt: skip


def collinear() -> DataSet:
    random = Random(8)
    xs = [normal(random, mean=4.0, digits=4) for _ in range(80)]
    xs[12] = 30.0
    return DataSet(
        "collinear", table({"x": DOUBLE, "twice": DOUBLE, "minus": DOUBLE}, [(x, 2 * x + 1, -x) for x in xs]),
        ("x", "twice", "minus"), (), None, 12,
        "twice = 2 x + 1, minus = -x: equal terms for zscore and mad, the first in call order is the reason.",
    )  # fmt: skip


def all_null_group() -> DataSet:
    random = Random(9)
    rows: list[Sequence[Any]] = []
    for i in range(90):
        store = "abc"[i % 3]
        if store == "c":
            rows.append((store, i, None, None))
        else:
            rows.append(
                (store, i, None if i % 20 == 1 else normal(random), None if i % 20 == 7 else normal(random))
            )
    rows[45] = ("a", 45, 25.0, 25.0)
    return DataSet(
        "all_null_group", table({"store": TEXT, "day": BIGINT, "x": DOUBLE, "y": DOUBLE}, rows),
        ("x", "y"), ("store",), "day", 45, "Store c has no value at all; a and b miss one here and there.",
    )  # fmt: skip


def null_and_nan_keys() -> DataSet:
    random = Random(10)
    keys = [None, math.nan, 0.0, -0.0, 1.5]
    rows = [
        (keys[i % 5], "uv"[i // 5 % 2] if i % 3 else None, normal(random, mean=i % 5)) for i in range(120)
    ]
    rows[60] = (None, None, 60.0)
    return DataSet(
        "null_and_nan_keys", table({"k": DOUBLE, "part": TEXT, "x": DOUBLE}, rows), ("x",), ("k",), None, 60,
        "k is NULL, NaN, 0.0, -0.0 or 1.5: four groups. part is a second key with NULLs.",
    )  # fmt: skip


def negative_zero() -> DataSet:
    signs = [0.0, -0.0]
    rows = [
        (signs[i % 2], (-0.0 if i % 3 else 0.0) if i % 4 < 2 else float(i % 7 - 3), float(i))
        for i in range(56)
    ]
    return DataSet(
        "negative_zero", table({"zeros": DOUBLE, "mixed": DOUBLE, "day": DOUBLE}, rows),
        ("zeros", "mixed"), (), "day", None,
        "zeros is a constant written in two ways; mixed has both zeros among -3 .. 3.",
    )  # fmt: skip


def one_row() -> DataSet:
    types = {"store": TEXT, "day": BIGINT, "x": DOUBLE, "y": DOUBLE}
    return DataSet(
        "one_row", table(types, [("a", 1, 5.0, -1.0)]), ("x", "y"), ("store",), "day", None, "One row."
    )


def empty() -> DataSet:
    types = {"store": TEXT, "day": BIGINT, "x": DOUBLE, "y": DOUBLE}
    return DataSet("empty", table(types, []), ("x", "y"), ("store",), "day", None, "No rows, but types.")


def decimal() -> DataSet:
    random = Random(11)
    rows = [
        (
            i,
            Decimal(random.randrange(900_000, 1_100_000)).scaleb(-4),
            None if i == 17 else Decimal(i % 9).scaleb(-1),
        )
        for i in range(70)
    ]
    rows[44] = (44, Decimal("99999.1234"), Decimal("77.0001"))
    kind = pa.decimal128(18, 4)
    return DataSet(
        "decimal", table({"day": BIGINT, "price": kind, "tax": kind}, rows), ("price", "tax"), (), "day", 44,
        "DECIMAL(18,4): arithmetic before the cast to DOUBLE loses digits or overflows.",
    )  # fmt: skip


def boolean() -> DataSet:
    random = Random(12)
    rows: list[Sequence[Any]] = [
        (i, None if i == 9 else i % 3 == 0, normal(random, mean=2.0)) for i in range(60)
    ]
    rows[31] = (31, True, 50.0)
    return DataSet(
        "boolean", table({"day": BIGINT, "flag": pa.bool_(), "x": DOUBLE}, rows), ("flag", "x"), (), "day",
        None, "flag is TRUE in a third of the rows, for mad a constant baseline. x is far out in id 31.",
    )  # fmt: skip


def timestamptz() -> DataSet:
    start = dt.datetime(2024, 3, 30, 12, tzinfo=dt.UTC)
    naive = dt.datetime(2024, 10, 26, 12)
    rows: list[Sequence[Any]] = [
        (
            start + dt.timedelta(hours=i, microseconds=7 * i * i % 1_000_000),
            naive + dt.timedelta(minutes=30 * i, microseconds=i),
            dt.date(2024, 3, 1) + dt.timedelta(days=i % 40),
        )
        for i in range(48)
    ]
    rows[20] = (dt.datetime(2031, 1, 1, tzinfo=dt.UTC), dt.datetime(2031, 1, 1), dt.date(2031, 1, 1))
    rows[30] = (None, rows[30][1], rows[30][2])
    types = {"at": pa.timestamp("us", tz=ZONE), "local": pa.timestamp("us"), "day": pa.date32()}
    return DataSet(
        "timestamptz", table(types, rows), ("at", "local", "day"), (), "local", 20,
        "at is hourly across the clock change of 2024-03-31 in Berlin; local is naive (read as UTC) and has "
        "times that a Berlin session would shift or double on 2024-10-27; microseconds must survive.",
    )  # fmt: skip


def nonfinite() -> DataSet:
    random = Random(13)
    rows: list[Sequence[Any]] = [(i, normal(random, mean=1.0), normal(random, mean=-1.0)) for i in range(80)]
    bad = [math.nan, math.inf, -math.inf, 1e308, -1e308, None, 1.1e150]
    for i, value in enumerate(bad):
        rows[5 + 10 * i] = (5 + 10 * i, value, rows[5 + 10 * i][2])
        rows[7 + 10 * i] = (7 + 10 * i, rows[7 + 10 * i][1], value)
        rows[9 + 10 * i] = (9 + 10 * i, value, bad[-1 - i])
    rows[40] = (40, 30.0, 30.0)
    return DataSet(
        "nonfinite", table({"day": BIGINT, "x": DOUBLE, "y": DOUBLE}, rows), ("x", "y"), (), "day", 40,
        "NaN, infinities, 1e308, 1.1e150 and NULL in x, in y and in both: none may reach a fit.",
    )  # fmt: skip


def edge_of_range() -> DataSet:
    rows = [(float(i % 13) * 1e148, (-1.0) ** i * 1e-140 * (i % 5)) for i in range(40)]
    rows[21] = (1e150, 1e-138)
    return DataSet(
        "edge_of_range", table({"large": DOUBLE, "small": DOUBLE}, rows), ("large", "small"), (), None, 21,
        "1e150 is usable: its square fits a double, its cube does not. The cube of 1e-140 is 0.",
    )  # fmt: skip


def bin_edges() -> DataSet:
    tenths = [tenth for tenth in range(11) for _ in range(1 + tenth * tenth % 7)]
    rows = [(tenth / 10, tenth / 10 + 0.7, 3.0 * tenth) for tenth in tenths]
    return DataSet(
        "bin_edges", table({"x": DOUBLE, "y": DOUBLE, "whole": DOUBLE}, rows),
        ("x", "y", "whole"), (), None, None,
        "Every value is an edge of the 10 bins, or an ulp beside it: 0.3 < 3 * 0.1. A value on an edge is "
        "counted above and scored below it; FLOOR((x - lo) / width) gets some of them wrong.",
    )  # fmt: skip


def null_order() -> DataSet:
    random = Random(14)
    rows: list[Sequence[Any]] = [
        (None if i % 11 == 4 else i // 4, "ab"[i % 2], normal(random)) for i in range(66)
    ]
    rows[50] = (12, "a", 20.0)
    return DataSet(
        "null_order", table({"day": BIGINT, "store": TEXT, "x": DOUBLE}, rows), ("x",), ("store",), "day",
        50, "Six rows have no day: if ordered, they are in no baseline, take no position and have no score.",
    )  # fmt: skip


def hostile_columns() -> DataSet:
    random = Random(15)
    names = ("aMount", "a b", "sélect", 'x"y')
    rows: list[Sequence[Any]] = [
        (f"g{i % 2}", i // 2, *(normal(random, mean=j) for j in range(4))) for i in range(60)
    ]
    rows[22] = ("g0", 11, 50.0, 50.0, 50.0, 50.0)
    types = {"Group": TEXT, "Order": BIGINT} | dict.fromkeys(names, DOUBLE)
    return DataSet(
        "hostile_columns", table(types, rows), names, ("Group",), "Order", 22,
        "Reserved words, a blank, an accent, a quote and mixed case as names of features, key and order.",
    )  # fmt: skip


def hostile_table(name: str, columns: tuple[str, str], seed: int) -> DataSet:
    random = Random(seed)
    rows: list[Sequence[Any]] = [("ab"[i % 2], normal(random), normal(random)) for i in range(40)]
    rows[18] = ("a", 20.0, 20.0)
    types = {"store": TEXT} | dict.fromkeys(columns, DOUBLE)
    notes = "The table and its columns are called what generated SQL would like to call its own."
    return DataSet(name, table(types, rows), columns, ("store",), None, 18, notes)


HOSTILE_TABLES: dict[str, tuple[str, str]] = {
    "features": ("centre", "score"),
    "centre": ("features", "n"),
    "source": ("mean", "sd"),
    "scored": ("x", "x1"),
    "bins": ("lo", "hi"),
    "fit": ("model", "sn_x"),
    "baseline": ("model", "terms"),
    "model": ("baseline", "fitted"),
    "terms": ("term", "id_"),
}


def planted() -> DataSet:
    random = Random(16)
    rows: list[Sequence[Any]] = [(i, normal(random, mean=50.0, sd=5.0), normal(random)) for i in range(300)]
    rows[211] = (211, 500.0, -40.0)
    return DataSet(
        "planted", table({"day": BIGINT, "x": DOUBLE, "y": DOUBLE}, rows), ("x", "y"), (), "day", 211,
        "300 rows, one far out in both features, up in one and down in the other.",
    )  # fmt: skip


def words() -> DataSet:
    random = Random(31)
    rows: list[Sequence[Any]] = []
    for i in range(120):
        channel = ["mail", "phone", "shop"][min(int(random.expovariate(1.2)), 2)]
        place = {"mail": 1, "phone": 2, "shop": 3}[channel] if i % 10 else random.randrange(1, 4)
        rows.append(("ab"[i % 2], channel, place, random.random() < 0.2))
    odd = ['say "hi"', "back\\slash", "~1", "tilde~", "süß", "", "null", None]
    for i, word in enumerate(odd):
        rows[9 + 13 * i] = (rows[9 + 13 * i][0], word, rows[9 + 13 * i][2], rows[9 + 13 * i][3])
    rows[4], rows[5] = ("a", "shop", None, True), ("b", None, None, None)
    rows[60] = ("a", "fax", 77, True)
    types = {"half": TEXT, "channel": TEXT, "place": BIGINT, "again": pa.bool_()}
    return DataSet(
        "words", table(types, rows), ("channel", "place", "again"), ("half",), None, 60,
        "Text with quotes, an escape, the mark between a pair, an empty text and the word null; codes; truth values.",
        categories=True,
    )  # fmt: skip


MAKERS: tuple[Callable[[], DataSet], ...] = (
    gaussian, heavy_ties, mostly_constant, offset, tiny, huge, constant, constant_then_step, collinear,
    all_null_group, null_and_nan_keys, negative_zero, one_row, empty, decimal, boolean, timestamptz,
    nonfinite, edge_of_range, bin_edges, null_order, hostile_columns, planted, words,
)  # fmt: skip

DATASETS: list[DataSet] = [make() for make in MAKERS] + [
    hostile_table(name, columns, 20 + i) for i, (name, columns) in enumerate(HOSTILE_TABLES.items())
]
NUMERIC: list[DataSet] = [data for data in DATASETS if not data.categories]
BY_NAME: dict[str, DataSet] = {data.name: data for data in DATASETS}

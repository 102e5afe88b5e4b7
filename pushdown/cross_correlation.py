"""Which of two series moves first: their correlation at every lag, once what each foretells of itself is taken out."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.chain import Chain
from sqlnomaly.pushdown.ops import Expr

KEY, AT, VALUE = "_sn_key", "_sn_at", "_sn_x"
PLACE, MEAN, WIDE, STANDARD, LAST, SECOND, ALIKE = (
    f"_sn_{name}" for name in ("place", "mean", "wide", "z", "last", "second", "alike")
)
PAIR, LAG, FIRST, FIRST_LAST, OTHER, OTHER_LAST, HAVE, FLAT = (
    f"_sn_{name}" for name in ("pair", "lag", "u", "u_last", "v", "v_last", "have", "flat")
)
N, BEST, AT_ZERO, R, FREEDOM, RANK = (f"_sn_{name}" for name in ("n", "best", "at_zero", "r", "freedom", "rank"))
HAD = "_sn_had"
EARLY, LATE = "early", "late"
TINY, STILL, NOTHING = 1e-150, 1e-12, 1e-20
"""What is too small to be squared; a deviation that is rounding, as a share of the mean; a variance that is."""
CLOSEST = 1.0 - 1e-12
LASTING = 0.95
ZERO, ONE = ops.number(0.0), ops.number(1.0)


@dataclass(frozen=True, slots=True)
class Points:
    """The points of each series, as the steps see them.

    Attributes:
        keys: the columns that tell series apart, and what they are compared by.
        features: how many features there are.
        most: the farthest lag.
    """

    keys: Sequence[tuple[str, Expr]]
    features: int
    most: int

    @property
    def same(self) -> list[Expr]:
        """What tells series apart."""
        return [expr for _, expr in self.keys]

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """The pairs of features, from 1."""
        return list(itertools.combinations(range(1, self.features + 1), 2))

    def grouped(self, chain: Chain, *within: str) -> tuple[list[Expr], list[Expr]]:
        """The keys as columns of a group, and what is grouped by."""
        items, groups = [], []
        for name, expr in self.keys:
            own = ops.column(name)
            one = own if expr == own else ops.cast_double(ops.min_(own))  # what is grouped by its text is a DOUBLE
            items.append(exp.alias_(chain.say(one), name))
            groups.append(chain.say(expr))
        items += [exp.alias_(ops.column(name), name) for name in within]
        return items, [*groups, *(ops.column(name) for name in within)]


def correlate(chain: Chain, points: Points) -> None:
    """Adds, for every series, pair and lag, the correlation and how many values it stands on.

    A series is moved to mean 0 and deviation 1, z. Of a pair what is new is taken, z - a of the z before, with the
    larger one of their autocorrelations a (von Neumann's ratio) for both, so that neither is moved against the other.
    """
    _standardise(chain, points)
    _shift(chain, points)
    _moments(chain, points)


def _standardise(chain: Chain, points: Points) -> None:
    """Each feature with mean 0 and deviation 1, beside the two before it, and how alike neighbors are."""
    same, along = points.same, [ops.column(PLACE)]
    numbers = range(1, points.features + 1)

    def value(name: str, number: int) -> Expr:
        return ops.column(f"{name}{number}")

    means = {f"{MEAN}{k}": ops.window(ops.avg(value(VALUE, k)), partition=same) for k in numbers}
    place = ops.window(ops.func("ROW_NUMBER"), partition=same, order=[ops.column(AT)])
    chain.extend("placed", {PLACE: place, **means})
    squares = {k: _squared(ops.sub(value(VALUE, k), value(MEAN, k))) for k in numbers}
    chain.extend("spreads", {f"{WIDE}{k}": ops.window(ops.avg(square), partition=same) for k, square in squares.items()})
    standard = {}
    for k in numbers:
        scale, still = ops.func("SQRT", value(WIDE, k)), ops.mul(ops.number(STILL), ops.abs_(value(MEAN, k)))
        moves = ops.and_(ops.gt(scale, still), ops.gt(value(WIDE, k), ops.number(TINY**2)))
        standard[f"{STANDARD}{k}"] = ops.case((moves, ops.div(ops.sub(value(VALUE, k), value(MEAN, k)), scale)))
    chain.extend("standard", standard)
    before = {}
    for k in numbers:
        for name, lag in ((LAST, 1), (SECOND, 2)):
            moved = ops.func("LAG", value(STANDARD, k), ops.integer(lag))
            before[f"{name}{k}"] = ops.window(moved, partition=same, order=along)
    chain.extend("lagged", before)
    alike = {}
    for k in numbers:
        square = _squared(ops.sub(value(STANDARD, k), value(LAST, k)))
        half = ops.mul(ops.number(0.5), ops.window(ops.avg(square), partition=same))
        alike[f"{ALIKE}{k}"] = ops.sub(ONE, half)
    chain.extend("alike", alike)


def _shift(chain: Chain, points: Points) -> None:
    """What is new in the first of each pair beside what is new in the second so many points later, for every lag."""
    rows = chain.last
    lags = _numbers(chain, "lags", LAG, range(-points.most, points.most + 1))
    pairs = _numbers(chain, "pairs", PAIR, range(1, len(points.pairs) + 1))
    place = ops.add(ops.column(PLACE, EARLY), ops.column(LAG, lags))
    met = [ops.eq(ops.column(PLACE, LATE), place)]
    for name, expr in points.keys:
        sides = [ops.rename(expr, {name: ops.column(name, side)}) for side in (EARLY, LATE)]
        met.append(ops.same(*sides))
    alike = [_of_pair(points, ALIKE, side, EARLY) for side in (0, 1)]
    common = ops.case((ops.ge(alike[0], alike[1]), alike[0]), (ops.not_null(alike[1]), alike[1]))
    columns = {"_sn_a": common, PAIR: ops.column(PAIR, pairs), LAG: ops.column(LAG, lags)}
    for side, table, name in ((0, EARLY, "_sn_left"), (1, LATE, "_sn_right")):
        for stat in (STANDARD, LAST, SECOND):
            columns[f"{name}{stat}"] = _of_pair(points, stat, side, table)
    both = ops.and_(*(ops.not_null(_of_pair(points, VALUE, side, EARLY)) for side in (0, 1)))
    columns[HAVE] = ops.case((ops.and_(both, ops.eq(ops.column(LAG, lags), ops.integer(0))), ops.integer(1)))
    flat = ops.or_(*(ops.is_null(_of_pair(points, ALIKE, side, EARLY)) for side in (0, 1)))
    columns[FLAT] = ops.case((flat, ops.integer(1)), default=ops.integer(0))
    items = [exp.alias_(ops.column(name, EARLY), name) for name, _ in points.keys]
    items += [exp.alias_(chain.say(expr), name) for name, expr in columns.items()]
    moved = exp.Select(expressions=items).from_(exp.alias_(exp.to_table(rows), EARLY, table=True), copy=False)
    for table in (lags, pairs):
        moved = moved.join(exp.to_table(table), join_type="cross", copy=False)
    late = exp.alias_(exp.to_table(rows), LATE, table=True)
    chain.add("moved", moved.join(late, on=chain.say(ops.and_(*met), condition=True), copy=False))
    chain.extend("news", _news())


def _news() -> dict[str, Expr]:
    """What is new in both sides, and in the point before each; NULL where one of them is not known."""
    found: dict[str, Expr] = {}
    for side, own, before in (("_sn_left", FIRST, FIRST_LAST), ("_sn_right", OTHER, OTHER_LAST)):
        now, last, second = (ops.column(f"{side}{stat}") for stat in (STANDARD, LAST, SECOND))
        a = ops.column("_sn_a")
        found[own], found[before] = ops.sub(now, ops.mul(a, last)), ops.sub(last, ops.mul(a, second))
    whole = ops.and_(*(ops.not_null(expr) for expr in found.values()))
    return {name: ops.case((whole, expr)) for name, expr in found.items()}


def _moments(chain: Chain, points: Points) -> None:
    """The correlation at each lag, and how many independent values it is worth."""
    u, u_last, v, v_last = (ops.column(name) for name in (FIRST, FIRST_LAST, OTHER, OTHER_LAST))
    means = {
        "u": u, "v": v, "uu": ops.mul(u, u), "vv": ops.mul(v, v), "uv": ops.mul(u, v), "ul": ops.mul(u, u_last),
        "vl": ops.mul(v, v_last),
    }  # fmt: skip
    items, groups = points.grouped(chain, PAIR, LAG)
    aggregates = {f"_sn_m_{name}": ops.avg(expr) for name, expr in means.items()}
    aggregates |= {N: ops.count(u), HAD: ops.count(ops.column(HAVE)), FLAT: ops.max_(ops.column(FLAT))}
    items += [exp.alias_(chain.say(expr), name) for name, expr in aggregates.items()]
    chain.add("moments", chain.over(*items).group_by(*groups, copy=False))

    def around(product: str, left: str, right: str) -> Expr:
        mean = ops.mul(ops.column(f"_sn_m_{left}"), ops.column(f"_sn_m_{right}"))
        return ops.sub(ops.column(f"_sn_m_{product}"), mean)

    names = {"uu": "uu", "vv": "vv", "uv": "uv", "ul": "uu", "vl": "vv"}
    chain.extend("centred", {f"_sn_c_{name}": around(name, *sides) for name, sides in names.items()})
    uu, vv, uv, ul, vl = (ops.column(f"_sn_c_{name}") for name in names)
    moves = ops.and_(*(ops.gt(part, ops.number(NOTHING)) for part in (uu, vv)))
    ratio = ops.div(uv, ops.mul(ops.sqrt(uu), ops.sqrt(vv)))
    chain.extend("ratios", {R: ops.case((moves, ratio)), "_sn_g": ops.case((moves, ops.div(ops.mul(ul, vl), ops.mul(uu, vv))))})
    g, r = ops.column("_sn_g"), ops.column(R)
    shared = ops.case((ops.lt(g, ZERO), ZERO), (ops.gt(g, ops.number(LASTING)), ops.number(LASTING)), default=g)
    chain.extend("shares", {"_sn_f": ops.div(ops.sub(ONE, shared), ops.add(ONE, shared))})
    whole = ops.floor(ops.add(ops.mul(ops.abs_(r), ops.number(1e9)), ops.number(0.5)))
    chain.extend(
        "correlations",
        {
            FREEDOM: ops.sub(ops.mul(ops.column("_sn_f"), ops.cast_double(ops.column(N))), ops.number(3.0)),
            RANK: ops.coalesce(whole, ops.number(-1.0)),
        },
    )
    same = [*points.same, ops.column(PAIR)]
    # Lags that are equally good but for rounding: the shortest one.
    order = [ops.descending(ops.column(RANK)), ops.abs_(ops.column(LAG)), ops.descending(ops.column(LAG))]
    none = ops.eq(ops.column(LAG), ops.integer(0))
    chain.extend(
        "ranked",
        {
            BEST: ops.window(ops.func("ROW_NUMBER"), partition=same, order=order),
            AT_ZERO: ops.window(ops.max_(ops.case((none, r))), partition=same),
            "_sn_had_all": ops.window(ops.max_(ops.column(HAD)), partition=same),
            "_sn_least": ops.window(ops.min_(ops.column(N)), partition=same),
        },
    )


def chance(tests: int) -> Expr:
    """The probability that one of so many correlations of unrelated series is farther from 0 than R, at most 1.

    Fisher's z of the correlation in units of its deviation is taken to be normal; its tail to 1.2e-7 of it (Press and
    others, Numerical Recipes in C, 1992, section 6.2: erfcc).
    """
    size = ops.abs_(ops.column(R))
    near = ops.case((ops.gt(size, ops.number(CLOSEST)), ops.number(CLOSEST)), default=size)
    fisher = ops.mul(ops.number(0.5), ops.ln_positive(ops.div(ops.add(ONE, near), ops.sub(ONE, near))))
    freedom = ops.column(FREEDOM)
    z = ops.mul(fisher, ops.func("SQRT", ops.case((ops.gt(freedom, ZERO), freedom))))
    away = ops.mul(ops.number(0.5**0.5), ops.case((ops.lt(z, ops.number(35.0)), z), (ops.not_null(z), ops.number(35.0))))
    t = ops.div(ONE, ops.add(ONE, ops.mul(ops.number(0.5), away)))
    series: Expr = ops.number(0.17087277)
    for term in (-0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368):
        series = ops.add(ops.number(term), ops.mul(t, series))
    exponent = ops.add(ops.sub(ops.number(-1.26551223), ops.mul(away, away)), ops.mul(t, series))
    found = ops.mul(ops.number(float(tests)), ops.mul(t, ops.func("EXP", exponent)))
    return ops.case((ops.gt(found, ONE), ONE), default=found)


def _of_pair(points: Points, stat: str, side: int, table: str) -> Expr:
    """A column of the first or the second feature of the pair at hand."""
    pairs = points.pairs
    branches = []
    for feature in range(1, points.features + 1):
        numbers = [number for number, pair in enumerate(pairs, start=1) if pair[side] == feature]
        if numbers:
            branches.append((ops.among(ops.column(PAIR), numbers), ops.column(f"{stat}{feature}", table)))
    return branches[0][1] if len(branches) == 1 else ops.case(*branches)


def _numbers(chain: Chain, step: str, name: str, numbers: Sequence[int]) -> str:
    """A relation of whole numbers, and what it is called."""
    rows = [exp.Select(expressions=[exp.alias_(ops.integer(number), name)]) for number in numbers]
    chain.add(step, rows[0] if len(rows) == 1 else exp.union(*rows, distinct=False, copy=False))
    return chain.last


def _squared(value: Expr) -> Expr:
    """The square, of what is too small for one 0: PostgreSQL refuses to round it to that."""
    return ops.case((ops.lt(ops.abs_(value), ops.number(TINY)), ZERO), default=ops.mul(value, value))

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
PLACE, MEAN, VARIANCE = "_sn_place", "_sn_mean", "_sn_variance"
STANDARD, LAST, SECOND, ALIKE = "_sn_z", "_sn_last", "_sn_second", "_sn_alike"
PAIR, LAG, COMMON, HAVE, FLAT = "_sn_pair", "_sn_lag", "_sn_a", "_sn_have", "_sn_flat"
LEFT, RIGHT, BEFORE = "_sn_u", "_sn_v", "_before"
N, HAD, R, SHARED, FREEDOM, RANK = "_sn_n", "_sn_had", "_sn_r", "_sn_shared", "_sn_freedom", "_sn_rank"
BEST, AT_ZERO, P = "_sn_best", "_sn_at_zero", "_sn_p"
EARLY, LATE = "early", "late"
TINY, STILL, NOTHING = 1e-150, 1e-12, 1e-20
"""What is too small to be squared; a deviation that is rounding, as a share of the mean; a variance that is."""
CLOSEST, LASTING = 1.0 - 1e-12, 0.95
"""The largest correlation that counts as itself, and the largest product of two autocorrelations."""
FARTHEST = 25.0
"""The exponential of minus its square is a double that every engine has."""
TAIL = (
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
    0.17087277,
)  # fmt: skip
"""The weights of erfcc."""
PAIRED = 8
"""Pairs of values that a correlation takes."""
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
    spreads = {f"{VARIANCE}{k}": ops.window(ops.avg(square), partition=same) for k, square in squares.items()}
    chain.extend("spreads", spreads)
    standard = {}
    for k in numbers:
        scale, still = ops.func("SQRT", value(VARIANCE, k)), ops.mul(ops.number(STILL), ops.abs_(value(MEAN, k)))
        moves = ops.and_(ops.gt(scale, still), ops.gt(value(VARIANCE, k), ops.number(TINY**2)))
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
    columns = {COMMON: common, PAIR: ops.column(PAIR, pairs), LAG: ops.column(LAG, lags)}
    for side, table in ((0, EARLY), (1, LATE)):
        for stat in (STANDARD, LAST, SECOND):
            columns[f"{stat}_{table}"] = _of_pair(points, stat, side, table)
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
    news: dict[str, Expr] = {}
    for name, table in ((LEFT, EARLY), (RIGHT, LATE)):
        now, last, second = (ops.column(f"{stat}_{table}") for stat in (STANDARD, LAST, SECOND))
        news[f"{name}_0"] = ops.sub(now, ops.mul(ops.column(COMMON), last))
        news[f"{name}_1"] = ops.sub(last, ops.mul(ops.column(COMMON), second))
    chain.extend("news", news)
    whole = ops.and_(*(ops.not_null(ops.column(name)) for name in news))
    named = {name: (f"{name}_0", f"{name}_1") for name in (LEFT, RIGHT)}
    kept = {name: ops.case((whole, ops.column(own))) for name, (own, _) in named.items()}
    kept |= {f"{name}{BEFORE}": ops.case((whole, ops.column(last))) for name, (_, last) in named.items()}
    chain.extend("complete", kept)


def _moments(chain: Chain, points: Points) -> None:
    """The correlation at each lag, how many independent values it is worth, and which lag is the best."""
    u, v = ops.column(LEFT), ops.column(RIGHT)
    products = {
        "uu": ops.mul(u, u), "vv": ops.mul(v, v), "uv": ops.mul(u, v), "u_again": ops.mul(u, ops.column(LEFT + BEFORE)),
        "v_again": ops.mul(v, ops.column(RIGHT + BEFORE)),
    }  # fmt: skip
    items, groups = points.grouped(chain, PAIR, LAG)
    found = {f"_sn_mean_{name}": ops.avg(expr) for name, expr in {"u": u, "v": v, **products}.items()}
    found |= {N: ops.count(u), HAD: ops.count(ops.column(HAVE)), FLAT: ops.max_(ops.column(FLAT))}
    items += [exp.alias_(chain.say(expr), name) for name, expr in found.items()]
    chain.add("moments", chain.over(*items).group_by(*groups, copy=False))
    centred = {}
    for name in products:
        first, second = ("u", "v") if name == "uv" else (name[0], name[0])
        means = ops.mul(ops.column(f"_sn_mean_{first}"), ops.column(f"_sn_mean_{second}"))
        centred[f"_sn_{name}"] = ops.sub(ops.column(f"_sn_mean_{name}"), means)
    chain.extend("centred", centred)
    uu, vv, uv, u_again, v_again = (ops.column(name) for name in centred)
    moves = ops.and_(*(ops.gt(part, ops.number(NOTHING)) for part in (uu, vv)))
    ratio = ops.div(uv, ops.mul(ops.sqrt(uu), ops.sqrt(vv)))
    alike = ops.mul(ops.div(u_again, uu), ops.div(v_again, vv))
    chain.extend("ratios", {R: ops.case((moves, ratio)), SHARED: ops.case((moves, alike))})
    r, shared = ops.column(R), ops.column(SHARED)
    lasting = ops.number(LASTING)
    bounded = ops.case((ops.lt(shared, ZERO), ZERO), (ops.gt(shared, lasting), lasting), default=shared)
    chain.extend("bounded", {f"{SHARED}_kept": bounded})
    kept = ops.column(f"{SHARED}_kept")
    worth = ops.mul(ops.div(ops.sub(ONE, kept), ops.add(ONE, kept)), ops.cast_double(ops.column(N)))
    chain.extend("worth", {FREEDOM: ops.sub(worth, ops.number(3.0))})
    # Lags that are equally good but for rounding: the shortest one.
    digits = ops.floor(ops.add(ops.mul(ops.abs_(r), ops.number(1e9)), ops.number(0.5)))
    enough = ops.and_(ops.ge(ops.column(FREEDOM), ONE), ops.ge(ops.column(N), ops.integer(PAIRED)))
    chain.extend("counted", {RANK: ops.case((enough, digits), default=ops.number(-1.0))})
    same = [*points.same, ops.column(PAIR)]
    order = [ops.descending(ops.column(RANK)), ops.abs_(ops.column(LAG)), ops.descending(ops.column(LAG))]
    together = ops.case((ops.eq(ops.column(LAG), ops.integer(0)), r))
    chain.extend(
        "ranked",
        {
            BEST: ops.window(ops.func("ROW_NUMBER"), partition=same, order=order),
            AT_ZERO: ops.window(ops.max_(together), partition=same),
            f"{HAD}_all": ops.window(ops.max_(ops.column(HAD)), partition=same),
        },
    )


def add_chance(chain: Chain, tests: int) -> None:
    """Adds P: how likely it is that one of so many correlations of unrelated series is as far from 0, at most 1.

    Fisher's z of the correlation in units of its deviation is taken to be normal; its tail to 1.2e-7 of it (Press and
    others, Numerical Recipes in C, 1992, section 6.2: erfcc).
    """
    size = ops.abs_(ops.column(R))
    near = ops.case((ops.gt(size, ops.number(CLOSEST)), ops.number(CLOSEST)), default=size)
    chain.extend("odds", {"_sn_odds": ops.div(ops.add(ONE, near), ops.sub(ONE, near))})
    fisher = ops.mul(ops.number(0.5), ops.ln_positive(ops.column("_sn_odds")))
    chain.extend("fisher", {"_sn_far": ops.mul(ops.mul(ops.number(0.5**0.5), fisher), ops.sqrt(ops.column(FREEDOM)))})
    far, most = ops.column("_sn_far"), ops.number(FARTHEST)
    chain.extend("capped", {"_sn_away": ops.case((ops.gt(far, most), most), default=far)})
    away = ops.column("_sn_away")
    chain.extend("tails", {"_sn_t1": ops.div(ONE, ops.add(ONE, ops.mul(ops.number(0.5), away)))})
    for power in (2, 4, 8):
        half = ops.column(f"_sn_t{power // 2}")
        chain.extend("powers", {f"_sn_t{power}": ops.mul(half, half)})
    terms: list[Expr] = []
    for number, weight in enumerate(TAIL):
        term: Expr = ops.number(weight)
        for power in (1, 2, 4, 8):
            if number & power:
                term = ops.mul(term, ops.column(f"_sn_t{power}"))
        terms.append(term)
    chain.extend("exponents", {"_sn_exponent": ops.sub(ops.total(terms), ops.mul(away, away))})
    tail = ops.mul(ops.column("_sn_t1"), ops.func("EXP", ops.column("_sn_exponent")))
    chain.extend("chances", {"_sn_chance": ops.mul(ops.number(float(tests)), tail)})
    found = ops.column("_sn_chance")
    chain.extend("probabilities", {P: ops.case((ops.gt(found, ONE), ONE), default=found)})


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

"""The rounds of the generalized ESD test over the ends of each feature: in each one the farther end goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation
from sqlnomaly.udfs.student import critical, place, powers

LAST, UNFITTED = 1e300, 2e300
"""The order keys of a missing value and of a row that is not fitted: behind every value."""
TIED = 1.0 - 1e-12
"""Two ends that are equally far but for rounding: the upper one goes first."""
CORE = ("n", "core_mean", "core_m2", "core_low", "core_high", "low", "high")
"""What is known of all values, and of the core: those that cannot be outliers."""

Columns = Mapping[str, Expr]


def each(features: Sequence[Feature], rule: Callable[[Feature], Columns]) -> Columns:
    """The columns of every feature, named by what the rule calls them."""
    return {feature.stat(name): expr for feature in features for name, expr in rule(feature).items()}


def ends_of(data: Relation, most: int, alpha: float) -> Relation:
    """The values that may be outliers, at most ``most`` at either end, beside what is known of the core."""
    features = data.features
    ranked = data.extend("ranked", each(features, partial(_ranks, data)))
    placed = ranked.extend("placed", each(features, partial(_places, most)))
    parted = placed.extend("parted", each(features, _parts))
    core = parted.group("core", each(features, _core))
    some = ops.or_(*(ops.eq(feature.get("end"), ops.integer(1)) for feature in features))
    carried = [feature.stat(stat) for feature in features for stat in CORE]
    ends = parted.keep("ends", some).match(core).extend("distances", each(features, _distances), carry=carried)
    return limited(ends, alpha)


def limited(rows: Relation, alpha: float) -> Relation:
    """The relation with the critical value for the number of rows in the column ``rows`` of each feature."""
    features = rows.features
    placed = rows.extend("places", each(features, lambda f: {"at": place(f.get("rows"))}))
    raised = placed.extend("powers", each(features, lambda f: powers(f.get("at"))))
    return raised.extend("limits", each(features, partial(_limit, alpha)))


def rounds(ends: Relation, most: int) -> Relation:
    """The ends beside how many of them are outliers, below and above."""
    rows = ends
    for number in range(1, most + 1):
        rows = rows.extend(f"left_{number}", each(ends.features, partial(_left, ends, number)))
        rows = rows.extend(f"taken_{number}", each(ends.features, partial(_taken, number)))
    return rows.extend("found", each(ends.features, partial(_found, most)))


def cleaned(rows: Relation) -> Relation:
    """One row a partition: the outliers, the sums over the ends that are left, and the values around either edge."""
    features = rows.features
    carried = [feature.stat(stat) for feature in features for stat in CORE]
    return rows.group("cleaned", each(features, _cleaned), carry=carried)


def _ranks(data: Relation, feature: Feature) -> Columns:
    """The fitted value, its place in their order, and how many there are."""
    fitted, key = feature.value, ops.coalesce(feature.value, ops.number(LAST))
    if not isinstance(data.weight, ops.Literal):
        own = ops.eq(data.weight, ops.integer(1))
        fitted, key = ops.case((own, fitted)), ops.case((own, key), default=ops.number(UNFITTED))
    return {
        "x": fitted,
        "rank": data.over(ops.func("ROW_NUMBER"), order=[key]),
        "all": data.over(data.counted(feature.value)),
    }


def _places(most: int, feature: Feature) -> Columns:
    """The place from either end, where so many may go and less than half of all."""
    rank, rows = feature.get("rank"), feature.get("all")

    def within(number: Expr) -> Expr:
        few = ops.and_(ops.le(number, ops.integer(most)), ops.lt(ops.mul(ops.integer(2), number), rows))
        return ops.case((ops.and_(ops.not_null(feature.get("x")), few), number))

    return {"from_low": within(rank), "from_high": within(ops.sub(ops.add(rows, ops.integer(1)), rank))}


def _parts(feature: Feature) -> Columns:
    """The value where it is of the core, and whether the row is kept: an end, or one fitted row if there is none."""
    inside = ops.and_(ops.is_null(feature.get("from_low")), ops.is_null(feature.get("from_high")))
    first = ops.eq(feature.get("rank"), ops.integer(1))
    kept = ops.or_(ops.not_(inside), first)
    return {
        "core": ops.case((inside, feature.get("x"))),
        "end": ops.case((kept, ops.integer(1)), default=ops.integer(0)),
    }


def _core(feature: Feature) -> Columns:
    """The number of all values and their range, the moments of the core and its range."""
    core, x = feature.get("core"), feature.get("x")
    return {
        "n": ops.count(x),
        "low": ops.min_(x),
        "high": ops.max_(x),
        "core_mean": ops.avg(core),
        "core_m2": ops.mul(ops.var_pop(core), ops.count(core)),
        "core_low": ops.min_(core),
        "core_high": ops.max_(core),
    }


def _distances(feature: Feature) -> Columns:
    """The distance from the mean of the core, and how many values are left in the round of the row's place."""
    return {
        "distance": ops.sub(feature.get("x"), feature.get("core_mean")),
        "rows": ops.sub(ops.add(feature.get("all"), ops.integer(1)), feature.get("from_low")),
    }


def _limit(alpha: float, feature: Feature) -> Columns:
    """The critical value."""
    raised = [feature.get(name) for name in powers(feature.value)]
    return {"limit": critical(feature.get("rows"), raised, alpha)}


def _gone(feature: Feature, number: int) -> tuple[Expr, Expr]:
    """How many low and high ends have gone after a round."""
    if number == 0:
        return ops.integer(0), ops.integer(0)
    lows = feature.get(f"lows_{number}")
    return lows, ops.sub(ops.integer(number), lows)


def _sums(feature: Feature, lows: Expr, highs: Expr) -> Columns:
    """The aggregates over the ends that are left."""
    distance = feature.get("distance")
    low = ops.gt(feature.get("from_low"), lows)
    high = ops.gt(feature.get("from_high"), highs)
    left = ops.or_(low, high)
    return {
        "s1": ops.sum_(ops.case((left, distance))),
        "s2": ops.sum_(ops.case((left, ops.mul(distance, distance)))),
    }


def _left(data: Relation, number: int, feature: Feature) -> Columns:
    """Before a round: the sums over the ends that are left, the farthest of them, and the critical value."""
    lows, highs = _gone(feature, number - 1)
    distance = feature.get("distance")
    sums = _sums(feature, lows, highs)
    mine = ops.eq(feature.get("from_low"), ops.integer(number))
    found = {
        "s1": sums["s1"],
        "s2": sums["s2"],
        "lowest": ops.min_(ops.case((ops.gt(feature.get("from_low"), lows), distance))),
        "highest": ops.max_(ops.case((ops.gt(feature.get("from_high"), highs), distance))),
        "limit": ops.max_(ops.case((mine, feature.get("limit")))),
    }
    return {f"{name}_{number}": data.over(expr) for name, expr in found.items()}


def _taken(number: int, feature: Feature) -> Columns:
    """After a round: how many low ends have gone, and the last round in which the end was too far."""
    lows, _ = _gone(feature, number - 1)
    s1, s2, lowest, highest, limit = (
        feature.get(f"{name}_{number}") for name in ("s1", "s2", "lowest", "highest", "limit")
    )
    rows = ops.sub(ops.cast_double(feature.get("all")), ops.number(number - 1))
    mean = ops.div(s1, rows)
    squares = ops.sub(ops.add(feature.get("core_m2"), s2), ops.mul(s1, mean))
    spread = ops.sqrt(ops.div(squares, ops.sub(rows, ops.number(1.0))))
    down, up = ops.sub(mean, lowest), ops.sub(highest, mean)
    below = ops.gt(ops.mul(down, ops.number(TIED)), up)
    farthest = ops.case((below, down), default=up)
    far = ops.and_(
        ops.not_null(limit), ops.lt(lowest, highest), ops.gt(farthest, ops.mul(limit, spread))
    )
    before = ops.integer(0) if number == 1 else feature.get(f"last_{number - 1}")
    return {
        f"lows_{number}": ops.case((below, ops.add(lows, ops.integer(1))), default=lows),
        f"last_{number}": ops.case((far, ops.integer(number)), default=before),
    }


def _found(most: int, feature: Feature) -> Columns:
    """How many outliers there are on either side."""
    last = feature.get(f"last_{most}")

    def side(index: int) -> Expr:
        gone = [(ops.eq(last, ops.integer(n)), _gone(feature, n)[index]) for n in range(1, most + 1)]
        return ops.case(*gone, default=ops.integer(0))

    return {"lows": side(0), "highs": side(1)}


def _cleaned(feature: Feature) -> Columns:
    """The sums over what is left, and the last value that is an outlier and the first that is none on either side."""
    x, lows, highs = feature.get("x"), feature.get("lows"), feature.get("highs")
    low, high = feature.get("from_low"), feature.get("from_high")
    return {
        **_sums(feature, lows, highs),
        "outliers": ops.max_(ops.add(lows, highs)),
        "low_taken": ops.max_(ops.case((ops.le(low, lows), x))),
        "low_kept": ops.min_(ops.case((ops.gt(low, lows), x))),
        "high_kept": ops.max_(ops.case((ops.gt(high, highs), x))),
        "high_taken": ops.min_(ops.case((ops.le(high, highs), x))),
    }

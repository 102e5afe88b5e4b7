"""A fit: how the rows of a query come to stand beside the model that judges them.

One plan of the detector, three ways to run it: grouped (a CTE of one row a partition, joined back), windowed (the same
aggregates as window functions over a frame) and listed (the frame collected into a list, for quantiles of a frame). For
quantiles of all rows before, and where an engine has no lists, rows are paired with those that judge them: ``history``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlglot import exp

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Detector, Shape, Stats
from sqlnomaly.pushdown.distances import Distance
from sqlnomaly.pushdown.frames import HISTORY, Frame
from sqlnomaly.pushdown.history import beside_state
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Along, Extend, Feature, Given, Group, Match, Node, Relation, Source
from sqlnomaly.pushdown.shrunk import Pool, own, shrunk
from sqlnomaly.pushdown.walk import FAR, Walk


@dataclass(frozen=True, slots=True)
class Fit:
    """What is fitted once and may serve several calls.

    Attributes:
        number: 1 for the first fit of the scope.
        features: the features; ``raw`` holds the column of each before cleaning (the same where none is needed).
        order: (column, descending) of the ORDER BY keys.
        fitted: the 0/1 column that says which rows are fitted, or None for all.
        given: the model that the client makes, or None where SQL fits.
        slots: the columns of the season, where they are no keys.
        time: the column of the seconds that rows are ordered by, where a detector wants them and they are times.
        lists: whether the engine has lists, and functions over them.
        pool: the parent group that a series is shrunk towards, or None.
        distance: how its RANGE frame is measured where the engine has no offsets in one.
        walk: the function of the session that walks along the rows, or None for windows.
        countable: whether every order key is known to be a number or a time, which functions order as engines do.
        seasonal: how many of the last keys are slots of a season.
    """

    number: int
    detector: Detector
    features: tuple[Feature, ...]
    raw: tuple[str, ...]
    keys: tuple[str, ...]
    order: tuple[tuple[str, bool], ...]
    frame: Frame | None
    fitted: str | None
    leave_one_out: bool
    nulls: str
    min_rows: int
    given: Given | None = None
    slots: tuple[str, ...] = ()
    time: str | None = None
    lists: bool = True
    pool: Pool | None = None
    distance: Distance | None = None
    walk: str | None = None
    countable: bool = True
    seasonal: int = 0

    @property
    def prefix(self) -> str:
        """What the names of this fit's columns begin with."""
        return "_sn" if self.number == 1 else f"_sn{self.number}"

    def relation(self, node: Node) -> Relation:
        """The node as this fit's detector sees it."""
        weight = ops.integer(1) if self.fitted is None else ops.column(self.fitted)
        if not self.order:
            return Relation(node, self.features, self.keys, weight, enough=self.min_rows)
        lanes, peers, order = _partition(self), _order(self, ties=False), _order(self, ties=True)
        return Relation(
            node,
            self.features,
            self.keys,
            weight,
            tuple(lanes),
            tuple(peers),
            tuple(order),
            self.slots,
            self.min_rows,
            self.time,
        )

    def windowed(self) -> bool:
        """Whether the baseline of a row depends on where it stands."""
        return bool(self.order)

    def causal(self) -> bool:
        """Whether that is because it looks at no later rows."""
        return self.windowed() and not self.detector.looks_ahead


def stand(fit: Fit, source: Node, rows: Node, *, staged: bool = False) -> Relation:
    """The rows beside their model, so that the detector's terms can be computed.

    Args:
        fit: the fit.
        source: the relation to fit on.
        rows: the same rows, perhaps with more columns, to be scored.
        staged: never take the fused form.
    """
    if fit.pool is not None:
        parents = replace(fit, keys=fit.pool.keys).relation(rows)
        own_rows = stand(_alone(fit), source, rows)
        return shrunk(own_rows, parents, fit.features, fit.pool, lifts=fit.detector.slotted)
    detector = fit.detector
    data = fit.relation(rows)
    if fit.given is not None:
        return detector.meet(data, fit.relation(fit.given))
    if fit.windowed():
        return _ordered(fit, data)
    staged = staged and detector.no_model is None
    fused = None if staged or fit.leave_one_out else detector.fused(data)
    if fused is not None:
        return fused
    state = detector.state(fit.relation(source))
    if fit.leave_one_out and not detector.joint:
        return detector.finish(_without_own(fit, data.match(state)))
    return detector.meet(data, detector.finish(state))


def model_of(fit: Fit, source: Node) -> Relation:
    """One row a partition, of what scoring needs."""
    alone = fit if fit.pool is None else _alone(fit)
    model = alone.detector.finish(alone.detector.state(alone.relation(source)))
    if fit.pool is None:
        return model
    parents = replace(fit, keys=fit.pool.keys).relation(model.node)
    return shrunk(model, parents, fit.features, fit.pool, models=True)


def _alone(fit: Fit) -> Fit:
    """The fit of each series by itself, with names of its own."""
    return replace(fit, features=tuple(own(feature) for feature in fit.features), pool=None)


def in_windows(fit: Fit, rows: Node) -> Relation | None:
    """An unordered fit as window functions over the whole partition, or None where the state is not one aggregate."""
    data = fit.relation(rows)
    if fit.windowed() or fit.detector.on_client or fit.pool is not None:
        return None
    group = _single_group(fit.detector.state(data).node)
    if group is None:
        return None
    suffix = "_all" if fit.leave_one_out else ""
    columns = {name + suffix: _over(fit, expr, None) for name, expr in group.columns.items()}
    beside = data.extend("windows", columns)
    if fit.leave_one_out:
        beside = _without_own(fit, beside, suffix)
    return fit.detector.finish(beside)


def _single_group(node: Node) -> Group | None:
    """The node, if it is one aggregation of the source without quantiles."""
    if isinstance(node, Group) and isinstance(node.data, Source):
        wanted = {"sn_quantile"}
        if not any(_calls(expr, wanted) for expr in node.columns.values()):
            return node
    return None


def _calls(expr: Expr, names: set[str]) -> bool:
    return any(str(part.this) in names for part in expr.find_all(exp.Anonymous))


def _partition(fit: Fit) -> list[Expr]:
    """The partition keys, and a flag that keeps rows without an order key apart."""
    flags = [
        ops.case((ops.is_null(ops.column(column)), ops.integer(1)), default=ops.integer(0))
        for column, _ in fit.order
    ]
    return [*(ops.column(key) for key in fit.keys), *flags]


def _order(fit: Fit, *, ties: bool) -> list[Expr]:
    """The order keys; with ties, feature values settle the order among equals."""
    keys: list[Expr] = [
        exp.Ordered(this=ops.column(column), desc=descending) for column, descending in fit.order
    ]
    if ties:
        for feature in fit.features:
            missing = ops.case((ops.is_null(feature.value), ops.integer(1)), default=ops.integer(0))
            keys += [missing, ops.coalesce(feature.value, ops.number(0.0))]
        if fit.fitted is not None:
            keys.append(exp.Ordered(this=ops.column(fit.fitted), desc=True))
    return keys


def _present(fit: Fit, expr: Expr) -> Expr:
    """The aggregate's expression with every feature value taken from fitted rows only."""
    if fit.fitted is None:
        return expr
    inside = ops.eq(ops.column(fit.fitted), ops.integer(1))
    return ops.rename(expr, {feature.column: ops.case((inside, feature.value)) for feature in fit.features})


def _over(fit: Fit, expr: Expr, frame: Frame | None, *, ties: bool = False) -> Expr:
    """The expression with each aggregate turned into a window function."""

    def rule(part: Expr) -> Expr:
        if ops.is_aggregate(part):
            return ops.window(
                _present(fit, part),
                partition=_partition(fit),
                order=_order(fit, ties=ties) if frame is not None else (),
                frame=frame.spec() if frame is not None else None,
            )
        return part

    return expr.transform(rule) if not ops.is_aggregate(expr) else rule(expr)


def _reader(feature: Feature, suffix: str = "") -> Stats:
    return lambda stat: feature.get(stat + suffix)


def _without_own(fit: Fit, data: Relation, suffix: str = "") -> Relation:
    """Each fitted row beside the state without its own value; the full state stands under names with suffix."""
    columns: dict[str, Expr] = {}
    for feature in fit.features:
        own, full = ops.and_(*_own(fit, feature)), _reader(feature, suffix)
        for stat, expr in (fit.detector.remove(full, feature.value) or {}).items():
            columns[feature.stat(stat)] = ops.case((own, expr), default=full(stat))
    return data.extend("without_own", columns)


def _own(fit: Fit, feature: Feature) -> list[Expr]:
    """What holds where a row's own value is among the fitted ones."""
    fitted = [] if fit.fitted is None else [ops.eq(ops.column(fit.fitted), ops.integer(1))]
    return [ops.not_null(feature.value), *fitted]


def _ordered(fit: Fit, data: Relation) -> Relation:
    """The rows beside the state of their own frame."""
    if fit.walk is not None:
        return _walked(fit, data, fit.walk)
    if fit.detector.shape is Shape.WINDOW:
        return fit.detector.follow(data)
    state = fit.detector.state(fit.relation(Source("")))
    group = _single_group(state.node)
    if group is None and fit.frame is not None and fit.lists and fit.distance is None:
        return _listed(fit, data)
    if group is None:
        place = f"{fit.prefix}__place"
        return fit.detector.finish(beside_state(data, state, place, fit.frame, fit.distance))
    if fit.frame is None:
        return fit.detector.finish(_before_peers(fit, data, group))
    if fit.frame.kind == "RANGE":
        columns = {name: _over(fit, expr, fit.frame) for name, expr in group.columns.items()}
        if not fit.frame.holds_current:
            return fit.detector.finish(data.extend("frame", columns))
        full = data.extend("frame", {name + "_all": expr for name, expr in columns.items()})
        return fit.detector.finish(_without_own(fit, full, "_all"))
    pieces = fit.frame.without_current()
    if len(pieces) == 1:
        columns = {name: _over(fit, expr, pieces[0], ties=True) for name, expr in group.columns.items()}
        return fit.detector.finish(data.extend("frame", columns))
    halves = {
        name + suffix: _over(fit, expr, piece, ties=True)
        for suffix, piece in zip(("_before", "_after"), pieces, strict=True)
        for name, expr in group.columns.items()
    }
    both = data.extend("halves", halves)
    merged: dict[str, Expr] = {}
    for feature in fit.features:
        joined = fit.detector.merge(_reader(feature, "_before"), _reader(feature, "_after")) or {}
        merged |= {feature.stat(stat): expr for stat, expr in joined.items()}
    return fit.detector.finish(both.extend("frame", merged))


def walk_of(fit: Fit) -> Walk | None:
    """What a session would register to walk along the rows of the fit, or None where there are windows alone."""
    frame = fit.frame
    if not fit.windowed() or not fit.detector.walks or fit.pool is not None or not fit.countable:
        return None
    if frame is not None and frame.kind != "ROWS":
        return None
    pieces = None if frame is None else tuple(_ends(piece) for piece in frame.without_current())
    descending, fitted = tuple(down for _, down in fit.order), fit.fitted is not None
    slots = len(fit.slots) + fit.seasonal
    return Walk(fit.detector, fit.features, descending, slots, fitted, pieces, fit.min_rows)


def _ends(piece: Frame) -> tuple[int, int]:
    first, last = piece.ends
    return -FAR if first is None else first, FAR if last is None else last


def _walked(fit: Fit, data: Relation, function: str) -> Relation:
    """The rows beside what the session's function says of them."""
    walk = walk_of(fit)
    assert walk is not None, "a function is registered for what can be walked along"
    keys = [column for column, _ in fit.order]
    flags = [] if fit.fitted is None else [fit.fitted]
    # A function parts slots of a season, and rows without their one key, by itself: more to group by is slow.
    whole = len(fit.keys) - fit.seasonal
    series, slots = fit.keys[:whole], (*fit.slots, *fit.keys[whole:])
    arguments = (*(feature.column for feature in fit.features), *keys, *slots, *flags)
    apart = _partition(fit)[len(fit.keys) :] if len(fit.order) > 1 or not series else []
    lanes = (*(ops.column(key) for key in series), *apart)
    node = Along(data.node, "beside", function, lanes, arguments, walk.columns)
    return replace(data, node=node)


def _before_peers(fit: Fit, data: Relation, group: Group) -> Relation:
    """The state of the rows with strictly smaller keys.

    Of the rows that share a key, the first in any order has just those before it in the frame that ends one row
    before; all its peers take that row's state. No engine needs EXCLUDE for it.
    """
    number = fit.prefix
    peers, before = f"{number}__peers", f"{number}__before"
    partition, order = _partition(fit), _order(fit, ties=False)
    columns = {f"{name}_first": _over(fit, expr, HISTORY) for name, expr in group.columns.items()}
    columns[peers] = ops.window(ops.func("RANK"), partition=partition, order=order)
    columns[before] = ops.window(
        ops.count(ops.integer(1)), partition=partition, order=order, frame=HISTORY.spec()
    )
    history = data.extend("history", columns)
    earlier = {
        name: ops.window(
            ops.func("FIRST_VALUE", ops.column(f"{name}_first")),
            partition=[*partition, ops.column(peers)],
            order=[ops.column(before)],
        )
        for name in group.columns
    }
    return history.extend("earlier", earlier)


def _listed(fit: Fit, data: Relation) -> Relation:
    """The rows beside the state of their frame, computed on lists of the frame's values."""
    assert fit.frame is not None, "without a frame the rows are paired"
    whole = fit.frame.kind == "RANGE"
    pieces = (fit.frame,) if whole else fit.frame.without_current()
    names = [f"_list{index}" for index in range(len(pieces))]
    lists = {
        feature.stat("x") + name: _over_list(fit, feature, piece)
        for feature in fit.features
        for name, piece in zip(names, pieces, strict=True)
    }
    collected = data.extend("frame", lists)
    held = whole and fit.frame.holds_current
    joined = {}
    for feature in fit.features:
        parts = [feature.get("x" + name) for name in names]
        both = parts[0] if len(parts) == 1 else ops.special("list_join", *parts)
        joined[feature.stat("all" if held else "list")] = ops.special("list_sort", both)
    result = collected.extend("sorted", joined)
    if held:
        result = result.extend("without_own", {f.stat("list"): _others(fit, f) for f in fit.features})
    return fit.detector.finish(_on_lists(fit, fit.detector.state(fit.relation(Source(""))).node, result))


def _others(fit: Fit, feature: Feature) -> Expr:
    """The sorted values of a frame that holds its own row, without that row's value where it is fitted."""
    every = feature.get("all")
    return ops.case((ops.and_(*_own(fit, feature)), ops.special("list_without", every, feature.value)), default=every)


def _over_list(fit: Fit, feature: Feature, piece: Frame) -> Expr:
    return ops.window(
        ops.special("list", _present(fit, feature.value)),
        partition=_partition(fit),
        order=_order(fit, ties=piece.kind == "ROWS"),
        frame=piece.spec(),
    )


def _on_lists(fit: Fit, node: Node, rows: Relation) -> Relation:
    """The detector's state plan, each aggregation as an expression over the lists."""
    if isinstance(node, Source):
        return rows
    if isinstance(node, Match):
        return _on_lists(fit, node.data, _on_lists(fit, node.model, rows))
    if isinstance(node, Extend):
        inner = _on_lists(fit, node.data, rows)
        return inner.extend(node.name, node.columns)
    assert isinstance(node, Group), f"{type(node).__name__} has no list form"
    inner = _on_lists(fit, node.data, rows)
    mapped: dict[str, Expr] = {}
    columns: dict[str, Expr] = {}
    for name, expr in node.columns.items():
        if expr == ops.min_(ops.column(name)):
            continue  # carried: the row has it already
        value = expr.expressions[0]
        feature = next(f for f in fit.features if any(c.name == f.column for c in value.find_all(exp.Column)))
        values = feature.get("list")
        if not isinstance(value, exp.Column):
            each = ops.rename(value, {feature.column: ops.column("_sn__v")})
            mapped[name + "_list"] = ops.special("list_sort", ops.special("list_map", values, each))
            values = ops.column(name + "_list")
        columns[name] = _list_aggregate(expr, values)
    if mapped:
        inner = inner.extend(node.name + "_lists", mapped)
    return inner.extend(node.name, columns)


def _list_aggregate(aggregate: Expr, values: Expr) -> Expr:
    count = ops.special("list_count", values)
    if aggregate.name == "COUNT":
        return count
    assert aggregate.name == "sn_quantile", f"{aggregate.name} has no list form"
    share = aggregate.expressions[1]
    position = ops.mul(ops.sub(count, ops.integer(1)), share)
    lower = ops.floor(position)
    first = ops.special("list_at", values, ops.add(lower, ops.integer(1)))
    second = ops.special("list_at", values, ops.add(lower, ops.integer(2)))
    step = ops.mul(ops.sub(ops.coalesce(second, first), first), ops.sub(position, lower))
    return ops.case((ops.gt(count, ops.integer(0)), ops.add(first, step)))

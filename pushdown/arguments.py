"""What a call of a stored model is given: the kinds of its features, and what stands for its partition keys."""

from __future__ import annotations

from sqlglot import exp

from sqlnomaly.errors import BindError, CallError
from sqlnomaly.pushdown.bind import Columns, Kind, kind_shown
from sqlnomaly.pushdown.calls import Call, contains_call
from sqlnomaly.pushdown.fitted import FittedModel, Kept, Parameter
from sqlnomaly.pushdown.joined import group_keys
from sqlnomaly.pushdown.names import identifier_of
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.select import ROWS, Scope, Settings, visible_ctes

TIMES = frozenset({Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMPTZ})
NUMBERS = frozenset({Kind.FLOAT, Kind.INTEGER, Kind.DECIMAL})


def kinds_of(
    call: Call,
    node: exp.Anonymous,
    scope: Scope | None,
    settings: Settings,
    assumed: list[str],
    *,
    grouped: bool,
) -> list[Kind]:
    """The kinds of the features as given: from whoever knows the tables, else from the expressions themselves."""
    kinds = [Kind.UNKNOWN] * len(call.features)
    asks: list[Expr] = [exp.alias_(expr.copy(), f"_sn__q{n}") for n, (expr, _) in enumerate(call.features)]
    if scope is not None:
        found = _asked(scope, asks, grouped=grouped)
        kinds = list(found.kinds) if found is not None else kinds
    elif settings.binder.knows:
        holder = node.find_ancestor(exp.Update, exp.Delete)
        if holder is not None and isinstance(holder.this, exp.Table):
            probe = exp.Select(expressions=asks).from_(holder.this.copy())
            columns = settings.binder.columns(probe)
            kinds = list(columns.kinds) if columns is not None else kinds
    for n, ((expr, _), kind) in enumerate(zip(call.features, kinds, strict=True)):
        if isinstance(expr.unnest(), exp.Null):
            kinds[n] = Kind.UNKNOWN
        elif kind is Kind.UNKNOWN:
            kinds[n] = kind_shown(expr)
        if kinds[n] is Kind.UNKNOWN and not isinstance(expr, exp.Null):
            said = expr.sql(settings.read)
            note = f"{said} has the type that the model was fitted on"
            assumed += [note] if note not in assumed else []
    return kinds


def _asked(scope: Scope, asks: list[Expr], *, grouped: bool) -> Columns | None:
    """What the features are in the scope, or in one around it whose rows they are of."""
    probe = _probe(scope, asks)
    if grouped and (keys := [key.copy() for key in group_keys(scope) if not contains_call(key)]):
        probe.set("group", exp.Group(expressions=keys))
    try:
        return scope.ask(probe)
    except BindError:
        outer = scope.select.parent_select
        if outer is None:
            raise
        around = Scope(outer, visible_ctes(outer), scope.settings)
        both = _probe(around, [one.copy() for one in asks])
        if probe.args.get("from_"):
            both.append("joins", exp.Join(this=probe.args["from_"].this.copy(), kind="CROSS"))
        for join in probe.args.get("joins") or ():
            both.append("joins", join.copy())
        try:
            return around.ask(both)
        except BindError:
            return None  # the types are then those of the expressions themselves


def _probe(scope: Scope, asks: list[Expr]) -> exp.Select:
    """The features over the scope's FROM, without the calls in its conditions, which no engine knows."""
    probe = scope.body(asks, ROWS)
    for join in probe.args.get("joins") or ():
        if join.args.get("on") is not None and contains_call(join.args["on"]):
            join.set("on", exp.true())
    return probe


def check_kind(part: Parameter, kind: Kind, wanted: Kind, kept: Kept, shown: str) -> None:
    """Refuses a feature of another type than the model was fitted on."""
    if kind is Kind.UNKNOWN or wanted is Kind.UNKNOWN or kind is wanted:
        return
    for alike in (NUMBERS, TIMES):
        if kind in alike and wanted in alike:
            return
    raise BindError(
        f"feature {part.name} of the model {kept.name} is a {part.kind.value}, and here it is a {kind.value}",
        where=shown,
        hint=f"CAST it, or make the model anew on {kind.value}s",
    )


def keys_of(call: Call, model: FittedModel, kept: Kept, shown: str) -> dict[str, Expr]:
    """The expression of each partition key: given by the call, or the column of that name."""
    given = call.options.get("partition")
    names = [part.name for part in model.keys]
    if given is None:
        return {name: column_named(name) for name in names}
    inner = given.this if isinstance(given, exp.Paren) else given
    values = list(inner.expressions) if isinstance(inner, exp.Tuple | exp.Array) else [inner]
    if len(values) != len(names):
        keys = f"({', '.join(names)})" if names else "none"
        raise CallError(
            f"the model {kept.name} has {len(names)} partition keys, {keys}; the call gives {len(values)}",
            where=shown,
            hint=f"partition => ({', '.join(names)})" if names else "leave partition out",
        )
    return dict(zip(names, values, strict=True))


def column_named(name: str) -> Expr:
    """The column of a name as the model's query spelled it."""
    return exp.column(identifier_of(name))

"""Names inside calls and names of calls: projections' aliases and ``f(*)`` written out before anything else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlglot import exp

from sqlnomaly.errors import BindError, CallError, UnsupportedError
from sqlnomaly.pushdown.bind import Kind
from sqlnomaly.pushdown.calls import contains_call, direct_calls, name_of, root_of
from sqlnomaly.pushdown.names import identifier
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.places import check_place
from sqlnomaly.pushdown.select import Scope

COUNTABLE = (Kind.FLOAT, Kind.INTEGER, Kind.DECIMAL, Kind.BOOLEAN, Kind.UNKNOWN)


def expand_aliases(scope: Scope) -> None:
    """Replaces, in the scope's own SELECT, names that stand in calls or stand for calls by what they mean.

    Raises:
        BindError: if a name may also be a column and nobody can tell.
        CallError: for an alias that refers to itself, or one that would put a call where none may stand.
    """
    aliases = {
        part.alias.lower(): part.this for part in scope.select.expressions if isinstance(part, exp.Alias)
    }
    for _ in range(len(aliases) + 1):
        if not _expand_once(scope, aliases):
            return
    raise CallError("an alias refers to itself", where=scope.show(scope.select)[:200])


def _expand_once(scope: Scope, aliases: Mapping[str, Expr]) -> bool:
    changed = False
    for column in list(_uses(scope, aliases)):
        meaning = aliases[column.name.lower()]
        if meaning == column or _is_column(scope, column, meaning):
            continue
        fresh = meaning.copy()
        column.replace(
            exp.paren(fresh) if isinstance(fresh, exp.Binary | exp.Not | exp.Between | exp.In) else fresh
        )
        changed = True
    if changed:
        for node in direct_calls(scope.select):
            check_place(node, scope.select, scope.settings.read)
    return changed


def _uses(scope: Scope, aliases: Mapping[str, Expr]) -> Iterator[exp.Column]:
    """Unqualified names that may mean a projection, where the rewrite would lose that meaning."""
    select = scope.select
    seen: set[str] = set()
    blind_star = not scope.settings.binder.knows and any(part.is_star for part in select.expressions)
    for projection in select.expressions:
        for column in projection.find_all(exp.Column):
            name = column.name.lower()
            if column.table or name not in seen or column.find_ancestor(exp.Select) is not select:
                continue
            if blind_star or contains_call(aliases[name]) or _inside_call(column, select):
                yield column
        if isinstance(projection, exp.Alias):
            seen.add(projection.alias.lower())
    for clause in ("qualify", "order", "where", "group", "having"):
        part = select.args.get(clause)
        for column in part.find_all(exp.Column) if part is not None else ():
            name = column.name.lower()
            if column.table or name not in aliases or column.find_ancestor(exp.Select) is not select:
                continue
            if clause == "order" and isinstance(column.parent, exp.Ordered):
                continue  # an output's name, and stays one
            if clause in ("where", "group", "having") and not (blind_star or contains_call(aliases[name])):
                continue  # the inner SELECT has the projection under this name
            yield column


def _inside_call(node: Expr, select: exp.Select) -> bool:
    parent = node.parent
    while parent is not None and parent is not select:
        if name_of(parent) or isinstance(parent, exp.Window | exp.Filter) and contains_call(parent):
            return True
        parent = parent.parent
    return False


def _is_column(scope: Scope, column: exp.Column, meaning: Expr) -> bool:
    """Whether the name is a column of FROM, so that it does not mean the projection."""
    known = scope.columns()
    if known is not None:
        return column.name.lower() in {name.lower() for name in known.names}
    if not scope.select.args.get("from_"):
        return False
    raise BindError(
        f"{column.name} is the name of a projection and may also be a column",
        where=scope.show(column),
        hint=f"give a schema or a connection, or repeat {scope.show(meaning)[:80]} in its place",
    )


def expand_feature_stars(scope: Scope) -> None:
    """Replaces ``f(*)`` by one feature for each numeric column of FROM, in order."""
    for node in list(direct_calls(scope.select)):
        stars = [part for part in node.expressions if part.is_star]
        if not stars:
            continue
        shown = scope.show(root_of(node))
        if len(stars) > 1 or isinstance(stars[0], exp.Column):
            raise UnsupportedError(
                "only a single * can stand for all columns", where=shown, hint="name the columns"
            )
        known = scope.columns()
        if known is None:
            raise BindError(
                "* as features needs the table's columns", where=shown, hint="give a schema or a connection"
            )
        left_out = {part.name.lower() for part in stars[0].args.get("except_") or ()}
        names = [
            name
            for name, kind in zip(known.names, known.kinds, strict=True)
            if kind in COUNTABLE and name.lower() not in left_out
        ]
        if not names:
            raise BindError("* stands for no numeric column", where=shown, hint="name the columns")
        if len({name.lower() for name in names}) < len(names):
            raise BindError("* names a column twice in this join", where=shown, hint="name the columns")
        features = [exp.column(identifier(name, scope.settings)) for name in names]
        index = node.expressions.index(stars[0])
        node.set("expressions", [*node.expressions[:index], *features, *node.expressions[index + 1 :]])

"""Stars and names of the user's projections, as the engine would give them."""

from __future__ import annotations

from sqlglot import exp

from sqlnomaly.errors import UnsupportedError
from sqlnomaly.pushdown.calls import contains_call
from sqlnomaly.pushdown.names import identifier
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.select import ROWS, Scope


def listed(scope: Scope, star: Expr) -> list[exp.Column] | None:
    """What a star of the SELECT list stands for, each column qualified where FROM has several sources.

    None where nobody knows the columns: then a star over a single source can be kept (``kept``).

    Raises:
        UnsupportedError: for a star that can neither be listed nor kept.
    """
    if not scope.settings.binder.knows:
        return None
    inside = star.this if isinstance(star, exp.Column) else star
    if any(value for key, value in inside.args.items() if key != "except_"):
        raise UnsupportedError(
            "* REPLACE and * RENAME beside a detection call are not supported",
            where=scope.show(star),
            hint="name the columns",
        )
    if any(join.method == "NATURAL" for join in scope.select.args.get("joins") or ()):
        raise UnsupportedError(
            "* over a NATURAL join is not supported", where=scope.show(star), hint="write the join with USING"
        )
    sources = scope.sources()
    tables = [star.table] if isinstance(star, exp.Column) and star.table else sources
    joins = scope.select.args.get("joins") or ()
    using = {name.name.lower() for join in joins for name in join.args.get("using") or ()}
    merged = using if len(tables) > 1 else set()
    waiting = [
        (table, name) for table in tables for name in _names(scope, exp.column(exp.Star(), table=table))
    ]
    whole = exp.Star() if len(tables) > 1 else exp.column(exp.Star(), table=tables[0])
    columns = []
    for name in _names(scope, whole):
        if name.lower() in merged:
            columns.append(exp.column(identifier(name, scope.settings)))
            waiting = [pair for pair in waiting if pair[1].lower() != name.lower()]
            continue
        found = next((pair for pair in waiting if pair[1].lower() == name.lower()), None)
        # DuckDB describes the second of two columns named id as id_1.
        found = found or next(
            (pair for pair in waiting if name.lower().startswith(pair[1].lower() + "_")), None
        )
        if found is None:
            raise unknown_star(scope)
        waiting.remove(found)
        table = exp.to_identifier(found[0]) if len(sources) > 1 else None
        columns.append(exp.column(identifier(found[1], scope.settings), table=table))
    left_out = {part.name.lower() for part in inside.args.get("except_") or ()}
    return [column for column in columns if column.name.lower() not in left_out]


def _names(scope: Scope, star: Expr) -> tuple[str, ...]:
    found = scope.ask(scope.body([star], ROWS))
    assert found is not None, "asked only where somebody knows"
    return found.names


def keepable(scope: Scope) -> str:
    """The single source whose star can be kept without knowing its columns.

    Raises:
        UnsupportedError: over joins, for a second star, or where the dialect has no ``* EXCEPT``.
    """
    sources = scope.sources()
    stars = sum(part.is_star for part in scope.select.expressions)
    if len(sources) != 1 or not sources[0] or stars > 1 or not scope.settings.dialect.star_except:
        raise unknown_star(scope)
    return sources[0]


def kept(star: Expr, hidden: tuple[str, ...]) -> Expr:
    """The star over the scored rows without the generated columns, with the user's own EXCEPT and REPLACE."""
    fresh = (star.this if isinstance(star, exp.Column) else star).copy()
    generated = [exp.column(name) for name in hidden]
    fresh.set("except_", [*(fresh.args.get("except_") or []), *generated])
    return fresh


def unknown_star(scope: Scope) -> UnsupportedError:
    """The error for a star whose columns nobody can name."""
    return UnsupportedError(
        "* cannot be kept here without knowing the columns behind it",
        where=scope.show(scope.select)[:200],
        hint="name the columns, or give a schema or a connection",
    )


def engine_names(scope: Scope) -> dict[int, str]:
    """The engine's own names of projections that have none, by position; their SQL where nobody knows."""
    projections = scope.select.expressions
    nameless = [
        index
        for index, part in enumerate(projections)
        if not isinstance(part, exp.Alias | exp.Column) and not part.is_star and not contains_call(part)
    ]
    if not nameless:
        return {}
    found = scope.ask(scope.body(projections[index].copy() for index in nameless))
    if found is None or len(found.names) != len(nameless):
        return {index: projections[index].sql(scope.settings.dialect.sqlglot) for index in nameless}
    return dict(zip(nameless, found.names, strict=True))

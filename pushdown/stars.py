"""Stars and names of the user's projections, as the engine would give them."""

from __future__ import annotations

from sqlglot import exp

from sqlnomaly.errors import BindError, UnsupportedError, nearest
from sqlnomaly.pushdown.calls import contains_call
from sqlnomaly.pushdown.names import identifier
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.select import ROWS, Scope, source_name


def listed(scope: Scope, star: exp.Star | exp.Column) -> list[tuple[Expr, exp.Identifier]] | None:
    """What a star of the SELECT list stands for: each column, qualified where FROM has several sources, and its name.

    None where nobody knows the columns: then a star over a single source can be kept (``kept``).

    Raises:
        UnsupportedError: for a star that can neither be listed nor kept.
        BindError: for a star over nothing, or one that leaves out what is not there.
    """
    inside = star.this if isinstance(star, exp.Column) else star
    if any(value for key, value in inside.args.items() if key != "except_"):
        raise UnsupportedError(
            "* REPLACE and * RENAME beside a detection call are not supported",
            where=scope.show(star),
            hint="name the columns",
        )
    sources = scope.sources()
    if not sources:
        raise BindError("* needs FROM", where=scope.show(star))
    if not scope.settings.binder.knows:
        return None
    wanted = "" if isinstance(star, exp.Star) else star.table.lower()
    if len(sources) == 1 and (not wanted or source_name(sources[0]).lower() in ("", wanted)):
        names = _own_names(scope, sources[0])
        if names is None:
            names = _names(scope, exp.column(exp.Star(), table=wanted) if wanted else exp.Star())
        if "*" in names:
            return None  # a table function that the schema does not know
        columns: list[tuple[Expr, str]] = [
            (exp.column(identifier(name, scope.settings)), name) for name in names
        ]
    elif wanted:
        part = next((part for part in sources if source_name(part).lower() == wanted), None)
        if part is None:
            raise BindError(f"{wanted} is not in FROM", where=scope.show(star))
        columns = _of(scope, part)
        if scope.settings.binder.describe is not None:  # Spark moves the columns of USING here too
            order = [name.lower() for name in _names(scope, exp.column(exp.Star(), table=wanted))]
            columns.sort(key=lambda pair: order.index(pair[1].lower()) if pair[1].lower() in order else 0)
    else:
        columns = _joined(scope, sources)
    left_out = {part.name.lower() for part in inside.args.get("except_") or ()}
    unknown = left_out - {name.lower() for _, name in columns}
    if unknown:
        known = [name for _, name in columns]
        raise BindError(
            f"* has no column {min(unknown)}", where=scope.show(star), hint=nearest(min(unknown), known)
        )
    return [
        (column, identifier(name, scope.settings)) for column, name in columns if name.lower() not in left_out
    ]


def _of(scope: Scope, part: Expr) -> list[tuple[Expr, str]]:
    """The columns of one source, qualified."""
    table = source_name(part)
    if not table:
        raise unknown_star(scope)
    names = _own_names(scope, part)
    if names is None and isinstance(part.this, exp.Table | exp.Subquery):
        found = scope.ask(exp.Select(expressions=[exp.Star()], from_=exp.From(this=part.this.copy())))
        names = found.names if found is not None else ()
    elif names is None:
        names = _names(scope, exp.column(exp.Star(), table=table))
    if "*" in names:
        raise unknown_star(scope)
    name = exp.to_identifier(table)
    return [(exp.column(identifier(one, scope.settings), table=name.copy()), one) for one in names]


def _own_names(scope: Scope, part: Expr) -> tuple[str, ...] | None:
    """The columns of a table as the schema spells them; None for anything else, or where an engine can be asked."""
    ctes = {cte.alias.lower() for cte in scope.visible}
    if not isinstance(part.this, exp.Table) or part.this.name.lower() in ctes or part.this.args.get("pivots"):
        return None
    return scope.settings.binder.table(part.this.name)


def _joined(scope: Scope, sources: list[exp.From | exp.Join | exp.Lateral]) -> list[tuple[Expr, str]]:
    """The columns of ``*`` over joins: USING merges two into one, NATURAL cannot be told."""
    columns: list[tuple[Expr, str]] = []
    first = scope.settings.dialect.using_first
    for part in sources:
        own = _of(scope, part)
        using = [name.name.lower() for name in part.args.get("using") or ()]
        if isinstance(part, exp.Join) and part.method == "NATURAL":
            raise UnsupportedError(
                "* over a NATURAL join is not supported",
                where=scope.show(part),
                hint="write the join with USING",
            )
        merged = []
        for name in using:
            left = next((pair for pair in columns if pair[1].lower() == name), None)
            right = next((pair for pair in own if pair[1].lower() == name), None)
            if left is None or right is None:
                raise unknown_star(scope)
            own.remove(right)
            side = part.side if isinstance(part, exp.Join) else ""
            both = {
                "RIGHT": right[0],
                "FULL": exp.Coalesce(this=left[0].copy(), expressions=[right[0].copy()]),
            }
            fresh = (both.get(side, left[0]), left[1])
            columns[columns.index(left)] = fresh
            merged.append(fresh)
        if first:
            columns = [*merged, *(pair for pair in columns if pair not in merged)]
        columns += own
    if scope.settings.binder.describe is not None:
        names = _names(scope, exp.Star())
        wanted = [name for _, name in columns]
        # DuckDB describes the second of two columns named id as id_1.
        same = len(names) == len(wanted) and all(
            described.lower() == name.lower() or described.lower().startswith(f"{name.lower()}_")
            for described, name in zip(names, wanted, strict=True)
        )
        if not same:
            raise unknown_star(scope)
    return columns


def _names(scope: Scope, star: Expr) -> tuple[str, ...]:
    found = scope.ask(scope.body([star], ROWS))
    assert found is not None, "asked only where somebody knows"
    return found.names


def keepable(scope: Scope, star: exp.Star | exp.Column) -> None:
    """Checks that a star can be kept without knowing its columns, and notes what that takes for granted.

    Raises:
        UnsupportedError: over joins, for a second star, or where the dialect has no ``* EXCEPT``.
    """
    sources = scope.sources()
    stars = sum(part.is_star for part in scope.select.expressions)
    if len(sources) != 1 or stars > 1 or not scope.settings.dialect.star_except:
        raise unknown_star(scope)
    name = source_name(sources[0])
    if isinstance(star, exp.Column) and star.table.lower() != name.lower():
        raise BindError(f"{star.table} is not in FROM", where=scope.show(star))
    scope.assumptions.append(f"no column of {name or 'the source'} begins with _sn")


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


def check_projections(scope: Scope) -> None:
    """Refuses projections that stand for several columns in ways other than a plain star.

    Raises:
        UnsupportedError: for COLUMNS(..) and for a star inside a function.
    """
    for part in scope.select.expressions:
        if part.is_star:
            continue
        kinds = (exp.Columns, exp.Anonymous, exp.Star, exp.Unnest, exp.Explode, exp.Posexplode, exp.Inline)
        for node in part.find_all(*kinds):
            named = isinstance(node, exp.Columns) or node.name.upper() == "COLUMNS"
            counted = isinstance(node.parent, exp.Count) or contains_call(node.parent or node)
            inside = node.find_ancestor(exp.Select) is scope.select
            spread = isinstance(node, exp.Unnest | exp.Explode | exp.Posexplode | exp.Inline)
            many = spread and not isinstance(part, exp.Alias)
            if inside and (named or many or isinstance(node, exp.Star) and not counted):
                raise UnsupportedError(
                    "an expression that gives several columns or rows beside a detection call is not supported",
                    where=scope.show(part),
                    hint="name the columns, or put it into a subquery in FROM",
                )


def engine_names(scope: Scope) -> dict[int, str]:
    """The engine's own names of projections that have none, by position; their SQL where no engine can tell."""
    projections = scope.select.expressions
    nameless = [
        index
        for index, part in enumerate(projections)
        if not isinstance(part, exp.Alias | exp.Column) and not part.is_star and not contains_call(part)
    ]
    if not nameless:
        return {}
    if scope.settings.binder.describe is not None:
        named = scope.named()
        found = scope.ask(scope.body([*named, *(projections[index].copy() for index in nameless)]))
        if found is not None and len(found.names) == len(named) + len(nameless):
            return dict(zip(nameless, found.names[len(named) :], strict=True))
    texts = {index: projections[index].sql(scope.settings.dialect.sqlglot) for index in nameless}
    scope.assumptions += [
        f"the column of {text} may be named so; give it an alias" for text in texts.values()
    ]
    return texts

"""A stored model as a relation beside the rows: one outer join a model, whatever the clause that asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from sqlnomaly.errors import BindError, UnsupportedError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.bind import Kind
from sqlnomaly.pushdown.calls import Call, contains_call
from sqlnomaly.pushdown.fitted import Kept
from sqlnomaly.pushdown.lower import lower
from sqlnomaly.pushdown.names import identifier
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.places import aggregates
from sqlnomaly.pushdown.select import Scope, source_name
from sqlnomaly.pushdown.stars import check_projections, listed

ALIAS = "_sn_model"
"""What the alias of a joined relation begins with."""

Joins = dict[tuple[int, str, str], str]
"""The joins of a statement: the SELECT, the relation and the keys -> the alias."""


@dataclass(frozen=True, slots=True)
class Joined:
    """The relations of a model beside a row.

    Attributes:
        names: relation -> its alias in FROM.
        kept: the model.
        grouped: whether the call is computed of groups, so that a column is read by an aggregate.
    """

    names: Mapping[str, str]
    kept: Kept
    grouped: bool

    def columns(self, relation: str) -> dict[str, Expr]:
        """The columns of a relation, without the partition keys."""
        keys = set(self.kept.model.fit.keys)
        found: dict[str, Expr] = {}
        for name in self.kept.columns[relation]:
            if name not in keys:
                read = ops.column(_own(name), self.names[relation])
                found[name] = ops.max_(read) if self.grouped else read
        return found


def ranks_of(kept: Kept) -> str:
    """The relation that has the held-out scores: as lists, where the engine has a function for them."""
    return "lists" if "lists" in kept.table else "held"


def _own(name: str) -> str:
    """The name of a joined column, which no query could mean."""
    return name if name.startswith("_sn") else f"_sn__{name}"


def join_model(
    node: exp.Anonymous,
    keys: Mapping[str, Expr],
    kept: Kept,
    call: Call,
    scope: Scope | None,
    *,
    known: Joins,
    shown: str,
    grouped: bool,
) -> Joined:
    """Puts the relations that a call reads behind FROM of its SELECT, which is changed, unless they are there.

    Every column of such a relation begins with ``_sn``, and its keys are unique: the join adds no row, and no name that
    a query could mean.

    Raises:
        UnsupportedError: a place that no join reaches.
        BindError: a key that is not known there.
    """
    if scope is None:
        raise UnsupportedError(
            f"the model {kept.name} is joined to the rows of a SELECT, and here is none",
            where=shown,
            hint="score in a SELECT: UPDATE .. SET score = (SELECT ..), or INSERT .. SELECT",
        )
    select = scope.select
    clause: Expr = node
    while clause.parent is not select:
        assert clause.parent is not None, "the call is inside the SELECT"
        clause = clause.parent
    if clause.arg_key in ("joins", "from_", "laterals"):
        raise UnsupportedError(
            f"the model {kept.name} is joined to the rows, so that it cannot be asked in ON or FROM",
            where=shown,
            hint="score in a CTE, and join that",
        )
    if grouped:
        _check_grouped(keys, scope, shown, kept)
    _check_keys(keys, scope, shown, kept)
    relations = ["model"]
    if call.output in ("is_anomaly", "threshold") and kept.model.threshold is None:
        relations.append("calibration")
    if call.output == "probability":
        relations.append(ranks_of(kept))
    names = {}
    for relation in relations:
        names[relation] = _join(scope, keys, kept, relation, known)
    return Joined(names, kept, grouped)


def _join(scope: Scope, keys: Mapping[str, Expr], kept: Kept, relation: str, known: Joins) -> str:
    """The alias of the joined relation."""
    select, settings = scope.select, scope.settings
    table = kept.table[relation]
    which = (id(select), table.sql(), repr(list(keys.values())))
    if which in known:
        return known[which]
    if not any(of == id(select) for of, _, _ in known):
        _settle(scope)
    name = known[which] = settings.names.fresh(f"{ALIAS}{len(known) + 1}")
    columns = [exp.alias_(exp.column(column), _own(column)) for column in kept.columns[relation]]
    rows = exp.Select(expressions=columns).from_(table.copy())
    fresh = exp.Subquery(this=rows, alias=exp.TableAlias(this=exp.to_identifier(name)))
    same = []
    for part, column in zip(kept.model.keys, kept.model.fit.keys, strict=True):
        sides = ops.column(column, name), _of_row(keys[part.name], scope)
        same.append(ops.same(*(_typed(side, part.kind, scope) for side in sides)))
    on = lower(ops.and_(*same), settings.dialect, condition=True)
    select.append("joins", exp.Join(this=fresh, side="LEFT", on=on))
    return name


def _typed(key: Expr, kind: Kind, scope: Scope) -> Expr:
    """A key in the type in which the engine compares keys of its kind, where two types need one."""
    template = f"key_{kind.value}"
    return ops.special(template, key) if template in scope.settings.dialect.templates else key


def _of_row(key: Expr, scope: Scope) -> Expr:
    """A key that reads a column of the row.

    DuckDB 2.0 loses a LIMIT over an outer join on a condition of the joined table alone.
    """
    columns = scope.columns() if key.find(exp.Column, exp.Query) is None else None
    if columns is None or not columns.names or len({*columns.names}) < len(columns.names):
        return key
    read = exp.column(identifier(columns.names[0], scope.settings))
    return ops.case((ops.is_null(read), key), default=key)


def _settle(scope: Scope) -> None:
    """Makes stars and commas of the SELECT mean the same when another relation is joined."""
    select = scope.select
    check_projections(scope)
    if not select.args.get("from_"):
        one = exp.Select(expressions=[exp.alias_(ops.integer(1), "_sn__one")])
        select.set(
            "from_",
            exp.From(this=exp.Subquery(this=one, alias=exp.TableAlias(this=exp.to_identifier("_sn_here")))),
        )
    projections: list[Expr] = []
    for part in select.expressions:
        projections += _spelled(scope, part) if part.is_star else [part]
    select.set("expressions", projections)
    for join in select.args.get("joins") or ():
        plain = not any(join.args.get(name) for name in ("side", "kind", "on", "using", "method"))
        if plain:  # a comma binds less than JOIN
            join.set("kind", "CROSS")


def _spelled(scope: Scope, star: Expr) -> list[Expr]:
    """The star without the columns of what is joined to it."""
    if isinstance(star, exp.Column):
        return [star]
    sources = scope.sources()
    merged = any(part.args.get("using") or getattr(part, "method", "") == "NATURAL" for part in sources[1:])
    names = [source_name(part) for part in sources]
    if (
        all(names)
        and not merged
        and (len(sources) == 1 or not any(value for key, value in star.args.items()))
    ):
        stars = []
        for part, name in zip(sources, names, strict=True):
            alias = (
                part.this.args.get("alias") if not isinstance(part, exp.Lateral) else part.args.get("alias")
            )
            written = alias.this if alias is not None and alias.this is not None else part.this.this
            identifier = written.copy() if isinstance(written, exp.Identifier) else exp.to_identifier(name)
            stars.append(exp.Column(this=star if len(sources) == 1 else star.copy(), table=identifier))
        return list(stars)
    assert isinstance(star, exp.Star)
    found = listed(scope, star)
    if found is None:
        raise UnsupportedError(
            "* cannot be kept beside a joined model without knowing the columns behind it",
            where=scope.show(scope.select)[:200],
            hint="name the columns, or give a schema or a connection",
        )
    return [exp.alias_(column, name.copy()) if column.name != name.name else column for column, name in found]


def _check_grouped(keys: Mapping[str, Expr], scope: Scope, shown: str, kept: Kept) -> None:
    """Refuses a key that is not one of the group's: a group would then have several models."""
    group = group_keys(scope)
    by = [repr(one) for one in group]
    names = {one.name.lower() for one in group if isinstance(one, exp.Column)}
    for name, key in keys.items():
        plain = isinstance(key, exp.Column) and not key.table and key.name.lower() in names
        if repr(key) not in by and not plain:
            raise BindError(
                f"partition key {name} of the model {kept.name} is not in GROUP BY",
                where=shown,
                hint=f"GROUP BY {key.sql(scope.settings.read)}, or partition => (..) of what is",
            )


def _check_keys(keys: Mapping[str, Expr], scope: Scope, shown: str, kept: Kept) -> None:
    """Says early, and of the call, that a key is not in scope."""
    if any(cte.parent is not None and cte.parent.args.get("recursive") for cte in scope.visible):
        return  # nobody lists the columns of a table that names itself
    known = scope.columns()
    if known is None:
        return
    names = [name.lower() for name in known.names]
    for name, key in keys.items():
        if isinstance(key, exp.Column) and not key.table and key.name.lower() not in names:
            raise BindError(
                f"partition key {name} of the model {kept.name} is no column here",
                where=shown,
                hint=f"partition => ({', '.join(keys)}) says what stands for it",
            )


def group_keys(scope: Scope) -> list[Expr]:
    """What the SELECT groups by: positions and output names by what they stand for, ALL by every key."""
    select = scope.select
    group = select.args.get("group")
    if group is None:
        return []
    if group.args.get("all"):
        return [part.unalias() for part in select.expressions if not part.find(exp.AggFunc)]
    aliases = {part.alias.lower(): part.this for part in select.expressions if isinstance(part, exp.Alias)}
    keys = []
    for key in group.expressions:
        if (
            isinstance(key, exp.Literal)
            and not key.is_string
            and 0 < int(key.name) <= len(select.expressions)
        ):
            keys.append(select.expressions[int(key.name) - 1].unalias())
        elif (
            isinstance(key, exp.Column)
            and not key.table
            and contains_call(aliases.get(key.name.lower(), key))
        ):
            keys.append(aliases[key.name.lower()])
        else:
            keys.append(key)
    return keys


def after_grouping(node: Expr, select: exp.Select) -> bool:
    """Whether the node is computed of groups: in a SELECT with aggregates, outside of them, WHERE and GROUP BY."""
    clause, inside = node, False
    while clause.parent is not select:
        assert clause.parent is not None, "the node is inside the SELECT"
        clause = clause.parent
        inside = inside or aggregates(clause)
    if inside or clause.arg_key in ("where", "group", "from_", "joins", "laterals"):
        return False
    return bool(select.args.get("group") or select.args.get("having")) or any(
        aggregate.find_ancestor(exp.Window, exp.Select) is select
        for part in select.expressions
        for aggregate in part.find_all(exp.AggFunc)
    )

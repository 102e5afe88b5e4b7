"""One SELECT under rewrite: its parts, what its FROM can name, and how to ask what it would return."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from sqlnomaly.dialects import Dialect
from sqlnomaly.errors import CallError
from sqlnomaly.pushdown.bind import Binder, Columns
from sqlnomaly.pushdown.calls import contains_call
from sqlnomaly.pushdown.contract import Detector
from sqlnomaly.pushdown.fitted import Kept
from sqlnomaly.pushdown.function import Function
from sqlnomaly.pushdown.names import Names
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.places import subquery_hint

ROWS = ("from_", "joins", "laterals")
"""The parts that say which tables are read."""
BODY = (*ROWS, "where", "group", "having", "windows")
"""The parts that the inner SELECT keeps."""


Models = Callable[[str, int | None], Kept]
"""Finds a stored model by its name and version; None for the current one."""


Look = Callable[[str, str], tuple[tuple[str, ...], str]]
"""Runs a query for points of series, whose rows the second one counts, and says which slots they repeat themselves
by, by name and in words."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the rewrites of a statement share.

    Attributes:
        form: "in_place" or "wrap" to insist on one form.
        staged: never fit and score in one pass.
        tag: tells the temporary names of this statement from those of others that run at the same time.
        models: finds a stored model by name and version, or None where there is nobody to ask.
        look: finds the slots of a season in the rows, or None where there is nobody to ask.
        walks: takes the functions, by name, that a session registers to walk along rows in the place of windows; None
            for windows.
    """

    read: str
    dialect: Dialect
    registry: Mapping[str, type[Detector]]
    binder: Binder
    names: Names
    form: str | None = None
    staged: bool = False
    tag: str = ""
    models: Models | None = None
    look: Look | None = None
    walks: dict[str, Function] | None = None


@dataclass(slots=True)
class Scope:
    """A SELECT that holds calls, and the CTEs that its FROM can name."""

    select: exp.Select
    visible: list[exp.CTE]
    settings: Settings
    assumptions: list[str] = field(default_factory=list)
    _columns: Columns | None = None
    _asked: bool = False

    def show(self, node: Expr) -> str:
        """The node in the user's dialect, for messages."""
        return node.sql(self.settings.read, normalize_functions=False)

    def body(self, projections: Iterable[Expr], parts: tuple[str, ...] = BODY) -> exp.Select:
        """A SELECT of the projections over copies of these parts."""
        fresh = exp.Select(expressions=list(projections))
        for name in parts:
            value = self.group() if name == "group" else self.select.args.get(name)
            if value:
                fresh.set(name, [part.copy() for part in value] if isinstance(value, list) else value.copy())
        return fresh

    def ask(self, probe: exp.Query) -> Columns | None:
        """What the probe would return; None where nobody knows, as of a detection call that is not rewritten yet."""
        if not self.settings.binder.knows:
            return None
        whole = self.with_visible(probe, [])
        return None if contains_call(whole) else self.settings.binder.columns(whole)

    def with_visible(self, query: exp.Query, more: list[exp.CTE]) -> exp.Query:
        """The query, which is changed, behind copies of the CTEs that FROM can name, and more."""
        ctes = [*(cte.copy() for cte in self.reached(query)), *more]
        if ctes:
            recursive = any(
                cte.parent is not None and cte.parent.args.get("recursive") for cte in self.visible
            )
            query.set("with_", exp.With(expressions=ctes, recursive=recursive or None))
        return query

    def reached(self, *queries: Expr) -> list[exp.CTE]:
        """The visible CTEs that the queries, or this SELECT, read, directly or by way of others."""
        named = {cte.alias.lower(): cte for cte in self.visible}
        parts: list[Expr] = [self.select, *queries]
        found: set[str] = set()
        while parts:
            names = {table.name.lower() for table in parts.pop().find_all(exp.Table) if not table.db}
            fresh = (names & named.keys()) - found
            found |= fresh
            parts += [named[name] for name in fresh]
        return [cte for cte in self.visible if cte.alias.lower() in found]

    def columns(self) -> Columns | None:
        """The columns of FROM, or None where nobody knows them."""
        if not self._asked:
            self._asked = True
            if self.select.args.get("from_"):
                self._columns = self.ask(self.body([exp.Star()], ROWS))
        return self._columns

    def sources(self) -> list[exp.From | exp.Join | exp.Lateral]:
        """The parts of FROM that bring columns, in order."""
        found: list[exp.From | exp.Join | exp.Lateral] = []
        for name in ROWS:
            value = self.select.args.get(name)
            parts = value if isinstance(value, list) else [value] if value else []
            found += [part for part in parts if not _brings_nothing(part)]
        return found

    def named(self) -> list[Expr]:
        """Copies of the aliased projections without calls: GROUP BY, HAVING and WHERE may refer to them."""
        return [
            part.copy()
            for part in self.select.expressions
            if isinstance(part, exp.Alias) and not contains_call(part)
        ]

    def group(self) -> exp.Group | None:
        """GROUP BY with positions replaced by what they point to, and ALL by the keys it stands for."""
        group = self.select.args.get("group")
        if group is None:
            return None
        projections = self.select.expressions
        fresh: exp.Group = group.copy()
        if fresh.args.get("all"):
            keys = [
                part.unalias().copy()
                for part in projections
                if not contains_call(part) and not part.find(exp.AggFunc)
            ]
            fresh = exp.Group(expressions=keys)
        resolved = []
        for key in fresh.expressions:
            if not isinstance(key, exp.Literal) or key.is_string:
                resolved.append(key)
                continue
            position = int(key.name)
            if not 1 <= position <= len(projections):
                raise CallError(
                    f"GROUP BY position {position} is not in the SELECT list",
                    where=self.show(group),
                    hint=f"positions go from 1 to {len(projections)}",
                )
            target = projections[position - 1].unalias()
            if contains_call(target):
                raise CallError(
                    "a detection call cannot stand in GROUP BY",
                    where=self.show(target),
                    hint=subquery_hint(self.select, target, self.settings.read),
                )
            resolved.append(target.copy())
        fresh.set("expressions", resolved)
        return fresh


def source_name(part: Expr) -> str:
    """The name under which a part of FROM is known; empty for a table function without an alias."""
    name: str = part.alias if isinstance(part, exp.Lateral) else part.this.alias_or_name
    return name


def _brings_nothing(part: Expr) -> bool:
    """Whether the part is a semi or an anti join, whose columns nobody sees."""
    words = {part.side, part.kind} if isinstance(part, exp.Join) else set()
    return bool(words & {"SEMI", "ANTI"})


def visible_ctes(select: exp.Select) -> list[exp.CTE]:
    """The CTEs that this SELECT's FROM can name: its own and those of enclosing queries, outermost first."""
    found: list[exp.CTE] = []
    node: Expr | None = select
    below: Expr | None = None
    while node is not None:
        with_ = node.args.get("with_")
        if with_ is not None:
            own: list[exp.CTE] = []
            for cte in with_.expressions:
                if below is with_ and _contains(cte, select):
                    break
                own.append(cte)
            found = own + found
        below, node = node, node.parent
    return found


def _contains(ancestor: Expr, node: Expr) -> bool:
    current: Expr | None = node
    while current is not None:
        if current is ancestor:
            return True
        current = current.parent
    return False

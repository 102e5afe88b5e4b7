"""The rewrite of one SELECT: its calls become columns, and everything else keeps meaning, order, type and name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from sqlnomaly.errors import BindError, UnsupportedError
from sqlnomaly.pushdown.aliases import expand_aliases, expand_feature_stars
from sqlnomaly.pushdown.calls import direct_calls
from sqlnomaly.pushdown.client import Drawing
from sqlnomaly.pushdown.compiled import FitInfo
from sqlnomaly.pushdown.cost import Reads
from sqlnomaly.pushdown.drafts import Draft, Wish, draft_fits
from sqlnomaly.pushdown.in_place import in_place
from sqlnomaly.pushdown.joined import ALIAS as MODEL
from sqlnomaly.pushdown.looking import seasoned
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.places import check_place, check_select, volatile_part
from sqlnomaly.pushdown.rules import AlertBudget
from sqlnomaly.pushdown.select import Scope
from sqlnomaly.pushdown.wrap import Wrap


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A rewritten SELECT, the CTEs that go before it, what is known of its fits, and what the client does first."""

    select: exp.Select
    ctes: list[exp.CTE]
    fits: list[FitInfo]
    drawings: list[Drawing] = field(default_factory=list)


def rewrite_select(scope: Scope) -> Rewritten:
    """Rewrites the scope's SELECT; the scope owns it, so that aliases may be expanded in it.

    Raises:
        SqlnomalyError: for whatever cannot be kept as the user wrote it.
    """
    read = scope.settings.read
    check_select(scope.select, read)
    for node in direct_calls(scope.select):
        check_place(node, scope.select, read)
    check_reserved(scope)
    expand_aliases(scope)
    expand_feature_stars(scope)
    drafts, wishes = draft_fits(scope)
    volatile = volatile_part(_judged(drafts, wishes))
    if volatile is not None:
        raise UnsupportedError(
            "a part of the call would be read twice, and may differ each time",
            where=scope.show(volatile),
            hint="write the rows to a table first",
        )
    drafts = [seasoned(scope, draft) for draft in drafts]
    volatile = volatile_part(_source(scope))
    form = scope.settings.form
    walks = scope.settings.walks is not None and any(draft.walks for draft in drafts)
    if form != "wrap" and (volatile is not None or not walks):
        needed = volatile is not None or form == "in_place"
        flat = in_place(scope, drafts, wishes, needed=needed)
        if flat is not None:
            infos = [draft.info(read, "window functions in place", Reads(1, 1)) for draft in drafts]
            return Rewritten(flat, [], infos)
    if volatile is not None:
        raise UnsupportedError(
            "the rows to judge would be read twice, and this part may differ each time",
            where=scope.show(volatile),
            hint="write them to a table first, or fix the order before LIMIT",
        )
    wrap = Wrap(scope, drafts, wishes)
    select, ctes, drawings = wrap.run()
    infos = []
    for draft in drafts:
        drawn = 2 if draft.options.detector.on_client else 0  # what the client reads, and the counting before it
        scans = Reads(wrap.reads.once + drawn, wrap.reads.each + drawn)
        infos.append(draft.info(read, _placement(draft, walked=walks), scans))
    return Rewritten(select, ctes, infos, drawings)


def check_reserved(scope: Scope) -> None:
    """Refuses a name that could be one of the generated ones, unless it is known to be a column.

    Raises:
        BindError: with the name.
    """
    for column in scope.select.find_all(exp.Column):
        ours = column.table.startswith(MODEL)
        if ours or not column.name.lower().startswith("_sn") or column.find_ancestor(exp.Select) is not scope.select:
            continue
        known = scope.columns()
        if known is None or column.name.lower() not in {name.lower() for name in known.names}:
            raise BindError(
                f"{column.name} is no known column, and names that begin with _sn are reserved",
                where=scope.show(column),
                hint="give a schema or a connection if it is a column",
            )


def _judged(drafts: list[Draft], wishes: Mapping[int, Wish]) -> Iterator[Expr]:
    """The user's expressions inside the calls."""
    for wish in wishes.values():
        if isinstance(wish.rule.by, AlertBudget):
            yield from wish.rule.by.per
    for draft in drafts:
        yield from (expr for _, expr in draft.features)
        yield from draft.keys
        yield from (expr for expr, _ in draft.order)
        if draft.condition is not None:
            yield draft.condition


def _source(scope: Scope) -> Iterator[Expr]:
    """Every part of the query that the fit and the score both read, with the CTEs that it reaches."""
    parts: list[Expr] = []
    for name in ("from_", "joins", "laterals", "where", "group", "having"):
        value = scope.select.args.get(name)
        parts += value if isinstance(value, list) else [value] if value else []
    yield from parts
    ctes = {cte.alias.lower(): cte for cte in scope.visible}
    while parts:
        tables = [table.name.lower() for part in parts for table in part.find_all(exp.Table)]
        parts = [ctes.pop(name) for name in dict.fromkeys(tables) if name in ctes]
        yield from parts


def _placement(draft: Draft, *, walked: bool) -> str:
    """How the model meets the rows."""
    detector = draft.options.detector
    if walked and draft.walks:
        return "a function that the session registers walks along the rows of each series, gathered into a list"
    if detector.by_function:
        return "fitted on the client, scored by a function registered in the engine"
    if detector.on_client and draft.order:
        return "run on the client along each series, one row a point, joined to the rows"
    if detector.on_client:
        return "finished on the client, one row a partition, joined to the rows"
    if draft.order and detector.slotted and not detector.looks_ahead:
        return "one row a slot and an age of it, joined to the rows"
    if draft.order and detector.listed and draft.frame is None:
        return "each row beside those before it, n (n - 1) / 2 pairs a partition, one row a place, joined to the rows"
    if draft.order and not detector.looks_ahead:
        return "window functions over each row's own frame"
    return "one row a partition, joined to the rows"

"""The relation forms, ``FROM detect_anomalies(..)`` and others, become a parenthesized SELECT before any other pass."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from sqlnomaly.errors import CallError, UnsupportedError
from sqlnomaly.pushdown.calendar_form import OPTIONS as OF_CALENDARS
from sqlnomaly.pushdown.calendar_form import Calendar, read_calendar
from sqlnomaly.pushdown.causal import judged, read_causal
from sqlnomaly.pushdown.events import OPTIONS as OF_EVENTS
from sqlnomaly.pushdown.events import EventRequest, read_events, told
from sqlnomaly.pushdown.forecast_form import LIMIT, Foretelling, points_of, read_foretold
from sqlnomaly.pushdown.forecast_form import OWN as OF_FORECASTS
from sqlnomaly.pushdown.lead_lag import OWN as OF_LEADERS
from sqlnomaly.pushdown.lead_lag import LeadRequest, led, read_leading
from sqlnomaly.pushdown.model_form import ANSWERS, ModelRequest, answered, read_request, taken
from sqlnomaly.pushdown.names import identifier
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.options import option_names
from sqlnomaly.pushdown.places import check_select, names_in_from
from sqlnomaly.pushdown.regular import regular
from sqlnomaly.pushdown.relation_request import (
    OWN,
    Request,
    read_alone,
    read_arguments,
    read_columns,
    read_source,
)
from sqlnomaly.pushdown.relation_words import (
    CALENDAR,
    CROSSING,
    EVENTS,
    EXAMPLES,
    FORECAST,
    LEADING,
    MARK,
    forms_in,
)
from sqlnomaly.pushdown.select import Scope, Settings

COLUMNS = tuple(ANSWERS)
"""What detect_anomalies adds to the columns of its relation, in this order."""

Asked = Request | ModelRequest | EventRequest | Foretelling | LeadRequest | Calendar
"""A form as read."""

_READERS = (exp.From, exp.Join, exp.Subquery, exp.Merge, exp.Delete)
_KEPT = ("sample", "pivots", "joins", "laterals")


def expand_relations(statement: Expr, settings: Settings) -> Expr:
    """The statement with every relation form written as a parenthesized SELECT; the input is not touched.

    Raises:
        CallError: for a malformed form, or one that stands outside FROM.
        UnsupportedError: in LATERAL, with what the form cannot say, or beside clauses that a query cannot carry.
    """
    if next(forms_in(statement), None) is None:
        return statement
    tree = statement.copy()
    forms = [(form, form.sql(settings.read, normalize_functions=False)) for form in forms_in(tree)]
    for function, shown in reversed(forms):  # the deepest first
        form = function.name.lower()
        holder = _holder(function, form, shown)
        request = _read(function, holder, settings, shown)
        subquery = exp.Subquery(this=request.star())
        alias = holder.args.get("alias") or exp.TableAlias()
        if not alias.name:
            alias.set("this", _own_alias(holder, form, shown))
        for name, part in (("alias", alias), *((name, holder.args.get(name)) for name in _KEPT)):
            subquery.set(name, part)
        holder.replace(subquery)
        subquery.set("this", _answered(request, subquery, settings))
    return tree


def _answered(request: Asked, place: exp.Subquery, settings: Settings) -> exp.Select:
    """The SELECT that the form becomes, where a star over its relation stands now."""
    if isinstance(request, Calendar):
        whole = place.this
        assert isinstance(whole, exp.Select), "it stands there"
        return whole
    if isinstance(request, ModelRequest):
        return answered(request, place.this, settings)
    if isinstance(request, Request):
        return regular(request, place.this, settings).select()
    over = replace(request, request=regular(request.request, place.this, settings))
    place.set("this", over.star())
    if isinstance(over, Foretelling):
        return points_of(over, place.this, settings)
    if isinstance(over, LeadRequest):
        return led(over, place.this, settings)
    return told(over, place.this, settings)


def check_columns(scope: Scope) -> None:
    """Refuses a relation that has one of the six columns already, where its columns are known.

    Raises:
        BindError: naming the column.
    """
    shown = scope.select.meta.get(MARK)
    if shown is None or not scope.select.is_star:
        return
    check_select(scope.select, scope.settings.read)  # asking for the columns of a correlated query would fail
    known = scope.columns()
    if known is None:
        scope.assumptions.append(f"the relation has no column named {', '.join(COLUMNS)}")
    for name in known.names if known is not None else ():
        if name.lower() in COLUMNS:
            raise taken(name, shown)


def _holder(function: exp.Anonymous, form: str, shown: str) -> Expr:
    """The table reference that the form is, with or without TABLE(..) around it."""
    node: Expr = function
    if isinstance(node.parent, exp.Anonymous) and node.parent.name.upper() == "TABLE":
        node = node.parent
    holder = node.parent
    if isinstance(holder, exp.Lateral):
        raise UnsupportedError(
            f"{form} in LATERAL would be fitted anew for every row",
            where=shown,
            hint="score in a CTE and join it",
        )
    if (
        not isinstance(holder, exp.Table | exp.TableFromRows)
        or node.arg_key != "this"
        or not isinstance(holder.parent, _READERS)
        or (holder.arg_key != "using" and isinstance(holder.parent, exp.Merge | exp.Delete))
    ):
        raise CallError(f"{form} gives a table, so it stands in FROM", where=shown, hint=EXAMPLES[form])
    if holder.args.get("db"):
        raise CallError(
            f"{holder.sql()[:60]} is a function of another schema", where=shown, hint=f"{form}(..)"
        )
    for name, value in holder.args.items():
        if value and name not in ("this", "alias", *_KEPT):
            raise UnsupportedError(
                f"{name.strip('_').upper()} behind {form} is not supported",
                where=shown,
                hint="leave it out",
            )
    return holder


def _own_alias(holder: Expr, form: str, shown: str) -> exp.Identifier:
    select = holder.parent_select
    if select is not None and form in names_in_from(select):
        raise CallError(
            f"two of {form} in one FROM need an alias each",
            where=shown,
            hint=f"{form}(..) AS a JOIN {form}(..) AS b",
        )
    return exp.to_identifier(form)


def _read(function: exp.Anonymous, holder: Expr, settings: Settings, shown: str) -> Asked:
    """The form's arguments, checked."""
    form = function.name.lower()
    if form == CALENDAR:
        return read_calendar(read_alone(function, OF_CALENDARS, settings.read, shown), settings, shown)
    allowed = _allowed(form, settings)
    relation, given = read_arguments(function, allowed, settings.read, shown)

    def spell(name: str) -> exp.Identifier:
        return identifier(name, settings)

    source = read_source(relation, holder, form, spell, shown)
    if form in (FORECAST, CROSSING):
        return read_foretold(form, source, given, settings, spell, shown)
    if form == LEADING:
        return read_leading(source, given, spell, shown)
    if form == EVENTS:
        return read_events(source, given, settings, spell, shown)
    if "model" in given:
        return read_request(source, given, settings, spell, shown)
    causal = read_causal(given, shown)
    plain = read_columns(form, source, given, spell, shown)
    return judged(plain, settings, causal=causal, ordered=plain.buckets is not None)


def _allowed(form: str, settings: Settings) -> list[str]:
    """The options of a form."""
    if form in (FORECAST, CROSSING):
        own = [*OF_FORECASTS, *([LIMIT] if form == CROSSING else [])]
        return own + sorted({one for kind in settings.registry.values() if kind.forecasts for one in kind.options()})
    if form == LEADING:
        return [*OF_LEADERS]
    own = [*OWN, *OF_EVENTS] if form == EVENTS else [*OWN]
    return own + sorted(option_names(settings.registry))

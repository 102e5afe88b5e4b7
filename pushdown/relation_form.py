"""The relation form: ``FROM detect_anomalies(..)`` becomes a parenthesized SELECT of calls, before any other pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from sqlnomaly.errors import CallError, UnsupportedError, nearest
from sqlnomaly.pushdown.model_form import ANSWERS, ModelRequest, answered, read_request, taken
from sqlnomaly.pushdown.names import identifier
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.options import LATER, option_names
from sqlnomaly.pushdown.places import check_select, names_in_from
from sqlnomaly.pushdown.relation_words import (
    MARK,
    NAME,
    Spell,
    column_names,
    column_of,
    forms_in,
    named_table,
    ordered_of,
    texts_of,
)
from sqlnomaly.pushdown.select import Scope, Settings

COLUMNS = tuple(ANSWERS)
"""What it adds to the columns of its relation, in this order."""
OWN = ("features", "partition_by", "order_by", "filter")
"""Its own options: names of columns. The others are those of a call."""
GIVEN = "given"
"""The alias of a parenthesized query; engines such as T-SQL insist on one."""
EXAMPLE = "SELECT * FROM detect_anomalies(orders, features => ['amount', 'items'])"

_READERS = (exp.From, exp.Join, exp.Subquery, exp.Merge, exp.Delete)
_KEPT = ("sample", "pivots", "joins", "laterals")
_FOREIGN: Mapping[str, str] = {
    **dict.fromkeys(("data_col", "target_colname", "columns", "cols", "metrics"), "features"),
    **dict.fromkeys(("id_cols", "series_colname", "group_by", "partition_columns"), "partition_by"),
    **dict.fromkeys(("timestamp_col", "timestamp_colname", "time_col"), "order_by"),
    "where": "filter",
}
"""What other systems call our own options."""
_REFUSED: Mapping[str, str] = {
    "frame": "use the call form: anomaly_score(amount) OVER (ORDER BY day ROWS ..)",
}


@dataclass(frozen=True, slots=True)
class Request:
    """One relation form as read.

    Attributes:
        source: a table or an aliased query.
        options: what every call gets as it is.
        shown: the form as the user wrote it, for messages.
        fitted: the column that is true of the rows to fit on, or None for all.
    """

    source: Expr
    features: tuple[Expr, ...]
    keys: tuple[Expr, ...]
    order: tuple[exp.Ordered, ...]
    options: Mapping[str, Expr]
    shown: str = field(compare=False)
    fitted: Expr | None = None

    def select(self) -> exp.Select:
        """The SELECT that gives every column of the source, then the six of the form."""
        answers = [exp.alias_(self._answer(name), name) for name in COLUMNS]
        select = exp.Select(expressions=[exp.Star(), *answers], from_=exp.From(this=self.source.copy()))
        select.meta[MARK] = self.shown
        return select

    def _answer(self, name: str) -> Expr:
        alone = self.options.get("leave_one_out", exp.false()).unnest()
        removed = isinstance(alone, exp.Boolean) and bool(alone.this)
        if name == "anomaly_probability" and (self.order or removed):
            return exp.cast(exp.Null(), exp.DataType.Type.DOUBLE)
        options = [
            exp.Kwarg(this=exp.var(key), expression=value.copy()) for key, value in self.options.items()
        ]
        call: Expr = exp.Anonymous(this=name, expressions=[*(part.copy() for part in self.features), *options])
        if self.fitted is not None:
            call = exp.Filter(this=call, expression=exp.Where(this=self.fitted.copy()))
        window = exp.Window(this=call, partition_by=[key.copy() for key in self.keys], over="OVER")
        if self.order:
            window.set("order", exp.Order(expressions=[part.copy() for part in self.order]))
        return window


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
        holder = _holder(function, shown)
        request = _read(function, holder, settings, shown)
        subquery = exp.Subquery(this=request.select())
        alias = holder.args.get("alias") or exp.TableAlias()
        if not alias.name:
            alias.set("this", _own_alias(holder, shown))
        for name, part in (("alias", alias), *((name, holder.args.get(name)) for name in _KEPT)):
            subquery.set(name, part)
        holder.replace(subquery)
        if isinstance(request, ModelRequest):
            subquery.set("this", answered(request, subquery.this, settings))
    return tree


def check_columns(scope: Scope) -> None:
    """Refuses a relation that has one of the six columns already, where its columns are known.

    Raises:
        BindError: naming the column.
    """
    shown = scope.select.meta.get(MARK)
    if shown is None:
        return
    check_select(scope.select, scope.settings.read)  # asking for the columns of a correlated query would fail
    known = scope.columns()
    if known is None:
        scope.assumptions.append(f"the relation has no column named {', '.join(COLUMNS)}")
    for name in known.names if known is not None else ():
        if name.lower() in COLUMNS:
            raise taken(name, shown)


def _holder(function: exp.Anonymous, shown: str) -> Expr:
    """The table reference that the form is, with or without TABLE(..) around it."""
    node: Expr = function
    if isinstance(node.parent, exp.Anonymous) and node.parent.name.upper() == "TABLE":
        node = node.parent
    holder = node.parent
    if isinstance(holder, exp.Lateral):
        raise UnsupportedError(
            "detect_anomalies in LATERAL would be fitted anew for every row",
            where=shown,
            hint="score in a CTE and join it",
        )
    if (
        not isinstance(holder, exp.Table | exp.TableFromRows)
        or node.arg_key != "this"
        or not isinstance(holder.parent, _READERS)
        or (holder.arg_key != "using" and isinstance(holder.parent, exp.Merge | exp.Delete))
    ):
        raise CallError("detect_anomalies gives a table, so it stands in FROM", where=shown, hint=EXAMPLE)
    if holder.args.get("db"):
        raise CallError(
            f"{holder.sql()[:60]} is a function of another schema", where=shown, hint="detect_anomalies(..)"
        )
    for name, value in holder.args.items():
        if value and name not in ("this", "alias", *_KEPT):
            raise UnsupportedError(
                f"{name.strip('_').upper()} behind detect_anomalies is not supported",
                where=shown,
                hint="leave it out",
            )
    return holder


def _own_alias(holder: Expr, shown: str) -> exp.Identifier:
    select = holder.parent_select
    if select is not None and NAME in names_in_from(select):
        raise CallError(
            "two of detect_anomalies in one FROM need an alias each",
            where=shown,
            hint="detect_anomalies(..) AS a JOIN detect_anomalies(..) AS b",
        )
    return exp.to_identifier(NAME)


def _read(function: exp.Anonymous, holder: Expr, settings: Settings, shown: str) -> Request | ModelRequest:
    """The form's arguments, checked."""
    relation, given = _arguments(function, option_names(settings.registry), settings.read, shown)

    def spell(name: str) -> exp.Identifier:
        return identifier(name, settings)

    source = _source(relation, holder, spell, shown)
    if "model" in given:
        return read_request(source, given, settings, spell, shown)
    features = tuple(
        column_of(name, spell) for name in column_names("features", given.pop("features"), shown)
    )
    keys: tuple[Expr, ...] = ()
    order: tuple[exp.Ordered, ...] = ()
    if "partition_by" in given:
        words = column_names("partition_by", given.pop("partition_by"), shown)
        keys = tuple(column_of(word, spell, named=False) for word in words)
    if "order_by" in given:
        found = [
            ordered_of(text, spell, shown) for text in texts_of("order_by", given.pop("order_by"), shown)
        ]
        order = tuple(found)
    fitted: list[Expr] = []
    if "filter" in given:
        words = column_names("filter", given.pop("filter"), shown)
        if len(words) != 1:
            raise CallError(
                "filter is one column, true of the rows to fit on", where=shown, hint="filter => 'is_reference'"
            )
        fitted = [column_of(words[0], spell, named=False)]
    budgets: list[Expr] = []
    if "budget_per" in given:
        words = column_names("budget_per", given["budget_per"], shown)
        budgets = [column_of(word, spell, named=False) for word in words]
        given["budget_per"] = exp.Tuple(expressions=budgets)
    for column in (*features, *keys, *fitted, *budgets, *(part.this for part in order)):
        name = column.alias_or_name
        if name.lower() in COLUMNS:
            raise taken(name, shown)
    return Request(source, features, keys, order, given, shown, next(iter(fitted), None))


def _arguments(
    function: exp.Anonymous, calls: Iterable[str], read: str, shown: str
) -> tuple[Expr, dict[str, Expr]]:
    """The relation, and the options by name."""
    allowed = [*OWN, *sorted(calls)]
    relation: Expr | None = None
    given: dict[str, Expr] = {}
    for argument in function.expressions:
        text = argument.sql(read, normalize_functions=False)
        if isinstance(argument, exp.Kwarg | exp.PropertyEQ):
            key = argument.this.name.lower()
            if key in given:
                raise CallError(f"option {key} is given twice", where=shown, hint="keep one of them")
            if key in _REFUSED:
                raise UnsupportedError(f"{NAME} has no option {key}", where=shown, hint=_REFUSED[key])
            if key not in {*allowed, *LATER}:
                ours = _FOREIGN.get(key)
                hint = f"{ours} => ['..']" if ours else nearest(key, allowed)
                raise CallError(f"unknown option {key!r} of {NAME}", where=shown, hint=hint)
            given[key] = argument.expression
        elif isinstance(argument, exp.EQ) and isinstance(argument.this, exp.Column):
            key = argument.this.name.lower()
            value = argument.expression.sql(read, normalize_functions=False)
            raise CallError(
                f"{text} compares a column with a value; it is no option",
                where=shown,
                hint=f"{key} => {value}",
            )
        elif relation is not None:
            hint = "name the columns: features => ['amount', 'items']"
            raise CallError(f"{text} is a second relation; {NAME} takes one", where=shown, hint=hint)
        elif given:
            hint = f"{NAME}({text}, ..)"
            raise CallError(f"{text} stands behind the options", where=shown, hint=hint)
        else:
            relation = argument
    if relation is None:
        raise CallError(f"{NAME} needs a relation to judge", where=shown, hint=EXAMPLE)
    if "features" not in given and "model" not in given:
        raise CallError(f"{NAME} needs the features to judge by", where=shown, hint=EXAMPLE)
    return relation, given


def _source(relation: Expr, holder: Expr, spell: Spell, shown: str) -> Expr:
    """What the SELECT reads: a table or an aliased query."""
    inner = relation.this if isinstance(relation, exp.Alias) else relation
    if isinstance(inner, exp.Subquery):
        alias = relation.args["alias"] if isinstance(relation, exp.Alias) else exp.to_identifier(GIVEN)
        fresh: Expr = inner.copy()
        fresh.set("alias", exp.TableAlias(this=alias.copy()))
        return fresh
    table = named_table(relation, spell)
    if table is None:
        raise CallError(
            f"{relation.sql()[:100]} is no relation",
            where=shown,
            hint="a table's name, the same in quotes, or a parenthesized query: "
            "detect_anomalies((SELECT ..), features => ['amount'])",
        )
    beside: set[str] = set()
    parent = holder.parent
    while parent is not None and not isinstance(parent, exp.CTE):
        beside |= names_in_from(parent) if isinstance(parent, exp.Select) else set()
        parent = parent.parent
    if isinstance(relation, exp.Column) and len(table.parts) == 2 and table.db.lower() in beside:
        raise UnsupportedError(
            f"{table.sql()} is a column of {table.db}, which stands in FROM: "
            f"{NAME} would be fitted anew for every row",
            where=shown,
            hint=f"name a table; if {table.db} is a schema too, give a query of {table.sql()} in parentheses",
        )
    return table

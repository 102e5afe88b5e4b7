"""What a relation form asks for: its relation, the names of its columns, and the options, read from its arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from sqlnomaly.errors import CallError, UnsupportedError, nearest
from sqlnomaly.pushdown.buckets import OPTIONS as BUCKETS
from sqlnomaly.pushdown.buckets import Buckets, read_buckets
from sqlnomaly.pushdown.model_form import ANSWERS, taken
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.options import LATER
from sqlnomaly.pushdown.places import names_in_from
from sqlnomaly.pushdown.relation_words import (
    EXAMPLES,
    MARK,
    NAME,
    Spell,
    column_names,
    column_of,
    named_table,
    ordered_of,
    texts_of,
)

OWN = ("features", "partition_by", "order_by", "filter", "causal", *BUCKETS)
"""The options of the form itself: names of columns, and whether they are judged in their order. The others are those of
a call."""
GIVEN = "given"
"""The alias of a parenthesized query; engines such as T-SQL insist on one."""

_FOREIGN: Mapping[str, str] = {
    **dict.fromkeys(("data_col", "target_colname", "columns", "cols", "metrics"), "features => ['..']"),
    **dict.fromkeys(("id_cols", "series_colname", "group_by", "partition_columns"), "partition_by => ['..']"),
    **dict.fromkeys(("timestamp_col", "timestamp_colname", "time_col"), "order_by => ['..']"),
    "where": "filter => ['..']",
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
        order: the keys that the rows are judged along.
        options: what every call gets as it is.
        shown: the form as the user wrote it, for messages.
        fitted: the column that is true of the rows to fit on, or None for all.
        buckets: the series that is made of the rows before they are judged, or None.
    """

    source: Expr
    features: tuple[Expr, ...]
    keys: tuple[Expr, ...]
    order: tuple[exp.Ordered, ...]
    options: Mapping[str, Expr]
    shown: str = field(compare=False)
    fitted: Expr | None = None
    buckets: Buckets | None = None

    def star(self) -> exp.Select:
        """Every column of the source: what stands in the form's place until its answers are known."""
        return exp.Select(expressions=[exp.Star()], from_=exp.From(this=self.source.copy()))

    def select(self) -> exp.Select:
        """The SELECT that gives every column of the source, then the six of the form."""
        answers = [exp.alias_(self._answer(name), name) for name in ANSWERS]
        return self.reading([exp.Star(), *answers])

    def reading(self, projections: list[Expr]) -> exp.Select:
        """A SELECT over the source; an error about one of its calls shows the form."""
        select = exp.Select(expressions=projections, from_=exp.From(this=self.source.copy()))
        select.meta[MARK] = self.shown
        return select

    def ask(self, function: str) -> exp.Window:
        """A call over the features, with the options and the window."""
        options = [
            exp.Kwarg(this=exp.var(key), expression=value.copy()) for key, value in self.options.items()
        ]
        call: Expr = exp.Anonymous(this=function, expressions=[*(part.copy() for part in self.features), *options])
        if self.fitted is not None:
            call = exp.Filter(this=call, expression=exp.Where(this=self.fitted.copy()))
        window = exp.Window(this=call, partition_by=[key.copy() for key in self.keys], over="OVER")
        if self.order:
            window.set("order", exp.Order(expressions=[part.copy() for part in self.order]))
        return window

    def _answer(self, name: str) -> Expr:
        alone = self.options.get("leave_one_out", exp.false()).unnest()
        removed = isinstance(alone, exp.Boolean) and bool(alone.this)
        if name == "anomaly_probability" and (self.order or removed):
            return exp.cast(exp.Null(), exp.DataType.Type.DOUBLE)
        return self.ask(name)


def read_arguments(
    function: exp.Anonymous, allowed: Iterable[str], read: str, shown: str
) -> tuple[Expr, dict[str, Expr]]:
    """The relation, and the options by name.

    Args:
        function: the form.
        allowed: the names of options.
        read: the dialect it is written in.
        shown: the form as the user wrote it.

    Raises:
        CallError: no relation or several, an unknown option, or one twice.
        UnsupportedError: an option that a form does not have.
    """
    form = function.name.lower()
    relation, given = _arguments(function, list(allowed), read, shown)
    if relation is None:
        raise CallError(f"{form} needs a relation to judge", where=shown, hint=EXAMPLES[form])
    if not {"features", "model", "bucket"} & given.keys():
        raise CallError(f"{form} needs the features to judge by", where=shown, hint=EXAMPLES[form])
    return relation, given


def read_alone(function: exp.Anonymous, allowed: Iterable[str], read: str, shown: str) -> dict[str, Expr]:
    """The options by name of a form that reads no relation.

    Raises:
        CallError: a relation, an unknown option, or one twice.
    """
    relation, given = _arguments(function, list(allowed), read, shown)
    if relation is not None:
        form = function.name.lower()
        raise CallError(f"{form} reads no relation: {relation.sql(read)}", where=shown, hint=EXAMPLES[form])
    return given


def _arguments(
    function: exp.Anonymous, names: list[str], read: str, shown: str
) -> tuple[Expr | None, dict[str, Expr]]:
    """The relation, if there is one, and the options by name."""
    form = function.name.lower()
    relation: Expr | None = None
    given: dict[str, Expr] = {}
    for argument in function.expressions:
        text = argument.sql(read, normalize_functions=False)
        if isinstance(argument, exp.Kwarg | exp.PropertyEQ):
            key = argument.this.name.lower()
            if key in given:
                raise CallError(f"option {key} is given twice", where=shown, hint="keep one of them")
            if key in _REFUSED:
                raise UnsupportedError(f"{form} has no option {key}", where=shown, hint=_REFUSED[key])
            if key not in {*names, *(LATER if "features" in names else ())}:
                raise CallError(
                    f"unknown option {key!r} of {form}", where=shown, hint=_FOREIGN.get(key) or nearest(key, names)
                )
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
            raise CallError(f"{text} is a second relation; {form} takes one", where=shown, hint=hint)
        elif given:
            hint = f"{form}({text}, ..)"
            raise CallError(f"{text} stands behind the options", where=shown, hint=hint)
        else:
            relation = argument
    return relation, given


def read_columns(form: str, source: Expr, given: dict[str, Expr], spell: Spell, shown: str) -> Request:
    """The request of a form that names its columns.

    Args:
        form: its name.
        source: what it reads.
        given: the options; those that name columns are taken out.
        spell: spells a plain name.
        shown: the form as the user wrote it.

    Raises:
        CallError: for what names no column.
        BindError: for a column with the name of an answer that stands beside it.
    """
    keys: tuple[Expr, ...] = ()
    order: tuple[exp.Ordered, ...] = ()
    if "partition_by" in given:
        words = column_names("partition_by", given.pop("partition_by"), shown)
        keys = tuple(column_of(word, spell, named=False) for word in words)
    if "order_by" in given:
        texts = texts_of("order_by", given.pop("order_by"), shown)
        order = tuple(ordered_of(text, spell, shown) for text in texts)
    buckets = read_buckets(given, keys, order, spell, shown)
    if buckets is None:
        features = tuple(column_of(name, spell) for name in column_names("features", given.pop("features"), shown))
    else:
        features = tuple(measure.feature for measure in buckets.measures)
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
    if form == NAME:
        for column in (*features, *keys, *fitted, *budgets, *(part.this for part in order)):
            if column.alias_or_name.lower() in ANSWERS:
                raise taken(column.alias_or_name, shown)
    return Request(source, features, keys, order, given, shown, next(iter(fitted), None), buckets)


def read_source(relation: Expr, holder: Expr, form: str, spell: Callable[[str], exp.Identifier], shown: str) -> Expr:
    """What the SELECT reads: a table or an aliased query.

    Raises:
        CallError: for what is no relation.
        UnsupportedError: for a column of another relation in FROM.
    """
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
            f"{form}((SELECT ..), features => ['amount'])",
        )
    beside: set[str] = set()
    parent = holder.parent
    while parent is not None and not isinstance(parent, exp.CTE):
        beside |= names_in_from(parent) if isinstance(parent, exp.Select) else set()
        parent = parent.parent
    if isinstance(relation, exp.Column) and len(table.parts) == 2 and table.db.lower() in beside:
        raise UnsupportedError(
            f"{table.sql()} is a column of {table.db}, which stands in FROM: {form} would be fitted anew for every row",
            where=shown,
            hint=f"name a table; if {table.db} is a schema too, give a query of {table.sql()} in parentheses",
        )
    return table

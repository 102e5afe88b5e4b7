"""The relation form with a stored model: its answers about each row, or about all of them together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from sqlnomaly.errors import BindError, CallError, UnsupportedError, nearest
from sqlnomaly.pushdown.applied import ASKED
from sqlnomaly.pushdown.arguments import column_named
from sqlnomaly.pushdown.asked import model_in
from sqlnomaly.pushdown.bind import Binder
from sqlnomaly.pushdown.calls import contains_call
from sqlnomaly.pushdown.fitted import Kept
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.options import read_by
from sqlnomaly.pushdown.places import check_select
from sqlnomaly.pushdown.relation_words import MARK, NAME, Spell, column_names, column_of
from sqlnomaly.pushdown.rules import BESIDE, AlertBudget, By, FalseDiscoveries
from sqlnomaly.pushdown.select import Scope, Settings, visible_ctes
from sqlnomaly.pushdown.set_verdicts import Judged, judge_together

ANSWERS: Mapping[str, str] = {
    "anomaly_score": "DOUBLE",
    "anomaly_probability": "DOUBLE",
    "is_anomaly": "BOOLEAN",
    "anomaly_threshold": "DOUBLE",
    "anomaly_reason": "VARCHAR",
    "anomaly_status": "VARCHAR",
}
"""What the form adds to the columns of its relation, and the types."""
RULES = ("threshold", "contamination", "fdr", "scope", "alert_budget", "budget_per")
"""The options beside model that say when a score is an anomaly."""
OWN = ("model", "version", "features", "partition_by", *RULES)
_REFUSED: Mapping[str, tuple[str, str]] = {
    "order_by": ("a stored model judges each row by itself", "leave it out, or leave model out"),
    "filter": (
        "the rows to fit on were chosen when the model was made",
        "leave it out; a parenthesized query chooses the rows to judge",
    ),
    "detector": ("the model has its detector", "leave one of the two out"),
    **dict.fromkeys(
        ("bucket", "aggregate", "fill"),
        ("a stored model judges the rows as they are", "make the series in a parenthesized query"),
    ),
    "causal": ("a stored model judges each row by itself", "leave it out"),
    "partition": ("it belongs to a call", "partition_by => ['shop'] names what stands for the model's keys"),
}
"""What is refused beside model, why, and what to do."""


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One relation form of a stored model as read.

    Attributes:
        source: a table or an aliased query.
        kept: the model.
        features: in the order of the model's, or named so.
        keys: what stands for the model's partition keys.
        named: ``model`` and ``version`` as given.
        limit: ``threshold`` or ``contamination`` where the form gives one.
        rule: what judges the rows together, or None.
        shown: the form as the user wrote it, for messages.
    """

    source: Expr
    kept: Kept
    features: tuple[Expr, ...]
    keys: tuple[Expr, ...]
    named: Mapping[str, Expr]
    limit: Mapping[str, Expr]
    rule: FalseDiscoveries | AlertBudget | None
    shown: str = field(compare=False)

    def star(self) -> exp.Select:
        """Every column of the source: what stands in the form's place until its answers are known."""
        return exp.Select(expressions=[exp.Star()], from_=exp.From(this=self.source.copy()))

    def ask(self, function: str, asked: str | None = None) -> Expr:
        """A call of the model."""
        options = {**self.named}
        if self.kept.model.keys:
            options["partition"] = exp.Tuple(expressions=[key.copy() for key in self.keys])
        if function in ("is_anomaly", "anomaly_threshold", "anomaly_status"):
            options |= self.limit
        given = [exp.Kwarg(this=exp.var(key), expression=value.copy()) for key, value in options.items()]
        call = exp.Anonymous(this=function, expressions=[*(part.copy() for part in self.features), *given])
        if asked is not None:
            call.meta[ASKED] = asked
        return call

    def absent(self) -> dict[str, Expr]:
        """The answers that the model cannot give, as typed NULL."""
        model, names = self.kept.model, []
        if not holds_rows(self.kept):
            names.append("anomaly_probability")
        if not (self.rule or self.limit or model.judges):
            names += ["is_anomaly", "anomaly_threshold"]
        if model.detector.by_function:
            names.append("anomaly_reason")
        return {name: exp.cast(exp.Null(), ANSWERS[name]) for name in names}


def answered(request: ModelRequest, select: exp.Select, settings: Settings) -> exp.Select:
    """The SELECT of the answers.

    Args:
        request: the form.
        select: what ``request.star`` gave, where the form stood.
        settings: of the statement.

    Raises:
        BindError: a relation that has one of the answers' names already.
        UnsupportedError: in a correlated query, or where nobody knows the columns that a star stands for.
    """
    check_select(select, settings.read)
    scope = Scope(select, visible_ctes(select), settings)
    if any(contains_call(part) for part in (select, *scope.reached())):  # nobody knows before they are rewritten
        scope.settings = Settings(
            settings.read, settings.dialect, settings.registry, Binder(settings.dialect, settings.read), settings.names
        )
    known = scope.columns()
    if known is not None:
        _check_columns(request, known.names)
    mark = {MARK: request.shown}
    absent = request.absent()
    star = select.expressions[0]
    if request.rule is not None:
        judged = Judged(request.kept.model, request.rule, request.keys, request.ask, absent)
        return judge_together(scope, judged, star, mark)
    answers = [exp.alias_(absent.get(name) or request.ask(name), name) for name in ANSWERS]
    plain = exp.Select(expressions=[star.copy(), *answers], from_=exp.From(this=request.source.copy()))
    plain.meta.update(mark)
    return plain


def read_request(
    source: Expr, given: Mapping[str, Expr], settings: Settings, spell: Spell, shown: str
) -> ModelRequest:
    """The form's arguments, checked.

    Raises:
        SqlnomalyError: for a model, a column or an option that does not fit.
    """
    if settings.models is None:
        raise UnsupportedError(
            "a stored model is found by a session, and here is none",
            where=shown,
            hint="connect to the engine that has it, or give compile(.., models={'fraud': sqlnomaly.Model.load(..)})",
        )
    name, version = model_in(given, shown)
    for option in given:
        _check(option, name, shown)
    kept = settings.models(name, version)
    model = kept.model
    features = [column_named(part.name) for part in model.features]
    if "features" in given:
        words = column_names("features", given["features"], shown)
        features = [column_of(word, spell, named=False) for word in words]
        _check_number("features", len(words), [part.name for part in model.features], name, shown)
    keys = [column_named(part.name) for part in model.keys]
    if "partition_by" in given:
        words = column_names("partition_by", given["partition_by"], shown)
        keys = [column_of(word, spell, named=False) for word in words]
        _check_number("partition_by", len(words), [part.name for part in model.keys], name, shown)
    rules = {option: value for option, value in given.items() if option in RULES}
    if "budget_per" in rules:
        words = column_names("budget_per", rules["budget_per"], shown)
        rules["budget_per"] = exp.Tuple(expressions=[column_of(word, spell, named=False) for word in words])
    limit = {option: value for option, value in rules.items() if option in ("threshold", "contamination")}
    by = read_by(rules, model.detector, len(features), shown)
    if by is None and not limit:
        by = model.by
    budgets = list(by.per) if isinstance(by, AlertBudget) else []
    for column in (*features, *keys, *budgets):
        if column.name.lower() in ANSWERS:
            raise taken(column.name, shown)
    return ModelRequest(
        source=source,
        kept=kept,
        features=tuple(features),
        keys=tuple(keys),
        named={option: given[option] for option in ("model", "version") if option in given},
        limit=limit,
        rule=_over_rows(by, kept, shown),
        shown=shown,
    )


def _check_columns(request: ModelRequest, names: Sequence[str]) -> None:
    """Refuses a relation that has a column too many, or lacks one."""
    for name in names:
        if name.lower() in ANSWERS:
            raise taken(name, request.shown)
    there = {name.lower() for name in names}
    budgets = request.rule.per if isinstance(request.rule, AlertBudget) else ()
    asked = {"features": request.features, "partition_by": request.keys, "budget_per": budgets}
    for option, columns in asked.items():
        for column in columns:
            if column.name.lower() not in there:
                raise BindError(
                    f"the relation has no column {column.name}, which the model {request.kept.name} asks for",
                    where=request.shown,
                    hint=f"{option} => ['..'] names what stands for it; {nearest(column.name, names)}",
                )


def holds_rows(kept: Kept) -> bool:
    """Whether rows were held out of the model's fit."""
    return kept.model.held is not None or "held" in kept.table


def taken(name: str, shown: str, form: str = NAME) -> BindError:
    """The error for a relation that has one of the answers' names."""
    return BindError(
        f"the relation has a column {name}, and {form} adds one of that name",
        where=shown,
        hint=f"rename it in a parenthesized query: {form}((SELECT id, .., {name} AS old_{name} ..), ..)",
    )


def _over_rows(by: By | None, kept: Kept, shown: str) -> FalseDiscoveries | AlertBudget | None:
    """The rule, if it judges rows together and the model can."""
    if isinstance(by, FalseDiscoveries) and not holds_rows(kept):
        raise UnsupportedError(
            f"the model {kept.name} held no rows out of its fit, so that there is nothing to compare with",
            where=shown,
            hint="make it with calibration = 0.2",
        )
    return by if isinstance(by, FalseDiscoveries | AlertBudget) else None


def _check(option: str, name: str, shown: str) -> None:
    """Refuses what does not stand beside model."""
    if option in OWN:
        return
    if option in _REFUSED:
        why, hint = _REFUSED[option]
        raise UnsupportedError(f"{option} is refused beside model: {why}", where=shown, hint=hint)
    if option in BESIDE:
        raise UnsupportedError(
            f"{option} is refused beside model: the model {name} keeps no tail and no test but its own",
            where=shown,
            hint=f"CREATE ANOMALY MODEL .. OPTIONS ({option} = ..); here stand {', '.join(RULES)}",
        )
    raise CallError(
        f"option {option} belongs to the fit, and the model {name} is fitted",
        where=shown,
        hint=f"leave it out, or make another model with it; here stand {', '.join(OWN)}",
    )


def _check_number(option: str, given: int, wanted: Sequence[str], name: str, shown: str) -> None:
    what = "features" if option == "features" else "partition keys"
    if given != len(wanted):
        listed = ", ".join(wanted) or "none"
        names = ", ".join(f"'{one}'" for one in wanted)
        raise BindError(
            f"the model {name} has {len(wanted)} {what} ({listed}), {option} names {given}",
            where=shown,
            hint=f"{option} => [{names}], in this order, or leave it out" if wanted else f"leave {option} out",
        )

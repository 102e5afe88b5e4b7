"""Calls of stored models become scalar expressions: numbers written out, joined beside the rows, or a function."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from typing import Any

from sqlglot import exp

from sqlnomaly.errors import BindError, CallError, UnsupportedError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.aliases import expand_aliases
from sqlnomaly.pushdown.bind import Columns, Kind, kind_shown
from sqlnomaly.pushdown.calls import Call, contains_call, direct_calls, model_of, name_of, read_call, root_of
from sqlnomaly.pushdown.compiled import ModelUse
from sqlnomaly.pushdown.fitted import LEVELS, FittedModel, Kept, Parameter, level_name
from sqlnomaly.pushdown.frozen import Row, is_key, parameter_kinds, partitions_of, row_of, unseen_answers
from sqlnomaly.pushdown.joined import Joined, Joins, after_grouping, group_keys, join_model, ranks_of
from sqlnomaly.pushdown.lower import lower, order_defaults
from sqlnomaly.pushdown.matched import match_features
from sqlnomaly.pushdown.names import identifier, identifier_of
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.options import option_names
from sqlnomaly.pushdown.rules import BESIDE, over_rows
from sqlnomaly.pushdown.select import Scope, Settings, visible_ctes
from sqlnomaly.pushdown.statements import model_name
from sqlnomaly.pushdown.written import Part, written

OWN = ("model", "version", "partition", "threshold", "contamination")
"""The options of a call of a stored model."""
CLIENT = "a function of the client"
"""How a score meets the rows that no SQL says."""
ASKED = "_sn_asked"
"""The mark of a call that a verdict over many rows reads: what it gives instead of what its name says."""
HELD_ROWS = "held_rows"
"""Marks a call that gives how many rows of the partition were held out of the fit."""
TIMES = frozenset({Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMPTZ})
NUMBERS = frozenset({Kind.FLOAT, Kind.INTEGER, Kind.DECIMAL})


@dataclass(frozen=True, slots=True)
class Use:
    """A stored model in a query, in words.

    Attributes:
        kept: the model.
        placement: how its numbers meet the rows.
        features: the expressions in the order of the model's features.
    """

    kept: Kept
    placement: str
    features: tuple[str, ...]

    def told(self) -> ModelUse:
        """The same for EXPLAIN."""
        return ModelUse(
            self.kept.name, self.kept.version, self.features, self.placement, self.placement == CLIENT
        )


@dataclass(slots=True)
class Applied:
    """What becomes of the calls of stored models in one statement.

    Attributes:
        settings: of the statement.
        lasting: whether the statement's SQL outlives it, as a view's does.
        uses: the models, once for each call.
        assumptions: what was taken for granted.
        joins: the relations that were joined.
    """

    settings: Settings
    lasting: bool = False
    uses: list[Use] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    joins: Joins = field(default_factory=dict)


def apply_in_select(applied: Applied, scope: Scope) -> None:
    """Writes out the calls of stored models whose nearest SELECT is the scope's, which is changed.

    The SELECTs inside are plain SQL already, so that an engine can be asked about them.

    Raises:
        SqlnomalyError: for a model, features, keys or options that do not fit, naming the call.
    """
    select = scope.select
    if not any(model_of(node) is not None for node in direct_calls(select)):
        return
    expand_aliases(scope)
    check_known(applied, select)
    keys = {repr(node) for key in group_keys(scope) for node in key.find_all(exp.Anonymous) if model_of(node)}
    for node in [*direct_calls(select)][::-1]:  # a call inside another comes first
        if model_of(node) is not None:
            _applied(applied, node, scope, keys)
    applied.assumptions += [one for one in scope.assumptions if one not in applied.assumptions]


def apply_outside(applied: Applied, tree: Expr) -> Expr:
    """The tree with the calls of stored models that stand in no SELECT written out."""
    for node in [*tree.find_all(exp.Anonymous)][::-1]:
        if model_of(node) is not None:
            check_known(applied, node)
            answer = _applied(applied, node, None, set())
            tree = answer if node is tree else tree
    return tree


def check_known(applied: Applied, node: Expr) -> None:
    """Refuses a stored model where nobody can be asked for it."""
    if applied.settings.models is None:
        raise UnsupportedError(
            "a stored model is found by a session, and here is none",
            where=node.sql(applied.settings.read)[:200],
            hint="connect to the engine that has it, or give compile(.., models={'fraud': sqlnomaly.Model.load(..)})",
        )


def name_projections(select: exp.Select, settings: Settings) -> None:
    """Gives the projections around a call the name that their own text would: what is written out is long."""
    projections = []
    for part in select.expressions:
        plain = not part.is_star and not isinstance(part, exp.Alias) and name_of(part) is None
        if plain and any(model_of(node) is not None for node in part.find_all(exp.Anonymous)):
            shown = part.sql(settings.read, normalize_functions=False)
            projections.append(exp.alias_(part, identifier(shown, settings), copy=False))
        else:
            projections.append(part)
    select.set("expressions", projections)


def _applied(result: Applied, node: exp.Anonymous, scope: Scope | None, grouped_by: Set[str]) -> Expr:
    """What stands in the place of one call."""
    settings = result.settings
    root = root_of(node)
    shown = root.sql(settings.read, normalize_functions=False)
    if root is not node:
        raise CallError(
            "a call of a stored model is a plain function: its rows were fitted when the model was made",
            where=shown,
            hint=f"leave OVER and FILTER out: {node.sql(settings.read, normalize_functions=False)}",
        )
    call = read_call(node, None, option_names(settings.registry), shown)
    call = replace(call, output=node.meta.get(ASKED, call.output))
    assert settings.models is not None, "checked before"
    name, version = _named(call, shown)
    kept = settings.models(name, version)
    if result.lasting:
        kept = _lasting(kept, shown)
    grouped = scope is not None and after_grouping(node, scope.select) and repr(node) not in grouped_by
    model = _with_rule(kept.model, call, shown, kept)
    _check_output(model, call, shown, kept)
    kinds = _kinds(call, node, scope, settings, result.assumptions, grouped=grouped)
    order = match_features(call, model, kept.name, shown)
    given = {}
    for part, place in zip(model.features, order, strict=True):
        expr, kind = call.features[place][0], kinds[place]
        _check_kind(part, kind, parameter_kinds(model)[part.name], kept, shown)
        given[part.name] = (expr, kind)
    keys = _keys(call, model, kept, shown)
    row = row_of(model, given)
    if kept.table:
        asked = replace(call, output=_read(model, call))
        mine = replace(kept, model=model)
        held = join_model(node, keys, mine, asked, scope, known=result.joins, shown=shown, grouped=grouped)
        value = _joined(model, row, call, held, settings)
        placement = f"joined by {', '.join(part.name for part in model.keys)}"
    else:
        value = _written(model, row, call, kept, keys, settings)
        asks = kept.function or (kept.lookups is not None and kept.lookups.pairs)
        placement = CLIENT if asks else "written into the statement"
    answer = order_defaults(lower(value, settings.dialect), settings.dialect)
    told = tuple(given[part.name][0].sql(settings.read) for part in model.features)
    result.uses.append(Use(kept, placement, told))
    return _put(node, answer, call.function)


def _lasting(kept: Kept, shown: str) -> Kept:
    """The model as SQL that outlives the statement.

    Raises:
        UnsupportedError: where its score is a function that does not.
    """
    if kept.function is not None:
        raise UnsupportedError(
            f"a view cannot hold {kept.name}: its score is a function that is gone after the statement",
            where=shown,
            hint="CREATE TABLE .. AS; or Session.install(model, name=..) makes a function that stays",
        )
    return replace(kept, lookups=None)


def _put(node: Expr, answer: Expr, function: str) -> Expr:
    """Puts the answer in the place of the call, which keeps its name as a column."""
    parent = node.parent
    if parent is None:
        return answer
    if isinstance(parent, exp.Select) and node.arg_key == "expressions":
        answer = exp.alias_(answer, function)
    elif isinstance(answer, exp.Binary | exp.Unary) and isinstance(
        parent, exp.Binary | exp.Unary | exp.Predicate
    ):
        answer = exp.paren(answer)
    node.replace(answer)
    return answer


def _named(call: Call, shown: str) -> tuple[str, int | None]:
    """The name and the version that a call gives, its options checked."""
    found = model_in(call.options, shown)
    name = call.options["model"]
    for option in call.options:
        if option in ("fdr", "alert_budget"):
            raise _over_rows(option, name.name, f", {option} => {call.options[option].sql()}", shown)
        if option in BESIDE:
            raise UnsupportedError(
                f"{option} is no option of a call: the model {name.name} keeps no tail and no test but its own",
                where=shown,
                hint=f"CREATE ANOMALY MODEL .. OPTIONS ({option} = ..); here stand {', '.join(OWN)}",
            )
        if option not in OWN:
            raise CallError(
                f"option {option} belongs to the fit, and the model {name.name} is fitted",
                where=shown,
                hint=f"leave it out, or make another model with it; here stand {', '.join(OWN)}",
            )
    return found


def model_in(options: Mapping[str, Expr], shown: str) -> tuple[str, int | None]:
    """The name and the version of a model among options.

    Raises:
        CallError: for what is no name, or no version.
    """
    name, version = options["model"], options.get("version")
    if not isinstance(name, exp.Literal) or not name.is_string or not name.name.strip():
        raise CallError("model takes the name of a model in quotes", where=shown, hint="model => 'fraud'")
    if version is None:
        return model_name(name.name), None
    if not isinstance(version, exp.Literal) or version.is_string or not version.name.isdigit():
        raise CallError("version takes a whole number", where=shown, hint="version => 3")
    return model_name(name.name), int(version.name)


def _with_rule(model: FittedModel, call: Call, shown: str, kept: Kept) -> FittedModel:
    """The model with the threshold rule of the call, where it gives one."""
    given = {name: call.options[name] for name in ("threshold", "contamination") if name in call.options}
    if not given:
        return model
    if len(given) > 1:
        raise CallError(
            "threshold and contamination exclude each other", where=shown, hint="keep one of them"
        )
    if "threshold" in given:
        return replace(model, threshold=_number("threshold", given["threshold"], shown), contamination=None, by=None)
    return with_contamination(kept, _number("contamination", given["contamination"], shown), shown)


def with_contamination(kept: Kept, share: float, shown: str) -> FittedModel:
    """The model with the threshold that leaves this share of its fitted rows above it.

    Raises:
        CallError: for a share out of range.
        UnsupportedError: where the model does not keep that quantile of its scores.
    """
    model = kept.model
    if not 0 < share <= 0.5:
        raise CallError(
            f"contamination => {share:g} is out of range", where=shown, hint="above 0, at most 0.5"
        )
    if model.threshold is None and model.contamination == share:
        return model
    if kept.table:
        raise UnsupportedError(
            f"the model {kept.name} has too many partitions to keep the distribution of their scores",
            where=shown,
            hint=f"give a threshold, or make the model with contamination = {share:g}",
        )
    level = next((n for n, one in enumerate(LEVELS) if abs(one - (1.0 - share)) < 1e-12), None)
    if level is None:
        raise UnsupportedError(
            f"the model {kept.name} keeps percentiles of its scores, and contamination => {share:g} lies between two",
            where=shown,
            hint=f"a multiple of 0.01, or make a model with contamination = {share:g}",
        )
    column = model.calibration.column(level_name(level))
    names = [*model.calibration.column_names]
    if "threshold" in names:
        calibration = model.calibration.set_column(names.index("threshold"), "threshold", column)
    else:
        calibration = model.calibration.append_column("threshold", column)
    return replace(model, threshold=None, contamination=share, calibration=calibration, by=None)


def _number(option: str, node: Expr, shown: str) -> float:
    inner = node.unnest()
    negative = isinstance(inner, exp.Neg)
    inner = inner.this.unnest() if negative else inner
    if not isinstance(inner, exp.Literal) or inner.is_string or not abs(float(inner.name)) <= ops.LARGEST:
        raise CallError(f"{option} takes a number, not {node.sql()}", where=shown, hint=f"{option} => 3.5")
    return -float(inner.name) if negative else float(inner.name)


def _check_output(model: FittedModel, call: Call, shown: str, kept: Kept) -> None:
    """Refuses an answer that the model cannot give."""
    name, output = model.detector.name, call.output
    if output in ("is_anomaly", "threshold") and over_rows(model.by):
        raise _over_rows(model.by.name, kept.name, "", shown)
    if output in ("is_anomaly", "threshold") and not model.judges:
        raise UnsupportedError(
            f"the model {kept.name} has no threshold", where=shown, hint="give one: threshold => 0.5"
        )
    if output in ("reason", "explanation") and model.detector.by_function:
        raise UnsupportedError(
            f"a stored model of {name} gives no {output}: it keeps the score alone",
            where=shown,
            hint=f"anomaly_{output}(.., detector => '{name}') OVER (..) in a query, or a model of ecod or mahalanobis",
        )
    if output in ("probability", HELD_ROWS) and model.held is None and "held" not in kept.table:
        raise UnsupportedError(
            f"the model {kept.name} held no rows out of its fit, so that nothing says how often a score comes up",
            where=shown,
            hint="make it with calibration = 0.2",
        )


def _over_rows(rule: str, name: str, given: str, shown: str) -> UnsupportedError:
    """The refusal of a verdict over many rows where one row is asked about."""
    return UnsupportedError(
        f"{rule} is a verdict over a set of rows, and a call with model sees one row",
        where=shown,
        hint=f"ask detect_anomalies(orders, model => '{name}'{given}), which sees them all",
    )


def _read(model: FittedModel, call: Call) -> str:
    """The answer that decides which relations of a model are joined."""
    if call.output == HELD_ROWS:
        return "probability"
    return "threshold" if call.output == "status" and model.may_abstain else call.output


def _kinds(
    call: Call,
    node: exp.Anonymous,
    scope: Scope | None,
    settings: Settings,
    assumed: list[str],
    *,
    grouped: bool,
) -> list[Kind]:
    """The kinds of the features as given: from whoever knows the tables, else from the expressions themselves."""
    kinds = [Kind.UNKNOWN] * len(call.features)
    asks: list[Expr] = [exp.alias_(expr.copy(), f"_sn__q{n}") for n, (expr, _) in enumerate(call.features)]
    if scope is not None:
        found = _asked(scope, asks, grouped=grouped)
        kinds = list(found.kinds) if found is not None else kinds
    elif settings.binder.knows:
        holder = node.find_ancestor(exp.Update, exp.Delete)
        if holder is not None and isinstance(holder.this, exp.Table):
            probe = exp.Select(expressions=asks).from_(holder.this.copy())
            columns = settings.binder.columns(probe)
            kinds = list(columns.kinds) if columns is not None else kinds
    for n, ((expr, _), kind) in enumerate(zip(call.features, kinds, strict=True)):
        if isinstance(expr.unnest(), exp.Null):
            kinds[n] = Kind.UNKNOWN
        elif kind is Kind.UNKNOWN:
            kinds[n] = kind_shown(expr)
        if kinds[n] is Kind.UNKNOWN and not isinstance(expr, exp.Null):
            said = expr.sql(settings.read)
            note = f"{said} has the type that the model was fitted on"
            assumed += [note] if note not in assumed else []
    return kinds


def _asked(scope: Scope, asks: list[Expr], *, grouped: bool) -> Columns | None:
    """What the features are in the scope, or in one around it whose rows they are of."""
    probe = scope.body(asks, ("from_", "joins", "laterals"))
    if grouped and (keys := [key.copy() for key in group_keys(scope) if not contains_call(key)]):
        probe.set("group", exp.Group(expressions=keys))
    for join in probe.args.get("joins") or ():
        if join.args.get("on") is not None and contains_call(join.args["on"]):
            join.set("on", exp.true())
    try:
        return scope.ask(probe)
    except BindError:
        outer = scope.select.parent_select
        if outer is None:
            raise
        around = Scope(outer, visible_ctes(outer), scope.settings)
        inner = [*(part.copy() for part in probe.args.get("joins") or ())]
        tables = [probe.args["from_"].this.copy()] if probe.args.get("from_") else []
        both = around.body([one.copy() for one in asks], ("from_", "joins", "laterals"))
        for table in tables:
            both.append("joins", exp.Join(this=table, kind="CROSS"))
        for join in inner:
            both.append("joins", join)
        for join in both.args.get("joins") or ():
            if join.args.get("on") is not None and contains_call(join.args["on"]):
                join.set("on", exp.true())
        try:
            return around.ask(both)
        except BindError:
            return None  # the types are then those of the expressions themselves


def _check_kind(part: Parameter, kind: Kind, wanted: Kind, kept: Kept, shown: str) -> None:
    """Refuses a feature of another type than the model was fitted on."""
    if kind is Kind.UNKNOWN or wanted is Kind.UNKNOWN or kind is wanted:
        return
    for alike in (NUMBERS, TIMES):
        if kind in alike and wanted in alike:
            return
    raise BindError(
        f"feature {part.name} of the model {kept.name} is a {part.kind.value}, and here it is a {kind.value}",
        where=shown,
        hint=f"CAST it, or make the model anew on {kind.value}s",
    )


def _keys(call: Call, model: FittedModel, kept: Kept, shown: str) -> dict[str, Expr]:
    """The expression of each partition key: given by the call, or the column of that name."""
    given = call.options.get("partition")
    names = [part.name for part in model.keys]
    if given is None:
        return {name: column_named(name) for name in names}
    inner = given.this if isinstance(given, exp.Paren) else given
    values = list(inner.expressions) if isinstance(inner, exp.Tuple | exp.Array) else [inner]
    if len(values) != len(names):
        keys = f"({', '.join(names)})" if names else "none"
        raise CallError(
            f"the model {kept.name} has {len(names)} partition keys, {keys}; the call gives {len(values)}",
            where=shown,
            hint=f"partition => ({', '.join(names)})" if names else "leave partition out",
        )
    return dict(zip(names, values, strict=True))


def column_named(name: str) -> Expr:
    """The column of a name as the model's query spelled it."""
    return exp.column(identifier_of(name))


def _written(
    model: FittedModel, row: Row, call: Call, kept: Kept, keys: Mapping[str, Expr], settings: Settings
) -> Expr:
    """The answer with every number of the model written out."""
    held = _held_rows(model)
    outputs = [call.output]
    branches: list[tuple[Expr, Expr]] = []
    function: Expr | None = None
    if kept.function is not None:
        arguments = [expr.copy() for expr in (*keys.values(), *row.values.values())]
        function = exp.Anonymous(this=kept.function, expressions=arguments)
    for key, stored, threshold in partitions_of(model):
        part = Part(
            stored=stored, threshold=threshold, held=held.get(key), score=function, lookups=kept.lookups
        )
        if call.output == HELD_ROWS:
            answer: Expr = ops.integer(0 if part.held is None else part.held["held"])
        elif call.output == "probability" and part.held is None:
            answer = ops.null()
        else:
            answer = written(model, row, outputs, part, settings.dialect)[call.output]
        if not model.keys:
            return answer
        here = ops.and_(*(is_key(keys[one.name], value) for one, value in zip(model.keys, key, strict=True)))
        branches.append((here, answer))
    if kept.function is not None and call.output == "score":
        branches, usual = _apart(model, branches)
        return ops.case(*branches, default=usual) if branches else usual  # the function knows the partitions
    return ops.case(*branches, default=unseen_answers(model, row).get(_named_so(call.output)))


def _named_so(output: str) -> str:
    """The answer that says of an unseen row what this one does."""
    return "is_anomaly" if output == "certain" else output


def _apart(
    model: FittedModel, branches: list[tuple[Expr, Expr]]
) -> tuple[list[tuple[Expr, Expr]], Expr]:
    """The branches of partitions with too few rows or a constant feature, and the score in all others."""
    fit = model.fit
    own, usual = [], ops.null()
    for branch, (_, stored, _) in zip(branches, partitions_of(model), strict=True):
        rows = stored["model"]
        if rows and all(
            (rows[0][one.stat("n")] or 0) >= fit.min_rows and (rows[0][one.stat("scale")] or 0) > 0
            for one in fit.features
        ):
            usual = branch[1]
        else:
            own.append(branch)
    return own, usual


def _held_rows(model: FittedModel) -> dict[tuple[Any, ...], Mapping[str, Any]]:
    """What was held out of each partition."""
    if model.held is None:
        return {}
    keys = model.fit.keys
    return {
        tuple(row[key] for key in keys): {name: value for name, value in row.items() if name not in keys}
        for row in model.held.to_pylist()
    }


def _joined(model: FittedModel, row: Row, call: Call, held: Joined, settings: Settings) -> Expr:
    """The answer over the columns of the joined relations."""
    stored = {"model": [held.columns("model")]}
    threshold: float | Expr | None = model.threshold
    if call.output == HELD_ROWS:
        return held.columns(ranks_of(held.kept))["held"]
    if threshold is None and _read(model, call) in ("is_anomaly", "threshold"):
        threshold = held.columns("calibration")["threshold"]
    ranks = held.columns(ranks_of(held.kept)) if call.output == "probability" else None
    part = Part(stored=stored, threshold=threshold if threshold is not None else 0.0, held=ranks)
    answer = written(model, row, [call.output], part, settings.dialect)[call.output]
    unseen = unseen_answers(model, row).get(_named_so(call.output))
    if call.output in ("status", "is_anomaly", "reason", "threshold", "certain"):
        there = ops.not_null(held.columns("model")[row.fit.features[0].stat("n")])
        return ops.case((there, answer), default=unseen)
    return answer

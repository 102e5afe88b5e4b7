"""Calls of stored models become scalar expressions: numbers written out, joined beside the rows, or a function."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field, replace

from sqlglot import exp

from sqlnomaly.errors import CallError, UnsupportedError
from sqlnomaly.pushdown.aliases import expand_aliases
from sqlnomaly.pushdown.arguments import check_kind, keys_of, kinds_of
from sqlnomaly.pushdown.asked import check_output, named, with_rule
from sqlnomaly.pushdown.calls import direct_calls, model_of, name_of, read_call, root_of
from sqlnomaly.pushdown.compiled import ModelUse
from sqlnomaly.pushdown.fitted import Kept
from sqlnomaly.pushdown.frozen import parameter_kinds, row_of
from sqlnomaly.pushdown.joined import Joins, after_grouping, group_keys, join_model
from sqlnomaly.pushdown.lower import lower, order_defaults
from sqlnomaly.pushdown.matched import match_features
from sqlnomaly.pushdown.names import identifier
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.options import option_names
from sqlnomaly.pushdown.placed import beside, decides, written_out
from sqlnomaly.pushdown.select import Scope, Settings

CLIENT = "a function of the client"
"""How a score meets the rows that no SQL says."""
ASKED = "_sn_asked"
"""The mark of a call that a verdict over many rows reads: what it gives instead of what its name says."""


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
    name, version = named(call, shown)
    kept = settings.models(name, version)
    if result.lasting:
        kept = _lasting(kept, shown)
    grouped = scope is not None and after_grouping(node, scope.select) and repr(node) not in grouped_by
    model = with_rule(kept.model, call, shown, kept)
    check_output(model, call, shown, kept)
    kinds = kinds_of(call, node, scope, settings, result.assumptions, grouped=grouped)
    order = match_features(call, model, kept.name, shown)
    given = {}
    for part, place in zip(model.features, order, strict=True):
        expr, kind = call.features[place][0], kinds[place]
        check_kind(part, kind, parameter_kinds(model)[part.name], kept, shown)
        given[part.name] = (expr, kind)
    keys = keys_of(call, model, kept, shown)
    row = row_of(model, given)
    if kept.table:
        asked = replace(call, output=decides(model, call))
        mine = replace(kept, model=model)
        held = join_model(node, keys, mine, asked, scope, known=result.joins, shown=shown, grouped=grouped)
        value = beside(model, row, call, held, settings)
        placement = f"joined by {', '.join(part.name for part in model.keys)}"
    else:
        value = written_out(model, row, call, kept, keys, settings)
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

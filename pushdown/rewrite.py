"""Rewrites one SELECT that holds detection calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace

from sqlglot import exp

from sqlnomaly.dialects import Dialect
from sqlnomaly.errors import BindError, CallError, UnsupportedError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.bind import Binder, Columns, Kind, kind_shown
from sqlnomaly.pushdown.calls import Call, contains_call, direct_calls, name_of, read_call, root_of
from sqlnomaly.pushdown.compiled import FitInfo
from sqlnomaly.pushdown.contract import Detector
from sqlnomaly.pushdown.emit import Emitter
from sqlnomaly.pushdown.fit import Fit, in_windows, stand
from sqlnomaly.pushdown.frames import Frame, read_frame
from sqlnomaly.pushdown.inline import inlined
from sqlnomaly.pushdown.lower import lower, order_defaults
from sqlnomaly.pushdown.names import Names, slugs
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.options import Options, option_names, read_options
from sqlnomaly.pushdown.places import check_place, check_select, volatile_part
from sqlnomaly.pushdown.plan import Feature, Node, Source
from sqlnomaly.pushdown.scope import (
    Inner,
    is_star,
    lift,
    no_star,
    restrict_star,
    single_source,
    visible_name,
)
from sqlnomaly.pushdown.verdict import Answers, Rule, score, with_cutoff

SUBJECT = "_sn_call"


@dataclass(frozen=True, slots=True)
class Wish:
    """One call with its checked options and its place among the fits."""

    call: Call
    options: Options
    fit: int
    rule: Rule


@dataclass(slots=True)
class Draft:
    """A fit before its columns have names: expressions in the user's scope."""

    options: Options
    features: list[tuple[str, Expr]]
    keys: list[Expr]
    order: list[tuple[Expr, bool]]
    frame: Frame | None
    condition: Expr | None
    calls: int = 1


@dataclass(frozen=True, slots=True)
class Settings:
    """What the rewrite of every SELECT of a statement shares."""

    read: str
    dialect: Dialect
    registry: Mapping[str, type[Detector]]
    binder: Binder
    names: Names
    form: str | None = None
    staged: bool = False


@dataclass(slots=True)
class Result:
    """A rewritten SELECT with the CTEs it needs."""

    select: exp.Select
    ctes: list[exp.CTE]
    fits: list[FitInfo]
    assumptions: list[str]


class ScopeRewrite:
    """The rewrite of one SELECT.

    Args:
        select: the SELECT; only copies of its parts are changed.
        visible: the CTEs that its FROM can name, already rewritten.
        settings: what the statement's rewrites share.
    """

    def __init__(self, select: exp.Select, visible: list[exp.CTE], settings: Settings) -> None:
        self.select = select
        self.visible = visible
        self.settings = settings
        self.dialect = settings.dialect
        self.assumptions: list[str] = []
        self.drafts: list[Draft] = []
        self.wishes: dict[int, Wish] = {}
        self._sources: Columns | None = None
        self._asked = False

    def run(self) -> Result:
        """The rewritten SELECT."""
        check_select(self.select, self.settings.read)
        for node in direct_calls(self.select):
            check_place(node, self.select, self.settings.read)
        self._expand_call_aliases()
        self._expand_all_features()
        self._collect()
        volatile = volatile_part(self._source_parts())
        in_place = self._in_place(volatile is not None)
        if in_place is not None:
            return in_place
        if volatile is not None:
            raise UnsupportedError(
                "the rows to judge would be read twice, and this part may differ each time",
                where=volatile.sql(self.settings.read),
                hint="write them to a table first, or fix the order before LIMIT",
            )
        return self._wrap()

    # -- aliases -------------------------------------------------------------------------------------------------

    def _source_columns(self) -> Columns | None:
        """The columns of FROM, or None where nobody knows them."""
        if not self._asked:
            self._asked = True
            if self.select.args.get("from_"):
                self._sources = self._ask(self._bare(exp.Star()))
        return self._sources

    def _bare(self, *projections: Expr) -> exp.Select:
        """SELECT the projections from the same FROM, filtered by nothing."""
        probe = exp.Select(expressions=[part.copy() for part in projections])
        for name in ("from_", "joins", "laterals"):
            value = self.select.args.get(name)
            if value:
                probe.set(name, [part.copy() for part in value] if isinstance(value, list) else value.copy())
        return probe

    def _ask(self, probe: exp.Select) -> Columns | None:
        if not self.settings.binder.knows:
            return None
        if self.visible:
            probe.set("with_", exp.With(expressions=[cte.copy() for cte in self.visible], recursive=self._recursive()))
        return self.settings.binder.columns(probe)

    def _recursive(self) -> bool | None:
        return any(cte.parent is not None and cte.parent.args.get("recursive") for cte in self.visible) or None

    def _expand_call_aliases(self) -> None:
        """Names of projections that stand in calls, or that stand for calls, become the projections themselves."""
        aliases = {
            part.alias.lower(): part.this for part in self.select.expressions if isinstance(part, exp.Alias)
        }
        if not aliases:
            return
        for _ in range(len(aliases) + 1):
            if not self._expand_once(aliases):
                return
        raise CallError("an alias refers to itself", where=self.select.sql(self.settings.read)[:200])

    def _expand_once(self, aliases: Mapping[str, Expr]) -> bool:
        changed = False
        for column in list(self._alias_uses(aliases)):
            meaning = aliases[column.name.lower()]
            if meaning.unalias() == column or self._is_source_column(column, meaning):
                continue
            column.replace(exp.paren(meaning.copy()) if isinstance(meaning, exp.Binary | exp.Not) else meaning.copy())
            changed = True
        if changed:
            for node in direct_calls(self.select):
                check_place(node, self.select, self.settings.read)
        return changed

    def _alias_uses(self, aliases: Mapping[str, Expr]) -> Iterator[exp.Column]:
        """Unqualified names that may mean a projection, where the rewrite would lose that meaning."""
        seen: set[str] = set()
        for projection in self.select.expressions:
            for column in projection.find_all(exp.Column):
                name = column.name.lower()
                if column.table or name not in seen or column.find_ancestor(exp.Select) is not self.select:
                    continue
                if contains_call(aliases[name]) or self._inside_call(column):
                    yield column
            if isinstance(projection, exp.Alias):
                seen.add(projection.alias.lower())
        for clause in ("qualify", "order"):
            part = self.select.args.get(clause)
            for column in part.find_all(exp.Column) if part is not None else ():
                if column.table or column.name.lower() not in aliases:
                    continue
                if column.find_ancestor(exp.Select) is not self.select:
                    continue
                if clause == "order" and isinstance(column.parent, exp.Ordered):
                    continue  # an output's name, and stays one
                yield column
        where = self.select.args.get("where")
        for column in where.find_all(exp.Column) if where is not None else ():
            name = column.name.lower()
            if not column.table and name in aliases and contains_call(aliases[name]) and self.settings.binder.knows:
                yield column

    def _inside_call(self, node: Expr) -> bool:
        parent = node.parent
        while parent is not None and parent is not self.select:
            if name_of(parent) or isinstance(parent, exp.Window | exp.Filter) and contains_call(parent):
                return True
            parent = parent.parent
        return False

    def _is_source_column(self, column: exp.Column, meaning: Expr) -> bool:
        """Whether the name is a column of FROM, so that it does not mean the projection.

        Raises:
            BindError: if nobody can tell.
        """
        known = self._source_columns()
        if known is not None:
            return column.name.lower() in {name.lower() for name in known.names}
        if not self.select.args.get("from_"):
            return False
        raise BindError(
            f"{column.name} is the name of a projection and may also be a column",
            where=column.sql(self.settings.read),
            hint=f"give a schema or a connection, or repeat {meaning.sql(self.settings.read)[:80]} in its place",
        )

    def _expand_all_features(self) -> None:
        """``f(*)`` becomes one feature a numeric column of FROM."""
        for node in list(direct_calls(self.select)):
            stars = [part for part in node.expressions if is_star(part)]
            if not stars:
                continue
            shown = root_of(node).sql(self.settings.read)
            if len(stars) > 1 or isinstance(stars[0], exp.Column):
                raise UnsupportedError("only a single * can stand for all columns", where=shown, hint="name the columns")
            known = self._source_columns()
            if known is None:
                raise BindError(
                    "* as features needs the columns of the table", where=shown, hint="give a schema or a connection"
                )
            left_out = {part.name.lower() for part in stars[0].args.get("except_") or ()}
            usable = (Kind.FLOAT, Kind.INTEGER, Kind.DECIMAL, Kind.BOOLEAN, Kind.UNKNOWN)
            features = [
                exp.column(exp.to_identifier(name, quoted=True))
                for name, kind in zip(known.names, known.kinds, strict=True)
                if kind in usable and name.lower() not in left_out
            ]
            if not features:
                raise BindError("* stands for no numeric column", where=shown, hint="name the columns")
            if len({feature.name.lower() for feature in features}) < len(features):
                raise BindError("* names a column twice in this join", where=shown, hint="name the columns")
            index = node.expressions.index(stars[0])
            node.set("expressions", [*node.expressions[:index], *features, *node.expressions[index + 1 :]])

    # -- calls to fits -------------------------------------------------------------------------------------------

    def _collect(self) -> None:
        """Reads every call and shares fits among those that fit the same."""
        options = option_names(self.settings.registry)
        known: dict[str, int] = {}
        for node in direct_calls(self.select):
            call = read_call(node, self._window(node), options)
            checked = read_options(call, len(call.features), self.settings.registry)
            draft = self._draft(call, checked)
            shared = replace(checked, threshold=None, contamination=None, min_effect=None)
            key = repr((shared, draft.features, draft.keys, draft.order, draft.frame, draft.condition))
            if key in known:
                self.drafts[known[key]].calls += 1
            else:
                known[key] = len(self.drafts)
                self.drafts.append(draft)
            rule = Rule(checked.threshold, checked.contamination, checked.min_effect)
            self.wishes[id(call.root)] = Wish(call, checked, known[key], rule)

    def _window(self, node: exp.Anonymous) -> exp.Window | None:
        """The OVER clause of a call, with the named window it refers to put in."""
        root = root_of(node)
        window = root if isinstance(root, exp.Window) else None
        if window is None:
            return None
        alias = window.args.get("alias")
        if alias is None:
            return window
        for named in self.select.args.get("windows") or ():
            if named.name.lower() == alias.name.lower():
                merged = window.copy()
                for part in ("partition_by", "order", "spec"):
                    if not merged.args.get(part) and named.args.get(part):
                        merged.set(part, named.args[part])
                return merged
        raise CallError(f"window {alias.name} is not defined", where=root.sql(self.settings.read))

    def _draft(self, call: Call, options: Options) -> Draft:
        shown = call.root.sql(self.settings.read)
        detector, window = options.detector, call.window
        order: list[tuple[Expr, bool]] = []
        keys: list[Expr] = []
        frame = None
        if window is not None:
            keys = list(window.args.get("partition_by") or [])
            ordering = window.args.get("order")
            order = [(part.this, bool(part.args.get("desc"))) for part in ordering.expressions] if ordering else []
            frame = read_frame(window, shown)
        if order:
            self._check_frame(detector, frame, order, shown)
            if options.contamination is not None:
                raise UnsupportedError(
                    "contamination with ORDER BY would judge a row by later scores", where=shown, hint="use threshold"
                )
            if options.leave_one_out:
                raise CallError(
                    "leave_one_out with ORDER BY says the same twice: a row is never in its own baseline there",
                    where=shown,
                    hint="leave leave_one_out out",
                )
        features = [
            (alias.name if alias else _shown_name(expr, self.settings.read), expr) for expr, alias in call.features
        ]
        return Draft(options, features, keys, order, frame, call.condition)

    def _check_frame(self, detector: Detector, frame: Frame | None, order: list[tuple[Expr, bool]], shown: str) -> None:
        refused = self.dialect.refused
        if frame is None and not detector.ordered:
            hint = "give a ROWS frame" if detector.framed else "leave ORDER BY out, or use zscore"
            raise UnsupportedError(f"{detector.name} has no causal form (ORDER BY without a frame)", where=shown, hint=hint)
        if frame is not None and frame.kind == "ROWS":
            if not detector.framed:
                raise UnsupportedError(f"{detector.name} cannot follow a frame", where=shown, hint="use zscore or mad")
            if not detector.ordered and not self.dialect.lists:
                raise UnsupportedError(
                    f"{detector.name} cannot follow a frame on {self.dialect.name}: {refused['framed_quantiles']}",
                    where=shown,
                    hint="use zscore, or DuckDB or Spark",
                )
        if frame is not None and frame.kind == "RANGE":
            if not detector.ranged:
                raise UnsupportedError(f"{detector.name} cannot follow a RANGE frame", where=shown, hint="use zscore")
            offsets = [bound.offset for bound in (frame.start, frame.end) if bound.offset is not None]
            if offsets and not self.dialect.range_frames:
                raise UnsupportedError(
                    f"RANGE with an offset is refused on {self.dialect.name}: {refused['range_frames']}",
                    where=shown,
                    hint="use a ROWS frame",
                )
            if offsets and len(order) != 1:
                raise CallError("a RANGE frame with an offset needs exactly one ORDER BY key", where=shown)

    # -- the inner SELECT ----------------------------------------------------------------------------------------

    def _source_parts(self) -> Iterator[Expr]:
        for name in ("from_", "joins", "where", "group", "having", "laterals"):
            value = self.select.args.get(name)
            yield from value if isinstance(value, list) else [value] if value else []
        for draft in self.drafts:
            yield from (expr for _, expr in draft.features)
            yield from draft.keys
            yield from (expr for expr, _ in draft.order)
            if draft.condition is not None:
                yield draft.condition
        yield from self.visible

    def _kinds(self) -> list[list[Kind]]:
        """The kind of each feature of each draft: from the binder, else from the expression itself."""
        flat = [expr for draft in self.drafts for _, expr in draft.features]
        flat += [expr for draft in self.drafts for expr in (*draft.keys, *(key for key, _ in draft.order))]
        flat += [draft.condition for draft in self.drafts if draft.condition is not None]
        counted = sum(len(draft.features) for draft in self.drafts)
        probe = self._bare(*(exp.alias_(expr.copy(), f"_sn_q{index}") for index, expr in enumerate(flat)))
        for name in ("where", "group", "having"):
            value = self.select.args.get(name)
            if value:
                probe.set(name, self._group() if name == "group" else value.copy())
        found = self._ask(probe)
        kinds = list(found.kinds[:counted]) if found is not None else [Kind.UNKNOWN] * counted
        result = []
        for draft in self.drafts:
            own = []
            for name, expr in draft.features:
                kind = kinds.pop(0)
                if kind is Kind.UNKNOWN:
                    kind = kind_shown(expr)
                if kind is Kind.UNKNOWN:
                    assumption = f"{name} is numeric"
                    if assumption not in self.assumptions:
                        self.assumptions.append(assumption)
                if kind in (Kind.TEXT, Kind.OTHER):
                    raise BindError(
                        f"feature {name} is {'text' if kind is Kind.TEXT else 'no number'}, and "
                        f"{draft.options.detector.name} takes numbers, booleans, dates and timestamps",
                        where=expr.sql(self.settings.read),
                        hint="cast it to DOUBLE, or put it into PARTITION BY",
                    )
                own.append(kind)
            result.append(own)
        return result

    def _group(self) -> exp.Group | None:
        """GROUP BY with positions replaced by what they point to, and ALL by the keys it stands for."""
        group = self.select.args.get("group")
        if group is None:
            return None
        fresh: exp.Group = group.copy()
        if fresh.args.get("all"):
            keys = [
                part.unalias().copy()
                for part in self.select.expressions
                if not contains_call(part) and not part.find(exp.AggFunc)
            ]
            fresh = exp.Group(expressions=keys)
        resolved = []
        for key in fresh.expressions:
            if isinstance(key, exp.Literal) and not key.is_string:
                position = int(key.name)
                if not 1 <= position <= len(self.select.expressions):
                    raise CallError(f"GROUP BY position {position} is not in the SELECT list", where=group.sql())
                target = self.select.expressions[position - 1].unalias()
                if contains_call(target):
                    raise CallError("a detection call cannot stand in GROUP BY", where=target.sql(self.settings.read))
                resolved.append(target.copy())
            else:
                resolved.append(key)
        fresh.set("expressions", resolved)
        return fresh

    def _fits(self, inner: Callable[[Expr, str], str]) -> list[Fit]:
        """The fits with named columns; inner(expression, wished name) adds a column to the source and names it."""
        fits = []
        for number, (draft, kinds) in enumerate(zip(self.drafts, self._kinds(), strict=True), start=1):
            prefix = "_sn" if number == 1 else f"_sn{number}"
            words = slugs(name for name, _ in draft.features)
            features, raws = [], []
            for word, (name, expr), kind in zip(words, draft.features, kinds, strict=True):
                value, clean = _as_double(expr, kind)
                column = inner(clean, f"{prefix}_{word}")
                raws.append(inner(value, f"{prefix}_{word}__raw") if value != clean else column)
                features.append(Feature(name, column))
            keys = tuple(inner(key, f"{prefix}__key{index}") for index, key in enumerate(draft.keys, start=1))
            order = tuple(
                (inner(key, f"{prefix}__order{index}"), descending)
                for index, (key, descending) in enumerate(draft.order, start=1)
            )
            conditions = [] if draft.condition is None else [draft.condition.copy()]
            fitted = None
            if conditions or draft.order:
                present = [ops.not_null(key) for key, _ in draft.order]
                every = ops.and_(*conditions, *present)
                flag = ops.case((every, ops.integer(1)), default=ops.integer(0))
                fitted = inner(flag, f"{prefix}__fitted")
            detector = draft.options.detector
            fits.append(
                Fit(
                    number=number,
                    detector=detector,
                    features=tuple(features),
                    raw=tuple(raws),
                    keys=keys,
                    order=order,
                    frame=draft.frame,
                    fitted=fitted,
                    leave_one_out=draft.options.leave_one_out,
                    nulls=draft.options.nulls,
                    min_rows=draft.options.min_rows,
                    title=detector.name,
                )
            )
        return fits

    # -- in place ------------------------------------------------------------------------------------------------

    def _in_place(self, volatile: bool) -> Result | None:
        """The calls replaced by window expressions, where that is one level and short; else None."""
        form = self.settings.form
        if form == "wrap" or self.select.args.get("group") or self.select.args.get("qualify") and not volatile:
            return None
        simple = all(
            wish.call.output in ("score", "is_anomaly", "threshold") and wish.rule.threshold is not None
            for wish in self.wishes.values()
        )
        framed = all(draft.order for draft in self.drafts)
        if not simple or not (framed or volatile or form == "in_place"):
            return None
        written: dict[str, Expr] = {}

        def column(expr: Expr, name: str) -> str:
            written[name] = lower(expr, self.dialect)
            return name

        answers = []
        for fit in self._fits(column):
            source = Source("")
            beside = stand(fit, source, source) if fit.windowed() else in_windows(fit, source)
            if beside is None:
                return None
            answers.append((fit, score(fit, beside)))
        replacements: dict[int, Expr] = {}
        for key, wish in self.wishes.items():
            fit, scored = answers[wish.fit]
            expression = getattr(Answers(fit, scored, wish.rule, ""), wish.call.output)()
            written_out = inlined(expression, scored.node, written)
            if written_out is None:
                return None
            replacements[key] = order_defaults(lower(written_out, self.dialect), self.dialect)
        select = self.select.copy()
        for original, copied in zip(list(self.select.walk()), list(select.walk()), strict=True):
            if id(original) in replacements:
                fresh = replacements[id(original)]
                parent = copied.parent
                if isinstance(parent, exp.Binary | exp.Unary | exp.Is | exp.Between | exp.In):
                    fresh = exp.paren(fresh)
                elif isinstance(parent, exp.Select):
                    function = self.wishes[id(original)].call.function
                    fresh = exp.alias_(fresh, function)
                copied.replace(fresh)
        return Result(select, [], self._infos("window functions in place", 1), self.assumptions)

    # -- wrap ----------------------------------------------------------------------------------------------------

    def _wrap(self) -> Result:
        inner = Inner()
        stars = self._stars()
        names = self._visible_names(stars is not None)
        outputs, kept_star = self._outer_projections(inner, stars, names)
        generated: dict[str, str] = {}
        added: list[str] = []

        def column(expr: Expr, name: str) -> str:
            key = repr(expr)
            if key in generated:
                return generated[key]
            inner.named(lower(expr, self.dialect), name)
            generated[key] = name
            added.append(name)
            return name

        fits = self._fits(column)
        order = self._lifted_order(inner)
        qualify = self.select.args.get("qualify")
        condition = lift(qualify.this, inner, self._placeholder) if qualify is not None else None
        distinct = self.select.args.get("distinct")
        distinct = lift(distinct, inner, self._placeholder) if distinct is not None else None
        emitter, last, answers = self._emit(inner, fits, kept_star is not None)

        def settle(node: Expr) -> Expr:
            def rule(part: Expr) -> Expr:
                if isinstance(part, exp.Column) and part.table == SUBJECT:
                    return answers[part.name].copy()
                return part

            return node.transform(rule)

        outer = exp.Select(expressions=[settle(part) for part in outputs])
        if kept_star is not None:
            hidden = [name for name in emitter.columns[last]]
            outer.set(
                "expressions",
                [restrict_star(part, hidden, last) if is_star(part) else part for part in outer.expressions],
            )
        outer.set("from_", exp.From(this=exp.to_table(last)))
        if condition is not None:
            outer.set("where", exp.Where(this=settle(condition)))
        if distinct is not None:
            outer.set("distinct", settle(distinct))
        if order is not None:
            outer.set("order", settle(order))
        for name in ("limit", "offset"):
            if self.select.args.get(name):
                outer.set(name, self.select.args[name].copy())
        ctes = [exp.CTE(this=body, alias=exp.TableAlias(this=exp.to_identifier(name))) for name, body in emitter.ctes.items()]
        scans = 2
        return Result(outer, ctes, self._infos("one row a partition, joined to the rows", scans), self.assumptions)

    def _placeholder(self, node: Expr) -> Expr | None:
        """A marker column in the place of a call, settled when the answers have columns."""
        if id(node) in self.wishes:
            return exp.column(str(id(node)), table=SUBJECT)
        return None

    def _stars(self) -> list[tuple[Expr, list[exp.Column]]] | None:
        """Each star of the SELECT list with its columns; None where there is no star or they are unknown."""
        stars = [part for part in self.select.expressions if is_star(part)]
        if not stars or not self.settings.binder.knows:
            return None
        return [(star, self._star_columns(star)) for star in stars]

    def _star_columns(self, star: Expr) -> list[exp.Column]:
        """What a star stands for, each column qualified so that it is not ambiguous."""
        inside = star.this if isinstance(star, exp.Column) else star
        plain = star.copy()
        bare = plain.this if isinstance(plain, exp.Column) else plain
        if any(value for key, value in bare.args.items() if key not in ("except_",)):
            raise UnsupportedError(
                "* REPLACE or RENAME beside a detection call is not supported",
                where=star.sql(self.settings.read),
                hint="name the columns",
            )
        left_out = {part.name.lower() for part in inside.args.get("except_") or ()}
        bare.set("except_", None)
        tables = [star.table] if isinstance(star, exp.Column) and star.table else self._source_names()
        whole = self._ask(self._bare(plain))
        assert whole is not None
        using = {
            name.name.lower() for join in self.select.args.get("joins") or () for name in join.args.get("using") or ()
        }
        natural = any(join.args.get("method") == "NATURAL" for join in self.select.args.get("joins") or ())
        if natural:
            raise UnsupportedError("* over a NATURAL join is not supported", hint="write the join with USING, or name the columns")
        columns: list[exp.Column] = []
        waiting: list[tuple[str, str]] = []
        for table in tables:
            of_table = self._ask(self._bare(exp.Column(this=exp.Star(), table=exp.to_identifier(table))))
            assert of_table is not None
            waiting += [(table, name) for name in of_table.names]
        merged = using if len(tables) > 1 else set()
        for name in whole.names:
            if name.lower() in merged:
                columns.append(exp.column(exp.to_identifier(name, quoted=True)))
                waiting = [pair for pair in waiting if pair[1].lower() != name.lower()]
                continue
            found = next((pair for pair in waiting if pair[1].lower() == name.lower()), None)
            found = found or next((pair for pair in waiting if name.lower().startswith(pair[1].lower() + "_")), None)
            if found is None:
                raise no_star(self.select, self.settings.read)
            waiting.remove(found)
            columns.append(
                exp.Column(
                    this=exp.to_identifier(found[1], quoted=True),
                    table=exp.to_identifier(found[0]) if len(tables) > 1 else None,
                )
            )
        return [column for column in columns if column.name.lower() not in left_out]

    def _source_names(self) -> list[str]:
        parts = [self.select.args["from_"], *(self.select.args.get("joins") or []), *(self.select.args.get("laterals") or [])]
        return [part.this.alias_or_name if not isinstance(part, exp.Lateral) else part.alias for part in parts]

    def _visible_names(self, expanded: bool) -> dict[int, str]:
        """The engine's own name of each projection that has none, by its position."""
        nameless = [
            index
            for index, part in enumerate(self.select.expressions)
            if not isinstance(part, exp.Alias | exp.Column) and not is_star(part) and not contains_call(part)
        ]
        if not nameless:
            return {}
        probe = self._bare(*(self.select.expressions[index] for index in nameless))
        for name in ("where", "group", "having", "windows"):
            value = self.select.args.get(name)
            if value:
                copied = [part.copy() for part in value] if isinstance(value, list) else value.copy()
                probe.set(name, self._group() if name == "group" else copied)
        found = self._ask(probe)
        if found is None or len(found.names) != len(nameless):
            return {index: self.select.expressions[index].sql(self.dialect.sqlglot) for index in nameless}
        return dict(zip(nameless, found.names, strict=True))

    def _outer_projections(
        self, inner: Inner, stars: list[tuple[Expr, list[exp.Column]]] | None, names: dict[int, str]
    ) -> tuple[list[Expr], Expr | None]:
        """The projections over the scored rows, and the star if one had to be kept."""
        outputs: list[Expr] = []
        kept: Expr | None = None
        expanded = {id(star): columns for star, columns in stars or []}
        has_star = any(is_star(part) for part in self.select.expressions)
        if has_star and stars is None:
            single = single_source(self.select)
            if single is None or not self.dialect.star_except or sum(map(is_star, self.select.expressions)) > 1:
                raise no_star(self.select, self.settings.read)
        for index, part in enumerate(self.select.expressions):
            if is_star(part):
                if stars is None:
                    kept = part
                    outputs.append(part.copy())
                    continue
                for column in expanded[id(part)]:
                    wished = column.this.copy() if not has_star or len(expanded) == 1 else None
                    held = inner.reserve(column, wished)
                    outputs.append(_aliased(exp.Column(this=held), column.this))
                continue
            if contains_call(part):
                expression = part.this if isinstance(part, exp.Alias) else part
                name = part.args["alias"] if isinstance(part, exp.Alias) else self._call_name(part)
                outputs.append(_aliased(lift(expression, inner, self._placeholder), name))
                continue
            name = visible_name(part, names.get(index))
            wished = None if kept is not None or has_star else (name.copy() if name is not None else None)
            held = inner.reserve(part.unalias(), wished)
            outputs.append(_aliased(exp.Column(this=held), name))
        return outputs, kept

    def _call_name(self, part: Expr) -> exp.Identifier:
        wish = self.wishes.get(id(part))
        if wish is not None:
            return exp.to_identifier(wish.call.function)
        return exp.to_identifier(part.sql(self.settings.read), quoted=True)

    def _lifted_order(self, inner: Inner) -> Expr | None:
        order = self.select.args.get("order")
        if order is None:
            return None
        aliases = {part.output_name.lower() for part in self.select.expressions if part.output_name}
        aliases |= {
            self.wishes[id(part)].call.function for part in self.select.expressions if id(part) in self.wishes
        }
        fresh = order.copy()
        keys = []
        for ordered in order.expressions:
            key = ordered.this
            literal = isinstance(key, exp.Literal) and not key.is_string
            named = isinstance(key, exp.Column) and not key.table and key.name.lower() in aliases
            if literal or named or isinstance(key, exp.Var):
                keys.append(ordered.copy())
            else:
                keys.append(lift(ordered, inner, self._placeholder))
        fresh.set("expressions", keys)
        return fresh

    def _emit(self, inner: Inner, fits: list[Fit], star: bool) -> tuple[Emitter, str, dict[str, Expr]]:
        """The CTEs, the name of the last, and the answer of each call by its marker."""
        emitter = Emitter(self.dialect, self.settings.names.fresh)
        source = Source("source")
        select = exp.Select(expressions=[])
        for name in ("from_", "joins", "laterals", "where", "group", "having", "windows"):
            value = self.select.args.get(name)
            if value:
                copied = [part.copy() for part in value] if isinstance(value, list) else value.copy()
                select.set(name, self._group() if name == "group" else copied)
        items: list[Expr] = []
        if star:
            single = single_source(self.select)
            items.append(exp.Column(this=exp.Star(), table=exp.to_identifier(single)))
        for expr, identifier in inner.items:
            same = isinstance(expr, exp.Column) and not expr.table and expr.this == identifier
            items.append(expr if same else exp.alias_(expr, identifier, copy=False))
        select.set("expressions", items)
        emitter.add_source(source, select, tuple(identifier.name for _, identifier in inner.items))
        node: Node = source
        done: list[tuple[Fit, dict[Rule, Answers]]] = []
        for fit in fits:
            wished = [wish for wish in self.wishes.values() if wish.fit == fit.number - 1]
            if fit.fitted is not None and not fit.windowed() and any(w.call.output == "status" for w in wished):
                rows = f"{fit.prefix}__rows"
                counted = fit.relation(source).group("fitted", {rows: ops.count(ops.integer(1))})
                node = fit.relation(node).match(counted).extend("counted", {}, carry=[rows]).node
            beside = stand(fit, source, node, staged=self.settings.staged)
            scored = score(fit, beside)
            rules: dict[Rule, Answers] = {}
            for wish in wished:
                if wish.rule in rules:
                    continue
                cutoff = f"{fit.prefix}__cutoff{len(rules) + 1}"
                needs = wish.rule.contamination is not None and any(
                    w.rule == wish.rule and w.call.output in ("is_anomaly", "threshold") for w in wished
                )
                if needs:
                    scored = with_cutoff(fit, scored, wish.rule, cutoff)
                rules[wish.rule] = Answers(fit, scored, wish.rule, cutoff)
            node = scored.node
            done.append((fit, rules))
        last = emitter_name = ""
        node = source
        for fit, rules in done:
            node = next(iter(rules.values())).scored.node if rules else node
            for answer in rules.values():
                node = answer.scored.node
            last = emitter.name(node, fit)
        answers: dict[str, Expr] = {}
        for key, wish in self.wishes.items():
            expression = getattr(done[wish.fit][1][wish.rule], wish.call.output)()
            answers[str(key)] = order_defaults(lower(expression, self.dialect), self.dialect)
        return emitter, last or emitter_name, answers

    def _infos(self, placement: str, scans: int) -> list[FitInfo]:
        infos = []
        for draft in self.drafts:
            detector = draft.options.detector
            parameters = [(field.name, str(getattr(detector, field.name))) for field in fields(detector)]
            parameters.append(("min_rows", str(draft.options.min_rows)))
            if draft.options.nulls != "propagate":
                parameters.append(("nulls", draft.options.nulls))
            infos.append(
                FitInfo(
                    detector.name,
                    tuple(parameters),
                    tuple(name for name, _ in draft.features),
                    _baseline(draft, self.settings.read),
                    placement,
                    scans,
                    draft.calls,
                )
            )
        return infos


def _baseline(draft: Draft, dialect: str) -> str:
    words = ["every row" if draft.condition is None else f"rows with {draft.condition.sql(dialect)}"]
    if draft.keys:
        words.append("of the same " + ", ".join(key.sql(dialect) for key in draft.keys))
    if draft.order:
        keys = ", ".join(key.sql(dialect) for key, _ in draft.order)
        words.append(
            f"with a smaller {keys}" if draft.frame is None else f"in the frame {draft.frame.spec().sql()} by {keys}"
        )
        if draft.frame is not None:
            words.append("without the row itself")
    if draft.options.leave_one_out:
        words.append("without the row itself")
    return " ".join(words)


def _shown_name(expr: Expr, dialect: str) -> str:
    return expr.name if isinstance(expr, exp.Column) else expr.sql(dialect)


def _aliased(expr: Expr, name: exp.Identifier | None) -> Expr:
    if name is None or isinstance(expr, exp.Column) and not expr.table and expr.this == name:
        return expr
    return exp.alias_(expr, name.copy(), copy=False)


def _as_double(expr: Expr, kind: Kind) -> tuple[Expr, Expr]:
    """The feature as DOUBLE, and the same without what is out of range."""
    value = expr.copy()
    if kind is Kind.BOOLEAN:
        plain = ops.case((value, ops.number(1.0)), (ops.not_(value), ops.number(0.0)))
        return plain, plain
    if kind in (Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMPTZ):
        plain = ops.special(f"epoch_{kind.value}", value)
        return plain, plain
    double = value if kind is Kind.FLOAT and not isinstance(value, exp.Literal) else ops.cast_double(value)
    if kind is Kind.INTEGER:
        return double, double
    inside = ops.le(ops.abs_(double), ops.number(ops.LARGEST))
    return double, ops.case((inside, double))

"""From calls to fits: which calls share one, still in the user's own expressions."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace

from sqlglot import exp

from sqlnomaly.errors import CallError, UnsupportedError
from sqlnomaly.pushdown.band import check_band
from sqlnomaly.pushdown.calls import Call, direct_calls, read_call, root_of
from sqlnomaly.pushdown.compiled import FitInfo
from sqlnomaly.pushdown.contract import Detector, Shape
from sqlnomaly.pushdown.cost import Reads
from sqlnomaly.pushdown.distances import measured
from sqlnomaly.pushdown.frames import Frame, read_frame
from sqlnomaly.pushdown.lagged import check_lags, with_lags
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.options import Options, option_names, read_options
from sqlnomaly.pushdown.pool_by import check_pool
from sqlnomaly.pushdown.rules import AlertBudget, FalseDiscoveries, Peaks
from sqlnomaly.pushdown.select import Scope
from sqlnomaly.pushdown.verdict import Rule


@dataclass(frozen=True, slots=True)
class Wish:
    """One call: what it asks of which fit, by which rule."""

    call: Call
    fit: int
    rule: Rule


@dataclass(slots=True)
class Draft:
    """A fit in the user's own expressions.

    Attributes:
        features: (name, expression) in call order.
        order: (expression, descending).
        outputs: what its calls ask.
        rules: the rules of the calls that ask for verdicts or thresholds, in their order.
        countable: whether every order key is known to be a number or a time; said once it has columns.
    """

    options: Options
    features: list[tuple[str, Expr]]
    keys: list[Expr]
    order: list[tuple[Expr, bool]]
    frame: Frame | None
    condition: Expr | None
    outputs: list[str]
    rules: dict[Rule, None] = field(default_factory=dict)
    countable: bool = True

    def info(self, dialect: str, placement: str, scans: Reads) -> FitInfo:
        """The fit in words."""
        detector = self.options.detector
        parameters = [(field.name, str(getattr(detector, field.name))) for field in fields(detector)]
        if detector.members:
            parameters.insert(0, ("members", ", ".join(map(_member, detector.members))))
        parameters.append(("min_rows", str(self.options.min_rows)))
        if self.options.lags is not None:
            parameters.append(("lags", str(self.options.lags)))
        if self.options.pool is not None:
            strength = self.options.pool.strength
            counts = "" if strength is None else f", which counts for {strength:g} rows"
            parameters.append(("pool_by", self.options.pool.words_shown() + counts))
        if self.options.nulls != "propagate":
            parameters.append(("nulls", self.options.nulls))
        if self.options.leave_one_out:
            parameters.append(("leave_one_out", "TRUE"))
        names = tuple(name for name, _ in self.features)
        return FitInfo(
            detector.name,
            tuple(parameters),
            names,
            self._baseline(dialect),
            placement,
            scans,
            len(self.outputs),
            0 if not detector.on_client else 1 if detector.sample is None else detector.sample[0],
            detector.rule,
            tuple(rule.words() for rule in self.rules),
            (self.options.season and self.options.season.found) or "",
            detector.seeks,
            self.walks,
        )

    @property
    def walks(self) -> bool:
        """Whether a loop along the rows says the same as windows, where a session has one."""
        if not self.order or not self.options.detector.walks or self.options.pool is not None or not self.countable:
            return False
        return self.frame is None or self.frame.kind == "ROWS"

    def _baseline(self, dialect: str) -> str:
        words = ["every row" if self.condition is None else f"rows with {self.condition.sql(dialect)}"]
        same = [key.sql(dialect) for key in self.keys]
        whole, apart = self.options.detector.looks_ahead, self.options.detector.slotted
        season = self.options.season
        slots = [] if season is None else season.words(self.order[0][0].sql(dialect))
        if not apart:
            same += slots
        if same:
            words.append("of the same " + ", ".join(same))
        keys = ", ".join(key.sql(dialect) for key, _ in self.order)
        if apart and slots:
            words.append(f"with medians of {', '.join(slots)}")
        if whole:
            words.append(f"in their order by {keys}, later ones too")
        elif self.order and self.frame is None:
            words.append(f"before it by {keys}")
        elif self.frame is not None:
            words.append(f"in {self.frame.spec().sql(dialect)} by {keys}")
        if self.frame is not None or self.options.leave_one_out:
            words.append("without the row itself")
        return " ".join(words)


def draft_fits(scope: Scope) -> tuple[list[Draft], dict[int, Wish]]:
    """The fits that the scope's calls need, and for each call's root node (by id) what it asks."""
    registry = scope.settings.registry
    options = option_names(registry)
    drafts: list[Draft] = []
    wishes: dict[int, Wish] = {}
    known: dict[str, int] = {}
    for node in direct_calls(scope.select):
        shown = scope.show(root_of(node))
        call = read_call(node, _window(scope, node), options, shown)
        checked = read_options(call, registry, shown)
        draft = _draft(scope, call, checked)
        shared = replace(checked, threshold=None, contamination=None, by=None, min_effect=None)
        key = repr((shared, draft.features, draft.keys, draft.order, draft.frame, draft.condition))
        if key in known:
            drafts[known[key]].outputs.append(call.output)
        else:
            known[key] = len(drafts)
            drafts.append(draft)
        rule = Rule(checked.threshold, checked.contamination, checked.min_effect, checked.by)
        drafts[known[key]].rules |= {rule: None} if call.output in ("is_anomaly", "threshold") else {}
        wishes[id(call.root)] = Wish(call, known[key], rule)
    return drafts, wishes


def _member(member: Detector) -> str:
    """A member with its parameters."""
    given = ", ".join(f"{field.name} = {getattr(member, field.name)}" for field in fields(member))
    return f"{member.name}({given})"


def _window(scope: Scope, node: exp.Anonymous) -> exp.Window | None:
    """The OVER clause of a call, with the named window it refers to put in."""
    window = root_of(node)
    if not isinstance(window, exp.Window):
        return None
    alias = window.args.get("alias")
    if alias is None:
        return window
    for named in scope.select.args.get("windows") or ():
        if named.name.lower() == alias.name.lower():
            merged = window.copy()
            for part in ("partition_by", "order", "spec"):
                if not merged.args.get(part) and named.args.get(part):
                    merged.set(part, named.args[part])
            return merged
    raise CallError(f"window {alias.name} is not defined", where=scope.show(window), hint="WINDOW w AS (..)")


def _draft(scope: Scope, call: Call, options: Options) -> Draft:
    shown = scope.show(call.root)
    order: list[tuple[Expr, bool]] = []
    keys: list[Expr] = []
    frame = None
    if call.window is not None:
        keys = list(call.window.args.get("partition_by") or [])
        ordering = call.window.args.get("order")
        order = (
            [(part.this, bool(part.args.get("desc"))) for part in ordering.expressions] if ordering else []
        )
        frame = read_frame(call.window, shown)
    if options.detector.by_function and not scope.settings.dialect.functions_from_client:
        raise UnsupportedError(
            f"{options.detector.name} is scored by a function that a session registers, and "
            f"{scope.settings.dialect.name} takes none from a client",
            where=shown,
            hint="fit a model on DuckDB or Spark and make its functions here (sqlnomaly fit, sqlnomaly pack), "
            "or use ecod, hbos or mahalanobis",
        )
    if options.detector.shape is Shape.WINDOW and not order:
        along = "its place in a series" if options.detector.looks_ahead else "the rows before it"
        raise UnsupportedError(
            f"{options.detector.name} judges a row by {along}, so it needs ORDER BY",
            where=shown,
            hint="OVER (PARTITION BY store ORDER BY day); in detect_anomalies order_by => 'day'",
        )
    if options.season is not None and not order:
        raise CallError(
            "season needs a time to find the slots of",
            where=shown,
            hint="add ORDER BY ts: OVER (PARTITION BY store ORDER BY ts); in detect_anomalies order_by => 'ts'",
        )
    check_band(call.output, options.detector, len(call.features), options.by, shown)
    if call.output == "probability":
        _check_exchangeable(options, order, shown)
    _check_rule(options, call, order, shown)
    check_lags(options, frame, order, shown)
    check_pool(options.pool, keys, frame, shown)
    features = [
        (alias.name if alias else expr.name if isinstance(expr, exp.Column) else scope.show(expr), expr)
        for expr, alias in call.features
    ]
    if options.lags is not None:
        features = with_lags(features, options.lags, keys, order)
        if frame is None and not options.detector.ordered:
            order = []
    if order:
        _check_order(scope, options, frame, order, shown)
    return Draft(options, features, keys, order, frame, call.condition, [call.output])


def _check_exchangeable(options: Options, order: list[tuple[Expr, bool]], shown: str) -> None:
    """Refuses a probability where the fit does not treat its rows alike, so that a rank among them means nothing."""
    if order:
        raise UnsupportedError(
            "anomaly_probability with ORDER BY has no calibration yet",
            where=shown,
            hint="leave ORDER BY out, or use anomaly_score",
        )
    if options.leave_one_out:
        raise UnsupportedError(
            "anomaly_probability with leave_one_out has no calibration yet",
            where=shown,
            hint="leave leave_one_out out, or use anomaly_score",
        )


def _check_rule(options: Options, call: Call, order: list[tuple[Expr, bool]], shown: str) -> None:
    """Refuses a rule that this baseline gives no meaning to."""
    by = options.by
    late = (FalseDiscoveries, Peaks) if options.detector.looks_ahead else (FalseDiscoveries, AlertBudget, Peaks)
    if order and isinstance(by, late):
        why = "has no calibration yet" if options.detector.looks_ahead else "would judge a row by later scores"
        raise UnsupportedError(f"{by.name} with ORDER BY {why}", where=shown, hint="use threshold")
    if not isinstance(by, FalseDiscoveries):
        return
    if call.condition is None:
        raise UnsupportedError(
            "fdr needs rows to compare with: the p-value of a row among the rows that it was fitted with is its own "
            "rank, so that nothing could ever be found",
            where=shown,
            hint="fit on reference rows: is_anomaly(amount, fdr => 0.05) FILTER (WHERE day < '2025-02-01') OVER (); "
            "in detect_anomalies name a column: filter => 'is_reference', or a stored model: model => 'fraud'",
        )
    if options.leave_one_out:
        raise UnsupportedError(
            "fdr with leave_one_out has no calibration yet", where=shown, hint="leave leave_one_out out"
        )


def _check_order(
    scope: Scope, options: Options, frame: Frame | None, order: list[tuple[Expr, bool]], shown: str
) -> None:
    """Refuses orders and frames that the detector or the dialect cannot honor."""
    refusal = refused_order(options.detector, frame, scope)
    if refusal is not None:
        reason, hint = refusal
        raise UnsupportedError(reason, where=shown, hint=hint)
    if options.contamination is not None and not options.detector.looks_ahead:
        raise UnsupportedError(
            "contamination with ORDER BY would judge a row by later scores", where=shown, hint="use threshold"
        )
    if options.leave_one_out:
        raise CallError(
            "leave_one_out with ORDER BY says the same twice: a row is never in its own baseline there",
            where=shown,
            hint="leave leave_one_out out",
        )
    offsets = [] if frame is None else [b.offset for b in (frame.start, frame.end) if b.offset is not None]
    if frame is not None and frame.kind == "RANGE" and offsets and len(order) != 1:
        raise CallError("a RANGE frame with an offset needs exactly one ORDER BY key", where=shown)


def refused_order(detector: Detector, frame: Frame | None, scope: Scope) -> tuple[str, str] | None:
    """Why this detector cannot follow this order here, and what to do; None if it can."""
    dialect = scope.settings.dialect
    if frame is None:
        if detector.ordered:
            return None
        hint = "give a ROWS frame" if detector.framed else "leave ORDER BY out, or use zscore"
        return f"{detector.name} has no causal form (ORDER BY without a frame)", hint
    if frame.kind == "ROWS":
        if not detector.framed:
            return f"{detector.name} cannot follow a frame", "use zscore, mad or iqr"
        return None
    if not detector.ranged:
        return f"{detector.name} cannot follow a RANGE frame", "use zscore, mad or iqr, or leave the frame out"
    offsets = frame.start.offset is not None or frame.end.offset is not None
    if offsets and not dialect.range_frames and not measured(detector, frame, dialect):
        return (
            f"RANGE with an offset is refused on {dialect.name}: {dialect.refused['range_frames']}",
            "use ROWS, or mad or iqr, whose rows are paired",
        )
    return None

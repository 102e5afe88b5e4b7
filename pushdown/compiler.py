"""The pipeline: parse, recognize, rewrite every SELECT from the inside out, check, print."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

from sqlnomaly.dialects import Dialect, get_dialect
from sqlnomaly.errors import ParseError, UnsupportedError, UsageError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.applied import Applied, Use, apply_in_select, apply_outside, name_projections
from sqlnomaly.pushdown.bind import Binder, Describe, Schema
from sqlnomaly.pushdown.calls import OUTPUTS, direct_calls, model_of, name_of
from sqlnomaly.pushdown.client import Drawing, counting
from sqlnomaly.pushdown.compiled import Compiled, FitInfo, Look, ModelUse, Step
from sqlnomaly.pushdown.contract import Detector
from sqlnomaly.pushdown.forecast_form import draw_points
from sqlnomaly.pushdown.function import Function
from sqlnomaly.pushdown.names import Names, check_lengths, identifiers
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.relation_form import check_columns, expand_relations
from sqlnomaly.pushdown.relation_words import EXAMPLES, as_written, parse_hint
from sqlnomaly.pushdown.rewrite import rewrite_select
from sqlnomaly.pushdown.select import Look as Seek
from sqlnomaly.pushdown.select import Models, Scope, Settings, visible_ctes
from sqlnomaly.version import __version__


def compile_sql(
    sql: str,
    *,
    read: str,
    write: str,
    registry: Mapping[str, type[Detector]],
    schema: Schema | None = None,
    describe: Describe | None = None,
    form: str | None = None,
    staged: bool = False,
    tag: str = "",
    models: Models | None = None,
    look: Seek | None = None,
    walks: dict[str, Function] | None = None,
) -> Compiled:
    """Compiles a script of queries in the dialect read to the SQL of the dialect write.

    Args:
        sql: one or more statements.
        read: the dialect they are written in.
        write: the dialect to print.
        registry: the detectors by name.
        schema: table -> column -> type, in the words of read; None if unknown.
        describe: asks a live engine for the columns of a query; goes before schema.
        form: "in_place" or "wrap" to insist on one form of the rewrite.
        staged: fit and score in separate steps even where one pass would do.
        tag: goes into the names of temporary relations and functions.
        models: finds the stored models that calls name.
        look: finds the slots of a season in the rows.
        walks: takes the functions that walk along rows in the place of windows, for the session to register.

    Raises:
        ParseError: SQL that does not parse.
        CallError: a malformed call.
        BindError: names or types that do not fit.
        UnsupportedError: what a detector or dialect refuses.
        UsageError: an unknown dialect.
    """
    source, target = get_dialect(read), get_dialect(write)
    statements = parse(sql, source)
    if not statements:
        raise ParseError("there is no statement", hint="SELECT id, anomaly_score(amount) OVER () FROM orders")
    steps: list[Step] = []
    fits: list[FitInfo] = []
    uses: list[ModelUse] = []
    assumptions: list[str] = []
    for statement in statements:
        check_command(statement, source)
        binder = Binder(target, source.sqlglot, describe, schema)
        settings = Settings(
            source.sqlglot, target, registry, binder, Names(identifiers(statement)), form, staged, tag, models, look
        )
        plain = expand_relations(statement, settings)
        functions = None if lasting(plain) else walks
        settings = replace(settings, names=Names(identifiers(plain)), walks=functions)
        applied = Applied(settings, lasting(plain))
        rewritten, found, assumed, drawings = rewrite_statement(plain, settings, applied)
        if found:
            check_lengths(plain, target)
        if drawings:
            check_lasting(plain, drawings)
        steps += [before(drawing, target) for drawing in drawings]
        made = bool(found or applied.uses)
        text = header(found, applied.uses) + emit(
            with_settings(rewritten, target) if made else rewritten, target, last=True
        )
        check(text, target, made)
        steps.append(Step("sql", text))
        fits += found
        uses += [use.told() for use in applied.uses]
        assumptions += [one for one in [*applied.assumptions, *assumed] if one not in assumptions]
    known = (tuple(fits), tuple(assumptions), tuple(uses), tuple(walks or ()))
    return Compiled(tuple(steps), source.name, target.name, *known)


def before(drawing: Drawing, dialect: Dialect) -> Step:
    """The step that a client runs before a statement."""
    points = drawing.look(dialect)
    look = None if points is None else Look(emit(points, dialect), emit(counting(points), dialect))
    return Step("fit", emit(drawing.query, dialect), drawing.fit, emit(drawing.count(), dialect), look)


def parse(sql: str, dialect: Dialect) -> list[Expr]:
    """The statements of a script.

    Raises:
        ParseError: with the line, the column and the piece that does not fit.
    """
    try:
        return [one for one in sqlglot.parse(sql, read=dialect.sqlglot) if one is not None]
    except SqlglotError as error:
        details = getattr(error, "errors", None) or [{}]
        first = details[0]
        place = f"line {first['line']}, column {first['col']}" if first.get("line") else None
        piece = (first.get("start_context") or "")[-30:] + (first.get("highlight") or "")
        message = first.get("description") or str(error).split("\n")[0]
        where = f"{place}, near {piece!r}" if place else None
        raise ParseError(
            f"the SQL does not parse as {dialect.name}: {message}",
            where=where,
            hint=parse_hint(sql, dialect.sqlglot) or "another dialect? name it",
        ) from None


def rewrite_statement(
    statement: Expr, settings: Settings, applied: Applied | None = None
) -> tuple[Expr, list[FitInfo], list[str], list[Drawing]]:
    """A copy of the statement with every SELECT that holds calls rewritten, innermost first; what is known of its fits.

    Returns:
        The copy, its fits, the assumptions made, and what the client fits before it runs.
    """
    tree = statement.copy()
    fits: list[FitInfo] = []
    assumptions: list[str] = []
    applied = applied or Applied(settings)
    for node in tree.find_all(exp.Anonymous):
        if name_of(node) and model_of(node) is None and node.find_ancestor(exp.Select) is None:
            raise UnsupportedError(
                "a detection call stands outside of any SELECT",
                where=node.sql(settings.read),
                hint="SELECT it",
            )
    tree, drawings = draw_points(tree, settings)
    selects = [node for node in _inside_out(tree) if isinstance(node, exp.Select)]
    for select in selects:
        name_projections(select, settings)
    for select in [one for one in selects if next(direct_calls(one), None) is not None]:
        scope = Scope(select, visible_ctes(select), settings)
        with as_written(select):
            apply_in_select(applied, scope)
        if next(direct_calls(select), None) is None:
            continue
        if drawings:
            check_unfitted(scope, drawings)
        with as_written(select):
            check_columns(scope)
            result = rewrite_select(scope)
        tree = replace_select(tree, select, result.select, result.ctes)
        fits += result.fits
        assumptions += scope.assumptions
        drawings += result.drawings
    tree = apply_outside(applied, tree)
    return tree, fits, assumptions, drawings


def check_lasting(statement: Expr, drawings: Sequence[Drawing]) -> None:
    """Refuses a view over a model that is gone when the query is over.

    Raises:
        UnsupportedError: naming the detector.
    """
    if lasting(statement):
        names = ", ".join(dict.fromkeys(drawing.fit.detector.name for drawing in drawings))
        raise UnsupportedError(
            f"a view cannot hold {names}: its model is fitted on the client and gone after the query",
            hint="CREATE TABLE .. AS",
        )


def lasting(statement: Expr) -> bool:
    """Whether the SQL of a statement is kept and runs again: a view, a macro, a column that is computed."""
    if not isinstance(statement, exp.Create):
        return False
    return str(statement.args.get("kind")).upper() != "TABLE" or not isinstance(statement.expression, exp.Query)


def check_unfitted(scope: Scope, drawings: list[Drawing]) -> None:
    """Refuses a call over the scores of a model that does not exist before the statement runs.

    Raises:
        UnsupportedError: naming the detector.
    """
    made = {drawing.fit.given.name: drawing.fit.detector.name for drawing in drawings}
    read = [scope.select, *scope.reached()]
    for table in (table for part in read for table in part.find_all(exp.Table)):
        if table.name in made:
            raise UnsupportedError(
                f"a detection call over rows that {made[table.name]} scored in the same statement is not supported",
                where=scope.show(next(direct_calls(scope.select))),
                hint="write the scores to a table first",
            )


def _inside_out(node: Expr) -> Iterator[Expr]:
    """Every node after its children, CTEs before the query that reads them."""
    keys = sorted(node.args, key=lambda key: key != "with_")
    for key in keys:
        value = node.args[key]
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, exp.Expr):
                yield from _inside_out(child)
    yield node


def check_command(statement: Expr, dialect: Dialect) -> None:
    """Refuses a call inside a statement that sqlglot keeps as text, such as PREPARE.

    Raises:
        UnsupportedError: naming the statement.
    """
    if isinstance(statement, exp.Command):
        text = statement.sql(dialect.sqlglot)
        words = {token.text.lower() for token in sqlglot.tokenize(text, read=dialect.sqlglot)}
        words |= {word for piece in words for word in re.findall(r"\w+", piece)}
        if words & {*OUTPUTS, *EXAMPLES}:
            raise UnsupportedError(
                f"a detection call in {str(statement.this).upper()} is not supported",
                where=text[:200],
                hint="sqlnomaly explain shows the plan, sqlnomaly compile the SQL",
            )


def replace_select(tree: Expr, old: exp.Select, new: exp.Select, ctes: list[exp.CTE]) -> Expr:
    """Puts the rewritten SELECT where the old one stood, and its CTEs in the WITH that it can see."""
    with_ = old.args.get("with_")
    if with_ is not None:
        new.set("with_", with_.copy())
    if tree is old:
        tree = new
    else:
        old.replace(new)
    holder: Expr = new
    while isinstance(holder.parent, exp.SetOperation) and holder.arg_key in ("this", "expression"):
        holder = holder.parent
    if ctes:
        held = holder.args.get("with_")
        if held is None:
            holder.set("with_", exp.With(expressions=ctes))
        else:
            held.set("expressions", [*held.expressions, *ctes])
    return tree


def with_settings(tree: Expr, dialect: Dialect) -> Expr:
    """The statement, which is changed, with the dialect's settings behind its query."""
    query = tree if isinstance(tree, exp.Query) else tree.args.get("expression")
    if dialect.settings and isinstance(query, exp.Select):
        own = [exp.EQ(this=exp.column(name), expression=ops.integer(value)) for name, value in dialect.settings.items()]
        query.set("settings", [*(query.args.get("settings") or ()), *own])
    return tree


def header(fits: list[FitInfo], uses: Sequence[Use] = ()) -> str:
    """A comment line for each fit: version, detector, features and parameters; and for each stored model."""
    lines = []
    for fit in fits:
        parameters = ", ".join(f"{name} = {value}" for name, value in fit.parameters)
        text = f"sqlnomaly {__version__}: {fit.detector}({', '.join(fit.features)}); {parameters}"
        lines.append(text)
    for use in uses:
        text = f"sqlnomaly {__version__}: model {use.kept.name}, version {use.kept.version}"
        lines += [text] if text not in lines else []
    safe = (" ".join(line.split()).replace("/*", "/ *").replace("*/", "* /") for line in lines)
    return "".join(f"/* {line} */\n" for line in safe)


def emit(tree: Expr, dialect: Dialect, *, last: bool = False) -> str:
    """The statement as text of the dialect, formatted.

    Args:
        tree: the statement.
        dialect: whose text.
        last: nobody needs the tree any more, so that it need not be copied.

    Raises:
        UnsupportedError: for a part of the user's query that sqlglot cannot say in the dialect.
    """
    try:
        return tree.sql(dialect.sqlglot, copy=not last, pretty=True, unsupported_level=ErrorLevel.RAISE)
    except SqlglotError as error:
        raise UnsupportedError(
            f"a part of the query cannot be said in {dialect.name}: {str(error).splitlines()[0]}",
            hint="rewrite that part, or choose another dialect",
        ) from None
    except RecursionError:
        raise UsageError("the query is nested too deeply", hint="split it into tables") from None


def check(sql: str, dialect: Dialect, generated: bool) -> None:
    """Holds a generated statement to the dialect's size limit.

    Raises:
        UnsupportedError: if the statement is too long for the engine.
    """
    size = len(sql.encode())
    if generated and size > dialect.max_sql_bytes:
        raise UnsupportedError(
            f"the statement has {size:,} bytes, {dialect.name} takes {dialect.max_sql_bytes:,}",
            hint="fewer features a call, or fewer bins",
        )

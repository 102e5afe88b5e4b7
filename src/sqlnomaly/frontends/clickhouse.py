"""ClickHouse's seriesOutliersDetectTukey over an array, for engines whose lists take lambdas."""

from __future__ import annotations

from sqlglot import exp

from sqlnomaly.dialects import DIALECTS, Dialect
from sqlnomaly.errors import CallError, UnsupportedError
from sqlnomaly.frontends.context import Context, Edit
from sqlnomaly.frontends.text import Text, printed
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.ops import Expr

OWN = "clickhouse"
DEFAULTS = (0.25, 0.75, 1.5)
LEAST, MOST = 0.02, 0.98
"""The shares that ClickHouse takes."""
FEWEST = 4
"""The values that a series needs."""
EXAMPLE = "seriesOutliersDetectTukey(series, 0.25, 0.75, 1.5)"


def tukey(text: Text, number: int, context: Context) -> Edit | None:
    """seriesOutliersDetectTukey(series[, min_percentile, max_percentile, K]): how far each value is beyond the fences.

    With q the two quantiles and f their distance, the score of x is min(x - (q1 - K f), 0) + max(x - (q2 + K f), 0). A
    quantile p of n values is the value number ceil(n p), the mean of it and the next one where n p is whole: type 2 of
    Hyndman and Fan, doi:10.2307/2684934.

    Raises:
        CallError: arguments out of ClickHouse's range.
        UnsupportedError: a dialect without such lists.
    """
    if not text.says(number + 1, "(") or context.write.name == OWN:
        return None
    if not (_takes(context.write) and _takes(text.dialect)):
        message = f"seriesOutliersDetectTukey from {text.dialect.name} to {context.write.name} is not supported"
        fitting = ", ".join(sorted(name for name, dialect in DIALECTS.items() if _takes(dialect)))
        hint = f"read ClickHouse, and run on one of {fitting}"
        raise text.error(UnsupportedError, number, message, hint)
    end = text.closing(number + 1)
    parts = text.parts(number + 2, end)
    if len(parts) not in (1, 4):
        raise text.error(CallError, number, f"one argument or four, not {len(parts)}", EXAMPLE)
    low, high, factor = _settings(text, parts[1:]) if parts[1:] else DEFAULTS
    series = text.expression(*parts[0])
    return Edit(number, end + 1, printed(_scores(series, low, high, factor), text.dialect))


def _takes(dialect: Dialect) -> bool:
    """Whether sqlglot says ClickHouse's lists there."""
    return dialect.lists and "series_outliers" not in dialect.refused


def _settings(text: Text, parts: list[tuple[int, int]]) -> tuple[float, float, float]:
    """The quantiles and K, in range."""
    values = [text.value(*part) for part in parts]
    for value, (begin, _) in zip(values, parts, strict=True):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise text.error(CallError, begin, f"{value} is no number", EXAMPLE)
    low, high, factor = (float(value) for value in values)
    for share, least, (begin, _) in ((low, LEAST, parts[0]), (high, max(low, LEAST), parts[1])):
        if not least <= share <= MOST:
            hint = f"a share such as 0.25, {EXAMPLE}; percents are not taken"
            raise text.error(CallError, begin, f"{share:g} does not lie from {least:g} to {MOST:g}", hint)
    if not factor >= 0:
        raise text.error(CallError, parts[2][0], "K is 0 or more", EXAMPLE)
    return low, high, factor


def _scores(series: Expr, low: float, high: float, factor: float) -> Expr:
    """The list of scores; NULL where a value is missing, and for fewer than four."""
    double = exp.cast(exp.column("_sn__v"), exp.DataType.Type.DOUBLE)
    doubles = exp.Transform(this=series.copy(), expression=_lambda("_sn__v", double))
    missing = exp.ArrayFilter(
        this=series.copy(), expression=_lambda("_sn__v", ops.is_null(exp.column("_sn__v")))
    )
    value, ordered, fences = (exp.column(name) for name in ("_sn__v", "_sn__s", "_sn__f"))
    first, last = _quantile(ordered, low), _quantile(ordered, high)
    reach = ops.mul(ops.number(factor), ops.sub(last, first))
    pair = exp.Array(expressions=[ops.sub(first, reach), ops.add(last, reach)])
    below = ops.func("LEAST", ops.sub(value, _at(fences, ops.integer(1))), ops.number(0.0))
    above = ops.func("GREATEST", ops.sub(value, _at(fences, ops.integer(2))), ops.number(0.0))
    scores = exp.Transform(this=doubles, expression=_lambda("_sn__v", ops.add(below, above)))
    found = _with("_sn__f", _with("_sn__s", ops.func("ARRAY_SORT", doubles), pair), scores)
    enough = ops.ge(_size(series), ops.integer(FEWEST))
    return ops.case((ops.and_(enough, ops.eq(_size(missing), ops.integer(0))), found))


def _quantile(ordered: Expr, share: float) -> Expr:
    """The mean of the values number ceil(n p) and floor(n p) + 1."""
    place = ops.mul(_size(ordered), ops.number(share))
    upper = ops.add(ops.func("FLOOR", place), ops.integer(1))
    return ops.mul(ops.number(0.5), ops.add(_at(ordered, ops.func("CEIL", place)), _at(ordered, upper)))


def _at(values: Expr, place: Expr) -> Expr:
    """A value of a list by its number from 1."""
    return exp.Bracket(this=values.copy(), expressions=[exp.cast(place, exp.DataType.Type.INT)], offset=1)


def _size(values: Expr) -> Expr:
    return ops.func("ARRAY_SIZE", values)


def _with(name: str, value: Expr, result: Expr) -> Expr:
    """The result, in which a value that is computed once has a name."""
    return _at(exp.Transform(this=exp.Array(expressions=[value]), expression=_lambda(name, result)), ops.integer(1))


def _lambda(name: str, result: Expr) -> Expr:
    return exp.Lambda(this=result, expressions=[exp.to_identifier(name)])

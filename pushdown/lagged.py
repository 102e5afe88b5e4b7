"""Lags: earlier values of a series as further features, so that a detector of rows judges pieces of a series."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from sqlnomaly.errors import CallError, UnsupportedError
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Shape
from sqlnomaly.pushdown.frames import Frame
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.options import Options

MOST = 500
"""The most lags."""

Named = tuple[str, Expr]


def check_lags(options: Options, frame: Frame | None, order: Sequence[tuple[Expr, bool]], shown: str) -> None:
    """Refuses lags where they have no meaning.

    Raises:
        CallError: without an order, or out of range.
        UnsupportedError: for a detector that follows the order itself, and with a season that it would not see.
    """
    if options.lags is None:
        return
    detector = options.detector
    if not 1 <= options.lags <= MOST:
        raise CallError(f"lags => {options.lags} is out of range", where=shown, hint=f"1 to {MOST} earlier values")
    if not order:
        raise CallError(
            "lags needs the order in which values follow one another",
            where=shown,
            hint="OVER (PARTITION BY store ORDER BY day); in detect_anomalies order_by => 'day'",
        )
    if detector.shape is Shape.WINDOW:
        raise UnsupportedError(
            f"lags is refused by {detector.name}: it follows the order itself",
            where=shown,
            hint="use a detector of rows, such as knn or pca",
        )
    if not detector.ordered and frame is None and options.season is not None:
        raise UnsupportedError(
            f"season with lags is refused by {detector.name}, which has no causal form",
            where=shown,
            hint="leave one of them out, or put a slot of your own into PARTITION BY",
        )


def with_lags(
    features: Sequence[Named], lags: int, keys: Sequence[Expr], order: Sequence[tuple[Expr, bool]]
) -> list[Named]:
    """The features, each followed by its earlier values, NULL where there is none or the row has no order key.

    Rows without an order key are no part of the series; ties in the order are settled by the values.
    """
    missing = ops.or_(*(ops.is_null(key) for key, _ in order))
    flag = ops.case((missing, ops.integer(1)), default=ops.integer(0))
    along: list[Expr] = [exp.Ordered(this=key.copy(), desc=descending) for key, descending in order]
    for _, expr in features:
        absent = ops.case((ops.is_null(expr), ops.integer(1)), default=ops.integer(0))
        along += [exp.Ordered(this=absent), exp.Ordered(this=expr.copy())]
    found: list[Named] = []
    for name, expr in features:
        found.append((name, ops.case((ops.not_(missing), expr))))
        for number in range(1, lags + 1):
            before = ops.window(
                ops.func("LAG", expr, ops.integer(number)), partition=[*(key.copy() for key in keys), flag], order=along
            )
            found.append((f"{name} {number} before", ops.case((ops.not_(missing), before))))
    return found

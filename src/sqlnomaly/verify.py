"""Whether a deployed function scores the rows that a model keeps for its test as the fit did."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from sqlnomaly.dialects import get_dialect
from sqlnomaly.dialects.definitions import DEFINITIONS
from sqlnomaly.install.functions import function_name
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.bind import Kind
from sqlnomaly.pushdown.fitted import SCORE
from sqlnomaly.pushdown.frozen import parameter_kinds
from sqlnomaly.pushdown.ops import Expr

if TYPE_CHECKING:
    from sqlnomaly.engines import Engine
    from sqlnomaly.pushdown.fitted import FittedModel


@dataclass(frozen=True, slots=True)
class Verified:
    """The outcome.

    Attributes:
        rows: rows that were scored.
        difference: the largest difference of a score, relative over 1; infinite where one is missing.
        tolerance: what the detector allows.
    """

    rows: int
    difference: float
    tolerance: float

    @property
    def holds(self) -> bool:
        """Whether every score is as it was."""
        return self.difference <= self.tolerance


def verify(engine: Engine, model: FittedModel, *, name: str, schema: str | None = None) -> Verified:
    """Scores the model's test rows through the function of that name.

    Raises:
        BindError or EngineError: the engine knows no such function.
    """
    dialect = get_dialect(engine.dialect)
    function = function_name(name, schema, dialect)
    rows = model.selftest.to_pylist()
    parts = list(parameter_kinds(model).items())
    names = [f"x{number}" for number in range(1, len(parts) + 1)]
    selects = []
    for number, row in enumerate(rows):
        values = [literal(row[part], kind, engine.dialect) for part, kind in parts]
        columns = [exp.alias_(value, name) for name, value in zip(names, values, strict=True)]
        selects.append(exp.select(exp.alias_(ops.integer(number), "place"), *columns))
    tested: exp.Query = selects[0]
    for select in selects[1:]:
        tested = exp.union(tested, select, distinct=False)
    # One call: an engine that writes a function's body into the query does so once.
    call = exp.Anonymous(this=function, expressions=[exp.column(name) for name in names])
    query = exp.select("place", exp.alias_(call, SCORE)).from_(tested.subquery("tested"))
    found = engine.run(query.sql(dialect.sqlglot, normalize_functions=False)).to_pylist()
    scores = {row["place"]: row[SCORE] for row in found}
    worst = max(difference(scores.get(number), row[SCORE]) for number, row in enumerate(rows))
    return Verified(len(rows), worst, model.detector.tolerance.relative)


def difference(found: object, wanted: float) -> float:
    """How far a score is from what it was.

    Example:
        >>> difference(202.0, 200.0), difference(None, 1.0)
        (0.01, inf)
    """
    if not isinstance(found, int | float | Decimal) or not math.isfinite(found):  # a changed function gives anything
        return math.inf
    return abs(float(found) - wanted) / max(1.0, abs(wanted))


def literal(value: Any, kind: Kind, dialect: str) -> Expr:
    """A value as an argument of a parameter of this kind."""
    if kind is Kind.BOOLEAN or value is None:
        plain: Expr = ops.constant(value)
    elif kind is Kind.FLOAT:
        plain = ops.number(float(value))
    elif kind is Kind.INTEGER:
        plain = ops.integer(int(value))
    else:
        plain = ops.text(value.isoformat(" ") if isinstance(value, dt.datetime) else str(value))
    words = get_dialect(dialect).sqlglot
    return exp.cast(plain, exp.DataType.build(DEFINITIONS[dialect].types[kind.value], dialect=words))

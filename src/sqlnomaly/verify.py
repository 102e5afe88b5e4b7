"""Whether a deployed function, or a stored model, scores the rows that a model keeps for its test as the fit did."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from sqlnomaly.dialects import get_dialect
from sqlnomaly.dialects.definitions import DEFINITIONS
from sqlnomaly.errors import ModelError
from sqlnomaly.install.functions import function_name
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.bind import Kind
from sqlnomaly.pushdown.fitted import SCORE
from sqlnomaly.pushdown.frozen import parameter_kinds
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.training import lower_names

if TYPE_CHECKING:
    from sqlnomaly.catalog.catalog import Catalog
    from sqlnomaly.engines import Engine
    from sqlnomaly.pushdown.fitted import FittedModel
    from sqlnomaly.result import Result


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
    tested, names = _tested(model, engine.dialect)
    # One call: an engine that writes a function's body into the query does so once.
    call = exp.Anonymous(this=function, expressions=[exp.column(name) for name in names])
    query = exp.select("place", exp.alias_(call, SCORE)).from_(tested.subquery("tested"))
    return _verified(model, engine.run(query.sql(dialect.sqlglot, normalize_functions=False)).to_pylist())


def verify_stored(
    catalog: Catalog, name: str, version: int | None, run: Callable[[str], Result]
) -> Verified:
    """Reads a stored model anew, its checksums compared, and scores its test rows as a query does.

    Args:
        catalog: where it is.
        name: the model.
        version: one of its versions, or None for the current one.
        run: runs a query of the engine's dialect with our calls in it.

    Raises:
        BindError: there is no such model.
        ModelError: there is no such version; its numbers were changed, or rows of its tables are gone.
    """
    number = catalog.current(name).version if version is None else version
    assert number is not None, "current gives what is in force"
    model = catalog.shelf.unpack(name, number).model
    for state in catalog.ledger.state(name, number):
        if state.storage is not None and catalog.shelf.count(state.storage) != state.n_rows:
            raise ModelError(
                f"the table {state.storage!r} of the model {name!r} does not have its {state.n_rows:,} rows",
                where=f"version {number}, {state.relation.removesuffix(':table')}",
                hint="put another version in force, or fit it again",
            )
    tested, names = _tested(model, catalog.engine.dialect)
    features, keys = names[len(model.keys) :], names[: len(model.keys)]
    given: list[Expr] = [
        exp.alias_(exp.column(column), part.name, quoted=True)
        for column, part in zip(features, model.features, strict=True)
    ]
    options: dict[str, Expr] = {"model": ops.text(quoted_name(name)), "version": ops.integer(number)}
    if keys:
        options["partition"] = exp.Tuple(expressions=[exp.column(key) for key in keys])
    given += [exp.Kwarg(this=exp.var(option), expression=value) for option, value in options.items()]
    call = exp.Anonymous(this="anomaly_score", expressions=given)
    query = exp.select("place", exp.alias_(call, SCORE)).from_(tested.subquery("tested"))
    found = run(query.sql(get_dialect(catalog.engine.dialect).sqlglot, normalize_functions=False))
    return _verified(model, lower_names(found.arrow()).to_pylist())


def quoted_name(name: str) -> str:
    """A model's name as a call gives it.

    Example:
        >>> quoted_name("fraud"), quoted_name("Fraud")
        ('fraud', '"Fraud"')
    """
    plain = name == name.lower() and '"' not in name
    return name if plain else '"' + name.replace('"', '""') + '"'


def _tested(model: FittedModel, dialect: str) -> tuple[exp.Query, list[str]]:
    """The test rows as a query, and the columns of the keys and features beside ``place``."""
    parts = list(parameter_kinds(model).items())
    names = [f"x{number}" for number in range(1, len(parts) + 1)]
    selects = []
    for number, row in enumerate(model.selftest.to_pylist()):
        values = [literal(row[part], kind, dialect) for part, kind in parts]
        columns = [exp.alias_(value, name) for name, value in zip(names, values, strict=True)]
        selects.append(exp.select(exp.alias_(ops.integer(number), "place"), *columns))
    tested: exp.Query = selects[0]
    for select in selects[1:]:
        tested = exp.union(tested, select, distinct=False)
    return tested, names


def _verified(model: FittedModel, found: list[dict[str, Any]]) -> Verified:
    """What the scores say that were found for the places of the test rows."""
    rows = model.selftest.to_pylist()
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

"""The twin: a score expression compiled into a postfix program that runs on Arrow columns without an engine.

The expression stays the one statement of the formula; SQL text and the twin are two readings of it. The
program is data (opcodes, columns, constants, texts), a stack machine in numba runs it 1,024 rows at a time
and lets other threads run meanwhile.

Semantics are DuckDB's, and of Spark where the two agree:

- every number is a DOUBLE, integers and literals too; overflow gives inf, 0/0 gives NaN, nothing raises;
- NULL in gives NULL out, but for IS NULL, IS NOT DISTINCT FROM, COALESCE, CASE, and AND and OR, which are
  three-valued;
- NaN equals itself and is greater than every number (BigQuery compares as IEEE 754 does: never equal, never
  greater);
- GREATEST and LEAST pass over NULL (BigQuery and Snowflake return NULL: the vocabulary keeps NULL out of
  them);
- both sides of a CASE are computed and one is taken; nothing can fail in the other. A NULL condition is not
  met.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from sqlglot import exp

from sqlnomaly.errors import BindError, UnsupportedError, nearest
from sqlnomaly.pushdown.machine import Op, machine
from sqlnomaly.pushdown.ops import Expr


class Kind(StrEnum):
    """What a value is. A bare NULL and a column fit wherever they stand."""

    NUMBER = "number"
    BOOLEAN = "boolean"
    TEXT = "text"
    ANY = "any"


_UNARY: Mapping[str, Op] = {
    "ABS": Op.ABS,
    "SQRT": Op.SQRT,
    "LN": Op.LN,
    "EXP": Op.EXP,
    "FLOOR": Op.FLOOR,
    "SIGN": Op.SIGN,
    "sn_cast_double": Op.DOUBLE,
}
_BINARY: Mapping[str, Op] = {"POWER": Op.POWER, "NULLIF": Op.NULLIF}
_NARY: Mapping[str, Op] = {"GREATEST": Op.GREATEST, "LEAST": Op.LEAST, "COALESCE": Op.COALESCE}
_OPERATORS: Mapping[type[Expr], Op] = {
    exp.Add: Op.ADD,
    exp.Sub: Op.SUB,
    exp.Mul: Op.MUL,
    exp.Div: Op.DIV,
    exp.EQ: Op.EQ,
    exp.LT: Op.LT,
    exp.LTE: Op.LE,
    exp.NullSafeEQ: Op.SAME,
    exp.And: Op.AND,
    exp.Or: Op.OR,
}
_MIRRORED: Mapping[type[Expr], Op] = {exp.GT: Op.LT, exp.GTE: Op.LE}
_ANY_KIND = frozenset({Op.EQ, Op.SAME, Op.COALESCE, Op.NULLIF})
_NUMERIC = (pa.types.is_floating, pa.types.is_integer, pa.types.is_decimal, pa.types.is_null)
_TRUTH = frozenset({Op.AND, Op.OR, Op.NOT})
_COMPARISONS = frozenset({Op.EQ, Op.LT, Op.LE, Op.SAME})


@dataclass(frozen=True, slots=True)
class Twin:
    """A compiled expression.

    Attributes:
        code: the instructions, each an opcode and its operand (which column or constant; else 0).
        columns: the columns that the expression reads, ``table.name`` where it qualifies them.
        constants: the numbers; TRUE and FALSE are 1 and 0, a text is its place in `texts`.
        texts: the text literals.
        kind: what comes out.
        depth: the largest stack.
    """

    code: tuple[tuple[int, int], ...]
    columns: tuple[str, ...]
    constants: tuple[float, ...]
    texts: tuple[str, ...]
    kind: Kind
    depth: int

    def __call__(self, columns: Mapping[str, Any]) -> pa.Array:
        """The expression over each row.

        Args:
            columns: numpy or Arrow arrays of numbers or booleans of one length. A masked or Arrow NULL is
                NULL; NaN is NaN. More columns than needed do no harm; with none to read, any column gives the
                number of rows.

        Returns:
            An array of double, bool or string.

        Raises:
            BindError: a column is missing, of another type, or of another length.
        """
        read = [_values(name, columns) for name in self.columns]
        rows = {len(values) for values, _ in read} or {len(next(iter(columns.values()), ()))}
        if len(rows) > 1:
            raise BindError(f"columns of different lengths: {sorted(rows)}", where=", ".join(self.columns))
        count = rows.pop()
        numbers = np.empty((len(read), count), dtype=np.float64)
        nulls = np.empty((len(read), count), dtype=np.bool_)
        for at, (values, missing) in enumerate(read):
            numbers[at] = values
            nulls[at] = missing
        result = np.empty(count, dtype=np.float64)
        unknown = np.empty(count, dtype=np.bool_)
        code = np.array(self.code, dtype=np.int64)
        constants = np.array(self.constants, dtype=np.float64)
        machine()(code, constants, numbers, nulls, self.depth, result, unknown)
        return self._decoded(result, unknown)

    def _decoded(self, result: NDArray[np.float64], unknown: NDArray[np.bool_]) -> pa.Array:
        """Numbers of the machine as values of the expression's kind."""
        if self.kind is Kind.BOOLEAN:
            return pa.array(result != 0, mask=unknown)
        if self.kind is Kind.TEXT:
            codes = pa.array(np.where(unknown, 0, result).astype(np.int32), mask=unknown)
            return pc.take(pa.array(self.texts, pa.string()), codes)
        return pa.array(result, mask=unknown)


def twin(expression: Expr) -> Twin:
    """Compiles a scalar expression of the vocabulary.

    Args:
        expression: made by `ops`: arithmetic, comparisons, AND, OR, NOT, IS NULL, IS NOT DISTINCT FROM, CASE,
            and ABS, SQRT, LN, EXP, FLOOR, SIGN, POWER, GREATEST, LEAST, COALESCE, NULLIF, sn_cast_double.
            Text is allowed as a literal: what a CASE yields, or compared for equality.

    Raises:
        UnsupportedError: anything else, by name.

    Example:
        >>> from sqlnomaly.pushdown import ops
        >>> ratio = twin(ops.div(ops.column("x"), ops.column("y")))
        >>> ratio({"x": np.array([6.0, 1.0]), "y": np.array([4.0, 0.0])}).to_pylist()
        [1.5, None]
    """
    code: list[tuple[int, int]] = []
    columns: dict[str, int] = {}
    constants: dict[tuple[Kind, float], int] = {}
    texts: dict[str, int] = {}
    kinds: list[Kind] = []
    depth = 0
    pending: list[Expr | Op] = [expression]
    while pending:
        item = pending.pop()
        if isinstance(item, Op):
            operands = kinds[-_arity(item) :]
            del kinds[-_arity(item) :]
            kinds.append(_result_kind(item, operands))
            code.append((int(item), 0))
        elif isinstance(item, exp.Column):
            name = f"{item.table}.{item.name}" if item.table else item.name
            code.append((int(Op.COLUMN), columns.setdefault(name, len(columns))))
            kinds.append(Kind.ANY)
        elif isinstance(item, exp.Null):
            code.append((int(Op.NULL), 0))
            kinds.append(Kind.ANY)
        elif isinstance(item, exp.Literal | exp.Boolean):
            kind, value = _literal(item, texts)
            code.append((int(Op.CONSTANT), constants.setdefault((kind, value), len(constants))))
            kinds.append(kind)
        else:
            pending.extend(reversed(_postfix(item)))
        depth = max(depth, len(kinds))
    kind = Kind.NUMBER if kinds[0] is Kind.ANY else kinds[0]
    return Twin(
        tuple(code), tuple(columns), tuple(value for _, value in constants), tuple(texts), kind, depth
    )


def _literal(node: Expr, texts: dict[str, int]) -> tuple[Kind, float]:
    """The kind and the number of a literal; a text is entered into the table."""
    if isinstance(node, exp.Boolean):
        return Kind.BOOLEAN, float(node.this)
    if node.is_string:
        return Kind.TEXT, float(texts.setdefault(node.name, len(texts)))
    return Kind.NUMBER, float(node.name)


def _postfix(node: Expr) -> list[Expr | Op]:
    """The operands of a node, then its instruction.

    A CASE goes from its last branch to its first, so that the stack holds one result at a time however many
    there are.
    """
    if isinstance(node, exp.Paren):
        return [node.this]
    if isinstance(node, exp.Neg):
        return [node.this, Op.NEG]
    if isinstance(node, exp.Not):
        return [node.this, Op.NOT]
    if isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
        return [node.this, Op.IS_NULL]
    if isinstance(node, exp.Case) and node.this is None:
        parts: list[Expr | Op] = [node.args.get("default") or exp.null()]
        for branch in reversed(node.args["ifs"]):
            parts += [branch.args["true"], branch.this, Op.SELECT]
        return parts
    if isinstance(node, exp.Anonymous):
        return _call(node)
    if isinstance(node, exp.NEQ):
        return [node.this, node.expression, Op.EQ, Op.NOT]
    if type(node) in _MIRRORED:
        return [node.expression, node.this, _MIRRORED[type(node)]]
    if type(node) in _OPERATORS:
        return [node.this, node.expression, _OPERATORS[type(node)]]
    raise _refused(type(node).__name__, node)


def _call(node: exp.Anonymous) -> list[Expr | Op]:
    """The operands and the instruction of a function call."""
    name, arguments = str(node.this), list(node.expressions)
    if name in _UNARY and len(arguments) == 1:
        return [arguments[0], _UNARY[name]]
    if name in _BINARY and len(arguments) == 2:
        return [*arguments, _BINARY[name]]
    if name in _NARY and arguments:
        parts: list[Expr | Op] = [arguments[0]]
        for argument in arguments[1:]:
            parts += [argument, _NARY[name]]
        return parts
    raise _refused(f"{name} with {len(arguments)} arguments", node)


def _arity(op: Op) -> int:
    """How many values an instruction takes."""
    if op is Op.SELECT:
        return 3
    return 1 if op <= Op.IS_NULL else 2


def _result_kind(op: Op, operands: list[Kind]) -> Kind:
    """The kind that an instruction yields.

    Raises:
        UnsupportedError: the operands do not fit it, or one another.
    """
    if op is Op.IS_NULL:
        return Kind.BOOLEAN
    if op is Op.DOUBLE:
        _agree(op, [kind for kind in operands if kind is not Kind.BOOLEAN], Kind.NUMBER)
        return Kind.NUMBER
    if op is Op.SELECT:
        _agree(op, operands[2:], Kind.BOOLEAN)
        return _agree(op, operands[:2])
    if op in _TRUTH:
        return _agree(op, operands, Kind.BOOLEAN)
    found = _agree(op, operands) if op in _ANY_KIND else _agree(op, operands, Kind.NUMBER)
    return Kind.BOOLEAN if op in _COMPARISONS else found


def _agree(op: Op, kinds: list[Kind], wanted: Kind = Kind.ANY) -> Kind:
    """The one kind among several."""
    distinct = {kind for kind in (*kinds, wanted) if kind is not Kind.ANY}
    if len(distinct) > 1:
        raise UnsupportedError(f"the twin cannot apply {op.name} to {' and '.join(sorted(distinct))}")
    return distinct.pop() if distinct else Kind.ANY


def _refused(name: str, node: Expr) -> UnsupportedError:
    """The error for a node outside the vocabulary."""
    return UnsupportedError(
        f"{name} is not in the vocabulary of row expressions",
        where=repr(node)[:200],
        hint="write it with pushdown.ops",
    )


def _values(name: str, columns: Mapping[str, Any]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """A column as doubles and its NULL mask."""
    given = columns.get(name)
    if given is None:
        raise BindError(f"no column {name!r}", hint=nearest(name, columns))
    if isinstance(given, pa.Array | pa.ChunkedArray):
        array = given.combine_chunks() if isinstance(given, pa.ChunkedArray) else given
    else:
        mask = np.ma.getmaskarray(given) if isinstance(given, np.ma.MaskedArray) else None
        array = pa.array(np.asarray(given), mask=mask, from_pandas=False)
    kind = array.type
    if pa.types.is_boolean(kind):
        array = pc.cast(array, pa.uint8())
    elif not any(check(kind) for check in _NUMERIC):
        raise BindError(f"column {name!r} is {kind}, not a number")
    doubles = pc.cast(array, pa.float64(), safe=False)
    missing = pc.is_null(doubles).to_numpy(zero_copy_only=False)
    return pc.fill_null(doubles, 0.0).to_numpy(zero_copy_only=False), missing

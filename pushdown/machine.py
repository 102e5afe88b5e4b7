"""The stack machine that runs a twin's program: a numba kernel over columns of doubles with NULL masks."""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import IntEnum
from functools import cache

import numpy as np
from numpy.typing import NDArray

BLOCK = 1024
"""Rows that one instruction works on: the stack of a deep expression stays in the processor's cache."""


class Op(IntEnum):
    """The instructions: those that push, then those that take one value, two, three.

    ADD to LE give NULL where one side is NULL.
    """

    COLUMN = 0
    CONSTANT = 1
    NULL = 2
    DOUBLE = 3
    NEG = 4
    ABS = 5
    SQRT = 6
    LN = 7
    EXP = 8
    FLOOR = 9
    SIGN = 10
    NOT = 11
    IS_NULL = 12
    ADD = 13
    SUB = 14
    MUL = 15
    DIV = 16
    POWER = 17
    EQ = 18
    LT = 19
    LE = 20
    SAME = 21
    GREATEST = 22
    LEAST = 23
    COALESCE = 24
    NULLIF = 25
    AND = 26
    OR = 27
    SELECT = 28


@cache
def machine() -> Callable[..., None]:
    """The machine, compiled at its first use; numba is imported here and nowhere else."""
    import numba

    compiled: Callable[..., None] = numba.njit(nogil=True, error_model="numpy")(_run)
    return compiled


def _run(
    code: NDArray[np.int64],
    constants: NDArray[np.float64],
    numbers: NDArray[np.float64],
    nulls: NDArray[np.bool_],
    depth: int,
    result: NDArray[np.float64],
    unknown: NDArray[np.bool_],
) -> None:
    """Runs the program over blocks of rows.

    The stack is v (values) and m (whether they are NULL), one line a place. a and p are the line that an
    instruction changes, b and q the one above it. A value under a NULL is whatever came out: nothing reads
    it.

    Args:
        code: instructions, shape (steps, 2).
        constants: shape (constants,).
        numbers: the columns, shape (columns, rows).
        nulls: their masks, same shape.
        depth: lines of the stack.
        result: receives the values, shape (rows,).
        unknown: receives their mask, shape (rows,).
    """
    v = np.zeros((depth + 1, BLOCK))
    m = np.zeros((depth + 1, BLOCK), dtype=np.bool_)
    for start in range(0, result.size, BLOCK):
        n = min(BLOCK, result.size - start)
        top = -1
        for step in range(code.shape[0]):
            op = code[step, 0]
            which = code[step, 1]
            if op <= Op.NULL:
                top += 1
            elif op == Op.SELECT:
                top -= 2
            elif op >= Op.ADD:
                top -= 1
            a, p, b, q = v[top], m[top], v[top + 1], m[top + 1]
            if Op.ADD <= op <= Op.LE:
                for i in range(n):
                    p[i] = p[i] | q[i]
            if op == Op.COLUMN:
                for i in range(n):
                    a[i] = numbers[which, start + i]
                    p[i] = nulls[which, start + i]
            elif op == Op.CONSTANT:
                for i in range(n):
                    a[i] = constants[which]
                    p[i] = False
            elif op == Op.NULL:
                for i in range(n):
                    a[i] = 0.0
                    p[i] = True
            elif op == Op.NEG:
                for i in range(n):
                    a[i] = -a[i]
            elif op == Op.ABS:
                for i in range(n):
                    a[i] = abs(a[i])
            elif op == Op.SQRT:
                for i in range(n):
                    a[i] = math.sqrt(a[i])
            elif op == Op.LN:
                for i in range(n):
                    a[i] = math.log(a[i])
            elif op == Op.EXP:
                for i in range(n):
                    a[i] = math.exp(a[i])
            elif op == Op.FLOOR:
                for i in range(n):
                    a[i] = np.floor(a[i])
            elif op == Op.SIGN:
                for i in range(n):
                    a[i] = (1.0 if a[i] > 0.0 else 0.0) - (1.0 if a[i] < 0.0 else 0.0)
            elif op == Op.NOT:
                for i in range(n):
                    a[i] = 1.0 - a[i]
            elif op == Op.IS_NULL:
                for i in range(n):
                    a[i] = 1.0 if p[i] else 0.0
                    p[i] = False
            elif op == Op.ADD:
                for i in range(n):
                    a[i] = a[i] + b[i]
            elif op == Op.SUB:
                for i in range(n):
                    a[i] = a[i] - b[i]
            elif op == Op.MUL:
                for i in range(n):
                    a[i] = a[i] * b[i]
            elif op == Op.DIV:
                for i in range(n):
                    a[i] = a[i] / b[i]
            elif op == Op.POWER:
                for i in range(n):
                    a[i] = math.pow(a[i], b[i])
            elif op == Op.EQ:
                for i in range(n):
                    a[i] = 1.0 if (a[i] == b[i]) | ((a[i] != a[i]) & (b[i] != b[i])) else 0.0
            elif op == Op.LT:
                for i in range(n):
                    a[i] = 1.0 if (a[i] < b[i]) | ((a[i] == a[i]) & (b[i] != b[i])) else 0.0
            elif op == Op.LE:
                for i in range(n):
                    a[i] = 1.0 if (a[i] <= b[i]) | (b[i] != b[i]) else 0.0
            elif op == Op.SAME:
                for i in range(n):
                    equal = (a[i] == b[i]) | ((a[i] != a[i]) & (b[i] != b[i]))
                    a[i] = 1.0 if (p[i] & q[i]) | (equal & (not p[i]) & (not q[i])) else 0.0
                    p[i] = False
            elif op == Op.GREATEST:
                for i in range(n):
                    if p[i] | ((not q[i]) & ((b[i] > a[i]) | ((b[i] != b[i]) & (a[i] == a[i])))):
                        a[i], p[i] = b[i], q[i]
            elif op == Op.LEAST:
                for i in range(n):
                    if p[i] | ((not q[i]) & ((b[i] < a[i]) | ((a[i] != a[i]) & (b[i] == b[i])))):
                        a[i], p[i] = b[i], q[i]
            elif op == Op.COALESCE:
                for i in range(n):
                    if p[i]:
                        a[i], p[i] = b[i], q[i]
            elif op == Op.NULLIF:
                for i in range(n):
                    p[i] = p[i] | ((not q[i]) & ((a[i] == b[i]) | ((a[i] != a[i]) & (b[i] != b[i]))))
            elif op == Op.AND:
                for i in range(n):
                    no = ((not p[i]) & (a[i] == 0.0)) | ((not q[i]) & (b[i] == 0.0))
                    a[i] = 0.0 if no else 1.0
                    p[i] = (not no) & (p[i] | q[i])
            elif op == Op.OR:
                for i in range(n):
                    yes = ((not p[i]) & (a[i] != 0.0)) | ((not q[i]) & (b[i] != 0.0))
                    a[i] = 1.0 if yes else 0.0
                    p[i] = (not yes) & (p[i] | q[i])
            elif op == Op.SELECT:
                for i in range(n):
                    if (v[top + 2, i] != 0.0) & (not m[top + 2, i]):
                        a[i], p[i] = b[i], q[i]
        for i in range(n):
            result[start + i] = v[0, i]
            unknown[start + i] = m[0, i]

"""Pieces of a model as short programs in the languages of functions: a walk through arrays of numbers."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from sqlnomaly.pushdown.contract import Piece


def program(piece: Piece, language: str, parameters: Sequence[str]) -> str:
    """The body of a function that computes the piece.

    Args:
        piece: the piece.
        language: a key of `PROGRAMS`.
        parameters: the names of its parameters, in the order of ``piece.features``.
    """
    return PROGRAMS[language](piece, parameters)


def _javascript(piece: Piece, parameters: Sequence[str]) -> str:
    """Short: a query may hold few such bodies. The right child is told by its distance, 0 for a leaf."""
    arrays = {name: list(values) for name, values in piece.arrays.items() if name != "steps"}
    if piece.program == "trees":
        arrays["right"] = [right - at if right else 0 for at, right in enumerate(arrays["right"])]
    lines = "".join(f"const {name}=[{','.join(map(repr, values))}];\n" for name, values in arrays.items())
    return f"const x = [{', '.join(parameters)}];\n{lines}{_JAVASCRIPT[piece.program]}"


def _python(piece: Piece, _: Sequence[str]) -> str:
    if piece.estimator is not None:
        data = base64.b64encode(zlib.compress(piece.estimator.data, 9)).decode()
        return _ESTIMATOR.replace("{data}", data).replace("{trusted}", repr(list(piece.estimator.trusted)))
    arrays = {name: values for name, values in piece.arrays.items() if name != "steps"}
    lines = "".join(f"{name} = np.array([{','.join(map(repr, values))}])\n" for name, values in arrays.items())
    return f"{_PYTHON_HEAD}{lines}{_PYTHON[piece.program]}"


def _spark(piece: Piece, parameters: Sequence[str]) -> str:
    """An expression of higher-order functions: a CASE of a thousand branches is more than Spark's planner takes."""
    text = _SPARK[piece.program].replace("{x}", f"ARRAY({', '.join(parameters)})")
    for name, values in piece.arrays.items():
        text = text.replace(f"{{{name}}}", f"ARRAY({_literals(values)})")
    return text


def _literals(values: Sequence[float]) -> str:
    """Numbers that SQL reads back to the same double: 0.5 alone is a DECIMAL."""
    texts = map(repr, values)
    return ", ".join(f"{text}e0" if "." in text and "e" not in text else text for text in texts)


_JAVASCRIPT: Mapping[str, str] = MappingProxyType(
    {
        "trees": """\
let sum = 0;
for (const root of roots) {
  let at = root;
  while (feature[at] >= 0) at += x[feature[at]] <= value[at] ? 1 : right[at];
  sum += value[at];
}
return sum;
""",
        "steps": """\
let low = 0, high = edges.length;
while (low < high) {
  const middle = (low + high) >> 1;
  if (x[0] <= edges[middle]) high = middle; else low = middle + 1;
}
return levels[low];
""",
    }
)

_PYTHON_HEAD = """\
import numpy as np
import pandas as pd
from _snowflake import vectorized

"""

_PYTHON: Mapping[str, str] = MappingProxyType(
    {
        "trees": """\


@vectorized(input=pd.DataFrame)
def score(rows):
    x = rows.to_numpy(dtype=float)
    each = np.arange(len(x))
    total = np.zeros(len(x))
    for root in roots:
        at = np.full(len(x), root)
        while (feature[at] >= 0).any():
            split = feature[at] >= 0
            left = x[each, np.where(split, feature[at], 0)] <= value[at]
            at = np.where(split, np.where(left, at + 1, right[at]), at)
        total += value[at]
    return pd.Series(total)
""",
        "steps": """\


@vectorized(input=pd.DataFrame)
def score(rows):
    x = rows.to_numpy(dtype=float)[:, 0]
    return pd.Series(levels[np.searchsorted(edges, x, side="left")])
""",
    }
)

_ESTIMATOR = """\
import base64
import warnings
import zlib

import numpy as np
import pandas as pd
import skops.io
from _snowflake import vectorized

data = zlib.decompress(base64.b64decode("{data}"))
estimator = skops.io.loads(data, trusted={trusted})


@vectorized(input=pd.DataFrame)
def score(rows):
    x = rows.to_numpy(dtype=float)
    known = ~np.isnan(x).any(axis=1)
    found = np.full(len(x), np.nan)
    if known.any():
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            found[known] = estimator.decision_function(x[known])
    return pd.Series(found)
"""

_SPARK: Mapping[str, str] = MappingProxyType(
    {
        "trees": """\
AGGREGATE({roots}, 0e0, (total, root) -> total + ELEMENT_AT({value}, 1 + AGGREGATE({steps}, root, (at, step) ->
  CASE
    WHEN ELEMENT_AT({feature}, at + 1) < 0 THEN at
    WHEN ELEMENT_AT({x}, ELEMENT_AT({feature}, at + 1) + 1) <= ELEMENT_AT({value}, at + 1) THEN at + 1
    ELSE ELEMENT_AT({right}, at + 1)
  END)))
""",
        "steps": "ELEMENT_AT({levels}, 1 + SIZE(FILTER({edges}, edge -> edge < x1)))\n",
    }
)

PROGRAMS: Mapping[str, Callable[[Piece, Sequence[str]], str]] = MappingProxyType(
    {"javascript": _javascript, "python": _python, "higher-order functions": _spark}
)
"""Language -> how a piece is written in it."""

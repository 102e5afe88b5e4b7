"""Anomaly detection that runs where the data already is: one SQL language, compiled to each engine's own SQL.

Importing this package loads no driver: the names below are fetched when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sqlnomaly.errors import (
    BindError,
    CallError,
    EngineError,
    MissingDriverError,
    ModelError,
    ParseError,
    SqlnomalyError,
    UnsupportedError,
    UsageError,
)
from sqlnomaly.version import __version__

if TYPE_CHECKING:
    from sqlnomaly.compiling import compile  # noqa: A004  (the public name)
    from sqlnomaly.fitted import from_fitted
    from sqlnomaly.model import Model
    from sqlnomaly.pushdown.compiled import Compiled
    from sqlnomaly.result import Result
    from sqlnomaly.session import Session, connect

_HOMES = {
    "Compiled": "sqlnomaly.pushdown.compiled",
    "Model": "sqlnomaly.model",
    "Result": "sqlnomaly.result",
    "Session": "sqlnomaly.session",
    "compile": "sqlnomaly.compiling",
    "connect": "sqlnomaly.session",
    "from_fitted": "sqlnomaly.fitted",
}
"""Public name -> the module that defines it."""


def __getattr__(name: str) -> Any:
    """Fetches a public name from its module, once."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'sqlnomaly' has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names, fetched or not."""
    return sorted({*globals(), *_HOMES})


__all__ = [
    "BindError",
    "CallError",
    "Compiled",
    "EngineError",
    "MissingDriverError",
    "Model",
    "ModelError",
    "ParseError",
    "Result",
    "Session",
    "SqlnomalyError",
    "UnsupportedError",
    "UsageError",
    "__version__",
    "compile",
    "connect",
    "from_fitted",
]

"""The native pack of each dialect: detection functions that fit on the rows they are given."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

from sqlnomaly.dialects import get_dialect
from sqlnomaly.errors import UnsupportedError
from sqlnomaly.install.pack import Pack

MODULES: Mapping[str, str] = MappingProxyType(
    {
        "duckdb": "duckdb",
        "spark": "spark",
        "databricks": "spark",
        "snowflake": "snowflake",
        "bigquery": "bigquery",
        "postgres": "postgres",
        "redshift": "redshift",
    }
)
"""Dialect -> the module of this package that makes its pack."""


def native_pack(dialect: str, schema: str | None = None) -> Pack:
    """The native pack of a dialect.

    Raises:
        UnsupportedError: for a dialect without one.
    """
    name = get_dialect(dialect).name
    if name not in MODULES:
        raise UnsupportedError(
            f"there are no native functions for {name}", hint="one of: " + ", ".join(MODULES)
        )
    module = import_module(f"sqlnomaly.install.{MODULES[name]}")
    pack: Pack = module.pack(schema) if MODULES[name] == name else module.pack(schema, name)
    return pack

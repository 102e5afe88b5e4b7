"""A plugin of dbt-duckdb: the detection functions, and those of stored models, on every connection of dbt.

In profiles.yml::

    plugins:
      - module: sqlnomaly.dbt.plugin
        config:
          models: {fraud_score: models/fraud.model}

The detection functions are macros that stay in the database file; they need this package's files and nothing else of
Python. Models need what sqlnomaly needs, and are looked at only where some are named.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from sqlnomaly.errors import UnsupportedError, UsageError
from sqlnomaly.version import __version__

if TYPE_CHECKING:
    import duckdb

try:
    from dbt.adapters.duckdb.plugins import BasePlugin
except ImportError:  # this is no environment of dbt-duckdb, and nobody makes a plugin
    BasePlugin = object

OWNER = f"sqlnomaly {__version__}"
"""The comment that our macros bear."""
_MACRO = re.compile(r"^CREATE OR REPLACE MACRO (\w+)", re.MULTILINE)


class Plugin(BasePlugin):  # type: ignore[misc]  # it has no types
    """What dbt-duckdb makes of the module."""

    def initialize(self, plugin_config: Mapping[str, Any]) -> None:
        """Takes ``models``: the name of a function -> the file of a stored model.

        Raises:
            UsageError: if that is something else.
        """
        unknown = sorted(set(map(str, plugin_config)) - {"models"})
        if unknown:
            raise UsageError(f"sqlnomaly.dbt.plugin knows no {', '.join(unknown)}", hint="models is all that it takes")
        models = plugin_config.get("models") or {}
        if not isinstance(models, Mapping):
            raise UsageError("models of sqlnomaly.dbt.plugin is no mapping", hint="{fraud_score: fraud.model}")
        self.models = {str(name): str(path) for name, path in models.items()}

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Makes what is missing."""
        make_macros(conn)
        if self.models:
            make_models(conn, self.models)


def make_macros(connection: duckdb.DuckDBPyConnection) -> bool:
    """Makes the detection macros in the database, unless those of this version are there.

    Returns:
        Whether they had to be made.

    Raises:
        UnsupportedError: where a function of that name is not ours.
    """
    script = files("sqlnomaly.sql").joinpath("install", "duckdb.sql").read_text(encoding="utf-8")
    names = sorted(set(_MACRO.findall(script)))
    found = connection.execute(
        "SELECT LOWER(function_name), comment FROM duckdb_functions() "
        "WHERE list_contains(?, LOWER(function_name)) AND database_name = current_database() "
        "AND schema_name = current_schema()",
        [names],
    ).fetchall()
    foreign = sorted({name for name, comment in found if not (comment or "").startswith("sqlnomaly ")})
    if foreign:
        raise UnsupportedError(
            f"{', '.join(foreign)} is in the database already, and is not of sqlnomaly",
            hint="drop it, or give it another name",
        )
    if {name for name, comment in found if comment == OWNER} == set(names):
        return False
    connection.begin()
    try:
        connection.execute(script)
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    return True


def make_models(connection: duckdb.DuckDBPyConnection, models: Mapping[str, str]) -> None:
    """Makes the score of each model a function: vectorized where it is one, else SQL.

    Raises:
        SqlnomalyError: for a file that is no model, or a name that is taken.
    """
    from sqlnomaly.model import Model
    from sqlnomaly.session import connect

    session = connect(connection)
    for name, path in models.items():
        model = Model.load(path)
        session.install(model, name=name, live=model.fitted.detector.by_function)

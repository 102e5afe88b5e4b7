"""Writes beside a version of a stored model the statement that scores with it, which ``score_with`` of dbt reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from sqlnomaly.catalog.ledger import CHUNK, State
from sqlnomaly.compiling import compile_bound
from sqlnomaly.errors import UnsupportedError
from sqlnomaly.pushdown.bind import Kind
from sqlnomaly.pushdown.statements import model_name

if TYPE_CHECKING:
    from sqlnomaly.catalog.catalog import Catalog
    from sqlnomaly.pushdown.fitted import Kept

STATEMENT = "statement"
"""The relation of a version that is the text of its statement, over ``sn_relation``."""
ANSWERS = ("anomaly_score", "is_anomaly", "anomaly_threshold", "anomaly_reason", "anomaly_status")
TYPES = {
    Kind.TEXT: "TEXT",
    Kind.INTEGER: "BIGINT",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.DATE: "DATE",
    Kind.TIMESTAMP: "TIMESTAMP",
    Kind.TIMESTAMPTZ: "TIMESTAMPTZ",
}
"""Types of columns by what they mean; numbers are DOUBLE."""


def share(catalog: Catalog, name: str, version: int | None = None) -> int:
    """Writes the statement of a version, the one in force where none is named, unless it is there; its number.

    Raises:
        SqlnomalyError: there is no such model or version, or no statement scores a row by itself.
    """
    kept = catalog.kept(model_name(name), version)
    if all(state.relation != STATEMENT for state in catalog.ledger.state(kept.name, kept.version)):
        text = statement(kept, catalog.engine.dialect)
        with catalog.ledger.transaction(kept.name):
            catalog.ledger.add_states(kept.name, kept.version, [State(STATEMENT, None, -1, text)])
    return kept.version


def statement(kept: Kept, dialect: str) -> str:
    """The SELECT that gives the rows of ``sn_relation`` with the answers of a model.

    Raises:
        SqlnomalyError: no statement scores a row by itself.
    """
    model = kept.model
    if not model.judges:
        raise UnsupportedError(
            f"the model {kept.name} judges rows together, and score_with judges each by itself",
            hint="a session: detect_anomalies(orders, model => '..')",
        )
    columns = {part.name: TYPES.get(part.kind, "DOUBLE") for part in (*model.keys, *model.features)}
    features = ", ".join(exp.to_identifier(part.name, quoted=True).sql(dialect) for part in model.features)
    absent = {"anomaly_reason"} if model.detector.by_function else set()
    shown = [
        f"CAST(NULL AS TEXT) AS {answer}" if answer in absent else f"{answer}({features}, model => 'sn') AS {answer}"
        for answer in ANSWERS
    ]
    query = f"SELECT sn_columns, {', '.join(shown)} FROM sn_relation AS sn_own"  # noqa: S608  (names are quoted)
    schema = {"sn_relation": {"sn_columns": "TEXT", **columns}}
    found = compile_bound(query, dialect, dialect, schema=schema, models=lambda _, __: kept)
    if len(found.sql) > CHUNK:
        raise UnsupportedError(
            f"the statement that scores with {kept.name} has {len(found.sql):,} characters, at most {CHUNK:,} are kept",
            hint="score in a session, or install its functions: sqlnomaly install",
        )
    return re.sub(r"(sn_own\.)?\bsn_columns\b", "sn_own.*", found.sql, count=1)

"""How the tests of this folder ask: the statement that makes a model of a table, and the query of all its answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlnomaly.session import Session
from tests.conformance.ask import quoted
from tests.stored.held import Answer

OUTPUTS = (
    "anomaly_status",
    "anomaly_score",
    "anomaly_threshold",
    "is_anomaly",
    "anomaly_reason",
    "anomaly_probability",
)


def create(
    session: Session, name: str, detector: str, table: str, features: Sequence[str], keys: Sequence[str] = (),
    **options: Any,
) -> None:  # fmt: skip
    """CREATE OR REPLACE ANOMALY MODEL over a table."""
    dialect = session.engine.dialect
    columns = ", ".join(quoted(column, dialect) for column in (*keys, *features))
    by = f" PARTITION BY {', '.join(quoted(key, dialect) for key in keys)}" if keys else ""
    said = ", ".join(f"{option} = {_literal(value)}" for option, value in options.items())
    head = (
        f"CREATE OR REPLACE ANOMALY MODEL {name} USING {detector}{f' OPTIONS ({said})' if said else ''}{by}"
    )
    session.sql(f"{head} AS SELECT {columns} FROM {quoted(table, dialect)}")


def _literal(value: Any) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value).upper()


def ask(
    session: Session, name: str, table: str, features: Sequence[str], *, reasons: bool = True, where: str = ""
) -> dict[int, Answer]:
    """Every answer about every row, by id."""
    dialect = session.engine.dialect
    said = ", ".join(_named(column, dialect) for column in features)
    outputs = [one for one in OUTPUTS if reasons or one != "anomaly_reason"]
    calls = ", ".join(f"{one}({said}, model => '{name}') AS {one}" for one in outputs)
    id_ = _named("id", dialect)
    rows = session.sql(f"SELECT {id_}, {calls} FROM {_named(table, dialect)}{where}").arrow().to_pylist()
    found = [{name.lower(): value for name, value in row.items()} for row in rows]
    assert len({row["id"] for row in found}) == len(found)
    return {row["id"]: Answer(*(row.get(one) for one in OUTPUTS)) for row in found}


def _named(name: str, dialect: str) -> str:
    """A name in quotes, but for the plain ones of Snowflake, which are in upper case there."""
    return name if dialect == "snowflake" and name.isidentifier() else quoted(name, dialect)

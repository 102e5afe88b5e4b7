"""One way to ask a detector about a data set: as SQL of a dialect, and as arguments of the reference."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pyarrow as pa

from tests.conformance.datasets import DataSet
from tests.reference.judge import Frame, Verdict, judge


class Output(NamedTuple):
    """What a function answers: the alias of its column, the field of `Verdict`, and its types."""

    alias: str
    field: str
    arrow: pa.DataType
    google: str


FUNCTIONS: Mapping[str, Output] = {
    "anomaly_score": Output("score", "score", pa.float64(), "FLOAT64"),
    "anomaly_threshold": Output("cutoff", "threshold", pa.float64(), "FLOAT64"),
    "is_anomaly": Output("verdict", "is_anomaly", pa.bool_(), "BOOL"),
    "anomaly_reason": Output("reason", "reason", pa.string(), "STRING"),
    "anomaly_status": Output("status", "status", pa.string(), "STRING"),
    "anomaly_probability": Output("chance", "probability", pa.float64(), "FLOAT64"),
    "anomaly_explanation": Output("why", "explanation", pa.string(), "STRING"),
}
"""Two data sets have columns named score and x, so the aliases collide with columns of the table."""

VERDICT = tuple(FUNCTIONS)[:5]
"""What is asked unless an ask says otherwise."""

QUOTES: Mapping[str, str] = {
    "duckdb": '"',
    "snowflake": '"',
    "spark": "`",
    "bigquery": "`",
    "postgres": '"',
    "redshift": '"',
    "clickhouse": '"',
    "trino": '"',
    "synapse": '"',
}

TYPES: Mapping[str, Mapping[pa.DataType, str]] = {
    "duckdb": {},  # DuckDB is asked itself
    "spark": {
        pa.float64(): "DOUBLE",
        pa.int64(): "BIGINT",
        pa.string(): "STRING",
        pa.bool_(): "BOOLEAN",
        pa.date32(): "DATE",
        pa.timestamp("us"): "TIMESTAMP_NTZ",
        pa.timestamp("us", tz="Europe/Berlin"): "TIMESTAMP",
        pa.decimal128(18, 4): "DECIMAL(18, 4)",
    },
    "bigquery": {
        pa.float64(): "FLOAT64",
        pa.int64(): "INT64",
        pa.string(): "STRING",
        pa.bool_(): "BOOL",
        pa.date32(): "DATE",
        pa.timestamp("us"): "DATETIME",
        pa.timestamp("us", tz="Europe/Berlin"): "TIMESTAMP",
        pa.decimal128(18, 4): "NUMERIC",
    },
    "snowflake": {
        pa.float64(): "FLOAT",
        pa.int64(): "NUMBER(38, 0)",
        pa.string(): "VARCHAR",
        pa.bool_(): "BOOLEAN",
        pa.date32(): "DATE",
        pa.timestamp("us"): "TIMESTAMP_NTZ",
        pa.timestamp("us", tz="Europe/Berlin"): "TIMESTAMP_TZ",
        pa.decimal128(18, 4): "NUMBER(18, 4)",
    },
    "postgres": {
        pa.float64(): "DOUBLE PRECISION",
        pa.int64(): "BIGINT",
        pa.string(): "TEXT",
        pa.bool_(): "BOOLEAN",
        pa.date32(): "DATE",
        pa.timestamp("us"): "TIMESTAMP",
        pa.timestamp("us", tz="Europe/Berlin"): "TIMESTAMPTZ",
        pa.decimal128(18, 4): "NUMERIC(18, 4)",
    },
    "redshift": {
        pa.float64(): "DOUBLE PRECISION",
        pa.int64(): "BIGINT",
        pa.string(): "VARCHAR",
        pa.bool_(): "BOOLEAN",
        pa.date32(): "DATE",
        pa.timestamp("us"): "TIMESTAMP",
        pa.timestamp("us", tz="Europe/Berlin"): "TIMESTAMPTZ",
        pa.decimal128(18, 4): "NUMERIC(18, 4)",
    },
    "clickhouse": {
        pa.float64(): "Nullable(Float64)",
        pa.int64(): "Nullable(Int64)",
        pa.string(): "Nullable(String)",
        pa.bool_(): "Nullable(Bool)",
        pa.date32(): "Nullable(Date32)",
        pa.timestamp("us"): "Nullable(DateTime64(6))",
        pa.timestamp("us", tz="Europe/Berlin"): "Nullable(DateTime64(6, 'Europe/Berlin'))",
        pa.decimal128(18, 4): "Nullable(Decimal(18, 4))",
    },
    "trino": {
        pa.float64(): "DOUBLE",
        pa.int64(): "BIGINT",
        pa.string(): "VARCHAR",
        pa.bool_(): "BOOLEAN",
        pa.date32(): "DATE",
        pa.timestamp("us"): "TIMESTAMP(6)",
        pa.timestamp("us", tz="Europe/Berlin"): "TIMESTAMP(6) WITH TIME ZONE",
        pa.decimal128(18, 4): "DECIMAL(18, 4)",
    },
    "synapse": {
        pa.float64(): "FLOAT",
        pa.int64(): "BIGINT",
        pa.string(): "NVARCHAR(4000)",
        pa.bool_(): "BIT",
        pa.date32(): "DATE",
        pa.timestamp("us"): "DATETIME2",
        pa.timestamp("us", tz="Europe/Berlin"): "DATETIMEOFFSET",
        pa.decimal128(18, 4): "DECIMAL(18, 4)",
    },
}
"""What each dialect calls the types of the data sets."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A FILTER: which rows are fitted, as SQL over the id and in Python."""

    sql: str
    keeps: Callable[[Mapping[str, Any]], bool | None]


SOME = Condition(
    "CASE WHEN MOD({id}, 3) <> 0 THEN TRUE WHEN MOD({id}, 2) = 0 THEN FALSE END",
    lambda row: True if row["id"] % 3 else (False if row["id"] % 2 == 0 else None),
)
"""Two thirds of the rows; of the others half are FALSE and half are NULL."""

FEW = Condition("MOD({id}, 3) = 0", lambda row: row["id"] % 3 == 0)
"""A third of the rows: in some data sets exactly one group, so that the others are unseen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """The options, window and filter of one call.

    Attributes:
        options: option -> value; the reference takes the same names.
        where: the FILTER condition.
        staged, form: how to compile it.
        features: SQL expressions in the place of the data set's feature columns, or None.
        functions: what is asked, names of `FUNCTIONS`.
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    partition: tuple[str, ...] = ()
    order: str | None = None
    descending: bool = False
    frame: Frame | None = None
    where: Condition | None = None
    staged: bool = False
    form: str | None = None
    features: tuple[str, ...] | None = None
    functions: tuple[str, ...] = VERDICT

    @property
    def outputs(self) -> list[Output]:
        """What is asked."""
        return [FUNCTIONS[name] for name in self.functions]

    def reference(self, data: DataSet, detector: str) -> list[Verdict]:
        """What the reference says about each row."""
        order = None if self.order is None else [(self.order, "desc" if self.descending else "asc")]
        return judge(
            data.rows,
            detector=detector,
            features=data.features,
            partition=self.partition,
            order=order,
            frame=self.frame,
            where=None if self.where is None else self.where.keeps,
            **self.options,
        )

    def sql(self, data: DataSet, detector: str, dialect: str, source: str | None = None) -> str:
        """The query in a dialect: the id and the answers, from the data set's table or from ``source``."""
        calls = ", ".join(
            f"{name}({self.arguments(data, detector, dialect)}){self.window(dialect)} AS {FUNCTIONS[name].alias}"
            for name in self.functions
        )
        return f"SELECT {quoted('id', dialect)}, {calls} FROM {source or quoted(data.name, dialect)}"

    def arguments(self, data: DataSet, detector: str, dialect: str) -> str:
        """Features and options."""
        features = self.features or tuple(quoted(name, dialect) for name in data.features)
        options = {"detector": detector, **self.options}
        return ", ".join([*features, *(f"{name} => {literal(value)}" for name, value in options.items())])

    def window(self, dialect: str) -> str:
        """FILTER and OVER."""
        parts = []
        if self.partition:
            parts.append("PARTITION BY " + ", ".join(quoted(key, dialect) for key in self.partition))
        if self.order is not None:
            parts.append(f"ORDER BY {quoted(self.order, dialect)}{' DESC' if self.descending else ''}")
        if self.frame is not None:
            parts.append(
                f"{self.frame.kind.upper()} BETWEEN {bound(self.frame.start, 'PRECEDING')} "
                f"AND {bound(self.frame.end, 'FOLLOWING')}"
            )
        condition = "" if self.where is None else self.where.sql.format(id=quoted("id", dialect))
        filtered = f" FILTER (WHERE {condition})" if condition else ""
        return f"{filtered} OVER ({' '.join(parts)})"


def quoted(name: str, dialect: str) -> str:
    """An identifier in quotes."""
    mark = QUOTES[dialect]
    return mark + name.replace(mark, mark * 2) + mark


def literal(value: Any) -> str:
    """An option's value as SQL."""
    if isinstance(value, str):
        return f"'{value}'"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, Sequence):
        return "[" + ", ".join(literal(part) for part in value) + "]"
    return repr(value)


def bound(offset: Any, unbounded: str) -> str:
    """One end of a frame."""
    if offset is None:
        return f"UNBOUNDED {unbounded}"
    if not offset:
        return "CURRENT ROW"
    zero = dt.timedelta() if isinstance(offset, dt.timedelta) else 0
    side = "PRECEDING" if offset < zero else "FOLLOWING"
    if isinstance(offset, dt.timedelta):
        hours = abs(offset) // dt.timedelta(hours=1)
        length = f"'{hours}' HOUR" if hours % 24 else f"'{hours // 24}' DAY"  # a DATE takes days only
        return f"INTERVAL {length} {side}"
    return f"{abs(offset)} {side}"


def schema(data: DataSet, dialect: str) -> dict[str, dict[str, str]]:
    """The data set's table as ``compile_sql`` takes it: table -> column -> type.

    Snowflake reads a name without quotes in upper case, in a schema too.
    """
    types = TYPES[dialect]
    exact = (lambda name: quoted(name, dialect)) if dialect == "snowflake" else str
    return {exact(data.name): {exact(part.name): types[part.type] for part in data.table.schema}}

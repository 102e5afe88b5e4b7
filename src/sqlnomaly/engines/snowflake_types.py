"""Snowflake's types in Arrow's words and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlnomaly.errors import EngineError

if TYPE_CHECKING:
    import pyarrow as pa

TYPES: Mapping[str, str] = MappingProxyType({"REAL": "FLOAT", "TEXT": "VARCHAR"})
"""The driver's names of types that SQL calls otherwise."""


def type_text(column: Any) -> str:
    """The type of a described column in SQL."""
    from snowflake.connector.constants import FIELD_ID_TO_NAME

    name = FIELD_ID_TO_NAME[column.type_code]
    return f"NUMBER({column.precision},{column.scale})" if name == "FIXED" else TYPES.get(name, name)


def rows_of(cursor: Any) -> pa.Table:
    """The rows of a cursor in types that do not depend on their values, but for whole numbers over int64."""
    import pyarrow as pa

    names = [column.name for column in cursor.description]
    kinds = [_arrow(column) for column in cursor.description]
    if cursor._query_result_format != "arrow":  # SHOW and the like
        rows = cursor.fetchall()
        return pa.Table.from_arrays([pa.array([row[at] for row in rows]) for at in range(len(names))], names)
    batches = list(cursor.fetch_arrow_batches())
    columns = [_column([batch.column(at) for batch in batches], kind) for at, kind in enumerate(kinds)]
    return pa.Table.from_arrays(columns, names)


def _arrow(column: Any) -> pa.DataType:
    """The Arrow type of a described column."""
    import pyarrow as pa

    name = type_text(column)
    if name.startswith("NUMBER"):
        return pa.decimal128(38, column.scale) if column.scale else pa.int64()
    return {
        "FLOAT": pa.float64(),
        "BOOLEAN": pa.bool_(),
        "DATE": pa.date32(),
        "TIME": pa.time64("us"),
        "TIMESTAMP_NTZ": pa.timestamp("us"),
        "TIMESTAMP_LTZ": pa.timestamp("us", "UTC"),
        "TIMESTAMP_TZ": pa.timestamp("us", "UTC"),
        "BINARY": pa.binary(),
    }.get(name, pa.string())


def _column(parts: list[pa.ChunkedArray], kind: pa.DataType) -> pa.ChunkedArray:
    """The parts of a column, which the driver gives in types as narrow as the values of each, as one."""
    import pyarrow as pa

    def joined(kind: pa.DataType, *, safe: bool) -> pa.ChunkedArray:
        return pa.chunked_array([chunk for part in parts for chunk in part.cast(kind, safe=safe).chunks], kind)

    if pa.types.is_decimal(kind) and any(pa.types.is_floating(part.type) for part in parts):
        return joined(pa.float64(), safe=True)  # the driver rounded already
    if kind != pa.int64():
        return joined(kind, safe=not pa.types.is_temporal(kind))  # nanoseconds are cut
    try:
        return joined(kind, safe=True)
    except pa.ArrowInvalid:
        return joined(pa.decimal128(38, 0), safe=True)


def declared(field: pa.Field) -> str:
    """The type of Snowflake for a column of Arrow's.

    Raises:
        EngineError: there is none.
    """
    import pyarrow as pa

    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    if pa.types.is_decimal(kind):
        return f"NUMBER({kind.precision}, {kind.scale})"
    if pa.types.is_timestamp(kind):
        return "TIMESTAMP_TZ(6)" if kind.tz else "TIMESTAMP_NTZ(6)"
    for fits, name in (
        (pa.types.is_integer, "NUMBER(38, 0)"),
        (pa.types.is_floating, "FLOAT"),
        (pa.types.is_boolean, "BOOLEAN"),
        (pa.types.is_date, "DATE"),
        (pa.types.is_string, "VARCHAR"),
        (pa.types.is_large_string, "VARCHAR"),
        (pa.types.is_null, "VARCHAR"),
    ):
        if fits(kind):
            return name
    raise EngineError(f"a column of {kind} cannot be loaded into Snowflake", where=field.name)


def texts_of(column: pa.ChunkedArray) -> list[str | None]:
    """The values as texts that read back as they are: ``repr`` of a float is its shortest exact one."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_timestamp(kind):
        column = column.cast(pa.timestamp("us", "UTC" if kind.tz else None), safe=False)
    say: Callable[[Any], str] = repr if pa.types.is_floating(kind) else str
    return [None if value is None else say(value) for value in column.to_pylist()]

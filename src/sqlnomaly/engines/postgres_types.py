"""PostgreSQL's types in Arrow's words and back."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

NAMES: Mapping[str, str] = {
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "float4": "real",
    "float8": "double precision",
    "bool": "boolean",
    "bpchar": "character",
    "timestamptz": "timestamp with time zone",
}
"""The server's short names by which no other engine knows a type."""

WIDEST = 38
"""Digits of Arrow's usual DECIMAL."""
HEADER = 4
"""What PostgreSQL adds to the packed precision and scale of a NUMERIC."""


def type_text(field: pa.Field) -> str:
    """The type of a described column in the words of PostgreSQL's documentation."""
    name = field.metadata[b"POSTGRESQL:type"].decode()
    declared = _declared(field)
    if name == "numeric" and declared is not None:
        return f"numeric({declared[0]},{declared[1]})"
    return NAMES.get(name, name)


def from_postgres(data: pa.Table) -> pa.Table:
    """The rows with NUMERIC as DECIMAL, where Arrow has one for it, and without the driver's notes on the columns."""
    import pyarrow as pa

    columns, fields = [], []
    for field, column in zip(data.schema, data.columns, strict=True):
        numeric = (field.metadata or {}).get(b"POSTGRESQL:type") == b"numeric"
        columns.append(_decimal(column, _declared(field)) if numeric else column)
        fields.append(pa.field(field.name, columns[-1].type))
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def for_postgres(data: pa.Table) -> pa.Table:
    """The same rows in types that PostgreSQL has."""
    import pyarrow as pa

    wider = {
        pa.uint8(): pa.int16(),
        pa.int8(): pa.int16(),
        pa.uint16(): pa.int32(),
        pa.uint32(): pa.int64(),
        pa.uint64(): pa.decimal128(20, 0),
        pa.float16(): pa.float32(),
        pa.null(): pa.string(),
    }

    def nearest_type(kind: pa.DataType) -> pa.DataType:
        if pa.types.is_dictionary(kind):
            return nearest_type(kind.value_type)
        if pa.types.is_timestamp(kind):
            return pa.timestamp("us", kind.tz)
        return wider.get(kind, kind)

    schema = pa.schema([pa.field(field.name, nearest_type(field.type)) for field in data.schema])
    return data.cast(schema, safe=False)


def _declared(field: pa.Field) -> tuple[int, int] | None:
    """Precision and scale of a NUMERIC that has them."""
    packed = int((field.metadata or {}).get(b"POSTGRESQL:typmod", b"-1"))
    if packed < HEADER:
        return None
    precision, scale = packed - HEADER >> 16, packed - HEADER & 0x7FF
    return (precision, scale) if scale <= precision <= WIDEST else None


def _decimal(column: pa.ChunkedArray, declared: tuple[int, int] | None) -> pa.ChunkedArray:
    """Text as DECIMAL; it stays text where a value is NaN, an infinity or longer than DECIMAL is."""
    import pyarrow as pa

    text = column.cast(pa.string())
    values: list[Any] = [None if value is None else Decimal(value) for value in text.to_pylist()]
    if any(value is not None and not value.is_finite() for value in values):
        return text
    try:
        kind = None if declared is None else pa.decimal128(*declared)
        if kind is None and not any(value is not None for value in values):
            kind = pa.decimal128(WIDEST, 9)
        return pa.chunked_array([pa.array(values, kind)])
    except pa.ArrowInvalid:
        return text

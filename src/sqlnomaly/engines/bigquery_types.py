"""BigQuery's types in Arrow's words and back."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlnomaly.errors import EngineError

if TYPE_CHECKING:
    import pyarrow as pa

STANDARD: Mapping[str, str] = MappingProxyType({"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL"})
"""Names of the service's schemas that SQL calls otherwise."""

DIGITS, PLACES = 38, 9
"""What a NUMERIC holds: 29 digits before the point, 9 behind it."""


def type_text(field: Any) -> str:
    """The type of a field of a schema in SQL."""
    name = STANDARD.get(field.field_type, field.field_type)
    if name in {"RECORD", "STRUCT"}:
        name = f"STRUCT<{', '.join(f'{part.name} {type_text(part)}' for part in field.fields)}>"
    return f"ARRAY<{name}>" if field.mode == "REPEATED" else name


def for_bigquery(data: pa.Table) -> tuple[pa.Table, list[tuple[str, str]]]:
    """The rows in types that a Parquet file brings over unchanged, and the names and types of the table for them.

    Raises:
        EngineError: a type that has no counterpart.
    """
    import pyarrow as pa

    fields, kinds = [], []
    for field in data.schema:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        name, stored = _counterpart(kind, field.name)
        fields.append(pa.field(field.name, stored))
        kinds.append((field.name, name))
    return data.cast(pa.schema(fields), safe=False), kinds


def _counterpart(kind: pa.DataType, column: str) -> tuple[str, pa.DataType]:
    import pyarrow as pa

    if pa.types.is_timestamp(kind):
        return ("TIMESTAMP" if kind.tz else "DATETIME"), pa.timestamp("us", "UTC" if kind.tz else None)
    if pa.types.is_decimal(kind) or kind == pa.uint64():
        digits, places = (20, 0) if kind == pa.uint64() else (kind.precision, kind.scale)
        fits = places <= PLACES and digits - places <= DIGITS - PLACES
        if digits <= DIGITS:
            return ("NUMERIC" if fits else "BIGNUMERIC"), pa.decimal128(digits, places)
    for fits, name, stored in (
        (pa.types.is_integer, "INT64", pa.int64()),
        (pa.types.is_floating, "FLOAT64", pa.float64()),
        (pa.types.is_boolean, "BOOL", pa.bool_()),
        (pa.types.is_date, "DATE", pa.date32()),
        (pa.types.is_string, "STRING", pa.string()),
        (pa.types.is_large_string, "STRING", pa.string()),
        (pa.types.is_null, "STRING", pa.string()),
        (pa.types.is_binary, "BYTES", pa.binary()),
    ):
        if fits(kind):
            return name, stored
    raise EngineError(f"a column of {kind} cannot be loaded into BigQuery", where=column)

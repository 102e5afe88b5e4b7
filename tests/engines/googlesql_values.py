"""GoogleSQL's types and values as Arrow and Python know them: names, protobuf cells in and out."""

from __future__ import annotations

import datetime as dt
import decimal
from typing import Any

import pyarrow as pa

ALIASES = {
    "BIGINT": "INT64",
    "BOOLEAN": "BOOL",
    "DECIMAL": "NUMERIC",
    "DOUBLE": "FLOAT64",
    "INT": "INT64",
    "INTEGER": "INT64",
    "TEXT": "STRING",
    "VARCHAR": "STRING",
}
KINDS = {
    "INT64": 2,
    "BOOL": 5,
    "FLOAT64": 7,
    "STRING": 8,
    "BYTES": 9,
    "DATE": 10,
    "ARRAY": 16,
    "STRUCT": 17,
    "TIMESTAMP": 19,
    "TIME": 20,
    "DATETIME": 21,
    "NUMERIC": 23,
    "BIGNUMERIC": 24,
    "JSON": 26,
    "INTERVAL": 27,
}
"""GoogleSQL's type names and their numbers in `zetasql.TypeKind`."""

NAMES = {number: name for name, number in KINDS.items()}
SCALES = {"NUMERIC": 9, "BIGNUMERIC": 38}
ARROW = {
    "INT64": pa.int64(),
    "BOOL": pa.bool_(),
    "FLOAT64": pa.float64(),
    "STRING": pa.string(),
    "BYTES": pa.binary(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us", tz="UTC"),
    "DATETIME": pa.timestamp("us"),
    "NUMERIC": pa.decimal128(38, 9),
    "BIGNUMERIC": pa.decimal256(76, 38),
    "JSON": pa.string(),
}


def type_kind(name: str) -> str:
    """GoogleSQL's name of a type: a scalar, or an array of scalars."""
    if name.upper().startswith("ARRAY<"):
        return f"ARRAY<{type_kind(name[6:-1])}>"
    plain = name.upper().partition("(")[0].strip()
    kind = ALIASES.get(plain, plain)
    if kind not in KINDS or kind in ("ARRAY", "STRUCT"):
        raise ValueError(f"no GoogleSQL type {name!r}; known: {', '.join(KINDS)}")
    return kind


def type_message(message: Any, kind: str) -> None:
    """Writes a type into a message."""
    outer, _, element = kind.partition("<")
    message.type_kind = KINDS[outer]
    if element:
        message.array_type.element_type.type_kind = KINDS[element.removesuffix(">")]


def encode(cell: Any, value: Any, kind: str) -> None:
    """Writes a Python value into a cell; NULL is a cell with nothing in it."""
    if value is None:
        return
    if kind == "INT64":
        cell.int64_value = int(value)
    elif kind == "FLOAT64":
        cell.double_value = float(value)
    elif kind == "BOOL":
        cell.bool_value = bool(value)
    elif kind == "STRING":
        cell.string_value = str(value)
    elif kind == "BYTES":
        cell.bytes_value = bytes(value)
    elif kind == "DATE":
        cell.date_value = (value - dt.date(1970, 1, 1)).days
    elif kind == "TIMESTAMP":
        aware = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
        cell.timestamp_value.FromDatetime(aware.astimezone(dt.UTC).replace(tzinfo=None))
    elif kind == "DATETIME":
        cell.datetime_value.bit_field_datetime_seconds = _pack(value)
        cell.datetime_value.nanos = value.microsecond * 1000
    elif kind in SCALES:
        scaled = int(decimal.Decimal(value).scaleb(SCALES[kind], decimal.Context(prec=100)))
        packed = scaled.to_bytes(scaled.bit_length() // 8 + 1, "little", signed=True)
        setattr(cell, f"{kind.lower()}_value", packed)
    elif kind.startswith("ARRAY<"):
        if None in value:
            raise ValueError("BigQuery writes no array with a NULL in it")
        cell.array_value.SetInParent()
        for element in value:
            encode(cell.array_value.element.add(), element, kind[6:-1])
    else:
        raise ValueError(f"values of type {kind} cannot be given to the evaluator")


def decode(cell: Any, kind: Any) -> Any:
    """The Python value of a cell, None for NULL."""
    field = cell.WhichOneof("value")
    if field is None:
        return None
    value = getattr(cell, field)
    if field == "date_value":
        return dt.date(1970, 1, 1) + dt.timedelta(days=value)
    if field == "timestamp_value":
        return value.ToDatetime(tzinfo=dt.UTC)
    if field == "datetime_value":
        return _unpack(value.bit_field_datetime_seconds, value.nanos)
    if field in ("numeric_value", "bignumeric_value"):
        scaled = decimal.Decimal(int.from_bytes(value, "little", signed=True))
        return scaled.scaleb(-SCALES[field.removesuffix("_value").upper()], decimal.Context(prec=100))
    if field == "array_value":
        return [decode(element, kind.array_type.element_type) for element in value.element]
    if field == "struct_value":
        fields = kind.struct_type.field
        return {
            part.field_name: decode(inner, part.field_type)
            for part, inner in zip(fields, value.field, strict=True)
        }
    return value


def _pack(moment: dt.datetime) -> int:
    """A DATETIME to the second, packed as GoogleSQL does: year, month, day, hour, minute, second."""
    packed = moment.year
    for part, bits in (
        (moment.month, 4),
        (moment.day, 5),
        (moment.hour, 5),
        (moment.minute, 6),
        (moment.second, 6),
    ):
        packed = packed << bits | part
    return packed


def _unpack(packed: int, nanos: int) -> dt.datetime:
    """The inverse of `_pack`."""
    parts: list[int] = []
    for bits in (6, 6, 5, 5, 4):
        parts.append(packed & ((1 << bits) - 1))
        packed >>= bits
    second, minute, hour, day, month = parts
    return dt.datetime(packed, month, day, hour, minute, second, nanos // 1000)


def type_name(kind: Any) -> str:
    """A type message as text: FLOAT64, ARRAY<INT64>, STRUCT<a INT64>."""
    name = NAMES.get(kind.type_kind, f"TYPE_{kind.type_kind}")
    if name == "ARRAY":
        return f"ARRAY<{type_name(kind.array_type.element_type)}>"
    if name == "STRUCT":
        fields = (
            f"{part.field_name} {type_name(part.field_type)}".strip() for part in kind.struct_type.field
        )
        return f"STRUCT<{', '.join(fields)}>"
    return name


def arrow_of(kind: str) -> pa.DataType:
    """The Arrow type of a type by its name."""
    return pa.list_(ARROW[kind[6:-1]]) if kind.startswith("ARRAY<") else ARROW[kind]


def arrow_type(kind: Any) -> pa.DataType:
    """The Arrow type of a type message."""
    name = type_name(kind)
    if name.startswith("ARRAY"):
        return pa.list_(arrow_type(kind.array_type.element_type))
    if name.startswith("STRUCT"):
        return pa.struct([(part.field_name, arrow_type(part.field_type)) for part in kind.struct_type.field])
    if name not in ARROW:
        raise ValueError(f"results of type {name} cannot be read")
    return ARROW[name]

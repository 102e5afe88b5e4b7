"""What a call of Spark's table function does: what the workers receive of each row, and how the rows are divided."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from sqlnomaly.dialects import get_dialect
from sqlnomaly.errors import BindError, CallError, UnsupportedError, nearest
from sqlnomaly.install.rows import Judgement, judgement, literal, refuse_taken
from sqlnomaly.pushdown.bind import Kind, kind_of
from sqlnomaly.pushdown.columns import as_double
from sqlnomaly.pushdown.lower import lower
from sqlnomaly.pushdown.relation_words import NAME, column_names, ordered_of, texts_of
from sqlnomaly.script import quoted

if TYPE_CHECKING:
    from pyspark.sql.types import DataType, StructType

DIALECT = "spark"
EXAMPLE = (
    "SELECT * FROM detect_anomalies(TABLE(orders) PARTITION BY store, features => array('amount', 'items'))"
)
POSITIONAL = ("features", "detector")
"""The options that may come without their names, behind the table."""

BUCKETS = 256
"""Tasks of ``partition_by`` at most: several groups are judged by one statement, each by itself."""

KEYS: Mapping[str, str] = {
    **dict.fromkeys(("string", "boolean", "tinyint", "smallint", "int", "bigint", "decimal", "date"), "{}"),
    **dict.fromkeys(
        ("float", "double"), "CAST({} + 0D AS STRING)"
    ),  # both zeros are '0.0', every NaN is 'NaN'
    "timestamp": "UNIX_MICROS({})",
    "timestamp_ntz": "CAST({} AS STRING)",
    "binary": "HEX({})",
}
"""Type of a partition key -> what tells its values apart."""

MICROSECONDS = "TIMESTAMPDIFF(MICROSECOND, TIMESTAMP_NTZ '1970-01-01', {})"
ORDERS: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(("tinyint", "smallint", "int", "bigint"), ("{}", "BIGINT")),
    **dict.fromkeys(("float", "double"), ("CAST({} AS DOUBLE)", "DOUBLE")),
    "decimal": ("{}", "DECIMAL"),
    "string": ("{}", "VARCHAR"),
    "boolean": ("{}", "BOOLEAN"),
    "date": ("CAST(UNIX_DATE({}) AS BIGINT)", "BIGINT"),
    "timestamp": ("UNIX_MICROS({})", "BIGINT"),
    "timestamp_ntz": (MICROSECONDS, "BIGINT"),
}
"""Type of an order key -> what orders its values, and the type of that in DuckDB."""

CARRIED = frozenset(
    "string boolean tinyint smallint int bigint float double decimal date timestamp_ntz binary".split()
)
"""Types that come back from Python as they went in."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a call does.

    Attributes:
        judgement: the compiled query.
        width: the columns of the table.
        instants: those of them that travel as microseconds.
        select: what the workers receive: SQL -> alias; the columns, then keys, features and order keys.
        keys: how many keys there are; None where PARTITION BY has to stand in the call.
        bucket: what decides which rows go to one task; None for all of them to one.
    """

    judgement: Judgement
    width: int
    instants: tuple[int, ...]
    select: tuple[tuple[str, str], ...]
    keys: int | None
    bucket: str | None


@lru_cache(maxsize=64)
def plan_of(columns: str, options: tuple[tuple[str, Any], ...]) -> Plan:
    """The plan of a call; made when it is analyzed, and once more in each worker."""
    from pyspark.sql.types import StructType

    schema = StructType.fromJson(json.loads(columns))
    given = dict(options)
    shown = (
        f"{NAME}(TABLE(..)"
        + "".join(f", {name} => {literal(name, value).sql(DIALECT)}" for name, value in options)
        + ")"
    )
    refuse_taken(schema.names, shown)
    instants = tuple(at for at, field in enumerate(schema) if _carried(field.name, field.dataType, shown))
    if not given.get("features"):
        raise CallError(f"{NAME} needs the features to judge by", where=shown, hint=EXAMPLE)
    words = _words(schema, "features", given.pop("features"), shown)
    features = [_feature(name, schema[name].dataType, shown) for _, name in words]
    partition = given.pop("partition_by", None)
    keys = (
        None
        if partition is None
        else [
            _key(name, schema[name].dataType, shown)
            for _, name in _words(schema, "partition_by", partition, shown)
        ]
    )
    ordered = list(_ordered(schema, given.pop("order_by", ()), shown))
    orders = [(_order(name, schema[name].dataType, shown), descending) for name, descending in ordered]
    plain = [quoted(field.name, DIALECT) for field in schema]
    selected = [f"UNIX_MICROS({name})" if at in instants else name for at, name in enumerate(plain)]
    aliases = [f"_sn_{at}" for at in range(len(schema) + len(keys or ()) + len(features) + len(orders))]
    texts = [*selected, *(keys or ()), *features, *(text for (text, _), _ in orders)]
    return Plan(
        judgement=judgement(
            [word for word, _ in words], [(kind, down) for (_, kind), down in orders], given, shown
        ),
        width=len(schema),
        instants=instants,
        select=tuple(zip(texts, aliases, strict=True)),
        keys=None if keys is None else len(keys),
        bucket=f"PMOD(XXHASH64({', '.join(keys)}), {BUCKETS})" if keys else None,
    )


def options_of(given: Sequence[Any], named: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """The options by name, arrays as tuples; NULL is as good as left out.

    Raises:
        CallError: for one that is given twice, or too many without a name.
    """
    if len(given) > len(POSITIONAL):
        raise CallError(f"{len(given)} options have no name", hint="name them: threshold => 3")
    found: dict[str, Any] = {}
    for name, value in chain(zip(POSITIONAL, given, strict=False), named.items()):
        key = name.lower()
        if key in found:
            raise CallError(f"option {key} is given twice", hint="keep one of them")
        found[key] = tuple(value) if isinstance(value, list) else value
    return tuple((key, value) for key, value in found.items() if value is not None)


def _words(schema: StructType, option: str, value: Any, shown: str) -> list[tuple[str, str]]:
    """The columns that an option names: as written, and as the table has them; an exact name needs no quotes."""
    if isinstance(value, tuple) and set(value) <= set(schema.names):
        return [(name, name) for name in value]
    words = column_names(option, literal(option, value), shown)
    plain = [word[1:-1].replace('""', '"') if word.startswith('"') else word for word in words]
    return [(word, _found(schema, word, shown)) for word in plain]


def _ordered(schema: StructType, value: Any, shown: str) -> Iterator[tuple[str, bool]]:
    """The columns of order_by, and whether each descends."""
    for text in texts_of("order_by", literal("order_by", value), shown) if value else ():
        if text in schema.names:
            yield text, False
            continue
        key = ordered_of(text, exp.to_identifier, shown)
        yield _found(schema, key.this.name, shown), bool(key.args["desc"])


def _found(schema: StructType, name: str, shown: str) -> str:
    """The table's column of a name: exact, else the one that differs in case only."""
    alike = [column for column in schema.names if column.lower() == name.lower()]
    if name in schema.names or len(alike) == 1:
        return name if name in schema.names else alike[0]
    raise BindError(f"column {name!r} does not exist", where=shown, hint=nearest(name, schema.names))


def _kind(data_type: DataType) -> str:
    """The name of a type, without its precision."""
    return data_type.simpleString().partition("(")[0].partition(" ")[0]


def _collated(data_type: DataType) -> bool:
    return " collate " in data_type.simpleString()


def _feature(name: str, data_type: DataType, shown: str) -> str:
    """A feature as DOUBLE, said as the compiler says it."""
    kind = kind_of(data_type.simpleString(), DIALECT)
    if kind in (Kind.TEXT, Kind.OTHER, Kind.UNKNOWN):
        raise BindError(
            f"feature {name} is {data_type.simpleString()}: detectors take numbers, booleans, dates and timestamps",
            where=shown,
            hint="cast it to DOUBLE in a query in the place of the table, or put it into partition_by",
        )
    value, _ = as_double(exp.column(exp.to_identifier(name, quoted=True)), kind)
    return f"CAST({lower(value, get_dialect(DIALECT)).sql(DIALECT)} AS DOUBLE)"


def _key(name: str, data_type: DataType, shown: str) -> str:
    """What tells the values of a partition key apart."""
    said = KEYS.get(_kind(data_type))
    if said is None or _collated(data_type):
        raise _unknown("partition_by", name, data_type, shown)
    return said.format(quoted(name, DIALECT))


def _order(name: str, data_type: DataType, shown: str) -> tuple[str, str]:
    """What orders the values of an order key, and its type in DuckDB."""
    said = ORDERS.get(_kind(data_type))
    if said is None or _collated(data_type):
        raise _unknown("order_by", name, data_type, shown)
    text, kind = said
    return text.format(quoted(name, DIALECT)), data_type.simpleString().upper() if kind == "DECIMAL" else kind


def _unknown(option: str, name: str, data_type: DataType, shown: str) -> UnsupportedError:
    return UnsupportedError(
        f"{option}: which values of {name} are equal is not known of {data_type.simpleString()}",
        where=shown,
        hint="cast it to STRING in a query in the place of the table: TABLE(SELECT ..)",
    )


def _carried(name: str, data_type: DataType, shown: str) -> bool:
    """Whether a column travels as microseconds.

    Raises:
        UnsupportedError: where it would not come back as it went in.
    """
    if _kind(data_type) == "timestamp":
        return True
    for part in _leaves(data_type):
        if _kind(part) not in CARRIED:
            raise UnsupportedError(
                f"column {name} is {data_type.simpleString()}, which does not pass through Python unchanged",
                where=shown,
                hint="leave it out, and join it to the result: TABLE(SELECT id, amount FROM orders)",
            )
    return False


def _leaves(data_type: DataType) -> Iterator[DataType]:
    """The plain types in a nested one."""
    from pyspark.sql.types import ArrayType, MapType, StructType

    match data_type:
        case ArrayType():
            yield from _leaves(data_type.elementType)
        case MapType():
            yield from _leaves(data_type.keyType)
            yield from _leaves(data_type.valueType)
        case StructType():
            for field in data_type.fields:
                yield from _leaves(field.dataType)
        case _:
            yield data_type

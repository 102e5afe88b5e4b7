"""What is installed in a DuckDB database: macros that stay in its file and need nothing but DuckDB."""

from __future__ import annotations

from sqlnomaly.install.macros import macros
from sqlnomaly.install.macros_levels import MOST, MOST_JOINT
from sqlnomaly.install.macros_table import NAME, table_macro
from sqlnomaly.install.pack import OWNER, Item, Pack
from sqlnomaly.version import __version__

EXISTING = (
    "SELECT DISTINCT function_name AS name, comment, schema_name AS schema FROM duckdb_functions() "
    "WHERE function_type IN ('macro', 'table_macro') AND NOT internal AND database_name = current_database() "
    "AND schema_name = {schema} AND function_name IN ({names}) ORDER BY name"
)


def pack(schema: str | None = None) -> Pack:
    """The macros, in a schema that is there, or in the connection's own."""
    before = "" if schema is None else f"{quoted(schema)}."
    items = [_item("macro", "MACRO", name, before, create) for name, create in macros(before).items()]
    items.append(_item("table macro", "MACRO TABLE", NAME, before, table_macro(before)))
    return Pack(
        dialect="duckdb",
        title=f"sqlnomaly {__version__}: anomaly detection for DuckDB 2.0 and later",
        notes=(
            "SELECT anomaly_score(amount, items, detector := 'ecod', partition := (store, weekday)) FROM orders;",
            f"is_anomaly, anomaly_reason and anomaly_status alike: up to {MOST} features, {MOST_JOINT} of mahalanobis.",
            "FROM detect_anomalies('orders', ['amount'], detector := 'hbos', partition_by := ['store']): "
            "any number of features.",
            "Macros belong to a database: where it is attached under a name, USE it first.",
        ),
        items=tuple(items),
    )


def existing(schema: str | None = None) -> str:
    """A query for the functions that have one of the pack's names: name, comment, schema."""
    names = ", ".join(f"'{item.name}'" for item in pack().items)
    place = "current_schema()" if schema is None else "'" + schema.replace("'", "''") + "'"
    return EXISTING.format(schema=place, names=names)


def quoted(name: str) -> str:
    """An identifier in quotes."""
    return '"' + name.replace('"', '""') + '"'


def _item(kind: str, words: str, name: str, schema: str, create: str) -> Item:
    return Item(
        kind=kind,
        name=name,
        create=create,
        drop=f"DROP {words} IF EXISTS {schema}{name}",
        mark=f"COMMENT ON {words} {schema}{name} IS '{OWNER}'",
    )

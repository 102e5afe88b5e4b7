"""What is installed in a DuckDB database: macros that stay in its file and need nothing but DuckDB."""

from __future__ import annotations

from sqlnomaly.install import in_force
from sqlnomaly.install.macros import macros
from sqlnomaly.install.macros_levels import MOST, MOST_JOINT
from sqlnomaly.install.macros_table import NAME, table_macro
from sqlnomaly.install.pack import OWNER, Item, Pack
from sqlnomaly.script import quoted
from sqlnomaly.version import __version__


def pack(schema: str | None = None) -> Pack:
    """The macros, in a schema that is there, or in the connection's own."""
    before = "" if schema is None else f"{quoted(schema, 'duckdb')}."
    items = [_item("macro", "MACRO", name, before, create) for name, create in macros(before).items()]
    items.append(_item("table macro", "MACRO TABLE", NAME, before, table_macro(before)))
    shown = in_force.create("duckdb", in_force.SHOW, before)
    items.append(_item("table macro", "MACRO TABLE", in_force.SHOW, before, shown))
    return Pack(
        dialect="duckdb",
        title=f"sqlnomaly {__version__}: anomaly detection for DuckDB 2.0 and later",
        notes=(
            "SELECT anomaly_score(amount, items, detector := 'ecod', partition := (store, weekday)) FROM orders;",
            f"is_anomaly, anomaly_reason and anomaly_status alike: up to {MOST} features, {MOST_JOINT} of mahalanobis.",
            "FROM detect_anomalies('orders', ['amount'], detector := 'hbos', partition_by := ['store']): "
            "any number of features.",
            f"FROM {in_force.SHOW}(): the models that sessions keep in schema sqlnomaly, and their versions.",
            "Macros belong to a database: where it is attached under a name, USE it first.",
        ),
        items=tuple(items),
    )


def _item(kind: str, words: str, name: str, schema: str, create: str) -> Item:
    return Item(
        kind=kind,
        name=name,
        create=create,
        drop=f"DROP {words} IF EXISTS {schema}{name}",
        mark=f"COMMENT ON {words} {schema}{name} IS '{OWNER}'",
    )

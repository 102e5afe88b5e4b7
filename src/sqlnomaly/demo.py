"""The first two minutes: orders with anomalies planted in them, and the SQL that finds them."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table

from sqlnomaly.compiling import compile  # noqa: A004  (the public name)
from sqlnomaly.dialects import get_dialect
from sqlnomaly.result import Result, table_of
from sqlnomaly.session import Session, connect

if TYPE_CHECKING:
    import pyarrow as pa

ROWS = 240_000
"""Orders: 40 stores, 12 weeks."""

ORDERS = """
CREATE TABLE orders AS
WITH dice AS (      -- md5 is the same on every machine; two uniform numbers make a normal one
  SELECT
    range AS id,
    range % 40 + 1 AS store,
    DATE '2025-01-06' + CAST(FLOOR(range / 240000 * 84) AS INTEGER) AS day,
    md5(CAST(range AS VARCHAR)) AS m,
    md5('again' || range) AS k
  FROM range(240000)
), uniform AS (
  SELECT
    id, store, day,
    (CAST('0x' || substr(m, 1, 8) AS BIGINT) + 1) / 4294967297 AS u1,
    CAST('0x' || substr(m, 9, 8) AS BIGINT) / 4294967296 AS u2,
    (CAST('0x' || substr(m, 17, 8) AS BIGINT) + 1) / 4294967297 AS u3,
    CAST('0x' || substr(m, 25, 8) AS BIGINT) / 4294967296 AS u4,
    CAST('0x' || substr(k, 1, 8) AS BIGINT) / 4294967296 AS missing,
    CAST('0x' || substr(k, 9, 8) AS BIGINT) AS pick,
    (CAST('0x' || substr(k, 17, 8) AS BIGINT) + 1) / 4294967297 AS jam,
    CAST('0x' || substr(k, 25, 8) AS BIGINT) / 4294967296 AS offer
  FROM dice
), normal AS (
  SELECT
    id, store, day, missing, pick, jam, offer,
    isodow(day) >= 6 AS weekend,
    SQRT(-2 * LN(u1)) * COS(2 * PI() * u2) AS z1,
    SQRT(-2 * LN(u1)) * SIN(2 * PI() * u2) AS z2,
    SQRT(-2 * LN(u3)) * COS(2 * PI() * u4) AS z3
  FROM uniform
), usual AS (       -- weekends: bigger baskets, slower deliveries; some offers, some traffic jams
  SELECT
    id, store, day, missing, pick, weekend,
    GREATEST(1, CAST(ROUND((CASE WHEN weekend THEN 9 ELSE 6 END) + 2 * z1) AS INTEGER)) AS items,
    (4 + store % 7) * EXP(0.12 * z2) * CASE WHEN offer < 0.03 THEN 0.7 ELSE 1 END AS price,
    (CASE WHEN weekend THEN 62 ELSE 30 END) + 4 * z3
      + CASE WHEN offer > 0.97 THEN -4 * LN(jam) ELSE 0 END AS minutes
  FROM normal
), planted AS (
  SELECT
    *,
    CASE
      WHEN pick % 4800 = 7 THEN 'decimal slip'
      WHEN pick % 4800 = 1207 THEN 'nearly free'
      WHEN pick % 4800 = 2407 THEN 'bulk buyer'
      WHEN pick % 4800 = 3607 AND NOT weekend THEN 'weekend pace on a weekday'
    END AS kind
  FROM usual
), changed AS (
  SELECT
    *,
    CASE kind WHEN 'decimal slip' THEN 10 WHEN 'nearly free' THEN 0.1 ELSE 1 END AS factor,
    CASE kind WHEN 'bulk buyer' THEN items + 40 + pick % 30 ELSE items END AS count
  FROM planted
)
SELECT
  id,
  'S' || lpad(CAST(store AS VARCHAR), 2, '0') AS store,
  day,
  isodow(day) AS weekday,
  count AS items,
  CASE WHEN missing >= 0.01 OR kind IS NOT NULL THEN ROUND(count * price * factor, 2) END AS amount,
  CASE WHEN missing < 0.99 OR kind IS NOT NULL
       THEN ROUND(CASE WHEN kind LIKE 'weekend%' THEN minutes + 32 ELSE minutes END, 1) END AS minutes,
  kind AS planted
FROM changed
"""
"""The orders. Column ``planted`` says what was done to a row, and is never given to a detector."""

QUERY = """
SELECT id, store, day, items, amount, minutes, planted,
       anomaly_score(amount / items AS unit_price, items, minutes, detector => 'mad')
         OVER (PARTITION BY store, weekday) AS score,
       anomaly_reason(amount / items AS unit_price, items, minutes, detector => 'mad')
         OVER (PARTITION BY store, weekday) AS reason
FROM orders
QUALIFY is_anomaly(amount / items AS unit_price, items, minutes, detector => 'mad', threshold => 7)
          OVER (PARTITION BY store, weekday)
ORDER BY score DESC, id
"""
"""The query of the demo: each order against the orders of the same store and weekday."""

RELATION = """
SELECT id, store, day, anomaly_score, anomaly_probability, is_anomaly, anomaly_reason
FROM detect_anomalies((SELECT *, amount / items AS unit_price FROM orders),
                      features => ['unit_price', 'items', 'minutes'],
                      partition_by => ['store', 'weekday'], detector => 'mad', threshold => 7)
ORDER BY anomaly_score DESC NULLS LAST, id
LIMIT 3
"""
"""The same as a relation: every column of the query, and six about each row."""

EXPLAINED = """
SELECT id, explanation
FROM (
  SELECT id, anomaly_explanation(amount / items AS unit_price, items, minutes, detector => 'mad')
               OVER (PARTITION BY store, weekday) AS explanation
  FROM orders
) AS told
WHERE id = {id}
"""
"""What each feature of one order contributed."""

SCHEMA: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "orders": {
            "id": "BIGINT",
            "store": "VARCHAR",
            "day": "DATE",
            "weekday": "BIGINT",
            "items": "BIGINT",
            "amount": "DOUBLE",
            "minutes": "DOUBLE",
            "planted": "VARCHAR",
        }
    }
)

FOUND = """
WITH judged AS (
  SELECT planted, is_anomaly(amount / items AS unit_price, items, minutes, {options})
                    OVER (PARTITION BY store, weekday) AS alert
  FROM orders
)
SELECT COUNT(*) FILTER (WHERE alert AND planted IS NOT NULL) AS found,
       COUNT(*) FILTER (WHERE planted IS NOT NULL) AS planted,
       COUNT(*) FILTER (WHERE alert AND planted IS NULL) AS false_alarms,
       COUNT(*) FILTER (WHERE planted IS NULL) AS ordinary
FROM judged
"""

RULES = (
    "detector => 'mad', threshold => 7",
    "detector => 'iqr', threshold => 4",
    "detector => 'zscore', threshold => 7",
    "detector => 'mahalanobis', threshold => 40",
    "detector => 'mad', contamination => 0.002",
    "detector => 'iqr', contamination => 0.002",
    "detector => 'zscore', contamination => 0.002",
    "detector => 'mahalanobis', contamination => 0.002",
    "detector => 'iforest', n_estimators => 50, contamination => 0.002",
    "detector => 'ecod', contamination => 0.002",
    "detector => 'hbos', contamination => 0.002",
)

TARGETS = ("duckdb", "spark", "snowflake", "bigquery")
SHOWN_LINES = 10
WIDTH = 110
"""Columns of what is printed, where no terminal says how many it has."""


def run(write: str | None = None) -> None:
    """Makes the orders, finds the anomalies, compares with what was planted, prints the SQL of four engines.

    Args:
        write: only print the demo query in this dialect, in full.
    """
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else WIDTH, highlight=False)
    if write is not None:
        console.print(
            compile(QUERY, write=get_dialect(write).name, schema=SCHEMA).sql, markup=False, soft_wrap=True
        )
        return
    with connect() as session:
        _make(session, console)
        _find(session, console)
        _compare(session, console)
    _print_everywhere(console)
    console.print("\n[bold]Your own file[/bold] (Parquet, CSV or JSON; put your columns in):\n")
    console.print(
        """  sqlnomaly query "FROM detect_anomalies('my.csv', features => 'amount, items') """
        """ORDER BY anomaly_score DESC"\n""",
        markup=False,
        soft_wrap=True,
    )


def _make(session: Session, console: Console) -> None:
    session.sql(ORDERS)
    kinds = session.sql(
        "SELECT planted, COUNT(*) FROM orders WHERE planted IS NOT NULL GROUP BY ALL ORDER BY 1"
    )
    listing = ", ".join(f"{count} x {kind}" for kind, count in kinds)
    (missing,) = session.sql(
        "SELECT COUNT(*) FROM orders WHERE amount IS NULL OR minutes IS NULL"
    ).fetchall()[0]
    console.print(
        f"[bold]{ROWS:,} orders[/bold] of 40 stores over 12 weeks, in DuckDB. {missing:,} miss a value."
    )
    console.print(f"Planted: {listing}.\n")


def _find(session: Session, console: Console) -> None:
    console.print("[bold]The query[/bold]: calls read like window functions, QUALIFY keeps the alerts")
    alerts, seconds = _shown(session, console, QUERY)
    console.print(f"\n[bold]{len(alerts)} alerts[/bold] in {seconds:.1f} s, the first of each reason:\n")
    firsts = _first_of_each(alerts.arrow(), 3)
    console.print(table_of(firsts, width=None))
    console.print("\n[bold]The same as a relation[/bold]: every column, and what is said about each row")
    rows, _ = _shown(session, console, RELATION)
    console.print()
    console.print(table_of(rows.arrow(), width=None))
    odd = next(row["id"] for row in firsts.to_pylist() if row["reason"] == "minutes")
    console.print("\n[bold]One alert explained[/bold]: the features as JSON, the reason first")
    ((_, explanation),), _ = _shown(session, console, EXPLAINED.replace("{id}", str(odd)))
    console.print()
    for feature in explanation.replace("}, ", "},\n ").splitlines():
        line = f"  {feature}"
        if len(line) > WIDTH:
            line = line.replace(' "contribution"', '\n    "contribution"')
        console.print(line, markup=False, soft_wrap=True)


def _shown(session: Session, console: Console, query: str) -> tuple[Result, float]:
    """Prints the query and runs it: its rows, and the seconds it took."""
    console.print(query.rstrip(), style="cyan", markup=False, soft_wrap=True)
    start = time.perf_counter()
    rows = session.sql(query)
    return rows, time.perf_counter() - start


def _first_of_each(alerts: pa.Table, count: int) -> pa.Table:
    """The first rows of each reason, in the order of the scores."""
    reasons = alerts.column("reason").to_pylist()
    return alerts.take([n for n, reason in enumerate(reasons) if reasons[:n].count(reason) < count])


def _compare(session: Session, console: Console) -> None:
    console.print("\n[bold]Against what was planted[/bold], for this rule and others:\n")
    table = Table("rule", box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for heading in ("found", "false alarms", "rate"):
        table.add_column(heading, justify="right")
    for rule in RULES:
        found, planted, wrong, ordinary = session.sql(FOUND.replace("{options}", rule)).fetchall()[0]
        table.add_row(rule, f"{found} of {planted}", str(wrong), f"{wrong / ordinary:.3%}")
    console.print(table)
    console.print(
        "\nThe rate is that of false alarms among ordinary orders."
        "\nThe thresholds were chosen for this table; contamination asks for a share of each partition's orders."
        "\nEach planted order is odd in one number, which mad, iqr, zscore and mahalanobis measure. ecod and hbos"
        "\nadd up all columns, iforest cuts them at random: they look for orders that are a little odd everywhere.",
        markup=False,
    )


def _print_everywhere(console: Console) -> None:
    console.print("\n[bold]The same query for four engines[/bold], where each begins to fit:")
    for target in TARGETS:
        lines = compile(QUERY, write=target, schema=SCHEMA).sql.splitlines()
        fit = next((n for n, line in enumerate(lines) if re.fullmatch(r"\), \w+ AS \(", line)), 0)
        console.print(f"\n[bold]{target}[/bold] ({len(lines)} lines; in full: sqlnomaly demo --to {target})")
        for line in ["..", *lines[fit : fit + SHOWN_LINES], ".."]:
            clipped = line if len(line) < WIDTH else f"{line[: WIDTH - 5]} .."
            console.print(f"  {clipped}", style="dim", markup=False, soft_wrap=True)

"""The example project as somebody has it who clones the repository: nothing in it that a command made."""

from __future__ import annotations

from pathlib import Path

from tests.engines.dbt import package

MADE = ("target", "dbt_packages", "logs", "package-lock.yml", ".user.yml")
"""What dbt writes into a project; git does not keep it."""
RED = {
    "orders_volume": {"2025-02-26"},
    "orders_prices": {"2025-02-25"},
    "payments_card_country": {"2025-02-28"},
    "payments_freshness": {"2025-03-01"},
    "stock_counted": {"2025-02-28"},
    "visits_countries": {"2025-02-27"},
    "visits_volume": {"2025-02-27"},
}
"""The tests that fail, and the days that their rows name: those on which something went wrong, and no others."""
ODD = {*RED, "visits_slower"}
"""All that fail; what drifts over days has no day."""
YELLOW = {"payments_columns"}
"""The tests that warn."""
GREEN = {
    "orders_items", "orders_freshness", "orders_columns", "payments_methods", "payments_volume", "stock_pieces",
    "visits_devices",
}  # fmt: skip
"""The tests that pass."""
SOME = {
    "stock_counted", "payments_freshness", "orders_prices", "visits_slower", "payments_columns", "payments_methods",
    "orders_columns",
}  # fmt: skip
"""One test of each kind, for parsers that take seconds for what others take tenths for."""
FEW = {"stock_counted", "payments_freshness", "orders_prices", "visits_slower"}
"""Tests over time, of rows and of a distribution, for Spark, which takes longer still."""
MODELS = {"orders", "payments", "visits", "stock", "daily_sales", "odd_days", "odd_orders"}
SEEDS = {"calendar", "customers", "stores", "products"}


def copied(folder: Path, *dialects: str) -> Path:
    """Copies the package, with the macros of some dialects, and its example; returns where the example lies."""
    package(folder / "dbt", *dialects, without=MADE)
    return folder / "dbt" / "integration_tests"

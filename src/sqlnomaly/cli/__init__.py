"""The command line: data alone on standard output; exit codes 0, 1 (the query failed), 2 (usage)."""

from sqlnomaly.cli import dbt, models, stored
from sqlnomaly.cli.commands import app

__all__ = ["app", "dbt", "models", "stored"]

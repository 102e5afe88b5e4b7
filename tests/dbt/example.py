"""The example project as somebody has it who clones the repository: nothing in it that a command made."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.engines.dbt import PACKAGE

MADE = ("target", "dbt_packages", "logs", "package-lock.yml", ".user.yml")
"""What dbt writes into a project; git does not keep it."""


def copied(folder: Path) -> Path:
    """Copies the package with its example into a new folder; returns where the example lies."""
    shutil.copytree(PACKAGE, folder / "dbt", ignore=shutil.ignore_patterns(*MADE))
    return folder / "dbt" / "integration_tests"

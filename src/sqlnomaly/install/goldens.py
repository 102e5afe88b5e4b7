"""The checked-in scripts: each dialect's native functions, and two small models as its functions.

``python -m sqlnomaly.install`` writes the files of ``sql/install``; ``--check`` compares and never writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import sqlnomaly.sql
from sqlnomaly.dialects.definitions import DEFINITIONS
from sqlnomaly.install.functions import model_pack
from sqlnomaly.install.natives import MODULES, native_pack
from sqlnomaly.session import connect

FOLDER = Path(sqlnomaly.sql.__file__).parent / "install"
"""Where the files live."""

ROWS = "SELECT (i * 7 % 23) / 2 AS amount, i * 5 % 11 AS items FROM range(60) AS t(i)"
MODELS: Mapping[str, Mapping[str, Any]] = {"mad": {}, "ecod": {}, "iforest": {"n_estimators": 3, "max_samples": 16}}
"""Detector -> options of the small model that stands for all of its kind, written as a large one would be."""


def texts() -> Iterator[tuple[str, str]]:
    """Name and text of every file."""
    for dialect in MODULES:
        yield f"{dialect}.sql", native_pack(dialect).script
    with connect() as session:
        for detector, options in MODELS.items():
            model = session.fit(ROWS, detector=detector, **options)
            for dialect in DEFINITIONS:
                schema = "shop" if DEFINITIONS[dialect].schemas else None
                pack = model_pack(model.fitted, dialect=dialect, name="fraud_score", schema=schema, scripted=0)
                yield f"models/{dialect}_{detector}.sql", pack.script


def differences(folder: Path = FOLDER) -> dict[str, str | None]:
    """File -> what it has to hold, None for a file that nothing makes; empty if all is well."""
    wanted = dict(texts())
    found = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*.sql")
    }
    return {
        name: wanted.get(name) for name in sorted(wanted.keys() | found) if wanted.get(name) != found.get(name)
    }


def write(folder: Path = FOLDER) -> list[str]:
    """Makes the folder what the code generates; the files that changed."""
    changed = differences(folder)
    for name, text in changed.items():
        path = folder / name
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return list(changed)

"""Where a dbt project's database is, as its profile says."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlnomaly.dbt.project import read_yaml
from sqlnomaly.errors import MissingDriverError, UsageError

ELSE = "--database duckdb:///file.db, or another address"
"""What to do where the profile does not say."""
_ELSEWHERE = re.compile(r"\w{2,}:")
"""What a path of DuckDB that is no file begins with: ``md:``, ``s3:``; one letter is a drive."""


def address(folder: Path, target: str | None = None) -> str:
    """The address of the database behind a target of the project's profile.

    Args:
        folder: the project's.
        target: which one; the profile's default if None.

    Raises:
        UsageError: where there is no such profile or target, or its adapter has no address.
    """
    project = read_yaml(folder / "dbt_project.yml")
    name = str(_rendered(project.get("profile") or ""))
    said = os.environ.get("DBT_PROFILES_DIR")
    for place in (*([Path(said)] if said else []), folder, Path.home() / ".dbt"):
        path = place / "profiles.yml"
        if path.is_file():
            break
    else:
        raise UsageError("there is no profiles.yml", hint=ELSE)
    profile = read_yaml(path).get(name)
    outputs = profile.get("outputs") if isinstance(profile, Mapping) else None
    if not isinstance(profile, Mapping) or not isinstance(outputs, Mapping):
        raise UsageError(f"{str(path)!r} has no profile {name!r}", hint=ELSE)
    chosen = target or str(_rendered(profile.get("target", "default")))
    targets = {str(key): settings for key, settings in outputs.items() if isinstance(settings, Mapping)}
    if chosen not in targets:
        raise UsageError(f"profile {name!r} has no target {chosen!r}", hint=f"one of {', '.join(targets)}")
    return _address({key: _rendered(value) for key, value in targets[chosen].items()}, folder)


def _address(settings: Mapping[str, Any], folder: Path) -> str:
    """The address that an adapter's settings mean."""

    def said(name: str, *others: str) -> str:
        return next((quote(str(settings[one]), safe="") for one in (name, *others) if settings.get(one)), "")

    match settings.get("type"):
        case "duckdb":
            path = str(settings.get("path", ":memory:"))
            if path == ":memory:":
                raise UsageError(f"the profile's database is {path!r}, which nobody else can open", hint=ELSE)
            if _ELSEWHERE.match(path):  # what follows may hold a token
                raise UsageError(f"the profile's database at {path.partition(':')[0]}: is no file", hint=ELSE)
            return f"duckdb:///{folder / path}"
        case "postgres" | "redshift":
            password = said("password", "pass")
            who = said("user") + (f":{password}" if password else "")
            host = said("host")
            return f"postgresql://{who}@/{said('dbname', 'database')}?host={host}&port={said('port') or '5432'}"
        case "bigquery":
            return f"bigquery://{said('project', 'database')}/{said('dataset', 'schema')}"
        case other:
            raise UsageError(f"the profile's adapter {other} has no address that it could be asked by", hint=ELSE)


def _rendered(value: Any) -> Any:
    """A setting with ``env_var`` filled in, and dbt's filters; nothing else of Jinja is there.

    What cannot be read is not told: it may be a password.

    Raises:
        UsageError: for a variable that is not set, or what cannot be read.
    """
    if not isinstance(value, str) or "{" not in value:
        return value
    try:
        from jinja2 import TemplateError
        from jinja2.sandbox import SandboxedEnvironment
    except ImportError:
        raise MissingDriverError.named("jinja2", "dbt") from None

    def env_var(name: str, default: str | None = None) -> str:
        found = os.environ.get(name, default)
        if found is None:
            raise UsageError(f"the profile reads the variable {name} of the environment, which is not set", hint=ELSE)
        return found

    environment = SandboxedEnvironment(autoescape=False)
    environment.filters.update(dict.fromkeys(("as_bool", "as_native", "as_number", "as_text"), str))
    try:
        return environment.from_string(value).render(env_var=env_var)
    except (TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        raise UsageError("the profile has a setting whose Jinja cannot be read", hint=ELSE) from None

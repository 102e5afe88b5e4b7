"""Results over time as one HTML page: the charts' library is in it, and it asks nobody for anything."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from sqlnomaly.dbt.results import LEVELS, Point, Series, levels_of
from sqlnomaly.errors import MissingDriverError, UsageError
from sqlnomaly.version import __version__

if TYPE_CHECKING:
    from sqlnomaly.dbt.project import Project

LISTED = 500
"""Alarms in the table."""
NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'"
"""The browser is told to ask nobody for anything."""
TONES = {"pass": "good", "success": "good", "warn": "warn", "fail": "error", "error": "error", "runtime error": "error"}
"""How a status of dbt looks."""


@dataclass(frozen=True, slots=True)
class Run:
    """What dbt ran last: its tests, the worst first."""

    command: str
    at: str
    seconds: str | None
    nodes: Sequence[Mapping[str, str]]

    @property
    def passed(self) -> int:
        """How many tests passed."""
        return sum(node["tone"] == "good" for node in self.nodes)


def page(project: Project, series: Sequence[Series], *, now: datetime | None = None) -> str:
    """The page.

    Args:
        project: whose name and last run are told.
        series: what to draw, in this order.
        now: when it is said to be written.

    Raises:
        MissingDriverError: without plotly or Jinja.
    """
    try:
        from jinja2 import Environment
        from markupsafe import Markup
        from plotly.offline import get_plotlyjs
    except ImportError as error:
        raise MissingDriverError.named(error.name or "plotly", "dbt") from None
    library, script = get_plotlyjs().replace("\r\n", "\n"), _part("page.js")
    allowed = " ".join(_hash(text) for text in (library, script))
    policy = f"{NOTHING}; script-src {allowed}; style-src 'unsafe-inline'; img-src data:"
    buckets = sorted(point.bucket for one in series for point in one.points)
    runs = [point.run_at for one in series for point in one.points]
    alarms = _alarms(series)
    counts = levels_of(series)
    template = Environment(autoescape=True).from_string(_part("page.html"))
    return template.render(
        project=project.name, policy=policy, version=__version__,
        written=(now or datetime.now(UTC)).strftime("%Y-%m-%d %H:%M UTC"),
        span=(buckets[0], buckets[-1]) if buckets else None, judged=max(runs, default=""),
        series=[_card(one) for one in series],
        tests=sorted({one.test for one in series}), models=sorted({one.model for one in series}),
        errors=counts["error"], warnings=counts["warn"], odd=sum(bool(one.alarms()) for one in series),
        alarms=alarms[:LISTED], unlisted=max(len(alarms) - LISTED, 0), run=last_run(project),
        style=Markup(_part("style.css")), data=Markup(_json([_drawn(one) for one in series])),
        library=Markup(library), script=Markup(script),
    )  # fmt: skip


def last_run(project: Project) -> Run | None:
    """The tests that dbt ran last; None where that was no run of tests.

    Raises:
        UsageError: if what dbt wrote of it cannot be read.
    """
    found = project.last_run()
    try:
        return None if found is None else _run(found)
    except (AttributeError, LookupError, TypeError, ValueError):
        raise UsageError("target/run_results.json is none of dbt's artefacts", hint="dbt test writes it") from None


def _run(found: Mapping[str, Any]) -> Run | None:
    nodes = [
        {
            "name": result["unique_id"].split(".")[2], "status": result["status"],
            "tone": TONES.get(result["status"], ""), "seconds": f"{result.get('execution_time') or 0:.2f}",
            "message": " ".join((result.get("message") or "").split()),
        }
        for result in found.get("results", ()) if result["unique_id"].startswith("test.")
    ]  # fmt: skip
    if not nodes:
        return None
    worst = ("error", "warn", "", "good")
    nodes.sort(key=lambda node: (worst.index(node["tone"]), node["name"]))
    seconds = found.get("elapsed_time")
    return Run(
        command=found.get("args", {}).get("which", "test"),
        at=found.get("metadata", {}).get("generated_at", "")[:19].replace("T", " ") + " UTC",
        seconds=None if seconds is None else f"{seconds:.1f}",
        nodes=nodes,
    )


def _card(one: Series) -> dict[str, Any]:
    """What the page says of a series without a script."""
    errors, warnings = (len(one.alarms(level)) for level in reversed(LEVELS))
    last = one.points[-1]
    return {
        "title": one.title, "test": one.test, "relation": one.relation, "errors": errors, "warnings": warnings,
        "told": f"{one.title}, {len(one.points)} buckets, {one.points[0].bucket} to {last.bucket}; {errors} errors, "
        f"{warnings} warnings; the last value is {shown(last.value)}, expected {_band(last)}",
    }  # fmt: skip


def _drawn(one: Series) -> dict[str, Any]:
    """What the script draws of a series, and filters it by."""
    columns = ("bucket", "value", "expected", "lower", "upper", "level", "status")
    words = [one.title, one.test, one.relation, *(alarm.description for alarm in one.alarms())]
    return {
        "test": one.test, "model": one.model, "odd": bool(one.alarms()), "words": " ".join(words).lower(),
        **{column: [getattr(point, column) for point in one.points] for column in columns},
        "description": [point.description if point.level in LEVELS else "" for point in one.points],
    }  # fmt: skip


def _alarms(series: Sequence[Series]) -> list[dict[str, Any]]:
    """Every alarm, the newest first, errors before warnings."""
    found = [(point, number, one) for number, one in enumerate(series) for point in one.alarms()]
    found.sort(key=lambda alarm: LEVELS.index(alarm[0].level), reverse=True)
    found.sort(key=lambda alarm: alarm[0].bucket, reverse=True)
    return [
        {
            "series": number, "bucket": point.bucket, "level": point.level, "title": one.title, "test": one.test,
            "value": shown(point.value), "expected": _band(point), "description": point.description,
        }
        for point, number, one in found
    ]  # fmt: skip


def _band(point: Point) -> str:
    """The band that was expected."""
    if point.lower is None and point.upper is None:
        return "unknown"
    return f"{shown(point.lower)} to {shown(point.upper)}"


def shown(value: float | None) -> str:
    """A number for people.

    Example:
        >>> [shown(value) for value in (1234567.0, 0.000123456, 12.5, -1e300, None)]
        ['1,234,567', '0.00012346', '12.5', '-1e+300', 'none']
    """
    if value is None:
        return "none"
    if abs(value) >= 1e15:
        return f"{value:.5g}"
    if value == round(value):
        return f"{value:,.0f}"
    return f"{value:,.2f}" if abs(value) >= 1000 else f"{value:.5g}"


def _part(name: str) -> str:
    return files("sqlnomaly.dbt").joinpath("report", name).read_text(encoding="utf-8")


def _json(value: Any) -> str:
    """Data that can stand in a script element: no character of it ends the element."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _hash(script: str) -> str:
    """What a content security policy calls a script that may run."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"

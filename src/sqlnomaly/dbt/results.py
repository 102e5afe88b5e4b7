"""The results that tests over time have kept: series of buckets, and the alarms among them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlglot import exp
from sqlglot.errors import SqlglotError

from sqlnomaly.dialects import get_dialect
from sqlnomaly.errors import BindError, UsageError

if TYPE_CHECKING:
    from sqlnomaly.session import Session

TABLE = "sqlnomaly_results"
"""Where the tests write."""
COLUMNS = (
    *("run_at", "test_name", "relation", "column_name", "metric", "dimension", "bucket", "value", "expected"),
    *("lower_bound", "upper_bound", "score", "threshold", "training_buckets", "level", "status", "description"),
)
"""The columns of the table."""
LEVELS = ("warn", "error")
"""The levels that are alarms."""
_FROM = re.compile(r"\bfrom\s+([^\s()]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Point:
    """One bucket as it was judged last."""

    bucket: str
    run_at: str
    value: float | None
    expected: float | None
    lower: float | None
    upper: float | None
    level: str
    status: str
    description: str


@dataclass(frozen=True, slots=True)
class Series:
    """What one test measures in one place, bucket by bucket."""

    test: str
    relation: str
    column: str
    metric: str
    dimension: str
    points: tuple[Point, ...]

    @property
    def model(self) -> str:
        """The relation's own name, without database, schema and quotes; that in the query of a test with a filter."""
        inside = _FROM.search(self.relation) if self.relation.startswith("(") else None
        name = inside[1] if inside else self.relation
        return name.rpartition(".")[2].strip('"`') or name

    @property
    def title(self) -> str:
        """What it is, for people."""
        column = f".{self.column}" if self.column else ""
        dimension = f" of {self.dimension}" if self.dimension else ""
        return f"{self.model}{column}: {self.metric}{dimension}"

    def alarms(self, *levels: str) -> list[Point]:
        """The buckets of these levels, or of any."""
        return [point for point in self.points if point.level in (levels or LEVELS)]


def read_results(session: Session, table: str | None = None) -> list[Series]:
    """The series in the table of results, those with the newest alarms first.

    Raises:
        UsageError: if it is not there, or there are several.
        BindError: if it is a table of something else.
    """
    name = table or _found(session)
    dialect = get_dialect(session.engine.dialect).sqlglot
    columns = [exp.column(column) for column in COLUMNS]
    try:
        query = exp.select(*columns).from_(exp.to_table(name, dialect=dialect))
    except SqlglotError:
        raise UsageError(f"{name!r} is no name of a table", hint="--table schema.name") from None
    try:
        rows = session.engine.run(query.sql(dialect=dialect))
        values = zip(*(column.to_pylist() for column in rows.columns), strict=True)
        return series_of(dict(zip(COLUMNS, row, strict=True)) for row in values)
    except (BindError, OverflowError, TypeError, ValueError) as error:  # the last for text, and years past 9999
        told = error.message if isinstance(error, BindError) else error
        raise BindError(
            f"{name} is no table of results: {told}", hint=f"it has the columns {', '.join(COLUMNS)}"
        ) from None


def series_of(rows: Iterable[Mapping[str, Any]]) -> list[Series]:
    """Rows of the table as series: of each bucket the row of the newest run.

    Example:
        >>> row = dict.fromkeys(COLUMNS, "") | {"run_at": "2025-02-10", "bucket": "2025-02-09", "value": 3}
        >>> series = series_of([row, {**row, "run_at": "2025-02-11", "value": 4}])
        >>> [(point.bucket, point.value) for point in series[0].points]
        [('2025-02-09', 4.0)]
    """
    newest: dict[tuple[str, str, str, str, str], dict[str, Point]] = {}
    for row in rows:
        text = {name: _text(value) for name, value in row.items()}
        key = (text["test_name"], text["relation"], text["column_name"], text["metric"], text["dimension"])
        point = Point(
            bucket=text["bucket"],
            run_at=text["run_at"],
            value=_number(row["value"]),
            expected=_number(row["expected"]),
            lower=_number(row["lower_bound"]),
            upper=_number(row["upper_bound"]),
            level=text["level"],
            status=text["status"],
            description=text["description"],
        )
        points = newest.setdefault(key, {})
        if point.bucket not in points or points[point.bucket].run_at <= point.run_at:
            points[point.bucket] = point
    found = [
        Series(test, relation, column, metric, dimension, tuple(points[bucket] for bucket in sorted(points)))
        for (test, relation, column, metric, dimension), points in newest.items()
    ]
    found.sort(key=lambda one: (one.model, one.title, one.test, one.relation))
    found.sort(key=_newest_alarm, reverse=True)
    return found


def _newest_alarm(one: Series) -> tuple[str, int]:
    """When it was odd last, and how odd."""
    return max(((alarm.bucket, LEVELS.index(alarm.level)) for alarm in one.alarms()), default=("", 0))


def _found(session: Session) -> str:
    """The one table of that name."""
    dialect = session.engine.dialect
    names = [name for name in session.tables() if name.rpartition(".")[2].lower() == TABLE]
    if not names:
        raise UsageError(
            f"there is no table {TABLE} in this {dialect} database",
            hint="the tests write it with `vars: {sqlnomaly_results: true}`; or name it: --table schema.name",
        )
    if len(names) > 1:
        raise UsageError(f"there are several tables of results: {', '.join(names)}", hint=f"--table {names[0]}")
    schema, _, table = names[0].rpartition(".")
    place = exp.to_identifier(schema, quoted=True) if schema else None
    return exp.Table(this=exp.to_identifier(table, quoted=True), db=place).sql(dialect=get_dialect(dialect).sqlglot)


def _text(value: Any) -> str:
    """A value as text; a time to the second, and without a midnight."""
    if value is None:
        return ""
    if hasattr(value, "isoformat"):
        text = str(value.isoformat(sep=" ", timespec="seconds") if hasattr(value, "hour") else value.isoformat())
        return text.removesuffix(" 00:00:00")
    return str(value)


def _number(value: Any) -> float | None:
    """A number that can be drawn."""
    if value is None or value == "":
        return None
    found = float(value)
    return found if math.isfinite(found) else None


def levels_of(series: Sequence[Series]) -> dict[str, int]:
    """How many buckets each level of alarm has."""
    return {level: sum(len(one.alarms(level)) for one in series) for level in LEVELS}

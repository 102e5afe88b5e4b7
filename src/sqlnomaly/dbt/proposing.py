"""Which tests fit a relation, by what is known of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlnomaly.dbt.nodes import Check, Node
from sqlnomaly.dbt.profiling import Column, Kind, Profile
from sqlnomaly.dbt.weekly import weekly
from sqlnomaly.script import identifier, quoted

MOST_COLUMNS = 10
"""Columns of one relation that get a test."""
MOST_DIMENSIONS = 3
"""Dimensions of one relation that get a test."""
MOST_VALUES = 20
"""Values that a dimension may have."""
ROWS_A_VALUE = 30
"""Rows that each value has on average."""
STALE = timedelta(days=60)
"""Without a new row for so long nothing is expected of a table."""
_HAPPENED = re.compile(r"(?:^|_)(?:creat|order|event|occur|happen|start|place|sent|visit|paid|purchas|transact|sold)")
_LOADED = re.compile(r"(?:^|_)(?:load|ingest|insert|sync|extract|receiv|arriv)")
_CHANGED = re.compile(r"(?:^|_)(?:updat|modif|chang|delet|cancel|expir|deliver|birth|due|end(?:s|ed)?_|closed|valid)")
_KEY = re.compile(r"(?:^|_)(?:id|key|uuid|guid|hash|sk|pk|fk|code|zip|postcode|phone)$")
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_JINJA = re.compile(r"\{[{%#]")
RESERVED = frozenset({
    *("analyse", "asymmetric", "at", "authorization", "both", "cast", "check", "collation", "concurrently"),
    *("deferrable", "do", "freeze", "initially", "lambda", "leading", "pivot_longer", "placing", "symmetric"),
    *("trailing", "unpack", "variadic", "verbose"),
})  # fmt: skip
"""Words that DuckDB 2.0 does not read as a column and sqlglot does."""
TYPED = ("duckdb", "postgres")
"""Dialects whose plain types are called the same by the engine and by dbt's adapter."""
NAMED = ((0, _CHANGED), (3, _HAPPENED), (2, _LOADED))
"""How well a time of such a name says when a row happened; other names lie between the first and the last."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Tests that are new to a relation.

    Attributes:
        tests: each with the column that it stands at; None at the relation itself.
        notes: what was left out, and why.
    """

    node: Node
    tests: tuple[Check, ...]
    notes: tuple[str, ...] = ()


def propose(node: Node, profile: Profile, tested: Sequence[Check], dialect: str, now: datetime) -> Proposal:
    """The tests that fit a relation and are not there yet.

    Args:
        node: the relation.
        profile: what is known of it.
        tested: the tests that it has.
        dialect: in whose words columns are written.
        now: the time that it is.
    """
    if profile.rows == 0:
        return Proposal(node, (), ("it has no rows yet",))
    notes: list[str] = []
    rendered = [column.name for column in profile.columns if _JINJA.search(column.name)]
    if rendered:
        notes.append(f"dbt would render the name of {', '.join(rendered)}")
        kept = tuple(column for column in profile.columns if column.name not in rendered)
        profile = replace(profile, columns=kept, whole=False)
    found = [*_shape(node, profile, dialect)]
    time = timestamp(profile, now)
    if time is None:
        notes.append("no column says when a row happened: nothing over time")
    else:
        frame, note = _frame(profile, time, dialect, now)
        if note:
            notes.append(note)
        else:
            found += _over_time(profile, time, frame)
            columns = [*_columns(profile, time, frame, dialect)]
            found += columns[:MOST_COLUMNS]
            if len(columns) > MOST_COLUMNS:
                notes.append(f"{len(columns) - MOST_COLUMNS} more columns could be tested")
            found += _dimensions(node, profile, time, frame, dialect)
    return Proposal(node, tuple(test for test in found if not any(_alike(test, one) for one in tested)), tuple(notes))


def timestamp(profile: Profile, now: datetime) -> Column | None:
    """The column that says when a row happened: filled, so named, with the newest rows; None where there is none.

    Times that lie ahead (deliveries) and those that rows get later (updates) are the last to be taken.
    """

    def rank(column: Column) -> tuple[bool, bool, int, float, datetime]:
        ahead = column.newest is not None and column.newest > now + timedelta(days=1)
        words = _words(column.name)
        named = next((points for points, names in NAMED if names.search(words)), 1)
        filled = 1.0 if column.filled is None else column.filled
        return not ahead, filled >= 0.95, named, filled, column.newest or datetime.min

    times = [column for column in profile.columns if column.kind is Kind.TIME]
    return max((one for one in times if one.filled is None or one.newest), key=rank, default=None)


def _frame(profile: Profile, time: Column, dialect: str, now: datetime) -> tuple[dict[str, Any], str | None]:
    """What all tests over time are given; or why there are none."""
    frame: dict[str, Any] = {"timestamp_column": written(time.name, dialect)}
    if time.newest is None:
        return frame, None
    if now - time.newest > STALE:
        return frame, f"no new row since {time.newest:%Y-%m-%d}, by {time.name}: nothing over time"
    last = min(time.newest, now).date()
    days = profile.days.get(time.name, {})
    if sum(_lately(days, last, 28).values()) and len(_lately(days, last, 28)) >= 19:
        return frame, None
    if len({day - timedelta(days=day.weekday()) for day in _lately(days, last, 56)}) >= 7:
        return {**frame, "time_bucket": "week"}, None
    first = min(days, default=last)
    if (last - first).days < 28 and len(days) >= 0.6 * ((last - first).days + 1):  # a young table
        return frame, None
    return frame, f"{time.name} has rows on {len(_lately(days, last, 28))} of 28 days, too few: nothing over time"


def _lately(days: Mapping[date, int], last: date, number: int) -> dict[date, int]:
    """The counts of so many days up to the last one."""
    return {day: count for day, count in days.items() if last - timedelta(days=number) < day <= last}


def _over_time(profile: Profile, time: Column, frame: Mapping[str, Any]) -> Iterator[Check]:
    yield Check("volume_anomalies", None, {**frame, **_season(profile, time, frame)})
    yield Check("freshness_anomalies", None, dict(frame))


def _season(profile: Profile, time: Column, frame: Mapping[str, Any]) -> dict[str, Any]:
    """The season of weekdays where the counts of the whole days show one, with days without rows as zeros."""
    days = profile.days.get(time.name, {})
    if "time_bucket" in frame or not days:
        return {}
    first, last = min(days), max(days)
    whole = [first + timedelta(days=at) for at in range(1, (last - first).days)]
    if not weekly({day: days.get(day, 0) for day in whole}):
        return {}
    return {"season": "day_of_week", "training_buckets": 56}


def _columns(profile: Profile, time: Column, frame: Mapping[str, Any], dialect: str) -> Iterator[Check]:
    """Tests of numbers, and of columns that may be NULL."""
    for column in profile.columns:
        metrics = [*_metrics(column, profile)]
        if column.name == time.name or not metrics:
            continue
        name = written(column.name, dialect)
        if name == column.name:
            yield Check("column_anomalies", column.name, {**frame, "metrics": metrics})
        else:  # dbt would not quote it
            yield Check("column_anomalies", None, {**frame, "column_name": name, "metrics": metrics})


def _metrics(column: Column, profile: Profile) -> Iterator[str]:
    """What is worth measuring of a column."""
    if column.filled == 0:
        return
    varies = column.distinct is None or column.distinct > 1
    unique = bool(profile.rows and column.distinct and column.distinct >= 0.99 * profile.rows * (column.filled or 1))
    key = is_key(column.name)
    if column.kind is Kind.NUMBER and varies and not key and not (unique and "INT" in column.type.upper()):
        yield "mean"
    if column.kind is Kind.BOOLEAN and varies:
        yield "true_rate"
    nullable = column.filled is not None and column.filled < 1
    if nullable or (column.filled is None and column.kind in (Kind.NUMBER, Kind.TEXT) and not key):
        yield "null_rate"


def is_key(name: str) -> bool:
    """Whether numbers of that name only name things.

    Example:
        >>> [is_key(name) for name in ("customerId", "id", "order_key", "paid", "amount")]
        [True, True, True, False, False]
    """
    return _KEY.search(_words(name)) is not None


def _words(name: str) -> str:
    """A name in small letters, its words parted by underscores."""
    return (name if name.isupper() else _HUMPS.sub("_", name)).lower()


def _dimensions(
    node: Node, profile: Profile, time: Column, frame: Mapping[str, Any], dialect: str
) -> Iterator[Check]:
    """Tests of the counts of each value of a column that has few."""
    values = [test for test in node.tests if test.name == "accepted_values"]
    listed = {test.column: len(test.arguments.get("values", ())) for test in values}
    few = []
    for column in profile.columns:
        number = (listed.get(column.name) if column.distinct is None else column.distinct) or 0
        enough = profile.rows is None or profile.rows >= ROWS_A_VALUE * number
        if column.kind in (Kind.TEXT, Kind.OTHER) and 2 <= number <= MOST_VALUES and enough and not is_key(column.name):
            few.append((number, column))
    for _, column in sorted(few, key=lambda one: one[0])[:MOST_DIMENSIONS]:
        season = _season(profile, time, frame)
        yield Check("dimension_anomalies", None, {**frame, "dimensions": [written(column.name, dialect)], **season})


def _shape(node: Node, profile: Profile, dialect: str) -> Iterator[Check]:
    """The test of the columns themselves: against YAML where it names them all, else against those that are there."""
    said = {name.lower(): kind.lower() for name, kind in node.columns.items()}
    found = {column.name.lower(): column.type.lower() for column in profile.columns}
    if not profile.whole:
        if said:
            yield Check("schema_changes", None, {"ignore_new": True})
    elif said.keys() == found.keys() and all(kind in ("", found[name]) for name, kind in said.items()):
        yield Check("schema_changes", None, {})
    elif dialect in TYPED and all(column.kind is not Kind.OTHER for column in profile.columns):
        types = {column.name: column.type.partition("(")[0].strip().lower() for column in profile.columns}
        yield Check("schema_changes", None, {"columns": types})
    else:
        yield Check("schema_changes", None, {"columns": [column.name for column in profile.columns]})


def _alike(new: Check, old: Check) -> bool:
    """Whether an old test, of whatever package, does what a new one would."""
    if new.name != old.name:
        return False
    if new.name == "column_anomalies":
        names = {(one.column or one.arguments.get("column_name") or "").lower() for one in (new, old)}
        return len(names) == 1
    if new.name == "dimension_anomalies":
        there = old.arguments.get("dimensions") or []
        return bool(new.arguments["dimensions"] == ([there] if isinstance(there, str) else list(there)))
    return True


def written(name: str, dialect: str) -> str:
    """A column as SQL says it: quoted where the plain word would mean another.

    Example:
        >>> written("ordered_at", "postgres"), written("orderedAt", "postgres"), written("ordered_at", "snowflake")
        ('ordered_at', '"orderedAt"', '"ordered_at"')
    """
    folded = {"postgres": name.lower(), "redshift": name.lower(), "snowflake": name.upper()}.get(dialect, name)
    return quoted(name, dialect) if folded != name or name.lower() in RESERVED else identifier(name, dialect)

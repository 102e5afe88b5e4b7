"""What differs between two models: what they were told, and which of their numbers moved, and how far."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlnomaly.catalog.distribution import said
from sqlnomaly.pushdown.fitted import FittedModel, held_name, level_name
from sqlnomaly.pushdown.rules import options_of

if TYPE_CHECKING:
    import pyarrow as pa

    from sqlnomaly.model import Model

NAMED = 3
"""Partitions that a line names."""
FAMILIES = {"q": "q0 .. q100", "h": "h1 .."}
"""The first letter of columns that count as one -> what they are called together."""

Row = Mapping[str, Any]
Rows = dict[tuple[Any, ...], list[Row]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that is not the same.

    Attributes:
        part: detector, parameter, features, keys, rule, or the relation.
        name: of the parameter, the rule or the column.
        before, after: what it was and is; of a column, where it moved the most.
        change: the largest absolute change of a number, or None.
        relative: the largest change relative to what the number was; infinite where it was 0.
        partitions: how many partitions it changed in, or None where that has no meaning.
        at: the partition in which it moved the most.
    """

    part: str
    name: str
    before: str | None = None
    after: str | None = None
    change: float | None = None
    relative: float | None = None
    partitions: int | None = None
    at: str | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The changes from one model to another.

    Attributes:
        left, right: what they are called.
        changes: none where both are the same model.
    """

    left: str
    right: str
    changes: tuple[Change, ...]

    @property
    def same(self) -> bool:
        """Whether every number and every word is the same."""
        return not self.changes

    def arrow(self) -> pa.Table:
        """A row for each change."""
        import pyarrow as pa

        kinds = {"change": pa.float64(), "relative": pa.float64(), "partitions": pa.int64()}
        names = [one.name for one in fields(Change)]
        schema = pa.schema([(name, kinds.get(name, pa.string())) for name in names])
        rows = [{name: getattr(one, name) for name in names} for one in self.changes]
        return pa.Table.from_pylist(rows, schema=schema)

    def __str__(self) -> str:
        if self.same:
            return f"the same model: {self.left} and {self.right}"
        many = "1 difference" if len(self.changes) == 1 else f"{len(self.changes)} differences"
        return f"{many} from {self.left} to {self.right}"


Get = Callable[[str, int | None], "Model"]
"""Finds a stored model by its name and version."""


def named_model(wanted: str | os.PathLike[str] | Model, get: Get) -> tuple[str, FittedModel]:
    """The model that a name, ``name@version`` or file means, and what to call it. A file that is there is a file.

    Raises:
        BindError or ModelError: there is no such model.
    """
    from sqlnomaly.model import Model

    if isinstance(wanted, Model):
        return "a model of " + wanted.detector, wanted.fitted
    text = os.fspath(wanted)
    if not isinstance(wanted, str) or Path(text).is_file() or os.sep in text:
        return text, Model.load(text).fitted
    name, _, version = text.rpartition("@")
    if name and version.isdigit():
        return text, get(name, int(version)).fitted
    return text, get(text, None).fitted


def compare(left: FittedModel, right: FittedModel) -> list[Change]:
    """What differs from one model to another; nothing for equal ones, wherever they are kept.

    The rows that test a model, and the versions of the libraries that wrote it, are no part of that.
    """
    changes = [*_told(left, right)]
    if any((one.part, one.name) in (("detector", "name"), ("keys", "names")) for one in changes):
        return changes  # the numbers of two detectors, or of other partitions, have nothing in common
    names = {**_names(left), **_names(right)}
    for relation in dict.fromkeys((*left.relations, *right.relations)):
        if relation not in left.relations or relation not in right.relations:
            there = ("kept", None) if relation in left.relations else (None, "kept")
            changes.append(Change(part=relation, name="relation", before=there[0], after=there[1]))
            continue
        changes += _moved(relation, left.relations[relation], right.relations[relation], left, right, names)
    changes += _moved("scores", left.calibration, right.calibration, left, right, names)
    if (left.held is None) != (right.held is None):
        was, now = ("none" if one.held is None else "rows held out" for one in (left, right))
        changes.append(Change(part="calibration", name="held", before=was, after=now))
    elif left.held is not None and right.held is not None:
        changes += _moved("calibration", left.held, right.held, left, right, names)
    return changes


def _told(left: FittedModel, right: FittedModel) -> Iterator[Change]:
    """What was said when the models were made."""
    if left.detector.name != right.detector.name:
        yield Change(part="detector", name="name", before=left.detector.name, after=right.detector.name)
    own = [{one.name: getattr(model.detector, one.name) for one in fields(model.detector)} for model in (left, right)]
    words: list[tuple[str, str, Any, Any]] = [
        ("parameter", name, own[0].get(name), own[1].get(name)) for name in {**own[0], **own[1]}
    ]
    parts = [
        [", ".join(f"{part.name} {part.kind.value}" for part in some) for some in (model.features, model.keys)]
        for model in (left, right)
    ]
    words += [("features", "names", parts[0][0], parts[1][0]), ("keys", "names", parts[0][1], parts[1][1])]
    words += [
        ("rule", name, getattr(left, name), getattr(right, name))
        for name in ("threshold", "contamination", "min_effect")
    ]
    words += [("rule", name, getattr(left.fit, name), getattr(right.fit, name)) for name in ("min_rows", "nulls")]
    rules = [{} if model.by is None else options_of(model.by) for model in (left, right)]
    words += [("rule", name, rules[0].get(name), rules[1].get(name)) for name in {**rules[0], **rules[1]}]
    for part, name, before, after in words:
        if before != after:
            change, relative = _distance(before, after)
            yield Change(
                part=part, name=name, before=_shown(before), after=_shown(after), change=change, relative=relative
            )


def _moved(
    part: str, left: pa.Table, right: pa.Table, one: FittedModel, two: FittedModel, names: Mapping[str, str]
) -> Iterator[Change]:
    """What differs between two relations of one name."""
    before, after = _by_partition(left, one.fit.keys), _by_partition(right, two.fit.keys)
    for what, keys in (
        ("added", [key for key in after if key not in before]),
        ("removed", [key for key in before if key not in after]),
    ):
        if keys:
            listed = "; ".join(map(_key, sorted(keys, key=_key)[:NAMED])) + ("; .." if len(keys) > NAMED else "")
            seen = (None, listed) if what == "added" else (listed, None)
            yield Change(
                part=part, name=f"partitions {what}", before=seen[0], after=seen[1], partitions=len(keys)
            )
    pairs = {key: (before[key], after[key]) for key in sorted(before, key=_key) if key in after}
    if any(len(rows) > 1 for pair in pairs.values() for rows in pair):
        yield from _rows(part, pairs)
        return
    columns = [name for name in left.column_names if name not in one.fit.keys]
    others = [name for name in right.column_names if name not in two.fit.keys]
    shared = [name for name in columns if name in others]
    for some, other, seen in ((columns, others, ("kept", None)), (others, columns, (None, "kept"))):
        for name in _families([one for one in some if one not in other]):
            if name not in _families(shared):
                yield Change(part=part, name=names.get(name, name), before=seen[0], after=seen[1])
    for family in _families(shared):
        members = [name for name in shared if _family(name) == family]
        yield from _columns(part, family, members, pairs, names)


def _columns(
    part: str,
    family: str,
    members: Sequence[str],
    pairs: Mapping[tuple[Any, ...], tuple[list[Row], list[Row]]],
    names: Mapping[str, str],
) -> Iterator[Change]:
    """One line for columns that count as one: where they moved the most."""
    worst: tuple[float, str, tuple[Any, ...], Any, Any] | None = None
    relative, touched = 0.0, 0
    for key, (before, after) in pairs.items():
        moved = False
        for name in members:
            was, now = before[0].get(name), after[0].get(name)
            if was == now or (family in FAMILIES.values() and None in (was, now)):
                continue  # ranks that only one of them has: how many there are is a number of its own
            moved = True
            far, share = _distance(was, now)
            relative = max(relative, share if share is not None else 0.0)
            far = math.inf if far is None else far
            if worst is None or far > worst[0]:
                worst = (far, name, key, was, now)
        touched += moved
    if worst is None:
        return
    far, name, key, was, now = worst
    yield Change(
        part=part,
        name=names.get(name, name) + (f", the most of {family}" if len(members) > 1 else ""),
        before=_shown(was),
        after=_shown(now),
        change=far if math.isfinite(far) else None,
        relative=relative if math.isfinite(far) else None,
        partitions=touched if key else None,
        at=_key(key) if key else None,
    )


def _rows(part: str, pairs: Mapping[tuple[Any, ...], tuple[list[Row], list[Row]]]) -> Iterator[Change]:
    """A line for relations with several rows a partition, such as the nodes of trees: rows are there or not."""
    gone, new, touched = 0, 0, 0
    for before, after in pairs.values():
        was, now = (Counter(tuple(sorted(row.items())) for row in rows) for rows in (before, after))
        gone, new = gone + (was - now).total(), new + (now - was).total()
        touched += was != now
    if gone or new:
        whole = sum(len(before) for before, _ in pairs.values())
        yield Change(
            part=part,
            name="rows",
            before=f"{gone:,} of {whole:,} gone",
            after=f"{new:,} new",
            partitions=touched if any(pairs) else None,
        )


def _by_partition(table: pa.Table, keys: Sequence[str]) -> Rows:
    found: Rows = {}
    for row in table.to_pylist():
        key = tuple(row.pop(column) for column in keys)
        found.setdefault(key, []).append(row)
    return found


def _names(model: FittedModel) -> dict[str, str]:
    """Column -> what it is called: the feature and the number that is kept of it."""
    stems = {feature.stem: feature.name for feature in model.fit.features}
    found = {}
    for table in model.relations.values():
        for column in table.column_names:
            stem = max((one for one in stems if column.startswith(f"{one}__")), key=len, default=None)
            if stem is not None:
                found[column] = f"{stems[stem]}.{column[len(stem) + 2 :]}"
    return found


def _families(columns: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(map(_family, columns)))


def _family(column: str) -> str:
    """The columns that a quantile or a held-out score belongs to, and any other column by itself."""
    number = column[1:]
    if number.isdigit() and column in (level_name(int(number)), held_name(int(number))):
        return FAMILIES[column[0]]
    return column


def _distance(before: object, after: object) -> tuple[float | None, float | None]:
    """The absolute and the relative change between two numbers; None where one is none."""
    if not (_is_number(before) and _is_number(after)):
        return None, None
    was, now = float(before), float(after)  # type: ignore[arg-type]
    far = abs(now - was)
    return far, far / abs(was) if was else math.inf


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _shown(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, float | Decimal):
        return f"{float(value):.6g}"
    return f"{len(value):,} bytes" if isinstance(value, bytes) else str(value)


def _key(key: tuple[Any, ...]) -> str:
    return ", ".join(map(said, key))

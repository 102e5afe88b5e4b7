"""Rules in SQL, each with what plain Python says of the same rows."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pytest

from tests.reference import thresholds
from tests.reference.judge import judge
from tests.reference.values import group_key

Row = Mapping[str, Any]
Said = tuple[list[bool | None], list[float | None]]
"""What a rule says of each row: anomaly or not, and the threshold."""

SCHEMA = {"id": "BIGINT", "g": "DOUBLE", "day": "DATE", "x": "DOUBLE", "y": "DOUBLE", "ref": "BOOLEAN"}
ARROW = {"BIGINT": pa.int64(), "DOUBLE": pa.float64(), "DATE": pa.date32(), "BOOLEAN": pa.bool_()}
TYPES = pa.schema([(name, ARROW[kind]) for name, kind in SCHEMA.items()])
TOLERANCE = 1e-9


def table(kind: str, seed: int, size: int = 240) -> list[dict[str, Any]]:
    """Rows in four partitions, one of them NULL and one NaN; some values are missing or no number.

    Four in ten of the rows that are no reference lie far out, and few of the others.
    """
    random_ = random.Random(f"{kind} {seed}")

    def value(far: float) -> float | None:
        if random_.random() < 0.03:
            return random_.choice([None, math.nan, math.inf])
        shift = 8.0 if random_.random() < far else 0.0
        if kind == "ties":
            return float(round(random_.gauss(shift, 2)))
        if kind == "duplicates" and random_.random() < 0.6:
            return 1.0 + shift
        return shift + (random_.expovariate(1) if kind == "skewed" else random_.gauss(0, 1))

    keys = [1.0, 2.0, None, math.nan]
    rows: list[dict[str, Any]] = []
    for i in range(28 if kind == "small" else size):
        reference = None if i % 40 == 3 else random_.random() < 0.8
        far = 0.01 if reference else 0.4
        day = None if i % 50 == 7 else dt.date(2025, 1, 1) + dt.timedelta(days=i % 5)
        values = {"x": value(far), "y": value(far)}
        rows.append({"id": i, "g": keys[i % 4], "day": day, **values, "ref": reference})
    return rows


def arrow(rows: Sequence[Row]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=TYPES)


@dataclass(frozen=True)
class Case:
    """A rule in SQL, and what the reference says of the scores."""

    name: str
    rule: str
    said: Callable[[Sequence[Row], list[float | None]], Said]
    features: tuple[str, ...] = ("x",)
    detector: str = "zscore"
    options: Mapping[str, Any] = field(default_factory=lambda: {"direction": "high"})
    filtered: bool = False

    def sql(self) -> str:
        """A query for verdicts, thresholds and statuses."""
        own = "".join(f", {name} => {value!r}" for name, value in self.options.items()).replace(
            "True", "TRUE"
        )
        arguments = f"{', '.join(self.features)}, detector => '{self.detector}'{own}, {self.rule}"
        window = f"{'FILTER (WHERE ref) ' if self.filtered else ''}OVER (PARTITION BY g)"
        names = {"is_anomaly": "found", "anomaly_threshold": "cut", "anomaly_status": "status"}
        calls = ", ".join(f"{name}({arguments}) {window} AS {alias}" for name, alias in names.items())
        return f"SELECT id, {calls} FROM t"

    def expected(self, rows: Sequence[Row]) -> dict[int, tuple[bool | None, float | None, str]]:
        """By id: verdict, threshold, status."""
        where = (lambda row: row["ref"]) if self.filtered else None
        verdicts = judge(
            rows, detector=self.detector, features=self.features, partition=["g"], where=where, **self.options
        )
        scores = [verdict.score for verdict in verdicts]
        found, cuts = self.said(rows, scores)
        return {
            row["id"]: (
                one,
                cut,
                "too_few_rows" if one is None and verdict.score is not None else verdict.status,
            )
            for row, verdict, one, cut in zip(rows, verdicts, found, cuts, strict=True)
        }


def partitions(rows: Sequence[Row], *names: str) -> list[Any]:
    return [group_key([row[name] for name in names or ("g",)]) for row in rows]


def fitted(rows: Sequence[Row]) -> list[bool]:
    return [row["ref"] is True for row in rows]


def fdr(rate: float, scope: str) -> Callable[[Sequence[Row], list[float | None]], Said]:
    return lambda rows, scores: thresholds.false_discoveries(
        scores, fitted(rows), partitions(rows), rate=rate, scope=scope
    )


def budget(count: int, *names: str) -> Callable[[Sequence[Row], list[float | None]], Said]:
    return lambda rows, scores: thresholds.alert_budget(
        scores, partitions(rows, *names), rows=count, tolerance=TOLERANCE
    )


def above(scores: list[float | None], cuts: list[float | None]) -> Said:
    """Scores against thresholds; none without either."""
    found = [
        None if score is None or cut is None else score > cut + TOLERANCE * max(1.0, abs(cut))
        for score, cut in zip(scores, cuts, strict=True)
    ]
    return found, cuts


def pot(rate: float, level: float, *, filtered: bool) -> Callable[[Sequence[Row], list[float | None]], Said]:
    def said(rows: Sequence[Row], scores: list[float | None]) -> Said:
        groups, inside = partitions(rows), fitted(rows) if filtered else [True] * len(rows)
        cuts = {}
        for group in set(groups):
            known = [
                s
                for s, own, fit in zip(scores, groups, inside, strict=True)
                if own == group and fit and s is not None
            ]
            cuts[group] = thresholds.peaks(known, rate=rate, level=level, tolerance=TOLERANCE)
        return above(scores, [cuts[group] for group in groups])

    return said


def usable(value: Any) -> bool:
    return value is not None and math.isfinite(value)


def significance(
    level: float,
    *features: str,
    filtered: bool = False,
    alone: bool = False,
    ignoring: bool = False,
    ddof: int = 1,
    direction: str = "both",
) -> Callable[[Sequence[Row], list[float | None]], Said]:
    def said(rows: Sequence[Row], scores: list[float | None]) -> Said:
        groups = partitions(rows)
        cuts: list[float | None] = []
        for row, group in zip(rows, groups, strict=True):
            inside = not filtered or row["ref"] is True
            parts = []
            for name in features:
                n = sum(
                    each == group and usable(other[name]) and (not filtered or other["ref"] is True)
                    for other, each in zip(rows, groups, strict=True)
                )
                n -= alone and inside and usable(row[name])
                own = inside and not alone
                if ignoring and not usable(row[name]):
                    continue
                shape = {"features": len(features), "ddof": ddof, "direction": direction}
                parts.append(thresholds.student(n, level, own=own, **shape))
            cuts.append(
                None if None in parts or not parts else max(part for part in parts if part is not None)
            )
        return above(scores, cuts)

    return said


CASES = [
    Case("fdr of a partition", "fdr => 0.1", fdr(0.1, "partition"), filtered=True),
    Case("fdr of the query", "fdr => 0.2, scope => 'query'", fdr(0.2, "query"), filtered=True),
    Case("fdr of a robust score", "fdr => 0.3", fdr(0.3, "partition"), detector="mad", filtered=True),
    Case("fdr below what n allows", "fdr => 0.01", fdr(0.01, "partition"), filtered=True),
    Case("budget of a partition", "alert_budget => 3", budget(3)),
    Case("budget beyond the rows", "alert_budget => 1000", budget(1000)),
    Case("budget of a day", "alert_budget => 2, budget_per => day", budget(2, "day")),
    Case("budget of a key", "alert_budget => 4, budget_per => g", budget(4, "g")),
    Case("budget of both", "alert_budget => 1, budget_per => (g, day)", budget(1, "g", "day")),
    Case("peaks", "pot => 0.01, pot_level => 0.75", pot(0.01, 0.75, filtered=False)),
    Case("peaks by others", "pot => 0.02, pot_level => 0.6", pot(0.02, 0.6, filtered=True), filtered=True),
    Case("peaks that are too few", "pot => 0.001", pot(0.001, 0.98, filtered=False)),
    Case("test", "significance => 0.05", significance(0.05, "x"), options={}),
    Case("test upwards", "significance => 0.01", significance(0.01, "x", direction="high")),
    Case("test by others", "significance => 0.05", significance(0.05, "x", filtered=True), options={}, filtered=True),
    Case(
        "test of two",
        "significance => 0.05",
        significance(0.05, "x", "y", filtered=True, ddof=0),
        features=("x", "y"),
        options={"ddof": 0},
        filtered=True,
    ),
    Case(
        "test of what is there",
        "significance => 0.05",
        significance(0.05, "x", "y", ignoring=True),
        features=("x", "y"),
        options={"nulls": "ignore"},
    ),
    Case(
        "test without the row",
        "significance => 0.05",
        significance(0.05, "x", alone=True),
        options={"leave_one_out": True},
    ),
]  # fmt: skip


def check(case: Case, rows: Sequence[Row], found: Sequence[Mapping[str, Any]]) -> None:
    """The engine's answers are those of the reference."""
    expected = case.expected(rows)
    assert len(found) == len(rows)
    for row in found:
        anomaly, cut, status = expected[row["id"]]
        where = (case.name, row, expected[row["id"]])
        assert row["found"] is anomaly or row["found"] == anomaly, where
        assert row["cut"] == (None if cut is None else pytest.approx(cut, rel=1e-8, abs=1e-9)), where
        assert row["status"] == status, where

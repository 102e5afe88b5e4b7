"""A stand-in detector whose native query is known, ``x - AVG(x) OVER w``, so that the rewrite itself can be judged.

A template is one query from which both sides are written. In it ``{{v}}``, ``{{v | (PARTITION BY k)}}`` and
``{{v | (PARTITION BY k) | id > 2}}`` are a score, its OVER and its FILTER; ``{{? v}}`` is a verdict, and
``{{# v}}`` a score that stands alone in the SELECT list without an alias.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Detector, Reduce, Shape, Stats, ThresholdRule
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation


@dataclass(frozen=True, slots=True, kw_only=True)
class Standin(Detector):
    """The signed distance from the mean."""

    name: ClassVar[str] = "standin"
    shape: ClassVar[Shape] = Shape.ROW
    reduce: ClassVar[Reduce] = Reduce.MAX
    default: ClassVar[ThresholdRule] = ThresholdRule(threshold=0.0)
    rows: ClassVar[int] = 1
    ordered: ClassVar[bool] = True
    framed: ClassVar[bool] = True

    def state(self, data: Relation) -> Relation:
        """n and mean."""
        columns: dict[str, Expr] = {}
        for feature in data.features:
            columns[feature.stat("n")] = ops.count(feature.value)
            columns[feature.stat("mean")] = ops.avg(feature.value)
        return data.group("baseline", columns)

    def merge(self, left: Stats, right: Stats) -> Mapping[str, Expr]:
        """The mean of both sides; either may be empty."""
        n = ops.add(left("n"), right("n"))
        sums = [ops.coalesce(ops.mul(side("mean"), side("n")), ops.number(0.0)) for side in (left, right)]
        return {"n": n, "mean": ops.div(ops.total(sums), n)}

    def finish(self, state: Relation) -> Relation:
        """A centre, and a scale that never says constant."""
        columns: dict[str, Expr] = {}
        for feature in state.features:
            columns[feature.stat("centre")] = feature.get("mean")
            columns[feature.stat("scale")] = ops.number(1.0)
        return state.extend("model", columns)

    def term(self, feature: Feature) -> Expr:
        """x - mean."""
        return ops.sub(feature.value, feature.get("centre"))


REGISTRY: Mapping[str, type[Detector]] = {"standin": Standin}
"""The only detector that the compiler knows in these tests."""

_CALL = re.compile(r"\{\{([?#]?)([^{}]+)\}\}")


def as_calls(template: str) -> str:
    """The template with detection calls."""

    def write(kind: str, feature: str, window: str, condition: str) -> str:
        function = "is_anomaly" if kind == "?" else "anomaly_score"
        filter_ = f" FILTER (WHERE {condition})" if condition else ""
        over = f" OVER {window}" if window else ""
        return f"{function}({feature}, detector => 'standin'){filter_}{over}"

    return _written(template, write)


def as_native(template: str) -> str:
    """The template with the native windows that the calls stand for, in DuckDB's SQL."""

    def write(kind: str, feature: str, window: str, condition: str) -> str:
        value = f"CAST({feature} AS DOUBLE)"
        filter_ = f" FILTER (WHERE {condition})" if condition else ""
        over, key = _without_own(window or "()")
        score = f"({value} - AVG({value}){filter_} OVER {over})"
        if key:
            score = f"(CASE WHEN {key} IS NOT NULL THEN {score} END)"
        return {"?": f"({score} > 1e-9)", "#": f"{score} AS anomaly_score"}.get(kind, score)

    return _written(template, write)


def _written(template: str, write: Callable[[str, str, str, str], str]) -> str:
    def replace(match: re.Match[str]) -> str:
        feature, window, condition = ([part.strip() for part in match[2].split("|")] + ["", ""])[:3]
        return write(match[1], feature, window, condition)

    return _CALL.sub(replace, template)


def _without_own(window: str) -> tuple[str, str | None]:
    """The window whose frame leaves out what a call's baseline leaves out, and the order key if it has one."""
    order = re.search(r"ORDER BY (\w+)", window)
    if order is None:
        return window, None
    frame = "EXCLUDE CURRENT ROW" if " ROWS " in window else "RANGE UNBOUNDED PRECEDING EXCLUDE GROUP"
    return f"{window[:-1]} {frame})", order[1]

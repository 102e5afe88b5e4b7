"""Bugs put in on purpose: each must turn the comparison with the reference red, or the matrix proves nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlglot import exp

from sqlnomaly.pushdown import columns, ops
from sqlnomaly.pushdown.contract import Detector
from sqlnomaly.pushdown.fit import Fit
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Extend, Feature, Group, Relation
from sqlnomaly.udfs.ecod import Ecod
from sqlnomaly.udfs.hbos import Hbos
from sqlnomaly.udfs.mad import NORMAL_QUARTILE, Mad
from sqlnomaly.udfs.registry import detectors
from sqlnomaly.udfs.zscore import Zscore
from tests.conformance.ask import SOME, Ask
from tests.conformance.compare import differences
from tests.conformance.conftest import Runners
from tests.conformance.datasets import BY_NAME
from tests.conformance.matrix import expected, lean
from tests.conformance.runners import Registry, Runner

WHERE_IT_SHOWS = ("gaussian", "constant", "constant_then_step", "bin_edges")


def reddened(runner: Runner, detector: str, ask: Ask, registry: Registry | None = None) -> list[str]:
    """The data sets on which the answers differ from the reference's."""
    asked = lean(detector, ask)
    red = []
    for name in WHERE_IT_SHOWS:
        data = BY_NAME[name]
        found = runner.answers(runner.compile(data, detector, asked, registry), data)
        if differences(data, detector, asked, found, expected(data, detector, asked)):
            red.append(name)
    return red


def edited(expr: Expr, old: type[Expr], new: type[Expr]) -> Expr:
    """The expression with every comparison of one kind replaced by another."""

    def rule(part: Expr) -> Expr:
        return new(this=part.this, expression=part.expression) if isinstance(part, old) else part

    return expr.copy().transform(rule)


@dataclass(frozen=True, kw_only=True)
class ZscoreWithTheOtherDdof(Zscore):
    """Divides by n."""

    ddof: int = 0


class ZscoreThatDividesByNothing(Zscore):
    """Takes scale >= 0 for scale > 0."""

    def term(self, feature: Feature) -> Expr:
        return edited(Zscore.term(self, feature), exp.GT, exp.GTE)


class MadWithTheRoundedConstant(Mad):
    """0.6745 for the third quartile of the normal distribution."""

    def finish(self, state: Relation) -> Relation:
        model = Mad.finish(self, state)
        assert isinstance(model.node, Extend)
        rounded = {
            name: ops.div(expr, ops.number(0.6745 / NORMAL_QUARTILE)) for name, expr in model.node.columns.items()
        }
        return replace(model, node=replace(model.node, columns=rounded))


class MadThatDividesByNothing(Mad):
    """Takes scale >= 0 for scale > 0."""

    def term(self, feature: Feature) -> Expr:
        return edited(Mad.term(self, feature), exp.GT, exp.GTE)


class HbosThatDividesByOneLess(Hbos):
    """Densities over n - 1."""

    def finish(self, state: Relation) -> Relation:
        model = Hbos.finish(self, state)
        assert isinstance(model.node, Extend)
        assert isinstance(model.node.data, Extend)
        counts = {part.stat("n"): ops.sub(part.get("n"), ops.integer(1)) for part in state.features}
        levels = {name: ops.rename(expr, counts) for name, expr in model.node.data.columns.items()}
        return replace(model, node=replace(model.node, data=replace(model.node.data, columns=levels)))


class HbosThatCountsEdgesBelow(Hbos):
    """Takes x > edge for x >= edge where it counts."""

    def state(self, data: Relation) -> Relation:
        counts = Hbos.state(self, data)
        assert isinstance(counts.node, Group)
        strict = {name: edited(expr, exp.GTE, exp.GT) for name, expr in counts.node.columns.items()}
        return replace(counts, node=replace(counts.node, columns=strict))


class EcodWithOneMore(Ecod):
    """Shares of n + 1."""

    def term(self, feature: Feature) -> Expr:
        more = {feature.stat("n"): ops.add(feature.get("n"), ops.integer(1))}
        return ops.rename(Ecod.term(self, feature), more)


class EcodThatCountsOnlySmaller(Ecod):
    """Takes values < x for values <= x."""

    def term(self, feature: Feature) -> Expr:
        fewer = {feature.stat("below"): ops.sub(feature.get("below"), ops.integer(1))}
        return ops.rename(Ecod.term(self, feature), fewer)


MUTANTS: Mapping[str, tuple[type[Detector], ...]] = {
    "zscore": (ZscoreWithTheOtherDdof, ZscoreThatDividesByNothing),
    "mad": (MadWithTheRoundedConstant, MadThatDividesByNothing),
    "hbos": (HbosThatDividesByOneLess, HbosThatCountsEdgesBelow),
    "ecod": (EcodWithOneMore, EcodThatCountsOnlySmaller),
}


def test_every_detector_has_mutants() -> None:
    assert set(MUTANTS) == set(detectors())


@pytest.mark.parametrize("detector", MUTANTS)
@pytest.mark.parametrize("engine", ["duckdb"])
def test_without_a_bug_nothing_is_red(engine: str, detector: str, runners: Runners) -> None:
    asks = (Ask(), Ask(where=SOME))
    assert [reddened(runners(engine), detector, ask) for ask in asks] == [[], []]


@pytest.mark.parametrize(
    ("detector", "mutant"), [(name, mutant) for name, found in MUTANTS.items() for mutant in found]
)
@pytest.mark.parametrize("engine", ["duckdb"])
def test_a_wrong_formula_is_red(
    engine: str, detector: str, mutant: type[Detector], runners: Runners
) -> None:
    registry = {**detectors(), detector: mutant}
    assert reddened(runners(engine), detector, Ask(), registry) != []


@pytest.mark.parametrize("detector", MUTANTS)
@pytest.mark.parametrize("engine", ["duckdb"])
def test_a_fit_on_all_rows_is_red(
    engine: str, detector: str, runners: Runners, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unfiltered(*values: Any, **parts: Any) -> Fit:
        return replace(Fit(*values, **parts), fitted=None)

    monkeypatch.setattr(columns, "Fit", unfiltered)
    assert reddened(runners(engine), detector, Ask(where=SOME)) != []

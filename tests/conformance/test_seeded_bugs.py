"""Bugs put in on purpose: each must turn the comparison with the reference red, or the matrix proves nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pytest
from sqlglot import exp

from sqlnomaly.pushdown import columns, explanation, ops, probability, wrap
from sqlnomaly.pushdown.client import ClientFit, Learned
from sqlnomaly.pushdown.contract import Detector
from sqlnomaly.pushdown.fit import Fit
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Extend, Feature, Group, Relation
from sqlnomaly.udfs.ecod import Ecod
from sqlnomaly.udfs.ewma import Ewma
from sqlnomaly.udfs.hbos import Hbos
from sqlnomaly.udfs.iforest import IsolationForest
from sqlnomaly.udfs.iqr import Iqr
from sqlnomaly.udfs.mad import NORMAL_QUARTILE, Mad
from sqlnomaly.udfs.mahalanobis import Mahalanobis
from sqlnomaly.udfs.registry import detectors
from sqlnomaly.udfs.seasonal import Seasonal
from sqlnomaly.udfs.zscore import Zscore
from tests.conformance.ask import SOME, Ask
from tests.conformance.bugs import applied
from tests.conformance.checks import expected
from tests.conformance.compare import differences
from tests.conformance.conftest import Runners
from tests.conformance.datasets import BY_NAME
from tests.conformance.matrix import FIRST, lean
from tests.conformance.runner import Registry, Runner
from tests.conformance.variants import CHANCE, IN_ORDER, WHY, in_order

WHERE_IT_SHOWS = ("gaussian", "constant", "constant_then_step", "bin_edges", "all_null_group")


def reddened(runner: Runner, detector: str, ask: Ask, registry: Registry | None = None) -> list[str]:
    """The data sets on which the answers differ from the reference's."""
    red = []
    for name in WHERE_IT_SHOWS:
        data = BY_NAME[name]
        asked = lean(detector, in_order(data, ask) if detector in IN_ORDER else ask)
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

    def tail(self, feature: Feature, above: Expr) -> Expr:
        more = {feature.stat("n"): ops.add(feature.get("n"), ops.integer(1))}
        return ops.rename(Ecod.tail(self, feature, above), more)


class EcodThatCountsOnlySmaller(Ecod):
    """Takes values < x for values <= x."""

    def tail(self, feature: Feature, above: Expr) -> Expr:
        fewer = {feature.stat("below"): ops.sub(feature.get("below"), ops.integer(1))}
        return ops.rename(Ecod.tail(self, feature, above), fewer)


class IqrInDeviations(Iqr):
    """Widths of the middle half of a normal distribution, as if they were standard deviations."""

    def finish(self, state: Relation) -> Relation:
        model = Iqr.finish(self, state)
        assert isinstance(model.node, Extend)
        wider = {
            name: ops.div(expr, ops.number(2 * NORMAL_QUARTILE)) if name.endswith("__scale") else expr
            for name, expr in model.node.columns.items()
        }
        return replace(model, node=replace(model.node, columns=wider))


class IqrThatDividesByNothing(Iqr):
    """Takes scale >= 0 for scale > 0."""

    def term(self, feature: Feature) -> Expr:
        return edited(Iqr.term(self, feature), exp.GT, exp.GTE)


@dataclass(frozen=True, kw_only=True)
class MahalanobisWithTheOtherDdof(Mahalanobis):
    """Divides by n."""

    ddof: int = 0


class MahalanobisOfEveryValue(Mahalanobis):
    """Takes the moments of a feature over all rows that have it, whatever else they miss."""

    def state(self, data: Relation) -> Relation:
        moments = Mahalanobis.state(self, data)
        assert isinstance(moments.node, Group)
        every = {
            feature.stat("above"): ops.sub(feature.value, feature.get("low")) for feature in data.features
        }
        columns = {name: ops.rename(expr, every) for name, expr in moments.node.columns.items()}
        return replace(moments, node=replace(moments.node, columns=columns))


@dataclass(frozen=True, kw_only=True)
class EwmaThatForgetsFaster(Ewma):
    """Another alpha."""

    alpha: float = 0.21


class EwmaAmongPeers(Ewma):
    """Judges a row by the row before it, of the same order key or not."""

    def follow(self, data: Relation) -> Relation:
        model = Ewma.follow(self, data)
        assert isinstance(model.node, Extend)
        stats = ("level", "variance", "count", "low", "high")
        last = {
            feature.stat(f"{stat}_earlier"): feature.get(f"{stat}_found")
            for feature in data.features
            for stat in stats
        }
        columns = {name: ops.rename(expr, last) for name, expr in model.node.columns.items()}
        return replace(model, node=replace(model.node, columns=columns))


class SeasonalAmongPeers(Seasonal):
    """Counts rows of the same order key as rows before."""

    def follow(self, data: Relation) -> Relation:
        def rule(part: Expr) -> Expr:
            return ops.func("ROW_NUMBER") if isinstance(part, exp.Anonymous) and part.name == "RANK" else part

        peerless: Relation = applied(Seasonal.follow(self, data), rule)
        return peerless


class SeasonalOfTheWholeScale(Seasonal):
    """Takes the root of the sum of both squares for that of their mean."""

    def follow(self, data: Relation) -> Relation:
        model = Seasonal.follow(self, data)
        assert isinstance(model.node, Extend)
        wider = {name: ops.mul(ops.number(2**0.5), expr) for name, expr in model.node.columns.items()}
        return replace(model, node=replace(model.node, columns=wider))


class IforestOfSmallerTrees(IsolationForest):
    """Grows each tree on one row less."""

    def learn(self, rows: pa.Table, fit: ClientFit) -> Learned:
        return IsolationForest.learn(replace(self, max_samples=self.max_samples - 1), rows, fit)


class IforestOfOtherCuts(IsolationForest):
    """Draws the right rows, and cuts them by another seed."""

    def learn(self, rows: pa.Table, fit: ClientFit) -> Learned:
        return IsolationForest.learn(replace(self, random_state=self.random_state + 1), rows, fit)


MUTANTS: Mapping[str, tuple[type[Detector], ...]] = {
    "zscore": (ZscoreWithTheOtherDdof, ZscoreThatDividesByNothing),
    "mad": (MadWithTheRoundedConstant, MadThatDividesByNothing),
    "hbos": (HbosThatDividesByOneLess, HbosThatCountsEdgesBelow),
    "ecod": (EcodWithOneMore, EcodThatCountsOnlySmaller),
    "iqr": (IqrInDeviations, IqrThatDividesByNothing),
    "mahalanobis": (MahalanobisWithTheOtherDdof, MahalanobisOfEveryValue),
    "ewma": (EwmaThatForgetsFaster, EwmaAmongPeers),
    "seasonal": (SeasonalAmongPeers, SeasonalOfTheWholeScale),
    "iforest": (IforestOfSmallerTrees, IforestOfOtherCuts),
}


def test_every_one_of_the_first_detectors_has_mutants() -> None:
    assert set(MUTANTS) >= FIRST


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


@pytest.mark.parametrize("detector", ["zscore", "mahalanobis"])
@pytest.mark.parametrize("engine", ["duckdb"])
def test_a_probability_that_counts_only_higher_scores_is_red(
    engine: str, detector: str, runners: Runners, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = probability.probability

    def fewer(fit: Fit, scored: Any) -> Expr:
        below = f"{fit.prefix}__not_below"
        return ops.rename(honest(fit, scored), {below: ops.sub(ops.column(below), ops.integer(1))})

    assert reddened(runners(engine), detector, Ask(functions=CHANCE, where=SOME)) == []
    monkeypatch.setattr(wrap, "probability", fewer)
    assert reddened(runners(engine), detector, Ask(functions=CHANCE, where=SOME)) != []


@pytest.mark.parametrize("detector", ["zscore", "mahalanobis"])
@pytest.mark.parametrize("engine", ["duckdb"])
def test_an_explanation_that_puts_the_least_first_is_red(
    engine: str, detector: str, runners: Runners, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert reddened(runners(engine), detector, Ask(functions=WHY)) == []
    monkeypatch.setattr(explanation, "HIGHEST", -2e300)
    assert reddened(runners(engine), detector, Ask(functions=WHY)) != []

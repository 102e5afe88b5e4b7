"""The rules by which a score becomes a verdict, beside a fixed threshold and a contamination: at most one a call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeGuard

from sqlglot import exp

from sqlnomaly.errors import CallError, UnsupportedError
from sqlnomaly.pushdown.contract import Detector
from sqlnomaly.pushdown.ops import Expr

MEANINGS: Mapping[str, str] = {
    "threshold": "the score",
    "contamination": "the share of fitted rows",
    "fdr": "the share of false alarms among the alarms",
    "alert_budget": "the number of alarms",
    "pot": "the chance of a score by the tail of the fitted scores",
    "significance": "the chance of a score by the detector's own test",
}
"""Option -> what it fixes."""
PARTS: Mapping[str, str] = {"scope": "fdr", "budget_per": "alert_budget", "pot_level": "pot"}
"""Option -> the rule that it is a part of."""
EXAMPLES: Mapping[str, str] = {"fdr": "fdr => 0.05", "alert_budget": "alert_budget => 10", "pot": "pot => 0.0001"}
SCOPES = ("partition", "query")
LEVEL = 0.98
"""The default of ``pot_level``."""
TAILS = (0.5, 0.999)
"""The lowest and the highest level at which a tail may begin."""
LEAST_SIGNIFICANCE = 1e-12
"""Below it no quantile of a test holds to nine digits."""


@dataclass(frozen=True, slots=True)
class FalseDiscoveries:
    """Benjamini and Hochberg's rule over the rows that FILTER left out.

    Attributes:
        rate: the share of false alarms among the alarms, on average.
        scope: which of these rows are tested together, one of SCOPES.
    """

    name: ClassVar[str] = "fdr"

    rate: float
    scope: str

    def words(self) -> str:
        """The rule in a phrase."""
        among = "of the same partition" if self.scope == "partition" else "of the whole query"
        return f"{self.name} = {self.rate:g}: Benjamini-Hochberg over the rows {among} that FILTER leaves out"


@dataclass(frozen=True, slots=True)
class AlertBudget:
    """The rows with the highest scores, so many at most.

    Attributes:
        rows: how many.
        per: the expressions whose values have a budget each, over all partitions; without any, partitions have.
    """

    name: ClassVar[str] = "alert_budget"

    rows: int
    per: tuple[Expr, ...] = ()

    def words(self) -> str:
        """The rule in a phrase."""
        each = ", ".join(part.sql() for part in self.per) or "partition"
        return f"{self.name} = {self.rows}: the highest scores of each {each}, all of a tie or none"


@dataclass(frozen=True, slots=True)
class Peaks:
    """The score that is exceeded with a small probability, by the tail of the fitted scores.

    Attributes:
        rate: the probability.
        level: the quantile where the tail begins.
    """

    name: ClassVar[str] = "pot"

    rate: float
    level: float

    def words(self) -> str:
        """The rule in a phrase."""
        tail = f"a generalized Pareto tail above the {self.level:g} quantile of the fitted scores"
        return f"{self.name} = {self.rate:g}: {tail}"


@dataclass(frozen=True, slots=True)
class Significance:
    """The score that a row without anomaly exceeds with a small probability, by the detector's own test."""

    name: ClassVar[str] = "significance"

    level: float

    def words(self) -> str:
        """The rule in a phrase."""
        return f"{self.name} = {self.level:g}: what the detector's own test allows so many rows"


By = FalseDiscoveries | AlertBudget | Peaks | Significance
"""A rule that is neither a threshold nor a contamination."""


def read_rule(values: Mapping[str, Any], detector: Detector, features: int, shown: str) -> By | None:
    """The rule among a call's options that is neither a threshold nor a contamination, or None.

    Raises:
        CallError: several rules, a number out of range, or a part of a rule that is not there.
        UnsupportedError: a test that the detector does not have.
    """
    given = [rule for rule in MEANINGS if rule in values]
    if len(given) > 1:
        first, *others = (f"{rule} {MEANINGS[rule]}" for rule in given)
        meanings = ", ".join([first.replace(" ", " fixes ", 1), *others])
        raise CallError(
            f"{' and '.join(given)} exclude each other", where=shown, hint=f"{meanings}; keep one"
        )
    for part, rule in PARTS.items():
        if part in values and rule not in values:
            raise CallError(f"{part} is a part of {rule}", where=shown, hint=f"give {EXAMPLES[rule]}, or leave it out")
    if not given:
        return None
    name = given[0]
    value = values[name]
    if name == "contamination" and not 0 < value <= 0.5:
        raise _out_of_range(name, value, "above 0, at most 0.5", shown)
    if name == "fdr":
        if not 0 < value <= 0.5:
            raise _out_of_range(name, value, "above 0, at most 0.5", shown)
        return FalseDiscoveries(value, values.get("scope", "partition"))
    if name == "alert_budget":
        if value < 1:
            raise _out_of_range(name, value, "1 or more", shown)
        return AlertBudget(value, values.get("budget_per", ()))
    if name == "pot":
        return _peaks(value, values.get("pot_level", LEVEL), shown)
    if name == "significance":
        return _significance(value, detector, features, shown)
    return None


BESIDE = frozenset({*MEANINGS, *PARTS}) - {"threshold", "contamination"}
"""The options that give a rule which is neither a threshold nor a contamination."""


def over_rows(rule: By | None) -> TypeGuard[FalseDiscoveries | AlertBudget]:
    """Whether a rule judges a set of rows together, so that no row has a verdict by itself."""
    return isinstance(rule, FalseDiscoveries | AlertBudget)


def options_of(rule: By) -> dict[str, Any]:
    """The options that give a rule, as a model keeps them.

    Example:
        >>> options_of(Peaks(0.001, 0.98)), options_of(AlertBudget(10, (exp.column("day"),)))
        ({'pot': 0.001, 'pot_level': 0.98}, {'alert_budget': 10, 'budget_per': ['day']})
    """
    if isinstance(rule, FalseDiscoveries):
        return {"fdr": rule.rate, "scope": rule.scope}
    if isinstance(rule, Peaks):
        return {"pot": rule.rate, "pot_level": rule.level}
    if isinstance(rule, Significance):
        return {"significance": rule.level}
    per = [part.sql() for part in rule.per]
    return {"alert_budget": rule.rows} | ({"budget_per": per} if per else {})


def rule_of(options: Mapping[str, Any], detector: Detector, features: int) -> By | None:
    """The rule that options of a model give.

    Raises:
        CallError: for what is no rule.
        UnsupportedError: a test that the detector does not have.
        ValueError, TypeError: values of another type.
    """
    values = dict(options)
    if any(type(value) not in (int, float) for name, value in values.items() if name in MEANINGS):
        raise TypeError("a rule is a number")
    if type(values.get("alert_budget", 1)) is not int or values.get("scope", SCOPES[0]) not in SCOPES:
        raise TypeError("a budget is a number of rows, a scope is one of the partition or of the query")
    if "budget_per" in values:
        values["budget_per"] = tuple(exp.column(_name(word)) for word in values["budget_per"])
    return read_rule(values, detector, features, "the rule of a model")


def _name(word: str) -> exp.Identifier:
    """A name as ``options_of`` writes it."""
    quoted = word.startswith('"')
    return exp.to_identifier(word[1:-1].replace('""', '"') if quoted else word, quoted=quoted)


def _peaks(rate: float, level: float, shown: str) -> Peaks:
    lowest, highest = TAILS
    if not lowest <= level <= highest:
        raise _out_of_range("pot_level", level, f"{lowest:g} to {highest:g}", shown)
    if not 0 < rate < 1:
        raise _out_of_range("pot", rate, "above 0, below 1 - pot_level", shown)
    if rate >= (1.0 - level) * (1.0 - 1e-9):  # 1 - 0.98 is more than 0.02
        raise CallError(
            f"pot => {rate:g} is no rarer than the tail, which is {1.0 - level:g} of the rows",
            where=shown,
            hint=f"contamination => {min(rate, 0.5):g} is the quantile itself; or give a smaller pot or pot_level",
        )
    return Peaks(rate, level)


def _significance(level: float, detector: Detector, features: int, shown: str) -> Significance:
    if not LEAST_SIGNIFICANCE <= level < 1:
        raise _out_of_range("significance", level, f"{LEAST_SIGNIFICANCE:g} or more, below 1", shown)
    if detector.significant(100.0, level, features=features, own=True) is None:
        raise UnsupportedError(
            f"significance is refused by {detector.name}: no test says how high its score may be by chance",
            where=shown,
            hint="contamination => 0.01 is a share of the fitted rows; zscore and mahalanobis have a test",
        )
    return Significance(level)


def read_keys(node: Expr, shown: str) -> tuple[Expr, ...]:
    """The expressions of ``budget_per``: one, or a list of them.

    Raises:
        CallError: a literal, which has one value for all rows.
    """
    inner = node.unnest()
    keys = tuple(inner.expressions) if isinstance(inner, exp.Array | exp.Tuple) else (inner,)
    fixed = [key for key in keys if not any(True for _ in key.find_all(exp.Column))]
    if fixed or not keys:
        raise CallError(
            f"budget_per takes an expression over the rows, not {(fixed or [node])[0].sql()}",
            where=shown,
            hint="budget_per => day, or a list: [store, day]; in detect_anomalies a name: budget_per => 'day'",
        )
    return keys


def _out_of_range(name: str, value: float, allowed: str, shown: str) -> CallError:
    return CallError(f"{name} => {value:g} is out of range", where=shown, hint=allowed)

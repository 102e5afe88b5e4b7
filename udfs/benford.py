"""benford: how much more often than by Benford's law a value's first digit comes, in standard errors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.contract import Detector, Reduce, Shape, ThresholdRule
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Relation

DIGITS = range(1, 10)
"""The first digits that there are."""
FEWEST = 20
"""Digits that shares are taken of."""
ROUNDING = 1e-12
"""A value that is this share below the next digit has that one: 0.3 is less than three tenths, and means them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Benford(Detector):
    """How over-represented a value's first significant digit is among the fitted values, the largest over the features.

    score = max_j (O / n - p) / sqrt(p (1 - p) / n), where O of the n values of the feature begin with the digit d of
    the value, and p = log10(1 + 1 / d) should. Benford, The Law of Anomalous Numbers (1938), doi:10.2307/984802; the
    test of a digit is that of Nigrini, Benford's Law (2012), ISBN 978-1118152850, without correction for continuity.
    The sign does not count, nor do zeros: a zero has no first digit and scores 0, neither more nor less often than it
    should.

    It judges the numbers of a group together: all rows whose digit is too frequent are told, to be looked at first.
    Amounts, counts and distances that span several orders of magnitude follow the law; assigned numbers, prices with a
    fixed step and values between bounds do not.

    Fit: eleven counts a feature, one scan. States merge by adding up.

    Edge cases: a digit is that of the value to twelve significant digits. A digit that no fitted value has scores
    below 0, as does one that is too rare. There is no constant baseline: values that are all the same are what the
    score is about. Fewer than ``min_rows`` (default 50) values, or fewer than 20 other than 0, give NULL; for the
    rarest digit the normal distribution takes 110. With many thousands of rows small deviations are significant: raise
    the threshold.

    Default threshold: 2.5758293035489004, the two-sided level of 1 % that auditors use for one digit.

    Example:
        >>> import sqlnomaly
        >>> amounts = "SELECT ROUND(POWER(10, i / 50.0), 2) AS amount FROM range(100) AS t(i)"
        >>> rows = f"({amounts} UNION ALL SELECT 4900 + i FROM range(20) AS t(i))"
        >>> query = f"SELECT amount, ROUND(anomaly_score(amount, detector => 'benford'), 4) AS score FROM {rows}"
        >>> sqlnomaly.connect().sql(f"{query} ORDER BY score DESC, amount LIMIT 1").fetchall()
        [(4.17, 5.0516)]
    """

    name: ClassVar[str] = "benford"
    finds: ClassVar[str] = "groups of numbers whose first digits are not those of natural numbers"
    choose: ClassVar[str] = "amounts may be invented, rounded or kept below a limit"
    shape: ClassVar[Shape] = Shape.ROW
    reduce: ClassVar[Reduce] = Reduce.MAX
    default: ClassVar[ThresholdRule] = ThresholdRule(threshold=2.5758293035489004)
    rows: ClassVar[int] = 50
    no_removal: ClassVar[str] = "one row of many hardly changes how frequent a digit is"

    def state(self, data: Relation) -> Relation:
        """How many values begin with each digit."""
        columns: dict[str, Expr] = {}
        for feature in data.features:
            digit = feature.get("digit")
            columns[feature.stat("n")] = ops.count(feature.value)
            columns[feature.stat("digits")] = ops.count(digit)
            for number in DIGITS:
                columns[feature.stat(f"count_{number}")] = ops.count_if(ops.eq(digit, ops.number(number)))
        return _with_digits(data).group("frequencies", columns)

    def pool(self, states: Relation) -> Relation:
        """The sums of the counts."""
        names = ("n", "digits", *(f"count_{number}" for number in DIGITS))
        counts = [feature.stat(name) for feature in states.features for name in names]
        return states.group("pooled", {name: ops.cast_integer(ops.sum_(ops.column(name))) for name in counts})

    def finish(self, state: Relation) -> Relation:
        """How over-represented each digit is."""
        columns: dict[str, Expr] = {}
        for feature in state.features:
            enough = ops.ge(feature.get("digits"), ops.integer(FEWEST))
            n = ops.case((enough, ops.cast_double(feature.get("digits"))))
            columns[feature.stat("scale")] = ops.number(1.0)
            for number in DIGITS:
                share = math.log10(1.0 + 1.0 / number)
                count = ops.cast_double(feature.get(f"count_{number}"))
                more = ops.sub(count, ops.mul(n, ops.number(share)))
                error = ops.sqrt(ops.mul(n, ops.number(share * (1.0 - share))))
                columns[feature.stat(f"level_{number}")] = ops.div(more, error)
        return state.extend("model", columns)

    def meet(self, data: Relation, model: Relation) -> Relation:
        """The rows with their first digits, beside the model."""
        return _with_digits(data).match(model)

    def term(self, feature: Feature) -> Expr:
        """How over-represented the value's digit is."""
        digit, enough = feature.get("digit"), ops.ge(feature.get("digits"), ops.integer(FEWEST))
        zero = ops.and_(ops.eq(feature.value, ops.number(0.0)), enough)
        levels = [(ops.eq(digit, ops.number(number)), feature.get(f"level_{number}")) for number in DIGITS]
        return ops.case((zero, ops.number(0.0)), *levels)

    def unscored(self, features: Sequence[Feature]) -> Sequence[tuple[Expr, str]]:
        """A feature with fewer digits than shares are taken of."""
        few = (ops.lt(feature.get("digits"), ops.integer(FEWEST)) for feature in features)
        there = (ops.not_null(feature.value) for feature in features)
        return [(ops.or_(*map(ops.and_, there, few)), "too_few_rows")]

    def constant(self, feature: Feature) -> Expr:
        """Never."""
        return ops.false()


def _with_digits(data: Relation) -> Relation:
    """The rows with the first digit of each feature; a zero has none."""
    first = {feature.stat("lead"): _lead(feature.value) for feature in data.features}
    second = {feature.stat("digit"): _digit(feature.get("lead")) for feature in data.features}
    return data.extend("leads", first).extend("digits", second)


def _lead(value: Expr) -> Expr:
    """|value| / 10^k for the whole k that brings it to between 0.9 and 11, in two steps, as 10^324 is no double."""
    logarithm = ops.mul(ops.ln(ops.abs_(value)), ops.number(1.0 / math.log(10.0)))
    power = ops.floor(logarithm)
    half = ops.floor(ops.mul(power, ops.number(0.5)))
    first = ops.func("POWER", ops.number(10.0), half)
    second = ops.func("POWER", ops.number(10.0), ops.sub(power, half))
    return ops.div(ops.div(ops.abs_(value), first), second)


def _digit(lead: Expr) -> Expr:
    """The first digit, whatever the logarithm made of a power of ten."""
    raised = ops.mul(lead, ops.number(1.0 + ROUNDING))
    digit = ops.floor(raised)
    return ops.case(
        (ops.ge(raised, ops.number(10.0)), ops.number(1.0)),
        (ops.lt(raised, ops.number(1.0)), ops.number(9.0)),
        (ops.not_null(lead), digit),
    )

"""The explanation of a score: its features as JSON text, the one that contributes most first."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature
from sqlnomaly.pushdown.scored import LOWEST
from sqlnomaly.pushdown.verdict import Answers

HIGHEST = 1e300
"""Stands for the contribution of the feature that is the reason."""


class Explained:
    """Rows with an explanation: no engine sorts in the same way inside a row, so each feature counts those before it.

    Args:
        answers: the answers of one rule over scored rows.
        suffix: tells the columns of this rule from those of others.
    """

    def __init__(self, answers: Answers, suffix: str) -> None:
        fit, scored = answers.fit, answers.scored
        self.features = fit.features
        self.first = f"{fit.prefix}__first{suffix}"
        self.suffix = suffix
        rows = fit.relation(scored.node).extend("reasons", {self.first: answers.foremost()})
        columns: dict[str, Expr] = {}
        expects = fit.detector.expected(fit.features) is not None
        for number, (feature, term) in enumerate(zip(fit.features, scored.terms, strict=True), start=1):
            columns[self._item(feature)] = _object(
                feature, feature.get("expected") if expects else None, ops.column(term)
            )
            columns[self._key(feature)] = ops.case(
                (ops.eq(ops.column(self.first), ops.integer(number)), ops.number(HIGHEST)),
                default=ops.coalesce(ops.column(term), ops.number(LOWEST)),
            )
        rows = rows.extend("items", columns)
        if len(self.features) > 1:
            rows = rows.extend("places", {self._place(f): self._before(n) for n, f in enumerate(self.features)})
        self.scored = replace(scored, node=rows.node)

    def text(self) -> Expr:
        """The JSON text; NULL where there is no reason."""
        items = [self._at(place) for place in range(1, len(self.features) + 1)]
        parts: list[Expr] = [ops.text("[")]
        for item in items:
            parts += [item, ops.text(", ")]
        parts[-1] = ops.text("]")
        return ops.case((ops.not_null(ops.column(self.first)), ops.concat(parts)))

    def _item(self, feature: Feature) -> str:
        return feature.stat(f"item{self.suffix}")

    def _key(self, feature: Feature) -> str:
        return feature.stat(f"key{self.suffix}")

    def _place(self, feature: Feature) -> str:
        return feature.stat(f"place{self.suffix}")

    def _before(self, index: int) -> Expr:
        """The place of a feature, from 1: behind each with a larger key, or with an equal one and a lower number."""
        own = ops.column(self._key(self.features[index]))
        ahead: list[Expr] = [ops.integer(1)]
        for number, other in enumerate(self.features):
            if number != index:
                key = ops.column(self._key(other))
                goes = ops.ge(key, own) if number < index else ops.gt(key, own)
                ahead.append(ops.case((goes, ops.integer(1)), default=ops.integer(0)))
        return ops.total(ahead)

    def _at(self, place: int) -> Expr:
        """The feature that comes at a place."""
        if len(self.features) == 1:
            return ops.column(self._item(self.features[0]))
        return ops.case(
            *(
                (ops.eq(ops.column(self._place(feature)), ops.integer(place)), ops.column(self._item(feature)))
                for feature in self.features
            )
        )


def _object(feature: Feature, expected: Expr | None, contribution: Expr) -> Expr:
    """One feature as a JSON object."""
    value = _quoted(feature.value) if feature.category else _number(feature.value)
    parts: Sequence[Expr] = [
        ops.text(f'{{"feature": {json.dumps(feature.name, ensure_ascii=False)}, "value": '),
        value,
        ops.text(', "expected": '),
        ops.text("null") if expected is None else _number(expected),
        ops.text(', "contribution": '),
        _number(contribution),
        ops.text("}"),
    ]
    return ops.concat(parts)


def _number(value: Expr) -> Expr:
    return ops.coalesce(ops.special("number_text", value), ops.text("null"))


ESCAPED = (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"))
"""What JSON text may not hold as it is, and what stands for it; other control characters are left."""


def _quoted(value: Expr) -> Expr:
    """A category as JSON text."""
    safe = value
    for character, escaped in ESCAPED:
        safe = ops.func("REPLACE", safe, ops.text(character), ops.text(escaped))
    return ops.coalesce(ops.concat([ops.text('"'), safe, ops.text('"')]), ops.text("null"))

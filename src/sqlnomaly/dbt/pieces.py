"""Small pieces of SQL that the package takes from the compiler: slots of the calendar, critical values of a test."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from sqlnomaly.compiling import compile  # noqa: A004  (the public name)
from sqlnomaly.dbt.folding import tokens
from sqlnomaly.dbt.jinja import spaced
from sqlnomaly.pushdown.calendars import DATED
from sqlnomaly.pushdown.season import SLOTS
from sqlnomaly.udfs.registry import detectors

LEVELS = (0.1, 0.05, 0.02, 0.01, 0.005, 0.003, 0.002, 0.001, 0.0005, 0.0002, 0.0001, 0.00001, 0.000001)
"""Significances whose critical values are written down."""
FEW = 40
"""Up to so many rows each has a critical value of its own; beyond, a polynomial in 1/n of degree DEGREE."""
DEGREE = 5
SLOTTED = """
SELECT anomaly_score(x1, season => '{slot}') OVER (ORDER BY CAST(sn_order AS TIMESTAMP)) AS score FROM sn_relation
"""
_END = "_sn__slot1"


def slots(dialect: str) -> Iterator[tuple[str, str]]:
    """Each slot of the calendar, by its name, as an expression over ``sn_order``."""
    schema = {"sn_relation": {"x1": "DOUBLE", "sn_order": "TIMESTAMP"}}
    for name in SLOTS:
        if name in DATED:
            continue
        words = tokens(compile(SLOTTED.replace("{slot}", name), write=dialect, schema=schema).sql)
        yield name, spaced(_item(words, words.index(_END) - 1))


def _item(words: tuple[str, ...], end: int) -> tuple[str, ...]:
    """The expression of a select list that ends before a position."""
    depth, begins = 0, end
    while depth or words[begins - 1] != ",":
        begins -= 1
        depth += {")": 1, "(": -1}.get(words[begins], 0)
    return words[begins:end]


def criticals(sides: int) -> Mapping[str, Mapping[str, list[float]]]:
    """Level -> what a z-score of one new value exceeds with that probability: for 3 to FEW rows, and the polynomial.

    ``sides`` is 2 for both directions and 1 for one. The values are ``zscore``'s own (t sqrt(1 + 1/n) with n - 1
    degrees of freedom); the polynomial runs through six of them between FEW and no end, and is theirs to nine digits.
    """
    kind = detectors()["zscore"]
    detector = kind(direction="both" if sides == 2 else "high")  # type: ignore[call-arg]

    def at(rows: float, level: float) -> float:
        found = detector.significant(rows, level, features=1, own=False)
        assert found is not None
        return found

    found: dict[str, Mapping[str, list[float]]] = {}
    for level in LEVELS:
        few = [at(rows, level) for rows in range(3, FEW + 1)]
        found[f"{level:.10f}".rstrip("0")] = {"few": few, "many": _through(lambda x, level=level: at(1 / x, level))}
    return found


def _through(of) -> list[float]:  # type: ignore[no-untyped-def]
    """The polynomial through DEGREE + 1 points of a function of 1/n, at Chebyshev's places, the constant first."""
    import numpy as np

    edge = 1.0 / FEW
    places = [edge / 2 * (1 + math.cos(math.pi * (2 * k + 1) / (2 * DEGREE + 2))) for k in range(DEGREE + 1)]
    values = [of(place) for place in places]
    return [float(c) for c in np.polynomial.polynomial.polyfit(np.array(places), np.array(values), DEGREE)]

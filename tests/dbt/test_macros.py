"""The generated macros of the dbt package: what Jinja makes of them is what the compiler makes of the same call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import Environment

from sqlnomaly.dbt import package
from sqlnomaly.dbt.bodies import DIALECTS, Body, bodies
from sqlnomaly.dbt.folding import tokens
from sqlnomaly.dbt.options import number

MACROS = package.FOLDER / package.GENERATED
FILES = sorted(path.relative_to(MACROS).as_posix() for path in MACROS.glob("*/*.sql"))
"""The generated macros: one file a dialect and detector."""
EVERYDAY = [(detector, "duckdb") for detector in ("zscore", "ecod", "seasonal", "rare_values", "hbos")]
"""Detectors whose statements fold, do not, have a season, take text, have options; of the others a dialect each."""


class RefusedError(Exception):
    """What a macro refuses."""


def macro(dialect: str, detector: str) -> Any:
    """The macro of a file, with what it calls of the package."""
    environment = Environment(extensions=["jinja2.ext.do"], autoescape=False)
    values = environment.from_string((package.FOLDER / "macros/base/values.sql").read_text(encoding="utf-8")).module

    def refuse(*_: Any) -> None:
        raise RefusedError

    used = SimpleNamespace(real=values.real, whole=values.whole, only_options=lambda *_: None, no_such_way=refuse)
    text = (MACROS / dialect / f"{detector}.sql").read_text(encoding="utf-8")
    module = environment.from_string(text, globals={"sqlnomaly": used}).module
    return getattr(module, f"{dialect}__sqlnomaly_{detector}")


def call(body: Body, features: int, options: Mapping[str, float]) -> dict[str, Any]:
    """What a macro is called with, a name for each thing of a user's."""
    way = body.way
    names = {name: f"sn_{name}" for name in ("relation", "columns", "key", "filter")}
    judged = [{"value": f"x{at}", "literal": f"'x{at}'"} for at in range(1, features + 1)]
    order = "sn_order" if way.ordered else None
    said = {"rule": way.rule, "direction": way.direction, "season": way.season}
    return {**names, "order": order, "features": judged, **said, **options}


def same(left: Sequence[str], right: Sequence[str]) -> bool:
    """Whether two statements are one, numbers to their last digits."""
    if len(left) != len(right):
        return False
    for one, other in zip(left, right, strict=True):
        if one != other:
            numbers = number(one), number(other)
            if None in numbers or numbers[0] != pytest.approx(numbers[1], rel=1e-12):
                return False
    return True


@pytest.mark.parametrize(
    ("detector", "dialect"),
    [
        pytest.param(
            detector,
            dialect,
            marks=() if number % len(DIALECTS) == at or (detector, dialect) in EVERYDAY else pytest.mark.thorough,
        )
        for number, detector in enumerate(package.DETECTORS)
        for at, dialect in enumerate(DIALECTS)
    ],
)
def test_a_macro_says_what_the_compiler_says(detector: str, dialect: str) -> None:
    asked_for = macro(dialect, detector)
    seen = 0
    for body in bodies(detector, dialect):
        way = body.way
        asked = body.asked
        given = {name: round(value * 1.01, 7) for name, value in asked.values(1).items()}
        given |= {"min_rows": 12, way.rule: 4.5 if way.rule == "threshold" else 0.07}
        for features in (way.features,) if way.features else (2, 3, 7):
            expected = asked.statement(features, **given)
            assert same(tokens(asked_for(call(body, features, given))), expected), (way, features)
            seen += 1
    assert seen


def test_a_way_that_is_not_there_is_refused() -> None:
    body = next(bodies("ecod", "duckdb"))
    with pytest.raises(RefusedError):
        macro("duckdb", "ecod")({**call(body, 1, {}), "order": "day"})


def test_every_detector_has_macros_of_every_dialect() -> None:
    assert set(FILES) == {f"{dialect}/{detector}.sql" for dialect in DIALECTS for detector in package.DETECTORS}

"""Generated names fit into what every engine takes; a name of the user's that does not is refused."""

from __future__ import annotations

from contextlib import suppress
from itertools import product

import pytest
import sqlglot
from sqlglot import exp, parse_one

from sqlnomaly.dialects import DIALECTS, get_dialect
from sqlnomaly.errors import CallError, UnsupportedError
from sqlnomaly.pushdown.calls import BAND, OUTPUTS
from sqlnomaly.pushdown.compiler import compile_sql
from sqlnomaly.pushdown.contract import Categories, Detector
from sqlnomaly.pushdown.names import LONGEST_WORD, Names, check_lengths, identifiers, slugs
from sqlnomaly.udfs.registry import detectors

LONG = "w" * LONGEST_WORD
SHORTEST_LIMIT = min(dialect.max_identifier for dialect in DIALECTS.values())

WINDOWS = (
    "PARTITION BY k", "PARTITION BY k ORDER BY CAST(d AS DATE)", "ORDER BY d ROWS BETWEEN 3 PRECEDING AND 2 FOLLOWING",
)  # fmt: skip
OPTIONS = ("", ", leave_one_out => TRUE", ", nulls => 'anomalous', min_effect => 1, contamination => 0.1")
ALL = tuple(name for name in OUTPUTS if name not in BAND)
ORDERED = tuple(name for name in ALL if name != "anomaly_probability")
EARLIER = ", ".join(f"anomaly_score(x, min_rows => {number}) AS o{number}" for number in range(2, 13))
"""Eleven other fits, so that the names of the one looked at begin with two digits."""


def generated_names(dialect: str, detector: str) -> list[str]:
    """The identifiers of what calls of a detector on features of long, equal names compile to, longest last."""
    found: set[str] = set()
    for window, option in product(WINDOWS, OPTIONS):
        arguments = f"a AS {LONG}, b AS {LONG}, c AS {LONG}, detector => '{detector}'{option}"
        outputs = ORDERED if "ORDER" in window else ALL
        calls = ", ".join(f"{name}({arguments}) OVER ({window}) AS {name}" for name in outputs)
        with suppress(UnsupportedError, CallError):
            sql = compile_sql(
                f"SELECT {EARLIER}, {calls} FROM t", read=dialect, write=dialect, registry=detectors()
            ).sql
            found |= {node.name for node in sqlglot.parse_one(sql, read=dialect).find_all(exp.Identifier)}
    return sorted(found, key=len)


def plain(kind: type[Detector]) -> bool:
    """Whether a detector takes any number of numbers, and a dialect that takes no functions has it."""
    free = kind.categories is Categories.NONE and kind.least == 1 and not kind.usual
    return free and not kind.by_function and not kind().on_client


@pytest.mark.parametrize("dialect", ["postgres", "redshift"])
@pytest.mark.parametrize("detector", sorted(name for name, kind in detectors().items() if plain(kind)))
def test_generated_names_are_not_cut(dialect: str, detector: str) -> None:
    names = generated_names(dialect, detector)
    assert any(name.startswith(f"_sn12_{LONG}_3") for name in names), "the fits are no longer numbered"
    assert len(names[-1].encode()) <= SHORTEST_LIMIT, names[-1]


def test_a_name_of_63_bytes_passes_on_postgres() -> None:
    check_lengths(parse_one(f"SELECT x AS {'a' * 63} FROM t"), get_dialect("postgres"))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT x AS {} FROM t",
        "SELECT {} FROM t",
        "SELECT x FROM {}",
        "SELECT x FROM t AS {}",
        'SELECT x AS "{}" FROM t',
        "WITH {} AS (SELECT 1 AS x) SELECT 2",
    ],
)
def test_a_longer_name_is_refused_wherever_it_stands(sql: str) -> None:
    with pytest.raises(UnsupportedError, match="64 bytes, postgres takes 63"):
        check_lengths(parse_one(sql.format("a" * 64)), get_dialect("postgres"))


def test_bytes_count_and_not_letters() -> None:
    tree = parse_one(f'SELECT x AS "{"é" * 32}" FROM t')
    check_lengths(tree, get_dialect("redshift"))
    with pytest.raises(UnsupportedError, match="64 bytes"):
        check_lengths(tree, get_dialect("postgres"))


def test_a_text_may_be_longer_than_a_name() -> None:
    check_lengths(parse_one(f"SELECT '{'a' * 100}' AS x FROM t"), get_dialect("postgres"))


def test_a_long_feature_name_gives_its_number() -> None:
    assert slugs(["a" * LONGEST_WORD, "a" * (LONGEST_WORD + 1)]) == ["a" * LONGEST_WORD, "x2"]


def test_a_taken_name_is_numbered_whatever_its_case() -> None:
    assert Names(identifiers(parse_one('SELECT "Source" FROM t'))).fresh("source") == "source_2"

"""The text of generated SQL: the same in every process, made from a tree that stays as it was."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from sqlglot import exp

from sqlnomaly.dialects import DIALECTS, Dialect
from sqlnomaly.pushdown import compiler
from sqlnomaly.pushdown.contract import Categories
from sqlnomaly.udfs.registry import detectors
from tests.conformance.ask import SOME, Ask, schema
from tests.conformance.datasets import BY_NAME, DataSet
from tests.conformance.matrix import CLIENT, ENGINES, FIRST
from tests.conformance.variants import IN_ORDER

ROOT = Path(__file__).parents[2]
SEED = "31337"
CASES = [
    (dialect, detector)
    for dialect in ENGINES
    if dialect in DIALECTS  # another client of an engine reads the same SQL
    for detector in detectors()
    if not (detector in CLIENT or detectors()[detector].usual) or dialect in ("duckdb", "spark")
]
TELLING = [(dialect, detector) for dialect, detector in CASES if dialect == "duckdb" or detector in FIRST]
"""Every detector, and every dialect: what they share is printed by the first detectors."""
TYPES = {"double": "DOUBLE", "int64": "BIGINT", "string": "VARCHAR", "bool": "BOOLEAN"}


def statement(dialect: str, detector: str) -> str:
    """One compiled plan with keys and a filter."""
    kind = detectors()[detector]
    data = BY_NAME["words" if kind.categories is Categories.ALL else "gaussian"]
    data = replace(data, features=data.features[: kind.most])
    known = schema(data, dialect) if dialect != "duckdb" else duckdb_schema(data)
    asked = Ask(partition=data.keys, where=SOME, order=data.order if detector in IN_ORDER else None)
    sql = asked.sql(data, detector, dialect)
    plan = compiler.compile_sql(sql, read=dialect, write=dialect, registry=detectors(), schema=known)
    return "\n".join(step.sql for step in plan.steps)


def duckdb_schema(data: DataSet) -> dict[str, dict[str, str]]:
    """The table in DuckDB's words."""
    return {data.name: {part.name: TYPES[str(part.type)] for part in data.table.schema}}


def fingerprints() -> list[str]:
    """A digest of every statement."""
    return [hashlib.sha256(statement(dialect, detector).encode()).hexdigest() for dialect, detector in TELLING]


def test_another_process_with_another_hash_seed_prints_the_same() -> None:
    program = "from tests.conformance.test_text import fingerprints; print(*fingerprints())"
    elsewhere = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": SEED},
        capture_output=True,
        text=True,
        check=True,
    )
    assert elsewhere.stdout.split() == fingerprints()


@pytest.mark.parametrize(("dialect", "detector"), TELLING)
def test_the_parsed_query_is_not_changed(
    dialect: str, detector: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[exp.Expr, str]] = []
    parse = compiler.parse

    def watched(sql: str, source: Dialect) -> list[exp.Expr]:
        trees = parse(sql, source)
        seen.extend((tree, repr(tree)) for tree in trees)
        return trees

    monkeypatch.setattr(compiler, "parse", watched)
    statement(dialect, detector)
    assert [repr(tree) for tree, _ in seen] == [before for _, before in seen] != []

"""The functions of a pack taken apart, for engines that cannot be given a CREATE FUNCTION here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import exp

from sqlnomaly.install.pack import Pack

HEADS: Mapping[str, re.Pattern[str]] = {
    "bigquery": re.compile(
        r"CREATE OR REPLACE FUNCTION (?P<name>\S+?)\((?P<parameters>.*?)\)\nRETURNS (?P<returns>\w+)\n"
        r"(?:AS \(\n(?P<sql>.*)\n\)\nOPTIONS \(description = '.*?'\)"
        r"|DETERMINISTIC\nLANGUAGE js\nOPTIONS \(description = '.*?'\)\nAS (?P<script>.*))",
        re.DOTALL,
    ),
    "snowflake": re.compile(
        r"CREATE OR REPLACE FUNCTION (?P<name>\S+?)\((?P<parameters>.*?)\)\nRETURNS (?P<returns>\w+)\n"
        r"LANGUAGE (?:SQL\n.*?\nAS (?P<sql>.*)|PYTHON\n.*?\nAS (?P<script>.*))",
        re.DOTALL,
    ),
}
"""Dialect -> its CREATE FUNCTION, whole."""

PARAMETER = re.compile(r"""(`[^`]+`|"[^"]+"|\w+) (\w+(?:\([^)]*\))?)""")


@dataclass(frozen=True)
class Body:
    """One function: its parameters in order, each with its type, and its body in SQL or in another language."""

    name: str
    parameters: Sequence[tuple[str, str]]
    returns: str
    sql: str | None
    script: str | None


def bodies(pack: Pack) -> dict[str, Body]:
    """The functions of a pack by name."""
    found = {}
    for item in pack.items:
        match = HEADS[pack.dialect].fullmatch(item.create)
        assert match is not None, item.create[:200]
        parameters = [(name.strip('`"'), kind) for name, kind in PARAMETER.findall(match["parameters"])]
        found[match["name"]] = Body(match["name"], parameters, match["returns"], match["sql"], match["script"])
    return found


def undollared(text: str) -> str:
    """What a text literal of Snowflake holds."""
    return text[2:-2] if text.startswith("$$") else sqlglot.parse_one(text, read="snowflake").name


def handler(code: str, folder: Path, name: str) -> Any:
    """The handler of a Python body, imported from a file."""
    path = folder / f"{name}.py"
    path.write_text(code)
    spec = spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.score


class Inliner:
    """Writes calls out: the body of each function in the place of its call.

    Args:
        dialect: the dialect.
        known: its functions; one in another language stays a call.
    """

    def __init__(self, dialect: str, known: Mapping[str, Body]) -> None:
        self.dialect = dialect
        self.known = known
        self.called: list[exp.Expr] = []

    def ask(self, name: str, columns: Sequence[str]) -> str:
        """The call over columns, each cast to the type of its parameter as a call would be."""
        arguments: list[exp.Expr] = [
            exp.cast(exp.column(column, quoted=True), exp.DataType.build(kind, dialect=self.dialect))
            for column, (_, kind) in zip(columns, self.known[name].parameters, strict=True)
        ]
        return self(name, arguments).sql(self.dialect, normalize_functions=False)

    def __call__(self, name: str, arguments: Sequence[exp.Expr]) -> exp.Expr:
        """The call of a function, written out."""
        body = self.known[name]
        assert body.sql is not None
        text = undollared(body.sql) if self.dialect == "snowflake" else body.sql
        given = {one.lower(): value for (one, _), value in zip(body.parameters, arguments, strict=True)}

        def rule(node: exp.Expr) -> exp.Expr:
            if isinstance(node, exp.Column):
                return exp.paren(given[node.name.lower()].copy())
            if isinstance(node, exp.Dot | exp.Anonymous):
                called = node.sql(self.dialect, normalize_functions=False).partition("(")[0]
                if called in self.known:
                    call = node.expression if isinstance(node, exp.Dot) else node
                    values = [value.transform(rule) for value in call.expressions]
                    return exp.paren(self(called, values)) if self.known[called].sql else self.script(called, values)
            return node

        return sqlglot.parse_one(text, read=self.dialect).transform(rule)

    def script(self, name: str, arguments: Sequence[exp.Expr]) -> exp.Expr:
        """What stands for a call of a function in another language: a column of the same name."""
        return exp.column(name.rpartition(".")[2], quoted=True)

"""Compares a query with detection calls, compiled every way, with the native query it stands for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import sqlglot
from sqlglot.errors import SqlglotError

from sqlnomaly.errors import SqlnomalyError
from sqlnomaly.pushdown.compiled import Compiled
from sqlnomaly.pushdown.compiler import compile_sql
from tests.rewrite.standin import REGISTRY, as_calls, as_native
from tests.rewrite.tables import ALL, Duck

FORMS: Mapping[str, Mapping[str, Any]] = {
    "default": {},
    "wrap": {"form": "wrap"},
    "staged": {"form": "wrap", "staged": True},
    "in_place": {"form": "in_place"},
}
"""The forms of the rewrite, as the compiler's options."""

WAYS = (
    *(("live", form) for form in FORMS),
    ("schema", "default"),
    ("schema", "in_place"),
    ("none", "default"),
    ("none", "in_place"),
)
"""Who tells the compiler about columns (the engine, a schema, nobody), and the form it is asked for."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one way of compiling came to.

    Attributes:
        verdict: "same"; "refused" by an error of ours; "both refuse" where the native query fails too; or a
            defect: "columns", "rows", "fails" (the engine refuses our SQL), "accepts" (the engine refuses the
            native query), "crash".
    """

    knowledge: str
    form: str
    verdict: str
    detail: str = ""

    @property
    def defect(self) -> bool:
        """Whether the query was changed, broken, or refused by accident."""
        return self.verdict not in ("same", "refused", "both refuse")

    def __str__(self) -> str:
        return f"{self.knowledge}/{self.form}: {self.verdict} {self.detail}"


def compile_template(template: str, duck: Duck, knowledge: str, form: str) -> Compiled:
    """The template's calls compiled for DuckDB."""
    known: dict[str, Any] = {}
    if knowledge != "none":
        known = {"describe": duck.describe} if knowledge == "live" else {"schema": ALL}
    options = FORMS[form]
    return compile_sql(
        as_calls(template), read="duckdb", write="duckdb", registry=REGISTRY, **known, **options
    )


def judge(template: str, duck: Duck, *, ordered: bool = False) -> list[Outcome]:
    """One outcome for each way of compiling the template."""
    return list(_outcomes(template, duck, ordered))


def _outcomes(template: str, duck: Duck, ordered: bool) -> Iterator[Outcome]:
    native = as_native(template)
    try:
        wanted = _printed(native, duck), duck.rows(native)
        problem = None
    except duckdb.Error as error:
        problem = str(error).splitlines()[0]
    seen: dict[str, tuple[str, str]] = {}
    for who, form in WAYS:
        try:
            compiled = compile_template(template, duck, who, form)
        except SqlnomalyError as error:
            verdict = "both refuse" if problem else "refused"
            yield Outcome(who, form, verdict, f"{type(error).__name__}: {error}")
            continue
        except Exception as error:  # noqa: BLE001  # whatever else comes out is the defect looked for
            yield Outcome(who, form, "crash", f"{type(error).__name__}: {error}")
            continue
        if compiled.sql not in seen:
            if problem is not None:
                seen[compiled.sql] = _unwanted(compiled.sql, duck, problem)
            else:
                seen[compiled.sql] = _compared(compiled, duck, wanted, ordered)
        yield Outcome(who, form, *seen[compiled.sql])


def _printed(native: str, duck: Duck) -> list[tuple[str, str]]:
    """The native columns, unaliased ones named as after sqlglot printed the query: it writes VARCHAR as TEXT."""
    columns = duck.columns(native)
    if "EXCLUDE CURRENT" in native or "EXCLUDE GROUP" in native:  # sqlglot cannot print these
        return columns
    try:
        return duck.columns(sqlglot.transpile(native, read="duckdb", write="duckdb")[0])
    except (duckdb.Error, SqlglotError):
        return columns


def _unwanted(sql: str, duck: Duck, problem: str) -> tuple[str, str]:
    try:
        duck.rows(sql)
    except duckdb.Error:
        return "both refuse", ""
    return "accepts", f"what the engine refuses natively: {problem}"


def _compared(compiled: Compiled, duck: Duck, wanted: Any, ordered: bool) -> tuple[str, str]:
    try:
        columns, rows = duck.columns(compiled.sql), duck.rows(compiled.sql)
    except duckdb.Error as error:
        return "fails", str(error).splitlines()[0]
    if not same_columns(columns, wanted[0], compiled.assumptions):
        return "columns", f"{columns} wanted {wanted[0]}"
    if not same_rows(rows, wanted[1], ordered):
        return "rows", f"{rows} wanted {wanted[1]}"
    return "same", ""


def same_columns(
    got: list[tuple[str, str]], wanted: list[tuple[str, str]], assumptions: tuple[str, ...]
) -> bool:
    """Equal names and types; a name that only the engine can know may differ if an assumption says so.

    Names that sqlglot makes up are never right.
    """
    if [kind for _, kind in got] != [kind for _, kind in wanted]:
        return False

    def said(name: str) -> bool:
        return not name.startswith("_col_") and any(name in one and "name" in one for one in assumptions)

    return all(name == right or said(name) for (name, _), (right, _) in zip(got, wanted, strict=True))


def same_rows(got: list[tuple[Any, ...]], wanted: list[tuple[Any, ...]], ordered: bool) -> bool:
    """Equal rows, as lists or as multisets; floating-point numbers to nine digits."""
    left, right = [_key(row) for row in got], [_key(row) for row in wanted]
    return left == right if ordered else sorted(left) == sorted(right)


def _key(row: tuple[Any, ...]) -> tuple[tuple[str, str], ...]:
    return tuple(_cell(value) for value in row)


def _cell(value: Any) -> tuple[str, str]:
    if isinstance(value, float):
        return "float", repr(round(value, 9) + 0.0)
    if isinstance(value, list):
        return "list", repr([_cell(part) for part in value])
    if isinstance(value, dict):
        return "dict", repr([(name, _cell(part)) for name, part in value.items()])
    return type(value).__name__, repr(value)

"""Compiles a query for any engine, connected to none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sqlnomaly.dialects import get_dialect
from sqlnomaly.errors import BindError, UnsupportedError, nearest
from sqlnomaly.script import statements_of

if TYPE_CHECKING:
    from sqlnomaly.model import Model
    from sqlnomaly.pushdown.bind import Describe, Schema
    from sqlnomaly.pushdown.compiled import Compiled
    from sqlnomaly.pushdown.fitted import Kept
    from sqlnomaly.pushdown.function import Function
    from sqlnomaly.pushdown.select import Look
    from sqlnomaly.pushdown.select import Models as FindModel


def compile(  # noqa: A001  (the public name, as in re.compile)
    sql: str,
    *,
    read: str = "duckdb",
    write: str | None = None,
    schema: Schema | None = None,
    models: Mapping[str, Model] | None = None,
) -> Compiled:
    """The query as plain SQL of another engine; nothing is connected to and nothing runs.

    Args:
        sql: one or more statements with detection calls.
        read: the dialect they are written in.
        write: the dialect to print, the same one if left out.
        schema: table name -> column name -> type, for stars, joins and type checks.
        models: the stored models that the query names, as ``Model.load`` gives them; they are written out.

    Raises:
        SqlnomalyError: of the kind that fits, naming the fragment and the remedy.

    Example:
        >>> compiled = sqlnomaly.compile("SELECT anomaly_score(x) FROM t", write="snowflake")
        >>> print(compiled.sql.splitlines()[1])
        WITH source AS (
    """
    find = None if models is None else _given(models)
    return compile_bound(sql, read, write or read, schema=schema, models=find)


def _given(models: Mapping[str, Model]) -> FindModel:
    """Finds the models that a caller gave."""
    from sqlnomaly.pushdown.fitted import Kept
    from sqlnomaly.pushdown.statements import model_name

    models = {model_name(name): model for name, model in models.items()}

    def find(name: str, version: int | None) -> Kept:
        if name not in models:
            raise BindError(f"no model {name!r} was given", hint=nearest(name, models) if models else "models={..}")
        if version not in (None, 1):
            raise UnsupportedError(f"{name} is one model, without versions", hint="leave version out")
        return Kept(models[name].fitted, name)

    return find


def compile_bound(
    sql: str,
    read: str,
    write: str,
    *,
    schema: Schema | None = None,
    describe: Describe | None = None,
    tag: str = "",
    models: FindModel | None = None,
    look: Look | None = None,
    walks: dict[str, Function] | None = None,
) -> Compiled:
    """The script compiled by what somebody knows of its tables and models.

    Args:
        sql: one or more statements with detection calls, ours or those of other systems.
        read: the dialect they are written in.
        write: the dialect to print.
        schema: table name -> column name -> type.
        describe: asks a live engine for the columns of a query; goes before schema.
        tag: goes into the names of temporary relations and functions.
        models: finds the stored models that calls name.
        look: finds the slots of a season in the rows.
        walks: takes the functions that walk along rows in the place of windows, for the session to register.
    """
    from sqlnomaly.pushdown.compiler import compile_sql
    from sqlnomaly.udfs.registry import detectors

    return compile_sql(
        _ours(sql, read, write, models),
        read=read,
        write=write,
        registry=detectors(),
        schema=schema,
        describe=describe,
        tag=tag,
        models=models,
        look=look,
        walks=walks,
    )


def _ours(sql: str, read: str, write: str, models: FindModel | None) -> str:
    """A script with our calls in the place of those of other systems.

    Raises:
        UnsupportedError: for a statement about models, which only a session runs.
    """
    from sqlnomaly.frontends import foreign
    from sqlnomaly.model import Model
    from sqlnomaly.pushdown.statements import read_statement

    def model(name: str) -> Model:
        if models is None:
            raise UnsupportedError(
                f"the model {name!r} is found by a session, and here is none",
                hint="connect to the engine that has it, or give compile(.., models={..})",
            )
        return Model(models(name, None).model)

    source = get_dialect(read)
    parts = []
    for statement in statements_of(sql, source.sqlglot):
        found = foreign(statement, source, model, get_dialect(write))
        text = found if isinstance(found, str) else statement
        if found is not None and text is not found or read_statement(text, source) is not None:
            raise UnsupportedError(
                "a statement about models is no query: a session runs it",
                where=statement[:200],
                hint="sqlnomaly query, or Session.sql",
            )
        parts.append((statement, text))
    changed = [text for statement, text in parts if text is not statement]
    return ";\n".join(text for _, text in parts) if changed else sql

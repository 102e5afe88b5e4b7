"""A fitted model as function resources of a dbt project: ``functions/*.sql``, and one YAML file with their types.

dbt says CREATE FUNCTION in the adapter's words; the bodies, the parameters and the types are those of the model's
pack. Each function of the pack is a resource of its own, which calls the others by ``{{ function('..') }}``, so that
dbt makes them in their order and in whatever schema it is told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from sqlglot import TokenType
from sqlglot.dialects.dialect import Dialect

from sqlnomaly.dialects import get_dialect
from sqlnomaly.errors import UnsupportedError, UsageError
from sqlnomaly.install.pack import OWNER, Definition
from sqlnomaly.replacing import replaced

if TYPE_CHECKING:
    from sqlnomaly.model import Model

FOLDER = "functions"
"""Where dbt looks for functions."""
ANSWERS = ("", "_threshold", "_is_anomaly", "_reason", "_status")
"""What the functions that are there to be called have behind the name; the others are parts of them."""
HEADER = "Written by sqlnomaly"
"""What stands in the first line of a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """How an adapter of dbt takes a function's body.

    Attributes:
        select: whether the body is a query; one that calls parameters by their numbers is a query already.
        dollars: whether dbt writes the body between ``$$``.
        volatility: whether dbt may be told that equal arguments give equal answers.
    """

    select: bool = False
    dollars: bool = False
    volatility: bool = True


ADAPTERS: Mapping[str, _Words] = {
    "postgres": _Words(select=True, dollars=True),
    "redshift": _Words(dollars=True),
    "snowflake": _Words(dollars=True),
    "bigquery": _Words(volatility=False),
    "databricks": _Words(volatility=False),
    "duckdb": _Words(volatility=False),
    "spark": _Words(volatility=False),
}
"""Adapter -> its words. For DuckDB and Spark they are those of the package's own macros."""
DISPATCHED = ("duckdb", "spark")
"""Adapters without functions of their own: dbt has to look into the package."""


@dataclass(frozen=True, slots=True)
class Resources:
    """The files of one model.

    Attributes:
        name: the function of the score.
        files: texts by their paths in the project.
        functions: what can be called, the score first; the parts of a long score are not named.
        notes: what the user should know.
    """

    name: str
    files: Mapping[str, str]
    functions: tuple[str, ...]
    notes: tuple[str, ...]

    def write(self, folder: Path) -> None:
        """Writes the files, and takes away parts that the model under this name had before.

        Raises:
            UsageError: where a file of the user's is in the way; nothing is written then.
        """
        for path in self.files:
            if (folder / path).exists() and not _ours(folder / path, self.name):
                raise UsageError(f"{path} is a file of your own", hint="another --name, or rename it")
        (folder / FOLDER).mkdir(exist_ok=True)
        for path, text in self.files.items():
            with replaced(folder / path) as file:
                file.write(text.encode())
        for old in (folder / FOLDER).glob(f"{self.name}_*.sql"):
            if f"{FOLDER}/{old.name}" not in self.files and _ours(old, self.name):
                old.unlink()


def resources(model: Model, adapter: str, name: str) -> Resources:
    """The files that make a model functions of a dbt project.

    Args:
        model: the fitted model.
        adapter: the adapter of dbt that will make them.
        name: the function of the score; those of the other answers begin with it, as in ``sqlnomaly install``.

    Raises:
        UnsupportedError: an adapter without such functions, or a model that is more than SQL expressions.
        UsageError: for a name that is none.
    """
    if adapter not in ADAPTERS:
        raise UnsupportedError(
            f"functions of dbt on {adapter} are not supported", hint="one of: " + ", ".join(ADAPTERS)
        )
    pack = model.pack(adapter, name=name)
    names = [item.name for item in pack.items]
    files, entries = {}, []
    for item in pack.items:
        if item.definition is None:
            raise UnsupportedError(
                f"{item.name} is no SQL expression on {adapter}, and a function of dbt is one",
                hint=f"sqlnomaly pack --dialect {adapter} writes it with the functions in another language",
            )
        body = _body(item.definition, adapter, item.name, names)
        files[f"{FOLDER}/{item.name}.sql"] = f"{{#- {_head(name)} -#}}\n{body}\n"
        what = f"{OWNER}: " + (pack.title.partition(": ")[2] if item.name == name else f"of {name}")
        entries += [*_entry(item.name, what, item.definition, ADAPTERS[adapter])]
    files[f"{FOLDER}/{name}.yml"] = "\n".join([f"# {_head(name)}", "functions:", *entries, ""])
    answers = tuple(one for answer in ANSWERS if (one := name + answer) in names)
    notes = [note for note in pack.notes if note.startswith("left out")]
    if adapter in DISPATCHED:
        notes.append(
            f"dbt-{adapter} makes no functions by itself: dbt_project.yml needs dispatch: "
            "[{macro_namespace: dbt, search_order: [your_project, sqlnomaly, dbt]}]"
        )
    return Resources(name, files, answers, tuple(notes))


def _head(name: str) -> str:
    """The first line of each file of a model."""
    return f"{HEADER} for {name}; sqlnomaly dbt function writes it anew."


def _ours(path: Path, name: str) -> bool:
    """Whether a file was written for a model of that name."""
    return f"{HEADER} for {name};" in path.read_text(encoding="utf-8", errors="replace").partition("\n")[0]


def _body(definition: Definition, adapter: str, name: str, names: Collection[str]) -> str:
    """The body as Jinja.

    Raises:
        UnsupportedError: if it holds what dbt would take for its end.
    """
    words = ADAPTERS[adapter]
    if words.dollars and "$$" in definition.body:
        raise UnsupportedError(
            f"{name} holds '$$', a text of the model's, where dbt ends a function",
            hint=f"sqlnomaly pack --dialect {adapter} quotes it otherwise",
        )
    text = "".join(_calls(definition.body, get_dialect(adapter).sqlglot, names))
    return f"SELECT {text}" if words.select else text


def _calls(body: str, dialect: str, names: Collection[str]) -> Iterator[str]:
    """The body in pieces: calls of the pack's functions as dbt's, everything else as text that Jinja leaves alone."""
    tokens = Dialect.get_or_raise(dialect).tokenize(body)
    done = 0
    for token, after in pairwise(tokens):
        if token.text in names and token.token_type != TokenType.STRING and after.token_type == TokenType.L_PAREN:
            yield _plain(body[done : token.start])
            yield f"{{{{ function('{token.text}') }}}}"
            done = token.end + 1
    yield _plain(body[done:])


def _plain(text: str) -> str:
    """Text that Jinja leaves as it is.

    Example:
        >>> _plain("a {{ b }}")
        "a {{ '{' }}{ b }}"
    """
    return re.sub(r"\{(?=[{%#])", "{{ '{' }}", text)


def _entry(name: str, what: str, definition: Definition, words: _Words) -> Iterator[str]:
    """The lines of YAML about a function."""
    yield f"  - name: {name}"
    yield f"    description: {json.dumps(_plain(what))}"
    if words.volatility:
        yield "    config: {volatility: deterministic}"
    yield "    arguments:"
    for parameter, kind in definition.parameters:
        yield f"      - {{name: {json.dumps(parameter)}, data_type: {json.dumps(kind)}}}"
    yield f"    returns: {{data_type: {json.dumps(definition.returns)}}}"

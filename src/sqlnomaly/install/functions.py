"""A fitted model as functions of an engine: one for each answer, and more for the parts of a long score."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from sqlnomaly.dialects import Dialect, get_dialect
from sqlnomaly.dialects.definitions import DEFINITIONS, Definitions
from sqlnomaly.errors import UnsupportedError, UsageError
from sqlnomaly.install.pack import OWNER, Definition, Item, Pack
from sqlnomaly.install.programs import program
from sqlnomaly.pushdown.bind import Kind
from sqlnomaly.pushdown.contract import Piece
from sqlnomaly.pushdown.fitted import FittedModel
from sqlnomaly.pushdown.frozen import CALL, available, check_keys, freeze, parameter_kinds
from sqlnomaly.pushdown.lower import lower
from sqlnomaly.pushdown.names import slugs
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.script import identifier, quoted
from sqlnomaly.version import __version__

SCRIPTED = 100_000
"""So many bytes of SQL in the pieces of a score are still called and inlined at no pain."""

RETURNS: Mapping[str, Kind] = {"is_anomaly": Kind.BOOLEAN, "reason": Kind.TEXT, "status": Kind.TEXT}
"""What an answer is, where it is no number."""

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def model_pack(
    model: FittedModel, *, dialect: str, name: str, schema: str | None = None, scripted: int = SCRIPTED
) -> Pack:
    """The functions of a model in a dialect.

    ``name`` gives the score; ``name_threshold``, ``name_is_anomaly``, ``name_reason`` and ``name_status`` the other
    answers that the model has. Their parameters are the partition keys, then the features.

    Args:
        model: the model.
        dialect: where the functions will live.
        name: of the score's function; plain letters, digits and underscores.
        schema: the schema or dataset to make them in; the current one if left out.
        scripted: bytes of SQL beyond which the pieces of a score are written in the engine's other language.

    Raises:
        UnsupportedError: a dialect without such functions, or a model that is too large for its functions.
        UsageError: for a name that is none.
    """
    return _Writer(model, get_dialect(dialect), name, schema, scripted).pack()


@dataclass(frozen=True, slots=True)
class _Argument:
    """A parameter of a function: its name as printed, and its type."""

    name: str
    type: str


def function_name(name: str, schema: str | None, dialect: Dialect) -> str:
    """A function's name as SQL text.

    Raises:
        UsageError: for a name that is none.
        UnsupportedError: for one that is longer than the engine allows.
    """
    if not NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name for a function", hint="letters, digits and underscores")
    if len(name) > dialect.max_identifier:
        raise UnsupportedError(
            f"{name} has {len(name)} bytes, a name in {dialect.name} {dialect.max_identifier}",
            hint="choose a shorter name",
        )
    parts = [schema, name] if schema else [name]
    return ".".join(identifier(part, dialect.sqlglot) for part in parts)


def _quoted_name(slug: str, dialect: Dialect) -> str:
    """A parameter in quotes, as the engine folds it without: no parser knows every engine's reserved words."""
    name = slug.upper() if dialect.folds == "upper" else slug
    return quoted(name, dialect.sqlglot)


class _Writer:
    """Writes the functions of one model."""

    def __init__(
        self, model: FittedModel, dialect: Dialect, name: str, schema: str | None, scripted: int
    ) -> None:
        if dialect.name not in DEFINITIONS:
            raise UnsupportedError(
                f"a model as functions of {dialect.name} is not supported",
                hint="one of: " + ", ".join(DEFINITIONS),
            )
        if schema is not None and not DEFINITIONS[dialect.name].schemas:
            raise UnsupportedError(f"functions of {dialect.name} belong to no schema", hint="leave the schema out")
        check_keys(model)
        self.model = model
        self.dialect = dialect
        self.words: Definitions = DEFINITIONS[dialect.name]
        self.base = name
        self.schema = schema
        self.scripted = scripted
        kinds = parameter_kinds(model).values()
        names = [part.name for part in (*model.keys, *model.features)]
        # A word that means something else even in quotes is taken, so that a parameter gets another.
        words = slugs([*sorted(self.words.meant), *names])[len(self.words.meant) :]
        self.arguments = {
            part: _Argument(_quoted_name(slug, dialect), self.words.types[kind.value])
            for part, slug, kind in zip(names, words, kinds, strict=True)
        }
        self.number = self.words.types["float"]

    def pack(self) -> Pack:
        typed = "{type}" in self.words.parameter
        frozen = freeze(self.model, available(self.model), size=self.words.piece, typed=typed)
        printed = {
            name: self._print(said, self._values(piece.features), whole=True)
            for name, piece in frozen.pieces.items()
            if (said := piece.said()) is not None
        }
        programs = self._programs(frozen.pieces, [len(text) for text in printed.values()])
        items = []
        for name, piece in frozen.pieces.items():
            values = self._values(piece.features)
            made = self._scripted(name, piece, values, programs[name]) if programs else None
            items.append(made or self._made(name, values, printed[name]))
        pieces = {
            name: exp.Anonymous(
                this=self._name(name), expressions=[frozen.values[column].copy() for column in piece.features]
            )
            for name, piece in frozen.pieces.items()
        }
        order = sorted(frozen.answers, key=lambda one: (not one.startswith("term_"), one != "score"))
        notes = self._notes(frozen.pieces, bool(programs))
        for output in order:
            answer = self._calls(frozen.answers[output], pieces)
            text = self._print(answer, self.arguments)
            kind = RETURNS.get(output, Kind.FLOAT)
            try:
                items.append(self._made(output, self.arguments, text, self.words.types[kind.value]))
            except UnsupportedError as error:
                if output != "reason":
                    raise
                notes.append(f"left out: {error.message}")
        return Pack(self.dialect.name, self._title(), tuple(notes), tuple(items))

    def _title(self) -> str:
        fit = self.model.fit
        names = ", ".join(part.name for part in self.model.features)
        title = f"sqlnomaly {__version__}: {self._name('score')} scores ({names}) by {fit.detector.name}"
        keys = ", ".join(part.name for part in self.model.keys)
        return " ".join(f"{title} for each {keys}".split() if keys else title.split())

    def _notes(self, pieces: Mapping[str, Piece], scripted: bool) -> list[str]:
        how = "the model's numbers stand in SQL expressions"
        if pieces:
            language = self.words.language if scripted else "SQL"
            functions = "one function" if len(pieces) == 1 else f"{len(pieces)} functions"
            how = f"the model's numbers stand in {functions} in {language}, which the score's function calls"
        notes = [f"placement: {how} (limit: {self.words.source})"]
        return [*notes, self.words.packages] if any(piece.estimator for piece in pieces.values()) else notes

    def _name(self, output: str) -> str:
        """The function of an answer or a piece, as printed."""
        own = self.base if output == "score" else f"{self.base}_{output}"
        return function_name(own, self.schema, self.dialect)

    def _values(self, columns: Sequence[str]) -> dict[str, _Argument]:
        """The parameters of a piece: clean values, named by position."""
        return {column: _Argument(f"x{number}", self.number) for number, column in enumerate(columns, start=1)}

    def _calls(self, answer: Expr, pieces: Mapping[str, Expr]) -> Expr:
        """The answer with calls of other functions in the place of what they compute."""

        def rule(part: Expr) -> Expr:
            if not isinstance(part, exp.Column):
                return part
            if part.table == CALL:
                own = [exp.Column(this=exp.to_identifier(name, quoted=True)) for name in self.arguments]
                return exp.Anonymous(this=self._name(part.name), expressions=own)
            return pieces[part.name].copy() if not part.this.quoted and part.name in pieces else part

        return answer.transform(rule)

    def _print(self, answer: Expr, arguments: Mapping[str, _Argument], *, whole: bool = False) -> str:
        """The expression as text, its columns as parameters; a piece is given away whole, and has no placeholders."""
        places = {name: number for number, name in enumerate(arguments, start=1)}

        def rule(part: Expr) -> Expr:
            if isinstance(part, exp.Column) and part.name in arguments:
                if self.words.positional:
                    return exp.Parameter(this=exp.Literal.number(places[part.name]))
                return exp.var(arguments[part.name].name)
            return part

        named = (answer if whole else lower(answer, self.dialect)).transform(rule, copy=False)
        text = str(named.sql(self.dialect.sqlglot, pretty=not whole, normalize_functions=False))
        if whole or len(text) <= self.words.largest:
            return text
        return str(named.sql(self.dialect.sqlglot, normalize_functions=False))

    def _made(
        self, output: str, arguments: Mapping[str, _Argument], body: str, returns: str | None = None
    ) -> Item:
        """A function of a SQL expression."""
        if self.words.positional:
            body = f"SELECT {body}"
        self._check(output, body, self.words.largest)
        text = body if self.words.body == "inline" else self._quoted(body)
        item = self._item(self.words.create, output, arguments, text, returns or self.number)
        return self._defined(item, arguments, returns or self.number, body)

    def _programs(self, pieces: Mapping[str, Piece], sizes: Sequence[int]) -> dict[str, str]:
        """The pieces in the engine's other language, if it has one; empty where SQL of these sizes will do.

        A piece that is too long for the other language leaves all of them in SQL, as long as that can be inlined.
        So does a piece that is no program.
        """
        if any(piece.estimator is not None for piece in pieces.values()):
            return self._estimators(pieces)
        size = sum(sizes)
        short = size <= self.scripted and max(sizes, default=0) <= self.words.largest
        if self.words.language is None or short or not all(piece.arrays for piece in pieces.values()):
            return {}
        found = {}
        for name, piece in pieces.items():
            parameters = [one.name for one in self._values(piece.features).values()]
            found[name] = program(piece, self.words.language, parameters)
        if size <= self.words.largest and any(len(one) > self.words.largest_script for one in found.values()):
            return {}
        most = self.words.most_scripts
        if most is not None and len(found) > most:
            raise UnsupportedError(
                f"the score of {self.model.detector.name} takes {len(found):,} functions in {self.words.language}, "
                f"a query in {self.dialect.name} {most} ({self.words.source})",
                hint=self._smaller(),
            )
        for name, body in found.items():
            self._check(name, body, self.words.largest_script)
        quotes = self.words.script_body == "text"
        return {name: self._quoted(body) if quotes else body for name, body in found.items()}

    def _estimators(self, pieces: Mapping[str, Piece]) -> dict[str, str]:
        """Pieces that only Python can say."""
        if self.words.language is None or not self.words.packaged:
            raise UnsupportedError(
                f"{self.model.detector.name} is scored by PyOD, and has no SQL of its own",
                hint="install it on Snowflake, or with live=True on DuckDB or Spark; from_fitted writes many as SQL",
            )
        found = {}
        for name, piece in pieces.items():
            body = program(piece, self.words.language, ())
            self._check(name, body, self.words.largest)
            found[name] = self._quoted(body)
        return found

    def _check(self, output: str, body: str, largest: int) -> None:
        size = len(body.encode())
        if size > largest:
            raise UnsupportedError(
                f"the {output} of {self.model.detector.name} takes {size:,} bytes, a function in {self.dialect.name} "
                f"{largest:,} ({self.words.source})",
                hint=self._smaller(),
            )

    def _smaller(self) -> str:
        detector = self.model.detector
        usual = "fewer rows: max_rows => 1000" if detector.holds_bytes else "fewer features or fewer partitions"
        return _SMALLER.get(detector.name, usual)

    def _quoted(self, body: str) -> str:
        for tag in self.words.quotes:
            if tag not in body:
                return f"{tag}\n{body}\n{tag}"
        return str(exp.Literal.string(body).sql(self.dialect.sqlglot))

    def _scripted(self, name: str, piece: Piece, values: Mapping[str, _Argument], body: str) -> Item:
        """A function in the other language."""
        if piece.estimator is None:
            item = self._item(self.words.script, name, values, body, self.number)
            return self._defined(item, values, self.number, body) if self.words.script == self.words.create else item
        packages = ", ".join(f"'{package}'" for package in piece.estimator.packages)
        python = piece.estimator.python
        return self._item(self.words.packaged, name, values, body, self.number, packages=packages, python=python)

    @staticmethod
    def _defined(item: Item, arguments: Mapping[str, _Argument], returns: str, body: str) -> Item:
        """The same, with what it is as one SQL expression."""
        parameters = tuple((one.name, one.type) for one in arguments.values())
        return replace(item, definition=Definition(parameters, returns, body))

    def _item(
        self, template: str, output: str, arguments: Mapping[str, _Argument], body: str, returns: str, **more: str
    ) -> Item:
        name = self._name(output)
        types = ", ".join(one.type for one in arguments.values())
        parameters = ", ".join(
            _filled(self.words.parameter, name=one.name, type=one.type) for one in arguments.values()
        )
        create = _filled(
            template, name=name, parameters=parameters, types=types, returns=returns, body=body, owner=OWNER, **more
        )
        drop, mark = (_filled(text, name=name, types=types, owner=OWNER) for text in (self.words.drop, self.words.mark))
        return Item("function", name, create, drop, mark)


_SMALLER: Mapping[str, str] = {
    "iforest": "fewer trees or smaller samples: n_estimators => 100, max_samples => 256",
    "ecod": "fewer distinct values: ROUND the features in the training query",
    "copod": "fewer distinct values: ROUND the features in the training query",
    "hbos": "fewer bins, features or partitions",
    "fitted.forest": "fewer trees or smaller samples, or install it with live=True on DuckDB or Spark",
    "fitted.steps": "fewer distinct values among the training rows, or install it with live=True on DuckDB or Spark",
}
"""Detector -> what makes its model smaller."""


def _filled(template: str, **parts: str) -> str:
    """The template with its holes filled; braces in the parts are text."""
    return re.sub(r"\{(\w+)\}", lambda hole: parts[hole.group(1)], template)


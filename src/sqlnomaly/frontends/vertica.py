"""Vertica's IFOREST and DETECT_OUTLIERS: statements of one SELECT that make a model, and a table of outliers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlglot import TokenType, exp

from sqlnomaly.errors import CallError, ParseError, UnsupportedError
from sqlnomaly.frontends.text import Text, call, column, printed
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.statements import CreateModel

LARGER = "trees have 256 rows each here; for others, CREATE ANOMALY MODEL m USING iforest OPTIONS (max_samples = 1000)"
REFUSED: Mapping[str, str] = {
    "SAMPLING_SIZE": f"a share of rows that nobody has counted: {LARGER}",
    "MAX_DEPTH": "trees end at log2 of their rows here, 8 cuts: leave it out",
}
"""Parameters of IFOREST that change numbers and that we have not -> why, and what to do."""
IGNORED = frozenset({"NBINS", "ID_COLUMN"})
"""Parameters of IFOREST without effect here: cuts are exact, and a model depends on the rows alone."""
FOREST = ("NTREE", "SEED", "COL_SAMPLE_BY_TREE", "EXCLUDE_COLUMNS", *REFUSED, *sorted(IGNORED))
OUTLIERS = ("OUTLIER_THRESHOLD", "EXCLUDE_COLUMNS", "PARTITION_COLUMNS")
METHOD = "robust_zscore"

_NAME = r'(?:"(?:[^"]|"")+"|[^\W\d]\w*)'
_PATH = re.compile(rf"\s*{_NAME}(?:\.{_NAME}){{0,2}}\s*")
_COLUMN = re.compile(rf"\s*({_NAME})\s*")


@dataclass(frozen=True, slots=True)
class Function:
    """A function of Vertica as written.

    Attributes:
        place: the token of its name.
        end: the token behind its bracket.
        arguments: where each one begins and ends.
        parameters: those behind USING PARAMETERS, in capitals -> value and token.
    """

    place: int
    end: int
    arguments: tuple[tuple[int, int], ...]
    parameters: Mapping[str, tuple[Any, int]]

    def check(self, text: Text, allowed: tuple[str, ...]) -> None:
        """Refuses a parameter that is none of these.

        Raises:
            CallError: naming it.
        """
        for name, (_, at) in self.parameters.items():
            if name not in allowed:
                message = f"{name} is no parameter of {text.word(self.place)}"
                raise text.error(CallError, at, message, f"one of {', '.join(allowed)}")

    def given(self, name: str, default: Any) -> Any:
        """The value of a parameter."""
        return self.parameters[name][0] if name in self.parameters else default


def function(text: Text, number: int) -> Function:
    """NAME(arguments [USING PARAMETERS name = value, ..]) at a token.

    Raises:
        ParseError: parameters that are not of this form.
    """
    closing = text.closing(number + 1)
    using, depth = closing, 0
    for place in range(number + 2, closing):
        depth += text.word(place) == "("
        depth -= text.word(place) == ")"
        if not depth and text.says(place, "USING", "PARAMETERS"):
            using = place
            break
    parameters = text.options(using + 2, closing) if using < closing else {}
    return Function(number, closing + 1, tuple(text.parts(number + 2, using)), parameters)


def statement(text: Text) -> CreateModel | str | None:
    """SELECT IFOREST(..) or SELECT DETECT_OUTLIERS(..), alone; None for another statement.

    Raises:
        UnsupportedError: a parameter that we do not have, naming it.
        CallError: an argument that is missing or wrong.
    """
    name = text.word(1)
    if text.word(0) != "SELECT" or name not in ("IFOREST", "DETECT_OUTLIERS") or not text.says(2, "("):
        return None
    if text.kind(3) is not TokenType.STRING:  # a function of the user's own that is called so
        return None
    found = function(text, 1)
    if found.end < len(text.tokens):
        message = f"{name} stands alone in its SELECT"
        raise text.error(ParseError, found.end, message, "end the statement before it")
    return _forest(text, found) if name == "IFOREST" else _outliers(text, found)


def _forest(text: Text, found: Function) -> CreateModel:
    """The statement that makes the model."""
    found.check(text, FOREST)
    model, relation, columns = _texts(text, found, 3, "IFOREST('model', 'relation', 'amount, items')")
    for name, (value, at) in found.parameters.items():
        if name in REFUSED:
            raise text.error(UnsupportedError, at, f"{name} = {value} is not supported", REFUSED[name])
        if name == "COL_SAMPLE_BY_TREE" and value != 1:
            raise text.error(UnsupportedError, at, f"{name} = {value}: a tree has all columns here", f"{name} = 1.0")
    options = {ours: found.given(name, None) for name, ours in (("NTREE", "n_estimators"), ("SEED", "random_state"))}
    query = exp.select(*_chosen(text, found, columns)).from_(_table(text, found, relation, 1))
    return CreateModel(
        name=model_of(_path(text, found, model, 0)),
        detector="iforest",
        query=printed(query, text.dialect),
        options={"calibration": 0, **{name: value for name, value in options.items() if value is not None}},
    )


def _outliers(text: Text, found: Function) -> str:
    """CREATE TABLE of the outlying rows."""
    found.check(text, OUTLIERS)
    example = f"DETECT_OUTLIERS('outliers', 'orders', 'amount', '{METHOD}')"
    table, relation, columns, method = _texts(text, found, 4, example)
    if method.strip().lower() != METHOD:
        raise text.error(CallError, found.arguments[3][0], f"the only method is {METHOD}", example)
    limit = found.given("OUTLIER_THRESHOLD", 3.0)
    if isinstance(limit, bool) or not isinstance(limit, int | float) or limit <= 0:
        at = found.parameters["OUTLIER_THRESHOLD"][1]
        raise text.error(CallError, at, "outlier_threshold is a number above 0", "outlier_threshold = 3.0")
    features = _chosen(text, found, columns)
    if isinstance(features[0], exp.Star):
        message = "'*' names no columns before the table is read"
        raise text.error(UnsupportedError, found.arguments[2][0], message, "name them: 'amount, items'")
    keys = [column(one, text.dialect) for one in _words(text, found, "PARTITION_COLUMNS")]
    judged = call("is_anomaly", features, {"detector": "mad", "threshold": float(limit)})
    over = exp.Window(this=judged, partition_by=keys, over="OVER")
    select = exp.select("*").from_(_table(text, found, relation, 1))
    made = exp.Create(this=_table(text, found, table, 0), kind="TABLE", expression=select)
    # QUALIFY is ours on every dialect; sqlglot would print it as a subquery with one column more.
    return f"{printed(made, text.dialect)} QUALIFY {printed(over, text.dialect)}"


def _texts(text: Text, found: Function, count: int, example: str) -> list[str]:
    """The arguments, which are texts."""
    literals = [
        str(text.tokens[begin].text)
        for begin, end in found.arguments
        if end == begin + 1 and text.kind(begin) is TokenType.STRING
    ]
    if len(literals) != count or len(found.arguments) != count:
        raise text.error(CallError, found.place, f"{count} texts are needed", example)
    return literals


def _chosen(text: Text, found: Function, columns: str) -> list[Expr]:
    """The columns of a text without the excluded ones; a star, with the excluded ones in it, for '*'."""
    without = _words(text, found, "EXCLUDE_COLUMNS")
    if columns.strip() == "*":
        if without and not text.dialect.star_except:
            message = f"{text.dialect.name} has no star without columns"
            raise text.error(UnsupportedError, found.arguments[2][0], message, "name the columns")
        return [exp.Star(except_=[exp.to_identifier(one) for one in without] or None)]
    names = _names(text, columns, found.arguments[2][0])
    left = {name.lower() for name in without}
    kept = [name for name in names if name.lower() not in left]
    if not kept:
        raise text.error(CallError, found.arguments[2][0], "no column is left", "exclude fewer")
    return [column(name, text.dialect) for name in kept]


def _words(text: Text, found: Function, name: str) -> list[str]:
    """The names in a parameter's text."""
    value = str(found.given(name, ""))
    return _names(text, value, found.parameters[name][1]) if value.strip() else []


def _names(text: Text, names: str, place: int) -> list[str]:
    """Names with commas between them, without their quotes."""
    found = [_COLUMN.fullmatch(one) for one in re.split(r',(?=(?:[^"]*"[^"]*")*[^"]*$)', names)]
    if not all(found):
        raise text.error(CallError, place, f"{names!r} is no list of columns", "'amount, items'")
    return [_bare(one[1]) for one in found if one is not None]


def model_of(name: str) -> str:
    """The name of a model, which is not case-sensitive."""
    return name.lower().replace('"', "")


def _bare(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def _path(text: Text, found: Function, name: str, argument: int) -> str:
    """A name with points, checked."""
    if not _PATH.fullmatch(name):
        raise text.error(CallError, found.arguments[argument][0], f"{name!r} is no name", "orders, or sales.orders")
    return name.strip()


def _table(text: Text, found: Function, name: str, argument: int) -> exp.Table:
    """The table that an argument names."""
    words = re.findall(_NAME, _path(text, found, name, argument))
    parts = [exp.to_identifier(_bare(word), quoted=word.startswith('"')) for word in words]
    return exp.Table(**dict(zip(("this", "db", "catalog"), reversed(parts), strict=False)))

"""Snowflake's SNOWFLAKE.ML.ANOMALY_DETECTION: its statements are those of a stored model of series."""

from __future__ import annotations

import re

from sqlglot import TokenType, exp

from sqlnomaly.errors import ParseError, UnsupportedError
from sqlnomaly.frontends.context import Context, Edit
from sqlnomaly.frontends.snowflake_arguments import Arguments, read_arguments
from sqlnomaly.frontends.snowflake_detect import answers
from sqlnomaly.frontends.text import Text, column, name_of, printed
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.statements import CreateModel, DropModel, ShowModels, Statement

CLASS = ("SNOWFLAKE", ".", "ML", ".", "ANOMALY_DETECTION")
DETECTOR = "holt_winters"
HORIZON = 1_000
"""How many times behind the last point a model has: Snowflake names no end."""
REFUSED = frozenset({"ALTER", "DESCRIBE", "DESC"})
"""Statements about the class that we have not."""
METHODS = frozenset({"SHOW_EVALUATION_METRICS", "EXPLAIN_FEATURE_IMPORTANCE", "SHOW_TRAINING_LOGS"})
"""Methods that we have not."""
REMEDY = "DESCRIBE ANOMALY MODEL m says what a model is; SELECT anomaly_explanation(y, model => 'm') .. explains a row"
CREATED = frozenset({"INPUT_DATA", "SERIES_COLNAME", "TIMESTAMP_COLNAME", "TARGET_COLNAME", "LABEL_COLNAME"})
"""What CREATE takes beside CONFIG_OBJECT."""
CONFIG = frozenset({"evaluate", "evaluation_config", "on_error"})
"""Settings of CREATE that change no number of an answer: accepted, and without effect."""
ALIASES = frozenset({TokenType.ALIAS, TokenType.VAR, TokenType.IDENTIFIER})
DETECTED = "detected"
"""The alias of the derived table where the user gives none; some engines insist on one."""
EXAMPLE = (
    "CREATE SNOWFLAKE.ML.ANOMALY_DETECTION m(INPUT_DATA => TABLE(t), TIMESTAMP_COLNAME => 'ts', "
    "TARGET_COLNAME => 'y', LABEL_COLNAME => '')"
)
_HEAD = re.compile(r"\b(CALL|SHOW)\b", re.IGNORECASE)


def statement(text: Text) -> Statement | None:
    """CREATE, SHOW and DROP SNOWFLAKE.ML.ANOMALY_DETECTION; None for another statement.

    Raises:
        SqlnomalyError: for what we have not, naming it, and for a statement that is not complete.
    """
    head = _head(text)
    if head == "SHOW" and text.says(0, *CLASS):
        if len(text.tokens) > len(CLASS):
            message = f"{text.word(len(CLASS))} is not supported behind SHOW"
            raise text.error(UnsupportedError, len(CLASS), message, "SHOW SNOWFLAKE.ML.ANOMALY_DETECTION")
        return ShowModels()
    if text.says(0, "DROP", *CLASS):
        return _drop(text, 1 + len(CLASS))
    replace = text.says(0, "CREATE", "OR", "REPLACE", *CLASS)
    if replace or text.says(0, "CREATE", *CLASS):
        return _create(text, (3 if replace else 1) + len(CLASS), replace=replace)
    return None


def method(text: Text, number: int, context: Context) -> Edit | None:
    """m!DETECT_ANOMALIES(..) behind CALL or in TABLE(..), by the token of its mark; None for what is no method.

    Raises:
        SqlnomalyError: for another method, and for arguments that do not fit.
    """
    word = text.word(number + 1)
    if not text.says(number + 2, "(") or word not in {*METHODS, "DETECT_ANOMALIES"}:
        return None
    begin = number - 1
    while text.kind(begin - 1) is TokenType.DOT:
        begin -= 2
    if word in METHODS:
        message = f"{word} is a method of a model that Snowflake keeps"
        raise text.error(UnsupportedError, begin, message, REMEDY)
    name, _ = name_of(text, begin)
    end = text.closing(number + 2)
    query = answers(text, (number + 3, end), begin, name, context.models(name))
    if begin == 0 and _head(text) == "CALL":
        if end + 1 < len(text.tokens):
            raise text.error(ParseError, end + 1, f"{text.word(end + 1)} is not expected here", "end the statement")
        return Edit(0, end + 1, query, whole=True)
    if not text.says(begin - 2, "TABLE", "(") or not text.says(end + 1, ")"):
        message = "a method stands behind CALL, or in TABLE(..) behind FROM"
        raise text.error(UnsupportedError, begin, message, "SELECT * FROM TABLE(m!DETECT_ANOMALIES(..))")
    earlier = sum(text.says(place, "!", "DETECT_ANOMALIES", "(") for place in range(number))
    alias = "" if text.kind(end + 2) in ALIASES else f" AS {DETECTED}" + (f"_{earlier + 1}" if earlier else "")
    return Edit(begin - 2, end + 2, f"({query}){alias}")


def refuse_class(text: Text, number: int) -> None:
    """ALTER and DESCRIBE SNOWFLAKE.ML.ANOMALY_DETECTION.

    Raises:
        UnsupportedError: where a token begins the class in such a statement.
    """
    if text.says(number, *CLASS) and text.word(0) in REFUSED:
        message = f"{text.word(0)} SNOWFLAKE.ML.ANOMALY_DETECTION is not supported"
        raise text.error(UnsupportedError, 0, message, "ALTER ANOMALY MODEL m SET (threshold = 3); " + REMEDY)


def _head(text: Text) -> str:
    """The head of a statement that is none of its tokens, in capitals."""
    found = _HEAD.findall(text.sql[: text.start(0)])
    return str(found[-1]).upper() if found else ""


def _drop(text: Text, number: int) -> DropModel:
    there = text.says(number, "IF", "EXISTS")
    name, after = name_of(text, number + 2 * there)
    if after < len(text.tokens):
        raise text.error(ParseError, after, f"{text.word(after)} is not expected here", "end the statement before it")
    return DropModel(name=name, if_exists=there)


def _create(text: Text, number: int, *, replace: bool) -> CreateModel:
    absent = text.says(number, "IF", "NOT", "EXISTS")
    name, opening = name_of(text, number + 3 * absent)
    if not text.says(opening, "("):
        raise text.error(ParseError, opening, "the arguments of a model stand in parentheses", EXAMPLE)
    end = text.closing(opening)
    _check_tail(text, end + 1)
    given = read_arguments(text, (opening + 1, end), CREATED, number, EXAMPLE)
    given.config(CONFIG, {})
    keys = tuple(filter(None, [given.name("SERIES_COLNAME", needed=False)]))
    time, value = given.name("TIMESTAMP_COLNAME"), given.name("TARGET_COLNAME")
    return CreateModel(
        name=name,
        detector=DETECTOR,
        query=_training(text, given, (*keys, time, value)),
        options={"horizon": HORIZON},
        partition_by=keys,
        order_by=(time,),
        replace=replace,
        if_not_exists=absent,
    )


def _training(text: Text, given: Arguments, names: tuple[str, ...]) -> str:
    """The query of the rows that are fitted: those with a label are known anomalies, and left out."""
    dialect = text.dialect
    select = printed(exp.Select(expressions=[column(name, dialect) for name in names]), dialect)
    query = f"{select} FROM {given.relation()} AS given"
    label = given.name("LABEL_COLNAME", needed=False)
    if not label:
        return query
    known = exp.Coalesce(this=column(label, dialect), expressions=[exp.false()])
    return f"{query} WHERE {printed(ops.not_(known), dialect)}"


def _check_tail(text: Text, number: int) -> None:
    """Tags and a comment, which change nothing, may stand behind the arguments."""
    while number < len(text.tokens):
        tag = number + text.says(number, "WITH")
        if text.says(tag, "TAG", "("):
            number = text.closing(tag + 1) + 1
        elif text.says(number, "COMMENT", "=") and text.kind(number + 2) is TokenType.STRING:
            number += 3
        else:
            message = f"{text.word(number)} is not expected here"
            raise text.error(ParseError, number, message, "TAG (..) and COMMENT = '..' may stand here")

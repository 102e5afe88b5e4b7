"""What a vendor's documentation says a function takes, and a check that SQL text calls functions that way.

The check reads the printed SQL token by token, not the syntax tree: sqlglot turns many functions into nodes
of its own and prints them back under another name, so only the text shows what the engine will get.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from sqlglot import Token, TokenType, exp, tokenize

Kind = Literal["any", "number", "text", "bool", "time", "array", "lambda", "constant", "unit"]
"""What an argument is. ``constant`` names no column; ``unit`` is a bare word such as MICROSECOND."""

Role = Literal["scalar", "aggregate", "aggregate_only", "analytic_only"]
Clause = Literal["required", "allowed", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One function of one dialect.

    Attributes:
        name: in upper case.
        arguments: the least and the most arguments; None for any number.
        kinds: of the arguments in order; the last one repeats.
        source: the title of the vendor's page that says so.
        role: ``aggregate`` may stand with and without OVER; a scalar never has one.
        window_order: ORDER BY inside OVER.
        window_frame_ok: whether a ROWS or RANGE frame may follow it.
        within_group: whether WITHIN GROUP (ORDER BY ..) stands behind the call; always or never.
    """

    name: str
    arguments: tuple[int, int | None]
    kinds: tuple[Kind, ...]
    source: str
    role: Role = "scalar"
    window_order: Clause = "allowed"
    window_frame_ok: bool = True
    within_group: bool = False

    @property
    def analytic_only(self) -> bool:
        """Whether the function exists only with OVER."""
        return self.role == "analytic_only"

    @property
    def aggregate_only(self) -> bool:
        """Whether the function aggregates and refuses OVER."""
        return self.role == "aggregate_only"


def table(*groups: Sequence[Signature]) -> Mapping[str, Signature]:
    """One read-only mapping by name.

    Raises:
        ValueError: for a name that is given twice.
    """
    found: dict[str, Signature] = {}
    for signature in (one for group in groups for one in group):
        if signature.name in found:
            raise ValueError(f"{signature.name} has two signatures")
        found[signature.name] = signature
    return MappingProxyType(found)


def scalars(source: str, *rows: tuple[str, int, int | None, str]) -> list[Signature]:
    """Scalar functions of one page; a row is names, least, most, kinds, both lists divided by spaces."""
    return _signatures(source, rows)


def aggregates(
    source: str, *rows: tuple[str, int, int | None, str], role: Role = "aggregate"
) -> list[Signature]:
    """Aggregates of one page, which may also stand with OVER, in any order and frame."""
    return _signatures(source, rows, role=role)


def unordered(
    source: str, *rows: tuple[str, int, int | None, str], role: Role = "aggregate", within_group: bool = False
) -> list[Signature]:
    """Aggregates whose OVER takes PARTITION BY only."""
    return _signatures(
        source, rows, role=role, window_order="refused", window_frame_ok=False, within_group=within_group
    )


def analytics(
    source: str,
    *rows: tuple[str, int, int | None, str],
    window_order: Clause = "required",
    window_frame_ok: bool = False,
) -> list[Signature]:
    """Functions that exist only with OVER; most need an order and take no frame."""
    return _signatures(
        source, rows, role="analytic_only", window_order=window_order, window_frame_ok=window_frame_ok
    )


def _signatures(
    source: str,
    rows: Sequence[tuple[str, int, int | None, str]],
    *,
    role: Role = "scalar",
    window_order: Clause = "allowed",
    window_frame_ok: bool = True,
    within_group: bool = False,
) -> list[Signature]:
    return [
        Signature(
            name=name,
            arguments=(least, most),
            kinds=tuple(kinds.split()),  # type: ignore[arg-type]
            source=source,
            role=role,
            window_order=window_order,
            window_frame_ok=window_frame_ok,
            within_group=within_group,
        )
        for names, least, most, kinds in rows
        for name in names.split()
    ]


_STRUCTURE_WORDS = """
    ALL AND ANTI ANY AS BETWEEN BY CASE CAST CROSS DISTINCT ELSE END EXCEPT EXCLUDE EXISTS FROM FULL GROUP
    HAVING IN INNER INTERSECT INTERVAL INTO IS JOIN LATERAL LIKE LIMIT MATERIALIZED NOT OFFSET ON OR ORDINAL
    OUTER OVER PARTITION PIVOT QUALIFY RECURSIVE SAFE_CAST SELECT SEMI SET SOME TABLE THEN TRY_CAST UNION UNNEST
    UNPIVOT USING VALUES WHEN WHERE WINDOW WITH WITHIN
    BIGNUMERIC BINARY CHAR DATETIME64 DECIMAL NUMBER NUMERIC STRING VARCHAR
"""
STRUCTURE = frozenset(_STRUCTURE_WORDS.split())
"""Words before a parenthesis that are no function: clauses, operators, subscripts, and types with a length."""

NAMED_BEFORE = frozenset({"AS", "INTO", "TABLE", "VIEW", "UPDATE", "WITH", "RECURSIVE", "EXISTS", "::"})
"""Behind these a name with a parenthesis is a type, a table with its columns or an alias with its columns."""

SESSION = "_SN_"
"""How functions begin that the session itself registers for a query."""

OPENING = {TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE}
CLOSING = {TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE}
FRAMES = frozenset({"ROWS", "RANGE", "GROUPS"})


@dataclass(frozen=True, slots=True)
class Call:
    """One call in the text: its name, the tokens of each argument, and the clauses behind it."""

    name: str
    line: int
    position: int
    arguments: tuple[tuple[Token, ...], ...]
    within_group: bool
    over: bool
    over_name: bool
    ordered: bool
    framed: bool


def check_functions(tree: exp.Expr | str, functions: Mapping[str, Signature], dialect: str) -> list[str]:
    """The violations in a statement of this dialect, one sentence each; none if every call is as documented.

    Args:
        tree: the SQL text as it goes to the engine, or a tree that this dialect parsed; it is printed first.
        functions: the dialect's signatures by upper-case name.
        dialect: sqlglot's name of the dialect, for its tokens.

    Example:
        >>> from sqlnomaly.dialects.bigquery_functions import FUNCTIONS
        >>> check_functions("SELECT MEDIAN(x) FROM t", FUNCTIONS, "bigquery")
        ['MEDIAN at line 1, position 8: no such function in the bigquery table']
    """
    sql = tree if isinstance(tree, str) else tree.sql(dialect=dialect)
    return [
        f"{call.name} at line {call.line}, position {call.position}: {problem}"
        for call in calls(sql, dialect)
        if not call.name.startswith(SESSION)
        for problem in _problems(call, functions.get(call.name), dialect)
    ]


def calls(sql: str, dialect: str) -> Iterator[Call]:
    """Every function call in the text, outer before inner."""
    tokens = tokenize(sql, read=dialect)
    closed_by = _pairs(tokens)
    for at, token in enumerate(tokens[1:], start=1):
        if token.token_type == TokenType.L_PAREN and at in closed_by and _is_call(tokens, at, closed_by[at]):
            yield _call(tokens, at, closed_by)


def _pairs(tokens: Sequence[Token]) -> dict[int, int]:
    """The closing position of every opening parenthesis, bracket and brace."""
    open_at: list[int] = []
    pairs: dict[int, int] = {}
    for at, token in enumerate(tokens):
        if token.token_type in OPENING:
            open_at.append(at)
        elif token.token_type in CLOSING and open_at:
            pairs[open_at.pop()] = at
    return pairs


def _word(tokens: Sequence[Token], at: int) -> str:
    """The token's text in upper case; nothing outside the statement and for quoted names and texts."""
    if not 0 <= at < len(tokens) or tokens[at].token_type in (TokenType.IDENTIFIER, TokenType.STRING):
        return ""
    return tokens[at].text.upper()


def _start(tokens: Sequence[Token], at: int) -> int:
    """Where the dotted name starts that ends at a position."""
    while at >= 2 and tokens[at - 1].token_type == TokenType.DOT:
        at -= 2
    return at


def _is_call(tokens: Sequence[Token], opening: int, closing: int) -> bool:
    """Whether the name before this parenthesis calls a function."""
    name = opening - 1
    quoted = tokens[name].token_type == TokenType.IDENTIFIER
    word = _word(tokens, name)
    if (not quoted and not word.replace("_", "a").isalnum()) or word[:1].isdigit():
        return False
    start = _start(tokens, name)
    before = _word(tokens, start - 1)
    if start == name and word in STRUCTURE:
        return False
    if before in NAMED_BEFORE or (word in ("FILTER", "REPLACE") and before in ("*", ")")):
        return False
    return not (_word(tokens, closing + 1) == "AS" and _word(tokens, closing + 2) == "(")


def _call(tokens: Sequence[Token], opening: int, closed_by: Mapping[int, int]) -> Call:
    """The call whose arguments start at this parenthesis."""
    start = _start(tokens, opening - 1)
    closing = closed_by[opening]
    name = "".join(token.text for token in tokens[start:opening]).upper()
    at = closing + 1
    within = _word(tokens, at) == "WITHIN"
    if within:
        at = closed_by.get(at + 2, len(tokens)) + 1
    if _word(tokens, at) == "FILTER":
        at = closed_by.get(at + 1, len(tokens)) + 1
    if _word(tokens, at) in ("IGNORE", "RESPECT"):
        at += 2
    over = _word(tokens, at) == "OVER"
    window = _top(at + 1, closed_by) if over else []
    words = {_word(tokens, inner) for inner in window}
    return Call(
        name=name,
        line=tokens[start].line,
        position=tokens[start].col - len(tokens[start].text) + 1,
        arguments=tuple(_arguments(tokens, opening, closed_by)),
        within_group=within,
        over=over,
        over_name=over and _word(tokens, at + 1) != "(",
        ordered=any(word.startswith("ORDER") for word in words),
        framed=bool(words & FRAMES),
    )


def _top(opening: int, closed_by: Mapping[int, int]) -> list[int]:
    """The positions directly inside a parenthesis, without what stands in inner ones."""
    found: list[int] = []
    at, closing = opening + 1, closed_by.get(opening, opening)
    while at < closing:
        found.append(at)
        at = closed_by.get(at, at) + 1
    return found


def _arguments(
    tokens: Sequence[Token], opening: int, closed_by: Mapping[int, int]
) -> Iterator[tuple[Token, ...]]:
    """The arguments of a call; an ORDER BY inside the parentheses ends them."""
    start = opening + 1
    in_lambda = False
    end = closed_by[opening]
    for at in _top(opening, closed_by):
        word = _word(tokens, at)
        if word.startswith("ORDER"):
            end = at
            break
        if word == "DISTINCT" and at == start:
            start = at + 1
        in_lambda = (in_lambda or word == "LAMBDA") and tokens[at].token_type != TokenType.COLON
        if tokens[at].token_type == TokenType.COMMA and not in_lambda:
            yield tuple(tokens[start:at])
            start = at + 1
    if start < end:
        yield tuple(tokens[start:end])


def _problems(call: Call, signature: Signature | None, dialect: str) -> Iterator[str]:
    """What is wrong with one call."""
    if signature is None:
        yield f"no such function in the {dialect} table"
        return
    least, most = signature.arguments
    given = len(call.arguments)
    if given < least or (most is not None and given > most):
        wanted = str(least) if least == most else f"{least} or more" if most is None else f"{least} to {most}"
        yield f"{given} arguments, documented are {wanted} ({signature.source})"
    for number, argument in enumerate(call.arguments):
        kind = signature.kinds[min(number, len(signature.kinds) - 1)] if signature.kinds else "any"
        if not _fits(argument, kind):
            text = " ".join(token.text for token in argument)
            yield f"argument {number + 1} is documented as {kind}, here {text} ({signature.source})"
    if signature.analytic_only and not call.over:
        yield f"exists only with OVER ({signature.source})"
    if signature.aggregate_only and call.over:
        yield f"an aggregate that takes no OVER ({signature.source})"
    if signature.role == "scalar" and call.over:
        yield f"a scalar function with OVER ({signature.source})"
    if signature.within_group != call.within_group:
        yield f"{'needs' if signature.within_group else 'takes no'} WITHIN GROUP ({signature.source})"
    if call.over and not call.over_name:
        if signature.window_order == "required" and not call.ordered:
            yield f"needs ORDER BY in OVER ({signature.source})"
        if signature.window_order == "refused" and call.ordered:
            yield f"takes no ORDER BY in OVER ({signature.source})"
        if not signature.window_frame_ok and call.framed:
            yield f"takes no frame ({signature.source})"
    elif call.over and (signature.window_order != "allowed" or not signature.window_frame_ok):
        yield f"a named window hides whether it is legal ({signature.source})"


def _fits(argument: Sequence[Token], kind: Kind) -> bool:
    """Whether an argument can be of this kind, judged by literals and bare words; what is composed passes."""
    first = argument[0].token_type
    if kind == "lambda":
        return any(
            token.token_type == TokenType.ARROW or token.text.upper() == "LAMBDA" for token in argument
        )
    if kind == "unit":
        return len(argument) == 1 and first not in (TokenType.NUMBER, TokenType.IDENTIFIER)
    if kind == "constant":
        names = (TokenType.VAR, TokenType.IDENTIFIER)
        following = [*argument[1:], None]
        before = [None, *argument[:-1]]
        return not any(
            token.token_type == TokenType.STRING
            or (
                token.token_type in names
                and not (after and after.token_type == TokenType.L_PAREN)
                and not (back and back.text.upper() == "AS")
            )
            for token, after, back in zip(argument, following, before, strict=True)
        )
    if len(argument) > 1:
        return True
    if kind in ("number", "bool", "array"):
        return first != TokenType.STRING and not (kind != "number" and first == TokenType.NUMBER)
    if kind in ("text", "time"):
        return first != TokenType.NUMBER
    return True

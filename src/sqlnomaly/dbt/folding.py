"""Folds a statement over several features into one with loops.

The compiler writes a statement for the features that a call has. A macro takes any number of them, so what is
repeated feature by feature becomes a loop. The loops are found in the statement of three features, and what they unfold
to is held against what the compiler writes for other numbers: a statement that cannot be folded so is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""'(?:[^'\\]|''|\\.)*'          # a text
      | "(?:[^"]|"")*" | `[^`]*`      # a quoted name
      | \(\s*-\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\s*\)   # a negative number, as the compiler parenthesizes it
      | [A-Za-z_]\w*                  # a word
      | \d+(?:\.\d+)?(?:[eE][+-]?\d+)?
      | \s+ | <= | >= | <> | != | \|\| | :: | .""",
    re.VERBOSE | re.DOTALL,
)
_FEATURE = re.compile(r"(?<![A-Za-z0-9])x([1-9])(?![0-9])")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
SHOWN = 3
"""Features of the statement in which loops are sought."""


@dataclass(frozen=True, slots=True)
class Loop:
    """What is said once for each feature, as for the first one, and what parts one from the next."""

    body: tuple[str, ...]
    between: tuple[str, ...]


Folded = tuple[str | Loop, ...]


def tokens(sql: str) -> tuple[str, ...]:
    """The tokens of a statement, without white space and comments.

    Example:
        >>> tokens("SELECT x1 /* one */, (-2.5) AS y")
        ('SELECT', 'x1', ',', '(-2.5)', 'AS', 'y')
    """
    found = (token for token in _TOKEN.findall(_COMMENT.sub(" ", sql)) if not token.isspace())
    return tuple(re.sub(r"\s", "", token) if token.startswith("(") else token for token in found)


def fold(words: Sequence[str]) -> Folded | None:
    """The statement of SHOWN features with a loop for what is repeated; None where it says something of one alone.

    Features are the names x1, x2, x3, also inside other names.

    Example:
        >>> fold(tokens("SELECT SUM(x1) AS a_x1, SUM(x2) AS a_x2, SUM(x3) AS a_x3 FROM t"))[1]
        Loop(body=('SUM', '(', 'x1', ')', 'AS', 'a_x1'), between=(',',))
        >>> fold(tokens("SELECT x1, x1 + x2, x3 FROM t"))
    """
    folded: list[str | Loop] = []
    start = 0
    while (first := _next_feature(words, start)) is not None:
        found = next(_loops(words, start, first), None)
        if found is None:
            return None
        loop, begins, ends = found
        folded += words[start:begins]
        folded.append(loop)
        start = ends
    return (*folded, *words[start:])


def unfold(folded: Folded, features: int) -> tuple[str, ...]:
    """The tokens for that many features.

    Example:
        >>> " ".join(unfold(("SELECT", Loop(("x1",), (",",))), 4))
        'SELECT x1 , x2 , x3 , x4'
    """
    words: list[str] = []
    for part in folded:
        if isinstance(part, str):
            words.append(part)
            continue
        for feature in range(1, features + 1):
            if feature > 1:
                words += part.between
            words += (_of(token, feature) for token in part.body)
    return tuple(words)


def named(token: str, name: str) -> str:
    """A token of a loop's body with another name in the feature's place.

    Example:
        >>> named("_sn_x1__n", "x{{ loop.index }}")
        '_sn_x{{ loop.index }}__n'
    """
    return _FEATURE.sub(lambda _: name, token)


def _loops(words: Sequence[str], start: int, first: int) -> Iterator[tuple[Loop, int, int]]:
    """The loops around the token at ``first``, each with where it begins and ends."""
    if _number(words[first]) != 1:
        return
    second = _of(words[first], 2)
    for at in (at for at in range(first + 1, len(words)) if words[at] == second):
        period = at - first
        begins, ends = _extent(words, start, first, period)
        between = tuple(words[ends : begins + period])
        apart = [tuple(words[ends + n * period : begins + (n + 1) * period]) for n in range(SHOWN - 1)]
        if ends > first and not any(map(_number, between)) and apart == [between] * (SHOWN - 1):
            yield Loop(tuple(words[begins:ends]), between), begins, ends + (SHOWN - 1) * period


def _extent(words: Sequence[str], start: int, first: int, period: int) -> tuple[int, int]:
    """Around ``first``, the tokens that come again every ``period`` tokens for the next feature."""

    def repeated(at: int) -> bool:
        return (
            at + (SHOWN - 1) * period < len(words)
            and _number(words[at]) in (0, 1)
            and all(words[at + n * period] == _of(words[at], n + 1) for n in range(1, SHOWN))
        )

    ends = first
    while ends < first + period and repeated(ends):
        ends += 1
    begins = first
    while begins > start and ends - begins < period and repeated(begins - 1):
        begins -= 1
    return begins, ends


def _next_feature(words: Sequence[str], start: int) -> int | None:
    return next((at for at in range(start, len(words)) if _number(words[at])), None)


def _number(token: str) -> int:
    """Which feature a token is about, 0 for none."""
    found = _FEATURE.search(token)
    return 0 if found is None else int(found[1])


def _of(token: str, feature: int) -> str:
    """The token of the first feature, for another one."""
    return _FEATURE.sub(lambda found: f"x{feature}" if found[1] == "1" else found[0], token)

"""Which numbers of a compiled statement are a user's: found by compiling it again with another number.

A number that only ever stands as itself, or as one of a few functions of itself, becomes a hole that Jinja fills. An
option that changes more than numbers is not the package's: it stays at its default.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

FORMS: Mapping[str, Callable[[float], float]] = MappingProxyType(
    {
        "{0}": lambda value: value,
        "{0} + 1e-9 * [1.0, {0} | abs] | max": lambda value: value + 1e-9 * max(1.0, abs(value)),
        "{0} + 1e-6 * [1.0, {0} | abs] | max": lambda value: value + 1e-6 * max(1.0, abs(value)),
        "1 - {0}": lambda value: 1.0 - value,
        "-{0}": lambda value: -value,
    }
)
"""How a number may stand in a statement, as Jinja and as Python."""
_NUMBER = re.compile(r"\(?(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\)?")
_CLOSE = 1e-15


def holes(
    words: Sequence[str], value: float, others: Sequence[str], other: float, option: str
) -> Mapping[str, str] | None:
    """What stands for an option in a statement's tokens.

    Args:
        words: the tokens with one value of the option.
        value: that value, found nowhere else in the statement.
        others: the tokens with another value.
        other: that value.
        option: as Jinja names it.

    Returns:
        Token -> the Jinja in its place; None where the statement differs in more than such numbers.

    Example:
        >>> holes(["x", ">", "7.5e0"], 7.5, ["x", ">", "8.5e0"], 8.5, "s.limit")
        {'7.5e0': '{{ sqlnomaly.real(s.limit) }}'}
        >>> holes(["x", ">", "7"], 7, ["x", "+", "8"], 8, "s.limit")
    """
    if len(words) != len(others):
        return None
    found: dict[str, str] = {}
    for word, changed in zip(words, others, strict=True):
        if word == changed:
            continue
        form = _form(number(word), value, number(changed), other)
        if form is None:
            return None
        whole = "whole" if re.fullmatch(r"\(?-?\d+\)?", word) else "real"
        found[word] = f"{{{{ sqlnomaly.{whole}({form.format(option)}) }}}}"
    kept = any(word == changed and word in found for word, changed in zip(words, others, strict=True))
    return None if kept else found


def filled(word: str, value: float, option: str) -> str | None:
    """What stands for an option in the place of a token; None where the token is not its value, found nowhere else.

    Example:
        >>> filled("0.75e0", 0.25, "s.share"), filled("2.5e0", 0.25, "s.share")
        ('{{ sqlnomaly.real(1 - s.share) }}', None)
    """
    form = _form(found := number(word), value, found, value)
    if form is None:
        return None
    whole = "whole" if re.fullmatch(r"\(?-?\d+\)?", word) else "real"
    return f"{{{{ sqlnomaly.{whole}({form.format(option)}) }}}}"


def number(word: str) -> float | None:
    """The number that a token is, None for another token."""
    found = _NUMBER.fullmatch(word)
    return None if found is None else float(found[1])


def _form(word: float | None, value: float, changed: float | None, other: float) -> str | None:
    """How the value stands in one token, and the other value in its place."""
    if word is None or changed is None:
        return None
    fitting = (
        form
        for form, of in FORMS.items()
        if abs(word - of(value)) <= _CLOSE * abs(word) and abs(changed - of(other)) <= _CLOSE * abs(changed)
    )
    return next(fitting, None)

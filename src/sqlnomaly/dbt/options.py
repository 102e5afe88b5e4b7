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
    words: Sequence[str], others: Sequence[str], values: Mapping[str, tuple[float, float]]
) -> Mapping[str, str] | None:
    """What stands for options in a statement's tokens.

    Args:
        words: the tokens with one value of each option.
        others: the tokens with another value of each.
        values: these two values of each option, as Jinja names it; the first is found nowhere else in the statement.

    Returns:
        Token -> the Jinja in its place; None where the statements differ in more than such numbers.

    Example:
        >>> holes(["x", ">", "7.5e0"], ["x", ">", "8.5e0"], {"s.limit": (7.5, 8.5)})
        {'7.5e0': '{{ sqlnomaly.real(s.limit) }}'}
        >>> holes(["x", ">", "7"], ["x", "+", "8"], {"s.limit": (7, 8)})
    """
    if len(words) != len(others):
        return None
    found: dict[str, str] = {}
    pairs = dict.fromkeys(zip(words, others, strict=True))
    for word, changed in pairs:
        if word == changed:
            continue
        numbers = number(word), number(changed)
        forms = ((option, _form(numbers[0], value, numbers[1], other)) for option, (value, other) in values.items())
        written = next((_written(word, form, option) for option, form in forms if form is not None), None)
        if written is None or found.setdefault(word, written) != written:
            return None
    return None if any((word, word) in pairs for word in found) else found


def filled(word: str, value: float, option: str) -> str | None:
    """What stands for an option in the place of a token; None where the token is not its value, found nowhere else.

    Example:
        >>> filled("0.75e0", 0.25, "s.share"), filled("2.5e0", 0.25, "s.share")
        ('{{ sqlnomaly.real(1 - s.share) }}', None)
    """
    form = _form(found := number(word), value, found, value)
    return None if form is None else _written(word, form, option)


def number(word: str) -> float | None:
    """The number that a token is, None for another token."""
    found = _NUMBER.fullmatch(word)
    return None if found is None else float(found[1])


def _written(word: str, form: str, option: str) -> str:
    """The Jinja in the place of a token."""
    whole = "whole" if re.fullmatch(r"\(?-?\d+\)?", word) else "real"
    return f"{{{{ sqlnomaly.{whole}({form.format(option)}) }}}}"


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

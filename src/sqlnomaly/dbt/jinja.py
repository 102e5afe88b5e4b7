"""Writes the statements of a detector as a Jinja macro of one dialect."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType

from sqlnomaly.dbt.bodies import Branch, Way
from sqlnomaly.dbt.folding import Loop, named
from sqlnomaly.dbt.merging import Choice, Merged

NAMES: Mapping[str, str] = MappingProxyType(
    {f"sn_{name}": f"{{{{ s.{name} }}}}" for name in ("relation", "columns", "key", "order", "filter")}
)
"""What stands for a name of the compiled statements."""
_FEATURE, _LITERAL = re.compile(r"x(\d)"), re.compile(r"'x(\d)'")
_CLAUSES = ("FROM", "WHERE", "GROUP", "LEFT", "INNER", "CROSS", "QUALIFY", "UNION")
_CLOSING = (")", ",", ".", "(", "]")
WIDTH = 140


def macro(dialect: str, detector: str, branches: Sequence[Branch]) -> str:
    """The macro of one dialect: the statement that fits how it is called, or an error that says what there is."""
    texts = [f"{_when(branch)}\n{statement(branch.text)}" for branch in branches]
    ways = sorted({_shown(way) for branch in branches for way in branch.ways})
    options = sorted({option for branch in branches for option in branch.options})
    checked = f"{{%- do sqlnomaly.only_options('{detector}', s, {options!r}) -%}}"
    text = "\n{%- el".join(texts)
    refused = f"{{%- else -%}}\n{{{{ sqlnomaly.no_such_way('{detector}', s, {ways!r}) }}}}\n{{%- endif -%}}"
    head = f"{{%- macro {dialect}__sqlnomaly_{detector}(s) -%}}"
    return f"{head}\n{checked}\n{{%- {text}\n{refused}\n{{%- endmacro -%}}\n"


def statement(text: Merged) -> str:
    """A statement as Jinja.

    Example:
        >>> print(statement(("SELECT", Loop(("_sn_x1", "+", "x1"), (",",)), "FROM", "sn_relation")))
        SELECT
        {%- for f in s.features %} _sn_x{{ loop.index }} + {{ f.value }}{{ ", " if not loop.last }}{% endfor %}
        FROM {{ s.relation }}
    """
    pieces: list[str] = []
    for kind, parts in groupby(text, key=type):
        if kind is str:
            pieces += _lines([_outside(part) for part in parts if isinstance(part, str)])
            continue
        for part in parts:
            if isinstance(part, Choice):
                pieces.append(_choice(part))
            elif isinstance(part, Loop):
                pieces.append(_loop(part))
    return "\n".join(pieces)


def _choice(choice: Choice) -> str:
    """What depends on the rule or the direction, as few cases as there are texts."""
    of = {key: statement(text) for key, text in choice.of.items()}
    rules = {key[0]: {text for other, text in of.items() if other[0] == key[0]} for key in of}
    sides = {key[1]: {text for other, text in of.items() if other[1] == key[1]} for key in of}
    if all(len(texts) == 1 for texts in rules.values()):
        cases = {f"s.rule == '{rule}'": texts.pop() for rule, texts in rules.items()}
    elif all(len(texts) == 1 for texts in sides.values()):
        cases = {f"s.direction == '{side}'": texts.pop() for side, texts in sides.items()}
    else:
        cases = {f"s.rule == '{key[0]}' and s.direction == '{key[1]}'": text for key, text in of.items()}
    said = "{% el".join(f"if {when} %}} {text}" for when, text in cases.items())
    return f"{{%- {said}{{% endif %}}"


def _loop(loop: Loop) -> str:
    """A loop over the features."""
    inside = spaced([_inside(word) for word in loop.body])
    between = spaced(loop.between)
    if between == ",":
        between = ", "
    elif between:
        between = f" {between} "
    last = f"{{{{ {between!r} if not loop.last }}}}".replace("'", '"') if between else ""
    return f"{{%- for f in s.features %}} {inside}{last}{{% endfor %}}"


def _inside(word: str) -> str:
    if word == "x1":
        return "{{ f.value }}"
    if word == "'x1'":
        return "{{ f.literal }}"
    return NAMES.get(word) or named(word, "x{{ loop.index }}")


def _outside(word: str) -> str:
    if found := _FEATURE.fullmatch(word):
        return f"{{{{ s.features[{int(found[1]) - 1}].value }}}}"
    if found := _LITERAL.fullmatch(word):
        return f"{{{{ s.features[{int(found[1]) - 1}].literal }}}}"
    return NAMES.get(word, word)


def spaced(words: Sequence[str]) -> str:
    """Tokens as one line of SQL.

    Example:
        >>> spaced(["SELECT", "COUNT", "(", "a", ".", "x", ")", ",", "-", "1"])
        'SELECT COUNT(a.x), - 1'
    """
    line = ""
    for at, word in enumerate(words):
        before = words[at - 1] if at else ""
        tight = word in (")", ",", ".", "]") or before in ("(", ".", "[") or (word in ("(", "[") and _called(before))
        line += word if tight or not at else f" {word}"
    return line


_OPERATORS = frozenset(
    "AND OR NOT THEN ELSE WHEN CASE AS IN OVER BY SELECT WHERE ON IS FROM DISTINCT BETWEEN END EXCLUDE EXCEPT".split()
)


def _called(before: str) -> bool:
    """Whether a parenthesis after this token is that of a call."""
    return bool(re.fullmatch(r"\w+", before)) and before.upper() not in _OPERATORS


def _lines(words: Sequence[str]) -> Iterator[str]:
    """Lines of SQL: one a clause, none too wide."""
    line: list[str] = []
    wide = 0
    for at, word in enumerate(words):
        ends = word in _CLAUSES and words[at - 1] not in ("(", "DISTINCT")
        breaks = wide > WIDTH and word not in _CLOSING and words[at - 1] not in ("(", ".")
        if line and (ends or breaks):
            yield spaced(line)
            line, wide = [], 0
        line.append(word)
        wide += len(word) + 1
    if line:
        yield spaced(line)


def _when(branch: Branch) -> str:
    """The condition on a call."""
    way = branch.ways[0]
    number = "s.features | length" + (f" == {way.features}" if way.features else " > 1")
    rules = sorted({(one.rule, one.direction) for one in branch.ways})
    season = f" and s.season == '{way.season}'" if way.season else ""
    return f"if {'' if way.ordered else 'not '}s.order and {number} and (s.rule, s.direction) in {rules!r}{season} -%}}"


def _shown(way: Way) -> str:
    """A way in words."""
    features = f"{way.features} feature{'s' if way.features > 1 else ''}" if way.features else "features"
    season = f", season {way.season}" if way.season else ""
    return f"{way.rule}, {'with' if way.ordered else 'without'} order_by, {features}{season}"


def file(dialect: str, detector: str, branches: Iterable[Branch], version: str) -> str:
    """The file of one detector and dialect."""
    head = f"{{#- sqlnomaly {version}: {detector} for {dialect}, generated; do not edit. -#}}\n"
    return head + macro(dialect, detector, list(branches))

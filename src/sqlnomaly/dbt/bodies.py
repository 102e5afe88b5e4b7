"""The statements of a detector's macro: one for each way to call it, compiled over names that stand for a user's.

=================  ============================================================
name               what a macro puts there
=================  ============================================================
``sn_relation``    the relation of the rows
``sn_columns``     its columns, where the dialect's star cannot leave out some
``sn_key``         what parts the series, one expression
``sn_order``       the time
``sn_filter``      whether a row is fitted
``x1``, ``x2`` ..  the features
=================  ============================================================
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlnomaly.compiling import compile  # noqa: A004  (the public name)
from sqlnomaly.dbt.folding import SHOWN, Folded, fold, tokens, unfold
from sqlnomaly.dbt.merging import Merged, merge
from sqlnomaly.dbt.options import holes
from sqlnomaly.dialects import get_dialect
from sqlnomaly.errors import SqlnomalyError
from sqlnomaly.pushdown.contract import Categories, Detector
from sqlnomaly.udfs.registry import detectors

DIALECTS = ("duckdb", "snowflake", "bigquery", "spark", "postgres", "redshift")
"""Whose adapters the package speaks; Databricks' adapter takes Spark's macros."""
ANSWERS = (
    "anomaly_score",
    "anomaly_probability",
    "is_anomaly",
    "anomaly_threshold",
    "anomaly_reason",
    "anomaly_status",
)
"""The columns beside each row, as the relation form gives them."""
BAND = ("anomaly_expected", "anomaly_lower", "anomaly_upper")
"""What one feature has beside them, of detectors that expect a value."""
MOST = 4
"""The most features of a statement that cannot be folded into loops; one in the order of time has one."""
HELD = (2, 5)
"""Numbers of features for which a folded statement is held against the compiler's."""
SEASONS = ("dow", "hour", "hour_of_week")
"""The slots of ``seasonal``; other detectors take any slot as a part of the key."""
THRESHOLD, CONTAMINATION, ROWS = 7907.25, 0.0123, 7919
"""Values that stand nowhere else."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to call a detector.

    Attributes:
        ordered: by time: each row is judged by those before it, or by its place in the series.
        rule: ``threshold`` or ``contamination``.
        direction: ``both``, ``high`` or ``low``.
        features: how many; 0 for any number from two.
        season: the slot of the calendar that ``seasonal`` learns; None for the others.
    """

    ordered: bool
    rule: str
    direction: str
    features: int
    season: str | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """A statement of one way, with loops and holes, and what it was compiled of."""

    way: Way
    text: Folded
    asked: Asked


@dataclass(frozen=True, slots=True)
class Branch:
    """The statements of a detector for one number of features, merged.

    Attributes:
        ways: which there are.
        text: each of them, by rule and direction.
    """

    ways: tuple[Way, ...]
    text: Merged
    options: tuple[str, ...]


def branches(detector: str, dialect: str) -> Iterator[Branch]:
    """The statements of a detector's macro, those that differ by rule and direction alone as one."""
    found: dict[tuple[bool, int, str | None], list[Body]] = {}
    for body in bodies(detector, dialect):
        way = body.way
        found.setdefault((way.ordered, way.features, way.season), []).append(body)
    for group in found.values():
        text = merge({(body.way.rule, body.way.direction): body.text for body in group})
        options = dict.fromkeys(option for body in group for option in body.asked.own)
        yield Branch(tuple(body.way for body in group), text, tuple(options))


def bodies(detector: str, dialect: str) -> Iterator[Body]:
    """The statements of a detector's macro, without those that the detector or the dialect refuses."""
    kind = detectors()[detector]
    directions = ("both", "high", "low") if "direction" in kind.options() else ("both",)
    for ordered in (False, True):
        for rule in ("threshold",) if ordered else ("threshold", "contamination"):
            for direction in directions:
                for season in SEASONS if kind.name == "seasonal" else (None,):
                    asked = Asked(kind, dialect, ordered, rule, direction, season)
                    yield from _of(replace(asked, own=_open(asked)))


@dataclass(frozen=True, slots=True)
class Asked:
    """What a body is compiled of.

    Attributes:
        own: the detector's own options that a user may give; the others stay at their defaults.
        band: what is asked of one feature beside the answers.
    """

    kind: type[Detector]
    dialect: str
    ordered: bool
    rule: str
    direction: str
    season: str | None = None
    own: tuple[str, ...] = ()
    band: tuple[str, ...] = ()

    def way(self, features: int) -> Way:
        """How the call is made with that many features."""
        return Way(self.ordered, self.rule, self.direction, features, self.season)

    def statement(self, features: int, **changed: float) -> tuple[str, ...]:
        """The compiled tokens of a call with the options' values, some of them changed.

        Raises:
            SqlnomalyError: what the detector or the dialect refuses.
        """
        star = get_dialect(self.dialect).star_except
        columns = {"sn_columns": "VARCHAR", "sn_key": "VARCHAR", "sn_order": "TIMESTAMP", "sn_filter": "BOOLEAN"}
        text = self.kind.categories is Categories.ALL
        values = dict.fromkeys(_named(features), "VARCHAR" if text else "DOUBLE")
        schema = None if star else {"sn_relation": {**columns, **values}}
        return tokens(compile(self._query(features, star, changed), write=self.dialect, schema=schema).sql)

    def values(self, features: int) -> dict[str, Any]:
        """Option -> a value that stands for a user's."""
        rule = {"threshold": THRESHOLD} if self.rule == "threshold" else {"contamination": CONTAMINATION}
        rows = max(ROWS, self.kind.default_rows(features))
        return {**rule, "min_rows": rows, **{name: _own_value(self.kind, name) for name in self.own}}

    def _query(self, features: int, star: bool, changed: Mapping[str, float]) -> str:
        values = {**self.values(features), **changed}
        direction = [f"direction => '{self.direction}'"] if "direction" in self.kind.options() else []
        season = [f"season => '{self.season}'"] if self.season else []
        said = [f"{name} => {value!r}" for name, value in values.items()]
        options = [f"detector => '{self.kind.name}'", *direction, *season, *said]
        call = ", ".join([*_named(features), *options])
        order = "CAST(sn_order AS TIMESTAMP)" if self.season else "sn_order"
        over = "(PARTITION BY sn_key" + (f" ORDER BY {order})" if self.ordered else ")")
        answers = [name for name in ANSWERS if not (self.ordered and name == "anomaly_probability")]
        answers += self.band if features == 1 else ()
        shown = [f"{name}({call}) FILTER (WHERE sn_filter) OVER {over} AS {name}" for name in answers]
        return " ".join(["SELECT", ", ".join(["*" if star else "sn_columns", *shown]), "FROM sn_relation"])


def _numbers(kind: type[Detector]) -> list[str]:
    """The detector's own options that are fractions."""
    return [name for name, default in kind.options().items() if isinstance(default, float)]


def _own_value(kind: type[Detector], name: str) -> float:
    """A value of an option of the detector that stands nowhere else."""
    default = kind.options()[name]
    at = _numbers(kind).index(name) + 1
    return round(default * (0.97 if default > 0.5 else 1.03) + 0.00071 * at, 6)  # type: ignore[no-any-return]


def _open(asked: Asked) -> tuple[str, ...]:
    """The detector's own options that are numbers in its statement, and nothing else."""
    features = max(asked.kind.least, 1)
    found = []
    for name in _numbers(asked.kind):
        only = replace(asked, own=(name,))
        try:
            value = {name: _own_value(asked.kind, name)}
            holed = _opened(only, features, only.statement(features), value)
        except SqlnomalyError:
            continue
        if holed is not None:
            found.append(name)
    return tuple(found)


def _of(asked: Asked) -> Iterator[Body]:
    """The bodies for one feature and for several."""
    kind = asked.kind
    if kind.least <= 1 and (one := _one(asked, 1)) is not None:
        yield one
    if kind.most == 1 or asked.season:
        return
    try:
        folded = _folded(asked)
    except SqlnomalyError:
        folded = None
    if folded is not None:
        yield folded
        return
    for features in () if asked.ordered else range(max(2, kind.least), min(kind.most or MOST, MOST) + 1):
        if (body := _one(asked, features)) is not None:
            yield body


def _one(asked: Asked, features: int) -> Body | None:
    """The statement of that many features, with what there is of a band; None where it is refused."""
    for band in (BAND, BAND[:1], ()) if features == 1 else ((),):
        asked = replace(asked, band=band)
        try:
            words = asked.statement(features)
        except SqlnomalyError:
            continue
        break
    else:
        return None
    places = _holes(asked, features, words)
    text = tuple(places.get(word, word) for word in words)
    return Body(asked.way(features), text, asked)


def _folded(asked: Asked) -> Body | None:
    """The statement of any number of features, None where it is not one statement with loops."""
    shown = asked.statement(SHOWN)
    places = _holes(asked, SHOWN, shown)

    def opened(words: Sequence[str]) -> tuple[str, ...]:
        return tuple(places.get(word, word) for word in words)

    folded = fold(opened(shown))
    if folded is None or any(unfold(folded, number) != opened(asked.statement(number)) for number in HELD):
        return None
    return Body(asked.way(0), folded, asked)


def _holes(asked: Asked, features: int, words: Sequence[str]) -> Mapping[str, str]:
    """Token -> the Jinja in its place.

    Raises:
        ValueError: an option changes more than numbers.
    """
    places = _opened(asked, features, words, asked.values(features))
    if places is None:
        raise ValueError(f"{asked}: an option changes more than numbers")
    return places


def _opened(
    asked: Asked, features: int, words: Sequence[str], values: Mapping[str, float]
) -> Mapping[str, str] | None:
    """What stands for options; None where they change more than numbers."""
    others = {name: value + 1 if isinstance(value, int) else value * 1.0009765625 for name, value in values.items()}
    pairs = {f"s.{name}": (value, others[name]) for name, value in values.items()}
    return holes(words, asked.statement(features, **others), pairs)


def _named(features: int) -> list[str]:
    return [f"x{number}" for number in range(1, features + 1)]

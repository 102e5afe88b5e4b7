"""Random SELECTs with calls: seeded, so that a failure is found again by its number."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

ALIASES = (
    "s",
    "v",
    "id",
    "w",
    "score",
    "source",
    '"Mixed Case"',
    '"select"',
    '"Order"',
    "q",
    "kk",
    "_x",
    "größe",
)
CTES = ("source", "scored", "baseline", "model", "terms", "features", "q", '"Source"')


@dataclass(frozen=True, slots=True)
class Column:
    """A column as an expression of the scope."""

    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class From:
    """What may stand behind FROM, with the CTEs it needs."""

    text: str
    columns: tuple[Column, ...]
    aliases: tuple[str, ...]
    ctes: tuple[str, ...] = ()

    def of(self, *kinds: str) -> list[str]:
        """The columns of these kinds."""
        return [column.text for column in self.columns if column.kind in kinds]


def _columns(prefix: str, **kinds: str) -> tuple[Column, ...]:
    return tuple(Column(f"{prefix}{name}", kind) for name, kind in kinds.items())


A = {"id": "number", "k": "text", "v": "number", "w": "number", "d": "date", "n": "number"}
B = {"id": "number", "k": "text", "v": "number", "u": "number"}


@dataclass(slots=True)
class Generator:
    """Draws templates.

    Args:
        seed: the same seed gives the same templates.
    """

    seed: int
    draw: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.draw = random.Random(self.seed)

    def chance(self, share: float) -> bool:
        """True in this share of cases."""
        return self.draw.random() < share

    # -- FROM ----------------------------------------------------------------------------------------------------

    def source(self, depth: int) -> From:
        """A table, a join, a subquery or a CTE."""
        kinds: list[Callable[[int], From]] = [self._table, self._join, self._join]
        if depth:
            kinds += [self._subquery, self._cte, self._cte]
        return self.draw.choice(kinds)(depth)

    def _table(self, depth: int) -> From:
        text, name = self.draw.choice(
            [("a", ""), ("a", "a."), ("a AS t", "t."), ("main.a", "a."), ("(a)", "")]
        )
        return From(text, _columns(name, **A), (name[:-1] or "a",))

    def _join(self, depth: int) -> From:
        kind = self.draw.choice(["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"])
        form = self.draw.randrange(6)
        both = _columns("a.", **A) + _columns("b.", **B)
        if form == 0:
            return From(f"a {kind} b ON a.id = b.id", both, ("a", "b"))
        if form == 1:
            return From(f"a {kind} b USING (id)", (*both, *_columns("", id="number", u="number")), ("a", "b"))
        if form == 2:
            return From(f"a {kind} b USING (id, k)", (*both, *_columns("", k="text", w="number")), ("a", "b"))
        if form == 3:
            return From("a, b", both, ("a", "b"))
        if form == 4:
            return From("a x JOIN a y ON x.id < y.id", _columns("x.", **A) + _columns("y.", **A), ("x", "y"))
        wide = f"a {kind} b USING (id) LEFT JOIN c ON c.id = b.id"
        return From(wide, (*both, Column('c."Order"', "number"), Column("amount", "number")), ("a", "b", "c"))

    def _inner(self, depth: int) -> tuple[str, tuple[Column, ...]]:
        """A query with plain output columns id, v, k and perhaps score, and those columns."""
        inner = self.source(depth - 1)
        numbers, texts = inner.of("number"), inner.of("text") or ["'t'"]
        parts = [f"{self.draw.choice(numbers)} AS id", f"{self.draw.choice(numbers)} AS v"]
        parts.append(f"{self.draw.choice(texts)} AS k")
        kinds = {"id": "number", "v": "number", "k": "text"}
        if self.chance(0.6):
            parts.append(f"{self.call(inner)} AS score")
            kinds["score"] = "number"
        with_ = f"WITH {', '.join(inner.ctes)} " if inner.ctes else ""
        where = f" WHERE {self.draw.choice(numbers)} > 1" if self.chance(0.3) else ""
        return f"{with_}SELECT {', '.join(parts)} FROM {inner.text}{where}", _columns("", **kinds)

    def _subquery(self, depth: int) -> From:
        text, columns = self._inner(depth)
        return From(f"({text}) q", columns, ("q",))

    def _cte(self, depth: int) -> From:
        text, columns = self._inner(depth)
        name = self.draw.choice(CTES)
        if self.chance(0.3):
            prefixed = tuple(replace(column, text=f"z.{column.text}") for column in columns)
            return From(f"{name} AS z", prefixed, ("z",), (f"{name} AS ({text})",))
        return From(name, columns, (name,), (f"{name} AS ({text})",))

    # -- expressions ---------------------------------------------------------------------------------------------

    def number(self, source: From, groups: tuple[str, ...] | None = None) -> str:
        """A numeric expression without calls; after GROUP BY one over keys and aggregates."""
        numbers = source.of("number")
        if groups is not None:
            aggregate = self.draw.choice(["SUM", "COUNT", "MIN", "MAX"])
            return self.draw.choice([f"{aggregate}({self.draw.choice(numbers)})", "COUNT(*)"])
        one, two = self.draw.choice(numbers), self.draw.choice(numbers)
        return self.draw.choice(
            [
                one,
                one,
                one,
                f"{one} + {two}",
                f"CASE WHEN {one} > 3 THEN {two} END",
                f"-{one}",
                f"({one} - 1) * 2",
            ]
        )

    def key(self, source: From) -> str:
        """A partition or group key."""
        text = self.draw.choice(source.of("text", "number"))
        return self.draw.choice([text, text, f"{text} IS NULL"])

    def call(self, source: From, groups: tuple[str, ...] | None = None, *, verdict: bool = False) -> str:
        """A call over the source."""
        window = condition = ""
        if self.chance(0.5):
            keys = [self.key(source) for _ in range(self.draw.choice([1, 1, 2]))]
            if groups is not None:
                keys = list(groups[:1])
            window = f"(PARTITION BY {', '.join(keys)})" if keys else "()"
        if self.chance(0.15):
            condition = f"{self.number(source, groups)} > 2"
        text = " | ".join(["{{" + ("? " if verdict else "") + self.number(source, groups), window, condition])
        while text.endswith(" | "):
            text = text[:-3]
        return text + "}}"

    def judged(self, source: From, groups: tuple[str, ...] | None = None) -> str:
        """An expression around a call."""
        call = self.call(source, groups)
        other = self.number(source, groups)
        return self.draw.choice(
            [
                *[call] * 6,
                f"{call} * 2 + {other}",
                f"{other} - {call}",
                f"COALESCE({call}, {other}, 0)",
                f"CASE WHEN {call} > 0 THEN {other} ELSE {call} END",
                f"{call} > {other}",
                f"NOT {self.call(source, groups, verdict=True)}",
                f"{self.call(source, groups, verdict=True)} = ({other} > 1)",
                f"CAST({call} AS VARCHAR)",
                f"{call} BETWEEN -1 AND {other}",
                f"GREATEST({call}, {other})",
            ]
        )

    # -- SELECT --------------------------------------------------------------------------------------------------

    def select(self, depth: int = 2) -> tuple[str, bool]:
        """A template, and whether its ORDER BY fixes the order of distinguishable rows."""
        source = self.source(depth)
        groups: tuple[str, ...] | None = None
        parts: list[str] = []
        names: list[str | None] = []
        starred = False

        def add(expression: str, share: float = 0.7) -> None:
            name = self.draw.choice(ALIASES) if self.chance(share) else None
            names.append(name)
            parts.append(f"{expression} AS {name}" if name else expression)

        if self.chance(0.3):
            groups = tuple(dict.fromkeys(self.draw.choice(source.of("text", "number")) for _ in range(2)))
            for group in groups:
                if self.chance(0.8):
                    add(group, 0.3)
        else:
            if self.chance(0.35):
                starred = True
                parts.append(self.draw.choice(["*", *(f"{alias}.*" for alias in source.aliases)]))
                names.append(None)
            for _ in range(self.draw.choice([0, 1, 2])):
                add(self.draw.choice([*source.of("number", "text", "date"), self.number(source)]), 0.4)
            if self.chance(0.25):
                add(f"SUM({self.draw.choice(source.of('number'))}) OVER (PARTITION BY {self.key(source)})", 1)
        for _ in range(self.draw.choice([1, 1, 2])):
            add(self.judged(source, groups), 1)
        if groups is not None and self.chance(0.6):
            add(self.number(source, groups), 0.6)
        if not starred and self.chance(0.3):
            self.draw.shuffle(parts)
        distinct = "DISTINCT " if self.chance(0.15) else ""
        text = f"SELECT {distinct}{', '.join(parts)} FROM {source.text}"
        if self.chance(0.3):
            text += " WHERE " + self.draw.choice(
                [
                    f"{self.draw.choice(source.of('number'))} > 1",
                    f"{self.draw.choice(source.of('number'))} IN (SELECT v FROM a QUALIFY {{{{v}}}} > -2)",
                    f"EXISTS (SELECT 1 FROM c WHERE c.id = {self.draw.choice(source.of('number'))})",
                ]
            )
        if groups is not None:
            text += f" GROUP BY {', '.join(groups)}"
            if self.chance(0.2):
                text += " HAVING COUNT(*) < 9"
        if self.chance(0.25):
            other = f"{self.number(source, groups)} > 1"
            text += " QUALIFY " + self.draw.choice(
                [
                    f"{self.call(source, groups)} > 0",
                    self.call(source, groups, verdict=True),
                    f"{self.call(source, groups)} > 0 OR {other}",
                    f"COUNT(*) OVER (PARTITION BY {groups[0] if groups else self.key(source)}) > 1",
                ]
            )
        ordered = False
        if not starred and self.chance(0.5):
            ordered = True
            positions = [str(index) for index in range(1, len(parts) + 1)]
            self.draw.shuffle(positions)
            text += " ORDER BY " + ", ".join(
                position + self.draw.choice(["", "", " DESC", " NULLS FIRST", " DESC NULLS LAST"])
                for position in positions
            )
            if self.chance(0.5):
                text += f" LIMIT {self.draw.choice([1, 3, 5])}" + self.draw.choice(["", " OFFSET 1"])
        elif self.chance(0.3) and not distinct:
            text += f" ORDER BY {self.call(source, groups)}, {self.number(source, groups)}"
        if source.ctes:
            text = f"WITH {', '.join(source.ctes)} {text}"
        return self._placed(text, ordered)

    def _placed(self, text: str, ordered: bool) -> tuple[str, bool]:
        """The query as it is, in a subquery, in a CTE, or in a set operation."""
        place = self.draw.randrange(8)
        if place == 0:
            return f"SELECT * FROM ({text}) AS outside", False
        if place == 1:
            return f"WITH outside AS ({text}) SELECT * FROM outside", False
        if place == 2:
            return (
                f"({text}) {self.draw.choice(['UNION ALL', 'EXCEPT', 'UNION', 'INTERSECT'])} ({text})",
                False,
            )
        return text, ordered


def templates(seed: int, count: int) -> list[tuple[str, bool]]:
    """This many templates, each with whether rows come in a fixed order."""
    generator = Generator(seed)
    return [generator.select() for _ in range(count)]

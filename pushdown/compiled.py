"""What compiling gives: the steps to run, and what is known about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlnomaly.dialects import get_dialect
from sqlnomaly.errors import UnsupportedError
from sqlnomaly.pushdown.cost import Reads
from sqlnomaly.pushdown.season import POINTS, SERIES

if TYPE_CHECKING:
    from sqlnomaly.pushdown.client import ClientWork


@dataclass(frozen=True, slots=True)
class Look:
    """What EXPLAIN may read before anything runs: the first points of a few series, and how many these are."""

    sql: str
    counting: str


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to run.

    Attributes:
        kind: "sql", or "fit": the client fits on the rows of the statement.
        sql: the statement.
        counting: the statement that counts those rows.
        fit: what is fitted, and the relation and functions that stand for it in the statements behind.
        look: what tells the periods that a fit would find, or None where it looks for none.
    """

    kind: str
    sql: str
    fit: ClientWork | None = None
    counting: str = ""
    look: Look | None = None

    @property
    def name(self) -> str:
        """What it is, in a phrase."""
        return "sql" if self.fit is None else f"fit {self.fit.detector.name} on the client"


@dataclass(frozen=True, slots=True)
class FitInfo:
    """One fit as EXPLAIN shows it.

    Attributes:
        detector: registry name.
        parameters: option -> value as text.
        features: their names.
        baseline: which rows a row is judged by, in words.
        placement: how the model meets the rows, in words.
        scans: how often its rows are read, by engines that compute a CTE once and by others.
        calls: how many calls share it.
        client: how many rows of each partition it draws to the client at most; 0 where SQL fits.
        rule: how it chooses what it does, line by line; the first one that applies counts.
        verdicts: the rules of the calls that ask for a verdict or a threshold.
        season: how the slots of its season were found, in words; empty where they are given.
        seeks: the option that the client finds in the rows of each series; empty where there is none.
        walks: whether a session that registers functions may walk along the rows instead.
    """

    detector: str
    parameters: tuple[tuple[str, str], ...]
    features: tuple[str, ...]
    baseline: str
    placement: str
    scans: Reads
    calls: int
    client: int = 0
    rule: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()
    season: str = ""
    seeks: str = ""
    walks: bool = False


@dataclass(frozen=True, slots=True)
class ModelUse:
    """One call of a stored model as EXPLAIN shows it.

    Attributes:
        name, version: the model's.
        features: what stands for its features, in their order.
        placement: how its numbers meet the rows, in words.
        by_client: whether a function that a session registers is asked.
    """

    name: str
    version: int
    features: tuple[str, ...]
    placement: str
    by_client: bool = False


@dataclass(frozen=True, slots=True)
class Compiled:
    """A compiled query.

    Attributes:
        steps: what to run, in order.
        read: the dialect of the query.
        write: the dialect of the steps.
        fits: the fits in it.
        assumptions: what was taken for granted for lack of a schema.
        models: the stored models that its calls name.
        walks: the functions of a session that walk along rows in the place of windows, by name.
    """

    steps: tuple[Step, ...]
    read: str
    write: str
    fits: tuple[FitInfo, ...] = ()
    assumptions: tuple[str, ...] = ()
    models: tuple[ModelUse, ...] = ()
    walks: tuple[str, ...] = ()

    @property
    def sql(self) -> str:
        """The statements, separated by semicolons.

        Raises:
            UnsupportedError: if a step is not SQL, with the steps' names.
        """
        asked = sorted({use.name for use in self.models if use.by_client})
        if asked:
            raise UnsupportedError(
                f"the plan is not SQL alone: {', '.join(asked)} is scored by a function that a session registers",
                hint="run it through a session, or install the model's functions",
            )
        if self.walks:
            raise UnsupportedError(
                "the plan is not SQL alone: a function of the session walks along the rows",
                hint="Session.compile and sqlnomaly.compile say the same in windows",
            )
        if any(step.fit for step in self.steps):
            raise UnsupportedError(
                "the plan is not SQL alone: " + ", then ".join(step.name for step in self.steps),
                hint="run it through a session, or print its steps: Compiled.script, `sqlnomaly compile --script`",
            )
        return ";\n\n".join(step.sql for step in self.steps)

    @property
    def script(self) -> str:
        """Every step as text; what the client does stands in comments, so that only a session can run it."""
        parts = []
        for number, step in enumerate(self.steps, start=1):
            head = f"-- step {number} of {len(self.steps)}: {step.name}"
            if step.fit is not None:
                given = step.fit.given
                made = [f"relation {given.name} ({', '.join(given.columns)})"]
                made += [f"function {name}(..)" for name in given.functions.values()]
                head += ", on the rows of this query\n-- it makes " + ", ".join(made)
            parts.append(f"{head}\n{step.sql};\n")
        return "\n".join(parts)

    def __str__(self) -> str:
        return self.sql

    def explain(self, cases: Sequence[str] = (), periods: Sequence[str] = ()) -> str:
        """The plan in plain text, before anything runs.

        Args:
            cases: what the rules of detectors choose for the rows at hand, in words, in the order of the fits.
            periods: what the fits that look for a period find in the rows at hand, in words, in their order.
        """
        dialect = get_dialect(self.write)
        size = max(len(step.sql.encode()) for step in self.steps)
        where = "of SQL and functions of the session" if self.walks else "all SQL"
        where = "of SQL and the client" if any(step.fit for step in self.steps) else where
        lines = [
            f"{self.read} -> {self.write}: {len(self.steps)} step(s), {where}",
            f"longest statement: {size:,} of the {dialect.max_sql_bytes:,} bytes of {self.write}",
        ]
        if any(step.fit for step in self.steps):
            lines += [f"step {number}: {step.name}" for number, step in enumerate(self.steps, start=1)]
        here, found = iter(cases), iter(periods)
        for number, fit in enumerate(self.fits, start=1):
            parameters = ", ".join(f"{name} = {value}" for name, value in fit.parameters)
            lines += [
                f"fit {number}: {fit.detector}({', '.join(fit.features)})"
                + (f" with {parameters}" if parameters else ""),
                f"  baseline: {fit.baseline}",
                f"  model: {fit.placement}; shared by {fit.calls} call(s)",
                f"  scans of the rows: {fit.scans.words(dialect)}",
            ]
            lines += [f"  season: {fit.season}"] if fit.season else []
            if fit.seeks:
                unseen = f"of each series by its first {POINTS:,} points, and nobody has looked"
                lines.append(f"  {fit.seeks}: auto, {next(found, unseen)}")
            lines += [f"  verdict: {words}" for words in fit.verdicts]
            lines += [f"  rule {number}: {line}" for number, line in enumerate(fit.rule, start=1)]
            if fit.rule:
                lines.append(f"  here: {next(here, 'the rows decide, and nobody has looked')}")
        lines += [
            f"model {use.name}, version {use.version}, over ({', '.join(use.features)}): {use.placement}"
            for use in dict.fromkeys(self.models)
        ]
        lines.append(f"rows that leave the engine: {self._leaving()}")
        lines.append(
            "your own part of the query is transpiled by sqlglot; only what is generated is held to the vocabulary"
        )
        lines += [f"assumed: {assumption}" for assumption in self.assumptions]
        return "\n".join(lines)

    def _leaving(self) -> str:
        """Which rows go to the client, in words."""
        drawn = [
            ("one row a point" if step.fit.most is None else f"at most {step.fit.most:,} rows")
            + (" of each partition" if step.fit.keys else "")
            + f" x {len(step.fit.columns)} columns for {step.fit.detector.name}"
            for step in self.steps
            if step.fit is not None
        ]
        drawn += [
            f"at most {POINTS:,} points of {SERIES} series to find the season"
            for fit in self.fits
            if fit.season
        ]
        return "; ".join([*drawn, "the result"]) if drawn else "none but the result"

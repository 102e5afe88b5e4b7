"""What compiling gives: the steps to run, and what is known about them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlnomaly.errors import UnsupportedError


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to run.

    Attributes:
        kind: "sql"; later versions add work on the client.
        sql: the statement.
    """

    kind: str
    sql: str


@dataclass(frozen=True, slots=True)
class FitInfo:
    """One fit as EXPLAIN shows it.

    Attributes:
        detector: registry name.
        parameters: option -> value as text.
        features: their names.
        baseline: which rows a row is judged by, in words.
        placement: how the model meets the rows, in words.
        scans: how often the source is read.
        calls: how many calls share it.
    """

    detector: str
    parameters: tuple[tuple[str, str], ...]
    features: tuple[str, ...]
    baseline: str
    placement: str
    scans: int
    calls: int


@dataclass(frozen=True, slots=True)
class Compiled:
    """A compiled query.

    Attributes:
        steps: what to run, in order.
        read: the dialect of the query.
        write: the dialect of the steps.
        fits: the fits in it.
        assumptions: what was taken for granted for lack of a schema.
    """

    steps: tuple[Step, ...]
    read: str
    write: str
    fits: tuple[FitInfo, ...] = ()
    assumptions: tuple[str, ...] = ()

    @property
    def sql(self) -> str:
        """The statements, separated by semicolons.

        Raises:
            UnsupportedError: if a step is not SQL, with the steps' names.
        """
        other = [step.kind for step in self.steps if step.kind != "sql"]
        if other:
            raise UnsupportedError(
                "the plan is not SQL alone: " + ", ".join(step.kind for step in self.steps)
            )
        return ";\n\n".join(step.sql for step in self.steps)

    def __str__(self) -> str:
        return self.sql

    def explain(self) -> str:
        """The plan in plain text, before anything runs."""
        size = sum(len(step.sql.encode()) for step in self.steps)
        lines = [f"{self.read} -> {self.write}: {len(self.steps)} step(s), all SQL, {size:,} bytes"]
        for number, fit in enumerate(self.fits, start=1):
            parameters = ", ".join(f"{name} = {value}" for name, value in fit.parameters)
            lines += [
                f"fit {number}: {fit.detector}({', '.join(fit.features)})"
                + (f" with {parameters}" if parameters else ""),
                f"  baseline: {fit.baseline}",
                f"  model: {fit.placement}; {fit.scans} scan(s) of the rows; shared by {fit.calls} call(s)",
            ]
        lines.append("rows that leave the engine: none but the result")
        lines.append(
            "your own part of the query is transpiled by sqlglot; only what is generated is held to the vocabulary"
        )
        lines += [f"assumed: {assumption}" for assumption in self.assumptions]
        return "\n".join(lines)

"""What a statement costs before it runs: how often its rows are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from sqlnomaly.dialects import Dialect
from sqlnomaly.pushdown.ops import Expr


@dataclass(frozen=True, slots=True)
class Reads:
    """How often the rows of a query are read.

    Attributes:
        once: where the engine computes each CTE once.
        each: where it computes a CTE anew for every reference.
    """

    once: int
    each: int

    def words(self, dialect: Dialect) -> str:
        """The number in a dialect."""
        if dialect.ctes_once or self.once == self.each:
            return str(self.once)
        return f"{self.once}, or up to {self.each} where {dialect.name} computes a CTE again for each reference"


def reads(ctes: Mapping[str, Expr], last: str, source: str) -> Reads:
    """How often a source CTE is read by way of the last one.

    Args:
        ctes: name -> body, each before those that read it.
        last: the CTE that the statement reads.
        source: the CTE of the rows.
    """
    paths: dict[str, int] = {}
    for name, body in ctes.items():
        named = [table.name for table in body.find_all(exp.Table)]
        paths[name] = 1 if name == source else sum(paths.get(one, 0) for one in named)
    return Reads(1, paths[last])

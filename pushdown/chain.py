"""SELECTs one after another, each over all columns of the one before: what a relation form is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from sqlnomaly.pushdown.lower import lower, order_defaults
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.select import Settings


@dataclass(slots=True)
class Chain:
    """The steps so far, under names that nothing else in the statement has.

    Attributes:
        settings: of the statement.
        ctes: the steps.
    """

    settings: Settings
    ctes: list[exp.CTE] = field(default_factory=list)

    @property
    def last(self) -> str:
        """The name of the last step."""
        name: str = self.ctes[-1].alias
        return name

    def say(self, expr: Expr, *, condition: bool = False) -> Expr:
        """The expression in the words of the dialect."""
        dialect = self.settings.dialect
        return order_defaults(lower(expr, dialect, condition=condition), dialect)

    def add(self, name: str, query: exp.Query) -> None:
        """The next step."""
        alias = exp.TableAlias(this=exp.to_identifier(self.settings.names.fresh(name)))
        self.ctes.append(exp.CTE(this=query, alias=alias))

    def over(self, *projections: Expr, where: Expr | None = None) -> exp.Select:
        """A SELECT over the last step."""
        select = exp.Select(expressions=list(projections), from_=exp.From(this=exp.to_table(self.last)))
        return select if where is None else select.where(self.say(where, condition=True), copy=False)

    def extend(self, name: str, columns: Mapping[str, Expr], where: Expr | None = None) -> None:
        """All columns of the last step, and more."""
        named = [exp.alias_(self.say(expr), column, copy=False) for column, expr in columns.items()]
        self.add(name, self.over(exp.Star(), *named, where=where))

    def closed(self, select: exp.Select) -> exp.Select:
        """A SELECT over the last step, which is changed, behind all steps."""
        select.set("with_", exp.With(expressions=self.ctes))
        return select

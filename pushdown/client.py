"""Work of the client between two statements: it fits on drawn rows and gives a relation and functions back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sqlglot import exp

from sqlnomaly.dialects import Dialect
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.emit import Emitter
from sqlnomaly.pushdown.first_points import first_points
from sqlnomaly.pushdown.fit import Fit
from sqlnomaly.pushdown.function import Function
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Given, Group, Source
from sqlnomaly.pushdown.sample import PLACE, sample_query

if TYPE_CHECKING:
    import pyarrow as pa

    from sqlnomaly.pushdown.contract import Detector

ROWS = "_sn__rows"
"""The column of the drawn rows that counts the fitted rows of their partition."""

PART = "_sn__part"
"""The column that numbers the partitions: keys of every type can be told apart, but not sorted."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What a fit on the client gives.

    Attributes:
        relation: a row for each partition, which the next statement reads.
        functions: by what they give.
        stored: the relations of a model that is kept.
    """

    relation: pa.Table
    functions: Mapping[str, Function]
    stored: Mapping[str, pa.Table]


@dataclass(frozen=True, slots=True)
class ClientFit:
    """A fit on the client, as far as it is known before any row is seen.

    Attributes:
        keys: the partition columns of the drawn rows.
        features: the feature columns; ``stems`` begin the names of their statistics in the model.
        given: the relation and the functions that the next statement reads.
        most: rows drawn of each partition, at most; None for every point of a series.
        summary: the columns, behind the keys, of what the client finishes from instead of drawn rows: one row a
            partition, or one a point of a series.
        least: rows that a partition must have to be fitted.
    """

    detector: Detector
    keys: tuple[str, ...]
    features: tuple[str, ...]
    stems: tuple[str, ...]
    given: Given
    most: int | None
    summary: tuple[str, ...] = ()
    least: int = 1

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the drawn rows: keys, features, the place in the sample, and what counts and numbers."""
        if self.summary:
            return (*self.keys, *self.summary)
        return (*self.keys, *self.features, PLACE, ROWS, *((PART,) if self.keys else ()))

    def learn(self, rows: pa.Table) -> Learned:
        """Fits on the drawn rows."""
        return self.detector.learn(rows, self)


class ClientWork(Protocol):
    """What a client does with the rows of a query, so that the next statement can read it: a fit, or a forecast."""

    @property
    def detector(self) -> Detector: ...  # noqa: D102
    @property
    def keys(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def given(self) -> Given: ...  # noqa: D102
    @property
    def most(self) -> int | None: ...  # noqa: D102
    @property
    def columns(self) -> tuple[str, ...]: ...  # noqa: D102
    def learn(self, rows: pa.Table) -> Learned: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Drawing:
    """Work of the client with the query that draws its rows."""

    fit: ClientWork
    query: exp.Query

    def count(self) -> exp.Select:
        """The query that counts the rows instead."""
        return counting(self.query)


    def look(self, dialect: Dialect) -> exp.Query | None:
        """The query for the first points of a few series, where a fit looks for a period in them."""
        if not isinstance(self.fit, ClientFit) or not self.fit.detector.seeks:
            return None
        return first_points(self.query, self.fit.keys, self.fit.summary[0], dialect)


def counting(query: exp.Query) -> exp.Select:
    """The query that counts the rows of another one instead.

    Example:
        >>> counting(exp.select("x").from_("t")).sql()
        'SELECT COUNT(1) AS n FROM (SELECT x FROM t) AS rows_out'
    """
    fresh = query.copy()
    with_ = fresh.args.pop("with_", None)
    counted = exp.select(exp.alias_(ops.count(ops.integer(1)), "n")).from_(_named(fresh, "rows_out"))
    counted.set("with_", with_)
    return counted


def client_fit(fit: Fit, name: str, *, explained: bool) -> ClientFit:
    """What the client will do for a fit, and the relation of that name which it gives back."""
    given = fit.detector.given(name, fit.keys, fit.features, explained=explained)
    columns = tuple(feature.column for feature in fit.features)
    stems = tuple(feature.stem for feature in fit.features)
    if fit.detector.sample is not None:
        return ClientFit(fit.detector, fit.keys, columns, stems, given, fit.detector.sample[0], least=fit.min_rows)
    node = fit.detector.summary(fit.relation(Source(""))).node
    assert isinstance(node, Group), "a summary is one row a partition, or one a point"
    most = None if node.by else 1
    return ClientFit(fit.detector, fit.keys, columns, stems, given, most, (*node.by, *node.columns), fit.min_rows)


def rows_out(fit: Fit, emitter: Emitter, source: Source) -> tuple[exp.Select, list[exp.CTE]]:
    """The query whose rows the client fits on, and the CTEs that it reads: drawn rows, or one row a partition.

    Args:
        fit: the fit.
        emitter: has the source, and nothing of a fit; what the query needs is added.
        source: the rows.
    """
    if fit.detector.sample is None:
        last = emitter.name(fit.detector.summary(fit.relation(source)).node, fit)
        return exp.select("*").from_(exp.to_table(last)), emitter.named()
    name = emitter.name(source, fit)
    most, seed = fit.detector.sample
    return emitter.lowered(_draw(fit, name, most, seed)), emitter.named()


def _draw(fit: Fit, source: str, most: int, seed: int) -> exp.Select:
    """A sample of each partition's rows that have every feature, with how many those are.

    Args:
        fit: the fit.
        source: the relation of its rows.
        most: rows of a partition, at most.
        seed: another seed draws other rows.
    """
    keys = [ops.column(key) for key in fit.keys]
    features = [feature.value for feature in fit.features]
    wanted: list[Expr] = [ops.not_null(feature) for feature in features]
    if fit.fitted is not None:
        wanted.append(ops.eq(ops.column(fit.fitted), ops.integer(1)))
    rows = exp.Select(expressions=[*keys, *features]).from_(exp.to_table(source)).where(ops.and_(*wanted))
    drawn = sample_query(rows, features, size=most, seed=seed, keys=keys, by=features[:1])
    total = exp.Select(
        expressions=[*keys, exp.alias_(ops.count(ops.integer(1)), ROWS)],
        from_=exp.From(this=_named(rows, "complete")),
    )
    sample = _named(drawn, "drawn")
    if not keys:
        counted = exp.Select(expressions=[exp.Star()]).from_(sample)
        return counted.join(_named(total, "counted"), join_type="cross")
    total = total.group_by(*keys)
    number = ops.window(ops.func("ROW_NUMBER"), order=[ops.column(ROWS)])
    total = exp.Select(expressions=[exp.Star(), exp.alias_(number, PART)]).from_(_named(total, "partitions"))
    same = [
        exp.NullSafeEQ(this=exp.column(key, table="drawn"), expression=exp.column(key, table="counted"))
        for key in fit.keys
    ]
    columns = [
        exp.Column(this=exp.Star(), table=exp.to_identifier("drawn")),
        exp.column(ROWS, table="counted"),
        exp.column(PART, table="counted"),
    ]
    joined = exp.Select(expressions=columns).from_(sample)
    return joined.join(_named(total, "counted"), on=ops.and_(*same), join_type="inner")


def _named(query: exp.Query, name: str) -> exp.Subquery:
    return exp.Subquery(this=query.copy(), alias=exp.TableAlias(this=exp.to_identifier(name)))

"""Plans: relations built step by step from the rows of a query, each a pure value.

A plan is what a detector says about fitting. It is relational and knows no dialect: the strategies turn it into
CTEs (one row a group, joined back) or into windows (one value a row), from the same words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.ops import Expr


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature of a call, under the names the plan gives it.

    Attributes:
        name: how the user would name it: alias, else column, else its SQL.
        column: the generated column that holds its clean DOUBLE value; fits over the same value share it.
        stem: what the names of its statistics begin with.
        category: whether the column holds the text of a category instead.
    """

    name: str
    column: str
    stem: str
    category: bool = False

    @property
    def value(self) -> Expr:
        """The clean value, or the category: NULL where it is missing or out of range."""
        return ops.column(self.column)

    def stat(self, name: str) -> str:
        """The column that holds a statistic of this feature."""
        return f"{self.stem}__{name}"

    def get(self, name: str) -> Expr:
        """A reference to a statistic of this feature."""
        return ops.column(self.stat(name))


@dataclass(frozen=True, slots=True)
class Source:
    """The rows of the query: what a window function at the call would see."""

    name: str


@dataclass(frozen=True, slots=True)
class Group:
    """One row for each partition, over the fitted rows of data.

    Attributes:
        by: columns that divide a partition further.
        every: whether rows that are not fitted count too.
    """

    data: Node
    name: str
    columns: Mapping[str, Expr]
    by: tuple[str, ...] = ()
    every: bool = False


@dataclass(frozen=True, slots=True)
class Extend:
    """Every row of data with more columns.

    Attributes:
        carry: columns of a matched model to keep, beside those of the rows.
    """

    data: Node
    name: str
    columns: Mapping[str, Expr]
    carry: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """Every row of data with the model row of its partition, if there is one.

    Attributes:
        by: columns of both that divide a partition further.
    """

    data: Node
    model: Node
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Knots:
    """The fitted values as a long relation: one row for each partition, feature and distinct value, with its count.

    Its columns are the partition columns, FEATURE (from 0, in call order), VALUE and COUNT.
    """

    data: Node
    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """The fitted values in classes: a long relation of one row for each partition, feature and key of a value.

    Its columns are the partition columns, FEATURE (from 0, in call order), the key, COUNT, the lowest and HIGH, the
    highest value with that key, and OWN, which is 0.

    Attributes:
        values: (column of the key, column of the value) for each feature; a NULL key is left out.
        key: what the column of the keys is called.
        low: what the column of the lowest value is called.
    """

    data: Node
    name: str
    values: tuple[tuple[str, str], ...]
    key: str
    low: str


@dataclass(frozen=True, slots=True)
class Lookup:
    """Every row of data with what a long relation has for the key of each of its features.

    Attributes:
        columns: (column of the key, column to make) for each feature; NULL, or an engine's default, without such a key.
        key: the column of the long relation that holds the keys.
        value: the column of the long relation that is wanted.
    """

    data: Node
    name: str
    table: Node
    columns: tuple[tuple[str, str], ...]
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Append:
    """The rows of data, then those of a model relation with weight; absent columns are NULL.

    Attributes:
        columns: what the appended rows hold in the columns of data; ``OWN`` is 1 in the rows of data and 0 in them.
    """

    data: Node
    name: str
    other: Node
    columns: Mapping[str, Expr]


@dataclass(frozen=True, slots=True)
class Keep:
    """The rows of data that meet a condition."""

    data: Node
    name: str
    condition: Expr


@dataclass(frozen=True, slots=True)
class Earlier:
    """Each age of a partition beside every row from before it began.

    Ages divide the rows of a partition along their order. Its columns are the partition columns, ``by`` and ``age`` of
    the age, and of the earlier rows ``columns`` and whether they are fitted.

    Attributes:
        age: the column that numbers the ages; NULL in rows of none.
        place: the column of a row's place in the order; an age begins at the lowest place that has it.
        by: columns that divide a partition further: each part has ages and rows of its own.
    """

    data: Node
    name: str
    age: str
    place: str
    columns: tuple[str, ...]
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Around:
    """Each row of a partition beside the rows around it, without itself: those whose place is near enough.

    Its columns are the partition columns and the row's place, and of the rows around it ``columns`` and whether they
    are fitted.

    Attributes:
        place: the column of a row's place in the order, from 1, NULL for a row of none.
        low, high: from where to where the rows around it lie, of columns of the row; None for no end.
        reach: how far the farther of both is at most, the same for all rows of a partition; None where it may be
            anything.
        along: the column of the number that low and high are about: the place, or another that grows along the order.
    """

    data: Node
    name: str
    place: str
    columns: tuple[str, ...]
    low: Expr | None
    high: Expr | None
    reach: Expr | None
    along: str


@dataclass(frozen=True, slots=True)
class Along:
    """Every row of data with what a function of the session says of it, which sees the rows of a lane together.

    Attributes:
        function: the name of the function: a list of each argument in, a list of named values out.
        lanes: what divides the rows.
        arguments: the columns that the function is given.
        columns: what it says of each row.
    """

    data: Node
    name: str
    function: str
    lanes: tuple[Expr, ...]
    arguments: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """A relation that is there when the statement runs: one row for each partition, made on the client.

    Attributes:
        name: of the temporary relation.
        columns: its columns, partition columns first.
        functions: what the client's functions are called, by what they give.
    """

    name: str
    columns: tuple[str, ...]
    functions: Mapping[str, str]


Node = Given | Source | Group | Extend | Match | Knots | Tally | Lookup | Append | Keep | Earlier | Around | Along

FEATURE = "_sn__feature"
VALUE = "_sn__value"
COUNT = "_sn__count"
HIGH = "_sn__high"
OWN = "_sn__own"


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation as a detector sees it: features, and words that build the next step.

    Attributes:
        features: the features of the call, in call order.
        keys: the partition columns.
        weight: 1 for a fitted row, 0 for a row that is only scored; a literal when every row is fitted.
        lanes: the partition keys of windows in the order of the rows: those of the call, and what keeps rows without
            an order key apart.
        peers: the order keys of the call.
        order: the order of the rows, ties settled.
        slots: columns of the calendar, where a detector compares rows of all slots.
        enough: ``min_rows`` of the call.
        time: the column of the seconds that rows are ordered by, where a detector wants them and they are times.
    """

    node: Node
    features: tuple[Feature, ...]
    keys: tuple[str, ...]
    weight: Expr
    lanes: tuple[Expr, ...] = ()
    peers: tuple[Expr, ...] = ()
    order: tuple[Expr, ...] = ()
    slots: tuple[str, ...] = ()
    enough: int = 1
    time: str | None = None

    def group(
        self,
        name: str,
        columns: Mapping[str, Expr],
        *,
        carry: Sequence[str] = (),
        by: Sequence[str] = (),
        every: bool = False,
    ) -> Relation:
        """One row a partition over the fitted rows, and for each value of the columns ``by``.

        ``carry`` keeps columns that are equal within a partition; with ``every``, rows that are not fitted count too.
        """
        kept = {column: ops.min_(ops.column(column)) for column in carry}
        return replace(self, node=Group(self.node, name, {**kept, **columns}, tuple(by), every))

    def extend(self, name: str, columns: Mapping[str, Expr], *, carry: Sequence[str] = ()) -> Relation:
        """The same rows with more columns; window expressions are built by ``over``."""
        return replace(self, node=Extend(self.node, name, dict(columns), tuple(carry)))

    def match(self, model: Relation, *, by: Sequence[str] = ()) -> Relation:
        """The same rows, each beside the row of its partition in model, with the same values in the columns ``by``."""
        return replace(self, node=Match(self.node, model.node, tuple(by)))

    def over(self, aggregate: Expr, *, order: Sequence[Expr] = ()) -> Expr:
        """The aggregate over the partition, up to the row and its peers where keys (never NULL) give an order."""
        return ops.window(aggregate, partition=[ops.column(key) for key in self.keys], order=order)

    def within(self, aggregate: Expr, *values: Expr) -> Expr:
        """The aggregate over the rows of the partition that have the same values."""
        return ops.window(aggregate, partition=[*(ops.column(key) for key in self.keys), *values])

    def along(self, function: Expr, *, within: Sequence[Expr] = (), frame: Expr | None = None) -> Expr:
        """The function over the rows of the partition in their order; ``within`` divides the partition further."""
        return ops.window(function, partition=[*self.lanes, *within], order=self.order, frame=frame)

    def knots(self, name: str) -> Relation:
        """The distinct fitted values of every feature with their counts, as one long relation."""
        return replace(self, node=Knots(self.node, name, tuple(f.column for f in self.features)))

    def recounted(self, name: str) -> Relation:
        """Several long relations of values and counts, one below the other, as one: equal values add up."""
        return self.group(name, {COUNT: ops.cast_integer(ops.sum_(ops.column(COUNT)))}, by=(FEATURE, VALUE))

    def tally(self, name: str, values: Sequence[tuple[str, str]], *, key: str, low: str) -> Relation:
        """The fitted values of each feature by key: how many, and from where to where."""
        return replace(self, node=Tally(self.node, name, tuple(values), key, low))

    def look_up(
        self, name: str, table: Relation, columns: Sequence[tuple[str, str]], *, key: str, value: str
    ) -> Relation:
        """The same rows, each with what a long relation has for the keys of its features."""
        return replace(self, node=Lookup(self.node, name, table.node, tuple(columns), key, value))

    def append(self, name: str, other: Relation, columns: Mapping[str, Expr]) -> Relation:
        """The rows, followed by those of other, in which OWN is 0."""
        return replace(self, node=Append(self.node, name, other.node, dict(columns)))

    def earlier(
        self, name: str, columns: Sequence[str], *, age: str, place: str, by: Sequence[str] = ()
    ) -> Relation:
        """Each age of a partition, and of its columns ``by``, beside the columns of every row from before it."""
        return replace(self, node=Earlier(self.node, name, age, place, tuple(columns), tuple(by)))

    def keep(self, name: str, condition: Expr) -> Relation:
        """The rows that meet the condition."""
        return replace(self, node=Keep(self.node, name, condition))

    def counted(self, value: Expr, weight: Expr | None = None) -> Expr:
        """The aggregate that counts fitted rows in which value is not NULL."""
        each = self.weight if weight is None else weight
        if isinstance(each, ops.Literal):
            return ops.count(value)
        return ops.sum_(ops.case((ops.not_null(value), each), default=ops.integer(0)))

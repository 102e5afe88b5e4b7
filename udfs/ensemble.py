"""ensemble: several detectors that judge together, each by how far out in its own scores a row lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.client import ClientFit, Learned
from sqlnomaly.pushdown.contract import Detector, Reduce, Shape, ThresholdRule, Tolerance
from sqlnomaly.pushdown.function import Function
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Given, Relation
from sqlnomaly.pushdown.sample import PLACE
from sqlnomaly.udfs.combining import COMBINATIONS, combined, known_weight
from sqlnomaly.udfs.sampled import check_word

if TYPE_CHECKING:
    import pyarrow as pa

LOWEST = -1e300
"""Stands for a score that is not there, in the order of the scores."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ensemble(Detector):
    """Several detectors together: the mean, or another combination, of the rarity of a row's score in each.

    ``detector => ['ecod', 'iforest', 'knn']`` names the members, ``'ensemble'`` the usual ones. Scores of different
    detectors have different units, so that each is first measured by its own distribution: t_i = -ln(share of the
    fitted rows of the partition that score as high or higher in member i), which is ln(n) for the highest one. An
    empirical tail, as in Kriegel, Kröger, Schubert and Zimek, Interpreting and Unifying Outlier Scores (2011),
    doi:10.1137/1.9781611972818.2. Then ``combine`` makes one score of them: Aggarwal and Sathe, Theoretical
    Foundations and Algorithms for Outlier Ensembles (2015), doi:10.1145/2830544.2830549.

    A feature contributes its part of each member's positive contributions, or an even one where there is none, times
    what the member adds to the mean. Scores that agree in their first 33 bits share a rank: engines differ in the last.
    The usual members are iforest, ecod, knn (the 20 nearest of 1,000 rows in robust units) and copula_mcd. Options go
    to each member that knows them: ``n_neighbors => 20``, ``random_state => 1``. Rows that are not fitted
    are ranked among the fitted ones, so that the score of a row does not depend on which others are scored.

    Fit: that of each member; those that are fitted on the client see the same drawn rows. Score: that of each member,
    and a sort for its ranks.

    Edge cases: a member that cannot say is left out; if none can, the score is NULL. Members that judge features
    together need every feature of a row, and so does the ensemble.

    Default threshold: the 0.99 quantile of the fitted rows' scores in the partition (contamination 0.01).

    Attributes:
        combine: ``'mean'``, ``'max'``, ``'median'``, ``'aom'`` (the mean of the largest in each bucket) or ``'moa'``
            (the largest of the buckets' means).
        weights: a number for each member, 0 or more; equal ones if left out.
        n_buckets: the buckets of ``aom`` and ``moa``: members are dealt out one after another.

    Example:
        >>> import sqlnomaly
        >>> rows = "(VALUES (1), (2), (3), (4), (100)) AS t(x)"
        >>> call = "ROUND(anomaly_score(x, detector => ['ecod', 'mad']), 4)"
        >>> sqlnomaly.connect().sql(f"SELECT x, {call} FROM {rows} ORDER BY x DESC LIMIT 2").fetchall()
        [(100, 1.2629), (4, 0.2231)]
    """

    name: ClassVar[str] = "ensemble"
    finds: ClassVar[str] = "rows that several detectors find odd"
    choose: ClassVar[str] = "no single detector is known to be right"
    shape: ClassVar[Shape] = Shape.ENSEMBLE
    reduce: ClassVar[Reduce] = Reduce.SUM
    tolerance: ClassVar[Tolerance] = Tolerance.SOLVED
    default: ClassVar[ThresholdRule] = ThresholdRule(contamination=0.01)
    rows: ClassVar[int] = 3
    joint: ClassVar[bool] = True
    usual: ClassVar[tuple[str, ...]] = ("iforest", "ecod", "knn", "copula_mcd")
    usually: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "knn": {"n_neighbors": 20, "max_samples": 1_000, "scaling": "robust"}
    }
    alone: ClassVar[str | None] = "it is one itself"
    no_model: ClassVar[str | None] = "its members have scores, whose distributions no model holds yet"

    combine: str = "mean"
    weights: tuple[float, ...] = ()
    n_buckets: int = 2

    @classmethod
    def validate(cls, parameters: Mapping[str, Any]) -> None:
        """combine is one of five words; weights are 0 or more, and not all 0."""
        check_word(parameters, "combine", COMBINATIONS)
        weights = parameters.get("weights", ())
        if any(weight < 0 for weight in weights) or (weights and not any(weights)):
            raise ValueError("weights are 0 or more, and one of them is more")
        buckets = parameters.get("n_buckets", 2)
        if not isinstance(buckets, int) or buckets < 1:
            raise ValueError("n_buckets is a whole number from 1")

    @classmethod
    def of(cls, members: Sequence[Detector], parameters: Mapping[str, Any]) -> Detector:
        """The ensemble of these members.

        Raises:
            ValueError: weights for another number of members.
        """
        weights = parameters.get("weights", ())
        if weights and len(weights) != len(members):
            raise ValueError(f"weights are {len(weights)} numbers for {len(members)} members")
        facts = {
            "members": tuple(members),
            "rows": max(member.rows for member in members),
            "by_function": any(member.by_function for member in members),
            "__module__": __name__,
            "__slots__": (),
        }
        made: type[Detector] = type("Ensemble", (cls,), facts)
        return made(**parameters)

    @classmethod
    def default_rows(cls, features: int) -> int:
        """As many as the most demanding member."""
        return max((member.default_rows(features) for member in cls.members), default=cls.rows)

    def __repr__(self) -> str:
        return f"Ensemble({self.members!r}, {self.combine!r}, {self.weights!r}, {self.n_buckets!r})"

    @property
    def sample(self) -> tuple[int, int] | None:
        """As many rows as the member that draws most."""
        drawn = [member.sample for member in self.members if member.sample is not None]
        return (max(size for size, _ in drawn), drawn[0][1]) if drawn else None

    def given(self, name: str, keys: Sequence[str], features: Sequence[Feature], *, explained: bool) -> Given:
        """What the members' fits will make, side by side."""
        columns: list[str] = [*keys]
        functions: dict[str, str] = {}
        for number, member in enumerate(self.members):
            if member.sample is not None:
                part = member.given(name, keys, _own(features, number), explained=explained)
                columns += [column for column in part.columns if column not in columns]
                functions |= {f"{what}_{number}": f"{called}_{number}" for what, called in part.functions.items()}
        return Given(name, tuple(columns), functions)

    def learn(self, rows: pa.Table, fit: ClientFit) -> Learned:
        """The fit of each member on the first of the drawn rows, as many as it takes."""
        import pyarrow.compute as pc

        relation: pa.Table = None
        functions: dict[str, Function] = {}
        for number, member in enumerate(self.members):
            if member.sample is None:
                continue
            most = member.sample[0]
            stems = tuple(_stem(stem, number) for stem in fit.stems)
            features = [Feature(name, name, stem) for name, stem in zip(fit.features, stems, strict=True)]
            columns = member.given(fit.given.name, fit.keys, features, explained=False).columns
            given = replace(_part(fit.given, number), columns=columns)
            part = replace(fit, detector=member, stems=stems, given=given, most=most)
            learned = member.learn(rows.filter(pc.less_equal(rows.column(PLACE), most)), part)
            functions |= {f"{what}_{number}": function for what, function in learned.functions.items()}
            relation = learned.relation if relation is None else _side_by_side(relation, learned.relation)
        return Learned(relation, functions, {})

    def fused(self, data: Relation) -> Relation:
        """The rows beside what each member says, where all of them are fitted in SQL."""
        return self._judged(data, None)

    def meet(self, data: Relation, model: Relation) -> Relation:
        """The rows beside what each member says."""
        assert isinstance(model.node, Given), "members that draw rows have a model of the client"
        return self._judged(data, model.node)

    def _judged(self, data: Relation, given: Given | None) -> Relation:
        """The rows with the tail of each member, and the contributions to it."""
        rows = data
        for number, member in enumerate(self.members):
            features = _own(data.features, number)
            own = replace(rows, features=features)
            beside = _beside(member, own, None if given is None else _part(given, number))
            terms = member.terms(features) if _explained(member, given, number) else ()
            columns = {_stat(data.features, "raw", number): _scored(member, features, terms)}
            columns |= {f.stat("part"): term for f, term in zip(features, terms, strict=False)}
            columns |= {f.stat("flat"): _flag(member.constant(f)) for f in features}
            counts = [feature.stat("n") for feature in features]
            rows = replace(beside.extend(f"member_{number + 1}", columns, carry=counts), features=data.features)
        numbers = range(len(self.members))
        raws = [ops.column(_stat(data.features, "raw", n)) for n in numbers]
        rows = rows.extend("coarse", {_stat(data.features, "member", n): _coarse(raws[n]) for n in numbers})
        scores = [ops.column(_stat(data.features, "member", n)) for n in numbers]
        tails = {_stat(data.features, "tail", n): _rarity(rows, scores[n]) for n in numbers}
        return rows.extend("tails", {**self._shared(data.features), **tails})

    def _shared(self, features: Sequence[Feature]) -> dict[str, Expr]:
        """The fewest rows that any member has of any feature, and whether none sees a feature vary."""
        own = [_own(features, number) for number in range(len(self.members))]
        counted = [each[:1] if member.joint else each for member, each in zip(self.members, own, strict=True)]
        fewest = ops.least(*(ops.coalesce(f.get("n"), ops.integer(0)) for each in counted for f in each))
        columns = {feature.stat("n"): fewest for feature in features}
        for place, feature in enumerate(features):
            flat = ops.and_(*(ops.eq(each[place].get("flat"), ops.integer(1)) for each in own))
            columns[feature.stat("scale")] = ops.case((flat, ops.number(0.0)), default=ops.number(1.0))
        return columns

    def _tails(self, features: Sequence[Feature]) -> list[Expr]:
        return [ops.column(_stat(features, "tail", number)) for number in range(len(self.members))]

    def score(self, features: Sequence[Feature]) -> Expr:
        """The tails, combined."""
        return combined(self._tails(features), self._weights, self.combine, self.n_buckets)

    def terms(self, features: Sequence[Feature]) -> Sequence[Expr]:
        """Each feature's part of the members' positive contributions, times the weighted mean of their tails."""
        tails = self._tails(features)
        whole = known_weight(tails, self._weights)
        even = ops.number(1.0 / len(features))
        found = []
        for place in range(len(features)):
            parts = []
            for number, weight in enumerate(self._weights):
                own = _own(features, number)
                positive = [_positive(feature.get("part")) for feature in own]
                some = ops.gt(ops.total(positive), ops.number(0.0))
                share = ops.case((some, ops.div(positive[place], ops.total(positive))), default=even)
                part = ops.mul(ops.number(weight), ops.mul(tails[number], share))
                parts.append(ops.coalesce(part, ops.number(0.0)))
            found.append(ops.div(ops.total(parts), whole))
        return found

    @property
    def _weights(self) -> tuple[float, ...]:
        return self.weights or (1.0,) * len(self.members)


def _stem(stem: str, number: int) -> str:
    return f"{stem}__m{number}"


def _own(features: Sequence[Feature], number: int) -> tuple[Feature, ...]:
    """The features under a member's own names of statistics."""
    return tuple(replace(feature, stem=_stem(feature.stem, number)) for feature in features)


def _part(given: Given, number: int) -> Given:
    """A member's part of what the client makes."""
    suffix = f"_{number}"
    functions = {
        what.removesuffix(suffix): called for what, called in given.functions.items() if what.endswith(suffix)
    }
    return replace(given, functions=functions)


def _beside(member: Detector, data: Relation, given: Given | None) -> Relation:
    """The rows beside a member's model."""
    if member.sample is not None:
        assert given is not None
        return member.meet(data, replace(data, node=given))
    fused = member.fused(data)
    return fused if fused is not None else member.meet(data, member.finish(member.state(data)))


def _explained(member: Detector, given: Given | None, number: int) -> bool:
    """Whether the contributions of a member can be had: the functions of the client may be for scores alone."""
    return not member.by_function or (given is not None and f"terms_{number}" in given.functions)


def _scored(member: Detector, features: Sequence[Feature], terms: Sequence[Expr]) -> Expr:
    """A member's score, NULL where it cannot say."""
    whole = member.score(features)
    if whole is not None:
        return whole
    parts = list(terms or member.terms(features))
    if len(parts) == 1:
        return parts[0]
    known = ops.and_(*(ops.not_null(part) for part in parts))
    return ops.case((known, ops.total(parts) if member.reduce is Reduce.SUM else ops.greatest(*parts)))


def _rarity(rows: Relation, score: Expr) -> Expr:
    """-ln of the share of the fitted rows that score as high or higher; NULL without a score."""
    counted = rows.counted(score)
    order = [ops.descending(ops.coalesce(score, ops.number(LOWEST)))]
    above = ops.greatest(ops.coalesce(rows.over(counted, order=order), ops.integer(0)), ops.integer(1))
    tail = ops.sub(ops.ln(ops.cast_double(rows.over(counted))), ops.ln(ops.cast_double(above)))
    return ops.case((ops.not_null(score), tail))


def _positive(part: Expr) -> Expr:
    return ops.case((ops.gt(part, ops.number(0.0)), part), default=ops.number(0.0))


def _coarse(score: Expr) -> Expr:
    """The first 33 bits of a number: Dekker (1971), doi:10.1007/BF01397083."""
    large = ops.mul(score, ops.number(2.0**20 + 1.0))
    return ops.sub(large, ops.sub(large, score))


def _flag(condition: Expr) -> Expr:
    return ops.case((condition, ops.integer(1)), default=ops.integer(0))


def _stat(features: Sequence[Feature], what: str, number: int) -> str:
    """The column of a member's number; it bears the name of the fit, as a query may have several."""
    return features[0].stat(f"{what}_{number}")


def _side_by_side(left: pa.Table, right: pa.Table) -> pa.Table:
    """Two relations of the same partitions as one; of no rows, one of them may still have the row of no partition."""
    import pyarrow as pa

    rows = max(left.num_rows, right.num_rows)
    tables = [table if table.num_rows == rows else _empty_row(table) for table in (left, right)]
    columns = {name: table.column(name) for table in reversed(tables) for name in table.column_names}
    return pa.table({name: columns[name] for name in dict.fromkeys([*left.column_names, *right.column_names])})


def _empty_row(table: pa.Table) -> pa.Table:
    """One row of NULLs."""
    import pyarrow as pa

    return pa.table({field.name: pa.nulls(1, field.type) for field in table.schema})

"""iforest: how few random cuts it takes to part a row from the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.client import ClientFit, Learned
from sqlnomaly.pushdown.contract import Piece, Shape, Stored
from sqlnomaly.pushdown.function import Function
from sqlnomaly.pushdown.plan import Feature, Relation
from sqlnomaly.udfs.forest_model import node_table, pieces_of
from sqlnomaly.udfs.sampled import FITTED, Registered, check_whole

if TYPE_CHECKING:
    import pyarrow as pa

    from sqlnomaly.pushdown.fitted import FittedModel
    from sqlnomaly.udfs.forest import Forest

LIMITS: Mapping[str, tuple[int, int]] = {
    "n_estimators": (1, 1000),
    "max_samples": (2, 65_536),
    "random_state": (0, 2**31 - 1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class IsolationForest(Registered):
    """How few random cuts part a row from the others, between 0 and 1: 0.5 is ordinary, 1 is alone.

    score = 2^(-mean path length / c(psi)): Liu, Ting and Zhou, Isolation Forest (2008), doi:10.1109/ICDM.2008.17. Each
    of ``n_estimators`` trees is grown on ``max_samples`` of the rows. Options are those of scikit-learn and PyOD, whose
    scores differ by their random numbers only (scikit-learn's ``score_samples`` is -score, PyOD's ``decision_function``
    is score minus an offset). A feature contributes what its cuts shorten the row's path by, below what they shorten it
    for the tree's own rows, in units of c(psi); the contributions do not add up to the score.

    Fit: on the client. The engine draws a sample of each partition by a hash of the rows, n_estimators * max_samples
    rows at most, the same ones on every engine; trees are grown on it by numba, with random numbers of their own
    (SplitMix64, doi:10.1145/2660193.2660195), so that the same rows and ``random_state`` give the same scores on every
    engine. Score: a vectorized function that is registered in the engine for the query: DuckDB and Spark.

    Edge cases: a row that misses a feature has no score, and is not fitted. If no feature varies in the sample, a row
    equal to it scores 0, any other NULL; fewer rows than ``min_rows`` (default 3) give NULL. Another order of the
    features draws other rows and numbers, as another ``random_state`` does.

    Default threshold: the 0.99 quantile of the fitted rows' scores in the partition (contamination 0.01).

    Attributes:
        n_estimators: trees, 1 to 1,000.
        max_samples: rows of a tree, 2 to 65,536.
        random_state: the seed, 0 to 2^31 - 1.

    Example:
        >>> import sqlnomaly
        >>> rows = "(SELECT CASE i WHEN 7 THEN 300 ELSE i % 10 END AS x, i FROM range(200) AS t(i))"
        >>> call = "anomaly_score(x, detector => 'iforest')"
        >>> query = f"SELECT x, ROUND({call}, 1) AS score FROM {rows} ORDER BY score DESC, x LIMIT 2"
        >>> sqlnomaly.connect().sql(query).fetchall()
        [(300, 0.9), (0, 0.5)]
    """

    name: ClassVar[str] = "iforest"
    shape: ClassVar[Shape] = Shape.ENSEMBLE
    finds: ClassVar[str] = "rows that few random cuts set apart"
    choose: ClassVar[str] = (
        "anomalies are of no known form and concern several features; rows may go to the client"
    )

    n_estimators: int = 100
    max_samples: int = 256

    @classmethod
    def validate(cls, parameters: Mapping[str, object]) -> None:
        """Each parameter lies within its limits."""
        for name, (least, most) in LIMITS.items():
            check_whole(parameters, name, least, most)

    @property
    def sample(self) -> tuple[int, int]:
        """Enough rows for every tree to have its own."""
        return self.n_estimators * self.max_samples, self.random_state

    def learn(self, rows: pa.Table, fit: ClientFit) -> Learned:
        """One forest for each partition of the drawn rows."""
        from sqlnomaly.udfs.forest import grow
        from sqlnomaly.udfs.forest_function import score_function, terms_function
        from sqlnomaly.udfs.forest_score import pack
        from sqlnomaly.udfs.sampled_rows import heads_of, partitions, values_of

        groups = partitions(rows)
        forests = [
            grow(
                values_of(group, fit.features),
                n_estimators=self.n_estimators,
                max_samples=self.max_samples,
                random_state=self.random_state,
            )
            for group in groups
        ]
        heads = heads_of(groups, rows)
        relation = self.relation(heads, fit, [forest.high - forest.low for forest in forests])
        stored = {
            "model": self._rows(relation.drop_columns([FITTED]), fit, forests),
            "nodes": node_table(forests, heads.select(fit.keys)),
        }
        packed = pack(forests) if forests else None
        made = {"score": ("DOUBLE", score_function), "terms": ("DOUBLE[]", terms_function)}
        functions = {what: Function(made[what][0], made[what][1](packed)) for what in fit.given.functions}
        return Learned(relation, functions, stored)

    def _rows(self, table: pa.Table, fit: ClientFit, forests: Sequence[Forest]) -> pa.Table:
        """What a model keeps of each forest beside its nodes."""
        import pyarrow as pa

        kept = {name: table.column(name) for name in table.column_names}
        for number, stem in enumerate(fit.stems):
            kept[f"{stem}__low"] = pa.array([float(forest.low[number]) for forest in forests], pa.float64())
        kept["trees"] = pa.array([len(forest.roots) - 1 for forest in forests], pa.int64())
        kept["psi"] = pa.array([forest.psi for forest in forests], pa.int64())
        kept["normal"] = pa.array([forest.normal for forest in forests], pa.float64())
        return pa.table(kept)

    def frozen(self, data: Relation, model: Stored, pieces: Mapping[str, Piece]) -> Relation:
        """The score from the paths that ``pieces`` give."""
        (row,) = model["model"]
        held = data.extend("model", {name: ops.constant(value) for name, value in row.items()})
        first = data.features[0]
        if not row["trees"]:
            own = [ops.eq(f.value, ops.number(row[f.stat("low")])) for f in data.features]
            known = ops.case((ops.and_(*own), ops.number(0.0)))
            return held.extend("isolated", {first.stat("registered_score"): known})
        paths = ops.total([ops.column(name) for name in pieces])
        share = ops.div(paths, ops.number(-row["trees"] * row["normal"]))
        known = ops.and_(*(ops.not_null(feature.value) for feature in data.features))
        power = ops.case((known, ops.func("POWER", ops.number(2.0), share)))
        return held.extend("isolated", {first.stat("registered_score"): power})

    def function(self, model: FittedModel) -> Function:
        """The score of stored forests as a vectorized function of keys and features."""
        from sqlnomaly.udfs.forest_function import stored_function
        from sqlnomaly.udfs.forest_model import forests_of

        fit = model.fit
        table = model.relations["model"]
        forests = forests_of(table, model.relations["nodes"], fit.keys, [f.stat("low") for f in fit.features])
        return Function("DOUBLE", stored_function(forests, table.select(fit.keys)))

    def pieces(self, model: Stored, features: Sequence[Feature], size: int) -> Mapping[str, Piece]:
        """The paths through a few trees each."""
        return pieces_of(model.get("nodes", ()), features, size)

"""What was read of an estimator put together as a model, as a fit in an engine would have made it."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from sqlnomaly.fitted.reading import Reading
from sqlnomaly.model import Model
from sqlnomaly.pushdown.bind import Kind
from sqlnomaly.pushdown.fit import Fit
from sqlnomaly.pushdown.fitted import FittedModel, Parameter
from sqlnomaly.pushdown.names import slugs
from sqlnomaly.pushdown.plan import Feature
from sqlnomaly.udfs.fitted_detector import NUMBERS
from sqlnomaly.udfs.fitted_forest import NODES
from sqlnomaly.udfs.fitted_front import Front
from sqlnomaly.udfs.fitted_numbers import number_table


def assembled(
    reading: Reading, front: Front, names: Sequence[str], threshold: float | None, estimator: str
) -> Model:
    """The model, still without rows that test it.

    Args:
        reading: what was read.
        front: the steps that stay before it.
        names: the features.
        threshold: scores above it are anomalies; None for no boundary.
        estimator: what was fitted.
    """
    detector = reading.kind(estimator=estimator, front=front.words, **reading.options)
    words = slugs(names)
    features = tuple(Feature(name, f"_sn_{word}", f"_sn_{word}") for name, word in zip(names, words, strict=True))
    numbers = number_table([*front.arrays, *(reading.numbers[name] for name in reading.kind.arrays)])
    nodes = {} if reading.nodes is None else {NODES: reading.nodes}
    relations = {"model": pa.table({"features": [len(names)]}), **nodes, NUMBERS: numbers}
    fit = Fit(
        number=1,
        detector=detector,
        features=features,
        raw=tuple(feature.column for feature in features),
        keys=(),
        order=(),
        frame=None,
        fitted=None,
        leave_one_out=False,
        nulls="propagate",
        min_rows=1,
    )
    return Model(
        FittedModel(
            fit=fit,
            features=tuple(Parameter(name, Kind.FLOAT) for name in names),
            keys=(),
            threshold=threshold,
            contamination=None,
            min_effect=None,
            relations=relations,
            calibration=pa.table({"n": pa.array([1]), "threshold": pa.array([threshold], pa.float64())}),
            selftest=pa.table({}),
        )
    )

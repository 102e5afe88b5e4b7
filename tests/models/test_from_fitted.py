"""A model made of a fitted estimator says what the estimator says: by SQL functions, by live ones, from its file."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn.cluster import KMeans
from sklearn.covariance import EllipticEnvelope
from sklearn.ensemble import IsolationForest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import sqlnomaly
from sqlnomaly.errors import ModelError, SqlnomalyError, UnsupportedError
from sqlnomaly.model import Model
from sqlnomaly.session import Session
from tests.conftest import missing_engine
from tests.engines.googlesql import GoogleSql
from tests.engines.postgres import Server
from tests.models.bodies import Inliner, bodies
from tests.models.estimators import (
    BY_TRAINING,
    LIVE_ONLY,
    MADE,
    NAMES,
    Array,
    boundary,
    difference,
    fitted,
    last_of,
    own_scores,
    said,
    training,
)
from tests.thorough import some

with warnings.catch_warnings():
    warnings.simplefilter("ignore")

pytestmark = [
    pytest.mark.duckdb,
    pytest.mark.filterwarnings("ignore::UserWarning"),
    pytest.mark.filterwarnings("ignore:An ill-conditioned matrix detected"),
]

SQL = tuple(name for name in MADE if name not in LIVE_ONLY)
COLUMNS = ", ".join(f'"{name}"' for name in NAMES)
STEADY = tuple(name for name in MADE if not name.startswith(("mixture", "gmm")) and name not in ("iforest", "mcd"))
"""Those that scikit-learn and PyOD fit on rows of every scale without losing what they have learned."""
ROUNDED = ("centres", "cblof", "cblof_weighted")
"""Those whose own scores of rows near 1.7e9 are all rounding: they subtract squares."""


@pytest.fixture(scope="module")
def duck() -> Iterator[Session]:
    session = sqlnomaly.connect()
    yield session
    session.close()


@pytest.fixture(scope="module")
def models() -> Callable[[str], tuple[Any, Model]]:
    """Estimators by name with the models made of them, each once."""
    made: dict[str, tuple[Any, Model]] = {}

    def model(name: str) -> tuple[Any, Model]:
        if name not in made:
            estimator = fitted(name, training())
            made[name] = estimator, sqlnomaly.from_fitted(estimator, features=list(NAMES))
        return made[name]

    return model


def table(rows: Array) -> pa.Table:
    columns = {name: pa.array(rows[:, number]) for number, name in enumerate(NAMES)}
    return pa.table({"place": pa.array(range(len(rows)), pa.int64()), **columns})


def scored(session: Session, rows: Array, name: str) -> Array:
    """What a function says of rows."""
    session.load("asked", table(rows))
    found = session.sql(f"SELECT {name}({COLUMNS}) AS score FROM asked ORDER BY place").arrow()
    return found.column("score").to_numpy(zero_copy_only=False).astype(np.float64)


def by_function(session: Session, model: Model, rows: Array, *, live: bool) -> Array:
    """What the installed functions of a model say of rows; nothing is left."""
    name = "live_f" if live else "sql_f"
    session.install(model, name=name, live=live)
    try:
        assert session.verify(model, name=name).holds
        return scored(session, rows, name)
    finally:
        if live:
            session.engine.unregister([name])
        else:
            session.uninstall(model, name=name)


@pytest.mark.parametrize("name", some(MADE, every=2))
def test_a_live_function_says_what_the_estimator_says(name: str, models: Any, duck: Session) -> None:
    estimator, model = models(name)
    rows, wanted = said(name, estimator, training())

    found = by_function(duck, model, rows, live=True)

    assert difference(found, wanted) <= 1e-9


@pytest.mark.parametrize("name", SQL)
def test_sql_functions_say_what_the_estimator_says(name: str, models: Any, duck: Session) -> None:
    estimator, model = models(name)
    rows, wanted = said(name, estimator, training())

    found = by_function(duck, model, rows, live=False)

    assert difference(found, wanted) <= 1e-9


@pytest.mark.parametrize(
    ("name", "scale", "offset"),
    [
        pytest.param(name, *of, marks=() if of[1] else pytest.mark.thorough)
        for name in STEADY
        for of in ((1e-12, 0.0), (1e12, 0.0), (1.0, 1.7e9))
        if (name, of[0]) != ("envelope", 1e-12)  # scikit-learn takes its covariance for 0
    ],
)
def test_far_from_one_it_says_the_same_or_refuses(
    name: str, scale: float, offset: float, duck: Session
) -> None:
    rows = training(scale, offset)
    estimator = fitted(name, rows)
    if offset == 1.7e9 and name in ROUNDED:
        with pytest.raises(UnsupportedError, match="its own are rounded too much"):
            sqlnomaly.from_fitted(estimator, features=list(NAMES))
        return
    model = sqlnomaly.from_fitted(estimator, features=list(NAMES))
    asked, wanted = said(name, estimator, rows)

    found = [by_function(duck, model, asked, live=live) for live in ((True,) if name in LIVE_ONLY else (True, False))]

    for scores in found:
        assert difference(scores, wanted) <= (1e-9 if offset != 1.7e9 else 1e-6)


@pytest.mark.parametrize("name", some(MADE))
def test_the_threshold_is_the_estimators_own(name: str, models: Any) -> None:
    estimator, model = models(name)

    assert model.fitted.threshold == boundary(estimator)


@pytest.mark.parametrize("name", some(name for name in SQL if name not in BY_TRAINING))
def test_the_verdict_is_the_estimators_own(name: str, models: Any, duck: Session) -> None:
    estimator, model = models(name)
    rows, scores = said(name, estimator, training())
    limit = boundary(estimator)
    if limit is None:
        assert [item.name for item in model.pack("duckdb", name="judged").items][-2:] == ["judged", "judged_status"]
        return
    duck.install(model, name="judged")
    duck.load("asked", table(rows))

    found = duck.sql(
        f"SELECT judged_is_anomaly({COLUMNS}) AS bad, judged_threshold({COLUMNS}) AS cut, "
        f"judged_status({COLUMNS}) AS status FROM asked ORDER BY place"
    ).fetchall()

    duck.uninstall(model, name="judged")
    assert {row[1:] for row in found} == {(limit, "ok")}
    bad = 1 if hasattr(last_of(estimator), "decision_scores_") else -1
    own = estimator.predict(rows) == bad
    clear = np.abs(scores - limit) > 1e-8
    assert clear.sum() > 100
    assert [row[0] for row, is_clear in zip(found, clear, strict=True) if is_clear] == own[clear].tolist()


@pytest.mark.parametrize("name", ["standard_envelope", "mixture_full", "forest", "machine", "hbos", "loda", "factor"])
def test_a_row_that_misses_a_value_has_no_score(name: str, models: Any, duck: Session) -> None:
    rows = np.array([[0.1, 0.2, 0.3], *([x, 0.2, 0.3] for x in (np.nan, np.inf, -np.inf, 1.1e150)), [0.1, 0.2, np.nan]])
    _, model = models(name)

    found = [by_function(duck, model, rows, live=live) for live in ((True,) if name in LIVE_ONLY else (True, False))]

    for scores in found:
        assert np.isfinite(scores).tolist() == [True] + [False] * 5


def test_no_row_and_null(models: Any, duck: Session) -> None:
    _, model = models("standard_forest")
    duck.install(model, name="empty")
    duck.install(model, name="empty_live", live=True)

    for name in ("empty", "empty_live"):
        assert duck.sql(f"SELECT {name}(1.0, 2.0, 3.0) FROM range(0)").fetchall() == []
        assert duck.sql(f"SELECT {name}(1.0, NULL, 3.0)").fetchall() == [(None,)]
    assert duck.sql("SELECT empty_status(1.0, NULL, 3.0)").fetchall() == [("missing_value",)]

    duck.uninstall(model, name="empty")
    duck.engine.unregister(["empty_live"])


@pytest.mark.parametrize("name", some(MADE))
def test_a_kept_model_is_the_same(name: str, models: Any, duck: Session, tmp_path: Path) -> None:
    estimator, model = models(name)
    rows, wanted = said(name, estimator, training())
    model.save(tmp_path / "kept.model")

    kept = Model.load(tmp_path / "kept.model")
    kept.save(tmp_path / "again.model")

    assert (tmp_path / "kept.model").read_bytes() == (tmp_path / "again.model").read_bytes()
    assert (kept.detector, kept.features, kept.parameters) == (model.detector, NAMES, model.parameters)
    assert difference(by_function(duck, kept, rows, live=True), wanted) <= 1e-9


def test_a_file_without_an_array_is_refused(models: Any, duck: Session, tmp_path: Path) -> None:
    from dataclasses import replace

    _, model = models("forest")
    cut = replace(model.fitted, relations={**model.fitted.relations, "numbers": _more(model)})
    Model(cut).save(tmp_path / "cut.model")

    with pytest.raises(ModelError, match="does not hold the arrays"):
        duck.install(Model.load(tmp_path / "cut.model"), name="cut", live=True)


def _more(model: Model) -> pa.Table:
    """The numbers with an array too many."""
    numbers = model.fitted.relations["numbers"]
    row = pa.table({"array": [1], "row": [0], "column": [-1], "value": [1.0]}).cast(numbers.schema)
    return pa.concat_tables([numbers, row])


@pytest.mark.parametrize("seed", range(6))
def test_a_forest_has_the_same_leaf_on_every_threshold(seed: int, duck: Session) -> None:
    """Values on, just below and just above what scikit-learn compares after its cast to 32 bits."""
    rows = np.random.default_rng(seed).normal(size=(200, 2)) * 10.0 ** np.array([seed, -seed])
    estimator = make_pipeline(StandardScaler(), IsolationForest(n_estimators=5, random_state=seed)).fit(rows)
    model = sqlnomaly.from_fitted(estimator, features=["a", "b"])
    edges = model.fitted.relations["nodes"].to_pylist()
    tested = []
    for number in range(2):
        own = np.array([node["value"] for node in edges if node["feature"] == number])
        around = np.concatenate([own, np.nextafter(own, np.inf), np.nextafter(own, -np.inf)])
        both = np.repeat(np.median(rows, axis=0)[np.newaxis, :], len(around), axis=0)
        both[:, number] = around
        tested.append(both)
    asked = np.concatenate(tested)
    duck.install(model, name="edges")
    columns = {"a": asked[:, 0], "b": asked[:, 1]}
    duck.load("on_edges", pa.table({"place": pa.array(range(len(asked))), **columns}))

    found = duck.sql("SELECT edges(a, b) AS s FROM on_edges ORDER BY place").arrow().column("s").to_numpy()

    duck.uninstall(model, name="edges")
    assert difference(found, own_scores(estimator, asked)) <= 1e-12


def test_names_come_from_the_estimator() -> None:
    import pandas as pd

    rows = pd.DataFrame(training(), columns=["Amount", "größe", "user"])
    alone = sqlnomaly.from_fitted(EllipticEnvelope(random_state=0).fit(rows))
    behind = sqlnomaly.from_fitted(make_pipeline(StandardScaler(), KMeans(3, random_state=0)).fit(rows))

    assert alone.features == behind.features == ("Amount", "größe", "user")
    assert alone.parameters["estimator"].startswith("sklearn.EllipticEnvelope 1.")
    assert behind.parameters["front"] == "scale"


def test_a_threshold_of_ones_own(models: Any, duck: Session) -> None:
    model = sqlnomaly.from_fitted(models("centres")[0], features=NAMES, threshold=2)
    duck.install(model, name="own")

    found = duck.sql("SELECT own_is_anomaly(0.0, 0.0, 0.0), own_is_anomaly(1e3, 0.0, 0.0), own_threshold(0, 0, 0)")

    assert found.fetchall() == [(False, True, 2.0)]
    duck.uninstall(model, name="own")


@pytest.fixture(scope="module")
def postgres() -> Iterator[Any]:
    """A server of the suite's own."""
    try:
        server = Server()
        session = sqlnomaly.connect(server.url)
    except (ImportError, OSError, SqlnomalyError) as error:
        missing_engine("postgres", str(error))
    yield session
    session.close()
    server.stop()


@pytest.mark.postgres
@pytest.mark.parametrize("name", some(SQL, every=2))
def test_postgres_says_what_the_estimator_says(name: str, models: Any, postgres: Session) -> None:
    estimator, model = models(name)
    rows, wanted = said(name, estimator, training())

    assert difference(by_function(postgres, model, rows, live=False), wanted) <= 1e-9


@pytest.mark.bigquery
@pytest.mark.parametrize(
    "name",
    ["standard_envelope", "mixture_diag", "cblof_weighted", "machine", "descent_fourier", "rotated_hbos", "axes"],
)
def test_googlesql_says_what_the_estimator_says(name: str, models: Any) -> None:
    estimator, model = models(name)
    rows, wanted = said(name, estimator, training())
    known = bodies(model.pack("bigquery", name="f", schema="d"))
    columns = {"place": "INT64", **dict.fromkeys(NAMES, "FLOAT64")}

    score = Inliner("bigquery", known).ask("d.f", NAMES)
    found = GoogleSql({"t": columns}).execute(f"SELECT place, {score} AS score FROM t", {"t": table(rows[:40])})

    scores = dict(zip(found.column("place").to_pylist(), found.column("score").to_pylist(), strict=True))
    assert difference(np.array([scores[place] for place in range(40)]), wanted[:40]) <= 1e-9

"""BigQuery: CREATE MODEL, ML.DETECT_ANOMALIES and DROP MODEL, beside numpy."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from sqlnomaly import CallError, ParseError, UnsupportedError
from sqlnomaly.model import Model
from sqlnomaly.pushdown.statements import CreateModel, DropModel
from sqlnomaly.session import Session
from tests.frontends.asked import PAYMENTS, ask, text_of, translated
from tests.reference import autoencoder

pytestmark = pytest.mark.duckdb

ROWS = np.array(PAYMENTS)[:, 1:]
CREATE = "CREATE MODEL {name} OPTIONS(MODEL_TYPE={options}) AS SELECT amount, items FROM payments"
DETECT = "SELECT * FROM ML.DETECT_ANOMALIES(MODEL {model}, STRUCT(0.1 AS contamination), TABLE payments)"


def standardized(rows: np.ndarray) -> np.ndarray:
    """The rows in standard deviations over n - 1 from their means."""
    return np.asarray((rows - rows.mean(axis=0)) / rows.std(axis=0, ddof=1))


def clustered(rows: np.ndarray, count: int) -> np.ndarray:
    """The assignment of rows to clusters with the smallest sum of squares, started from every choice of rows."""
    best: tuple[float, np.ndarray] | None = None
    for seeds in itertools.combinations(range(len(rows)), count):
        centres = rows[list(seeds)]
        for _ in range(50):
            which = ((rows[:, None] - centres[None]) ** 2).sum(axis=2).argmin(axis=1)
            centres = np.array([rows[which == k].mean(axis=0) for k in range(count)])
        inertia = ((rows - centres[which]) ** 2).sum()
        if best is None or inertia < best[0] - 1e-9:
            best = inertia, which
    assert best is not None
    return best[1]


def test_normalized_distance_is_the_smallest_distance_over_the_radius_of_the_cluster(duck: Session) -> None:
    ask(duck, CREATE.format(name="`p.d.Spend`", options="'KMEANS', NUM_CLUSTERS=3"), "bigquery")
    found = ask(duck, DETECT.format(model="`p.d.spend`") + " ORDER BY id", "bigquery")
    z = standardized(ROWS)
    which = clustered(z, 3)
    centres = np.array([z[which == k].mean(axis=0) for k in range(3)])
    radii = np.sqrt([((z[which == k] - centres[k]) ** 2).sum(axis=1).mean() for k in range(3)])
    away = np.sqrt(((z[:, None] - centres[None]) ** 2).sum(axis=2))
    # A cluster of equal rows has no radius: it is near to these rows only.
    wanted = np.where(radii > 0, away / np.where(radii > 0, radii, 1), np.where(away > 1e-9, np.inf, 0)).min(axis=1)
    assert found.columns == ["is_anomaly", "normalized_distance", "centroid_id", "id", "amount", "items"]
    assert np.array(found.df()["normalized_distance"]) == pytest.approx(wanted, abs=1e-9)


def test_a_row_belongs_to_the_centroid_of_its_distance_and_rows_of_a_group_to_one(duck: Session) -> None:
    ask(duck, CREATE.format(name="m", options="'KMEANS', NUM_CLUSTERS=2"), "bigquery")
    rows = ask(duck, f"SELECT id, centroid_id FROM ({DETECT.format(model='m')})", "bigquery").fetchall()
    of = dict(rows)
    assert {of[i] for i in (1, 2, 3, 4, 5, 6, 12)} | {of[7]} == {1, 2}
    assert len({of[i] for i in (1, 2, 3, 4, 5, 6, 12)}) == len({of[i] for i in (7, 8, 9, 10)}) == 1


def test_mean_squared_error_is_that_of_a_row_put_together_again(duck: Session) -> None:
    ask(duck, CREATE.format(name="m", options="'PCA', NUM_PRINCIPAL_COMPONENTS=1"), "bigquery")
    found = ask(duck, DETECT.format(model="m") + " ORDER BY id", "bigquery")
    z = standardized(ROWS)
    direction = np.linalg.eigh(np.cov(z.T))[1][:, -1]
    wanted = ((z - np.outer(z @ direction, direction)) ** 2).mean(axis=1)
    assert found.columns == ["is_anomaly", "mean_squared_error", "id", "amount", "items"]
    assert np.array(found.df()["mean_squared_error"]) == pytest.approx(wanted, abs=1e-12)


def test_the_components_explain_the_share_that_is_asked_for(duck: Session) -> None:
    rows = "SELECT amount, items, amount * 2 + items / 50 AS total FROM payments"
    asked = "OPTIONS(MODEL_TYPE='PCA', PCA_EXPLAINED_VARIANCE_RATIO=0.9, SCALE_FEATURES=FALSE)"
    ask(duck, f"CREATE MODEL m {asked} AS {rows}", "bigquery")
    query = f"SELECT * FROM ML.DETECT_ANOMALIES(MODEL m, STRUCT(0.1 AS contamination), ({rows}))"
    found = np.array(ask(duck, query, "bigquery").df()["mean_squared_error"])
    x = np.column_stack([ROWS, ROWS[:, 0] * 2 + ROWS[:, 1] / 50])
    x -= x.mean(axis=0)
    sizes, directions = np.linalg.eigh(np.cov(x.T))
    kept = 1 + int((np.cumsum(sizes[::-1]) / sizes.sum() >= 0.9).argmax())
    chosen = directions[:, ::-1][:, :kept]
    assert found == pytest.approx(((x - x @ chosen @ chosen.T) ** 2).mean(axis=1), abs=1e-9)


@pytest.mark.parametrize(
    ("options", "activation"),
    [("", "relu"), (", ACTIVATION_FN='Tanh'", "tanh"), (", ACTIVATION_FN='SIGMOID'", "logistic")],
)
def test_mean_squared_error_of_an_autoencoder_is_that_of_the_rows_that_its_network_gives(
    duck: Session, options: str, activation: str
) -> None:
    ask(duck, CREATE.format(name="m", options=f"'AUTOENCODER', HIDDEN_UNITS=[3, 1, 3]{options}"), "bigquery")
    found = ask(duck, DETECT.format(model="m") + " ORDER BY id", "bigquery")
    rows = [tuple(map(float, row)) for row in ROWS]
    model = autoencoder.fit(rows, hidden_layer_sizes=[3, 1, 3], activation=activation, alpha=0.0)
    z = (ROWS - ROWS.mean(axis=0)) / ROWS.std(axis=0)
    given = np.array([autoencoder.decoded(row, model) for row in z])
    assert found.columns == ["is_anomaly", "mean_squared_error", "id", "amount", "items"]
    assert np.array(found.df()["mean_squared_error"]) == pytest.approx(((z - given) ** 2).mean(axis=1), abs=1e-7)


def test_an_autoencoder_says_what_it_is_in_our_words() -> None:
    sql = (
        "CREATE MODEL m OPTIONS(MODEL_TYPE='autoencoder', HIDDEN_UNITS=[8, 2, 8], ACTIVATION_FN='sigmoid', "
        "DROPOUT=0.0, L2_REG=0) AS SELECT a FROM t"
    )
    assert translated(sql, "bigquery") == CreateModel(
        name="m",
        detector="autoencoder",
        query="SELECT a FROM t",
        options={
            "activation": "logistic", "alpha": 0.0, "max_samples": 100_000, "calibration": 0,
            "hidden_layer_sizes": (8.0, 2.0, 8.0),
        },
    )  # fmt: skip


def test_contamination_is_the_share_of_the_models_own_rows(duck: Session) -> None:
    ask(duck, CREATE.format(name="m", options="'PCA', NUM_PRINCIPAL_COMPONENTS=1"), "bigquery")
    for share, count in ((0.0, 0), (0.1, 2), (0.5, 6)):
        sql = DETECT.replace("0.1", str(share)).format(model="m")
        assert ask(duck, f"SELECT COUNTIF(is_anomaly) FROM ({sql})", "bigquery").fetchall() == [(count,)], share


def test_create_model_says_what_it_is_in_our_words() -> None:
    sql = (
        "CREATE OR REPLACE MODEL `p.d.M` OPTIONS(model_type = 'kmeans', Num_Clusters = 4, STANDARDIZE_FEATURES = FALSE,"
        " KMEANS_INIT_METHOD = 'kmeans++', KMS_KEY_NAME = 'k') AS\nSELECT a FROM t"
    )
    assert translated(sql, "bigquery") == CreateModel(
        name="p.d.m",
        detector="kmeans",
        query="SELECT a FROM t",
        options={"normalized": True, "max_samples": 100_000, "calibration": 0, "n_clusters": 4, "scaling": "none"},
        replace=True,
    )


def test_drop_model_is_ours() -> None:
    assert translated("drop model if exists d.M", "bigquery") == DropModel(name="d.m", if_exists=True)


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE MODEL m OPTIONS(MODEL_TYPE='LINEAR_REG') AS SELECT 1",
        "CREATE MODEL m FROM t TARGET y FUNCTION f IAM_ROLE 'r' SETTINGS (S3_BUCKET 'b')",
        "CREATE TABLE model AS SELECT 1",
        "SELECT * FROM ml.detect_anomalies(model, features => ['a'])",
        "SELECT model, 'ML.DETECT_ANOMALIES(MODEL m, STRUCT(1 AS contamination), TABLE t)' FROM ml",
    ],
)
def test_what_is_not_about_anomalies_stays_as_it_is(sql: str) -> None:
    assert translated(sql, "bigquery") is None


@pytest.mark.parametrize(
    ("options", "kind", "said"),
    [
        ("MODEL_TYPE='AUTOENCODER'", CallError, "HIDDEN_UNITS"),
        ("MODEL_TYPE='AUTOENCODER', HIDDEN_UNITS=8", CallError, "list of one to seven"),
        ("MODEL_TYPE='AUTOENCODER', HIDDEN_UNITS=[8, 0]", CallError, "from 1 to 100"),
        ("MODEL_TYPE='AUTOENCODER', HIDDEN_UNITS=[2], ACTIVATION_FN='RELU6'", UnsupportedError, "RELU6"),
        ("MODEL_TYPE='AUTOENCODER', HIDDEN_UNITS=[2], ACTIVATION_FN='ELU'", UnsupportedError, "ELU"),
        ("MODEL_TYPE='AUTOENCODER', HIDDEN_UNITS=[2], ACTIVATION_FN='SELU'", UnsupportedError, "SELU"),
        ("MODEL_TYPE='AUTOENCODER', HIDDEN_UNITS=[2], L2_REG=0.1", UnsupportedError, "L2_REG"),
        ("MODEL_TYPE='AUTOENCODER', HIDDEN_UNITS=[2], DROPOUT=0.5", UnsupportedError, "DROPOUT"),
        ("MODEL_TYPE='AUTOENCODER', HIDDEN_UNITS=[2], MAX_ITERATIONS=9", UnsupportedError, "sees all rows"),
        ("MODEL_TYPE='AUTOENCODER', HIDDEN_UNITS=[2], OPTIMIZER='ADAM'", UnsupportedError, "OPTIMIZER"),
        ("MODEL_TYPE='AUTOENCODER', HIDDEN_UNITS=[2], BATCH_SIZE=64", UnsupportedError, "BATCH_SIZE"),
        ("MODEL_TYPE='KMEANS', NUM_CLUSTERS=3, HIDDEN_UNITS=[2]", CallError, "another MODEL_TYPE"),
        ("MODEL_TYPE='ARIMA_PLUS_XREG', HORIZON=3", UnsupportedError, "no ARIMA_PLUS_XREG models"),
        ("MODEL_TYPE='KMEANS'", CallError, "NUM_CLUSTERS"),
        ("MODEL_TYPE='KMEANS', NUM_CLUSTERS=1", CallError, "from 2 to 100"),
        ("MODEL_TYPE='KMEANS', NUM_CLUSTERS=HPARAM_RANGE(2, 4)", CallError, "HPARAM_RANGE"),
        ("MODEL_TYPE='KMEANS', NUM_CLUSTERS=3, MAX_ITERATIONS=20", UnsupportedError, "MAX_ITERATIONS"),
        ("MODEL_TYPE='KMEANS', NUM_CLUSTERS=3, DISTANCE_TYPE='COSINE'", UnsupportedError, "DISTANCE_TYPE"),
        ("MODEL_TYPE='KMEANS', NUM_CLUSTERS=3, WARM_START=TRUE", UnsupportedError, "WARM_START"),
        ("MODEL_TYPE='KMEANS', NUM_CLUSTERS=3, SCALE_FEATURES=TRUE", CallError, "another MODEL_TYPE"),
        ("MODEL_TYPE='KMEANS', NUM_CLUSTERS=3, NUM_CLUSTERS=4", ParseError, "twice"),
        ("MODEL_TYPE='PCA'", CallError, "NUM_PRINCIPAL_COMPONENTS or PCA_EXPLAINED_VARIANCE_RATIO"),
        ("MODEL_TYPE='PCA', NUM_PRINCIPAL_COMPONENTS=2, PCA_SOLVER='RANDOMIZED'", UnsupportedError, "PCA_SOLVER"),
        ("MODEL_TYPE='PCA', PCA_EXPLAINED_VARIANCE_RATIO=2", CallError, "between 0 and 1"),
    ],
)
def test_an_option_that_would_change_numbers_is_refused_by_name(
    options: str, kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=said):
        translated(f"CREATE MODEL m OPTIONS({options}) AS SELECT 1", "bigquery")


@pytest.mark.parametrize(
    ("arguments", "kind", "said"),
    [
        ("MODEL k", CallError, "time series"),
        ("MODEL k, STRUCT(0.95 AS anomaly_prob_threshold)", CallError, "time series"),
        ("MODEL k, STRUCT(0.6 AS contamination), TABLE t", CallError, "from 0 to 0.5"),
        ("MODEL k, STRUCT(0.1 AS share), TABLE t", CallError, "SHARE"),
        ("MODEL k, STRUCT(0.1 AS contamination)", CallError, "three arguments"),
        ("MODEL k, STRUCT(0.1 AS contamination), t", CallError, "TABLE and a name"),
        ("MODEL other, STRUCT(0.1 AS contamination), TABLE t", CallError, "another score"),
    ],
)
def test_arguments_that_do_not_fit_are_refused_with_the_range(
    models: dict[str, Model], arguments: str, kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=said):
        translated(f"SELECT * FROM ML.DETECT_ANOMALIES({arguments})", "bigquery", models)


def test_a_model_that_is_partitioned_or_trained_on_truth_values_is_refused(duck: Session) -> None:
    bools = duck.fit("SELECT amount, items > 50 AS many FROM payments", detector="pca", n_components=1,
                     form="reconstruction")  # fmt: skip
    with pytest.raises(UnsupportedError, match="many is a boolean"):
        text_of(DETECT.format(model="b"), "bigquery", {"b": bools})
    parts = duck.fit("SELECT amount, items, id % 2 AS k FROM payments", detector="pca", partition_by="k",
                     n_components=1, form="reconstruction")  # fmt: skip
    with pytest.raises(CallError, match="another score"):
        text_of(DETECT.format(model="b"), "bigquery", {"b": parts})

"""PyOD's estimators packed for Snowflake: what the handlers and the SQL around them say is what DuckDB says."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from sqlnomaly import connect
from sqlnomaly.errors import UnsupportedError
from sqlnomaly.verify import difference
from tests.engines.fakesnow import Fakesnow
from tests.engines.snowflake_grammar import check
from tests.models.bodies import Inliner, bodies, handler, undollared

pytestmark = [pytest.mark.snowflake, pytest.mark.usefixtures("_snowflake")]

WAVES = "SELECT i AS id, SIN(i) * 3 AS x, i % 5 + COS(i) AS y, CASE WHEN i % 4 = 0 THEN 'b' ELSE 'a' END AS k"
FITTED = f"{WAVES} FROM range(200) AS r(i) UNION ALL SELECT 200 + i, 7, 7, 'flat' FROM range(30) AS r(i)"
ASKED = f"""
{WAVES} FROM range(40) AS r(i)
UNION ALL SELECT * FROM (VALUES
    (900, NULL, 1.0, 'a'), (901, 1.0, CAST('nan' AS DOUBLE), 'b'), (902, 1e200, 1.0, 'b'), (903, 1e100, -1e100, 'a'),
    (904, 0.0, 0.0, 'nowhere'), (905, 0.0, 0.0, NULL), (906, 7.0, 7.0, 'flat'), (907, 7.0, 7.5, 'flat')
) AS odd(id, x, y, k)
"""
STATUSES = {
    900: "missing_value", 901: "out_of_range", 902: "out_of_range", 903: "ok", 904: "unseen_group", 905: "unseen_group",
    906: "constant_baseline", 907: "constant_baseline",
}  # fmt: skip
"""What is said about the rows that are not like the others. Snowflake's handler is given no NaN that is not NULL."""


@pytest.mark.parametrize("detector", ["pyod.knn", "pyod.iforest", "pyod.gmm", "pyod.pca"])
def test_snowflake_asks_the_estimators(detector: str, tmp_path: Path, fakesnow: Fakesnow) -> None:
    import pandas as pd

    with connect() as session:
        model = session.fit(f"SELECT x, y, k FROM ({FITTED})", detector=detector, partition_by=["k"])
        session.install(model, name="odd", live=True)
        rows = session.engine.run(f"SELECT id, x, y, k, odd(k, x, y) AS score FROM ({ASKED}) ORDER BY id")
    kept = model.fitted.calibration
    keys = kept.column(model.fitted.fit.keys[0]).to_pylist()
    limits = dict(zip(keys, kept.column("threshold").to_pylist(), strict=True))
    known = bodies(model.pack("snowflake", name="odd"))
    table = rows.select(["id", "x", "y", "k"]).rename_columns(["id", "X", "Y", "K"])
    frame = pd.DataFrame({0: table.column("X").to_pandas(), 1: table.column("Y").to_pandas()}).astype(float)
    scripts = {name: body.script for name, body in known.items() if body.script is not None}
    for name, script in scripts.items():
        found = handler(undollared(script), tmp_path, name)(frame)
        table = table.append_column(name, pa.array(found, pa.float64(), from_pandas=True))
    fakesnow.load("asked", table, ["NUMBER(38, 0)", "DOUBLE", "DOUBLE", "VARCHAR", *["DOUBLE"] * len(scripts)])
    inline = Inliner("snowflake", known)
    answers = {"score": "odd", "limit": "odd_threshold", "odd": "odd_is_anomaly", "status": "odd_status"}
    asked = ", ".join(f'{inline.ask(answer, ["K", "X", "Y"])} AS "{name}"' for name, answer in answers.items())

    said = fakesnow.run(f'SELECT "id", {asked} FROM "asked" ORDER BY "id"').to_pylist()

    assert len(scripts) == 2  # no estimator for rows that are all the same
    for row, wanted in zip(said, rows.to_pylist(), strict=True):
        limit = limits.get(wanted["k"])
        assert row["score"] == wanted["score"] or difference(row["score"], wanted["score"]) <= 1e-9
        assert row["limit"] == limit
        assert row["odd"] == (None if row["score"] is None else row["score"] > limit)
        assert row["status"] == STATUSES.get(row["id"], "ok")


def test_the_script_names_the_packages_and_is_refused_elsewhere() -> None:
    with connect() as session:
        model = session.fit(f"SELECT x, y FROM ({FITTED})", detector="pyod.hbos")
    script = model.pack("snowflake", name="odd").script
    check(script)
    assert "ARTIFACT_REPOSITORY = snowflake.snowpark.pypi_shared_repository\nPACKAGES = ('numpy==" in script
    assert "SNOWFLAKE.PYPI_REPOSITORY_USER" in script
    with pytest.raises(UnsupportedError, match=r"pyod\.hbos is scored by PyOD, and has no SQL of its own"):
        model.pack("postgres", name="odd")


def test_an_estimator_that_is_too_large_says_what_makes_it_smaller() -> None:
    with connect() as session:
        columns = ", ".join(f"SIN(i * {factor}.1) AS x{factor}" for factor in range(1, 5))
        model = session.fit(f"SELECT {columns} FROM range(30000) AS r(i)", detector="pyod.knn", max_rows=30_000)
    with pytest.raises(UnsupportedError, match="a function in snowflake 1,000,000") as refused:
        model.pack("snowflake", name="odd")
    assert refused.value.hint == "fewer rows: max_rows => 1000"

"""The DuckDB pack: macros that stay in a file, give what the language gives, and refuse by name."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Collection, Iterator
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest
from _pytest.mark import ParameterSet

from sqlnomaly import connect
from sqlnomaly.install import cells
from sqlnomaly.install.duckdb import pack
from sqlnomaly.install.macros_levels import LEVELS, MOST
from sqlnomaly.install.pack import owned
from sqlnomaly.pushdown.relation_form import COLUMNS
from sqlnomaly.session import Session
from tests.conformance.ask import Ask, quoted
from tests.conformance.compare import close, slack
from tests.conformance.datasets import BY_NAME, HOSTILE_TABLES, NUMERIC, DataSet
from tests.conformance.on_duckdb import OnDuckDB
from tests.install.catalog import existing
from tests.install.test_cells import alike, by_language, text

pytestmark = pytest.mark.duckdb

REFUSED = {
    ("offset", "ecod"): "cannot be told",
    ("edge_of_range", "ecod"): "cannot be told",
    ("offset", "mahalanobis"): "digits of the distance",
    ("timestamptz", "mahalanobis"): "digits of the distance",
}
"""What one look at the values cannot answer: (data set, detector) -> a piece of the error."""
SCRIPT = Path(__file__).parents[2] / "sql" / "install" / "duckdb.sql"
ASKS = [
    (data, detector)
    for number, data in enumerate(NUMERIC)
    for turn, detector in enumerate(("zscore", "mad", "iqr", "mahalanobis", "hbos", "ecod"))
    if data.name not in HOSTILE_TABLES or detector in ("zscore", "hbos")
    if (number + turn) % 2 or data.name in ("gaussian", "nonfinite", "constant") or (data.name, detector) in REFUSED
]
"""Tables that are there for their names need no more than one detector of each form, and most others every second."""
ORDERS = (
    "CREATE TABLE orders AS SELECT i AS id, 100 + 20 * SIN(i * i) AS amount, i % 7 AS items, i % 3 AS store, "
    "i % 2 AS weekday FROM range(240) r(i)"
)


def named(detectors: Collection[str]) -> list[ParameterSet]:
    """The data sets for these detectors."""
    return [
        pytest.param(*ask, id=f"{ask[0].name}-{ask[1]}", marks=pytest.mark.thorough if number % 2 else ())
        for number, ask in enumerate(ASKS)
        if ask[1] in detectors
    ]


@pytest.fixture(scope="module")
def duck() -> Iterator[OnDuckDB]:
    runner = OnDuckDB()
    for data in NUMERIC:
        runner.load(data)
    runner.connection.execute(ORDERS)
    for statement in pack().statements():
        runner.connection.execute(statement)
    yield runner
    runner.close()


@pytest.fixture(scope="module")
def session(duck: OnDuckDB) -> Session:
    return connect(duck.connection)


def fetch(duck: OnDuckDB, sql: str) -> list[tuple[object, ...]]:
    return duck.connection.execute(sql).fetchall()


def macro_calls(data: DataSet, detector: str) -> str:
    """The four macros over a data set's features and keys."""
    features = ", ".join(quoted(name, "duckdb") for name in data.features)
    keys = ", ".join(quoted(key, "duckdb") for key in data.keys)
    common = f"{features}, detector := '{detector}'" + (f", partition := ({keys})" if keys else "")
    names = ", ".join(text(name) for name in data.features)
    return (
        f"anomaly_score({common}), is_anomaly({common}{', threshold := 3.5' if detector == 'ecod' else ''}), "
        f"anomaly_reason({common}, names := [{names}]), anomaly_status({common})"
    )


def language_calls(data: DataSet, detector: str) -> str:
    """The same in the language."""
    features = ", ".join(quoted(name, "duckdb") for name in data.features)
    keys = ", ".join(quoted(key, "duckdb") for key in data.keys)
    over = f"OVER ({f'PARTITION BY {keys}' if keys else ''})"
    common = f"{features}, detector => '{detector}'"
    limited = f"{common}{', threshold => 3.5' if detector == 'ecod' else ''}"
    return (
        f"anomaly_score({common}) {over} AS a, is_anomaly({limited}) {over} AS b, "
        f"anomaly_reason({common}) {over} AS c, anomaly_status({common}) {over} AS d"
    )


@pytest.mark.parametrize(("data", "detector"), named(LEVELS))
def test_macros_give_what_the_language_gives(
    duck: OnDuckDB, session: Session, data: DataSet, detector: str
) -> None:
    table = quoted(data.name, "duckdb")
    sql = f"SELECT id, {macro_calls(data, detector)} FROM {table}"
    if (data.name, detector) in REFUSED:
        with pytest.raises(duckdb.Error, match=REFUSED[data.name, detector]):
            fetch(duck, sql)
        return
    found = {row[0]: row[1:] for row in fetch(duck, sql)}
    wanted = session.sql(f"SELECT id, {language_calls(data, detector)} FROM {table}").fetchall()
    allowed = slack(data, Ask(), detector)
    assert found.keys() == {row[0] for row in wanted}
    bad = [
        row
        for row in wanted
        if not close(found[row[0]][0], row[1], allowed) or found[row[0]][1:] != row[2:]  # type: ignore[arg-type]
    ]
    assert bad == []


@pytest.mark.parametrize(("data", "detector"), named(cells.names()))
def test_the_table_macro_gives_what_the_language_gives(
    duck: OnDuckDB, session: Session, data: DataSet, detector: str
) -> None:
    names = ", ".join(text(name) for name in data.features)
    keys = ", ".join(text(key) for key in data.keys)
    found = fetch(
        duck,
        f"SELECT id, {', '.join(COLUMNS)} FROM detect_anomalies({text(quoted(data.name, 'duckdb'))}, [{names}], "
        f"detector := '{detector}', partition_by := [{keys}])",
    )
    wanted = by_language(session, data, detector, "")
    answers = {row[0]: list(row[1:]) for row in found}
    for row in wanted.values():  # its names are as written: here without quotes
        row[4] = row[4].strip('"').replace('""', '"') if isinstance(row[4], str) else None
    assert len(found) == len(wanted)
    allowed = slack(data, Ask(), detector)
    assert [key for key, row in wanted.items() if not alike(answers[key], row, allowed)] == []


def test_the_table_macro_gives_every_column_of_the_table_first(duck: OnDuckDB) -> None:
    duck.connection.execute(
        'CREATE OR REPLACE TABLE "Odd ""one" AS SELECT i AS row_id, i * 1.5 AS x, i % 2 AS "select", '
        "i AS \"É'q\", 'a' AS part, [i] AS feature FROM range(9) r(i)"
    )
    found = duck.connection.execute(
        "FROM detect_anomalies('\"Odd \"\"one\"', ['X', 'É''q', 'row_id'], partition_by := ['select', 'part'])"
    )
    names = [column[0] for column in found.description]
    assert names == ["row_id", "x", "select", "É'q", "part", "feature", *COLUMNS]
    assert sorted(row[0] for row in found.fetchall()) == list(range(9))


@pytest.mark.parametrize(
    ("call", "piece"),
    [
        ("'orders', ['amount', 'nope']", "nope"),
        ("'orders', ['amount'], partition_by := ['nope']", "nope"),
        ("'nope', ['amount']", "nope"),
        ("'orders', []", "no features"),
        ("'orders', ['amount', 'Amount']", "twice"),
        (
            "'orders', ['amount'], detector := 'foo'",
            "unknown detector foo: one of zscore, mad, iqr, hbos, ecod",
        ),
        ("'orders', ['amount'], detector := NULL", "unknown detector NULL"),
        ("'orders', ['amount'], detector := 'ewma'", "ewma is refused .* order of the rows"),
        ("'orders', ['amount'], detector := 'iforest'", "iforest is refused"),
        ("'orders', ['amount'], detector := 'mahalanobis'", "mahalanobis is refused .* together"),
        ("'orders', ['amount'], contamination := 0.6", "contamination is out of range"),
        ("'orders', ['amount'], contamination := 0", "contamination is out of range"),
        ("'orders', ['amount'], threshold := 'inf'::DOUBLE", "threshold is no number"),
        ("'orders', ['amount'], threshold := 3, contamination := 0.1", "exclude each other"),
        ("'taken', ['amount']", "rename it"),
        ("'texts', ['word']", "a feature is VARCHAR"),
    ],
)
def test_the_table_macro_refuses_with_what_is_allowed(duck: OnDuckDB, call: str, piece: str) -> None:
    duck.connection.execute("CREATE OR REPLACE VIEW taken AS SELECT *, 1 AS Is_Anomaly FROM orders")
    duck.connection.execute("CREATE OR REPLACE VIEW texts AS SELECT 'a' AS word FROM orders")
    with pytest.raises(duckdb.Error, match=piece):
        fetch(duck, f"FROM detect_anomalies({call})")


@pytest.mark.parametrize(
    ("call", "piece"),
    [
        (
            "anomaly_score(amount, detector := 'foo')",
            "unknown detector foo: one of zscore, mad, iqr, mahalanobis, ecod",
        ),
        ("anomaly_score(amount, detector := NULL)", "unknown detector NULL"),
        ("anomaly_score(amount, detector := 'hbos')", "use detect_anomalies"),
        ("anomaly_score(amount, detector := 'ewma')", "sqlnomaly query"),
        ("anomaly_score('a' || amount)", "a feature is VARCHAR"),
        ("anomaly_reason(amount, names := ['a', 'b'])", "1 names"),
        ("is_anomaly(amount, detector := 'ecod')", "threshold := .., or use detect_anomalies"),
        ("is_anomaly(amount, threshold := 'nan'::DOUBLE)", "threshold is no number"),
        ("anomaly_score(id, id, id, id, id, detector := 'mahalanobis')", "at most 4 features"),
        ("anomaly_score(1.7e9 + SIN(id * id), detector := 'ecod')", "use detect_anomalies"),
    ],
)
def test_the_macros_refuse_with_what_is_allowed(duck: OnDuckDB, call: str, piece: str) -> None:
    with pytest.raises(duckdb.Error, match=piece):
        fetch(duck, f"SELECT {call} FROM orders")


@pytest.mark.parametrize("detector", LEVELS)
def test_only_the_chosen_detectors_windows_are_in_the_plan(duck: OnDuckDB, detector: str) -> None:
    marks = {
        "zscore": "var_pop(",
        "mad": "mad(",
        "iqr": "quantile_cont(",
        "mahalanobis": "covar_pop(",
        "ecod": "rank(",
    }
    own = {
        "zscore": {"var_pop("},
        "mad": {"mad(", "quantile_cont("},
        "mahalanobis": {"covar_pop(", "var_pop("},
    }
    own |= {"iqr": {"quantile_cont("}, "ecod": {"var_pop(", "rank("}}
    sql = f"EXPLAIN SELECT anomaly_score(amount, items, detector := '{detector}', partition := store) FROM orders"
    plan = str(fetch(duck, sql)[0][1])
    assert {mark for mark in marks.values() if mark in plan} == own[detector]


def test_macros_stand_in_qualify_and_order_by_and_take_columns_of_their_parameters_names(
    duck: OnDuckDB,
) -> None:
    rows = fetch(
        duck,
        "SELECT id FROM (SELECT id, amount AS detector, items AS partition, store AS threshold FROM orders) "
        "QUALIFY is_anomaly(detector, partition, partition := threshold, threshold := 1.5) "
        "ORDER BY anomaly_score(detector, partition, partition := threshold) DESC, id",
    )
    wanted = fetch(
        duck,
        "SELECT id FROM detect_anomalies('orders', ['amount', 'items'], partition_by := ['store'], threshold := 1.5) "
        "WHERE is_anomaly ORDER BY anomaly_score DESC, id",
    )
    assert rows == wanted
    assert len(rows) > 0


def test_macros_take_up_to_their_most_features(duck: OnDuckDB) -> None:
    features = ", ".join(f"SIN(id * {number})" for number in range(1, MOST + 1))
    sql = f"SELECT COUNT(s) FROM (SELECT anomaly_score({features}, detector := 'mad') AS s FROM orders)"
    assert fetch(duck, sql) == [(240,)]


def test_a_process_without_sqlnomaly_uses_what_is_installed_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "shop.db"
    with duckdb.connect(str(file)) as connection:
        connection.execute(ORDERS)
        for statement in pack().statements():
            connection.execute(statement)
    program = f"""
import sys
sys.path.insert(0, {str(alone(tmp_path))!r})
try:
    import sqlnomaly
except ImportError:
    pass
else:
    raise SystemExit("sqlnomaly is here")
import duckdb
connection = duckdb.connect({str(file)!r}, read_only=True)
print(connection.execute(
    "SELECT COUNT(score) FROM (SELECT anomaly_score(amount, items, detector := 'ecod', "
    "partition := (store, weekday)) AS score FROM orders)"
).fetchall())
print(connection.execute(
    "SELECT COUNT(anomaly_score) FROM detect_anomalies('orders', ['amount'], detector := 'hbos', "
    "partition_by := ['store'])"
).fetchall())
"""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines() == ["[(240,)]", "[(240,)]"], done.stderr


def alone(folder: Path) -> Path:
    """A folder of packages that has duckdb and nothing else."""
    packages = folder / "packages"
    packages.mkdir()
    for name in ("duckdb", "_duckdb"):
        found = find_spec(name)
        assert found is not None
        assert found.origin is not None
        origin = Path(found.origin)
        origin = origin.parent if origin.name == "__init__.py" else origin
        (packages / origin.name).symlink_to(origin)
    about = Path(str(distribution("duckdb").locate_file(""))) / f"duckdb-{duckdb.__version__}.dist-info"
    (packages / about.name).symlink_to(about)
    return packages


def test_installing_twice_changes_nothing_and_uninstalling_leaves_nothing() -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE MACRO mine(x) AS x")
        before = functions(connection)
        for statement in pack().statements():
            connection.execute(statement)
        once = functions(connection)
        for statement in pack().statements():
            connection.execute(statement)
        assert functions(connection) == once
        assert len(once) > len(before)
        for statement in pack().removals():
            connection.execute(statement)
        assert functions(connection) == before


def functions(connection: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return connection.execute(
        "SELECT function_name, function_type, comment, macro_definition FROM duckdb_functions() WHERE NOT internal "
        "ORDER BY ALL"
    ).fetchall()


def test_what_is_there_under_our_names_is_told_from_what_is_ours(tmp_path: Path) -> None:
    file = str(tmp_path / "shop.db")
    with duckdb.connect(file) as connection:
        connection.execute(
            "CREATE MACRO anomaly_score(x) AS x; CREATE MACRO detect_anomalies(x) AS TABLE SELECT x"
        )
        found = connection.execute(existing(pack())).fetchall()
        assert [(name, owned(comment)) for name, comment, _ in found] == [
            ("anomaly_score", False),
            ("detect_anomalies", False),
        ]
        for statement in pack().statements():
            connection.execute(statement)
    with duckdb.connect(file) as connection:
        found = connection.execute(existing(pack())).fetchall()
        assert len(found) == len(pack().items)
        assert all(owned(comment) for _, comment, _ in found)


def test_a_schema_of_any_name_holds_the_pack() -> None:
    with duckdb.connect() as connection:
        connection.execute(ORDERS)
        connection.execute('CREATE SCHEMA "My ""tools"')
        for statement in pack('My "tools').statements():
            connection.execute(statement)
        calls = '"My ""tools".anomaly_score(amount, partition := store), "My ""tools".anomaly_status(amount)'
        assert connection.execute(f"SELECT COUNT(*) FROM (SELECT {calls} FROM orders)").fetchall() == [(240,)]
        rows = connection.execute(
            "SELECT COUNT(*) FROM \"My \"\"tools\".detect_anomalies('orders', ['amount'])"
        )
        assert rows.fetchall() == [(240,)]
        assert len(connection.execute(existing(pack(), 'My "tools')).fetchall()) == len(pack().items)
        for statement in pack('My "tools').removals():
            connection.execute(statement)
        assert connection.execute(existing(pack(), 'My "tools')).fetchall() == []


def test_the_checked_in_script_is_the_pack() -> None:
    assert SCRIPT.read_text() == pack().script


def test_the_script_runs_as_a_whole() -> None:
    with duckdb.connect() as connection:
        connection.execute(SCRIPT.read_text())
        assert len(connection.execute(existing(pack())).fetchall()) == len(pack().items)
        connection.execute(pack().removal)
        assert connection.execute(existing(pack())).fetchall() == []


def test_a_volatile_view_is_read_once(duck: OnDuckDB) -> None:
    duck.connection.execute(
        "CREATE OR REPLACE VIEW dice AS SELECT i AS id, RANDOM() AS x FROM range(500) r(i)"
    )
    rows = fetch(
        duck,
        "SELECT CORR(x, anomaly_score), MIN(anomaly_score) FROM detect_anomalies('dice', ['x'], detector := 'zscore') "
        "WHERE x > 0.6",
    )
    assert float(str(rows[0][0])) == pytest.approx(1.0)


def test_data_sets_have_the_names_that_are_refused() -> None:
    assert {name for name, _ in REFUSED} <= set(BY_NAME)

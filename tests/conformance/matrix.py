"""The cells of the matrix: engine x detector x data set x check, generated, each of which runs or is refused."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from sqlnomaly.errors import CallError, UnsupportedError
from sqlnomaly.pushdown.contract import Categories
from sqlnomaly.udfs.pyod_detector import PREFIX
from sqlnomaly.udfs.registry import detectors
from tests.conformance.ask import Ask
from tests.conformance.checks import Check, agrees, agrees_by_default, analyzes, holds, parses, prints, tail
from tests.conformance.datasets import DATASETS, HOSTILE_TABLES, DataSet
from tests.conformance.laws import laws
from tests.conformance.runner import CHECKED, Runner
from tests.conformance.variants import IN_ORDER, LEAN, UNORDERED, variants

RICH = ("gaussian", "null_order", "timestamptz")
FULL = "zscore"
"""What runs every variant on Spark, which takes a second to plan one: of these data sets and by this detector."""

VARIED = (
    *RICH, "all_null_group", "nonfinite", "heavy_ties", "mostly_constant", "constant_then_step", "offset",
    "boolean", "hostile_columns",
)  # fmt: skip
NARROW = frozenset(
    "high low threshold min_rows wrap rows_after rows_effect range_unbounded probability_alone "
    "probability_causal probability_left_out explanation_alone explanation_ignore explanation_effect "
    "explanation_causal explanation_left_out".split()
)
"""Variants that say nothing more on other data sets than `VARIED`."""

TYPICAL = frozenset(
    "plain keys filter unseen staged_filter ignore anomalous contamination effect leave_one_out causal rows_both "
    "parameters".split()
)
"""What detectors but `FULL` are asked elsewhere than on `RICH` data."""

NAMED = frozenset("plain keys filter staged_filter wrap contamination effect leave_one_out parameters".split())
"""What is asked of tables that are there for their names."""

SLOW: Mapping[str, frozenset[str]] = {
    "zscore": frozenset("keys plain filter causal rows_both leave_one_out interval".split()),
    "mad": frozenset("keys plain filter rows_both causal".split()),
    "hbos": frozenset("keys plain filter".split()),
    "ecod": frozenset("keys plain staged_filter".split()),
    "iqr": frozenset("keys plain".split()),
    "mahalanobis": frozenset("keys plain".split()),
}
"""What the slow engines run of every data set, or of those in `TELLING`; plain where there are no keys."""

FIRST = frozenset("zscore mad hbos ecod iqr mahalanobis".split())
"""Detectors that show what all of them share; of the others the matrix asks what is their own."""
LATER = FIRST - {FULL}
"""Detectors of which the slow engines see `TELLING` data sets only: the others are about what all detectors share."""
TELLING = (
    "gaussian", "all_null_group", "nonfinite", "offset", "tiny", "huge", "collinear", "constant", "one_row",
    "empty", "decimal", "boolean", "hostile_columns", "timestamptz",
)  # fmt: skip
CLIENT = frozenset(name for name, kind in detectors().items() if kind.by_function)
"""Detectors that need functions of the client: elsewhere refused, whatever the data."""

APART: Mapping[str, str] = {
    "ensemble": "tests/test_ensemble.py: its members are in the matrix",
    "auto": "tests/test_auto.py: its views are those of detectors in the matrix",
    **dict.fromkeys(
        "holt_winters arima stl mstl spectral_residual change_point seasonal_esd".split(),
        "tests/test_along_series.py: what they say of a row hangs on its whole series",
    ),
    "correlation_break": "tests/test_correlation_break.py: pairs of features judge a row of an order",
    **dict.fromkeys("sub_knn sub_pca matrix_profile".split(), "tests/test_subsequences.py: so it is with pieces of it"),
}
"""Detectors that the matrix leaves out, and what holds them instead."""
MATRIX = tuple(name for name in detectors() if name not in APART)

SEEN = frozenset({"plain", "keys"})
OWN = frozenset({*SEEN, "filter", "parameters"})
"""What is asked of a detector that is not one of the first: the former on every data set of `EDGES`, the latter on
`MEETING` and `LAWFUL`."""
EDGES = (
    "gaussian", "all_null_group", "nonfinite", "offset", "tiny", "huge", "collinear", "constant", "one_row", "empty",
    "heavy_ties", "mostly_constant", "planted", "words",
)  # fmt: skip
"""Data sets that a formula may break on; what a compiler may break on, names and types, is the same for all."""
SHARED = frozenset(
    "contamination anomalous ignore threshold unseen probability explanation high low effect leave_one_out "
    "rows_before causal causal_filter".split()
)
"""What else is asked of it on `MEETING`: options, and what it refuses."""
MEETING = ("gaussian", "nonfinite", "words")
LAWFUL = ("gaussian", "planted")
"""Data sets on which the laws are tried, for detectors but `FULL`."""
ELSEWHERE: Mapping[str, frozenset[str]] = {
    "gaussian": frozenset({"keys", "filter"}),
    "nonfinite": frozenset({"plain"}),
    "hostile_columns": frozenset({"keys"}),
    "constant": frozenset({"plain"}),
    "one_row": frozenset({"plain"}),
    "empty": frozenset({"plain"}),
    "words": frozenset({"keys", "filter", "explanation"}),
}
"""What other engines than DuckDB run of it."""
CONNECTED = ("copod", "pca", "knn", "avf", "pyod.knn")
"""Those that run over Spark Connect: the others go the same ways."""
SPARKED = ("pyod.knn", "pyod.mad", "pyod.hbos", "pyod.iforest")
"""Those of another package that run on Spark."""
WHOLE = ("knn", "loda", *SPARKED)
"""Detectors that a function scores which see more than one data set on Spark."""
LIKE_POSTGRES = ("gaussian", "hostile_columns", "words")
"""What Redshift's words are tried on: where PostgreSQL's differ, it is by dialect and not by data. The first detectors
see `TELLING`."""
PEER_DATA = ("gaussian", "heavy_ties", "constant", "nonfinite", "all_null_group")
"""Data sets of another package's detectors, whose scores it computes itself."""
ALONE = ("gaussian", "mostly_constant", "constant_then_step", "null_and_nan_keys")
"""The same for one that takes one feature: the first of these has more."""

MORE: Mapping[tuple[str, str], str] = {
    ("gaussian", "zscore"): "probability_filter explanation explanation_missing explanation_left_out",
    ("gaussian", "ecod"): "probability explanation",
    ("gaussian", "iqr"): "filter rows_both",
    ("gaussian", "mahalanobis"): "filter leave_one_out probability_filter explanation",
    ("all_null_group", "zscore"): "explanation_missing",
    ("all_null_group", "mahalanobis"): "explanation_missing",
    ("nonfinite", "zscore"): "explanation_ignore explanation probability_filter",
    ("nonfinite", "iqr"): "filter",
    ("nonfinite", "mahalanobis"): "filter",
    ("offset", "iqr"): "rows_both",
    ("offset", "mahalanobis"): "leave_one_out",
    ("collinear", "mahalanobis"): "leave_one_out",
} | {
    (name, "zscore"): "explanation"
    for name in "tiny huge edge_of_range negative_zero decimal timestamptz hostile_columns".split()
}
"""What the slow engines run besides. Probabilities and explanations are made of scores and terms in the same way for
every detector; what differs by the data is how a number is written."""

COLLIDING = ("source", "bins", "terms")
"""Of the tables that are there for their names those that run there: it is the compiler that gives way to a name, and
it does so before it knows the dialect."""

MISSING = ("all_null_group", "nonfinite")
"""Data sets that run these too, there: `POLICIES`."""
POLICIES = frozenset("ignore anomalous contamination".split())

TYPED = ("timestamptz",)
"""Data sets of which every variant is analyzed for BigQuery."""

PARSED = frozenset("keys filter causal rows_both rows_before leave_one_out anomalous effect".split())
"""What is parsed, of the plainest data set; of these others it is the plain call."""
ON_PAPER = frozenset({"keys", "causal", "plain"})
"""What of it is parsed for engines that are not at hand."""
SURPRISING = ("timestamptz", "hostile_columns", "decimal")

FULL_BINS = frozenset({"plain", "parameters"})
"""Checks that run with hbos' own number of bins on DuckDB; elsewhere and in the others it is a few."""


class Cell(NamedTuple):
    """One cell."""

    engine: str
    detector: str
    data: str
    check: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a cell: it ran, with or without problems, or it was refused for a reason."""

    cell: Cell
    problems: tuple[str, ...] = ()
    refused: str | None = None


def everyday(engine: str, detector: str, data: str) -> bool:
    """Whether the cells of a data set run each time; the others, more data for the same, run with ``--thorough``."""
    here = engine == "duckdb"
    telling = (*RICH, *MISSING, "hostile_columns", "constant", "offset", "one_row", "empty", "source")
    dear = engine in ("spark", "connect", "redshift", "bigquery")
    if engine == "connect":
        return detector == FULL and data == "gaussian"
    if detector == FULL:
        return data in (("gaussian", "timestamptz", "hostile_columns") if dear else telling)
    if detector in FIRST:
        seen = ("all_null_group", "null_order") if here else ()
        return data in ("gaussian", *(("nonfinite", "hostile_columns") if here else ()), *seen)
    if detector.startswith(PREFIX):
        return data in ("gaussian", "nonfinite", ALONE[-1])
    turn = {"spark": 0, "bigquery": 1}.get(engine)
    if engine == "redshift" or (turn is not None and sorted(detectors()).index(detector) % 2 != turn):
        return False  # of these two engines each detector sees one
    return data in ((*MEETING, "constant") if here else ("gaussian", "words"))


def checks(engine: str, detector: str, data: DataSet) -> dict[str, Check]:
    """The checks of a data set on an engine by name."""
    asks = variants(detector, data)
    if data.categories != (detectors()[detector].categories is Categories.ALL):
        return {}
    if detector not in FIRST:
        return own_checks(engine, detector, data, asks)
    if data.name in HOSTILE_TABLES:
        asks = {name: ask for name, ask in asks.items() if name in NAMED}
    elif detector == FULL and data.name not in VARIED:
        asks = {name: ask for name, ask in asks.items() if name not in NARROW}
    elif detector != FULL and data.name not in RICH:
        asks = {name: ask for name, ask in asks.items() if name in TYPICAL}
    return BY_ENGINE[engine](detector, data, asks)


def own_checks(engine: str, detector: str, data: DataSet, asks: Mapping[str, Ask]) -> dict[str, Check]:
    """The checks of a detector that is not one of the first."""
    peer = detector.startswith(PREFIX)
    kind = detectors()[detector]
    if len(data.features) < kind.least or (engine == "redshift" and data.name not in LIKE_POSTGRES):
        return {}
    if engine == "connect" and detector not in CONNECTED:
        return {}
    if peer and engine == "spark" and detector not in SPARKED:
        return {}
    data = data if peer else replace(data, features=data.features[: kind.most])
    if engine == "duckdb":
        known = EDGES
        if peer:
            known = PEER_DATA if kind.most is None else ALONE
        wanted = (OWN if data.name in (*MEETING, *LAWFUL) or peer else SEEN) if data.name in known else frozenset()
        wanted |= SHARED if data.name in MEETING and not peer else frozenset()
        lawful = laws(detector, data).items() if data.name in LAWFUL and not peer else ()
        found: dict[str, Check] = {f"law:{name}": partial(holds, law, data, detector) for name, law in lawful}
    else:
        wanted = ELSEWHERE.get(data.name, frozenset())
        if peer and kind.most is not None and engine == "spark":
            wanted = ELSEWHERE["gaussian"] if data.name == ALONE[-1] else frozenset()
        elif engine in ("synapse", "trino", "connect", "redshift") or (peer and data.name != "gaussian"):
            wanted &= {"keys"} if data.name in ("gaussian", "words") else frozenset()
        elif engine == "spark" and detector in CLIENT and detector not in WHOLE and data.name != "gaussian":
            return {}
        if detector in CLIENT and engine not in ("spark", "connect"):
            wanted &= {"keys"} if data.name == "gaussian" else frozenset()
        found = {}
    if detector in IN_ORDER and wanted & UNORDERED:
        wanted = {"causal", *(wanted - UNORDERED), *(UNORDERED if data.name == "gaussian" else ())}
    part = tail(data) if engine == "bigquery" else data
    run = prints if engine in ("synapse", "trino") else agrees
    return found | {
        name: partial(run, part, detector, lean(detector, ask)) for name, ask in asks.items() if name in wanted
    }


def on_duckdb(detector: str, data: DataSet, asks: Mapping[str, Ask]) -> dict[str, Check]:
    """Every ask, and every law."""
    found: dict[str, Check] = {}
    for name, ask in asks.items():
        found[name] = partial(agrees, data, detector, ask if name in FULL_BINS else lean(detector, ask))
    lawful = data.name not in HOSTILE_TABLES if detector == FULL else data.name in (*RICH, *LAWFUL)
    for name, law in laws(detector, data).items() if lawful else ():
        found[f"law:{name}"] = partial(holds, law, data, detector)
    return found


def on_spark(detector: str, data: DataSet, asks: Mapping[str, Ask]) -> dict[str, Check]:
    """Every ask of a few data sets, a few of every one; once with Spark's own settings."""
    chosen = few(detector, data, asks)
    if data.name in RICH and detector == FULL:
        told = ("probability", "explanation") if data.name == "gaussian" else ("probability", "explanation", *NARROW)
        chosen |= {name: ask for name, ask in asks.items() if not name.startswith(told)}
    found: dict[str, Check] = {
        name: partial(agrees, data, detector, lean(detector, ask)) for name, ask in chosen.items()
    }
    if data.name == "gaussian" and detector not in LATER:
        claimed = laws(detector, data)
        for name in ("alone", "shuffled", "permuted", "planted"):
            found[f"law:{name}"] = partial(holds, claimed[name], data, detector)
    if data.name == "gaussian":
        ask = asks["causal" if detector in IN_ORDER else "keys"]
        found["defaults"] = partial(agrees_by_default, data, detector, lean(detector, ask))
    return found


def on_bigquery(detector: str, data: DataSet, asks: Mapping[str, Ask]) -> dict[str, Check]:
    """A few asks of the last rows of every data set; every ask of one with many types is analyzed."""
    chosen = few(detector, data, asks) if detector not in CLIENT else refused(data, asks)
    found: dict[str, Check] = {
        name: partial(agrees, tail(data), detector, lean(detector, ask)) for name, ask in chosen.items()
    }
    for name, ask in asks.items() if data.name in TYPED and detector not in LATER else ():
        if name not in chosen:
            found[f"analyzed:{name}"] = partial(analyzes, data, detector, lean(detector, ask))
    return found


def on_snowflake(detector: str, data: DataSet, asks: Mapping[str, Ask]) -> dict[str, Check]:
    """A few asks of every data set and every RANGE frame of a few run, emulated; some are parsed too."""
    found = on_another(detector, data, asks)
    if detector not in LATER and data.name in RICH:
        ranged = {name: ask for name, ask in asks.items() if name.startswith(("range", "interval"))}
        found |= {name: partial(agrees, data, detector, lean(detector, ask)) for name, ask in ranged.items()}
    return found | parsed(detector, data, asks)


def parsed(detector: str, data: DataSet, asks: Mapping[str, Ask]) -> dict[str, Check]:
    """What an independent parser reads."""
    names = PARSED if data.name == "gaussian" else {"plain"} if data.name in SURPRISING else set()
    if detector != FULL:
        names = {"keys"} if data.name == "gaussian" else set()
    return {
        f"parsed:{name}": partial(parses, data, detector, lean(detector, ask, 2))
        for name, ask in asks.items()
        if name in names and detector not in CLIENT
    }


def on_another(detector: str, data: DataSet, asks: Mapping[str, Ask]) -> dict[str, Check]:
    """A few asks of every data set."""
    chosen = few(detector, data, asks) if detector not in CLIENT else refused(data, asks)
    return {name: partial(agrees, data, detector, lean(detector, ask)) for name, ask in chosen.items()}


def on_redshift(detector: str, data: DataSet, asks: Mapping[str, Ask]) -> dict[str, Check]:
    """A few asks of the data sets that tell the most."""
    return on_another(detector, data, asks) if data.name in (*TELLING, *RICH) else {}


def on_connect(detector: str, data: DataSet, asks: Mapping[str, Ask]) -> dict[str, Check]:
    """Spark again, through its other client: one ask a detector, and one of many types."""
    wanted = {"gaussian": "causal" if detector in IN_ORDER else "keys"}
    if detector == "zscore":
        wanted["timestamptz"] = "plain"
    name = wanted.get(data.name)
    if name is None or name not in asks:
        return {}
    return {name: partial(agrees, data, detector, lean(detector, asks[name]))}


def on_paper(detector: str, data: DataSet, asks: Mapping[str, Ask]) -> dict[str, Check]:
    """A few asks of the data sets with every variant and type, for an engine that is not at hand; two are parsed."""
    if data.name not in CHECKED:
        return {}
    printed = few(detector, data, asks) if detector not in CLIENT else refused(data, asks)
    found: dict[str, Check] = {
        f"printed:{name}": partial(prints, data, detector, lean(detector, ask)) for name, ask in printed.items()
    }
    grammar = parsed(detector, data, asks)
    return found | {name: check for name, check in grammar.items() if name.partition(":")[2] in ON_PAPER}


BY_ENGINE = {
    "duckdb": on_duckdb,
    "spark": on_spark,
    "connect": on_connect,
    "bigquery": on_bigquery,
    "postgres": on_another,
    "clickhouse": on_another,
    "snowflake": on_snowflake,
    "redshift": on_redshift,
    "synapse": on_paper,
    "trino": on_paper,
}
ENGINES = tuple(BY_ENGINE)


def few(detector: str, data: DataSet, asks: Mapping[str, Ask]) -> dict[str, Ask]:
    """The asks that the slow engines run."""
    if detector in LATER and data.name not in TELLING:
        return {}
    wanted = SLOW.get(detector, SLOW["hbos"]) - ({"plain"} if "keys" in asks else set())
    if data.name in HOSTILE_TABLES:
        wanted = wanted & {"keys", "filter"} if data.name in COLLIDING else frozenset()
    if detector not in LATER and data.name not in VARIED:
        wanted -= {"rows_both"}  # order, ties and missing values make a frame; scales and types show without one
    if data.name in MISSING and detector not in LATER:
        wanted |= POLICIES
    wanted |= set(MORE.get((data.name, detector), "").split())
    return {name: ask for name, ask in asks.items() if name in wanted}


def refused(data: DataSet, asks: Mapping[str, Ask]) -> dict[str, Ask]:
    """One ask, to see that it is refused."""
    return {"keys": asks["keys"]} if data.name == "gaussian" else {}


def lean(detector: str, ask: Ask, bins: int | None = None) -> Ask:
    """The ask with options that keep its statement short."""
    options = dict(LEAN.get(detector, {}))
    if bins is not None and "n_bins" in options:
        options["n_bins"] = bins
    return replace(ask, options={**options, **ask.options})


def cells() -> Iterator[Cell]:
    """Every cell of the matrix."""
    for engine in ENGINES:
        for detector in MATRIX:
            for data in DATASETS:
                for check in checks(engine, detector, data):
                    yield Cell(engine, detector, data.name, check)


def outcome(cell: Cell, check: Check, runner: Runner) -> Outcome:
    """Runs one cell."""
    try:
        return Outcome(cell, tuple(check(runner)))
    except (UnsupportedError, CallError) as error:
        return Outcome(cell, refused=error.message)
    except Exception as error:  # noqa: BLE001 (whatever breaks one cell, the others still run)
        return Outcome(cell, (f"{type(error).__name__}: {str(error)[:600]}",))


def outcomes(engine: str, detector: str, data: DataSet, runner: Runner) -> list[Outcome]:
    """Runs every cell of a data set; on Spark, which plans on one core each, two at a time."""
    found = checks(engine, detector, data)
    work = [(Cell(engine, detector, data.name, name), check) for name, check in found.items()]
    if engine != "spark":
        return [outcome(cell, check, runner) for cell, check in work]
    with warnings.catch_warnings(), ThreadPoolExecutor(2) as pool:
        # The engine does the same around each statement, but filters of warnings are not one a thread.
        warnings.filterwarnings("ignore", module=r"pyspark\..*")
        warnings.filterwarnings("ignore", category=FutureWarning, message=".*PySpark.*")
        return list(pool.map(lambda pair: outcome(pair[0], pair[1], runner), work))

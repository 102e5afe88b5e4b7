"""The golden SQL: canonical queries compiled for every dialect, so that a changed print is a visible diff.

``python -m sqlnomaly.packs`` writes the files of ``sql/packs``; ``--check`` compares and never writes.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import MappingProxyType

import sqlnomaly.sql
from sqlnomaly.compiling import compile  # noqa: A004  (the public name)
from sqlnomaly.dialects import DIALECTS
from sqlnomaly.errors import BindError, UnsupportedError
from sqlnomaly.pushdown.contract import Categories, Shape
from sqlnomaly.udfs.registry import BUILT_IN, detectors

FOLDER = Path(sqlnomaly.sql.__file__).parent / "packs"
"""Where the golden files live: one folder a dialect."""

SCHEMA: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "orders": {
            "id": "BIGINT",
            "store": "VARCHAR",
            "day": "DATE",
            "items": "BIGINT",
            "amount": "DOUBLE",
            "disputed": "BOOLEAN",
        }
    }
)
"""The table behind every golden query, in DuckDB's types."""

QUERIES: Mapping[str, str] = MappingProxyType(
    {
        "one_feature": """
SELECT id, anomaly_score(amount, {options}) AS score
FROM orders
""",
        "partitioned": """
SELECT id, store,
       anomaly_score(amount, items, {options}) OVER (PARTITION BY store) AS score,
       is_anomaly(amount, items, {options}) OVER (PARTITION BY store) AS alert,
       anomaly_reason(amount, items, {options}) OVER (PARTITION BY store) AS reason,
       anomaly_status(amount, items, {options}) OVER (PARTITION BY store) AS status
FROM orders
ORDER BY id
""",
        "explained": """
SELECT id, anomaly_probability(amount, items, {options}) OVER (PARTITION BY store) AS probability,
       anomaly_explanation(amount, items, {options}) OVER (PARTITION BY store) AS explanation
FROM orders
""",
        "causal": """
SELECT id, anomaly_score(amount, {options}) OVER (PARTITION BY store ORDER BY day) AS score,
       anomaly_status(amount, {options}) OVER (PARTITION BY store ORDER BY day) AS status
FROM orders
""",
        "rows_frame": """
SELECT id, anomaly_score(amount, {options})
             OVER (PARTITION BY store ORDER BY day ROWS BETWEEN 6 PRECEDING AND 6 FOLLOWING) AS score
FROM orders
QUALIFY score > 2
""",
        "range_frame": """
SELECT id, anomaly_score(amount, {options})
             OVER (PARTITION BY store ORDER BY day
                   RANGE BETWEEN INTERVAL 7 DAY PRECEDING AND CURRENT ROW) AS score
FROM orders
""",
        "filter": """
SELECT id, anomaly_score(amount, items, {options})
             FILTER (WHERE NOT disputed) OVER (PARTITION BY store) AS score
FROM orders
""",
        "leave_one_out": """
SELECT id, anomaly_score(amount, items, {options}, leave_one_out => TRUE)
             FILTER (WHERE NOT disputed) OVER (PARTITION BY store) AS score
FROM orders
""",
        "contamination": """
SELECT id, anomaly_threshold(amount, {options}, contamination => 0.05) OVER (PARTITION BY store) AS threshold
FROM orders
QUALIFY is_anomaly(amount, {options}, contamination => 0.05) OVER (PARTITION BY store)
""",
    }
)
"""Name -> query in DuckDB's SQL; ``{options}`` stands for the detector's."""

OPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "hbos": "detector => 'hbos', n_bins => 3",
        "ewma": "detector => 'ewma', min_rows => 5",
        "iforest": "detector => 'iforest', n_estimators => 50",
        "ocsvm": "detector => 'ocsvm', n_components => 8",
        "autoencoder": "detector => 'autoencoder', hidden_layer_sizes => [2, 1, 2]",
        "cblof": "detector => 'cblof', n_clusters => 3",
        "kmeans": "detector => 'kmeans', n_clusters => 3",
        "benford": "detector => 'benford', min_rows => 10",
        "seasonal": "detector => 'seasonal', season => 'weekend', min_rows => 5",
        "series_decompose": "detector => 'series_decompose', period => 7",
        "page_hinkley": "detector => 'page_hinkley', min_rows => 10",
        "correlation_break": "detector => 'correlation_break', window => 8, min_rows => 5",
        **{
            name: f"detector => '{name}', window => 2, causal => FALSE, min_rows => 10"
            for name in ("sub_knn", "sub_pca", "matrix_profile")
        },
    }
)
"""Detector -> its options, where its name alone would not do for a short statement over a few rows."""


@dataclass(frozen=True, slots=True)
class Golden:
    """One golden file.

    Attributes:
        name: of the file, below the folder of the packs.
        query: what was compiled.
        text: what the file holds: SQL, or the script of a plan whose steps are not SQL alone.
    """

    name: str
    dialect: str
    query: str
    text: str


def query_of(detector: str, name: str) -> str:
    """The canonical query of that name for a detector.

    Example:
        >>> print(query_of("mad", "one_feature"))
        SELECT id, anomaly_score(amount, detector => 'mad') AS score
        FROM orders
    """
    options = OPTIONS.get(detector, f"detector => '{detector}'")
    query = QUERIES[name].replace("{options}", options).strip()
    if detectors()[detector].shape is Shape.WINDOW and detector not in FIRST:
        query = query.replace("(PARTITION BY store)", "(PARTITION BY store ORDER BY day)")
    return query.replace(NUMBERS, features_of(detector))


def features_of(detector: str) -> str:
    """The features that a detector is shown with."""
    if detector in TIMED:
        return "day"
    return "items, disputed" if detectors()[detector].categories is Categories.ALL else NUMBERS


NUMBERS = "amount, items"
"""The features of most queries."""
TIMED = frozenset({"gap"})
"""Detectors whose feature is the time."""
FIRST = frozenset("zscore mad hbos ecod iqr mahalanobis ewma iforest".split())
"""Detectors of which every query is golden, on every dialect: the others take the same ways."""
SHOWN = ("duckdb", "spark", "snowflake", "bigquery")
OTHER = ("partitioned", "filter")
"""The dialects and queries of the others."""


def goldens() -> Iterator[Golden]:
    """Every detector x query x dialect that is not refused; refusals are listed in docs/support.md."""
    for dialect in DIALECTS:
        for detector in BUILT_IN:
            whole = detector.name in FIRST
            if not whole and dialect not in SHOWN:
                continue
            for name in QUERIES if whole else OTHER:
                query = query_of(detector.name, name)
                try:
                    compiled = compile(query, write=dialect, schema=SCHEMA)
                except (UnsupportedError, BindError):
                    continue
                quoted = "".join(f"-- {line}\n" for line in query.splitlines())
                file = f"{dialect}/{detector.name}_{name}.sql"
                alone = all(step.fit is None for step in compiled.steps)
                text = f"{compiled.sql}\n" if alone else compiled.script
                yield Golden(file, dialect, query, f"{quoted}{text}")


def differences(folder: Path = FOLDER) -> list[str]:
    """The files that are not what the code generates, each with what is wrong; writes nothing."""
    return [f"{name}: {what}" for name, (what, _) in _stale(folder).items()]


def write(folder: Path = FOLDER) -> list[str]:
    """Makes the folder what the code generates.

    Returns:
        The files that were written or removed, each with what was wrong.
    """
    stale = _stale(folder)
    for name, (_, text) in stale.items():
        path = folder / name
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return [f"{name}: {what}" for name, (what, _) in stale.items()]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line: 0 if the golden files are, or now are, what the code generates; 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m sqlnomaly.packs", description="Write the golden SQL.")
    parser.add_argument("--check", action="store_true", help="compare, write nothing, fail on a difference")
    parser.add_argument("--diffs", type=int, default=5, help="of how many files --check shows what differs")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the packs are")
    given = parser.parse_args(arguments)
    stale = _stale(given.folder) if given.check else {}
    lines = [f"{name}: {what}" for name, (what, _) in stale.items()] if given.check else write(given.folder)
    lines += _diffs(given.folder, dict(islice(stale.items(), given.diffs)))
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    if stale:
        sys.stderr.write(f"{len(stale)} golden files differ; python -m sqlnomaly.packs writes them\n")
        return 1
    return 0


def _diffs(folder: Path, stale: Mapping[str, tuple[str, str | None]]) -> Iterator[str]:
    """What differs, as lines of unified diffs."""
    for name, (_, text) in stale.items():
        path = folder / name
        old = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        new = [] if text is None else text.splitlines()
        yield from difflib.unified_diff(old, new, f"{name}, the file", f"{name}, generated", n=2, lineterm="")


def _stale(folder: Path) -> dict[str, tuple[str, str | None]]:
    """File name -> what is wrong with it, and what it has to hold, None for nothing."""
    expected = {golden.name: golden.text for golden in goldens()}
    found = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.glob("*/*.sql")
    }
    stale: dict[str, tuple[str, str | None]] = {}
    for name in sorted(expected.keys() | found):
        if name not in found:
            stale[name] = ("missing", expected[name])
        elif name not in expected:
            stale[name] = ("generated by nothing", None)
        elif found[name] != expected[name]:
            stale[name] = ("changed", expected[name])
    return stale


if __name__ == "__main__":
    sys.exit(main())

"""The benchmarks: each runs on a tiny table and prints a line for everything it measures; no time is asserted."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from benchmarks import compile as compile_benchmark
from benchmarks import data, grid, many_series, memory, peers, series, spark, speed
from sqlnomaly.udfs.registry import detectors
from tests.thorough import some

pytestmark = pytest.mark.duckdb


def printed(command: Callable[..., None], *arguments: str) -> list[list[str]]:
    """The words of each line that the command prints."""
    app = typer.Typer()
    app.command()(command)
    done = CliRunner().invoke(app, list(arguments))
    assert done.exception is None, done.output
    return [line.split() for line in done.stdout.splitlines() if line.strip()]


def test_speed_prints_each_detector_beside_its_peers() -> None:
    wanted = ["zscore", "mad", "ecod", "iforest"]
    chosen = [word for name in wanted for word in ("--detector", name)]
    lines = printed(speed.main, "--rows", "2000", "--columns", "3", "--runs", "1", *chosen)
    words = {word for line in lines for word in line}
    assert set(wanted) <= {line[0] for line in lines}
    assert {peer.name for detector in wanted for peer in peers.peers(detector)} <= words


def test_a_detector_without_a_peer_is_printed_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "PEERS", {})
    lines = printed(speed.main, "--rows", "500", "--columns", "1", "--runs", "1", "--detector", "zscore")
    assert next(line for line in lines if line[0] == "zscore")[-1] == "none"


@pytest.mark.parametrize("detector", some(data.benched()))
def test_where_a_peer_has_our_formula_it_gives_our_scores(detector: str) -> None:
    bench = speed.Bench(rows=500, columns=3, jobs=1)
    bench.round(detector, counted=False)
    same = {peer.name for peer in peers.peers(detector) if peer.same}
    assert {name for name, _ in bench.apart} <= {detector}
    assert {name for _, name in bench.apart} == same
    assert all(float(text.split()[0]) < 1e-6 for text in bench.apart.values()), bench.apart


@pytest.mark.parametrize("detector", sorted(peers.PEERS))
def test_a_peer_gives_each_row_a_score(detector: str) -> None:
    columns = list(np.random.default_rng(1).normal(size=(2, 300)))
    assert all(len(peer.run(columns, 1)) == 300 for peer in peers.peers(detector))


def test_a_peer_that_is_not_installed_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "find_spec", lambda name: None if name == "pyod" else find_spec(name))
    assert not peers.peers("ecod")
    assert peers.peers("zscore")


def test_scores_of_no_row_do_not_count_as_apart() -> None:
    ours = np.array([np.nan, 0.0, 2.0])
    assert peers.difference(ours, np.array([5.0, 0.0, 4.0])) == (0.5, 1)


def test_memory_prints_each_query_and_what_did_not_finish_under_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "SCANS", {"scan": memory.SCANS["scan"]})
    arguments = ("--gigabytes", "0.001", "--detector", "mad", "--limit-mb", "1", "--folder", str(tmp_path))
    lines = printed(memory.main, *arguments)
    assert [line[0] for line in lines if line[0] in {"scan", "mad"}] == ["scan", "mad"]
    assert any("mad, limit 1 MB: EngineError: Out of Memory Error" in " ".join(line) for line in lines)
    assert not list(tmp_path.iterdir())


def test_memory_of_a_parquet_file_is_measured_under_the_limit_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "SCANS", {})
    arguments = ("--gigabytes", "0.001", "--detector", "zscore", "--limit-mb", "300", "--folder", str(tmp_path))
    lines = printed(memory.main, *arguments, "--parquet")
    assert [len(line) for line in lines if line[0] == "zscore"] == [5]
    assert not list(tmp_path.iterdir())


@pytest.mark.spark
@pytest.mark.thorough
def test_spark_prints_a_ratio_to_scikit_learn() -> None:
    lines = printed(spark.main, "--rows", "3000", "--columns", "2", "--runs", "1")
    assert lines[-1][:4] == ["3,000", "rows", "x", "2"]
    assert float(lines[-1][-1]) > 0.0


def test_compile_prints_every_detector_and_refuses_by_name() -> None:
    lines = printed(
        compile_benchmark.main, "--runs", "1", "--columns", "1", "--calls", "1", "--dialect", "bigquery"
    )
    found = [(line[0], "refused:" in line) for line in lines if line[0] in detectors()]
    assert [name for name, _ in found] == [name for name in data.benched() for _ in range(2)]
    assert dict(found)["iforest"], "for DuckDB and Spark only"
    assert not dict(found)["zscore"]


def test_compile_leaves_out_what_would_take_too_long() -> None:
    lines = printed(
        compile_benchmark.main, "--detector", "zscore", "--dialect", "duckdb", "--runs", "1",
        "--columns", "1", "--columns", "2", "--calls", "1", "--calls", "2", "--enough", "0",
    )  # fmt: skip
    assert [line.count("-") for line in lines if line[0] == "zscore"] == [1, 1]


def test_an_exponent_is_the_power_of_the_size() -> None:
    assert compile_benchmark.slope([1, 10, 100], [3.0, 300.0, 30_000.0]) == pytest.approx(2.0)


def test_grid_prints_each_cell_and_the_exponents(tmp_path: Path) -> None:
    arguments = ("--rows", "300", "--rows", "3000", "--columns", "2", "--detector", "zscore", "--folder", str(tmp_path))
    lines = printed(grid.main, *arguments)
    ours, numpy = ([part.strip() for part in " ".join(line).split("|")] for line in lines[-2:])
    assert (ours[1], ours[2], numpy[2]) == ("zscore", "ours", "numpy")
    assert all(float(cell) > 0.0 for cell in (*ours[3:5], *numpy[3:5], ours[6], numpy[7]))
    assert not list(tmp_path.iterdir())


def test_a_cell_that_would_take_too_long_is_not_started(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []

    def quadratic(_file: Path, _detector: str, _what: str, *_limits: float) -> float:
        started.append(size)
        return (size / 100) ** 2

    monkeypatch.setattr(grid, "run", quadratic)
    line = grid.Line()
    for size in (100, 200, 800, 1600):
        grid.fill({"ours": line}, Path(), "knn", size, 60.0, 10.0)
    assert started == [100, 200]
    assert (line.exponent, line.cell(200), line.cell(800), line.cell(1600)) == ("2.00", "4", *["(> 60 s)"] * 2)


def test_a_cell_says_what_stops_it(tmp_path: Path) -> None:
    with grid.table(200, 2, tmp_path) as file:
        assert grid.run(file, "nobody", "ours", 60.0, 10.0) not in ("", "> 60 s")
        assert isinstance(grid.run(file, "iqr", "floor", 60.0, 10.0), float)


def test_series_prints_each_detector_and_finds_what_is_made() -> None:
    lines = {line[0]: line[1:] for line in table_of(series.main, "--markdown")}
    assert lines.keys() == {"detector", *series.ASKED} | {line for line in lines if line.startswith("-")}
    vus, _, _, recall, false, _ = lines["zscore, hour"]
    assert float(vus) > 0.8
    assert float(recall) == 1.0
    assert int(false) == 0


def table_of(command: Callable[..., None], *arguments: str) -> list[list[str]]:
    """The cells of a table in Markdown that a command prints."""
    lines = [" ".join(line) for line in printed(command, *arguments)]
    return [[cell.strip() for cell in line.strip("| ").split("|")] for line in lines if line.startswith("|")]


def test_many_series_prints_each_call_and_peers_have_the_same_scores() -> None:
    small = ("--series", "3", "--points", "120", "--few", "1", "--runs", "1", "--markdown")
    lines = {line[0]: line[1:] for line in table_of(many_series.main, *small)}
    assert {*many_series.ASKED, "floor: v - LAG(v)"} <= lines.keys()
    for name in many_series.PANDAS:
        assert " x" in lines[name][3]
        assert name in many_series.ALIKE or "other scores" not in "".join(lines[name])
    assert "x" in lines["holt_winters"][5]

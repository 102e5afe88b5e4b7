"""The examples in docstrings: each runs and gives what it says."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import sqlnomaly
from sqlnomaly.udfs.registry import BUILT_IN

RUNS_ON_IMPORT = ("__main__",)
LENIENT = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def module_names() -> Iterator[str]:
    """Every module of the package, rooms included; an example never asks for an optional driver."""
    for module in pkgutil.walk_packages(sqlnomaly.__path__, "sqlnomaly."):
        if module.name.rpartition(".")[2] not in RUNS_ON_IMPORT:
            yield module.name


def examples() -> Iterator[doctest.DocTest]:
    finder = doctest.DocTestFinder(exclude_empty=True)
    for name in ("sqlnomaly", *module_names()):
        for test in finder.find(importlib.import_module(name), extraglobs={"sqlnomaly": sqlnomaly}):
            if test.examples:
                yield test


EXAMPLES = list(examples())


@pytest.mark.duckdb
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_docstring_example_gives_what_it_says(example: doctest.DocTest) -> None:
    said: list[str] = []
    result = doctest.DocTestRunner(optionflags=LENIENT).run(example, out=said.append)
    assert result.failed == 0, "".join(said)


@pytest.mark.parametrize("detector", BUILT_IN, ids=lambda detector: detector.name)
def test_every_detector_has_a_runnable_example(detector: type) -> None:
    names = {example.name for example in EXAMPLES}
    assert f"{detector.__module__}.{detector.__name__}" in names

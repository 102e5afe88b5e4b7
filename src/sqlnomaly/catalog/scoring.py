"""The stored models of one statement: found in the catalog, with the functions that score for as long as it runs."""

from __future__ import annotations

import itertools
import os
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlnomaly.dialects import get_dialect
from sqlnomaly.pushdown.looked import Lookups

if TYPE_CHECKING:
    from sqlnomaly.catalog.catalog import Catalog
    from sqlnomaly.pushdown.fitted import Kept

_numbers = itertools.count(1)


class Scoring:
    """Finds models for a statement.

    Args:
        catalog: where they live.
        stack: takes their functions away; None where the statement will not run, and none is registered.
    """

    def __init__(self, catalog: Catalog, stack: ExitStack | None) -> None:
        self.catalog = catalog
        self.engine = catalog.engine
        self.stack = stack
        self._found: dict[tuple[str, int], Kept] = {}

    def find(self, name: str, version: int | None) -> Kept:
        """A model, with its score as a vectorized function where it has one and the engine takes it."""
        kept = self.catalog.kept(name, version)
        key = (kept.name, kept.version)
        if key not in self._found:
            self._found[key] = self._as_function(kept)
        return self._found[key]

    def complete(self) -> None:
        """Registers the functions that look numbers up once more, with the lists that the statement needs."""
        for kept in self._found.values() if self.stack is not None else ():
            if kept.lookups is not None and kept.lookups.pairs:
                self._register(kept.lookups)

    def _as_function(self, kept: Kept) -> Kept:
        if not get_dialect(self.engine.dialect).functions_from_client:
            return kept
        tag = f"{os.getpid()}_{next(_numbers)}"
        if not kept.model.detector.by_function:
            kept = replace(kept, lookups=Lookups(f"_sn_level_{tag}") if self.stack is not None else None)
        else:
            kept = replace(kept, function=f"_sn_score_{tag}", lookups=Lookups(f"_sn_level_{tag}"))
        if self.stack is not None and kept.function is not None:
            from sqlnomaly.install.live import live_function

            self.stack.callback(self.engine.unregister, [kept.function])
            self.engine.register(kept.function, live_function(kept.model))
        if self.stack is not None and kept.lookups is not None:
            self.stack.callback(self.engine.unregister, [kept.lookups.name])
            self._register(kept.lookups)
        return kept

    def _register(self, lookups: Lookups) -> None:
        from sqlnomaly.pushdown.function import Function

        self.engine.unregister([lookups.name])
        self.engine.register(lookups.name, Function("DOUBLE", lookups.call()))

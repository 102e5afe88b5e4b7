"""The models of an engine, as Python holds them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlnomaly.catalog.catalog import Catalog, Done
from sqlnomaly.pushdown.statements import model_name

if TYPE_CHECKING:
    from sqlnomaly.model import Model


@dataclass(frozen=True, slots=True)
class Models:
    """The models of an engine; ``Session.models()`` gives it.

    Example:
        >>> import sqlnomaly
        >>> session = sqlnomaly.connect()
        >>> rows = "SELECT i % 7 AS x FROM range(100) AS t(i)"
        >>> session.sql(f"CREATE ANOMALY MODEL week USING mad AS {rows}").fetchall()
        [('week', 'created', 1)]
        >>> session.models().names(), session.models().get("week").detector
        (['week'], 'mad')
    """

    catalog: Catalog

    def names(self) -> list[str]:
        """The models that are in force."""
        return [one.name for one in self.catalog.ledger.pointers() if one.version is not None]

    def get(self, name: str, version: int | None = None) -> Model:
        """A version of a model, the current one where none is named.

        Raises:
            BindError: there is no such model; ModelError: no such version, or one that was changed.
        """
        from sqlnomaly.model import Model

        return Model(self.catalog.carried(model_name(name), version).model)

    def save(self, name: str, path: str | os.PathLike[str], version: int | None = None) -> None:
        """Writes a version to a file.

        Raises:
            ModelError: it cannot be written there.
        """
        self.get(name, version).save(path)

    def add(self, name: str, model: Model, *, replace: bool = False) -> Done:
        """Puts a model of a file in force under a name.

        Raises:
            ModelError: a model of that name is there, and ``replace`` is not given.
        """
        return self.catalog.add(model_name(name), model.fitted, {}, replaces=replace)

    def prune(self, name: str, *, keep: int = 1) -> Sequence[int]:
        """Drops the oldest versions but for so many, and all of a model that was dropped; the current one stays."""
        return self.catalog.prune(model_name(name), keep=keep)

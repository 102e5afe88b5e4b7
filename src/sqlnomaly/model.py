"""A fitted model, as its user holds it: kept in a file, printed as functions, tested against an engine."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sqlnomaly.artefact import read_model, write_model
from sqlnomaly.install.functions import model_pack
from sqlnomaly.install.pack import Pack

if TYPE_CHECKING:
    from sqlnomaly.pushdown.fitted import FittedModel


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A model that ``Session.fit`` gave, or a file.

    Example:
        >>> import sqlnomaly
        >>> model = sqlnomaly.connect().fit("SELECT i % 7 AS x FROM range(100) AS t(i)", detector="mad")
        >>> model.detector, model.features
        ('mad', ('x',))
    """

    fitted: FittedModel

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Model:
        """The model in a file.

        Raises:
            ModelError: it is no model, of another format version, or changed since it was written.
        """
        return cls(read_model(path))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the file: a zip of ``manifest.json`` and Parquet relations, the same bytes for the same model.

        Raises:
            ModelError: it cannot be written there.
        """
        write_model(self.fitted, path)

    def pack(self, dialect: str, *, name: str, schema: str | None = None) -> Pack:
        """The functions of the model in a dialect; ``Pack.script`` is their SQL.

        Raises:
            UnsupportedError: a dialect without such functions, or a model that is too large for them.
        """
        return model_pack(self.fitted, dialect=dialect, name=name, schema=schema)

    @property
    def detector(self) -> str:
        """The detector's name."""
        return self.fitted.detector.name

    @property
    def parameters(self) -> dict[str, Any]:
        """The detector's parameters."""
        return {one.name: getattr(self.fitted.detector, one.name) for one in fields(self.fitted.detector)}

    @property
    def features(self) -> tuple[str, ...]:
        """The features in the order in which the functions take them."""
        return tuple(part.name for part in self.fitted.features)

    @property
    def keys(self) -> tuple[str, ...]:
        """The partition keys, which the functions take first."""
        return tuple(part.name for part in self.fitted.keys)

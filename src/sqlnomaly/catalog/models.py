"""The models of an engine, as Python holds them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from sqlnomaly.catalog.catalog import Catalog, Done
from sqlnomaly.pushdown.rules import options_of
from sqlnomaly.pushdown.statements import model_name

if TYPE_CHECKING:
    from sqlnomaly.catalog.compared import Comparison
    from sqlnomaly.model import Model
    from sqlnomaly.pushdown.fitted import FittedModel
    from sqlnomaly.result import Result
    from sqlnomaly.verify import Verified


@dataclass(frozen=True, slots=True)
class Models:
    """The models of an engine; ``Session.models()`` gives it.

    A name is folded to lower case, but for what stands in double quotes in it, as in SQL.

    Attributes:
        catalog: where they are kept.
        run: runs a query of the engine's dialect.

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
    run: Callable[[str], Result] = field(repr=False)

    def names(self) -> list[str]:
        """The models that are in force.

        Example:
            >>> import sqlnomaly
            >>> sqlnomaly.connect().models().names()
            []
        """
        return [one.name for one in self.catalog.ledger.pointers() if one.version is not None]

    def get(self, name: str, version: int | None = None) -> Model:
        """A version of a model, the current one where none is named.

        Raises:
            BindError: there is no such model.
            ModelError: there is no such version, or its numbers were changed.

        Example:
            >>> import sqlnomaly
            >>> session = sqlnomaly.connect()
            >>> done = session.sql("CREATE ANOMALY MODEL m USING iqr AS SELECT i AS x FROM range(50) AS t(i)")
            >>> session.models().get("m", version=1).features
            ('x',)
        """
        from sqlnomaly.model import Model

        return Model(self.catalog.carried(model_name(name), version).model)

    def save(self, name: str, path: str | os.PathLike[str], version: int | None = None) -> None:
        """Writes a version to a file, which ``Model.load`` reads and ``add`` puts into another engine.

        Raises:
            BindError: there is no such model.
            ModelError: there is no such version, or it cannot be written there.

        Example:
            >>> import sqlnomaly, tempfile
            >>> session = sqlnomaly.connect()
            >>> done = session.sql("CREATE ANOMALY MODEL m USING iqr AS SELECT i AS x FROM range(50) AS t(i)")
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     session.models().save("m", f"{folder}/m.model")
            ...     sqlnomaly.Model.load(f"{folder}/m.model").detector
            'iqr'
        """
        self.get(name, version).save(path)

    def add(self, name: str, model: Model, *, replace: bool = False) -> Done:
        """Puts a model of a file, or one that ``Session.fit`` gave, in force under a name.

        Args:
            name: the model's name here.
            model: the model.
            replace: whether it becomes the next version of a model that is there.

        Raises:
            ModelError: a model of that name is there, and ``replace`` is not given.

        Example:
            >>> import sqlnomaly
            >>> session = sqlnomaly.connect()
            >>> model = session.fit("SELECT i AS x FROM range(50) AS t(i)", detector="iqr")
            >>> session.models().add("m", model)
            Done(name='m', what='imported', version=1)
        """
        return self.catalog.add(model_name(name), model.fitted, definition_of(model.fitted), replaces=replace)

    def verify(self, name: str, version: int | None = None) -> Verified:
        """Reads a version anew, and scores its test rows in the engine as a query would.

        Raises:
            BindError: there is no such model.
            ModelError: there is no such version; its numbers were changed, or rows of its tables are gone.

        Example:
            >>> import sqlnomaly
            >>> session = sqlnomaly.connect()
            >>> done = session.sql("CREATE ANOMALY MODEL m USING iqr AS SELECT i AS x FROM range(50) AS t(i)")
            >>> found = session.models().verify("m")
            >>> found.rows, found.holds
            (16, True)
        """
        from sqlnomaly.verify import verify_stored

        return verify_stored(self.catalog, model_name(name), version, self.run)

    def diff(self, left: str | os.PathLike[str] | Model, right: str | os.PathLike[str] | Model) -> Comparison:
        """What differs from one model to another.

        Args:
            left: the earlier one: a name, ``name@version``, a file that is there, or a model.
            right: the later one.

        Raises:
            BindError or ModelError: there is no such model.

        Example:
            >>> import sqlnomaly
            >>> session = sqlnomaly.connect()
            >>> done = session.sql("CREATE ANOMALY MODEL m USING iqr AS SELECT i AS x FROM range(50) AS t(i)")
            >>> done = session.sql("ALTER ANOMALY MODEL m SET (threshold = 2)")
            >>> [(one.name, one.before, one.after) for one in session.models().diff("m@1", "m").changes]
            [('threshold', '1.5', '2')]
            >>> print(session.models().diff("m", "m@2"))
            the same model: m and m@2
        """
        from sqlnomaly.catalog.compared import Comparison, compare, named_model

        (first, one), (second, two) = (named_model(wanted, self.get) for wanted in (left, right))
        return Comparison(first, second, tuple(compare(one, two)))

    def prune(self, name: str, *, keep: int = 1) -> Sequence[int]:
        """Drops the oldest versions but for so many, and all of a model that was dropped; the current one stays.

        Returns:
            The versions that are gone.

        Raises:
            BindError: there never was such a model.

        Example:
            >>> import sqlnomaly
            >>> session = sqlnomaly.connect()
            >>> done = session.sql("CREATE ANOMALY MODEL m USING iqr AS SELECT i AS x FROM range(50) AS t(i)")
            >>> done = session.sql("REFRESH ANOMALY MODEL m")
            >>> session.models().prune("m")
            [1]
        """
        return self.catalog.prune(model_name(name), keep=keep)


def definition_of(model: FittedModel) -> dict[str, Any]:
    """What a model was made of, but for its query, which a file does not have: what a refresh by another one needs."""
    detector = model.detector
    options = {one.name: getattr(detector, one.name) for one in fields(detector)}
    rule = {"threshold": model.threshold, "contamination": model.contamination}
    options |= {name: value for name, value in rule.items() if value is not None}
    options |= {} if model.by is None else options_of(model.by)
    options |= {} if model.min_effect is None else {"min_effect": list(model.min_effect)}
    options |= {"min_rows": model.fit.min_rows, "nulls": model.fit.nulls}
    keys = [part.name for part in model.keys]
    if detector.forecasts:
        steps = model.relations["model"].column(model.fit.features[0].stat("step")).to_pylist()
        options["horizon"] = max(steps, default=1)
        return {"detector": detector.name, "options": options, "partition_by": keys[:-1], "order_by": keys[-1:]}
    options |= {"calibration": 0} if model.held is None else {}
    return {"detector": detector.name, "options": options, "partition_by": keys}

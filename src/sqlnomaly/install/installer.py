"""Installs packs in an engine: looks first, makes everything or says what is there, and takes away only its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlnomaly.engines.base import Engine
from sqlnomaly.errors import EngineError, SqlnomalyError, UnsupportedError
from sqlnomaly.install.pack import Item, Pack, owned

LISTED = 12
"""Names that a report lists."""


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a pack.

    Attributes:
        made: names that are there now and were not.
        replaced: names that were there, of this package, and were made again.
        removed: names that are gone.
        notes: what the user should know.
    """

    made: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        """One line for each kind of change, then the notes."""
        lines = [
            f"{word}: {_listed(names)}"
            for word, names in (("made", self.made), ("replaced", self.replaced), ("removed", self.removed))
            if names
        ]
        return "\n".join([*(lines or ["nothing to do"]), *self.notes])


def install(engine: Engine, pack: Pack, schema: str | None = None) -> Report:
    """Makes the objects of a pack, in a schema that is there.

    Raises:
        UnsupportedError: before anything is made, where a name is taken by a function of the user's.
        EngineError: where the engine refuses; names what is there then.
    """
    engine.check_install(schema)
    found = engine.functions([item.name for item in pack.items])
    foreign = [name for name, comments in found.items() if not all(map(owned, comments))]
    if foreign:
        raise UnsupportedError(
            f"{', '.join(foreign)} is there already, and is not of sqlnomaly; nothing was made",
            hint="choose another name or schema, or drop it",
        )
    done: list[Item] = []
    with engine.transaction():
        for item in pack.items:
            try:
                for statement in (item.create, item.mark):
                    if statement:
                        engine.run(statement)
            except SqlnomalyError as error:
                raise EngineError(
                    f"the engine refused {item.kind} {item.name}: {error.message}",
                    where=item.create[:400],
                    hint=_left(engine, done, "made"),
                ) from None
            done.append(item)
    names = list(dict.fromkeys(item.name for item in pack.items))
    return Report(
        made=tuple(name for name in names if name not in found),
        replaced=tuple(name for name in names if name in found),
    )


def install_native(engine: Engine, pack: Pack, schema: str | None) -> Report:
    """The engine's native functions: those that live in a session, then those of the pack."""
    names, notes = engine.register_native()
    report = install(engine, pack, schema) if pack.items else Report(notes=pack.notes)
    return replace(report, made=(*names, *report.made), notes=(*report.notes, *notes))


def uninstall(engine: Engine, pack: Pack) -> Report:
    """Removes the objects of a pack that are there and bear this package's mark.

    Raises:
        EngineError: where the engine refuses; names what is gone then.
    """
    found = engine.functions([item.name for item in pack.items])
    done: list[Item] = []
    with engine.transaction():
        for item in reversed(pack.items):
            if not any(map(owned, found.get(item.name, ()))):
                continue
            try:
                engine.run(item.drop)
            except SqlnomalyError as error:
                raise EngineError(
                    f"the engine refused to drop {item.kind} {item.name}: {error.message}",
                    where=item.drop,
                    hint=_left(engine, done, "gone"),
                ) from None
            done.append(item)
    return Report(removed=tuple(dict.fromkeys(item.name for item in reversed(done))))


def uninstall_native(engine: Engine, pack: Pack) -> Report:
    """Removes what ``install_native`` made."""
    report = uninstall(engine, pack) if pack.items else Report()
    return replace(report, removed=(*engine.unregister_native(), *report.removed))


def _listed(names: Sequence[str]) -> str:
    """The names, or the last of many: the answers come after the parts that they call."""
    if len(names) <= LISTED:
        return ", ".join(names)
    return f"{', '.join(names[-LISTED:])} and {len(names) - LISTED} parts of them"


def _left(engine: Engine, done: list[Item], word: str) -> str:
    """What state the engine is in."""
    if engine.transactional:
        return "everything was rolled back; mend the cause and run it again"
    names = ", ".join(item.name for item in done) or "nothing"
    return f"{word}: {names}; mend the cause and run it again"

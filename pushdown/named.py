"""Which detector a call names: one, or several that judge together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from sqlnomaly.errors import CallError, UnsupportedError, nearest
from sqlnomaly.pushdown.contract import Categories, Detector, Registry, Shape
from sqlnomaly.pushdown.ops import Expr

ENSEMBLE = "ensemble"
"""The registry name of what combines several detectors."""
DEFAULT_DETECTOR = "zscore"


@dataclass(frozen=True, slots=True)
class Named:
    """A detector before it has its parameters.

    Attributes:
        name: as the call names it.
        whole: what judges.
        members: the detectors that it combines; none where it is one itself.
    """

    name: str
    whole: type[Detector]
    members: tuple[type[Detector], ...] = ()

    @property
    def kinds(self) -> tuple[type[Detector], ...]:
        """Everything that takes options."""
        return (self.whole, *self.members)

    @property
    def options(self) -> Mapping[str, Any]:
        """The options of each, with their defaults."""
        return {name: default for kind in reversed(self.kinds) for name, default in kind.options().items()}

    def build(self, parameters: Mapping[str, Any]) -> Detector:
        """The detector with its parameters; each member takes those that it knows.

        Raises:
            ValueError: a parameter out of range, with what is allowed.
        """
        built = []
        for kind in self.kinds:
            usual = self.whole.usually.get(kind.name, {}) if self.name == self.whole.name else {}
            own = {**usual, **{name: value for name, value in parameters.items() if name in kind.options()}}
            kind.validate(own)
            built.append(own)
        if not self.members:
            return self.whole(**built[0])
        members = [kind(**own) for kind, own in zip(self.members, built[1:], strict=True)]
        return self.whole.of(members, built[0])


def read_detector(node: Expr | None, registry: Mapping[str, type[Detector]], features: int, shown: str) -> Named:
    """The detector that a call names.

    Args:
        node: the value of the option, or None.
        registry: the detectors by name.
        features: how many the call has.
        shown: the call as the user wrote it, for messages.

    Raises:
        CallError: an unknown name, or a value that names none.
        UnsupportedError: a name that is refused, or too many or too few features.
    """
    names = _names(node, shown)
    kinds = [_known(name, registry, shown) for name in names]
    if len(names) == 1:
        members = tuple(_known(name, registry, shown) for name in kinds[0].usual)
        named = Named(names[0], kinds[0], members)
    else:
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise CallError(f"detector names {twice} twice", where=shown, hint="give it a weight instead: weights =>")
        for kind in kinds:
            reason = _alone(kind)
            if reason is not None:
                raise UnsupportedError(
                    f"{kind.name} is no member of an ensemble: {reason}", where=shown, hint="leave it out"
                )
        named = Named(", ".join(names), registry[ENSEMBLE], tuple(kinds))
    for kind in named.kinds:
        _check_features(kind, features, shown)
    return named


def _names(node: Expr | None, shown: str) -> list[str]:
    """The names in a text or a list of texts."""
    if node is None:
        return [DEFAULT_DETECTOR]
    inner = node.unnest()
    parts: Sequence[Expr] = inner.expressions if isinstance(inner, exp.Array | exp.Tuple) else [inner]
    literals = [part.unnest() for part in parts]
    if not literals or not all(isinstance(part, exp.Literal) and part.is_string for part in literals):
        raise CallError(
            f"detector takes a quoted text such as 'mad', or a list such as ['ecod', 'iforest'], not {node.sql()}",
            where=shown,
            hint="detector => 'mad'",
        )
    names = [name.strip().lower() for part in literals for name in part.name.split(",")]
    if not all(names):
        raise CallError("detector names nothing", where=shown, hint="detector => 'mad'")
    return names


def _known(name: str, registry: Mapping[str, type[Detector]], shown: str) -> type[Detector]:
    refused = registry.refused.get(name) if isinstance(registry, Registry) else None
    if refused is not None:
        raise UnsupportedError(f"{name} is refused: {refused[0]}", where=shown, hint=refused[1])
    if name not in registry:
        raise CallError(f"unknown detector {name!r}", where=shown, hint=nearest(name, registry))
    return registry[name]


def _alone(kind: type[Detector]) -> str | None:
    """Why a detector cannot be combined with others, or None."""
    if kind.shape is Shape.WINDOW:
        return "it judges rows in an order"
    if kind.summarized:
        return "it is finished from a summary of the rows, and others from rows"
    if kind.categories is Categories.ALL:
        return "it takes categories, and others numbers"
    return kind.alone


def _check_features(kind: type[Detector], features: int, shown: str) -> None:
    if kind.most is not None and features > kind.most:
        raise UnsupportedError(
            f"{kind.name} takes at most {kind.most} features, not {features}",
            where=shown,
            hint="leave some out, or use a detector that judges each feature alone, such as ecod",
        )
    if features < kind.least:
        raise UnsupportedError(
            f"{kind.name} takes {kind.least} features, not {features}", where=shown, hint="name the others"
        )

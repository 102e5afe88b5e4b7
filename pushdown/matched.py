"""Which of a call's features is which of a stored model's: by name where they are named, else by position."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from sqlnomaly.errors import BindError, nearest
from sqlnomaly.pushdown.calls import Call
from sqlnomaly.pushdown.fitted import FittedModel


def match_features(call: Call, model: FittedModel, name: str, shown: str) -> list[int]:
    """For each feature of the model the place of the call's.

    A feature is named by its alias, or as a plain column whose name is one of the model's features. If all are named,
    names decide, in any order. What is not named stands at its own position, and then so must the others.

    Raises:
        BindError: too few or too many, an alias that is no feature, one that comes twice, or names that contradict the
            positions.
    """
    wanted = [part.name for part in model.features]
    listed = ", ".join(wanted)
    if len(call.features) != len(wanted):
        raise BindError(
            f"the model {name} has {len(wanted)} features ({listed}), the call gives {len(call.features)}",
            where=shown,
            hint=f"{call.function}({listed}, model => '{name}')",
        )
    names = [_named(expr, alias, wanted) for expr, alias in call.features]
    for (_, alias), found in zip(call.features, names, strict=True):
        if alias is not None and found is None:
            raise BindError(
                f"{alias.name} is no feature of the model {name}",
                where=shown,
                hint=nearest(alias.name, wanted),
            )
    known = [one for one in names if one is not None]
    twice = next((one for one in known if known.count(one) > 1), None)
    if twice is not None:
        raise BindError(
            f"feature {twice} of the model {name} is given twice", where=shown, hint=f"features: {listed}"
        )
    if len(known) == len(wanted):
        return [names.index(one) for one in wanted]
    for place, found in enumerate(names):
        if found is not None and found != wanted[place]:
            raise BindError(
                f"{found} is feature {wanted.index(found) + 1} of the model {name} and stands at {place + 1}; "
                "the others have no name to go by",
                where=shown,
                hint=f"in the order ({listed}), or name each: .. AS {wanted[place]}",
            )
    return list(range(len(wanted)))


def _named(expr: exp.Expr, alias: exp.Identifier | None, wanted: Sequence[str]) -> str | None:
    """The feature that an alias or a plain column names."""
    identifier = alias if alias is not None else expr.this if isinstance(expr, exp.Column) else None
    if not isinstance(identifier, exp.Identifier):
        return None
    if identifier.name in wanted:
        return identifier.name
    same = [one for one in wanted if one.lower() == identifier.name.lower()]
    return same[0] if len(same) == 1 and not identifier.quoted else None

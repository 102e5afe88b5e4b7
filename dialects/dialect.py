"""What differs between SQL engines, as data: one frozen record a dialect, no driver and no branching."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from sqlnomaly.dialects.signature import Signature


class Tier(StrEnum):
    """How far the dialect's output is proven."""

    EXECUTED = "executed"
    EMULATED = "emulated"
    PRINTED = "printed"


class Quantiles(StrEnum):
    """How the engine computes an exact quantile of each group."""

    AGGREGATE = "aggregate"
    ANALYTIC = "analytic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One SQL engine as the compiler sees it.

    Attributes:
        name: the name users write.
        sqlglot: the stock sqlglot dialect that parses and prints it.
        templates: vocabulary placeholder -> SQL of this engine, arguments as ``:a``, ``:b``.
        functions: the functions that generated SQL may call, with arity and use.
        quantiles: the strategy for exact quantiles of a group.
        lists: whether windows can collect values into lists that lambdas map; else frames of medians are pairs of rows.
        range_frames: whether RANGE frames with an offset run over numbers and timestamps.
        functions_from_client: whether a session registers vectorized Python functions there.
        star_except: whether ``* EXCEPT`` / ``* EXCLUDE`` exists.
        using_first: whether ``*`` gives the columns of USING first, rather than in the left table's place.
        max_sql_bytes: the statement length the engine accepts or advises.
        max_identifier: the bytes that a name may have.
        bits_are_boolean: whether BIT is 1, 0 or NULL, and no string of bits.
        decimals_hold_nan: whether a DECIMAL may be NaN, so that one without digits behind the point is no integer.
        ctes_once: whether a CTE with several references is computed once, and not anew for each.
        structs: whether a value may have named fields that a query reads with a point.
        settings: name -> number, of the statement: what the engine needs to plan what is generated.
        folds: how an unquoted name is folded: ``lower``, ``upper`` or ``none``.
        tier: how the output is proven.
        proof: by what it is proven, in a phrase.
        refused: feature -> the reason why this dialect cannot do it.
        said_over: feature that the engine lacks -> how it is said in more steps instead.
    """

    name: str
    sqlglot: str
    templates: Mapping[str, str]
    functions: Mapping[str, Signature]
    quantiles: Quantiles
    lists: bool
    range_frames: bool
    functions_from_client: bool
    star_except: bool
    using_first: bool
    max_sql_bytes: int
    max_identifier: int
    folds: str
    tier: Tier
    proof: str
    bits_are_boolean: bool = False
    decimals_hold_nan: bool = False
    ctes_once: bool = False
    structs: bool = False
    settings: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    said_over: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    refused: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

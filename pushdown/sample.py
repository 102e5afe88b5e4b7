"""The sample key: every engine draws the same rows, as a text made of the row decides and no random number.

A row's key is the lowercase hex MD5 of ``seed|ordinal|k(x1)|..|k(xd)``; the sample is the n rows with the
smallest keys. ``k`` writes a number by its binary exponent and the leading 41 bits of its significand, so no
engine's way of printing a double matters:

====================  =========================================================================
x                     k(x)
====================  =========================================================================
NULL                  ``n``
0 and -0              ``0:0``
else                  ``m:e`` with e = floor(log2 |x|) and m = sign(x) * floor(|x| / 2^e * 2^40)
====================  =========================================================================

The exponent is first guessed by a logarithm, halfway between two powers of two, and then put right by an
exact comparison. A rule that ends at the logarithm disagrees between engines: Spark's LN differs from the C
library's by one unit in the last place for 0.3 % of the doubles, and with it the key of the values beside the
rounding boundary.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.ops import Expr

BITS = 40
"""Bits of the significand behind its leading one that the key keeps."""

PLACE = "_sn__place"
"""The column that says where a row stands in the sample of its partition."""


def _guess(x: Expr) -> Expr:
    """floor(log2 |x| + 0.5): the exponent, or one more; NULL for 0."""
    return ops.floor(ops.add(ops.mul(ops.ln(ops.abs_(x)), ops.number(1.0 / math.log(2.0))), ops.number(0.5)))


def _fraction(x: Expr, guess: Expr) -> Expr:
    """|x| / 2^guess, between 0.7 and 1.5, exactly: in two steps, as 2^1074 is no double."""
    half = ops.floor(ops.mul(guess, ops.number(0.5)))
    first = ops.func("POWER", ops.number(2.0), ops.neg(half))
    second = ops.func("POWER", ops.number(2.0), ops.sub(half, guess))
    return ops.mul(ops.mul(ops.abs_(x), first), second)


def _digits(x: Expr, fraction: Expr) -> Expr:
    """m as an integer; NULL for NULL."""
    scale = ops.case(
        (ops.lt(fraction, ops.number(1.0)), ops.number(2.0 ** (BITS + 1))), default=ops.number(2.0**BITS)
    )
    digits = ops.mul(ops.func("SIGN", x), ops.floor(ops.mul(fraction, scale)))
    return ops.cast_integer(ops.case((ops.eq(x, ops.number(0.0)), ops.number(0.0)), default=digits))


def _exponent(x: Expr, guess: Expr, fraction: Expr) -> Expr:
    """e as an integer; NULL for NULL."""
    exponent = ops.case(
        (ops.eq(x, ops.number(0.0)), ops.number(0.0)),
        (ops.lt(fraction, ops.number(1.0)), ops.sub(guess, ops.number(1.0))),
        default=guess,
    )
    return ops.cast_integer(exponent)


def _text(digits: Expr, exponent: Expr) -> Expr:
    """k(x) from m and e."""
    pair = ops.concat(
        [ops.special("integer_text", digits), ops.text(":"), ops.special("integer_text", exponent)]
    )
    return ops.case((ops.is_null(digits), ops.text("n")), default=pair)


def _both(x: Expr) -> tuple[Expr, Expr]:
    """m and e."""
    guess = _guess(x)
    fraction = _fraction(x, guess)
    return _digits(x, fraction), _exponent(x, guess, fraction)


def key_text(x: Expr) -> Expr:
    """k(x) of a cleaned DOUBLE (NULL, or finite and at most 1e150 in magnitude).

    Args:
        x: the feature; it is written dozens of times, so better a column than a formula (`sample_query` sees to
            that).

    Returns:
        Text, never NULL.
    """
    return _text(*_both(x))


def ordinal(features: Sequence[Expr]) -> Expr:
    """The number of a row among those with the same features, from 1.

    Without it a value with 2,000 copies has one key, and either fills the sample or is missing from it. Rows
    count as the same when their k(x) are: those that differ below the 41st bit are numbered by value.

    Args:
        features: cleaned DOUBLE columns.
    """
    numbers = [number for x in features for number in _both(x)]
    return ops.window(ops.func("ROW_NUMBER"), partition=numbers, order=features)


def sample_key(seed: int, ordinal: Expr, features: Sequence[Expr]) -> Expr:
    """The key of a row: lowercase hex MD5 of ``seed|ordinal|k(x1)|..|k(xd)``.

    Args:
        seed: a whole number; another seed draws another sample.
        ordinal: the row's number among identical rows, from 1 (see `ordinal`).
        features: cleaned DOUBLE columns.

    Returns:
        Text of 32 characters, never NULL.
    """
    return _hash(seed, ordinal, [key_text(x) for x in features])


def _hash(seed: int, number: Expr, keys: Sequence[Expr]) -> Expr:
    """MD5 of the joined parts."""
    parts = [ops.text(f"{seed}|"), ops.special("integer_text", number)]
    for key in keys:
        parts += [ops.text("|"), key]
    return ops.special("md5_hex", ops.concat(parts))


def sample_query(
    source: Expr,
    features: Sequence[Expr],
    *,
    size: int,
    seed: int = 0,
    keys: Sequence[Expr] | None = None,
    by: Sequence[Expr] | None = None,
) -> exp.Select:
    """The rows with the smallest keys, smallest first: the same ones on every engine.

    The key is computed in stages, each column of a stage from those before it, so that the text stays short:
    one feature takes 0.6 kB.

    Args:
        source: a table or a query, with the features as cleaned DOUBLE columns.
        features: those columns, unqualified and with different names; only they and the keys are returned.
        size: how many rows at most, of each partition where there are keys.
        seed: another seed draws another sample.
        keys: the partition columns; with none of them, ``()``, all rows are one partition.
        by: the features whose text makes the key, all if left out. Fewer are as random and cost less: rows that are
            equal in them are told apart by their number, in the order of all features.

    Returns:
        A SELECT of the features, a multiset of rows ordered by key. With ``keys``, a SELECT of them, the features and
        ``PLACE``, the place of a row in its partition by key, in no order.

    Raises:
        ValueError: without features, or for a negative size.
    """
    if not features:
        raise ValueError("a sample needs at least one feature")
    if size < 0:
        raise ValueError(f"a sample of {size} rows")
    columns = [feature.copy() for feature in features]
    partition = [key.copy() for key in keys or ()]
    hashed = columns if by is None else [feature.copy() for feature in by]
    keyed = _keyed(source, columns, hashed, seed, partition, [*partition, *columns])
    query, key = keyed.query, keyed.key
    if keys is None:
        return exp.Select(expressions=columns).from_(query).order_by(exp.Ordered(this=key)).limit(size)
    if not partition:
        hashed_as = keyed.fresh("sample_key")
        first = exp.Select(expressions=[*columns, exp.alias_(key, hashed_as)]).from_(query)
        first = first.order_by(exp.Ordered(this=ops.column(hashed_as))).limit(size)
        numbered = ops.window(ops.func("ROW_NUMBER"), order=[ops.column(hashed_as)])
        return exp.Select(expressions=[*columns, exp.alias_(numbered, PLACE)]).from_(_stage(first, STAGES))
    place = ops.window(ops.func("ROW_NUMBER"), partition=partition, order=[key])
    ranked = exp.Select(expressions=[*partition, *columns, exp.alias_(place, PLACE)]).from_(query)
    drawn = exp.Select(expressions=[exp.Star()]).from_(_stage(ranked, STAGES))
    return drawn.where(ops.le(ops.column(PLACE), ops.integer(size)))


@dataclass(frozen=True, slots=True)
class Fold:
    """Rows that are held out of a fit, to calibrate it with.

    Attributes:
        share: of each partition's rows that miss no feature, rounded down.
        most: rows of a partition, at most.
        seed: another seed holds out other rows.
        keys: how many of the partition keys, from the first on, say what a partition is; None for all.
    """

    share: float = 0.2
    most: int = 2_000
    seed: int = 0
    keys: int | None = None


def fold_query(
    source: Expr,
    features: Sequence[Expr],
    *,
    fold: Fold,
    keys: Sequence[Expr],
    columns: Sequence[str],
    names: tuple[str, str, str],
) -> exp.Select:
    """Every row, with what says whether it is fitted or held out: those with the smallest sample keys are held out.

    The key is made of every feature. By fewer, rows that are equal in them would be told apart by their number, which
    goes by the values of the others: always the same ranks of these would be held out, and they would not stand for the
    rest (a constant and a lognormal feature, 20 rows a table: 30 % of rows without anomaly had p <= 0.2).

    Args:
        source: a table or a query with the columns.
        features: cleaned DOUBLE columns, or the text of categories, as columns typed ``text`` in sqlglot.
        fold: how many.
        keys: the partition columns.
        columns: everything that is kept.
        names: the columns to make: whether the row is fitted, whether it is held out, each 1 or 0, and its key.
    """
    carried = [ops.column(name) for name in columns]
    keyed = _keyed(source, features, features, fold.seed, keys, carried)
    complete = ops.and_(*(ops.not_null(feature) for feature in features))
    lacks, place, number = (keyed.fresh(name) for name in ("lacks", "place", "complete_rows"))
    lacking = ops.case((complete, ops.integer(0)), default=ops.integer(1))
    hashed_as = keyed.fresh("sample_key")
    marked = exp.Select(expressions=[*carried, exp.alias_(lacking, lacks), exp.alias_(keyed.key, hashed_as)])
    ranked = exp.Select(
        expressions=[
            *carried,
            ops.column(hashed_as),
            exp.alias_(
                ops.window(
                    ops.func("ROW_NUMBER"), partition=list(keys), order=[ops.column(lacks), ops.column(hashed_as)]
                ),
                place,
            ),
            exp.alias_(
                ops.window(ops.sum_(ops.sub(ops.integer(1), ops.column(lacks))), partition=list(keys)), number
            ),
        ]
    ).from_(_stage(marked.from_(keyed.query), STAGES))
    some = ops.floor(ops.mul(ops.cast_double(ops.column(number)), ops.number(fold.share)))
    within = ops.and_(
        ops.le(ops.column(place), some), ops.le(ops.column(place), ops.integer(fold.most))
    )
    fitted, held = (
        exp.alias_(ops.case((within, ops.integer(yes)), default=ops.integer(1 - yes)), name)
        for yes, name in zip((0, 1), names[:2], strict=True)
    )
    key = exp.alias_(ops.column(hashed_as), names[2])
    return exp.Select(expressions=[*carried, fitted, held, key]).from_(_stage(ranked, STAGES + 1))


STAGES = 4
"""Queries, one in the other, that compute what a sample key is made of."""


@dataclass(frozen=True, slots=True)
class _Keyed:
    """Rows beside what their sample key is made of, and the key."""

    query: Expr
    key: Expr
    taken: set[str]

    def fresh(self, name: str) -> str:
        """A name that no column has."""
        return _fresh(name, self.taken)


def _keyed(
    source: Expr,
    columns: Sequence[Expr],
    hashed: Sequence[Expr],
    seed: int,
    partition: Sequence[Expr],
    carried: Sequence[Expr],
) -> _Keyed:
    """The rows beside the parts of their key, computed in stages so that the text stays short."""
    taken = {column.name.lower() for column in [*columns, *carried]}
    numbers = [x for x in hashed if not is_text(x)]
    places = range(1, len(numbers) + 1)
    guesses, fractions, digits, exponents = (
        [_fresh(f"{stem}_{i}", taken) for i in places] for stem in ("guess", "fraction", "digits", "exponent")
    )
    number = _fresh("copy_number", taken)
    parts = [*partition, *(x for x in hashed if is_text(x))]
    parts += [ops.column(name) for pair in zip(digits, exponents, strict=True) for name in pair]
    stages: list[list[tuple[Expr, str]]] = [
        [(_guess(x), name) for x, name in zip(numbers, guesses, strict=True)],
        [(_fraction(x, ops.column(g)), name) for x, g, name in zip(numbers, guesses, fractions, strict=True)],
        [
            *((_digits(x, ops.column(f)), name) for x, f, name in zip(numbers, fractions, digits, strict=True)),
            *(
                (_exponent(x, ops.column(g), ops.column(f)), name)
                for x, g, f, name in zip(numbers, guesses, fractions, exponents, strict=True)
            ),
        ],
        [(ops.window(ops.func("ROW_NUMBER"), partition=parts, order=columns), number)],
    ]
    kept = list(carried)
    query = _from(source)
    for depth, stage in enumerate(stages):
        last = exp.Select(expressions=[*kept, *(exp.alias_(value, name) for value, name in stage)])
        query = _stage(last.from_(query), depth)
        kept += [ops.column(name) for _, name in stage]
    pairs = iter(zip(digits, exponents, strict=True))
    texts = [_category(x) if is_text(x) else _text(*map(ops.column, next(pairs))) for x in hashed]
    return _Keyed(query, _hash(seed, ops.column(number), texts), taken)


def is_text(column: Expr) -> bool:
    """Whether a column was said to hold the text of a category."""
    return column.type is not None and column.is_type(exp.DataType.Type.TEXT)


def _category(x: Expr) -> Expr:
    """k(x) of a category: the MD5 of its text, so that no letter of it ends a part of the key."""
    return ops.case((ops.is_null(x), ops.text("n")), default=ops.special("md5_hex", x))


def _stage(select: exp.Select, depth: int) -> exp.Subquery:
    """A stage as the source of the next."""
    return exp.Subquery(this=select, alias=exp.TableAlias(this=exp.to_identifier(f"stage_{depth + 1}")))


def _from(source: Expr) -> Expr:
    """A source that can stand behind FROM."""
    if isinstance(source, exp.Query) and not isinstance(source, exp.Subquery):
        return exp.Subquery(this=source.copy(), alias=exp.TableAlias(this=exp.to_identifier("source")))
    return source.copy()


def _fresh(name: str, taken: set[str]) -> str:
    """The name, with underscores until it differs from every feature."""
    while name in taken:
        name += "_"
    return name


def python_key_text(x: float | None) -> str:
    """k(x), said again in plain Python: the statement that the engines are compared with.

    Raises:
        ValueError: for NaN, an infinity or a magnitude over 1e150, which no cleaned feature holds.

    Example:
        >>> python_key_text(-3.0)
        '-1649267441664:1'
    """
    if x is None:
        return "n"
    if not abs(x) <= ops.LARGEST:
        raise ValueError(f"{x} is out of range")
    if x == 0:
        return "0:0"
    significand, exponent = math.frexp(abs(x))
    digits = math.floor(math.ldexp(significand, BITS + 1))
    return f"{-digits if x < 0 else digits}:{exponent - 1}"


def python_sample_key(seed: int, ordinal: int, features: Sequence[float | None]) -> str:
    """The key of a row in plain Python.

    Example:
        >>> python_sample_key(0, 1, [0.5, None])
        '4a52ac996b6197583bdeb0f5c25f54a3'
    """
    text = "|".join([str(seed), str(ordinal), *map(python_key_text, features)])
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

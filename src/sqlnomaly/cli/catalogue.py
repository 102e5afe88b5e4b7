"""What there is: the detectors and the dialects, listed or one in full, read from their registries."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Sequence
from dataclasses import MISSING, fields

import typer

from sqlnomaly.cli.output import WIDE
from sqlnomaly.dialects import DIALECTS, Dialect, get_dialect
from sqlnomaly.errors import UsageError, nearest
from sqlnomaly.pushdown.contract import Detector, Shape

FEATURES = (1, 2, 3)
"""Numbers of features for which a default that depends on them is told."""


def print_detectors(name: str | None) -> None:
    """Every detector in a table, or one in full.

    Raises:
        UsageError: for an unknown name.
    """
    from sqlnomaly.udfs.registry import detectors

    known = detectors()
    if name is None:
        rows = [
            (
                d.name, d.shape.value, scaling(d), runs_on(d), _first_sentence(d), default_words(d),
                ", ".join(needs(d)) or "-", ", ".join(abilities(d)) or "-",
            )
            for d in known.values()
        ]  # fmt: skip
        heads = ("detector", "shape", "scaling", "runs on", "score", "default rule", "needs", "can do")
        _print_table(heads, rows)
        return
    detector = known.get(name.lower())
    if detector is None:
        raise UsageError(f"unknown detector {name!r}", hint=nearest(name, known))
    own = [f"{field.name} = {field.default!r}" for field in fields(detector) if field.default is not MISSING]
    facts = [
        ("options", ", ".join(own) or "-"),
        ("default rule", default_words(detector)),
        ("min_rows", rows_words(detector)),
        ("shape", detector.shape.value),
        ("scaling", scaling(detector)),
        ("runs on", runs_on(detector)),
        ("needs", ", ".join(needs(detector)) or "-"),
        ("can do", ", ".join(abilities(detector)) or "-"),
        ("tolerance", f"{detector.tolerance.relative:g} relative between engines"),
    ]
    typer.echo(f"{detector.name}: {inspect.getdoc(detector)}\n")
    print_facts(facts)


def print_dialects(name: str | None) -> None:
    """Every dialect in a table, or one in full.

    Raises:
        UsageError: for an unknown name.
    """
    if name is None:
        _print_table(
            ("dialect", "tier", "proof"), [(d.name, d.tier.value, d.proof) for d in DIALECTS.values()]
        )
        return
    dialect = get_dialect(name)
    typer.echo(f"{dialect.name}: {dialect.tier.value}, {dialect.proof}\n")
    print_facts(_facts(dialect))
    _print_support(dialect)


def _print_support(dialect: Dialect) -> None:
    """The detectors of a dialect, with what each refuses there."""
    from sqlnomaly.support import uses_of
    from sqlnomaly.udfs.registry import BUILT_IN

    tier = dialect.tier.value
    typer.echo("")
    for detector in BUILT_IN:
        uses = uses_of(detector, dialect.name)
        typer.echo(f"{detector.name}: " + (", ".join(use for use, said in uses.items() if said == tier) or "refused"))
        reasons: dict[str, list[str]] = {}
        for use, said in uses.items():
            if said != tier:
                reasons.setdefault(said, []).append(use)
        for reason, refused in reasons.items():
            typer.echo(f"  refuses {', '.join(refused)}: {reason}")


def default_words(detector: type[Detector]) -> str:
    """The default threshold rule; some depend on the number of features.

    Example:
        >>> from sqlnomaly.udfs.registry import detectors
        >>> default_words(detectors()["ecod"])
        'contamination = 0.01'
    """
    rules = [detector.default_rule(features) for features in FEATURES]
    words = [
        f"contamination = {rule.contamination:.3g}" if rule.threshold is None else f"threshold = {rule.threshold:.3g}"
        for rule in rules
    ]
    return _by_features(words)


def rows_words(detector: type[Detector]) -> str:
    """The default ``min_rows``; some depend on the number of features."""
    rows = [detector.default_rows(features) for features in FEATURES]
    beyond = {count - features for count, features in zip(rows, FEATURES, strict=True)}
    if len(beyond) == 1:
        return f"the number of features + {beyond.pop()}"
    return _by_features([str(count) for count in rows])


def scaling(detector: type[Detector]) -> str:
    """The unit that features are taken in by default; most detectors have units of their own, or need none.

    Example:
        >>> from sqlnomaly.udfs.registry import detectors
        >>> scaling(detectors()["knn"]), scaling(detectors()["mad"])
        ('standard', 'own')
    """
    from sqlnomaly.udfs.pyod_detector import PREFIX

    if getattr(detector, "own_units", False):
        return "own"
    return str(detector.options().get("scaling", "none" if detector.name.startswith(PREFIX) else "own"))


def runs_on(detector: type[Detector]) -> str:
    """The dialects; ``all`` but for what their own limits refuse.

    Example:
        >>> from sqlnomaly.udfs.registry import detectors
        >>> runs_on(detectors()["knn"]), runs_on(detectors()["mad"])
        ('duckdb, spark', 'all')
    """
    if detector.usual:
        return "as its members"
    if not detector.by_function:
        return "all"
    return ", ".join(name for name, dialect in DIALECTS.items() if dialect.functions_from_client)


def needs(detector: type[Detector]) -> list[str]:
    """What a call must have, a row must have, and a session must do."""
    words = {
        "ORDER BY": detector.shape is Shape.WINDOW,
        "every feature": detector.joint,
        "a fit on the client": detector().on_client,
        f"at least {detector.least} features": detector.least > 1,
        f"at most {detector.most} features": detector.most is not None,
    }
    return [word for word, needed in words.items() if needed]


def abilities(detector: type[Detector]) -> list[str]:
    """What it can do beside PARTITION BY and FILTER."""
    words = {
        "direction, min_effect": detector.directed,
        "ORDER BY": detector.ordered,
        "ROWS": detector.framed,
        "RANGE": detector.ranged,
        "leave_one_out": detector.removable,
    }
    return [word for word, able in words.items() if able]


def _by_features(words: Sequence[str]) -> str:
    """The words; where they end in different numbers, these for each number of features."""
    if len(set(words)) == 1:
        return words[0]
    start = words[0].rpartition(" ")[0]
    numbers = ", ".join(word.rpartition(" ")[2] for word in words)
    return f"{start} {numbers}, .. for {', '.join(map(str, FEATURES))}, .. features".strip()


def _facts(dialect: Dialect) -> Iterable[tuple[str, str]]:
    from sqlnomaly.support import installed

    yield "parsed and printed by", f"sqlglot's {dialect.sqlglot}"
    yield "exact quantiles", dialect.quantiles.value
    yield "RANGE frames", "yes" if dialect.range_frames else "no"
    yield "framed medians", "over lists" if dialect.lists else "by pairs of rows"
    yield "longest statement", f"{dialect.max_sql_bytes:,} bytes"
    yield (
        "unquoted names",
        {"none": "kept", "lower": "lower case", "upper": "upper case"}.get(dialect.folds, dialect.folds),
    )
    native, model = installed(dialect.name)
    yield "native functions to install", native
    yield "a model as functions", model
    for feature, how in dialect.said_over.items():
        yield f"says in other words {feature}", how
    for feature, reason in dialect.refused.items():
        yield f"refuses {feature}", reason


def _first_sentence(detector: type[Detector]) -> str:
    return (inspect.getdoc(detector) or "").split("\n")[0]


def _print_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*header, box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console(file=sys.stdout, width=None if sys.stdout.isatty() else WIDE).print(table)


def print_facts(facts: Iterable[tuple[str, str]]) -> None:
    """A line for each fact, the facts under each other."""
    listed = list(facts)
    width = max(len(label) for label, _ in listed)
    for label, fact in listed:
        typer.echo(f"{label:<{width}}  {fact}")

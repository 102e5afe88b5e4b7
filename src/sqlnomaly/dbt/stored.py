"""The statements that make a stored model and score with it, as macros: a session's, with loops and holes.

A session fits a model by statements that each begin alike: the rows, what is fitted of them, their scores. Here the
scores are written down once, so that what follows is the same for every detector.

=============  ==========================================================================
name           what a macro puts there
=============  ==========================================================================
``sn_rows``    the table of the rows that were written down, some of them held out
``sn_scored``  the table of these rows with their scores
``sn_model``   the table of what was fitted, a row for each partition; ``sn_calibration``
               and ``sn_held`` as in a session's catalog
=============  ==========================================================================
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from functools import cache
from types import MappingProxyType

from sqlglot import exp, parse_one

from sqlnomaly.catalog.ledger import TABLES
from sqlnomaly.dbt.bodies import CONTAMINATION, DIALECTS, ROWS, THRESHOLD
from sqlnomaly.dbt.folding import SHOWN, Folded, fold, tokens, unfold
from sqlnomaly.dbt.jinja import statement
from sqlnomaly.dbt.merging import Key, Merged, merge
from sqlnomaly.dbt.options import filled
from sqlnomaly.dialects import Dialect, get_dialect
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.bind import Binder, Kind
from sqlnomaly.pushdown.columns import as_double
from sqlnomaly.pushdown.compiler import emit
from sqlnomaly.pushdown.emit import Emitter
from sqlnomaly.pushdown.fit import Fit, stand
from sqlnomaly.pushdown.fitted import LEVELS
from sqlnomaly.pushdown.lower import lower
from sqlnomaly.pushdown.names import Names
from sqlnomaly.pushdown.plan import Given, Source
from sqlnomaly.pushdown.sample import Fold
from sqlnomaly.pushdown.scored import score
from sqlnomaly.pushdown.select import Settings
from sqlnomaly.pushdown.trainer import MERGED, Trainer
from sqlnomaly.pushdown.training import train
from sqlnomaly.pushdown.verdict import Answers, Rule
from sqlnomaly.training import MOST
from sqlnomaly.udfs.registry import detectors
from sqlnomaly.version import __version__

DETECTORS = ("zscore", "mad", "iqr", "double_mad", "percentile", "grubbs")
"""Detectors of which SQL fits one row a partition, whatever the number of features."""
SHARE = 0.2123
"""A share of rows to hold out that stands nowhere else."""
CHECKED = 2
"""A number of features for which a folded statement is held against the compiler's."""
LONG = 100
"""Tokens of a call that is worth to be written down once."""
_ALIKE = re.compile(r"(guess|fraction|digits|exponent)_([1-9])")
_TABLES = re.compile(r"\bsn_(rows|scored|model|cuts|key)\b")
_OURS = re.compile(r"""["`](sn_key|x[1-9])["`]""", re.IGNORECASE)
_GIVEN = re.compile(r"_sn__given([1-9])")
_ROWS, _SCORED = "sn_rows", "sn_scored"
_CUT, _CUT_KEY = "_sn__cut", "_sn__cut_key"


@dataclass(frozen=True, slots=True)
class Asked:
    """A model that stands for a user's: one partition key, features x1, x2 .."""

    detector: str
    dialect: str
    rule: str = "threshold"
    direction: str = "both"

    def training(self, features: int, given: Mapping[str, float]) -> Trainer:
        """What makes the statements that fit it."""
        return _training(self, features, tuple(given.items()))

    def plan(self, features: int, given: Mapping[str, float]) -> Trainer:
        """The same, made anew."""
        dialect = get_dialect(self.dialect)
        types = {"sn_key": "VARCHAR", **{f"x{number}": "DOUBLE" for number in range(1, features + 1)}}
        binder = Binder(dialect, dialect.sqlglot, None, {"sn_relation": types})
        settings = Settings(dialect.sqlglot, dialect, detectors(), binder, Names([]), tag="0")
        options = {name: value for name, value in given.items() if name != "calibration"}
        if "direction" in detectors()[self.detector].options():
            options["direction"] = self.direction  # type: ignore[assignment]
        return train(
            f"SELECT {', '.join(types)} FROM sn_relation",  # noqa: S608  (the names are ours)
            settings,
            detector=self.detector,
            options=options,
            partition_by=("sn_key",),
            fold=Fold(given["calibration"], MOST),
            staged=exp.to_table(_ROWS),
            stored=exp.to_table("sn_model"),
        )

    def values(self) -> Mapping[str, float]:
        """Option -> a value that stands for a user's."""
        rule = {"threshold": THRESHOLD} if self.rule == "threshold" else {"contamination": CONTAMINATION}
        return {**rule, "min_rows": ROWS, "calibration": SHARE}


@cache
def _training(asked: Asked, features: int, given: tuple[tuple[str, float], ...]) -> Trainer:
    return asked.plan(features, dict(given))


Made = Callable[[Asked, int, Mapping[str, float]], tuple[str, ...]]
"""The tokens of one statement for so many features and these values of options."""


def rows(asked: Asked, features: int, given: Mapping[str, float]) -> tuple[str, ...]:
    """The rows with what the other statements read, some of them held out."""
    return _plain(tokens(asked.training(features, given).rows()))


def model(asked: Asked, features: int, given: Mapping[str, float]) -> tuple[str, ...]:
    """What is fitted: a row for each partition."""
    return _plain(tokens(asked.training(features, given).model()))


def scored(asked: Asked, features: int, given: Mapping[str, float]) -> tuple[str, ...]:
    """The rows with their scores: what the statements after it begin with."""
    begins = _alike(asked.training(features, given))
    return _joined([*begins, ("", ("SELECT", "*", "FROM", begins[-1][0]))])


def calibration(asked: Asked, features: int, given: Mapping[str, float]) -> tuple[str, ...]:
    """The quantiles of the scores of each partition, and the one that a contamination makes its threshold."""
    training = asked.training(features, given)
    return _after(training, training.calibration(LEVELS))


def held(asked: Asked, features: int, given: Mapping[str, float]) -> tuple[str, ...]:
    """The highest scores of the rows that were held out."""
    training = asked.training(features, given)
    return _after(training, training.held(MOST))


def selftest(asked: Asked, features: int, given: Mapping[str, float]) -> tuple[str, ...]:
    """The rows to test with, of a few partitions."""
    training = asked.training(features, given)
    begins, all_parts = _alike(training), _parts(_plain(tokens(training.selftest())))
    few = dict(all_parts)["source"]
    opens = few.index("FROM") + 1
    closes = _closing(few, opens)
    name = begins[-1][0]
    beside = [(name, (*few[:opens], _SCORED, *few[closes + 1 :]))]
    return _joined([*beside, *all_parts[len(begins) :]])


def scoring(asked: Asked, features: int, given: Mapping[str, float]) -> tuple[str, ...]:
    """The statement that scores the rows of a relation with a model in tables."""
    dialect = get_dialect(asked.dialect)
    training = asked.training(features, given)
    raw = tuple(f"{feature.column}__raw" for feature in training.fit.features)
    columns = _columns(Asked(asked.detector, "duckdb"), features)
    # Snowflake's names come back in capitals.
    named = tuple(replace(feature, name=feature.name.lower()) for feature in training.fit.features)
    fit = replace(training.fit, features=named, fitted=None, raw=raw, given=Given(MERGED, columns, {}))
    source = Source("source")
    limit = training.options.threshold
    rule = Rule(limit, training.options.contamination, None)
    outputs = {"score", "is_anomaly", "threshold", "reason", "status"}
    scores = score(fit, stand(fit, source, source), outputs, ("n", "scale"))
    answers = Answers(fit, scores, rule, _CUT)
    emitter = Emitter(dialect, Names([]).fresh)
    emitter.add_source(source, *_own_rows(fit, dialect))
    emitter.ctes[MERGED] = exp.select(*columns).from_("sn_model")
    name = emitter.name(scores.node, fit)
    unseen = ops.and_(*(ops.is_null(feature.get("n")) for feature in fit.features))
    shown = {
        "anomaly_score": answers.score(),
        "is_anomaly": answers.is_anomaly(),
        "anomaly_threshold": answers.threshold(),
        "anomaly_reason": answers.reason(),
        "anomaly_status": ops.case((unseen, ops.text("unseen_group")), default=answers.status()),
    }
    own: ops.Expr = exp.column("sn_columns")
    if dialect.star_except:
        hidden = [*emitter.columns[name], *((_CUT_KEY, _CUT) if limit is None else ())]
        own = exp.Star(except_=[exp.to_identifier(one) for one in hidden])
    select = exp.Select(expressions=[own, *(exp.alias_(answer, one) for one, answer in shown.items())]).from_(name)
    if limit is None:
        on = lower(ops.same(ops.column(_CUT_KEY), ops.column(fit.keys[0])), dialect, condition=True)
        select = select.join(exp.to_table("sn_cuts"), on=on, join_type="left")
    lowered = emitter.lowered(select)
    lowered.set("with_", exp.With(expressions=emitter.named()))
    return _plain(tokens(emit(lowered, dialect)))


def _own_rows(fit: Fit, dialect: Dialect) -> tuple[exp.Select, tuple[str, ...]]:
    """The rows of a relation with what a fit reads, and the columns that it reads."""
    star: ops.Expr = exp.Star() if dialect.star_except else exp.column("sn_columns")
    items: list[ops.Expr] = [star]
    columns = []
    for feature, raw in zip(fit.features, fit.raw, strict=True):
        double, clean = as_double(exp.column(feature.name), Kind.FLOAT)
        items += [exp.alias_(lower(clean, dialect), feature.column), exp.alias_(lower(double, dialect), raw)]
        columns += [feature.column, raw]
    items.append(exp.alias_(exp.column("sn_key"), fit.keys[0]))
    return exp.Select(expressions=items).from_("sn_relation"), (*columns, *fit.keys)


STEPS: Mapping[str, Made] = MappingProxyType(
    {"rows": rows, "calibration": calibration, "held": held, "selftest": selftest}
)
"""What is the same for every detector, by the name of its macro."""
OWN: Mapping[str, Made] = MappingProxyType({"model": model, "scored": scored, "scoring": scoring})
"""What is not."""


def files() -> Iterator[tuple[str, str]]:
    """The files of stored models, by their path below the folder of generated macros, and what is left."""
    for dialect in DIALECTS:
        yield f"{dialect}/stored/steps.sql", "\n".join(_steps(dialect))
        for detector in DETECTORS:
            with suppress(LookupError):  # Redshift has one quantile a step, so that features are no loop
                yield f"{dialect}/stored/{detector}.sql", "\n".join(_own(detector, dialect))
    yield "stored.sql", _dispatched()


def _steps(dialect: str) -> Iterator[str]:
    for name, made in STEPS.items():
        yield _macro(f"{dialect}__stored_{name}", [Asked("zscore", dialect, "contamination")], made)


def _own(detector: str, dialect: str) -> Iterator[str]:
    directions = ("both", "high", "low") if "direction" in detectors()[detector].options() else ("both",)
    sides = [Asked(detector, dialect, "threshold", one) for one in directions]
    shares = [replace(one, rule="contamination") for one in sides]
    for name, ways in (("model", sides[:1]), ("scored", sides), ("scoring", sides + shares)):
        yield _macro(f"{dialect}__stored_{name}_{detector}", ways, OWN[name])


def _macro(name: str, ways: Sequence[Asked], made: Made) -> str:
    """The macro of one statement for one feature and for several."""
    texts = []
    for several in (False, True):
        of: dict[Key, Folded] = {
            (one.rule, one.direction): _folded(one, made) if several else _opened(one, made, 1) for one in ways
        }
        text = _shortened(merge(of) if len(of) > 1 else next(iter(of.values())))
        texts.append(_TABLES.sub(r"{{ s.\1 }}", text))
    one, more = texts
    lines = ["{%- if s.features | length == 1 -%}", one, "{%- else -%}", more, "{%- endif -%}"]
    return "\n".join([f"{{%- macro {name}(s) -%}}", *([one] if one == more else lines), "{%- endmacro -%}", ""])


def _shortened(text: Merged) -> str:
    """A statement as Jinja, the longest call in it that comes again written down once."""
    words = [part for part in text if isinstance(part, str)]
    often = _often(words) if len(words) == len(text) else ()
    if not often:
        return statement(text)
    shorter: list[str] = []
    at = 0
    while at < len(words):
        again = tuple(words[at : at + len(often)]) == often
        shorter.append("{{ often }}" if again else words[at])
        at += len(often) if again else 1
    return f"{{%- set often -%}}\n{statement(often)}\n{{%- endset -%}}\n{statement(tuple(shorter))}"


def _often(words: Sequence[str]) -> tuple[str, ...]:
    """The longest call that comes more than once, if one is longer than LONG tokens.

    Example:
        >>> _often(["SELECT", "1"])
        ()
    """
    calls: Counter[tuple[str, ...]] = Counter()
    opened: list[int] = []
    for at, word in enumerate(words):
        if word == "(":
            opened.append(at)
        elif word == ")" and at - (opens := opened.pop()) > LONG:
            calls[tuple(words[opens - 1 : at + 1])] += 1
    return max((call for call, number in calls.items() if number > 1), key=len, default=())


def _opened(asked: Asked, made: Made, features: int) -> tuple[str, ...]:
    """The tokens with Jinja in the place of the numbers that a user may give."""
    values = asked.values()
    places: dict[str, str] = {}
    words = made(asked, features, values)
    for word in dict.fromkeys(words):
        for name, value in values.items():
            if (found := filled(word, value, f"s.{name}")) is not None:
                places[word] = found
    return tuple(places.get(word, word) for word in words)


def _folded(asked: Asked, made: Made) -> Folded:
    """The tokens for any number of features from two."""
    found = fold(_opened(asked, made, SHOWN))
    if found is None or unfold(found, CHECKED) != _opened(asked, made, CHECKED):
        raise LookupError(f"{asked}: {made.__name__} is not one statement with loops")
    return found


def _plain(words: Sequence[str]) -> tuple[str, ...]:
    """The tokens with every name that is about a feature called by it, and none quoted."""
    found = []
    for word in words:
        name = word.strip('"`').lower() if _OURS.fullmatch(word) else word
        name = _ALIKE.sub(r"\1_x\2", name)
        found.append(_GIVEN.sub(r"_sn_x\1__given", name))
    return tuple(found)


Part = tuple[str, tuple[str, ...]]
"""The name of a step of a statement and its tokens; the last step has no name."""


def _parts(words: Sequence[str]) -> list[Part]:
    """The steps of a statement."""
    assert words[0] == "WITH", "a statement has steps"
    found = []
    at = 1
    while True:
        closes = _closing(words, at + 2)
        found.append((words[at], tuple(words[at + 3 : closes])))
        if words[closes + 1] != ",":
            return [*found, ("", tuple(words[closes + 1 :]))]
        at = closes + 2


def _joined(parts: Sequence[Part]) -> tuple[str, ...]:
    """The statement of steps."""
    words: list[str] = ["WITH"]
    for at, (name, body) in enumerate(parts[:-1]):
        words += [*([","] if at else []), name, "AS", "(", *body, ")"]
    return (*words, *parts[-1][1])


def _closing(words: Sequence[str], opens: int) -> int:
    """Where the parenthesis at a place is closed."""
    depth = 0
    for at in range(opens, len(words)):
        depth += {"(": 1, ")": -1}.get(words[at], 0)
        if depth == 0:
            return at
    raise ValueError("a parenthesis stays open")


@cache
def _alike(training: Trainer) -> list[Part]:
    """The steps with which the statements after the fit begin: the last one is the rows with their scores."""
    one, other = _parts(_plain(tokens(training.calibration(())))), _parts(_plain(tokens(training.held(1))))
    same = 0
    while one[same] == other[same]:
        same += 1
    return one[:same]


def _after(training: Trainer, text: str) -> tuple[str, ...]:
    """A statement without the steps that all begin with: it reads the table of the scores."""
    begins, parts = _alike(training), _parts(_plain(tokens(text)))
    if parts[: len(begins)] != begins:
        raise ValueError("the statement begins otherwise")
    names = {name for name, _ in begins}
    name = begins[-1][0]
    rest: list[Part] = [
        (one, tuple(_SCORED if word == name else word for word in body)) for one, body in parts[len(begins) :]
    ]
    if any(word in names for _, body in rest for word in body):
        raise ValueError("the statement reads more than the scores")
    return _joined(rest)


@cache
def _columns(asked: Asked, features: int) -> tuple[str, ...]:
    """The columns of what is fitted, in DuckDB, stars written out."""
    found: dict[str, tuple[str, ...]] = {}

    def of(select: ops.Expr) -> tuple[str, ...]:
        assert isinstance(select, exp.Select), "each step is one"
        names: list[str] = []
        for one in select.expressions:
            names += found[select.args["from_"].this.name] if one.is_star else [one.alias_or_name]
        return tuple(names)

    query = parse_one(asked.training(features, asked.values()).model(), dialect="duckdb")
    assert isinstance(query, exp.Query), "a statement is one"
    for cte in query.ctes:
        if cte.alias in ("source", "terms", "scored") or "ranked" in cte.alias or not _readable(cte.this, found):
            continue
        found[cte.alias] = of(cte.this)
    return of(query)


def _readable(select: ops.Expr, found: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether the columns of a step are known: it has no star, or one of a known step."""
    stars = [one for one in select.expressions if one.is_star]
    return not stars or select.args["from_"].this.name in found


def _dispatched() -> str:
    """The macros that find a statement in the dialect of the adapter, and what each detector keeps."""
    known = {
        name: {field.name: field.default for field in fields(detectors()[name])} for name in DETECTORS
    }
    lines = [
        "{%- macro stored_detectors() -%}",
        f"{{{{ return({json.dumps(known)}) }}}}",
        "{%- endmacro -%}",
        "",
    ]
    tables = {name: {"columns": dict(columns), "key": key} for name, (columns, key) in TABLES.items()}
    for name, value in (("catalog_tables", tables), ("package_version", __version__)):
        lines += [f"{{%- macro {name}() -%}}", f"{{{{ return({json.dumps(value)}) }}}}", "{%- endmacro -%}", ""]
    for name in STEPS:
        lines += [
            f"{{%- macro stored_{name}(s) -%}}",
            f"{{{{ adapter.dispatch('stored_{name}', 'sqlnomaly')(s) }}}}",
            "{%- endmacro -%}",
            "",
        ]
    for name in OWN:
        lines.append(f"{{%- macro stored_{name}(detector, s) -%}}")
        for at, detector in enumerate(DETECTORS):
            lines.append(f"{{%- {'el' if at else ''}if detector == '{detector}' -%}}")
            lines.append(f"{{{{ adapter.dispatch('stored_{name}_{detector}', 'sqlnomaly')(s) }}}}")
        lines += ["{%- endif -%}", "{%- endmacro -%}", ""]
        for detector in DETECTORS:
            refused = f"'{detector} keeps no model in dbt on ' ~ target.type ~ '; a session keeps it'"
            lines += [
                f"{{%- macro default__stored_{name}_{detector}(s) -%}}",
                f"{{{{ sqlnomaly.refuse({refused}) }}}}",
                "{%- endmacro -%}",
                "",
            ]
    return "\n".join(lines)

"""A detector as one expression of window functions, for macros that stand in a user's own SELECT.

There is one where the detector looks at the rows once. The plan is the compiler's, each step written into the
next one, but for two that the macro writes down once: a feature's term and the score.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlglot import exp

from sqlnomaly.dbt.bodies import DIALECTS, HELD, ROWS, THRESHOLD
from sqlnomaly.dbt.folding import SHOWN, Folded, fold, tokens, unfold
from sqlnomaly.dbt.jinja import statement
from sqlnomaly.dbt.merging import Key, merge
from sqlnomaly.dbt.options import holes
from sqlnomaly.dialects import Dialect, get_dialect
from sqlnomaly.install.macros import SPEAKING
from sqlnomaly.install.macros_levels import LEVELS, over
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.bind import Kind
from sqlnomaly.pushdown.columns import as_double
from sqlnomaly.pushdown.contract import Detector
from sqlnomaly.pushdown.fit import Fit
from sqlnomaly.pushdown.in_place import POSSIBLE, inlined
from sqlnomaly.pushdown.lower import lower, order_defaults
from sqlnomaly.pushdown.ops import Expr
from sqlnomaly.pushdown.plan import Feature, Group, Relation, Source
from sqlnomaly.pushdown.scored import score
from sqlnomaly.pushdown.verdict import Answers, Rule
from sqlnomaly.udfs.registry import detectors

ANSWERS: Mapping[str, tuple[str, ...]] = {"is_anomaly": (), "reason": (), "status": ("n", "scale")}
"""What a row may be asked beside its score, with the statistics that the answer reads."""
DETECTORS = ("zscore", "iqr", "percentile", "mad")
"""Detectors that look at the rows once, the last one on DuckDB alone, which has an aggregate for it."""
DIRECTIONS = ("both", "high", "low")
QUANTILES = frozenset({"duckdb", "snowflake", "bigquery", "spark"})
"""Dialects whose quantiles may be windows."""
_KEY = "_sn__key1"
_TERM, _SCORE = "sn_term_", "sn_score"


@dataclass(frozen=True, slots=True)
class Asked:
    """One part of a detector's answers in a dialect.

    Attributes:
        part: ``term``, ``score``, or one of ANSWERS.
    """

    kind: type[Detector]
    dialect: str
    part: str
    direction: str

    def words(self, features: int, threshold: float = THRESHOLD, min_rows: int = ROWS) -> tuple[str, ...]:
        """The tokens of the expression.

        Raises:
            LookupError: windows would nest, or the dialect has no such window.
        """
        dialect = SPEAKING if self.dialect == "duckdb" else get_dialect(self.dialect)
        fit = _fit(self.kind(direction=self.direction), features, min_rows)  # type: ignore[call-arg]
        wanted = {"score", self.part} & {"score", *ANSWERS}
        scored = score(fit, _beside(fit, dialect), wanted, ANSWERS.get(self.part, ()))
        named = {feature.stat("term"): exp.column(f"{_TERM}{feature.name}") for feature in fit.features}
        named[scored.score] = exp.column(_SCORE)
        if self.part == "term":
            found, named = fit.features[0].get("term"), {}
        elif self.part == "score":
            found = ops.column(scored.score)
            del named[scored.score]
        else:
            found = getattr(Answers(fit, scored, Rule(threshold, None, None), ""), self.part)()
        flat = inlined(found, scored.node, _source(fit, dialect), POSSIBLE, named)
        if flat is None:
            raise LookupError(f"{self}: windows in windows")
        return tokens(order_defaults(lower(flat, dialect), dialect).sql(dialect.sqlglot))

    def opened(self, features: int) -> tuple[str, ...]:
        """The tokens with Jinja in the place of the numbers that a user may give."""
        words, more = self.words(features), THRESHOLD * 1.0009765625
        values = {"s.threshold": (THRESHOLD, more), "s.min_rows": (ROWS, ROWS + 1)}
        places = holes(words, self.words(features, threshold=more, min_rows=ROWS + 1), values)
        if places is None:
            raise ValueError(f"{self}: an option changes more than numbers")
        return tuple(places.get(word, word) for word in words)

    def folded(self) -> Folded:
        """The expression of any number of features from two."""
        found = fold(self.opened(SHOWN))
        if found is None or any(unfold(found, number) != self.opened(number) for number in HELD):
            raise ValueError(f"{self} is not one expression with loops")
        return found


def files() -> Iterator[tuple[str, str]]:
    """The file of each dialect and detector, by its path below the folder of generated macros, and what is left."""
    for dialect in DIALECTS:
        for detector in DETECTORS:
            try:
                yield f"{dialect}/inline/{detector}.sql", macro(detector, dialect)
            except LookupError:
                continue
    yield "inline.sql", _dispatched()


def macro(detector: str, dialect: str) -> str:
    """The macro of a detector in a dialect.

    Raises:
        LookupError: it is no expression there.
    """
    kind = detectors()[detector]

    def text(part: str, *, several: bool) -> str:
        asked = {one: Asked(kind, dialect, part, one) for one in DIRECTIONS}
        parts: dict[Key, Folded] = {
            ("threshold", one): who.folded() if several else who.opened(1) for one, who in asked.items()
        }
        return _filled(statement(merge(parts)))

    lines = [f"{{%- macro {dialect}__sqlnomaly_inline_{detector}(s) -%}}"]
    term = text("term", several=False).replace("s.features[0]", "f")
    lines += ["{%- for f in s.features -%}", f"{{%- set term -%}}\n{term}\n{{%- endset -%}}"]
    lines += ["{%- do f.update({'term': '(' ~ term ~ ')'}) -%}", "{%- endfor -%}"]
    lines += [f"{{%- set score -%}}\n{_by_number(text, 'score')}\n{{%- endset -%}}"]
    lines += ["{%- do s.update({'score': '(' ~ score ~ ')'}) -%}", "{%- if s.answer == 'score' -%}", "{{ s.score }}"]
    for answer in ANSWERS:
        lines += [f"{{%- elif s.answer == '{answer}' -%}}", _by_number(text, answer)]
    return "\n".join([*lines, "{%- endif -%}", "{%- endmacro -%}", ""])


def _by_number(text, part: str) -> str:  # type: ignore[no-untyped-def]
    """What one feature has, and what several have."""
    one, several = text(part, several=False), text(part, several=True)
    return f"{{%- if s.features | length == 1 -%}}\n{one}\n{{%- else -%}}\n{several}\n{{%- endif -%}}"


def _filled(text: str) -> str:
    """The text with what is written down once in its places."""
    text = text.replace(f"{_TERM}x{{{{ loop.index }}}}", "{{ f.term }}")
    return text.replace(f"{_TERM}x1", "{{ s.features[0].term }}").replace(_SCORE, "{{ s.score }}")


def _dispatched() -> str:
    """The macros that find a detector's expression in the dialect of the adapter, and refuse the others."""
    lines = ["{%- macro inline_sql(detector, s) -%}"]
    for at, name in enumerate(DETECTORS):
        lines.append(f"{{%- {'el' if at else ''}if detector == '{name}' -%}}")
        lines.append(f"{{{{ adapter.dispatch('sqlnomaly_inline_{name}', 'sqlnomaly')(s) }}}}")
    lines += ["{%- else -%}", "{{ sqlnomaly.no_expression(detector) }}", "{%- endif -%}", "{%- endmacro -%}", ""]
    for name in DETECTORS:
        lines.append(f"{{%- macro default__sqlnomaly_inline_{name}(s) -%}}")
        lines += [f"{{{{ sqlnomaly.no_expression('{name}') }}}}", "{%- endmacro -%}", ""]
    return "\n".join(lines)


def _fit(detector: Detector, features: int, min_rows: int) -> Fit:
    """The fit of a call over so many features, in partitions."""
    numbers = range(1, features + 1)
    return Fit(
        number=1,
        detector=detector,
        features=tuple(Feature(f"x{number}", f"_sn_x{number}", f"_sn_x{number}") for number in numbers),
        raw=tuple(f"_sn_x{number}__raw" for number in numbers),
        keys=(_KEY,),
        order=(),
        frame=None,
        fitted=None,
        leave_one_out=False,
        nulls="propagate",
        min_rows=min_rows,
    )


def _beside(fit: Fit, dialect: Dialect) -> Relation:
    """The rows beside their model.

    Raises:
        LookupError: that is not one look at the rows, or the dialect has no window for it.
    """
    rows = fit.relation(Source(""))
    if fit.detector.name == "mad" and dialect is SPEAKING:
        return LEVELS["mad"](fit, rows)
    group = fit.detector.state(rows).node
    if not isinstance(group, Group) or not isinstance(group.data, Source):
        raise LookupError(f"{fit.detector.name} looks at the rows more than once")
    called = {str(part.this) for one in group.columns.values() for part in one.find_all(exp.Anonymous)}
    if "sn_quantile" in called and dialect.name not in QUANTILES:
        raise LookupError(f"{dialect.name} has no quantiles over windows")
    return fit.detector.finish(rows.extend("windows", over(rows, group.columns)))


def _source(fit: Fit, dialect: Dialect) -> Mapping[str, Expr]:
    """What the columns of the plan stand for: names for what a user writes."""
    found: dict[str, Expr] = {_KEY: lower(exp.column("sn_key"), dialect)}
    kind = Kind.UNKNOWN if dialect.star_except else Kind.FLOAT
    for feature, raw in zip(fit.features, fit.raw, strict=True):
        double, clean = as_double(exp.column(feature.name), kind)
        found[raw], found[feature.column] = lower(double, dialect), lower(clean, dialect)
    return found

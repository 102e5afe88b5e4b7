"""Anomaly SQL of other systems, read as it is: what of a statement is foreign becomes ours, the rest stays as it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sqlnomaly.dialects import Dialect
from sqlnomaly.frontends import (
    bigquery,
    bigquery_detect,
    bigquery_series,
    clickhouse,
    confluent,
    confluent_arima,
    snowflake,
    vertica,
    vertica_apply,
)
from sqlnomaly.frontends.context import Context, Edit, Models, Queries
from sqlnomaly.frontends.text import Text, read_text
from sqlnomaly.pushdown.statements import Statement

STATEMENTS: tuple[Callable[[Text], Statement | str | None], ...] = (
    bigquery.create_model,
    bigquery.drop_model,
    snowflake.statement,
    vertica.statement,
)
"""Readers of whole statements; each gives None for what is none of its own."""
FORMS: Mapping[str, Callable[[Text, int, Context], Edit | None]] = {
    "ML": bigquery_detect.detect,
    "AI": bigquery_series.detect,
    "APPLY_IFOREST": vertica_apply.apply_forest,
    "ML_DETECT_ANOMALIES": confluent_arima.forecast,
    "ML_DETECT_ANOMALIES_ROBUST": confluent.robust,
    "SERIESOUTLIERSDETECTTUKEY": clickhouse.tukey,
    "!": snowflake.method,
}
"""First word -> the reader of a form inside a statement, which gives None for what only begins like it."""
REFUSALS: Mapping[str, Callable[[Text, int], None]] = {
    "SNOWFLAKE": snowflake.refuse_class,
    "AI_DETECT_ANOMALIES": confluent.refuse,
}
"""First word -> what raises where it begins a form that we do not have."""

_MENTION = re.compile(
    r"\bMODEL\b|DETECT_ANOMALIES|ANOMALY_DETECTION|\bPARAMETERS\b|IFOREST|DETECT_OUTLIERS|seriesOutliersDetectTukey|\w!\s*\w",
    re.IGNORECASE,
)
"""What a statement without any foreign form does not say."""


def may_be_foreign(sql: str) -> bool:
    """Whether a statement says a word of another system, so that it need not parse before ``foreign`` has read it.

    Example:
        >>> may_be_foreign("CALL m!DETECT_ANOMALIES()"), may_be_foreign("SELECT amount FROM orders")
        (True, False)
    """
    return _MENTION.search(sql) is not None


def foreign(
    sql: str, dialect: Dialect, models: Models, write: Dialect | None = None, queries: Queries | None = None
) -> Statement | str | None:
    """What a statement in the words of another system is in ours.

    Args:
        sql: one statement without its semicolon.
        dialect: what it is written in, and what the result is written in.
        models: gives a stored model by its name.
        write: the dialect that will run it, the same one if left out.
        queries: gives the query that a stored model was fitted on.

    Returns:
        None if nothing of it is foreign; the statement about a model that it is; or the SQL with our calls in the place
        of the foreign ones, on the same lines.

    Raises:
        SqlnomalyError: for what we cannot say truthfully, naming the place and what to write.

    Example:
        >>> from sqlnomaly.dialects import get_dialect
        >>> foreign("DROP MODEL IF EXISTS `p.d.Fraud`", get_dialect("bigquery"), models={}.__getitem__)
        DropModel(name='p.d.fraud', version=None, if_exists=True)
    """
    if not may_be_foreign(sql):
        return None
    context = Context(write or dialect, models, queries)
    text = read_text(sql, dialect)
    while text is not None and (edit := _last_form(text, context)) is not None:
        text = read_text(_edited(text, edit), dialect)
    if text is None:
        return None
    found = next((one for read in STATEMENTS if (one := read(text)) is not None), None)
    return found or (None if text.sql == sql else text.sql)


def _last_form(text: Text, context: Context) -> Edit | None:
    """The edit for the last form, which holds no other."""
    for number in reversed(range(len(text.tokens))):
        word = text.word(number)
        if word in REFUSALS:
            REFUSALS[word](text, number)
        if word in FORMS and (edit := FORMS[word](text, number, context)) is not None:
            return edit
    return None


def _edited(text: Text, edit: Edit) -> str:
    """The statement with the edit made; what follows it stays on its line."""
    old = text.sql if edit.whole else text.slice(edit.first, edit.end)
    start = 0 if edit.whole else text.start(edit.first)
    lines = "\n" * max(old.count("\n") - edit.sql.count("\n"), 0)
    return f"{text.sql[:start]}{edit.sql}{lines}{text.sql[start + len(old) :]}"

"""BigQuery: ``CALL sqlnomaly.detect_anomalies(..)``, a procedure over functions that write its statements.

All of the work is in SQL functions that give texts, so that any engine of GoogleSQL can be asked for them; the
procedure only runs the texts. Names come out of the catalog and go between backquotes; a value is written by
FORMAT('%T').

What BigQuery's reference says, by the titles of its pages:

* "Procedural language": EXECUTE IMMEDIATE runs one statement, has INTO and USING; a variable may hold the statement;
  temporary tables live until the script ends. "Query syntax", WITH clause: a non-recursive common table expression is
  computed anew for each reference. So the rows are numbered in a temporary table, once.
* "Numbering functions": ROW_NUMBER without PARTITION BY is one window over all rows, on one worker; a UUID is not.
* "Window function calls": PARTITION BY takes no FLOAT64, ARRAY or STRUCT. So a partition is the text of its keys.
* "Navigation functions": the second argument of PERCENTILE_CONT is a constant. So it is written into the text.
* "INFORMATION_SCHEMA.COLUMNS": names and types of tables and views of a dataset, for who may see its metadata.
* "Quotas and limits": an unresolved query has at most 1 MB; a feature adds about 100 bytes to some 14 KB.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sqlglot import exp

from sqlnomaly.dialects import get_dialect
from sqlnomaly.errors import UsageError
from sqlnomaly.install import bigquery_texts as texts
from sqlnomaly.install import cells, in_force
from sqlnomaly.install.pack import OWNER, Item, Pack
from sqlnomaly.pushdown.bind import Kind
from sqlnomaly.pushdown.columns import as_double
from sqlnomaly.pushdown.lower import lower
from sqlnomaly.pushdown.relation_form import COLUMNS
from sqlnomaly.pushdown.relation_words import NAME

DIALECT = "bigquery"
SCHEMA = "sqlnomaly"
"""The dataset where the objects go, if no other is named."""
ROWS = "_sn_rows"
"""The temporary table of the numbered rows."""
ROW, PART = "_sn_row", "_sn_part"
"""The columns that it adds."""

HOLE = "_sn_hole"
"""Stands for the column in the text of a conversion."""

FEATURES: Mapping[str, Kind] = {
    "FLOAT64": Kind.DECIMAL,  # cast like the exact numbers: a hole in a text shows no type
    "INT64": Kind.INTEGER,
    "NUMERIC": Kind.DECIMAL,
    "BIGNUMERIC": Kind.DECIMAL,
    "BOOL": Kind.BOOLEAN,
    "DATE": Kind.DATE,
    "DATETIME": Kind.TIMESTAMP,
    "TIMESTAMP": Kind.TIMESTAMPTZ,
}
"""The types of a feature."""

COLUMNS_TYPE = "ARRAY<STRUCT<name STRING, kind STRING>>"
PATH, FOUND, NUMBERED, JUDGED = (
    "anomaly_path",
    "anomaly_columns_sql",
    "anomaly_rows_sql",
    "anomaly_detection_sql",
)
"""The functions."""


def pack(schema: str | None = None) -> Pack:
    """The functions and the procedure, in a dataset, which has to exist.

    Raises:
        UsageError: for a name that no dataset has.
    """
    dataset = _dataset(schema or SCHEMA)
    items = tuple(
        Item(kind, f"{dataset}.{name}", text, f"DROP {kind.upper()} IF EXISTS {dataset}.{name}")
        for kind, name, text in _objects(dataset)
    )
    call = f"CALL {dataset}.detect_anomalies('shop.orders', ['amount', 'items'], 'ecod', ['store'], NULL, NULL, NULL)"
    return Pack(
        DIALECT,
        f"sqlnomaly for BigQuery: {NAME}, a procedure that judges a table by itself",
        (
            f"The dataset has to exist: CREATE SCHEMA IF NOT EXISTS {dataset}. Run this with",
            "    bq query --use_legacy_sql=false < bigquery.sql",
            "then",
            f"    {call}",
            "Its arguments: table or view (dataset.table or project.dataset.table), features, detector (NULL: zscore),",
            "partition_by, threshold, contamination, and the table to make (NULL: the result is shown). At most one of",
            "threshold and contamination; NULL for both is the detector's own rule. No table is replaced.",
            f"Detectors: {', '.join(cells.names())}.",
            "Who calls it needs bigquery.routines.get here, bigquery.tables.get and getData on the table, and the",
            "right to create the result where one is named. The table is read once, into a temporary copy.",
            "Of the models that sessions keep in the dataset sqlnomaly:",
            f"    CALL {dataset}.{in_force.SHOW}(); CALL {dataset}.{in_force.SET}('fraud', 2); "
            f"CALL {dataset}.{in_force.DROP}('fraud')",
            "To be called from other projects, make it with its own project: --schema project.dataset.",
        ),
        items,
    )


def _dataset(schema: str) -> str:
    """A dataset, maybe with its project, in backquotes."""
    parts = schema.rsplit(".", 1)
    dataset, project = parts[-1], parts[0] if len(parts) == 2 else None
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
    allowed = [(dataset, letters), (project, letters + "-.:")]
    if any(part is not None and (not part or set(part) - set(chars)) for part, chars in allowed):
        raise UsageError(f"{schema!r} is no dataset", hint="a name such as sqlnomaly or project.sqlnomaly")
    return ".".join(f"`{part}`" for part in (project, dataset) if part)


def _objects(dataset: str) -> Iterator[tuple[str, str, str]]:
    """Kind, name and text of each object, in the order in which they can be made."""
    functions = (
        (PATH, texts.PATH_PARAMETERS, texts.PATH),
        (FOUND, texts.COLUMNS_PARAMETERS, texts.COLUMNS),
        (NUMBERED, texts.ROWS_PARAMETERS, texts.filled(texts.ROWS, refusals=_branches(_of_rows()))),
        (JUDGED, texts.JUDGED_PARAMETERS, _judged()),
    )
    words = {
        "spelled": texts.SPELLED,
        "kind": texts.KIND,
        "columns_type": COLUMNS_TYPE,
        "path": f"{dataset}.{PATH}",
        "columns": f"{dataset}.{FOUND}",
        "numbered": f"{dataset}.{NUMBERED}",
        "judged": f"{dataset}.{JUDGED}",
        "rows": ROWS,
        "row": ROW,
        "part": PART,
        "dataset": dataset,
        "owned": OWNER,
    }
    for name, parameters, body in functions:
        yield (
            "function",
            name,
            texts.filled(texts.FUNCTION, name=name, parameters=parameters, body=body, **words),
        )
    yield "procedure", NAME, texts.filled(texts.PROCEDURE, name=NAME, **words)
    for name in in_force.TEXTS[DIALECT]:
        yield "procedure", name, in_force.create(DIALECT, name, f"{dataset}.")


def _branches(cases: Iterable[tuple[str, str]]) -> str:
    """Branches that end the call: a condition and a text, as SQL."""
    return "\n".join(f"    WHEN {condition}\n    THEN ERROR({message})" for condition, message in cases)


def _words_of(option: str) -> tuple[str, str]:
    """Refuses words that are no columns."""
    unknown = texts.filled(texts.UNKNOWN, words=option)
    return f"{unknown} IS NOT NULL", f"FORMAT('{option}: the table has no column %T', {unknown})"


def _of_rows() -> Iterator[tuple[str, str]]:
    """What is wrong with a table or with partition_by."""
    taken = ", ".join(f"'{name}'" for name in (*COLUMNS, ROW, PART))
    yield (
        "IFNULL(ARRAY_LENGTH(found), 0) = 0",
        "FORMAT('table %T does not exist, or may not be seen', table_name)",
    )
    yield (
        texts.filled(texts.TAKEN, taken=taken),
        "'a column of the table has a name that detect_anomalies adds: rename it in a view'",
    )
    yield (
        texts.UNQUOTABLE,
        "'a column of the table has a backquote or a backslash in its name: rename it in a view'",
    )
    yield _words_of("partition_by")


def _of_options() -> Iterator[tuple[str, str]]:
    """What is wrong with the other arguments."""
    for name, reason in cells.refusals().items():
        yield f"detector = '{name}'", _text(f"{name} is not for this procedure: {reason}")
    allowed = cells.names()
    known = ", ".join(f"'{name}'" for name in allowed)
    yield (
        f"detector NOT IN ({known})",
        f"FORMAT('unknown detector %T; allowed: {', '.join(allowed)}', detector)",
    )
    yield "IFNULL(ARRAY_LENGTH(features), 0) = 0", "'name at least one feature'"
    yield _words_of("features")
    odd = texts.filled(texts.ODD, known=", ".join(f"'{name}'" for name in FEATURES))
    yield (
        f"{odd} IS NOT NULL",
        f"FORMAT('feature %T is no number, boolean, date or timestamp: cast it in a view', {odd})",
    )
    yield (
        "threshold IS NOT NULL AND contamination IS NOT NULL",
        "'threshold and contamination exclude each other: give NULL for one'",
    )
    yield "IS_NAN(threshold) OR IS_INF(threshold)", "'threshold has to be a number'"
    yield (
        "IS_NAN(contamination) OR contamination <= 0 OR contamination > 0.5",
        "'contamination has to be above 0, and at most 0.5'",
    )


def _judged() -> str:
    """The body of the function that writes the judging statement."""
    allowed = cells.names()
    fixed = [(name, value) for name in allowed if (value := cells.default_fixed(name)) is not None]
    share = [(name, cells.default_share(name)) for name in allowed]
    return texts.filled(
        texts.JUDGED,
        refusals=_branches(_of_options()),
        cells=cells.CELLS,
        cell_row=cells.ROW,
        cell_part=cells.PART,
        feature=cells.FEATURE,
        value=cells.VALUE,
        doubles="\n".join(
            f"                WHEN '{name}' THEN r'''{_double(kind)}'''" for name, kind in FEATURES.items()
        ),
        hole=HOLE,
        queries="\n".join(
            f"            WHEN '{name}' THEN r'''\n{cells.query(name, DIALECT)}\n'''" for name in allowed
        ),
        fixed=cells.FIXED,
        default_fixed=" ".join(f"WHEN '{name}' THEN {value!r}" for name, value in fixed),
        share=cells.SHARE,
        default_share=" ".join(f"WHEN '{name}' THEN {value!r}" for name, value in share),
        answers=", ".join(f"_sn_judged.{name}" for name in COLUMNS[:4]),
    )


def _double(kind: Kind) -> str:
    """The conversion of a column, HOLE, to DOUBLE, as the compiler says it."""
    value, _ = as_double(exp.column(HOLE), kind)
    return f"CAST({lower(value, get_dialect(DIALECT)).sql(DIALECT)} AS FLOAT64)"


def _text(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"

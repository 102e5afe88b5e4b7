"""The table macro of DuckDB: every detector over cells, for any table by its name.

Only the chosen detector's query is bound: ``query()`` takes a text that is known when the statement is planned, and the
macro chooses among fixed texts. No name that a user gives becomes part of a text: tables and columns are found by
``query_table`` and ``COLUMNS``, which take names as values. Of numbers the threshold and the share go into the text.
"""

from __future__ import annotations

from sqlnomaly.install import cells
from sqlnomaly.install.macros import NUMBER, TAKES
from sqlnomaly.pushdown.named import DEFAULT_DETECTOR
from sqlnomaly.pushdown.ops import LARGEST
from sqlnomaly.pushdown.relation_form import COLUMNS

NAME = "detect_anomalies"
PARAMETERS = (
    f"relation, features, detector := '{DEFAULT_DETECTOR}', partition_by := [], "
    "threshold := NULL, contamination := NULL"
)

TEMPLATE = """\
CREATE OR REPLACE MACRO {schema}{name}({parameters}) AS TABLE
WITH _sn_table AS MATERIALIZED (
  SELECT ROW_NUMBER() OVER () AS _sn_number, _sn_given AS _sn_row FROM query_table(relation) AS _sn_given
), _sn_wide AS (
  SELECT _sn_number, 0 AS _sn_one, UNNEST(_sn_row) FROM _sn_table
), _sn_clean AS (
  SELECT
    _sn_number,
    {part} AS _sn_part,
    CASE WHEN {takes}(COLUMNS(features)) THEN {number}(COLUMNS(features)) END
  FROM _sn_wide
), _sn_long AS (
  FROM _sn_clean UNPIVOT INCLUDE NULLS (_sn_value FOR _sn_name IN (COLUMNS(* EXCLUDE (_sn_number, _sn_part))))
), {cells} AS (
  SELECT
    _sn_number AS row_id,
    _sn_part AS part,
    LIST_POSITION(LIST_TRANSFORM(features, LAMBDA _sn_f : LOWER(_sn_f)), LOWER(_sn_name)) AS feature,
    _sn_value AS x
  FROM _sn_long
), _sn_verdicts AS (
  FROM query(REPLACE(REPLACE({choice}, '{fixed}', {fixed_text}), '{share}', {share_text}))
), _sn_names AS (
  SELECT LIST(LOWER(column_name)) AS names FROM (DESCRIBE FROM query_table(relation))
)
SELECT
  UNNEST(_sn_table._sn_row),
  _sn_verdicts.anomaly_score,
  _sn_verdicts.anomaly_probability,
  _sn_verdicts.is_anomaly,
  _sn_verdicts.anomaly_threshold,
  features[_sn_verdicts.anomaly_feature] AS anomaly_reason,
  _sn_verdicts.anomaly_status
FROM _sn_table
JOIN _sn_verdicts ON _sn_table._sn_number = _sn_verdicts.row_id
CROSS JOIN _sn_names
WHERE CASE WHEN LIST_HAS_ANY(names, {columns}) THEN ERROR({taken}) ELSE TRUE END"""


def table_macro(schema: str) -> str:
    """The statement that makes it; schema as it stands in front of names, with its dot, or empty."""
    return TEMPLATE.format(
        schema=schema,
        name=NAME,
        parameters=PARAMETERS,
        number=f"{schema}{NUMBER}",
        takes=f"{schema}{TAKES}",
        part="DENSE_RANK() OVER (ORDER BY ROW(*COLUMNS(LIST_CONCAT(['_sn_one'], partition_by))))",
        cells=cells.CELLS,
        choice=_choice(),
        fixed=cells.FIXED,
        share=cells.SHARE,
        fixed_text=_fixed(),
        share_text=_share(),
        columns="[" + ", ".join(text(name) for name in COLUMNS) + "]",
        taken=text(f"the relation has a column that {NAME} adds: rename it in a view ({', '.join(COLUMNS)})"),
    )


def text(value: str) -> str:
    """A text literal."""
    return "'" + value.replace("'", "''") + "'"


def _choice() -> str:
    """The text of the chosen detector's query, or an error with what is allowed."""
    checks = {
        "threshold IS NOT NULL AND contamination IS NOT NULL": "threshold and contamination exclude each other: "
        "threshold fixes the score, contamination the share of rows; keep one",
        "NOT COALESCE(CAST(contamination AS DOUBLE) > 0 AND CAST(contamination AS DOUBLE) <= 0.5, TRUE)": (
            "contamination is out of range: above 0, at most 0.5"
        ),
        f"NOT COALESCE(ABS(CAST(threshold AS DOUBLE)) <= {LARGEST!r}, TRUE)": (
            "threshold is no number between -1e150 and 1e150"
        ),
        "COALESCE(LEN(features), 0) = 0": "no features: name the columns to judge by, as in ['amount', 'items']",
        "LEN(LIST_DISTINCT(LIST_TRANSFORM(features, LAMBDA _sn_f : LOWER(_sn_f)))) < LEN(features)": "a feature is "
        "named twice, or is NULL",
    }
    lines = [f"  WHEN {condition} THEN ERROR({text(message)})" for condition, message in checks.items()]
    wanted = "LOWER(COALESCE(detector, 'NULL'))"
    queries = {name: text(_short(cells.query(name, "duckdb"))) for name in cells.names()}
    refused = {
        name: f"ERROR({text(f'{name} is refused by {NAME}: {reason}')})"
        for name, reason in cells.refusals().items()
    }
    lines += [f"  WHEN {wanted} = '{name}' THEN {chosen}" for name, chosen in (queries | refused).items()]
    unknown = text(f"unknown detector %: one of {', '.join(cells.names())}")
    lines.append(f"  ELSE ERROR(REPLACE({unknown}, '%', COALESCE(detector, 'NULL')))")
    return "CASE\n" + "\n".join(lines) + "\nEND"


def _short(query: str) -> str:
    """The query without its indentation; it holds no text literal with two blanks."""
    return " ".join(query.split())


def _fixed() -> str:
    """The threshold as text: given, or the detector's own, or NULL where a quantile is asked or its own."""
    own = {name: cells.default_fixed(name) for name in cells.names()}
    branches = " ".join(
        f"WHEN '{name}' THEN {text(repr(value))}" for name, value in own.items() if value is not None
    )
    return (
        "CASE WHEN threshold IS NOT NULL THEN '''' || CAST(CAST(threshold AS DOUBLE) AS VARCHAR) || '''' "
        f"WHEN contamination IS NOT NULL THEN 'NULL' ELSE COALESCE(CASE LOWER(detector) {branches} END, 'NULL') END"
    )


def _share() -> str:
    """The share of the quantile as text."""
    own = f"CASE LOWER(detector) {_own_shares()} ELSE {cells.UNUSED_SHARE!r}e0 END"
    share = f"COALESCE(1e0 - CAST(contamination AS DOUBLE), {own})"
    return f"'CAST(''' || CAST({share} AS VARCHAR) || ''' AS DOUBLE)'"


def _own_shares() -> str:
    return " ".join(f"WHEN '{name}' THEN {cells.default_share(name)!r}e0" for name in cells.names())

"""Snowflake: ``CALL detect_anomalies(..)``, a procedure of Snowflake Scripting over a function that writes its SQL.

The statement is the query over cells, compiled like any other, so its numbers are the language's. The function that
writes it is Python of the standard library; it looks names up in the table's columns and quotes them, and writes
numbers by repr, so nothing that a caller typed is read as SQL.

What Snowflake's documentation says, by the titles of its pages:

* "Understanding caller's rights and owner's rights stored procedures": EXECUTE AS CALLER runs with the caller's own
  privileges, so nobody reads a table through this that he may not read.
* "Working with RESULTSETs", "EXECUTE IMMEDIATE": a variable may hold the statement, and RETURN TABLE gives its rows.
* "Writing stored procedures in Snowflake Scripting": a body of 100 KB is advised; clients other than Snowsight want it
  between dollar signs. The procedure has 1 KB, the statement 8 to 15 KB and about 60 bytes more for each feature.
* "Introduction to Python UDFs": a handler without packages needs no terms of the Anaconda channel.
* "PERCENTILE_CONT": the percentile is a constant. So it is written into the statement.
* "UUID_STRING": a random value for each row; a query may compute a common table expression twice, so the rows are
  numbered in a temporary table, once. It stays until the session ends or the next call replaces it.
* "Vectorized Python UDTFs": ``end_partition`` gets a partition as a DataFrame, and gives the rows that it returns;
  numpy and pandas are in the Anaconda channel. A NULL of FLOAT comes as NaN, so a NaN counts as missing there.

The vectorized function is for queries and views, where no procedure can be called. Its numpy is made from the plans of
the detectors (``numpy_plan``), and the rules of rows are said anew: tests hold both to the reference.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from types import ModuleType

from sqlglot import exp

from sqlnomaly.dialects import get_dialect
from sqlnomaly.errors import UsageError
from sqlnomaly.install import cells, in_force, snowflake_handler, snowflake_vectorized
from sqlnomaly.install.numpy_plan import statements
from sqlnomaly.install.pack import OWNER, Item, Pack
from sqlnomaly.pushdown import ops
from sqlnomaly.pushdown.bind import Kind
from sqlnomaly.pushdown.columns import as_double
from sqlnomaly.pushdown.contract import Reduce, Tolerance
from sqlnomaly.pushdown.lower import lower
from sqlnomaly.pushdown.relation_form import COLUMNS
from sqlnomaly.udfs.registry import detectors

DIALECT = "snowflake"
WRITER, PROCEDURE, VECTORIZED = "ANOMALY_DETECTION_SQL", "DETECT_ANOMALIES", "ANOMALIES"
"""The objects."""
PYTHON = "3.11"
MOST = 4
"""The features of the vectorized function, which has a signature for each number of them."""
CUT = "# -- 8< --"
"""What stands above it in the handler's module is not installed."""

KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(("NUMBER", "FLOAT", "DECFLOAT"), Kind.DECIMAL),
    "BOOLEAN": Kind.BOOLEAN,
    "DATE": Kind.DATE,
    "TIMESTAMP_NTZ": Kind.TIMESTAMP,
    **dict.fromkeys(("TIMESTAMP_LTZ", "TIMESTAMP_TZ"), Kind.TIMESTAMPTZ),
}
"""The types of a feature, as DESCRIBE says them."""

FUNCTION = """\
CREATE OR REPLACE FUNCTION {{writer}}(
  FOUND ARRAY, FEATURES ARRAY, DETECTOR VARCHAR, PARTITION_BY ARRAY, THRESHOLD FLOAT, CONTAMINATION FLOAT
)
RETURNS VARCHAR
LANGUAGE PYTHON
RUNTIME_VERSION = '{{python}}'
HANDLER = 'statement'
COMMENT = '{{owned}}'
AS
$$
{{handler}}
$$"""

SCRIPT = """\
CREATE OR REPLACE PROCEDURE {{procedure}}(
  TABLE_NAME VARCHAR,
  FEATURES ARRAY,
  DETECTOR VARCHAR DEFAULT 'zscore',
  PARTITION_BY ARRAY DEFAULT NULL,
  THRESHOLD FLOAT DEFAULT NULL,
  CONTAMINATION FLOAT DEFAULT NULL
)
RETURNS TABLE ()
LANGUAGE SQL
COMMENT = '{{owned}}'
EXECUTE AS CALLER
AS
$$
DECLARE
  found ARRAY;
  judging VARCHAR;
  answers RESULTSET;
BEGIN
  DESCRIBE TABLE IDENTIFIER(:TABLE_NAME);
  SELECT ARRAY_AGG(OBJECT_CONSTRUCT('name', "name", 'kind', "type")) INTO :found
    FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))
    WHERE "kind" = 'COLUMN';
  SELECT {{writer}}(:found, :FEATURES, :DETECTOR, :PARTITION_BY, :THRESHOLD, :CONTAMINATION) INTO :judging;
  CREATE OR REPLACE TEMPORARY TABLE _sn_rows AS
    SELECT UUID_STRING() AS _sn_row, given.* FROM IDENTIFIER(:TABLE_NAME) AS given;
  answers := (EXECUTE IMMEDIATE :judging);
  RETURN TABLE(answers);
END
$$"""

TABLE = """\
CREATE OR REPLACE FUNCTION {{vectorized}}(
  ROW_ID VARCHAR, DETECTOR VARCHAR, THRESHOLD FLOAT, CONTAMINATION FLOAT, {{features}}
)
RETURNS TABLE (
  ROW_ID VARCHAR,
  ANOMALY_SCORE FLOAT,
  ANOMALY_PROBABILITY FLOAT,
  IS_ANOMALY BOOLEAN,
  ANOMALY_THRESHOLD FLOAT,
  ANOMALY_FEATURE NUMBER,
  ANOMALY_STATUS VARCHAR
)
LANGUAGE PYTHON
RUNTIME_VERSION = '{{python}}'
PACKAGES = ('numpy', 'pandas')
HANDLER = 'Anomalies'
COMMENT = '{{owned}}'
AS
$$
{{vectorized_handler}}
$$"""

NOTES = """\
Run this in a worksheet, in a schema where you may create functions and procedures; then, for example,
    CALL {{procedure}}('orders', ['amount', 'items'], 'ecod', ['store']);
Its arguments: table or view, features, detector ('zscore'), partition_by, threshold, contamination: at most one of
the last two; the detector's own rule without them. It gives every column and six more. By name: FEATURES => ['amount'].
Detectors: {{detectors}}.
It runs with the rights of its caller, who needs SELECT on the table, and a schema in use for the temporary table
_SN_ROWS, a copy of the table that the session keeps until its end.
In a query or a view, up to {{most}} features of FLOAT, the reason as the number of the feature:
    SELECT a.* FROM orders, TABLE({{vectorized}}(id::VARCHAR, 'ecod', NULL::FLOAT, NULL::FLOAT,
        amount::FLOAT, items::FLOAT) OVER (PARTITION BY store)) AS a;
Of the models that sessions keep in schema sqlnomaly, {{show}} says which are in force:
    CALL {{show}}(); CALL {{set}}('fraud', 2); CALL {{drop}}('fraud');
A NaN counts as missing there: IFF(amount = 'NaN'::FLOAT, 'inf'::FLOAT, amount) keeps it out_of_range.
Others may call them after
    GRANT USAGE ON DATABASE <database> TO ROLE <role>;
    GRANT USAGE ON SCHEMA <database>.<schema> TO ROLE <role>;
    GRANT USAGE ON PROCEDURE {{procedure}}{{procedure_types}} TO ROLE <role>;
    GRANT USAGE ON FUNCTION {{writer}}{{writer_types}} TO ROLE <role>;
    GRANT USAGE ON FUNCTION {{vectorized}}{{one}} TO ROLE <role>;
the last one for each number of features: one more FLOAT each."""

METHOD = """\
class Anomalies:
    @vectorized(input=pd.DataFrame)
    def end_partition(self, rows):
        return judged(rows)"""

WRITER_TYPES = "(ARRAY, ARRAY, VARCHAR, ARRAY, FLOAT, FLOAT)"
PROCEDURE_TYPES = "(VARCHAR, ARRAY, VARCHAR, ARRAY, FLOAT, FLOAT)"
MODELS = {in_force.SHOW: "()", in_force.SET: "(VARCHAR, NUMBER)", in_force.DROP: "(VARCHAR)"}
"""The procedures about stored models, with the types of their arguments."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*|\"(?:[^\"]|\"\")+\"")


def pack(schema: str | None = None) -> Pack:
    """The function and the procedure, in a schema that exists, or in the one that is in use.

    Raises:
        UsageError: for a name that no schema has.
    """
    prefix = "" if schema is None else f"{_schema(schema)}."
    words = {
        "writer": prefix + WRITER,
        "procedure": prefix + PROCEDURE,
        "owned": OWNER,
        "python": PYTHON,
        "procedure_types": PROCEDURE_TYPES,
        "writer_types": WRITER_TYPES,
        "detectors": ", ".join(cells.names()),
        "most": str(MOST),
        "handler": handler(),
        "vectorized": prefix + VECTORIZED,
        "vectorized_handler": vectorized_handler(),
        "show": f"{prefix}{in_force.SHOW.upper()}",
        "set": f"{prefix}{in_force.SET.upper()}",
        "drop": f"{prefix}{in_force.DROP.upper()}",
    }
    function, procedure = words["writer"], words["procedure"]
    return Pack(
        DIALECT,
        f"sqlnomaly for Snowflake: {PROCEDURE}, a procedure that judges a table by itself",
        tuple(_filled(NOTES, words | {"one": _table_types(1)}).splitlines()),
        (
            Item(
                "function",
                function,
                _filled(FUNCTION, words),
                f"DROP FUNCTION IF EXISTS {function}{WRITER_TYPES}",
            ),
            Item(
                "procedure",
                procedure,
                _filled(SCRIPT, words),
                f"DROP PROCEDURE IF EXISTS {procedure}{PROCEDURE_TYPES}",
            ),
            *(_table(number, words) for number in range(1, MOST + 1)),
            *(
                Item(
                    "procedure",
                    f"{prefix}{name.upper()}",
                    in_force.create(DIALECT, name, prefix),
                    f"DROP PROCEDURE IF EXISTS {prefix}{name.upper()}{types}",
                )
                for name, types in MODELS.items()
            ),
        ),
    )


def _table(number: int, words: Mapping[str, str]) -> Item:
    """The vectorized function of so many features."""
    name = words["vectorized"]
    features = ", ".join(f"X{place} FLOAT" for place in range(1, number + 1))
    return Item(
        "function",
        name,
        _filled(TABLE, {"features": features, **words}),
        f"DROP FUNCTION IF EXISTS {name}{_table_types(number)}",
    )


def _table_types(number: int) -> str:
    return "(VARCHAR, VARCHAR, FLOAT, FLOAT" + ", FLOAT" * number + ")"


def handler() -> str:
    """The text of the handler, tables first."""
    allowed = cells.names()
    source = _source(snowflake_handler)
    source = (
        source.replace("  # type: ignore[no-untyped-def]", "").replace(": Any", "").replace(" -> str", "")
    )
    queries = "".join(f'    "{name}": """\n{cells.query(name, DIALECT)}\n""",\n' for name in allowed)
    fixed = {name: cells.default_fixed(name) for name in allowed if cells.default_fixed(name) is not None}
    shares = {name: cells.default_share(name) for name in allowed}
    doubles = {name: _double(kind) for name, kind in KINDS.items()}
    return "\n".join(
        (
            f"QUERIES = {{\n{queries}}}",
            f"FIXED = {fixed!r}",
            f"SHARES = {shares!r}",
            f"REFUSED = {dict(cells.refusals())!r}",
            f"DOUBLES = {doubles!r}",
            f"TAKEN = {[*(name.upper() for name in COLUMNS), '_SN_ROW', '_SN_PART']!r}",
            "",
            "",
            source,
        )
    )


def vectorized_handler() -> str:
    """The text of the vectorized handler: imports, tables, its own text, and each detector's statements."""
    allowed = cells.names()
    kinds = {name: detectors()[name] for name in allowed}
    fixed = {name: cells.default_fixed(name) for name in allowed if cells.default_fixed(name) is not None}
    programs = "\n\n\n".join(
        f"def {name}(v):\n" + "\n".join(f"    {line}" for line in statements(name)) for name in allowed
    )
    return "\n".join(
        (
            "import numpy as np",
            "import pandas as pd",
            "from typing import Any",
            "from _snowflake import vectorized",
            "",
            f"FIXED = {fixed!r}",
            f"SHARES = { ({name: cells.default_share(name) for name in allowed})!r}",
            f"ROWS = { ({name: kind.rows for name, kind in kinds.items()})!r}",
            f"SUMMED = {tuple(name for name, kind in kinds.items() if kind.reduce is Reduce.SUM)!r}",
            f"REFUSED = {dict(cells.refusals())!r}",
            f"LARGEST = {ops.LARGEST!r}",
            f"TOLERANCE = {Tolerance.ELEMENTWISE.relative!r}",
            "",
            "",
            _source(snowflake_vectorized),
            "",
            "",
            programs,
            "",
            "",
            "TERMS = {" + ", ".join(f'"{name}": {name}' for name in allowed) + "}",
            "",
            "",
            METHOD,
        )
    )


def _source(module: ModuleType) -> str:
    """What is installed of a module."""
    return inspect.getsource(module).split(CUT)[1].partition("\n")[2].strip()


def _double(kind: Kind) -> str:
    """The conversion of a column, _SN_HOLE, to DOUBLE, as the compiler says it."""
    value, _ = as_double(exp.column("_SN_HOLE"), kind)
    return f"CAST({lower(value, get_dialect(DIALECT)).sql(DIALECT)} AS DOUBLE)"


def _schema(schema: str) -> str:
    """A schema, maybe with its database, as it is written."""
    if not re.fullmatch(rf"(?:{_NAME.pattern})(?:\.(?:{_NAME.pattern}))?", schema):
        raise UsageError(f"{schema!r} is no schema", hint='a name such as analytics.sqlnomaly or "My schema"')
    return schema


def _filled(text: str, words: Mapping[str, str]) -> str:
    for name, value in words.items():
        text = text.replace("{{" + name + "}}", value)
    return text

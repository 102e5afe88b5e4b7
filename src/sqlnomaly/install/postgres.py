"""What is installed in PostgreSQL: PL/pgSQL that turns a table into cells and judges them.

The function takes ``NULL::orders`` and gives rows of that table's own type: a function that is given a name could only
promise ``record``, and every caller would have to list the columns. The procedure takes names, and fills a temporary
table that any client reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sqlnomaly.install import cells, in_force
from sqlnomaly.install.pack import OWNER, Item, Pack
from sqlnomaly.pushdown.named import DEFAULT_DETECTOR
from sqlnomaly.pushdown.ops import LARGEST
from sqlnomaly.pushdown.relation_form import COLUMNS
from sqlnomaly.script import quoted
from sqlnomaly.version import __version__

NAME = "detect_anomalies"
TEXT = "sqlnomaly_query"
"""The function that gives the text of the query."""
EPOCH = "CASE WHEN ISFINITE({0}) THEN CAST(EXTRACT(EPOCH FROM {0}) AS DOUBLE PRECISION) END"
NUMBERS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(
            ("int2", "int4", "int8", "float4", "float8", "numeric"), "CAST({0} AS DOUBLE PRECISION)"
        ),
        "bool": "CAST(CASE WHEN {0} THEN 1.0 WHEN NOT {0} THEN 0.0 END AS DOUBLE PRECISION)",
        **dict.fromkeys(("date", "timestamp", "timestamptz"), EPOCH),
    }
)
"""Type -> a value of it as DOUBLE."""

OPTIONS = (
    f"features TEXT[], detector TEXT DEFAULT '{DEFAULT_DETECTOR}', partition_by TEXT[] DEFAULT '{{}}', "
    "threshold DOUBLE PRECISION DEFAULT NULL, contamination DOUBLE PRECISION DEFAULT NULL"
)
KINDS = "TEXT[], TEXT, TEXT[], DOUBLE PRECISION, DOUBLE PRECISION"
ANSWERS = (
    "anomaly_score DOUBLE PRECISION, anomaly_probability DOUBLE PRECISION, is_anomaly BOOLEAN, "
    "anomaly_threshold DOUBLE PRECISION, anomaly_reason TEXT, anomaly_status TEXT"
)

QUERY = """\
CREATE OR REPLACE FUNCTION {schema}sqlnomaly_query(relation REGCLASS, {options}) RETURNS TEXT
LANGUAGE plpgsql STABLE AS $body$
DECLARE
  wanted TEXT := LOWER(COALESCE(detector, 'NULL'));
  fixed DOUBLE PRECISION;
  share DOUBLE PRECISION;
  judge TEXT;
  cell TEXT := '';
  keys TEXT := '';
  name TEXT;
  kind TEXT;
  used TEXT[] := '{{}}';
BEGIN
  IF relation IS NULL THEN
    RAISE EXCEPTION 'no relation: name a table or a view';
  END IF;
  IF threshold IS NOT NULL AND contamination IS NOT NULL THEN
    RAISE EXCEPTION 'threshold and contamination exclude each other'
      USING HINT = 'threshold fixes the score, contamination the share of rows; keep one';
  END IF;
  IF NOT COALESCE(contamination > 0 AND contamination <= 0.5, TRUE) THEN
    RAISE EXCEPTION 'contamination is out of range' USING HINT = 'above 0, at most 0.5';
  END IF;
  IF NOT COALESCE(ABS(threshold) <= {largest}, TRUE) THEN
    RAISE EXCEPTION 'threshold is no number between -1e150 and 1e150';
  END IF;
  IF COALESCE(CARDINALITY(features), 0) = 0 THEN
    RAISE EXCEPTION 'no features' USING HINT = 'name the columns to judge by: ARRAY[''amount'', ''items'']';
  END IF;
  CASE wanted
{detectors}
  ELSE
    RAISE EXCEPTION 'unknown detector %', COALESCE(detector, 'NULL') USING HINT = 'one of {names}';
  END CASE;
  FOREACH name IN ARRAY features LOOP
    SELECT attribute.attname,
        CASE WHEN base.typnamespace = CAST('pg_catalog' AS REGNAMESPACE) THEN base.typname END INTO name, kind
      FROM pg_catalog.pg_attribute AS attribute
      JOIN pg_catalog.pg_type AS own ON own.oid = attribute.atttypid
      JOIN pg_catalog.pg_type AS base ON base.oid = CASE WHEN own.typtype = 'd' THEN own.typbasetype ELSE own.oid END
      WHERE attribute.attrelid = relation AND attribute.attnum > 0 AND NOT attribute.attisdropped
        AND (attribute.attname = name OR attribute.attname = LOWER(name))
      ORDER BY attribute.attname = name DESC LIMIT 1;
    IF name IS NULL THEN
      RAISE EXCEPTION 'a feature of % is no column of %', features, relation;
    END IF;
    IF name = ANY (used) THEN
      RAISE EXCEPTION 'feature % is named twice', name;
    END IF;
    used := used || name;
    kind := CASE kind
{numbers}
    END;
    IF kind IS NULL THEN
      RAISE EXCEPTION 'feature % is no number, boolean, date or timestamp', name
        USING HINT = 'cast it in a view, or put it into partition_by';
    END IF;
    cell := cell || CASE WHEN cell = '' THEN '' ELSE ' UNION ALL ' END || FORMAT(
      'SELECT _sn_number AS row_id, _sn_part AS part, CAST(%s AS BIGINT) AS feature, %s AS x FROM _sn_table',
      CARDINALITY(used), REPLACE(kind, '{hole}', FORMAT('(_sn_row).%I', name))
    );
  END LOOP;
  FOREACH name IN ARRAY COALESCE(partition_by, '{{}}') LOOP
    SELECT attribute.attname INTO name
      FROM pg_catalog.pg_attribute AS attribute
      WHERE attribute.attrelid = relation AND attribute.attnum > 0 AND NOT attribute.attisdropped
        AND (attribute.attname = name OR attribute.attname = LOWER(name))
      ORDER BY attribute.attname = name DESC LIMIT 1;
    IF name IS NULL THEN
      RAISE EXCEPTION 'a key of % is no column of %', partition_by, relation;
    END IF;
    keys := keys || CASE WHEN keys = '' THEN '' ELSE ', ' END || FORMAT('_sn_row.%I', name);
  END LOOP;
  IF threshold IS NOT NULL THEN
    fixed := threshold;
  ELSIF contamination IS NOT NULL THEN
    fixed := NULL;
    share := 1 - contamination;
  END IF;
  judge := REPLACE(REPLACE(judge, '{fixed}', FORMAT('CAST(%L AS DOUBLE PRECISION)', fixed)),
    '{share}', FORMAT('CAST(%L AS DOUBLE PRECISION)', share));
  RETURN FORMAT(
    'WITH _sn_table AS MATERIALIZED ('
    'SELECT _sn_row, ROW_NUMBER() OVER () AS _sn_number, %s AS _sn_part FROM %s AS _sn_row), '
    '{cells} AS (%s), _sn_verdicts AS (%s) '
    'SELECT _sn_row AS given, anomaly_score, anomaly_probability, is_anomaly, anomaly_threshold, '
    '(CAST(%L AS TEXT[]))[anomaly_feature] AS anomaly_reason, anomaly_status '
    'FROM _sn_table JOIN _sn_verdicts ON row_id = _sn_number',
    CASE WHEN keys = '' THEN 'CAST(0 AS BIGINT)' ELSE 'DENSE_RANK() OVER (ORDER BY ' || keys || ')' END,
    relation, cell, judge, features
  );
END
$body$"""

FUNCTION = """\
CREATE OR REPLACE FUNCTION {schema}{name}(relation ANYELEMENT, {options})
RETURNS TABLE (given ANYELEMENT, {answers})
LANGUAGE plpgsql VOLATILE AS $body$
DECLARE
  source OID;
BEGIN
  SELECT NULLIF(typrelid, 0) INTO source FROM pg_catalog.pg_type WHERE oid = pg_typeof(relation);
  IF source IS NULL THEN
    RAISE EXCEPTION '% is no table', pg_typeof(relation)
      USING HINT = 'SELECT (given).*, anomaly_score FROM {name}(NULL::orders, ARRAY[''amount''])';
  END IF;
  RETURN QUERY EXECUTE {schema}sqlnomaly_query(
    CAST(source AS REGCLASS), features, detector, partition_by, threshold, contamination
  );
END
$body$"""

PROCEDURE = """\
CREATE OR REPLACE PROCEDURE {schema}{name}(relation REGCLASS, result TEXT, {options})
LANGUAGE plpgsql AS $body$
BEGIN
  IF result IS NULL OR result = '' THEN
    RAISE EXCEPTION 'no name for the temporary table that takes the result';
  END IF;
  IF EXISTS (
    SELECT FROM pg_catalog.pg_attribute
    WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped AND LOWER(attname) IN ({columns})
  ) THEN
    RAISE EXCEPTION '% has a column that {name} adds', relation USING HINT = 'rename it in a view';
  END IF;
  EXECUTE FORMAT(
    'CREATE TEMPORARY TABLE %I AS SELECT (given).*, {list} FROM (%s) AS _sn_judged',
    result, {schema}sqlnomaly_query(relation, features, detector, partition_by, threshold, contamination)
  );
END
$body$"""


def pack(schema: str | None = None) -> Pack:
    """PostgreSQL's functions, in a schema that is there, or in the first of the search path."""
    before = "" if schema is None else f"{quoted(schema, 'postgres')}."
    words = {
        "schema": before,
        "name": NAME,
        "options": OPTIONS,
        "answers": ANSWERS,
        "largest": repr(LARGEST),
        "detectors": _detectors(),
        "names": ", ".join(cells.names()),
        "numbers": "\n".join(
            f"      WHEN '{kind}' THEN '{form.format('_sn_x')}'" for kind, form in NUMBERS.items()
        ),
        "hole": "_sn_x",
        "fixed": cells.FIXED,
        "share": cells.SHARE,
        "cells": cells.CELLS,
        "columns": ", ".join(f"'{name}'" for name in COLUMNS),
        "list": ", ".join(COLUMNS),
    }
    return Pack(
        dialect="postgres",
        title=f"sqlnomaly {__version__}: anomaly detection for PostgreSQL 12 and later",
        notes=(
            "SELECT (given).*, anomaly_score, anomaly_reason FROM detect_anomalies(NULL::orders, ARRAY['amount'], "
            "detector => 'hbos', partition_by => ARRAY['store']);",
            "CALL detect_anomalies('orders', 'scored', ARRAY['amount']); SELECT * FROM scored;",
            "Of the models that sessions keep in schema sqlnomaly: SELECT * FROM show_anomaly_models();",
            "CALL set_anomaly_model_version('fraud', 2); CALL drop_anomaly_model('fraud');",
            "All run with the rights of who calls them: to let a role use them, GRANT USAGE on their schema to it.",
        ),
        items=(
            _item("function", f"{before}{TEXT}", f"REGCLASS, {KINDS}", QUERY.format(**words)),
            _item("function", f"{before}{NAME}", f"ANYELEMENT, {KINDS}", FUNCTION.format(**words)),
            _item("procedure", f"{before}{NAME}", f"REGCLASS, TEXT, {KINDS}", PROCEDURE.format(**words)),
            *(
                _item(kind, f"{before}{name}", parameters, in_force.create("postgres", name, before))
                for kind, name, parameters in (
                    ("function", in_force.SHOW, ""),
                    ("procedure", in_force.SET, "TEXT, BIGINT"),
                    ("procedure", in_force.DROP, "TEXT"),
                )
            ),
        ),
    )


def _detectors() -> str:
    """The branches that choose a query and its own threshold, or refuse."""
    lines = []
    for name in cells.names():
        fixed = cells.default_fixed(name)
        lines += [
            f"  WHEN '{name}' THEN",
            f"    fixed := {'NULL' if fixed is None else repr(fixed)};",
            f"    share := {cells.default_share(name)!r};",
            f"    judge := $query${cells.query(name, 'postgres')}$query$;",
        ]
    for name, reason in cells.refusals().items():
        why, remedy = reason.split(": ")
        lines.append(
            f"  WHEN '{name}' THEN\n    RAISE EXCEPTION '{name} is refused by {NAME}: {why}' USING HINT = '{remedy}';"
        )
    return "\n".join(lines)


def _item(kind: str, name: str, parameters: str, create: str) -> Item:
    whole = f"{kind.upper()} {name}({parameters})"
    return Item(
        kind=kind,
        name=name.rpartition(".")[2],
        create=create,
        drop=f"DROP {kind.upper()} IF EXISTS {name}({parameters})",
        mark=f"COMMENT ON {whole} IS '{OWNER}'",
    )

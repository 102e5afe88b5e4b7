"""What is installed in Redshift: one stored procedure that judges a table and fills a temporary one.

Redshift has no functions that give tables, no defaults and no arrays for arguments of procedures: names come as text
with commas between them, and what is left out is NULL. The text of the query is built in a VARCHAR of 65,535 bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sqlnomaly.errors import UnsupportedError
from sqlnomaly.install import cells
from sqlnomaly.install.pack import OWNER, Item, Pack
from sqlnomaly.install.postgres import NAME
from sqlnomaly.pushdown.named import DEFAULT_DETECTOR
from sqlnomaly.pushdown.ops import LARGEST
from sqlnomaly.pushdown.relation_form import COLUMNS
from sqlnomaly.script import quoted
from sqlnomaly.version import __version__

PARAMETERS = (
    "relation VARCHAR(512), result VARCHAR(127), features VARCHAR(4096), detector VARCHAR(64), "
    "partition_by VARCHAR(4096), threshold DOUBLE PRECISION, contamination DOUBLE PRECISION"
)
KINDS = "VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR, DOUBLE PRECISION, DOUBLE PRECISION"
ROWS = "_sn_table"
"""The temporary table that numbers the rows: a CTE could be read twice, and number them otherwise."""

_SECONDS = (
    "CAST(CAST(EXTRACT(EPOCH FROM DATE_TRUNC(''second'', _sn_x)) AS BIGINT) * 1000000 "
    "+ CAST(TO_CHAR(_sn_x, ''US'') AS BIGINT) AS DOUBLE PRECISION) / 1000000"
)
NUMBERS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(
            ("smallint", "integer", "bigint", "real", "double precision", "numeric"),
            "CAST(_sn_x AS DOUBLE PRECISION)",
        ),
        "boolean": "CAST(CASE WHEN _sn_x THEN 1 WHEN NOT _sn_x THEN 0 END AS DOUBLE PRECISION)",
        "date": "CAST(EXTRACT(EPOCH FROM _sn_x) AS DOUBLE PRECISION)",
        "timestamp without time zone": _SECONDS,
        "timestamp with time zone": _SECONDS.replace("_sn_x", "(_sn_x AT TIME ZONE ''UTC'')"),
    }
)
"""Type -> a value of it as DOUBLE, as a text literal holds it."""

PROCEDURE = """\
CREATE OR REPLACE PROCEDURE {schema}{name}({parameters})
LANGUAGE plpgsql AS $body$
-- {owner}
DECLARE
  wanted VARCHAR(64);
  place VARCHAR(127);
  source VARCHAR(127);
  fixed VARCHAR(64);
  share VARCHAR(64);
  judge VARCHAR(65535);
  cell VARCHAR(65535);
  keys VARCHAR(65535);
  reason VARCHAR(65535);
  listed VARCHAR(65535);
  used VARCHAR(65535);
  word VARCHAR(512);
  named VARCHAR(127);
  kind VARCHAR(512);
  number INTEGER;
  part RECORD;
BEGIN
  wanted := LOWER(COALESCE(detector, '{default}'));
  IF COALESCE(relation, '') = '' OR COALESCE(result, '') = '' OR COALESCE(features, '') = '' THEN
    RAISE EXCEPTION 'relation, result and features have to be named';
  END IF;
  IF threshold IS NOT NULL AND contamination IS NOT NULL THEN
    RAISE EXCEPTION 'threshold and contamination exclude each other: keep one';
  END IF;
  IF contamination IS NOT NULL AND NOT (contamination > 0 AND contamination <= 0.5) THEN
    RAISE EXCEPTION 'contamination is out of range: above 0, at most 0.5';
  END IF;
  IF threshold IS NOT NULL AND NOT (ABS(threshold) <= {largest}) THEN
    RAISE EXCEPTION 'threshold is no number between -1e150 and 1e150';
  END IF;
{detectors}
  ELSE
    RAISE EXCEPTION 'unknown detector %: one of {names}', wanted;
  END IF;
  IF POSITION('.' IN relation) > 0 THEN
    place := SPLIT_PART(relation, '.', 1);
    source := SPLIT_PART(relation, '.', 2);
  ELSE
    place := '';
    source := relation;
    FOR part IN SELECT table_schema FROM information_schema.columns
      WHERE table_name = source AND (table_schema = current_schema() OR table_schema LIKE 'pg_temp%') LIMIT 1
    LOOP
      place := part.table_schema;
    END LOOP;
  END IF;
  listed := '';
  FOR part IN SELECT column_name FROM information_schema.columns
    WHERE table_schema = place AND table_name = source ORDER BY ordinal_position
  LOOP
    IF LOWER(part.column_name) IN ({columns}) THEN
      RAISE EXCEPTION 'column % is one that {name} adds: rename it in a view', part.column_name;
    END IF;
    listed := listed || 'given.' || QUOTE_IDENT(part.column_name) || ', ';
  END LOOP;
  IF listed = '' THEN
    RAISE EXCEPTION 'there is no table or view %', relation;
  END IF;
  cell := '';
  reason := '';
  used := ',';
  number := 1;
  word := TRIM(SPLIT_PART(features, ',', number));
  WHILE word <> '' LOOP
    kind := '';
    FOR part IN SELECT column_name, data_type FROM information_schema.columns
      WHERE table_schema = place AND table_name = source AND (column_name = word OR column_name = LOWER(word))
      ORDER BY CASE WHEN column_name = word THEN 1 ELSE 0 END
    LOOP
      named := part.column_name;
      kind := part.data_type;
    END LOOP;
    IF kind = '' THEN
      RAISE EXCEPTION 'feature % is no column of %', word, relation;
    END IF;
    IF POSITION(',' || named || ',' IN used) > 0 THEN
      RAISE EXCEPTION 'feature % is named twice', word;
    END IF;
    used := used || named || ',';
{numbers}
    ELSE
      RAISE EXCEPTION 'feature % is no number, boolean, date or timestamp: cast it in a view', word;
    END IF;
    IF cell <> '' THEN
      cell := cell || ' UNION ALL ';
    END IF;
    cell := cell || 'SELECT _sn_number AS row_id, _sn_part AS part, CAST(' || CAST(number AS VARCHAR(8))
      || ' AS BIGINT) AS feature, ' || REPLACE(kind, '_sn_x', QUOTE_IDENT(named)) || ' AS x FROM {rows}';
    reason := reason || ' WHEN ' || CAST(number AS VARCHAR(8)) || ' THEN ' || QUOTE_LITERAL(word);
    number := number + 1;
    word := TRIM(SPLIT_PART(features, ',', number));
  END LOOP;
  keys := '';
  number := 1;
  word := TRIM(SPLIT_PART(COALESCE(partition_by, ''), ',', number));
  WHILE word <> '' LOOP
    named := '';
    FOR part IN SELECT column_name FROM information_schema.columns
      WHERE table_schema = place AND table_name = source AND (column_name = word OR column_name = LOWER(word))
      ORDER BY CASE WHEN column_name = word THEN 1 ELSE 0 END
    LOOP
      named := part.column_name;
    END LOOP;
    IF named = '' THEN
      RAISE EXCEPTION 'key % is no column of %', word, relation;
    END IF;
    IF keys <> '' THEN
      keys := keys || ', ';
    END IF;
    keys := keys || QUOTE_IDENT(named);
    number := number + 1;
    word := TRIM(SPLIT_PART(COALESCE(partition_by, ''), ',', number));
  END LOOP;
  IF keys = '' THEN
    keys := 'CAST(0 AS BIGINT)';
  ELSE
    keys := 'DENSE_RANK() OVER (ORDER BY ' || keys || ')';
  END IF;
  IF threshold IS NOT NULL THEN
    fixed := CAST(threshold AS VARCHAR(64));
  END IF;
  IF contamination IS NOT NULL THEN
    fixed := 'NULL';
    share := CAST(1 - contamination AS VARCHAR(64));
  END IF;
  judge := REPLACE(REPLACE(judge, '{fixed}', fixed), '{share}', share);
  EXECUTE 'DROP TABLE IF EXISTS {rows}';
  EXECUTE 'CREATE TEMPORARY TABLE {rows} AS SELECT ROW_NUMBER() OVER () AS _sn_number, ' || keys
    || ' AS _sn_part, given.* FROM ' || QUOTE_IDENT(place) || '.' || QUOTE_IDENT(source) || ' AS given';
  EXECUTE 'CREATE TEMPORARY TABLE ' || QUOTE_IDENT(result) || ' AS WITH {cells} AS (' || cell
    || '), _sn_verdicts AS (' || judge || ') SELECT ' || listed
    || 'anomaly_score, anomaly_probability, is_anomaly, anomaly_threshold, CASE anomaly_feature' || reason
    || ' END AS anomaly_reason, anomaly_status FROM {rows} AS given '
    || 'JOIN _sn_verdicts ON _sn_verdicts.row_id = given._sn_number';
  EXECUTE 'DROP TABLE {rows}';
END;
$body$"""


def pack(schema: str | None = None) -> Pack:
    """Redshift's procedure, in a schema that is there, or in the first of the search path."""
    before = "" if schema is None else f"{quoted(schema, 'redshift')}."
    create = PROCEDURE.format(
        owner=OWNER,
        schema=before,
        name=NAME,
        parameters=PARAMETERS,
        default=DEFAULT_DETECTOR,
        largest=repr(LARGEST),
        detectors=_detectors(),
        names=", ".join(_said()),
        columns=", ".join(f"'{name}'" for name in COLUMNS),
        numbers=_numbers(),
        rows=ROWS,
        fixed=cells.FIXED,
        share=cells.SHARE,
        cells=cells.CELLS,
    )
    whole = f"PROCEDURE {before}{NAME}({KINDS})"  # no IF EXISTS there
    return Pack(
        dialect="redshift",
        title=f"sqlnomaly {__version__}: anomaly detection for Amazon Redshift",
        notes=(
            "CALL detect_anomalies('orders', 'scored', 'amount, items', 'hbos', 'store', NULL, NULL); "
            "SELECT * FROM scored;",
            "The arguments: table or view, temporary table for the result, features, detector, keys, threshold, "
            "contamination; NULL for what is left out. Names stand between commas, so no name may have one.",
            "It runs with the rights of who calls it: GRANT EXECUTE ON PROCEDURE to whoever should.",
        ),
        items=(Item("procedure", NAME, create, f"DROP {whole}"),),
    )


def _said() -> tuple[str, ...]:
    """The detectors whose query can be said in Redshift."""
    return tuple(name for name in cells.names() if _query(name) is not None)


def _query(name: str) -> str | None:
    try:
        return " ".join(cells.query(name, "redshift").split())
    except UnsupportedError:
        return None


def _detectors() -> str:
    """The branches that choose a query and its own threshold, or refuse."""
    lines: list[str] = []
    for name in _said():
        fixed = cells.default_fixed(name)
        query = str(_query(name)).replace("'", "''")
        lines += [
            f"  {'ELSIF' if lines else 'IF'} wanted = '{name}' THEN",
            f"    fixed := '{'NULL' if fixed is None else repr(fixed)}';",
            f"    share := '{cells.default_share(name)!r}';",
            f"    judge := '{query}';",
        ]
    for name, reason in cells.refusals().items():
        lines.append(
            f"  ELSIF wanted = '{name}' THEN\n    RAISE EXCEPTION '{name} is refused by {NAME}: {reason}';"
        )
    return "\n".join(lines)


def _numbers() -> str:
    """The branches that choose how a value of a type becomes a DOUBLE."""
    lines: list[str] = []
    for kind, form in NUMBERS.items():
        lines.append(f"    {'ELSIF' if lines else 'IF'} kind = '{kind}' THEN\n      kind := '{form}';")
    return "\n".join(lines)

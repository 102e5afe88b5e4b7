"""Procedures that say, and change, which version of a stored model is in force, for clients without sqlnomaly.

The catalog is the one of sessions (``catalog/ledger.py``), and so are its rules: rows are only added, the last change
of a name counts, and of two changes of one number the one with the lower token. A version itself is made by a session:
its manifest, its Parquet and its checksums are nothing that these engines write.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sqlnomaly.catalog.ledger import DROPPED, SCHEMA
from sqlnomaly.dialects import DIALECTS
from sqlnomaly.install.pack import OWNER

SHOW, SET, DROP = "show_anomaly_models", "set_anomaly_model_version", "drop_anomaly_model"
"""The objects."""

LAST = f"""\
SELECT name, change, version, changed_at
FROM (
  SELECT name, change, version, changed_at, ROW_NUMBER() OVER (PARTITION BY name ORDER BY change DESC, token) AS place
  FROM {SCHEMA}.models
) AS changes
WHERE place = 1 AND version IS NOT NULL"""  # noqa: S608  (constants)
"""What is in force: the last change of each model that is not dropped."""

KEPT = f"""\
SELECT name, version FROM {SCHEMA}.model_versions GROUP BY name, version
HAVING COUNT(CASE WHEN how = '{DROPPED}' THEN 1 END) = 0"""  # noqa: S608
"""The versions that are there."""

IN_FORCE = f"""\
SELECT last_change.name AS model, last_change.version AS version, COUNT(kept.version) AS versions,
  last_change.changed_at AS changed_at
FROM ({LAST}) AS last_change
LEFT JOIN ({KEPT}) AS kept ON kept.name = last_change.name
GROUP BY last_change.name, last_change.version, last_change.changed_at"""  # noqa: S608
"""The answer of SHOW, without its order."""

CHANGE = f"""\
INSERT INTO {SCHEMA}.models (name, change, version, changed_at, token)
SELECT last_change.name, last_change.change + 1, {{version}}, {{now}}, {{token}}
FROM ({LAST}) AS last_change
WHERE last_change.name = (
  SELECT CASE WHEN COUNT(CASE WHEN last_change.name = {{model}} THEN 1 END) = 1 THEN {{model}} ELSE LOWER({{model}}) END
  FROM ({LAST}) AS last_change
) AND {{known}}"""  # noqa: S608
"""Adds the change; no row where there is no such model or version."""

VERSION_IS_THERE = f"""\
EXISTS (SELECT 1 FROM ({KEPT}) AS kept WHERE kept.name = last_change.name AND kept.version = {{version}})"""  # noqa: S608
"""Of the change that puts a version in force."""


def change(*, model: str, version: str | None, now: str, token: str) -> str:
    """The statement that puts a version in force, or none; every argument is SQL.

    Example:
        >>> print(change(model="'fraud'", version=None, now="'2026-01-31T12:00:00Z'", token="'aa'").splitlines()[1])
        SELECT last_change.name, last_change.change + 1, NULL, '2026-01-31T12:00:00Z', 'aa'
    """
    known = "1 = 1" if version is None else VERSION_IS_THERE.format(version=version)
    return CHANGE.format(model=model, version=version or "NULL", now=now, token=token, known=known)


POSTGRES: Mapping[str, str] = MappingProxyType(
    {
        SHOW: """\
CREATE OR REPLACE FUNCTION {schema}{name}()
RETURNS TABLE (model TEXT, version BIGINT, versions BIGINT, changed_at TEXT)
LANGUAGE plpgsql STABLE AS $body$
#variable_conflict use_column
BEGIN
  RETURN QUERY {shown} ORDER BY 1;
END
$body$""",
        SET: """\
CREATE OR REPLACE PROCEDURE {schema}{name}(wanted_model TEXT, wanted_version BIGINT)
LANGUAGE plpgsql AS $body$
BEGIN
{change};
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no model % with a version %', wanted_model, wanted_version
      USING HINT = 'SELECT * FROM {show}()';
  END IF;
END
$body$""",
        DROP: """\
CREATE OR REPLACE PROCEDURE {schema}{name}(wanted_model TEXT)
LANGUAGE plpgsql AS $body$
BEGIN
{change};
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no model %', wanted_model USING HINT = 'SELECT * FROM {show}()';
  END IF;
END
$body$""",
    }
)
SNOWFLAKE: Mapping[str, str] = MappingProxyType(
    {
        SHOW: """\
CREATE OR REPLACE PROCEDURE {schema}{name}()
RETURNS TABLE ()
LANGUAGE SQL
COMMENT = '{owned}'
EXECUTE AS CALLER
AS
$$
DECLARE
  answers RESULTSET;
BEGIN
  answers := ({shown} ORDER BY 1);
  RETURN TABLE(answers);
END
$$""",
        SET: """\
CREATE OR REPLACE PROCEDURE {schema}{name}(WANTED_MODEL VARCHAR, WANTED_VERSION NUMBER)
RETURNS VARCHAR
LANGUAGE SQL
COMMENT = '{owned}'
EXECUTE AS CALLER
AS
$$
DECLARE
  no_such_version EXCEPTION (-20001, 'there is no such model, or it has no such version: CALL {show}()');
BEGIN
{change};
  IF (SQLROWCOUNT = 0) THEN
    RAISE no_such_version;
  END IF;
  RETURN 'altered';
END
$$""",
        DROP: """\
CREATE OR REPLACE PROCEDURE {schema}{name}(WANTED_MODEL VARCHAR)
RETURNS VARCHAR
LANGUAGE SQL
COMMENT = '{owned}'
EXECUTE AS CALLER
AS
$$
DECLARE
  no_such_model EXCEPTION (-20002, 'there is no such model: CALL {show}()');
BEGIN
{change};
  IF (SQLROWCOUNT = 0) THEN
    RAISE no_such_model;
  END IF;
  RETURN 'dropped';
END
$$""",
    }
)
BIGQUERY: Mapping[str, str] = MappingProxyType(
    {
        SHOW: """\
CREATE OR REPLACE PROCEDURE {schema}{name}()
OPTIONS (strict_mode = FALSE, description = '{owned}')
BEGIN
  {shown} ORDER BY model;
END""",
        SET: """\
CREATE OR REPLACE PROCEDURE {schema}{name}(wanted_model STRING, wanted_version INT64)
OPTIONS (strict_mode = FALSE, description = '{owned}')
BEGIN
{change};
  IF @@row_count = 0 THEN
    RAISE USING MESSAGE = FORMAT('there is no model %T with a version %T', wanted_model, wanted_version);
  END IF;
END""",
        DROP: """\
CREATE OR REPLACE PROCEDURE {schema}{name}(wanted_model STRING)
OPTIONS (strict_mode = FALSE, description = '{owned}')
BEGIN
{change};
  IF @@row_count = 0 THEN
    RAISE USING MESSAGE = FORMAT('there is no model %T', wanted_model);
  END IF;
END""",
    }
)
DUCKDB: Mapping[str, str] = MappingProxyType(
    {
        SHOW: """\
CREATE OR REPLACE MACRO {schema}{name}(pattern := '%') AS TABLE
FROM query(CONCAT($query${shown} ORDER BY 1$query$, LEFT(pattern, 0))) WHERE model LIKE pattern"""
    }
)
"""A macro writes nothing. A text with a parameter in it is bound when it is called: the catalog may come later."""

TEXTS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {"postgres": POSTGRES, "snowflake": SNOWFLAKE, "bigquery": BIGQUERY, "duckdb": DUCKDB}
)
PLACES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "postgres": {
            "model": "wanted_model",
            "version": "wanted_version",
            "now": "TO_CHAR(CLOCK_TIMESTAMP() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')",
            "token": "SUBSTRING(MD5(RANDOM()::TEXT) FROM 1 FOR 16)",
        },
        "snowflake": {
            "model": ":WANTED_MODEL",
            "version": ":WANTED_VERSION",
            "now": "TO_CHAR(CONVERT_TIMEZONE('UTC', CURRENT_TIMESTAMP()), 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')",
            "token": "SUBSTR(MD5(UUID_STRING()), 1, 16)",
        },
        "bigquery": {
            "model": "wanted_model",
            "version": "wanted_version",
            "now": "FORMAT_TIMESTAMP('%FT%TZ', CURRENT_TIMESTAMP(), 'UTC')",
            "token": "SUBSTR(TO_HEX(MD5(GENERATE_UUID())), 1, 16)",
        },
    }
)
"""What the statement is given inside a procedure."""


def statement(dialect: str, name: str) -> str:
    """The statement inside SET or DROP."""
    places = PLACES[dialect]
    version = places["version"] if name == SET else None
    return change(model=places["model"], version=version, now=places["now"], token=places["token"])


def create(dialect: str, name: str, schema: str) -> str:
    """The statement that makes an object.

    Args:
        dialect: one of TEXTS.
        name: SHOW, SET or DROP.
        schema: as it is written before a name, with its dot, or nothing.
    """
    named, show = (one.upper() if DIALECTS[dialect].folds == "upper" else one for one in (name, SHOW))
    words = {"schema": schema, "name": named, "show": f"{schema}{show}", "owned": OWNER, "shown": IN_FORCE}
    if name != SHOW:
        words["change"] = statement(dialect, name)
    return TEXTS[dialect][name].format(**words)

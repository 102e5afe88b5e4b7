"""What an engine's catalog says of the functions of a pack: name, comment, schema, one row each."""

from __future__ import annotations

from collections.abc import Mapping

from sqlnomaly.install.pack import Pack

QUERIES: Mapping[str, str] = {
    "duckdb": (
        "SELECT DISTINCT function_name AS name, comment, schema_name AS schema FROM duckdb_functions() "
        "WHERE function_type IN ('macro', 'table_macro') AND NOT internal AND database_name = current_database() "
        "AND schema_name = {schema} AND function_name IN ({names}) ORDER BY name"
    ),
    "postgres": (
        "SELECT p.proname AS name, pg_catalog.obj_description(p.oid, 'pg_proc') AS comment, n.nspname AS schema "
        "FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace "
        "WHERE n.nspname = {schema} AND p.proname IN ({names}) ORDER BY name, comment"
    ),
    "redshift": (
        "SELECT p.proname AS name, CASE WHEN p.prosrc LIKE '%-- sqlnomaly %' THEN 'sqlnomaly' END AS comment, "
        "n.nspname AS schema FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace "
        "WHERE n.nspname = {schema} AND p.proname IN ({names}) ORDER BY name"
    ),
}
"""Redshift has no comments on procedures: the text says whose it is."""


def existing(pack: Pack, schema: str | None = None) -> str:
    """A query for what bears one of the pack's names."""
    names = ", ".join(dict.fromkeys(f"'{item.name}'" for item in pack.items))
    place = "current_schema()" if schema is None else "'" + schema.replace("'", "''") + "'"
    return QUERIES[pack.dialect].format(schema=place, names=names)

"""How each dialect says CREATE FUNCTION: for functions of one SQL expression, and for those in another language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Definitions:
    """The words around a function's body.

    In the templates ``{name}``, ``{parameters}``,
    ``{types}``, ``{returns}``, ``{body}`` and ``{owner}`` stand for printed text.

    Attributes:
        create: the statement that makes or replaces a function of a SQL expression.
        drop: the statement that removes it if it is there.
        mark: the statement that gives it the comment ``{owner}``, where it does not stand in ``create``.
        parameter: one parameter, with ``{name}`` and ``{type}``.
        body: ``inline``, or ``text``: the body is a text literal, dollar-quoted where ``quotes`` has a tag.
        quotes: dollar quotes that the engine knows, the first that the body does not hold is used.
        schemas: whether a function belongs to a schema.
        positional: whether the body calls parameters ``$1``, ``$2`` instead of by name.
        types: what a function calls the types of its parameters and results, by kind.
        largest: the bytes that one function's body may have.
        source: where the vendor says so.
        language: the other language that functions may be written in, or None.
        script: the statement that makes such a function.
        largest_script: the bytes of its body.
        most_scripts: how many such functions a query may call, or None for any number.
        packaged: the statement that makes one that needs ``{packages}`` on a version of ``{python}``; empty for none.
        packages: what its user has to see to.
        script_body: ``text``, as for ``body``, or ``inline``.
        meant: words that a body reads as functions even in quotes, so that no parameter can have them.
        piece: the nodes or values of a model that one such function, or one of SQL, is given.
    """

    create: str
    drop: str
    mark: str = ""
    parameter: str
    body: str
    quotes: tuple[str, ...] = ()
    schemas: bool = True
    positional: bool = False
    types: Mapping[str, str]
    largest: int
    source: str
    language: str | None = None
    script: str = ""
    largest_script: int = 0
    most_scripts: int | None = None
    packaged: str = ""
    packages: str = ""
    script_body: str = "text"
    meant: frozenset[str] = frozenset()
    piece: int = 800


def _types(
    number: str, integer: str, text: str, boolean: str, timestamp: str, timestamptz: str, date: str = "DATE"
) -> Mapping[str, str]:
    return MappingProxyType(
        {
            "float": number,
            "decimal": number,
            "integer": integer,
            "text": text,
            "boolean": boolean,
            "date": date,
            "timestamp": timestamp,
            "timestamptz": timestamptz,
        }
    )


_SPARK = Definitions(
    create="CREATE OR REPLACE FUNCTION {name}({parameters}) RETURNS {returns} COMMENT '{owner}' RETURN {body}",
    drop="DROP FUNCTION IF EXISTS {name}",
    parameter="{name} {type}",
    body="inline",
    types=_types("DOUBLE", "BIGINT", "STRING", "BOOLEAN", "TIMESTAMP_NTZ", "TIMESTAMP"),
    largest=1_000_000,
    source="no documented limit; the functions are inlined into the query",
    language="higher-order functions",
    script="CREATE OR REPLACE FUNCTION {name}({parameters}) RETURNS {returns} COMMENT '{owner}' RETURN {body}",
    largest_script=1_000_000,
    script_body="inline",
    meant=frozenset(
        "user session_user current_user current_date current_time current_timestamp localtimestamp "
        "current_catalog current_database current_schema grouping__id".split()
    ),
)

DEFINITIONS: Mapping[str, Definitions] = MappingProxyType(
    {
        "duckdb": Definitions(
            create="CREATE OR REPLACE MACRO {name}({parameters}) AS {body}",
            drop="DROP MACRO IF EXISTS {name}",
            mark="COMMENT ON MACRO {name} IS '{owner}'",
            parameter="{name}",
            body="inline",
            types=_types("DOUBLE", "BIGINT", "VARCHAR", "BOOLEAN", "TIMESTAMP", "TIMESTAMPTZ"),
            largest=4_000_000,
            source="no documented limit; a macro is parsed for every query that calls it",
        ),
        "spark": _SPARK,
        "databricks": _SPARK,
        "snowflake": Definitions(
            create=(
                "CREATE OR REPLACE FUNCTION {name}({parameters})\nRETURNS {returns}\nLANGUAGE SQL\nIMMUTABLE\n"
                "COMMENT = '{owner}'\nAS {body}"
            ),
            drop="DROP FUNCTION IF EXISTS {name}({types})",
            parameter="{name} {type}",
            body="text",
            quotes=("$$",),
            types=_types("DOUBLE", "NUMBER(38, 0)", "VARCHAR", "BOOLEAN", "TIMESTAMP_NTZ", "TIMESTAMP_TZ"),
            largest=1_000_000,
            source="Query size limits: 1 MB of SQL text a statement",
            language="python",
            script=(
                "CREATE OR REPLACE FUNCTION {name}({parameters})\nRETURNS {returns}\nLANGUAGE PYTHON\nIMMUTABLE\n"
                "RUNTIME_VERSION = '3.11'\nPACKAGES = ('numpy', 'pandas')\nHANDLER = 'score'\nCOMMENT = '{owner}'\n"
                "AS {body}"
            ),
            largest_script=96_000,
            # "Using third-party packages": the packages of such a function come from one repository, all of them.
            packaged=(
                "CREATE OR REPLACE FUNCTION {name}({parameters})\nRETURNS {returns}\nLANGUAGE PYTHON\nIMMUTABLE\n"
                "RUNTIME_VERSION = '{python}'\nARTIFACT_REPOSITORY = snowflake.snowpark.pypi_shared_repository\n"
                "PACKAGES = ({packages})\nHANDLER = 'score'\nCOMMENT = '{owner}'\nAS {body}"
            ),
            packages=(
                "packages: from Snowflake's own PyPI repository; who runs this needs the database role "
                "SNOWFLAKE.PYPI_REPOSITORY_USER"
            ),
            piece=2_500,
        ),
        "bigquery": Definitions(
            create=(
                "CREATE OR REPLACE FUNCTION {name}({parameters})\nRETURNS {returns}\nAS (\n{body}\n)\n"
                "OPTIONS (description = '{owner}')"
            ),
            drop="DROP FUNCTION IF EXISTS {name}",
            parameter="{name} {type}",
            body="inline",
            types=_types("FLOAT64", "INT64", "STRING", "BOOL", "DATETIME", "TIMESTAMP"),
            largest=32_000,
            source="Quotas and limits: 32 KB of a function's body, 50 JavaScript resources a query",
            language="javascript",
            script=(
                "CREATE OR REPLACE FUNCTION {name}({parameters})\nRETURNS {returns}\nDETERMINISTIC\n"
                "LANGUAGE js\nOPTIONS (description = '{owner}')\nAS {body}"
            ),
            largest_script=32_000,
            most_scripts=50,
            piece=1_000,
        ),
        "postgres": Definitions(
            create=(
                "CREATE OR REPLACE FUNCTION {name}({parameters})\nRETURNS {returns}\nLANGUAGE SQL\n"
                "IMMUTABLE PARALLEL SAFE\nRETURN {body}"
            ),
            drop="DROP FUNCTION IF EXISTS {name}({types})",
            mark="COMMENT ON FUNCTION {name}({types}) IS '{owner}'",
            parameter="{name} {type}",
            body="inline",
            types=_types("DOUBLE PRECISION", "BIGINT", "TEXT", "BOOLEAN", "TIMESTAMP", "TIMESTAMPTZ"),
            largest=16_000_000,
            source="no documented limit",
        ),
        "redshift": Definitions(
            create=(
                "CREATE OR REPLACE FUNCTION {name}({types})\nRETURNS {returns}\nIMMUTABLE\nAS {body}\nLANGUAGE SQL"
            ),
            drop="DROP FUNCTION IF EXISTS {name}({types})",
            parameter="{type}",
            body="text",
            quotes=("$$", "$sqlnomaly$"),
            positional=True,
            types=_types("DOUBLE PRECISION", "BIGINT", "VARCHAR", "BOOLEAN", "TIMESTAMP", "TIMESTAMPTZ"),
            largest=1_000_000,
            source="CREATE FUNCTION; a statement may have 16 MB",
        ),
        "clickhouse": Definitions(
            create="CREATE OR REPLACE FUNCTION {name} AS ({parameters}) -> {body}",
            schemas=False,
            drop="DROP FUNCTION IF EXISTS {name}",
            parameter="{name}",
            body="inline",
            types=_types(
                "Nullable(Float64)",
                "Nullable(Int64)",
                "Nullable(String)",
                "Nullable(Bool)",
                "Nullable(DateTime64(6))",
                "Nullable(DateTime64(6))",
                "Nullable(Date32)",
            ),
            largest=200_000,
            source="max_query_size: 262,144 bytes",
        ),
    }
)
"""Dialect -> its words; a dialect that is missing has no functions of one expression that a pack could use."""

"""Models in the full language: what of their Jinja is kept, what is refused, and that dbt runs what they become."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from jinja2 import Environment
from typer.testing import CliRunner

import sqlnomaly
from sqlnomaly.cli import app
from sqlnomaly.dbt.templating import read_template
from tests.engines.dbt import Project

ORDERS = """
    {{ config(materialized='table') }}
    SELECT i AS id, 's' || i % 3 AS store, CAST(i * 7 % 23 AS DOUBLE) + CASE WHEN i = 50 THEN 90 ELSE 0 END AS amount
    FROM range(90) AS t(i)
"""
SCORED = """\
{{ config(materialized='table', tags=["odd"]) }}
{% set least = 10 %}
-- what is odd of {{ ref('nothing') }}
SELECT orders.id, store, anomaly_score(orders.amount, detector => 'mad') OVER (PARTITION BY orders.store) AS score,
    '{{ var("label", "it''s") }}' AS label
FROM {{ ref('orders') }}  /* the {{ source('no', 'where') }} */
WHERE orders.amount >= {{ var('least', 3) }} AND orders.id >= {{ least }}
ORDER BY id;
"""
FOUND = """\
{#- rows that are odd -#}
SELECT id, anomaly_reason FROM detect_anomalies({{ ref("orders") }}, features => ['amount'], partition_by => ['store'])
WHERE is_anomaly
"""
FILES = {
    "models/orders.sql": ORDERS,
    "anomaly_models/marts/scored.sql": SCORED,
    "anomaly_models/found.sql": FOUND,
}


def run(folder: Path, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["dbt", "compile", "--project", str(folder), *words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert done.stdout == ""
    return done.exit_code, done.stderr


@pytest.fixture(scope="module")
def project(new_project: Callable[..., Project]) -> Project:
    """A project whose models were compiled and built."""
    made = new_project().write(FILES).make()
    code, said = run(made.folder, "--adapter", "duckdb", "--adapter", "snowflake")
    assert code == 0, said
    assert "models/found.sql: written\nmodels/marts/scored.sql: written\n" in said
    made.run("run").ok()
    return made


def of_table(project: Project, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(project.folder / "target" / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


def of_session(query: str) -> list[tuple[object, ...]]:
    with sqlnomaly.connect() as session:
        session.sql("CREATE TABLE orders AS " + ORDERS.partition("}}")[2])
        return [tuple(row.values()) for row in session.sql(query).arrow().to_pylist()]


def test_dbt_gets_what_a_session_gives(project: Project) -> None:
    expected = of_session(
        "SELECT id, store, anomaly_score(amount, detector => 'mad') OVER (PARTITION BY store) AS score, "
        "'it''s' AS label FROM orders WHERE amount >= 3 AND id >= 10 ORDER BY id"
    )
    assert len(expected) > 30
    assert of_table(project, "SELECT * FROM scored ORDER BY id") == expected


def test_the_relation_form_reads_a_ref(project: Project) -> None:
    assert of_table(project, "SELECT * FROM found") == [(50, "amount")]


def test_dbt_knows_what_a_compiled_model_reads_and_how_it_is_made(project: Project) -> None:
    from sqlnomaly.dbt.project import read_json

    nodes = read_json(project.folder / "target" / "manifest.json")["nodes"]
    assert nodes["model.shop.scored"]["depends_on"]["nodes"] == ["model.shop.orders"]
    assert nodes["model.shop.scored"]["config"]["tags"] == ["odd"]
    assert nodes["model.shop.scored"]["config"]["materialized"] == "table"


def test_a_compiled_model_says_where_it_comes_from_and_has_a_branch_an_adapter(project: Project) -> None:
    text = (project.folder / "models/marts/scored.sql").read_text()
    lines = text.splitlines()
    assert lines[0].startswith("{#- Compiled by sqlnomaly")
    assert "from anomaly_models/marts/scored.sql; do not edit" in lines[0]
    assert lines[1:4] == [
        """{{ config(materialized='table', tags=["odd"]) }}""",
        "{% set least = 10 %}",
        "{%- if target.type == 'duckdb' %}",
    ]
    assert "{%- elif target.type == 'snowflake' %}" in lines
    assert "raise_compiler_error('sqlnomaly: compiled for duckdb, snowflake, not for ' ~ target.type)" in text
    assert "nothing" not in text
    assert "where'" not in text


def test_check_says_what_is_not_as_it_would_be(project: Project) -> None:
    both = ("--adapter", "duckdb", "--adapter", "snowflake", "--check")
    assert run(project.folder, *both)[0] == 0
    path = project.folder / "models" / "found.sql"
    before = path.read_text()
    path.write_text(before + "\n")
    stale = project.folder / "models" / "stale.sql"
    stale.write_text(before)
    try:
        code, said = run(project.folder, *both)
    finally:
        path.write_text(before)
        stale.unlink()
    assert code == 1
    assert "models/found.sql: is not what anomaly_models/found.sql compiles to" in said
    assert "models/stale.sql: its source is gone" in said


def test_select_takes_one_model(project: Project) -> None:
    code, said = run(project.folder, "--select", "found", "--adapter", "duckdb", "--adapter", "snowflake", "--check")
    assert (code, said.splitlines()[-1]) == (0, "1 models are as they should be")
    code, said = run(project.folder, "--select", "fund", "--adapter", "duckdb")
    assert (code, "did you mean 'found'?" in said) == (2, True)


def small(folder: Path, text: str, *words: str, name: str = "m") -> tuple[int, str]:
    (folder / "dbt_project.yml").write_text("name: shop")
    (folder / "anomaly_models").mkdir(exist_ok=True)
    (folder / "anomaly_models" / f"{name}.sql").write_text(text)
    return run(folder, "--adapter", "duckdb", *words)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "SELECT 1 AS x\n  {% if is_incremental() %} WHERE x {% endif %}",
            "{% if %} cannot be kept: the SQL is compiled before dbt renders it\n"
            "  at: anomaly_models/m.sql, line 2, column 3",
        ),
        ("{% set x %} SELECT 1 {% endset %}", "{% set %} cannot be kept"),
        ("SELECT 1 {% set x = 1 %}", "{% set %} cannot be kept"),
        ("{% raw %} SELECT 1 {% endraw %}", "{% raw %} cannot be kept"),
        ("SELECT {{ 1 ", "anomaly_models/m.sql: "),
        ("SELECT jinja_0__ FROM t", "names such as jinja_0__ are taken"),
        ("SELECT 1; SELECT 2", "a model is one query"),
        ("DELETE FROM t", "a model is one query"),
        ("SELECT a FROM t -- b\n/* WHERE a", "a comment has no end\n  at: line 2, column 1"),
        ("SELECT anomaly_score(x, detector => 'iforest') FROM {{ ref('t') }}", "the plan is not SQL alone"),
        (
            "SELECT anomaly_score(x, threshold => {{ var('t') }}) FROM {{ ref('t') }}",
            "anomaly_models/m.sql, for duckdb: threshold takes a number such as 3.5, not {{ var('t') }}",
        ),
        ("SELECT anomaly_score(x, detector => '{{ d }}') FROM t", "unknown detector '{{ d }}'"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_place(text: str, told: str, tmp_path: Path) -> None:
    code, said = small(tmp_path, text)
    assert code == 1
    assert told in said
    assert not (tmp_path / "models" / "m.sql").exists()


@pytest.mark.parametrize(
    "adapter", ["postgres", "redshift", "snowflake", "bigquery", "spark", "databricks", "trino", "athena", "clickhouse"]
)
def test_every_adapter_reads_what_was_written(adapter: str, tmp_path: Path) -> None:
    text = SCORED.replace("ref('orders')", "source('raw', 'Odd Name')")
    text = text.replace("orders.", "o.").replace("}}  /*", "}} o /*")
    code, said = small(tmp_path, text, "--adapter", adapter, "--from", "duckdb")
    assert code == 0, said
    compiled = (tmp_path / "models" / "m.sql").read_text()
    lines = [line.strip() for line in compiled.splitlines()]
    assert len([line for line in lines if line.startswith("FROM {{ source('raw', 'Odd Name') }}")]) == 2
    assert compiled.count("{{ var('least', 3) }}") == compiled.count("{{ least }}") == 2
    assert compiled.count("""'{{ var("label", "it''s") }}'""") == 2


def test_an_adapter_without_a_dialect_is_refused(tmp_path: Path) -> None:
    code, said = small(tmp_path, "SELECT 1 AS x", "--adapter", "sqlite")
    assert code != 0
    assert "sqlite" in said


def test_a_model_of_ones_own_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "m.sql").write_text("SELECT 1 AS mine")
    code, said = small(tmp_path, "SELECT 2 AS other")
    assert (code, "models/m.sql is a model of your own" in said) == (2, True)
    assert (tmp_path / "models" / "m.sql").read_text() == "SELECT 1 AS mine"


def test_nothing_is_written_where_one_model_is_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "z.sql").write_bytes("-- \u00e9".encode("latin-1"))
    assert small(tmp_path, "SELECT 1 AS x", name="m")[0] == 0
    (tmp_path / "models" / "m.sql").unlink()
    code, said = small(tmp_path, "SELECT 1 AS x", name="z")
    assert (code, "models/z.sql is a model of your own" in said) == (2, True)
    assert not (tmp_path / "models" / "m.sql").exists()


def test_a_folder_that_dbt_does_not_read_or_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("")
    code, said = small(tmp_path, "SELECT 1 AS x")
    assert (code, "cannot write " in said) == (1, True)
    (tmp_path / "dbt_project.yml").write_text("name: shop\nmodel-paths: [transform]\n")
    code, said = run(tmp_path, "--adapter", "duckdb")
    assert (code, "dbt does not read models, where compiled models go" in said) == (2, True)


def test_an_adapter_is_asked_for_as_dbt_calls_it(tmp_path: Path) -> None:
    assert small(tmp_path, "SELECT 1 AS x", "--adapter", "Postgres")[0] == 0
    assert "{%- elif target.type == 'postgres' %}" in (tmp_path / "models" / "m.sql").read_text()


@pytest.mark.parametrize(
    ("template", "rendered"),
    [
        ("SELECT {{ ids() }}{{ var('x') }} AS a FROM t", "SELECT [ids][var] AS a FROM t"),
        ("SELECT * FROM {{ ref('pkg', 'order', v=2) }} AS o", 'SELECT * FROM [ref] AS o'),
        ("SELECT a FROM {{ source('raw', 'Odd Name') }}", "SELECT a FROM [source]"),
        ("SELECT a FROM {{ var('table') }} JOIN {{ this }} USING (a)", "SELECT a FROM [var] JOIN [this] USING (a)"),
        ("SELECT a FROM {{ target.schema }}.t", "SELECT a FROM [target].t"),
        ("SELECT a FROM t_{{ var('x') }}", "SELECT a FROM t_[var]"),
        ("SELECT 'it''s {{ var(\"x\") }} -- no' AS a FROM t", "SELECT 'it''s [var] -- no' AS a FROM t"),
        ("SELECT \"{{ var('y') }}\" AS a FROM t", 'SELECT "[var]" AS a FROM t'),
        ("FROM t SELECT a WHERE a IN ({{ ids() }})", "SELECT a FROM t WHERE a IN ([ids])"),
        ("SELECT a FROM t LIMIT {{- var('n') -}} OFFSET 1", "SELECT a FROM t LIMIT [var] OFFSET 1"),
        ("SELECT {{ '}}' }} AS a, {{- dbt.x({'k': [1]}) }} AS b FROM t", "SELECT [braces] AS a, [dbt] AS b FROM t"),
        ("SELECT '{' || '%}' AS a FROM t", "SELECT '{' || '%}' AS a FROM t"),
    ],
)
def test_expressions_come_back_where_they_stood(template: str, rendered: str) -> None:
    read = read_template(template, "duckdb", "m.sql")
    compiled = sqlnomaly.compile(read.sql).sql
    words = {name: f"[{name}]" for name in ("this",)}
    calls = {name: (lambda *_, name=name, **__: f"[{name}]") for name in ("ref", "source", "var", "ids")}
    class Place:
        schema = "[target]"

        def x(self, *_: object) -> str:
            return "[dbt]"

    text = read.restore(compiled)
    done = Environment(autoescape=False).from_string(text).render(**words, **calls, target=Place(), dbt=Place())
    assert " ".join(done.split()) == rendered.replace("[braces]", "}}")


def test_braces_of_the_compiled_sql_are_no_jinja() -> None:
    read = read_template("SELECT a FROM t", "duckdb", "m.sql")
    text = read.restore("SELECT '{{ a }} {% b %} {# c #} {{{' AS x")
    assert Environment(autoescape=False).from_string(text).render() == "SELECT '{{ a }} {% b %} {# c #} {{{' AS x"


def test_columns_of_the_catalog_expand_stars_on_dialects_that_need_them(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "manifest.json").write_text(
        '{"metadata": {"adapter_type": "postgres"}, "nodes": {"model.shop.orders": {"name": "orders"}}}'
    )
    (tmp_path / "target" / "catalog.json").write_text(
        '{"nodes": {"model.shop.orders": {"columns": {"id": {"type": "integer"}, "amount": {"type": "numeric"}}}}}'
    )
    (tmp_path / "dbt_project.yml").write_text("name: shop")
    (tmp_path / "anomaly_models").mkdir()
    source = tmp_path / "anomaly_models" / "m.sql"
    source.write_text("SELECT *, anomaly_score(amount) AS score FROM {{ ref('orders') }}")
    assert run(tmp_path)[0] == 0
    text = (tmp_path / "models" / "m.sql").read_text()
    assert text.rstrip().endswith("SELECT\n  id,\n  amount,\n  _sn__score AS score\nFROM scored")
    (tmp_path / "target" / "catalog.json").unlink()
    code, said = run(tmp_path)
    assert (code, "anomaly_models/m.sql, for postgres: " in said) == (1, True)

def test_names_of_ours_do_not_change_with_what_a_column_is_called(tmp_path: Path) -> None:
    text = "SELECT anomaly_score(\"{{ var('c') }}\", detector => 'mad') OVER () AS s FROM {{ ref('t') }}"
    assert small(tmp_path, text)[0] == 0
    compiled = (tmp_path / "models" / "m.sql").read_text()
    assert "CAST(\"{{ var('c') }}\" AS DOUBLE)" in compiled
    assert "_sn_{{" not in compiled


@pytest.mark.parametrize("expression", ["{{ dbt_utils.star(ref('t')) }}", "{{ dbt.date_trunc('day', 'at') }}"])
def test_a_column_without_a_name_is_not_named_by_its_jinja(expression: str, tmp_path: Path) -> None:
    text = f"SELECT {expression}, anomaly_score(a, detector => 'mad') OVER () AS s FROM {{{{ ref('t') }}}}"
    code, said = small(tmp_path, text)
    assert (code, f"the column of {expression} has no name" in said) == (1, True)


def test_what_a_comment_says_a_model_depends_on_is_kept(tmp_path: Path) -> None:
    assert small(tmp_path, "-- depends_on: {{ ref('a') }}, {{ ref('b') }}\nSELECT 1 AS x  -- {{ ref('c') }}")[0] == 0
    lines = (tmp_path / "models" / "m.sql").read_text().splitlines()
    assert lines[1:] == ["-- depends_on: {{ ref('a') }}", "-- depends_on: {{ ref('b') }}", "SELECT", "  1 AS x"]


@pytest.mark.parametrize(
    ("before", "where"),
    [
        ("", "line 1, column 12"),
        ("{{ config(\n  tags=['a']\n) }}\n\n", "line 5, column 12"),
        ("/* it's\n\n--*/ -- a\n{# b\n #}\r\n{% set x = 1 %}  ", "line 6, column 29"),
        ("WITH w AS (SELECT {{ var('a',\n 1) }} AS x)\n", "line 3, column 12"),
    ],
)
def test_wrong_sql_is_told_at_its_place_in_the_file(before: str, where: str, tmp_path: Path) -> None:
    code, said = small(tmp_path, before + "SELECT a b c FROM t")
    assert (code, where in said) == (1, True), said


def test_the_second_block_of_a_line_is_told_at_its_own_place(tmp_path: Path) -> None:
    assert "line 1, column 17" in small(tmp_path, "{% set a = 1 %} {% if a %} SELECT 1 {% endif %}")[1]
    assert "{%  %} cannot be kept" in small(tmp_path, "{% %} SELECT 1")[1]


@pytest.mark.parametrize(
    ("dialect", "template", "read"),
    [
        ("bigquery", "# it's\nSELECT '--', {{ x }}", "SELECT '--', jinja_0__()"),
        ("bigquery", "SELECT '''it's -- ''', {{ x }}", "SELECT '''it's -- ''', jinja_0__()"),
        ("bigquery", "SELECT 'it\\'s -- {{ x }}'", "SELECT 'it\\'s -- jinja_0__'"),
        ("snowflake", "// it's\nSELECT $$it's -- $$, {{ x }}", "SELECT $$it's -- $$, jinja_0__()"),
        ("postgres", "SELECT $q$it's $$ -- $q$, {{ x }}", "SELECT $q$it's $$ -- $q$, jinja_0__()"),
        ("postgres", "SELECT E'it\\'s -- {{ x }}', '\\', {{ y }}", "SELECT E'it\\'s -- jinja_0__', '\\', jinja_1__()"),
        ("postgres", "/* /* */ {{ z }} it's */ SELECT {{ x }}", "SELECT jinja_0__()"),
        ("trino", "/* /* */ SELECT {{ x }} /* -- */ + 1", "SELECT jinja_0__()   + 1"),
        ("spark", "SELECT /*+ BROADCAST(t) */ a /* b */ FROM `it's`, {{ ref('t') }}",
         "SELECT /*+ BROADCAST(t) */ a   FROM `it's`, jinja_0__.t"),
        ("duckdb", "SELECT \"it's\", 'it''s', {{ x }} -- {{ y }}", "SELECT \"it's\", 'it''s', jinja_0__()"),
    ],
)  # fmt: skip
def test_texts_and_comments_are_those_of_the_dialect(dialect: str, template: str, read: str) -> None:
    assert read_template(template, dialect, "m.sql").sql == read

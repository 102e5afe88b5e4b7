"""The page of results, opened in a browser without a screen: what it shows, and that it asks nobody for anything."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from contextlib import closing
from datetime import date, datetime, timedelta
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from sqlnomaly.cli import app
from sqlnomaly.dbt.profile import address
from sqlnomaly.dbt.results import COLUMNS, Series
from sqlnomaly.engines.registry import open_engine
from tests.conftest import missing_engine
from tests.engines.postgres import Server

TABLE = """
    CREATE TABLE marts.sqlnomaly_results (
        run_at TIMESTAMP, test_name VARCHAR, relation VARCHAR, column_name VARCHAR, metric VARCHAR, dimension VARCHAR,
        bucket TIMESTAMP, value DOUBLE, expected DOUBLE, lower_bound DOUBLE, upper_bound DOUBLE, score DOUBLE,
        threshold DOUBLE, training_buckets BIGINT, level VARCHAR, status VARCHAR, description VARCHAR
    )
"""
HOSTILE = "</script><img src=x onerror=\"document.title='broken'\"> 'Zürich' \\u003c 北京 {{ 1 + 1 }} &amp;"
DAYS = 30
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--enable-logging=stderr", "--virtual-time-budget=8000"),
)
RUN = {
    "metadata": {"generated_at": "2025-02-10T06:00:00.123456Z"},
    "args": {"which": "test"},
    "elapsed_time": 3.21,
    "results": [
        {"unique_id": "test.shop.calm.0a", "status": "pass", "execution_time": 0.5, "message": None},
        {"unique_id": "test.shop.volume_orders.0b", "status": "fail", "execution_time": 1, "message": "Got <b>1</b>"},
        {"unique_id": "model.shop.orders", "status": "success", "execution_time": 1, "message": None},
    ],
}


def rows() -> list[tuple[object, ...]]:
    """Three series of thirty days: one with a drop and a warning, one calm with two runs, one of hostile texts."""
    found: list[tuple[object, ...]] = []
    for at in range(DAYS):
        day = date(2025, 1, 11) + timedelta(days=at)
        level = {20: "warn", 29: "error"}.get(at, "none")
        value = {20: 130.0, 29: 3.0}.get(at, 100.0 + at % 7)
        run = datetime(2025, 2, 10, 6)
        orders = ("volume_orders", '"shop"."marts"."orders"', None, "row_count", "")
        told = f"row_count is {value:g}, expected 90 to 110"
        found.append((run, *orders, day, value, 103.0, 90.0, 110.0, 1.0, 3.0, at, level, "ok", told))
        calm = ("column_amount", '"shop"."marts"."orders"', "amount", "mean", "")
        for later, answer in ((0, "error"), (1, "none")):
            when = run + timedelta(hours=later)
            found.append((when, *calm, day, 5.0 + later, 6.0, None, float("nan"), 1.0, 3.0, at, answer, "ok", ""))
    hostile = (HOSTILE, f'"shop"."{HOSTILE}"', HOSTILE, HOSTILE, HOSTILE)
    found.append((run, *hostile, date(2025, 2, 8), 7.0, 1.0, 0.0, 2.0, 9.0, 3.0, 20, "warn", HOSTILE, HOSTILE))
    return found


class Texts(HTMLParser):
    """What a page shows: its elements' texts by id, and the tags that it is made of."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.drawn = 0
        self.words: list[str] = []
        self._skip = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.drawn += ("data-drawn", "yes") in attrs
        self._skip = tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._skip = False

    def handle_data(self, data: str) -> None:
        if not self._skip:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def browse(page: Path, folder: Path, *words: str, query: str = "") -> tuple[str, str]:
    """What Chromium writes of a page: standard output, and what it logs."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        missing_engine("chromium", "apt-get install chromium")
    done = subprocess.run(
        [program, *FLAGS, f"--user-data-dir={folder}", *words, page.as_uri() + query],
        capture_output=True, text=True, check=False, timeout=120, env={**os.environ, "HOME": str(folder)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a table of results and a last run."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "dbt_project.yml").write_text("name: shop\n")
    (folder / "target").mkdir()
    (folder / "target" / "run_results.json").write_text(json.dumps(RUN))
    (folder / "target" / "manifest.json").write_text('{"metadata": {"project_name": "shop"}}')
    with duckdb.connect(str(folder / "shop.duckdb")) as connection:
        connection.execute("CREATE SCHEMA marts")
        connection.execute(TABLE)
        connection.executemany(f"INSERT INTO marts.sqlnomaly_results VALUES ({', '.join('?' * len(COLUMNS))})", rows())
    return folder


def run(*words: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["dbt", "report", *map(str, words)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stderr


@pytest.fixture(scope="module")
def page(shop: Path) -> Path:
    code, said = run("--project", shop, "--database", shop / "shop.duckdb", "--out", shop / "report.html")
    assert (code, said) == (0, f"{shop / 'report.html'}: 3 series, 1 errors, 2 warnings\n")
    return shop / "report.html"


@pytest.fixture(scope="module")
def seen(page: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Texts, str]:
    """The page after its scripts ran, and what the browser logged."""
    dom, log = browse(page, tmp_path_factory.mktemp("chromium"), "--window-size=1300,2400", "--dump-dom")
    return Texts(dom), log


def test_the_page_shows_alarms_newest_first_with_value_and_band(seen: tuple[Texts, str]) -> None:
    text = seen[0].text
    first = "2025-02-09 error orders: row_count volume_orders 3 90 to 110 row_count is 3, expected 90 to 110"
    last = "2025-01-31 warn orders: row_count volume_orders 130 90 to 110"
    assert 0 < text.index(first) < text.index("2025-02-08 warn") < text.index(last)


def test_of_a_bucket_that_was_judged_twice_the_newest_run_counts(seen: tuple[Texts, str]) -> None:
    assert "Errors 1 Warnings 2 Series with alarms 2 of 3" in seen[0].text
    assert "3 of 3 series, 3 of 3 alarms" in seen[0].text


def test_every_series_in_sight_is_drawn(seen: tuple[Texts, str]) -> None:
    assert seen[0].drawn == 3
    assert seen[0].tags.count("article") == 3


def test_the_last_run_is_told_with_what_failed_first(seen: tuple[Texts, str]) -> None:
    assert "Tests of the last dbt run 1 of 2 passed" in seen[0].text
    assert "volume_orders fail 1.00 Got <b>1</b> calm pass 0.50" in seen[0].text


def test_hostile_texts_are_shown_as_text(seen: tuple[Texts, str]) -> None:
    assert seen[0].text.count(" ".join(HOSTILE.split())) >= 5
    assert "Anomalies of shop" in seen[0].words
    assert "img" not in seen[0].tags


def test_nothing_is_asked_of_a_network_and_no_script_complains(page: Path, seen: tuple[Texts, str]) -> None:
    html = page.read_text(encoding="utf-8")
    assert "default-src 'none'; base-uri 'none'; form-action 'none'; script-src 'sha256-" in unescape(html)
    own = re.sub(r"<script>/\*\*.*?</script>", "", html, count=1, flags=re.DOTALL)  # without the library's file
    assert len(own) < 100_000
    assert not re.search(r"https?:|//\w+\.\w|@import|url\(|<link|\ssrc=(?!x)", own)
    assert not re.findall(r".*(?:CONSOLE|Uncaught|Content Security|net::ERR).*", seen[1])


HUNDREDS = """
    INSERT INTO marts.sqlnomaly_results
    SELECT TIMESTAMP '2025-02-10', 'volume', 'shop.marts.m' || s % 9, NULL, 'row_count', 'd' || s,
        DATE '2025-01-01' + CAST(d AS INTEGER), 100 + d % 7, 103, 90, 110, 1, 3, d,
        CASE WHEN s % 50 = 0 AND d = 29 THEN 'error' ELSE 'none' END, 'ok', ''
    FROM range(300) AS series(s), range(30) AS days(d)
"""


@pytest.fixture(scope="module")
def hundreds(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of three hundred series."""
    folder = tmp_path_factory.mktemp("hundreds")
    with duckdb.connect(str(folder / "shop.duckdb")) as connection:
        connection.execute("CREATE SCHEMA marts")
        connection.execute(TABLE)
        connection.execute(HUNDREDS)
    assert run("--project", shop, "--database", folder / "shop.duckdb", "--out", folder / "r.html")[0] == 0
    return folder / "r.html"


def test_of_hundreds_of_series_only_those_near_the_window_are_drawn(hundreds: Path, tmp_path: Path) -> None:
    dom, log = browse(hundreds, tmp_path, "--window-size=1300,900", "--dump-dom")
    seen = Texts(dom)
    assert seen.tags.count("article") == 300
    assert 2 <= seen.drawn <= 20
    assert "CONSOLE" not in log


def test_an_address_can_ask_for_a_part(hundreds: Path, tmp_path: Path) -> None:
    words = ("--window-size=1300,900", "--dump-dom")
    dom, _ = browse(hundreds, tmp_path, *words, query="?model=m0&odd=1&find=row_count%20D0")
    assert "1 of 300 series, 1 of 6 alarms" in Texts(dom).text
    dom, _ = browse(hundreds, tmp_path, *words, query="?find=%3Cscript%3E")
    assert "0 of 300 series" in Texts(dom).text


def test_every_series_can_be_read_as_a_table(page: Path, tmp_path: Path) -> None:
    opened = tmp_path / "opened.html"
    opened.write_text(page.read_text(encoding="utf-8").replace("<details>", "<details open>"), encoding="utf-8")
    dom, log = browse(opened, tmp_path, "--window-size=1300,900", "--dump-dom")
    assert "2025-02-09 3 90 110 error ok" in Texts(dom).text
    assert "2025-01-11 6 none ok" in Texts(dom).text
    assert "CONSOLE" not in log


@pytest.mark.parametrize(
    ("relation", "model"),
    [
        ('"shop"."marts"."orders"', "orders"), ("`shop`.`marts`.`orders`", "orders"), ("marts.orders", "orders"),
        ('(select * from "shop"."marts"."orders" where a.b > 1) dbt_subquery', "orders"), ("", ""),
    ],
)  # fmt: skip
def test_a_series_is_called_by_its_relation(relation: str, model: str) -> None:
    assert Series("t", relation, "", "row_count", "", ()).model == model


@pytest.mark.postgres
def test_postgres_gives_the_same_page(shop: Path, page: Path, tmp_path: Path) -> None:
    try:
        server = Server()
    except (ImportError, OSError) as error:
        missing_engine("postgres", str(error))
    with server:
        with closing(open_engine(server.url)) as engine:
            engine.run("CREATE SCHEMA marts")
            engine.run(TABLE.replace("DOUBLE", "DOUBLE PRECISION"))
            for row in rows():
                values = ", ".join(map(literal, row))
                engine.run(f"INSERT INTO marts.sqlnomaly_results VALUES ({values})")
        code, said = run("--project", shop, "--database", server.url, "--out", tmp_path / "r.html")
    assert (code, said.partition(": ")[2]) == (0, "3 series, 1 errors, 2 warnings\n")
    written = re.compile(r"written [-\d]+ [:\d]+ UTC")
    assert written.sub("", (tmp_path / "r.html").read_text()) == written.sub("", page.read_text())


PROFILES = """
shop:
  target: "{{ env_var('SHOP_TARGET', 'here') }}"
  outputs:
    here: {type: duckdb, path: shop.duckdb}
    memory: {type: duckdb}
    server: {type: postgres, host: "{{ env_var('SHOP_HOST') }}", user: me, pass: "p/w: @", port: 5433, dbname: shop}
    spark: {type: spark}
"""


def test_the_profile_says_where_the_database_is(shop: Path, page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (shop / "profiles.yml").write_text(PROFILES)
    (shop / "dbt_project.yml").write_text("name: shop\nprofile: shop\n")
    assert run("--project", shop, "--out", shop / "again.html")[0] == 0
    monkeypatch.setenv("SHOP_HOST", "/tmp/db")
    assert address(shop, "server") == "postgresql://me:p%2Fw%3A%20%40@/shop?host=%2Ftmp%2Fdb&port=5433"
    monkeypatch.setenv("SHOP_TARGET", "memory")
    code, said = run("--project", shop, "--out", shop / "again.html")
    assert (code, "which nobody else can open" in said) == (2, True)


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("server", "reads the variable SHOP_HOST of the environment, which is not set"),
        ("spark", "adapter spark has no address"),
        ("nowhere", "no target 'nowhere'\n  try: one of here, memory, server, spark"),
    ],
)
def test_a_profile_that_does_not_say_where_is_told(target: str, told: str, shop: Path, tmp_path: Path) -> None:
    (tmp_path / "profiles.yml").write_text(PROFILES)
    (tmp_path / "dbt_project.yml").write_text("name: shop\nprofile: shop\n")
    code, said = run("--project", tmp_path, "--target", target)
    assert (code, told in said) == (2, True), said


SECRETS = {
    "broken YAML": 'shop: {outputs: {dev: {type: postgres, password: "SECRET, host: x}}}\n',
    "broken Jinja": "shop: {outputs: {default: {type: postgres, password: 'a{{ 1 SECRET }}', host: x}}}\n",
    "Jinja that fails": "shop: {outputs: {default: {type: postgres, password: '{{ 1 / 0 }}SECRET', host: x}}}\n",
    "an undefined name": "shop: {outputs: {default: {type: postgres, password: '{{ SECRET() }}', host: x}}}\n",
    "a token in a path": "shop: {outputs: {default: {type: duckdb, path: 'motherduck:s?motherduck_token=SECRET'}}}\n",
    "no mapping": "shop: {outputs: {default: SECRET}}\n",
    "nobody there": "shop: {outputs: {default: {type: postgres, password: SECRET, host: localhost, port: 1}}}\n",
}


@pytest.mark.parametrize("profiles", SECRETS.values(), ids=SECRETS)
def test_an_error_does_not_tell_what_stands_in_the_profile(profiles: str, tmp_path: Path) -> None:
    (tmp_path / "profiles.yml").write_text(profiles)
    (tmp_path / "dbt_project.yml").write_text("name: shop\nprofile: shop\n")
    code, said = run("--project", tmp_path, "--out", tmp_path / "r.html")
    assert code in (1, 2)
    assert said.startswith("error: ")
    assert "SECRET" not in said
    assert not (tmp_path / "r.html").exists()


def test_a_profile_is_found_and_read_as_dbt_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: shop\nprofile: \"{{ env_var('SHOP', 'shop') }}\"\n")
    (tmp_path / "profiles.yml").write_text("shop: {target: 1, outputs: {1: {type: duckdb, path: near.duckdb}}}\n")
    assert address(tmp_path) == f"duckdb:///{tmp_path / 'near.duckdb'}"
    (tmp_path / "far").mkdir()
    port = "{{ env_var('PORT', '5433') | as_number }}"
    (tmp_path / "far" / "profiles.yml").write_text(
        f'shop: {{outputs: {{default: {{type: postgres, host: h, port: "{port}", user: u, dbname: d}}}}}}\n'
    )
    monkeypatch.setenv("DBT_PROFILES_DIR", str(tmp_path / "far"))
    assert address(tmp_path) == "postgresql://u@/d?host=h&port=5433"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE t SET value = 'much'", "could not convert string to float: 'much'"),
        ("UPDATE t SET bucket = TIMESTAMP 'infinity'", "out of range"),
        ("UPDATE t SET bucket = TIMESTAMP '0044-03-15 (BC)'", "out of range"),
        ("UPDATE t SET bucket = NULL, value = NULL, level = NULL, relation = NULL, run_at = NULL", None),
        ("UPDATE t SET bucket = TIMESTAMP '0001-01-01'", None),
        ("UPDATE t SET value = '-1e300'", None),
    ],
)
def test_odd_rows_are_shown_or_refused(change: str, told: str | None, shop: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "odd.duckdb")) as connection:
        connection.execute(TABLE.replace("marts.sqlnomaly_results", "t").replace("value DOUBLE", "value VARCHAR"))
        connection.execute("INSERT INTO t (test_name, metric, bucket, value) VALUES ('a', 'b', '2025-01-01', '1')")
        connection.execute(change)
    out = tmp_path / "r.html"
    code, said = run("--project", shop, "--database", tmp_path / "odd.duckdb", "--table", "t", "--out", out)
    assert (code, out.exists()) == ((0, True) if told is None else (1, False))
    assert told is None or (said.startswith("error: t is no table of results: ") and told in said)


def test_a_table_whose_name_cannot_be_read_is_refused(shop: Path, tmp_path: Path) -> None:
    duckdb.connect(str(tmp_path / "other.duckdb")).close()
    code, said = run("--project", shop, "--database", tmp_path / "other.duckdb", "--table", '"open')
    assert (code, "is no name of a table" in said) == (2, True)


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("manifest.json", '{"metadata": {"project_name": "\\ud800</title>"}}', 0),
        ("manifest.json", '{"metadata": null}', 2),
        ("run_results.json", '{"results": [{"unique_id": "test.a.b", "status": "skipped", "message": "\\ud800"}]}', 0),
        ("run_results.json", '{"results": [{"unique_id": "test.a"}]}', 2),
        ("run_results.json", '{"results": null}', 2),
        ("run_results.json", '{"results": [', 2),
    ],
)
def test_artefacts_that_are_none_are_refused(name: str, text: str, code: int, shop: Path, tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / name).write_text(text)
    (tmp_path / "dbt_project.yml").write_text("name: shop\n")
    out = tmp_path / "r.html"
    found, said = run("--project", tmp_path, "--database", shop / "shop.duckdb", "--out", out)
    assert (found, out.exists()) == (code, code == 0), said
    assert not code or "artefacts" in said or "cannot read" in said


def literal(value: object) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def test_a_database_without_results_is_an_error_that_says_what_to_do(shop: Path, tmp_path: Path) -> None:
    duckdb.connect(str(tmp_path / "other.duckdb")).close()
    code, said = run("--project", shop, "--database", tmp_path / "other.duckdb", "--out", tmp_path / "r.html")
    assert code == 2
    assert "there is no table sqlnomaly_results" in said
    assert not (tmp_path / "r.html").exists()


def test_a_table_of_something_else_is_refused(shop: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "other.duckdb")) as connection:
        connection.execute("CREATE TABLE orders AS SELECT 1 AS run_at")
    words = ("--project", shop, "--database", tmp_path / "other.duckdb", "--table", "orders")
    code, said = run(*words, "--out", tmp_path / "r.html")
    assert code == 1
    assert "orders is no table of results" in said


def test_a_project_that_has_no_result_yet_gets_a_page_that_says_so(shop: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "empty.duckdb")) as connection:
        connection.execute("CREATE SCHEMA marts")
        connection.execute(TABLE)
    code, _ = run("--project", shop, "--database", tmp_path / "empty.duckdb", "--out", tmp_path / "r.html")
    assert code == 0
    assert "No result yet" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_a_folder_that_is_no_project_is_refused(tmp_path: Path) -> None:
    code, said = run("--project", tmp_path, "--database", "x.duckdb")
    assert (code, "there is no dbt_project.yml" in said) == (2, True)

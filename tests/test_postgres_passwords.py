"""PostgreSQL: a password opens the server, and is in no message."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest

from sqlnomaly import BindError, EngineError, UsageError
from sqlnomaly.engines import open_engine
from tests.engines.postgres import Server

pytestmark = pytest.mark.postgres

SECRET = "s3cret w/ @ and : in it"


@pytest.fixture(scope="module")
def locked() -> Iterator[Server]:
    with Server(password=SECRET) as started:
        yield started


def addressed(server: Server, password: str) -> str:
    return server.url.replace("postgres@", f"postgres:{quote(password, safe='')}@", 1)


def test_the_right_password_opens(locked: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    open_engine(addressed(locked, SECRET)).close()
    monkeypatch.setenv("PGPASSWORD", SECRET)
    open_engine(locked.url).close()
    monkeypatch.delenv("PGPASSWORD")
    file = tmp_path / "pgpass"
    file.write_text("*:*:*:postgres:" + SECRET.replace(":", "\\:") + "\n")
    file.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(file))
    open_engine(locked.url).close()


WRONG = "hunter2"


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://postgres:hunter2@/postgres?host={host}",
        "postgres://postgres@/postgres?host={host}&password=hunter2",
        "postgresql://postgres:hunter2@x@/postgres?host={host}",
        "postgresql://postgres:a/hunter2@localhost:1/x",
        "postgresql://postgres:hunter2@localhost:port/x",
        "postgresql://postgres:hunter2%@localhost:1/x",
        "postgresql://hunter2:hunter2@nowhere.invalid:1/x?hunter2=1",
        "postgresq://postgres:hunter2@localhost/x",
        "mysql://postgres:hunter2@localhost/x",
    ],
)
def test_a_password_is_in_no_message(locked: Server, address: str) -> None:
    with pytest.raises((EngineError, UsageError)) as caught:
        open_engine(address.format(host=quote(str(locked.folder), safe="")))
    assert WRONG not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_password_is_in_no_message_of_the_session(locked: Server) -> None:
    with closing(open_engine(addressed(locked, SECRET))) as engine, pytest.raises(BindError) as caught:
        engine.run(f"SELECT \"{SECRET}\" FROM pg_class")
    assert SECRET not in str(caught.value)
    assert "***" in str(caught.value)

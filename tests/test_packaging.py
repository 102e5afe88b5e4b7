"""What ships: the sdist makes the wheel, the wheel holds every room and no more, an import stays light."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
from pathlib import Path

import pytest

from tests.conftest import sqlglot_build

ROOT = Path(__file__).parent.parent
ROOMS = ("dialects", "pushdown", "udfs", "sql")
HEAVY = (
    "duckdb", "numba", "pandas", "pyspark", "pyarrow", "sklearn",
    "matplotlib", "google.cloud.bigquery", "snowflake.connector", "snowflake.snowpark",
)  # fmt: skip


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    """Standard output of a command; its whole output is the failure's message."""
    words = [str(part) for part in command]
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked sdist."""
    folder = tmp_path_factory.mktemp("sdist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", folder)
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        # Python 3.11.2, Debian 12's, has no filters yet; 3.12 and 3.13 warn where none is named.
        opened.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
        opened.extractall(folder)
    (unpacked,) = (path for path in folder.iterdir() if path.is_dir())
    return unpacked


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that the sdist, not the checkout, makes."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=sdist)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel installed; no network is needed."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=True)
    run(
        *(sys.executable, "-m", "pip", "--python", folder / "bin" / "python", "--disable-pip-version-check"),
        *("install", "--no-deps", "--no-index", wheel),
    )
    return folder


def site_packages(environment: Path) -> Path:
    """Where the environment's packages are."""
    base = str(environment)
    return Path(sysconfig.get_path("purelib", "venv", {"base": base, "platbase": base}))


@pytest.fixture(scope="module")
def python(environment: Path) -> Path:
    """The environment's interpreter, which also sees this environment's packages."""
    # A plain path line adds the folder but not the .pth files in it, so no editable install comes along.
    dependencies = [path for path in sys.path if path.endswith("site-packages")]
    (site_packages(environment) / "zz_dependencies.pth").write_text("\n".join(dependencies) + "\n")
    return environment / "bin" / "python"


@pytest.mark.packaging
def test_the_wheel_puts_only_sqlnomaly_in_site_packages(environment: Path) -> None:
    landed = {path.name for path in site_packages(environment).iterdir() if path.suffix != ".pth"}
    assert {name.partition("-")[0] for name in landed} == {"sqlnomaly"}
    assert {Path(name).suffix for name in landed} == {"", ".dist-info"}


@pytest.mark.packaging
def test_the_wheel_holds_every_file_of_every_room_once(environment: Path) -> None:
    installed = site_packages(environment) / "sqlnomaly"
    for room in ROOMS:
        assert files_below(installed / room) == files_below(ROOT / room), room


def files_below(folder: Path) -> set[str]:
    """The files in a folder, as paths relative to it; no bytecode."""
    found = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix() for path in found}


@pytest.mark.packaging
def test_every_module_of_the_wheel_can_be_imported(python: Path, environment: Path) -> None:
    code = (
        "import importlib, pkgutil, sqlnomaly\n"
        "print(sqlnomaly.__file__)\n"
        "for module in pkgutil.walk_packages(sqlnomaly.__path__, 'sqlnomaly.'):\n"
        "    if not module.name.endswith('.__main__'):\n"
        "        importlib.import_module(module.name)\n"
        "        print(module.name)\n"
    )
    origin, *imported = run(python, "-I", "-c", code, cwd=environment).split()
    assert Path(origin).is_relative_to(site_packages(environment))
    assert {f"sqlnomaly.{room}" for room in ROOMS if (ROOT / room / "__init__.py").exists()} <= set(imported)


@pytest.mark.packaging
def test_the_wheel_names_its_types_its_license_and_its_command(environment: Path) -> None:
    installed = site_packages(environment)
    (info,) = installed.glob("sqlnomaly-*.dist-info")
    assert (installed / "sqlnomaly" / "py.typed").exists()
    assert (info / "licenses" / "LICENSE").exists()
    assert "sqlnomaly = sqlnomaly.cli:app" in (info / "entry_points.txt").read_text()


def test_importing_sqlnomaly_loads_no_driver_and_no_compiler() -> None:
    code = f"import sys, sqlnomaly; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    assert run(sys.executable, "-c", code).split() == []


def test_the_run_is_on_the_sqlglot_build_it_was_asked_for() -> None:
    assert sqlglot_build() == os.environ.get("SQLNOMALY_SQLGLOT", sqlglot_build())


def test_every_room_is_linked_into_the_package() -> None:
    linked = {room: (ROOT / "src" / "sqlnomaly" / room).resolve() for room in ROOMS}
    assert linked == {room: ROOT.resolve() / room for room in ROOMS}

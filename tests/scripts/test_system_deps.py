"""What is installed is named before, and only installed where this is allowed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.postgres import PostgresMissing, programs
from tests.test_house import ROOT

pytestmark = pytest.mark.servers
BASH = shutil.which("bash") or "bash"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """The programs of a machine without Redis; root, and apt-get says what it is asked for."""
    for name in ("chromium", "msgfmt", "git"):
        _program(tmp_path, name, "exit 0")
    _program(tmp_path, "id", "echo 0")
    _program(tmp_path, "apt-get", 'echo "apt-get $*"; echo "$*" >> "$0.asked"')
    return tmp_path


def _program(folder: Path, name: str, script: str) -> None:
    file = folder / name
    file.write_text(f"#!{BASH}\n{script}\n", "utf-8")
    file.chmod(0o755)


def _run(machine: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [BASH, str(ROOT / "scripts/system_deps.sh")]
    return subprocess.run(command, env={"PATH": str(machine), **environment}, capture_output=True, text=True)


def _asked(machine: Path) -> str:
    file = machine / "apt-get.asked"
    return file.read_text("utf-8") if file.exists() else ""


def test_packages_are_named_before_they_are_installed(machine: Path) -> None:
    ran = _run(machine)
    assert ran.returncode == 0, ran.stderr
    assert "redis-server" in ran.stdout.partition("apt-get update")[0]
    assert "redis-server" in _asked(machine)
    assert "chromium" not in ran.stdout


@pytest.mark.parametrize("case", ["SYSTEM_DEPS=no", "not root"])
def test_nothing_is_installed_where_it_is_not_wanted(machine: Path, case: str) -> None:
    if case == "not root":
        _program(machine, "id", "echo 1000")
        ran = _run(machine)
    else:
        ran = _run(machine, SYSTEM_DEPS="no")
    assert ran.returncode == 0
    assert "redis-server" in ran.stderr
    assert not _asked(machine)


def test_nothing_is_said_when_nothing_is_missing(machine: Path) -> None:
    for name in ("redis-server", "initdb", "nginx", "pgbouncer"):
        _program(machine, name, "exit 0")
    ran = _run(machine)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_one_version_of_postgresql_can_be_asked_for(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _run(machine, POSTGRES_VERSION="99")
    assert "postgresql-99" in _asked(machine)
    monkeypatch.setenv("POSTGRES_VERSION", "99")
    with pytest.raises(PostgresMissing):
        programs()
    for folder in Path("/usr/lib/postgresql").glob("*/bin"):
        monkeypatch.setenv("POSTGRES_VERSION", folder.parent.name)
        assert programs() == folder
        assert (
            "postgresql" not in _run(machine, SYSTEM_DEPS="no", POSTGRES_VERSION=os.environ["POSTGRES_VERSION"]).stderr
        )


def test_the_virtual_environment_installs_no_system_package_either(machine: Path) -> None:
    """Where Python cannot make one."""
    (machine / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/setup.sh", machine / "scripts")
    for name, script in (("dirname", "echo scripts"), ("python", '[ "$1" != -m ]')):
        _program(machine, name, script)
    ran = subprocess.run(
        [BASH, "scripts/setup.sh", "none.txt"],
        cwd=machine,
        env={"PATH": str(machine), "PYTHON_BIN": "python", "SYSTEM_DEPS": "no"},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 1
    assert "python3-venv" in ran.stderr
    assert not _asked(machine)

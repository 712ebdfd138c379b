"""The systemd units: valid, hardened, and with settings that exist."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.test_house import ROOT

pytestmark = pytest.mark.servers
FOLDER = ROOT / "deploy/systemd"
SERVICES = sorted(FOLDER.glob("*.service"))
SETTINGS_OF_OTHERS = {"BIND", "WEB_CONCURRENCY", "CELERY_CONCURRENCY"}
# Out of 10, as systemd-analyze counts; a web server that talks to a database cannot be much below.
EXPOSURE_MAX = 2.0


def documented_settings() -> set[str]:
    page = (ROOT / "docs/admins/settings.md").read_text("utf-8")
    return set(re.findall(r"`([A-Z][A-Z_]+)`", page))


@pytest.mark.parametrize("file", ["deploy/systemd/environment", "deploy/container/settings.env"])
def test_settings_of_the_examples_are_documented(file) -> None:
    lines = [line for line in (ROOT / file).read_text("utf-8").splitlines() if line and not line.startswith("#")]
    names = {line.partition("=")[0].removesuffix("_FILE") for line in lines}
    assert len(names) > 8
    assert names <= documented_settings()


def installed_as_in_production(tmp_path: Path) -> Path:
    """A root directory with the units and everything that they name."""
    units = tmp_path / "etc/systemd/system"
    units.mkdir(parents=True)
    for file in FOLDER.iterdir():
        if file.suffix in (".service", ".target"):
            shutil.copy(file, units)
    programs = tmp_path / "opt/booking-adapter/venv/bin"
    programs.mkdir(parents=True)
    for name in ("gunicorn", "celery"):
        (programs / name).write_text("#!/bin/sh\n", "utf-8")
        (programs / name).chmod(0o755)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/kill").write_text("#!/bin/sh\n", "utf-8")
    (tmp_path / "bin/kill").chmod(0o755)
    return units


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_understands_every_line(tmp_path) -> None:
    units = installed_as_in_production(tmp_path)
    command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", f"--root={tmp_path}"]
    ran = subprocess.run([*command, *(str(units / file.name) for file in SERVICES)], capture_output=True, text=True)
    said = [line for line in ran.stderr.splitlines() if "booking-adapter" in line]
    assert len(SERVICES) == 4
    assert not said


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
@pytest.mark.parametrize("file", SERVICES, ids=lambda file: file.stem)
def test_units_are_hardened(file) -> None:
    ran = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--no-pager", str(file)], capture_output=True, text=True
    )
    found = re.search(r"exposure level for \S+: ([\d.]+)", ran.stdout)
    assert found, ran.stderr
    assert float(found[1]) <= EXPOSURE_MAX, ran.stdout


def test_units_run_what_the_package_installs() -> None:
    for file in SERVICES:
        text = file.read_text("utf-8")
        start = re.search(r"^ExecStart=/opt/booking-adapter/venv/bin/(\w+) (.*)$", text, re.MULTILINE)
        assert start
        assert start[1] in ("gunicorn", "celery")
        assert "EnvironmentFile=/etc/booking-adapter/environment" in text
        assert "User=booking-adapter" in text


def test_the_wrapper_gives_commands_the_settings_of_the_units(tmp_path) -> None:
    (tmp_path / "environment").write_text("# a comment\nBASE_URL=https://agendas.example.org/\nLOG_JSON=on\n", "utf-8")
    program = tmp_path / "program"
    program.write_text('#!/bin/sh\necho "$BASE_URL $LOG_JSON $LOG_LEVEL $*"\n', "utf-8")
    program.chmod(0o755)
    environment = {
        "PATH": "/usr/bin:/bin",
        "BOOKING_ADAPTER_ENVIRONMENT": str(tmp_path / "environment"),
        "BOOKING_ADAPTER_PROGRAM": str(program),
    }

    def said() -> str:
        command = [str(FOLDER / "booking-adapter-manage"), "locks", "list", "a b"]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    # What a command logs on the way does not hide its answer, unless the settings ask for it.
    assert said() == "https://agendas.example.org/ on WARNING locks list a b\n"
    with (tmp_path / "environment").open("a") as file:
        file.write("LOG_LEVEL=DEBUG\n")
    assert said() == "https://agendas.example.org/ on DEBUG locks list a b\n"

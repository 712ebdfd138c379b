"""The built package: whole, and it runs in an environment that has nothing else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
import requests

from tests.support.celery import eventually
from tests.support.servers import free_port
from tests.test_house import ROOT, tracked

pytestmark = pytest.mark.servers
PACKAGES = ("adapter", "workflows", "tasks", "fixtures")
# What belongs to the sources only.
NOT_IN_THE_WHEEL = re.compile(r"\.po$|/README\.md$")


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    """The sources as they would be cloned, without anything that was left in the folder."""
    clean = tmp_path_factory.mktemp("tree")
    for file in tracked():
        target = clean / file.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())
    return clean


@pytest.fixture(scope="module")
def dist(tree, tmp_path_factory) -> Path:
    """Wheel and source archive, the wheel built out of the archive as installers do it."""
    folder = tmp_path_factory.mktemp("dist")
    # What builds is asked for by name, as pip does; nothing of this environment is seen.
    code = f"from setuptools import build_meta as b; print(b.build_sdist({str(folder)!r}))"
    builder = tmp_path_factory.mktemp("builder")
    run([sys.executable, "-m", "venv", str(builder)])
    run([str(builder / "bin/pip"), "install", "--quiet", *requirement_of_the_build()])
    run([str(builder / "bin/python"), "-c", code], cwd=tree)
    (archive,) = folder.glob("*.tar.gz")
    run(
        [
            str(builder / "bin/pip"),
            "wheel",
            "--quiet",
            "--no-deps",
            "--no-build-isolation",
            "-w",
            str(folder),
            str(archive),
        ]
    )
    return folder


def requirement_of_the_build() -> list[str]:
    """What ``[build-system]`` asks for."""
    import tomllib

    found: list[str] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["build-system"]["requires"]
    return found


def run(command: list[str], cwd: Path | None = None, **environment: str) -> str:
    """Run it away from the sources; fails with what it said."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "DJANGO_SETTINGS_MODULE")}
    ran = subprocess.run(command, cwd=cwd or "/", env={**kept, **environment}, capture_output=True, text=True)
    assert ran.returncode == 0, f"{command}\n{ran.stdout[-2000:]}\n{ran.stderr[-2000:]}"
    return ran.stdout


def test_the_wheel_holds_every_file_of_the_packages_and_nothing_else(dist) -> None:
    (wheel,) = dist.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    expected = {
        name
        for file in tracked()
        if (name := file.relative_to(ROOT).as_posix()).split("/")[0] in PACKAGES and not NOT_IN_THE_WHEEL.search(name)
    }
    assert not expected - packed
    assert {name.split("/")[0] for name in packed} == set(PACKAGES)
    assert any(name.endswith("django.mo") for name in packed)


def test_the_source_archive_can_be_built_and_read(dist) -> None:
    (file,) = dist.glob("*.tar.gz")
    with tarfile.open(file) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "LICENSE", "README.md", "adapter/wsgi.py", "workflows/py.typed"} <= names


@pytest.mark.thorough
def test_it_installs_and_runs_in_a_clean_environment(dist, tree, tmp_path) -> None:
    """The commands of docs/admins/install.md and of the Containerfile."""
    venv, home = tmp_path / "venv", tmp_path / "home"
    home.mkdir()
    run([sys.executable, "-m", "venv", str(venv)])
    pip = str(venv / "bin/pip")
    requirements = str(tree / "requirements/runtime.txt")
    run([pip, "install", "--quiet", "--require-hashes", "--requirement", requirements])
    (wheel,) = dist.glob("*.whl")
    run([pip, "install", "--quiet", "--no-deps", str(wheel)])
    run([pip, "check"])
    program, port = str(venv / "bin/booking-adapter"), free_port()
    settings = {
        "ADAPTER_HOME": str(home),
        "BASE_URL": f"http://127.0.0.1:{port}/",
        "SECRET_KEY": "x" * 60,
        "BIND": f"127.0.0.1:{port}",
        "SERVE_STATIC_FROM_SOURCE": "off",
        "LOG_LEVEL": "WARNING",
    }
    run([program, "migrate", "--verbosity", "0"], **settings)
    run([program, "demo_data", "--verbosity", "0"], **settings)
    run([program, "collectstatic", "--no-input", "--verbosity", "0"], **settings)
    run([program, "check"], **settings)
    kit = tmp_path / "kit"
    run([program, "wcs", "export", str(kit), "--agenda", "mairie"], **settings)
    assert list(kit.rglob("*.wcs"))
    # The interpreter with its pages, and the adapter that it starts for itself.
    played = run(
        [program, "wcs", "rehearse", "--journey", "citizen", "--html", str(tmp_path / "report.html")], **settings
    )
    assert "Tous les parcours joués ont réussi." in played
    assert "Répétition" in (tmp_path / "report.html").read_text("utf-8")
    command = [str(venv / "bin/gunicorn"), "-c", "python:adapter.ops.gunicorn", "adapter.wsgi"]
    with (tmp_path / "web.log").open("wb") as log:
        web = subprocess.Popen(command, cwd=home, env={"PATH": os.environ["PATH"], **settings}, stdout=log, stderr=log)
    base = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: web.poll() is None and answers(f"{base}/readyz"))
        login = requests.get(f"{base}/login/", timeout=10)
        assert "<title>Connexion</title>" in login.text
        for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', login.text):
            assert requests.get(f"{base}{address}", timeout=10).status_code == 200, address
        assert requests.get(f"{base}/api/openapi.json", timeout=10).json()["openapi"]
        assert requests.get(f"{base}/api/docs/", timeout=10).ok
        assert requests.get(f"{base}/api/agenda/", timeout=10).status_code == 403
    finally:
        web.terminate()
        web.wait(30)
    assert not (venv / "var").exists()


def answers(address: str) -> bool:
    """Whether it does, with 200."""
    try:
        return requests.get(address, timeout=2).ok
    except requests.RequestException:
        return False

"""The guide for administrators names things that exist."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from django.core.management import get_commands

from tests.test_house import ROOT

PAGES = sorted((ROOT / "docs/admins").glob("*.md"))
TEXT = "\n".join(page.read_text("utf-8") for page in PAGES)
# Written by others than our settings: of gunicorn, of w.c.s., and place-holders.
OTHER_CAPITALS = {"CODE", "FILE", "HOST", "ID", "NAME", "PATH", "PORT", "USER"}


def test_files_that_are_named_exist() -> None:
    named = {name.rstrip(".") for name in re.findall(r"(?<![\w/])((?:deploy|requirements|scripts)/[\w./-]+\w)", TEXT)}
    assert len(named) > 8
    made = {"deploy/container/secrets"}
    assert not {name for name in named - made if not (ROOT / name).exists()}


def test_commands_that_are_named_exist() -> None:
    named = set(re.findall(r"(?:booking-adapter-manage|manage\.py|(?:exec web|bin/)booking-adapter) (\w+)", TEXT))
    assert {"migrate", "check", "signed_url", "outbox"} <= named
    assert named <= set(get_commands())


def test_settings_that_are_named_are_documented() -> None:
    documented = set(re.findall(r"`([A-Z][A-Z_]+)`", (ROOT / "docs/admins/settings.md").read_text("utf-8")))
    named = {name.removesuffix("_FILE") for name in re.findall(r"`([A-Z][A-Z]*_[A-Z_]*[A-Z])(?:=[^`]*)?`", TEXT)}
    assert len(named) > 20
    assert named <= documented | OTHER_CAPITALS


def test_proofs_of_the_threat_model_exist() -> None:
    page = (ROOT / "docs/admins/threat-model.md").read_text("utf-8")
    names = set(re.findall(r"`((?:tests|scripts)/[\w/]+(?:\.py)?|test_\w+\.py)/?`", page))
    tests = {file.name for file in (ROOT / "tests").rglob("test_*.py")}
    assert len(names) > 8
    for name in names:
        assert name in tests or (ROOT / name).exists(), name


def test_errors_of_signatures_are_those_that_callers_read() -> None:
    page = (ROOT / "docs/admins/connect.md").read_text("utf-8")
    source = (ROOT / "adapter/wcs/signature.py").read_text("utf-8")
    sentences = [line.split("`")[1] for line in page.splitlines() if re.match(r"\| `[A-Z]", line)]
    assert len(sentences) == 4
    for sentence in sentences:
        assert sentence.rstrip(".…") in source, sentence


def section(title: str) -> str:
    """The text of one section of the page about the installation."""
    page = (ROOT / "docs/admins/install.md").read_text("utf-8")
    return page.partition(f"## {title}\n")[2].partition("\n## ")[0]


def test_settings_and_secrets_are_made_as_the_page_says_and_the_next_steps_find_their_files(tmp_path: Path) -> None:
    """One shell from step to step, as somebody who types has: neither folder nor umask may change under their feet."""
    steps = "".join(section(title) for title in ("3. Settings and secrets", "5. Run it"))
    lines = [line[2:] for line in steps.splitlines() if line.startswith("# ")]
    kept = [line for line in lines if not line.startswith(("systemctl", "curl"))]
    assert len(kept) > 9
    script = "\n".join(["set -e", *kept, "umask"])
    for real, here in (
        ("/etc/", f"{tmp_path}/etc/"),
        ("/usr/local/bin/", f"{tmp_path}/bin/"),
        ("-o root -g booking-adapter ", ""),
        ("chgrp booking-adapter *", "true"),
    ):
        assert real in script
        script = script.replace(real, here)
    for folder in ("etc/systemd/system", "bin"):
        (tmp_path / folder).mkdir(parents=True)
    ran = subprocess.run(
        ["sh", "-c", f"umask 022\n{script}"], cwd=ROOT, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[-1] == "0022"
    secrets = {file.name: file for file in (tmp_path / "etc/booking-adapter/secrets").iterdir()}
    assert set(secrets) == {"secret_key", "metrics_token", "database_url", "known_services"}
    assert {file.stat().st_mode & 0o777 for file in secrets.values()} == {0o640}
    assert len(secrets["secret_key"].read_text("utf-8").strip()) >= 50
    named = (tmp_path / "etc/booking-adapter/environment").read_text("utf-8")
    assert set(re.findall(r"secrets/(\w+)", named)) == set(secrets)
    assert len(list((tmp_path / "etc/systemd/system").iterdir())) == 5


def test_every_code_of_the_checks_is_explained_beside_its_setting() -> None:
    """``check --deploy`` names codes: whoever looks one up must find it."""
    sources = "\n".join(file.read_text("utf-8") for file in (ROOT / "adapter").rglob("checks.py"))
    codes = set(re.findall(r'id="(adapter\.[EW]\d+)"', sources))
    assert len(codes) >= 10
    assert not {code for code in codes if code not in TEXT}

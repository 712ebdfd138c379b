"""The commands that pages give for a running demo, and those that the demo prints itself: typed into a shell."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.celery import eventually
from tests.support.demo import Demo
from tests.test_house import ROOT

pytestmark = pytest.mark.servers
PAGES = ("docs/admins/README.md", "docs/integrators/README.md")
ANSWERED = re.compile(r'"err": ?0')
WELCOME_COMMAND = re.compile(r"^  (set -a; .*|curl .*)$", re.MULTILINE)


def typed(script: str, home: Path) -> subprocess.CompletedProcess[str]:
    """A shell that stops at the first failure; the demo's folder and this Python stand for the usual ones."""
    here = script.replace("var/demo.env", str(home / "demo.env")).replace(".venv/bin/python", sys.executable)
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        ["bash", "-c", f"set -e\n{here}"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_work_beside_the_demo(running_demo: Demo, page: str) -> None:
    blocks = re.findall(r"^```console\n(.*?)^```$", (ROOT / page).read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert blocks
    for block in blocks:
        ran = typed("\n".join(line.removeprefix("$ ") for line in block.splitlines()), running_demo.home)
        assert ran.returncode == 0, ran.stderr
        assert ANSWERED.search(ran.stdout)


def test_the_commands_that_the_demo_prints_work(running_demo: Demo) -> None:
    home = running_demo.home
    commands = WELCOME_COMMAND.findall(running_demo.printed)
    assert len(commands) == 2
    doctor, call = (typed(command, home) for command in commands)
    assert re.search(r"Live locks: [1-9]", doctor.stdout), doctor.stdout + doctor.stderr
    # Nothing is wrong with a demo once its first tasks have run; the stand-in calls when somebody opens its form.
    eventually(lambda: "critical" not in typed(commands[0], home).stdout)
    assert ANSWERED.search(call.stdout), call.stderr

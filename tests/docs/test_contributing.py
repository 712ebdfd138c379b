"""What a newcomer reads first is true: files, commands, the example, and what the forge runs."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import yaml

from tests.test_house import ROOT

PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
RULE = "adapter/agendas/services/setup/agendas.py"


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_files_and_commands_that_it_names_are_there() -> None:
    files = re.findall(r"`((?:adapter|docs|tasks|tests|workflows)/[\w./-]*|[\w.-]+\.yaml)`", PAGE)
    assert len(files) > 10
    assert not [name for name in files if not (ROOT / name).exists()]
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"(?:`|^\$ |[\d.]+ )make ([\w-]+)", PAGE, re.MULTILINE))
    assert {"setup", "check", "test", "test-all"} <= targets
    assert not [target for target in targets if f"\n{target}:" not in makefile]


def test_the_example_is_the_code_that_there_is(tmp_path: Path) -> None:
    code = "\n".join((ROOT / name).read_text("utf-8") for name in (RULE, "tests/agendas/test_setup.py"))
    shown = [*_blocks("python"), *_blocks("text")]
    assert len(shown) == 3
    assert not [block for block in shown if block not in code]
    [words] = _blocks("po")
    assert words in (ROOT / "adapter/locale/fr/LC_MESSAGES/django.po").read_text("utf-8")
    # The way back to the bug changes one line.
    [command] = [line[2:] for block in _blocks("console") for line in block.splitlines() if line.startswith("$ sed")]
    copy = tmp_path / RULE
    copy.parent.mkdir(parents=True)
    shutil.copy(ROOT / RULE, copy)
    subprocess.run(shlex.split(command), cwd=tmp_path, check=True)
    lines = zip((ROOT / RULE).read_text("utf-8").splitlines(), copy.read_text("utf-8").splitlines(), strict=True)
    assert len([1 for before, after in lines if before != after]) == 1


def test_the_hooks_fetch_nothing_and_run_what_is_in_the_environment() -> None:
    repositories = _yaml(".pre-commit-config.yaml")["repos"]
    assert {repository["repo"] for repository in repositories} == {"local"}
    hooks = [hook for repository in repositories for hook in repository["hooks"]]
    pinned = (ROOT / "requirements/dev.txt").read_text("utf-8")
    for hook in hooks:
        program = Path(shlex.split(hook["entry"])[0])
        assert hook["language"] == "system" and program.parent == Path(".venv/bin")
        name = {"lint-imports": "import-linter"}.get(program.name, program.name)
        assert f"\n{name}==" in pinned


def test_the_forge_runs_every_version_that_is_promised() -> None:
    [job] = _yaml(".github/workflows/tests.yml")["jobs"].values()
    matrix = job["strategy"]["matrix"]
    classified = [re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", item) for item in PROJECT["classifiers"]]
    assert matrix["python"] == [found[1] for found in classified if found]
    assert f">={matrix['python'][0]}" == PROJECT["requires-python"]
    assert f"PostgreSQL {matrix['postgresql'][0]} or later" in (ROOT / "docs/admins/install.md").read_text("utf-8")
    assert job["env"] == {"PYTHON_BIN": "python${{ matrix.python }}", "POSTGRES_VERSION": "${{ matrix.postgresql }}"}
    assert (ROOT / job["steps"][-1]["run"]).stat().st_mode & 0o111


def _yaml(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text("utf-8"))

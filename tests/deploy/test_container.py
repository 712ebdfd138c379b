"""The image and the compose file, as far as they can be judged without building: see also test_package.py."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from tests.test_house import ROOT

pytestmark = pytest.mark.servers
CONTAINERFILE = ROOT / "deploy/container/Containerfile"
COMPOSE = ROOT / "deploy/container/compose.yaml"
INSTRUCTIONS = {
    *("ARG", "FROM", "ENV", "WORKDIR", "COPY", "RUN", "LABEL", "USER", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "CMD"),
    "ENTRYPOINT",
}


def instructions() -> list[tuple[str, str]]:
    """Name and rest of each instruction, with continued lines joined."""
    text = re.sub(r"^#.*\n", "", CONTAINERFILE.read_text("utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [(name, rest) for name, _, rest in (line.strip().partition(" ") for line in lines if line.strip())]


def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]
    return found


def test_every_instruction_is_one() -> None:
    assert {name for name, _ in instructions()} <= INSTRUCTIONS


def test_the_image_has_stages_and_ends_without_root() -> None:
    stages = [rest for name, rest in instructions() if name == "FROM"]
    assert len(stages) == 2
    assert all(":" in stage and ":latest" not in stage for stage in stages)
    last = instructions()[max(number for number, (name, _) in enumerate(instructions()) if name == "FROM") :]
    users = [rest for name, rest in last if name == "USER"]
    assert users == ["10001:10001"]
    # Nothing is installed, fetched or changed after the user is no longer root.
    after = [name for name, _ in last[[name for name, _ in last].index("USER") :]]
    assert not {"RUN", "COPY", "ADD"} & set(after)


def test_libraries_are_pinned_by_hash_and_nothing_is_fetched_otherwise() -> None:
    runs = " ".join(rest for name, rest in instructions() if name == "RUN")
    assert "--require-hashes" in runs
    assert "requirements/runtime.txt" in runs
    assert not re.search(r"\b(curl|wget|git clone|apt-get|sudo|chmod 777)\b", runs)
    for install in re.findall(r"pip install [^&]*", runs):
        assert "--require-hashes" in install or "--no-deps ." in install


def test_no_secret_is_built_in() -> None:
    text = CONTAINERFILE.read_text("utf-8") + (ROOT / "deploy/container/settings.env").read_text("utf-8")
    assert not re.search(r"(SECRET_KEY|PASSWORD|TOKEN|KNOWN_SERVICES)\s*=", text)


def test_what_is_copied_exists_and_is_let_in() -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    copies = [rest for name, rest in instructions() if name == "COPY" and not rest.startswith("--from")]
    sources = {source for rest in copies for source in rest.split()[:-1]}
    assert sources
    assert sources <= let_in
    assert [source for source in sources if not (ROOT / source).exists()] == []


def test_commands_are_lists_so_that_signals_arrive() -> None:
    commands = [yaml.safe_load(rest) for name, rest in instructions() if name in ("CMD", "ENTRYPOINT")]
    assert [command[0] for command in commands] == ["gunicorn"]


def test_compose_names_exist() -> None:
    whole = yaml.safe_load(COMPOSE.read_text("utf-8"))
    assert set(services()) == {"migrate", "web", "worker", "rehearsals", "beat", "db", "redis"}
    for service in services().values():
        assert set(service.get("secrets", [])) <= set(whole["secrets"])
        assert set(service.get("depends_on", {})) <= set(services())
        for mount in service.get("volumes", []):
            assert mount.partition(":")[0] in whole["volumes"]
        for condition in service.get("depends_on", {}).values():
            assert condition["condition"] in ("service_started", "service_healthy", "service_completed_successfully")
    for name, variable in services()["web"]["environment"].items():
        if name.endswith("_FILE"):
            assert variable.removeprefix("/run/secrets/") in services()["web"]["secrets"]


def test_the_schedule_runs_once_and_migrations_come_first() -> None:
    assert services()["beat"]["command"][:4] == ["celery", "-A", "tasks", "beat"]
    assert services()["beat"].get("deploy") is None
    for name in ("web", "worker", "rehearsals", "beat"):
        assert services()[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert services()["migrate"]["depends_on"]["db"]["condition"] == "service_healthy"
    assert services()["migrate"]["restart"] == "no"


def test_containers_get_no_more_than_they_need() -> None:
    for name in ("migrate", "web", "worker", "rehearsals", "beat", "redis"):
        service = services()[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
    for service in services().values():
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:")


# Neither is needed to work on the adapter: these run where somebody has them (deploy/README.md).
TOOLS = (
    ("hadolint", str(CONTAINERFILE)),
    ("check-jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)),
)


@pytest.mark.parametrize("command", TOOLS, ids=lambda command: command[0])
def test_the_tools_of_others_find_nothing(command: tuple[str, ...]) -> None:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr

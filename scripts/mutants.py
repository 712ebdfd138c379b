"""Plant small errors in what must not have any, one at a time, and see whether the tests of that part notice.

``make mutants`` runs all parts and lists what survived, ``PARTS="slots signature"`` these; who did, and why, is in
docs/developers/mutants.md.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Part:
    """Which modules are mutated, and which tests must notice: few, because each mutant runs those that reach it."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]


# What a run of pytest ends with when a test failed, or could not even be collected.
SEEN = (1, 3)
SERVICES = "adapter/agendas/services"
PARTS = {
    "slots": Part(("adapter/agendas/slots/*.py",), ("tests/agendas/slots",)),
    "signature": Part(("adapter/wcs/signature.py",), ("tests/wcs/test_signature.py",)),
    "locks": Part(
        tuple(f"{SERVICES}/{name}.py" for name in ("guard", "renewing", "expiring", "lock_rules", "lock_budget")),
        (
            "tests/agendas/test_holding.py",
            "tests/agendas/test_read_then_changed.py",
            "tests/agendas/test_bookings.py",
            "tests/agendas/test_expiring.py",
            "tests/agendas/test_renewing.py",
            "tests/ops/test_budgets.py",
            "tests/api/test_locks.py",
        ),
    ),
    "holds": Part(
        (f"{SERVICES}/holding.py", f"{SERVICES}/confirming.py"),
        (
            "tests/agendas/test_holding.py",
            "tests/agendas/test_confirming.py",
            "tests/agendas/test_what_is_written.py",
            "tests/agendas/test_read_then_changed.py",
        ),
    ),
}


def main() -> int:
    """Each part in a process of its own: mutmut is configured once a process."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="all of them by default")
    parser.add_argument("--only", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.only:
        return run(PARTS[arguments.only])
    environment = {**os.environ, "LOG_LEVEL": "ERROR", "HYPOTHESIS_PROFILE": "mutants"}
    for name in arguments.parts or PARTS:
        print(f"\n=== {name} ===", flush=True)
        begin(name)
        command = [sys.executable, __file__, "--only", name]
        if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode:
            return 1
        print(f"\nSurvived in {name}:", flush=True)
        subprocess.run([str(Path(sys.executable).with_name("mutmut")), "results"], cwd=ROOT, check=True)
    return 0


def begin(name: str) -> None:
    """mutmut keeps one selection of modules and tests in its folder: another part begins with an empty one."""
    folder = ROOT / "mutants"
    mark = folder / "part"
    if folder.exists() and not (mark.exists() and mark.read_text() == name):
        shutil.rmtree(folder)
    folder.mkdir(exist_ok=True)
    mark.write_text(name)


def run(part: Part) -> int:
    """Mutate and test one part; mutants that were seen before stay seen as long as their code is the same."""
    from mutmut import configuration

    # mutmut reads one selection of tests for all modules; a part of ours has its own.
    configuration._config = replace(
        configuration._load_config(), only_mutate=[*part.modules], pytest_add_cli_args_test_selection=[*part.tests]
    )
    from mutmut.__main__ import cli

    forget_survivors()
    cli(["run", "--max-children", str(os.cpu_count() or 1)], standalone_mode=False)
    return 0


def forget_survivors() -> None:
    """Have those tested again that no test saw: a test for them may have come since."""
    for file in (ROOT / "mutants").rglob("*.py.meta"):
        kept = json.loads(file.read_text())
        kept["exit_code_by_key"] = {
            name: code if code in SEEN else None for name, code in kept["exit_code_by_key"].items()
        }
        file.write_text(json.dumps(kept, indent=4))


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main())

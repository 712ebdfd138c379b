"""Run the tests in two passes side by side: on SQLite everything, on PostgreSQL what the database matters to.

``--check`` runs what needs no server, browser or worker, on SQLite only; ``--all`` runs also what is slow and rare.
Other arguments go to pytest.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.postgres import PostgresMissing, postgres_server  # noqa: E402
from tests.support.redis import RedisMissing, redis_server  # noqa: E402

# Processes of a pass: half of the tests wait for a browser, a worker or a server.
PROCESSES = str(1 + max(2, os.cpu_count() or 1))
# pytest's exit code when nothing was selected: `scripts/test.py tests/docs` has nothing for PostgreSQL.
NO_TESTS = 5


def start_pytest(
    arguments: list[str], environment: dict[str, str], output: IO[bytes] | None = None
) -> subprocess.Popen[bytes]:
    """Start one pass; it prints to ``output``, by default here."""
    # A file is run by one process: its fixtures are made once. (Groups of pytest-xdist 3.8 do nothing with pytest 9.2.)
    command = [sys.executable, "-m", "pytest", "-n", PROCESSES, "--dist", "loadfile", *arguments]
    environment = {**os.environ, "LOG_LEVEL": "ERROR", **environment}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)


def start_servers(stack: ExitStack) -> dict[str, str]:
    """Start Redis and PostgreSQL; gives their addresses. Exits when one is missing in continuous integration."""
    addresses = {}
    for name, make, missing in (
        ("TEST_REDIS_URL", redis_server, RedisMissing),
        ("TEST_POSTGRES_URL", postgres_server, PostgresMissing),
    ):
        try:
            server = make()
        except missing as error:
            print(f"*** {error}: the tests that need it are SKIPPED.", file=sys.stderr)
            if os.environ.get("CI") == "true":
                sys.exit(1)
            continue
        addresses[name] = server.start()
        stack.callback(server.stop)
    return addresses


def run_both(arguments: list[str]) -> bool:
    """Run both passes; whether both succeeded. The PostgreSQL pass is printed when the other one has ended."""
    with ExitStack() as stack:
        addresses = start_servers(stack)
        on_postgresql = None
        if "TEST_POSTGRES_URL" in addresses:
            output = stack.enter_context(tempfile.TemporaryFile())
            environment = {**addresses, "DATABASE_URL": addresses["TEST_POSTGRES_URL"]}
            on_postgresql = start_pytest(arguments, environment, output)
        print("\n=== SQLite ===", flush=True)
        codes = [start_pytest(arguments, addresses).wait()]
        if on_postgresql:
            codes.append(on_postgresql.wait())
            print("\n=== PostgreSQL ===", flush=True)
            output.seek(0)
            shutil.copyfileobj(output, sys.stdout.buffer)
            sys.stdout.flush()
    if codes[0] not in (0, NO_TESTS):
        print("*** The run on SQLite above FAILED.", flush=True)
    return all(code in (0, NO_TESTS) for code in codes) and 0 in codes


def main(arguments: list[str]) -> int:
    """Exit code 0 only when all that ran has passed."""
    if arguments[:1] == ["--check"]:
        return start_pytest(["-m", "not servers", *arguments[1:]], {}).wait()
    if arguments[:1] == ["--all"]:
        os.environ["THOROUGH"] = "yes"
        del arguments[0]
    return 0 if run_both(arguments) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

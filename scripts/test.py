"""Run the tests twice: everything on SQLite, then what touches a database on PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.postgres import PostgresMissing, postgres_server  # noqa: E402
from tests.support.redis import RedisMissing, redis_server  # noqa: E402


def run(name: str, arguments: list[str], environment: dict[str, str]) -> int:
    """One run of pytest; its own summary is its last line."""
    print(f"\n=== {name} ===", flush=True)
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadgroup", *arguments]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=False).returncode


def main(arguments: list[str]) -> int:
    """Exit code 0 only when both runs passed."""
    required = os.environ.get("CI") == "true"
    environment: dict[str, str] = {"LOG_LEVEL": "ERROR"}
    try:
        redis = redis_server()
        environment["TEST_REDIS_URL"] = redis.start()
    except RedisMissing as missing:
        redis = None
        print(f"*** {missing}: tests with Redis are SKIPPED.", file=sys.stderr)
        if required:
            return 1
    try:
        try:
            postgres = postgres_server()
            url = postgres.start()
        except PostgresMissing as missing:
            print(f"*** {missing}: nothing is tested on PostgreSQL.", file=sys.stderr)
            return 1 if required else run("SQLite", arguments, environment)
        try:
            environment["TEST_POSTGRES_URL"] = url
            first = run("SQLite", arguments, environment)
            second = run("PostgreSQL", ["-m", "not once", *arguments], {**environment, "DATABASE_URL": url})
        finally:
            postgres.stop()
    finally:
        if redis:
            redis.stop()
    if first:
        print("*** The run on SQLite above FAILED.", flush=True)
    return first or second


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

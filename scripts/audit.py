"""``make audit``, part of ``make lint``: are the pinned libraries free of known vulnerabilities?

Without a network, or where the registry in use passes no advisories on, nobody can say: then this is said loudly and
nothing fails. That the service really answers is tried with a release that is known to be vulnerable: a service that
finds nothing wrong with it would find nothing wrong with ours. What was audited is not asked again on the same day.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import re
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
CANARY = "jinja2==3.1.2"
# Seconds.
PATIENCE = 300
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)(?P<marker>\s*;[^\\]*)?", re.MULTILINE)


def pins(text: str) -> dict[str, str]:
    """Names and versions of a pinned file; those with a marker may be absent here and are left out."""
    return {name.lower(): pinned for name, pinned, marker in PIN.findall(text) if not marker.strip()}


def differences(text: str) -> list[str]:
    """What is installed in another version than the pinned one, or not at all."""
    found = []
    for name, pinned in pins(text).items():
        try:
            installed = version(name)
        except PackageNotFoundError:
            installed = "nothing"
        if installed != pinned:
            found.append(f"{name}: {pinned} is pinned, {installed} is installed")
    return found


def ask(requirements: Path) -> dict[str, list[dict[str, object]]] | None:
    """pip-audit's answer; ``None`` when there was none."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(requirements), "--no-deps", "--disable-pip"]
    try:
        ran = subprocess.run(
            [*command, "--format", "json", "--progress-spinner", "off"],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        answer: dict[str, list[dict[str, object]]] = json.loads(ran.stdout)
    except (subprocess.TimeoutExpired, OSError, ValueError):
        return None
    return answer


def service_answers() -> bool:
    """Whether the service knows what is wrong with a release that is known to be vulnerable."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "canary.txt"
        file.write_text(f"{CANARY}\n", "utf-8")
        answer = ask(file)
    return bool(answer) and any(found.get("vulns") for found in (answer or {}).get("dependencies", []))


def judge(answer: dict[str, list[dict[str, object]]] | None) -> tuple[list[str], list[str]]:
    """Vulnerabilities, and what could not be looked up: that is not the same as nothing found."""
    bad, unknown = [], []
    for found in (answer or {}).get("dependencies", []):
        if found.get("skip_reason"):
            unknown.append(str(found["name"]))
        for hole in found.get("vulns") or []:  # type: ignore[attr-defined]
            fixed = ", ".join(hole["fix_versions"]) or "no release yet"
            bad.append(f"{found['name']} {found['version']}: {hole['id']} (mended in {fixed})")
    return bad, unknown


def skipped(why: str) -> int:
    """Say it so that nobody misses it; no failure."""
    print(
        f"*** AUDIT SKIPPED: {why}.\n*** Nothing is known about vulnerabilities of the pinned libraries.",
        file=sys.stderr,
    )
    return 0


def main() -> int:
    """Exit code 1 for a known vulnerability, or an environment that is not the pinned one."""
    text = (REQUIREMENTS / "dev.txt").read_text("utf-8")
    other = differences(text)
    if other:
        print("This is not the pinned environment; run `make setup`:\n  " + "\n  ".join(other), file=sys.stderr)
        return 1
    print(f"audit: {len(pins(text))} libraries are installed as they are pinned")
    mark = hashlib.sha256(text.encode()).hexdigest()[:16]
    stamp = Path(sys.prefix) / f".audited-{mark}-{datetime.datetime.now(datetime.UTC):%Y-%m-%d}"
    if stamp.exists():
        verdict = stamp.read_text("utf-8")
        return skipped(f"{verdict} (asked today)") if verdict else 0
    if not service_answers():
        reason = "no service of advisories answers here"
        stamp.write_text(reason, "utf-8")
        return skipped(reason)
    answer = ask(REQUIREMENTS / "dev.txt")
    if answer is None:
        return skipped("the service of advisories stopped answering")
    bad, unknown = judge(answer)
    if bad:
        print("*** Known vulnerabilities:\n  " + "\n  ".join(bad), file=sys.stderr)
        return 1
    if unknown:
        return skipped(f"the service does not know {', '.join(unknown)}")
    stamp.write_text("", "utf-8")
    print("audit: no known vulnerability")
    return 0


if __name__ == "__main__":
    sys.exit(main())

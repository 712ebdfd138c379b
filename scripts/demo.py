"""``make demo``: prepare the data, start everything, say where it is. Ctrl-C stops all of it."""

from __future__ import annotations

import json
import os
import secrets
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import BinaryIO

ROOT = Path(__file__).resolve().parent.parent
# Seconds: until the web server must answer, and for a process to stop by itself.
START_LIMIT = 60
STOP_LIMIT = 8
# Seconds after which the demo's data are looked at again: slots that people are filling in a form for stay held, and a
# new day gets its appointments.
FRESHEN = 600


class DemoError(Exception):
    """The demo cannot run; the message says why and what to do."""


def port_number() -> int:
    """``PORT``, 8000 by default; the w.c.s. stand-in takes the next one."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdigit() or not 1024 <= int(text) <= 65534:
        raise DemoError(f"PORT={text}: give a number from 1024 to 65534.")
    return int(text)


def require_free(port: int) -> None:
    """Raise when somebody listens on ``port`` already."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            raise DemoError(f"Port {port} is taken. Try another one: PORT=8100 make demo") from None


def secret_key(home: Path) -> str:
    """The key of this demo, made once, so that sessions outlive a restart."""
    file = home / "secret_key"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(50), "utf-8")
    return file.read_text("utf-8").strip()


def environment(home: Path, port: int) -> dict[str, str]:
    """Settings of the demo; what the caller's environment says goes first."""
    service = {
        "title": "w.c.s. (stand-in)",
        "url": f"http://127.0.0.1:{port + 1}/",
        "orig": "agendas.demo",
        "secret": "demo-key",
        "verif_orig": "demarches.demo",
    }
    values = {
        "ADAPTER_HOME": str(home),
        "BASE_URL": f"http://127.0.0.1:{port}/",
        "KNOWN_SERVICES": json.dumps({"wcs": {"demarches": service}}),
        "LOG_LEVEL": "WARNING",
        "DEMO": "1",
    }
    chosen = {**values, **os.environ}
    if not os.environ.get("SECRET_KEY") and not os.environ.get("SECRET_KEY_FILE"):
        chosen["SECRET_KEY"] = secret_key(home)
    chosen["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return chosen


def write_environment(home: Path, values: dict[str, str]) -> None:
    """Keep the settings of this demo, so that ``manage.py`` can be used beside it: ``. var/demo.env``."""
    data = ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL")
    names = ("ADAPTER_HOME", "BASE_URL", "KNOWN_SERVICES", "LOG_LEVEL", "SECRET_KEY", *data, "DEMO")
    file = home / "demo.env"
    file.touch(mode=0o600)
    lines = [f"{name}={shlex.quote(values[name])}" for name in names if values.get(name)]
    file.write_text("\n".join([*lines, ""]), "utf-8")


def prepare(values: dict[str, str]) -> None:
    """Bring the database up to date and load the demo agendas, in this process: one start of Django, not three."""
    os.environ.update(values)
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adapter.settings")
    import django
    from django.core.management import call_command
    from django.db import OperationalError

    django.setup()
    (Path(values["ADAPTER_HOME"]) / "static").mkdir(exist_ok=True)
    try:
        call_command("migrate", verbosity=0, interactive=False)
        call_command("demo_data", verbosity=0)
    except OperationalError as error:
        raise DemoError(f"The database does not answer: {error}") from None


def commands(port: int) -> dict[str, list[str]]:
    """What runs, by name."""
    python = sys.executable
    bind = f"127.0.0.1:{port}"
    gunicorn = [python, "-m", "gunicorn", "-c", "python:adapter.ops.gunicorn", "adapter.wsgi", "--bind", bind]
    standin = [python, "-m", "workflows.rehearsal.server", "--port", str(port + 1)]
    worker = [python, "-m", "celery", "-A", "tasks", "worker", "--loglevel", "WARNING"]
    return {
        # The forms' server goes first: it needs nobody.
        "wcs": [*standin, "--adapter-url", f"http://127.0.0.1:{port}/"],
        "web": [*gunicorn, "--log-level", "warning"],
        "tasks": [*worker, "-B"],
        "rehearsals": [*worker, "-Q", "booking-adapter-rehearsals", "-n", "rehearsals@%h", "-c", "1"],
    }


class Processes:
    """The running parts, each with its log in ``home/log``."""

    def __init__(self, home: Path, values: dict[str, str]) -> None:
        self.logs = home / "log"
        self.logs.mkdir(parents=True, exist_ok=True)
        self.values = values
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.passing: subprocess.Popen[bytes] | None = None

    def start(self, name: str, command: list[str]) -> None:
        """Start one part; Ctrl-C reaches only this script, which stops the parts in order."""
        with (self.logs / f"{name}.log").open("wb") as log:
            self.running[name] = self._begin(command, log)

    def _begin(self, command: list[str], log: BinaryIO) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.values,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def freshen(self) -> None:
        """Bring the demo's data up to date, beside what runs; waits for nothing."""
        last = self.passing
        if last is None or last.poll() is not None:
            command = [sys.executable, str(ROOT / "manage.py"), "demo_data", "--verbosity", "0"]
            with (self.logs / "data.log").open("ab") as log:
                self.passing = self._begin(command, log)

    def check(self) -> None:
        """Raise :class:`DemoError` with the end of the log when one part has stopped."""
        for name, process in self.running.items():
            if process.poll() is not None:
                file = self.logs / f"{name}.log"
                tail = "\n".join(file.read_text("utf-8", "replace").splitlines()[-15:])
                raise DemoError(f"The part '{name}' stopped (exit {process.returncode}). The end of {file}:\n{tail}")

    def stop(self) -> None:
        """Ask every part to stop, then insist."""
        parts = [*self.running.values(), *([self.passing] if self.passing else [])]
        for process in parts:
            process.terminate()
        deadline = time.monotonic() + STOP_LIMIT
        for process in parts:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def wait_for(url: str, processes: Processes) -> None:
    """Return once ``url`` answers; raise when a part stops or the limit is over."""
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline:
        processes.check()
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    raise DemoError(f"{url} did not answer within {START_LIMIT} seconds.")


def welcome(port: int, home: Path, password: str) -> str:
    """What a newcomer reads."""
    base = f"http://127.0.0.1:{port}"
    # What another terminal needs to speak to this demo.
    settings = f"set -a; . {home / 'demo.env'}; "
    return f"""
The booking adapter is running.

  Calendar               {base}/manage/
  w.c.s. (a stand-in)    http://127.0.0.1:{port + 1}/
  Webservices, to read   {base}/api/docs/

  Agendas   mairie, annexe, toutes-mairies (virtual), with some weeks of appointments
  Caller    orig demarches.demo, key demo-key
  Logins    agent (may book), lecteur (may only look), admin; password: {password}

Try this, as an agent:

  1. {base}/manage/agendas/mairie/ (log in as agent): choose a free time, go to the form
  2. the stand-in of w.c.s. asks who you are: Agnès Guichet
  3. complete the form: the calendar shows the appointment, with a link to its record
  4. click the appointment and cancel it: its record in the stand-in has been told

As a citizen:              http://127.0.0.1:{port + 1}/rendez-vous/ while the calendar is open beside it
As a designer of forms:    {base}/manage/studio/ (log in as admin): drop the exports of a form and its workflow
As an administrator:       {base}/manage/agendas/mairie/settings/ (log in as admin), and in another terminal

  {settings}.venv/bin/python manage.py doctor

As w.c.s. (an address is good for one call within 30 seconds):

  curl "$({settings}.venv/bin/python manage.py signed_url /api/agenda/mairie/meetings/passeport/datetimes/)"

What there is to read: README.md, then docs/ of whoever you are. Ctrl-C stops everything.
"""


def main() -> int:
    """Run until Ctrl-C. Exit code 1 when something cannot start or stops."""
    started = time.monotonic()
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    try:
        port = port_number()
        home = Path(os.environ.get("ADAPTER_HOME") or ROOT / "var").resolve()
        home.mkdir(parents=True, exist_ok=True)
        for needed in (port, port + 1):
            require_free(needed)
        values = environment(home, port)
        write_environment(home, values)
        prepare(values)
        processes = Processes(home, values)
        try:
            for name, command in commands(port).items():
                processes.start(name, command)
            for ready in (f"http://127.0.0.1:{port}/readyz", f"http://127.0.0.1:{port + 1}/login/"):
                wait_for(ready, processes)
            print(welcome(port, home, values.get("DEMO_PASSWORD") or "demo"))
            print(f"(started in {time.monotonic() - started:.1f} s)", flush=True)
            freshened = time.monotonic()
            while not stopping.wait(1):
                processes.check()
                if time.monotonic() - freshened >= FRESHEN:
                    freshened = time.monotonic()
                    processes.freshen()
            print("Stopping…", flush=True)
        finally:
            processes.stop()
    except DemoError as error:
        print(f"*** {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

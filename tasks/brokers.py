"""How to talk to the broker, by its kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

# Seconds. A run that a dead worker left is taken over after this; longer than the time limit of any task.
VISIBILITY_TIMEOUT = 900
# A worker waits this long for an answer of Redis before it connects again.
SOCKET_TIMEOUT = 10
CONNECT_TIMEOUT = 3
# Seconds between two looks into the folder of messages.
FOLDER_POLLING = 0.2


def transport_options(url: str, home: Path) -> dict[str, Any]:
    """Celery's ``broker_transport_options`` for the broker at ``url``; ``home`` is where files may be kept."""
    if url.startswith("filesystem:"):
        return _folders(home)
    if url.startswith(("redis:", "rediss:", "unix:", "redis+socket:")):
        return {
            "visibility_timeout": VISIBILITY_TIMEOUT,
            "socket_timeout": SOCKET_TIMEOUT,
            "socket_connect_timeout": CONNECT_TIMEOUT,
            "socket_keepalive": True,
            "health_check_interval": 30,
        }
    return {}


def _folders(home: Path) -> dict[str, Any]:
    messages, control = home / "messages", home / "control"
    for folder in (messages, control):
        folder.mkdir(parents=True, exist_ok=True)
    return {
        # One folder both ways: who sends and who receives are on the same machine.
        "data_folder_in": str(messages),
        "data_folder_out": str(messages),
        "control_folder": str(control),
        "store_processed": False,
        "polling_interval": FOLDER_POLLING,
    }


def broker_url(url: str) -> str:
    """The address as Celery writes it: Redis on a local socket is ``redis+socket://`` there."""
    return f"redis+socket{url.removeprefix('unix')}" if url.startswith("unix:") else url

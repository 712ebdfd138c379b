"""Switching the database of a process."""

from __future__ import annotations

from typing import Any

from django.db import connections


def use_database(config: dict[str, Any]) -> None:
    """Make this process talk to that database; an inherited connection is left alone, it is its parent's."""
    connections.settings["default"] = config
    connections["default"] = connections.create_connection("default")

"""Messages in folders, for one machine without Redis: kombu's transport, made fit for readers beside writers.

kombu creates a file and then writes it; a worker that looks in between finds half a message, or half a table of queues,
and ends. Here a file appears when it is whole, and what is broken all the same is thrown away: the schedule repeats it.
"""

from __future__ import annotations

import fcntl
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from typing import Any

import structlog
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps, loads

logger = structlog.get_logger("adapter.tasks")
Queues = list[filesystem.exchange_queue_t]


class Channel(filesystem.Channel):
    """Writes beside and renames; never ends because of a file."""

    def _put(self, queue: str, payload: Any, **_: Any) -> None:  # type: ignore[override] # as kombu calls it
        name = f"{round(time.monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        _write(Path(self.data_folder_out) / name, payload)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        try:
            return super()._get(queue)
        except ValueError:
            logger.warning("message_broken", queue=queue)
            raise Empty from None

    def get_table(self, exchange: str) -> Queues:
        """The queues that are bound to an exchange; none when nobody can read them."""
        try:
            return [filesystem.exchange_queue_t(*item) for item in loads(self._exchange_file(exchange).read_text())]
        except FileNotFoundError:
            return []
        except (ValueError, TypeError):
            logger.warning("queues_unreadable", exchange=exchange)
            return []

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        bound = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with self._alone():
            table = self.get_table(exchange)
            if bound not in table:
                _write(self._exchange_file(exchange), [bound, *table])

    def _delete(self, queue: str, exchange: str, routing_key: str, pattern: str, *_: Any, **__: Any) -> None:
        self._purge(queue)
        bound = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with self._alone():
            table = self.get_table(exchange)
            if bound in table:
                _write(self._exchange_file(exchange), [item for item in table if item != bound])

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time changes a table."""
        self.control_folder.mkdir(exist_ok=True)
        with (self.control_folder / "lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


class Transport(filesystem.Transport):
    """``filesystem://``."""

    Channel = Channel


def _write(file: Path, content: Any) -> None:
    """Readers see the whole file or none."""
    beside = file.with_name(f"{file.name}.{uuid.uuid4()}.part")
    try:
        beside.write_text(dumps(content), "utf-8")
        os.replace(beside, file)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise filesystem.ChannelError(f"{file} cannot be written") from error


def use_folders() -> None:
    """Have Celery use this transport for ``filesystem://``."""
    TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"

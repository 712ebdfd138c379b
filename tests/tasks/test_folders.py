"""The broker without Redis: files that are never seen half written, and broken ones that stop nobody."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection

from tasks.brokers import transport_options
from tasks.folders import Channel, use_folders

pytestmark = pytest.mark.servers

QUEUE = "booking-adapter"
COUNT = 400


@pytest.fixture
def home(tmp_path: Path) -> Path:
    use_folders()
    return tmp_path


@pytest.fixture
def channel(home: Path) -> Iterator[Channel]:
    with open_channel(home) as connection:
        yield connection.default_channel


def open_channel(home: Path) -> Connection:
    return Connection("filesystem://", transport_options=transport_options("filesystem://", home))


def write_many(home: Path) -> None:
    use_folders()
    with open_channel(home) as connection:
        for number in range(COUNT):
            connection.default_channel._put(QUEUE, {"number": number, "filling": "x" * 20_000})


def bind_many(home: Path, name: str) -> None:
    use_folders()
    with open_channel(home) as connection:
        for number in range(50):
            connection.default_channel._queue_bind(QUEUE, f"{name}-{number}", "", QUEUE)


def test_celery_uses_it(home: Path, channel: Channel) -> None:
    from tasks.app import app

    assert isinstance(channel, Channel)
    with app.connection_for_write("filesystem://") as connection:
        assert isinstance(connection.default_channel, Channel)


def test_a_reader_beside_a_writer_finds_every_message_whole(home: Path, channel: Channel) -> None:
    writer = multiprocessing.get_context("spawn").Process(target=write_many, args=(home,))
    writer.start()
    found = []
    # Once more after the writer has ended.
    alive = True
    while alive:
        alive = writer.is_alive()
        try:
            while True:
                found.append(channel._get(QUEUE))
        except Empty:
            pass
    assert writer.exitcode == 0
    assert sorted(message["number"] for message in found) == list(range(COUNT))
    assert all(len(message["filling"]) == 20_000 for message in found)
    assert not list((home / "messages").iterdir())


@pytest.mark.parametrize("content", [b"", b'{"body": "ha', b"\xff\xfe"])
def test_a_message_of_a_writer_that_was_killed_stops_nobody(home: Path, channel: Channel, content: bytes) -> None:
    (home / f"messages/0_killed.{QUEUE}.msg").write_bytes(content)
    channel._put(QUEUE, {"number": 1})
    with pytest.raises(Empty):
        channel._get(QUEUE)
    assert channel._get(QUEUE) == {"number": 1}


def test_a_table_of_queues_that_is_broken_is_made_again(home: Path, channel: Channel) -> None:
    (home / f"control/{QUEUE}.exchange").write_bytes(b"")
    assert channel.get_table(QUEUE) == []
    channel._queue_bind(QUEUE, QUEUE, "", QUEUE)
    assert [item.queue for item in channel.get_table(QUEUE)] == [QUEUE]
    channel._delete(QUEUE, QUEUE, QUEUE, "")
    assert channel.get_table(QUEUE) == []


def test_processes_that_bind_at_one_time_lose_none(home: Path, channel: Channel) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=bind_many, args=(home, name)) for name in ("a", "b")]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    assert len(channel.get_table(QUEUE)) == 100

"""One line to Redis for each thread of each process."""

from __future__ import annotations

import multiprocessing
import threading
import time
from typing import Any

import pytest
import redis as redis_client

from adapter import shared
from adapter.shared import RedisAway, Told, ask_redis, reconnect, tell_redis

pytestmark = pytest.mark.servers


def own_line() -> int:
    return int(ask_redis("tests", "CLIENT", "ID"))


def counted(monkeypatch) -> list[Told]:
    """Every command that is sent from now on."""
    sent: list[Told] = []
    send = Told._send

    def counting(told: Told) -> None:
        sent.append(told)
        send(told)

    monkeypatch.setattr(Told, "_send", counting)
    return sent


def test_a_thread_keeps_its_line(redis) -> None:
    assert own_line() == own_line()


def test_a_line_that_redis_closed_is_replaced_at_once(redis, settings) -> None:
    before = own_line()
    redis_client.Redis.from_url(settings.REDIS_URL).client_kill_filter(_id=str(before))
    assert own_line() != before


def test_after_a_restart_the_next_command_is_answered(redis) -> None:
    ask_redis("tests", "SET", "here", 1)
    redis.kill()
    redis.start()
    assert ask_redis("tests", "GET", "here") is None


def test_without_redis_nobody_waits_for_it_at_each_command(redis, monkeypatch) -> None:
    redis.kill()
    tried = counted(monkeypatch)
    for _ in range(3):
        with pytest.raises(RedisAway):
            ask_redis("tests", "PING")
    assert len(tried) == 2


def test_what_takes_too_long_is_not_asked_again_and_its_answer_is_never_anothers(redis, monkeypatch) -> None:
    monkeypatch.setattr(shared, "TIMEOUT", 0.1)
    shared._pool.cache_clear()
    shared._line.connection = None
    ask_redis("tests", "PING")
    tried = counted(monkeypatch)
    with pytest.raises(RedisAway):
        ask_redis("tests", "BLPOP", "nothing-comes", 30)
    assert len(tried) == 1
    reconnect()
    ask_redis("tests", "RPUSH", "nothing-comes", "late")
    assert ask_redis("tests", "ECHO", "mine") == b"mine"
    shared._pool.cache_clear()
    shared._line.connection = None


def test_threads_and_forks_have_lines_of_their_own(redis) -> None:
    mine = own_line()
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(own_line()))
    thread.start()
    thread.join()
    context = multiprocessing.get_context("fork")
    queue: Any = context.Queue()
    process = context.Process(target=lambda: queue.put(own_line()))
    process.start()
    found.append(queue.get(timeout=30))
    process.join()
    assert len({mine, *found}) == 3
    assert own_line() == mine


def test_answers_that_nobody_waits_for_yet_reach_who_sent_the_command(redis) -> None:
    line = own_line()
    first = tell_redis("tests", "SET", "number", 1, "NX")
    second = tell_redis("tests", "SET", "number", 2, "NX")
    assert ask_redis("tests", "GET", "number") == b"1"
    assert (first.answer(), second.answer(), first.answer()) == (b"OK", None, b"OK")
    # All on one line.
    assert own_line() == line


def test_a_command_that_was_sent_on_a_line_that_closes_is_sent_again(redis, settings) -> None:
    line = own_line()
    other = redis_client.Redis.from_url(settings.REDIS_URL)
    told = tell_redis("tests", "BLPOP", "queue", 30)
    until = time.monotonic() + 30
    while not other.info("clients")["blocked_clients"]:
        assert time.monotonic() < until
    other.client_kill_filter(_id=str(line))
    other.rpush("queue", "first")
    assert told.answer() == [b"queue", b"first"]
    assert own_line() != line


def test_who_sent_a_command_to_a_redis_that_goes_away_is_told(redis, monkeypatch) -> None:
    monkeypatch.setattr(shared, "TIMEOUT", 0.1)
    shared._pool.cache_clear()
    shared._line.connection = None
    told = tell_redis("tests", "BLPOP", "nothing-comes", 30)
    for _ in range(2):
        with pytest.raises(RedisAway):
            told.answer()
    with pytest.raises(RedisAway):
        tell_redis("tests", "PING")
    shared._pool.cache_clear()
    shared._line.connection = None

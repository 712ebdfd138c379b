"""``make bench``: everything, or the parts named: lists holds service calendar
beyond expiry growth sqlite definitions demo.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

from scripts.bench import beyond, calendar, definitions, demo, expiry, growth, holds, lists
from scripts.bench.figures import Figure
from scripts.bench.peers import DjangoAppointment, PeerMissing, Pretix
from scripts.bench.site import ROOT, set_up, settings_for
from tests.support.postgres import PostgresMissing, PostgresServer
from tests.support.redis import RedisMissing, redis_server

# Durable, as in production: a hold that was answered is on the disk.
DURABLE = "-c shared_buffers=256MB -c max_connections=100"
ON_POSTGRES = ("lists", "holds", "service", "calendar", "beyond", "expiry", "growth")
PARTS = (*ON_POSTGRES, "sqlite", "definitions", "demo")


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="all of them by default")
    parser.add_argument("--full", action="store_true", help="1,000,000 rows instead of 100,000")
    parser.add_argument("--peers", action="store_true", help="run django-appointment and pretix beside ours")
    arguments = parser.parse_args()
    parts = arguments.parts or list(PARTS)
    figures: list[Figure] = []
    if "definitions" in parts:
        figures += definitions.measure()
    if "demo" in parts:
        figures += demo.measure()
    if "sqlite" in parts:
        subprocess.run([sys.executable, "-m", "scripts.bench.embedded"], cwd=ROOT, check=True)
    if set(parts) & set(ON_POSTGRES):
        figures += on_postgres(parts, 1_000_000 if arguments.full else 100_000, peers=arguments.peers)
    missed = [figure.name for figure in figures if figure.reached is False]
    print(f"\n{len(figures)} figures; targets missed: {', '.join(missed) if missed else 'none'}")
    return 0


def on_postgres(parts: list[str], rows: int, *, peers: bool = False) -> Iterator[Figure]:
    """What is measured on PostgreSQL, with Redis when it is installed."""
    try:
        server = PostgresServer(DURABLE)
    except PostgresMissing as missing:
        print(f"*** {missing}: left out: {', '.join(ON_POSTGRES)}", file=sys.stderr)
        return
    try:
        redis = redis_server()
    except RedisMissing as missing:
        redis = None
        print(f"*** {missing}: nonces are kept in PostgreSQL, which costs a write each call.", file=sys.stderr)
    url = server.start()
    try:
        values = settings_for(url, redis.start() if redis else None)
        set_up(values)
        below = [server.pid, *([redis.process.pid] if redis and redis.process else [])]
        if "lists" in parts:
            with peer(DjangoAppointment, url) if peers else nullcontext() as diary:
                yield from lists.measure(values, below, diary)
        if "holds" in parts:
            with peer(Pretix, url) if peers else nullcontext() as shop:
                yield from holds.over_http(values, below, shop)
        if "service" in parts:
            yield from holds.by_service(url)
            yield from holds.confirm_by_service(url)
        if "calendar" in parts:
            yield from calendar.measure()
        if "beyond" in parts:
            yield from beyond.measure(values, server, redis.process.pid if redis and redis.process else None, rows)
        if "expiry" in parts:
            # Late, as growth: PostgreSQL tidies a million rows for a while afterwards. Enough of them for a p99 of the
            # holds made meanwhile.
            yield from expiry.measure(url, max(rows, 300_000))
        if "growth" in parts:
            yield from growth.measure(rows)
    finally:
        from django.db import connections

        connections.close_all()
        server.stop()
        if redis:
            redis.stop()


AnyPeer = TypeVar("AnyPeer", DjangoAppointment, Pretix)


def peer(kind: Callable[[str], AnyPeer], url: str) -> AbstractContextManager[AnyPeer | None]:
    """The peer of that kind, where it can be run."""
    try:
        return kind(url)
    except PeerMissing as missing:
        print(f"*** {missing}: its recorded figures stand in.", file=sys.stderr)
        return nullcontext()


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main())

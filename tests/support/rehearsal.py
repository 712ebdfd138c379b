"""Stages for rehearsals: a throw-away adapter in a process of its own, on either database."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from workflows import builder as b
from workflows.reader import Document, Form, Library, Node
from workflows.rehearsal.adapter import ThrowAwayAdapter, free_port
from workflows.rehearsal.journeys import JOURNEYS, Stage, play, set_stage
from workflows.rehearsal.report import Report

DATABASES = ("sqlite", "postgresql")


@contextmanager
def empty_database(kind: str) -> Iterator[str]:
    """The address of an empty database; "" for a SQLite file that the adapter makes by itself."""
    if kind == "sqlite":
        yield ""
        return
    url = os.environ.get("TEST_POSTGRES_URL")
    if not url:
        pytest.skip("no PostgreSQL at hand")
    name = f"rehearsal_{secrets.token_hex(6)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def stage_of(
    library: Library,
    *,
    kind: str = "sqlite",
    agenda: str = "mairie",
    fault: str = "",
    adapter: ThrowAwayAdapter | None = None,
    values: Mapping[str, str] | None = None,
) -> Iterator[Stage]:
    """A stage for the only form of `library`, in English; `adapter` is one that runs already."""
    port = urlsplit(adapter.wcs_url).port or 0 if adapter else free_port()
    redis = "redis://127.0.0.1:1/0" if fault == "redis-down" else ""
    with ExitStack() as stack:
        if adapter is None:
            database = stack.enter_context(empty_database(kind))
            adapter = stack.enter_context(ThrowAwayAdapter(f"http://127.0.0.1:{port}/", database, redis))
        chosen = adapter
        yield stack.enter_context(
            set_stage(
                library,
                library.of(Form)[0],
                lambda _: chosen,
                port=port,
                agenda=agenda,
                fault=fault,
                language="en",
                values=values,
            )
        )


def library_of_nodes(*nodes: Node) -> Library:
    """Definitions made by the builder."""
    return Library([Document(b.to_xml(node), path=b.file_name(node)) for node in nodes])


def played(stage: Stage, *names: str) -> Report:
    """Play, and show everything when something failed."""
    return play(stage, names or tuple(JOURNEYS))


def failures(report: Report) -> dict[str, list[str]]:
    """Journey → messages, of those that did not pass."""
    return {
        journey.name: [found.message for found in journey.findings if found.severity == "error"] or [journey.verdict]
        for journey in report.journeys
        if journey.verdict != "passed"
    }


def warnings(report: Report, name: str) -> str:
    """The warnings of a journey."""
    [journey] = [one for one in report.journeys if one.name == name]
    return "\n".join(found.message for found in journey.findings)

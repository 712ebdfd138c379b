"""Tests that w.c.s. runs by itself: a form filled in, what the services would answer, and what then happens."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from workflows.reader import Node

from .xml import Entries, derived_id, entries_of, leaf


def service_answer(
    name: str, url: str, payload: Any, *, method: str = "POST", status: int = 200, body: Entries = ()
) -> Node:
    """What a service answers to a call of that address (a template) whose body has these entries; tried by name."""
    given = [Node("item", children=[leaf("name", key), leaf("value", value)]) for key, value in entries_of(body)]
    return Node("webservice-response").add(
        leaf("uuid", derived_id("answer", name)),
        leaf("name", name),
        leaf("payload", json.dumps(payload)),
        leaf("url", url),
        leaf("status_code", str(status)),
        leaf("method", method),
        Node("post_data", children=given) if given else None,
    )


def tested_step(key: str, **parameters: str) -> Node:
    """One step of a test: something that is done (`button-click`, `skip-time`) or expected (`assert-…`)."""
    return Node("test-action").add(leaf("key", key), *(leaf(name, value) for name, value in parameters.items()))


def form_test(name: str, values: Mapping[str, Any], answers: Iterable[Node], actions: Iterable[Node]) -> Node:
    """A test of a form; `values` are by field id, with `ID_display` and `ID_structured` beside those of choices."""
    steps = list(actions)
    for number, step in enumerate(steps):
        step.children.insert(0, leaf("uuid", derived_id("test", name, str(number))))
    return Node("testdef").add(
        leaf("uuid", derived_id("test", name)),
        leaf("name", name),
        leaf("object_type", "formdefs"),
        leaf("data", json.dumps({"fields": dict(values)})),
        Node("_webservice_responses", children=list(answers)),
        Node("workflow_tests", children=[Node("actions", children=steps)]),
    )

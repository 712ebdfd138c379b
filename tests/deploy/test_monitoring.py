"""The alert rules and the dashboard name what ``/metrics`` has."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client

from adapter.ops import request_metrics
from tasks.recording import recorded
from tests.test_house import ROOT

FOLDER = ROOT / "deploy/monitoring"
METRIC = re.compile(r"\bbooking_adapter_\w+")
LABELS = re.compile(r"(booking_adapter_\w+)\{([^}]*)\}")
BALANCED = {")": "(", "]": "[", "}": "{"}


def expressions() -> list[str]:
    rules = yaml.safe_load((FOLDER / "booking-adapter-alerts.yaml").read_text("utf-8"))
    found = [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    dashboard = json.loads((FOLDER / "grafana-dashboard.json").read_text("utf-8"))
    found += [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    assert len(found) > 30
    return found


@pytest.fixture
def exposed(db) -> dict[str, set[str]]:
    """Names of samples with the labels that they have."""
    request_metrics.observe("GET", "login", 200, 0.01)
    request_metrics.count_outcome(None, "hold", "held")
    request_metrics.count_limited(None, "calls")
    for _ in range(2):
        with recorded("release_expired_locks") as handled:
            handled(1)
    text = Client().get("/metrics", **{"wsgi.multiprocess": False}).content.decode()
    found: dict[str, set[str]] = {}
    for line in text.splitlines():
        if match := re.match(r"(booking_adapter_\w+)(?:\{(.*)\})? ", line):
            found.setdefault(match[1], set()).update(re.findall(r'(\w+)="', match[2] or ""))
    return found


def test_every_metric_that_is_named_exists(exposed) -> None:
    named = {name for expression in expressions() for name in METRIC.findall(expression)}
    assert named <= exposed.keys()


def test_what_is_measured_is_shown(exposed) -> None:
    shown = " ".join(expressions())
    technical = ("_bucket", "_sum", "_count", "_created", "requests_counted", "task_last_result")
    unseen = [name for name in exposed if name not in shown and not name.endswith(technical)]
    assert not unseen


def test_labels_that_are_named_exist(exposed) -> None:
    for expression in expressions():
        for name, selector in LABELS.findall(expression):
            assert set(re.findall(r"(\w+)\s*[=!]", selector)) <= exposed[name], expression
        for inner in re.findall(r"\bby \(([^)]*)\)", expression):
            asked = {label.strip() for label in inner.split(",")} - {"le"}
            known = set().union(*(exposed.get(name, set()) for name in METRIC.findall(expression)))
            assert asked <= known, expression


def test_expressions_are_balanced() -> None:
    for expression in expressions():
        open_ones: list[str] = []
        for character in re.sub(r'"[^"]*"', "", expression):
            if character in BALANCED.values():
                open_ones.append(character)
            elif character in BALANCED:
                assert open_ones.pop() == BALANCED[character], expression
        assert not open_ones, expression


def test_each_alert_says_how_bad_it_is_and_what_to_do() -> None:
    rules = yaml.safe_load((FOLDER / "booking-adapter-alerts.yaml").read_text("utf-8"))
    names = []
    for group in rules["groups"]:
        assert set(group) == {"name", "rules"}
        for rule in group["rules"]:
            assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
            assert rule["labels"]["severity"] in ("critical", "warning")
            assert set(rule["annotations"]) == {"summary", "action"}
            assert re.fullmatch(r"\d+[smh]", rule.get("for", "1m"))
            names.append(rule["alert"])
    assert len(set(names)) == len(names)


def test_panels_have_ids_places_and_units_of_their_own() -> None:
    dashboard: dict[str, Any] = json.loads((FOLDER / "grafana-dashboard.json").read_text("utf-8"))
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken = set()
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {
            (column, row)
            for column in range(place["x"], place["x"] + place["w"])
            for row in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells


def test_the_scrape_example_loads_these_rules() -> None:
    scrape = yaml.safe_load((FOLDER / "prometheus.yaml").read_text("utf-8"))
    assert [Path(name).name for name in scrape["rule_files"]] == ["booking-adapter-alerts.yaml"]
    assert scrape["scrape_configs"][0]["job_name"] == "booking-adapter"

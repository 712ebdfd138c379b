"""The real appointment form: told why it is not bookable before the upgrade, playing every journey after it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.rehearsal import DATABASES, failures, played, stage_of, warnings
from workflows.reader import Library, load_many
from workflows.upgrader import make_bookable

pytestmark = pytest.mark.servers
FORM = "forms/form-imio-prise-de-rendez-vous.wcs"
WORKFLOW = "workflows/workflow-imio-gestion-des-rendez-vous-et-evenements-package.wcs"
OTHERS = ("datasources", "wscalls", "blocks")


@pytest.fixture
def package(wcs_exports: Path) -> Path:
    return wcs_exports / "teleservices_package"


def upgraded(package: Path, folder: Path) -> Library:
    upgrade = make_bookable(package / FORM, [package / WORKFLOW], others=[package / name for name in OTHERS])
    assert upgrade.status == "upgraded"
    for name, content in upgrade.files.items():
        (folder / name).write_bytes(content)
    return load_many([folder, *(package / name for name in OTHERS)])


def test_before_the_upgrade_an_agent_cannot_book_and_the_designer_reads_why(package) -> None:
    library = load_many([package / FORM, package / WORKFLOW, *(package / name for name in OTHERS)])
    with stage_of(library) as stage:
        report = played(stage, "backoffice", "citizen")
    assert list(failures(report)) == ["backoffice"]
    [message] = failures(report)["backoffice"]
    assert "without the lock code" in message
    assert "Choisissez une plage horaire" in message
    [finding] = [found for found in report.journeys[0].findings if found.severity == "error"]
    assert "make-bookable" in finding.remedy
    assert "not held while the form is filled in" in warnings(report, "citizen")


@pytest.mark.parametrize("kind", DATABASES)
def test_after_the_upgrade_it_passes_every_journey(package, tmp_path, kind) -> None:
    with stage_of(upgraded(package, tmp_path), kind=kind) as stage:
        report = played(stage)
    assert failures(report) == {}
    # Weaknesses that were there before are told, and are no failure of the upgrade.
    assert "was not told" in warnings(report, "cancel")
    assert "nothing repeats the call" in warnings(report, "retry")

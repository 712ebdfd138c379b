"""The button « Vérifier » beside the stand-in of w.c.s. with the kit, over HTTP."""

from __future__ import annotations

import pytest

from adapter.wcs.services import AgentIdentity, Asker, diagnose
from tests.reconciliation.test_with_the_stand_in import site  # noqa: F401

pytestmark = [pytest.mark.servers, pytest.mark.django_db]


def test_sources_roles_accounts_and_records_are_seen(site) -> None:  # noqa: F811
    agent = next(person for person in site.people.values() if "Agents" in person.roles)

    def look(email: str, *, books: bool) -> dict[str, str]:
        asker = Asker(AgentIdentity(email=email), books=books)
        return {line.code: str(line.state) for line in diagnose("rendez-vous", "creneau", "", "", asker)}

    found = look(agent.email, books=True)
    assert [found[code] for code in ("form", "roles", "slot-source", "records")] == ["ok"] * 4
    found = look("nobody@example.org", books=False)
    assert (found["account"], found["roles"]) == ("warn", "ok")

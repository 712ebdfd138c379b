"""Who can log in to the stand-in."""

from __future__ import annotations

from workflows.reader import Form

from ..people import PROFILE, Person
from ..site import Site


def demo_people(site: Site) -> None:
    """An agent who may submit every form, an agent without a role, and a citizen.

    The agents are the adapter's demo logins, known by their e-mail addresses.
    """
    roles = {role.name for form in site.library.of(Form) for role in form.backoffice_submission_roles} | {"Agents"}
    site.add(Person(1, "a" * 32, "Agnès Guichet", "agent@demarches.demo", frozenset(roles), login="agent"))
    site.add(Person(2, "b" * 32, "Lucien Lecteur", "lecteur@demarches.demo", frozenset(), login="lecteur"))
    site.add(Person(4, "d" * 32, "Adèle Admin", "admin@demarches.demo", frozenset(roles), login="admin"))
    citizen = {**PROFILE, "_first_name": "Camille", "_last_name": "Martin"}
    site.add(Person(3, "c" * 32, "Camille Martin", "camille.martin@example.net", frozenset(), citizen, login="camille"))

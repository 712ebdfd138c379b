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
    for number, letter, first, last, login, held in (
        (1, "a", "Agnès", "Guichet", "agent", roles),
        (2, "b", "Lucien", "Lecteur", "lecteur", set()),
        (4, "d", "Adèle", "Admin", "admin", roles),
        (3, "c", "Camille", "Martin", "camille", set()),
    ):
        email = "camille.martin@example.net" if login == "camille" else f"{login}@demarches.demo"
        profile = {**PROFILE, "_first_name": first, "_last_name": last}
        site.add(Person(number, letter * 32, f"{first} {last}", email, frozenset(held), profile, login))

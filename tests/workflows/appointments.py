"""Forms and workflows that book without holding, in the many shapes that real ones have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from workflows import builder as b
from workflows.reader import Node

TYPE_URL = "{{ form_var_agenda_api_meetings_url }}"
SLOT_URL = "{{ form_var_meeting_type_api_datetimes_url }}"
FILLSLOT = "{{ form_var_creneau_api_fillslot_url }}"
ERRORS = b.OnErrors("2", "2", "2", "2", "2")
BODY = {
    "label": "{{ form_name }}",
    "backoffice_url": "{{ form_url_backoffice }}",
    "cancel_callback_url": "{{ form_api_url }}hooks/annuler/",
}
AGENT = b.Role("Accueil", "accueil")


def slot_field(varname: str = "creneau", source: Node | None = None, **values: object) -> Node:
    """A slot shown as a timetable."""
    source = source or b.data_source("json", SLOT_URL)
    return b.item("Créneau", varname, source=source, display_mode="timetable", **values)  # type: ignore[arg-type]


def form(
    slot: Node | None = None,
    *,
    pages: bool = True,
    exit_conditions: Iterable[Node] = (),
    more: Iterable[Node] = (),
    prefilled: Node | None = None,
) -> Node:
    """Agenda, meeting type and slot, each depending on the one before."""
    choice = b.item("Agenda", "agenda", source=b.data_source("json", "{{ chrono_url }}api/agenda/"))
    kind = b.item("Type", "meeting_type", source=b.data_source("json", TYPE_URL), prefilled=prefilled)
    fields = [b.text_field("Nom", "nom"), choice, kind, slot or slot_field(), *more]
    if pages:
        fields.insert(0, b.page("Vous"))
        fields.insert(2, b.page("Rendez-vous", exit_conditions=exit_conditions))
    return b.form(
        "Prise de rendez-vous", fields, workflow=b.workflow_link("rdv", "Rdv"), submission_roles=[AGENT], slug="rdv"
    )


def booking(url: str = FILLSLOT, body: Mapping[str, str] | None = None, varname: str = "reservation") -> Node:
    """A booking action."""
    return b.webservice_call("Réserver", url, varname, ERRORS, post_data=BODY if body is None else body)


def workflow(*actions: Node, more: Iterable[Node] = (), global_actions: Iterable[Node] = ()) -> Node:
    """Booked at once; failed bookings go to a second status, a third one cancels."""
    cancel = b.webservice_call(
        "Annuler", "{{ reservation_response_api_cancel_url }}", "annulation", b.OnErrors.all(":pass")
    )
    hook = b.global_action("9", "Annulé dans l'agenda", [b.jump("3")], [b.webservice_trigger("annuler", id="t9")])
    return b.workflow(
        "Rdv",
        [
            b.status("1", "Nouveau", [*(actions or [booking()]), b.jump("4")]),
            b.status("2", "Échec", [b.display_message("Choisissez un autre créneau", to=["_submitter"])]),
            b.status("3", "Annulé", [cancel]),
            b.status("4", "Pris", [b.choice("Annuler", "3", ["_submitter"])]),
            *more,
        ],
        global_actions=[hook, *global_actions],
        slug="rdv",
    )


def save(folder: Path, *nodes: Node) -> list[Path]:
    """Write definitions under the names that w.c.s. gives exports."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for node in nodes:
        path = folder / b.file_name(node)
        path.write_bytes(b.to_xml(node))
        paths.append(path)
    return paths

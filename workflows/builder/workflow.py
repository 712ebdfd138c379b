"""Workflows: statuses, global actions and triggers (wcs-xml.md §5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workflows.reader import Node, slugify

from .actions import number_actions
from .fields import number_fields
from .xml import Role, derived_id, flag, leaf, listing, lower_flag, optional, roles


def status(
    id: str,
    name: str,
    actions: Iterable[Node] = (),
    *,
    colour: str = "#FFFFFF",
    hidden_from_citizens: bool = False,
    endpoint: bool = False,
) -> Node:
    """A status; `endpoint` closes the record even when actions could leave it."""
    return Node("status").add(
        leaf("id", id),
        leaf("name", name),
        leaf("colour", colour),
        lower_flag("forced_endpoint", True) if endpoint else None,
        listing("visibility", ["__restricted__"] if hidden_from_citizens else [], "role"),
        Node("items", children=number_actions(actions)),
    )


def manual_trigger(
    allowed: Iterable[str | Role], statuses: Iterable[str] = (), *, confirm: str = "", id: str = ""
) -> Node:
    """A button for `allowed` in `statuses` (ids, `_endpoint_status`…; none means everywhere)."""
    return Node("trigger", attributes={"type": "manual", **({"id": id} if id else {})}).add(
        roles("roles", allowed),
        listing("statuses", statuses, "statuse"),
        flag("allow_as_mass_action", False),
        flag("require_confirmation", bool(confirm)),
        optional("confirmation_text", confirm),
    )


def webservice_trigger(identifier: str, allowed: Iterable[str | Role] = ("_signed_calls",), *, id: str = "") -> Node:
    """A hook at `<record url>hooks/<identifier>/`, for signed calls unless told otherwise."""
    return Node("trigger", attributes={"type": "webservice", **({"id": id} if id else {})}).add(
        leaf("identifier", identifier), roles("roles", allowed)
    )


def timeout_trigger(anchor_template: str, days: str, *, id: str = "") -> Node:
    """Fires once per record, `days` (integer, may be negative) after the date the template gives."""
    return Node("trigger", attributes={"type": "timeout", **({"id": id} if id else {})}).add(
        leaf("anchor", "template"), leaf("anchor_template", anchor_template), leaf("timeout", days)
    )


def global_action(id: str, name: str, actions: Iterable[Node], triggers: Iterable[Node]) -> Node:
    """A global action; triggers without an id get one derived from the action's name and their place."""
    armed = list(triggers)
    for position, trigger in enumerate(armed):
        trigger.attributes.setdefault("id", derived_id("trigger", name, str(position)))
    return Node("action").add(
        leaf("id", id),
        leaf("name", name),
        Node("items", children=number_actions(actions)),
        Node("triggers", children=armed),
    )


def embedded_form(tag: str, fields: Iterable[Node], owner: str, prefix: str = "") -> Node:
    """`variables` or `backoffice-fields`: an unnamed form, written `-` as a name is mandatory (wcs-xml.md §1.6)."""
    formdef = Node("formdef").add(leaf("name", "-"), Node("fields", children=number_fields(fields, owner, prefix)))
    return Node(tag, children=[formdef])


def workflow(
    name: str,
    statuses: Iterable[Node],
    *,
    slug: str = "",
    functions: Mapping[str, str] | None = None,
    global_actions: Iterable[Node] = (),
    variables: Iterable[Node] = (),
    backoffice_fields: Iterable[Node] = (),
    category: Node | None = None,
    documentation: str = "",
) -> Node:
    """A workflow. `functions` maps ids (`_receiver`) to labels; the first status is where records start."""
    slug = slug or slugify(name)
    functions = {"_receiver": "Destinataire"} if functions is None else functions
    options, data = list(variables), list(backoffice_fields)
    return Node("workflow").add(
        leaf("name", name),
        leaf("slug", slug),
        optional("documentation", documentation),
        category,
        Node("roles", children=[Node("role", label, {"id": key}) for key, label in functions.items()]),
        Node("possible_status", children=list(statuses)),
        Node("global_actions", children=list(global_actions)),
        embedded_form("variables", options, f"{slug}/variables") if options else None,
        embedded_form("backoffice-fields", data, f"{slug}/backoffice", "bo") if data else None,
    )

"""The form, its data sources and the call that holds the slot."""

from __future__ import annotations

from collections.abc import Iterable

from workflows import builder as b
from workflows.bookable import LOCK_CODE, TOKEN, TOKEN_FIELD, guarded, hold_body, hold_condition, sent_token
from workflows.reader import Node

from . import names as n
from .testing import kit_tests
from .texts import Texts

FILLSLOT = f"{{{{ form_var_{n.SLOT}_api_fillslot_url }}}}"


def form(texts: Texts, agenda: str, roles: Iterable[b.Role]) -> Node:
    """The form; without a fixed `agenda` (slug) it asks for one."""
    held = b.post_condition(hold_condition(n.SLOT, n.CALL), texts["not-held"])
    fields = [
        b.page(texts["page-contact"]),
        b.text_field(texts["last-name"], "nom", prefilled=b.prefill("user", "_last_name")),
        b.text_field(texts["first-name"], "prenom", prefilled=b.prefill("user", "_first_name")),
        b.text_field(texts["email"], "email", kind="email", prefilled=b.prefill("user", "_email")),
        b.text_field(texts["phone"], "telephone", required=False, prefilled=b.prefill("user", "_phone")),
        b.page(texts["page-slot"], exit_conditions=[held]),
    ]
    fields.append(silent_agenda(texts, n.SOURCE_TYPES if agenda else n.SOURCE_AGENDAS))
    if not agenda:
        fields.append(_choice(texts["agenda"], n.AGENDA, n.SOURCE_AGENDAS))
    fields += [
        _choice(texts["meeting-type"], n.MEETING_TYPE, n.SOURCE_TYPES),
        _slot(texts["slot"]),
        b.computed(texts["lock-code"], n.LOCK_CODE_FIELD, LOCK_CODE),
        b.computed(texts["lock-token"], TOKEN_FIELD, TOKEN, freeze=True),
    ]
    when = f"{{{{ form_var_{n.DATE[1]}|default:form_var_{n.SLOT} }}}}"
    node = b.form(
        texts["form"],
        fields,
        slug=n.FORM,
        workflow=b.workflow_link(n.WORKFLOW, texts["workflow"]),
        submission_roles=roles,
        digest=f"{{{{ form_var_nom }}}} {{{{ form_var_prenom }}}} – {when}",
    )
    return node.add(Node("testdefs", children=kit_tests(texts, node)))


def _choice(label: str, varname: str, source: str) -> Node:
    return b.item(label, varname, source=b.data_source(source))


def _slot(label: str) -> Node:
    """The slot: not in the summary of the record, where it would stay as it was first chosen."""
    return b.item(label, n.SLOT, source=b.data_source(n.SOURCE_SLOTS), display_mode="timetable", shown=("validation",))


def silent_agenda(texts: Texts, source: str) -> Node:
    """A word on the page when the agenda cannot be asked: a list that is never empty is empty then."""
    return b.comment(texts["silent-agenda"], when=f"not data_source.{source}")


def slot_choice(label: str) -> Node:
    """The choice of another slot, in the form of an action."""
    return b.item(label, n.SLOT, source=b.data_source(n.SOURCE_SLOTS), display_mode="timetable")


def call(texts: Texts) -> Node:
    """The named call that holds the slot."""
    return b.named_call(
        texts["call"],
        FILLSLOT,
        slug=n.CALL,
        method="POST",
        post_data=hold_body(),
        documentation=texts["call-documentation"],
    )


def sources(texts: Texts, agenda: str) -> list[Node]:
    """Agendas (unless one is fixed), meeting types and slots; each is asked for once what it depends on is chosen."""
    agendas = "{{ agendas_url }}api/agenda/"
    place, kind = f"form_var_{n.AGENDA}_raw", f"form_var_{n.MEETING_TYPE}_raw"
    types = f"{agendas}{agenda or f'{{{{ {place} }}}}'}/meetings/"
    slots = f"{types}{{{{ {kind} }}}}/datetimes/?lock_code={LOCK_CODE}&lock_token={sent_token()}"
    chosen = [] if agenda else [place]
    found = [
        b.data_source_definition(
            texts["source-types"], "json", guarded(types, chosen) if chosen else types, slug=n.SOURCE_TYPES
        ),
        b.data_source_definition(texts["source-slots"], "json", guarded(slots, [*chosen, kind]), slug=n.SOURCE_SLOTS),
    ]
    if not agenda:
        found.insert(0, b.data_source_definition(texts["source-agendas"], "json", agendas, slug=n.SOURCE_AGENDAS))
    return found

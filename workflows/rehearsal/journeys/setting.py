"""Sets the stage, and does what an administrator does after an import."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

from workflows.bookable import analyse
from workflows.languages import Language
from workflows.reader import Form, Library

from ..adapter import Adapter
from ..people import Session
from ..server import Application, demo_people, serve
from ..site import Settings, Site
from ..sources import items_of
from .errors import Failed
from .stage import Stage


@contextmanager
def set_stage(
    library: Library,
    form: Form,
    adapter_for: Callable[[str], Adapter],
    *,
    port: int,
    agenda: str,
    fault: str = "",
    language: Language = "fr",
    values: Mapping[str, str] | None = None,
    variables: Mapping[str, str] | None = None,
    fields: Mapping[str, str] | None = None,
    confined: bool = False,
) -> Iterator[Stage]:
    """Bring site, server and adapter together.

    `adapter_for` is given the address of the stand-in (on `port`); `values` are for fields by varname, `variables` for
    the site; `fields` may name `slot_field`, `meeting_type_field` and `agenda_field`. A `confined` rehearsal calls only
    that adapter and the stand-in. Raises `Failed` when the workflow is missing, and whatever `adapter_for` raises.
    """
    workflow = library.workflow_of(form)
    if workflow is None:
        raise Failed(
            f"Le workflow de {form.slug} n'est pas fourni." if language == "fr" else f"No workflow for {form.slug}."
        )
    url = f"http://127.0.0.1:{port}/"
    adapter = adapter_for(url)
    site = Site(
        library,
        Settings(
            url=url,
            agendas_url=adapter.url,
            secrets={urlsplit(adapter.url).hostname or "": adapter.key},
            known={adapter.adapter_orig: adapter.key},
            variables=dict(variables or {}),
            orig=adapter.orig,
            language=language,
            # An adapter that has been rehearsed with before still knows those records.
            first_number=secrets.randbelow(9_000_000) + 1_000_000,
            confined=confined,
        ),
    )
    demo_people(site)
    server = serve(Application(site), port)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    analysis = analyse(form, [workflow], library, **dict(fields or {}))
    stage = Stage(site, adapter, form, workflow, analysis, agenda, fault, dict(values or {}))
    adapter.attach(site)
    try:
        yield stage
    finally:
        server.shutdown()
        server.server_close()


def prepare(stage: Stage) -> None:
    """After an import: the form is enabled, agents get a role, the form's settings name the agenda.

    The choices come from the adapter, so it must answer. What was changed is told once, in the first journey.
    """
    site, form = stage.site, stage.form
    if site.is_disabled(form):
        site.enabled.add(form.slug)
    if not form.backoffice_submission_roles:
        site.given_roles[form.slug] = {"Agents"}
    scope = site.scope(site.new_record(form, removed=True), session=Session())
    variables = stage.workflow.variables
    for variable in variables.fields if variables else []:
        use = variable.data_source
        if use is None or variable.type not in ("item", "items"):
            continue
        for item in items_of(use, scope, variable):
            if item.id == stage.agenda:
                many = variable.type == "items"
                site.set_option(
                    form,
                    variable,
                    [item.id] if many else item.id,
                    item.text,
                    [item.structured] if many else item.structured,
                )


def tell_what_was_prepared(stage: Stage) -> None:
    """As findings of a journey: what its designer has to do on the real site."""
    if stage.form.text("disabled") == "true":
        stage.warn(
            "The form is disabled; the rehearsal enabled it.",
            "La démarche est désactivée ; la répétition l'a activée.",
            ("Enable it after the import.", "Activez-la après l'import."),
        )
    if not stage.form.backoffice_submission_roles:
        stage.warn(
            "The form has no backoffice submission role; the rehearsal gave it one.",
            "La démarche n'a aucun rôle de saisie backoffice ; la répétition lui en a donné un.",
            ("Add the role of your agents.", "Ajoutez le rôle de vos agents."),
        )

"""Which forms of w.c.s. the agent may choose from, and why none when there are none."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser
from django.core.cache import cache
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from adapter.manager.services.booking import identity_of
from adapter.wcs.services import AgentIdentity, FormChoice, WcsError, forms_for_agent

# Seconds for which a server that does not answer is not asked again: pages must not wait for it each time.
PAUSE = 30
PAUSED = "manager-forms-paused"
AGENT_UNKNOWN = "agent-unknown"


@dataclass(frozen=True, slots=True)
class FormChoices:
    """``forms`` by title; ``problem`` says why the list is empty, and what to do."""

    forms: list[FormChoice]
    problem: str = ""

    def slug_of(self, text: str) -> str:
        """The name of the form whose title was typed; any other text as it is."""
        same = [form.slug for form in self.forms if form.title.casefold() == text.strip().casefold()]
        return same[0] if len(same) == 1 else text

    def title_of(self, slug: str) -> str:
        """The title of the form of that name, empty when it is not in the list."""
        return next((form.title for form in self.forms if form.slug == slug), "")


def form_choices(user: AbstractBaseUser) -> FormChoices:
    """Ask the connected w.c.s. (answers are kept for a minute, failures for half of one)."""
    identity: AgentIdentity = identity_of(user)
    code = cache.get(PAUSED)
    if code is None:
        try:
            forms = forms_for_agent(identity)
        except WcsError as failure:
            code = failure.code
            # An agent that it does not know is no reason not to ask for others.
            if code != AGENT_UNKNOWN:
                cache.set(PAUSED, code, PAUSE)
        else:
            return FormChoices(forms, "" if forms else _nothing())
    return FormChoices([], _problem(code, identity))


TYPE_IT = gettext_lazy("Type the name of the form: it stands at the end of its address.")


def _nothing() -> str:
    return (
        _(
            "The forms' server lists no form that you may fill in from the back office: no form has a backoffice "
            "submission role that you hold there."
        )
        + f" {TYPE_IT}"
    )


def _problem(code: str, identity: AgentIdentity) -> str:
    if code == AGENT_UNKNOWN:
        reason = _(
            "The forms' server does not know your account (%(account)s): both accounts must have the same e-mail "
            "address, or the same NameID."
        ) % {"account": identity.name_id or identity.email or "—"}
    elif code == "not-configured":
        reason = _("No forms' server is connected (setting KNOWN_SERVICES).")
    else:
        reason = _("The forms' server cannot be asked for its forms right now: the button “Check” says why.")
    return f"{reason} {TYPE_IT}"

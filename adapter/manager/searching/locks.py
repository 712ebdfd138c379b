"""The search over locks, as the page's address says it."""

from __future__ import annotations

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from adapter.agendas.models import Agenda
from adapter.agendas.queries.locks import LockSearch

STATES = [
    ("live", _("Live")),
    ("lapsed", _("Lapsed")),
    ("released", _("Released")),
    ("confirmed", _("Became a booking")),
    ("half-adapted", _("Form that does not confirm")),
    ("all", _("All")),
]


class LockSearchForm(forms.Form):
    """Reads the query string. Only administrators look for a code: it is the secret of a session."""

    state = forms.ChoiceField(label=_("State"), required=False, choices=STATES)
    agenda = forms.ChoiceField(label=_("Agenda"), required=False)
    holder = forms.CharField(label=_("Holder"), required=False, max_length=150)
    code = forms.CharField(label=_("Lock code"), required=False, max_length=256)

    def __init__(self, query: QueryDict, agendas: list[Agenda], *, with_code: bool) -> None:
        super().__init__({"state": "live", **query.dict()}, label_suffix="")
        field = self.fields["agenda"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("All")), *[(agenda.slug, agenda.label) for agenda in agendas]]
        if not with_code:
            del self.fields["code"]

    def search(self) -> LockSearch | None:
        """What is looked for; ``None`` when the form is not valid."""
        if not self.is_valid():
            return None
        data = self.cleaned_data
        state = data["state"] or "live"
        return LockSearch("" if state == "all" else state, data["agenda"], data["holder"], data.get("code", ""))

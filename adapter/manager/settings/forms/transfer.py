"""Agendas out of a file."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from adapter.manager.settings.forms.base import SettingsForm

MAX_BYTES = 5 * 1024 * 1024


def read_json(text: str) -> Any:
    """The parsed text. Raises ``ValidationError`` with a sentence."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ValidationError(
            gettext("This is not JSON: what stands at line %(line)d, column %(column)d, is not expected there."),
            code="not_json",
            params={"line": error.lineno, "column": error.colno},
        ) from None
    except (RecursionError, ValueError):
        raise ValidationError(
            gettext("This file is nested too deeply, or holds a number that is too long."), code="excessive"
        ) from None


class ImportForm(SettingsForm):
    """A file that an export made."""

    file = forms.FileField(
        label=_("JSON file"),
        max_length=200,
        help_text=_("As “Export” writes it. Nothing changes before you have seen the plan."),
    )

    def clean_file(self) -> str:
        """The text of the file, known to be JSON."""
        upload = self.cleaned_data["file"]
        if upload.size > MAX_BYTES:
            raise ValidationError(
                gettext("The file is larger than %(size)d MiB. Use the command “manage.py agendas import”."),
                code="too_large",
                params={"size": MAX_BYTES // 2**20},
            )
        try:
            text = upload.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise ValidationError(gettext("This file is not a text in UTF-8."), code="not_utf8") from None
        read_json(text)
        return str(text)

"""Names that no account may have: a lock says by a name who holds it, an agent or a service."""

from __future__ import annotations

import unicodedata
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


def is_a_service(name: str) -> bool:
    """Whether a known service has that name, however it is written."""
    services = {one for service in settings.KNOWN_SERVICES for one in (service.verif_orig, service.orig, service.name)}
    return _folded(name) in {_folded(one) for one in services if one}


def refuse_names_of_services(sender: Any, instance: Any, **_kwargs: Any) -> None:
    """A new account, by whatever way, does not get the name of a service. Raises ``ValidationError``."""
    if instance._state.adding and is_a_service(instance.get_username()):
        raise ValidationError(_("A service of the platform has this name: choose another one."))


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold()

"""One attempt at a callback: what the outbox asks, in the words of the client of w.c.s."""

from __future__ import annotations

from adapter.agendas.models import Callback
from adapter.agendas.services.callbacks import AddressNotKnown, Sent
from adapter.wcs.services import UnknownAddress, WcsUnreachable, call_hook


def send_to_wcs(callback: Callback) -> Sent:
    """Make the signed call. Raises ``AddressNotKnown`` for an address outside ``KNOWN_SERVICES``."""
    try:
        reply = call_hook(callback.url, callback.payload)
    except UnknownAddress as refusal:
        raise AddressNotKnown(str(refusal)) from None
    except WcsUnreachable as failure:
        return Sent(None, str(failure))
    return Sent(reply.status, reply.error)

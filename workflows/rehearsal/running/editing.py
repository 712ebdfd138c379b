"""Editing a record from its status (`editable`): its pages are gone through again (wcs-xml.md §6).

Prefills are not computed again: what is stored is shown and may be changed. [unsure: to be seen on a real w.c.s.]
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..formdata import Formdata
from ..people import Session
from .choices import Offer
from .run import Running

if TYPE_CHECKING:
    from ..site import Site


def copy_to_edit(record: Formdata) -> Formdata:
    """The record as a draft on its first page; the record itself changes only with `keep_edit`."""
    return replace(record, draft=True, editing=True, page=0, data=dict(record.data))


def keep_edit(site: Site, record: Formdata, edited: Formdata, session: Session, offer: Offer) -> Running:
    """Take over what was changed, and go where the action leads."""
    running = Running(site, record, session)
    record.data = edited.data
    running.tell("form", offer.label)
    status = offer.action.text("status")
    if status:
        running.enter(status)
    return running

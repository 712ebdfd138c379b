"""The JSON export of a record, as sent by actions that complete their data with the form (wcs-runtime.md §5.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workflows.reader import Field

from .payload import jsonable
from .values import CHOICES, NOTHING, Stored

if TYPE_CHECKING:
    from .formdata import Formdata
    from .site import Site


def exported(record: Formdata, site: Site) -> dict[str, Any]:
    """Fields by varname with `_raw` and `_structured`, user, workflow, submission; the context is not in it."""
    workflow = site.workflow(record.form)
    own = record.form.fields
    backoffice = workflow.backoffice_fields.fields if workflow and workflow.backoffice_fields else []
    urls = site.urls(record)
    status = workflow.status(record.status) if workflow and record.status else None
    found = {
        "uuid": record.uuid,
        "digests": {"default": site.digest(record) or None},
        "id": f"{record.form.slug}/{record.id}",
        "internal_id": str(record.id),
        "display_id": record.number,
        "display_name": f"{record.form.name} #{record.number}",
        "text": f"{record.form.name} #{record.number}",
        "url": urls.front,
        "api_url": urls.api,
        "backoffice_url": urls.backoffice,
        "receipt_time": record.receipt.isoformat(),
        "last_update_time": (record.status_since or record.receipt).isoformat(),
        "criticality_level": 0,
        "user": _user(record),
        "fields": fields_of(own, record.data, site),
        "workflow": {
            "status": {"id": status.id, "name": status.name} if status else None,
            "real_status": {"id": status.id, "name": status.name} if status else None,
            "fields": fields_of(backoffice, record.data, site),
            "data": record.workflow_data,
        },
        "actions": {
            f"global-action:{trigger.identifier}": f"{urls.api}hooks/{trigger.identifier}/"
            for action in (workflow.global_actions if workflow else [])
            for trigger in action.triggers
            if trigger.identifier
        },
        "roles": {},
        "submission": {
            "backoffice": record.backoffice,
            "channel": record.channel or "web",
            "agent": record.agent.name if record.agent else None,
            "parent": None,
        },
        "geolocations": {},
        "evolution": [
            {"time": entry.at.isoformat(), "status": entry.text} for entry in record.history if entry.kind == "status"
        ],
    }
    return {name: jsonable(value) for name, value in found.items()}


def _user(record: Formdata) -> dict[str, Any] | None:
    user = record.user
    return {"id": user.id, "name": user.name, "email": user.email, "NameID": [user.name_id]} if user else None


def fields_of(fields: list[Field], data: Mapping[str, Stored], site: Site) -> dict[str, Any]:
    """Values by varname, of choices with `_raw` and `_structured`, of blocks as lists of rows."""
    found: dict[str, Any] = {}
    for field in fields:
        stored = data.get(field.id, NOTHING)
        if not field.varname:
            continue
        if field.type in CHOICES:
            found |= {field.varname: stored.display, f"{field.varname}_raw": stored.raw}
            if stored.structured is not None:
                found[f"{field.varname}_structured"] = stored.structured
        elif field.type == "block":
            inner = site.block_fields(field.block_slug)
            found[field.varname] = [fields_of(inner, row, site) for row in stored.raw or []]
        else:
            found[field.varname] = stored.raw
    return found

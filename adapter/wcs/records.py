"""Records of forms, as w.c.s. tells them (wcs-runtime §5.1, §10): one by its address, or all of a form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from django.conf import settings

from adapter.wcs.client import UnknownAddress, WcsUnreachable, call, service_for
from adapter.wcs.errors import AgentUnknown, BadAnswer, NotConfigured, TimedOut, UnknownForm, Unreachable, error_for
from adapter.wcs.known_services import KnownService

# Seconds.
TIMEOUT = 15.0
PAGE = 200
# The workflow's data come with the whole; what people attached is neither needed nor wanted here.
EVERYTHING_BUT_FILES = {"full": "on", "include-files-content": "off"}
# /backoffice/management/SLUG/ID/, /api/forms/SLUG/ID/ or /SLUG/ID/ (wcs-runtime §1.4).
PLACE = re.compile(r"/(?:backoffice/(?:management|submission)/|api/forms/)?([^/]+)/([0-9]+)/?")


class RecordGone(Exception):
    """w.c.s. itself says that it has no such record."""


@dataclass(frozen=True, slots=True)
class RecordPlace:
    """Where a record is: the service, the form and the number."""

    service: KnownService
    form: str
    number: str

    @property
    def api_url(self) -> str:
        """Its address in the API."""
        return f"{self.service.url}api/forms/{quote(self.form, safe='')}/{self.number}/"


@dataclass(frozen=True, slots=True)
class WcsRecord:
    """What a record says of itself. A draft has no status."""

    form: str
    number: str
    url: str
    backoffice_url: str
    api_url: str
    title: str = ""
    status_id: str = ""
    status: str = ""
    workflow_data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def draft(self) -> bool:
        """Nobody has submitted it yet."""
        return not (self.status_id or self.status)


def place_of(url: str) -> RecordPlace | None:
    """The record behind one of its addresses; ``None`` when that is no record of a known service."""
    try:
        service = service_for(url)
    except UnknownAddress:
        return None
    found = PLACE.fullmatch(urlsplit(url).path.removeprefix(urlsplit(service.url).path.rstrip("/")))
    return RecordPlace(service, found.group(1), found.group(2)) if found else None


def read_record(place: RecordPlace) -> WcsRecord:
    """The record. Raises :class:`RecordGone` only when w.c.s. answers so in its own words, else ``WcsError``.

    w.c.s. shows a single record to an account that may see it, and a form's list of records to a signature alone: the
    list is asked for this one record when nobody is named by ``RECONCILE_AS``. Neither shows a draft.
    """
    path = f"api/forms/{quote(place.form, safe='')}/{place.number}/"
    try:
        return _record(place.form, _get(place.service, path, {"include-files-content": "off"}, gone=True))
    except AgentUnknown:
        return _read_in_list(place)


def _read_in_list(place: RecordPlace) -> WcsRecord:
    # Versions that know no such filter refuse it.
    only = {"filter": "all", "filter-internal-id": place.number, "include-anonymised": "on"}
    found = list(_page(place.service, place.form, {**EVERYTHING_BUT_FILES, **only}))
    for record in found:
        if record.number == place.number:
            return record
    if found:
        raise BadAnswer("the list of records cannot be asked for one of them")
    raise RecordGone


def list_records(service: KnownService, form: str) -> Iterator[WcsRecord]:
    """All submitted records of a form, page after page. Raises ``WcsError``, also half-way."""
    seen: set[str] = set()
    while True:
        query = {**EVERYTHING_BUT_FILES, "filter": "all", "limit": str(PAGE), "offset": str(len(seen))}
        found = list(_page(service, form, query))
        fresh = [record for record in found if record.number not in seen]
        yield from (record for record in fresh if not record.draft)
        seen.update(record.number for record in fresh)
        # A server that knows nothing of pages gives everything each time.
        if not fresh or len(found) < PAGE:
            return


def _page(service: KnownService, form: str, query: Mapping[str, str]) -> Iterator[WcsRecord]:
    content = _get(service, f"api/forms/{quote(form, safe='')}/list", query)
    listed = content if isinstance(content, list) else content.get("data")
    if not isinstance(listed, list):
        raise BadAnswer("no list of records")
    return (_record(form, item) for item in listed if isinstance(item, dict))


def try_reading(service: KnownService, form: str) -> None:
    """Read one record of the form as a comparison would. Raises the ``WcsError`` that it would meet."""
    for record in _page(service, form, {**EVERYTHING_BUT_FILES, "filter": "all", "limit": "1"}):
        try:
            read_record(RecordPlace(service, form, record.number))
        except RecordGone:
            return
        break


def form_exists(service: KnownService, form: str) -> bool:
    """Whether the form is there: its records can only be gone when it is. Raises other ``WcsError``."""
    try:
        _get(service, f"api/formdefs/{quote(form, safe='')}/schema", {})
    except UnknownForm:
        return False
    return True


def _reader() -> dict[str, str]:
    """In whose name records are read (wcs-runtime §1.1): w.c.s. shows them to who may see them."""
    who = settings.RECONCILE_AS
    if not who:
        return {}
    return {"email": who} if "@" in who else {"NameID": who}


def _get(service: KnownService, path: str, query: Mapping[str, str], *, gone: bool = False) -> Any:
    parameters = {**query, **_reader()}
    url = f"{service.url}{path}" + (f"?{urlencode(parameters)}" if parameters else "")
    try:
        reply = call("GET", url, timeout=TIMEOUT)
    except WcsUnreachable as failure:
        raise (TimedOut if failure.timed_out else Unreachable)(str(failure)) from None
    if reply.status == 404 and gone:
        # A proxy's or another program's 404 says nothing about the record.
        if isinstance(reply.content, dict) and reply.content.get("err"):
            raise RecordGone
        raise BadAnswer("HTTP 404, not JSON")
    if isinstance(reply.content, list) and 200 <= reply.status < 300:
        return reply.content
    error = error_for(reply)
    if error is not None:
        raise error
    return reply.content


def _record(form: str, content: Mapping[str, Any]) -> WcsRecord:
    workflow = content.get("workflow")
    workflow = workflow if isinstance(workflow, dict) else {}
    status = workflow.get("real_status") or workflow.get("status")
    status = status if isinstance(status, dict) else {}
    data = workflow.get("data")
    number = str(content.get("internal_id") or str(content.get("id") or "").rpartition("/")[2])
    if not number:
        raise BadAnswer("a record without number")
    return WcsRecord(
        form=form,
        number=number,
        url=str(content.get("url") or ""),
        backoffice_url=str(content.get("backoffice_url") or ""),
        api_url=str(content.get("api_url") or ""),
        title=str(content.get("text") or ""),
        status_id=str(status.get("id") or ""),
        status=str(status.get("name") or ""),
        workflow_data=data if isinstance(data, dict) else {},
    )


def default_service() -> KnownService:
    """The w.c.s. in which agents fill forms. Raises ``NotConfigured``."""
    service: KnownService | None = settings.KNOWN_SERVICES.default()
    if service is None:
        raise NotConfigured
    return service

"""The workflow action `webservice_call`: request, what is stored, and where it leads (wcs-runtime.md §5)."""

from __future__ import annotations

from typing import Any

from workflows.reader import WebserviceCall

from ..calls import HEADERS, WITH_BODY, request_body, request_url
from ..export import exported
from ..http import Answer, NoAnswer
from ..payload import BadKeys
from .run import Jumped, Running, Stop, action_place

NO_CONTENT = (204, 205)
#: What a call leaves under its identifier (§5.2).
RESULTS = (
    "status", "app_error_code", "app_error_header", "response", "error_response", "connection_error", "payload_error",
    "content_type", "length",
)  # fmt: skip


def call_webservice(action: WebserviceCall, running: Running) -> None:
    """Make the call. Raises `Jumped` or `Stop` where its branches say so.

    An empty address in the settings does nothing; a template that gives nothing is a network error (§5.1).
    """
    if not action.url:
        return
    site, record, name = running.site, running.record, action.varname
    scope = running.scope()
    kept: dict[str, Any] = {"time": site.clock.now().isoformat()}
    try:
        body = request_body(action.post_data, scope, action) if action.method in WITH_BODY else None
    except (BadKeys, TypeError) as error:
        kept["payload_error"] = str(error)
        _keep(running, name, kept)
        site.trace.notice("workflow", action_place(action, site), f"payload: {error}")
        return
    if action.posts_form and action.method in WITH_BODY:
        body = exported(record, site) | ({"extra": body} if body else {})
    url = request_url(action.url, action.qs_data, scope, action)
    try:
        answer = site.client.send(
            action_place(action, site),
            action.method,
            url,
            body=body,
            headers=HEADERS | {"Publik-Caller-URL": site.urls(record).backoffice},
            key=scope.text(action.text("request_signature_key"), action) or "",
        )
    except NoAnswer as error:
        kept["connection_error"] = str(error)
        _keep(running, name, kept)
        running.tell("call", action.label, str(error))
        _branch(action, "action_on_network_errors", running)
        return
    json_expected = action.text("response_type", "json") != "attachment"
    code = application_error(answer, json_expected)
    kept |= {"status": answer.status, "app_error_code": code or 0}
    if "x-error-code" in answer.headers:
        kept["app_error_header"] = answer.headers["x-error-code"]
    good = 200 <= answer.status < 300 and answer.status not in NO_CONTENT and not code
    if good and not json_expected:
        kept |= {"content_type": answer.headers.get("content-type", ""), "length": len(answer.text)}
        site.trace.notice(
            "not-played",
            action_place(action, site),
            site.say("The file that was fetched is not kept", "Le fichier récupéré n'est pas gardé"),
            "attachment",
        )
    elif answer.is_json:
        kept["response" if good else "error_response"] = answer.json
    _keep(running, name, kept)
    running.tell("call", action.label, f"HTTP {answer.status}" + (f", err {code}" if code else ""))
    if action.method == "POST" and good:
        _rename(running, answer.json)
    if code:
        _branch(action, "action_on_app_error", running)
    if 400 <= answer.status < 500:
        _branch(action, "action_on_4xx", running)
    if answer.status >= 500:
        _branch(action, "action_on_5xx", running)
    if name and good and json_expected and not answer.is_json:
        _branch(action, "action_on_bad_data", running)


def repeat_call(action: WebserviceCall, running: Running) -> None:
    """Make the call of an action alone, wherever its branches would lead: as a job that is run once more."""
    try:
        call_webservice(action, running)
    except (Jumped, Stop):
        pass


def application_error(answer: Answer, json_expected: bool = True) -> int | str:
    """The code of an application error, 0 for none: the header `x-error-code` wins, then `err` of JSON (§5.3)."""
    found: Any = answer.headers.get("x-error-code")
    if found is None and json_expected:
        found = answer.json.get("err") if isinstance(answer.json, dict) else None
    if not found:
        return 0
    try:
        return int(found)
    except (TypeError, ValueError):
        return str(found)


def _keep(running: Running, name: str, kept: dict[str, Any]) -> None:
    """Under the identifier, if the action has one; results of an earlier run do not stay (§5.2)."""
    if not name:
        return
    data = running.record.workflow_data
    for key in RESULTS:
        data.pop(f"{name}_{key}", None)
    data |= {f"{name}_{key}": value for key, value in kept.items()}
    running.record.wscalls.setdefault(name, []).append(dict(kept))


def _rename(running: Running, body: Any) -> None:
    """A POST answer with `display_id` replaces the public number (§5.2)."""
    data = body.get("data") if isinstance(body, dict) else None
    found = (data.get("display_id") if isinstance(data, dict) else None) or (
        body.get("display_id") if isinstance(body, dict) else None
    )
    if found:
        running.record.display_id = str(found)


def _branch(action: WebserviceCall, event: str, running: Running) -> None:
    """Ignore, stop, or jump; a status that does not exist counts as stop (wcs-xml.md §6.1)."""
    wanted = action.on_error(event)
    if wanted in ("", ":pass"):
        return
    if wanted == ":stop" or running.workflow.status(wanted) is None:
        raise Stop
    raise Jumped(wanted, mark=action.flag("set_marker_on_status"))

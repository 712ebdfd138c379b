"""Named webservice calls: `webservice.SLUG` in templates (wcs-runtime.md §4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from workflows.reader import NamedCall, Pair, View

from .http import TIMEOUT, NoAnswer
from .names import find
from .payload import BadKeys, jsonable, nested
from .templates import NotEvaluated

if TYPE_CHECKING:
    from .scope import Scope

HEADERS = {
    "Accept": "application/json",
    "User-agent": "w.c.s./0 (https://dev.entrouvert.org/projects/wcs/)",
}
WITH_BODY = ("POST", "PUT", "PATCH", "DELETE")


class CannotSend(Exception):
    """A body that JSON cannot hold: the template or condition that asked for the call fails (§4.4)."""


class NamedCalls:
    """`webservice` in templates: each mention of a POST is one request, a GET is kept for the request (§4.3)."""

    do_not_call_in_templates = True

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def __getitem__(self, slug: str) -> Any:
        call = self._scope.site.library.named_call(slug)
        if call is None:
            site = self._scope.site
            site.trace.notice(
                "call",
                slug,
                site.say(
                    f"The webservice call {slug} is not among the definitions given",
                    f"L'appel webservice {slug} n'est pas parmi les définitions fournies",
                ),
                slug,
            )
            raise KeyError(slug)
        return make_call(call, self._scope)

    def find(self, path: str) -> Any:
        """The longest slug that exists, then what is below its answer."""
        parts = path.split("_")
        for size in range(len(parts), 0, -1):
            slug = "_".join(parts[:size])
            if self._scope.site.library.named_call(slug) is not None:
                answer = self[slug]
                return find(answer, "_".join(parts[size:])) if size < len(parts) else answer
        return self[path]


def call_with(slug: str, parameters: Mapping[str, Any], scope: Scope) -> Any:
    """The answer of a call that is given `parameters` of its own. Raises `KeyError`."""
    return NamedCalls(scope.with_names(parameters=dict(parameters)))[slug]


def make_call(call: NamedCall, scope: Scope) -> Any:
    """The decoded body whatever the HTTP status; raises `KeyError` (undefined) without one (§4.4)."""
    site, slug = scope.site, call.slug
    url = request_url(call.url, call.qs_data, scope, call)
    if not url:
        raise KeyError(slug)
    memo = f"{call.method} {url}"
    kept = scope.request.fetched.get(memo) or site.cached(memo) if call.method == "GET" else None
    if kept is not None:
        return kept.json
    try:
        body = request_body(call.post_data, scope, call) if call.method in WITH_BODY else None
    except BadKeys as error:
        site.trace.notice("call", slug, f"{type(error).__name__}: {error}", slug)
        return None
    except TypeError as error:
        site.trace.notice("call", slug, f"{type(error).__name__}: {error}", slug)
        raise CannotSend(str(error)) from None
    try:
        answer = site.client.send(
            site.say(f"named call {slug}", f"appel nommé {slug}"),
            call.method,
            url,
            body=body,
            headers=HEADERS | {"Publik-Caller-URL": site.urls(scope.record).backoffice},
            key=scope.text(call.request_text("request_signature_key"), call) or "",
            timeout=_timeout(call),
        )
    except NoAnswer as error:
        site.trace.notice("call", slug, f"{type(error).__name__}: {error}", slug)
        raise KeyError(slug) from None
    if not answer.is_json:
        raise KeyError(slug)
    if call.method == "GET":
        scope.request.fetched[memo] = answer
        site.keep(memo, answer, call.request_text("cache_duration"))
    return answer.json


def _timeout(call: NamedCall) -> float:
    written = call.request_text("timeout")
    return float(written) if written.isdecimal() and int(written) else TIMEOUT


def request_url(template: str, parameters: Iterable[Pair], scope: Scope, where: View) -> str:
    """The address with its parameters, unsigned; "" when its template gives none (§4.1).

    With a parameter, or when an `orig` will be added, parameters of the address itself without a value are dropped.
    """
    url = (scope.text(template, where) or "").strip()
    if not url:
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:  # What is no address is told when it is asked for.
        return url
    if parts.path.startswith("//"):
        parts = parts._replace(path="/" + parts.path.lstrip("/"))
    added: list[tuple[str, str]] = []
    for pair in parameters:
        try:
            value = scope.value(pair.value, where)
        except NotEvaluated:
            continue
        values = value if isinstance(value, list) else [value]
        added += [(pair.name, "" if item is None else str(item)) for item in values]
    query = parts.query
    if added or (scope.site.client.knows(url) and "=" in query):
        kept = parse_qsl(query)
        if len(kept) != len(parse_qsl(query, keep_blank_values=True)):
            query = urlencode(kept, quote_via=quote)
    query = "&".join(filter(None, [query, urlencode(added, quote_via=quote)]))
    return urlunsplit(parts._replace(query=query))


def request_body(pairs: Iterable[Pair], scope: Scope, where: View) -> Any:
    """The JSON body, None without entries; an entry that cannot be evaluated is left out (§4.1).

    Raises `BadKeys`, and `TypeError` for a value that cannot be encoded.
    """
    flat: dict[str, Any] = {}
    entries = list(pairs)
    for pair in entries:
        try:
            flat[pair.name] = jsonable(scope.value(pair.value, where))
        except NotEvaluated:
            continue
    return nested(flat) if entries else None

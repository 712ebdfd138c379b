"""Data sources: the choices of a field (wcs-runtime.md §6)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from workflows.bookable import places
from workflows.reader import DataSource, DataSourceUse, Field, Pair, View

from . import generated
from .http import NoAnswer
from .names import find
from .templates import NotEvaluated
from .trace import NoticeKind
from .values import NOTHING

if TYPE_CHECKING:
    from .scope import Scope


@dataclass(frozen=True)
class Item:
    """A choice. `structured` is the whole item when it has more than an id and a text (§6.2)."""

    id: str
    text: str
    disabled: bool = False
    structured: Any = None


def choices(field: Field, scope: Scope) -> list[Item]:
    """The choices of a field as they are now, kept for the request (§6.5)."""
    use = field.data_source
    if use is None or not use.type:
        return [Item(text, text) for text in field.items]
    return items_of(use, scope, field)


def items_of(use: DataSourceUse, scope: Scope, where: View) -> list[Item]:
    """The items of an inline, named or generated source; none, with a notice, when it cannot be read (§6.1)."""
    site = scope.site
    if use.inline:
        return _listed(use.type, use.value, [], scope, where)
    if use.card:
        site.trace.notice(
            "not-played",
            place_of(where),
            site.say("Choices from card models are not played", "Choix tirés de fiches : non joués"),
            use.type,
        )
        return []
    named = site.library.data_source(use.named)
    if named is not None:
        return named_items(named, scope)
    template = generated.template(use.named, site.variables.get("agendas_url", ""))
    if template:
        code = "{% firstof form_submission_context_lock_code session_hash_id %}"
        return _listed("json", template.url, [("lock_code", code)] if template.slots else [], scope, where)
    site.trace.notice(
        "source",
        place_of(where),
        site.say(
            f"The data source {use.named} is not among the definitions given",
            f"La source de données {use.named} n'est pas parmi les définitions fournies",
        ),
        use.named,
    )
    return []


def named_items(source: DataSource, scope: Scope) -> list[Item]:
    """The items of a named source."""
    attributes = {name: source.text(name) for name in ("data_attribute", "id_attribute", "text_attribute")}
    return _listed(source.source_type, source.value, [_pair(p) for p in source.qs_data], scope, source, **attributes)


def _pair(pair: Pair) -> tuple[str, str]:
    return pair.name, pair.value


class SourceLists:
    """`data_source.SLUG` in templates: the items as dictionaries."""

    do_not_call_in_templates = True

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def __getitem__(self, slug: str) -> Any:
        return self.find(slug)

    def find(self, path: str) -> Any:
        source = self._scope.site.library.data_source(path)
        if source is None:
            raise KeyError(path)
        return [item.structured or {"id": item.id, "text": item.text} for item in named_items(source, self._scope)]


def _listed(
    kind: str, template: str, parameters: list[tuple[str, str]], scope: Scope, where: View, **attributes: str
) -> list[Item]:
    if kind == "jsonvalue":
        text = scope.text(template, where)
        try:
            return _items(json.loads(text) if text else [], attributes)
        except ValueError:
            return _unreadable(scope, where, "jsonvalue")
    if kind != "json":
        scope.site.trace.notice(
            "not-played",
            place_of(where),
            scope.site.say(f"Data source of type {kind}: not played", f"Source de données de type {kind} : non jouée"),
            kind,
        )
        return []
    url = _address(template, parameters, scope, where)
    return _fetched(url, scope, where, attributes, early=_early(template, scope)) if url else []


def _early(template: str, scope: Scope) -> bool:
    """Whether a field that the address depends on has no value yet: it is asked for again when it has."""
    for place in places(template):
        for item in scope.record.form.fields if not place.form else []:
            if item.varname and place.rest.removesuffix("_raw") == item.varname:
                return scope.record.data.get(item.id, NOTHING).raw is None
    return False


def _address(template: str, parameters: list[tuple[str, str]], scope: Scope, where: View) -> str:
    """The address, everything encoded anew (§6.5); values that cannot be evaluated are left out, None is empty."""
    url = (scope.text(template, where) or "").strip()
    if not url:
        return ""
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    for name, source in parameters:
        try:
            value = scope.value(source, where)
        except NotEvaluated:
            continue
        query.append((name, "" if value is None else str(value)))
    return urlunsplit(parts._replace(query=urlencode(query)))


def _fetched(url: str, scope: Scope, where: View, attributes: dict[str, str], *, early: bool) -> list[Item]:
    kept: list[Item] | None = scope.request.lists.get(url)
    if kept is not None:
        return kept
    site = scope.site
    label = where.text("label") or where.text("name")
    try:
        # No Accept of its own (§6.5).
        answer = site.client.send(
            site.say(f"choices of “{label}”", f"choix de « {label} »"),
            "GET",
            url,
            headers={"Publik-Caller-URL": site.urls(scope.record).backoffice, "Accept": "*/*"},
        )
    except NoAnswer as error:
        return _unreadable(scope, where, str(error))
    if not 200 <= answer.status < 300:
        return _unreadable(scope, where, f"HTTP {answer.status}", "early" if early else "source")
    if isinstance(answer.json, dict) and answer.json.get("err") not in (None, 0, "0"):
        return _unreadable(scope, where, str(answer.json.get("err_desc") or answer.json.get("err")))
    data = answer.json
    if isinstance(data, dict):
        try:
            data = find(data, (attributes.get("data_attribute") or "data").replace(".", "_"))
        except KeyError:
            data = None
    if not isinstance(data, list):
        return _unreadable(scope, where, "no list")
    found = _items(data, attributes)
    scope.request.lists[url] = found
    return found


def _unreadable(scope: Scope, where: View, why: str, kind: NoticeKind = "source") -> list[Item]:
    """An error leaves the list empty, and the page is shown (§6.1)."""
    site = scope.site
    site.trace.notice(
        kind,
        place_of(where),
        site.say(f"The choices cannot be listed: {why}", f"Les choix ne peuvent pas être listés : {why}"),
    )
    return []


def _items(data: Any, attributes: dict[str, str]) -> list[Item]:
    """Items without id, or whose text is no text, are skipped (§6.1)."""
    id_key = attributes.get("id_attribute") or "id"
    text_key = attributes.get("text_attribute") or "text"
    found = []
    for item in data if isinstance(data, list) else []:
        if not isinstance(item, dict) or item.get(id_key) in (None, ""):
            continue
        if isinstance(item.get(text_key, ""), str):
            found.append(item_of(item, id_key, text_key))
    return found


def item_of(item: dict[str, Any], id_key: str = "id", text_key: str = "text") -> Item:
    """One item as listed; kept whole when it has more than an id and a text (§6.2)."""
    text = item.get(text_key, str(item[id_key]))
    structured = {**item, "id": item[id_key], "text": text} if set(item) - {"id", "text"} else None
    return Item(str(item[id_key]), text, bool(item.get("disabled")), structured)


def place_of(where: View) -> str:
    """`file:line`."""
    return f"{where.document.path}:{where.line}"

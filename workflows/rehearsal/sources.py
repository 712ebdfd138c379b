"""Data sources: the choices of a field (wcs-runtime.md §6)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from workflows.bookable import places
from workflows.reader import DataSource, DataSourceUse, Field, Pair, View

from . import generated
from .http import NoAnswer
from .templates import NotEvaluated
from .templates.printing import text_of
from .trace import NoticeKind
from .values import NOTHING

if TYPE_CHECKING:
    from .scope import Scope

#: The variable at the beginning of an address.
BASE = re.compile(r"\s*\{\{\s*(?P<name>[A-Za-z_]\w*)\s*\}\}")


@dataclass(frozen=True)
class Item:
    """A choice. `structured` is the whole item when it has more than an id and a text (§6.2).

    `group` is the name under which it stands with its neighbours, "" for none (§6.1).
    """

    id: str
    text: str
    disabled: bool = False
    structured: Any = None
    group: str = ""

    @property
    def heading(self) -> str:
        """Under what it stands in a list: its group, else the day of a slot."""
        day = self.structured.get("date") if isinstance(self.structured, dict) else ""
        return self.group or str(day or "")


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
    return _named(source, scope, [])


def _named(source: DataSource, scope: Scope, more: list[tuple[str, str]]) -> list[Item]:
    attributes = {
        name: source.text(name) for name in ("data_attribute", "id_attribute", "text_attribute", "cache_duration")
    }
    parameters = [_pair(pair) for pair in source.qs_data]
    return _listed(source.source_type, source.value, parameters, scope, source, more, **attributes)


def item_of_id(field: Field, wanted: str, items: list[Item], scope: Scope) -> Item | None:
    """The choice of an id: a source with an `id_parameter` is asked for it, others are looked through (§6.4)."""
    use = field.data_source
    named = scope.site.library.data_source(use.named) if use is not None and use.named else None
    parameter = named.text("id_parameter") if named is not None else ""
    if named is not None and parameter and named.source_type == "json":
        items = _named(named, scope, [(parameter, wanted)])
    return next((item for item in items if item.id == wanted), None)


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
    kind: str,
    template: str,
    parameters: list[tuple[str, str]],
    scope: Scope,
    where: View,
    more: list[tuple[str, str]] | None = None,
    **attributes: str,
) -> list[Item]:
    """`parameters` are templates, `more` are values."""
    if kind == "jsonvalue":
        text = scope.text(template, where)
        try:
            found = json.loads(text) if text else []
        except ValueError:
            return _unreadable(scope, where, "jsonvalue")
        return _items(found, attributes) if isinstance(found, list) else _unreadable(scope, where, "jsonvalue")
    if kind != "json":
        scope.site.trace.notice(
            "not-played",
            place_of(where),
            scope.site.say(f"Data source of type {kind}: not played", f"Source de données de type {kind} : non jouée"),
            kind,
        )
        return []
    url = _address(template, parameters, more or [], scope, where)
    early = _early(template, scope)
    name = "" if early else base_without_value(template, url)
    if name:
        return _unreadable(
            scope,
            where,
            scope.site.say(
                f"“{name}” has no value here; give it: --variable {name}=…",
                f"« {name} » n'a pas de valeur ici ; donnez-la : --variable {name}=…",
            ),
        )
    return _fetched(url, scope, where, attributes, early=early) if url else []


def base_without_value(template: str, url: str) -> str:
    """The variable that an address should begin with and that gave nothing, "" when it begins as it should."""
    found = BASE.match(template)
    return found["name"] if found and "://" not in url.partition("?")[0] else ""


def _early(template: str, scope: Scope) -> bool:
    """Whether a field that the address depends on has no value yet: it is asked for again when it has."""
    for place in places(template):
        for item in scope.record.form.fields if not place.form else []:
            if item.varname and f"{place.rest}_".startswith(f"{item.varname}_"):
                return scope.record.data.get(item.id, NOTHING).raw is None
    return False


def _address(
    template: str, parameters: list[tuple[str, str]], more: list[tuple[str, str]], scope: Scope, where: View
) -> str:
    """The address, everything encoded anew (§6.5).

    Parameters are texts; what cannot be evaluated is left out, None is empty.
    """
    url = (scope.text(template, where) or "").strip()
    if not url and not parameters:
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:  # What is no address is told when it is asked for.
        return url
    query = parse_qsl(parts.query, keep_blank_values=True)
    for name, source in parameters:
        try:
            value = scope.value(source, where)
        except NotEvaluated:
            continue
        query.append((name, "" if value is None else value if isinstance(value, str) else text_of(value)))
    return urlunsplit(parts._replace(query=urlencode([*query, *more])))


def _fetched(url: str, scope: Scope, where: View, attributes: dict[str, str], *, early: bool) -> list[Item]:
    kept: list[Item] | None = scope.request.lists.get(url)
    if kept is not None:
        return kept
    site = scope.site
    label = where.text("label") or where.text("name")
    answer = site.cached(url)
    try:
        # No Accept of its own (§6.5).
        answer = answer or site.client.send(
            site.say(f"choices of “{label}”", f"choix de « {label} »"),
            "GET",
            url,
            headers={"Publik-Caller-URL": site.urls(scope.record).backoffice},
        )
    except NoAnswer as error:
        return _unreadable(scope, where, str(error), "early" if early else "source")
    if not 200 <= answer.status < 300:
        return _unreadable(scope, where, f"HTTP {answer.status}", "early" if early else "source")
    data: Any = answer.json
    if not isinstance(data, dict):
        return _unreadable(scope, where, "not a JSON object")
    if data.get("err") not in (None, 0, "0"):
        return _unreadable(scope, where, str(data.get("err_desc") or data.get("err")))
    for key in (attributes.get("data_attribute") or "data").split("."):
        data = data.get(key) if isinstance(data, dict) else None
    if not isinstance(data, list):
        return _unreadable(scope, where, "no list")
    site.keep(url, answer, attributes.get("cache_duration", ""))
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
    return Item(str(item[id_key]), text, bool(item.get("disabled")), structured, str(item.get("group_by") or ""))


def place_of(where: View) -> str:
    """`file:line`."""
    return f"{where.document.path}:{where.line}"

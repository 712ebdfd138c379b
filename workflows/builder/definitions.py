"""Forms, card models, blocks, named calls, data sources, templates and categories (wcs-xml.md §7–§13, §19)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workflows.reader import KINDS, Node, slugify

from .fields import number_fields
from .xml import Entries, Role, leaf, listing, lower_flag, optional, pairs, params, role


def workflow_link(slug: str, name: str) -> Node:
    """The workflow of a form: by slug, with its name for the reader."""
    return Node("workflow", name, {"slug": slug})


def category_link(slug: str, name: str) -> Node:
    """The category of any definition."""
    return Node("category", name, {"slug": slug})


def form(
    name: str,
    fields: Iterable[Node],
    *,
    slug: str = "",
    workflow: Node | None = None,
    category: Node | None = None,
    description: str = "",
    options: Mapping[str, str] | None = None,
    roles: Mapping[str, str | Role] | None = None,
    submission_roles: Iterable[Role] = (),
    digest: str = "",
    confirmation: bool = True,
    root: str = "formdef",
) -> Node:
    """A form. `roles` gives roles to functions of the workflow, `options` values to its variables.

    Without `submission_roles` no agent may submit the form from the back office.
    """
    slug = slug or slugify(name)
    submitters = list(submission_roles)
    return Node(root).add(
        leaf("name", name),
        leaf("url_name", slug),
        optional("description", description),
        lower_flag("disabled", False),
        lower_flag("confirmation", confirmation),
        category,
        workflow,
        Node("fields", children=number_fields(fields, f"{root}/{slug}")),
        _digests(digest),
        Node("backoffice-submission-roles", children=[role("role", value) for value in submitters])
        if submitters
        else None,
        Node("roles", children=[role("role", value, role_key=key) for key, value in roles.items()]) if roles else None,
        Node("options", children=[Node("option", value, {"varname": key}) for key, value in options.items()])
        if options
        else None,
    )


def card(name: str, fields: Iterable[Node], *, slug: str = "", digest: str = "", workflow: Node | None = None) -> Node:
    """A card model; `digest` is the template of the text that stands for a card."""
    return form(name, fields, slug=slug, digest=digest, workflow=workflow, root="carddef", confirmation=False)


def block(name: str, fields: Iterable[Node], *, slug: str = "", exit_conditions: Iterable[Node] = ()) -> Node:
    """A block of fields, whose ids start with `bf`."""
    slug = slug or slugify(name, "_")
    posts = list(exit_conditions)
    return Node("block").add(
        leaf("name", name),
        leaf("slug", slug),
        Node("fields", children=number_fields(fields, f"block/{slug}", "bf")),
        Node("post_conditions", children=posts) if posts else None,
    )


def named_call(
    name: str,
    url: str,
    *,
    slug: str = "",
    method: str = "GET",
    qs_data: Entries = (),
    post_data: Entries = (),
    signature_key: str = "",
    timeout: int | None = None,
    cache_duration: int | None = None,
    documentation: str = "",
    notify: bool = False,
    record: bool = True,
) -> Node:
    """A `wscall`, read as `webservice.<slug>`; `timeout` and `cache_duration` in seconds."""
    request = Node("request").add(
        leaf("url", url),
        leaf("request_signature_key", signature_key),
        leaf("method", method),
        leaf("timeout", "" if timeout is None else str(timeout)),
        leaf("cache_duration", "" if cache_duration is None else str(cache_duration)),
        params("qs_data", qs_data),
        params("post_data", post_data),
    )
    return Node("wscall").add(
        leaf("name", name),
        leaf("slug", slug or slugify(name, "_")),
        optional("documentation", documentation),
        request,
        lower_flag("notify_on_errors", True) if notify else None,
        lower_flag("record_on_errors", True) if record else None,
    )


def data_source_definition(
    name: str,
    kind: str,
    value: str,
    *,
    slug: str = "",
    qs_data: Entries = (),
    id_attribute: str = "",
    text_attribute: str = "",
    cache_duration: int | None = None,
    documentation: str = "",
    record: bool = True,
) -> Node:
    """A named data source: `json` with a URL template or `jsonvalue` with a list; `cache_duration` in seconds."""
    return Node("datasource").add(
        leaf("name", name),
        leaf("slug", slug or slugify(name, "_")),
        optional("documentation", documentation),
        None if cache_duration is None else leaf("cache_duration", str(cache_duration)),
        optional("id_attribute", id_attribute),
        optional("text_attribute", text_attribute),
        pairs("qs_data", qs_data),
        Node("data_source", children=[leaf("type", kind), leaf("value", value)]),
        lower_flag("record_on_errors", True) if record else None,
    )


def mail_template(name: str, subject: str, body: str, *, slug: str = "", attachments: Iterable[str] = ()) -> Node:
    """A mail template; a body that starts with `<` is HTML."""
    files = list(attachments)
    return Node("mail-template").add(
        leaf("name", name),
        leaf("slug", slug or slugify(name)),
        leaf("subject", subject),
        leaf("body", body),
        listing("attachments", files) if files else None,
    )


def comment_template(name: str, comment: str, *, slug: str = "") -> Node:
    """A template for lines of the history."""
    return Node("comment-template").add(
        leaf("name", name), leaf("slug", slug or slugify(name)), leaf("comment", comment)
    )


def category(name: str, *, slug: str = "", kind: str = "category", description: str = "", position: int = 1) -> Node:
    """A category; `kind` is one of the roots of categories in `KINDS`."""
    if KINDS[kind].slug_child != "url_name" or not kind.endswith("category"):
        raise ValueError(f"{kind} is not a kind of category")
    return Node(kind).add(
        leaf("name", name),
        leaf("url_name", slug or slugify(name)),
        optional("description", description),
        leaf("position", str(position)),
    )


def _digests(template: str) -> Node | None:
    if not template:
        return None
    return Node("digest_templates", children=[Node("template", template, {"key": "default"})])

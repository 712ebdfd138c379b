"""The document and its page. Both are public: they tell nothing about anybody."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe

from adapter.api.answers import json_answer
from adapter.api.openapi.document import DESCRIPTION, build_document
from adapter.api.openapi.schemas import SCHEMAS
from adapter.api.routes import ROUTES


@require_safe
def openapi_document(request: HttpRequest) -> HttpResponse:
    """``openapi.json``."""
    return json_answer(build_document(ROUTES))


@require_safe
def documentation(request: HttpRequest) -> HttpResponse:
    """A page to read it, rendered here: no script, nothing from elsewhere."""
    document = build_document(ROUTES)
    tags: dict[str, list[dict[str, Any]]] = {}
    for address, methods in document["paths"].items():
        shared = methods.get("parameters", [])
        for method, operation in methods.items():
            if method == "parameters":
                continue
            tags.setdefault(operation["tags"][0], []).append(
                {
                    "method": method.upper(),
                    "address": address,
                    "anchor": operation["operationId"],
                    "summary": operation["summary"],
                    "parameters": [*shared, *operation.get("parameters", [])],
                    "body": _keys(operation.get("requestBody", {}).get("content", {})),
                    "answer": _keys(operation["responses"]["200"]["content"]),
                    "calendar": "text/calendar" in operation["responses"]["200"]["content"],
                }
            )
    paragraphs = [paragraph.replace("\n", " ") for paragraph in DESCRIPTION.strip().split("\n\n")]
    with translation.override("en"):
        return render(request, "api/documentation.html", {"tags": tags, "paragraphs": paragraphs})


def _keys(content: dict[str, Any]) -> list[dict[str, str]]:
    """Name, type and description of each key, objects inside written with dots."""
    schema = content.get("application/json", {}).get("schema")
    if not schema or "text/calendar" in content:
        return []
    return list(_flatten("", _resolve(schema)))


def _resolve(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return _resolve(SCHEMAS[schema["$ref"].rpartition("/")[2]])
    if "oneOf" in schema:
        return _resolve(schema["oneOf"][0])
    return schema


def _flatten(prefix: str, schema: dict[str, Any]) -> list[dict[str, str]]:
    found = []
    for name, item in schema.get("properties", {}).items():
        inner = _resolve(item)
        kind = inner.get("type", "")
        described = inner.get("description", "")
        if "const" in inner:
            kind = f"always {str(inner['const']).lower()}"
        elif "enum" in inner:
            kind = "one of " + ", ".join(inner["enum"])
        found.append(
            {
                "name": f"{prefix}{name}",
                "type": " or ".join(kind) if isinstance(kind, list) else str(kind),
                "description": described,
            }
        )
        if kind == "object":
            found += _flatten(f"{prefix}{name}.", inner)
        elif kind == "array" and isinstance(inner.get("items"), dict):
            found += _flatten(f"{prefix}{name}[].", _resolve(inner["items"]))
    return found

"""Long lists, a page at a time."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

PER_PAGE = 50


def page_of(request: HttpRequest, rows: QuerySet[Any], per_page: int = PER_PAGE) -> Page[Any]:
    """The page that the address asks for (``page``); the nearest one for a number that is none. Two queries."""
    return Paginator(rows, per_page).get_page(request.GET.get("page"))


def query_without(request: HttpRequest, *names: str) -> str:
    """The query string without some of its parameters, ready to be gone on with."""
    query = request.GET.copy()
    for name in names:
        query.pop(name, None)
    return query.urlencode()

"""The stand-in's own pages, by Django's template engine."""

from __future__ import annotations

import os
from typing import Any

from django.template import Context, Engine
from werkzeug.wrappers import Response

from ..people import Session
from ..site import Site
from ..templates import ensure_configured
from .words import words

PAGES = os.path.join(os.path.dirname(__file__), "pages")
POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; form-action *; base-uri 'none'; frame-ancestors 'none'"


class Renderer:
    """`render("page.html", session, name=value)` gives a response."""

    def __init__(self, site: Site) -> None:
        ensure_configured(site.language, site.time_zone)
        self.site = site
        self.words = words(site.language)
        self._engine = Engine(dirs=[PAGES], autoescape=True)

    def __call__(self, page: str, session: Session, *, status: int = 200, **values: Any) -> Response:
        context = {
            "t": self.words,
            "user": session.user,
            "language": self.site.language,
            "site": self.site,
            "agendas": self.site.settings.agendas_url,
            **values,
        }
        text = self._engine.get_template(page).render(Context(context, use_tz=True))
        response = Response(text, status, content_type="text/html; charset=utf-8")
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["Cache-Control"] = "no-store"
        return response

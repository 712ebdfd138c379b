"""A small web application that stands in for w.c.s., for tries and tests."""

from .app import Application, serve
from .people import demo_people
from .production import ForbiddenInProduction, refuse_production

__all__ = ["Application", "ForbiddenInProduction", "demo_people", "refuse_production", "serve"]

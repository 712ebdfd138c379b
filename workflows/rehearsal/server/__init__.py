"""A small web application that stands in for w.c.s., for tries and tests."""

from .app import Application, ForbiddenInProduction, serve
from .people import demo_people

__all__ = ["Application", "ForbiddenInProduction", "demo_people", "serve"]

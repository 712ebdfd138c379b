"""The importable kit: a form, its workflow, and all that they refer to, made for a language and an agenda."""

from .kit import VERSION, Kit, make_kit

__all__ = ["VERSION", "Kit", "make_kit"]

"""Filters that w.c.s. adds to Django's or replaces, as its documentation and its own tests describe them.

Each module has a `register`. A function with `wants_lazy` is given the field itself, the others its plain value.
"""

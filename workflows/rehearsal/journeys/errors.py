"""How a journey may end before its end."""

from __future__ import annotations


class Failed(Exception):
    """The journey failed, for a reason that a designer understands; `remedy` is a way out, maybe empty."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


class NotOffered(Exception):
    """The definitions do not offer what the journey is about."""

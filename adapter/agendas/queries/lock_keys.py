"""By what a form holds its lock."""

from __future__ import annotations

from typing import NamedTuple, Protocol

TOKEN_MAX_LENGTH = 64


class Keyed(Protocol):
    """A lock, or a booking that was one."""

    @property
    def lock_code(self) -> str: ...

    @property
    def lock_token(self) -> str: ...


class LockKey(NamedTuple):
    """The lock code of a browser session or draft, and the token of the form that is filled in with it.

    The token distinguishes two forms with one code. A call without a token means all locks of the code (data sources
    that w.c.s. makes itself cannot name one), and a lock without a token belongs to any form of its code
    (what an agent holds from the calendar, before the form is opened).
    """

    code: str = ""
    token: str = ""

    def opens(self, lock: Keyed) -> bool:
        """Whether ``lock`` is held by this form."""
        if not self.code or lock.lock_code != self.code:
            return False
        return not self.token or lock.lock_token in ("", self.token)

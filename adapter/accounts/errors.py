"""Why an agent is not logged in."""

from __future__ import annotations


class LoginRefused(Exception):
    """Nobody is logged in; the text is for the log and holds nothing personal."""


class ProviderUnavailable(LoginRefused):
    """The provider does not answer, or not as OpenID Connect says."""

"""Why w.c.s. did not do what an agent asked, as stable codes; words for people are the back office's."""

from __future__ import annotations

import secrets

from adapter.wcs.client import Reply


class WcsError(Exception):
    """``code`` is stable; ``detail`` is what w.c.s. said, for the log; ``reference`` is what agents tell support."""

    code = "bad-answer"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.code)
        self.detail = detail
        self.reference = secrets.token_hex(4)


class NotConfigured(WcsError):
    """``KNOWN_SERVICES`` names no w.c.s."""

    code = "not-configured"


class Unreachable(WcsError):
    """No answer."""

    code = "unreachable"


class TimedOut(WcsError):
    """The answer took too long: what was asked may have been done all the same."""

    code = "timeout"


class SignatureNotAccepted(WcsError):
    """w.c.s. refused our signature: another key, or a name it does not know."""

    code = "signature"


class ClocksDiffer(WcsError):
    """w.c.s. refused our signature as too old or too young: the clocks of both servers disagree."""

    code = "clock"


class UnknownForm(WcsError):
    """No form has that slug."""

    code = "unknown-form"


class FormDisabled(WcsError):
    """The form is disabled."""

    code = "form-disabled"


class NoSubmissionRole(WcsError):
    """The form has no backoffice submission role."""

    code = "no-submission-role"


class AgentNotAllowed(WcsError):
    """The agent has none of the form's backoffice submission roles."""

    code = "agent-not-allowed"


class AgentUnknown(WcsError):
    """w.c.s. does not know the agent: never logged in there."""

    code = "agent-unknown"


class NotAllowed(WcsError):
    """The account in whose name w.c.s. was asked may not see that."""

    code = "not-allowed"


class BadAnswer(WcsError):
    """Anything else: an answer that is not JSON, a server error, a refusal without a known reason."""

    code = "bad-answer"


#: By ``err_code`` (wcs-runtime §1.5), then by the sentence where w.c.s. has no code of its own: in English, or in the
#: French of its catalogue.
BY_CODE: dict[str, type[WcsError]] = {
    "no-backoffice-submission-role": NoSubmissionRole,
    "user-not-allowed-backoffice-submission": AgentNotAllowed,
    "unknown-name-id": AgentUnknown,
}
BY_SENTENCE: tuple[tuple[str, type[WcsError]], ...] = (
    ("disabled form", FormDisabled),
    ("formulaire désactivé", FormDisabled),
    ("unknown email", AgentUnknown),
    ("valeur inconnue pour « email »", AgentUnknown),
    ("user not authenticated", AgentUnknown),
    ("utilisateur non authentifié", AgentUnknown),
    ("insufficient roles", NotAllowed),
    # As w.c.s. spells it where records are read.
    ("unsufficient roles", NotAllowed),
    ("rôles insuffisants", NotAllowed),
    ("invalid signature", SignatureNotAccepted),
    ("signature invalide", SignatureNotAccepted),
    ("invalid orig", SignatureNotAccepted),
    ("« orig » invalide", SignatureNotAccepted),
    ("timestamp", ClocksDiffer),
    ("nonce", SignatureNotAccepted),
    ("unsigned", SignatureNotAccepted),
    ("non signé", SignatureNotAccepted),
)


def error_for(reply: Reply) -> WcsError | None:
    """What a reply means; ``None`` for a success with a JSON object."""
    content = reply.content if isinstance(reply.content, dict) else {}
    status = f"HTTP {reply.status}"
    detail = status if reply.error in ("", status) else f"{status}: {reply.error}"
    if 200 <= reply.status < 300:
        if not isinstance(reply.content, dict):
            return BadAnswer(f"{detail}, not JSON")
        return BadAnswer(detail) if content.get("err") not in (None, 0, "0") else None
    known = BY_CODE.get(str(content.get("err_code", "")))
    if known is not None:
        return known(detail)
    # French puts no-break spaces inside of its quotes.
    sentence = " ".join(f"{content.get('err_desc', '')} {content.get('err_class', '')}".lower().split())
    for part, error in BY_SENTENCE:
        if reply.status == 403 and part in sentence:
            return error(detail)
    return UnknownForm(detail) if reply.status == 404 else BadAnswer(detail)

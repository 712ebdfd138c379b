"""Who gets what: one row for each address. A new address without a row fails ``test_permissions.py``.

Roles of the back office: ``visitor`` (nobody logged in), ``stranger`` (an agent without a role on the agenda),
``viewer``, ``booker`` (may view and book), ``editor`` (may view and set up), ``admin`` (superuser).
Callers of the webservices: ``unsigned``, ``signed``.

Answers are written by what they mean: ``ok`` 200, ``moved`` 302 to a page of ours, ``login`` 302 to the log-in page,
``no`` 403, ``hidden`` 404, ``verb`` 405, ``refused`` 200/400/404/409 with a reason, after rights were looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, field

ROLES = ("visitor", "stranger", "viewer", "booker", "editor", "admin")
CALLERS = ("unsigned", "signed")
OTHER_VERBS = ("PUT", "DELETE")


@dataclass(frozen=True)
class Page:
    """``get`` and ``post`` give an answer for each of ``ROLES``, in their order.

    ``{booking}`` in ``path`` is the number of an appointment.
    """

    name: str
    path: str
    get: str
    post: str
    body: dict[str, str] = field(default_factory=dict)
    # What other verbs than GET, HEAD and POST get from an agent who may do everything.
    others: str = "verb"
    # What HEAD gets, where that is not what GET gets: a GET that changes something.
    head: str = ""


DAY = "2026/11/24/"
MAIRIE = "/manage/agendas/mairie/"
LOGGED_IN = "login ok ok ok ok ok"
VIEWERS = "login no ok ok ok ok"
NO_POST = "login verb verb verb verb verb"

PAGES = (
    Page("root", "/", "moved moved moved moved moved moved", "moved moved moved moved moved moved", others="moved"),
    Page("login", "/login/", "ok ok ok ok ok ok", "ok ok ok ok ok ok", others="any"),
    Page(
        "openid-login",
        "/login/openid/",
        "hidden hidden hidden hidden hidden hidden",
        "verb verb verb verb verb verb",
        head="verb verb verb verb verb verb",
    ),
    Page(
        "openid-callback",
        "/login/openid/callback/",
        "hidden hidden hidden hidden hidden hidden",
        "verb verb verb verb verb verb",
        head="verb verb verb verb verb verb",
    ),
    Page("logout", "/logout/", "verb verb verb verb verb verb", "moved moved moved moved moved moved"),
    Page("manager-home", "/manage/", LOGGED_IN, NO_POST),
    Page("manager-agendas", "/manage/agendas/", LOGGED_IN, NO_POST),
    Page("manager-agenda", MAIRIE, "login no moved moved moved moved", NO_POST),
    Page("manager-agenda-go", f"{MAIRIE}go/?date=2026-11-24", "login no moved moved moved moved", NO_POST),
    Page("manager-agenda-version", f"{MAIRIE}version/?view=day&date=2026-11-24", VIEWERS, NO_POST),
    Page("manager-agenda-day", f"{MAIRIE}day/{DAY}", VIEWERS, NO_POST),
    Page("manager-agenda-week", f"{MAIRIE}week/{DAY}", VIEWERS, NO_POST),
    Page("manager-agenda-month", f"{MAIRIE}month/{DAY}", VIEWERS, NO_POST),
    Page(
        "manager-agenda-book",
        f"{MAIRIE}book/",
        "login no no ok no ok",
        "login no no refused no refused",
        body={"slot": "passeport:2026-11-24-0300"},
    ),
    Page("manager-agenda-appointment", f"{MAIRIE}appointments/{{booking}}/", VIEWERS, NO_POST),
    Page(
        "manager-agenda-appointment-act",
        f"{MAIRIE}appointments/{{booking}}/retry/",
        "login no no ok no ok",
        "login no no refused no refused",
    ),
    Page("manager-reconciliation", "/manage/reconciliation/", "login no no no no ok", "login no no no no verb"),
    Page(
        "manager-reconciliation-compare",
        "/manage/reconciliation/compare/",
        "login no no no no verb",
        "login no no no no moved",
    ),
    Page(
        "manager-reconciliation-repair",
        "/manage/reconciliation/1/repair/",
        "login no no no no verb",
        "login no no no no moved",
        body={"sure": "1"},
    ),
    Page("manager-agenda-given-up", f"{MAIRIE}given-up/K/", "login no moved moved moved moved", NO_POST),
)


@dataclass(frozen=True)
class Call:
    """An operation of the webservices: what it answers to somebody who did not sign, and to a known service."""

    name: str
    verb: str
    path: str
    unsigned: str
    signed: str
    body: dict[str, object] = field(default_factory=dict)


SLOT = "passeport:2026-11-24-0900"
CALLS = (
    Call("api-docs", "GET", "docs/", "ok", "ok"),
    Call("openapi", "GET", "openapi.json", "ok", "ok"),
    Call("agendas", "GET", "agenda/", "no", "ok"),
    Call("agenda", "GET", "agenda/mairie/", "no", "ok"),
    Call("meeting-types", "GET", "agenda/mairie/meetings/", "no", "ok"),
    Call("meeting-type", "GET", "agenda/mairie/meetings/passeport/", "no", "ok"),
    Call("datetimes", "GET", "agenda/mairie/meetings/passeport/datetimes/", "no", "ok"),
    Call("datetimes-without-type", "GET", "agenda/mairie/meetings//datetimes/", "no", "ok"),
    Call("desks", "GET", "agenda/mairie/desks/", "no", "ok"),
    Call("shared-resources", "GET", "agenda/mairie/shared-resources/", "no", "ok"),
    Call("resources", "GET", "agenda/mairie/resources/", "no", "ok"),
    Call("fillslot", "POST", f"agenda/mairie/fillslot/{SLOT}/", "no", "ok", {"lock_code": "K"}),
    Call("fillslots", "POST", "agenda/mairie/fillslots/", "no", "ok", {"slots": SLOT, "lock_code": "K"}),
    Call("lock-renew", "POST", "agenda/mairie/locks/K/renew/", "no", "refused"),
    Call("locks", "GET", "agenda/mairie/locks/K/", "no", "ok"),
    Call("locks", "DELETE", "agenda/mairie/locks/K/", "no", "ok"),
    Call("bookings", "GET", "bookings/?user_external_id=ada", "no", "ok"),
    Call("bookings-ics", "GET", "bookings/ics/?user_external_id=ada", "no", "ok"),
    Call("bookings-cancel", "POST", "bookings/cancel/", "no", "refused"),
    Call("booking", "GET", "booking/1/", "no", "refused"),
    Call("booking", "PATCH", "booking/1/", "no", "refused"),
    Call("booking", "DELETE", "booking/1/", "no", "refused"),
    Call("booking-cancel", "POST", "booking/1/cancel/", "no", "refused"),
    Call("booking-accept", "POST", "booking/1/accept/", "no", "refused"),
    Call("booking-suspend", "POST", "booking/1/suspend/", "no", "refused"),
    Call("booking-resize", "POST", "booking/1/resize/", "no", "refused", {"count": 2}),
    Call("booking-anonymize", "POST", "booking/1/anonymize/", "no", "refused"),
    Call("booking-ics", "GET", "booking/1/ics/", "no", "refused"),
)

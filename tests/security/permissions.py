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

    ``{booking}`` in ``path`` or ``body`` is the number of an appointment; other names are those of ``numbers`` in
    ``conftest.py``. ``any``: what a page answers to who may is its own tests' business.
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
VERB = "verb verb verb verb verb verb"

PAGES = (
    Page("root", "/", "moved moved moved moved moved moved", "moved moved moved moved moved moved", others="moved"),
    Page("login", "/login/", "ok ok ok ok ok ok", "ok ok ok ok ok ok", others="any"),
    Page(
        "openid-login",
        "/login/openid/",
        "hidden hidden hidden hidden hidden hidden",
        VERB,
        head=VERB,
    ),
    Page(
        "openid-callback",
        "/login/openid/callback/",
        "hidden hidden hidden hidden hidden hidden",
        VERB,
        head=VERB,
    ),
    Page("logout", "/logout/", VERB, "moved moved moved moved moved moved"),
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

# One agent of each role is asked for these too; their texts are looked at beside their other tests.
ADMINS = "login no no no no ok"
ADMINS_DO = "login no no no no any"
BOOKERS = "login no no ok no ok"
BOOKERS_DO = "login no no any no any"
EDITORS = "login no no no ok ok"
EDITORS_DO = "login no no no any any"
BOOKINGS = "/manage/bookings/"
HIDDEN = "/manage/agendas/cachee/"
STUDIO = "/manage/studio/"
SECRET = "hidden hidden hidden hidden hidden hidden"

SUBJECT_PAGES = (
    Page("manager-bookings", BOOKINGS, LOGGED_IN, NO_POST),
    Page("manager-bookings-export", f"{BOOKINGS}export/csv/", LOGGED_IN, NO_POST),
    Page("manager-bookings-export", f"{BOOKINGS}export/ods/", LOGGED_IN, NO_POST),
    Page("manager-booking", f"{BOOKINGS}{{booking}}/", VIEWERS, NO_POST),
    Page("manager-booking", f"{BOOKINGS}{{lock}}/", VIEWERS, NO_POST),
    Page("manager-booking", f"{BOOKINGS}{{hidden}}/", ADMINS, NO_POST),
    Page("manager-booking-cancel", f"{BOOKINGS}{{booking}}/cancel/", BOOKERS, BOOKERS_DO, others="ok"),
    Page("manager-booking-cancel", f"{BOOKINGS}{{hidden}}/cancel/", ADMINS, ADMINS_DO, others="ok"),
    Page("manager-booking-presence", f"{BOOKINGS}{{booking}}/presence/came/", NO_POST, BOOKERS_DO),
    Page("manager-callback-retry", f"{BOOKINGS}{{cancelled}}/callbacks/{{callback}}/retry/", NO_POST, BOOKERS_DO),
    Page("manager-locks", "/manage/locks/", LOGGED_IN, NO_POST),
    Page("manager-locks-release", "/manage/locks/release/", NO_POST, "login any any any any any"),
    Page("manager-locks-release", "/manage/locks/release/", NO_POST, BOOKERS_DO, body={"lock": "{lock}"}),
    Page("manager-locks-release", "/manage/locks/release/", NO_POST, ADMINS_DO, body={"lock": "{hidden_lock}"}),
    Page("manager-locks-expire", "/manage/locks/expire/", "login no no no no verb", ADMINS_DO),
    Page("manager-studio", STUDIO, EDITORS, EDITORS_DO),
    Page("manager-studio-download", f"{STUDIO}download/", VERB, EDITORS_DO),
    Page("manager-studio-kit", f"{STUDIO}kit/", EDITORS, VERB),
    Page("manager-studio-rehearse", f"{STUDIO}rehearse/", VERB, EDITORS_DO),
    # A rehearsal is its session's.
    Page("manager-rehearsal", f"{STUDIO}rehearsals/{{rehearsal}}/", "login no no no hidden hidden", VERB),
    Page("manager-rehearsal-state", f"{STUDIO}rehearsals/{{rehearsal}}/state/", "login no no no hidden hidden", VERB),
    Page("manager-rehearsal-report", f"{STUDIO}rehearsals/{{rehearsal}}/report/", "login no no no hidden hidden", VERB),
    Page("manager-agenda-why", f"{MAIRIE}why/", VIEWERS, NO_POST),
    Page("manager-agenda-why", f"{HIDDEN}why/", ADMINS, NO_POST),
    Page("manager-agenda-print", f"{MAIRIE}day/{DAY}print/", VIEWERS, NO_POST),
    Page("manager-agenda-feed", f"{MAIRIE}feed/", VIEWERS, NO_POST),
    Page("manager-agenda-feed-make", f"{MAIRIE}feed/make/", NO_POST, "login no any any any any"),
    Page("manager-agenda-feed-revoke", f"{MAIRIE}feed/revoke/", NO_POST, "login no any any any any"),
    Page("manager-agenda-feed-make", f"{HIDDEN}feed/make/", NO_POST, ADMINS_DO),
    Page("manager-feeds", "/manage/feeds/", ADMINS, "login no no no no verb"),
    Page("manager-feeds-revoke", "/manage/feeds/1/revoke/", "login no no no no verb", ADMINS_DO),
    # Its secret protects it: see ``test_feeds.py``.
    Page("manager-feed", "/manage/feeds/guessed.ics", SECRET, VERB),
)


def setting(name: str, path: str, get: str = EDITORS, post: str = EDITORS_DO, agenda: str = "mairie") -> Page:
    """A page of the settings of an agenda."""
    body = {"label": "Pirate", "to": "down"}
    return Page(f"manager-settings{name}", f"/manage/agendas/{agenda}/settings/{path}", get, post, body)


SETTINGS_PAGES = (
    setting("", "", post="login any any any any any"),
    setting("-general", "general/"),
    setting("-identifier", "identifier/"),
    setting("-delays", "delays/"),
    setting("-permissions", "permissions/"),
    # Leads to its tab.
    setting("-booking", "backoffice-booking/", "login no no no moved moved"),
    setting("-reminders", "reminders/"),
    setting("-duplicate", "duplicate/", ADMINS, ADMINS_DO),
    setting("-export", "export/"),
    setting("-delete", "delete/"),
    setting("-members", "members/", agenda="toutes"),
    setting("-type-add", "meeting-types/add/"),
    setting("-type", "meeting-types/{type}/"),
    setting("-type-delete", "meeting-types/{type}/delete/"),
    setting("-type-move", "meeting-types/{type}/move/", VERB),
    setting("-desk-add", "desks/add/"),
    setting("-desk", "desks/{desk}/"),
    setting("-desk-delete", "desks/{desk}/delete/"),
    setting("-desk-move", "desks/{desk}/move/", VERB),
    setting("-opening-add", "openings/add/"),
    setting("-opening-copy", "openings/copy/"),
    setting("-opening", "openings/{opening}/"),
    setting("-opening-delete", "openings/{opening}/delete/"),
    setting("-excluded-add", "excluded-periods/add/", agenda="toutes"),
    setting("-excluded", "excluded-periods/{excluded}/", agenda="toutes"),
    setting("-excluded-delete", "excluded-periods/{excluded}/delete/", agenda="toutes"),
    setting("-closure-add", "exceptions/add/"),
    setting("-closure", "exceptions/{closure}/"),
    setting("-closure-delete", "exceptions/{closure}/delete/"),
    setting("-source-add", "sources/add/holidays/"),
    setting("-source", "sources/{source}/"),
    setting("-source-delete", "sources/{source}/delete/"),
    setting("-source-refresh", "sources/{source}/refresh/", VERB),
    Page("manager-agenda-create", "/manage/add-agenda/", ADMINS, ADMINS_DO),
    Page("manager-agendas-import", "/manage/import-agendas/", ADMINS, ADMINS_DO),
    Page("manager-agendas-import-plan", "/manage/import-agendas/token/", "login no no no no moved", ADMINS_DO),
    Page("manager-agendas-export", "/manage/export-agendas/", ADMINS, ADMINS_DO),
)
ALL_PAGES = (*PAGES, *SUBJECT_PAGES, *SETTINGS_PAGES)


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
    Call("meeting-types-without-agenda", "GET", "agenda//meetings/", "no", "ok"),
    Call("datetimes-without-agenda", "GET", "agenda//meetings//datetimes/", "no", "ok"),
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

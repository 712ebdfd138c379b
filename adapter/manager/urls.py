"""Addresses of the back office, below ``/manage/``."""

from __future__ import annotations

from django.urls import path

from adapter.manager.settings.urls import urlpatterns as settings_urls
from adapter.manager.views import (
    appointments,
    booking,
    bookings,
    calendar,
    feeds,
    home,
    locks,
    printing,
    reconciliation,
    rehearsals,
    studio,
    why,
)

DATE = "<int:year>/<int:month>/<int:day>/"

urlpatterns = [
    path("", home.home, name="manager-home"),
    path("agendas/", home.home, name="manager-agendas"),
    path("agendas/<slug:slug>/", calendar.open_agenda, name="manager-agenda"),
    path("agendas/<slug:slug>/go/", calendar.go_to_date, name="manager-agenda-go"),
    path("agendas/<slug:slug>/version/", calendar.version, name="manager-agenda-version"),
    path("agendas/<slug:slug>/book/", booking.book, name="manager-agenda-book"),
    path("agendas/<slug:slug>/given-up/<str:code>/", booking.given_up, name="manager-agenda-given-up"),
    path("agendas/<slug:slug>/appointments/<int:number>/", appointments.appointment, name="manager-agenda-appointment"),
    path(
        "agendas/<slug:slug>/appointments/<int:number>/<slug:action>/",
        appointments.act,
        name="manager-agenda-appointment-act",
    ),
    path(f"agendas/<slug:slug>/day/{DATE}", calendar.calendar, {"view": "day"}, name="manager-agenda-day"),
    path(f"agendas/<slug:slug>/week/{DATE}", calendar.calendar, {"view": "week"}, name="manager-agenda-week"),
    path(f"agendas/<slug:slug>/month/{DATE}", calendar.calendar, {"view": "month"}, name="manager-agenda-month"),
    *settings_urls,
    path(f"agendas/<slug:slug>/day/{DATE}print/", printing.day_list, name="manager-agenda-print"),
    path("agendas/<slug:slug>/why/", why.why, name="manager-agenda-why"),
    path("agendas/<slug:slug>/feed/", feeds.feed_page, name="manager-agenda-feed"),
    path("agendas/<slug:slug>/feed/make/", feeds.make, name="manager-agenda-feed-make"),
    path("agendas/<slug:slug>/feed/revoke/", feeds.revoke, name="manager-agenda-feed-revoke"),
    path("feeds/", feeds.all_feeds, name="manager-feeds"),
    path("feeds/<int:number>/revoke/", feeds.revoke_one, name="manager-feeds-revoke"),
    path("feeds/<str:secret>.ics", feeds.feed, name="manager-feed"),
    path("bookings/", bookings.bookings, name="manager-bookings"),
    path("bookings/export/<slug:kind>/", bookings.export, name="manager-bookings-export"),
    path("bookings/<int:booking_id>/", bookings.booking, name="manager-booking"),
    path("bookings/<int:booking_id>/cancel/", bookings.cancel, name="manager-booking-cancel"),
    path("bookings/<int:booking_id>/presence/<slug:action>/", bookings.presence, name="manager-booking-presence"),
    path(
        "bookings/<int:booking_id>/callbacks/<int:callback_id>/retry/",
        bookings.retry_callback,
        name="manager-callback-retry",
    ),
    path("locks/", locks.locks, name="manager-locks"),
    path("locks/release/", locks.release, name="manager-locks-release"),
    path("locks/expire/", locks.expire_now, name="manager-locks-expire"),
    path("reconciliation/", reconciliation.findings, name="manager-reconciliation"),
    path("reconciliation/compare/", reconciliation.compare_now, name="manager-reconciliation-compare"),
    path("reconciliation/<int:finding_id>/repair/", reconciliation.repair, name="manager-reconciliation-repair"),
    path("studio/", studio.studio, name="manager-studio"),
    path("studio/download/", studio.download, name="manager-studio-download"),
    path("studio/rehearse/", rehearsals.rehearse, name="manager-studio-rehearse"),
    path("studio/rehearsals/<uuid:rehearsal_id>/", rehearsals.rehearsal, name="manager-rehearsal"),
    path("studio/rehearsals/<uuid:rehearsal_id>/state/", rehearsals.state, name="manager-rehearsal-state"),
    path("studio/rehearsals/<uuid:rehearsal_id>/report/", rehearsals.report, name="manager-rehearsal-report"),
    path("studio/kit/", studio.kit, name="manager-studio-kit"),
]

"""Addresses of the back office, below ``/manage/``."""

from __future__ import annotations

from django.urls import path

from adapter.manager.views import appointments, booking, calendar, home

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
]

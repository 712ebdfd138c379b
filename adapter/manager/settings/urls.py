"""Addresses of the settings: of one agenda (below ``/manage/agendas/SLUG/settings/``), and of all."""

from __future__ import annotations

from django.urls import include, path

from adapter.manager.settings.views import agenda, booking, exceptions, lifecycle, page, periods, places, transfer

one = [
    path("", page.settings_page, name="manager-settings"),
    path("general/", agenda.general, name="manager-settings-general"),
    path("identifier/", agenda.identifier, name="manager-settings-identifier"),
    path("delays/", agenda.delays, name="manager-settings-delays"),
    path("permissions/", agenda.permissions, name="manager-settings-permissions"),
    path("backoffice-booking/", booking.backoffice_booking, name="manager-settings-booking"),
    path("reminders/", lifecycle.lifecycle, name="manager-settings-reminders"),
    path("duplicate/", agenda.duplicate, name="manager-settings-duplicate"),
    path("export/", transfer.export, name="manager-settings-export"),
    path("delete/", agenda.delete, name="manager-settings-delete"),
    path("members/", agenda.members, name="manager-settings-members"),
    path("meeting-types/add/", places.add_type, name="manager-settings-type-add"),
    path("meeting-types/<int:pk>/", places.edit_type, name="manager-settings-type"),
    path("meeting-types/<int:pk>/delete/", places.remove_type, name="manager-settings-type-delete"),
    path("meeting-types/<int:pk>/move/", places.move_type, name="manager-settings-type-move"),
    path("desks/add/", places.add_a_desk, name="manager-settings-desk-add"),
    path("desks/<int:pk>/", places.edit_desk, name="manager-settings-desk"),
    path("desks/<int:pk>/delete/", places.remove_desk, name="manager-settings-desk-delete"),
    path("desks/<int:pk>/move/", places.move_desk, name="manager-settings-desk-move"),
    path("openings/add/", periods.add_opening, name="manager-settings-opening-add"),
    path("openings/copy/", periods.copy, name="manager-settings-opening-copy"),
    path("openings/<int:pk>/", periods.edit_opening, name="manager-settings-opening"),
    path("openings/<int:pk>/delete/", periods.remove_opening, name="manager-settings-opening-delete"),
    path("excluded-periods/add/", periods.add_excluded, name="manager-settings-excluded-add"),
    path("excluded-periods/<int:pk>/", periods.edit_excluded, name="manager-settings-excluded"),
    path("excluded-periods/<int:pk>/delete/", periods.remove_excluded, name="manager-settings-excluded-delete"),
    path("exceptions/add/", exceptions.add_closure, name="manager-settings-closure-add"),
    path("exceptions/<int:pk>/", exceptions.edit_closure, name="manager-settings-closure"),
    path("exceptions/<int:pk>/delete/", exceptions.remove_closure, name="manager-settings-closure-delete"),
    path("sources/add/<slug:kind>/", exceptions.add_a_source, name="manager-settings-source-add"),
    path("sources/<int:pk>/", exceptions.edit_source, name="manager-settings-source"),
    path("sources/<int:pk>/delete/", exceptions.delete_source, name="manager-settings-source-delete"),
    path("sources/<int:pk>/refresh/", exceptions.refresh, name="manager-settings-source-refresh"),
]

urlpatterns = [
    path("agendas/<slug:slug>/settings/", include(one)),
    path("add-agenda/", agenda.create, name="manager-agenda-create"),
    path("import-agendas/", transfer.import_file, name="manager-agendas-import"),
    path("import-agendas/<str:token>/", transfer.import_plan, name="manager-agendas-import-plan"),
    path("export-agendas/", transfer.export_all, name="manager-agendas-export"),
]

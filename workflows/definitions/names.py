"""Slugs, varnames and ids of the kit: the same in every language, so that it can be updated."""

from __future__ import annotations

FORM = WORKFLOW = "rendez-vous"
#: No name that an upgraded form's call can get: this one reads the kit's field.
CALL = "rdv_preblocage"
SOURCE_AGENDAS, SOURCE_TYPES, SOURCE_SLOTS = "rdv_agendas", "rdv_motifs", "rdv_creneaux"
MAIL_BOOKED, MAIL_CANCELLED, MAIL_REMINDER = "rdv-confirmation", "rdv-annulation", "rdv-rappel"

AGENDA, MEETING_TYPE, SLOT, LOCK_CODE_FIELD = "agenda", "meeting_type", "creneau", "lock_code"
#: Identifiers of the booking action, and of the forms in which another slot is chosen.
RESERVATION, ANOTHER, MOVED = "reservation", "autre", "deplacement"
HOOK_CANCELLED, HOOK_PRESENCE, HOOK_ABSENCE, HOOK_REMINDER = "annulation-agenda", "presence", "absence", "rappel"

#: Backoffice fields: id and varname.
DATE, DESK, NUMBER = ("bo-rdv-date", "rdv_date"), ("bo-rdv-desk", "rdv_guichet"), ("bo-rdv-number", "rdv_numero")

NEW, BOOKING, CONFIRMED, ALREADY, RECAPTURED, BOOKED = "1", "2", "3", "4", "5", "6"
LOST, REFUSED, UNAVAILABLE, UNREADABLE = "7", "8", "9", "10"
MOVING, MOVE, CANCELLING, CANCEL_FAILED, CANCELLED, DONE, NO_SHOW = "11", "12", "13", "14", "15", "16", "17"
NOT_BOOKED, NOT_MOVED, MOVE_REFUSED, MOVE_WAITING = "18", "19", "20", "21"
TELL_DONE, DONE_WAITING, TELL_NO_SHOW, NO_SHOW_WAITING = "22", "23", "24", "25"

"""Every text of the kit, in French and in English."""

from __future__ import annotations

import re

from workflows.languages import Language
from workflows.typography import spaced

TEXTS: dict[str, tuple[str, str]] = {
    "application": ("Prise de rendez-vous", "Appointments"),
    "application-description": (
        "Un formulaire et un workflow réservables depuis l'agenda, avec pré-réservation du créneau.",
        "A form and a workflow that can be booked from the calendar; the slot is held while the form is filled.",
    ),
    # -- the form
    "form": ("Prise de rendez-vous", "Book an appointment"),
    "page-contact": ("Vos coordonnées", "Your contact details"),
    "first-name": ("Prénom", "First name"),
    "last-name": ("Nom", "Last name"),
    "email": ("Adresse électronique", "E-mail address"),
    "phone": ("Téléphone", "Phone"),
    "page-slot": ("Votre rendez-vous", "Your appointment"),
    "agenda": ("Lieu", "Place"),
    "meeting-type": ("Motif", "Reason"),
    "slot": ("Créneau", "Time slot"),
    "new-slot": ("Nouveau créneau", "New time slot"),
    "lock-code": ("Code de verrou du rendez-vous", "Lock code of the appointment"),
    "lock-token": ("Jeton de la saisie", "Token of this form being filled in"),
    "silent-agenda": (
        "<p>L'agenda ne répond pas pour le moment : aucun horaire ne peut être proposé. Réessayez dans quelques"
        " minutes.</p>",
        "<p>The agenda does not answer at the moment: no time can be offered. Try again in a few minutes.</p>",
    ),
    "not-held": (
        "Ce créneau ne peut pas être retenu pour le moment. Veuillez en choisir un autre ou réessayer.",
        "This slot cannot be held at the moment. Please choose another one or try again.",
    ),
    # -- what it refers to
    "call": ("Préblocage du créneau", "Hold the slot"),
    "call-documentation": (
        "Retient le créneau choisi pendant que le formulaire est rempli. Appelé par la condition de sortie de la page.",
        "Holds the chosen slot while the form is being filled. Called by the exit condition of the page.",
    ),
    "source-agendas": ("Rendez-vous : lieux", "Appointments: places"),
    "source-types": ("Rendez-vous : motifs", "Appointments: reasons"),
    "source-slots": ("Rendez-vous : créneaux", "Appointments: time slots"),
    # -- the workflow
    "workflow": ("Rendez-vous", "Appointments"),
    "receiver": ("Agents", "Agents"),
    "new": ("Demande reçue", "Received"),
    "booking": ("Réservation", "Booking"),
    "confirmed": ("Rendez-vous confirmé", "Appointment confirmed"),
    "already": ("Réservation déjà faite", "Booked already"),
    "recaptured": ("Créneau repris après expiration", "Slot taken again after its hold lapsed"),
    "booked": ("En attente du rendez-vous", "Waiting for the appointment"),
    "lost": ("Créneau perdu", "Slot lost"),
    "refused": ("Réservation refusée par l'agenda", "Refused by the agenda"),
    "unavailable": ("Agenda indisponible", "Agenda unavailable"),
    "unreadable": ("Réponse illisible de l'agenda", "Unreadable answer of the agenda"),
    "moving": ("Choix d'un autre créneau", "Choosing another slot"),
    "move": ("Déplacement", "Moving"),
    "not-booked": ("Réservation non faite", "Not booked"),
    "not-moved": ("Déplacement non fait", "Not moved"),
    "move-refused": ("Rendez-vous non déplacé", "Appointment not moved"),
    "move-waiting": ("Déplacement à confirmer", "Move to be confirmed"),
    "tell-done": ("Présence notée", "Presence recorded"),
    "done-waiting": ("Présence à transmettre à l'agenda", "Presence to be told to the agenda"),
    "tell-no-show": ("Absence notée", "Absence recorded"),
    "no-show-waiting": ("Absence à transmettre à l'agenda", "Absence to be told to the agenda"),
    "cancelling": ("Annulation", "Cancelling"),
    "cancel-failed": ("Annulation à reprendre", "To be cancelled again"),
    "cancelled": ("Rendez-vous annulé", "Appointment cancelled"),
    "done": ("Rendez-vous honoré", "Appointment kept"),
    "no-show": ("Absence au rendez-vous", "No-show"),
    "keep": ("Garder les informations du rendez-vous", "Keep the details of the appointment"),
    # No format of dates makes the « er » of « 1er décembre ».
    "date-said": (
        '{{ DATETIME|date:"l j" }}{% if DATETIME|date:"j" == "1" %}er{% endif %} {{ DATETIME|date:"F Y H:i" }}',
        '{{ DATETIME|date:"l j F Y" }} {{ DATETIME|date:"H:i" }}',
    ),
    "book-action": ("Réserver le créneau", "Book the slot"),
    "move-action": ("Réserver l'autre créneau et libérer l'ancien", "Book the other slot and free the old one"),
    "cancel-action": ("Libérer le créneau", "Free the slot"),
    "message-booked": (
        "Votre rendez-vous est pris : {{ form_var_rdv_date }}.",
        "Your appointment is booked: {{ form_var_rdv_date }}.",
    ),
    "message-recaptured": (
        "Le créneau n'était plus retenu mais il était encore libre : votre rendez-vous est pris.",
        "The slot was not held any more but still free: your appointment is booked.",
    ),
    "message-lost": (
        "<p>Ce créneau n'est plus libre. Veuillez en choisir un autre.</p>"
        "{% if reservation_error_response_suggestions %}<p>Les plus proches :</p><ul>"
        "{% for slot in reservation_error_response_suggestions %}<li>{{ slot.text }}</li>{% endfor %}</ul>{% endif %}",
        "<p>This slot is not free any more. Please choose another one.</p>"
        "{% if reservation_error_response_suggestions %}<p>The nearest ones:</p><ul>"
        "{% for slot in reservation_error_response_suggestions %}<li>{{ slot.text }}</li>{% endfor %}</ul>{% endif %}",
    ),
    "message-refused": (
        "L'agenda a refusé la demande ({{ reservation_error_response_err_desc }}). Un agent va s'en occuper.",
        "The agenda refused the request ({{ reservation_error_response_err_desc }}). An agent will look at it.",
    ),
    "message-unavailable": (
        "L'agenda ne répond pas. La réservation sera tentée de nouveau d'ici 20 à 40 minutes ; rien n'est réservé deux"
        " fois.",
        "The agenda does not answer. The booking will be tried again within 20 to 40 minutes; nothing is booked twice.",
    ),
    "message-not-moved": (
        "{% if reservation_error_response_err_class == 'no more desk available' %}Ce créneau vient d'être pris par"
        " quelqu'un d'autre. Votre rendez-vous n'a pas été déplacé : choisissez un autre créneau, ou gardez-le."
        "{% else %}L'agenda a refusé le déplacement ({{ reservation_error_response_err_desc }}). Votre rendez-vous n'a"
        " pas été déplacé.{% endif %}",
        "{% if reservation_error_response_err_class == 'no more desk available' %}Somebody else has just taken this"
        " slot. Your appointment was not moved: choose another slot, or keep it.{% else %}The agenda refused the move"
        " ({{ reservation_error_response_err_desc }}). Your appointment was not moved.{% endif %}",
    ),
    "message-move-waiting": (
        "L'agenda n'a pas confirmé le déplacement. Il sera tenté de nouveau d'ici 20 à 40 minutes ; rien n'est réservé"
        " deux fois.",
        "The agenda has not confirmed the move. It will be tried again within 20 to 40 minutes; nothing is booked"
        " twice.",
    ),
    "message-cancel-failed": (
        "L'agenda ne répond pas : le créneau n'est pas encore libéré. L'annulation sera tentée de nouveau d'ici 20 à"
        " 40 minutes.",
        "The agenda does not answer: the slot is not free yet. The cancellation will be tried again within 20 to 40"
        " minutes.",
    ),
    "message-presence-waiting": (
        "L'agenda n'a pas encore reçu cette information. Elle sera transmise de nouveau d'ici 20 à 40 minutes.",
        "The agenda has not been told yet. It will be told again within 20 to 40 minutes.",
    ),
    "back-to-calendar": (
        '<p><a href="{{ form_submission_context_return_url }}">Revenir au calendrier</a></p>',
        '<p><a href="{{ form_submission_context_return_url }}">Back to the calendar</a></p>',
    ),
    "presence-action": ("Prévenir l'agenda", "Tell the agenda"),
    "undo": ("Revenir", "Back"),
    "message-cancelled": ("Ce rendez-vous est annulé.", "This appointment is cancelled."),
    "choose": ("Choisir un autre créneau", "Choose another slot"),
    "retry": ("Réessayer", "Try again"),
    "cancel": ("Annuler le rendez-vous", "Cancel the appointment"),
    "cancel-question": ("Annuler ce rendez-vous ?", "Cancel this appointment?"),
    "abandon": ("Abandonner la demande", "Give up"),
    "back": ("Garder le rendez-vous", "Keep the appointment"),
    "mark-done": ("Rendez-vous honoré", "The person came"),
    "mark-no-show": ("La personne n'est pas venue", "The person did not come"),
    "hook-cancelled": ("Annulé dans l'agenda", "Cancelled in the calendar"),
    "hook-presence": ("Présence notée dans l'agenda", "Presence recorded in the calendar"),
    "hook-absence": ("Absence notée dans l'agenda", "Absence recorded in the calendar"),
    "hook-reminder": ("Rappel du rendez-vous", "Reminder of the appointment"),
    "field-date": ("Date du rendez-vous", "Date of the appointment"),
    "field-desk": ("Guichet", "Desk"),
    "field-number": ("Numéro de réservation", "Booking number"),
    # -- tests that w.c.s. runs
    "test-booked": ("Réservé", "Booked"),
    "test-lost": ("Créneau perdu, puis abandon", "Slot lost, then given up"),
    "test-retry": ("Agenda indisponible, nouvel essai", "Agenda unavailable, tried again"),
    "test-cancelled": ("Annulé par l'usager", "Cancelled by the citizen"),
    "test-kept": ("Autre créneau envisagé, rendez-vous gardé", "Another slot considered, appointment kept"),
    # -- mails
    "mail-booked": ("Rendez-vous : confirmation", "Appointments: confirmation"),
    "mail-booked-subject": (
        "Votre rendez-vous du {{ form_var_rdv_date }}",
        "Your appointment on {{ form_var_rdv_date }}",
    ),
    "mail-booked-body": (
        "<p>Bonjour {{ form_var_prenom }} {{ form_var_nom }},</p>"
        "<p>Votre rendez-vous est confirmé : {{ form_var_rdv_date }}, {{ form_var_rdv_guichet }}.</p>"
        '<p>Pour le déplacer ou l\'annuler : <a href="{{ form_url }}">{{ form_url }}</a></p>',
        "<p>Dear {{ form_var_prenom }} {{ form_var_nom }},</p>"
        "<p>Your appointment is confirmed: {{ form_var_rdv_date }}, {{ form_var_rdv_guichet }}.</p>"
        '<p>To move or cancel it: <a href="{{ form_url }}">{{ form_url }}</a></p>',
    ),
    "mail-cancelled": ("Rendez-vous : annulation", "Appointments: cancellation"),
    "mail-cancelled-subject": (
        "Votre rendez-vous du {{ form_var_rdv_date }} est annulé",
        "Your appointment on {{ form_var_rdv_date }} is cancelled",
    ),
    "mail-cancelled-body": (
        "<p>Bonjour {{ form_var_prenom }} {{ form_var_nom }},</p>"
        "<p>Votre rendez-vous du {{ form_var_rdv_date }} est annulé.</p>",
        "<p>Dear {{ form_var_prenom }} {{ form_var_nom }},</p>"
        "<p>Your appointment on {{ form_var_rdv_date }} is cancelled.</p>",
    ),
    "mail-reminder": ("Rendez-vous : rappel", "Appointments: reminder"),
    "mail-reminder-subject": (
        "Rappel : votre rendez-vous du {{ form_var_rdv_date }}",
        "Reminder: your appointment on {{ form_var_rdv_date }}",
    ),
    "mail-reminder-body": (
        "<p>Bonjour {{ form_var_prenom }} {{ form_var_nom }},</p>"
        "<p>Nous vous attendons : {{ form_var_rdv_date }}, {{ form_var_rdv_guichet }}.</p>"
        '<p>Un empêchement ? Déplacez ou annulez ici : <a href="{{ form_url }}">{{ form_url }}</a></p>',
        "<p>Dear {{ form_var_prenom }} {{ form_var_nom }},</p>"
        "<p>We expect you: {{ form_var_rdv_date }}, {{ form_var_rdv_guichet }}.</p>"
        '<p>You cannot come? Move or cancel it here: <a href="{{ form_url }}">{{ form_url }}</a></p>',
    ),
}


#: What citizens read, in pages and letters; names and labels are typed and searched, with plain spaces.
PRINTED = re.compile(r"message-|silent-|mail-\w+-(subject|body)$|not-held$|cancel-question$")


class Texts:
    """The texts in one language: `texts["form"]`."""

    def __init__(self, language: Language) -> None:
        self._index = 0 if language == "fr" else 1

    def __getitem__(self, key: str) -> str:
        text = TEXTS[key][self._index]
        return spaced(text) if PRINTED.match(key) else text

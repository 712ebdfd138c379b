"""Is it bookable? Codes of the booking family (wcs-runtime.md §2–§6)."""

from .base import Code, Severity, Wording


def _code(number: str, severity: Severity, en: tuple[str, str, str], fr: tuple[str, str, str]) -> Code:
    return Code(f"WCS-B{number}", severity, "accepted", Wording(*en), Wording(*fr), "booking")


BOOKINGS = [
    _code(
        "001",
        "warning",
        (
            "The form books, but is not bookable from the calendar",
            "It asks for a slot and books it, without holding it under a lock code.",
            "Make it bookable: in the studio of the agendas, or by `wcs make-bookable` with its workflow.",
        ),
        (
            "La démarche réserve, mais on ne peut pas réserver depuis l'agenda",
            "Elle demande un créneau et le réserve, sans le retenir sous un code de verrou.",
            "La rendre réservable : dans le studio des agendas, ou par `wcs make-bookable` avec son workflow.",
        ),
    ),
    _code(
        "002",
        "warning",
        (
            "Slot field inside a block",
            "A slot inside a block can be neither held nor prefilled.",
            "Put the slot field directly on a page of the form.",
        ),
        (
            "Champ de créneau dans un bloc",
            "Un créneau dans un bloc ne peut être ni retenu ni prérempli.",
            "Placer le champ de créneau directement dans une page du formulaire.",
        ),
    ),
    _code(
        "101",
        "error",
        (
            "lock_code without confirm_after_lock",
            "The action would only hold the slot; some minutes later the appointment would be gone.",
            "Add `confirm_after_lock`, with the value true, to the body of the booking action.",
        ),
        (
            "lock_code sans confirm_after_lock",
            "L'action retiendrait seulement le créneau ; quelques minutes plus tard le rendez-vous aurait disparu.",
            "Ajouter `confirm_after_lock`, de valeur true, aux données de l'action de réservation.",
        ),
    ),
    _code(
        "102",
        "error",
        (
            "confirm_after_lock without lock_code",
            "Nothing says which hold is confirmed: the slot held by the form would refuse its own booking.",
            "Add `lock_code` to the body of the booking action.",
        ),
        (
            "confirm_after_lock sans lock_code",
            "Rien ne dit quel verrou est confirmé : le créneau que la démarche retient refuserait sa réservation.",
            "Ajouter `lock_code` aux données de l'action de réservation.",
        ),
    ),
    _code(
        "103",
        "error",
        (
            "The slots are asked for without the lock code",
            "Once held, the slot is missing from the list of its own form: the page refuses it.",
            "Send `lock_code` in the query of the data source of the slots.",
        ),
        (
            "Les créneaux sont demandés sans le code de verrou",
            "Une fois retenu, le créneau manque dans la liste de sa propre démarche : la page le refuse.",
            "Envoyer `lock_code` dans la requête de la source de données des créneaux.",
        ),
    ),
    _code(
        "104",
        "warning",
        (
            "The lock code does not come from the submission context first",
            "An agent who starts from the calendar holds the slot under the code of the context: this one is another.",
            "Use `{% firstof form_submission_context_lock_code session_hash_id %}`.",
        ),
        (
            "Le code de verrou ne vient pas d'abord du contexte de la saisie",
            "L'agent qui part de l'agenda retient le créneau sous le code du contexte : celui-ci en est un autre.",
            "Employer `{% firstof form_submission_context_lock_code session_hash_id %}`.",
        ),
    ),
    _code(
        "105",
        "warning",
        (
            "The slot is not held before it is booked",
            "Somebody else may take it while the form is being filled.",
            "Call a named webservice that holds it in the exit condition of the page of the slot.",
        ),
        (
            "Le créneau n'est pas retenu avant d'être réservé",
            "Quelqu'un d'autre peut le prendre pendant que le formulaire est rempli.",
            "Appeler, dans la condition de sortie de la page du créneau, un webservice nommé qui le retient.",
        ),
    ),
    _code(
        "106",
        "warning",
        (
            "A hold that fails does not block",
            "When the agenda does not answer, `not webservice.….err` is true and the page goes on without a hold.",
            "Write the exit condition as `webservice.….err == 0`.",
        ),
        (
            "Un verrou qui échoue ne bloque pas",
            "Quand l'agenda ne répond pas, `not webservice.….err` est vrai et la page continue sans verrou.",
            "Écrire la condition de sortie `webservice.….err == 0`.",
        ),
    ),
    _code(
        "107",
        "warning",
        (
            "The hold is called more than once",
            "Each mention of a POST call sends it again.",
            "Mention it once, in one exit condition; its message cannot use the answer.",
        ),
        (
            "Le verrou est appelé plusieurs fois",
            "Chaque mention d'un appel en POST l'envoie de nouveau.",
            "Ne le mentionner qu'une fois, dans une condition de sortie ; son message ne peut employer la réponse.",
        ),
    ),
    _code(
        "108",
        "warning",
        (
            "A refused booking goes on as if it were made",
            "The action ignores application errors: the record reaches the status of a booked appointment.",
            "Choose a status for application errors, where another slot can be chosen.",
        ),
        (
            "Une réservation refusée continue comme si elle était faite",
            "L'action ignore les erreurs applicatives : la demande arrive au statut d'un rendez-vous pris.",
            "Choisir un statut pour les erreurs applicatives, où l'on peut choisir un autre créneau.",
        ),
    ),
    _code(
        "109",
        "warning",
        (
            "The answer of the booking is not kept",
            "Without an identifier the action keeps neither the booking's number nor the address to cancel it.",
            "Give the booking action an identifier.",
        ),
        (
            "La réponse de la réservation n'est pas gardée",
            "Sans identifiant, l'action ne garde ni le numéro de la réservation ni l'adresse pour l'annuler.",
            "Donner un identifiant à l'action de réservation.",
        ),
    ),
    _code(
        "110",
        "warning",
        (
            "Nothing cancels the booking",
            "A record that is cancelled keeps its slot.",
            "Add a webservice action that posts to the address `…_response_api_cancel_url`.",
        ),
        (
            "Rien n'annule la réservation",
            "Une demande annulée garde son créneau.",
            "Ajouter une action Webservice en POST sur l'adresse `…_response_api_cancel_url`.",
        ),
    ),
    _code(
        "111",
        "warning",
        (
            "The record is not told when an agent cancels in the calendar",
            "The booking sends no `cancel_callback_url`.",
            "Send `{{ form_api_url }}hooks/IDENTIFIER/`, and add a global action triggered by that external call.",
        ),
        (
            "La demande n'est pas prévenue quand un agent annule dans l'agenda",
            "La réservation n'envoie pas de `cancel_callback_url`.",
            "Envoyer `{{ form_api_url }}hooks/IDENTIFIANT/`, et ajouter une action globale déclenchée par cet appel.",
        ),
    ),
    _code(
        "112",
        "warning",
        (
            "The hook of the cancellation does not exist",
            "No global action is triggered by the external call that `cancel_callback_url` names.",
            "Add the trigger “external call” with that identifier, or correct the address.",
        ),
        (
            "Le déclencheur de l'annulation n'existe pas",
            "Aucune action globale n'est déclenchée par l'appel externe que nomme `cancel_callback_url`.",
            "Ajouter le déclencheur « appel externe » de cet identifiant, ou corriger l'adresse.",
        ),
    ),
    _code(
        "113",
        "warning",
        (
            "The lock code may be missing when the booking runs",
            "The action may run outside the submitter's session, where `session_hash_id` is another one, or none.",
            "Keep the code in a computed field of the form and send that field.",
        ),
        (
            "Le code de verrou peut manquer au moment de réserver",
            "L'action peut s'exécuter hors de la session de l'usager, où `session_hash_id` est un autre, ou vide.",
            "Garder le code dans un champ calculé du formulaire et envoyer ce champ.",
        ),
    ),
    _code(
        "114",
        "warning",
        (
            "A slot changed by editing is not booked",
            "The form can be edited, and nothing books the slot that is chosen then.",
            "Lead the edition to the status that books, after the old booking is cancelled.",
        ),
        (
            "Un créneau modifié n'est pas réservé",
            "Le formulaire peut être modifié, et rien ne réserve le créneau choisi alors.",
            "Mener la modification au statut qui réserve, après l'annulation de l'ancienne réservation.",
        ),
    ),
    _code(
        "115",
        "warning",
        (
            "A repeated booking may book twice",
            "After an error the action runs again, and its body does not tell which record it is for.",
            "Send `backoffice_url` (`{{ form_url_backoffice }}`): the repeat is then recognised.",
        ),
        (
            "Une réservation répétée peut réserver deux fois",
            "Après une erreur l'action recommence, et ses données ne disent pas pour quelle demande.",
            "Envoyer `backoffice_url` (`{{ form_url_backoffice }}`) : la répétition est alors reconnue.",
        ),
    ),
    _code(
        "116",
        "warning",
        (
            "A secret is in the file",
            "Whoever gets the export can sign calls, or log in, in its place.",
            "Remove it before sharing the file, and use the site's own keys.",
        ),
        (
            "Un secret est dans le fichier",
            "Qui reçoit l'export peut signer des appels, ou se connecter, à sa place.",
            "Le retirer avant de partager le fichier, et employer les clés du site.",
        ),
    ),
    _code(
        "117",
        "warning",
        (
            "A template prefills a list that other lists depend on",
            "When the template gives nothing, the page's first live update clears the citizen's choice.",
            "Remove the prefill: the data of a draft made from the calendar fill the agent's page without it.",
        ),
        (
            "Un gabarit préremplit une liste dont d'autres dépendent",
            "Quand le gabarit ne donne rien, la première mise à jour de la page efface le choix de l'usager.",
            "Retirer le préremplissage : les données d'une saisie venue de l'agenda remplissent déjà la page.",
        ),
    ),
    _code(
        "118",
        "warning",
        (
            "The hold reads a field of another form",
            "The exit condition names a call whose address this form cannot give: its page is refused.",
            "Name the call of this form; `wcs make-bookable` gives each form a call of its own.",
        ),
        (
            "Le verrou lit un champ d'un autre formulaire",
            "La condition de sortie nomme un appel dont ce formulaire ne donne pas l'adresse : la page est refusée.",
            "Nommer l'appel de ce formulaire ; `wcs make-bookable` donne à chaque formulaire le sien.",
        ),
    ),
]

"""What the upgrader says, in French and in English."""

from __future__ import annotations

from workflows.languages import Language

WORDS: dict[str, tuple[str, str]] = {
    # -- changes: what, why
    "source": (
        "la source de données du champ « {field} » envoie le code de verrou",
        "the data source of the field “{field}” sends the lock code",
    ),
    "source-why": (
        "le créneau retenu pour cette saisie doit rester proposé à celui qui le retient",
        "the slot that is held must stay offered to whoever holds it",
    ),
    "source-code-why": (
        "le code doit d'abord venir du contexte de la saisie, sinon un agent perdrait le créneau choisi dans l'agenda",
        "the code must come from the submission context first, or an agent would lose the slot chosen in the calendar",
    ),
    "call": (
        "nouvel appel webservice « {slug} » qui retient le créneau",
        "new named call “{slug}” that holds the slot",
    ),
    "call-why": (
        "le créneau est retenu dès la page où il est choisi",
        "the slot is held as soon as the page where it is chosen is left",
    ),
    "call-code": (
        "l'appel webservice « {slug} » envoie le code de verrou",
        "the named call “{slug}” sends the lock code",
    ),
    "call-token": (
        "l'appel webservice « {slug} » envoie le jeton de la saisie",
        "the named call “{slug}” sends the token of the form being filled in",
    ),
    "token-why": (
        "deux formulaires ouverts dans un même navigateur gardent ainsi chacun leur créneau",
        "two forms that are open in one browser then keep a slot each",
    ),
    "page": ("une page est ajoutée au début du formulaire", "a page is added at the beginning of the form"),
    "page-why": (
        "seule une page peut avoir une condition de sortie",
        "only a page can have an exit condition",
    ),
    "condition": (
        "condition de sortie de la page « {page} » : {condition}",
        "exit condition of the page “{page}”: {condition}",
    ),
    "condition-why": (
        "rien n'est demandé sans créneau ; s'il ne peut être retenu, ou si l'agenda ne répond pas, la page le dit",
        "nothing is asked without a slot; when it cannot be held, or the agenda does not answer, the page says so",
    ),
    "computed": (
        "champ calculé « {varname} » qui garde le code de verrou",
        "computed field “{varname}” that keeps the lock code",
    ),
    "computed-why": (
        "le workflow peut s'exécuter hors de la session de l'usager, où ce code n'existe plus",
        "the workflow may run outside the submitter's session, where that code does not exist any more",
    ),
    "prefill": (
        "le préremplissage du champ « {field} » ajouté par une version précédente est retiré",
        "the prefill of the field “{field}” that an earlier version added is removed",
    ),
    "prefill-why": (
        "les données de la saisie remplissent déjà la page de l'agent ; un préremplissage vide effacerait le choix de"
        " l'usager",
        "the draft's data fill the agent's page already; an empty prefill would clear the citizen's choice",
    ),
    "token": (
        "champ calculé « {varname} » : un jeton propre à chaque saisie",
        "computed field “{varname}”: a token of each form being filled in",
    ),
    "lock-token": (
        "l'action « {action} » envoie lock_token",
        "the action “{action}” sends lock_token",
    ),
    "source-token": (
        "la source de données du champ « {field} » envoie le jeton de la saisie",
        "the data source of the field “{field}” sends the token of the form being filled in",
    ),
    "guard": (
        "l'adresse de la source de données du champ « {field} » est vide tant que {names} n'a pas de valeur",
        "the address of the data source of the field “{field}” is empty while {names} has no value",
    ),
    "guard-why": (
        "w.c.s. demanderait sinon une adresse sans objet à chaque saisie, et l'enregistrerait comme erreur",
        "w.c.s. would else ask for an address that leads nowhere in each session, and record an error",
    ),
    "lock-code": (
        "l'action « {action} » envoie lock_code",
        "the action “{action}” sends lock_code",
    ),
    "lock-code-why": (
        "la réservation doit porter sur le créneau retenu",
        "the booking must be of the slot that is held",
    ),
    "lock-code-outside-why": (
        "l'action peut s'exécuter hors de la session de l'usager ({way}) : le code gardé dans le formulaire d'abord",
        "the action may run outside the submitter's session ({way}): the code kept in the form comes first",
    ),
    "confirm": (
        "l'action « {action} » envoie confirm_after_lock",
        "the action “{action}” sends confirm_after_lock",
    ),
    "confirm-why": (
        "sans cela le créneau serait seulement retenu, puis libéré",
        "without it the slot would only be held, and then released",
    ),
    "callback": (
        "l'action « {action} » envoie cancel_callback_url",
        "the action “{action}” sends cancel_callback_url",
    ),
    "callback-why": (
        "quand un agent annule dans l'agenda, la demande l'apprend",
        "when an agent cancels in the calendar, the record is told",
    ),
    "hook": (
        "nouvelle action globale, déclenchée par l'appel externe « {identifier} », qui mène au statut « {status} »",
        "new global action, triggered by the external call “{identifier}”, that leads to the status “{status}”",
    ),
    # -- texts put into the form
    "hook-name": ("Annulé dans l'agenda", "Cancelled in the calendar"),
    "message": (
        "Ce créneau ne peut pas être retenu pour le moment. Veuillez en choisir un autre ou réessayer.",
        "This slot cannot be held at the moment. Please choose another one or try again.",
    ),
    "page-label": ("Rendez-vous", "Appointment"),
    "computed-label": ("Code de verrou du rendez-vous", "Lock code of the appointment"),
    "token-label": ("Jeton de la saisie", "Token of this form being filled in"),
    "call-name": ("Préblocage du créneau – {form}", "Hold the slot – {form}"),
    "call-documentation": (
        "Retient le créneau choisi pendant que le formulaire est rempli. Appelé par la condition de sortie de la page.",
        "Holds the chosen slot while the form is being filled. Called by the exit condition of the page.",
    ),
    # -- refusals
    "no-slot": (
        "aucun champ de créneau n'a été trouvé ; indiquez-le avec --slot-field (l'identifiant, par exemple creneau)",
        "no slot field was found; name it with --slot-field (its identifier, such as creneau)",
    ),
    "no-such-field": (
        "le formulaire n'a pas de champ d'identifiant « {name} »",
        "the form has no field with the identifier “{name}”",
    ),
    "no-booking": (
        "le workflow ne réserve rien : il lui faut une action Webservice en POST sur l'adresse de réservation du"
        " créneau ({{{{ form_var_{slot}_api_fillslot_url }}}})",
        "the workflow books nothing: it needs a Webservice action, POST to the booking address of the slot"
        " ({{{{ form_var_{slot}_api_fillslot_url }}}})",
    ),
    "events": (
        "le champ « {field} » choisit un événement et non un rendez-vous : cela ne se retient pas ainsi",
        "the field “{field}” chooses an event, not an appointment: that is not held this way",
    ),
    "several-slots": (
        " ; le formulaire a plusieurs champs de créneau : {fields}",
        "; the form has several slot fields: {fields}",
    ),
    "in-block": (
        "le champ de créneau « {field} » est dans un bloc : placez-le directement dans une page du formulaire",
        "the slot field “{field}” is inside a block: put it directly on a page of the form",
    ),
    "template": (
        "l'adresse « {template} » ne peut pas être lue : {why} ; réécrivez-la avec {{{{ … }}}}",
        "the address “{template}” cannot be read: {why}; write it with {{{{ … }}}}",
    ),
    "missing-source": (
        "la source de données « {slug} » du champ « {field} » n'a pas été donnée : ajoutez son fichier avec --with",
        "the data source “{slug}” of the field “{field}” was not given: add its file with --with",
    ),
    "missing-call": (
        "l'appel webservice « {slug} » n'a pas été donné : ajoutez son fichier avec --with",
        "the named call “{slug}” was not given: add its file with --with",
    ),
    "odd-source": (
        "la source de données du champ « {field} » est de type « {kind} » : seules json et jsonvalue peuvent être"
        " adaptées",
        "the data source of the field “{field}” is of type “{kind}”: only json and jsonvalue can be adapted",
    ),
    "posts-form": (
        "l'action « {action} » envoie toute la demande : ses données sont sous « extra », l'agenda ne les verrait pas ;"
        " décochez l'envoi de la demande complète",
        "the action “{action}” posts the whole record: its data stand under “extra”, the agenda would not see them;"
        " uncheck the full record",
    ),
    "two-slots": (
        "le formulaire demande plusieurs créneaux à la fois ({fields}) : un code de verrou n'en retient qu'un par"
        " agenda ; faites-en deux démarches",
        "the form asks for several slots at a time ({fields}): a lock code holds one per agenda; make it two forms",
    ),
    "not-a-form": ("ce fichier n'est pas un formulaire", "this file is not a form"),
    "not-a-workflow": ("ce fichier n'est pas un workflow", "this file is not a workflow"),
    # -- notes
    "no-roles": (
        "le formulaire n'a pas de rôle de saisie backoffice : aucun agent ne pourra prendre rendez-vous ; ajoutez-en"
        " un",
        "the form has no backoffice submission role: no agent will be able to book; add one",
    ),
    "disabled": (
        "le formulaire est désactivé : activez-le après l'import",
        "the form is disabled: enable it after the import",
    ),
    "other-workflow": (
        "le formulaire utilise le workflow « {wanted} », qui n'est pas parmi ceux qui ont été donnés",
        "the form uses the workflow “{wanted}”, which is not among those that were given",
    ),
    "no-cancel-hook": (
        "« {action} » réserve, mais rien ne prévient la demande quand un agent annule dans l'agenda : recommencez avec"
        " --with-cancel-hook pour ajouter ce qu'il faut",
        "“{action}” books, but nothing tells the record that an agent cancelled in the calendar: run again with"
        " --with-cancel-hook to add it",
    ),
    "no-cancel-status": (
        "« {action} » réserve, mais rien ne prévient la demande quand un agent annule dans l'agenda, et aucun statut"
        " ne convient : ajoutez une action globale déclenchée par un appel externe, et son adresse dans"
        " cancel_callback_url",
        "“{action}” books, but nothing tells the record that an agent cancelled in the calendar, and no status"
        " fits: add a global action triggered by an external call, and its address as cancel_callback_url",
    ),
    "hook-cancels-again": (
        "le statut « {status} » libère le créneau une seconde fois quand un agent annule dans l'agenda : sans effet,"
        " mais w.c.s. enregistre l'erreur « already cancelled »",
        "the status “{status}” frees the slot once more when an agent cancels in the calendar: without effect, but"
        " w.c.s. records the error “already cancelled”",
    ),
    "cancels-first": (
        "le statut « {status} » annule l'ancien rendez-vous avant de réserver le nouveau : si le nouveau créneau n'est"
        " plus libre, les deux sont perdus ; envoyez plutôt cancel_booking_id avec la réservation",
        "the status “{status}” cancels the old appointment before it books the new one: when the new slot is gone, both"
        " are lost; send cancel_booking_id with the booking instead",
    ),
    "fixed-type": (
        "le formulaire ne propose que le type de rendez-vous « {kind} » : nommez-le dans l'onglet de l'agenda, qui ne"
        " proposera alors que lui",
        "the form offers the meeting type “{kind}” only: name it in the agenda's tab, which then offers no other",
    ),
    "by-hand": (
        "le champ « {field} », dont dépendent les créneaux, n'est pas connu de l'agenda : l'agent doit le remplir"
        " à la main",
        "the field “{field}”, on which the slots depend, is not known to the calendar: agents fill it in by hand",
    ),
    "import-error": (
        "à corriger pour l'import : {finding}",
        "to be mended for the import: {finding}",
    ),
    "embedded": (
        "le champ « {field} » est dans le formulaire d'une action : son créneau n'est pas retenu avant la réservation",
        "the field “{field}” stands in the form of an action: its slot is not held before it is booked",
    ),
}


def say(code: str, language: Language, **values: str) -> str:
    """The sentence of a code."""
    french, english = WORDS[code]
    return (french if language == "fr" else english).format(**values)

"""Words of the stand-in's pages, in French and English."""

from __future__ import annotations

from workflows.languages import Language
from workflows.typography import spaced

WORDS: dict[str, tuple[str, str]] = {
    "banner": (
        "Remplaçant de w.c.s. pour essais et tests : rien n'est gardé, personne n'est averti.",
        "Stand-in for w.c.s., for tries and tests: nothing is kept, nobody is told.",
    ),
    "home": ("Accueil", "Home"),
    "forms": ("Démarches", "Forms"),
    "records": ("Demandes", "Records"),
    "no-records": ("Aucune demande pour l'instant.", "No record yet."),
    "drafts": ("Saisies en attente", "Pending submissions"),
    "as-citizen": ("Remplir comme usager", "Fill in as a citizen"),
    "as-agent": ("Saisir pour un usager", "Submit for a citizen"),
    "log-in": ("Se connecter", "Log in"),
    "disabled": ("Désactivé : activez-le après l'import.", "Disabled: enable it after the import."),
    "log-out": ("Se déconnecter", "Log out"),
    "log-in-as": ("Qui êtes-vous ?", "Who are you?"),
    "no-password": ("Aucun mot de passe n'est demandé ici.", "No password is asked for here."),
    "agent-needed": (
        "Il faut être connecté comme agent pour ouvrir cette page.",
        "You must be logged in as an agent to open this page.",
    ),
    "no-role": (
        "Vous n'avez pas de rôle de saisie backoffice pour cette démarche.",
        "You have no role to submit this form in the back office.",
    ),
    "next": ("Suivant", "Next"),
    "back": ("Précédent", "Previous"),
    "send": ("Valider", "Submit"),
    "cancel": ("Annuler", "Cancel"),
    "locked": ("prérempli, non modifiable", "prefilled, cannot be changed"),
    "optional": ("facultatif", "optional"),
    "add-row": ("Ajouter une ligne", "Add a row"),
    "choose": ("Choisir…", "Choose…"),
    "no-choice": ("Aucun choix n'est proposé.", "There is nothing to choose from."),
    "not-played": ("Ce type de champ n'est pas joué ici.", "This type of field is not played here."),
    "errors": ("La page n'a pas été acceptée", "The page was not accepted"),
    "status": ("Statut", "Status"),
    "answers": ("Réponses", "Answers"),
    "history": ("Historique", "History"),
    "actions": ("Actions", "Actions"),
    "no-actions": ("Rien à faire pour vous dans ce statut.", "Nothing for you to do in this status."),
    "calls": ("Appels", "Calls"),
    "no-calls": ("Aucun appel pour l'instant.", "No call yet."),
    "notices": ("À savoir", "Worth knowing"),
    "time": ("Faire passer le temps", "Let time pass"),
    "ten-minutes": ("10 minutes", "10 minutes"),
    "one-day": ("1 jour", "1 day"),
    "time-help": (
        "Avance l'horloge de ce remplaçant seulement, et lance ses délais.",
        "Moves the clock of this stand-in only, and runs its delays.",
    ),
    "not-found": ("Cette page n'existe pas", "There is no such page"),
    "not-found-help": (
        "Les demandes sont gardées en mémoire : elles disparaissent quand le remplaçant est arrêté.",
        "Records are kept in memory: they are gone when the stand-in stops.",
    ),
    "submitted": ("Cette saisie a déjà été envoyée.", "This draft was already submitted."),
    "vanished": ("Erreur technique, veuillez réessayer.", "Technical error, please try again."),
    "agenda": ("Agenda", "Calendar"),
    "backoffice": ("Vue agent", "Agent's view"),
    "front": ("Vue usager", "Citizen's view"),
    "context": ("Contexte de la saisie", "Submission context"),
    "request": ("Requête", "Request"),
    "answer": ("Réponse", "Answer"),
    "channel": ("Canal", "Channel"),
    "citizen": ("usager", "citizen"),
    "agent": ("agent", "agent"),
    "duration": ("ms", "ms"),
}


def words(language: Language) -> dict[str, str]:
    """Key (dashes as underscores, for templates) → text."""
    index = 0 if language == "fr" else 1
    return {key.replace("-", "_"): spaced(pair[index]) for key, pair in WORDS.items()}

"""Workflows that are imported but will not do what they say (wcs-xml.md §4.4)."""

from .base import Code, Wording

WORKFLOWS = [
    Code(
        "WCS-I401",
        "warning",
        "accepted",
        Wording(
            "Status that does not exist",
            "The action leads nowhere, or the trigger never fires there.",
            "Name a status of this workflow by its id.",
        ),
        Wording(
            "Statut inexistant",
            "L'action ne mène nulle part, ou le déclencheur ne joue jamais là.",
            "Nommer un statut de ce workflow par son identifiant.",
        ),
    ),
    Code(
        "WCS-I402",
        "warning",
        "accepted",
        Wording(
            "Backoffice field that does not exist",
            "The value is not stored anywhere.",
            "Declare the field under backoffice-fields, or correct the id.",
        ),
        Wording(
            "Donnée de traitement inexistante",
            "La valeur n'est enregistrée nulle part.",
            "Déclarer le champ dans backoffice-fields, ou corriger l'identifiant.",
        ),
    ),
    Code(
        "WCS-I403",
        "warning",
        "accepted",
        Wording("Field that the target form does not have", "The mapping is skipped.", "Correct the id of the field."),
        Wording(
            "Champ que le formulaire cible n'a pas", "La correspondance est sautée.", "Corriger l'identifiant du champ."
        ),
    ),
    Code(
        "WCS-I404",
        "warning",
        "accepted",
        Wording(
            "Function that the workflow does not declare",
            "Nobody has it, so nobody may act or is told.",
            "Add it to the functions of the workflow (roles), or use another one.",
        ),
        Wording(
            "Fonction que le workflow ne déclare pas",
            "Personne ne l'a, donc personne ne peut agir ni n'est prévenu.",
            "L'ajouter aux fonctions du workflow (roles), ou en employer une autre.",
        ),
    ),
    Code(
        "WCS-I405",
        "warning",
        "accepted",
        Wording(
            "Mail without recipient",
            "Nothing is sent, and no error is shown.",
            "Give the action a recipient (an item under to).",
        ),
        Wording(
            "Courriel sans destinataire",
            "Rien n'est envoyé, sans erreur.",
            "Donner un destinataire à l'action (un item sous to).",
        ),
    ),
    Code(
        "WCS-I406",
        "warning",
        "accepted",
        Wording(
            "Mail without content",
            "It has neither a mail template nor a subject and a body.",
            "Name a template, or write subject and body.",
        ),
        Wording(
            "Courriel sans contenu",
            "Il n'a ni modèle, ni sujet et corps.",
            "Nommer un modèle, ou écrire sujet et corps.",
        ),
    ),
    Code(
        "WCS-I407",
        "warning",
        "accepted",
        Wording(
            "List of roles written as a text",
            "The list is read from children: the action is open to nobody.",
            "Put the text in an item: <to><item>…</item></to>.",
        ),
        Wording(
            "Liste de rôles écrite en texte",
            "La liste est lue dans les enfants : l'action n'est ouverte à personne.",
            "Mettre le texte dans un item : <to><item>…</item></to>.",
        ),
    ),
    Code(
        "WCS-I408",
        "warning",
        "accepted",
        Wording("Global action without id", "Its page in the back office cannot be opened.", "Give it an id."),
        Wording(
            "Action globale sans identifiant",
            "Sa page en backoffice ne peut être ouverte.",
            "Lui donner un identifiant.",
        ),
    ),
    Code(
        "WCS-I409",
        "warning",
        "accepted",
        Wording(
            "Varname of a form action that hides the form",
            "A varname that is form, or starts with form_, collides with the variables of the record.",
            "Choose another varname.",
        ),
        Wording(
            "Identifiant d'action qui masque le formulaire",
            "Un identifiant égal à form, ou qui commence par form_, heurte les variables de la demande.",
            "Choisir un autre identifiant.",
        ),
    ),
    Code(
        "WCS-I410",
        "warning",
        "accepted",
        Wording(
            "Call that is imported empty",
            (
                'Actions want <item><name/><value/></item>, named calls want <param key="…">: the other form is'
                " dropped without a word."
            ),
            "Use the form of that place.",
        ),
        Wording(
            "Appel importé vide",
            (
                'Les actions veulent <item><name/><value/></item>, les appels nommés <param key="…"> : l\'autre '
                "forme disparaît sans avertissement."
            ),
            "Employer la forme propre à cet endroit.",
        ),
    ),
    Code(
        "WCS-I411",
        "warning",
        "accepted",
        Wording("Call without address", "The call does nothing.", "Give the url."),
        Wording("Appel sans adresse", "L'appel ne fait rien.", "Donner l'url."),
    ),
    Code(
        "WCS-I412",
        "warning",
        "accepted",
        Wording("Unknown HTTP method", "It counts as absent.", "Use GET, POST, PUT, PATCH or DELETE."),
        Wording("Méthode HTTP inconnue", "Elle compte pour absente.", "Employer GET, POST, PUT, PATCH ou DELETE."),
    ),
    Code(
        "WCS-I413",
        "warning",
        "accepted",
        Wording(
            "Duplicate id",
            "Statuses, actions, global actions or triggers share an id: one of them cannot be reached.",
            "Give each its own id.",
        ),
        Wording(
            "Identifiant en double",
            (
                "Des statuts, actions, actions globales ou déclencheurs partagent un identifiant : l'un d'eux "
                "est inaccessible."
            ),
            "Donner à chacun le sien.",
        ),
    ),
    Code(
        "WCS-I414",
        "warning",
        "accepted",
        Wording("Workflow without status", "Records cannot start.", "Add a status."),
        Wording("Workflow sans statut", "Les demandes ne peuvent commencer.", "Ajouter un statut."),
    ),
    Code(
        "WCS-I415",
        "warning",
        "accepted",
        Wording(
            "Comment template that is not among the definitions given",
            "If the site has none either, nothing is written.",
            "Import the template first.",
        ),
        Wording(
            "Modèle de commentaire absent des définitions données",
            "Si le site ne l'a pas non plus, rien n'est écrit.",
            "Importer le modèle d'abord.",
        ),
    ),
    Code(
        "WCS-I416",
        "warning",
        "accepted",
        Wording(
            "Target form or card model that is not among the definitions given",
            "If the site has none either, the action fails when it runs.",
            "Import it first.",
        ),
        Wording(
            "Formulaire ou fiche cible absents des définitions données",
            "Si le site ne l'a pas non plus, l'action échoue à l'exécution.",
            "L'importer d'abord.",
        ),
    ),
    Code(
        "WCS-I417",
        "warning",
        "accepted",
        Wording(
            "Timeout of a global action that never fires",
            "A number of days or a template, and an anchor, are needed.",
            "Write an integer of days, or a template, and an anchor.",
        ),
        Wording(
            "Délai d'action globale qui ne joue jamais",
            "Il faut un nombre de jours ou un gabarit, et une référence.",
            "Écrire un entier de jours ou un gabarit, et une référence.",
        ),
    ),
]

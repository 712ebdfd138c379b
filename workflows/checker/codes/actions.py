"""Actions and triggers that cannot be imported (wcs-xml.md §4, §6)."""

from .base import Code, Wording

ACTIONS = [
    Code(
        "WCS-I301",
        "error",
        "crash",
        Wording("Action without type", "The import stops with an HTTP 500.", "Give the item a type."),
        Wording("Action sans type", "L'import s'arrête sur une erreur HTTP 500.", "Donner un type à l'action."),
    ),
    Code(
        "WCS-I302",
        "error",
        "crash",
        Wording(
            "Unknown action type",
            "The import stops with an HTTP 500, without a reason.",
            "Use one of the actions of w.c.s.",
        ),
        Wording(
            "Type d'action inconnu",
            "L'import s'arrête sur une erreur HTTP 500, sans raison.",
            "Employer une des actions de w.c.s.",
        ),
    ),
    Code(
        "WCS-I303",
        "error",
        "crash",
        Wording(
            "Trigger without type",
            "The import stops with an HTTP 500.",
            "Give the trigger a type: manual, timeout or webservice.",
        ),
        Wording(
            "Déclencheur sans type",
            "L'import s'arrête sur une erreur HTTP 500.",
            "Donner un type au déclencheur : manual, timeout ou webservice.",
        ),
    ),
    Code(
        "WCS-I304",
        "error",
        "crash",
        Wording("Unknown trigger type", "The import stops with an HTTP 500.", "Use manual, timeout or webservice."),
        Wording(
            "Type de déclencheur inconnu",
            "L'import s'arrête sur une erreur HTTP 500.",
            "Employer manual, timeout ou webservice.",
        ),
    ),
    Code(
        "WCS-I305",
        "error",
        "invalid",
        Wording(
            "Boolean of an action in the wrong spelling",
            'Actions and triggers want True or False exactly; true, yes or blanks give "Invalid File".',
            "Write True or False, without blanks.",
        ),
        Wording(
            "Booléen d'action mal orthographié",
            (
                "Les actions et déclencheurs veulent exactement True ou False ; true, yes ou des blancs donnent"
                " « Fichier invalide »."
            ),
            "Écrire True ou False, sans blancs.",
        ),
    ),
    Code(
        "WCS-I306",
        "error",
        "invalid",
        Wording(
            "Timeout of a jump that is not in seconds",
            (
                'A jump in a status wants an integer of seconds or a template; a plain duration such as "2 '
                'days" is refused.'
            ),
            'Write seconds, or a template such as {{ "2 days" }}.',
        ),
        Wording(
            "Délai de saut qui n'est pas en secondes",
            (
                "Un saut dans un statut veut un entier de secondes ou un gabarit ; une durée écrite comme « 2 "
                "days » est refusée."
            ),
            'Écrire des secondes, ou un gabarit comme {{ "2 jours" }}.',
        ),
    ),
    Code(
        "WCS-I307",
        "error",
        "crash",
        Wording(
            "Markup inside a parameter of an action",
            "A real element inside a text parameter stops the import with an HTTP 500.",
            "Escape the markup: &lt;p&gt; for <p>.",
        ),
        Wording(
            "Balises dans un paramètre d'action",
            "Un véritable élément dans un paramètre texte arrête l'import sur une erreur HTTP 500.",
            "Échapper les balises : &lt;p&gt; pour <p>.",
        ),
    ),
    Code(
        "WCS-I308",
        "error",
        "crash",
        Wording(
            "Entry without name or value",
            "Each item of post_data and qs_data needs both elements; the value may be empty.",
            "Add <name> and <value>.",
        ),
        Wording(
            "Entrée sans nom ou sans valeur",
            "Chaque item de post_data et qs_data demande les deux éléments ; la valeur peut être vide.",
            "Ajouter <name> et <value>.",
        ),
    ),
    Code(
        "WCS-I309",
        "error",
        "crash",
        Wording(
            "Empty recipient",
            "An empty item in the recipients of a mail stops the import.",
            "Remove the item or name a recipient.",
        ),
        Wording(
            "Destinataire vide",
            "Un item vide dans les destinataires d'un courriel arrête l'import.",
            "Retirer l'item ou nommer un destinataire.",
        ),
    ),
    Code(
        "WCS-I310",
        "error",
        "crash",
        Wording(
            "Incomplete model file",
            "base_filename, content_type and b64_content are all needed.",
            "Complete the element, or use model_file_mode template.",
        ),
        Wording(
            "Fichier modèle incomplet",
            "base_filename, content_type et b64_content sont tous nécessaires.",
            "Compléter l'élément, ou employer le mode template.",
        ),
    ),
    Code(
        "WCS-I311",
        "error",
        "invalid",
        Wording("Broken base64", "The content of the file cannot be decoded.", "Export the definition again."),
        Wording("Base64 abîmé", "Le contenu du fichier ne peut être décodé.", "Refaire l'export."),
    ),
    Code(
        "WCS-I312",
        "warning",
        "refused",
        Wording(
            "Unknown mail template",
            (
                "It is not among the definitions given: the import is refused, even in a bundle, if the site "
                "has none of that slug either."
            ),
            "Import the mail template first, or give it to the checker.",
        ),
        Wording(
            "Modèle de courriel inconnu",
            (
                "Il n'est pas parmi les définitions données : l'import est refusé, même dans une application, "
                "si le site n'en a pas non plus de ce slug."
            ),
            "Importer le modèle d'abord, ou le donner au vérificateur.",
        ),
    ),
    Code(
        "WCS-I313",
        "error",
        "refused",
        Wording(
            "Unknown role",
            (
                "The site does not have this role: where roles are managed by the identity provider the "
                "workflow is refused."
            ),
            "Create the role first, or use a function of the workflow.",
        ),
        Wording(
            "Rôle inconnu",
            (
                "Le site n'a pas ce rôle : là où les rôles sont gérés par le fournisseur d'identités, le "
                "workflow est refusé."
            ),
            "Créer le rôle d'abord, ou employer une fonction du workflow.",
        ),
    ),
]

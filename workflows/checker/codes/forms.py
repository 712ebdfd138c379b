"""Forms, card models and categories (wcs-xml.md §7, §13)."""

from .base import Code, Wording

FORMS = [
    Code(
        "WCS-I501",
        "error",
        "invalid",
        Wording(
            "Option that does not parse",
            "The text does not fit the type of the option (int, float, date as YYYY-MM-DD, file as base64).",
            "Correct the value or its type.",
        ),
        Wording(
            "Option illisible",
            "Le texte ne correspond pas au type de l'option (int, float, date en AAAA-MM-JJ, file en base64).",
            "Corriger la valeur ou son type.",
        ),
    ),
    Code(
        "WCS-I502",
        "error",
        "crash",
        Wording(
            "Decimal option that is not a number", "The import stops with an HTTP 500.", "Write a number with a point."
        ),
        Wording(
            "Option décimale qui n'est pas un nombre",
            "L'import s'arrête sur une erreur HTTP 500.",
            "Écrire un nombre, avec un point.",
        ),
    ),
    Code(
        "WCS-I503",
        "error",
        "invalid",
        Wording("Number that does not parse", "An integer is expected.", "Write digits only."),
        Wording("Nombre illisible", "Un entier est attendu.", "N'écrire que des chiffres."),
    ),
    Code(
        "WCS-I504",
        "error",
        "crash",
        Wording(
            "Empty value where one is mandatory",
            "An empty is_default of a view or an empty position of a category stops the import.",
            "Write True or False, or an integer; or remove the element.",
        ),
        Wording(
            "Valeur vide là où il en faut une",
            "Un is_default de vue ou une position de catégorie vides arrêtent l'import.",
            "Écrire True ou False, ou un entier ; ou retirer l'élément.",
        ),
    ),
    Code(
        "WCS-I505",
        "warning",
        "accepted",
        Wording(
            "Workflow that is not among the definitions given",
            (
                "If the site has none of that slug, the default workflow is used without a word; the name is no"
                " fallback."
            ),
            "Import the workflow first, or give it to the checker.",
        ),
        Wording(
            "Workflow absent des définitions données",
            (
                "Si le site n'en a pas de ce slug, le workflow par défaut est pris sans avertissement ; le nom "
                "ne sert pas de secours."
            ),
            "Importer le workflow d'abord, ou le donner au vérificateur.",
        ),
    ),
    Code(
        "WCS-I506",
        "warning",
        "accepted",
        Wording(
            "Category that is not among the definitions given",
            "If the site has none either, the definition is left without category.",
            "Import the category first.",
        ),
        Wording(
            "Catégorie absente des définitions données",
            "Si le site ne l'a pas non plus, la définition reste sans catégorie.",
            "Importer la catégorie d'abord.",
        ),
    ),
    Code(
        "WCS-I507",
        "warning",
        "accepted",
        Wording(
            "Role given to a function the workflow does not have",
            "Nobody gets that role in this form.",
            "Use a function of the workflow.",
        ),
        Wording(
            "Rôle donné à une fonction que le workflow n'a pas",
            "Personne ne reçoit ce rôle dans ce formulaire.",
            "Employer une fonction du workflow.",
        ),
    ),
]

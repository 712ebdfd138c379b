"""Named calls and data sources (wcs-xml.md §10, §11)."""

from .base import Code, Wording

RESOURCES = [
    Code(
        "WCS-I601",
        "error",
        "crash",
        Wording(
            "Data source without type or value",
            "Both elements must be there; the value may be empty.",
            "Add <type> and <value>.",
        ),
        Wording(
            "Source de données sans type ou sans valeur",
            "Les deux éléments doivent être là ; la valeur peut être vide.",
            "Ajouter <type> et <value>.",
        ),
    ),
    Code(
        "WCS-I602",
        "warning",
        "accepted",
        Wording(
            "Data source that is never evaluated",
            "The types python and formula are dead: the source is always empty.",
            "Use jsonvalue or json.",
        ),
        Wording(
            "Source de données jamais évaluée",
            "Les types python et formula sont morts : la source est toujours vide.",
            "Employer jsonvalue ou json.",
        ),
    ),
    Code(
        "WCS-I603",
        "warning",
        "accepted",
        Wording(
            "Duration that is not a number of seconds", "It is an error when the call is made.", "Write digits only."
        ),
        Wording(
            "Durée qui n'est pas un nombre de secondes",
            "C'est une erreur au moment de l'appel.",
            "N'écrire que des chiffres.",
        ),
    ),
    Code(
        "WCS-I604",
        "warning",
        "accepted",
        Wording(
            "Slug missing",
            "w.c.s. makes one from the name, which may not be the one others refer to.",
            "Give the slug.",
        ),
        Wording(
            "Slug manquant",
            "w.c.s. en tire un du nom, qui peut ne pas être celui que d'autres emploient.",
            "Donner le slug.",
        ),
    ),
]

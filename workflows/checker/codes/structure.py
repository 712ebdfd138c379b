"""What every definition must have."""

from .base import Code, Wording

STRUCTURE = [
    Code(
        "WCS-I101",
        "error",
        "refused",
        Wording(
            "Name missing",
            ('A name is mandatory for workflows, forms, card models, blocks, and the forms inside them (written "-").'),
            "Give a name.",
        ),
        Wording(
            "Nom manquant",
            (
                "Le nom est obligatoire pour les workflows, formulaires, modèles de fiche, blocs, et les "
                "formulaires qu'ils contiennent (noté « - »)."
            ),
            "Donner un nom.",
        ),
    ),
    Code(
        "WCS-I102",
        "error",
        "crash",
        Wording(
            "Mandatory element missing",
            "The import stops with an HTTP 500 when it is absent, even when it would be empty.",
            "Add the element, empty if there is nothing to say.",
        ),
        Wording(
            "Élément obligatoire absent",
            "L'import s'arrête sur une erreur HTTP 500 quand il est absent, même s'il devait être vide.",
            "Ajouter l'élément, vide s'il n'y a rien à dire.",
        ),
    ),
    Code(
        "WCS-I103",
        "error",
        "crash",
        Wording(
            "Mandatory attribute missing",
            "The import stops with an HTTP 500 without this attribute.",
            "Add the attribute.",
        ),
        Wording(
            "Attribut obligatoire absent",
            "L'import s'arrête sur une erreur HTTP 500 sans cet attribut.",
            "Ajouter l'attribut.",
        ),
    ),
    Code(
        "WCS-I104",
        "warning",
        "accepted",
        Wording(
            "Markup that is not escaped",
            "A value is cut at the first element inside it.",
            "Write < as &lt; in the value.",
        ),
        Wording(
            "Balises non échappées",
            "La valeur est coupée au premier élément qu'elle contient.",
            "Écrire &lt; pour < dans la valeur.",
        ),
    ),
    Code(
        "WCS-I105",
        "warning",
        "accepted",
        Wording(
            "Boolean in the wrong spelling",
            "Here only true/false count (True/False in fields); anything else silently means false.",
            "Write true or false (True or False in a field).",
        ),
        Wording(
            "Booléen mal orthographié",
            ("Seuls true/false comptent ici (True/False dans un champ) ; tout le reste vaut faux, sans avertissement."),
            "Écrire true ou false (True ou False dans un champ).",
        ),
    ),
    Code(
        "WCS-I106",
        "warning",
        "accepted",
        Wording(
            "Condition that is not Django",
            "Other types are no longer evaluated: the action is skipped, the field is shown.",
            "Rewrite the condition as a Django condition.",
        ),
        Wording(
            "Condition qui n'est pas Django",
            "Les autres types ne sont plus évalués : l'action est sautée, le champ est affiché.",
            "Réécrire la condition en condition Django.",
        ),
    ),
]

"""Fields (wcs-xml.md §8)."""

from .base import Code, Wording

FIELDS = [
    Code(
        "WCS-I201",
        "error",
        "crash",
        Wording("Field without type", "The import stops with an error.", "Give the field a type."),
        Wording("Champ sans type", "L'import s'arrête sur une erreur.", "Donner un type au champ."),
    ),
    Code(
        "WCS-I202",
        "error",
        "refused",
        Wording("Unknown field type", "w.c.s. refuses the file and names the type.", "Use one of the types of w.c.s."),
        Wording(
            "Type de champ inconnu", "w.c.s. refuse le fichier en nommant le type.", "Employer un des types de w.c.s."
        ),
    ),
    Code(
        "WCS-I203",
        "error",
        "refused",
        Wording(
            "Block field that names no block",
            'w.c.s. looks for a block called "None" and refuses the file.',
            "Give block_slug.",
        ),
        Wording(
            "Champ bloc qui ne nomme aucun bloc",
            "w.c.s. cherche un bloc nommé « None » et refuse le fichier.",
            "Donner block_slug.",
        ),
    ),
    Code(
        "WCS-I204",
        "warning",
        "refused",
        Wording(
            "Unknown block of fields",
            (
                "The block is not among the definitions given: the import is refused if the site has none of "
                "that slug either."
            ),
            "Import the block first, or give it to the checker.",
        ),
        Wording(
            "Bloc de champs inconnu",
            (
                "Le bloc n'est pas parmi les définitions données : l'import est refusé si le site n'en a pas "
                "non plus de ce slug."
            ),
            "Importer le bloc d'abord, ou le donner au vérificateur.",
        ),
    ),
    Code(
        "WCS-I205",
        "warning",
        "refused",
        Wording(
            "Unknown named data source",
            (
                "It is not among the definitions given: the import of the file is refused if the site has none "
                "of that slug either."
            ),
            "Import the data source first, or give it to the checker.",
        ),
        Wording(
            "Source de données inconnue",
            (
                "Elle n'est pas parmi les définitions données : l'import du fichier est refusé si le site n'en "
                "a pas non plus de ce slug."
            ),
            "Importer la source d'abord, ou la donner au vérificateur.",
        ),
    ),
    Code(
        "WCS-I206",
        "warning",
        "refused",
        Wording(
            "Unknown card model or custom view",
            ("It is not among the definitions given: the import of the file is refused if the site has none either."),
            "Import the card model first, or give it to the checker.",
        ),
        Wording(
            "Modèle de fiche ou vue inconnus",
            (
                "Il n'est pas parmi les définitions données : l'import du fichier est refusé si le site ne l'a "
                "pas non plus."
            ),
            "Importer le modèle de fiche d'abord, ou le donner au vérificateur.",
        ),
    ),
    Code(
        "WCS-I207",
        "error",
        "refused",
        Wording(
            "Duplicate field id",
            (
                "The file is refused, then the back office retries by renumbering all fields, which breaks what"
                " refers to them by id."
            ),
            "Give each field an id of its own.",
        ),
        Wording(
            "Identifiant de champ en double",
            (
                "Le fichier est refusé, puis le backoffice réessaie en renumérotant tous les champs, ce qui "
                "casse les références par identifiant."
            ),
            "Donner à chaque champ son propre identifiant.",
        ),
    ),
    Code(
        "WCS-I208",
        "warning",
        "accepted",
        Wording(
            "Duplicate field id that is not detected",
            "Two fields share their data.",
            "Give each field an id of its own.",
        ),
        Wording(
            "Identifiant de champ en double, non détecté",
            "Deux champs partagent leurs données.",
            "Donner à chaque champ son propre identifiant.",
        ),
    ),
    Code(
        "WCS-I209",
        "error",
        "invalid",
        Wording(
            "Field parameter that is not a number or a boolean",
            'w.c.s. only says "Invalid File".',
            "Write digits, or True or False.",
        ),
        Wording(
            "Paramètre de champ qui n'est ni nombre ni booléen",
            "w.c.s. répond seulement « Fichier invalide ».",
            "Écrire des chiffres, ou True ou False.",
        ),
    ),
    Code(
        "WCS-I210",
        "error",
        "crash",
        Wording(
            "Default value empty or without type",
            "A default_value needs a text and a type attribute.",
            'Add type="str" (or the right type), or remove the element.',
        ),
        Wording(
            "Valeur par défaut vide ou sans type",
            "Un default_value demande un texte et un attribut type.",
            'Ajouter type="str" (ou le bon type), ou retirer l\'élément.',
        ),
    ),
    Code(
        "WCS-I211",
        "error",
        "crash",
        Wording(
            "Markup inside a parameter of a field",
            "A real element inside a text parameter stops the import with an HTTP 500.",
            "Escape the markup: &lt;p&gt; for <p>.",
        ),
        Wording(
            "Balises dans un paramètre de champ",
            "Un véritable élément dans un paramètre texte arrête l'import sur une erreur HTTP 500.",
            "Échapper les balises : &lt;p&gt; pour <p>.",
        ),
    ),
    Code(
        "WCS-I212",
        "error",
        "refused",
        Wording(
            "Data source type that no longer exists",
            "python, formula and none are looked up as slugs of named data sources: the file is refused.",
            "Use jsonvalue, or a named data source; remove the element for none.",
        ),
        Wording(
            "Type de source de données disparu",
            "python, formula et none sont cherchés comme slugs de sources nommées : le fichier est refusé.",
            "Employer jsonvalue ou une source nommée ; retirer l'élément pour none.",
        ),
    ),
    Code(
        "WCS-I213",
        "warning",
        "accepted",
        Wording(
            "Prefill that is no longer evaluated",
            "Prefills of type python or formula give nothing.",
            "Rewrite it as a template (type string).",
        ),
        Wording(
            "Préremplissage qui n'est plus évalué",
            "Les préremplissages python ou formula ne donnent rien.",
            "Le réécrire en gabarit (type string).",
        ),
    ),
    Code(
        "WCS-I214",
        "warning",
        "accepted",
        Wording(
            "One varname for two fields shown together",
            "Only one of the two values can be read in templates.",
            "Give the fields different varnames, or conditions that exclude each other.",
        ),
        Wording(
            "Un même identifiant pour deux champs affichés ensemble",
            "Une seule des deux valeurs est lisible dans les gabarits.",
            "Donner des identifiants différents, ou des conditions qui s'excluent.",
        ),
    ),
    Code(
        "WCS-I215",
        "warning",
        "accepted",
        Wording(
            "Block inside a block", "w.c.s. does not offer blocks inside blocks.", "Put the fields in the outer block."
        ),
        Wording(
            "Bloc dans un bloc", "w.c.s. n'offre pas de bloc dans un bloc.", "Mettre les champs dans le bloc extérieur."
        ),
    ),
    Code(
        "WCS-I216",
        "warning",
        "accepted",
        Wording(
            "Some fields without id",
            "Fields without id are numbered by place, which may collide with the ids of the others.",
            "Give all fields an id.",
        ),
        Wording(
            "Certains champs sans identifiant",
            ("Les champs sans identifiant sont numérotés par place, ce qui peut heurter les identifiants des autres."),
            "Donner un identifiant à tous les champs.",
        ),
    ),
]

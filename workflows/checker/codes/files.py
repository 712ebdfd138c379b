"""Files and bundles."""

from .base import Code, Wording

FILES = [
    Code(
        "WCS-I001",
        "error",
        "tool",
        Wording(
            "File that cannot be read",
            "The path does not exist, is not a regular file, or may not be read.",
            "Check the path and the rights on it.",
        ),
        Wording(
            "Fichier illisible",
            "Le chemin n'existe pas, n'est pas un fichier ordinaire, ou n'est pas lisible.",
            "Vérifier le chemin et les droits.",
        ),
    ),
    Code(
        "WCS-I002",
        "error",
        "invalid",
        Wording(
            "Not well-formed XML",
            (
                'w.c.s. only says "Invalid File". HTML entities such as &nbsp; count among the causes, as do a '
                "bare & or <, and text after the root."
            ),
            "Correct the XML at the line given, or export the definition again.",
        ),
        Wording(
            "XML mal formé",
            (
                "w.c.s. répond seulement « Fichier invalide ». Les entités HTML comme &nbsp; en sont une cause,"
                " de même qu'un & ou un < isolé, ou du texte après la racine."
            ),
            "Corriger le XML à la ligne indiquée, ou refaire l'export.",
        ),
    ),
    Code(
        "WCS-I003",
        "error",
        "invalid",
        Wording(
            "Wrong encoding",
            (
                "The bytes are not in the encoding the file declares (UTF-8 when it declares none), or that "
                "encoding is unknown."
            ),
            "Save the file as UTF-8, or correct the declaration.",
        ),
        Wording(
            "Mauvais encodage",
            ("Les octets ne correspondent pas à l'encodage déclaré (UTF-8 à défaut), ou cet encodage est inconnu."),
            "Enregistrer le fichier en UTF-8, ou corriger la déclaration.",
        ),
    ),
    Code(
        "WCS-I004",
        "error",
        "tool",
        Wording(
            "Document type refused",
            "A definition never has a DOCTYPE; entities declared in one are a known way to attack a server.",
            "Remove the DOCTYPE.",
        ),
        Wording(
            "Type de document refusé",
            (
                "Une définition n'a jamais de DOCTYPE ; les entités qui y sont déclarées servent à attaquer les"
                " serveurs."
            ),
            "Retirer le DOCTYPE.",
        ),
    ),
    Code(
        "WCS-I005",
        "error",
        "tool",
        Wording(
            "Over the limits",
            "The file is too big, too deep or has too many elements to be a definition.",
            "Check that it is the right file; the largest real definitions weigh less than a megabyte.",
        ),
        Wording(
            "Hors limites",
            "Le fichier est trop gros, trop profond ou compte trop d'éléments pour être une définition.",
            ("Vérifier que c'est le bon fichier : les plus grandes définitions réelles pèsent moins d'un mégaoctet."),
        ),
    ),
    Code(
        "WCS-I006",
        "error",
        "refused",
        Wording(
            "Unknown root element",
            "w.c.s. imports no definition with this root, or not of the kind expected here.",
            "Check that the file is an export of w.c.s., unpacked when it was in an archive.",
        ),
        Wording(
            "Élément racine inconnu",
            "w.c.s. n'importe aucune définition ayant cette racine, ou pas de la sorte attendue ici.",
            "Vérifier que le fichier est un export de w.c.s., extrait de son archive le cas échéant.",
        ),
    ),
    Code(
        "WCS-I007",
        "error",
        "refused",
        Wording(
            "Not an application bundle",
            "A bundle is a tar archive with a readable manifest.json.",
            "Export the application again.",
        ),
        Wording(
            "Ce n'est pas une application",
            "Une application est une archive tar avec un manifest.json lisible.",
            "Refaire l'export de l'application.",
        ),
    ),
    Code(
        "WCS-I008",
        "error",
        "tool",
        Wording(
            "Unsafe archive",
            (
                "A member is a link or a device, points outside the archive, or the archive unpacks to far more"
                " than a bundle can weigh."
            ),
            "Do not use this archive; ask for it again from its source.",
        ),
        Wording(
            "Archive dangereuse",
            (
                "Un membre est un lien ou un périphérique, sort de l'archive, ou l'archive se déploie bien au-"
                "delà du poids d'une application."
            ),
            "Ne pas utiliser cette archive ; la redemander à sa source.",
        ),
    ),
    Code(
        "WCS-I009",
        "warning",
        "tool",
        Wording(
            "XML file that is no definition",
            "A file met in a directory is XML but no definition; it was left out.",
            "Nothing, unless it was meant to be one: then check its root element.",
        ),
        Wording(
            "Fichier XML sans définition",
            ("Un fichier rencontré dans un répertoire est du XML mais pas une définition ; il a été laissé de côté."),
            "Rien, sauf si c'en était une : vérifier alors l'élément racine.",
        ),
    ),
    Code(
        "WCS-I010",
        "warning",
        "tool",
        Wording(
            "Further findings left out",
            "This file has so many findings that the rest are not listed.",
            "Correct the first ones and check again.",
        ),
        Wording(
            "Autres constats omis",
            "Ce fichier a tant de défauts que la suite n'est pas listée.",
            "Corriger les premiers et vérifier à nouveau.",
        ),
    ),
    Code(
        "WCS-I020",
        "error",
        "crash",
        Wording(
            "Element missing from the bundle",
            "The manifest names an element whose member is not in the archive: the import job fails.",
            "Add the member, named type/slug without extension, or take the element out of the manifest.",
        ),
        Wording(
            "Élément absent de l'application",
            "Le manifeste nomme un élément dont le membre n'est pas dans l'archive : la tâche d'import échoue.",
            "Ajouter le membre, nommé type/slug sans extension, ou retirer l'élément du manifeste.",
        ),
    ),
    Code(
        "WCS-I021",
        "error",
        "crash",
        Wording(
            "Icon missing from the bundle",
            "The manifest names an icon that is not in the archive.",
            "Add the icon or empty the key.",
        ),
        Wording(
            "Icône absente de l'application",
            "Le manifeste nomme une icône qui n'est pas dans l'archive.",
            "Ajouter l'icône ou vider la clé.",
        ),
    ),
    Code(
        "WCS-I022",
        "error",
        "refused",
        Wording(
            "Manifest without identity",
            "The manifest has no slug, or an element has no type or slug.",
            "Complete the manifest.",
        ),
        Wording(
            "Manifeste sans identité",
            "Le manifeste n'a pas de slug, ou un élément n'a pas de type ou de slug.",
            "Compléter le manifeste.",
        ),
    ),
    Code(
        "WCS-I023",
        "warning",
        "accepted",
        Wording(
            "Manifest without version number",
            "The check of the bundle refuses it, the import takes the version as unknown.",
            "Give version_number.",
        ),
        Wording(
            "Manifeste sans numéro de version",
            "La vérification de l'application la refuse, l'import prend la version pour inconnue.",
            "Donner version_number.",
        ),
    ),
    Code(
        "WCS-I024",
        "warning",
        "accepted",
        Wording(
            "Slug of the member and slug of the XML differ",
            "An existing object is found by the slug in the XML, not by the one in the manifest.",
            "Make the two the same.",
        ),
        Wording(
            "Slug du membre et slug du XML différents",
            "L'objet existant est cherché par le slug du XML, pas par celui du manifeste.",
            "Rendre les deux identiques.",
        ),
    ),
    Code(
        "WCS-I025",
        "warning",
        "accepted",
        Wording(
            "Member that the manifest does not name",
            "It will not be imported.",
            "Add it to the elements of the manifest.",
        ),
        Wording("Membre absent du manifeste", "Il ne sera pas importé.", "L'ajouter aux éléments du manifeste."),
    ),
]

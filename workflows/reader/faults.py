"""What the parsers and the system say in English, in French: said by its kind, with its place."""

from __future__ import annotations

import errno
from xml.parsers import expat

from lxml import etree

_E = expat.errors
#: By expat's message. The others need a document type, which is refused before them, or are faults of the caller.
XML_FAULTS = {
    _E.XML_ERROR_SYNTAX: "syntaxe incorrecte",
    _E.XML_ERROR_NO_ELEMENTS: "le fichier est vide ou s'arrête trop tôt",
    _E.XML_ERROR_INVALID_TOKEN: "caractère qui n'est pas permis à cet endroit",
    _E.XML_ERROR_UNCLOSED_TOKEN: "balise, entité ou commentaire inachevé",
    _E.XML_ERROR_PARTIAL_CHAR: "caractère incomplet",
    _E.XML_ERROR_TAG_MISMATCH: "la balise fermante n'est pas celle de la balise ouverte",
    _E.XML_ERROR_DUPLICATE_ATTRIBUTE: "attribut donné deux fois",
    _E.XML_ERROR_JUNK_AFTER_DOC_ELEMENT: "quelque chose suit l'élément racine",
    _E.XML_ERROR_UNDEFINED_ENTITY: "entité inconnue",
    _E.XML_ERROR_BAD_CHAR_REF: "référence à un caractère qui n'est pas permis",
    _E.XML_ERROR_MISPLACED_XML_PI: "la déclaration XML n'est pas au début du fichier",
    _E.XML_ERROR_XML_DECL: "déclaration XML mal formée",
    _E.XML_ERROR_UNKNOWN_ENCODING: "encodage inconnu",
    _E.XML_ERROR_INCORRECT_ENCODING: "l'encodage déclaré n'est pas celui du fichier",
    _E.XML_ERROR_UNCLOSED_CDATA_SECTION: "section CDATA qui n'est pas fermée",
    _E.XML_ERROR_UNBOUND_PREFIX: "préfixe d'espace de noms qui n'est pas déclaré",
    _E.XML_ERROR_UNDECLARING_PREFIX: "préfixe d'espace de noms déclaré vide",
    _E.XML_ERROR_RESERVED_PREFIX_XML: "préfixe xml mal employé",
    _E.XML_ERROR_RESERVED_PREFIX_XMLNS: "préfixe xmlns mal employé",
    _E.XML_ERROR_RESERVED_NAMESPACE_URI: "espace de noms réservé",
}
SYSTEM_FAULTS = {
    errno.ENOENT: "il n'existe pas",
    errno.ENOTDIR: "il n'existe pas",
    errno.EACCES: "l'accès est refusé",
    errno.EPERM: "l'accès est refusé",
}


def expat_fault(error: expat.ExpatError) -> str:
    """Why a file is no XML, as expat sees it."""
    return XML_FAULTS.get(expat.ErrorString(error.code), f"erreur {error.code} de l'analyseur")


def libxml_fault(error: Exception) -> str:
    """What libxml2 does not load although expat does. Its words are too many to be told apart: the place is kept."""
    if isinstance(error, etree.XMLSyntaxError) and error.lineno:
        line, column = error.position
        return f"XML qui ne peut pas être chargé (ligne {line}, colonne {column})"
    return "XML qui ne peut pas être chargé"


def system_fault(error: Exception) -> str:
    """Why a path cannot be read."""
    number = error.errno if isinstance(error, OSError) else None
    return SYSTEM_FAULTS.get(number or 0, f"erreur {number} du système" if number else "son nom n'est pas permis")

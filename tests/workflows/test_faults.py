"""Why a file cannot be taken, in the language of who dropped it."""

from __future__ import annotations

import ast
import errno
import io
import json

import pytest

from tests.test_house import ROOT
from workflows.checker import check
from workflows.cli import main
from workflows.reader import DefinitionError, load, load_many, read_bundle
from workflows.reader.faults import XML_FAULTS

from .test_hostile_input import HOSTILE, archive

#: A file each, by what its finding says after its title in French.
FAULTS = {
    "syntaxe incorrecte": b"hello",
    "le fichier est vide ou s'arrête trop tôt": b"<a><b>",
    "caractère qui n'est pas permis à cet endroit": b"<a>\n b & c</a>",
    "balise, entité ou commentaire inachevé": b"<a><!-- ",
    "caractère incomplet": b"<a>\xc3",
    "la balise fermante n'est pas celle de la balise ouverte": b"<a><b></a>",
    "attribut donné deux fois": b'<a b="1" b="2"/>',
    "quelque chose suit l'élément racine": b"<a/>x",
    "entité inconnue": b"<a>&nbsp;</a>",
    "référence à un caractère qui n'est pas permis": b"<a>&#0;</a>",
    "la déclaration XML n'est pas au début du fichier": b' <?xml version="1.0"?><a/>',
    "déclaration XML mal formée": b'<?xml versio="1.0"?><a/>',
    "l'encodage déclaré n'est pas celui du fichier": b'<?xml version="1.0" encoding="utf-16"?><a/>',
    "section CDATA qui n'est pas fermée": b"<a><![CDATA[ ",
    "préfixe d'espace de noms qui n'est pas déclaré": b"<x:a/>",
    "préfixe d'espace de noms déclaré vide": b'<x:a xmlns:x=""/>',
    "préfixe xml mal employé": b'<a xmlns:xml="urn:x"/>',
    "préfixe xmlns mal employé": b'<a xmlns:xmlns="urn:x"/>',
    "espace de noms réservé": b'<a xmlns:x="http://www.w3.org/XML/1998/namespace"/>',
    "encodage martien inconnu": b'<?xml version="1.0" encoding="martien"?><a/>',
    "encodage que l'analyseur ne connaît pas": b'<?xml version="1.0" encoding="shift_jis"?><a/>',
    "les octets ne sont pas en utf-8, l'encodage du fichier": b"<a>\n\xe9</a>",
    "XML qui ne peut pas être chargé (ligne 2, colonne 60002)": b"<a>\n<" + b"n" * 60_000 + b"/></a>",
    "un type de document (DOCTYPE) est refusé": b"<!DOCTYPE a><a/>",
    "<html> n'est la racine d'aucune définition que w.c.s. importe": b"<html/>",
}


@pytest.mark.parametrize("said", FAULTS)
def test_a_file_that_cannot_be_taken_is_told_in_french(said, tmp_path) -> None:
    path = tmp_path / "form.wcs"
    path.write_bytes(FAULTS[said])
    [finding] = check([path])
    title, _colon, detail = finding.message.partition(" : ")
    assert detail == said
    [english] = check([path], language="en")
    assert (english.code, english.line) == (finding.code, finding.line)
    assert not english.message.startswith(title)


def test_the_kinds_of_the_parser_are_all_met() -> None:
    assert set(XML_FAULTS.values()) - set(FAULTS) == {"encodage inconnu"}  # which is seen before it is parsed


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_of_the_english_is_left_in_french(name) -> None:
    with pytest.raises(DefinitionError) as caught:
        load(HOSTILE[name][0], "form.wcs")
    assert caught.value.said("en") == caught.value.message != caught.value.said("fr")


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"\x1f\x8b", "archive tar qui ne peut pas être lue"),
        (b"\0" * 10_240, "l'archive n'a pas de manifest.json"),
        (archive().replace(b"manifest.json", b"manifest.text"), "archive tar qui ne peut pas être lue"),
        (archive(manifest=[]), "manifest.json n'est pas un objet JSON"),
    ],
)
def test_a_bundle_that_cannot_be_taken_is_told_in_french(raw, said) -> None:
    with pytest.raises(DefinitionError) as caught:
        read_bundle(raw, "kit.tar")
    assert caught.value.said("fr") == said


def test_a_path_that_cannot_be_read_is_told_in_french(tmp_path) -> None:
    (tmp_path / "file").touch()
    paths = {
        tmp_path / "none.wcs": "il n'existe pas",
        tmp_path / "file" / "none.wcs": "il n'existe pas",
    }
    for path, said in paths.items():
        assert [error.said("fr") for error in load_many([path]).errors] == [said]
    with pytest.raises(DefinitionError) as caught:
        load(tmp_path)
    assert caught.value.said("fr") == "ce n'est pas un fichier ordinaire"
    for path, said in {
        "a\0b": "son nom n'est pas permis",
        "x" * 300: f"erreur {errno.ENAMETOOLONG} du système",
    }.items():
        with pytest.raises(DefinitionError) as caught:
            load(path)
        assert caught.value.said("fr") == said


def test_make_bookable_says_it_in_the_language_asked_for(tmp_path) -> None:
    path = tmp_path / "form.wcs"
    path.write_bytes(b"<a/>x")
    for language, said in {"fr": "quelque chose suit", "en": "junk after document element"}.items():
        errors = io.StringIO()
        asked = ["make-bookable", "--form", str(path), "--workflow", str(path), "--dry-run", "--language", language]
        assert main(asked, io.StringIO(), errors) == 2
        assert said in errors.getvalue()


def test_every_fault_of_a_file_is_written_in_both_languages() -> None:
    silent, seen = [], 0
    for file in sorted((ROOT / "workflows/reader").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            code = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else ""
            # Edits are for programs.
            if node.func.id != "DefinitionError" or str(code).startswith("edit-"):
                continue
            seen += 1
            if "french" not in {word.arg for word in node.keywords}:
                silent.append(f"{file.name}:{node.lineno}")
    assert seen > 20
    # What is said of an edit is also put together in a function.
    assert [place for place in silent if not place.startswith("edits.py")] == []


def test_a_manifest_that_is_no_json_keeps_its_place() -> None:
    raw = archive(manifest={"a": 1}).replace(b'{"a": 1}', b'{"a": x}')
    with pytest.raises(DefinitionError) as caught:
        read_bundle(raw, "kit.tar")
    with pytest.raises(json.JSONDecodeError) as place:
        json.loads('{"a": x}')
    assert caught.value.said("fr") == f"manifest.json n'est pas du JSON (ligne 1, colonne {place.value.colno})"

"""`wcs make-bookable`: upgrade a form and its workflow; nothing is written unless all of it can be."""

from __future__ import annotations

import argparse
import json
import os
import shlex
from pathlib import Path
from typing import TextIO

from workflows.languages import Language
from workflows.reader import DefinitionError
from workflows.upgrader import Upgrade, make_bookable

TEXTS: dict[str, tuple[str, str]] = {
    "already-bookable": ("Cette démarche est déjà réservable : rien à changer.", "Already bookable: nothing to do."),
    "refused": ("Refusé : {reason}", "Refused: {reason}"),
    "written": (
        "Fichiers écrits dans {folder}, dans l'ordre où les importer :",
        "Files written to {folder}, in the order in which to import them:",
    ),
    "rehearse": ("Avant d'importer, jouez-les :", "Before the import, play them:"),
    "dry-run": ("Rien n'a été écrit (--dry-run).", "Nothing was written (--dry-run)."),
    "settings": (
        "À saisir dans l'onglet « Prise de rendez-vous backoffice » de l'agenda :",
        "To type into the tab “Prise de rendez-vous backoffice” of the agenda:",
    ),
    "form": ("Formulaire", "Form"),
    "slot_field": ("Identifiant du champ créneau", "Identifier of the slot field"),
    "meeting_type_field": ("Identifiant du champ type de rendez-vous", "Identifier of the meeting type field"),
    "agenda_field": ("Identifiant du champ agenda", "Identifier of the agenda field"),
    "notes": ("À vérifier :", "To be looked at:"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("--form", required=True, metavar="FILE", help="export of the form")
    parser.add_argument(
        "--workflow", required=True, action="append", metavar="FILE", help="export of its workflow; may be repeated"
    )
    parser.add_argument(
        "--with",
        dest="others",
        action="append",
        default=[],
        metavar="PATH",
        help="named data sources, named calls and blocks they refer to; files or directories",
    )
    parser.add_argument("--slot-field", default="", metavar="VARNAME", help="found by itself by default")
    parser.add_argument("--meeting-type-field", default="", metavar="VARNAME", help="found by itself by default")
    parser.add_argument("--agenda-field", default="", metavar="VARNAME", help="found by itself by default")
    parser.add_argument(
        "--with-cancel-hook",
        dest="cancel_hook",
        action="store_true",
        help="also add what tells the record that an agent cancelled in the calendar, where it is missing",
    )
    parser.add_argument("--output", metavar="DIR", help="where the files are written; needed unless --dry-run")
    parser.add_argument("--dry-run", action="store_true", help="show the differences, write nothing")
    parser.add_argument("--json", action="store_true", dest="as_json", help="for programs")
    parser.add_argument("--language", choices=("fr", "en"), default=None, help="language of the messages and texts")


def run(options: argparse.Namespace, stdout: TextIO, stderr: TextIO) -> int:
    """0 done or already bookable, 1 cannot be, 2 wrong usage or a file that cannot be read or written."""
    if not options.output and not options.dry_run:
        stderr.write("--output DIR is needed, or --dry-run\n")
        return 2
    language: Language = options.language or ("en" if os.environ.get("LANGUAGE_CODE", "fr").startswith("en") else "fr")
    try:
        upgrade = make_bookable(
            options.form,
            options.workflow,
            others=options.others,
            slot_field=options.slot_field,
            meeting_type_field=options.meeting_type_field,
            agenda_field=options.agenda_field,
            cancel_hook=options.cancel_hook,
            language=language,
        )
    except DefinitionError as error:
        stderr.write(_one_line(f"{error.path}:{error.line}: {error.said(language)}"))
        return 2
    if upgrade.status == "upgraded" and not options.dry_run:
        try:
            _write(upgrade, Path(options.output))
        except OSError as error:
            stderr.write(_one_line(f"{error.filename}: {error.strerror}"))
            return 2
    if options.as_json:
        json.dump(upgrade.as_dict(), stdout, indent=2)
        stdout.write("\n")
    else:
        stdout.write(_report(upgrade, options, language))
    return int(upgrade.status == "refused")


def _write(upgrade: Upgrade, folder: Path) -> None:
    """All files, each one whole: a file that cannot be written leaves no half of itself."""
    folder.mkdir(parents=True, exist_ok=True)
    waiting = []
    for name, content in upgrade.files.items():
        part = folder / f".{name}.part"
        part.write_bytes(content)
        waiting.append((part, folder / name))
    for part, target in waiting:
        part.replace(target)


def _report(upgrade: Upgrade, options: argparse.Namespace, language: Language) -> str:
    def text(key: str, **values: str) -> str:
        return TEXTS[key][0 if language == "fr" else 1].format(**values)

    lines = []
    if upgrade.status == "refused":
        lines.append(text("refused", reason=upgrade.reason))
    elif upgrade.status == "already-bookable":
        lines.append(text("already-bookable"))
    lines += [str(change) for change in upgrade.changes]
    if upgrade.status == "upgraded":
        if options.dry_run:
            lines += ["", upgrade.diff(), text("dry-run")]
        else:
            lines += [
                "",
                text("written", folder=str(options.output)),
                *(f"  {name}" for name in _in_order(upgrade, options)),
            ]
            lines += ["", text("rehearse"), f"  {_rehearsal(upgrade, options)}"]
    if upgrade.status != "refused":
        colon = " :" if language == "fr" else ":"
        lines += ["", text("settings")]
        for key in ("form", "slot_field", "meeting_type_field", "agenda_field"):
            lines.append(f"  {text(key)}{colon} {getattr(upgrade.settings, key) or '—'}")
    if upgrade.notes:
        lines += ["", text("notes"), *(f"  {note}" for note in upgrade.notes)]
    return "\n".join(lines) + "\n"


def _in_order(upgrade: Upgrade, options: argparse.Namespace) -> list[str]:
    """What others refer to goes first: calls and sources, then workflows, then the form."""
    last = [*(Path(name).name for name in options.workflow), Path(options.form).name]
    return sorted(upgrade.files, key=lambda name: (last.index(name) if name in last else -1, name))


def _rehearsal(upgrade: Upgrade, options: argparse.Namespace) -> str:
    """The command that plays what was written."""
    given = [("--form", options.form), *(("--workflow", name) for name in options.workflow)]
    named = {Path(name).name for _option, name in given}
    given += [("--with", name) for name in _in_order(upgrade, options) if name not in named]
    given += [("--with", name) for name in options.others if Path(name).name not in upgrade.files]
    paths = [(option, Path(options.output, Path(name).name), Path(name)) for option, name in given]
    return "wcs rehearse " + " ".join(
        f"{option} {shlex.quote(str(written if written.name in upgrade.files else unchanged))}"
        for option, written, unchanged in paths
    )


def _one_line(message: str) -> str:
    return message.replace("\n", " ") + "\n"

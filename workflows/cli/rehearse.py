"""`wcs rehearse`: play a form and its workflow before they are imported."""

from __future__ import annotations

import argparse
import json
import os
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

from workflows.definitions import make_kit
from workflows.languages import Language
from workflows.reader import Form, Library
from workflows.rehearsal.adapter import Adapter, AdapterFailed, ThrowAwayAdapter, free_port
from workflows.rehearsal.definitions import kit_library, library_of
from workflows.rehearsal.journeys import FAULTS, JOURNEYS, Failed, play, set_stage
from workflows.rehearsal.report import Report
from workflows.rehearsal.reports import as_html, as_text
from workflows.rehearsal.running_adapter import RunningAdapter

#: Nobody listens on port 1: what uses Redis finds it down.
DEAD_REDIS = "redis://127.0.0.1:1/0"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    given = parser.add_argument_group("definitions (the importable kit without --form)")
    given.add_argument("--form", metavar="FILE", help="export of the form")
    given.add_argument("--workflow", action="append", default=[], metavar="FILE", help="export of its workflow")
    given.add_argument("--call", action="append", default=[], metavar="FILE", help="named calls; may be repeated")
    given.add_argument(
        "--with",
        dest="others",
        action="append",
        default=[],
        metavar="PATH",
        help="what else they refer to: data sources, blocks, mail templates; files, directories or a bundle",
    )
    played = parser.add_argument_group("what is played")
    played.add_argument("--agenda", default="mairie", metavar="SLUG", help="where slots are taken (mairie)")
    played.add_argument(
        "--journey", action="append", default=[], choices=tuple(JOURNEYS), help="only this one; may be repeated"
    )
    played.add_argument("--fault", choices=tuple(FAULTS), default="", help="something that goes wrong on purpose")
    played.add_argument("--value", action="append", default=[], metavar="VARNAME=VALUE", help="what a field is given")
    played.add_argument("--variable", action="append", default=[], metavar="NAME=VALUE", help="a variable of the site")
    for name in ("slot", "meeting-type", "agenda"):
        played.add_argument(f"--{name}-field", default="", metavar="VARNAME", help="found by itself by default")
    against = parser.add_argument_group("against which adapter (a throw-away one by default)")
    against.add_argument("--url", default="", help="one that runs already: what is booked there is cancelled again")
    against.add_argument("--orig", default="demarches.demo", help="with --url: a service it knows (demarches.demo)")
    against.add_argument("--key", default="", help="with --url: its key; else the variable REHEARSAL_KEY (demo-key)")
    against.add_argument("--database-url", default="", help="an empty database for the throw-away one (SQLite)")
    against.add_argument(
        "--confined", action="store_true", help="call nobody else, whatever the definitions say (they are a stranger's)"
    )
    told = parser.add_argument_group("what is told")
    told.add_argument("--json", action="store_true", dest="as_json", help="for programs")
    told.add_argument("--html", metavar="FILE", help="also write one HTML file to share")
    told.add_argument("--calls", action="store_true", help="show every call, not only those of failed journeys")
    told.add_argument("--language", choices=("fr", "en"), default=None, help="language of the report")


def run(options: argparse.Namespace, stdout: TextIO, stderr: TextIO) -> int:
    """0 no journey failed, 1 one failed or none could be played, 2 wrong usage or a file that cannot be read."""
    language: Language = options.language or ("en" if os.environ.get("LANGUAGE_CODE", "fr").startswith("en") else "fr")
    try:
        library, form = _definitions(options, language)
        values, variables = _pairs(options.value), _pairs(options.variable)
    except (ValueError, OSError) as error:
        stderr.write(f"{error}\n")
        return 2
    if options.fault == "redis-down" and options.url:
        stderr.write("--fault redis-down needs the throw-away adapter: leave --url out\n")
        return 2
    try:
        report = _play(options, library, form, language, values, variables)
    except (Failed, AdapterFailed) as failure:
        stderr.write(f"{failure}\n")
        return 1
    if options.html:
        try:
            Path(options.html).write_text(as_html(report, language), "utf-8")
        except OSError as error:
            stderr.write(f"{options.html}: {error.strerror}\n")
            return 2
    if options.as_json:
        json.dump(report.as_dict(), stdout, indent=2, ensure_ascii=False, default=str)
        stdout.write("\n")
    else:
        stdout.write(as_text(report, language, calls=options.calls))
    return 0 if report.passed else 1


def _definitions(options: argparse.Namespace, language: Language) -> tuple[Library, Form]:
    paths = [*options.workflow, *options.call, *options.others]
    for path in filter(None, (options.form, *paths)):
        if not os.access(path, os.R_OK):
            raise ValueError(f"{path}: cannot be read")
    if not options.form and options.others:
        # A bundle, or a directory, with one form in it.
        return library_of(paths)
    if not options.form:
        if paths:
            raise ValueError("--workflow and --call need --form")
        library = kit_library(make_kit(language, roles=["Agents"]))
        return library, library.of(Form)[0]
    if not options.workflow and not options.others:
        raise ValueError("--workflow FILE is needed")
    return library_of(paths, options.form)


def _pairs(given: list[str]) -> dict[str, str]:
    found = {}
    for pair in given:
        name, sign, value = pair.partition("=")
        if not sign or not name:
            raise ValueError(f"{pair}: NAME=VALUE is needed")
        found[name] = value
    return found


def _play(
    options: argparse.Namespace,
    library: Library,
    form: Form,
    language: Language,
    values: dict[str, str],
    variables: dict[str, str],
) -> Report:
    with ExitStack() as stack:

        def adapter_for(wcs_url: str) -> Adapter:
            if options.url:
                key = options.key or os.environ.get("REHEARSAL_KEY") or "demo-key"
                return RunningAdapter(options.url.rstrip("/") + "/", options.orig, key)
            redis = DEAD_REDIS if options.fault == "redis-down" else ""
            return stack.enter_context(ThrowAwayAdapter(wcs_url, options.database_url, redis))

        stage = stack.enter_context(
            set_stage(
                library,
                form,
                adapter_for,
                port=free_port(),
                agenda=options.agenda,
                fault=options.fault,
                language=language,
                values=values,
                variables=variables,
                fields={
                    name: found
                    for name in ("slot_field", "meeting_type_field", "agenda_field")
                    if (found := getattr(options, name))
                },
                confined=options.confined,
            )
        )
        return play(stage, options.journey)

"""`wcs export`: write the importable kit."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TextIO

from workflows.definitions import make_kit


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("directory", metavar="DIR", help="where the definitions are written")
    parser.add_argument("--agenda", default="", metavar="SLUG", help="fix the agenda; the form asks for it by default")
    parser.add_argument(
        "--role", action="append", default=[], metavar="NAME", help="role whose agents may submit; may be repeated"
    )
    parser.add_argument("--language", choices=("fr", "en"), default="fr", help="language of the definitions")
    parser.add_argument("--bundle", metavar="FILE", help="also write one application bundle (.tar)")


def run(options: argparse.Namespace, stdout: TextIO, stderr: TextIO) -> int:
    """0 done, 2 wrong usage or a file that cannot be written."""
    try:
        kit = make_kit(options.language, options.agenda, options.role)
    except ValueError as error:
        stderr.write(f"{error}\n")
        return 2
    folder = Path(options.directory)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in kit.files().items():
            (folder / name).write_bytes(content)
            stdout.write(f"{folder / name}\n")
        if options.bundle:
            Path(options.bundle).write_bytes(kit.bundle())
            stdout.write(f"{options.bundle}\n")
    except OSError as error:
        stderr.write(f"{error.filename}: {error.strerror}\n")
        return 2
    return 0

"""`wcs check`: one line a finding, or JSON."""

from __future__ import annotations

import argparse
import json
import os
from typing import TextIO

from workflows.checker import Language, check


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="definition, directory or application bundle")
    parser.add_argument("--json", action="store_true", dest="as_json", help="write a JSON list of findings")
    parser.add_argument("--strict-refs", action="store_true", help="unknown references that w.c.s. refuses are errors")
    parser.add_argument(
        "--known",
        action="append",
        default=[],
        metavar="PATH",
        help="definitions the site has: referred to, not checked",
    )
    parser.add_argument("--role", action="append", metavar="ROLE", help="name or slug of a role of the site")
    parser.add_argument("--language", choices=("fr", "en"), default=None, help="language of the messages")


def run(options: argparse.Namespace, stdout: TextIO, stderr: TextIO) -> int:
    """Check and write the findings; 0 without an error, 1 with one, 2 when a path cannot be read."""
    language: Language = options.language or ("en" if os.environ.get("LANGUAGE_CODE", "fr").startswith("en") else "fr")
    missing = [path for path in (*options.paths, *options.known) if not os.access(path, os.R_OK)]
    for path in missing:
        stderr.write(f"{_printable(path, stderr)}: cannot be read\n")
    if missing:
        return 2
    findings = check(options.paths, options.known, options.strict_refs, language, options.role)
    if options.as_json:
        json.dump([finding.as_dict() for finding in findings], stdout, indent=2)
        stdout.write("\n")
    else:
        stdout.writelines(f"{_printable(str(finding), stdout)}\n" for finding in findings)
    if any(finding.code == "WCS-I001" for finding in findings):
        return 2
    return int(any(finding.severity == "error" for finding in findings))


def _printable(line: str, stream: TextIO) -> str:
    """One line that the stream takes, whatever its encoding and whatever bytes a file name holds."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return line.encode(encoding, "backslashreplace").decode(encoding).replace("\n", "\\n")

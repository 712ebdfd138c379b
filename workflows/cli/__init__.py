"""Command lines of the tools on definitions: `python -m workflows COMMAND`, and the same under `manage.py wcs`."""

from __future__ import annotations

import argparse
from importlib import import_module
from typing import TextIO

#: Command → module with `add_arguments(parser)` and `run(options, stdout, stderr) -> exit code`, and its help.
COMMANDS = {
    "check": ("workflows.cli.check", "check definitions and bundles before w.c.s. sees them"),
    "make-bookable": ("workflows.cli.make_bookable", "make a form and its workflow bookable"),
    "export": ("workflows.cli.export", "write the importable kit: form, workflow, calls, data sources"),
    "rehearse": ("workflows.cli.rehearse", "play a form and its workflow before they are imported"),
    "codes": ("workflows.cli.codes", "write a page with every code that check may report"),
}


def main(arguments: list[str], stdout: TextIO, stderr: TextIO, program: str = "python -m workflows") -> int:
    """Run one command and return its exit code; argparse exits with 2 on a wrong usage."""
    parser = argparse.ArgumentParser(prog=program, description="Tools on w.c.s. definitions")
    commands = parser.add_subparsers(dest="command", required=True)
    wanted = next((argument for argument in arguments if not argument.startswith("-")), "")
    for name, (module, help_text) in COMMANDS.items():
        command = commands.add_parser(name, help=help_text)
        # Only what is asked for is loaded: quicker, and one that cannot be loaded leaves the others usable.
        if name == wanted:
            import_module(module).add_arguments(command)
    options = parser.parse_args(arguments)
    code: int = import_module(COMMANDS[options.command][0]).run(options, stdout, stderr)
    return code

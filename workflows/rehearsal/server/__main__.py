"""`python -m workflows.rehearsal.server`: start the stand-in."""

from __future__ import annotations

import argparse
import datetime
import os
import signal
import sys
from urllib.parse import urlsplit

from workflows.definitions import make_kit
from workflows.reader import Library, load_many

from ..definitions import kit_library
from ..site import Settings, Site
from . import Application, ForbiddenInProduction, demo_people, refuse_production, serve


def arguments() -> argparse.ArgumentParser:
    """What can be said on the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m workflows.rehearsal.server", description="A stand-in for w.c.s., for tries and tests."
    )
    parser.add_argument("paths", nargs="*", metavar="PATH", help="definitions; the kit without any")
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--adapter-url", default="http://127.0.0.1:8000/", help="where the agendas are")
    parser.add_argument("--orig", default="demarches.demo", help="what the stand-in calls itself in signatures")
    parser.add_argument("--adapter-orig", default="agendas.demo", help="what the adapter calls itself")
    parser.add_argument("--key", default="demo-key", help="secret, the same both ways")
    parser.add_argument("--processes", type=int, default=2, help="requests handled at once")
    parser.add_argument("--language", choices=("fr", "en"), default="fr")
    parser.add_argument("--time-zone", default="Europe/Paris")
    return parser


def site_of(options: argparse.Namespace) -> Site:
    """The site that the options describe."""
    library: Library = (
        load_many(options.paths) if options.paths else kit_library(make_kit(options.language, roles=["Agents"]))
    )
    adapter = options.adapter_url.rstrip("/") + "/"
    settings = Settings(
        url=f"http://127.0.0.1:{options.port}/",
        agendas_url=adapter,
        secrets={urlsplit(adapter).hostname or "": options.key},
        known={options.adapter_orig: options.key},
        orig=options.orig,
        time_zone=options.time_zone,
        language=options.language,
        # Records of an earlier start are gone, and the adapter still knows their numbers.
        first_number=minutes_of_year(datetime.datetime.now(datetime.UTC)),
    )
    site = Site(library, settings)
    demo_people(site)
    return site


def minutes_of_year(now: datetime.datetime) -> int:
    """Never the same twice within a year, and short enough to be read."""
    return int((now - datetime.datetime(now.year, 1, 1, tzinfo=datetime.UTC)).total_seconds() // 60) + 1


def main() -> int:
    """Serve until told to stop; 1 when it may not or cannot start."""
    options = arguments().parse_args()
    try:
        refuse_production(os.environ)
        server = serve(Application(site_of(options), processes=options.processes), options.port)
    except (ForbiddenInProduction, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The pages for developers: the picture shows what is imported; files and sections that they name are there."""

from __future__ import annotations

import re
from pathlib import Path

import grimp

from tests.test_house import ROOT, tracked

PAGES = ROOT / "docs/developers"
PICTURE = ROOT / "docs/pictures/packages.svg"
#: What anybody may import: no arrow is drawn to these, and none from them.
ANYBODY = frozenset(
    {"adapter", "browsers", "budgets", "charsets", "clock", "confined", "dates", "deadline"}
    | {"postgresql", "settings", "shared", "urls", "wsgi"}
)
INSIDE = ("services", "queries", "models", "slots")
CONTRACT = re.compile(r"(wcs-xml|wcs-runtime|chrono-api)(?:\.md)?((?:,? (?:and )?§\d+(?:\.\d+)?(?:–§?\d+)?)+)")
FOLLOWED = re.compile(r"follow `(\w+)`$")


def arrows_drawn() -> set[tuple[str, str]]:
    found = [tuple(arrow.split(":")) for arrow in re.findall(r'data-arrow="([^"]+)"', PICTURE.read_text("utf-8"))]
    assert len(found) == len(set(found)) > 10
    # One line with two heads.
    return {(one, other) for one, other in found} | {("tasks", "manager")}


def arrows_imported() -> set[tuple[str, str]]:
    graph = grimp.build_graph("adapter", "workflows", "tasks", exclude_type_checking_imports=True, cache_dir=None)
    found = set()
    for module in graph.modules:
        for other in graph.find_modules_directly_imported_by(module):
            one, two = package_of(module), package_of(other)
            if one == two == "agendas":
                one, two = part_of(module), part_of(other)
            if one != two and not {one, two} & ANYBODY:
                found.add((one, two))
    return found


def package_of(module: str) -> str:
    first, *rest = module.split(".")
    return first if first in ("workflows", "tasks") else (rest or ["adapter"])[0]


def part_of(module: str) -> str:
    """The part of the agendas; errors, labels and the like may be imported by all of them, commands import all."""
    name = module.split(".")[2:3]
    return name[0] if name and name[0] in INSIDE else "adapter"


def test_the_picture_of_packages_shows_the_imports_there_are() -> None:
    assert arrows_drawn() == arrows_imported()


def test_every_file_that_a_page_names_is_there() -> None:
    missing = [
        f"{page.name}: {name}"
        for page in sorted(PAGES.glob("*.md"))
        for name in re.findall(
            r"`((?:adapter|workflows|tasks|tests|docs|deploy|scripts|fixtures)/[\w./-]*)`", page.read_text("utf-8")
        )
        if not (ROOT / name).exists()
    ]
    assert not missing


def test_what_a_page_says_to_follow_stands_in_each_file_of_the_way() -> None:
    """``## …: follow `NAME```: each step's files hold that name, so that the way is one that was really gone."""
    page = (PAGES / "changing.md").read_text("utf-8")
    lost, followed = [], 0
    for section in page.split("\n## ")[1:]:
        heading, _line, text = section.partition("\n")
        name = FOLLOWED.search(heading)
        if name is None:
            continue
        followed += 1
        for step in re.findall(r"^\d+\. (.*?)(?=^\d+\. |^$|\Z)", text, re.MULTILINE | re.DOTALL):
            files = re.findall(r"`(adapter/[\w./-]+\.(?:py|html))`", step)
            words = {name[1], name[1].lower(), *re.findall(r"`(\w+)`", step)}
            lost += [file for file in files if not any(word in (ROOT / file).read_text("utf-8") for word in words)]
    assert followed == 3
    assert not lost


def test_every_section_of_the_contract_that_the_code_names_is_explained() -> None:
    page = (PAGES / "contract.md").read_text("utf-8")
    explained: dict[str, set[int]] = {}
    for part in page.split("\n## `")[1:]:
        rows = re.findall(r"^\| ([\d, ]+) \|", part, re.MULTILINE)
        explained[part.split("`")[0]] = {int(number) for row in rows for number in row.split(",")}
    named = [
        (document, int(number), file)
        for file in tracked(".py")
        if file != Path(__file__).resolve()
        for document, sections in CONTRACT.findall(file.read_text("utf-8"))
        for number in re.findall(r"§(\d+)", sections)
    ]
    assert len(named) > 100
    assert not [(document, number, str(file)) for document, number, file in named if number not in explained[document]]

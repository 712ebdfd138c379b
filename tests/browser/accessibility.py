"""What axe-core finds on a page that a browser shows."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# Without the lists of what passed, which take most of the time.
OPTIONS = {"resultTypes": ["violations"]}


def serious_faults(page: Page, name: str = "") -> list[str]:
    """Each serious or critical fault: ``name`` of the page, axe's rule, and the first element."""
    violations = Axe().run(page, options=OPTIONS).response["violations"]
    return [
        f"{name} {item['id']} {item['nodes'][0]['html'][:150]}".strip()
        for item in violations
        if item["impact"] in ("serious", "critical")
    ]

"""What axe finds on a page, and nothing it does not: passed rules are not even written down."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
"""Tags of axe: WCAG 2.2 A and AA, and its own best practice."""

COLOURS = {"type": "rule", "values": ["color-contrast"]}
"""Of all rules only this one sees the colours: enough for a page looked at in the other scheme."""

_SCRIPT = Axe().axe_script
_RUN = "options => 'axe' in window ? axe.run(document, options) : null"


def violations(page: Page, only: dict[str, Any] | None = None) -> list[tuple[str, str]]:
    """Return (rule, first element) of what is wrong; ``only`` narrows to some rules of axe's."""
    options = {
        "runOnly": only or {"type": "tag", "values": RULES},
        "resultTypes": ["violations"],
    }
    told = page.evaluate(_RUN, options)
    if told is None:
        page.evaluate(_SCRIPT)
        told = page.evaluate(_RUN, options)
    return [(hit["id"], hit["nodes"][0]["html"][:200]) for hit in told["violations"]]

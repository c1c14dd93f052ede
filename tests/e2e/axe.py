"""axe on a page: WCAG 2.0 to 2.2, A and AA."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules whose answer depends on the theme."""


def violations(page: Page, *, rules: list[str] | None = None) -> list[str]:
    """Return what axe finds, one line per element; ``rules`` runs those alone."""
    _let_settle(page)
    only: dict[str, Any] = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": TAGS}
    found = Axe().run(page, options={"runOnly": only, "resultTypes": ["violations"]}).response["violations"]
    return [f"{rule['id']}: {node['target']} {node['html'][:160]}" for rule in found for node in rule["nodes"]]


def _let_settle(page: Page) -> None:
    """Half-faded colours are nobody's choice: let running animations end."""
    page.evaluate(
        "() => Promise.race([Promise.allSettled(document.getAnimations().filter((each) =>"
        " each.effect?.getComputedTiming().iterations !== Infinity).map((each) => each.finished)),"
        " new Promise((done) => setTimeout(done, 1000))])"
    )


def assert_accessible(page: Page) -> None:
    """Fail with the list of what axe finds."""
    found = violations(page)
    assert not found, f"{page.url}\n" + "\n".join(found)

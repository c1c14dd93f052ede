"""axe on a page: WCAG 2.0 to 2.2, A and AA."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules whose answer depends on the theme."""
# Half-faded colours are nobody's choice: transitions may end first, and those that they set off further inside.
_START = """
([only, within]) => {
  const isPassing = (each) => each.effect?.getComputedTiming().iterations !== Infinity
  const look = async () => {
    for (let frame = 0; frame < 120 && document.getAnimations().some(isPassing); frame += 1) {
      await new Promise(requestAnimationFrame)
    }
    const options = { runOnly: only, resultTypes: ['violations'], preload: { assets: ['media'] } }
    const { violations } = await window.axe.run(within ?? document, options)
    return violations.flatMap((rule) =>
      rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 160)} ${node.failureSummary.slice(0, 240)}`))
  }
  window.__looking = new Promise((later) => setTimeout(later)).then(look)
}
"""


def start_looking(page: Page, *, rules: list[str] | None = None, within: str | None = None) -> None:
    """Let axe begin and do not wait for it, so that several pages are looked at together; ``within`` is a selector."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    only: dict[str, Any] = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": TAGS}
    page.evaluate(_START, [only, within])


def violations(page: Page) -> list[str]:
    """Return what axe found since it was started, one line per element."""
    found: list[str] = page.evaluate("() => window.__looking")
    return found


def assert_accessible(page: Page) -> None:
    """Fail with the list of what axe finds."""
    start_looking(page)
    found = violations(page)
    assert not found, f"{page.url}\n" + "\n".join(found)

"""axe on a page: WCAG 2.0 to 2.2, A and AA."""

from typing import Any, Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules whose answer depends on the theme; they cost more than all the others."""
Look = Literal["everything", "structure", "colours"]
# Half-faded colours are nobody's choice: transitions may end first, and those that they set off further inside.
_START = """
([options, within, eachOnce]) => {
  const isPassing = (each) => each.effect?.getComputedTiming().iterations !== Infinity
  // Of what looks the same, as the rows of a table do, one is enough: the same element, styled the same, in the same.
  const STATES = /^(class|style|disabled|type|aria-(?!label|controls)|data-(?!key|seq|row))/
  const differentTexts = (root) => {
    const looks = new Map()
    const ids = new Map()
    const idOf = (each) => {
      if (each === null) return 0
      if (!ids.has(each)) {
        const states = [...each.attributes].filter(({ name }) => STATES.test(name))
        const look = [idOf(each.parentElement), each.localName, ...states.map(({ name, value }) => `${name}=${value}`)]
        const key = look.join(' ')
        if (!looks.has(key)) looks.set(key, looks.size + 1)
        ids.set(each, looks.get(key))
      }
      return ids.get(each)
    }
    const found = new Map()
    for (const each of root.querySelectorAll('*')) {
      const texts = [...each.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE)
      const hasWords = texts.some(({ data }) => data.trim() !== '')
      if (!hasWords && !each.matches('input, textarea, select')) continue
      const { color, backgroundColor, opacity } = getComputedStyle(each)
      const key = `${idOf(each)} ${color} ${backgroundColor} ${opacity}`
      if (!found.has(key)) found.set(key, each)
    }
    return [...found.values()]
  }
  const look = async () => {
    for (let frame = 0; frame < 120 && document.getAnimations().some(isPassing); frame += 1) {
      await new Promise(requestAnimationFrame)
    }
    const root = within === null ? document : [...document.querySelectorAll(within)].at(-1)
    const places = eachOnce ? differentTexts(root) : [root]
    if (places.length === 0) return []
    const { violations } = await window.axe.run({ include: places }, options)
    return violations.flatMap((rule) =>
      rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 160)} ${node.failureSummary.slice(0, 240)}`))
  }
  window.__looking = new Promise((later) => setTimeout(later)).then(look)
}
"""


def start_looking(page: Page, look: Look = "everything", *, within: str | None = None) -> None:
    """Let axe begin and do not wait for it, so that several pages are looked at together; ``within`` is a selector."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    is_colours = look == "colours"
    options: dict[str, Any] = {
        "runOnly": {"type": "rule", "values": COLOURS} if is_colours else {"type": "tag", "values": TAGS},
        "resultTypes": ["violations"],
        "preload": {"assets": ["media"]},
    }
    if look == "structure":
        options["rules"] = {rule: {"enabled": False} for rule in COLOURS}
    page.evaluate(_START, [options, within, is_colours])


def violations(page: Page) -> list[str]:
    """Return what axe found since it was started, one line per element."""
    found: list[str] = page.evaluate("() => window.__looking")
    return found


def assert_accessible(page: Page) -> None:
    """Fail with the list of what axe finds."""
    start_looking(page)
    found = violations(page)
    assert not found, f"{page.url}\n" + "\n".join(found)

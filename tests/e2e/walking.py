"""Walking through a page by keyboard: whatever reacts to a click must be reached, and must say what it is."""

from typing import Any

import msgspec
from playwright.sync_api import BrowserContext, Page

# Whoever listens for clicks is remembered, whichever library asked for it.
_REMEMBER = """
(() => {
  const listening = (window.__clickable = new WeakSet())
  const add = EventTarget.prototype.addEventListener
  EventTarget.prototype.addEventListener = function (type, ...rest) {
    if ((type === 'click' || type === 'dblclick') && this instanceof Element) listening.add(this)
    return add.call(this, type, ...rest)
  }
  const reached = (window.__reached = new WeakSet())
  document.addEventListener('focusin', (event) => reached.add(event.target), true)
})()
"""
# The elements a person could want to use. A label passes its click on to a control, which is judged by itself.
_CONTROLS = """
() => {
  const NATIVE = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [contenteditable=true], '
    + '[role=button], [role=link], [role=checkbox], [role=radio], [role=switch], [role=tab], [role=menuitem], '
    + '[role=option], [role=slider], [role=separator][tabindex], [role=combobox], [role=textbox]'
  const isThere = (each) => each.checkVisibility({ visibilityProperty: true })
    && !each.closest('[inert], [aria-hidden=true]') && each.getBoundingClientRect().width > 0
  window.__controls = () => [...document.querySelectorAll('*')].filter((each) =>
    (each.matches(NATIVE) || window.__clickable.has(each) || each.onclick !== null) && isThere(each)
    && !each.disabled && each.getAttribute('aria-disabled') !== 'true' && each.localName !== 'label')
  return window.__controls().filter((each) => each.tabIndex >= 0).length
}
"""
_MISSED = """
() => {
  // One stop for the whole group, arrow keys inside (ARIA): these are judged by the group.
  const GROUPS = {
    radio: '[role=radiogroup]', tab: '[role=tablist]', option: '[role=listbox]', menuitem: '[role=menu]',
  }
  const inReachedGroup = (each) => {
    const group = each.closest(GROUPS[each.computedRole] ?? ':not(*)')
    return group !== null && window.__controls().some((other) => group.contains(other) && window.__reached.has(other))
  }
  const describe = (each) => each.outerHTML.slice(0, 160)
  const controls = window.__controls()
  return {
    count: controls.length,
    reached: controls.filter((each) => window.__reached.has(each)).length,
    missed: controls.filter((each) => !window.__reached.has(each) && !inReachedGroup(each)).map(describe),
    nameless: controls.filter((each) => each.computedName.trim() === '').map(describe),
  }
}
"""
# Lists in which arrows move and Tab passes: the rows, and what each row offers while one is on it.
_ROVING = """
() => {
  const lists = '[role=log], ul, ol, [role=grid], [role=tree], [role=group]'
  const found = [...document.querySelectorAll(lists)].filter((list) =>
    window.__controls().some((each) => list.contains(each) && each.tabIndex < 0 && !window.__reached.has(each))
    && list.querySelector('[tabindex="0"]') !== null)
  window.__lists = found
  return found.length
}
"""
_ENTER_LIST = """
(index) => {
  const list = window.__lists[index]
  list.querySelector('[tabindex="0"]').focus()
  return Math.min(60, window.__controls().filter((each) => list.contains(each) && each.tabIndex < 0).length + 2)
}
"""
_SEE_ROW = """
(index) => {
  for (const each of window.__controls()) {
    if (window.__lists[index].contains(each) && each.tabIndex >= 0) window.__reached.add(each)
  }
}
"""


class Walk(msgspec.Struct, frozen=True):
    """What a walk through a page found."""

    count: int
    """Controls on the page."""
    reached: int
    missed: list[str]
    nameless: list[str]


def prepare(context: BrowserContext) -> None:
    """Watch who listens for clicks and who gets the focus, from the first script of every page on."""
    context.add_init_script(_REMEMBER)


def walk(page: Page) -> Walk:
    """Tab through the whole page, then move by arrows through the lists that are one stop each."""
    page.evaluate("() => document.activeElement?.blur()")
    stops: int = page.evaluate(_CONTROLS)
    for _ in range(stops + 3):
        page.keyboard.press("Tab")
    for index in range(page.evaluate(_ROVING)):
        for key in ("ArrowUp", "ArrowDown"):
            for _ in range(page.evaluate(_ENTER_LIST, index)):
                page.evaluate(_SEE_ROW, index)
                page.keyboard.press(key)
            page.evaluate(_SEE_ROW, index)
    found: dict[str, Any] = page.evaluate(_MISSED)
    return msgspec.convert(found, Walk)


def check_dialog(page: Page, opens: Any) -> None:  # noqa: ANN401  a Locator; it may be re-made by the page
    """Open a dialog by keyboard: focus goes in, stays in, Esc closes it, focus comes back to where it was."""
    opens.focus()
    opens.press("Enter")
    dialog = page.get_by_role("dialog").last
    dialog.wait_for()
    inside = "() => document.activeElement.closest('[role=dialog], [role=alertdialog]') !== null"
    page.wait_for_function(inside)
    for key in ["Tab"] * 12 + ["Shift+Tab"] * 15:
        page.keyboard.press(key)
        assert page.evaluate(inside), f"{key} left the dialog"
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    page.wait_for_function("(element) => document.activeElement === element", arg=opens.element_handle())

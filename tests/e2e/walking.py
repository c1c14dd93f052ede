"""Walking through a page by keyboard: whatever reacts to a click must be reached, and must say what it is."""

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
  // Where arrows move from row to row, Tab goes on to what the row under the focus offers: that is reached, too.
  const see = () => {
    const at = document.activeElement
    if (at === null) return
    reached.add(at)
    const row = at.closest('article, li, [role=row]')
    row?.querySelectorAll('*').forEach((each) => each.tabIndex >= 0 && reached.add(each))
  }
  document.addEventListener('focusin', see, true)
  new MutationObserver(see).observe(document, { subtree: true, childList: true, attributeFilter: ['tabindex'] })
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
  window.__controls = (inside = document) => [...inside.querySelectorAll('*')].filter((each) =>
    (each.matches(NATIVE) || window.__clickable.has(each) || each.onclick !== null) && isThere(each)
    && !each.disabled && each.getAttribute('aria-disabled') !== 'true' && each.localName !== 'label')
  return window.__controls().filter((each) => each.tabIndex >= 0).length
}
"""
_MISSED = """
() => {
  const controls = window.__controls()
  // One stop for the whole group, arrow keys inside (ARIA): these are judged by the group.
  const GROUPS = {
    radio: '[role=radiogroup]', tab: '[role=tablist]', option: '[role=listbox]', menuitem: '[role=menu]',
  }
  const inReachedGroup = (each) => {
    // The arrow of a combobox is for the mouse: its field opens the same list by keyboard.
    const field = each.tabIndex < 0 && each.ariaHasPopup === 'listbox' && each.getAttribute('aria-controls')
    if (field) return document.querySelector(`[role=combobox][aria-controls="${field}"]`)?.tabIndex >= 0
    // Its open list is moved through by arrows while the focus stays in the field.
    const list = each.closest('[role=listbox][id]')
    if (list !== null && window.__reached.has(document.querySelector(`[aria-controls="${list.id}"]`))) return true
    const group = each.closest(GROUPS[each.computedRole] ?? ':not(*)')
    return group !== null && controls.some((other) => group.contains(other) && window.__reached.has(other))
  }
  // The browser's own answer is dear: it is asked for those alone whose name is not plain to see.
  const isRead = (text) => text.data.trim() !== '' && text.parentElement.closest('[aria-hidden=true]') === null
  const isNamed = (each) => {
    if (each.getAttribute('aria-label')?.trim()) return true
    const texts = document.createTreeWalker(each, NodeFilter.SHOW_TEXT)
    const byContent = each.matches('a[href], button, [role=option]')
    while (byContent && texts.nextNode()) if (isRead(texts.currentNode)) return true
    return each.computedName.trim() !== ''
  }
  const describe = (each) => each.outerHTML.slice(0, 160)
  return {
    count: controls.length,
    reached: controls.filter((each) => window.__reached.has(each)).length,
    missed: controls.filter((each) => !window.__reached.has(each) && !inReachedGroup(each)).map(describe),
    nameless: controls.filter((each) => !isNamed(each)).map(describe),
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
_ENTER_LIST = "(index) => window.__lists[index].querySelector('[tabindex=\"0\"]').focus()"
_LEFT = """
(index) => new Promise(requestAnimationFrame).then(() =>
  window.__controls(window.__lists[index]).filter((each) => !window.__reached.has(each)).length)
"""
MOST_ROWS, ROWS_AT_ONCE = 96, 8


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
    _tab_through(page)
    for index in range(page.evaluate(_ROVING)):
        for key in ("ArrowUp", "ArrowDown"):
            page.evaluate(_ENTER_LIST, index)
            for _ in range(MOST_ROWS // ROWS_AT_ONCE):
                if page.evaluate(_LEFT, index) == 0:
                    break
                for _ in range(ROWS_AT_ONCE):
                    page.keyboard.press(key)
    found = msgspec.convert(page.evaluate(_MISSED), Walk)
    if found.missed:
        # What came up on the way, as the button back to the latest message does.
        _tab_through(page)
        found = msgspec.convert(page.evaluate(_MISSED), Walk)
    return found


def _tab_through(page: Page) -> None:
    page.evaluate("() => document.activeElement?.blur()")
    stops: int = page.evaluate(_CONTROLS)
    for _ in range(stops + 3):
        page.keyboard.press("Tab")

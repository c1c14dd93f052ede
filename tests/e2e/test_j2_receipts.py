"""J2: what became of a message, and taking one back so that nothing of it stays anywhere."""

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.e2e.axe import assert_accessible
from tests.e2e.browser import DESKTOP, PHONE, SMALL_WINDOW, Locale, Size
from tests.e2e.conftest import Seats, World
from tests.e2e.consumer import Consumer
from tests.e2e.guide import Guide
from tests.e2e.keeping import keeps, wait_until_kept
from tests.e2e.meeting import meet, sit_down
from tests.e2e.seeding import Shop
from tests.e2e.thread import ThreadScreen

NICKNAME = "李先生"
TEXT = "你好，试试这双新跑鞋"
AT_ONCE_MS = 500
"""Far above the budget of 50 ms (ux.md §8): a loaded machine may be slow, but nothing may wait for the server."""

_OBSERVE = """
(text) => {
  const seen = (window.__standings = [])
  let pressed = 0
  addEventListener('keydown', (event) => event.key === 'Enter' && (pressed = performance.now()), true)
  const look = () => {
    const own = [...document.querySelectorAll('[role=log] article')].findLast((each) => each.innerText.includes(text))
    const state = own?.querySelector('[data-standing]')?.dataset.standing
    if (state && seen.at(-1)?.state !== state) seen.push({ state, after: performance.now() - pressed })
  }
  const everything = { subtree: true, childList: true, attributes: true }
  new MutationObserver(look).observe(document.querySelector('[role=log]'), everything)
}
"""


@pytest.mark.parametrize(("size", "locale"), [(SMALL_WINDOW, "en"), (DESKTOP, "zh-CN")], ids=["small-en", "desktop-zh"])
def test_sent_read_and_taken_back(world: World, shop: Shop, seats: Seats, size: Size, locale: Locale) -> None:
    met = meet(world, shop, NICKNAME)
    guide, consumer = Guide(seats.take(size, locale)), Consumer(seats.take(PHONE, locale))
    guide.seat.sign_in("staff", shop.tokens["staff/xiaoming"])
    sit_down(consumer.seat, met)
    consumer.show_receipts()
    consumer.open_list()
    guide.page.goto("/staff/")
    ours = guide.open_chat(NICKNAME)
    expect(ours.composer).to_be_visible()

    _compose(ours)
    expect(ours.standing(TEXT, "sent")).to_be_attached()
    standings = guide.page.evaluate("() => window.__standings")
    *clocks, last = [each["state"] for each in standings]
    assert clocks, standings
    assert set(clocks) <= {"queued", "sending"}, standings
    assert last == "sent", standings
    assert standings[0]["after"] < AT_ONCE_MS

    theirs = consumer.open_chat("小明")
    expect(theirs.message(TEXT)).to_be_visible()
    expect(ours.standing(TEXT, "read")).to_be_attached()

    sides = ((ours, "staff"), (theirs, "consumer"))
    for screen, surface in sides:
        wait_until_kept(screen.page, surface, TEXT)
    ours.recall(TEXT)
    expect(ours.stub(None)).to_be_visible()
    expect(theirs.stub("小明")).to_be_visible()
    theirs.seat.reload()
    expect(theirs.stub("小明")).to_be_visible()

    for screen, surface in sides:
        assert TEXT not in screen.page.content()
        _wait_until_gone(screen.page, surface)
        for path in (
            f"conversations/{met.conversation_id}/entries?limit=200",
            f"conversations/{met.conversation_id}",
            "conversations",
            "sync",
        ):
            assert TEXT not in screen.seat.context.request.get(f"/api/{surface}/{path}").text()
        assert_accessible(screen.page)


def _compose(ours: ThreadScreen) -> None:
    """Write with an input method. Enter belongs to it while it composes, and sends as soon as it does not."""
    page, ime = ours.page, ours.seat.context.new_cdp_session(ours.page)
    page.evaluate(_OBSERVE, TEXT)
    ours.composer.focus()
    before = ours.log.get_by_role("article").count()
    for key_code in (13, 229):
        ime.send("Input.imeSetComposition", {"text": TEXT[:2], "selectionStart": 2, "selectionEnd": 2})
        _press_enter(ime, key_code)
        page.wait_for_timeout(200)
        assert ours.log.get_by_role("article").count() == before, f"Enter ({key_code}) sent what was being composed"
        expect(ours.composer).to_have_value(TEXT[:2])
    ime.send("Input.insertText", {"text": TEXT[:2]})
    expect(ours.composer).to_have_value(TEXT[:2])
    page.keyboard.insert_text(TEXT[2:])
    expect(ours.composer).to_have_value(TEXT)
    page.keyboard.press("Enter")
    expect(ours.message(TEXT)).to_be_visible()
    expect(ours.composer).to_have_value("")


def _press_enter(ime: CDPSession, key_code: int) -> None:
    for kind in ("rawKeyDown", "keyUp"):
        ime.send(
            "Input.dispatchKeyEvent", {"type": kind, "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": key_code}
        )


def _wait_until_gone(page: Page, surface: str) -> None:
    for _ in range(50):
        if not keeps(page, surface, TEXT):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{surface} still keeps the text that was taken back")

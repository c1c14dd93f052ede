"""J9: nothing that was written without a network is lost, doubled or out of order, not even through a reload."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import assert_accessible
from tests.e2e.browser import DESKTOP, PHONE, Locale, Size
from tests.e2e.conftest import RESTARTED_MS, Seats, World
from tests.e2e.consumer import Consumer
from tests.e2e.guide import CHATS, Guide
from tests.e2e.meeting import meet, sit_down
from tests.e2e.seeding import Shop
from tests.e2e.thread import ThreadScreen, stored
from tests.e2e.words import words

NICKNAME = "周同学"
CAUGHT_UP_S = 10.0


@pytest.mark.parametrize(("size", "locale"), [(PHONE, "zh-CN"), (DESKTOP, "en")], ids=["phone-zh", "desktop-en"])
def test_offline_and_back(world: World, shop: Shop, seats: Seats, size: Size, locale: Locale) -> None:
    met = meet(world, shop, NICKNAME)
    guide, consumer = Guide(seats.take(size, locale)), Consumer(seats.take(PHONE, locale))
    guide.seat.sign_in("staff", shop.tokens["staff/xiaoming"])
    sit_down(consumer.seat, met)
    guide.page.goto("/staff/")
    _wait_for_shell(guide)
    ours = guide.open_chat(NICKNAME)
    consumer.page.goto(f"/c/chats/{met.conversation_id}")
    theirs = ThreadScreen(consumer.seat, "小明")
    expect(theirs.composer).to_be_visible()

    _one_round(world, seats, guide, ours, theirs, first=1, reloads=False)
    _compare(ours, theirs, met.conversation_id, 1 + 8)

    _one_round(world, seats, guide, ours, theirs, first=9, reloads=True)
    # What went out by itself has read nothing: the five that came meanwhile are still to be seen.
    _expect_unread(guide, 5)
    for number in (14, 15):
        theirs.write(f"客户 {number}")
    _expect_unread(guide, 7)
    guide.open_chat(NICKNAME)
    expect(ours.message("客户 15")).to_be_visible()
    _compare(ours, theirs, met.conversation_id, 1 + 8 + 8 + 2)
    assert_accessible(guide.page)
    if size == PHONE:
        guide.open_list()
    _expect_unread(guide, 0)
    for screen in (ours, theirs):
        assert_accessible(screen.page)


def _wait_for_shell(guide: Guide) -> None:
    """Wait until the app would start without a network."""
    guide.page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    guide.seat.reload()
    guide.page.wait_for_function("() => navigator.serviceWorker.controller !== null")


def _one_round(
    world: World, seats: Seats, guide: Guide, ours: ThreadScreen, theirs: ThreadScreen, *, first: int, reloads: bool
) -> None:
    """The guide writes three messages offline, the consumer five meanwhile; the server falls over; all come back."""
    mine = [f"导购 {number}" for number in range(first, first + 3)]
    others = [f"客户 {number}" for number in range(first, first + 5)]
    seats.expect_outage()
    guide.seat.context.set_offline(True)
    for text in mine:
        ours.write(text)
        expect(ours.standing(text, "queued")).to_be_attached()
    expect(guide.offline_bar(3)).to_be_visible()
    for text in others:
        theirs.write(text)
        expect(theirs.standing(text, "sent").or_(theirs.message(text))).not_to_have_count(0)
    expect(theirs.standing(others[-1], "sent")).to_be_attached()
    if reloads:
        guide.seat.reload()
        for text in mine:
            expect(ours.message(text)).to_be_visible()
            expect(ours.standing(text, "queued")).to_be_attached()
        expect(guide.offline_bar(3)).to_be_visible()
        assert_accessible(guide.page)
        guide.open_list()
        if guide.seat.size == DESKTOP:
            guide.page.goto("/staff/")
    world.server.kill()
    guide.seat.context.set_offline(False)
    world.server.start()
    began = time.monotonic()
    # After the reload the guide looks at the list; the other side shows that everything arrived.
    for screen in (theirs,) if reloads else (ours, theirs):
        for text in mine + others:
            expect(screen.message(text)).to_have_count(1, timeout=RESTARTED_MS)
    waiting = theirs.log.locator("[data-standing=sending], [data-standing=queued]")
    expect(waiting).to_have_count(0, timeout=RESTARTED_MS)
    expect(guide.offline_bar(3)).to_have_count(0, timeout=RESTARTED_MS)
    if not reloads and guide.seat.size == DESKTOP:
        _expect_unread(guide, 0)
    assert time.monotonic() - began <= CAUGHT_UP_S
    seats.expect_outage(ends=True)


def _expect_unread(guide: Guide, count: int) -> None:
    """The row, the segment and the navigation count the same: as many, or nothing at all."""
    segment = guide.say(CHATS, "list.unread")
    if count:
        badge = words(guide.seat.locale, "ui", "badge.unread", count=count)
        expect(guide.row(NICKNAME)).to_contain_text(badge)
        expect(guide.page.get_by_role("navigation")).to_contain_text(
            words(guide.seat.locale, "ui", "badge.unread", count=1)
        )
        expect(guide.page.get_by_role("radio", name=f"{segment} 1")).to_be_visible()
        return
    for place in (guide.row(NICKNAME), guide.page.get_by_role("navigation")):
        expect(place).not_to_contain_text(re.compile(r"未读|unread"))
    expect(guide.page.get_by_role("radio", name=segment, exact=True)).to_be_visible()


def _compare(ours: ThreadScreen, theirs: ThreadScreen, conversation_id: str, count: int) -> None:
    """Both screens and the server's answers to both are the same."""
    said = stored(ours.seat, "staff", conversation_id)
    assert len(said) == count
    assert len({text for _, _, text in said}) == count
    assert stored(theirs.seat, "consumer", conversation_id) == said
    for speaker in ("导购", "客户"):
        numbers = [int(text.partition(" ")[2]) for _, _, text in said if text.startswith(speaker)]
        assert numbers == sorted(numbers), "somebody's own messages changed their order"
    assert ours.read_all() == said
    assert theirs.read_all() == said

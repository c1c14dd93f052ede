"""J1: a consumer scans a guide's code and is talking to a named, verified employee one tap later."""

import time
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.e2e.axe import assert_accessible
from tests.e2e.browser import DESKTOP, PHONE, Locale, Size
from tests.e2e.conftest import RESTARTED_MS, Seats, World
from tests.e2e.consumer import LANDING, Consumer
from tests.e2e.guide import Guide, is_on_top
from tests.e2e.meeting import meet
from tests.e2e.seeding import GREETING, GUIDE, PASSWORD, Shop
from tests.e2e.thread import ThreadScreen, stored

NICKNAME, OUTWARD = "王女士", "小明"
WELCOME_S = 3.0


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A photo to send."""
    path = tmp_path / "shoes.png"
    Image.effect_noise((640, 480), 60).convert("RGB").save(path)
    return path


@pytest.mark.parametrize(("size", "locale"), [(PHONE, "zh-CN"), (DESKTOP, "en")], ids=["phone-zh", "desktop-en"])
def test_from_the_code_to_the_conversation(
    world: World, shop: Shop, seats: Seats, picture: Path, size: Size, locale: Locale
) -> None:
    meet(world, shop, "老顾客")
    guide, consumer = Guide(seats.take(size, locale)), Consumer(seats.take(PHONE, locale))
    guide.sign_in(shop.short_name, GUIDE, PASSWORD)
    expect(guide.row("老顾客")).to_be_visible()

    code = guide.show_code(OUTWARD)
    source = code.get_attribute("src") or ""
    assert source.startswith(f"/q/{shop.code}.svg")
    drawn = guide.seat.context.request.get(source).text()
    assert "<text" in drawn, "the code carries no mark of the company"
    assert code.evaluate("(image) => image.complete && image.naturalWidth > 0")
    assert_accessible(guide.page)

    consumer.scan(shop.code)
    card = consumer.page.get_by_role("main")
    for fact in (OUTWARD, shop.badge, "运动馆导购", "蓝湾人民广场店", "上海市黄浦区南京西路 100 号", shop.name):
        expect(card.get_by_text(fact).first).to_be_visible()
    expect(card.get_by_text(consumer.say(LANDING, "privacy.line", corp=shop.short_name))).to_be_visible()
    assert_accessible(consumer.page)

    began = time.monotonic()
    theirs = consumer.accept(OUTWARD, NICKNAME)
    welcome = GREETING.format(customer=NICKNAME, corp=shop.short_name, member=OUTWARD)
    expect(theirs.message(welcome)).to_be_visible(timeout=WELCOME_S * 1000)
    assert time.monotonic() - began <= WELCOME_S

    expect(guide.arrival(NICKNAME)).to_be_visible()
    assert is_on_top(guide.arrival(NICKNAME)), "the notice lies behind the code that fills the screen"
    guide.open_arrival()
    ours = ThreadScreen(guide.seat, NICKNAME)
    expect(ours.message(welcome)).to_be_visible()
    guide.open_list()
    expect(guide.rows.first).to_contain_text(NICKNAME)
    expect(guide.rows.nth(1)).to_contain_text("老顾客")
    guide.open_chat(NICKNAME)
    conversation_id = consumer.conversation_id()

    _talk(ours, theirs, picture)
    _survive_a_crash(world, seats, ours, theirs)
    _recall(ours, theirs)

    _compare(ours, theirs, conversation_id)
    for screen in (ours, theirs):
        screen.seat.reload()
        expect(screen.message("收到，谢谢")).to_be_visible()
    _compare(ours, theirs, conversation_id)
    for screen in (ours, theirs):
        assert_accessible(screen.page)


def _talk(ours: ThreadScreen, theirs: ThreadScreen, picture: Path) -> None:
    """Text, a picture and a voice message each way, and what was read."""
    ours.write("您好，想看哪一款？")
    expect(theirs.message("您好，想看哪一款？")).to_be_visible()
    theirs.write("想要缓震好的 🏃")
    expect(ours.message("想要缓震好的 🏃")).to_be_visible()
    expect(theirs.standing("想要缓震好的 🏃", "read")).to_be_attached()
    # A consumer shows what they read only after saying so.
    expect(ours.standing("您好，想看哪一款？", "sent")).to_be_attached()

    for count, (speaker, listener) in enumerate([(ours, theirs), (theirs, ours)], start=1):
        speaker.send_picture(picture)
        for screen in (speaker, listener):
            expect(screen.pictures()).to_have_count(count)
        image = listener.pictures().last.get_by_role("img")
        expect(image).to_have_js_property("complete", value=True)
        assert image.evaluate("(image) => image.naturalWidth") > 0
        speaker.send_voice(1.2)
        for screen in (speaker, listener):
            expect(screen.voices()).to_have_count(count)
        listener.voices().last.click()
        expect(listener.log.get_by_role("button", name=listener.say("message.pause"))).to_have_count(1)
        expect(listener.voices()).to_have_count(count)


def _survive_a_crash(world: World, seats: Seats, ours: ThreadScreen, theirs: ThreadScreen) -> None:
    """What is written while the server has been killed waits, and goes out once."""
    seats.expect_outage()
    world.server.kill()
    ours.write("这双可以试试")
    theirs.write("好的，我看看")
    for screen, text in ((ours, "这双可以试试"), (theirs, "好的，我看看")):
        expect(screen.message(text)).to_have_count(1)
    world.server.start()
    for screen in (ours, theirs):
        for text in ("这双可以试试", "好的，我看看"):
            expect(screen.message(text)).to_have_count(1, timeout=RESTARTED_MS)
    expect(ours.standing("这双可以试试", "sent")).to_be_attached(timeout=RESTARTED_MS)
    expect(theirs.standing("好的，我看看", "read")).to_be_attached(timeout=RESTARTED_MS)
    seats.expect_outage(ends=True)


def _recall(ours: ThreadScreen, theirs: ThreadScreen) -> None:
    theirs.write("打错了")
    expect(ours.message("打错了")).to_be_visible()
    theirs.recall("打错了")
    expect(theirs.stub(None)).to_be_visible()
    expect(ours.stub(NICKNAME)).to_be_visible()
    expect(ours.message("打错了")).to_have_count(0)
    ours.write("收到，谢谢")
    expect(theirs.message("收到，谢谢")).to_be_visible()


def _compare(ours: ThreadScreen, theirs: ThreadScreen, conversation_id: str) -> None:
    """Both screens and the server's answers to both are the same, each message once and in order."""
    said = stored(ours.seat, "staff", conversation_id)
    assert stored(theirs.seat, "consumer", conversation_id) == said
    assert [seq for seq, _, _ in said] == sorted({seq for seq, _, _ in said})
    assert [kind for _, kind, _ in said].count("image") == 2
    assert [kind for _, kind, _ in said].count("voice") == 2
    assert ours.read_all() == said
    assert theirs.read_all() == said

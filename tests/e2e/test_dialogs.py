"""Everything that opens above a page takes the focus, keeps it, goes away with Esc and gives the focus back."""

from collections.abc import Iterator

import httpx
import msgspec
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.conftest import NO_TLS
from tests.e2e.axe import start_looking, violations
from tests.e2e.browser import DESKTOP, Seat
from tests.e2e.conftest import World
from tests.e2e.overlays import OVERLAYS, Overlay, Step, sources
from tests.e2e.screens import find_ids
from tests.e2e.stage import REMEMBER, SIZES, Stage
from tests.e2e.words import named

# The panel that opened last, and how many stops it has.
_ENTERED = """
(role) => {
  const panel = (window.__panel = [...document.querySelectorAll(`[role=${role}]`)].at(-1))
  if (panel === undefined || !panel.contains(document.activeElement)) return 0
  return [...panel.querySelectorAll('*')].filter((each) => each.tabIndex >= 0).length + 1
}
"""
# Once what the key set off has happened, as a list of choices that closes.
_IS_INSIDE = """
() => new Promise(requestAnimationFrame).then(() => new Promise((later) => setTimeout(later)))
  .then(() => window.__panel.contains(document.activeElement))
"""
MOST_STOPS = 24


class Desk(msgspec.Struct, frozen=True):
    """Somebody who is signed in to all apps."""

    stage: Stage
    ids: dict[str, str]


@pytest.fixture(scope="module")
def desk(world: World, chromium: Browser) -> Iterator[Desk]:
    """The page on which everything is opened."""
    seat = Seat(chromium, world.url, DESKTOP, "zh-CN", keeps_shell=False)
    seat.context.add_init_script(REMEMBER)
    for account in reversed(world.demo.accounts):
        seat.sign_in(account.surface, account.token)
    _prepare(world)
    yield Desk(Stage(seat), find_ids(world))
    seat.close()


def _prepare(world: World) -> None:
    """Let the guide be signed in at two other places, and have a code beside the standard one."""
    guide = next(account for account in world.demo.accounts if account.surface == "staff")
    with httpx.Client(base_url=f"{world.url}/api/staff/", trust_env=False, verify=NO_TLS, timeout=20) as http:
        http.headers["X-Rapport"] = "1"
        for device in ("phone", "tablet"):
            typed = {"corp": world.demo.corp, "login": guide.login, "password": guide.password, "device": device}
            assert http.post("sign-in", json=typed).is_success
        assert http.post("contact-ways", json={"remark": "橱窗海报"}).is_success


def test_everything_that_opens_is_opened() -> None:
    assert sources() == {source for overlay in OVERLAYS for source in overlay.sources}


@pytest.mark.parametrize("overlay", OVERLAYS, ids=lambda overlay: overlay.name)
def test_focus_goes_in_and_comes_back(desk: Desk, overlay: Overlay) -> None:
    stage = desk.stage
    page = stage.page
    stage.resize(SIZES[0] if overlay.phone else SIZES[1])
    page.emulate_media(color_scheme="light")
    stage.go(overlay.path.format(**desk.ids))
    stage.settle()
    *before, last = overlay.steps
    for step in before:
        _take(page, step)
    opener = _find(page, last)
    # What is chosen in a menu goes away with it: the focus comes back to what opened the menu.
    back = _find(page, overlay.back or (before[-1] if last.role == "menuitem" else last))
    panels = page.locator(f"[role={overlay.opens}]")
    below = panels.count()
    opener.focus()
    opener.press(overlay.shortcut or "Enter")
    expect(panels).to_have_count(below + 1)
    stops = page.wait_for_function(_ENTERED, arg=overlay.opens).json_value()
    _keep_inside(page, overlay, min(MOST_STOPS, stops))
    found = _look(page, f"[role={overlay.opens}]")
    # A tooltip is above what it belongs to, and goes first.
    tooltips = page.get_by_role("tooltip")
    if tooltips.count():
        page.keyboard.press("Escape")
        expect(tooltips).to_have_count(0)
    page.keyboard.press("Escape")
    if overlay.closes is not None:
        expect(panels).to_have_count(below + 1)
        _take(page, overlay.closes)
    expect(panels).to_have_count(below)
    expect(back).to_be_focused()
    stage.seat.watch.collect()
    assert not found, "\n".join(found)


def _find(page: Page, step: Step) -> Locator:
    if step.reveal:
        page.locator(step.reveal).first.hover()
    if step.css:
        return page.locator(step.css).first
    return page.get_by_role(step.role, name=named("zh-CN", step.folder, step.key)).first  # pyright: ignore[reportArgumentType]


def _take(page: Page, step: Step) -> None:
    found = _find(page, step)
    found.focus()
    if step.types:
        found.fill(step.types)
    else:
        found.press("Enter")


def _keep_inside(page: Page, overlay: Overlay, stops: int) -> None:
    """Go round forwards and backwards once; what is not modal may be left at its ends."""
    keys = ["Tab", "Shift+Tab"] if overlay.opens != "menu" else ["ArrowDown", "ArrowUp"]
    times = (stops + 1, stops + 2) if overlay.is_modal else (1, 1)
    for key, count in zip(keys, times, strict=True):
        for _ in range(count):
            page.keyboard.press(key)
            assert page.evaluate(_IS_INSIDE), f"{key} left what had been opened"


def _look(page: Page, panel: str) -> list[str]:
    start_looking(page, within=panel)
    found = [f"light: {each}" for each in violations(page)]
    page.emulate_media(color_scheme="dark")
    start_looking(page, "colours", within=panel)
    return found + [f"dark: {each}" for each in violations(page)]

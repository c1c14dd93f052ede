"""Browsers that stay open for many screens: each state of an app has a page of its own."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import msgspec
from playwright.sync_api import Browser, Page, Request, Route

from tests.e2e.browser import DESKTOP, SMALL_WINDOW, Seat, Size
from tests.e2e.conftest import World
from tests.e2e.screens import find_ids
from tests.e2e.seeding import NEWCOMER, OWNER
from tests.e2e.walking import prepare

State = Literal["full", "empty", "failing"]
STATES: tuple[State, ...] = ("full", "empty", "failing")
SIZES = (SMALL_WINDOW, Size(1440, 900))
SETTLED_S = 30
NOTHING = "nothing"
FAILURE = {
    "type": "about:blank",
    "title": "请稍后再试",
    "status": 503,
    "code": "try_again",
    "detail": "服务器正忙，请稍后再试。",
    "errcode": -1,
    "fields": [],
    "trace": "0123456789abcdef",
    "retry_after_s": 60,
}
# What a page has asked for and not heard of, and when it last drew something.
REMEMBER = """
(() => {
  window.__asking = 0
  const draw = () => (window.__drawn = performance.now())
  draw()
  new MutationObserver(draw).observe(document, { subtree: true, childList: true, characterData: true })
  const ask = window.fetch
  window.fetch = async (...question) => {
    window.__asking += 1
    try {
      return await ask(...question)
    } finally {
      window.__asking -= 1
      draw()
    }
  }
})()
"""
# Seen calm several times: one look alone may come right after the page was busy for long.
_IS_CALM = """
() => {
  const isCalm = document.readyState === 'complete' && window.__asking === 0 && performance.now() - window.__drawn > 150
    && document.querySelector('main, h1, h2') !== null && document.querySelector('[aria-busy=true]') === null
  window.__calm = isCalm ? (window.__calm ?? 0) + 1 : 0
  return window.__calm > 3
}
"""


class Stage:
    """A page that shows one screen after the other, and knows when it has finished."""

    def __init__(self, seat: Seat) -> None:
        self.seat = seat
        self.page: Page = seat.context.new_page()
        self._loading: set[Request] = set()
        self.page.on("request", self._begin)
        self.page.on("requestfinished", self._end)
        self.page.on("requestfailed", self._end)

    def _begin(self, request: Request) -> None:
        # Data is counted by the page itself: an answer whose body nobody reads never finishes.
        if request.resource_type in {"script", "stylesheet"}:
            self._loading.add(request)

    def _end(self, request: Request) -> None:
        self._loading.discard(request)

    def resize(self, size: Size) -> None:
        """Make the page as large as such a screen."""
        self.page.evaluate("() => (window.__calm = 0)")
        self.page.set_viewport_size({"width": size.width, "height": size.height})

    def go(self, path: str) -> None:
        """Begin to load an address; a fragment alone would not load anything."""
        self._loading.clear()
        if "#" in path:
            self.page.goto("about:blank")
        self.page.goto(path, wait_until="commit")

    def settle(self) -> None:
        """Wait until the page shows what it is going to show."""
        deadline = time.monotonic() + SETTLED_S
        while time.monotonic() < deadline:
            self.page.wait_for_function(_IS_CALM, polling=40, timeout=SETTLED_S * 1000)
            if not self._loading:
                return
            self.page.evaluate("() => (window.__calm = 0)")
        raise AssertionError(f"still loading: {[request.url for request in self._loading]}")


class Theatre(msgspec.Struct, frozen=True):
    """All stages: by who looks, and whether the server answers."""

    stages: dict[tuple[State, bool], Stage]
    ids: dict[str, str]

    def at(self, state: State, *, signed_in: bool) -> Stage:
        """Return the page for a state."""
        return self.stages[state, signed_in or state == "failing"]


@contextmanager
def theatre(world: World, chromium: Browser) -> Iterator[Theatre]:
    """Browsers that are signed in to all three apps at once, in each state, and one that is not."""
    shop = world.new_shop()
    demo = {account.surface: account.token for account in reversed(world.demo.accounts)}
    own = {
        "staff": shop.tokens[f"staff/{NEWCOMER}"],
        "admin": shop.tokens[f"admin/{OWNER}"],
        "consumer": world.stranger,
    }
    full, empty, failing, nobody = (Seat(chromium, world.url, DESKTOP, "zh-CN", keeps_shell=False) for _ in range(4))
    seats = (full, empty, failing, nobody)
    for seat, tokens in ((full, demo), (empty, own), (failing, demo)):
        for surface, token in tokens.items():
            seat.sign_in(surface, token)
    failing.context.route("**/api/**", _fail)
    for seat in seats:
        prepare(seat.context)
        seat.context.add_init_script(REMEMBER)
        # Who asks for what is not there, or without signing in, is told so; the browser's console repeats it.
        if seat is not full:
            seat.watch.tolerated = ("Failed to load resource: the server responded with a status of",)
    places: list[tuple[State, bool, Seat]] = [
        ("full", True, full),
        ("empty", True, empty),
        ("failing", True, failing),
        ("full", False, nobody),
        ("empty", False, nobody),
    ]
    stages: dict[tuple[State, bool], Stage] = {}
    for state, signed_in, seat in places:
        stages[state, signed_in] = Stage(seat)
    yield Theatre(stages, find_ids(world))
    for seat in seats:
        seat.close()


def _fail(route: Route) -> None:
    if route.request.method == "GET" and route.request.url.endswith("/me"):
        route.fallback()
    else:
        route.fulfill(status=503, content_type="application/problem+json", body=json.dumps(FAILURE))

"""One server, one browser and one set of companies for all journeys; every journey has people of its own."""

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

import rapport.app
from tests.e2e.browser import Locale, Seat, Size, launch
from tests.e2e.seeding import Seed, Shop, seed
from tests.faults.process import ServerProcess
from tests.pushing import PushService

SHOPS = 18
PATIENCE_MS = 15_000
"""How long a test waits for what must come; what must come soon is measured by itself."""
RESTARTED_MS = 30_000
"""The same where the server comes back first, and browsers notice it at their own pace."""
_FAILED = pytest.StashKey[bool]()


class World:
    """The running server and what is on it."""

    def __init__(self, server: ServerProcess, seeded: Seed, push: PushService) -> None:
        self.server = server
        self.push = push
        self.url = server.url
        self.demo = seeded.demo
        self.stranger = seeded.stranger
        self._shops = iter(seeded.shops)

    def new_shop(self) -> Shop:
        """Return a company that no test has visited."""
        return next(self._shops)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Remember for the fixtures whether the test failed."""
    report = yield
    item.stash[_FAILED] = item.stash.get(_FAILED, False) or report.failed
    return report


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A server process on a folder with the demo company and the shops."""
    missing = [app for app in ("staff", "c", "admin") if not (rapport.app.WEB / app / "index.html").is_file()]
    if missing:
        pytest.fail(f"The web apps {missing} are not built. `make test` builds them; by hand: cd web && npm run build")
    folder = tmp_path_factory.mktemp("browsers")
    server = ServerProcess(folder)
    seeded, push = seed(folder, SHOPS, server.url), PushService()
    settings = {"DEMO": "true", "SMS": "demo", "PASSWORD_MEMORY_KIB": "64", "PASSWORD_ROUNDS": "1"}
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {**settings, "PUSH_SERVICES": push.origin}.items():
            environment.setenv(f"RAPPORT_{name}", value)
        server.start()
        yield World(server, seeded, push)
        server.stop()
    push.close()


@pytest.fixture(scope="package")
def chromium(world: World) -> Iterator[Browser]:
    """One browser program; after ``world``, whose data is made in an event loop that Playwright would be in."""
    assert world.url
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def shop(world: World) -> Shop:
    """A company for this test alone."""
    return world.new_shop()


class Seats:
    """Hands out browser profiles, and closes them with their complaints."""

    def __init__(self, chromium: Browser, base_url: str) -> None:
        self._chromium, self._base_url = chromium, base_url
        self.taken: list[Seat] = []

    def take(self, size: Size, locale: Locale = "zh-CN", *, keeps_shell: bool = True) -> Seat:
        """Return a browser profile that knows nothing yet."""
        seat = Seat(self._chromium, self._base_url, size, locale, keeps_shell=keeps_shell)
        self.taken.append(seat)
        return seat

    def expect_outage(self, *, ends: bool = False) -> None:
        """Let the network fail from now on without that being a complaint, until it ends."""
        for seat in self.taken:
            seat.watch.network_may_fail = not ends


@pytest.fixture
def seats(chromium: Browser, world: World, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Seats]:
    """Browser profiles for the people of one test."""
    found = Seats(chromium, world.url)
    yield found
    if request.node.stash.get(_FAILED, False):
        for number, seat in enumerate(found.taken):
            picture = tmp_path / f"seat-{number}.png"
            seat.page.screenshot(path=picture)
            print(f"{seat.page.url} looked like {picture}; {'; '.join(seat.watch.finish())}")  # noqa: T201  what to look at
            seat.context.close()
        return
    for seat in found.taken:
        seat.close()

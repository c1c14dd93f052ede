"""Somebody at a browser of their own: a phone or a desktop, in a language, watched."""

import os
from pathlib import Path
from typing import Literal

import msgspec
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from tests.e2e.watching import Watch

WEB_DIST = Path(__file__).parents[2] / "src" / "rapport" / "web_dist"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    # element.computedName and computedRole: what a screen reader is told.
    "--enable-blink-features=ComputedAccessibilityInfo",
]
Locale = Literal["zh-CN", "en"]


class Size(msgspec.Struct, frozen=True):
    """A screen; fingers on glass have other keys and menus than a mouse has."""

    width: int
    height: int
    touch: bool = False


PHONE = Size(390, 844, touch=True)
SMALL_WINDOW = Size(390, 844)
DESKTOP = Size(1280, 900)


def launch(playwright: Playwright) -> Browser:
    """Start the Chromium that ``make`` found, else the distribution's."""
    path = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
    return playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)


class Seat:
    """A browser profile with one page, a size, a language, and somebody who watches what it says."""

    def __init__(
        self, browser: Browser, base_url: str, size: Size, locale: Locale, *, keeps_shell: bool = True
    ) -> None:
        self.base_url, self.size, self.locale = base_url, size, locale
        self.context: BrowserContext = browser.new_context(
            base_url=base_url,
            viewport={"width": size.width, "height": size.height},
            has_touch=size.touch,
            is_mobile=size.touch,
            locale="zh-CN" if locale == "zh-CN" else "en-GB",
            timezone_id="Asia/Shanghai",
            service_workers="allow" if keeps_shell else "block",
            permissions=["microphone", "clipboard-read", "clipboard-write"],
            reduced_motion="reduce",
        )
        self.context.set_default_timeout(15_000)
        # As chosen on this device; else a member's account decides.
        self.context.add_init_script(
            "if (location.protocol.startsWith('http') && localStorage.getItem('rapport.locale') === null)"
            f" localStorage.setItem('rapport.locale', '{locale}')"
        )
        self.watch = Watch(self.context)
        self.page: Page = self.context.new_page()

    def sign_in(self, surface: str, secret: str) -> None:
        """Put a session's cookie into this browser."""
        self.context.add_cookies([{"name": f"rapport_{surface}", "value": secret, "url": self.base_url}])

    def reload(self) -> None:
        """Load the page anew, as a person does."""
        self.watch.collect()
        self.page.reload()

    def close(self) -> None:
        """Leave; whatever this browser complained about fails the test."""
        problems = self.watch.finish()
        self.context.close()
        assert not problems, "\n".join(problems)

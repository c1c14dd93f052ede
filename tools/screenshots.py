"""Take the README's pictures anew: the demo company in Chromium, phone and desktop, light and dark.

``.venv/bin/python tools/screenshots.py`` after ``make run`` has built the web apps once; pictures go to docs/images.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "images"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
PHONE, DESKTOP = (390, 844), (1280, 800)
READY_WITHIN_S = 60
Demo = dict[str, Any]


@contextmanager
def demo() -> Iterator[Demo]:
    """Run the demo in a folder of its own and say what is in it."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "rapport", "demo", "--data", folder, "--port", "0"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        found = Path(folder) / "demo.json"
        deadline = time.monotonic() + READY_WITHIN_S
        try:
            while not found.exists():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit("the demo did not start")
                time.sleep(0.1)
            yield json.loads(found.read_text())
        finally:
            process.terminate()
            process.wait(20)


def open_page(browser: Browser, size: tuple[int, int], *, dark: bool = False, locale: str = "zh-CN") -> Page:
    """Open an empty page of a fresh visitor."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        device_scale_factor=2,
        color_scheme="dark" if dark else "light",
        locale=locale,
        timezone_id="Asia/Shanghai",
    )
    return context.new_page()


def sign_in(page: Page, found: Demo, surface: str, account: Demo) -> None:
    """Sign in by the surface's form."""
    page.goto(f"{found['base_url']}/{surface}/")
    fields = page.locator("form input")
    fields.first.wait_for()
    for place, text in enumerate((found["corp"], account["login"], account["password"])):
        fields.nth(place).fill(text)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)


def keep(page: Page, name: str) -> None:
    """Take one picture once the page has settled."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(600)
    page.screenshot(path=IMAGES / f"{name}.png")
    print(f"docs/images/{name}.png")


def take_all(browser: Browser, found: Demo) -> None:
    """Walk through the three apps."""
    accounts = {account["userid"]: account for account in found["accounts"] if account.get("userid")}
    guide, owner = accounts["xiaoming"], accounts["linyue"]
    for dark, name in ((False, "staff-desktop"), (True, "staff-desktop-dark")):
        page = open_page(browser, DESKTOP, dark=dark)
        sign_in(page, found, "staff", guide)
        page.get_by_text("王姐").first.click()
        keep(page, name)
        page.context.close()
    page = open_page(browser, PHONE)
    sign_in(page, found, "staff", guide)
    keep(page, "staff-phone")
    page.context.close()
    code = next(item for item in found["contact_codes"] if item["userid"] == "xiaoming")
    page = open_page(browser, PHONE)
    page.goto(code["url"])
    keep(page, "landing-phone")
    page.get_by_role("button").last.click()
    page.wait_for_url("**/c/**")
    page.wait_for_timeout(3000)
    keep(page, "consumer-phone")
    page.context.close()
    page = open_page(browser, DESKTOP)
    sign_in(page, found, "admin", owner)
    page.goto(f"{found['base_url']}/admin/members")
    keep(page, "admin-desktop")
    page.context.close()


def main() -> None:
    """Start the demo and the browser, and walk."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with demo() as found, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        take_all(browser, found)
        browser.close()


if __name__ == "__main__":
    main()

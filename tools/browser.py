"""The Chromium that the browser tests drive: the one that is named, the one that is there, or the distribution's."""

import os

from distribution import install, which
from setup_step import SetupError, say

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
FONT_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.fonts",
    "~/.local/share/fonts",
    "/System/Library/Fonts",
)
CHINESE_FONTS = ("cjk", "sourcehan", "wqy", "uming", "ukai", "pingfang", "droidsansfallback")


def prepare_browser() -> str:
    """The path of a Chromium to test with; installs it (and a Chinese font) where this user may.

    Raises SetupError with one instruction where there is none and none can be installed.
    """
    missing = [] if _has_chinese_font() else ["fonts-noto-cjk"]
    named = os.environ.get("CHROMIUM")
    if named and not os.access(named, os.X_OK):
        raise SetupError(f"CHROMIUM={named} is not a program that can be started.")
    if not named and not _installed():
        missing.insert(0, "chromium")
    if missing and not install(missing) and "fonts-noto-cjk" in missing:
        say("  No Chinese font found: screenshots will show boxes (Debian: fonts-noto-cjk).")
    found = named or _installed()
    if found is None:
        raise SetupError(
            "The browser tests need Chromium. Install it (Debian: sudo apt-get install chromium fonts-noto-cjk), "
            "or name one: CHROMIUM=/path/to/chromium make test"
        )
    return found


def _installed() -> str | None:
    found = next(filter(None, (which(name) for name in NAMES)), None)
    return found or (MAC if os.access(MAC, os.X_OK) else None)


def _has_chinese_font() -> bool:
    # os.walk passes over folders that are missing or closed to this user.
    walks = (os.walk(os.path.expanduser(folder)) for folder in FONT_FOLDERS)  # noqa: PTH111 - os.walk takes text
    files = (name.lower().replace("-", "") for walk in walks for _, _, names in walk for name in names)
    return any(mark in name for name in files for mark in CHINESE_FONTS)

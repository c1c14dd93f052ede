"""A conversation on the screen of either side: what one reads there, and what one does."""

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, expect

from tests.e2e.browser import Seat
from tests.e2e.words import words

FOLDER = "features/conversations/components"
Said = tuple[int, str, str]
"""The entry's seq, its kind, and its text if it is one."""

_READ = """
(log, names) => [...log.querySelectorAll('article[data-seq]')].map((article) => {
  const named = (start) => [...article.querySelectorAll('button')].some((each) => each.ariaLabel?.startsWith(start))
  const kind = named(names.image) ? 'image' : named(names.voice) ? 'voice' : 'text'
  const text = kind === 'text' ? article.querySelector('p[dir=auto]')?.textContent ?? '' : ''
  return [Number(article.dataset.seq), kind, text]
})
"""


class ThreadScreen:
    """The open conversation of a seat; ``other`` is whom its person talks to."""

    def __init__(self, seat: Seat, other: str) -> None:
        self.seat, self.page, self.other = seat, seat.page, other

    def say(self, key: str, **values: object) -> str:
        """Return one of the thread's own texts in this person's language."""
        return words(self.seat.locale, FOLDER, key, **values)

    @property
    def log(self) -> Locator:
        """The messages."""
        return self.page.get_by_role("log", name=self.say("thread.log", name=self.other))

    @property
    def composer(self) -> Locator:
        """Where one writes."""
        return self.page.get_by_role("textbox", name=self.say("composer.label", name=self.other))

    def message(self, text: str) -> Locator:
        """Return the message with this text."""
        return self.log.get_by_role("article").filter(has=self.page.get_by_text(text, exact=True))

    def standing(self, text: str, state: str) -> Locator:
        """Return the word beside the message that says what became of it: sending, queued, sent or read."""
        return self.message(text).get_by_title(self.say(f"message.{state}"), exact=True)

    def write(self, text: str) -> None:
        """Type a text and send it with the button."""
        self.composer.fill(text)
        self.page.get_by_role("button", name=self.say("composer.send"), exact=True).click()

    def send_picture(self, file: Path) -> None:
        """Pick a picture and send it."""
        name = self.say("composer.image")
        with self.page.expect_file_chooser() as chosen:
            more = self.page.get_by_role("button", name=self.say("composer.more"), exact=True)
            if more.count() and more.is_visible():
                more.click()
                self.page.get_by_role("menuitem", name=name).click()
            else:
                self.page.get_by_role("button", name=name, exact=True).click()
        chosen.value.set_files(file)
        tray = self.page.get_by_role("list", name=self.say("composer.attachments"))
        expect(tray.get_by_role("listitem")).to_have_count(1)
        self.page.get_by_role("button", name=self.say("composer.send"), exact=True).click()

    def send_voice(self, seconds: float) -> None:
        """Record the microphone for a while and send that."""
        start = self.page.get_by_role("button", name=self.say("composer.voice"), exact=True)
        start.click()
        self.page.get_by_role("timer").wait_for()
        self.page.wait_for_timeout(int(seconds * 1000))
        self.page.get_by_role("button", name=self.say("recorder.send"), exact=True).click()

    def pictures(self) -> Locator:
        """Return the pictures of the thread, each a button that opens it."""
        return self.log.get_by_role("button", name=self.say("message.open_image"), exact=True)

    def voices(self) -> Locator:
        """Return the voice messages of the thread."""
        return self.log.get_by_role("button", name=re.compile("^" + re.escape(self.say("message.play"))))

    def recall(self, text: str) -> None:
        """Take a message of one's own back, through its menu."""
        message = self.message(text)
        message.focus()
        message.press("Enter")
        self.page.get_by_role("menuitem", name=self.say("message.recall"), exact=True).click()

    def stub(self, sender: str | None) -> Locator:
        """Return the line that stands for a message that ``sender`` took back; None is oneself."""
        if sender is None:
            return self.log.get_by_text(self.say("message.recalled.own"), exact=True)
        return self.log.get_by_text(self.say("message.recalled", name=sender), exact=True)

    def read_all(self) -> list[Said]:
        """Return what stands on the screen, in its order."""
        names = {"image": self.say("message.open_image"), "voice": self.say("message.play")}
        rows: list[list[Any]] = self.log.evaluate(_READ, names)
        return [(row[0], row[1], row[2]) for row in rows]


def stored(seat: Seat, surface: str, conversation_id: str) -> list[Said]:
    """Return what the server answers this seat's person, as a screen should show it: without recalled bodies."""
    path = f"/api/{surface}/conversations/{conversation_id}/entries?limit=200"
    answer = seat.context.request.get(path).json()
    assert not answer["more"]
    said = [
        entry for entry in answer["items"] if entry["body"] is not None and entry["kind"] not in {"system", "recall"}
    ]
    return [(entry["seq"], entry["kind"], entry["body"].get("text", "")) for entry in said]

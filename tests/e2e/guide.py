"""What a guide sees and does in the staff app."""

import re

from playwright.sync_api import Locator, expect

from tests.e2e.browser import Seat
from tests.e2e.thread import ThreadScreen
from tests.e2e.words import words

APP, IDENTITY = "apps/staff", "features/identity"
CHATS, CODES = "features/conversations/staff", "features/customers/staff"
ON_TOP = """
(element) => {
  const box = element.getBoundingClientRect()
  const found = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2)
  return found !== null && (element.contains(found) || found.contains(element))
}
"""


class Guide:
    """Somebody who serves customers, with the staff app on a phone or a desktop."""

    def __init__(self, seat: Seat) -> None:
        self.seat, self.page = seat, seat.page

    def say(self, folder: str, key: str, **values: object) -> str:
        """Return a text in this person's language."""
        return words(self.seat.locale, folder, key, **values)

    def sign_in(self, corp: str, login: str, password: str) -> None:
        """Sign in as a person does."""
        self.page.goto("/staff/sign-in")
        for key, value in (("corp", corp), ("login", login), ("password", password)):
            self.page.get_by_role("textbox", name=self.say(IDENTITY, f"sign_in.{key}"), exact=True).fill(value)
        self.page.get_by_role("button", name=self.say(IDENTITY, "sign_in.submit"), exact=True).click()
        self.page.wait_for_url("**/staff/")

    def show_code(self, name: str) -> Locator:
        """Go from the list to the own code and fill the screen with it; return its picture."""
        self.page.get_by_role("button", name=self.say(CHATS, "list.new"), exact=True).click()
        self.page.get_by_role("menuitem", name=self.say(CHATS, "new.customer"), exact=True).click()
        picture = self.page.get_by_role("img", name=self.say(CODES, "code.alt", name=name))
        expect(picture).to_be_visible()
        self.page.get_by_role("button", name=self.say(CODES, "code.fullscreen"), exact=True).click()
        expect(
            self.page.get_by_role("button", name=self.say(CODES, "code.close_fullscreen"), exact=True)
        ).to_be_visible()
        return picture

    def arrival(self, customer: str) -> Locator:
        """Return the notice that somebody has just become a customer."""
        return self.page.get_by_text(self.say(CHATS, "arrival.text", name=customer), exact=True)

    def open_arrival(self) -> None:
        """Follow the notice into the conversation."""
        self.page.get_by_role("button", name=self.say(CHATS, "arrival.open"), exact=True).click()
        self.page.wait_for_url("**/chats/*")

    def open_list(self) -> None:
        """Go to the conversations by the navigation."""
        back = self.page.get_by_role("link", name=words(self.seat.locale, "ui", "common.back"), exact=True)
        if back.count():
            back.click()
        else:
            nav = self.page.get_by_role("navigation")
            nav.get_by_role("link", name=re.compile(re.escape(self.say(APP, "nav.messages")))).click()

    @property
    def rows(self) -> Locator:
        """The conversations in the list, from the top."""
        return self.page.get_by_role("list", name=self.say(CHATS, "list.rows")).get_by_role("listitem")

    def row(self, customer: str) -> Locator:
        """Return the row of a conversation."""
        return self.rows.filter(has=self.page.get_by_role("link", name=customer, exact=True))

    def open_chat(self, customer: str) -> ThreadScreen:
        """Open a conversation from the list."""
        self.row(customer).get_by_role("link", name=customer, exact=True).click()
        self.page.wait_for_url("**/chats/*")
        return ThreadScreen(self.seat, customer)

    def offline_bar(self, waiting: int) -> Locator:
        """Return the bar that says what being offline means, with how many messages wait."""
        key, values = ("offline.queued", {"count": waiting}) if waiting else ("offline.text", {})
        return self.page.get_by_text(words(self.seat.locale, "ui", key, **values), exact=True)


def is_on_top(element: Locator) -> bool:
    """Return whether a person sees the element: nothing lies above its middle."""
    return bool(element.evaluate(ON_TOP))

"""What a consumer sees and does: the page behind a code, and the customer app."""

from playwright.sync_api import expect

from tests.e2e.browser import Seat
from tests.e2e.thread import ThreadScreen
from tests.e2e.words import words

LANDING, IDENTITY = "features/customers/consumer", "features/identity/consumer"
CHATS = "features/conversations/consumer"


class Consumer:
    """Somebody with a phone."""

    def __init__(self, seat: Seat) -> None:
        self.seat, self.page = seat, seat.page

    def say(self, folder: str, key: str, **values: object) -> str:
        """Return a text in this person's language."""
        return words(self.seat.locale, folder, key, **values)

    def scan(self, code: str) -> None:
        """Open a code's link, as the camera does."""
        self.page.goto(f"/q/{code}")

    def accept(self, guide: str, nickname: str) -> ThreadScreen:
        """Say who one is and take the one step into the conversation."""
        self.page.get_by_role("textbox", name=self.say(LANDING, "landing.nickname")).fill(nickname)
        self.page.get_by_role("button", name=self.say(LANDING, "landing.chat", name=guide), exact=True).click()
        return ThreadScreen(self.seat, guide)

    def conversation_id(self) -> str:
        """Return the id of the open conversation."""
        self.page.wait_for_url("**/c/chats/*")
        return self.page.url.rpartition("/")[2]

    def open_list(self) -> None:
        """Go to the list of chats."""
        self.page.goto("/c/")

    def open_chat(self, guide: str) -> ThreadScreen:
        """Open the conversation with a guide from the list."""
        self.page.get_by_role("link", name=guide).first.click()
        return ThreadScreen(self.seat, guide)

    def show_receipts(self) -> None:
        """Let the other side see what was read."""
        self.page.goto("/c/me")
        switch = self.page.get_by_role("switch", name=self.say(IDENTITY, "privacy.receipts"))
        with self.page.expect_response(lambda answer: answer.request.method == "PATCH" and answer.url.endswith("/me")):
            switch.click()
        expect(switch).to_be_checked()

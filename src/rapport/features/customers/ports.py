"""What higher features do for this one; ``app.py`` joins them."""

from typing import Literal, Protocol

from rapport.features.customers.types import GreetingPart
from rapport.kernel.ports import Port
from rapport.kernel.tx import Tx

CustomerEvent = Literal["customer_added", "welcome_skipped"]


class ConversationOpening(Protocol):
    """Port: the conversation between a member and a customer (conversations answers)."""

    def __call__(self, tx: Tx, corp_id: str, userid: str, external_userid: str) -> str:
        """Return the conversation's id; opens it the first time, opens it again when it was closed. Idempotent."""
        ...


class ConversationClosing(Protocol):
    """Port: the relation ended, so nothing can be sent any more; history stays readable (conversations answers)."""

    def __call__(self, tx: Tx, corp_id: str, conversation_id: str, reason: str) -> None:
        """Close the conversation; ``reason`` is the relation's new status. Idempotent."""
        ...


class Greeting(Protocol):
    """Port: one part of an automatic welcome, sent in the member's name (conversations answers)."""

    def __call__(
        self, tx: Tx, corp_id: str, conversation_id: str, userid: str, key: str, part: GreetingPart, /
    ) -> None:
        """Append one automatic entry, once per ``key`` (8 to 64 characters); raises a Refusal when it may not."""
        ...


class SystemLine(Protocol):
    """Port: a line that the product writes into a conversation (conversations answers)."""

    def __call__(
        self, tx: Tx, corp_id: str, conversation_id: str, key: str, event: CustomerEvent, params: dict[str, str]
    ) -> None:
        """Append one system entry, once per ``key``; ``customer_added`` is written here and not by ConversationOpening.

        ``customer_added``: params ``add_way``, ``state``. ``welcome_skipped``: param ``reason``; staff apps show
        it, the consumer's app does not.
        """
        ...


conversation_opening: Port[ConversationOpening] = Port("customers.conversation_opening")
conversation_closing: Port[ConversationClosing] = Port("customers.conversation_closing")
greeting: Port[Greeting] = Port("customers.greeting")
system_line: Port[SystemLine] = Port("customers.system_line")

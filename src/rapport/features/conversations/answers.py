"""What this feature answers to the ports of lower ones; ``app.py`` joins them."""

from collections.abc import Sequence

from rapport.features.conversations.access import Viewer, seat_by_key
from rapport.features.conversations.actions.opening import open_customer_conversation
from rapport.features.conversations.actions.seats import Sending
from rapport.features.conversations.actions.sending import send_one
from rapport.features.conversations.queries.entries import entry_at
from rapport.features.conversations.types import Body, Image, Link, System, SystemEvent, Text
from rapport.features.customers.api import find_consumers_behind, persons_of
from rapport.features.customers.types import GreetingPart, ImagePart, LinkPart, TextPart
from rapport.features.files.types import Grant
from rapport.kernel.actor import ConsumerActor, MemberActor
from rapport.kernel.tx import ReadTx, Tx


def may_read_entries(tx: ReadTx, actor: MemberActor | ConsumerActor, grants: Sequence[Grant]) -> bool:
    """Answer files: the actor sees at least one of the entries (in it at the time, and not recalled since)."""
    viewers = (
        [Viewer(actor.corp_id, actor.person)]
        if isinstance(actor, MemberActor)
        else [Viewer(corp_id, person) for corp_id, person in persons_of(tx, actor.consumer_id)]
    )
    for grant in grants:
        key = {"corp_id": grant.corp_id, "conversation_id": grant.conversation_id}
        for viewer in viewers:
            if viewer.corp_id != grant.corp_id:
                continue
            seat = tx.one(seat_by_key, **key, person=viewer.person)
            if seat is None or not seat.joined_seq < grant.seq <= seat.visible_to:
                continue
            entry = tx.one(entry_at, **key, seq=grant.seq)
            if entry is not None and entry.body is not None:
                return True
    return False


def open_for_relation(tx: Tx, corp_id: str, userid: str, external_userid: str) -> str:
    """Answer customers: the conversation between a member and a customer, opened (again) if need be."""
    shares = _customer_shares(tx, corp_id, external_userid)
    return open_customer_conversation(tx, corp_id, userid, external_userid, shares_reads=shares)


def _customer_shares(tx: Tx, corp_id: str, external_userid: str) -> bool:
    return any(consumer.receipts for consumer in find_consumers_behind(tx, corp_id, [external_userid]).values())


def greet(tx: Tx, corp_id: str, conversation_id: str, userid: str, key: str, part: GreetingPart) -> None:
    """Answer customers: send one part of a welcome in the member's name, once per key, marked as automatic."""
    body: Body
    match part:
        case TextPart():
            body = Text(part.text)
        case ImagePart():
            body = Image(part.file_id)
        case LinkPart():
            body = Link(part.url, part.title, part.description, part.image_file_id)
    send_one(tx, corp_id, Sending(conversation_id, f"m:{userid}", key, body, automatic=True))


def write_line(
    tx: Tx, corp_id: str, conversation_id: str, key: str, event: SystemEvent, params: dict[str, str]
) -> None:
    """Answer customers: a line that the product writes, once per key."""
    send_one(tx, corp_id, Sending(conversation_id, "", key, System(event, params), automatic=True))

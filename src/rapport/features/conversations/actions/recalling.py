"""Recalling: the body is erased where it stands, a stub and a recall entry stay."""

from collections.abc import Sequence

from sqlalchemy import update

from rapport.features.conversations.access import Seat, Viewer, access_conversation
from rapport.features.conversations.actions.seats import Sending
from rapport.features.conversations.actions.sending import send_one
from rapport.features.conversations.errors import (
    NothingToRecall,
    NotYourMessage,
    RecallTooLate,
)
from rapport.features.conversations.policies import (
    recall_between_members_s,
    recall_towards_customer_s,
)
from rapport.features.conversations.queries.entries import entry_at
from rapport.features.conversations.tables import entry
from rapport.features.conversations.types import COUNTED_KINDS, Recall, Sent
from rapport.features.files.api import revoke_files
from rapport.features.files.types import Grant
from rapport.kernel.actor import ConsumerActor, MemberActor
from rapport.kernel.clock import HOUR, MINUTE, SECOND
from rapport.kernel.errors import NotFound
from rapport.kernel.policy import get_policy
from rapport.kernel.statements import command, p
from rapport.kernel.tx import Tx

_erase = command(
    update(entry)
    .where(
        entry.c.corp_id == p("key_corp"), entry.c.conversation_id == p("key_conversation"), entry.c.seq == p("key_seq")
    )
    .values(body=None)
)


def recall_entry(
    tx: Tx,
    viewers: Sequence[Viewer],
    actor: MemberActor | ConsumerActor,
    conversation_id: str,
    target_seq: int,
    client_id: str,
) -> Sent:
    """Take back one's own message within the policy's window: its body is erased in this transaction, a stub stays.

    Raises NotFound, NothingToRecall, NotYourMessage, RecallTooLate. Recalling twice answers with the first recall.
    """
    seat = access_conversation(tx, viewers, conversation_id)
    key = {"corp_id": seat.corp_id, "conversation_id": conversation_id}
    target = tx.one(entry_at, **key, seq=target_seq)
    if target is None or not seat.joined_seq < target_seq <= seat.visible_to:
        raise NotFound
    if target.kind not in COUNTED_KINDS:
        raise NothingToRecall
    if target.sender != seat.person:
        raise NotYourMessage
    if target.body is not None:
        _check_recall_window(tx, seat, target.sent_at)
        tx.run(_erase, key_corp=seat.corp_id, key_conversation=conversation_id, key_seq=target_seq)
        revoke_files(tx, Grant(seat.corp_id, conversation_id, target_seq))
    del client_id  # one recall per target, whoever repeats it
    recall = Sending(conversation_id, seat.person, f"recall:{target_seq}", Recall(), actor, target_seq=target_seq)
    return send_one(tx, seat.corp_id, recall)


def _check_recall_window(tx: Tx, seat: Seat, sent_at: int) -> None:
    policy = recall_towards_customer_s if seat.kind == "customer" else recall_between_members_s
    window_s = get_policy(tx, seat.corp_id, policy)
    if tx.now - sent_at > window_s * SECOND:
        raise RecallTooLate(window=_span(window_s))


def _span(seconds: int) -> str:
    if seconds * SECOND >= HOUR and seconds % 3600 == 0:
        return f"{seconds // 3600} h"
    return f"{seconds // 60} min" if seconds * SECOND >= MINUTE else f"{seconds} s"

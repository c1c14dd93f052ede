"""The frames of conversations on the wire; the ones of the connection itself are in ``kernel.realtime.frames``."""

from typing import Annotated

import msgspec

from rapport.features.conversations.types import ClientId, Conversation, Entry, Id, SendableBody
from rapport.kernel.realtime.frames import Ref, client_frame, server_frame

Seq = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


@client_frame
class Send(msgspec.Struct, frozen=True, tag_field="type", tag="send"):
    """Send a message. Answered by ``ack`` or ``refused`` with the same ``ref``.

    The same ``client_id`` is sent once only.
    """

    ref: Ref
    conversation_id: Id
    client_id: ClientId
    body: SendableBody


@client_frame
class RecallFrame(msgspec.Struct, frozen=True, tag_field="type", tag="recall"):
    """Take back one's own message at ``target_seq``. Answered by ``ack`` or ``refused``."""

    ref: Ref
    conversation_id: Id
    client_id: ClientId
    target_seq: Seq


@client_frame
class ReadFrame(msgspec.Struct, frozen=True, tag_field="type", tag="read"):
    """Everything up to ``seq`` was seen. Answered by ``done`` or ``refused``."""

    ref: Ref
    conversation_id: Id
    seq: Seq


@client_frame
class TypingFrame(msgspec.Struct, frozen=True, tag_field="type", tag="typing"):
    """The person is writing; at most one per three seconds is passed on."""

    conversation_id: Id


@server_frame
class Ack(msgspec.Struct, frozen=True, tag_field="type", tag="ack"):
    """The entry is committed. ``duplicate``: it was committed by an earlier frame with the same ``client_id``."""

    ref: str
    conversation_id: str
    seq: int
    count: int
    id: str
    sent_at: int
    duplicate: bool


@server_frame
class Done(msgspec.Struct, frozen=True, tag_field="type", tag="done"):
    """The read cursor is committed."""

    ref: str
    read_seq: int
    read_count: int


@server_frame
class EntryFrame(msgspec.Struct, frozen=True, tag_field="type", tag="entry"):
    """An entry was committed. Apply only seq = last + 1; drop what is held already.

    Fetch the range where a hole shows.
    """

    corp_id: str
    conversation_id: str
    entry: Entry
    cursor: str


@server_frame
class ReadMovedFrame(msgspec.Struct, frozen=True, tag_field="type", tag="read"):
    """Somebody read on: oneself on another device, or another participant whose receipt may be seen."""

    corp_id: str
    conversation_id: str
    person: str
    read_seq: int
    read_count: int


@server_frame
class ConversationFrame(msgspec.Struct, frozen=True, tag_field="type", tag="conversation"):
    """A conversation is new, or its people, settings, state or waiting time changed."""

    conversation: Conversation


@server_frame
class TypingSignal(msgspec.Struct, frozen=True, tag_field="type", tag="typing"):
    """Somebody is writing in a conversation that is on screen; best effort."""

    corp_id: str
    conversation_id: str
    person: str

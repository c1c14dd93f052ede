"""What a conversation looks like to a client, and what may be said in one."""

from typing import Annotated, Literal

import msgspec

from rapport.features.organization.types import Person

ConversationKind = Literal["direct", "group", "customer"]
Segment = Literal["all", "waiting", "unread", "direct", "group", "customer"]
EntryKind = Literal["text", "image", "file", "voice", "link", "system", "recall"]
SystemEvent = Literal["customer_added", "welcome_skipped", "group_created", "member_joined", "member_left"]

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
ClientId = Annotated[str, msgspec.Meta(min_length=8, max_length=64, pattern="^[A-Za-z0-9_.:-]+$")]
Micros = Annotated[int, msgspec.Meta(description="Microseconds since the Unix epoch, UTC")]


class Text(msgspec.Struct, frozen=True, tag_field="kind", tag="text", forbid_unknown_fields=True):
    """Plain text; links in it are made clickable by the client. The limit is a policy, in UTF-8 bytes."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=20_000)]


class Image(msgspec.Struct, frozen=True, tag_field="kind", tag="image", forbid_unknown_fields=True):
    """A picture that was uploaded before; size in bytes, width and height in pixels come from the stored file."""

    file_id: Id
    width: int = 0
    height: int = 0
    size: int = 0


class Attachment(msgspec.Struct, frozen=True, tag_field="kind", tag="file", forbid_unknown_fields=True):
    """Any other file that was uploaded before."""

    file_id: Id
    name: str = ""
    mime: str = ""
    size: int = 0


class Voice(msgspec.Struct, frozen=True, tag_field="kind", tag="voice", forbid_unknown_fields=True):
    """A voice message that was uploaded before."""

    file_id: Id
    duration_ms: int = 0
    mime: str = ""
    size: int = 0


class Link(msgspec.Struct, frozen=True, tag_field="kind", tag="link", forbid_unknown_fields=True):
    """A link card; only http and https."""

    url: Annotated[str, msgspec.Meta(min_length=8, max_length=2048, pattern="^https?://[^\\s]+$")]
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    description: Annotated[str, msgspec.Meta(max_length=512)] = ""
    image_file_id: Id | None = None


class System(msgspec.Struct, frozen=True, tag_field="kind", tag="system", forbid_unknown_fields=True):
    """A line that the product wrote, such as who was added; never counted as unread."""

    event: SystemEvent
    params: dict[str, str]


class Recall(msgspec.Struct, frozen=True, tag_field="kind", tag="recall", forbid_unknown_fields=True):
    """The entry at ``target_seq`` was taken back; its body is gone."""


Body = Text | Image | Attachment | Voice | Link | System | Recall
SendableBody = Text | Image | Attachment | Voice | Link
MEMBERS_ONLY: frozenset[SystemEvent] = frozenset({"welcome_skipped"})
COUNTED_KINDS = frozenset({"text", "image", "file", "voice", "link"})


class Entry(msgspec.Struct, frozen=True):
    """One entry of the log. ``seq`` is dense; ``count`` is the number of messages up to and with it.

    ``body`` null is a stub.
    """

    seq: int
    count: int
    id: str
    kind: EntryKind
    sender: str | None
    client_id: str | None
    target_seq: int | None
    body: Body | None
    sent_at: Micros
    automatic: bool


def is_for_members_only(body: Body | None) -> bool:
    """Whether a line is the corp's own business, such as why no welcome was sent; customers get a stub with its seq."""
    return isinstance(body, System) and body.event in MEMBERS_ONLY


class Sent(msgspec.Struct, frozen=True):
    """What was committed for a ``client_id``; ``duplicate`` when it had been committed before."""

    conversation_id: str
    seq: int
    count: int
    id: str
    sent_at: Micros
    duplicate: bool


class Read(msgspec.Struct, frozen=True):
    """How far somebody has read."""

    read_seq: int
    read_count: int


class Receipt(msgspec.Struct, frozen=True):
    """Another participant's read cursor."""

    person: str
    read_seq: int


class Conversation(msgspec.Struct, frozen=True):
    """A conversation as one participant sees it. Unread messages: ``max(0, count - read_count)``."""

    corp_id: str
    conversation_id: str
    kind: ConversationKind
    title: str | None
    people: list[Person]
    people_count: int
    last_seq: int
    count: int
    last: Entry | None
    last_at: Micros
    joined_seq: int
    read_seq: int
    read_count: int
    reads: list[Receipt]
    pinned: bool
    muted: bool
    marked_unread: bool
    waiting_since: Micros | None
    state: Literal["open", "closed"]
    closed_reason: str | None


class Counts(msgspec.Struct, frozen=True):
    """How many conversations wait for a reply, and how many hold something unread."""

    waiting: int
    unread: int


class ConversationPage(msgspec.Struct, frozen=True):
    """A page of conversations, pinned ones first on the first page, then by last activity."""

    items: list[Conversation]
    next: str | None
    counts: Counts


class EntryRange(msgspec.Struct, frozen=True):
    """Entries in ascending order of seq; ``more`` when the log goes on in the direction asked for."""

    items: list[Entry]
    more: bool


class Sync(msgspec.Struct, frozen=True):
    """What changed since a cursor. ``reset``: drop what is cached and start over; ``more``: ask on from ``cursor``."""

    epoch: str
    cursor: str
    reset: bool
    conversations: list[Conversation]
    more: bool


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a participant may change about their own view; absent fields stay. ``waiting: false`` means "done"."""

    pinned: bool | None = None
    muted: bool | None = None
    marked_unread: bool | None = None
    waiting: Literal[False] | None = None

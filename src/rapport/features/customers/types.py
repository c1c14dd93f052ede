"""What contact ways, relations and welcomes look like to other features and on the wire."""

from typing import Annotated, Literal

import msgspec

from rapport.features.organization.types import Corp, Person, Window

ADD_WAY_SCAN = 1
"""``add_way`` of a relation that began with a scanned code (product-rules.md §2; the other codes come with their
ways)."""

RelationStatus = Literal["requested", "active", "declined", "expired", "deleted_by_customer", "blocked_by_customer"]
"""requested → active | declined | expired; active → deleted_by_customer | blocked_by_customer; scanning again begins
anew, after a decline not before its pause is over."""
ContactWayStatus = Literal["open", "closed", "expired"]
WelcomeStatus = Literal["pending", "sent", "skipped", "expired"]
WelcomeReason = Literal[
    "no_greeting",
    "relation_ended",
    "member_cannot_serve",
    "conversation_closed",
    "file_missing",
    "text_too_long",
    "refused",
    "too_late",
]
"""Why a welcome was not sent: nobody wrote one · the relation ended at once · the member cannot serve customers
(any more) · the conversation is closed · a picture is gone · with the names filled in the text is too long ·
another rule refused it · the window of 20 seconds had passed."""

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class TextPart(msgspec.Struct, frozen=True, tag_field="kind", tag="text", forbid_unknown_fields=True):
    """Words of a welcome; ``{customer}``, ``{member}`` and ``{corp}`` become the names when it is sent.

    At most ``customers.welcome_text_bytes`` bytes of UTF-8.
    """

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=20_000)]


class ImagePart(msgspec.Struct, frozen=True, tag_field="kind", tag="image", forbid_unknown_fields=True):
    """A picture uploaded before; width, height (pixels) and size (bytes) are the stored file's, whatever was sent."""

    file_id: Id
    width: int = 0
    height: int = 0
    size: int = 0


class LinkPart(msgspec.Struct, frozen=True, tag_field="kind", tag="link", forbid_unknown_fields=True):
    """A link card; http and https only."""

    url: Annotated[str, msgspec.Meta(min_length=8, max_length=2048, pattern="^https?://[^\\s]+$")]
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    description: Annotated[str, msgspec.Meta(max_length=512)] = ""
    image_file_id: Id | None = None


GreetingPart = TextPart | ImagePart | LinkPart
GreetingParts = list[GreetingPart]


class WayMember(msgspec.Struct, frozen=True):
    """A member who answers a contact way."""

    userid: str
    name: str
    avatar_url: str | None


class ContactWay(msgspec.Struct, frozen=True):
    """A code as the corp's own people see it; ``accepted`` counts the relations it began."""

    code: str
    url: str
    members: list[WayMember]
    remark: str
    state: str
    skip_verify: bool
    exclusive: bool
    greeting: GreetingParts | None
    valid_until: int | None
    status: ContactWayStatus
    created_at: int
    created_by: str
    accepted: int


class Landing(msgspec.Struct, frozen=True):
    """What somebody sees who opened a code, before and after signing in.

    ``window`` is the member who will answer (or answers already), ``windows`` all who serve behind this code, at
    most 20. ``relation_status`` null: not accepted yet; ``requested``: the member has not answered the request;
    ``expired``: the member never did, one may ask again; ``declined``: one may ask again from ``ask_again_at`` on, at
    once when that is null.
    """

    code: str
    status: ContactWayStatus
    corp: Corp
    window: Window | None
    windows: list[Window]
    skip_verify: bool
    relation_status: RelationStatus | None
    ask_again_at: int | None
    conversation_id: str | None


class Accepted(msgspec.Struct, frozen=True):
    """What accepting a code led to; ``conversation_id`` is null while ``status`` is ``requested``."""

    corp_id: str
    userid: str
    external_userid: str
    consumer_id: str
    status: RelationStatus
    conversation_id: str | None
    new: bool


class Customer(msgspec.Struct, frozen=True):
    """A customer as one member sees them; remark, description, company and phones are that member's notes."""

    external_userid: str
    name: str
    avatar_url: str | None
    remark: str | None
    description: str | None
    company: str | None
    phones: list[str]
    add_way: int
    state: str | None
    code: str | None
    related_at: int
    status: RelationStatus
    conversation_id: str | None
    other_followers: list[Person]
    guest: bool


class Relation(msgspec.Struct, frozen=True):
    """One member follows one customer: the bare state, for other features."""

    corp_id: str
    userid: str
    external_userid: str
    status: RelationStatus
    conversation_id: str | None


class WelcomeRecord(msgspec.Struct, frozen=True):
    """What became of one welcome; ``customer`` and ``member`` are names, ``at`` is when it was settled."""

    welcome_id: str
    external_userid: str
    customer: str
    userid: str
    member: str
    status: WelcomeStatus
    reason: WelcomeReason | None
    at: int

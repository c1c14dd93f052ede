"""What crosses the wire about being woken, and what reaches a closed app."""

from typing import Annotated, Literal

import msgspec

from rapport.kernel.actor import Locale

PushSurface = Literal["staff", "consumer"]


class PushKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The browser's public key and secret, as ``PushSubscription.toJSON()`` writes them."""

    p256dh: Annotated[str, msgspec.Meta(min_length=80, max_length=100)]
    auth: Annotated[str, msgspec.Meta(min_length=20, max_length=32)]


class NewSubscription(msgspec.Struct, frozen=True):
    """What a browser's ``PushSubscription.toJSON()`` says; other members of it are passed over."""

    endpoint: Annotated[str, msgspec.Meta(min_length=12, max_length=1000)]
    keys: PushKeys


class PushServer(msgspec.Struct, frozen=True):
    """What browsers subscribe with: the installation's public key (``applicationServerKey``)."""

    public_key: str


class Subscription(msgspec.Struct, frozen=True):
    """A device that wants to be woken."""

    session_id: str
    surface: PushSurface
    endpoint: str
    p256dh: str
    auth: str
    locale: Locale


class PushNote(msgspec.Struct, frozen=True):
    """What a device is woken for: one message, for one of the people that its session speaks for."""

    session_id: str
    person: str
    conversation_id: str
    seq: int


class PushMessage(msgspec.Struct, frozen=True):
    """What the app's service worker gets; ``tag`` lets a later one take the place of an earlier one."""

    type: Literal["message"]
    surface: PushSurface
    corp_id: str
    conversation_id: str
    seq: int
    tag: str
    title: str
    body: str

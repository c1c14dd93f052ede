"""Every frame of the wire that belongs to no feature, and the registry in which features put theirs.

A frame is one JSON object in one text message, told apart by ``type``. Reference: docs/reference/realtime.md,
generated from here.
"""

from collections.abc import Callable
from typing import Annotated, Literal, TypeVar

import msgspec

from rapport.kernel.actor import Surface
from rapport.kernel.errors import Problem
from rapport.kernel.realtime.transport import text_frame

MAX_WATCHED = 20
ConversationId = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Ref = Annotated[str, msgspec.Meta(max_length=64)]

FrameType = TypeVar("FrameType", bound="type[msgspec.Struct]")
client_frames: dict[str, type[msgspec.Struct]] = {}
server_frames: dict[str, type[msgspec.Struct]] = {}


def client_frame(cls: FrameType) -> FrameType:
    """Register a frame that clients send."""
    client_frames[str(cls.__struct_config__.tag)] = cls
    return cls


def server_frame(cls: FrameType) -> FrameType:
    """Register a frame that the server sends."""
    server_frames[str(cls.__struct_config__.tag)] = cls
    return cls


@client_frame
class Hello(msgspec.Struct, frozen=True, tag_field="type", tag="hello"):
    """The first frame, within ten seconds; ``cursor`` is the last one the client holds, or null."""

    cursor: Annotated[str, msgspec.Meta(max_length=64)] | None = None


@client_frame
class Watch(msgspec.Struct, frozen=True, tag_field="type", tag="watch"):
    """The conversations on screen: typing signals and the heartbeat's comparison apply to these."""

    conversation_ids: Annotated[list[ConversationId], msgspec.Meta(max_length=MAX_WATCHED)]


@client_frame
class Ping(msgspec.Struct, frozen=True, tag_field="type", tag="ping"):
    """The heartbeat; ``seqs`` holds the last seq the client has of each conversation on screen."""

    seqs: Annotated[dict[ConversationId, int], msgspec.Meta(max_length=MAX_WATCHED)] = {}


@server_frame
class Welcome(msgspec.Struct, frozen=True, tag_field="type", tag="welcome"):
    """The answer to hello. ``resync`` true: fetch ``sync`` before trusting what is cached."""

    epoch: str
    cursor: str
    session_id: str
    heartbeat_s: int
    server_time: int
    resync: bool


@server_frame
class Pong(msgspec.Struct, frozen=True, tag_field="type", tag="pong"):
    """The heartbeat's answer; ``stale`` names conversations of which the client misses entries.

    With the true last seq.
    """

    stale: dict[str, int]
    server_time: int


@server_frame
class Refused(msgspec.Struct, frozen=True, tag_field="type", tag="refused"):
    """A frame was refused; nothing changed. ``ref`` is the frame's own, or null when it could not be read."""

    ref: str | None
    problem: Problem


@server_frame
class Resync(msgspec.Struct, frozen=True, tag_field="type", tag="resync"):
    """Frames were dropped because the connection was too slow: fetch ``sync``."""


@server_frame
class Bye(msgspec.Struct, frozen=True, tag_field="type", tag="bye"):
    """The server closes the connection after this frame."""

    reason: Literal["revoked", "restart", "silent", "garbage"]
    retry_after_ms: int


CLOSE_CODES: dict[str, int] = {"revoked": 4401, "restart": 1012, "silent": 4008, "garbage": 1008}
_encoder = msgspec.json.Encoder()


def encode(frame: msgspec.Struct) -> bytes:
    """Return a frame as it goes on the wire, once for all who get it."""
    return text_frame(_encoder.encode(frame))


def client_decoder() -> Callable[[str], msgspec.Struct]:
    """Return the decoder for whatever clients may send, built from the registry."""
    union = None
    for cls in client_frames.values():
        union = cls if union is None else union | cls
    return msgspec.json.Decoder(union).decode


PATHS: dict[str, Surface] = {"/realtime/staff": "staff", "/realtime/consumer": "consumer"}

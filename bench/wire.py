"""WebSocket frames by hand: as little work as the protocol allows, for the load and for the floors."""

import base64
import hashlib
import os
from collections.abc import Callable

TEXT = 0x81
CLOSE = 0x88
PING = 0x89
SHORT, LONG = 126, 127
MASKED = 0x80
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def accept_key(key: bytes) -> bytes:
    """Return the server's answer to the client's key."""
    return base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())


def server_frame(payload: bytes) -> bytes:
    """Return a text frame as servers send it."""
    size = len(payload)
    if size < SHORT:
        return bytes((TEXT, size)) + payload
    if size < 2**16:
        return bytes((TEXT, SHORT)) + size.to_bytes(2) + payload
    return bytes((TEXT, LONG)) + size.to_bytes(8) + payload


class Mask:
    """A connection's mask, the same for all of its frames: drawing one per frame would measure the load's own cost."""

    def __init__(self, longest: int = 4096) -> None:
        self._key = os.urandom(4)
        self._stream = self._key * (longest // 4 + 1)

    def apply(self, payload: bytes) -> bytes:
        """Return the payload masked."""
        size = len(payload)
        return (int.from_bytes(payload) ^ int.from_bytes(self._stream[:size])).to_bytes(size)

    def frame(self, payload: bytes) -> bytes:
        """Return a text frame as clients send it."""
        size = len(payload)
        head = bytes((TEXT, MASKED | size)) if size < SHORT else bytes((TEXT, MASKED | SHORT)) + size.to_bytes(2)
        return head + self._key + self.apply(payload)


def unmask(key: bytes, payload: bytes) -> bytes:
    """Return what a client meant."""
    size = len(payload)
    return (int.from_bytes(payload) ^ int.from_bytes((key * (size // 4 + 1))[:size])).to_bytes(size)


def take_frames(data: bytes, take: Callable[[int, bytes], None]) -> bytes:
    """Hand every complete frame of a server to ``take`` (first byte, payload) and return what is left over."""
    at, end = 0, len(data)
    while end - at >= 2:
        size, body = data[at + 1], at + 2
        if size == SHORT:
            if end - at < 4:
                break
            size, body = data[at + 2] << 8 | data[at + 3], at + 4
        elif size == LONG:
            if end - at < 10:
                break
            size, body = int.from_bytes(data[at + 2 : at + 10]), at + 10
        if end - body < size:
            break
        take(data[at], data[body : body + size])
        at = body + size
    return data[at:]


def take_masked_frames(data: bytes, take: Callable[[bytes], None]) -> bytes:
    """Hand every complete frame of a client to ``take`` and return what is left over."""
    at, end = 0, len(data)
    while end - at >= 6:
        size, body = data[at + 1] & 0x7F, at + 2
        if size == SHORT:
            if end - at < 8:
                break
            size, body = data[at + 2] << 8 | data[at + 3], at + 4
        if end - body < size + 4:
            break
        take(unmask(data[body : body + 4], data[body + 4 : body + 4 + size]))
        at = body + 4 + size
    return data[at:]

"""Voice recordings as the recorders of browsers make them, recognised by their containers, with their real length.

Chromium records WebM and MP4 with Opus, Firefox Ogg and WebM with Opus, Safari MP4 with AAC and lately WebM with Opus.
A recorder writes while it goes on, so the header knows no length: it is added up from the frames.
"""

import msgspec

from rapport.kernel.media.mp4 import read_mp4


class NotARecording(ValueError):  # noqa: N818  the caller turns it into a refusal
    """The bytes are none of the containers, hold more than sound, or are damaged."""


class Recording(msgspec.Struct, frozen=True):
    """What a recording is; ``duration_ms`` as added up from its frames."""

    mime: str
    duration_ms: int


class _Id:
    """Ids of the elements of a WebM file that matter here."""

    EBML, SEGMENT, INFO, TRACKS, TRACK, CLUSTER, GROUP = (
        0x1A45DFA3, 0x18538067, 0x1549A966, 0x1654AE6B, 0xAE, 0x1F43B675, 0xA0,
    )  # fmt: skip
    DOCTYPE, SCALE, CODEC, TRACK_TYPE, CLUSTER_TIME, BLOCK, SIMPLE_BLOCK = (
        0x4282, 0x2AD7B1, 0x86, 0x83, 0xE7, 0xA1, 0xA3,
    )  # fmt: skip


_CONTAINERS = {_Id.EBML, _Id.SEGMENT, _Id.INFO, _Id.TRACKS, _Id.TRACK, _Id.CLUSTER, _Id.GROUP}
_AUDIO_TRACK = 2
_OPUS_RATE_PER_MS = 48


def read_recording(data: bytes) -> Recording:
    """Return type and length of a recording; raises NotARecording."""
    try:
        if data[:4] == _Id.EBML.to_bytes(4):
            return Recording("audio/webm", _webm_duration(data))
        if data[:4] == b"OggS":
            return Recording("audio/ogg", _ogg_duration(data))
        if data[4:8] == b"ftyp":
            return Recording("audio/mp4", read_mp4(data).sound_duration())
    except (ValueError, IndexError) as error:
        raise NotARecording from error
    raise NotARecording


class _Webm(msgspec.Struct):
    """What a pass over a WebM file has seen so far."""

    doctype: bytes = b""
    scale_ns: int = 1_000_000
    codecs: list[bytes] = []
    track_types: list[int] = []
    cluster_time: int = 0
    times: list[int] = []

    def take(self, element: int, content: bytes) -> None:
        """Note an element that matters."""
        match element:
            case _Id.DOCTYPE:
                self.doctype = content
            case _Id.SCALE:
                self.scale_ns = int.from_bytes(content)
            case _Id.CODEC:
                self.codecs.append(content)
            case _Id.TRACK_TYPE:
                self.track_types.append(int.from_bytes(content))
            case _Id.CLUSTER_TIME:
                self.cluster_time = int.from_bytes(content)
            case _Id.BLOCK | _Id.SIMPLE_BLOCK:
                self.times.append(self.cluster_time + int.from_bytes(content[1:3], signed=True))
            case _:
                return


def _webm_duration(data: bytes) -> int:
    webm = _Webm()
    place = 0
    while place < len(data):
        element, place = _vint(data, place, keep_marker=True)
        size, place = _vint(data, place, keep_marker=False)
        if element in _CONTAINERS:
            # Stepping inside instead of over it: a recorder does not know the size of what it is still writing.
            continue
        webm.take(element, data[place : place + size])
        place += size
    if webm.doctype != b"webm" or set(webm.codecs) != {b"A_OPUS"} or set(webm.track_types) != {_AUDIO_TRACK}:
        raise NotARecording
    if not webm.times:
        raise NotARecording
    last = max(webm.times)
    before = max((time for time in webm.times if time < last), default=last)
    return (2 * last - before - min(webm.times)) * webm.scale_ns // 1_000_000


def _vint(data: bytes, place: int, *, keep_marker: bool) -> tuple[int, int]:
    """Read EBML's variable-length number: the leading zeros of its first byte say how many bytes follow."""
    first = data[place]
    if first == 0:
        raise NotARecording
    length = 9 - first.bit_length()
    raw = data[place : place + length]
    if len(raw) < length:
        raise NotARecording
    value = int.from_bytes(raw)
    return (value if keep_marker else value ^ (1 << (7 * length))), place + length


def _ogg_duration(data: bytes) -> int:
    place, granule, skip, serial = 0, 0, None, None
    while place < len(data):
        if data[place : place + 4] != b"OggS":
            raise NotARecording
        segments = data[place + 26]
        start = place + 27 + segments
        body = sum(data[place + 27 : start])
        if serial is None:
            serial = data[place + 14 : place + 18]
            if data[start : start + 8] != b"OpusHead":
                raise NotARecording
            skip = int.from_bytes(data[start + 10 : start + 12], "little")
        elif data[place + 14 : place + 18] != serial:
            raise NotARecording
        position = int.from_bytes(data[place + 6 : place + 14], "little", signed=True)
        granule = max(granule, position)
        place = start + body
    return max(0, granule - (skip or 0)) // _OPUS_RATE_PER_MS

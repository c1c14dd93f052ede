"""The boxes of an MP4 file, as far as needed to know its tracks and how long its sound is."""

from collections.abc import Iterator

import msgspec

_PARENTS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"mvex", b"moof", b"traf"}
_SOUND_CODECS = {b"mp4a", b"Opus"}
MAX_BOXES = 200_000


class Mp4(msgspec.Struct):
    """What was found: kinds of tracks, codecs, and lengths in the sound's own time scale."""

    handlers: list[bytes] = []
    codecs: list[bytes] = []
    timescale: int = 0
    declared: int = 0
    default_sample: int = 0
    fragment_sample: int = 0
    fragments: int = 0

    def sound_duration(self) -> int:
        """Return the length in milliseconds; ValueError unless there is one track and it is AAC or Opus."""
        if self.handlers != [b"soun"] or len(self.codecs) != 1 or self.codecs[0] not in _SOUND_CODECS:
            raise ValueError("not a recording of sound alone")
        if self.timescale <= 0:
            raise ValueError("the sound has no time scale")
        return (self.fragments or self.declared) * 1000 // self.timescale


def read_mp4(data: bytes) -> Mp4:
    """Read the boxes; ValueError when they do not add up."""
    found = Mp4()
    for count, (kind, content) in enumerate(_boxes(data, 0, len(data))):
        if count > MAX_BOXES:
            raise ValueError("too many boxes")
        _take(found, kind, content)
    return found


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, bytes]]:
    while start < end:
        size, kind, header = int.from_bytes(data[start : start + 4]), data[start + 4 : start + 8], 8
        if size == 1:
            size, header = int.from_bytes(data[start + 8 : start + 16]), 16
        elif size == 0:
            size = end - start
        if size < header or start + size > end:
            raise ValueError("a box is larger than what holds it")
        if kind in _PARENTS:
            yield from _boxes(data, start + header, start + size)
        elif kind != b"mdat":
            yield kind, data[start + header : start + size]
        start += size


def _take(found: Mp4, kind: bytes, content: bytes) -> None:
    match kind:
        case b"hdlr":
            found.handlers.append(content[8:12])
        case b"stsd":
            found.codecs.append(content[12:16])
        case b"mdhd":
            wide = content[0] == 1
            found.timescale = int.from_bytes(content[20:24] if wide else content[12:16])
            found.declared = int.from_bytes(content[24:32] if wide else content[16:20])
        case b"trex":
            found.default_sample = int.from_bytes(content[12:16])
        case b"tfhd":
            found.fragment_sample = _fragment_default(content) or found.default_sample
        case b"trun":
            found.fragments += _run_duration(content, found.fragment_sample)
        case _:
            return


def _fragment_default(content: bytes) -> int:
    flags = int.from_bytes(content[1:4])
    place = 8 + (8 if flags & 0x1 else 0) + (4 if flags & 0x2 else 0)
    return int.from_bytes(content[place : place + 4]) if flags & 0x8 else 0


def _run_duration(content: bytes, default: int) -> int:
    flags, samples = int.from_bytes(content[1:4]), int.from_bytes(content[4:8])
    if not flags & 0x100:
        return samples * default
    place = 8 + (4 if flags & 0x1 else 0) + (4 if flags & 0x4 else 0)
    step = 4 * sum(1 for bit in (0x100, 0x200, 0x400, 0x800) if flags & bit)
    if place + samples * step > len(content):
        raise ValueError("a run is longer than its box")
    return sum(int.from_bytes(content[at : at + 4]) for at in range(place, place + samples * step, step))

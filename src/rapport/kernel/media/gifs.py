"""Animated GIFs without what does not show: comments, XMP and whatever follows the end of the picture."""

_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_GRAPHIC_CONTROL, _APPLICATION = 0xF9, 0xFF
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


def strip_gif(data: bytes) -> bytes:
    """Return the header, the frames and their timing alone; ValueError when the blocks do not add up."""
    try:
        return _strip(data)
    except IndexError as error:
        raise ValueError("the GIF ends in the middle of a block") from error


def _strip(data: bytes) -> bytes:
    if data[:6] not in {b"GIF87a", b"GIF89a"}:
        raise ValueError("not a GIF")
    place = 13 + _color_table(data[10])
    kept = [data[:place]]
    while data[place] != _TRAILER:
        start = place
        if data[place] == _EXTENSION:
            label, place = data[place + 1], place + 2
            loops = label == _APPLICATION and data[place + 1 : place + 12] in _LOOPS
            place = _after_blocks(data, place)
            if label == _GRAPHIC_CONTROL or loops:
                kept.append(data[start:place])
        elif data[place] == _IMAGE:
            place = _after_blocks(data, place + 11 + _color_table(data[place + 9]))
            kept.append(data[start:place])
        else:
            raise ValueError("an unknown block in the GIF")
    return b"".join([*kept, bytes([_TRAILER])])


def _color_table(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after_blocks(data: bytes, place: int) -> int:
    while data[place]:
        place += data[place] + 1
    return place + 1

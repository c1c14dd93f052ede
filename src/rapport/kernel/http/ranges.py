"""One range of a body, as browsers ask for it when they play sound or continue a download (RFC 9110 §14)."""

import re

_ONE_RANGE = re.compile(r"^bytes=(\d*)-(\d*)$")


class RangeOutside(Exception):  # noqa: N818  the caller turns it into a refusal
    """The range begins after the end."""


def parse_range(value: str | None, size: int) -> tuple[int, int] | None:
    """Return start and end (exclusive), or None when the whole is to be sent (no range, several, an unreadable one)."""
    match = _ONE_RANGE.match(value.strip()) if value else None
    if match is None or match.group(1) == match.group(2) == "":
        return None
    first, last = match.groups()
    if len(first) > 18 or len(last) > 18:  # noqa: PLR2004  no file has more digits
        raise RangeOutside
    if first == "":
        length = int(last)
        if length == 0 or size == 0:
            raise RangeOutside
        return max(0, size - length), size
    start, end = int(first), size if last == "" else min(int(last) + 1, size)
    if last != "" and int(last) < start:
        return None
    if start >= size:
        raise RangeOutside
    return start, end


def matches(etag: str, header: str | None) -> bool:
    """Return whether an If-None-Match header names the tag (weakly compared)."""
    if header is None:
        return False
    return header.strip() == "*" or any(part.strip().removeprefix("W/") == etag for part in header.split(","))

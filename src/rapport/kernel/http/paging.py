"""Keyset paging: a page knows where the next one begins, whatever was inserted meanwhile."""

import base64
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from litestar.params import QueryParameter

from rapport.kernel.errors import InvalidInput

Item = TypeVar("Item")
MAX_LIMIT = 200
Limit = Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT, description="How many items, at most 200")]
After = Annotated[str | None, QueryParameter(max_length=512, description="`next` of the page before")]


class Page(msgspec.Struct, Generic[Item], frozen=True):
    """A page of a list; ``next`` is what to send as ``after`` for the following one, or null at the end."""

    items: list[Item]
    next: str | None


def encode_cursor(*key: str | int) -> str:
    """Return a key as an opaque text."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def decode_cursor(text: str, *kinds: type) -> tuple[Any, ...]:
    """Return the key of a cursor, checked against the expected types; InvalidInput otherwise."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        key = msgspec.json.decode(raw, type=list[str | int])
    except ValueError as error:
        raise InvalidInput("after", "不是上一页给出的 next", "is not a `next` of an earlier page") from error
    if len(key) != len(kinds) or any(type(part) is not kind for part, kind in zip(key, kinds, strict=True)):
        raise InvalidInput("after", "不是上一页给出的 next", "is not a `next` of an earlier page")
    return tuple(key)


def page_of(items: list[Item], limit: int, *key_of_last: str | int) -> Page[Item]:
    """Return a page of at most ``limit`` items out of ``limit + 1`` read ones.

    The key is that of the page's last item.
    """
    return Page(items[:limit], encode_cursor(*key_of_last) if len(items) > limit else None)

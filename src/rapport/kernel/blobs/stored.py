"""What a store tells about bytes that it keeps."""

import msgspec


class StoredBlob(msgspec.Struct, frozen=True):
    """A name, the size of its bytes, and when the store got them (microseconds, UTC)."""

    name: str
    size: int
    stored_at: int

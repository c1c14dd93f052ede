"""What a stored file is, for other features and on the wire."""

from typing import Literal

import msgspec

FileKind = Literal["image", "voice", "file"]
Visibility = Literal["private", "corp", "public"]
"""Who may read beside the uploader and the conversations it was sent in: nobody, the corp's members, everybody."""


class File(msgspec.Struct, frozen=True):
    """A stored file as its uploader and its readers see it; pixels, milliseconds and bytes of what is stored."""

    file_id: str
    kind: FileKind
    name: str
    mime: str
    size: int
    width: int | None
    height: int | None
    duration_ms: int | None


class StoredFile(msgspec.Struct, frozen=True):
    """A file with what decides about reading it; ``corp_id`` is empty for a consumer's upload, which no corp owns."""

    file_id: str
    corp_id: str
    owner: str
    visibility: Visibility
    kind: FileKind
    name: str
    mime: str
    size: int
    width: int | None
    height: int | None
    duration_ms: int | None
    thumbnail_size: int | None

    @property
    def file(self) -> File:
        """The part that goes on the wire."""
        return File(self.file_id, self.kind, self.name, self.mime, self.size, self.width, self.height, self.duration_ms)


class Grant(msgspec.Struct, frozen=True):
    """A file was sent as entry ``seq`` of a conversation: who may see that entry may read the file."""

    corp_id: str
    conversation_id: str
    seq: int


class NewFile(msgspec.Struct, frozen=True):
    """A checked upload whose bytes are already durable under ``file_id``; sizes in bytes."""

    file_id: str
    kind: FileKind
    name: str
    mime: str
    size: int
    width: int | None
    height: int | None
    duration_ms: int | None
    thumbnail_size: int | None


def file_of_blob(name: str) -> str:
    """Return the id of the file that a stored name belongs to."""
    return name.removeprefix(thumbnail_blob(""))


def thumbnail_blob(file_id: str) -> str:
    """Return the name under which a file's thumbnail is stored; the file itself is stored under its id."""
    return f"thumb-{file_id}"

"""An upload on disk becomes what is stored: recognised, rendered, named. Runs in threads of its own, never in a Tx."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from rapport.features.files.errors import (
    ArchiveRefused,
    EmptyUpload,
    FileTypeRefused,
    ImageTooLarge,
    NotAnImage,
    NotAVoiceMessage,
    VoiceTooLong,
)
from rapport.features.files.policies import (
    animation_limit_bytes,
    file_limit_bytes,
    image_limit_bytes,
    image_limit_pixels,
    image_side_pixels,
    uploads_per_hour,
    voice_limit_bytes,
    voice_limit_s,
)
from rapport.features.files.types import FileKind, NewFile
from rapport.kernel.media.documents import ArchiveUnsafe, TypeRefused, type_of
from rapport.kernel.media.names import clean_name
from rapport.kernel.media.pictures import NotAPicture, PictureLimits, TooManyPixels, render_picture
from rapport.kernel.media.recordings import NotARecording, read_recording
from rapport.kernel.policy import get_policy
from rapport.kernel.tx import ReadTx

# Two at once: a decoded picture takes up to 200 MB, and decoding more than there are cores gains nothing.
workers = ThreadPoolExecutor(2, thread_name_prefix="media")

VOICE_SLACK_MS = 1_000
"""A recorder that is told to stop at the limit stops a little later."""
_ENDINGS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "audio/webm": ".webm",
    "audio/ogg": ".ogg",
    "audio/mp4": ".m4a",
}


class Limits(msgspec.Struct, frozen=True):
    """What holds for one upload: bytes by kind, pixels, seconds, uploads in an hour."""

    body_bytes: int
    picture: PictureLimits
    voice_s: int
    per_hour: int


class Checked(msgspec.Struct, frozen=True):
    """What is to be stored; ``content`` is None where the received file is stored as it is."""

    new: NewFile
    content: bytes | None
    thumbnail: bytes | None


def read_limits(tx: ReadTx, corp_id: str, kind: FileKind) -> Limits:
    """Return the limits for an upload of this kind (files.* policies)."""
    by_kind = {"image": image_limit_bytes, "voice": voice_limit_bytes, "file": file_limit_bytes}
    return Limits(
        get_policy(tx, corp_id, by_kind[kind]),
        PictureLimits(
            get_policy(tx, corp_id, image_limit_pixels),
            get_policy(tx, corp_id, image_side_pixels),
            get_policy(tx, corp_id, animation_limit_bytes),
        ),
        get_policy(tx, corp_id, voice_limit_s),
        get_policy(tx, corp_id, uploads_per_hour),
    )


def check_content(file_id: str, path: Path, kind: FileKind, name: str, limits: Limits) -> Checked:
    """Return what is to be stored of a received file; raises the refusals of the kind, and nothing is kept then."""
    size = path.stat().st_size
    if size == 0:
        raise EmptyUpload
    match kind:
        case "image":
            return _image(file_id, path, name, limits)
        case "voice":
            return _voice(file_id, path, name, limits, size)
        case "file":
            return _file(file_id, path, name, size)


def _image(file_id: str, path: Path, name: str, limits: Limits) -> Checked:
    try:
        picture = render_picture(path, limits.picture)
    except NotAPicture:
        raise NotAnImage from None
    except TooManyPixels:
        raise ImageTooLarge(limit_megapixels=limits.picture.pixels // 1_000_000) from None
    new = NewFile(
        file_id=file_id,
        kind="image",
        name=_named(name, "image", picture.mime),
        mime=picture.mime,
        size=len(picture.data),
        width=picture.width,
        height=picture.height,
        duration_ms=None,
        thumbnail_size=None if picture.thumbnail is None else len(picture.thumbnail),
    )
    return Checked(new, picture.data, picture.thumbnail)


def _voice(file_id: str, path: Path, name: str, limits: Limits, size: int) -> Checked:
    try:
        recording = read_recording(path.read_bytes())
    except NotARecording:
        raise NotAVoiceMessage from None
    if recording.duration_ms > limits.voice_s * 1000 + VOICE_SLACK_MS:
        raise VoiceTooLong(limit_s=limits.voice_s)
    named = _named(name, "voice", recording.mime)
    new = _sized(file_id, "voice", named, recording.mime, size=size, duration_ms=recording.duration_ms)
    return Checked(new, None, None)


def _file(file_id: str, path: Path, name: str, size: int) -> Checked:
    cleaned = clean_name(name, "file")
    try:
        mime = type_of(path, cleaned)
    except TypeRefused:
        raise FileTypeRefused from None
    except ArchiveUnsafe:
        raise ArchiveRefused from None
    return Checked(_sized(file_id, "file", cleaned, mime, size=size), None, None)


def _sized(file_id: str, kind: FileKind, name: str, mime: str, *, size: int, duration_ms: int | None = None) -> NewFile:
    return NewFile(file_id, kind, name, mime, size, None, None, duration_ms, None)


def _named(name: str, fallback: str, mime: str) -> str:
    """Give the name the ending of what the content became: a picture named .png that is kept as JPEG is a .jpg."""
    cleaned = clean_name(name, fallback)
    ending = _ENDINGS[mime]
    stem = cleaned.rpartition(".")[0] or cleaned
    return clean_name(stem + ending, fallback + ending)

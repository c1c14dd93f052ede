"""Types of files that people send one another: an allow-list by content, and endings that no file may carry.

Programs, scripts and pages are not on the list, nor are Office files with macros. Archives are not unpacked; a ZIP says
in its directory what it would become, and one that would become far too much is refused.
"""

import zipfile
from pathlib import Path
from typing import Any

import msgspec
import puremagic

from rapport.kernel.media.names import ending_of

SURE_BYTES = 3
HEAD_BYTES = 64 * 1024
ZIP_ENTRIES = 10_000
ZIP_TOTAL_BYTES = 2 * 1024**3
ZIP_RATIO = 200
ZIP_RATIO_FROM_BYTES = 64 * 1024**2

_MIMES = {
    ".pdf": "application/pdf", ".rtf": "application/rtf", ".rar": "application/vnd.rar",
    ".7z": "application/x-7z-compressed", ".tar": "application/x-tar", ".gz": "application/gzip",
    ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".jfif": "image/jpeg", ".png": "image/png",
    ".gif": "image/gif", ".webp": "image/webp", ".bmp": "image/bmp", ".tif": "image/tiff", ".tiff": "image/tiff",
    ".heic": "image/heic", ".heif": "image/heif", ".avif": "image/avif", ".mp3": "audio/mpeg", ".mpga": "audio/mpeg",
    ".wav": "audio/wav", ".flac": "audio/flac", ".ogg": "audio/ogg", ".oga": "audio/ogg", ".amr": "audio/amr",
    ".m4a": "audio/mp4", ".aac": "audio/aac", ".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/quicktime",
    ".webm": "video/webm", ".mkv": "video/x-matroska", ".avi": "video/x-msvideo", ".3gp": "video/3gpp",
}  # fmt: skip
_OFFICE = "application/vnd.openxmlformats-officedocument."
_OFFICE_FOLDERS = {
    "word/": _OFFICE + "wordprocessingml.document",
    "xl/": _OFFICE + "spreadsheetml.sheet",
    "ppt/": _OFFICE + "presentationml.presentation",
}
_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_STREAMS = {
    "WordDocument": "application/msword",
    "Workbook": "application/vnd.ms-excel",
    "PowerPoint Document": "application/vnd.ms-powerpoint",
}
_PROGRAM_ENDINGS = {".exe", ".dll", ".elf", ".class", ".msi", ".macho"}
_ALIKE = {".mpga": {".mp3", ".mpga"}}
_PROGRAM_PARTS = ("META-INF/MANIFEST.MF", "AndroidManifest.xml", "Payload/")
_TEXTS = {
    "": "text/plain", "txt": "text/plain", "md": "text/plain", "log": "text/plain", "srt": "text/plain",
    "tsv": "text/plain",    "csv": "text/csv", "json": "application/json", "ics": "text/calendar", "vcf": "text/vcard",
}  # fmt: skip
_TEXT_CONTROLS = frozenset("\t\n\r\f\ufeff")
_PROGRAMS = (
    "exe msi msix bat cmd com scr pif cpl dll sys drv jar apk ipa app dmg pkg deb rpm iso img vhd gadget application"
)
_SCRIPTS = "vbs vbe js jse mjs wsf wsh ps1 psm1 hta sh bash zsh py pl rb php asp aspx jsp reg inf"
_PAGES = "html htm xhtml svg svgz mht mhtml xml xsl chm hlp url lnk desktop scf"
_MACROS = "docm dotm xlsm xltm xlsb xlam pptm potm ppam"
_REFUSED_ENDINGS = frozenset(f"{_PROGRAMS} {_SCRIPTS} {_PAGES} {_MACROS}".split())


class TypeRefused(Exception):  # noqa: N818  the caller turns it into a refusal
    """The content or the ending is not on the list."""


class ArchiveUnsafe(Exception):  # noqa: N818  the caller turns it into a refusal
    """A ZIP that is damaged or would unpack to far too much."""


def check_ending(name: str) -> None:
    """Raise TypeRefused for a name that a computer would start, whatever is inside."""
    if ending_of(name) in _REFUSED_ENDINGS:
        raise TypeRefused


def type_of(path: Path, name: str) -> str:
    """Return the media type of a file to be handed on; raises TypeRefused or ArchiveUnsafe."""
    check_ending(name)
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head.startswith(b"PK\x03\x04"):
        return _zip_type(path)
    if head.startswith(_OLE_MAGIC):
        return _ole_type(path)
    ending = ending_of(name)
    if ending in _TEXTS and _is_text(path):
        return _TEXTS[ending]
    return _magic_type(head, name)


class _Match(msgspec.Struct, frozen=True):
    """A signature found at its place: the ending it stands for and how many bytes agreed."""

    ending: str
    length: int


def _magic_type(head: bytes, name: str) -> str:
    # A match on the name alone says nothing; one on a few bytes ("BM", a sync word of MP3) must agree with the name.
    for match in _matches(head):
        mime = _MIMES.get(match.ending)
        if mime and (match.length >= SURE_BYTES or "." + ending_of(name) in _ALIKE.get(match.ending, {match.ending})):
            return mime
        if match.ending in _PROGRAM_ENDINGS:
            break
    raise TypeRefused


def _matches(head: bytes) -> list[_Match]:
    try:
        found: list[Any] = puremagic.magic_string(head)  # pyright: ignore[reportUnknownMemberType]  untyped upstream
    except (puremagic.PureError, ValueError):
        return []
    return [_Match(match.extension, len(match.byte_match)) for match in found if match.byte_match]


def _zip_type(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise ArchiveUnsafe from error
    total = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    swollen = total > ZIP_RATIO_FROM_BYTES and total / packed > ZIP_RATIO
    if len(entries) > ZIP_ENTRIES or total > ZIP_TOTAL_BYTES or swollen:
        raise ArchiveUnsafe
    names = [entry.filename for entry in entries]
    if any(name.startswith(_PROGRAM_PARTS) or name.endswith("vbaProject.bin") for name in names):
        raise TypeRefused
    if "[Content_Types].xml" in names:
        for folder, mime in _OFFICE_FOLDERS.items():
            if any(name.startswith(folder) for name in names):
                return mime
    if "mimetype" in names and "content.xml" in names:
        return _open_document_type(path)
    return "application/zip"


def _open_document_type(path: Path) -> str:
    with zipfile.ZipFile(path) as archive, archive.open("mimetype") as part:
        declared = part.read(128).decode("ascii", "replace").strip()
    known = {
        f"application/vnd.oasis.opendocument.{kind}" for kind in ("text", "spreadsheet", "presentation", "graphics")
    }
    return declared if declared in known else "application/zip"


def _ole_type(path: Path) -> str:
    """The old Office formats share a container with installers and mails: the names of its streams tell them apart."""
    data = path.read_bytes()
    if "_VBA_PROJECT".encode("utf-16-le") in data:
        raise TypeRefused
    for stream, mime in _OLE_STREAMS.items():
        if stream.encode("utf-16-le") in data:
            return mime
    raise TypeRefused


def _is_text(path: Path) -> bool:
    data = path.read_bytes()
    for encoding in ("utf-8", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return all(character.isprintable() or character.isspace() or character in _TEXT_CONTROLS for character in text)
    return False

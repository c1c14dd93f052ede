"""What may be said: bodies checked and completed from what is stored, before an entry takes its number."""

import unicodedata

from rapport.features.conversations.errors import TextEmpty, TextNotAllowed, TextTooLong
from rapport.features.conversations.policies import text_limit_bytes
from rapport.features.conversations.types import Attachment, Body, Image, Link, Recall, System, Text, Voice
from rapport.features.files.api import check_attachable, get_file
from rapport.features.files.types import File, FileKind
from rapport.kernel.actor import ConsumerActor, MemberActor
from rapport.kernel.policy import get_policy
from rapport.kernel.tx import Tx

ALLOWED_CONTROLS = frozenset("\n\t")
Actor = MemberActor | ConsumerActor | None


def prepare_body(tx: Tx, corp_id: str, actor: Actor, body: Body) -> Body:
    """Check a body and complete it from what is stored; the client's own claims about a file are not believed."""
    match body:
        case Text():
            _check_text(tx, corp_id, body.text)
            return body
        case Image():
            stored = _file_of(tx, actor, body.file_id, "image")
            return Image(body.file_id, stored.width or 0, stored.height or 0, stored.size)
        case Attachment():
            stored = _file_of(tx, actor, body.file_id, "file")
            return Attachment(body.file_id, stored.name, stored.mime, stored.size)
        case Voice():
            stored = _file_of(tx, actor, body.file_id, "voice")
            return Voice(body.file_id, stored.duration_ms or 0, stored.mime, stored.size)
        case Link():
            for words in (body.title, body.description):
                _check_characters(words)
            if body.image_file_id is not None:
                _file_of(tx, actor, body.image_file_id, "image")
            return body
        case System() | Recall():
            return body


def _file_of(tx: Tx, actor: Actor, file_id: str, kind: FileKind) -> File:
    """Return the stored file; whoever acts must be able to read it, the product checked before."""
    return get_file(tx, file_id) if actor is None else check_attachable(tx, actor, file_id, kind)


def files_in(body: Body) -> tuple[str, ...]:
    """Return the ids of the files that a body carries."""
    match body:
        case Image() | Attachment() | Voice():
            return (body.file_id,)
        case Link():
            return () if body.image_file_id is None else (body.image_file_id,)
        case _:
            return ()


def _check_text(tx: Tx, corp_id: str, words: str) -> None:
    if not words.strip():
        raise TextEmpty
    limit = get_policy(tx, corp_id, text_limit_bytes)
    if len(words) * 4 > limit:
        size = len(words.encode())
        if size > limit:
            raise TextTooLong(limit_bytes=limit, characters=limit // 3, size_bytes=size)
    _check_characters(words)


def _check_characters(words: str) -> None:
    if words.isprintable():
        return
    for position, character in enumerate(words):
        if character not in ALLOWED_CONTROLS and unicodedata.category(character) in {"Cc", "Cs"}:
            raise TextNotAllowed(position=position)

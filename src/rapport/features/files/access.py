"""The only way from an outside id to a file."""

from rapport.features.files.errors import FileNotAttachable
from rapport.features.files.ports import file_reading
from rapport.features.files.queries import find_file, list_grants
from rapport.features.files.types import File, FileKind, StoredFile
from rapport.kernel.actor import ConsumerActor, MemberActor
from rapport.kernel.errors import NotFound
from rapport.kernel.policy import PLATFORM
from rapport.kernel.tx import ReadTx


def owner_of(actor: MemberActor | ConsumerActor) -> tuple[str, str]:
    """Return corp and owner under which an actor's uploads are kept; a consumer's belong to no corp."""
    if isinstance(actor, MemberActor):
        return actor.corp_id, actor.person
    return PLATFORM, f"u:{actor.consumer_id}"


def may_read(tx: ReadTx, actor: MemberActor | ConsumerActor, stored: StoredFile) -> bool:
    """Return whether the actor uploaded the file, or it is open to them, or they see an entry that carries it."""
    corp_id, owner = owner_of(actor)
    if (stored.corp_id, stored.owner) == (corp_id, owner) or stored.visibility == "public":
        return True
    is_member = isinstance(actor, MemberActor)
    if is_member and stored.visibility == "corp" and stored.corp_id == corp_id:
        return True
    grants = list_grants(tx, stored.file_id, corp_id if is_member else None)
    return bool(grants) and file_reading.joined(tx, actor, grants)


def access_file(tx: ReadTx, actor: MemberActor | ConsumerActor, file_id: str) -> StoredFile:
    """Return a file that the actor may read; raises NotFound for every other id."""
    stored = find_file(tx, file_id)
    if stored is None or not may_read(tx, actor, stored):
        raise NotFound
    return stored


def access_public_file(tx: ReadTx, file_id: str) -> StoredFile:
    """Return a public file (a logo, an avatar); raises NotFound for every other id."""
    stored = find_file(tx, file_id)
    if stored is None or stored.visibility != "public":
        raise NotFound
    return stored


def access_own_file(tx: ReadTx, actor: MemberActor | ConsumerActor, file_id: str) -> StoredFile:
    """Return a file that the actor uploaded; raises FileNotAttachable for every other id."""
    stored = find_file(tx, file_id)
    if stored is None or (stored.corp_id, stored.owner) != owner_of(actor):
        raise FileNotAttachable
    return stored


def check_attachable(tx: ReadTx, actor: MemberActor | ConsumerActor, file_id: str, kind: FileKind) -> File:
    """Return a file that the actor may send as ``kind``: the actor's own, or one they can read already (forwarding).

    Raises FileNotAttachable. A file of another corp is never attachable for a member.
    """
    stored = find_file(tx, file_id)
    if stored is None or stored.kind != kind or not may_read(tx, actor, stored):
        raise FileNotAttachable
    return stored.file


def get_file(tx: ReadTx, file_id: str) -> File:
    """Return a file by id whoever asks (for the product's own acts, which checked before); raises NotFound."""
    stored = find_file(tx, file_id)
    if stored is None:
        raise NotFound
    return stored.file

"""Every write to stored files."""

from collections.abc import Iterable

import msgspec
from sqlalchemy import delete, insert, select, update

from rapport.features.files.access import access_own_file, owner_of
from rapport.features.files.errors import FileNotAttachable
from rapport.features.files.policies import unused_hours
from rapport.features.files.queries import find_file
from rapport.features.files.tables import file_grant, stored_file
from rapport.features.files.types import File, Grant, NewFile, StoredFile, Visibility
from rapport.kernel.actor import ConsumerActor, MemberActor
from rapport.kernel.clock import HOUR
from rapport.kernel.jobs import schedule
from rapport.kernel.policy import PLATFORM, get_policy
from rapport.kernel.statements import command, insertion, p, query, scalar, upsert
from rapport.kernel.tx import Tx

REMOVE_BYTES = "files.remove_bytes"
SWEEP = 200


class _UnusedFile(msgspec.Struct, frozen=True):
    """A file that nothing used in time."""

    corp_id: str
    file_id: str


_f = stored_file.c
_insert = insertion(insert(stored_file))
_attach = command(
    update(stored_file)
    .where(_f.corp_id == p("in_corp"), _f.file_id == p("id"), _f.attached_at.is_(None))
    .values(attached_at=p("now"))
)
_open = command(
    update(stored_file)
    .where(_f.corp_id == p("in_corp"), _f.file_id == p("id"))
    .values(visibility=p("to"), attached_at=p("now"))
)
_grant = command(
    upsert(file_grant).values({column.name: p(column.name) for column in file_grant.columns}).on_conflict_do_nothing()
)
_granted = scalar(
    select(file_grant.c.file_id).where(
        file_grant.c.corp_id == p("corp_id"),
        file_grant.c.conversation_id == p("conversation_id"),
        file_grant.c.seq == p("seq"),
    )
)
_revoke = command(
    delete(file_grant).where(
        file_grant.c.corp_id == p("corp_id"),
        file_grant.c.conversation_id == p("conversation_id"),
        file_grant.c.seq == p("seq"),
    )
)
_still_granted = scalar(select(file_grant.c.file_id).where(file_grant.c.file_id == p("file_id")).limit(1), crosses=True)
_remove = command(delete(stored_file).where(_f.corp_id == p("corp_id"), _f.file_id == p("file_id")))
_unused = query(
    select(_f.corp_id, _f.file_id)
    .where(
        _f.attached_at.is_(None),
        _f.created_at < p("before"),
    )
    .order_by(_f.created_at)
    .limit(SWEEP),
    _UnusedFile,
    crosses=True,
)


def create_file(tx: Tx, actor: MemberActor | ConsumerActor, new: NewFile) -> File:
    """Keep an upload whose bytes are durable already; it is removed again unless something uses it in time."""
    corp_id, owner = owner_of(actor)
    stored = StoredFile(
        new.file_id, corp_id, owner, "private", new.kind, new.name, new.mime, new.size,
        new.width, new.height, new.duration_ms, new.thumbnail_size,
    )  # fmt: skip
    columns = {name: getattr(stored, name) for name in StoredFile.__struct_fields__}
    tx.run(_insert, **columns, created_at=tx.now, attached_at=None)
    return stored.file


def grant_files(tx: Tx, grants: Iterable[tuple[str, Grant]]) -> None:
    """Let whoever sees an entry read the file it carries: pairs of file id and entry; repeated is fine.

    The caller has checked each file with ``check_attachable``; raises FileNotAttachable for one that is gone since.
    """
    for file_id, entry in grants:
        stored = find_file(tx, file_id)
        if stored is None:
            raise FileNotAttachable
        tx.run(_grant, corp_id=entry.corp_id, conversation_id=entry.conversation_id, seq=entry.seq, file_id=file_id)
        tx.run(_attach, in_corp=stored.corp_id, id=file_id, now=tx.now)


def revoke_files(tx: Tx, entry: Grant) -> None:
    """Take back what an entry granted (a recall, an erasure); a private file that no entry carries now is removed."""
    key = {"corp_id": entry.corp_id, "conversation_id": entry.conversation_id, "seq": entry.seq}
    file_ids: list[str] = tx.all(_granted, **key)
    tx.run(_revoke, **key)
    for file_id in file_ids:
        stored = find_file(tx, file_id)
        carried = tx.one(_still_granted, file_id=file_id) is not None
        if stored is not None and stored.visibility == "private" and not carried:
            _remove_file(tx, stored.corp_id, file_id)


def publish_file(tx: Tx, actor: MemberActor | ConsumerActor, file_id: str) -> File:
    """Make an own image public (a logo, an avatar): ``/files/{file_id}`` serves it to everybody.

    Raises FileNotAttachable unless it is an image that the actor uploaded.
    """
    return _open_file(tx, actor, file_id, "public")


def share_with_corp(tx: Tx, actor: MemberActor, file_id: str) -> File:
    """Let every member of the corp read and send an own file (the picture of a welcome message), and keep it.

    Raises FileNotAttachable unless the actor uploaded it.
    """
    return _open_file(tx, actor, file_id, "corp")


def _open_file(tx: Tx, actor: MemberActor | ConsumerActor, file_id: str, to: Visibility) -> File:
    stored = access_own_file(tx, actor, file_id)
    if to == "public" and stored.kind != "image":
        raise FileNotAttachable
    if stored.visibility != "public":
        tx.run(_open, in_corp=stored.corp_id, id=file_id, to=to, now=tx.now)
    return stored.file


def remove_unused(tx: Tx) -> int:
    """Remove the oldest files that nothing used in time (the policy), at most ``SWEEP``; return how many."""
    unused = tx.all(_unused, before=tx.now - get_policy(tx, PLATFORM, unused_hours) * HOUR)
    for file in unused:
        _remove_file(tx, file.corp_id, file.file_id)
    return len(unused)


def _remove_file(tx: Tx, corp_id: str, file_id: str) -> None:
    """The row goes with this transaction, the bytes after it: a job that is retried until they are gone."""
    tx.run(_remove, corp_id=corp_id, file_id=file_id)
    schedule(tx, corp_id, REMOVE_BYTES, file_id, file_id)

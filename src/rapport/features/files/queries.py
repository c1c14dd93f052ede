"""Reads of stored files."""

from sqlalchemy import func, select

from rapport.features.files.tables import file_grant, stored_file
from rapport.features.files.types import Grant, StoredFile
from rapport.kernel.statements import among, p, query, scalar
from rapport.kernel.tx import ReadTx

_f = stored_file.c
_columns = (
    _f.file_id,
    _f.corp_id,
    _f.owner,
    _f.visibility,
    _f.kind,
    _f.name,
    _f.mime,
    _f.size,
    _f.width,
    _f.height,
    _f.duration_ms,
    _f.thumbnail_size,
)
# A file's id is unique on the platform: a consumer's upload belongs to no corp, who asks for a public one names none.
_by_id = query(select(*_columns).where(_f.file_id == p("file_id")), StoredFile, crosses=True)
_known = scalar(select(_f.file_id).where(among(_f.file_id, "file_ids")), crosses=True)
_sizes = scalar(select(func.coalesce(func.sum(_f.size + func.coalesce(_f.thumbnail_size, 0)), 0)), crosses=True)
_grants = query(
    select(file_grant.c.corp_id, file_grant.c.conversation_id, file_grant.c.seq)
    .where(file_grant.c.file_id == p("file_id"))
    .limit(200),
    Grant,
    crosses=True,
)
_grants_in_corp = query(
    select(file_grant.c.corp_id, file_grant.c.conversation_id, file_grant.c.seq)
    .where(file_grant.c.corp_id == p("corp_id"), file_grant.c.file_id == p("file_id"))
    .limit(200),
    Grant,
)


def find_file(tx: ReadTx, file_id: str) -> StoredFile | None:
    """Return a file by its id alone, or None; says nothing about who may read it."""
    return tx.one(_by_id, file_id=file_id)


def find_known(tx: ReadTx, file_ids: list[str]) -> set[str]:
    """Return which of some ids are files'."""
    return set(tx.all(_known, file_ids=file_ids))


def list_grants(tx: ReadTx, file_id: str, corp_id: str | None) -> list[Grant]:
    """Return the entries that carry the file, of one corp or (None, for consumers) of all."""
    if corp_id is None:
        return tx.all(_grants, file_id=file_id)
    return tx.all(_grants_in_corp, corp_id=corp_id, file_id=file_id)


def sum_bytes(tx: ReadTx) -> int:
    """Return how many bytes the stored files of all corps have, thumbnails too (a measurement, for nobody's list)."""
    return int(tx.one(_sizes) or 0)

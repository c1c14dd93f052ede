"""Tables of stored files; the bytes lie in the blob store under the file's id."""

from sqlalchemy import Index, PrimaryKeyConstraint, Table

from rapport.kernel.schema import metadata, moment, number, text

stored_file = Table(
    "stored_file",
    metadata,
    text("corp_id"),
    text("file_id"),
    text("owner"),
    text("visibility"),
    text("kind"),
    text("name"),
    text("mime"),
    number("size"),
    number("width", nullable=True),
    number("height", nullable=True),
    number("duration_ms", nullable=True),
    number("thumbnail_size", nullable=True),
    moment("created_at"),
    moment("attached_at", nullable=True),
    PrimaryKeyConstraint("corp_id", "file_id"),
    Index("ix_stored_file_file", "file_id"),
    Index("ix_stored_file_unused", "attached_at", "created_at"),
    sqlite_with_rowid=False,
)
file_grant = Table(
    "file_grant",
    metadata,
    text("corp_id"),
    text("conversation_id"),
    number("seq"),
    text("file_id"),
    PrimaryKeyConstraint("corp_id", "conversation_id", "seq", "file_id"),
    Index("ix_file_grant_file", "file_id"),
    sqlite_with_rowid=False,
)

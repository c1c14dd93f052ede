"""Which engine an installation lives on, and opening it at the schema that this version needs."""

from pathlib import Path

from rapport.kernel.clock import Clock
from rapport.kernel.database import Database
from rapport.kernel.engines.sqlite import SqliteDatabase
from rapport.kernel.ids import Ids
from rapport.migrations import holds_installation, migrate, migrate_postgres

FILE_NAME = "rapport.db"


def is_made(folder: Path, url: str | None) -> bool:
    """Say whether there is an installation's database already; raises SchemaError for one that does not answer."""
    return (folder / FILE_NAME).exists() if url is None else holds_installation(url)


def open_database(folder: Path, url: str | None, clock: Clock, ids: Ids, *, older: bool = True) -> Database:
    """Open the database, the embedded one in ``folder`` or PostgreSQL at ``url``.

    An older one is migrated, or refused unless ``older`` allows it; an empty one gets its tables. Raises SchemaError.
    """
    if url is None:
        path = folder / FILE_NAME
        migrate(path, older=older)
        return SqliteDatabase(path, clock, ids)
    # Its driver is loaded where it is used: the embedded engine starts without.
    from rapport.kernel.engines.numbering import base_at  # noqa: PLC0415
    from rapport.kernel.engines.postgres import PostgresDatabase  # noqa: PLC0415  same

    migrate_postgres(url, older=older)
    return PostgresDatabase(url, clock, ids, base=base_at(url))

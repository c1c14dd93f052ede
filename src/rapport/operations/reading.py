"""Reading an installation from beside, served or not, without migrating it."""

from collections.abc import Generator
from contextlib import contextmanager

from rapport.database import FILE_NAME
from rapport.features.files.queries import find_known
from rapport.kernel.clock import SystemClock
from rapport.kernel.engines.sqlite_tx import SqliteReadTx
from rapport.kernel.tx import ReadTx
from rapport.operations.embedded import reading_file
from rapport.settings import Settings


@contextmanager
def reading(settings: Settings) -> Generator[ReadTx]:
    """Read the database; each query sees a moment of its own. Raises OperationError and SchemaError."""
    now = SystemClock().now()
    if settings.database_url is None:
        with reading_file(settings.data / FILE_NAME) as connection:
            yield SqliteReadTx(connection, now)
        return
    # Its driver is loaded where it is used: the embedded engine starts without.
    from rapport.kernel.engines.numbering import read_base  # noqa: PLC0415
    from rapport.kernel.engines.postgres_tx import PostgresReadTx  # noqa: PLC0415  same
    from rapport.operations.engines import connected_to  # noqa: PLC0415  same

    with connected_to(settings.database_url) as connection:
        connection.autocommit = True
        yield PostgresReadTx(connection, now, read_base(connection))


def existing_files(settings: Settings, file_ids: list[str]) -> set[str]:
    """Return which files have a row now."""
    with reading(settings) as tx:
        return find_known(tx, file_ids)

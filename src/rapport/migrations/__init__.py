# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# apsw's stubs leave its buffer types unknown.
"""The schema's history, forward only, and the one place that applies it.

Alembic writes the SQL, the engine's own driver runs it: inside the server only apsw may open the database file,
because closing a connection of the standard library's sqlite3 releases apsw's locks. Alembic is imported only when
there is something to apply.
"""

import re
from collections.abc import Generator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import apsw

HEAD = "0003"
"""The revision that this version of the program needs."""
FOLDER = Path(__file__).parent


class SchemaError(Exception):
    """The database cannot be used by this version; the message is one sentence for the operator."""


def read_revision(connection: apsw.Connection) -> str | None:
    """Return the revision of a database, None for an empty one."""
    found = connection.execute("SELECT name FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
    if found is None:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def upgrade_sql(revision: str | None, dialect: str = "sqlite", to: str = HEAD) -> str:
    """Return the SQL that leads from a revision to ``HEAD`` (or an older one), as an engine takes it."""
    from alembic.config import Config  # noqa: PLC0415  half a second that an up-to-date database need not pay
    from alembic.runtime.environment import EnvironmentContext  # noqa: PLC0415  same
    from alembic.script import ScriptDirectory  # noqa: PLC0415  same

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    script = ScriptDirectory.from_config(config)
    known = {found.revision for found in script.walk_revisions()}
    if revision is not None and revision not in known:
        raise SchemaError(
            f"The database is of a newer version ({revision}) than this program ({HEAD}). Update Rapport."
        )
    buffer = StringIO()
    steps = EnvironmentContext(
        config,
        script,
        fn=lambda _, __: script._upgrade_revs(to, revision),  # noqa: SLF001  # pyright: ignore[reportPrivateUsage, reportArgumentType, reportUnknownVariableType, reportUnknownMemberType, reportUnknownLambdaType]  alembic's own command does the same
        as_sql=True,
        starting_rev=revision,
        destination_rev=to,
    )
    with steps as environment:
        environment.configure(dialect_name=dialect, output_buffer=buffer, transactional_ddl=False)
        environment.run_migrations()
    sql = buffer.getvalue()
    # Both engines order text by its code points, whatever language a PostgreSQL cluster was made for.
    return re.sub(r"\bVARCHAR\b(?:\(\d+\))?", 'TEXT COLLATE "C"', sql) if dialect == "postgresql" else sql


def migrate(path: Path) -> bool:
    """Bring a database file to ``HEAD``, creating it if need be, in one transaction.

    Return whether anything was done.
    """
    connection = apsw.Connection(str(path))
    try:
        connection.set_busy_timeout(10_000)
        revision = read_revision(connection)
        if revision == HEAD:
            return False
        sql = upgrade_sql(revision)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("BEGIN IMMEDIATE")
        try:
            # To the end: the driver stops at each row that a statement returns.
            connection.execute(sql).fetchall()
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
    finally:
        connection.close()
    return True


OLDEST_POSTGRES = 15


@contextmanager
def connected(url: str) -> Generator[Any]:
    """Connect to PostgreSQL; whatever is wrong with that is one sentence, in which no password stands."""
    import psycopg  # noqa: PLC0415  the embedded engine starts without

    try:
        connection = psycopg.connect(url, connect_timeout=10)
    except psycopg.ProgrammingError as error:
        raise SchemaError("RAPPORT_DATABASE_URL is no address: it is postgresql://user:password@host/name.") from error
    except psycopg.OperationalError as error:
        reason = " ".join(str(error).split()).removeprefix("connection failed: ")
        raise SchemaError(f"The database of RAPPORT_DATABASE_URL does not let us in: {reason}") from error
    with connection:
        if connection.info.server_version < OLDEST_POSTGRES * 10_000:
            found = connection.info.server_version // 10_000
            raise SchemaError(f"PostgreSQL {OLDEST_POSTGRES} or newer is needed; the server is of version {found}.")
        try:
            yield connection
        except psycopg.errors.InsufficientPrivilege as error:
            raise SchemaError(
                f"The user of RAPPORT_DATABASE_URL may not make tables: {error.diag.message_primary}."
            ) from error


def holds_installation(url: str) -> bool:
    """Say whether a PostgreSQL database holds a corp. Raises SchemaError when it does not answer."""
    with connected(url) as connection:
        if not connection.execute("SELECT to_regclass('corp') IS NOT NULL").fetchone()[0]:
            return False
        return bool(connection.execute("SELECT EXISTS (SELECT FROM corp)").fetchone()[0])


def migrate_postgres(url: str) -> bool:
    """Bring a PostgreSQL database to ``HEAD``, in one transaction and one process at a time.

    Return whether anything was done; raises SchemaError.
    """
    with connected(url) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('rapport migrations'))")
        revision = None
        if connection.execute("SELECT to_regclass('alembic_version') IS NOT NULL").fetchone()[0]:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            revision = str(row[0]) if row else None
        if revision == HEAD:
            return False
        connection.execute(upgrade_sql(revision, "postgresql").encode())
    return True

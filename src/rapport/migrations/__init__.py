# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# apsw's stubs leave its buffer types unknown.
"""The schema's history, forward only, and the one place that applies it.

Alembic writes the SQL, the engine's own driver runs it: inside the server only apsw may open the database file,
because closing a connection of the standard library's sqlite3 releases apsw's locks. Alembic is imported only when
there is something to apply.
"""

import re
import time
from collections.abc import Generator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import apsw
import msgspec

HEAD = "0004"
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


class Migrated(msgspec.Struct, frozen=True):
    """The revision from which a database was brought to ``HEAD``; None for an empty one."""

    before: str | None

    @property
    def done(self) -> bool:
        """Whether anything was done."""
        return self.before != HEAD


def migrate(path: Path, *, older: bool = True, patience_s: float = 10) -> Migrated:
    """Bring a database file to ``HEAD``, creating it if need be, in one transaction, while a server may be serving.

    One that holds an older revision is refused unless ``older`` allows it. Raises SchemaError, also when others do not
    let us write within ``patience_s``.
    """
    with _connected_file(path, patience_s) as connection:
        revision = read_revision(connection)
        if revision == HEAD:
            return Migrated(HEAD)
        _check_older(revision, allowed=older)
        connection.execute("PRAGMA journal_mode=WAL").fetchall()
        # Only one migrates: who waited for the other finds the work done.
        connection.execute("BEGIN IMMEDIATE")
        try:
            revision = read_revision(connection)
            if revision != HEAD:
                _check_free(revision, path.name, connection.execute("SELECT name FROM sqlite_master").fetchall())
                # To the end: the driver stops at each row that a statement returns.
                connection.execute(upgrade_sql(revision)).fetchall()
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
    return Migrated(revision)


def _check_older(revision: str | None, *, allowed: bool) -> None:
    if revision is None or allowed:
        return
    # Whether it is older or newer, upgrade_sql knows.
    upgrade_sql(revision)
    raise SchemaError(
        f"The database is at revision {revision} and this version of the program needs {HEAD}: "
        "run `rapport migrate` first, or set RAPPORT_MIGRATE=true."
    )


@contextmanager
def _connected_file(path: Path, patience_s: float) -> Generator[apsw.Connection]:
    """Open a database file for writing; whatever is wrong with that is one sentence."""
    try:
        connection = apsw.Connection(str(path))
        try:
            connection.set_busy_timeout(int(patience_s * 1000))
            if connection.readonly("main"):
                raise SchemaError(f"{path} may not be written: it must belong to who runs the server.")
            yield connection
        finally:
            connection.close()
    except (apsw.CantOpenError, apsw.ReadOnlyError, apsw.PermissionsError, apsw.AuthError) as error:
        raise SchemaError(
            f"{path} cannot be opened ({error}): it and its folder must belong to who runs the server."
        ) from error
    except (apsw.NotADBError, apsw.CorruptError) as error:
        raise SchemaError(f"{path} is damaged ({error}): restore a backup.") from error
    except (apsw.IOError, apsw.FullError) as error:
        raise SchemaError(f"{path} cannot be written ({error}): is the disk full?") from error
    except apsw.BusyError as error:
        raise SchemaError(f"{path} is in use by something that does not let go ({error}).") from error


def _check_free(revision: str | None, place: str, tables: list[tuple[Any, ...]]) -> None:
    """Make the first tables only where there are none: somebody else's are not built upon."""
    if revision is None and tables:
        raise SchemaError(f"{place} holds something else already ({tables[0][0]}): give Rapport an empty database.")


OLDEST_POSTGRES = 15
LOCK_WAIT, AGAIN_S = "1s", 0.2
"""How long a step of a migration stands in a table's queue, where it holds up whoever comes after; then again."""
_TAKES_NO_WRITES = "session is read-only"


@contextmanager
def connected(url: str, *, writing: bool = False) -> Generator[Any]:
    """Connect to PostgreSQL; whatever is wrong with that is one sentence, in which no password stands.

    ``writing`` takes of several servers the one that takes writes, and refuses a standby.
    """
    import psycopg  # noqa: PLC0415  the embedded engine starts without
    from psycopg import conninfo  # noqa: PLC0415  same

    try:
        given = conninfo.conninfo_to_dict(url)
        if writing:
            given.setdefault("target_session_attrs", "read-write")
        given.setdefault("connect_timeout", 10)
        connection = psycopg.connect(conninfo.make_conninfo("", **given))
    except psycopg.ProgrammingError as error:
        raise SchemaError("RAPPORT_DATABASE_URL is no address: it is postgresql://user:password@host/name.") from error
    except psycopg.OperationalError as error:
        reason = " ".join(str(error).split()).removeprefix("connection failed: ")
        if _TAKES_NO_WRITES in reason:
            raise SchemaError(
                "The database of RAPPORT_DATABASE_URL takes no writes (it is a standby, or set to read only): name its "
                "primary, or both as postgresql://user@one,two/name."
            ) from error
        reason = reason.partition(" Is the server running")[0]
        raise SchemaError(f"The database of RAPPORT_DATABASE_URL does not let us in: {reason}") from error
    with connection:
        if connection.info.server_version < OLDEST_POSTGRES * 10_000:
            found = connection.info.server_version // 10_000
            raise SchemaError(f"PostgreSQL {OLDEST_POSTGRES} or newer is needed; the server is of version {found}.")
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise SchemaError(
                f"The database of RAPPORT_DATABASE_URL is encoded in {encoding}: make one with ENCODING 'UTF8'."
            )
        # Operations see every corp; a server says for each transaction which it may touch.
        connection.execute("SET rapport.corps = '*'")
        connection.commit()
        try:
            yield connection
        except psycopg.errors.InsufficientPrivilege as error:
            raise SchemaError(
                f"The user of RAPPORT_DATABASE_URL may not do what Rapport needs: {error.diag.message_primary}."
            ) from error


def holds_installation(url: str) -> bool:
    """Say whether a PostgreSQL database holds a corp. Raises SchemaError when it does not answer."""
    with connected(url) as connection:
        if not connection.execute("SELECT to_regclass('corp') IS NOT NULL").fetchone()[0]:
            return False
        return bool(connection.execute("SELECT EXISTS (SELECT FROM corp)").fetchone()[0])


def migrate_postgres(url: str, *, older: bool = True, patience_s: float = 10) -> Migrated:
    """Bring a PostgreSQL database to ``HEAD``, in one transaction and one process at a time, while others serve.

    A step that has to wait for a table gives up its place after a moment and begins anew, so that whoever is behind it
    is not held up; raises SchemaError after ``patience_s``, and for an older revision unless ``older`` allows it.
    """
    import psycopg  # noqa: PLC0415  the embedded engine starts without

    give_up_at = time.monotonic() + patience_s
    while True:
        with connected(url, writing=True) as connection:
            try:
                return Migrated(_migrate_in(connection, older=older))
            except psycopg.errors.LockNotAvailable as error:
                if time.monotonic() > give_up_at:
                    raise SchemaError(
                        "The database could not be migrated, because others keep its tables or their own migration "
                        "open; nothing was changed: look for long transactions and try again."
                    ) from error
                connection.rollback()
        time.sleep(AGAIN_S)


def grant_serving(url: str, role: str) -> None:
    """Let a role that owns nothing serve: read and write every table, those of later migrations too.

    Row-level security holds it to the corps that each transaction names. Raises SchemaError.
    """
    import psycopg  # noqa: PLC0415  the embedded engine starts without
    from psycopg import sql  # noqa: PLC0415  same

    steps = (
        "GRANT USAGE ON SCHEMA {schema} TO {role}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
        "GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT USAGE ON SEQUENCES TO {role}",
        "REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {role}",
    )
    with connected(url, writing=True) as connection:
        (schema,) = connection.execute("SELECT current_schema()").fetchone()
        names = {"schema": sql.Identifier(schema), "role": sql.Identifier(role)}
        try:
            for step in steps:
                connection.execute(sql.SQL(step).format(**names))
        except psycopg.errors.UndefinedObject as error:
            raise SchemaError(
                f"There is no role {role} in PostgreSQL: make it first, CREATE ROLE {role} LOGIN PASSWORD '…'."
            ) from error


def _migrate_in(connection: Any, *, older: bool) -> str | None:  # noqa: ANN401  psycopg's, whose driver is loaded late
    """Migrate in the connection's transaction; return the revision before."""
    revision = revision_of(connection)
    if revision != HEAD:
        _check_older(revision, allowed=older)
        connection.execute(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'")
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('rapport migrations'))")
        # Only one migrates: who waited for the other finds the work done.
        revision = revision_of(connection)
    if revision != HEAD:
        tables = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1 LIMIT 1"
        _check_free(revision, "The database of RAPPORT_DATABASE_URL", connection.execute(tables).fetchall())
        connection.execute(upgrade_sql(revision, "postgresql").encode())
    _check_allowed(connection)
    return revision


def revision_of(connection: Any) -> str | None:  # noqa: ANN401  psycopg's, whose driver is loaded late
    """Return the revision of a PostgreSQL database, None where there is no installation."""
    if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def _check_allowed(connection: Any) -> None:  # noqa: ANN401  a connection of psycopg's, whose driver is loaded late
    """Say before anything is served which table the user may not read and write."""
    found = connection.execute(
        "SELECT relname::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
        " AND relname <> 'alembic_version' AND CASE relkind WHEN 'S' THEN NOT has_sequence_privilege(oid, 'USAGE')"
        " WHEN 'r' THEN NOT (has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')"
        " AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE')) END ORDER BY 1 LIMIT 1"
    ).fetchone()
    if found is not None:
        raise SchemaError(
            f"The user of RAPPORT_DATABASE_URL may not do what Rapport needs: it has to read and write {found[0]} and "
            "every other table."
        )

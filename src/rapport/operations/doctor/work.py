"""Whether what follows the facts keeps up, and nothing was given up."""

from sqlalchemy import Column, MetaData, String, Table, func, select

from rapport.kernel.clock import MINUTE, SECOND
from rapport.kernel.followers import follower_cursor, parked_fact
from rapport.kernel.jobs import job
from rapport.kernel.journal import journal
from rapport.kernel.leases import HELD_US, list_leases
from rapport.kernel.statements import p, query, scalar
from rapport.kernel.tx import ReadTx
from rapport.migrations import HEAD
from rapport.operations.doctor.findings import SHOWN, Finding, named, ok, problem, warning
from rapport.settings import Settings

LATE_US = 10 * MINUTE
AHEAD_US = 5 * SECOND
RUNNING = "Is a process with the role worker running? Its log says what keeps it."
_history = Table("alembic_version", MetaData(), Column("version_num", String))
_revision = scalar(select(_history.c.version_num))


def _follower(name: str, at: int | None) -> tuple[str, int | None]:
    return name, at


def _counted(name: str, count: int) -> str:
    return f"{name} ({count})"


_oldest_unread = (
    select(func.min(journal.c.id)).where(journal.c.id > follower_cursor.c.cursor).correlate(follower_cursor)
).scalar_subquery()
_unread = query(
    select(follower_cursor.c.name, select(journal.c.at).where(journal.c.id == _oldest_unread).scalar_subquery()),
    _follower,
)
_parked = query(
    select(parked_fact.c.follower, func.count()).group_by(parked_fact.c.follower).limit(50),
    _counted,
)
_failed = query(
    select(job.c.kind, func.count()).where(job.c.state == "failed").group_by(job.c.kind).limit(50),
    _counted,
)
_late = query(
    select(job.c.kind)
    .where(job.c.state == "waiting", job.c.run_at < p("before"), func.coalesce(job.c.leased_until, 0) < p("now"))
    .limit(SHOWN + 1),
    str,
)


def check_schema(tx: ReadTx, _settings: Settings) -> Finding:
    """Compare the revision of the database with that of this program."""
    revision = tx.one(_revision)
    if revision == HEAD:
        return ok("schema", f"The database is at revision {HEAD}.")
    if str(revision) > HEAD:
        return problem("schema", f"The database is at revision {revision}, newer than {HEAD}.", "Update Rapport.")
    return problem(
        "schema",
        f"The database is at revision {revision}, this program needs {HEAD}: the other checks were left out.",
        "Back up, then start `rapport serve` once: it brings the database up.",
    )


def check_followers(tx: ReadTx, _settings: Settings) -> Finding:
    """Look how long the oldest fact has waited for each follower."""
    states = tx.all(_unread)
    late = [f"{name} ({(tx.now - at) // SECOND} s)" for name, at in states if at is not None and tx.now - at > LATE_US]
    if late:
        return warning("followers", f"Facts wait for {named(late)}.", RUNNING)
    return ok("followers", f"{len(states)} followers keep up.")


def check_parked(tx: ReadTx, _settings: Settings) -> Finding:
    """Look for facts that a follower gave up on."""
    parked = tx.all(_parked)
    if parked:
        return warning(
            "parked",
            f"Facts were put aside after failing: {named(parked)}.",
            "An administrator replays them in /admin.",
        )
    return ok("parked", "No fact was put aside.")


def check_jobs(tx: ReadTx, _settings: Settings) -> Finding:
    """Look for jobs that were given up, or wait long after their time."""
    failed = tx.all(_failed)
    if failed:
        return warning("jobs", f"Jobs were given up: {named(failed)}.", "An administrator replays them in /admin.")
    late = tx.all(_late, before=tx.now - LATE_US, now=tx.now)
    if late:
        return warning("jobs", f"Jobs wait long after their time: {named(sorted(set(late)))}.", RUNNING)
    return ok("jobs", "No job was given up and none is late.")


def check_leases(tx: ReadTx, _settings: Settings) -> Finding:
    """Look for a lease that runs longer than any may: the clocks of two machines differ."""
    leases = list_leases(tx)
    held = [lease for lease in leases if lease.held_until > tx.now]
    ahead = [lease.name for lease in held if lease.held_until > tx.now + HELD_US + AHEAD_US]
    if ahead:
        return problem(
            "leases",
            f"Leases run longer than any may: {named(ahead)}.",
            "The clocks of the machines differ: let all of them follow the same time server.",
        )
    return ok("leases", f"{len(held)} leases are held by {len({lease.holder for lease in held})} processes.")

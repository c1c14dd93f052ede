"""What the database knows of the machinery: how far followers are, what is parked, which jobs wait."""

import msgspec
from sqlalchemy import func, or_, select

from rapport.kernel.followers import follower_cursor, list_states, parked_fact
from rapport.kernel.jobs import job
from rapport.kernel.journal import journal
from rapport.kernel.statements import p, query
from rapport.kernel.tx import ReadTx


class FollowerPlace(msgspec.Struct, frozen=True):
    """Where a follower stands: ``lag`` facts behind the journal's head, the oldest of them ``behind_us`` old."""

    name: str
    cursor: int
    lag: int
    behind_us: int
    still_us: int
    """How long its cursor has not moved."""
    parked: int


class JobFigures(msgspec.Struct, frozen=True):
    """Deferred work: what waits for its time, what is due, what was given up."""

    waiting: int
    due: int
    oldest_due_at: int | None
    failed: int


class _Moved(msgspec.Struct, frozen=True):
    name: str
    moved_at: int
    next_at: int | None
    parked: int


_ahead = (
    select(journal.c.at)
    .where(journal.c.id > follower_cursor.c.cursor)
    .order_by(journal.c.id)
    .limit(1)
    .correlate(follower_cursor)
    .scalar_subquery()
)
_parked = (
    select(func.count())
    .where(parked_fact.c.follower == follower_cursor.c.name)
    .correlate(follower_cursor)
    .scalar_subquery()
)
_moved = query(select(follower_cursor.c.name, follower_cursor.c.moved_at, _ahead, _parked), _Moved)
_is_due = (
    (job.c.state == "waiting")
    & (job.c.run_at <= p("now"))
    & or_(job.c.leased_until.is_(None), job.c.leased_until < p("now"))
)
_jobs = query(
    select(
        select(func.count()).select_from(job).where(job.c.state == "waiting").scalar_subquery(),
        select(func.count()).select_from(job).where(_is_due).scalar_subquery(),
        select(func.min(job.c.run_at)).where(_is_due).scalar_subquery(),
        select(func.count()).select_from(job).where(job.c.state == "failed").scalar_subquery(),
    ),
    JobFigures,
)


def list_places(tx: ReadTx) -> list[FollowerPlace]:
    """Return where every follower stands, by name."""
    moved = {found.name: found for found in tx.all(_moved)}
    places: list[FollowerPlace] = []
    for state in sorted(list_states(tx), key=lambda state: state.name):
        of = moved[state.name]
        behind = 0 if of.next_at is None or not state.lag else max(0, tx.now - of.next_at)
        still = max(0, tx.now - of.moved_at)
        places.append(FollowerPlace(state.name, state.cursor, state.lag, behind, still, of.parked))
    return places


def count_jobs(tx: ReadTx) -> JobFigures:
    """Return how much deferred work there is, over all corps."""
    found = tx.one(_jobs, now=tx.now)
    assert found is not None, "this query has one row"
    return found

"""Deferred work on the same database: scheduled in a transaction, run at least once, its effects once.

A worker claims jobs for a while, side by side with other workers: ``attempts`` counts the claims, and only whoever made
the last one may say how the job ended. A job whose handler takes a ``Tx`` runs inside the transaction that marks it
done: its writes happen exactly once. A job that talks to the world outside is asynchronous, runs outside any
transaction, and is retried with back-off; several run side by side, so that a slow world holds up neither each other
nor the jobs inside. With a work queue one worker offers what is due and all take from it; the claim in the database
stays the only permission to run.
"""

from collections.abc import Callable

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    Index,
    Table,
    UniqueConstraint,
    and_,
    case,
    delete,
    func,
    not_,
    or_,
    select,
    update,
)

from rapport.kernel.clock import DAY, SECOND
from rapport.kernel.errors import NotFound
from rapport.kernel.schema import BigId, metadata, moment, number, text
from rapport.kernel.statements import Statement, among, command, p, query, scalar, upsert
from rapport.kernel.tx import ReadTx, Tx

job = Table(
    "job",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    text("corp_id"),
    text("kind"),
    text("key"),
    text("body"),
    text("state"),
    moment("run_at"),
    number("attempts"),
    moment("leased_until", nullable=True),
    text("error", nullable=True),
    moment("ended_at", nullable=True),
    UniqueConstraint("corp_id", "kind", "key"),
    Index("ix_job_due", "state", "run_at"),
    sqlite_autoincrement=True,
)

LEASE_US = 60 * SECOND


class DueJob(msgspec.Struct, frozen=True):
    """A job that this worker claimed; ``attempts`` counts this claim too."""

    id: int
    corp_id: str
    kind: str
    key: str
    body: str
    attempts: int
    run_at: int


class OfferedJob(msgspec.Struct, frozen=True):
    """A job that is due and that nobody has claimed."""

    id: int
    attempts: int


class FailedJob(msgspec.Struct, frozen=True):
    """A job that was given up after too many attempts; an administrator sees and replays it."""

    id: int
    kind: str
    key: str
    attempts: int
    error: str
    ended_at: int


insert_job = command(
    upsert(job)
    .values(
        {name: p(name) for name in ("corp_id", "kind", "key", "body", "run_at")} | {"state": "waiting", "attempts": 0}
    )
    .on_conflict_do_nothing()
)
_runnable = and_(job.c.state == "waiting", or_(job.c.leased_until.is_(None), job.c.leased_until < p("now")))
_is_outside = among(job.c.kind, "outside")
_columns = (job.c.id, job.c.corp_id, job.c.kind, job.c.key, job.c.body, job.c.attempts, job.c.run_at)


def _claiming(*which: ColumnElement[bool]) -> Statement[DueJob]:
    due = select(job.c.id).where(_runnable, job.c.run_at <= p("now"), *which).order_by(job.c.run_at).limit(p("limit"))
    claimed = due.with_for_update(skip_locked=True)
    return query(
        update(job)
        .where(job.c.id.in_(claimed.scalar_subquery()))
        .values(leased_until=p("until"), attempts=job.c.attempts + 1)
        .returning(*_columns),
        DueJob,
    )


claim_inside, claim_outside = _claiming(not_(_is_outside)), _claiming(_is_outside)
claim_taken = _claiming(_is_outside, among(job.c.id, "taken"))
due_outside = query(
    select(job.c.id, job.c.attempts)
    .where(_runnable, job.c.run_at <= p("now"), _is_outside)
    .order_by(job.c.run_at)
    .limit(p("limit")),
    OfferedJob,
)
_next = select(func.min(case((job.c.leased_until > job.c.run_at, job.c.leased_until), else_=job.c.run_at))).where(
    job.c.state == "waiting"
)
next_inside, next_outside = scalar(_next.where(not_(_is_outside))), scalar(_next.where(_is_outside))
_is_claimed = and_(job.c.id == p("job_id"), job.c.state == "waiting", job.c.attempts == p("claim"))
end_job = command(update(job).where(_is_claimed).values(state="done", ended_at=p("now"), error=None, leased_until=None))
fail_job = command(
    update(job)
    .where(_is_claimed)
    .values(state=p("new_state"), run_at=p("at"), error=p("why"), ended_at=p("now"), leased_until=None)
)
repeat_job = command(
    update(job)
    .where(_is_claimed)
    .values(state="waiting", run_at=p("at"), attempts=0, error=None, ended_at=None, leased_until=None)
)
hand_back_job = command(update(job).where(_is_claimed).values(leased_until=None, attempts=job.c.attempts - 1))
_failed = query(
    select(job.c.id, job.c.kind, job.c.key, job.c.attempts, job.c.error, job.c.ended_at)
    .where(job.c.state == "failed", job.c.corp_id == p("corp_id"))
    .order_by(job.c.id.desc())
    .limit(200),
    FailedJob,
)
_trim = command(delete(job).where(job.c.state == "done", job.c.ended_at < p("before")))
_replay = command(
    update(job)
    .where(job.c.id == p("job_id"), job.c.corp_id == p("corp_id"), job.c.state == "failed")
    .values(state="waiting", run_at=p("at"), attempts=0, error=None, ended_at=None, leased_until=None)
)


def schedule(tx: Tx, corp_id: str, kind: str, key: str, body: object, run_at: int | None = None) -> None:
    """Store a job with the transaction; the same (corp, kind, key) again is the same job."""
    encoded = msgspec.json.encode(body).decode()
    tx.run(insert_job, corp_id=corp_id, kind=kind, key=key, body=encoded, run_at=tx.now if run_at is None else run_at)
    tx.after_commit(_wake_all)


def list_failed(tx: ReadTx, corp_id: str) -> list[FailedJob]:
    """Return the corp's jobs that were given up, newest first."""
    return tx.all(_failed, corp_id=corp_id)


def replay_job(tx: Tx, corp_id: str, job_id: int) -> None:
    """Let a job that was given up run again; raises NotFound when there is none."""
    if not tx.run(_replay, corp_id=corp_id, job_id=job_id, at=tx.now):
        raise NotFound
    tx.after_commit(_wake_all)


on_scheduled: set[Callable[[], None]] = set()
"""Called on the event loop after a commit that scheduled something."""


def _wake_all() -> None:
    for wake in tuple(on_scheduled):
        wake()


def trim_done(tx: Tx, _corp_id: str, _body: bytes) -> None:
    """Forget jobs that ended more than a week ago (a periodic job)."""
    tx.run(_trim, before=tx.now - 7 * DAY)

"""Whether every log is dense, and everything that points into one points at something that is there.

Each check is one statement: the database walks along its keys, and nothing but examples comes here.
"""

from typing import Any

from sqlalchemy import Select, and_, exists, func, or_, select

from rapport.features.conversations.tables import conversation, entry, participant
from rapport.kernel.engines.sqlite_tx import SqliteReadTx
from rapport.kernel.followers import follower_cursor
from rapport.kernel.journal import journal
from rapport.kernel.statements import query, scalar
from rapport.kernel.tx import ReadTx
from rapport.operations.doctor.findings import SHOWN, Finding, named, ok, problem
from rapport.settings import Settings

RESTORE = "Restore the last backup that the doctor finds sound."
_c, _e, _p = conversation.c, entry.c, participant.c
_of_log = and_(_e.corp_id == _c.corp_id, _e.conversation_id == _c.conversation_id)
_of_person = and_(_p.corp_id == _c.corp_id, _p.conversation_id == _c.conversation_id)


def _place(corp_id: str, conversation_id: str) -> str:
    return f"{corp_id}/{conversation_id}"


def _found(statement: "Select[Any, Any]") -> "Select[Any, Any]":
    return statement.limit(SHOWN + 1)


_conversations = scalar(select(func.count()).select_from(conversation))
_entries = select(func.count()).where(_of_log).scalar_subquery()
_first = func.coalesce(select(func.min(_e.seq)).where(_of_log).scalar_subquery(), 1)
_last = func.coalesce(select(func.max(_e.seq)).where(_of_log).scalar_subquery(), 0)
_gaps = query(
    _found(
        select(_c.corp_id, _c.conversation_id).where(or_(_entries != _c.last_seq, _last != _c.last_seq, _first != 1))
    ),
    _place,
)
_tail = select(_e["count"]).where(_of_log, _e.seq == _c.last_seq).scalar_subquery()
_tails = query(
    _found(
        select(_c.corp_id, _c.conversation_id).where(
            or_(func.coalesce(_tail, 0) != _c["count"], _c.shown_seq > _c.last_seq)
        )
    ),
    _place,
)
_homeless = query(
    _found(select(_e.corp_id, _e.conversation_id).where(~exists().where(_of_log))),
    _place,
)
_cursors = query(
    _found(
        select(_p.corp_id, _p.conversation_id)
        .join(conversation, _of_person)
        .where(
            or_(
                _p.read_seq > _c.last_seq,
                _p.read_count > _c["count"],
                _p.last_seq > _c.last_seq,
                _p.joined_seq > _c.last_seq + 1,
                _p.left_seq > _c.last_seq + 1,
            )
        )
    ),
    _place,
)
_highest = [
    scalar(select(func.max(column)))
    for column in (_c.last_mark, _p.last_mark, _p.mark, follower_cursor.c.cursor, journal.c.id)
]


def check_logs(tx: ReadTx, _settings: Settings) -> Finding:
    """Look for a number that is missing in a log: a hole is proof of loss."""
    broken = tx.all(_gaps)
    homeless = tx.all(_homeless)
    if broken:
        return problem("logs", f"The log has holes or ends elsewhere in {named(broken)}.", RESTORE)
    if homeless:
        return problem("logs", f"There are entries without a conversation in {named(homeless)}.", RESTORE)
    return ok("logs", f"The logs of {tx.one(_conversations)} conversations have no hole.")


def check_tails(tx: ReadTx, _settings: Settings) -> Finding:
    """Compare what conversations say of their last entry with that entry."""
    broken = tx.all(_tails)
    if broken:
        return problem("tails", f"Counts differ from the last entry in {named(broken)}.", RESTORE)
    return ok("tails", "Every conversation says of its last entry what that entry says.")


def check_cursors(tx: ReadTx, _settings: Settings) -> Finding:
    """Look for participants who have read or joined further than the log goes."""
    broken = tx.all(_cursors)
    if broken:
        return problem("cursors", f"Somebody is further than the log goes in {named(broken)}.", RESTORE)
    return ok("cursors", "Nobody has read or joined further than the logs go.")


def check_numbers(tx: ReadTx, _settings: Settings) -> Finding:
    """Look whether new facts and changes get higher numbers than all old ones."""
    highest = max(tx.one(statement) or 0 for statement in _highest)
    following = _next_number(tx)
    if highest > following:
        return problem(
            "numbers",
            f"New facts would be numbered from {following}, below {highest}, which was given already: clients and "
            "followers would not see them (the database came from another cluster by other means).",
            "Stop the server, `rapport backup`, and `rapport restore` that into an empty database.",
        )
    return ok("numbers", "New facts are numbered above all old ones.")


def _next_number(tx: ReadTx) -> int:
    """Return the number that a new fact would take; a horizon may be lower while others write."""
    if isinstance(tx, SqliteReadTx):
        return tx.horizon
    # Its driver is loaded where it is used: the embedded engine starts without.
    from rapport.kernel.engines.postgres_tx import PostgresReadTx  # noqa: PLC0415
    from rapport.operations.numbers import highest_of_snapshot  # noqa: PLC0415  same

    assert isinstance(tx, PostgresReadTx), "there are two engines"
    return highest_of_snapshot(tx.connection, tx.base)

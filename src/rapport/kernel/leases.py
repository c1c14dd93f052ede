"""Leases: what must be done by one process at a time, and the proof of it inside its own transaction.

A holder takes or extends its lease in the transaction that does the work. Whoever was taken for dead and comes back
finds another holder, or loses the race for the row: two can never both commit. ``term`` counts the holders, so that
work outside the database can be fenced by it too.
"""

import msgspec
from sqlalchemy import Table, select, update

from rapport.kernel.clock import SECOND
from rapport.kernel.schema import metadata, moment, number, text
from rapport.kernel.statements import command, p, query, upsert
from rapport.kernel.tx import ReadTx, Tx

lease = Table(
    "lease",
    metadata,
    text("name", primary_key=True),
    text("holder"),
    number("term"),
    moment("held_until"),
    sqlite_with_rowid=False,
)

HELD_US = 10 * SECOND


class Lease(msgspec.Struct, frozen=True):
    """Who holds a name, for the how-manieth time it changed hands, and until when unless it is extended."""

    name: str
    holder: str
    term: int
    held_until: int


_columns = (lease.c.name, lease.c.holder, lease.c.term, lease.c.held_until)
_get = query(select(*_columns).where(lease.c.name == p("name")), Lease)
_all = query(select(*_columns).order_by(lease.c.name), Lease)
_plant = command(
    upsert(lease).values(name=p("name"), holder=p("holder"), term=1, held_until=p("until")).on_conflict_do_nothing()
)
_take = command(
    update(lease).where(lease.c.name == p("key")).values(holder=p("new"), term=lease.c.term + 1, held_until=p("until"))
)
_extend = command(update(lease).where(lease.c.name == p("key")).values(held_until=p("until")))
_end = command(update(lease).values(held_until=0))
_release = command(update(lease).where(lease.c.holder == p("former")).values(held_until=p("now")))


def hold(tx: Tx, name: str, holder: str) -> Lease:
    """Take the lease if it is free, extend it if it is one's own; return who holds it now."""
    found = tx.one(_get, name=name)
    until = tx.now + HELD_US
    if found is None:
        tx.run(_plant, name=name, holder=holder, until=until)
        return Lease(name, holder, 1, until)
    if found.holder == holder:
        # Written only now and then: a lease is not news.
        if found.held_until - tx.now < HELD_US // 2:
            tx.run(_extend, key=name, until=until)
            return msgspec.structs.replace(found, held_until=until)
        return found
    if found.held_until > tx.now:
        return found
    tx.run(_take, key=name, new=holder, until=until)
    return Lease(name, holder, found.term + 1, until)


def release(tx: Tx, holder: str) -> None:
    """Let go of everything, so that others need not wait for the end of the lease."""
    tx.run(_release, former=holder, now=tx.now)


def list_leases(tx: ReadTx) -> list[Lease]:
    """Return every lease there is."""
    return tx.all(_all)


def end_leases(tx: Tx) -> None:
    """End every lease (after a restore or a move): none of the holders is there."""
    tx.run(_end)

"""How much an installation stores, measured once an hour and kept by day, so that its growth can be told."""

from collections.abc import Callable

import msgspec
from sqlalchemy import Table, delete, select

from rapport.kernel.clock import DAY
from rapport.kernel.database import Sizes
from rapport.kernel.ports import Port
from rapport.kernel.schema import metadata, moment, number
from rapport.kernel.statements import command, p, query, upsert
from rapport.kernel.tx import ReadTx, Tx

storage_day = Table(
    "storage_day",
    metadata,
    number("day", primary_key=True),
    number("database_bytes"),
    number("files_bytes"),
    moment("measured_at"),
    sqlite_with_rowid=False,
)
files_bytes: Port[Callable[[ReadTx], int]] = Port("files_bytes")
"""How many bytes all stored files have (the files feature answers)."""

KEPT_DAYS = 60
COMPARED_DAYS = 30


class Measured(msgspec.Struct, frozen=True):
    """What was stored at an instant, all corps together."""

    database_bytes: int
    files_bytes: int
    measured_at: int


class Storage(msgspec.Struct, frozen=True):
    """What the installation stores; ``growth_bytes_per_day`` is null until two measurements are a day apart."""

    database_bytes: int
    log_bytes: int | None
    free_bytes: int
    files_bytes: int | None
    measured_at: int | None
    growth_bytes_per_day: int | None


_insert = upsert(storage_day)
_note = command(
    _insert.values(
        day=p("day"), database_bytes=p("database_bytes"), files_bytes=p("files_bytes"), measured_at=p("now")
    ).on_conflict_do_update(
        index_elements=["day"],
        set_={
            "database_bytes": _insert.excluded.database_bytes,
            "files_bytes": _insert.excluded.files_bytes,
            "measured_at": _insert.excluded.measured_at,
        },
    )
)
_forget = command(delete(storage_day).where(storage_day.c.day < p("before")))
_measured = query(
    select(storage_day.c.database_bytes, storage_day.c.files_bytes, storage_day.c.measured_at)
    .where(storage_day.c.day >= p("since"))
    .order_by(storage_day.c.day),
    Measured,
)


def note_storage(tx: Tx, sizes: Sizes) -> None:
    """Keep the day's latest measurement."""
    stored, day = files_bytes.joined(tx), tx.now // DAY
    tx.run(_note, day=day, database_bytes=sizes.database_bytes, files_bytes=stored, now=tx.now)
    tx.run(_forget, before=day - KEPT_DAYS)


def read_storage(tx: ReadTx, sizes: Sizes, free_bytes: int) -> Storage:
    """Return what is stored: the database's size now, the files' at the last measurement, the growth of both."""
    found = tx.all(_measured, since=tx.now // DAY - COMPARED_DAYS)
    last = found[-1] if found else None
    return Storage(
        sizes.database_bytes,
        sizes.log_bytes,
        free_bytes,
        last.files_bytes if last else None,
        last.measured_at if last else None,
        _growth(found),
    )


def _growth(found: list[Measured]) -> int | None:
    if not found or found[-1].measured_at - found[0].measured_at < DAY:
        return None
    first, last = found[0], found[-1]
    grown = last.database_bytes + last.files_bytes - first.database_bytes - first.files_bytes
    return grown * DAY // (last.measured_at - first.measured_at)

"""Reading the journal: where one begins who needs nothing of the past, and what comes next."""

from typing import Any

import msgspec
from sqlalchemy import BigInteger, BindParameter, ColumnElement, bindparam, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from rapport.kernel.journal import JOURNAL_ROW, PLACE_BITS, JournalRow, journal
from rapport.kernel.statements import p, query
from rapport.kernel.tx import ReadTx


class _Horizon(ColumnElement[int]):
    """``ReadTx.horizon`` inside a statement, so that nobody asks for it alone."""

    inherit_cache = False
    type = BigInteger()

    def __init__(self) -> None:
        self.base: BindParameter[int] = bindparam("base", type_=BigInteger())


@compiles(_Horizon, "sqlite")
def _horizon_sqlite(_element: _Horizon, _compiler: SQLCompiler, **_: Any) -> str:  # noqa: ANN401  SQLAlchemy's signature
    return "(SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'journal')"


@compiles(_Horizon, "postgresql")
def _horizon_postgresql(element: _Horizon, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401  SQLAlchemy's signature
    number = f"pg_snapshot_xmin(pg_current_snapshot())::text::bigint << {PLACE_BITS}"
    return f"({compiler.process(element.base, **kw)} + ({number}))"


class _Present(msgspec.Struct, frozen=True):
    horizon: int
    newest: int | None


class _Ahead(msgspec.Struct, frozen=True):
    row: JournalRow
    readable: bool


def _ahead(*columns: Any) -> _Ahead:  # noqa: ANN401  a row is untyped
    return _Ahead(JournalRow(*columns[:-1]), bool(columns[-1]))


_newest = select(func.max(journal.c.id)).where(journal.c.id < _Horizon()).scalar_subquery()
_present = query(select(_Horizon(), _newest), _Present)
_facts_ahead = query(
    select(*JOURNAL_ROW, journal.c.id < _Horizon())
    .where(journal.c.id > p("cursor"))
    .order_by(journal.c.id)
    .limit(p("limit")),
    _ahead,
)


def present(tx: ReadTx) -> int:
    """Return the first number above every fact that can be read.

    Not the horizon: a database that crashed, or its standby, gives out again the numbers of transactions that left
    nothing behind. Whoever held a cursor above them would step over what comes under these numbers.
    """
    found = tx.one(_present, base=tx.base)
    assert found is not None, "this query has one row"
    return found.horizon if found.newest is None else found.newest + 1


def read_facts(tx: ReadTx, cursor: int | None, limit: int) -> tuple[list[JournalRow], bool]:
    """Return the next facts after ``cursor``, and whether more are written that cannot be read yet.

    Below the horizon only: others may be about to commit lower numbers than what stands above it.
    """
    ahead = tx.all(_facts_ahead, cursor=cursor or 0, limit=limit, base=tx.base)
    readable = [each.row for each in ahead if each.readable]
    return readable, len(readable) < len(ahead)

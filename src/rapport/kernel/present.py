"""Where a reader of the journal begins who needs nothing of the past."""

from sqlalchemy import func, select

from rapport.kernel.journal import journal
from rapport.kernel.statements import p, scalar
from rapport.kernel.tx import ReadTx

_newest = scalar(select(func.max(journal.c.id)).where(journal.c.id < p("horizon")))


def present(tx: ReadTx) -> int:
    """Return the first number above every fact that can be read.

    Not the horizon: a database that crashed, or its standby, gives out again the numbers of transactions that left
    nothing behind. Whoever held a cursor above them would step over what comes under these numbers.
    """
    horizon = tx.horizon
    newest = tx.one(_newest, horizon=horizon)
    return horizon if newest is None else newest + 1

"""How far followers have come, for tests that wait for them."""

from typing import Any

from sqlalchemy import func, or_, select

from rapport.kernel.followers import follower_cursor
from rapport.kernel.journal import Fact, journal
from rapport.kernel.statements import Statement, scalar


def unseen_by(follower: str, *kinds: type[Fact]) -> Statement[Any]:
    """Return the statement that counts the facts of some kinds that a follower has not handled yet."""
    seen = select(follower_cursor.c.cursor).where(follower_cursor.c.name == follower).scalar_subquery()
    of_kinds = or_(*(journal.c.kind == kind.kind for kind in kinds))
    return scalar(select(func.count()).select_from(journal).where(of_kinds, journal.c.id > seen))

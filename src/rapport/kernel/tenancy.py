"""Whose rows a transaction may touch: the second wall, behind the statements that compare the corp themselves.

Whoever lets somebody in says it once, at the edge; it holds for whatever that request does from then on. PostgreSQL
keeps it (row-level security, docs/decisions/0014); the embedded engine has no such means and relies on the statements.
"""

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from contextvars import ContextVar

EVERY_CORP = "*"
"""The reach of what belongs to the platform: jobs across corps, look-ups by a secret, operators."""
_reach: ContextVar[str] = ContextVar("reach", default=EVERY_CORP)


def reach_of(corp_ids: Iterable[str]) -> str:
    """Write down corps as the policies of the database read them."""
    return f",{','.join(corp_ids)},"


def reach_for(corp_id: str) -> str:
    """Return the reach of a fact's or a job's corp; what has none is the platform's."""
    return reach_of([corp_id]) if corp_id else EVERY_CORP


def reach_now() -> str:
    """Return what the running request, frame or job may touch."""
    return _reach.get()


def stay_within(reach: str) -> None:
    """Let whatever this request, frame or job does from now on touch the rows of these corps alone."""
    _reach.set(reach)


@contextmanager
def within(reach: str) -> Generator[None]:
    """Let what is begun inside touch the rows of these corps alone."""
    before = _reach.set(reach)
    try:
        yield
    finally:
        _reach.reset(before)

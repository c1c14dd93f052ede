"""Running counts that quotas are held against; counting the rows each time would hold the writer."""

from sqlalchemy import select

from rapport.features.customers.tables import corp_tally
from rapport.kernel.statements import p, scalar
from rapport.kernel.tx import ReadTx

CODES_IN_USE = "contact_ways"
RELATIONS = "relations"
"""Active relations of the whole corp."""

_tally = scalar(select(corp_tally.c.value).where(corp_tally.c.corp_id == p("corp_id"), corp_tally.c.name == p("name")))


def relations_of(userid: str) -> str:
    """Return the name of the count of one member's active relations."""
    return f"{RELATIONS}/{userid}"


def read_tally(tx: ReadTx, corp_id: str, name: str) -> int:
    """Return a corp's running count."""
    return tx.one(_tally, corp_id=corp_id, name=name) or 0

"""Keeping the running counts."""

from rapport.features.customers.tables import corp_tally
from rapport.kernel.statements import command, p, upsert
from rapport.kernel.tx import Tx

_tally = upsert(corp_tally).values(corp_id=p("corp_id"), name=p("name"), value=p("step"))
_add_to_tally = command(
    _tally.on_conflict_do_update(
        index_elements=["corp_id", "name"], set_={"value": corp_tally.c.value + _tally.excluded.value}
    )
)


def add_to_tally(tx: Tx, corp_id: str, name: str, step: int) -> None:
    """Move a corp's running count by ``step``."""
    tx.run(_add_to_tally, corp_id=corp_id, name=name, step=step)

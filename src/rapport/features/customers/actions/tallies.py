"""Keeping the running counts."""

from collections.abc import Mapping

from rapport.features.customers.tables import corp_tally
from rapport.kernel.statements import command, insertion, p, upsert
from rapport.kernel.tx import Tx

_tally = upsert(corp_tally).values(corp_id=p("corp_id"), name=p("name"), value=p("step"))
_add_to_tally = command(
    _tally.on_conflict_do_update(
        index_elements=["corp_id", "name"], set_={"value": corp_tally.c.value + _tally.excluded.value}
    )
)
_tallies = upsert(corp_tally)
_add_to_tallies = insertion(
    _tallies.on_conflict_do_update(
        index_elements=["corp_id", "name"], set_={"value": corp_tally.c.value + _tallies.excluded.value}
    )
)


def add_to_tally(tx: Tx, corp_id: str, name: str, step: int) -> None:
    """Move a corp's running count by ``step``."""
    tx.run(_add_to_tally, corp_id=corp_id, name=name, step=step)


def add_to_tallies(tx: Tx, corp_id: str, steps: Mapping[str, int]) -> None:
    """Move many of a corp's running counts, each by its step."""
    tx.insert_all(_add_to_tallies, [{"corp_id": corp_id, "name": name, "value": step} for name, step in steps.items()])

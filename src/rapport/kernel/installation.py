"""What an installation knows of itself.

Its epoch, which changes when a database is restored, so that clients start over, and whose keys are its own.
"""

from sqlalchemy import Table, select

from rapport.kernel.ids import new_code
from rapport.kernel.keys import Keys
from rapport.kernel.schema import metadata, text
from rapport.kernel.statements import command, p, scalar, upsert
from rapport.kernel.tx import Tx

installation = Table("installation", metadata, text("name", primary_key=True), text("value"), sqlite_with_rowid=False)

_get = scalar(select(installation.c.value).where(installation.c.name == p("name")))
_insert = upsert(installation)
_put = command(
    _insert.values(name=p("name"), value=p("value")).on_conflict_do_update(
        index_elements=["name"], set_={"value": _insert.excluded.value}
    )
)


def read_epoch(tx: Tx) -> str:
    """Return the database's epoch; a new database gets one."""
    found: str | None = tx.one(_get, name="epoch")
    if found is not None:
        return found
    return renew_epoch(tx)


def prove_writable(tx: Tx) -> None:
    """Write what is there already: what keeps a commit from being durable shows itself here."""
    tx.run(_put, name="epoch", value=read_epoch(tx))


def settle_epoch(tx: Tx, timeline: str | None) -> str:
    """Return the epoch; a new one when another server took over, which may not have everything the former one had.

    ``timeline`` names the server's history, None where there is only one.
    """
    known: str | None = tx.one(_get, name="timeline")
    if timeline is None or timeline == known:
        return read_epoch(tx)
    tx.run(_put, name="timeline", value=timeline)
    return read_epoch(tx) if known is None else renew_epoch(tx)


def settle_keys(tx: Tx, keys: Keys) -> bool:
    """Remember whose keys these are, or say whether they are those that are remembered."""
    known: str | None = tx.one(_get, name="keys")
    if known is None:
        replace_keys(tx, keys)
    return known in {None, keys.fingerprint}


def replace_keys(tx: Tx, keys: Keys) -> None:
    """Remember that an installation has new keys, in place of those that it lost."""
    tx.run(_put, name="keys", value=keys.fingerprint)


def renew_epoch(tx: Tx) -> str:
    """Begin a new epoch (after a restore): every client drops what it holds."""
    epoch = new_code(8)
    tx.run(_put, name="epoch", value=epoch)
    return epoch

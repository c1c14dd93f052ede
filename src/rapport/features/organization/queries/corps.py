"""Reading corps."""

from collections.abc import Callable

from sqlalchemy import or_, select

from rapport.features.organization.errors import CorpSuspended
from rapport.features.organization.tables import corp
from rapport.features.organization.types import Corp
from rapport.kernel.errors import NotFound
from rapport.kernel.statements import among, p, query, scalar
from rapport.kernel.tx import ReadTx


def file_url(file_id: str | None) -> str | None:
    """Return where a published picture is served, or None."""
    return None if file_id is None else f"/files/{file_id}"


def badge(short_name: str) -> str:
    """Return how a corp's people are marked towards consumers."""
    return f"@{short_name}"


def corp_row(
    corp_id: str, name: str, short_name: str, verified_at: int | None, logo_file_id: str | None, time_zone: str
) -> Corp:
    """Return a corp from ``CORP_COLUMNS``."""
    return Corp(corp_id, name, short_name, badge(short_name), verified_at, file_url(logo_file_id), time_zone)


CORP_COLUMNS = (
    corp.c.corp_id,
    corp.c.name,
    corp.c.short_name,
    corp.c.verified_at,
    corp.c.logo_file_id,
    corp.c.time_zone,
)
_corp = query(select(*CORP_COLUMNS).where(corp.c.corp_id == p("corp_id")), corp_row)
_corps = query(select(*CORP_COLUMNS).where(among(corp.c.corp_id, "corp_ids")), corp_row)
_suspended = scalar(select(corp.c.suspended_at).where(corp.c.corp_id == p("corp_id"), corp.c.suspended_at.isnot(None)))
_typed = query(
    select(*CORP_COLUMNS).where(or_(corp.c.corp_id == p("corp_id"), corp.c.short_key == p("short_key"))), corp_row
)


def get_corp(tx: ReadTx, corp_id: str) -> Corp:
    """Return a corp; raises NotFound."""
    return _found(tx.one(_corp, corp_id=corp_id))


def _found(corp: Corp | None) -> Corp:
    if corp is None:
        raise NotFound
    return corp


def is_suspended(tx: ReadTx, corp_id: str) -> bool:
    """Say whether the platform took a corp out of service."""
    return tx.one(_suspended, corp_id=corp_id) is not None


def check_corp_open(tx: ReadTx, corp_id: str) -> None:
    """Raise CorpSuspended while the platform has the corp out of service."""
    if is_suspended(tx, corp_id):
        raise CorpSuspended


def find_corps(tx: ReadTx, corp_ids: list[str]) -> dict[str, Corp]:
    """Return the corps by id; unknown ids are absent."""
    return {found.corp_id: found for found in tx.all(_corps, corp_ids=corp_ids)}


def find_corp_by_name(tx: ReadTx, typed: str) -> Corp | None:
    """Return the corp whose id or short name (in any case, with or without ``@``) was typed, or None."""
    found = tx.all(_typed, corp_id=typed, short_key=typed.removeprefix("@").strip().casefold())
    return min(found, key=lambda one: one.corp_id != typed, default=None)


def ask_badge(tx: ReadTx, corp_id: str) -> Callable[[], str]:
    """Ask for ``badge_of``."""
    asked = tx.ask(_corp, corp_id=corp_id)
    return lambda: _found(asked.one()).badge


def badge_of(tx: ReadTx, corp_id: str) -> str:
    """Return ``@`` and the corp's short name; raises NotFound."""
    return ask_badge(tx, corp_id)()

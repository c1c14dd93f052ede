"""Creating, verifying and changing corps."""

from functools import lru_cache
from zoneinfo import available_timezones

import msgspec
from sqlalchemy import insert, select, update

from rapport.features.identity.api import revoke_corp_sessions
from rapport.features.organization.actions.departments import plant_root
from rapport.features.organization.errors import CorpAlready, ShortNameTaken
from rapport.features.organization.events import EVERYONE, CorpChanged
from rapport.features.organization.ports import image_publishing
from rapport.features.organization.queries.corps import get_corp, is_suspended
from rapport.features.organization.tables import corp
from rapport.features.organization.types import Corp, CorpPatch
from rapport.kernel.actor import MemberActor
from rapport.kernel.errors import InvalidInput
from rapport.kernel.ids import new_code
from rapport.kernel.statements import command, insertion, p, scalar
from rapport.kernel.texts import clean_line
from rapport.kernel.tx import Tx

MAX_NAME = 64
MAX_SHORT_NAME = 20

_insert = insertion(insert(corp))
_taken = scalar(select(corp.c.corp_id).where(corp.c.short_key == p("short_key"), corp.c.corp_id != p("but")))
_logo = scalar(select(corp.c.logo_file_id).where(corp.c.corp_id == p("corp_id")))
_verify = command(update(corp).where(corp.c.corp_id == p("which")).values(verified_at=p("at")))
_set_suspended = command(update(corp).where(corp.c.corp_id == p("which")).values(suspended_at=p("at")))
_change = command(
    update(corp)
    .where(corp.c.corp_id == p("which"))
    .values(
        name=p("new_name"),
        short_name=p("new_short_name"),
        short_key=p("new_short_key"),
        logo_file_id=p("new_logo"),
        time_zone=p("new_time_zone"),
        verified_at=p("still_verified_at"),
    )
)


def create_corp(tx: Tx, name: str, short_name: str, time_zone: str = "Asia/Shanghai") -> Corp:
    """Create a corp with its root department (id 1); not verified yet. Raises ShortNameTaken and InvalidInput."""
    full, short = clean_line("name", name, MAX_NAME), _short_name(tx, short_name, but="")
    _check_time_zone(time_zone)
    corp_id = f"ww{new_code(16)}"
    tx.run(
        _insert,
        corp_id=corp_id,
        name=full,
        short_name=short,
        short_key=short.casefold(),
        verified_at=None,
        logo_file_id=None,
        time_zone=time_zone,
        created_at=tx.now,
        suspended_at=None,
    )
    plant_root(tx, corp_id, full)
    return get_corp(tx, corp_id)


def verify_corp(tx: Tx, corp_id: str) -> None:
    """Note that the platform checked who the corp is. Announces CorpChanged; raises NotFound."""
    get_corp(tx, corp_id)
    tx.run(_verify, which=corp_id, at=tx.now)
    tx.emit(corp_id, CorpChanged(corp_id), EVERYONE)


def suspend_corp(tx: Tx, corp_id: str) -> None:
    """Take a corp out of service: its members' sessions end at once, nobody signs in, its codes show as closed.

    Announces CorpChanged; raises NotFound and CorpAlready.
    """
    get_corp(tx, corp_id)
    if is_suspended(tx, corp_id):
        raise CorpAlready("suspended")
    tx.run(_set_suspended, which=corp_id, at=tx.now)
    revoke_corp_sessions(tx, corp_id)
    tx.emit(corp_id, CorpChanged(corp_id), EVERYONE)


def reopen_corp(tx: Tx, corp_id: str) -> None:
    """Bring a suspended corp back; its members sign in again. Announces CorpChanged; raises NotFound, CorpAlready."""
    get_corp(tx, corp_id)
    if not is_suspended(tx, corp_id):
        raise CorpAlready("open")
    tx.run(_set_suspended, which=corp_id, at=None)
    tx.emit(corp_id, CorpChanged(corp_id), EVERYONE)


def change_corp(tx: Tx, actor: MemberActor, patch: CorpPatch) -> Corp:
    """Change names, logo or time zone; a new full name has to be verified anew. Announces CorpChanged.

    Raises ShortNameTaken, InvalidInput and what the files feature refuses.
    """
    before = get_corp(tx, actor.corp_id)
    name = before.name if patch.name is msgspec.UNSET else clean_line("name", patch.name, MAX_NAME)
    short = before.short_name
    if patch.short_name is not msgspec.UNSET:
        short = _short_name(tx, patch.short_name, but=actor.corp_id)
    logo: str | None = tx.one(_logo, corp_id=actor.corp_id)
    if patch.logo_file_id is not msgspec.UNSET:
        logo = patch.logo_file_id
        if logo is not None:
            image_publishing.joined(tx, actor, logo)
    time_zone = before.time_zone if patch.time_zone is msgspec.UNSET else patch.time_zone
    _check_time_zone(time_zone)
    tx.run(
        _change,
        which=actor.corp_id,
        new_name=name,
        new_short_name=short,
        new_short_key=short.casefold(),
        new_logo=logo,
        new_time_zone=time_zone,
        still_verified_at=before.verified_at if name == before.name else None,
    )
    tx.emit(actor.corp_id, CorpChanged(actor.corp_id), EVERYONE)
    return get_corp(tx, actor.corp_id)


def _short_name(tx: Tx, typed: str, but: str) -> str:
    """Return a short name that no other corp has; the badge's ``@`` is not part of it."""
    short = clean_line("short_name", typed.removeprefix("@"), MAX_SHORT_NAME)
    if "@" in short:
        raise InvalidInput("short_name", "不能含有 @", "must not contain @")
    if tx.one(_taken, short_key=short.casefold(), but=but) is not None:
        raise ShortNameTaken
    return short


@lru_cache
def _time_zones() -> frozenset[str]:
    """Reading the machine's list of time zones takes milliseconds, so it is read once."""
    return frozenset(available_timezones())


def _check_time_zone(name: str) -> None:
    if name not in _time_zones():
        raise InvalidInput("time_zone", "应为 Asia/Shanghai 这样的时区名", "must be a name like Asia/Shanghai")

"""Consumers: guests, known ones, and one becoming the other."""

import msgspec
from sqlalchemy import insert, update

from rapport.features.identity.actions.sessions import open_session, revoke_consumer_sessions, rotate_consumer_session
from rapport.features.identity.events import ConsumerChanged, ConsumerMerged
from rapport.features.identity.ports import consumer_merging
from rapport.features.identity.queries import find_consumer, find_consumer_by_phone
from rapport.features.identity.tables import consumer
from rapport.features.identity.types import Consumer, OpenedSession
from rapport.kernel.actor import ConsumerActor, Locale
from rapport.kernel.errors import NotFound
from rapport.kernel.journal import Audience
from rapport.kernel.statements import command, insertion, p
from rapport.kernel.tx import Tx

PLATFORM_WIDE = ""
MAX_NICKNAME = 40

_insert = insertion(insert(consumer))
_change = command(
    update(consumer)
    .where(consumer.c.consumer_id == p("who"))
    .values(
        nickname=p("new_nickname"),
        avatar_file_id=p("new_avatar"),
        locale=p("new_locale"),
        receipts=p("new_receipts"),
    )
)
_prove = command(
    update(consumer)
    .where(consumer.c.consumer_id == p("who"))
    .values(phone=p("proven"), guest=0, nickname=p("new_nickname"))
)
_merge = command(update(consumer).where(consumer.c.consumer_id == p("who")).values(merged_into=p("into")))


class ConsumerPatch(msgspec.Struct, frozen=True):
    """What a consumer changes about oneself; an absent field stays as it is."""

    nickname: str | msgspec.UnsetType = msgspec.UNSET
    avatar_file_id: str | msgspec.UnsetType | None = msgspec.UNSET
    locale: Locale | msgspec.UnsetType = msgspec.UNSET
    receipts: bool | msgspec.UnsetType = msgspec.UNSET


def _create(tx: Tx, nickname: str, locale: Locale, phone: str | None) -> str:
    consumer_id = tx.ids.new()
    tx.run(
        _insert,
        consumer_id=consumer_id,
        phone=phone,
        nickname=nickname,
        avatar_file_id=None,
        guest=int(phone is None),
        receipts=0,
        locale=locale,
        merged_into=None,
        created_at=tx.now,
    )
    return consumer_id


def create_guest(tx: Tx, nickname: str | None, locale: Locale) -> str:
    """Create a consumer met by a code, without a phone; return the consumer's id."""
    return _create(tx, nickname or default_nickname(locale), locale, None)


def default_nickname(locale: Locale) -> str:
    """Return what somebody is called who gave no name."""
    return "新朋友" if locale == "zh-CN" else "New friend"


def change_consumer(tx: Tx, actor: ConsumerActor, patch: ConsumerPatch) -> None:
    """Change what a consumer says about oneself. Announces ConsumerChanged to the consumer; raises NotFound."""
    before = find_consumer(tx, actor.consumer_id)
    if before is None:
        raise NotFound
    tx.run(
        _change,
        who=actor.consumer_id,
        new_nickname=before.nickname if patch.nickname is msgspec.UNSET else patch.nickname,
        new_avatar=before.avatar_file_id if patch.avatar_file_id is msgspec.UNSET else patch.avatar_file_id,
        new_locale=before.locale if patch.locale is msgspec.UNSET else patch.locale,
        new_receipts=int(before.receipts if patch.receipts is msgspec.UNSET else patch.receipts),
    )
    _announce(tx, actor.consumer_id)


def _announce(tx: Tx, consumer_id: str) -> None:
    tx.emit(PLATFORM_WIDE, ConsumerChanged(consumer_id), Audience(consumers=(consumer_id,)))


def sign_in_consumer(
    tx: Tx,
    *,
    phone: str,
    guest: ConsumerActor | None,
    nickname: str | None,
    locale: Locale,
    device: str,
    user_agent: str,
    ip: str,
) -> tuple[str, OpenedSession]:
    """Sign in whoever proved to hold ``phone`` (E.164); return the consumer's id and the session.

    A guest who came along becomes the known consumer (through the port ConsumerMerging, announces ConsumerMerged),
    or, when the phone is new, a known consumer under the same id whose session gets a new secret.
    """
    known = find_consumer_by_phone(tx, phone)
    coming = None if guest is None else find_consumer(tx, guest.consumer_id)
    if coming is not None and not coming.guest:
        coming = None
    if known is None and coming is not None and guest is not None:
        tx.run(_prove, who=coming.consumer_id, proven=phone, new_nickname=nickname or coming.nickname)
        _announce(tx, coming.consumer_id)
        return coming.consumer_id, rotate_consumer_session(tx, guest.session_id)
    consumer_id = (
        _create(tx, nickname or default_nickname(locale), locale, phone) if known is None else known.consumer_id
    )
    if coming is not None:
        _merge_guest(tx, coming, consumer_id)
    opened = open_session(
        tx,
        surface="consumer",
        corp_id=None,
        userid=None,
        consumer_id=consumer_id,
        device=device,
        user_agent=user_agent,
        ip=ip,
    )
    return consumer_id, opened


def _merge_guest(tx: Tx, guest: Consumer, consumer_id: str) -> None:
    consumer_merging.joined(tx, guest.consumer_id, consumer_id)
    tx.run(_merge, who=guest.consumer_id, into=consumer_id)
    revoke_consumer_sessions(tx, guest.consumer_id)
    tx.emit(PLATFORM_WIDE, ConsumerMerged(guest.consumer_id, consumer_id), Audience(consumers=(consumer_id,)))

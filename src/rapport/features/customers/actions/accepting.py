"""Accepting a code: from a scan to a relation, once, however often it is repeated (product-rules.md §2b)."""

import msgspec
from sqlalchemy import delete, select

from rapport.features.customers.actions.contact_ways import take_turn
from rapport.features.customers.actions.relations import Meeting, begin_relation, request_relation
from rapport.features.customers.errors import ContactWayClosed, ContactWayExpired
from rapport.features.customers.queries.choices import Choice, choose_member
from rapport.features.customers.queries.contact_ways import WayRow, find_way_by_code
from rapport.features.customers.queries.customers import customer_of, get_external_userid
from rapport.features.customers.tables import customer, guest_accept
from rapport.features.customers.types import ADD_WAY_SCAN, Accepted
from rapport.features.identity.api import MAX_NICKNAME, create_guest, find_consumer, open_session
from rapport.features.identity.types import OpenedSession
from rapport.kernel.actor import Locale
from rapport.kernel.clock import DAY
from rapport.kernel.errors import NotFound
from rapport.kernel.ids import hash_secret, new_code
from rapport.kernel.statements import command, p, scalar, upsert
from rapport.kernel.texts import clean_optional_line
from rapport.kernel.tx import Tx

KEEP_KEYS_US = DAY

_put_customer = command(
    upsert(customer).values({column.name: p(column.name) for column in customer.columns}).on_conflict_do_nothing()
)
_remembered = scalar(select(guest_accept.c.consumer_id).where(guest_accept.c.key_hash == p("key_hash")))
_put_guest = upsert(guest_accept).values({column.name: p(column.name) for column in guest_accept.columns})
_remember = command(
    _put_guest.on_conflict_do_update(
        index_elements=["key_hash"],
        set_={name: _put_guest.excluded[name] for name in ("consumer_id", "at")},
    )
)
_forget = command(delete(guest_accept).where(guest_accept.c.at < p("before")))


class Stranger(msgspec.Struct, frozen=True):
    """Somebody without a session who accepts a code; ``key`` is their Idempotency-Key, a secret of their browser."""

    nickname: str | None
    locale: Locale
    device: str
    user_agent: str
    ip: str
    key: str | None


def accept_contact_way(tx: Tx, code: str, consumer_id: str) -> Accepted:
    """Bring a consumer to the member who answers the code.

    Whoever accepted before gets what they have, even after the code was closed. Otherwise the member who waited
    longest among those who can serve is chosen; ``exclusive`` leads to the member whom the customer has already;
    without ``skip_verify`` the relation is only requested. Raises NotFound, ContactWayClosed, ContactWayExpired,
    NobodyServes, RequestDeclined, CustomersFull. Announces RelationCreated or RelationRequested.
    """
    way = find_way_by_code(tx, code)
    if way is None:
        raise NotFound
    choice = choose_member(tx, way, consumer_id)
    found = choice.relation
    # A code that needs no consent settles a request that still waits for it.
    settles = found is not None and found.status == "requested" and way.skip_verify and way.status(tx.now) == "open"
    if found is not None and not settles:
        return Accepted(
            way.corp_id,
            found.userid,
            found.external_userid,
            consumer_id,
            found.status,
            found.conversation_id if found.status == "active" else None,
            new=False,
        )
    check_open(way, tx.now)
    return _meet(tx, way, choice, consumer_id)


def check_open(way: WayRow, now: int) -> None:
    """Raise ContactWayClosed or ContactWayExpired unless the code can be accepted."""
    match way.status(now):
        case "closed":
            raise ContactWayClosed
        case "expired":
            raise ContactWayExpired
        case "open":
            return


def _meet(tx: Tx, way: WayRow, choice: Choice, consumer_id: str) -> Accepted:
    consumer = find_consumer(tx, consumer_id)
    if consumer is None:
        raise NotFound
    if choice.relation is None:
        external_userid = get_customer(tx, way.corp_id, consumer_id)
        take_turn(tx, way.corp_id, way.code, choice.userid)
    else:
        external_userid = choice.relation.external_userid
    meeting = Meeting(
        way.corp_id, choice.userid, external_userid, consumer_id, ADD_WAY_SCAN, way.state or None, way.code
    )
    conversation_id: str | None = None
    if way.skip_verify:
        conversation_id = begin_relation(tx, meeting, consumer.nickname)
    else:
        request_relation(tx, meeting, consumer.nickname)
    return Accepted(
        way.corp_id,
        choice.userid,
        external_userid,
        consumer_id,
        "active" if way.skip_verify else "requested",
        conversation_id,
        new=True,
    )


def get_customer(tx: Tx, corp_id: str, consumer_id: str) -> str:
    """Return the external_userid of a consumer in a corp, made the first time.

    It is random: two corps cannot join theirs.
    """
    known = customer_of(tx, corp_id, consumer_id)
    if known is not None:
        return known
    tx.run(
        _put_customer,
        corp_id=corp_id,
        external_userid=f"wm{new_code(26)}",
        consumer_id=consumer_id,
        merged_into=None,
        created_at=tx.now,
    )
    return get_external_userid(tx, corp_id, consumer_id)


def accept_as_stranger(tx: Tx, code: str, stranger: Stranger) -> tuple[Accepted, OpenedSession]:
    """Accept for somebody without a session: a guest is created and gets one.

    The platform's step, then the corp's; each can be repeated alone (docs/decisions/0012). Raises what
    ``accept_contact_way`` raises.
    """
    consumer_id = get_guest(tx, code, stranger)
    accepted = accept_contact_way(tx, code, consumer_id)
    opened = open_session(
        tx,
        surface="consumer",
        corp_id=None,
        userid=None,
        consumer_id=consumer_id,
        device=stranger.device,
        user_agent=stranger.user_agent,
        ip=stranger.ip,
        guest=True,
    )
    return accepted, opened


def get_guest(tx: Tx, code: str, stranger: Stranger) -> str:
    """Return the consumer_id of a stranger, made the first time.

    Repeated with the same key within a day, by a browser that never saw the answer or by its second tab, it is the
    same guest; a guest who signed in since is not handed out again.
    """
    key_hash = None if stranger.key is None else hash_secret(f"{code}\n{stranger.key}")
    known = None if key_hash is None else _find_guest(tx, key_hash)
    if known is not None:
        return known
    nickname = clean_optional_line("nickname", stranger.nickname, MAX_NICKNAME)
    consumer_id = create_guest(tx, nickname, stranger.locale)
    if key_hash is not None:
        tx.run(_remember, key_hash=key_hash, consumer_id=consumer_id, at=tx.now)
    return consumer_id


def _find_guest(tx: Tx, key_hash: str) -> str | None:
    consumer_id: str | None = tx.one(_remembered, key_hash=key_hash)
    consumer = None if consumer_id is None else find_consumer(tx, consumer_id)
    return consumer_id if consumer is not None and consumer.guest and consumer.merged_into is None else None


def trim_keys(tx: Tx) -> None:
    """Forget the keys of strangers after a day."""
    tx.run(_forget, before=tx.now - KEEP_KEYS_US)

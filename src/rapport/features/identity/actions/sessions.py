"""Opening, noting, rotating and ending sessions."""

from collections.abc import Sequence

from sqlalchemy import delete, insert, or_, select, update

from rapport.features.identity.events import SessionsRevoked
from rapport.features.identity.policies import (
    admin_idle_hours,
    admin_session_hours,
    consumer_idle_days,
    consumer_session_days,
    guest_session_days,
    operator_idle_hours,
    operator_session_hours,
    session_trace_days,
    staff_idle_days,
    staff_session_days,
    token_days,
)
from rapport.features.identity.tables import session
from rapport.features.identity.types import OpenedSession
from rapport.kernel.actor import Surface
from rapport.kernel.clock import DAY, HOUR, SECOND
from rapport.kernel.errors import NotFound
from rapport.kernel.ids import hash_secret, new_secret
from rapport.kernel.journal import Audience
from rapport.kernel.policy import PLATFORM, get_policy
from rapport.kernel.statements import among, command, insertion, p, query, scalar
from rapport.kernel.tx import ReadTx, Tx

MAX_DEVICE = 100
MAX_USER_AGENT = 400
MOST_AT_ONCE = 500
"""Sessions named in one fact."""
PLATFORM_WIDE = ""

_insert = insertion(insert(session))
_live = session.c.revoked_at.is_(None)
_ids_of_member = scalar(
    select(session.c.session_id).where(session.c.corp_id == p("corp_id"), session.c.userid == p("userid"), _live)
)
_ids_of_member_surface = scalar(
    select(session.c.session_id).where(
        session.c.corp_id == p("corp_id"), session.c.userid == p("userid"), session.c.surface == p("surface"), _live
    )
)
_ids_of_corp = scalar(select(session.c.session_id).where(session.c.corp_id == p("corp_id"), _live))
_ids_of_consumer = scalar(select(session.c.session_id).where(session.c.consumer_id == p("consumer_id"), _live))


def _owner(corp_id: str | None, userid: str | None) -> tuple[str | None, str | None]:
    return corp_id, userid


_member_owner = query(
    select(session.c.corp_id, session.c.userid).where(session.c.session_id == p("session_id"), _live),
    _owner,
)
_consumer_owner = scalar(select(session.c.consumer_id).where(session.c.session_id == p("session_id"), _live))
_revoke = command(update(session).where(among(session.c.session_id, "session_ids"), _live).values(revoked_at=p("at")))
_touch = command(
    update(session)
    .where(among(session.c.session_id, "session_ids"), session.c.seen_at < p("at"), _live)
    .values(seen_at=p("at"))
)
_rotate = command(
    update(session)
    .where(session.c.session_id == p("session_id"), _live)
    .values(token_hash=p("token_hash"), idle_us=p("idle_us"), expires_at=p("until"), seen_at=p("at"))
)
_expired = scalar(
    select(session.c.session_id)
    .where(_live, or_(session.c.expires_at <= p("now"), session.c.seen_at + session.c.idle_us <= p("now")))
    .limit(1000)
)
_forget = command(delete(session).where(session.c.revoked_at < p("before")))


def _lives(tx: ReadTx, surface: Surface, corp_id: str | None, *, guest: bool, program: bool) -> tuple[int, int]:
    """How long a session may idle and live, in microseconds."""
    corp = PLATFORM if corp_id is None else corp_id
    if program:
        life = get_policy(tx, corp, token_days) * DAY
        return life, life
    if guest:
        life = get_policy(tx, PLATFORM, guest_session_days) * DAY
        return life, life
    match surface:
        case "staff":
            return get_policy(tx, corp, staff_idle_days) * DAY, get_policy(tx, corp, staff_session_days) * DAY
        case "admin":
            return get_policy(tx, corp, admin_idle_hours) * HOUR, get_policy(tx, corp, admin_session_hours) * HOUR
        case "operator":
            return (
                get_policy(tx, PLATFORM, operator_idle_hours) * HOUR,
                get_policy(tx, PLATFORM, operator_session_hours) * HOUR,
            )
        case "consumer":
            return (
                get_policy(tx, PLATFORM, consumer_idle_days) * DAY,
                get_policy(tx, PLATFORM, consumer_session_days) * DAY,
            )


def open_session(
    tx: Tx,
    *,
    surface: Surface,
    corp_id: str | None,
    userid: str | None,
    consumer_id: str | None,
    device: str,
    user_agent: str,
    ip: str,
    guest: bool = False,
    program: bool = False,
) -> OpenedSession:
    """Open a session for a member (``corp_id``, ``userid``) or a consumer; the secret exists in the answer alone.

    ``guest`` sessions last as long as guests are remembered, ``program`` ones (bearer tokens) as long as tokens do.
    The lives are fixed at opening: a policy that changes later holds for sessions opened later.
    """
    secret, session_id = new_secret(), tx.ids.new()
    idle_us, life_us = _lives(tx, surface, corp_id, guest=guest, program=program)
    tx.run(
        _insert,
        token_hash=hash_secret(secret),
        session_id=session_id,
        surface=surface,
        corp_id=corp_id,
        userid=userid,
        consumer_id=consumer_id,
        device=device[:MAX_DEVICE],
        user_agent=user_agent[:MAX_USER_AGENT],
        ip=ip,
        created_at=tx.now,
        seen_at=tx.now,
        idle_us=idle_us,
        expires_at=tx.now + life_us,
        revoked_at=None,
    )
    return OpenedSession(secret, session_id, life_us // SECOND)


def rotate_consumer_session(tx: Tx, session_id: str) -> OpenedSession:
    """Give a guest's session a new secret and a signed-in consumer's life; its sockets stay open."""
    secret = new_secret()
    idle_us, life_us = _lives(tx, "consumer", None, guest=False, program=False)
    changed = tx.run(
        _rotate,
        session_id=session_id,
        token_hash=hash_secret(secret),
        idle_us=idle_us,
        until=tx.now + life_us,
        at=tx.now,
    )
    if not changed:
        raise NotFound
    return OpenedSession(secret, session_id, life_us // SECOND)


def touch_sessions(tx: Tx, session_ids: Sequence[str], at: int) -> None:
    """Note that sessions were used at an instant; never backwards."""
    tx.run(_touch, session_ids=list(session_ids), at=at)


def revoke_sessions(tx: Tx, corp_id: str, session_ids: list[str]) -> None:
    """End sessions and close their sockets; announces SessionsRevoked to them. Ended ones are passed over."""
    if session_ids and tx.run(_revoke, session_ids=session_ids, at=tx.now):
        ended = tuple(session_ids)
        tx.emit(corp_id, SessionsRevoked(ended), Audience(sessions=ended))


def revoke_member_sessions(
    tx: Tx, corp_id: str, userid: str, *, surface: Surface | None = None, but: str | None = None
) -> None:
    """End a member's sessions, on one surface or on all, but the one named."""
    if surface is None:
        found: list[str] = tx.all(_ids_of_member, corp_id=corp_id, userid=userid)
    else:
        found = tx.all(_ids_of_member_surface, corp_id=corp_id, userid=userid, surface=surface)
    revoke_sessions(tx, corp_id, [session_id for session_id in found if session_id != but])


def revoke_corp_sessions(tx: Tx, corp_id: str) -> None:
    """End the sessions of all of a corp's members, on every surface, programs' too."""
    found: list[str] = tx.all(_ids_of_corp, corp_id=corp_id)
    for start in range(0, len(found), MOST_AT_ONCE):
        revoke_sessions(tx, corp_id, found[start : start + MOST_AT_ONCE])


def revoke_consumer_sessions(tx: Tx, consumer_id: str, *, but: str | None = None) -> None:
    """End a consumer's sessions, but the one named."""
    found: list[str] = tx.all(_ids_of_consumer, consumer_id=consumer_id)
    revoke_sessions(tx, PLATFORM_WIDE, [session_id for session_id in found if session_id != but])


def revoke_member_session(tx: Tx, corp_id: str, session_id: str, userid: str | None = None) -> None:
    """End one session of the corp, of one member when ``userid`` is given; NotFound when it is somebody else's."""
    owner = tx.one(_member_owner, session_id=session_id)
    if owner is None or owner[0] != corp_id or (userid is not None and owner[1] != userid):
        raise NotFound
    revoke_sessions(tx, corp_id, [session_id])


def revoke_consumer_session(tx: Tx, consumer_id: str, session_id: str) -> None:
    """End one session of a consumer; NotFound when it is somebody else's."""
    if tx.one(_consumer_owner, session_id=session_id) != consumer_id:
        raise NotFound
    revoke_sessions(tx, PLATFORM_WIDE, [session_id])


def end_expired_sessions(tx: Tx) -> None:
    """Close what outlived its time, sockets included, and forget what ended long ago."""
    revoke_sessions(tx, PLATFORM_WIDE, tx.all(_expired, now=tx.now))
    tx.run(_forget, before=tx.now - get_policy(tx, PLATFORM, session_trace_days) * DAY)

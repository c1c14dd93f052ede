"""Reading accounts, sessions, invitations and consumers."""

from typing import Any

from sqlalchemy import and_, func, or_, select

from rapport.features.identity.tables import account, consumer, demo_code, failed_sign_in, invitation, operator, session
from rapport.features.identity.types import Account, Consumer, DemoCode, Invitation, LiveSession, Operator, Session
from rapport.kernel.actor import ConsumerActor, MemberActor, OperatorActor, SignedIn, Surface
from rapport.kernel.errors import NotFound
from rapport.kernel.ids import hash_secret
from rapport.kernel.policy import PLATFORM
from rapport.kernel.statements import Statement, among, p, query, scalar
from rapport.kernel.tx import ReadTx

_LIVE = (
    session.c.revoked_at.is_(None),
    session.c.expires_at > p("now"),
    session.c.seen_at + session.c.idle_us > p("now"),
)


def _member_session(seen_at: int, *actor: Any) -> LiveSession:  # noqa: ANN401  columns in the order of the Struct
    return LiveSession(MemberActor(*actor), seen_at)


def _consumer_session(seen_at: int, *actor: Any) -> LiveSession:  # noqa: ANN401  columns in the order of the Struct
    return LiveSession(ConsumerActor(*actor), seen_at)


def _operator_session(seen_at: int, *actor: Any) -> LiveSession:  # noqa: ANN401  columns in the order of the Struct
    return LiveSession(OperatorActor(*actor), seen_at)


_with_account = and_(account.c.corp_id == session.c.corp_id, account.c.userid == session.c.userid)
_of_account = and_(
    session.c.token_hash == p("token_hash"), session.c.surface == p("surface"), account.c.disabled == 0, *_LIVE
)
_find_member_session = query(
    select(
        session.c.seen_at,
        session.c.corp_id,
        session.c.userid,
        session.c.session_id,
        account.c.role,
        session.c.surface,
        account.c.locale,
    )
    .join(account, _with_account)
    .where(_of_account),
    _member_session,
    crosses=True,
)
_find_operator_session = query(
    select(session.c.seen_at, session.c.userid, session.c.session_id, account.c.locale)
    .join(account, _with_account)
    .where(_of_account, session.c.corp_id == PLATFORM, account.c.role == "operator"),
    _operator_session,
)
_find_consumer_session = query(
    select(session.c.seen_at, session.c.consumer_id, session.c.session_id, consumer.c.locale)
    .join(consumer, consumer.c.consumer_id == session.c.consumer_id)
    .where(session.c.token_hash == p("token_hash"), session.c.surface == p("surface"), *_LIVE),
    _consumer_session,
)


_FIND: dict[Surface, Statement[LiveSession]] = {
    "consumer": _find_consumer_session,
    "operator": _find_operator_session,
}


def find_session(tx: ReadTx, surface: Surface, secret: str) -> LiveSession | None:
    """Return who holds a secret on a surface, in one query by key; None when expired, revoked, disabled or unknown.

    On the admin surface a member without an administrator's role counts as nobody.
    """
    statement = _FIND.get(surface, _find_member_session)
    live = tx.one(statement, token_hash=hash_secret(secret), surface=surface, now=tx.now)
    if live is not None and surface == "admin" and isinstance(live.actor, MemberActor) and live.actor.role == "member":
        return None
    return live


def read_session(tx: ReadTx, surface: Surface, secret: str) -> SignedIn | None:
    """Return the actor who holds a secret on a surface, or None."""
    live = find_session(tx, surface, secret)
    return None if live is None else live.actor


def _session_row(
    session_id: str,
    surface: Surface,
    device: str,
    user_agent: str,
    ip: str,
    created_at: int,
    seen_at: int,
    idle_us: int,
    expires_at: int,
    userid: str | None,
) -> Session:
    ends_at = min(expires_at, seen_at + idle_us)
    return Session(
        session_id,
        surface,
        device,
        user_agent,
        ip,
        created_at,
        seen_at,
        ends_at,
        current=False,
        person=None,
        userid=userid,
    )


_session_columns = (
    session.c.session_id,
    session.c.surface,
    session.c.device,
    session.c.user_agent,
    session.c.ip,
    session.c.created_at,
    session.c.seen_at,
    session.c.idle_us,
    session.c.expires_at,
    session.c.userid,
)


def _seen(userid: str, at: int) -> tuple[str, int]:
    return userid, at


_member_sessions = query(
    select(*_session_columns)
    .where(session.c.corp_id == p("corp_id"), session.c.userid == p("userid"), *_LIVE)
    .order_by(session.c.session_id.desc())
    .limit(200),
    _session_row,
)
_consumer_sessions = query(
    select(*_session_columns)
    .where(session.c.consumer_id == p("consumer_id"), *_LIVE)
    .order_by(session.c.session_id.desc())
    .limit(200),
    _session_row,
)
_corp_sessions = query(
    select(*_session_columns)
    .where(session.c.corp_id == p("corp_id"), session.c.session_id < p("after"), *_LIVE)
    .order_by(session.c.session_id.desc())
    .limit(p("limit")),
    _session_row,
)
_corp_sessions_of = query(
    select(*_session_columns)
    .where(
        session.c.corp_id == p("corp_id"), session.c.userid == p("userid"), session.c.session_id < p("after"), *_LIVE
    )
    .order_by(session.c.session_id.desc())
    .limit(p("limit")),
    _session_row,
)
_last_seen = query(
    select(session.c.userid, func.max(session.c.seen_at))
    .where(session.c.corp_id == p("corp_id"), among(session.c.userid, "userids"))
    .group_by(session.c.userid),
    _seen,
)
AFTER_ALL_IDS = "~"


def list_member_sessions(tx: ReadTx, corp_id: str, userid: str) -> list[Session]:
    """Return a member's live sessions on every surface, newest first, at most 200."""
    return tx.all(_member_sessions, corp_id=corp_id, userid=userid, now=tx.now)


def list_consumer_sessions(tx: ReadTx, consumer_id: str) -> list[Session]:
    """Return a consumer's live sessions, newest first, at most 200."""
    return tx.all(_consumer_sessions, consumer_id=consumer_id, now=tx.now)


def list_corp_sessions(tx: ReadTx, corp_id: str, userid: str | None, after: str | None, limit: int) -> list[Session]:
    """Return ``limit`` live sessions of a corp's members, newest first, of one member when ``userid`` is given."""
    before = AFTER_ALL_IDS if after is None else after
    if userid is None:
        return tx.all(_corp_sessions, corp_id=corp_id, after=before, limit=limit, now=tx.now)
    return tx.all(_corp_sessions_of, corp_id=corp_id, userid=userid, after=before, limit=limit, now=tx.now)


def last_seen(tx: ReadTx, corp_id: str, userids: list[str]) -> dict[str, int]:
    """Return when each of the members was last seen, by userid; those never seen are absent."""
    return dict(tx.all(_last_seen, corp_id=corp_id, userids=userids))


_account_columns = (
    account.c.corp_id,
    account.c.userid,
    account.c.phone,
    account.c.password_hash,
    account.c.password_version,
    account.c.role,
    account.c.locale,
    account.c.disabled,
)
_account = query(
    select(*_account_columns).where(account.c.corp_id == p("corp_id"), account.c.userid == p("userid")), Account
)
_accounts_by_login = query(
    select(*_account_columns).where(
        account.c.corp_id == p("corp_id"), or_(account.c.userid_key == p("userid_key"), account.c.phone == p("phone"))
    ),
    Account,
)
locked_until = scalar(
    select(failed_sign_in.c.locked_until).where(
        failed_sign_in.c.corp_id == p("corp_id"), failed_sign_in.c.login == p("login")
    )
)


def find_account(tx: ReadTx, corp_id: str, userid: str) -> Account | None:
    """Return a member's account, or None."""
    return tx.one(_account, corp_id=corp_id, userid=userid)


def find_account_by_login(tx: ReadTx, corp_id: str, login: str, phone: str | None) -> Account | None:
    """Return the account whose userid (in any case) or phone was typed; a userid goes before a phone."""
    found = tx.all(_accounts_by_login, corp_id=corp_id, userid_key=login.casefold(), phone=phone or "")
    return min(found, key=lambda one: one.userid.casefold() != login.casefold(), default=None)


_invitation = query(
    select(invitation.c.corp_id, invitation.c.userid, invitation.c.purpose, invitation.c.expires_at).where(
        invitation.c.token_hash == p("token_hash"), invitation.c.expires_at > p("now")
    ),
    Invitation,
)


def find_invitation(tx: ReadTx, secret: str) -> Invitation | None:
    """Return the invitation that a link stands for while it is good."""
    return tx.one(_invitation, token_hash=hash_secret(secret), now=tx.now)


def _consumer_row(guest: int, receipts: int, *rest: Any) -> Consumer:  # noqa: ANN401  columns in the order selected
    consumer_id, nickname, phone, avatar_file_id, locale, merged_into = rest
    return Consumer(consumer_id, nickname, phone, avatar_file_id, bool(guest), bool(receipts), locale, merged_into)


_consumer_columns = (
    consumer.c.guest,
    consumer.c.receipts,
    consumer.c.consumer_id,
    consumer.c.nickname,
    consumer.c.phone,
    consumer.c.avatar_file_id,
    consumer.c.locale,
    consumer.c.merged_into,
)
_consumers = query(select(*_consumer_columns).where(among(consumer.c.consumer_id, "consumer_ids")), _consumer_row)
_consumer = query(select(*_consumer_columns).where(consumer.c.consumer_id == p("consumer_id")), _consumer_row)
_consumer_by_phone = query(select(*_consumer_columns).where(consumer.c.phone == p("phone")), _consumer_row)


def find_consumers(tx: ReadTx, consumer_ids: list[str]) -> dict[str, Consumer]:
    """Return the consumers by id; unknown ids are absent."""
    return {found.consumer_id: found for found in tx.all(_consumers, consumer_ids=consumer_ids)}


def find_consumer(tx: ReadTx, consumer_id: str) -> Consumer | None:
    """Return a consumer, or None."""
    return tx.one(_consumer, consumer_id=consumer_id)


def find_consumer_by_phone(tx: ReadTx, phone: str) -> Consumer | None:
    """Return the consumer who proved to hold a phone (E.164), or None."""
    return tx.one(_consumer_by_phone, phone=phone)


_operator = query(
    select(operator.c.operator_id, operator.c.name, operator.c.created_at).where(
        operator.c.operator_id == p("operator_id")
    ),
    Operator,
)


def get_operator(tx: ReadTx, operator_id: str) -> Operator:
    """Return an operator; raises NotFound."""
    found = tx.one(_operator, operator_id=operator_id)
    if found is None:
        raise NotFound
    return found


_demo_codes = query(
    select(demo_code.c.phone, demo_code.c.code, demo_code.c.sent_at)
    .where(demo_code.c.phone == p("phone"))
    .order_by(demo_code.c.code_id.desc())
    .limit(20),
    DemoCode,
)


def list_demo_codes(tx: ReadTx, phone: str) -> list[DemoCode]:
    """Return the codes lately sent to a phone (E.164) in a demo, newest first."""
    return tx.all(_demo_codes, phone=phone)

"""Credentials of members and operators: creating, changing, locking and proving them."""

from sqlalchemy import delete, insert, or_, select, update

from rapport.features.identity.actions.sessions import open_session, revoke_member_sessions
from rapport.features.identity.errors import (
    AccountIsDisabled,
    InvitationGone,
    LockedOut,
    LoginTaken,
    NotAnAdministrator,
    WrongCredentials,
    WrongOperatorCredentials,
    WrongPassword,
)
from rapport.features.identity.events import AccountDisabled, AccountEnabled
from rapport.features.identity.policies import invitation_days, lock_out_minutes, password_attempts, reset_hours
from rapport.features.identity.queries import find_account, find_invitation, locked_until
from rapport.features.identity.tables import account, failed_sign_in, invitation
from rapport.features.identity.types import Account, AccountRole, Invitation, InvitationPurpose, OpenedSession
from rapport.kernel.actor import Locale, Role, Surface
from rapport.kernel.clock import DAY, HOUR, MINUTE, SECOND
from rapport.kernel.errors import NotFound, Refusal
from rapport.kernel.ids import hash_secret, new_secret
from rapport.kernel.journal import NOBODY
from rapport.kernel.policy import get_policy
from rapport.kernel.statements import command, insertion, p, scalar, upsert
from rapport.kernel.tx import ReadTx, Tx

_insert_account = insertion(insert(account))
_taken = scalar(
    select(account.c.userid)
    .where(
        account.c.corp_id == p("corp_id"),
        or_(account.c.userid_key == p("userid_key"), account.c.phone == p("phone")),
        account.c.userid != p("but"),
    )
    .limit(1)
)
_mine = (account.c.corp_id == p("corp"), account.c.userid == p("user"))
_set_phone = command(update(account).where(*_mine).values(phone=p("new")))
_set_role = command(update(account).where(*_mine).values(role=p("new")))
_set_locale = command(update(account).where(*_mine).values(locale=p("new")))
_set_disabled = command(update(account).where(*_mine).values(disabled=p("new")))
_set_password = command(
    update(account).where(*_mine).values(password_hash=p("new"), password_version=account.c.password_version + 1)
)
_rehash = command(
    update(account).where(*_mine, account.c.password_version == p("version")).values(password_hash=p("new"))
)

_failed_insert = upsert(failed_sign_in).values({column.name: p(column.name) for column in failed_sign_in.columns})
_fail = command(
    _failed_insert.on_conflict_do_update(
        index_elements=["corp_id", "login"],
        set_={
            "failures": _failed_insert.excluded.failures,
            "locked_until": _failed_insert.excluded.locked_until,
            "failed_at": _failed_insert.excluded.failed_at,
        },
    )
)
_failures = scalar(
    select(failed_sign_in.c.failures).where(
        failed_sign_in.c.corp_id == p("corp_id"), failed_sign_in.c.login == p("login")
    )
)
_forgive = command(
    delete(failed_sign_in).where(failed_sign_in.c.corp_id == p("corp_id"), failed_sign_in.c.login == p("login"))
)
_forget_failures = command(delete(failed_sign_in).where(failed_sign_in.c.failed_at < p("before")), crosses=True)

_insert_invitation = insertion(insert(invitation))
_drop_invitations = command(
    delete(invitation).where(invitation.c.corp_id == p("corp_id"), invitation.c.userid == p("userid"))
)
_forget_invitations = command(delete(invitation).where(invitation.c.expires_at < p("before")))


def create_account(
    tx: Tx,
    corp_id: str,
    userid: str,
    phone: str | None,
    password_hash: str | None,
    *,
    role: AccountRole = "member",
    locale: Locale = "zh-CN",
) -> None:
    """Create a member's credential; without a hash the member signs in first by an invitation. ``phone`` is E.164.

    Raises LoginTaken when the userid (in any case) or the phone is another member's.
    """
    _check_free(tx, corp_id, userid, phone, but="")
    tx.run(
        _insert_account,
        corp_id=corp_id,
        userid=userid,
        userid_key=userid.casefold(),
        phone=phone,
        password_hash=password_hash,
        password_version=1,
        role=role,
        locale=locale,
        disabled=0,
        created_at=tx.now,
    )


def _check_free(tx: ReadTx, corp_id: str, userid: str, phone: str | None, but: str) -> None:
    if tx.one(_taken, corp_id=corp_id, userid_key=userid.casefold(), phone=phone or "", but=but) is not None:
        raise LoginTaken


def set_phone(tx: Tx, corp_id: str, userid: str, phone: str | None) -> None:
    """Change the phone a member signs in with (E.164); raises LoginTaken."""
    _check_free(tx, corp_id, userid, phone, but=userid)
    tx.run(_set_phone, corp=corp_id, user=userid, new=phone)


def set_role(tx: Tx, corp_id: str, userid: str, role: Role) -> None:
    """Note a member's role for the sessions; losing every administrator's role ends the admin sessions."""
    tx.run(_set_role, corp=corp_id, user=userid, new=role)
    if role == "member":
        revoke_member_sessions(tx, corp_id, userid, surface="admin")


def set_locale(tx: Tx, corp_id: str, userid: str, locale: Locale) -> None:
    """Change the language of a member's account."""
    tx.run(_set_locale, corp=corp_id, user=userid, new=locale)


def disable_account(tx: Tx, corp_id: str, userid: str) -> None:
    """Let a member sign in no more: sessions end and sockets close at once, links die. Announces AccountDisabled."""
    tx.run(_set_disabled, corp=corp_id, user=userid, new=1)
    tx.run(_drop_invitations, corp_id=corp_id, userid=userid)
    revoke_member_sessions(tx, corp_id, userid)
    tx.emit(corp_id, AccountDisabled(userid), NOBODY)


def enable_account(tx: Tx, corp_id: str, userid: str) -> None:
    """Let a member sign in again with the password of before. Announces AccountEnabled."""
    tx.run(_set_disabled, corp=corp_id, user=userid, new=0)
    tx.emit(corp_id, AccountEnabled(userid), NOBODY)


def sign_in_key(found: Account | None, login: str) -> str:
    """Under which name failures are counted: the account's, else what was typed."""
    return f"m:{found.userid}" if found is not None else f"?:{login.casefold()}"


def check_not_locked(tx: ReadTx, corp_id: str, key: str) -> None:
    """Raise LockedOut while sign-in is paused for a name."""
    until: int | None = tx.one(locked_until, corp_id=corp_id, login=key)
    if until is not None and until > tx.now:
        raise LockedOut(retry_after_s=-(-(until - tx.now) // SECOND))


def _fail_once(tx: Tx, corp_id: str, key: str, refusal: type[Refusal]) -> Refusal:
    """Count a wrong password and return the refusal; its trace stays though the command is refused."""
    until: int | None = tx.one(locked_until, corp_id=corp_id, login=key)
    before = 0 if until is not None and until <= tx.now else (tx.one(_failures, corp_id=corp_id, login=key) or 0)
    failures = before + 1
    locked = failures >= get_policy(tx, corp_id, password_attempts)
    pause_us = get_policy(tx, corp_id, lock_out_minutes) * MINUTE
    tx.run(
        _fail,
        corp_id=corp_id,
        login=key,
        failures=failures,
        locked_until=tx.now + pause_us if locked else None,
        failed_at=tx.now,
    )
    return LockedOut(retry_after_s=pause_us // SECOND) if locked else refusal()


def sign_in_member(
    tx: Tx,
    *,
    surface: Surface,
    corp_id: str,
    login: str,
    proven: Account | None,
    device: str,
    user_agent: str,
    ip: str,
    program: bool = False,
) -> OpenedSession:
    """Open a session for a member whose password was verified before this transaction, or count the failure.

    ``proven`` is the account as it was read for the verification and None when the password was wrong; ``login`` is the
    key of ``sign_in_key``. A password changed in between makes the proof void. Operators sign in the same way, with the
    platform for a corp. Raises WrongCredentials, WrongOperatorCredentials, LockedOut (they stay on record),
    AccountIsDisabled, NotAnAdministrator.
    """
    check_not_locked(tx, corp_id, login)
    now = None if proven is None else find_account(tx, corp_id, proven.userid)
    if proven is None or now is None or now.password_version != proven.password_version:
        wrong = WrongOperatorCredentials if surface == "operator" else WrongCredentials
        raise _fail_once(tx, corp_id, login, wrong)
    tx.run(_forgive, corp_id=corp_id, login=login)
    if now.disabled:
        raise AccountIsDisabled
    if surface == "admin" and now.role == "member":
        raise NotAnAdministrator
    return open_session(
        tx,
        surface=surface,
        corp_id=corp_id,
        userid=now.userid,
        consumer_id=None,
        device=device,
        user_agent=user_agent,
        ip=ip,
        program=program,
    )


def renew_hash(tx: Tx, proven: Account, password_hash: str) -> None:
    """Store the same password under today's hashing cost, unless it was changed meanwhile."""
    tx.run(_rehash, corp=proven.corp_id, user=proven.userid, version=proven.password_version, new=password_hash)


def change_password(
    tx: Tx, corp_id: str, userid: str, session_id: str, proven: Account | None, password_hash: str
) -> None:
    """Set a member's (or with the platform for a corp an operator's) new password and end all sessions but one.

    ``proven`` as for ``sign_in_member``; a wrong current password counts towards the lock.
    Raises WrongPassword, LockedOut.
    """
    now = find_account(tx, corp_id, userid)
    if now is None:
        raise NotFound
    key = sign_in_key(now, userid)
    check_not_locked(tx, corp_id, key)
    if proven is None or now.password_version != proven.password_version:
        raise _fail_once(tx, corp_id, key, WrongPassword)
    tx.run(_forgive, corp_id=corp_id, login=key)
    tx.run(_set_password, corp=corp_id, user=userid, new=password_hash)
    revoke_member_sessions(tx, corp_id, userid, but=session_id)


def forget_password(tx: Tx, corp_id: str, userid: str) -> None:
    """Let an account's password count no more, and end its sessions; a link sets another."""
    tx.run(_set_password, corp=corp_id, user=userid, new=None)
    revoke_member_sessions(tx, corp_id, userid)


def create_invitation(tx: Tx, corp_id: str, userid: str, purpose: InvitationPurpose) -> str:
    """Return the secret of a link by which the member sets a password; earlier links of the member stop working."""
    tx.run(_drop_invitations, corp_id=corp_id, userid=userid)
    secret = new_secret()
    if purpose == "invite":
        life_us = get_policy(tx, corp_id, invitation_days) * DAY
    else:
        life_us = get_policy(tx, corp_id, reset_hours) * HOUR
    tx.run(
        _insert_invitation,
        token_hash=hash_secret(secret),
        corp_id=corp_id,
        userid=userid,
        purpose=purpose,
        created_at=tx.now,
        expires_at=tx.now + life_us,
    )
    return secret


def accept_invitation(tx: Tx, secret: str, password_hash: str) -> Invitation:
    """Set the member's password by a link, once; every session of before ends and a lock is lifted.

    Raises InvitationGone.
    """
    found = find_invitation(tx, secret)
    if found is None:
        raise InvitationGone
    tx.run(_drop_invitations, corp_id=found.corp_id, userid=found.userid)
    tx.run(_set_password, corp=found.corp_id, user=found.userid, new=password_hash)
    tx.run(_forgive, corp_id=found.corp_id, login=f"m:{found.userid}")
    revoke_member_sessions(tx, found.corp_id, found.userid)
    return found


def forget_stale_credentials(tx: Tx) -> None:
    """Forget failures older than two days and links that no longer work."""
    tx.run(_forget_failures, before=tx.now - 2 * DAY)
    tx.run(_forget_invitations, before=tx.now)

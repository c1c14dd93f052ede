"""A member's way through the corp: invited → active → suspended ⇄ active → departed, and the real-name check."""

from sqlalchemy import update

from rapport.features.identity.api import create_invitation, disable_account, enable_account, find_account, set_phone
from rapport.features.identity.types import InvitationPurpose
from rapport.features.organization.access import access_managed
from rapport.features.organization.actions.spelling import search_keys
from rapport.features.organization.errors import AlreadyVerified, LastOwner, WrongStatus
from rapport.features.organization.events import EVERYONE, MemberChanged, MemberDeparted
from rapport.features.organization.queries.members import get_member, has_other_owner
from rapport.features.organization.tables import member
from rapport.features.organization.types import Member, MemberStatus
from rapport.kernel.actor import MemberActor
from rapport.kernel.statements import command, p
from rapport.kernel.tx import Tx

_mine = (member.c.corp_id == p("corp"), member.c.userid == p("who"))
_set_status = command(update(member).where(*_mine).values(status=p("new")))
_set_departed = command(
    update(member)
    .where(*_mine)
    .values(
        status="departed",
        departed_at=p("at"),
        phone=None,
        search=p("found_by"),
        real_name_verified_at=None,
        real_name_verified_by=None,
    )
)
_set_verified = command(
    update(member).where(*_mine).values(real_name_verified_at=p("at"), real_name_verified_by=p("verifier"))
)


def _check_not_last_owner(tx: Tx, corp_id: str, found: Member) -> None:
    if found.role == "owner" and not has_other_owner(tx, corp_id, found.userid):
        raise LastOwner


def _set(tx: Tx, corp_id: str, userid: str, status: MemberStatus) -> Member:
    tx.run(_set_status, corp=corp_id, who=userid, new=status)
    tx.emit(corp_id, MemberChanged(userid), EVERYONE)
    return get_member(tx, corp_id, userid)


def activate_member(tx: Tx, corp_id: str, userid: str) -> None:
    """Note that an invited member set a password. Announces MemberChanged; others stay as they are."""
    if get_member(tx, corp_id, userid).status == "invited":
        _set(tx, corp_id, userid, "active")


def suspend_member(tx: Tx, actor: MemberActor, userid: str) -> Member:
    """Take a member out of service: sessions end at once, the window says so. Announces MemberChanged.

    Raises NotFound, NotAllowed, OwnerRequired, WrongStatus, LastOwner.
    """
    found = access_managed(tx, actor, userid)
    if found.status not in {"invited", "active"}:
        raise WrongStatus(found.status)
    _check_not_last_owner(tx, actor.corp_id, found)
    disable_account(tx, actor.corp_id, userid)
    return _set(tx, actor.corp_id, userid, "suspended")


def restore_member(tx: Tx, actor: MemberActor, userid: str) -> Member:
    """Bring a suspended member back, to invited when no password was ever set. Announces MemberChanged.

    Raises NotFound, NotAllowed, OwnerRequired, WrongStatus.
    """
    found = access_managed(tx, actor, userid)
    if found.status != "suspended":
        raise WrongStatus(found.status)
    enable_account(tx, actor.corp_id, userid)
    account = find_account(tx, actor.corp_id, userid)
    signed_in_before = account is not None and account.password_hash is not None
    return _set(tx, actor.corp_id, userid, "active" if signed_in_before else "invited")


def depart_member(tx: Tx, actor: MemberActor, userid: str) -> Member:
    """Let a member leave for good; the window and old cards say departed. Announces MemberDeparted and MemberChanged.

    Sessions end at once, the phone leaves the record and is free for somebody else, the real-name binding is released
    (product-rules.md §1).

    Raises NotFound, NotAllowed, OwnerRequired, WrongStatus, LastOwner.
    """
    found = access_managed(tx, actor, userid)
    if found.status == "departed":
        raise WrongStatus(found.status)
    _check_not_last_owner(tx, actor.corp_id, found)
    disable_account(tx, actor.corp_id, userid)
    set_phone(tx, actor.corp_id, userid, None)
    found_by = search_keys(userid, found.name, found.alias, None)
    tx.run(_set_departed, corp=actor.corp_id, who=userid, at=tx.now, found_by=found_by)
    tx.emit(actor.corp_id, MemberChanged(userid), EVERYONE)
    tx.emit(actor.corp_id, MemberDeparted(userid), EVERYONE)
    return get_member(tx, actor.corp_id, userid)


def verify_member(tx: Tx, actor: MemberActor, userid: str) -> Member:
    """Note that an administrator checked who the member is, once and for good. Announces MemberChanged.

    Raises NotFound, NotAllowed, OwnerRequired, WrongStatus (departed), AlreadyVerified.
    """
    found = access_managed(tx, actor, userid)
    if found.status == "departed":
        raise WrongStatus(found.status)
    if found.real_name_verified_at is not None:
        raise AlreadyVerified
    tx.run(_set_verified, corp=actor.corp_id, who=userid, at=tx.now, verifier=actor.userid)
    tx.emit(actor.corp_id, MemberChanged(userid), EVERYONE)
    return get_member(tx, actor.corp_id, userid)


def invite_member(tx: Tx, actor: MemberActor, userid: str) -> str:
    """Return the secret of a link to set a password: an invitation before the first sign-in, a reset after it.

    Raises NotFound, NotAllowed, OwnerRequired, WrongStatus (suspended, departed).
    """
    found = access_managed(tx, actor, userid)
    purpose: InvitationPurpose
    match found.status:
        case "invited":
            purpose = "invite"
        case "active":
            purpose = "reset"
        case "suspended" | "departed":
            raise WrongStatus(found.status)
    return create_invitation(tx, actor.corp_id, userid, purpose)

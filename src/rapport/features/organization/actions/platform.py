"""What operators do to corps: found, verify, suspend, reopen. Every deed is on record with who did it."""

from sqlalchemy import insert

from rapport.features.identity.api import create_invitation
from rapport.features.organization.actions.corps import create_corp, reopen_corp, suspend_corp, verify_corp
from rapport.features.organization.actions.members import create_member
from rapport.features.organization.errors import CorpAlready, NotAWaitingOwner
from rapport.features.organization.queries.corps import check_corp_open, get_corp
from rapport.features.organization.queries.members import get_member
from rapport.features.organization.queries.platform import get_operator_corp
from rapport.features.organization.tables import operator_deed
from rapport.features.organization.types import DeedKind, NewCorp, NewMember, OperatorCorp
from rapport.kernel.actor import OperatorActor
from rapport.kernel.statements import insertion
from rapport.kernel.texts import clean_optional_line
from rapport.kernel.tx import Tx

MAX_REASON = 200

_insert = insertion(insert(operator_deed))


def _record(
    tx: Tx, actor: OperatorActor, kind: DeedKind, corp_id: str, *, userid: str | None = None, reason: str | None = None
) -> None:
    tx.run(
        _insert,
        deed_id=tx.ids.new(),
        operator_id=actor.operator_id,
        kind=kind,
        corp_id=corp_id,
        userid=userid,
        reason=clean_optional_line("reason", reason, MAX_REASON),
        at=tx.now,
    )


def found_corp(tx: Tx, actor: OperatorActor, new: NewCorp) -> OperatorCorp:
    """Create a corp, not verified yet, and its owner, who is invited with ``invite_owner``.

    Raises ShortNameTaken and InvalidInput. Announces MemberCreated.
    """
    corp = create_corp(tx, new.name, new.short_name, new.time_zone)
    owner = NewMember(
        userid=new.owner.userid, name=new.owner.name, phone=new.owner.phone, role="owner", serves_customers=False
    )
    create_member(tx, corp.corp_id, owner)
    _record(tx, actor, "corp_founded", corp.corp_id, userid=owner.userid)
    return get_operator_corp(tx, corp.corp_id)


def confirm_corp(tx: Tx, actor: OperatorActor, corp_id: str) -> OperatorCorp:
    """Note that the corp's full name was checked against its papers. Announces CorpChanged.

    Raises NotFound and CorpAlready.
    """
    if get_corp(tx, corp_id).verified_at is not None:
        raise CorpAlready("verified")
    verify_corp(tx, corp_id)
    _record(tx, actor, "corp_verified", corp_id)
    return get_operator_corp(tx, corp_id)


def take_out_of_service(tx: Tx, actor: OperatorActor, corp_id: str, reason: str | None) -> OperatorCorp:
    """Suspend a corp (``suspend_corp``) for a reason that stays on record. Raises NotFound and CorpAlready."""
    suspend_corp(tx, corp_id)
    _record(tx, actor, "corp_suspended", corp_id, reason=reason)
    return get_operator_corp(tx, corp_id)


def bring_back(tx: Tx, actor: OperatorActor, corp_id: str, reason: str | None) -> OperatorCorp:
    """Reopen a suspended corp (``reopen_corp``). Raises NotFound and CorpAlready."""
    reopen_corp(tx, corp_id)
    _record(tx, actor, "corp_reopened", corp_id, reason=reason)
    return get_operator_corp(tx, corp_id)


def invite_owner(tx: Tx, actor: OperatorActor, corp_id: str, userid: str) -> str:
    """Return the secret of a link for an owner who never signed in; earlier links stop working.

    An owner with a password is not reset from here: an operator must not become somebody of a corp.
    Raises NotFound, CorpSuspended, NotAWaitingOwner.
    """
    get_corp(tx, corp_id)
    check_corp_open(tx, corp_id)
    found = get_member(tx, corp_id, userid)
    if found.role != "owner" or found.status != "invited":
        raise NotAWaitingOwner
    _record(tx, actor, "owner_invited", corp_id, userid=userid)
    return create_invitation(tx, corp_id, userid, "invite")

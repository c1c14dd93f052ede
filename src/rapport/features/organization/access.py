"""Which administrator may act on which member."""

from rapport.features.organization.errors import OwnerRequired
from rapport.features.organization.queries.members import get_member
from rapport.features.organization.types import Member
from rapport.kernel.actor import MemberActor
from rapport.kernel.errors import NotAllowed
from rapport.kernel.tx import ReadTx


def check_administrator(actor: MemberActor) -> None:
    """Raise NotAllowed unless the actor is an owner or an administrator."""
    if actor.role == "member":
        raise NotAllowed


def access_managed(tx: ReadTx, actor: MemberActor, userid: str) -> Member:
    """Return the member an administrator wants to act on.

    Owners act on everybody; administrators on plain members and on themselves, or a link to reset an owner's password
    would make any administrator an owner. Raises NotFound (another corp's too), NotAllowed, OwnerRequired.
    """
    check_administrator(actor)
    found = get_member(tx, actor.corp_id, userid)
    if actor.role != "owner" and found.role != "member" and userid != actor.userid:
        raise OwnerRequired
    return found

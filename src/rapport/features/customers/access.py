"""The only ways from an outside id to a relation or a contact way."""

from rapport.features.customers.errors import NotYourContactWay, NotYourCustomer, RelationEnded
from rapport.features.customers.queries.contact_ways import WayRow, find_way, list_userids
from rapport.features.customers.queries.relations import RelationRow, find_relation, find_relation_row
from rapport.kernel.actor import MemberActor
from rapport.kernel.errors import NotFound
from rapport.kernel.tx import ReadTx


def check_relation(tx: ReadTx, corp_id: str, userid: str, external_userid: str) -> None:
    """Raise unless the member follows the customer now; one look-up by key, made for every message.

    Raises NotYourCustomer (never followed, or only asked) and RelationEnded (deleted or blocked by the customer).
    """
    found = find_relation(tx, corp_id, userid, external_userid)
    if found is None or found.status in {"requested", "declined", "expired"}:
        raise NotYourCustomer
    if found.status != "active":
        raise RelationEnded


def access_relation(tx: ReadTx, actor: MemberActor, external_userid: str) -> RelationRow:
    """Return the actor's relation with a customer, in whatever state; raises NotYourCustomer."""
    found = find_relation_row(tx, actor.corp_id, actor.userid, external_userid)
    if found is None:
        raise NotYourCustomer
    return found


def is_administrator(actor: MemberActor) -> bool:
    """Return whether the actor may make and change the codes of every member."""
    return actor.role in {"owner", "admin"}


def access_way(tx: ReadTx, actor: MemberActor, code: str) -> WayRow:
    """Return a way that the actor may see: its members, who made it, administrators; raises NotFound."""
    way = find_way(tx, actor.corp_id, code)
    if way is None:
        raise NotFound
    if is_administrator(actor) or actor.userid == way.created_by:
        return way
    if actor.userid in list_userids(tx, actor.corp_id, [code]).get(code, []):
        return way
    raise NotFound


def access_way_to_change(tx: ReadTx, actor: MemberActor, code: str) -> WayRow:
    """Return a way that the actor may change: who made it, administrators; raises NotFound and NotYourContactWay."""
    way = access_way(tx, actor, code)
    if not is_administrator(actor) and actor.userid != way.created_by:
        raise NotYourContactWay
    return way

"""A guest turns out to be a known consumer: what the guest had becomes theirs, and nothing is deleted."""

from sqlalchemy import select, update

from rapport.features.customers.actions.relations import renew_search
from rapport.features.customers.events import CustomerMerged
from rapport.features.customers.queries.customers import customer_of, list_customers_of
from rapport.features.customers.tables import customer, relation
from rapport.kernel.journal import Audience
from rapport.kernel.statements import command, p, scalar
from rapport.kernel.tx import Tx

_move = command(
    update(customer)
    .where(customer.c.corp_id == p("in_corp"), customer.c.external_userid == p("of"))
    .values(consumer_id=p("to"), merged_into=p("into"))
)
_followers = scalar(
    select(relation.c.userid).where(
        relation.c.corp_id == p("corp_id"), relation.c.external_userid == p("external_userid")
    )
)


def merge_consumer(tx: Tx, guest_id: str, consumer_id: str) -> None:
    """Give a guest's customers, relations and conversations to a consumer (answers identity's port ConsumerMerging).

    Where the corp knew the consumer already, the guest's customer keeps its external_userid and points to the known
    one; both conversations stay readable. Announces CustomerMerged to the members who follow and to the consumer.
    """
    for corp_id, external_userid, merged_into in list_customers_of(tx, guest_id):
        known = customer_of(tx, corp_id, consumer_id)
        into = known or merged_into
        tx.run(_move, in_corp=corp_id, of=external_userid, to=consumer_id, into=into)
        followers: list[str] = tx.all(_followers, corp_id=corp_id, external_userid=external_userid)
        audience = Audience(people=tuple(f"m:{userid}" for userid in followers), consumers=(consumer_id,))
        tx.emit(corp_id, CustomerMerged(external_userid, into or external_userid), audience)
    renew_search(tx, consumer_id)

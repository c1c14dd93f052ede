"""The facts that customers announces; ids only."""

from rapport.kernel.journal import Fact, fact


@fact("customers.contact_way_changed")
class ContactWayChanged(Fact, frozen=True):
    """A code was made, changed or closed. Audience: its members and who made it."""

    code: str


@fact("customers.relation_requested")
class RelationRequested(Fact, frozen=True):
    """A consumer asks to be followed and waits for the member. Audience: the member, the consumer."""

    userid: str
    external_userid: str


@fact("customers.relation_created")
class RelationCreated(Fact, frozen=True):
    """A member follows a customer from now on (also again, after an end). Audience: the member, the consumer.

    ``welcome_id`` is the once-only right to greet, good for ``customers.welcome_window_s`` seconds.
    """

    userid: str
    external_userid: str
    conversation_id: str
    welcome_id: str


@fact("customers.relation_declined")
class RelationDeclined(Fact, frozen=True):
    """A member declined a request. Audience: the member, the consumer."""

    userid: str
    external_userid: str


@fact("customers.relation_expired")
class RelationExpired(Fact, frozen=True):
    """A request was not answered in time. Audience: the member, the consumer."""

    userid: str
    external_userid: str


@fact("customers.relation_changed")
class RelationChanged(Fact, frozen=True):
    """A member changed remark, description, company or phones of a customer. Audience: the member."""

    userid: str
    external_userid: str


@fact("customers.relation_ended")
class RelationEnded(Fact, frozen=True):
    """The customer deleted or blocked the member. Audience: the member, the consumer."""

    userid: str
    external_userid: str
    status: str


@fact("customers.customer_merged")
class CustomerMerged(Fact, frozen=True):
    """A guest turned out to be a known consumer. Audience: the members who follow, the consumer.

    ``into`` is the customer that the corp knew already, or the same id when it knew none.
    """

    external_userid: str
    into: str


@fact("customers.welcome_settled")
class WelcomeSettled(Fact, frozen=True):
    """A welcome was sent, skipped or came too late. Audience: the member."""

    welcome_id: str
    userid: str
    external_userid: str
    status: str
    reason: str | None


@fact("customers.greeting_changed")
class GreetingChanged(Fact, frozen=True):
    """A member's own welcome, or with ``userid`` empty the corp's, changed. Audience: the member, or the corp."""

    userid: str


_MEMBER, _CUSTOMER = "chenxiaoyu", "wm7k2m9q4s6t8v0w2y4a6c8e0g2j"
ContactWayChanged.example = ContactWayChanged("k7m2q9s4t6v8w0y2")
RelationRequested.example = RelationRequested(_MEMBER, _CUSTOMER)
RelationCreated.example = RelationCreated(
    _MEMBER, _CUSTOMER, "01k8z3v7p2m4q6s8t0w2y4a6c8", "01k8z3v7p2m4q6s8t0w2y4a6c9"
)
RelationDeclined.example = RelationDeclined(_MEMBER, _CUSTOMER)
RelationExpired.example = RelationExpired(_MEMBER, _CUSTOMER)
RelationChanged.example = RelationChanged(_MEMBER, _CUSTOMER)
RelationEnded.example = RelationEnded(_MEMBER, _CUSTOMER, "deleted_by_customer")
CustomerMerged.example = CustomerMerged(_CUSTOMER, "wm3h5j7k9m1n3p5q7r9s1t3v5w7x")
WelcomeSettled.example = WelcomeSettled("01k8z3v7p2m4q6s8t0w2y4a6c9", _MEMBER, _CUSTOMER, "skipped", "no_greeting")
GreetingChanged.example = GreetingChanged(_MEMBER)

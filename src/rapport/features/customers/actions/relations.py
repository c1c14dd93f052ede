"""Relations: beginning, answering a request, noting, ending. Accepting a code leads here."""

from typing import Annotated

import msgspec
from sqlalchemy import select, update

from rapport.features.customers.access import access_relation
from rapport.features.customers.actions.contact_ways import count_accepted
from rapport.features.customers.actions.search_words import search_words
from rapport.features.customers.actions.tallies import add_to_tally
from rapport.features.customers.actions.welcomes import issue_welcome
from rapport.features.customers.errors import CustomersFull, NoRequestToAnswer
from rapport.features.customers.events import (
    RelationChanged,
    RelationCreated,
    RelationDeclined,
    RelationEnded,
    RelationRequested,
)
from rapport.features.customers.policies import (
    company_length,
    corp_cap,
    description_length,
    member_cap,
    phones_per_customer,
    remark_length,
)
from rapport.features.customers.ports import conversation_closing, conversation_opening, system_line
from rapport.features.customers.queries.customers import find_consumers_behind
from rapport.features.customers.queries.relations import RelationRow, get_relation, list_known
from rapport.features.customers.queries.tallies import RELATIONS, read_tally, relations_of
from rapport.features.customers.tables import customer, relation
from rapport.features.customers.types import RelationStatus
from rapport.features.identity.api import find_consumer
from rapport.features.organization.api import check_serving
from rapport.kernel.actor import MemberActor
from rapport.kernel.errors import InvalidInput, NotFound
from rapport.kernel.journal import Audience
from rapport.kernel.phones import parse_phone
from rapport.kernel.policy import get_policy
from rapport.kernel.statements import command, p, query, upsert
from rapport.kernel.texts import clean_optional_line, clean_paragraph
from rapport.kernel.tx import Tx

_r = relation.c
_here = (_r.corp_id == p("in_corp"), _r.userid == p("who"), _r.external_userid == p("of"))
_put = upsert(relation).values({column.name: p(column.name) for column in relation.columns})
_begin = command(
    # What the member noted about the customer stays, however often they part and meet again.
    _put.on_conflict_do_update(
        index_elements=["corp_id", "userid", "external_userid"],
        set_={name: _put.excluded[name] for name in ("status", "add_way", "state", "code", "related_at", "ended_at")},
    )
)
_open = command(
    update(relation)
    .where(*_here)
    .values(status="active", conversation_id=p("conversation"), related_at=p("now"), ended_at=None)
)
_settle = command(update(relation).where(*_here).values(status=p("to"), ended_at=p("now")))
_note = command(
    update(relation)
    .where(*_here)
    .values(
        remark=p("new_remark"),
        description=p("new_description"),
        company=p("new_company"),
        phones=p("new_phones"),
        search=p("new_search"),
    )
)
_find_by = command(update(relation).where(*_here).values(search=p("new_search")))


class _Noted(msgspec.Struct, frozen=True):
    corp_id: str
    userid: str
    external_userid: str
    remark: str | None
    company: str | None
    phones: str


_noted = query(
    select(*(_r[name] for name in _Noted.__struct_fields__))
    .join(customer, (customer.c.corp_id == _r.corp_id) & (customer.c.external_userid == _r.external_userid))
    .where(customer.c.consumer_id == p("consumer_id")),
    _Noted,
    crosses=True,
)

Text = Annotated[str, msgspec.Meta(max_length=2000)]


class CustomerPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a member notes about a customer; an absent field stays, null or an empty text takes it away."""

    remark: Text | msgspec.UnsetType | None = msgspec.UNSET
    description: Text | msgspec.UnsetType | None = msgspec.UNSET
    company: Text | msgspec.UnsetType | None = msgspec.UNSET
    phones: (
        Annotated[list[Annotated[str, msgspec.Meta(max_length=32)]], msgspec.Meta(max_length=50)] | msgspec.UnsetType
    ) = msgspec.UNSET


class Meeting(msgspec.Struct, frozen=True):
    """How a consumer came to a member: the parties, the way and the code's state."""

    corp_id: str
    userid: str
    external_userid: str
    consumer_id: str
    add_way: int
    state: str | None
    code: str | None

    @property
    def audience(self) -> Audience:
        """The two of them."""
        return Audience(people=(f"m:{self.userid}",), consumers=(self.consumer_id,))


def check_room(tx: Tx, corp_id: str, userid: str) -> None:
    """Raise CustomersFull when member or corp have as many customers as the policies allow."""
    cap = get_policy(tx, corp_id, member_cap)
    if read_tally(tx, corp_id, relations_of(userid)) >= cap:
        raise CustomersFull(limit=cap)
    cap = get_policy(tx, corp_id, corp_cap)
    if read_tally(tx, corp_id, RELATIONS) >= cap:
        raise CustomersFull(limit=cap)


def request_relation(tx: Tx, meeting: Meeting, name: str) -> None:
    """Let a consumer wait for the member's consent. Announces RelationRequested to both."""
    _store(tx, meeting, "requested", name)
    tx.emit(meeting.corp_id, RelationRequested(meeting.userid, meeting.external_userid), meeting.audience)


def begin_relation(tx: Tx, meeting: Meeting, name: str) -> str:
    """Let the member follow the customer from now on; return the conversation's id.

    Opens the conversation, writes the line ``customer_added``, issues the welcome. Raises CustomersFull.
    Announces RelationCreated to both.
    """
    check_room(tx, meeting.corp_id, meeting.userid)
    _store(tx, meeting, "active", name)
    return _open_relation(tx, meeting)


def _store(tx: Tx, meeting: Meeting, status: RelationStatus, name: str) -> None:
    tx.run(
        _begin,
        corp_id=meeting.corp_id,
        userid=meeting.userid,
        external_userid=meeting.external_userid,
        status=status,
        add_way=meeting.add_way,
        state=meeting.state,
        code=meeting.code,
        remark=None,
        description=None,
        company=None,
        phones="[]",
        search=search_words([name], []),
        conversation_id=None,
        related_at=tx.now,
        ended_at=None,
    )


def _open_relation(tx: Tx, meeting: Meeting) -> str:
    corp_id, userid, external_userid = meeting.corp_id, meeting.userid, meeting.external_userid
    conversation_id = conversation_opening.joined(tx, corp_id, userid, external_userid)
    tx.run(_open, in_corp=corp_id, who=userid, of=external_userid, conversation=conversation_id, now=tx.now)
    add_to_tally(tx, corp_id, RELATIONS, 1)
    add_to_tally(tx, corp_id, relations_of(userid), 1)
    if meeting.code is not None:
        count_accepted(tx, corp_id, meeting.code)
    welcome_id = issue_welcome(tx, corp_id, userid, external_userid, meeting.code)
    params = {"add_way": str(meeting.add_way), "state": meeting.state or ""}
    system_line.joined(tx, corp_id, conversation_id, f"{welcome_id}:added", "customer_added", params)
    tx.emit(corp_id, RelationCreated(userid, external_userid, conversation_id, welcome_id), meeting.audience)
    return conversation_id


def accept_request(tx: Tx, actor: MemberActor, external_userid: str) -> None:
    """Consent to a request, also to one declined before; accepted already is fine.

    Raises NotYourCustomer, NoRequestToAnswer (the relation ended), MemberCannotServe, CustomersFull.
    Announces RelationCreated to both.
    """
    found = access_relation(tx, actor, external_userid)
    if found.status == "active":
        return
    if found.status not in {"requested", "declined"}:
        raise NoRequestToAnswer
    check_serving(tx, actor.corp_id, actor.userid)
    check_room(tx, actor.corp_id, actor.userid)
    _open_relation(tx, _meeting_of(tx, actor, found))


def decline_request(tx: Tx, actor: MemberActor, external_userid: str) -> None:
    """Decline a request; declined already is fine. Raises NotYourCustomer and NoRequestToAnswer.

    Announces RelationDeclined to both.
    """
    found = access_relation(tx, actor, external_userid)
    if found.status == "declined":
        return
    if found.status != "requested":
        raise NoRequestToAnswer
    tx.run(_settle, in_corp=actor.corp_id, who=actor.userid, of=external_userid, to="declined", now=tx.now)
    audience = _meeting_of(tx, actor, found).audience
    tx.emit(actor.corp_id, RelationDeclined(actor.userid, external_userid), audience)


def _meeting_of(tx: Tx, actor: MemberActor, found: RelationRow) -> Meeting:
    consumer = find_consumers_behind(tx, actor.corp_id, [found.external_userid])[found.external_userid]
    return Meeting(
        actor.corp_id,
        actor.userid,
        found.external_userid,
        consumer.consumer_id,
        found.add_way,
        found.state,
        found.code,
    )


def note_customer(tx: Tx, actor: MemberActor, external_userid: str, patch: CustomerPatch) -> None:
    """Change what the member notes about a customer (lengths: product-rules.md §2); the customer never sees it.

    Raises NotYourCustomer and InvalidInput. Announces RelationChanged to the member.
    """
    found = access_relation(tx, actor, external_userid)
    remark, description, company = found.remark, found.description, found.company
    phones = msgspec.json.decode(found.phones, type=list[str])
    if patch.remark is not msgspec.UNSET:
        remark = clean_optional_line("remark", patch.remark, get_policy(tx, actor.corp_id, remark_length))
    if patch.description is not msgspec.UNSET:
        limit = get_policy(tx, actor.corp_id, description_length)
        description = clean_paragraph("description", patch.description, limit)
    if patch.company is not msgspec.UNSET:
        company = clean_optional_line("company", patch.company, get_policy(tx, actor.corp_id, company_length))
    if patch.phones is not msgspec.UNSET:
        phones = _check_phones(tx, actor, patch.phones)
    name = find_consumers_behind(tx, actor.corp_id, [external_userid])[external_userid].nickname
    tx.run(
        _note,
        in_corp=actor.corp_id,
        who=actor.userid,
        of=external_userid,
        new_remark=remark,
        new_description=description,
        new_company=company,
        new_phones=msgspec.json.encode(phones).decode(),
        new_search=search_words([name, remark, company], phones),
    )
    tx.emit(actor.corp_id, RelationChanged(actor.userid, external_userid), Audience(people=(actor.person,)))


def renew_search(tx: Tx, consumer_id: str) -> None:
    """Write anew what members find a consumer by, after the nickname changed; their own notes stay."""
    consumer = find_consumer(tx, consumer_id)
    if consumer is None:
        return
    for row in tx.all(_noted, consumer_id=consumer_id):
        words = search_words(
            [consumer.nickname, row.remark, row.company], msgspec.json.decode(row.phones, type=list[str])
        )
        tx.run(_find_by, in_corp=row.corp_id, who=row.userid, of=row.external_userid, new_search=words)


def _check_phones(tx: Tx, actor: MemberActor, given: list[str]) -> list[str]:
    limit = get_policy(tx, actor.corp_id, phones_per_customer)
    phones = list(dict.fromkeys(parse_phone(phone, f"phones[{place}]") for place, phone in enumerate(given)))
    if len(phones) > limit:
        raise InvalidInput("phones", f"最多 {limit} 个电话", f"at most {limit} phones are accepted")
    return phones


def end_relation(tx: Tx, corp_id: str, userid: str, consumer_id: str, status: RelationStatus) -> RelationStatus:
    """Let a consumer delete or block a member (``status`` says which), those relations too that a merged guest brought.

    The conversation closes and stays readable; the company keeps the relation with its end. A withdrawn request is
    deleted the same way. Ended already is fine; returns what the first relation is now. Raises NotFound when the
    two never met. Announces RelationEnded to both.
    """
    known = [found for found in list_known(tx, corp_id, consumer_id) if found.userid == userid]
    if not known:
        raise NotFound
    for found in known:
        if found.status not in {"active", "requested"} and not _blocks(found.status, status):
            continue
        tx.run(_settle, in_corp=corp_id, who=userid, of=found.external_userid, to=status, now=tx.now)
        if found.status == "active":
            add_to_tally(tx, corp_id, RELATIONS, -1)
            add_to_tally(tx, corp_id, relations_of(userid), -1)
        if found.conversation_id is not None:
            conversation_closing.joined(tx, corp_id, found.conversation_id, status)
        audience = Audience(people=(f"m:{userid}",), consumers=(consumer_id,))
        tx.emit(corp_id, RelationEnded(userid, found.external_userid, status), audience)
    return get_relation(tx, corp_id, userid, known[0].external_userid).status


def _blocks(before: RelationStatus, after: RelationStatus) -> bool:
    return before == "deleted_by_customer" and after == "blocked_by_customer"

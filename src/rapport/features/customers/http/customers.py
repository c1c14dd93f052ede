"""A member's customers."""

from collections.abc import Callable
from typing import Annotated

from litestar import get, patch, post
from litestar.params import FromPath, JSONBody, QueryParameter

from rapport.features.customers.access import access_relation
from rapport.features.customers.actions.relations import CustomerPatch, accept_request, decline_request, note_customer
from rapport.features.customers.actions.search_words import search_pattern
from rapport.features.customers.queries.relations import describe_customers, list_relation_rows
from rapport.features.customers.types import Customer, RelationStatus
from rapport.kernel.actor import MemberActor
from rapport.kernel.http.paging import After, Limit, Page, decode_cursor, page_of
from rapport.kernel.http.requests import StaffRequest, perform, runtime, staff_only
from rapport.kernel.tx import ReadTx, Tx

Search = Annotated[
    str, QueryParameter(max_length=64, description="Name, remark, company, pinyin, initials or part of a phone")
]
Status = Annotated[
    RelationStatus, QueryParameter(description="active: my customers; requested: who waits for my consent")
]


def _one(tx: ReadTx, actor: MemberActor, external_userid: str) -> Customer:
    row = access_relation(tx, actor, external_userid)
    return describe_customers(tx, actor.corp_id, actor.userid, [row])[0]


async def _change(request: StaffRequest, external_userid: str, act: Callable[[Tx], None]) -> Customer:
    def change(tx: Tx) -> Customer:
        act(tx)
        return _one(tx, request.user, external_userid)

    return await perform(request, change, Customer)


@get("/api/staff/customers", guards=[staff_only], operation_id="staff_list_customers", tags=["customers"])
async def list_my_customers(
    request: StaffRequest, search: Search = "", status: Status = "active", after: After = None, limit: Limit = 50
) -> Page[Customer]:
    """Return my customers of one status, latest first; as many queries for ten thousand as for ten."""
    actor, pattern = request.user, search_pattern(search)
    before: tuple[int, str] | None = None
    if after is not None:
        related_at, external_userid = decode_cursor(after, int, str)
        before = (related_at, external_userid)

    def read(tx: ReadTx) -> Page[Customer]:
        rows = list_relation_rows(
            tx, actor.corp_id, actor.userid, status, pattern=pattern, before=before, limit=limit + 1
        )
        found = describe_customers(tx, actor.corp_id, actor.userid, rows)
        last = rows[:limit][-1] if rows else None
        return page_of(found, limit, *((last.related_at, last.external_userid) if last is not None else ()))

    return await runtime(request).db.read(read)


@get(
    "/api/staff/customers/{external_userid:str}",
    guards=[staff_only],
    operation_id="staff_get_customer",
    tags=["customers"],
)
async def get_customer(request: StaffRequest, external_userid: FromPath[str]) -> Customer:
    """Return one of my customers, whatever became of the relation."""
    return await runtime(request).db.read(lambda tx: _one(tx, request.user, external_userid))


@patch(
    "/api/staff/customers/{external_userid:str}",
    guards=[staff_only],
    operation_id="staff_change_customer",
    tags=["customers"],
)
async def change_customer(
    request: StaffRequest, external_userid: FromPath[str], data: JSONBody[CustomerPatch]
) -> Customer:
    """Change remark, description, company and phones; only I see them."""
    return await _change(request, external_userid, lambda tx: note_customer(tx, request.user, external_userid, data))


@post(
    "/api/staff/customers/{external_userid:str}/accept",
    guards=[staff_only],
    status_code=200,
    operation_id="staff_accept_customer",
    tags=["customers"],
)
async def accept_customer(request: StaffRequest, external_userid: FromPath[str]) -> Customer:
    """Follow a customer who asked through a code with ``skip_verify`` false."""
    return await _change(request, external_userid, lambda tx: accept_request(tx, request.user, external_userid))


@post(
    "/api/staff/customers/{external_userid:str}/decline",
    guards=[staff_only],
    status_code=200,
    operation_id="staff_decline_customer",
    tags=["customers"],
)
async def decline_customer(request: StaffRequest, external_userid: FromPath[str]) -> Customer:
    """Decline a request; accepting it later is still possible."""
    return await _change(request, external_userid, lambda tx: decline_request(tx, request.user, external_userid))


routes = [list_my_customers, get_customer, change_customer, accept_customer, decline_customer]

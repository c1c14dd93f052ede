"""The welcomes' log, and the greetings they are made of."""

import msgspec
from litestar import get, put
from litestar.params import JSONBody

from rapport.features.customers.actions.greetings import set_corp_greeting, set_own_greeting
from rapport.features.customers.queries.welcomes import CORP_DEFAULT, find_greeting, list_welcomes
from rapport.features.customers.types import GreetingParts, WelcomeRecord
from rapport.kernel.http.paging import After, Limit, Page, decode_cursor, page_of
from rapport.kernel.http.requests import AdminRequest, StaffRequest, admin_only, perform, runtime, staff_only
from rapport.kernel.tx import ReadTx, Tx


class GreetingSetting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A greeting as it is set: one text at most, pictures and links; null for none.

    In the text ``{customer}``, ``{member}`` and ``{corp}`` stand for the names.
    """

    greeting: GreetingParts | None


@get("/api/admin/welcomes", guards=[admin_only], operation_id="admin_list_welcomes", tags=["customers"])
async def list_corp_welcomes(request: AdminRequest, after: After = None, limit: Limit = 50) -> Page[WelcomeRecord]:
    """Return the corp's welcomes, newest first, each with the reason when it was not sent."""
    before: str | None = None if after is None else decode_cursor(after, str)[0]

    def read(tx: ReadTx) -> Page[WelcomeRecord]:
        found = list_welcomes(tx, request.user.corp_id, before, limit + 1)
        return page_of(found, limit, *((found[:limit][-1].welcome_id,) if found else ()))

    return await runtime(request).db.read(read)


@get("/api/staff/greeting", guards=[staff_only], operation_id="staff_get_greeting", tags=["customers"])
async def get_own_greeting(request: StaffRequest) -> GreetingSetting:
    """Return what my new customers are greeted with, unless their code has words of its own."""
    actor = request.user
    return GreetingSetting(await runtime(request).db.read(lambda tx: find_greeting(tx, actor.corp_id, actor.userid)))


@put("/api/staff/greeting", guards=[staff_only], operation_id="staff_set_greeting", tags=["customers"])
async def put_own_greeting(request: StaffRequest, data: JSONBody[GreetingSetting]) -> GreetingSetting:
    """Set what my new customers are greeted with; null leaves it to the corp's greeting."""

    def change(tx: Tx) -> GreetingSetting:
        set_own_greeting(tx, request.user, data.greeting)
        return GreetingSetting(find_greeting(tx, request.user.corp_id, request.user.userid))

    return await perform(request, change, GreetingSetting)


@get("/api/admin/greeting", guards=[admin_only], operation_id="admin_get_greeting", tags=["customers"])
async def get_corp_greeting(request: AdminRequest) -> GreetingSetting:
    """Return what new customers of members without a greeting of their own are greeted with."""
    corp_id = request.user.corp_id
    return GreetingSetting(await runtime(request).db.read(lambda tx: find_greeting(tx, corp_id, CORP_DEFAULT)))


@put("/api/admin/greeting", guards=[admin_only], operation_id="admin_set_greeting", tags=["customers"])
async def put_corp_greeting(request: AdminRequest, data: JSONBody[GreetingSetting]) -> GreetingSetting:
    """Set the greeting of all members who have none of their own; null for none."""

    def change(tx: Tx) -> GreetingSetting:
        set_corp_greeting(tx, request.user, data.greeting)
        return GreetingSetting(find_greeting(tx, request.user.corp_id, CORP_DEFAULT))

    return await perform(request, change, GreetingSetting)


routes = [list_corp_welcomes, get_own_greeting, put_own_greeting, get_corp_greeting, put_corp_greeting]

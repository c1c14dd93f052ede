"""Asking for a one-time code, and the demo's visible inbox."""

from typing import Annotated, Any

import msgspec
from litestar import get, post
from litestar.params import JSONBody, QueryParameter

from rapport.features.identity.actions.codes import request_code
from rapport.features.identity.errors import CodesUnavailable
from rapport.features.identity.policies import codes_per_address_hour
from rapport.features.identity.queries import list_demo_codes
from rapport.features.identity.types import DemoInbox, SentCode
from rapport.kernel.errors import NotFound
from rapport.kernel.http.requests import AnyRequest, locale_of, perform, runtime
from rapport.kernel.http.signing_in import address_of
from rapport.kernel.phones import MAX_PHONE, parse_phone
from rapport.kernel.policy import PLATFORM, get_policy

HOUR_S = 3600


class CodeRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which phone the code is for."""

    phone: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_PHONE)]


@post("/api/consumer/codes", status_code=202, operation_id="requestCode", tags=["sign-in"], security=[{}])
async def request_one_time_code(request: AnyRequest, data: JSONBody[CodeRequest]) -> SentCode:
    """Send a one-time code to a phone; the answer is the same whether anybody is known by it."""
    rt = runtime(request)
    if rt.settings.sms == "none":
        raise CodesUnavailable
    phone, locale = parse_phone(data.phone), locale_of(request)
    times = await rt.db.read_briefly(lambda tx: get_policy(tx, PLATFORM, codes_per_address_hour))
    rt.limiter.check("codes", address_of(request), times=times, per_s=HOUR_S)
    return await perform(request, lambda tx: request_code(tx, phone, locale), SentCode)


@get("/api/public/demo/codes", operation_id="demoCodes", tags=["demo"], security=[{}])
async def demo_codes(
    request: AnyRequest, phone: Annotated[str, QueryParameter(min_length=1, max_length=MAX_PHONE)]
) -> DemoInbox:
    """Show the codes lately sent to a phone; only where the server is a demo."""
    rt = runtime(request)
    if rt.settings.sms != "demo" or not rt.settings.demo:
        raise NotFound
    wanted = parse_phone(phone)
    return DemoInbox(await rt.db.read(lambda tx: list_demo_codes(tx, wanted)))


routes: list[Any] = [request_one_time_code, demo_codes]

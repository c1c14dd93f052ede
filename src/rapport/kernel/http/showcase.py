"""What a demo says about itself: who can sign in and which codes can be scanned; other servers have no such address.

The demo writes ``demo.json`` into its folder when it is ready; programs read that file, the sign-in pages this address.
"""

from pathlib import Path
from typing import Any

import msgspec
from litestar import get

from rapport.kernel.actor import Surface
from rapport.kernel.errors import NotFound
from rapport.kernel.http.requests import AnyRequest, runtime

FILE_NAME = "demo.json"


class DemoAccount(msgspec.Struct, frozen=True):
    """Somebody as whom one can sign in; programs use ``token``. ``code_url`` shows a consumer's one-time codes."""

    surface: Surface
    role: str
    name: str
    userid: str | None
    phone: str
    login: str
    password: str | None
    code_url: str | None
    token: str


class DemoCode(msgspec.Struct, frozen=True):
    """A code that can be scanned, and the member behind it."""

    code: str
    url: str
    userid: str
    name: str


class DemoCompany(msgspec.Struct, frozen=True):
    """The content of ``demo.json``."""

    base_url: str
    corp_id: str
    corp: str
    accounts: list[DemoAccount]
    contact_codes: list[DemoCode]


class ShownAccount(msgspec.Struct, frozen=True):
    """An account as the sign-in pages offer it; ``password`` is null where a one-time code is used."""

    surface: Surface
    role: str
    name: str
    login: str
    password: str | None
    corp: str


class ShownCode(msgspec.Struct, frozen=True):
    """A code to be scanned or opened."""

    code: str
    url: str
    name: str


class Showcase(msgspec.Struct, frozen=True):
    """Who can sign in, and which codes can be scanned."""

    accounts: list[ShownAccount]
    contact_codes: list[ShownCode]


def read_company(folder: Path) -> DemoCompany | None:
    """Return what the demo of a folder wrote about itself, or None before it was ready for the first time."""
    file = folder / FILE_NAME
    return msgspec.json.decode(file.read_bytes(), type=DemoCompany) if file.is_file() else None


@get("/api/public/demo", operation_id="demo", tags=["demo"], security=[{}], sync_to_thread=True)
def showcase(request: AnyRequest) -> Showcase:
    """Return the demo's accounts and codes; only where the server is a demo."""
    settings = runtime(request).settings
    found = read_company(settings.data) if settings.demo else None
    if found is None:
        raise NotFound
    origin = settings.public_url or f"{request.url.scheme}://{request.url.netloc}"
    return Showcase(
        [ShownAccount(a.surface, a.role, a.name, a.login, a.password, found.corp) for a in found.accounts],
        [ShownCode(c.code, f"{origin.rstrip('/')}/q/{c.code}", c.name) for c in found.contact_codes],
    )


routes: list[Any] = [showcase]

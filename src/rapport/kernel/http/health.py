"""Whether this process answers, and for whom."""

import msgspec
from litestar import get

from rapport import __version__
from rapport.kernel.http.requests import AnyRequest, runtime


class Health(msgspec.Struct, frozen=True):
    """The process answers, and as what."""

    status: str
    version: str


@get("/healthz", operation_id="health", tags=["platform"], security=[{}])
async def health() -> Health:
    """Answer 200 while the process lives, whatever its database does: killing it would not bring that back."""
    return Health("ok", __version__)


@get("/readyz", operation_id="readiness", tags=["platform"], security=[{}])
async def readiness(request: AnyRequest) -> Health:
    """Answer 200 while this process can serve: its database takes writes, its followers move, it is not stopping."""
    await runtime(request).readiness.check()
    return Health("ready", __version__)


routes = [health, readiness]

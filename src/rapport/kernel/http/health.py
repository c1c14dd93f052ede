"""Whether this process answers, and for whom."""

import msgspec
from litestar import get

from rapport import __version__
from rapport.kernel.http.requests import AnyRequest, runtime
from rapport.kernel.tx import ReadTx


class Health(msgspec.Struct, frozen=True):
    """The process answers and can read its database."""

    status: str
    version: str


def _read(tx: ReadTx) -> int:
    return tx.horizon


@get("/healthz", operation_id="health", tags=["platform"], security=[{}])
async def health(request: AnyRequest) -> Health:
    """Answer 200 once the database can be read."""
    await runtime(request).db.read_briefly(_read)
    return Health("ok", __version__)


@get("/readyz", operation_id="readiness", tags=["platform"], security=[{}])
async def readiness(request: AnyRequest) -> Health:
    """Answer 200 while this process can serve: its database takes writes, its followers move, it is not stopping."""
    await runtime(request).readiness.check()
    return Health("ready", __version__)


routes = [health, readiness]

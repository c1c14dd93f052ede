"""The process's numbers for Prometheus: for this machine, or for whoever brings the operator's token."""

import secrets
from ipaddress import ip_address

from litestar import Response, get

from rapport.kernel.errors import MetricsClosed
from rapport.kernel.http.credentials import bearer_of
from rapport.kernel.http.requests import AnyRequest, runtime

FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


def _check_reader(request: AnyRequest) -> None:
    """Let the reader in; raises MetricsClosed.

    Whatever came over a proxy comes from this machine only in appearance, and what the proxy says of the caller the
    caller may have written.
    """
    token = runtime(request).settings.metrics_token
    if token:
        given = bearer_of(request.scope["headers"]) or ""
        if not secrets.compare_digest(given.encode(), token.encode()):
            raise MetricsClosed
        return
    client = request.client
    if client is None or any(name in request.headers for name in FORWARDED) or not ip_address(client.host).is_loopback:
        raise MetricsClosed


@get("/metrics", include_in_schema=False)
async def metrics(request: AnyRequest) -> Response[bytes]:
    """Write the numbers of this process as text."""
    _check_reader(request)
    # Loaded by the first who asks: many a server has no Prometheus beside it.
    from rapport.kernel.metrics.exposition import Exposition  # noqa: PLC0415

    state = request.app.state
    if "exposition" not in state:
        state["exposition"] = Exposition(runtime(request))
    page, content_type = await state["exposition"].write(request.headers.get("accept", ""))
    return Response(page, headers={"content-type": content_type, "cache-control": "no-store"})


routes = [metrics]

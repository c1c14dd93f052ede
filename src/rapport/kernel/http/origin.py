"""The address under which phones reach this server."""

from rapport.kernel.http.requests import AnyRequest, runtime


def origin_of(request: AnyRequest) -> str:
    """Return the operator's public address, else the one that the request came to; without a slash at the end."""
    public = runtime(request).settings.public_url
    return public.rstrip("/") if public else f"{request.url.scheme}://{request.url.netloc}"

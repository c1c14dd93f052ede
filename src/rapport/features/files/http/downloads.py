"""Downloads: one range at a time, never as a page, never for anybody else's cache unless the file is public.

Only pictures and recordings, whose bytes we recognised ourselves, open in the browser; everything else is saved.
"""

from collections.abc import AsyncIterator
from typing import Any, Literal
from urllib.parse import quote

from litestar import HttpMethod, Response, route
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, FromQuery
from litestar.response import Stream
from litestar.types import Method

from rapport.features.files.access import access_file, access_public_file
from rapport.features.files.errors import RangeNotSatisfiable
from rapport.features.files.types import StoredFile, thumbnail_blob
from rapport.kernel.errors import NotFound
from rapport.kernel.http.ranges import RangeOutside, matches, parse_range
from rapport.kernel.http.requests import (
    AdminRequest,
    AnyRequest,
    ConsumerRequest,
    StaffRequest,
    admin_only,
    consumer_only,
    runtime,
    staff_only,
)
from rapport.kernel.media.pictures import THUMBNAIL_MIME

Size = Literal["thumb"]
PRIVATE = "private, max-age=86400"
PUBLIC = "public, max-age=31536000, immutable"
_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"


def _reading(path: str, name: str, **options: Any) -> HTTPRouteHandler:  # noqa: ANN401  the decorator's own options
    """A route for GET and HEAD alike; in the API description each has a name of its own."""

    def named(_handler: HTTPRouteHandler, method: Method, _path: object) -> str:
        return f"{name}_head" if method == HttpMethod.HEAD else name

    return route(
        path,
        http_method=[HttpMethod.GET, HttpMethod.HEAD],
        operation_id=named,
        tags=["files"],
        responses={
            206: ResponseSpec(bytes, description="The range asked for", media_type="*/*", generate_examples=False),
            304: ResponseSpec(None, description="What the client holds is current", generate_examples=False),
        },
        **options,
    )


@_reading("/api/staff/files/{file_id:str}", "staff_download_file", guards=[staff_only])
async def download_as_member(
    request: StaffRequest, file_id: FromPath[str], size: FromQuery[Size | None] = None
) -> Response[Any]:
    """Return a file that one uploaded or that was sent where one takes part; ``size=thumb`` is at most 480 px."""
    actor = request.user
    stored = await runtime(request).db.read(lambda tx: access_file(tx, actor, file_id))
    return await _answer(request, stored, size, PRIVATE)


@_reading("/api/consumer/files/{file_id:str}", "consumer_download_file", guards=[consumer_only])
async def download_as_consumer(
    request: ConsumerRequest, file_id: FromPath[str], size: FromQuery[Size | None] = None
) -> Response[Any]:
    """Return a file that one uploaded or that was sent where one takes part; ``size=thumb`` is at most 480 px."""
    actor = request.user
    stored = await runtime(request).db.read(lambda tx: access_file(tx, actor, file_id))
    return await _answer(request, stored, size, PRIVATE)


@_reading("/api/admin/files/{file_id:str}", "admin_download_file", guards=[admin_only])
async def download_as_admin(
    request: AdminRequest, file_id: FromPath[str], size: FromQuery[Size | None] = None
) -> Response[Any]:
    """Return a file that one uploaded or that the corp keeps (the pictures of its greetings)."""
    actor = request.user
    stored = await runtime(request).db.read(lambda tx: access_file(tx, actor, file_id))
    return await _answer(request, stored, size, PRIVATE)


@_reading("/files/{file_id:str}", "download_public_file", security=[{}])
async def download_public(
    request: AnyRequest, file_id: FromPath[str], size: FromQuery[Size | None] = None
) -> Response[Any]:
    """Return a public file (a logo, an avatar); every other id is unknown here."""
    stored = await runtime(request).db.read_briefly(lambda tx: access_public_file(tx, file_id))
    return await _answer(request, stored, size, PUBLIC)


async def _answer(request: AnyRequest, stored: StoredFile, size: Size | None, cache: str) -> Response[Any]:
    blob, mime, length = stored.file_id, stored.mime, stored.size
    if size == "thumb":
        if stored.kind != "image":
            raise NotFound
        if stored.thumbnail_size is not None:
            blob, mime, length = thumbnail_blob(stored.file_id), THUMBNAIL_MIME, stored.thumbnail_size
    etag = f'"{blob}"'
    headers = {
        "Accept-Ranges": "bytes",
        "ETag": etag,
        "Cache-Control": cache,
        "Vary": "Cookie, Authorization",
        "Content-Disposition": _disposition(stored),
        "Content-Security-Policy": _POLICY,
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if matches(etag, request.headers.get("if-none-match")):
        return Response(None, status_code=304, headers=headers)
    start, end, status = 0, length, 200
    part = _range(request, etag, length)
    if part is not None:
        start, end = part
        status = 206
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{length}"
    headers["Content-Length"] = str(end - start)
    if request.method == "HEAD":
        return Stream(_nothing(), status_code=status, headers=headers, media_type=mime)
    body = await _begun(runtime(request).blobs.read(blob, start, end))
    return Stream(body, status_code=status, headers=headers, media_type=mime)


async def _begun(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Fetch the first bytes before anything is said: a store that does not answer is a status, not a torn body."""
    first = await anext(body, b"")

    async def whole() -> AsyncIterator[bytes]:
        yield first
        async for chunk in body:
            yield chunk

    return whole()


def _range(request: AnyRequest, etag: str, length: int) -> tuple[int, int] | None:
    """Return the asked-for part; the whole when the browser holds parts of something else (If-Range)."""
    condition = request.headers.get("if-range")
    if condition is not None and condition != etag:
        return None
    try:
        return parse_range(request.headers.get("range"), length)
    except RangeOutside:
        raise RangeNotSatisfiable(size=length) from None


async def _nothing() -> AsyncIterator[bytes]:
    for chunk in ():
        yield chunk


def _disposition(stored: StoredFile) -> str:
    kind = "attachment" if stored.kind == "file" else "inline"
    plain = "".join(c if c.isascii() and (c.isalnum() or c in " ._-") else "_" for c in stored.name)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(stored.name, safe='')}"

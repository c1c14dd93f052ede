"""``/q/{code}.png`` and ``.svg``: the code as a picture to print or show; the page is the consumer app's."""

import asyncio
from typing import Annotated

from litestar import Response, get
from litestar.params import FromPath, QueryParameter

from rapport.features.customers.http.drawing import Logo, draw_png, draw_svg
from rapport.features.customers.queries.contact_ways import find_way_by_code
from rapport.features.files.api import get_file
from rapport.features.files.types import File
from rapport.features.organization.api import get_corp
from rapport.kernel.errors import NotFound
from rapport.kernel.http.origin import origin_of
from rapport.kernel.http.requests import AnyRequest, runtime
from rapport.kernel.tx import ReadTx

Size = Annotated[int, QueryParameter(ge=128, le=2048, description="Width and height in pixels")]
# A corp that changes its logo sees it soon, a browser that shows a code again does not ask each time.
HEADERS = {
    "cache-control": "public, max-age=300",
    "x-content-type-options": "nosniff",
    # Opened as a page of its own, an SVG runs nothing.
    "content-security-policy": "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox",
}
LOGO_LIMIT_BYTES = 2_000_000


@get("/q/{name:str}", operation_id="code_picture", tags=["customers"], security=[{}])
async def get_picture(request: AnyRequest, name: FromPath[str], size: Size = 512) -> Response[bytes]:
    """Return the QR code of ``{code}.png`` or ``{code}.svg``.

    In its middle is the corp's logo, or the first character of its short name.
    """
    code, _, ending = name.partition(".")
    if ending not in {"png", "svg"}:
        raise NotFound
    short_name, file = await runtime(request).db.read(lambda tx: _mark_of(tx, code))
    logo = Logo(short_name, None, None)
    if file is not None:
        logo = Logo(short_name, await _read(request, file), file.mime)
    draw, mime = (draw_png, "image/png") if ending == "png" else (draw_svg, "image/svg+xml")
    drawn = await asyncio.to_thread(draw, f"{origin_of(request)}/q/{code}", size, logo)
    return Response(drawn, media_type=mime, headers=HEADERS)


def _mark_of(tx: ReadTx, code: str) -> tuple[str, File | None]:
    """The short name and the logo of the corp behind a code."""
    way = find_way_by_code(tx, code)
    if way is None:
        raise NotFound
    corp = get_corp(tx, way.corp_id)
    file = None if corp.logo_url is None else get_file(tx, corp.logo_url.removeprefix("/files/"))
    return corp.short_name, file if file is not None and file.size <= LOGO_LIMIT_BYTES else None


async def _read(request: AnyRequest, file: File) -> bytes:
    return b"".join([chunk async for chunk in runtime(request).blobs.read(file.file_id, 0, file.size)])


routes = [get_picture]

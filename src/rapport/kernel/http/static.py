"""The built web apps, served from their folder: history fallback, strict headers, caching by what a file is.

Files whose names carry a hash never change and are kept for a year; index.html, the service worker and the manifest are
asked about every time and answered with 304. Everything that compresses is compressed once and kept in memory.
"""

import asyncio
import gzip
import hashlib
import html
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from rapport.kernel.http import pages
from rapport.kernel.http.credentials import header
from rapport.kernel.http.ranges import matches

Headers = list[tuple[bytes, bytes]]
Send = Callable[[Any], Awaitable[None]]

APPS = ("staff", "c", "admin")
CUSTOMER_APP = "c"
CUSTOMER_PAGES = ("/q/", "/w/")
LANDING = "landing.html"
IMAGE_ENDINGS = (".png", ".svg")
FOREVER = "public, max-age=31536000, immutable"
ASK = "no-cache"
COMPRESS_FROM_BYTES = 1024
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
}
_COMPRESSED = {".html", ".js", ".css", ".json", ".webmanifest", ".svg", ".txt"}

# Styles come from files; attributes are allowed, because components place menus by them. Scripts are files.
APP_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self' ws: wss:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_COMMON: dict[str, str] = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": "microphone=(self), camera=(), geolocation=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "x-frame-options": "DENY",
}


class _Loaded(msgspec.Struct, frozen=True):
    """A file in memory, as it was when it had this stamp."""

    stamp: tuple[int, int]
    plain: bytes
    packed: bytes | None
    digest: str


class _Answer(msgspec.Struct, frozen=True):
    """What goes out: status, body, headers beside the common ones."""

    status: int
    body: bytes
    headers: dict[str, str]


class StaticApps:
    """An ASGI application for the pages of the product."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._loaded: dict[Path, _Loaded] = {}

    def handles(self, path: str) -> bool:
        """Return whether a path is a page or a file of an app; the pictures of codes (``/q/{code}.png``) are not."""
        if path == "/":
            return True
        if path.startswith(CUSTOMER_PAGES):
            return not path.endswith(IMAGE_ENDINGS)
        return path[1:].partition("/")[0] in APPS

    async def __call__(self, scope: Any, receive: Any, send: Send) -> None:  # noqa: ANN401  ASGI's own shapes
        """Answer one request."""
        del receive
        method, path = scope["method"], scope["path"]
        if method not in {"GET", "HEAD"}:
            answer = _Answer(405, b"", {"allow": "GET, HEAD"})
        else:
            answer = await self._find(path, scope)
        headers = _COMMON | {"content-length": str(len(answer.body))} | answer.headers
        encoded = [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": encoded})
        await send({"type": "http.response.body", "body": b"" if method == "HEAD" else answer.body})

    async def _find(self, path: str, scope: Any) -> _Answer:  # noqa: ANN401  ASGI's own shape
        headers: Headers = scope["headers"]
        if path == "/":
            return _plain_page(200, pages.START_PAGE)
        if path.startswith(CUSTOMER_PAGES):
            # A page of its own, many times lighter than the app: whoever scans a code has nothing of it yet.
            return await self._index(CUSTOMER_APP, headers, social_tags(scope), LANDING)
        app, slash, rest = path[1:].partition("/")
        if not slash:
            return _Answer(308, b"", {"location": f"/{app}/", "cache-control": ASK})
        file = self._file_of(app, rest)
        if file is not None:
            return await self._file(file, headers, "")
        if _is_navigation(rest, headers):
            return await self._index(app, headers, "")
        return _plain_page(404, pages.MISSING_PAGE)

    def _file_of(self, app: str, rest: str) -> Path | None:
        """Return a file below the app's folder; names that begin with a dot are nobody's business."""
        parts = rest.split("/")
        if not rest or any(part == "" or part.startswith(".") or "\0" in part or "\\" in part for part in parts):
            return None
        file = self._folder.joinpath(app, *parts)
        return file if file.is_file() and file.suffix in TYPES else None

    async def _index(self, app: str, headers: Headers, tags: str, page: str = "index.html") -> _Answer:
        file = self._folder / app / page
        if not file.is_file():
            return _plain_page(503, pages.NOT_BUILT_PAGE)
        return await self._file(file, headers, tags)

    async def _file(self, file: Path, headers: Headers, tags: str) -> _Answer:
        loaded = await self._load(file)
        if tags:
            plain = loaded.plain.replace(b"</head>", tags.encode() + b"</head>", 1)
            loaded = _Loaded(loaded.stamp, plain, None, hashlib.sha256(plain).hexdigest())
        hashed = file.parent.name == "assets"
        answer = {
            "content-type": TYPES[file.suffix],
            "cache-control": FOREVER if hashed else ASK,
            "vary": "accept-encoding",
        }
        if file.suffix == ".html":
            answer["content-security-policy"] = APP_POLICY
        packed = loaded.packed if _accepts_gzip(headers) else None
        etag = f'"{loaded.digest[:32]}{"" if packed is None else "-gz"}"'
        answer["etag"] = etag
        if matches(etag, header(headers, b"if-none-match")):
            return _Answer(304, b"", answer)
        if packed is not None:
            answer["content-encoding"] = "gzip"
        return _Answer(200, loaded.plain if packed is None else packed, answer)

    async def _load(self, file: Path) -> _Loaded:
        """Return the file from memory, read anew when it was built anew."""
        stamp = _stamp(file)
        loaded = self._loaded.get(file)
        if loaded is None or loaded.stamp != stamp:
            loaded = self._loaded[file] = await asyncio.to_thread(_read, file, stamp)
        return loaded


def _stamp(file: Path) -> tuple[int, int]:
    status = file.stat()
    return status.st_mtime_ns, status.st_size


def _read(file: Path, stamp: tuple[int, int]) -> _Loaded:
    plain = file.read_bytes()
    packed = None
    if file.suffix in _COMPRESSED and len(plain) >= COMPRESS_FROM_BYTES:
        packed = gzip.compress(plain, 9, mtime=0)
    return _Loaded(stamp, plain, packed, hashlib.sha256(plain).hexdigest())


def _plain_page(status: int, body: bytes) -> _Answer:
    return _Answer(
        status,
        body,
        {"content-type": TYPES[".html"], "cache-control": ASK, "content-security-policy": pages.POLICY},
    )


def _accepts_gzip(headers: Headers) -> bool:
    accepted = header(headers, b"accept-encoding") or ""
    parts = [part.strip().replace(" ", "") for part in accepted.split(",")]
    return any(part == "gzip" or (part.startswith("gzip;q=") and part.strip("0.") != "gzip;q=") for part in parts)


def _is_navigation(rest: str, headers: Headers) -> bool:
    """An address inside an app is a page of it; a missing file of an app is missing, never a page in its place."""
    if rest.startswith("assets/"):
        return False
    mode = header(headers, b"sec-fetch-mode")
    if mode is not None:
        return mode == "navigate"
    return "." not in rest.rpartition("/")[2] or "text/html" in (header(headers, b"accept") or "")


def social_tags(scope: Any) -> str:  # noqa: ANN401  ASGI's own shape
    """Return what messengers show of a link to a person; it names no language, no corp and nobody."""
    host = header(scope["headers"], b"host") or ""
    address = html.escape(f"{scope.get('scheme', 'http')}://{host}{scope['path']}", quote=True)
    return _tags(
        [("og:site_name", "Rapport"), ("og:title", "Rapport"), ("og:type", "profile"), ("og:url", address)],
    )


def _tags(properties: Iterable[tuple[str, str]]) -> str:
    tags = "".join(f'<meta property="{name}" content="{value}">' for name, value in properties)
    return tags + '<meta name="robots" content="noindex">'

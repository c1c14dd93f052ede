"""Stored bytes in S3 and what speaks like it; credentials come from the usual AWS_… variables.

Bytes are fetched in parts, each a request of its own: a slow reader holds no connection to the store, and no time limit
of the store's client falls on it.
"""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterable, AsyncIterator, Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import obstore
import structlog
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from rapport.kernel.blobs.incoming import Incoming
from rapport.kernel.blobs.stored import StoredBlob
from rapport.kernel.errors import TryAgain
from rapport.settings import SettingsError

PART = 1024 * 1024
UPLOAD_PART = 8 * 1024 * 1024
UPLOAD_PARTS_AT_ONCE = 4
CONNECT_S, READ_S, RETRIES, RETRIED_FOR_S = 3, 20, 3, 10
_KNOWN = {"endpoint", "region", "style"}
log = structlog.get_logger()


def open_s3(url: str, incoming: Path) -> "S3Blobs":
    """Return the store of ``s3://bucket/prefix?endpoint=…&region=…&style=virtual``; raises SettingsError."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    if not parts.netloc or parts.username is not None or options.keys() - _KNOWN:
        raise SettingsError(
            "RAPPORT_BLOBS_URL has the form s3://bucket/prefix?endpoint=https://…&region=…&style=virtual; "
            "keys belong into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        )
    bucket, endpoint = parts.netloc, options.get("endpoint")
    if endpoint is not None and not endpoint.startswith(("https://", "http://")):
        raise SettingsError("The endpoint in RAPPORT_BLOBS_URL begins with https:// (or http:// on a private network).")
    if options.get("style", "path") not in {"path", "virtual"}:
        raise SettingsError("The style in RAPPORT_BLOBS_URL is path or virtual.")
    virtual = options.get("style") == "virtual"
    place = endpoint or "https://s3.amazonaws.com"
    if endpoint is not None and virtual:
        scheme, _, host = endpoint.partition("://")
        endpoint = f"{scheme}://{bucket}.{host}"
    given = {name: value for name, value in (("endpoint", endpoint), ("region", options.get("region"))) if value}
    store = S3Store(
        bucket,
        prefix=unquote(parts.path).strip("/") or None,
        virtual_hosted_style_request=virtual,
        client_options={
            "allow_http": place.startswith("http://"),
            "connect_timeout": timedelta(seconds=CONNECT_S),
            "read_timeout": timedelta(seconds=READ_S),
        },
        retry_config={"max_retries": RETRIES, "retry_timeout": timedelta(seconds=RETRIED_FOR_S)},
        **given,  # pyright: ignore[reportArgumentType]  a TypedDict of many keys
    )
    return S3Blobs(store, bucket, place, incoming)


def _key(name: str) -> str:
    """Where a name lies: below its last letter, so that a part can be listed."""
    return f"{name[-1]}/{name}"


@contextmanager
def _answering(doing: str) -> Generator[None]:
    """What keeps the store from answering is on the log, and to be tried again for who asked."""
    try:
        yield
    except FileNotFoundError as error:
        if "NoSuchBucket" not in str(error):
            raise FileNotFoundError(doing) from None
        log.warning("store_unavailable", doing=doing, error="the bucket is gone")
        raise TryAgain(retry_after_s=5) from error
    except (BaseError, OSError) as error:
        log.warning("store_unavailable", doing=doing, error=error)
        raise TryAgain(retry_after_s=5) from error


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:300]


class S3Blobs:
    """A bucket, or the part of one below a prefix."""

    def __init__(self, store: S3Store, bucket: str, place: str, incoming: Path) -> None:
        self._store = store
        self._bucket = bucket
        self._place = place
        self._incoming = Incoming(incoming)

    async def check(self) -> None:
        """Put, read and remove a few bytes; SettingsError says in one sentence what is wrong."""
        probe = f"probe/{secrets.token_hex(8)}"
        try:
            await obstore.put_async(self._store, probe, b"probe", use_multipart=False)
            await obstore.get_range_async(self._store, probe, start=0, end=1)
            await obstore.delete_async(self._store, probe)
        except (PermissionDeniedError, UnauthenticatedError) as error:
            raise SettingsError(
                f"The store at {self._place} does not let us put, read and remove in the bucket {self._bucket}: "
                "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and the rights of that key."
            ) from error
        except FileNotFoundError as error:
            raise SettingsError(
                f"There is no bucket {self._bucket} at {self._place}: make it, or mend RAPPORT_BLOBS_URL."
            ) from error
        except (BaseError, OSError) as error:
            raise SettingsError(
                f"The store of RAPPORT_BLOBS_URL at {self._place} does not answer as it should: {_first_line(error)}"
            ) from error

    async def put(self, name: str, data: bytes) -> None:
        """Store ``data`` durably under ``name``."""
        with _answering(f"put {name}"):
            await obstore.put_async(self._store, _key(name), data, use_multipart=len(data) > UPLOAD_PART)

    async def receive(self, chunks: AsyncIterable[bytes], limit: int) -> Path:
        """Write an upload to a temporary file here and return its path; BodyTooLarge past ``limit`` bytes."""
        return await self._incoming.receive(chunks, limit)

    async def adopt(self, name: str, path: Path) -> None:
        """Make a received file durable under ``name``, a large one in parts."""
        with _answering(f"put {name}"):
            await obstore.put_async(
                self._store, _key(name), path, chunk_size=UPLOAD_PART, max_concurrency=UPLOAD_PARTS_AT_ONCE
            )
        await asyncio.to_thread(path.unlink, missing_ok=True)

    async def read(self, name: str, start: int, end: int) -> AsyncIterator[bytes]:
        """Yield the bytes ``start`` to ``end`` (exclusive)."""
        while start < end:
            until = min(start + PART, end)
            with _answering(f"read {name}"):
                part = await obstore.get_range_async(self._store, _key(name), start=start, end=until)
            yield bytes(part)
            start = until

    async def remove(self, name: str) -> None:
        """Remove a name; absent is fine."""
        with contextlib.suppress(FileNotFoundError), _answering(f"remove {name}"):
            await obstore.delete_async(self._store, _key(name))

    async def stored(self, ending: str) -> list[StoredBlob]:
        """Return what is stored under names that end with a letter."""
        found: list[StoredBlob] = []
        with _answering(f"list {ending}"):
            async for page in obstore.list(  # pyright: ignore[reportUnknownMemberType]  another overload gives Arrow
                self._store, prefix=ending, chunk_size=1000
            ):
                found += [
                    StoredBlob(
                        blob["path"].rpartition("/")[2],
                        blob["size"],
                        int(blob["last_modified"].timestamp() * 1_000_000),
                    )
                    for blob in page
                ]
        return found

    async def forget_received(self) -> None:
        """Remove what processes that are gone received and never adopted."""
        await asyncio.to_thread(self._incoming.forget)

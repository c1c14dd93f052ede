"""Uploads as a raw body: streamed to disk under the limit of its kind, checked, then kept by one short transaction."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated

from litestar import post
from litestar.exceptions import InternalServerException
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import FromQuery, QueryParameter

from rapport.features.files.access import owner_of
from rapport.features.files.actions import create_file
from rapport.features.files.errors import EmptyUpload, TruncatedUpload
from rapport.features.files.http.checking import Checked, check_content, read_limits, workers
from rapport.features.files.types import File, FileKind, thumbnail_blob
from rapport.kernel.errors import BodyTooLarge
from rapport.kernel.http.requests import (
    AdminRequest,
    AnyRequest,
    ConsumerRequest,
    StaffRequest,
    admin_only,
    consumer_only,
    perform,
    runtime,
    staff_only,
)
from rapport.kernel.runtime import Runtime

Name = Annotated[
    str, QueryParameter(max_length=1024, description="The file's name; cleaned, at most 255 bytes are kept")
]
DEFAULT_NAME = ""
HOUR_S = 3600


class UploadOperation(Operation):
    """Says in the API description that the body is the file itself."""

    def __post_init__(self) -> None:
        """Describe the body, which the handler reads as a stream."""
        binary = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING, content_media_type="application/octet-stream"))
        self.request_body = RequestBody(
            content={"application/octet-stream": binary}, required=True, description="The bytes of the file"
        )


_upload = partial(post, operation_class=UploadOperation, request_max_body_size=None, status_code=201, tags=["files"])


class _Arriving:
    """A body on its way to the disk: counted, digested, and complete or refused."""

    def __init__(self, request: AnyRequest) -> None:
        self._request = request
        self._announced = request.content_length
        self.digest = hashlib.sha256()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        try:
            async for chunk in self._request.stream():
                size += len(chunk)
                self.digest.update(chunk)
                yield chunk
        except InternalServerException as error:
            # What Litestar raises when the client is gone in the middle of the body.
            raise TruncatedUpload from error
        if self._announced is not None and size < self._announced:
            raise TruncatedUpload


async def _receive(request: AnyRequest, kind: FileKind, name: str) -> File:
    rt = runtime(request)
    corp_id, owner = owner_of(request.user)
    limits = await rt.db.read_briefly(lambda tx: read_limits(tx, corp_id, kind))
    announced = request.content_length
    if announced is not None and announced > limits.body_bytes:
        raise BodyTooLarge(limit_bytes=limits.body_bytes)
    if announced == 0:
        raise EmptyUpload
    rt.limiter.check("files.upload", f"{corp_id}/{owner}", times=limits.per_hour, per_s=HOUR_S)
    arriving = _Arriving(request)
    path = await rt.blobs.receive(aiter(arriving), limits.body_bytes)
    file_id = rt.ids.new()
    try:
        work = partial(check_content, file_id, path, kind, name, limits)
        checked = await asyncio.get_running_loop().run_in_executor(workers, work)
        if checked.content is None:
            await rt.blobs.adopt(file_id, path)
        else:
            await rt.blobs.put(file_id, checked.content)
    finally:
        path.unlink(missing_ok=True)
    return await _keep(request, rt, checked, arriving.digest.digest())


async def _keep(request: AnyRequest, rt: Runtime, checked: Checked, digest: bytes) -> File:
    """The bytes are durable before the row exists; where no row comes to name them they go again."""
    file_id, actor = checked.new.file_id, request.user
    kept_id = None
    try:
        if checked.thumbnail is not None:
            await rt.blobs.put(thumbnail_blob(file_id), checked.thumbnail)
        kept = await perform(request, lambda tx: create_file(tx, actor, checked.new), File, content=digest)
        kept_id = kept.file_id
    finally:
        if kept_id != file_id:
            await rt.blobs.remove(file_id)
            await rt.blobs.remove(thumbnail_blob(file_id))
    return kept


@_upload("/api/staff/files", guards=[staff_only], operation_id="staff_upload_file")
async def upload_as_member(request: StaffRequest, kind: FromQuery[FileKind], name: Name = DEFAULT_NAME) -> File:
    """Upload a file to be sent; it is removed again (after a day by default) unless something uses it."""
    return await _receive(request, kind, name)


@_upload("/api/consumer/files", guards=[consumer_only], operation_id="consumer_upload_file")
async def upload_as_consumer(request: ConsumerRequest, kind: FromQuery[FileKind], name: Name = DEFAULT_NAME) -> File:
    """Upload a file to be sent; it is removed again (after a day by default) unless something uses it."""
    return await _receive(request, kind, name)


@_upload("/api/admin/files", guards=[admin_only], operation_id="admin_upload_file")
async def upload_as_admin(request: AdminRequest, kind: FromQuery[FileKind], name: Name = DEFAULT_NAME) -> File:
    """Upload a picture for the corp's profile (its logo)."""
    return await _receive(request, kind, name)

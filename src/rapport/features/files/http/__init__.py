"""Routes of stored files: upload and download on each surface, and public files for everybody."""

from rapport.features.files.http.downloads import (
    download_as_admin,
    download_as_consumer,
    download_as_member,
    download_public,
)
from rapport.features.files.http.uploads import upload_as_admin, upload_as_consumer, upload_as_member

routes = [
    upload_as_member,
    upload_as_consumer,
    upload_as_admin,
    download_as_member,
    download_as_consumer,
    download_as_admin,
    download_public,
]

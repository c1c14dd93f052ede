"""What other features may call.

Sending: ``check_attachable`` before, ``grant_files`` with the entry's number; recalling: ``revoke_files``. The
conversations feature answers ``ports.file_reading``. A logo or an avatar: ``publish_file``; pictures of a welcome
message: ``share_with_corp``.
"""

from rapport.features.files.access import access_file, check_attachable, get_file
from rapport.features.files.actions import create_file, grant_files, publish_file, revoke_files, share_with_corp
from rapport.features.files.queries import sum_bytes

__all__ = [
    "access_file",
    "check_attachable",
    "create_file",
    "get_file",
    "grant_files",
    "publish_file",
    "revoke_files",
    "share_with_corp",
    "sum_bytes",
]

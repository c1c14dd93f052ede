"""Scheduled work of conversations: going through a member's customers when the member looks different."""

import msgspec

from rapport.features.conversations.actions.faces import SHOW_FACE, FaceShowing, show_part
from rapport.kernel.tx import Tx
from rapport.kernel.worker import Jobs


def register(jobs: Jobs) -> None:
    """Let the worker do this feature's work."""
    jobs.handle(SHOW_FACE, _show_part)


def _show_part(tx: Tx, corp_id: str, body: bytes) -> None:
    show_part(tx, corp_id, msgspec.json.decode(body, type=FaceShowing))

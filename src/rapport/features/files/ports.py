"""What a higher feature answers for this one: the composition root joins it once, before the first request."""

from collections.abc import Sequence
from typing import Protocol

from rapport.features.files.types import Grant
from rapport.kernel.actor import ConsumerActor, MemberActor
from rapport.kernel.ports import Port
from rapport.kernel.tx import ReadTx


class FileReading(Protocol):
    """Port: may this actor see at least one of the entries that carry the file? (conversations answers)."""

    def __call__(self, tx: ReadTx, actor: MemberActor | ConsumerActor, grants: Sequence[Grant]) -> bool:
        """Return whether one of the entries is visible to the actor now (a member sees those of the own corp only)."""
        ...


file_reading = Port[FileReading]("files.file_reading")

"""What organization needs from features beside and above it; ``app.py`` joins them."""

from typing import Protocol

from rapport.kernel.actor import ConsumerActor, MemberActor
from rapport.kernel.ports import Port
from rapport.kernel.tx import ReadTx, Tx


class ImagePublishing(Protocol):
    """Port: make an uploaded picture visible to everybody, as an avatar or a logo (files answers)."""

    def __call__(self, tx: Tx, actor: MemberActor | ConsumerActor, file_id: str) -> None:
        """Publish it; raises a Refusal unless it is an image that the actor uploaded."""
        ...


class CorpsOfConsumer(Protocol):
    """Port: the corps that a consumer has met (customers answers)."""

    def __call__(self, tx: ReadTx, consumer_id: str) -> list[str]:
        """Return their ids, each once."""
        ...


image_publishing: Port[ImagePublishing] = Port("organization.image_publishing")
corps_of_consumer: Port[CorpsOfConsumer] = Port("organization.corps_of_consumer")

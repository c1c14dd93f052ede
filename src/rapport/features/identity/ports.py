"""What identity needs from features above it; ``app.py`` joins them."""

from typing import Protocol

from rapport.kernel.ports import Port
from rapport.kernel.tx import Tx


class ConsumerMerging(Protocol):
    """Move what a guest has (customers, relations, conversations) to the consumer the guest turned out to be."""

    def __call__(self, tx: Tx, guest_id: str, consumer_id: str) -> None:
        """Merge inside the transaction of the sign-in."""
        ...


consumer_merging: Port[ConsumerMerging] = Port("identity.consumer_merging")

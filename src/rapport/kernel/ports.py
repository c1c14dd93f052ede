"""Ports: a lower feature declares what it needs, a higher one implements it, ``app.py`` joins them."""

from typing import Generic, TypeVar

Implementation = TypeVar("Implementation")


class Port(Generic[Implementation]):
    """A place for one implementation; asking before it was joined is an error in the composition root."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._implementation: Implementation | None = None

    def join(self, implementation: Implementation) -> None:
        """Say who answers; joining again replaces."""
        self._implementation = implementation

    @property
    def joined(self) -> Implementation:
        """The implementation."""
        if self._implementation is None:
            raise RuntimeError(f"nothing is joined to the port {self._name}")
        return self._implementation

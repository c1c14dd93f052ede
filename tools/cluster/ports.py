"""Which port is whose: a block of numbers after the balancer's, the same at every start."""

import socket

from tools.cluster.programs import ClusterError

BLOCK = 40
_OFFSETS = {
    "balancer": 0,
    "api-1": 1,
    "api-2": 2,
    "realtime-1": 3,
    "realtime-2": 4,
    "worker-1": 5,
    "worker-2": 6,
    "side-1": 7,
    "side-2": 8,
    "database": 10,
    "postgres-1": 11,
    "postgres-2": 12,
    "patroni-1": 13,
    "patroni-2": 14,
    "etcd": 15,
    "etcd-peer": 16,
    "nats-1": 20,
    "nats-2": 21,
    "nats-3": 22,
    "nats-1-route": 23,
    "nats-2-route": 24,
    "nats-3-route": 25,
    "nats-1-monitor": 26,
    "nats-2-monitor": 27,
    "nats-3-monitor": 28,
    "link-database": 30,
    "link-nats-1": 31,
    "link-nats-2": 32,
    "link-nats-3": 33,
}


class Ports:
    """The ports of one cluster."""

    def __init__(self, base: int) -> None:
        self._base = base

    def __getitem__(self, name: str) -> int:
        return self._base + _OFFSETS[name]

    def check_free(self) -> None:
        """Raise ClusterError where somebody listens already."""
        for name in _OFFSETS:
            if not is_free(self[name]):
                raise ClusterError(f"Port {self[name]} ({name}) is in use; choose another block: make cluster PORT=…")


def is_free(port: int) -> bool:
    """Whether nobody listens on a port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def answers(port: int) -> bool:
    """Whether somebody accepts connections on a port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_block(first: int = 21_000, last: int = 31_000) -> Ports:
    """A block of ports that nobody uses now, below those that the system gives out by itself."""
    for base in range(first, last, BLOCK):
        if all(is_free(base + offset) for offset in _OFFSETS.values()):
            return Ports(base)
    raise ClusterError("There is no free block of ports.")

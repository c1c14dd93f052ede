"""The running parts of one process, as handlers see them."""

from typing import Protocol

import msgspec

from rapport.kernel.actor import SignedIn, Surface
from rapport.kernel.bells import Bell
from rapport.kernel.blobs import Blobs
from rapport.kernel.clock import Clock
from rapport.kernel.database import Database
from rapport.kernel.followers import Followers
from rapport.kernel.ids import Ids
from rapport.kernel.keys import Keys
from rapport.kernel.limits import Limiter
from rapport.kernel.metrics.meters import Meters
from rapport.kernel.metrics.recent import Recent
from rapport.kernel.readiness import Readiness
from rapport.kernel.realtime.hub import Hub
from rapport.kernel.relay import Relay
from rapport.kernel.tracing import Tracing
from rapport.kernel.worker import Jobs
from rapport.settings import Settings


class ReadSession(Protocol):
    """Port: who holds a secret on a surface (the identity feature answers)."""

    async def __call__(self, surface: Surface, secret: str) -> SignedIn | None:
        """Return the actor, or None when there is no live session of that surface."""
        ...


class Runtime(msgspec.Struct):
    """Everything a handler may need; built once in ``app.py``."""

    settings: Settings
    keys: Keys
    clock: Clock
    ids: Ids
    db: Database
    blobs: Blobs
    hub: Hub
    jobs: Jobs
    followers: Followers
    bell: Bell
    limiter: Limiter
    meters: Meters
    recent: Recent
    readiness: Readiness
    process: str
    """The name under which this process holds leases."""
    relay: Relay | None
    """None where no other process shares the database."""
    tracing: Tracing | None
    """None unless a collector is named."""
    read_session: ReadSession
    epoch: str

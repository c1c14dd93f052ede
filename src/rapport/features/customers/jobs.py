"""Scheduled work of customers: sending welcomes, ending requests that waited too long, forgetting strangers' keys."""

import msgspec

from rapport.features.customers.actions.accepting import trim_keys
from rapport.features.customers.actions.expiring import expire_requests
from rapport.features.customers.actions.welcomes import SEND_WELCOME, settle_welcome
from rapport.kernel.clock import HOUR, MINUTE
from rapport.kernel.runtime import Runtime
from rapport.kernel.tx import Tx

TRIM_KEYS = "customers.trim_keys"
EXPIRE_REQUESTS = "customers.expire_requests"


def register(rt: Runtime) -> None:
    """Let the worker do this feature's work."""
    rt.jobs.handle(SEND_WELCOME, _send_welcome)
    rt.jobs.handle(TRIM_KEYS, _trim_keys, every_us=HOUR)
    rt.jobs.handle(EXPIRE_REQUESTS, _expire_requests, every_us=MINUTE)


def _send_welcome(tx: Tx, corp_id: str, body: bytes) -> None:
    settle_welcome(tx, corp_id, msgspec.json.decode(body, type=str))


def _trim_keys(tx: Tx, _corp_id: str, _body: bytes) -> None:
    trim_keys(tx)


def _expire_requests(tx: Tx, _corp_id: str, _body: bytes) -> None:
    expire_requests(tx)

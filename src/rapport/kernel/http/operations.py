"""What an administrator sees of the machinery.

Followers, facts that were parked, jobs that were given up, and their replay.
"""

import shutil
from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import FromPath, PathParameter

from rapport import __version__
from rapport.kernel.followers import ParkedFact, list_parked
from rapport.kernel.http.requests import AdminRequest, admin_only, perform, runtime
from rapport.kernel.jobs import FailedJob, list_failed, replay_job
from rapport.kernel.leases import list_leases
from rapport.kernel.metrics.figures import FollowerPlace, JobFigures, count_jobs, list_places
from rapport.kernel.metrics.recent import Sending
from rapport.kernel.runtime import Runtime
from rapport.kernel.storage import Storage, read_storage
from rapport.kernel.tx import ReadTx, Tx

Number = Annotated[int, PathParameter(ge=1, le=2**53)]


class ProcessPlace(msgspec.Struct, frozen=True):
    """A process of the installation that does something alone for all: its leases."""

    name: str
    is_this: bool
    leases: list[str]


class Operations(msgspec.Struct, frozen=True):
    """The corp's own parked facts and failed jobs; the rest is of the installation, or of the process that answered.

    ``relay_lag_s`` is null where no other process shares the database.
    """

    parked: list[ParkedFact]
    failed_jobs: list[FailedJob]
    followers: list[FollowerPlace]
    jobs: JobFigures
    sockets: int
    sending: Sending
    relay_lag_s: float | None
    storage: Storage
    version: str
    engine: str
    roles: list[str]
    processes: list[ProcessPlace]


class Replayed(msgspec.Struct, frozen=True):
    """The fact or job was handed on again."""

    replayed: bool


@get("/api/admin/operations", guards=[admin_only], operation_id="admin_operations", tags=["operations"])
async def read_operations(request: AdminRequest) -> Operations:
    """Read what waits for an administrator, and how the machinery is."""
    rt, corp_id = runtime(request), request.user.corp_id
    sizes, free = await rt.db.sizes(), shutil.disk_usage(rt.settings.data).free

    def read(tx: ReadTx) -> Operations:
        return Operations(
            parked=list_parked(tx, corp_id),
            failed_jobs=list_failed(tx, corp_id),
            followers=list_places(tx),
            jobs=count_jobs(tx),
            sockets=rt.hub.count,
            sending=rt.recent.read(),
            relay_lag_s=None if rt.relay is None else round(rt.relay.lag_s, 3),
            storage=read_storage(tx, sizes, free),
            version=__version__,
            engine="sqlite" if rt.settings.database_url is None else "postgresql",
            roles=sorted(rt.settings.roles),
            processes=_list_processes(tx, rt),
        )

    return await rt.db.read(read)


def _list_processes(tx: ReadTx, rt: Runtime) -> list[ProcessPlace]:
    """Return who holds leases now, and this process in any case; by host and number."""
    held: dict[str, list[str]] = {rt.process: []}
    for lease in list_leases(tx):
        if lease.held_until > tx.now:
            held.setdefault(lease.holder, []).append(lease.name)
    return [ProcessPlace(name.rpartition(":")[0], name == rt.process, names) for name, names in held.items()]


@post(
    "/api/admin/operations/parked/{follower:str}/{fact_id:int}/replay",
    guards=[admin_only],
    status_code=200,
    operation_id="admin_replay_fact",
    tags=["operations"],
)
async def replay_fact(request: AdminRequest, follower: FromPath[str], fact_id: Number) -> Replayed:
    """Hand a parked fact to its follower again."""
    rt, corp_id = runtime(request), request.user.corp_id

    def act(tx: Tx) -> Replayed:
        rt.followers.replay(tx, corp_id, follower, fact_id)
        return Replayed(replayed=True)

    return await perform(request, act, Replayed)


@post(
    "/api/admin/operations/jobs/{job_id:int}/replay",
    guards=[admin_only],
    status_code=200,
    operation_id="admin_replay_job",
    tags=["operations"],
)
async def replay_failed_job(request: AdminRequest, job_id: Number) -> Replayed:
    """Let a job that was given up run again."""
    corp_id = request.user.corp_id

    def act(tx: Tx) -> Replayed:
        replay_job(tx, corp_id, job_id)
        return Replayed(replayed=True)

    return await perform(request, act, Replayed)


routes = [read_operations, replay_fact, replay_failed_job]

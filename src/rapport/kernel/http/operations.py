"""What an administrator sees of the machinery.

Followers, facts that were parked, jobs that were given up, and their replay.
"""

from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import FromPath, PathParameter

from rapport.kernel.followers import FollowerState, ParkedFact, list_parked, list_states
from rapport.kernel.http.requests import AdminRequest, admin_only, perform, runtime
from rapport.kernel.jobs import FailedJob, list_failed, replay_job
from rapport.kernel.tx import ReadTx, Tx

Number = Annotated[int, PathParameter(ge=1, le=2**53)]


class Operations(msgspec.Struct, frozen=True):
    """The corp's parked facts and failed jobs, every follower's place.

    And how many sockets are open in this process.
    """

    parked: list[ParkedFact]
    failed_jobs: list[FailedJob]
    followers: list[FollowerState]
    sockets: int


class Replayed(msgspec.Struct, frozen=True):
    """The fact or job was handed on again."""

    replayed: bool


@get("/api/admin/operations", guards=[admin_only], operation_id="admin_operations", tags=["operations"])
async def read_operations(request: AdminRequest) -> Operations:
    """Read what waits for an administrator."""
    rt, corp_id = runtime(request), request.user.corp_id

    def read(tx: ReadTx) -> Operations:
        return Operations(list_parked(tx, corp_id), list_failed(tx, corp_id), list_states(tx), rt.hub.count)

    return await rt.db.read(read)


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

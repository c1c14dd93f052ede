"""Whether a balancer learns in time that a process cannot serve, and why."""

import asyncio
import time

import httpx
import pytest

from rapport.kernel.followers import follower_cursor
from rapport.kernel.leases import lease
from rapport.kernel.readiness import ASK_AGAIN_S, RELAY_SILENT_S
from rapport.kernel.statements import command, insertion, p
from rapport.kernel.tx import Tx
from tests.conftest import NO_TLS, RunningServer

_plant = insertion(follower_cursor.insert())
_hand_over = command(lease.update().where(lease.c.name == "follower asleep").values(holder=p("to")))
_asleep = insertion(lease.insert())


def ask(server: RunningServer, path: str = "/readyz") -> httpx.Response:
    headers = {"Accept-Language": "en"}
    return httpx.get(server.url + path, headers=headers, trust_env=False, verify=NO_TLS, timeout=20)


def parts(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 503, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == "not_ready"
    assert answer.headers["retry-after"] == str(problem["retry_after_s"])
    assert problem["trace"]
    return [field["path"] for field in problem["fields"]]


def test_a_healthy_process_is_ready(server: RunningServer) -> None:
    answer = ask(server)
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "ready"


def test_a_process_that_is_about_to_stop_is_alive_but_not_ready(own_server: RunningServer) -> None:
    own_server.application.runtime.readiness.draining = True
    assert parts(ask(own_server)) == ["draining"]
    assert ask(own_server, "/healthz").status_code == 200


def test_a_database_that_cannot_be_written_is_named_until_it_can(own_server: RunningServer) -> None:
    own_server.alter("ALTER TABLE installation RENAME TO installation_gone")
    assert parts(ask(own_server)) == ["database"]
    assert ask(own_server, "/healthz").status_code == 200, "killing the process would not mend it"
    own_server.alter("ALTER TABLE installation_gone RENAME TO installation")
    time.sleep(ASK_AGAIN_S)
    assert ask(own_server).status_code == 200


def test_a_follower_that_stopped_moving_is_named(own_server: RunningServer) -> None:
    own_server.new_corp().close()
    own_server.settle()

    def plant(tx: Tx) -> None:
        tx.insert_all(_plant, [{"name": "asleep", "cursor": 0, "attempts": 0, "moved_at": tx.now}])
        tx.insert_all(_asleep, [{"name": "follower asleep", "holder": "another", "term": 1, "held_until": tx.now}])

    own_server.write(plant)
    assert ask(own_server).status_code == 200
    own_server.clock.advance(10 * 60 * 1_000_000)
    time.sleep(ASK_AGAIN_S)
    assert ask(own_server).status_code == 200, "what another process does not do is not this one's fault"
    own_server.write(lambda tx: tx.run(_hand_over, to=own_server.application.runtime.process))
    time.sleep(ASK_AGAIN_S)
    assert parts(ask(own_server)) == ["follower asleep"]


@pytest.mark.postgresql
def test_a_relay_that_stopped_looking_is_named(own_server: RunningServer) -> None:
    relay = own_server.application.runtime.relay
    assert relay is not None
    assert ask(own_server).status_code == 200
    own_server.run(_stop_relay())
    relay.looked_at -= RELAY_SILENT_S
    time.sleep(ASK_AGAIN_S)
    assert parts(ask(own_server)) == ["relay"]


async def _stop_relay() -> None:
    """End the task in which the relay runs."""
    found = [task for task in asyncio.all_tasks() if getattr(task.get_coro(), "__qualname__", "") == "Relay.run"]
    assert len(found) == 1
    found[0].cancel()


def test_asking_all_the_time_writes_once_a_second(own_server: RunningServer) -> None:
    commits = own_server.application.runtime.db.commits.seconds
    own_server.settle()
    before, began, asked = sum(commits.counts), time.monotonic(), 0
    while asked < 200 or time.monotonic() - began < 2 * ASK_AGAIN_S:
        assert ask(own_server).status_code == 200
        asked += 1
    # Followers and jobs look around now and then, which commits too.
    assert sum(commits.counts) - before < asked / 2

"""Property: an old snapshot plus whatever frames came through, in any order, plus one catch-up, equals a fresh look."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from rapport.client import ApiError, Client, Mirror, Socket
from rapport.client.http import new_client_id
from rapport.features.conversations.events import EntryAppended, ReadMoved
from tests.conftest import Corp, RunningServer
from tests.following import unseen_by

Json = dict[str, Any]
WRITERS = ("xiaoming", "xiaohong")
steps = st.one_of(
    st.tuples(st.just("send"), st.sampled_from(WRITERS), st.text("今天好abc", min_size=1, max_size=5)),
    st.tuples(st.just("repeat"), st.sampled_from(WRITERS), st.just("")),
    st.tuples(st.just("recall"), st.sampled_from(WRITERS), st.integers(0, 30)),
    st.tuples(st.just("read"), st.sampled_from(WRITERS), st.integers(0, 30)),
    st.tuples(st.just("settings"), st.sampled_from(WRITERS), st.sampled_from(["pinned", "muted", "marked_unread"])),
)
_unseen = unseen_by("conversations.index", EntryAppended, ReadMoved)
fates = st.lists(st.sampled_from(["keep", "keep", "keep", "lose", "double", "late"]), max_size=80)


@pytest.fixture(scope="module")
def people(server: RunningServer) -> Iterator[Corp]:
    """One corp for all examples; each example talks in a conversation of its own."""
    made = server.new_corp()
    yield made
    made.close()


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)
@example(before=[("send", "xiaohong", "今")], after=[("read", "xiaoming", 2)], fate=["lose"])
@given(before=st.lists(steps, max_size=8), after=st.lists(steps, max_size=25), fate=fates)
def test_old_snapshot_and_frames_equal_a_fresh_look(
    people: Corp, before: list[tuple[str, str, Any]], after: list[tuple[str, str, Any]], fate: list[str]
) -> None:
    asyncio.run(_check(people, before, after, fate))


async def _check(
    people: Corp, before: list[tuple[str, str, Any]], after: list[tuple[str, str, Any]], fate: list[str]
) -> None:
    clients = {userid: people.client(userid) for userid in WRITERS}
    made = await clients["xiaoming"].post(
        "conversations", {"kind": "group", "title": new_client_id(), "userids": ["xiaohong"]}
    )
    conversation_id = made["conversation_id"]
    await _act(clients, conversation_id, before)
    reader = clients["xiaohong"]
    mirror = Mirror(reader)
    async with reader.socket() as socket:
        await mirror.start()
        await mirror.open(conversation_id)
        await _act(clients, conversation_id, after)
        await _settle(socket)
        for frame in _mangled(socket.frames, fate):
            mirror.apply(frame)
    await _indexed(people.server)
    await mirror.catch_up()
    fresh = Mirror(reader)
    await fresh.start()
    await fresh.open(conversation_id)
    assert mirror.logs == fresh.logs
    assert mirror.conversations[conversation_id] == fresh.conversations[conversation_id]
    _check_log(fresh.logs[conversation_id])
    for client in clients.values():
        await client.close()


async def _act(clients: dict[str, Client], conversation_id: str, todo: list[tuple[str, str, Any]]) -> None:
    used: list[str] = []
    for kind, userid, value in todo:
        client = clients[userid]
        try:
            match kind:
                case "send":
                    used.append(new_client_id())
                    await client.send(conversation_id, value, used[-1])
                case "repeat" if used:
                    await client.send(conversation_id, "again", used[-1])
                case "recall":
                    await client.post(
                        f"conversations/{conversation_id}/entries/{value}/recall", {"client_id": new_client_id()}
                    )
                case "read":
                    await client.post(f"conversations/{conversation_id}/read", {"seq": value})
                case "settings":
                    await client.patch(f"conversations/{conversation_id}", {value: True})
                case _:
                    continue
        except ApiError as refused:
            assert refused.code in {"not_your_message", "nothing_to_recall", "not_found"}  # noqa: PT017  others are failures


async def _indexed(server: RunningServer) -> None:
    """A group's lists follow its log and its receipts by a follower: wait until it has handled everything."""
    async with asyncio.timeout(30):
        # It is moved by a server in another thread.
        while server.read(lambda tx: tx.one(_unseen)):  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def _settle(socket: Socket) -> None:
    """Everything pushed so far has arrived once a ping is answered."""
    await socket.say({"type": "ping", "seqs": {}})
    await socket.expect("pong")


def _mangled(frames: list[Json], fate: list[str]) -> list[Json]:
    """Lose, double and delay frames as drawn."""
    out: list[Json] = []
    late: list[Json] = []
    for place, frame in enumerate(frames):
        match fate[place] if place < len(fate) else "keep":
            case "lose":
                continue
            case "double":
                out += [frame, frame]
            case "late":
                late.append(frame)
            case _:
                out.append(frame)
    return out + late


def _check_log(log: list[Json]) -> None:
    assert [entry["seq"] for entry in log] == list(range(1, len(log) + 1))
    recalled = {entry["target_seq"] for entry in log if entry["kind"] == "recall"}
    for entry in log:
        assert (entry["body"] is None) == (entry["seq"] in recalled)
    keys = [(entry["sender"], entry["client_id"]) for entry in log]
    assert len(keys) == len(set(keys))

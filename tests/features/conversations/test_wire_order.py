"""Frames are taken in the order in which they were sent, in one piece or in several, all in one packet."""

import json

from websockets.asyncio.client import connect
from websockets.frames import Frame, Opcode

from tests.conftest import Corp, RunningServer
from tests.features.conversations.test_sending import direct


def send_frame(conversation_id: str, number: int) -> bytes:
    body = {"kind": "text", "text": f"第 {number} 句"}
    frame = {"type": "send", "ref": str(number), "conversation_id": conversation_id, "client_id": f"client-id-{number}"}
    return json.dumps({**frame, "body": body}, ensure_ascii=False).encode()


def wire(*frames: Frame) -> bytes:
    return b"".join(frame.serialize(mask=True, extensions=[]) for frame in frames)


async def test_whole_and_divided_messages_of_one_packet_keep_their_order(server: RunningServer, corp: Corp) -> None:
    _, _, conversation_id = direct(corp)
    first, second, third = (send_frame(conversation_id, number) for number in (1, 2, 3))
    packet = wire(
        Frame(Opcode.TEXT, first),
        Frame(Opcode.TEXT, second[:40], fin=False),
        Frame(Opcode.CONT, second[40:]),
        Frame(Opcode.TEXT, third),
    )
    headers = {"Authorization": f"Bearer {corp.token('xiaoming')}"}
    url = f"{server.url.replace('http', 'ws')}/realtime/staff"
    async with connect(url, additional_headers=headers, compression=None, proxy=None) as raw:
        await raw.send('{"type":"hello","cursor":null}')
        assert json.loads(await raw.recv())["type"] == "welcome"
        raw.transport.write(packet)
        acknowledged: dict[str, int] = {}
        while len(acknowledged) < 3:
            frame = json.loads(await raw.recv())
            assert frame["type"] in {"ack", "entry"}, frame
            if frame["type"] == "ack":
                acknowledged[frame["ref"]] = frame["seq"]
        assert acknowledged == {"1": 1, "2": 2, "3": 3}


async def test_text_that_is_not_utf8_ends_that_socket_alone(server: RunningServer, corp: Corp) -> None:
    _, _, conversation_id = direct(corp)
    async with corp.socket("xiaohong") as witness, corp.socket("xiaoming") as careless:
        headers = {"Authorization": f"Bearer {corp.token('xiaoming')}"}
        url = f"{server.url.replace('http', 'ws')}/realtime/staff"
        async with connect(url, additional_headers=headers, compression=None, proxy=None) as raw:
            await raw.send('{"type":"hello","cursor":null}')
            assert json.loads(await raw.recv())["type"] == "welcome"
            raw.transport.write(wire(Frame(Opcode.TEXT, b'{"type":"\xff\xfe"}')))
            await raw.wait_closed()
            assert raw.close_code == 1007
        await careless.send(conversation_id, "还在", "client-id-1")
        assert (await witness.expect("entry"))["entry"]["body"]["text"] == "还在"

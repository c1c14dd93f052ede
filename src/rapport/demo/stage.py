"""Where the demo's people act: a clock that can stand at any past instant, and the few things that they do there."""

import asyncio
import time
from importlib.resources import files
from pathlib import Path
from tempfile import NamedTemporaryFile

import msgspec

from rapport.demo.pictures import DRAWINGS, draw_logo, draw_portrait
from rapport.demo.talks import Line
from rapport.features.conversations.access import Viewer
from rapport.features.conversations.actions.reading import change_settings, read_to
from rapport.features.conversations.actions.recalling import recall_entry
from rapport.features.conversations.actions.seats import Sending
from rapport.features.conversations.actions.sending import send_one
from rapport.features.conversations.types import Attachment, Image, Link, SendableBody, Sent, Settings, Text, Voice
from rapport.features.customers.actions.accepting import accept_contact_way
from rapport.features.customers.actions.welcomes import settle_welcome
from rapport.features.customers.events import RelationCreated
from rapport.features.files.api import create_file
from rapport.features.files.http.checking import Checked, check_content, read_limits
from rapport.features.files.types import FileKind, NewFile, thumbnail_blob
from rapport.features.identity.api import create_guest, open_session, sign_in_consumer
from rapport.kernel.actor import ConsumerActor, MemberActor, Role
from rapport.kernel.clock import SystemClock
from rapport.kernel.runtime import Runtime
from rapport.kernel.tx import Tx

Actor = MemberActor | ConsumerActor
DOCUMENT_NAME = "训练服尺码表.csv"
DOCUMENT = "尺码,身高,胸围\nS,160-168,86-90\nM,168-175,91-95\nL,175-182,96-100\nXL,182-188,101-106\n"


class Party(msgspec.Struct, frozen=True):
    """Somebody in a conversation: who acts, and under which person id."""

    actor: Actor
    person: str


class Stage:
    """The running parts, the corp, and the clock that the demo moves."""

    def __init__(self, rt: Runtime, clock: SystemClock) -> None:
        self.rt = rt
        self.corp_id = ""
        self._clock = clock
        self._sent = 0
        self._checked: dict[tuple[FileKind, str], Checked] = {}

    def stand_at(self, instant: int, tx: Tx) -> None:
        """Let it be ``instant`` (microseconds, UTC) from now on, in this transaction too."""
        self._clock.offset_us = instant - time.time_ns() // 1000
        tx.now = instant

    def return_to_present(self) -> None:
        """Let it be now again."""
        self._clock.offset_us = 0

    def member(self, userid: str, role: Role = "member") -> MemberActor:
        """Return a member as who acts."""
        return MemberActor(self.corp_id, userid, "demo", role, "staff", "zh-CN")

    async def prepare(self, line: Line) -> NewFile | None:
        """Make the bytes that a line sends durable, so that its step needs the database alone."""
        match line.what:
            case "image":
                return await self.draw(line.content)
            case "link":
                return await self.draw(line.content.rpartition("|")[2].strip())
            case "voice":
                recorded = files("rapport.demo").joinpath("voice.webm").read_bytes()
                return await self._prepare("voice", "voice", recorded)
            case "file":
                return await self._prepare("file", DOCUMENT_NAME, DOCUMENT.encode())
            case _:
                return None

    async def draw(self, drawing: str) -> NewFile:
        """Make one of the drawings durable under a new id."""
        return await self._prepare("image", drawing, None)

    async def _prepare(self, kind: FileKind, name: str, content: bytes | None) -> NewFile:
        checked = self._checked.get((kind, name))
        if checked is None:
            limits = await self.rt.db.read(lambda tx: read_limits(tx, self.corp_id, kind))

            def check() -> Checked:
                drawn = _draw(name) if content is None else content
                with NamedTemporaryFile() as file:
                    file.write(drawn)
                    file.flush()
                    found = check_content("", Path(file.name), kind, name, limits)
                return msgspec.structs.replace(found, content=found.content or drawn)

            checked = self._checked[kind, name] = await asyncio.to_thread(check)
        file_id = self.rt.ids.new()
        await self.rt.blobs.put(file_id, checked.content or b"")
        if checked.thumbnail is not None:
            await self.rt.blobs.put(thumbnail_blob(file_id), checked.thumbnail)
        return msgspec.structs.replace(checked.new, file_id=file_id)

    def upload(self, tx: Tx, actor: Actor, new: NewFile) -> str:
        """Keep a prepared file as the actor's; return its id."""
        return create_file(tx, actor, new).file_id

    def come(self, tx: Tx, nickname: str, phone: str | None) -> ConsumerActor:
        """Let somebody come to the platform: as a guest, or with a phone."""
        device, agent = "手机浏览器", "Mozilla/5.0"
        if phone is not None:
            consumer_id, opened = sign_in_consumer(
                tx, phone=phone, guest=None, nickname=nickname, locale="zh-CN", device=device, user_agent=agent, ip=""
            )
            return ConsumerActor(consumer_id, opened.session_id, "zh-CN")
        consumer_id = create_guest(tx, nickname, "zh-CN")
        opened = open_session(
            tx,
            surface="consumer",
            corp_id=None,
            userid=None,
            consumer_id=consumer_id,
            device=device,
            user_agent=agent,
            ip="",
            guest=True,
        )
        return ConsumerActor(consumer_id, opened.session_id, "zh-CN")

    def meet(self, tx: Tx, code: str, consumer: ConsumerActor) -> tuple[str, str]:
        """Let a consumer accept a code and be welcomed; return conversation and external_userid."""
        before = len(tx.emitted)
        accepted = accept_contact_way(tx, code, consumer.consumer_id)
        begun = [one.fact for one in tx.emitted[before:] if isinstance(one.fact, RelationCreated)]
        if accepted.conversation_id is None or not begun:
            raise ValueError("the demo's codes need no consent")
        settle_welcome(tx, self.corp_id, begun[0].welcome_id)
        return accepted.conversation_id, accepted.external_userid

    def say(self, tx: Tx, party: Party, conversation_id: str, body: SendableBody) -> Sent:
        """Send one entry as a party."""
        item = Sending(conversation_id, party.person, self._next_key(), body, party.actor)
        return send_one(tx, self.corp_id, item)

    def act(
        self, tx: Tx, party: Party, conversation_id: str, line: Line, new: NewFile | None, last: Sent | None
    ) -> Sent | None:
        """Do what a line of a talk says; return what was sent, if anything. ``last`` is the entry before."""
        viewers = [Viewer(self.corp_id, party.person)]
        if line.what in {"read", "done", "recall"} and last is None:
            raise ValueError("a talk cannot begin by reading or taking back")
        if last is not None and line.what in {"read", "done"}:
            read_to(tx, viewers, conversation_id, last.seq)
            if line.what == "done":
                change_settings(tx, viewers, conversation_id, Settings(waiting=False))
            return None
        if last is not None and line.what == "recall":
            return recall_entry(tx, viewers, party.actor, conversation_id, last.seq, self._next_key())
        file_id = "" if new is None else self.upload(tx, party.actor, new)
        return self.say(tx, party, conversation_id, _body(line, file_id))

    def _next_key(self) -> str:
        self._sent += 1
        return f"demo-{self._sent:06}"


def _body(line: Line, file_id: str) -> SendableBody:
    match line.what:
        case "image":
            return Image(file_id)
        case "voice":
            return Voice(file_id)
        case "file":
            return Attachment(file_id)
        case "link":
            title, description, url, _ = (part.strip() for part in line.content.split("|"))
            return Link(url, title, description, file_id)
        case _:
            return Text(line.content)


def _draw(name: str) -> bytes:
    kind, _, number = name.partition(" ")
    match kind:
        case "logo":
            return draw_logo()
        case "portrait":
            return draw_portrait(int(number))
        case _:
            return DRAWINGS[name]()

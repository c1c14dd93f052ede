"""The demo's history, from the founding of the company to this minute, in the order in which it happened."""

import asyncio
from collections.abc import Callable

import msgspec

from rapport.demo.cast import (
    CORP_NAME,
    DEPARTMENTS,
    EMPLOYEES,
    FORMER,
    GUIDE,
    INVITED,
    OWNER,
    PASSWORD,
    SHORT_NAME,
    SUSPENDED,
    list_guests,
)
from rapport.demo.stage import Party, Stage
from rapport.demo.talks import Line, Talk, read_lines
from rapport.demo.talks_guide import GUIDE_TALKS
from rapport.demo.talks_others import COLLEAGUES, GROUPS, OTHER_TALKS, SHORT_TALKS
from rapport.features.conversations.access import Viewer
from rapport.features.conversations.actions.opening import open_direct, open_group
from rapport.features.conversations.actions.reading import change_settings
from rapport.features.conversations.types import Sent, Text
from rapport.features.conversations.types import Settings as ConversationSettings
from rapport.features.customers.actions.contact_ways import (
    NewContactWay,
    close_contact_way,
    create_contact_way,
    get_own_contact_way,
)
from rapport.features.customers.actions.greetings import set_corp_greeting, set_own_greeting
from rapport.features.customers.actions.relations import CustomerPatch, note_customer
from rapport.features.customers.types import ImagePart, LinkPart, TextPart
from rapport.features.files.types import NewFile
from rapport.features.identity.passwords import hasher_of
from rapport.features.organization.actions.corps import change_corp
from rapport.features.organization.actions.members import change_member
from rapport.features.organization.actions.standing import depart_member, suspend_member
from rapport.features.organization.api import create_corp, create_department, create_member, verify_corp, verify_member
from rapport.features.organization.types import CorpPatch, MemberPatch
from rapport.kernel.clock import DAY, HOUR, MINUTE, SECOND, SystemClock
from rapport.kernel.runtime import Runtime
from rapport.kernel.tx import Tx

FOUNDED_US = 31 * DAY
WELCOME = "您好 {customer}，我是{corp}的{member}，很高兴认识您！选鞋、尺码、训练、售后都可以直接问我。"
PORTRAITS = {GUIDE: 2, "xiaohong": 1, "wangzhuang": 4, "emily": 3, "anran": 0}

Step = Callable[[Tx], None]
STEPS_PER_COMMIT = 60


class Company(msgspec.Struct, frozen=True):
    """What the demo made: the corp and the codes to scan, each with the (first) member behind it."""

    corp_id: str
    codes: list[tuple[str, str]]


class Play:
    """Collects what happens with its instants, then lets it happen in order."""

    def __init__(self, stage: Stage, codes: dict[str, str], now: int) -> None:
        self._stage = stage
        self._codes = codes
        self._now = now
        self._steps: list[tuple[int, Step]] = []
        self._places: list[list[str]] = []
        self._sent: list[list[Sent]] = []

    def _new_place(self) -> list[str]:
        """Return what will hold the id of a conversation once it is open."""
        self._places.append([])
        return self._places[-1]

    def at(self, instant: int, step: Step) -> None:
        """Let a step happen at an instant."""
        self._steps.append((instant, step))

    async def perform(self) -> None:
        """Let everything happen in order, many steps to a commit."""
        steps = sorted(self._steps, key=lambda pair: pair[0])
        for start in range(0, len(steps), STEPS_PER_COMMIT):
            part = steps[start : start + STEPS_PER_COMMIT]
            known = [len(noted) for noted in self._notes()]
            await self._stage.rt.db.write(lambda tx, part=part, known=known: self._run(tx, part, known))
        self._stage.return_to_present()

    def _notes(self) -> "list[list[str] | list[Sent]]":
        return [*self._places, *self._sent]

    def _run(self, tx: Tx, steps: list[tuple[int, Step]], known: list[int]) -> None:
        # A command that collided with another runs again: what it noted the first time was undone.
        for noted, length in zip(self._notes(), known, strict=True):
            del noted[length:]
        for instant, step in steps:
            self._stage.stand_at(instant, tx)
            step(tx)

    async def add_talk(self, talk: Talk) -> None:
        """Plan a customer's talk backwards from its last line; they met two minutes before the first."""
        end = self._now - talk.ended_min * MINUTE
        instants = _instants(talk.lines, end)
        parties: dict[str, Party] = {}
        place = self._new_place()

        def meet(tx: Tx) -> None:
            guide = self._stage.member(talk.guide)
            consumer = self._stage.come(tx, talk.name, talk.phone)
            conversation_id, external_userid = self._stage.meet(tx, self._codes[talk.guide], consumer)
            parties["c"] = Party(consumer, f"c:{external_userid}")
            parties["g"] = Party(guide, guide.person)
            place.append(conversation_id)
            if talk.remark or talk.description or talk.company:
                phones = [talk.phone] if talk.phone else []
                patch = CustomerPatch(talk.remark, talk.description, talk.company, phones)
                note_customer(tx, guide, external_userid, patch)

        self.at((instants[0] if instants else end) - 2 * MINUTE, meet)
        await self._add_lines(talk.lines, instants, parties, place)

    async def add_direct(self, colleague: str, ended_min: int, script: str) -> None:
        """Plan a talk between the guide and a colleague."""
        lines = read_lines(script)
        instants = _instants(lines, self._now - ended_min * MINUTE)
        guide, other = self._stage.member(GUIDE), self._stage.member(colleague)
        parties = {"g": Party(guide, guide.person), "c": Party(other, other.person)}
        place = self._new_place()
        self.at(instants[0] - 5 * SECOND, lambda tx: place.append(open_direct(tx, guide, colleague)))
        await self._add_lines(lines, instants, parties, place)

    def add_group(self, title: str, userids: list[str], ended_min: int, said: list[tuple[str, str]]) -> None:
        """Plan a group of members; the first one opens it, two others keep it on top."""
        maker = self._stage.member(userids[0])
        place = self._new_place()
        begun = self._now - (ended_min + 4 * len(said) + 1) * MINUTE
        self.at(begun, lambda tx: place.append(open_group(tx, maker, title, userids[1:])))
        for userid in userids[1:3]:
            self.at(begun + SECOND, lambda tx, userid=userid: self._pin(tx, userid, place[0]))
        for number, (userid, text) in enumerate(said):
            actor = self._stage.member(userid)
            party, body = Party(actor, actor.person), Text(text)
            instant = self._now - (ended_min + 4 * (len(said) - 1 - number)) * MINUTE
            self.at(instant, lambda tx, party=party, body=body: self._say(tx, party, place[0], body))

    def _say(self, tx: Tx, party: Party, conversation_id: str, body: Text) -> None:
        self._stage.say(tx, party, conversation_id, body)

    def _pin(self, tx: Tx, userid: str, conversation_id: str) -> None:
        viewers = [Viewer(self._stage.corp_id, f"m:{userid}")]
        change_settings(tx, viewers, conversation_id, ConversationSettings(pinned=True))

    async def _add_lines(
        self, lines: list[Line], instants: list[int], parties: dict[str, Party], place: list[str]
    ) -> None:
        sent: list[Sent] = []
        self._sent.append(sent)

        def step_of(line: Line, new: NewFile | None) -> Step:
            def step(tx: Tx) -> None:
                last = sent[-1] if sent else None
                done = self._stage.act(tx, parties[line.speaker], place[0], line, new, last)
                if done is not None:
                    sent.append(done)

            return step

        for line, instant in zip(lines, instants, strict=True):
            self.at(instant, step_of(line, await self._stage.prepare(line)))


def _instants(lines: list[Line], end: int) -> list[int]:
    """Return when each line happens, so that the last one is at ``end``."""
    instants: list[int] = []
    for line in reversed(lines):
        instants.append(end)
        end -= line.before_s * SECOND
    return instants[::-1]


async def found_company(rt: Runtime, clock: SystemClock) -> Company:
    """Let the whole history happen on an empty database; return the corp and its codes."""
    now = clock.now()
    stage = Stage(rt, clock)
    hashes = await asyncio.gather(*(hasher_of(rt.settings).hash(PASSWORD) for _ in EMPLOYEES))

    def found(tx: Tx) -> None:
        stage.stand_at(now - FOUNDED_US, tx)
        stage.corp_id = create_corp(tx, CORP_NAME, SHORT_NAME).corp_id
        verify_corp(tx, stage.corp_id)
        _hire(tx, stage, hashes)

    await rt.db.write(found)
    logo, track = await stage.draw("logo"), await stage.draw("track")
    faces = {userid: await stage.draw(f"portrait {number}") for userid, number in PORTRAITS.items()}

    def furnish(tx: Tx) -> dict[str, str]:
        stage.stand_at(now - FOUNDED_US + HOUR, tx)
        _show_faces(tx, stage, logo, faces)
        return _make_codes(tx, stage, track, now)

    codes = await rt.db.write(furnish)
    play = Play(stage, codes, now)
    for talk in [*GUIDE_TALKS, *OTHER_TALKS, *_guests()]:
        await play.add_talk(talk)
    for colleague, ended_min, script in COLLEAGUES:
        await play.add_direct(colleague, ended_min, script)
    for group in GROUPS:
        play.add_group(*group)
    play.at(now - 9 * DAY, lambda tx: _let_go(tx, stage))
    await play.perform()
    return Company(stage.corp_id, [(codes[GUIDE], GUIDE), (codes["cashier"], "wangzhuang"), (codes["emily"], "emily")])


def _guests() -> list[Talk]:
    """The many customers with a short talk each, spread over the month before the last days."""
    talks: list[Talk] = []
    for number, (name, guide) in enumerate(list_guests()):
        days = 29 if guide == FORMER else 2 + (number * 11) % 27
        minutes = days * 24 * 60 + (number * 137) % 600
        lines = SHORT_TALKS[number % len(SHORT_TALKS)] if number % 4 else []
        talks.append(Talk(name=name, guide=guide, ended_min=minutes, lines=lines))
    return talks


def _hire(tx: Tx, stage: Stage, hashes: list[str]) -> None:
    """Departments, and members with passwords and checked names."""
    ids: dict[str, int] = {}
    for name, parent in DEPARTMENTS:
        ids[name] = create_department(tx, stage.corp_id, name, 1 if parent is None else ids[parent]).id
    owner = stage.member(OWNER, "owner")
    for employee, password_hash in zip(EMPLOYEES, hashes, strict=True):
        known = None if employee.userid == INVITED else password_hash
        create_member(tx, stage.corp_id, employee.new_member((ids[employee.department],)), known)
        if employee.verified:
            verify_member(tx, owner, employee.userid)


def _show_faces(tx: Tx, stage: Stage, logo: NewFile, faces: dict[str, NewFile]) -> None:
    owner = stage.member(OWNER, "owner")
    change_corp(tx, owner, CorpPatch(logo_file_id=stage.upload(tx, owner, logo)))
    for userid, face in faces.items():
        change_member(tx, owner, userid, MemberPatch(avatar_file_id=stage.upload(tx, owner, face)))


def _make_codes(tx: Tx, stage: Stage, picture: NewFile, now: int) -> dict[str, str]:
    """Every guide's own code, the store's shared one, one for an event that is over, a closed one; welcomes."""
    owner, guide = stage.member(OWNER, "owner"), stage.member(GUIDE)
    set_corp_greeting(tx, owner, [TextPart(WELCOME)])
    card = LinkPart("https://shop.example.com/run", "周四夜跑团", "每周四 19:30 人民广场店门口集合，配速分组")
    set_own_greeting(tx, guide, [TextPart(WELCOME), ImagePart(stage.upload(tx, guide, picture)), card])
    codes = {
        employee.userid: get_own_contact_way(tx, stage.member(employee.userid)).code
        for employee in EMPLOYEES
        if employee.serves and employee.verified
    }
    shared = NewContactWay(remark="人民广场店收银台", state="cashier", members=["wangzhuang", GUIDE, "xiaohong"])
    codes["cashier"] = create_contact_way(tx, owner, shared).code
    over = NewContactWay(remark="八月路跑嘉年华", state="carnival", valid_until=now - 12 * DAY, members=[GUIDE])
    create_contact_way(tx, owner, over)
    old = NewContactWay(remark="旧版海报", state="poster", members=["anran", "sunmei"])
    close_contact_way(tx, owner, create_contact_way(tx, owner, old).code)
    return codes


def _let_go(tx: Tx, stage: Stage) -> None:
    owner = stage.member(OWNER, "owner")
    depart_member(tx, owner, FORMER)
    suspend_member(tx, owner, SUSPENDED)

"""The customers: each with a relation or two, the conversations of those and what was said there."""

from collections import Counter
from functools import cache
from itertools import accumulate
from random import Random
from typing import Any

import msgspec

from rapport.features.conversations.tables import conversation, entry, participant
from rapport.features.conversations.types import System
from rapport.features.customers.actions.search_words import search_words
from rapport.features.customers.tables import customer, relation
from rapport.features.customers.types import ADD_WAY_SCAN
from rapport.features.identity.tables import consumer
from rapport.kernel.clock import DAY, MINUTE
from rapport.kernel.ids import code_of, row_id_at
from rapport.operations.load.plans import SECOND_SHARE, Plan
from rapport.operations.load.staff import Employee, Rows, employees, state_of
from rapport.operations.load.words import COMPANIES, REMARKS, names, texts

AT_ONCE = 5_000
"""Customers made in one go."""
TALKATIVE, MOST_WEIGHT = 1.2, 400.0
"""How unevenly messages are spread: Pareto's exponent, and what nobody exceeds by much."""
LATELY_US = 3 * DAY
ENDS = (("deleted_by_customer", 0.05), ("blocked_by_customer", 0.01))
OTHER_WAYS = (2, 3, 4, 201)
"""Found by phone, by a shared card, in a group, brought by a colleague: without a code."""
_ID_BITS, _EXTERNAL_BITS, _EXTERNAL_LETTERS = 80, 130, 26


class Counts(msgspec.Struct):
    """What some customers add to the corp's counts."""

    active: Counter[str]
    """Active relations by member."""
    accepted: Counter[str]
    """Relations begun by code."""
    turns: Counter[tuple[str, str]]
    """The same by code and member."""

    def add(self, other: "Counts") -> None:
        """Add those of other customers."""
        self.active.update(other.active)
        self.accepted.update(other.accepted)
        self.turns.update(other.turns)


class Made(msgspec.Struct):
    """Rows of some customers, in the order of their tables' columns, and what they add to the corp's counts."""

    consumers: Rows
    customers: Rows
    relations: Rows
    conversations: Rows
    participants: Rows
    entries: Rows
    counts: Counts

    def tables(self) -> tuple[tuple[Any, Rows], ...]:
        """Return the tables with their rows, in the order in which they refer to each other."""
        return (
            (consumer, self.consumers),
            (customer, self.customers),
            (relation, self.relations),
            (conversation, self.conversations),
            (participant, self.participants),
            (entry, self.entries),
        )


def _encode(body: object) -> str:
    return msgspec.json.encode(body).decode()


@cache
def _added(way: int, state: str | None) -> str:
    return _encode(System("customer_added", {"add_way": str(way), "state": state or ""}))


class Crowd:
    """Makes the customers of a plan, the same ones for the same range each time."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._people = employees(plan)
        self._shares = plan.shares()
        self._names = names()
        # Each part of a relation's search text is spelled once, not once per customer.
        self._found_by = {word: search_words([word], []).split("\n") for word in (*self._names, *REMARKS, *COMPANIES)}
        self._said = {side: [_encode(text) for text in texts(of_member=side)] for side in (True, False)}

    def made(self, first: int, end: int) -> Made:
        """Make the customers of a range."""
        plan, made = self._plan, Made([], [], [], [], [], [], Counts(Counter(), Counter(), Counter()))
        rng = Random(f"{plan.seed}/{first}")  # noqa: S311  no secret
        count = end - first
        followers = rng.choices(self._people, cum_weights=self._shares, k=count)
        weights = list(accumulate(min(MOST_WEIGHT, rng.paretovariate(TALKATIVE)) for _ in range(count)))
        said = Counter(rng.choices(range(count), cum_weights=weights, k=plan.messages_of(first, end)))
        for place, follower in enumerate(followers):
            at = plan.met_at(first + place, rng.random())
            consumer_id = row_id_at(at, rng.getrandbits(_ID_BITS))
            external_userid = f"wm{code_of(rng.getrandbits(_EXTERNAL_BITS), _EXTERNAL_LETTERS)}"
            name = self._names[int(rng.random() * len(self._names))]
            made.consumers.append((consumer_id, None, name, None, 1, 0, "zh-CN", None, at))
            made.customers.append((plan.corp_id, external_userid, consumer_id, None, at))
            messages = said[place]
            second = self._second(rng, follower)
            if second is not None:
                later = at + int((plan.now - at) * rng.random() ** 2)
                self._relate(rng, made, second, external_userid, name, later, messages // 3)
                messages -= messages // 3
            self._relate(rng, made, follower, external_userid, name, at, messages)
        return made

    def _second(self, rng: Random, first: Employee) -> Employee | None:
        if rng.random() >= SECOND_SHARE:
            return None
        second = self._people[int(rng.random() * len(self._people))]
        return None if second.userid == first.userid else second

    def _relate(
        self, rng: Random, made: Made, member: Employee, external_userid: str, name: str, at: int, messages: int
    ) -> None:
        """Make one relation, with its conversation."""
        status = self._status(rng)
        way, state, code = self._way(rng, member)
        if code is not None:
            made.counts.accepted[code] += 1
            made.counts.turns[code, member.userid] += 1
        remark = REMARKS[int(rng.random() * len(REMARKS))] if rng.random() < 0.2 else None  # noqa: PLR2004
        company = COMPANIES[int(rng.random() * len(COMPANIES))] if rng.random() < 0.03 else None  # noqa: PLR2004
        phone = f"+861390000{int(rng.random() * 10_000):04}" if rng.random() < 0.1 else None  # noqa: PLR2004
        conversation_id = row_id_at(at, rng.getrandbits(_ID_BITS))
        ended_at = self._talk(rng, made, member, external_userid, conversation_id, status, at, messages, way, state)
        if status == "active":
            made.counts.active[member.userid] += 1
        made.relations.append(
            (
                self._plan.corp_id,
                member.userid,
                external_userid,
                status,
                way,
                state,
                code,
                remark,
                "第一次来是陪朋友，后来自己办了会员。" if remark == REMARKS[0] else None,
                company,
                "[]" if phone is None else f'["{phone}"]',
                self._search(name, remark, company, phone),
                conversation_id,
                at,
                ended_at,
            )
        )

    def _status(self, rng: Random) -> str:
        chance = rng.random()
        for status, share in ENDS:
            if chance < share:
                return status
            chance -= share
        return "active"

    def _way(self, rng: Random, member: Employee) -> tuple[int, str | None, str | None]:
        chance = rng.random()
        if chance < 0.7:  # noqa: PLR2004
            return ADD_WAY_SCAN, None, member.code
        if chance < 0.85 and member.stores_code is not None:  # noqa: PLR2004
            return ADD_WAY_SCAN, state_of(member), member.stores_code
        return OTHER_WAYS[int(rng.random() * len(OTHER_WAYS))], None, None

    def _search(self, name: str, remark: str | None, company: str | None, phone: str | None) -> str:
        """Return what ``search_words`` returns."""
        words = [*self._found_by[name]]
        for noted in (remark, company):
            if noted is not None:
                words += self._found_by[noted]
        if phone is not None:
            words.append(phone[1:])
        return "\n".join(dict.fromkeys(words))

    def _talk(
        self,
        rng: Random,
        made: Made,
        member: Employee,
        external_userid: str,
        conversation_id: str,
        status: str,
        at: int,
        messages: int,
        way: int,
        state: str | None,
    ) -> int | None:
        """Make a conversation with what was said; return when the relation ended, if it did."""
        plan, guide, guest = self._plan, f"m:{member.userid}", f"c:{external_userid}"
        corp_id, entries, bits = plan.corp_id, made.entries, rng.getrandbits
        added = _added(way, state)
        entries.append(
            (
                corp_id,
                conversation_id,
                1,
                0,
                row_id_at(at, bits(_ID_BITS)),
                "system",
                "",
                "loaded-added",
                None,
                added,
                at,
                1,
            )
        )
        last_at, trailing, waiting_since, by_guest = at, 0, None, False
        spread = int((plan.now - at) * rng.random() ** 2)
        for number, share in enumerate(sorted([rng.random() for _ in range(messages)]), 1):
            last_at = at + int(spread * share)
            was_guest, by_guest = by_guest, rng.random() < 0.5  # noqa: PLR2004
            waiting_since = (waiting_since or last_at) if by_guest else None
            trailing = trailing + 1 if number > 1 and was_guest == by_guest else 1
            bodies = self._said[not by_guest]
            entries.append(
                (
                    corp_id,
                    conversation_id,
                    number + 1,
                    number,
                    row_id_at(last_at, bits(_ID_BITS)),
                    "text",
                    guest if by_guest else guide,
                    f"loaded-{number}",
                    None,
                    bodies[int(rng.random() * len(bodies))],
                    last_at,
                    0,
                )
            )
        is_open = status == "active"
        is_late = last_at > plan.now - LATELY_US
        if not is_open or not (is_late or rng.random() < 0.02):  # noqa: PLR2004  the rest was marked as done
            waiting_since = None
        unread_of_guide = trailing if by_guest and rng.random() < (0.3 if is_late else 0.005) else 0
        unread_of_guest = trailing if not by_guest and rng.random() < 0.4 else 0  # noqa: PLR2004
        last_seq, met, mark = messages + 1, plan.mark_at(at), plan.mark_at(last_at)
        made.conversations.append(
            (
                corp_id,
                conversation_id,
                "customer",
                None,
                f"{guide}|{guest}",
                "open" if is_open else "closed",
                None if is_open else status,
                2,
                last_seq,
                messages,
                last_seq,
                last_at,
                mark,
                waiting_since,
                at,
            )
        )
        pinned_at = last_at if rng.random() < 0.0005 else None  # noqa: PLR2004
        for person, unread, waiting, shares, pinned in (
            (guide, unread_of_guide, waiting_since, 1, pinned_at),
            (guest, unread_of_guest, None, 0, None),
        ):
            made.participants.append(
                (
                    corp_id,
                    conversation_id,
                    person,
                    "member",
                    0,
                    None,
                    last_seq - unread,
                    messages - unread,
                    last_seq,
                    messages,
                    mark,
                    waiting,
                    0,
                    shares,
                    0,
                    0,
                    pinned,
                    met,
                )
            )
        return None if is_open else min(plan.now, last_at + 5 * MINUTE)

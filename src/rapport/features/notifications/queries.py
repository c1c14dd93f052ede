"""Reading who wants to be woken, and whether and with what words somebody still should be."""

from collections.abc import Iterable

from sqlalchemy import select

from rapport.features.conversations.api import Viewer, access_conversation, get_conversation, list_entries
from rapport.features.conversations.types import COUNTED_KINDS, Conversation, Entry, Text
from rapport.features.customers.api import find_consumers_behind
from rapport.features.notifications.policies import push_shows_contents
from rapport.features.notifications.tables import push_subscription
from rapport.features.notifications.types import PushMessage, PushNote, Subscription
from rapport.features.organization.api import get_corp
from rapport.kernel.actor import Locale
from rapport.kernel.policy import get_policy
from rapport.kernel.statements import among, p, query, scalar
from rapport.kernel.tx import ReadTx, Tx

MOST_CHARACTERS = 120

_s = push_subscription.c
_columns = tuple(_s[name] for name in Subscription.__struct_fields__)
_any = scalar(select(_s.session_id).limit(1))
_one = query(select(*_columns).where(_s.session_id == p("session_id")), Subscription)


def _owned(owner: str, session_id: str) -> tuple[str, str]:
    return owner, session_id


_of_members = query(
    select(_s.userid, _s.session_id).where(_s.corp_id == p("corp_id"), among(_s.userid, "userids")), _owned
)
_of_consumers = query(select(_s.consumer_id, _s.session_id).where(among(_s.consumer_id, "consumer_ids")), _owned)

_NEW: dict[Locale, str] = {"zh-CN": "你有新消息", "en": "You have a new message"}
_KINDS: dict[Locale, dict[str, str]] = {
    "zh-CN": {"image": "[图片]", "file": "[文件]", "voice": "[语音]", "link": "[链接]"},
    "en": {"image": "[Picture]", "file": "[File]", "voice": "[Voice message]", "link": "[Link]"},
}


def is_anybody_subscribed(tx: Tx) -> bool:
    """Say whether there is any device at all to wake: where nobody subscribed, a batch of facts costs one look-up."""
    if is_anybody_subscribed not in tx.memo:
        tx.memo[is_anybody_subscribed] = tx.one(_any) is not None
    return tx.memo[is_anybody_subscribed]


def find_sessions(tx: ReadTx, corp_id: str, persons: Iterable[str]) -> list[tuple[str, str]]:
    """Return (person, session id) of every device that wants to be woken for one of the people; three queries."""
    persons = list(persons)
    userids = [person[2:] for person in persons if person.startswith("m:")]
    found = [
        (f"m:{userid}", session_id) for userid, session_id in tx.all(_of_members, corp_id=corp_id, userids=userids)
    ]
    external = [person[2:] for person in persons if person.startswith("c:")]
    if external:
        behind = {one.consumer_id: key for key, one in find_consumers_behind(tx, corp_id, external).items()}
        devices = tx.all(_of_consumers, consumer_ids=list(behind))
        found += [(f"c:{behind[consumer_id]}", session_id) for consumer_id, session_id in devices]
    return found


def find_subscription(tx: ReadTx, session_id: str) -> Subscription | None:
    """Return where a session's device is woken, or None."""
    return tx.one(_one, session_id=session_id)


def compose_push(tx: ReadTx, corp_id: str, note: PushNote) -> tuple[Subscription, PushMessage] | None:
    """Return what to send where, or None when nobody needs waking any more.

    That is: unsubscribed, muted, read or taken back meanwhile, or followed by a message that wakes the device itself.
    """
    device = find_subscription(tx, note.session_id)
    viewer = Viewer(corp_id, note.person)
    conversation = get_conversation(tx, viewer, note.conversation_id)
    if device is None or conversation is None or conversation.muted or conversation.read_seq >= note.seq:
        return None
    seat = access_conversation(tx, [viewer], note.conversation_id)
    following = list_entries(tx, seat, after=note.seq - 1, before=None, limit=50).items
    if not following or following[0].seq != note.seq or following[0].body is None:
        return None
    if any(entry.kind in COUNTED_KINDS and entry.body is not None for entry in following[1:]):
        return None
    title, body = _words(tx, conversation, following[0], device.locale)
    message = PushMessage(
        "message", device.surface, corp_id, note.conversation_id, note.seq, note.conversation_id, title, body
    )
    return device, message


def _words(tx: ReadTx, conversation: Conversation, entry: Entry, locale: Locale) -> tuple[str, str]:
    if not get_policy(tx, conversation.corp_id, push_shows_contents):
        return get_corp(tx, conversation.corp_id).short_name, _NEW[locale]
    sender = next((person for person in conversation.people if person.id == entry.sender), None)
    name = get_corp(tx, conversation.corp_id).short_name if sender is None else sender.name
    if sender is not None and sender.badge is not None:
        name = f"{name} {sender.badge}"
    said = entry.body.text if isinstance(entry.body, Text) else _KINDS[locale].get(entry.kind, _NEW[locale])
    title = name if conversation.title is None else f"{conversation.title} · {name}"
    return title, said if len(said) <= MOST_CHARACTERS else f"{said[: MOST_CHARACTERS - 1]}…"

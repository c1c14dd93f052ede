"""Conversations over HTTP, the same for members and consumers; opening one is the members' alone."""

import time
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, get, patch, post
from litestar.datastructures import State
from litestar.params import FromQuery, JSONBody, PathParameter, QueryParameter

from rapport.features.conversations.access import Viewer, access_conversation
from rapport.features.conversations.actions.opening import open_direct, open_group
from rapport.features.conversations.actions.reading import change_settings, read_to
from rapport.features.conversations.actions.recalling import recall_entry
from rapport.features.conversations.actions.seats import Sending
from rapport.features.conversations.actions.sending import send_many
from rapport.features.conversations.queries.entries import list_entries
from rapport.features.conversations.queries.lists import get_conversation, list_conversations
from rapport.features.conversations.queries.sync import sync
from rapport.features.conversations.realtime import check_send_rate
from rapport.features.conversations.types import (
    ClientId,
    Conversation,
    ConversationPage,
    EntryRange,
    Id,
    Read,
    Segment,
    SendableBody,
    Sent,
    Settings,
    Sync,
)
from rapport.features.customers.api import persons_of
from rapport.kernel.actor import ConsumerActor, MemberActor
from rapport.kernel.errors import InvalidInput, NotFound
from rapport.kernel.http.paging import After, Limit
from rapport.kernel.http.requests import StaffRequest, consumer_only, perform, runtime, staff_only
from rapport.kernel.tenancy import reach_of
from rapport.kernel.tx import ReadTx, Tx

PersonRequest = Request[MemberActor | ConsumerActor, Any, State]
SeqInPath = Annotated[int, PathParameter(ge=0, le=2**53)]
SeqInQuery = Annotated[int | None, QueryParameter(ge=0, le=2**53)]
ConversationId = Annotated[str, PathParameter(min_length=1, max_length=64)]


class NewDirect(msgspec.Struct, frozen=True, tag_field="kind", tag="direct", forbid_unknown_fields=True):
    """Open the conversation with a colleague."""

    userid: Id


class NewGroup(msgspec.Struct, frozen=True, tag_field="kind", tag="group", forbid_unknown_fields=True):
    """Open a group of colleagues."""

    title: Annotated[str, msgspec.Meta(min_length=1, max_length=50)]
    userids: Annotated[list[Id], msgspec.Meta(min_length=1, max_length=2000)]


class NewEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message to send; the same ``client_id`` is sent once only."""

    client_id: ClientId
    body: SendableBody


class NewRecall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message to take back."""

    client_id: ClientId


class ReadUpTo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far was read."""

    seq: Annotated[int, msgspec.Meta(ge=0, le=2**53)]


def viewers_of(tx: ReadTx, actor: MemberActor | ConsumerActor) -> list[Viewer]:
    """Return the people an actor is: a member in one corp, a consumer once per corp; ``tx`` reaches no other."""
    if isinstance(actor, MemberActor):
        return [Viewer(actor.corp_id, actor.person)]
    found = [Viewer(corp_id, person) for corp_id, person in persons_of(tx, actor.consumer_id)]
    tx.confine(reach_of({viewer.corp_id for viewer in found}))
    return found


def _read_one(tx: ReadTx, actor: MemberActor | ConsumerActor, conversation_id: str) -> Conversation:
    for viewer in viewers_of(tx, actor):
        found = get_conversation(tx, viewer, conversation_id)
        if found is not None:
            return found
    raise NotFound


async def _send(request: PersonRequest, conversation_id: str, data: NewEntry) -> Sent:
    rt, actor, began = runtime(request), request.user, time.perf_counter()

    def find(tx: ReadTx) -> Viewer:
        seat = access_conversation(tx, viewers_of(tx, actor), conversation_id)
        return Viewer(seat.corp_id, seat.person)

    try:
        viewer = await rt.db.read_briefly(find)
        await check_send_rate(rt, viewer)
        sending = Sending(conversation_id, viewer.person, data.client_id, data.body, actor)
        sent = await rt.db.write_batched(send_many, viewer.corp_id, sending)
    except Exception as error:
        rt.meters.note_refused(error)
        raise
    rt.meters.note_sent(began, None)
    return sent


def _surface_routes(surface: Literal["staff", "consumer"]) -> list[Any]:  # noqa: C901  eight small handlers
    """Return the routes of one surface; the handlers differ only in who is let in."""
    root, guards = f"/api/{surface}", [staff_only if surface == "staff" else consumer_only]

    @get(f"{root}/conversations", guards=guards, operation_id=f"{surface}_list_conversations", tags=["conversations"])
    async def list_them(
        request: PersonRequest, segment: FromQuery[Segment] = "all", after: After = None, limit: Limit = 30
    ) -> ConversationPage:
        """List one's conversations: pinned first, then the latest; ``waiting`` lists by how long the customer waits."""
        if surface == "consumer" and segment == "waiting":
            raise InvalidInput("segment", "不接受 waiting", "waiting is for members")
        actor = request.user
        return await runtime(request).db.read(
            lambda tx: list_conversations(tx, viewers_of(tx, actor), segment, after, limit)
        )

    @get(
        f"{root}/conversations/{{conversation_id:str}}",
        guards=guards,
        operation_id=f"{surface}_get_conversation",
        tags=["conversations"],
    )
    async def get_one(request: PersonRequest, conversation_id: ConversationId) -> Conversation:
        """Read one conversation."""
        actor = request.user
        return await runtime(request).db.read_briefly(lambda tx: _read_one(tx, actor, conversation_id))

    @patch(
        f"{root}/conversations/{{conversation_id:str}}",
        guards=guards,
        operation_id=f"{surface}_change_conversation",
        tags=["conversations"],
    )
    async def change_one(
        request: PersonRequest, conversation_id: ConversationId, data: JSONBody[Settings]
    ) -> Conversation:
        """Pin, mute, mark unread, or say that a waiting customer is done with."""
        actor = request.user
        if surface == "consumer" and data.waiting is not None:
            raise InvalidInput("waiting", "客户没有这一项", "consumers have no such setting")

        def change(tx: Tx) -> Conversation:
            change_settings(tx, viewers_of(tx, actor), conversation_id, data)
            return _read_one(tx, actor, conversation_id)

        return await perform(request, change, Conversation)

    @get(
        f"{root}/conversations/{{conversation_id:str}}/entries",
        guards=guards,
        operation_id=f"{surface}_list_entries",
        tags=["conversations"],
    )
    async def list_log(
        request: PersonRequest,
        conversation_id: ConversationId,
        after: SeqInQuery = None,
        before: SeqInQuery = None,
        limit: Limit = 50,
    ) -> EntryRange:
        """Read a range of the log, ascending: after a seq, or before one (by default the end)."""
        if after is not None and before is not None:
            raise InvalidInput("before", "after 与 before 只能给一个", "give after or before, not both")
        actor = request.user

        def read(tx: ReadTx) -> EntryRange:
            seat = access_conversation(tx, viewers_of(tx, actor), conversation_id)
            return list_entries(tx, seat, after=after, before=before, limit=limit)

        return await runtime(request).db.read(read)

    @post(
        f"{root}/conversations/{{conversation_id:str}}/entries",
        guards=guards,
        status_code=200,
        operation_id=f"{surface}_send_entry",
        tags=["conversations"],
    )
    async def send(request: PersonRequest, conversation_id: ConversationId, data: JSONBody[NewEntry]) -> Sent:
        """Send a message; repeated with the same ``client_id`` it answers with the first result."""
        return await _send(request, conversation_id, data)

    @post(
        f"{root}/conversations/{{conversation_id:str}}/entries/{{seq:int}}/recall",
        guards=guards,
        status_code=200,
        operation_id=f"{surface}_recall_entry",
        tags=["conversations"],
    )
    async def recall(
        request: PersonRequest, conversation_id: ConversationId, seq: SeqInPath, data: JSONBody[NewRecall]
    ) -> Sent:
        """Take back one's own message within the policy's window."""
        actor = request.user
        return await perform(
            request,
            lambda tx: recall_entry(tx, viewers_of(tx, actor), actor, conversation_id, seq, data.client_id),
            Sent,
        )

    @post(
        f"{root}/conversations/{{conversation_id:str}}/read",
        guards=guards,
        status_code=200,
        operation_id=f"{surface}_read_conversation",
        tags=["conversations"],
    )
    async def read(request: PersonRequest, conversation_id: ConversationId, data: JSONBody[ReadUpTo]) -> Read:
        """Say how far one has read; never goes back."""
        actor = request.user
        return await perform(request, lambda tx: read_to(tx, viewers_of(tx, actor), conversation_id, data.seq), Read)

    @get(f"{root}/sync", guards=guards, operation_id=f"{surface}_sync", tags=["conversations"])
    async def sync_them(
        request: PersonRequest, cursor: Annotated[str | None, QueryParameter(max_length=128)] = None
    ) -> Sync:
        """Return the conversations that changed since a cursor; without one, just where to begin."""
        rt, actor = runtime(request), request.user
        return await rt.db.read(lambda tx: sync(tx, viewers_of(tx, actor), rt.epoch, cursor))

    return [list_them, get_one, change_one, list_log, send, recall, read, sync_them]


@post(
    "/api/staff/conversations",
    guards=[staff_only],
    status_code=200,
    operation_id="staff_open_conversation",
    tags=["conversations"],
)
async def open_conversation(request: StaffRequest, data: JSONBody[NewDirect | NewGroup]) -> Conversation:
    """Open the conversation with a colleague (the same one each time), or a new group of colleagues."""
    actor = request.user

    def act(tx: Tx) -> Conversation:
        if isinstance(data, NewDirect):
            conversation_id = open_direct(tx, actor, data.userid)
        else:
            conversation_id = open_group(tx, actor, data.title, data.userids)
        return _read_one(tx, actor, conversation_id)

    return await perform(request, act, Conversation)


routes = [*_surface_routes("staff"), *_surface_routes("consumer"), open_conversation]

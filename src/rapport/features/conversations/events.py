"""Facts about conversations; each carries ids only, the content travels in memory."""

from rapport.kernel.journal import Fact, fact


@fact("conversations.entry_appended")
class EntryAppended(Fact, frozen=True):
    """An entry was committed. Audience: the people of a conversation of two, else the conversation.

    Content: the Entry.
    """

    conversation_id: str
    seq: int
    entry_id: str
    entry_kind: str
    conversation_kind: str


@fact("conversations.read_moved")
class ReadMoved(Fact, frozen=True):
    """A participant read on. Audience: that person, and those who may see the receipt.

    ``in_group``: they are the people of a group.
    """

    conversation_id: str
    person: str
    read_seq: int
    read_count: int
    in_group: bool = False


@fact("conversations.conversation_changed")
class ConversationChanged(Fact, frozen=True):
    """A conversation was opened, closed, renamed, or somebody's own settings of it changed.

    Audience: those concerned.
    """

    conversation_id: str


@fact("conversations.faces_changed")
class FacesChanged(Fact, frozen=True):
    """A member looks different to customers: another name or picture, suspended, back, gone.

    Audience: some of the member's customers, in the order of ``conversation_ids``.
    """

    userid: str
    conversation_ids: tuple[str, ...]


EntryAppended.example = EntryAppended("01jd…", 7, "01je…", "text", "customer")
ReadMoved.example = ReadMoved("01jd…", "m:xiaoming", 7, 6)
ConversationChanged.example = ConversationChanged("01jd…")
FacesChanged.example = FacesChanged("xiaoming", ("01jd…",))

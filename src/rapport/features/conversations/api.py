"""What other features and the composition root may call."""

from rapport.features.conversations.access import Viewer, access_conversation
from rapport.features.conversations.actions.opening import (
    close_conversation,
    open_customer_conversation,
    open_direct,
    open_group,
)
from rapport.features.conversations.actions.reading import read_to, set_shares_reads
from rapport.features.conversations.actions.recalling import recall_entry
from rapport.features.conversations.actions.seats import Sending
from rapport.features.conversations.actions.sending import send_many, send_one
from rapport.features.conversations.queries.entries import list_entries, sender_of
from rapport.features.conversations.queries.lists import get_conversation, list_conversations
from rapport.features.conversations.queries.rosters import count_people, list_present

__all__ = [
    "Sending",
    "Viewer",
    "access_conversation",
    "close_conversation",
    "count_people",
    "get_conversation",
    "list_conversations",
    "list_entries",
    "list_present",
    "open_customer_conversation",
    "open_direct",
    "open_group",
    "read_to",
    "recall_entry",
    "send_many",
    "send_one",
    "sender_of",
    "set_shares_reads",
]

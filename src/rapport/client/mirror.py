"""A client's copy of its conversations, kept in step by the rules of the wire.

Applies only ``seq = last + 1``, drops what it holds, asks for the range where it sees a hole; a recall erases its
target, whenever it arrives. Whatever is lost, doubled or reordered on the way, ``catch_up`` ends in the server's
state.
"""

from typing import Any

from rapport.client.http import Client

Json = dict[str, Any]
MESSAGES = frozenset({"text", "image", "file", "voice", "link"})


class Mirror:
    """One person's conversations and the logs that were opened."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.cursor: str | None = None
        self.conversations: dict[str, Json] = {}
        self.logs: dict[str, list[Json]] = {}
        self.behind: set[str] = set()
        self._is_whole = False

    async def start(self) -> None:
        """Take a snapshot: where the server stands first, then every conversation, so that nothing falls between."""
        self._is_whole = False
        self.cursor = (await self._client.get("sync"))["cursor"]
        after = None
        while True:
            page = await self._client.get("conversations", after=after, limit=200)
            for found in page["items"]:
                self.conversations[found["conversation_id"]] = found
            after = page["next"]
            if after is None:
                self._is_whole = True
                return

    async def open(self, conversation_id: str) -> list[Json]:
        """Read a conversation's whole log."""
        self.logs[conversation_id] = []
        await self._fill(conversation_id)
        return self.logs[conversation_id]

    def apply(self, frame: Json) -> None:
        """Take a pushed frame; what cannot be applied in order marks the conversation as behind."""
        match frame["type"]:
            case "entry":
                self._append(frame["conversation_id"], frame["entry"])
            case "read":
                self._read(frame)
            case "conversation":
                self._replace(frame["conversation"])
            case _:
                return

    async def catch_up(self) -> None:
        """Ask what changed since the cursor and fill every hole; whatever breaks it off, the next one goes on."""
        if not self._is_whole:
            await self.start()
        while True:
            answer = await self._client.get("sync", cursor=self.cursor)
            self.cursor = answer["cursor"]
            if answer["reset"]:
                self.conversations.clear()
                self.logs = {conversation_id: [] for conversation_id in self.logs}
                await self.start()
                break
            for found in answer["conversations"]:
                self._replace(found)
            if not answer["more"]:
                break
        for conversation_id in self.logs:
            last = self.conversations.get(conversation_id, {}).get("last_seq", 0)
            if conversation_id in self.behind or self._last_seq(conversation_id) < last:
                await self._fill(conversation_id)
        self.behind.clear()

    def _last_seq(self, conversation_id: str) -> int:
        log = self.logs.get(conversation_id)
        return log[-1]["seq"] if log else 0

    def _append(self, conversation_id: str, entry: Json) -> None:
        if conversation_id not in self.logs:
            return
        log, last = self.logs[conversation_id], self._last_seq(conversation_id)
        if entry["seq"] > last + 1:
            self.behind.add(conversation_id)
        elif entry["seq"] == last + 1:
            log.append(dict(entry))
            if entry["kind"] == "recall":
                self._erase(log, entry["target_seq"])

    def _erase(self, log: list[Json], target_seq: int) -> None:
        for entry in log:
            if entry["seq"] == target_seq:
                entry["body"] = None

    def _read(self, frame: Json) -> None:
        found = self.conversations.get(frame["conversation_id"])
        if found is None:
            return
        for receipt in found["reads"]:
            if receipt["person"] == frame["person"]:
                receipt["read_seq"] = max(receipt["read_seq"], frame["read_seq"])
                return

    def _replace(self, conversation: Json) -> None:
        known = self.conversations.get(conversation["conversation_id"])
        if known is None or conversation["last_seq"] >= known["last_seq"]:
            self.conversations[conversation["conversation_id"]] = conversation

    async def _fill(self, conversation_id: str) -> None:
        log = self.logs[conversation_id]
        while True:
            answer = await self._client.get(
                f"conversations/{conversation_id}/entries", after=self._last_seq(conversation_id), limit=200
            )
            for entry in answer["items"]:
                log.append(entry)
                if entry["kind"] == "recall":
                    self._erase(log, entry["target_seq"])
            if not answer["more"]:
                return

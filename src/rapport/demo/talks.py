"""How a written talk is read: one line each, ``c`` the customer, ``g`` the guide, ``~`` a pause.

``[image shoe]`` sends a picture, ``[link title | description | address | picture]`` a card, ``[voice]`` a recording,
``[file guide]`` a document, ``[recall]`` takes back the speaker's last line, ``read`` says that somebody only looked,
``done`` that the guide saw nothing left to answer.
"""

import re
from typing import Literal

import msgspec

MINUTE_S = 60
_PAUSES = {"m": MINUTE_S, "h": 3600, "d": 86_400}
_CARD = re.compile(r"^\[(?P<what>\w+)(?: (?P<rest>.*))?\]$")
_PAUSE = re.compile(r"^~ (?P<number>\d+)(?P<unit>[mhd])$")
Speaker = Literal["c", "g"]
What = Literal["text", "image", "link", "voice", "file", "recall", "read", "done"]
_GESTURES: dict[str, What] = {"read": "read", "done": "done"}
_CARDS: dict[str, What] = {"image": "image", "link": "link", "voice": "voice", "file": "file", "recall": "recall"}


class Line(msgspec.Struct, frozen=True):
    """What somebody does, ``before_s`` seconds after the line above."""

    speaker: Speaker
    what: What
    content: str
    before_s: int


class Talk(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation whose last line was ``ended_min`` minutes ago."""

    name: str
    guide: str
    ended_min: int
    lines: list[Line]
    phone: str | None = None
    remark: str | None = None
    description: str | None = None
    company: str | None = None


def read_lines(script: str) -> list[Line]:
    """Return the lines of a script; typing takes time, so longer sentences come later."""
    lines: list[Line] = []
    pause = 0
    for row in filter(None, (raw.strip() for raw in script.splitlines())):
        paused = _PAUSE.match(row)
        if paused is not None:
            pause += int(paused["number"]) * _PAUSES[paused["unit"]]
            continue
        speaker, _, said = row.partition(" ")
        what, content = _parse(said)
        same = bool(lines) and lines[-1].speaker == speaker
        typing = (14 if same else 48) + 2 * len(said)
        lines.append(
            Line(
                "c" if speaker == "c" else "g",
                what,
                content,
                pause + (20 if what in {"recall", "read", "done"} else typing),
            )
        )
        pause = 0
    return lines


def _parse(said: str) -> tuple[What, str]:
    if said in _GESTURES:
        return _GESTURES[said], ""
    card = _CARD.match(said)
    if card is None:
        return "text", said
    return _CARDS[card["what"]], card["rest"] or ""

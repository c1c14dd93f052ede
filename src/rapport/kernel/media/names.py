"""Names of files as people gave them, made safe to show and to save."""

import unicodedata

MAX_NAME_BYTES = 255
MAX_ENDING = 16
_SEPARATORS = str.maketrans({"/": "_", "\\": "_", ":": "_"})
# Format characters reverse or hide part of a name ("gpj.exe" shown as "exe.jpg"); joiners inside emoji are harmless.
_KEPT_FORMAT = {"\u200d"}
_DROPPED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def clean_name(raw: str, fallback: str) -> str:
    """Return ``raw`` without control, bidirectional and separator characters, at most 255 bytes, ending kept."""
    text = unicodedata.normalize("NFC", raw).translate(_SEPARATORS)
    text = "".join(c for c in text if c in _KEPT_FORMAT or unicodedata.category(c) not in _DROPPED)
    text = " ".join(text.split()).strip(" .")
    if not text:
        return fallback
    stem, dot, ending = text.rpartition(".")
    if not dot or len(ending) > MAX_ENDING:
        stem, dot, ending = text, "", ""
    room = MAX_NAME_BYTES - len((dot + ending).encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip() + dot + ending


def ending_of(name: str) -> str:
    """Return the ending of a name in lower case without its dot, or an empty text."""
    stem, dot, ending = name.rpartition(".")
    return ending.lower() if dot and stem else ""

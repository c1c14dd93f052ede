"""Texts that people type: normalised, trimmed, without characters that only break or disguise what is shown.

Right-to-left scripts and 4-byte emoji are welcome; control characters and explicit direction overrides are not: a name
with them could pass for another one.
"""

import unicodedata

from rapport.kernel.errors import InvalidInput

_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _clean(path: str, text: str, most: int, allowed: str) -> str:
    cleaned = unicodedata.normalize("NFC", text).strip()
    if any(c in _DIRECTION or (c not in allowed and unicodedata.category(c) in {"Cc", "Cs"}) for c in cleaned):
        raise InvalidInput(path, "含有控制字符，请删除", "contains control characters; remove them")
    if len(cleaned) > most:
        raise InvalidInput(path, f"最多 {most} 个字", f"at most {most} characters")
    return cleaned


def clean_line(path: str, text: str, most: int) -> str:
    """Return a one-line text fit to store; InvalidInput when empty, too long or with control characters."""
    cleaned = _clean(path, text, most, "")
    if not cleaned:
        raise InvalidInput(path, "不能为空", "must not be empty")
    return cleaned


def clean_optional_line(path: str, text: str | None, most: int) -> str | None:
    """Return a one-line text fit to store, or None when nothing was said."""
    return None if text is None else _clean(path, text, most, "") or None


def clean_paragraph(path: str, text: str | None, most: int) -> str | None:
    """Return a text of several lines fit to store, or None when nothing was said."""
    return None if text is None else _clean(path, text, most, "\n\t") or None

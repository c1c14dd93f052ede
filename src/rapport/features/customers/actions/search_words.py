"""What a member finds a customer by: names, pinyin, initials, digits of phones, in one text that LIKE goes through."""

from collections.abc import Iterable

from rapport.kernel.pinyin import initials_of, syllables_of


def search_words(names: Iterable[str | None], phones: Iterable[str]) -> str:
    """Return a relation's search text: names as written, their pinyin and initials, then the phones' digits."""
    words: list[str] = []
    for name in names:
        if name:
            plain = name.lower()
            words += [plain, _joined(syllables_of(plain)), _joined(initials_of(plain))]
    words += [_digits(phone) for phone in phones]
    return "\n".join(dict.fromkeys(words))


def search_pattern(asked: str) -> str | None:
    """Return the LIKE pattern (escape: backslash) for what somebody typed, or None when there is nothing to look for.

    Digits are looked for in phones whatever stands between them; Latin letters as pinyin or initials, spaces left out.
    """
    wanted = asked.strip().lower()
    if not wanted:
        return None
    digits = _digits(wanted)
    if digits and all(character.isdigit() or character in "+-() " for character in wanted):
        wanted = digits
    elif wanted.isascii():
        wanted = _joined([wanted])
    for special in ("\\", "%", "_"):
        wanted = wanted.replace(special, f"\\{special}")
    return f"%{wanted}%"


def _joined(parts: Iterable[str]) -> str:
    return "".join("".join(part.split()) for part in parts)


def _digits(text: str) -> str:
    return "".join(character for character in text if "0" <= character <= "9")

"""Chinese as people type it. The dictionaries take long to load, so they wait until the process answers."""

from functools import cache
from types import ModuleType


@cache
def load_dictionaries() -> ModuleType:
    """Load pypinyin; called in the background right after the start, and by whoever needs it earlier."""
    import pypinyin  # noqa: PLC0415  a fifth of the start otherwise

    return pypinyin


def syllables_of(text: str) -> list[str]:
    """Return the usual reading of each character; what is not Chinese stays as it is."""
    return load_dictionaries().lazy_pinyin(text)


def initials_of(text: str) -> list[str]:
    """Return the first letter of each character's usual reading."""
    library = load_dictionaries()
    return library.lazy_pinyin(text, style=library.Style.FIRST_LETTER)


def readings_of(text: str) -> list[list[str]]:
    """Return every possible reading of each character."""
    library = load_dictionaries()
    return library.pinyin(text, style=library.Style.NORMAL, heteronym=True)

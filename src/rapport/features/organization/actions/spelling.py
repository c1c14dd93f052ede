"""How a member is found and ordered: Chinese names by pinyin and initials, every reading of a character counted."""

from itertools import islice, product

from rapport.kernel.pinyin import readings_of, syllables_of

MOST_READINGS = 8


def _readings(name: str) -> list[list[str]]:
    """Return the possible spellings of a name, each as its syllables; the usual one first."""
    usual = syllables_of(name)
    options = readings_of(name)
    combined = islice(product(*options), MOST_READINGS)
    readings = [usual]
    readings.extend(list(one) for one in combined if list(one) != usual)
    return [[syllable.casefold() for syllable in one if not syllable.isspace()] for one in readings]


def sort_key(name: str) -> str:
    """Return by what a directory is ordered: the usual pinyin, then the name itself."""
    return f"{' '.join(_readings(name)[0])} {name}"


def search_keys(userid: str, name: str, alias: str | None, phone: str | None) -> str:
    """Return every key a member is found by, between line ends: names, their words, pinyin, initials, userid, phone."""
    keys: dict[str, None] = {userid.casefold(): None}
    for one in (name, alias):
        if one is None:
            continue
        keys |= dict.fromkeys([one.casefold(), *one.casefold().split()])
        for syllables in _readings(one):
            for start in range(len(syllables)):
                keys["".join(syllables[start:])] = None
                keys["".join(syllable[:1] for syllable in syllables[start:])] = None
    if phone is not None:
        keys |= dict.fromkeys([phone, phone.removeprefix("+"), phone.removeprefix("+86")])
    return "\n" + "\n".join(key for key in keys if key) + "\n"

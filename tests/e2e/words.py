"""The words on the screens, read from where the apps keep them: a journey names a button as a person would."""

import re
from functools import cache
from pathlib import Path

FEATURES = Path(__file__).parents[2] / "web" / "src"
_TEXT = re.compile(r"""^\s*'([\w.]+)':\s*(['"`])(.*)\2,?$""", re.MULTILINE)
_PLURAL = re.compile(r"\{(\w+), plural, ((?:=?\w+ \{[^{}]*\}\s*)+)\}")
_BRANCH = re.compile(r"(=?\w+) \{([^{}]*)\}")


@cache
def _texts(folder: str, locale: str) -> dict[str, str]:
    name = "messages.ts" if locale == "zh-CN" else f"messages.{locale}.ts"
    source = (FEATURES / folder / name).read_text("utf-8")
    return {key: text for key, _, text in _TEXT.findall(source)}


def words(locale: str, folder: str, key: str, **values: object) -> str:
    """Return one text of ``web/src/<folder>/messages`` with its placeholders filled in."""
    text = _PLURAL.sub(lambda found: _branch(found, values), _texts(folder, locale)[key])
    return re.sub(r"\{(\w+)\}", lambda found: str(values[found[1]]), text)


def named(locale: str, folder: str, key: str) -> re.Pattern[str]:
    """Return what matches a whole name, whatever stands in its placeholders."""
    parts = re.split(r"\{\w+\}", _texts(folder, locale)[key])
    return re.compile(f"^{'.+'.join(re.escape(part) for part in parts)}$")


def _branch(found: re.Match[str], values: dict[str, object]) -> str:
    count = values[found[1]]
    branches = dict(_BRANCH.findall(found[2]))
    chosen = branches.get(f"={count}") or (branches.get("one") if count == 1 else None) or branches["other"]
    return chosen.replace("#", str(count))

"""What msgspec says about a wrong input, said to a person in their language."""

import re
from collections.abc import Callable

import msgspec

from rapport.kernel.errors import InvalidInput

_TYPES_ZH = {
    "str": "文字",
    "int": "整数",
    "float": "数字",
    "bool": "true 或 false",
    "object": "对象",
    "array": "列表",
    "null": "空",
}
_TYPES_EN = {
    "str": "text",
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}


def _types(expression: str, names: dict[str, str], joint: str) -> str:
    return joint.join(names.get(part.strip(), part.strip()) for part in expression.split("|"))


Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], tuple[str, str]]]
_RULES: list[Rule] = [
    (
        re.compile(r"^Object missing required field `(?P<name>[^`]+)`"),
        lambda m: (f"缺少字段 {m['name']}", f"the field {m['name']} is missing"),
    ),
    (
        re.compile(r"^Object contains unknown field `(?P<name>[^`]+)`"),
        lambda m: (f"没有名为 {m['name']} 的字段", f"there is no field called {m['name']}"),
    ),
    (
        re.compile(r"^Expected `(?P<kind>str|array|object|bytes)` of length (?P<op><=|>=|==) (?P<n>\d+)"),
        lambda m: (
            f"长度应{ {'<=': '不超过', '>=': '不少于', '==': '为'}[m['op']] } {m['n']}",
            f"the length must be { {'<=': 'at most', '>=': 'at least', '==': 'exactly'}[m['op']] } {m['n']}",
        ),
    ),
    (
        re.compile(r"^Expected `(?P<kind>int|float)` (?P<op><=|>=|<|>) (?P<n>[-\d.]+)"),
        lambda m: (f"应 {m['op']} {m['n']}", f"must be {m['op']} {m['n']}"),
    ),
    (
        re.compile(r"^Expected `str` matching regex '(?P<regex>.*)'"),
        lambda m: (f"格式应符合 {m['regex']}", f"must match {m['regex']}"),
    ),
    (
        re.compile(r"^Invalid enum value (?P<value>.+?)(?: - at|$)"),
        lambda m: (f"不接受 {m['value']}", f"{m['value']} is not accepted"),
    ),
    (
        re.compile(r"^Invalid value (?P<value>.+?)(?: - at|$)"),
        lambda m: (f"不接受 {m['value']}", f"{m['value']} is not accepted"),
    ),
    (
        re.compile(r"^Expected `(?P<want>[^`]+)`, got `(?P<got>[^`]+)`"),
        lambda m: (
            f"应为{_types(m['want'], _TYPES_ZH, '或')}，收到的是{_types(m['got'], _TYPES_ZH, '或')}",
            f"must be {_types(m['want'], _TYPES_EN, ' or ')}, got {_types(m['got'], _TYPES_EN, ' or ')}",
        ),
    ),
]
_PATH = re.compile(r" - at `\$?(?P<path>[^`]*)`$")


def invalid_input(error: Exception) -> InvalidInput:
    """Translate a decoding or validation error into the refusal that names the field."""
    text = str(error)
    if isinstance(error, UnicodeDecodeError) or "UTF-8" in text or "surrogate" in text:
        return InvalidInput("", "文字不是有效的 UTF-8", "the text is not valid UTF-8")
    if isinstance(error, RecursionError):
        return InvalidInput("", "嵌套太深", "this is nested too deeply")
    if isinstance(error, msgspec.DecodeError) and not isinstance(error, msgspec.ValidationError):
        return InvalidInput("", "不是有效的 JSON", "this is not valid JSON")
    found = _PATH.search(text)
    path = found["path"].lstrip(".") if found else ""
    path = "" if path == "data" else path.removeprefix("data.")  # handlers call their body so, callers do not
    for pattern, say in _RULES:
        match = pattern.search(text)
        if match is not None:
            zh, en = say(match)
            return InvalidInput(path, zh, en)
    plain = _PATH.sub("", text)
    return InvalidInput(path, f"不接受这个值（{plain}）", plain)

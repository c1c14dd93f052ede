"""Pictures of the demo, drawn: products as a shop would photograph them, and the corp's logo. No font is needed."""

import io
from collections.abc import Callable
from math import sin

from PIL import Image, ImageDraw, ImageFilter

SIDE = 900
_SCALE = 2
_QUALITY = 90
Color = tuple[int, int, int]
Points = list[tuple[float, float]]

_CORAL, _BLUE, _LIME, _GREY = (226, 106, 92), (52, 108, 176), (148, 182, 60), (96, 104, 108)
_SAND, _PURPLE, _GREEN, _WHITE = (201, 176, 138), (128, 104, 158), (11, 110, 99), (250, 250, 247)
_DARK: Color = (38, 44, 46)


def _mix(one: Color, other: Color, share: float) -> Color:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _stage(tone: Color) -> Image.Image:
    """A studio: a soft wall, a lighter floor, the shadow of what stands there."""
    side = SIDE * _SCALE
    wall, floor = _mix(tone, _WHITE, 0.82), _mix(tone, _WHITE, 0.91)
    image = Image.new("RGB", (side, side), wall)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, side * 0.66, side, side), fill=floor)
    draw.ellipse((side * 0.18, side * 0.70, side * 0.84, side * 0.80), fill=_mix(wall, _DARK, 0.18))
    return image.filter(ImageFilter.GaussianBlur(side / 60))


def _scaled(points: Points) -> Points:
    return [(x * SIDE * _SCALE, y * SIDE * _SCALE) for x, y in points]


def _between(before: float, start: float, end: float, after: float, t: float) -> float:
    square = (2 * before - 5 * start + 4 * end - after) * t * t
    return 0.5 * (2 * start + (end - before) * t + square + (3 * start - before - 3 * end + after) * t**3)


def _curve(points: Points, steps: int = 16) -> Points:
    """A smooth closed line through the points (Catmull-Rom)."""
    count = len(points)
    out: Points = []
    for i in range(count):
        before, start, end, after = (points[(i + k) % count] for k in (-1, 0, 1, 2))
        for step in range(steps):
            t = step / steps
            x, y = (_between(before[axis], start[axis], end[axis], after[axis], t) for axis in (0, 1))
            out.append((x, y))
    return _scaled(out)


def _finish(image: Image.Image) -> bytes:
    return _encode(image, (SIDE, SIDE), "JPEG")


def _encode(image: Image.Image, size: tuple[int, int], kind: str) -> bytes:
    # Scaling down is what smooths the edges: everything was drawn twice as large.
    image.thumbnail(size, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    image.save(out, kind, quality=_QUALITY)
    return out.getvalue()


def _shoe(color: Color) -> bytes:
    image = _stage(color)
    draw = ImageDraw.Draw(image)
    upper: Points = [
        (0.20, 0.47), (0.27, 0.42), (0.33, 0.47), (0.42, 0.50), (0.56, 0.58), (0.72, 0.62), (0.83, 0.67), (0.84, 0.72),
        (0.60, 0.73), (0.34, 0.73), (0.19, 0.71), (0.17, 0.58),
    ]  # fmt: skip
    sole: Points = [
        (0.16, 0.70), (0.34, 0.715), (0.60, 0.715), (0.84, 0.70), (0.88, 0.735), (0.80, 0.775), (0.52, 0.765),
        (0.28, 0.785), (0.15, 0.765),
    ]  # fmt: skip
    draw.polygon(_curve(upper), fill=color)
    draw.polygon(_curve([(0.20, 0.48), (0.27, 0.43), (0.31, 0.49), (0.25, 0.53)]), fill=_mix(color, _DARK, 0.55))
    draw.polygon(_curve([(0.66, 0.62), (0.76, 0.64), (0.84, 0.69), (0.74, 0.71)]), fill=_mix(color, _DARK, 0.18))
    draw.polygon(_scaled(_pine(0.47, 0.625, 0.055)), fill=_mix(color, _WHITE, 0.85))
    for step in range(5):
        x, y = 0.36 + step * 0.045, 0.485 + step * 0.022
        draw.line(_scaled([(x, y), (x + 0.045, y - 0.012)]), fill=_WHITE, width=9 * _SCALE)
    draw.polygon(_curve(sole), fill=_WHITE)
    draw.line(_scaled([(0.17, 0.752), (0.50, 0.748), (0.86, 0.738)]), fill=_mix(color, _WHITE, 0.35), width=6 * _SCALE)
    return _finish(image)


def _jacket() -> bytes:
    image = _stage(_SAND)
    draw = ImageDraw.Draw(image)
    body: Points = [
        (0.38, 0.20), (0.50, 0.23), (0.62, 0.20), (0.74, 0.27), (0.86, 0.60), (0.77, 0.64), (0.70, 0.46), (0.71, 0.77),
        (0.29, 0.77), (0.30, 0.46), (0.23, 0.64), (0.14, 0.60), (0.26, 0.27),
    ]  # fmt: skip
    draw.polygon(_scaled(body), fill=_SAND)
    draw.polygon(
        _scaled([(0.38, 0.20), (0.50, 0.14), (0.62, 0.20), (0.55, 0.29), (0.45, 0.29)]), fill=_mix(_SAND, _DARK, 0.3)
    )
    draw.line(_scaled([(0.50, 0.27), (0.50, 0.77)]), fill=_mix(_SAND, _DARK, 0.5), width=7 * _SCALE)
    for left in (0.34, 0.56):
        draw.line(_scaled([(left, 0.60), (left + 0.10, 0.56)]), fill=_mix(_SAND, _DARK, 0.4), width=6 * _SCALE)
    draw.line(_scaled([(0.29, 0.73), (0.71, 0.73)]), fill=_mix(_SAND, _DARK, 0.2), width=5 * _SCALE)
    return _finish(image)


def _bottle() -> bytes:
    image = _stage(_GREEN)
    draw = ImageDraw.Draw(image)
    box = [value * SIDE * _SCALE for value in (0.39, 0.30, 0.61, 0.77)]
    draw.rounded_rectangle(box, radius=46 * _SCALE, fill=_GREEN)
    draw.rounded_rectangle(
        [value * SIDE * _SCALE for value in (0.43, 0.20, 0.57, 0.31)], radius=20 * _SCALE, fill=_DARK
    )
    draw.rounded_rectangle(
        [value * SIDE * _SCALE for value in (0.42, 0.34, 0.445, 0.70)],
        radius=10 * _SCALE,
        fill=_mix(_GREEN, _WHITE, 0.5),
    )
    draw.polygon(_scaled(_pine(0.5, 0.46, 0.11)), fill=_WHITE)
    return _finish(image)


def _mat() -> bytes:
    image = _stage(_PURPLE)
    draw = ImageDraw.Draw(image)
    draw.polygon(_scaled([(0.22, 0.56), (0.86, 0.62), (0.80, 0.77), (0.14, 0.70)]), fill=_PURPLE)
    draw.polygon(_scaled([(0.14, 0.70), (0.80, 0.77), (0.80, 0.785), (0.14, 0.715)]), fill=_mix(_PURPLE, _DARK, 0.4))
    side = SIDE * _SCALE
    for ring in range(5):
        grow = 0.10 - ring * 0.02
        tone = _mix(_PURPLE, _WHITE if ring % 2 else _DARK, 0.28)
        draw.ellipse(
            (side * (0.22 - grow), side * (0.56 - grow), side * (0.22 + grow), side * (0.56 + grow)), fill=tone
        )
    return _finish(image)


def _track() -> bytes:
    """A running track in the evening."""
    side = SIDE * _SCALE
    image = Image.new("RGB", (side, side), (238, 196, 150))
    draw = ImageDraw.Draw(image)
    for row in range(side // 2):
        draw.line((0, row, side, row), fill=_mix((104, 132, 168), (244, 206, 160), row / (side / 2)))
    draw.ellipse((side * 0.60, side * 0.30, side * 0.74, side * 0.44), fill=(255, 236, 196))
    for index in range(9):
        x = index / 8
        draw.polygon(_scaled(_pine(x, 0.36 + 0.03 * sin(index * 2.3), 0.16)), fill=(46, 74, 70))
    draw.rectangle((0, side * 0.5, side, side), fill=(178, 84, 66))
    for lane in range(-4, 9):
        draw.line(
            _scaled([(0.5 + (lane - 2) * 0.05, 0.5), (0.5 + (lane - 2) * 0.38, 1.0)]), fill=_WHITE, width=5 * _SCALE
        )
    return _finish(image)


def _pine(x: float, y: float, size: float) -> Points:
    """A spruce: three branches on a trunk."""
    half: Points = [
        (0.0, -1.0), (0.42, -0.35), (0.22, -0.35), (0.60, 0.25), (0.30, 0.25), (0.78, 0.85), (0.10, 0.85), (0.10, 1.10),
    ]  # fmt: skip
    mirrored = [(-across, down) for across, down in reversed(half[1:])]
    return [(x + size * across, y + size * down) for across, down in [*half, *mirrored]]


def draw_logo() -> bytes:
    """The corp's logo: a white spruce on pine green, as PNG."""
    side = 512
    image = Image.new("RGB", (side * _SCALE, side * _SCALE), _GREEN)
    tree = [(x * side * _SCALE, y * side * _SCALE) for x, y in _pine(0.5, 0.46, 0.30)]
    ImageDraw.Draw(image).polygon(tree, fill=_WHITE)
    return _encode(image, (side, side), "PNG")


def draw_portrait(seed: int) -> bytes:
    """A drawn face for a member's window: hair, face and shirt in one of a few combinations."""
    skins: list[Color] = [(244, 214, 188), (235, 200, 170), (224, 186, 152)]
    shirts: list[Color] = [_GREEN, _BLUE, _CORAL, _PURPLE, _LIME]
    side = 512 * _SCALE
    shirt, skin = shirts[seed % 5], skins[seed % 3]
    image = Image.new("RGB", (side, side), _mix(shirt, _WHITE, 0.8))
    draw = ImageDraw.Draw(image)
    hair = (52, 42, 38)
    draw.ellipse((side * 0.16, side * 0.70, side * 0.84, side * 1.4), fill=shirt)
    if seed % 2:
        draw.ellipse((side * 0.27, side * 0.18, side * 0.73, side * 0.80), fill=hair)
    draw.rectangle((side * 0.44, side * 0.58, side * 0.56, side * 0.76), fill=_mix(skin, _DARK, 0.08))
    draw.ellipse((side * 0.33, side * 0.24, side * 0.67, side * 0.66), fill=skin)
    draw.pieslice((side * 0.31, side * 0.19, side * 0.69, side * 0.57), 180, 360, fill=hair)
    for eye in (0.43, 0.57):
        draw.ellipse((side * (eye - 0.016), side * 0.44, side * (eye + 0.016), side * 0.472), fill=hair)
    draw.arc((side * 0.44, side * 0.46, side * 0.56, side * 0.57), 20, 160, fill=(178, 92, 84), width=5 * _SCALE)
    return _encode(image, (512, 512), "PNG")


DRAWINGS: dict[str, Callable[[], bytes]] = {
    "shoe_coral": lambda: _shoe(_CORAL),
    "shoe_blue": lambda: _shoe(_BLUE),
    "shoe_lime": lambda: _shoe(_LIME),
    "shoe_grey": lambda: _shoe(_GREY),
    "jacket": _jacket,
    "bottle": _bottle,
    "mat": _mat,
    "track": _track,
}

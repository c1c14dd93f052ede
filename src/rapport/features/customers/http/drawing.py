"""QR codes with a mark in the middle, as PNG and SVG.

Error correction H survives the loss of 30 % of the modules; the mark's plate hides less than 7 %, away from the
corners.
"""

import base64
import io
from functools import cache
from html import escape

import msgspec
import segno
from PIL import Image, ImageDraw, ImageFont, ImageOps, UnidentifiedImageError

from rapport.kernel.pinyin import initials_of

QUIET_ZONE = 4
"""Modules of white around the code (ISO/IEC 18004)."""
PLATE = 0.24
"""Width of the plate behind the mark, as a part of the code's width."""
MARK = 0.82
"""Width of the mark, as a part of the plate's."""
INK, PAPER, MARK_COLOUR = "#101418", "#ffffff", "#0b6e63"
_NO_CHARACTER = "\uffff"
"""What no font has: drawn like every character that a font lacks."""
_CHINESE_FONTS = (
    "NotoSansCJK-Bold.ttc",
    "NotoSansCJK-Regular.ttc",
    "NotoSansCJKsc-Regular.otf",
    "NotoSerifCJK-Bold.ttc",
    "NotoSerifCJK-Regular.ttc",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "DroidSansFallbackFull.ttf",
    "uming.ttc",
    "PingFang.ttc",
    "msyh.ttc",
)


class Logo(msgspec.Struct, frozen=True):
    """What marks a code as a corp's: its picture, else the first character of its short name."""

    short_name: str
    image: bytes | None
    mime: str | None


def draw_png(url: str, size: int, logo: Logo) -> bytes:
    """Return the code of an address as a square PNG of ``size`` pixels."""
    code = segno.make(url, error="h", micro=False)
    modules = code.symbol_size(border=QUIET_ZONE)[0]
    # Whole pixels per module stay sharp; a code larger than the picture is shrunk by the smooth way.
    scale = max(1, size // modules)
    drawn = io.BytesIO()
    code.save(drawn, kind="png", scale=scale, border=QUIET_ZONE, dark=INK, light=PAPER)
    picture = Image.open(drawn).convert("RGB")
    canvas = Image.new("RGB", (max(size, picture.width), max(size, picture.width)), PAPER)
    edge = (canvas.width - picture.width) // 2
    canvas.paste(picture, (edge, edge))
    _paste_mark(canvas, round((modules - 2 * QUIET_ZONE) * scale * PLATE), logo)
    if canvas.width != size:
        canvas = ImageOps.contain(canvas, (size, size), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    canvas.save(out, "PNG")
    return out.getvalue()


def _paste_mark(canvas: Image.Image, plate: int, logo: Logo) -> None:
    middle, mark = canvas.width / 2, round(plate * MARK)
    box = (middle - plate / 2, middle - plate / 2, middle + plate / 2, middle + plate / 2)
    ImageDraw.Draw(canvas).rounded_rectangle(box, radius=plate * 0.18, fill=PAPER)
    square = _picture(logo.image, mark) or _initial(logo.short_name, mark)
    shape = Image.new("L", (mark * 4, mark * 4), 0)
    ImageDraw.Draw(shape).rounded_rectangle((0, 0, mark * 4 - 1, mark * 4 - 1), radius=mark * 0.7, fill=255)
    corner = round(middle - mark / 2)
    canvas.paste(square, (corner, corner), ImageOps.contain(shape, (mark, mark), Image.Resampling.LANCZOS))


def _picture(image: bytes | None, side: int) -> Image.Image | None:
    if image is None:
        return None
    try:
        opened = Image.open(io.BytesIO(image)).convert("RGBA")
    except (UnidentifiedImageError, OSError):
        return None
    ground = Image.new("RGBA", (side, side), PAPER)
    fitted = ImageOps.contain(opened, (side, side), Image.Resampling.LANCZOS)
    ground.alpha_composite(fitted, ((side - fitted.width) // 2, (side - fitted.height) // 2))
    return ground.convert("RGB")


def _initial(short_name: str, side: int) -> Image.Image:
    square = Image.new("RGB", (side, side), MARK_COLOUR)
    character, font = _drawable(first_character(short_name), side * 0.62)
    ImageDraw.Draw(square).text((side / 2, side / 2), character, PAPER, font=font, anchor="mm")
    return square


def first_character(short_name: str) -> str:
    """Return what stands for a corp without a logo."""
    return short_name.strip()[:1].upper()


def _drawable(character: str, height: float) -> tuple[str, ImageFont.FreeTypeFont | ImageFont.ImageFont]:
    """A character and a font that has it: where no Chinese font is installed, the initial of its pinyin."""
    if not character.isascii():
        path = _chinese_font()
        font = None if path is None else ImageFont.truetype(path, height)
        if font is not None and _ink(font, character) != _ink(font, _NO_CHARACTER):
            return character, font
        character = initials_of(character)[0].upper()
    return character if character.isascii() else "", ImageFont.load_default(height)


def _ink(font: ImageFont.FreeTypeFont, character: str) -> bytes:
    square = Image.new("L", (64, 64), 0)
    ImageDraw.Draw(square).text((32, 32), character, 255, font=font.font_variant(size=48), anchor="mm")
    return square.tobytes()


@cache
def _chinese_font() -> str | None:
    for name in _CHINESE_FONTS:
        try:
            return str(ImageFont.truetype(name, 16).path)
        except OSError:
            continue
    return None


def draw_svg(url: str, size: int, logo: Logo) -> bytes:
    """Return the code of an address as an SVG of ``size`` pixels, sharp at any size."""
    code = segno.make(url, error="h", micro=False)
    modules = code.symbol_size(border=QUIET_ZONE)[0]
    path = code.svg_inline(
        scale=1, border=QUIET_ZONE, dark=INK, light=PAPER, omitsize=True, svgclass=None, lineclass=None
    )
    plate = (modules - 2 * QUIET_ZONE) * PLATE
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" viewBox="0 0 {modules} {modules}">'
        f"{path}{_svg_mark(modules / 2, plate, logo)}</svg>"
    )
    return svg.encode()


def _svg_mark(middle: float, plate: float, logo: Logo) -> str:
    mark = plate * MARK
    low, inner = middle - plate / 2, middle - mark / 2
    ground = _rectangle(low, plate, PAPER)
    if logo.image is not None and _picture(logo.image, 8) is not None:
        data = base64.b64encode(logo.image).decode()
        return (
            f'{ground}<image x="{inner:.3f}" y="{inner:.3f}" width="{mark:.3f}" height="{mark:.3f}" '
            f'href="data:{escape(logo.mime or "image/png")};base64,{data}"/>'
        )
    return (
        f'{ground}{_rectangle(inner, mark, MARK_COLOUR)}<text x="{middle:.3f}" y="{middle:.3f}" fill="{PAPER}" '
        f'font-family="Noto Sans SC, PingFang SC, Microsoft YaHei, sans-serif" font-weight="700" '
        f'font-size="{mark * 0.62:.3f}" text-anchor="middle" dominant-baseline="central">'
        f"{escape(first_character(logo.short_name))}</text>"
    )


def _rectangle(corner: float, side: float, fill: str) -> str:
    return (
        f'<rect x="{corner:.3f}" y="{corner:.3f}" width="{side:.3f}" height="{side:.3f}" '
        f'rx="{side * 0.18:.3f}" fill="{fill}"/>'
    )

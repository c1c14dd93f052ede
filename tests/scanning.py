"""A phone's camera as far as a test has one: what a reader that did not draw the code reads from it."""

import zxingcpp
from PIL import Image


def scan(picture: Image.Image) -> list[str]:
    """Return the text of every QR code in ``picture``."""
    found = zxingcpp.read_barcodes(picture.convert("L"))
    return [code.text for code in found if code.format == zxingcpp.BarcodeFormat.QRCode]


def picture_of(drawn: str, scale: int = 8) -> Image.Image:
    """Return the block characters of a terminal as a picture, ``scale`` pixels for each square."""
    lines = [line for line in drawn.splitlines() if line.strip(" █▀▄") == "" and line.strip()]
    picture = Image.new("L", (max(map(len, lines), default=1), 2 * max(1, len(lines))))
    for row, line in enumerate(lines):
        for column, block in enumerate(line):
            picture.putpixel((column, 2 * row), 255 * (block in "█▀"))
            picture.putpixel((column, 2 * row + 1), 255 * (block in "█▄"))
    return picture.resize((picture.width * scale, picture.height * scale), Image.Resampling.NEAREST)

"""Codes as pictures: they can be scanned, carry the corp's mark, and exist for real codes only."""

import xml.etree.ElementTree as ET
from io import BytesIO

import httpx
import pytest
import segno
from PIL import Image

from rapport.features.customers.http.drawing import Logo, draw_png, draw_svg
from tests.conftest import Corp
from tests.features.customers.conftest import code_of, make_code, upload
from tests.scanning import scan

QUIET = 4
RECOVERABLE = 0.07
"""Half of what error correction H mends, which leaves room for dirt and light."""


def wrong_modules(picture: Image.Image, url: str) -> float:
    """The part of modules whose middle does not show what the code says."""
    matrix = segno.make(url, error="h", micro=False).matrix
    grey, side = picture.convert("L").tobytes(), len(matrix)
    scale = max(1, picture.width // (side + 2 * QUIET))
    edge = (picture.width - scale * (side + 2 * QUIET)) // 2 + QUIET * scale
    wrong = 0
    for row, modules in enumerate(matrix):
        for column, dark in enumerate(modules):
            across, down = edge + column * scale + scale // 2, edge + row * scale + scale // 2
            wrong += (grey[down * picture.width + across] < 128) != bool(dark)
    return wrong / side**2


@pytest.mark.parametrize("size", [256, 512, 1000, 2048])
def test_a_code_can_be_scanned_with_its_mark(corp: Corp, size: int) -> None:
    code = make_code(corp)
    answer = httpx.get(f"{corp.server.url}/q/{code}.png?size={size}", trust_env=False)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    picture = Image.open(BytesIO(answer.content))
    assert picture.size == (size, size)
    assert 0 < wrong_modules(picture, f"{corp.server.url}/q/{code}") < RECOVERABLE
    assert scan(picture) == [f"{corp.server.url}/q/{code}"]
    assert scan(picture.rotate(20, fillcolor="white", expand=True)) == [f"{corp.server.url}/q/{code}"]


def test_the_smallest_picture_can_be_scanned_too(corp: Corp) -> None:
    code = make_code(corp)
    picture = Image.open(BytesIO(httpx.get(f"{corp.server.url}/q/{code}.png?size=128", trust_env=False).content))
    assert picture.size == (128, 128)
    assert scan(picture) == [f"{corp.server.url}/q/{code}"]


def test_the_svg_holds_the_corps_first_character(corp: Corp) -> None:
    answer = httpx.get(f"{corp.server.url}/q/{make_code(corp)}.svg?size=300", trust_env=False)
    assert answer.headers["content-type"].startswith("image/svg+xml")
    root = ET.fromstring(answer.content)  # noqa: S314  our own drawing
    assert (root.get("width"), root.get("height")) == ("300", "300")
    assert [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")] == ["云"]
    assert root.find(".//{http://www.w3.org/2000/svg}path") is not None


def test_the_corps_logo_takes_the_middle(corp: Corp) -> None:
    admin, code = corp.http("laoban", "admin"), make_code(corp)
    changed = admin.patch("corp", json={"logo_file_id": upload(admin)})
    assert changed.status_code == 200, changed.text
    svg = httpx.get(f"{corp.server.url}/q/{code}.svg", trust_env=False).text
    assert 'href="data:image/png;base64,' in svg
    png = httpx.get(f"{corp.server.url}/q/{code}.png?size=512", trust_env=False).content
    assert Image.open(BytesIO(png)).convert("RGB").getpixel((256, 256)) == (0, 128, 128)


def test_a_picture_that_is_none_falls_back_to_the_character() -> None:
    broken, plain = Logo("云杉", b"not a picture", "image/png"), Logo("云杉", None, None)
    assert draw_png("https://a.cn/q/x", 256, broken) == draw_png("https://a.cn/q/x", 256, plain)
    assert draw_svg("https://a.cn/q/x", 256, broken) == draw_svg("https://a.cn/q/x", 256, plain)


@pytest.mark.parametrize("name", ["<&>", "😀", " ", "é", "שלום"])
def test_any_short_name_can_be_drawn(name: str) -> None:
    ET.fromstring(draw_svg("https://a.cn/q/x", 256, Logo(name, None, None)))  # noqa: S314  our own drawing
    assert Image.open(BytesIO(draw_png("https://a.cn/q/x", 256, Logo(name, None, None)))).size == (256, 256)


def test_a_closed_code_can_still_be_drawn(corp: Corp) -> None:
    code = make_code(corp)
    corp.http("laoban", "admin").post(f"contact-ways/{code}/close")
    assert httpx.get(f"{corp.server.url}/q/{code}.svg", trust_env=False).status_code == 200


def test_there_is_no_picture_of_a_code_that_is_none(corp: Corp) -> None:
    code = make_code(corp)
    for name in ("nothing.png", "nothing.svg", f"{code}.x.png", ".png"):
        assert code_of(httpx.get(f"{corp.server.url}/q/{name}", trust_env=False)) == (404, "not_found")
    for size in ("0", "127", "2049", "x"):
        answer = httpx.get(f"{corp.server.url}/q/{code}.png?size={size}", trust_env=False)
        assert code_of(answer) == (422, "invalid_input")

"""What may be uploaded, what becomes of it, and what is said to who sends something else."""

import io
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.conftest import Corp, RunningServer
from tests.features.files import samples
from tests.services import names_in_s3


def upload(http: httpx.Client, kind: str, content: bytes, name: str = "", **headers: str) -> httpx.Response:
    return http.post("files", params={"kind": kind, "name": name}, content=content, headers=headers)


def stored(http: httpx.Client, file: dict[str, Any], **params: str) -> bytes:
    answer = http.get(f"files/{file['file_id']}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.content


def blobs_of(server: RunningServer) -> set[str]:
    url = server.settings.blobs_url
    if url is not None:
        return names_in_s3(url)
    return {path.name for path in (server.folder / "files").rglob("*") if path.is_file()}


def test_a_photo_is_kept_upright_and_tells_nothing_about_its_maker(corp: Corp) -> None:
    http = corp.http("xiaoming")
    answer = upload(http, "image", samples.phone_photo(), "IMG_1.HEIC")
    assert answer.status_code == 201, answer.text
    file = answer.json()
    assert (file["kind"], file["mime"], file["name"]) == ("image", "image/jpeg", "IMG_1.jpg")
    assert (file["width"], file["height"], file["duration_ms"]) == (800, 1200, None)
    data = stored(http, file)
    assert len(data) == file["size"]
    assert samples.is_upright_photo(data)
    with Image.open(io.BytesIO(data)) as image:
        assert dict(image.getexif()) == {}
        assert {"icc_profile", "comment", "exif"}.isdisjoint(image.info)
    assert b"Secret" not in data


def test_a_picture_has_a_thumbnail_of_at_most_480_pixels(corp: Corp) -> None:
    http = corp.http("xiaoming")
    file = upload(http, "image", samples.picture(size=(1600, 900))).json()
    with Image.open(io.BytesIO(stored(http, file, size="thumb"))) as thumbnail:
        assert (thumbnail.format, thumbnail.size) == ("WEBP", (480, 270))


def test_a_small_picture_is_its_own_thumbnail(corp: Corp) -> None:
    http = corp.http("xiaoming")
    file = upload(http, "image", samples.picture("PNG", (64, 64))).json()
    assert stored(http, file, size="thumb") == stored(http, file)


def test_a_very_large_picture_is_scaled_down(corp: Corp) -> None:
    file = upload(corp.http("xiaoming"), "image", samples.picture(size=(6000, 3000))).json()
    assert (file["width"], file["height"]) == (4096, 2048)


@pytest.mark.parametrize(("kind", "mime"), [("PNG", "image/png"), ("WEBP", "image/webp"), ("JPEG", "image/jpeg")])
def test_each_format_stays_what_it_is(corp: Corp, kind: str, mime: str) -> None:
    file = upload(corp.http("xiaoming"), "image", samples.picture(kind), "x.bin").json()
    assert file["mime"] == mime


def test_transparency_survives(corp: Corp) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (100, 100), (255, 0, 0, 40)).save(out, "PNG")
    http = corp.http("xiaoming")
    file = upload(http, "image", out.getvalue()).json()
    with Image.open(io.BytesIO(stored(http, file))) as image:
        assert image.convert("RGBA").getpixel((5, 5)) == (255, 0, 0, 40)


def test_sixteen_bits_of_grey_become_eight_without_turning_white(corp: Corp) -> None:
    out = io.BytesIO()
    image = Image.new("I;16", (10, 10))
    image.putpixel((0, 0), 0x8000)
    image.save(out, "PNG")
    http = corp.http("xiaoming")
    file = upload(http, "image", out.getvalue()).json()
    with Image.open(io.BytesIO(stored(http, file))) as kept:
        assert kept.convert("L").getpixel((0, 0)) == 0x80


def test_a_small_animation_moves_and_carries_nothing_else(corp: Corp) -> None:
    http = corp.http("xiaoming")
    file = upload(http, "image", samples.animation()).json()
    data = stored(http, file)
    assert file["mime"] == "image/gif"
    assert b"Secret" not in data
    assert b"hidden" not in data
    with Image.open(io.BytesIO(data)) as image:
        assert getattr(image, "n_frames", 1) == 3
        assert image.info["loop"] == 0


def test_of_a_large_animation_the_first_frame_is_kept(corp: Corp) -> None:
    file = upload(corp.http("xiaoming"), "image", samples.animation(frames=40, size=(400, 400))).json()
    assert file["mime"] == "image/png"
    assert (file["width"], file["height"]) == (400, 400)


@pytest.mark.parametrize(
    "content",
    [
        b"no picture at all",
        samples.SVG,
        samples.picture()[:2000],
        samples.png_header(100, 100),
        b"GIF89a" + bytes(30),
        b"%PDF-1.7 ...",
        b"\xff\xd8\xff\xe0" + bytes(200),
        samples.CHROMIUM_WEBM,
    ],
)
def test_what_is_no_picture_is_refused_and_not_kept(corp: Corp, content: bytes) -> None:
    before = blobs_of(corp.server)
    answer = upload(corp.http("xiaoming"), "image", content, "photo.jpg")
    assert (answer.status_code, answer.json()["code"]) == (422, "not_an_image")
    assert "JPEG, PNG, WebP" in answer.json()["detail"]
    assert blobs_of(corp.server) == before


def test_a_picture_that_would_fill_the_memory_is_not_decoded(corp: Corp) -> None:
    answer = upload(corp.http("xiaoming"), "image", samples.png_header(60_000, 60_000))
    assert (answer.status_code, answer.json()["code"]) == (422, "image_too_large")
    assert "50 megapixels" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("content", "mime", "ending", "low", "high"),
    [
        (samples.CHROMIUM_WEBM, "audio/webm", ".webm", 2900, 3400),
        (samples.CHROMIUM_MP4, "audio/mp4", ".m4a", 2800, 3400),
        (samples.ogg_recording(12.5), "audio/ogg", ".ogg", 12_500, 12_500),
        (samples.safari_recording(7), "audio/mp4", ".m4a", 7000, 7000),
        (samples.safari_recording(60), "audio/mp4", ".m4a", 60_000, 60_000),
    ],
)
def test_recordings_of_every_browser_are_accepted_with_their_real_length(
    corp: Corp, content: bytes, mime: str, ending: str, low: int, high: int
) -> None:
    http = corp.http("xiaoming")
    answer = upload(http, "voice", content, "录音")
    assert answer.status_code == 201, answer.text
    file = answer.json()
    assert (file["mime"], file["name"], file["size"]) == (mime, "录音" + ending, len(content))
    assert low <= file["duration_ms"] <= high
    assert stored(http, file) == content


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (samples.ogg_recording(75), "voice_too_long"),
        (samples.safari_recording(75), "voice_too_long"),
        (samples.safari_recording(5, handler=b"vide"), "not_a_voice_message"),
        (samples.safari_recording(5, codec=b"avc1"), "not_a_voice_message"),
        (samples.CHROMIUM_WEBM.replace(b"A_OPUS", b"V_VP80"), "not_a_voice_message"),
        (samples.CHROMIUM_WEBM[:120], "not_a_voice_message"),
        (b"OggS" + bytes(60), "not_a_voice_message"),
        (b"\x1a\x45\xdf\xa3", "not_a_voice_message"),
        (samples.picture(), "not_a_voice_message"),
        (b"RIFF\x24\0\0\0WAVEfmt " + bytes(40), "not_a_voice_message"),
    ],
)
def test_what_is_no_voice_message_is_refused(corp: Corp, content: bytes, code: str) -> None:
    answer = upload(corp.http("xiaoming"), "voice", content, "voice.webm")
    assert (answer.status_code, answer.json()["code"]) == (422, code)


OFFICE = {"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}


@pytest.mark.parametrize(
    ("name", "content", "mime"),
    [
        ("报价单.pdf", b"%PDF-1.7\n1 0 obj", "application/pdf"),
        (
            "合同.docx",
            samples.archive(OFFICE),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ("photos.zip", samples.archive({"a.jpg": b"1"}), "application/zip"),
        ("价格.csv", "商品,价格\n跑鞋,499\n".encode(), "text/csv"),
        ("旧系统.txt", "跑鞋价格".encode("gb18030"), "text/plain"),
        ("original.png", samples.picture("PNG"), "image/png"),
        ("song.mp3", b"ID3\x03\0\0" + bytes(100), "audio/mpeg"),
        ("film.mp4", b"\0\0\0\x18ftypisom\0\0\x02\0isommp41" + bytes(100), "video/mp4"),
        (
            "old.doc",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "WordDocument".encode("utf-16-le"),
            "application/msword",
        ),
    ],
)
def test_documents_are_recognised_by_content_and_kept_as_they_are(
    corp: Corp, name: str, content: bytes, mime: str
) -> None:
    http = corp.http("xiaoming")
    answer = upload(http, "file", content, name)
    assert answer.status_code == 201, answer.text
    file = answer.json()
    assert (file["name"], file["mime"], file["width"]) == (name, mime, None)
    assert stored(http, file) == content


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("setup.exe", b"MZ\x90\x00" + bytes(200)),
        ("invoice.pdf", b"MZ\x90\x00" + bytes(200)),
        ("invoice.pdf.exe", b"%PDF-1.7"),
        ("page.html", b"<script>alert(1)</script>"),
        ("drawing.svg", samples.SVG),
        ("run.sh", b"#!/bin/sh\nrm -rf /"),
        ("binary.txt", bytes(range(256))),
        ("tool", b"\x7fELF" + bytes(200)),
        ("App.zip", samples.archive({"META-INF/MANIFEST.MF": b"x", "a.class": b"y"})),
        ("macro.docx", samples.archive(OFFICE | {"word/vbaProject.bin": b"x"})),
        ("mail.msg", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)),
        ("unknown.dat", b"\x01\x02\x03\x04" + bytes(50)),
    ],
)
def test_programs_scripts_and_pages_are_refused(corp: Corp, name: str, content: bytes) -> None:
    answer = upload(corp.http("xiaoming"), "file", content, name)
    assert (answer.status_code, answer.json()["code"]) == (422, "file_type_refused")
    assert "PDF" in answer.json()["detail"]


@pytest.mark.parametrize("content", [samples.archive({"zeros": bytes(100 * 1024**2)}), b"PK\x03\x04" + bytes(100)])
def test_an_archive_that_would_unpack_to_far_too_much_or_is_damaged_is_refused(corp: Corp, content: bytes) -> None:
    answer = upload(corp.http("xiaoming"), "file", content, "bomb.zip")
    assert (answer.status_code, answer.json()["code"]) == (422, "archive_refused")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.txt", "_.._etc_passwd.txt"),
        ("C:\\Users\\me\\a.txt", "C__Users_me_a.txt"),
        ("a\u202etxt.fdp\u2066.txt", "atxt.fdp.txt"),
        ("line\nbreak\x00.txt", "linebreak.txt"),
        ("   .txt", "txt"),
        ("", "file"),
        ("家" * 120 + ".txt", "家" * 83 + ".txt"),
        ("👩‍🏫 笔记.txt", "👩‍🏫 笔记.txt"),
        ("تقرير.txt", "تقرير.txt"),
    ],
)
def test_names_are_made_safe_and_stay_readable(corp: Corp, name: str, kept: str) -> None:
    answer = upload(corp.http("xiaoming"), "file", b"hello", name)
    assert answer.status_code == 201, answer.text
    assert answer.json()["name"] == kept
    assert len(kept.encode()) <= 255


def test_the_limit_is_checked_before_the_body_is_read_and_while_it_comes(corp: Corp) -> None:
    http = corp.http("xiaoming")
    announced = upload(http, "voice", bytes(3 * 1024 * 1024))
    assert (announced.status_code, announced.json()["code"]) == (413, "body_too_large")

    def pieces() -> Iterator[bytes]:
        for _ in range(40):
            yield bytes(128 * 1024)

    before = blobs_of(corp.server)
    unannounced = http.post("files", params={"kind": "voice"}, content=pieces())
    assert (unannounced.status_code, unannounced.json()["code"]) == (413, "body_too_large")
    assert blobs_of(corp.server) == before


def test_an_empty_upload_is_refused(corp: Corp) -> None:
    for kind in ("image", "voice", "file"):
        answer = upload(corp.http("xiaoming"), kind, b"", "a.txt")
        assert (answer.status_code, answer.json()["code"]) == (422, "empty_upload")


def test_an_upload_that_breaks_off_leaves_nothing(corp: Corp) -> None:
    before = blobs_of(corp.server)
    host, port = corp.server.url.removeprefix("http://").split(":")
    content = samples.picture()
    request = (
        f"POST /api/staff/files?kind=image HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(content)}\r\n"
        f"Authorization: Bearer {corp.token('xiaoming')}\r\n\r\n"
    )
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(request.encode() + content[: len(content) // 2])
    assert upload(corp.http("xiaoming"), "file", b"the next one", "a.txt").status_code == 201
    new = blobs_of(corp.server) - before
    assert len(new) == 1, new


def test_a_repeated_upload_with_the_same_key_is_one_file(corp: Corp) -> None:
    http, content = corp.http("xiaoming"), samples.picture()
    key = {"Idempotency-Key": "photo-1"}
    first = upload(http, "image", content, **key).json()
    before = blobs_of(corp.server)
    assert upload(http, "image", content, **key).json() == first
    assert blobs_of(corp.server) == before
    other = upload(http, "image", samples.picture("PNG"), **key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert blobs_of(corp.server) == before


@pytest.mark.parametrize("params", [{}, {"kind": "video"}, {"kind": "image", "name": "x" * 2000}])
def test_wrong_parameters_are_named(corp: Corp, params: dict[str, str]) -> None:
    answer = corp.http("xiaoming").post("files", params=params, content=b"x")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert answer.json()["fields"][0]["path"] == ("name" if "name" in params else "kind")


@pytest.mark.parametrize("surface", ["staff", "consumer", "admin"])
def test_strangers_upload_nothing(server: RunningServer, surface: str) -> None:
    answer = httpx.post(f"{server.url}/api/{surface}/files?kind=file", content=b"x", trust_env=False)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")

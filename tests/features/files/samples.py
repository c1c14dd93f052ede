"""Files as people and programs make them, some of them bad on purpose."""

import io
import struct
import zipfile
import zlib
from pathlib import Path

from PIL import Image, ImageCms, ImageDraw

SAMPLES = Path(__file__).parent / "recordings"
CHROMIUM_WEBM = (SAMPLES / "chromium.webm").read_bytes()
CHROMIUM_MP4 = (SAMPLES / "chromium.mp4").read_bytes()
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def picture(kind: str = "JPEG", size: tuple[int, int] = (800, 600), **options: object) -> bytes:
    """A picture whose left half is red and whose right half is blue."""
    image = Image.new("RGB", size, "red")
    ImageDraw.Draw(image).rectangle((size[0] // 2, 0, size[0], size[1]), fill="blue")
    out = io.BytesIO()
    image.save(out, kind, **options)  # pyright: ignore[reportArgumentType]  Pillow's own options
    return out.getvalue()


def phone_photo() -> bytes:
    """A photo taken upright: stored lying, with EXIF that says so and where it was taken, a profile and a comment."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "SecretPhone"
    exif.get_ifd(0x8825)[2] = (31.0, 13.0, 49.0)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return picture(size=(1200, 800), exif=exif, icc_profile=profile, comment=b"SecretComment")


def animation(frames: int = 3, size: tuple[int, int] = (120, 80), comment: bytes = b"SecretComment") -> bytes:
    """An animated GIF with a comment in it and more bytes after its end."""
    colors = ["red", "green", "blue", "white"]
    images = [
        Image.effect_noise(size, 60 + n).convert("P") if frames > len(colors) else Image.new("P", size, colors[n])
        for n in range(frames)
    ]
    out = io.BytesIO()
    images[0].save(out, "GIF", save_all=True, append_images=images[1:], duration=100, loop=0, comment=comment)
    return out.getvalue() + b"PK\x03\x04 something hidden"


def png_header(width: int, height: int) -> bytes:
    """The beginning of a PNG that claims to be huge."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    header = struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    return b"\x89PNG\r\n\x1a\n" + header + struct.pack(">I", 1000) + b"IDAT" + bytes(100)


def archive(entries: dict[str, bytes]) -> bytes:
    """A ZIP of these entries."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in entries.items():
            target.writestr(name, content)
    return out.getvalue()


def ogg_recording(seconds: float) -> bytes:
    """An Ogg stream as Firefox writes it: a header page and pages that say how far the sound has come."""

    def page(flags: int, granule: int, number: int, payload: bytes) -> bytes:
        lacing = bytes([255] * (len(payload) // 255) + [len(payload) % 255])
        head = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, granule, 7, number, 0, len(lacing))
        return head + lacing + payload

    skip = 312
    header = page(2, 0, 0, b"OpusHead" + struct.pack("<BBHIhB", 1, 1, skip, 48000, 0, 0))
    tags = page(0, 0, 1, b"OpusTags" + bytes(8))
    return header + tags + page(4, int(seconds * 48000) + skip, 2, bytes(300))


def safari_recording(seconds: int, *, handler: bytes = b"soun", codec: bytes = b"mp4a") -> bytes:
    """The boxes of an MP4 as Safari writes it: one AAC track whose header knows its length."""

    def box(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", 8 + len(content)) + kind + content

    mdhd = box(b"mdhd", struct.pack(">IIIIIHH", 0, 0, 0, 44100, 44100 * seconds, 0x55C4, 0))
    hdlr = box(b"hdlr", bytes(8) + handler + bytes(13))
    stsd = box(b"stsd", struct.pack(">II", 0, 1) + box(codec, bytes(28)))
    media = box(b"mdia", mdhd + hdlr + box(b"minf", box(b"stbl", stsd)))
    return box(b"ftyp", b"M4A \0\0\0\0M4A mp42isom") + box(b"moov", box(b"trak", media)) + box(b"mdat", bytes(4000))


def is_upright_photo(data: bytes) -> bool:
    """Whether the phone's photo stands: what was left is up."""
    with Image.open(io.BytesIO(data)) as image:
        top = image.convert("RGB").crop((0, 0, image.width, 20)).resize((1, 1)).tobytes()
        return image.height > image.width and top[0] > 200 and top[2] < 60

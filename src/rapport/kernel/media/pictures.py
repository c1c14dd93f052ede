"""Pictures decoded and written anew: upright, in sRGB, without EXIF, profiles or comments, with a thumbnail.

What cannot be decoded is no picture, whatever its name says; SVG is none either, because it can carry scripts.
"""

import io
import struct
import zlib
from pathlib import Path

import msgspec
from PIL import Image, ImageCms, ImageOps

from rapport.kernel.media.gifs import strip_gif

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
THUMBNAIL_SIDE = 480
THUMBNAIL_FROM_BYTES = 48 * 1024
THUMBNAIL_MIME = "image/webp"
JPEG_QUALITY, WEBP_QUALITY, THUMBNAIL_QUALITY = 88, 86, 78

# Pillow's own limit is one number for the process and partly a warning; ours is checked below, before any decoding.
Image.MAX_IMAGE_PIXELS = None
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
_BROKEN = (OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, struct.error, zlib.error, OverflowError)


class NotAPicture(Exception):  # noqa: N818  the caller turns it into a refusal
    """The bytes are not a picture of an accepted format, or a damaged one."""


class TooManyPixels(Exception):  # noqa: N818  the caller turns it into a refusal
    """The picture would need more memory than the limit allows."""


class PictureLimits(msgspec.Struct, frozen=True):
    """Pixels that may be decoded, the longest side that is kept, and bytes up to which an animation stays one."""

    pixels: int
    side: int
    animation_bytes: int


class Picture(msgspec.Struct, frozen=True):
    """A picture as it is stored; ``thumbnail`` (WebP, at most 480 px) is None where it is small itself."""

    data: bytes
    mime: str
    width: int
    height: int
    thumbnail: bytes | None


def render_picture(path: Path, limits: PictureLimits) -> Picture:
    """Decode the file and return what is to be stored; raises NotAPicture or TooManyPixels."""
    try:
        with Image.open(path, formats=FORMATS) as opened:
            return _render(opened, path, limits)
    except _BROKEN as error:
        raise NotAPicture from error


def _render(opened: Image.Image, path: Path, limits: PictureLimits) -> Picture:
    if opened.width * opened.height > limits.pixels:
        raise TooManyPixels
    kind = opened.format
    if kind == "GIF" and getattr(opened, "is_animated", False):
        data = strip_gif(path.read_bytes())
        if len(data) <= limits.animation_bytes:
            opened.load()
            return Picture(data, "image/gif", opened.width, opened.height, _thumbnail(opened, len(data)))
    if kind == "JPEG":
        # Decodes straight to half or a quarter of the size where that is still more than what is kept.
        opened.draft("RGB", (limits.side, limits.side))
    image = _upright_srgb(opened)
    image.thumbnail((limits.side, limits.side), Image.Resampling.LANCZOS)
    data, mime = _encode(image, kind)
    return Picture(data, mime, image.width, image.height, _thumbnail(image, len(data)))


def _upright_srgb(opened: Image.Image) -> Image.Image:
    opened.load()
    profile = opened.info.get("icc_profile")
    image = ImageOps.exif_transpose(opened)
    transparency = image.info.get("transparency")
    image.info = {} if transparency is None else {"transparency": transparency}
    alpha = None
    if image.has_transparency_data:
        image = image.convert("RGBA")
        alpha = image.getchannel("A")
        image = image.convert("RGB")
    elif image.mode == "I;16":
        # Convert() would clip sixteen bits at 255 instead of scaling them: every second byte is the high one.
        image = Image.frombytes("L", image.size, image.tobytes()[1::2])
    if profile and image.mode in {"RGB", "CMYK"}:
        image = _to_srgb(image, profile)
    if image.mode not in {"RGB", "L"}:
        image = image.convert("RGB")
    if alpha is not None and alpha.getextrema() != (255, 255):
        image.putalpha(alpha)
    image.info = {}
    return image


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """A damaged profile, or one for other colours than the picture's, is left out: the numbers are taken as sRGB."""
    try:
        converted = ImageCms.profileToProfile(
            image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), _SRGB, outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError):
        converted = None
    return converted if converted is not None else image.convert("RGB")


def _encode(image: Image.Image, kind: str | None) -> tuple[bytes, str]:
    out = io.BytesIO()
    match kind:
        case "WEBP":
            image.save(out, "WEBP", quality=WEBP_QUALITY, method=4)
            return out.getvalue(), "image/webp"
        case "PNG" | "GIF":
            image.save(out, "PNG")
            return out.getvalue(), "image/png"
        case _:
            image.save(out, "JPEG", quality=JPEG_QUALITY, progressive=True, optimize=True)
            return out.getvalue(), "image/jpeg"


def _thumbnail(image: Image.Image, size: int) -> bytes | None:
    if max(image.size) <= THUMBNAIL_SIDE and size <= THUMBNAIL_FROM_BYTES:
        return None
    small = image.convert("RGBA" if image.has_transparency_data else "RGB")
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    small.info = {}
    out = io.BytesIO()
    small.save(out, "WEBP", quality=THUMBNAIL_QUALITY, method=4)
    return out.getvalue()

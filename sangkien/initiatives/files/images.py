"""Pictures are written anew before they are stored: upright, of a sensible size, without anything but the picture.

A photo from a phone says where and when it was taken and by which phone; none of that is kept.
"""

from __future__ import annotations

import struct
import threading
from typing import IO, BinaryIO

from PIL import Image, ImageOps

from sangkien.initiatives.files.kinds import JPEG, PNG, FileKind
from sangkien.initiatives.files.refusals import damaged, picture_too_large

LONG_SIDE = 4096
"""Points at most on the longer side of what is kept: a page of A4 at more than 300 to the inch."""
MOST_MEGAPIXELS = 25
"""Of a picture that can only be taken apart as a whole: 100 MB in memory for a moment."""
MOST_MEGAPIXELS_JPEG = 120
"""Of a JPEG that a camera wrote: it can be made smaller while it is read."""

_DRAFT_SIDE = LONG_SIDE * 2 // 3
_WHOLE_MODES = {"1": "L", "I;16": "L", "I": "L", "F": "L"}
_one_at_a_time = threading.Lock()  # in each web process: so memory does not grow with the number of uploads
_BROKEN = (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError, OverflowError, struct.error)

Image.MAX_IMAGE_PIXELS = None  # our own limits, below, come before anything is taken apart


def write_anew(source: BinaryIO, target: IO[bytes]) -> FileKind:
    """Write the picture in ``source`` into ``target`` and return what it is there: JPEG, or PNG if it was or must be.

    Of several pictures in one file the first is kept. Raises InvalidInput for one that is damaged or too large.
    """
    source.seek(0)
    with _one_at_a_time:
        try:
            with Image.open(source, formats=("JPEG", "PNG", "WEBP")) as picture:
                _check_size(picture)
                return _write(picture, target)
        except (*_BROKEN, MemoryError, Image.DecompressionBombError):
            raise damaged() from None


def _check_size(picture: Image.Image) -> None:
    """Raise InvalidInput for a picture of too many points, by what it says of itself before it is taken apart."""
    by_parts = picture.format in ("JPEG", "MPO") and "progressive" not in picture.info
    limit = MOST_MEGAPIXELS_JPEG if by_parts else MOST_MEGAPIXELS
    if picture.width * picture.height > limit * 1_000_000:
        raise picture_too_large(limit)


def _write(picture: Image.Image, target: IO[bytes]) -> FileKind:
    """Write the picture, upright and of the right size, with nothing else."""
    was_png = picture.format == "PNG"
    scale = min(1.0, _DRAFT_SIDE / max(picture.size))
    picture.draft("RGB", (max(1, int(picture.width * scale)), max(1, int(picture.height * scale))))
    picture.load()
    plain = _plain(picture)
    plain.thumbnail((LONG_SIDE, LONG_SIDE))
    turned = _upright(picture, plain)
    turned.info.clear()
    if was_png or turned.mode in ("LA", "RGBA"):
        turned.save(target, "PNG")
        return PNG
    turned.save(target, "JPEG", quality=88)
    return JPEG


def _plain(picture: Image.Image) -> Image.Image:
    """Return the picture in a mode that both formats know: grey or colours, with transparency if it has any."""
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    if picture.mode in ("L", "RGB"):
        return picture
    return picture.convert(_WHOLE_MODES.get(picture.mode, "RGB"))


def _upright(picture: Image.Image, plain: Image.Image) -> Image.Image:
    """Return ``plain`` turned as the camera noted; a note that cannot be read turns nothing."""
    try:
        plain.getexif()[0x0112] = picture.getexif().get(0x0112, 1)
        return ImageOps.exif_transpose(plain)
    except _BROKEN:
        return plain

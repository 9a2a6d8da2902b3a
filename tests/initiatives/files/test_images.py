from __future__ import annotations

import contextlib
import io
import re
import struct
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from sangkien.core.errors import InvalidInput
from sangkien.initiatives.files.images import LONG_SIDE, write_anew
from sangkien.initiatives.files.kinds import JPEG, PNG, FileKind
from tests.initiatives.files import samples as s


def anew(content: bytes) -> tuple[FileKind, bytes]:
    out = io.BytesIO()
    return write_anew(io.BytesIO(content), out), out.getvalue()


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def test_a_photo_keeps_nothing_of_place_time_maker_or_comment() -> None:
    photo = s.photo()
    before = opened(photo)
    assert before.getexif().get_ifd(0x8825)[2] == (20.0, 57.0, 0.0)
    assert s.PLACE in photo
    kind, content = anew(photo)
    after = opened(content)
    assert kind == JPEG
    assert dict(after.getexif()) == {}
    assert not re.search(rb"Hon Gai|Maker|Exif|xmpmeta|2022:05:31", content)
    assert set(after.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_png_keeps_no_texts() -> None:
    texts = PngInfo()
    texts.add_text("Comment", s.PLACE.decode())
    texts.add_itxt("XML:com.adobe.xmp", s.PLACE.decode())
    exif = Image.Exif()
    exif[0x010F] = s.PLACE.decode()
    content = s.picture("PNG", pnginfo=texts, exif=exif)
    assert s.PLACE in content
    kind, content = anew(content)
    assert kind == PNG
    assert re.findall(rb"tEXt|zTXt|iTXt|eXIf|tIME|iCCP", content) == []


def test_what_was_hidden_behind_a_picture_is_gone() -> None:
    for kind in ("JPEG", "PNG"):
        _kind, content = anew(s.picture(kind) + b"<?php system('x');" + s.package({"a": b"a"}))
        assert b"php" not in content
        assert b"PK\3\4" not in content


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_stands_upright_afterwards(orientation: int) -> None:
    sideways = orientation >= 5
    _kind, content = anew(s.photo(orientation))
    image = opened(content)
    assert image.size == ((40, 60) if sideways else (60, 40))
    flipped = orientation in (2, 3, 7, 8)  # red was at the left: now it is at the right, or below
    first = image.getpixel((5, 5) if not flipped else (image.width - 5, image.height - 5))
    assert first[0] > 200 > 60 > first[2]


@pytest.mark.parametrize(
    ("content", "kind", "mode"),
    [
        (s.picture("WEBP"), JPEG, "RGB"),
        (s.picture("WEBP", mode="RGBA"), JPEG, "RGB"),
        (s.picture("JPEG", mode="CMYK"), JPEG, "RGB"),
        (s.picture("JPEG", mode="L"), JPEG, "L"),
        (s.picture("PNG", mode="1"), PNG, "L"),
        (s.picture("PNG", mode="P"), PNG, "RGB"),
        (s.picture("PNG", mode="I;16"), PNG, "L"),
        (s.picture("PNG", mode="LA"), PNG, "RGBA"),
        (s.picture("PNG", mode="P", transparency=0), PNG, "RGBA"),
    ],
)
def test_every_mode_of_picture_is_written(content: bytes, kind: FileKind, mode: str) -> None:
    found, content = anew(content)
    assert (found, opened(content).mode) in ((kind, mode), (PNG, "RGBA"))


def test_a_large_picture_is_made_smaller_and_keeps_its_shape() -> None:
    for kind in ("JPEG", "PNG"):
        _kind, content = anew(s.picture(kind, (6000, 1500)))
        width, height = opened(content).size
        assert 2000 < width <= LONG_SIDE
        assert width == pytest.approx(height * 4, abs=4)


@pytest.mark.parametrize("size", [(60_000, 60_000), (2_147_483_647, 1), (26_000, 1_000)])
def test_a_picture_of_too_many_points_is_refused_before_it_is_taken_apart(size: tuple[int, int]) -> None:
    tracemalloc.start()
    with pytest.raises(InvalidInput) as caught:
        anew(s.bomb_picture(*size))
    assert caught.value.code == "picture_too_large"
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_a_progressive_jpeg_may_have_fewer_points_because_it_is_taken_apart_whole() -> None:
    small = bytearray(s.picture("JPEG", progressive=True))
    at = small.index(b"\xff\xc2")
    small[at + 5 : at + 9] = struct.pack(">HH", 6000, 6000)
    with pytest.raises(InvalidInput) as caught:
        anew(bytes(small))
    assert caught.value.code == "picture_too_large"


def test_a_png_whose_texts_unpack_without_end_does_no_harm() -> None:
    small = s.picture("PNG")
    body = b"zTXt" + b"a\0\0" + zlib.compress(bytes(200_000_000))
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    with pytest.raises(InvalidInput) as caught:
        anew(small[:33] + chunk + small[33:])
    assert caught.value.code == "damaged_file"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_half_a_picture_is_refused(kind: str) -> None:
    content = s.picture(kind, (400, 300))
    with pytest.raises(InvalidInput) as caught:
        anew(content[: len(content) // 2])
    assert caught.value.code == "damaged_file"


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow says what it cannot read
@given(st.sampled_from(["JPEG", "PNG", "WEBP"]), st.data())
def test_a_picture_with_wrong_bytes_is_written_or_refused(kind: str, data: st.DataObject) -> None:
    content = bytearray(s.picture(kind) if kind != "JPEG" else s.photo(6))
    for _change in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(InvalidInput):
        assert anew(bytes(content))[0] in (JPEG, PNG)


def test_the_same_picture_becomes_the_same_bytes() -> None:
    assert anew(s.photo(6)) == anew(s.photo(6))

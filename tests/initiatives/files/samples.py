"""Files of every kind, good and bad, made here: nothing binary lies in the repository."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Mapping

from PIL import Image

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n"
SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"\n<!DOCTYPE html><html><script>alert(1)</script></html>"
PLACE = b"Hon Gai 20.95 N"


def pdf(size: int = 0) -> bytes:
    """A PDF of at least that many bytes, each unlike any other."""
    filling = random.randbytes(max(0, size - len(PDF))).replace(b"%%EOF", b"")
    return PDF[:9] + filling + random.randbytes(8).hex().encode() + PDF[9:]


def picture(kind: str, size: tuple[int, int] = (60, 40), mode: str = "RGB", **options: object) -> bytes:
    """A picture whose left half is red and whose right half is blue, without transparency."""
    image = Image.new("RGB", size, (0, 0, 255))
    image.paste((255, 0, 0), (0, 0, size[0] // 2, size[1]))
    out = io.BytesIO()
    image.convert(mode).save(out, kind, **options)
    return out.getvalue()


def photo(orientation: int = 1) -> bytes:
    """A JPEG as a phone writes it: with orientation, maker, place, a comment and XMP."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Maker of phones"
    exif.get_ifd(0x8825).update({1: "N", 2: (20.0, 57.0, 0.0), 3: "E", 4: (107.0, 4.0, 0.0), 29: "2022:05:31"})
    xmp = b"<x:xmpmeta>" + PLACE + b"</x:xmpmeta>"
    return picture("JPEG", exif=exif, comment=PLACE, xmp=xmp)


def package(parts: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive of these parts in their order."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


MAIN = {
    "docx": ("wordprocessingml.document", "word/document.xml"),
    "xlsx": ("spreadsheetml.sheet", "xl/workbook.xml"),
    "pptx": ("presentationml.presentation", "ppt/presentation.xml"),
}


def office(ending: str, more: Mapping[str, bytes] | None = None, contents: bytes = b"") -> bytes:
    """A Word, Excel or PowerPoint file, with ``more`` parts and something more in its list of contents."""
    kind, part = MAIN[ending]
    types = f'<Types><Override ContentType="application/vnd.openxmlformats-officedocument.{kind}.main+xml"/>'.encode()
    return package(
        {"[Content_Types].xml": types + contents + b"</Types>", "_rels/.rels": b"<R/>", part: b"<d/>"}
        | dict(more or {})
    )


def open_document(kind: str, manifest: bytes = b"<manifest/>", more: Mapping[str, bytes] | None = None) -> bytes:
    """An OpenDocument file: "text", "spreadsheet" or "presentation"."""
    return package(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}".encode(),
            "content.xml": b"<office/>",
            "META-INF/manifest.xml": manifest,
        }
        | dict(more or {})
    )


def compound(*names: str, within: Mapping[str, str] | None = None) -> bytes:
    """A compound file (OLE2) with these streams at its top; ``within`` names what lies inside one of them."""
    free, end, table = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    inner = dict(within or {})
    everything = [*names, *inner.values()]
    rows = [_row("Root Entry", 5, free, 1)]
    for number, name in enumerate(everything, start=1):
        right = number + 1 if number < len(names) else free
        child = everything.index(inner[name]) + 1 if name in inner else free
        rows.append(_row(name, 2, right, child))
    rows += [bytes(64) + struct.pack("<HBB3I", 0, 0, 0, free, free, free) + bytes(48)] * (-len(rows) % 4)
    directory = b"".join(rows)
    sectors = len(directory) // 512
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<9I", 0, 1, 1, 0, 4096, end, 0, end, 0) + struct.pack("<109I", 0, *[free] * 108)
    chain = [table, *range(2, sectors + 1), end]
    allocation = struct.pack("<128I", *(chain + [free] * (128 - len(chain))))
    return header + allocation + directory


def _row(name: str, kind: int, right: int, child: int) -> bytes:
    written = name.encode("utf-16-le")
    row = written.ljust(64, b"\0") + struct.pack("<HBB3I", len(written) + 2, kind, 1, 0xFFFFFFFF, right, child)
    return row.ljust(128, b"\0")


def bomb_document(megabytes: int = 400) -> bytes:
    """A Word file of under a megabyte that unpacks to that many."""
    out = io.BytesIO(office("docx"))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("word/media/x.bin", "w") as part:
        for _piece in range(megabytes):
            part.write(bytes(1024 * 1024))
    return out.getvalue()


def bomb_picture(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG of a few hundred bytes that says it has 3,600 million points."""
    small = picture("PNG", (1, 1))
    start = small.index(b"IHDR")
    head = small[start : start + 4] + struct.pack(">II", width, height) + small[start + 12 : start + 17]
    return small[:start] + head + struct.pack(">I", zlib.crc32(head)) + small[start + 21 :]

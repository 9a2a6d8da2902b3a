"""A QR code as the path of an SVG: no image file, no script, crisp on paper."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from qrcode import ERROR_CORRECT_M, QRCode

QUIET = 4
"""Light modules that the standard wants around the code."""


@dataclass(frozen=True, slots=True)
class QrCode:
    """``path`` draws the dark modules in a square of ``size`` by ``size`` units, the quiet zone included."""

    path: str
    size: int


def qr_code(text: str) -> QrCode:
    """Return the code of ``text``: one stroke for each run of dark modules in a row."""
    code = QRCode(error_correction=ERROR_CORRECT_M, border=QUIET)
    code.add_data(text)
    rows: list[list[bool]] = code.get_matrix()
    strokes = []
    for y, row in enumerate(rows):
        x = 0
        for is_dark, run in groupby(row):
            length = len(list(run))
            if is_dark:
                strokes.append(f"M{x} {y}h{length}v1h-{length}z")
            x += length
    return QrCode("".join(strokes), len(rows))

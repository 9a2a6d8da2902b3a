"""``sangkien report``: a cut-off report on the terminal or in a file."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Literal

from django.utils.translation import override

from sangkien.core.clock import parse_moment
from sangkien.core.errors import SangKienError
from sangkien.programmes.queries import get_phase, get_programme
from sangkien.reports.cutoff import build
from sangkien.reports.data import to_json
from sangkien.reports.figures import CutoffReport
from sangkien.reports.texts import to_text
from sangkien.tally import queries as tally

Format = Literal["text", "json"]


def run(
    programme_code: str,
    phase_number: int,
    as_of_text: str | None,
    fmt: Format,
    out: Path | None,
    language: str,
) -> int:
    """Write the report and return the program's exit code: 0, or 1 after one sentence on what was wrong.

    ``as_of_text`` is ISO 8601 or like "24h00 31/5/2022" (exclusive; None: the newest final moment); ``out`` None writes
    to standard output; ``language`` is "vi" or "en".
    """
    with override(language):
        try:
            written = _write(_report(programme_code, phase_number, as_of_text), fmt, language)
        except SangKienError as error:
            print(error, file=sys.stderr)
            return 1
        if out is None:
            sys.stdout.write(written)
            return 0
        try:
            out.write_text(written, encoding="utf-8")
        except OSError as error:
            print(f"{out}: {error.strerror}", file=sys.stderr)
            return 1
    return 0


def _report(programme_code: str, phase_number: int, as_of_text: str | None) -> CutoffReport:
    """Build the report. Raises SangKienError."""
    programme = get_programme(programme_code)
    phase = get_phase(programme, phase_number)
    asked = parse_moment(as_of_text) if as_of_text else None
    return build(programme, phase, tally.moments(programme, asked))


def _write(report: CutoffReport, fmt: Format, language: str) -> str:
    if fmt == "json":
        return json.dumps(to_json(report), ensure_ascii=False, indent=2) + "\n"
    return to_text(report, language)

"""``sangkien report``."""

from __future__ import annotations

import argparse

from sangkien.ops import report


def run(options: argparse.Namespace) -> int:
    """Write the cut-off report."""
    return report.run(options.programme, options.phase, options.as_of, options.format, options.output, options.language)

"""``sangkien files sweep``."""

from __future__ import annotations

import argparse

from sangkien.initiatives.files import sweep


def run(_options: argparse.Namespace) -> int:
    """Remove stored files that nothing names any more, and uploads that were given up."""
    swept = sweep()
    print(f"{swept.files:,} files and {swept.uploads:,} unfinished uploads removed")
    return 0

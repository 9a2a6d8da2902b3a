"""``sangkien worker``."""

from __future__ import annotations

import argparse
from contextlib import suppress

from sangkien.ops.worker import run_folds


def run(options: argparse.Namespace) -> int:
    """Fold until stopped. Stopping is no fault."""
    with suppress(KeyboardInterrupt):
        run_folds(options.interval)
    return 0

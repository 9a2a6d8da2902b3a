"""``sangkien worker``."""

from __future__ import annotations

import argparse

from sangkien.ops.worker import run_folds


def run(options: argparse.Namespace) -> int:
    """Fold until stopped. Stopping is no fault."""
    try:
        run_folds(options.interval)
    except KeyboardInterrupt:
        pass
    return 0

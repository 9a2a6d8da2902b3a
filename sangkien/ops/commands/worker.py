"""``sangkien worker``."""

from __future__ import annotations

import argparse
import signal
from contextlib import suppress

from sangkien.ops.worker import bulks_beside, notices_beside, run_folds


def run(options: argparse.Namespace) -> int:
    """Fold, decide many, and tell people what has happened, until stopped. Stopping is no fault."""
    # Told to stop by a supervisor, it ends as with Ctrl-C: a mail that is just going out is let out first.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt), notices_beside(options.interval), bulks_beside():
        run_folds(options.interval)
    return 0

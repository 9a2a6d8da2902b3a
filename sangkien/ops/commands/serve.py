"""``sangkien serve``."""

from __future__ import annotations

import argparse
import sys
from contextlib import nullcontext

from sangkien.ops.serving import port_is_free, prepare_static, serve, worker_process


def run(options: argparse.Namespace) -> int:
    """Serve until stopped."""
    if not port_is_free(options.address, options.port):
        print(
            f"sangkien: something already listens on {options.address}:{options.port};"
            " stop it, or choose another port with --port or PORT",
            file=sys.stderr,
        )
        return 1
    prepare_static()
    with worker_process() if options.with_worker else nullcontext():
        serve(options.address, options.port, options.workers)
    return 0

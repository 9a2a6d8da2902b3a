"""``python -m bench``: measure, print, write."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import django
from rich.console import Console


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; returns 0 whether or not budgets are met, because they are goals and not tests."""
    os.environ.setdefault("SANGKIEN_DATA", "var/bench")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sangkien.config.settings")
    django.setup()
    from django.conf import settings

    from bench.databases import ensure_phase1
    from bench.measures import MEASURES, ROW_NAMES, boards, deciding
    from bench.plans import as_text
    from bench.rows import Row, as_table, write_json

    asked = _parser(ROW_NAMES).parse_args(arguments)
    console = Console()
    progress = Console(stderr=True)
    ensure_phase1(progress)
    rows: list[Row] = []
    for measure in MEASURES:
        if asked.only and asked.only not in measure.names:
            continue
        progress.print(f"Measuring {', '.join(measure.names)}")
        rows += [row for row in measure.run() if asked.only in (None, row.name)]
    write_json(rows, Path(settings.DATA_DIR) / "bench.json")
    console.print(as_table(rows))
    if asked.plans:
        for explained in (*boards.plans(), *deciding.plans()):
            if asked.only in (None, explained.name):
                sys.stdout.write(f"\n{as_text(explained)}\n")
    return 0


def _parser(names: Sequence[str]) -> argparse.ArgumentParser:
    """Return what the command line understands; ``ONLY`` in the environment is the same as ``--only``."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the budgets at full size.")
    parser.add_argument("--only", choices=names, default=os.environ.get("ONLY") or None, help="measure one row")
    parser.add_argument(
        "--plans",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="print the plans of the statements behind boards and summary",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())

"""``sangkien tally verify|rebuild|fold``."""

from __future__ import annotations

import argparse
import sys
from time import monotonic

from sangkien.core.clock import format_cutoff
from sangkien.ops.terminal import working
from sangkien.tally.fold import fold_all
from sangkien.tally.rebuild import rebuild, verify


def run(options: argparse.Namespace) -> int:
    """Run one action of the tally; ``verify`` returns 1 when a stored figure is not what events say."""
    started = monotonic()
    code = {"verify": _verify, "rebuild": _rebuild, "fold": _fold}[options.action]()
    print(f"{monotonic() - started:.1f} s")
    return code


def _verify() -> int:
    """Recount and compare."""
    with working("recounting from events"):
        found = verify()
    as_of = format_cutoff(found.as_of, seconds=True)
    print(f"as of {as_of}: {found.events:,} events, {found.rows:,} stored figures, {found.differences} differences")
    for difference in found.examples:
        what = "stored, but events do not say so" if difference.stored else "missing"
        print(f"  {difference.table}: {what}: {difference.row}", file=sys.stderr)
    return 0 if found.is_clean else 1


def _rebuild() -> int:
    """Make every figure again."""
    with working("making every figure from events"):
        as_of = rebuild()
    print(f"every figure made again as of {format_cutoff(as_of, seconds=True)}")
    return 0


def _fold() -> int:
    """Fold once, to the end of what is there."""
    result = fold_all()
    print(f"{result.events:,} events folded, figures final up to {format_cutoff(result.as_of, seconds=True)}")
    return 1 if result.late or result.aside else 0

"""Making every figure again from events, and comparing every figure with events."""

from __future__ import annotations

from django.db import connection

from bench.rows import Budget, Row, make_row
from bench.timing import seconds
from sangkien.tally.rebuild import rebuild, verify

WITHIN = Budget(45.0)


def rebuild_and_verify() -> list[Row]:
    """Measure a rebuild and a recount, each beside reading all events once. Raises RuntimeError for a difference."""
    reading = seconds(_read_events)
    rebuilding = seconds(rebuild)
    verifying = seconds(_verify)
    return [
        make_row("rebuild", rebuilding, "s", reference=reading),
        make_row("verify", verifying, "s", reference=reading),
        make_row("rebuild_and_verify", rebuilding + verifying, "s", budget=WITHIN, reference=reading),
    ]


def _verify() -> None:
    """Recount; figures that are not what events say would make every other row worthless."""
    found = verify()
    if not found.is_clean:
        raise RuntimeError(f"{found.differences} figures are not what events say: {found.examples[:3]}")


def _read_events() -> None:
    """Add up all events, by nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), sum(submitted), sum(benefit_claimed) FROM initiatives_event")
        cursor.fetchone()

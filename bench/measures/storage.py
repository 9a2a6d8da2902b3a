"""Disk, and the time until phase 1 stands in an empty database."""

from __future__ import annotations

from django.db import connection

from bench.databases import scratch_empty
from bench.rows import Budget, Row, make_row
from bench.timing import seconds
from sangkien.demo.phase1 import load_demo
from sangkien.initiatives.models import Author, Event, Initiative
from sangkien.tally.models import FieldDay, Ordinal, RunningTotal, SubmissionDay

TABLES = tuple(m._meta.db_table for m in (Initiative, Author, Event, RunningTotal, SubmissionDay, FieldDay, Ordinal))
GB = 1_000_000_000


def disk() -> list[Row]:
    """Measure tables with their indexes, beside the bytes of the rows alone, for a million initiatives (10⁹ bytes)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(pg_total_relation_size(t)), sum(pg_relation_size(t)) FROM unnest(%s::regclass[]) t",
            [list(TABLES)],
        )
        total, rows = (float(size) for size in cursor.fetchone())
    millions = Initiative.objects.count() / 1_000_000
    return [
        make_row("disk", total / GB / millions, "GB per million", budget=Budget(2.0), reference=rows / GB / millions)
    ]


def demo_load(scale: float = 1.0, *, processes: int = 2) -> list[Row]:
    """Measure loading and counting phase 1 in an empty database; it is part of the 90 s of a whole ``make demo``."""
    with scratch_empty():
        taken = seconds(lambda: load_demo(scale, processes=processes))
    return [make_row("demo_load", taken, "s", budget=Budget(90.0))]

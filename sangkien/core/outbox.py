"""Writing to the outbox. Consumers take from it by range, inside their own transaction (see ``tally.fold``)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection

from sangkien.core.models import OutboxEntry

CONSUMERS = ("tally", "notices")
"""Who is told of every event of an initiative. A floor that starts to listen adds its name here."""
RECORD_CONSUMERS = ("notices-record",)
"""Who is told of entries of the record that people have to hear of (``audit``): subject is the entry, number 0."""


def publish(at: datetime, keys: Iterable[tuple[int, int]], consumers: Sequence[str] = CONSUMERS) -> None:
    """Tell the consumers of the events with these keys ``(subject, number)``, which happened at ``at``.

    Must run in the transaction that wrote the events.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("the outbox is written in the event's own transaction")
    OutboxEntry.objects.bulk_create(entries(at, keys, consumers))


def entries(at: datetime, keys: Iterable[tuple[int, int]], consumers: Sequence[str] = CONSUMERS) -> list[OutboxEntry]:
    """Return what ``publish`` writes, for whoever writes it together with the events."""
    return [
        OutboxEntry(consumer=consumer, at=at, subject=subject, number=number)
        for subject, number in keys
        for consumer in consumers
    ]

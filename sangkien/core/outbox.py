"""Writing to the outbox. Consumers take from it by range, inside their own transaction (see ``tally.fold``)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from sangkien.core.models import OutboxEntry

CONSUMERS = ("tally",)
"""Who is told of every event. A floor that starts to listen adds its name here."""


def publish(at: datetime, keys: Iterable[tuple[int, int]]) -> None:
    """Tell every consumer of the events with these keys ``(subject, number)``, which happened at ``at``.

    Must run in the transaction that wrote the events.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("the outbox is written in the event's own transaction")
    OutboxEntry.objects.bulk_create(
        OutboxEntry(consumer=consumer, at=at, subject=subject, number=number)
        for subject, number in keys
        for consumer in CONSUMERS
    )

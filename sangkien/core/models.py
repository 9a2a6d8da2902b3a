"""The outbox: what has happened and still has to be told to someone inside the system."""

from __future__ import annotations

from django.db import models


class OutboxEntry(models.Model):
    """One event waiting for one consumer, written in the event's own transaction.

    ``subject`` and ``number`` are the key of the event (for an initiative's event: its number and the event's number);
    ``at`` is the event's moment. The floors above say what a subject is; the outbox only keeps the order.
    """

    pk = models.CompositePrimaryKey("consumer", "at", "subject", "number")
    consumer = models.CharField(max_length=20)
    at = models.DateTimeField()
    subject = models.BigIntegerField()
    number = models.IntegerField()

    class Meta:
        db_table = "core_outbox"


class OutboxAside(models.Model):
    """A row that a consumer could not process: set aside, visible, retried by hand."""

    consumer = models.CharField(max_length=20)
    at = models.DateTimeField()
    subject = models.BigIntegerField()
    number = models.IntegerField()
    reason = models.TextField()
    set_aside_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "core_outbox_aside"

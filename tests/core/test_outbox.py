"""The outbox is written with the event or not at all."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from sangkien.core.clock import now
from sangkien.core.models import OutboxEntry
from sangkien.core.outbox import CONSUMERS, publish


@pytest.mark.django_db(transaction=True)
def test_publishing_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError):
        publish(now(), [(1, 1)])
    assert not OutboxEntry.objects.exists()


@pytest.mark.django_db
def test_every_consumer_is_told_of_every_event() -> None:
    at = now()
    publish(at, [(7, 1), (7, 2)])
    rows = set(OutboxEntry.objects.values_list("consumer", "at", "subject", "number"))
    assert rows == {(consumer, at, 7, number) for consumer in CONSUMERS for number in (1, 2)}


@pytest.mark.django_db
def test_no_event_publishes_nothing() -> None:
    publish(now(), [])
    assert not OutboxEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_is_undone_tells_nobody() -> None:
    with transaction.atomic():
        publish(now(), [(1, 1)])
        transaction.set_rollback(True)
    assert not OutboxEntry.objects.exists()


@pytest.mark.django_db
def test_the_same_event_cannot_be_told_twice() -> None:
    at = now()
    publish(at, [(1, 1)])
    with pytest.raises(IntegrityError), transaction.atomic():
        publish(at, [(1, 1)])

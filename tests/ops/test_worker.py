"""The worker: figures and notices side by side, and neither stops for the other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import pytest
from django.core import mail
from django.db import connection

from sangkien.core.models import OutboxEntry
from sangkien.notices.models import MessageState, OutgoingMessage
from sangkien.ops.worker import notices_beside, run_folds, run_notices
from tests.factories import World, make_world
from tests.notices.people import with_mail

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    world = make_world()
    with_mail(world.member)
    return world


def rounds(number: int) -> Callable[[], bool]:
    """Keep going until asked this often."""
    left: Iterator[bool] = iter([True] * number)
    return lambda: next(left, False)


def until(reached: Callable[[], bool], most: int = 200) -> Callable[[], bool]:
    """Keep going until something holds."""
    left = iter(range(most))
    return lambda: next(left, None) is not None and not reached()


def test_a_submission_is_counted_and_its_receipt_goes_out(world: World) -> None:
    world.submit()
    with notices_beside(0.02):
        run_folds(0.02, until(lambda: OutgoingMessage.objects.filter(state=MessageState.SENT).exists()))
    assert not OutboxEntry.objects.exists()
    assert len(mail.outbox) == 1


def test_notices_wait_for_a_database_that_is_away(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.submit()
    known = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.pop("EMBEDDED_DATA_DIR", None)
    connection.settings_dict.update(HOST="127.0.0.1", PORT="1")  # where nothing listens
    try:
        with caplog.at_level(logging.ERROR):
            run_notices(0.01, rounds(3))
    finally:
        connection.settings_dict.update(known)
    assert "notices failed" in caplog.text
    run_notices(0.01, until(lambda: bool(mail.outbox)))
    assert len(mail.outbox) == 1


def test_what_nobody_can_be_told_of_is_an_alarm(world: World, caplog: pytest.LogCaptureFixture) -> None:
    one = world.submit()
    OutboxEntry.objects.filter(consumer="notices").update(subject=one.pk + 1)
    run_notices(0.01, rounds(1))
    assert "1 outbox rows set aside" in caplog.text

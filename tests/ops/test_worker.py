"""The worker: figures and notices side by side, and neither stops for the other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection

from sangkien.core import clock
from sangkien.core.models import OutboxEntry
from sangkien.initiatives.models import Upload
from sangkien.notices.models import MessageState, OutgoingMessage
from sangkien.ops import worker
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


def test_the_worker_tidies_up_once_a_day(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "FIRST_SWEEP", 0.0)
    expired = Session.objects.create(session_key="old", session_data="", expire_date=clock.now() - timedelta(days=1))
    draft = world.make_draft()
    upload = Upload.objects.create(
        id=uuid4(), draft=draft, name="a.pdf", size=1, started_at=clock.now() - timedelta(days=2)
    )
    run_notices(0.01, rounds(2))
    assert not Session.objects.filter(pk=expired.pk).exists()
    assert not Upload.objects.filter(pk=upload.pk).exists()

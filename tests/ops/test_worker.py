"""The worker: figures and notices side by side, and neither stops for the other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from time import monotonic, sleep
from uuid import UUID, uuid4

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import InterfaceError, OperationalError, connection

from sangkien.core import clock
from sangkien.core.models import OutboxEntry
from sangkien.initiatives import bulk
from sangkien.initiatives.bulk import prepare_bulk
from sangkien.initiatives.models import BenefitNorm, BulkDecision, Upload
from sangkien.initiatives.states import EventKind
from sangkien.notices.models import MessageState, OutgoingMessage
from sangkien.ops import worker
from sangkien.ops.worker import bulks_beside, notices_beside, run_bulks, run_folds, run_notices
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
    world.submit()
    draft = world.make_draft()
    upload = Upload.objects.create(
        id=uuid4(), draft=draft, name="a.pdf", size=1, started_at=clock.now() - timedelta(days=2)
    )
    run_notices(0.01, rounds(2))
    assert not Session.objects.filter(pk=expired.pk).exists()
    assert not Upload.objects.filter(pk=upload.pk).exists()
    assert BenefitNorm.objects.exists()


def bulk_of(world: World) -> BulkDecision:
    return prepare_bulk(actor=world.officer, kind=EventKind.VALIDATED, numbers=[world.submit().pk])


def is_done(decision: BulkDecision) -> bool:
    return BulkDecision.objects.filter(pk=decision.pk, done=1).exists()


def test_a_decision_about_many_begins_within_a_second_and_is_counted(world: World) -> None:
    with bulks_beside(), notices_beside(0.02):
        sleep(0.1)  # it is looking already
        decision = bulk_of(world)
        started = monotonic()
        run_folds(0.02, until(lambda: is_done(decision) and not OutboxEntry.objects.exists()))
    assert is_done(decision)
    assert monotonic() - started < 5  # a second and a busy machine


def test_a_decision_about_many_that_fails_holds_up_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = bulk_of(world), bulk_of(world)
    carry_out = bulk.carry_out

    def break_one(bulk_id: UUID) -> bool:
        if bulk_id == broken.pk:
            raise ZeroDivisionError
        return carry_out(bulk_id)

    monkeypatch.setattr(bulk, "carry_out", break_one)
    run_bulks(0.01, rounds(3))
    assert is_done(sound)
    assert not is_done(broken)
    assert str(broken.pk) in caplog.text
    monkeypatch.undo()
    run_bulks(0.01, until(lambda: is_done(broken)))
    assert is_done(broken)


def test_decisions_about_many_wait_for_a_database_that_is_away(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    decision = bulk_of(world)
    away = iter([True, True])
    unfinished = bulk.unfinished

    def sometimes() -> list[UUID]:
        if next(away, False):
            raise OperationalError("the connection is lost")
        return unfinished()

    monkeypatch.setattr(bulk, "unfinished", sometimes)
    run_bulks(0.01, until(lambda: is_done(decision)))
    assert is_done(decision)
    assert "trying again" in caplog.text


def test_an_interruption_is_known_behind_the_error_that_took_its_place() -> None:
    def interrupted() -> None:
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt:
            raise InterfaceError("the transaction is active")  # noqa: B904

    with pytest.raises(InterfaceError) as found:
        interrupted()
    assert worker.was_interrupted(found.value)
    assert not worker.was_interrupted(InterfaceError("the server is gone"))

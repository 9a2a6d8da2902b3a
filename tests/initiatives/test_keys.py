"""Sent once: whatever comes twice under one key, one initiative is made."""

from __future__ import annotations

import threading
from copy import deepcopy
from datetime import timedelta
from time import sleep
from uuid import uuid4

import pytest
from django.db import connection, connections, transaction
from django.utils import translation

from sangkien.core import clock
from sangkien.core.clock import format_cutoff_long
from sangkien.core.errors import InvalidInput
from sangkien.core.models import OutboxEntry
from sangkien.initiatives import actions
from sangkien.initiatives.actions import AlreadySent
from sangkien.initiatives.actions.keys import A_DAY, AN_HOUR
from sangkien.initiatives.models import Author, Event, Initiative, SubmissionKey
from sangkien.initiatives.queries import number_sent_under
from sangkien.initiatives.states import ReasonCode, State
from tests.factories import World, make_person, make_world


def test_a_second_sending_is_told_what_the_first_made_whatever_it_says(world: World) -> None:
    key = uuid4()
    first = world.submit(key=key)
    for changes in ({}, {"title": "Đã sửa"}, {"title": ""}):
        with pytest.raises(AlreadySent) as refusal:
            world.submit(key=key, **changes)
        assert refusal.value.number == first.pk
        assert str(refusal.value)
    assert Initiative.objects.count() == Event.objects.count() == 1
    assert number_sent_under(world.member, key) == first.pk


def test_a_key_is_of_one_person(world: World) -> None:
    key, other = uuid4(), make_person()
    first, second = world.submit(key=key), world.submit(key=key, actor=other)
    assert first.pk != second.pk
    assert (number_sent_under(world.member, key), number_sent_under(other, key)) == (first.pk, second.pk)


def test_a_sending_that_was_refused_has_not_used_its_key(world: World) -> None:
    key = uuid4()
    with pytest.raises(InvalidInput):
        world.submit(key=key, recognised_by="")
    assert number_sent_under(world.member, key) is None
    world.submit(key=key)


def test_without_a_key_each_sending_is_one(world: World) -> None:
    assert len({world.submit().pk, world.submit().pk, world.submit(key=uuid4()).pk, world.submit().pk}) == 4


def test_a_correction_is_sent_once(world: World) -> None:
    key, initiative = uuid4(), world.submit()
    actions.return_initiative(
        actor=world.officer, initiative_id=initiative.pk, reason=ReasonCode.INCOMPLETE, note="Thiếu."
    )
    actions.resubmit(actor=world.member, initiative_id=initiative.pk, key=key)
    with pytest.raises(AlreadySent) as refusal:
        actions.resubmit(actor=world.member, initiative_id=initiative.pk, key=key)
    assert refusal.value.number == initiative.pk
    with pytest.raises(AlreadySent):
        world.submit(key=key)
    assert Event.objects.count() == 3


def sent_before(world: World, times: int, ago: timedelta) -> None:
    """Have the member sent so many, so long ago, one microsecond after the other."""
    one = world.submit()
    first = clock.now() - ago
    Initiative.objects.filter(pk=one.pk).update(created_at=first)
    copies = [deepcopy(one) for _ in range(1, times)]
    for number, copy in enumerate(copies, start=1):
        copy.pk, copy.created_at = None, first + timedelta(microseconds=number)
    Initiative.objects.bulk_create(copies)
    author = Author.objects.get(initiative=one)
    Author.objects.bulk_create(
        Author(initiative=copy, number=1, name=author.name, category=author.category, share=100) for copy in copies
    )


@pytest.mark.parametrize(
    ("most", "within"), [(AN_HOUR, timedelta(hours=1)), (A_DAY, timedelta(days=1))], ids=["an hour", "a day"]
)
def test_more_than_hands_can_write_is_refused_until_a_moment_that_is_said(
    world: World, most: int, within: timedelta
) -> None:
    sent_before(world, most - 1, within * 0.9)
    first = Initiative.objects.order_by("created_at")[0].created_at
    world.submit(key=uuid4())
    key = uuid4()
    with translation.override("vi"), pytest.raises(InvalidInput) as refused:
        world.submit(key=key)
    assert refused.value.code == "too_many_sent"
    assert format_cutoff_long(first + within + timedelta(minutes=1), "vi") in str(refused.value)
    assert number_sent_under(world.member, key) is None
    world.submit(key=uuid4(), actor=make_person())
    world.submit()  # what comes in without a form's key is no one's typing


def test_what_was_sent_long_before_is_not_counted(world: World) -> None:
    sent_before(world, AN_HOUR + 1, timedelta(hours=1))
    Initiative.objects.update(is_historical=True)
    sent_before(world, AN_HOUR + 1, timedelta(minutes=61))
    world.submit(key=uuid4())


def test_a_correction_can_be_sent_however_many_there_are(world: World) -> None:
    one = world.submit()
    sent_before(world, AN_HOUR + 1, timedelta(minutes=1))
    actions.return_initiative(actor=world.officer, initiative_id=one.pk, reason=ReasonCode.INCOMPLETE, note="Thiếu.")
    actions.resubmit(actor=world.member, initiative_id=one.pk, key=uuid4())


@pytest.mark.django_db(transaction=True)
def test_of_many_sendings_at_once_one_makes_the_initiative_and_all_learn_its_number() -> None:
    world, key = make_world(), uuid4()
    together = threading.Barrier(4)
    made: list[int] = []
    told: list[int] = []

    def send() -> None:
        try:
            together.wait(20)
            made.append(world.submit(key=key).pk)
        except AlreadySent as refusal:
            told.append(refusal.number)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert told == made * 3
    assert [i.pk for i in Initiative.objects.all()] == made
    assert OutboxEntry.objects.filter(consumer="tally").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_second_sending_waits_for_the_first_and_takes_over_when_that_fails() -> None:
    world, key = make_world(), uuid4()
    waiting, made = threading.Event(), []

    def send() -> None:
        try:
            waiting.set()
            made.append(world.submit(key=key).pk)
        finally:
            connections.close_all()

    second = threading.Thread(target=send)
    with transaction.atomic():
        world.submit(key=key)
        second.start()
        waiting.wait(20)
        _wait_until_somebody_is_blocked()
        assert not made
        transaction.set_rollback(True)
    second.join(30)
    assert [i.pk for i in Initiative.objects.all()] == made
    assert SubmissionKey.objects.get().initiative_number == made[0]
    assert Initiative.objects.get().state == State.SUBMITTED


def _wait_until_somebody_is_blocked() -> None:
    """Wait until another session waits for a lock of this one."""
    with connection.cursor() as cursor:
        for _turn in range(2_000):
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.fetchone()[0]:
                return
            sleep(0.01)
    raise AssertionError("nobody waits")

"""A writer's moment is never before a horizon that was read earlier."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection, connections, transaction

from sangkien.core.moments import LOCK_SPACE, event_moment, horizon

TENTH = timedelta(milliseconds=100)
PATIENCE = 20.0


def clock_of_database() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


@pytest.mark.django_db(transaction=True)
def test_a_moment_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError):
        event_moment()


@pytest.mark.django_db(transaction=True)
def test_without_writers_the_horizon_is_the_clock() -> None:
    before = clock_of_database()
    found = horizon()
    assert before < found < clock_of_database()


@pytest.mark.django_db
def test_a_moment_is_taken_from_the_clock_and_moves_on() -> None:
    before = clock_of_database()
    first, second = event_moment(), event_moment()
    assert before < first < second < clock_of_database()


@pytest.mark.django_db(transaction=True)
def test_the_horizon_waits_for_the_slowest_writer_and_passes_it_when_it_ends() -> None:
    taken: list[datetime] = []
    has_moment, may_end = threading.Event(), threading.Event()

    def write() -> None:
        try:
            with transaction.atomic():
                taken.append(event_moment())
                has_moment.set()
                assert may_end.wait(PATIENCE)
        finally:
            connections.close_all()

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    assert has_moment.wait(PATIENCE)
    with transaction.atomic():
        mine = event_moment()
        held = horizon()
    assert taken[0] - TENTH <= held <= taken[0] < mine
    assert horizon() == held, "my own writer has ended, the slow one has not"
    may_end.set()
    writer.join(PATIENCE)
    assert horizon() > mine


@pytest.mark.django_db(transaction=True)
def test_a_writer_that_is_rolled_back_holds_nothing_back() -> None:
    with transaction.atomic():
        moment = event_moment()
        transaction.set_rollback(True)
    assert horizon() > moment


@pytest.mark.django_db(transaction=True)
def test_other_advisory_locks_do_not_move_the_horizon() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for key in (1, 2**40, LOCK_SPACE - 1, LOCK_SPACE + (1 << 48), -5):
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
        cursor.execute("SELECT pg_advisory_xact_lock(90, 7)")
        before = clock_of_database()
        assert horizon() > before


@pytest.mark.django_db(transaction=True)
def test_writers_do_not_wait_for_one_another() -> None:
    """Two writers of one tenth of a second share its lock: a third thread would otherwise stand still."""
    with transaction.atomic():
        event_moment()
        done: list[datetime] = []

        def write() -> None:
            try:
                with transaction.atomic():
                    done.append(event_moment())
            finally:
                connections.close_all()

        others = [threading.Thread(target=write, daemon=True) for _ in range(3)]
        for other in others:
            other.start()
        for other in others:
            other.join(PATIENCE)
        assert len(done) == 3

"""No figure for an as-of moment once shown ever changes, however slowly people's transactions commit.

Events commit after they have taken their moment. What holds the promise is the horizon of ``core.moments``: the last
tests take it out, and then the same check must fail.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial

import pytest
from django.db import connection, connections, transaction

from sangkien.core.moments import horizon
from sangkien.initiatives.models import Initiative
from sangkien.tally.fold import fold, fold_all
from sangkien.tally.models import LateEvent
from sangkien.tally.queries import board, moments, published, summary
from sangkien.tally.rebuild import verify
from tests.factories import World, make_world
from tests.tally.simulation import Recount

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS = 16
SECONDS = 7.0
SLOW_SHARE = 0.2
FINISHED_BY = 20.0
"""Seconds after which whatever is still on its way counts as stuck."""

Figures = tuple[int, int, tuple[tuple[int, int, int], ...]]


def shown(world: World, as_of: datetime | None) -> tuple[datetime, Figures]:
    """Return what a page shows as of a moment: the whole programme's figures, and each union's."""
    now = moments(world.programme, as_of)
    whole, rows = summary(world.programme, now).counts, board(world.programme, now).rows
    by_union = tuple(sorted((r.unit.pk, r.counts.submitted, r.counts.benefit_claimed) for r in rows))
    return now.as_of, (whole.submitted, whole.benefit_claimed, by_union)


def recounted(world: World, as_of: datetime, recount: Recount) -> Figures:
    """Return what the events before a moment add up to, in the same shape."""
    whole = recount.of(world.top, as_of)
    by_union = [(u.pk, c.submitted, c.benefit_claimed) for u in world.unions for c in [recount.of(u, as_of)]]
    return whole.submitted, whole.benefit_claimed, tuple(sorted(by_union))


def submit_slowly(world: World, seconds: float, n: int = 0) -> int:
    """Submit, and keep the transaction open for a while after the event has taken its moment."""
    with transaction.atomic():
        number = world.submit(world.grassroots[n % 3]).pk
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(%s)", [seconds])
    return number


def in_thread(work: Callable[[], object], faults: list[BaseException]) -> threading.Thread:
    """Return a thread that does its work on a connection of its own and keeps what went wrong."""

    def run() -> None:
        try:
            work()
        except BaseException as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    return threading.Thread(target=run, daemon=True)


def test_no_figure_once_shown_changes_while_sixteen_people_submit_at_once() -> None:
    world = make_world()
    fold()  # from here on there is a published moment
    until = time.monotonic() + SECONDS
    acknowledged: list[int] = []
    seen: dict[datetime, Figures] = {}
    late: list[int] = []
    faults: list[BaseException] = []

    def write(writer: int) -> None:
        luck = random.Random(writer)
        n = writer
        while time.monotonic() < until:
            if luck.random() < SLOW_SHARE:
                acknowledged.append(submit_slowly(world, luck.uniform(0.2, 1.5), n))
            else:
                acknowledged.append(world.submit(world.grassroots[n % 3]).pk)
                time.sleep(luck.uniform(0, 0.3))
            n += 1

    def fold_on() -> None:
        luck = random.Random(99)
        while time.monotonic() < until:
            late.append(fold().late)
            time.sleep(luck.uniform(0.2, 1.0))

    def read() -> None:
        while time.monotonic() < until:
            as_of, figures = shown(world, None)
            assert seen.setdefault(as_of, figures) == figures
            time.sleep(0.05)

    threads = [in_thread(partial(write, w), faults) for w in range(WRITERS)]
    threads += [in_thread(fold_on, faults), in_thread(read, faults)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(FINISHED_BY)
    assert not any(thread.is_alive() for thread in threads)
    assert faults == []
    fold_all()

    recount = Recount()
    assert len(seen) >= 5
    assert len({figures for figures in seen.values()}) >= 3, "the figures hardly moved: nothing was tried"
    for as_of, figures in seen.items():
        assert shown(world, as_of) == (as_of, figures)
        assert recounted(world, as_of, recount) == figures
    assert sum(late) == 0
    assert not LateEvent.objects.exists()
    assert sorted(acknowledged) == sorted(Initiative.objects.values_list("pk", flat=True))
    assert shown(world, None)[1][0] == len(acknowledged)
    assert verify().is_clean


def plain_clock() -> datetime:
    """What the horizon would be if only the clock were read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


def violations_around_a_slow_writer(world: World) -> tuple[bool, int]:
    """Show a figure while somebody's transaction is open; say whether it came out wrong, and how many came late."""
    has_submitted, may_commit = threading.Event(), threading.Event()
    faults: list[BaseException] = []

    def write() -> None:
        with transaction.atomic():
            world.submit()
            has_submitted.set()
            assert may_commit.wait(FINISHED_BY)

    fold()
    writer = in_thread(write, faults)
    writer.start()
    assert has_submitted.wait(FINISHED_BY)
    time.sleep(0.15)  # longer than the tenth of a second that a writer's lock is about
    fold()
    as_of, figures = shown(world, None)
    may_commit.set()
    writer.join(FINISHED_BY)
    assert faults == []
    late = fold_all().late
    return recounted(world, as_of, Recount()) != figures, late


def test_a_figure_shown_beside_a_slow_writer_is_right() -> None:
    world = make_world()
    assert violations_around_a_slow_writer(world) == (False, 0)
    assert shown(world, None)[1][0] == 1


def test_without_the_horizon_a_figure_shown_beside_a_slow_writer_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sangkien.tally.fold.horizon", plain_clock)
    world = make_world()
    assert violations_around_a_slow_writer(world) == (True, 1)
    assert LateEvent.objects.count() == 1


def test_the_as_of_moment_stands_still_while_a_writer_is_slow_and_moves_on_after_it() -> None:
    world = make_world()
    fold()
    faults: list[BaseException] = []
    writer = in_thread(partial(submit_slowly, world, 0.6), faults)
    writer.start()
    time.sleep(0.4)
    held = [fold().as_of, fold().as_of]
    clock_then = plain_clock()
    writer.join(FINISHED_BY)
    assert faults == []
    assert held[0] == held[1] < clock_then
    assert horizon() > clock_then
    assert fold_all().events == 1
    assert published() is not None
    assert published() > clock_then  # type: ignore[operator]

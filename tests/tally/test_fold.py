"""Events become figures, once each, and an as-of figure never changes once shown."""

from __future__ import annotations

import pytest

from sangkien.initiatives.actions import mark_invalid, mark_valid, reinstate, return_initiative, withdraw
from sangkien.initiatives.states import ReasonCode
from sangkien.tally.fold import fold_all
from sangkien.tally.queries import board, moments, ordinal_of, ordinals_of, summary
from sangkien.tally.rebuild import rebuild, verify
from tests.factories import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return make_world()


def test_a_submission_is_counted_by_the_next_fold(world: World) -> None:
    world.submit()
    assert summary(world.programme, moments(world.programme)).counts.submitted == 0
    assert fold_all().events == 1
    answer = summary(world.programme, moments(world.programme))
    assert answer.counts.submitted == 1
    assert answer.counts.benefit_claimed == 12_500_000


def test_folding_twice_counts_once(world: World) -> None:
    world.submit()
    fold_all()
    assert fold_all().events == 0
    assert summary(world.programme, moments(world.programme)).counts.submitted == 1


def test_every_level_shows_the_same_figure(world: World) -> None:
    world.submit(world.grassroots[1])
    world.submit(world.districts[1])
    fold_all()
    now = moments(world.programme)
    for unit, count in ((world.top, 2), (world.unions[1], 2), (world.districts[1], 2), (world.grassroots[1], 1)):
        assert summary(world.programme, now, unit=unit).counts.submitted == count, unit.code
    inside = board(world.programme, now, parent=world.districts[1])
    assert (inside.total.submitted, inside.own.submitted, inside.rows[0].counts.submitted) == (2, 1, 1)


def test_decisions_move_an_initiative_between_the_counts(world: World) -> None:
    one, two, three = (world.submit(world.grassroots[n]) for n in range(3))
    mark_valid(actor=world.officer, initiative_id=one.pk, benefit_verified=10_000_000)
    mark_invalid(actor=world.officer, initiative_id=two.pk, reason=ReasonCode.DUPLICATE, note="Đã gửi rồi.")
    return_initiative(actor=world.officer, initiative_id=three.pk, reason=ReasonCode.INCOMPLETE, note="Thiếu.")
    fold_all()
    counts = summary(world.programme, moments(world.programme)).counts
    assert (counts.submitted, counts.valid, counts.invalid, counts.returned, counts.waiting) == (3, 1, 1, 1, 0)
    assert counts.benefit_verified == 10_000_000
    reinstate(actor=world.officer, initiative_id=two.pk, note="Nhầm.")
    withdraw(actor=world.member, initiative_id=three.pk, note="Gửi nhầm.")
    fold_all()
    counts = summary(world.programme, moments(world.programme)).counts
    assert (counts.submitted, counts.invalid, counts.returned, counts.withdrawn, counts.waiting) == (3, 0, 0, 1, 1)


def test_ordinals_have_no_gaps_and_follow_the_moments(world: World) -> None:
    numbers = [world.submit(world.grassroots[n % 3]).pk for n in range(5)]
    fold_all()
    found = [ordinal_of(n) for n in numbers]
    assert [o.ordinal for o in found if o] == [1, 2, 3, 4, 5]
    assert ordinals_of([*numbers, 0]) == {o.initiative_id: o for o in found if o}


def test_a_recount_finds_no_difference_and_a_rebuild_changes_nothing(world: World) -> None:
    for n in range(3):
        world.submit(world.grassroots[n])
        fold_all()
    check = verify()
    assert check.is_clean
    assert check.rows > 0
    before = board(world.programme, moments(world.programme))
    rebuild()
    after = board(world.programme, moments(world.programme, before.moments.as_of))
    assert before.rows == after.rows
    assert verify().is_clean

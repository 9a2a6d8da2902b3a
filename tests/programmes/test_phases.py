"""Phases follow one another, and a moment belongs to one of them at most."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from sangkien.core.errors import NotFound
from sangkien.programmes.models import Campaign, Phase, Programme
from sangkien.programmes.queries import (
    get_phase,
    get_programme,
    list_programmes,
    open_phase,
    phase_at,
    phases_of,
    the_programme,
)
from tests.factories import LONG_AGO, World, make_world

TICK = timedelta(microseconds=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def add_phase(programme: Programme, opens_at: datetime, closes_at: datetime, number: int = 2) -> Phase:
    return Phase.objects.create(
        programme=programme, number=number, name_vi="x", name_en="x", opens_at=opens_at, closes_at=closes_at,
        applied_from=LONG_AGO, applied_until=LONG_AGO,
    )  # fmt: skip


def add_programme(world: World, code: str, later: timedelta) -> Programme:
    return Programme.objects.create(
        code=code, name_vi="x", name_en="x", owner=world.top, starts_at=world.programme.starts_at + later,
        ends_at=world.programme.ends_at + later,
    )  # fmt: skip


def test_phases_of_one_programme_cannot_overlap(world: World) -> None:
    first = world.phase
    overlapping = [
        (first.closes_at - TICK, first.closes_at + HOUR),
        (first.opens_at - HOUR, first.opens_at + TICK),
        (first.opens_at + HOUR, first.closes_at - HOUR),
        (first.opens_at - HOUR, first.closes_at + HOUR),
    ]
    for opens_at, closes_at in overlapping:
        with pytest.raises(IntegrityError, match="phases_do_not_overlap"), transaction.atomic():
            add_phase(world.programme, opens_at, closes_at)


def test_phases_may_follow_one_another_and_those_of_another_programme_may_run_beside(world: World) -> None:
    first = world.phase
    add_phase(world.programme, first.closes_at, first.closes_at + HOUR)
    add_phase(add_programme(world, "other", HOUR), first.opens_at, first.closes_at, number=1)


def test_a_phase_cannot_be_moved_over_another(world: World) -> None:
    second = add_phase(world.programme, world.phase.closes_at, world.phase.closes_at + HOUR)
    with pytest.raises(IntegrityError), transaction.atomic():
        Phase.objects.filter(pk=second.pk).update(opens_at=world.phase.closes_at - TICK)


@pytest.mark.parametrize("wrong", ["order", "window", "number"])
def test_a_phase_that_makes_no_sense_is_refused(world: World, wrong: str) -> None:
    after = world.phase.closes_at + HOUR
    attempts: dict[str, Callable[[], object]] = {
        "order": lambda: add_phase(world.programme, after, after),
        "number": lambda: add_phase(world.programme, after, after + HOUR, number=1),
        "window": lambda: Phase.objects.update(applied_until=LONG_AGO - timedelta(days=1)),
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        attempts[wrong]()


@pytest.mark.parametrize("model", [Programme, Campaign])
def test_a_programme_and_a_drive_end_after_they_begin(world: World, model: type[Programme] | type[Campaign]) -> None:
    at = world.programme.starts_at
    Campaign.objects.create(programme=world.programme, name_vi="x", name_en="x", starts_at=at, ends_at=at + HOUR)
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(ends_at=at)


def test_submissions_are_taken_from_the_first_moment_to_before_the_last(world: World) -> None:
    phase, programme = world.phase, world.programme
    for moment, expected in (
        (phase.opens_at - TICK, None),
        (phase.opens_at, phase),
        (phase.closes_at - TICK, phase),
        (phase.closes_at, None),
    ):
        assert open_phase(programme, moment) == expected
        assert phase.is_open(moment) == (expected is not None)


def test_figures_are_about_the_last_phase_that_had_opened_before(world: World) -> None:
    first = world.phase
    second = add_phase(world.programme, first.closes_at + HOUR, first.closes_at + 2 * HOUR)
    for moment, expected in (
        (first.opens_at, None),
        (first.opens_at + TICK, first),
        (first.closes_at + HOUR, first),
        (first.closes_at + HOUR + TICK, second),
        (first.closes_at + 9 * HOUR, second),
    ):
        assert phase_at(world.programme, moment) == expected
    assert phases_of(world.programme) == [first, second]


def test_the_programme_that_pages_show_is_the_one_that_began_last(world: World) -> None:
    newer = add_programme(world, "newer", HOUR)
    add_programme(world, "older", -HOUR)
    assert the_programme() == newer
    assert [p.code for p in list_programmes()] == ["newer", "1trieu", "older"]


def test_there_need_not_be_a_programme(db: None) -> None:
    assert the_programme() is None
    assert list_programmes() == []


def test_what_does_not_exist_is_not_found(world: World) -> None:
    assert get_programme("1trieu") == world.programme
    assert get_phase(world.programme, 1) == world.phase
    for code in ("nope", "", "1trieu\0"):
        with pytest.raises(NotFound) as refusal:
            get_programme(code)
        assert refusal.value.code == "unknown_programme"
    with pytest.raises(NotFound) as refusal:
        get_phase(world.programme, 7)
    assert refusal.value.code == "unknown_phase"

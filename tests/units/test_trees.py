"""Today's tree, worked out from successions: it adds up after whatever has happened."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sangkien.core import clock
from sangkien.core.errors import Conflict, InvalidInput
from sangkien.people.models import Person
from sangkien.units.actions import (
    NewUnit,
    close_unit,
    merge_units,
    move_unit,
    open_unit,
    undo_reorganisation,
)
from sangkien.units.models import Reorganisation, Role, Succession, SuccessionKind, Unit, UnitKind
from sangkien.units.trees import roll
from tests.factories import World, grant, make_person, make_unit, make_world
from tests.units.trees import assert_rolled, assert_scopes, snapshot

ON = date(2025, 7, 1)
WHY = {"on": ON, "reason": "Nghị quyết 202/2025/QH15"}


@pytest.fixture
def world(db: None) -> World:
    made = make_world()
    for district in made.districts:
        make_unit(f"{district.code}-0002", district)
    return made


@pytest.fixture
def admin(world: World) -> Person:
    person = make_person("admin")
    grant(person, world.top, Role.UNIT_ADMINISTRATOR)
    return person


def now(unit: Unit) -> Unit:
    return Unit.objects.get(pk=unit.pk)


def test_an_untouched_tree_has_nothing_to_roll(world: World) -> None:
    roll()
    assert_rolled()


def test_history_follows_one_successor_over_many_steps(world: World, admin: Person) -> None:
    first = move_unit(actor=admin, unit=world.districts[0], to=world.unions[1], **WHY)
    merge_units(actor=admin, units=[world.unions[1], world.unions[2]], into=NewUnit("LĐLĐ tỉnh Mới"), **WHY)
    merged = Unit.objects.get(name_vi="LĐLĐ tỉnh Mới")
    assert first.successions.count() == 3
    assert now(world.grassroots[0]).today_path[:2] == [world.top.pk, merged.pk]
    assert len(now(world.grassroots[0]).today_path) == 4
    assert_rolled()


def test_a_unit_that_was_split_keeps_its_history(world: World) -> None:
    Unit.objects.filter(pk=world.grassroots[0].pk).update(closed_on=ON)
    for part in (world.grassroots[1], world.grassroots[2]):
        Succession.objects.create(predecessor=world.grassroots[0], successor=part, kind=SuccessionKind.SPLIT, on=ON)
    roll()
    assert now(world.grassroots[0]).today_path == world.grassroots[0].path
    assert_rolled()


def test_a_unit_that_lives_on_beside_a_part_of_it_keeps_its_history(world: World) -> None:
    Succession.objects.create(
        predecessor=world.grassroots[0], successor=world.grassroots[1], kind=SuccessionKind.SPLIT, on=ON
    )
    roll()
    assert now(world.grassroots[0]).today_path == world.grassroots[0].path
    assert_rolled()


def test_what_closed_without_a_successor_goes_with_the_unit_above_it(world: World, admin: Person) -> None:
    close_unit(actor=admin, unit=world.grassroots[0], on=ON, reason="Giải thể")
    move_unit(actor=admin, unit=world.districts[0], to=world.unions[1], **WHY)
    closed = now(world.grassroots[0])
    assert closed.today_path == [*now(world.districts[0]).today_path, closed.pk]
    assert world.unions[1].pk in closed.today_path
    assert_rolled()


def test_what_differs_is_written_and_nothing_else(world: World, admin: Person) -> None:
    move_unit(actor=admin, unit=world.districts[0], to=world.unions[1], **WHY)
    before = snapshot()
    with CaptureQueriesContext(connection) as queries:
        roll()
    assert snapshot() == before
    assert len(queries) == 2 + 1 + 3 + 2  # a savepoint, the lock, three statements and how they are planned


CHOICE = st.integers(0, 30)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("move"), CHOICE, CHOICE),
        st.tuples(st.just("merge"), CHOICE, CHOICE),
        st.tuples(st.just("merge_new"), CHOICE, CHOICE),
        st.tuples(st.just("close"), CHOICE, CHOICE),
        st.tuples(st.just("open"), CHOICE, CHOICE),
        st.tuples(st.just("split"), CHOICE, CHOICE),
        st.tuples(st.just("undo"), CHOICE, CHOICE),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_after_whatever_happens_the_tree_adds_up_and_no_path_has_changed(
    world: World, admin: Person, steps: list[tuple[str, int, int]]
) -> None:
    from django.db import transaction

    with transaction.atomic():
        paths = {}
        for number, (what, one, other) in enumerate(steps):
            paths |= dict(Unit.objects.values_list("pk", "path"))
            try:
                with transaction.atomic():
                    _step(admin, what, one, other, number)
            except (InvalidInput, Conflict):
                pass
            assert_rolled()
            kept = dict(Unit.objects.values_list("pk", "path"))
            assert all(kept[pk] == path for pk, path in paths.items() if pk in kept)
        assert_scopes(_officer_of(steps))
        for made in Reorganisation.objects.filter(undone_at=None).order_by("-pk"):
            try:
                with transaction.atomic():
                    undo_reorganisation(actor=admin, reorganisation_id=made.pk)
            except Conflict:
                break
            assert_rolled()
        transaction.set_rollback(True)


def _officer_of(steps: list[tuple[str, int, int]]) -> Person:
    """Return a verifier of some units, open or closed, as the steps would have it."""
    person = make_person()
    units = list(Unit.objects.order_by("pk"))
    for unit in {units[(one + other) % len(units)] for _what, one, other in steps[:3]}:
        grant(person, unit)
    return person


def _step(admin: Person, what: str, one: int, other: int, number: int) -> None:
    units = list(Unit.objects.filter(closed_on=None).order_by("pk"))
    first, second = units[one % len(units)], units[other % len(units)]
    day = clock.day_of(clock.now()) - timedelta(days=30 - number)
    why = {"on": day, "reason": "thử"}
    match what:
        case "move":
            move_unit(actor=admin, unit=first, to=second, **why)
        case "merge":
            merge_units(actor=admin, units=[first], into=second, **why)
        case "merge_new":
            merge_units(actor=admin, units=[first, second], into=NewUnit(f"Đơn vị mới {number}"), **why)
        case "close":
            close_unit(actor=admin, unit=first, **why)
        case "open":
            open_unit(
                actor=admin, parent=first, kind=UnitKind.GRASSROOTS_UNION, name_vi=f"CĐCS {number}", opened_on=day
            )
        case "split":
            if not Unit.objects.filter(parent=first, closed_on=None).exists() and first.opened_on < day:
                Unit.objects.filter(pk=first.pk).update(closed_on=day)
                others = [unit for unit in units if unit.pk != first.pk and first.pk not in unit.path][-2:]
                for part in others:
                    Succession.objects.create(predecessor=first, successor=part, kind=SuccessionKind.SPLIT, on=day)
                roll()
        case "undo":
            made = Reorganisation.objects.filter(undone_at=None).order_by("-pk").first()
            if made is not None:
                undo_reorganisation(actor=admin, reorganisation_id=made.pk)

"""Undoing a reorganisation: everything is as it was, or nothing is done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from sangkien.audit.models import AuditEntry
from sangkien.core import clock
from sangkien.core.errors import Conflict, NotAllowed, NotFound
from sangkien.people.models import Person
from sangkien.units.actions import (
    NewUnit,
    join_unit,
    merge_units,
    move_unit,
    open_unit,
    rename_unit,
    request_unit,
    undo_reorganisation,
)
from sangkien.units.models import ClusterMembership, Membership, Reorganisation, Role, RoleGrant, Unit, UnitKind
from sangkien.units.queries import today_of
from tests.factories import World, grant, make_person, make_target, make_unit, make_world
from tests.units.trees import assert_rolled, snapshot

ON = date(2025, 7, 1)
WHY = "Nghị quyết 202/2025/QH15"


@pytest.fixture
def world(db: None) -> World:
    made = make_world()
    grant(make_person("canbo"), made.districts[0])
    grant(make_person("canbo2"), made.unions[0])
    Membership.objects.create(person=make_person("moi"), unit=made.grassroots[0], since=clock.day_of(clock.now()))
    request_unit(actor=make_person("asker"), above=made.districts[0], name="CĐCS Công ty Chưa có")
    Unit.objects.filter(pk=made.unions[1].pk).update(members=7)
    return made


@pytest.fixture
def admin(world: World) -> Person:
    person = make_person("admin")
    grant(person, world.top, Role.UNIT_ADMINISTRATOR)
    return person


def now(unit: Unit) -> Unit:
    return Unit.objects.get(pk=unit.pk)


def move(actor: Person, unit: Unit, to: Unit) -> Reorganisation:
    return move_unit(actor=actor, unit=unit, to=to, on=ON, reason=WHY)


def merge(actor: Person, units: list[Unit], into: Unit | NewUnit) -> Reorganisation:
    return merge_units(actor=actor, units=units, into=into, on=ON, reason=WHY)


def undo(actor: Person, made: Reorganisation) -> Reorganisation:
    return undo_reorganisation(actor=actor, reorganisation_id=made.pk)


def test_undoing_gives_back_the_very_same_rows(world: World, admin: Person) -> None:
    attempts: list[Callable[[], Reorganisation]] = [
        lambda: move(admin, world.districts[0], world.unions[1]),
        lambda: merge(admin, world.unions[:2], NewUnit("Liên đoàn mới", code="MOI25")),
        lambda: merge(admin, world.unions[:2], world.unions[2]),
        lambda: merge(admin, [world.districts[0]], world.unions[0]),
    ]
    for attempt in attempts:
        before = snapshot()
        made = attempt()
        assert snapshot() != before
        undone = undo(admin, made)
        assert snapshot() == before
        assert (undone.undone_by, undone.undone_at is not None) == (admin, True)
    assert_rolled()


def test_several_are_undone_from_the_last_to_the_first(world: World, admin: Person) -> None:
    before = snapshot()
    first = move(admin, world.districts[0], world.unions[1])
    second = merge(admin, world.unions[1:], NewUnit("Liên đoàn mới"))
    with pytest.raises(Conflict) as refused:
        undo(admin, first)
    assert refused.value.code == "later"
    undo(admin, second)
    undo(admin, first)
    assert snapshot() == before


def test_it_is_undone_once(world: World, admin: Person) -> None:
    made = move(admin, world.districts[0], world.unions[1])
    undo(admin, made)
    with pytest.raises(Conflict) as refused:
        undo(admin, made)
    assert refused.value.code == "already_undone"


USES: dict[str, Callable[[World, Person, Unit, Unit], object]] = {
    "an initiative": lambda w, a, district, union: w.submit(union),
    "a target": lambda w, a, district, union: make_target(w.programme, district, 5),
    "a member": lambda w, a, district, union: join_unit(actor=make_person(), unit=union),
    "a right": lambda w, a, district, union: grant(make_person(), district),
    "a request": lambda w, a, district, union: request_unit(actor=make_person(), above=district, name="CĐCS Mới"),
    "a unit below": lambda w, a, district, union: open_unit(
        actor=a, parent=district, kind=UnitKind.GRASSROOTS_UNION, name_vi="CĐCS Mới"
    ),
    "another name": lambda w, a, district, union: rename_unit(
        actor=a, unit=union, name_vi="CĐCS Tên khác", name_en="", reason=WHY
    ),
    "a cluster": lambda w, a, district, union: ClusterMembership.objects.create(
        cluster=w.clusters[0], unit=district, since=ON
    ),
}


@pytest.mark.parametrize("use", USES)
def test_it_cannot_be_undone_once_something_was_entered_at_what_it_opened(
    world: World, admin: Person, use: str
) -> None:
    made = move(admin, world.districts[0], world.unions[1])
    USES[use](world, admin, today_of(now(world.districts[0])), today_of(now(world.grassroots[0])))
    before = snapshot()
    with pytest.raises(Conflict) as refused:
        undo(admin, made)
    assert refused.value.code == "in_use"
    assert "THA-002" in str(refused.value)
    assert snapshot() == before


def test_a_unit_that_went_on_may_have_got_initiatives_but_no_other_name(world: World, admin: Person) -> None:
    made = merge(admin, [world.districts[0]], world.districts[1])
    world.submit(world.grassroots[1])
    rename_unit(actor=admin, unit=world.districts[1], name_vi="LĐLĐ huyện Tên khác", name_en="", reason=WHY)
    with pytest.raises(Conflict) as refused:
        undo(admin, made)
    assert refused.value.code == "in_use"


def test_who_has_left_or_lost_a_right_meanwhile_does_not_get_it_back(world: World, admin: Person) -> None:
    made = move(admin, world.districts[0], world.unions[1])
    join_unit(actor=world.member, unit=world.grassroots[2])
    carried = RoleGrant.objects.get(unit=today_of(now(world.districts[0])))
    ended = clock.now()
    RoleGrant.objects.filter(pk=carried.pk).update(until=ended, ended_by=admin)
    undo(admin, made)
    held = Membership.objects.filter(person=world.member).order_by("since")
    assert [(m.unit, m.until is None) for m in held] == [(world.grassroots[0], False), (world.grassroots[2], True)]
    back = RoleGrant.objects.get(person=carried.person)
    assert (back.unit, back.until, back.ended_by) == (world.districts[0], ended, admin)


def test_only_who_may_reorganise_may_undo_it(world: World, admin: Person) -> None:
    made = move(admin, world.districts[0], world.unions[1])
    inside = make_person()
    grant(inside, world.unions[0], Role.UNIT_ADMINISTRATOR)
    with pytest.raises(NotAllowed):
        undo(inside, made)
    with pytest.raises(NotFound):
        undo_reorganisation(actor=admin, reorganisation_id=0)
    assert Reorganisation.objects.get().undone_at is None


def test_undoing_stands_in_the_record(world: World, admin: Person) -> None:
    made = merge(admin, world.unions[:2], NewUnit("Liên đoàn mới"))
    undo(admin, made)
    entries = AuditEntry.objects.filter(action="undo_reorganisation").order_by("pk")
    assert [entry.subject for entry in entries] == ["HNI", "THA"]
    assert entries[0].details["reorganisation"] == made.pk


def test_a_code_that_was_given_back_can_be_given_again(world: World, admin: Person) -> None:
    for _time in range(2):
        made = move(admin, world.districts[0], world.unions[1])
        assert today_of(now(world.districts[0])).code == "THA-002"
        undo(admin, made)
    make_unit("THA-002", world.unions[1])
    move(admin, world.districts[0], world.unions[1])
    assert today_of(now(world.districts[0])).code == "THA-003"

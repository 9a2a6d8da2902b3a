"""Attempts to change the tree without the right to stand in the record of the unit that they were aimed at."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sangkien.audit.models import AuditEntry
from sangkien.core import clock
from sangkien.core.errors import NotAllowed, NotFound
from sangkien.people.models import Person
from sangkien.units.actions import close_unit, merge_units, move_unit, open_unit, rename_unit, undo_reorganisation
from sangkien.units.inputs import NewUnit
from sangkien.units.models import Reorganisation, Role, Unit, UnitKind
from tests.factories import World, grant, make_person, make_unit, make_world

TODAY = clock.day_of(clock.now())
WHY = {"on": TODAY, "reason": "Sắp xếp lại"}


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def admin(world: World) -> Person:
    """Who administers the first union, and nothing else."""
    person = make_person("admin")
    grant(person, world.unions[0], Role.UNIT_ADMINISTRATOR)
    return person


def refused(attempt: Callable[[], object]) -> AuditEntry:
    """Have an attempt refused for lack of right; return what the record says of it, which is its only entry."""
    with pytest.raises(NotAllowed):
        attempt()
    entry = AuditEntry.objects.get()
    assert entry.action == "refused"
    return entry


def test_opening_renaming_and_closing_what_others_run(world: World, admin: Person) -> None:
    theirs = world.districts[1]
    kind = UnitKind.GRASSROOTS_UNION
    attempts: dict[str, Callable[[], Unit]] = {
        "open_unit": lambda: open_unit(actor=admin, parent=theirs, kind=kind, name_vi="CĐCS Công ty May 10"),
        "rename_unit": lambda: rename_unit(
            actor=admin, unit=theirs, name_vi="Tên mới", name_en="New", reason="Đổi tên"
        ),
        "close_unit": lambda: close_unit(actor=admin, unit=theirs, **WHY),  # type: ignore[arg-type]
    }
    for attempt in attempts.values():
        with pytest.raises(NotAllowed):
            attempt()
    entries = AuditEntry.objects.order_by("pk")
    assert [entry.details for entry in entries] == [{"what": what} for what in attempts]
    assert {(entry.actor, entry.subject, *entry.unit_path) for entry in entries} == {(admin, theirs.code, *theirs.path)}


@pytest.mark.parametrize("is_from", [True, False])
def test_a_move_is_aimed_at_whichever_unit_is_not_the_actor_s(world: World, admin: Person, is_from: bool) -> None:
    own = make_unit("HNI-002", world.unions[0])
    unit, to = (world.districts[1], own) if is_from else (world.districts[0], world.districts[1])
    entry = refused(lambda: move_unit(actor=admin, unit=unit, to=to, **WHY))  # type: ignore[arg-type]
    assert (entry.subject, entry.unit_path) == (world.districts[1].code, world.districts[1].path)
    assert entry.details == {"what": "move_unit", "units": [unit.code, to.code]}


@pytest.mark.parametrize("into", [None, NewUnit("LĐLĐ mới")])
def test_a_merger_is_aimed_at_the_first_unit_that_is_not_the_actor_s(
    world: World, admin: Person, into: NewUnit | None
) -> None:
    units = [world.districts[0], world.districts[2], world.districts[1]]
    successor = into or make_unit("HNI-002", world.unions[0])
    entry = refused(lambda: merge_units(actor=admin, units=units, into=successor, **WHY))  # type: ignore[arg-type]
    assert (entry.subject, entry.unit_path) == (world.districts[2].code, world.districts[2].path)
    assert entry.details["what"] == "merge_units"
    assert entry.details["units"][:3] == [unit.code for unit in units]


def test_a_merger_of_nothing_is_aimed_at_nothing(world: World, admin: Person) -> None:
    with pytest.raises(NotAllowed):
        merge_units(actor=admin, units=[], into=NewUnit("LĐLĐ mới"), **WHY)  # type: ignore[arg-type]
    assert not AuditEntry.objects.exists()


def test_undoing_what_others_have_done(world: World, admin: Person) -> None:
    top = make_person("top")
    grant(top, world.top, Role.UNIT_ADMINISTRATOR)
    made = merge_units(actor=top, units=[world.unions[2]], into=world.unions[1], **WHY)  # type: ignore[arg-type]
    for number in (made.pk, made.pk + 1):
        with pytest.raises((NotAllowed, NotFound)):
            undo_reorganisation(actor=admin, reorganisation_id=number)
    entry = AuditEntry.objects.get(action="refused")
    assert (entry.actor, entry.subject, entry.details["what"]) == (admin, "HCM", "undo_reorganisation")
    assert Reorganisation.objects.get().undone_at is None

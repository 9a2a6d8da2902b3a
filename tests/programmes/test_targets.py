"""Setting a target: who may, what is refused, what is written, and that no earlier figure changes."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, connections, transaction

from sangkien.audit.models import AuditEntry
from sangkien.core import clock
from sangkien.core.errors import InvalidInput, NotAllowed
from sangkien.people.models import Person
from sangkien.programmes.actions import MAX_TARGET, set_target
from sangkien.programmes.models import Basis, Phase, Programme, Target
from sangkien.programmes.queries import target_history, targets_in_force
from sangkien.units.actions import close_unit
from sangkien.units.models import Role, Unit
from tests.factories import World, grant, make_person, make_target, make_unit, make_world

TICK = timedelta(microseconds=1)


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def administrator(world: World) -> Person:
    person = make_person("administrator")
    grant(person, world.top, Role.UNIT_ADMINISTRATOR)
    return person


def set_value(
    world: World, actor: Person, value: int = 10, *, unit: Unit | None = None, basis: Basis = Basis.ASSIGNED,
    phase: Phase | None = None,
) -> Target:  # fmt: skip
    return set_target(
        actor=actor,
        programme=world.programme,
        phase=phase,
        unit=unit or world.unions[0],
        basis=basis,
        value=value,
        reason="Phát động",
        document="12/KH-TLĐ",
    )


RIGHTS = [
    # role, over which unit: may assign, may register a target of the first union
    (Role.UNIT_ADMINISTRATOR, "top", True, True),
    (Role.UNIT_ADMINISTRATOR, "itself", False, True),
    (Role.UNIT_ADMINISTRATOR, "beside", False, False),
    (Role.UNIT_ADMINISTRATOR, "below", False, False),
    (Role.VERIFIER, "top", False, False),
    (Role.VERIFIER, "itself", False, False),
    (Role.VIEWER, "top", False, False),
    (None, "", False, False),
]


@pytest.mark.parametrize("basis", Basis)
@pytest.mark.parametrize(("role", "where", "may_assign", "may_register"), RIGHTS)
def test_a_target_is_assigned_from_above_and_registered_by_the_unit_itself(
    world: World, role: Role | None, where: str, may_assign: bool, may_register: bool, basis: Basis
) -> None:
    person = make_person()
    scope = {"top": world.top, "itself": world.unions[0], "beside": world.unions[1], "below": world.districts[0]}
    if role is not None:
        grant(person, scope[where], role)
    if may_assign if basis == Basis.ASSIGNED else may_register:
        assert set_value(world, person, basis=basis).basis == basis
    else:
        with pytest.raises(NotAllowed):
            set_value(world, person, basis=basis)
        assert not Target.objects.exists()
        entry = AuditEntry.objects.get()
        assert (entry.action, entry.details, entry.unit_path) == (
            "refused", {"what": "target.set"}, world.unions[0].path,
        )  # fmt: skip


def test_the_top_assigns_its_own_target(world: World, administrator: Person) -> None:
    assert set_value(world, administrator, unit=world.top).unit == world.top


@pytest.mark.parametrize("value", [0, -1, MAX_TARGET + 1])
def test_a_target_out_of_range_is_refused(world: World, administrator: Person, value: int) -> None:
    with pytest.raises(InvalidInput) as refusal:
        set_value(world, administrator, value)
    assert (refusal.value.code, refusal.value.field) == ("target_out_of_range", "value")
    assert not Target.objects.exists()


def test_a_unit_that_has_closed_since_it_was_shown_takes_no_target(world: World, administrator: Person) -> None:
    shown = make_unit("HNI-009", world.unions[0])
    close_unit(actor=administrator, unit=shown, on=clock.day_of(clock.now()), reason="Giải thể")
    with pytest.raises(InvalidInput) as refused:
        set_value(world, administrator, unit=shown)
    assert refused.value.code == "unit_closed"
    assert not Target.objects.exists()


def test_a_phase_of_another_programme_is_refused(world: World, administrator: Person) -> None:
    other = Programme.objects.create(
        code="other", name_vi="x", name_en="x", owner=world.top, starts_at=world.programme.starts_at,
        ends_at=world.programme.ends_at,
    )  # fmt: skip
    world.phase.programme = other
    with pytest.raises(InvalidInput) as refusal:
        set_value(world, administrator, phase=world.phase)
    assert (refusal.value.code, refusal.value.field) == ("unknown_phase", "phase")


def test_a_new_target_closes_the_old_one_at_its_moment(world: World, administrator: Person) -> None:
    old = set_value(world, administrator, 10)
    new = set_value(world, administrator, 50)
    old.refresh_from_db()
    assert (old.closed_at, new.closed_at) == (new.effective_at, None)
    assert (old.value, new.value, new.recorded_at, new.recorded_by) == (10, 50, new.effective_at, administrator)

    def in_force(moment: object) -> list[int]:
        return [t.value for t in targets_in_force(world.programme, [world.unions[0].pk], moment)]  # type: ignore[arg-type]

    assert in_force(old.effective_at) == [], "as of its own moment, exclusive, it was not there"
    assert in_force(old.effective_at + TICK) == [10]
    assert in_force(new.effective_at) == [10]
    assert in_force(new.effective_at + TICK) == [50]
    history = target_history(world.programme, [world.unions[0].pk], new.effective_at + TICK)
    assert [t.value for t in history] == [10, 50]


def test_targets_of_other_phases_bases_and_units_stay(world: World, administrator: Person) -> None:
    kept = [
        set_value(world, administrator, 1, phase=world.phase),
        set_value(world, administrator, 2, basis=Basis.REGISTERED),
        set_value(world, administrator, 3, unit=world.unions[1]),
    ]
    set_value(world, administrator, 4)
    set_value(world, administrator, 5)
    for target in kept:
        target.refresh_from_db()
        assert target.closed_at is None
    assert Target.objects.filter(closed_at__isnull=True).count() == 4


def test_the_record_says_who_did_what_and_what_was_before(world: World, administrator: Person) -> None:
    set_value(world, administrator, 10)
    target = set_value(world, administrator, 50, phase=None)
    entry = AuditEntry.objects.order_by("-pk")[0]
    assert (entry.actor, entry.at, entry.action) == (administrator, target.recorded_at, "target.set")
    assert (entry.subject_kind, entry.subject, entry.unit_path) == ("unit", "HNI", world.unions[0].path)
    wanted = {"programme": "1trieu", "phase": None, "basis": "assigned", "value": 50, "before": 10}
    wanted |= {"reason": target.reason, "document": target.document}
    assert {name: entry.details[name] for name in wanted} == wanted


@pytest.mark.parametrize("phased", [True, False])
def test_the_database_holds_one_open_target_for_each_place(world: World, phased: bool) -> None:
    phase = world.phase if phased else None
    make_target(world.programme, world.unions[0], 1, phase=phase)
    with pytest.raises(IntegrityError, match="one_open_target"), transaction.atomic():
        make_target(world.programme, world.unions[0], 2, phase=phase)


@pytest.mark.parametrize("changes", [{"value": 0}, {"value": -5}, {"closed_at": timedelta(seconds=-1)}], ids=str)
def test_the_database_refuses_a_target_that_makes_no_sense(world: World, changes: dict[str, object]) -> None:
    target = make_target(world.programme, world.unions[0], 1)
    values = {n: target.effective_at + v if isinstance(v, timedelta) else v for n, v in changes.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Target.objects.filter(pk=target.pk).update(**values)


@pytest.mark.django_db(transaction=True)
def test_of_two_changes_at_once_the_one_that_waits_has_the_later_moment() -> None:
    world = make_world()
    actor = make_person()
    grant(actor, world.top, Role.UNIT_ADMINISTRATOR)
    set_value(world, actor, 1)
    faults: list[BaseException] = []

    def change() -> None:
        try:
            set_value(world, actor, 3)
        except BaseException as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    with transaction.atomic():
        Unit.objects.select_for_update().get(pk=world.unions[0].pk)
        waiting = threading.Thread(target=change, daemon=True)
        waiting.start()
        until_somebody_waits()
        set_value(world, actor, 2)
    waiting.join(20)
    assert faults == []
    values = Target.objects.order_by("effective_at").values_list("value", "effective_at", "closed_at")
    assert [value for value, _since, _until in values] == [1, 2, 3]
    assert [until for _value, _since, until in values] == [values[1][1], values[2][1], None]


def until_somebody_waits() -> None:
    """Return when another connection waits for a lock."""
    for _turn in range(400):
        with connection.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    raise AssertionError("nobody waits")

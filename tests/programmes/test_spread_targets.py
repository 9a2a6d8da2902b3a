"""Spreading targets over the units below, changing one, and reading how they changed."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sangkien.audit.context import Face, where
from sangkien.audit.models import AuditEntry
from sangkien.core import clock, outbox
from sangkien.core.errors import InvalidInput, NotAllowed
from sangkien.core.models import OutboxEntry
from sangkien.people.models import Person
from sangkien.programmes.actions import MAX_TARGET, TargetsChanged, carry_targets, set_target, spread_targets
from sangkien.programmes.models import Basis, Target
from sangkien.programmes.queries import open_targets_below, present_targets, target_changes
from sangkien.units.models import Role, Unit
from tests.factories import World, grant, make_person, make_target, make_world


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def administrator(world: World) -> Person:
    person = make_person("administrator")
    grant(person, world.top, Role.UNIT_ADMINISTRATOR)
    return person


def spread(
    world: World,
    actor: Person,
    values: dict[Unit, int],
    expected: dict[Unit, int | None] | None = None,
    *,
    reason: str = "Giao lại theo số đoàn viên",
    parent: Unit | None = None,
) -> list[Target]:
    seen = dict.fromkeys(values) | (expected or {})
    return spread_targets(
        actor=actor,
        programme=world.programme,
        phase=world.phase,
        parent=parent or world.top,
        values={unit.pk: value for unit, value in values.items()},
        expected={unit.pk: value for unit, value in seen.items()},
        reason=reason,
        document="15/KH-TLĐ",
    )


def present(world: World) -> list[int | None]:
    found = present_targets(world.programme, world.phase, [unit.pk for unit in world.unions])
    targets = [found.get((unit.pk, Basis.ASSIGNED)) for unit in world.unions]
    return [target.value if target else None for target in targets]


def test_all_are_set_at_one_moment_each_with_its_entry_of_the_record(world: World, administrator: Person) -> None:
    made = spread(world, administrator, dict(zip(world.unions, (50, 30, 20), strict=True)), reason="")
    assert present(world) == [50, 30, 20]
    assert len({target.effective_at for target in made}) == 1
    entries = AuditEntry.objects.filter(action="target.set").order_by("pk")
    assert [(entry.subject, entry.details["value"]) for entry in entries] == [("HNI", 50), ("THA", 30), ("HCM", 20)]
    assert [entry.unit_path for entry in entries] == [unit.path for unit in world.unions]
    told = OutboxEntry.objects.filter(consumer__in=outbox.RECORD_CONSUMERS, subject__in=[e.pk for e in entries])
    assert told.count() == 3 * len(outbox.RECORD_CONSUMERS)


def test_the_record_keeps_what_there_was_and_where_it_came_from(world: World, administrator: Person) -> None:
    make_target(world.programme, world.unions[1], 20, phase=world.phase)
    with where(Face.WEB, "203.0.113.7"):
        made = spread(world, administrator, dict(zip(world.unions, (50, 30, 20), strict=True)), {world.unions[1]: 20})
    entries = AuditEntry.objects.filter(action="target.set").order_by("pk")
    assert [(entry.details["before"], entry.details["value"]) for entry in entries] == [
        (None, 50),
        (20, 30),
        (None, 20),
    ]
    for entry, target in zip(entries, made, strict=True):
        assert (entry.at, entry.actor, entry.face, entry.origin) == (
            target.effective_at,
            administrator,
            "web",
            "203.0.113.7",
        )
        assert entry.details["phase"] == world.phase.number


def test_only_what_differs_is_written(world: World, administrator: Person) -> None:
    first, second, _third = world.unions
    kept = make_target(world.programme, first, 50, phase=world.phase)
    made = spread(world, administrator, {first: 50, second: 60}, {first: 50})
    assert [target.unit for target in made] == [second]
    kept.refresh_from_db()
    assert kept.closed_at is None


def test_what_it_took_the_place_of_closes_at_its_moment(world: World, administrator: Person) -> None:
    old = make_target(world.programme, world.unions[0], 50, phase=world.phase)
    (new,) = spread(world, administrator, {world.unions[0]: 40}, {world.unions[0]: 50})
    old.refresh_from_db()
    assert old.closed_at == new.effective_at


@pytest.mark.parametrize(
    ("role", "where", "may"),
    [
        (Role.UNIT_ADMINISTRATOR, "top", True),
        (Role.UNIT_ADMINISTRATOR, "itself", True),
        (Role.UNIT_ADMINISTRATOR, "below", False),
        (Role.UNIT_ADMINISTRATOR, "beside", False),
        (Role.VERIFIER, "top", False),
        (Role.VIEWER, "itself", False),
    ],
)
def test_a_unit_spreads_over_those_below_it(world: World, role: Role, where: str, may: bool) -> None:
    person = make_person()
    scope = {"top": world.top, "itself": world.unions[0], "below": world.districts[0], "beside": world.unions[1]}
    grant(person, scope[where], role)
    if may:
        assert spread(world, person, {world.districts[0]: 5}, parent=world.unions[0])
    else:
        with pytest.raises(NotAllowed):
            spread(world, person, {world.districts[0]: 5}, parent=world.unions[0])
        assert not Target.objects.exists()


def test_units_that_are_not_directly_below_are_refused(world: World, administrator: Person) -> None:
    for stranger in (world.districts[0], world.top):
        with pytest.raises(InvalidInput) as refusal:
            spread(world, administrator, {world.unions[0]: 5, stranger: 5})
        assert (refusal.value.code, refusal.value.field) == ("not_directly_below", str(stranger.pk))
    assert not Target.objects.exists()


def test_a_closed_unit_takes_no_target(world: World, administrator: Person) -> None:
    closed = world.unions[1]
    closed.closed_on = clock.day_of(clock.now())
    closed.save(update_fields=["closed_on"])
    with pytest.raises(InvalidInput) as refusal:
        spread(world, administrator, {world.unions[0]: 5, closed: 5})
    assert refusal.value.code == "unit_closed"
    with pytest.raises(InvalidInput) as refusal:
        set_target(
            actor=administrator, programme=world.programme, phase=None, unit=closed, basis=Basis.ASSIGNED, value=5
        )
    assert refusal.value.code == "unit_closed"
    assert not Target.objects.exists()


@pytest.mark.parametrize("value", [0, -1, MAX_TARGET + 1])
def test_one_value_out_of_range_and_nothing_is_written(world: World, administrator: Person, value: int) -> None:
    with pytest.raises(InvalidInput) as refusal:
        spread(world, administrator, {world.unions[0]: 5, world.unions[1]: value})
    assert (refusal.value.code, refusal.value.field) == ("target_out_of_range", str(world.unions[1].pk))
    assert not Target.objects.exists()


def test_a_change_without_a_reason_is_refused(world: World, administrator: Person) -> None:
    make_target(world.programme, world.unions[0], 50, phase=world.phase)
    for reason in ("", "   "):
        with pytest.raises(InvalidInput) as refusal:
            spread(world, administrator, {world.unions[0]: 40}, {world.unions[0]: 50}, reason=reason)
        assert (refusal.value.code, refusal.value.field) == ("reason_needed", "reason")
    assert present(world) == [50, None, None]


def test_nothing_to_change_is_said(world: World, administrator: Person) -> None:
    make_target(world.programme, world.unions[0], 50, phase=world.phase)
    with pytest.raises(InvalidInput) as refusal:
        spread(world, administrator, {world.unions[0]: 50}, {world.unions[0]: 50})
    assert (refusal.value.code, refusal.value.field) == ("target_unchanged", "values")


def test_what_changed_since_it_was_seen_is_named_and_nothing_written(world: World, administrator: Person) -> None:
    first, second, _third = world.unions
    make_target(world.programme, first, 60, phase=world.phase)
    make_target(world.programme, world.top, 100, phase=world.phase)
    with pytest.raises(TargetsChanged) as refusal:
        spread(world, administrator, {second: 5}, {first: 50, world.top: 100})
    assert refusal.value.changed == {first.pk: (50, 60)}
    with pytest.raises(TargetsChanged) as refusal:
        spread(world, administrator, {second: 5}, {first: 60, world.top: None})
    assert refusal.value.changed == {world.top.pk: (None, 100)}
    assert present(world) == [60, None, None]


def test_a_single_target_is_compared_with_what_was_seen_too(world: World, administrator: Person) -> None:
    unit = world.unions[0]

    def register(value: int, seen: int | None, reason: str = "Tăng") -> Target:
        return set_target(
            actor=administrator, programme=world.programme, phase=None, unit=unit, basis=Basis.REGISTERED,
            value=value, reason=reason, expected={unit.pk: seen},
        )  # fmt: skip

    register(10, None, reason="")
    with pytest.raises(TargetsChanged) as stale:
        register(20, None)
    assert stale.value.changed == {unit.pk: (None, 10)}
    with pytest.raises(InvalidInput) as refusal:
        register(10, 10)
    assert (refusal.value.code, refusal.value.field) == ("target_unchanged", "value")
    with pytest.raises(InvalidInput) as refusal:
        register(20, 10, reason=" ")
    assert refusal.value.code == "reason_needed"
    assert register(20, 10).value == 20


@pytest.mark.parametrize("field", ["reason", "document"])
def test_words_that_are_too_long_are_refused(world: World, administrator: Person, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        set_target(
            actor=administrator, programme=world.programme, phase=None, unit=world.unions[0], basis=Basis.ASSIGNED,
            value=5, **{field: "a" * 501},
        )  # fmt: skip
    assert (refusal.value.code, refusal.value.field) == ("text_too_long", field)


def test_the_history_says_what_was_before_the_newest_first(world: World, administrator: Person) -> None:
    first, second, _third = world.unions
    make_target(world.programme, first, 7)  # of the whole programme: another place
    spread(world, administrator, {first: 10, second: 20})
    spread(world, administrator, {first: 15, second: 25}, {first: 10, second: 20})
    units = [first.pk, second.pk]
    changes = target_changes(world.programme, units)
    shown = [(c.target.unit.code, c.target.phase and c.target.phase.number, c.before, c.target.value) for c in changes]
    assert shown == [("THA", 1, 20, 25), ("HNI", 1, 10, 15), ("THA", 1, None, 20), ("HNI", 1, None, 10),
                     ("HNI", None, None, 7)]  # fmt: skip
    assert {c.target.recorded_by.full_name for c in changes[:4]} == {administrator.full_name}
    page = target_changes(world.programme, units, limit=3)
    rest = target_changes(world.programme, units, before=page[-1].target.pk)
    assert page + rest == changes


def test_the_number_of_queries_does_not_grow_with_the_units(world: World, administrator: Person) -> None:
    def queries(values: dict[Unit, int]) -> int:
        with CaptureQueriesContext(connection) as captured:
            spread(world, administrator, values, dict(zip(world.unions, present(world), strict=True)))
        return len(captured)

    queries(dict.fromkeys(world.unions, 4))
    assert queries({world.unions[0]: 5}) == queries(dict.fromkeys(world.unions, 6))


def test_open_targets_of_a_subtree_are_counted(world: World) -> None:
    make_target(world.programme, world.unions[0], 1)
    make_target(world.programme, world.districts[0], 1, phase=world.phase)
    make_target(world.programme, world.districts[1], 1)
    assert open_targets_below([world.unions[0].pk]) == 2
    assert open_targets_below([world.top.pk]) == 3


def test_what_follows_gets_the_targets_of_its_predecessors_beside_its_own(world: World, administrator: Person) -> None:
    first, second, third = world.unions
    kept = make_target(world.programme, first, 10, phase=world.phase)
    make_target(world.programme, second, 5, phase=world.phase)
    make_target(world.programme, second, 7, basis=Basis.REGISTERED)
    make_target(world.programme, third, 100, phase=world.phase)
    made = carry_targets(actor=administrator, predecessors=[first, second], successor=third, reason="Sáp nhập")
    assert sorted((t.phase_id, t.basis, t.value) for t in made if t.phase_id) == [(world.phase.pk, "assigned", 115)]
    assert [(t.basis, t.value) for t in made if t.phase_id is None] == [("registered", 7)]
    kept.refresh_from_db()
    assert kept.closed_at is None, "figures of before are still measured by it"


@pytest.mark.parametrize("own", [None, 1])
def test_targets_that_add_up_to_more_than_a_target_can_be_are_not_carried_over(
    world: World, administrator: Person, own: int | None
) -> None:
    first, second, third = world.unions
    make_target(world.programme, first, MAX_TARGET, phase=world.phase)
    if own is None:
        make_target(world.programme, second, 1, phase=world.phase)
    else:
        make_target(world.programme, third, own, phase=world.phase)
    before = list(Target.objects.values_list("pk", "value", "closed_at"))
    with pytest.raises(InvalidInput) as refusal:
        carry_targets(actor=administrator, predecessors=[first, second], successor=third, reason="Sáp nhập")
    assert (refusal.value.code, refusal.value.field) == ("target_out_of_range", "carry_targets")
    assert list(Target.objects.values_list("pk", "value", "closed_at")) == before

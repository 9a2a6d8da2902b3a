"""Moving and merging units: what closes, what follows it, and who and what goes along."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sangkien.audit.models import AuditEntry
from sangkien.core import clock
from sangkien.core.errors import InvalidInput, NotAllowed, SangKienError
from sangkien.core.models import OutboxEntry
from sangkien.people.models import Person
from sangkien.units.actions import NewUnit, merge_units, move_unit, request_unit
from sangkien.units.models import (
    ClusterMembership,
    Membership,
    Reorganisation,
    Role,
    RoleGrant,
    Succession,
    Unit,
    UnitKind,
    UnitRequest,
)
from sangkien.units.previews import preview_merge, preview_move
from sangkien.units.queries import get_unit, search_tree, successors_of, today_of, unit_of
from sangkien.units.rules import verifies_in
from tests.factories import World, grant, join, make_person, make_unit, make_world
from tests.units.trees import assert_rolled, snapshot

ON = date(2025, 7, 1)
DAY = timedelta(days=1)
WHY = "Nghị quyết 202/2025/QH15"


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def admin(world: World) -> Person:
    person = make_person("admin")
    grant(person, world.top, Role.UNIT_ADMINISTRATOR)
    return person


def today() -> date:
    return clock.day_of(clock.now())


def now(unit: Unit) -> Unit:
    return Unit.objects.get(pk=unit.pk)


def move(actor: Person, unit: Unit, to: Unit, on: date = ON) -> Reorganisation:
    return move_unit(actor=actor, unit=unit, to=to, on=on, reason=WHY)


def merge(actor: Person, units: list[Unit], into: Unit | NewUnit, on: date = ON, **more: bool) -> Reorganisation:
    return merge_units(actor=actor, units=units, into=into, on=on, reason=WHY, **more)


# --- moving -------------------------------------------------------------------------------------------------------


def test_a_unit_that_moves_closes_and_one_of_its_names_follows(world: World, admin: Person) -> None:
    district, union = world.districts[0], world.grassroots[0]
    Unit.objects.filter(pk=union.pk).update(members=120, iso_code="VN-X", is_invented=True, other_names=["May 10"])
    made = move(admin, district, world.unions[1])
    old, new = now(union), today_of(now(union))
    assert (old.closed_on, new.opened_on, new.closed_on) == (ON, ON, None)
    assert (new.code, new.parent and new.parent.code) == ("THA-002-0001", "THA-002")
    for field in (
        "kind",
        "name_vi",
        "name_en",
        "short_vi",
        "short_en",
        "members",
        "iso_code",
        "is_invented",
        "sort_key",
    ):
        assert getattr(new, field) == getattr(old, field)
    assert new.other_names == ["May 10", "HNI-001-0001"]
    assert [s.successor_id for s in successors_of([old])[old.pk]] == [new.pk]
    assert made.successions.count() == 2
    assert get_unit("HNI-001") == now(district)
    assert_rolled()


def test_codes_go_on_in_vietnamese_order_after_those_taken(world: World, admin: Person) -> None:
    for number, name in enumerate(("CĐCS Đèo Ngang", "CĐCS Dệt may", "CĐCS Ân Thi"), 2):
        make_unit(f"HNI-001-{number:04}", world.districts[0], name_vi=name)
    make_unit("THA-001-0007", world.districts[1])
    merge(admin, [world.districts[0]], world.districts[1])
    names = Unit.objects.filter(parent=world.districts[1]).order_by("code").values_list("code", "name_vi")
    assert list(names)[2:] == [
        ("THA-001-0008", "CĐCS Ân Thi"),
        ("THA-001-0009", "CĐCS Công ty HNI-001"),
        ("THA-001-0010", "CĐCS Dệt may"),
        ("THA-001-0011", "CĐCS Đèo Ngang"),
    ]


def test_who_knows_the_old_code_or_name_finds_what_followed(world: World, admin: Person) -> None:
    move(admin, world.grassroots[0], world.districts[1])
    followed = today_of(now(world.grassroots[0]))
    assert [found.unit for found in search_tree("HNI-001-0001")] == [followed]
    assert [found.unit for found in search_tree("cong ty hni")] == [followed]
    both = search_tree("cong ty hni", open=False)
    assert {(found.unit.pk, *(s.pk for s in found.successors)) for found in both} == {
        (world.grassroots[0].pk, followed.pk),
        (followed.pk,),
    }


def test_people_rights_clusters_and_requests_go_along(world: World, admin: Person) -> None:
    officer, asker = make_person("canbo"), make_person("asker")
    until = clock.now() + 30 * DAY
    held = grant(officer, world.districts[0])
    RoleGrant.objects.filter(pk=held.pk).update(until=until, reason="Quyết định 12")
    ended = grant(make_person("former"), world.districts[0])
    RoleGrant.objects.filter(pk=ended.pk).update(until=clock.now() - timedelta(minutes=1))
    request = request_unit(actor=asker, above=world.districts[0], name="CĐCS Công ty Chưa có")
    cluster = ClusterMembership.objects.create(
        cluster=world.clusters[0], unit=world.districts[0], since=date(2020, 1, 1)
    )
    move(admin, world.districts[0], world.unions[1])
    district, union = today_of(now(world.districts[0])), today_of(now(world.grassroots[0]))

    assert unit_of(world.member) == union
    assert list(Membership.objects.filter(person=world.member).values_list("since", "until").order_by("since")) == [
        (date(2000, 1, 1), ON),
        (ON, None),
    ]
    carried = RoleGrant.objects.get(unit=district)
    assert (carried.person, carried.role, carried.until, carried.reason) == (
        officer,
        Role.VERIFIER,
        until,
        "Quyết định 12",
    )
    assert (carried.granted_by, carried.since) == (admin, RoleGrant.objects.get(pk=held.pk).until)
    assert RoleGrant.objects.get(pk=held.pk).ended_by == admin
    assert UnitRequest.objects.get(pk=request.pk).above == district
    assert ClusterMembership.objects.get(pk=cluster.pk).until == ON
    assert ClusterMembership.objects.get(unit=district).since == ON
    later = clock.now()
    for unit in (world.grassroots[0], union):
        assert verifies_in(officer, unit.path, later)


def test_who_joined_since_the_day_belongs_to_what_followed_from_that_day(world: World, admin: Person) -> None:
    newcomer = make_person()
    Membership.objects.create(person=newcomer, unit=world.grassroots[0], since=today())
    move(admin, world.grassroots[0], world.districts[1])
    held = Membership.objects.get(person=newcomer)
    assert (held.unit, held.since, held.until) == (today_of(now(world.grassroots[0])), today(), None)


def test_a_unit_opened_after_the_day_goes_along_too(world: World, admin: Person) -> None:
    young = make_unit("HNI-001-0002", world.districts[0], opened_on=today())
    move(admin, world.districts[0], world.unions[1])
    assert (now(young).closed_on, today_of(now(young)).opened_on) == (today(), today())
    assert_rolled()


def test_what_has_just_moved_can_move_on_the_same_day(world: World, admin: Person) -> None:
    move(admin, world.grassroots[0], world.districts[1], today())
    move(admin, today_of(now(world.grassroots[0])), world.districts[2], today())
    assert today_of(now(world.grassroots[0])).parent == world.districts[2]
    assert_rolled()


# --- merging ------------------------------------------------------------------------------------------------------


def test_merged_units_are_followed_by_a_new_one_with_everything_below(world: World, admin: Person) -> None:
    Unit.objects.filter(pk__in=[world.unions[0].pk, world.unions[1].pk]).update(members=300)
    new = NewUnit("Liên đoàn Lao động tỉnh Mới", short_vi="LĐLĐ Mới", code="moi25")
    made = merge(admin, [world.unions[0], world.unions[1]], new)
    merged = get_unit("MOI25")
    assert (merged.kind, merged.parent, merged.members) == (UnitKind.PROVINCIAL_FEDERATION, world.top, 600)
    assert merged.name_en == "Liên đoàn Lao động tỉnh Mới"
    assert sorted(Unit.objects.filter(parent=merged).values_list("code", flat=True)) == ["MOI25-001", "MOI25-002"]
    assert made.successions.count() == 6
    assert search_tree("lao dong tha")[0].unit == merged
    assert ClusterMembership.objects.get(unit=merged, until=None).cluster == world.clusters[0]
    assert_rolled()


def test_units_can_merge_into_one_that_goes_on(world: World, admin: Person) -> None:
    made = merge(admin, [world.unions[0]], world.unions[1])
    kept = now(world.unions[1])
    assert (kept.closed_on, kept.name_vi) == (None, world.unions[1].name_vi)
    assert "HNI" in kept.other_names
    assert made.done["opened"] is False
    assert Unit.objects.filter(parent=kept, closed_on=None).count() == 2
    assert_rolled()


def test_a_district_can_dissolve_into_the_federation_above_it(world: World, admin: Person) -> None:
    merge(admin, [world.districts[0]], world.unions[0])
    assert today_of(now(world.grassroots[0])).parent == world.unions[0]
    assert_rolled()


def test_rights_over_merged_units_go_along_only_if_asked_but_those_below_always(world: World, admin: Person) -> None:
    above, below = make_person("above"), make_person("below")
    grant(above, world.unions[0])
    grant(below, world.districts[0])
    merge(admin, [world.unions[0]], world.unions[1], carry_roles=False)
    assert not RoleGrant.objects.filter(person=above, unit=world.unions[1]).exists()
    assert verifies_in(above, world.grassroots[0].path, clock.now())
    assert RoleGrant.objects.filter(person=below, until=None).get().unit == today_of(now(world.districts[0]))


def test_a_merger_gives_nobody_what_its_actor_could_not_give_there(world: World) -> None:
    actor, auditor, officer = make_person("actor"), make_person("auditor"), make_person("canbo")
    grant(actor, world.top, Role.UNIT_ADMINISTRATOR)
    own = grant(actor, world.unions[0], Role.VERIFIER)
    grant(auditor, world.unions[0], Role.AUDITOR)
    grant(officer, world.unions[0])
    merge(actor, [world.unions[0]], world.unions[1])
    over = RoleGrant.objects.filter(unit=world.unions[1])
    assert [(one.person, one.role) for one in over] == [(officer, Role.VERIFIER)]
    assert RoleGrant.objects.get(pk=own.pk).until is None
    assert verifies_in(actor, world.grassroots[0].path, clock.now())


def test_who_held_a_right_over_two_merged_units_holds_it_once(world: World, admin: Person) -> None:
    officer = make_person("canbo")
    for unit in world.unions:
        grant(officer, unit)
    merge(admin, world.unions[:2], world.unions[2])
    assert RoleGrant.objects.get(person=officer, until=None).unit == world.unions[2]


def test_a_cluster_of_its_own_is_kept(world: World, admin: Person) -> None:
    merge(admin, [world.unions[0]], world.unions[1])
    assert ClusterMembership.objects.filter(unit=world.unions[1]).count() == 1


# --- the record ---------------------------------------------------------------------------------------------------


def test_a_reorganisation_stands_in_the_record_on_both_sides_and_is_told_once(world: World, admin: Person) -> None:
    made = move(admin, world.districts[0], world.unions[1])
    entries = AuditEntry.objects.filter(action="move_unit").order_by("pk")
    assert [entry.subject for entry in entries] == ["THA-002", "HNI-001"]
    assert [entry.unit_path[1] for entry in entries] == [world.unions[1].pk, world.unions[0].pk]
    assert entries[0].details["reorganisation"] == made.pk
    assert OutboxEntry.objects.filter(consumer="notices-record", subject=entries[0].pk).count() == 1
    assert (made.reason, made.made_by) == (WHY, admin)


# --- what is refused ----------------------------------------------------------------------------------------------


def test_what_makes_no_sense_is_refused_and_nothing_changes(world: World, admin: Person) -> None:
    top, unions, districts, grassroots = world.top, world.unions, world.districts, world.grassroots
    new = NewUnit("Đơn vị mới")
    closed = make_unit("DONG", top, closed_on=date(2024, 1, 1))
    young = make_unit("TRE", top, opened_on=today())
    before = snapshot()
    cases = [
        ("circle", "to", lambda: move(admin, unions[0], districts[0])),
        ("circle", "to", lambda: move(admin, unions[0], unions[0])),
        ("unchanged", "to", lambda: move(admin, districts[0], unions[0])),
        ("wrong_kind", "to", lambda: move(admin, districts[0], grassroots[1])),
        ("wrong_kind", "to", lambda: move(admin, unions[0], unions[1])),
        ("closed", "to", lambda: move(admin, districts[0], closed)),
        ("closed", "unit", lambda: move(admin, closed, unions[0])),
        ("future", "on", lambda: move(admin, districts[0], unions[1], today() + DAY)),
        ("not_yet_open", "on", lambda: merge(admin, [young], unions[0])),
        ("not_yet_open", "on", lambda: merge(admin, [unions[0]], young)),
        (
            "too_long",
            "reason",
            lambda: move_unit(actor=admin, unit=districts[0], to=unions[1], on=ON, reason="x" * 501),
        ),
        ("reason_needed", "reason", lambda: move_unit(actor=admin, unit=districts[0], to=unions[1], on=ON, reason=" ")),
        ("circle", "into", lambda: merge(admin, [unions[0]], unions[0])),
        ("circle", "into", lambda: merge(admin, [unions[0]], districts[0])),
        ("circle", "units", lambda: merge(admin, [unions[0], districts[0]], unions[1])),
        ("wrong_kind", "into", lambda: merge(admin, [districts[0]], grassroots[1])),
        ("units_needed", "units", lambda: merge(admin, [unions[0], unions[0]], unions[1])),
        ("one", "units", lambda: merge(admin, [unions[0]], new)),
        ("different_parents", "into", lambda: merge(admin, districts[:2], new)),
        ("code_taken", "code", lambda: merge(admin, unions[:2], NewUnit("Đơn vị mới", code="HCM"))),
        ("bad_code", "code", lambda: merge(admin, unions[:2], NewUnit("Đơn vị mới", code="Mã số"))),
        ("no_name", "name_vi", lambda: merge(admin, unions[:2], NewUnit(" "))),
        ("top", "unit", lambda: move(admin, top, unions[0])),
    ]
    for code, field, attempt in cases:
        with pytest.raises(InvalidInput) as refused:
            attempt()
        assert (code, field) in [(error.code, error.field) for error in refused.value.errors]
        assert str(refused.value)
    assert snapshot() == before
    assert not AuditEntry.objects.exists()


def test_only_who_administers_what_is_above_may_do_it(world: World) -> None:
    inside, verifier = make_person("inside"), make_person("verifier")
    grant(inside, world.unions[0], Role.UNIT_ADMINISTRATOR)
    grant(verifier, world.top)
    attempts = [
        (inside, lambda p: move(p, world.districts[0], world.unions[1])),
        (inside, lambda p: merge(p, [world.unions[0]], world.unions[1])),
        (inside, lambda p: merge(p, [world.unions[0], world.unions[1]], NewUnit("Mới"))),
        (verifier, lambda p: move(p, world.districts[0], world.unions[1])),
        (world.member, lambda p: merge(p, [world.unions[0]], world.unions[1])),
    ]
    before = snapshot()
    for person, attempt in attempts:
        with pytest.raises(NotAllowed):
            attempt(person)
    assert snapshot() == before
    beside = make_unit("HNI-002", world.unions[0])
    merge(inside, [world.districts[0]], beside)
    assert_rolled()


# --- at scale, and beforehand -------------------------------------------------------------------------------------


def test_a_hundred_units_take_as_many_queries_as_one(world: World, admin: Person) -> None:
    def queries(union: Unit) -> int:
        with CaptureQueriesContext(connection) as seen:
            move(admin, Unit.objects.get(parent=union, closed_on=None), world.unions[1])
        return len(seen)

    few = queries(world.unions[0])
    for number in range(2, 100):
        unit = make_unit(f"HCM-001-{number:04}", world.districts[2])
        join(make_person(), unit)
    assert queries(world.unions[2]) == few
    assert_rolled()


def test_a_preview_says_what_then_happens(world: World, admin: Person) -> None:
    grant(make_person("canbo"), world.districts[0])
    grant(make_person("canbo2"), world.grassroots[0])
    seen = preview_move(world.districts[0], world.unions[1])
    assert (seen.units_closing, seen.units_opening, seen.children, seen.members) == (2, 2, 1, 1)
    assert ([held.person.username for held in seen.roles], seen.roles_below, seen.faults) == (["canbo"], 1, [])
    before = Unit.objects.count()
    move(admin, world.districts[0], world.unions[1])
    assert Unit.objects.count() == before + seen.units_opening
    assert Unit.objects.exclude(closed_on=None).count() == seen.units_closing

    seen = preview_merge(world.unions[1:], NewUnit("Mới"))
    before, closed = Unit.objects.count(), Unit.objects.exclude(closed_on=None).count()
    merge(admin, world.unions[1:], NewUnit("Mới"))
    assert Unit.objects.count() == before + seen.units_opening
    assert Unit.objects.exclude(closed_on=None).count() == closed + seen.units_closing


def test_a_preview_names_every_reason_for_which_it_would_be_refused(world: World, admin: Person) -> None:
    seen = preview_merge([world.unions[0], world.districts[0]], world.grassroots[0], today() + DAY)
    with pytest.raises(SangKienError) as refused:
        merge(admin, [world.unions[0], world.districts[0]], world.grassroots[0], today() + DAY)
    assert isinstance(refused.value, InvalidInput)
    assert seen.faults == [str(error) for error in refused.value.errors]
    assert len(seen.faults) >= 3
    assert not Succession.objects.exists()


def test_officers_answer_for_what_their_unit_followed_but_not_for_the_part_that_moved_on(
    world: World, admin: Person
) -> None:
    _union, other, third = world.unions
    officer = make_person("beside")
    grant(officer, other, since=clock.now())
    first = world.districts[0]
    old_path = list(first.path)
    assert not verifies_in(officer, old_path, clock.now())
    move(admin, first, other)
    assert verifies_in(officer, old_path, clock.now())
    move(admin, today_of(now(first)), third, clock.day_of(clock.now()))
    assert not verifies_in(officer, old_path, clock.now())

"""Giving roles and taking them away: never more than one holds, never longer, at once everywhere, on the record."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.db.models import Q

from sangkien.audit.models import AuditEntry
from sangkien.core import clock
from sangkien.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from sangkien.core.models import OutboxEntry
from sangkien.core.outbox import RECORD_CONSUMERS
from sangkien.people.models import Person, system_actor
from sangkien.units.actions import close_unit, end_grant, grant_role, look_up_person, note_officer
from sangkien.units.holders import find_person, grants_below, grants_over, reach_of, secured
from sangkien.units.models import Role, RoleGrant
from sangkien.units.queries import roles_of
from sangkien.units.rules import administers, may_end, may_grant, verifies_in
from tests.factories import World, follow, grant, make_person, make_unit, make_world

LATER = timedelta(days=30)


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def admin(world: World) -> Person:
    """Who administers the first union."""
    person = make_person("admin")
    grant(person, world.unions[0], Role.UNIT_ADMINISTRATOR)
    return person


@pytest.fixture
def newcomer(world: World) -> Person:
    return make_person("newcomer")


def in_force(person: Person) -> list[RoleGrant]:
    now = clock.now()
    return list(RoleGrant.objects.filter(Q(until__isnull=True) | Q(until__gt=now), person=person, since__lte=now))


def test_a_role_holds_from_the_moment_it_is_given_and_says_by_whom_and_why(
    world: World, admin: Person, newcomer: Person
) -> None:
    given = grant_role(
        actor=admin, person=newcomer, unit=world.districts[0], role=Role.VERIFIER, reason=" Thay bà  Lan "
    )
    assert verifies_in(newcomer, world.grassroots[0].path, clock.now())
    assert not verifies_in(newcomer, world.unions[0].path, clock.now())
    assert (given.granted_by, given.reason, given.until) == (admin, "Thay bà Lan", None)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.subject, entry.unit_path) == (
        "grant_role", admin, str(given.pk), world.districts[0].path,
    )  # fmt: skip
    assert entry.details["person"] == newcomer.pk
    assert entry.details["role"] == "verifier"
    assert OutboxEntry.objects.filter(consumer__in=RECORD_CONSUMERS, subject=entry.pk, at=entry.at).exists()


def test_taken_away_it_holds_nowhere_from_that_moment(world: World, admin: Person, newcomer: Person) -> None:
    given = grant_role(actor=admin, person=newcomer, unit=world.districts[0], role=Role.VERIFIER)
    ended = end_grant(actor=admin, grant_id=given.pk, reason="Nghỉ hưu")
    assert ended.until is not None
    assert ended.ended_by == admin
    assert not verifies_in(newcomer, world.districts[0].path, ended.until)
    assert verifies_in(newcomer, world.districts[0].path, given.since)  # what was decided stays decided
    entry = AuditEntry.objects.get(action="end_grant")
    assert entry.details["reason"] == "Nghỉ hưu"
    assert OutboxEntry.objects.filter(consumer__in=RECORD_CONSUMERS, subject=entry.pk).exists()
    with pytest.raises(Conflict):
        end_grant(actor=admin, grant_id=given.pk, reason="Nghỉ hưu")


def test_nobody_gives_more_than_they_hold(world: World, admin: Person, newcomer: Person) -> None:
    for unit in (world.top, world.unions[1]):
        with pytest.raises(NotAllowed):
            grant_role(actor=admin, person=newcomer, unit=unit, role=Role.VERIFIER)
    for role in (Role.PROGRAMME_ADMINISTRATOR, Role.AUDITOR):
        with pytest.raises(NotAllowed):
            grant_role(actor=admin, person=newcomer, unit=world.unions[0], role=role)
    assert in_force(newcomer) == []
    tried = AuditEntry.objects.order_by("pk").values_list("action", "details__what", "unit_path", "details__role")
    assert list(tried) == [
        ("refused", "grant_role", world.top.path, "verifier"),
        ("refused", "grant_role", world.unions[1].path, "verifier"),
        ("refused", "grant_role", world.unions[0].path, "programme_administrator"),
        ("refused", "grant_role", world.unions[0].path, "auditor"),
    ]


def test_a_programme_administrator_gives_roles_of_programmes_and_none_of_units(world: World, newcomer: Person) -> None:
    runs = make_person("runs")
    grant(runs, world.top, Role.PROGRAMME_ADMINISTRATOR)
    now = clock.now()
    assert {role for role in Role if may_grant(runs, role, world.unions[0], now)} == {
        Role.PROGRAMME_ADMINISTRATOR, Role.AUDITOR,
    }  # fmt: skip


def test_nobody_gives_a_role_to_themselves(world: World, admin: Person) -> None:
    with pytest.raises(InvalidInput) as refused:
        grant_role(actor=admin, person=admin, unit=world.unions[0], role=Role.VERIFIER)
    assert (refused.value.code, refused.value.field) == ("oneself", "person")


def test_a_role_ends_with_the_right_of_whoever_gave_it(world: World, admin: Person, newcomer: Person) -> None:
    own_end = clock.now() + LATER
    RoleGrant.objects.filter(person=admin).update(until=own_end)
    with pytest.raises(InvalidInput) as refused:
        grant_role(
            actor=admin,
            person=newcomer,
            unit=world.districts[0],
            role=Role.VERIFIER,
            until=own_end + timedelta(microseconds=1),
        )
    assert (refused.value.code, refused.value.field) == ("beyond_own", "until")
    assert grant_role(actor=admin, person=newcomer, unit=world.districts[0], role=Role.VERIFIER).until == own_end
    sooner = own_end - timedelta(days=1)
    given = grant_role(actor=admin, person=newcomer, unit=world.districts[0], role=Role.VIEWER, until=sooner)
    assert given.until == sooner


def test_of_two_own_rights_the_longer_counts(world: World, admin: Person, newcomer: Person) -> None:
    RoleGrant.objects.filter(person=admin).update(until=clock.now() + LATER)
    grant(admin, world.top, Role.UNIT_ADMINISTRATOR)
    assert grant_role(actor=admin, person=newcomer, unit=world.districts[0], role=Role.VERIFIER).until is None


@pytest.mark.parametrize("days", [0, -1])
def test_a_role_ends_after_it_begins(world: World, admin: Person, newcomer: Person, days: int) -> None:
    until = clock.now() + timedelta(days=days)
    with pytest.raises(InvalidInput) as refused:
        grant_role(actor=admin, person=newcomer, unit=world.unions[0], role=Role.VIEWER, until=until)
    assert refused.value.field == "until"


def test_whoever_holds_it_already_is_not_given_it_twice_but_it_can_be_prolonged(
    world: World, admin: Person, newcomer: Person
) -> None:
    until = clock.now() + LATER
    first = grant_role(actor=admin, person=newcomer, unit=world.districts[0], role=Role.VERIFIER, until=until)
    with pytest.raises(InvalidInput) as refused:
        grant_role(actor=admin, person=newcomer, unit=world.districts[0], role=Role.VERIFIER, until=until)
    assert refused.value.code == "held_already"
    second = grant_role(actor=admin, person=newcomer, unit=world.districts[0], role=Role.VERIFIER)
    first.refresh_from_db()
    assert first.until == second.since
    assert second.until is None
    assert in_force(newcomer) == [second]


def test_a_right_is_never_cut_short_by_giving_it_again(world: World) -> None:
    brief, lasting = make_person("brief"), make_person("lasting")
    grant(brief, world.top, Role.UNIT_ADMINISTRATOR)
    RoleGrant.objects.filter(person=brief).update(until=clock.now() + LATER)
    held = grant(lasting, world.top, Role.UNIT_ADMINISTRATOR)
    with pytest.raises(InvalidInput) as refused:
        grant_role(actor=brief, person=lasting, unit=world.top, role=Role.UNIT_ADMINISTRATOR)
    assert refused.value.code == "held_already"
    assert in_force(lasting) == [held]
    assert in_force(lasting)[0].until is None


def test_a_unit_that_has_closed_since_it_was_shown_is_given_to_nobody(
    world: World, admin: Person, newcomer: Person
) -> None:
    shown = make_unit("HNI-009", world.unions[0])
    close_unit(actor=admin, unit=shown, on=clock.day_of(clock.now()), reason="Giải thể")
    assert shown.closed_on is None
    with pytest.raises(InvalidInput) as refused:
        grant_role(actor=admin, person=newcomer, unit=shown, role=Role.VERIFIER)
    assert refused.value.field == "unit"
    assert in_force(newcomer) == []


def test_closed_accounts_parts_of_the_system_and_closed_units_hold_nothing_new(
    world: World, admin: Person, newcomer: Person
) -> None:
    closed = make_person("closed", is_active=False)
    for person in (closed, system_actor("tests")):
        with pytest.raises(InvalidInput) as refused:
            grant_role(actor=admin, person=person, unit=world.districts[0], role=Role.VERIFIER)
        assert refused.value.field == "person"
    gone = make_unit("HNI-009", world.unions[0], closed_on=clock.day_of(clock.now()))
    with pytest.raises(InvalidInput) as refused:
        grant_role(actor=admin, person=newcomer, unit=gone, role=Role.VERIFIER)
    assert refused.value.field == "unit"


def test_whoever_takes_a_role_from_another_says_why_and_one_s_own_is_laid_down_without(
    world: World, admin: Person, newcomer: Person
) -> None:
    given = grant_role(actor=admin, person=newcomer, unit=world.districts[0], role=Role.VERIFIER)
    with pytest.raises(InvalidInput) as refused:
        end_grant(actor=admin, grant_id=given.pk, reason="  ")
    assert refused.value.field == "reason"
    with pytest.raises(NotFound):
        end_grant(actor=make_person("stranger"), grant_id=given.pk, reason="Không ưa")
    assert end_grant(actor=newcomer, grant_id=given.pk).ended_by == newcomer
    assert roles_of(newcomer, clock.now()) == frozenset()


def test_taking_away_a_role_that_is_none_of_ones_business_stands_in_the_record(world: World, admin: Person) -> None:
    stranger = make_person("stranger")
    held = RoleGrant.objects.get(person=admin)
    for number in (held.pk, held.pk + 1_000):  # of one that there is not, there is nothing to be said
        with pytest.raises(NotFound):
            end_grant(actor=stranger, grant_id=number, reason="Không ưa")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.subject_kind, entry.subject, entry.unit_path) == (
        "refused", stranger, "role_grant", str(held.pk), world.unions[0].path,
    )  # fmt: skip
    assert entry.details == {
        "what": "end_grant", "person": admin.pk, "role": "unit_administrator", "unit": world.unions[0].code,
    }  # fmt: skip
    assert not OutboxEntry.objects.filter(consumer__in=RECORD_CONSUMERS).exists()


def test_the_last_administrator_at_the_top_stays(world: World) -> None:
    first, second = make_person("first"), make_person("second")
    held = grant(first, world.top, Role.UNIT_ADMINISTRATOR)
    with pytest.raises(Conflict) as refused:
        end_grant(actor=first, grant_id=held.pk)
    assert refused.value.code == "last_one"
    grant_role(actor=first, person=second, unit=world.top, role=Role.UNIT_ADMINISTRATOR)
    end_grant(actor=first, grant_id=held.pk)
    assert administers(second, world.top.path, clock.now())
    assert not administers(first, world.top.path, clock.now())


def test_a_right_that_has_ended_gives_and_takes_nothing(world: World, admin: Person, newcomer: Person) -> None:
    given = grant_role(actor=admin, person=newcomer, unit=world.districts[0], role=Role.VERIFIER)
    RoleGrant.objects.filter(person=admin).update(until=clock.now())
    with pytest.raises(NotAllowed):
        grant_role(actor=admin, person=newcomer, unit=world.districts[0], role=Role.VIEWER)
    with pytest.raises(NotFound):
        end_grant(actor=admin, grant_id=given.pk, reason="Nghỉ hưu")


# --- who holds what -----------------------------------------------------------------------------------------------


def test_what_reaches_a_unit_says_by_which_unit_it_does(world: World, admin: Person, newcomer: Person) -> None:
    grant(newcomer, world.districts[0])
    grant(make_person("beside"), world.districts[1])
    grant(make_person("below"), world.grassroots[0])
    grant(make_person("gone", is_active=False), world.districts[0])
    held = [(one.grant.person.username, one.inherited_from) for one in grants_over(world.districts[0], clock.now())]
    assert held == [("newcomer", None), ("admin", world.unions[0]), ("officer", world.top)]
    assert [one.person.username for one in grants_below(world.districts[0], clock.now())] == ["below"]


def test_what_is_above_a_successor_reaches_what_it_followed(world: World, admin: Person) -> None:
    heir = make_person("heir")
    grant(heir, world.unions[1])
    follow(world.districts[0], world.unions[1])
    world.grassroots[0].refresh_from_db()
    held = {one.grant.person.username for one in grants_over(world.grassroots[0], clock.now())}
    assert held == {"heir", "admin", "officer"}


def test_roles_below_come_in_pages(world: World) -> None:
    for number in range(5):
        grant(make_person(f"p{number}"), world.grassroots[0])
    now = clock.now()
    first = grants_below(world.top, now, limit=3)
    second = grants_below(world.top, now, after=first[-1].pk, limit=3)
    assert [one.person.username for one in [*first, *second]] == ["p4", "p3", "p2", "p1", "p0"]


def test_the_reach_of_a_page_says_what_the_rules_say(world: World, admin: Person) -> None:
    programme = make_person("programme")
    grant(programme, world.top, Role.PROGRAMME_ADMINISTRATOR)
    now = clock.now()
    units = [world.top, *world.unions, *world.districts, *world.grassroots]
    for person in (admin, programme, world.officer):
        reach = reach_of(person, now)
        for unit in units:
            for role in Role:
                assert reach.may_give(role, unit) == may_grant(person, role, unit, now)
        for given in RoleGrant.objects.select_related("unit", "person"):
            assert reach.may_end(given) == may_end(person, given, now)


def test_a_second_factor_is_an_app_or_a_key_and_no_list_of_codes(world: World, admin: Person) -> None:
    Authenticator.objects.create(user=admin, type=Authenticator.Type.TOTP, data={})
    Authenticator.objects.create(user=world.officer, type=Authenticator.Type.RECOVERY_CODES, data={})
    assert secured([admin.pk, world.officer.pk]) == {admin.pk}


# --- who is meant -------------------------------------------------------------------------------------------------


def test_a_person_is_known_by_exactly_a_user_name_or_a_proven_contact(world: World) -> None:
    person = make_person("canbo.moi", phone="+84912345678", phone_verified=True)
    assert find_person("canbo.moi") == find_person(" 0912 345 678 ") == person
    for other in ("canbo", "canbo.mo", "canbo.moi2", "Canbo.moi", "%", "", "\x00", "0912345679", "nguyen van"):
        assert find_person(other) is None, other


def test_looking_somebody_up_needs_the_right_to_give_and_stands_in_the_record_once_a_day(
    world: World, admin: Person, newcomer: Person
) -> None:
    asked = {"unit": world.districts[0], "role": Role.VERIFIER}
    with pytest.raises(NotAllowed):
        look_up_person(actor=world.member, known_as="newcomer", **asked)
    for _time in range(2):
        assert look_up_person(actor=admin, known_as="newcomer", **asked) == newcomer
    with pytest.raises(InvalidInput) as refused:
        look_up_person(actor=admin, known_as="nobody", **asked)
    assert refused.value.field == "person"
    entry = AuditEntry.objects.get(actor=admin)
    assert (entry.action, entry.subject) == ("find_person", str(newcomer.pk))
    tried = AuditEntry.objects.get(actor=world.member)
    assert (tried.action, tried.details["what"], tried.unit_path) == (
        "refused", "grant_role", world.districts[0].path,
    )  # fmt: skip
    assert "newcomer" not in str(tried.details)


def test_what_an_officer_does_to_sign_in_stands_in_the_record_of_their_units(world: World, admin: Person) -> None:
    grant(admin, world.districts[0])  # below the other: not a second time
    grant(admin, world.unions[1])
    assert note_officer(actor=admin, what="second_factor_added", factor="totp") == 2
    assert note_officer(actor=world.member, what="sign_in") == 0
    paths = list(AuditEntry.objects.order_by("unit_path").values_list("unit_path", flat=True))
    assert paths == sorted([world.unions[0].path, world.unions[1].path])

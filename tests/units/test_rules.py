"""A role counts over its unit and everything below it, from its first moment until before its last."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction

from sangkien.core import clock
from sangkien.people.models import Person
from sangkien.units.models import Role, RoleGrant
from sangkien.units.rules import administers, holds_role_over, verifies_in
from sangkien.units.scopes import Scope, scope_of
from tests.factories import World, grant, join, make_person, make_world

TICK = timedelta(microseconds=1)


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def person(world: World) -> Person:
    return make_person()


def test_a_role_reaches_down_and_neither_up_nor_aside(world: World, person: Person) -> None:
    grant(person, world.districts[0])
    now = clock.now()
    for unit, expected in (
        (world.top, False),
        (world.unions[0], False),
        (world.districts[0], True),
        (world.grassroots[0], True),
        (world.districts[1], False),
        (world.grassroots[1], False),
    ):
        assert verifies_in(person, unit.path, now) == expected, unit.code


@pytest.mark.parametrize("role", Role)
def test_one_role_is_not_another(world: World, person: Person, role: Role) -> None:
    grant(person, world.top, role)
    now = clock.now()
    held = {r for r in Role if holds_role_over(person, r, world.grassroots[0].path, now)}
    assert held == {role}
    assert verifies_in(person, world.top.path, now) == (role == Role.VERIFIER)
    assert administers(person, world.top.path, now) == (role == Role.UNIT_ADMINISTRATOR)
    assert scope_of(person, now) == Scope((world.top.pk,))


def test_a_role_counts_from_its_first_moment_until_before_its_last(world: World, person: Person) -> None:
    since = clock.now()
    until = since + timedelta(days=1)
    given = grant(person, world.top, since=since)
    RoleGrant.objects.filter(pk=given.pk).update(until=until)
    moments = (since - TICK, since, until - TICK, until)
    assert [verifies_in(person, world.top.path, m) for m in moments] == [False, True, True, False]
    assert [scope_of(person, m).heads for m in moments] == [(), (world.top.pk,), (world.top.pk,), ()]


def test_nobody_without_an_open_account_holds_anything(world: World, person: Person) -> None:
    grant(person, world.top)
    person.is_active = False
    for nobody in (person, AnonymousUser()):
        assert not verifies_in(nobody, world.top.path, clock.now())  # type: ignore[arg-type]
        assert not scope_of(nobody, clock.now())  # type: ignore[arg-type]


def test_the_same_role_is_open_once_and_can_be_given_again_after_it_ended(world: World, person: Person) -> None:
    first = grant(person, world.top)
    with pytest.raises(IntegrityError), transaction.atomic():
        grant(person, world.top)
    RoleGrant.objects.filter(pk=first.pk).update(until=clock.now())
    grant(person, world.top, since=clock.now())
    assert scope_of(person, clock.now() + TICK).heads == (world.top.pk,)


def test_a_grant_ends_after_it_begins(world: World, person: Person) -> None:
    given = grant(person, world.top)
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.filter(pk=given.pk).update(until=given.since)


def test_somebody_belongs_to_one_unit_at_a_time(world: World, person: Person) -> None:
    join(person, world.grassroots[0])
    with pytest.raises(IntegrityError), transaction.atomic():
        join(person, world.grassroots[1])

"""The law of the tree over time (decision 15), recomputed in the plainest way, and whole tables for comparing."""

from __future__ import annotations

from collections import defaultdict

from django.db.models import Model

from sangkien.core import clock
from sangkien.initiatives.queue.heads import verified_by
from sangkien.people.models import Person
from sangkien.units.models import (
    ClusterMembership,
    Membership,
    Role,
    RoleGrant,
    RolledUnit,
    Succession,
    Unit,
    UnitRequest,
)
from sangkien.units.rules import holds_role_over
from sangkien.units.scopes import scope_of, scope_of_unit

Path = list[int]


def expected_paths() -> dict[int, Path]:
    """Return where every unit stands today: where what follows it stands, or below where its parent stands."""
    units = Unit.objects.in_bulk()
    followed = defaultdict(list)
    for succession in Succession.objects.all():
        followed[succession.predecessor_id].append(succession.successor_id)

    def today(pk: int) -> Path:
        successors = followed[pk] if units[pk].closed_on else []
        if len(successors) == 1:
            return today(successors[0])
        parent = units[pk].parent_id
        return [*(today(parent) if parent else []), pk]

    return {pk: today(pk) for pk in units}


def expected_rolled() -> set[tuple[int, int, int]]:
    """Return the rows of RolledUnit by their definition: c(U, V) = d(U, V) - d(parent(U), V), where it is not 0."""
    units, today = Unit.objects.in_bulk(), expected_paths()

    def d(pk: int | None, v: int) -> int:
        return 0 if pk is None else (v in today[pk]) - (v in units[pk].path)

    rows = {(v, u.pk, d(u.pk, v) - d(u.parent_id, v)) for u in units.values() for v in units}
    return {row for row in rows if row[2]}


def assert_rolled() -> None:
    """Hold the stored tree of today against the law, and against what it is for: adding up."""
    units = Unit.objects.in_bulk()
    assert {pk: unit.today_path for pk, unit in units.items()} == expected_paths()
    assert set(RolledUnit.objects.values_list("unit_id", "source_id", "sign")) == expected_rolled()
    for unit in units.values():
        if unit.closed_on is None:
            assert unit.today_path == unit.path
            assert unit.parent is None or unit.parent.closed_on is None
    # One thing counted at each unit: the total under today's tree is what a recount by today's paths finds.
    for v in units:
        rolled = RolledUnit.objects.filter(unit_id=v).values_list("source_id", "sign")
        total = sum(v in unit.path for unit in units.values())
        total += sum(sign * sum(source in unit.path for unit in units.values()) for source, sign in rolled)
        assert total == sum(v in unit.today_path for unit in units.values())


def assert_scopes(person: Person) -> None:
    """Hold what lists ask for against the rule for one unit, for each unit and for what ``person`` holds."""
    at = clock.now()
    units = list(Unit.objects.all())
    held = set(RoleGrant.objects.filter(person=person).values_list("unit_id", flat=True))
    mine = scope_of(person, at)
    heads = verified_by(person, at)
    for unit in units:
        reached = not held.isdisjoint([*unit.path, *unit.today_path])
        assert mine.reaches(unit.path) == reached == holds_role_over(person, Role.VERIFIER, unit.path, at)
        assert reached == (not set(heads.ids).isdisjoint(unit.path) and unit.pk not in heads.without)
    for one in units:
        scope = scope_of_unit(one)
        for unit in units:
            assert scope.reaches(unit.path) == (one.pk in unit.path or one.pk in unit.today_path)
    found = set(Unit.objects.filter(mine.within("path", "id")).values_list("pk", flat=True))
    assert found == {unit.pk for unit in units if mine.reaches(unit.path)}


TABLES: tuple[type[Model], ...] = (
    Unit,
    Succession,
    RolledUnit,
    Membership,
    RoleGrant,
    ClusterMembership,
    UnitRequest,
)


def snapshot() -> dict[str, list[tuple[object, ...]]]:
    """Return every row of the tables that a reorganisation changes."""
    return {table.__name__: sorted(map(_row, table._default_manager.values_list()), key=repr) for table in TABLES}


def _row(values: tuple[object, ...]) -> tuple[object, ...]:
    return tuple(tuple(value) if isinstance(value, list) else value for value in values)

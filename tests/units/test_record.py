"""The record is read within one's own subtree, and searched by whom, what, to what and when."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sangkien.audit.actions import record
from sangkien.audit.models import AuditEntry
from sangkien.audit.queries import Cursor, Search, find_entries
from sangkien.core import clock
from sangkien.core.errors import InvalidInput, NotAllowed
from sangkien.people.models import Person
from sangkien.units.models import Role, Unit
from sangkien.units.record import MAX_ACTORS, actors_called, search_record, subjects_called
from tests.factories import World, follow, grant, make_person, make_unit, make_world


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def auditor(world: World) -> Person:
    person = make_person("auditor")
    grant(person, world.top, Role.AUDITOR)
    return person


def write(actor: Person, unit: Unit, action: str = "target.set", at: datetime | None = None) -> AuditEntry:
    return record(
        actor=actor,
        at=at or clock.now(),
        action=action,
        subject_kind="unit",
        subject=unit.code,
        unit_path=unit.path,
    )


def found(entries: Sequence[AuditEntry]) -> list[int]:
    return [entry.pk for entry in entries]


def test_an_administrator_reads_their_own_subtree_and_nothing_beside_or_above(world: World) -> None:
    person = make_person("admin")
    grant(person, world.districts[0], Role.UNIT_ADMINISTRATOR)
    own = [write(world.officer, unit) for unit in (world.districts[0], world.grassroots[0])]
    for unit in (world.top, world.unions[0], world.districts[1], world.grassroots[1]):
        write(world.officer, unit)
    page = search_record(person, unit=world.districts[0])
    assert found(page.entries) == [own[1].pk, own[0].pk]
    assert page.next is None
    for unit in (world.top, world.unions[0], world.districts[1]):
        with pytest.raises(NotAllowed):
            search_record(person, unit=unit)


@pytest.mark.parametrize("role", [Role.VERIFIER, Role.VIEWER])
def test_who_runs_nothing_does_not_read_the_record(world: World, role: Role) -> None:
    person = make_person("reader")
    grant(person, world.top, role)
    with pytest.raises(NotAllowed):
        search_record(person, unit=world.top)


def test_every_level_finds_what_is_below_it(world: World, auditor: Person) -> None:
    deep = make_unit("DEEP", world.grassroots[0])
    deeper = make_unit("DEEPER", deep)
    entry, _beside = write(world.officer, deeper), write(world.officer, make_unit("BESIDE", deep))
    for unit in (deeper, deep, world.grassroots[0], world.districts[0], world.unions[0], world.top):
        assert entry.pk in found(search_record(auditor, unit=unit).entries), unit.code
    assert found(search_record(auditor, unit=deeper).entries) == [entry.pk]


def test_what_a_unit_follows_is_read_with_it(world: World, auditor: Person) -> None:
    entry = write(world.officer, world.grassroots[0])
    follow(world.unions[0], world.unions[1])
    assert found(search_record(auditor, unit=world.unions[1]).entries) == [entry.pk]


def test_it_is_searched_by_whom_what_to_what_and_when(world: World, auditor: Person) -> None:
    lan = make_person("canbo.lan", full_name="Phạm Thị Lan")
    grant(lan, world.unions[0])
    now = clock.now()
    one = write(lan, world.unions[0], "grant_role", now - timedelta(days=2))
    two = write(lan, world.unions[1], at=now - timedelta(days=1))
    three = write(world.officer, world.unions[0], at=now)
    wanted: list[tuple[dict[str, object], list[AuditEntry]]] = [
        ({}, [three, two, one]),
        ({"actor_name": "canbo.lan"}, [two, one]),
        ({"actor_name": "lan phạm"}, [two, one]),
        ({"actor_name": "Phạm Thị Lành"}, []),
        ({"actor_name": "%"}, []),
        ({"action": "grant_role"}, [one]),
        ({"subjects": [("unit", "HNI")]}, [three, one]),
        ({"subjects": [("person", "HNI")]}, []),
        ({"since": two.at}, [three, two]),
        ({"until": two.at}, [one]),
        ({"actor_name": "canbo.lan", "subjects": [("unit", "HNI")], "until": now}, [one]),
    ]
    for asked, entries in wanted:
        page = search_record(auditor, unit=world.top, **asked)  # type: ignore[arg-type]
        assert found(page.entries) == found(entries), asked


def test_an_officer_is_found_by_their_name_with_diacritics_or_without(world: World) -> None:
    names = ("Trần Quốc Việt", "Tran Quoc Viet", "Trần Quốc Viết", "Hoà Đỗ")
    viet, bare, other, do = officers = [make_person(f"o{n}", full_name=name) for n, name in enumerate(names)]
    for officer in officers:
        grant(officer, world.unions[0])
    make_person("viet", full_name="Trần Quốc Việt")  # without a role
    wanted = [
        ("tran quoc viet", [viet, bare, other]),
        ("VIET  Tran", [viet, bare, other]),
        ("Trần Quốc Việt", [viet]),
        (unicodedata.normalize("NFD", "trần quốc việt"), [viet]),
        ("Trần Quốc Viễt", [viet, bare, other]),  # nobody is called just so
        ("hòa đỗ", [do]),
        ("hoa do", [do]),
        ("Ho Đo", []),  # whole words
        ("tran quoc nam", []),
        ("-", []),
    ]
    for typed, people in wanted:
        assert actors_called(typed) == [person.pk for person in people], typed


def test_of_many_officers_of_one_name_the_first_are_meant_in_as_many_queries_as_for_one(world: World) -> None:
    people = [make_person(f"lan{n}", full_name="Phạm Thị Lan") for n in range(MAX_ACTORS + 2)]
    for person in people:
        grant(person, world.unions[0])
    with CaptureQueriesContext(connection) as few:
        assert actors_called("văn officer") == [world.officer.pk]
    with CaptureQueriesContext(connection) as many:
        assert actors_called("lan") == [person.pk for person in people[:MAX_ACTORS]]
    assert len(many) == len(few)


def test_a_member_is_found_among_actors_by_exactly_their_name_only(world: World, auditor: Person) -> None:
    entry = write(world.member, world.unions[0], "join_unit")
    by_user_name = search_record(auditor, unit=world.top, actor_name=world.member.username)
    assert found(by_user_name.entries) == [entry.pk]
    assert search_record(auditor, unit=world.top, actor_name=world.member.full_name).entries == []


def test_subjects_are_known_by_code_or_by_exactly_a_person_with_their_roles(world: World) -> None:
    lan = make_person("canbo.lan")
    held = grant(lan, world.unions[0])
    assert subjects_called(" hni ") == [("unit", "HNI")]
    assert subjects_called("canbo.lan") == [("person", str(lan.pk)), ("role_grant", str(held.pk))]
    assert subjects_called("lan") == subjects_called("") == []


def test_pages_follow_each_other_without_gaps_or_doubles_also_within_one_moment(world: World, auditor: Person) -> None:
    now = clock.now()
    entries = [write(world.officer, world.unions[n % 2], at=now - timedelta(seconds=n // 3)) for n in range(10)]
    in_order = found(sorted(entries, key=lambda entry: (entry.at, entry.pk), reverse=True))
    follow(world.unions[0], world.unions[1])  # two parts, put together
    for unit in (world.top, world.unions[1]):
        for limit in (1, 3, 10):
            seen: list[int] = []
            after = None
            while True:
                page = search_record(auditor, unit=unit, after=after, limit=limit)
                seen += found(page.entries)
                if page.next is None:
                    break
                after = Cursor.read(str(page.next))
            assert seen == in_order, (unit.code, limit)


@pytest.mark.parametrize("text", ["x", "2022-01-01_", "_5", "2022-01-01T00:00:00+07:00_x", "2022-01-01_5", "a_0"])
def test_a_place_in_the_list_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        Cursor.read(text)


@pytest.mark.parametrize("text", ["2026-01-01T00:00:00+23:59_5", "0001-01-01T00:00:00+00:00_5"])
def test_a_place_at_an_offset_that_no_database_knows_is_a_place_all_the_same(
    world: World, auditor: Person, text: str
) -> None:
    after = Cursor.read(text)
    assert after is not None
    assert after.at.tzinfo is UTC
    search_record(auditor, unit=world.top, after=after)


def test_as_many_queries_for_one_entry_as_for_many(world: World, auditor: Person) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            search_record(auditor, unit=world.top)
        return len(queries)

    write(world.officer, world.unions[0])
    first = asked()
    for _n in range(3):
        write(world.officer, world.unions[0])
    assert asked() == first


def test_without_a_scope_nothing_is_found(world: World) -> None:
    write(world.officer, world.top)
    assert find_entries(Search(scopes=[])).entries == []

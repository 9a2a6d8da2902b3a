"""Lists: newest first, page by page, nothing twice and nothing left out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sangkien.core.errors import InvalidInput
from sangkien.initiatives import actions
from sangkien.initiatives.models import Initiative, Kind
from sangkien.initiatives.queries import (
    MAX_PAGE,
    Cursor,
    get_by_number,
    get_field,
    list_fields,
    list_initiatives,
    newest_valid,
)
from sangkien.initiatives.states import State
from tests.factories import World, make_unit
from tests.tally.simulation import rolled_back

ANYBODY = AnonymousUser()


def pages(limit: int, **filters: object) -> list[Initiative]:
    """Return all pages of a list, one after the other."""
    found: list[Initiative] = []
    after: Cursor | None = None
    for _page in range(1_000):
        page = list_initiatives(ANYBODY, after=after, limit=limit, **filters)  # type: ignore[arg-type]
        assert len(page.initiatives) <= limit
        found += page.initiatives
        after = page.next
        if after is None:
            return found
    raise AssertionError("the list never ends")


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(minutes=st.lists(st.integers(0, 3), max_size=12), limit=st.integers(1, 5))
def test_pages_one_after_the_other_are_the_whole_list(world: World, minutes: list[int], limit: int) -> None:
    """Also where several were submitted at the very same moment."""
    with rolled_back():
        submit_at(world, minutes)
        found = pages(limit)
    assert len(found) == len({i.pk for i in found}) == len(minutes)
    assert found == sorted(found, key=lambda i: (i.submitted_at, i.pk), reverse=True)


def submit_at(world: World, minutes: list[int]) -> None:
    """Put rows into the list, this many minutes after the phase opened."""
    began = world.phase.opens_at
    Initiative.objects.bulk_create(
        Initiative(
            programme=world.programme,
            phase=world.phase,
            unit=world.grassroots[0],
            unit_path=world.grassroots[0].path,
            category="union_officer",
            kind=Kind.TECHNICAL_SOLUTION,
            field=world.fields[0],
            title="x",
            problem="x",
            solution="x",
            applied_on=began.date(),
            state=State.DRAFT,
            created_at=began,
            submitted_at=began + timedelta(minutes=m),
            submitter=world.member,
        )
        for m in minutes
    )
    with connection.cursor() as cursor:
        cursor.execute("UPDATE initiatives_initiative SET state = 'submitted'")


def test_a_page_is_never_larger_than_allowed(world: World) -> None:
    for _time in range(3):
        world.submit()
    assert len(list_initiatives(ANYBODY, limit=0).initiatives) == 1
    assert len(list_initiatives(ANYBODY, limit=-5).initiatives) == 1
    assert len(list_initiatives(ANYBODY, limit=10**9).initiatives) == 3
    assert MAX_PAGE == 100
    assert list_initiatives(ANYBODY, limit=3).next is None


def test_a_list_holds_what_is_of_a_unit_or_below_it_at_every_level(world: World) -> None:
    section = make_unit("SEC", world.grassroots[0])
    deep = world.submit(section)
    middle = world.submit(world.districts[0])
    upper = world.submit(world.unions[0])
    top = world.submit(world.top)
    other = world.submit(world.grassroots[1])
    expected = {
        world.top: [other, top, upper, middle, deep],
        world.unions[0]: [upper, middle, deep],
        world.districts[0]: [middle, deep],
        world.grassroots[0]: [deep],
        section: [deep],
        world.grassroots[1]: [other],
        world.grassroots[2]: [],
    }
    for unit, wanted in expected.items():
        assert list(list_initiatives(ANYBODY, unit=unit).initiatives) == wanted, unit.code


def test_a_list_by_field_and_kind(world: World) -> None:
    one = world.submit(field=world.fields[1])
    two = world.submit(kind=Kind.RESEARCH_PROJECT)
    both = world.submit(field=world.fields[1], kind=Kind.RESEARCH_PROJECT)
    assert list(list_initiatives(ANYBODY, field=world.fields[1]).initiatives) == [both, one]
    assert list(list_initiatives(ANYBODY, kind=Kind.RESEARCH_PROJECT).initiatives) == [both, two]
    assert pages(1, field=world.fields[1], kind=Kind.RESEARCH_PROJECT) == [both]


def test_the_newest_valid_are_those_that_were_decided_last(world: World) -> None:
    first, second, third = (world.submit() for _n in range(3))
    for initiative in (second, first):
        actions.mark_valid(actor=world.officer, initiative_id=initiative.pk)
    assert newest_valid() == [first, second]
    assert newest_valid(1) == [first]
    assert third not in newest_valid()


def test_a_list_and_a_page_ask_the_same_number_of_questions_however_much_there_is(world: World) -> None:
    def questions() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as listed:
            for initiative in list_initiatives(ANYBODY).initiatives:
                str(initiative.unit), str(initiative.field)
        with CaptureQueriesContext(connection) as read:
            one = get_by_number(number, world.member)
            [str(a.unit) for a in one.authors.all()], [str(e.actor) for e in one.events.all()]
            str(one.phase), str(one.programme), str(one.submitter)
        return len(listed), len(read)

    number = world.submit().pk
    few = questions()
    for n in range(5):
        world.submit(world.grassroots[n % 3], field=world.fields[n % 2])
    actions.mark_valid(actor=world.officer, initiative_id=number)
    assert questions() == few
    assert few[0] == 1


def test_fields_are_found_by_their_code(world: World) -> None:
    assert get_field("GDDT") == world.fields[1]
    assert list_fields() == world.fields
    for code in ("NOPE", "", "GDDT\0"):
        with pytest.raises(InvalidInput) as refusal:
            get_field(code)
        assert (refusal.value.code, refusal.value.field) == ("unknown_field", "field")
